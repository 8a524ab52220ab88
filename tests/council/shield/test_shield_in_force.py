"""In force only where all have consented to this text, within its period, and while nobody has left."""

from typing import Any

import numpy as np
import pytest
import shapely
from council_kit import CHAIR, PARTIES, ROSTER, SETTINGS, START_NS, STATES, receipt
from hypothesis import find, given, settings
from hypothesis import strategies as st
from shield_kit import AMENDED, RULEBOOK, TEXT, proposal

from vedette.airspace.sovereign import sovereign_airspace
from vedette.airspace.zone_file import read_zones, write_geojson
from vedette.council.act import Receipt, Roster, digest_of
from vedette.council.matter import Matter, initial, step
from vedette.council.shield.in_force import standing, zones
from vedette.council.shield.proposal import Proposal, canonical_text, read_proposal
from vedette.council.shield.territory import findings, grounds
from vedette.model.errors import ZoneError
from vedette.model.time import SECOND_NS, format_utc

ONE, TWO = read_proposal(TEXT, RULEBOOK), read_proposal(AMENDED, RULEBOOK)
SOVEREIGN = sovereign_airspace()


def matter_of(acts: list[Receipt], now_s: float) -> Matter:
    now_ns = START_NS + int(now_s * SECOND_NS)
    seen = [act for act in acts if act.received_ns <= now_ns]
    return step(SETTINGS, initial(SETTINGS), seen, now_ns)[0]


def stands(one: Proposal, acts: list[Receipt], now_s: float) -> Any:
    return standing(
        one, matter_of(acts, now_s), ROSTER, RULEBOOK, START_NS + int(now_s * SECOND_NS)
    )


def opened(text: str = TEXT, kind: str = "shield") -> list[Receipt]:
    return [
        receipt("EST", "open", 0, matter_kind=kind, title="a shield"),
        receipt("EST", "put", 1, text=text),
    ]


def said(party: str, kind: str, at_s: float, text: str = TEXT, **content: Any) -> Receipt:
    return receipt(
        party, kind, at_s, **({"version": digest_of(text), "words": "because"} | content)
    )


def agreed(text: str = TEXT, at_s: float = 10) -> list[Receipt]:
    return [
        *opened(text),
        *(said(state, "consent", at_s + k, text) for k, state in enumerate(STATES)),
    ]


SINCE_S, UNTIL_S = 8, 40
SHORT = {
    "period__since": format_utc(START_NS + SINCE_S * SECOND_NS),
    "period__until": format_utc(START_NS + UNTIL_S * SECOND_NS),
}
BRIEF = canonical_text(proposal(**SHORT))
OTHER = canonical_text(proposal(**SHORT, purpose="another purpose"))


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Receipt], float]:
    """Acts about two texts, most of them consents, so that a good many histories come to an agreement."""
    kind = draw(st.sampled_from(["shield"] * 9 + ["delegation"]))
    acts, at_s = opened(BRIEF, kind), 2.0
    rest = draw(st.permutations(STATES))
    plan = [(state, "consent") for state in rest]
    for _ in range(draw(st.integers(0, 4))):
        what = draw(
            st.sampled_from(
                ["object", "lift", "consent", "put", "remark", "leave", "withdraw", "abstain"]
            )
        )
        plan.insert(draw(st.integers(0, len(plan))), (draw(st.sampled_from(PARTIES)), what))
    for number, (party, what) in enumerate(plan):
        at_s += draw(st.sampled_from([0.0, 1.0, 3.0, 10.0]))
        text = draw(st.sampled_from([BRIEF] * 7 + [OTHER]))
        key = draw(st.sampled_from([None] * 12 + ["DEU"]))
        content: dict[str, Any] = {"number": number, "key": key}
        if what == "put":
            acts.append(receipt(party, "put", at_s, text=OTHER, **content))
        else:
            acts.append(said(party, what, at_s, text, **content))
    return acts, at_s + draw(st.sampled_from([0.0, 5.0, 60.0]))


@settings(max_examples=120, deadline=None)
@given(histories(), st.sampled_from([BRIEF, BRIEF, BRIEF, OTHER]))
def test_in_force_only_if_all_consent_and_within_the_period(
    history: tuple[list[Receipt], float], text: str
) -> None:
    acts, now_s = history
    one = read_proposal(text, RULEBOOK)
    matter = matter_of(acts, now_s)
    found = stands(one, acts, now_s)
    gone = {event.party for event in matter.events if event.kind == "left"}
    if found.in_force:
        assert matter.kind == "shield"
        assert matter.status == "agreed"
        assert matter.agreed_by == "consent"
        # every state's yes to this very text is among the events, and no objection of its own is after it
        for state in STATES:
            own = [
                event.kind
                for event in matter.events
                if event.party == state and event.version == digest_of(text)
                and event.kind in ("consented", "objected")
            ]  # fmt: skip
            assert own
            assert own[-1] == "consented"
        assert SINCE_S <= now_s < UNTIL_S
        assert found.missing == ()
        assert found.left == ()
    else:
        agreed_here = matter.status == "agreed" and matter.agreed_version == digest_of(text)
        assert (
            not agreed_here or matter.kind != "shield" or not SINCE_S <= now_s < UNTIL_S or gone
        ), found.words
        with pytest.raises(ZoneError, match="not in force"):
            zones(one, matter, ROSTER, RULEBOOK, (), START_NS + int(now_s * SECOND_NS))


