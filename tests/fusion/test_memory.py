"""What the picture remembers when it grows: of a new track or a new sensor nothing is known."""

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion.memory import Memory


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
