"""Every rule set that differs from one in a single drop or flip: what the cases and proofs must notice."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, get_args

import msgspec

from vedette.response.expression import All, AnyOf, Condition, Named, Not, OneOf, Ordered, words
from vedette.response.rule_set import Need, Reading, Rule, RuleSet

_OTHER_ORDER: Final = {
    "below": "at_most", "at_most": "below", "above": "at_least", "at_least": "above",
}  # fmt: skip


class Mutant(msgspec.Struct, frozen=True):
    """One change and the rule set that has it."""

    row: str
    change: str
    rules: RuleSet


def mutants(rules: RuleSet) -> Iterator[Mutant]:
    """All single changes: conditions, needs, bans, measures, priorities, checks, gate, prohibitions.

    Row and change name a mutant: a change that reads like an earlier one of its row is numbered.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for mutant in _all(rules):
        seen[mutant.row, mutant.change] += 1
        times = seen[mutant.row, mutant.change]
        if times > 1:
            yield Mutant(mutant.row, f"{mutant.change} ({times})", mutant.rules)
        else:
            yield mutant


def _all(rules: RuleSet) -> Iterator[Mutant]:
    yield from _terms(rules)
    for rule in rules.rules.values():
        for change, changed in _rule(rule, rules):
            yield Mutant(rule.id, change, _with(rules, "rules", rule.id, changed))
    for check in rules.checks.values():
        yield from _fields(rules, "checks", check, ("refuted_when", "found_when"))
        older = msgspec.structs.replace(check, valid_s=check.valid_s * 10)
        yield Mutant(
            check.id, "believes words ten times older", _with(rules, "checks", check.id, older)
        )
    for item in rules.gate.values():
        yield from _fields(rules, "gate", item, ("holds_only_if",))
        for flag in ("crewed_military", "all_checks", "recorded_authority", "independent"):
            flipped = msgspec.structs.replace(item, **{flag: not getattr(item, flag)})
            if getattr(item, flag) or flag == "crewed_military":
                yield Mutant(item.id, f"{flag} flipped", _with(rules, "gate", item.id, flipped))
        aged = msgspec.structs.replace(item, valid_s=item.valid_s * 10)
        yield Mutant(item.id, "believes words ten times older", _with(rules, "gate", item.id, aged))
        yield Mutant(item.id, "is dropped", _without(rules, "gate", item.id))
    for prohibition in rules.prohibitions.values():
        yield from _fields(rules, "prohibitions", prohibition, ("unless",))
        for measure in prohibition.closes:
            left = msgspec.structs.replace(
                prohibition, closes=tuple(m for m in prohibition.closes if m != measure)
            )
            yield Mutant(
                prohibition.id, f"no longer closes {measure}",
                _with(rules, "prohibitions", prohibition.id, left),
            )  # fmt: skip
    yield from _reading(rules)


def _with(rules: RuleSet, table: str, name: str, row: Any) -> RuleSet:
    return msgspec.structs.replace(rules, **{table: {**getattr(rules, table), name: row}})


def _without(rules: RuleSet, table: str, name: str) -> RuleSet:
    left = {key: row for key, row in getattr(rules, table).items() if key != name}
    return msgspec.structs.replace(rules, **{table: left})


def _fields(rules: RuleSet, table: str, row: Any, names: tuple[str, ...]) -> Iterator[Mutant]:
    for name in names:
        condition = getattr(row, name)
        if condition is None:
            continue
        for change, changed in _conditions(condition):
            mutated = msgspec.structs.replace(row, **{name: changed})
            yield Mutant(row.id, f"{name}: {change}", _with(rules, table, row.id, mutated))
        dropped = msgspec.structs.replace(row, **{name: None})
        yield Mutant(row.id, f"{name}: dropped whole", _with(rules, table, row.id, dropped))


def _reading(rules: RuleSet) -> Iterator[Mutant]:
    reading = rules.about.reading

    def mutant(change: str, **changes: Any) -> Mutant:
        about = msgspec.structs.replace(
            rules.about, reading=msgspec.structs.replace(reading, **changes)
        )
        return Mutant("reading", change, msgspec.structs.replace(rules, about=about))

    for table in ("closed_by_doubt", "kept_in_doubt", "needs_every_row", "force_rows"):
        for name in getattr(reading, table):
            left = tuple(n for n in getattr(reading, table) if n != name)
            yield mutant(f"{table} without {name}", **{table: left})
    for other in get_args(Reading):
        if other != reading.civil_before:
            yield mutant(f"civil comes before {other}", civil_before=other)
    for name in ("R01", "R25"):
        yield mutant(f"{name} is the fallback", fallback=name)


# ---------------------------------------------------------------------------- conditions


