"""The truth table: where every object really was, one row per object and instant.

It comes from a simulation or from a reference such as GNSS positions that were broadcast; scores compare
tracks with it. ``sensors_in_view`` counts the sensors that could have seen the object at that instant: a
picture is neither rewarded nor blamed for an object that nobody could see. Null: not known, taken as seen.
"""

from typing import Final

import pyarrow as pa

from vedette.model.columns import from_columns

TRUTH: Final = pa.schema(
    [
        pa.field("object_id", pa.string(), nullable=False),
        pa.field("valid_ns", pa.int64(), nullable=False),
        pa.field("latitude_deg", pa.float64(), nullable=False),
        pa.field("longitude_deg", pa.float64(), nullable=False),
        pa.field("height_hae_m", pa.float64()),
        pa.field("east_mps", pa.float64(), nullable=False),
        pa.field("north_mps", pa.float64(), nullable=False),
        pa.field("sensors_in_view", pa.int32()),
    ]
)


def truths(**columns: object) -> pa.Table:
    """A truth table from some of its columns; the others are null.

    Raises:
        KeyError: a column that truths do not have.

    >>> truths(
    ...     object_id=["a"], valid_ns=[0], latitude_deg=[56.0], longitude_deg=[12.0],
    ...     east_mps=[0.0], north_mps=[0.0],
    ... ).column("sensors_in_view").null_count
    1
    """
    return from_columns(TRUTH, columns)
