"""P(each remaining step is done before the object has left, or is there), from times that both may take.

``step(settings, state, inputs, now_ns) -> (state, clocks)``. It reads what people have decided and changes
none of it: nothing here opens, closes or hastens a question, and there is no clock for one of force.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, NamedTuple

import msgspec
import numpy as np

from vedette.model.clock import Clock, Limit, Seconds, StepTime
from vedette.model.columns import Floats
from vedette.model.probability import rounded
from vedette.model.time import SECOND_NS
from vedette.response.desk.docket import Paper
from vedette.response.timing import Timing, order, quantiles

_HARDLY: Final = 0.02  # probability of the limit below which no time is stated
_ENDS: Final = frozenset({"withdrawn", "lapsed", "refused"})


class ClockSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the clock is read, and how far it looks."""

    every_s: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    # incidents whose time has come again; one of which a question has changed does not wait
    at_once: Annotated[int, msgspec.Meta(ge=1)] = 10
    horizon_s: Annotated[float, msgspec.Meta(gt=0, le=3_600)] = 1_800.0
    measured_max: Annotated[int, msgspec.Meta(ge=1)] = 200  # answers of a step that are remembered


class TimeLeft(NamedTuple):
    """When the limit comes in each future of the object, alike in weight."""

    kind: str  # "exit" or "entry"
    zone_id: str
    state: str | None
    after_s: Floats  # (m,) [s] from now; infinite: not within the horizon


class ClockState(msgspec.Struct, frozen=True, kw_only=True):
    """Times of answers that this run has seen, by step, and which decisions they came from."""

    measured: dict[str, tuple[float, ...]] = {}
    counted: frozenset[tuple[str, int]] = frozenset()


class Inputs(NamedTuple):
    """What a step looks at."""

    papers: Sequence[Paper]
    left: Mapping[str, TimeLeft]  # by incident; one that is missing has no known limit
    timing: Timing


def step(
    settings: ClockSettings, state: ClockState, inputs: Inputs, now_ns: int
) -> tuple[ClockState, list[Clock]]:
    """The clock of each incident that has an open or accepted question.

    Args:
        settings: horizon and bounds.
        state: answers measured so far.
        inputs: questions, and the time left of each incident.
        now_ns: time of this step [ns UTC].
    """
    state = _learnt(settings, state, inputs)
    by_incident: dict[str, list[Paper]] = {}
    for paper in inputs.papers:
        if runs(paper, inputs.timing):
            by_incident.setdefault(paper.incident_id, []).append(paper)
    clocks = []
    for incident_id, papers in sorted(by_incident.items()):
        left = inputs.left.get(incident_id)
        steps = [_timed(paper, left, inputs.timing, state.measured, now_ns) for paper in papers]
        clocks.append(
            Clock(
                incident_id=incident_id,
                valid_ns=now_ns,
                limit=None if left is None else _limit(settings, left),
                steps=tuple(steps) if left is not None else (),
                measured={name: len(times) for name, times in sorted(state.measured.items())},
            )
        )
    return state, clocks


def runs(paper: Paper, timing: Timing) -> bool:
    """Whether a question has a clock: it is open or accepted, and how long its steps take is known."""
    return paper.status not in _ENDS and paper.measure in timing.measures


def _learnt(settings: ClockSettings, state: ClockState, inputs: Inputs) -> ClockState:
    """With the time of each answer that has been given since; of a chain of answers its first step's."""
    measured, counted = dict(state.measured), set(state.counted)
    for paper in inputs.papers:
        chain = inputs.timing.measures.get(paper.measure)
        key = (f"{paper.incident_id} {paper.measure}", paper.opened_ns)
        if (
            chain is None
            or len(chain.answers) != 1
            or paper.decided_ns is None
            or paper.status not in ("accepted", "refused")
            or key in counted
        ):
            continue
        counted.add(key)
        took_s = (paper.decided_ns - paper.opened_ns) / SECOND_NS
        name = chain.answers[0]
        measured[name] = (*measured.get(name, ()), took_s)[-settings.measured_max :]
    return ClockState(measured=measured, counted=frozenset(counted))


