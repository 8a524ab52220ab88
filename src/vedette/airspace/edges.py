"""Boundaries as short edges: geodesic, free of the antimeridian, ready for an index.

Every edge of a zone is the geodesic between its two vertices. It is cut so short that a straight
line between longitudes and latitudes strays from it by less than ``BULGE_M``. That line is the border, of
the planar test of "inside" and of distances alike.
"""

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from pyproj import Geod

from vedette.model.columns import Floats, Integers
from vedette.model.kernel import kernel
from vedette.model.zone import Border

EDGE_MAX_M: Final = 5_000.0
BULGE_M: Final = 0.2
EARTH_M: Final = 6_371_008.8  # mean radius, IUGG
PIECES_MAX: Final = 4096
Lines = tuple[Floats, Floats, Floats, Floats]
TURN_MAX_DEG: Final = 5.0  # of longitude within one edge; matters close to a pole only
WGS84: Final = Geod(ellps="WGS84")


class Edges(NamedTuple):
    """(e,) edges, contiguous by zone; x is longitude, y latitude [degrees], x0 <= x1."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    zone: Integers
    border: (
        Integers  # 0 where the zone's own accuracy holds, else 1 + row of the list of all stretches
    )
    holds_south_pole: Integers  # (zones,) 1 where the south pole is inside
    holds_north_pole: Integers  # (zones,) 1 where the north pole is inside


class _Open(NamedTuple):
    """Edges on their way: both ends, longitudes within ±180, and the signed turn between them.

    ``x1`` is kept beside ``turn`` because x0 + (x1 - x0) is not x1 in floating point, and a ring must
    close to the last bit.
    """

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    turn: Floats
    zone: Integers
    border: Integers

    def take(self, rows: Any) -> "_Open":
        return _Open(*(column[rows] for column in self))


def boundary_edges(
    geometries: Sequence[Any], borders: Sequence[Sequence[Border]] | None = None
) -> Edges:
    """Edges of (zones,) polygons or multipolygons in longitude and latitude [degrees].

    ``borders`` are stretches of each zone's boundary, in the order of its vertices.

    Parts may be split at the antimeridian (RFC 7946) or cross it; a ring that runs once around the Earth
    holds the pole on its smaller side. Anything that is not a polygon has no edges.
    """
    edges, south, north = _rings(geometries, borders)
    edges = _cut(_ordered(edges))
    edges = _split_at_antimeridian(edges)
    x1 = edges.x1
    backward = (edges.x0 > x1) | ((edges.x0 == x1) & (edges.y0 > edges.y1))
    columns: Lines = (
        np.where(backward, x1, edges.x0),
        np.where(backward, edges.y1, edges.y0),
        np.where(backward, edges.x0, x1),
        np.where(backward, edges.y0, edges.y1),
    )
    (x0, y0, x1, y1), zone, border = _without_seam(columns, edges.zone, edges.border)
    return Edges(x0, y0, x1, y1, zone, border, south, north)


def _rings(
    geometries: Sequence[Any], borders: Sequence[Sequence[Border]] | None
) -> tuple[_Open, Integers, Integers]:
    zones = len(geometries)
    parts, part_zone = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    polygons = shapely.get_type_id(parts) == 3
    parts, part_zone = parts[polygons], part_zone[polygons]
    # neighbours in space become neighbours in order: it keeps the distance tree tight
    centre = np.nan_to_num(shapely.bounds(parts)[:, :2]) if len(parts) else np.empty((0, 2))
    order = np.lexsort((_morton(centre), part_zone))
    vertex = _first_vertices(parts, part_zone)[order] if borders is not None else None
    parts, part_zone = parts[order], part_zone[order]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        empty, none = np.empty(0), np.empty(0, dtype=np.int64)
        zeros = np.zeros(zones, dtype=np.int64)
        return _Open(empty, empty, empty, empty, empty, none, none), zeros, zeros.copy()
    follows = point_ring[1:] == point_ring[:-1]
    start, end = points[:-1][follows], points[1:][follows]
    ring = point_ring[:-1][follows]
    turn = end[:, 0] - start[:, 0]
    # a full turn between the two faces of the antimeridian is a parallel drawn on the plane, all
    # other turns go the short way
    plane = (np.abs(turn) == 360.0) & (np.abs(start[:, 0]) == 180.0)
    turn = np.where((np.abs(turn) > 180.0) & ~plane, turn - 360.0 * np.round(turn / 360.0), turn)
    ring_zone = part_zone[ring_part]
    south = np.zeros(zones, dtype=np.int64)
    north = np.zeros(zones, dtype=np.int64)
    winding = np.bincount(ring, turn, len(rings))
    for polar in np.flatnonzero(np.abs(winding) > 180.0):
        mine = ring == polar
        sine = np.sin(np.radians(0.5 * (start[mine, 1] + end[mine, 1])))
        above = abs(float(np.sum(np.radians(turn[mine]) * (1.0 - sine))))  # area on the unit sphere
        target = north if above < 2.0 * np.pi else south
        target[ring_zone[polar]] ^= 1
    moves = (turn != 0.0) | (start[:, 1] != end[:, 1])
    owner = ring_zone[ring].astype(np.int64)
    border = np.zeros(len(owner), dtype=np.int64)
    if borders is not None and vertex is not None:
        point_part = ring_part[point_ring]
        begins = np.searchsorted(point_part, np.arange(len(parts)))
        count = np.arange(len(points)) - begins[point_part] + vertex[point_part]
        border = _stretches(borders, owner, count[:-1][follows])
    edges = _Open(_near(start[:, 0]), start[:, 1], _near(end[:, 0]), end[:, 1], turn, owner, border)
    return edges.take(moves), south, north


def _first_vertices(parts: Any, part_zone: Integers) -> Integers:
    """How many vertices of its zone come before each part."""
    counts = shapely.get_num_coordinates(parts)
    before = np.cumsum(counts) - counts
    first = np.searchsorted(part_zone, part_zone)  # parts are in the order of zones
    out: Integers = (before - before[first]).astype(np.int64)
    return out


def _stretches(borders: Sequence[Sequence[Border]], zone: Integers, vertex: Integers) -> Integers:
    """Of each edge 1 + the row of its stretch in the list of all, or 0 before the first."""
    out = np.zeros(len(zone), dtype=np.int64)
    begun = 0
    for row, stretches in enumerate(borders):
        if not stretches:
            continue
        firsts = np.array([stretch.first for stretch in stretches], dtype=np.int64)
        low, high = np.searchsorted(zone, [row, row + 1])
        position = np.searchsorted(firsts, vertex[low:high], side="right")
        out[low:high] = np.where(position > 0, begun + position, 0)
        begun += len(stretches)
    return out


def _near(longitude_deg: Floats) -> Floats:
    """The same longitudes within ±180; what is there already stays bit for bit."""
    out = longitude_deg - 360.0 * np.floor((longitude_deg + 180.0) / 360.0)
    return np.where(np.abs(longitude_deg) <= 180.0, longitude_deg, out)


def _morton(corners_deg: Floats) -> Integers:
    """(n,) order along a Z curve of (n, 2) corners."""
    cells = np.clip((corners_deg + np.array([180.0, 90.0])) * 16.0, 0, 8191).astype(np.int64)
    code = np.zeros(len(cells), dtype=np.int64)
    for bit in range(13):
        code |= ((cells[:, 0] >> bit) & 1) << (2 * bit)
        code |= ((cells[:, 1] >> bit) & 1) << (2 * bit + 1)
    return code


def _ordered(edges: _Open) -> _Open:
    """The same edges, each from its lower end: two zones cut a shared border at the same points."""
    backward = (edges.y0 > edges.y1) | ((edges.y0 == edges.y1) & (edges.turn < 0.0))
    return _Open(
        np.where(backward, edges.x1, edges.x0),
        np.where(backward, edges.y1, edges.y0),
        np.where(backward, edges.x0, edges.x1),
        np.where(backward, edges.y0, edges.y1),
        np.where(backward, -edges.turn, edges.turn),
        edges.zone,
        edges.border,
    )


@kernel
def _pieces(x_turn: Floats, y0: Floats, y1: Floats, out: Integers) -> bool:
    """Into how many pieces each edge has to be cut; whether any has."""
    some = False
    for i in range(x_turn.shape[0]):
        out[i] = 1
        turn, rise, high = abs(x_turn[i]), abs(y1[i] - y0[i]), max(abs(y0[i]), abs(y1[i]))
        if turn < 0.01 and rise < 0.04 and high < 85.0:
            continue  # most edges: shorter than 5 km, with a bulge far below the limit
        east_m = math.radians(turn) * math.cos(math.radians(0.5 * (y0[i] + y1[i]))) * EARTH_M
        length_m = math.hypot(east_m, math.radians(rise) * EARTH_M)
        if length_m <= 0.1:
            continue
        bulge_m = east_m * length_m * math.tan(math.radians(min(high, 89.9999))) / (8.0 * EARTH_M)
        pieces = max(length_m / EDGE_MAX_M, math.sqrt(bulge_m / BULGE_M))
        if turn > TURN_MAX_DEG and length_m > 1.0:
            pieces = max(pieces, 2.0)
        out[i] = min(math.ceil(pieces), PIECES_MAX)
        some = some or out[i] > 1
    return some


def _cut(edges: _Open) -> _Open:
    """The edges, with the long ones in pieces. A piece near a pole may need cutting again."""
    for _ in range(24):
        pieces = np.empty(len(edges.x0), dtype=np.int64)
        if not _pieces(edges.turn, edges.y0, edges.y1, pieces):
            break
        long = pieces > 1
        place = np.repeat(long, pieces)
        whole = edges.take(np.repeat(np.arange(len(pieces)), pieces))
        for column, short in zip(whole, _along(edges.take(long), pieces[long]), strict=True):
            column[place] = short
        edges = whole
    return edges


def _along(edges: _Open, pieces: Integers) -> _Open:
    """Each edge cut into its number of equal pieces."""
    azimuth, _, length_m = WGS84.inv(edges.x0, edges.y0, edges.x1, edges.y1)
    parent = np.repeat(np.arange(len(pieces)), pieces)
    step = np.arange(len(parent)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = step / pieces[parent]
    x, y, _ = WGS84.fwd(
        edges.x0[parent], edges.y0[parent], azimuth[parent], length_m[parent] * share
    )
    parallel = np.abs(edges.turn[parent]) == 360.0
    x = np.where(parallel, edges.x0[parent] + edges.turn[parent] * share, x)
    y = np.where(parallel, edges.y0[parent], y)
    first, last = step == 0, step == pieces[parent] - 1
    x = np.where(first, edges.x0[parent], x)
    y = np.where(first, edges.y0[parent], y)
    next_x = np.where(last, edges.x1[parent], np.roll(x, -1))
    next_y = np.where(last, edges.y1[parent], np.roll(y, -1))
    turn = next_x - x
    turn = np.where(np.abs(turn) > 180.0, turn - 360.0 * np.round(turn / 360.0), turn)
    turn = np.where(parallel, edges.turn[parent] / pieces[parent], turn)
    return _Open(x, y, next_x, next_y, turn, edges.zone[parent], edges.border[parent])


def _split_at_antimeridian(edges: _Open) -> _Open:
    x0 = np.where((edges.x0 == 180.0) & (edges.turn > 0.0), -180.0, edges.x0)
    x0 = np.where((x0 == -180.0) & (edges.turn < 0.0), 180.0, x0)
    x1 = edges.x1 + 360.0 * np.round((x0 + edges.turn - edges.x1) / 360.0)
    over = (x1 > 180.0) | (x1 < -180.0)
    if not over.any():
        return edges._replace(x0=x0, x1=x1)
    seam = np.where(x1 > 180.0, 180.0, -180.0)
    share = (seam - x0) / np.where(over, edges.turn, 1.0)
    seam_y = np.where(over, edges.y0 + (edges.y1 - edges.y0) * share, 0.0)
    near = edges._replace(x0=x0, x1=np.where(over, seam, x1), y1=np.where(over, seam_y, edges.y1))
    far = edges._replace(x0=-seam, y0=seam_y, x1=x1 - 2.0 * seam).take(over)
    far = far.take((far.x0 != far.x1) | (far.y0 != far.y1))
    joined = _Open(*(np.concatenate(pair) for pair in zip(near, far, strict=True)))
    return joined.take(np.argsort(joined.zone, kind="stable"))


def _without_seam(
    columns: Lines, zone: Integers, border: Integers
) -> tuple[Lines, Integers, Integers]:
    """Without the edges along the antimeridian where two halves of one zone meet: no border is there."""
    x0, y0, x1, y1 = columns
    seam = (np.abs(x0) == 180.0) & (x0 == x1)
    if not seam.any():
        return columns, zone, border
    kept: list[tuple[float, float, int]] = []
    for owner in np.unique(zone[seam]):
        mine = seam & (zone == owner)
        ends, counts = np.unique(np.concatenate((y0[mine], y1[mine])), return_counts=True)
        odd = np.cumsum(counts) % 2 == 1  # a stretch that an odd number of edges covers is a border
        kept += [(float(ends[i]), float(ends[i + 1]), int(owner)) for i in np.flatnonzero(odd[:-1])]
    low, high, owners = (
        (np.array(list(values)) for values in zip(*kept, strict=True))
        if kept
        else (
            np.empty(0),
            np.empty(0),
            np.empty(0),
        )
    )
    line = np.full(len(low), -180.0)
    joined = [
        np.concatenate((column[~seam], extra))
        for column, extra in zip(columns, (line, low, line, high), strict=True)
    ]
    zone = np.concatenate((zone[~seam], owners.astype(np.int64)))
    border = np.concatenate((border[~seam], np.zeros(len(low), dtype=np.int64)))
    order = np.argsort(zone, kind="stable")
    west, south, east, north = (column[order] for column in joined)
    return (west, south, east, north), zone[order], border[order]
