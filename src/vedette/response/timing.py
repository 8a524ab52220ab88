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


class Spread(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A distribution of something above zero, mostly a time. Exactly one of the three forms is given."""

    lognormal: tuple[_Positive, _Positive] | None = None  # median, sigma of the logarithm
    triangular: tuple[_Positive, _Positive, _Positive] | None = None  # low, mode, high
    values: tuple[_Positive, ...] = ()
    sigma: _Positive = 0.5  # of the logarithm, at least, around few values

    def check(self) -> None:
        """Raise ``ValueError`` where the forms are not one, or the triangle does not rise."""
        if sum((self.lognormal is not None, self.triangular is not None, bool(self.values))) != 1:
            raise ValueError("give one of lognormal, triangular and values")
        if self.triangular is not None and list(self.triangular) != sorted(self.triangular):
            raise ValueError("low, mode and high must rise")


class StepPrior(Spread, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a step's time [s] beforehand."""

    id: str
    text: str
    status: Literal["published", "derived", "assumption"]
    sources: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
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
        try:
            step.check()
        except ValueError as error:
            raise RuleError(f"{FILE}: {step.id}: {error}") from error
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
    return at_shares(step, shares, _normal(), measured_s)


def at_shares(
    spread: Spread, shares: Floats, normals: Floats, measured_s: Sequence[float] = ()
) -> Floats:
    """(n,) values below which given shares of a distribution lie.

    Args:
        spread: the distribution.
        shares: (n,) between 0 and 1, both left out.
        normals: (n,) the same shares' values of the standard normal distribution.
        measured_s: as in ``quantiles``.
    """
    if spread.triangular is not None and not measured_s:
        low, mode, high = spread.triangular
        span = max(high - low, 1e-9)
        turn = (mode - low) / span
        rising = low + np.sqrt(shares * span * (mode - low))
        falling = high - np.sqrt((1.0 - shares) * span * (high - mode))
        drawn: Floats = np.where(shares < turn, rising, falling)
        return drawn
    middle_s, sigma = _lognormal(spread)
    if measured_s:
        logs = [math.log(max(seconds, 1.0)) for seconds in measured_s]
        middle_s = math.exp(
            (_PRIOR_WEIGHT * math.log(middle_s) + sum(logs)) / (_PRIOR_WEIGHT + len(logs))
        )
    return middle_s * np.exp(sigma * normals)


def _lognormal(spread: Spread) -> tuple[float, float]:
    if spread.lognormal is not None:
        return spread.lognormal
    if spread.triangular is not None:
        return spread.triangular[1], 0.4
    middle_s = median(spread.values)
    logs = [math.log(value / middle_s) for value in spread.values]
    deviation = math.sqrt(sum(x * x for x in logs) / max(len(logs) - 1, 1))
    return middle_s, max(spread.sigma, deviation)


@cache
def _normal() -> Floats:
    normal = NormalDist()
    return np.array([normal.inv_cdf((k + 0.5) / SAMPLES) for k in range(SAMPLES)])


@cache
def order(position: int) -> tuple[int, ...]:
    """A fixed order of the strata for the step at a place in its chain, so that steps do not move together."""
    mixed = sorted(range(SAMPLES), key=lambda k: sha256(f"{position} {k}".encode()).digest())
    return tuple(mixed)
