"""A recording with a wrong date in it: decades in which nothing was heard are not played second by second."""

from pathlib import Path

from vedette.app.session import run_session, sources_of
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.address import parse_feed
from vedette.engine.record import Record
from vedette.engine.verification import replay
from vedette.model.time import SECOND_NS
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
