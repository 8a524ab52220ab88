"""Memory that a run has freed, given back to the system; and when Python looks for more to free.

Each tick makes tables and arrays of all tracks and lets most of them go. Their allocators keep what is let go, in
pieces that later ticks fit into less and less: a watch that holds no more than before grows for hours.

Python's collector of cycles walks over all that is old once in a while, for a tenth of a second with 5,000 tracks,
and finds next to nothing. Left to itself it does so in the middle of a tick, and every page waits for it.
"""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pyarrow as pa

EVERY_TICKS: Final = 60  # of a live watch
FREE_S: Final = 15.0  # of a recording that is played as fast as it goes
_NEVER: Final = 1 << 30  # young collections, before the collector would walk over all by itself


def give_back() -> None:
    """Collect cycles, and ask the allocators of Arrow and, where it is glibc's, of C to return what is unused.

    It takes some tens of milliseconds: for the quiet after a tick.

    Source: malloc_trim(3); ``pyarrow.MemoryPool.release_unused``; the documentation of ``gc``.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextmanager
def collecting_when_asked() -> Iterator[None]:
    """Whole collections only where ``give_back`` makes them; what is there now is not looked at again.

    Objects that live shortly are collected as ever: that takes no time.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()  # modules, kernels, zones and rules: they stay as long as the run
    gc.set_threshold(before[0], before[1], _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
