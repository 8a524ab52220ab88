"""Kernels that find which plots each track may own, and how probable each pairing is."""

import math

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._motion import coefficients, mix_and_predict, noise
from vedette.fusion._place import arc_m, arc_slope, surface
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import kernel

NS = 1e-9
HEIGHT_FRESH_S = 60.0
HEIGHT_SPREAD_M = 10_000.0  # heights of other objects spread over this much


@kernel
def hash_cell(x: int, y: int, z: int, mask: int) -> int:
    return int((x * 73_856_093) ^ (y * 19_349_663) ^ (z * 83_492_791)) & mask


@kernel
def climb_of(f: Floats, i: Integers, t_ns: int) -> float:
    """Vertical rate from the freshest kind of height [m/s]; 0 when none is fresh."""
    rate = 0.0
    if abs(t_ns - i[c.PRESSURE_T]) * NS < HEIGHT_FRESH_S:
        rate = f[c.PRESSURE + 1]
    elif abs(t_ns - i[c.GEOMETRIC_T]) * NS < HEIGHT_FRESH_S:
        rate = f[c.GEOMETRIC + 1]
    return float(min(max(rate, -300.0), 300.0))


@kernel
def drift_of(i: Integers, g: Floats) -> float:
    """Random walk of the height above WGS 84: little where heights are measured [m²/s]."""
    known = i[c.PRESSURE_T] > c.NEVER or i[c.GEOMETRIC_T] > c.NEVER
    return 25.0 if known else float(g[c.G_DRIFT])


@kernel
def height_factor(f: Floats, at: int, dt_s: float, measured: float, var: float, g: Floats) -> float:
    """Likelihood ratio of a measured height: this track's against that of any object."""
    if abs(dt_s) > HEIGHT_FRESH_S or math.isnan(measured):
        return 1.0
    spread = f[at + 2] + 2.0 * dt_s * f[at + 3] + dt_s * dt_s * f[at + 4]
    spread = max(spread, 0.0) + g[c.G_CLIMB] * abs(dt_s) ** 3 / 3.0 + var + 900.0
    miss = measured - f[at] - f[at + 1] * dt_s
    density = math.exp(-0.5 * miss * miss / spread) / math.sqrt(2.0 * math.pi * spread)
    return min(max(density * HEIGHT_SPREAD_M, 1e-3), 30.0)


@kernel
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


@kernel
def insert(
    track: int, f: Floats, g: Floats, head: Integers, nodes: Integers, counters: Integers
) -> None:
    """Enter a track in every cell that its gate touches; counts on when the node table is full."""
    cell, radius = g[c.G_CELL], f[c.RADIUS]
    x, y, z = f[c.CX], f[c.CX + 1], f[c.CX + 2]
    size = math.sqrt(x * x + y * y + z * z)
    mask = head.shape[0] - 1
    for ix in range(math.floor((x - radius) / cell), math.floor((x + radius) / cell) + 1):
        dx = max(ix * cell - x, x - (ix + 1) * cell, 0.0)
        for iy in range(math.floor((y - radius) / cell), math.floor((y + radius) / cell) + 1):
            dy = max(iy * cell - y, y - (iy + 1) * cell, 0.0)
            for iz in range(math.floor((z - radius) / cell), math.floor((z + radius) / cell) + 1):
                dz = max(iz * cell - z, z - (iz + 1) * cell, 0.0)
                if dx * dx + dy * dy + dz * dz > radius * radius:
                    continue
                mx, my, mz = (ix + 0.5) * cell, (iy + 0.5) * cell, (iz + 0.5) * cell
                # plots lie on the ellipsoid: cells off it are empty (0.87: half a cell's diagonal)
                if abs(math.sqrt(mx * mx + my * my + mz * mz) - size) > 0.87 * cell + 500.0:
                    continue
                node = counters[c.C_NODES]
                counters[c.C_NODES] += 1
                if node >= nodes.shape[0]:
                    continue
                h = hash_cell(ix, iy, iz, mask)
                nodes[node, 0], nodes[node, 1] = track, head[h]
                nodes[node, 2], nodes[node, 3], nodes[node, 4] = ix, iy, iz
                head[h] = node


