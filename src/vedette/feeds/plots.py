"""Plots as they are inside, one JSON object a line (NDJSON) or a Parquet file; see docs/reference/plots.md."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final, get_args

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.lines import LINE_MAX, LineCutter, quarantine
from vedette.model.plot import EMERGENCIES, PLOT
from vedette.model.sensor import SensorKind

ROWS: Final = 5_000  # of a Parquet file in one chunk
MAGIC: Final = b"PAR1"
_OURS: Final = ("feed_id", "raw_ref")  # set anew by whoever reads: which feed, which chunk
_TEXT: Final[dict[str, tuple[str, ...]]] = {
    "kind": get_args(SensorKind),
    "emergency": EMERGENCIES,
    "military_reply": ("friend", "unknown"),
}
# Least and greatest values; what is beyond cannot be true of any object
_LIMITS: Final[dict[str, tuple[float, float]]] = {
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-180.0, 180.0),
    "observer_latitude_deg": (-90.0, 90.0),
    "observer_longitude_deg": (-180.0, 180.0),
    "azimuth_rad": (-6.3, 6.3),
    "track_angle_rad": (-6.3, 6.3),
    "elevation_rad": (-1.6, 1.6),
    "range_m": (0.0, 1e7),
    "icao24": (0, 0xFFFFFF),
    "mode3a": (0, 0o7777),
    "class_confidence": (0.0, 1.0),
    "nic": (0, 15),
    "nac_p": (0, 15),
    "sil": (0, 3),
    "track_number": (-(1 << 31), (1 << 31) - 1),
    "valid_ns": (0, (1 << 63) - 1),
    "received_ns": (0, (1 << 63) - 1),
}
_NEEDED: Final = tuple(field.name for field in PLOT if not field.nullable)
_KINDS: Final = {
    field.name: bool
    if pa.types.is_boolean(field.type)
    else str
    if pa.types.is_string(field.type)
    else int
    if pa.types.is_integer(field.type)
    else float
    for field in PLOT
}


def encode_lines(plots: pa.Table) -> bytes:
    """A plot table as NDJSON, nulls left out; ``feed_id`` and ``raw_ref`` too, which belong to a run."""
    names = [name for name in PLOT.names if name not in _OURS]
    rows = plots.select(names).to_pylist()
    encode = msgspec.json.Encoder().encode
    return b"".join(
        encode({name: value for name, value in row.items() if value is not None}) + b"\n"
        for row in rows
    )


def encode_parquet(plots: pa.Table) -> bytes:
    """A plot table as a Parquet file with the schema of ``model.plot.PLOT``."""
    sink = pa.BufferOutputStream()
    pq.write_table(plots.cast(PLOT), sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def wrong(row: object) -> str | None:
    """What a decoded line has that no plot may have; None if nothing is wrong."""
    if not isinstance(row, dict):
        return "a line is one JSON object"
    for name in _NEEDED:
        if row.get(name) is None:
            return f"{name} is missing"
    for name, value in row.items():
        kind = _KINDS.get(name)
        if kind is None:
            return f"plots have no {name!r}"
        if value is None:
            continue
        allowed = (int, float) if kind is float else kind
        if not isinstance(value, allowed) or (isinstance(value, bool) and kind is not bool):
            return f"{name} is no {kind.__name__}"
        if name in _TEXT and value not in _TEXT[name]:
            return f"{name} {value!r} is none of {', '.join(_TEXT[name])}"
        if not isinstance(value, int | float):
            continue
        low, high = _LIMITS.get(name, (-1e12, 1e12))
        if name not in _OURS and not low <= value <= high:
            return f"{name} {value} is not between {low} and {high}"
        if kind is float and name.endswith(("sigma_m", "sigma_rad")) and value <= 0:
            return f"{name} {value} is not above 0"
    return None


class PlotDecoder:
    """Reads lines of JSON; half a line waits for the rest, a bad one comes back as a fault."""

    def __init__(self, feed_id: str) -> None:
        self.feed_id = feed_id
        self._lines = LineCutter()

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        decoded = Decoded()
        rows: list[dict[str, Any]] = []
        for line in self._lines.cut(data):
            reason, problem = "bad_length", f"a line of more than {LINE_MAX} octets is no plot"
            row: Any = None
            if not line.is_too_long:
                try:
                    row = msgspec.json.decode(line.data)
                except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
                    reason, problem = "bad_json", str(error)
                else:
                    reason, problem = "out_of_range", wrong(row) or ""
            if problem:
                quarantine(decoded, self.feed_id, received_ns, line, reason, problem)
            else:
                rows.append(row | {"feed_id": self.feed_id, "raw_ref": raw_ref})
        if rows:
            decoded.plots = pa.Table.from_pylist(rows, schema=PLOT)
            decoded.counts["plot"] = len(rows)
        return decoded


class PlotFramer:
    """A file of plots: a chunk of NDJSON for each stretch of lines of one reception time.

    A Parquet file has its key at its end, so it is kept until then; its rows come as NDJSON too.
    """

    def __init__(self, *, is_file: bool = True) -> None:
        """Prepare; a live stream is no Parquet file, and whatever it begins with is not kept for its end."""
        self._is_file = is_file
        self._rest = b""
        self._latest_ns = 0
        self._parquet: list[bytes] | None = None
        self._begun = False

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks of the lines that end in ``data``."""
        if not self._begun and data:
            self._begun = True
            if self._is_file and data.startswith(MAGIC):
                self._parquet = []
        if self._parquet is not None:
            self._parquet.append(data)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        yield from self._chunks([line + b"\n" for line in lines])
        if len(self._rest) > LINE_MAX:
            rest, self._rest = self._rest, b""
            yield Chunk(self._latest_ns, rest)

    def finish(self) -> Iterator[Chunk]:
        """The last line, if it has no end; or all rows of a Parquet file."""
        if self._parquet is not None:
            yield from self._rows(b"".join(self._parquet))
            self._parquet = []
            return
        rest, self._rest = self._rest, b""
        if rest:
            yield from self._chunks([rest + b"\n"])

    def _chunks(self, lines: list[bytes]) -> Iterator[Chunk]:
        held: list[bytes] = []
        for line in lines:
            heard_ns = _received_ns(line)
            if heard_ns is not None and heard_ns != self._latest_ns:
                if held:
                    yield Chunk(self._latest_ns, b"".join(held))
                    held = []
                self._latest_ns = heard_ns
            held.append(line)
        if held:
            yield Chunk(self._latest_ns, b"".join(held))

    def _rows(self, whole: bytes) -> Iterator[Chunk]:
        try:
            file = pq.ParquetFile(BytesIO(whole))
            for batch in file.iter_batches(ROWS):
                table = pa.Table.from_batches([batch])
                lines = encode_lines(table.select(PLOT.names).cast(PLOT))
                yield from self._chunks(lines.splitlines(keepends=True))
        except (pa.ArrowException, OSError, KeyError, ValueError):
            # no plots: for the decoder to quarantine
            for at in range(0, len(whole), LINE_MAX):
                yield Chunk(self._latest_ns, whole[at : at + LINE_MAX])


class _Heard(msgspec.Struct):
    received_ns: int


def _received_ns(line: bytes) -> int | None:
    try:
        found = msgspec.json.decode(line, type=_Heard).received_ns
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return found if 0 <= found < 1 << 63 else None


def sniff(head: bytes) -> bool:
    """Whether a file that begins so has a plot on its first line. A Parquet file shows only at its end."""
    try:
        return wrong(msgspec.json.decode(head.lstrip(b" \t\r\n").split(b"\n", 1)[0])) is None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
