"""Kernels that say how probable each pairing of a track and a plot is."""

import math

from vedette.fusion import _layout as c
from vedette.fusion._motion import noise
from vedette.fusion._place import arc_m, arc_slope
from vedette.model._lanes import (
    add_up,
    any_of,
    larger,
    pick,
    put,
    read,
    smaller,
    splat,
    sqrt,
    store,
)  # fmt: skip
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel, merged_kernel

NS = 1e-9
HEIGHT_FRESH_S = 60.0
HEIGHT_SPREAD_M = 10_000.0  # heights of other objects spread over this much
CONE = 0.8  # distance along the ground to height, within which an object is overhead (51° of elevation)
OVERHEAD = 0.1  # share of its detection probability that a radar keeps there
EXACT_TRACKS = 6  # clusters up to this size are enumerated
EXACT_EVENTS = 3_000  # unless their pairings multiply to more than this


@merged_kernel
def climb_of(f: Floats, i: Integers, t_ns: int) -> float:
    """Vertical rate from the freshest kind of height [m/s]; 0 when none is fresh."""
    rate = 0.0
    if abs(t_ns - i[c.PRESSURE_T]) * NS < HEIGHT_FRESH_S:
        rate = f[c.PRESSURE + 1]
    elif abs(t_ns - i[c.GEOMETRIC_T]) * NS < HEIGHT_FRESH_S:
        rate = f[c.GEOMETRIC + 1]
    return float(min(max(rate, -300.0), 300.0))


@merged_kernel
def height_factor(f: Floats, at: int, dt_s: float, measured: float, var: float, g: Floats) -> float:
    """Likelihood ratio of a measured height: this track's against that of any object."""
    if abs(dt_s) > HEIGHT_FRESH_S or math.isnan(measured):
        return 1.0
    spread = f[at + 2] + 2.0 * dt_s * f[at + 3] + dt_s * dt_s * f[at + 4]
    spread = max(spread, 0.0) + g[c.G_CLIMB] * abs(dt_s) ** 3 / 3.0 + var + 900.0
    miss = measured - f[at] - f[at + 1] * dt_s
    density = math.exp(-0.5 * miss * miss / spread) / math.sqrt(2.0 * math.pi * spread)
    return min(max(density * HEIGHT_SPREAD_M, 1e-3), 30.0)


@merged_kernel
def evidence(f: Floats, i: Integers, z: Floats, k: Integers, g: Floats) -> float:
    """Likelihood ratio of all that a plot says beside its place; never so large as to beat the gate."""
    ratio = 1.0
    if k[c.P_ICAO] >= 0 and i[c.ICAO] >= 0:
        ratio *= g[c.G_SAME_ICAO] if k[c.P_ICAO] == i[c.ICAO] else g[c.G_OTHER_ICAO]
    if k[c.P_CODE] >= 0 and i[c.CODE] >= 0:
        ratio *= g[c.G_SAME_CODE] if k[c.P_CODE] == i[c.CODE] else g[c.G_OTHER_CODE]
    if k[c.P_CALLSIGN] != 0 and i[c.CALLSIGN] != 0:
        ratio *= g[c.G_SAME_CALL] if k[c.P_CALLSIGN] == i[c.CALLSIGN] else g[c.G_OTHER_CALL]
    if k[c.P_NUMBER] >= 0 and i[c.NUMBER] >= 0 and i[c.NUMBER_SENSOR] == k[c.P_SENSOR]:
        ratio *= g[c.G_SAME_CODE] if k[c.P_NUMBER] == i[c.NUMBER] else g[c.G_OTHER_CODE]
    dt_s = (k[c.P_T] - i[c.PRESSURE_T]) * NS
    ratio *= height_factor(f, c.PRESSURE, dt_s, z[c.Z_PRESSURE], z[c.Z_PRESSURE_VAR], g)
    dt_s = (k[c.P_T] - i[c.GEOMETRIC_T]) * NS
    ratio *= height_factor(f, c.GEOMETRIC, dt_s, z[c.Z_HAE], z[c.Z_HAE_VAR], g)
    return ratio


