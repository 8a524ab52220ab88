"""How far sensors have really seen: counted by direction and distance, from the plots that came.

Of receivers it is what aircraft say of themselves, so that a false position counts as well; a place counts from
its third plot on.
"""

from collections.abc import Sequence
from threading import Lock
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

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
        names = plots.column("sensor_id").combine_chunks().dictionary_encode()
        listed = names.dictionary.to_pylist()
        sensors = [self._sensors.get(name) for name in listed]
        owner = np.asarray(names.indices.fill_null(-1))
        wanted = np.array([sensor is not None for sensor in sensors] + [False])[owner]
        if not wanted.any():
            return
        if not wanted.all():
            plots, owner = plots.filter(pa.array(wanted)), owner[wanted]
        sites = np.array(
            [
                (0.0, 0.0, 1.0) if s is None else (s.latitude_deg, s.longitude_deg, s.range_max_m)
                for s in sensors
            ]
        )[owner]
        azimuth_rad, range_m = _polar(sites[:, 0], sites[:, 1], plots)
        range_max_m = sites[:, 2]
        known = np.isfinite(azimuth_rad) & np.isfinite(range_m)
        known &= (range_m >= 0.0) & (range_m <= range_max_m)
        turn = azimuth_rad[known] % (2.0 * np.pi) / (2.0 * np.pi)
        sector = np.minimum((turn * SECTORS).astype(np.int64), SECTORS - 1)
        ring = (range_m[known] / range_max_m[known] * _RINGS).astype(np.int64)
        place = sector * _RINGS + np.minimum(ring, _RINGS - 1)
        size = SECTORS * _RINGS
        more = np.bincount(owner[known] * size + place, minlength=len(listed) * size)
        with self._lock:
            for number in np.unique(owner).tolist():
                own = more[number * size : (number + 1) * size]
                before = self._counts.get(listed[number])
                self._counts[listed[number]] = own.copy() if before is None else before + own

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


def _polar(
    site_latitude_deg: Floats, site_longitude_deg: Floats, plots: pa.Table
) -> tuple[Floats, Floats]:
    """(n,) true azimuths and distances, as the sensor measured them, else from the places told; NaN: neither."""
    azimuth_rad, range_m = floats(plots, "azimuth_rad"), floats(plots, "range_m")
    other = np.flatnonzero(~(np.isfinite(azimuth_rad) & np.isfinite(range_m)))
    if not len(other):
        return azimuth_rad, range_m
    azimuth_rad, range_m = azimuth_rad.copy(), range_m.copy()
    latitude, longitude = (
        np.radians(floats(plots, name)[other]) for name in ("latitude_deg", "longitude_deg")
    )
    here_y = np.radians(site_latitude_deg[other])
    here_x = np.radians(site_longitude_deg[other])
    # on a sphere: a ring is a hundredth of the range wide, the error a third of that at most
    east = np.sin(longitude - here_x) * np.cos(latitude)
    north = np.cos(here_y) * np.sin(latitude) - np.sin(here_y) * np.cos(latitude) * np.cos(
        longitude - here_x
    )
    up = np.sin(here_y) * np.sin(latitude) + np.cos(here_y) * np.cos(latitude) * np.cos(
        longitude - here_x
    )
    azimuth_rad[other] = np.arctan2(east, north)
    range_m[other] = EARTH_M * np.arctan2(np.hypot(east, north), up)
    return azimuth_rad, range_m
