"""The bundled base map as geometries, for pictures and rough questions; never a source of airspace."""

from functools import lru_cache
from importlib.resources import files
from typing import Any

import msgspec
import numpy as np
import shapely

from vedette.model.columns import Floats

FILE = "land.arcs"


class _Header(msgspec.Struct):
    """What ``tools/build_basemap.py`` writes before the points."""

    transform: dict[str, list[float]]
    land: list[list[list[int]]]
    borders: dict[str, list[list[int]]]
    points: list[int]
    long: list[tuple[int, int, int]]


@lru_cache(maxsize=1)
def _arcs() -> tuple[_Header, list[Floats]]:
    """The header, and arcs as (n, 2) longitudes and latitudes."""
    data = (files("vedette") / "data" / "basemap" / FILE).read_bytes()
    begin = 4 + int.from_bytes(data[:4], "little")
    header = msgspec.json.decode(data[4:begin], type=_Header)
    many = len(header.points)
    firsts = np.frombuffer(data, "<i4", 2 * many, begin).reshape(many, 1, 2)
    steps = np.frombuffer(data, "<i2", offset=begin + 8 * many).reshape(-1, 2).astype(np.int32)
    for number, *step in header.long:
        steps[number] = step
    scale, translate = (np.array(header.transform[name]) for name in ("scale", "translate"))
    parts = np.split(steps, np.cumsum(np.array(header.points) - 1)[:-1])
    arcs = [
        np.cumsum(np.concatenate([first, part]), axis=0, dtype=np.float64) * scale + translate
        for first, part in zip(firsts, parts, strict=True)
    ]
    return header, arcs


def _line(indices: list[int], arcs: list[Floats]) -> Floats:
    pieces = [arcs[k] if k >= 0 else arcs[~k][::-1] for k in indices]
    return np.concatenate([pieces[0], *(piece[1:] for piece in pieces[1:])])


@lru_cache(maxsize=1)
def land() -> Any:
    """Land as one multipolygon."""
    header, arcs = _arcs()
    polygons = []
    for rings in header.land:
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
    header, arcs = _arcs()
    return shapely.MultiLineString(
        [_line(indices, arcs) for many in header.borders.values() for indices in many]
    )
