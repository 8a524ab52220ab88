"""Kernels that run the plots of a window: association, update, birth."""

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._associate import CONE, NS, OVERHEAD, believe, climb_of, evidence, weigh
from vedette.fusion._index import WIDE, insert, list_cell, list_near, var_of, wide_key
from vedette.fusion._motion import mix_and_predict
from vedette.fusion._update import begin_track, update_track
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel, merged_kernel, prefetch

AHEAD = 2  # components by which plots are asked for before they are read
OVERHEAD_SLANT = (1.0 + CONE * CONE) ** 0.5  # slant range to height at the edge of the cone


@merged_kernel
def drift_of(i: Integers, g: Floats) -> float:
    """Random walk of the height above WGS 84: little where heights are measured [m²/s]."""
    known = i[c.PRESSURE_T] > c.NEVER or i[c.GEOMETRIC_T] > c.NEVER
    return 25.0 if known else float(g[c.G_DRIFT])


@merged_kernel
def predict_track(
    i: int, t_ns: int, floats: Floats, ints: Integers, states: Floats, motions: Floats,
    lanes: Integers, g: Floats, y: Floats, work: Floats,
) -> None:  # fmt: skip
    """Move track i to a time, mixed over its motions."""
    n = ints[i]
    group = n[c.GROUP]
    mix_and_predict(
        states[i], motions[group], lanes[group], n[c.COUPLED] != 0,
        climb_of(floats[i], n, t_ns), drift_of(n, g), (t_ns - n[c.T]) * NS, y, work,
    )  # fmt: skip


