"""Kernels that let a track learn from the plots it may own, and that begin new tracks."""

import math

from vedette.fusion import _layout as c
from vedette.fusion._associate import NS, climb_of, insert
from vedette.fusion._motion import propagate
from vedette.fusion._place import arc_slope, re_anchor, set_anchor
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import kernel

EXISTENCE_MAX = 1.0 - 1e-7


@kernel
def vertical(
    f: Floats, i: Integers, at: int, t_column: int, bad: int, t_ns: int, z: float, var: float,
    rate: float, g: Floats,
) -> bool:  # fmt: skip
    """Filter one kind of height; false when the value was put aside as a garble."""
    dt_s = (t_ns - i[t_column]) * NS
    if i[t_column] == c.NEVER or dt_s > 120.0:
        f[at], f[at + 1], f[at + 2], f[at + 3], f[at + 4] = z, 0.0, var, 0.0, 400.0
        if not math.isnan(rate):
            f[at + 1], f[at + 4] = rate, 9.0
        i[t_column], i[bad] = t_ns, 0
        return True
    if dt_s < -1.0:
        return True  # late heights add little: the rate is already known
    if dt_s > 0.0:
        q = g[c.G_CLIMB]
        f[at] += f[at + 1] * dt_s
        f[at + 2] += 2.0 * dt_s * f[at + 3] + dt_s * dt_s * f[at + 4] + q * dt_s**3 / 3.0
        f[at + 3] += dt_s * f[at + 4] + q * dt_s * dt_s / 2.0
        f[at + 4] += q * dt_s
        i[t_column] = t_ns
    s = f[at + 2] + var
    miss = z - f[at]
    if miss * miss > 36.0 * s + 10_000.0:
        i[bad] += 1
        if i[bad] < 3:  # one or two may be garbled; three in a row are the truth
            return False
        f[at], f[at + 1], f[at + 2], f[at + 3], f[at + 4] = z, 0.0, var, 0.0, 400.0
        i[bad] = 0
        return True
    i[bad] = 0
    k0, k1 = f[at + 2] / s, f[at + 3] / s
    f[at] += k0 * miss
    f[at + 1] += k1 * miss
    f[at + 4] -= k1 * f[at + 3]
    f[at + 3] *= 1.0 - k0
    f[at + 2] *= 1.0 - k0
    if not math.isnan(rate):
        s = f[at + 4] + 4.0  # broadcast vertical rate: 64 ft/min steps, some lag
        miss = rate - f[at + 1]
        k0, k1 = f[at + 3] / s, f[at + 4] / s
        f[at] += k0 * miss
        f[at + 1] += k1 * miss
        f[at + 2] -= k0 * f[at + 3]
        f[at + 3] -= k0 * f[at + 4]
        f[at + 4] *= 1.0 - k1
    return True


@kernel
def learn_height(states: Floats, measured: float, var: float) -> None:
    """Scalar update of the height in every model state.

    A datum error stays the same from plot to plot, so the variance never falls below ``var``: it is
    reached once, and after that the value only steers.
    """
    for m in range(states.shape[0]):
        y = states[m]
        own = y[19]
        noise = var
        if own > var:
            noise = var * own / (own - var)
        noise = min(max(noise, var), 1e12)
        if own <= var:  # follow with a tenth, learn nothing
            y[4] += 0.1 * (measured - y[4])
            continue
        s = own + noise
        miss = measured - y[4]
        for a in range(c.STATE):
            y[a] += y[c.AT[a, 4]] / s * miss
        h0, h1, h2, h3 = y[9], y[13], y[16], y[18]
        gain = (h0, h1, h2, h3, own)
        for a in range(c.STATE):
            for b in range(a, c.STATE):
                y[c.AT[a, b]] -= gain[a] * gain[b] / s


@kernel
def learn_identity(i: Integers, f: Floats, z: Floats, k: Integers) -> None:
    """Take over what the plot says of itself; a changed address must be heard three times."""
    i[c.KINDS] |= 1 << k[c.P_KIND]
    if k[c.P_T] < i[c.COOPERATIVE]:
        return
    said = k[c.P_ICAO] >= 0 or k[c.P_CODE] >= 0 or k[c.P_CALLSIGN] != 0
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


