"""Kernels that put plots and tracks on the Earth.

A track lives in the plane that touches the ellipsoid at its *anchor*: a point is projected on that plane
along the anchor's vertical. Within 20 km of the anchor the projection shortens lengths by less than
2 in a million, everywhere on Earth, so neither the poles nor the antimeridian are special.
"""

import math

import numpy as np

from vedette.fusion import _layout as c
from vedette.model._kernels import (
    ECCENTRICITY2,
    SEMI_MAJOR_M,
    ecef_to_geodetic,
    geodetic_to_ecef,
)
from vedette.model._lanes import read, write
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel, merged_kernel, prefetch

EARTH_M = 6_371_008.8  # mean radius, as in vedette.model
RADIO_M = 4.0 / 3.0 * EARTH_M  # effective radius for radio waves in a standard atmosphere
AHEAD = 4  # plots by which what is told of a plot is asked for before it is read
ANCHOR_MAX_M = 20_000.0


@inner_kernel
def arc_m(slant_m: float, site_m: float, height_m: float) -> float:
    """Distance along the ground of a slant range between two heights (haversine form)."""
    up = height_m - site_m
    rest = slant_m * slant_m - up * up
    if rest <= 0.0:
        return 0.0
    half = math.sqrt(rest / (4.0 * (EARTH_M + site_m) * (EARTH_M + height_m)))
    return 2.0 * EARTH_M * math.asin(min(1.0, half))


@inner_kernel
def arc_slope(slant_m: float, site_m: float, height_m: float) -> float:
    """Derivative of ``arc_m`` by the height; bounded near the zenith, where it has no meaning."""
    up = height_m - site_m
    site, target = EARTH_M + site_m, EARTH_M + height_m
    half2 = max((slant_m * slant_m - up * up) / (4.0 * site * target), 0.0)
    half = min(max(math.sqrt(half2), 0.05 * slant_m / EARTH_M), 0.7)
    slope = EARTH_M * (-2.0 * up - 4.0 * site * half2) / (4.0 * site * target)
    return slope / (half * math.sqrt(1.0 - half * half))


@bare_kernel
def set_anchor(f: Floats, x_m: float, y_m: float, z_m: float) -> None:
    """Anchor a track at the point of the ellipsoid below (x, y, z)."""
    latitude, longitude, _ = ecef_to_geodetic(x_m, y_m, z_m)
    f[c.AX], f[c.AX + 1], f[c.AX + 2] = geodetic_to_ecef(latitude, longitude, 0.0)
    sine_lat, cosine_lat = math.sin(latitude), math.cos(latitude)
    sine_lon, cosine_lon = math.sin(longitude), math.cos(longitude)
    f[c.EX], f[c.EX + 1], f[c.EX + 2] = -sine_lon, cosine_lon, 0.0
    f[c.NX], f[c.NX + 1] = -sine_lat * cosine_lon, -sine_lat * sine_lon
    f[c.NX + 2] = cosine_lat


@merged_kernel
def surface(f: Floats, east_m: float, north_m: float) -> tuple[float, float, float]:
    """Earth-centred point above or on the ellipsoid whose projection on the track's plane is given.

    Exact to millimetres within 20 km of the anchor; the drop of the sphere is taken along the vertical.
    """
    e0, e1, e2, n0, n1, n2 = (
        f[c.EX], f[c.EX + 1], f[c.EX + 2], f[c.NX], f[c.NX + 1], f[c.NX + 2],
    )  # fmt: skip
    d2 = east_m * east_m + north_m * north_m
    drop = d2 / (EARTH_M + math.sqrt(max(EARTH_M * EARTH_M - d2, 0.0)))
    return (
        f[c.AX] + east_m * e0 + north_m * n0 - drop * (e1 * n2 - e2 * n1),
        f[c.AX + 1] + east_m * e1 + north_m * n1 - drop * (e2 * n0 - e0 * n2),
        f[c.AX + 2] + east_m * e2 + north_m * n2 - drop * (e0 * n1 - e1 * n0),
    )


