"""Callsigns packed in six-bit letters to Arrow strings and back, without a Python object each."""

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from vedette.feeds.mode_s._codes import LETTERS, SPACE
from vedette.model.kernel import kernel

Octets = NDArray[np.uint8]
Integers = NDArray[np.int64]

LENGTH: Final = 8
BLANK: Final = sum(SPACE << (6 * i) for i in range(LENGTH))


@kernel
def _spell(packed: Integers, letters: Octets, offsets: NDArray[np.int32], known: Octets) -> None:
    at = 0
    offsets[0] = 0
    for i in range(packed.shape[0]):
        word = packed[i]
        size = 0
        if word >= 0:
            size = LENGTH
            while size and (word >> (6 * (LENGTH - size))) & 63 == SPACE:
                size -= 1
        for k in range(size):
            letters[at + k] = LETTERS[(word >> (6 * (LENGTH - 1 - k))) & 63]
        at += size
        offsets[i + 1] = at
        known[i] = size > 0


def names(packed: Integers) -> pa.Array:
    """(n,) strings without trailing blanks; null for -1 and for blanks only."""
    letters = np.empty(LENGTH * len(packed) + 1, np.uint8)
    offsets, known = np.empty(len(packed) + 1, np.int32), np.empty(len(packed), np.uint8)
    _spell(np.ascontiguousarray(packed), letters, offsets, known)
    bits = np.packbits(known, bitorder="little")
    return pa.StringArray.from_buffers(
        len(packed), pa.py_buffer(offsets), pa.py_buffer(letters), pa.py_buffer(bits)
    )


def pack(name: str) -> int:
    """Eight six-bit letters of a callsign; letters that cannot be sent become "#", code 0."""
    word = 0
    for letter in name[:LENGTH].upper().ljust(LENGTH):
        found = np.flatnonzero(ord(letter) == LETTERS)
        word = (word << 6) | (0 if letter == "#" or len(found) == 0 else int(found[0]))
    return word
