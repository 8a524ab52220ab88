"""Recorded MAVLink: bare frames, and logs in which each frame has its time before it (``.tlog``)."""

import struct
from collections.abc import Iterator
from typing import Final

from vedette.feeds.decoder import Chunk
from vedette.feeds.mavlink.frames import (
    HEADER,
    LAYOUTS,
    START,
    START_1,
    Frame,
    encode_frame,
    frame_size,
    message_number,
)

STAMP: Final = 8
MICROSECOND_NS: Final = 1_000
# Microseconds since 1970 from 2000 to 2100: what a time stamp of a log can be
STAMPS: Final = (946_684_800_000_000, 4_102_444_800_000_000)
PIECE: Final = 65_536


def is_stamped(head: bytes) -> bool:
    """Whether a file that begins so is a log with times."""
    if len(head) <= STAMP or head[STAMP] not in (START, START_1):
        return False
    return STAMPS[0] <= int.from_bytes(head[:STAMP], "big") < STAMPS[1]


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is MAVLink: three frames in a row, or all of a shorter one."""
    skip = STAMP if is_stamped(head) else 0
    at = 0
    for _ in range(3):
        size = frame_size(head[at + skip : at + skip + 3])
        if size <= 0:
            return size == 0 and at > 0
        at += skip + size
    return True


class MavlinkFramer:
    """Cuts a file into chunks of one frame with Remote ID each; other messages are left out.

    A file of bare frames says nothing of time: all of it is taken as received at ``start_ns``, in pieces
    with all that is between frames.

    Attributes:
        skipped: frames that gave no chunk, by why ("other message", "mavlink 1").
    """

    def __init__(self, start_ns: int = 0) -> None:
        """Prepare for one file.

        Args:
            start_ns: when a file without times was received.
        """
        self.skipped: dict[str, int] = {}
        self._rest = bytearray()
        self._heard_ns = start_ns
        self._stamped: bool | None = None

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks completed by the next piece of the file."""
        self._rest += data
        if self._stamped is None and len(self._rest) > STAMP:
            self._stamped = is_stamped(bytes(self._rest[: STAMP + 1]))
        if self._stamped:
            yield from self._log()
        elif self._stamped is not None:
            yield from self._all()

    def finish(self) -> Iterator[Chunk]:
        """What is left at the end of the file; half a frame comes with it."""
        if self._stamped:
            yield from self._log(is_last=True)
        yield from self._all()

    def _all(self) -> Iterator[Chunk]:
        for at in range(0, len(self._rest), PIECE):
            yield Chunk(self._heard_ns, bytes(self._rest[at : at + PIECE]))
        self._rest.clear()

    def _log(self, *, is_last: bool = False) -> Iterator[Chunk]:
        at = garbage = 0
        rest = self._rest
        while at + STAMP < len(rest):
            if not is_stamped(bytes(rest[at : at + STAMP + 1])):
                at += 1
                continue
            if not self._whole(at):
                if not is_last:
                    break
                at += 1
                continue
            if garbage < at:
                yield Chunk(self._heard_ns, bytes(rest[garbage:at]))
            start = at + STAMP
            size = frame_size(bytes(rest[start : start + 3]))
            (stamp,) = struct.unpack_from(">Q", rest, at)
            self._heard_ns = stamp * MICROSECOND_NS
            octets = bytes(rest[start : start + size])
            number = message_number(octets[:HEADER])
            if number in LAYOUTS:
                yield Chunk(self._heard_ns, octets)
            else:
                why = "mavlink 1" if number is None else "other message"
                self.skipped[why] = self.skipped.get(why, 0) + 1
            at = garbage = start + size
        if garbage < at:
            yield Chunk(self._heard_ns, bytes(rest[garbage:at]))
        del rest[:at]

    def _whole(self, at: int) -> bool:
        """Whether all of the record that begins at ``at`` is there."""
        start = at + STAMP
        size = frame_size(bytes(self._rest[start : start + 3]))
        return size > 0 and start + size <= len(self._rest)


def encode_log(frames: list[tuple[int, Frame]]) -> bytes:
    """A log with times.

    Args:
        frames: when each was received [ns UTC], and itself.
    """
    return b"".join(
        struct.pack(">Q", heard_ns // MICROSECOND_NS) + encode_frame(frame)
        for heard_ns, frame in frames
    )
