"""Zones as the page draws them: small outlines, never used to decide anything."""

from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.model.time import format_utc
from vedette.model.zone import Zone

TOLERANCE_DEG: Final = 0.01
DECIMALS: Final = 3
_SMALL_DEG: Final = (
    1.0  # what is smaller, an airport's zone, is drawn as much finer: to a hundredth of its size
)
_SMALL_DECIMALS: Final = 5
FILE: Final = "sovereign_display.parquet"


@lru_cache(maxsize=1)
def _drawn() -> dict[str, Any]:
    """Outlines of the bundled zones, simplified together so that shared borders stay shared."""
    data = (files("vedette") / "data" / "boundaries" / FILE).read_bytes()
    table = pq.read_table(pa.BufferReader(data))
    shapes = shapely.from_wkb(table.column("geometry").to_numpy())
    return dict(zip(table.column("zone_id").to_pylist(), shapes, strict=True))


def display_geojson(index: ZoneIndex) -> bytes:
    """All zones as one GeoJSON feature collection, simplified to about 0.01 degree, ordered as the index.

    Zones that are no wider or higher than a degree are simplified to a hundredth of that. Properties: those of
    ``properties``. Coordinates have three decimals, those of small zones five. Outlines that are smaller than the
    simplification keep their box.
    """
    features = []
    for zone, geometry in zip(index.zones, index.geometries, strict=True):
        features.append(
            {
                "type": "Feature",
                "id": zone.zone_id,
                "properties": properties(zone),
                "geometry": _geometry(zone, geometry),
            }
        )
    return msgspec.json.encode({"type": "FeatureCollection", "features": features})


def properties(zone: Zone) -> dict[str, object]:
    """What a person is told of a zone: whose it is, its limits and times, how well its border is known.

    Floor and ceiling are a height and its datum, null: the ground, and no limit. Of the border each accuracy is
    named once, with what it was drawn from.
    """
    border = dict.fromkeys((stretch.sigma_m, stretch.basis) for stretch in zone.border)
    return {
        "zone_id": zone.zone_id,
        "kind": zone.kind,
        "name": zone.name,
        "state": zone.state,
        "member": zone.member,
        "claims": list(zone.claims),
        "note": zone.note,
        "source": zone.source,
        "authority": zone.authority,
        "floor": msgspec.to_builtins(zone.floor),
        "ceiling": msgspec.to_builtins(zone.ceiling),
        "valid_from": _utc(zone.valid_from_ns),
        "valid_to": _utc(zone.valid_to_ns),
        "schedule": msgspec.to_builtins(zone.schedule),
        "dormant": zone.dormant,
        "boundary_sigma_m": zone.boundary_sigma_m,
        "border": [{"sigma_m": sigma_m, "basis": basis} for sigma_m, basis in border],
    }


def _utc(instant_ns: int | None) -> str | None:
    return None if instant_ns is None else format_utc(instant_ns)


def _geometry(zone: Zone, geometry: Any) -> dict[str, object]:
    shape, decimals = None, DECIMALS
    if zone.kind in ("sovereign", "disputed"):
        shape = _drawn().get(zone.zone_id)
        # a file of somebody else may use the same id for another place
        if shape is not None and np.abs(np.subtract(shape.bounds, geometry.bounds)).max() > 0.1:
            shape = None
    if shape is None:
        west, south, east, north = geometry.bounds
        size_deg = max(east - west, north - south)
        small = size_deg <= _SMALL_DEG
        tolerance_deg = min(TOLERANCE_DEG, 0.01 * size_deg) if small else TOLERANCE_DEG
        decimals = _SMALL_DECIMALS if small else DECIMALS
        shape = shapely.simplify(geometry, tolerance_deg, preserve_topology=True)
    polygons = []
    for part in shapely.get_parts([shape]):
        shell, *holes = [
            _ring(shapely.get_coordinates(ring), decimals) for ring in shapely.get_rings(part)
        ]
        polygons.append(
            [_box(part, decimals) if shell is None else shell, *(h for h in holes if h)]
        )
    return {"type": "MultiPolygon", "coordinates": polygons}


def _ring(points: Any, decimals: int) -> list[list[float]] | None:
    rounded = np.round(points, decimals)
    moves = np.concatenate(([True], (rounded[1:] != rounded[:-1]).any(axis=1)))
    kept: list[list[float]] = rounded[moves].tolist()
    return kept if len(kept) >= 4 else None


def _box(part: Any, decimals: int) -> list[list[float]]:
    west, south, east, north = (round(float(value), decimals) for value in part.bounds)
    east = max(east, round(west + 10.0**-decimals, decimals))
    north = max(north, round(south + 10.0**-decimals, decimals))
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]
