"""Zones in space, time and height: which are active now, and which of those a point is in.

A *volume* is one stretch of time of one zone. Zones with the same outline (a range with fifty active periods)
share it: it is looked up once, however many volumes hang on it.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from vedette.airspace import _volumes
from vedette.airspace.activity import place_of, stretches
from vedette.airspace.index import Pairs, ZoneIndex
from vedette.model.columns import Floats, Integers
from vedette.model.errors import ShapeError, ZoneError
from vedette.model.time import DAY_NS
from vedette.model.zone import Datum, Zone

DATUMS: Final[tuple[Datum, ...]] = ("hae", "amsl", "agl", "pressure")
VOLUMES_MAX: Final = 5_000_000
_EVER: Final = 1 << 62


class PointHeights(NamedTuple):
    """(n,) heights of points over each datum [m], NaN where unknown: an unknown height excludes nothing."""

    hae_m: Floats
    amsl_m: Floats
    agl_m: Floats
    pressure_m: Floats


class Volumes:
    """Zones with their active times, ready to be asked. Nothing changes after ``build``."""

    def __init__(self, zones: tuple[Zone, ...], shapes: ZoneIndex, columns: "_Columns") -> None:
        self.zones = zones
        self.shapes = shapes
        self._columns = columns

    @classmethod
    def build(
        cls, zones: Sequence[Zone], geometries: Sequence[Any], from_ns: int, to_ns: int
    ) -> "Volumes":
        """Volumes of zones between two instants, their schedules written out.

        Args:
            zones: the zones; dormant ones have no volumes.
            geometries: one polygon or multipolygon for each.
            from_ns: first instant that will be asked for.
            to_ns: the instant before which all questions lie.

        Raises:
            ShapeError: not one geometry for each zone.
            ZoneError: a geometry cannot be used, or there would be more than ``VOLUMES_MAX`` volumes.
        """
        if len(zones) != len(geometries):
            raise ShapeError(expected=(len(zones),), actual=(len(geometries),))
        shape_of, kept = _distinct(geometries)
        rows: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        for row, (zone, geometry) in enumerate(zip(zones, geometries, strict=True)):
            if zone.dormant:
                continue
            if zone.schedule:
                for start_ns, end_ns in stretches(zone, place_of(geometry), from_ns, to_ns):
                    rows.append(row)
                    starts.append(start_ns)
                    ends.append(end_ns)
            else:
                rows.append(row)
                starts.append(-_EVER if zone.valid_from_ns is None else zone.valid_from_ns)
                ends.append(_EVER if zone.valid_to_ns is None else zone.valid_to_ns)
            if len(rows) > VOLUMES_MAX:
                raise ZoneError(
                    f"more than {VOLUMES_MAX} volumes between the two instants; "
                    f"ask for less than {(to_ns - from_ns) / DAY_NS:.0f} days"
                )
        volume_zone = np.array(rows, dtype=np.int64)
        shape = shape_of[volume_zone] if rows else volume_zone
        order = np.argsort(shape, kind="stable")
        named = [
            Zone(zone_id=str(k), kind="other", name="", state=None, source="")
            for k in range(len(kept))
        ]
        columns = _Columns(
            zone=volume_zone[order],
            shape=shape[order],
            from_ns=np.array(starts, dtype=np.int64)[order],
            to_ns=np.array(ends, dtype=np.int64)[order],
            known_from_ns=_instants(zones, "known_from_ns", -_EVER),
            known_to_ns=_instants(zones, "known_to_ns", _EVER),
            limits=_limits(zones),
        )
        index = ZoneIndex.build(named, [geometries[k] for k in kept])
        return cls(tuple(zones), index, columns)

    def __len__(self) -> int:
        return len(self._columns.zone)

    def at(self, at_ns: int, known_at_ns: int | None = None) -> "Active":
        """What is active at an instant, as known at another (None: as known now)."""
        c = self._columns
        now = (c.from_ns <= at_ns) & (at_ns < c.to_ns)
        known = c.known_to_ns == _EVER
        if known_at_ns is not None:
            known = (c.known_from_ns <= known_at_ns) & (known_at_ns < c.known_to_ns)
        if not known.all():
            now &= known[c.zone]
        held = np.flatnonzero(now)
        per_shape = np.bincount(c.shape[held], minlength=len(self.shapes))
        begin = np.zeros(len(self.shapes) + 1, dtype=np.int64)
        np.cumsum(per_shape, out=begin[1:])
        later = c.from_ns[c.from_ns > at_ns]
        sooner = c.to_ns[now]
        change_ns = min(
            int(later.min()) if len(later) else _EVER, int(sooner.min()) if len(sooner) else _EVER
        )
        return Active(self, at_ns, change_ns, c.zone[held], begin, (per_shape > 0).astype(np.uint8))


class _Columns(NamedTuple):
    """Volumes sorted by shape, then the limits and knowledge of zones."""

    zone: Integers
    shape: Integers
    from_ns: Integers
    to_ns: Integers
    known_from_ns: Integers
    known_to_ns: Integers
    limits: Floats


class Active:
    """What is active from ``at_ns`` until, but not at, ``until_ns``."""

    def __init__(
        self,
        volumes: Volumes,
        at_ns: int,
        until_ns: int,
        zone: Integers,
        begin: Integers,
        wanted: Any,
    ) -> None:
        self.at_ns, self.until_ns = at_ns, until_ns
        self._volumes, self._zone, self._begin, self._wanted = volumes, zone, begin, wanted

    def __len__(self) -> int:
        return len(self._zone)

    @property
    def rows(self) -> Integers:
        """Positions of the active zones, in order."""
        return np.unique(self._zone)

    def locate(
        self,
        latitude_deg: Floats,
        longitude_deg: Floats,
        heights: PointHeights | None = None,
    ) -> Pairs:
        """Every pair of a point and an active zone that it is in.

        Args:
            latitude_deg: (n,) WGS 84 latitudes [degrees].
            longitude_deg: (n,) WGS 84 longitudes [degrees].
            heights: of the points; None looks at no heights. A limit whose datum has no height for a point
                does not exclude it.

        Returns:
            (k,) rows of the points and (k,) positions of the zones, sorted by row.

        Raises:
            ShapeError: the arrays do not pair up.
        """
        points, shapes = self._volumes.shapes.locate_of(latitude_deg, longitude_deg, self._wanted)
        total = int((self._begin[shapes + 1] - self._begin[shapes]).sum())
        rows, zones = np.empty(total, dtype=np.int64), np.empty(total, dtype=np.int64)
        c = self._volumes._columns
        if heights is None:
            _volumes.spread(points, shapes, self._begin, self._zone, rows, zones)
            return rows, zones
        table = np.ascontiguousarray(np.column_stack(heights), dtype=np.float64)
        if table.shape != (len(latitude_deg), 4):
            raise ShapeError(expected=(len(latitude_deg), 4), actual=table.shape)
        count = _volumes.spread_between(
            points, shapes, self._begin, self._zone, table, c.limits, rows, zones
        )
        return rows[:count], zones[:count]


def _instants(zones: Sequence[Zone], field: str, missing: int) -> Integers:
    return np.array([missing if (v := getattr(z, field)) is None else v for z in zones], np.int64)


def _limits(zones: Sequence[Zone]) -> Floats:
    """(zones, 4) datum of the floor, -1 for none, its height [m], and both of the ceiling."""
    out = np.full((len(zones), 4), np.nan)
    for row, zone in enumerate(zones):
        for column, limit in ((0, zone.floor), (2, zone.ceiling)):
            out[row, column] = -1.0 if limit is None else DATUMS.index(limit.datum)
            if limit is not None:
                out[row, column + 1] = limit.height_m
    return out


def _distinct(geometries: Sequence[Any]) -> tuple[Integers, list[int]]:
    """Which shape each zone has, and the first zone with each shape."""
    shape_of = np.empty(len(geometries), dtype=np.int64)
    kept: list[int] = []
    by_object: dict[int, int] = {}
    by_bytes: dict[bytes, int] = {}
    for row, geometry in enumerate(geometries):
        known = by_object.get(id(geometry))
        if known is None:
            known = by_bytes.setdefault(shapely.to_wkb(geometry), len(kept))
            if known == len(kept):
                kept.append(row)
            by_object[id(geometry)] = known
        shape_of[row] = known
    return shape_of, kept
