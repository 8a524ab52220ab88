"""Recorded flights and what they flew into: what predictions are fitted to and scored against.

The recordings are not ours to ship: ``VEDETTE_RECORDINGS`` names a folder that holds them.
"""

import os
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.feeds.table.columns import find_columns
from vedette.model.columns import Floats, Integers
from vedette.model.time import SECOND_NS
from vedette.model.units import FOOT_M
from vedette.model.zone import Limit, Zone, ZoneKind
from vedette.watch.membership import Picture

GRID_S: Final = 10.0
_GAP_S: Final = 60.0  # a longer silence ends a segment
_PLACE_M: Final = 50.0  # 1-sigma of a state just heard
_VELOCITY_MPS: Final = 2.0
_BEAT_S: Final = 1.5  # rows of a radiosonde come every second
_FINE_S: Final = 2.0
_RESTLESS_S: Final = 90.0
_EARTH_M: Final = 6_371_008.8
_UK_KINDS: Final[dict[str, ZoneKind]] = {
    "CTA": "cta",
    "CTR": "ctr",
    "TMA": "tma",
    "D": "danger",
    "R": "restricted",
    "P": "prohibited",
    "ATZ": "atz",
}


class Flight(NamedTuple):
    """One uninterrupted stretch of a flight on a grid of 10 s; (t,) arrays, metres a second and radians."""

    name: str
    recording: str
    begin_s: float
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats  # by pressure
    east_mps: Floats
    north_mps: Floats
    up_mps: Floats
    turn_radps: Floats  # over the last 20 s
    restless_radps: Floats  # either way, averaged over the last ``_RESTLESS_S``
    doubt: Floats  # (t, 2) variance of place [m²] and velocity [m²/s²] along each axis


def folder() -> Path | None:
    """The folder of recordings that ``VEDETTE_RECORDINGS`` names; None without one."""
    named = os.environ.get("VEDETTE_RECORDINGS")
    return Path(named) if named else None


def flights(path: Path, gap_s: float = _GAP_S) -> list[Flight]:
    """Flights of a trajectory table, cut where they were not heard for longer than ``gap_s``."""
    table = pq.read_table(path)
    columns = find_columns(table.column_names)
    if columns is None:
        return []
    time_s = table.column(columns.time).cast(pa.timestamp("us", tz="UTC")).cast(pa.int64())
    times_s = time_s.to_numpy() * 1e-6
    if "lastposupdate" in table.column_names:  # OpenSky repeats a place until it hears the next
        times_s = table.column("lastposupdate").to_numpy()

    def number(field: str) -> Floats:
        column = columns.numbers[field]
        values = table.column(column.name).to_numpy(zero_copy_only=False)
        return np.asarray(values, dtype=np.float64) * column.factor

    latitude, longitude = number("latitude_deg"), number("longitude_deg")
    height = number("pressure_altitude_m")
    reported = None
    # eight bits would not hold 360 degrees
    if table.column("track").type.bit_width > 8:
        speed, course = number("ground_speed_mps"), number("track_angle_rad")
        reported = np.column_stack((speed * np.sin(course), speed * np.cos(course)))
    names = np.array(table.column(columns.texts["icao24"]).to_pylist())
    found: list[Flight] = []
    for name in np.unique(names):
        rows = np.flatnonzero((names == name) & ~np.isnan(times_s))
        rows = rows[np.unique(times_s[rows], return_index=True)[1]]
        cuts = np.flatnonzero(np.diff(times_s[rows]) > gap_s) + 1
        for part in np.split(rows, cuts):
            if len(part) <= 3 or times_s[part[-1]] - times_s[part[0]] <= 90.0:
                continue
            flight = _gridded(
                (str(name), path.stem),
                times_s[part],
                latitude[part],
                longitude[part],
                height[part],
                None if reported is None else reported[part],
            )
            found.append(flight)
    return found


