"""Which zones share an outline: it is kept once, however many zones and periods hang on it."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely

from vedette.model.columns import Integers
from vedette.model.zone import Zone


class Outlines(NamedTuple):
    """(o,) different outlines of (z,) zones."""

    of: Integers  # (z,) the outline of each zone
    first: Integers  # (o,) first zone with each
    begin: Integers  # (o + 1,) where the zones of each begin in ``zone``
    zone: Integers  # (z,) zones by outline, then position
    distinct: bool  # each zone has an outline of its own, at its own position

    def wanted(self, zones: Any) -> Any:
        """(o,) uint8, whether any zone of each outline is flagged in ``zones``, (z,) uint8."""
        if self.distinct or not len(self.first):
            return zones
        return np.maximum.reduceat(zones[self.zone], self.begin[:-1])


def outlines_of(zones: Sequence[Zone], geometries: Sequence[Any]) -> Outlines:
    """Outlines that are the same to the last bit, with the same accuracy of each stretch, are one."""
    of = np.empty(len(geometries), dtype=np.int64)
    first: list[int] = []
    by_object: dict[tuple[int, int], int] = {}
    by_bytes: dict[tuple[bytes, object], int] = {}
    for row, (zone, geometry) in enumerate(zip(zones, geometries, strict=True)):
        seen = id(geometry), id(zone.border) if zone.border else 0
        shape = by_object.get(seen)
        if shape is None:
            shape = by_bytes.setdefault((shapely.to_wkb(geometry), zone.border), len(first))
            by_object[seen] = shape
            if shape == len(first):
                first.append(row)
        of[row] = shape
    order = np.argsort(of, kind="stable")
    begin = np.searchsorted(of[order], np.arange(len(first) + 1)).astype(np.int64)
    firsts = np.array(first, dtype=np.int64)
    return Outlines(of, firsts, begin, order, len(first) == len(geometries))
