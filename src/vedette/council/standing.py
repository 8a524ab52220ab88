"""How a matter stands: who takes part, what was put, placed, said, and what came of it."""

from typing import Annotated, Final, Literal

import msgspec

from vedette.council.act import MatterKind, Roster

Status = Literal["empty", "talks", "silence", "agreed", "withdrawn", "lapsed"]
EventKind = Literal[
    "opened",
    "put",
    "placed",
    "objected",
    "broken",  # silence: by an objection, a state that cannot speak, or at the deadline since nobody agrees
    "lifted",
    "consented",
    "abstained",
    "absent",  # a state cannot be reached
    "back",  # it has spoken again
    "revoked",  # a key
    "left",
    "remarked",
    "agreed",
    "withdrawn",
    "lapsed",
    "refused",  # an act that has no effect, with the reason
]
BY_SILENCE: Final[frozenset[MatterKind]] = frozenset({"consultation", "declaration", "posture"})


class MatterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes part, and the bounds."""

    roster: Roster
    # shortest silence: time to read and to ask one's capital (design choice); drills set it lower
    window_min_s: Annotated[float, msgspec.Meta(gt=0)] = 3600.0
    clock_skew_s: Annotated[float, msgspec.Meta(ge=0)] = (
        300.0  # signed this far ahead is refused, but a no
    )
    acts_max: Annotated[int, msgspec.Meta(ge=1)] = 10_000  # that had effect, remarks aside


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of the text."""

    digest: str
    text: str
    party: str
    received_ns: int
    words: str


class Placement(msgspec.Struct, frozen=True, kw_only=True):
    """A version under silence."""

    version: str
    party: str
    received_ns: int
    deadline_ns: int
    deadline_zone: str


class Objection(msgspec.Struct, frozen=True, kw_only=True):
    """A state's no to one version; it is lifted, never deleted."""

    version: str
    party: str
    person: str
    received_ns: int
    reason: str
    lifted_ns: int | None = None
    lifted_by: str = ""  # the key that lifted it


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A state's explicit yes to one version."""

    version: str
    party: str
    person: str
    received_ns: int
    key: str = ""  # that signed it: with the key its yes falls


class Abstention(msgspec.Struct, frozen=True, kw_only=True):
    """A state that stands aside from one version."""

    version: str
    party: str
    person: str
    received_ns: int
    words: str


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to the matter."""

    kind: EventKind
    at_ns: int
    party: str | None
    words: str = ""
    version: str | None = None


class Matter(msgspec.Struct, frozen=True, kw_only=True):
    """How a matter stands, with all that led there."""

    matter_id: str | None = None
    kind: MatterKind | None = None
    title: str = ""
    opened_by: str | None = None
    status: Status = "empty"
    lapses_ns: int | None = None
    versions: tuple[Version, ...] = ()
    placements: tuple[Placement, ...] = ()  # all; the last one runs while status is "silence"
    objections: tuple[Objection, ...] = ()
    consents: tuple[Consent, ...] = ()
    abstentions: tuple[Abstention, ...] = ()
    absent: frozenset[str] = frozenset()  # states that cannot be reached
    revoked: frozenset[str] = frozenset()  # keys that nobody is heard by any more
    left: frozenset[str] = frozenset()  # states that have left what was agreed
    agreed_version: str | None = None
    agreed_by: Literal["silence", "consent"] | None = None
    settled_ns: int = 0  # up to here nothing can change any more
    act_ids: frozenset[tuple[str, str]] = frozenset()  # spent, each with its party
    taken: int = 0  # acts that had effect, remarks aside
    events: tuple[Event, ...] = ()

    @property
    def current(self) -> str | None:
        """The version that is talked about."""
        return self.versions[-1].digest if self.versions else None

    @property
    def outstanding(self) -> tuple[Objection, ...]:
        """Objections to the current version that nobody has lifted."""
        current = self.current
        return tuple(
            objection
            for objection in self.objections
            if objection.lifted_ns is None and objection.version == current
        )

    @property
    def aside(self) -> frozenset[str]:
        """States that stand aside from the current version."""
        current = self.current
        return frozenset(a.party for a in self.abstentions if a.version == current)

    def consented(self, version: str | None) -> frozenset[str]:
        """States that said yes to a version."""
        return frozenset(c.party for c in self.consents if c.version == version)


def mute(roster: Roster, state: Matter) -> frozenset[str]:
    """States that can say nothing: out of reach, or with every key revoked. Their silence is no assent."""
    return state.absent | {
        party for party in roster.states if state.revoked.issuperset(roster.keys_of(party))
    }


def nobody_agrees(roster: Roster, state: Matter) -> bool:
    """Whether every state stands aside, so that none agrees to the current version, by its word or its silence."""
    return roster.states <= state.aside


def why_not_held(states: frozenset[str], state: Matter) -> str | None:
    """Why a delegation or a shield that every state consented to does not hold (any more); None where it does.

    Args:
        states: all that take part.
        state: the matter as it stands.
    """
    if state.status != "agreed" or state.agreed_by != "consent":
        return "not every state has consented to it"
    if state.left:
        return f"{' '.join(sorted(state.left))} left: it must be agreed anew, without"
    agreed = max(k for k, event in enumerate(state.events) if event.kind == "agreed")
    if any(event.kind == "revoked" for event in state.events[agreed:]):
        return "a key was revoked since it was agreed: it must be agreed anew"
    missing = sorted(states - state.consented(state.agreed_version))
    if missing:
        return f"without the explicit consent of {', '.join(missing)}"
    if state.outstanding:
        return f"{state.outstanding[0].party} objects: {state.outstanding[0].reason}"
    return None


class RefusedError(Exception):
    """Why an act has no effect; never leaves the council."""


def agree(state: Matter, at_ns: int, by: Literal["silence", "consent"], words: str) -> Matter:
    """The matter with its current version agreed; there must be no outstanding objection to it."""
    assert not state.outstanding, "an agreed text has no outstanding objection"
    return with_event(
        state,
        Event(kind="agreed", at_ns=at_ns, party=None, words=words, version=state.current),
        status="agreed",
        agreed_version=state.current,
        agreed_by=by,
    )


def with_event(state: Matter, event: Event, **changes: object) -> Matter:
    """The matter after something has happened to it."""
    return msgspec.structs.replace(state, events=(*state.events, event), **changes)
