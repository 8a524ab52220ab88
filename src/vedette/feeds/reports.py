"""Reports of people and agencies as JSON lines: see docs/reference/feeds-reports.md."""

from collections.abc import Iterator
from typing import Final

import msgspec

from vedette.feeds.decoder import Chunk, Decoded
from vedette.model.fault import Fault
from vedette.model.report import (
    REMOTE_PILOT_PERSONAL,
    Airway,
    AtsReport,
    FlightPlan,
    RegisteredAircraft,
    RemotePilot,
    Report,
    Sighting,
)

LINE_MAX: Final = 65_536  # a flight plan with a long route has 10 kB
BLANK: Final = b" \t\r\n"
_TIME_MAX: Final = (1 << 63) - 1

_UNREADABLE: Final = b'"sealed: not a report that could be read"\n'
_UNKNOWN: Final = "of a report that could not be read"

_decoder: Final = msgspec.json.Decoder(Report)
_encoder: Final = msgspec.json.Encoder()


def encode_report(report: Report) -> bytes:
    """One report as one line of JSON, with its "type" and the line's end."""
    return _encoder.encode(report) + b"\n"


def personal(report: Report) -> tuple[str, ...]:
    """Names of the fields that say who a private person is; the record seals them.

    A sighting's ``reporter`` is one, and all that a drone says of its operator. What flight plans and
    air traffic units say names offices, aircraft and flights.
    """
    if isinstance(report, RemotePilot):
        return REMOTE_PILOT_PERSONAL
    return ("reporter",) if isinstance(report, Sighting) else ()


def redact(line: bytes) -> tuple[bytes, str] | None:
    """A report without what is personal in it, and whose it is; None where nothing is personal.

    A line that is no report may name a person anywhere, so all of it is sealed and a placeholder, which
    the decoder will quarantine, stands for it.
    """
    try:
        report = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _UNREADABLE, _UNKNOWN
    if isinstance(report, RemotePilot):
        unnamed = msgspec.structs.replace(report, **dict.fromkeys(REMOTE_PILOT_PERSONAL))
        whose = report.operator_id or report.registration or "of the operator of a drone"
        return msgspec.json.encode(unnamed, order="deterministic") + b"\n", whose
    if not isinstance(report, Sighting) or not report.reporter:
        return None
    blanked = msgspec.structs.replace(report, reporter="sealed")
    return msgspec.json.encode(blanked, order="deterministic") + b"\n", report.reporter


def known_ns(report: Report) -> int:
    """When a report was made: filed for a flight plan, valid for the others [ns UTC]."""
    return report.filed_ns if isinstance(report, FlightPlan) else report.valid_ns


def _times(report: Report) -> tuple[int, ...]:
    if isinstance(report, FlightPlan):
        return report.filed_ns, report.departure_ns, report.arrival_ns
    if isinstance(report, RemotePilot | Airway | RegisteredAircraft):
        return (report.valid_ns,)
    return report.valid_ns, report.subject.valid_ns or 0


def sniff(head: bytes) -> bool:
    """Whether a file that begins so has a report on its first line."""
    try:
        _decoder.decode(head.lstrip(BLANK).split(b"\n", 1)[0])
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


