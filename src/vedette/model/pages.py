"""Arrays on large pages of memory.

The processor keeps a small table of where pages are. With pages of 4 KiB it knows some megabytes, and an array
that is read at random misses it at nearly every row; in a virtual machine each miss is a walk through two trees.
Linux gives pages of 2 MiB to memory that asks for them. NumPy asks from 4 MiB on, which few columns reach.
"""

import contextlib
import math
import mmap
import threading
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

PAGE: Final = 1 << 21  # bytes
BLOCK: Final = 4 * PAGE
SMALL: Final = 1 << 15  # fewer bytes are no burden to the table
LARGE: Final = 1 << 22  # from here on NumPy asks itself
LINE: Final = 64  # bytes of the processor's cache that come together: no two arrays share them


def _block() -> NDArray[np.uint8]:
    """Zeros that begin on a large page."""
    memory = mmap.mmap(-1, BLOCK + PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    with contextlib.suppress(OSError):  # a system without large pages has small ones
        memory.madvise(mmap.MADV_HUGEPAGE)
    octets = np.frombuffer(memory, np.uint8)
    skip = -octets.ctypes.data % PAGE
    return octets[skip : skip + BLOCK]


class _Rest:
    """What is left of the block that was begun last. A block lives as long as one of its arrays does."""

    def __init__(self) -> None:
        self.octets: NDArray[np.uint8] = np.zeros(0, np.uint8)
        self.lock = threading.Lock()

    def take(self, size: int) -> NDArray[np.uint8]:
        room = -(-size // LINE) * LINE
        with self.lock:
            if room > len(self.octets):
                self.octets = _block()
            taken, self.octets = self.octets[:size], self.octets[room:]
        return taken


_REST: Final = _Rest()


def spacious(shape: tuple[int, ...], kind: Any = np.float64) -> Any:
    """Zeros, as of ``numpy.zeros``, on large pages: for what is made seldom and read at random."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    if not SMALL <= size < LARGE or not hasattr(mmap, "MADV_HUGEPAGE"):
        return np.zeros(shape, kind)
    return _REST.take(size).view(kind).reshape(shape)
