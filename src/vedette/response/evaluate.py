"""One situation against all rows: what applies, what is open, what is withheld, and why.

Pure and total: every situation gets at least one proposal. How the rows are read together is data
(``about.yaml``, ``reading``).
"""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from vedette.model.proposal import ForceQuestion, Output, Proposal
from vedette.response.confirmations import Answer, CheckState
from vedette.response.expression import Truth, evaluate, holding, missing
from vedette.response.rule_set import NO_AUTHORITY, Authority, Rule, RuleSet
from vedette.response.situation import Situation

DOSSIER: Final = "M14"
# the main advice: first that applies; M04 counts as help for a civil object
_LADDER: Final[tuple[tuple[Output, frozenset[str]], ...]] = (
    ("HAND_OVER_TO_NATIONAL_AUTHORITY", frozenset({"M13"})),
    ("WARN_PUBLIC", frozenset({"M09"})),
    ("ASSIST", frozenset({"M17"})),
    ("ESCORT", frozenset({"M07", "M08"})),
    ("IDENTIFY", frozenset({"M01", "M02", "M03", "M06"})),
)
OUTPUTS: Final[tuple[Output, ...]] = (
    *(output for output, _ in _LADDER),
    "MONITOR",
)  # foremost first
Standing = Literal["applies", "kept", "fallback"]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """All that the rows say of one situation."""

    proposals: tuple[Proposal, ...]
    output: Output
    force_question: ForceQuestion
    undetermined: tuple[str, ...]
    standing: dict[str, Standing]  # the rows behind the proposals
    authority: Authority | None

    @property
    def measures(self) -> frozenset[str]:
        """All measures that are open."""
        return frozenset(name for proposal in self.proposals for name in proposal.measures)


def completed(situation: Situation, rules: RuleSet) -> Situation:
    """The situation with what the tables know of its state; class "unknown" becomes not known."""
    changes: dict[str, object] = {}
    if situation.object_class == "unknown":
        changes["object_class"] = None
    if situation.host_has_fighters is None and situation.state in rules.hosts:
        fighters = rules.hosts[situation.state].fighters
        if fighters != "unconfirmed":
            changes["host_has_fighters"] = fighters == "own"
    return msgspec.structs.replace(situation, **changes) if changes else situation


def judge(
    rules: RuleSet,
    situation: Situation,
    checks: Mapping[str, CheckState],
    gate: Mapping[str, Answer],
    *,
    silenced_by: frozenset[str] = frozenset(),
    held: frozenset[str] = frozenset(),
) -> Verdict:
    """What the rows permit in a situation.

    Args:
        rules: the tables.
        situation: facts, as ``completed`` gives them.
        checks: how each check stands; one that is absent is unknown.
        gate: how each item of the gate stands; one that is absent is unknown.
        silenced_by: checks that a person has denied in words, for the row of birds and artefacts.
        held: rows that stood before; one that can no longer be decided keeps what informs and protects.
    """
    reading = rules.about.reading
    truths = {name: evaluate(rule.when, situation) for name, rule in rules.rules.items()}
    civil = any(truth and rules.rules[name].reading == "civil" for name, truth in truths.items())
    standing: dict[str, Standing] = {}
    undetermined: list[str] = []
    for name, truth in truths.items():
        rule = rules.rules[name]
        if truth is False or (civil and rule.reading == reading.civil_before):
            continue
        if truth:
            standing[name] = "applies"
            continue
        unknown = missing(rule.when, situation)
        if name in held or (rule.inform_if_unknown and set(unknown) <= set(rule.inform_if_unknown)):
            standing[name] = "kept"
        undetermined.append(f"{name}: {', '.join(unknown)} unknown")
    if "applies" not in standing.values():
        standing.setdefault(reading.fallback, "fallback")

    limits = _limits(rules, situation, truths, standing, silenced_by)
    entry = rules.authority_for(situation.state, situation.object_class, situation.height_m)
    proposals = []
    for name, how in standing.items():
        rule = rules.rules[name]
        open_, withheld = _measures(rules, rule, how, situation, checks, limits)
        closed = _not_yes(rules, situation, gate) if DOSSIER in open_ else []
        if DOSSIER in open_ and (closed or name not in reading.force_rows):
            open_.remove(DOSSIER)
            withheld.append((DOSSIER, f"the gate is not complete: {', '.join(closed)}"))
        proposals.append(_proposal(rules, rule, how, situation, open_, withheld, checks, entry))
    proposals = _beside_others(rules, proposals)
    measures = {name for proposal in proposals for name in proposal.measures}
    return Verdict(
        proposals=tuple(proposals),
        output=main_advice(measures, civil_object=_civil_object(rules, situation)),
        force_question=_force_question(standing, measures, reading.force_rows),
        undetermined=tuple(undetermined),
        standing=standing,
        authority=entry,
    )