def balloons(path: Path) -> list[Flight]:
    """Flights of radiosondes: serial, time, place and height above the sea, a row a second.

    A sonde sends every second, but where it was heard badly the recording spreads the few rows that it has
    evenly over the gap: 5 m of ascent from row to row, seconds apart, then a leap of hundreds of metres. Only
    stretches with a row every second have times that can be right.
    """
    table = pq.read_table(path)
    seconds = table.column("time_utc").cast(pa.int64()).to_numpy() * 1e-9
    names = np.array(table.column("serial").to_pylist())
    place = [table.column(name).to_numpy() for name in ("lat", "lon", "alt_m")]
    found = []
    for name in np.unique(names):
        rows = np.flatnonzero(names == name)
        rows = rows[np.unique(seconds[rows], return_index=True)[1]]
        cuts = np.flatnonzero(np.diff(seconds[rows]) > _BEAT_S) + 1
        for part in np.split(rows, cuts):
            if seconds[part[-1]] - seconds[part[0]] > 90.0:
                latitude, longitude, height = (column[part] for column in place)
                label = str(name), path.stem
                found.append(_gridded(label, seconds[part], latitude, longitude, height, None))
    return found


def _gridded(
    label: tuple[str, str],
    times_s: Floats,
    latitude: Floats,
    longitude: Floats,
    height: Floats,
    reported: Floats | None,
) -> Flight:
    grid_s = np.arange(np.ceil(times_s[0]), times_s[-1], GRID_S)
    lat = np.interp(grid_s, times_s, latitude)
    lon = np.interp(grid_s, times_s, longitude)
    known = ~np.isnan(height)
    level = (
        np.interp(grid_s, times_s[known], height[known])
        if known.any()
        else np.full(len(grid_s), np.nan)
    )
    # a receiver's altitude jumps now and then: what needs more than 100 m/s is not believed
    jump = np.abs(np.diff(level, prepend=level[:1])) > 100.0 * GRID_S
    level[jump] = np.nan
    # each state from what was heard before it alone, as a tracker has it
    north = np.radians(np.diff(lat)) * _EARTH_M / GRID_S
    east = np.radians(np.diff(lon)) * _EARTH_M * np.cos(np.radians(lat[1:])) / GRID_S
    course = np.unwrap(np.arctan2(east, north))
    turn = np.zeros(len(grid_s))
    turn[2:] = np.diff(course) / GRID_S
    # the mean velocity of a turn is that of its middle, five seconds ago
    lead = 0.5 * GRID_S * turn[1:]
    ve, vn = np.zeros(len(grid_s)), np.zeros(len(grid_s))
    ve[1:] = east * np.cos(lead) + north * np.sin(lead)
    vn[1:] = north * np.cos(lead) - east * np.sin(lead)
    if reported is not None:
        # the state as last heard, not one that lies between it and the next
        last = np.searchsorted(times_s, grid_s, side="right") - 1
        ve, vn = reported[last].T.copy()
        turn = np.zeros(len(grid_s))
        change = np.diff(np.arctan2(ve, vn))
        turn[1:] = (np.mod(change + np.pi, 2.0 * np.pi) - np.pi) / GRID_S
    up = np.zeros(len(grid_s))
    up[2:] = (level[2:] - level[:-2]) / (2.0 * GRID_S)
    doubt = np.tile((_PLACE_M**2, _VELOCITY_MPS**2), (len(grid_s), 1))
    if reported is not None:
        doubt += _grown(times_s, reported, grid_s)
    return Flight(
        *label,
        float(grid_s[0]),
        lat,
        lon,
        level,
        ve,
        vn,
        np.nan_to_num(up),
        turn,
        restless(turn),
        doubt,
    )


def restless(turn_radps: Floats) -> Floats:
    """(t,) turn either way, averaged over the rows of the last ``_RESTLESS_S``."""
    summed = np.concatenate(([0.0], np.cumsum(np.abs(turn_radps))))
    end = np.arange(1, len(turn_radps) + 1)
    begin = np.maximum(end - round(_RESTLESS_S / GRID_S), 0)
    mean: Floats = (summed[end] - summed[begin]) / (end - begin)
    return mean


