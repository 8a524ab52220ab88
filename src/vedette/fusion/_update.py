"""Kernels that let a track learn from the plots it may own, and that begin new tracks."""

import math
from typing import Any

from vedette.fusion import _layout as c
from vedette.fusion._associate import NS, climb_of
from vedette.fusion._height import learn_height, vertical
from vedette.fusion._kept import keep_sight, keep_track
from vedette.fusion._motion import combine, propagate
from vedette.fusion._place import arc_slope, re_anchor, set_anchor
from vedette.fusion._registration import hold_against
from vedette.model._lanes import (
    add_up,
    fill,
    larger,
    load,
    read,
    splat,
    sqrt,
    where,
    write,
)  # fmt: skip
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
    i: int, p: int, states: Floats, floats: Floats, ints: Integers, sights: Integers,
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
            learn_height(f, n, states[i], f[c.PRESSURE], spread * spread)
    if not math.isnan(z[c.Z_HAE]):
        good = vertical(
            f, n, c.GEOMETRIC, c.GEOMETRIC_T, c.GEOMETRIC_BAD, t_ns, z[c.Z_HAE],
            z[c.Z_HAE_VAR], z[c.Z_CLIMB], g,
        )  # fmt: skip
        if good and late_s < 1.0:
            learn_height(f, n, states[i], f[c.GEOMETRIC], max(f[c.GEOMETRIC + 2], 100.0))


@inner_kernel
def learn_rate(y: Floats, coupled: bool, rate_mps: float, var: float, ux: float, un: float) -> None:
    """Scalar update of every lane by a range rate; a value far off (folded, or of a rotor) is put aside.

    Of a coupled track the height learns too, by how it hangs together with the velocity: left out, what is known
    of both would contradict itself once the height is told.
    """
    c0, c1 = ux * read(y, 5) + un * read(y, 7), ux * read(y, 8) + un * read(y, 10)
    c2, c3 = ux * read(y, 9) + un * read(y, 12), ux * read(y, 10) + un * read(y, 13)
    s = larger(ux * c1 + un * c3 + var, var)
    miss = rate_mps - ux * read(y, 1) - un * read(y, 3)
    far = miss * miss > 25.0 * s
    gain = (c0, c1, c2, c3)
    at = 4
    for a in range(4):
        write(y, a, where(far, read(y, a), read(y, a) + gain[a] / s * miss))
        for b in range(a, 4):
            write(y, at, where(far, read(y, at), read(y, at) - gain[a] * gain[b] / s))
            at += 1
    if coupled:
        up = ux * read(y, c.HVX) + un * read(y, c.HVY)
        write(y, c.H, where(far, read(y, c.H), read(y, c.H) + up / s * miss))
        for a in range(4):
            own = read(y, c.HX + a)
            write(y, c.HX + a, where(far, own, own - gain[a] * up / s))
        spread = read(y, c.HH)
        write(y, c.HH, where(far, spread, larger(spread - up * up / s, 1e-2)))


@inner_kernel
def trust(y: Floats, w: Floats) -> float:
    """Share of the track in a fusion with a foreign track whose error may be the same as ours.

    Covariance intersection (Julier and Uhlmann 1997): the share that makes the fused place smallest.
    """
    weight = read(y, c.WEIGHT)
    p00, p01 = add_up(0.0, weight * read(y, 4)), add_up(0.0, weight * read(y, 6))
    p11 = add_up(0.0, weight * read(y, 11))
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
def shares(e: int, edges: Floats, whole: Any) -> Any:
    """How much each lane believes in a pair, of ``whole``; a millionth is nothing."""
    part = edges[e, c.B] * load(edges[e], c.LIKELIHOOD) / edges[e, c.MIXED] / whole
    return where(part < 1e-6, 0.0, part)


