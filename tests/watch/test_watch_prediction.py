"""Predictions: laws of the probabilities, and whether they come true."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.bench import entries, watch_prediction
from vedette.bench import watch as scenes
from vedette.model.time import SECOND_NS
from vedette.watch.membership import Picture
from vedette.watch.moments import moment_of
from vedette.watch.prediction import PREDICTION, predict
from vedette.watch.restless import restless_radps

HALF = scenes.index(
    scenes.area("half", [(-400e3, 0.0), (400e3, 0.0), (400e3, 300e3), (-400e3, 300e3)])
)


def table(north_m, course_rad, speed_mps, sigma_m=60.0, sigma_mps=4.0):
    count = len(north_m)
    state = np.zeros((1, count, 4))
    state[0, :, 1] = north_m
    state[0, :, 2] = speed_mps * np.sin(course_rad)
    state[0, :, 3] = speed_mps * np.cos(course_rad)
    covariance = np.broadcast_to(
        np.diag([sigma_m**2, sigma_m**2, sigma_mps**2, sigma_mps**2]), (1, count, 4, 4)
    )
    seen = scenes.Seen(np.array([0.0]), state, covariance, np.array([0.0]))
    return scenes.row_table(seen, 0, [f"T{k}" for k in range(count)])


@settings(deadline=None, max_examples=25)
@given(
    st.floats(min_value=1_000, max_value=100_000),
    st.floats(min_value=-math.pi, max_value=math.pi),
    st.floats(min_value=20, max_value=600),
)
def test_more_time_never_makes_an_entry_less_likely(away_m, course_rad, speed_mps):
    found = predict(table(np.array([-away_m]), course_rad, speed_mps), HALF)
    assert found.schema == PREDICTION
    chances = found.column("probability").to_numpy()
    assert np.all(np.diff(chances) >= -1e-12)
    assert np.all((chances >= 0.0) & (chances <= 1.0))


def test_straight_at_the_border_is_likely_and_away_from_it_is_not():
    places = table(np.array([-9_000.0, -9_000.0]), np.array([0.0, math.pi]), 250.0)
    found = predict(places, HALF, (60.0,)).to_pylist()
    assert found[0]["probability"] > 0.85
    assert found[1]["probability"] < 0.06
    eta_s = (found[0]["eta_ns"] - scenes.START_NS) / SECOND_NS
    assert eta_s == pytest.approx(36.0, abs=1.5)
    assert found[0]["eta_low_ns"] < found[0]["eta_ns"] < found[0]["eta_high_ns"]
    assert found[1]["eta_ns"] is None


def test_what_cannot_reach_a_zone_or_is_inside_it_has_no_row():
    places = table(np.array([-200_000.0, 5_000.0]), 0.0, 250.0)
    assert predict(places, HALF, (120.0,)).num_rows == 0


def test_flights_that_turn_as_assumed_enter_as_often_as_predicted():
    """Flights drawn by other code from the shipped parameters; the stated shares must come out."""
    zones = watch_prediction.squares()
    found = entries.scored(watch_prediction.wanderers(120, 5), zones, every_s=120.0)
    straight = np.zeros(found.stated.shape, dtype=bool)
    for one in entries.reliability(found, straight):
        # flights are few and seen several times: three standard errors of a hundred independent ones
        assert one.error < 0.08
        assert one.brier < one.brier_climate


def test_a_way_that_is_known_is_followed():
    """Flying north-east along a border, a plan that turns north over it makes the entry certain."""
    places = table(np.array([-5_000.0]), math.pi / 2, 200.0)
    along, over = (
        [scenes.plane()(x, y, inverse=True)[::-1] for x, y in points]
        for points in (((-20e3, -5e3), (150e3, -5e3)), ((-20e3, -5e3), (12e3, -5e3), (12e3, 60e3)))
    )
    free, kept, crossing = (
        predict(places, HALF, (300.0,), routes=routes).column("probability")[0].as_py()
        for routes in (None, {"T0": tuple(along)}, {"T0": tuple(over)})
    )
    assert kept < free < crossing
    assert crossing > 0.9


def test_a_balloon_goes_where_the_wind_goes():
    places = table(np.array([-6_000.0]), math.pi / 2, 12.0)  # drifting east, in a layer of its own
    calm = predict(places, HALF, (600.0,), adrift=("T0",))
    wind = np.array([[0.0, 12.0, 0.0], [8_900.0, 12.0, 0.0], [9_100.0, 0.0, 20.0]])
    climbing = changed_up(places, 5.0)
    carried = predict(climbing, HALF, (600.0,), adrift=("T0",), wind=wind)
    assert calm.num_rows == 0 or calm.column("probability")[0].as_py() < 0.15
    assert carried.column("probability")[0].as_py() > 0.7
    with pytest.raises(ValueError, match="rising"):
        predict(places, HALF, (600.0,), wind=wind[::-1])


def changed_up(places, up_mps):
    position = places.schema.get_field_index("up_mps")
    column = pa.array([up_mps] * places.num_rows, pa.float64())
    return places.set_column(position, places.schema.field(position), column)


@settings(deadline=None, max_examples=20)
@given(
    st.floats(min_value=2_000, max_value=40_000),
    st.floats(min_value=100, max_value=5_000),
    st.floats(min_value=-math.pi, max_value=math.pi),
)
def test_the_farther_from_a_straight_border_the_less_likely_to_enter(away_m, more_m, course_rad):
    found = predict(table(np.array([-away_m, -away_m - more_m]), course_rad, 180.0), HALF, (300.0,))
    chances = dict.fromkeys(("T0", "T1"), 0.0) | dict(
        zip(
            found.column("track_id").to_pylist(),
            found.column("probability").to_pylist(),
            strict=True,
        )
    )
    assert chances["T1"] <= chances["T0"] + 1e-12


@pytest.mark.parametrize("horizons_s", [(), (0.0,), (601.0,), (60.0, -1.0)])
def test_horizons_outside_ten_minutes_are_refused(horizons_s):
    with pytest.raises(ValueError, match="horizons"):
        predict(table(np.array([-9_000.0]), 0.0, 250.0), HALF, horizons_s)


def scored(entry_s):
    count = len(entry_s)
    one, wide = np.zeros(count, dtype=np.int64), np.ones((count, 1))
    return entries.Scored(
        one,
        np.arange(count),
        one,
        one,
        wide,
        wide > 0.0,
        wide > 0.0,
        np.array(entry_s, dtype=float),
    )


def test_an_entry_right_after_another_is_not_one_that_could_be_foreseen():
    in_sight = [10.0 * k + 5.0 for k in range(20, -1, -1)]
    clipped = scored([*in_sight, 15.0, 5.0])  # it was inside between two states, and comes back
    apart = scored([*in_sight, *in_sight])
    always = np.ones(len(clipped.at), dtype=np.bool_)
    assert entries.alerts(clipped, always, 0.0).caught == 1.0
    silent = np.zeros(len(apart.at), dtype=np.bool_)
    late = silent.copy()
    late[:21] = True  # it warns of the first of two entries far enough from each other
    assert entries.alerts(apart, late, 0.0).caught == 0.5


def orbits(turns_radps, seconds, *, sigma_mps=1.0):
    """Pictures, a second apart, of objects at 40 m/s that turn steadily."""
    times_s = np.arange(float(seconds))
    course = np.asarray(turns_radps)[None, :] * times_s[:, None]
    state = np.zeros((len(times_s), len(turns_radps), 4))
    state[:, :, 2], state[:, :, 3] = 40.0 * np.sin(course), 40.0 * np.cos(course)
    sigma = np.diag([400.0, 400.0, sigma_mps**2, sigma_mps**2])
    covariance = np.broadcast_to(sigma, (len(times_s), len(turns_radps), 4, 4))
    seen = scenes.Seen(times_s, state, covariance, times_s)
    names = [f"T{k}" for k in range(len(turns_radps))]
    pictures = [Picture.of(scenes.row_table(seen, k, names)) for k in range(len(times_s))]
    row_of = {name: row for row, name in enumerate(names)}
    noise, measured = np.zeros(len(names)), np.ones(len(names), dtype=np.bool_)
    return [moment_of(one, noise, row_of, measured) for one in pictures[:-1]], pictures[-1]


@settings(deadline=None, max_examples=15)
@given(
    st.lists(st.floats(min_value=-0.2, max_value=0.2), min_size=1, max_size=4),
    st.integers(min_value=45, max_value=96),
)
def test_a_steady_turn_is_as_restless_as_it_turns(turns_radps, seconds):
    moments, now = orbits(turns_radps, seconds)
    found = restless_radps(moments, now, np.arange(len(turns_radps)))
    for turn, one in zip(turns_radps, found.tolist(), strict=True):
        # 10 s apart; what the velocities cannot tell from straight counts as straight
        least = 2.0 * math.sqrt(2.0) * 1.0 / 40.0 / 10.0
        assert one == pytest.approx(abs(turn), abs=1e-3) or (abs(turn) < 1.1 * least and one == 0.0)


def test_of_a_short_history_nothing_is_said_and_noise_is_no_turn():
    moments, now = orbits([0.1], 25)
    assert np.isnan(restless_radps(moments, now, np.array([0])))[0]
    assert np.isnan(restless_radps([], now, np.array([0])))[0]
    moments, now = orbits([0.02], 90, sigma_mps=20.0)
    assert restless_radps(moments, now, np.array([0]))[0] == 0.0
    # a track that has just begun is not in the pictures before
    moments, now = orbits([0.1], 90)
    moments = [one._replace(row_of={}) for one in moments[:75]] + moments[75:]
    assert np.isnan(restless_radps(moments, now, np.array([0])))[0]


@settings(deadline=None, max_examples=15)
@given(st.floats(min_value=15.0, max_value=110.0), st.floats(min_value=1.6, max_value=20.0))
def test_what_turned_a_lot_is_less_sure_to_go_on_straight(speed_mps, turned_dps):
    places = table(np.array([-50.0 * speed_mps] * 2), 0.0, speed_mps, 20.0, 1.0)
    quiet_and_not = np.radians([0.0, turned_dps])
    found = predict(places, HALF, (60.0,), restless_radps=quiet_and_not).to_pylist()
    assert found[1]["probability"] < found[0]["probability"] - 0.1
