"""Kernels that let a track learn from the plots it may own, and that begin new tracks."""

import math

from vedette.fusion import _layout as c
from vedette.fusion._associate import NS, climb_of
from vedette.fusion._height import learn_height, vertical
from vedette.fusion._motion import combine, propagate
from vedette.fusion._place import arc_slope, re_anchor, set_anchor
from vedette.fusion._registration import hold_against
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import inner_kernel, merged_kernel
from vedette.model.plot import REMOTE_KEYS

EXISTENCE_MAX = 1.0 - 1e-7


@merged_kernel
def learn_identity(i: Integers, f: Floats, z: Floats, k: Integers) -> None:
    """Take over what the plot says of itself; a changed address must be heard three times."""
    i[c.KINDS] |= 1 << k[c.P_KIND]
    if k[c.P_T] < i[c.COOPERATIVE]:
        return
    # a drone's serial number names it; it is no reply of a transponder
    said = 0 <= k[c.P_ICAO] < REMOTE_KEYS or k[c.P_CODE] >= 0 or k[c.P_CALLSIGN] != 0
    if k[c.P_ICAO] >= 0:
        if i[c.ICAO] >= 0 and i[c.ICAO] != k[c.P_ICAO]:
            i[c.OTHER_ICAO] += 1
            if i[c.OTHER_ICAO] < 3:
                return
        i[c.OTHER_ICAO] = 0
        i[c.ICAO] = k[c.P_ICAO]
        i[c.ADDRESSED] += 1
    if said:
        i[c.COOPERATIVE] = k[c.P_T]
    for u in range(1, c.IDENTITY):
        value = k[c.P_ICAO + u]
        known = value != 0 if u in (2, 3, 9) else value >= 0
        if known:
            i[c.ICAO + u] = value
            if u == c.IDENTITY - 1:
                f[c.HINT_CONFIDENCE] = z[c.CONFIDENCE]
    if k[c.P_NUMBER] >= 0:
        i[c.NUMBER], i[c.NUMBER_SENSOR] = k[c.P_NUMBER], k[c.P_SENSOR]


@inner_kernel
def learn_owned(
    i: int, p: int, states: Floats, floats: Floats, ints: Integers, models: int, sights: Integers,
    chances: Floats, plots: Floats, plot_ints: Integers, sensors: Floats, origin_ns: int,
    g: Floats,
) -> None:  # fmt: skip
    """Everything but the place: heights, identity, which sensor saw it and when."""
    f, n, z, k = floats[i], ints[i], plots[p], plot_ints[p]
    s, t_ns = k[c.P_SENSOR], k[c.P_T]
    n[c.UPDATES] += 1
    if n[c.LAST_SENSOR] != s:
        n[c.OTHERS_T], n[c.LAST_SENSOR] = n[c.UPDATED], s
    n[c.UPDATED] = max(n[c.UPDATED], t_ns)
    t_ms = (t_ns - origin_ns) // 1_000_000
    if s < c.SEERS_MAX:
        n[c.SEERS + (s >> 6)] |= 1 << (s & 63)
    sights[i, s, c.HIT], sights[i, s, c.DUE] = (
        max(sights[i, s, c.HIT], t_ms),
        max(sights[i, s, c.DUE], t_ms),
    )
    chances[i, s, c.CHANCE] += 0.3 * (max(sensors[s, c.S_PD], 0.5) - chances[i, s, c.CHANCE])
    # shortest period of those that still see it; only a change of the quickest needs a look at all
    period = sensors[s, c.S_PERIOD]
    if n[c.PACE_SENSOR] < 0 or period < f[c.PACE]:
        f[c.PACE], n[c.PACE_SENSOR] = period, s
    elif n[c.PACE_SENSOR] != s:
        quick = n[c.PACE_SENSOR]
        if t_ms - sights[i, quick, c.HIT] > 2_500.0 * sensors[quick, c.S_PERIOD]:
            f[c.PACE], n[c.PACE_SENSOR] = period, s
            for other in range(sensors.shape[0]):
                if (
                    sights[i, other, c.HIT] > c.NEVER_MS
                    and sensors[other, c.S_PERIOD] < f[c.PACE]
                    and (t_ms - sights[i, other, c.HIT] <= 2_500.0 * sensors[other, c.S_PERIOD])
                ):
                    f[c.PACE], n[c.PACE_SENSOR] = sensors[other, c.S_PERIOD], other
    learn_identity(n, f, z, k)
    late_s = (n[c.T] - t_ns) * NS
    if not math.isnan(z[c.Z_PRESSURE]):
        good = vertical(
            f, n, c.PRESSURE, c.PRESSURE_T, c.PRESSURE_BAD, t_ns, z[c.Z_PRESSURE],
            z[c.Z_PRESSURE_VAR], z[c.Z_CLIMB], g,
        )  # fmt: skip
        geometric_s = (t_ns - n[c.GEOMETRIC_T]) * NS
        if good and late_s < 1.0 and math.isnan(z[c.Z_HAE]) and geometric_s > 30.0:
            spread = math.hypot(g[c.G_DATUM], g[c.G_DATUM_SHARE] * max(f[c.PRESSURE], 0.0))
            learn_height(f, n, states[i], models, f[c.PRESSURE], spread * spread)
    if not math.isnan(z[c.Z_HAE]):
        good = vertical(
            f, n, c.GEOMETRIC, c.GEOMETRIC_T, c.GEOMETRIC_BAD, t_ns, z[c.Z_HAE],
            z[c.Z_HAE_VAR], z[c.Z_CLIMB], g,
        )  # fmt: skip
        if good and late_s < 1.0:
            learn_height(f, n, states[i], models, f[c.GEOMETRIC], max(f[c.GEOMETRIC + 2], 100.0))


