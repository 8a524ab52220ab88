"""Kernels of the tick: where every track is now, which are confirmed, ended or one and the same."""

import math

from vedette.fusion import _layout as c
from vedette.fusion._associate import HEIGHT_FRESH_S, NS, hash_cell
from vedette.fusion._motion import combine
from vedette.fusion._place import EARTH_M, horizon_height_m, surface, turn
from vedette.model._kernels import ecef_to_geodetic
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import kernel

LOST_M = 25_000.0  # a position known no better than this is none
MERGE_M = 5_000.0
TENTATIVE_END = 1e-5  # existence below which a tentative track is given up
COOPERATIVE_KINDS = (1 << 3) | (1 << 4) | (1 << 5) | (1 << 9)  # ads_b, mlat, remote_id, track


@kernel
def look(
    n: int, floats: Floats, local: Integers, predicted: Floats, mixture: Floats, view: Floats
) -> None:
    """Mixture of each predicted track, by slot in ``view``; its centre Earth-centred."""
    for k in range(n):
        i = local[k, 0]
        combine(predicted[k], mixture[k], view[i])
        f = floats[i]
        f[c.CX], f[c.CX + 1], f[c.CX + 2] = surface(f, view[i, 0], view[i, 2])


@kernel
def covers(f: Floats, v: Floats, sensor: Floats, seen: bool, g: Floats) -> bool:
    """Whether a radar should see a track: in range, above the horizon, outside the cone of silence."""
    dx, dy, dz = (
        f[c.CX] - sensor[c.S_X],
        f[c.CX + 1] - sensor[c.S_X + 1],
        f[c.CX + 2] - sensor[c.S_X + 2],
    )
    distance = math.sqrt(dx * dx + dy * dy + dz * dz)
    height = v[4]
    sigma = math.sqrt(max(v[19], 0.0))
    if not seen and sigma > 500.0:
        height -= sigma  # it may be lower than assumed, and then the silence says nothing
    clear_of_cone = distance > 0.8 * max(v[4] - sensor[c.S_H], 0.0)
    in_range = distance < 0.98 * sensor[c.S_RANGE]
    return bool(clear_of_cone and in_range and height > horizon_height_m(sensor[c.S_H], distance))


@kernel
def count_misses(
    now_ns: int, i: int, floats: Floats, view: Floats, hit: Integers, due: Integers,
    detection: Floats, heard: Integers, sensors: Floats, g: Floats,
) -> None:  # fmt: skip
    """Lower a track's existence for each turn of a radar that should have seen it and did not.

    A sensor that is silent altogether, or sees only what answers, says nothing about existence.
    """
    latency_ns = int(g[c.G_LATENCY] * 1e9)
    for s in range(sensors.shape[0]):
        if sensors[s, c.S_POLAR] == 0.0:
            continue
        seen = hit[i, s] > c.NEVER
        if due[i, s] == c.NEVER:
            if sensors[s, c.S_PRIMARY] > 0.0 and covers(floats[i], view[i], sensors[s], seen, g):
                due[i, s] = now_ns - latency_ns
            continue
        period = sensors[s, c.S_PERIOD]
        waited_s = (now_ns - latency_ns - due[i, s]) * NS
        if waited_s < 1.25 * period:
            continue
        silent = (now_ns - latency_ns - heard[s]) * NS > 1.5 * period
        if silent or not covers(floats[i], view[i], sensors[s], seen, g):
            due[i, s] = now_ns - latency_ns
            continue
        chance = detection[i, s]
        r = floats[i, c.R]
        floats[i, c.R] = r * (1.0 - chance) / max(1.0 - r * chance, 1e-12)
        detection[i, s] = max(0.9 * chance, 0.02)
        due[i, s] += int(period * 1e9)


@kernel
def coasting(now_ns: int, f: Floats, i: Integers, g: Floats) -> bool:
    return bool((now_ns - i[c.UPDATED]) * NS > g[c.G_COAST] * min(f[c.PACE], 60.0) + g[c.G_LATENCY])


@kernel
def keep_house(
    now_ns: int, floats: Floats, ints: Integers, view: Floats, hit: Integers, due: Integers,
    detection: Floats, heard: Integers, sensors: Floats, clutter: Floats, g: Floats, high: int,
) -> None:  # fmt: skip
    """Count misses, confirm and end tracks; a tentative track that ends was clutter where it began."""
    for i in range(high):
        n, f = ints[i], floats[i]
        if n[c.STATUS] != c.TENTATIVE and n[c.STATUS] != c.CONFIRMED:
            continue
        count_misses(now_ns, i, floats, view, hit, due, detection, heard, sensors, g)
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
                    clutter[n[c.BIRTH_SENSOR], n[c.BIRTH_CELL]] += n[c.UPDATES]
        else:
            limit = min(max(g[c.G_END] * pace, g[c.G_END_MIN]), g[c.G_END_MAX])
            lost = view[i, 5] + view[i, 14] > LOST_M * LOST_M
            if lost or age_s > limit or f[c.R] < g[c.G_END_R]:
                n[c.STATUS] = c.ENDED


