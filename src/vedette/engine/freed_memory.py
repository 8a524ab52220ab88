"""Memory that a run has freed, given back to the system.

Each tick makes tables and arrays of all tracks and lets most of them go. Their allocators keep what is let go, in
pieces that later ticks fit into less and less: a watch that holds no more than before grows for hours.

Python's collector of cycles, left alone, walks over all that lives every few seconds: zones, names, tracks, some
hundred thousand objects, in the middle of a tick. What has lived for a minute is therefore set aside, and the rest
is walked over once a minute.
"""

import ctypes
import gc
from types import TracebackType
from typing import Final

import pyarrow as pa

EVERY_TICKS: Final = 60
_WHOLE: Final = 60  # sweeps after which what was set aside is walked over as well: a few lost cycles may be there
_YOUNG: Final = 20_000  # objects made and not let go, after which the collector looks at them
_NEVER: Final = 1_000_000_000


class Collector:
    """Python's collector of cycles while a run lasts: called for between ticks."""

    def __init__(self) -> None:
        self._before = gc.get_threshold()
        self._sweeps = 0

    def __enter__(self) -> "Collector":
        gc.collect()
        gc.freeze()
        gc.set_threshold(_YOUNG, 20, _NEVER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        gc.unfreeze()
        gc.set_threshold(*self._before)

    def sweep(self) -> None:
        """Collect what was made since the last time, and set aside what lives on."""
        self._sweeps += 1
        if self._sweeps % _WHOLE == 0:
            gc.unfreeze()
        gc.collect()
        gc.freeze()


def give_back() -> None:
    """Ask the allocators of Arrow and, where it is glibc's, of C to return what they hold unused.

    It takes some tens of milliseconds without Python's lock: for the quiet after a tick.

    Source: malloc_trim(3); ``pyarrow.MemoryPool.release_unused``.
    """
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
