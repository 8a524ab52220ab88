"""The track table: the recognised air picture at one instant, one row per object.

``covariance`` is the upper triangle of the 4 x 4 covariance of (east, north, east velocity, north
velocity) in the local tangent plane at the track, row by row: ee, en, e·ve, e·vn, nn, n·ve, n·vn,
veve, vevn, vnvn in m², m²/s and m²/s².
"""

from typing import Final, Literal

import pyarrow as pa

from vedette.model.columns import from_columns

TrackStatus = Literal["tentative", "confirmed", "coasting", "ended"]

TRACK: Final = pa.schema(
    [
        pa.field("track_id", pa.string(), nullable=False),  # from its birth plot; never used again
        pa.field("valid_ns", pa.int64(), nullable=False),
        pa.field("latitude_deg", pa.float64(), nullable=False),
        pa.field("longitude_deg", pa.float64(), nullable=False),
        pa.field("height_hae_m", pa.float64()),
        pa.field("pressure_altitude_m", pa.float64()),
        pa.field("height_sigma_m", pa.float64()),
        pa.field("east_mps", pa.float64(), nullable=False),
        pa.field("north_mps", pa.float64(), nullable=False),
        pa.field("up_mps", pa.float64()),
        pa.field("covariance", pa.list_(pa.float64(), 10), nullable=False),
        pa.field("status", pa.string(), nullable=False),  # TrackStatus
        pa.field("birth_ns", pa.int64(), nullable=False),
        pa.field(
            "updated_ns", pa.int64(), nullable=False
        ),  # last measurement; valid - updated is its age
        pa.field("updates", pa.int32(), nullable=False),
        pa.field("sensors", pa.list_(pa.string()), nullable=False),  # all that contributed, sorted
        pa.field("kinds", pa.list_(pa.string()), nullable=False),  # their kinds, sorted
        pa.field("turn_probability", pa.float64()),  # weight of the turning models
        pa.field("icao24", pa.uint32()),
        pa.field("mode3a", pa.uint16()),
        pa.field("callsign", pa.string()),
        pa.field("emitter_category", pa.string()),
        pa.field("nic", pa.uint8()),
        pa.field("nac_p", pa.uint8()),
        pa.field("sil", pa.uint8()),
        pa.field("emergency", pa.string()),
        pa.field("on_ground", pa.bool_()),
        pa.field("military_reply", pa.string()),
        pa.field("cooperative_ns", pa.int64()),  # last reply or broadcast of its own; null: never
        pa.field("class_hint", pa.string()),
        pa.field("class_confidence", pa.float64()),
        pa.field("merged_into", pa.string()),  # set on the row that ends a duplicate
    ]
)


def tracks(**columns: object) -> pa.Table:
    """A track table from some of its columns; the others are null.

    Raises:
        KeyError: a column that tracks do not have.
    """
    return from_columns(TRACK, columns)


def no_tracks() -> pa.Table:
    """An empty track table."""
    return TRACK.empty_table()
