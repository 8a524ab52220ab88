"""Every quarantined octet of a record or a recording again."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vedette.app.feed_probe import faults_of_file
from vedette.engine.decoders import decoder_for
from vedette.engine.record import Record
from vedette.ledger.raw_log import ItemKind
from vedette.ledger.seal import read_chunk
from vedette.model.fault import Fault


class Quarantined(NamedTuple):
    """A fault, and which item of a record's input log (or chunk of a file) it is of."""

    raw_ref: int
    fault: Fault


def quarantined(source: Path, name: str | None, date: str | None) -> Iterator[Quarantined]:
    """All that was quarantined, in the order in which it came.

    A record's ledger lists a limited number a tick with their first octets; here the input log is decoded
    again, which gives them all. What a person's report held stays sealed.

    Args:
        source: folder of a record, or a recording.
        name: format of a recording; None: to be recognised.
        date: first day of a recording that holds only times of day.

    Raises:
        SettingError: no such format or date.
        SourceError: the file cannot be read, or is of no format that we know.
        RecordError: the folder is no record, or a damaged one.
    """
    if not source.is_dir():
        for number, fault in faults_of_file(str(source), name, date):
            yield Quarantined(number, fault)
        return
    record = Record(source)
    decoders = [decoder_for(feed, record.body) for feed in record.body.feeds]
    for number, (item, _) in enumerate(record.items()):
        if item.kind not in (ItemKind.CHUNK, ItemKind.SEALED):
            continue
        decoder = decoders[item.feed]
        if decoder is None:
            continue
        is_sealed = item.kind is ItemKind.SEALED
        data = read_chunk(item.payload).data if is_sealed else item.payload
        for fault in decoder.decode(data, item.instant_ns, number).faults:
            yield Quarantined(number, fault)


def feeds_of(source: Path) -> tuple[str, ...]:
    """Names of a record's feeds; a recording has none.

    Raises:
        RecordError: the folder is no record, or a damaged one.
    """
    return tuple(feed.feed_id for feed in Record(source).body.feeds) if source.is_dir() else ()


def hex_lines(data: bytes, offset: int, width: int = 16) -> Iterator[str]:
    """Octets as people read them: place, hexadecimal, characters."""
    for start in range(0, len(data), width):
        part = data[start : start + width]
        shown = "".join(chr(octet) if 32 <= octet < 127 else "." for octet in part)
        yield f"{offset + start:08x}  {part.hex(' '):<{3 * width}} {shown}"