@inner_kernel
def learn_rate(
    states: Floats, models: int, rate_mps: float, var: float, ux: float, un: float
) -> None:
    """Scalar update of every lane by a range rate; a value far off (folded, or of a rotor) is put aside."""
    for m in range(models):
        y = states[m]
        c0, c1 = ux * y[5] + un * y[7], ux * y[8] + un * y[10]
        c2, c3 = ux * y[9] + un * y[12], ux * y[10] + un * y[13]
        s = ux * c1 + un * c3 + var
        miss = rate_mps - ux * y[1] - un * y[3]
        if miss * miss > 25.0 * s:
            continue
        gain = (c0, c1, c2, c3)
        at = 4
        for a in range(4):
            y[a] += gain[a] / s * miss
            for b in range(a, 4):
                y[at] -= gain[a] * gain[b] / s
                at += 1


@inner_kernel
def trust(y: Floats, models: int, w: Floats) -> float:
    """Share of the track in a fusion with a foreign track whose error may be the same as ours.

    Covariance intersection (Julier and Uhlmann 1997): the share that makes the fused place smallest.
    """
    p00 = p01 = p11 = 0.0
    for m in range(models):
        p00 += y[m, c.WEIGHT] * y[m, 4]
        p01 += y[m, c.WEIGHT] * y[m, 6]
        p11 += y[m, c.WEIGHT] * y[m, 11]
    det_p = max(p00 * p11 - p01 * p01, 1e-9)
    det_r = max(w[c.R00] * w[c.R11] - w[c.R01] * w[c.R01], 1e-9)
    best, share = math.inf, 0.5
    for step in range(1, 20):
        own = step / 20.0
        i00 = own * p11 / det_p + (1.0 - own) * w[c.R11] / det_r
        i11 = own * p00 / det_p + (1.0 - own) * w[c.R00] / det_r
        i01 = -own * p01 / det_p - (1.0 - own) * w[c.R01] / det_r
        trace = (i00 + i11) / max(i00 * i11 - i01 * i01, 1e-18)
        if trace < best:
            best, share = trace, own
    return share