def _timed(
    paper: Paper,
    left: TimeLeft | None,
    timing: Timing,
    measured: Mapping[str, tuple[float, ...]],
    now_ns: int,
) -> StepTime:
    chain = timing.measures[paper.measure]
    accepted = paper.status == "accepted" and paper.decided_ns is not None
    names = chain.then if accepted else (*chain.answers, *chain.then)
    since_ns = paper.decided_ns if accepted and paper.decided_ns is not None else paper.opened_ns
    times = [
        quantiles(timing.steps[name], measured.get(name, ()))[np.array(order(place))]
        for place, name in enumerate(names)
    ]
    if times:
        # the first step has already run for a while without being done
        times[0] = remaining_s(times[0], (now_ns - since_ns) / SECOND_NS)
    after_s = np.array([np.inf]) if left is None else left.after_s
    total = _sum(times)
    in_time = before(total, after_s)
    late = next(
        (name for k, name in enumerate(names) if before(_sum(times[: k + 1]), after_s) < 0.5), None
    )
    # what would help is never that a person decides sooner: of people's answers none is left out
    free = [0.0 if name in chain.answers else 1.0 for name in names]
    without = [
        before(_sum(times[:k] + times[k + 1 :]), after_s) * free[k] for k in range(len(times))
    ]
    best = int(np.argmax(without)) if without else None
    gains = best is not None and without[best] > in_time + 0.01
    return StepTime(
        measure=paper.measure,
        status=paper.status,
        remaining=names,
        needed_s=_spread(total),
        in_time=rounded(in_time),
        late_step=late,
        helps=names[best] if best is not None and gains else None,
        helped=rounded(without[best]) if best is not None and gains else None,
    )


def remaining_s(times_s: Floats, elapsed_s: float) -> Floats:
    """(n,) what is left of a step that has run for a while: its times given that it takes longer.

    Where it has run longer than all that is known of it, as long again is what is left: nothing better is
    known, and it is no reason to think that it is done.
    """
    elapsed_s = max(elapsed_s, 0.0)
    longer = np.sort(times_s[times_s > elapsed_s])
    if not len(longer):
        return np.full(len(times_s), max(elapsed_s, 1.0))
    ranks = np.argsort(np.argsort(times_s, kind="stable"), kind="stable")
    at = np.minimum((ranks * len(longer)) // len(times_s), len(longer) - 1)
    left: Floats = longer[at] - elapsed_s
    return left


def before(needed_s: Floats, after_s: Floats) -> float:
    """Probability that one of ``needed_s`` is not above one of ``after_s``, both drawn alike.

    >>> before(np.array([1.0, 3.0]), np.array([2.0, np.inf]))
    0.75
    """
    if not len(after_s):
        return 0.0
    counts = np.searchsorted(np.sort(needed_s), after_s, side="right")
    return float(counts.mean() / len(needed_s))


def _sum(times: Sequence[Floats]) -> Floats:
    if not times:
        return np.zeros(1)
    total: Floats = np.sum(times, axis=0)
    return total


def _spread(values: Floats) -> Seconds:
    low, middle, high = np.quantile(values, (0.025, 0.5, 0.975), method="nearest")
    return round(float(low), 1), round(float(middle), 1), round(float(high), 1)


def _limit(settings: ClockSettings, left: TimeLeft) -> Limit:
    comes = left.after_s[np.isfinite(left.after_s)]
    share = len(comes) / max(len(left.after_s), 1)
    return Limit(
        kind="exit" if left.kind == "exit" else "entry",
        zone_id=left.zone_id,
        state=left.state,
        probability=rounded(share),
        horizon_s=settings.horizon_s,
        left_s=_spread(comes) if share >= _HARDLY else None,
    )
