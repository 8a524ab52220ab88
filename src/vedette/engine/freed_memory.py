"""Memory that a run has freed, given back to the system.

Each tick makes tables and arrays of all tracks and lets most of them go. Their allocators keep what is let go, in
pieces that later ticks fit into less and less: a watch that holds no more than before grows for hours.
"""

import ctypes
from typing import Final

import pyarrow as pa

EVERY_TICKS: Final = 60


def give_back() -> None:
    """Ask the allocators of Arrow and, where it is glibc's, of C to return what they hold unused.

    It takes some tens of milliseconds without Python's lock: for the quiet after a tick.

    Source: malloc_trim(3); ``pyarrow.MemoryPool.release_unused``.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
