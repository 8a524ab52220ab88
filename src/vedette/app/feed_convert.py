"""A recording's plots as a file that other programs read."""

from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from vedette.app.feed_probe import chunks_of_file
from vedette.feeds.plots import encode_lines
from vedette.model.errors import SettingError, SourceError
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor

_GROUP_ROWS: Final = 65_536  # a row group costs some 5 kB whatever it holds


def convert(
    file: str, target: Path, name: str | None, date: str | None, sensors: tuple[Sensor, ...]
) -> tuple[int, int, dict[str, int]]:
    """Write all plots of a recording, with memory flat at any size.

    Returns:
        How many there were, how many faults, and how many plots of each radar without a site were left out.

    Raises:
        SettingError: the target is neither ``.ndjson``, ``.csv`` nor ``.parquet``, or no such format or date.
        SourceError: the file cannot be read, or the target cannot be written.
    """
    if target.suffix not in (".ndjson", ".csv", ".parquet"):
        raise SettingError(f"{target}: plots are written as .ndjson, .csv or .parquet")
    reader, chunks = chunks_of_file(file, name, date)
    decoder = reader.decoder("convert", sensors, None)
    plots = faults = held = 0
    waiting: list[pa.Table] = []
    unplaced: dict[str, int] = {}
    try:
        with target.open("wb") as out:
            writer = _writer(out, target.suffix)
            for number, chunk in enumerate(chunks):
                decoded = decoder.decode(chunk.data, chunk.received_ns, number)
                plots += decoded.plots.num_rows
                faults += len(decoded.faults)
                for radar, count in decoded.unplaced.items():
                    unplaced[radar] = unplaced.get(radar, 0) + count
                if writer is None:
                    out.write(encode_lines(decoded.plots))
                elif decoded.plots.num_rows:
                    waiting.append(decoded.plots)
                    held += decoded.plots.num_rows
                    if held >= _GROUP_ROWS:
                        writer.write_table(pa.concat_tables(waiting))
                        waiting, held = [], 0
            if writer is not None:
                if waiting:
                    writer.write_table(pa.concat_tables(waiting))
                writer.close()
    except OSError as error:
        raise SourceError(f"{target}: {error.strerror or error}") from error
    return plots, faults, unplaced


def _writer(out: BinaryIO, ending: str) -> pq.ParquetWriter | pyarrow.csv.CSVWriter | None:
    """What writes tables; None where lines are written as they come."""
    if ending == ".parquet":
        return pq.ParquetWriter(out, PLOT)
    return pyarrow.csv.CSVWriter(out, PLOT) if ending == ".csv" else None
