"""What can still be decided when the chain is broken: by whom, and under which text.

States leave, say no, or cannot be reached. Then some rules can adopt nothing any more, what was agreed beforehand
holds or has ended, and each state's own authority over its own airspace is where it was. Nothing here decides:
it counts what is possible when everybody else says yes.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import msgspec

from vedette.council.act import DRILL, Roster
from vedette.council.decision import Position, decide, populations, shipped_rules
from vedette.council.delegation import in_force, read_delegation
from vedette.council.matter import Matter
from vedette.council.shield.in_force import standing
from vedette.council.shield.proposal import Rulebook, read_proposal
from vedette.council.standing import mute
from vedette.model.errors import SettingError, ZoneError

_NOTHING_KNOWN: Final[Mapping[str, frozenset[str]]] = MappingProxyType({})


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """What is broken in the chain."""

    left: frozenset[str] = frozenset()  # members no more
    against: frozenset[str] = frozenset()  # say no to whatever is put
    away: frozenset[str] = frozenset()  # cannot be reached


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way to a decision."""

    id: str  # of the rule, or of the matter
    text: str  # under which it would be taken
    open: bool
    by: tuple[str, ...]  # whom it would bind, or the office that decides
    why: str


def rules_that_decide(broken: Broken) -> tuple[Way, ...]:
    """What each rule could adopt if all who are in reach and not against said yes.

    A rule of one state is asked for each in turn: its own authority needs no other's word. It is not lost by
    leaving a body, nor is it this program's to say whom a state that is cut off has at home.
    """
    found = []
    for rule in shipped_rules().values():
        members = populations("eu" if rule.body == "eu" else "nato")
        body = {state: people for state, people in members.items() if state not in broken.left}
        if rule.kind == "delegated":
            continue  # what was delegated stands in the matters
        if rule.kind == "one":
            alone = {
                state: decide(rule, members, {state: "yes"}, deciding=state).bound
                for state in members
            }
            by = frozenset[str]().union(*alone.values())
            why = "each over its own territory, by its own law, whoever else is missing"
            found.append(
                Way(
                    id=rule.id,
                    text=f"{rule.text} ({rule.source})",
                    open=True,
                    by=tuple(sorted(by)),
                    why=why,
                )
            )
            continue
        said: dict[str, Position] = {
            state: "no" if state in broken.against else "yes"
            for state in sorted(body)
            if state not in broken.away or state in broken.against
        }
        outcome = decide(rule, body, said, deadline_passed=True, mute=broken.away)
        found.append(
            Way(
                id=rule.id,
                text=f"{rule.text} ({rule.source})",
                open=outcome.adopted,
                by=tuple(sorted(outcome.bound)),
                why=outcome.why,
            )
        )
    return tuple(found)


def agreed_before(
    matters: Iterable[tuple[Matter, Roster]],
    broken: Broken,
    measures: frozenset[str],
    rulebook: Rulebook,
    now_ns: int,
    *,
    unheard: Mapping[str, frozenset[str]] = _NOTHING_KNOWN,
) -> tuple[Way, ...]:
    """What matters hold: a delegation or shield that is in force, a text that was agreed, or what it waits for.

    Args:
        matters: each as it stands, with its roster.
        broken: whom to leave out of account.
        measures: those that may be delegated at all.
        rulebook: what a shield may name.
        now_ns: [ns UTC].
        unheard: by matter of an alliance: states of which its keeper's log does not say that they could be heard
            when its silence ended. Of a matter that is not here nobody has said whose silence was one.
    """
    return tuple(
        _agreed(one, roster, broken, measures, rulebook, now_ns, unheard) for one, roster in matters
    )


def _agreed(
    matter: Matter,
    roster: Roster,
    broken: Broken,
    measures: frozenset[str],
    rulebook: Rulebook,
    now_ns: int,
    unheard: Mapping[str, frozenset[str]],
) -> Way:
    holds, by, why = False, tuple[str, ...](), ""
    text = next((v.text for v in matter.versions if v.digest == matter.agreed_version), None)
    if text is None:
        why = _waits(matter, roster, broken)
    elif matter.kind == "delegation":
        holds, by, why = _delegated(matter, text, roster, broken, measures, now_ns)
    elif matter.kind == "shield":
        holds, by, why = _shielded(matter, text, roster, broken, rulebook, now_ns)
    else:
        holds, by, why = _worded(matter, roster, unheard.get(matter.matter_id or ""))
    version = matter.agreed_version or matter.current
    return Way(
        id=f"{matter.kind}: {matter.title}",
        text=f"matter {matter.matter_id}" + (f", version {version[:12]}" if version else ""),
        open=holds,
        by=by,
        why=why,
    )


