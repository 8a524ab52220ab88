"""Kernels of the spatial hash: which tracks may own a plot, found by the cell in which it lies."""

import math

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._associate import find_root
from vedette.fusion._motion import coefficients, noise
from vedette.fusion._place import grid_key, surface
from vedette.model._lanes import larger, most, read, sqrt, where
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel, prefetch

NS = 1e-9
AHEAD = 9  # plots by which a plot is asked for before it is read
REGION_M = 64_000.0
# tracks in doubt have wide gates, which would touch some thirty cells each: theirs are wider by two to this power
WIDE = 2
LEFT_OUT, SURE, WEAK = 0, 1, 2  # where a track is entered
LEAST_VAR = 100.0**2  # of plots, from which on they are counted by their variance [m²]
BEYOND_DOUBT = 0.999  # existence of a confirmed track that is asked first whether a plot is its own


@inner_kernel
def hash_of(key: int, mask: int) -> int:
    """Slot of a grid cell in a table of ``mask`` + 1 places (multiplicative hashing)."""
    return int(
        ((key * 73_856_093) ^ ((key >> 16) * 19_349_663) ^ ((key >> 32) * 83_492_791)) & mask
    )


@bare_kernel
def wide_key(key: int) -> int:
    """The wide cell of a grid cell."""
    ix, iy, iz = key & 0xFFFF, (key >> 16) & 0xFFFF, (key >> 32) & 0xFFFF
    # 16 bits with a sign: shifting rounds down, as the grid does
    return int(
        grid_key(
            ((ix ^ 0x8000) - 0x8000) >> WIDE, ((iy ^ 0x8000) - 0x8000) >> WIDE,
            ((iz ^ 0x8000) - 0x8000) >> WIDE,
        )
    )  # fmt: skip


@inner_kernel
def radius_for(reach: float, spread: float, var: float, gate: float, most_m: float) -> float:
    """How far from a track a plot of this variance may be its own; ``gate`` is in standard deviations [m]."""
    return min(reach + gate * math.sqrt(max(spread + var, 0.0)), most_m)


@bare_kernel
def survey(plots: Floats, plot_ints: Integers, cells: Integers, bands: Integers) -> float:
    """Note the grid cells of plots in ``cells``; returns the variance of the least certain one [m²].

    ``bands`` counts the plots by their variance: none in band k is above ``LEAST_VAR`` times 2 to the power k, but
    for the last, which has the rest.
    """
    worst = 0.0
    bands[:] = 0
    for p in range(plots.shape[0]):
        cells[p] = plot_ints[p, c.P_GRID]
        var = max(plots[p, c.VAR_U], plots[p, c.VAR_T])
        worst = max(worst, var)
        if plots[p, c.FREE_HEIGHT] > 0.0:
            var = math.inf  # as the least certain: see ``list_near``
        band, bound = 0, LEAST_VAR
        while band < bands.shape[0] - 1 and var > bound:
            band += 1
            bound *= 2.0
        bands[band] += 1
    return worst


@bare_kernel
def hear_sensors(plots: Floats, plot_ints: Integers, heard: Integers, begun: Integers) -> None:
    """Take in when each sensor was last heard, and count its plots that no track has claimed."""
    for p in range(plots.shape[0]):
        s = plot_ints[p, c.P_SENSOR]
        heard[s] = max(heard[s], plot_ints[p, c.P_T])
        if plots[p, c.CLAIM] < 0.5:
            begun[s] += 1


