"""A track's heights along its way against floors and ceilings of the zones under it: a cut through the airspace.

All heights of one profile are on one scale. Where the track tells its pressure altitude that is pressure altitude:
levels are then compared with levels, exactly, and only limits over another datum carry the weather's error. Where
it does not, the scale is metres above mean sea level. Nothing here decides anything; ``watch`` does.
"""

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

import msgspec
import numpy as np

from vedette.airspace.activity import active, place_of
from vedette.airspace.edges import WGS84
from vedette.airspace.heights import (
    Height,
    amsl_from_hae,
    limit_hae,
    over_all_datums,
    pressure_from_amsl,
)
from vedette.airspace.index import ZoneIndex
from vedette.airspace.terrain import Terrain
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.errors import ShapeError
from vedette.model.zone import Datum, Limit, ZoneKind

Scale = Literal["pressure", "amsl"]
CERTAINTY: Final = 1.96  # standard deviations on each side that hold 95 % of a normal


class Way(NamedTuple):
    """(n,) points of a track in the order in which it passes them, heights NaN where unknown.

    ``below_m`` and ``above_m`` say how far the height may lie below and above what is given, with 95 %.
    """

    valid_ns: Integers
    latitude_deg: Floats
    longitude_deg: Floats
    pressure_altitude_m: Floats
    height_hae_m: Floats
    below_m: Floats
    above_m: Floats
    predicted: Flags


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One point of the way; heights on the profile's scale, None where unknown."""

    ms: float  # UTC
    along_m: float  # from the first point, over ground
    latitude_deg: float
    longitude_deg: float
    height_m: float | None
    low_m: float | None  # ends of the 95 % interval
    high_m: float | None
    datum: Literal["pressure", "geometric"] | None  # what was measured there
    predicted: bool


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the way over one zone, with the limits at its middle."""

    from_m: float
    to_m: float
    floor_m: float | None  # None: the ground
    floor_sigma_m: float
    ceiling_m: float | None  # None: no upper limit
    ceiling_sigma_m: float


class Bound(msgspec.Struct, frozen=True, kw_only=True):
    """A floor or ceiling as published."""

    height_m: float
    datum: Datum


class Passed(msgspec.Struct, frozen=True, kw_only=True):
    """A zone under the way."""

    zone_id: str
    kind: ZoneKind
    name: str
    state: str | None
    active: bool  # at the time of the profile
    floor: Bound | None
    ceiling: Bound | None
    pieces: tuple[Piece, ...]


class HeightProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A cut through the airspace along the way of a track."""

    scale: Scale
    points: tuple[Point, ...]
    zones: tuple[Passed, ...]
    ground_m: tuple[float | None, ...] | None  # under each point; None: no terrain is known


def height_profile(
    index: ZoneIndex, way: Way, at_ns: int, terrain: Terrain | None = None
) -> HeightProfile:
    """The profile of a way.

    Args:
        index: the zones.
        way: (n,) points.
        at_ns: when zones are looked at for being active.
        terrain: of the ground, and for limits above it; None: unknown.

    Raises:
        ShapeError: the columns of the way do not pair up.
    """
    count = len(way.valid_ns)
    for column in way:
        if len(column) != count:
            raise ShapeError(expected=(count,), actual=(len(column),))
    scale: Scale = "pressure" if np.isfinite(way.pressure_altitude_m).any() else "amsl"
    along_m = _along(way)
    heights = over_all_datums(
        way.latitude_deg,
        way.longitude_deg,
        height_hae_m=way.height_hae_m,
        pressure_altitude_m=way.pressure_altitude_m,
    )
    own = heights.pressure if scale == "pressure" else heights.amsl
    return HeightProfile(
        scale=scale,
        points=tuple(_point(way, own, along_m, k) for k in range(count)),
        zones=_passed(index, way, along_m, at_ns, scale, terrain),
        ground_m=_ground(way, scale, terrain),
    )


def _along(way: Way) -> Floats:
    """(n,) distance from the first point along the way."""
    x, y = way.longitude_deg, way.latitude_deg
    if len(x) < 2:
        return np.zeros(len(x))
    _, _, steps = WGS84.inv(x[:-1], y[:-1], x[1:], y[1:])
    return np.concatenate(([0.0], np.cumsum(steps)))


