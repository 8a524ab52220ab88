"""Mode S as AVR text (port 30002): the lines put into Beast frames, so that one decoder reads both."""

import re
from typing import Final

import numpy as np

from vedette.feeds.decoder import Decoded
from vedette.feeds.lines import Line, LineCutter, TimedLineFramer, quarantine
from vedette.feeds.mode_s.clock import StampClock
from vedette.feeds.mode_s.decoder import BeastDecoder
from vedette.feeds.mode_s.framers import counted_from
from vedette.model.fault import Fault
from vedette.model.sensor import Sensor

LINE_MAX: Final = 256
SLICE_NS: Final = 250_000_000
_TYPES: Final = {4: b"1", 14: b"2", 28: b"3"}  # hexadecimal digits of a message to a frame's type
_MESSAGE: Final = r"([0-9A-Fa-f]{28}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{4});"
# "*" bare; "@" with 48 bits of a 12 MHz counter; "<" with the counter and the signal level
_LINE: Final = re.compile(
    (
        rf"\s*(?:\*{_MESSAGE}|@([0-9A-Fa-f]{{12}}){_MESSAGE}"
        rf"|<([0-9A-Fa-f]{{12}})([0-9A-Fa-f]{{2}}){_MESSAGE})\s*"
    ).encode()
)
_OCTET: Final = rb"(?:[^\x1a]|\x1a\x1a)"
_FRAME: Final = re.compile(
    rb"\x1a1%b{9}|\x1a2%b{14}|\x1a3%b{21}" % (_OCTET, _OCTET, _OCTET), re.DOTALL
)


def encode_avr(message: bytes, stamp: int | None = None, signal: int | None = None) -> bytes:
    """One line.

    Args:
        message: 2, 7 or 14 octets.
        stamp: 12 MHz counter, 48 bits; None: a bare line.
        signal: level 0 to 255; only with a stamp.

    Raises:
        ValueError: another length, or a counter or level that does not fit.
    """
    if 2 * len(message) not in _TYPES:
        raise ValueError(f"a message has 2, 7 or 14 octets, not {len(message)}")
    if stamp is None:
        return b"*%b;\n" % message.hex().upper().encode()
    if not 0 <= stamp < 1 << 48 or not 0 <= (signal or 0) < 256:
        raise ValueError("a counter has 48 bits, a signal level 8")
    head = f"@{stamp:012X}" if signal is None else f"<{stamp:012X}{signal:02X}"
    return head.encode() + message.hex().upper().encode() + b";\n"


def to_beast(line: bytes, bare_stamp: int) -> bytes | None:
    """The Beast frame of one line; None if it is none. Bare lines get ``bare_stamp``."""
    found = _LINE.fullmatch(line)
    if found is None:
        return None
    bare, stamp, stamped, stamp_too, signal, measured = found.groups()
    text = bare or stamped or measured
    counter = bytes.fromhex((stamp or stamp_too).decode()) if bare is None else None
    if counter is None:
        counter = (bare_stamp & ((1 << 48) - 1)).to_bytes(6, "big")
    level = bytes.fromhex(signal.decode()) if signal else b"\x80"
    body = (counter + level + bytes.fromhex(text.decode())).replace(b"\x1a", b"\x1a\x1a")
    return b"\x1a" + _TYPES[len(text)] + body


class AvrDecoder:
    """Decodes AVR lines with all that ``BeastDecoder`` does; faults hold the lines."""

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """As for ``BeastDecoder``."""
        self.feed_id = feed_id
        self._beast = BeastDecoder(feed_id, sensor)
        self._lines = LineCutter(LINE_MAX)

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        frames: list[bytes] = []
        lines: dict[bytes, Line] = {}
        bad: list[Line] = []
        for line in self._lines.cut(data):
            frame = to_beast(line.data, received_ns * 12 // 1_000)
            if frame is None or line.is_too_long:
                bad.append(line)
                continue
            frames.append(frame)
            lines[frame] = line
        decoded = self._beast.decode(b"".join(frames), received_ns, raw_ref)
        decoded.faults = [self._translated(fault, lines) for fault in decoded.faults]
        for line in bad:
            detail = "no AVR line: *message; @counter message; or <counter level message;"
            quarantine(decoded, self.feed_id, received_ns, line, "garbage", detail)
        return decoded

    def _translated(self, fault: Fault, lines: dict[bytes, Line]) -> Fault:
        found = [lines[frame] for frame in _FRAME.findall(fault.data) if frame in lines]
        if not found:
            return fault
        return Fault(
            feed_id=fault.feed_id,
            received_ns=fault.received_ns,
            reason=fault.reason,
            detail=fault.detail,
            offset=found[0].offset,
            data=b"\n".join(line.data for line in found),
        )


class AvrFileFramer(TimedLineFramer):
    """Cuts a file into chunks of a quarter of a second by its counter; bare lines go with the one before."""

    def __init__(self, day_start_ns: int) -> None:
        """Prepare for a file whose first line was heard at ``day_start_ns``."""
        self._clock, self._start_ns = StampClock(), day_start_ns
        self.note = counted_from(day_start_ns)
        super().__init__(self._heard_ns, slice_ns=SLICE_NS, start_ns=day_start_ns, most=LINE_MAX)

    def _heard_ns(self, line: bytes) -> int | None:
        found = _LINE.fullmatch(line)
        stamp = None if found is None else found[2] or found[4]
        if stamp is None:
            return None
        return self._start_ns + int(self._clock.elapsed_ns(np.array([int(stamp, 16)], np.int64))[0])


def sniff(head: bytes) -> bool:
    """Whether a file that begins so has AVR lines: its first two, or its only one."""
    lines = [line for line in head[:1_024].split(b"\n") if line.strip()][:2]
    return bool(lines) and all(_LINE.fullmatch(line.rstrip(b"\r")) for line in lines)
