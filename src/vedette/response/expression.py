"""Conditions of the rule tables: one syntax tree, evaluated in three-valued logic.

A condition is *true*, *false* or *undetermined* (``None``), after Kleene: an unknown fact makes a
comparison undetermined, ``all`` is false as soon as one part is false, ``any`` is true as soon as one
part is true, and everything else with an unknown part is undetermined. Unknown never reads as "no".

In a table a condition is a mapping with one key::

    all: [...]          any: [...]          not: ...          term: name
    fact: literal       fact: {in: [...]}   fact: {below: 60}   fact: {below_fact: other_fact}

with ``below``, ``at_most``, ``above``, ``at_least`` and their ``..._fact`` forms for numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from math import isfinite, isnan
from operator import ge, gt, le, lt
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

import msgspec

from vedette.model.errors import RuleError
from vedette.response.situation import FACT_WORDS, Situation

Truth = bool | None  # None: undetermined
Value = bool | float | str

_ORDER: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "below": lt,
    "at_most": le,
    "above": gt,
    "at_least": ge,
}
Order = Literal["below", "at_most", "above", "at_least"]


class All(msgspec.Struct, frozen=True, tag="all"):
    """True when every part is."""

    parts: tuple["Condition", ...]


class AnyOf(msgspec.Struct, frozen=True, tag="any"):
    """True when one part is."""

    parts: tuple["Condition", ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """True when its part is false."""

    part: "Condition"


class OneOf(msgspec.Struct, frozen=True, tag="in"):
    """The fact has one of the values."""

    fact: str
    values: tuple[Value, ...]


class Ordered(msgspec.Struct, frozen=True, tag="ordered"):
    """The fact stands in this order to a number, or to another fact."""

    fact: str
    order: Order
    number: float | None = None
    other: str | None = None


class Named(msgspec.Struct, frozen=True, tag="term"):
    """A condition that several rows share, under its name and in the words of the table."""

    name: str
    says: str
    part: "Condition"


Condition = All | AnyOf | Not | OneOf | Ordered | Named


def evaluate(condition: Condition, situation: Situation) -> Truth:
    """Whether a condition holds in a situation; None where it cannot be decided.

    >>> evaluate(OneOf("where", ("inside",)), Situation()) is None
    True
    """
    # by exact type, the commonest first: this is the inner loop of the stage
    kind = type(condition)
    if kind is Named or kind is Not:
        truth = evaluate(condition.part, situation)  # type: ignore[union-attr]
        return truth if kind is Named or truth is None else not truth
    if kind is OneOf:
        value = getattr(situation, condition.fact)  # type: ignore[union-attr]
        return None if value is None else value in condition.values  # type: ignore[union-attr]
    if kind is Ordered:
        return _ordered(condition, situation)  # type: ignore[arg-type]
    decisive = kind is AnyOf
    result: Truth = not decisive
    for part in condition.parts:  # type: ignore[union-attr]
        truth = evaluate(part, situation)
        if truth is decisive:
            return decisive
        if truth is None:
            result = None
    return result


def _ordered(condition: Ordered, situation: Situation) -> Truth:
    left: Any = getattr(situation, condition.fact)
    right: Any = (
        condition.number if condition.other is None else getattr(situation, condition.other)
    )
    if _unknown(left) or _unknown(right):
        return None
    return _ORDER[condition.order](left, right)


def missing(condition: Condition, situation: Situation) -> tuple[str, ...]:
    """Facts whose absence leaves a condition undetermined, sorted; none when it is decided."""
    return tuple(sorted(_missing(condition, situation)))


def _missing(condition: Condition, situation: Situation) -> set[str]:
    if evaluate(condition, situation) is not None:
        return set()
    match condition:
        case All(parts) | AnyOf(parts):
            return set().union(*(_missing(part, situation) for part in parts))
        case Not(part) | Named(_, _, part):
            return _missing(part, situation)
        case OneOf(fact, _):
            return {fact}
        case Ordered(fact, _, _, other):
            return {
                name
                for name in (fact, other)
                if name is not None and _unknown(getattr(situation, name))
            }


def _unknown(value: object) -> bool:
    return value is None or (isinstance(value, float) and isnan(value))


def leaves(condition: Condition) -> Iterator[OneOf | Ordered]:
    """All comparisons of a condition, left to right."""
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from leaves(part)
        case Not(part) | Named(_, _, part):
            yield from leaves(part)
        case OneOf() | Ordered():
            yield condition


def facts_of(condition: Condition) -> frozenset[str]:
    """Names of all facts that a condition reads."""
    names: set[str] = set()
    for leaf in leaves(condition):
        names.add(leaf.fact)
        if isinstance(leaf, Ordered) and leaf.other is not None:
            names.add(leaf.other)
    return frozenset(names)


def words(condition: Condition) -> str:
    """A condition in plain words."""
    match condition:
        case All(parts):
            return "; and ".join(_inner(part) for part in parts)
        case AnyOf(parts):
            return " or ".join(_inner(part) for part in parts)
        case Not(part):
            return f"not: {_inner(part)}"
        case Named(_, says, _):
            return says
        case OneOf(fact, values):
            phrase = FACT_WORDS[fact]
            if values == (True,):
                return phrase
            if values == (False,):
                return f"not: {phrase}"
            return f"{phrase} is {' or '.join(str(value).replace('_', ' ') for value in values)}"
        case Ordered(fact, order, number, other):
            right = FACT_WORDS[other] if other is not None else f"{number:g}"
            return f"{FACT_WORDS[fact]} {order.replace('_', ' ')} {right}"


def _inner(condition: Condition) -> str:
    return f"({words(condition)})" if isinstance(condition, All | AnyOf) else words(condition)


def holding(condition: Condition, situation: Situation) -> tuple[str, ...]:
    """The parts that make a condition true, in words: the reasons of a proposal.

    Words name limits of the table, never current figures, so that they change only when a reason does.
    """
    match condition:
        case All(parts):
            return tuple(word for part in parts for word in holding(part, situation))
        case AnyOf(parts):
            return tuple(
                word
                for part in parts
                if evaluate(part, situation)
                for word in holding(part, situation)
            )
        case Not(Named(_, says, _)):
            return (f"not: {says}",)
        case _:
            return (words(condition),)


# ---------------------------------------------------------------------------- from tables


def _fact_types() -> dict[str, tuple[type, tuple[Value, ...]]]:
    """Name of each fact to its type and, for an enumeration, its values."""
    kinds: dict[str, tuple[type, tuple[Value, ...]]] = {}
    for field in msgspec.structs.fields(Situation):
        options = (
            [part for part in get_args(field.type) if part is not NoneType]
            if get_origin(field.type) in (Union, UnionType)
            else [field.type]
        )
        (inner,) = options
        if get_origin(inner) is Literal:
            kinds[field.name] = (str, get_args(inner))
        else:
            kinds[field.name] = (inner, ())
    return kinds


FACT_TYPES: Final = _fact_types()


def read_condition(raw: object, where: str, terms: Mapping[str, Condition]) -> Condition:
    """The condition that a piece of a table means.

    Args:
        raw: plain YAML: mappings, lists and scalars.
        where: file and row, for the message.
        terms: shared words that ``term:`` may name.

    Raises:
        RuleError: it is none; the message names the place and the problem.
    """
    if not isinstance(raw, dict) or len(raw) != 1:
        raise RuleError(f"{where}: a condition is a mapping with one key, not {raw!r}")
    ((key, body),) = raw.items()
    if key in ("all", "any"):
        if not isinstance(body, list) or not body:
            raise RuleError(f"{where}: {key}: needs a list of conditions")
        parts = tuple(read_condition(part, where, terms) for part in body)
        return All(parts) if key == "all" else AnyOf(parts)
    if key == "not":
        return Not(read_condition(body, where, terms))
    if key == "term":
        if body not in terms:
            raise RuleError(f"{where}: no term {body!r}")
        return terms[body]
    return _read_comparison(str(key), body, where)


def _read_comparison(fact: str, body: object, where: str) -> Condition:
    if fact not in FACT_TYPES:
        raise RuleError(f"{where}: no fact {fact!r}")
    if not isinstance(body, dict):
        return OneOf(fact, (_literal(fact, body, where),))
    if len(body) != 1:
        raise RuleError(f"{where}: {fact}: one comparison at a time, not {body!r}")
    ((operator, right),) = body.items()
    if operator == "in":
        if not isinstance(right, list) or not right:
            raise RuleError(f"{where}: {fact}: in: needs a list")
        return OneOf(fact, tuple(_literal(fact, value, where) for value in right))
    order, _, of_fact = str(operator).partition("_fact")
    if order not in _ORDER or of_fact:
        raise RuleError(f"{where}: {fact}: no comparison {operator!r}")
    if FACT_TYPES[fact][0] not in (int, float):
        raise RuleError(f"{where}: {fact} is no number")
    if str(operator).endswith("_fact"):
        if FACT_TYPES.get(str(right), (str, ()))[0] not in (int, float):
            raise RuleError(f"{where}: {fact}: {right!r} is no fact that is a number")
        return Ordered(fact, msgspec.convert(order, Order), other=str(right))
    if isinstance(right, bool) or not isinstance(right, int | float) or not isfinite(right):
        raise RuleError(f"{where}: {fact}: {right!r} is no number")
    return Ordered(fact, msgspec.convert(order, Order), number=float(right))


def _literal(fact: str, value: Any, where: str) -> Value:
    kind, allowed = FACT_TYPES[fact]
    if kind is bool:
        good = isinstance(value, bool)
    elif kind is str:
        good = isinstance(value, str) and (not allowed or value in allowed)
    else:
        good = False  # numbers are compared by order: equality of measured numbers means nothing
    if not good:
        hint = f"; it is one of {', '.join(map(str, allowed))}" if allowed else ""
        raise RuleError(f"{where}: {value!r} is no value of {fact}{hint}")
    literal: Value = value
    return literal
