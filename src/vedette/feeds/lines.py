"""Text feeds: a stream of octets cut into lines, with a bound on what is kept."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import Final, NamedTuple

import numpy as np

from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.pace import Pace
from vedette.model.columns import Integers
from vedette.model.fault import Fault

LINE_MAX: Final = 65_536
_LINE_FEED: Final = 10


class Line(NamedTuple):
    """One line without its end, and where it began in the chunk (0 if in an earlier one)."""

    offset: int
    data: bytes
    is_too_long: bool = False


class Lines(NamedTuple):
    """The lines that end in several chunks, blank ones too where that spares looking at each."""

    data: bytes
    ends: Integers  # (n,) where each line ends in ``data``, at its line feed
    chunk: Integers  # (n,) the chunk in which it ends
    begins: Integers  # of each chunk in ``data``
    apart: list[Line] | None  # each line, where one of them is too long

    def line(self, at: int) -> Line:
        """One of them; where it began is told as of its chunk."""
        if self.apart is not None:
            return self.apart[at]
        start = int(self.ends[at - 1]) + 1 if at else 0
        offset = max(0, start - int(self.begins[self.chunk[at]]))
        return Line(offset, self.data[start : int(self.ends[at])].rstrip(b"\r"))


class LineCutter:
    """Cuts a stream into lines; half a line waits for the rest, one that is too long comes out in pieces."""

    def __init__(self, most: int = LINE_MAX) -> None:
        self._most = most
        self._rest = b""
        self._swallowing = False

    def cut_each(self, pieces: Sequence[bytes]) -> Lines:
        """The lines that end in each of several pieces of the stream, found at once."""
        data = b"".join((self._rest, *pieces))
        sizes = np.array([len(piece) for piece in pieces], dtype=np.int64)
        begins = len(self._rest) + np.cumsum(sizes) - sizes
        ends = np.flatnonzero(np.frombuffer(data, dtype=np.uint8) == _LINE_FEED)
        last = int(ends[-1]) + 1 if len(ends) else 0
        longest = max(int(np.diff(ends, prepend=-1).max(initial=0)) - 1, len(data) - last)
        if not self._swallowing and longest <= self._most:
            self._rest = data[last:]
            chunk = np.searchsorted(begins + sizes, ends, side="right")
            return Lines(data, ends, chunk, begins, None)
        cut = [self.cut(piece) for piece in pieces]
        apart = [line for lines in cut for line in lines]
        # one that is too long is given no octets to be read
        texts = [b"-" if line.is_too_long else line.data for line in apart]
        ends = np.cumsum([len(text) + 1 for text in texts], dtype=np.int64) - 1
        chunk = np.repeat(np.arange(len(pieces)), [len(lines) for lines in cut])
        return Lines(b"".join(text + b"\n" for text in texts), ends, chunk, begins, apart)

    def cut(self, data: bytes) -> list[Line]:
        """The lines that end in ``data``; blank ones are left out."""
        at = -len(self._rest)
        *whole, self._rest = (self._rest + data).split(b"\n")
        found = []
        for line in whole:
            too_long = self._swallowing or len(line) > self._most
            self._swallowing = False
            if line.strip():
                found.append(Line(max(0, at), line.rstrip(b"\r"), too_long))
            at += len(line) + 1
        if self._swallowing or len(self._rest) > self._most:
            if self._rest:
                found.append(Line(max(0, at), self._rest, is_too_long=True))
            self._swallowing, self._rest = True, b""
        return found


class TimedLineFramer:
    """Cuts a file of lines into chunks of one slice of time each, by the time that lines state."""

    def __init__(
        self,
        time_of: Callable[[bytes], int | None],
        *,
        slice_ns: int,
        start_ns: int | None,
        most: int,
    ) -> None:
        """Prepare for one file.

        Args:
            time_of: when a line was heard [ns UTC]; None where it does not say: with the one before.
            slice_ns: length of a slice.
            start_ns: when lines before the first time were heard; None where times are dates.
            most: octets of a line.
        """
        self._time_of, self._slice_ns = time_of, slice_ns
        self._latest_ns = start_ns or 0
        self._most = most
        self._pace: Pace[bytes] = Pace(start_ns)
        self._rest = b""
        self._within = False  # a line that is too long, of which a part has gone already

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks of the lines that end in ``data``, octets as they are; none is heard before the one before it."""
        yield from self._chunks(self._timed(data))

    def finish(self) -> Iterator[Chunk]:
        """The last line, which gets an end if it has none: else the decoder would wait for it."""
        rest = b"\n" if self._rest or self._within else b""
        yield from self._chunks(chain(self._timed(rest), self._pace.finish()))

    def _timed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            stated = not self._within and line.strip()
            self._within = False
            yield from self._pace.push(
                line + b"\n", self._time_of(line.rstrip(b"\r")) if stated else None
            )
        if len(self._rest) > self._most:
            rest, self._rest, self._within = self._rest, b"", True
            yield from self._pace.push(rest, None)

    def _chunks(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[Chunk]:
        held: list[bytes] = []
        for heard_ns, line in lines:
            if heard_ns // self._slice_ns > self._latest_ns // self._slice_ns:
                if held:
                    yield Chunk(self._latest_ns, b"".join(held))
                    held = []
                self._latest_ns = heard_ns
            held.append(line)
        if held:
            yield Chunk(self._latest_ns, b"".join(held))


def quarantine(
    decoded: Decoded, feed_id: str, received_ns: int, line: Line, reason: str, detail: str
) -> None:
    """Add a fault with a whole line."""
    decoded.faults.append(
        Fault(
            feed_id=feed_id,
            received_ns=received_ns,
            reason=reason,
            detail=detail,
            offset=line.offset,
            data=line.data,
        )
    )
