"""The plot table: one row is one report of one sensor.

A row is either polar (``range_m``, ``azimuth_rad``: slant range and azimuth clockwise from true
north at the sensor) or geographic (``latitude_deg``, ``longitude_deg``, WGS 84), or both when a sensor
gives both. A row with an azimuth and no range is a bearing from its observer; one with neither (an identity
without a place) is legal and helps identity only.
Unknown is null. Sigmas that are null are taken from the sensor's site.
"""

from hashlib import blake2b
from typing import Final

import pyarrow as pa

from vedette.model.columns import from_columns

PLOT: Final = pa.schema(
    [
        pa.field("sensor_id", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),  # SensorKind
        pa.field("valid_ns", pa.int64(), nullable=False),  # when it was true
        pa.field("received_ns", pa.int64(), nullable=False),  # when we heard
        pa.field("range_m", pa.float64()),  # slant
        pa.field("azimuth_rad", pa.float64()),
        pa.field("elevation_rad", pa.float64()),
        pa.field("range_rate_mps", pa.float64()),
        pa.field("range_sigma_m", pa.float64()),
        pa.field("azimuth_sigma_rad", pa.float64()),
        pa.field("latitude_deg", pa.float64()),
        pa.field("longitude_deg", pa.float64()),
        pa.field("position_sigma_m", pa.float64()),  # per horizontal axis
        pa.field("pressure_altitude_m", pa.float64()),  # ISA, 1013.25 hPa
        pa.field("height_hae_m", pa.float64()),  # above the WGS 84 ellipsoid
        pa.field("height_sigma_m", pa.float64()),
        pa.field("ground_speed_mps", pa.float64()),
        pa.field("track_angle_rad", pa.float64()),  # clockwise from true north
        pa.field("vertical_rate_mps", pa.float64()),
        pa.field("icao24", pa.uint32()),
        pa.field("mode3a", pa.uint16()),  # the four octal digits as a number: 0o7600
        pa.field("callsign", pa.string()),
        pa.field("remote_id", pa.string()),  # serial number or session id that a drone sends
        pa.field("emitter_category", pa.string()),  # "A1".."C5" as in DO-260B
        pa.field("nic", pa.uint8()),
        pa.field("nac_p", pa.uint8()),
        pa.field("sil", pa.uint8()),
        pa.field("emergency", pa.string()),  # EMERGENCIES
        pa.field("on_ground", pa.bool_()),
        pa.field(
            "military_reply", pa.string()
        ),  # friend | unknown; no reply is null: it says nothing
        pa.field("track_number", pa.int32()),  # the sensor's own local track
        pa.field("class_hint", pa.string()),
        pa.field("class_confidence", pa.float64()),
        # where the observer of a bearing without a range was; null: at its sensor's site
        pa.field("observer_latitude_deg", pa.float64()),
        pa.field("observer_longitude_deg", pa.float64()),
        pa.field("observer_height_hae_m", pa.float64()),
        pa.field("feed_id", pa.string()),
        pa.field("raw_ref", pa.int64()),  # index of the chunk in the record's raw log
    ]
)

EMERGENCIES: Final = (
    "none",
    "general",
    "medical",
    "minimum_fuel",
    "no_communication",
    "unlawful_interference",
    "downed",
)


REMOTE_KEYS: Final = 1 << 40  # keys of drones lie above, 24-bit addresses below


def remote_key(serial: str) -> int:
    """What names a drone as its 24-bit address names an aircraft: a hash of the serial it sends."""
    return REMOTE_KEYS + int.from_bytes(blake2b(serial.encode(), digest_size=5).digest())


def plots(**columns: object) -> pa.Table:
    """A plot table from some of its columns; the others are null.

    Raises:
        KeyError: a column that plots do not have.

    >>> plots(sensor_id=["a"], kind=["psr"], valid_ns=[0], received_ns=[0]).num_rows
    1
    """
    return from_columns(PLOT, columns)


_NONE: Final = PLOT.empty_table()  # tables do not change: one serves all


def no_plots() -> pa.Table:
    """An empty plot table."""
    return _NONE
