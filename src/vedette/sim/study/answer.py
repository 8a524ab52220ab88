"""The answer of a study: which step is in time, which is late, and what each change buys."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from vedette.model.columns import Flags
from vedette.model.errors import SettingError
from vedette.sim.study.change import CHANGES, changed
from vedette.sim.study.estimate import Estimate, Middle, gain, middle, share
from vedette.sim.study.life import STEPS, WORLDS_MAX, Lives, chain, joined, lives
from vedette.sim.study.study import Council, StepName, Study
from vedette.sim.study.times import Times


class StepAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """One step."""

    step: StepName
    text: str
    in_time: Estimate  # before the intruder had gone
    done_s: Middle  # after the entry


class LateStep(msgspec.Struct, frozen=True, kw_only=True):
    """In how many worlds one step of the way to the goal is the first that comes too late."""

    step: StepName
    share: Estimate


class ChangeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What one change does, in the same worlds."""

    change: str
    text: str
    in_time: Estimate  # of the goal
    gain: Estimate  # of the goal
    gains: dict[StepName, Estimate]  # of every step
    steps: tuple[StepAnswer, ...]
    lates: dict[StepName, tuple[LateStep, ...]]  # by the goal
    council_s: Middle


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The whole."""

    study: str
    seed: int
    worlds: int
    goal: StepName
    gone_s: Middle
    steps: tuple[StepAnswer, ...]
    lates: dict[StepName, tuple[LateStep, ...]]  # by the goal
    changes: tuple[ChangeAnswer, ...]

    @property
    def late(self) -> tuple[LateStep, ...]:
        """On the way to the goal that was asked for."""
        return self.lates[self.goal]


def answer(
    study: Study,
    times: Times,
    seed: int,
    worlds: int,
    changes: Sequence[str] | None = None,
    goal: StepName | None = None,
) -> Answer:
    """A study in many worlds.

    Args:
        study: what is asked.
        times: how long steps take.
        seed: of chance.
        worlds: how many.
        changes: ids of ``change.CHANGES``, or ``without:STATE``; None for all that apply.
        goal: the step in question; None for the study's own.

    Raises:
        SettingError: there is no such change, or the number of worlds is out of range.
    """
    if not 1 <= worlds <= WORLDS_MAX:
        raise SettingError(f"1 to {WORLDS_MAX} worlds")
    asked: StepName = goal or study.goal
    plain = joined(lives(study, times, seed, worlds))
    in_time = {name: done <= plain.gone_s for name, done in plain.done_s.items()}
    texts = {change.id: change.text for change in CHANGES}
    found = []
    for change_id in texts if changes is None else changes:
        other = changed(study, change_id)
        if other is None:
            continue
        words = _words(study, other, texts.get(change_id, change_id))
        found.append(
            _changed(change_id, words, (study.council, other), times, seed, plain, in_time, asked)
        )
    return Answer(
        study=study.id,
        seed=seed,
        worlds=worlds,
        goal=asked,
        gone_s=middle(plain.gone_s),
        steps=_steps(plain),
        lates=_lates(study, plain),
        changes=tuple(found),
    )


def _steps(lived: Lives) -> tuple[StepAnswer, ...]:
    return tuple(
        StepAnswer(
            step=step.name,
            text=step.text,
            in_time=share(lived.done_s[step.name] <= lived.gone_s),
            done_s=middle(lived.done_s[step.name]),
        )
        for step in STEPS
    )


def _lates(study: Study, lived: Lives) -> dict[StepName, tuple[LateStep, ...]]:
    return {step.name: late(study, lived, step.name) for step in STEPS}


def late(study: Study, lived: Lives, goal: StepName) -> tuple[LateStep, ...]:
    """Which step of the way to a goal is the first that comes too late, and in how many worlds."""
    names = chain(study, goal)
    too_late = np.stack([lived.done_s[name] > lived.gone_s for name in names])
    # times only grow along a chain, so the first that is late is where the time was lost; but a council that has
    # consented beforehand has decided before it could have met
    first = np.where(too_late[-1], too_late.argmax(axis=0), len(names))
    return tuple(LateStep(step=name, share=share(first == k)) for k, name in enumerate(names))


def _words(study: Study, other: Study, text: str) -> str:
    gone = set(other.council.unreachable) - set(study.council.unreachable)
    return (
        f"without {', '.join(sorted(gone))}: neither its aircraft nor its voice" if gone else text
    )


def _changed(
    change_id: str,
    text: str,
    asked: tuple[Council, Study],
    times: Times,
    seed: int,
    plain: Lives,
    in_time: Mapping[str, Flags],
    goal: StepName,
) -> ChangeAnswer:
    council, other = asked
    # a council that is asked the same is not counted again, for that takes longer than all else
    same = other.council == council
    lived = joined(
        lives(other, times, seed, plain.worlds, adopted_s=plain.adopted_s if same else None)
    )
    after = {name: done <= lived.gone_s for name, done in lived.done_s.items()}
    return ChangeAnswer(
        change=change_id,
        text=text,
        in_time=share(after[goal]),
        gain=gain(in_time[goal], after[goal]),
        gains={step.name: gain(in_time[step.name], after[step.name]) for step in STEPS},
        steps=_steps(lived),
        lates=_lates(other, lived),
        council_s=middle(lived.done_s["council"]),
    )
