"""Compiled inner loops of the scenes: flying over the ellipsoid, and what a turning antenna meets."""

import math

from vedette.model._kernels import ECCENTRICITY2, SEMI_MAJOR_M, ecef_to_enu
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel


@bare_kernel
def fly(
    start: Floats, until_s: Floats, legs: Floats, rest: Floats, pushes: Floats, substeps: int,
    out: Floats,
) -> None:  # fmt: skip
    """Fly every object over the ellipsoid, in steps of 1/substeps s.

    start: (n, 5) latitude, longitude [rad], height [m], speed [m/s], course [rad].
    until_s: (n, k) end of each leg; legs: (n, k, 3) turn to the right [rad/s], thrust [m/s²], climb [m/s].
    rest: (n, 3) east and north velocity that a velocity falls back to, and its time constant [s] (0: none).
    pushes: (n, steps, 2) changes of velocity along and to the left of the course [m/s]; (0, 0, 2) for none.
    out: (n, t, 7) Earth-centred place [m] and velocity [m/s], height [m], one row a second.
    """
    dt = 1.0 / substeps
    for i in range(out.shape[0]):
        lat, lon, height = start[i, 0], start[i, 1], start[i, 2]
        speed, course = start[i, 3], start[i, 4]
        nx, ny, nz = math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)
        ex, ey = -math.sin(lon), math.cos(lon)
        sine, cosine = math.sin(course), math.cos(course)
        ux = sine * ex - cosine * math.sin(lat) * math.cos(lon)
        uy = sine * ey - cosine * math.sin(lat) * math.sin(lon)
        uz = cosine * math.cos(lat)
        leg, climb = 0, 0.0
        for step in range((out.shape[1] - 1) * substeps + 1):
            time_s = step * dt
            while leg < until_s.shape[1] - 1 and time_s >= until_s[i, leg] - 1e-9:
                leg += 1
            climb = legs[i, leg, 2]
            curve = 1.0 - ECCENTRICITY2 * nz * nz
            normal_m = SEMI_MAJOR_M / math.sqrt(curve)
            if step % substeps == 0:
                row = step // substeps
                out[i, row, 0] = (normal_m + height) * nx
                out[i, row, 1] = (normal_m + height) * ny
                out[i, row, 2] = (normal_m * (1.0 - ECCENTRICITY2) + height) * nz
                out[i, row, 3] = speed * ux + climb * nx
                out[i, row, 4] = speed * uy + climb * ny
                out[i, row, 5] = speed * uz + climb * nz
                out[i, row, 6] = height
            meridian_m = normal_m * (1.0 - ECCENTRICITY2) / curve
            equatorial = math.sqrt(nx * nx + ny * ny)
            half = -0.5 * legs[i, leg, 0] * dt
            if half != 0.0:
                ux, uy, uz = _turned(nx, ny, nz, ux, uy, uz, half)
            ex, ey = 0.0, 1.0
            if equatorial > 1e-12:
                ex, ey = -ny / equatorial, nx / equatorial
            ax, ay, az = -nz * ey, nz * ex, equatorial  # north
            east, north = ux * ex + uy * ey, ux * ax + uy * ay + uz * az
            # the vertical turns along a meridian and along a parallel by different radii
            by_east = speed * east * dt / (normal_m + height)
            by_north = speed * north * dt / (meridian_m + height)
            nx, ny, nz = (
                nx + by_east * ex + by_north * ax,
                ny + by_east * ey + by_north * ay,
                nz + by_north * az,
            )
            length = math.sqrt(nx * nx + ny * ny + nz * nz)
            nx, ny, nz = nx / length, ny / length, nz / length
            # straight is what stays in the plane of course and vertical: a geodesic
            along = ux * nx + uy * ny + uz * nz
            ux, uy, uz = ux - along * nx, uy - along * ny, uz - along * nz
            length = math.sqrt(ux * ux + uy * uy + uz * uz)
            ux, uy, uz = ux / length, uy / length, uz / length
            if half != 0.0:
                ux, uy, uz = _turned(nx, ny, nz, ux, uy, uz, half)
            speed = max(0.0, speed + legs[i, leg, 1] * dt)
            height += climb * dt
            if pushes.shape[0] > 0 or rest[i, 2] > 0.0:
                ahead, left = speed, 0.0
                if pushes.shape[0] > 0 and step < pushes.shape[1]:
                    ahead += pushes[i, step, 0]
                    left += pushes[i, step, 1]
                lx, ly, lz = ny * uz - nz * uy, nz * ux - nx * uz, nx * uy - ny * ux
                vx, vy, vz = (
                    ahead * ux + left * lx, ahead * uy + left * ly, ahead * uz + left * lz
                )  # fmt: skip
                if rest[i, 2] > 0.0:
                    share = dt / rest[i, 2]
                    vx += share * (rest[i, 0] * ex + rest[i, 1] * ax - vx)
                    vy += share * (rest[i, 0] * ey + rest[i, 1] * ay - vy)
                    vz += share * (rest[i, 1] * az - vz)
                speed = math.sqrt(vx * vx + vy * vy + vz * vz)
                if speed > 1e-9:
                    ux, uy, uz = vx / speed, vy / speed, vz / speed
                    along = ux * nx + uy * ny + uz * nz
                    ux, uy, uz = ux - along * nx, uy - along * ny, uz - along * nz
                    length = math.sqrt(ux * ux + uy * uy + uz * uz)
                    ux, uy, uz = ux / length, uy / length, uz / length


