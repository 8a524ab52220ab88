"""Repair of the Aegean: the source draws the 6 NM limits at 4.73 NM, a buffer made in Mercator metres.

6 cos 38° = 4.73. They are drawn again at 6.00 NM from an OpenStreetMap coast, each state on its side of the
median line, and joined with what the source has; nothing is taken from a third state.

The coast lacks islets below about half a square kilometre (Karavi, Ananes, Kalogeroi and others), but the
source drew arcs around them. Those arcs are buffers too, so they are moved outward by what is missing: at
latitude φ by 6 (1 - cos φ) NM. Circles fitted to six of them have a radius of 6.0 NM in Mercator metres.
"""

from typing import Any

import numpy as np
import shapely

from boundaries.plane import NAUTICAL_MILE_M, Plane, nearer_part, plane
from boundaries.sources import polygons
from boundaries.states import Draft

CENTRE = (25.5, 38.2)
LAND_BOX = (18.5, 33.8, 31.0, 42.2)
# where the limit is 6 NM: east of Cape Tainaro for Greece, north of the Rhodes channel for Türkiye
REPAIR = {"GRC": (22.3, 34.2, 30.4, 41.3), "TUR": (25.0, 36.2, 28.3, 40.9)}
SMALLEST_M2 = 50_000.0
ISLETS_WEST_DEG = 22.95  # further west the limit is 12 NM
FROM_COAST_NM = 6.05  # a limit drawn farther out than this belongs to an islet that the coast lacks


def _land(source: dict[str, Any], state: str, on: Plane) -> Any:
    clipped = shapely.intersection(source[state], shapely.box(*LAND_BOX))
    return polygons(shapely.transform(clipped, on.forward))


def _belts(land: dict[str, Any], miles: float, on: Plane) -> dict[str, Any]:
    """The belt of each state up to the median line, in degrees."""
    wide = {
        state: shapely.buffer(shape, miles * NAUTICAL_MILE_M, quad_segs=32)
        for state, shape in land.items()
    }
    contested = polygons(shapely.intersection(wide["GRC"], wide["TUR"]))
    greek = nearer_part(contested, land["GRC"], land["TUR"])
    turkish = shapely.difference(contested, greek)
    out = {}
    for state, half in (("GRC", greek), ("TUR", turkish)):
        belt = shapely.union(shapely.difference(wide[state], contested), half)
        out[state] = polygons(shapely.transform(belt, on.back))
    return out


def _islet_belt(outline: Any, coast: Any, others: Any, on: Plane) -> Any:
    """What the source's arcs around islets that the coast lacks leave out, in degrees."""
    free = shapely.difference(shapely.boundary(outline), shapely.buffer(others, 0.01))
    lines = shapely.get_parts(shapely.intersection(free, shapely.box(*REPAIR["GRC"])))
    pieces = []
    for line in lines:
        points = shapely.get_coordinates(shapely.segmentize(line, 0.005))
        pieces.append(np.stack((points[:-1], points[1:]), axis=1))
    ends = np.concatenate(pieces)
    flat = on.forward(ends.reshape(-1, 2))
    far = shapely.distance(shapely.points(flat), coast) > FROM_COAST_NM * NAUTICAL_MILE_M
    kept = far.reshape(-1, 2).all(axis=1) & (ends[:, :, 0] > ISLETS_WEST_DEG).all(axis=1)
    latitude = np.round(ends[kept, 0, 1], 1)
    segments = flat.reshape(-1, 2, 2)[kept]
    wide = []
    for band in np.unique(latitude):
        missing_m = 6.0 * NAUTICAL_MILE_M * (1.0 - np.cos(np.radians(band)))
        arcs = shapely.multilinestrings(shapely.linestrings(segments[latitude == band]))
        wide.append(shapely.buffer(arcs, missing_m, quad_segs=32))
    if not wide:
        return shapely.MultiPolygon()
    return polygons(shapely.transform(shapely.union_all(wide), on.back))


def repaired(drafts: list[Draft], land: dict[str, Any]) -> list[Draft]:
    """The drafts with Greek and Turkish limits in the Aegean at 6.00 NM."""
    on = plane(*CENTRE)
    coast = {state: _land(land, state, on) for state in REPAIR}
    belts = _belts(coast, 6.0, on)
    near = shapely.box(18.0, 33.0, 32.0, 43.0)
    out = []
    for draft in drafts:
        if draft.state not in REPAIR:
            out.append(draft)
            continue
        others = shapely.union_all(
            [
                shapely.intersection(other.geometry, near)
                for other in drafts
                if other.state != draft.state and shapely.intersects(other.geometry, near)
            ]
        )
        belt = shapely.intersection(belts[draft.state], shapely.box(*REPAIR[draft.state]))
        islets = _islet_belt(draft.geometry, coast[draft.state], others, on)
        belt = shapely.union(belt, islets)
        joined = polygons(shapely.union(draft.geometry, shapely.difference(belt, others)))
        out.append(draft._replace(geometry=joined))
    return out


def greek_ten_mile_ring(sovereign: Any, land: dict[str, Any]) -> Any:
    """What lies within 10 NM of Greece, on its side of the median line, and in no state's territory."""
    on = plane(*CENTRE)
    belt = _belts({state: _land(land, state, on) for state in REPAIR}, 10.0, on)["GRC"]
    ring = shapely.transform(shapely.difference(belt, sovereign), on.forward)
    parts = [
        p for p in shapely.get_parts(shapely.get_parts([polygons(ring)])) if p.area > SMALLEST_M2
    ]
    return polygons(shapely.transform(shapely.union_all(parts), on.back))
