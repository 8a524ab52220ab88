"""Frames against pyproj and against themselves."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod, Transformer

from vedette.model.frames import (
    ecef_to_geodetic_deg,
    geodetic_to_ecef_m,
    geodetic_to_polar,
    polar_to_geodetic_deg,
)

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


@settings(deadline=None, max_examples=50)
@given(latitudes, longitudes, st.floats(-10_000, 1_000_000))
def test_positions_survive_the_way_through_ecef(lat: float, lon: float, height_m: float) -> None:
    ecef = geodetic_to_ecef_m(np.array([lat]), np.array([lon]), np.array([height_m]))
    back = ecef_to_geodetic_deg(ecef)
    again = geodetic_to_ecef_m(back[:, 0], back[:, 1], back[:, 2])
    assert np.abs(again - ecef).max() < 1e-3


def test_ecef_agrees_with_proj() -> None:
    rng = np.random.default_rng(1)
    lat, lon = rng.uniform(-90, 90, 500), rng.uniform(-180, 180, 500)
    height_m = rng.uniform(-1000, 50_000, 500)
    proj = Transformer.from_crs(4979, 4978)
    expected = np.stack(proj.transform(lat, lon, height_m), axis=1)
    np.testing.assert_allclose(geodetic_to_ecef_m(lat, lon, height_m), expected, atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(
    st.floats(-85, 85),
    longitudes,
    st.floats(2_000, 400_000),
    st.floats(0, 6.28),
    st.floats(0, 20_000),
)
def test_a_radar_finds_what_it_measured(
    lat: float, lon: float, range_m: float, azimuth_rad: float, height_m: float
) -> None:
    site = (lat, lon, 100.0)
    if abs(height_m - 100.0) > 0.9 * range_m:
        return  # nothing stands at that height within that range
    place = polar_to_geodetic_deg(
        site, np.array([range_m]), np.array([azimuth_rad]), np.array([height_m])
    )
    polar = geodetic_to_polar(site, place)[0]
    assert abs(polar[0] - range_m) < 0.01
    turn = (polar[1] - azimuth_rad + np.pi) % (2 * np.pi) - np.pi
    assert abs(turn) * range_m < 0.01
    # the sphere in place of the ellipsoid costs height, and less than a radar's range error
    assert abs(place[0, 2] - height_m) < 400.0


def test_a_plot_lies_where_the_geodesic_says() -> None:
    site = (59.0, 25.0, 0.0)
    place = polar_to_geodetic_deg(
        site, np.array([100_000.0]), np.array([np.pi / 2]), np.array([0.0])
    )
    azimuth_deg, _, ground_m = Geod(ellps="WGS84").inv(25.0, 59.0, place[0, 1], place[0, 0])
    assert abs(azimuth_deg - 90.0) < 1e-3
    assert abs(ground_m - 100_000.0) < 5.0
