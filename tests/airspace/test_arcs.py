"""Arcs and corridors: every point at its radius, both ends met, areas as on the ellipsoid."""

import math

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.airspace import arcs
from vedette.airspace.polygon import area_km2
from vedette.model.errors import ZoneError

GEOD = Geod(ellps="WGS84")
PLACES = st.tuples(st.floats(-80, 80), st.floats(-180, 180))


@settings(deadline=None, max_examples=60)
@given(PLACES, st.floats(10, 400_000))
def test_every_point_and_every_chord_of_a_circle_keeps_its_distance(
    place: tuple[float, float], radius_m: float
) -> None:
    points = shapely.get_coordinates(arcs.circle(*place, radius_m))
    middle = 0.5 * (points[1:] + points[:-1])
    for there, short_m in ((points, 1e-3), (middle, arcs.SAGITTA_M + 6.0)):
        count = len(there)
        _, _, far = GEOD.inv(
            np.full(count, place[1]), np.full(count, place[0]), there[:, 0], there[:, 1]
        )
        assert np.abs(far - radius_m).max() < short_m + 1e-5 * radius_m


@settings(deadline=None, max_examples=60)
@given(PLACES, st.floats(100, 100_000), st.floats(0, 359), st.floats(1, 359), st.booleans())
def test_an_arc_meets_both_ends_and_the_two_ways_round_make_a_circle(
    place: tuple[float, float], radius_m: float, start_deg: float, turn_deg: float, clockwise: bool
) -> None:
    ends = []
    for azimuth in (start_deg, start_deg + turn_deg):
        x, y, _ = GEOD.fwd(place[1], place[0], azimuth, radius_m)
        ends.append((y, x))
    one = arcs.arc_between(place, *ends, clockwise=clockwise)
    other = arcs.arc_between(place, *ends, clockwise=not clockwise)
    np.testing.assert_array_equal(one[[0, -1]], [ends[0][::-1], ends[1][::-1]])
    lengths = [
        float(GEOD.inv(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])[2].sum())
        for line in (one, other)
    ]
    assert sum(lengths) == pytest.approx(2 * math.pi * radius_m, rel=2e-3)


def test_an_arc_through_three_points_is_the_circle_around_its_centre() -> None:
    points = arcs.arc(52.0, 4.0, 20_000.0, 10.0, 100.0)
    again = arcs.arc_through(points[[0, len(points) // 2, -1]])
    _, _, far = GEOD.inv(
        np.full(len(again), 4.0), np.full(len(again), 52.0), again[:, 0], again[:, 1]
    )
    assert np.abs(far - 20_000.0).max() < 2.0
    with pytest.raises(ZoneError):
        arcs.arc_through(np.array([[0.0, 0.0], [0.0, 1.0], [0.0, 2.0]]))


def test_a_corridor_has_the_area_of_its_length_and_width() -> None:
    line = np.array([[10.0, 55.0], [11.0, 55.5]])
    _, _, length = GEOD.inv(*line[0], *line[1])
    expected_km2 = (length * 10_000.0 + math.pi * 5_000.0**2) / 1e6
    assert area_km2(arcs.corridor(line, 10_000.0)) == pytest.approx(expected_km2, rel=2e-3)
    with pytest.raises(ZoneError):
        arcs.corridor(line, 0.0)


@pytest.mark.parametrize("radius_m", [0.0, -5.0, math.nan, math.inf, 6e6])
def test_a_radius_that_is_none_is_an_error(radius_m: float) -> None:
    with pytest.raises(ZoneError):
        arcs.circle(50.0, 0.0, radius_m)
