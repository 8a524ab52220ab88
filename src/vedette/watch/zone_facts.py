"""What watching asks of each zone again and again, as columns beside the index."""

import math
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol, cast

import numpy as np
import shapely
from numpy.typing import NDArray

from vedette.airspace.heights import undulation_m
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.time import SECOND_NS
from vedette.model.zone import Limit, Zone, ZoneKind
from vedette.watch import _kernels
from vedette.watch.settings import WatchSettings
from vedette.watch.timetable import timetable

_NONE, _PRESSURE, _HAE, _OTHER, _SEA = 0, 1, 2, 3, 4
_GEOID_M: Final = 3.0  # a zone over which the geoid varies by more, either way, is of another datum
_NEVER: Final = 1 << 62


class _Index(Protocol):
    @property
    def zones(self) -> Sequence[Zone]: ...

    @property
    def geometries(self) -> Sequence[Any]: ...


class ZoneFacts(NamedTuple):
    """(z,) columns, one value for each zone of an index."""

    limited: Flags  # has a floor or a ceiling
    floor_m: Floats  # NaN without one
    floor_datum: Integers
    ceiling_m: Floats
    ceiling_datum: Integers
    boundary_sigma_m: Floats  # of its least accurate stretch
    geoid_m: (
        Floats  # mean sea level above the ellipsoid there; NaN where it is not asked for, or varies
    )


def _datum(limit: Limit | None, geoid_m: float, *, floor: bool) -> int:
    if limit is None or (floor and limit.datum == "agl" and limit.height_m <= 0.0):
        return _NONE
    sea = _OTHER if math.isnan(geoid_m) else _SEA
    return {"pressure": _PRESSURE, "hae": _HAE, "amsl": sea}.get(limit.datum, _OTHER)


def _geoids(index: _Index) -> Floats:
    """(z,) height of the sea above the ellipsoid in the zones that have a limit over it."""
    found = np.full(len(index.zones), np.nan)
    rows = np.array(
        [
            row
            for row, zone in enumerate(index.zones)
            if any(one is not None and one.datum == "amsl" for one in (zone.floor, zone.ceiling))
        ],
        dtype=np.int64,
    )
    if not len(rows):
        return found
    west, south, east, north = shapely.bounds([index.geometries[row] for row in rows.tolist()]).T
    middle = 0.5 * (west + east), 0.5 * (south + north)
    corners = (west, south), (west, north), (east, south), (east, north), middle
    heights = np.stack([undulation_m(y, x) for x, y in corners])
    low, high = heights.min(axis=0), heights.max(axis=0)
    found[rows] = np.where(high - low <= 2.0 * _GEOID_M, 0.5 * (low + high), np.nan)
    return found


def zone_facts(index: _Index) -> ZoneFacts:
    """The columns of an index, made once: an index never changes."""
    return _facts(cast(Hashable, index))


@lru_cache(maxsize=4)
def _facts(index: Hashable) -> ZoneFacts:
    zones = cast(_Index, index).zones
    geoid_m = _geoids(cast(_Index, index))
    seas = geoid_m.tolist()
    return ZoneFacts(
        np.array([z.floor is not None or z.ceiling is not None for z in zones], dtype=np.bool_),
        np.array([np.nan if z.floor is None else z.floor.height_m for z in zones]),
        np.array(
            [_datum(z.floor, sea, floor=True) for z, sea in zip(zones, seas, strict=True)],
            dtype=np.int64,
        ),
        np.array([np.nan if z.ceiling is None else z.ceiling.height_m for z in zones]),
        np.array(
            [_datum(z.ceiling, sea, floor=False) for z, sea in zip(zones, seas, strict=True)],
            dtype=np.int64,
        ),
        np.array([max([z.boundary_sigma_m, *(b.sigma_m for b in z.border)]) for z in zones]),
        geoid_m,
    )


@lru_cache(maxsize=8)
def _of_kinds(index: Hashable, kinds: tuple[ZoneKind, ...]) -> Flags:
    return np.array([zone.kind in kinds for zone in cast(_Index, index).zones], dtype=np.bool_)


def of_kinds(index: _Index, kinds: tuple[ZoneKind, ...]) -> Flags:
    """(z,) whether each zone of an index is of one of these kinds; made once."""
    return _of_kinds(cast(Hashable, index), kinds)