@merged_kernel
def weigh(
    f: Floats, z: Floats, y: Floats, coupled: bool, motions: Floats, ahead_s: float, back_s: float,
    gate: float, w: Floats,
) -> bool:  # fmt: skip
    """Write a plot's place in the plane of a predicted track, and its likelihood in each lane.

    ``y`` (ROW, LANES) is the prediction, ``ahead_s`` its time minus that of the plot (a fraction of a second),
    ``back_s`` how far the track was carried back in time for a late plot. Returns whether the plot lies
    inside the gate of a lane; ``w[MIXED]`` is then the mixture's likelihood [1/m²].
    """
    dx, dy, dz = z[c.PX] - f[c.AX], z[c.PX + 1] - f[c.AX + 1], z[c.PX + 2] - f[c.AX + 2]
    east = dx * f[c.EX] + dy * f[c.EX + 1] + dz * f[c.EX + 2]
    north = dx * f[c.NX] + dy * f[c.NX + 1] + dz * f[c.NX + 2]
    ux = z[c.UX] * f[c.EX] + z[c.UX + 1] * f[c.EX + 1] + z[c.UX + 2] * f[c.EX + 2]
    un = z[c.UX] * f[c.NX] + z[c.UX + 1] * f[c.NX + 1] + z[c.UX + 2] * f[c.NX + 2]
    size = math.sqrt(ux * ux + un * un)
    if size > 0.0:
        ux, un = ux / size, un / size
    else:
        ux, un = 1.0, 0.0
    weight, late_var = read(y, c.WEIGHT), 0.0
    vx, vn = add_up(0.0, weight * read(y, 1)), add_up(0.0, weight * read(y, 3))
    if back_s > 0.0:  # states go back without noise, so the late plot is the less certain one
        late_var = add_up(0.0, weight * noise(motions, back_s)[0])
    along, slope, height = z[c.VAR_U] + late_var, 0.0, 0.0
    if z[c.FREE_HEIGHT] > 0.0:
        # the range says where the object is only together with its height
        height, height_var = f[c.MEAN + 4], f[c.HEIGHT_VAR]
        if coupled:
            height = add_up(0.0, weight * read(y, c.H))
            height_var = add_up(0.0, weight * read(y, c.HH))
        height = min(max(height, -500.0), z[c.SITE_H] + 0.9 * z[c.SLANT])
        arc = arc_m(z[c.SLANT], z[c.SITE_H], height)
        slope = arc_slope(z[c.SLANT], z[c.SITE_H], height)
        east += ux * (arc - z[c.REF_ARC])
        north += un * (arc - z[c.REF_ARC])
        # second order of the arc in the height, 1/arc times its square, cannot be linearised away
        along += 0.5 * (height_var / max(arc, 0.1 * z[c.SLANT])) ** 2
        if not coupled:
            along += slope * slope * height_var
            slope = 0.0
    across = z[c.VAR_T] + late_var
    zx, zy = east + vx * ahead_s, north + vn * ahead_s
    r00 = along * ux * ux + across * un * un
    r01 = (along - across) * ux * un
    r11 = along * un * un + across * ux * ux
    gx, gy = ux * slope, un * slope
    s00, s01, s11 = read(y, 4) + r00, read(y, 6) + r01, read(y, 11) + r11
    v0, v1 = zx - read(y, 0), zy - read(y, 2)
    if slope != 0.0:
        hx, hy, hh = read(y, c.HX), read(y, c.HY), read(y, c.HH)
        s00 = s00 + (-2.0 * gx * hx + gx * gx * hh)
        s01 = s01 + (-gy * hx - gx * hy + gx * gy * hh)
        s11 = s11 + (-2.0 * gy * hy + gy * gy * hh)
        off = read(y, c.H) - height
        v0, v1 = v0 + gx * off, v1 + gy * off
    det = larger(s00 * s11 - s01 * s01, 1e-9)
    d2 = larger((s11 * v0 * v0 - 2.0 * s01 * v0 * v1 + s00 * v1 * v1) / det, 0.0)
    if not any_of((weight > 0.0) & (d2 < gate)):
        return False
    half = -0.5 * smaller(d2, 400.0)
    value = splat(math.exp(pick(half, 0)))
    for m in range(1, c.LANES):
        value = put(value, m, math.exp(pick(half, m)))
    value = value / (2.0 * math.pi * sqrt(det))
    store(w, c.LIKELIHOOD, value)
    mixed = add_up(1e-300, weight * value)
    w[c.ZX], w[c.ZY], w[c.R00], w[c.R01], w[c.R11] = zx, zy, r00, r01, r11
    w[c.GX], w[c.GY], w[c.MIXED] = gx, gy, mixed
    return True


@inner_kernel
def began_before(i: int, j: int, ints: Integers) -> bool:
    """Whether track i began before track j; the key decides between plots of one nanosecond."""
    if ints[i, c.BIRTH] != ints[j, c.BIRTH]:
        return bool(ints[i, c.BIRTH] < ints[j, c.BIRTH])
    return bool(ints[i, c.KEY] < ints[j, c.KEY])


@merged_kernel
def find_root(parent: Integers, a: int) -> int:
    while parent[a] != a:
        parent[a] = parent[parent[a]]
        a = parent[a]
    return int(a)


