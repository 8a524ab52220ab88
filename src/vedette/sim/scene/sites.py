"""Sensors of a scene: what their owner says of them, and what is wrong with them."""

import msgspec
import numpy as np

from vedette.model.sensor import Sensor, SensorKind


class Patch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """False plots that come from one direction: the sea, rain, or the turbines of a wind farm."""

    azimuth_rad: float
    range_m: float
    width_rad: float  # half of it to each side
    depth_m: float
    plots_per_turn: float
    points: int = 0  # fixed echoes that answer by turns; 0: anywhere in the patch


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sensor with its hidden faults; the tracker is told ``sensor`` alone."""

    sensor: Sensor
    phase_s: float = 0.0  # when its antenna first passes north
    range_min_m: float = 1_000.0
    elevation_max_rad: float = 0.87  # cone of silence: 50 degrees
    range_bias_m: float = 0.0
    azimuth_bias_rad: float = 0.0
    time_bias_s: float = 0.0  # its stamps are late by this
    azimuth_drift_rps: float = 0.0  # change of the azimuth bias
    reply_probability: float = 0.97  # of an equipped object that is seen
    false_plots: float = 0.0  # mean of each turn, even in range and azimuth
    patches: tuple[Patch, ...] = ()
    silent: tuple[tuple[float, float], ...] = ()  # outages: from and to [s]
    latency_s: float = 0.0  # from measurement to arrival, always
    delay_s: float = 0.0  # mean of an exponential delay beside it
    delay_max_s: float = 30.0


def radar(
    sensor_id: str, latitude_deg: float, longitude_deg: float, *, kind: SensorKind = "psr",
    period_s: float = 10.0, range_max_m: float = 400_000.0,
) -> Sensor:  # fmt: skip
    """A long-range radar with the accuracy of the model's defaults."""
    return Sensor(
        sensor_id=sensor_id, kind=kind, latitude_deg=latitude_deg, longitude_deg=longitude_deg,
        height_hae_m=50.0, period_s=period_s, range_max_m=range_max_m,
    )  # fmt: skip


def radars(count: int, *, kind: SensorKind = "psr", period_s: float = 10.0) -> tuple[Sensor, ...]:
    """Long-range radars spread over 400 km around 56° N 12° E."""
    places = grid(count, (56.0, 12.0), 400_000.0)
    return tuple(
        radar(f"radar-{number:03d}", *place, kind=kind, period_s=period_s)
        for number, place in enumerate(places)
    )


def grid(
    count: int, centre_deg: tuple[float, float], side_m: float, *, shift: np.ndarray | None = None
) -> list[tuple[float, float]]:
    """Places of ``count`` sensors spread evenly over a square, row by row [degrees].

    Args:
        count: how many.
        centre_deg: latitude and longitude of the middle.
        side_m: of the square.
        shift: (count, 2) moved by these shares of a cell.
    """
    columns = int(np.ceil(np.sqrt(count)))
    rows = int(np.ceil(count / columns)) if count else 0
    shift = np.zeros((count, 2)) if shift is None else shift
    places = []
    for number in range(count):
        north = ((number // columns + 0.5 + shift[number, 0]) / rows - 0.5) * side_m
        east = ((number % columns + 0.5 + shift[number, 1]) / columns - 0.5) * side_m
        places.append(offset_deg(centre_deg, north, east))
    return places


def offset_deg(
    centre_deg: tuple[float, float], north_m: float, east_m: float
) -> tuple[float, float]:
    """A place some way north and east of another, on a sphere: for laying out, not for measuring."""
    radius_m = 6_371_008.8
    latitude = centre_deg[0] + float(np.degrees(north_m / radius_m))
    scale = np.cos(np.radians(latitude))
    longitude = centre_deg[1] + float(np.degrees(east_m / radius_m / scale))
    return latitude, (longitude + 180.0) % 360.0 - 180.0
