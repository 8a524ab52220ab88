"""Any single drop or flip in the rules is noticed by a case or a proof, or provably changes nothing."""

import numpy as np
import pytest

from vedette.response.boundary import crossed, load_boundaries
from vedette.response.mutants import mutants
from vedette.response.mutation import shipped_jury
from vedette.response.rule_set import BOUNDARIES, RuleSet, shipped_files, shipped_rules

pytest.importorskip("z3", reason="the extra 'proof' is not installed")

RULES = shipped_rules()


def test_every_change_is_another_rule_set() -> None:
    changes = list(mutants(RULES))
    assert len(changes) > 1000
    assert not [m for m in changes if m.rules == RULES]
    assert {m.row for m in changes} >= {*RULES.rules, *RULES.gate, *RULES.checks, *RULES.terms}


def test_the_boundaries_hold_and_stand_on_the_line() -> None:
    boundaries = load_boundaries(shipped_files()[BOUNDARIES])
    assert boundaries
    assert [b.notices for b in crossed(RULES, boundaries)] == []
    by_name: dict[str, RuleSet] = {f"{m.row}: {m.change}": m.rules for m in mutants(RULES)}
    for boundary in boundaries[::20]:
        assert list(crossed(by_name[boundary.notices], [boundary])) == [boundary]


def test_a_sample_of_changes_is_noticed_or_changes_nothing() -> None:
    jury = shipped_jury()
    changes = list(mutants(RULES))
    order = np.random.default_rng(6).permutation(len(changes))
    survivors = [
        f"{m.row}: {m.change}"
        for m in (changes[index] for index in order[:40])
        if jury.fate(m) == "survives"
    ]
    assert survivors == []
