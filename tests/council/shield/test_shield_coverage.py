"""What a shield covers: the horizon against known values and geometry, and laws of sets of sensors."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod
from shield_kit import PLAIN, proposal

from vedette.airspace.edges import EARTH_M, WGS84
from vedette.airspace.polygon import area_km2
from vedette.airspace.terrain import Terrain
from vedette.council.shield import coverage
from vedette.council.shield.leaving import departures, without
from vedette.council.shield.sight import (
    BENT_EARTH_M,
    Antenna,
    horizon_m,
    lowest_visible_m,
    outline,
    sight,
)
from vedette.council.shield.survey import Survey, layers_m, survey
from vedette.model.errors import ZoneError

SURVEYED = survey(proposal(), cells=150)
HEIGHTS = st.floats(0.0, 20_000.0)
Radar = tuple[float, float, float, float]


def with_sensors(sensors: list[Radar]) -> Survey:
    """A survey of invented radars: latitude, longitude, antenna, range."""
    radars = [
        {"name": f"s{k}", "kind": "psr", "latitude_deg": y, "longitude_deg": x, "antenna_amsl_m": h, "range_m": r}
        for k, (y, x, h, r) in enumerate(sensors)
    ]  # fmt: skip
    given_by = [{"state": "EST", "sensors": radars}, PLAIN["contributions"][2]]
    return survey(proposal(contributions=given_by), cells=60)


RADARS = st.lists(
    st.tuples(
        st.floats(58, 60), st.floats(24, 28), st.floats(0, 400), st.floats(1e3, 4e5)
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


def test_the_horizon_is_the_one_of_the_handbooks() -> None:
    """4.12 km times the root of the height in metres: the rule for a 4/3 Earth."""
    for height_m in (10.0, 100.0, 1_000.0, 10_000.0):
        assert float(horizon_m(height_m)) == pytest.approx(4_120.0 * math.sqrt(height_m), rel=2e-3)
    assert float(horizon_m(0.0)) == float(horizon_m(-5.0)) == 0.0


@given(st.floats(0.0, 3_000.0), st.floats(1.0, 20_000.0))
def test_the_lowest_visible_height_is_the_inverse_of_two_horizons(
    eye_m: float, height_m: float
) -> None:
    distance_m = float(horizon_m(eye_m) + horizon_m(height_m))
    assert float(lowest_visible_m(eye_m, np.array([distance_m]))[0]) == pytest.approx(
        height_m, rel=1e-6
    )


@given(st.floats(0.1, 3_000.0), st.floats(1e3, 5e5), st.floats(0.0, 20_000.0))
def test_the_horizon_agrees_with_a_line_in_space(
    eye_m: float, distance_m: float, height_m: float
) -> None:
    """An independent construction: does the straight segment between two points cut the (larger) sphere?"""
    theta = distance_m / BENT_EARTH_M
    a = np.array([0.0, BENT_EARTH_M + eye_m])
    b = (BENT_EARTH_M + height_m) * np.array([math.sin(theta), math.cos(theta)])
    share = np.clip(-(a @ (b - a)) / ((b - a) @ (b - a)), 0.0, 1.0)
    over_m = float(np.linalg.norm(a + share * (b - a))) - BENT_EARTH_M
    lowest = float(lowest_visible_m(eye_m, np.array([distance_m]))[0])
    if abs(height_m - lowest) > 0.5:  # metres from the tangent
        assert (over_m >= -1e-6) == (height_m > lowest)


def test_distance_is_geodesic_and_the_slant_is_straight() -> None:
    sensor = SURVEYED.sensors[0][1]
    geod = Geod(ellps="WGS84")
    seen = sight(sensor, np.array([59.35]), np.array([26.8]))
    expected = geod.inv(sensor.longitude_deg, sensor.latitude_deg, 26.8, 59.35)[2]
    assert seen.distance_m[0] == pytest.approx(expected, rel=1e-12)
    # the law of cosines in the plane of the arc
    a, b = EARTH_M + sensor.antenna_amsl_m, EARTH_M + 9_000.0
    slant = math.sqrt(a * a + b * b - 2 * a * b * math.cos(expected / EARTH_M))
    assert seen.slant_m(9_000.0)[0] == pytest.approx(slant, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(RADARS, HEIGHTS, st.data())
def test_coverage_never_grows_when_a_sensor_goes(
    sensors: list[Radar], height_m: float, data: st.DataObject
) -> None:
    full = with_sensors(sensors)
    kept = data.draw(st.lists(st.sampled_from(range(len(sensors))), unique=True))
    less = full.only(sorted(kept))
    assert (less.counts(height_m) <= full.counts(height_m)).all()
    one, other = coverage.layer(less, height_m), coverage.layer(full, height_m)
    assert one.one <= other.one
    assert one.two <= other.two
    assert one.gap_km2 >= other.gap_km2
    assert coverage.whole(less).one <= coverage.whole(full).one


@settings(max_examples=25, deadline=None)
@given(RADARS, HEIGHTS, st.data())
def test_the_coverage_of_two_groups_is_the_union_of_theirs(
    sensors: list[Radar], height_m: float, data: st.DataObject
) -> None:
    full = with_sensors(sensors)
    split = data.draw(st.integers(0, len(sensors)))
    first, second = full.only(list(range(split))), full.only(list(range(split, len(sensors))))
    either = (first.counts(height_m) >= 1) | (second.counts(height_m) >= 1)
    np.testing.assert_array_equal(full.counts(height_m) >= 1, either)
    np.testing.assert_array_equal(
        full.counts(height_m), first.counts(height_m) + second.counts(height_m)
    )


@given(HEIGHTS)
def test_seen_and_gap_make_the_whole(height_m: float) -> None:
    found = coverage.layer(SURVEYED, height_m)
    gap = coverage.gaps(SURVEYED, height_m)
    total = float(SURVEYED.cells.area_km2.sum())
    assert total == pytest.approx(area_km2(SURVEYED.outline), rel=1e-9)
    assert found.one * total + found.gap_km2 == pytest.approx(total, rel=1e-9)
    drawn = 0.0 if gap.is_empty else area_km2(gap)
    assert drawn == pytest.approx(found.gap_km2, rel=2e-3, abs=0.01)
    assert found.two <= found.one
    assert found.silent <= found.one


def test_a_receiver_of_replies_does_not_see_the_silent() -> None:
    alone = SURVEYED.only([1])
    assert alone.sensors[0][1].kind == "ads_b"
    assert coverage.layer(alone, 5_000.0).one > 0.9
    assert coverage.layer(alone, 5_000.0).silent == 0.0


def test_a_circle_of_known_area_is_covered_as_it_should_be() -> None:
    full = with_sensors([(59.2, 26.2, 100.0, 15_000.0)])
    fine = survey(full.proposal, cells=4_000)
    covered_km2 = coverage.layer(fine, 200.0).one * float(fine.cells.area_km2.sum())
    assert covered_km2 == pytest.approx(math.pi * 15.0**2, rel=0.02)


# ---------------------------------------------------------------------------- terrain


def ridge(height_m: int) -> Terrain:
    """Flat ground at sea level with a ridge along 26.5° E."""
    grid = np.zeros((201, 401), dtype=np.int16)
    longitude = 24.0 + np.arange(401) * 0.01
    grid[:, np.abs(longitude - 26.5) < 0.015] = height_m
    return Terrain(grid, 60.0, 24.0, (0.01, 0.01))


def test_flat_ground_at_the_sea_hides_nothing_more_than_the_sea() -> None:
    place = np.array([59.05, 59.2, 59.39]), np.array([25.6, 26.0, 26.8])
    sensor = SURVEYED.sensors[0][1]
    flat, sea = sight(sensor, *place, ridge(0)), sight(sensor, *place)
    np.testing.assert_allclose(flat.lowest_amsl_m, sea.lowest_amsl_m, atol=1e-6)


@pytest.mark.parametrize("height_m", [200, 500])
def test_a_ridge_casts_the_shadow_of_similar_triangles(height_m: int) -> None:
    sensor = SURVEYED.sensors[0][1]  # at 26.2 E, 150 m
    seen = sight(sensor, np.array([59.1]), np.array([26.8]), ridge(height_m))
    top_m = height_m  # half way: the line goes on as far behind the ridge as before it
    distance = float(seen.distance_m[0])
    bend = (
        0.5 * distance
    ) ** 2 / BENT_EARTH_M  # the sagitta, twice: at the ridge, seen from both ends
    expected = 2.0 * top_m - sensor.antenna_amsl_m + bend
    assert seen.lowest_amsl_m[0] == pytest.approx(expected, rel=0.06)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 140), st.integers(0, 600), HEIGHTS)
def test_higher_ground_never_shows_more(low_m: int, more_m: int, height_m: float) -> None:
    one = survey(proposal(), ridge(low_m), cells=40)
    two = survey(proposal(), ridge(low_m + more_m), cells=40)
    for a, b in zip(one.sights, two.sights, strict=True):
        assert (a.lowest_amsl_m <= b.lowest_amsl_m + 1e-6).all()
    assert (SURVEYED.with_terrain, one.with_terrain) == (False, True)


def test_air_within_the_ground_is_not_counted_and_an_antenna_in_it_is_refused() -> None:
    high = survey(proposal(), ridge(900), cells=400)
    assert (~high.air(500.0)).any()
    assert high.air(1_000.0).all()
    assert layers_m(high).min() > 0.0
    ground = Terrain(np.full((201, 401), 400, dtype=np.int16), 60.0, 24.0, (0.01, 0.01))
    with pytest.raises(ZoneError, match="hill: the antenna"):
        survey(proposal(), ground, cells=40)


# ---------------------------------------------------------------------------- reaction, cost, leaving


def test_the_time_to_look_is_readiness_and_the_way() -> None:
    alert = SURVEYED.alerts[0][1]
    times = coverage.soonest_s(SURVEYED)
    k = int(np.argmax(times))
    way_m = Geod(ellps="WGS84").inv(
        alert.longitude_deg, alert.latitude_deg,
        SURVEYED.cells.longitude_deg[k], SURVEYED.cells.latitude_deg[k],
    )[2]  # fmt: skip
    assert times[k] == pytest.approx(900.0 + way_m / 250.0)
    found = coverage.reaction(SURVEYED)
    assert found.longest_s == times[k]
    assert found.median_s is not None
    assert found.median_s <= times[k]
    shares = list(found.within.values())
    assert shares == sorted(shares)
    assert found.within["600"] == 0.0
    contour = coverage.reached(SURVEYED, 1_200.0)
    assert area_km2(contour) == pytest.approx(
        found.within["1200"] * SURVEYED.cells.area_km2.sum(), rel=1e-3
    )
    assert shapely.is_empty(coverage.reached(SURVEYED, 899.0))


def test_the_cost_is_the_stated_formula() -> None:
    found = coverage.cost(SURVEYED)
    assert (found.days, found.alert_hours, found.alert_sorties) == (30.0, 2 * 24 * 30, 2 * 30)
    half = proposal(
        contributions__2__alerts__0__hours_per_day=12, contributions__2__alerts__0__shift_hours=6
    )
    found = coverage.cost(survey(half, cells=10))
    assert (found.alert_hours, found.alert_sorties) == (720.0, 120.0)


def test_who_leaves_takes_what_it_gave_and_nothing_else() -> None:
    rows = {row.state: row for row in departures(SURVEYED)}
    assert set(rows) == {None, "EST", "LVA", "DEU"}
    for state in ("EST", "LVA", "DEU"):
        # the same as a proposal that never had it
        rest = [one for one in PLAIN["contributions"] if one["state"] != state]
        assert rows[state].figures == coverage.figures(
            survey(proposal(contributions=rest), cells=150)
        )
        assert rows[state].host == (state == "EST")
    assert rows["DEU"].figures.reaction.median_s is None
    assert rows["DEU"].takes == ("west",)
    assert rows["LVA"].takes == ("south", "field")
    assert without(SURVEYED, "FRA").figures == rows[None].figures


@settings(deadline=None, max_examples=20)
@given(
    st.floats(-60, 75), st.floats(-179, 179), st.floats(5, 900), st.floats(0, 12_000), st.floats(20e3, 460e3),
)  # fmt: skip
def test_an_outline_is_as_far_as_is_seen_and_no_farther(
    latitude: float, longitude: float, antenna_m: float, height_m: float, range_m: float
) -> None:
    antenna = Antenna(latitude, longitude, antenna_m, range_m)
    points = outline(antenna, height_m, azimuths=12)
    assert points.shape == (12, 2)
    seen = sight(antenna, points[:, 1], points[:, 0])
    assert seen.sees(height_m).all()
    step_m = min(range_m, horizon_m(antenna_m) + horizon_m(height_m) + 1e3) / 300.0
    azimuth, _, distance_m = WGS84.inv(
        np.full(12, longitude), np.full(12, latitude), points[:, 0], points[:, 1]
    )
    assert np.ptp(distance_m) < 1.0  # a smooth Earth is the same all around
    x, y, _ = WGS84.fwd(
        np.full(12, longitude), np.full(12, latitude), azimuth, distance_m + 1.5 * step_m + 1.0
    )
    beyond = sight(antenna, y, x)
    assert not beyond.sees(height_m).any()
    with pytest.raises(ValueError, match="three"):
        outline(antenna, height_m, azimuths=2)


def test_a_ridge_ends_an_outline_where_it_stands() -> None:
    heights = np.zeros((41, 41), dtype=np.int16)
    heights[:, 25] = 900  # a wall to the east
    terrain = Terrain(heights, 60.0, 24.0, (0.05, 0.05))
    antenna = Antenna(59.0, 25.0, 50.0, 60e3)
    free, walled = outline(antenna, 500.0, azimuths=4), outline(antenna, 500.0, terrain, azimuths=4)
    assert walled[1, 0] < 25.27 < free[1, 0]  # east
    assert walled[3, 0] == pytest.approx(free[3, 0], abs=0.01)  # west
