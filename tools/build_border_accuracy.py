"""How well each stretch of the bundled sovereign borders is known, and what it was drawn from.

    python tools/build_border_accuracy.py

Reads the bundled ``sovereign.parquet`` and base map; writes ``sovereign_border.parquet`` beside it. An edge that
two sovereign zones share lies between two states; one that only one zone has is an outer limit of a territorial
sea, or, on land, a border with a state that the layer lacks. Same inputs give the same bytes.

The accuracies are judgements, 1-sigma across the line: areas within land borders differ from official ones by a
few parts in 10,000, and lines were simplified by up to 70 m (40 m); outer limits lie 0.02 to 0.2 NM from 12 NM
off an independent coast (GSHHG), medians by state (200 m); lines between states at sea are as good as the
baselines on both sides (150 m).
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from vedette.airspace.basemap import land
from vedette.airspace.geo_file import read_geo

DATA = Path(__file__).parents[1] / "src" / "vedette" / "data" / "boundaries"
LAND, SEA, LIMIT, OUTER = (
    "land border",
    "line at sea",
    "territorial sea limit",
    "border with a state not in the layer",
)
SIGMAS_M = {LAND: 40.0, SEA: 150.0, LIMIT: 200.0, OUTER: 60.0}
SHORTEST = 3  # edges: shorter stretches take the class of the one before


def main() -> None:
    """Classify and write."""
    data = (files("vedette") / "data" / "boundaries" / "sovereign.parquet").read_bytes()
    zones, shapes, _ = read_geo(data, "sovereign.parquet", trusted=True)
    sovereign = [k for k, zone in enumerate(zones) if zone.kind == "sovereign"]
    points, owner = shapely.get_coordinates([shapes[k] for k in sovereign], return_index=True)
    _, vertex = np.unique(points, axis=0, return_inverse=True)
    vertex = vertex.ravel()
    # an edge is shared when another zone has both of its ends next to each other
    follows = owner[1:] == owner[:-1]
    low, high = np.minimum(vertex[:-1], vertex[1:]), np.maximum(vertex[:-1], vertex[1:])
    key = low.astype(np.int64) * (int(vertex.max()) + 1) + high
    _, inverse, counts = np.unique(
        np.where(follows, key, -1), return_inverse=True, return_counts=True
    )
    shared = counts[inverse.ravel()] > 1
    middle = 0.5 * (points[:-1] + points[1:])
    ground = land()
    shapely.prepare(ground)
    ashore = shapely.contains_xy(ground, middle[:, 0], middle[:, 1])
    kind = np.where(shared, np.where(ashore, LAND, SEA), np.where(ashore, OUTER, LIMIT))
    rows = []
    for position, k in enumerate(sovereign):
        mine = np.flatnonzero(owner == position)
        classes = kind[mine[:-1]] if len(mine) > 1 else kind[:0]
        starts = np.flatnonzero(np.concatenate(([True], classes[1:] != classes[:-1])))
        lengths = np.diff(np.append(starts, len(classes)))
        before = ""
        for start, length in zip(starts.tolist(), lengths.tolist(), strict=True):
            basis = str(classes[start])
            if (before and length < SHORTEST) or basis == before:
                continue
            rows.append((zones[k].zone_id, int(start), SIGMAS_M[basis], basis))
            before = basis
    zone_id, first, sigma_m, basis = zip(*rows, strict=True)
    table = pa.table(
        {
            "zone_id": pa.array(zone_id).dictionary_encode(),
            "first": pa.array(first, pa.int32()),
            "sigma_m": pa.array(sigma_m, pa.float32()),
            "basis": pa.array(basis).dictionary_encode(),
        }
    )
    pq.write_table(
        table, DATA / "sovereign_border.parquet", compression="zstd", compression_level=19
    )
    metres: dict[str, float] = {}
    length = np.hypot(*(points[1:] - points[:-1]).T)
    for name in SIGMAS_M:
        metres[name] = float(length[(kind == name) & follows].sum())
    print(f"{len(rows)} stretches; degrees by basis: {metres}")


if __name__ == "__main__":
    main()
