"""A recording with a wrong date in it: decades in which nothing was heard are not played second by second."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from vedette.app.session import run_session, sources_of
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.address import parse_feed
from vedette.engine.bundled import sovereign_digest
from vedette.engine.opening import Unrecorded, course_of
from vedette.engine.record import Record
from vedette.engine.run import Run, Snapshot
from vedette.engine.settings import FeedSpec, RunBody
from vedette.engine.verification import replay
from vedette.feeds.decoder import Chunk
from vedette.model.time import SECOND_NS
from vedette.response.rule_set import shipped_rules
from vedette.sim.scenario import Variation

SMALL = Path(__file__).parents[1] / "sim" / "small.yaml"
FIRST_S, THEN_S = 1, 1_758_264_605


def test_a_gap_of_decades_is_left_out_and_an_entry_says_so(tmp_path: Path) -> None:
    table = tmp_path / "old.csv"
    rows = [f"{at},4b1803,59.0,25.{k}" for k, at in enumerate((FIRST_S, THEN_S, THEN_S + 90))]
    table.write_text("\n".join(["time,icao24,latitude,longitude", *rows, ""]))
    plan = plan_of(world_of_file(SMALL, Variation(seed=1)), mode="demo")._replace(
        sources=sources_of([parse_feed(f"table:{table}")], FIRST_S * SECOND_NS),
        scenario=None,
        tick_s=30.0,
    )
    course = run_session(plan, folder=tmp_path / "record", speed=None, web=None)
    assert course.ticks < 3_600 / 30 + 20
    assert course.last_tick_ns is not None
    assert 0 <= course.last_tick_ns - (THEN_S + 90) * SECOND_NS <= 60 * SECOND_NS
    assert course.pipeline.feeds()[0].plots == 3
    record = Record(tmp_path / "record")
    (gap,) = [e for e in record.entries(("session",)) if e.body["event"] == "gap"]
    left_out_s = gap.body["left_out_s"]
    assert isinstance(left_out_s, int)
    assert THEN_S - 3_600 - 120 < left_out_s < THEN_S
    assert replay(record).same


class _SetBack:
    """A recording whose clock was an hour ahead at first."""

    def chunks(self, skip: int) -> Iterator[Chunk]:
        del skip
        yield Chunk((THEN_S + 3_600) * SECOND_NS, b"nonsense\n")
        for second in range(50):
            yield Chunk((THEN_S + second) * SECOND_NS, b"nonsense\n")


def test_what_is_due_at_once_after_a_clock_was_set_back_is_not_held_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vedette.engine.run._TICK_OCTETS", 20)
    body = RunBody(
        version="test", created_ns=THEN_S * SECOND_NS,
        feeds=(FeedSpec(feed_id="f", url="sbs+file:x", decoder="sbs"),),
        sovereign_digest=sovereign_digest(), rules_digest=shipped_rules().digest, platform={},
    )  # fmt: skip
    run = Run(course_of(Unrecorded(body, {})), None)
    heard: list[int] = []

    def look(snapshot: Snapshot) -> None:
        heard.append(snapshot.feeds[0].chunks)

    run.watchers.append(look)
    asyncio.run(run.play([_SetBack()], speed=None, stay=False))
    assert heard[-1] == 51  # nothing is left out
    assert max(after - before for before, after in zip([0, *heard], heard, strict=False)) == 3
