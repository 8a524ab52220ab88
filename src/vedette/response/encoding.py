"""Facts and conditions in the language of the solver z3: the same syntax tree, for all inputs at once.

Each fact becomes two variables: whether it is known, and its value. A condition becomes two formulas:
*certainly true* and *certainly false*; neither holds where it is undetermined. The domain of a fact is
that of its type: each value of an enumeration, both truths, all integers, all real numbers. Conditions
compare numbers by order only, so that infinities add nothing, and a number that is none (NaN) is unknown,
as in the evaluator. A free text (the state) is one of the texts that the tables name, or another one.

The solver is an extra (``pip install vedette[proof]``) and is imported on first use.
"""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any, Final

import msgspec

from vedette.model.errors import RuleError
from vedette.response.expression import (
    FACT_TYPES,
    All,
    AnyOf,
    Condition,
    Named,
    Not,
    OneOf,
    Ordered,
    leaves,
)
from vedette.response.rule_set import RuleSet
from vedette.response.situation import Situation

OTHER: Final = "ZZZ"  # ISO 3166 keeps it for users: no state, and none that a table names


@cache
def solver_library() -> Any:
    """The module ``z3``.

    Raises:
        RuleError: it is not installed; says how to.
    """
    try:
        import z3  # a tenth of a second and 50 MB: only where something is proved
    except ImportError as error:
        raise RuleError(
            "proofs need the solver z3: pip install 'vedette[proof]', or add --no-proof"
        ) from error
    return z3


class Kleene(msgspec.Struct, frozen=True):
    """A three-valued truth: two formulas, never both true."""

    yes: Any
    no: Any


class FactVariables(msgspec.Struct, frozen=True):
    """Known and value of every fact."""

    known: dict[str, Any]
    value: dict[str, Any]
    codes: dict[str, tuple[str, ...]]  # values of an enumeration, in the order of their codes
    domain: tuple[Any, ...]  # holds of every situation
    translated: dict[
        Condition, Kleene
    ]  # terms recur in many rows, and most rows in a changed rule set


def conditions_of(rules: RuleSet) -> Iterator[Condition]:
    """Every condition of the tables."""
    yield from rules.terms.values()
    for rule in rules.rules.values():
        yield rule.when
        yield from (need.only_if for need in rule.needs.values() if need.only_if is not None)
    for check in rules.checks.values():
        yield from (c for c in (check.refuted_when, check.found_when) if c is not None)
    yield from (i.holds_only_if for i in rules.gate.values() if i.holds_only_if is not None)
    yield from (p.unless for p in rules.prohibitions.values() if p.unless is not None)


def texts_of(rules: RuleSet) -> tuple[str, ...]:
    """All texts that the tables compare a free text with, and one that they do not."""
    named = {
        str(value)
        for condition in conditions_of(rules)
        for leaf in leaves(condition)
        if isinstance(leaf, OneOf) and FACT_TYPES[leaf.fact] == (str, ())
        for value in leaf.values
    }
    named |= {entry.state for entry in rules.authorities} | set(rules.hosts)
    # the proofs ask about these even where a table has forgotten them
    return (*sorted(named | {"LUX", "DEU", "POL"}), OTHER)


def variables(prefix: str, texts: tuple[str, ...]) -> FactVariables:
    """Fresh variables for all facts; ``prefix`` tells two situations apart."""
    z3 = solver_library()
    known: dict[str, Any] = {}
    value: dict[str, Any] = {}
    codes: dict[str, tuple[str, ...]] = {}
    domain: list[Any] = []
    for name, (kind, allowed) in FACT_TYPES.items():
        known[name] = z3.Bool(f"{prefix}known {name}")
        label = f"{prefix}{name}"
        if kind is bool:
            value[name] = z3.Bool(label)
        elif kind is str:
            codes[name] = tuple(map(str, allowed)) or texts
            width = len(codes[name]).bit_length()
            value[name] = z3.BitVec(label, width)
            domain.append(z3.ULT(value[name], z3.BitVecVal(len(codes[name]), width)))
        else:
            value[name] = z3.Int(label) if kind is int else z3.Real(label)
    return FactVariables(known, value, codes, tuple(domain), {})


