"""Which zones a point is in, near to, and how far from whose boundary: for thousands of points at once."""

from collections.abc import Collection, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from vedette.airspace import _distance, _kernels, _outlines
from vedette.airspace.edges import Edges, boundary_edges
from vedette.airspace.outlines import Outlines, outlines_of
from vedette.model.columns import Floats, Integers
from vedette.model.errors import ShapeError, ZoneError
from vedette.model.zone import Zone, ZoneKind

Pairs = tuple[Integers, Integers]

LARGE_BYTES: Final = 32 << 20  # of edges, beyond what caches hold
MANY: Final = 256  # points from which it pays to put them in order


class Nearest(NamedTuple):
    """The nearest place on the boundary of each of (m,) points' zones."""

    distance_m: Floats  # positive inside
    azimuth_rad: Floats
    sigma_m: Floats  # 1-sigma accuracy of the boundary there
    basis: list[str]  # what it was drawn from; "" where only the zone's own accuracy is known


class ZoneIndex:
    """Zones with their geometries, ready to be asked.

    Points are (n,) arrays of WGS 84 degrees; longitudes may lie outside ±180, and a point that is not
    finite is in no zone. A point on a border shared by two zones is in exactly one of them. Heights and
    times are not looked at here: a zone with fifty active periods may be fifty zones, and what has one outline
    shares it, so that it is kept and looked up once. Nothing changes after ``build``.
    """

    def __init__(
        self,
        zones: tuple[Zone, ...],
        geometries: tuple[Any, ...],
        raster: _kernels.Raster,
        tree: _distance.Tree,
        edge_border: Integers,
        outlines: Outlines,
    ) -> None:
        self.zones = zones
        self.geometries = geometries
        self.outlines = outlines
        self._raster = raster
        self._tree = tree
        self._edge_border = edge_border
        self._sigmas_m = np.array([zone.boundary_sigma_m for zone in zones], dtype=np.float64)
        stretches = [stretch for row in outlines.first.tolist() for stretch in zones[row].border]
        self._stretch_sigma_m = np.array([np.nan, *(stretch.sigma_m for stretch in stretches)])
        self._bases = ("", *(stretch.basis for stretch in stretches))
        self._kinds = np.array([zone.kind for zone in zones], dtype=np.str_)
        self._flags: dict[frozenset[str], Any] = {}  # by kinds, made when first asked for
        # flags of zones that nobody can write to, and of their outlines, as they were asked for last
        self._asked: tuple[Any, Any] = (None, None)
        self._row_of = {zone.zone_id: row for row, zone in enumerate(zones)}

    @classmethod
    def build(cls, zones: Sequence[Zone], geometries: Sequence[Any]) -> "ZoneIndex":
        """An index of zones and their polygons or multipolygons, in longitude and latitude [degrees].

        Edges are geodesics. Polygons may cross the antimeridian or be split there, and may hold a pole.

        Raises:
            ShapeError: not one geometry for each zone.
            ZoneError: a zone_id comes twice, or a geometry is no polygon with finite coordinates.
        """
        if len(zones) != len(geometries):
            raise ShapeError(expected=(len(zones),), actual=(len(geometries),))
        seen: set[str] = set()
        for zone, geometry in zip(zones, geometries, strict=True):
            if zone.zone_id in seen:
                raise ZoneError(f"zone {zone.zone_id}: the zone_id comes twice")
            seen.add(zone.zone_id)
            if geometry is None or geometry.geom_type not in ("Polygon", "MultiPolygon"):
                raise ZoneError(f"zone {zone.zone_id}: the geometry is no polygon")
        outlines = outlines_of(zones, geometries)
        kept = [zones[row] for row in outlines.first.tolist()]
        shapes = [geometries[row] for row in outlines.first.tolist()]
        points, owner = shapely.get_coordinates(np.asarray(shapes, dtype=object), return_index=True)
        on_earth = (np.abs(points[:, 0]) <= 540.0) & (np.abs(points[:, 1]) <= 90.0)  # false for NaN
        if not on_earth.all():
            zone_id = kept[owner[np.argmin(on_earth)]].zone_id
            raise ZoneError(f"zone {zone_id}: a coordinate is not on Earth")
        some = any(zone.border for zone in kept)
        edges = boundary_edges(shapes, [zone.border for zone in kept] if some else None)
        tree = _tree(edges, len(kept))
        raster = _raster(edges, tree, len(kept))
        border: Integers = edges.border.astype(np.int32)
        return cls(tuple(zones), tuple(geometries), raster, tree, border, outlines)

    def __len__(self) -> int:
        return len(self.zones)

    def row_of(self, zone_id: str) -> int:
        """Position of a zone in ``zones``.

        Raises:
            KeyError: there is no such zone.
        """
        return self._row_of[zone_id]

    def locate(
        self,
        latitude_deg: Floats,
        longitude_deg: Floats,
        kinds: Collection[ZoneKind] | None = None,
    ) -> Pairs:
        """Every pair of a point and a zone that it is in.

        Args:
            latitude_deg: (n,) WGS 84 latitudes [degrees].
            longitude_deg: (n,) WGS 84 longitudes [degrees].
            kinds: look at zones of these kinds only.

        Returns:
            (k,) rows of the points and (k,) positions of the zones, sorted by row, then zone.

        Raises:
            ShapeError: the arrays do not pair up.
        """
        y, x = _columns(latitude_deg, longitude_deg)
        return self._locate(y, x, self._wanted(kinds))

    def locate_of(self, latitude_deg: Floats, longitude_deg: Floats, wanted: Any) -> Pairs:
        """As ``locate``, of those zones whose flag in ``wanted``, (zones,) uint8, is 1.

        Raises:
            ShapeError: the arrays do not pair up, or there is not one flag for each zone.
        """
        y, x = _columns(latitude_deg, longitude_deg)
        flags = np.ascontiguousarray(wanted, dtype=np.uint8)
        if flags.shape != (len(self.zones),):
            raise ShapeError(expected=(len(self.zones),), actual=flags.shape)
        return self._locate(y, x, flags)

    def _locate(self, y: Floats, x: Floats, wanted: Any) -> Pairs:
        rows, shapes = self._located(y, x, self.outlines.wanted(wanted))
        return self._spread(rows, shapes, wanted)

    def _spread(self, rows: Integers, shapes: Integers, wanted: Any) -> Pairs:
        """Pairs of a row and an outline to pairs of a row and a zone."""
        of = self.outlines
        if of.distinct:
            return rows, shapes
        room = int((of.begin[shapes + 1] - of.begin[shapes]).sum())
        out_row, out_zone = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        count = _outlines.spread(rows, shapes, of.begin, of.zone, wanted, out_row, out_zone)
        return out_row[:count], out_zone[:count]

    def _located(self, y: Floats, x: Floats, wanted: Any) -> Pairs:
        if self._raster.line.nbytes < LARGE_BYTES or len(x) < MANY:
            return self._pairs(y, x, wanted)
        # a raster larger than the caches is read much faster along its cells than across them
        cells = np.nan_to_num(np.floor(y * 8.0) * 4096.0 + np.floor(x * 8.0))
        order = np.argsort(cells, kind="stable")
        rows, zones = self._pairs(_column(y[order]), _column(x[order]), wanted)
        out_row, out_zone = np.empty_like(rows), np.empty_like(zones)
        _kernels.by_row(order, rows, zones, out_row, out_zone)
        return out_row, out_zone

    def _pairs(self, y: Floats, x: Floats, wanted: Any) -> Pairs:
        # where zones lie many deep, too little room means doing everything twice; unused room costs nothing
        room = (8 if len(x) <= 100_000 else 2) * len(x) + 64
        while True:
            rows, zones = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
            count = _kernels.locate(x, y, self._raster, wanted, rows, zones)
            if count <= room:
                return rows[:count], zones[:count]
            room = count

    def near(
        self,
        latitude_deg: Floats,
        longitude_deg: Floats,
        radius_m: Floats | float,
        kinds: Collection[ZoneKind] | None = None,
    ) -> Pairs:
        """Every pair of a point and a zone that it is in, or that begins within its radius.

        Distances are good to 1e-4 of the radius up to 500 km.

        Args:
            latitude_deg: (n,) WGS 84 latitudes [degrees].
            longitude_deg: (n,) WGS 84 longitudes [degrees].
            radius_m: (n,) or one radius [m]; one that is not positive asks for "in" alone.
            kinds: look at zones of these kinds only.

        Returns:
            (k,) rows of the points and (k,) positions of the zones, sorted by row, then zone.

        Raises:
            ShapeError: the arrays do not pair up.
        """
        return self.near_of(latitude_deg, longitude_deg, radius_m, self._wanted(kinds))

    def near_of(
        self, latitude_deg: Floats, longitude_deg: Floats, radius_m: Floats | float, wanted: Any
    ) -> Pairs:
        """As ``near``, of those zones whose flag in ``wanted``, (zones,) uint8, is 1.

        Raises:
            ShapeError: the arrays do not pair up, or there is not one flag for each zone.
        """
        y, x = _columns(latitude_deg, longitude_deg)
        radii = _column(np.broadcast_to(np.asarray(radius_m, dtype=np.float64), x.shape))
        flags = np.ascontiguousarray(wanted, dtype=np.uint8)
        if flags.shape != (len(self.zones),):
            raise ShapeError(expected=(len(self.zones),), actual=flags.shape)
        shapes = self._shapes(flags)
        inside = self._located(y, x, shapes)
        # too little room means doing everything twice; unused room costs nothing
        room = 16 * len(x) + 2 * len(inside[0]) + 64
        while True:
            rows, found = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
            edge = self._tree.edge
            count = _kernels.near(x, y, radii, self._raster, shapes, edge, *inside, rows, found)
            if count <= room:
                return self._spread(rows[:count], found[:count], flags)
            room = count

    def _shapes(self, flags: Any) -> Any:
        asked, shapes = self._asked
        if asked is not flags:
            shapes = self.outlines.wanted(flags)
            if not flags.flags.writeable:
                self._asked = flags, shapes
        return shapes

    def boundary(
        self, latitude_deg: Floats, longitude_deg: Floats, zone: Integers
    ) -> tuple[Floats, Floats]:
        """Distance of each point to the boundary of its zone, and the way there.

        The length of the geodesic to the nearest place on the boundary. Its error is below 5 cm within 400 km
        and below 0.5 m at any distance, except beyond 19,000 km (0.5 %). Which of two almost equally near
        places is taken can differ from the geodesic order by 0.1 % of the distance where that is above 1,000 km.

        Args:
            latitude_deg: (m,) WGS 84 latitudes [degrees].
            longitude_deg: (m,) WGS 84 longitudes [degrees].
            zone: (m,) positions in ``zones``.

        Returns:
            (m,) distances [m], positive inside, and (m,) azimuths clockwise from true north towards the
            nearest place on the boundary [rad]. A zone without a boundary is infinitely far; a point that
            is not finite gives NaN.

        Raises:
            ShapeError: the arrays do not pair up.
            IndexError: there is no such zone.
        """
        distance_m, azimuth_rad, _ = self.measured(latitude_deg, longitude_deg, zone)
        return distance_m, azimuth_rad

    def measured(
        self, latitude_deg: Floats, longitude_deg: Floats, zone: Integers
    ) -> tuple[Floats, Floats, Floats]:
        """As ``boundary``, and (m,) 1-sigma accuracies of the boundary at the nearest place [m].

        Args and Raises: see ``boundary``.
        """
        distance_m, azimuth_rad, stretch = self._measured(latitude_deg, longitude_deg, zone)
        return distance_m, azimuth_rad, self._accuracy_m(zone, stretch)

    def nearest(self, latitude_deg: Floats, longitude_deg: Floats, zone: Integers) -> Nearest:
        """As ``boundary``, with the accuracy of the boundary there and what it was drawn from.

        Args and Raises: see ``boundary``.
        """
        signed_m, azimuth_rad, stretch = self._measured(latitude_deg, longitude_deg, zone)
        bases = [self._bases[k] for k in stretch.tolist()]
        return Nearest(signed_m, azimuth_rad, self._accuracy_m(zone, stretch), bases)

    def _accuracy_m(self, zone: Integers, stretch: Integers) -> Floats:
        return np.where(
            stretch > 0, self._stretch_sigma_m[stretch], self._sigmas_m[np.asarray(zone, np.int64)]
        )

    def _measured(
        self, latitude_deg: Floats, longitude_deg: Floats, zone: Integers
    ) -> tuple[Floats, Floats, Integers]:
        y, x = _columns(latitude_deg, longitude_deg)
        which = np.ascontiguousarray(zone, dtype=np.int64)
        if which.shape != x.shape:
            raise ShapeError(expected=x.shape, actual=which.shape)
        if len(which) and not (which.min() >= 0 and which.max() < len(self.zones)):
            raise IndexError(f"zones are 0 to {len(self.zones) - 1}")
        if not self.outlines.distinct:
            which = self.outlines.of[which]
        inside = np.empty(len(x), dtype=np.uint8)
        distance_m, azimuth_rad = np.empty(len(x)), np.empty(len(x))
        edge = np.empty(len(x), dtype=np.int64)
        _kernels.contains(x, y, which, self._raster, inside)
        nodes, gaps = np.empty(_distance.DEPTH, dtype=np.int64), np.empty(_distance.DEPTH)
        _distance.boundary(x, y, which, self._tree, nodes, gaps, distance_m, azimuth_rad, edge)
        stretch = np.zeros(len(x), dtype=np.int64)
        known = edge >= 0
        stretch[known] = self._edge_border[edge[known]]
        return np.where(inside == 1, distance_m, -distance_m), azimuth_rad, stretch

    def _wanted(self, kinds: Collection[ZoneKind] | None) -> Any:
        if kinds is None:
            return np.ones(len(self.zones), dtype=np.uint8)
        key = frozenset(kinds)
        if key not in self._flags:
            self._flags[key] = np.isin(self._kinds, list(kinds)).astype(np.uint8)
        return self._flags[key]


