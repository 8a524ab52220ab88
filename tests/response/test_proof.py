"""The proofs: the two readings of one syntax tree agree, all properties hold, and a broken one is shown."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from any_situation import MIXED
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.app.commands.rule import group
from vedette.response.encoding import equals, texts_of, translate, variables
from vedette.response.example import Example, facts_without_unknown, load_example, verdict_of
from vedette.response.expression import (
    FACT_TYPES,
    All,
    AnyOf,
    Condition,
    Not,
    OneOf,
    Ordered,
    evaluate,
)
from vedette.response.proof import Prover
from vedette.response.properties import PROPERTIES, STRUCTURAL
from vedette.response.rule_set import RuleSet, load_rules, shipped_files, shipped_rules
from vedette.response.situation import Situation
from vedette.response.symbolic import Judgement, symbolic

z3 = pytest.importorskip("z3", reason="the extra 'proof' is not installed")

RULES = shipped_rules()
TEXTS = texts_of(RULES)


def _leaf(name: str) -> st.SearchStrategy[Condition]:
    kind, allowed = FACT_TYPES[name]
    if kind in (int, float):
        numbers = [n for n, (k, _) in FACT_TYPES.items() if k in (int, float)]
        order = st.sampled_from(["below", "at_most", "above", "at_least"])
        limit = st.sampled_from([0.0, 0.0001, 2.0, 59.9, 60.0])
        return st.one_of(
            st.builds(Ordered, st.just(name), order, limit),
            st.builds(Ordered, st.just(name), order, st.none(), st.sampled_from(numbers)),
        )
    values = [True, False] if kind is bool else list(allowed or TEXTS[:-1])
    some = st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(OneOf, st.just(name), some)


CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    st.sampled_from(sorted(FACT_TYPES)).flatmap(_leaf),
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(CONDITIONS, MIXED)
def test_evaluator_and_solver_agree_on_any_condition_in_any_situation(
    condition: Condition, situation: Situation
) -> None:
    facts = variables("", TEXTS)
    both = translate(condition, facts)
    solver = z3.Solver()
    solver.add(*facts.domain, *equals(facts, situation))
    truth = evaluate(condition, situation)
    assert solver.check() == z3.sat  # the domain admits every situation
    solver.add(z3.Or(both.yes != (truth is True), both.no != (truth is False)))
    assert solver.check() == z3.unsat


@cache
def _judged() -> Judgement:
    return symbolic(RULES)


SUBJECTS = (*RULES.checks, *RULES.gate)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Situations with what people said: nearly all, nearly none or some of it."""
    most = draw(st.sampled_from([0, 1, 3]))
    said = draw(st.lists(st.integers(0, 2), min_size=len(SUBJECTS), max_size=len(SUBJECTS)))
    confirmed = tuple(n for n, x in zip(SUBJECTS, said, strict=True) if x < most)
    few = st.lists(st.sampled_from((*SUBJECTS, "hostile_act")), max_size=2, unique=True).map(tuple)
    return Example(
        facts=draw(MIXED),
        confirmed=confirmed,
        denied=draw(st.one_of(st.just(()), few)),
        held=tuple(draw(st.sets(st.sampled_from(sorted(RULES.rules))))),
    )


@settings(deadline=None, max_examples=50)
@given(examples())
def test_evaluator_and_solver_agree_on_the_whole_judgement(example: Example) -> None:
    judged = _judged()
    said = judged.people
    solver = z3.Solver()
    solver.add(*equals(judged.facts, example.facts), *judged.domain)
    solver.add(*(f == (n in example.confirmed) for n, f in said.confirmed.items()))
    solver.add(*(f == (n in example.denied) for n, f in said.denied.items()))
    solver.add(*(f == (n in example.denied) for n, f in said.worded.items()))
    solver.add(*(f == (n in example.held) for n, f in said.held.items()))
    assert solver.check() == z3.sat
    model = solver.model()

    def true(formulas: dict[Any, Any]) -> set[Any]:
        return {n for n, f in formulas.items() if z3.is_true(model.eval(f, model_completion=True))}

    verdict = verdict_of(RULES, example)
    standing = verdict.standing
    assert true(judged.applies) == {n for n, how in standing.items() if how == "applies"}
    assert true(judged.kept) == {n for n, how in standing.items() if how == "kept"}
    assert true(judged.open) == {(p.rule, m) for p in verdict.proposals for m in p.measures}
    raised = true({"": judged.force_applies}) | (
        {"admissible"} & true({"admissible": judged.admissible})
    )
    rank = {"never": set(), "closed": {""}, "admissible": {"", "admissible"}}
    assert raised == rank[verdict.force_question]


