"""Heights: laws of the conversions, and figures of the standards."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace import heights
from vedette.model.errors import ShapeError
from vedette.model.zone import Limit

few = settings(deadline=None, max_examples=50)
qnh = st.one_of(st.none(), st.floats(min_value=950, max_value=1050))
warmth = st.one_of(st.none(), st.floats(min_value=-30, max_value=30))
levels = st.floats(min_value=-300, max_value=20_000)


@few
@given(levels, qnh, warmth)
def test_there_and_back_is_where_we_were(
    level_m: float, qnh_hpa: float | None, warmth_k: float | None
) -> None:
    there = heights.amsl_from_pressure(
        np.array([level_m]), qnh_hpa=qnh_hpa, isa_deviation_k=warmth_k
    )
    back = heights.pressure_from_amsl(there.value_m, qnh_hpa=qnh_hpa, isa_deviation_k=warmth_k)
    np.testing.assert_allclose(back.value_m, level_m, atol=1e-3)


@few
@given(levels, st.floats(min_value=950, max_value=1049))
def test_the_higher_the_pressure_the_higher_the_aircraft(level_m: float, qnh_hpa: float) -> None:
    low = heights.amsl_from_pressure(np.array([level_m]), qnh_hpa=qnh_hpa)
    high = heights.amsl_from_pressure(np.array([level_m]), qnh_hpa=qnh_hpa + 1.0)
    assert 6.0 < high.value_m[0] - low.value_m[0] < 10.0  # about 27 ft a hectopascal


@few
@given(levels, st.floats(min_value=950, max_value=1050))
def test_knowing_more_never_widens_sigma(level_m: float, qnh_hpa: float) -> None:
    level = np.array([level_m])
    nothing = heights.amsl_from_pressure(level).sigma_m[0]
    pressure = heights.amsl_from_pressure(level, qnh_hpa=1013.25).sigma_m[0]
    both = heights.amsl_from_pressure(level, qnh_hpa=1013.25, isa_deviation_k=0.0).sigma_m[0]
    assert both <= pressure < nothing


@pytest.mark.parametrize(
    ("pressure_hpa", "altitude_m"), [(898.746, 1000), (540.199, 5000), (264.363, 10_000)]
)
def test_the_standard_atmosphere_is_that_of_doc_7488(
    pressure_hpa: float, altitude_m: float
) -> None:
    assert heights.altitude_of_pressure_m(pressure_hpa) == pytest.approx(altitude_m, abs=0.5)


def test_flight_levels_are_hundreds_of_feet() -> None:
    np.testing.assert_allclose(heights.level_m(np.array([330.0])), [10_058.4])


@pytest.mark.parametrize(
    ("latitude", "longitude", "undulation_m"),
    # test values published with EGM96's program F477 (NIMA)
    [
        (38.6281550, 269.7791550, -31.628),
        (-14.6212170, 305.0211140, -2.969),
        (46.8743190, 102.4487290, -43.575),
        (-23.6174460, 133.8747120, 15.871),
        (38.6254730, 359.9995000, 50.066),
        (-0.4667440, 0.0023000, 17.329),
    ],
)
def test_the_geoid_is_egm96(latitude: float, longitude: float, undulation_m: float) -> None:
    for turn in (0.0, -360.0):
        found = heights.undulation_m(np.array([latitude]), np.array([longitude + turn]))
        assert found[0] == pytest.approx(undulation_m, abs=heights.GEOID_SIGMA_M)


@few
@given(
    st.floats(min_value=-90, max_value=90),
    st.floats(min_value=-180, max_value=180),
    st.floats(min_value=-100, max_value=20_000),
)
def test_ellipsoid_and_sea_level_differ_by_the_geoid(
    latitude: float, longitude: float, height_m: float
) -> None:
    y, x, height = np.array([latitude]), np.array([longitude]), np.array([height_m])
    hae = heights.hae_from_amsl(y, x, height, 5.0)
    assert -107.1 < hae.value_m[0] - height_m < 85.5  # the range of EGM96
    assert hae.sigma_m[0] > 5.0
    np.testing.assert_allclose(heights.amsl_from_hae(y, x, hae.value_m).value_m, height, atol=1e-6)
    level = heights.pressure_from_hae(y, x, height)
    again = heights.hae_from_pressure(y, x, level.value_m)
    np.testing.assert_allclose(again.value_m, height, atol=1e-3)


def test_unknown_stays_unknown() -> None:
    nothing = np.array([np.nan])
    here = np.array([50.0])
    for height in (
        heights.amsl_from_pressure(nothing),
        heights.hae_from_pressure(here, here, nothing),
        heights.hae_from_amsl(nothing, here, here),
        heights.limit_hae(Limit(height_m=300.0, datum="agl"), nothing, here),
    ):
        assert np.isnan(height.value_m).all()
        assert np.isnan(height.sigma_m).all()


@pytest.mark.parametrize("datum", ["hae", "amsl", "pressure"])
def test_a_limit_has_a_height_and_a_sigma(datum: str) -> None:
    limit = Limit(height_m=3000.0, datum=datum)
    height = heights.limit_hae(limit, np.array([59.4]), np.array([24.8]), qnh_hpa=1020.0)
    assert 2_990 < height.value_m[0] < 3_120
    assert bool(height.sigma_m[0] > 0) is (datum != "hae")


def test_places_come_in_pairs() -> None:
    with pytest.raises(ShapeError):
        heights.undulation_m(np.zeros(2), np.zeros(3))
