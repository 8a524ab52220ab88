"""How far sensors have really seen: counted by direction and distance, from the plots that came.

Of receivers it is what aircraft say of themselves, so that a false position counts as well; a place counts from
its third plot on.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.airspace.edges import EARTH_M, WGS84
from vedette.model.columns import Floats, Integers, floats
from vedette.model.sensor import Sensor

SECTORS: Final = 72  # of five degrees
_RINGS: Final = 96  # within the sensor's range
_ENOUGH: Final = 3  # plots in one place


class Received(NamedTuple):
    """What one sensor has seen."""

    plots: int
    outline: tuple[tuple[float, float], ...]  # longitude, latitude; () where it has seen nothing


class Reception:
    """Grows with each tick's plots in one thread; any other may ask."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._sensors = {sensor.sensor_id: sensor for sensor in sensors}
        self._counts: dict[str, Integers] = {}
        self._lock = Lock()

    def add(self, plots: pa.Table) -> None:
        """Take the plots of a tick: a PLOT table."""
        ids = plots.column("sensor_id")
        for name in pc.unique(ids).to_pylist():
            sensor = self._sensors.get(name)
            if sensor is None:
                continue
            own = plots.filter(pc.equal(ids, name))
            azimuth_rad, range_m = _polar(sensor, own)
            known = np.isfinite(azimuth_rad) & np.isfinite(range_m)
            known &= (range_m >= 0.0) & (range_m <= sensor.range_max_m)
            turn = azimuth_rad[known] % (2.0 * np.pi) / (2.0 * np.pi)
            sector = np.minimum((turn * SECTORS).astype(np.int64), SECTORS - 1)
            ring = (range_m[known] / sensor.range_max_m * _RINGS).astype(np.int64)
            ring = np.minimum(ring, _RINGS - 1)
            more = np.bincount(sector * _RINGS + ring, minlength=SECTORS * _RINGS)
            with self._lock:
                before = self._counts.get(name)
                self._counts[name] = more if before is None else before + more

    def of(self, sensor_id: str) -> Received | None:
        """What a sensor has seen so far; None: no plot with a place has come."""
        with self._lock:
            counts = self._counts.get(sensor_id)
        if counts is None or not counts.any():
            return None
        sensor = self._sensors[sensor_id]
        there = counts.reshape(SECTORS, _RINGS) >= _ENOUGH
        last = np.where(there.any(axis=1), _RINGS - np.argmax(there[:, ::-1], axis=1), 0)
        if not last.any():
            return Received(int(counts.sum()), ())
        # each sector as an arc, so that what lies beside a far one is not taken for seen
        edges = np.repeat(np.arange(SECTORS + 1) * 360.0 / SECTORS, 2)[1:-1]
        metres = np.repeat(last * sensor.range_max_m / _RINGS, 2)
        x, y, _ = WGS84.fwd(
            np.full(len(edges), sensor.longitude_deg), np.full(len(edges), sensor.latitude_deg), edges, metres
        )  # fmt: skip
        places = np.round(np.column_stack((x, y)), 4)
        return Received(int(counts.sum()), tuple((float(a), float(b)) for a, b in places))


def _polar(sensor: Sensor, plots: pa.Table) -> tuple[Floats, Floats]:
    """(n,) true azimuths and distances, as the sensor measured them, else from the places told; NaN: neither."""
    azimuth_rad, range_m = floats(plots, "azimuth_rad"), floats(plots, "range_m")
    latitude, longitude = (
        np.radians(floats(plots, name)) for name in ("latitude_deg", "longitude_deg")
    )
    here_y, here_x = np.radians(sensor.latitude_deg), np.radians(sensor.longitude_deg)
    # on a sphere: a ring is a hundredth of the range wide, the error a third of that at most
    east = np.sin(longitude - here_x) * np.cos(latitude)
    north = np.cos(here_y) * np.sin(latitude) - np.sin(here_y) * np.cos(latitude) * np.cos(
        longitude - here_x
    )
    up = np.sin(here_y) * np.sin(latitude) + np.cos(here_y) * np.cos(latitude) * np.cos(
        longitude - here_x
    )
    measured = np.isfinite(azimuth_rad) & np.isfinite(range_m)
    return (
        np.where(measured, azimuth_rad, np.arctan2(east, north)),
        np.where(measured, range_m, EARTH_M * np.arctan2(np.hypot(east, north), up)),
    )
