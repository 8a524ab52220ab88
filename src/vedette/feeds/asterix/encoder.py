"""Plots to ASTERIX category 048, antenna marks to category 034: what a simulated radar sends."""

from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.feeds.asterix import layout
from vedette.feeds.asterix._encode import BLOCK_ROOM, RECORD_MAX, write_blocks
from vedette.model.columns import Floats, Integers, floats, integers
from vedette.model.errors import SettingError, ShapeError
from vedette.model.sensor import Sensor
from vedette.model.time import DAY_NS

# I048/020 TYP of each kind; a Mode S radar that we simulate selects its targets one by one
DETECTIONS: Final = {"psr": 1, "ssr": 2, "mode_s": 5}
MESSAGES: Final = {"north": 1, "sector": 2}


def encode_cat048(
    plots: pa.Table, sensor: Sensor, *, amplitudes_dbm: Floats | None = None
) -> bytes:
    """Data blocks of at most 1,400 octets each with one record for each plot, in their order.

    Items 010, 140, 020, 040 (where there is a range), 070, 090, 220, 240, 161, 200, 230 (on the
    ground or not) and, with ``amplitudes_dbm``, 130. What these items cannot hold is left out: a
    flight level below -15 or above 1500 is unknown to the receiver, as it would be from a real
    transponder.

    Args:
        plots: (n rows) a plot table; ``range_m`` and ``azimuth_rad`` where they have a place.
        sensor: the radar; needs ``sac`` and ``sic``.
        amplitudes_dbm: (n,) of the primary (psr) or the reply (ssr, mode_s); NaN for none.

    Raises:
        SettingError: the sensor has no SAC/SIC.
        ShapeError: ``amplitudes_dbm`` does not pair up with the plots.
        ValueError: a value that no radar could report (kind, range, address, code, callsign,
            number).

    Source: EUROCONTROL-SPEC-0149-4.
    """
    source = _source(sensor)
    if plots.num_rows == 0:
        return b""
    columns = _integer_columns(plots)
    values = _real_columns(plots)
    codes = _callsign_codes(plots)
    if amplitudes_dbm is None:
        amplitudes = np.full(plots.num_rows, 999, np.int64)
    elif amplitudes_dbm.shape != (plots.num_rows,):
        raise ShapeError(expected=(plots.num_rows,), actual=amplitudes_dbm.shape)
    else:
        rounded = np.clip(np.round(amplitudes_dbm), -128, 127)
        amplitudes = np.where(np.isnan(amplitudes_dbm), 999, rounded).astype(np.int64)
    room = plots.num_rows * RECORD_MAX
    # every block has room for many records, so headers add less than one octet to each
    out = np.zeros(room + layout.HEADER * (plots.num_rows + 1), np.uint8)
    written = write_blocks(source, columns, values, codes, amplitudes, out)
    return out[:written].tobytes()


def encode_cat034(
    kind: Literal["north", "sector"], sensor: Sensor, time_ns: int, sector: int | None = None
) -> bytes:
    """One data block that says that the antenna crossed north, or into a sector.

    Args:
        kind: which of the two.
        sensor: the radar; its ``period_s`` is stated in I034/041.
        time_ns: when, UTC.
        sector: azimuth of the sector's beginning in 1/256 of a turn (I034/020), 0 to 255; sectors
            only.

    Raises:
        SettingError: the sensor has no SAC/SIC.
        ValueError: another kind, or a sector that is missing, out of range, or given for north.

    Source: EUROCONTROL-SPEC-0149-2b.
    """
    source = _source(sensor)
    if kind not in MESSAGES:
        raise ValueError(f"no category 034 message is called {kind!r}: north or sector")
    if (kind == "sector") != (sector is not None) or not 0 <= (sector or 0) <= 255:
        raise ValueError("a sector message, and no other, needs a sector from 0 to 255")
    record = bytearray([0b1110_1000 if sector is None else 0b1111_1000])
    record += source.to_bytes(2, "big")
    record.append(MESSAGES[kind])
    record += int(_ticks(np.array([time_ns]))[0]).to_bytes(3, "big")
    if sector is not None:
        record.append(sector)
    record += min(round(sensor.period_s * 128.0), 0xFFFF).to_bytes(2, "big")
    return bytes([34]) + (layout.HEADER + len(record)).to_bytes(2, "big") + bytes(record)


def split_blocks(data: bytes) -> list[bytes]:
    """The data blocks that an encoder put one after the other, as the datagrams to send.

    Raises:
        ValueError: the lengths do not add up.
    """
    blocks = []
    position = 0
    while position < len(data):
        length = int.from_bytes(data[position + 1 : position + 3], "big")
        if length < layout.HEADER or position + length > len(data):
            raise ValueError(f"no data block of {length} octets fits at octet {position}")
        blocks.append(data[position : position + length])
        position += length
    return blocks


