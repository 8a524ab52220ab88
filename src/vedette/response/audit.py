"""``vedette rule check``: what must hold of any rule set, with the row and a counter-example where not.

The search is exhaustive over the values at which conditions can change (every value of an enumeration
and unknown; numbers below, at and above every limit): a partial assignment that is already false is cut
off, so that no assignment is left out. It knows nothing of the solver: ``proof`` is the first check, for
all inputs, and this an independent second one.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final, get_args

import msgspec

from vedette.model.assessment import CLASSES, CREWED_CIVIL, Identity
from vedette.response.confirmations import Answer, CheckState
from vedette.response.evaluate import DOSSIER, judge
from vedette.response.expression import (
    FACT_TYPES,
    All,
    Condition,
    Not,
    OneOf,
    Ordered,
    Truth,
    evaluate,
    facts_of,
    leaves,
)
from vedette.response.rule_set import Rule, RuleSet
from vedette.response.situation import Situation, Where

APPROACHING: Final = ("M06", "M07", "M08")
INFORMING: Final = frozenset(
    {"M00", "M01", "M02", "M03", "M04", "M05", "M09", "M10", "M11", "M16", "M17"}
)
_IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "rules": tuple(f"R{n:02}" for n in range(1, 31)),
    "measures": tuple(f"M{n:02}" for n in range(18)),
    "checks": tuple(f"K{n}" for n in range(1, 13)),
    "gate": tuple(f"F{n:02}" for n in range(1, 19)),
    "prohibitions": tuple(f"P{n:02}" for n in range(1, 15)),
}
_DECLARED: Final = OneOf("identity", ("suspect", "hostile"))
_INSIDE: Final = OneOf("where", ("inside",))
_ASKABLE: Final = OneOf(
    "object_class",
    ("military_aircraft", "helicopter_military", "drone_small", "drone_long_range"),
)
_CIVIL_CLASS: Final = OneOf("object_class", tuple(sorted(CREWED_CIVIL)))


class Finding(msgspec.Struct, frozen=True):
    """Something that is wrong with a rule set."""

    row: str
    problem: str
    example: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a check."""

    findings: tuple[Finding, ...]
    situations: int  # enumerated
    by_fallback: int  # of these, answered by the fallback row alone
    conflicts: tuple[str, ...]  # one row closes what another lists: resolved; told when sound


def check(rules: RuleSet) -> Report:
    """All that can be found wrong with a rule set."""
    findings = problems(rules)
    situations, by_fallback, wrong = _enumerate(rules)
    return Report(
        findings=(*findings, *wrong),
        situations=situations,
        by_fallback=by_fallback,
        conflicts=() if findings else tuple(_conflicts(rules)),
    )


def problems(rules: RuleSet) -> list[Finding]:
    """What the tables alone and the search for counter-examples find; ``check`` judges situations too."""
    return [*table_findings(rules), *_force_rows(rules), *_reachable(rules)]


# ---------------------------------------------------------------------------- tables alone


def table_findings(rules: RuleSet) -> Iterator[Finding]:
    """What is wrong with the tables as they stand, without any situation."""
    for table, ids in _IDS.items():
        for name in ids:
            if name not in getattr(rules, table):
                yield Finding(name, f"is missing from {table}")
    reading = rules.about.reading
    if not {DOSSIER, *APPROACHING} <= set(reading.closed_by_doubt):
        yield Finding("reading", "closed_by_doubt must hold M06, M07, M08 and M14")
    if set(reading.kept_in_doubt) != INFORMING:
        yield Finding("reading", "kept_in_doubt must be M00-M05, M09-M11, M16 and M17")
    if not {"M08", DOSSIER} <= set(reading.needs_every_row):
        yield Finding("reading", "needs_every_row must hold M08 and M14")
    if not set(reading.force_rows) <= {"R15", "R17"}:
        yield Finding("reading", "force_rows may only be R15 and R17")
    if reading.civil_before != "military":
        yield Finding("reading", "civil rows come before military ones")
    for rule in rules.rules.values():
        yield from _static_row(rules, rule)
    for item in rules.gate.values():
        if item.valid_s > 60:
            yield Finding(item.id, "a confirmation in the gate is not older than 60 s")


def _static_row(rules: RuleSet, rule: Rule) -> Iterator[Finding]:
    force = rule.id in rules.about.reading.force_rows
    if DOSSIER in rule.measures and not force:
        yield Finding(rule.id, "lists M14, which only R15 and R17 may")
    if force and rule.reading != "military":
        yield Finding(rule.id, "a row of the force question is read after the civil rows")
    for measure in sorted(set(rule.measures) & set(rule.bans)):
        yield Finding(rule.id, f"lists {measure} and bans it")
    for measure in sorted(set(rule.bans) & INFORMING):
        yield Finding(rule.id, f"bans {measure}, which informs or protects")
    for measure in APPROACHING:
        if measure in rule.measures:
            need = rule.needs.get(measure)
            asked = set() if need is None else {*need.answered, *need.confirmed}
            if not {"K8", "K9"} <= asked:
                yield Finding(rule.id, f"{measure} must need K8 and K9: sound sensors, live data")
    if rule.silences_others_when_refuted_by_a_person and rule.id != "R21":
        yield Finding(rule.id, "only R21 may silence other rows")


