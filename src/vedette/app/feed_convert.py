"""A recording's plots as a file that other programs read."""

from pathlib import Path

import pyarrow.parquet as pq

from vedette.app.feed_probe import chunks_of_file
from vedette.feeds.plots import encode_lines
from vedette.model.errors import SettingError, SourceError
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor


def convert(
    file: str, target: Path, name: str | None, date: str | None, sensors: tuple[Sensor, ...]
) -> tuple[int, int]:
    """Write all plots of a recording, with memory flat at any size; how many there were, and faults.

    Raises:
        SettingError: the target is neither ``.ndjson`` nor ``.parquet``, or no such format or date.
        SourceError: the file cannot be read, or the target cannot be written.
    """
    if target.suffix not in (".ndjson", ".parquet"):
        raise SettingError(f"{target}: plots are written as .ndjson or .parquet")
    reader, chunks = chunks_of_file(file, name, date)
    decoder = reader.decoder("convert", sensors, None)
    plots = faults = 0
    try:
        with target.open("wb") as out:
            writer = pq.ParquetWriter(out, PLOT) if target.suffix == ".parquet" else None
            for number, chunk in enumerate(chunks):
                decoded = decoder.decode(chunk.data, chunk.received_ns, number)
                plots += decoded.plots.num_rows
                faults += len(decoded.faults)
                if writer is None:
                    out.write(encode_lines(decoded.plots))
                elif decoded.plots.num_rows:
                    writer.write_table(decoded.plots)
            if writer is not None:
                writer.close()
    except OSError as error:
        raise SourceError(f"{target}: {error.strerror or error}") from error
    return plots, faults
