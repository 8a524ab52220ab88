"""The latest picture as an Arrow table, for notebooks and other programs."""

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from vedette.app.picture_frames import ellipses_of
from vedette.engine.run import Snapshot
from vedette.model.columns import floats, integers
from vedette.model.time import SECOND_NS

MEDIA: Final = "application/vnd.apache.arrow.stream"
PICTURE: Final = pa.schema(
    [
        pa.field("track_id", pa.string(), nullable=False),
        pa.field("status", pa.string(), nullable=False),  # tentative, confirmed or coasting
        pa.field("callsign", pa.string()),
        pa.field("icao24", pa.string()),  # six hex digits
        pa.field("mode3a", pa.string()),  # four octal digits
        pa.field("latitude_deg", pa.float64(), nullable=False),
        pa.field("longitude_deg", pa.float64(), nullable=False),
        pa.field("pressure_altitude_m", pa.float64()),
        pa.field("height_hae_m", pa.float64()),
        pa.field("east_mps", pa.float64()),
        pa.field("north_mps", pa.float64()),
        pa.field("up_mps", pa.float64()),
        pa.field(
            "sigma_m", pa.float64()
        ),  # 1 sigma of the horizontal position, along the longer axis
        pa.field("age_s", pa.float64()),  # since the last measurement
        pa.field("object_class", pa.string()),  # null: not assessed yet
        pa.field("class_probability", pa.float64()),
        pa.field("identity", pa.string()),
        pa.field("civil", pa.string()),
        pa.field("explained_by", pa.string()),
    ]
)


def picture_table(snapshot: Snapshot) -> pa.Table:
    """Tracks that live at a snapshot, one a row; its time [ns UTC] is in the schema's metadata ``now_ns``."""
    tracks = snapshot.tracks
    tracks = tracks.filter(pc.not_equal(tracks.column("status"), "ended"))
    ids: list[str] = tracks.column("track_id").to_pylist()
    known = [snapshot.assessments.get(track_id) for track_id in ids]
    columns: dict[str, Any] = {
        "track_id": ids,
        "status": tracks.column("status"),
        "callsign": tracks.column("callsign"),
        "icao24": _written(tracks.column("icao24"), "06x"),
        "mode3a": _written(tracks.column("mode3a"), "04o"),
        "sigma_m": ellipses_of(tracks).major_m,
        "age_s": (snapshot.now_ns - integers(tracks, "updated_ns", missing=0)) / SECOND_NS,
        "object_class": [item and item.object_class for item in known],
        "class_probability": [item and item.class_probability for item in known],
        "identity": [item and item.identity for item in known],
        "civil": [item and item.civil for item in known],
        "explained_by": [item and item.explained_by for item in known],
    }
    for name in (
        "latitude_deg", "longitude_deg", "pressure_altitude_m", "height_hae_m", "east_mps", "north_mps",
        "up_mps",
    ):  # fmt: skip
        columns[name] = pa.array(floats(tracks, name), from_pandas=True)  # NaN is null
    table = pa.table(
        [pa.array(_plain(columns[field.name]), field.type) for field in PICTURE], PICTURE
    )
    return table.replace_schema_metadata({"now_ns": str(snapshot.now_ns)})


def _plain(values: Any) -> Any:
    return values.combine_chunks().to_pylist() if isinstance(values, pa.ChunkedArray) else values


def _written(column: Any, form: str) -> list[str | None]:
    return [None if value is None else format(value, form) for value in column.to_pylist()]


def picture_stream(snapshot: Snapshot) -> bytes:
    """The same as an Arrow IPC stream."""
    table = picture_table(snapshot)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())