@merged_kernel
def learn_flat(
    x: Floats, y: Floats, models: int, begin: int, end: int, none: float, edges: Floats,
    own: float, other: float,
) -> float:  # fmt: skip
    """IMM-PDA update of a track whose height is apart: the four numbers of the plane, written out.

    ``own`` and ``other`` widen the track's and the plot's covariance (1 but for foreign tracks). Returns the
    sum of the weights before they are normalised.
    """
    total = 0.0
    for m in range(models):
        p, q = y[m], x[m]
        sum_share = none + 1e-12
        for e in range(begin, end):
            sum_share += edges[e, c.B] * edges[e, c.LIKELIHOOD + m] / edges[e, c.MIXED]
        p00, p01, p02, p03 = own * p[4], own * p[5], own * p[6], own * p[7]
        p11, p12, p13 = own * p[8], own * p[9], own * p[10]
        p22, p23, p33 = own * p[11], own * p[12], own * p[13]
        t0 = t1 = t2 = t3 = 0.0
        g00 = g01 = g02 = g03 = g11 = g12 = g13 = g22 = g23 = g33 = 0.0
        for e in range(begin, end):
            part = edges[e, c.B] * edges[e, c.LIKELIHOOD + m] / edges[e, c.MIXED] / sum_share
            if part < 1e-6:
                continue
            s00, s01, s11 = (
                p00 + other * edges[e, c.R00], p02 + other * edges[e, c.R01],
                p22 + other * edges[e, c.R11],
            )  # fmt: skip
            # whitened columns (Cholesky of S): K·S·Kᵀ is their outer product
            root = 1.0 / math.sqrt(s00)
            low = s01 * root
            last = 1.0 / math.sqrt(max(s11 - low * low, 1e-9))
            n0 = (edges[e, c.ZX] - p[0]) * root
            n1 = (edges[e, c.ZY] - p[2] - low * n0) * last
            a0, a1, a2, a3 = p00 * root, p01 * root, p02 * root, p03 * root
            b0, b1 = (p02 - low * a0) * last, (p12 - low * a1) * last
            b2, b3 = (p22 - low * a2) * last, (p23 - low * a3) * last
            m0, m1, m2, m3 = (
                a0 * n0 + b0 * n1,
                a1 * n0 + b1 * n1,
                a2 * n0 + b2 * n1,
                a3 * n0 + b3 * n1,
            )
            t0, t1, t2, t3 = t0 + part * m0, t1 + part * m1, t2 + part * m2, t3 + part * m3
            g00 += part * (m0 * m0 - a0 * a0 - b0 * b0)
            g01 += part * (m0 * m1 - a0 * a1 - b0 * b1)
            g02 += part * (m0 * m2 - a0 * a2 - b0 * b2)
            g03 += part * (m0 * m3 - a0 * a3 - b0 * b3)
            g11 += part * (m1 * m1 - a1 * a1 - b1 * b1)
            g12 += part * (m1 * m2 - a1 * a2 - b1 * b2)
            g13 += part * (m1 * m3 - a1 * a3 - b1 * b3)
            g22 += part * (m2 * m2 - a2 * a2 - b2 * b2)
            g23 += part * (m2 * m3 - a2 * a3 - b2 * b3)
            g33 += part * (m3 * m3 - a3 * a3 - b3 * b3)
        q[0], q[1], q[2], q[3] = p[0] + t0, p[1] + t1, p[2] + t2, p[3] + t3
        q[4] = max(p00 + g00 - t0 * t0, 1e-2)
        q[5], q[6], q[7] = p01 + g01 - t0 * t1, p02 + g02 - t0 * t2, p03 + g03 - t0 * t3
        q[8] = max(p11 + g11 - t1 * t1, 1e-4)
        q[9], q[10] = p12 + g12 - t1 * t2, p13 + g13 - t1 * t3
        q[11] = max(p22 + g22 - t2 * t2, 1e-2)
        q[12] = p23 + g23 - t2 * t3
        q[13] = max(p33 + g33 - t3 * t3, 1e-4)
        q[c.WEIGHT] = p[c.WEIGHT] * sum_share
        total += q[c.WEIGHT]
    return total


