"""Laws of the tension index, and one sum by hand."""

import random
import sys
from itertools import pairwise
from math import isfinite
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))

from made_reactions import NOON_NS, PARTIES, reaction, reactions, register_of, retraction

from vedette.council.reactions.codes import PLOVER, Codes
from vedette.council.reactions.reaction import Actor, Reaction, When
from vedette.council.reactions.tension import (
    TensionSettings,
    course_of,
    pairs_of_parties,
    printed_formula,
    tension,
)
from vedette.model.time import DAY_NS

LATER_NS = NOON_NS + 12 * DAY_NS
HOSTILE = [name for name, score in PLOVER.items() if score is not None and score < 0]


def index(made: list[Reaction], at_ns: int = LATER_NS) -> dict[tuple[str, str], float]:
    read = register_of([*made])
    pairs = [(one, other) for one in PARTIES for other in PARTIES if one != other]
    return {pair: tension(read, *pair, at_ns).index for pair in pairs}


def test_the_formula_by_hand() -> None:
    # an accusation (-2) graded A1, two half-lives ago; a rejection (-4.2) graded B2 (0.8 * 0.8), now
    old = When(valid_ns=NOON_NS - 28 * DAY_NS, precision="day")
    read = register_of(
        [reaction("a", when=old, reliability="A1", codes=Codes(plover="ACCUSE")), reaction("b")]
    )
    reading = tension(read, "RUS", "EST", NOON_NS)
    assert reading.index == pytest.approx(2 / 4 + 4.2 * 0.64, rel=1e-12)
    assert reading.entries == reading.events == 2
    assert reading.largest == ("b", "a")
    assert tension(read, "EST", "RUS", NOON_NS).index == 0
    text = printed_formula(TensionSettings())
    assert "H = 14 d" in text
    assert "0.7b1" in text


@given(reactions(), st.integers(-90, 4000))
def test_it_is_finite_and_not_negative(made: list[Reaction], days: int) -> None:
    for value in index(made, NOON_NS + days * DAY_NS).values():
        assert isfinite(value)
        assert 0 <= value <= 10 * len(made)


@given(reactions(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(made: list[Reaction], chance: random.Random) -> None:
    other = list(made)
    chance.shuffle(other)
    assert index(made) == index(other)  # bit for bit


@given(
    reactions(), st.sampled_from(HOSTILE), st.sampled_from([None, "one", "two"]), st.integers(0, 60)
)
def test_an_added_hostile_event_lowers_no_index_and_raises_its_own(
    made: list[Reaction], category: str, event: str | None, days: int
) -> None:
    added = reaction(
        "added",
        codes=Codes(plover=category),
        event=event,
        when=When(valid_ns=LATER_NS - days * DAY_NS, precision="day"),
    )
    before, after = index(made), index([*made, added])
    assert all(after[pair] >= before[pair] for pair in before)
    if event is None:
        assert after["RUS", "EST"] > before["RUS", "EST"]


@given(reactions())
def test_it_decays_to_nothing_and_never_rises_by_itself(made: list[Reaction]) -> None:
    begun = NOON_NS + 60 * DAY_NS
    readings = [index(made, begun + days * DAY_NS) for days in (0, 1, 14, 400, 20_000)]
    for earlier, later in pairwise(readings):
        assert all(later[pair] <= earlier[pair] for pair in later)
    assert all(value < 1e-6 for value in readings[3].values())
    assert all(value == 0 for value in index(made, begun + 30_000 * DAY_NS).values())


@given(reactions(), st.data())
def test_a_retraction_takes_the_weight_and_leaves_the_entry(
    made: list[Reaction], data: st.DataObject
) -> None:
    if not made:
        return
    gone = data.draw(st.sampled_from(made))
    read = register_of([*made, retraction("x", gone.reaction_id)])
    without = [one for one in made if one.reaction_id != gone.reaction_id]
    assert {one.reaction_id for one in read.reactions} == {one.reaction_id for one in made}
    for pair, value in index(without).items():
        assert tension(read, *pair, LATER_NS).index == value


@given(reactions())
def test_a_second_report_of_one_event_is_no_second_event(made: list[Reaction]) -> None:
    copies = [
        msgspec.structs.replace(one, reaction_id=f"{one.reaction_id}-again")
        for one in made
        if one.event is not None
    ]
    assert index([*made, *copies]) == index(made)


def test_disputed_entries_are_counted_and_left_out_of_the_lower_number() -> None:
    read = register_of(
        [reaction("a", event="e"), reaction("b", event="e", actor=Actor(party="POL"))]
    )
    reading = tension(read, "RUS", "EST", NOON_NS)
    assert reading.disputed == 1
    assert reading.undisputed == 0 < reading.index
    settled = register_of([*read.reactions, retraction("x", "b")])
    assert tension(settled, "RUS", "EST", NOON_NS).undisputed == reading.index


def test_a_violation_without_proved_intent_is_shown_and_moves_nothing() -> None:
    codes = Codes(vx="vx:AIRSPACE_VIOLATION", intent="unknown")
    reading = tension(register_of([reaction("a", codes=codes)]), "RUS", "EST", NOON_NS)
    assert (reading.index, reading.entries, reading.unscored) == (0, 0, 1)


@given(reactions())
def test_a_course_is_its_readings(made: list[Reaction]) -> None:
    read = register_of([*made])
    for pair in pairs_of_parties(read)[:2]:
        for point in course_of(read, *pair, NOON_NS - 9 * DAY_NS, LATER_NS, 7 * DAY_NS):
            assert point == tension(read, *pair, point.at_ns)
