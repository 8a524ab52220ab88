"""Fuse a whole table of plots at once: the form that benches and other people's scenarios use."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from vedette.fusion.picture import initial, step
from vedette.fusion.registration import SensorBias
from vedette.fusion.settings import FusionSettings
from vedette.model.errors import SettingError, SourceError
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.track import no_tracks

TEXT_BASES = {"icao24": 16, "mode3a": 8}  # how their digits are written as text


class Fused(NamedTuple):
    """A table of plots, fused."""

    tracks: pa.Table  # TRACK rows of every picture, in order of time, then of track_id
    losses: dict[str, int]  # plots not used, by reason
    registration: tuple[SensorBias, ...]  # of every radar, as it stood at the end


def read_plots(table: pa.Table, sensors: tuple[Sensor, ...]) -> pa.Table:
    """A plot table from any table with at least sensor_id, valid_ns and a place.

    Columns that plots do not have are left out; ``kind`` is that of the sensor and ``received_ns`` is
    ``valid_ns`` where they are absent; ``icao24`` may be six hexadecimal digits and ``mode3a`` four octal ones.

    Raises:
        SourceError: a needed column is missing, or one has another type; the message names it.
    """
    for name in ("sensor_id", "valid_ns"):
        if name not in table.column_names:
            raise SourceError(f"plots have no column {name}")
    columns = []
    for field in PLOT:
        try:
            columns.append(_column(table, field, sensors))
        except (pa.ArrowException, ValueError, OverflowError) as error:
            reason = str(error).splitlines()[0]
            raise SourceError(f"plots: column {field.name} cannot be used: {reason}") from error
    result = pa.table(columns, schema=PLOT)
    for field in PLOT:
        if not field.nullable and result.column(field.name).null_count:
            raise SourceError(f"plots: column {field.name} has rows without a value")
    return result


def _column(
    table: pa.Table, field: pa.Field, sensors: tuple[Sensor, ...]
) -> pa.Array | pa.ChunkedArray:
    if field.name in table.column_names:
        column = table.column(field.name)
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
        if text and field.name in TEXT_BASES:
            base = TEXT_BASES[field.name]
            values = [int(value, base) if value else None for value in column.to_pylist()]
            return pa.array(values, field.type)
        return column.cast(field.type)
    if field.name == "kind":
        kinds: dict[str | None, str] = {sensor.sensor_id: sensor.kind for sensor in sensors}
        # a source without a site can only have sent places
        return pa.array(
            [kinds.get(name, "track") for name in table.column("sensor_id").to_pylist()]
        )
    if field.name == "received_ns":
        return table.column("valid_ns").cast(field.type)
    return pa.nulls(table.num_rows, field.type)


def fuse(
    plots: pa.Table, sensors: tuple[Sensor, ...], settings: FusionSettings, period_s: float = 1.0
) -> pa.Table:
    """Track states over time, one picture for each ``period_s`` of the plots' time of arrival.

    Args:
        plots: PLOT rows in any order; each is used in the first picture after its ``received_ns``.
        sensors: sites of the radars.
        settings: of the filter.
        period_s: between pictures [s], at least 0.05.

    Returns:
        TRACK rows of every picture, in order of time, then of track_id.

    Raises:
        SettingError: the period is too short, or the plots span more than a million pictures.
    """
    return fuse_counted(plots, sensors, settings, period_s).tracks


def fuse_counted(
    plots: pa.Table, sensors: tuple[Sensor, ...], settings: FusionSettings, period_s: float = 1.0
) -> Fused:
    """As ``fuse``, with the plots that were not used and what the radars were found to be wrong by."""
    if not period_s >= 0.05:
        raise SettingError(f"period_s must be at least 0.05, not {period_s}")
    losses: dict[str, int] = {"late": 0, "duplicate": 0, "unusable": 0, "overflow": 0}
    if plots.num_rows == 0:
        return Fused(no_tracks(), losses, ())
    period_ns = round(period_s * SECOND_NS)
    # a plot cannot have been heard before it was true; a table without arrival has both the same
    arrival = np.maximum(
        plots.column("received_ns").to_numpy(), plots.column("valid_ns").to_numpy()
    ).astype(np.int64)
    tick = -(-arrival // period_ns)
    first, last = int(tick.min()), int(tick.max())
    if last - first > 1_000_000:
        raise SettingError("the plots span more than a million pictures: give a longer period_s")
    order = np.argsort(tick, kind="stable")
    ordered = plots.take(pa.array(order))
    bounds = np.searchsorted(tick[order], np.arange(first, last + 2))
    state, pictures = initial(settings), []
    registration: tuple[SensorBias, ...] = ()
    for k in range(last - first + 1):
        here = ordered.slice(int(bounds[k]), int(bounds[k + 1] - bounds[k]))
        state, output = step(settings, state, here, sensors, (first + k) * period_ns)
        pictures.append(output.tracks)
        registration = output.registration
        for reason, count in output.losses.items():
            losses[reason] += count
    return Fused(pa.concat_tables(pictures), losses, registration)