@inner_kernel
def learn_coupled(
    x: Floats, y: Floats, models: int, begin: int, end: int, none: float, edges: Floats,
    work: Floats,
) -> float:  # fmt: skip
    """As ``learn_flat`` with the height as a fifth number, which slant ranges tell together."""
    gain0, gain1, move, shift, change = work[0], work[1], work[2], work[3], work[4]
    total = height = 0.0
    for m in range(models):
        height += y[m, c.WEIGHT] * y[m, c.H]
    for m in range(models):
        p, q = y[m], x[m]
        sum_share = none + 1e-12
        for e in range(begin, end):
            sum_share += edges[e, c.B] * edges[e, c.LIKELIHOOD + m] / edges[e, c.MIXED]
        for u in range(15):
            change[u] = 0.0
        for u in range(5):
            shift[u] = 0.0
        for e in range(begin, end):
            part = edges[e, c.B] * edges[e, c.LIKELIHOOD + m] / edges[e, c.MIXED] / sum_share
            if part < 1e-6:
                continue
            w = edges[e]
            gx, gy = w[c.GX], w[c.GY]
            s00 = p[4] + w[c.R00] - 2.0 * gx * p[c.HX] + gx * gx * p[c.HH]
            s01 = p[6] + w[c.R01] - gy * p[c.HX] - gx * p[c.HY] + gx * gy * p[c.HH]
            s11 = p[11] + w[c.R11] - 2.0 * gy * p[c.HY] + gy * gy * p[c.HH]
            off = p[c.H] - height
            v0, v1 = w[c.ZX] - p[0] + gx * off, w[c.ZY] - p[2] + gy * off
            root = math.sqrt(s00)
            low = s01 / root
            last = math.sqrt(max(s11 - low * low, 1e-9))
            n0 = v0 / root
            n1 = (v1 - low * n0) / last
            for a in range(5):
                c0 = p[c.AT[a, 0]] - gx * p[c.AT[a, 4]]
                c1 = p[c.AT[a, 2]] - gy * p[c.AT[a, 4]]
                w0 = c0 / root
                w1 = (c1 - low * w0) / last
                gain0[a], gain1[a] = w0, w1
                move[a] = w0 * n0 + w1 * n1
                shift[a] += part * move[a]
            at = 0
            for a in range(5):
                for b in range(a, 5):
                    change[at] += part * (
                        move[a] * move[b] - gain0[a] * gain0[b] - gain1[a] * gain1[b]
                    )
                    at += 1
        at = 0
        for a in range(5):
            for b in range(a, 5):
                to = c.AT[a, b]
                q[to] = p[to] + change[at] - shift[a] * shift[b]
                at += 1
        for a in range(4):
            q[a] = p[a] + shift[a]
        q[c.H] = p[c.H] + shift[4]
        q[c.HH] = max(q[c.HH], 1e-2)
        q[4], q[11] = max(q[4], 1e-2), max(q[11], 1e-2)
        q[8], q[13] = max(q[8], 1e-4), max(q[13], 1e-4)
        q[c.WEIGHT] = p[c.WEIGHT] * sum_share
        total += q[c.WEIGHT]
    return total


