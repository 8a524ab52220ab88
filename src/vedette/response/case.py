"""Cases of the rule set: facts in, expected rows, output and force question out."""

from collections.abc import Mapping
from typing import Any

import msgspec

from vedette.model.act import Act
from vedette.model.errors import RuleError
from vedette.model.proposal import ForceQuestion, Output
from vedette.response.confirmations import check_states, confirmations, gate_states
from vedette.response.evaluate import Verdict, completed, judge
from vedette.response.rule_set import RuleSet, read_yaml
from vedette.response.situation import Situation

_NOW_NS = 1_000_000_000_000


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must come out; what is not named is free."""

    output: Output | None = None
    force_question: ForceQuestion = "never"
    rules: tuple[str, ...] = ()  # stand
    without_rules: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One situation of which the answer is known."""

    id: str
    title: str
    facts: Situation
    confirmed: tuple[str, ...] = ()  # checks and gate items confirmed by people just now
    denied: tuple[str, ...] = ()
    expect: Expected


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a case came out; ``problems`` is empty where all is as expected."""

    id: str
    title: str
    verdict: Verdict
    problems: tuple[str, ...]


def load_cases(data: bytes, source: str = "cases.yaml") -> tuple[Case, ...]:
    """Cases of a YAML list of cases; ``base`` in a case names an earlier one whose facts it changes.

    Raises:
        RuleError: it is none; names the case.
    """
    raw = read_yaml(source, data)
    if not isinstance(raw, list):
        raise RuleError(f"{source}: needs a list of cases")
    facts: dict[str, dict[str, Any]] = {}
    cases = []
    for index, body in enumerate(raw, start=1):
        if not isinstance(body, dict) or not isinstance(body.get("id"), str):
            raise RuleError(f"{source}: case {index} has no id")
        name, own = body["id"], body.get("facts") or {}
        base = body.get("base")
        if base is not None and base not in facts:
            raise RuleError(f"{source}: {name}: no earlier case {base!r}")
        if not isinstance(own, dict):
            raise RuleError(f"{source}: {name}: facts: is a mapping")
        facts[name] = {**(facts[base] if base is not None else {}), **own}
        plain = {key: value for key, value in body.items() if key != "base"}
        try:
            cases.append(msgspec.convert({**plain, "facts": facts[name]}, Case))
        except msgspec.ValidationError as error:
            raise RuleError(f"{source}: {name}: {error}") from error
    return tuple(cases)


def verdict_on(
    rules: RuleSet,
    facts: Situation,
    confirmed: tuple[str, ...] = (),
    denied: tuple[str, ...] = (),
    *,
    denied_without_words: tuple[str, ...] = (),
    held: tuple[str, ...] = (),
) -> Verdict:
    """The rows' answer to facts and to what two people have just confirmed or denied.

    Items of the gate that ask for an independent person are confirmed by the second. ``held`` are
    the rows that stood before.
    """
    situation = completed(facts, rules)
    acts = [_act(rules, "confirm_check", name) for name in confirmed]
    refusals = [_act(rules, "deny_check", name) for name in (*denied, *denied_without_words)]
    acts += [msgspec.structs.replace(act, person=f"not {act.person}") for act in refusals]
    given = confirmations(acts, _NOW_NS)
    checks = check_states(rules, situation, given, _NOW_NS)
    gate = gate_states(rules, situation, given, checks, _NOW_NS)
    return judge(
        rules,
        situation,
        checks,
        gate,
        silenced_by=frozenset(rules.checks) & frozenset(denied),
        held=frozenset(held),
    )


def _act(rules: RuleSet, kind: Any, subject: str) -> Act:
    second = subject in rules.gate and rules.gate[subject].independent
    return Act(
        act_id=f"{kind} {subject}",
        kind=kind,
        person="second person" if second else "first person",
        office="duty",
        valid_ns=_NOW_NS,
        subject=subject,
        words="as the case says",
    )


def run_case(rules: RuleSet, case: Case) -> Outcome:
    """One case against the rules."""
    verdict = verdict_on(rules, case.facts, case.confirmed, case.denied)
    expect, standing = case.expect, verdict.standing
    problems = []
    if expect.output is not None and verdict.output != expect.output:
        problems.append(f"output {verdict.output}, expected {expect.output}")
    if verdict.force_question != expect.force_question:
        problems.append(
            f"force question {verdict.force_question}, expected {expect.force_question}"
        )
    problems += [f"{name} does not stand" for name in expect.rules if name not in standing]
    problems += [f"{name} stands" for name in expect.without_rules if name in standing]
    problems += [f"{name} is closed" for name in expect.open if name not in verdict.measures]
    problems += [f"{name} is open" for name in expect.closed if name in verdict.measures]
    return Outcome(id=case.id, title=case.title, verdict=verdict, problems=tuple(problems))


def coverage(rules: RuleSet, outcomes: tuple[Outcome, ...]) -> Mapping[str, int]:
    """How many cases each row stands in."""
    return {
        name: sum(outcome.verdict.standing.get(name) in ("applies", "kept") for outcome in outcomes)
        for name in rules.rules
    }
