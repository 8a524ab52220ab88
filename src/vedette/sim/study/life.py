"""The steps of life of one study in many worlds: when each is done, and when the intruder has gone.

Each step begins when those before it are done and takes what is drawn; being there to look is physics. Times are
seconds from the entry. A step that no world reaches is infinite, which is late.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from vedette.council.decision import populations, shipped_rules
from vedette.council.shield.sight import horizon_m
from vedette.model.columns import Floats
from vedette.model.errors import SettingError
from vedette.sim.study.consent import adopted, voices
from vedette.sim.study.draws import Draws, Shares, happens, value
from vedette.sim.study.study import StepName, Study
from vedette.sim.study.times import Times
from vedette.sim.study.way import NEVER, Plane, Way, first_there_s, way

BATCH: Final = 20_000  # worlds at a time, so that memory stays flat
WORLDS_MAX: Final = 10_000_000
HOUR_S: Final = 3_600.0


class Step(NamedTuple):
    """One step of life."""

    name: StepName
    text: str
    after: StepName | None


STEPS: Final = (
    Step("seen", "somebody has a track of it", None),
    Step("reported", "the control centre has the track", "seen"),
    Step("correlated", "air traffic services have said whether it is theirs", "reported"),
    Step("launch_decided", "aircraft are ordered to go and look", "correlated"),
    Step("airborne", "they are airborne", "launch_decided"),
    Step("looked_at", "they see what it is", "airborne"),
    Step("authority", "the national authority has decided", "looked_at"),
    Step("neighbours_told", "neighbouring centres are told", "reported"),
    Step("public_warned", "the public is warned", "reported"),
    Step("airspace_closed", "civil airspace is closed", "reported"),
    Step("capital", "the capital has turned to its allies", "correlated"),
    Step("council_meets", "the council meets", "capital"),
    Step("council", "the council has decided", "council_meets"),
)
COUNCIL_STEPS: Final = frozenset({"capital", "council_meets", "council"})
BY_NAME: Final = {step.name: step for step in STEPS}


class Lives(NamedTuple):
    """(n,) worlds; times in seconds from the entry."""

    gone_s: Floats
    done_s: dict[str, Floats]
    adopted_s: (
        Floats | None
    )  # how long the council takes once it has met; None: it was not asked for

    @property
    def worlds(self) -> int:
        """Number of worlds."""
        return len(self.gone_s)


def step_name(name: str) -> StepName:
    """The step of a name.

    Raises:
        SettingError: there is none.
    """
    if name not in {step.name for step in STEPS}:
        raise SettingError(f"no step {name!r}; there are {', '.join(step.name for step in STEPS)}")
    return BY_NAME[name].name


def chain(study: Study, step: StepName) -> tuple[StepName, ...]:
    """The steps that lead to one, itself the last."""
    out: list[StepName] = []
    at: StepName | None = step
    while at is not None:
        out.append(at)
        at = study.asked if at == "authority" else BY_NAME[at].after
    return tuple(reversed(out))


def live(
    study: Study,
    times: Times,
    shares: Shares,
    *,
    council: bool = True,
    adopted_s: Floats | None = None,
) -> Lives:
    """All steps of a study in the worlds of ``shares``.

    Args:
        study: what is asked.
        times: how long steps take.
        shares: chance.
        council: with the council's steps.
        adopted_s: (n,) how long the council takes once it has met, where that is known from another study with
            the same council: counting it takes longer than all else.
    """
    flown, plane = _flown(study, shares)
    gone = flown.at_s[:, -1]
    done: dict[str, Floats] = {"seen": _seen(study, times, shares, flown, plane)}

    def took(step: str, *names: str) -> Floats:
        total = np.zeros(shares.worlds)
        for name in names:
            total = total + value(times.priors[name], shares, f"{step} {name}")
        return total

    done["reported"] = done["seen"] + took("reported", "track_reported")
    done["correlated"] = done["reported"] + took("correlated", "traffic_services_answer")
    answers = times.decide[:1] if study.delegated else times.decide
    done["launch_decided"] = done["correlated"] + took("launch_decided", *answers)
    done["airborne"], done["looked_at"] = _look(study, times, shares, flown, plane, done)
    done["authority"] = done[study.asked] + took("authority", study.authority)
    for step, names in times.chains.items():
        done[step] = done["reported"] + took(step, *names)
    if council:
        done["capital"] = done["correlated"] + took("capital", "capital_asks")
        done["council_meets"] = done["capital"] + took("council_meets", "council_meets")
        if adopted_s is None:
            adopted_s = _adopted(study, times, shares)
        # what was consented to before needs the delegate alone, who has then decided to look
        done["council"] = (
            done["launch_decided"]
            if study.council.beforehand
            else done["council_meets"] + adopted_s
        )
    return Lives(
        gone, {step.name: done[step.name] for step in STEPS if step.name in done}, adopted_s
    )


def lives(
    study: Study,
    times: Times,
    seed: int,
    worlds: int,
    first: int = 0,
    *,
    council: bool = True,
    adopted_s: Floats | None = None,
) -> Iterator[Lives]:
    """The worlds ``first`` to ``first + worlds - 1`` of a seed, in batches; arguments as of ``live``."""
    for begin in range(first, first + worlds, BATCH):
        count = min(BATCH, first + worlds - begin)
        known = None if adopted_s is None else adopted_s[begin - first : begin - first + count]
        yield live(study, times, Draws(seed, begin, count), council=council, adopted_s=known)


def joined(parts: Iterator[Lives]) -> Lives:
    """Batches as one."""
    every = list(parts)
    return Lives(
        np.concatenate([one.gone_s for one in every]),
        {name: np.concatenate([one.done_s[name] for one in every]) for name in every[0].done_s},
        None
        if any(one.adopted_s is None for one in every)
        else np.concatenate([one.adopted_s for one in every if one.adopted_s is not None]),
    )


def _flown(study: Study, shares: Shares) -> tuple[Way, Plane]:
    intruder = study.intruder
    plane = Plane(*intruder.inside[0])
    flown = way(
        plane,
        intruder.before,
        intruder.inside,
        value(intruder.speed_mps, shares, "speed"),
        value(intruder.inside_s, shares, "inside"),
    )
    return flown, plane


def _seen(study: Study, times: Times, shares: Shares, flown: Way, plane: Plane) -> Floats:
    """When somebody first has a track: the first of the radars, of a neighbour and of people."""
    out = np.full(shares.worlds, NEVER)
    watch = study.watch
    height = value(study.intruder.height_agl_m, shares, "height")
    for radar in watch.radars:
        reach = np.minimum(horizon_m(radar.antenna_agl_m) + horizon_m(height), radar.range_m)
        place = plane.xy(((radar.latitude_deg, radar.longitude_deg),))[0]
        visible = first_there_s(flown, place, flown.at_s[:, 0], 0.0, reach)
        name = f"radar {radar.name}"
        made = visible + value(times.priors["tracked"], shares, name)
        # a track is no use of one that never was in sight, or has gone from it before it was made
        out = np.minimum(out, np.where(happens(watch.sees, shares, f"{name} sees"), made, NEVER))
    if watch.neighbour is not None:
        passed = value(times.priors["states_told"], shares, "neighbour tells") - value(
            watch.neighbour.before_s, shares, "neighbour"
        )
        tells = happens(watch.neighbour.tells, shares, "neighbour tells at all")
        out = np.minimum(out, np.where(tells, passed, NEVER))
    if watch.people > 0.0:
        spread = watch.people_s or times.priors["people_call"]
        called = value(spread, shares, "people")
        if study.intruder.ends == "falls":
            called = called + flown.at_s[:, -1]  # what people report is the fall
        out = np.minimum(out, np.where(happens(watch.people, shares, "people call"), called, NEVER))
    if watch.from_entry:
        out = np.maximum(out, 0.0) + value(times.priors["silence_noticed"], shares, "silence")
    return out


def _look(
    study: Study, times: Times, shares: Shares, flown: Way, plane: Plane, done: dict[str, Floats]
) -> tuple[Floats, Floats]:
    """When the first of those who are ready is airborne, and when one of them sees it."""
    airborne, there = (np.full(shares.worlds, NEVER) for _ in range(2))
    speed = value(times.priors["fighter_speed_mps"], shares, "fighter speed")
    free = study.intruder.before_over == "sea"
    for name, _, place, readiness in study.bases():
        up = done["launch_decided"]
        if readiness != "airborne":
            prior = "airborne" if readiness == "alert" else "airborne_raised"
            # crews of one readiness have one luck: a readier crew is the same crew, sooner
            up = up + value(times.priors[prior], shares, f"airborne {name}")
        airborne = np.minimum(airborne, up)
        met = first_there_s(
            flown, plane.xy((place,))[0], up, speed, not_before_s=-np.inf if free else 0.0
        )
        there = np.minimum(there, met)
    looked = there + value(times.priors["closing"], shares, "closing")
    return airborne, np.where(happens(study.found, shares, "found"), looked, NEVER)


def _adopted(study: Study, times: Times, shares: Shares) -> Floats:
    """How long the council takes once it has met: a text under silence, by the rule of the Alliance."""
    if study.council.beforehand:
        return np.zeros(shares.worlds)
    said = voices(sorted(populations("nato")), study.council, times, shares)
    rule = shipped_rules()["nac_consensus"]
    return adopted(rule, "nato", said, silence_s=study.council.silence_h * HOUR_S).after_s
