"""Each conclusion with its ledger: source, time, log-odds, running sum, and what would change it."""

import json
import math
from types import SimpleNamespace

import httpx
import pytest
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vedette.app.commands.integrity import group as integrity
from vedette.app.commands.track import group as track
from vedette.app.explain_door import ExplainDoor
from vedette.app.explanation import explained_of_course, explained_of_record
from vedette.app.session import run_session
from vedette.app.summary import to_json
from vedette.app.worlds import bundled_world, plan_of
from vedette.engine.course import Course
from vedette.engine.record import Record
from vedette.sim.scenario import Variation


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> tuple[Course, Record]:
    folder = tmp_path_factory.mktemp("three") / "record"
    world = bundled_world("three_tracks", Variation(seed=1))
    course = run_session(plan_of(world, mode="demo"), folder=folder, speed=None, web=None)
    return course, Record(folder)


def named(course: Course, speed_mps: float) -> str:
    """The track that flies at about this speed."""
    rows = [
        row
        for row in course.pipeline.tracks.to_pylist()
        if abs(math.hypot(row["east_mps"], row["north_mps"]) - speed_mps) < 0.1 * speed_mps
        and row["updates"] > 5
    ]
    return max(rows, key=lambda row: row["updates"])["track_id"]


def test_three_contrasting_tracks(three):
    course, _ = three
    airliner = explained_of_course(course, "GEN1")
    drone = explained_of_course(course, named(course, 48.0))
    jet = explained_of_course(course, named(course, 420.0))
    assert (airliner["class"], airliner["civil"], airliner["identity"]) == (
        "airliner",
        "confirmed",
        "neutral",
    )
    assert any("radio_failure" in rule["statement"] for rule in airliner["rules"])
    assert jet["class"] == "military_aircraft"
    assert drone["class"] in ("drone_long_range", "unknown", "ga_aircraft", "glider_ultralight")
    for dark in (drone, jet):
        assert (dark["civil"], dark["identity"]) == ("possible", "unknown")
        assert any("never gave a reply" in words for words in dark["doubts"])


def test_the_steps_add_up_to_what_is_told(three):
    course, _ = three
    for name in ("GEN1", named(course, 48.0), named(course, 420.0)):
        found = explained_of_course(course, name)
        assert [ledger["hypothesis"] for ledger in found["ledgers"]][1] == "crewed civil aircraft"
        best = max(found["class_probabilities"], key=found["class_probabilities"].get)
        assert found["ledgers"][0]["hypothesis"] == best
        for ledger in found["ledgers"]:
            assert ledger["steps"][0]["source"] == "prior"
            running = 0.0
            for step in ledger["steps"]:
                running += step["log_odds"]
                assert step["running"] == pytest.approx(running, abs=0.01)
                assert step["probability"] == pytest.approx(
                    1.0 / (1.0 + math.exp(-step["running"])), abs=0.002
                )
                assert step["would_change"]
        last = found["ledgers"][0]["steps"][-1]["probability"]
        # told when it last changed by much; the ledger is of now
        assert last == pytest.approx(found["class_probabilities"][best], abs=0.03)


def test_nothing_that_may_still_come_gives_an_identity_worse_than_unknown(three):
    course, _ = three
    for name in ("GEN1", named(course, 48.0), named(course, 420.0)):
        found = explained_of_course(course, name)
        assert found["what_if"]
        assert not {one["identity"] for one in found["what_if"]} & {"suspect", "hostile"}
    jet = explained_of_course(course, named(course, 420.0))
    reply = {one["evidence"]: one for one in jet["what_if"]}["a reply with a code and a level"]
    assert reply["log_odds"] < 0  # against the military class
    assert reply["civil"] == "possible"  # a reply at the speed of no civil aircraft proves none
    drone = explained_of_course(course, named(course, 48.0))
    reply = {one["evidence"]: one for one in drone["what_if"]}["a reply with a code and a level"]
    assert (reply["civil"], reply["identity"]) == ("confirmed", "neutral")


def test_a_record_tells_the_same_from_its_ledger_and_by_a_replay(three):
    course, record = three
    jet = named(course, 420.0)
    (incident,) = [i for i in course.pipeline.incidents.values() if i.track_id == jet]
    told = explained_of_record(record, incident.track_id)
    assert told["class"] == "military_aircraft"
    assert told["ledgers"]
    silent = CliRunner().invoke(track, ["explain", str(record.folder), "no-such-track"])
    assert silent.exit_code == 1


def test_a_watch_that_runs_tells_the_same_by_its_address(three, monkeypatch):
    course, _ = three
    door = ExplainDoor(SimpleNamespace(course=course))
    client = TestClient(Starlette(routes=door.routes()))
    monkeypatch.setattr(httpx, "get", lambda url, timeout: client.get(url))
    jet = named(course, 420.0)
    for name in (jet, "GEN1"):
        asked = ["explain", "http://127.0.0.1:8137/", name, "--json"]
        said = CliRunner().invoke(track, asked, catch_exceptions=False)
        assert json.loads(said.stdout) == json.loads(to_json(explained_of_course(course, name)))
    assert CliRunner().invoke(track, ["explain", "http://127.0.0.1:8137", "x"]).exit_code == 1


def test_the_commands(three):
    course, record = three
    said = CliRunner().invoke(
        track, ["explain", str(record.folder), named(course, 420.0)], catch_exceptions=False
    )
    assert said.exit_code == 0
    assert "Is it crewed civil aircraft?" in said.output
    assert "would change it" in said.output
    clean = CliRunner().invoke(integrity, ["list", str(record.folder)])
    assert clean.exit_code == 1  # nobody's word is in doubt
    cells = CliRunner().invoke(integrity, ["map", str(record.folder), "--all", "--json"])
    assert cells.exit_code == 0
