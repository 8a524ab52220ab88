"""Which of the unknown times moves the answer: Sobol's indices, computed by SciPy."""

from typing import Final

import msgspec
import numpy as np
from scipy.stats import qmc, sobol_indices

from vedette.model.columns import Floats
from vedette.model.errors import SettingError
from vedette.sim.study.draws import Draws, Given, Heard
from vedette.sim.study.estimate import Estimate
from vedette.sim.study.life import COUNCIL_STEPS, live
from vedette.sim.study.study import StepName, Study
from vedette.sim.study.times import Times

_SCARCE: Final = (
    0.02  # a goal that is in time less often, or late less often, is measured by its margin
)
_CLIP_S: Final = 3_600.0
_RESAMPLES: Final = 200


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the variance of the answer one draw explains."""

    name: str
    first: Estimate  # alone
    total: Estimate  # with all that it does together with others


class Sensitivity(msgspec.Struct, frozen=True, kw_only=True):
    """The most telling first."""

    of: str  # what varies
    indices: tuple[Index, ...]


def sensitivity(
    study: Study, times: Times, seed: int, goal: StepName | None = None, power: int = 10
) -> Sensitivity:
    """Sobol's indices of a goal.

    Args:
        study: what is asked.
        times: how long steps take.
        seed: of the points.
        goal: a step before the council's; None for the study's own.
        power: 2**power points, times two more than there are draws.

    Source: Saltelli et al. 2010 for the first, Jansen 1999 for the total index; points of
    Sobol's sequence, scrambled; intervals by bootstrap over them.

    Raises:
        SettingError: the goal is a step of the council, whose 32 replies are no single draws.
    """
    asked: StepName = goal or study.goal
    if asked in COUNCIL_STEPS:
        raise SettingError(f"sensitivity of {asked}: ask for a step before the council")
    probe = Heard(Draws(seed, 0, 4_096))
    lived = live(study, times, probe, council=False)
    p = float(np.mean(lived.done_s[asked] <= lived.gone_s))
    scarce = min(p, 1.0 - p) < _SCARCE
    names = _before(study, times, seed, probe.names, asked)

    def outcome(x: Floats) -> Floats:
        drawn = np.clip(x, 1e-12, 1.0 - 1e-12)
        count = drawn.shape[1]
        given = Given(count, dict(zip(names, drawn, strict=True)), Draws(seed, 0, count))
        found = live(study, times, given, council=False)
        if not scarce:
            return (found.done_s[asked] <= found.gone_s).astype(np.float64)[None, :]
        margin_s = np.clip(found.gone_s - found.done_s[asked], -_CLIP_S, _CLIP_S)
        return np.nan_to_num(margin_s, nan=-_CLIP_S)[None, :]

    points = qmc.Sobol(2 * len(names), rng=np.random.default_rng(seed)).random_base2(power).T
    ours, others = points[: len(names)], points[len(names) :]
    swapped = []
    for k in range(len(names)):
        mixed = ours.copy()
        mixed[k] = others[k]
        swapped.append(outcome(mixed))
    values = outcome(ours), outcome(others), np.stack(swapped)
    first, total = _indices(*values)
    # the interval from the same points drawn again with repetition, so that it comes again the same
    rng = np.random.default_rng([seed, 1])
    again = [
        _indices(*(part[..., pick] for part in values))
        for pick in rng.integers(0, 2**power, (_RESAMPLES, 2**power))
    ]
    spread = np.quantile(np.array(again), (0.025, 0.975), axis=0)
    rows = [
        Index(
            name=name,
            first=_estimate(first[k], spread[:, 0, k]),
            total=_estimate(total[k], spread[:, 1, k]),
        )
        for k, name in enumerate(names)
    ]
    rows.sort(key=lambda row: -row.total.value)
    what = "margin, cut at one hour" if scarce else "in time or not"
    return Sensitivity(of=f"{asked}: {what}", indices=tuple(rows))


def _before(study: Study, times: Times, seed: int, names: list[str], goal: StepName) -> list[str]:
    """The draws that the goal or the intruder's going depends on: the others are pinned and nothing changes."""
    base = Draws(seed, 0, 256)
    plain = live(study, times, base, council=False)
    telling = []
    for name in names:
        given = Given(256, {name: 1.0 - base.share(name)}, base)
        other = live(study, times, given, council=False)
        same = np.array_equal(plain.done_s[goal], other.done_s[goal]) and np.array_equal(
            plain.gone_s, other.gone_s
        )
        if not same:
            telling.append(name)
    return telling


def _indices(ours: Floats, others: Floats, swapped: Floats) -> tuple[Floats, Floats]:
    """(d,) first and total indices; none where nothing varies."""
    if np.ptp(ours) == np.ptp(others) == 0.0:
        return np.zeros(len(swapped)), np.zeros(len(swapped))
    found = sobol_indices(func={"f_A": ours, "f_B": others, "f_AB": swapped}, n=ours.shape[-1])
    return np.asarray(found.first_order).ravel(), np.asarray(found.total_order).ravel()


def _estimate(value: float, interval: Floats) -> Estimate:
    return Estimate(
        value=round(float(value), 4),
        low=round(float(interval[0]), 4),
        high=round(float(interval[1]), 4),
    )