def _conditions(condition: Condition) -> Iterator[tuple[str, Condition]]:
    """Each drop or flip of a condition; a term is flipped whole here and changed in its own place."""
    yield f"flipped: {words(condition)[:60]}", _negated(condition)
    match condition:
        case All(parts) | AnyOf(parts):
            kind = type(condition)
            if len(parts) > 1:
                swapped = AnyOf(parts) if kind is All else All(parts)
                yield f"all and any swapped: {words(condition)[:60]}", swapped
            for index, part in enumerate(parts):
                rest = (*parts[:index], *parts[index + 1 :])
                if rest:
                    yield f"without: {words(part)[:60]}", kind(rest)
                for change, changed in _conditions(part):
                    yield change, kind((*parts[:index], changed, *parts[index + 1 :]))
        case Not(part):
            for change, changed in _conditions(part):
                if changed != condition:
                    yield change, Not(changed)
        case OneOf(fact, values) if len(values) > 1:
            for value in values:
                left = tuple(v for v in values if v != value)
                yield f"{fact} without {value}", OneOf(fact, left)
        case Ordered(fact, order, number, other):
            yield (
                f"{fact}: the limit itself",
                Ordered(fact, _OTHER_ORDER[order], number, other),  # type: ignore[arg-type]
            )
        case _:
            pass


def _negated(condition: Condition) -> Condition:
    return condition.part if isinstance(condition, Not) else Not(condition)


def _terms(rules: RuleSet) -> Iterator[Mutant]:
    for name, term in rules.terms.items():
        assert isinstance(term, Named)
        for change, changed in _conditions(term.part):
            new = Named(term.name, term.says, changed)
            yield Mutant(name, change, _replaced(rules, new))


def _replaced(rules: RuleSet, term: Named) -> RuleSet:
    """The rule set with a term changed wherever it is used."""

    def put(condition: Condition) -> Condition:
        match condition:
            case All(parts):
                return All(tuple(put(part) for part in parts))
            case AnyOf(parts):
                return AnyOf(tuple(put(part) for part in parts))
            case Not(part):
                return Not(put(part))
            case Named(name, says, part):
                return term if name == term.name else Named(name, says, put(part))
            case _:
                return condition

    def fields(row: Any, *names: str) -> Any:
        changes = {n: put(getattr(row, n)) for n in names if getattr(row, n) is not None}
        return msgspec.structs.replace(row, **changes)

    def table(rows: dict[str, Any], *names: str) -> dict[str, Any]:
        return {key: fields(row, *names) for key, row in rows.items()}

    rows = {
        key: msgspec.structs.replace(
            fields(rule, "when"),
            needs={m: fields(need, "only_if") for m, need in rule.needs.items()},
        )
        for key, rule in rules.rules.items()
    }
    return msgspec.structs.replace(
        rules,
        terms={key: put(condition) for key, condition in rules.terms.items()},
        rules=rows,
        checks=table(rules.checks, "refuted_when", "found_when"),
        gate=table(rules.gate, "holds_only_if"),
        prohibitions=table(rules.prohibitions, "unless"),
    )


# ---------------------------------------------------------------------------- rows


def _rule(rule: Rule, rules: RuleSet) -> Iterator[tuple[str, Rule]]:
    change: Callable[..., Rule] = lambda **fields: msgspec.structs.replace(rule, **fields)  # noqa: E731
    for text, condition in _conditions(rule.when):
        yield f"when: {text}", change(when=condition)
    for measure in rule.measures:
        left = tuple(m for m in rule.measures if m != measure)
        yield (
            f"without {measure}",
            change(
                measures=left, needs={m: need for m, need in rule.needs.items() if m != measure}
            ),
        )
    for measure in rule.bans:
        yield f"no longer bans {measure}", change(bans=tuple(m for m in rule.bans if m != measure))
    for other in get_args(Reading):
        if other != rule.reading:
            yield f"reading {other}", change(reading=other)
    yield "stands_beside flipped", change(stands_beside=not rule.stands_beside)
    for fact in rule.inform_if_unknown:
        left = tuple(f for f in rule.inform_if_unknown if f != fact)
        yield f"inform_if_unknown without {fact}", change(inform_if_unknown=left)
    if rule.silences_others_when_refuted_by_a_person:
        yield "silences nothing", change(silences_others_when_refuted_by_a_person=None)
    for name in rule.over:
        if set(rule.bans) & set(rules.rules[name].measures):
            yield f"not over {name}", change(over=tuple(n for n in rule.over if n != name))
    for measure, need in rule.needs.items():
        without = {m: n for m, n in rule.needs.items() if m != measure}
        yield f"{measure} without its needs", change(needs=without)
        for text, other_need in _need(need):
            yield f"{measure} {text}", change(needs={**rule.needs, measure: other_need})


def _need(need: Need) -> Iterator[tuple[str, Need]]:
    for name in need.answered:
        left = tuple(n for n in need.answered if n != name)
        yield f"no longer needs {name}", msgspec.structs.replace(need, answered=left)
    for name in need.confirmed:
        left = tuple(n for n in need.confirmed if n != name)
        yield f"no longer needs {name}", msgspec.structs.replace(need, confirmed=left)
        weaker = (*need.answered, name)
        yield (
            f"takes {name} from the system",
            msgspec.structs.replace(need, confirmed=left, answered=weaker),
        )
    if need.only_if is not None:
        yield "without its condition", msgspec.structs.replace(need, only_if=None)
        for text, condition in _conditions(need.only_if):
            yield f"only_if: {text}", msgspec.structs.replace(need, only_if=condition)
    if need.another_row:
        yield "without another row", msgspec.structs.replace(need, another_row=False)
