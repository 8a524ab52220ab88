"""What differs between two sets of zones: added, removed, moved, said otherwise."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import shapely

from vedette.airspace.arcs import local_plane
from vedette.airspace.polygon import area_km2
from vedette.model.zone import Zone

MOVED_M: Final = 0.5  # below this a boundary is the same
_NOT_COMPARED: Final = frozenset({"zone_id", "source", "border"})


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """One zone that is not the same in both."""

    zone_id: str
    change: str  # added, removed, changed
    fields: dict[str, tuple[Any, Any]] = {}  # old and new
    area_change_km2: float | None = None
    only_old_km2: float | None = None
    only_new_km2: float | None = None
    moved_m: float | None = None  # farthest that a place on one boundary lies from the other


def differences(
    old: tuple[Sequence[Zone], Sequence[Any]], new: tuple[Sequence[Zone], Sequence[Any]]
) -> list[Difference]:
    """Differences between two sets of zones with their geometries, by zone_id."""
    before = {zone.zone_id: (zone, shape) for zone, shape in zip(*old, strict=True)}
    after = {zone.zone_id: (zone, shape) for zone, shape in zip(*new, strict=True)}
    out = []
    for zone_id in sorted({*before, *after}):
        if zone_id not in after:
            out.append(Difference(zone_id=zone_id, change="removed"))
        elif zone_id not in before:
            out.append(Difference(zone_id=zone_id, change="added"))
        else:
            found = _between(zone_id, *before[zone_id], *after[zone_id])
            if found is not None:
                out.append(found)
    return out


def _between(
    zone_id: str, old: Zone, old_shape: Any, new: Zone, new_shape: Any
) -> Difference | None:
    a, b = msgspec.to_builtins(old), msgspec.to_builtins(new)
    fields = {key: (a[key], b[key]) for key in a if key not in _NOT_COMPARED and a[key] != b[key]}
    if shapely.equals_identical(old_shape, new_shape):
        return None if not fields else Difference(zone_id=zone_id, change="changed", fields=fields)
    moved_m = _moved_m(old_shape, new_shape)
    if moved_m < MOVED_M and not fields:
        return None
    return Difference(
        zone_id=zone_id,
        change="changed",
        fields=fields,
        area_change_km2=round(area_km2(new_shape) - area_km2(old_shape), 6),
        only_old_km2=round(area_km2(shapely.difference(old_shape, new_shape)), 6),
        only_new_km2=round(area_km2(shapely.difference(new_shape, old_shape)), 6),
        moved_m=round(moved_m, 1),
    )


def _moved_m(old: Any, new: Any) -> float:
    """Hausdorff distance of the boundaries on a plane about their middle."""
    west, south, east, north = shapely.total_bounds([old, new])
    forward, _ = local_plane(0.5 * (south + north), 0.5 * (west + east))

    def flat(shape: Any) -> Any:
        line = shapely.segmentize(shapely.boundary(shape), 0.02)
        return shapely.transform(line, lambda p: np.column_stack(forward.transform(*p.T)))

    return float(shapely.hausdorff_distance(flat(old), flat(new)))