@kernel
def index_tracks(
    middle_ns: int,
    half_s: float,
    plot_sigma_m: float,
    floats: Floats,
    ints: Integers,
    states: Floats,
    motions: Floats,
    g: Floats,
    head: Integers,
    nodes: Integers,
    counters: Integers,
) -> int:
    """Build the spatial hash for one window of time; returns the number of nodes that it needs."""
    for u in range(head.shape[0]):
        head[u] = -1
    counters[c.C_NODES] = 0
    gate = math.sqrt(g[c.G_GATE])
    for i in range(counters[c.C_HIGH]):
        if ints[i, c.STATUS] != c.TENTATIVE and ints[i, c.STATUS] != c.CONFIRMED:
            continue
        f = floats[i]
        dt_s = (middle_ns - ints[i, c.T]) * NS
        x = f[c.MEAN] + f[c.MEAN + 1] * dt_s
        n = f[c.MEAN + 2] + f[c.MEAN + 3] * dt_s
        reach = 0.0
        for m in range(states.shape[1]):
            y = states[i, m]
            a, b, _, _ = coefficients(motions[m], dt_s)
            off = math.hypot(y[0] + a * y[1] - b * y[3] - x, y[2] + b * y[1] + a * y[3] - n)
            var = (
                y[5] + y[14] + 2.0 * dt_s * (y[6] + y[15]) + dt_s * dt_s * (y[10] + y[17])
                + 2.0 * noise(motions[m], abs(dt_s))[0]
            )  # fmt: skip
            reach = max(reach, off + gate * math.sqrt(max(var, 0.0) + plot_sigma_m * plot_sigma_m))
        speed = math.hypot(f[c.MEAN + 1], f[c.MEAN + 3])
        f[c.RADIUS] = min(reach + speed * half_s + 300.0, g[c.G_GATE_MAX])
        f[c.CX], f[c.CX + 1], f[c.CX + 2] = surface(f, x, n)
        insert(i, f, g, head, nodes, counters)
    return int(counters[c.C_NODES])


@kernel
def edge_into(
    k: int,
    e: int,
    p: int,
    i: int,
    ahead_s: float,
    back_s: float,
    motions: Floats,
    floats: Floats,
    plots: Floats,
    predicted: Floats,
    mixture: Floats,
    edges: Floats,
    likelihoods: Floats,
    gate: float,
    distances: Floats,
) -> tuple[float, float]:
    """Write a plot's place in the plane of local track k into edge (k, e).

    ``ahead_s`` is the time of the prediction minus that of the plot (a fraction of a second); ``back_s`` is
    how far the track was carried back in time for a late plot. Returns the mixture's likelihood [1/m²] and
    the least squared distance over the models; the likelihood only where that lies inside the gate.
    """
    f, z, w, models = floats[i], plots[p], edges[k, e], predicted.shape[1]
    dx, dy, dz = z[c.PX] - f[c.AX], z[c.PX + 1] - f[c.AX + 1], z[c.PX + 2] - f[c.AX + 2]
    east = dx * f[c.EX] + dy * f[c.EX + 1] + dz * f[c.EX + 2]
    north = dx * f[c.NX] + dy * f[c.NX + 1] + dz * f[c.NX + 2]
    ux = z[c.UX] * f[c.EX] + z[c.UX + 1] * f[c.EX + 1] + z[c.UX + 2] * f[c.EX + 2]
    un = z[c.UX] * f[c.NX] + z[c.UX + 1] * f[c.NX + 1] + z[c.UX + 2] * f[c.NX + 2]
    size = math.hypot(ux, un)
    if size > 0.0:
        ux, un = ux / size, un / size
    else:
        ux, un = 1.0, 0.0
    vx = vn = height = height_var = late_var = 0.0
    for m in range(models):
        vx += mixture[k, m] * predicted[k, m, 1]
        vn += mixture[k, m] * predicted[k, m, 3]
        height += mixture[k, m] * predicted[k, m, 4]
        height_var += mixture[k, m] * predicted[k, m, 19]
        if back_s > 0.0:  # states go back without noise, so the late plot is the less certain one
            late_var += mixture[k, m] * noise(motions[m], back_s)[0]
    along, slope = z[c.VAR_U] + late_var, 0.0
    if z[c.FREE_HEIGHT] > 0.0:
        # the range says where the object is only together with its height
        height = min(max(height, -500.0), z[c.SITE_H] + 0.9 * z[c.SLANT])
        arc = arc_m(z[c.SLANT], z[c.SITE_H], height)
        slope = arc_slope(z[c.SLANT], z[c.SITE_H], height)
        east += ux * (arc - z[c.REF_ARC])
        north += un * (arc - z[c.REF_ARC])
        # second order of the arc in the height, 1/arc times its square, cannot be linearised away
        along += 0.5 * (height_var / max(arc, 0.1 * z[c.SLANT])) ** 2
    across = z[c.VAR_T] + late_var
    w[c.ZX], w[c.ZY] = east + vx * ahead_s, north + vn * ahead_s
    w[c.R00] = along * ux * ux + across * un * un
    w[c.R01] = (along - across) * ux * un
    w[c.R11] = along * un * un + across * ux * ux
    w[c.GX], w[c.GY] = ux * slope, un * slope
    likelihood, least = 0.0, np.inf
    for m in range(models):
        y = predicted[k, m]
        gx, gy = w[c.GX], w[c.GY]
        s00 = y[5] - 2.0 * gx * y[9] + gx * gx * y[19] + w[c.R00]
        s01 = y[7] - gy * y[9] - gx * y[16] + gx * gy * y[19] + w[c.R01]
        s11 = y[14] - 2.0 * gy * y[16] + gy * gy * y[19] + w[c.R11]
        det = max(s00 * s11 - s01 * s01, 1e-9)
        off = y[4] - height
        v0, v1 = w[c.ZX] + gx * off - y[0], w[c.ZY] + gy * off - y[2]
        d2 = max((s11 * v0 * v0 - 2.0 * s01 * v0 * v1 + s00 * v1 * v1) / det, 0.0)
        distances[m] = d2
        likelihoods[k, e, m] = 1.0 / (2.0 * math.pi * math.sqrt(det))
        least = min(least, d2)
    if least < gate:
        for m in range(models):
            likelihoods[k, e, m] *= math.exp(-0.5 * min(distances[m], 400.0))
            likelihood += mixture[k, m] * likelihoods[k, e, m]
    return likelihood, least