@merged_kernel
def weigh_pairs(
    k: int, floats: Floats, ints: Integers, sights: Integers, chances: Floats, plots: Floats,
    plot_ints: Integers, sensors: Floats, motions: Floats, origin_ns: int, g: Floats,
    local: Integers, mine: Integers, pairs: Integers, edges: Floats, y: Floats,
) -> None:  # fmt: skip
    """Keep those pairs of a local track that lie inside the gate of a lane, with their odds."""
    i, begin = local[k, c.L_SLOT], local[k, c.L_FIRST]
    f, n = floats[i], ints[i]
    group, kept = n[c.GROUP], 0
    back_s = (n[c.T] - local[k, c.L_T]) * NS
    for e in range(begin, begin + local[k, c.L_COUNT]):
        a = pairs[e]
        p = mine[a]
        w = edges[begin + kept]
        if not weigh(
            f, plots[p], y, n[c.COUPLED] != 0, motions[group],
            (local[k, c.L_T] - plot_ints[p, c.P_T]) * NS, back_s, g[c.G_GATE], w,
        ):  # fmt: skip
            continue
        s = plot_ints[p, c.P_SENSOR]
        seen = chances[i, s, c.CHANCE]
        since_ms = abs((plot_ints[p, c.P_T] - origin_ns) // 1_000_000 - sights[i, s, c.HIT])
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
        pairs[begin + kept] = a
        kept += 1
    local[k, c.L_COUNT] = kept


@inner_kernel
def pair_group(
    m: int, stamp: int, begin: int, circles: Floats, plots: Floats, plot_ints: Integers,
    mine: Integers, links: Integers, candidates: Integers,
    marks: Integers, local: Integers, pairs: Integers, nearest: Floats,
) -> int:  # fmt: skip
    """Local tracks of the group's plots and their pairs by track; returns the number of tracks.

    ``mine`` are the plots; ``local`` gets one row for each track (see ``_layout``); the first row of
    ``pairs`` (3, room) the plots' places in the group by track, in the order of the plots.
    """
    n = found = 0
    for a in range(m):
        p = mine[a]
        t = plot_ints[p, c.P_T]
        start = links[p - begin, c.N_START]
        for u in range(start, start + links[p - begin, c.N_COUNT]):
            i = candidates[u]
            dx = plots[p, c.PX] - circles[i, c.CX]
            dy = plots[p, c.PX + 1] - circles[i, c.CY]
            dz = plots[p, c.PX + 2] - circles[i, c.CZ]
            d2 = dx * dx + dy * dy + dz * dz
            if marks[i, 0] != stamp:
                marks[i, 0], marks[i, 1] = stamp, n
                local[n, c.L_SLOT], local[n, c.L_T], local[n, c.L_COUNT] = i, t, 0
                nearest[n] = d2
                n += 1
            k = marks[i, 1]
            if d2 < nearest[k]:
                nearest[k] = d2
                local[k, c.L_T] = t
            local[k, c.L_COUNT] += 1
            pairs[1, found], pairs[2, found] = k, a
            found += 1
    at = 0
    for k in range(n):
        local[k, c.L_FIRST] = at
        at += local[k, c.L_COUNT]
        local[k, c.L_COUNT] = 0
    for e in range(found):
        k = pairs[1, e]
        pairs[0, local[k, c.L_FIRST] + local[k, c.L_COUNT]] = pairs[2, e]
        local[k, c.L_COUNT] += 1
    return n


@inner_kernel
def list_unclaimed(
    batch: int, bounds: Integers, start: int, var_max: float, newest_ns: int, ints: Integers,
    plots: Floats, plot_ints: Integers, g: Floats, head: Integers, nodes: Floats, near: Integers,
    mine: Integers, links: Integers, candidates: Integers,
) -> tuple[int, bool]:  # fmt: skip
    """The plots of a batch that no track has claimed, as a chain; their number, and whether any track is near.

    Asked are only the tracks that have begun in this window.
    """
    m = used = 0
    begin = bounds[start]
    for p in range(bounds[batch], bounds[batch + 1]):
        if plots[p, c.CLAIM] >= 0.5:
            continue
        link = links[p - begin]
        link[c.N_BATCH], link[c.N_NEXT] = batch, -1
        if m > 0:
            before = links[mine[m - 1] - begin]
            before[c.N_NEXT], before[c.N_AFTER] = p, batch
        mine[m] = p
        m += 1
        around = list_cell(wide_key(plot_ints[p, c.P_GRID]), head, nodes, near)
        used = list_near(
            p, begin, var_of(p, plots, var_max), newest_ns, g, ints, plots, plot_ints, nodes, near, around,
            links, candidates, used, candidates.shape[0],
        )  # fmt: skip
    return m, used > 0


@inner_kernel
def begin_tracks(
    m: int, mine: Integers, floats: Floats, ints: Integers, states: Floats, sights: Integers,
    chances: Floats, circles: Floats, free: Integers, counters: Integers, plots: Floats,
    plot_ints: Integers, sensors: Floats, motions: Floats, origin_ns: int, g: Floats, head: Integers,
    nodes: Floats,
) -> None:  # fmt: skip
    """A track for each of the plots that is still unclaimed, entered in the hash of this window's newborns."""
    for a in range(m):
        p = mine[a]
        if plots[p, c.CLAIM] >= 0.5:
            continue
        if counters[c.C_FREE] == 0:
            counters[c.C_OVERFLOW] += 1
            continue
        counters[c.C_FREE] -= 1
        i = free[counters[c.C_FREE]]
        counters[c.C_HIGH] = max(counters[c.C_HIGH], i + 1)
        begin_track(
            i, p, floats, ints, states, sights, chances, circles, plots, plot_ints,
            sensors, motions, origin_ns, g,
        )  # fmt: skip
        counters[c.C_NODES] = insert(
            i,
            circles,
            circles[i, c.RADIUS],
            g[c.G_CELL] * (1 << WIDE),
            head,
            nodes,
            counters[c.C_NODES],
        )


@merged_kernel
def fetch_plot(p: int, begin: int, plots: Floats, plot_ints: Integers, links: Integers) -> None:
    """Ask for what is read of a plot, some time before it is."""
    prefetch(links, p - begin, 0)
    for line in range(0, 8 * c.PLOT_FLOATS, c.LINE):
        prefetch(plots, p, line)
    for line in range(0, 8 * c.PLOT_INTEGERS, c.LINE):
        prefetch(plot_ints, p, line)


@merged_kernel
def fetch_track(i: int, floats: Floats, ints: Integers, states: Floats) -> None:
    """Ask for what is read of a track."""
    for line in range(0, 8 * c.LANES * c.ROW, c.LINE):
        prefetch(states, i, line)
    for line in range(0, 8 * c.FLOATS, c.LINE):
        prefetch(floats, i, line)
    for line in range(0, 8 * c.INTEGERS, c.LINE):
        prefetch(ints, i, line)


@bare_kernel
def run_plots(
    births: bool, first: int, last: int, stamp: int, bounds: Integers, start: int, starts: Integers,
    var_max: float, newest_ns: int,
    floats: Floats, ints: Integers, states: Floats, sights: Integers, chances: Floats, circles: Floats,
    free: Integers, counters: Integers, plots: Floats, plot_ints: Integers, sensors: Floats,
    motions: Floats, lanes: Integers, origin_ns: int, g: Floats, head: Integers, nodes: Floats,
    near: Integers, mine: Integers, links: Integers, candidates: Integers, marks: Integers,
    kept_floats: Floats, kept_ints: Integers, kept_states: Floats, saved: Integers, log: Integers,
    counts: Integers, seen: Integers, times: Integers,
    local: Integers, pairs: Integers, edges: Floats, predicted: Floats, nearest: Floats,
    parent: Integers, totals: Floats, owner: Integers, choice: Integers, weight: Floats,
    work: Floats,
) -> int:  # fmt: skip
    """Plots of a window against the tracks near them, batch after batch; returns the next stamp.

    In each batch the tracks near its plots compete for them, and learn. The window begins with batch ``start``.

    Without ``births`` from ``first`` to ``last`` are components, each taken through all its batches. They share
    no track and no plot, so they may run side by side. Taking one through the whole window keeps its tracks near
    the processor while every sensor that sees them reports.

    With ``births`` they are batches, of what no track has claimed: it goes to tracks that began in this window,
    or begins one. Both are one kernel, since all that is between takes long to compile.

    Copies are kept of the tracks of which ``saved`` has a place, from ``kept_floats`` on as ``keep_track`` says,
    and of what a sensor knew of them, in ``seen`` (track, sensor) and ``times``.
    """
    begin = bounds[start]
    if births:
        head[:] = -1
        counters[c.C_NODES] = 0
    for at in range(first, last):
        count, p = 0, np.int64(-1)
        if births:
            count, near_any = list_unclaimed(
                at, bounds, start, var_max, newest_ns, ints, plots, plot_ints, g, head, nodes, near,
                mine, links, candidates,
            )  # fmt: skip
            if near_any:
                p = mine[0]
        else:
            p = starts[at]
            # components lie anywhere in memory, and are short: the next ones are on their way meanwhile
            if at + AHEAD < last:
                fetch_plot(starts[at + AHEAD], begin, plots, plot_ints, links)
            if at + 1 < last:
                q = starts[at + 1]
                i = candidates[links[q - begin, c.N_START]]
                fetch_track(i, floats, ints, states)
                prefetch(sights, i, c.SIGHT_BYTES * plot_ints[q, c.P_SENSOR])
        while p >= 0:
            q, batch, m, more = p, links[p - begin, c.N_BATCH], 0, True
            while more:
                mine[m] = p
                m += 1
                link = links[p - begin]
                p = link[c.N_NEXT]
                more = p >= 0 and link[c.N_AFTER] == batch
            if p >= 0:
                fetch_plot(int(p), begin, plots, plot_ints, links)
            # the ordinary case: one plot near one track
            single = m == 1 and links[q - begin, c.N_COUNT] == 1
            if single:
                n, pairs[0, 0] = 1, 0
                local[0, c.L_SLOT], local[0, c.L_T] = (
                    candidates[links[q - begin, c.N_START]],
                    plot_ints[q, c.P_T],
                )
                local[0, c.L_FIRST], local[0, c.L_COUNT] = 0, 1
            else:
                n = pair_group(
                    m, stamp, begin, circles, plots, plot_ints, mine, links, candidates, marks, local, pairs,
                    nearest,
                )  # fmt: skip
            for k in range(n):
                i = local[k, c.L_SLOT]
                prefetch(sights, i, c.SIGHT_BYTES * ints[i, c.PACE_SENSOR])
                predict_track(
                    local[k, c.L_SLOT], local[k, c.L_T], floats, ints, states, motions, lanes, g,
                    predicted[k], work,
                )  # fmt: skip
                weigh_pairs(
                    k, floats, ints, sights, chances, plots, plot_ints, sensors, motions, origin_ns, g,
                    local, mine, pairs[0], edges, predicted[k],
                )  # fmt: skip
            if p >= 0:  # the next plot has come by now, and is most probably of this track
                prefetch(sights, local[0, c.L_SLOT], c.SIGHT_BYTES * plot_ints[p, c.P_SENSOR])
                prefetch(candidates, links[p - begin, c.N_START], 0)
            if single:
                edges[0, c.B] = edges[0, c.W] / (1.0 + edges[0, c.W])
            else:
                believe(
                    n, m, int(g[c.G_ROUNDS]), ints, local, pairs[0], edges, parent, totals, owner, choice,
                    weight, pairs[1:],
                )  # fmt: skip
            for k in range(n):
                update_track(
                    k, floats, ints, states, sights, chances, plots, plot_ints, sensors, motions,
                    lanes, origin_ns, g, local, mine, pairs[0], edges, predicted[k], work, kept_floats,
                    kept_ints, kept_states, saved, log, counts, seen, times,
                )  # fmt: skip
            stamp += 1
        if births:
            begin_tracks(
                count, mine, floats, ints, states, sights, chances, circles, free, counters, plots,
                plot_ints, sensors, motions, origin_ns, g, head, nodes,
            )  # fmt: skip
    return stamp