@merged_kernel
def learn_flat(
    q: Floats, p: Floats, begin: int, end: int, none: float, edges: Floats, own: float,
    other: float,
) -> None:  # fmt: skip
    """IMM-PDA update of a track whose height is apart: the four numbers of the plane, written out.

    ``own`` and ``other`` widen the track's and the plot's covariance (1 but for foreign tracks).
    """
    whole = splat(none + 1e-12)
    for e in range(begin, end):
        whole = whole + edges[e, c.B] * load(edges[e], c.LIKELIHOOD) / edges[e, c.MIXED]
    x0, x1, x2, x3 = read(p, 0), read(p, 1), read(p, 2), read(p, 3)
    p00, p01, p02, p03 = own * read(p, 4), own * read(p, 5), own * read(p, 6), own * read(p, 7)
    p11, p12, p13 = own * read(p, 8), own * read(p, 9), own * read(p, 10)
    p22, p23, p33 = own * read(p, 11), own * read(p, 12), own * read(p, 13)
    t0 = t1 = t2 = t3 = splat(0.0)
    g00 = g01 = g02 = g03 = g11 = g12 = g13 = g22 = g23 = g33 = splat(0.0)
    for e in range(begin, end):
        part = shares(e, edges, whole)
        s00, s01, s11 = (
            p00 + other * edges[e, c.R00], p02 + other * edges[e, c.R01],
            p22 + other * edges[e, c.R11],
        )  # fmt: skip
        # whitened columns (Cholesky of S): K·S·Kᵀ is their outer product
        by_first = 1.0 / sqrt(larger(s00, 1e-9))
        low = s01 * by_first
        by_last = 1.0 / sqrt(larger(s11 - low * low, 1e-9))
        n0 = (edges[e, c.ZX] - x0) * by_first
        n1 = (edges[e, c.ZY] - x2 - low * n0) * by_last
        a0, a1, a2, a3 = p00 * by_first, p01 * by_first, p02 * by_first, p03 * by_first
        b0, b1 = (p02 - low * a0) * by_last, (p12 - low * a1) * by_last
        b2, b3 = (p22 - low * a2) * by_last, (p23 - low * a3) * by_last
        m0, m1, m2, m3 = a0 * n0 + b0 * n1, a1 * n0 + b1 * n1, a2 * n0 + b2 * n1, a3 * n0 + b3 * n1
        t0, t1, t2, t3 = t0 + part * m0, t1 + part * m1, t2 + part * m2, t3 + part * m3
        g00 = g00 + part * (m0 * m0 - a0 * a0 - b0 * b0)
        g01 = g01 + part * (m0 * m1 - a0 * a1 - b0 * b1)
        g02 = g02 + part * (m0 * m2 - a0 * a2 - b0 * b2)
        g03 = g03 + part * (m0 * m3 - a0 * a3 - b0 * b3)
        g11 = g11 + part * (m1 * m1 - a1 * a1 - b1 * b1)
        g12 = g12 + part * (m1 * m2 - a1 * a2 - b1 * b2)
        g13 = g13 + part * (m1 * m3 - a1 * a3 - b1 * b3)
        g22 = g22 + part * (m2 * m2 - a2 * a2 - b2 * b2)
        g23 = g23 + part * (m2 * m3 - a2 * a3 - b2 * b3)
        g33 = g33 + part * (m3 * m3 - a3 * a3 - b3 * b3)
    write(q, 0, x0 + t0)
    write(q, 1, x1 + t1)
    write(q, 2, x2 + t2)
    write(q, 3, x3 + t3)
    write(q, 4, larger(p00 + g00 - t0 * t0, 1e-2))
    write(q, 5, p01 + g01 - t0 * t1)
    write(q, 6, p02 + g02 - t0 * t2)
    write(q, 7, p03 + g03 - t0 * t3)
    write(q, 8, larger(p11 + g11 - t1 * t1, 1e-4))
    write(q, 9, p12 + g12 - t1 * t2)
    write(q, 10, p13 + g13 - t1 * t3)
    write(q, 11, larger(p22 + g22 - t2 * t2, 1e-2))
    write(q, 12, p23 + g23 - t2 * t3)
    write(q, 13, larger(p33 + g33 - t3 * t3, 1e-4))
    write(q, c.WEIGHT, read(p, c.WEIGHT) * whole)


