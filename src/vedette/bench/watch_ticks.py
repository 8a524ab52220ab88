"""Time and memory of ticks: thousands of lawful tracks among tens of thousands of zones; fixes against borders."""

import math
import resource
import time

import numpy as np
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.bench.row import Row
from vedette.bench.watch import START_NS, Seen, area, assessed, index, plane, row_table
from vedette.engine.freed_memory import collecting_when_asked
from vedette.model.time import SECOND_NS
from vedette.model.zone import Limit, Zone, ZoneKind
from vedette.watch.incidents import initial, step
from vedette.watch.settings import WatchSettings


def crowd(
    count: int, seed: int, *, seconds: int = 12, half_m: float = 800e3
) -> tuple[ZoneIndex, Seen]:
    """``count`` tracks over twice ``half_m`` with a 6 x 6 chequer of states, flying straight."""
    rng = np.random.default_rng(seed)
    edges = np.linspace(-half_m, half_m, 7)
    areas = [
        area(
            f"Z{i}{j}",
            [
                (edges[i], edges[j]),
                (edges[i + 1], edges[j]),
                (edges[i + 1], edges[j + 1]),
                (edges[i], edges[j + 1]),
            ],
            member=(i + j) % 2 == 0,
            state=None,
        )
        for i in range(6)
        for j in range(6)
    ]
    times_s = np.arange(0.0, float(seconds))
    position = rng.uniform(-0.975 * half_m, 0.975 * half_m, size=(count, 2))
    course = rng.uniform(0.0, math.tau, size=count)
    velocity = 230.0 * np.column_stack((np.sin(course), np.cos(course)))
    state = np.empty((len(times_s), count, 4))
    state[:, :, :2] = position + times_s[:, None, None] * velocity
    state[:, :, 2:] = velocity
    covariance = np.broadcast_to(np.diag([2500.0, 2500.0, 25.0, 25.0]), (len(times_s), count, 4, 4))
    return index(*areas), Seen(times_s, state, covariance, times_s)


def volumes(count: int, seed: int, *, half_m: float = 800e3) -> tuple[ZoneIndex, float, float]:
    """``count`` zone-time volumes over twice ``half_m``, and seconds that the index took, by clock and processor.

    A fifth as many sites, each an octagon of 2 to 10 km and 3 km of height, in force in each fifth of the day as a
    volume of its own.
    """
    rng = np.random.default_rng(seed)
    sites, day_ns = count // 5, 86_400 * SECOND_NS
    centre, radius_m = rng.uniform(-half_m, half_m, size=(sites, 2)), rng.uniform(2e3, 10e3, sites)
    angle = np.arange(8) * math.pi / 4
    east_m = centre[:, None, 0] + radius_m[:, None] * np.sin(angle)
    north_m = centre[:, None, 1] + radius_m[:, None] * np.cos(angle)
    longitude_deg, latitude_deg = plane()(east_m.ravel(), north_m.ravel(), inverse=True)
    corners = np.stack((longitude_deg, latitude_deg), axis=-1).reshape(sites, 8, 2)
    shapes = shapely.polygons(corners)
    base_ns = START_NS - START_NS % day_ns
    kinds: tuple[ZoneKind, ...] = ("restricted", "danger", "temporary")
    states, _ = crowd(1, seed, half_m=half_m)
    zones, geometries = list(states.zones), list(states.geometries)
    for site in range(sites):
        floor_m = float(rng.uniform(0.0, 9_000.0))
        for part in range(5):
            begin_ns = base_ns + part * day_ns // 5
            zones.append(
                Zone(
                    zone_id=f"v{site}-{part}",
                    kind=kinds[site % 3],
                    name="volume",
                    state="EST",
                    source="bench",
                    floor=Limit(height_m=floor_m, datum="pressure"),
                    ceiling=Limit(height_m=floor_m + 3_000.0, datum="pressure"),
                    valid_from_ns=begin_ns,
                    valid_to_ns=begin_ns + day_ns // 5,
                )
            )
            geometries.append(shapes[site])
    begin, used = time.perf_counter(), time.process_time()
    index_ = ZoneIndex.build(zones, geometries)
    return index_, time.perf_counter() - begin, time.process_time() - used


def resident_mb() -> float:
    """Memory of this process now [MB]."""
    pages = int(open("/proc/self/statm", encoding="ascii").read().split()[1])  # noqa: SIM115
    return pages * resource.getpagesize() / 1e6


def _ticks(zones: ZoneIndex, seen: Seen, count: int) -> tuple[list[float], list[float], list[int]]:
    """Wall and processor seconds of each tick of a scene of lawful tracks, and its rows of crossings."""
    settings = WatchSettings()
    names = [f"T{k:05d}" for k in range(count)]
    lawful = {name: assessed(name, cooperative=True, explained_by="flight plan") for name in names}
    state = initial(settings)
    spent_s, busy_s, rows = [], [], []
    with collecting_when_asked():  # as a running watch has it
        for tick in range(len(seen.times_s)):
            table = row_table(seen, tick, names)
            now_ns = START_NS + round(seen.times_s[tick] * SECOND_NS)
            begin, used = time.perf_counter(), time.process_time()
            state, output = step(settings, state, table, lawful, zones, now_ns)
            rows.append(len(output.crossings))
            spent_s.append(time.perf_counter() - begin)
            busy_s.append(time.process_time() - used)
    return spent_s, busy_s, rows


