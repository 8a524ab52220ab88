"""Cursor on Target events out of a stream: XML, or the TAK protocol's protobuf."""

import math
import re
from typing import Any, Final, NamedTuple
from xml.parsers import expat

import msgspec
from google.protobuf.message import DecodeError
from takproto.proto import TakMessage

from vedette.model.time import parse_utc

EVENT_MAX: Final = 1 << 20
DEPTH_MAX: Final = 32
ELEMENTS_MAX: Final = 5_000
MESH: Final = (
    b"\xbf\x01\xbf"  # before each datagram's protobuf; a stream has BF and a length instead
)
STREAM: Final = 0xBF
UNKNOWN: Final = 9_999_999.0  # what ce, le and hae hold where they are not known
_END: Final = re.compile(rb"</event\s*>|<event\b[^<>]*/>")
_OPENING: Final = re.compile(rb"\s*<")
_PROLOGUE: Final = re.compile(rb"\s*(?:<\?xml[^<>]*\?>\s*)?")
_MS: Final = 1_000_000


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event, in the format's own units; None where it does not say."""

    uid: str
    type: str  # "a-u-A-M-F"
    how: str = ""
    start_ns: int
    stale_ns: int | None = None
    latitude_deg: float
    longitude_deg: float
    hae_m: float | None = None
    ce_m: float | None = None
    le_m: float | None = None
    course_deg: float | None = None
    speed_mps: float | None = None
    callsign: str | None = None


class Piece(NamedTuple):
    """Octets of one event, or of none."""

    offset: int
    data: bytes
    form: str  # "xml", "protobuf" or "garbage"


class UnreadableError(ValueError):
    """Octets that are no event; the text says why."""


def cut_events(stretch: bytes, kept: int = 0) -> tuple[list[Piece], int]:
    """Events of a stretch in order, and how many octets of it are settled.

    Args:
        stretch: octets.
        kept: how many of them were looked at before, and left since no event ended there.
    """
    found: list[Piece] = []
    at = loose = 0  # from ``loose`` to ``at`` is garbage
    end = _first_end(stretch, 0, kept)

    def give(piece: Piece) -> None:
        nonlocal at, loose
        if loose < piece.offset:
            found.append(Piece(loose, stretch[loose : piece.offset], "garbage"))
        found.append(piece)
        at = loose = piece.offset + len(piece.data)

    while at < len(stretch):
        if stretch.startswith(MESH, at):
            give(Piece(at, stretch[at:], "protobuf"))  # a datagram: its protobuf goes to the end
            break
        if stretch[at] == STREAM:
            size, after = _varint(stretch, at + 1)
            if size < 0:
                break
            if 0 < size <= EVENT_MAX:
                if after + size > len(stretch):
                    break
                give(Piece(at, stretch[at : after + size], "protobuf"))
                continue
        if end is not None and end.start() < at:
            end = _first_end(stretch, at, 0)
        # no further: the rest is looked at in its turn
        until = len(stretch) if end is None else end.start()
        mark = stretch.find(STREAM, at + 1, until)
        if mark >= 0 and not _OPENING.match(stretch, at, mark):
            at = mark
            continue
        if end is None:
            break
        after = end.end()
        begin = stretch.rfind(b"<event", at, after)
        if begin < 0:
            at = after
            continue
        if loose == at and _PROLOGUE.fullmatch(stretch, at, begin):
            loose = begin
        give(Piece(begin, stretch[begin:after], "xml"))
    if loose < at:
        found.append(Piece(loose, stretch[loose:at], "garbage"))
    if len(stretch) - at > EVENT_MAX:
        found.append(Piece(at, stretch[at:], "garbage"))
        at = len(stretch)
    return found, at


def _first_end(stretch: bytes, at: int, kept: int) -> re.Match[bytes] | None:
    """Where an event ends first; of what was looked at before only the last tag can have been completed."""
    if at < kept:
        tag = stretch.rfind(b"<", at, kept)
        at = tag if tag >= 0 else kept
    return _END.search(stretch, at)


def _varint(stretch: bytes, at: int) -> tuple[int, int]:
    """A number of 7 bits an octet and where it ends; -1 if it is cut off, 0 if it is too long to be one."""
    value = 0
    for place in range(5):
        if at + place >= len(stretch):
            return -1, at
        value |= (stretch[at + place] & 0x7F) << 7 * place
        if stretch[at + place] < 0x80:
            return value, at + place + 1
    return 0, at


