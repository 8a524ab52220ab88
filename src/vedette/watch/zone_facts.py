"""What watching asks of each zone again and again, as columns beside the index."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.time import SECOND_NS
from vedette.model.zone import Limit, Zone, ZoneKind
from vedette.watch import _kernels
from vedette.watch.settings import WatchSettings
from vedette.watch.timetable import timetable

_NONE, _PRESSURE, _HAE, _OTHER = 0, 1, 2, 3
_NEVER: Final = 1 << 62


class _Index(Protocol):
    @property
    def zones(self) -> Sequence[Zone]: ...


class ZoneFacts(NamedTuple):
    """(z,) columns, one value for each zone of an index."""

    limited: Flags  # has a floor or a ceiling
    floor_m: Floats  # NaN without one
    floor_datum: Integers
    ceiling_m: Floats
    ceiling_datum: Integers
    boundary_sigma_m: Floats  # of its least accurate stretch


def _datum(limit: Limit | None, *, floor: bool) -> int:
    if limit is None or (floor and limit.datum == "agl" and limit.height_m <= 0.0):
        return _NONE
    return {"pressure": _PRESSURE, "hae": _HAE}.get(limit.datum, _OTHER)


def zone_facts(index: _Index) -> ZoneFacts:
    """The columns of an index, made once: an index never changes."""
    return _facts(cast(Hashable, index))


@lru_cache(maxsize=4)
def _facts(index: Hashable) -> ZoneFacts:
    zones = cast(_Index, index).zones
    return ZoneFacts(
        np.array([z.floor is not None or z.ceiling is not None for z in zones], dtype=np.bool_),
        np.array([np.nan if z.floor is None else z.floor.height_m for z in zones]),
        np.array([_datum(z.floor, floor=True) for z in zones], dtype=np.int64),
        np.array([np.nan if z.ceiling is None else z.ceiling.height_m for z in zones]),
        np.array([_datum(z.ceiling, floor=False) for z in zones], dtype=np.int64),
        np.array([max([z.boundary_sigma_m, *(b.sigma_m for b in z.border)]) for z in zones]),
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
    ``datum_sigma_m`` more, since neither terrain nor air pressure is known here. A limit above ground of 0
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
        zone, facts.floor_m, facts.floor_datum, hae_m, pressure_m, sigma_m,
        1.0, unknown_m, datum_m, floor,
    )  # fmt: skip
    _kernels.limit_margins(
        zone, facts.ceiling_m, facts.ceiling_datum, hae_m, pressure_m, sigma_m,
        -1.0, unknown_m, datum_m, ceiling,
    )  # fmt: skip
    return floor, ceiling
