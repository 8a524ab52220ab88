"""The response stage: incidents and what is known of them in, advice to people out.

``step(settings, state, cases, rules, acts, now_ns) -> (state, advice)`` with no clock, file or chance.
"""

from collections.abc import Sequence
from typing import Annotated, Final

import msgspec

from vedette.model.act import Act
from vedette.model.incident import Incident
from vedette.model.proposal import Advice
from vedette.model.time import SECOND_NS
from vedette.response.desk import check_states, confirmations, gate_states
from vedette.response.evaluate import completed, judge
from vedette.response.rule_set import RuleSet
from vedette.response.situation import Situation, about, state_facts

_DESK_KINDS: Final = ("confirm_check", "deny_check", "set_identity")


class ResponseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the stage."""

    acts_max: Annotated[int, msgspec.Meta(ge=1)] = 100_000  # kept for open incidents
    cases_max: Annotated[int, msgspec.Meta(ge=1)] = 100_000  # incidents remembered
    suspect_valid_s: Annotated[float, msgspec.Meta(gt=0)] = 1800.0  # design choice: then it expires


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of one incident."""

    advice: Advice
    held: frozenset[str]
    closed: bool


class AdviceState(msgspec.Struct, frozen=True, kw_only=True):
    """What the stage carries from step to step."""

    cases: dict[str, _Case] = {}
    acts: tuple[Act, ...] = ()  # by (valid_ns, act_id), each once


def initial(settings: ResponseSettings) -> AdviceState:
    """A stage that has seen nothing."""
    del settings
    return AdviceState()


def step(
    settings: ResponseSettings,
    state: AdviceState,
    cases: Sequence[tuple[Incident, Situation]],
    rules: RuleSet,
    acts: Sequence[Act],
    now_ns: int,
) -> tuple[AdviceState, list[Advice]]:
    """Advice that changed since the last step.

    Args:
        settings: bounds.
        state: of the last step.
        cases: each incident that needs advice, with its situation.
        rules: the tables.
        acts: given since the last step; repeating older ones changes nothing.
        now_ns: time of this step [ns UTC].

    Returns:
        The new state and, in the order of ``cases``, the advice that differs from the last one in more
        than its time. The advice of a closed incident stands as it was given.
    """
    kept = _merge(state.acts, acts, settings.acts_max)
    known = dict(state.cases)
    changed: list[Advice] = []
    for incident, seen in cases:
        before = known.pop(incident.incident_id, None)
        if before is not None and incident.status == "closed":
            known[incident.incident_id] = msgspec.structs.replace(before, closed=True)
            continue
        held = frozenset() if before is None else before.held
        advice, held = _advise(settings, incident, seen, rules, kept, held, now_ns)
        if before is None or not _same(before.advice, advice):
            changed.append(advice)
        else:
            advice = before.advice
        known[incident.incident_id] = _Case(
            advice=advice, held=held, closed=incident.status == "closed"
        )
    return AdviceState(cases=_bounded(known, settings.cases_max), acts=kept), changed


def _advise(
    settings: ResponseSettings,
    incident: Incident,
    seen: Situation,
    rules: RuleSet,
    kept: Sequence[Act],
    held: frozenset[str],
    now_ns: int,
) -> tuple[Advice, frozenset[str]]:
    desk = about(kept, incident)
    situation = completed(state_facts(seen, desk, now_ns), rules)
    situation = _declared_by_people(situation, desk, now_ns, settings.suspect_valid_s)
    given = confirmations(desk, now_ns)
    checks = check_states(rules, situation, given, now_ns)
    gate = gate_states(rules, situation, given, checks, now_ns)
    verdict = judge(
        rules,
        situation,
        checks,
        gate,
        silenced_by=frozenset(name for name in rules.checks if given.denied(name)),
        held=held,
    )
    advice = Advice(
        incident_id=incident.incident_id,
        valid_ns=now_ns,
        rule_set=rules.name,
        proposals=verdict.proposals,
        output=verdict.output,
        force_question=verdict.force_question,
        gate=dict(gate) if verdict.force_question != "never" else {},
        checks={name: check.answer for name, check in checks.items()},
        undetermined=verdict.undetermined,
        authority=None if verdict.authority is None else verdict.authority.words(),
    )
    standing = frozenset(name for name, how in verdict.standing.items() if how != "fallback")
    return advice, standing


def _declared_by_people(
    situation: Situation, desk: Sequence[Act], now_ns: int, valid_s: float
) -> Situation:
    """SUSPECT needs a named person's fresh act, HOSTILE a second person too; else it is not that (P03)."""
    if situation.identity not in ("suspect", "hostile"):
        return situation
    last = None
    for act in desk:
        if act.kind == "set_identity" and act.valid_ns <= now_ns:
            last = act
    fresh = (
        last is not None
        and last.value in ("suspect", "hostile")
        and bool(last.words.strip())
        and now_ns - last.valid_ns <= valid_s * SECOND_NS
    )
    if not fresh or last is None:
        return msgspec.structs.replace(situation, identity="unknown")
    reviewed = bool(last.reviewer and last.reviewer.strip() and last.reviewer != last.person)
    if situation.identity == "hostile" and not (last.value == "hostile" and reviewed):
        return msgspec.structs.replace(situation, identity="suspect")
    return situation


def _same(one: Advice, other: Advice) -> bool:
    return msgspec.structs.replace(one, valid_ns=0) == msgspec.structs.replace(other, valid_ns=0)


def _merge(kept: tuple[Act, ...], new: Sequence[Act], most: int) -> tuple[Act, ...]:
    """Acts that matter here, each once. Beyond ``most`` the oldest go: a yes only ever ages into unknown."""
    fresh = [act for act in new if act.kind in _DESK_KINDS]
    if not fresh:
        return kept
    by_id = {act.act_id: act for act in (*fresh, *kept)}  # the first version of an act stands
    ordered = sorted(by_id.values(), key=lambda act: (act.valid_ns, act.act_id))
    return tuple(ordered[-most:])


def _bounded(known: dict[str, _Case], most: int) -> dict[str, _Case]:
    """At most so many incidents; closed ones are forgotten first, then those not asked about longest."""
    if len(known) <= most:
        return known
    order = sorted(known, key=lambda name: not known[name].closed)
    for name in order[: len(known) - most]:
        del known[name]
    return known