@bare_kernel
def _turned(
    nx: float, ny: float, nz: float, ux: float, uy: float, uz: float, angle: float
) -> tuple[float, float, float]:
    """A horizontal direction turned to the left about the vertical."""
    sine, cosine = math.sin(angle), math.cos(angle)
    lx, ly, lz = ny * uz - nz * uy, nz * ux - nx * uz, nx * uy - ny * ux
    return cosine * ux + sine * lx, cosine * uy + sine * ly, cosine * uz + sine * lz


@bare_kernel
def place_at(flown: Floats, i: int, time_s: float) -> tuple[float, float, float, float]:
    """Earth-centred place [m] and height [m] of one object: cubic between seconds, with their velocities."""
    last = flown.shape[1] - 1
    at = min(max(time_s, 0.0), float(last))
    k = min(int(at), last - 1) if last > 0 else 0
    s = at - k
    n = min(k + 1, last)
    s2, s3 = s * s, s * s * s
    a, b, c, d = 2 * s3 - 3 * s2 + 1.0, s3 - 2 * s2 + s, 3 * s2 - 2 * s3, s3 - s2
    return (
        a * flown[i, k, 0] + b * flown[i, k, 3] + c * flown[i, n, 0] + d * flown[i, n, 3],
        a * flown[i, k, 1] + b * flown[i, k, 4] + c * flown[i, n, 1] + d * flown[i, n, 4],
        a * flown[i, k, 2] + b * flown[i, k, 5] + c * flown[i, n, 2] + d * flown[i, n, 5],
        flown[i, k, 6] + s * (flown[i, n, 6] - flown[i, k, 6]),
    )


@bare_kernel
def sweep(
    flown: Floats, site: Floats, starts_s: Floats, period_s: float, reach_m: Floats,
    who: Integers, out: Floats,
) -> int:  # fmt: skip
    """What an antenna meets: objects within their reach, at the moment when it points to them.

    site: latitude, longitude [rad], Earth-centred x, y, z [m].
    starts_s: (s,) times at which the antenna passes north.
    reach_m: (n,) range beyond which an object is not met.
    who: (m,) filled with objects; out: (m, 6) with time [s], range [m], azimuth, elevation [rad], height
    [m] and scan. The number of rows filled is returned; there is room for every object in every scan.
    """
    count = 0
    duration_s = float(flown.shape[1] - 1)
    for i in range(flown.shape[0]):
        for s in range(starts_s.shape[0]):
            time_s = starts_s[s] + 0.5 * period_s
            x, y, z, height = place_at(flown, i, time_s)
            dx, dy, dz = x - site[2], y - site[3], z - site[4]
            if math.sqrt(dx * dx + dy * dy + dz * dz) > reach_m[i] + 1_000.0 * period_s:
                continue
            east = north = up = azimuth = 0.0
            for _ in range(3):
                x, y, z, height = place_at(flown, i, time_s)
                east, north, up = ecef_to_enu(
                    x - site[2], y - site[3], z - site[4], site[0], site[1]
                )
                azimuth = math.atan2(east, north) % (2.0 * math.pi)
                time_s = starts_s[s] + azimuth / (2.0 * math.pi) * period_s
            ground = math.hypot(east, north)
            slant = math.hypot(ground, up)
            if slant > reach_m[i] or time_s < 0.0 or time_s >= duration_s:
                continue
            who[count] = i
            out[count, 0], out[count, 1], out[count, 2] = time_s, slant, azimuth
            out[count, 3], out[count, 4], out[count, 5] = math.atan2(up, ground), height, s
            count += 1
    return count


@bare_kernel
def report(flown: Floats, who: Integers, times_s: Floats, out: Floats) -> None:
    """out: (m, 4) Earth-centred place [m] and height [m] of objects at their times."""
    for row in range(who.shape[0]):
        out[row, 0], out[row, 1], out[row, 2], out[row, 3] = place_at(flown, who[row], times_s[row])


@bare_kernel
def in_view(flown: Floats, sites: Floats, reach_m: Floats, horizon: float, out: Integers) -> None:
    """Count for each object and second the sensors in whose range and above whose horizon it is.

    sites: (s, 5) Earth-centred place [m], root of the height, range limit [m].
    reach_m: (n,) share of a sensor's range at which the object is seen; out: (n, t).
    """
    for i in range(flown.shape[0]):
        for t in range(flown.shape[1]):
            root = math.sqrt(max(flown[i, t, 6], 0.0))
            count = 0
            for s in range(sites.shape[0]):
                limit = min(sites[s, 4] * reach_m[i], horizon * (sites[s, 3] + root))
                dx = flown[i, t, 0] - sites[s, 0]
                dy = flown[i, t, 1] - sites[s, 1]
                dz = flown[i, t, 2] - sites[s, 2]
                if dx * dx + dy * dy + dz * dz < limit * limit:
                    count += 1
            out[i, t] = count
