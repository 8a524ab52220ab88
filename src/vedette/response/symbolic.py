"""The judgement of ``evaluate.judge`` and ``desk`` as formulas, for all inputs at once.

It follows those two modules line by line; tests compare the two on random situations, and every
counter-example found here is judged again by the evaluator before anybody is told of it.
"""

from typing import Any, Final

import msgspec

from vedette.response.confirmations import CONTESTED
from vedette.response.encoding import (
    FactVariables,
    Kleene,
    is_one_of,
    solver_library,
    texts_of,
    translate,
    variables,
)
from vedette.response.evaluate import DOSSIER
from vedette.response.rule_set import Authority, Rule, RuleSet

_STATEMENTS: Final = tuple(sorted({name for names in CONTESTED.values() for name in names}))


class People(msgspec.Struct, frozen=True):
    """What people have said: free variables."""

    confirmed: dict[
        str, Any
    ]  # a fresh yes in words, of an independent person where one is asked for
    denied: dict[str, Any]  # somebody's last word is no: checks, items and contested statements
    worded: dict[str, Any]  # of checks: denied in words
    held: dict[str, Any]  # rows that stood before


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What comes out, as formulas over the facts and what people have said."""

    facts: FactVariables  # as given
    completed: FactVariables  # with what the tables know of the state
    people: People
    domain: tuple[Any, ...]
    truths: dict[str, Kleene]
    applies: dict[str, Any]
    kept: dict[str, Any]
    fallback: Any
    open: dict[tuple[str, str], Any]  # (row, measure)
    measure: dict[str, Any]  # open in some row
    check_no: dict[str, Any]
    check_yes: dict[str, Any]  # found or confirmed
    check_confirmed: dict[str, Any]  # yes, and a person stands behind it
    check_found: dict[str, Kleene]
    check_refuted: dict[str, Kleene]
    gate_yes: dict[str, Any]
    asked: dict[str, Any]
    authority: Any  # a recorded authority, in force, that may be asked
    force_applies: Any
    admissible: Any
    civil_object: Any

    def stands(self, row: str, fallback: str) -> Any:
        """A row is behind a proposal."""
        z3 = solver_library()
        extra = [self.fallback] if row == fallback else []
        return z3.Or(self.applies[row], self.kept[row], *extra)


def people(rules: RuleSet, prefix: str) -> People:
    """Free variables for what people have said."""
    z3 = solver_library()
    subjects = (*rules.checks, *rules.gate)
    return People(
        {name: z3.Bool(f"{prefix}confirmed {name}") for name in subjects},
        {name: z3.Bool(f"{prefix}denied {name}") for name in (*subjects, *_STATEMENTS)},
        {name: z3.Bool(f"{prefix}worded {name}") for name in rules.checks},
        {name: z3.Bool(f"{prefix}held {name}") for name in rules.rules},
    )


def symbolic(
    rules: RuleSet,
    prefix: str = "",
    *,
    like: Judgement | None = None,
) -> Judgement:
    """The judgement of a rule set.

    Args:
        rules: the tables.
        prefix: tells the variables of two situations apart.
        like: whose variables to use instead of fresh ones, to judge one situation by two rule sets that
            know the same of the states.
    """
    z3 = solver_library()
    facts = variables(prefix, texts_of(rules)) if like is None else like.facts
    said = people(rules, prefix) if like is None else like.people
    seen = _completed(rules, facts) if like is None else like.completed
    truths = {name: translate(rule.when, seen) for name, rule in rules.rules.items()}
    reading = rules.about.reading
    civil = z3.Or([truths[n].yes for n, rule in rules.rules.items() if rule.reading == "civil"])
    applies: dict[str, Any] = {}
    kept: dict[str, Any] = {}
    for name, rule in rules.rules.items():
        truth = truths[name]
        present = z3.Not(civil) if rule.reading == reading.civil_before else z3.BoolVal(True)
        applies[name] = z3.And(present, truth.yes)
        inform = z3.BoolVal(False)
        if rule.inform_if_unknown:
            missing = _missing(rule.when, seen)
            inform = z3.And(
                [z3.Not(v) for n, v in missing.items() if n not in rule.inform_if_unknown]
            )
        undetermined = z3.And(z3.Not(truth.yes), z3.Not(truth.no))
        kept[name] = z3.And(present, undetermined, z3.Or(said.held[name], inform))
    nothing = z3.Not(z3.Or(list(applies.values())))
    fallback = z3.And(nothing, z3.Not(kept[reading.fallback]))

    refuted, found = {}, {}
    no, yes, confirmed = {}, {}, {}
    false = Kleene(z3.BoolVal(False), z3.BoolVal(True))
    for name, check in rules.checks.items():
        refuted[name] = false if check.refuted_when is None else translate(check.refuted_when, seen)
        found[name] = false if check.found_when is None else translate(check.found_when, seen)
        no[name] = z3.Or(refuted[name].yes, said.denied[name])
        confirmed[name] = z3.And(z3.Not(no[name]), said.confirmed[name])
        yes[name] = z3.And(z3.Not(no[name]), z3.Or(said.confirmed[name], found[name].yes))

    authority = _authority(rules, seen)
    gate_yes, asked = _gate(rules, seen, said, no, confirmed, authority)
    closed = z3.Or([z3.And(asked[name], z3.Not(gate_yes[name])) for name in rules.gate])
    limits = _limits(rules, seen, said, truths, applies, kept)
    first: dict[tuple[str, str], Any] = {}
    for name, rule in rules.rules.items():
        stands = [applies[name], kept[name]] + ([fallback] if name == reading.fallback else [])
        for measure in rule.measures:
            parts = [z3.Or(stands) if measure in reading.kept_in_doubt else applies[name]]
            parts.append(z3.Not(limits[measure]))
            if measure in reading.closed_by_doubt:
                parts.append(_sure(rule, measure, seen, yes, confirmed))
            if measure == DOSSIER:
                parts.append(z3.And(name in reading.force_rows, z3.Not(closed)))
            first[name, measure] = z3.And(parts)
    lone_rows = {
        n for n, rule in rules.rules.items() if any(d.another_row for d in rule.needs.values())
    }
    open_: dict[tuple[str, str], Any] = {}
    for (name, measure), formula in first.items():
        need = rules.rules[name].needs.get(measure)
        if need is not None and need.another_row:
            others = [
                f for (other, m), f in first.items()
                if m == measure and other != name and other not in lone_rows
            ]  # fmt: skip
            open_[name, measure] = z3.And(formula, z3.Or(others))
        else:
            open_[name, measure] = formula
    measures = {
        m: z3.Or([formula for (_, other), formula in open_.items() if other == m])
        for m in rules.measures
    }
    force_applies = z3.Or([applies[name] for name in reading.force_rows])
    term = rules.terms.get("civil_aircraft")
    return Judgement(
        facts=facts, completed=seen, people=said,
        domain=(*facts.domain, *(z3.Implies(w, said.denied[n]) for n, w in said.worded.items())),
        truths=truths, applies=applies, kept=kept, fallback=fallback, open=open_, measure=measures,
        check_no=no, check_yes=yes, check_confirmed=confirmed, check_found=found,
        check_refuted=refuted, gate_yes=gate_yes, asked=asked, authority=authority,
        force_applies=force_applies, admissible=z3.And(force_applies, measures[DOSSIER]),
        civil_object=z3.BoolVal(False) if term is None else translate(term, seen).yes,
    )  # fmt: skip


def _completed(rules: RuleSet, facts: FactVariables) -> FactVariables:
    """As ``evaluate.completed``."""
    z3 = solver_library()
    known, value = dict(facts.known), dict(facts.value)
    known["object_class"] = z3.And(
        facts.known["object_class"], z3.Not(is_one_of(facts, "object_class", ("unknown",)))
    )
    by_kind: dict[str, tuple[str, ...]] = {"own": (), "allied": ()}
    for state, host in rules.hosts.items():
        if host.fighters in by_kind:
            by_kind[host.fighters] = (*by_kind[host.fighters], state)
    name = "host_has_fighters"
    own, allied = (
        z3.And(facts.known["state"], is_one_of(facts, "state", by_kind[kind]))
        for kind in ("own", "allied")
    )
    known[name] = z3.Or(facts.known[name], own, allied)
    value[name] = z3.If(facts.known[name], facts.value[name], own)
    return FactVariables(known, value, facts.codes, facts.domain, {})


def _missing(condition: Any, facts: FactVariables) -> dict[str, Any]:
    """Fact to when ``expression.missing`` names it, under the condition itself being undetermined."""
    from vedette.response.expression import All, AnyOf, Named, Not, OneOf

    z3 = solver_library()
    truth = translate(condition, facts)
    here = z3.And(z3.Not(truth.yes), z3.Not(truth.no))
    result: dict[str, Any] = {}
    if isinstance(condition, All | AnyOf):
        inner = [_missing(part, facts) for part in condition.parts]
    elif isinstance(condition, Not | Named):
        inner = [_missing(condition.part, facts)]
    else:
        other = (
            () if isinstance(condition, OneOf) or condition.other is None else (condition.other,)
        )
        return {n: z3.And(here, z3.Not(facts.known[n])) for n in (condition.fact, *other)}
    for part in inner:
        for name, formula in part.items():
            result[name] = z3.Or(result.get(name, z3.BoolVal(False)), formula)
    return {name: z3.And(here, formula) for name, formula in result.items()}


def _class_in(facts: FactVariables, classes: tuple[str, ...]) -> Any:
    z3 = solver_library()
    return z3.And(facts.known["object_class"], is_one_of(facts, "object_class", classes))


def _authority(rules: RuleSet, facts: FactVariables) -> Any:
    """The first entry that matches is in force, names an article and may be asked."""
    z3 = solver_library()
    before = z3.BoolVal(False)
    good = []
    for entry in rules.authorities:
        matches = _matches(rules, facts, entry)
        if entry.may_be_asked and entry.in_force and entry.article:
            good.append(z3.And(matches, z3.Not(before)))
        before = z3.Or(before, matches)
    return z3.Or(good)


def _matches(rules: RuleSet, facts: FactVariables, entry: Authority) -> Any:
    z3 = solver_library()
    earlier: tuple[str, ...] = ()
    for group, classes in rules.groups.items():
        if group == entry.group:
            break
        earlier += classes
    mine = tuple(c for c in rules.groups.get(entry.group, ()) if c not in earlier)
    parts = [
        facts.known["state"],
        is_one_of(facts, "state", (entry.state,)),
        _class_in(facts, mine),
    ]
    height = facts.value["height_m"]
    if entry.from_m is not None or entry.below_m is not None:
        parts.append(facts.known["height_m"])
    if entry.from_m is not None:
        parts.append(height >= z3.RealVal(str(entry.from_m)))
    if entry.below_m is not None:
        parts.append(height < z3.RealVal(str(entry.below_m)))
    return z3.And(parts)


def _gate(
    rules: RuleSet,
    facts: FactVariables,
    said: People,
    check_no: dict[str, Any],
    check_confirmed: dict[str, Any],
    authority: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """As ``desk.gate_states``."""
    z3 = solver_library()
    order = list(rules.groups)
    earlier = tuple(
        c for g in order[: order.index("uncrewed")] for c in rules.groups[g]
    ) if "uncrewed" in rules.groups else ()  # fmt: skip
    uncrewed = _class_in(
        facts, tuple(c for c in rules.groups.get("uncrewed", ()) if c not in earlier)
    )
    yes, asked = {}, {}
    for name, item in rules.gate.items():
        parts = [said.confirmed[name], z3.Not(said.denied[name])]
        parts += [z3.Not(said.denied[subject]) for subject in CONTESTED.get(name, ())]
        if item.holds_only_if is not None:
            parts.append(translate(item.holds_only_if, facts).yes)
        if item.all_checks:
            parts += [z3.Not(formula) for formula in check_no.values()]
            parts += list(check_confirmed.values())
        if item.recorded_authority:
            parts.append(authority)
        asked[name] = z3.Not(uncrewed) if item.crewed_military else z3.BoolVal(True)
        yes[name] = z3.And(parts)
    return yes, asked


def _limits(
    rules: RuleSet,
    facts: FactVariables,
    said: People,
    truths: dict[str, Kleene],
    applies: dict[str, Any],
    kept: dict[str, Any],
) -> dict[str, Any]:
    """As ``evaluate._limits``."""
    z3 = solver_library()
    reading = rules.about.reading
    limits: dict[str, list[Any]] = {name: [] for name in rules.measures}
    stands = {name: z3.Or(applies[name], kept[name]) for name in rules.rules}
    for prohibition in rules.prohibitions.values():
        for measure in prohibition.closes:
            limits[measure].append(
                z3.BoolVal(True)
                if prohibition.unless is None
                else z3.Not(translate(prohibition.unless, facts).yes)
            )
    for name, rule in rules.rules.items():
        for measure in rules.measures:
            informs = measure in reading.kept_in_doubt
            standing = applies[name] if informs else stands[name]
            if (
                measure in reading.needs_every_row
                and not rule.beside
                and measure not in rule.measures
            ):
                limits[measure].append(standing)
            if measure in rule.bans:
                limits[measure].append(standing)
                if measure in reading.closed_by_doubt:
                    limits[measure].append(z3.Not(truths[name].no))
            check = rule.silences_others_when_refuted_by_a_person
            if check is not None and measure not in rule.measures:
                limits[measure].append(z3.And(standing, said.worded[check]))
    return {name: z3.Or(formulas) for name, formulas in limits.items()}


def _sure(
    rule: Rule, measure: str, facts: FactVariables, yes: dict[str, Any], confirmed: dict[str, Any]
) -> Any:
    """As ``evaluate._doubt``."""
    z3 = solver_library()
    need = rule.needs.get(measure)
    if need is None:
        return z3.BoolVal(measure == DOSSIER)
    parts = [yes[name] for name in need.answered] + [confirmed[name] for name in need.confirmed]
    if need.only_if is not None:
        parts.append(translate(need.only_if, facts).yes)
    return z3.And(parts)
