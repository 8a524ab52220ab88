"""Airspace: points located, zones near, distances to borders; against shapely. Volumes: ``bench watch``."""

from collections.abc import Callable
from functools import partial
from time import process_time

import numpy as np
import shapely

from vedette.airspace.sovereign import sovereign_airspace
from vedette.bench.row import Row
from vedette.model.time import DAY_NS

AREA = "airspace"
_HOUR_NS = DAY_NS // 24


def _best_s(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        begin = process_time()
        work()
        times.append(process_time() - begin)
    return min(times)


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Rates over Europe and its seas (34-72 N, 25 W-45 E); processor seconds, best of several."""
    sovereign_airspace()  # compiles or loads the kernels
    sovereign_airspace.cache_clear()
    begin = process_time()
    index = sovereign_airspace()
    load_s = process_time() - begin
    chance = np.random.default_rng(seed)
    count, repeats = (100_000, 2) if quick else (1_000_000, 5)
    latitude_deg = chance.uniform(34.0, 72.0, count)
    longitude_deg = chance.uniform(-25.0, 45.0, count)
    few = slice(0, 10_000)
    y, x = latitude_deg[few], longitude_deg[few]
    index.locate(y, x)
    index.near(y, x, 20_000.0)
    rows, zones = index.near(y, x, 50_000.0)
    index.boundary(y[rows], x[rows], zones)
    locate_s = _best_s(lambda: index.locate(latitude_deg, longitude_deg), repeats)
    near_s = {
        radius_m: _best_s(partial(index.near, y, x, radius_m), repeats)
        for radius_m in (5_000.0, 20_000.0, 100_000.0)
    }
    boundary_s = _best_s(lambda: index.boundary(y[rows], x[rows], zones), repeats)

    sample = slice(0, 2_000 if quick else 20_000)
    tree = shapely.STRtree(index.geometries)
    for geometry in index.geometries:
        shapely.prepare(geometry)
    points = shapely.points(longitude_deg[sample], latitude_deg[sample])

    def peer() -> object:
        found, zone = tree.query(points, predicate=None)
        inside = np.empty(len(zone), dtype=np.bool_)
        for which in np.unique(zone):
            mine = zone == which
            at = found[mine]
            inside[mine] = shapely.contains_xy(
                index.geometries[which], longitude_deg[at], latitude_deg[at]
            )
        return inside

    peer_s = _best_s(peer, repeats)
    where = "STRtree, then prepared contains_xy by zone"
    return [
        Row(area=AREA, name="sovereign layer, load", value=load_s, unit="s", target="< 1"),
        Row(
            area=AREA,
            name="sovereign layer, edges",
            value=float(shapely.get_num_coordinates(np.array(index.geometries)).sum()),
            unit="vertices",
        ),
        Row(area=AREA, name="locate", value=count / locate_s, unit="points/s", target="≥ 5e6"),
        Row(
            area=AREA,
            name="locate, shapely",
            value=len(points) / peer_s,
            unit="points/s",
            note=f"{where}; planar edges",
        ),
        *(
            Row(
                area=AREA,
                name=f"near, 10,000 points, {radius_m / 1000:.0f} km",
                value=1e3 * seconds,
                unit="ms",
                target="a few" if radius_m <= 20_000.0 else "",
            )
            for radius_m, seconds in near_s.items()
        ),
        Row(
            area=AREA,
            name="boundary, pairs within 50 km and inside",
            value=1e6 * boundary_s / len(rows),
            unit="µs/pair",
            target="< 20",
            note=f"{len(rows)} pairs",
        ),
    ]