@inner_kernel
def insert(
    track: int, circles: Floats, radius: float, cell_m: float, head: Integers, nodes: Floats, count: int
) -> int:  # fmt: skip
    """Enter a track in every cell that a circle about its place touches, after the first ``count`` nodes.

    Returns the number of nodes then; it counts on when the node table is full.

    A node is a row of eight numbers, one line of the processor's cache: the next node, the track, the cell,
    the circle's centre, and the two numbers of its radius.
    """
    x, y, z = circles[track, c.CX], circles[track, c.CY], circles[track, c.CZ]
    radius2 = radius * radius
    size = math.sqrt(x * x + y * y + z * z)
    mask = head.shape[0] - 1
    # plots lie on the ellipsoid: cells off it are empty (0.87: half a cell's diagonal)
    shell = 0.87 * cell_m + 500.0 + radius2 / (2.0 * size)
    x0, x1 = math.floor((x - radius) / cell_m), math.floor((x + radius) / cell_m)
    y0, y1 = math.floor((y - radius) / cell_m), math.floor((y + radius) / cell_m)
    z0, z1 = math.floor((z - radius) / cell_m), math.floor((z + radius) / cell_m)
    for ix in range(x0, x1 + 1):
        dx = max(ix * cell_m - x, x - (ix + 1) * cell_m, 0.0)
        for iy in range(y0, y1 + 1):
            dy = max(iy * cell_m - y, y - (iy + 1) * cell_m, 0.0)
            if dx * dx + dy * dy > radius2:
                continue
            for iz in range(z0, z1 + 1):
                dz = max(iz * cell_m - z, z - (iz + 1) * cell_m, 0.0)
                if dx * dx + dy * dy + dz * dz > radius2:
                    continue
                mx, my, mz = (ix + 0.5) * cell_m, (iy + 0.5) * cell_m, (iz + 0.5) * cell_m
                if abs((mx * x + my * y + mz * z) / size - size) > shell:
                    continue
                node = count
                count += 1
                if node >= nodes.shape[0]:
                    continue
                key = grid_key(ix, iy, iz)
                h = hash_of(key, mask)
                row = nodes[node]
                row[c.D_NEXT], row[c.D_TRACK], row[c.D_KEY] = head[h], track, key
                row[c.D_X], row[c.D_Y], row[c.D_Z] = x, y, z
                row[c.D_REACH], row[c.D_SPREAD] = circles[track, c.REACH], circles[track, c.SPREAD]
                head[h] = node
    return count


@bare_kernel
def forget_tracks(ints: Integers, circles: Floats, nodes: Floats, count: int) -> None:
    """Take tracks that are no more out of the hash: their nodes stay in their chains, and are of no cell."""
    for k in range(count):
        i = int(nodes[k, c.D_TRACK])
        if ints[i, c.STATUS] != c.TENTATIVE and ints[i, c.STATUS] != c.CONFIRMED:
            nodes[k, c.D_KEY] = -1.0
            circles[i, c.RADIUS] = 0.0


@bare_kernel
def mark_regions(begin: int, end: int, plots: Floats, reach_m: float, regions: Integers) -> None:
    """Mark every region within reach of a plot: tracks elsewhere need not be entered in the hash.

    A region is a cube of ``REGION_M`` and shares its mark with a few others far away.
    """
    regions[:] = 0
    mask = regions.shape[0] - 1
    last_x = last_y = last_z = np.int64(-(2**40))
    for p in range(begin, end):
        x, y, z = plots[p, c.PX], plots[p, c.PX + 1], plots[p, c.PX + 2]
        x0, y0, z0 = (
            math.floor((x - reach_m) / REGION_M), math.floor((y - reach_m) / REGION_M),
            math.floor((z - reach_m) / REGION_M),
        )  # fmt: skip
        if x0 == last_x and y0 == last_y and z0 == last_z:
            continue
        last_x, last_y, last_z = x0, y0, z0
        # reach is at most half a region, so two along each axis hold the box
        for ix in range(x0, x0 + 2):
            for iy in range(y0, y0 + 2):
                for iz in range(z0, z0 + 2):
                    regions[hash_of(grid_key(ix, iy, iz), mask)] = 1


