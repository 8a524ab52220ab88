"""Which sensors see a track now, of those that have ever seen it."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.fusion.picture import FusionState, initial, step
from vedette.fusion.seen import lately_s, seen_lately
from vedette.fusion.settings import FusionSettings
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

SETTINGS = FusionSettings()
START_NS = 1_758_265_080 * SECOND_NS


def told(sensor_id: str, second: float) -> pa.Table:
    return plots(
        sensor_id=[sensor_id], kind=["ads_b"], valid_ns=[START_NS + round(second * 1e9)],
        received_ns=[START_NS + round(second * 1e9)], latitude_deg=[56.0],
        longitude_deg=[12.0 + 0.002 * second], icao24=pa.array([0x4CA123], pa.uint32()),
    )  # fmt: skip


def sensors(*periods_s: float) -> tuple[Sensor, ...]:
    return tuple(
        Sensor(sensor_id=f"s{k}", kind="ads_b", latitude_deg=56, longitude_deg=12, range_sigma_m=30.0,
               period_s=period_s, detection_probability=0.99)
        for k, period_s in enumerate(periods_s)
    )  # fmt: skip


def watched(
    sites: tuple[Sensor, ...], last_s: list[float], seconds: int
) -> tuple[FusionState, pa.Table, dict[int, tuple[str, ...]]]:
    """One aircraft, seen by each sensor in its period until it falls silent; who sees it, second by second."""
    state, found, tracks = initial(SETTINGS), {}, None
    for second in range(seconds + 1):
        heard = [
            told(site.sensor_id, second - 0.01 * k)
            for k, site in enumerate(sites)
            if second % site.period_s == 0 and second <= last_s[k]
        ]
        now_ns = START_NS + second * SECOND_NS
        table = pa.concat_tables([told("s0", 0.0).slice(0, 0), *heard])
        state, output = step(SETTINGS, state, table, sites, now_ns)
        tracks = output.tracks
        for name in tracks.column("track_id").to_pylist():
            found[second] = seen_lately(state, [name], now_ns)[name]
    assert tracks is not None
    return state, tracks, found


@settings(max_examples=4, deadline=None)
@given(st.sampled_from([1.0, 4.0, 10.0]), st.integers(20, 60))
def test_a_sensor_counts_until_it_has_missed_a_few_turns_and_no_longer(
    period_s: float, falls_silent_s: int
) -> None:
    sites = sensors(1.0, period_s)
    state, tracks, found = watched(sites, [200.0, falls_silent_s], 110)
    last_s = falls_silent_s // period_s * period_s
    for second in range(12, 111):
        assert ("s1" in found[second]) == (second - last_s + 0.01 <= lately_s(period_s))
        assert "s0" in found[second]
    # the table tells of both, however long ago
    assert tracks.column("sensors").to_pylist() == [["s0", "s1"]]
    again = seen_lately(state, ["T000000000000", "no track", ""], START_NS + 110 * SECOND_NS)
    assert again == {"T000000000000": (), "no track": (), "": ()}


def test_a_question_changes_nothing_and_each_of_some_tracks_has_its_answer() -> None:
    state, tracks, _ = watched(sensors(1.0, 4.0), [50.0, 50.0], 30)
    now_ns = START_NS + 30 * SECOND_NS
    before = [state.memory.ints.copy(), state.memory.sights.copy()]
    (name,) = tracks.column("track_id").to_pylist()
    asked = seen_lately(state, ["TZZZZZZZZZZZZ", name, name], now_ns)
    assert asked == {"TZZZZZZZZZZZZ": (), name: ("s0", "s1")}
    for kept, now in zip(before, [state.memory.ints, state.memory.sights], strict=True):
        np.testing.assert_array_equal(kept, now)
    assert seen_lately(initial(SETTINGS), [name], now_ns) == {name: ()}
    # of what has ended nobody sees anything
    _, gone = step(SETTINGS, state, told("s0", 0.0).slice(0, 0), sensors(1.0, 4.0), now_ns + 10**12)
    assert gone.tracks.column("status").to_pylist() == ["ended"]
    assert seen_lately(state, [name], now_ns) == {name: ()}


@pytest.mark.parametrize("period_s", [0.5, 1.0, 4.0, 12.0, 60.0])
def test_the_bound_is_a_few_turns(period_s: float) -> None:
    assert lately_s(period_s) >= 3.0 * period_s
    assert lately_s(period_s) <= max(3.0 * period_s, 10.0)
