"""How long steps take: ``timing.yaml`` of the rule set as distributions, and what a run has measured."""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files as package_files
from statistics import NormalDist, median
from typing import Annotated, Final, Literal

import msgspec
import numpy as np

from vedette.model.columns import Floats
from vedette.model.errors import RuleError
from vedette.response.rule_set import RuleSet, read_yaml

FILE: Final = "timing.yaml"
SAMPLES: Final = 512  # of each step; strata of its distribution, in a fixed order
_PRIOR_WEIGHT: Final = 4.0  # measured answers that weigh as much as the prior (design choice)
_Positive = Annotated[float, msgspec.Meta(gt=0)]


class StepPrior(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a step's time beforehand. Exactly one of the three forms is given."""

    id: str
    text: str
    status: Literal["published", "derived", "assumption"]
    sources: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    lognormal: tuple[_Positive, _Positive] | None = None  # median [s], sigma of the logarithm
    triangular: tuple[_Positive, _Positive, _Positive] | None = None  # low, mode, high [s]
    values: tuple[_Positive, ...] = ()  # [s]
    sigma: _Positive = 0.5  # of the logarithm, at least, around few values
    note: str = ""


class Chain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Steps of a measure in order."""

    id: str
    answers: tuple[str, ...]
    then: tuple[str, ...]


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The whole table."""

    steps: dict[str, StepPrior]
    measures: dict[str, Chain]


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    steps: tuple[StepPrior, ...]
    measures: tuple[Chain, ...]
    untimed: tuple[str, ...]


def load_timing(data: bytes, rules: RuleSet) -> Timing:
    """The typed table.

    Raises:
        RuleError: it is wrong, says nothing of a measure, or keeps time for a question of force.
    """
    try:
        read = msgspec.convert(read_yaml(FILE, data), _File)
    except msgspec.ValidationError as error:
        raise RuleError(f"{FILE}: {error}") from error
    steps = {step.id: step for step in read.steps}
    named = [chain.id for chain in read.measures] + list(read.untimed)
    if sorted(named) != sorted(rules.measures):
        raise RuleError(f"{FILE}: each measure stands once, under measures or untimed")
    if "M14" not in read.untimed:
        raise RuleError(f"{FILE}: no clock is kept for M14")
    for step in read.steps:
        forms = [step.lognormal is not None, step.triangular is not None, bool(step.values)]
        if sum(forms) != 1:
            raise RuleError(f"{FILE}: {step.id}: give one of lognormal, triangular and values")
        if step.triangular is not None and not (
            step.triangular[0] <= step.triangular[1] <= step.triangular[2]
        ):
            raise RuleError(f"{FILE}: {step.id}: low, mode and high must rise")
        for source in step.sources:
            if not source.startswith("X:") and source != "D" and source not in rules.sources:
                raise RuleError(f"{FILE}: {step.id}: no source {source}")
    for chain in read.measures:
        for name in (*chain.answers, *chain.then):
            if name not in steps:
                raise RuleError(f"{FILE}: {chain.id}: no step {name}")
    return Timing(steps=steps, measures={chain.id: chain for chain in read.measures})


@cache
def shipped_timing_bytes() -> bytes:
    """The table that comes with the program."""
    return (package_files("vedette") / "rules" / FILE).read_bytes()


def timing_of(files: Mapping[str, bytes], rules: RuleSet) -> Timing:
    """The table in a rule set's files, or the shipped one where they hold none."""
    return load_timing(files.get(FILE, shipped_timing_bytes()), rules)


def quantiles(step: StepPrior, measured_s: Sequence[float] = ()) -> Floats:
    """(SAMPLES,) rising times [s], one from the middle of each equal share of the distribution.

    Args:
        step: its prior.
        measured_s: times that a run has seen; they draw the median of a lognormal towards their own.
    """
    shares = (np.arange(SAMPLES) + 0.5) / SAMPLES
    if step.triangular is not None and not measured_s:
        low, mode, high = step.triangular
        span = max(high - low, 1e-9)
        turn = (mode - low) / span
        rising = low + np.sqrt(shares * span * (mode - low))
        falling = high - np.sqrt((1.0 - shares) * span * (high - mode))
        drawn: Floats = np.where(shares < turn, rising, falling)
        return drawn
    middle_s, sigma = _lognormal(step)
    if measured_s:
        logs = [math.log(max(seconds, 1.0)) for seconds in measured_s]
        middle_s = math.exp(
            (_PRIOR_WEIGHT * math.log(middle_s) + sum(logs)) / (_PRIOR_WEIGHT + len(logs))
        )
    return middle_s * np.exp(sigma * _normal())


def _lognormal(step: StepPrior) -> tuple[float, float]:
    if step.lognormal is not None:
        return step.lognormal
    if step.triangular is not None:
        return step.triangular[1], 0.4
    middle_s = median(step.values)
    logs = [math.log(value / middle_s) for value in step.values]
    spread = math.sqrt(sum(x * x for x in logs) / max(len(logs) - 1, 1))
    return middle_s, max(step.sigma, spread)


@cache
def _normal() -> Floats:
    normal = NormalDist()
    return np.array([normal.inv_cdf((k + 0.5) / SAMPLES) for k in range(SAMPLES)])


@cache
def order(position: int) -> tuple[int, ...]:
    """A fixed order of the strata for the step at a place in its chain, so that steps do not move together."""
    mixed = sorted(range(SAMPLES), key=lambda k: sha256(f"{position} {k}".encode()).digest())
    return tuple(mixed)
