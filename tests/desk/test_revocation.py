"""A key that is trusted no more: what it signs is refused, what it opened is void, what it closed stays."""

from typing import Any

import pytest
from desk_kit import NOW_NS, ROSTER, DeskRun, advice, case, key_of, office, public
from hypothesis import given
from hypothesis import strategies as st

from vedette.model.act import Act
from vedette.response.desk.admission import AdmissionSettings
from vedette.response.desk.offices import Roster
from vedette.response.desk.revocation import NOWHERE, withdrawn
from vedette.response.desk.signed import sign_act
from vedette.response.situation import OPENING, STATEMENTS, not_withdrawn, opens


def begun() -> DeskRun:
    run = DeskRun()
    run.tick(cases=(case(advice("M05", "M06", "M07", "M09")),))
    return run


def revoke(run: DeskRun, person: str, where: str, key: str, **changes: Any) -> str | None:
    return run.say(
        "revoke", person, where, key, incident_id=NOWHERE, track_id=NOWHERE, paper=None, **changes
    )


def test_what_was_accepted_with_it_is_accepted_no_more_and_shown_as_void() -> None:
    run = begun()
    assert run.say("accept", "Ann", "watch", "M06") is None
    assert run.say("accept", "Cid", "launch", "M06") is None
    assert run.say("accept", "Eve", "protection", "M09") is None
    assert run.paper("M06").status == "accepted"
    assert revoke(run, "Ben", "commander", public("Cid"), words="left in a taxi") is None
    paper = run.paper("M06")
    assert (paper.status, paper.decided_ns) == ("open", None)
    assert [word.person for word in paper.words] == ["Ann"]
    assert [word.person for word in paper.void] == ["Cid"]
    assert run.paper("M09").status == "accepted"  # of another key
    assert "revoked by Ben (commander)" in (run.say("accept", "Cid", "launch", "M06") or "")
    assert "revoked by Ben" in (run.say("reject", "Cid", "launch", "M07") or "")
    assert run.paper("M07").status == "open"


def test_a_no_of_its_stays_and_one_that_it_took_back_stands_again() -> None:
    run = begun()
    assert run.say("reject", "Cid", "launch", "M07") is None
    assert run.say("reject", "Cid", "launch", "M06") is None
    assert run.say("accept", "Cid", "launch", "M06") is None
    assert run.say("accept", "Ann", "watch", "M06") is None
    assert run.paper("M06").status == "accepted"
    assert revoke(run, "Cid", "launch", public("Cid")) is None  # one's own
    assert run.paper("M06").status == run.paper("M07").status == "refused"


@pytest.mark.parametrize(
    ("person", "where", "key", "why"),
    [
        ("Dora", "tower", public("Cid"), "may not revoke"),
        ("Ben", "commander", "x", "no office here has that key"),
        ("Ben", "commander", public("Nobody"), "no office here has that key"),
    ],
)
def test_who_may_not(person: str, where: str, key: str, why: str) -> None:
    run = begun()
    assert why in (revoke(run, person, where, key) or "")
    assert run.admission.revoked == {}


def test_an_office_of_a_state_revokes_only_the_keys_of_that_state() -> None:
    chief = office("chief", ("national_authority",), "Kim", state="LVA")
    run = DeskRun(Roster(offices=(*ROSTER.offices, chief)))
    run.tick(cases=(case(advice("M06")),))
    assert "speaks for LVA" in (revoke(run, "Kim", "chief", public("Cid")) or "")
    assert revoke(run, "Kim", "chief", public("Jan")) is None