class _Reader:
    """What is used of one event's elements."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, str]] = {}
        self.path: list[str] = []
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.path.append(name)
        self._count += 1
        if len(self.path) > DEPTH_MAX or self._count > ELEMENTS_MAX:
            raise UnreadableError(f"deeper than {DEPTH_MAX} or more than {ELEMENTS_MAX} elements")
        where = "/".join(self.path)
        if where in _USED and where not in self.found:
            self.found[where] = attributes

    def end(self, name: str) -> None:
        self.path.pop()

    def refuse(self, *_: object) -> None:
        raise UnreadableError("document types and entities are not read")


_USED: Final = ("event", "event/point", "event/detail/track", "event/detail/contact")


def read_xml(data: bytes) -> Event:
    """The event of one XML element.

    Raises:
        UnreadableError: it is none; the text says why.
    """
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise UnreadableError(str(error)) from error
    event = reader.found.get("event")
    point = reader.found.get("event/point")
    if event is None or point is None:
        raise UnreadableError("an event has a point")
    track = reader.found.get("event/detail/track", {})
    stale = event.get("stale")
    return checked(
        Event(
            uid=_text(event, "uid"),
            type=_text(event, "type"),
            how=event.get("how", ""),
            start_ns=_instant(event.get("start") or _text(event, "time")),
            stale_ns=_instant(stale) if stale else None,
            latitude_deg=_real(point, "lat"),
            longitude_deg=_real(point, "lon"),
            hae_m=_real(point, "hae") if "hae" in point else None,
            ce_m=_real(point, "ce") if "ce" in point else None,
            le_m=_real(point, "le") if "le" in point else None,
            course_deg=_real(track, "course") if "course" in track else None,
            speed_mps=_real(track, "speed") if "speed" in track else None,
            callsign=reader.found.get("event/detail/contact", {}).get("callsign"),
        )
    )


def read_protobuf(data: bytes) -> Event:
    """The event of one TAK message with its header.

    Raises:
        UnreadableError: it is none; the text says why.
    """
    body = data[len(MESH) :] if data.startswith(MESH) else data[_varint(data, 1)[1] :]
    message = TakMessage()
    try:
        message.ParseFromString(body)
    except (DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableError(f"no TAK message: {error}") from error
    if not message.HasField("cotEvent"):
        raise UnreadableError("a TAK message without an event")
    found: Any = message.cotEvent
    has_track = found.HasField("detail") and found.detail.HasField("track")
    return checked(
        Event(
            uid=found.uid,
            type=found.type,
            how=found.how,
            start_ns=int(found.startTime or found.sendTime) * _MS,
            stale_ns=int(found.staleTime) * _MS or None,
            latitude_deg=found.lat,
            longitude_deg=found.lon,
            hae_m=found.hae,
            ce_m=found.ce,
            le_m=found.le,
            course_deg=found.detail.track.course if has_track else None,
            speed_mps=found.detail.track.speed if has_track else None,
            callsign=found.detail.contact.callsign or None if found.HasField("detail") else None,
        )
    )


def checked(event: Event) -> Event:
    """The event with unknown values as None.

    Raises:
        UnreadableError: it has a value that cannot be.
    """
    if not event.uid or len(event.uid) > 500 or not event.type or len(event.type) > 200:
        raise UnreadableError("an event has a uid and a type")
    if not 0 <= event.start_ns < 1 << 62:
        raise UnreadableError(f"start {event.start_ns} is no time")
    if not (abs(event.latitude_deg) <= 90.0 and abs(event.longitude_deg) <= 180.0):
        raise UnreadableError(f"({event.latitude_deg}, {event.longitude_deg}) is no place on Earth")
    return msgspec.structs.replace(
        event,
        hae_m=_known(event.hae_m, -2_000.0, 100_000.0),
        ce_m=_known(event.ce_m, 1e-3, 1e6),
        le_m=_known(event.le_m, 1e-3, 1e6),
        course_deg=_known(event.course_deg, 0.0, 360.0),
        speed_mps=_known(event.speed_mps, 0.0, 10_000.0),
    )


def _known(value: float | None, low: float, high: float) -> float | None:
    if value is None or not math.isfinite(value) or not low <= value <= high:
        return None
    return None if value == UNKNOWN else value


def _text(attributes: dict[str, str], name: str) -> str:
    value = attributes.get(name, "")
    if not value:
        raise UnreadableError(f"{name} is missing")
    return value


def _real(attributes: dict[str, str], name: str) -> float:
    try:
        return float(_text(attributes, name))
    except ValueError as error:
        raise UnreadableError(f"{name} {attributes.get(name, '')[:20]!r} is no number") from error


def _instant(text: str) -> int:
    try:
        return parse_utc(text)
    except (ValueError, OverflowError) as error:
        raise UnreadableError(f"{text[:40]!r} is no time") from error
