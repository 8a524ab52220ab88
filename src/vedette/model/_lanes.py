"""Four numbers that kernels compute at once: one for each motion of a track.

Machine code for loops over four numbers is left to LLVM's judgement, and it judges against it as soon as a loop is
longer than a few lines. Here the four are one value: an addition is one instruction where the processor has one of
that width, and two or four where it has not, so what is computed is the same to the last bit everywhere.
"""

import operator
from collections.abc import Callable
from typing import Any, ClassVar, Final

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import ConcreteTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, models, register_model
from numba.np.arrayobj import make_array

WIDTH: Final = 4
_NUMBER: Final = ir.DoubleType()
_NUMBERS: Final = ir.VectorType(_NUMBER, WIDTH)
_BIT: Final = ir.IntType(1)
_BITS: Final = ir.VectorType(_BIT, WIDTH)
_PLACE: Final = ir.IntType(32)


class Four(types.Type):  # type: ignore[misc]
    """Numba's type of four numbers, or of four truths."""


FOUR: Final = Four("four numbers")
TRUTHS: Final = Four("four truths")


@register_model(Four)
class _FourModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: Four) -> None:
        super().__init__(manager, kind, _NUMBERS if kind == FOUR else _BITS)


def _spread(builder: Any, value: Any) -> Any:
    """One number, four times."""
    if value.type == _NUMBERS:
        return value
    first = builder.insert_element(ir.Constant(_NUMBERS, ir.Undefined), value, _PLACE(0))
    same = ir.Constant(ir.VectorType(_PLACE, WIDTH), [_PLACE(0)] * WIDTH)
    return builder.shuffle_vector(first, ir.Constant(_NUMBERS, ir.Undefined), same)


_PAIRS: Final = ((FOUR, FOUR), (FOUR, types.float64), (types.float64, FOUR))


