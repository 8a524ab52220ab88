"""Kernels that put plots and tracks on the Earth.

A track lives in the plane that touches the ellipsoid at its *anchor*: a point is projected on that plane
along the anchor's vertical. Within 20 km of the anchor the projection shortens lengths by less than
2 in a million, everywhere on Earth, so neither the poles nor the antimeridian are special.
"""

import math

from vedette.fusion import _layout as c
from vedette.model._kernels import ecef_to_geodetic, enu_to_ecef, geodetic_to_ecef, polar_to_enu
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import kernel

EARTH_M = 6_371_008.8  # mean radius, as in vedette.model
RADIO_M = 4.0 / 3.0 * EARTH_M  # effective radius for radio waves in a standard atmosphere
ANCHOR_MAX_M = 20_000.0


@kernel
def arc_m(slant_m: float, site_m: float, height_m: float) -> float:
    """Distance along the ground of a slant range between two heights (haversine form)."""
    up = height_m - site_m
    rest = slant_m * slant_m - up * up
    if rest <= 0.0:
        return 0.0
    half = math.sqrt(rest / (4.0 * (EARTH_M + site_m) * (EARTH_M + height_m)))
    return 2.0 * EARTH_M * math.asin(min(1.0, half))


@kernel
def arc_slope(slant_m: float, site_m: float, height_m: float) -> float:
    """Derivative of ``arc_m`` by the height; bounded near the zenith, where it has no meaning."""
    up = height_m - site_m
    site, target = EARTH_M + site_m, EARTH_M + height_m
    half2 = max((slant_m * slant_m - up * up) / (4.0 * site * target), 0.0)
    half = min(max(math.sqrt(half2), 0.05 * slant_m / EARTH_M), 0.7)
    slope = EARTH_M * (-2.0 * up - 4.0 * site * half2) / (4.0 * site * target)
    return slope / (half * math.sqrt(1.0 - half * half))


@kernel
def set_anchor(f: Floats, x_m: float, y_m: float, z_m: float) -> None:
    """Anchor a track at the point of the ellipsoid below (x, y, z)."""
    latitude, longitude, _ = ecef_to_geodetic(x_m, y_m, z_m)
    f[c.AX], f[c.AX + 1], f[c.AX + 2] = geodetic_to_ecef(latitude, longitude, 0.0)
    sine_lat, cosine_lat = math.sin(latitude), math.cos(latitude)
    sine_lon, cosine_lon = math.sin(longitude), math.cos(longitude)
    f[c.EX], f[c.EX + 1], f[c.EX + 2] = -sine_lon, cosine_lon, 0.0
    f[c.NX], f[c.NX + 1] = -sine_lat * cosine_lon, -sine_lat * sine_lon
    f[c.NX + 2] = cosine_lat


@kernel
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


@kernel
def turn(y: Floats, cosine: float, sine: float) -> None:
    """Express a model state in axes turned by the given angle (east' = cosine·east + sine·north)."""
    for a in (0, 1):
        east, north = y[a], y[a + 2]
        y[a], y[a + 2] = cosine * east + sine * north, cosine * north - sine * east
    # P' = T·P·Tᵀ with T made of the same turn for position and for velocity
    for a in range(2):  # diagonal blocks
        ee, en, nn = y[c.AT[a, a]], y[c.AT[a, a + 2]], y[c.AT[a + 2, a + 2]]
        y[c.AT[a, a]] = cosine * cosine * ee + 2.0 * cosine * sine * en + sine * sine * nn
        y[c.AT[a + 2, a + 2]] = cosine * cosine * nn - 2.0 * cosine * sine * en + sine * sine * ee
        y[c.AT[a, a + 2]] = cosine * cosine * en - sine * sine * en + cosine * sine * (nn - ee)
        eh, nh = y[c.AT[a, 4]], y[c.AT[a + 2, 4]]
        y[c.AT[a, 4]], y[c.AT[a + 2, 4]] = cosine * eh + sine * nh, cosine * nh - sine * eh
    # block of position and velocity: [x·vx, x·vn; n·vx, n·vn]
    xx, xn, nx, nn = y[6], y[8], y[11], y[15]
    ax, an = cosine * xx + sine * nx, cosine * xn + sine * nn
    bx, bn = cosine * nx - sine * xx, cosine * nn - sine * xn
    y[6], y[8] = cosine * ax + sine * an, cosine * an - sine * ax
    y[11], y[15] = cosine * bx + sine * bn, cosine * bn - sine * bx


