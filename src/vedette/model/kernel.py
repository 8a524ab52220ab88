"""The one place that imports Numba, so that compiler options are the same everywhere.

``fastmath`` stays off: it reorders sums, so a replay would differ from the first run.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from numba import njit
from numba.core.types.misc import unliteral

F = TypeVar("F", bound=Callable[..., Any])


_OPTIONS: Final[dict[str, Any]] = {
    "nogil": True,
    "cache": True,
    "fastmath": False,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}


def kernel(function: F) -> F:
    """Compile ``function`` for plain arrays and scalars: no GIL, cached on disk, IEEE arithmetic.

    Division by zero follows IEEE 754 (infinity or NaN) rather than raising, as NumPy does.
    """
    compiled: F = _compiled_once(njit(**_OPTIONS)(function))
    return compiled


def _compiled_once(dispatcher: Any) -> Any:
    """The dispatcher, blind to the values of constants that other kernels call it with.

    Numba gives a constant argument a type of its own, and so compiles the callee again for each constant. What
    is small is set into its caller by LLVM, constant and all; the rest was only compiled several times.
    """
    template = dispatcher.get_call_template

    def for_types(args: tuple[Any, ...], kws: dict[str, Any]) -> Any:
        plain = {name: unliteral(kind) for name, kind in kws.items()}
        return template(tuple(unliteral(kind) for kind in args), plain)

    dispatcher.get_call_template = for_types
    return dispatcher


def inlined_kernel(function: F) -> F:
    """As ``kernel``, set into its callers: for small functions of many arrays, whose passing would cost more."""
    compiled: F = njit(inline="always", **_OPTIONS)(function)
    return compiled


def integer_kernel(function: F) -> F:
    """As ``kernel`` for a function of integers alone that gives an integer, compiled once.

    Without a signature Numba compiles it again for each set of constants that it is called with.
    """
    arguments = ", ".join(["int64"] * function.__code__.co_argcount)
    compiled: F = njit(f"int64({arguments})", **_OPTIONS)(function)
    return compiled
