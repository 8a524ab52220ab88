"""What is read from a register: contradictions, pairs, rungs, grades, and a draft that names no force."""

import re
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "contracts"))

from made_reactions import NOON_NS, reaction, reactions, register_of, retraction
from test_no_weapon import FORBIDDEN, words

from vedette.council.reactions.attribution import contradictions, disputed_ids, plain_words
from vedette.council.reactions.codes import MODES, PLOVER, VX, Codes
from vedette.council.reactions.escalation import RUNGS, TOP, level, rung_of
from vedette.council.reactions.occasion import Occasion, severity_of
from vedette.council.reactions.pairs import PairSettings, pairs
from vedette.council.reactions.posture import OFFERS, draft_posture
from vedette.council.reactions.reaction import Actor, Imported, Reaction, When
from vedette.model.time import DAY_NS, SECOND_NS

HOUR_NS = 3600 * SECOND_NS


def said(name: str, party: str, text: str, person: str | None = None) -> Reaction:
    actor = Actor(party=party, person=person)
    return reaction(name, actor=actor, addressees=(), words=text, language="en", kind="statement")


# ---------------------------------------------------------------------------- attribution


def test_the_same_words_of_two_speakers_are_flagged_and_neither_is_dropped() -> None:
    read = register_of(
        [said("a", "RUS", "We did not cross it."), said("b", "POL", "“we DID not cross it”")]
    )
    (found,) = contradictions(read)
    assert found.kind == "words"
    assert found.reaction_ids == ("a", "b")
    assert found.given_to == ("POL", "RUS")
    assert len(read.in_force) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (said("a", "RUS", "we did not cross it"), said("b", "RUS", "we did not cross it")),
        (said("a", "RUS", "no comment"), said("b", "POL", "no comment")),  # everybody says it
        (said("a", "RUS", "we did not cross it"), said("b", "POL", "we did not see it")),
        (said("a", "RUS", "we did not cross it", "Ivan"), said("b", "RUS", "we did not cross it")),
    ],
)
def test_what_contradicts_nothing_is_not_flagged(first: Reaction, second: Reaction) -> None:
    assert not contradictions(register_of([first, second]))


def test_two_persons_of_one_state_are_two_speakers() -> None:
    text = "we did not cross it"
    assert contradictions(
        register_of([said("a", "RUS", text, "Ivan"), said("b", "RUS", text, "Olga")])
    )


def test_one_event_of_two_parties_and_one_article_with_two_actors_are_flagged() -> None:
    other = Actor(party="POL")
    (found,) = contradictions(
        register_of([reaction("a", event="e"), reaction("b", event="e", actor=other)])
    )
    assert found.kind == "act"
    taken = Imported(file="f", row=1)
    (found,) = contradictions(
        register_of([reaction("a", imported=taken), reaction("b", imported=taken, actor=other)])
    )
    assert "joint" in found.reason
    nobody = reaction("b", event="e", actor=Actor(party=None))
    assert not contradictions(register_of([reaction("a", event="e"), nobody]))


@given(reactions())
def test_a_retraction_settles_and_keeps_what_was_flagged(made: list[Reaction]) -> None:
    read = register_of([*made])
    found = contradictions(read)
    assert disputed_ids(read) == {name for one in found for name in one.reaction_ids}
    gone = [retraction(f"x{n}", name) for n, name in enumerate(sorted(disputed_ids(read)))]
    after = contradictions(register_of([*made, *gone]))
    assert [one.reaction_ids for one in after] == [one.reaction_ids for one in found]
    assert not any(one.open for one in after)


@given(st.text(max_size=60))
def test_plain_words_have_no_case_and_no_signs(text: str) -> None:
    assert plain_words(f"“{' '.join(plain_words(text))}”!") == plain_words(text)


# ---------------------------------------------------------------------------- pairs


def when(hours: float, precision: str = "minute") -> When:
    return When(valid_ns=NOON_NS + int(hours * HOUR_NS), precision=precision)  # type: ignore[arg-type]


INCIDENT = Occasion(
    occasion_id="V1",
    kind="incident",
    when=when(0),
    parties=("EST",),
    title="T",
    category="crewed_violation",
)


def test_by_name_whatever_the_time_and_by_rule_within_the_window_only() -> None:
    answer = reaction("b", actor=Actor(party="EST"), addressees=("RUS",), when=when(5))
    late = msgspec.structs.replace(answer, reaction_id="c", when=when(200))
    named = msgspec.structs.replace(
        answer, reaction_id="d", when=when(300), answers=("a",), incidents=("V1", "V9")
    )
    found = pairs(register_of([reaction("a", when=when(1)), answer, late, named]), [INCIDENT])
    assert [(one.before_id, one.reaction_id, one.before_kind) for one in found] == [
        ("V1", "b", "incident"), ("a", "b", "reaction"), ("V1", "d", "incident"), ("V9", "d", "named"),
        ("a", "d", "reaction"),
    ]  # fmt: skip
    assert found[1].after_s == 4 * 3600
    assert all(one.reason for one in found)
    assert found[3].after_s is None


