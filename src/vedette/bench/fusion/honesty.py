"""Accuracy, consistency and false tracks of our tracker."""

from collections.abc import Iterator

import msgspec
import numpy as np

from vedette.bench.fusion.watching import warm, watch
from vedette.bench.row import Row
from vedette.fusion.scoring.consistency import INSIDE_95, band
from vedette.fusion.scoring.score import measure
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.fusion.settings import FusionSettings
from vedette.model.columns import Floats
from vedette.sim.scene.scene import make
from vedette.sim.scene.settings import REPORTING_SEEDS, SceneSettings, named

AREA = "fusion"


def last_nees(
    settings: SceneSettings, seeds: range, fusion: FusionSettings | None = None
) -> tuple[Floats, Floats]:
    """NEES of the last picture of each seed, and position errors of all pictures [m].

    One state of each object and run: they are independent, as the band of their mean asks.
    """
    nees, errors = [], []
    for seed in seeds:
        scene = make(settings, seed)
        found = measure(
            watch(scene, fusion).tracks, scene.truth, ScoreSettings(since_s=40.0, cut_m=3_000.0)
        ).errors
        nees.append(found.nees[found.picture == found.picture.max(initial=-1), 0])
        errors.append(np.hypot(found.error[:, 0], found.error[:, 1]))
    return np.concatenate(nees), np.concatenate(errors)


def accuracy(seed: int, quick: bool) -> Iterator[Row]:
    """Position error on straights."""
    warm()
    settings = named("straight")
    runs = range(REPORTING_SEEDS + seed, REPORTING_SEEDS + seed + (2 if quick else 10))
    nees, errors = last_nees(settings, runs)
    yield Row(
        area=AREA, name="position error, 3 radars of 10 s, straight jets",
        value=float(np.sqrt(np.mean(errors**2))), unit="m RMS", target="50 to 120",
        note=f"heights by Mode C; {len(runs)} seeds; NEES {nees.mean():.2f}",
    )  # fmt: skip


def honesty(seed: int, quick: bool) -> Iterator[Row]:
    """NEES over seeds, where the motion is in the models and where it is not."""
    warm()
    count = 4 if quick else 30
    runs = range(REPORTING_SEEDS + seed, REPORTING_SEEDS + seed + count)
    fusion = FusionSettings()
    straight = msgspec.structs.replace(fusion, motions=fusion.motions[:1])
    turning = msgspec.structs.replace(
        named("manoeuvre"), duration_s=60,
        traffic=msgspec.structs.replace(named("manoeuvre").traffic, objects=6, side_m=100_000.0),
    )  # fmt: skip
    for label, scene, chosen in (
        ("NEES, motion in the model, straight model alone", named("in_models"), straight),
        ("NEES, flights that only wander, all models", named("in_models"), fusion),
        ("NEES, exactly straight, all models", named("straight"), fusion),
        ("NEES, fighters that turn hard (not in the models)", turning, fusion),
    ):
        values, _ = last_nees(scene, runs, chosen)
        low, high = band(4, max(len(values), 1))
        inside = "motion in" in label
        yield Row(
            area=AREA, name=label, value=float(np.mean(values)), unit="",
            target=f"{low:.2f} to {high:.2f}" if inside else "reported",
            note=f"4 dof, {count} seeds, {len(values)} independent states",
        )  # fmt: skip
    values, _ = last_nees(named("drawn"), range(runs.start, runs.start + 4 * count), fusion)
    low, high = _interval(values)
    yield Row(
        area=AREA, name="NEES, flights drawn from all models", value=float(np.mean(values)), unit="",
        target="4 within the interval",
        note=f"4 dof, {4 * count} seeds, {len(values)} independent states; the mean lies within {low:.2f} and "
        f"{high:.2f} (95 %, flights drawn again); {np.mean(values <= INSIDE_95):.3f} of the errors lie in "
        "their 95 % ellipse",
    )  # fmt: skip


def _interval(values: Floats) -> tuple[float, float]:
    """Interval of 95 % of a mean, by drawing the values again: a few large ones rule it."""
    rng = np.random.default_rng(0)
    means = [rng.choice(values, len(values)).mean() for _ in range(2_000)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def false_tracks(seed: int, quick: bool) -> Iterator[Row]:
    """Tracks confirmed out of false plots alone."""
    warm()
    settings = msgspec.structs.replace(named("nobody"), duration_s=60 if quick else 600)
    tracks, plots, seconds = set[str](), 0, 0
    for number in range(1 if quick else 2):
        scene = make(settings, REPORTING_SEEDS + seed + number)
        shown = watch(scene).tracks
        tracks |= {f"{number}/{name}" for name in shown.column("track_id").unique().to_pylist()}
        plots += scene.plots.num_rows
        seconds += settings.duration_s
    yield Row(
        area=AREA, name="false tracks, 8 radars, 50 false plots a scan",
        value=len(tracks) * 3600.0 / seconds, unit="per hour", target="≤ 1",
        note=f"{seconds} s without any aircraft, {plots} plots, {len(tracks)} tracks",
    )  # fmt: skip