@bare_kernel
def measure_tracks(
    rows: Integers, middle_ns: int, half_s: float, plot_sigma_m: float, floats: Floats, ints: Integers,
    states: Floats, motions: Floats, g: Floats, circles: Floats, regions: Integers, parts: Integers,
) -> None:  # fmt: skip
    """Circles of tracks for one window of time, and in which hash each belongs: its part.

    Tracks outside of the marked regions are left out; no regions at all: none is.
    """
    mask = regions.shape[0] - 1
    gate = math.sqrt(g[c.G_GATE])
    for r in range(rows.shape[0]):
        i = rows[r]
        parts[r] = LEFT_OUT
        if ints[i, c.STATUS] != c.TENTATIVE and ints[i, c.STATUS] != c.CONFIRMED:
            continue
        f, group = floats[i], ints[i, c.GROUP]
        dt_s = (middle_ns - ints[i, c.T]) * NS
        x = f[c.MEAN] + f[c.MEAN + 1] * dt_s
        n = f[c.MEAN + 2] + f[c.MEAN + 3] * dt_s
        circles[i, c.CX], circles[i, c.CY], circles[i, c.CZ] = surface(f, x, n)
        if mask >= 0 and regions[
            hash_of(
                grid_key(
                    math.floor(circles[i, c.CX] / REGION_M), math.floor(circles[i, c.CY] / REGION_M),
                    math.floor(circles[i, c.CZ] / REGION_M),
                ),
                mask,
            )
        ] == 0:  # fmt: skip
            continue
        y = states[i]
        a, b, _, _ = coefficients(motions[group], dt_s)
        vx, vn = read(y, 1), read(y, 3)
        dx, dy = read(y, 0) + a * vx - b * vn - x, read(y, 2) + b * vx + a * vn - n
        # between the greatest of the two axes and their sum; the sum is safe
        var = larger(
            read(y, 4) + read(y, 11) + 2.0 * dt_s * (read(y, 5) + read(y, 12))
            + dt_s * dt_s * (read(y, 8) + read(y, 13)) + 2.0 * noise(motions[group], abs(dt_s))[0],
            0.0,
        )  # fmt: skip
        far = sqrt(dx * dx + dy * dy) + gate * sqrt(var + plot_sigma_m * plot_sigma_m)
        used = read(y, c.WEIGHT) > 0.0
        reach, spread = most(where(used, far, 0.0)), most(where(used, var, 0.0))
        speed = math.sqrt(f[c.MEAN + 1] ** 2 + f[c.MEAN + 3] ** 2)
        radius = reach + speed * half_s + 300.0
        circles[i, c.RADIUS] = min(radius, g[c.G_GATE_MAX])
        # of all lanes the least certain one gains least by a plot that is more certain than the worst
        circles[i, c.REACH] = radius - gate * math.sqrt(spread + plot_sigma_m * plot_sigma_m)
        circles[i, c.SPREAD] = spread
        sure = ints[i, c.STATUS] == c.CONFIRMED and f[c.R] > BEYOND_DOUBT
        parts[r] = SURE if sure else WEAK


@bare_kernel
def enter_tracks(
    rows: Integers, parts: Integers, circles: Floats, cell_m: float, gate: float, gate_max_m: float,
    usual_var: float, head: Integers, weak: Integers, far: Integers, nodes: Floats, count: int,
) -> int:  # fmt: skip
    """Enter tracks that have been measured in the spatial hashes, after the first ``count`` nodes.

    Returns the number of nodes that they need then, which may be more than there are.

    ``head`` is the hash of tracks beyond doubt, ``weak`` that of all others, in wide cells; they share the nodes.
    Where a few plots are far less certain than most, ``usual_var`` is a variance that most do not exceed: ``head``
    is for these, and ``far`` has the same tracks for the rest, in wide cells. Otherwise it is infinite.
    """
    wide_m = cell_m * (1 << WIDE)
    for r in range(rows.shape[0]):
        i = rows[r]
        radius = circles[i, c.RADIUS]
        if parts[r] == WEAK:
            count = insert(i, circles, radius, wide_m, weak, nodes, count)
        elif parts[r] == SURE:
            if usual_var < math.inf:
                count = insert(i, circles, radius, wide_m, far, nodes, count)
                radius = radius_for(
                    circles[i, c.REACH], circles[i, c.SPREAD], usual_var, gate, gate_max_m
                )
            count = insert(i, circles, radius, cell_m, head, nodes, count)
    return int(count)


@bare_kernel
def list_cell(key: int, head: Integers, nodes: Floats, near: Integers) -> int:
    """The nodes of one grid cell, in ``near``; returns their number."""
    found = 0
    node = head[hash_of(key, head.shape[0] - 1)]
    while node >= 0:
        if nodes[node, c.D_KEY] == key:
            near[found] = node
            found += 1
        node = int(nodes[node, c.D_NEXT])
    return found


@bare_kernel
def var_of(p: int, plots: Floats, var_max: float) -> float:
    """How uncertain the place of a plot is [m²]."""
    if plots[p, c.FREE_HEIGHT] > 0.0:
        return var_max  # the height of the track makes its place along the range less certain
    return float(min(max(plots[p, c.VAR_U], plots[p, c.VAR_T]), var_max))