def _worded(
    matter: Matter, roster: Roster, unheard: frozenset[str] | None
) -> tuple[bool, tuple[str, ...], str]:
    """A text of which only the words hold; by silence only as far as who was silent could be heard."""
    why = f"agreed by {matter.agreed_by}: what it says holds; it moves nobody's force"
    silent = roster.states - matter.consented(matter.agreed_version) - matter.aside
    if matter.agreed_by == "silence" and unheard is None and silent:
        why = (
            f"agreed by silence; that rests on {_few(silent)}, who said nothing, and no closing confirms "
            "that they could be heard: if they could have objected, what it says holds; it moves nobody's force"
        )
    elif matter.agreed_by == "silence" and unheard:
        why = f"unconfirmed: the keeper's log does not say that {_few(unheard)} could be heard"
        return False, (), f"{why}, and silence of theirs is no assent"
    return True, tuple(sorted(roster.states)), why


def _few(states: Iterable[str]) -> str:
    names = sorted(states)
    return " ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")


def _delegated(
    matter: Matter, text: str, roster: Roster, broken: Broken, measures: frozenset[str], now_ns: int
) -> tuple[bool, tuple[str, ...], str]:
    drill = (matter.matter_id or "").startswith(DRILL)
    try:
        stands, one = (
            in_force(text, matter, roster.states, measures, now_ns, drill=drill),
            read_delegation(text, measures),
        )
    except SettingError as error:
        return False, (), str(error)
    gone = sorted(broken.left & set(one.states))
    if not stands.permitted:
        return False, (), stands.words
    limits = f"{' '.join(one.measures)} over {' '.join(one.states)}; agreed before, so that nobody need be asked"
    if gone:
        limits += f"; {' '.join(gone)} has said elsewhere that it leaves, and not in this matter"
    return True, (one.delegate,), limits


def _shielded(
    matter: Matter, text: str, roster: Roster, broken: Broken, rulebook: Rulebook, now_ns: int
) -> tuple[bool, tuple[str, ...], str]:
    try:
        one = read_proposal(text, rulebook)
    except ZoneError as error:
        return False, (), f"the text that was agreed is no shield: {error}"
    stands = standing(one, matter, roster, rulebook, now_ns)
    hosts = tuple(sorted(one.hosts))
    cut = sorted(one.contributors & (broken.away | broken.left))
    note = f"; nothing is known of what {' '.join(cut)} gives to it" if cut else ""
    return stands.in_force, hosts if stands.in_force else (), stands.words + note


def _waits(matter: Matter, roster: Roster, broken: Broken) -> str:
    """What a matter that is not agreed waits for."""
    if matter.status in ("withdrawn", "lapsed", "empty"):
        return {"empty": "not opened"}.get(matter.status, matter.status)
    waits: list[str] = [f"{one.party} objects: {one.reason}" for one in matter.outstanding]
    if matter.versions:
        missing = sorted(roster.states - matter.consented(matter.current))
        silent = sorted((broken.away & roster.states) | mute(roster, matter))
        if silent:
            waits.append(f"{' '.join(silent)} cannot speak, and silence of theirs is no assent")
        if matter.status == "silence":
            waits.append("silence runs")
        elif matter.kind in ("delegation", "shield") and missing:
            waits.append(f"without the consent of {_few(missing)}")
    return "; ".join(waits) or f"in {matter.status}"


def contradictions(matter: Matter) -> Sequence[str]:
    """States whose own offices said different things of one version, each in words with what counts."""
    found = []
    for version in matter.versions:
        said: dict[str, list[str]] = {}
        for event in matter.events:
            if event.version == version.digest and event.party is not None and event.kind in (
                "consented", "objected", "abstained", "lifted",
            ):  # fmt: skip
                said.setdefault(event.party, []).append(event.kind)
        for party, kinds in said.items():
            if "consented" in kinds and "objected" in kinds:
                last = kinds[-1]
                counts = "its no" if any(
                    o.party == party and o.version == version.digest and o.lifted_ns is None
                    for o in matter.objections
                ) else f"its last word: {last}"  # fmt: skip
                found.append(
                    f"{party} has {', '.join(kinds)} (version {version.digest[:12]}); what counts is {counts}"
                )
    return found
