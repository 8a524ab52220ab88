"""Recorded Beast streams as chunks with the times at which they were heard."""

import re
from collections.abc import Iterator
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from vedette.feeds.decoder import Chunk
from vedette.feeds.mode_s import _frames as f
from vedette.feeds.mode_s.clock import StampClock, looks_like_gps
from vedette.model.time import SECOND_NS, format_utc
from vedette.model.time import day_start_ns as midnight_ns

SLICE_NS: Final = 250_000_000
CHUNK_MAX: Final = 262_144
LOOK_AT: Final = 65_536  # octets that are looked at to tell the kind of counter
GAPS_MIN: Final = 8
PAUSE_S: Final = (0.3, 5.0)  # between position messages of one aircraft: 0.4 to 0.6 s and lost ones

Counter = Literal["auto", "12mhz", "gps"]
Integers = NDArray[np.int64]
Octets = NDArray[np.uint8]


def counted_from(start_ns: int) -> str:
    """What to know of a recording whose counter tells no time of day."""
    said = (
        "counts from when the receiver was switched on, not the time of day: taken to begin at "
        f"{format_utc(start_ns)}"
    )
    if start_ns != midnight_ns(start_ns):  # somebody gave the instant
        return said
    return f"{said}; --date may give the instant (YYYY-MM-DDTHH:MM:SSZ)"


class BeastFileFramer:
    """Cuts a Beast file into chunks of a quarter of a second by its own time stamps.

    A 12 MHz counter tells how far messages are apart, not when: the first one is taken to be at
    ``day_start_ns``, which may be any instant at which the recording is known to begin. GPS stamps are
    times of day and are dated by that day. Chunks end between frames and their times never go back.
    """

    def __init__(self, day_start_ns: int, *, counter: Counter = "auto") -> None:
        """Prepare for one file.

        Args:
            day_start_ns: the instant of the first message, or any of its day, in UTC, where stamps are GPS time.
            counter: of the receiver; "auto" tells it from how often aircraft send their position.
        """
        self._start_ns, self.note = day_start_ns, ""
        self._counter = counter
        self._clock: StampClock | None = None
        self._shift_ns = 0  # from the clock's zero to UTC
        self._rest = b""  # not looked at yet, or half a frame
        self._open = bytearray()  # of the chunk being filled
        self._open_ns = self._now_ns = day_start_ns

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks completed by the next piece of the file."""
        self._rest += data
        if self._clock is not None or len(self._rest) >= LOOK_AT:
            yield from self._cut()

    def finish(self) -> Iterator[Chunk]:
        """What is left; half a frame at the end comes with it."""
        yield from self._cut()
        if self._open or self._rest:
            yield Chunk(self._now_ns, bytes(self._open) + self._rest)
        self._open, self._rest = bytearray(), b""

    def _cut(self) -> Iterator[Chunk]:
        stretch = self._rest
        octets = np.frombuffer(stretch, np.uint8)
        room = len(octets) // f.FRAME_MIN + 1
        types, stamps = np.empty(room, np.uint8), np.empty(room, np.int64)
        messages, spans = np.empty((room, 14), np.uint8), np.empty((room, 2), np.int64)
        bad = np.empty((len(octets) // 2 + 2, 3), np.int64)
        frames, _, used = f.unframe(octets, types, stamps, messages, spans, bad)
        self._rest = stretch[used:]
        types, stamps, messages = types[:frames], stamps[:frames], messages[:frames]
        if self._clock is None and frames:
            self._start(types, stamps, messages)
        if self._clock is None:
            self._open += stretch[:used]
            return
        times_ns = np.maximum.accumulate(
            np.append(self._now_ns, self._clock.elapsed_ns(stamps) + self._shift_ns)
        )[1:]
        begin = 0
        for end, time_ns in self._ends(spans[:frames, 0], times_ns):
            chunk = Chunk(time_ns, bytes(self._open) + stretch[begin:end])
            self._open.clear()
            begin = end
            yield chunk
        self._open += stretch[begin:used]

    def _ends(self, starts: Integers, times_ns: Integers) -> Iterator[tuple[int, int]]:
        """Where chunks end, and when their last frame was heard."""
        begin, held, at = 0, len(self._open), 0
        while True:
            late = int(np.searchsorted(times_ns, self._open_ns + SLICE_NS))
            full = int(np.searchsorted(starts, begin - held + CHUNK_MAX))
            at = max(at, min(late, full))
            if at >= len(starts):
                break
            heard_ns = int(times_ns[at - 1]) if at else self._now_ns
            end = int(starts[at])
            if end - begin + held:
                yield end, heard_ns
            begin, held, self._open_ns = end, 0, int(times_ns[at])
            at += 1
        if len(times_ns):
            self._now_ns = int(times_ns[-1])

    def _start(self, types: Octets, stamps: Integers, messages: Octets) -> None:
        gps = self._counter == "gps" or (
            self._counter == "auto" and counts_gps_time(types, stamps, messages)
        )
        self._clock = StampClock(gps=gps)
        if gps:
            first = int(stamps[np.flatnonzero(stamps)[0]]) if stamps.any() else 0
            self._shift_ns = (
                midnight_ns(self._start_ns) + (first >> 30) * SECOND_NS + (first & 0x3FFFFFFF)
            )
            self._now_ns = self._shift_ns
        else:
            self._shift_ns = self._start_ns
            self.note = counted_from(self._start_ns)
        self._open_ns = self._now_ns


def counts_gps_time(types: Octets, stamps: Integers, messages: Octets) -> bool:
    """Whether stamps are seconds and nanoseconds of the day, told from how often aircraft send a place.

    Args:
        types: (n,) of the frames of one receiver in their order.
        stamps: (n,) time stamps.
        messages: (n, 14) octets.
    """
    if not looks_like_gps(stamps):
        return False
    code = messages[:, 4] >> 3
    place = (types == f.LONG) & (messages[:, 0] >> 3 == 17) & (code >= 9) & (code <= 22)
    place &= code != 19
    octets = messages[place].astype(np.int64)
    address = (octets[:, 1] << 16) | (octets[:, 2] << 8) | octets[:, 3]
    heard = stamps[place]
    order = np.lexsort((np.arange(len(heard)), address))
    same = np.diff(address[order]) == 0
    ticks = np.diff(heard[order])[same]
    gps_ns = np.diff(((heard >> 30) * SECOND_NS + (heard & 0x3FFFFFFF))[order])[same]
    apart = ticks > 0
    if int(apart.sum()) < GAPS_MIN:
        return False
    as_ticks_s = float(np.median(ticks[apart])) / 12e6
    as_gps_s = float(np.median(gps_ns[apart])) / 1e9
    return PAUSE_S[0] <= as_gps_s <= PAUSE_S[1] and as_ticks_s > PAUSE_S[1]


# three frames in a row: escape, type, then 9, 14 or 21 octets in which an escape is doubled
_OCTET: Final = rb"(?:[^\x1a]|\x1a\x1a)"
_FRAME: Final = b"|".join(
    rb"\x1a%b%b{%d}" % (kind, _OCTET, size) for kind, size in ((b"1", 9), (b"2", 14), (b"3", 21))
)
_FRAMES: Final = re.compile(rb"(?:%b){3}" % _FRAME, re.DOTALL)


def sniff(head: bytes) -> bool:
    """Whether a file that begins so has three Beast frames in a row near its beginning."""
    return _FRAMES.search(head[:4096]) is not None
