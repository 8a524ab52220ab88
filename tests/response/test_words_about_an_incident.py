"""Which of people's words an incident hears when its track changes, and which comes last."""

from typing import Any

import pytest

from vedette.model.act import Act
from vedette.model.incident import Incident
from vedette.response.situation import about

NOW_NS = 1_758_265_700_000_000_000


def incident(track_id: str, incident_id: str = "i1") -> Incident:
    return Incident(
        incident_id=incident_id, revision=1, group_id=None, status="open",
        causes=("unexplained_crossing",), track_id=track_id, opened_ns=NOW_NS, valid_ns=NOW_NS,
        crossings=(), latitude_deg=59.5, longitude_deg=26.0, pressure_altitude_m=None,
        ground_speed_mps=250.0, track_angle_rad=1.0, sensors=("a",),
    )  # fmt: skip


def said(kind: Any, subject: str, **changes: Any) -> Act:
    facts: dict[str, Any] = {
        "act_id": "a", "kind": kind, "person": "Ann", "office": "watch", "valid_ns": NOW_NS,
        "incident_id": "i1", "track_id": "t1", "subject": subject, "words": "seen",
    }  # fmt: skip
    return Act(**(facts | changes))


@pytest.mark.parametrize(
    ("kind", "subject", "heard"),
    [
        ("confirm_check", "hostile_act", False),
        ("confirm_check", "armed_type_seen", False),
        ("confirm_check", "radio_answered", True),
        ("confirm_check", "friend_candidate", True),
        ("deny_check", "radio_answered", False),  # a no to what closes would open
        ("deny_check", "K1", True),
        ("reject", "M06", True),
    ],
)
def test_of_the_track_before_an_incident_keeps_only_what_speaks_for_asking_first(
    kind: str, subject: str, heard: bool
) -> None:
    act = said(kind, subject)
    assert about([act], incident("t1")) == [act]
    assert about([act], incident("t2")) == ([act] if heard else [])


def test_a_no_to_a_check_follows_its_track_into_another_incident_and_a_yes_does_not() -> None:
    no, yes = said("deny_check", "K1"), said("confirm_check", "K1", act_id="b")
    assert about([no, yes], incident("t1", "i2")) == [no]
    assert about([no, yes], incident("t9", "i2")) == []


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
def test_of_a_yes_and_a_no_of_one_instant_the_no_is_last(ids: tuple[str, str]) -> None:
    words = [said("deny_check", "K1", act_id=ids[0]), said("confirm_check", "K1", act_id=ids[1])]
    assert about(words, incident("t1"))[-1].kind == "deny_check"