def _point(way: Way, own: Height, along_m: Floats, k: int) -> Point:
    height_m, error_m = float(own.value_m[k]), CERTAINTY * float(own.sigma_m[k])
    known = bool(np.isfinite(height_m))
    below, above = float(way.below_m[k]), float(way.above_m[k])
    datum: Literal["pressure", "geometric"] | None = None
    if np.isfinite(way.pressure_altitude_m[k]):
        datum = "pressure"
    elif np.isfinite(way.height_hae_m[k]):
        datum = "geometric"
    return Point(
        ms=float(way.valid_ns[k]) / 1e6,
        along_m=round(float(along_m[k]), 1),
        latitude_deg=round(float(way.latitude_deg[k]), 5),
        longitude_deg=round(float(way.longitude_deg[k]), 5),
        height_m=round(height_m, 1) if known else None,
        low_m=round(height_m - float(np.hypot(error_m, below)), 1) if known else None,
        high_m=round(height_m + float(np.hypot(error_m, above)), 1) if known else None,
        datum=datum,
        predicted=bool(way.predicted[k]),
    )


def _passed(
    index: ZoneIndex,
    way: Way,
    along_m: Floats,
    at_ns: int,
    scale: Scale,
    terrain: Terrain | None,
) -> tuple[Passed, ...]:
    rows, zones = index.locate(way.latitude_deg, way.longitude_deg)
    # a point stands for the way from half way to the one before to half way to the next
    edges = np.concatenate((along_m[:1], 0.5 * (along_m[1:] + along_m[:-1]), along_m[-1:]))
    found = []
    for number in np.unique(zones).tolist():
        zone, geometry = index.zones[number], index.geometries[number]
        at = rows[zones == number]
        runs = np.split(at, np.flatnonzero(np.diff(at) > 1) + 1)
        middles = np.array([run[len(run) // 2] for run in runs], dtype=np.int64)
        floor = _on_scale(zone.floor, way, middles, scale, terrain)
        ceiling = _on_scale(zone.ceiling, way, middles, scale, terrain)
        found.append(
            Passed(
                zone_id=zone.zone_id,
                kind=zone.kind,
                name=zone.name,
                state=zone.state,
                active=active(zone, at_ns, place_of(geometry)),
                floor=_bound(zone.floor),
                ceiling=_bound(zone.ceiling),
                pieces=_pieces(runs, edges, floor, ceiling),
            )
        )
    return tuple(sorted(found, key=lambda passed: (passed.pieces[0].from_m, passed.zone_id)))


def _bound(limit: Limit | None) -> Bound | None:
    return None if limit is None else Bound(height_m=limit.height_m, datum=limit.datum)


def _pieces(
    runs: Sequence[Any], edges: Floats, floor: Height | None, ceiling: Height | None
) -> tuple[Piece, ...]:
    def end(limit: Height | None, k: int) -> tuple[float | None, float]:
        if limit is None:
            return None, 0.0
        return round(float(limit.value_m[k]), 1), round(float(limit.sigma_m[k]), 1)

    pieces = []
    for k, run in enumerate(runs):
        floor_m, floor_sigma_m = end(floor, k)
        ceiling_m, ceiling_sigma_m = end(ceiling, k)
        pieces.append(
            Piece(
                from_m=round(float(edges[run[0]]), 1),
                to_m=round(float(edges[run[-1] + 1]), 1),
                floor_m=floor_m,
                floor_sigma_m=floor_sigma_m,
                ceiling_m=ceiling_m,
                ceiling_sigma_m=ceiling_sigma_m,
            )
        )
    return tuple(pieces)


def _on_scale(
    limit: Limit | None, way: Way, at: Integers, scale: Scale, terrain: Terrain | None
) -> Height | None:
    """A limit at some points of the way, on the profile's scale; None without one."""
    if limit is None:
        return None
    if scale == "pressure" and limit.datum == "pressure":
        return Height(np.full(len(at), limit.height_m), np.zeros(len(at)))
    y, x = way.latitude_deg[at], way.longitude_deg[at]
    hae = limit_hae(limit, y, x, terrain=terrain)
    amsl = amsl_from_hae(y, x, hae.value_m, hae.sigma_m)
    return amsl if scale == "amsl" else _as_pressure(amsl)


def _as_pressure(amsl: Height) -> Height:
    level = pressure_from_amsl(amsl.value_m)
    return Height(level.value_m, np.hypot(level.sigma_m, amsl.sigma_m))


def _ground(way: Way, scale: Scale, terrain: Terrain | None) -> tuple[float | None, ...] | None:
    if terrain is None:
        return None
    found = terrain.ground(way.latitude_deg, way.longitude_deg)
    ground = Height(found.amsl_m, found.sigma_m)
    values = (_as_pressure(ground) if scale == "pressure" else ground).value_m
    return tuple(None if np.isnan(value) else round(float(value), 1) for value in values)
