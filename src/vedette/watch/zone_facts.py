"""What watching asks of each zone again and again, as columns beside the index."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple, Protocol, cast

import numpy as np

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.zone import Limit, Zone, ZoneKind
from vedette.watch.settings import WatchSettings

_NONE, _PRESSURE, _HAE, _OTHER = 0, 1, 2, 3


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
    )


@lru_cache(maxsize=8)
def _of_kinds(index: Hashable, kinds: tuple[ZoneKind, ...]) -> Flags:
    return np.array([zone.kind in kinds for zone in cast(_Index, index).zones], dtype=np.bool_)


def of_kinds(index: _Index, kinds: tuple[ZoneKind, ...]) -> Flags:
    """(z,) whether each zone of an index is of one of these kinds; made once."""
    return _of_kinds(cast(Hashable, index), kinds)


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

    def to(limit_m: Floats, datum: Integers, sign: float) -> Floats:
        by_pressure = datum == _PRESSURE
        own = np.where(by_pressure, pressure_altitude_m, height_hae_m)
        other = np.where(by_pressure, height_hae_m, pressure_altitude_m)
        height_m = np.where(np.isnan(own), other, own)
        exact = ~np.isnan(own) & (datum != _OTHER)
        sigma = np.where(np.isnan(height_sigma_m), settings.height_sigma_m, height_sigma_m)
        sigma = np.hypot(sigma, np.where(exact, 1.0, settings.datum_sigma_m))
        margin = sign * (height_m - limit_m) / sigma
        return np.where(np.isnan(margin) | (datum == _NONE), np.inf, margin)

    return (
        to(facts.floor_m[zone], facts.floor_datum[zone], 1.0),
        to(facts.ceiling_m[zone], facts.ceiling_datum[zone], -1.0),
    )