def main_advice(measures: Iterable[str], *, civil_object: bool) -> Output:
    """The first rung of the ladder that the open measures reach.

    >>> main_advice({"M02", "M04", "M17"}, civil_object=True)
    'ASSIST'
    """
    names = set(measures)
    for output, rung in _LADDER:
        if names & rung or (output == "ASSIST" and civil_object and "M04" in names):
            return output
    return "MONITOR"


def _civil_object(rules: RuleSet, situation: Situation) -> bool:
    term = rules.terms.get("civil_aircraft")
    return term is not None and evaluate(term, situation) is True


def _force_question(
    standing: Mapping[str, Standing], measures: set[str], force_rows: tuple[str, ...]
) -> ForceQuestion:
    if not any(standing.get(name) == "applies" for name in force_rows):
        return "never"
    return "admissible" if DOSSIER in measures else "closed"


def _not_yes(rules: RuleSet, situation: Situation, gate: Mapping[str, Answer]) -> list[str]:
    """Items of the gate that are asked of this object and are not yes."""
    uncrewed = rules.group_of(situation.object_class) == "uncrewed"
    return [
        item.id
        for item in rules.gate.values()
        if not (item.crewed_military and uncrewed) and gate.get(item.id) != "yes"
    ]


def _limits(
    rules: RuleSet,
    situation: Situation,
    truths: Mapping[str, Truth],
    standing: Mapping[str, Standing],
    silenced_by: frozenset[str],
) -> dict[str, str]:
    """Measures that no row may propose here, each with its reason.

    A row that is kept in doubt closes what it closed while it applied, except what informs or
    protects; and what doubt closes, the bans of a row close unless it is known not to apply.
    """
    limits: dict[str, str] = {}
    reading = rules.about.reading
    standing_rows = [
        (rules.rules[name], how) for name, how in standing.items() if how != "fallback"
    ]
    for prohibition in rules.prohibitions.values():
        if prohibition.closes and (
            prohibition.unless is None or evaluate(prohibition.unless, situation) is not True
        ):
            for measure in prohibition.closes:
                limits.setdefault(measure, f"{prohibition.id} closes it")

    def close(measure: str, how: Standing, reason: str) -> None:
        if how == "applies" or measure not in reading.kept_in_doubt:
            limits.setdefault(measure, reason)

    for measure in reading.needs_every_row:
        for rule, how in standing_rows:
            if not rule.beside and measure not in rule.measures:
                close(measure, how, f"{rule.id} also applies and does not list it")
    for rule, how in standing_rows:
        for measure in rule.bans:
            close(measure, how, f"{rule.id} does not permit it")
        check = rule.silences_others_when_refuted_by_a_person
        if check in silenced_by:
            for measure in rules.measures:
                if measure not in rule.measures:
                    close(measure, how, f"{rule.id}: a person has settled {check}")
    for name, truth in truths.items():
        if truth is not False:
            for measure in rules.rules[name].bans:
                if measure in reading.closed_by_doubt:
                    limits.setdefault(measure, f"{name} does not permit it, and may apply")
    return limits


