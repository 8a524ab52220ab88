"""What becomes of a changed rule set: who notices, or proof that the change changes nothing."""

from typing import Final, Literal

import msgspec

from vedette.model.errors import RuleError
from vedette.response import audit
from vedette.response.boundary import Boundary, Maker, crossed, load_boundaries
from vedette.response.case import Case, load_cases, run_case
from vedette.response.mutants import Mutant
from vedette.response.proof import Prover
from vedette.response.rule_set import BOUNDARIES, CASES, RuleSet, shipped_files, shipped_rules

Fate = Literal["case", "boundary", "table", "proof", "no difference", "survives"]
FATES: Final[tuple[Fate, ...]] = (
    "case", "boundary", "table", "proof", "no difference", "survives",
)  # fmt: skip


class Jury:
    """A rule set with its cases and boundaries; it is shown changes of that rule set."""

    def __init__(
        self, rules: RuleSet, cases: tuple[Case, ...], boundaries: tuple[Boundary, ...]
    ) -> None:
        """Cases and boundaries that hold of ``rules``."""
        self._rules = rules
        self._cases = cases
        self._boundaries = boundaries
        self._maker = Maker(rules)

    def fate(self, mutant: Mutant) -> Fate:
        """Who notices a change first; "no difference": no input exists for which it matters."""
        try:
            if any(run_case(mutant.rules, case).problems for case in self._cases):
                return "case"
            if next(crossed(mutant.rules, self._boundaries), None) is not None:
                return "boundary"
        except (RuleError, KeyError):
            return "table"  # the tables no longer fit together: no such set is ever loaded
        if any(True for _ in audit.table_findings(mutant.rules)):
            return "table"
        unseen = _seen(mutant.rules) == _seen(self._rules)
        if not unseen and self._maker.made(mutant) is None:
            return "no difference"
        prover = Prover(mutant.rules)
        if any(prover.prove(item).verdict == "fails" for item in prover.properties()):
            return "proof"
        return "survives"


def _seen(rules: RuleSet) -> RuleSet:
    """The rule set without what the judgement of one moment cannot see: ages, and who is independent."""
    change = msgspec.structs.replace
    return change(
        rules,
        rules={name: change(rule, over=()) for name, rule in rules.rules.items()},
        checks={name: change(check, valid_s=0.0) for name, check in rules.checks.items()},
        gate={
            name: change(item, valid_s=0.0, independent=False) for name, item in rules.gate.items()
        },
    )


def shipped_jury() -> Jury:
    """The shipped rule set with its own cases and boundaries."""
    files = shipped_files()
    return Jury(
        shipped_rules(), load_cases(files[CASES]), load_boundaries(files.get(BOUNDARIES, b"[]"))
    )