def test_a_confirmation_and_an_identity_are_withdrawn_and_the_earlier_no_is_said_again() -> None:
    run = begun()
    assert run.say("deny_check", "Ann", "watch", "K1") is None
    assert run.say("confirm_check", "Ann", "watch", "K1") is None
    assert run.say("set_identity", "Ann", "watch", None, value="suspect") is None
    assert run.say("confirm_check", "Ann", "watch", "leaving") is None  # it only closes
    run.tick(
        sign_act(
            run.act("revoke", "Ben", "commander", public("Ann"), incident_id=NOWHERE,
                    track_id=NOWHERE, paper=None), key_of("Ben"),
        )
    )  # fmt: skip
    found = withdrawn([act for act in run.effects if act.person == "Ann"], "mark", NOW_NS)
    standing = not_withdrawn([*run.effects, *found])
    assert [(act.kind, act.subject) for act in standing] == [
        ("deny_check", "K1"),
        ("confirm_check", "leaving"),
        ("deny_check", "K1"),
    ]


def test_hostile_falls_with_either_of_the_two_keys_and_what_waits_for_a_reviewer_too() -> None:
    for fallen in ("Ben", "Finn"):
        run = begun()
        assert run.say("set_identity", "Ben", "commander", None, value="hostile") is None
        (waits,) = run.admission.waiting
        assert run.say("review", "Finn", "review", waits) is None
        hostile = run.effects[-1]
        assert hostile.value == "hostile"
        assert revoke(run, "Ann", "watch", public(fallen)) is None
        assert run.admission.effects.get(public(fallen)) is None
    run = begun()
    assert run.say("set_identity", "Ben", "commander", None, value="hostile") is None
    assert revoke(run, "Ann", "watch", public("Ben")) is None
    assert run.admission.waiting == {}


SUBJECTS = ["K1", "K2", "F05", *sorted(OPENING)[:2], *sorted(STATEMENTS - OPENING)[:2]]


@given(
    st.lists(
        st.tuples(st.sampled_from(["confirm_check", "deny_check"]), st.sampled_from(SUBJECTS)),
        max_size=10,
    )
)
def test_law_what_is_left_of_a_fallen_key_opens_nothing_and_all_that_it_closed_is_there(
    said: list[tuple[str, str]],
) -> None:
    acts = [
        Act(act_id=f"a{n}", kind=kind, person="Ann", office="watch", valid_ns=NOW_NS + n,  # type: ignore[arg-type]
            incident_id="i1", track_id="t1", subject=subject, words="seen")
        for n, (kind, subject) in enumerate(said)
    ]  # fmt: skip
    left = not_withdrawn([*acts, *withdrawn(acts, "mark", NOW_NS + 100)])
    assert not any(opens(act) for act in left)
    closed = {act.subject for act in acts if not opens(act)}
    last = {act.subject: act for act in sorted(left, key=lambda a: a.valid_ns)}
    assert set(last) == closed


def test_whoever_has_the_key_loses_no_no_by_typing_the_name_in_another_way() -> None:
    no, yes = (
        Act(act_id=kind, kind=kind, person=person, office="watch", valid_ns=NOW_NS + n,  # type: ignore[arg-type]
            incident_id="i1", track_id="t1", subject="K1", words="seen")
        for n, (kind, person) in enumerate([("deny_check", "Ann"), ("confirm_check", " ann")])
    )  # fmt: skip
    left = not_withdrawn([no, yes, *withdrawn([no, yes], "mark", NOW_NS + 100)])
    assert [act.kind for act in left] == ["deny_check", "deny_check"]
    assert left[-1].valid_ns > yes.valid_ns


def test_a_key_is_revoked_however_much_was_signed_with_it() -> None:
    run = begun()
    run.settings = AdmissionSettings(acts_max=2)
    for measure in ("M05", "M06", "M07"):
        run.say("accept", "Ann", "watch", measure)
    assert "all the acts" in (run.say("confirm_check", "Ann", "watch", "K1") or "")
    assert revoke(run, "Ben", "commander", public("Ann")) is None
    assert run.paper("M06").words == ()


def test_a_revoked_key_is_refused_so_often_in_the_record_and_then_not_even_there() -> None:
    run = begun()
    assert revoke(run, "Ben", "commander", public("Cid")) is None
    for _ in range(3):
        run.say("remark", "Cid", "launch", None)
    assert run.admission.refused == {public("Cid"): 3}