@kernel
def pace_of(i: int, t_ns: int, hit: Integers, sensors: Floats) -> float:
    """Shortest period of the sensors that still see the track [s]."""
    pace = 1e9
    for s in range(sensors.shape[0]):
        if hit[i, s] > c.NEVER and (t_ns - hit[i, s]) * NS < 2.5 * sensors[s, c.S_PERIOD]:
            pace = min(pace, sensors[s, c.S_PERIOD])
    return pace


@kernel
def learn_owned(
    i: int, p: int, states: Floats, floats: Floats, ints: Integers, hit: Integers, due: Integers,
    detection: Floats, plots: Floats, plot_ints: Integers, sensors: Floats, g: Floats,
) -> None:  # fmt: skip
    """Everything but the place: heights, identity, which sensor saw it and when."""
    f, n, z, k = floats[i], ints[i], plots[p], plot_ints[p]
    s, t_ns = k[c.P_SENSOR], k[c.P_T]
    n[c.UPDATES] += 1
    n[c.UPDATED] = max(n[c.UPDATED], t_ns)
    hit[i, s] = max(hit[i, s], t_ns)
    due[i, s] = max(due[i, s], t_ns)
    detection[i, s] += 0.3 * (max(sensors[s, c.S_PD], 0.5) - detection[i, s])
    f[c.PACE] = pace_of(i, n[c.UPDATED], hit, sensors)
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
            learn_height(states[i], f[c.PRESSURE], spread * spread)
    if not math.isnan(z[c.Z_HAE]):
        good = vertical(
            f, n, c.GEOMETRIC, c.GEOMETRIC_T, c.GEOMETRIC_BAD, t_ns, z[c.Z_HAE],
            z[c.Z_HAE_VAR], z[c.Z_CLIMB], g,
        )  # fmt: skip
        if good and late_s < 1.0:
            learn_height(states[i], f[c.GEOMETRIC], max(f[c.GEOMETRIC + 2], 100.0))


