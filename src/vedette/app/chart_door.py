"""What the page's map asks for beside the picture: zones and their times, sites and sight of sensors, profiles."""

import asyncio
import math
from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.airspace.activity import active, place_of, stretches
from vedette.airspace.display import display_geojson
from vedette.airspace.heights import amsl_from_hae
from vedette.airspace.terrain import Terrain
from vedette.app.api.chart import Coverage, SensorSite, ZoneTimes
from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import PROFILE, SENSORS, ZONE_TIMES, ZONES
from vedette.app.page_files import Packed, pack, packed_response
from vedette.app.picture_frames import Past
from vedette.app.reception import Received, Reception
from vedette.app.track_profile import AHEAD_MAX_S, AHEAD_S, track_profile
from vedette.council.shield.sight import Antenna, outline
from vedette.engine.course import Course
from vedette.model.sensor import Sensor
from vedette.model.time import DAY_NS

HEIGHT_M: Final = 1_000.0
HEIGHT_MAX_M: Final = 30_000.0
_INSTANT_MAX_MS: Final = 32_503_680_000_000  # the year 3000


class Seen(NamedTuple):
    """What is known of one track at a time: its past, and its TRACK row."""

    past: Past
    present: pa.Table


# of a track's id at a time [ms UTC]; None: no such track
Track = Callable[[str, float], Seen | None]


class ChartDoor:
    """Answers for the map. It reads the course and changes nothing."""

    def __init__(
        self,
        course: Course,
        track: Track,
        now_ms: Callable[[], float],
        terrain: Terrain | None = None,
    ) -> None:
        """Prepare.

        Args:
            course: what is looked at.
            track: finds what is known of a track.
            now_ms: the time of the data [ms UTC].
            terrain: for what the map shows; the run itself is not told of it.
        """
        self._course, self._track, self._now_ms, self._terrain = course, track, now_ms, terrain
        self._reception = Reception(course.pipeline.body.sensors)
        self._outlines: dict[tuple[str, float], tuple[tuple[float, float], ...]] = {}
        self._zones: Packed | None = None  # for display: a run's zones stay as they are

    def hear(self, plots: pa.Table | None) -> None:
        """Count the plots of a tick; for the one thread that does."""
        if plots is not None and plots.num_rows:
            self._reception.add(plots)

    async def zones(self, request: Request) -> Response:
        """Zones for display, as GeoJSON."""
        if self._zones is None:
            index = self._course.pipeline.zones
            self._zones = await asyncio.to_thread(lambda: pack(display_geojson(index)))
        return packed_response(request, self._zones, ZONES.media)

    async def times(self, request: Request) -> Response:
        """When a zone is active in the day after ``at`` [ms UTC; now]."""
        index = self._course.pipeline.zones
        try:
            row = index.row_of(request.path_params["zone_id"])
        except KeyError:
            return JSONResponse({"error": "no such zone"}, 404)
        at_ms = _number(request, "at", self._now_ms(), 0.0, _INSTANT_MAX_MS)
        if at_ms is None:
            return JSONResponse({"error": "at: milliseconds UTC"}, 400)
        zone, place = index.zones[row], place_of(index.geometries[row])
        at_ns = int(at_ms * 1e6)
        return _answer(
            ZoneTimes(
                zone_id=zone.zone_id,
                at_ms=at_ms,
                active=active(zone, at_ns, place),
                stretches_ms=tuple(
                    (start / 1e6, end / 1e6)
                    for start, end in stretches(zone, place, at_ns, at_ns + DAY_NS)
                ),
            )
        )

    async def sensors(self, request: Request) -> Response:
        """Sensors with their sites, and outlines of what they see at ``height_m`` above mean sea level."""
        height_m = _number(request, "height_m", HEIGHT_M, 0.0, HEIGHT_MAX_M)
        if height_m is None:
            return JSONResponse({"error": f"height_m: 0 to {HEIGHT_MAX_M:.0f} m"}, 400)
        return _answer(await asyncio.to_thread(self._coverage, height_m))

    def _coverage(self, height_m: float) -> Coverage:
        pipeline = self._course.pipeline
        nothing = Received(0, ())
        seen = {
            s.sensor_id: self._reception.of(s.sensor_id) or nothing for s in pipeline.body.sensors
        }
        return Coverage(
            height_amsl_m=height_m,
            with_terrain=self._terrain is not None,
            sensors=tuple(
                SensorSite(
                    sensor_id=sensor.sensor_id,
                    kind=sensor.kind,
                    latitude_deg=sensor.latitude_deg,
                    longitude_deg=sensor.longitude_deg,
                    height_hae_m=sensor.height_hae_m,
                    range_m=sensor.range_max_m,
                    feed_id=pipeline.feed_of(sensor.sensor_id),
                    outline=self._outline(sensor, height_m),
                    received=seen[sensor.sensor_id].outline,
                    received_plots=seen[sensor.sensor_id].plots,
                )
                for sensor in pipeline.body.sensors
            ),
        )

    def _outline(self, sensor: Sensor, height_m: float) -> tuple[tuple[float, float], ...]:
        key = sensor.sensor_id, height_m
        known = self._outlines.get(key)
        if known is None:
            if len(self._outlines) > 10_000:  # somebody asks for every height there is
                self._outlines.clear()
            known = self._outlines[key] = outline_of(sensor, height_m, self._terrain)
        return known

    async def profile(self, request: Request) -> Response:
        """Heights of a track against zones, up to ``at`` [ms UTC; now] and ``ahead_s`` on."""
        at_ms = _number(request, "at", self._now_ms(), 0.0, _INSTANT_MAX_MS)
        ahead_s = _number(request, "ahead_s", AHEAD_S, 0.0, AHEAD_MAX_S)
        if at_ms is None or ahead_s is None:
            return JSONResponse(
                {"error": f"at: milliseconds UTC; ahead_s: 0 to {AHEAD_MAX_S:.0f} s"}, 400
            )
        seen = await asyncio.to_thread(self._track, request.path_params["track_id"], at_ms)
        if seen is None:
            return JSONResponse({"error": "no such track"}, 404)
        pipeline = self._course.pipeline
        found = await asyncio.to_thread(
            track_profile, pipeline.zones, pipeline.body.stages.watch, *seen, ahead_s, self._terrain
        )
        return _answer(found)

    def routes(self) -> list[BaseRoute]:
        """What it answers."""
        return [
            OperationRoute(ZONES, self.zones),
            OperationRoute(ZONE_TIMES, self.times),
            OperationRoute(SENSORS, self.sensors),
            OperationRoute(PROFILE, self.profile),
        ]