@kernel
def near(f: Floats, z: Floats) -> bool:
    """Whether a plot lies within the circle that holds all of a track's gates."""
    dx, dy, dz = z[c.PX] - f[c.CX], z[c.PX + 1] - f[c.CX + 1], z[c.PX + 2] - f[c.CX + 2]
    return bool(dx * dx + dy * dy + dz * dz < f[c.RADIUS] * f[c.RADIUS])


@kernel
def find_near(
    first: int, last: int, floats: Floats, ints: Integers, plots: Floats, plot_ints: Integers,
    g: Floats, head: Integers, nodes: Integers, counters: Integers, local: Integers,
    nearest: Floats,
) -> int:  # fmt: skip
    """Find every track near a plot of the batch.

    ``local`` gets, for each local track: its slot, no edges yet, the time of its nearest plot. Returns the
    number of local tracks.
    """
    counters[c.C_STAMP] += 1
    stamp, mask, n = counters[c.C_STAMP], head.shape[0] - 1, 0
    for p in range(first, last):
        gx, gy, gz = plot_ints[p, c.P_GRID], plot_ints[p, c.P_GRID + 1], plot_ints[p, c.P_GRID + 2]
        node = head[hash_cell(gx, gy, gz, mask)]
        while node >= 0:
            i = nodes[node, 0]
            if nodes[node, 2] == gx and nodes[node, 3] == gy and nodes[node, 4] == gz:
                f = floats[i]
                dx = plots[p, c.PX] - f[c.CX]
                dy = plots[p, c.PX + 1] - f[c.CX + 1]
                dz = plots[p, c.PX + 2] - f[c.CX + 2]
                d2 = dx * dx + dy * dy + dz * dz
                dt_s = (plot_ints[p, c.P_T] - ints[i, c.T]) * NS
                if d2 < f[c.RADIUS] * f[c.RADIUS] and dt_s > -g[c.G_LATE]:
                    if ints[i, c.MARK] != stamp:
                        ints[i, c.MARK], ints[i, c.LOCAL] = stamp, n
                        local[n, 0], local[n, 1], local[n, 2] = i, 0, plot_ints[p, c.P_T]
                        nearest[n] = d2
                        n += 1
                    elif d2 < nearest[ints[i, c.LOCAL]]:
                        nearest[ints[i, c.LOCAL]] = d2
                        local[ints[i, c.LOCAL], 2] = plot_ints[p, c.P_T]
            node = nodes[node, 1]
    return n


