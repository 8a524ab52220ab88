"""How low a sensor sees: the horizon of a 4/3 Earth, and the ground in between where it is known.

Rays bend down as if the Earth's radius were 4/3 of what it is (standard refraction: Recommendation ITU-R P.834).
An object is seen where the straight line of that larger Earth is free and the slant range is not exceeded.
Detection probability, clutter and the cone above the antenna are not looked at.
"""

from typing import Any, Final, NamedTuple, Protocol

import numpy as np

from vedette.airspace.edges import EARTH_M, WGS84
from vedette.airspace.terrain import Terrain
from vedette.model.columns import Flags, Floats

BENT_EARTH_M: Final = EARTH_M * 4.0 / 3.0
PROFILE_POINTS: Final = 256  # of the ground between an antenna and a place
OUTLINE_STEPS: Final = 320  # distances at which an outline looks along each azimuth


class Sensor(Protocol):
    """What is asked of a sensor here: where its antenna is, and how far it measures."""

    @property
    def latitude_deg(self) -> float:
        """Of the antenna."""

    @property
    def longitude_deg(self) -> float:
        """Of the antenna."""

    @property
    def antenna_amsl_m(self) -> float:
        """Of the antenna."""

    @property
    def range_m(self) -> float:
        """Greatest slant range."""


class Antenna(NamedTuple):
    """A sensor that is no contribution to a shield."""

    latitude_deg: float
    longitude_deg: float
    antenna_amsl_m: float
    range_m: float


class Sight(NamedTuple):
    """What one sensor sees of (n,) places."""

    distance_m: Floats  # along the ground
    lowest_amsl_m: Floats  # from this height up the line is free
    antenna_amsl_m: float
    range_m: float

    def sees(self, height_amsl_m: Floats | float) -> Flags:
        """(n,) whether an object at a height over each place is in the line of sight and in range."""
        height: Any = np.asarray(height_amsl_m, dtype=np.float64)
        free = height >= self.lowest_amsl_m
        return np.asarray(free & (self.slant_m(height) <= self.range_m))

    def slant_m(self, height_amsl_m: Floats | float) -> Floats:
        """(n,) straight distance from the antenna."""
        theta = self.distance_m / EARTH_M
        radius = EARTH_M + np.asarray(height_amsl_m, dtype=np.float64)
        across = radius * np.sin(theta)
        along = radius * np.cos(theta) - (EARTH_M + self.antenna_amsl_m)
        out: Floats = np.hypot(across, along)
        return out


def horizon_m(height_m: Floats | float) -> Floats:
    """Distance along a smooth sea to the horizon of an eye at a height [m]; 0 at and below the sea.

    >>> round(float(horizon_m(100.0)) / 1e3, 1)
    41.2
    """
    height = np.maximum(np.asarray(height_m, dtype=np.float64), 0.0)
    # not acos(r / (r + h)), which keeps half its digits only where h is small
    out: Floats = BENT_EARTH_M * np.arctan(
        np.sqrt(height * (2.0 * BENT_EARTH_M + height)) / BENT_EARTH_M
    )
    return out


def lowest_visible_m(antenna_amsl_m: float, distance_m: Floats) -> Floats:
    """(n,) heights above a smooth sea from which an antenna is seen at (n,) distances along it.

    >>> [round(float(h)) for h in lowest_visible_m(100.0, np.array([40e3, 100e3]))]
    [0, 203]
    """
    beyond: Any = np.maximum(
        np.asarray(distance_m, dtype=np.float64) - horizon_m(antenna_amsl_m), 0
    )
    half = np.sin(0.5 * beyond / BENT_EARTH_M)
    out: Floats = BENT_EARTH_M * 2.0 * half**2 / np.cos(beyond / BENT_EARTH_M)
    return out


def sight(
    sensor: Sensor, latitude_deg: Floats, longitude_deg: Floats, terrain: Terrain | None = None
) -> Sight:
    """What a sensor sees of (n,) places; over a smooth sea where no terrain is given or known."""
    _, _, distance_m = WGS84.inv(
        np.full(len(latitude_deg), sensor.longitude_deg),
        np.full(len(latitude_deg), sensor.latitude_deg),
        longitude_deg,
        latitude_deg,
    )
    distance_m = np.asarray(distance_m, dtype=np.float64)
    lowest_m = lowest_visible_m(sensor.antenna_amsl_m, distance_m)
    near = np.flatnonzero(distance_m <= sensor.range_m * 1.01 + 1_000.0)
    if terrain is not None and len(near):
        lowest_m = lowest_m.copy()
        lowest_m[near] = np.maximum(
            lowest_m[near],
            _over_ground(
                sensor, latitude_deg[near], longitude_deg[near], distance_m[near], terrain
            ),
        )
    return Sight(distance_m, lowest_m, sensor.antenna_amsl_m, sensor.range_m)


