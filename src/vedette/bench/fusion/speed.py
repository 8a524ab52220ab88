"""Plots per second, latency, the cost per plot as the picture grows, and starting."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import msgspec
import numpy as np

from vedette.bench.fusion.watching import Watched, warm, watch
from vedette.bench.row import Note, Row
from vedette.fusion.settings import FusionSettings
from vedette.sim.scene.scene import make
from vedette.sim.scene.settings import REPORTING_SEEDS, Field, SceneSettings, Traffic, named

AREA = "fusion"
SECTORS = 32
SECTORED = "one core; each sector gives the tracks that changed, each second all of them"


def _rows(label: str, watched: Watched, target: str, note: str) -> Iterator[Row]:
    yield Row(
        area=AREA, name=f"{label}", value=watched.plots_per_s, unit="plots/s", target=target,
        note=f"{watched.plots} plots, p99 of a batch {watched.work_ms(0.99):.1f} ms of processor time; {note}",
    )  # fmt: skip


def _sized(objects: int, radars: int, duration_s: int, side_m: float) -> SceneSettings:
    large = named("large")
    return SceneSettings(
        traffic=msgspec.structs.replace(large.traffic, objects=objects, side_m=side_m),
        field=msgspec.structs.replace(large.field, radars=radars, side_m=side_m),
        duration_s=duration_s,
    )


def speed(seed: int, quick: bool) -> Iterator[Row]:
    """A tenth of the large scene, which a laptop does in passing."""
    warm()
    size = (300, 6, 16) if quick else (1_000, 30, 24)
    scene = make(_sized(*size, side_m=400_000.0), REPORTING_SEEDS + seed)
    period_s = scene.settings.field.period_s
    name = f"{size[0]} aircraft x {size[1]} radars"
    yield from _rows(f"speed, {name}, by scans", watch(scene, None, period_s, 0.0), "", "one core")
    yield from _rows(
        f"speed, {name}, by {SECTORS} sectors",
        watch(scene, None, period_s / SECTORS, 0.0, changes=True),
        "",
        SECTORED,
    )


def large(seed: int, quick: bool) -> Iterator[Row | Note]:
    """10,000 tracks and 100 radars."""
    warm()
    settings = msgspec.structs.replace(named("large"), duration_s=12 if quick else 24)
    scene = make(settings, REPORTING_SEEDS + seed)
    yield Note(f"fusion: {scene.plots.num_rows} plots")
    period_s = settings.field.period_s
    yield from _rows(
        "speed, 10,000 aircraft x 100 radars, by scans",
        watch(scene, None, period_s, 0.0),
        "≥ 1e6",
        "one core",
    )
    yield from _rows(
        "speed, 10,000 aircraft x 100 radars, by 32 sectors",
        watch(scene, None, period_s / SECTORS, 0.0, changes=True), "≥ 5e5", SECTORED,
    )  # fmt: skip
    sizes = np.array([part.num_rows for _, part in scene.batches(period_s)])
    later = slice(
        len(sizes) // 2, None
    )  # the picture stands: arrays have their size, and few tracks begin
    for cores, target in ((1, ""), (2, "≥ 1.8e6")):
        watched = watch(scene, FusionSettings(cores=cores), period_s, 0.0)
        yield Row(
            area=AREA, name=f"speed, 10,000 aircraft x 100 radars, {cores} core(s), by the clock, second half",
            value=float(sizes[later].sum() / watched.steps_s[later].sum()), unit="plots/s", target=target,
            note="by scans, wall time, once the picture stands",
        )  # fmt: skip
        yield Row(
            area=AREA, name=f"speed, 10,000 aircraft x 100 radars, {cores} core(s), by the clock",
            value=watched.plots_per_wall_s, unit="plots/s", target="",
            note="from an empty picture, by scans, wall time: other work on the machine lowers it",
        )  # fmt: skip


def latency(seed: int, quick: bool) -> Iterator[Row]:
    """From the plots of a sector to the tracks."""
    warm()
    settings = msgspec.structs.replace(named("normal"), duration_s=20 if quick else 60)
    scene = make(settings, REPORTING_SEEDS + seed)
    watched = watch(scene, None, settings.field.period_s / SECTORS, 0.0, changes=True)
    for share in (0.5, 0.99):
        yield Row(
            area=AREA, name=f"sector batch in, tracks out, p{100 * share:.0f}",
            value=watched.latency_ms(share), unit="ms", target="≤ 5" if share > 0.9 else "",
            note=f"500 objects, 8 radars, {len(watched.steps_s)} batches of 0.125 s; tracks that changed; "
            f"{watched.work_ms(share):.1f} ms of processor time",
        )  # fmt: skip
    yield Row(
        area=AREA, name="whole picture on demand, p99", unit="ms",
        value=float(np.percentile(watched.wholes_s, 99.0)) * 1e3, note="asked for once a second",
    )  # fmt: skip


def flood(seed: int, quick: bool) -> Iterator[Row]:
    """A radar that sends false plots by the thousand: the work of each second, as they begin tracks."""
    warm()
    for each_s in (1_000,) if quick else (1_000, 5_000):
        settings = SceneSettings(
            traffic=Traffic(objects=0), duration_s=10,
            field=Field(radars=1, false_plots=each_s * 4.0, period_s=4.0, range_max_m=(200_000.0, 200_000.0)),
        )  # fmt: skip
        watched = watch(make(settings, REPORTING_SEEDS + seed), None, 1.0, 0.0)
        yield Row(
            area=AREA, name=f"the tenth second of {each_s:,} false plots a second of one radar",
            value=float(watched.works_s[-1]), unit="s",
            note=f"processor time; the seconds before: {', '.join(f'{w:.2f}' for w in watched.works_s[:-1])}",
        )  # fmt: skip


def curve(seed: int, quick: bool) -> Iterator[Row]:
    """Cost per plot as the number of tracks grows, at equal density."""
    warm()
    first = 0.0
    for objects in (1_000, 2_000) if quick else (1_000, 5_000, 10_000, 20_000, 50_000):
        side_m = 1_000_000.0 * np.sqrt(objects / 10_000)
        settings = SceneSettings(
            traffic=Traffic(objects=objects, side_m=float(side_m), straight_s=1e6, climbing=0.0),
            # short ranges: each object is seen by about the same number of radars at every size
            field=Field(
                radars=max(4, objects // 250), side_m=float(side_m), false_plots=20.0,
                range_max_m=(60_000.0, 120_000.0),
            ),
            duration_s=24,
        )  # fmt: skip
        scene = make(settings, REPORTING_SEEDS + seed)
        watched = watch(scene, None, settings.field.period_s, 0.0)
        cost_us = watched.work_s / max(watched.plots, 1) * 1e6
        first = first or cost_us
        yield Row(
            area=AREA, name=f"cost per plot at {objects} objects", value=cost_us, unit="µs",
            target="≤ 1.5 x first", note=f"{cost_us / first:.2f} x first; {watched.plots} plots, by scans",
        )  # fmt: skip


_CHILD = """
import sys, time
begin = time.perf_counter()
from vedette.bench.fusion.watching import watch
from vedette.sim.scene.scene import make
from vedette.sim.scene.settings import named
scene = make("sparse", 1)
batches = scene.batches(1.0)
from vedette.fusion.picture import initial, step
from vedette.fusion.settings import FusionSettings
settings = FusionSettings()
state = initial(settings)
begin_own, busy = time.perf_counter(), time.process_time()
for _ in range(12):
    now_ns, part = next(batches)
    state, _ = step(settings, state, part, scene.sensors, now_ns)
print(time.perf_counter() - begin_own, time.process_time() - busy)
"""


def start(seed: int, quick: bool) -> Iterator[Row]:
    """First pictures of a process that has no compiled kernels, and of one that has."""
    with tempfile.TemporaryDirectory() as folder:
        for label, target in (("cold", "≤ 30"), ("warm", "≤ 1.5")):
            done = subprocess.run(  # noqa: S603
                [sys.executable, "-c", _CHILD],
                env={**os.environ, "NUMBA_CACHE_DIR": folder},
                capture_output=True, text=True, check=True,
            )  # fmt: skip
            waited_s, work_s = map(float, done.stdout.split())
            yield Row(
                area=AREA, name=f"{label} start: first 12 pictures", value=waited_s, unit="s",
                target=target, note=f"without the imports; {work_s:.1f} s of processor time",
            )  # fmt: skip
