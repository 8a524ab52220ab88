"""What a track learns from where, and when it moves in which way."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.bench.fusion.watching import watch
from vedette.fusion import _layout as c
from vedette.fusion._life import overhead
from vedette.fusion.picture import FusionState, initial, step
from vedette.fusion.settings import FusionSettings
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import no_plots, plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.scene.flight import START_NS
from vedette.sim.scene.scene import make
from vedette.sim.scene.settings import Field, SceneSettings, Traffic

SETTINGS = FusionSettings()
DEGREE_M = 111_195.0
BROADCAST = Sensor(
    sensor_id="broadcast", kind="ads_b", latitude_deg=56, longitude_deg=12, range_sigma_m=20.0,
    period_s=1.0,
)  # fmt: skip
RADAR = Sensor(
    sensor_id="radar", kind="psr", latitude_deg=56.0, longitude_deg=12.0, height_hae_m=50.0,
    period_s=4.0, range_sigma_m=70.0, azimuth_sigma_rad=0.0014,
)  # fmt: skip
ALONE = FusionSettings(register_range_m=0.0, register_azimuth_rad=0.0, register_time_s=0.0)


def placed(
    second: float, north_m: float, *, east_m: float = 0.0, sensor_id: str = "broadcast",
    kind: str = "ads_b", **more: object,
) -> pa.Table:  # fmt: skip
    """A report of a place so far from 56° N 12° E."""
    instant = START_NS + round(second * 1e9)
    return plots(
        sensor_id=[sensor_id], kind=[kind], valid_ns=[instant], received_ns=[instant],
        latitude_deg=[56.0 + north_m / DEGREE_M],
        longitude_deg=[12.0 + east_m / DEGREE_M / np.cos(np.radians(56.0))],
        **{name: [value] for name, value in more.items()},
    )  # fmt: skip


def echo(second: float, range_m: float, azimuth_rad: float = 0.5, **more: object) -> pa.Table:
    instant = START_NS + round(second * 1e9)
    return plots(
        sensor_id=["radar"], kind=["psr"], valid_ns=[instant], received_ns=[instant],
        range_m=[range_m], azimuth_rad=[azimuth_rad], height_hae_m=[9_000.0],
        **{name: [value] for name, value in more.items()},
    )  # fmt: skip


class Story:
    """A picture to which plots are told second by second."""

    def __init__(self, *sensors: Sensor, settings: FusionSettings = SETTINGS) -> None:
        self.sensors, self.settings = sensors, settings
        self.state: FusionState = initial(settings)
        self.second = -1

    def tell(self, *parts: pa.Table, seconds: int = 1) -> pa.Table:
        """Plots of the next second; the picture after so many."""
        for _ in range(seconds):
            self.second += 1
            table = pa.concat_tables(parts) if parts else no_plots()
            self.state, output = step(
                self.settings, self.state, table, self.sensors,
                START_NS + self.second * SECOND_NS,
            )  # fmt: skip
            parts = ()
        return output.tracks

    @property
    def row(self) -> int:
        """Where the one track is kept."""
        m = self.state.memory
        alive = np.flatnonzero(np.isin(m.ints[:, c.STATUS], (c.TENTATIVE, c.CONFIRMED)))
        assert len(alive) == 1
        return int(alive[0])

    @property
    def group(self) -> int:
        return int(self.state.memory.ints[self.row, c.GROUP])

    @property
    def weights(self) -> np.ndarray:
        return np.asarray(self.state.memory.states[self.row, c.WEIGHT])

    @property
    def doubt(self) -> float:
        """One less existence."""
        return 1.0 - float(self.state.memory.floats[self.row, c.R])


def variances(tracks: pa.Table) -> tuple[float, float]:
    """Of place and velocity, mean of both axes."""
    (packed,) = tracks.column("covariance").to_pylist()
    return (packed[0] + packed[4]) / 2.0, (packed[7] + packed[9]) / 2.0


# ------------------------------------------------------------------ sets of motions


@pytest.mark.parametrize(
    ("speed_mps", "lane", "name"), [(250.0, 0, "fast"), (890.0, 0, "fast"), (4.0, 1, "slow")]
)
def test_a_newborn_is_fast_or_slow_and_nothing_else_until_its_third_plot(
    speed_mps: float, lane: int, name: str
) -> None:
    story = Story(BROADCAST)
    assert SETTINGS.birth_motions[lane].name == name
    for second in range(3):
        story.tell(placed(second, speed_mps * second))
        assert story.group == (c.NEWBORN if second < 2 else c.MOVING)
        if second == 1:
            assert story.weights[lane] > 0.8
    assert story.weights.sum() == pytest.approx(1.0)


def test_what_slows_down_gets_the_slow_motions_and_what_speeds_up_loses_them() -> None:
    story, north_m, groups = Story(BROADCAST), 0.0, []
    # the way of a helicopter: on course, a hover, on course
    speeds = [60.0] * 20 + list(np.linspace(60.0, 0.0, 20)) + [0.0] * 30
    speeds += list(np.linspace(0.0, 60.0, 20)) + [60.0] * 20
    names = set()
    for second, speed in enumerate(speeds):
        north_m += speed
        rows = story.tell(placed(second, north_m))
        names.update(rows.column("track_id").to_pylist())
        groups.append(story.group)
    assert groups[19] == c.MOVING
    assert groups[60] == c.SLOWLY
    assert groups[-1] == c.MOVING
    assert np.count_nonzero(np.diff(groups)) == 3  # newborn, moving, slow, moving: no to and fro
    assert len(names) == 1


def test_without_slow_motions_what_hovers_keeps_those_of_what_flies() -> None:
    story = Story(BROADCAST, settings=FusionSettings(slow_motions=()))
    for second in range(40):
        story.tell(placed(second, 0.0))
    assert story.group == c.MOVING


# ------------------------------------------------------------------ range rate


def test_a_range_rate_tells_the_speed_before_two_turns_can() -> None:
    ground = (
        0.9991  # share of a level speed that is seen along the slant at 9 km of height and 200 km
    )
    errors: dict[bool, list[float]] = {True: [], False: []}
    spreads: dict[bool, list[float]] = {True: [], False: []}
    for seed in range(6):
        noise = np.random.default_rng(seed).normal(0.0, (70.0, 0.0014, 1.0), (4, 3))
        for told in (True, False):
            story = Story(RADAR, settings=ALONE)
            for turn in range(4):
                more = {"range_rate_mps": 230.0 * ground + noise[turn, 2]} if told else {}
                tracks = story.tell(
                    echo(4.0 * turn, 200_000.0 + 920.0 * turn * ground + noise[turn, 0],
                         0.5 + noise[turn, 1], **more),
                    seconds=1,
                )  # fmt: skip
                if turn < 3:
                    tracks = story.tell(seconds=3)
            row = tracks.to_pylist()[0]
            along = row["east_mps"] * np.sin(0.5) + row["north_mps"] * np.cos(0.5)
            errors[told].append(along - 230.0)
            spreads[told].append(variances(tracks)[1])
    assert np.sqrt(np.mean(np.square(errors[True]))) < 0.5 * np.sqrt(
        np.mean(np.square(errors[False]))
    )
    assert np.mean(spreads[True]) < 0.9 * np.mean(spreads[False])


def test_a_range_rate_that_is_folded_is_put_aside() -> None:
    story = Story(RADAR, settings=ALONE)
    for turn in range(6):
        rate = 230.0 if turn < 5 else -170.0
        story.tell(echo(4.0 * turn, 200_000.0 + 920.0 * turn, range_rate_mps=rate))
        tracks = story.tell(seconds=3)
    row = tracks.to_pylist()[0]
    assert row["east_mps"] * np.sin(0.5) + row["north_mps"] * np.cos(0.5) > 215.0


@given(
    st.floats(-0.7, 0.7), st.floats(-1.2, 1.2), st.floats(-400.0, 400.0), st.floats(500.0, 12_000.0)
)
def test_a_range_rate_and_then_the_height_leave_no_variance_below_nothing(
    north_deg: float, east_deg: float, rate_mps: float, height_m: float
) -> None:
    """Of a track whose height nobody has told: a rate tells of both, by how they hang together."""
    told = Sensor(
        sensor_id="told", kind="mode_s", latitude_deg=56.3, longitude_deg=12.4, period_s=4.0
    )
    story = Story(RADAR, told, settings=ALONE)
    for second, sensor, more in (
        (0, RADAR, {}), (1, told, {"range_rate_mps": [rate_mps], "pressure_altitude_m": [height_m]}),
    ):  # fmt: skip
        site = (sensor.latitude_deg, sensor.longitude_deg, sensor.height_hae_m)
        place = np.array([[56.0 + north_deg, 12.0 + east_deg, height_m]])
        range_m, azimuth_rad, _ = geodetic_to_polar(site, place)[0]
        instant = START_NS + second * SECOND_NS
        story.tell(
            plots(
                sensor_id=[sensor.sensor_id], kind=[sensor.kind], valid_ns=[instant],
                received_ns=[instant], range_m=[range_m], azimuth_rad=[azimuth_rad], **more,
            )
        )  # fmt: skip
    m = story.state.memory
    for row in np.flatnonzero(m.ints[:, c.STATUS] != c.FREE):
        for lane in m.states[row].T:
            covariance = np.zeros((4, 4))
            covariance[np.triu_indices(4)] = lane[4:14]
            covariance += np.triu(covariance, 1).T
            assert np.linalg.eigvalsh(covariance)[0] > -1e-6 * np.abs(covariance).max()


# ------------------------------------------------------------------ tracks of others


def told_by_others(kind: str, seconds: int = 60) -> tuple[float, float]:
    """Standard deviation of the place while one other tracker repeats itself, and its error."""
    source = Sensor(
        sensor_id="other", kind=kind, latitude_deg=56.0, longitude_deg=12.0, range_sigma_m=150.0,
        period_s=1.0,
    )  # fmt: skip
    story, least = Story(source), np.inf
    for second in range(seconds):
        # off by one sigma, and always the same way
        tracks = story.tell(
            placed(second, 200.0 * second, east_m=150.0, sensor_id="other", kind=kind)
        )
        least = min(least, variances(tracks)[0] ** 0.5)
    row = tracks.to_pylist()[0]
    east_m = (row["longitude_deg"] - 12.0) * DEGREE_M * np.cos(np.radians(56.0))
    return least, abs(east_m)


def test_what_another_tracker_repeats_is_not_counted_twice() -> None:
    sigma_m, error_m = told_by_others("track")
    assert error_m == pytest.approx(150.0, abs=20.0)
    assert sigma_m > 0.95 * 150.0
    # the same as plots, whose errors are new each time, would be believed to a fraction
    assert told_by_others("mlat")[0] < 0.5 * 150.0


def test_a_good_track_is_not_widened_by_a_poor_report_of_others() -> None:
    other = Sensor(
        sensor_id="other", kind="track", latitude_deg=56.0, longitude_deg=12.0,
        range_sigma_m=500.0, period_s=1.0,
    )  # fmt: skip
    alone, both = Story(BROADCAST, other), Story(BROADCAST, other)
    for second in range(40):
        own = placed(second, 200.0 * second, icao24=1)
        foreign = placed(second, 200.0 * second + 300.0, sensor_id="other", kind="track", icao24=1)
        without = variances(alone.tell(own))[0]
        merged = both.tell(own, foreign)
        assert merged.num_rows == 1
        assert variances(merged)[0] < 1.3 * without + 1.0


def test_a_foreign_track_helps_where_it_knows_what_we_do_not() -> None:
    # a radar at 300 km knows the range to 70 m and the other axis to 420 m; others know both to 200 m
    other = Sensor(
        sensor_id="other", kind="track", latitude_deg=56.0, longitude_deg=12.0,
        range_sigma_m=200.0, period_s=4.0,
    )  # fmt: skip
    alone, both = Story(RADAR, other, settings=ALONE), Story(RADAR, other, settings=ALONE)
    at = 300_000.0
    for turn in range(8):
        seen = echo(4.0 * turn, at, np.pi / 2.0)
        without = alone.tell(seen)
        if turn == 0:
            row = without.to_pylist()[0]
            north_m = (row["latitude_deg"] - 56.0) * DEGREE_M
            east_m = (row["longitude_deg"] - 12.0) * DEGREE_M * np.cos(np.radians(56.0))
        merged = both.tell(
            seen, placed(4.0 * turn, north_m, east_m=east_m, sensor_id="other", kind="track")
        )
        if turn < 7:
            alone.tell(seconds=3)
            both.tell(seconds=3)
    assert merged.num_rows == 1
    assert variances(merged)[0] < 0.6 * variances(without)[0]


def test_two_sources_of_their_own_errors_are_better_than_one() -> None:
    second = Sensor(
        sensor_id="second", kind="mlat", latitude_deg=56.0, longitude_deg=12.0, range_sigma_m=20.0,
        period_s=1.0,
    )  # fmt: skip
    alone, both = Story(BROADCAST, second), Story(BROADCAST, second)
    for at in range(30):
        own = placed(at, 200.0 * at, icao24=1)
        without = alone.tell(own)
        merged = both.tell(own, placed(at, 200.0 * at, sensor_id="second", kind="mlat", icao24=1))
    assert variances(merged)[0] < 0.75 * variances(without)[0]


# ------------------------------------------------------------------ what is not seen


def test_the_cone_of_silence_ends_where_its_angle_says() -> None:
    sensor, view = np.zeros(c.SENSOR_FLOATS), np.zeros(c.ROW)
    sensor[c.S_X], sensor[c.S_H], view[c.H] = 6_378_137.0, 0.0, 10_000.0
    for ground_m, inside in ((0.0, True), (7_900.0, True), (8_100.0, False), (50_000.0, False)):
        circle = np.array([6_378_137.0, ground_m, 0.0, 0.0])
        assert overhead(circle, view, sensor) is inside
    view[c.H] = -20.0  # below the antenna nothing is overhead
    assert not overhead(np.array([6_378_137.0, 1.0, 0.0, 0.0]), view, sensor)


def test_silence_overhead_says_little_of_what_silence_elsewhere_says() -> None:
    doubts = []
    for ground_m in (4_000.0, 60_000.0):  # a balloon at 9 km, in the cone of 7.2 km and far from it
        story = Story(RADAR)
        for turn in range(12):
            story.tell(echo(4.0 * turn, float(np.hypot(ground_m, 8_950.0))))
            story.tell(seconds=3)
        assert story.doubt < 1e-5
        before = story.doubt
        story.tell(seconds=11)
        doubts.append(story.doubt / before)
    assert 1.0 < doubts[0] < 1.6
    assert doubts[1] > 8.0


def test_what_was_not_seen_overhead_is_expected_again_beyond() -> None:
    story = Story(RADAR)
    for turn in range(12):
        story.tell(echo(4.0 * turn, float(np.hypot(4_000.0, 8_950.0))))
        story.tell(seconds=3)
    expected = float(story.state.memory.detection[story.row, 0])
    story.tell(seconds=11)
    assert float(story.state.memory.detection[story.row, 0]) == pytest.approx(expected)


def test_false_plots_alone_make_no_track_in_ten_minutes() -> None:
    scene = make(
        SceneSettings(
            traffic=Traffic(objects=0), duration_s=600,
            field=Field(radars=3, side_m=300_000.0, false_plots=30.0, period_s=5.0),
        ),
        3,
    )  # fmt: skip
    seen = watch(scene, SETTINGS, keep_s=5.0)
    assert seen.plots > 9_000
    assert seen.tracks.num_rows == 0
