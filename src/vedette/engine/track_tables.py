"""The record's track tables: states of confirmed tracks, a minute a file; made again where it is replayed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vedette.engine.course import Course
from vedette.model.errors import RecordError
from vedette.model.time import format_utc

_ROWS_A_FILE: Final = 200_000
_TICKS_A_FILE: Final = 60
NOW: Final = "now.arrow"  # the picture of the last tick, for a node that shares it
_SHOWN: Final = pa.array(["confirmed", "coasting", "ended"])


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RecordError(f"cannot write {folder}: {error.strerror or error}") from error


class TrackTables:
    """Collects pictures and writes them as Parquet files."""

    def __init__(self, folder: Path | None, *, share: bool = False) -> None:
        self._folder = folder
        self._share = share
        self._tables: list[pa.Table] = []
        self._rows = self._ticks = self.files = 0

    def keep(self, files: int) -> bool:
        """Go on after the first ``files`` files, and remove those behind; whether so many are there."""
        self._tables, self._rows, self._ticks, self.files = [], 0, 0, files
        if self._folder is None:
            return True
        paths = sorted(self._folder.glob("tracks-*.parquet"))
        there = paths[:files] == [self._path(number) for number in range(1, files + 1)]
        for path in paths[files:]:
            path.unlink()
        return there

    def _path(self, number: int) -> Path:
        assert self._folder is not None
        return self._folder / f"tracks-{number:06d}.parquet"

    def add(self, course: Course) -> None:
        """Take the picture of the tick that just ran.

        Raises:
            RecordError: the folder cannot be written.
        """
        if self._folder is None:
            return
        shown = _shown(course.pipeline.tracks)
        if shown.num_rows:
            self._tables.append(shown)
            self._rows += shown.num_rows
        if self._share:
            temporary = self._folder / "now.new"
            with (
                _writing(self._folder),
                pa.OSFile(str(temporary), "wb") as sink,
                pa.ipc.new_file(sink, shown.schema) as out,
            ):
                out.write_table(shown)
            temporary.rename(self._folder / NOW)
        self._ticks += 1
        if self._ticks >= _TICKS_A_FILE or self._rows >= _ROWS_A_FILE:
            self.flush()

    def flush(self) -> None:
        """Write what was collected.

        Raises:
            RecordError: the folder cannot be written.
        """
        if self._folder is not None and self._tables:
            self.files += 1
            path = self._path(self.files)
            temporary = path.with_suffix(".new")
            with _writing(self._folder):
                pq.write_table(pa.concat_tables(self._tables), temporary, compression="zstd")
                temporary.rename(path)
        self._tables, self._rows, self._ticks = [], 0, 0


def _shown(tracks: pa.Table) -> pa.Table:
    return tracks.filter(pc.is_in(tracks.column("status"), _SHOWN))


class TableCheck:
    """Compares the tables of a record with the pictures of its replay, tick by tick.

    The ledger attests the raw items and what was found, not the tables: they could be replaced, and with them
    what a figure or an export shows. Where a crash kept the last ticks from the disk they may end earlier.
    """

    def __init__(self, folder: Path) -> None:
        self._paths = sorted(folder.glob("tracks-*.parquet"))
        self._left: pa.Table | None = None
        self._difference: str | None = None
        self.states = 0  # that were the same

    def add(self, tracks: pa.Table) -> None:
        """Compare what the tables hold next with the picture of the tick that was just replayed."""
        wanted = _shown(tracks)
        if self._difference is not None or not wanted.num_rows:
            return
        at = wanted.column("valid_ns")[0].as_py()
        try:
            held = self._next(wanted.num_rows)
            if held is None:
                return  # they end here: of a crash, or cut; what they hold is right
            same = held.num_rows == wanted.num_rows and held.cast(wanted.schema).equals(wanted)
        except (pa.ArrowException, OSError):
            same = False
        if same:
            self.states += wanted.num_rows
        else:
            self._difference = (
                f"tables/ holds other states of tracks at {format_utc(at)} than "
                "the raw bytes lead to"
            )

    def difference(self) -> str | None:
        """The first tick of which the tables hold something else; None: there is none.

        Rows that no tick of the record leads to are a difference too.
        """
        if self._difference is None and (self._paths or (self._left and self._left.num_rows)):
            return "tables/ holds states of tracks behind the end of the record"
        return self._difference

    def _next(self, count: int) -> pa.Table | None:
        if self._left is None or not self._left.num_rows:
            if not self._paths:
                return None
            self._left = pq.read_table(self._paths.pop(0)).combine_chunks()
        taken, self._left = self._left.slice(0, count), self._left.slice(count)
        return taken


def has_track_tables(folder: Path) -> bool:
    """Whether a record has states of its tracks."""
    return any(folder.glob("tracks-*.parquet"))


def read_track_tables(folder: Path) -> pa.Table | None:
    """All track states of a record; None when it has none."""
    paths = sorted(folder.glob("tracks-*.parquet"))
    return pa.concat_tables([pq.read_table(path) for path in paths]) if paths else None


def read_names(folder: Path) -> dict[str, tuple[str | None, str | None]]:
    """Callsign and 24-bit address of each track of a record, as it gave them last."""
    names: dict[str, tuple[str | None, str | None]] = {}
    for path in sorted(folder.glob("tracks-*.parquet")):
        table = pq.read_table(path, columns=["track_id", "callsign", "icao24"])
        found = table.group_by("track_id").aggregate([("callsign", "max"), ("icao24", "max")])
        for row in found.to_pylist():
            before = names.get(row["track_id"], (None, None))
            address = row["icao24_max"]
            names[row["track_id"]] = (
                row["callsign_max"] or before[0],
                before[1] if address is None else f"{address:06x}",
            )
    return names


def read_track_rows(folder: Path, track_id: str, until_ns: int) -> pa.Table | None:
    """States of one track up to an instant, by time; None when there is none."""
    tables = [
        pq.read_table(path, filters=[("track_id", "=", track_id), ("valid_ns", "<=", until_ns)])
        for path in sorted(folder.glob("tracks-*.parquet"))
    ]
    found = pa.concat_tables(tables) if tables else None
    return found if found is not None and found.num_rows else None


def read_track(folder: Path, track_id: str) -> list[list[float | None]]:
    """Where one track was: [ms, latitude, longitude, pressure altitude or None, sigma] rows, by time."""
    rows: list[list[float | None]] = []
    columns = ["valid_ns", "latitude_deg", "longitude_deg", "pressure_altitude_m", "covariance"]
    for path in sorted(folder.glob("tracks-*.parquet")):
        found = pq.read_table(path, columns=columns, filters=[("track_id", "=", track_id)])
        for row in found.to_pylist():
            height, covariance = row["pressure_altitude_m"], row["covariance"]
            rows.append(
                [
                    row["valid_ns"] / 1e6,
                    round(row["latitude_deg"], 5),
                    round(row["longitude_deg"], 5),
                    None if height is None else round(height, 1),
                    round(max(covariance[0], covariance[4], 0.0) ** 0.5, 1),
                ]
            )
    return rows