def _columns(latitude_deg: Floats, longitude_deg: Floats) -> tuple[Floats, Floats]:
    y, x = _column(latitude_deg), _column(longitude_deg)
    if y.ndim != 1 or x.shape != y.shape:
        raise ShapeError(expected=(y.size,), actual=x.shape)
    return y, x


def _column(values: Any) -> Floats:
    """Values as the kernels take them: Numba compiles anew for arrays that may be written to."""
    column: Floats = np.ascontiguousarray(values, dtype=np.float64).view()
    column.setflags(write=False)
    return column


def _offsets(sorted_keys: Integers, count: int) -> Integers:
    return np.searchsorted(sorted_keys, np.arange(count + 1)).astype(np.int64)


def _boxes(edges: Edges, zone_edge: Integers) -> Integers:
    """(zones, 4) first row, first column, rows and columns of the cells that each zone can reach."""
    zones = len(zone_edge) - 1
    box = np.zeros((zones, 4), dtype=np.int64)
    filled = np.flatnonzero(zone_edge[1:] > zone_edge[:-1])
    corners = np.zeros((zones, 4))
    if len(filled):
        first = zone_edge[:-1][filled]
        corners[filled] = np.column_stack(
            (
                np.minimum.reduceat(np.minimum(edges.y0, edges.y1), first),
                np.minimum.reduceat(edges.x0, first),
                np.maximum.reduceat(np.maximum(edges.y0, edges.y1), first),
                np.maximum.reduceat(edges.x1, first),
            )
        )
    north, south = edges.holds_north_pole == 1, edges.holds_south_pole == 1
    corners[north | south, 1], corners[north | south, 3] = -180.0, 180.0
    corners[north, 2], corners[south, 0] = 90.0, -90.0
    box[:, 0] = np.clip(np.floor((corners[:, 0] + 90.0) * 8), 0, _kernels.ROWS - 1)
    box[:, 1] = np.clip(np.floor((corners[:, 1] + 180.0) * 8), 0, _kernels.COLUMNS - 1)
    last_row = np.clip(np.floor((corners[:, 2] + 90.0) * 8), 0, _kernels.ROWS - 1)
    last_column = np.clip(np.floor((corners[:, 3] + 180.0) * 8), 0, _kernels.COLUMNS - 1)
    box[:, 2] = last_row - box[:, 0] + 1
    box[:, 3] = last_column - box[:, 1] + 1
    return box