def test_an_order_that_the_dates_do_not_give_is_not_claimed() -> None:
    answer = reaction(
        "b", actor=Actor(party="EST"), addressees=("RUS",), when=when(-12, "day"), answers=("a",)
    )
    found = pairs(register_of([reaction("a", when=when(0)), answer]))
    assert [(one.before_id, one.reaction_id, one.order_sure) for one in found] == [
        ("a", "b", False)
    ]


@given(reactions(), st.floats(1, 500))
def test_every_pair_by_rule_is_within_the_window_and_crosswise(
    made: list[Reaction], window: float
) -> None:
    read = register_of([*made])
    known = {one.reaction_id: one for one in read.reactions}
    for one in pairs(read, [], PairSettings(window_h=window)):
        before, after = known[one.before_id], known[one.reaction_id]
        assert one.after_s is not None
        assert 0 <= one.after_s <= window * 3600
        assert before.actor.party in after.addressees
        assert after.actor.party in before.addressees


def test_what_is_retracted_is_in_no_pair() -> None:
    answer = reaction("b", actor=Actor(party="EST"), addressees=("RUS",), when=when(5))
    assert not pairs(register_of([reaction("a"), answer, retraction("x", "a")]))


# ---------------------------------------------------------------------------- level, grades, draft


def test_no_code_stands_above_the_ninth_rung() -> None:
    rungs = {
        rung_of(Codes(plover=one, mode=mode))
        for one in PLOVER
        for mode in (None, *MODES.get(one, ()))
    }
    rungs |= {
        rung_of(Codes(cameo=f"{root:02}{below}"))
        for root in range(1, 21)
        for below in ("", "0", "42")
    }
    rungs |= {rung_of(Codes(vx=one)) for one in VX}
    assert rungs - {None} <= set(RUNGS) == set(range(1, TOP + 1))
    assert rung_of(Codes(cameo="2042")) == TOP
    assert rung_of(Codes(vx="vx:AIRSPACE_VIOLATION", intent="unknown")) is None
    assert rung_of(Codes(plover="CONSULT")) is None


def test_the_level_is_of_the_window() -> None:
    read = register_of([reaction("a", codes=Codes(plover="MOBILIZE")), reaction("b")])
    stands = level(read, "RUS", "EST", NOON_NS)
    assert (stands.rung, stands.name, stands.reaction_ids) == (5, "show of force", ("a",))
    assert level(read, "RUS", "EST", NOON_NS + 31 * DAY_NS).rung is None
    # what is disputed, or what nobody could judge, raises no level: it is shown beside it
    worse = reaction("z", codes=Codes(cameo="190"), reliability="F6", words=None)
    doubted = level(register_of([*read.reactions, worse]), "RUS", "EST", NOON_NS)
    assert (doubted.rung, doubted.best, doubted.doubted_rung, doubted.doubted_ids) == (
        5,
        "B2",
        9,
        ("z",),
    )
    alone = level(register_of([worse]), "RUS", "EST", NOON_NS)
    assert (alone.rung, alone.doubted_rung) == (None, 9)
    draft = draft_posture(register_of([worse]), "RUS", "EST", NOON_NS)
    assert "nobody could judge stand higher: rung 9, z" in draft
    assert "third party" not in draft  # what doubt alone would call for is not offered
    assert level(read, "EST", "RUS", NOON_NS).rung is None


def test_severity_is_of_incidents_and_a_person_comes_first() -> None:
    assert severity_of(INCIDENT) == "serious"
    assert severity_of(msgspec.structs.replace(INCIDENT, severity="near_routine")) == "near_routine"
    assert severity_of(msgspec.structs.replace(INCIDENT, category="airport_disruption")) is None
    assert severity_of(msgspec.structs.replace(INCIDENT, kind="decision")) is None


def test_no_offer_names_force() -> None:
    for _, text in OFFERS:
        assert not words(text) & (
            FORBIDDEN | {"force", "military", "deploy", "intercept", "strengthen"}
        )
    assert sum(since == 0 for since, _ in OFFERS) >= 3  # what calms is always there


@given(reactions(), st.data())
def test_a_draft_says_what_it_is_and_offers_only_from_the_list(
    made: list[Reaction], data: st.DataObject
) -> None:
    gone = [retraction("x", made[0].reaction_id)] if made else []
    read = register_of([*made, *gone])
    text = draft_posture(read, "EST", "RUS", NOON_NS + DAY_NS)
    assert text.startswith("DRAFT")
    assert "decides and applies nothing" in text
    offered = text.split("What might be talked about")[1].splitlines()[1:]
    assert offered
    assert {line.removeprefix("- ") for line in offered} <= {offer for _, offer in OFFERS}
    assert re.search("H = 14 d", text)
    if gone:
        assert f"{made[0].reaction_id} is retracted" in text
