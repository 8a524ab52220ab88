"""Proof of the properties over a rule set; a counter-example where one does not hold."""

from collections.abc import Iterator
from typing import Any

import msgspec

from vedette.response.encoding import solver_library
from vedette.response.example import Example, facts_without_unknown, read_example, verdict_of
from vedette.response.properties import PROPERTIES, Obligation, Pair, Property, doubt
from vedette.response.rule_set import RuleSet
from vedette.response.symbolic import Judgement, symbolic


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """A row that breaks a property, with a situation in which it does."""

    row: str
    problem: str
    example: (
        dict[str, object] | None
    )  # for ``vedette rule explain --situation``; None: none is needed


class Proved(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one property."""

    id: str
    text: str
    verdict: str  # "proved", "fails", "structural", or "undecided": the solver gave up, which is no proof
    obligations: int
    broken: tuple[Broken, ...] = ()
    structural: str | None = None


class Prover:
    """One rule set, translated once; properties are asked one by one."""

    def __init__(self, rules: RuleSet, *, broken_max: int = 20) -> None:
        """Translate a rule set; at most ``broken_max`` rows are named for each property."""
        self.rules = rules
        self._broken_max = broken_max
        self._one = symbolic(rules)
        after = symbolic(rules, "then ")
        self._pair = Pair(self._one, after, doubt(rules, self._one, after))

    def properties(self) -> tuple[Property, ...]:
        """All of them, in the order of the report."""
        return PROPERTIES

    def prove(self, item: Property) -> Proved:
        """Whether a property holds for all inputs."""
        if item.structural is not None:
            return Proved(
                id=item.id, text=item.text, verdict="structural", obligations=0,
                structural=item.structural,
            )  # fmt: skip
        obligations = list(self._obligations(item))
        broken, undecided = self._check(obligations, item)
        verdict = "fails" if broken else "undecided" if undecided else "proved"
        return Proved(
            id=item.id, text=item.text, verdict=verdict, obligations=len(obligations),
            broken=tuple(broken),
        )  # fmt: skip

    def _obligations(self, item: Property) -> Iterator[Obligation]:
        if item.one is not None:
            yield from item.one(self.rules, self._one)
        if item.two is not None:
            yield from item.two(self.rules, self._pair)

    def _check(self, obligations: list[Obligation], item: Property) -> tuple[list[Broken], bool]:
        z3 = solver_library()
        moments = (self._pair.before, self._pair.after) if item.two else (self._one,)
        solver = z3.Solver()
        for moment in moments:
            solver.add(*moment.domain)
        broken: list[Broken] = []
        undecided = False
        forbidden = [o for o in obligations if not o.wanted]
        named: set[tuple[str, str]] = set()
        # one question for all of them; only where it has a model they are asked one by one
        if forbidden and _ask(solver, z3.Or([o.formula for o in forbidden])) != z3.unsat:
            for one in forbidden:
                if len(broken) >= self._broken_max or (one.row, one.problem) in named:
                    continue
                answer = _ask(solver, one.formula, keep=True)
                if answer == z3.sat:
                    named.add((one.row, one.problem))
                    example = _example(self.rules, solver.model(), moments)
                    broken.append(
                        Broken(
                            row=one.row, problem=one.problem, example=facts_without_unknown(example)
                        )
                    )
                undecided |= answer == z3.unknown
                solver.pop()
        for one in obligations:
            if one.wanted:
                answer = _ask(solver, one.formula)
                if answer == z3.unsat:
                    broken.append(Broken(row=one.row, problem=one.problem, example=None))
                undecided |= answer == z3.unknown
        return broken, undecided


def _ask(solver: Any, formula: Any, *, keep: bool = False) -> Any:
    solver.push()
    solver.add(formula)
    answer = solver.check()
    if not keep:
        solver.pop()
    return answer


def _example(rules: RuleSet, model: Any, moments: tuple[Judgement, ...]) -> Example:
    """What the model describes, judged again by the evaluator.

    Raises:
        RuntimeError: the two disagree: the encoding is wrong, and no proof of it counts.
    """
    z3 = solver_library()
    examples = []
    for moment in moments:
        example = read_example(model, moment)
        solved = {
            name
            for name, formula in moment.measure.items()
            if z3.is_true(model.eval(formula, model_completion=True))
        }
        if solved != verdict_of(rules, example).measures:
            raise RuntimeError(f"solver and evaluator disagree about {example}")
        examples.append(example)
    first, *rest = examples
    return msgspec.structs.replace(first, then=rest[0] if rest else None)
