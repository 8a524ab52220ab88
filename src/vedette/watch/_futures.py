"""Compiled inner loops of ``futures``: flights that may come, and when each first enters a zone."""

import math

from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel

EARTH_M = 6_371_008.8
EVENTS = 8  # turns that one future may make
# columns of the table of parameters: ``motion.Motion`` in the order of its fields
TURNS, SMALL_SHARE, SMALL_RAD, LARGE_RAD, HOLD_S, BANK_RAD, SPEED = 0, 1, 2, 3, 4, 5, 6
LEVEL_OFF, LEAVE_LEVEL, CLIMB_MPS, DRIFT_S, BEND_RAD, GUST, CALM = 7, 8, 9, 10, 11, 12, 13


@bare_kernel
def _wind(wind: Floats, height_m: float) -> tuple[float, float]:
    """East and north of the wind at a height, straight between levels and constant beyond them."""
    last = wind.shape[0] - 1
    if last < 0:
        return 0.0, 0.0
    if not height_m > wind[0, 0]:  # an unknown height takes the lowest level
        return wind[0, 1], wind[0, 2]
    for k in range(last):
        if height_m < wind[k + 1, 0]:
            share = (height_m - wind[k, 0]) / (wind[k + 1, 0] - wind[k, 0])
            return (
                wind[k, 1] + share * (wind[k + 1, 1] - wind[k, 1]),
                wind[k, 2] + share * (wind[k + 1, 2] - wind[k, 2]),
            )
    return wind[last, 1], wind[last, 2]


@bare_kernel
def _wrapped(angle: float) -> float:
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


