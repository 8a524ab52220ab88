"""How the checks and the gate stand: what people have confirmed, and what the system sees.

A confirmation counts when a named person gave it in words and it is fresh. A denial does not age: it
stands until the same person takes it back. The system can refute a check; what it finds by itself is
enough for a look or an escort where a row says so, and never for the gate.
"""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import msgspec

from vedette.model.act import Act
from vedette.model.person import person_of
from vedette.model.time import SECOND_NS
from vedette.response.expression import evaluate
from vedette.response.rule_set import GateItem, RuleSet
from vedette.response.situation import Situation

Answer = Literal["yes", "no", "unknown"]
# Statements that one person's no keeps from carrying an item, whoever else makes them.
CONTESTED: Final[Mapping[str, tuple[str, ...]]] = {
    "F06": ("hostile_act", "heading_to_site", "armed_type_seen"),
    "F17": ("hostile_act",),
}


class CheckState(msgspec.Struct, frozen=True):
    """How one check stands, and whether a named person stands behind a yes."""

    answer: Answer = "unknown"
    confirmed: bool = False


class Confirmations(msgspec.Struct, frozen=True, kw_only=True):
    """The last word of each person on each subject, from their acts."""

    yes: dict[str, tuple[Act, ...]] = {}  # fresh or not; the reader judges
    no: dict[str, tuple[Act, ...]] = {}

    def denied(self, subject: str) -> bool:
        """Some person's last word on it is no."""
        return subject in self.no

    def fresh(
        self, subject: str, valid_s: float, now_ns: int, after_ns: int | None = None
    ) -> tuple[Act, ...]:
        """Confirmations in words, not older than ``valid_s``, given up to now and after ``after_ns``."""
        return tuple(
            act
            for act in self.yes.get(subject, ())
            if act.words.strip()
            and 0 <= now_ns - act.valid_ns <= valid_s * SECOND_NS
            and (after_ns is None or act.valid_ns > after_ns)
        )


def confirmations(acts: Sequence[Act], now_ns: int) -> Confirmations:
    """The last word of each person on each subject.

    Args:
        acts: of named persons about one incident, in the order of their time.
        now_ns: acts after it are not yet given.
    """
    last: dict[tuple[str, str], Act] = {}
    for act in acts:
        if (
            act.kind in ("confirm_check", "deny_check")
            and act.subject is not None
            and person_of(act.person)
            and act.valid_ns <= now_ns
        ):
            last[act.subject, person_of(act.person)] = act
    yes: dict[str, tuple[Act, ...]] = {}
    no: dict[str, tuple[Act, ...]] = {}
    for (subject, _), act in last.items():
        side = yes if act.kind == "confirm_check" else no
        side[subject] = (*side.get(subject, ()), act)
    return Confirmations(yes=yes, no=no)


def check_states(
    rules: RuleSet,
    situation: Situation,
    given: Confirmations,
    now_ns: int,
    refuted_ns: Mapping[str, int] | None = None,
) -> dict[str, CheckState]:
    """How each check stands; unknown unless somebody or something says otherwise.

    ``refuted_ns`` is when each check was last "no": what was confirmed up to then counts no more.
    """
    voided = refuted_ns or {}
    states: dict[str, CheckState] = {}
    for name, check in rules.checks.items():
        refuted = check.refuted_when is not None and evaluate(check.refuted_when, situation)
        found = check.found_when is not None and evaluate(check.found_when, situation)
        if refuted or given.denied(name):
            states[name] = CheckState("no")
        elif given.fresh(name, check.valid_s, now_ns, voided.get(name)):
            states[name] = CheckState("yes", confirmed=True)
        elif found:
            states[name] = CheckState("yes")
        else:
            states[name] = CheckState()
    return states


def gate_states(
    rules: RuleSet,
    situation: Situation,
    given: Confirmations,
    checks: Mapping[str, CheckState],
    now_ns: int,
    restart_ns: int | None = None,
) -> dict[str, Answer]:
    """How each item of the gate stands for this object.

    Items for crewed military aircraft are asked unless the object is known to be uncrewed. What was
    confirmed up to ``restart_ns``, when a check was last "no", counts no more: the gate begins again. Who
    confirmed a check or another item is not independent.
    """
    uncrewed = rules.group_of(situation.object_class) == "uncrewed"
    asked = [item for item in rules.gate.values() if not (item.crewed_military and uncrewed)]
    persons = {
        person_of(act.person)
        for item in asked
        if not item.independent
        for act in given.fresh(item.id, item.valid_s, now_ns, restart_ns)
    }
    persons |= {
        person_of(act.person)
        for check in rules.checks.values()
        for act in given.fresh(check.id, check.valid_s, now_ns, restart_ns)
    }
    return {
        item.id: _item(item, rules, situation, given, checks, persons, now_ns, restart_ns)
        for item in asked
    }


def _item(
    item: GateItem,
    rules: RuleSet,
    situation: Situation,
    given: Confirmations,
    checks: Mapping[str, CheckState],
    persons: set[str],
    now_ns: int,
    restart_ns: int | None,
) -> Answer:
    if any(given.denied(subject) for subject in (item.id, *CONTESTED.get(item.id, ()))):
        return "no"
    truth = True if item.holds_only_if is None else evaluate(item.holds_only_if, situation)
    if truth is False:
        return "no"
    if item.all_checks and any(state.answer == "no" for state in checks.values()):
        return "no"
    if item.recorded_authority:
        entry = rules.authority_for(situation.state, situation.object_class, situation.height_m)
        if entry is None or not (entry.may_be_asked and entry.in_force and entry.article):
            return "no"  # "no recorded authority" means no
    acts = given.fresh(item.id, item.valid_s, now_ns, restart_ns)
    if item.independent:
        acts = tuple(act for act in acts if person_of(act.person) not in persons)
    complete = not item.all_checks or all(
        state.answer == "yes" and state.confirmed for state in checks.values()
    )
    return "yes" if truth is True and complete and acts else "unknown"