@kernel
def predict_local(
    n: int, floats: Floats, ints: Integers, states: Floats, weights: Floats, motions: Floats,
    g: Floats, local: Integers, predicted: Floats, mixture: Floats, scratch: Floats,
) -> None:  # fmt: skip
    """Move local tracks (slot and time in ``local``) to their times, mixed over the motions."""
    for k in range(n):
        i = local[k, 0]
        mix_and_predict(
            states[i], weights[i], motions, climb_of(floats[i], ints[i], local[k, 2]),
            drift_of(ints[i], g), (local[k, 2] - ints[i, c.T]) * NS,
            predicted[k], mixture[k], scratch,
        )  # fmt: skip


@kernel
def pair_up(
    first: int, last: int, floats: Floats, ints: Integers, hit: Integers, detection: Floats,
    plots: Floats, plot_ints: Integers, sensors: Floats, motions: Floats, g: Floats,
    head: Integers, nodes: Integers, counters: Integers, local: Integers, edge_plot: Integers,
    edges: Floats, likelihoods: Floats, predicted: Floats, mixture: Floats, scratch: Floats,
) -> None:  # fmt: skip
    """Keep the pairs of local track and plot that lie inside the gate of a motion, with their odds."""
    stamp, mask = counters[c.C_STAMP], head.shape[0] - 1
    for p in range(first, last):
        gx, gy, gz = plot_ints[p, c.P_GRID], plot_ints[p, c.P_GRID + 1], plot_ints[p, c.P_GRID + 2]
        node = head[hash_cell(gx, gy, gz, mask)]
        s = plot_ints[p, c.P_SENSOR]
        while node >= 0:
            i = nodes[node, 0]
            if (
                nodes[node, 2] == gx
                and nodes[node, 3] == gy
                and nodes[node, 4] == gz
                and ints[i, c.MARK] == stamp
                and near(floats[i], plots[p])
            ):
                k = ints[i, c.LOCAL]
                count = local[k, 1]
                slot = count
                if count == c.EDGES:  # full: the weakest makes room
                    slot = 0
                    for e in range(1, count):
                        if edges[k, e, c.W] < edges[k, slot, c.W]:
                            slot = e
                    weakest = edges[k, slot, c.W]
                ahead_s = (local[k, 2] - plot_ints[p, c.P_T]) * NS
                # measured beside the kept edges, so that a weaker one changes nothing
                value, d2 = edge_into(
                    k, c.EDGES, p, i, ahead_s, (ints[i, c.T] - local[k, 2]) * NS, motions,
                    floats, plots, predicted, mixture, edges, likelihoods, g[c.G_GATE], scratch,
                )  # fmt: skip
                if d2 < g[c.G_GATE]:
                    seen = detection[i, s]
                    if sensors[s, c.S_POLAR] > 0.0 and (
                        abs(plot_ints[p, c.P_T] - hit[i, s]) * NS < 0.5 * sensors[s, c.S_PERIOD]
                    ):
                        seen = g[c.G_SECOND]  # the beam has already been there
                    chance = floats[i, c.R] * seen
                    odds = (
                        chance * value * evidence(floats[i], ints[i], plots[p], plot_ints[p], g)
                        / (max(1.0 - chance, 1e-3) * plots[p, c.LAMBDA])
                    )  # fmt: skip
                    if count < c.EDGES:
                        local[k, 1] += 1
                    if count < c.EDGES or odds > weakest:
                        edge_plot[k, slot] = p
                        for u in range(c.EDGE_FLOATS):
                            edges[k, slot, u] = edges[k, c.EDGES, u]
                        for m in range(likelihoods.shape[2]):
                            likelihoods[k, slot, m] = likelihoods[k, c.EDGES, m]
                        edges[k, slot, c.W] = min(odds, 1e15)
            node = nodes[node, 1]


