"""``vedette rule check``: what must hold of any rule set, with the row and a counter-example where not.

The search is exhaustive over the values at which conditions can change (every value of an enumeration
and unknown; numbers below, at and above every limit): a partial assignment that is already false is cut
off, so that no assignment is left out. It knows nothing of the solver: ``proof`` is the first check, for
all inputs, and this an independent second one.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final, get_args

import msgspec

from vedette.model.assessment import CLASSES, CREWED_CIVIL, Identity
from vedette.model.errors import RuleError
from vedette.response.confirmations import Answer, CheckState
from vedette.response.evaluate import DOSSIER, judge
from vedette.response.expression import (
    FACT_TYPES,
    All,
    AnyOf,
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
_NEEDS: Final = (
    "radio_failure", "radio_contact_lost", "emergency", "unlawful_interference",
    "crew_not_responding",
)  # fmt: skip


def _yes(*facts: str) -> tuple[Condition, ...]:
    return tuple(OneOf(fact, (True,)) for fact in facts)


def _no(*facts: str) -> tuple[Condition, ...]:
    return tuple(OneOf(fact, (False,)) for fact in facts)


_TWO: Final = {
    name: Ordered(name, "at_least", number=2.0) for name in ("sensor_count", "sensor_kind_count")
}
# What the system itself must see before an item of the gate can be yes (policy, part F).
_GATE_FACTS: Final[Mapping[str, Condition]] = {
    "F01": All((_INSIDE, *_yes("member"), Ordered("depth_m", "above", other="position_error_m"))),
    "F02": All(_yes("civil_feed")),
    "F03": All(
        (
            _TWO["sensor_kind_count"],
            Ordered("kinds_agree_s", "at_least", number=60.0),
            *_no("track_lost"),
        )
    ),
    "F04": All(
        (
            OneOf("civil", ("excluded",)),
            _ASKABLE,
            Ordered("crewed_civil_probability", "at_most", number=0.0001),
        )
    ),
    "F06": AnyOf(_yes("hostile_act", "heading_to_site", "armed_type_seen")),
    "F09": All(_no("air_defence_active")),
    "F10": All(_no("friend_candidate")),
    "F12": All(_no("node_isolated")),
    "F14": All((*_no("exercise", "replay"), *_yes("sensors_healthy"))),
    "F15": All((*_yes("sensors_healthy"), *_no("identity_set_alone"))),
    "F16": All(_no("radio_answered", *_NEEDS)),
    "F17": All(_yes("hostile_act")),
}
# What refutes each check, whatever people say (policy, part C).
_REFUTES: Final[Mapping[str, tuple[Condition, ...]]] = {
    "K1": _yes("plan_fits", "plan_like"),
    "K2": (OneOf("civil", ("confirmed",)),),
    "K3": _yes("cooperative", "civil_reply_lately"),
    "K4": _yes(*_NEEDS, "threat_message"),
    "K5": (OneOf("object_class", ("airliner",)), *_yes("keeps_route")),
    "K6": (All(_yes("gnss_interference", "cooperative")),),
    "K7": (Ordered("sensor_kind_count", "below", number=2.0),),
    "K8": (
        *_no("sensors_healthy"),
        Ordered("sensor_count", "below", number=2.0),
        *_yes("node_isolated"),
    ),
    "K9": _yes("exercise", "replay"),
    "K10": (OneOf("object_class", ("balloon", "bird", "clutter_artefact")), *_yes("drifting")),
    "K11": (*_yes("friend_candidate"), OneOf("identity", ("friend", "assumed_friend"))),
    "K12": _yes("air_defence_active"),
}
# What the system may find by itself, for a look or an escort; the other checks take a person.
_FOUND_BY: Final[Mapping[str, Condition]] = {
    "K1": All((*_no("plan_fits", "plan_like"), *_yes("plans_held"))),
    "K3": All(_no("cooperative", "civil_reply_lately")),
    "K4": All((*_no(*_NEEDS, "threat_message"), *_yes("needs_heard"))),
    "K6": AnyOf(_no("gnss_interference", "cooperative")),
    "K8": All((*_yes("sensors_healthy"), *_no("node_isolated"), _TWO["sensor_count"])),
    "K9": All(_no("exercise", "replay")),
}
_LIVE: Final = All(_no("exercise", "replay"))
# Of a military row, before anybody flies there (policy, parts A and D).
_ASKED_FIRST: Final[Mapping[str, frozenset[str]]] = {
    "M07": frozenset({"K1", "K3", "K4", "K6"}),
    "M08": frozenset({"K1", "K2", "K3", "K4", "K5", "K6"}),
}
# Words, whole, that no measure has: each is put to people, and none of them is about arms (P02).
_ARMS: Final = frozenset(
    {
        "weapon", "weapons", "engage", "fire", "shoot", "kill", "destroy", "strike", "target", "targets",
        "neutralise", "neutralize", "jam", "jammer", "effector", "interceptor", "munition", "warhead", "gun",
        "cannon", "laser", "launcher", "salvo", "missile", "attack",
    }
)  # fmt: skip


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
    return [*table_findings(rules), *_floor(rules), *_force_rows(rules), *_reachable(rules)]


def refuse_unsound(rules: RuleSet) -> None:
    """Let no watch begin under rules in which something is wrong.

    Raises:
        RuleError: something is; names the rows.
    """
    findings = check(rules).findings
    if findings:
        said = "; ".join(f"{one.row}: {one.problem}" for one in findings[:5])
        more = f"; and {len(findings) - 5} more" if len(findings) > 5 else ""
        raise RuleError(
            f"nobody can be advised by {rules.name}: {said}{more}; "
            "vedette rule check --rules FOLDER tells all, with examples"
        )


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


def _floor(rules: RuleSet) -> Iterator[Finding]:
    """What no change of the tables may lower: the gate, what refutes a check, and what is put at all."""
    if rules.about.reading.fallback != "R30":
        yield Finding("reading", "R30 stands where no row can be decided")
    for name, put in rules.measures.items():
        if name not in _IDS["measures"]:
            yield Finding(name, "is no measure of the published rules")
        for word in sorted(set(re.findall(r"[a-z]+", put.text.lower())) & _ARMS):
            yield Finding(name, f"speaks of {word!r}: no measure is about arms (P02)")
    for name, flag in (
        ("F02", "all_checks"),
        ("F11", "recorded_authority"),
        ("F13", "independent"),
    ):
        if name in rules.gate and not getattr(rules.gate[name], flag):
            yield Finding(name, f"must be {flag.replace('_', ' ')}")
    for item in rules.gate.values():
        if item.crewed_military and item.id not in ("F16", "F17", "F18"):
            yield Finding(item.id, "is not asked of every object")
        seen = _GATE_FACTS.get(item.id)
        if seen is not None:
            holds = item.holds_only_if
            wrong = Not(seen) if holds is None else All((holds, Not(seen)))
            yield from _refute(item.id, "can be yes against what the system sees", wrong)
    for check_ in rules.checks.values():
        yield from _check_floor(check_.id, check_.refuted_when, check_.found_when)
        if check_.valid_s > {"K8": 3600.0, "K12": 60.0}.get(check_.id, 600.0):
            yield Finding(check_.id, "believes words that are too old")
    for rule in rules.rules.values():
        for measure, wanted in _ASKED_FIRST.items():
            need = rule.needs.get(measure)
            asked = set() if need is None else {*need.answered, *need.confirmed}
            if rule.reading == "military" and measure in rule.measures and not wanted <= asked:
                yield Finding(rule.id, f"{measure} must need {', '.join(sorted(wanted))}")
        if "M08" in rule.measures and ("M08" not in rule.needs or not rule.needs["M08"].confirmed):
            yield Finding(rule.id, "M08 takes a person's word on a check")
    there = OneOf("where", ("another_state",))
    over = rules.rules.get("R28")
    if over is not None:
        if not {*APPROACHING, DOSSIER} <= set(over.bans):
            yield Finding("R28", "must ban M06, M07, M08 and M14")
        yield from _refute("R28", "does not apply in another state", All((there, Not(over.when))))
    for entry in rules.authorities:
        if entry.may_be_asked and (entry.group == "crewed_civil" or entry.state == "LUX"):
            yield Finding(f"{entry.state} {entry.group}", "may not be asked")
    for group, classes in rules.groups.items():
        if group != "crewed_civil" and set(classes) & CREWED_CIVIL:
            yield Finding("groups", f"{group} holds a civil class")
    for name in {"military_aircraft", "helicopter_military"} & set(
        rules.groups.get("uncrewed", ())
    ):
        yield Finding("groups", f"{name} has a crew")


def _check_floor(
    name: str, refuted: Condition | None, found: Condition | None
) -> Iterator[Finding]:
    for sign in _REFUTES.get(name, ()):
        wrong = sign if refuted is None else All((sign, Not(refuted)))
        yield from _refute(name, "is not refuted by what refutes it", wrong)
    if found is not None:
        ground = _FOUND_BY.get(name)
        wrong = found if ground is None else All((found, Not(ground)))
        yield from _refute(name, "is found without ground", wrong)


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
    for need in (*_NEEDS, "plan_fits", "civil_sign"):
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
        "P01": AnyOf(
            (OneOf("civil", ("confirmed", "possible")), Not(OneOf("civil_feed", (True,))))
        ),
        "P03": Not(_DECLARED),
        "P05": Not(All((*_TWO.values(), *_yes("sensors_healthy")))),
        "P08": Not(_LIVE),
        "P09": Not(All((_INSIDE, *_yes("member")))),
        "P10": OneOf("state", ("LUX",)),
    }
    for name, bad in must_not_hold.items():
        prohibition = rules.prohibitions.get(name)
        if prohibition is None or DOSSIER not in prohibition.closes or prohibition.unless is None:
            yield Finding(name, "must close M14 unless its condition holds")
            continue
        yield from _refute(name, "does not close M14", All((prohibition.unless, bad)))
    live_only = rules.prohibitions.get("P08")
    if live_only is not None and not set(APPROACHING) <= set(live_only.closes):
        yield Finding("P08", "must close M06, M07 and M08 in an exercise or a replay")
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
    "state": "LTU", "civil_feed": True, "member": True, "hostile_act": True, "heading_to_site": True,
    "armed_type_seen": True, "plan_fits": False, "civil_sign": False, "radio_failure": False,
    "emergency": False, "unlawful_interference": False, "crew_not_responding": False,
    "threat_message": False, "radio_answered": False, "cooperative": False, "inside_s": 600.0,
    "depth_m": 20_000.0, "position_error_m": 100.0, "leaving": False, "sensor_count": 3,
    "sensor_kind_count": 2, "kinds_agree_s": 300.0, "sensors_healthy": True, "reported_by_people_only": False,
    "exercise": False, "replay": False, "node_isolated": False, "identity_set_alone": False, "group_size": 1,
}  # fmt: skip
