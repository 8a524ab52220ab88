"""Compiled inner loops of ``index``: a raster of cells over the boundary, and tests within a cell.

The Earth is cut into cells of 1/8 degree (a power of two, so that their sides are exact numbers). A cell
that no boundary touches has one answer for all its points. In a cell that a boundary touches, the answer
is known at its south-west corner and carried to the point along an L: west along the point's latitude,
then south along the cell's side. Each edge crossed changes it. Points on a line count as lying a little
to the north-east of themselves, everywhere alike, so a point on a shared border is in exactly one zone.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vedette.model._kernels import geodetic_to_ecef
from vedette.model.kernel import bare_kernel, kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Codes = NDArray[np.int32]
Bytes = NDArray[np.uint8]

PER_DEGREE = 8
COLUMNS = 360 * PER_DEGREE
ROWS = 180 * PER_DEGREE
BLOCK_COLUMNS = 360
MARGIN = 1e-9  # degrees; far above rounding, far below a cell
EARTH_M = 6_371_008.8
SMALLEST_RADIUS_M = 6_335_439.0  # of curvature anywhere on WGS 84: of the meridian at the equator


class Raster(NamedTuple):
    """Cells over the edges of all zones.

    A cell's ``code`` is the set of zones that cover it as a whole, or -1 - b for border cell b, whose set is
    ``border_code[b]`` and whose runs are ``border_run[b]`` to ``border_run[b + 1]``. A run is one zone's
    edges in one cell: ``cell_edge[run_edge[r] : run_edge[r + 1]]``; ``run_inside`` tells whether the cell's
    south-west corner is in the zone. Set c is zone ``member[c]`` and set ``parent[c]``; set 0 is empty.
    """

    code: Codes
    parent: Codes
    member: Codes
    border_code: Codes
    border_run: Integers
    run_zone: Integers
    run_edge: Integers
    run_inside: Bytes
    cell_edge: Integers
    # (as cell_edge, 4) longitude and latitude of both ends of the edge, the western one first [degrees]; in
    # the order of the cells, so that a test reads memory in one go
    line: Floats
    run_ball: (
        Floats  # (runs, 4) centre, Earth-centred, and radius of a sphere around a run's edges [m]
    )
    block: Bytes  # one degree square: 1 where it has a border cell


@bare_kernel
def _row_of(y: float) -> int:
    return min(max(math.floor((y + 90.0) * PER_DEGREE), 0), ROWS - 1)


@bare_kernel
def _column_of(x: float) -> int:
    return min(max(math.floor((x + 180.0) * PER_DEGREE), 0), COLUMNS - 1)


@bare_kernel
def _left(ax: float, ay: float, bx: float, by: float, x: float, y: float) -> bool:
    cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
    if cross == 0.0:
        return bx > ax  # the point moved a little to the north, and much less to the east
    return cross > 0.0


@kernel
def touched_cells(
    x0: Floats, y0: Floats, x1: Floats, y1: Floats, cells: Integers, edges: Integers
) -> int:
    """Write (cell, edge) for every cell an edge touches; returns how many, also when they do not fit."""
    count = 0
    for e in range(x0.shape[0]):
        ax, ay, bx, by = x0[e], y0[e], x1[e], y1[e]
        low, high = min(ay, by), max(ay, by)
        for row in range(_row_of(low - MARGIN), _row_of(high + MARGIN) + 1):
            south = row / PER_DEGREE - 90.0
            north = south + 1.0 / PER_DEGREE
            west, east = ax, bx
            if ay != by:  # the stretch of the edge within this row
                at_south = ax + (bx - ax) * (south - ay) / (by - ay)
                at_north = ax + (bx - ax) * (north - ay) / (by - ay)
                west = max(west, min(at_south, at_north))
                east = min(east, max(at_south, at_north))
            for column in range(_column_of(west - MARGIN), _column_of(east + MARGIN) + 1):
                if count < cells.shape[0]:
                    cells[count] = row * COLUMNS + column
                    edges[count] = e
                count += 1
    return count


@kernel
def _grown(array: Codes) -> Codes:
    larger = np.empty(2 * array.shape[0], dtype=array.dtype)
    # one by one: assigning a slice would bring in, and compile, NumPy's message about shapes that differ
    for k in range(array.shape[0]):
        larger[k] = array[k]
    return larger


@bare_kernel
def _corner_parity(
    x0: Floats,
    y0: Floats,
    x1: Floats,
    y1: Floats,
    first: int,
    last: int,
    box: Integers,
    parity: Bytes,
) -> None:
    """Fill ``parity`` (rows of the box, columns of the box): 1 where the south-west corner is inside."""
    row0, column0, rows, columns = box[0], box[1], box[2], box[3]
    for e in range(first, last):
        ax, ay, bx, by = x0[e], y0[e], x1[e], y1[e]
        if ax == bx:
            continue
        column = math.ceil((ax + 180.0) * PER_DEGREE)
        while column < COLUMNS:
            west = column / PER_DEGREE - 180.0
            if not bx > west:
                break
            y = ay + (by - ay) * (west - ax) / (bx - ax)
            row = math.floor((y + 90.0) * PER_DEGREE)  # the lowest corner above the edge
            while _left(ax, ay, bx, by, west, row / PER_DEGREE - 90.0):
                row -= 1
            row += 1
            while not _left(ax, ay, bx, by, west, row / PER_DEGREE - 90.0):
                row += 1
            if row < row0 + rows and 0 <= column - column0 < columns:
                parity[max(row - row0, 0) * columns + column - column0] ^= 1
            column += 1
    for row in range(1, rows):
        for column in range(columns):
            parity[row * columns + column] ^= parity[(row - 1) * columns + column]


@kernel
def fill_cells(
    x0: Floats,
    y0: Floats,
    x1: Floats,
    y1: Floats,
    zone_edge: Integers,
    box: Integers,
    holds_south_pole: Integers,
    run_cell: Integers,
    zone_run: Integers,
    zone_runs: Integers,
    run_inside: Bytes,
    code: Codes,
) -> tuple[Codes, Codes]:
    """Fill ``code`` (cells,) with the set of zones that cover each cell, and ``run_inside``.

    Returns the sets as links: set c is zone ``member[c]`` and the set ``parent[c]``; set 0 is empty.
    """
    zones = zone_edge.shape[0] - 1
    parent = np.zeros(64, dtype=np.int32)
    member = np.full(64, -1, dtype=np.int32)
    after = np.zeros(64, dtype=np.int32)  # set that a set becomes when this zone joins it
    stamp = np.full(64, -1, dtype=np.int32)
    sets = 1
    for zone in range(zones):
        if zone_edge[zone] == zone_edge[zone + 1] and holds_south_pole[zone] == 0:
            continue
        row0, column0, rows, columns = box[zone, 0], box[zone, 1], box[zone, 2], box[zone, 3]
        parity = np.zeros(rows * columns, dtype=np.uint8)
        if holds_south_pole[zone] == 1:
            parity[:columns] = 1
        _corner_parity(x0, y0, x1, y1, zone_edge[zone], zone_edge[zone + 1], box[zone], parity)
        for k in range(zone_runs[zone], zone_runs[zone + 1]):
            run = zone_run[k]
            row, column = run_cell[run] // COLUMNS - row0, run_cell[run] % COLUMNS - column0
            if 0 <= row < rows and 0 <= column < columns:
                run_inside[run] = parity[row * columns + column]
                parity[row * columns + column] = 0  # touched: not covered as a whole
        for row in range(rows):
            for column in range(columns):
                if parity[row * columns + column] == 0:
                    continue
                cell = (row + row0) * COLUMNS + column + column0
                now = code[cell]
                if stamp[now] != zone:
                    if sets == parent.shape[0]:
                        parent, member = _grown(parent), _grown(member)
                        after, stamp = _grown(after), _grown(stamp)
                        stamp[sets:] = -1
                    parent[sets], member[sets] = now, zone
                    stamp[now], after[now] = zone, sets
                    stamp[sets] = -1
                    sets += 1
                code[cell] = after[now]
    return parent[:sets].copy(), member[:sets].copy()


@bare_kernel
def _inside_run(
    lo: int,
    hi: int,
    corner_inside: int,
    line: Floats,
    x: float,
    y: float,
    west: float,
    south: float,
) -> bool:
    inside = corner_inside == 1
    for k in range(lo, hi):
        ax, ay, bx, by = line[k, 0], line[k, 1], line[k, 2], line[k, 3]
        spans_y = (ay > y) != (by > y)
        spans_x = (ax > west) != (bx > west)
        if spans_x or spans_y:
            bend = _left(ax, ay, bx, by, west, y)
            if spans_y and _left(ax, ay, bx, by, x, y) != bend:
                inside = not inside
            if spans_x and _left(ax, ay, bx, by, west, south) != bend:
                inside = not inside
    return inside


@bare_kernel
def _wrapped(x: float) -> float:
    if -180.0 <= x < 180.0:
        return x
    return x - 360.0 * math.floor((x + 180.0) / 360.0)


@bare_kernel
def _order(zones: Integers, begin: int, end: int) -> None:
    for i in range(begin + 1, end):  # a handful: insertion sort
        zone = zones[i]
        j = i
        while j > begin and zones[j - 1] > zone:
            zones[j] = zones[j - 1]
            j -= 1
        zones[j] = zone


@bare_kernel
def locate(
    x: Floats, y: Floats, raster: Raster, wanted: Bytes, out_row: Integers, out_zone: Integers
) -> int:
    """Write every pair (row, zone it is in); returns how many, also when they do not fit."""
    # taken out of the tuple once: each access counts references, which costs more than the test
    code, parent, member = raster.code, raster.parent, raster.member
    border_code, border_run = raster.border_code, raster.border_run
    run_zone, run_edge, run_inside = raster.run_zone, raster.run_edge, raster.run_inside
    line = raster.line
    room, at = out_row.shape[0], 0
    for i in range(x.shape[0]):
        py = y[i]
        if not (-90.0 <= py <= 90.0 and math.isfinite(x[i])):
            continue
        px, begin = _wrapped(x[i]), at
        row, column = _row_of(py), _column_of(px)
        covering = code[row * COLUMNS + column]
        if covering < 0:
            border = -covering - 1
            covering = border_code[border]
            west, south = column / PER_DEGREE - 180.0, row / PER_DEGREE - 90.0
            for run in range(border_run[border], border_run[border + 1]):
                if wanted[run_zone[run]] == 1 and _inside_run(
                    run_edge[run], run_edge[run + 1], run_inside[run], line,
                    px, py, west, south,
                ):  # fmt: skip
                    if at < room:
                        out_row[at], out_zone[at] = i, run_zone[run]
                    at += 1
        while covering > 0:
            if wanted[member[covering]] == 1:
                if at < room:
                    out_row[at], out_zone[at] = i, member[covering]
                at += 1
            covering = parent[covering]
        if at - begin > 1 and at <= room:
            _order(out_zone, begin, at)
    return at


@kernel
def by_row(
    order: Integers, rows: Integers, zones: Integers, out_row: Integers, out_zone: Integers
) -> None:
    """Pairs of points taken in an order, put back: row r of ``rows`` is point ``order[r]``."""
    begin = np.zeros(order.shape[0] + 1, dtype=np.int64)
    for k in range(rows.shape[0]):
        begin[order[rows[k]] + 1] += 1
    for i in range(order.shape[0]):
        begin[i + 1] += begin[i]
    for k in range(rows.shape[0]):
        row = order[rows[k]]
        out_row[begin[row]], out_zone[begin[row]] = row, zones[k]
        begin[row] += 1


@bare_kernel
def contains(x: Floats, y: Floats, zone: Integers, raster: Raster, out: Bytes) -> None:
    """1 where point i is inside zone i."""
    code, parent, member = raster.code, raster.parent, raster.member
    border_code, border_run = raster.border_code, raster.border_run
    run_zone, run_edge, run_inside = raster.run_zone, raster.run_edge, raster.run_inside
    line = raster.line
    for i in range(x.shape[0]):
        out[i] = 0
        if not (-90.0 <= y[i] <= 90.0 and math.isfinite(x[i])):
            continue
        px = _wrapped(x[i])
        row, column = _row_of(y[i]), _column_of(px)
        covering = code[row * COLUMNS + column]
        if covering < 0:
            border = -covering - 1
            covering = border_code[border]
            west, south = column / PER_DEGREE - 180.0, row / PER_DEGREE - 90.0
            for run in range(border_run[border], border_run[border + 1]):
                if run_zone[run] == zone[i] and _inside_run(
                    run_edge[run], run_edge[run + 1], run_inside[run], line,
                    px, y[i], west, south,
                ):  # fmt: skip
                    out[i] = 1
        while covering > 0:
            if member[covering] == zone[i]:
                out[i] = 1
            covering = parent[covering]


@bare_kernel
def edges_to_ecef(x: Floats, y: Floats, out: Floats) -> None:
    """(e, 3) Earth-centred places on the ellipsoid of (e,) longitudes and latitudes."""
    for i in range(x.shape[0]):
        out[i, 0], out[i, 1], out[i, 2] = geodetic_to_ecef(
            math.radians(y[i]), math.radians(x[i]), 0.0
        )


@bare_kernel
def lay_edges(start: Floats, end: Floats, middle: Floats, out: Floats) -> None:
    """Write (e, 10) edges as ``edge_distance2`` reads them, from both ends and the middle of each [m]."""
    for i in range(start.shape[0]):
        along = length2 = 0.0
        for axis in range(3):
            chord_m = end[i, axis] - start[i, axis]
            bow_m = 4.0 * middle[i, axis] - 2.0 * (start[i, axis] + end[i, axis])
            out[i, axis], out[i, 3 + axis], out[i, 6 + axis] = start[i, axis], chord_m, bow_m
            along += bow_m * chord_m
            length2 += chord_m * chord_m
        out[i, 9] = 1.0 / length2 if length2 > 0.0 else 0.0
        for axis in range(3):
            out[i, 6 + axis] -= along * out[i, 9] * out[i, 3 + axis]


@bare_kernel
def edge_distance2(edge: Floats, e: int, px: float, py: float, pz: float) -> tuple[float, float]:
    """Square of the straight distance to the nearest place on edge e, and how far along it that lies.

    The edge is the line straight in degrees, as tests of "inside" have it: its chord, and a parabola through the
    middle of the line, which is right to a millimetre on edges as short as ours. A row of ``edge`` has its
    western end, the chord, four times the way at right angles from the chord to the middle of the line, and one
    over the square of the chord.
    """
    px, py, pz = px - edge[e, 0], py - edge[e, 1], pz - edge[e, 2]
    ex, ey, ez = edge[e, 3], edge[e, 4], edge[e, 5]
    share = min(1.0, max(0.0, (px * ex + py * ey + pz * ez) * edge[e, 9]))
    rise = share * (1.0 - share)
    dx = px - share * ex - rise * edge[e, 6]
    dy = py - share * ey - rise * edge[e, 7]
    dz = pz - share * ez - rise * edge[e, 8]
    return dx * dx + dy * dy + dz * dz, share


@bare_kernel
def _reach_deg(y: float, radius_m: float) -> float:
    """How many degrees of longitude a circle on the Earth may reach to either side; conservative."""
    angle = radius_m / SMALLEST_RADIUS_M
    if abs(math.radians(y)) + angle >= 0.5 * math.pi - 1e-6:
        return 180.0
    reach = math.asin(min(1.0, math.sin(angle) / math.cos(math.radians(y))))
    return min(180.0, math.degrees(reach) * 1.01)


@kernel
def near(
    x: Floats,
    y: Floats,
    radius_m: Floats,
    raster: Raster,
    wanted: Bytes,
    edge: Floats,
    in_row: Integers,
    in_zone: Integers,
    out_row: Integers,
    out_zone: Integers,
) -> int:
    """Write every pair (row, zone it is in or within its radius of); returns how many.

    ``in_row`` and ``in_zone`` are the pairs that ``locate`` found.
    """
    code, border_run, block, run_ball = (
        raster.code,
        raster.border_run,
        raster.block,
        raster.run_ball,
    )
    run_zone, run_edge, cell_edge = raster.run_zone, raster.run_edge, raster.cell_edge
    room, at, given = out_row.shape[0], 0, 0
    seen = np.full(wanted.shape[0], -1, dtype=np.int64)
    for i in range(x.shape[0]):
        begin = at
        while given < in_row.shape[0] and in_row[given] == i:
            seen[in_zone[given]] = i
            if at < room:
                out_row[at], out_zone[at] = i, in_zone[given]
            at += 1
            given += 1
        radius = radius_m[i]
        if not (-90.0 <= y[i] <= 90.0 and math.isfinite(x[i]) and radius > 0.0):
            continue
        px, py, pz = geodetic_to_ecef(math.radians(y[i]), math.radians(x[i]), 0.0)
        chord_m = 2.0 * EARTH_M * math.sin(min(0.5 * radius / EARTH_M, 0.5 * math.pi))
        up_deg = min(180.0, math.degrees(radius / SMALLEST_RADIUS_M))
        side_deg = _reach_deg(y[i], radius)
        wx = _wrapped(x[i])
        row0, row1 = _row_of(y[i] - up_deg), _row_of(y[i] + up_deg)
        # columns are counted on beyond the antimeridian, and wrapped when they are used
        column0 = math.floor((wx - side_deg + 180.0) * PER_DEGREE)
        column1 = math.floor((wx + side_deg + 180.0) * PER_DEGREE)
        column1 = min(column1, column0 + COLUMNS - 1)
        for block_row in range(row0 // PER_DEGREE, row1 // PER_DEGREE + 1):
            low = max(row0, block_row * PER_DEGREE)
            high = min(row1, block_row * PER_DEGREE + PER_DEGREE - 1)
            for side in range(column0 // PER_DEGREE, column1 // PER_DEGREE + 1):
                if block[block_row * BLOCK_COLUMNS + side % BLOCK_COLUMNS] == 0:
                    continue
                left = max(column0, side * PER_DEGREE)
                right = min(column1, side * PER_DEGREE + PER_DEGREE - 1)
                for row in range(low, high + 1):
                    for column in range(left, right + 1):
                        covering = code[row * COLUMNS + column % COLUMNS]
                        if covering >= 0:
                            continue
                        border = -covering - 1
                        for run in range(border_run[border], border_run[border + 1]):
                            zone = run_zone[run]
                            if wanted[zone] == 0 or seen[zone] == i:
                                continue
                            dx, dy = px - run_ball[run, 0], py - run_ball[run, 1]
                            dz = pz - run_ball[run, 2]
                            far_m = chord_m + run_ball[run, 3]
                            if dx * dx + dy * dy + dz * dz > far_m * far_m:
                                continue
                            for k in range(run_edge[run], run_edge[run + 1]):
                                square, _ = edge_distance2(edge, cell_edge[k], px, py, pz)
                                if square <= chord_m * chord_m:
                                    seen[zone] = i
                                    if at < room:
                                        out_row[at], out_zone[at] = i, zone
                                    at += 1
                                    break
        if at - begin > 1 and at <= room:
            _order(out_zone, begin, at)
    return at