@inner_kernel
def learn_coupled(
    q: Floats, p: Floats, begin: int, end: int, none: float, edges: Floats, work: Floats
) -> None:
    """As ``learn_flat`` with the height as a fifth number, which slant ranges tell together."""
    first, last, move, shift, change = work[0:5], work[5:10], work[10:15], work[15:20], work[20:35]
    height = add_up(0.0, read(p, c.WEIGHT) * read(p, c.H))
    whole = splat(none + 1e-12)
    for e in range(begin, end):
        whole = whole + edges[e, c.B] * load(edges[e], c.LIKELIHOOD) / edges[e, c.MIXED]
    for u in range(15):
        fill(change, u, 0.0)
    for u in range(5):
        fill(shift, u, 0.0)
    for e in range(begin, end):
        part, w = shares(e, edges, whole), edges[e]
        gx, gy = w[c.GX], w[c.GY]
        hx, hy, hh = read(p, c.HX), read(p, c.HY), read(p, c.HH)
        s00 = read(p, 4) + w[c.R00] - 2.0 * gx * hx + gx * gx * hh
        s01 = read(p, 6) + w[c.R01] - gy * hx - gx * hy + gx * gy * hh
        s11 = read(p, 11) + w[c.R11] - 2.0 * gy * hy + gy * gy * hh
        off = read(p, c.H) - height
        v0, v1 = w[c.ZX] - read(p, 0) + gx * off, w[c.ZY] - read(p, 2) + gy * off
        by_first = sqrt(larger(s00, 1e-9))
        low = s01 / by_first
        by_last = sqrt(larger(s11 - low * low, 1e-9))
        n0 = v0 / by_first
        n1 = (v1 - low * n0) / by_last
        for a in range(5):
            w0 = (read(p, c.AT[a, 0]) - gx * read(p, c.AT[a, 4])) / by_first
            w1 = (read(p, c.AT[a, 2]) - gy * read(p, c.AT[a, 4]) - low * w0) / by_last
            m = w0 * n0 + w1 * n1
            write(first, a, w0)
            write(last, a, w1)
            write(move, a, m)
            write(shift, a, read(shift, a) + part * m)
        at = 0
        for a in range(5):
            for b in range(a, 5):
                gained = (
                    read(move, a) * read(move, b) - read(first, a) * read(first, b)
                    - read(last, a) * read(last, b)
                )  # fmt: skip
                write(change, at, read(change, at) + part * gained)
                at += 1
    at = 0
    for a in range(5):
        for b in range(a, 5):
            to = c.AT[a, b]
            write(q, to, read(p, to) + read(change, at) - read(shift, a) * read(shift, b))
            at += 1
    for a in range(4):
        write(q, a, read(p, a) + read(shift, a))
    write(q, c.H, read(p, c.H) + read(shift, 4))
    write(q, c.HH, larger(read(q, c.HH), 1e-2))
    write(q, 4, larger(read(q, 4), 1e-2))
    write(q, 11, larger(read(q, 11), 1e-2))
    write(q, 8, larger(read(q, 8), 1e-4))
    write(q, 13, larger(read(q, 13), 1e-4))
    write(q, c.WEIGHT, read(p, c.WEIGHT) * whole)


@merged_kernel
def learn_place(
    x: Floats, y: Floats, coupled: bool, begin: int, end: int, none: float, edges: Floats,
    foreign: bool, work: Floats,
) -> None:  # fmt: skip
    """IMM-PDA update of one track: prediction ``y`` and the beliefs of its pairs give the state ``x``."""
    own, other = 1.0, 1.0
    if foreign:
        best = begin
        for e in range(begin + 1, end):
            if edges[e, c.B] > edges[best, c.B]:
                best = e
        share = trust(y, edges[best])
        own, other = 1.0 / share, 1.0 / (1.0 - share)
    if coupled and not foreign:
        learn_coupled(x, y, begin, end, none, edges, work)
    else:
        learn_flat(x, y, begin, end, none, edges, own, other)
        if coupled:  # a foreign place tells nothing of how height and place hang together here
            write(x, c.H, read(y, c.H))
            write(x, c.HH, read(y, c.HH))
            for u in range(c.HX, c.HX + 4):
                fill(x, u, 0.0)
    weight = read(x, c.WEIGHT)
    weight = where(weight > 0.0, larger(weight / add_up(0.0, weight), 1e-5), 0.0)
    write(x, c.WEIGHT, weight / add_up(0.0, weight))


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
            combine(states, False, work)
            # slow for certain, not by a poor first velocity
            if work[8, 0] + work[13, 0] < 0.04 * g[c.G_SLOW_SPEED] ** 2:
                wanted = c.SLOWLY
        elif group == c.SLOWLY and speed > 1.25 * g[c.G_SLOW_SPEED]:
            wanted = c.MOVING
    if wanted == group:
        return
    combine(states, i[c.COUPLED] != 0, work)
    i[c.GROUP] = wanted
    for u in range(c.WEIGHT):
        write(states, u, read(work, u))
    entry = read(motions[wanted], c.M_ENTRY)
    write(states, c.WEIGHT, entry / add_up(0.0, entry))


@merged_kernel
def settle(f: Floats, i: Integers, states: Floats) -> None:
    """Mean over the lanes, and a new anchor where the track has moved far."""
    weight = read(states, c.WEIGHT)
    for a in range(4):
        f[c.MEAN + a] = add_up(0.0, weight * read(states, a))
    coupled = i[c.COUPLED] != 0
    if coupled:
        f[c.MEAN + 4] = add_up(0.0, weight * read(states, c.H))
        f[c.HEIGHT_VAR] = add_up(0.0, weight * read(states, c.HH))
    re_anchor(f, states, coupled)


