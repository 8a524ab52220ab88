"""The drill of a broken chain, and what is still decided: by whom, and under which text."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from council_kit import ROSTER, START_NS, STATES, consent, placed
from council_kit import run as played
from hypothesis import given
from hypothesis import strategies as st

from vedette.app.commands.council import group
from vedette.council.decision import populations
from vedette.council.remaining import Broken, Way, agreed_before, rules_that_decide
from vedette.council.shield.proposal import Rulebook
from vedette.model.errors import RecordError

ALLIES = sorted(populations("nato"))


def run(*words: str) -> Result:
    return CliRunner().invoke(group, list(words))


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("drill") / "matters"
    result = run("drill", "--out", str(folder), "--json")
    assert result.exit_code == 0, result.output
    return folder, msgspec.json.decode(result.stdout)


def open_ways(stage: dict[str, Any]) -> set[str]:
    return {way["id"] for way in stage["ways"] if way["open"]}


def test_each_break_takes_away_what_it_must_and_nothing_else(
    drilled: tuple[Path, list[dict[str, Any]]],
) -> None:
    _, stages = drilled
    whole, blocked, cut_off, two_minded, left, lapsed, gone = map(open_ways, stages)
    delegation = next(one for one in whole if one.startswith("delegation:"))
    shield = next(one for one in whole if one.startswith("shield:"))
    declaration = next(one for one in left if one.startswith("declaration:"))
    consensus = {"nac_consensus", "nac_explicit"}
    assert consensus <= whole
    for stage in (blocked, cut_off, two_minded):
        assert not consensus & stage
        # what was agreed beforehand, and each state's own authority, need nobody's answer
        assert {delegation, shield, "national_self_defence", "coalition_opt_in", "eu_qmv"} <= stage
        assert declaration not in stage
    assert "unanimity_less_one" in blocked & two_minded
    assert "unanimity_less_one" not in cut_off  # who is cut off has not said yes
    assert delegation not in left
    assert {shield, declaration} <= left
    assert shield not in lapsed
    assert consensus <= left & gone
    bound = {way["id"]: way["by"] for way in stages[-1]["ways"]}
    assert len(bound["nac_consensus"]) == 31
    assert "TUR" in bound["national_self_defence"]  # its own authority is where it was
    said = [" ".join(stage["said"]) for stage in stages]
    assert "broken" in said[1]
    assert "LVA cannot speak" in said[2]
    assert "what counts is its no" in said[3]


def test_the_files_that_a_drill_leaves_are_matters_like_any_other(
    drilled: tuple[Path, list[dict[str, Any]]],
) -> None:
    folder, _ = drilled
    shown = run("show", str(folder / "declaration.jsonl"), "--at", "2030-06-03T16:00:00Z")
    assert "status: agreed by silence" in shown.output
    assert "(drill)" in shown.output
    # in life a drill counts for nothing
    asked = run("remaining", *map(str, sorted(folder.glob("*.jsonl"))), "--json")
    assert asked.exit_code == 0
    assert asked.stderr.count("a drill, left out") == 3
    assert all("matter" not in way["text"] for way in msgspec.json.decode(asked.stdout))
    assert isinstance(run("drill", "--out", str(folder)).exception, RecordError)


GROUPS = st.frozensets(st.sampled_from(ALLIES), max_size=6)


@given(GROUPS, GROUPS, GROUPS)
def test_a_longer_break_never_opens_what_takes_everybody(
    left: frozenset[str], against: frozenset[str], away: frozenset[str]
) -> None:
    ways = {way.id: way for way in rules_that_decide(Broken(left=left, against=against, away=away))}
    inside = (against | away) - left
    assert ways["nac_consensus"].open == ways["nac_explicit"].open == (not inside)
    for way in ways.values():
        if way.open and way.id != "national_self_defence":
            assert not left & set(way.by)
    # nobody's own authority depends on another
    assert set(ways["national_self_defence"].by) == set(ALLIES)
    # and nobody is bound by a coalition who said no or nothing
    assert not set(ways["coalition_opt_in"].by) & (against | away | left)


def test_the_command_names_who_decides() -> None:
    printed = run("remaining", "--no", "HUN", "--away", "LVA").output
    assert "HUN said no" in printed
    assert "national_self_defence" in printed


def told(*spoke: str, **known: Any) -> Way:
    matter = played([*placed(), *(consent(party, 5 + k) for k, party in enumerate(spoke))], 101)
    assert matter.status == "agreed"
    nothing: Any = frozenset()
    rulebook = Rulebook(rows={}, measures=nothing, closed_rows=nothing, closed_measures=nothing)
    (way,) = agreed_before(
        [(matter, ROSTER)], Broken(), frozenset(), rulebook, START_NS + 10**12, **known
    )
    return way


def test_a_text_agreed_by_silence_says_whose_silence_nobody_has_confirmed() -> None:
    alone = told("EST")
    assert alone.open
    rests = "rests on DEU LVA, who said nothing, and no closing confirms that they could be heard"
    assert rests in alone.why
    assert "if they could have objected, what it says holds" in alone.why
    heard = told("EST", unheard={"m1": frozenset()})
    assert heard.open
    assert "closing" not in heard.why
    assert "what it says holds" in heard.why
    cut = told("EST", unheard={"m1": frozenset({"LVA"})})
    assert (cut.open, cut.by) == (False, ())
    assert "unconfirmed: the keeper's log does not say that LVA could be heard" in cut.why
    # who has spoken needs nobody to have heard its silence
    assert "closing" not in told(*STATES).why