def _measures(
    rules: RuleSet,
    rule: Rule,
    how: Standing,
    situation: Situation,
    checks: Mapping[str, CheckState],
    limits: Mapping[str, str],
) -> tuple[list[str], list[tuple[str, str]]]:
    """Open measures of one row, and those withheld with their reasons."""
    open_: list[str] = []
    withheld: list[tuple[str, str]] = []
    informing = rules.about.reading.kept_in_doubt
    for measure in rule.measures:
        reason = limits.get(measure)
        if reason is None and how != "applies" and measure not in informing:
            reason = "the row cannot be decided"
        if reason is None and measure in rules.about.reading.closed_by_doubt:
            reason = _doubt(rule, measure, situation, checks)
        if reason is None:
            open_.append(measure)
        else:
            withheld.append((measure, reason))
    return open_, withheld


def _doubt(
    rule: Rule, measure: str, situation: Situation, checks: Mapping[str, CheckState]
) -> str | None:
    """Why doubt closes a measure of a row; None where its needs are met."""
    need = rule.needs.get(measure)
    if need is None:
        return None if measure == DOSSIER else "the row does not say what it needs"
    failed = [
        f"{name} is {_state(checks, name).answer}"
        for name in need.answered
        if _state(checks, name).answer != "yes"
    ] + [
        f"{name} is not confirmed by a person"
        for name in need.confirmed
        if not (_state(checks, name).confirmed and _state(checks, name).answer == "yes")
    ]
    if need.only_if is not None and evaluate(need.only_if, situation) is not True:
        failed.append("its condition is not known to hold")
    return "; ".join(failed) or None


def _state(checks: Mapping[str, CheckState], name: str) -> CheckState:
    return checks.get(name, CheckState())


def _proposal(
    rules: RuleSet,
    rule: Rule,
    how: Standing,
    situation: Situation,
    open_: list[str],
    withheld: list[tuple[str, str]],
    checks: Mapping[str, CheckState],
    entry: Authority | None,
) -> Proposal:
    if how == "applies":
        reasons = [rule.title, *holding(rule.when, situation)]
    elif how == "kept":
        unknown = ", ".join(missing(rule.when, situation))
        reasons = [
            rule.title,
            f"cannot be decided while {unknown} is unknown: what informs and protects stands",
        ]
    else:
        reasons = ["no row could be decided: watch, record and inform"]
    found = sorted(
        {
            name
            for measure in open_
            if measure in rule.needs
            for name in rule.needs[measure].answered
            if not _state(checks, name).confirmed
        }
    )
    if found:
        reasons.append(f"{', '.join(found)}: found by the system, confirmed by nobody yet")
    reasons += [f"{measure} withheld: {reason}" for measure, reason in withheld]
    authority = rule.authority
    if situation.where == "inside" and situation.state is not None:
        national = NO_AUTHORITY if entry is None else entry.words()
        authority = f"{authority}. National authority ({situation.state}): {national}"
        host = rules.hosts.get(situation.state)
        if host is not None and _FLOWN & {*open_, *(name for name, _ in withheld)}:
            authority = ". ".join(filter(None, (authority, host.sent())))
    return Proposal(
        rule=rule.id,
        measures=tuple(open_),
        withheld=tuple(measure for measure, _ in withheld),
        not_permitted=rule.not_permitted,
        authority=authority,
        deadline=rule.deadline.words,
        deadline_s=rule.deadline.seconds,
        reasons=tuple(reasons),
        sources=rule.sources,
    )


_FLOWN: Final = {"M06", "M07", "M08"}  # somebody's fighters go


def _beside_others(rules: RuleSet, proposals: list[Proposal]) -> list[Proposal]:
    """Close what a row may only repeat: measures that need another row to permit them too."""
    result = []
    for proposal in proposals:
        lone = [
            measure
            for measure, need in rules.rules[proposal.rule].needs.items()
            if need.another_row
            and measure in proposal.measures
            and not any(
                measure in other.measures
                for other in proposals
                if other.rule != proposal.rule
                and not any(n.another_row for n in rules.rules[other.rule].needs.values())
            )
        ]
        if lone:
            proposal = msgspec.structs.replace(  # noqa: PLW2901
                proposal,
                measures=tuple(name for name in proposal.measures if name not in lone),
                withheld=(*proposal.withheld, *lone),
                reasons=(
                    *proposal.reasons,
                    *(f"{name} withheld: no other row here permits it" for name in lone),
                ),
            )
        result.append(proposal)
    return result
