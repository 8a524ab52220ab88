"""The kernel that runs the batches of a tick: association, update, birth."""

from vedette.fusion import _layout as c
from vedette.fusion._associate import CONE, NS, OVERHEAD, believe, climb_of, evidence, weigh
from vedette.fusion._index import find_pairs, index_tracks, insert
from vedette.fusion._motion import mix_and_predict
from vedette.fusion._update import begin_track, update_track
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import kernel

OVERHEAD_SLANT = (1.0 + CONE * CONE) ** 0.5  # slant range to height at the edge of the cone


@kernel
def drift_of(i: Integers, g: Floats) -> float:
    """Random walk of the height above WGS 84: little where heights are measured [m²/s]."""
    known = i[c.PRESSURE_T] > c.NEVER or i[c.GEOMETRIC_T] > c.NEVER
    return 25.0 if known else float(g[c.G_DRIFT])


@kernel
def predict_track(
    i: int, t_ns: int, floats: Floats, ints: Integers, states: Floats, motions: Floats,
    lanes: Integers, g: Floats, y: Floats, work: Floats,
) -> None:  # fmt: skip
    """Move track i to a time, mixed over its motions."""
    n = ints[i]
    group = n[c.GROUP]
    mix_and_predict(
        states[i], motions[group, : lanes[group]], n[c.COUPLED] != 0,
        climb_of(floats[i], n, t_ns), drift_of(n, g), (t_ns - n[c.T]) * NS, y, work,
    )  # fmt: skip


@kernel
def weigh_pairs(
    k: int, floats: Floats, ints: Integers, hit: Integers, detection: Floats, plots: Floats,
    plot_ints: Integers, sensors: Floats, motions: Floats, lanes: Integers, origin_ns: int,
    g: Floats, local: Integers, pairs: Integers, edges: Floats, y: Floats,
) -> None:  # fmt: skip
    """Keep those pairs of a local track that lie inside the gate of a lane, with their odds."""
    i, begin = local[k, c.L_SLOT], local[k, c.L_FIRST]
    f, n = floats[i], ints[i]
    group, kept = n[c.GROUP], 0
    back_s = (n[c.T] - local[k, c.L_T]) * NS
    for e in range(begin, begin + local[k, c.L_COUNT]):
        p = pairs[e]
        w = edges[begin + kept]
        if not weigh(
            f, plots[p], y, lanes[group], n[c.COUPLED] != 0, motions[group],
            (local[k, c.L_T] - plot_ints[p, c.P_T]) * NS, back_s, g[c.G_GATE], w,
        ):  # fmt: skip
            continue
        s = plot_ints[p, c.P_SENSOR]
        seen = detection[s, i]
        since_ms = abs((plot_ints[p, c.P_T] - origin_ns) // 1_000_000 - hit[s, i])
        if sensors[s, c.S_POLAR] > 0.0 and since_ms < 500.0 * sensors[s, c.S_PERIOD]:
            seen = g[c.G_SECOND]  # the beam has already been there
        # what says that it is overhead and is seen all the same is less likely to be of this track
        up = f[c.MEAN + 4] - plots[p, c.SITE_H]
        if plots[p, c.SLANT] > 0.0 and up > 0.0 and plots[p, c.SLANT] < OVERHEAD_SLANT * up:
            seen *= OVERHEAD
        chance = f[c.R] * seen
        odds = chance * w[c.MIXED] * evidence(f, n, plots[p], plot_ints[p], g)
        odds /= max(1.0 - chance, 1e-3) * plots[p, c.LAMBDA]
        w[c.W] = min(odds, 1e15)
        if n[c.UPDATES] >= 3 or sensors[s, c.S_YOUNG] > 0.0:
            plots[p, c.CROWD] += 1.0
        pairs[begin + kept] = p
        kept += 1
    local[k, c.L_COUNT] = kept


@kernel
def fuse_batches(
    bounds: Integers, windows: Integers, window_ns: int, floats: Floats, ints: Integers,
    states: Floats, hit: Integers, due: Integers, detection: Floats, circles: Floats,
    free: Integers, counters: Integers, plots: Floats, plot_ints: Integers, sensors: Floats, motions: Floats,
    lanes: Integers, origin_ns: int, g: Floats, head: Integers, nodes: Floats, marks: Integers,
    local: Integers, pairs: Integers, edges: Floats, predicted: Floats, nearest: Floats,
    parent: Integers, totals: Floats, owner: Integers, choice: Integers, weight: Floats,
    work: Floats,
) -> int:  # fmt: skip
    """Run batches from ``counters[C_BATCH]`` on; returns 0 when all are done.

    Stops before a window for which there may be too little room: 1 for tracks, else the number of nodes of
    the hash that it needs.
    """
    batches = windows.shape[0]
    while counters[c.C_BATCH] < batches:
        start = counters[c.C_BATCH]
        stop = start
        while stop < batches and windows[stop] == windows[start]:
            stop += 1
        begin, end = bounds[start], bounds[stop]
        # births cannot be more than the plots, so there is room for all before the window begins
        if counters[c.C_FREE] < end - begin and ints.shape[0] < g[c.G_TRACKS]:
            return 1
        sigma2 = 1.0
        for p in range(begin, end):
            sigma2 = max(sigma2, plots[p, c.VAR_U], plots[p, c.VAR_T])
        need = index_tracks(
            windows[start] * window_ns + window_ns // 2, 0.5 * NS * window_ns,
            min(sigma2**0.5, 4_000.0), floats, ints, states, motions, lanes, g, circles, head,
            nodes, counters,
        )  # fmt: skip
        need += 27 * (end - begin)  # what newborns may touch
        if need > nodes.shape[0]:
            return int(need)
        for b in range(start, stop):
            first, last = bounds[b], bounds[b + 1]
            n = find_pairs(
                first, last, g[c.G_LATE], ints, marks, plots, plot_ints, head, nodes, counters,
                local, pairs, nearest,
            )  # fmt: skip
            for k in range(n):
                predict_track(
                    local[k, c.L_SLOT], local[k, c.L_T], floats, ints, states, motions, lanes, g,
                    predicted[k], work,
                )  # fmt: skip
                weigh_pairs(
                    k, floats, ints, hit, detection, plots, plot_ints, sensors, motions, lanes,
                    origin_ns, g, local, pairs[0], edges, predicted[k],
                )  # fmt: skip
            believe(
                n, first, last, int(g[c.G_ROUNDS]), ints, local, pairs[0], edges, parent, totals,
                owner, choice, weight,
            )  # fmt: skip
            for k in range(n):
                update_track(
                    k, floats, ints, states, hit, due, detection, plots, plot_ints, sensors, motions,
                    lanes, origin_ns, g, local, pairs[0], edges, predicted[k], work,
                )  # fmt: skip
            for p in range(first, last):
                if plots[p, c.CLAIM] >= 0.5:
                    continue
                if counters[c.C_FREE] == 0:
                    counters[c.C_OVERFLOW] += 1
                    continue
                counters[c.C_FREE] -= 1
                i = free[counters[c.C_FREE]]
                counters[c.C_HIGH] = max(counters[c.C_HIGH], i + 1)
                begin_track(
                    i, p, floats, ints, states, hit, due, detection, circles, plots, plot_ints, sensors,
                    motions, lanes, origin_ns, g,
                )  # fmt: skip
                insert(i, circles, g[c.G_CELL], head, nodes, counters)
        counters[c.C_BATCH] = stop
    return 0