@kernel
def believe(
    n: int,
    first: int,
    last: int,
    rounds: int,
    local: Integers,
    edge_plot: Integers,
    edges: Floats,
    parent: Integers,
    totals: Floats,
    owner: Integers,
) -> None:
    """Probability of each pairing, by cluster: closed form alone, loopy belief propagation together.

    In a shared cluster the most probable joint pairing is fixed first and plots that it gives to one track
    are taken from the others: keeping every permutation pulls close tracks together (the idea of JPDA*,
    Blom and Bloem 2000). ``local[:, 3]`` chains the tracks of a cluster.
    Source of the messages: Williams and Lau, Approximate evaluation of marginal association
    probabilities with belief propagation (2014).
    """
    plots = last - first
    for a in range(n + plots):
        parent[a] = a
    for k in range(n):
        for e in range(local[k, 1]):
            a, b = k, n + edge_plot[k, e] - first
            while parent[a] != a:
                parent[a] = parent[parent[a]]
                a = parent[a]
            while parent[b] != b:
                parent[b] = parent[parent[b]]
                b = parent[b]
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
    for p in range(plots):
        owner[p] = -1
    # chain the tracks of each cluster, in ascending order; the root is its least track
    for k in range(n):
        local[k, 3] = local[k, 4] = -1
    for k in range(n):
        a = k
        while parent[a] != a:
            a = parent[a]
        if a != k:
            end = local[a, 4] if local[a, 4] >= 0 else a
            local[end, 3] = k
            local[a, 4] = k
    for root in range(n):
        a = root
        while parent[a] != a:
            a = parent[a]
        if a != root or local[root, 1] == 0:
            continue
        if local[root, 3] < 0:  # one track: its plots exclude each other and nothing else
            total = 1.0
            for e in range(local[root, 1]):
                total += edges[root, e, c.W]
            for e in range(local[root, 1]):
                edges[root, e, c.B] = edges[root, e, c.W] / total
            continue
        k = root
        while k >= 0:
            for e in range(local[k, 1]):
                edges[k, e, c.NU] = 1.0
            k = local[k, 3]
        for _ in range(rounds):
            k = root
            while k >= 0:
                for e in range(local[k, 1]):
                    totals[edge_plot[k, e] - first] = 0.0
                k = local[k, 3]
            k = root
            while k >= 0:
                total = 1.0
                for e in range(local[k, 1]):
                    total += edges[k, e, c.W] * edges[k, e, c.NU]
                for e in range(local[k, 1]):
                    rest = max(total - edges[k, e, c.W] * edges[k, e, c.NU], 1e-12)
                    edges[k, e, c.B] = edges[k, e, c.W] / rest
                    totals[edge_plot[k, e] - first] += edges[k, e, c.B]
                k = local[k, 3]
            change = 0.0
            k = root
            while k >= 0:
                for e in range(local[k, 1]):
                    rest = max(totals[edge_plot[k, e] - first] - edges[k, e, c.B], 0.0)
                    message = 1.0 / (1.0 + rest)
                    change = max(change, abs(message - edges[k, e, c.NU]))
                    edges[k, e, c.NU] = message
                k = local[k, 3]
            if change < 1e-4:
                break
        k = root
        while k >= 0:
            total = 1.0
            for e in range(local[k, 1]):
                total += edges[k, e, c.W] * edges[k, e, c.NU]
            for e in range(local[k, 1]):
                edges[k, e, c.B] = edges[k, e, c.W] * edges[k, e, c.NU] / total
            local[k, 5] = -1  # edge of the fixed pairing
            k = local[k, 3]
        while True:  # the most probable pairing, best first
            best, best_k, best_e = 0.2, -1, -1
            k = root
            while k >= 0:
                if local[k, 5] < 0:
                    for e in range(local[k, 1]):
                        if edges[k, e, c.B] > best and owner[edge_plot[k, e] - first] < 0:
                            best, best_k, best_e = edges[k, e, c.B], k, e
                k = local[k, 3]
            if best_k < 0:
                break
            local[best_k, 5] = best_e
            owner[edge_plot[best_k, best_e] - first] = best_k
        k = root
        while k >= 0:
            kept, none = 0.0, 1.0
            for e in range(local[k, 1]):
                none -= edges[k, e, c.B]
                taken = owner[edge_plot[k, e] - first]
                if taken >= 0 and taken != k:
                    edges[k, e, c.B] = 0.0
                kept += edges[k, e, c.B]
            total = max(none, 0.0) + kept
            if total > 0.0:
                for e in range(local[k, 1]):
                    edges[k, e, c.B] /= total
            k = local[k, 3]
