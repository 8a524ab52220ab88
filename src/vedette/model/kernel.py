"""The one place that imports Numba, so that compiler options are the same everywhere.

``fastmath`` stays off: it reorders sums, so a replay would differ from the first run.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile ``function`` for plain arrays and scalars: no GIL, cached on disk, IEEE arithmetic.

    Division by zero follows IEEE 754 (infinity or NaN) rather than raising, as NumPy does.
    """
    compiled: F = njit(nogil=True, cache=True, fastmath=False, error_model="numpy")(function)
    return compiled
