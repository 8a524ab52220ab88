"""The ledger of evidence of one track, step by step, and what further evidence would make of it."""

from collections.abc import Callable
from typing import Final, cast

import numpy as np

from vedette.identity import classes, verdict
from vedette.identity.classes import FACTORS, prior_logs
from vedette.identity.evidence import CHANGES, SMALLEST, SOURCES, Words
from vedette.identity.history import ATS_AUTHORISED, ATS_OURS, EMITTERS, Row, Rows
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CIVIL, CLASS_INDEX
from vedette.model.assessment import CLASSES, Ledger, ObjectClass, Step, WhatIf
from vedette.model.columns import Floats, Integers

CREWED: Final = "crewed civil aircraft"
_SSR_BIT: Final = 0b010
Told = Callable[[Rows], Integers]


def _chance(total: Floats, mine: Floats) -> float:
    weights = np.exp(total - total.max())
    return float(weights[mine.astype(bool)].sum() / weights.sum())


def _log_odds(chance: float) -> float:
    held = min(max(chance, 1e-12), 1.0 - 1e-12)
    return float(np.log(held / (1.0 - held)))


def ledgers(
    settings: IdentitySettings, one: Row, logs: dict[str, Floats], words: Words
) -> tuple[Ledger, ...]:
    """How the belief grew: in the class that is told or comes nearest, and in a crewed civil aircraft.

    Each step is the change of the natural log-odds by one factor, after those before it; they add up to the
    last exactly. Factors that move it by less than 0.05 each are summed at the end.

    Args:
        settings: the stage's settings.
        one: the track's row.
        logs: by factor, (1, classes) log-likelihoods.
        words: statement of each factor.
    """
    best = int(one["probabilities"].argmax())
    mine = np.zeros(len(CLASSES))
    mine[best] = 1.0
    found = []
    for name, members in ((CLASSES[best], mine), (CREWED, CIVIL.astype(np.float64))):
        total = prior_logs(tuple(sorted(settings.priors.items()))).copy()
        chance = _chance(total, members)
        running = _log_odds(chance)
        steps = [
            Step(
                source="prior",
                statement="before any evidence",
                valid_ns=int(one["birth_ns"]),
                log_odds=running,
                running=running,
                probability=chance,
                would_change="a measured traffic mix of the place and hour",
            )
        ]
        rest = total  # what is left out of the list, all of it at the end
        for factor in FACTORS:
            total = total + logs[factor][0]
            moved = _chance(rest + logs[factor][0], members)
            if abs(_log_odds(moved) - running) < SMALLEST:
                continue
            rest = rest + logs[factor][0]
            chance, now = moved, _log_odds(moved)
            steps.append(
                Step(
                    source=SOURCES[factor],
                    statement=words[factor],
                    valid_ns=int(one["updated_ns"]),
                    log_odds=now - running,
                    running=now,
                    probability=chance,
                    would_change=CHANGES[factor],
                )
            )
            running = now
        chance = _chance(total, members)
        if abs(_log_odds(chance) - running) >= 1e-9:
            steps.append(
                Step(
                    source="all else",
                    statement="factors that each move it by less than 0.05",
                    valid_ns=int(one["updated_ns"]),
                    log_odds=_log_odds(chance) - running,
                    running=_log_odds(chance),
                    probability=chance,
                    would_change="little",
                )
            )
        found.append(Ledger(hypothesis=name, steps=tuple(steps)))
    return tuple(found)


def _reply(row: Rows) -> None:
    row["mode3a"], row["mode_c"] = 0o2001, True
    row["cooperative_ns"] = row["updated_ns"]
    row["fresh"] = True
    row["kinds"] |= _SSR_BIT


def _airline(row: Rows) -> None:
    _reply(row)
    row["callsign_kind"] = classes.AIRLINE


def _military_callsign(row: Rows) -> None:
    _reply(row)
    row["callsign_kind"] = classes.MILITARY


