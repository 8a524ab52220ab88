"""The response stage: incidents and what is known of them in, advice to people out.

``step(settings, state, cases, rules, acts, now_ns) -> (state, advice)`` with no clock, file or chance.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, get_args

import msgspec

from vedette.model.act import Act
from vedette.model.assessment import Identity
from vedette.model.incident import Incident
from vedette.model.person import person_of
from vedette.model.proposal import Advice, Confirmed, Proposal
from vedette.model.time import SECOND_NS
from vedette.response.confirmations import (
    Answer,
    Confirmations,
    check_states,
    confirmations,
    gate_states,
)
from vedette.response.evaluate import DOSSIER, OUTPUTS, completed, judge
from vedette.response.expression import evaluate
from vedette.response.rule_set import RuleSet
from vedette.response.situation import (
    FACT_WORDS,
    STATEMENTS,
    Situation,
    about,
    state_facts,
    turn,
)

_DESK_KINDS: Final = ("confirm_check", "deny_check", "withdraw")


class ResponseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of the stage."""

    acts_max: Annotated[int, msgspec.Meta(ge=1)] = 100_000  # kept for open incidents
    cases_max: Annotated[int, msgspec.Meta(ge=1)] = 100_000  # incidents remembered
    suspect_valid_s: Annotated[float, msgspec.Meta(gt=0)] = 1800.0  # design choice: then it expires
    # F15: five minutes, and the five that the picture may be old which a person signs
    set_alone_s: Annotated[float, msgspec.Meta(ge=0)] = 600.0
    # advice that stood for less than this in all does not sum up a closed incident (design choice)
    stood_min_s: Annotated[float, msgspec.Meta(ge=0)] = 30.0


class _Stood(msgspec.Struct, frozen=True, kw_only=True):
    """How long one main advice stood in all, and its latest form."""

    total_ns: int
    advice: Advice