@kernel
def update_tracks(
    n: int, floats: Floats, ints: Integers, states: Floats, weights: Floats, hit: Integers,
    due: Integers, detection: Floats, plots: Floats, plot_ints: Integers, sensors: Floats,
    motions: Floats, g: Floats, local: Integers, edge_plot: Integers, edges: Floats,
    likelihoods: Floats, predicted: Floats, mixture: Floats, scratch: Floats,
) -> None:  # fmt: skip
    """IMM-PDA update of every local track from the beliefs; existence; what the owned plot says."""
    models = states.shape[1]
    share = scratch[: c.EDGES]
    gain = scratch[c.EDGES : c.EDGES + 36]
    for k in range(n):
        i, count = local[k, 0], local[k, 1]
        none = 1.0
        for e in range(count):
            none -= edges[k, e, c.B]
        none = max(none, 0.0)
        if count == 0 or none > 0.999:
            continue
        back_s = (ints[i, c.T] - local[k, 2]) * NS
        # not being paired costs nothing here: whether the beam has passed is settled at the tick
        floats[i, c.R] = min((1.0 - none) + none * floats[i, c.R], EXISTENCE_MAX)
        total, height = 0.0, 0.0
        for m in range(models):
            height += mixture[k, m] * predicted[k, m, 4]
        for m in range(models):
            y, x = predicted[k, m], states[i, m]
            sum_share = none + 1e-12
            for e in range(count):
                value = 1e-300
                for other in range(models):
                    value += mixture[k, other] * likelihoods[k, e, other]
                share[e] = edges[k, e, c.B] * likelihoods[k, e, m] / value
                sum_share += share[e]
            weights[i, m] = mixture[k, m] * sum_share
            total += weights[i, m]
            for u in range(c.ROW):
                gain[15 + u] = 0.0  # shift of the mean (5), change of the covariance (15)
            for e in range(count):
                part = share[e] / sum_share
                if part < 1e-6:
                    continue
                gx, gy = edges[k, e, c.GX], edges[k, e, c.GY]
                s00 = y[5] - 2.0 * gx * y[9] + gx * gx * y[19] + edges[k, e, c.R00]
                s01 = y[7] - gy * y[9] - gx * y[16] + gx * gy * y[19] + edges[k, e, c.R01]
                s11 = y[14] - 2.0 * gy * y[16] + gy * gy * y[19] + edges[k, e, c.R11]
                off = y[4] - height
                v0 = edges[k, e, c.ZX] + gx * off - y[0]
                v1 = edges[k, e, c.ZY] + gy * off - y[2]
                for a in range(c.STATE):
                    c0 = y[c.AT[a, 0]] - gx * y[c.AT[a, 4]]
                    c1 = y[c.AT[a, 2]] - gy * y[c.AT[a, 4]]
                    # whitened columns (Cholesky of S): K·S·Kᵀ is their outer product
                    root = math.sqrt(s00)
                    low = s01 / root
                    last = math.sqrt(max(s11 - low * low, 1e-9))
                    w0 = c0 / root
                    w1 = (c1 - low * w0) / last
                    gain[a], gain[5 + a] = w0, w1
                    n0 = v0 / root
                    n1 = (v1 - low * n0) / last
                    gain[10 + a] = w0 * n0 + w1 * n1
                    gain[15 + a] += part * gain[10 + a]
                at = 20
                for a in range(c.STATE):
                    for b in range(a, c.STATE):
                        gain[at] += part * (
                            gain[10 + a] * gain[10 + b]
                            - gain[a] * gain[b]
                            - gain[5 + a] * gain[5 + b]
                        )
                        at += 1
            at = 5
            for a in range(c.STATE):
                x[a] = y[a] + gain[15 + a]
                for b in range(a, c.STATE):
                    x[at] = y[at] + gain[15 + at] - gain[15 + a] * gain[15 + b]
                    at += 1
            x[5], x[14] = max(x[5], 1e-2), max(x[14], 1e-2)
            x[10], x[17], x[19] = max(x[10], 1e-4), max(x[17], 1e-4), max(x[19], 1e-2)
        norm = 0.0
        for m in range(models):
            weights[i, m] = max(weights[i, m] / total, 1e-5)
            norm += weights[i, m]
        for m in range(models):
            weights[i, m] /= norm
        if back_s > 0.0:  # the plot was late: the track stays at its own time
            climb = climb_of(floats[i], ints[i], ints[i, c.T])
            for m in range(models):
                # without noise: what has happened since was in the state before it was carried back
                propagate(states[i, m], motions[m], False, climb, 0.0, back_s)
        else:
            ints[i, c.T] = local[k, 2]
        best = 0
        for e in range(1, count):
            if edges[k, e, c.B] > edges[k, best, c.B]:
                best = e
        if edges[k, best, c.B] > 0.5:
            learn_owned(
                i, edge_plot[k, best], states, floats, ints, hit, due, detection, plots, plot_ints,
                sensors, g,
            )  # fmt: skip
        for e in range(count):
            plots[edge_plot[k, e], c.CLAIM] += edges[k, e, c.B]
        settle(floats[i], states[i], weights[i])


@kernel
def settle(f: Floats, states: Floats, weights: Floats) -> None:
    """Mean over the models, and a new anchor where the track has moved far."""
    for a in range(c.STATE):
        f[c.MEAN + a] = 0.0
        for m in range(states.shape[0]):
            f[c.MEAN + a] += weights[m] * states[m, a]
    re_anchor(f, states)


