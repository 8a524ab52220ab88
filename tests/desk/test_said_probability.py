"""What a person reads of a probability on the terminal, in a draft and in a question: as on the page."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from desk_kit import NOW_NS, advice, assessment, incident
from hypothesis import given
from hypothesis import strategies as st

from vedette.app.clock_json import clock_json, clock_lines
from vedette.app.drafts.facts import Facts
from vedette.app.drafts.letters import LETTERS
from vedette.app.explanation import explanation_lines
from vedette.app.hand_overs import hand_over_line
from vedette.app.incident_json import incident_json
from vedette.app.summary import incident_lines
from vedette.model.clock import Clock, Limit, StepTime
from vedette.model.incident import HandOver, Incident
from vedette.model.probability import percent


def _with(probability: float, *, predicted: bool) -> Incident:
    crossing = incident().crossings[0]
    changed = msgspec.structs.replace(crossing, probability=probability, predicted=predicted)
    return incident(crossings=(changed,))


def _json(probability: float, *, predicted: bool = False) -> dict[str, Any]:
    known = assessment(class_probability=probability)
    return incident_json(_with(probability, predicted=predicted), advice("M05"), known, None, {})


def _hand_over(probability: float) -> str:
    expected = incident().crossings[0].entered
    given_over = HandOver(
        from_state="EST", state="FIN", zone_id="FIN", told_ns=NOW_NS, expected=expected,
        probability=probability,
    )  # fmt: skip
    return hand_over_line(given_over)


def _clock(probability: float) -> str:
    step = StepTime(
        measure="M05", status="open", remaining=(), needed_s=(1.0, 2.0, 3.0), in_time=probability,
        late_step=None, helps="order", helped=probability,
    )  # fmt: skip
    limit = Limit(
        kind="exit", zone_id="EST", state="EST", probability=probability, horizon_s=600.0,
        left_s=(1.0, 2.0, 3.0),
    )  # fmt: skip
    one = Clock(incident_id="i1", valid_ns=NOW_NS, limit=limit, steps=(step,))
    return "\n".join(clock_lines(clock_json(one, {})))


def _explained(probability: float) -> str:
    step = {
        "source": "prior", "statement": "s", "valid": {"utc": "2025-09-19T06:57:02Z"},
        "log_odds": 0.0, "running": 0.0, "probability": probability, "would_change": "w",
    }  # fmt: skip
    found: dict[str, Any] = {
        "track_id": "t1", "callsign": None, "icao24": None, "class": "airliner",
        "valid": {"utc": "2025-09-19T06:57:02Z"}, "class_probability": probability,
        "identity": "unknown", "civil": "possible", "explained_by": None, "rules": [],
        "ledgers": [{"hypothesis": "airliner", "steps": [step]}], "what_if": [], "doubts": [],
        "integrity": None,
    }  # fmt: skip
    return "\n".join(explanation_lines(found))


SAID: dict[str, Callable[[float], str]] = {
    "expected": lambda p: "\n".join(incident_lines(_json(p, predicted=True))),
    "inside": lambda p: "\n".join(incident_lines(_json(p))),
    "hand-over": _hand_over,
    "clock": _clock,
    "explained": _explained,
    "letter": lambda p: LETTERS["search"](Facts(_json(p), [], None, "r")),
}


@pytest.mark.parametrize("where", SAID)
@given(st.floats(1e-6, 0.0099) | st.floats(0.9901, 1.0 - 1e-6))
def test_what_is_nearly_sure_is_not_told_as_sure(where: str, probability: float) -> None:
    text = SAID[where](probability)
    assert percent(probability) in text
    assert not re.search(r"\b(p|all|in time) [01]\.0+\b", text)
    assert not re.search(r"(?<![\d.])(0|100)(\.0)? ?%", text)


@given(st.floats(1e-9, 1.0 - 1e-9))
def test_programs_get_a_number_that_is_no_certainty(probability: float) -> None:
    found = _json(probability)
    for told in (found["crossings"][0]["probability"], found["object"]["class_probability"]):
        assert isinstance(told, float)
        assert 0.0 < told < 1.0
