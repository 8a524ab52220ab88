"""A situation with what people have said of it, as a file: a counter-example of a proof, or anybody's own.

::

    {"facts": {"where": "inside", "object_class": "airliner"}, "confirmed": ["K2"], "denied": []}

``then`` is the same object a moment later, where a property compares two.
"""

from typing import Any, Optional

import msgspec

from vedette.model.errors import RuleError
from vedette.response.case import verdict_on
from vedette.response.encoding import read_situation, solver_library
from vedette.response.evaluate import Verdict
from vedette.response.rule_set import RuleSet, read_yaml
from vedette.response.situation import Situation
from vedette.response.symbolic import Judgement


class Example(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Facts, what people confirmed and denied just now, and the rows that stood before."""

    facts: Situation = Situation()
    confirmed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    denied_without_words: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    then: Optional["Example"] = None


def load_example(data: bytes, source: str) -> Example:
    """An example from YAML or JSON; plain facts alone are read as ``facts``.

    Raises:
        RuleError: it is none; says why.
    """
    raw = read_yaml(source, data)
    if isinstance(raw, dict) and raw and not raw.keys() & set(Example.__struct_fields__):
        raw = {"facts": raw}
    try:
        return msgspec.convert(raw, Example)
    except msgspec.ValidationError as error:
        raise RuleError(f"{source}: {error}") from error


def facts_without_unknown(example: Example) -> dict[str, Any]:
    """Plain data, with what is unknown left out."""
    plain: dict[str, Any] = msgspec.to_builtins(example)
    facts = {name: value for name, value in plain.pop("facts", {}).items() if value is not None}
    if example.then is not None:
        plain["then"] = facts_without_unknown(example.then)
    return {"facts": facts, **plain}


def verdict_of(rules: RuleSet, example: Example) -> Verdict:
    """The rows' answer to an example, without what follows it."""
    return verdict_on(
        rules,
        example.facts,
        tuple(name for name in example.confirmed if name in rules.checks or name in rules.gate),
        example.denied,
        denied_without_words=example.denied_without_words,
        held=example.held,
    )


def read_example(model: Any, judgement: Judgement) -> Example:
    """The example that a model of the solver describes."""
    z3 = solver_library()

    def true(formulas: dict[str, Any]) -> tuple[str, ...]:
        return tuple(
            name
            for name, formula in formulas.items()
            if z3.is_true(model.eval(formula, model_completion=True))
        )

    said = judgement.people
    worded = set(true(said.worded))
    denied = true(said.denied)
    silent = tuple(name for name in denied if name in said.worded and name not in worded)
    return Example(
        facts=read_situation(model, judgement.facts),
        confirmed=true(said.confirmed),
        denied=tuple(name for name in denied if name not in silent),
        denied_without_words=silent,
        held=true(said.held),
    )