@kernel
def one_object(
    i: int, j: int, now_ns: int, floats: Floats, ints: Integers, view: Floats, hit: Integers,
    sensors: Floats, g: Floats, other: Floats,
) -> float:  # fmt: skip
    """Squared distance of two tracks over place and velocity, or infinity when they must be two."""
    a, b, f, h = ints[i], ints[j], floats[i], floats[j]
    if a[c.ICAO] >= 0 and b[c.ICAO] >= 0 and a[c.ICAO] != b[c.ICAO]:
        return math.inf
    dx, dy, dz = h[c.CX] - f[c.CX], h[c.CX + 1] - f[c.CX + 1], h[c.CX + 2] - f[c.CX + 2]
    if dx * dx + dy * dy + dz * dz > MERGE_M * MERGE_M:
        return math.inf
    same = a[c.ICAO] >= 0 and a[c.ICAO] == b[c.ICAO]
    for s in range(sensors.shape[0]):
        # seen apart within one turn: two objects, however close they fly
        if (
            hit[i, s] > c.NEVER
            and hit[j, s] > c.NEVER
            and not (same and sensors[s, c.S_POLAR] == 0.0)
            and abs(hit[i, s] - hit[j, s]) * NS < 0.5 * sensors[s, c.S_PERIOD]
            and (now_ns - max(hit[i, s], hit[j, s])) * NS < 2.5 * sensors[s, c.S_PERIOD] + 5.0
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
    turn(other, cosine / size, sine / size)
    east = dx * f[c.EX] + dy * f[c.EX + 1] + dz * f[c.EX + 2]
    north = dx * f[c.NX] + dy * f[c.NX + 1] + dz * f[c.NX + 2]
    v = view[i]
    # Cholesky of the 4 x 4 sum of covariances (at 20), solved for the difference (at 36)
    other[36], other[37], other[38], other[39] = east, other[1] - v[1], north, other[3] - v[3]
    for r in range(4):
        for q in range(4):
            other[20 + 4 * r + q] = v[c.AT[r, q]] + other[c.AT[r, q]]
    d2 = 0.0
    for r in range(4):
        pivot = other[20 + 5 * r]
        for q in range(r):
            pivot -= other[20 + 4 * r + q] * other[20 + 4 * r + q]
            other[36 + r] -= other[20 + 4 * r + q] * other[36 + q]
        if not pivot > 0.0:
            return math.inf
        root = math.sqrt(pivot)
        other[36 + r] /= root
        d2 += other[36 + r] * other[36 + r]
        for q in range(r + 1, 4):
            entry = other[20 + 4 * q + r]
            for t in range(r):
                entry -= other[20 + 4 * q + t] * other[20 + 4 * r + t]
            other[20 + 4 * q + r] = entry / root
    return d2


@kernel
def elder(i: int, j: int, ints: Integers) -> bool:
    """Whether track j is the one that stays if i and j are one object."""
    if ints[i, c.STATUS] != ints[j, c.STATUS]:
        return bool(ints[j, c.STATUS] == c.CONFIRMED)
    if ints[i, c.BIRTH] != ints[j, c.BIRTH]:
        return bool(ints[j, c.BIRTH] < ints[i, c.BIRTH])
    return bool(ints[j, c.KEY] < ints[i, c.KEY])


@kernel
def find_twins(
    now_ns: int, floats: Floats, ints: Integers, view: Floats, hit: Integers, sensors: Floats,
    g: Floats, head: Integers, nodes: Integers, high: int, other: Floats, twins: Integers,
) -> int:  # fmt: skip
    """Pairs (younger, elder) that have looked like one object for several updates; returns their number."""
    for u in range(head.shape[0]):
        head[u] = -1
    found = 0
    mask = head.shape[0] - 1
    cell = g[c.G_CELL]
    for i in range(high):
        if ints[i, c.STATUS] != c.TENTATIVE and ints[i, c.STATUS] != c.CONFIRMED:
            continue
        ix = math.floor(floats[i, c.CX] / cell)
        iy = math.floor(floats[i, c.CX + 1] / cell)
        iz = math.floor(floats[i, c.CX + 2] / cell)
        h = hash_cell(ix, iy, iz, mask)
        nodes[i, 0], nodes[i, 1], nodes[i, 2], nodes[i, 3], nodes[i, 4] = i, head[h], ix, iy, iz
        head[h] = i
    for i in range(high):
        alive = ints[i, c.STATUS] == c.TENTATIVE or ints[i, c.STATUS] == c.CONFIRMED
        if not alive or ints[i, c.UPDATES] < 3:
            continue
        best, best_j = g[c.G_MERGE], -1
        low_x = math.floor((floats[i, c.CX] - MERGE_M) / cell)
        low_y = math.floor((floats[i, c.CX + 1] - MERGE_M) / cell)
        low_z = math.floor((floats[i, c.CX + 2] - MERGE_M) / cell)
        high_x = math.floor((floats[i, c.CX] + MERGE_M) / cell)
        high_y = math.floor((floats[i, c.CX + 1] + MERGE_M) / cell)
        high_z = math.floor((floats[i, c.CX + 2] + MERGE_M) / cell)
        for ix in range(low_x, high_x + 1):
            for iy in range(low_y, high_y + 1):
                for iz in range(low_z, high_z + 1):
                    j = head[hash_cell(ix, iy, iz, mask)]
                    while j >= 0:
                        if (
                            j != i
                            and nodes[j, 2] == ix
                            and nodes[j, 3] == iy
                            and nodes[j, 4] == iz
                            and ints[j, c.STATUS] != c.ENDED
                            and ints[j, c.UPDATES] >= 3
                            and elder(i, j, ints)
                        ):
                            d2 = one_object(
                                i, j, now_ns, floats, ints, view, hit, sensors, g, other
                            )
                            if d2 < best or (
                                d2 == best and best_j >= 0 and ints[j, c.KEY] < ints[best_j, c.KEY]
                            ):
                                best, best_j = d2, j
                        j = nodes[j, 1]
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


@kernel
def describe(
    now_ns: int, rows: Integers, floats: Floats, ints: Integers, weights: Floats, view: Floats,
    motions: Floats, g: Floats, out: Floats, scratch: Floats,
) -> None:  # fmt: skip
    """Columns of the track table.

    ``out`` gets latitude, longitude [degrees], heights above WGS 84 and of pressure, sigma of the former
    [m], east, north, up velocity [m/s], the ten of the covariance, the weight of the turning models, and 1
    where the track coasts; NaN is unknown.
    """
    for r in range(rows.shape[0]):
        i = rows[r]
        f, n, o, v = floats[i], ints[i], out[r], scratch[: c.ROW]
        for u in range(c.ROW):
            v[u] = view[i, u]
        latitude, longitude, _ = ecef_to_geodetic(f[c.CX], f[c.CX + 1], f[c.CX + 2])
        o[0], o[1] = math.degrees(latitude), math.degrees(longitude)
        # axes here against those of the anchor
        e0, e1 = -math.sin(longitude), math.cos(longitude)
        cosine = e0 * f[c.EX] + e1 * f[c.EX + 1]
        sine = e0 * f[c.NX] + e1 * f[c.NX + 1]
        size = math.hypot(cosine, sine)
        turn(v, cosine / size, sine / size)
        sigma = math.sqrt(max(v[19], 0.0))
        o[2] = o[3] = o[4] = o[7] = math.nan
        if sigma < g[c.G_HEIGHT_UNKNOWN]:
            o[2], o[4] = v[4], sigma
        pressure_s = (now_ns - n[c.PRESSURE_T]) * NS
        geometric_s = (now_ns - n[c.GEOMETRIC_T]) * NS
        if pressure_s < 2.0 * HEIGHT_FRESH_S:
            o[3] = f[c.PRESSURE] + f[c.PRESSURE + 1] * min(pressure_s, HEIGHT_FRESH_S)
            o[7] = f[c.PRESSURE + 1]
        elif geometric_s < 2.0 * HEIGHT_FRESH_S:
            o[7] = f[c.GEOMETRIC + 1]
        # the filter works on the ellipsoid; up there the same angle is a longer way
        scale = 1.0 + min(max(v[4], 0.0), 50_000.0) / EARTH_M
        o[5], o[6] = v[1] * scale, v[3] * scale
        order = (0, 2, 1, 3)
        at = 8
        for a in range(4):
            for b in range(a, 4):
                o[at] = v[c.AT[order[a], order[b]]]
                at += 1
        sound(o[8:18])
        o[18] = 0.0
        for m in range(motions.shape[0]):
            if motions[m, c.M_KIND] == c.TURN:
                o[18] += weights[i, m]
        o[19] = 1.0 if coasting(now_ns, f, n, g) else 0.0


@kernel
def sound(p: Floats) -> None:
    """Make a packed 4 x 4 covariance positive definite by its diagonal, if rounding has spoilt it."""
    p[0], p[4] = max(p[0], 1e-2), max(p[4], 1e-2)
    p[7], p[9] = max(p[7], 1e-4), max(p[9], 1e-4)
    d0 = p[0]
    l1, l2, l3 = p[1] / d0, p[2] / d0, p[3] / d0
    d1 = p[4] - l1 * p[1]
    a2, a3 = p[5] - l1 * p[2], p[6] - l1 * p[3]
    good = d1 > 1e-9 * p[4]
    d2 = d3 = 0.0
    if good:
        d2 = p[7] - l2 * p[2] - a2 * a2 / d1
        good = d2 > 1e-9 * p[7]
    if good:
        a23 = p[8] - l2 * p[3] - a2 * a3 / d1
        d3 = p[9] - l3 * p[3] - a3 * a3 / d1 - a23 * a23 / d2
        good = d3 > 1e-9 * p[9]
    if not good:
        p[1] = p[2] = p[3] = p[5] = p[6] = p[8] = 0.0