@kernel
def re_anchor(f: Floats, states: Floats) -> None:
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
    for m in range(states.shape[0]):
        states[m, 0] -= east
        states[m, 2] -= north
        turn(states[m], cosine, sine)
    vx, vn = f[c.MEAN + 1], f[c.MEAN + 3]
    f[c.MEAN], f[c.MEAN + 2] = 0.0, 0.0
    f[c.MEAN + 1], f[c.MEAN + 3] = cosine * vx + sine * vn, cosine * vn - sine * vx


@kernel
def horizon_height_m(site_m: float, distance_m: float) -> float:
    """Least height that a radar sees at a distance, over a smooth sphere of 4/3 of the Earth's radius."""
    rest = distance_m - math.sqrt(2.0 * RADIO_M * max(site_m, 5.0))
    return rest * rest / (2.0 * RADIO_M) if rest > 0.0 else 0.0


@kernel
def place_plots(
    raw: Floats, ints: Integers, sensors: Floats, clutter: Floats, g: Floats, out: Floats
) -> None:
    """Fill the plot's float columns.

    ``raw`` is (n, 15): range, azimuth, elevation, their sigmas (range, azimuth), latitude, longitude [rad],
    position sigma, pressure altitude, height above WGS 84, its sigma, ground speed, track angle, vertical
    rate, class confidence; NaN is unknown and the rest plausible. Of ``ints`` (n, PLOT_INTEGERS) the sensor,
    address and code are read, the cells of clutter map and spatial hash written.
    """
    for p in range(raw.shape[0]):
        z, s = out[p], sensors[ints[p, c.P_SENSOR]]
        for u in range(c.PLOT_FLOATS):
            z[u] = 0.0
        pressure, hae, hae_sigma = raw[p, 8], raw[p, 9], raw[p, 10]
        z[c.Z_HAE], z[c.Z_PRESSURE], z[c.Z_CLIMB] = hae, pressure, raw[p, 13]
        z[c.CONFIDENCE] = raw[p, 14]
        given = hae_sigma if hae_sigma > 0.0 else 0.0
        z[c.Z_HAE_VAR] = max(given, 1.0) ** 2 if given > 0.0 else g[c.G_GEOMETRIC] ** 2
        z[c.Z_PRESSURE_VAR] = g[c.G_PRESSURE] ** 2
        polar = raw[p, 0] > 0.0 and s[c.S_POLAR] > 0.0
        if polar:
            slant, azimuth = raw[p, 0], raw[p, 1]
            height, sigma, free = g[c.G_HEIGHT], 0.0, 0.0
            if not math.isnan(hae):
                height, sigma = hae, math.sqrt(z[c.Z_HAE_VAR])
            elif not math.isnan(pressure):
                height = pressure
                sigma = math.hypot(g[c.G_DATUM], g[c.G_DATUM_SHARE] * max(pressure, 0.0))
            elif not math.isnan(raw[p, 2]):
                site = EARTH_M + s[c.S_H]
                height = (
                    math.sqrt(
                        site * site + slant * slant + 2.0 * site * slant * math.sin(raw[p, 2])
                    )
                    - EARTH_M
                )
                sigma = math.hypot(slant * g[c.G_ELEVATION], 50.0)
                z[c.Z_HAE], z[c.Z_HAE_VAR] = height, sigma * sigma
            else:
                free = 1.0
                height = max(height, horizon_height_m(s[c.S_H], slant) + 0.5 * g[c.G_HEIGHT_SIGMA])
                height = min(height, s[c.S_H] + 0.7 * slant)
            east, north, up = polar_to_enu(slant, azimuth, s[c.S_H], height)
            dx, dy, dz = enu_to_ecef(east, north, up, s[c.S_LAT], s[c.S_LON])
            latitude, longitude, _ = ecef_to_geodetic(
                s[c.S_X] + dx, s[c.S_X + 1] + dy, s[c.S_X + 2] + dz
            )
            arc = arc_m(slant, s[c.S_H], height)
            slope = arc_slope(slant, s[c.S_H], height)
            stretch = min(slant / max(arc, 1.0), 10.0)  # of a range error, seen along the ground
            z[c.VAR_U] = max((raw[p, 3] * stretch) ** 2 + (slope * sigma) ** 2, 1.0)
            z[c.VAR_T] = max((max(arc, 0.1 * slant) * raw[p, 4]) ** 2, 1.0)
            z[c.SLANT], z[c.SITE_H], z[c.REF_H], z[c.REF_ARC] = slant, s[c.S_H], height, arc
            z[c.FREE_HEIGHT] = free
        else:
            latitude, longitude = raw[p, 5], raw[p, 6]
            z[c.VAR_U] = z[c.VAR_T] = max(raw[p, 7] ** 2, 1.0)
        z[c.PX], z[c.PX + 1], z[c.PX + 2] = geodetic_to_ecef(latitude, longitude, 0.0)
        z[c.UX], z[c.UX + 1], z[c.UX + 2] = enu_to_ecef(1.0, 0.0, 0.0, latitude, longitude)
        if polar:  # direction of growing range, made horizontal here
            ux, uy, uz = enu_to_ecef(0.0, 0.0, 1.0, latitude, longitude)
            dx, dy, dz = (
                z[c.PX] - s[c.S_X], z[c.PX + 1] - s[c.S_X + 1], z[c.PX + 2] - s[c.S_X + 2],
            )  # fmt: skip
            along = dx * ux + dy * uy + dz * uz
            dx, dy, dz = dx - along * ux, dy - along * uy, dz - along * uz
            size = math.sqrt(dx * dx + dy * dy + dz * dz)
            if size > 1.0:
                z[c.UX], z[c.UX + 1], z[c.UX + 2] = dx / size, dy / size, dz / size
        speed, angle = raw[p, 11], raw[p, 12]
        if not (math.isnan(speed) or math.isnan(angle)):
            z[c.VX], z[c.VX + 1], z[c.VX + 2] = enu_to_ecef(
                speed * math.sin(angle), speed * math.cos(angle), 0.0, latitude, longitude
            )
            z[c.V_KNOWN] = 1.0
        # false plots per square metre here: those not yet mapped plus those the map has learnt
        if polar:
            ring_m = s[c.S_RANGE] / c.RINGS
            ring = min(int(z[c.SLANT] / ring_m), c.RINGS - 1)
            sector = min(int(raw[p, 1] / (2.0 * math.pi) * c.SECTORS), c.SECTORS - 1)
            cell = ring * c.SECTORS + sector
            area = math.pi / c.SECTORS * (2.0 * ring + 1.0) * ring_m * ring_m
            false = g[c.G_CLUTTER] / (
                2.0 * math.pi * s[c.S_RANGE] * min(max(z[c.SLANT], 1000.0), s[c.S_RANGE])
            )
            false += clutter[ints[p, c.P_SENSOR], cell] * s[c.S_PERIOD] / g[c.G_MEMORY] / area
            if ints[p, c.P_ICAO] >= 0:
                false *= 0.02  # a reply with a checked address is seldom an artefact
            elif ints[p, c.P_CODE] >= 0:
                false *= 0.2
            ints[p, c.P_CELL] = cell
        else:
            false = g[c.G_GEO_CLUTTER]
            ints[p, c.P_CELL] = -1
        # a short range sees few square metres: there one new object in some turns of the antenna
        new = g[c.G_BIRTH]
        if polar:
            new = max(new, g[c.G_BIRTH_TURN] / (math.pi * s[c.S_RANGE] * s[c.S_RANGE]))
        new *= s[c.S_PD]
        z[c.LAMBDA] = false + new
        z[c.R_BIRTH] = min(new / (false + new), 0.9)
        for axis in range(3):
            ints[p, c.P_GRID + axis] = math.floor(z[c.PX + axis] / g[c.G_CELL])
