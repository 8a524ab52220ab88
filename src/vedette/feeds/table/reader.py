"""Files of trajectories cut into slices of time, with memory bounded at any size."""

from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO, Final, NamedTuple, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vedette.feeds.decoder import Chunk
from vedette.feeds.table.columns import Columns, find_columns
from vedette.feeds.table.times import AHEAD_NS, MISSING, times_ns
from vedette.model.errors import SourceError
from vedette.model.time import SECOND_NS

Integers = NDArray[np.int64]

WILD_ROWS: Final = 3  # of a table, whose date may be wrong
WINDOW_ROWS: Final = 1_000_000  # sorted at once
MAGIC: Final = b"PAR1"
_NONE: Final = np.zeros(0, np.int64)


class _Source(Protocol):
    """A table in parts that are read one at a time."""

    parts: int

    def read(self, part: int, names: list[str]) -> pa.Table: ...


class _Parquet:
    def __init__(self, file: pq.ParquetFile) -> None:
        self._file = file
        self.parts: int = file.num_row_groups

    def read(self, part: int, names: list[str]) -> pa.Table:
        return self._file.read_row_group(part, columns=names)


class _Whole:
    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.parts = 1

    def read(self, part: int, names: list[str]) -> pa.Table:
        return self._table.select(names)


class _Span(NamedTuple):
    part: int
    first: int  # slice
    last: int
    missing: int  # rows without a time


def read_batches(
    file: BinaryIO,
    *,
    slice_ns: int = SECOND_NS,
    notes: list[str] | None = None,
    window_rows: int = WINDOW_ROWS,
) -> Iterator[Chunk]:
    """The rows of a table by time: one chunk, an Arrow IPC stream, for each slice that has rows.

    Chunks have the time of their latest row. Rows without a readable time come first, and up to three whose
    date stands far beyond all others in the midst of the file last, for the decoder to quarantine. The file is
    read once for its times, then part by part for each window of at most ``window_rows`` rows, so that memory
    holds one window and one row group, in whatever order the rows are;
    a CSV file is held whole.

    Args:
        file: of a Parquet or CSV table, seekable.
        slice_ns: length of a slice.
        notes: gets a sentence for each thing that was settled or left out.
        window_rows: rows to sort at once.

    Raises:
        SourceError: no such table, or one without a time or a place.
        ValueError: a slice or window that is not positive.
    """
    if slice_ns <= 0 or window_rows <= 0:
        raise ValueError("slice_ns and window_rows are above 0")
    try:
        source, columns = _open(file)
        if notes is not None:
            notes.extend(columns.notes)
        yield from _slices(source, columns, slice_ns, window_rows)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"the table cannot be read: {error}") from error


class TableFramer:
    """A table that comes in pieces: its end holds the key to a Parquet file, so it is kept until then."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.notes: list[str] = []

    def push(self, data: bytes) -> Iterator[Chunk]:
        """None yet."""
        self._pieces.append(data)
        return iter(())

    def finish(self) -> Iterator[Chunk]:
        """The slices of the table; what is none comes out as it is, for the decoder to quarantine."""
        whole = b"".join(self._pieces)
        self._pieces = []
        if not whole:
            return
        try:
            yield from read_batches(BytesIO(whole), notes=self.notes)
        except SourceError:
            yield Chunk(0, whole)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a Parquet file, or CSV with the names of a time and a place."""
    if head.startswith(MAGIC):
        return True
    names = head.split(b"\n", 1)[0].decode("utf-8", "replace").strip().split(",")
    return find_columns(name.strip('" ') for name in names) is not None


def _wrong_row(data: bytes) -> str | None:
    """Where a text with the columns of a trajectory table first has another number of them."""
    text = data.decode("utf-8", "replace")  # Arrow tells nobody of a wrong row that is no text
    if find_columns(text.split("\n", 1)[0].strip().split(",")) is None:
        return None
    found: list[pyarrow.csv.InvalidRow] = []

    def note(row: pyarrow.csv.InvalidRow) -> str:
        found.append(row)
        return "error"

    try:  # by one thread, which alone knows the number of a row
        pyarrow.csv.read_csv(
            pa.BufferReader(text.encode()),
            pyarrow.csv.ReadOptions(use_threads=False),
            pyarrow.csv.ParseOptions(invalid_row_handler=note),
        )
    except pa.ArrowException:
        if found:
            row = found[0]
            return (
                f"line {row.number} has {row.actual_columns} columns, where the first has {row.expected_columns}: "
                f"{row.text[:80]!r} (a file that was cut short? take that line out)"
            )
    return None


def _open(file: BinaryIO) -> tuple[_Source, Columns]:
    file.seek(0)
    magic = file.read(len(MAGIC))
    file.seek(0)
    source: _Source
    if magic == MAGIC:
        parquet = pq.ParquetFile(file)
        names = parquet.schema_arrow.names
        source = _Parquet(parquet)
    else:
        try:
            # octets, not the file: a thread of the reader that still wants to read ahead from Python when the
            # program ends on an error would end it with an abort
            table = pyarrow.csv.read_csv(pa.BufferReader(file.read()))
            names = table.column_names
        except (pa.ArrowException, UnicodeDecodeError) as error:
            file.seek(0)
            why = _wrong_row(file.read()) or f"neither a Parquet nor a CSV table: {error}"
            raise SourceError(why) from error
        source = _Whole(table)
    columns = find_columns(names)
    if columns is None:
        hint = ""
        for mark in (";", "\t"):
            if len(names) == 1 and find_columns(names[0].split(mark)) is not None:
                hint = f"; its columns are parted by {mark!r}: write commas, and points in numbers"
        raise SourceError(
            "the table needs a time (time, timestamp, ...) and a place (latitude, longitude); "
            f"it has {', '.join(names[:40])}{hint}"
        )
    if len(set(names)) < len(names):
        raise SourceError("the table has two columns of one name")
    return source, columns