def _define(function: Any, result: Four, make: Callable[[Any, Any, Any], Any]) -> None:
    """Give an operator its meaning for four numbers and four, or one."""

    @infer_global(function)
    class _Meaning(ConcreteTemplate):  # type: ignore[misc]
        cases: ClassVar[list[Any]] = [signature(result, *pair) for pair in _PAIRS]

    for pair in _PAIRS:

        @lower_builtin(function, *pair)  # type: ignore[untyped-decorator]
        def _lower(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return make(builder, *(_spread(builder, value) for value in arguments))


_define(operator.add, FOUR, lambda builder, a, b: builder.fadd(a, b))
_define(operator.sub, FOUR, lambda builder, a, b: builder.fsub(a, b))
_define(operator.mul, FOUR, lambda builder, a, b: builder.fmul(a, b))
_define(operator.truediv, FOUR, lambda builder, a, b: builder.fdiv(a, b))
_define(operator.lt, TRUTHS, lambda builder, a, b: builder.fcmp_ordered("<", a, b))
_define(operator.gt, TRUTHS, lambda builder, a, b: builder.fcmp_ordered(">", a, b))


@infer_global(operator.and_)
class _Both(ConcreteTemplate):  # type: ignore[misc]
    cases: ClassVar[list[Any]] = [signature(TRUTHS, TRUTHS, TRUTHS)]


@lower_builtin(operator.and_, TRUTHS, TRUTHS)  # type: ignore[untyped-decorator]
def _lower_both(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    return builder.and_(*arguments)


_WORD: Final = ir.IntType(64)


def _address(context: Any, builder: Any, kind: Any, array: Any, place: Any) -> Any:
    """Where the place-th row of a (rows, 4) array begins, or the place-th number of a (numbers,) array lies."""
    found = make_array(kind)(context, builder, array)
    stride = builder.extract_value(found.strides, 0)
    address = builder.add(builder.ptrtoint(found.data, _WORD), builder.mul(place, stride))
    number = kind.ndim == 1
    return lambda one=False: builder.inttoptr(
        address, (_NUMBER if one and number else _NUMBERS).as_pointer()
    )


def _read(_context: Any, array: Any, place: Any) -> Any:
    """A row of a (rows, 4) array as four numbers; of a (numbers,) array one number."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        address = _address(context, builder, sig.args[0], *arguments)
        return builder.load(address(one=True), align=8)

    return (FOUR if array.ndim == 2 else types.float64)(array, types.int64), generate


def _write(_context: Any, array: Any, place: Any, value: Any) -> Any:
    """Write what ``read`` would read."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        address = _address(context, builder, sig.args[0], *arguments[:2])
        builder.store(arguments[2], address(one=True), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, FOUR if array.ndim == 2 else types.float64), generate


def _fill(_context: Any, array: Any, place: Any, value: Any) -> Any:
    """Write one number, four times into the row of a (rows, 4) array."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        address = _address(context, builder, sig.args[0], *arguments[:2])
        value = arguments[2] if sig.args[0].ndim == 1 else _spread(builder, arguments[2])
        builder.store(value, address(one=True), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, types.float64), generate


def _load(_context: Any, array: Any, place: Any) -> Any:
    """The four numbers of a (numbers,) array from a place on."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        return builder.load(_address(context, builder, sig.args[0], *arguments)(), align=8)

    return FOUR(array, types.int64), generate


def _store(_context: Any, array: Any, place: Any, values: Any) -> Any:
    """Write four numbers where ``load`` would read them."""

    def generate(context: Any, builder: Any, sig: Any, arguments: Any) -> Any:
        address = _address(context, builder, sig.args[0], *arguments[:2])
        builder.store(arguments[2], address(), align=8)
        return context.get_dummy_value()

    return types.void(array, types.int64, FOUR), generate


def _splat(_context: Any, value: Any) -> Any:
    """One number four times."""
    return FOUR(types.float64), lambda _c, builder, _s, arguments: _spread(builder, arguments[0])


def _put(_context: Any, values: Any, place: Any, value: Any) -> Any:
    """The four numbers with another one at a place."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        at = builder.trunc(arguments[1], _PLACE)
        return builder.insert_element(arguments[0], arguments[2], at)

    return FOUR(FOUR, types.int64, types.float64), generate


def _pick(_context: Any, values: Any, place: Any) -> Any:
    """One of the four numbers."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        return builder.extract_element(arguments[0], builder.trunc(arguments[1], _PLACE))

    return types.float64(FOUR, types.int64), generate


def _add_up(_context: Any, first: Any, values: Any) -> Any:
    """A number and the four, one after the other."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        result = arguments[0]
        for place in range(WIDTH):
            result = builder.fadd(result, builder.extract_element(arguments[1], _PLACE(place)))
        return result

    return types.float64(types.float64, FOUR), generate


def _most(_context: Any, values: Any) -> Any:
    """The largest of the four."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        result = builder.extract_element(arguments[0], _PLACE(0))
        for place in range(1, WIDTH):
            other = builder.extract_element(arguments[0], _PLACE(place))
            result = builder.select(builder.fcmp_ordered(">", other, result), other, result)
        return result

    return types.float64(FOUR), generate


def _where(_context: Any, which: Any, yes: Any, no: Any) -> Any:
    """Of each pair the former where ``which`` is true, else the latter."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        which, yes, no = arguments
        return builder.select(which, _spread(builder, yes), _spread(builder, no))

    kinds = [FOUR if kind == FOUR else types.float64 for kind in (yes, no)]
    return FOUR(TRUTHS, *kinds), generate


def _larger(_context: Any, a: Any, b: Any) -> Any:
    """The larger of each pair; the former where they cannot be told."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        a, b = (_spread(builder, value) for value in arguments)
        return builder.select(builder.fcmp_ordered(">", b, a), b, a)

    return FOUR(FOUR, FOUR if b == FOUR else types.float64), generate


def _smaller(_context: Any, a: Any, b: Any) -> Any:
    """The smaller of each pair; the former where they cannot be told."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        a, b = (_spread(builder, value) for value in arguments)
        return builder.select(builder.fcmp_ordered("<", b, a), b, a)

    return FOUR(FOUR, FOUR if b == FOUR else types.float64), generate


def _sqrt(_context: Any, values: Any) -> Any:
    """Their square roots."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        function = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(_NUMBERS, [_NUMBERS]), "llvm.sqrt.v4f64"
        )
        return builder.call(function, arguments)

    return FOUR(FOUR), generate


def _any(_context: Any, truths: Any) -> Any:
    """Whether one of them is true."""

    def generate(_c: Any, builder: Any, _s: Any, arguments: Any) -> Any:
        bits = builder.bitcast(arguments[0], ir.IntType(WIDTH))
        return builder.icmp_unsigned("!=", bits, ir.IntType(WIDTH)(0))

    return types.boolean(TRUTHS), generate


read: Callable[[Any, int], Any] = intrinsic(_read)
write: Callable[[Any, int, Any], None] = intrinsic(_write)
fill: Callable[[Any, int, float], None] = intrinsic(_fill)
load: Callable[[Any, int], Any] = intrinsic(_load)
store: Callable[[Any, int, Any], None] = intrinsic(_store)
splat: Callable[[float], Any] = intrinsic(_splat)
put: Callable[[Any, int, float], Any] = intrinsic(_put)
pick: Callable[[Any, int], float] = intrinsic(_pick)
add_up: Callable[[float, Any], float] = intrinsic(_add_up)
most: Callable[[Any], float] = intrinsic(_most)
where: Callable[[Any, Any, Any], Any] = intrinsic(_where)
larger: Callable[[Any, Any], Any] = intrinsic(_larger)
smaller: Callable[[Any, Any], Any] = intrinsic(_smaller)
sqrt: Callable[[Any], Any] = intrinsic(_sqrt)
any_of: Callable[[Any], bool] = intrinsic(_any)
