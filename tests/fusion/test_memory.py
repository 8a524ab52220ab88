"""What the picture remembers: of a new track or sensor nothing, who has seen a track, what has come before."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vedette.fusion import _layout as c
from vedette.fusion.memory import Memory
from vedette.fusion.order import Known
from vedette.fusion.track_table import Spelling, seen_by


def test_a_new_sensor_has_seen_no_track_and_a_new_track_was_seen_by_none() -> None:
    memory = Memory()
    memory.reserve(4, 2)
    memory.sights[:, :, c.HIT] = memory.sights[:, :, c.DUE] = 1_000
    memory.chances[:, :, c.CHANCE] = 0.9
    for rows, sensors in ((4, 5), (9, 5), (12, 7)):
        memory.reserve(rows, sensors)
        known = np.zeros((rows, sensors), np.bool_)
        known[:4, :2] = True
        for times in (memory.hit, memory.due):
            np.testing.assert_array_equal(times, np.where(known, 1_000, c.NEVER_MS))
        np.testing.assert_array_equal(memory.detection, np.where(known, np.float32(0.9), 0.5))
        assert (memory.heard == c.NEVER).all()


def test_a_new_sensor_denies_no_track_and_is_not_among_those_that_have_seen_it() -> None:
    from vedette.fusion.picture import initial, step
    from vedette.fusion.settings import FusionSettings
    from vedette.model.plot import no_plots, plots
    from vedette.model.sensor import Sensor

    first = Sensor(sensor_id="b", kind="psr", latitude_deg=59.4, longitude_deg=24.8, period_s=4.0)
    other = Sensor(sensor_id="a", kind="psr", latitude_deg=59.0, longitude_deg=24.0, period_s=4.0)
    settings = FusionSettings()
    state = initial(settings)
    for turn in range(5):
        now_ns = turn * 4_000_000_000
        seen = plots(
            sensor_id=["b"], kind=["psr"], valid_ns=[now_ns], received_ns=[now_ns],
            range_m=[100_000.0 + 1_000.0 * turn], azimuth_rad=[0.7], pressure_altitude_m=[9_000.0],
        )  # fmt: skip
        state, _ = step(settings, state, seen, (first,), now_ns)
    now_ns += 1_000_000_000
    existence = state.memory.floats[0, c.R]
    state, output = step(settings, state, no_plots(), (first, other), now_ns)
    assert output.tracks.column("sensors").to_pylist() == [["b"]]
    assert state.memory.floats[0, c.R] == existence
    assert state.memory.hit[0].tolist()[1:] == [c.NEVER_MS]


@pytest.mark.parametrize("number", [3, c.SEERS_MAX - 1, c.SEERS_MAX, c.SEERS_MAX + 40])
def test_the_latest_time_of_a_sensor_stays(number: int) -> None:
    memory = Memory()
    memory.reserve(2, c.SEERS_MAX + 64)
    memory.mark_seen(np.array([1]), np.array([number]), 5_000)
    memory.mark_seen(np.array([1]), np.array([number]), 4_000)
    assert memory.hit[1, number] == memory.due[1, number] == 5_000


@given(
    names=st.one_of(
        st.lists(st.text(max_size=20), min_size=1, max_size=20, unique=True),
        # numbered as they are named, and more than have a bit of their own
        st.integers(1, c.SEERS_MAX + 64).map(lambda n: [f"radar-{k:03}" for k in range(n)]),
    ),
    data=st.data(),
)
def test_who_has_seen_a_track_is_told_by_name(names: list[str], data: st.DataObject) -> None:
    names = [name.encode("utf-8", "replace").decode() for name in names]
    assume(len(set(names)) == len(names))
    memory = Memory()
    memory.reserve(5, len(names))
    memory.ints[:, c.SEERS :] = 0
    seers = st.sets(st.integers(0, len(names) - 1))
    seen = [data.draw(seers) for _ in range(5)]
    for row, sensors in enumerate(seen):
        for sensor in sensors:
            memory.mark_seen(np.array([row]), np.array([sensor]), 5_000)
    rows = np.array(data.draw(st.lists(st.integers(0, 4), min_size=1, unique=True)))
    order = np.array(data.draw(st.permutations(range(len(rows)))))
    told = seen_by(memory, rows[order], {name: number for number, name in enumerate(names)})
    told.validate(full=True)
    wanted = [sorted(names[sensor] for sensor in seen[row]) for row in rows[order]]
    assert told.to_pylist() == wanted


@given(
    texts=st.lists(st.text(max_size=20), min_size=1, max_size=6),
    data=st.data(),
)
def test_codes_are_told_by_the_texts_that_they_stand_for(
    texts: list[str], data: st.DataObject
) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    some = st.lists(st.integers(0, len(texts) - 1), max_size=4)
    parts = data.draw(st.lists(some, min_size=1, max_size=5))
    codes = np.array(data.draw(st.lists(st.integers(0, len(parts) - 1))), np.int64)
    lists, told = Spelling(texts, parts).spell(codes)
    column = pa.ListArray.from_arrays(lists, told)
    column.validate(full=True)
    assert column.to_pylist() == [[texts[text] for text in parts[code]] for code in codes]


@given(
    known=st.lists(st.integers(0, 40), min_size=1, unique=True),
    asked=st.lists(st.integers(0, 40), min_size=1),
)
def test_what_comes_again_is_known_by_its_key_and_its_time(
    known: list[int], asked: list[int]
) -> None:
    def key(second: int) -> int:  # as a hash: no order of the times
        return second * 0x9E3779B97F4A7C15 % 2**64

    keys = np.sort(np.array([key(second) for second in known], np.uint64))
    before = Known(keys, min(known), max(known))
    found = before.holds(np.array([key(second) for second in asked], np.uint64), np.array(asked))
    assert found.tolist() == [second in known for second in asked]