def _source(sensor: Sensor) -> int:
    sac, sic = sensor.sac, sensor.sic
    if sac is None or sic is None or not (0 <= sac <= 255 and 0 <= sic <= 255):
        raise SettingError(f"sensor {sensor.sensor_id}: needs a SAC and a SIC of 0 to 255 each")
    return sac << 8 | sic


def _ticks(instants_ns: Integers) -> Integers:
    """Time of day in 1/128 s, rounded; the last half tick of a day is the next midnight."""
    ticks: Integers = (instants_ns % DAY_NS + layout.TICK_NS // 2) // layout.TICK_NS
    return ticks % layout.TICKS_PER_DAY


def _integer_columns(plots: pa.Table) -> Integers:
    """(8, n): ticks, TYP, reply, address, Mode 3/A, track number, on ground; -1 is unknown."""
    rows = plots.num_rows
    kinds = pc.index_in(plots["kind"], pa.array(list(DETECTIONS)))
    if kinds.null_count:
        raise ValueError("category 048 carries psr, ssr and mode_s only")
    replies = pc.fill_null(
        pc.index_in(plots["military_reply"], pa.array(["friend", "unknown"])), -1
    )
    out = np.empty((7, rows), np.int64)
    out[0] = _ticks(integers(plots, "valid_ns", missing=0))
    out[1] = np.array(list(DETECTIONS.values()))[kinds.to_numpy()]
    out[2] = replies.to_numpy() + 1
    for row, name, least, most in (
        (3, "icao24", 1, 0xFFFFFF),
        (4, "mode3a", 0, 0o7777),
        (5, "track_number", 0, 0x0FFF),
    ):
        out[row] = integers(plots, name, missing=-1)
        known = out[row] != -1
        if ((out[row] < least) | (out[row] > most))[known].any():
            raise ValueError(f"{name}: category 048 holds {least} to {most}")
    out[6] = pc.fill_null(pc.cast(plots["on_ground"], pa.int8()), -1).to_numpy()
    return out


def _real_columns(plots: pa.Table) -> Integers:
    """(5, n) in units of their items: range, azimuth, level, speed, heading; -1 (-8192): unknown."""
    out = np.full((5, plots.num_rows), -1, np.int64)
    rho = np.round(floats(plots, "range_m") / layout.RANGE_LSB_M)
    theta = np.round(floats(plots, "azimuth_rad") / layout.ANGLE_LSB_RAD)
    if (rho < 0).any() or (rho > 0xFFFF).any():
        raise ValueError("range_m: I048/040 holds 0 to 474,106 m")
    known = ~(np.isnan(rho) | np.isnan(theta))
    out[0, known], out[1, known] = rho[known], theta[known] % 65_536
    level = np.round(floats(plots, "pressure_altitude_m") / layout.LEVEL_LSB_M)
    out[2] = -8192
    known = (level >= layout.LEVEL_MIN) & (level <= layout.LEVEL_MAX)
    out[2, known] = level[known]
    speed = np.round(floats(plots, "ground_speed_mps") / layout.SPEED_LSB_MPS)
    heading = np.round(floats(plots, "track_angle_rad") / layout.ANGLE_LSB_RAD)
    known = (speed >= 0) & (speed <= 0xFFFF) & ~np.isnan(heading)
    out[3, known], out[4, known] = speed[known], heading[known] % 65_536
    return out


def _callsign_codes(plots: pa.Table) -> Integers:
    """(n,) 48 bits of I048/240; -1 where there is none."""
    callsigns = plots["callsign"]
    if callsigns.null_count == plots.num_rows:
        return np.full(plots.num_rows, -1, np.int64)
    padded = pc.utf8_rpad(pc.fill_null(callsigns, ""), 8)
    if pc.any(pc.greater(pc.binary_length(padded), 8)).as_py():
        raise ValueError("callsign: I048/240 holds eight characters")
    characters = np.frombuffer("".join(padded.to_pylist()).encode("ascii", "replace"), np.uint8)
    codes = layout.CODES[characters.reshape(plots.num_rows, 8)].astype(np.int64)
    if (codes > 63).any():
        raise ValueError("callsign: I048/240 holds capital letters, digits and blanks")
    bits: Integers = codes @ (1 << np.arange(42, -1, -6, dtype=np.int64))
    blank = (codes == 32).all(axis=1)
    bits[blank] = -1
    return bits


__all__ = ["BLOCK_ROOM", "encode_cat034", "encode_cat048", "split_blocks"]
