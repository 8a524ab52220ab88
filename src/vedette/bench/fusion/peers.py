"""Scenes side by side: our tracker, Stone Soup's, and our filter with perfect association."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from itertools import product
from typing import Any, Final

import msgspec
import numpy as np

from vedette.bench.fusion.watching import Watched, peak_memory_mb, warm, watch, watch_oracle
from vedette.bench.row import Note, Row, Table
from vedette.fusion.scoring.score import Score, score
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.sim.scene.scene import make
from vedette.sim.scene.settings import REPORTING_SEEDS, SceneSettings, named

AREA: Final = "fusion"
COLUMNS: Final = (
    "scene", "tracker", "plots/s", "p50 ms", "p99 ms", "MB", "GOSPA", "local.", "missed", "false",
    "OSPA2", "compl.", "ambig.", "spur.", "PA m", "VA m/s", "LS", "switch", "NEES", "false/h",
)  # fmt: skip
SHORT: Final = ("sparse", "crossing", "formation", "manoeuvre", "drones", "bias", "late")
BESIDE: Final = (
    "sparse",
    "normal",
    "crossing",
    "formation",
    "low_pd",
    "manoeuvre",
    "drones",
    "bias",
    "late",
)
SINCE_S: Final = 40.0
ORACLE_SEEDS: Final = 6  # one scene tells a ratio to two in a hundred only


def scene_of(name: str, quick: bool) -> SceneSettings:
    """The scene, or a small one of its kind."""
    settings = named(name)
    if not quick:
        return settings
    few = min(settings.traffic.objects, 10)
    return msgspec.structs.replace(
        settings, traffic=msgspec.structs.replace(settings.traffic, objects=few), duration_s=60
    )


def line(
    scene: str, tracker: str, watched: Watched, found: Score, memory_mb: float
) -> tuple[Any, ...]:
    """One row of the table."""
    unit = ScoreSettings().cut_m ** 2 / 2.0
    g, s = found.gospa, found.siap
    return (
        scene, tracker, round(watched.plots_per_s), watched.latency_ms(0.5),
        watched.latency_ms(0.99), round(memory_mb), g.gospa_m, g.localisation**0.5,
        g.missed / unit, g.false / unit, found.ospa.ospa2_m, s.completeness, s.ambiguity,
        s.spuriousness, s.position_accuracy_m, s.velocity_accuracy_mps, s.longest_segment,
        found.identity.switches, found.consistency.nees, found.identity.false_tracks_per_hour,
    )  # fmt: skip


def _job(tracker: str, name: str, quick: bool, seed: int, period_s: float) -> tuple[Any, ...]:
    """One tracker over one scene, in a process of its own so that its memory can be told."""
    scene = make(scene_of(name, quick), seed)
    if tracker.startswith("Stone Soup"):
        from vedette.bench.fusion.stone_soup import watch_stone_soup

        before = peak_memory_mb()
        watched = watch_stone_soup(scene, "JPDA" if "JPDA" in tracker else "GNN")
    else:
        warm()
        before = peak_memory_mb()
        oracle = tracker == "oracle"
        watched = watch_oracle(scene, None, period_s) if oracle else watch(scene, None, period_s)
    used = peak_memory_mb() - before
    return line(
        name,
        tracker,
        watched,
        score(watched.tracks, scene.truth, ScoreSettings(since_s=SINCE_S)),
        used,
    )


def _table(
    names: tuple[str, ...], trackers: tuple[str, ...], seeds: tuple[int, ...], quick: bool, title: str,
    period_s: float = 1.0,
) -> Iterator[Note | Table]:  # fmt: skip
    rows = []
    with ProcessPoolExecutor(
        1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1
    ) as pool:
        for name, seed, tracker in product(names, seeds, trackers):
            yield Note(f"fusion: {name} {seed}, {tracker} ...")
            job = pool.submit(_job, tracker, name, quick, REPORTING_SEEDS + seed, period_s)
            rows.append(job.result())
    yield Table(area=AREA, name=title, columns=COLUMNS, rows=tuple(rows))


def scenes(seed: int, quick: bool) -> Iterator[Note | Table]:
    """Our tracker over the short scenes."""
    names = SHORT[:2] if quick else SHORT
    yield from _table(names, ("ours",), (seed,), quick, "our tracker over the scenes")


def peers(seed: int, quick: bool) -> Iterator[Note | Table]:
    """Ours and Stone Soup's, on the same plots."""
    trackers: tuple[str, ...] = ("ours",)
    if find_spec("stonesoup") is None or find_spec("pyehm") is None:
        yield Note("fusion: Stone Soup is not installed (pip install vedette[bench]): ours alone")
    else:
        trackers = ("ours", "Stone Soup GNN", "Stone Soup JPDA")
    names = BESIDE[:1] if quick else BESIDE
    yield from _table(names, trackers, (seed,), quick, "ours beside Stone Soup")


def oracle(seed: int, quick: bool) -> Iterator[Note | Table | Row]:
    """How much association costs: GOSPA against that of perfect association, over several scenes of a kind."""
    kinds = (("sparse", ""),) if quick else (("normal", "≤ 1.02"), ("extreme", "≤ 1.8"))
    seeds = tuple(range(seed, seed + (1 if quick else ORACLE_SEEDS)))
    at = COLUMNS.index("GOSPA")
    for name, target in kinds:
        # 4 s: a turn of the radars; oracle association runs one picture for each object
        title = f"ours beside oracle association, {name}"
        for said in _table((name,), ("ours", "oracle"), seeds, quick, title, 4.0):
            yield said
            if not isinstance(said, Table):
                continue
            own, best = (
                np.array([row[at] for row in said.rows if row[1] == who], np.float64)
                for who in ("ours", "oracle")
            )
            each = own / best
            yield Row(
                area=AREA, name=f"GOSPA against oracle association, {name}",
                value=float(own.mean() / best.mean()), unit="x", target=target,
                note=f"{own.mean():,.0f} m against {best.mean():,.0f} m, means of {len(seeds)} scenes "
                f"({each.min():.3f} to {each.max():.3f})",
            )  # fmt: skip
