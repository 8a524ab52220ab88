"""Exercises: three nights with scripted people, marked everywhere, replayed bit for bit, and reviewed."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from vedette.app.commands.incident import group as incidents
from vedette.app.commands.sim import group
from vedette.app.drafts.facts import facts_of
from vedette.app.session import beginning
from vedette.app.views import incidents_of_record
from vedette.app.worlds import bundled_script, plan_of, world_of
from vedette.engine.record import Record
from vedette.engine.settings import RunBody
from vedette.engine.verification import replay, verify
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import RecordError, SettingError, SourceError
from vedette.sim.exercise.script import read_script
from vedette.sim.scenario import Variation

SMALL = Path(__file__).parent / "small.yaml"
NIGHTS = {
    "three_tracks": ("careful", "2"),
    "drones_at_the_border": ("stamps", "6"),
    "balloons_over_the_capital": ("careful", "6"),
}


def run(*words: str) -> Result:
    return CliRunner().invoke(group, list(words))


def good(*words: str) -> Any:
    result = run(*words)
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folders = {}
    for scenario, (script, tick) in NIGHTS.items():
        folder = tmp_path_factory.mktemp("exercise") / scenario
        told = good("exercise", scenario, "--script", script, "--as-in-life", "--tick", tick,
                    "--record", str(folder), "--json")  # fmt: skip
        assert told["exercise"]
        assert told["label"].startswith("EXERCISE - ")
        folders[scenario] = folder
    return folders


@pytest.mark.parametrize("scenario", NIGHTS)
def test_a_night_is_replayed_from_its_record_bit_for_bit(
    nights: dict[str, Path], scenario: str
) -> None:
    record = Record(nights[scenario])
    assert verify(record).ok
    again = replay(record)
    assert again.same, again.first_difference
    assert any(item.kind is ItemKind.ACT for item, _ in record.items())


def test_the_same_people_in_the_same_night_make_the_same_record(
    nights: dict[str, Path], tmp_path: Path
) -> None:
    def items(folder: Path) -> list[Item]:
        return [item for item, _ in Record(folder).items() if item.kind is not ItemKind.ACT]

    told = good("exercise", "three_tracks", "--script", "careful", "--as-in-life", "--tick", "2", "--seed",
                "1", "--record", str(tmp_path / "again"), "--json")  # fmt: skip
    assert items(tmp_path / "again") == items(nights["three_tracks"])
    one, other = (
        good("review", str(f), "--json") for f in (tmp_path / "again", nights["three_tracks"])
    )
    assert one == other
    assert told["questions"] == one["review"]["cost"]["questions"]


@pytest.mark.parametrize("scenario", NIGHTS)
def test_everything_that_leaves_an_exercise_says_so(
    nights: dict[str, Path], scenario: str, tmp_path: Path
) -> None:
    folder = nights[scenario]
    record = Record(folder)
    assert record.body.exercise
    found = incidents_of_record(record)
    assert found
    assert (facts_of(record, found[0]["incident_id"]).banner or "").startswith("EXERCISE - ")
    other = CliRunner().invoke(incidents, ["report", str(folder), "INOPE"])
    assert (other.exit_code, other.stdout) == (1, "")
    assert "has no incident INOPE" in other.stderr
    report = CliRunner().invoke(incidents, ["report", str(folder)])
    assert "**EXERCISE - " in report.output
    assert run("review", str(folder)).stdout.startswith("EXERCISE - ")
    listed = CliRunner().invoke(incidents, ["list", str(folder)])
    assert "EXERCISE" in listed.stderr
    # and nobody goes on with it as if it were life
    plan = plan_of(world_of(scenario, Variation()), mode="demo")
    with pytest.raises(RecordError, match="exercise"):
        beginning(plan, folder)
    assert isinstance(run("exercise", scenario, "--record", str(folder)).exception, RecordError)


@pytest.mark.parametrize("scenario", NIGHTS)
def test_no_exercise_ever_asks_about_force(nights: dict[str, Path], scenario: str) -> None:
    for entry in Record(nights[scenario]).entries(("advice", "paper")):
        if entry.kind == "advice":
            assert entry.body["force_question"] != "admissible"
        else:
            assert entry.body["measure"] != "M14"


def test_an_exercise_asks_for_aircraft_only_where_it_was_begun_as_in_life(
    nights: dict[str, Path], tmp_path: Path
) -> None:
    def asked(folder: Path) -> set[str]:
        return {str(entry.body["measure"]) for entry in Record(folder).entries(("paper",))}

    assert "M06" in asked(nights["three_tracks"])
    good("exercise", "three_tracks", "--script", "careful", "--tick", "4",
         "--record", str(tmp_path / "x"), "--json")  # fmt: skip
    assert asked(tmp_path / "x")
    assert not asked(tmp_path / "x") & {"M06", "M07", "M08"}


def test_only_an_exercise_on_simulated_feeds_may_ask_as_in_life(nights: dict[str, Path]) -> None:
    body = Record(nights["three_tracks"]).body
    for changes in (
        {"exercise": False},
        {"feeds": (msgspec.structs.replace(body.feeds[0], url="asterix+udp://239.1.1.1:8600"),)},
    ):
        with pytest.raises(ValueError, match="as_in_life"):
            msgspec.structs.replace(body, **changes)
    assert msgspec.structs.replace(body, as_in_life=False, exercise=False).banner == body.label
    assert isinstance(body, RunBody)


def test_the_review_says_what_was_known_decided_and_stamped(nights: dict[str, Path]) -> None:
    careful = good("review", str(nights["three_tracks"]), "--json")["review"]
    assert {known["object"] for known in careful["known"]} == {"jet", "drone", "GEN1"}
    jet = next(known for known in careful["known"] if known["object"] == "jet")
    times = [change["at_s"] for change in jet["changes"]]
    assert times == sorted(times)
    assert any("held to be" in change["what"] for change in jet["changes"])
    assert any("accept M03" in change["what"] for change in jet["changes"])
    assert careful["rate"] == 0.0
    taken = [one for one in careful["decisions"] if one["status"] == "accepted"]
    assert taken
    assert all(one["waited_s"] >= 28.0 for one in taken)
    stamped = good("review", str(nights["drones_at_the_border"]), "--json")["review"]
    assert stamped["rate"] == 1.0
    assert all(one["rate"] == 1.0 and one["accepted"] for one in stamped["stamps"])
    assert stamped["cost"]["intruders"] >= 3
    assert stamped["cost"]["wait_median_s"] < careful["cost"]["wait_median_s"]


def test_the_same_night_with_other_people(nights: dict[str, Path]) -> None:
    found = good("review", str(nights["three_tracks"]), "--other", "nobody", "--json")
    mine, nobody = found["review"], found["other"]
    assert {k["incident_id"] for k in mine["known"]} == {k["incident_id"] for k in nobody["known"]}
    assert nobody["cost"]["answered"] == 0
    assert nobody["rate"] is None
    assert nobody["cost"]["inside_before_word_s"] > mine["cost"]["inside_before_word_s"]
    again = good("review", str(nights["three_tracks"]), "--other", "careful", "--json")
    assert again["other"]["cost"] == mine["cost"]
    assert again["other"]["known"] == mine["known"]
    words = run("review", str(nights["three_tracks"]), "--other", "nobody").stdout
    assert "with others" in words


def test_a_record_of_life_has_no_review(tmp_path: Path) -> None:
    _, store, _ = beginning(
        plan_of(world_of(str(SMALL), Variation()), mode="demo"), tmp_path / "r"
    )()
    assert store is not None
    store.close()
    with pytest.raises(RecordError, match="sim exercise"):
        raise run("review", str(tmp_path / "r")).exception or AssertionError


def test_wrong_words_are_told_with_their_place(tmp_path: Path) -> None:
    assert bundled_script("careful").players
    assert isinstance(
        run(
            "exercise", "three_tracks", "--script", "nosuch", "--record", str(tmp_path / "a")
        ).exception,
        SettingError,
    )
    for text, words in (
        ("title: x\nplayers: [{person: A, office: w, roles: [king]}]", r"players\[0\]: no role 'king'"),
        ("title: x\nplayers: [{person: A, office: w, roles: [reviewer]}]\n"
         "lines: [{person: B, kind: accept, subject: M06}]", r"lines\[0\]: 'B' is no player"),
        ("title: x\nplayers: [{person: A, office: w, roles: [reviewer]}]\n"
         "lines: [{person: A, kind: accept}]", r"lines\[0\]: accept needs a subject"),
        ("title: x\nplayers: []", "players"),
    ):  # fmt: skip
        with pytest.raises(SourceError, match=words):
            read_script("s.yaml", text.encode())