def _raster(edges: Edges, tree: _distance.Tree, zones: int) -> _kernels.Raster:
    lines = edges.x0, edges.y0, edges.x1, edges.y1
    room = 2 * len(edges.x0) + 1024
    while True:
        cells, edge = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
        count = _kernels.touched_cells(*lines, cells, edge)
        if count <= room:
            break
        room = count
    cells, edge = cells[:count], edge[:count]
    order = np.argsort(cells, kind="stable")  # edges are in zone order already
    cells, edge = cells[order], edge[order]
    owner = edges.zone[edge]
    begins = np.flatnonzero(
        np.concatenate(([True], (cells[1:] != cells[:-1]) | (owner[1:] != owner[:-1])))
        if count
        else np.empty(0, dtype=np.bool_)
    )
    run_cell, run_zone = cells[begins], owner[begins]
    zone_run = np.argsort(run_zone, kind="stable")
    run_inside = np.zeros(len(begins), dtype=np.uint8)
    code = np.zeros(_kernels.ROWS * _kernels.COLUMNS, dtype=np.int32)
    zone_edge = _offsets(edges.zone, zones)
    parent, member = _kernels.fill_cells(
        *lines,
        zone_edge,
        _boxes(edges, zone_edge),
        edges.holds_south_pole,
        run_cell,
        zone_run,
        _offsets(run_zone[zone_run], zones),
        run_inside,
        code,
    )
    border, border_run = np.unique(run_cell, return_index=True)
    border_code = code[border]
    code[border] = -1 - np.arange(len(border), dtype=np.int32)
    block = np.zeros(180 * _kernels.BLOCK_COLUMNS, dtype=np.uint8)
    row, column = border // _kernels.COLUMNS // 8, border % _kernels.COLUMNS // 8
    block[row * _kernels.BLOCK_COLUMNS + column] = 1
    return _kernels.Raster(
        code,
        parent,
        member,
        border_code,
        np.append(border_run, len(run_cell)).astype(np.int64),
        run_zone,
        np.append(begins, count).astype(np.int64),
        run_inside,
        edge,
        np.column_stack(lines)[edge],
        _balls((tree.edge[:, :3] + 0.5 * tree.edge[:, 3:6])[edge], tree.edge[edge, 3:6], begins),
        block,
    )