# ---------------------------------------------------------------------------- search


def witness(condition: Condition, fixed: Mapping[str, object] | None = None) -> Situation | None:
    """A situation in which a condition is true; None when there is none.

    Args:
        condition: to make true.
        fixed: facts that may not be chosen, with their values; None keeps a fact unknown.
    """
    start = dict(fixed or {})
    domain = _domains(condition)
    free = sorted(domain.keys() - start.keys(), key=lambda name: len(domain[name]))
    return _search(condition, start, free, domain)


def _search(
    condition: Condition, chosen: dict[str, Any], free: list[str], domain: Mapping[str, list[Any]]
) -> Situation | None:
    situation = Situation(**chosen)
    truth: Truth = evaluate(condition, situation)
    if truth is not None:
        return situation if truth else None
    if not free:
        return None
    name, rest = free[0], free[1:]
    for value in domain[name]:
        found = _search(condition, {**chosen, name: value}, rest, domain)
        if found is not None:
            return found
    # a fact that stays unknown only makes more undetermined: it cannot turn a condition true that
    # no value turns true, so that unknown needs no branch of its own
    return None


def _domains(condition: Condition) -> dict[str, list[Any]]:
    """Values of each fact at which the condition can change; unknown is what is not assigned."""
    limits: set[float] = {0.0}
    for leaf in leaves(condition):
        if isinstance(leaf, Ordered) and leaf.number is not None:
            limits.add(leaf.number)
    numbers = sorted({limit + step for limit in limits for step in (-1.0, 0.0, 1.0)})
    domains: dict[str, list[Any]] = {}
    for name in sorted(facts_of(condition)):
        kind, allowed = FACT_TYPES[name]
        if kind is bool:
            domains[name] = [True, False]
        elif kind is str:
            named = {
                value
                for leaf in leaves(condition)
                if isinstance(leaf, OneOf) and leaf.fact == name
                for value in leaf.values
            }
            domains[name] = list(allowed) or [*sorted(map(str, named)), "other"]
        elif kind is int:
            domains[name] = sorted({int(number) for number in numbers})
        else:
            domains[name] = numbers
    return domains


def facts_in_words(situation: Situation) -> str:
    """The known facts of a counter-example."""
    known = {
        field: getattr(situation, field)
        for field in situation.__struct_fields__
        if getattr(situation, field) is not None
    }
    return ", ".join(f"{name}={value}" for name, value in known.items())


def _refute(
    row: str, problem: str, condition: Condition, fixed: Mapping[str, object] | None = None
) -> Iterator[Finding]:
    found = witness(condition, fixed)
    if found is not None:
        yield Finding(row, problem, facts_in_words(found))


def _force_rows(rules: RuleSet) -> Iterator[Finding]:
    """A row that may lead to the question of force never meets a civil, unknown or distant object."""
    civil = rules.terms.get("civil_aircraft")
    if civil is None:
        yield Finding("civil_aircraft", "the term is missing")
        return
    yield from _refute(
        "civil_aircraft", "does not cover civil classes", All((_CIVIL_CLASS, Not(civil)))
    )
    for need in (
        "radio_failure", "radio_contact_lost", "emergency", "unlawful_interference",
        "crew_not_responding", "plan_fits", "civil_sign",
    ):  # fmt: skip
        yield from _refute(
            "civil_aircraft", f"does not cover {need}", All((OneOf(need, (True,)), Not(civil)))
        )
    for rule in rules.rules.values():
        if rule.reading == rules.about.reading.civil_before:
            yield from _refute(rule.id, "applies to a civil aircraft", All((rule.when, civil)))
    for name in rules.about.reading.force_rows:
        when = rules.rules[name].when
        yield from _refute(name, "applies to an unknown class", when, {"object_class": None})
        yield from _refute(name, "applies to another class", All((when, Not(_ASKABLE))))
        yield from _refute(name, "applies without a person's identity", All((when, Not(_DECLARED))))
        yield from _refute(name, "applies outside", All((when, Not(_INSIDE))))
        for leaf in leaves(when):
            silent = ("cooperative", "radio_answered", "plan_fits")
            if isinstance(leaf, OneOf) and leaf.fact in silent and False in leaf.values:
                yield Finding(name, f"takes silence for a reason (P04): {leaf.fact}")
    yield from _prohibitions(rules, civil)