@bare_kernel
def list_near(
    p: int, begin: int, var: float, newest_ns: int, g: Floats, ints: Integers, plots: Floats,
    plot_ints: Integers, nodes: Floats, near: Integers, around: int, links: Integers,
    candidates: Integers, used: int, room: int,
) -> int:  # fmt: skip
    """Append the tracks in whose circles plot p lies; returns how much of ``candidates`` is used by then.

    The first ``around`` of ``near`` are the nodes of its cell (``list_cell``), ``var`` is ``var_of`` it.

    That may be more than the ``room``: the lists are then to be made again with more of it. No track is at a later
    time than ``newest_ns``.
    """
    t = plot_ints[p, c.P_T]
    late = (t - newest_ns) * NS <= -g[c.G_LATE]
    x, y, z = plots[p, c.PX], plots[p, c.PX + 1], plots[p, c.PX + 2]
    link = links[p - begin]
    link[c.N_START] = used
    gate = math.sqrt(g[c.G_GATE])
    for k in range(around):
        row = nodes[near[k]]
        dx, dy, dz = x - row[c.D_X], y - row[c.D_Y], z - row[c.D_Z]
        radius = radius_for(row[c.D_REACH], row[c.D_SPREAD], var, gate, g[c.G_GATE_MAX])
        if dx * dx + dy * dy + dz * dz >= radius * radius:
            continue
        i = int(row[c.D_TRACK])
        if late and (t - ints[i, c.T]) * NS <= -g[c.G_LATE]:
            continue
        if used < room:
            candidates[used] = i
        used += 1
    link[c.N_COUNT] = min(used, room) - min(link[c.N_START], room)
    return used


