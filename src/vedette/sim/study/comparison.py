"""Ways of deciding beside each other: by the council's own rules, on the same replies of the same capitals."""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
import numpy as np

from vedette.council.decision import populations, shipped_rules
from vedette.model.columns import Flags, Floats
from vedette.model.errors import SettingError
from vedette.sim.study.consent import Body, Voices, adopted, voices
from vedette.sim.study.draws import Draws, Shares, value
from vedette.sim.study.estimate import Estimate, Middle, gain, middle, share
from vedette.sim.study.life import BATCH, HOUR_S, WORLDS_MAX, live
from vedette.sim.study.study import Study
from vedette.sim.study.times import Times

SILENCES_H: Final = (2.0, 12.0, 24.0, 48.0, 72.0)
WITHIN_H: Final = (1.0, 24.0, 72.0)
OBJECTS: Final = (
    0.02  # probability of one member; that it abstains too: where nothing else is asked for
)
BASELINE: Final = "silence of 24 h"


class Way(NamedTuple):
    """One way of deciding."""

    name: str
    rule: str
    body: Body
    silence_h: float | None = None
    alone: str = ""  # the draws of the one that decides: "authority" or "watch"


WAYS: Final = (
    Way("shield or delegation agreed beforehand", "standing_delegation", "nato", alone="watch"),
    Way("national authority", "national_self_defence", "nato", alone="authority"),
    Way("coalition of the willing", "coalition_opt_in", "nato"),
    *(Way(f"silence of {hours:g} h", "nac_consensus", "nato", hours) for hours in SILENCES_H),
    Way("unanimity, everybody speaks", "nac_consensus", "nato"),
    Way("shield or delegation agreed ad hoc", "nac_explicit", "nato"),
    Way("unanimity less one", "unanimity_less_one", "nato"),
    Way("qualified majority of the Union", "eu_qmv", "eu"),
    Way("reinforced qualified majority", "eu_reinforced_qmv", "eu"),
    Way("unanimity of the Union", "eu_unanimity_cfsp", "eu"),
)  # fmt: skip


class WayAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one way in the same worlds as of the others."""

    name: str
    rule: str
    decided: Estimate  # ever
    after_s: Middle  # it was put
    in_time: Estimate  # before the intruder had gone, when put as soon as it was known
    within: dict[str, Estimate]  # by hours
    gain: Estimate  # of being decided within 24 h, against silence of 24 h
    # adopted before a member that would have objected, and would be bound, had spoken; None: it binds nobody else,
    # or everybody has consented before
    unheard: Estimate | None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All ways."""

    study: str
    seed: int
    worlds: int
    objects: float
    abstains: float
    ways: tuple[WayAnswer, ...]


def comparison(
    study: Study,
    times: Times,
    seed: int,
    worlds: int,
    told: Callable[[], object] = lambda: None,
) -> Comparison:
    """The ways of deciding, for a study; ``told`` is called after each of ``WAYS`` in each batch.

    The text is put as soon as it is known whose it is not; nobody waits for a meeting. So the council's times are
    the shortest that can be.

    Raises:
        SettingError: the state of the study is no member, or the number of worlds is out of range.
    """
    if not 1 <= worlds <= WORLDS_MAX:
        raise SettingError(f"1 to {WORLDS_MAX} worlds")
    if study.state not in populations("nato"):
        raise SettingError(f"{study.id}: {study.state} has no voice in the council")
    parts = [
        _batch(study, times, Draws(seed, first, min(BATCH, worlds - first)), told)
        for first in range(0, worlds, BATCH)
    ]
    left_s = np.concatenate([part[0] for part in parts])
    found = {}
    for way in WAYS:
        after = np.concatenate([part[1][way.name][0] for part in parts])
        unheard = np.concatenate([part[1][way.name][1] for part in parts])
        found[way.name] = after, unheard
    day = found[BASELINE][0] <= 24.0 * HOUR_S
    return Comparison(
        study=study.id,
        seed=seed,
        worlds=worlds,
        objects=study.council.objects,
        abstains=study.council.abstains,
        ways=tuple(
            WayAnswer(
                name=way.name,
                rule=way.rule,
                decided=share(np.isfinite(found[way.name][0])),
                after_s=middle(found[way.name][0]),
                in_time=share(found[way.name][0] <= left_s),
                within={
                    f"{hours:g}": share(found[way.name][0] <= hours * HOUR_S) for hours in WITHIN_H
                },
                gain=gain(day, found[way.name][0] <= 24.0 * HOUR_S),
                unheard=None
                if way.alone or shipped_rules()[way.rule].kind == "each"
                else share(found[way.name][1]),
            )
            for way in WAYS
        ),
    )


def _batch(
    study: Study, times: Times, shares: Shares, told: Callable[[], object]
) -> tuple[Floats, dict[str, tuple[Floats, Flags]]]:
    """(n,) time left when it is put, and what came of each way."""
    lived = live(study, times, shares, council=False)
    with np.errstate(invalid="ignore"):
        left = lived.gone_s - lived.done_s["correlated"]  # minus infinity where nobody knows of it
    members = sorted({*populations("nato"), *populations("eu")})
    said = voices(members, study.council, times, shares)
    found = {}
    for way in WAYS:
        heard = said if not way.alone else _alone(study, times, shares, said, way)
        result = adopted(
            shipped_rules()[way.rule],
            way.body,
            heard,
            silence_s=None if way.silence_h is None else way.silence_h * HOUR_S,
            deciding=study.state if way.alone else None,
        )
        found[way.name] = result.after_s, result.unheard
        told()
    return left, found


def _alone(study: Study, times: Times, shares: Shares, said: Voices, way: Way) -> Voices:
    """The same, but the one that decides answers in its own time, and says yes: what it decides is its own."""
    k = said.members.index(study.state)
    if way.alone == "authority":
        takes = value(times.priors[study.authority], shares, f"authority {study.authority}")
    else:
        takes = value(times.priors[times.decide[0]], shares, f"launch_decided {times.decide[0]}")
    reply, objects, abstains = said.reply_s.copy(), said.objects.copy(), said.abstains.copy()
    reply[:, k], objects[:, k], abstains[:, k] = takes, False, False
    return Voices(said.members, reply, objects, abstains)
