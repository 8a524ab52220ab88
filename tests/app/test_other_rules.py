"""A record shown beside what another rule set says of the same incidents."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "engine"))
from small_world import record_small

from vedette.app.replay_door import ReplayDoor, Showing
from vedette.engine.record import Record
from vedette.response.rule_set import RuleSet, load_rules, shipped_files


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    folder = tmp_path_factory.mktemp("compared") / "record"
    record_small(folder)
    return Record(folder)


def shown(record: Record, rules: RuleSet | None) -> list[dict[str, list[dict[str, Any]]]]:
    """What a page has of incidents at each tick: by the record's rules, and by the others."""
    door = ReplayDoor(record, rules)
    door.run()
    assert door.differs is None
    assert door.judged is (rules is not None)
    had: dict[str, list[dict[str, Any]]] = {"incidents": [], "other_rules": []}
    rows = []
    showing = Showing(door.film)
    for at_ns in door.film.times_ns:
        showing.at_ns = at_ns
        for text in showing.news()[0]:
            message = json.loads(text)
            if message["type"] in had:
                had[message["type"]] = message["incidents"]
        rows.append(dict(had))
    assert door.time(showing)["other_rules"] == (None if rules is None else rules.name)
    door.film.close()
    return rows


def said(one: dict[str, Any]) -> tuple[Any, ...]:
    proposals = [(p["rule"], p["measures"], p["withheld"], p["deadline"]) for p in one["proposals"]]
    return one["incident_id"], one["output"], one["force_question"], proposals


def test_the_same_rules_say_the_same_at_every_moment(record: Record) -> None:
    rows = shown(record, load_rules(shipped_files()))
    assert any(row["incidents"] for row in rows)
    for row in rows:
        assert [said(one) for one in row["incidents"]] == [said(one) for one in row["other_rules"]]


def test_other_rules_judge_the_same_incidents_otherwise(record: Record) -> None:
    files = shipped_files()
    rows_text = files["rows.yaml"].decode()
    before = "measures: [M01, M02, M03, M05, M06]"  # of R02: nobody knows it
    assert rows_text.count(before) >= 1
    files["rows.yaml"] = rows_text.replace(before, "measures: [M01, M02, M03, M06]").encode()
    last = shown(record, load_rules(files))[-1]
    ours, theirs = last["incidents"], last["other_rules"]
    assert [one["incident_id"] for one in ours] == [one["incident_id"] for one in theirs]
    changed = [(a, b) for a, b in zip(ours, theirs, strict=True) if said(a) != said(b)]
    assert changed
    for a, b in changed:
        mine = {p["rule"]: p["measures"] for p in a["proposals"]}
        other = {p["rule"]: p["measures"] for p in b["proposals"]}
        assert "M05" in mine["R02"]
        assert "M05" not in other["R02"]


def test_without_other_rules_nothing_is_compared(record: Record) -> None:
    assert all(not row["other_rules"] for row in shown(record, None))