def test_the_histories_reach_a_shield_in_force() -> None:
    one = read_proposal(BRIEF, RULEBOOK)
    bounded = settings(max_examples=500, derandomize=True, database=None, deadline=None)
    acts, now_s = find(histories(), lambda h: stands(one, *h).in_force, settings=bounded)
    assert SINCE_S <= now_s < UNTIL_S
    assert len(acts) >= 2 + len(STATES)


@pytest.mark.parametrize("away", STATES)
def test_one_state_missing_is_not_in_force(away: str) -> None:
    acts = [act for k, act in enumerate(agreed()) if k < 2 or STATES[k - 2] != away]
    found = stands(ONE, acts, 100)
    assert not found.in_force
    assert found.missing == (away,)
    assert stands(ONE, agreed(), 100).in_force


def test_silence_never_adopts_a_shield() -> None:
    acts = [
        *opened(),
        said(CHAIR, "place", 2, deadline_ns=START_NS + 50 * SECOND_NS, deadline_zone="UTC"),
    ]
    found = stands(ONE, acts, 1_000)
    assert not found.in_force
    assert found.missing == tuple(sorted(STATES))


def test_an_objection_is_said_with_its_reason() -> None:
    acts = [*agreed()[:-1], said("DEU", "object", 14, words="no caveat for daylight")]
    assert "DEU objects: no caveat for daylight" in stands(ONE, acts, 100).words


def test_the_edges_of_the_period_and_of_the_agreement() -> None:
    brief = read_proposal(BRIEF, RULEBOOK)
    acts = agreed(BRIEF, at_s=2)  # the last at 4 s
    asked = {at: stands(brief, acts, at).in_force for at in (3.999, 4, 7.999, 8, 39.999, 40, 1e6)}
    assert asked == {
        3.999: False,
        4: False,
        7.999: False,
        8: True,
        39.999: True,
        40: False,
        1e6: False,
    }
    assert "lapsed" in stands(brief, acts, 40).words
    assert "begins" in stands(brief, acts, 5).words


def test_another_text_than_the_agreed_one_is_not_in_force() -> None:
    acts = agreed()
    assert not stands(TWO, acts, 100).in_force
    both = [*opened(), receipt("LVA", "put", 3, text=AMENDED),
            *(said(state, "consent", 10 + k, AMENDED) for k, state in enumerate(STATES))]  # fmt: skip
    assert stands(TWO, both, 100).in_force
    assert "another version was agreed" in stands(ONE, both, 100).words


def test_a_text_that_is_not_canonical_is_never_in_force() -> None:
    acts = agreed("# a remark that nobody reads\n" + TEXT)
    assert "never put" in stands(ONE, acts, 100).words


def test_a_host_or_contributor_outside_the_roster_is_missing() -> None:
    for change in (
        {"territory": [{"state": "UKR", "law": "its law"}]},
        {"contributions__1__state": "POL"},
    ):
        one = proposal(**change)
        found = stands(one, agreed(canonical_text(one)), 100)
        (state,) = (one.hosts | one.contributors) - set(STATES)
        assert not found.in_force
        assert state in found.words
        assert state in found.missing


def test_a_state_can_leave_alone_and_at_once() -> None:
    acts = [*agreed(), said("DEU", "leave", 50, words="a reason")]
    assert stands(ONE, acts, 49).in_force
    found = stands(ONE, acts, 50)
    assert not found.in_force
    assert found.left == ("DEU",)
    for harmless in (
        said(CHAIR, "leave", 50, words="w"),  # the chair has no voice in it
        said("DEU", "remark", 50, words="leaves the shield"),  # words alone do nothing
        said("DEU", "leave", 50, words="w", key="LVA"),  # a signature that does not fit
    ):
        assert stands(ONE, [*agreed(), harmless], 60).in_force


def test_a_rule_that_was_withdrawn_ends_it() -> None:
    now_ns = START_NS + 100 * SECOND_NS
    matter = matter_of(agreed(), 100)
    poorer = type(RULEBOOK)(
        rows=RULEBOOK.rows, measures=RULEBOOK.measures - {"M06"},
        closed_rows=RULEBOOK.closed_rows, closed_measures=RULEBOOK.closed_measures,
    )  # fmt: skip
    assert standing(ONE, matter, ROSTER, RULEBOOK, now_ns).in_force
    assert "cannot be used" in standing(ONE, matter, ROSTER, poorer, now_ns).words


