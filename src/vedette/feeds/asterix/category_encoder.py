"""Plots to records of categories 001, 010, 020, 021, 062, 129 and 205, in the newest edition of each.

Exact where the categories hold what a plot holds, rounded to their units; what they cannot hold is left out, as it
would be on the way from a real source. Categories 048 and 034 are in ``encoder``.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pyarrow as pa

from vedette.airspace.heights import amsl_from_hae
from vedette.feeds.asterix import layout
from vedette.feeds.asterix import specification as spec
from vedette.feeds.asterix.categories import EMITTERS
from vedette.feeds.asterix.record_codec import Record, encode_block, encode_record
from vedette.model.errors import SettingError
from vedette.model.plot import EMERGENCIES
from vedette.model.time import DAY_NS
from vedette.model.units import FLIGHT_LEVEL_M, FOOT_M, FOOT_PER_MINUTE_MPS, NAUTICAL_MILE_M

BLOCK_RECORDS: Final = 20  # no record of these has more than 70 octets; a block stays below 1,400
_CODES: Final = {name: code for code, name in EMITTERS.items()}
_ANGLE_DEG: Final = 360.0 / 65_536.0

Row = dict[str, Any]


def encode_category(category: int, plots: pa.Table, sac: int, sic: int) -> bytes:
    """Data blocks of at most ``BLOCK_RECORDS`` records each, one for each plot in their order.

    Args:
        category: 1, 10, 20, 21, 62, 129 or 205.
        plots: (n rows) a plot table; latitude and longitude, or range and azimuth (001, 010), or azimuth
            alone (205).
        sac: system area code of the source, 0 to 255.
        sic: system identification code, 0 to 255.

    Raises:
        SettingError: another category, or codes that are none.

    Source: EUROCONTROL-SPEC-0149, the parts named in ``categories``.
    """
    if category not in _BUILD:
        raise SettingError(f"plots have no encoder to category {category:03d}")
    if not (0 <= sac <= 255 and 0 <= sic <= 255):
        raise SettingError(f"SAC {sac} and SIC {sic}: 0 to 255 each")
    found = spec.layout(category, spec.editions(category)[-1])
    rows = plots.to_pylist()
    out = b""
    together = 1 if category == 129 else BLOCK_RECORDS  # 129 allows one record a block
    for start in range(0, len(rows), together):
        records = []
        for row in rows[start : start + together]:
            record = {"010": {"SAC": sac, "SIC": sic}, **_BUILD[category](row)}
            profile = "track" if category == 1 and "161" in record else next(iter(found.profiles))
            records.append(encode_record(record, found, profile))
        out += encode_block(category, records)
    return out


def _ticks(row: Row) -> int:
    valid_ns: int = row["valid_ns"]
    return round(valid_ns % DAY_NS / layout.TICK_NS) % layout.TICKS_PER_DAY


def _fits(value: float | None, lsb: float, low: int, high: int) -> int | None:
    """A value in units of ``lsb``; None where unknown or beyond what the item holds."""
    if value is None or not np.isfinite(value):
        return None
    code = round(value / lsb)
    return code if low <= code <= high else None


def _angle(value_rad: float | None) -> int | None:
    return None if value_rad is None else round(np.degrees(value_rad) / _ANGLE_DEG) % 65_536


def _put(record: Record, item: str, **values: int | None) -> None:
    """An item of several fields, if all of them are known."""
    if all(value is not None for value in values.values()):
        record[item] = values


def _put_one(record: Record, item: str, value: int | None) -> None:
    if value is not None:
        record[item] = {"": value}


def _level(row: Row) -> int | None:
    return _fits(row["pressure_altitude_m"], FLIGHT_LEVEL_M / 4, layout.LEVEL_MIN, layout.LEVEL_MAX)


def _height(row: Row) -> int | None:
    return _fits(row["height_hae_m"], 6.25 * FOOT_M, -32_768, 32_766)


def _place(record: Record, item: str, row: Row, bits: int, turn_bits: int) -> None:
    """Latitude and longitude in 180 degrees / 2**turn_bits."""
    lsb, edge = 180.0 / 2.0**turn_bits, 1 << (bits - 1)
    _put(
        record,
        item,
        LAT=_fits(row["latitude_deg"], lsb, -edge, edge - 1),
        LON=_fits(row["longitude_deg"], lsb, -edge, edge - 1),
    )


def _code(record: Record, item: str, row: Row) -> None:
    if row["mode3a"] is not None:
        record[item] = {"MODE3A": row["mode3a"]}


def _characters(row: Row) -> int | None:
    """Eight characters of six bits; None where there is no callsign or it has others."""
    if row["callsign"] is None:
        return None
    codes = layout.CODES[
        np.frombuffer(f"{row['callsign']:<8}"[:8].encode("ascii", "replace"), np.uint8)
    ]
    if (codes == 255).any() or len(row["callsign"]) > 8:
        return None
    found = 0
    for code in codes.tolist():
        found = found << 6 | code
    return found


def _velocity(row: Row, lsb_mps: float, edge: int = 1 << 15) -> dict[str, int | None]:
    speed, angle = row["ground_speed_mps"], row["track_angle_rad"]
    if speed is None or angle is None:
        return {"VX": None, "VY": None}
    return {
        "VX": _fits(speed * np.sin(angle), lsb_mps, -edge, edge - 1),
        "VY": _fits(speed * np.cos(angle), lsb_mps, -edge, edge - 1),
    }


def _number(row: Row, most: int) -> int | None:
    number = row["track_number"]
    return number if number is not None and 0 <= number <= most else None


def _monoradar(row: Row) -> Record:
    track = _number(row, 65_535)
    kind = {"psr": 1}.get(row["kind"], 2)
    record: Record = {"020": [{"TYP": int(track is not None), "SSRPSR": kind}]}
    record["020"][0] |= dict.fromkeys(("SIM", "ANT", "SPI", "RAB"), 0)
    _put_one(record, "161", track)
    _put(
        record,
        "040",
        RHO=_fits(row["range_m"], NAUTICAL_MILE_M / 128, 0, 65_535),
        THETA=_angle(row["azimuth_rad"]),
    )
    _code(record, "070", row)
    _put(record, "090", HGT=_level(row))
    record["141"] = {"": _ticks(row) & 0xFFFF}
    if track is not None:
        _put(
            record,
            "200",
            GSP=_fits(row["ground_speed_mps"], NAUTICAL_MILE_M / 16_384, 0, 65_535),
            HDG=_angle(row["track_angle_rad"]),
        )
    return record


_SURFACE_TYPES: Final = {"mlat": 1, "ads_b": 2, "psr": 3}


def _surface(row: Row) -> Record:
    first = {"TYP": _SURFACE_TYPES.get(row["kind"], 4), "DCR": 0, "CHN": 0, "CRT": 0}
    record: Record = {"000": {"": 1}, "020": [{**first, "GBS": int(row["on_ground"] or 0)}]}
    record["140"] = {"": _ticks(row)}
    _place(record, "041", row, 32, 31)
    _put(record, "040", RHO=_fits(row["range_m"], 1.0, 0, 65_535), TH=_angle(row["azimuth_rad"]))
    _put(
        record,
        "200",
        GSP=_fits(row["ground_speed_mps"], NAUTICAL_MILE_M / 16_384, 0, 65_535),
        TRA=_angle(row["track_angle_rad"]),
    )
    _put(record, "161", TRK=_number(row, 4095))
    _code(record, "060", row)
    _put_one(record, "220", row["icao24"])
    _put(record, "245", CHR=_characters(row), STI=1)
    _put(record, "090", FL=_level(row))
    return record


def _multilateration(row: Row) -> Record:
    first = dict.fromkeys(("SSR", "HF", "VDL4", "UAT", "DME", "OT"), 0) | {"MS": 1}
    second = dict.fromkeys(("RAB", "SPI", "CHN", "CRT", "SIM", "TST"), 0)
    record: Record = {"020": [first, {**second, "GBS": int(row["on_ground"] or 0)}]}
    record["140"] = {"": _ticks(row)}
    _place(record, "041", row, 32, 25)
    _put(record, "161", TRN=_number(row, 4095))
    _code(record, "070", row)
    _put(record, "202", **_velocity(row, 0.25))
    _put(record, "090", FL=_level(row))
    _put_one(record, "220", row["icao24"])
    _put(record, "245", CHR=_characters(row), STI=1)
    _put_one(record, "105", _height(row))
    sigma = _fits(row["position_sigma_m"], 0.25, 1, 65_535)
    height_sigma = _fits(row["height_sigma_m"], 0.5, 1, 65_535)
    accuracy: Record = {}
    if sigma is not None:
        accuracy["SDP"] = {"X": sigma, "Y": sigma, "XY": 0}
    _put_one(accuracy, "SDH", height_sigma)
    if accuracy:
        record["500"] = accuracy
    return record


def _ads_b(row: Row) -> Record:
    first = {"ATP": 0, "ARC": 0, "RC": 0, "RAB": 0}
    second = dict.fromkeys(("DCR", "SIM", "TST", "SAA", "CL"), 0)
    record: Record = {"040": [first]}
    if row["on_ground"] is not None:
        record["040"].append({**second, "GBS": int(row["on_ground"])})
    _put(record, "161", TRNUM=_number(row, 4095))
    record["073"] = {"": _ticks(row)}
    _place(record, "131", row, 32, 30)
    _put_one(record, "080", row["icao24"])
    _put_one(record, "140", _height(row))
    if any(row[name] is not None for name in ("nic", "nac_p", "sil")):
        # the three are one item; version 2 of DO-260 tells that they are not NUCp
        record["210"] = {"VNS": 0, "VN": 2, "LTT": 2}
        record["090"] = [
            {"NUCRNACV": 0, "NUCPNIC": row["nic"] or 0},
            {"NICBARO": 0, "SIL": row["sil"] or 0, "NACP": row["nac_p"] or 0},
        ]
    _code(record, "070", row)
    _put_one(record, "145", _level(row))
    if row["emergency"] is not None:
        code = EMERGENCIES.index(row["emergency"])
        record["200"] = {"ICF": 0, "LNAV": 0, "ME": 0, "PS": code, "SS": 0}
    climb = _fits(row["vertical_rate_mps"], 6.25 * FOOT_PER_MINUTE_MPS, -16_384, 16_383)
    _put(record, "155", BVR=climb, RE=0)
    _put(
        record,
        "160",
        GS=_fits(row["ground_speed_mps"], NAUTICAL_MILE_M / 16_384, 0, 32_767),
        TA=_angle(row["track_angle_rad"]),
        RE=0,
    )
    _put_one(record, "170", _characters(row))
    _put_one(record, "020", _CODES.get(row["emitter_category"]))
    return record


def _system_track(row: Row) -> Record:
    record: Record = {"070": {"": _ticks(row)}}
    _place(record, "105", row, 32, 25)
    _put(record, "185", **_velocity(row, 0.25))
    _code(record, "060", row)
    _put(record, "245", CHR=_characters(row), STI=0)
    if row["icao24"] is not None:
        record["380"] = {"ADR": {"": row["icao24"]}}
    _put_one(record, "040", _number(row, 65_535) or 0)
    record["080"] = [dict.fromkeys(("MON", "SPI", "MRH", "SRC", "CNF"), 0)]
    _put_one(record, "136", _level(row))
    _put_one(record, "130", _height(row))
    climb = _fits(row["vertical_rate_mps"], 6.25 * FOOT_PER_MINUTE_MPS, -32_768, 32_767)
    _put_one(record, "220", climb)
    sigma = _fits(row["position_sigma_m"], 0.5, 1, 65_535)
    if sigma is not None:
        record["500"] = {"APC": {"X": sigma, "Y": sigma}}
    return record


def _bearing(row: Row) -> Record:
    record: Record = {"015": {"": 0}, "000": {"": 1}, "030": {"": _ticks(row)}}
    if row["azimuth_rad"] is not None:
        record["070"] = {"": round(np.degrees(row["azimuth_rad"]) % 360.0 / 0.01) % 36_000}
    return record


_COUNTRY_UNKNOWN: Final = int.from_bytes(b"ZZ", "big")  # ISO 3166-1 leaves it to its users


def _unmanned(row: Row) -> Record:
    record: Record = {"070": {"": _ticks(row)}, "050": {"": _COUNTRY_UNKNOWN}}
    name = (row["remote_id"] or "").encode("ascii", "replace")
    if 12 < len(name) <= 18:  # maker and model, which plots do not tell apart
        record["020"] = {"": int.from_bytes(name[:3], "big")}
        record["030"] = {"": int.from_bytes(name[3:6], "big")}
        name = name[6:]
    if 0 < len(name) <= 12:
        serial = name.ljust(12, b"\0")
        record["040"] = {
            "HI": int.from_bytes(serial[:6], "big"),
            "LO": int.from_bytes(serial[6:], "big"),
        }
    _place(record, "080", row, 32, 30)
    if row["height_hae_m"] is not None and "080" in record:
        latitude_deg, longitude_deg = (
            np.array([row["latitude_deg"]]),
            np.array([row["longitude_deg"]]),
        )
        amsl = amsl_from_hae(latitude_deg, longitude_deg, np.array([row["height_hae_m"]]))
        _put_one(record, "090", _fits(float(amsl.value_m[0]), 0.1, -(1 << 23), (1 << 23) - 1))
    sigma_m = row["position_sigma_m"]
    _put_one(record, "110", _fits(sigma_m and sigma_m * 1.1774, 1.0, 1, 255) or 0)
    _put(record, "185", **_velocity(row, 0.01, 1 << 19))
    _put_one(record, "220", _fits(row["vertical_rate_mps"], 0.01, -(1 << 19), (1 << 19) - 1))
    return record


_BUILD: Final[dict[int, Callable[[Row], Record]]] = {
    1: _monoradar,
    10: _surface,
    20: _multilateration,
    21: _ads_b,
    62: _system_track,
    129: _unmanned,
    205: _bearing,
}
