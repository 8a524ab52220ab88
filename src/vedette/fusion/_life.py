"""Kernels of the tick: where every track is now, which are confirmed, ended or one and the same."""

import math

from vedette.fusion import _layout as c
from vedette.fusion._associate import CONE, HEIGHT_FRESH_S, NS, OVERHEAD, began_before
from vedette.fusion._fuse import AHEAD, fetch_track, predict_track
from vedette.fusion._height import forget_height
from vedette.fusion._index import hash_of
from vedette.fusion._kept import keep_sight
from vedette.fusion._motion import combine
from vedette.fusion._place import grid_key, horizon_height_m, surface, turn
from vedette.fusion._update import settle
from vedette.model._lanes import read, write
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel

LOST_M = 25_000.0  # a position known no better than this is none
MERGE_M = 5_000.0
TENTATIVE_END = 1e-5  # existence below which a tentative track is given up
HEIGHT_STALE_S = 120.0
COAST_PACE_S = (
    25.0  # no radar turns more slowly; people have no pace, and what they told of ages as fast
)
COOPERATIVE_KINDS = (1 << 3) | (1 << 4) | (1 << 5) | (1 << 9)  # ads_b, mlat, remote_id, track


@bare_kernel
def look(
    now_ns: int, rows: Integers, floats: Floats, ints: Integers, states: Floats, motions: Floats,
    lanes: Integers, g: Floats, circles: Floats, predicted: Floats, work: Floats, view: Floats,
) -> None:  # fmt: skip
    """Tracks at ``now_ns``: mixture of their lanes in ``view``, their centres in ``circles``."""
    for r in range(rows.shape[0]):
        if r + AHEAD < rows.shape[0]:
            fetch_track(rows[r + AHEAD], floats, ints, states)
        i = rows[r]
        predict_track(i, now_ns, floats, ints, states, motions, lanes, g, predicted, work)
        coupled = ints[i, c.COUPLED] != 0
        v = view[i]
        combine(predicted, coupled, v)
        if not coupled:
            v[c.H], v[c.HH] = floats[i, c.MEAN + 4], floats[i, c.HEIGHT_VAR]
        circles[i, c.CX], circles[i, c.CY], circles[i, c.CZ] = surface(floats[i], v[0], v[2])


@bare_kernel
def carry_track(
    i: int, t_ns: int, floats: Floats, ints: Integers, states: Floats, motions: Floats,
    lanes: Integers, g: Floats, predicted: Floats, work: Floats,
) -> None:  # fmt: skip
    """Move a track's lanes to a time, unless it is past; its mean follows, and its anchor when that is far."""
    if t_ns > ints[i, c.T]:
        predict_track(i, t_ns, floats, ints, states, motions, lanes, g, predicted, work)
        for u in range(c.ROW):
            write(states[i], u, read(predicted, u))
        ints[i, c.T] = t_ns
    settle(floats[i], ints[i], states[i])


@inner_kernel
def covers(circle: Floats, v: Floats, sensor: Floats, seen: bool) -> bool:
    """Whether a radar may see a track: in range and above the horizon."""
    dx, dy, dz = (
        circle[c.CX] - sensor[c.S_X], circle[c.CY] - sensor[c.S_X + 1],
        circle[c.CZ] - sensor[c.S_X + 2],
    )  # fmt: skip
    distance = math.sqrt(dx * dx + dy * dy + dz * dz)
    # the edge of the range is not sharp; what was seen there is denied there
    if distance >= (1.0 if seen else 0.98) * sensor[c.S_RANGE]:
        return False
    if seen:  # it can be seen there, whatever its height is thought to be
        return True
    # it may be lower than assumed, and then the silence says nothing
    sigma = math.sqrt(max(v[c.HH], 0.0))
    height = v[c.H] - sigma if sigma > 500.0 else v[c.H]
    return bool(height > horizon_height_m(sensor[c.S_H], distance))


@bare_kernel
def overhead(circle: Floats, v: Floats, sensor: Floats) -> bool:
    """Whether a track is in the cone of silence above a radar."""
    dx, dy, dz = (
        circle[c.CX] - sensor[c.S_X], circle[c.CY] - sensor[c.S_X + 1],
        circle[c.CZ] - sensor[c.S_X + 2],
    )  # fmt: skip
    up = CONE * max(v[c.H] - sensor[c.S_H], 0.0)
    return bool(dx * dx + dy * dy + dz * dz <= up * up)