def test_every_property_is_proved_and_every_prohibition_is_among_them() -> None:
    prover = Prover(RULES)
    results = {item.id: prover.prove(item) for item in prover.properties()}
    assert {name: r.broken for name, r in results.items() if r.broken} == {}
    structural = {name for name, r in results.items() if r.verdict == "structural"}
    assert structural == set(STRUCTURAL)
    assert {r.verdict for n, r in results.items() if n not in structural} == {"proved"}
    assert {f"P{n:02}" for n in range(1, 15)} <= results.keys()
    assert all(r.obligations for n, r in results.items() if n not in structural)


def _without(file: str, row: str, **changes: Any) -> dict[str, bytes]:
    files = shipped_files()
    table = yaml.safe_load(files[file])
    (body,) = [body for body in table if body["id"] == row]
    body.update(changes)
    return {**files, file: yaml.safe_dump(table).encode()}


def _broken(rules: RuleSet, name: str) -> list[Any]:
    prover = Prover(rules)
    (item,) = [item for item in PROPERTIES if item.id == name]
    return list(prover.prove(item).broken)


def test_a_broken_row_is_named_with_a_situation_that_the_explanation_accepts(
    tmp_path: Path,
) -> None:
    # R28 forgets that nobody is sent into another state's airspace
    files = _without("rows.yaml", "R28", bans=["M14"], over=[])
    found = _broken(load_rules(files), "P09")
    assert {"R05", "R06", "R07", "R08"} & {one.row for one in found}
    one = next(one for one in found if one.row in ("R05", "R06", "R07", "R08"))
    (tmp_path / "s.json").write_bytes(msgspec.json.encode(one.example))
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    command = ["explain", "--situation", str(tmp_path / "s.json"), "--json"]
    changed = CliRunner().invoke(group, [*command, "--rules", str(tmp_path)])
    shipped = CliRunner().invoke(group, command)
    assert changed.exit_code == shipped.exit_code == 0

    def measures(output: str) -> set[str]:
        (answer,) = json.loads(output)
        return {m for p in answer["verdict"]["proposals"] for m in p["measures"]}

    assert {"M06", "M07"} & measures(changed.output)
    assert not {"M06", "M07", "M08"} & measures(shipped.output)


def test_a_property_of_two_moments_shows_both() -> None:
    # without "held" keeping R16's ban list the warning itself must go: the row no longer warns
    files = _without("rows.yaml", "R21", silences_others_when_refuted_by_a_person=None)
    assert _broken(load_rules(files), "doubt keeps") == []  # silence less: nothing is lost
    about = yaml.safe_load(shipped_files()["about.yaml"])
    about["reading"]["kept_in_doubt"].remove("M09")
    rules = load_rules({**shipped_files(), "about.yaml": yaml.safe_dump(about).encode()})
    found = _broken(rules, "doubt keeps")
    assert found
    example = msgspec.convert(found[0].example, Example)
    assert example.then is not None
    before, after = verdict_of(rules, example), verdict_of(rules, example.then)
    assert "M09" in before.measures - after.measures


def test_doubt_about_the_place_sends_nobody() -> None:
    # found by the proof: a ban was forgotten as soon as it could no longer be decided
    hijack = Situation(
        object_class="airliner", civil="confirmed", unlawful_interference=True,
        where="another_state", state="BLR", sensors_healthy=True, sensor_count=3,
        node_isolated=False, replay=False, exercise=False,
    )  # fmt: skip
    over = verdict_of(RULES, Example(facts=hijack))
    lost = msgspec.structs.replace(hijack, where=None)
    for held in ((), tuple(over.standing)):
        after = verdict_of(RULES, Example(facts=lost, held=held))
        assert not {"M06", "M07", "M08", "M14"} & after.measures
        assert {"M02", "M05", "M17"} <= after.measures


def test_an_example_is_read_back_as_written_and_plain_facts_are_enough() -> None:
    example = Example(
        facts=Situation(where="inside", depth_m=0.5), confirmed=("K1",), then=Example(held=("R05",))
    )
    data = msgspec.json.encode(facts_without_unknown(example))
    assert load_example(data, "x") == example
    assert load_example(b"where: inside", "x") == Example(facts=Situation(where="inside"))
    result = CliRunner().invoke(
        group, ["explain", "--situation", "-"], input=io.BytesIO(b"{where: inside}").read()
    )
    assert "force question: never" in result.output


def test_the_package_does_not_load_the_solver() -> None:
    import subprocess
    import sys

    code = (
        "import sys, vedette.app.commands.rule, vedette.response.proof, vedette.response.boundary;"
        "raise SystemExit('z3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