@bare_kernel
def list_owners(
    begin: int, first: int, last: int, by_cell: Integers, var_max: float, usual_var: float, newest_ns: int,
    g: Floats, ints: Integers, plots: Floats, plot_ints: Integers, head: Integers, wide: bool, weak: Integers,
    far: Integers, crowd: int, nodes: Floats, links: Integers, candidates: Integers, used: int, room: int,
    near: Integers, near_weak: Integers, near_far: Integers,
) -> int:  # fmt: skip
    """Which tracks may own each plot of a window from ``first`` to ``last``; parts may run side by side.

    ``by_cell`` are plots of the window by grid cell: neighbours look at the same nodes. Tracks are written in
    ``candidates`` from ``used`` to ``room`` at most; returns how far they reach, which may be more: the lists are
    then to be made again with more room. Plots that have been claimed are left out. ``head`` has wide cells where
    ``wide`` says so. Tracks in ``weak`` are asked only where a plot is near ``crowd`` tracks in ``head`` or more.
    A plot less certain than ``usual_var`` asks those in ``far`` instead of ``head``.
    """
    around = around_weak = around_far = 0
    cell: int = np.int64(-1)  # type: ignore[assignment]  # keys have 48 bits, and none is negative
    cell_weak: int = np.int64(-1)  # type: ignore[assignment]
    cell_far: int = np.int64(-1)  # type: ignore[assignment]
    for q in range(first, last):
        if q + AHEAD < last:  # neighbours on Earth lie anywhere in memory
            later = by_cell[q + AHEAD]
            prefetch(plots, begin + later, 0)
            prefetch(plots, begin + later, c.LINE)
            prefetch(plot_ints, begin + later, 0)
            prefetch(links, later, 0)
            later = begin + by_cell[q + 2 * AHEAD // 3]
            grid = plot_ints[later, c.P_GRID]
            prefetch(nodes, head[hash_of(wide_key(grid) if wide else grid, head.shape[0] - 1)], 0)
            later = begin + by_cell[q + AHEAD // 3]
            grid = plot_ints[later, c.P_GRID]
            node = head[hash_of(wide_key(grid) if wide else grid, head.shape[0] - 1)]
            if node >= 0:
                prefetch(nodes, int(nodes[node, c.D_NEXT]), 0)
        p = begin + by_cell[q]
        before = used
        grid = int(plot_ints[p, c.P_GRID])
        var = var_of(p, plots, var_max)
        if var > usual_var:
            if cell_far != wide_key(grid):
                cell_far = wide_key(grid)
                around_far = list_cell(cell_far, far, nodes, near_far)
            beside, count = near_far, around_far
        else:
            own = wide_key(grid) if wide else grid
            if own != cell:
                cell = own
                around = list_cell(cell, head, nodes, near)
            beside, count = near, around
        used = list_near(
            p, begin, var, newest_ns, g, ints, plots, plot_ints, nodes, beside, count, links, candidates,
            used, room,
        )  # fmt: skip
        if used - before >= crowd:
            if cell_weak != wide_key(grid):
                cell_weak = wide_key(grid)
                around_weak = list_cell(cell_weak, weak, nodes, near_weak)
            used = list_near(
                p, begin, var, newest_ns, g, ints, plots, plot_ints, nodes, near_weak, around_weak, links,
                candidates, used, room,
            )  # fmt: skip
            links[by_cell[q], c.N_START], links[by_cell[q], c.N_ASKED] = before, 1
            links[by_cell[q], c.N_COUNT] = min(used, room) - min(before, room)
    return int(used)


@bare_kernel
def find_components(
    bounds: Integers, start: int, stop: int, high: int, links: Integers, candidates: Integers,
    parent: Integers, starts: Integers, firsts: Integers, lasts: Integers, sizes: Integers,
) -> int:  # fmt: skip
    """Tracks and plots of a window that may have to do with each other, as chains of plots in their order.

    What ``list_owners`` has found. Returns the number of components, of which ``starts`` has the first plot and
    ``sizes`` the number of plots.
    """
    begin, end = bounds[start], bounds[stop]
    for i in range(high):
        parent[i] = i
        firsts[i] = -1
    for k in range(end - begin):
        before = links[k, c.N_START]
        for u in range(before + 1, before + links[k, c.N_COUNT]):
            a, b = find_root(parent, candidates[before]), find_root(parent, candidates[u])
            if a < b:
                parent[b] = a
            elif b < a:
                parent[a] = b
    n = 0
    for b in range(start, stop):
        for p in range(bounds[b], bounds[b + 1]):
            link = links[p - begin]
            link[c.N_BATCH], link[c.N_NEXT] = b, -1
            if link[c.N_COUNT] == 0:
                continue
            root = find_root(parent, candidates[link[c.N_START]])
            if firsts[root] < 0:
                firsts[root] = p
                starts[n], sizes[n] = p, 0
                parent[root + high] = n
                n += 1
            else:
                before = lasts[root] - begin
                links[before, c.N_NEXT], links[before, c.N_AFTER] = p, b
            lasts[root] = p
            sizes[parent[root + high]] += 1
    return n


@bare_kernel
def list_chain(start: int, begin: int, links: Integers, chain: Integers) -> int:
    """The plots of one component in their order; returns their number."""
    found, p = 0, start
    while p >= 0:
        chain[found] = p
        found += 1
        p = links[p - begin, c.N_NEXT]
    return found


@inner_kernel
def divides(p: int, begin: int, links: Integers, candidates: Integers, sides: Integers) -> int:
    """The side on which all tracks near a plot are, or -1: they are on several, or one has to wait."""
    start = links[p - begin, c.N_START]
    side = sides[candidates[start]]
    for u in range(start + 1, start + links[p - begin, c.N_COUNT]):
        if sides[candidates[u]] != side:
            return -1
    return int(side)


@bare_kernel
def divide_component(
    chain: Integers, begin: int, axis: int, edges: Floats, circles: Floats, links: Integers,
    candidates: Integers, sides: Integers, parts: Integers, starts: Integers, sizes: Integers,
) -> None:  # fmt: skip
    """Cut a component that spans the picture into parts that may run side by side, and one that runs after them.

    ``edges`` cut space along an axis. A plot all of whose tracks are on one side belongs to that side; any other
    waits, and from then on so does every plot near one of its tracks. So each track still meets its plots in
    their order, and what competes for one plot competes at once. ``starts`` and ``sizes`` get a chain for each
    side and the last for what waits; ``parts`` has room for the chain.
    """
    count, last = chain.shape[0], edges.shape[0] + 1
    for k in range(count):
        link = links[chain[k] - begin]
        for u in range(link[c.N_START], link[c.N_START] + link[c.N_COUNT]):
            i, side = candidates[u], 0
            while side < edges.shape[0] and circles[i, c.CX + axis] >= edges[side]:
                side += 1
            sides[i] = side
    first = 0
    while first < count:
        batch, stop = links[chain[first] - begin, c.N_BATCH], first
        while stop < count and links[chain[stop] - begin, c.N_BATCH] == batch:
            parts[stop] = 0
            stop += 1
        found = True
        while found:
            found = False
            for k in range(first, stop):
                if parts[k] == last:
                    continue
                parts[k] = divides(chain[k], begin, links, candidates, sides)
                if parts[k] >= 0:
                    continue
                parts[k], found = last, True
                link = links[chain[k] - begin]
                for u in range(link[c.N_START], link[c.N_START] + link[c.N_COUNT]):
                    sides[candidates[u]] = -1
        first = stop
    for side in range(last + 1):
        starts[side], sizes[side] = -1, 0
        before = np.int64(-1)
        for k in range(count):
            if parts[k] != side:
                continue
            if before < 0:
                starts[side] = chain[k]
            else:
                link = links[before - begin]
                link[c.N_NEXT], link[c.N_AFTER] = chain[k], links[chain[k] - begin, c.N_BATCH]
            before = chain[k]
            sizes[side] += 1
        if before >= 0:
            links[before - begin, c.N_NEXT] = -1
