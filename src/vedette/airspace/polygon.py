"""Polygons of publications made usable, saying what had to be mended."""

from typing import Any, Final

import numpy as np
import shapely
from pyproj import Geod

from vedette.model.errors import ZoneError

MENDED_SHARE_MAX: Final = 1e-3  # of the area that mending may change
_GEOD: Final = Geod(ellps="WGS84")


def mended(geometry: Any) -> tuple[Any, list[str]]:
    """A valid polygon or multipolygon of two dimensions, and what was done to it.

    A ring that touches itself or runs back along itself is mended when that changes less than a thousandth
    of the area.

    Raises:
        ZoneError: it is no polygon, not on Earth, or crosses itself.
    """
    geometry = shapely.force_2d(geometry)
    if geometry.is_empty or geometry.geom_type not in ("Polygon", "MultiPolygon"):
        raise ZoneError(f"the geometry is no polygon but {geometry.geom_type}")
    points = shapely.get_coordinates(geometry)
    if not np.isfinite(points).all() or (np.abs(points) > (540.0, 90.0)).any():
        raise ZoneError("a coordinate is not on Earth")
    if geometry.is_valid:
        return geometry, []
    reason = shapely.is_valid_reason(geometry)
    parts = shapely.get_parts(shapely.make_valid(geometry))
    areas = [part for part in parts if part.geom_type == "Polygon"]
    areas += [p for m in parts if m.geom_type == "MultiPolygon" for p in shapely.get_parts(m)]
    if not areas:
        raise ZoneError(f"the polygon is not valid: {reason}")
    # a figure of eight has a small signed area and a large mended one
    signed = abs(float(shapely.area(geometry)))
    good = shapely.union_all([part for part in areas if part.area > 1e-9 * signed])
    change = abs(good.area - _signed_area(geometry))
    if change > MENDED_SHARE_MAX * good.area:
        raise ZoneError(f"the polygon is not valid: {reason}")
    return good, [f"mended, the ring touched or repeated itself ({reason})"]


def _signed_area(geometry: Any) -> float:
    total = 0.0
    for part in shapely.get_parts([geometry]):
        for position, ring in enumerate(shapely.get_rings(part)):
            x, y = shapely.get_coordinates(ring).T
            area = 0.5 * abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])))
            total += area if position == 0 else -area
    return total


def area_km2(geometry: Any) -> float:
    """Area on the ellipsoid with geodesic edges [km²]."""
    total = 0.0
    for part in shapely.get_parts([geometry]):
        for position, ring in enumerate(shapely.get_rings(part)):
            area = abs(_GEOD.polygon_area_perimeter(*shapely.get_coordinates(ring).T)[0])
            total += area if position == 0 else -area
    return total / 1e6