def _slices(source: _Source, columns: Columns, slice_ns: int, window_rows: int) -> Iterator[Chunk]:
    spans, numbers, counts = _survey(source, columns, slice_ns)
    first_ns = int(numbers[0]) * slice_ns if len(numbers) else 0
    for span in spans:
        if span.missing:
            table = source.read(span.part, columns.names)
            lost = _times(columns, table) == MISSING
            yield Chunk(first_ns, _packed(table.filter(pa.array(lost))))
    wild = _wild_from(source, columns, spans, numbers, counts, slice_ns)
    for low, high in _windows(numbers[:wild], counts[:wild], window_rows):
        parts = []
        for span in spans:
            if span.last < low or span.first > high:
                continue
            table = source.read(span.part, columns.names)
            slices = _times(columns, table) // slice_ns
            inside = (slices >= low) & (slices <= high)
            parts.append(table if inside.all() else table.filter(pa.array(inside)))
        yield from _sorted_slices(pa.concat_tables(parts), columns, slice_ns)
    if wild < len(numbers):
        for span in spans:
            if span.last >= numbers[wild]:
                table = source.read(span.part, columns.names)
                lost = _times(columns, table) // slice_ns >= numbers[wild]
                # with the last right ones: the decoder knows such rows by how far they are ahead
                yield Chunk(
                    int(numbers[wild - 1] + 1) * slice_ns - 1, _packed(table.filter(pa.array(lost)))
                )


def _wild_from(
    source: _Source,
    columns: Columns,
    spans: list[_Span],
    numbers: Integers,
    counts: Integers,
    slice_ns: int,
) -> int:
    """From which of the slices on rows have a wrong date: a few, after a longer time than all others take.

    Rows at the end of the file are none: there the recording may have gone on after a gap.
    """
    none = len(numbers)
    if none < 2:
        return none
    after = np.cumsum(counts[::-1])[::-1]  # rows from each slice on
    gaps = np.diff(numbers)
    far = (gaps > np.maximum(AHEAD_NS // slice_ns, numbers[:-1] - numbers[0])) & (
        after[1:] <= np.minimum(WILD_ROWS, (after[0] - 1) // 4)
    )
    if not far.any():
        return none
    first = int(np.argmax(far)) + 1
    last = [span for span in spans if span.first <= span.last][-1]
    times = _times(columns, source.read(last.part, [columns.time]))
    at_end = int(times[times != MISSING][-1]) // slice_ns >= numbers[first]
    return none if at_end else first


def _survey(
    source: _Source, columns: Columns, slice_ns: int
) -> tuple[list[_Span], Integers, Integers]:
    """Where the rows are in time: spans of the parts, and how many rows each slice has."""
    spans: list[_Span] = []
    numbers, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for part in range(source.parts):
        times = _times(columns, source.read(part, [columns.time]))
        known = times[times != MISSING]
        missing = len(times) - len(known)
        if len(known) == 0:
            spans.append(_Span(part, 1, 0, missing))
            continue
        found, many = np.unique(known // slice_ns, return_counts=True)
        spans.append(_Span(part, int(found[0]), int(found[-1]), missing))
        merged, where = np.unique(np.concatenate([numbers, found]), return_inverse=True)
        total = np.zeros(len(merged), np.int64)
        np.add.at(total, where, np.concatenate([counts, many]))
        numbers, counts = merged, total
    return spans, numbers, counts


def _windows(numbers: Integers, counts: Integers, window_rows: int) -> Iterator[tuple[int, int]]:
    """First and last slice of stretches of at most so many rows, or of one slice."""
    begin = held = 0
    for at, many in enumerate(counts.tolist()):
        if held and held + many > window_rows:
            yield int(numbers[begin]), int(numbers[at - 1])
            begin, held = at, 0
        held += many
    if held:
        yield int(numbers[begin]), int(numbers[-1])


def _sorted_slices(table: pa.Table, columns: Columns, slice_ns: int) -> Iterator[Chunk]:
    times = _times(columns, table)
    order = np.argsort(times, kind="stable")
    times = times[order]
    table = table.take(pa.array(order)).combine_chunks()
    edges = np.flatnonzero(np.diff(times // slice_ns)) + 1
    for begin, end in zip([0, *edges.tolist()], [*edges.tolist(), len(times)], strict=True):
        yield Chunk(int(times[end - 1]), _packed(table.slice(begin, end - begin)))


def _times(columns: Columns, table: pa.Table) -> Integers:
    column = table[columns.time].combine_chunks()
    if isinstance(column, pa.ChunkedArray):  # of no row, or too large for one
        return np.concatenate([times_ns(columns.time, chunk) for chunk in column.chunks] or [_NONE])
    return times_ns(columns.time, column)


def _packed(table: pa.Table) -> bytes:
    table = table.replace_schema_metadata(None)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    data: bytes = sink.getvalue().to_pybytes()
    return data
