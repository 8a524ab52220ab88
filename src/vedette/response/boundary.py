"""Boundary cases: for each single change of a rule set one situation in which it would matter.

They are made by the solver (``made``), read by a person, kept beside the tables in ``boundaries.yaml``
and run with the other cases; a change of the tables that nobody meant fails one of them. A change for
which the solver finds no such situation changes nothing, for any input.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from vedette.model.errors import RuleError
from vedette.response.encoding import solver_library
from vedette.response.evaluate import Standing, Verdict
from vedette.response.example import Example, facts_without_unknown, read_example, verdict_of
from vedette.response.mutants import Mutant
from vedette.response.rule_set import BOUNDARIES, RuleSet, read_yaml
from vedette.response.situation import Situation
from vedette.response.symbolic import Judgement, symbolic


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that matters of a verdict."""

    output: str
    force_question: str
    standing: dict[str, Standing]
    open: dict[str, tuple[str, ...]]  # by row


class Boundary(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One situation, its exact answer, and the change that it notices."""

    notices: str
    situation: Example
    expect: Told


def told(verdict: Verdict) -> Told:
    """What a boundary compares."""
    return Told(
        output=verdict.output,
        force_question=verdict.force_question,
        standing=verdict.standing,
        open={proposal.rule: proposal.measures for proposal in verdict.proposals},
    )


def load_boundaries(data: bytes, source: str = BOUNDARIES) -> tuple[Boundary, ...]:
    """Boundary cases of a file.

    Raises:
        RuleError: it holds none; names the case.
    """
    raw = read_yaml(source, data)
    if not isinstance(raw, list):
        raise RuleError(f"{source}: needs a list of boundaries")
    result = []
    for index, body in enumerate(raw, start=1):
        try:
            result.append(msgspec.convert(body, Boundary))
        except msgspec.ValidationError as error:
            raise RuleError(f"{source}: boundary {index}: {error}") from error
    return tuple(result)


def crossed(rules: RuleSet, boundaries: Iterable[Boundary]) -> Iterator[Boundary]:
    """Those whose answer is another than expected."""
    for boundary in boundaries:
        if told(verdict_of(rules, boundary.situation)) != boundary.expect:
            yield boundary


def plain(boundary: Boundary) -> dict[str, Any]:
    """As it stands in the file."""
    data: dict[str, Any] = msgspec.to_builtins(boundary)
    return {**data, "situation": facts_without_unknown(boundary.situation)}


class Maker:
    """Finds, for a change of a rule set, a situation in which it matters."""

    def __init__(self, rules: RuleSet) -> None:
        """Translate the rule set once."""
        self.rules = rules
        self._judged = symbolic(rules)

    def made(self, mutant: Mutant) -> Boundary | None:
        """The smallest situation found; None when there is none: the change changes nothing.

        Raises:
            RuntimeError: the solver gave up, or disagrees with the evaluator.
        """
        z3 = solver_library()
        one = self._judged
        two = symbolic(mutant.rules, like=one)
        solver = z3.Solver()
        solver.add(*one.domain, z3.Or(list(_differences(one, two))))
        answer = solver.check()
        if answer == z3.unsat:
            return None
        if answer != z3.sat:
            raise RuntimeError(f"{mutant.row}, {mutant.change}: the solver gave up")
        example = read_example(solver.model(), one)
        if not self._matters(mutant, example):
            raise RuntimeError(f"{mutant.row}, {mutant.change}: solver and evaluator disagree")
        smallest = self._smallest(mutant, example)
        return Boundary(
            notices=f"{mutant.row}: {mutant.change}",
            situation=smallest,
            expect=told(verdict_of(self.rules, smallest)),
        )

    def _matters(self, mutant: Mutant, example: Example) -> bool:
        return told(verdict_of(self.rules, example)) != told(verdict_of(mutant.rules, example))

    def _smallest(self, mutant: Mutant, example: Example) -> Example:
        """The example with everything left out that does not matter."""
        for name in ("held", "denied", "denied_without_words", "confirmed"):
            for one in getattr(example, name):
                left = tuple(n for n in getattr(example, name) if n != one)
                tried = msgspec.structs.replace(example, **{name: left})
                if self._matters(mutant, tried):
                    example = tried
        for name in Situation.__struct_fields__:
            if getattr(example.facts, name) is not None:
                facts = msgspec.structs.replace(example.facts, **{name: None})
                tried = msgspec.structs.replace(example, facts=facts)
                if self._matters(mutant, tried):
                    example = tried
        return example


def _differences(one: Judgement, two: Judgement) -> Iterator[Any]:
    z3 = solver_library()
    for name in one.applies:
        yield z3.Xor(one.applies[name], two.applies[name])
        yield z3.Xor(one.kept[name], two.kept[name])
    for key in one.open.keys() | two.open.keys():
        no = z3.BoolVal(False)
        yield z3.Xor(one.open.get(key, no), two.open.get(key, no))
    yield z3.Xor(one.admissible, two.admissible)
    # the term also decides whether a relayed call counts as help, where no measure above it is open
    above = [one.measure[name] for name in ("M13", "M09", "M17") if name in one.measure]
    yield z3.And(
        one.measure["M04"], z3.Not(z3.Or(above)), z3.Xor(one.civil_object, two.civil_object)
    )
