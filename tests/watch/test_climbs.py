"""Heights that a track may have in the coming minutes."""

import numpy as np

from vedette.model.track import tracks
from vedette.watch.climbs import heights_ahead_m
from vedette.watch.settings import WatchSettings

TIMES_S = np.arange(15.0, 301.0, 15.0)


def ahead(up_mps: float, pressure_m: float | None, hae_m: float | None) -> np.ndarray:
    table = tracks(
        track_id=["t"], valid_ns=[0], latitude_deg=[59.0], longitude_deg=[24.0], pressure_altitude_m=[pressure_m],
        height_hae_m=[hae_m], height_sigma_m=[20.0], east_mps=[200.0], north_mps=[0.0], up_mps=[up_mps],
        covariance=[[900.0, 0, 0, 0, 900.0, 0, 0, 4.0, 0, 4.0]], status=["confirmed"], birth_ns=[0],
        updated_ns=[0], updates=[50], sensors=[["a"]], kinds=[["psr"]],
    )  # fmt: skip
    return heights_ahead_m(WatchSettings(), table, TIMES_S)[0]


def test_the_interval_holds_the_middle_and_opens_with_time() -> None:
    middle, low, high = ahead(0.0, 10_000.0, None)
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert np.abs(middle - 10_000.0).max() < 50.0  # a level flight stays level more often than not
    width = high - low
    assert width[-1] > 3.0 * width[0]


def test_a_climb_goes_on_and_may_end() -> None:
    middle, low, _ = ahead(10.0, 3_000.0, None)
    assert 3_100.0 < middle[0] < 3_200.0
    assert middle[-1] > 4_000.0
    assert low[-1] < 4_500.0


def test_pressure_goes_before_geometry_and_no_height_stays_unknown() -> None:
    assert ahead(0.0, 5_000.0, 5_200.0)[0, 0] < 5_100.0
    assert ahead(0.0, None, 5_200.0)[0, 0] > 5_100.0
    assert np.isnan(ahead(0.0, None, None)).all()
