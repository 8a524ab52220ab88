"""Tables of trajectories have the pace of their rows, whoever kept them."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vedette.app.plan import Plan
from vedette.app.session import run_session, sources_of
from vedette.engine.address import parse_feed
from vedette.engine.row_pace import OBJECTS, RowPace, RowPaces
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

START_NS = 1_533_081_600 * SECOND_NS


def rows(object_, times_s):
    size = len(times_s)
    return plots(
        sensor_id=["table-1"] * size,
        kind=["ads_b"] * size,
        valid_ns=START_NS + np.round(np.array(times_s) * SECOND_NS).astype(np.int64),
        received_ns=np.full(size, START_NS),
        feed_id=["table-1"] * size,
        raw_ref=np.zeros(size, np.int64),
        icao24=pa.array([object_] * size, pa.uint32()),
    )


def period_of(*tables, listed=()):
    paces = RowPaces(listed)
    for table in tables:
        paces.hear(table)
    return [sensor.period_s for sensor in paces.sensors()]


@pytest.mark.parametrize("period_s", [2.5, 5.0, 10.0, 60.0])
def test_the_pace_is_the_gap_between_rows_of_one_object(period_s):
    times = np.arange(12) * period_s
    assert period_of(rows(1, times), rows(2, times + 0.3 * period_s)) == [period_s]


def test_breaks_repeats_and_one_quick_object_do_not_move_it():
    slow = [rows(k, np.array([0.0, 10.0, 20.0, 20.0, 900.0, 910.0])) for k in range(1, 5)]
    assert period_of(*slow, rows(9, np.arange(0.0, 60.0, 1.0))) == [10.0]


def test_what_is_quick_or_listed_or_without_a_mark_is_left_alone():
    quick = rows(1, np.arange(0.0, 20.0, 0.5))
    assert period_of(quick) == []
    slow = rows(1, np.arange(0.0, 50.0, 10.0))
    own = Sensor(sensor_id="table-1", kind="ads_b", latitude_deg=0.0, longitude_deg=0.0)
    assert period_of(slow, listed=(own,)) == []
    nameless = slow.set_column(
        slow.column_names.index("icao24"), "icao24", pa.nulls(len(slow), pa.uint32())
    )
    assert period_of(nameless) == []


def test_the_pace_follows_a_feed_that_changes_it():
    paces = RowPaces(())
    paces.hear(rows(1, np.arange(0.0, 60.0, 10.0)))
    assert [s.period_s for s in paces.sensors()] == [10.0]
    paces.hear(rows(1, np.arange(60.0, 360.0, 30.0)))
    assert [s.period_s for s in paces.sensors()] == [30.0]


def test_objects_remembered_are_bounded():
    pace = RowPace("table-1", "ads_b")
    for k in range(OBJECTS + 50):
        pace.hear(k, START_NS)
    assert len(pace._heard) <= OBJECTS


@pytest.mark.parametrize("period_s", [5, 10, 30])
def test_an_object_with_a_row_every_so_often_is_one_track(tmp_path, period_s):
    times = np.arange(0, 40 * period_s, period_s)
    table = pa.table(
        {
            "timestamp": START_NS // SECOND_NS + times,
            "icao24": ["4b1900"] * len(times),
            "callsign": ["SWR1"] * len(times),
            "latitude": 46.5 + times * 200.0 / 111_200.0,
            "longitude": np.full(len(times), 8.0),
            "altitude": np.full(len(times), 30_000.0),
        }
    )
    path = tmp_path / "rows.parquet"
    pq.write_table(table, path)
    sources = sources_of([parse_feed(f"table:{path}")], None)
    course = run_session(
        Plan(sources=sources, created_ns=START_NS, tick_s=5.0),
        folder=None,
        speed=None,
        web=None,
        stay=False,
    )
    tracks = course.pipeline.tracks
    assert tracks.num_rows == 1
    (status,) = tracks.column("status").to_pylist()
    assert status in ("confirmed", "coasting")
    # all but the first rows, which came before the pace was known
    assert tracks.column("updates").to_pylist()[0] >= len(times) - 4