@merged_kernel
def learn_place(
    x: Floats, y: Floats, models: int, coupled: bool, begin: int, end: int, none: float,
    edges: Floats, foreign: bool, work: Floats,
) -> None:  # fmt: skip
    """IMM-PDA update of one track: prediction ``y`` and the beliefs of its pairs give the state ``x``."""
    own, other = 1.0, 1.0
    if foreign:
        best = begin
        for e in range(begin + 1, end):
            if edges[e, c.B] > edges[best, c.B]:
                best = e
        share = trust(y, models, edges[best])
        own, other = 1.0 / share, 1.0 / (1.0 - share)
    if coupled and not foreign:
        total = learn_coupled(x, y, models, begin, end, none, edges, work)
    else:
        total = learn_flat(x, y, models, begin, end, none, edges, own, other)
        if coupled:  # a foreign place tells nothing of how height and place hang together here
            for m in range(models):
                x[m, c.H], x[m, c.HH] = y[m, c.H], y[m, c.HH]
                x[m, c.HX] = x[m, c.HVX] = x[m, c.HY] = x[m, c.HVY] = 0.0
    norm = 0.0
    for m in range(models):
        x[m, c.WEIGHT] = max(x[m, c.WEIGHT] / total, 1e-5)
        norm += x[m, c.WEIGHT]
    for m in range(models):
        x[m, c.WEIGHT] /= norm


@inner_kernel
def choose_group(
    f: Floats, i: Integers, states: Floats, motions: Floats, lanes: Integers, g: Floats,
    work: Floats,
) -> None:  # fmt: skip
    """Give a track the motions of its speed; a change puts all that is known into each of the new lanes."""
    group = i[c.GROUP]
    if group == c.NEWBORN:
        wanted = c.MOVING if i[c.UPDATES] >= 3 else group
    elif i[c.UPDATES] < 4 or lanes[c.SLOWLY] == 0:
        return
    else:
        speed = math.sqrt(f[c.MEAN + 1] ** 2 + f[c.MEAN + 3] ** 2)
        wanted = group
        if group == c.MOVING and speed < 0.8 * g[c.G_SLOW_SPEED]:
            combine(states, lanes[group], False, work[0])
            # slow for certain, not by a poor first velocity
            if work[0, 8] + work[0, 13] < 0.04 * g[c.G_SLOW_SPEED] ** 2:
                wanted = c.SLOWLY
        elif group == c.SLOWLY and speed > 1.25 * g[c.G_SLOW_SPEED]:
            wanted = c.MOVING
    if wanted == group:
        return
    combine(states, lanes[group], i[c.COUPLED] != 0, work[0])
    i[c.GROUP] = wanted
    total = 0.0
    for m in range(lanes[wanted]):
        total += motions[wanted, m, c.M_ENTRY]
    for m in range(lanes[wanted]):
        for u in range(c.WEIGHT):
            states[m, u] = work[0, u]
        states[m, c.WEIGHT] = motions[wanted, m, c.M_ENTRY] / total


@merged_kernel
def settle(f: Floats, i: Integers, states: Floats, models: int) -> None:
    """Mean over the lanes, and a new anchor where the track has moved far."""
    for a in range(4):
        total = 0.0
        for m in range(models):
            total += states[m, c.WEIGHT] * states[m, a]
        f[c.MEAN + a] = total
    coupled = i[c.COUPLED] != 0
    if coupled:
        height = spread = 0.0
        for m in range(models):
            height += states[m, c.WEIGHT] * states[m, c.H]
            spread += states[m, c.WEIGHT] * states[m, c.HH]
        f[c.MEAN + 4], f[c.HEIGHT_VAR] = height, spread
    re_anchor(f, states, models, coupled)


