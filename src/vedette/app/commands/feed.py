"""``vedette feed``: what a recording holds, and whether it is valid."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

import click

if TYPE_CHECKING:
    from vedette.feeds.decoder import Chunk, Decoder, Framer
    from vedette.model.sensor import Sensor

PIECE: Final = 262_144
HEAD: Final = 131_072  # octets that a sniff function may want to see


class Format(NamedTuple):
    """One format of recordings, with everything imported when first called.

    ``sniff`` gets the first ``HEAD`` octets of a file and says whether it is of this format;
    ``framer`` gets the same and midnight UTC of the first day; ``decoder`` a feed's name, sites and
    the same midnight or None (as received). ``counts_message`` tells which keys of the decoder's
    counts are messages and not something about them.
    """

    sniff: Callable[[bytes], bool]
    framer: Callable[[bytes, int], Framer]
    decoder: Callable[[str, tuple[Sensor, ...], int | None], Decoder]
    counts_message: Callable[[str], bool] = bool


def _is_asterix(head: bytes) -> bool:
    from vedette.feeds.asterix.framers import sniff

    return sniff(head) is not None


def _asterix_framer(head: bytes, day_start_ns: int) -> Framer:
    from vedette.feeds.asterix.framers import frame_file

    return frame_file(head, day_start_ns)


def _asterix_decoder(
    feed_id: str, sensors: tuple[Sensor, ...], day_start_ns: int | None
) -> Decoder:
    from vedette.feeds.asterix.decoder import AsterixDecoder

    return AsterixDecoder(feed_id, sensors, day_start_ns)


def _is_beast(head: bytes) -> bool:
    # three frames in a row: escape, type, then 9, 14 or 21 octets in which an escape is doubled
    octet = rb"(?:[^\x1a]|\x1a\x1a)"
    sizes = ((b"1", 9), (b"2", 14), (b"3", 21))
    frames = b"|".join(rb"\x1a%b%b{%d}" % (kind, octet, size) for kind, size in sizes)
    return re.search(rb"(?:%b){3}" % frames, head[:4096], re.DOTALL) is not None


def _beast_framer(head: bytes, day_start_ns: int) -> Framer:
    from vedette.feeds.mode_s.framers import BeastFileFramer

    return BeastFileFramer(day_start_ns)


def _beast_decoder(feed_id: str, sensors: tuple[Sensor, ...], day_start_ns: int | None) -> Decoder:
    from vedette.feeds.mode_s.decoder import BeastDecoder

    receivers = [sensor for sensor in sensors if sensor.kind == "ads_b"]
    return BeastDecoder(feed_id, receivers[0] if receivers else None)


def _is_table(head: bytes) -> bool:
    from vedette.feeds.table.reader import sniff

    return sniff(head)


def _table_framer(head: bytes, day_start_ns: int) -> Framer:
    from vedette.feeds.table import TableFramer

    return TableFramer()


def _table_decoder(feed_id: str, sensors: tuple[Sensor, ...], day_start_ns: int | None) -> Decoder:
    from vedette.feeds.table import TableDecoder

    return TableDecoder(feed_id, None)


def _is_report(head: bytes) -> bool:
    from vedette.feeds.reports import sniff

    return sniff(head)


def _report_framer(head: bytes, day_start_ns: int) -> Framer:
    from vedette.feeds.reports import ReportFramer

    return ReportFramer()


def _report_decoder(feed_id: str, sensors: tuple[Sensor, ...], day_start_ns: int | None) -> Decoder:
    from vedette.feeds.reports import ReportDecoder

    return ReportDecoder(feed_id)


# Tried in this order when the format is not given
FORMATS: Final[dict[str, Format]] = {
    "asterix": Format(
        _is_asterix, _asterix_framer, _asterix_decoder, lambda key: key[:3].isdigit()
    ),
    "beast": Format(
        _is_beast, _beast_framer, _beast_decoder, lambda key: key.startswith(("DF", "Mode A/C"))
    ),
    "table": Format(_is_table, _table_framer, _table_decoder, lambda key: key == "row"),
    "report": Format(_is_report, _report_framer, _report_decoder),
}


@dataclass
class Probe:
    """What a recording was found to hold."""

    file: str
    format: str
    form: str | None
    size_bytes: int = 0
    chunks: int = 0
    messages: int = 0
    first_utc: str | None = None
    last_utc: str | None = None
    span_s: float = 0.0
    messages_per_s: float | None = None
    counts: dict[str, int] = field(default_factory=dict)
    turn_s: dict[str, float] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    fault_bytes: int = 0
    first_fault: str | None = None


@click.group("feed")
def group() -> None:
    """What a recording holds, and whether it is valid."""


@group.command("probe")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--format", "name", help="Take FILE as this format instead of looking.")
@click.option("--date", help="First day of a recording that holds only times of day, YYYY-MM-DD.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def probe_feed(file: str, name: str | None, date: str | None, as_json: bool) -> None:
    """Say what FILE is: format, messages by category and radar, rates, times, faults."""
    import json

    found = probe_file(file, name, date)
    if as_json:
        click.echo(json.dumps(asdict(found)))
        return
    form = f" ({found.form})" if found.form else ""
    click.echo(
        f"{found.file}: {found.format}{form}, {found.size_bytes} bytes, {found.chunks} chunks"
    )
    if found.first_utc is not None:
        rate = "" if found.messages_per_s is None else f", {found.messages_per_s:.1f} messages/s"
        click.echo(f"{found.first_utc} to {found.last_utc}: {found.span_s:.1f} s{rate}")
    for title, table in (
        ("messages", found.counts),
        ("antenna turn [s]", found.turn_s),
        ("packets skipped", found.skipped),
        ("faults", found.faults),
    ):
        if table:
            click.echo(f"{title}:")
            for key, value in sorted(table.items()):
                click.echo(f"  {key:<32} {value:>10g}")
    if found.first_fault is not None:
        click.echo(f"first fault: {found.first_fault}", err=True)


@group.command("check")
@click.option("--format", "name", required=True, help="The format that FILE must be of.")
@click.argument("file", type=click.Path(dir_okay=False))
def check_feed(name: str, file: str) -> None:
    """Exit 0 if every byte of FILE is valid in the format, 3 if not, with the reason on stderr."""
    found = probe_file(file, name, None)
    if found.first_fault is not None:
        click.echo(f"error: {file}: {found.first_fault}", err=True)
        raise SystemExit(3)
    if found.messages == 0:
        click.echo(f"error: {file}: no {name} message in it", err=True)
        raise SystemExit(3)
    click.echo(f"{file}: valid {name}, {found.messages} messages")


def probe_file(file: str, name: str | None, date: str | None) -> Probe:
    """Read a recording to its end, with memory flat at any size.

    Raises:
        SettingError: no such format, or no such date.
        SourceError: the file cannot be read, or is of no format that we know.
    """
    from vedette.model.errors import SettingError, SourceError
    from vedette.model.time import format_utc, parse_utc

    if name is not None and name not in FORMATS:
        raise SettingError(f"no feed format is called {name!r}: {', '.join(FORMATS)}")
    try:
        day_start_ns = 0 if date is None else parse_utc(date)
    except ValueError as error:
        raise SettingError(f"--date {date!r} is no date like 2025-09-19") from error
    pieces = _pieces(file)
    head = next(pieces, b"")
    if name is None:
        name = next((key for key, known in FORMATS.items() if known.sniff(head[:HEAD])), None)
    if name is None:
        raise SourceError(f"{file}: of no format that is known here ({', '.join(FORMATS)})")
    known = FORMATS[name]
    framer = known.framer(head[:HEAD], day_start_ns)
    decoder = known.decoder("probe", (), None)
    found = Probe(file=file, format=name, form=_form(name, head[:HEAD]))
    first_ns = last_ns = None
    for chunk in _chunks(framer, found, head, pieces):
        first_ns = chunk.received_ns if first_ns is None else min(first_ns, chunk.received_ns)
        last_ns = chunk.received_ns if last_ns is None else max(last_ns, chunk.received_ns)
        decoded = decoder.decode(chunk.data, chunk.received_ns, found.chunks)
        found.chunks += 1
        for key, number in decoded.counts.items():
            found.counts[key] = found.counts.get(key, 0) + number
            found.messages += number if known.counts_message(key) else 0
        for fault in decoded.faults:
            found.faults[fault.reason] = found.faults.get(fault.reason, 0) + 1
            found.fault_bytes += len(fault.data)
            if found.first_fault is None and fault.reason != "test_target":
                found.first_fault = f"{fault.reason}: {fault.detail} (chunk {found.chunks - 1})"
    found.skipped = dict(getattr(framer, "skipped", {}))
    if first_ns is not None and last_ns is not None:
        found.span_s = (last_ns - first_ns) / 1e9
        dated = date is not None or found.form == "pcap"
        found.first_utc = format_utc(first_ns) if dated else format_utc(first_ns)[11:]
        found.last_utc = format_utc(last_ns) if dated else format_utc(last_ns)[11:]
        if found.span_s > 0:
            found.messages_per_s = found.messages / found.span_s
    for source, rotation in sorted(getattr(decoder, "rotations", {}).items()):
        if rotation.period_s is not None:
            found.turn_s[source] = rotation.period_s
    return found


def _form(name: str, head: bytes) -> str | None:
    if name != "asterix":
        return None
    from vedette.feeds.asterix.framers import sniff

    return sniff(head)


def _pieces(file: str) -> Iterator[bytes]:
    from pathlib import Path

    from vedette.model.errors import SourceError

    try:
        with Path(file).open("rb") as stream:
            while piece := stream.read(PIECE):
                yield piece
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror or error}") from error


def _chunks(framer: Framer, found: Probe, head: bytes, pieces: Iterator[bytes]) -> Iterator[Chunk]:
    for piece in chain((head,), pieces):
        found.size_bytes += len(piece)
        yield from framer.push(piece)
    yield from framer.finish()
