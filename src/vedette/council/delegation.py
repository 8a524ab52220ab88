"""A standing delegation: what an office may decide without asking again, within its limits.

Its text is the text of a matter of kind "delegation", which every state has consented to explicitly. It speaks of
measures that look, warn, inform and protect; the question of force is delegated by nothing here, and a delegation
stands for no national legal authority.
"""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
import yaml

from vedette.council.act import DRILL, digest_of
from vedette.council.decision import by_whom
from vedette.council.matter import Matter
from vedette.council.shield.proposal import StrictLoader
from vedette.council.standing import why_not_held
from vedette.model.errors import SettingError
from vedette.model.time import SECOND_NS, format_utc

State = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}\Z")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]


class Caveat(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a state that contributes keeps back, in its own words."""

    state: State
    without: tuple[str, ...]  # measures that its forces take no part in
    words: Words


class Delegation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may decide what, where, of which objects and how long."""

    delegate: Words  # an office
    measures: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    states: Annotated[tuple[State, ...], msgspec.Meta(min_length=1)]  # in whose airspace
    classes: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]  # of objects
    since: datetime
    until: datetime
    caveats: tuple[Caveat, ...] = ()


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the delegate may decide, and why or why not."""

    permitted: bool
    words: str


def read_delegation(text: str, measures: frozenset[str]) -> Delegation:
    """A delegation from its text.

    Args:
        text: YAML, as it was put to the council.
        measures: those that may be delegated.

    Raises:
        SettingError: it is no delegation, or delegates what may not be.
    """
    try:
        plain = yaml.load(text, Loader=StrictLoader)  # noqa: S506 - it is a SafeLoader, and refuses more
        found = msgspec.convert(plain, Delegation)
    except (yaml.YAMLError, msgspec.ValidationError, RecursionError, ValueError) as error:
        raise SettingError(f"delegation: {' '.join(str(error).split())}") from error
    named = {*found.measures, *(name for caveat in found.caveats for name in caveat.without)}
    if named - measures:
        raise SettingError(f"delegation: {', '.join(sorted(named - measures))} cannot be delegated")
    if found.since.tzinfo is None or found.until.tzinfo is None:
        raise SettingError("delegation: since and until need a time zone: 2025-09-10T00:00:00Z")
    if found.until <= found.since:
        raise SettingError("delegation: it ends before it begins")
    return found


def in_force(
    text: str,
    matter: Matter,
    states: frozenset[str],
    measures: frozenset[str],
    now_ns: int,
    *,
    drill: bool = False,
) -> Permission:
    """Whether a delegation is in force now, whatever is asked of it.

    Args:
        text: of the delegation.
        matter: in which it was put.
        states: all that take part in it.
        measures: those that may be delegated at all.
        now_ns: [ns UTC].
        drill: it is asked in a drill: what was agreed in one then counts, and nothing else does.

    Raises:
        SettingError: as ``read_delegation``.
    """
    one = read_delegation(text, measures)

    def no(words: str) -> Permission:
        return Permission(permitted=False, words=words)

    if matter.kind != "delegation" or matter.status != "agreed" or matter.agreed_by != "consent":
        return no("not every state has consented to a delegation")
    if (matter.matter_id or "").startswith(DRILL) != drill:
        return no(
            "it was not agreed in the drill"
            if drill
            else "it was agreed in a drill, which permits nothing"
        )
    agreed_ns = max(event.at_ns for event in matter.events if event.kind == "agreed")
    if now_ns < agreed_ns:
        return no("it was not agreed yet")
    held = why_not_held(states, matter)
    if held is not None:
        return no(held)
    strangers = sorted({*one.states, *(caveat.state for caveat in one.caveats)} - states)
    if strangers:
        return no(f"{' '.join(strangers)} took no part in it: nobody delegates for another")
    if matter.agreed_version != digest_of(text):
        return no("this is not the text that was agreed")
    if not _ns(one.since) <= now_ns < _ns(one.until):
        return no(
            f"it is in force from {format_utc(_ns(one.since))} to {format_utc(_ns(one.until))}"
        )
    return Permission(permitted=True, words=f"{one.delegate} may decide, {by_whom(states)}")


def permits(
    text: str,
    matter: Matter,
    states: frozenset[str],
    measures: frozenset[str],
    measure: str,
    state: str,
    object_class: str,
    contributor: str | None,
    now_ns: int,
) -> Permission:
    """Whether a delegation lets its delegate decide on a measure now.

    Args:
        text: of the delegation.
        matter: in which it was put.
        states: all that take part in it.
        measures: those that may be delegated at all.
        measure: that is asked for.
        state: in whose airspace.
        object_class: of the object.
        contributor: whose forces would act; None where nobody's would.
        now_ns: [ns UTC].

    Raises:
        SettingError: as ``read_delegation``.
    """
    one, stands = read_delegation(text, measures), in_force(text, matter, states, measures, now_ns)

    def no(words: str) -> Permission:
        return Permission(permitted=False, words=words)

    if not stands.permitted:
        return stands
    if measure not in one.measures:
        return no(f"it says nothing of {measure}")
    if state not in one.states:
        return no(f"it says nothing of the airspace of {state}")
    if object_class not in one.classes:
        return no(f"it says nothing of an object of class {object_class}")
    if contributor is not None and contributor not in states:
        return no(f"{contributor} took no part in it: its forces are its own to send")
    for caveat in one.caveats:
        if caveat.state == contributor and measure in caveat.without:
            return no(f"caveat of {contributor}: {caveat.words}")
    return stands


def _ns(moment: datetime) -> int:
    whole = moment.astimezone(UTC)
    return int(whole.replace(microsecond=0).timestamp()) * SECOND_NS + whole.microsecond * 1_000