class ReportDecoder:
    """Reads lines of JSON; half a line waits for the rest, a bad one comes back as a fault."""

    def __init__(self, feed_id: str) -> None:
        self.feed_id = feed_id
        self._rest = b""
        self._swallowed = 0  # octets of a line too long to keep, already reported

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Reports, faults and counts of one chunk. Never raises, whatever the bytes are.

        A line is taken once its end has come, or at the end of a chunk that is a whole document
        without its end of line, as a file's last line may be.
        """
        decoded = Decoded()
        offset = -len(self._rest)
        stretch = self._rest + data
        self._rest = b""
        *lines, tail = stretch.split(b"\n")
        for line in lines:
            self._take(line, offset, received_ns, decoded)
            offset += len(line) + 1
        if self._swallowed or len(tail) > LINE_MAX:
            if tail:
                self._fault("bad_length", _too_long(), tail, offset, received_ns, decoded)
            self._swallowed += len(tail)
        elif _is_whole(tail):
            self._take(tail, offset, received_ns, decoded)
        else:
            self._rest = tail
        return decoded

    def _take(self, line: bytes, offset: int, received_ns: int, decoded: Decoded) -> None:
        if self._swallowed or len(line) > LINE_MAX:
            self._swallowed = 0
            self._fault("bad_length", _too_long(), line, offset, received_ns, decoded)
            return
        if not line.strip(BLANK):
            return
        try:
            report = _decoder.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            reason = "out_of_range" if isinstance(error, msgspec.ValidationError) else "bad_json"
            self._fault(reason, str(error), line, offset, received_ns, decoded)
            return
        wrong = _wrong(report)
        if wrong is not None:
            self._fault("out_of_range", wrong, line, offset, received_ns, decoded)
            return
        decoded.reports.append(report)
        kind = str(report.__struct_config__.tag)
        decoded.counts[kind] = decoded.counts.get(kind, 0) + 1

    def _fault(
        self, reason: str, detail: str, data: bytes, offset: int, received_ns: int, decoded: Decoded
    ) -> None:
        decoded.faults.append(
            Fault(
                feed_id=self.feed_id,
                received_ns=received_ns,
                reason=reason,
                detail=detail,
                offset=max(0, offset),
                data=data,
            )
        )


class ReportFramer:
    """Cuts a file of reports into one chunk a line, at the time when each report was made.

    The chunks keep the order of the file; a line that is no report takes the time of the one before.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._latest_ns = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """One chunk for each line that ends in ``data``."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            yield from self._chunk(line + b"\n")
        if len(self._rest) > LINE_MAX:  # no report: let the decoder quarantine it in pieces
            rest, self._rest = self._rest, b""
            yield from self._chunk(rest)

    def finish(self) -> Iterator[Chunk]:
        """The last line, if it has no end."""
        rest, self._rest = self._rest, b""
        if rest:
            yield from self._chunk(rest + b"\n")

    def _chunk(self, line: bytes) -> Iterator[Chunk]:
        if not line.strip(BLANK):
            return
        try:
            report = _decoder.decode(line)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            report = None
        if report is not None and _wrong(report) is None:
            self._latest_ns = known_ns(report)
        yield Chunk(self._latest_ns, line)


def _is_whole(tail: bytes) -> bool:
    if not tail.rstrip(BLANK).endswith(b"}"):
        return False
    try:
        msgspec.json.decode(tail)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return False
    return True


def _too_long() -> str:
    return f"a line of more than {LINE_MAX} octets is no report"


def _wrong(report: Report) -> str | None:
    """What the schema cannot say but must hold; None if nothing is wrong."""
    for instant_ns in _times(report):
        if not 0 <= instant_ns <= _TIME_MAX:
            return f"{instant_ns} is no time in nanoseconds UTC"
    if isinstance(report, FlightPlan):
        if report.arrival_ns < report.departure_ns:
            return f"flight plan {report.callsign}: arrives before it departs"
        places = report.route
    elif isinstance(report, Airway):
        places = report.route
    elif isinstance(report, RegisteredAircraft):
        places = ()
    else:
        places = _place(report)
    for latitude_deg, longitude_deg in places:
        if not (-90.0 <= latitude_deg <= 90.0 and -180.0 <= longitude_deg <= 180.0):
            return f"({latitude_deg}, {longitude_deg}) is no place on Earth"
    return (
        None
        if isinstance(report, RemotePilot | Airway | RegisteredAircraft)
        else _wrong_marks(report)
    )


def _place(report: AtsReport | Sighting | RemotePilot) -> tuple[tuple[float, float], ...]:
    subject = report if isinstance(report, RemotePilot) else report.subject
    if subject.latitude_deg is None or subject.longitude_deg is None:
        return ()
    return ((subject.latitude_deg, subject.longitude_deg),)


def _wrong_marks(report: FlightPlan | AtsReport | Sighting) -> str | None:
    marks = report if isinstance(report, FlightPlan) else report.subject
    for name, text, length, base in (
        ("icao24", marks.icao24, 6, "0123456789abcdefABCDEF"),
        ("mode3a", marks.mode3a, 4, "01234567"),
    ):
        if text is not None and (len(text) != length or any(c not in base for c in text)):
            return (
                f"{name} {text!r}: expected {length} digits of {base[: 16 if length == 6 else 8]}"
            )
    return None
