"""A watch whose node is cut off: what it knows of it, what follows, and that a replay knows the same."""

import asyncio
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_world import SMALL

from vedette.app.session import beginning, run_session
from vedette.app.worlds import plan_of
from vedette.engine.alliance.isolation import STALE_NS, isolation_of
from vedette.engine.pipeline import ISOLATION
from vedette.engine.record import Record
from vedette.engine.run import Run, Snapshot
from vedette.engine.verification import replay, verify
from vedette.model.errors import RecordError
from vedette.model.time import SECOND_NS
from vedette.sim.scenario import Variation, read_scenario
from vedette.sim.world import World

NOW_NS = 1_900_000_000 * SECOND_NS


def told(folder: Path, **status: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "status.json").write_bytes(msgspec.json.encode(status | {"nation": "EST"}))
    return folder


@given(
    st.sampled_from([True, False, None]), st.booleans(), st.integers(-2 * STALE_NS, 2 * STALE_NS)
)
def test_what_is_old_or_of_a_node_that_stopped_says_nothing(
    tmp_path_factory: pytest.TempPathFactory, isolated: bool | None, running: bool, age_ns: int
) -> None:
    folder = tmp_path_factory.getbasetemp() / "told"
    told(folder, at_ns=NOW_NS - age_ns, running=running, isolated=isolated)
    fresh = running and abs(age_ns) <= STALE_NS
    assert isolation_of(folder, NOW_NS) is (isolated if fresh else None)


def test_a_status_that_is_none_says_nothing(tmp_path: Path) -> None:
    assert isolation_of(tmp_path, NOW_NS) is None
    told(tmp_path, at_ns=NOW_NS, running=True)  # of a program that did not know of it
    assert isolation_of(tmp_path, NOW_NS) is None
    for data in (
        b"",
        b"{",
        b"[]",
        b'{"at_ns": 1}',
        b"\xff",
        b'{"at_ns":1,"running":true,"isolated":0}',
    ):
        (tmp_path / "status.json").write_bytes(data)
        assert isolation_of(tmp_path, NOW_NS) is None


def test_a_folder_without_a_node_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="no node"):
        run_session(plan(100.0)._replace(node=tmp_path), folder=None, speed=None, web=None)


def plan(duration_s: float) -> Any:
    scenario = read_scenario(SMALL.read_bytes(), SMALL.name)
    short = msgspec.structs.replace(scenario, duration_s=duration_s)
    return plan_of(World(short, Variation(), str(SMALL)), mode="demo")


def watched(folder: Path, asked: Any, duration_s: float) -> list[Snapshot]:
    """Begin or continue the record of a part of the small world."""
    seen: list[Snapshot] = []
    course, store, tables = beginning(plan(duration_s), folder)()
    assert store is not None
    run = Run(course, store, tables=tables, isolation=asked)
    run.watchers.append(seen.append)
    feeds = [source.feed for source in plan(duration_s).sources if source.feed is not None]
    asyncio.run(run.play(feeds, speed=None, stay=False))
    store.close()
    return seen


def said(folder: Path) -> list[Any]:
    entries = Record(folder).entries(["session"])
    return [entry.body["isolated"] for entry in entries if entry.body["event"] == ISOLATION]


def test_a_watch_that_is_cut_off_says_so_and_a_replay_says_the_same(tmp_path: Path) -> None:
    answers = chain([None], repeat(False, 79), repeat(True, 15), repeat(None))
    seen = watched(tmp_path / "record", lambda: next(answers), 100.0)
    advised = [one for one in seen if one.advice]
    assert {one.node_isolated for one in advised} == {False, True, None}
    checks: dict[bool | None, set[str]] = {}
    for one in advised:
        (advice,) = one.advice.values()
        checks.setdefault(one.node_isolated, set()).add(advice.checks["K8"])
        rows = {proposal.rule for proposal in advice.proposals}
        assert ("R30" in rows) >= (one.node_isolated is True)
    assert checks == {False: {"yes"}, True: {"no"}, None: {"unknown"}}
    kept = Record(tmp_path / "record")
    assert said(tmp_path / "record") == [None, False, True, None]  # once for each change
    assert replay(kept).same
    assert verify(kept).ok


def test_a_watch_without_a_node_has_no_allies_to_be_cut_off_from(small_record: Path) -> None:
    assert said(small_record) == []


def test_a_record_that_had_a_node_is_in_doubt_when_it_goes_on_without(tmp_path: Path) -> None:
    assert watched(tmp_path / "record", lambda: False, 5.0)[-1].node_isolated is False
    assert watched(tmp_path / "record", None, 9.0)[-1].node_isolated is None
    assert said(tmp_path / "record") == [False, None]
    kept = Record(tmp_path / "record")
    assert replay(kept).same
    assert verify(kept).ok
