"""The bundled base map as geometries, for pictures and rough questions; never a source of airspace."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import shapely

from vedette.model.columns import Floats

FILE = "land.topojson"


@lru_cache(maxsize=1)
def _topology() -> tuple[Any, list[Floats]]:
    """Objects, and arcs as (n, 2) longitudes and latitudes. Source: the TopoJSON format specification."""
    data = (files("vedette") / "data" / "basemap" / FILE).read_bytes()
    document: Any = msgspec.json.decode(data)
    scale = np.array(document["transform"]["scale"])
    translate = np.array(document["transform"]["translate"])
    arcs = [
        np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale + translate
        for arc in document["arcs"]
    ]
    return document["objects"], arcs


def _line(indices: list[int], arcs: list[Floats]) -> Floats:
    pieces = [arcs[k] if k >= 0 else arcs[~k][::-1] for k in indices]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


@lru_cache(maxsize=1)
def land() -> Any:
    """Land as one multipolygon."""
    objects, arcs = _topology()
    holder = objects["land"]
    holders = holder.get("geometries", [holder])
    polygons = []
    for item in holders:
        parts = item["arcs"] if item["type"] == "MultiPolygon" else [item["arcs"]]
        for rings in parts:
            shell, *holes = [_line(ring, arcs) for ring in rings]
            if len(shell) < 4:
                continue  # an islet smaller than the map's grid
            polygon = shapely.Polygon(shell, [hole for hole in holes if len(hole) >= 4])
            # rounding to the map's grid made rings touch themselves
            polygons.append(polygon if polygon.is_valid else shapely.buffer(polygon, 0.0))
    return shapely.union_all(polygons)


@lru_cache(maxsize=1)
def border_lines() -> Any:
    """Borders as one multilinestring."""
    objects, arcs = _topology()
    lines = []
    for item in objects["borders"].get("geometries", []):
        many = item["arcs"] if item["type"] == "MultiLineString" else [item["arcs"]]
        lines += [_line(indices, arcs) for indices in many]
    return shapely.MultiLineString(lines)
