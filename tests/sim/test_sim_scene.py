"""Laws of the scenes: the Earth is WGS 84, sensors see what they can, and a seed says everything."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.fusion.settings import DEFAULT_MOTIONS
from vedette.model.errors import SettingError
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.truth import TRUTH
from vedette.sim.scene.flight import (
    START_NS,
    Flights,
    fly,
    join,
    straight,
    truth_table,
    turning,
)
from vedette.sim.scene.observe import FALSE, Telling, observe
from vedette.sim.scene.scene import make, whole
from vedette.sim.scene.settings import SCENES, Field, SceneSettings, Traffic, named
from vedette.sim.scene.sites import Site, radar
from vedette.sim.scene.traffic import flights_of

WGS84 = Geod(ellps="WGS84")
SMALL = SceneSettings(
    traffic=Traffic(objects=15, side_m=200_000.0, drones=0.2, fighters=0.2, balloons=0.2, equipped=0.5),
    field=Field(
        radars=3, side_m=150_000.0, kind="mode_s", false_plots=10.0, sea_clutter=2.0, wind_farms=1,
        range_bias_m=50.0, azimuth_bias_deg=0.1, time_bias_s=0.02, outages=0.5, delay_s=2.0,
        receivers=1, multilateration=True,
    ),
    duration_s=30,
    duplicates=0.1,
)  # fmt: skip


def one(
    latitude_deg: float, longitude_deg: float, height_m: float, speed: float, course: float
) -> Flights:
    return straight(
        *(np.array([v]) for v in (latitude_deg, longitude_deg, height_m, speed, course))
    )


@given(
    st.floats(-85.0, 85.0),
    st.floats(-180.0, 180.0),
    st.floats(0.0, 2 * np.pi),
    st.floats(1.0, 1_000.0),
)
def test_a_straight_flight_is_a_geodesic(
    latitude: float, longitude: float, course: float, speed: float
) -> None:
    flown = fly(one(latitude, longitude, 0.0, speed, course), 120)
    rows = truth_table(flown).to_pylist()
    end_lon, end_lat, _ = WGS84.fwd(longitude, latitude, np.degrees(course), speed * 120.0)
    _, _, apart_m = WGS84.inv(rows[-1]["longitude_deg"], rows[-1]["latitude_deg"], end_lon, end_lat)
    assert apart_m < 0.02 + 1e-6 * speed * 120.0
    assert np.hypot(rows[-1]["east_mps"], rows[-1]["north_mps"]) == pytest.approx(speed, rel=1e-9)


@pytest.mark.parametrize("course_deg", [0.0, 90.0, 200.0])
def test_a_flight_over_a_pole_or_the_antimeridian_goes_straight_on(course_deg: float) -> None:
    for latitude, longitude in ((89.9, 179.9), (-89.95, 10.0), (10.0, 179.99)):
        flown = fly(one(latitude, longitude, 0.0, 250.0, np.radians(course_deg)), 300)
        end = truth_table(flown).to_pylist()[-1]
        lon, lat, _ = WGS84.fwd(longitude, latitude, course_deg, 75_000.0)
        assert WGS84.inv(end["longitude_deg"], end["latitude_deg"], lon, lat)[2] < 0.2


def test_a_full_turn_comes_back_and_its_velocity_is_its_movement() -> None:
    rate = np.radians(3.0)
    flights = turning(one(56.0, 12.0, 3_000.0, 150.0, 0.3), rate, 0.0, 120.0)
    flown = fly(flights, 120)
    np.testing.assert_allclose(flown.states[0, 120, :3], flown.states[0, 0, :3], atol=2.0)
    # central differences of places against the stated velocity: the chord of a turn is shorter by (w)²/6
    moved = (flown.states[0, 2:, :3] - flown.states[0, :-2, :3]) / 2.0
    np.testing.assert_allclose(moved, flown.states[0, 1:-1, 3:6] * np.sin(rate) / rate, atol=0.05)


def test_the_height_follows_the_climb_and_a_hover_stays() -> None:
    climb = one(56.0, 12.0, 1_000.0, 100.0, 1.0)._replace(climb_mps=np.array([[5.0]]))
    assert fly(climb, 60).states[0, 60, 6] == pytest.approx(1_300.0)
    hover = one(56.0, 12.0, 100.0, 0.0, 1.0)._replace(
        wander=np.array([[0.5]]), rest_s=np.array([5.0])
    )
    flown = fly(hover, 600, np.random.default_rng(1))
    speed = np.linalg.norm(flown.states[0, 100:, 3:6], axis=1)
    # Ornstein-Uhlenbeck: variance of each axis is density · memory / 2
    assert np.sqrt(np.mean(speed**2) / 2.0) == pytest.approx(np.sqrt(0.5 * 5.0 / 2.0), rel=0.3)


def test_a_leg_wanders_as_its_own_density_says() -> None:
    quiet = one(56.0, 12.0, 5_000.0, 200.0, 1.0)
    legs = quiet._replace(
        until_s=np.array([[300.0, np.inf]]), turn_rps=np.zeros((1, 2)), thrust_mps2=np.zeros((1, 2)),
        climb_mps=np.zeros((1, 2)), wander=np.array([[0.0, 4.0]]),
    )  # fmt: skip
    still, flown = fly(quiet, 600), fly(legs, 600, np.random.default_rng(2))
    np.testing.assert_allclose(flown.states[0, :301], still.states[0, :301], rtol=0, atol=1e-6)
    steps = np.diff(flown.states[0, 300:, 3:6] - still.states[0, 300:, 3:6], axis=0)
    # white acceleration: variance of a second's change of velocity is the density, on each of two axes
    assert (steps[:60] ** 2).sum(axis=1).mean() == pytest.approx(8.0, rel=0.5)


def test_joined_flights_keep_their_wander() -> None:
    short = one(56.0, 12.0, 5_000.0, 200.0, 1.0)._replace(wander=np.array([[3.0]]))
    long = turning(one(56.0, 12.0, 5_000.0, 200.0, 1.0), 0.02, 10.0, 20.0)
    long = long._replace(wander=np.array([[0.0, 1.0, 2.0]]))
    np.testing.assert_array_equal(join(short, long).wander, [[3.0, 3.0, 3.0], [0.0, 1.0, 2.0]])


def test_flights_drawn_from_the_models_spend_their_time_as_the_chain_says() -> None:
    traffic = msgspec.structs.replace(named("drawn").traffic, objects=3_000)
    settings = msgspec.structs.replace(named("drawn"), traffic=traffic, duration_s=1)
    flights = flights_of(settings, np.random.default_rng(3))
    at_start = np.array(
        [
            density[np.searchsorted(until, 0.0, side="right")]
            for until, density in zip(flights.until_s, flights.wander, strict=True)
        ]
    )
    entry = np.array([motion.entry for motion in DEFAULT_MOTIONS])
    follows = entry[None, :] * (1.0 - np.eye(len(entry)))
    follows /= follows.sum(axis=1, keepdims=True)
    visits = np.linalg.matrix_power(follows, 200)[0]
    expected = visits * [motion.stay_s for motion in DEFAULT_MOTIONS]
    expected /= expected.sum()
    for density in {motion.acceleration_density for motion in DEFAULT_MOTIONS}:
        share = sum(
            float(part)
            for part, motion in zip(expected, DEFAULT_MOTIONS, strict=True)
            if motion.acceleration_density == density
        )
        found = float((at_start == density).mean())
        assert found == pytest.approx(share, abs=4.0 * np.sqrt(share * (1.0 - share) / 3_000))


def test_a_radar_measures_range_and_azimuth_at_the_time_when_it_points_there() -> None:
    flights = one(56.3, 12.4, 9_000.0, 240.0, 2.0)
    flown = fly(flights, 60)
    exact = Sensor(
        sensor_id="r", kind="psr", latitude_deg=56.0, longitude_deg=12.0, height_hae_m=50.0,
        period_s=4.0, range_sigma_m=1e-6, azimuth_sigma_rad=1e-12, detection_probability=1.0,
    )  # fmt: skip
    site = Site(sensor=exact, phase_s=1.5)
    seen = observe(flights, flown, (site,), np.random.default_rng(1))
    assert 14 <= seen.plots.num_rows <= 15
    truth = truth_table(flown)
    for plot in seen.plots.to_pylist():
        at_s = (plot["valid_ns"] - START_NS) / 1e9
        assert (at_s - 1.5) % 4.0 / 4.0 * 2 * np.pi == pytest.approx(plot["azimuth_rad"], abs=1e-6)
        k = int(at_s)
        rows = truth.slice(k, 2).to_pylist()
        share = at_s - k
        place = np.array(
            [
                [
                    (1 - share) * rows[0][c] + share * rows[1][c]
                    for c in ("latitude_deg", "longitude_deg", "height_hae_m")
                ]
            ]
        )
        polar = geodetic_to_polar((56.0, 12.0, 50.0), place)[0]
        assert polar[0] == pytest.approx(plot["range_m"], abs=0.05)
        assert polar[1] == pytest.approx(plot["azimuth_rad"], abs=1e-6)


def test_nothing_is_seen_below_the_horizon_nor_beyond_the_range_nor_in_the_cone() -> None:
    def plots_of(flights: Flights, **more: float) -> int:
        site = Site(sensor=radar("r", 56.0, 12.0, period_s=4.0, **more))
        return observe(flights, fly(flights, 40), (site,), np.random.default_rng(1)).plots.num_rows

    low = one(57.5, 12.0, 100.0, 0.0, 0.0)  # 167 km away: the horizon of 100 m is 70 km
    assert plots_of(low) == 0
    assert plots_of(low._replace(height_hae_m=np.array([9_000.0]))) > 5
    assert plots_of(low._replace(height_hae_m=np.array([9_000.0])), range_max_m=150_000.0) == 0
    assert plots_of(one(56.02, 12.0, 9_000.0, 0.0, 0.0)) == 0


def test_bias_delay_and_silence_are_what_was_asked_for() -> None:
    flights = one(56.5, 12.4, 9_000.0, 200.0, 1.0)
    flown = fly(flights, 200)
    good = Site(sensor=radar("r", 56.0, 12.0, period_s=4.0))
    bad = msgspec.structs.replace(
        good, range_bias_m=300.0, azimuth_bias_rad=0.01, time_bias_s=0.5, delay_s=5.0,
        silent=((50.0, 100.0),),
    )  # fmt: skip
    first, second = (
        observe(flights, flown, (site,), np.random.default_rng(3)).plots for site in (good, bad)
    )
    rows = {round((r["valid_ns"] - START_NS) / 1e6): r for r in first.to_pylist()}
    for row in second.to_pylist():
        at_ms = round((row["valid_ns"] - START_NS) / 1e6) - 500
        assert not 50_000 <= at_ms < 100_000
        assert row["range_m"] - rows[at_ms]["range_m"] == pytest.approx(300.0, abs=1e-6)
        assert row["azimuth_rad"] - rows[at_ms]["azimuth_rad"] == pytest.approx(0.01, abs=1e-9)
        assert 0 <= row["received_ns"] - row["valid_ns"] <= 30.5e9
    arrival = second.column("received_ns").to_numpy()
    assert (np.diff(arrival) >= 0).all()
    assert (np.diff(second.column("valid_ns").to_numpy()) < 0).any()  # out of order


@settings(max_examples=5)
@given(st.integers(0, 2**31))
def test_a_seed_says_everything_and_every_plot_has_its_origin(seed: int) -> None:
    a, b = make(SMALL, seed), make(SMALL, seed)
    assert a.plots.equals(b.plots)
    assert a.truth.equals(b.truth)
    assert (a.origin == b.origin).all()
    assert a.truth.schema.equals(TRUTH)
    assert len(a.origin) == a.plots.num_rows
    table = whole(a.plots)
    assert table.schema.equals(PLOT)
    addresses = table.column("icao24").to_pylist()
    for origin, address in zip(a.origin.tolist(), addresses, strict=True):
        assert address is None or (origin != FALSE and address == 0x400000 + origin)
    batches = list(a.batches(1.0))
    assert len(batches) == 31
    # plots that arrive after the last picture are in no batch
    late = int((a.plots.column("received_ns").to_numpy() > batches[-1][0]).sum())
    assert sum(part.num_rows for _, part in batches) == a.plots.num_rows - late


def test_false_plots_have_the_number_that_was_asked_for_and_turbines_stand_still() -> None:
    quiet = SceneSettings(
        traffic=Traffic(objects=0),
        field=Field(radars=4, false_plots=30.0, period_s=4.0),
        duration_s=200,
    )
    made = make(quiet, 5)
    expected = 4 * 50 * 30.0
    assert abs(made.plots.num_rows - expected) < 5 * np.sqrt(expected)
    assert (made.origin == FALSE).all()
    farm = msgspec.structs.replace(
        quiet, field=msgspec.structs.replace(quiet.field, false_plots=0.0, wind_farms=1, radars=1)
    )
    ranges = np.sort(make(farm, 5).plots.column("range_m").to_numpy())
    assert len(ranges) > 100
    # thirty points with noise of 70 m in 6 km: most plots have a near neighbour
    assert np.median(np.diff(ranges)) < 60.0


@pytest.mark.parametrize(
    "name", [n for n in SCENES if n not in ("large", "nobody", "extreme", "normal")]
)
def test_every_named_scene_has_truth_in_view_and_plots_of_it(name: str) -> None:
    made = make(name, 3)
    view = made.truth.column("sensors_in_view").to_numpy()
    assert view.max() >= 1
    real = np.unique(made.origin[made.origin >= 0])
    assert len(real) > 0.6 * made.settings.traffic.objects
    heights = made.truth.column("height_hae_m").to_numpy()
    assert heights.min() > 0.0
    speed = np.hypot(
        made.truth.column("east_mps").to_numpy(), made.truth.column("north_mps").to_numpy()
    )
    assert speed.max() < 1_200.0


def test_an_unknown_scene_names_the_known_ones() -> None:
    with pytest.raises(SettingError, match="sparse"):
        named("nothing")


def test_crossings_meet_halfway() -> None:
    made = make("crossing", 2)
    states = made.flown.states[:, 60, :3]
    apart = np.linalg.norm(states[0::2] - states[1::2], axis=1)
    assert (apart < 200.0).all()
    assert (
        np.linalg.norm(made.flown.states[0::2, 0, :3] - made.flown.states[1::2, 0, :3], axis=1)
        > 2_000.0
    ).all()


def test_heights_and_addresses_are_told_when_asked() -> None:
    flights = one(56.5, 12.4, 9_000.0, 200.0, 1.0)
    flown, site = fly(flights, 60), Site(sensor=radar("r", 56.0, 12.0), false_plots=3.0)
    seen = observe(
        flights, flown, (site,), np.random.default_rng(1), Telling(heights=True, addresses=True)
    )
    for row, origin in zip(seen.plots.to_pylist(), seen.origin.tolist(), strict=True):
        assert (row["pressure_altitude_m"] is None) == (origin == FALSE)
        assert (row["icao24"] is None) == (origin == FALSE)
