"""Recordings of ASTERIX data blocks: bare, framed with trailers (``.gps``), or in a capture."""

from collections.abc import Iterable, Iterator
from typing import Final, Literal

import numpy as np

from vedette.feeds.asterix import _frames as frames
from vedette.feeds.asterix import layout
from vedette.feeds.decoder import Chunk, Framer
from vedette.feeds.pcap import PcapFramer, is_capture
from vedette.model.time import day_start_ns as midnight_ns

PREAMBLE: Final = 2_200  # octets before the first block of the framed form
SPAN_TICKS: Final = 16  # a bare recording is cut into eighths of a second
HEAD: Final = PREAMBLE + 65_536  # octets of a file that ``sniff`` wants to see

Form = Literal["pcap", "framed", "raw"]


class RawFramer:
    """Data blocks one after the other, as many recorders write them.

    Such a file says nothing of when it was received, so each chunk is taken as received when its
    newest
    record was true: an eighth of a second of blocks at most, 64 KiB at most. Time of day wraps at
        midnight.
    Octets that are no blocks come out as chunks of their own, up to where sound blocks begin again.
    """

    _trailer = 0
    _span_ticks = SPAN_TICKS

    def __init__(self, day_start_ns: int = 0) -> None:
        """Prepare for one file that begins on the day of ``day_start_ns``, which may be any instant of it."""
        self._day_start_ns = midnight_ns(day_start_ns)
        self._rest = bytearray()
        self._state = np.array([frames.UNHEARD, 0, 0, 0], np.int64)
        self._seen = np.zeros(256, np.bool_)

    def push(self, data: bytes) -> Iterable[Chunk]:
        """Chunks that the next piece of the file settles."""
        self._rest += data
        if len(self._rest) <= frames.LOOKAHEAD:
            return ()
        return self._cut(last=False)

    def finish(self) -> Iterable[Chunk]:
        """What is left at the end of the file."""
        return self._cut(last=True)

    def _cut(self, *, last: bool) -> list[Chunk]:
        octets = bytes(self._rest)
        data = np.frombuffer(octets, np.uint8)
        room = len(octets) // 4 + 8
        chunks = np.empty((3, room), np.int64)
        pieces = np.empty((2, room), np.int64)
        settled = frames.cut_chunks(
            data, last, self._trailer, self._span_ticks, self._state, self._seen, chunks, pieces
        )
        del self._rest[:settled]
        found = []
        spans = pieces[:, : self._state[3]].T.tolist()
        for first, after, ticks in chunks[:, : self._state[2]].T.tolist():
            parts = [octets[start:end] for start, end in spans[first:after]]
            heard_ns = self._day_start_ns + ticks * layout.TICK_NS
            found.append(Chunk(heard_ns, parts[0] if len(parts) == 1 else b"".join(parts)))
        return found


class FinalFramer(RawFramer):
    """The framed form: 2,200 octets to skip, then blocks with ten octets after each.

    Those hold six zeros, the time of day at which the block was received in 1/128 s (three octets),
    and one zero. A chunk is what was received in the same 1/128 s.
    """

    _trailer = frames.TRAILER
    _span_ticks = 0

    def __init__(self, day_start_ns: int = 0) -> None:
        """As for ``RawFramer``."""
        super().__init__(day_start_ns)
        self._preamble = PREAMBLE

    def push(self, data: bytes) -> Iterable[Chunk]:
        """As for ``RawFramer``."""
        skipped = min(self._preamble, len(data))
        self._preamble -= skipped
        return super().push(data[skipped:])


class BlockCutter:
    """Cuts a live stream of data blocks, as TCP gives it, where blocks end."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def push(self, data: bytes) -> Iterator[Chunk]:
        """All whole blocks that ``data`` completes, as one chunk.

        Octets that can be no block come out with what follows them, for the decoder to quarantine.
        """
        self._rest += data
        position = 0
        while len(self._rest) - position >= layout.HEADER:
            length = int.from_bytes(self._rest[position + 1 : position + 3], "big")
            if length < layout.HEADER:
                position = len(self._rest)
            elif position + length > len(self._rest):
                break
            else:
                position += length
        if position:
            yield Chunk(0, bytes(self._rest[:position]))
            del self._rest[:position]

    def finish(self) -> Iterator[Chunk]:
        """The block that the end cut off."""
        if self._rest:
            yield Chunk(0, bytes(self._rest))
            self._rest.clear()


def sniff(head: bytes) -> Form | None:
    """What a file that begins so is; None: nothing that holds data blocks in sight.

    Args:
        head: the first ``HEAD`` octets of a file, or all of a shorter one.
    """
    if is_capture(head):
        return "pcap"
    data = np.frombuffer(head, np.uint8)
    if len(head) > PREAMBLE and frames.chained(
        data, PREAMBLE, len(head), frames.TRAILER, layout.ASSIGNED
    ):
        return "framed"
    if frames.chained(data, 0, len(head), 0, layout.ASSIGNED):
        return "raw"
    return None


def frame_file(head: bytes, day_start_ns: int = 0, port: int | None = None) -> Framer:
    """The framer for a file that begins so; a file that is nothing we know is taken as bare blocks.

    Args:
        head: the first ``HEAD`` octets; they are still to be pushed.
        day_start_ns: any instant of the day, in UTC, on which it begins; a capture has its own dates.
        port: UDP destination port to take from a capture; None: all.
    """
    form = sniff(head)
    if form == "pcap":
        return PcapFramer(port=port)
    return FinalFramer(day_start_ns) if form == "framed" else RawFramer(day_start_ns)


def chunks_of(framer: Framer, pieces: Iterable[bytes]) -> Iterator[Chunk]:
    """All chunks of a file given in pieces, in order; memory stays that of a piece."""
    for piece in pieces:
        yield from framer.push(piece)
    yield from framer.finish()
