"""Repair of the Aegean: the source draws the 6 NM limits at 4.73 NM, a buffer made in Mercator metres.

6 cos 38° = 4.73. The limits are drawn again at 6.00 NM, in two ways that are joined. First, from an
OpenStreetMap coast. Second, because that coast lacks islets below about half a square kilometre (Karavi,
Ananes, Kalogeroi and others): the source's limit towards the open sea is itself a buffer of all islets, so it
is moved outward by what is missing, 6 (1 - cos φ) NM at latitude φ. (No place on it is nearer to the coast
than 6 cos φ NM, 60 % are within 0.02 NM of that, and circles fitted to the arcs around missing islets have a
radius of 6.0 NM in Mercator metres.) Each state keeps to its side of the median line, and nothing is taken
from a third state.
"""

import math
from collections.abc import Callable
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
SIX_MILES = (22.95, 34.0, 30.5, 41.3)  # where every limit in the source is a 6 NM buffer


def _land(source: dict[str, Any], state: str, on: Plane) -> Any:
    clipped = shapely.intersection(source[state], shapely.box(*LAND_BOX))
    return polygons(shapely.transform(clipped, on.forward))


def _coastal(coast: Any, miles: float) -> Any:
    return shapely.buffer(coast, miles * NAUTICAL_MILE_M, quad_segs=32)


def _halves(wide: dict[str, Any], coast: dict[str, Any], on: Plane) -> dict[str, Any]:
    """The belt of each state up to the median line, in degrees."""
    contested = polygons(shapely.intersection(wide["GRC"], wide["TUR"]))
    greek = nearer_part(contested, coast["GRC"], coast["TUR"])
    turkish = shapely.difference(contested, greek)
    out = {}
    for state, half in (("GRC", greek), ("TUR", turkish)):
        belt = shapely.union(shapely.difference(wide[state], contested), half)
        out[state] = polygons(shapely.transform(belt, on.back))
    return out


def _outward(
    outline: Any, box: Any, others: Any, miles_at: Callable[[float], float], on: Plane
) -> Any:
    """An outline towards the open sea, widened by so many miles at each latitude; on the plane."""
    line = shapely.intersection(shapely.boundary(outline), box)
    near = shapely.simplify(shapely.intersection(others, shapely.buffer(box, 0.1)), 0.001)
    free = shapely.difference(line, shapely.buffer(near, 0.01))
    lines = shapely.get_parts(shapely.simplify(shapely.line_merge(free), 0.0001))
    pieces = []
    for line in lines[shapely.get_type_id(lines) == 1]:
        points = shapely.get_coordinates(shapely.segmentize(line, 0.02))
        pieces.append(np.stack((points[:-1], points[1:]), axis=1))
    ends = np.concatenate(pieces)
    latitude = np.round(ends[:, :, 1].mean(axis=1), 1)
    segments = on.forward(ends.reshape(-1, 2)).reshape(-1, 2, 2)
    wide = []
    for band in np.unique(latitude):
        arcs = shapely.line_merge(
            shapely.multilinestrings(shapely.linestrings(segments[latitude == band]))
        )
        wide.append(shapely.buffer(arcs, miles_at(float(band)) * NAUTICAL_MILE_M, quad_segs=16))
    return shapely.union_all(wide)


def repaired(drafts: list[Draft], land: dict[str, Any]) -> list[Draft]:
    """The drafts with Greek and Turkish limits in the Aegean at 6.00 NM."""
    on = plane(*CENTRE)
    coast = {state: _land(land, state, on) for state in REPAIR}
    own = {d.state: d.geometry for d in drafts if d.state in REPAIR}
    others = {state: _others(drafts, state) for state in REPAIR}
    wide = {
        state: shapely.union(
            _coastal(coast[state], 6.0),
            _outward(
                own[state],
                shapely.intersection(shapely.box(*REPAIR[state]), shapely.box(*SIX_MILES)),
                others[state],
                lambda latitude: 6.0 * (1.0 - math.cos(math.radians(latitude))),
                on,
            ),
        )
        for state in REPAIR
    }
    belts = _halves(wide, coast, on)
    out = []
    for draft in drafts:
        if draft.state in REPAIR:
            belt = shapely.intersection(belts[draft.state], shapely.box(*REPAIR[draft.state]))
            belt = shapely.difference(belt, others[draft.state])
            out.append(draft._replace(geometry=polygons(shapely.union(draft.geometry, belt))))
        else:
            out.append(draft)
    return out


def _others(drafts: list[Draft], state: str) -> Any:
    near = shapely.box(17.0, 33.0, 32.0, 43.0)
    return shapely.union_all(
        [
            shapely.intersection(draft.geometry, near)
            for draft in drafts
            if draft.state != state and shapely.intersects(draft.geometry, near)
        ]
    )


def greek_ten_mile_ring(drafts: list[Draft], land: dict[str, Any]) -> Any:
    """What lies within 10 NM of Greece, on its side of the median line, and in no state's territory."""
    on = plane(*CENTRE)
    coast = {state: _land(land, state, on) for state in REPAIR}
    own = next(draft.geometry for draft in drafts if draft.state == "GRC")
    others = _others(drafts, "GRC")
    beyond = _outward(own, shapely.box(*SIX_MILES), others, lambda _: 4.0, on)
    wide = {
        "GRC": shapely.union(_coastal(coast["GRC"], 10.0), beyond),
        "TUR": _coastal(coast["TUR"], 10.0),
    }
    belt = _halves(wide, coast, on)["GRC"]
    ring = shapely.difference(belt, shapely.union(own, others))
    flat = shapely.transform(polygons(ring), on.forward)
    parts = [p for p in shapely.get_parts(shapely.get_parts([flat])) if p.area > SMALLEST_M2]
    return polygons(shapely.transform(shapely.union_all(parts), on.back))