class _Soon:
    """Which zones of an index are in force within some time, kept until that changes."""

    def __init__(self, index: _Index) -> None:
        self.times = timetable(index)
        self.asked: tuple[Any, ...] = ()
        self.since_ns = self.until_ns = 0
        self.flags = np.empty(0, dtype=np.uint8)

    def within(self, kinds: Flags, now_ns: int, ahead_ns: int) -> NDArray[np.uint8]:
        first_ns, last_ns = self.times.window(now_ns)
        asked = first_ns, last_ns, kinds, ahead_ns
        same = len(self.asked) == 4 and all(
            a is b for a, b in zip(asked[:3], self.asked, strict=False)
        )
        if same and self.asked[3] == ahead_ns and self.since_ns <= now_ns < self.until_ns:
            return self.flags
        soon = (first_ns <= now_ns + ahead_ns) & (last_ns > now_ns)
        self.flags = (soon & kinds).astype(np.uint8)
        self.flags.setflags(write=False)
        begins = first_ns[first_ns > now_ns + ahead_ns].min(initial=_NEVER) - ahead_ns
        self.until_ns = int(min(begins, last_ns[last_ns > now_ns].min(initial=_NEVER)))
        self.asked, self.since_ns = asked, now_ns
        return self.flags


@lru_cache(maxsize=4)
def _soon(index: Hashable) -> _Soon:
    return _Soon(cast(_Index, index))


def soon_in_force(
    index: _Index, kinds: tuple[ZoneKind, ...], now_ns: int, ahead_s: float
) -> NDArray[np.uint8]:
    """(z,) 1 for each zone of some kinds that is in force at some instant from now to ``ahead_s`` from now."""
    kept = _soon(cast(Hashable, index))
    return kept.within(of_kinds(index, kinds), now_ns, int(ahead_s * SECOND_NS))


def far_in_height(
    settings: WatchSettings,
    facts: ZoneFacts,
    zone: Integers,
    height_hae_m: Floats,
    pressure_altitude_m: Floats,
    height_sigma_m: Floats,
    sigmas: float,
    way_m: float,
) -> Flags:
    """(k,) whether objects are above or below their zones by more than ``way_m`` and some sigmas.

    Args: as ``height_margins``.
    """
    far = np.zeros(len(zone), dtype=np.bool_)
    at = np.flatnonzero(facts.limited[zone])
    if len(at):
        heights = height_hae_m[at], pressure_altitude_m[at], height_sigma_m[at]
        floor, ceiling = height_margins(settings, facts, zone[at], *heights)
        # a margin is over the sigma of the height and that of the datum, which is not below the first alone
        sigma_m = np.where(np.isnan(heights[2]), settings.height_sigma_m, heights[2])
        far[at] = np.minimum(floor, ceiling) * sigma_m < -(sigmas * sigma_m + way_m)
    return far


def height_margins(
    settings: WatchSettings,
    facts: ZoneFacts,
    zone: Integers,
    height_hae_m: Floats,
    pressure_altitude_m: Floats,
    height_sigma_m: Floats,
) -> tuple[Floats, Floats]:
    """(k,) margins of heights above their zones' floors and below their ceilings, infinite without one.

    A height in the limit's own datum is used where there is one; a height in another datum is used with
    ``datum_sigma_m`` more, since neither terrain nor air pressure is known here; only the sea's height above the
    ellipsoid is, so a limit above the sea is met by a height above the ellipsoid. A limit above ground of 0
    excludes nothing. An unknown height excludes nothing either: what may be inside is watched.

    Args:
        settings: uncertainties of heights and datums.
        facts: of the index.
        zone: (k,) positions of zones.
        height_hae_m: (k,) heights above the ellipsoid [m]; NaN unknown, as in the others.
        pressure_altitude_m: (k,) by pressure [m].
        height_sigma_m: (k,) of either [m].
    """
    hae_m, pressure_m, sigma_m = (
        np.ascontiguousarray(column, dtype=np.float64)
        for column in (height_hae_m, pressure_altitude_m, height_sigma_m)
    )
    floor, ceiling = np.empty(len(zone)), np.empty(len(zone))
    unknown_m, datum_m = settings.height_sigma_m, settings.datum_sigma_m
    _kernels.limit_margins(
        zone, facts.floor_m, facts.floor_datum, facts.geoid_m, hae_m, pressure_m, sigma_m,
        1.0, unknown_m, datum_m, floor,
    )  # fmt: skip
    _kernels.limit_margins(
        zone, facts.ceiling_m, facts.ceiling_datum, facts.geoid_m, hae_m, pressure_m, sigma_m,
        -1.0, unknown_m, datum_m, ceiling,
    )  # fmt: skip
    return floor, ceiling
