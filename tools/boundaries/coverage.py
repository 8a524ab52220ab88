"""From outlines at full detail to a compact coverage: shared borders stay shared."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from boundaries.sources import polygons

GAP_DEG = 0.0006  # gaps narrower than about 50 m are drawing errors and close
BULGE_M = 5.0
EARTH_M = 6_371_008.8


def compact(shapes: Sequence[Any], tolerance_deg: float) -> list[Any]:
    """Outlines with fewer vertices, rounded to 1e-5 degree, without gaps or overlaps between neighbours.

    ``tolerance_deg`` squared is the area of the triangle that may be cut off (Visvalingam and Whyatt).
    """
    clean = shapely.coverage_clean(list(shapes), gap_width=GAP_DEG, snapping_distance=1e-7)
    simple = shapely.coverage_simplify(clean, tolerance_deg)
    rounded = [polygons(_rounded(_dense(shape))) for shape in simple]
    out: list[Any] = []
    for shape in rounded:  # rounding can shift a vertex over a neighbour's edge by a metre
        touching = shapely.STRtree(out).query(shape, predicate="overlaps") if out else []
        others = shapely.union_all([out[int(other)] for other in touching])
        alone = polygons(shapely.difference(shape, others)) if len(touching) else shape
        out.append(shapely.orient_polygons(alone))
    return out


def _rounded(shape: Any) -> Any:
    return shapely.transform(shape, lambda points: np.round(points, 5))


def _dense(shape: Any) -> Any:
    """The same outline with vertices on those edges that a geodesic would leave by more than ``BULGE_M``."""

    def ring(points: Any) -> Any:
        start, end = points[:-1], points[1:]
        east_m = np.radians(np.abs(end[:, 0] - start[:, 0])) * EARTH_M
        middle = np.radians(0.5 * (start[:, 1] + end[:, 1]))
        east_m *= np.cos(middle)
        length_m = np.hypot(east_m, np.radians(end[:, 1] - start[:, 1]) * EARTH_M)
        bulge_m = east_m * length_m * np.abs(np.tan(middle)) / (8.0 * EARTH_M)
        seam = (np.abs(start[:, 0]) == 180.0) & (np.abs(end[:, 0]) == 180.0)
        pieces = np.where(seam, 1, np.ceil(np.sqrt(np.maximum(bulge_m / BULGE_M, 1.0)))).astype(int)
        parent = np.repeat(np.arange(len(pieces)), pieces)
        step = np.arange(len(parent)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
        share = (step / pieces[parent])[:, None]
        # from the lower end on, so that both neighbours of an edge get the same vertices
        flip = (start[:, 0] > end[:, 0]) | ((start[:, 0] == end[:, 0]) & (start[:, 1] > end[:, 1]))
        low, high = np.where(flip[:, None], end, start), np.where(flip[:, None], start, end)
        share = np.where(flip[parent][:, None], 1.0 - share, share)
        new = low[parent] + share * (high - low)[parent]
        new = np.where((step == 0)[:, None], start[parent], new)
        return np.vstack((new, points[-1:]))

    parts = []
    for part in shapely.get_parts(shapely.get_parts([shape])):
        shell, *holes = [ring(shapely.get_coordinates(r)) for r in shapely.get_rings(part)]
        parts.append(shapely.Polygon(shell, holes))
    return shapely.multipolygons(parts)


def reduced(shape: Any, tolerance_deg: float) -> Any:
    """One outline alone, simplified and rounded."""
    return shapely.orient_polygons(
        polygons(_rounded(_dense(shapely.simplify(shape, tolerance_deg))))
    )