def _military_reply(row: Rows) -> None:
    row["military_friend"], row["fresh"] = True, True
    row["cooperative_ns"] = row["updated_ns"]


def _plan(row: Rows) -> None:
    row["plan_state"] = 2


def _ours(row: Rows) -> None:
    row["ats_state"] |= ATS_OURS


def _authorised(row: Rows) -> None:
    row["ats_state"] = ATS_AUTHORISED


def _category(name: str) -> Callable[[Rows], None]:
    def set_category(row: Rows) -> None:
        row["emitter"] = EMITTERS.index(name)

    return set_category


def _seen_as(name: str) -> Callable[[Rows], None]:
    def set_hint(row: Rows) -> None:
        row["hint"], row["hint_confidence"] = CLASS_INDEX[name], 0.9

    return set_hint


# Evidence that may still come, and how a track's row would look with it.
_POSSIBLE: Final[tuple[tuple[str, Callable[[Rows], None]], ...]] = (
    ("a reply with a code and a level", _reply),
    ("a reply and an airline's callsign", _airline),
    ("a reply and an armed force's callsign", _military_callsign),
    ("a valid military reply", _military_reply),
    ("a flight plan that fits and bears its mark", _plan),
    ("air traffic services: it is one of ours", _ours),
    ("air traffic services: a state aircraft with permission", _authorised),
    ("a broadcast of category A3 (large)", _category("A3")),
    ("a broadcast of category A7 (rotorcraft)", _category("A7")),
    ("a sensor takes it for an airliner, confidence 0.9", _seen_as("airliner")),
    ("a sensor takes it for a military aircraft, confidence 0.9", _seen_as("military_aircraft")),
    ("a sensor takes it for a small drone, confidence 0.9", _seen_as("drone_small")),
    ("a sensor takes it for a bird, confidence 0.9", _seen_as("bird")),
)


def what_if(settings: IdentitySettings, rows: Rows, told: Told, now_ns: int) -> tuple[WhatIf, ...]:
    """What each piece of evidence that may still come would make of class and identity.

    The same functions judge the track as it would then be. Those that change neither by much are left out;
    nothing here, and nothing the machine can learn, gives an identity worse than UNKNOWN.

    Args:
        settings: the stage's settings.
        rows: (1,) the track's row; it is not changed.
        told: rows to rows of ``classes.TOLD_LOG``.
        now_ns: the step.
    """
    # all as rows of one table, and the track as it is below them
    might = rows[np.zeros(len(_POSSIBLE) + 1, dtype=np.int64)]
    for k, (_, change) in enumerate(_POSSIBLE):
        change(might[k : k + 1])
    differs = might.differs_from(len(_POSSIBLE))
    before = rows[0]
    held = before["probabilities"]
    best = int(held.argmax())
    might["probabilities"] = classes.judged(settings, might, told(might), now_ns)
    might["needs"] = verdict.need_bits(might)
    verdict.decide(settings, might, now_ns)
    found = []
    for k, (words, _) in enumerate(_POSSIBLE):
        if not differs[k]:
            continue
        row = might[k]
        chances = row["probabilities"]
        moved = _log_odds(float(chances[best])) - _log_odds(float(held[best]))
        identity = verdict.IDENTITIES[int(row["identity"])]
        same = identity == verdict.IDENTITIES[int(before["identity"])]
        if abs(moved) < 0.3 and same and row["object_class"] == before["object_class"]:
            continue
        found.append(
            WhatIf(
                evidence=words,
                log_odds=moved,
                object_class=cast(ObjectClass, CLASSES[int(row["object_class"])]),
                class_probability=float(chances[int(row["object_class"])]),
                crewed_civil_probability=float(chances[CIVIL].sum()),
                identity=identity,
                civil=verdict.CIVILS[int(row["civil"])],
            )
        )
    return tuple(sorted(found, key=lambda one: -abs(one.log_odds)))
