"""Which of people's words an incident hears when its track changes, and which comes last."""

from typing import Any

import msgspec
import pytest

from vedette.model.act import Act
from vedette.model.incident import Incident
from vedette.response.situation import Situation, about, opens, state_facts

NOW_NS = 1_758_265_700_000_000_000


def incident(track_id: str, incident_id: str = "i1", **changes: Any) -> Incident:
    return Incident(
        incident_id=incident_id, revision=1, group_id=None, status="open",
        causes=("unexplained_crossing",), track_id=track_id, opened_ns=NOW_NS, valid_ns=NOW_NS,
        crossings=(), latitude_deg=59.5, longitude_deg=26.0, pressure_altitude_m=None,
        ground_speed_mps=250.0, track_angle_rad=1.0, sensors=("a",), **changes,
    )  # fmt: skip


def said(kind: Any, subject: str | None, **changes: Any) -> Act:
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
        ("confirm_check", "off_route", False),  # R04: to guide it away (M08)
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


def test_what_can_lead_to_guiding_an_aircraft_away_falls_with_the_key_that_said_it() -> None:
    assert opens(said("confirm_check", "off_route"))
    assert not opens(said("confirm_check", "threat_message"))


def test_a_no_to_a_check_follows_its_track_into_another_incident_and_a_yes_does_not() -> None:
    no, yes = said("deny_check", "K1"), said("confirm_check", "K1", act_id="b")
    assert about([no, yes], incident("t1", "i2")) == [no]
    assert about([no, yes], incident("t9", "i2")) == []


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
def test_of_a_yes_and_a_no_of_one_instant_the_no_is_last(ids: tuple[str, str]) -> None:
    words = [said("deny_check", "K1", act_id=ids[0]), said("confirm_check", "K1", act_id=ids[1])]
    assert about(words, incident("t1"))[-1].kind == "deny_check"


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize(
    ("subject", "last"),
    [("hostile_act", "deny_check"), ("armed_type_seen", "deny_check"),
     ("radio_answered", "confirm_check"), ("friend_candidate", "confirm_check")],
)  # fmt: skip
def test_of_two_statements_of_one_instant_that_which_asks_first_is_last(
    ids: tuple[str, str], subject: str, last: str
) -> None:
    words = [
        said("deny_check", subject, act_id=ids[0]), said("confirm_check", subject, act_id=ids[1])
    ]  # fmt: skip
    assert about(words, incident("t1"))[-1].kind == last


@pytest.mark.parametrize(
    ("kind", "subject", "value", "heard"),
    [
        ("deny_check", "K1", None, True),
        ("deny_check", "F06", None, True),
        ("confirm_check", "K1", None, False),
        ("confirm_check", "hostile_act", None, False),
        ("deny_check", "hostile_act", None, True),
        ("confirm_check", "radio_answered", None, True),
        ("confirm_check", "off_route", None, False),
        ("deny_check", "radio_answered", None, False),
        ("set_identity", None, "civil_possible", True),
        ("set_identity", None, "civil_excluded", False),
        ("set_identity", None, "hostile", False),
    ],
)
def test_of_an_incident_that_was_the_same_object_only_what_asks_first_is_kept(
    kind: str, subject: str | None, value: str | None, heard: bool
) -> None:
    act = said(kind, subject, value=value, incident_id="i2", track_id="t2")
    assert about([act], incident("t1", joined=("i2",))) == ([act] if heard else [])
    assert about([act], incident("t1")) == []


def test_one_persons_it_may_be_civil_is_not_anothers_to_take_away() -> None:
    situation = msgspec.convert(
        {"civil": "excluded", "object_class": "military_aircraft"}, Situation
    )
    doubt = said("set_identity", None, person="Ben", value="civil_possible")
    later = NOW_NS + 10
    for person, civil in (("Ann", "possible"), ("ben ", "excluded")):
        excluded = said(
            "set_identity", None, person=person, value="civil_excluded", act_id="b", valid_ns=later
        )
        found = state_facts(situation, about([doubt, excluded], incident("t1")), later)
        assert found.civil == civil
    assert state_facts(situation, [], later).civil == "excluded"
