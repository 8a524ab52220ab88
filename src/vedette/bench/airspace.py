"""Airspace: points located, zones near, distances to borders, 100,000 zone-time volumes; against shapely."""

from collections.abc import Callable
from functools import partial
from resource import RUSAGE_SELF, getrusage
from time import process_time

import numpy as np
import shapely

from vedette.airspace.sovereign import sovereign_airspace
from vedette.airspace.volumes import PointHeights, Volumes
from vedette.bench.row import Row
from vedette.model.columns import Floats
from vedette.model.time import DAY_NS
from vedette.model.zone import Limit, Zone

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
    rows_out = [
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
    for outlines, periods in ((10_000, 10), (100_000, 1)):
        rows_out += _volumes(chance, outlines // (20 if quick else 1), periods)
    return rows_out


def _volumes(chance: np.random.Generator, outlines: int, periods: int) -> list[Row]:
    """Circles of 1 to 40 km over Europe, each with a floor, a ceiling and so many active periods of 8 hours."""
    latitude_deg, longitude_deg = (
        chance.uniform(36, 70, outlines),
        chance.uniform(-20, 40, outlines),
    )
    radius_m = np.exp(chance.uniform(np.log(1_000), np.log(40_000), outlines))
    shapes = _circles(latitude_deg, longitude_deg, radius_m)
    zones, geometries = [], []
    for outline in range(outlines):
        floor_m, hour = float(chance.uniform(0, 6_000)), int(chance.integers(0, 6))
        for period in range(periods):
            begin_ns = (hour + 24 * period // periods) * _HOUR_NS
            zones.append(
                Zone(
                    zone_id=f"{outline}.{period}",
                    kind="danger",
                    name="",
                    state=None,
                    source="",
                    floor=Limit(height_m=floor_m, datum="amsl"),
                    ceiling=Limit(height_m=floor_m + 4_000.0, datum="pressure"),
                    valid_from_ns=begin_ns if periods > 1 else None,
                    valid_to_ns=begin_ns + 8 * _HOUR_NS if periods > 1 else None,
                )
            )
            geometries.append(shapes[outline])
    before_kib = getrusage(RUSAGE_SELF).ru_maxrss
    begin = process_time()
    volumes = Volumes.build(zones, geometries, 0, 2 * DAY_NS)
    load_s = process_time() - begin
    grown_mb = (getrusage(RUSAGE_SELF).ru_maxrss - before_kib) / 1024.0
    tracks = 10_000
    y, x = chance.uniform(36, 70, tracks), chance.uniform(-20, 40, tracks)
    height_m = chance.uniform(0, 12_000, tracks)
    heights = PointHeights(height_m, height_m, height_m, height_m)

    def tick() -> object:
        return volumes.at(12 * _HOUR_NS).locate(y, x, heights)

    tick()
    tick_s = _best_s(tick, 9)
    active = volumes.at(12 * _HOUR_NS)
    found = len(active.locate(y, x, heights)[0])

    few = 1_000
    tree = shapely.STRtree(shapes)
    points = shapely.points(x[:few], y[:few])
    peer_s = _best_s(lambda: tree.query(points, predicate="intersects"), 2)
    name = f"{outlines:,} outlines x {periods} periods"
    return [
        Row(
            area=AREA,
            name=f"volumes load, {name}",
            value=load_s,
            unit="s",
            target="seconds",
            note=f"memory grown by {grown_mb:.0f} MB at most",
        ),
        Row(
            area=AREA,
            name=f"tick of 10,000 tracks, {name}",
            value=1e3 * tick_s,
            unit="ms",
            target="< 20",
            note=f"{len(active)} active, {found} pairs inside, time and height tested",
        ),
        Row(
            area=AREA,
            name=f"the same by STRtree, {name}",
            value=1e3 * peer_s * tracks / few,
            unit="ms",
            note="shapely; outlines alone, planar, no time, no height",
        ),
    ]


def _circles(latitude_deg: Floats, longitude_deg: Floats, radius_m: Floats) -> list[object]:
    turn = np.linspace(0.0, 2.0 * np.pi, 33)[:-1]
    reach_deg = np.degrees(radius_m / 6_371_008.8)[:, None]
    y = latitude_deg[:, None] + reach_deg * np.cos(turn)
    x = (
        longitude_deg[:, None]
        + reach_deg * np.sin(turn) / np.cos(np.radians(latitude_deg))[:, None]
    )
    rings = np.stack((x, y), axis=-1)
    return list(shapely.polygons(np.concatenate((rings, rings[:, :1]), axis=1)))
