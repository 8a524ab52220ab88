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
        tracks = course.pipeline.tracks
        shown = tracks.filter(pc.is_in(tracks.column("status"), _SHOWN))
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


def read_track_tables(folder: Path) -> pa.Table | None:
    """All track states of a record; None when it has none."""
    paths = sorted(folder.glob("tracks-*.parquet"))
    return pa.concat_tables([pq.read_table(path) for path in paths]) if paths else None


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
