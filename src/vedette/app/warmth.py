"""Whether the kernels have been compiled on this machine; silence must not look like calm here either."""

import os
from pathlib import Path

import vedette


def kernels_are_cold() -> bool:
    """True while no compiled kernel lies beside the sources: the first run compiles them."""
    if os.environ.get("NUMBA_CACHE_DIR"):
        return False  # kept elsewhere: we cannot tell
    return not any((Path(vedette.__file__).parent / "fusion" / "__pycache__").glob("*.nbi"))
