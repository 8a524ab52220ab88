"""Text, JSON and protobuf feeds: records per second from bytes to plot tables."""

import time
from collections.abc import Callable

import numpy as np

from vedette.bench.row import Row
from vedette.feeds import opensky, plots, readsb, sbs
from vedette.feeds.cot.encoder import encode_xml, event_of
from vedette.feeds.formats import codec
from vedette.feeds.sapient import encoder as sapient
from vedette.model.plot import plots as plot_table
from vedette.model.time import SECOND_NS

AREA = "feeds.text"
NOW_NS = 1_758_265_080 * SECOND_NS
NODE = "a8654cdf-4328-47de-81fa-c495589e30c9"


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Measure; CPU seconds of this process.

    Args:
        seed: of the generated traffic.
        quick: a sample small enough for a few seconds in all.
    """
    count = 2_000 if quick else 20_000
    rng = np.random.default_rng(seed)
    table = plot_table(
        sensor_id=np.full(count, "bench"),
        kind=np.full(count, "ads_b"),
        valid_ns=NOW_NS + np.arange(count) * 1_000_000,
        received_ns=np.full(count, NOW_NS),
        latitude_deg=rng.uniform(55.0, 65.0, count),
        longitude_deg=rng.uniform(10.0, 30.0, count),
        pressure_altitude_m=rng.uniform(0.0, 12_000.0, count),
        ground_speed_mps=rng.uniform(50.0, 300.0, count),
        track_angle_rad=rng.uniform(0.0, 6.28, count),
        icao24=np.arange(count).astype(np.uint32) + 1,
        callsign=np.full(count, "BENCH123"),
    )
    rows = table.to_pylist()
    streams: dict[str, Callable[[], bytes]] = {
        "sbs": lambda: b"".join(
            sbs.encode_line(
                sbs.Message(
                    3,
                    row["icao24"],
                    row["valid_ns"],
                    altitude_ft=30_000.0,
                    latitude_deg=row["latitude_deg"],
                    longitude_deg=row["longitude_deg"],
                )
            )
            for row in rows
        ),
        "readsb": lambda: readsb.encode_snapshot(rows, NOW_NS + 30 * SECOND_NS),
        "opensky": lambda: opensky.encode_states(opensky.as_states(rows), NOW_NS // SECOND_NS),
        "plots": lambda: plots.encode_lines(table),
        "cot": lambda: b"".join(
            encode_xml(event_of(row, str(row["icao24"]), row["valid_ns"])) for row in rows
        ),
        "sapient": lambda: b"".join(sapient.framed(sapient.detection(NODE, row)) for row in rows),
    }
    return [_rate(name, make(), count) for name, make in streams.items()]


def _rate(name: str, data: bytes, count: int) -> Row:
    codec(name).decoder("bench", (), None).decode(data[:4_096], NOW_NS, 0)  # a kernel is compiled
    decoder = codec(name).decoder("bench", (), None)
    begun = time.process_time()
    found = decoder.decode(data, NOW_NS, 0).plots.num_rows
    spent_s = time.process_time() - begun
    if found != count:
        raise AssertionError(f"{name}: {found} of {count} came back")
    return Row(
        area=AREA,
        name=f"{name}: bytes to plot tables",
        value=found / spent_s,
        unit="records/s",
        note=f"{len(data) / count:.0f} octets each",
    )
