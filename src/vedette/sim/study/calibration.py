"""The model's answer beside the published one, for every published fact of a study; misfits are explained."""

from collections.abc import Iterable
from typing import Final, Literal

import msgspec
import numpy as np

from vedette.model.columns import Floats
from vedette.sim.study.draws import Draws, value
from vedette.sim.study.estimate import Estimate, Middle, middle, share
from vedette.sim.study.life import Lives, joined, lives
from vedette.sim.study.study import Published, Study
from vedette.sim.study.times import Times
from vedette.sim.study.way import Plane

TAIL: Final = 0.05  # of the worlds on either side: a published value beyond is a misfit


class Beside(msgspec.Struct, frozen=True, kw_only=True):
    """One published fact and the model's answer."""

    study: str
    incident: str
    what: str
    source: str
    published_s: float | None  # or ...
    published_in_time: bool | None
    model_s: Middle | None
    model_in_time: Estimate | None
    kind: Literal["step", "way", "outcome"]  # way: seconds inside, against a drawn way and a speed
    anchor: bool  # the model's times were chosen with it in view
    below: float | None  # share of worlds below the published time
    fits: bool
    why: str  # of a misfit


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, and how well it fits as a whole."""

    seed: int
    worlds: int
    rows: tuple[Beside, ...]
    steps: int  # published times of steps
    within_90: int  # of them, in the middle nine tenths of the worlds
    within_50: int
    anchors: int  # of them, that the model's times were chosen with in view
    ways: int  # published seconds inside, against a drawn way and a speed
    ways_within_90: int
    outcomes: int
    brier: float  # of the outcomes: mean square of probability less outcome; 0.25 for a coin


def calibration(studies: Iterable[Study], times: Times, seed: int, worlds: int) -> Calibration:
    """The published facts of studies beside the model."""
    rows = []
    for study in studies:
        if study.published:
            lived = joined(lives(study, times, seed, worlds))
            rows += [_beside(study, lived, item, seed) for item in study.published]
    steps = [row for row in rows if row.kind == "step"]
    ways = [row for row in rows if row.kind == "way"]
    outcomes = [row for row in rows if row.model_in_time is not None]
    squares = [
        (row.model_in_time.value - float(bool(row.published_in_time))) ** 2
        for row in outcomes
        if row.model_in_time is not None
    ]
    return Calibration(
        seed=seed,
        worlds=worlds,
        rows=tuple(rows),
        steps=len(steps),
        within_90=sum(row.fits for row in steps),
        within_50=sum(0.25 <= (row.below or 0.0) <= 0.75 for row in steps),
        anchors=sum(row.anchor for row in steps),
        ways=len(ways),
        ways_within_90=sum(row.fits for row in ways),
        outcomes=len(outcomes),
        brier=round(float(np.mean(squares)), 4) if squares else 0.0,
    )


def _beside(study: Study, lived: Lives, item: Published, seed: int) -> Beside:
    model_s = in_time = below = None
    kind: Literal["step", "way", "outcome"] = "outcome"
    if item.seconds is not None:
        kind = "way" if _is_way(item) else "step"
        took = _took(study, lived, item, seed)
        model_s = middle(took)
        below = round(float(np.mean(took < item.seconds)), 4)
        fits = TAIL <= below <= 1.0 - TAIL
    else:
        assert item.until != "gone"
        in_time = share(lived.done_s[item.until] <= lived.gone_s)
        fits = (in_time.value if item.in_time else 1.0 - in_time.value) >= TAIL
    return Beside(
        study=study.id,
        incident=study.incident,
        what=item.words,
        source=item.source,
        published_s=item.seconds,
        published_in_time=item.in_time,
        model_s=model_s,
        model_in_time=in_time,
        kind=kind,
        anchor=item.anchor,
        below=below,
        fits=fits,
        why="" if fits else item.why,
    )


def _is_way(item: Published) -> bool:
    return item.until == "gone" and item.since == "entry"


def _took(study: Study, lived: Lives, item: Published, seed: int) -> Floats:
    if _is_way(item):
        # the study is given this time, so it proves nothing; way over speed is another answer to it
        plane = Plane(*study.intruder.inside[0])
        legs = np.diff(plane.xy(study.intruder.inside), axis=0)
        speed = value(study.intruder.speed_mps, Draws(seed, 0, lived.worlds), "speed")
        out: Floats = np.hypot(legs[:, 0], legs[:, 1]).sum() / speed
        return out
    begin = _when(lived, item.since)
    end = _when(lived, item.until)
    found = end - begin
    reached = np.isfinite(found)
    # of the worlds in which both came to pass, as the published ones did
    return found[reached] if reached.any() else np.full(1, np.inf)


def _when(lived: Lives, name: str) -> Floats:
    if name == "entry":
        return np.zeros(lived.worlds)
    if name == "gone":
        return lived.gone_s
    return lived.done_s[name]