@bare_kernel
def fly(
    now: Floats,
    root: Floats,
    motion: Floats,
    calm: Floats,
    normals: Floats,
    uniforms: Floats,
    times_s: Floats,
    wind: Floats,
    route_first: Integers,
    route: Floats,
    route_share: float,
    out_latitude: Floats,
    out_longitude: Floats,
    out_height: Floats,
) -> None:
    """Write where (n,) objects are in each of (m,) futures at (t,) times.

    Args:
        now: (n, 8) latitude, longitude [degrees], east, north, up [m/s], height [m], its sigma, turn [rad/s].
        root: (n, 10) lower triangle of a square root of the covariance of place and velocity, row by row.
        motion: (n, 14) parameters of each object's motion.
        calm: (n, 14) of the motion that a share of its futures goes on with.
        normals: (m / 2, 7) normal draws of a pair of futures, which mirror each other.
        uniforms: (m / 2, 3 EVENTS + 4) uniform draws of the same.
        times_s: (t,) rising.
        wind: (l, 3) height [m], east, north [m/s]; none at all is calm.
        route_first: (n + 1,) where each object's way points begin in ``route``.
        route: (w, 2) latitude and longitude of way points ahead [degrees].
        route_share: share of the futures that keep to the route where there is one.
        out_latitude: (n, m, t) filled with latitudes [degrees].
        out_longitude: (n, m, t) filled with longitudes [degrees].
        out_height: (n, m, t) filled with heights [m].
    """
    objects, futures, instants = out_latitude.shape
    pairs = normals.shape[0]
    for i in range(objects):
        height0_m = now[i, 5]
        calm_e, calm_n = _wind(wind, height0_m)
        for m in range(futures):
            pair = m // 2
            sign = 1.0 if m % 2 == 0 else -1.0
            z = normals[pair]
            u = uniforms[pair]
            habit = calm if pair + 0.5 < motion[i, CALM] * pairs else motion
            east_m = sign * root[i, 0] * z[0]
            north_m = sign * (root[i, 1] * z[0] + root[i, 2] * z[1])
            ve = sign * (root[i, 3] * z[0] + root[i, 4] * z[1] + root[i, 5] * z[2])
            vn = sign * (
                root[i, 6] * z[0] + root[i, 7] * z[1] + root[i, 8] * z[2] + root[i, 9] * z[3]
            )
            latitude = math.radians(now[i, 0]) + north_m / EARTH_M
            longitude = math.radians(now[i, 1]) + east_m / EARTH_M / max(math.cos(latitude), 1e-3)
            height_m = height0_m + sign * z[4] * now[i, 6]
            # turns are made through the air; the wind carries whatever flies
            air_e, air_n = now[i, 2] + ve - calm_e, now[i, 3] + vn - calm_n
            speed0 = math.hypot(air_e, air_n)
            heading = math.atan2(air_e, air_n)
            faster = sign * z[5] * habit[i, SPEED]
            bend = sign * z[6] * habit[i, BEND_RAD] / 60.0
            rate = min(9.81 * math.tan(habit[i, BANK_RAD]) / max(speed0, 1.0), math.radians(6.0))
            way, end = route_first[i], route_first[i + 1]
            follows = way < end and (pair + 0.5) < route_share * pairs
            # a running turn goes on for a while
            turn = now[i, 7]
            turn_left_s = -math.log(1.0 - u[3 * EVENTS]) * habit[i, HOLD_S]
            if turn == 0.0:
                turn_left_s = 0.0
            event = 0
            wait_s = turn_left_s - math.log(1.0 - u[0]) * 60.0 / max(habit[i, TURNS], 1e-9)
            up = now[i, 4]
            if abs(up) > 1.5:
                change_s = (
                    -math.log(1.0 - u[3 * EVENTS + 1]) * 60.0 / max(habit[i, LEVEL_OFF], 1e-9)
                )
            else:
                change_s = (
                    -math.log(1.0 - u[3 * EVENTS + 2]) * 60.0 / max(habit[i, LEAVE_LEVEL], 1e-9)
                )
            changed = False
            t = 0.0
            for k in range(instants):
                while t < times_s[k]:
                    dt = min(times_s[k] - t, 5.0)
                    turns = habit[i, TURNS] > 0.0 and not follows and turn_left_s <= 0.0
                    if turns and wait_s <= 0.0 and event < EVENTS:
                        size = habit[i, LARGE_RAD]
                        if u[3 * event + 2] < habit[i, SMALL_SHARE]:
                            size = habit[i, SMALL_RAD]
                        # a half-normal would do as well; an exponential has the longer tail
                        angle = min(-math.log(1.0 - u[3 * event + 1]) * size, 2.0 * math.pi)
                        side = sign if (event + pair) % 2 == 0 else -sign
                        turn = side * rate
                        turn_left_s = angle / rate
                        event += 1
                        wait_s = turn_left_s
                        if event < EVENTS:
                            wait_s -= math.log(1.0 - u[3 * event]) * 60.0 / habit[i, TURNS]
                    if follows:
                        cosine = max(math.cos(latitude), 1e-3)
                        go_n = math.radians(route[way, 0]) - latitude
                        go_e = _wrapped(math.radians(route[way, 1]) - longitude) * cosine
                        # a turn is begun ahead of the point, half a minute for a quarter circle
                        if EARTH_M * math.hypot(go_n, go_e) < 25.0 * speed0 and way < end - 1:
                            way += 1
                            go_n = math.radians(route[way, 0]) - latitude
                            go_e = _wrapped(math.radians(route[way, 1]) - longitude) * cosine
                        off = _wrapped(math.atan2(go_e, go_n) - heading)
                        heading += min(max(off, -rate * dt), rate * dt)
                    else:
                        if turn_left_s > 0.0:
                            part = min(turn_left_s, dt)
                            heading += turn * part
                            turn_left_s -= part
                        heading += bend * dt
                    wait_s -= dt
                    change_s -= dt
                    if change_s <= 0.0 and not changed:
                        changed = True
                        if abs(now[i, 4]) > 1.5:
                            up = 0.0
                        else:
                            up = habit[i, CLIMB_MPS]
                            if u[3 * EVENTS + 3] < 0.5:
                                up = -up
                    share = 1.0 + faster * min(t + 0.5 * dt, 300.0) / 60.0
                    speed = speed0 * min(max(share, 0.3), 2.0)
                    if habit[i, DRIFT_S] > 0.0:
                        speed *= math.exp(-(t + 0.5 * dt) / habit[i, DRIFT_S])
                    height_m += up * dt
                    wind_e, wind_n = _wind(wind, height_m)
                    gust = sign * habit[i, GUST] * math.sqrt((t + 0.5 * dt) / 60.0)
                    go_e = (speed * math.sin(heading) + wind_e + gust * z[5]) * dt
                    go_n = (speed * math.cos(heading) + wind_n + gust * z[6]) * dt
                    middle = latitude + 0.5 * go_n / EARTH_M
                    step = go_e / EARTH_M / max(math.cos(middle), 1e-3)
                    latitude += go_n / EARTH_M
                    longitude += step
                    heading += step * math.sin(middle)  # a great circle turns against meridians
                    t += dt
                out_latitude[i, m, k] = math.degrees(latitude)
                out_longitude[i, m, k] = math.degrees(longitude)
                out_height[i, m, k] = height_m


@bare_kernel
def first_entries(
    rows: Integers,
    zones: Integers,
    heights_m: Floats,
    instants: int,
    futures: int,
    pair_first: Integers,
    pair_zone: Integers,
    floor_m: Floats,
    ceiling_m: Floats,
    pair_floor: Floats,
    out: Integers,
) -> None:
    """Write the first instant at which each future is inside each pair's zone, -1 where it never is.

    Args:
        rows: (k,) flat position of a place in the zone, sorted: object, future, instant.
        zones: (k,) zone that it is in.
        heights_m: (places,) heights; NaN excludes nothing.
        instants: of each future.
        futures: of each object.
        pair_first: (n + 1,) where each object's pairs begin.
        pair_zone: (pairs,) zones of the pairs.
        floor_m: (zones,) least heights; infinite where there is none.
        ceiling_m: (zones,) heights that are above; infinite where there is none.
        pair_floor: (futures, 2) errors of floor and ceiling in each future [m].
        out: (pairs, futures) filled with -1.
    """
    for k in range(rows.shape[0]):
        place = rows[k]
        i = place // (instants * futures)
        m = place // instants % futures
        for pair in range(pair_first[i], pair_first[i + 1]):
            if pair_zone[pair] == zones[k]:
                if out[pair, m] < 0:
                    height_m = heights_m[place]
                    low = height_m < floor_m[zones[k]] + pair_floor[m, 0]
                    high = height_m >= ceiling_m[zones[k]] + pair_floor[m, 1]
                    if not (low or high):
                        out[pair, m] = place % instants
                break
