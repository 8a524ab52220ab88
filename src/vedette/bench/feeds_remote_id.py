"""Remote ID and MAVLink: messages per second from captures and frames, beside pymavlink where it is."""

import os
import time
from collections.abc import Callable
from importlib import import_module

import numpy as np
import pyarrow as pa

from vedette.bench.row import Row
from vedette.feeds.asterix.framers import chunks_of
from vedette.feeds.decoder import Decoder
from vedette.feeds.mavlink.decoder import MavlinkDecoder
from vedette.feeds.mavlink.frames import BasicIdPayload, Frame, LocationPayload, encode_frame
from vedette.feeds.pcap import encode_capture
from vedette.feeds.remote_id.carried import RADIOTAP
from vedette.feeds.remote_id.decoder import RemoteIdDecoder
from vedette.feeds.remote_id.encoder import (
    RemoteIdEncoder,
    beacon,
    encode_packets,
    messages_of,
    radio_address,
    with_radiotap,
)
from vedette.feeds.remote_id.packets import RemoteIdFramer
from vedette.model.plot import plots
from vedette.model.time import SECOND_NS

AREA = "feeds.remote_id"
BEGUN_NS = 1_758_265_080 * SECOND_NS
CHUNK = 200  # packets


def flown(drones: int, steps: int, seed: int) -> pa.Table:
    """Plots of drones that fly straight, one each a second."""
    rng = np.random.default_rng(seed)
    north_deg, east_deg = rng.normal(0.0, 1e-4, (2, drones))
    begin = rng.uniform(45, 60, drones), rng.uniform(5, 30, drones)
    step = np.repeat(np.arange(steps), drones)
    size = drones * steps
    return plots(
        sensor_id=pa.repeat(pa.scalar("bench"), size),
        kind=pa.repeat(pa.scalar("remote_id"), size),
        valid_ns=BEGUN_NS + step * SECOND_NS,
        received_ns=BEGUN_NS + step * SECOND_NS,
        latitude_deg=np.tile(begin[0], steps) + step * np.tile(north_deg, steps),
        longitude_deg=np.tile(begin[1], steps) + step * np.tile(east_deg, steps),
        height_hae_m=np.full(size, 120.0),
        ground_speed_mps=np.full(size, 12.0),
        track_angle_rad=np.full(size, 1.0),
        remote_id=[f"VDT{number:05d}" for number in range(drones)] * steps,
        class_hint=["drone_small"] * size,
    )


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Measure; CPU seconds of this process, so that a busy machine does not count against anybody.

    Args:
        seed: of the generated traffic.
        quick: a sample small enough for a few seconds in all.
    """
    table = flown(100 if quick else 500, 10 if quick else 40, seed)
    runs = 1 if quick else 3
    rows = []
    for transport in ("wifi beacon", "bluetooth 4"):
        encoder = RemoteIdEncoder(transport)
        parts = [encoder.encode(table.slice(at, CHUNK)) for at in range(0, table.num_rows, CHUNK)]
        per_s, shown = _rate(lambda: RemoteIdDecoder("bench", None), parts, table.num_rows, runs)
        rows.append(
            Row(
                area=AREA,
                name=f"{transport} packets to plots, one core",
                value=per_s,
                unit="plots/s",
                note=f"identity and place each; {shown} plots of {table.num_rows}",
            )
        )
    rows.append(_capture(table, runs))
    return [*rows, *_mavlink(table, runs)]


def _rate(
    make: Callable[[], Decoder], parts: list[bytes], number: int, runs: int
) -> tuple[float, int]:
    best, shown = 0.0, 0
    for _ in range(runs):
        decoder = make()
        begun = time.process_time()
        shown = sum(
            decoder.decode(part, BEGUN_NS + 10**8, ref).plots.num_rows
            for ref, part in enumerate(parts)
        )
        best = max(best, number / (time.process_time() - begun))
    return best, shown


def _capture(table: pa.Table, runs: int) -> Row:
    """A capture of which one packet in ten has Remote ID, as a sniffer in a town hears it."""
    other = with_radiotap(beacon(b"\x02" * 6, b"")[:-7])  # without its last element
    packets = []
    for row in table.slice(0, 2_000).to_pylist():
        address = radio_address(row["remote_id"])
        made = encode_packets("wifi beacon", address, messages_of(row))
        packets += [(row["received_ns"], packet) for _, packet in made]
        packets += [(row["received_ns"], other)] * 9
    data = encode_capture(RADIOTAP, packets)
    best = 0.0
    for _ in range(runs):
        begun = time.process_time()
        found = sum(1 for _ in chunks_of(RemoteIdFramer(), [data]))
        best = max(best, len(packets) / (time.process_time() - begun))
    note = f"{len(packets)} packets, {found} with Remote ID"
    return Row(
        area=AREA,
        name="packets of a capture looked through",
        value=best,
        unit="packets/s",
        note=note,
    )


def _mavlink(table: pa.Table, runs: int) -> list[Row]:
    own = bytes(20)
    frames = []
    for number, row in enumerate(table.to_pylist()):
        address = radio_address(row["remote_id"]).ljust(20, b"\0")
        name = row["remote_id"].encode().ljust(20, b"\0")
        north, east = round(row["latitude_deg"] * 1e7), round(row["longitude_deg"] * 1e7)
        place = LocationPayload(
            *(north, east, -1000.0, 120.0, -1000.0, 65_535.0, 5_730, 1_200, 0, 0, 0),
            *(address, 2, 0, 10, 4, 0, 3, 1),
        )
        who = BasicIdPayload(0, 0, address or own, 1, 2, name)
        frames += [encode_frame(Frame(one, number & 255)) for one in (who, place)]
    parts = [b"".join(frames[at : at + 2 * CHUNK]) for at in range(0, len(frames), 2 * CHUNK)]
    per_s, shown = _rate(lambda: MavlinkDecoder("bench", None), parts, len(frames), runs)
    rows = [
        Row(
            area=AREA,
            name="MAVLink frames to plots, one core",
            value=per_s,
            unit="messages/s",
            note=f"{shown} plots of {table.num_rows}",
        )
    ]
    os.environ["MAVLINK20"] = "1"
    try:
        dialect = import_module("pymavlink.dialects.v20.common")
    except ImportError:
        return rows
    link = dialect.MAVLink(None)
    data = bytearray(b"".join(frames[:20_000]))
    begun = time.process_time()
    found = len(link.parse_buffer(data) or ())
    value = found / (time.process_time() - begun)
    name = "pymavlink, the same frames to its messages"
    return [
        *rows,
        Row(area=AREA, name=name, value=value, unit="messages/s", note=f"{found} messages"),
    ]