@inner_kernel
def turn(y: Floats, coupled: bool, cosine: float, sine: float) -> None:
    """Express a (ROW,) lane, or all of (ROW, LANES), in axes turned by the given angle.

    East' = cosine·east + sine·north.
    """
    x, vx, n, vn = read(y, 0), read(y, 1), read(y, 2), read(y, 3)
    write(y, 0, cosine * x + sine * n)
    write(y, 2, cosine * n - sine * x)
    write(y, 1, cosine * vx + sine * vn)
    write(y, 3, cosine * vn - sine * vx)
    # P' = T·P·Tᵀ with T made of the same turn for position and for velocity
    cc, cs, ss = cosine * cosine, cosine * sine, sine * sine
    ee, en, nn = read(y, 4), read(y, 6), read(y, 11)
    write(y, 4, cc * ee + 2.0 * cs * en + ss * nn)
    write(y, 11, cc * nn - 2.0 * cs * en + ss * ee)
    write(y, 6, (cc - ss) * en + cs * (nn - ee))
    ee, en, nn = read(y, 8), read(y, 10), read(y, 13)
    write(y, 8, cc * ee + 2.0 * cs * en + ss * nn)
    write(y, 13, cc * nn - 2.0 * cs * en + ss * ee)
    write(y, 10, (cc - ss) * en + cs * (nn - ee))
    # block of position and velocity: [x·vx, x·vn; n·vx, n·vn]
    xx, xn, nx, nn = read(y, 5), read(y, 7), read(y, 9), read(y, 12)
    ax, an = cosine * xx + sine * nx, cosine * xn + sine * nn
    bx, bn = cosine * nx - sine * xx, cosine * nn - sine * xn
    write(y, 5, cosine * ax + sine * an)
    write(y, 7, cosine * an - sine * ax)
    write(y, 9, cosine * bx + sine * bn)
    write(y, 12, cosine * bn - sine * bx)
    if coupled:
        x, vx, n, vn = read(y, c.HX), read(y, c.HVX), read(y, c.HY), read(y, c.HVY)
        write(y, c.HX, cosine * x + sine * n)
        write(y, c.HY, cosine * n - sine * x)
        write(y, c.HVX, cosine * vx + sine * vn)
        write(y, c.HVY, cosine * vn - sine * vx)


@inner_kernel
def re_anchor(f: Floats, states: Floats, coupled: bool) -> None:
    """Move a track's anchor under its mean when that has gone too far."""
    east, north = f[c.MEAN], f[c.MEAN + 2]
    if east * east + north * north < ANCHOR_MAX_M * ANCHOR_MAX_M:
        return
    x, y, z = surface(f, east, north)
    e0, e1, e2 = f[c.EX], f[c.EX + 1], f[c.EX + 2]
    n0, n1, n2 = f[c.NX], f[c.NX + 1], f[c.NX + 2]
    set_anchor(f, x, y, z)
    cosine = f[c.EX] * e0 + f[c.EX + 1] * e1 + f[c.EX + 2] * e2
    sine = f[c.EX] * n0 + f[c.EX + 1] * n1 + f[c.EX + 2] * n2
    size = math.hypot(cosine, sine)
    cosine, sine = cosine / size, sine / size
    write(states, 0, read(states, 0) - east)
    write(states, 2, read(states, 2) - north)
    turn(states, coupled, cosine, sine)
    vx, vn = f[c.MEAN + 1], f[c.MEAN + 3]
    f[c.MEAN], f[c.MEAN + 2] = 0.0, 0.0
    f[c.MEAN + 1], f[c.MEAN + 3] = cosine * vx + sine * vn, cosine * vn - sine * vx


@inner_kernel
def horizon_height_m(site_m: float, distance_m: float) -> float:
    """Least height that a radar sees at a distance, over a smooth sphere of 4/3 of the Earth's radius."""
    rest = distance_m - math.sqrt(2.0 * RADIO_M * max(site_m, 5.0))
    return rest * rest / (2.0 * RADIO_M) if rest > 0.0 else 0.0


@inner_kernel
def grid_key(ix: int, iy: int, iz: int) -> int:
    """One number for a cell of the Earth-centred grid: 16 bits an axis, so that a float holds it."""
    return int((ix & 0xFFFF) | ((iy & 0xFFFF) << 16) | ((iz & 0xFFFF) << 32))


@bare_kernel
def grid_of(x_m: float, y_m: float, z_m: float, cell_m: float) -> int:
    """The grid cell of a point."""
    return int(
        grid_key(math.floor(x_m / cell_m), math.floor(y_m / cell_m), math.floor(z_m / cell_m))
    )