@bare_kernel
def count_misses(
    first: int, last: int, now_ns: int, origin_ns: int, floats: Floats, ints: Integers, circles: Floats,
    view: Floats, sights: Integers, chances: Floats, heard: Integers, sensors: Floats, g: Floats,
    pairs: Integers, times: Integers, count: int,
) -> int:  # fmt: skip
    """Lower a track's existence for each turn of a radar that should have seen it and did not.

    Of tracks from ``first`` to ``last``; parts may run side by side. Of each sight that changes a copy is kept in
    ``pairs`` and ``times`` from ``count`` on, where there is room for every one; returns where they end.

    ``due`` is when a radar has last settled whether it sees a track: seen then, or missed and a turn added.
    A sensor that is silent altogether, or sees only what answers, says nothing about existence.
    """
    limit_ns = now_ns - int(g[c.G_LATENCY] * 1e9)
    limit_ms = (limit_ns - origin_ns) // 1_000_000
    second = now_ns // 1_000_000_000
    for i in range(first, last):
        if ints[i, c.STATUS] != c.TENTATIVE and ints[i, c.STATUS] != c.CONFIRMED:
            continue
        # whether a radar begins to see an object needs no look in each second
        begins = (second - ints[i, c.BIRTH] // 1_000_000_000) & 3 == 0
        for s in range(sensors.shape[0]):
            last = sights[i, s, c.DUE]
            if last == c.NEVER_MS:
                if (
                    begins and sensors[s, c.S_PRIMARY] > 0.0 and sensors[s, c.S_POLAR] > 0.0
                    and covers(circles[i], view[i], sensors[s], sights[i, s, c.HIT] > c.NEVER_MS)
                ):  # fmt: skip
                    count = keep_sight(i, s, sights, pairs, times, count)
                    sights[i, s, c.DUE] = limit_ms
                continue
            period_ms = int(sensors[s, c.S_PERIOD] * 1e3)
            if sensors[s, c.S_POLAR] == 0.0 or last > limit_ms - 5 * period_ms // 4:
                continue
            count = keep_sight(i, s, sights, pairs, times, count)
            silent = (limit_ns - heard[s]) * NS > 1.5 * sensors[s, c.S_PERIOD]
            if silent or not covers(
                circles[i], view[i], sensors[s], sights[i, s, c.HIT] > c.NEVER_MS
            ):
                sights[i, s, c.DUE] = limit_ms
                continue
            chance, r = chances[i, s, c.CHANCE], floats[i, c.R]
            if overhead(circles[i], view[i], sensors[s]):
                chance *= OVERHEAD
            else:  # silence overhead says nothing of how well it is seen elsewhere
                chances[i, s, c.CHANCE] = max(0.9 * chance, 0.02)
            floats[i, c.R] = r * (1.0 - chance) / max(1.0 - r * chance, 1e-12)
            sights[i, s, c.DUE] += period_ms
    return count


@inner_kernel
def coasting(now_ns: int, f: Floats, i: Integers, g: Floats) -> bool:
    pace_s = min(f[c.PACE], COAST_PACE_S)
    return bool((now_ns - i[c.UPDATED]) * NS > g[c.G_COAST] * pace_s + g[c.G_LATENCY])


@bare_kernel
def keep_house(
    now_ns: int, high: int, floats: Floats, ints: Integers, states: Floats,
    view: Floats, clutter: Floats, g: Floats,
) -> None:  # fmt: skip
    """Confirm and end tracks; a tentative track that ends was clutter where it began."""
    for i in range(high):
        n, f = ints[i], floats[i]
        if n[c.STATUS] != c.TENTATIVE and n[c.STATUS] != c.CONFIRMED:
            continue
        age_s = (now_ns - n[c.UPDATED]) * NS
        pace = min(f[c.PACE], 60.0)
        if n[c.STATUS] == c.TENTATIVE:
            cooperative = n[c.ADDRESSED] >= 2 or (n[c.KINDS] & COOPERATIVE_KINDS) != 0
            if (cooperative and n[c.UPDATES] >= g[c.G_UPDATES_COOP] and f[c.R] > 0.99) or (
                n[c.UPDATES] >= g[c.G_UPDATES] and f[c.R] / (1.0 - f[c.R]) > g[c.G_CONFIRM]
            ):
                n[c.STATUS] = c.CONFIRMED
            elif f[c.R] < TENTATIVE_END or age_s > max(
                g[c.G_TENTATIVE] * pace + g[c.G_LATENCY], 5.0
            ):
                n[c.STATUS] = c.ENDED
                if n[c.BIRTH_CELL] >= 0:
                    # in a crowd it is as likely a plot of another object that was paired wrongly
                    clutter[n[c.BIRTH_SENSOR], n[c.BIRTH_CELL]] += n[c.UPDATES] / (
                        1.0 + n[c.CROWDED]
                    )
        else:
            limit = min(max(g[c.G_END] * pace, g[c.G_END_MIN]), g[c.G_END_MAX])
            lost = view[i, 4] + view[i, 11] > LOST_M * LOST_M
            if lost or age_s > limit or f[c.R] < g[c.G_END_R]:
                n[c.STATUS] = c.ENDED
        told_ns = max(n[c.PRESSURE_T], n[c.GEOMETRIC_T])
        if n[c.COUPLED] == 0 and told_ns > c.NEVER and (now_ns - told_ns) * NS > HEIGHT_STALE_S:
            f[c.HEIGHT_VAR] += 250_000.0  # half a kilometre: it may have climbed since
            forget_height(f, n, states[i])
            view[i, c.WEIGHT] = 0.0  # what was seen of it is not so any more


@inner_kernel
def one_object(
    i: int, j: int, now_ns: int, origin_ns: int, floats: Floats, ints: Integers, circles: Floats,
    view: Floats, sights: Integers, sensors: Floats, other: Floats,
) -> float:  # fmt: skip
    """Squared distance of two tracks over place and velocity, or infinity when they must be two."""
    a, b, f, h = ints[i], ints[j], floats[i], floats[j]
    if a[c.ICAO] >= 0 and b[c.ICAO] >= 0 and a[c.ICAO] != b[c.ICAO]:
        return math.inf
    dx = circles[j, c.CX] - circles[i, c.CX]
    dy = circles[j, c.CY] - circles[i, c.CY]
    dz = circles[j, c.CZ] - circles[i, c.CZ]
    same = a[c.ICAO] >= 0 and a[c.ICAO] == b[c.ICAO]
    now_ms = (now_ns - origin_ns) // 1_000_000
    for s in range(sensors.shape[0]):
        # seen apart within one turn: two objects, however close they fly
        first, second = sights[i, s, c.HIT], sights[j, s, c.HIT]
        if (
            first > c.NEVER_MS
            and second > c.NEVER_MS
            and not (same and sensors[s, c.S_POLAR] == 0.0)
            and abs(first - second) < 500.0 * sensors[s, c.S_PERIOD]
            and now_ms - max(first, second) < 2_500.0 * sensors[s, c.S_PERIOD] + 5_000.0
        ):
            return math.inf
    for at, t_column in ((c.PRESSURE, c.PRESSURE_T), (c.GEOMETRIC, c.GEOMETRIC_T)):
        if (
            abs(now_ns - a[t_column]) * NS < HEIGHT_FRESH_S
            and abs(now_ns - b[t_column]) * NS < HEIGHT_FRESH_S
        ):
            apart = (
                f[at] + f[at + 1] * (now_ns - a[t_column]) * NS
                - h[at] - h[at + 1] * (now_ns - b[t_column]) * NS
            )  # fmt: skip
            if abs(apart) > 300.0:
                return math.inf
    cosine = f[c.EX] * h[c.EX] + f[c.EX + 1] * h[c.EX + 1] + f[c.EX + 2] * h[c.EX + 2]
    # j's own axes turned into i's: east' = cosine·east + sine·north
    sine = f[c.EX] * h[c.NX] + f[c.EX + 1] * h[c.NX + 1] + f[c.EX + 2] * h[c.NX + 2]
    size = math.hypot(cosine, sine)
    if size < 1e-6:
        return math.inf
    for u in range(c.ROW):
        other[u] = view[j, u]
    turn(other, False, cosine / size, sine / size)
    east = dx * f[c.EX] + dy * f[c.EX + 1] + dz * f[c.EX + 2]
    north = dx * f[c.NX] + dy * f[c.NX + 1] + dz * f[c.NX + 2]
    v = view[i]
    # Cholesky of the 4 x 4 sum of covariances (at 24), solved for the difference (at 40)
    other[40], other[41], other[42], other[43] = east, other[1] - v[1], north, other[3] - v[3]
    for r in range(4):
        for q in range(4):
            other[24 + 4 * r + q] = v[c.AT[r, q]] + other[c.AT[r, q]]
    d2 = 0.0
    for r in range(4):
        pivot = other[24 + 5 * r]
        for q in range(r):
            pivot -= other[24 + 4 * r + q] * other[24 + 4 * r + q]
            other[40 + r] -= other[24 + 4 * r + q] * other[40 + q]
        if not pivot > 0.0:
            return math.inf
        root = math.sqrt(pivot)
        other[40 + r] /= root
        d2 += other[40 + r] * other[40 + r]
        for q in range(r + 1, 4):
            entry = other[24 + 4 * q + r]
            for t in range(r):
                entry -= other[24 + 4 * q + t] * other[24 + 4 * r + t]
            other[24 + 4 * q + r] = entry / root
    return d2


@inner_kernel
def elder(i: int, j: int, ints: Integers) -> bool:
    """Whether track j is the one that stays if i and j are one object."""
    if ints[i, c.STATUS] != ints[j, c.STATUS]:
        return bool(ints[j, c.STATUS] == c.CONFIRMED)
    return began_before(j, i, ints)


@bare_kernel
def find_twins(
    now_ns: int, origin_ns: int, high: int, floats: Floats, ints: Integers, circles: Floats,
    view: Floats, sights: Integers, sensors: Floats, g: Floats, head: Integers, nodes: Floats,
    other: Floats, twins: Integers,
) -> int:  # fmt: skip
    """Pairs (younger, elder) that have looked like one object for several updates; returns their number."""
    head[:] = -1
    found = 0
    mask = head.shape[0] - 1
    cell = g[c.G_CELL]
    for i in range(high):
        alive = ints[i, c.STATUS] == c.TENTATIVE or ints[i, c.STATUS] == c.CONFIRMED
        if not alive or ints[i, c.UPDATES] < 3:
            continue
        ix = math.floor(circles[i, c.CX] / cell)
        iy = math.floor(circles[i, c.CY] / cell)
        iz = math.floor(circles[i, c.CZ] / cell)
        key = grid_key(ix, iy, iz)
        h = hash_of(key, mask)
        nodes[i, c.D_NEXT], nodes[i, c.D_KEY] = head[h], key
        nodes[i, c.D_X], nodes[i, c.D_Y] = circles[i, c.CX], circles[i, c.CY]
        nodes[i, c.D_Z] = circles[i, c.CZ]
        head[h] = i
    for i in range(high):
        alive = ints[i, c.STATUS] == c.TENTATIVE or ints[i, c.STATUS] == c.CONFIRMED
        if not alive or ints[i, c.UPDATES] < 3:
            continue
        best, best_j = g[c.G_MERGE], -1
        low_x = math.floor((circles[i, c.CX] - MERGE_M) / cell)
        low_y = math.floor((circles[i, c.CY] - MERGE_M) / cell)
        low_z = math.floor((circles[i, c.CZ] - MERGE_M) / cell)
        high_x = math.floor((circles[i, c.CX] + MERGE_M) / cell)
        high_y = math.floor((circles[i, c.CY] + MERGE_M) / cell)
        high_z = math.floor((circles[i, c.CZ] + MERGE_M) / cell)
        for ix in range(low_x, high_x + 1):
            for iy in range(low_y, high_y + 1):
                for iz in range(low_z, high_z + 1):
                    key = grid_key(ix, iy, iz)
                    j = head[hash_of(key, mask)]
                    while j >= 0:
                        dx, dy = (
                            nodes[j, c.D_X] - circles[i, c.CX],
                            nodes[j, c.D_Y] - circles[i, c.CY],
                        )
                        dz = nodes[j, c.D_Z] - circles[i, c.CZ]
                        if (
                            j != i
                            and nodes[j, c.D_KEY] == key
                            and dx * dx + dy * dy + dz * dz <= MERGE_M * MERGE_M
                            and elder(i, j, ints)
                        ):
                            d2 = one_object(
                                i, j, now_ns, origin_ns, floats, ints, circles, view, sights, sensors,
                                other,
                            )  # fmt: skip
                            if d2 < best or (
                                d2 == best and best_j >= 0 and ints[j, c.KEY] < ints[best_j, c.KEY]
                            ):
                                best, best_j = d2, j
                        j = int(nodes[j, c.D_NEXT])
        n = ints[i]
        if best_j < 0:
            n[c.PARTNER], n[c.PARTNER_CHECKS] = -1, 0
            continue
        updates = n[c.UPDATES] + ints[best_j, c.UPDATES]
        if n[c.PARTNER] != ints[best_j, c.KEY]:
            n[c.PARTNER], n[c.PARTNER_CHECKS], n[c.PARTNER_UPDATES] = (
                ints[best_j, c.KEY],
                1,
                updates,
            )
        elif updates > n[c.PARTNER_UPDATES]:
            n[c.PARTNER_CHECKS] += 1
            n[c.PARTNER_UPDATES] = updates
        if n[c.PARTNER_CHECKS] >= g[c.G_MERGE_CHECKS]:
            twins[found, 0], twins[found, 1] = i, best_j
            found += 1
    return found
