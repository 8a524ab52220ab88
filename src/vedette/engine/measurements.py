"""Who measured an object: plots of a record's raw bytes that lie at a smoothed path."""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.engine.decoders import decoder_for
from vedette.engine.record import Record
from vedette.feeds.decoder import BulkDecoder, Chunk
from vedette.ledger.raw_log import ItemKind
from vedette.model import columns
from vedette.model.columns import Floats, Integers
from vedette.model.frames import polar_to_geodetic_deg
from vedette.model.plot import PLOT
from vedette.model.time import SECOND_NS
from vedette.watch.path import Path

_BEFORE_NS: Final = (
    120 * SECOND_NS
)  # decoders that need several messages for a place have begun by then
_GATE: Final = 4.0  # sigmas
_LEAST_M: Final = 150.0


class Measured(NamedTuple):
    """Plots of one sensor at a path: (k,) times and places."""

    sensor_id: str
    kind: str
    times_ns: Integers
    latitude_deg: Floats
    longitude_deg: Floats


def measured(record: Record, path: Path) -> list[Measured]:
    """Plots of a record that lie within four standard deviations of a path, by sensor.

    The raw bytes are decoded again. That a plot lies at the path is geometry: which track it was given to at
    the time is not asked. Sealed chunks hold what people told, and are not read.
    """
    table = _plots(record, int(path.times_ns[0]), int(path.times_ns[-1]))
    if not table.num_rows:
        return []
    height_m = np.interp(
        columns.integers(table, "valid_ns", missing=0).astype(np.float64),
        path.times_ns.astype(np.float64),
        np.nan_to_num(
            np.where(np.isnan(path.heights[:, 0]), path.heights[:, 1], path.heights[:, 0])
        ),
    )
    latitude, longitude, sigma_m = _placed(record, table, height_m)
    times_ns = columns.integers(table, "valid_ns", missing=0)
    at_s = (times_ns - path.times_ns[0]) * 1e-9
    path_s = (path.times_ns - path.times_ns[0]) * 1e-9
    north_m = np.radians(latitude - np.interp(at_s, path_s, path.state[:, 0])) * 6_371_008.8
    turn = (longitude - np.interp(at_s, path_s, path.state[:, 1]) + 180.0) % 360.0 - 180.0
    east_m = np.radians(turn) * 6_371_008.8 * np.cos(np.radians(latitude))
    own = np.sqrt(np.maximum(path.covariance[:, 0, 0] + path.covariance[:, 1, 1], 0.0))
    gate_m = _LEAST_M + _GATE * np.hypot(sigma_m, np.interp(at_s, path_s, own))
    near = (np.hypot(north_m, east_m) <= gate_m) & (at_s >= -1.0) & (at_s <= path_s[-1] + 1.0)
    names = np.array(table.column("sensor_id").to_pylist())
    kinds = np.array(table.column("kind").to_pylist())
    result = []
    for name in sorted(set(names[near].tolist())):
        mine = np.flatnonzero(near & (names == name))
        mine = mine[np.argsort(times_ns[mine], kind="stable")]
        result.append(
            Measured(
                str(name), str(kinds[mine[0]]), times_ns[mine], latitude[mine], longitude[mine]
            )
        )
    return result


def _plots(record: Record, begin_ns: int, end_ns: int) -> pa.Table:
    body = record.body
    decoders = [decoder_for(feed, body) for feed in body.feeds]
    tables = []
    for item, _ in record.items():  # noqa: PERF102 a record's items, no dictionary's
        if item.kind is not ItemKind.CHUNK:
            continue
        if not begin_ns - _BEFORE_NS <= item.instant_ns <= end_ns + 30 * SECOND_NS:
            continue
        decoder = decoders[item.feed]
        if decoder is None:
            continue
        try:
            if isinstance(decoder, BulkDecoder):
                plots = decoder.decode_many([Chunk(item.instant_ns, item.payload)], [0]).plots
            else:
                plots = decoder.decode(item.payload, item.instant_ns, 0).plots
        except Exception:
            # as the pipeline does: a decoder that broke its word begins anew
            decoders[item.feed] = decoder_for(body.feeds[item.feed], body)
            continue
        if plots.num_rows:
            tables.append(plots)
    return pa.concat_tables(tables) if tables else PLOT.empty_table()


def _placed(record: Record, table: pa.Table, height_m: Floats) -> tuple[Floats, Floats, Floats]:
    """Places of plots and their 1-sigma [m]; NaN where the sensor's site is not known."""
    latitude, longitude = (
        columns.floats(table, "latitude_deg").copy(),
        columns.floats(table, "longitude_deg").copy(),
    )
    sigma_m = np.nan_to_num(columns.floats(table, "position_sigma_m"), nan=50.0)
    ranges, azimuths = columns.floats(table, "range_m"), columns.floats(table, "azimuth_rad")
    names = np.array(table.column("sensor_id").to_pylist())
    for sensor in record.body.sensors:
        rows = np.flatnonzero((names == sensor.sensor_id) & ~np.isnan(ranges) & np.isnan(latitude))
        if not len(rows):
            continue
        site = (sensor.latitude_deg, sensor.longitude_deg, sensor.height_hae_m)
        place = polar_to_geodetic_deg(site, ranges[rows], azimuths[rows], height_m[rows])
        latitude[rows], longitude[rows] = place[:, 0], place[:, 1]
        sigma_m[rows] = np.hypot(sensor.range_sigma_m, ranges[rows] * sensor.azimuth_sigma_rad)
    return latitude, longitude, sigma_m