def outline(
    sensor: Sensor, height_amsl_m: float, terrain: Terrain | None = None, azimuths: int = 72
) -> Floats:
    """(azimuths, 2) longitudes and latitudes [degrees] as far as a sensor sees at a height, clockwise from north.

    Along each azimuth it is seen without a gap up to there; what is seen again behind a ridge is left out.

    Raises:
        ValueError: fewer than three azimuths.

    Example: an antenna of 100 m sees the sea's surface to its horizon.

        >>> points = outline(Antenna(0.0, 0.0, 100.0, 400e3), 0.0)
        >>> bool(abs(WGS84.inv(0.0, 0.0, *points[0])[2] - horizon_m(100.0)) < 1_500)
        True
    """
    if azimuths < 3:
        raise ValueError("an outline needs three azimuths")
    reach_m = min(
        sensor.range_m, float(horizon_m(sensor.antenna_amsl_m) + horizon_m(height_amsl_m)) + 1e3
    )
    if terrain is not None:  # from a hill the sea's horizon is not the end
        reach_m = sensor.range_m
    azimuth = np.repeat(np.arange(azimuths) * 360.0 / azimuths, OUTLINE_STEPS)
    distance_m = np.tile(np.linspace(0.0, reach_m, OUTLINE_STEPS), azimuths)
    x, y, _ = WGS84.fwd(
        np.full(len(azimuth), sensor.longitude_deg),
        np.full(len(azimuth), sensor.latitude_deg),
        azimuth,
        distance_m,
    )
    seen = sight(sensor, y, x, terrain).sees(height_amsl_m).reshape(azimuths, OUTLINE_STEPS)
    unseen = ~seen
    last = np.where(unseen.any(axis=1), np.argmax(unseen, axis=1) - 1, OUTLINE_STEPS - 1)
    at = np.arange(azimuths) * OUTLINE_STEPS + np.maximum(last, 0)
    out: Floats = np.column_stack((x[at], y[at]))
    return out


def _over_ground(
    sensor: Sensor,
    latitude_deg: Floats,
    longitude_deg: Floats,
    distance_m: Floats,
    terrain: Terrain,
) -> Floats:
    """(n,) heights from which the antenna is seen over the steepest ground of the way, and above ground there."""
    share = (np.arange(PROFILE_POINTS) + 1.0) / (PROFILE_POINTS + 1.0)
    begin = _unit(np.array([sensor.latitude_deg]), np.array([sensor.longitude_deg]))
    end = _unit(latitude_deg, longitude_deg)
    angle = np.arccos(np.clip(end @ begin[0], -1.0, 1.0))[:, None]
    sine = np.maximum(np.sin(angle), 1e-12)
    first, second = np.sin((1.0 - share) * angle) / sine, np.sin(share * angle) / sine
    way = first[:, :, None] * begin[0] + second[:, :, None] * end[:, None, :]
    y = np.degrees(np.arctan2(way[..., 2], np.hypot(way[..., 0], way[..., 1])))
    x = np.degrees(np.arctan2(way[..., 1], way[..., 0]))
    ground_m = terrain.ground(y.ravel(), x.ravel()).amsl_m.reshape(y.shape)
    radius = BENT_EARTH_M + np.nan_to_num(ground_m)  # unknown ground hides no more than the sea
    theta = share[None, :] * distance_m[:, None] / BENT_EARTH_M
    eye = BENT_EARTH_M + sensor.antenna_amsl_m
    across = np.maximum(radius * np.sin(theta), 1e-6)
    steepest = ((radius * np.cos(theta) - eye) / across).max(axis=1)
    whole = distance_m / BENT_EARTH_M
    # the height at which a ray of that slope passes over the place
    over_m = eye / np.maximum(np.cos(whole) - steepest * np.sin(whole), 1e-6) - BENT_EARTH_M
    there_m = np.nan_to_num(terrain.ground(latitude_deg, longitude_deg).amsl_m)
    out: Floats = np.maximum(over_m, there_m)
    return out


def _unit(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    y, x = np.radians(latitude_deg), np.radians(longitude_deg)
    return np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y)))