def _volume_rows(count: int, volumes_: int, seed: int, half_m: float) -> list[Row]:
    before_mb = resident_mb()
    zones, build_s, processor_s = volumes(volumes_, seed, half_m=half_m)
    loaded_mb = resident_mb() - before_mb
    seconds = 44  # what begins and ends in the first seconds settles from the 30th on
    _, seen = crowd(count, seed, seconds=seconds, half_m=half_m)
    spent_s, busy_s, rows = _ticks(zones, seen, count)
    steady = slice(34, None)
    return [
        Row(
            area="watch",
            name=f"index of {volumes_} zone-time volumes, {2e-3 * half_m:.0f} km, load",
            value=processor_s,
            unit="s",
            target="seconds",
            note=f"processor time; {build_s:.1f} s on the clock; {len(zones.outlines.first)} outlines",
        ),
        Row(
            area="watch",
            name=f"index of {volumes_} zone-time volumes, {2e-3 * half_m:.0f} km, memory",
            value=loaded_mb,
            unit="MB",
            note="zones and their index, resident",
        ),
        Row(
            area="watch",
            name=f"tick of {count} lawful tracks, {volumes_} zone-time volumes, {2e-3 * half_m:.0f} km",
            value=1e3 * float(np.median(spent_s[steady])),
            unit="ms",
            target="< 20 ms",
            note=f"{1e3 * float(np.median(busy_s[steady])):.0f} ms of processor; "
            f"{np.mean(rows[steady]):.0f} crossings begin or become final a tick, before any does "
            f"{1e3 * float(np.median(busy_s[5:29])):.0f} ms of processor; first tick "
            f"{1e3 * busy_s[0]:.0f} ms of processor; "
            f"{resident_mb() - before_mb:.0f} MB for index, tracks and state",
        ),
    ]


def _incident_row(count: int, seed: int) -> Row:
    """A tick of tracks that nothing explains, half of them inside: each an incident."""
    zones, seen = crowd(count, seed, seconds=45)
    settings = WatchSettings()
    names = [f"U{k:05d}" for k in range(count)]
    known = {name: assessed(name) for name in names}
    state, busy_s = initial(settings), []
    with collecting_when_asked():
        for tick in range(len(seen.times_s)):
            table = row_table(seen, tick, names)
            now_ns = START_NS + round(seen.times_s[tick] * SECOND_NS)
            used = time.process_time()
            state, _ = step(settings, state, table, known, zones, now_ns)
            busy_s.append(time.process_time() - used)
    late_s = busy_s[15:]
    inside = sum(case.status == "open" for case in state.cases.values())
    return Row(
        area="watch",
        name=f"tick of {count} unexplained tracks, {inside} open incidents",
        value=1e3 * float(np.median(late_s)),
        unit="ms",
        note=f"of processor; mean {1e3 * float(np.mean(late_s)):.0f} ms, longest {1e3 * max(late_s):.0f} ms: "
        "every fifth looks ahead, every tenth tells all anew",
    )


def _fixes(seed: int, count: int) -> Row:
    """Fixes over Europe and its seas, each located in the borders of states and disputed areas."""
    layer = sovereign_airspace()
    rng = np.random.default_rng(seed)
    latitude_deg = rng.uniform(34.0, 72.0, count)
    longitude_deg = rng.uniform(-25.0, 45.0, count)
    layer.locate(latitude_deg[:10], longitude_deg[:10])
    spent_s = []
    for _ in range(5):
        begin = time.process_time()
        found, _ = layer.locate(latitude_deg, longitude_deg)
        spent_s.append(time.process_time() - begin)
    return Row(
        area="watch",
        name="fixes against the sovereign layer",
        value=count / min(spent_s),
        unit="fixes/s",
        target="≥ 5e6",
        note=f"{len(layer)} states and areas, 34-72 N, 25 W-45 E; {len(found)} of {count} lie in one; one core",
    )


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Ticks of 10,000 tracks among states and among 100,000 volumes, and fixes against the borders of states."""
    count = 2_000 if quick else 10_000
    zones, seen = crowd(count, seed)
    spent_s, busy_s, _ = _ticks(zones, seen, count)
    rows = [
        Row(
            area="watch",
            name=f"tick of {count} lawful tracks, 36 states",
            value=1e3 * float(np.median(spent_s[1:])),
            unit="ms",
            target="< 20 ms",
            note=f"{1e3 * float(np.median(busy_s[1:])):.0f} ms of processor; first tick {1e3 * spent_s[0]:.0f} ms",
        )
    ]
    rows.append(_fixes(seed, 100_000 if quick else 1_000_000))
    for half_m in (800e3,) if quick else (800e3, 2_000e3):
        rows += _volume_rows(count, 5_000 if quick else 100_000, seed, half_m)
    rows.append(_incident_row(100 if quick else 500, seed))
    return rows