@bare_kernel
def place_plots(
    order: Integers, raw: Floats, names: Integers, sensors: Floats, clutter: Floats, g: Floats,
    out: Floats, ints: Integers,
) -> None:  # fmt: skip
    """Fill the plots' columns in their order.

    ``raw`` is (RAW, n) and ``names`` (PLOT_INTEGERS, n), both by column, as ``examine`` left them; rows of
    ``out`` and ``ints`` are plots. ``clutter`` (sensors, cells) is the number of false plots a turn. The
    cells of clutter map and spatial hash are written here.
    """
    minor2 = (1.0 - ECCENTRICITY2) * SEMI_MAJOR_M * SEMI_MAJOR_M
    minor = math.sqrt(minor2)
    for k in range(order.shape[0]):
        if k + AHEAD < order.shape[0]:
            later = 8 * order[k + AHEAD]
            for u in range(raw.shape[0]):
                prefetch(raw, u, later)
            for u in range(c.PLOT_INTEGERS):
                prefetch(names, u, later)
        p = order[k]
        z, i = out[k], ints[k]
        for u in range(c.PLOT_INTEGERS):
            i[u] = names[u, p]
        s = sensors[i[c.P_SENSOR]]
        z[c.CLAIM] = z[c.V_KNOWN] = z[c.FREE_HEIGHT] = z[c.O_VAR_ALONG] = z[c.SLANT] = 0.0
        z[c.CROWD] = 0.0
        z[c.RATE], z[c.AZIMUTH], z[c.REF_VAR] = raw[15, p], raw[1, p], 0.0
        pressure, hae, hae_sigma = raw[8, p], raw[9, p], raw[10, p]
        z[c.Z_HAE], z[c.Z_PRESSURE], z[c.Z_CLIMB] = hae, pressure, raw[13, p]
        z[c.CONFIDENCE] = raw[14, p]
        given = hae_sigma if hae_sigma > 0.0 else 0.0
        z[c.Z_HAE_VAR] = max(given, 1.0) ** 2 if given > 0.0 else g[c.G_GEOMETRIC] ** 2
        z[c.Z_PRESSURE_VAR] = g[c.G_PRESSURE] ** 2
        polar = raw[0, p] > 0.0 and s[c.S_POLAR] > 0.0
        if polar:
            slant = max(raw[0, p] - s[c.S_RANGE_BIAS], 1.0)
            azimuth = raw[1, p] - s[c.S_AZIMUTH_BIAS]
            i[c.P_T] -= np.int64(s[c.S_TIME_BIAS] * 1e9)
            height, sigma = s[c.S_HEIGHT], 0.0
            if not math.isnan(hae):
                height, sigma = hae, math.sqrt(z[c.Z_HAE_VAR])
            elif not math.isnan(pressure):
                height = pressure
                sigma = math.hypot(g[c.G_DATUM], g[c.G_DATUM_SHARE] * max(pressure, 0.0))
            elif not math.isnan(raw[2, p]):
                site = EARTH_M + s[c.S_H]
                height = (
                    math.sqrt(
                        site * site + slant * slant + 2.0 * site * slant * math.sin(raw[2, p])
                    )
                    - EARTH_M
                )
                sigma = math.hypot(slant * g[c.G_ELEVATION], 50.0)
                z[c.Z_HAE], z[c.Z_HAE_VAR] = height, sigma * sigma
            else:
                z[c.FREE_HEIGHT] = 1.0
                spread = min(s[c.S_HEIGHT_SIGMA], 0.35 * slant)
                height = max(height, horizon_height_m(s[c.S_H], slant) + 0.5 * spread)
                height = min(height, s[c.S_H] + 0.7 * slant)
                z[c.REF_VAR] = spread * spread
            site, target = EARTH_M + s[c.S_H], EARTH_M + height
            # elevation from the triangle of Earth's centre, antenna and object
            sine = ((target - site) * (target + site) - slant * slant) / (2.0 * site * slant)
            sine = min(max(sine, -1.0), 1.0)
            ground = slant * math.sqrt(1.0 - sine * sine)
            east, north, up = ground * math.sin(azimuth), ground * math.cos(azimuth), slant * sine
            outward = s[c.S_COS_LAT] * up - s[c.S_SIN_LAT] * north
            dx = s[c.S_COS_LON] * outward - s[c.S_SIN_LON] * east
            dy = s[c.S_SIN_LON] * outward + s[c.S_COS_LON] * east
            dz = s[c.S_COS_LAT] * north + s[c.S_SIN_LAT] * up
            x, y, w = s[c.S_X] + dx, s[c.S_X + 1] + dy, s[c.S_X + 2] + dz
            # vertical there: normal of the ellipsoid that is higher by the height
            a2, b2 = (SEMI_MAJOR_M + height) ** 2, (minor + height) ** 2
            ux, uy, uz = x / a2, y / a2, w / b2
            size = math.sqrt(ux * ux + uy * uy + uz * uz)
            ux, uy, uz = ux / size, uy / size, uz / size
            z[c.PX], z[c.PX + 1], z[c.PX + 2] = x - height * ux, y - height * uy, w - height * uz
            along = dx * ux + dy * uy + dz * uz
            dx, dy, dz = dx - along * ux, dy - along * uy, dz - along * uz
            flat = math.sqrt(dx * dx + dy * dy + dz * dz)
            if flat > 1.0:
                z[c.UX], z[c.UX + 1], z[c.UX + 2] = dx / flat, dy / flat, dz / flat
            else:
                size = math.sqrt(ux * ux + uy * uy)
                z[c.UX], z[c.UX + 1], z[c.UX + 2] = -uy / size, ux / size, 0.0
            arc = ground * EARTH_M / target
            slope = arc_slope(slant, s[c.S_H], height)
            stretch = min(slant / max(arc, 1.0), 10.0)  # of a range error, seen along the ground
            sigma_r, sigma_a = raw[3, p], raw[4, p]
            z[c.VAR_U] = max(
                (sigma_r * sigma_r + s[c.S_RANGE_VAR]) * stretch * stretch + (slope * sigma) ** 2,
                1.0,
            )
            z[c.VAR_T] = max(
                max(arc, 0.1 * slant) ** 2 * (sigma_a * sigma_a + s[c.S_AZIMUTH_VAR]), 1.0
            )
            z[c.O_STRETCH], z[c.O_ARC] = stretch, arc
            z[c.SLANT], z[c.SITE_H], z[c.REF_H] = slant, s[c.S_H], height
            if z[c.FREE_HEIGHT] > 0.0:
                z[c.REF_ARC] = arc_m(slant, s[c.S_H], height)
        else:
            latitude, longitude = raw[5, p], raw[6, p]
            sine_lat, cosine_lat = math.sin(latitude), math.cos(latitude)
            sine_lon, cosine_lon = math.sin(longitude), math.cos(longitude)
            normal = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY2 * sine_lat * sine_lat)
            z[c.PX] = normal * cosine_lat * cosine_lon
            z[c.PX + 1] = normal * cosine_lat * sine_lon
            z[c.PX + 2] = normal * (1.0 - ECCENTRICITY2) * sine_lat
            z[c.UX], z[c.UX + 1], z[c.UX + 2] = -sine_lon, cosine_lon, 0.0
            z[c.VAR_U] = z[c.VAR_T] = max(raw[7, p] ** 2, 1.0)
            speed, angle = raw[11, p], raw[12, p]
            if not (math.isnan(speed) or math.isnan(angle)):
                east, north = speed * math.sin(angle), speed * math.cos(angle)
                z[c.VX] = -sine_lon * east - sine_lat * cosine_lon * north
                z[c.VX + 1] = cosine_lon * east - sine_lat * sine_lon * north
                z[c.VX + 2] = cosine_lat * north
                z[c.V_KNOWN] = 1.0
        # false plots per square metre here: those not yet mapped plus those the map has learnt
        new = g[c.G_BIRTH]
        if polar:
            ring = min(int(z[c.SLANT] / s[c.S_RANGE] * c.RINGS), c.RINGS - 1)
            sector = min(int(raw[1, p] / (2.0 * math.pi) * c.SECTORS), c.SECTORS - 1)
            cell = ring * c.SECTORS + sector
            # even in range and azimuth within a cell, as real clutter is: denser near the radar
            false = clutter[i[c.P_SENSOR], cell] * c.RINGS * c.SECTORS
            false /= 2.0 * math.pi * s[c.S_RANGE] * min(max(z[c.SLANT], 1000.0), s[c.S_RANGE])
            if i[c.P_ICAO] >= 0:
                false *= 0.02  # a reply with a checked address is seldom an artefact
            elif i[c.P_CODE] >= 0:
                false *= 0.2
            i[c.P_CELL] = cell
            # a short range sees few square metres: there one new object in some turns of the antenna
            new = max(new, s[c.S_NEW] / (math.pi * s[c.S_RANGE] * s[c.S_RANGE]))
        else:
            false = g[c.G_GEO_CLUTTER]
            i[c.P_CELL] = -1
        new *= s[c.S_PD]
        z[c.LAMBDA] = false + new
        z[c.R_BIRTH] = min(new / (false + new), 0.9)
        i[c.P_GRID] = grid_of(z[c.PX], z[c.PX + 1], z[c.PX + 2], g[c.G_CELL])
