"""What the mock world's map is told beside the picture; heights, sight and times are worked out by vedette."""

from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
import shapely
from mock_borders import ZONES
from mock_world import START_MS, MockWorld

from vedette.airspace.activity import active, place_of, stretches
from vedette.airspace.index import ZoneIndex
from vedette.app.chart_door import outline_of
from vedette.app.picture_frames import Past
from vedette.app.track_profile import track_profile
from vedette.model.sensor import Sensor
from vedette.model.time import DAY_NS
from vedette.model.track import tracks
from vedette.model.zone import Hours, Limit, Zone
from vedette.watch.settings import WatchSettings

SENSORS = (
    Sensor(
        sensor_id="north", kind="psr", latitude_deg=59.46, longitude_deg=24.9, height_hae_m=90.0
    ),
    Sensor(sensor_id="east", kind="psr", latitude_deg=59.35, longitude_deg=27.2, height_hae_m=70.0),
    Sensor(
        sensor_id="coast", kind="ssr", latitude_deg=58.25, longitude_deg=22.5, height_hae_m=60.0
    ),
)


@lru_cache(maxsize=1)
def index() -> ZoneIndex:
    zones, shapes = [], []
    for feature in ZONES["features"]:
        p = feature["properties"]
        zones.append(
            Zone(
                zone_id=p["zone_id"],
                kind=p["kind"],
                name=p["name"],
                state=p["state"],
                member=p["member"],
                source=p["source"],
                floor=msgspec.convert(p["floor"], Limit | None),
                ceiling=msgspec.convert(p["ceiling"], Limit | None),
                schedule=msgspec.convert(p["schedule"], tuple[Hours, ...]),
            )
        )
        shapes.append(shapely.from_geojson(msgspec.json.encode(feature["geometry"])))
    return ZoneIndex.build(zones, shapes)


def times(zone_id: str, at_ms: float) -> dict[str, Any]:
    zone, place = index().zones[index().row_of(zone_id)], place_of(index().geometries[0])
    at_ns = int(at_ms * 1e6)
    found = stretches(zone, place, at_ns, at_ns + DAY_NS)
    return {
        "zone_id": zone_id,
        "at_ms": at_ms,
        "active": active(zone, at_ns, place),
        "stretches_ms": [[start / 1e6, end / 1e6] for start, end in found],
    }


@lru_cache(maxsize=16)
def coverage(height_m: float) -> dict[str, Any]:
    return {
        "height_amsl_m": height_m,
        "with_terrain": False,
        "sensors": [
            {
                "sensor_id": sensor.sensor_id,
                "kind": sensor.kind,
                "latitude_deg": sensor.latitude_deg,
                "longitude_deg": sensor.longitude_deg,
                "height_hae_m": sensor.height_hae_m,
                "range_m": sensor.range_max_m,
                "feed_id": f"radar-{sensor.sensor_id}",
                "outline": outline_of(sensor, height_m),
                "received": [],
                "received_plots": 0,
            }
            for sensor in SENSORS
        ],
    }


def profile(world: MockWorld, track_id: str) -> bytes | None:
    row = next((k for k, name in enumerate(world.names) if name["track_id"] == track_id), None)
    if row is None:
        return None
    now_s = (world.now_ms() - START_MS) / 1000
    back_s = np.arange(-760.0, now_s, 10.0)
    latitude, longitude = world.position(row, back_s)
    climb = 6.0 if row >= world.n - 4 and row < world.n - 1 else 0.0
    height = world.height[row] - climb * (now_s - back_s)
    past = Past(
        (START_MS * 1e6 + back_s * 1e9).astype(np.int64), latitude, longitude, height,
        np.zeros(len(back_s), dtype=bool),
    )  # fmt: skip
    y, x = world.position(row, now_s)
    course, speed = float(world.course[row]), float(world.speed[row])
    present = tracks(
        track_id=[track_id], valid_ns=[int(world.now_ms() * 1e6)],
        latitude_deg=[float(y)], longitude_deg=[float(x)],
        pressure_altitude_m=[float(world.height[row])], height_hae_m=[float(world.height[row]) + 60.0],
        height_sigma_m=[40.0], east_mps=[speed * np.sin(course)], north_mps=[speed * np.cos(course)],
        up_mps=[climb], covariance=[[3600.0, 0, 0, 0, 3600.0, 0, 0, 25.0, 0, 25.0]],
        status=["confirmed"], birth_ns=[0], updated_ns=[int(world.now_ms() * 1e6)], updates=[60],
        sensors=[["north"]], kinds=[["psr"]],
    )  # fmt: skip
    return msgspec.json.encode(track_profile(index(), WatchSettings(), past, present))
