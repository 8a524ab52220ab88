"""Saved answers: what is written is what was found, a file that is none is told, and nothing else is shown."""

import os
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from vedette.app.api.study import CalibrationFile, SavedAnswer, StudyFile
from vedette.app.commands.sim import group as sim
from vedette.app.study_door import StudyDoor, study_application
from vedette.app.study_file import case_of, listed, read_answer, save_answer
from vedette.model.errors import SourceError
from vedette.sim.study.answer import answer
from vedette.sim.study.calibration import calibration
from vedette.sim.study.study import gallery, named
from vedette.sim.study.times import shipped_times

BASE = "http://127.0.0.1:8140"
HOSTS = frozenset({"127.0.0.1"})


@pytest.fixture(scope="module")
def found() -> StudyFile:
    study = named("zagreb-2022")
    lived = answer(study, shipped_times(), seed=1, worlds=40)
    return StudyFile(case=case_of(study), answer=lived, sensitivity=None)


def test_what_is_saved_comes_back(found: StudyFile, tmp_path: Path) -> None:
    path = tmp_path / "one.answer.json"
    save_answer(path, found)
    assert read_answer(path).found == found
    told = listed(path.name, read_answer(path))
    assert (told.kind, told.of, told.worlds, told.seed) == ("study", "zagreb-2022", 40, 1)


def test_every_case_of_the_gallery_can_be_shown() -> None:
    for name, study in gallery().items():
        case = case_of(study)
        assert case.id == name
        assert case.inside
        assert case.assumptions
        assert len(case.ready) == len(study.ready)


def test_with_a_change_the_steps_agree_with_what_it_buys(found: StudyFile) -> None:
    before = {step.step: step.in_time.value for step in found.answer.steps}
    assert found.answer.changes
    for change in found.answer.changes:
        after = {step.step: step.in_time.value for step in change.steps}
        for step, gain in change.gains.items():
            assert after[step] - before[step] == pytest.approx(gain.value)
        for goal, lates in change.lates.items():
            late = sum(one.share.value for one in lates)
            assert late + after[goal] == pytest.approx(1.0)


@settings(max_examples=60)
@given(st.integers(min_value=0), st.binary(max_size=8), st.booleans())
def test_a_damaged_file_is_told_and_never_shown(
    tmp_path_factory: pytest.TempPathFactory, at: int, octets: bytes, cut: bool
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    whole = SavedAnswer(
        format="vedette-answer/1",
        version="0",
        found=CalibrationFile(calibration=calibration([], shipped_times(), 1, 2)),
    )
    data = msgspec.json.encode(whole)
    at %= len(data)
    damaged = data[:at] if cut else data[:at] + octets + data[at + 1 :]
    path = folder / "one.answer.json"
    path.write_bytes(damaged)
    told = ""
    try:
        read_answer(path)  # it may still be an answer: of another version, perhaps
    except SourceError as error:
        told = str(error)
    assert not cut or str(path) in told


def test_the_door_shows_what_is_there_now_and_names_what_is_none(
    found: StudyFile, tmp_path: Path
) -> None:
    folder, other = tmp_path / "answers", tmp_path / "other"
    save_answer(folder / "one.answer.json", found)
    save_answer(other / "one.answer.json", found)
    (folder / "notes.json").write_text("{}")
    (folder / "torn.answer.json").write_text("<script>alert(1)</script>")
    door = StudyDoor([folder, other])
    said = door.check()  # in the terminal
    assert len(said) == 1
    assert "torn.answer.json: no answer" in said[0]
    client = TestClient(study_application(door, HOSTS), base_url=BASE)
    told = client.get("/api/studies").json()
    assert [one["file"] for one in told["answers"]] == ["one.answer.json", "one.answer.json (2)"]
    assert [one["file"] for one in told["faults"]] == ["torn.answer.json"]
    shown = client.get("/api/studies/one.answer.json (2)").json()
    assert shown["found"]["case"]["id"] == "zagreb-2022"
    # it was worked out again meanwhile
    save_answer(folder / "one.answer.json", msgspec.structs.replace(found, sensitivity=None))
    os.utime(folder / "one.answer.json", ns=(1, 1))
    (folder / "torn.answer.json").unlink()
    assert client.get("/api/studies").json()["faults"] == []
    for path in ("/api/studies/..%2fnotes.json", "/api/studies/notes.json"):
        assert client.get(path).status_code == 404
    assert client.get("/api/studies", headers={"host": "elsewhere.example"}).status_code == 421


def test_a_file_that_is_no_answer_is_refused_and_an_empty_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")
    with pytest.raises(SourceError, match="no answer of a study"):
        StudyDoor([tmp_path, tmp_path / "file"]).check()
    assert "no answer (*.answer.json) is there yet" in StudyDoor([tmp_path]).check()[0]


def test_all_answers_of_a_kind_are_worked_out_once(tmp_path: Path) -> None:
    words = ["answers", str(tmp_path), "--only", "play", "--worlds", "5"]
    first = CliRunner().invoke(sim, words)
    assert first.exit_code == 0, first.output
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["play-drones.answer.json", "play-jets.answer.json"]
    kept = [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())]
    again = CliRunner().invoke(sim, words)
    assert "0 answers" in again.output
    assert [path.stat().st_mtime_ns for path in sorted(tmp_path.iterdir())] == kept