def _balls(middles: Floats, along: Floats, begins: Integers) -> Floats:
    """(runs, 4) centre and radius of spheres around the edges from each of ``begins`` to the next."""
    if not len(begins):
        return np.empty((0, 4))
    counts = np.diff(np.append(begins, len(middles)))
    centre = np.add.reduceat(middles, begins, axis=0) / counts[:, None]
    # a metre more than half the edge: the ellipsoid rises above the chord
    reach = _length(middles - np.repeat(centre, counts, axis=0)) + 0.5 * _length(along) + 1.0
    return np.column_stack((centre, np.maximum.reduceat(reach, begins)))


def _length(vectors: Floats) -> Floats:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)))


def _tree(edges: Edges, zones: int) -> _distance.Tree:
    start, end, middle = (np.empty((len(edges.x0), 3)) for _ in range(3))
    edge = np.empty((len(edges.x0), 10))
    _kernels.edges_to_ecef(edges.x0, edges.y0, start)
    _kernels.edges_to_ecef(edges.x1, edges.y1, end)
    _kernels.edges_to_ecef(0.5 * (edges.x0 + edges.x1), 0.5 * (edges.y0 + edges.y1), middle)
    _kernels.lay_edges(start, end, middle, edge)
    root = np.full(zones, -1, dtype=np.int64)
    centres, radii, firsts, counts, leaves = [], [], [], [], []
    centre = 0.5 * (start + end)
    # a metre more than half the edge: the ellipsoid rises above the chord
    radius = 0.5 * _length(end - start) + 1.0
    owner, base, made = edges.zone, 0, 0
    leaf = True
    while len(owner):
        within = np.arange(len(owner)) - _offsets(owner, zones)[owner]
        first = np.flatnonzero(within % _distance.FANOUT == 0)
        count = np.diff(np.append(first, len(owner)))
        middle = np.add.reduceat(centre, first, axis=0) / count[:, None]
        parent = np.repeat(np.arange(len(first)), count)
        reach = _length(centre - middle[parent]) + radius
        radius = np.maximum.reduceat(reach, first)
        centres.append(middle)
        radii.append(radius)
        firsts.append(first + base)
        counts.append(count)
        leaves.append(np.full(len(first), leaf))
        owner, centre = owner[first], middle
        alone = np.flatnonzero(np.bincount(owner, minlength=zones)[owner] == 1)
        fresh = alone[root[owner[alone]] < 0]
        root[owner[fresh]] = made + fresh
        base, leaf = made, False
        made += len(first)
        if len(alone) == len(owner):
            break
    node = np.zeros((made, 8))
    if made:
        node[:, :3], node[:, 3] = np.concatenate(centres), np.concatenate(radii)
        node[:, 4], node[:, 5] = np.concatenate(firsts), np.concatenate(counts)
        node[:, 6] = np.concatenate(leaves)
    return _distance.Tree(node, root, edge)
