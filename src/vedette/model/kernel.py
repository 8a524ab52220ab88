"""The one place that imports Numba (beside ``_lanes``), so that compiler options are the same everywhere.

``fastmath`` stays off: it reorders sums, so a replay would differ from the first run.

Nearly all of a first run's waiting is Numba's own work before LLVM begins. Two parts of it are waste, and are
spared here: typing asks anew for every ``a + b`` which of some hundred meanings of ``+`` it has, and Python's
collector of cycles walks again and again over millions of objects that all live until a function is done.
"""

import gc
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils, event
from numba.core.targetconfig import ConfigStack
from numba.core.types.functions import BaseFunction
from numba.core.types.misc import unliteral
from numba.extending import intrinsic
from numba.np.arrayobj import make_array

F = TypeVar("F", bound=Callable[..., Any])


_OPTIONS: Final[dict[str, Any]] = {
    "nogil": True,
    "cache": True,
    "fastmath": False,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
}


class _Collecting(event.Listener):  # type: ignore[misc]
    """Holds Python's collector of cycles while a kernel, and what it calls, is compiled."""

    def __init__(self) -> None:
        self.depth, self.resume = 0, False

    def on_start(self, event: Any) -> None:
        if self.depth == 0:
            self.resume = gc.isenabled()
            gc.disable()
        self.depth += 1

    def on_end(self, event: Any) -> None:
        self.depth -= 1
        if self.depth == 0 and self.resume:
            gc.enable()


class _Meanings:
    """What typing has found a built-in function to mean for types of arguments, under the same options."""

    def __init__(self, find: Callable[..., Any]) -> None:
        self.find = find
        self.known: dict[Any, tuple[Any, Any]] = {}
        self.options: tuple[Any, Any, str] = (None, None, "")

    def _said(self) -> str:
        """The options of the function that is being compiled, as a text: they cannot be hashed."""
        flags = ConfigStack.top_or_none()
        values = getattr(flags, "_values", None)
        if self.options[0] is not flags or self.options[1] != values or values is None:
            self.options = (flags, None if values is None else dict(values), repr(flags))
        return self.options[2]

    def of(self, function: Any, context: Any, args: Any, kws: Any) -> Any:
        key = (context, function.key, tuple(args), tuple(kws.items()), self._said())
        found = self.known.get(key)
        if found is None:
            signature = self.find(function, context, args, kws)
            self.known[key] = signature, function._impl_keys[signature.args]
            return signature
        # as the search itself would leave it, for the code that is made from it
        function._impl_keys[found[0].args] = found[1]
        return found[0]


def _spare() -> None:
    """Spare the two parts; the meanings only with a Numba whose search is the one that is known here."""
    event.register("numba:compile", _Collecting())
    if (
        hasattr(BaseFunction, "get_impl_key")
        and BaseFunction.get_call_type.__name__ != "remembered"
    ):
        meanings = _Meanings(BaseFunction.get_call_type)

        def remembered(self: Any, context: Any, args: Any, kws: Any) -> Any:
            return meanings.of(self, context, args, kws)

        setattr(BaseFunction, "get_call_type", remembered)  # noqa: B010


_spare()


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
        cache_file._load_index = _readable(cache_file._load_index)
    return compiled


def _readable(load: Callable[[], dict[Any, Any]]) -> Callable[[], dict[Any, Any]]:
    """An index of what another version has cached may name types that are no more: then nothing is cached."""

    def found() -> dict[Any, Any]:
        try:
            return load()
        except (AttributeError, ImportError, EOFError, pickle.UnpicklingError):
            return {}

    return found


def kernel(function: F) -> F:
    """Compile ``function`` for plain arrays and scalars: no GIL, cached on disk, IEEE arithmetic.

    Division by zero follows IEEE 754 (infinity or NaN) rather than raising, as NumPy does.
    """
    compiled: F = _compiled_once(_stamped(njit(**_OPTIONS)(function)))
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
    compiled: F = njit(inline="always", **{**_OPTIONS, "cache": False})(function)
    return compiled


def bare_kernel(function: F) -> F:
    """As ``kernel``, without counting references: for functions that make no array of their own.

    Every view of an array counts its owner up and down, atomically. Where views are made by the million that
    costs more than what is done with them.
    """
    return _bare(function)


def inner_kernel(function: F) -> F:
    """As ``bare_kernel``, for kernels alone to call: what Python would need to call it is not made.

    Nor is it cached: its callers hold it, and machine code of its own would be made for the cache alone.
    """
    return _bare(function, no_cpython_wrapper=True, cache=False)


def merged_kernel(function: F) -> F:
    """As ``inner_kernel``, set into its callers by LLVM: for functions of many arrays and few callers.

    An array is passed as eight numbers or so, and a call with twenty arrays costs as much as a hundred sums.
    """
    return _bare(function, no_cpython_wrapper=True, forceinline=True, cache=False)


def _bare(function: F, **options: bool) -> F:
    compiled: F = _compiled_once(_stamped(njit(_nrt=False, **{**_OPTIONS, **options})(function)))
    return compiled


def integer_kernel(function: F) -> F:
    """As ``kernel`` for a function of integers alone that gives an integer, compiled once.

    Without a signature Numba compiles it again for each set of constants that it is called with.
    """
    arguments = ", ".join(["int64"] * function.__code__.co_argcount)
    # compiled at once: what is cached is tied to its own file, and it calls nothing
    compiled: F = njit(f"int64({arguments})", **_OPTIONS)(function)
    return compiled


def _prefetch(_context: Any, array: Any, row: Any, offset: Any) -> Any:
    """Ask the processor's cache for the line that holds byte ``offset`` of a row of an array.

    A hint: it reads nothing that a program could see, so a row or an offset that is out of bounds does no harm.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = make_array(signature.args[0])(context, builder, arguments[0])
        stride = builder.extract_value(found.strides, 0)
        at = builder.add(builder.mul(arguments[1], stride), arguments[2])
        at = builder.add(builder.ptrtoint(found.data, ir.IntType(64)), at)
        number = ir.IntType(32)
        hint = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, number, number, number]),
            "llvm.prefetch.p0",
        )
        # to be read, kept in every level of the cache, of data
        builder.call(
            hint, [builder.inttoptr(at, cgutils.voidptr_t), number(0), number(3), number(1)]
        )
        return context.get_dummy_value()

    return types.void(array, types.int64, types.int64), generate


prefetch: Callable[[Any, int, int], None] = intrinsic(_prefetch)


def _lowest_bit(_context: Any, word: Any) -> Any:
    """Place of the lowest bit that is set in a word of 64; 64 where none is."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.IntType(1)(0))

    return types.int64(types.int64), generate


def _count_bits(_context: Any, word: Any) -> Any:
    """How many bits of a word are set."""
    return types.int64(types.int64), lambda _c, builder, _s, arguments: builder.ctpop(arguments[0])


def _put_word(_context: Any, octets: Any, at: Any, word: Any) -> Any:
    """Write eight octets from a place on, the lowest of the word first; there has to be room for all."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        found = make_array(signature.args[0])(context, builder, arguments[0])
        place = builder.add(builder.ptrtoint(found.data, ir.IntType(64)), arguments[1])
        place = builder.inttoptr(place, ir.IntType(64).as_pointer())
        builder.store(arguments[2], place, align=1)
        return context.get_dummy_value()

    return types.void(octets, types.int64, types.int64), generate


lowest_bit: Callable[[int], int] = intrinsic(_lowest_bit)
count_bits: Callable[[int], int] = intrinsic(_count_bits)
put_word: Callable[[Any, int, int], None] = intrinsic(_put_word)