class _Case(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of one incident."""

    advice: Advice
    track_id: str = ""  # the track it was about
    state: str | None = None  # whose airspace it was in
    held: frozenset[str] = frozenset()  # rows that stood
    refuted_ns: dict[str, int] = {}  # when each check was last "no"
    inside: bool = False  # of a member's airspace, at the last step
    seen_ns: int = 0  # of the last step
    stood: dict[str, _Stood] = {}  # by output, while it was inside
    closed: bool = False


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
        than its time. A closed incident is summed up once: by the foremost advice that stood while the
        object was inside, with the time at which that was given; nothing is evaluated for it any more.
    """
    kept = _merge(state.acts, acts, settings.acts_max, now_ns)
    known = dict(state.cases)
    changed: list[Advice] = []
    for incident, seen in cases:
        before = known.pop(incident.incident_id, None)
        if before is not None:
            before = _timed(before, now_ns)
        if before is not None and incident.status == "closed":
            summary = before.advice if before.closed else _summary(settings, before)
            if summary is not before.advice:
                changed.append(summary)
            known[incident.incident_id] = msgspec.structs.replace(
                before, advice=summary, inside=False, closed=True
            )
            continue
        case = _advise(settings, incident, seen, rules, kept, before, now_ns)
        if before is not None and _same(before.advice, case.advice):
            case = msgspec.structs.replace(case, advice=before.advice)
        else:
            changed.append(case.advice)
        known[incident.incident_id] = case
    return AdviceState(cases=_bounded(known, settings.cases_max), acts=kept), changed


def _advise(
    settings: ResponseSettings,
    incident: Incident,
    seen: Situation,
    rules: RuleSet,
    kept: Sequence[Act],
    before: _Case | None,
    now_ns: int,
) -> _Case:
    desk = about(kept, incident)
    situation = completed(state_facts(seen, desk, now_ns), rules)
    situation = _declared_by_people(situation, desk, now_ns, settings.suspect_valid_s)
    situation = _set_alone(situation, desk, now_ns, settings.set_alone_s)
    given = confirmations(desk, now_ns)
    refuted_ns = {} if before is None else dict(before.refuted_ns)
    if before is not None and (before.track_id, before.state) != (
        incident.track_id,
        situation.state,
    ):
        # perhaps another aircraft, or another state's to decide: what was confirmed before says nothing now
        refuted_ns = dict.fromkeys(rules.checks, now_ns)
    checks = check_states(rules, situation, given, now_ns, refuted_ns)
    refuted_ns.update((name, now_ns) for name, check in checks.items() if check.answer == "no")
    gate: dict[str, Answer] = {}
    if any(evaluate(rules.rules[name].when, situation) for name in rules.about.reading.force_rows):
        restart_ns = max(refuted_ns.values(), default=None)
        gate = gate_states(rules, situation, given, checks, now_ns, restart_ns)
    verdict = judge(
        rules,
        situation,
        checks,
        gate,
        silenced_by=frozenset(
            name
            for name in rules.checks
            if any(act.words.strip() for act in given.no.get(name, ()))
        ),
        held=frozenset() if before is None else before.held,
    )
    advice = Advice(
        incident_id=incident.incident_id,
        valid_ns=now_ns,
        rule_set=rules.name,
        proposals=_carried(verdict.proposals, desk, incident, now_ns),
        output=verdict.output,
        force_question=verdict.force_question,
        gate=dict(gate) if verdict.force_question != "never" else {},
        checks={name: check.answer for name, check in checks.items()},
        confirmed=_confirmed(rules, given, refuted_ns, now_ns)
        if verdict.force_question == "admissible"
        else (),
        undetermined=verdict.undetermined,
        authority=None if verdict.authority is None else verdict.authority.words(),
    )
    return _Case(
        advice=advice,
        track_id=incident.track_id,
        state=situation.state,
        held=frozenset(name for name, how in verdict.standing.items() if how != "fallback"),
        refuted_ns=refuted_ns,
        inside=situation.where == "inside",
        seen_ns=now_ns,
        stood={} if before is None else before.stood,
        closed=incident.status == "closed",
    )


def _carried(
    proposals: tuple[Proposal, ...], desk: Sequence[Act], incident: Incident, now_ns: int
) -> tuple[Proposal, ...]:
    """The proposals; where one rests on a person's word about another track, it says so and asks anew.

    Such a word is kept only where it speaks for asking first (``about``): tracks that were merged are held to be
    one object, as is one that was found again, and either may be wrong.
    """
    last: dict[tuple[str, str], Act] = {}
    for act in desk:
        if (
            act.kind in ("confirm_check", "deny_check")
            and act.valid_ns <= now_ns
            and act.words.strip()
        ):
            last[act.subject or "", person_of(act.person)] = act
    said = [act for act in last.values() if act.kind == "confirm_check"]
    here = {act.subject for act in said if _is_here(act, incident)}
    notes: dict[str, list[str]] = {}
    for act in said:
        if act.subject in STATEMENTS and act.subject not in here:
            fact = FACT_WORDS[act.subject]
            notes.setdefault(fact, []).append(
                f"{fact}: {act.person} said so of {act.track_id or act.incident_id}, held to be the same object: "
                f"ask whether it is so of {incident.track_id}"
            )
    if not notes:
        return proposals
    return tuple(
        msgspec.structs.replace(
            one,
            reasons=(
                *one.reasons,
                *(note for reason in one.reasons for note in notes.get(reason, ())),
            ),
        )
        for one in proposals
    )


def _is_here(act: Act, incident: Incident) -> bool:
    """Whether it was said of the track that an incident is of now."""
    if act.track_id is not None:
        return act.track_id == incident.track_id
    return act.incident_id in (None, incident.incident_id)


def _confirmed(
    rules: RuleSet, given: Confirmations, refuted_ns: Mapping[str, int], now_ns: int
) -> tuple[Confirmed, ...]:
    """The word of each person on each check and item of the gate, as far as it counts."""
    restart_ns = max(refuted_ns.values(), default=None)
    counted = [
        given.fresh(check.id, check.valid_s, now_ns, refuted_ns.get(check.id))
        for check in rules.checks.values()
    ]
    counted += [
        given.fresh(item.id, item.valid_s, now_ns, restart_ns) for item in rules.gate.values()
    ]
    words = {
        Confirmed(subject=act.subject or "", person=act.person, office=act.office, words=act.words)
        for acts in counted
        for act in acts
    }
    return tuple(sorted(words, key=lambda one: (one.subject, one.person, one.words)))


def _timed(case: _Case, now_ns: int) -> _Case:
    """The case with the time that its advice stood since the last step, if that was inside."""
    if not case.inside or now_ns <= case.seen_ns:
        return case
    output = case.advice.output
    so_far = case.stood[output].total_ns if output in case.stood else 0
    stood = _Stood(total_ns=so_far + now_ns - case.seen_ns, advice=case.advice)
    return msgspec.structs.replace(case, seen_ns=now_ns, stood=case.stood | {output: stood})


def _summary(settings: ResponseSettings, case: _Case) -> Advice:
    """What sums up a closed incident. No question stays open in it."""
    least_ns = settings.stood_min_s * SECOND_NS
    lasting = [
        name for name in OUTPUTS if name in case.stood and case.stood[name].total_ns >= least_ns
    ]
    advice = case.stood[lasting[0]].advice if lasting else case.advice
    if advice.force_question != "admissible":
        return case.advice if _same(advice, case.advice) else advice
    return without_question(advice, "the incident is closed")


def without_question(advice: Advice, reason: str) -> Advice:
    """Advice in which no question of force stands: neither as a word nor as an open measure.

    ``reason`` is told beside the measure that is withheld. Advice without such a question stays as it is.
    """
    if advice.force_question != "admissible" and not any(
        DOSSIER in proposal.measures for proposal in advice.proposals
    ):
        return advice
    return msgspec.structs.replace(
        advice,
        force_question="closed",
        confirmed=(),
        proposals=tuple(
            msgspec.structs.replace(
                proposal,
                measures=tuple(name for name in proposal.measures if name != DOSSIER),
                withheld=(*proposal.withheld, DOSSIER),
                reasons=(*proposal.reasons, f"{DOSSIER} withheld: {reason}"),
            )
            if DOSSIER in proposal.measures
            else proposal
            for proposal in advice.proposals
        ),
    )


def _declared_by_people(
    situation: Situation, desk: Sequence[Act], now_ns: int, valid_s: float
) -> Situation:
    """SUSPECT needs a named person's fresh act, HOSTILE a second person too; else it is not that (P03)."""
    if situation.identity not in ("suspect", "hostile"):
        return situation
    last = None
    for act in desk:
        if _sets_identity(act) and act.valid_ns <= now_ns:
            last = act
    fresh = (
        last is not None
        and last.value in ("suspect", "hostile")
        and bool(last.words.strip())
        and now_ns - last.valid_ns <= valid_s * SECOND_NS
    )
    if not fresh or last is None:
        return msgspec.structs.replace(situation, identity="unknown")
    reviewed = person_of(last.reviewer) not in ("", person_of(last.person))
    if situation.identity == "hostile" and not (last.value == "hostile" and reviewed):
        return msgspec.structs.replace(situation, identity="suspect")
    return situation


def _set_alone(
    situation: Situation, desk: Sequence[Act], now_ns: int, within_s: float
) -> Situation:
    """Whether one person without a second has lately set what the object is held to be (F15).

    That it may be civil is no such thing: it only closes. An act that is dated ahead counts as of now.
    """
    alone = any(
        act.kind == "set_identity"
        and act.value != "civil_possible"
        and person_of(act.reviewer) in ("", person_of(act.person))
        and now_ns - act.valid_ns <= within_s * SECOND_NS
        for act in desk
    )
    return msgspec.structs.replace(situation, identity_set_alone=True) if alone else situation


def _same(one: Advice, other: Advice) -> bool:
    return msgspec.structs.replace(one, valid_ns=0) == msgspec.structs.replace(other, valid_ns=0)


def _merge(kept: tuple[Act, ...], new: Sequence[Act], most: int, now_ns: int) -> tuple[Act, ...]:
    """Acts that matter here: each person's last word on each subject, nothing else is ever read.

    The last word that sets an identity, whoever says it; whether it may be civil, of each person.

    Beyond ``most`` the oldest confirmations of checks go first: a yes only ever ages into unknown.
    """
    fresh = [act for act in new if act.kind in _DESK_KINDS or act.kind == "set_identity"]
    if not fresh:
        return kept
    by_id = {act.act_id: act for act in (*fresh, *kept)}  # the first version of an act stands
    for act in tuple(by_id.values()):
        if act.kind == "withdraw":  # which stays, lest the act be told again
            by_id.pop(act.subject or "", None)
    ordered = sorted(by_id.values(), key=turn)  # of one instant the milder word is the last
    last: dict[tuple[object, ...], Act] = {}
    for act in ordered:
        identity = _sets_identity(act)
        key: tuple[object, ...] = (
            act.incident_id,
            act.track_id,
            identity or act.kind == "withdraw",  # whose subject is an act, which may be called "K1"
            None if identity else act.subject or act.kind,
            None if identity else person_of(act.person),
            act.valid_ns > now_ns,  # what is dated ahead does not yet replace anything
        )
        last[key] = act
    excess = len(last) - most
    if excess > 0:
        aging = [key for key, act in last.items() if _ages(act)]
        for key in aging[:excess]:
            del last[key]
    return tuple(sorted(last.values(), key=lambda act: (act.valid_ns, act.act_id)))


def _sets_identity(act: Act) -> bool:
    """The value is a standard identity; "civil_excluded" and the like are the identity stage's."""
    return act.kind == "set_identity" and act.value in get_args(Identity)


def _ages(act: Act) -> bool:
    if act.kind == "set_identity":
        return act.value == "civil_excluded"
    return act.kind == "confirm_check" and (act.subject or "") not in STATEMENTS


def _bounded(known: dict[str, _Case], most: int) -> dict[str, _Case]:
    """At most so many incidents; closed ones are forgotten first, then those not asked about longest."""
    if len(known) <= most:
        return known
    order = sorted(known, key=lambda name: not known[name].closed)
    for name in order[: len(known) - most]:
        del known[name]
    return known
