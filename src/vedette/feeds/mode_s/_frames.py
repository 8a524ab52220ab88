"""Beast frames: 0x1a, a type, a 6-octet time stamp, a signal level, the message; 0x1a in it doubled.

Source: the description of the "Mode-S Beast" binary format by its makers (jetvision), and of readsb for
the receiver number (0xe3).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.model.kernel import bare_kernel, kernel

Octets = NDArray[np.uint8]
Integers = NDArray[np.int64]

ESCAPE: Final = 0x1A
MODE_AC, SHORT, LONG, STATUS, RECEIVER = 0x31, 0x32, 0x33, 0x34, 0xE3
HEADER: Final = 7  # time stamp and signal level
STATUS_MIN, STATUS_MAX = 2, 14  # octets after the header: Beast and Radarcape differ
FRAME_MIN: Final = 2 + 8  # a receiver's number
FRAME_MAX: Final = 2 + 2 * (HEADER + 14)  # every octet escaped
GARBAGE, TRUNCATED = 0, 1


@kernel
def unframe(
    data: Octets,
    types: Octets,
    stamps: Integers,
    messages: Octets,
    spans: Integers,
    bad: Integers,
) -> tuple[int, int, int]:
    """Cut ``data`` into frames.

    Args:
        data: (n,) octets, beginning with the half frame that the last call left.
        types: (m,) out: type of each frame; m >= n // FRAME_MIN + 1.
        stamps: (m,) out: time stamp, or 0 where the type has none.
        messages: (m, 14) out: the message; octets after its end are not written.
        spans: (m, 2) out: where the frame begins and ends in ``data``.
        bad: (k, 3) out: begin, end and reason of what is no frame; k >= n // 2 + 2.

    Returns:
        Numbers of frames, of bad stretches, and of octets used; the rest is half a frame.
    """
    size = data.shape[0]
    body = np.empty(HEADER + 14, np.uint8)
    frames = stretches = at = 0
    garbage_from = -1
    while at < size:
        if data[at] == ESCAPE and at + 1 >= size:
            break
        need = 0
        if data[at] == ESCAPE:
            kind = data[at + 1]
            if kind == MODE_AC:
                need = HEADER + 2
            elif kind == SHORT:
                need = HEADER + 7
            elif kind == LONG:
                need = HEADER + 14
            elif kind == STATUS:
                need = HEADER + STATUS_MAX
            elif kind == RECEIVER:
                need = 8
        if need == 0:
            if garbage_from < 0:
                garbage_from = at
            at += 2 if data[at] == ESCAPE and data[at + 1] == ESCAPE else 1
            continue
        filled = 0
        end = at + 2
        cut = False
        while filled < need and end < size:
            octet = data[end]
            if octet == ESCAPE:
                if end + 1 >= size:
                    break
                if data[end + 1] != ESCAPE:
                    cut = True
                    break
                end += 1
            body[filled] = octet
            filled += 1
            end += 1
        if filled < need and not cut:
            break  # half a frame
        if garbage_from >= 0:
            bad[stretches, 0], bad[stretches, 1], bad[stretches, 2] = garbage_from, at, GARBAGE
            stretches += 1
            garbage_from = -1
        if filled < need and not (kind == STATUS and filled >= HEADER + STATUS_MIN):
            bad[stretches, 0], bad[stretches, 1], bad[stretches, 2] = at, end, TRUNCATED
            stretches += 1
            at = end
            continue
        stamp = 0
        if kind != RECEIVER:
            for i in range(6):
                stamp = (stamp << 8) | int(np.int64(body[i]))
            for i in range(HEADER, filled):
                messages[frames, i - HEADER] = body[i]
        types[frames] = kind
        stamps[frames] = stamp
        spans[frames, 0], spans[frames, 1] = at, end
        frames += 1
        at = end
    if garbage_from >= 0:
        bad[stretches, 0], bad[stretches, 1], bad[stretches, 2] = garbage_from, at, GARBAGE
        stretches += 1
    return frames, stretches, at


@bare_kernel
def frame(messages: Octets, lengths: Integers, stamps: Integers, signal: int, out: Octets) -> int:
    """Write (n, 14) messages of (n,) lengths 2, 7 or 14 as frames; the number of octets written."""
    at = 0
    for i in range(messages.shape[0]):
        size = lengths[i]
        out[at] = ESCAPE
        out[at + 1] = MODE_AC if size == 2 else SHORT if size == 7 else LONG
        at += 2
        for k in range(HEADER + size):
            if k < 6:
                octet = np.uint8((stamps[i] >> (40 - 8 * k)) & 0xFF)
            elif k == 6:
                octet = np.uint8(signal)
            else:
                octet = messages[i, k - HEADER]
            out[at] = octet
            at += 1
            if octet == ESCAPE:
                out[at] = ESCAPE
                at += 1
    return at
