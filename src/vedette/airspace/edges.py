"""Boundaries as short edges: geodesic, free of the antimeridian, ready for an index.

Every edge of a zone is the geodesic between its two vertices. It is cut so short that a straight
line between longitudes and latitudes strays from it by less than ``BULGE_M``. Then a planar test of
"inside" is right to that distance, and a chord through the Earth is right for distances.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely
from pyproj import Geod

from vedette.model.columns import Floats, Integers

EDGE_MAX_M: Final = 5_000.0
BULGE_M: Final = 0.2
EARTH_M: Final = 6_371_008.8  # mean radius, IUGG
TURN_MAX_DEG: Final = 5.0  # of longitude within one edge; matters close to a pole only
WGS84: Final = Geod(ellps="WGS84")


class Edges(NamedTuple):
    """(e,) edges, contiguous by zone; x is longitude, y latitude [degrees], x0 <= x1."""

    x0: Floats
    y0: Floats
    x1: Floats
    y1: Floats
    zone: Integers
    holds_south_pole: Integers  # (zones,) 1 where the south pole is inside
    holds_north_pole: Integers  # (zones,) 1 where the north pole is inside


class _Open(NamedTuple):
    """Edges on their way: start, signed turn in longitude, both latitudes."""

    x0: Floats
    y0: Floats
    turn: Floats
    y1: Floats
    zone: Integers

    def take(self, rows: Any) -> "_Open":
        return _Open(*(column[rows] for column in self))


def boundary_edges(geometries: Sequence[Any]) -> Edges:
    """Edges of (zones,) polygons or multipolygons in longitude and latitude [degrees].

    Parts may be split at the antimeridian (RFC 7946) or cross it; a ring that runs once around the Earth
    holds the pole on its smaller side. Anything that is not a polygon has no edges.
    """
    edges, south, north = _rings(geometries)
    edges = _cut(_ordered(edges))
    edges = _split_at_antimeridian(edges)
    x1 = edges.x0 + edges.turn
    backward = (edges.x0 > x1) | ((edges.x0 == x1) & (edges.y0 > edges.y1))
    columns = (
        np.where(backward, x1, edges.x0),
        np.where(backward, edges.y1, edges.y0),
        np.where(backward, edges.x0, x1),
        np.where(backward, edges.y0, edges.y1),
    )
    columns, zone = _without_seam(columns, edges.zone)
    return Edges(*columns, zone, south, north)


def _rings(geometries: Sequence[Any]) -> tuple[_Open, Integers, Integers]:
    zones = len(geometries)
    parts, part_zone = shapely.get_parts(np.asarray(geometries, dtype=object), return_index=True)
    polygons = shapely.get_type_id(parts) == 3
    parts, part_zone = parts[polygons], part_zone[polygons]
    # neighbours in space become neighbours in order: it keeps the distance tree tight
    centre = np.nan_to_num(shapely.bounds(parts)[:, :2]) if len(parts) else np.empty((0, 2))
    order = np.lexsort((_morton(centre), part_zone))
    parts, part_zone = parts[order], part_zone[order]
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    points, point_ring = shapely.get_coordinates(rings, return_index=True)
    if not len(points):
        empty, none = np.empty(0), np.empty(0, dtype=np.int64)
        zeros = np.zeros(zones, dtype=np.int64)
        return _Open(empty, empty, empty, empty, none), zeros, zeros.copy()
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
    sine = 0.5 * (np.sin(np.radians(start[:, 1])) + np.sin(np.radians(end[:, 1])))
    above = np.abs(np.bincount(ring, np.radians(turn) * (1.0 - sine), len(rings)))
    for polar in np.flatnonzero(np.abs(winding) > 180.0):
        target = north if above[polar] < 2.0 * np.pi else south
        target[ring_zone[polar]] ^= 1
    moves = (turn != 0.0) | (start[:, 1] != end[:, 1])
    x0 = start[:, 0] - 360.0 * np.floor((start[:, 0] + 180.0) / 360.0)
    x0 = np.where(start[:, 0] == 180.0, 180.0, x0)
    edges = _Open(x0, start[:, 1], turn, end[:, 1], ring_zone[ring].astype(np.int64))
    return edges.take(moves), south, north


def _morton(corners_deg: Floats) -> Integers:
    """(n,) order along a Z curve of (n, 2) corners."""
    cells = np.clip((corners_deg + (180.0, 90.0)) * 16.0, 0, 8191).astype(np.int64)
    code = np.zeros(len(cells), dtype=np.int64)
    for bit in range(13):
        code |= ((cells[:, 0] >> bit) & 1) << (2 * bit)
        code |= ((cells[:, 1] >> bit) & 1) << (2 * bit + 1)
    return code


def _ordered(edges: _Open) -> _Open:
    """The same edges, each from its lower end: two zones cut a shared border at the same points."""
    x1 = edges.x0 + edges.turn
    backward = (edges.y0 > edges.y1) | ((edges.y0 == edges.y1) & (edges.turn < 0.0))
    x1 = np.where(np.abs(x1) > 180.0, x1 - 360.0 * np.round(x1 / 360.0), x1)
    return _Open(
        np.where(backward, x1, edges.x0),
        np.where(backward, edges.y1, edges.y0),
        np.where(backward, -edges.turn, edges.turn),
        np.where(backward, edges.y0, edges.y1),
        edges.zone,
    )


def _pieces(edges: _Open) -> Integers:
    """Into how many pieces each edge has to be cut."""
    middle = np.radians(0.5 * (edges.y0 + edges.y1))
    east_m = np.radians(np.abs(edges.turn)) * np.cos(middle) * EARTH_M
    length_m = np.hypot(east_m, np.radians(edges.y1 - edges.y0) * EARTH_M)
    steep = np.tan(np.radians(np.minimum(np.maximum(np.abs(edges.y0), np.abs(edges.y1)), 89.9999)))
    bulge_m = east_m * length_m * steep / (8.0 * EARTH_M)
    pieces = np.maximum(length_m / EDGE_MAX_M, np.sqrt(bulge_m / BULGE_M))
    sharp = (np.abs(edges.turn) > TURN_MAX_DEG) & (length_m > 1.0)
    pieces = np.where(sharp, np.maximum(pieces, 2.0), pieces)
    pieces = np.where(length_m > 0.1, pieces, 1.0)
    return np.minimum(np.ceil(np.maximum(pieces, 1.0)), 4096.0).astype(np.int64)


def _cut(edges: _Open) -> _Open:
    for _ in range(24):  # a piece near a pole may need cutting again
        pieces = _pieces(edges)
        long = pieces > 1
        if not long.any():
            break
        edges = _merge(edges, long, _along(edges.take(long), pieces[long]), pieces)
    return edges


def _along(edges: _Open, pieces: Integers) -> _Open:
    """Each edge cut into its number of equal pieces."""
    azimuth, _, length_m = WGS84.inv(edges.x0, edges.y0, edges.x0 + edges.turn, edges.y1)
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
    next_x = np.where(last, (edges.x0 + edges.turn)[parent], np.roll(x, -1))
    next_y = np.where(last, edges.y1[parent], np.roll(y, -1))
    turn = next_x - x
    turn = np.where(np.abs(turn) > 180.0, turn - 360.0 * np.round(turn / 360.0), turn)
    turn = np.where(parallel, edges.turn[parent] / pieces[parent], turn)
    return _Open(x, y, turn, next_y, edges.zone[parent])


def _merge(edges: _Open, long: Any, cut: _Open, pieces: Integers) -> _Open:
    """The edges in order, with the long ones replaced by their pieces."""
    at = np.cumsum(pieces) - pieces
    out = []
    place = np.repeat(at[long], pieces[long])
    place = place + np.arange(len(place)) - np.repeat(
        np.cumsum(pieces[long]) - pieces[long], pieces[long]
    )
    for whole, short in zip(edges, cut, strict=True):
        column = np.empty(int(pieces.sum()), dtype=whole.dtype)
        column[at[~long]] = whole[~long]
        column[place] = short
        out.append(column)
    return _Open(*out)


def _split_at_antimeridian(edges: _Open) -> _Open:
    x0 = np.where((edges.x0 == 180.0) & (edges.turn > 0.0), -180.0, edges.x0)
    x0 = np.where((x0 == -180.0) & (edges.turn < 0.0), 180.0, x0)
    x1 = x0 + edges.turn
    over = (x1 > 180.0) | (x1 < -180.0)
    if not over.any():
        return edges._replace(x0=x0)
    seam = np.where(x1 > 180.0, 180.0, -180.0)
    seam_y = np.where(
        over, edges.y0 + (edges.y1 - edges.y0) * (seam - x0) / np.where(over, edges.turn, 1.0), 0.0
    )
    near = _Open(
        x0,
        edges.y0,
        np.where(over, seam - x0, edges.turn),
        np.where(over, seam_y, edges.y1),
        edges.zone,
    )
    far = _Open(-seam, seam_y, x1 - seam, edges.y1, edges.zone).take(over)
    far = far.take((far.turn != 0.0) | (far.y0 != far.y1))
    joined = _Open(*(np.concatenate(pair) for pair in zip(near, far, strict=True)))
    return joined.take(np.argsort(joined.zone, kind="stable"))


def _without_seam(
    columns: tuple[Floats, ...], zone: Integers
) -> tuple[tuple[Floats, ...], Integers]:
    """Without the edges along the antimeridian where two halves of one zone meet: no border is there."""
    x0, y0, x1, y1 = columns
    seam = (np.abs(x0) == 180.0) & (x0 == x1)
    if not seam.any():
        return columns, zone
    kept: list[tuple[float, float, int]] = []
    for owner in np.unique(zone[seam]):
        mine = seam & (zone == owner)
        ends, counts = np.unique(np.concatenate((y0[mine], y1[mine])), return_counts=True)
        odd = np.cumsum(counts) % 2 == 1  # a stretch that an odd number of edges covers is a border
        kept += [
            (float(ends[i]), float(ends[i + 1]), int(owner)) for i in np.flatnonzero(odd[:-1])
        ]
    low, high, owners = (np.array(list(values)) for values in zip(*kept, strict=True)) if kept else (
        np.empty(0),
        np.empty(0),
        np.empty(0),
    )
    line = np.full(len(low), -180.0)
    joined = [
        np.concatenate((column[~seam], extra))
        for column, extra in zip(columns, (line, low, line, high), strict=True)
    ]
    zone = np.concatenate((zone[~seam], owners.astype(np.int64)))
    order = np.argsort(zone, kind="stable")
    return tuple(column[order] for column in joined), zone[order]