def is_one_of(facts: FactVariables, name: str, wanted: tuple[object, ...]) -> Any:
    """The value is among these; says nothing of whether it is known."""
    z3 = solver_library()
    value = facts.value[name]
    if name in facts.codes:
        codes = facts.codes[name]
        return z3.Or([value == codes.index(str(one)) for one in wanted if str(one) in codes])
    return z3.Or([value if one else z3.Not(value) for one in wanted])


def _number(value: float) -> Any:
    z3 = solver_library()
    exact = Fraction(value)  # a float is a fraction: nothing is rounded
    return z3.Q(exact.numerator, exact.denominator)


def _real(facts: FactVariables, name: str) -> Any:
    z3 = solver_library()
    value = facts.value[name]
    return z3.ToReal(value) if FACT_TYPES[name][0] is int else value


def translate(condition: Condition, facts: FactVariables) -> Kleene:
    """A condition as its two formulas."""
    if condition not in facts.translated:
        facts.translated[condition] = _translated(condition, facts)
    return facts.translated[condition]


def _translated(condition: Condition, facts: FactVariables) -> Kleene:
    z3 = solver_library()
    match condition:
        case All(parts):
            both = [translate(part, facts) for part in parts]
            return Kleene(z3.And([p.yes for p in both]), z3.Or([p.no for p in both]))
        case AnyOf(parts):
            both = [translate(part, facts) for part in parts]
            return Kleene(z3.Or([p.yes for p in both]), z3.And([p.no for p in both]))
        case Not(part):
            inner = translate(part, facts)
            return Kleene(inner.no, inner.yes)
        case Named(_, _, part):
            return translate(part, facts)
        case OneOf(fact, values):
            known, among = facts.known[fact], is_one_of(facts, fact, values)
            return Kleene(z3.And(known, among), z3.And(known, z3.Not(among)))
        case Ordered(fact, order, number, other):
            left = _real(facts, fact)
            known = facts.known[fact]
            if other is not None:
                right = _real(facts, other)
                known = z3.And(known, facts.known[other])
            else:
                right = _number(0.0 if number is None else number)
            holds = {
                "below": left < right,
                "at_most": left <= right,
                "above": left > right,
                "at_least": left >= right,
            }[order]
            return Kleene(z3.And(known, holds), z3.And(known, z3.Not(holds)))


def read_situation(model: Any, facts: FactVariables) -> Situation:
    """The situation that a model of the solver describes."""
    z3 = solver_library()
    chosen: dict[str, Any] = {}
    for name, (kind, _) in FACT_TYPES.items():
        if not z3.is_true(model.eval(facts.known[name], model_completion=True)):
            continue
        value = model.eval(facts.value[name], model_completion=True)
        if kind is bool:
            chosen[name] = z3.is_true(value)
        elif name in facts.codes:
            chosen[name] = facts.codes[name][value.as_long()]
        elif kind is int:
            chosen[name] = value.as_long()
        else:
            chosen[name] = float(Fraction(value.numerator_as_long(), value.denominator_as_long()))
    return Situation(**chosen)


def equals(facts: FactVariables, situation: Situation) -> list[Any]:
    """Formulas that fix the facts to a situation with finite numbers."""
    z3 = solver_library()
    fixed: list[Any] = []
    for name, (kind, _) in FACT_TYPES.items():
        value = getattr(situation, name)
        if value is None or value != value:  # noqa: PLR0124  # NaN
            fixed.append(z3.Not(facts.known[name]))
            continue
        fixed.append(facts.known[name])
        if name in facts.codes:
            codes = facts.codes[name]
            fixed.append(is_one_of(facts, name, (value if value in codes else OTHER,)))
        elif kind is bool:
            fixed.append(is_one_of(facts, name, (value,)))
        elif kind is int:
            fixed.append(facts.value[name] == value)
        else:
            fixed.append(facts.value[name] == _number(value))
    return fixed
