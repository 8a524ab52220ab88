"""What stands and blows between a sensor and what it looks for: ridges, wind, rain, haze."""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
import numpy as np

from vedette.model.columns import Flags, Floats
from vedette.sim.values import Latitude, Longitude, Metres, Share, Speed

_EARTH_M: Final = 6_371_008.8
# Radio bends with the air: as if the Earth were 4/3 as large (ITU-R P.453 and P.834, median of the year)
EFFECTIVE_M: Final = 4.0 / 3.0 * _EARTH_M
HORIZON: Final = 4121.0  # sqrt(2 · 4/3 · Earth radius): line of sight with standard refraction
RAIN_TOP_M: Final = (
    3_000.0  # where rain moves with the wind, and up to where a radar meets it (design choice)
)


class WindLayer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The wind at one height; between layers it is interpolated."""

    pressure_altitude_m: Annotated[float, msgspec.Meta(ge=-500, le=40_000)]
    from_deg: Annotated[
        float, msgspec.Meta(ge=0, le=360)
    ]  # where it comes from, as met offices say it
    speed_mps: Speed


class Rain(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cell of rain, round, moving with the wind."""

    latitude_deg: Latitude
    longitude_deg: Longitude
    radius_m: Metres
    plots_per_scan: Annotated[float, msgspec.Meta(ge=0, le=10_000)] = (
        10.0  # of a radar that sees all of it
    )
    loss: Share = 0.3  # of primary echoes of what flies in it


class Weather(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Wind by height, rain, and how far people see."""

    wind: tuple[WindLayer, ...] = ()
    rain: tuple[Rain, ...] = ()
    visibility_m: Metres = 30_000.0


class Ridge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """High ground as a line: nothing is seen through it."""

    path: Annotated[
        tuple[tuple[Latitude, Longitude], ...], msgspec.Meta(min_length=2, max_length=500)
    ]
    height_hae_m: Annotated[float, msgspec.Meta(gt=0, le=9_000)]


def wind_at(weather: Weather, heights_m: Floats) -> Floats:
    """(n, 2) wind at heights: the velocity with which it carries, east and north [m/s]."""
    if not weather.wind:
        return np.zeros((len(heights_m), 2))
    layers = sorted(weather.wind, key=lambda layer: layer.pressure_altitude_m)
    known = np.array([layer.pressure_altitude_m for layer in layers])
    toward = np.radians([layer.from_deg + 180.0 for layer in layers])
    speed = np.array([layer.speed_mps for layer in layers])
    return np.column_stack(
        [
            np.interp(heights_m, known, speed * np.sin(toward)),
            np.interp(heights_m, known, speed * np.cos(toward)),
        ]
    )


def rain_at(weather: Weather, rain: Rain, times_s: Floats) -> Floats:
    """(n, 2) centre of a cell at times: latitude and longitude [degrees]."""
    east, north = wind_at(weather, np.array([RAIN_TOP_M]))[0]
    scale = np.degrees(1.0 / _EARTH_M)
    return np.column_stack(
        [
            rain.latitude_deg + north * times_s * scale,
            rain.longitude_deg + east * times_s * scale / np.cos(np.radians(rain.latitude_deg)),
        ]
    )


def flat(latitude_deg: float, longitude_deg: float, places: Floats) -> Floats:
    """(n, 2) east and north [m] of places, on a plane that keeps range and azimuth from here."""
    lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
    lats, lons = np.radians(places[:, 0]), np.radians(places[:, 1])
    dlon = lons - lon
    y = np.sin(dlon) * np.cos(lats)
    x = np.cos(lat) * np.sin(lats) - np.sin(lat) * np.cos(lats) * np.cos(dlon)
    z = np.sin(lat) * np.sin(lats) + np.cos(lat) * np.cos(lats) * np.cos(dlon)
    far = _EARTH_M * np.arctan2(np.hypot(x, y), z)
    azimuth = np.arctan2(y, x)
    return np.column_stack([far * np.sin(azimuth), far * np.cos(azimuth)])


def lost_in_rain(weather: Weather, times_s: Floats, places: Floats) -> Floats:
    """(n,) share of primary echoes that rain takes, of objects at places (latitude, longitude) at times."""
    kept = np.ones(len(times_s))
    for rain in weather.rain:
        centre = rain_at(weather, rain, times_s)
        north = (places[:, 0] - centre[:, 0]) * np.radians(1.0) * _EARTH_M
        east = (places[:, 1] - centre[:, 1]) * np.radians(1.0) * _EARTH_M
        east *= np.cos(np.radians(places[:, 0]))
        kept *= np.where(np.hypot(east, north) < rain.radius_m, 1.0 - rain.loss, 1.0)
    return 1.0 - kept


def in_sight(site_height_m: float, heights_m: Floats, ranges_m: Floats) -> Flags:
    """(n,) whether objects stand above the radio horizon of a site."""
    reach_m = HORIZON * (np.sqrt(max(site_height_m, 1.0)) + np.sqrt(np.maximum(heights_m, 0.0)))
    return np.asarray(ranges_m < reach_m, dtype=np.bool_)


class Sight:
    """What one site sees: above the horizon of the bent ray, and over the ridges on the way."""

    def __init__(self, site: tuple[float, float, float], ridges: Sequence[Ridge]) -> None:
        """Prepare.

        Args:
            site: latitude, longitude [degrees], height [m].
            ridges: high ground.
        """
        self._site = site
        lines = [(flat(site[0], site[1], np.array(r.path)), r.height_hae_m) for r in ridges]
        self._from = np.concatenate([line[:-1] for line, _ in lines]) if lines else np.empty((0, 2))
        self._to = np.concatenate([line[1:] for line, _ in lines]) if lines else np.empty((0, 2))
        self._tops = np.concatenate(
            [np.full(len(line) - 1, top) for line, top in lines] or [np.empty(0)]
        )

    def sees(self, places: Floats, ranges_m: Floats) -> Flags:
        """(n,) whether it sees objects at places (latitude, longitude [degrees], height [m])."""
        seen = in_sight(self._site[2], places[:, 2], ranges_m)
        if not len(self._tops) or not len(places):
            return seen
        ends = flat(self._site[0], self._site[1], places)
        far_m = np.hypot(ends[:, 0], ends[:, 1])
        along = self._to - self._from
        # where the way to each object meets each stretch of ridge: share of the way, share of the stretch
        cross = ends[:, :1] * along[None, :, 1] - ends[:, 1:] * along[None, :, 0]
        safe = np.where(np.abs(cross) < 1e-9, 1.0, cross)
        on_way = (
            self._from[None, :, 0] * along[None, :, 1] - self._from[None, :, 1] * along[None, :, 0]
        ) / safe
        on_ridge = (
            self._from[None, :, 0] * ends[:, 1:] - self._from[None, :, 1] * ends[:, :1]
        ) / safe
        meets = (
            (np.abs(cross) >= 1e-9)
            & (on_way > 0.0)
            & (on_way < 1.0)
            & (on_ridge >= 0.0)
            & (on_ridge <= 1.0)
        )
        rise = places[:, 2, None] - self._site[2]
        sag_m = far_m[:, None] ** 2 * on_way * (1.0 - on_way) / (2.0 * EFFECTIVE_M)
        ray_m = self._site[2] + rise * on_way - sag_m
        hidden = (meets & (ray_m < self._tops[None, :])).any(axis=1)
        return np.asarray(seen & ~hidden, dtype=np.bool_)