@kernel
def begin_tracks(
    first: int, last: int, floats: Floats, ints: Integers, states: Floats, weights: Floats,
    hit: Integers, due: Integers, detection: Floats, free: Integers, plots: Floats,
    plot_ints: Integers, sensors: Floats, motions: Floats, g: Floats, head: Integers,
    nodes: Integers, counters: Integers,
) -> None:  # fmt: skip
    """A tentative track for every plot of the batch that no track has claimed."""
    for p in range(first, last):
        z, k = plots[p], plot_ints[p]
        if z[c.CLAIM] >= 0.5:
            continue
        if counters[c.C_FREE] == 0:
            counters[c.C_OVERFLOW] += 1
            continue
        counters[c.C_FREE] -= 1
        i = free[counters[c.C_FREE]]
        counters[c.C_HIGH] = max(counters[c.C_HIGH], i + 1)
        f, n, s, t_ns = floats[i], ints[i], k[c.P_SENSOR], k[c.P_T]
        for u in range(c.FLOATS):
            f[u] = 0.0
        for u in range(c.INTEGERS):
            n[u] = -1
        n[c.STATUS], n[c.T], n[c.BIRTH], n[c.UPDATED], n[c.KEY] = (
            c.TENTATIVE, t_ns, t_ns, t_ns, k[c.P_KEY],
        )  # fmt: skip
        n[c.CALLSIGN] = n[c.CATEGORY] = n[c.MILITARY] = 0
        n[c.COOPERATIVE] = n[c.PRESSURE_T] = n[c.GEOMETRIC_T] = c.NEVER
        n[c.UPDATES] = n[c.KINDS] = n[c.PRESSURE_BAD] = n[c.GEOMETRIC_BAD] = n[c.OTHER_ICAO] = 0
        n[c.PARTNER_CHECKS] = n[c.PARTNER_UPDATES] = n[c.ADDRESSED] = n[c.MARK] = 0
        n[c.BIRTH_SENSOR], n[c.BIRTH_CELL] = s, k[c.P_CELL]
        f[c.R] = (1.0 - z[c.CLAIM]) * z[c.R_BIRTH]
        set_anchor(f, z[c.PX], z[c.PX + 1], z[c.PX + 2])
        ux = z[c.UX] * f[c.EX] + z[c.UX + 1] * f[c.EX + 1] + z[c.UX + 2] * f[c.EX + 2]
        un = z[c.UX] * f[c.NX] + z[c.UX + 1] * f[c.NX + 1] + z[c.UX + 2] * f[c.NX + 2]
        along, across = z[c.VAR_U], z[c.VAR_T]
        height, height_var = g[c.G_HEIGHT], g[c.G_HEIGHT_SIGMA] ** 2
        gx = gy = 0.0
        if z[c.FREE_HEIGHT] > 0.0:  # place and height hang together through the slant range
            height = z[c.REF_H]
            slope = arc_slope(z[c.SLANT], z[c.SITE_H], z[c.REF_H])
            gx, gy = ux * slope, un * slope
            along += 0.5 * (height_var / max(z[c.REF_ARC], 0.1 * z[c.SLANT])) ** 2
        r00 = along * ux * ux + across * un * un
        r01 = (along - across) * ux * un
        r11 = along * un * un + across * ux * ux
        total = 0.0
        for m in range(motions.shape[0]):
            y = states[i, m]
            for u in range(c.ROW):
                y[u] = 0.0
            y[4], y[19] = height, height_var
            y[5], y[7] = r00 + gx * gx * height_var, r01 + gx * gy * height_var
            y[14] = r11 + gy * gy * height_var
            y[9], y[16] = gx * height_var, gy * height_var
            if z[c.V_KNOWN] > 0.0:
                y[1] = z[c.VX] * f[c.EX] + z[c.VX + 1] * f[c.EX + 1] + z[c.VX + 2] * f[c.EX + 2]
                y[3] = z[c.VX] * f[c.NX] + z[c.VX + 1] * f[c.NX + 1] + z[c.VX + 2] * f[c.NX + 2]
                y[10] = y[17] = g[c.G_VELOCITY] ** 2
            else:
                y[10] = y[17] = motions[m, c.M_BIRTH] ** 2
            weights[i, m] = motions[m, c.M_ENTRY]
            total += motions[m, c.M_ENTRY]
        for m in range(motions.shape[0]):
            weights[i, m] /= total
        for other in range(sensors.shape[0]):
            hit[i, other] = due[i, other] = c.NEVER
            detection[i, other] = sensors[other, c.S_PD] * (
                1.0 if other == s or sensors[other, c.S_PRIMARY] == 0.0 else 0.7
            )
        learn_owned(i, p, states, floats, ints, hit, due, detection, plots, plot_ints, sensors, g)
        settle(f, states[i], weights[i])
        f[c.RADIUS] = min(
            4.0 * math.sqrt(2.0 * max(along, across)) + 1.5 * motions[0, c.M_BIRTH], g[c.G_CELL]
        )
        f[c.CX], f[c.CX + 1], f[c.CX + 2] = z[c.PX], z[c.PX + 1], z[c.PX + 2]
        insert(i, f, g, head, nodes, counters)