def _grown(times_s: Floats, reported: Floats, grid_s: Floats) -> Floats:
    """(t, 2) variances of place and velocity that have grown since the last row, as a tracker's do.

    The acceleration noise is that which the rows heard before show: what they differ by from one to the next,
    over the time between them.
    """
    gap_s = np.diff(times_s)
    shown = 0.5 * np.sum(np.diff(reported, axis=0) ** 2, axis=1) / np.maximum(gap_s, 1.0)
    shown = np.nan_to_num(shown)
    noise = np.zeros(len(times_s))
    noise[1:] = np.cumsum(shown) / np.arange(1, len(times_s))
    last = np.searchsorted(times_s, grid_s, side="right") - 1
    age_s, q = grid_s - times_s[last], noise[last]
    return np.column_stack((q * age_s**3 / 3.0, q * age_s))


def picture(flights_: list[Flight], flight: Integers, at: Integers) -> Picture:
    """The states of flights at places of their grids, as a tracker would give them."""

    def column(field: str) -> Floats:
        return np.array([getattr(flights_[f], field)[k] for f, k in zip(flight, at, strict=True)])

    count = len(flight)
    covariance = np.zeros((count, 10))
    doubt = column("doubt")
    covariance[:, [0, 4]] = doubt[:, :1]
    covariance[:, [7, 9]] = doubt[:, 1:]
    now_ns = np.array(
        [
            round((flights_[f].begin_s + k * GRID_S) * SECOND_NS)
            for f, k in zip(flight, at, strict=True)
        ],
        dtype=np.int64,
    )
    unknown = np.full(count, np.nan)
    return Picture(
        [f"{f}" for f in flight],
        now_ns,
        now_ns,
        column("latitude_deg"),
        column("longitude_deg"),
        column("east_mps"),
        column("north_mps"),
        covariance,
        unknown,
        column("height_m"),
        np.full(count, 30.0),
        unknown.copy(),
        column("up_mps"),
        column("turn_radps"),
        column("restless_radps"),
    )


def entry_times_s(zones: ZoneIndex, flight: Flight) -> dict[int, Floats]:
    """For each zone that a flight is ever in, the times at which it comes in, from its begin [s]."""
    count = len(flight.latitude_deg)
    rows_at = np.arange(count) * GRID_S
    fine_s = np.arange(0.0, (count - 1) * GRID_S + 0.1, _FINE_S)
    rows, which = zones.locate(
        np.interp(fine_s, rows_at, flight.latitude_deg),
        np.interp(fine_s, rows_at, flight.longitude_deg),
    )
    height = np.interp(fine_s, rows_at, flight.height_m)
    result: dict[int, Floats] = {}
    for k in np.unique(which).tolist():
        inside = np.zeros(len(fine_s), dtype=np.bool_)
        inside[rows[which == k]] = True
        zone = zones.zones[k]
        if zone.floor is not None:
            inside &= ~(height < zone.floor.height_m)
        if zone.ceiling is not None:
            inside &= ~(height >= zone.ceiling.height_m)
        result[k] = fine_s[np.flatnonzero(inside[1:] & ~inside[:-1]) + 1] - 0.5 * _FINE_S
    return result


def _limit(text_ref: str, feet: float) -> Limit | None:
    if text_ref == "SFC":
        return None
    return Limit(height_m=feet * FOOT_M, datum="pressure" if text_ref == "STD" else "amsl")


def uk_zones(path: Path) -> ZoneIndex:
    """Controlled, danger, restricted and prohibited areas of the United Kingdom, beside all states.

    The file is the reference data's rewrite of ``ahsparrow/airspace``, with limits in feet.
    """
    document: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    sovereign = sovereign_airspace()
    zones, shapes = list(sovereign.zones), list(sovereign.geometries)
    for feature in document["features"]:
        facts = feature["properties"]
        kind = _UK_KINDS.get(facts["category"])
        if kind is None:
            continue
        shape = shapely.make_valid(shapely.geometry.shape(feature["geometry"]))
        if shape.geom_type not in ("Polygon", "MultiPolygon"):
            continue
        zones.append(
            Zone(
                zone_id=facts["id"],
                kind=kind,
                name=facts["name"],
                state="GBR",
                source=facts["source"],
                floor=_limit(facts["lower_ref"], facts["lower_ft"]),
                ceiling=_limit(facts["upper_ref"], facts["upper_ft"]),
            )
        )
        shapes.append(shape)
    return ZoneIndex.build(zones, shapes)
