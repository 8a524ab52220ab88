"""How far sensors have really seen: no farther than their plots, whichever way a place was told."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served import Served

from vedette.airspace.edges import WGS84
from vedette.app.reception import SECTORS, Reception
from vedette.model.plot import plots
from vedette.model.sensor import Sensor

RANGE_M = 200_000.0
SITE = {"latitude_deg": 59.4, "longitude_deg": 24.8, "height_hae_m": 60.0, "range_max_m": RANGE_M}
RADAR = Sensor(sensor_id="radar", kind="psr", **SITE)
RECEIVER = Sensor(sensor_id="receiver", kind="ads_b", **SITE)
RING_M = RANGE_M / 96
places = st.lists(
    st.tuples(st.floats(0.0, 359.9), st.floats(5_000.0, RANGE_M - 1.0)), min_size=1, max_size=30
)


def told(rows: list[tuple[float, float]]) -> Reception:
    """Each place three times, by both sensors: the one as range and azimuth, the other as a position."""
    rows = rows * 3
    azimuth, metres = (np.array(one) for one in zip(*rows, strict=True))
    n = len(rows)
    x, y, _ = WGS84.fwd(np.full(n, 24.8), np.full(n, 59.4), azimuth, metres)
    reception = Reception([RADAR, RECEIVER])
    when = {"valid_ns": [0] * n, "received_ns": [0] * n}
    reception.add(
        plots(
            sensor_id=["radar"] * n, kind=["psr"] * n, range_m=metres.tolist(),
            azimuth_rad=np.radians(azimuth).tolist(), **when,
        )
    )  # fmt: skip
    reception.add(
        plots(
            sensor_id=["receiver"] * n, kind=["ads_b"] * n, latitude_deg=y.tolist(),
            longitude_deg=x.tolist(), **when,
        )
    )  # fmt: skip
    return reception


def radii_m(reception: Reception, sensor_id: str) -> np.ndarray:
    """(SECTORS,) metres, of the arc of each sector."""
    found = reception.of(sensor_id)
    assert found is not None
    points = np.array(found.outline).reshape(SECTORS, 2, 2).mean(axis=1)
    here = np.full(SECTORS, 24.8), np.full(SECTORS, 59.4)
    return np.array(WGS84.inv(*here, points[:, 0], points[:, 1])[2])


@settings(max_examples=60, deadline=None)
@given(places)
def test_it_reaches_to_the_farthest_plot_of_each_direction_and_no_farther(
    rows: list[tuple[float, float]],
) -> None:
    reception = told(rows)
    for name in ("radar", "receiver"):
        radii = radii_m(reception, name)
        wanted = np.zeros(SECTORS)
        edge = False
        for azimuth, metres in rows:
            sector = int(azimuth * SECTORS / 360.0)
            edge |= abs(azimuth * SECTORS / 360.0 - round(azimuth * SECTORS / 360.0)) < 0.02
            wanted[sector] = max(wanted[sector], metres)
        if edge:  # it may count to the sector beside
            assert radii.max() == pytest.approx(wanted.max(), abs=2 * RING_M)
        else:
            np.testing.assert_allclose(radii, wanted, atol=2 * RING_M)
        assert reception.of(name).plots == 3 * len(rows)


def test_one_plot_is_no_reach_and_what_is_beyond_the_range_is_not_counted() -> None:
    reception = Reception([RECEIVER])
    assert reception.of("receiver") is None
    when = {"sensor_id": ["receiver"], "kind": ["ads_b"], "valid_ns": [0], "received_ns": [0]}
    for latitude in (60.0, 60.0, 89.0, 89.0, 89.0):
        reception.add(plots(latitude_deg=[latitude], longitude_deg=[24.8], **when))
    reception.add(plots(**when))  # says nothing of where
    reception.add(plots(**(when | {"sensor_id": ["another"]})))
    found = reception.of("receiver")
    assert found is not None
    assert (found.plots, found.outline) == (2, ())


def test_the_page_is_told_what_its_sensors_have_received(served: Served) -> None:
    for page in ("watch", "replay"):
        sensors = served.clients[page].get("/api/sensors").json()["sensors"]
        heard = [one for one in sensors if one["received_plots"] > 100]
        assert heard
        for one in heard:
            assert len(one["received"]) == 2 * SECTORS
            x, y = np.array(one["received"]).T
            n = len(x)
            here = np.full(n, one["longitude_deg"]), np.full(n, one["latitude_deg"])
            far = np.array(WGS84.inv(*here, x, y)[2])
            assert far.max() <= one["range_m"] * 1.001
            assert far.max() > 0.0