@merged_kernel
def update_track(
    k: int, floats: Floats, ints: Integers, states: Floats, sights: Integers, chances: Floats,
    plots: Floats, plot_ints: Integers, sensors: Floats, motions: Floats, lanes: Integers,
    origin_ns: int, g: Floats, local: Integers, mine: Integers, pairs: Integers, edges: Floats,
    y: Floats, work: Floats,
) -> None:  # fmt: skip
    """All that a local track learns from a batch: place, existence, what the owned plot says."""
    i, begin = local[k, c.L_SLOT], local[k, c.L_FIRST]
    end = begin + local[k, c.L_COUNT]
    none = 1.0
    for e in range(begin, end):
        none -= edges[e, c.B]
    none = max(none, 0.0)
    if begin == end or none > 0.999:
        return
    f, n = floats[i], ints[i]
    models, coupled = lanes[n[c.GROUP]], n[c.COUPLED] != 0
    back_s = (n[c.T] - local[k, c.L_T]) * NS
    # not being paired costs nothing here: whether the beam has passed is settled at the tick
    f[c.R] = min((1.0 - none) + none * f[c.R], EXISTENCE_MAX)
    best = begin
    for e in range(begin + 1, end):
        if edges[e, c.B] > edges[best, c.B]:
            best = e
    owned = mine[pairs[best]]
    foreign = plot_ints[owned, c.P_KIND] == 9
    if edges[best, c.B] > 0.9 and back_s <= 0.0:
        hold_against(f, n, y, models, edges[best], plots[owned], plot_ints[owned], sensors)
    learn_place(states[i], y, models, coupled, begin, end, none, edges, foreign, work)
    if (
        edges[best, c.B] > 0.5
        and not math.isnan(plots[owned, c.RATE])
        and plots[owned, c.SLANT] > 0.0
    ):
        ux = plots[owned, c.UX] * f[c.EX] + plots[owned, c.UX + 1] * f[c.EX + 1]
        ux += plots[owned, c.UX + 2] * f[c.EX + 2]
        un = plots[owned, c.UX] * f[c.NX] + plots[owned, c.UX + 1] * f[c.NX + 1]
        un += plots[owned, c.UX + 2] * f[c.NX + 2]
        up = climb_of(f, n, local[k, c.L_T]) * (f[c.MEAN + 4] - plots[owned, c.SITE_H])
        rate = plots[owned, c.RATE] - up / plots[owned, c.SLANT]
        learn_rate(states[i], models, rate, g[c.G_RATE_SIGMA] ** 2, ux, un)
    if back_s > 0.0:  # the plot was late: the track stays at its own time
        climb = climb_of(f, n, n[c.T])
        for m in range(models):
            # without noise: what has happened since was in the state before it was carried back
            propagate(states[i, m], motions[n[c.GROUP]], m, False, coupled, climb, 0.0, back_s)
    else:
        n[c.T] = local[k, c.L_T]
    if edges[best, c.B] > 0.5:
        learn_owned(
            i, owned, states, floats, ints, models, sights, chances, plots, plot_ints, sensors,
            origin_ns, g,
        )  # fmt: skip
    for e in range(begin, end):
        plots[mine[pairs[e]], c.CLAIM] += edges[e, c.B]
    settle(f, n, states[i], models)
    choose_group(f, n, states[i], motions, lanes, g, work)


