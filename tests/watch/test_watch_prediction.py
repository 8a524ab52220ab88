"""Predictions: laws of the probabilities, and whether they come true."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.bench import watch as scenes
from vedette.model.time import SECOND_NS
from vedette.watch.prediction import PREDICTION, predict

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


def test_objects_that_fly_as_assumed_enter_as_often_as_predicted():
    """Draw futures from the model: straight, or a quarter turn; the stated shares must come out."""
    rng = np.random.default_rng(7)
    count, horizon_s = 4_000, 120.0
    north_m = rng.uniform(-45_000.0, -3_000.0, count)
    course = rng.uniform(-math.pi, math.pi, count)
    speed = rng.uniform(80.0, 300.0, count)
    found = predict(table(north_m, course, speed, 60.0, 4.0), HALF, (horizon_s,))
    row = np.array([int(t[1:]) for t in found.column("track_id").to_pylist()])
    chance = np.zeros(count)
    chance[row] = found.column("probability").to_numpy()
    times_s = np.arange(1.0, horizon_s + 1.0)
    kind = rng.choice([0.0, 1.0, -1.0], p=[0.9, 0.05, 0.05], size=count)
    turned = np.minimum(times_s, 30.0) * math.radians(3.0)
    velocity = (
        np.array([np.sin(course), np.cos(course)]) * speed + rng.normal(size=(2, count)) * 4.0
    )
    heading = np.arctan2(velocity[0], velocity[1])[:, None] + kind[:, None] * turned
    pace = np.hypot(*velocity)[:, None]
    north = (north_m + rng.normal(size=count) * 60.0)[:, None] + np.cumsum(
        pace * np.cos(heading), axis=1
    )
    entered = (north > rng.normal(size=(count, 1)) * 40.0).any(axis=1)
    for low, high in ((0.0, 0.02), (0.02, 0.2), (0.2, 0.85), (0.85, 1.01)):
        here = (chance >= low) & (chance < high)
        assert here.sum() > 20
        spread = 3.0 * math.sqrt(0.25 / here.sum())
        assert abs(chance[here].mean() - entered[here].mean()) < 0.05 + spread * (low > 0.1)


@pytest.mark.parametrize("horizons_s", [(), (0.0,), (601.0,), (60.0, -1.0)])
def test_horizons_outside_ten_minutes_are_refused(horizons_s):
    with pytest.raises(ValueError, match="horizons"):
        predict(table(np.array([-9_000.0]), 0.0, 250.0), HALF, horizons_s)
