"""Ground that is given to the page: coverage ends behind a ridge, a profile has it under the way."""

import numpy as np
import pytest
from served import Served
from starlette.testclient import TestClient

from vedette.airspace.edges import WGS84
from vedette.airspace.terrain import Terrain
from vedette.app.chart_door import outline_of
from vedette.app.web import application
from vedette.model.sensor import Sensor

BASE = "http://127.0.0.1:8137"
RIDGE_M = 900


def ridge() -> Terrain:
    """A plain at sea level with a ridge along 25.5° E, over the Gulf of Finland and around it."""
    heights = np.zeros((600, 600), dtype=np.int16)
    heights[:, 295:305] = RIDGE_M
    return Terrain(heights, 63.0, 22.5, (0.01, 0.01))


def reach_m(sensor: Sensor, azimuth: float, terrain: Terrain | None) -> float:
    points = np.array(outline_of(sensor, 300.0, terrain))
    here = np.full(len(points), sensor.longitude_deg), np.full(len(points), sensor.latitude_deg)
    turn, _, far = WGS84.inv(*here, points[:, 0], points[:, 1])
    return float(far[np.argmin(np.abs((np.array(turn) - azimuth + 180.0) % 360.0 - 180.0))])


def test_nothing_is_seen_low_behind_a_ridge_and_all_is_as_before_elsewhere(served: Served) -> None:
    sensor = Sensor(
        sensor_id="r", kind="radar", latitude_deg=60.0, longitude_deg=25.0, height_hae_m=60.0,
        range_max_m=150_000.0,
    )  # fmt: skip
    to_ridge_m = WGS84.inv(25.0, 60.0, 25.45, 60.0)[2]
    assert reach_m(sensor, 90.0, None) > 1.5 * to_ridge_m
    assert reach_m(sensor, 90.0, ridge()) < 1.2 * to_ridge_m
    assert reach_m(sensor, 270.0, ridge()) == pytest.approx(reach_m(sensor, 270.0, None), rel=0.05)
    buried = Terrain(np.full((600, 600), 200, dtype=np.int16), 63.0, 22.5, (0.01, 0.01))
    assert reach_m(sensor, 0.0, buried) > 0.0  # it stands on the ground, not in it


def test_the_page_tells_ground_where_it_is_given_and_none_where_not(served: Served) -> None:
    words = served.run.course.pipeline.rules.measure_texts
    app = application(served.run, words, frozenset({"127.0.0.1"}), terrain=ridge())
    with_ground, without = TestClient(app, base_url=BASE), served.clients["watch"]
    assert with_ground.get("/api/sensors?height_m=500").json()["with_terrain"] is True
    assert without.get("/api/sensors?height_m=500").json()["with_terrain"] is False
    served.run._publish()  # the new page is told of the last tick
    incident = without.get("/api/incidents").json()[0]
    path = f"/api/tracks/{incident['object']['track_id']}/profile"
    ground = with_ground.get(path).json()["profile"]["ground_m"]
    assert ground is not None
    assert len(ground) == len(with_ground.get(path).json()["profile"]["points"])
    assert without.get(path).json()["profile"]["ground_m"] is None
