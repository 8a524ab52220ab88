"""What the command line and the page say of a register of reactions."""

from collections.abc import Sequence
from typing import Any

import msgspec

from vedette.council.reactions.attribution import Contradiction, contradictions
from vedette.council.reactions.codes import VX, score_of
from vedette.council.reactions.escalation import Level, level, rung_of
from vedette.council.reactions.occasion import Occasion, severity_of
from vedette.council.reactions.pairs import RULE, Pair, PairSettings, pairs
from vedette.council.reactions.reaction import Precision, Reaction
from vedette.council.reactions.register import Register
from vedette.council.reactions.tension import (
    Tension,
    TensionSettings,
    course_of,
    pairs_of_parties,
    printed_formula,
    tensions,
)
from vedette.model.time import DAY_NS, format_utc

_LENGTHS: dict[Precision, int] = {"day": 10, "hour": 13, "minute": 16, "second": 19}
_COURSE_POINTS = 60  # of a curve on the page
_PAIRS_OF_PAGE = 12
_REACTIONS_OF_PAGE = 500


def moment_text(valid_ns: int, precision: Precision) -> str:
    """A time as exactly as it is known: ``2025-09-19``, ``2025-09-19T07Z``, ``2025-09-19T07:58Z``."""
    text = format_utc(valid_ns)[: _LENGTHS[precision]]
    return text if precision == "day" else f"{text}Z"


def reaction_json(register: Register, one: Reaction, disputes: Sequence[Contradiction]) -> Any:
    """One reaction with how it stands."""
    gone = register.retracted.get(one.reaction_id)
    body: dict[str, Any] = msgspec.to_builtins(one)
    body.pop("type")
    return body | {
        "when": {
            "utc": format_utc(one.when.valid_ns),
            "text": moment_text(one.when.valid_ns, one.when.precision),
            "precision": one.when.precision,
        },
        "recorded": {"utc": format_utc(one.recorded_ns)},
        "status": register.status_of(one.reaction_id),
        "corrected_by": register.corrected.get(one.reaction_id),
        "retraction": None
        if gone is None
        else {
            "reaction_id": gone.reaction_id,
            "recorded": {"utc": format_utc(gone.recorded_ns)},
            "whose": gone.whose,
            "reason": gone.reason,
        },
        "score": score_of(one.codes),
        "rung": rung_of(one.codes),
        "code_text": code_text(one),
        "disputes": [
            {"reason": d.reason, "given_to": list(d.given_to), "open": d.open}
            for d in disputes
            if one.reaction_id in d.reaction_ids
        ],
    }


def code_text(one: Reaction) -> str:
    """Codes on one line: ``ACCUSE/allege · CAMEO 114``."""
    codes = one.codes
    parts = []
    if codes.plover:
        parts.append(codes.plover + (f"/{codes.mode}" if codes.mode else ""))
    if codes.cameo:
        parts.append(f"CAMEO {codes.cameo}")
    if codes.vx:
        parts.append(codes.vx + (f" (intent {codes.intent})" if codes.intent else ""))
    return " · ".join(parts)


def code_meaning(one: Reaction) -> str:
    """What a ``vx:`` code means; empty for another."""
    return VX[one.codes.vx][0] if one.codes.vx else ""


def contradiction_json(one: Contradiction) -> dict[str, Any]:
    """One contradiction of attribution."""
    return {
        "kind": one.kind,
        "what": one.what,
        "given_to": list(one.given_to),
        "reaction_ids": list(one.reaction_ids),
        "reason": one.reason,
        "open": one.open,
    }


def tension_json(reading: Tension, stands: Level | None) -> dict[str, Any]:
    """One reading of the index, with the level of the pair."""
    body: dict[str, Any] = msgspec.to_builtins(reading)
    body["at"] = {"utc": format_utc(body.pop("at_ns"))}
    if stands is not None:
        body["level"] = {
            "rung": stands.rung,
            "name": stands.name,
            "window_d": stands.window_d,
            "reaction_ids": list(stands.reaction_ids),
            "best": stands.best,
            "doubted_rung": stands.doubted_rung,
            "doubted_ids": list(stands.doubted_ids),
        }
    return body


def pair_json(one: Pair) -> dict[str, Any]:
    """One action and reaction."""
    body: dict[str, Any] = msgspec.to_builtins(one)
    return body


def occasion_json(one: Occasion) -> dict[str, Any]:
    """One incident or decision, with its severity."""
    return {
        "occasion_id": one.occasion_id,
        "kind": one.kind,
        "when": {
            "utc": format_utc(one.when.valid_ns),
            "text": moment_text(one.when.valid_ns, one.when.precision),
        },
        "parties": list(one.parties),
        "title": one.title,
        "severity": severity_of(one),
    }


def readings_json(
    register: Register,
    chosen: Sequence[tuple[str, str]],
    at_ns: int,
    settings: TensionSettings,
) -> dict[str, Any]:
    """The index of ordered pairs at one time, with its formula."""
    return {
        "formula": printed_formula(settings),
        "pairs": [
            tension_json(reading, level(register, reading.actor, reading.addressee, at_ns))
            for reading in tensions(register, chosen, at_ns, settings)
        ],
    }


def page_json(register: Register, occasions: Sequence[Occasion]) -> dict[str, Any]:
    """All that the page's time line shows. The index is read at the end of the last day spoken of."""
    disputes = contradictions(register)
    settings = TensionSettings()
    shown = sorted(register.reactions, key=lambda one: (one.when.valid_ns, one.reaction_id))
    times = [one.when.valid_ns for one in shown] + [one.when.valid_ns for one in occasions]
    last_ns = 0 if not times else max(times) // DAY_NS * DAY_NS + DAY_NS
    first_ns = 0 if not times else min(times) // DAY_NS * DAY_NS
    step_ns = max((last_ns - first_ns) // _COURSE_POINTS, 1)
    readings = readings_json(register, pairs_of_parties(register), last_ns, settings)
    strongest = sorted(readings["pairs"], key=lambda one: -one["index"])[:_PAIRS_OF_PAGE]
    for one in strongest:
        course = course_of(
            register, one["actor"], one["addressee"], first_ns, last_ns, step_ns, settings
        )
        one["course"] = [[point.at_ns // 1_000_000, round(point.index, 4)] for point in course]
    latest = shown[-_REACTIONS_OF_PAGE:]
    names = {one.reaction_id for one in latest}
    found = [one for one in pairs(register, occasions, PairSettings()) if one.reaction_id in names]
    return {
        "reactions": [reaction_json(register, one, disputes) for one in latest],
        "earlier": len(shown) - len(latest),
        "occasions": [occasion_json(one) for one in occasions],
        "pairs": [pair_json(one) for one in found],
        "pair_rule": RULE,
        "contradictions": [contradiction_json(one) for one in disputes],
        "tension": {"formula": readings["formula"], "pairs": strongest},
        "set_aside": len(register.set_aside),
        "breaks": list(register.breaks),
        "head": register.head,
    }
