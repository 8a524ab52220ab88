"""How fast an archive is scanned for all crossings, by one worker and by two."""

import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.bench.recordings import folder, uk_zones
from vedette.bench.row import Note, Row
from vedette.engine.archive import scan
from vedette.watch.scan import ScanSettings

_STEP_S = 5.0  # between rows of one flight, as networks of receivers keep them
_GROUP = 1_000_000


def archive(path: Path, rows: int, seed: int) -> None:
    """Write flights along great circles over Europe, 5 s a row, flight by flight."""
    rng = np.random.default_rng(seed)
    written = flight = 0
    writer: pq.ParquetWriter | None = None
    while written < rows:
        columns: dict[str, list[np.ndarray]] = {"t": [], "i": [], "y": [], "x": [], "h": []}
        held = 0
        while held < min(_GROUP, rows - written):
            count = int(rng.integers(400, 3_000))
            speed, course = rng.uniform(60.0, 260.0), rng.uniform(0.0, 2.0 * np.pi)
            way = speed * _STEP_S * np.arange(count) / 6_371_008.8
            latitude = np.radians(rng.uniform(36.0, 62.0))
            sine = np.sin(latitude) * np.cos(way) + np.cos(latitude) * np.sin(way) * np.cos(course)
            turned = np.arctan2(
                np.sin(course) * np.sin(way) * np.cos(latitude),
                np.cos(way) - np.sin(latitude) * sine,
            )
            begin_us = 1_760_000_000_000_000 + int(rng.integers(0, 86_400_000_000))
            columns["t"].append(begin_us + (np.arange(count) * _STEP_S * 1e6).astype(np.int64))
            columns["i"].append(np.full(count, flight))
            columns["y"].append(np.degrees(np.arcsin(sine)))
            columns["x"].append(rng.uniform(-10.0, 35.0) + np.degrees(turned))
            columns["h"].append(np.full(count, rng.uniform(500.0, 40_000.0)))
            held, flight = held + count, flight + 1
        joined = {name: np.concatenate(values) for name, values in columns.items()}
        table = pa.table(
            {
                "timestamp": pa.array(joined["t"], pa.timestamp("us", tz="UTC")),
                "icao24": pa.array(joined["i"]).cast(pa.string()).dictionary_encode(),
                "latitude": joined["y"],
                "longitude": joined["x"],
                "altitude": joined["h"],
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
        written += held
    if writer is not None:
        writer.close()


def _zones() -> tuple[ZoneIndex, str]:
    shared = folder()
    file = None if shared is None else shared.parent.parent / "airspace" / "airspace_uk_cc0.geojson"
    if file is not None and file.exists():
        index = uk_zones(file)
        wanted = sum(zone.kind in ScanSettings().kinds for zone in index.zones)
        return index, f"{wanted} zones: all states, disputed, UK danger and restricted areas"
    index = sovereign_airspace()
    return index, f"{len(index)} zones: all states and disputed areas"


def run(*, seed: int = 1, quick: bool = False) -> list[Row | Note]:
    """Rows a second with one worker and with two, over a simulated archive on disk."""
    rows = 400_000 if quick else 8_000_000
    zones, what = _zones()
    result: list[Row | Note] = []
    with tempfile.TemporaryDirectory() as place:
        archive(Path(place) / "archive.parquet", rows, seed)
        paths = [Path(place)]
        scan(paths, zones, workers=1, part_rows=200_000)  # compiles
        spent: list[float] = []
        busy: list[float] = []
        tables = []
        for workers in (1, 2):
            begin, used = time.perf_counter(), time.process_time()
            found = scan(paths, zones, workers=workers, part_rows=200_000)
            spent.append(time.perf_counter() - begin)
            busy.append(time.process_time() - used)
            tables.append(found.crossings)
            some = f"{workers} worker{'s' * (workers > 1)}"
            result += [
                Row(
                    area="scan",
                    name=f"rows of an archive, {some}",
                    value=found.rows / spent[-1],
                    unit="rows/s",
                    target="≥ 3e6 on two cores" if workers > 1 else "",
                    note=f"{found.crossings.num_rows} crossings of {found.rows} rows 5 s apart; {what}; "
                    f"{busy[-1] / spent[-1]:.2f} of {os.cpu_count()} cores had, file read included",
                ),
                Row(
                    area="scan",
                    name=f"rows for each second of a processor, {some}",
                    value=found.rows / busy[-1],
                    unit="rows/s",
                    target="≥ 1.5e6",
                    note="of all threads: what a core of our own would give",
                ),
            ]
        result += [
            Row(
                area="scan",
                name="processor time, two workers over one",
                value=busy[1] / busy[0],
                unit="times",
                target="1",
                note="1: sharing the work out costs nothing",
            ),
            Row(
                area="scan",
                name="speed with two workers over one",
                value=spent[0] / spent[1],
                unit="times",
                target="2",
                note=f"the tables are {'the same' if tables[0].equals(tables[1]) else 'DIFFERENT'}; by the clock, "
                "on a machine that others use as well: divide by the cores had",
            ),
        ]
    return result