def test_a_larger_roster_asks_more_states() -> None:
    larger = Roster(keys={**ROSTER.keys, "POL": ROSTER.keys["EST"]})
    found = standing(ONE, matter_of(agreed(), 100), larger, RULEBOOK, START_NS + 100 * SECOND_NS)
    assert not found.in_force
    assert found.missing == ("POL",)


# ---------------------------------------------------------------------------- territory and zones


def test_the_zones_lie_over_hosts_alone_and_read_back() -> None:
    wide = proposal(
        volume__boundary=[
            {"latitude_deg": 57.6, "longitude_deg": 26.4},
            {"latitude_deg": 57.6, "longitude_deg": 28.0},
            {"latitude_deg": 58.2, "longitude_deg": 28.0},
            {"latitude_deg": 58.2, "longitude_deg": 26.4},
        ],
        territory=[
            {"state": "EST", "law": "an act of Estonia"},
            {"state": "LVA", "law": "an act of Latvia"},
        ],
    )
    found = grounds(wide, SOVEREIGN)
    assert {ground.state for ground in found} == {"EST", "LVA", "RUS"}
    assert sum(ground.share for ground in found) == pytest.approx(1.0, abs=1e-6)
    (grave,) = [one for one in findings(wide, found, SOVEREIGN) if one.grave]
    assert "RUS" in grave.words
    acts, now_ns = agreed(canonical_text(wide)), START_NS + 100 * SECOND_NS
    matter = matter_of(acts, 100)
    made, shapes = zones(wide, matter, ROSTER, RULEBOOK, found, now_ns)
    assert [zone.state for zone in made] == ["EST", "LVA"]
    assert {zone.kind for zone in made} == {"shield"}
    theirs = {
        zone.state: shape
        for zone, shape in zip(SOVEREIGN.zones, SOVEREIGN.geometries, strict=True)
        if zone.kind == "sovereign"
    }
    for zone, shape in zip(made, shapes, strict=True):
        assert shapely.area(shapely.difference(shape, theirs[zone.state])) < 1e-9
        assert "identification only" in zone.note
        assert zone.authority == f"{zone.state}, under an act of " + (
            "Estonia" if zone.state == "EST" else "Latvia"
        )
        # never in force before it was agreed, nor known before
        assert zone.valid_from_ns == zone.known_from_ns == START_NS + 12 * SECOND_NS
        assert zone.valid_to_ns == wide.period.until_ns
    again, geometries, problems = read_zones(write_geojson(made, shapes), "shield.geojson")
    assert again == made
    assert problems == []
    assert all(shapely.equals(a, b) for a, b in zip(geometries, shapes, strict=True))


def test_what_lies_over_nobody_makes_no_zone_and_a_host_must_be_one() -> None:
    at_sea = proposal(
        volume__boundary=[
            {"latitude_deg": 59.0, "longitude_deg": 26.0},
            {"latitude_deg": 59.0, "longitude_deg": 26.5},
            {"latitude_deg": 60.0, "longitude_deg": 26.5},
            {"latitude_deg": 60.0, "longitude_deg": 26.0},
        ]
    )
    found = grounds(at_sea, SOVEREIGN)
    assert found[0].state == "EST"
    assert found[-1].state is None
    assert found[-1].share > 0.02
    assert any("nobody's territory" in one.words for one in findings(at_sea, found, SOVEREIGN))
    wrong = proposal(territory=[{"state": "DEU", "law": "an act"}])
    said_of = findings(wrong, grounds(wrong, SOVEREIGN), SOVEREIGN)
    assert {one.words.split(":")[0] for one in said_of if one.grave} >= {
        "no part of the volume lies over DEU"
    }
    matter = matter_of(agreed(canonical_text(wrong)), 100)
    assert zones(
        wrong, matter, ROSTER, RULEBOOK, grounds(wrong, SOVEREIGN), START_NS + 100 * SECOND_NS
    ) == ([], [])


def test_the_parts_of_the_outline_do_not_overlap() -> None:
    found = grounds(ONE, SOVEREIGN)
    for k, one in enumerate(found):
        for other in found[k + 1 :]:
            assert np.isclose(
                shapely.area(shapely.intersection(one.shape, other.shape)), 0.0, atol=1e-9
            )


def test_a_key_revoked_after_the_agreement_ends_it() -> None:
    """What a stolen key lifted or consented to may be all that made it: it is agreed anew."""
    gone = said("DEU", "revoke", 50, revoked_key=ROSTER.keys["DEU"], words="stolen")
    assert stands(ONE, [*agreed(), gone], 49).in_force
    assert not stands(ONE, [*agreed(), gone], 51).in_force


def test_a_text_that_repeats_by_name_or_gives_too_much_is_refused() -> None:
    with pytest.raises(ZoneError, match="an alias"):
        read_proposal(TEXT + "\nmore: &a [1]\nagain: *a\n", RULEBOOK)