def outline_of(
    sensor: Sensor, height_amsl_m: float, terrain: Terrain | None = None
) -> tuple[tuple[float, float], ...]:
    """Longitudes and latitudes as far as a sensor sees at a height; without terrain, over a smooth Earth.

    An antenna that would lie in the ground of its cell stands on it.
    """
    place = np.array([sensor.latitude_deg]), np.array([sensor.longitude_deg])
    amsl_m = float(amsl_from_hae(*place, np.array([sensor.height_hae_m])).value_m[0])
    if terrain is not None:
        ground_m = float(terrain.ground(*place).amsl_m[0])
        amsl_m = amsl_m if math.isnan(ground_m) else max(amsl_m, ground_m)
    antenna = Antenna(sensor.latitude_deg, sensor.longitude_deg, amsl_m, sensor.range_max_m)
    points = np.round(outline(antenna, height_amsl_m, terrain), 4)
    return tuple((float(x), float(y)) for x, y in points)


def _number(request: Request, name: str, default: float, low: float, high: float) -> float | None:
    """A number of the query; None where it is none, or out of its range."""
    try:
        value = float(request.query_params.get(name, default))
    except ValueError:
        return None
    return value if math.isfinite(value) and low <= value <= high else None


def _answer(found: msgspec.Struct) -> Response:
    return Response(msgspec.json.encode(found), media_type="application/json")
