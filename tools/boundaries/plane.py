"""Geodesic buffers and medians on a plane that is true to a few metres over a sea."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import shapely
from pyproj import Geod, Transformer

from boundaries.sources import polygons

NAUTICAL_MILE_M = 1852.0
WGS84 = Geod(ellps="WGS84")
Points = Any


class Plane(NamedTuple):
    """Azimuthal equidistant plane; 500 km from its centre distances are 0.1 % too long across."""

    forward: Callable[[Points], Points]
    back: Callable[[Points], Points]


def plane(longitude_deg: float, latitude_deg: float) -> Plane:
    """The plane around a point."""
    crs = f"+proj=aeqd +lon_0={longitude_deg} +lat_0={latitude_deg} +datum=WGS84 +units=m"
    there = Transformer.from_crs(4326, crs, always_xy=True)
    back = Transformer.from_crs(crs, 4326, always_xy=True)
    return Plane(
        lambda xy: np.column_stack(there.transform(xy[:, 0], xy[:, 1])),
        lambda xy: np.column_stack(back.transform(xy[:, 0], xy[:, 1])),
    )


def area_km2(geometry: Any) -> float:
    """Area on the ellipsoid."""
    parts = [p for p in shapely.get_parts([geometry]) if p.geom_type in ("Polygon", "MultiPolygon")]
    return sum(
        abs(WGS84.geometry_area_perimeter(shapely.normalize(p))[0])
        for part in parts
        for p in shapely.get_parts([part])
    ) / 1e6  # fmt: skip


def circle(longitude_deg: float, latitude_deg: float, radius_m: float) -> Any:
    """A geodesic circle with a vertex every two degrees."""
    azimuth = np.arange(0.0, 360.0, 2.0)
    x, y, _ = WGS84.fwd(
        np.full(180, longitude_deg), np.full(180, latitude_deg), azimuth, np.full(180, radius_m)
    )
    return shapely.Polygon(np.column_stack((x, y)))


def nearer_part(contested: Any, mine: Any, theirs: Any, step_m: float = 200.0) -> Any:
    """The part of a contested area that is nearer to my land than to theirs; all on one plane.

    Voronoi cells of points every ``step_m`` along both coasts: the median is right to step² / 8 distance.
    """
    if contested.is_empty:
        return contested
    reach = shapely.buffer(contested, 25_000.0)
    points, owners = [], []
    for owner, land in enumerate((mine, theirs)):
        coast = shapely.intersection(shapely.boundary(land), reach)
        along = shapely.get_coordinates(shapely.segmentize(coast, step_m))
        points.append(np.unique(along, axis=0))
        owners.append(np.full(len(points[-1]), owner))
    sites, owner = np.concatenate(points), np.concatenate(owners)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(sites), extend_to=reach))
    index, site = shapely.STRtree(cells).query(shapely.points(sites), predicate="intersects")
    whose = np.full(len(cells), -1)
    whose[site] = owner[index]
    near = cells[(whose == 0) & shapely.intersects(cells, contested)]
    return polygons(shapely.intersection(shapely.coverage_union_all(near), contested))