@bare_kernel
def propagate_beliefs(
    root: int, rounds: int, local: Integers, pairs: Integers, edges: Floats,
    totals: Floats,
) -> None:  # fmt: skip
    """Loopy belief propagation over one cluster.

    Source: Williams and Lau, Approximate evaluation of marginal association probabilities with belief
    propagation (2014).
    """
    k = root
    while k >= 0:
        for e in range(local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]):
            edges[e, c.NU] = 1.0
        k = local[k, c.L_NEXT]
    for _ in range(rounds):
        k = root
        while k >= 0:
            for e in range(local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]):
                totals[pairs[e]] = 0.0
            k = local[k, c.L_NEXT]
        k = root
        while k >= 0:
            begin, end = local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]
            total = 1.0
            for e in range(begin, end):
                total += edges[e, c.W] * edges[e, c.NU]
            for e in range(begin, end):
                rest = max(total - edges[e, c.W] * edges[e, c.NU], 1e-12)
                edges[e, c.B] = edges[e, c.W] / rest
                totals[pairs[e]] += edges[e, c.B]
            k = local[k, c.L_NEXT]
        change = 0.0
        k = root
        while k >= 0:
            for e in range(local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]):
                rest = max(totals[pairs[e]] - edges[e, c.B], 0.0)
                message = 1.0 / (1.0 + rest)
                change = max(change, abs(message - edges[e, c.NU]))
                edges[e, c.NU] = message
            k = local[k, c.L_NEXT]
        if change < 1e-4:
            break
    k = root
    while k >= 0:
        begin, end = local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]
        total = 1.0
        for e in range(begin, end):
            total += edges[e, c.W] * edges[e, c.NU]
        for e in range(begin, end):
            edges[e, c.B] = edges[e, c.W] * edges[e, c.NU] / total
        k = local[k, c.L_NEXT]


@bare_kernel
def enumerate_pairings(
    members: Integers, count: int, local: Integers, pairs: Integers, edges: Floats,
    owner: Integers, choice: Integers, weight: Floats,
) -> None:  # fmt: skip
    """Exact probabilities over one small cluster: every joint pairing is walked once, depth first.

    ``members`` are the local tracks; ``owner`` is -1 for every plot and is left so.
    """
    for d in range(count):
        k = members[d]
        for e in range(local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]):
            edges[e, c.B] = 0.0
    total, depth = 0.0, 0
    weight[0], choice[0] = 1.0, -2  # -2: not tried, -1: not seen
    while depth >= 0:
        k = members[depth]
        begin, end = local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]
        if choice[depth] >= begin:
            owner[pairs[choice[depth]]] = -1
        e = begin if choice[depth] == -1 else choice[depth] + 1
        if choice[depth] == -2:
            e = -1
        else:
            while e < end and owner[pairs[e]] >= 0:
                e += 1
            if e >= end:
                depth -= 1
                continue
        choice[depth] = e
        value = weight[depth]
        if e >= 0:
            owner[pairs[e]] = k
            value *= edges[e, c.W]
        if depth + 1 < count:
            depth += 1
            weight[depth], choice[depth] = value, -2
            continue
        total += value
        for d in range(count):
            if choice[d] >= 0:
                edges[choice[d], c.B] += value
    for d in range(count):
        k = members[d]
        for e in range(local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]):
            edges[e, c.B] /= total


@inner_kernel
def likelier(a: int, b: int, order: Integers, local: Integers, edges: Floats) -> bool:
    """Whether pair a of ``order`` is more probable than pair b; of equals that of the elder track."""
    x, y = edges[order[0, a], c.B], edges[order[0, b], c.B]
    if x != y:
        return bool(x > y)
    if order[1, a] != order[1, b]:
        return bool(local[order[1, a], c.L_RANK] < local[order[1, b], c.L_RANK])
    return bool(order[0, a] < order[0, b])


