"""The text of a shield: one canonical form, strict reading, and nothing in it that could widen the force gate."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from shield_kit import PLAIN, RULEBOOK, proposal, written

from vedette.council.act import digest_of
from vedette.council.shield.difference import difference
from vedette.council.shield.proposal import (
    TEXT_MAX,
    WEAPON_WORDS,
    canonical_text,
    digest,
    outline,
    read_proposal,
)
from vedette.model.errors import ZoneError
from vedette.response.rule_set import shipped_rules

EXAMPLE = Path(__file__).parents[3] / "docs" / "howto" / "shield-example.yaml"


@settings(max_examples=30, deadline=None)
@example(1.0, "a\x85b", "2025-09-01T00:00:00Z")
@given(
    st.floats(1, 1e5, allow_nan=False),
    st.text(min_size=1, max_size=40).filter(lambda text: text.strip()),
    st.sampled_from(
        ["2025-09-01T00:00:00Z", "2025-09-01T02:00:00+02:00", "2025-08-31T22:00:00-02:00"]
    ),
)
def test_the_canonical_text_reads_back_as_itself(reach_m: float, words: str, since: str) -> None:
    assume(not set(re.findall("[a-z]+", words.lower())) & WEAPON_WORDS)
    one = proposal(
        contributions__0__sensors__0__range_m=reach_m, purpose=words, period__since=since
    )
    text = canonical_text(one)
    again = read_proposal(text, RULEBOOK)
    assert canonical_text(again) == text
    assert digest(again) == digest(one) == digest_of(text)


def test_how_a_file_is_written_does_not_change_its_version() -> None:
    flow = yaml.safe_dump(PLAIN, default_flow_style=True)
    assert digest(read_proposal(flow, RULEBOOK)) == digest(proposal())
    assert digest(read_proposal("# a remark\n" + written(), RULEBOOK)) == digest(proposal())
    assert digest(proposal(period__since="2025-09-01T02:00:00+02:00")) == digest(proposal())


def test_every_other_change_is_another_version() -> None:
    versions = {
        digest(proposal(**change))
        for change in (
            {},
            {"purpose": "another"},
            {"period__until": "2025-10-02T00:00:00Z"},
            {"contributions__2__caveats": []},
            {"rules__measures": ["M00"]},
            {"volume__ceiling__height_m": 11_999},
        )
    }
    assert len(versions) == 6


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"volume__boundary__0__latitude_deg": 95.0}, "$.volume.boundary"),
        ({"volume__boundary__0__latitude_deg": float("nan")}, "latitude_deg"),
        ({"volume__boundary__1__longitude_deg": -179.0}, "antimeridian"),
        ({"volume__boundary__1": {"latitude_deg": 59.4, "longitude_deg": 25.4},
          "volume__boundary__2": {"latitude_deg": 59.0, "longitude_deg": 26.9}}, "crosses itself"),
        ({"volume__boundary__1": {"latitude_deg": 59.0, "longitude_deg": 25.5}}, "comes twice"),
        ({"volume__ceiling": None}, "ceiling"),
        ({"volume__floor": {"height_m": 13_000, "datum": "amsl"}}, "volume"),
        ({"period__until": "2025-08-01T00:00:00Z"}, "ends before it begins"),
        ({"period__until": "2025-10-01T00:00:00"}, "period"),
        ({"territory": []}, "territory"),
        ({"territory": [{"state": "Estonia", "law": "x"}]}, "territory[0].state"),
        ({"contributions__0__sensors__0__power_w": 5}, "power_w"),
        ({"contributions__1__state": "EST"}, "EST comes twice"),
        ({"contributions__1__sensors__0__name": "hill"}, "'hill' comes twice"),
        ({"contributions__2__alerts": []}, "nothing is given"),
        ({"contributions__2__alerts__0__speed_mps": 0}, "speed_mps"),
        ({"rules__rows": ["R02", "R99"]}, "there is no rule 'R99'"),
        ({"rules__measures": ["M00", "M77"]}, "there is no measure 'M77'"),
        ({"rules__measures": ["M17"]}, "no row that is named permits M17"),
        ({"renewal": {"put_by": "2026-01-01T00:00:00Z", "words": "x"}}, "renewal.put_by"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ZoneError) as error:
        proposal(**change)
    assert says in str(error.value)


def test_a_key_that_comes_twice_is_refused() -> None:
    with pytest.raises(ZoneError, match="'purpose' comes twice"):
        read_proposal(written() + "purpose: another\n", RULEBOOK)


@pytest.mark.parametrize("text", ["", "[]", "a: &x [*x]", "!!python/object:os.system {}", "x" * (TEXT_MAX + 1),
                                  "[" * 2_000])  # fmt: skip
def test_what_is_no_proposal_is_refused(text: str) -> None:
    with pytest.raises(ZoneError, match="shield"):
        read_proposal(text, RULEBOOK)


def test_no_row_that_leads_to_force_and_no_measure_that_prepares_it_can_be_named() -> None:
    rules = shipped_rules()
    leads = [row.id for row in rules.rules.values() if "M14" in row.measures]
    assert leads
    for row in {*leads, *rules.about.reading.force_rows}:
        with pytest.raises(ZoneError, match=f"{row} leads to the question of force"):
            proposal(rules__rows=["R02", row])
    with pytest.raises(ZoneError, match="M14 prepares the question of force"):
        proposal(rules__measures=["M00", "M14"])


WHERE = (
    "title", "purpose", "territory__0__law", "contributions__0__sensors__0__name",
    "contributions__1__places__0__use", "contributions__2__alerts__0__base",
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(WHERE),
    st.sampled_from(["weapons", "Weapon", "guns", "laser", "launcher", "FIRE", "shoot", "target"]),
)
def test_no_words_can_give_a_weapon(where: str, word: str) -> None:
    with pytest.raises(ZoneError, match="no weapon"):
        proposal(**{where: f"two {word}, here"})


def test_what_flies_there_may_be_named_and_not_be_given() -> None:
    assert proposal(purpose="After a missile had crossed the country.")
    with pytest.raises(ZoneError, match=r"contributions\[1\].places\[0\].use: 'missile'"):
        proposal(contributions__1__places__0__use="missile site")


def test_edges_are_geodesics() -> None:
    far = proposal(
        volume__boundary=[
            {"latitude_deg": 60.0, "longitude_deg": 10.0},
            {"latitude_deg": 60.0, "longitude_deg": 20.0},
            {"latitude_deg": 62.0, "longitude_deg": 15.0},
        ]
    )
    # a great circle through two places of one latitude is highest in the middle: tan y = tan 60° / cos 5°
    middle = min(abs(x - 15.0) for x, y in outline(far.volume).exterior.coords if y < 61.0)
    highest = max(
        y for x, y in outline(far.volume).exterior.coords if y < 61.0 and abs(x - 15.0) <= middle
    )
    assert highest == pytest.approx(
        math.degrees(math.atan(math.tan(math.radians(60.0)) / math.cos(math.radians(5.0)))),
        abs=2e-3,
    )


def test_the_example_of_the_documentation_is_one() -> None:
    example = read_proposal(EXAMPLE.read_text("utf-8"), RULEBOOK)
    assert example.hosts == {"EST", "LVA"}


def test_the_difference_names_fields_and_not_places_in_lists() -> None:
    older, newer = (
        proposal(),
        proposal(
            contributions=[
                *PLAIN["contributions"][1:],
                {**PLAIN["contributions"][0], "caveats": ["by day"]},
            ]
        ),
    )
    (change,) = difference(older, newer)
    assert change.where == "contributions[EST].caveats"
    assert (list(change.before), list(change.after)) == ([], ["by day"])
    gone = difference(older, proposal(contributions=PLAIN["contributions"][:2]))
    assert [(c.where, c.after) for c in gone] == [("contributions[DEU]", None)]
