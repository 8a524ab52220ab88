"""Archives of trajectory tables, read part by part and scanned by several workers for all crossings."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.airspace.index import ZoneIndex
from vedette.feeds.table.columns import Columns, find_columns
from vedette.feeds.table.times import MISSING, times_ns
from vedette.model.columns import Floats, Integers
from vedette.model.errors import SourceError
from vedette.watch.scan import Part, Rows, ScanSettings, part, whole

PART_ROWS: Final = (
    1_000_000  # of which a part is made, at least; nothing of the result depends on workers
)


class Piece(NamedTuple):
    """Row groups of one file that are scanned together."""

    path: Path
    groups: tuple[int, ...]
    rows: int


class Scanned(NamedTuple):
    """What a scan found and what it could not use."""

    crossings: pa.Table
    rows: int
    left_out: int  # rows without a time, a place or an object


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Parquet files named, and those in folders named, sorted.

    Raises:
        SourceError: there is none.
    """
    found: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found.update(path.rglob("*.parquet"))
        elif path.exists():
            found.add(path)
        else:
            raise SourceError(f"there is no archive {path}")
    if not found:
        raise SourceError(f"no Parquet file in {', '.join(map(str, paths))}")
    return sorted(found)


def pieces_of(paths: Sequence[Path], part_rows: int = PART_ROWS) -> list[Piece]:
    """How an archive is cut, by its files and row groups alone.

    Raises:
        SourceError: a file is no trajectory table.
    """
    pieces: list[Piece] = []
    for path in paths:
        try:
            metadata = pq.read_metadata(path)
        except (pa.ArrowException, OSError) as error:
            raise SourceError(f"{path} is no Parquet file: {error}") from error
        groups: list[int] = []
        rows = 0
        for group in range(metadata.num_row_groups):
            groups.append(group)
            rows += metadata.row_group(group).num_rows
            if rows >= part_rows:
                pieces.append(Piece(path, tuple(groups), rows))
                groups, rows = [], 0
        if groups:
            pieces.append(Piece(path, tuple(groups), rows))
    return pieces


def read_piece(piece: Piece) -> tuple[Rows, int]:
    """Rows of a piece, and how many could not be used.

    Raises:
        SourceError: the file has no time, place or mark of an object, or cannot be read.
    """
    try:
        file = pq.ParquetFile(piece.path, memory_map=True)
        columns = find_columns(file.schema_arrow.names)
        marks = []
        if columns is not None:  # an address tells a row apart that has no number of its own
            named = map(columns.texts.get, ("track_number", "icao24"))
            marks = [name for name in named if name is not None]
        if columns is None or not marks:
            raise SourceError(
                f"{piece.path}: an archive needs a time, a place and a mark of each object "
                f"(track_id, icao24, ...); it has {', '.join(file.schema_arrow.names[:40])}"
            )
        wanted = [columns.time, *marks, columns.numbers["latitude_deg"].name]
        wanted.append(columns.numbers["longitude_deg"].name)
        height = columns.numbers.get("pressure_altitude_m") or columns.numbers.get("height_hae_m")
        wanted += [height.name] if height else []
        file = pq.ParquetFile(piece.path, memory_map=True, read_dictionary=marks)
        table = file.read_row_groups(list(piece.groups), columns=wanted, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"{piece.path} cannot be read: {error}") from error
    return _rows(table, columns, marks, height.name if height else None)


def _marks(table: pa.Table, name: str, *, address: bool) -> tuple[Integers, list[str]]:
    """(n,) which of the names each row bears, -1 for none, and the names."""
    marks = table.column(name).combine_chunks()
    if isinstance(marks, pa.ChunkedArray):
        marks = pa.concat_arrays(marks.chunks) if marks.num_chunks else pa.array([], pa.string())
    if not pa.types.is_dictionary(marks.type):
        marks = marks.dictionary_encode()
    codes = marks.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    as_digits = address and pa.types.is_integer(marks.dictionary.type)
    found = marks.dictionary.to_pylist()
    return codes, [f"{mark:06x}" if as_digits and mark is not None else str(mark) for mark in found]


def _rows(
    table: pa.Table, columns: Columns, marks: list[str], height: str | None
) -> tuple[Rows, int]:
    codes, names = np.full(table.num_rows, -1, dtype=np.int64), list[str]()
    for name in marks:
        if len(names) == 0 or (codes < 0).any():
            found, more = _marks(table, name, address=name == columns.texts.get("icao24"))
            codes = np.where((codes < 0) & (found >= 0), found + len(names), codes)
            names += more
    moments = np.concatenate(
        [times_ns(columns.time, chunk) for chunk in table.column(columns.time).chunks]
        or [np.empty(0, dtype=np.int64)]
    )

    def number(field: str, name: str) -> Floats:
        values = table.column(name).to_numpy()
        values = np.asarray(values, dtype=np.float64)
        factor = columns.numbers[field].factor
        return values if factor == 1.0 else values * factor

    latitude = number("latitude_deg", columns.numbers["latitude_deg"].name)
    longitude = number("longitude_deg", columns.numbers["longitude_deg"].name)
    if height is None:
        level = np.full(len(codes), np.nan)
    else:
        by_pressure = columns.numbers.get("pressure_altitude_m")
        field = "pressure_altitude_m" if by_pressure is not None else "height_hae_m"
        level = number(field, height)
    good = (codes >= 0) & (moments != MISSING) & np.isfinite(latitude) & np.isfinite(longitude)
    lost = int(len(good) - good.sum())
    if lost:
        codes, moments, level = codes[good], moments[good], level[good]
        latitude, longitude = latitude[good], longitude[good]
    return Rows(codes, moments, latitude, longitude, level, names), lost


def scan(
    paths: Sequence[Path],
    zones: ZoneIndex,
    settings: ScanSettings | None = None,
    *,
    workers: int = 1,
    part_rows: int = PART_ROWS,
    told: Callable[[int, int], None] | None = None,
) -> Scanned:
    """All crossings of an archive.

    Workers are threads: the time goes to compiled loops that let others run, and the index is theirs
    together. What they do is cut by the files, so the table is the same for any number of them.

    Args:
        paths: Parquet files and folders of them.
        zones: the index.
        settings: kinds of zones, gaps.
        workers: parts scanned at a time.
        part_rows: least rows of a part.
        told: called with rows done and rows in all.

    Raises:
        SourceError: a file is no trajectory table, or cannot be read.
    """
    settings = settings or ScanSettings()
    pieces = pieces_of(files_of(paths), part_rows)
    total = sum(piece.rows for piece in pieces)

    def one(piece: Piece) -> tuple[Part, int]:
        rows, lost = read_piece(piece)
        return part(settings, rows, zones), lost

    parts: list[Part] = []
    done = left_out = 0
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for piece, (found, lost) in zip(pieces, _in_order(pool, one, pieces, workers), strict=True):
            parts.append(found)
            left_out += lost
            done += piece.rows
            if told is not None:
                told(done, total)
    return Scanned(whole(settings, parts, zones), total, left_out)


def _in_order(
    pool: ThreadPoolExecutor,
    one: Callable[[Piece], tuple[Part, int]],
    pieces: list[Piece],
    workers: int,
) -> Iterator[tuple[Part, int]]:
    """Results in the order of the pieces, with two for each worker under way: memory stays bounded."""
    waiting = iter(pieces)
    under_way = [pool.submit(one, piece) for piece in islice(waiting, 2 * workers)]
    while under_way:
        yield under_way.pop(0).result()
        under_way += [pool.submit(one, piece) for piece in islice(waiting, 1)]
