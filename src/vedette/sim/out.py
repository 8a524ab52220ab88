"""A simulated world written out: the bytes of every feed as files that ``vedette watch`` reads, and the truth."""

import struct
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.feeds.decoder import Chunk
from vedette.feeds.pcap import RAW, UDP, encode_capture
from vedette.feeds.remote_id.carried import RADIOTAP
from vedette.feeds.remote_id.packets import cut_packets
from vedette.model.errors import RecordError
from vedette.model.time import SECOND_NS
from vedette.sim.world import World, WorldFeed

TRUTH_STEP_S: Final = 1.0
_MULTICAST: Final = bytes([239, 1, 1, 1])
_SENDER: Final = bytes([192, 0, 2, 1])  # of RFC 5737, for documentation
_PORT: Final = 8600


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One file of a world."""

    name: str
    address: str  # as ``vedette watch`` takes it; empty for what is no feed
    octets: int
    sha256: str


def write_world(world: World, folder: Path) -> Iterator[Written]:
    """Write a world into a folder; gives each file when it is there.

    Args:
        world: the world.
        folder: new or empty.

    Raises:
        RecordError: the folder holds something, or cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RecordError(f"{folder} is not empty; a world takes a new folder")
        for feed in World(world.scenario, world.variation, world.name, gps=True).feeds:
            yield _feed(feed, folder)
        yield _file(folder, "SENSORS.json", msgspec.json.encode(world.sensors))
        yield _truth(world, folder)
    except OSError as error:
        raise RecordError(f"{folder}: {error.strerror}") from error


def _feed(feed: WorldFeed, folder: Path) -> Written:
    name, kind = feed.spec.feed_id, feed.spec.decoder
    chunks = feed.emitter.chunks(0)
    if kind == "asterix":
        return _file(folder, f"{name}.pcap", _capture(chunks), f"asterix+pcap:{name}.pcap")
    if kind == "remote-id":
        return _file(folder, f"{name}.pcap", _frames(chunks), f"remote-id+file:{name}.pcap")
    is_text = kind in ("report", "people")
    joined = b"".join(
        chunk.data.rstrip(b"\n") + b"\n" if is_text else chunk.data for chunk in chunks
    )
    suffix = "jsonl" if is_text else kind
    return _file(folder, f"{name}.{suffix}", joined, f"{kind}+file:{name}.{suffix}")


def _frames(chunks: Iterator[Chunk]) -> bytes:
    """Frames of one radio as a sniffer keeps them; all of one kind of link."""
    packets = [(chunk.received_ns, cut) for chunk in chunks for cut in cut_packets(chunk.data)[0]]
    link = next((cut.link for _, cut in packets if cut.link is not None), RADIOTAP)
    return encode_capture(link, ((heard_ns, cut.data) for heard_ns, cut in packets))


def _file(folder: Path, name: str, data: bytes, address: str = "") -> Written:
    (folder / name).write_bytes(data)
    return Written(name=name, address=address, octets=len(data), sha256=sha256(data).hexdigest())


def _capture(chunks: Iterator[Chunk]) -> bytes:
    """Datagrams as a capturing machine would have kept them."""
    return encode_capture(
        RAW,
        ((chunk.received_ns, _datagram(chunk.data, number)) for number, chunk in enumerate(chunks)),
    )


def _datagram(data: bytes, number: int) -> bytes:
    udp = struct.pack(">HHHH", _PORT, _PORT, 8 + len(data), 0)  # no checksum, as RFC 768 permits
    head = struct.pack(
        ">BBHHHBBH4s4s", 0x45, 0, 28 + len(data), number & 0xFFFF, 0, 64, UDP, 0, _SENDER, _MULTICAST
    )  # fmt: skip
    total = sum(struct.unpack(">10H", head))
    total = (total & 0xFFFF) + (total >> 16)
    check = ~((total & 0xFFFF) + (total >> 16)) & 0xFFFF
    return head[:10] + struct.pack(">H", check) + head[12:] + udp + data


def _truth(world: World, folder: Path) -> Written:
    """Where everything really was, once a second: what no sensor says."""
    columns: dict[str, list[Any]] = {
        name: [] for name in ("valid_ns", "name", "class", "latitude_deg", "longitude_deg", "pressure_altitude_m")
    }  # fmt: skip
    for motion in world.motions:
        begin = max(0.0, np.ceil(motion.start_s))
        end = min(motion.end_s, world.scenario.duration_s)
        times_s = np.arange(begin, end, TRUTH_STEP_S)
        states = motion.at(times_s)
        columns["valid_ns"].append(world.start_ns + np.round(times_s * SECOND_NS).astype(np.int64))
        columns["name"].append(np.full(len(times_s), motion.flight.name))
        columns["class"].append(np.full(len(times_s), motion.flight.object_class))
        for column, name in enumerate(("latitude_deg", "longitude_deg", "pressure_altitude_m")):
            columns[name].append(states[:, column])
    table = pa.table(
        {name: np.concatenate(parts) if parts else [] for name, parts in columns.items()}
    ).sort_by([("valid_ns", "ascending"), ("name", "ascending")])
    path = folder / "TRUTH.parquet"
    pq.write_table(table, path)
    data = path.read_bytes()
    return Written(name=path.name, address="", octets=len(data), sha256=sha256(data).hexdigest())