@inner_kernel
def sort_pairs(count: int, order: Integers, local: Integers, edges: Floats) -> None:
    """Pairs and their tracks, (2, count), the most probable first: a heap sort, whose top is the least."""
    for turn in range(count // 2 + count - 1):
        at, end = count // 2 - 1 - turn, count
        if at < 0:  # the heap stands: its top goes behind what is left of it
            at, end = 0, count - 1 - (turn - count // 2)
            for u in range(2):
                order[u, 0], order[u, end] = order[u, end], order[u, 0]
        while True:
            last = at
            for child in range(2 * at + 1, min(2 * at + 3, end)):
                if likelier(last, child, order, local, edges):
                    last = child
            if last == at:
                break
            for u in range(2):
                order[u, at], order[u, last] = order[u, last], order[u, at]
            at = last


@bare_kernel
def fix_pairing(
    root: int, local: Integers, pairs: Integers, edges: Floats, owner: Integers, order: Integers
) -> None:
    """Fix the most probable pairing of a cluster, best first, and take its plots from the other tracks.

    Averaging over all permutations would pull close tracks together (the idea of JPDA*, Blom and Bloem 2000).
    ``order`` (2, pairs) is room.
    """
    count = rank = 0
    k = root
    while k >= 0:
        local[k, c.L_FIXED], local[k, c.L_RANK] = -1, rank
        rank += 1
        for e in range(local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]):
            if edges[e, c.B] > 0.07:
                order[0, count], order[1, count] = e, k
                count += 1
        k = local[k, c.L_NEXT]
    sort_pairs(count, order, local, edges)
    for u in range(count):
        e, k = order[0, u], order[1, u]
        if local[k, c.L_FIXED] < 0 and owner[pairs[e]] < 0:
            local[k, c.L_FIXED] = e
            owner[pairs[e]] = k
    k = root
    while k >= 0:
        kept, none = 0.0, 1.0
        begin, end = local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]
        for e in range(begin, end):
            none -= edges[e, c.B]
            taken = owner[pairs[e]]
            fixed = local[k, c.L_FIXED]
            if (taken >= 0 and taken != k) or (fixed >= 0 and e != fixed):
                edges[e, c.B] = 0.0
            kept += edges[e, c.B]
        total = max(none, 0.0) + kept
        if total > 0.0:
            for e in range(begin, end):
                edges[e, c.B] /= total
        k = local[k, c.L_NEXT]


@inner_kernel
def believe(
    n: int, plots: int, rounds: int, ints: Integers, local: Integers, pairs: Integers,
    edges: Floats, parent: Integers, totals: Floats, owner: Integers, choice: Integers,
    weight: Floats, order: Integers,
) -> None:  # fmt: skip
    """Probability of each pairing, by cluster: closed form alone, exact or by messages together.

    Tracks of a cluster are taken in the order of their birth, so that the sums depend neither on where they
    are stored nor on what they are called.
    """
    for a in range(plots):
        owner[a] = -1
    for k in range(n):
        parent[k] = k
        local[k, c.L_NEXT] = -1
    # the first track of a plot stands for it: tracks of one plot belong together
    for k in range(n):
        for e in range(local[k, c.L_FIRST], local[k, c.L_FIRST] + local[k, c.L_COUNT]):
            p = pairs[e]
            if owner[p] < 0:
                owner[p] = k
                continue
            a, b = find_root(parent, k), find_root(parent, owner[p])
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
    for a in range(plots):
        owner[a] = -1
    # chain each cluster from its root; a chain of one needs nothing
    for k in range(n):
        a = find_root(parent, k)
        local[k, c.L_LAST] = k
        if a == k:
            continue
        at = local[a, c.L_LAST]
        local[at, c.L_NEXT] = k
        local[a, c.L_LAST] = k
    for root in range(n):
        if parent[root] != root or local[root, c.L_COUNT] == 0:
            continue
        begin, end = local[root, c.L_FIRST], local[root, c.L_FIRST] + local[root, c.L_COUNT]
        if local[root, c.L_NEXT] < 0:  # one track: its plots exclude each other and nothing else
            total = 1.0
            for e in range(begin, end):
                total += edges[e, c.W]
            for e in range(begin, end):
                edges[e, c.B] = edges[e, c.W] / total
            continue
        count, events, k = 0, 1.0, root
        while k >= 0:
            choice[count] = k
            events *= 1.0 + local[k, c.L_COUNT]
            count += 1
            k = local[k, c.L_NEXT]
        for a in range(1, count):  # by birth
            k, first, last = choice[a], 0, a
            while first < last:
                b = (first + last) // 2
                if began_before(local[k, c.L_SLOT], local[choice[b], c.L_SLOT], ints):
                    last = b
                else:
                    first = b + 1
            for b in range(a, first, -1):
                choice[b] = choice[b - 1]
            choice[first] = k
        for a in range(count):
            local[choice[a], c.L_NEXT] = choice[a + 1] if a + 1 < count else -1
        top = choice[0]
        if count <= EXACT_TRACKS and events <= EXACT_EVENTS:
            enumerate_pairings(
                choice[:count], count, local, pairs, edges, owner, choice[count:], weight
            )
        else:
            propagate_beliefs(top, rounds, local, pairs, edges, totals)
        fix_pairing(top, local, pairs, edges, owner, order)
