"""How many of the machine's cores the tracker of a run shares its plots over: no bit of a result depends on it."""

import os
from typing import Final

CORES_MAX: Final = 4  # more have too little to share


def shared_cores() -> int:
    """Those that this process may use, up to four."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), CORES_MAX)
    return min(os.cpu_count() or 1, CORES_MAX)
