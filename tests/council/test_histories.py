"""Consultations of the past end in the machine as they are published to have ended."""

from datetime import date

import msgspec
import pytest

from vedette.council.history import days_agree, replay, shipped_histories

PAST = shipped_histories()


@pytest.mark.parametrize("name", list(PAST))
def test_it_ends_as_published(name: str) -> None:
    matter, events = replay(PAST[name])
    assert matter.status == PAST[name].outcome
    assert not [event for event in events if event.kind == "refused"]
    assert days_agree(PAST[name], events)
    later = msgspec.structs.replace(PAST[name], decided=date(2026, 1, 1))
    assert not days_agree(later, events)
    assert PAST[name].source.startswith("http")


def test_a_change_of_forum_is_another_body() -> None:
    matter, events = replay(PAST["2003-turkey"])
    assert [event.party for event in events if event.kind == "objected"] == ["FRA", "BEL", "DEU"]
    assert sum(event.kind == "broken" for event in events) == 1
    council = set(PAST["2003-turkey"].members.split())
    committee = set(PAST["2003-turkey-dpc"].members.split())
    assert council - committee == {"FRA"}
    agreed, _ = replay(PAST["2003-turkey-dpc"])
    assert (agreed.agreed_by, matter.agreed_version) == ("consent", None)