@inner_kernel
def begin_track(
    i: int, p: int, floats: Floats, ints: Integers, states: Floats, sights: Integers,
    chances: Floats, circles: Floats, plots: Floats, plot_ints: Integers, sensors: Floats,
    motions: Floats, lanes: Integers, origin_ns: int, g: Floats,
) -> None:  # fmt: skip
    """A tentative track in slot i from a plot that no track has claimed."""
    z, k = plots[p], plot_ints[p]
    f, n, s, t_ns = floats[i], ints[i], k[c.P_SENSOR], k[c.P_T]
    f[:] = 0.0
    n[:] = -1
    n[c.STATUS], n[c.T], n[c.BIRTH], n[c.UPDATED], n[c.KEY] = (
        c.TENTATIVE, t_ns, t_ns, t_ns, k[c.P_KEY],
    )  # fmt: skip
    n[c.CALLSIGN] = n[c.CATEGORY] = n[c.MILITARY] = 0
    n[c.COOPERATIVE] = n[c.PRESSURE_T] = n[c.GEOMETRIC_T] = c.NEVER
    n[c.UPDATES] = n[c.KINDS] = n[c.PRESSURE_BAD] = n[c.GEOMETRIC_BAD] = n[c.OTHER_ICAO] = 0
    n[c.PARTNER_CHECKS] = n[c.PARTNER_UPDATES] = n[c.ADDRESSED] = 0
    n[c.GROUP] = c.NEWBORN
    n[c.SEERS : c.SEERS + c.SEER_WORDS] = 0
    n[c.BIRTH_SENSOR], n[c.BIRTH_CELL] = s, k[c.P_CELL]
    n[c.LAST_SENSOR], n[c.OTHERS_T], n[c.CROWDED] = s, c.NEVER, int(z[c.CROWD])
    f[c.R] = (1.0 - z[c.CLAIM]) * z[c.R_BIRTH]
    set_anchor(f, z[c.PX], z[c.PX + 1], z[c.PX + 2])
    ux = z[c.UX] * f[c.EX] + z[c.UX + 1] * f[c.EX + 1] + z[c.UX + 2] * f[c.EX + 2]
    un = z[c.UX] * f[c.NX] + z[c.UX + 1] * f[c.NX + 1] + z[c.UX + 2] * f[c.NX + 2]
    along, across = z[c.VAR_U], z[c.VAR_T]
    height, height_var = sensors[s, c.S_HEIGHT], sensors[s, c.S_HEIGHT_SIGMA] ** 2
    gx = gy = 0.0
    n[c.COUPLED] = 0
    if z[c.FREE_HEIGHT] > 0.0:  # place and height hang together through the slant range
        n[c.COUPLED] = 1
        height, height_var = z[c.REF_H], z[c.REF_VAR]
        slope = arc_slope(z[c.SLANT], z[c.SITE_H], z[c.REF_H])
        gx, gy = ux * slope, un * slope
        along += 0.5 * (height_var / max(z[c.REF_ARC], 0.1 * z[c.SLANT])) ** 2
    f[c.MEAN + 4], f[c.HEIGHT_VAR] = height, height_var
    r00 = along * ux * ux + across * un * un
    r01 = (along - across) * ux * un
    r11 = along * un * un + across * ux * ux
    models, total = lanes[c.NEWBORN], 0.0
    for m in range(models):
        total += motions[c.NEWBORN, m, c.M_ENTRY]
    for m in range(models):
        y = states[i, m]
        y[:] = 0.0
        y[c.H], y[c.HH] = height, height_var
        y[4], y[6] = r00 + gx * gx * height_var, r01 + gx * gy * height_var
        y[11] = r11 + gy * gy * height_var
        y[c.HX], y[c.HY] = gx * height_var, gy * height_var
        if z[c.V_KNOWN] > 0.0:
            y[1] = z[c.VX] * f[c.EX] + z[c.VX + 1] * f[c.EX + 1] + z[c.VX + 2] * f[c.EX + 2]
            y[3] = z[c.VX] * f[c.NX] + z[c.VX + 1] * f[c.NX + 1] + z[c.VX + 2] * f[c.NX + 2]
            y[8] = y[13] = g[c.G_VELOCITY] ** 2
        else:
            y[8] = y[13] = motions[c.NEWBORN, m, c.M_BIRTH] ** 2
        y[c.WEIGHT] = motions[c.NEWBORN, m, c.M_ENTRY] / total
    for other in range(sensors.shape[0]):
        sights[i, other, c.HIT] = sights[i, other, c.DUE] = c.NEVER_MS
        chances[i, other, c.CHANCE] = sensors[other, c.S_PD] * (
            1.0 if other == s or sensors[other, c.S_PRIMARY] == 0.0 else 0.7
        )
    learn_owned(
        i,
        p,
        states,
        floats,
        ints,
        models,
        sights,
        chances,
        plots,
        plot_ints,
        sensors,
        origin_ns,
        g,
    )
    settle(f, n, states[i], models)
    circles[i, c.RADIUS] = min(
        4.0 * math.sqrt(2.0 * max(along, across)) + 1.5 * motions[c.NEWBORN, 0, c.M_BIRTH],
        g[c.G_CELL],
    )
    circles[i, c.REACH], circles[i, c.SPREAD] = circles[i, c.RADIUS], -math.inf
    circles[i, c.CX], circles[i, c.CY] = z[c.PX], z[c.PX + 1]
    circles[i, c.CZ] = z[c.PX + 2]