@merged_kernel
def update_track(
    k: int, floats: Floats, ints: Integers, states: Floats, sights: Integers, chances: Floats,
    plots: Floats, plot_ints: Integers, sensors: Floats, motions: Floats, lanes: Integers,
    origin_ns: int, g: Floats, local: Integers, mine: Integers, pairs: Integers, edges: Floats,
    y: Floats, work: Floats, kept_floats: Floats, kept_ints: Integers, kept_states: Floats, saved: Integers,
    log: Integers, counts: Integers, seen: Integers, times: Integers,
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
    keep_track(
        i, floats, ints, states, kept_floats, kept_ints, kept_states, saved, log, counts,
    )  # fmt: skip
    f, n = floats[i], ints[i]
    coupled = n[c.COUPLED] != 0
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
        hold_against(f, n, y, edges[best], plots[owned], plot_ints[owned], sensors)
    learn_place(states[i], y, coupled, begin, end, none, edges, foreign, work)
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
        learn_rate(states[i], coupled, rate, g[c.G_RATE_SIGMA] ** 2, ux, un)
    if back_s > 0.0:  # the plot was late: the track stays at its own time
        climb = climb_of(f, n, n[c.T])
        # without noise: what has happened since was in the state before it was carried back
        propagate(states[i], motions[n[c.GROUP]], False, coupled, climb, 0.0, back_s)
    else:
        n[c.T] = local[k, c.L_T]
    if edges[best, c.B] > 0.5:
        if i < saved.shape[0]:
            counts[c.K_SIGHTS] = keep_sight(
                i, plot_ints[owned, c.P_SENSOR], sights, seen, times, counts[c.K_SIGHTS]
            )
        learn_owned(
            i, owned, states, floats, ints, sights, chances, plots, plot_ints, sensors,
            origin_ns, g,
        )  # fmt: skip
    for e in range(begin, end):
        plots[mine[pairs[e]], c.CLAIM] += edges[e, c.B]
    settle(f, n, states[i])
    choose_group(f, n, states[i], motions, lanes, g, work)


@inner_kernel
def begin_track(
    i: int, p: int, floats: Floats, ints: Integers, states: Floats, sights: Integers,
    chances: Floats, circles: Floats, plots: Floats, plot_ints: Integers, sensors: Floats,
    motions: Floats, origin_ns: int, g: Floats,
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
    y, motion = states[i], motions[c.NEWBORN]
    for u in range(c.ROW):
        fill(y, u, 0.0)
    fill(y, c.H, height)
    fill(y, c.HH, height_var)
    fill(y, 4, r00 + gx * gx * height_var)
    fill(y, 6, r01 + gx * gy * height_var)
    fill(y, 11, r11 + gy * gy * height_var)
    fill(y, c.HX, gx * height_var)
    fill(y, c.HY, gy * height_var)
    if z[c.V_KNOWN] > 0.0:
        fill(y, 1, z[c.VX] * f[c.EX] + z[c.VX + 1] * f[c.EX + 1] + z[c.VX + 2] * f[c.EX + 2])
        fill(y, 3, z[c.VX] * f[c.NX] + z[c.VX + 1] * f[c.NX + 1] + z[c.VX + 2] * f[c.NX + 2])
        fill(y, 8, g[c.G_VELOCITY] ** 2)
        fill(y, 13, g[c.G_VELOCITY] ** 2)
    else:
        speed_var = read(motion, c.M_BIRTH) * read(motion, c.M_BIRTH)
        write(y, 8, speed_var)
        write(y, 13, speed_var)
    entry = read(motion, c.M_ENTRY)
    write(y, c.WEIGHT, entry / add_up(0.0, entry))
    for other in range(sensors.shape[0]):
        sights[i, other, c.HIT] = sights[i, other, c.DUE] = c.NEVER_MS
        chances[i, other, c.CHANCE] = sensors[other, c.S_PD] * (
            1.0 if other == s or sensors[other, c.S_PRIMARY] == 0.0 else 0.7
        )
    learn_owned(
        i, p, states, floats, ints, sights, chances, plots, plot_ints, sensors, origin_ns, g,
    )  # fmt: skip
    settle(f, n, states[i])
    circles[i, c.RADIUS] = min(
        4.0 * math.sqrt(2.0 * max(along, across)) + 1.5 * motion[c.M_BIRTH, 0],
        g[c.G_CELL],
    )
    circles[i, c.REACH], circles[i, c.SPREAD] = circles[i, c.RADIUS], -math.inf
    circles[i, c.CX], circles[i, c.CY] = z[c.PX], z[c.PX + 1]
    circles[i, c.CZ] = z[c.PX + 2]
