"""Action and reaction: which entry follows which event, by which rule. No cause is claimed."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec

from vedette.council.reactions.occasion import Occasion
from vedette.council.reactions.reaction import Reaction, When
from vedette.council.reactions.register import Register
from vedette.model.time import SECOND_NS

RULE: Final = (
    "An entry is paired with what it names (an incident, a matter, an entry that it answers). One that names "
    "no incident is paired with the latest incident or decision that concerns its party and began within "
    "the window before it; one that answers nothing by name, with the latest entry of an addressee of its "
    "own that is addressed to its party and began within that window. After is not because: no cause is claimed."
)


_Timed = dict[tuple[str, str], list[Reaction]]  # by actor and addressee, in time


def _in_time(one: Reaction) -> tuple[int, str]:
    return one.when.valid_ns, one.reaction_id


class PairSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How long after something an entry may still be paired with it, unless it names it."""

    window_h: Annotated[float, msgspec.Meta(gt=0, le=24 * 366)] = 72.0


# named: by the entry, and of no list given here
BeforeKind = Literal["incident", "decision", "reaction", "named"]


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """One entry and what it came after."""

    before_id: str
    before_kind: Literal[
        "incident", "decision", "reaction", "named"
    ]  # named: of no list given here
    reaction_id: str
    after_s: (
        float | None
    )  # between the beginnings of their spans; None: that of the first is not known
    order_sure: bool  # False: as dated, the entry may have come first
    reason: str


def pairs(
    register: Register,
    occasions: Sequence[Occasion] = (),
    settings: PairSettings = PairSettings(),  # noqa: B008  frozen
) -> tuple[Pair, ...]:
    """Pairs of all entries in force, by time of the entry; each with its reason."""
    window_ns = int(settings.window_h * 3600 * SECOND_NS)
    standing = sorted(register.in_force, key=_in_time)
    known_occasions = {one.occasion_id: one for one in occasions}
    known = {one.reaction_id: one for one in register.reactions}
    timed = {pair: sorted(many, key=_in_time) for pair, many in register.between.items()}
    found: list[Pair] = []
    for one in standing:
        found += _named(one, known_occasions, known)
        if not one.incidents and not one.matters:
            found += _latest_occasion(one, occasions, window_ns)
        if not one.answers:
            found += _latest_entry(one, timed, window_ns)
    return tuple(found)


def _pair(one: Reaction, before_id: str, kind: BeforeKind, when: When | None, reason: str) -> Pair:
    return Pair(
        before_id=before_id,
        before_kind=kind,
        reaction_id=one.reaction_id,
        after_s=None if when is None else (one.when.valid_ns - when.valid_ns) / SECOND_NS,
        order_sure=when is not None and when.end_ns <= one.when.valid_ns,
        reason=reason,
    )


def _named(one: Reaction, occasions: dict[str, Occasion], known: dict[str, Reaction]) -> list[Pair]:
    found = []
    for what, names in (("incident", one.incidents), ("matter", one.matters)):
        for name in names:
            occasion = occasions.get(name)
            kind: BeforeKind = "named" if occasion is None else occasion.kind
            when = None if occasion is None else occasion.when
            found.append(_pair(one, name, kind, when, f"the entry names this {what}"))
    for name in one.answers:
        other = known.get(name)
        kind, when = ("named", None) if other is None else ("reaction", other.when)
        found.append(_pair(one, name, kind, when, "the entry says that it answers this"))
    return found


def _latest_occasion(one: Reaction, occasions: Sequence[Occasion], window_ns: int) -> list[Pair]:
    before = [
        other
        for other in occasions
        if one.actor.party in other.parties
        and 0 <= one.when.valid_ns - other.when.valid_ns <= window_ns
    ]
    if not before:
        return []
    latest = max(before, key=lambda other: (other.when.valid_ns, other.occasion_id))
    reason = f"the latest {latest.kind} within the window that concerns {one.actor.party}"
    return [_pair(one, latest.occasion_id, latest.kind, latest.when, reason)]


def _latest_entry(one: Reaction, timed: _Timed, window_ns: int) -> list[Pair]:
    before = [
        latest
        for addressee in one.addressees
        if (latest := _latest_of(one, timed.get((addressee, str(one.actor.party)), []), window_ns))
    ]
    if not before:
        return []
    latest = max(before, key=_in_time)
    reason = (
        f"the latest entry within the window of {latest.actor.party} towards {one.actor.party}, "
        f"and this one is of {one.actor.party} towards {latest.actor.party}"
    )
    return [_pair(one, latest.reaction_id, "reaction", latest.when, reason)]


def _latest_of(one: Reaction, many: list[Reaction], window_ns: int) -> Reaction | None:
    """The last of ``many``, which are in time, that began within the window before ``one``."""
    now_ns = one.when.valid_ns
    for at in range(bisect_right(many, now_ns, key=lambda other: other.when.valid_ns) - 1, -1, -1):
        other = many[at]
        if now_ns - other.when.valid_ns > window_ns:
            break
        # one that says that it answers this came after it
        if other.reaction_id != one.reaction_id and one.reaction_id not in other.answers:
            return other
    return None
