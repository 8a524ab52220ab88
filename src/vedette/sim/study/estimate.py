"""Shares of worlds with their 95 % intervals."""

import math
from typing import Final

import msgspec
import numpy as np

from vedette.model.columns import Flags, Floats

_Z: Final = 1.959963984540054  # of the standard normal distribution, two-sided 95 %


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """A value and its 95 % interval: how far chance alone reaches in so many worlds, nothing else."""

    value: float
    low: float
    high: float


class Middle(msgspec.Struct, frozen=True, kw_only=True):
    """Where nine in ten of the worlds lie [s]; None: never."""

    low: float | None
    median: float | None
    high: float | None


def share(happened: Flags) -> Estimate:
    """Share of worlds in which something happens. Interval: Wilson 1927.

    >>> found = share(np.array([True] * 9 + [False]))
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (0.9, 0.596, 0.982)
    """
    n, p = len(happened), float(np.mean(happened))
    middle = (p + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(p * (1 - p) / n + _Z**2 / (4 * n * n))
    return Estimate(
        value=p,
        low=0.0 if p == 0.0 else max(middle - half, 0.0),
        high=1.0 if p == 1.0 else min(middle + half, 1.0),
    )


def gain(before: Flags, after: Flags) -> Estimate:
    """How much oftener something happens in the same worlds after a change.

    Interval: the adjusted one for paired shares of Agresti and Min 2005 (half a world added to each cell).
    """
    n = len(before)
    more, less = int(np.sum(after & ~before)), int(np.sum(before & ~after))
    middle = (more - less) / (n + 2)
    half = _Z * math.sqrt(max((more + less + 1) - (more - less) ** 2 / (n + 2), 0.0)) / (n + 2)
    return Estimate(
        value=(more - less) / n, low=max(middle - half, -1.0), high=min(middle + half, 1.0)
    )


def middle(times_s: Floats) -> Middle:
    """The median, and where nine in ten lie."""
    found = np.quantile(times_s, (0.05, 0.5, 0.95), method="nearest")
    low, median, high = (round(float(x), 1) if np.isfinite(x) else None for x in found)
    return Middle(low=low, median=median, high=high)