def _prohibitions(rules: RuleSet, civil: Condition) -> Iterator[Finding]:
    must_not_hold: dict[str, Condition] = {
        "P01": All((OneOf("civil", ("confirmed", "possible")),)),
        "P03": Not(_DECLARED),
        "P05": Ordered("sensor_count", "below", number=2.0),
        "P08": OneOf("exercise", (True,)),
        "P09": Not(_INSIDE),
        "P10": OneOf("state", ("LUX",)),
    }
    for name, bad in must_not_hold.items():
        prohibition = rules.prohibitions.get(name)
        if prohibition is None or DOSSIER not in prohibition.closes or prohibition.unless is None:
            yield Finding(name, "must close M14 unless its condition holds")
            continue
        yield from _refute(name, "does not close M14", All((prohibition.unless, bad)))
    for name in ("P01", "P10"):
        prohibition = rules.prohibitions.get(name)
        if prohibition is not None and prohibition.unless is not None:
            yield from _refute(
                name, "does not close M14 for a civil aircraft", All((prohibition.unless, civil))
            )


def _reachable(rules: RuleSet) -> Iterator[Finding]:
    for rule in rules.rules.values():
        if witness(rule.when) is None:
            yield Finding(rule.id, "can never apply")


def _conflicts(rules: RuleSet) -> Iterator[str]:
    for rule in rules.rules.values():
        for other in rules.rules.values():
            closed = sorted(set(rule.bans) & set(other.measures))
            if closed and rule.id != other.id and witness(All((rule.when, other.when))):
                yield f"{rule.id} closes {', '.join(closed)} of {other.id} where both apply"


# ---------------------------------------------------------------------------- enumeration


def _enumerate(rules: RuleSet) -> tuple[int, int, list[Finding]]:
    """Judge every combination of the facts that choose a row, with the most and the least willing desk."""
    yes = {name: CheckState("yes", confirmed=True) for name in rules.checks}
    gate: dict[str, Answer] = dict.fromkeys(rules.gate, "yes")
    findings: dict[tuple[str, str], Finding] = {}
    count = by_fallback = 0
    for values in product(
        (None, *get_args(Identity)),
        (None, *(name for name in CLASSES if name != "unknown")),
        (None, *get_args(Where)),
        (None, "confirmed", "possible", "excluded"),
        (None, True, False),  # radio contact lost
    ):
        identity, object_class, where, civil, lost = values
        chosen = {
            "identity": identity, "object_class": object_class, "where": where, "civil": civil,
            "radio_contact_lost": lost,
        }  # fmt: skip
        situation = Situation(**(_WILLING | chosen))
        count += 1
        willing = judge(rules, situation, yes, gate)
        by_fallback += set(willing.standing.values()) == {"fallback"}
        if not willing.proposals:
            findings["total", ""] = Finding("fallback", "no answer", facts_in_words(situation))
        settled = (
            civil == "excluded"
            and lost is False
            and where == "inside"
            and identity in ("suspect", "hostile")
            and rules.group_of(object_class) in ("crewed_military", "uncrewed")
        )
        if willing.force_question == "admissible" and not settled:
            row = next(p.rule for p in willing.proposals if DOSSIER in p.measures)
            findings[row, "force"] = Finding(
                row, "reaches the question of force", facts_in_words(situation)
            )
        if (
            count % 7 == 0
        ):  # the second judgement costs as much as the first; a seventh is enough here
            findings.update(_unwilling(rules, situation, willing.measures))
    return count, by_fallback, list(findings.values())


def _unwilling(
    rules: RuleSet, situation: Situation, open_when_willing: frozenset[str]
) -> dict[tuple[str, str], Finding]:
    """With no check answered nothing approaches, and what informs is all still there."""
    none = judge(rules, situation, {}, {})
    findings = {}
    for measure in sorted({*APPROACHING, DOSSIER} & none.measures):
        row = next(p.rule for p in none.proposals if measure in p.measures)
        findings[row, measure] = Finding(
            row, f"{measure} is open without any check", facts_in_words(situation)
        )
    for measure in sorted((INFORMING & open_when_willing) - none.measures):
        findings["doubt", measure] = Finding(
            "reading", f"doubt removes {measure}", facts_in_words(situation)
        )
    return findings


_WILLING: Final[dict[str, Any]] = {
    "state": "LTU", "member": True, "hostile_act": True, "heading_to_site": True,
    "armed_type_seen": True, "plan_fits": False, "civil_sign": False, "radio_failure": False,
    "emergency": False, "unlawful_interference": False, "crew_not_responding": False,
    "threat_message": False, "radio_answered": False, "cooperative": False, "inside_s": 600.0,
    "depth_m": 20_000.0, "position_error_m": 100.0, "leaving": False, "sensor_count": 3,
    "sensor_kind_count": 2, "sensors_healthy": True, "reported_by_people_only": False,
    "exercise": False, "replay": False, "node_isolated": False, "identity_set_alone": False, "group_size": 1,
}  # fmt: skip
