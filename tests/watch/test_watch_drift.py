"""What is adrift: the wind carries it, its doubt grows with time, and without a known wind it goes on."""

import numpy as np

from vedette.bench import watch as scenes
from vedette.watch.futures import NO_WIND
from vedette.watch.membership import Picture
from vedette.watch.motion import BEHAVIOURS
from vedette.watch.prediction import forecast
from vedette.watch.settings import WatchSettings

STRIPS = scenes.index(
    *(
        scenes.area(f"{k}", [(-300e3, k * 1e3), (300e3, k * 1e3), (300e3, 2e5), (-300e3, 2e5)])
        for k in range(1, 12)
    )
)


def chances(wind, north_mps):
    """P(entry within 10 min) into what begins 1, 2, ... 11 km to the north of a balloon."""
    seen = scenes.tracked(scenes.straight(north_mps, 0.0, (0.0, 0.0)), -60.0, 0.0, 1, seed=2)
    now = Picture.of(scenes.row_table(seen, len(seen.times_s) - 1, ["B"]))
    now = now._replace(
        latitude_deg=np.array([scenes.ORIGIN_DEG[0]]),
        longitude_deg=np.array([scenes.ORIGIN_DEG[1]]),
        east_mps=np.zeros(1),
        north_mps=np.array([north_mps]),
        covariance=np.diag([1.0] * 4)[np.triu_indices(4)][None, :] * 1.0,
        up_mps=np.zeros(1),
    )
    adrift = np.array([BEHAVIOURS.index("adrift")])
    found = forecast(WatchSettings(), now, STRIPS, (600.0,), behaviour=adrift, wind=wind)
    order = np.argsort([int(STRIPS.zones[int(z)].zone_id) for z in found.zone])
    return found.probability[order, 0]


def test_a_balloon_goes_where_the_wind_goes() -> None:
    with_wind = chances(np.array([[9_000.0, 0.0, 12.0]]), 12.0)
    against = chances(np.array([[9_000.0, 0.0, -12.0]]), -12.0)
    assert (np.diff(with_wind) <= 0.0).all()  # what is farther is entered less likely
    assert with_wind[4] > 0.6  # of 5 km and more, it drifts 7.2 km in 10 min
    assert with_wind[10] < 0.3
    assert (against < 0.02).all()


def test_without_a_known_wind_it_goes_on_as_it_went() -> None:
    assert chances(NO_WIND, 12.0)[4] > 0.6
