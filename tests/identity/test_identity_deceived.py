"""A deceived receiver puts an airliner into another state's airspace: no border was crossed."""

from pathlib import Path

import pytest

from vedette.app.session import run_session
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.course import Course
from vedette.engine.record import Record
from vedette.sim.scenario import Variation

DECEIVED = Path(__file__).parent / "deceived.yaml"
SPOOFED, JAMMED = ("461e01", "461e02", "461e03"), ("461e04", "461e05")


def run(folder: Path | None, seed: int = 1, file: Path = DECEIVED) -> Course:
    world = world_of_file(file, Variation(seed=seed))
    return run_session(plan_of(world, mode="demo"), folder=folder, speed=None, web=None)


@pytest.fixture(scope="module")
def deceived(tmp_path_factory) -> tuple[Course, Record]:
    folder = tmp_path_factory.mktemp("deceived") / "record"
    course = run(folder)
    return course, Record(folder)


def test_no_spoofed_place_opens_an_incident(deceived):
    course, record = deceived
    held = course.pipeline
    rows = [row for row in held.tracks.to_pylist() if row["icao24"] == 0x461E01]
    (there,) = [row for row in rows if row["latitude_deg"] < 59.9]  # inside Estonia
    one = held.assessments[there["track_id"]]
    assert one.explained_by is None  # nothing excuses it: its place is not believed
    assert "position_not_believed" in one.integrity
    assert one.identity in ("unknown", "pending")
    assert course.pipeline.incidents == {}
    assert not list(record.entries(["incident"]))


def test_each_is_given_its_verdict_and_the_sound_one_none(deceived):
    course, _ = deceived
    found = {one.aircraft: one for one in course.pipeline.integrity.findings()}
    assert {found[name].verdict for name in SPOOFED} == {"suspected_spoofing"}
    assert {found[name].verdict for name in JAMMED} == {"suspected_interference"}
    assert "461e06" not in found
    reasons = found["461e01"].reasons
    assert any("one place" in words for words in reasons)


def test_the_map_counts_them_where_they_were_last_believed(deceived):
    course, record = deceived
    cells = course.pipeline.integrity.map.cells
    north = [cell for cell in cells if cell.latitude_deg >= 59.5]
    assert sum(cell.affected for cell in north) == 5
    assert sum(cell.spoofed for cell in north) == 3
    assert all(cell.affected == 0 for cell in cells if cell.latitude_deg < 59.5)
    assert course.pipeline.integrity.map.at(59.9, 25.2) is True
    assert list(record.entries(["interference"]))


def test_the_same_place_truly_flown_is_an_incident(tmp_path):
    """The control: without deception, and without a civil mark, the same course does open one."""
    text = DECEIVED.read_text(encoding="utf-8")
    text = text.replace("callsign: FAR1", "callsign: RFF1").replace(
        "duration_s: 200", "duration_s: 150"
    )
    head = text.partition("  - name: FAR2")[0]
    head = head.replace("      deception: {kind: elsewhere, after_s: 60, to: [60.10, 26.20]}\n", "")
    head = head.replace("latitude_deg: 60.90", "latitude_deg: 60.10")
    file = tmp_path / "flown.yaml"
    file.write_text(head, encoding="utf-8")
    course = run(None, file=file)
    (one,) = course.pipeline.incidents.values()
    assert "unexplained_crossing" in one.causes
