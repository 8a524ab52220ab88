"""The one place that imports Numba, so that compiler options are the same everywhere.

``fastmath`` stays off: it reorders sums, so a replay would differ from the first run.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


_OPTIONS: Final[dict[str, Any]] = {
    "nogil": True,
    "cache": True,
    "fastmath": False,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}


def _sources() -> tuple[float, int]:
    """Newest change and whole size of all kernels' sources."""
    found = [path.stat() for path in Path(__file__).parent.parent.rglob("_*.py")]
    return max(stat.st_mtime for stat in found), sum(stat.st_size for stat in found)


_STAMP: Final = _sources()


def _stamped(compiled: Any) -> Any:
    """Tie what is cached of a kernel to the sources of all kernels.

    Numba looks at the one file in which a kernel stands. Machine code of a caller holds that of the kernels
    it calls, from other files, and would be used although those have changed.
    """
    cache_file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if cache_file is not None:
        cache_file._source_stamp = _STAMP
    return compiled


def kernel(function: F) -> F:
    """Compile ``function`` for plain arrays and scalars: no GIL, cached on disk, IEEE arithmetic.

    Division by zero follows IEEE 754 (infinity or NaN) rather than raising, as NumPy does.
    """
    compiled: F = _stamped(njit(**_OPTIONS)(function))
    return compiled


def inlined_kernel(function: F) -> F:
    """As ``kernel``, set into its callers: for small functions of many arrays, whose passing would cost more."""
    compiled: F = _stamped(njit(inline="always", **_OPTIONS)(function))
    return compiled


def integer_kernel(function: F) -> F:
    """As ``kernel`` for a function of integers alone that gives an integer, compiled once.

    Without a signature Numba compiles it again for each set of constants that it is called with.
    """
    arguments = ", ".join(["int64"] * function.__code__.co_argcount)
    # compiled at once: what is cached is tied to its own file, and it calls nothing
    compiled: F = njit(f"int64({arguments})", **_OPTIONS)(function)
    return compiled
