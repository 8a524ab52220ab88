"""What a recording or a live feed holds: read to its end, or heard for a while."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Final

import msgspec

from vedette.engine.address import parse_feed
from vedette.engine.recordings import pieces_of
from vedette.engine.sockets import LiveFeed
from vedette.feeds.decoder import Chunk, Decoded, Decoder, Framer
from vedette.feeds.formats import FORMATS, HEAD, Codec, codec, named, recognise
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import SettingError, SourceError
from vedette.model.fault import Fault
from vedette.model.sensor import Sensor
from vedette.model.time import format_utc, parse_utc

_QUEUE: Final = 10_000
TOGETHER: Final = 64  # chunks at a time
_ASKED: Final = ("tcp", "http")  # the other side has to answer before there is anything to hear


@dataclass
class Probe:
    """What was found."""

    file: str
    format: str
    form: str | None
    size_bytes: int = 0
    chunks: int = 0
    messages: int = 0
    plots: int = 0
    reports: int = 0
    first_utc: str | None = None
    last_utc: str | None = None
    span_s: float = 0.0
    messages_per_s: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    sensors: dict[str, int] = field(default_factory=dict)  # plots of each
    unplaced: dict[str, int] = field(default_factory=dict)  # plots of those without a site
    editions: dict[str, list[str]] = field(default_factory=dict)
    turn_s: dict[str, float] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)  # what a live feed's connection did
    reached: bool | None = None  # a live feed that we connect to; None: nothing to connect to
    skipped: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    fault_bytes: int = 0
    first_fault: str | None = None


class _Reading:
    """One decoder over all chunks of one source."""

    def __init__(self, found: Probe, reader: Codec, sensors: tuple[Sensor, ...]) -> None:
        self.found, self._reader = found, reader
        self.decoder: Decoder = reader.decoder("probe", sensors, None)
        self._first_ns: int | None = None
        self._last_ns: int | None = None

    def take(self, chunk: Chunk) -> list[Fault]:
        decoded = self.decoder.decode(chunk.data, chunk.received_ns, self.found.chunks)
        return self._note((chunk,), decoded)

    def take_all(self, chunks: Iterable[Chunk]) -> None:
        """All chunks, several at a time where the decoder takes several at the price of one."""
        together = getattr(self.decoder, "decode_many", None)
        if together is None:
            for chunk in chunks:
                self.take(chunk)
            return
        for group in _groups(chunks):
            first = self.found.chunks
            self._note(group, together(group, range(first, first + len(group))))

    def _note(self, chunks: Sequence[Chunk], decoded: Decoded) -> list[Fault]:
        found = self.found
        for chunk in chunks:
            ns = chunk.received_ns
            self._first_ns = ns if self._first_ns is None else min(self._first_ns, ns)
            self._last_ns = ns if self._last_ns is None else max(self._last_ns, ns)
        first = found.chunks
        found.chunks += len(chunks)
        found.plots += decoded.plots.num_rows
        found.reports += len(decoded.reports)
        for key, number in decoded.counts.items():
            _add(found.counts, key, number)
            found.messages += number if self._reader.is_message(key) else 0
        for name in decoded.plots["sensor_id"].to_pylist():
            _add(found.sensors, name, 1)
        for name, number in decoded.unplaced.items():
            _add(found.unplaced, name, number)
        for fault in decoded.faults:
            _add(found.faults, fault.reason, 1)
            found.fault_bytes += len(fault.data)
            if found.first_fault is None and fault.reason != "test_target":
                number = first + _place(fault, chunks)
                found.first_fault = f"{fault.reason}: {fault.detail} (chunk {number})"
        return decoded.faults

    def end(self, *, dated: bool) -> None:
        found = self.found
        if self._first_ns is not None and self._last_ns:  # all at 0: of no time, not of 1970
            found.span_s = (self._last_ns - self._first_ns) / 1e9
            first, last = format_utc(self._first_ns), format_utc(self._last_ns)
            found.first_utc, found.last_utc = (first, last) if dated else (first[11:], last[11:])
            if found.span_s > 0:
                found.messages_per_s = found.messages / found.span_s
        found.editions = dict(getattr(self.decoder, "editions", {}))
        for source, rotation in sorted(getattr(self.decoder, "rotations", {}).items()):
            if rotation.period_s is not None:
                found.turn_s[source] = rotation.period_s


def _groups(chunks: Iterable[Chunk]) -> Iterator[list[Chunk]]:
    group: list[Chunk] = []
    octets = 0
    for chunk in chunks:
        group.append(chunk)
        octets += len(chunk.data)
        if len(group) == TOGETHER or octets > HEAD:
            yield group
            group, octets = [], 0
    if group:
        yield group


def _place(fault: Fault, chunks: Sequence[Chunk]) -> int:
    """Which of several chunks a fault is of: the first that was heard then and holds its octets there."""
    end = fault.offset + len(fault.data)
    for number, chunk in enumerate(chunks):
        if chunk.received_ns == fault.received_ns and chunk.data[fault.offset : end] == fault.data:
            return number
    return 0


def _add(counts: dict[str, int], key: str, number: int) -> None:
    counts[key] = counts.get(key, 0) + number


def probe_file(
    file: str, name: str | None, date: str | None, sensors: tuple[Sensor, ...] = ()
) -> Probe:
    """Read a recording to its end, with memory flat at any size.

    Raises:
        SettingError: no such format, or no such date.
        SourceError: the file cannot be read, or is of no format that we know.
    """
    reading, chunks = _opened(file, name, date, sensors)
    reading.take_all(chunks)
    found = reading.found
    reading.end(dated=date is not None or found.form == "pcap" or not FORMATS[found.format].undated)
    return found


def faults_of_file(
    file: str, name: str | None, date: str | None, sensors: tuple[Sensor, ...] = ()
) -> Iterator[tuple[int, Fault]]:
    """Every fault of a recording with the number of its chunk.

    Raises:
        SettingError: no such format, or no such date.
        SourceError: the file cannot be read, or is of no format that we know.
    """
    reading, chunks = _opened(file, name, date, sensors)
    for number, chunk in enumerate(chunks):
        for fault in reading.take(chunk):
            yield number, fault


def chunks_of_file(file: str, name: str | None, date: str | None) -> tuple[Codec, Iterator[Chunk]]:
    """A recording's chunks, and what reads its format.

    Raises:
        SettingError: no such format, or no such date.
        SourceError: the file cannot be read, or is of no format that we know.
    """
    reading, chunks = _opened(file, name, date, ())
    return codec(reading.found.format), chunks


def _opened(
    file: str, name: str | None, date: str | None, sensors: tuple[Sensor, ...]
) -> tuple[_Reading, Iterator[Chunk]]:
    if name is not None:
        named(name)
    try:
        day_start_ns = 0 if date is None else parse_utc(date)
    except ValueError as error:
        raise SettingError(f"--date {date!r} is no date like 2025-09-19") from error
    pieces = pieces_of(Path(file))
    head = next(pieces, b"")
    if name is None and not head:
        raise SourceError(f"{file}: it is empty")
    name = name or recognise(head)
    if name is None:
        raise SourceError(f"{file}: of no format that is known here ({', '.join(FORMATS)})")
    reader = codec(name)
    found = Probe(file=file, format=name, form=reader.form(head[:HEAD]))
    framer = reader.framer(head[:HEAD], day_start_ns)
    return _Reading(found, reader, sensors), _chunks(framer, found, chain((head,), pieces))


def _chunks(framer: Framer, found: Probe, pieces: Iterable[bytes]) -> Iterator[Chunk]:
    for piece in pieces:
        found.size_bytes += len(piece)
        yield from framer.push(piece)
    yield from framer.finish()
    found.skipped = dict(getattr(framer, "skipped", {}))


def probe_live(url: str, seconds: float, sensors: tuple[Sensor, ...] = ()) -> Probe:
    """Hear a live feed for a while; ``reached`` is False where the other side has never answered.

    Raises:
        SettingError: no such address.
        SourceError: the port is taken or the group cannot be joined.
    """
    address = parse_feed(url)
    reader = codec(address.decoder)
    found = Probe(file=url, format=address.decoder, form=address.transport)
    found.reached = False if address.transport in _ASKED else None
    reading = _Reading(found, reader, sensors)
    for item in asyncio.run(_heard(url, seconds)):
        if item.kind is ItemKind.CHUNK:
            found.size_bytes += len(item.payload)
            reading.take(Chunk(item.instant_ns, item.payload))
        else:
            found.links.append(item.payload.decode())
            if found.reached is False:
                found.reached = msgspec.json.decode(item.payload)["event"] != "refused"
    reading.end(dated=True)
    return found


async def _heard(url: str, seconds: float) -> list[Item]:
    from vedette.engine.clocks import WallClock

    queue: asyncio.Queue[Item] = asyncio.Queue(_QUEUE)
    feed = LiveFeed(0, parse_feed(url), queue, WallClock().now_ns)
    await feed.open()
    running = asyncio.create_task(feed.run())
    await asyncio.sleep(seconds)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    feed.close()
    return [queue.get_nowait() for _ in range(queue.qsize())]
