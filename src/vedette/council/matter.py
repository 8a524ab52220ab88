"""The life of a matter: a pure state machine over signed acts.

A member opens a matter (an Article 4 consultation, a text); versions are put; the chair or the opener
places the current version under silence with a deadline; one objection with a reason breaks it and
returns it to talks; silence until the deadline, or the explicit consent of every state, adopts it.

Silence adopts council texts only. A delegation of authority and a shield need the explicit signed
consent of every state. No agreed matter is a national legal authority: nothing in the gate of the
rules reads it.

The clock that counts is that of the keeper who received an act: two capitals' clocks cannot disagree
about the outcome. An act received at the deadline is late. Nothing is deleted: acts that were refused
stay, with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec

from vedette.council.act import (
    CHAIR,
    CouncilAct,
    MatterKind,
    Receipt,
    Roster,
    decode_act,
    digest_of,
)
from vedette.model.signature import from_base64
from vedette.model.signature import verify as verify_ed25519
from vedette.model.time import SECOND_NS

Status = Literal["empty", "talks", "silence", "agreed", "withdrawn", "lapsed"]
EventKind = Literal[
    "opened",
    "put",
    "placed",
    "objected",
    "broken",  # silence, by an objection
    "lifted",
    "consented",
    "remarked",
    "agreed",
    "withdrawn",
    "lapsed",
    "refused",  # an act that has no effect, with the reason
]
Verify = Callable[[bytes, bytes, bytes], bool]
BY_SILENCE: Final[frozenset[MatterKind]] = frozenset({"consultation", "declaration", "posture"})
_ENDED: Final = ("agreed", "withdrawn", "lapsed")


class MatterSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Who takes part, and the bounds."""

    roster: Roster
    # shortest silence: time to read and to ask one's capital (design choice); drills set it lower
    window_min_s: Annotated[float, msgspec.Meta(gt=0)] = 3600.0
    clock_skew_s: Annotated[float, msgspec.Meta(ge=0)] = 300.0  # signed this far ahead is refused
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


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """A state's explicit yes to one version."""

    version: str
    party: str
    person: str
    received_ns: int


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
        return tuple(
            objection
            for objection in self.objections
            if objection.version == self.current and objection.lifted_ns is None
        )

    def consented(self, version: str | None) -> frozenset[str]:
        """States that said yes to a version."""
        return frozenset(c.party for c in self.consents if c.version == version)


class _RefusedError(Exception):
    """Why an act has no effect; never leaves this module."""


def initial(settings: MatterSettings) -> Matter:
    """A matter that nobody has opened."""
    del settings
    return Matter()


def step(
    settings: MatterSettings,
    state: Matter,
    acts: Sequence[Receipt],
    now_ns: int,
    *,
    verify: Verify = verify_ed25519,
) -> tuple[Matter, tuple[Event, ...]]:
    """The matter after some more acts and at a later time.

    Args:
        settings: who takes part.
        state: of the last step.
        acts: as received since, in the order of receipt.
        now_ns: by the keeper's clock [ns UTC]; earlier than the last step's changes nothing.
        verify: ``(data, signature, public_key) -> bool``.

    Returns:
        The new state and the events since the last one, refused acts among them.
    """
    before = len(state.events)
    unsigned: list[tuple[int, str]] = []
    for receipt in acts:
        if receipt.received_ns > now_ns:
            state = _refuse(state, receipt.received_ns, None, "received after the present")
            continue
        try:
            act = _signed_act(settings, receipt, verify)
        except _RefusedError as refused:
            # what nobody signed moves no time: it waits until a signed act or the present has come
            unsigned.append((receipt.received_ns, str(refused)))
            continue
        if receipt.received_ns < state.settled_ns:
            state = _refuse(
                state, receipt.received_ns, None, "received before what is already settled"
            )
            continue
        state, unsigned = _drop(settings, state, unsigned, receipt.received_ns)
        state = _advance(settings, state, receipt.received_ns)
        state = _take(settings, state, receipt, act)
    state, _ = _drop(settings, state, unsigned, now_ns)
    state = _advance(settings, state, now_ns)
    return state, state.events[before:]


def _drop(
    settings: MatterSettings, state: Matter, unsigned: list[tuple[int, str]], to_ns: int
) -> tuple[Matter, list[tuple[int, str]]]:
    """Refuse what came unsigned up to a time that is known to have come; the rest still waits."""
    for at_ns, words in sorted(
        (one for one in unsigned if one[0] <= to_ns), key=lambda one: one[0]
    ):
        state = _refuse(_advance(settings, state, at_ns), at_ns, None, words)
    return state, [one for one in unsigned if one[0] > to_ns]


# ---------------------------------------------------------------------------- time


def _advance(settings: MatterSettings, state: Matter, now_ns: int) -> Matter:
    """What time alone does: silence ends, a matter lapses; whichever comes first."""
    if now_ns <= state.settled_ns:
        return state
    deadline_ns = state.placements[-1].deadline_ns if state.status == "silence" else None
    lapses_ns = state.lapses_ns if state.status in ("talks", "silence") else None
    # a placement never reaches beyond the lapse of its matter, so that silence ends first
    if deadline_ns is not None and now_ns >= deadline_ns:
        state = _agree(state, deadline_ns, "silence", "nobody objected before the deadline")
        lapses_ns = None
    if lapses_ns is not None and now_ns >= lapses_ns:
        state = _with_event(
            state, Event(kind="lapsed", at_ns=lapses_ns, party=None), status="lapsed"
        )
    return msgspec.structs.replace(state, settled_ns=now_ns)


def _agree(state: Matter, at_ns: int, by: Literal["silence", "consent"], words: str) -> Matter:
    assert not state.outstanding, "an agreed text has no outstanding objection"
    return _with_event(
        state,
        Event(kind="agreed", at_ns=at_ns, party=None, words=words, version=state.current),
        status="agreed",
        agreed_version=state.current,
        agreed_by=by,
    )


def _with_event(state: Matter, event: Event, **changes: object) -> Matter:
    return msgspec.structs.replace(state, events=(*state.events, event), **changes)


def _refuse(state: Matter, at_ns: int, party: str | None, words: str) -> Matter:
    return _with_event(state, Event(kind="refused", at_ns=at_ns, party=party, words=words))


# ---------------------------------------------------------------------------- acts


def _signed_act(settings: MatterSettings, receipt: Receipt, verify: Verify) -> CouncilAct:
    data = from_base64(receipt.act)
    act = decode_act(data)
    if act is None:
        raise _RefusedError("no act that can be read")
    try:
        _check_signature(settings, receipt, data, act, verify)
    except _RefusedError as refused:
        raise _RefusedError(f"{act.kind} for {act.party}: {refused}") from refused
    return act


def _take(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    try:
        _check_place(settings, state, receipt, act)
        state = _KINDS[act.kind](settings, state, receipt.received_ns, act)
        if act.kind != "remark":
            state = msgspec.structs.replace(state, taken=state.taken + 1)
    except _RefusedError as refused:
        state = _refuse(state, receipt.received_ns, act.party, f"{act.kind}: {refused}")
    # spent even when refused: nobody else can bring it forward again when it would have effect
    return msgspec.structs.replace(state, act_ids=state.act_ids | {(act.party, act.act_id)})


def _check_signature(
    settings: MatterSettings, receipt: Receipt, data: bytes, act: CouncilAct, verify: Verify
) -> None:
    key = settings.roster.keys.get(act.party)
    if key is None:
        raise _RefusedError(f"{act.party} takes no part")
    if key != receipt.public_key:
        raise _RefusedError(f"the key is not that of {act.party}")
    if not verify(data, from_base64(receipt.signature), from_base64(key)):
        raise _RefusedError("the signature does not fit")


def _check_place(
    settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct
) -> None:
    if act.roster != settings.roster.digest:
        raise _RefusedError("made under another roster")
    if state.matter_id is None and act.kind != "open":
        raise _RefusedError("the matter has not been opened")
    if state.matter_id is not None and act.matter_id != state.matter_id:
        raise _RefusedError("belongs to another matter")
    if (act.party, act.act_id) in state.act_ids:
        raise _RefusedError("was already taken")
    if act.valid_ns > receipt.received_ns + int(settings.clock_skew_s * SECOND_NS):
        raise _RefusedError("is dated ahead")
    # a flood may stop what leads to an agreement, never a state's no or its words
    if state.taken >= settings.acts_max and act.kind not in ("object", "remark"):
        raise _RefusedError("the matter has as many acts as it may")
    if state.status in _ENDED and act.kind != "remark":
        raise _RefusedError(f"the matter is {state.status}; only a remark can be added")


def _member(settings: MatterSettings, act: CouncilAct) -> None:
    if act.party not in settings.roster.states:
        raise _RefusedError("only a member state may")


def _open(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    if state.matter_id is not None:
        raise _RefusedError("the matter is open already")
    if act.matter_kind is None or not act.title.strip():
        raise _RefusedError("needs its kind and a title")
    if act.matter_kind == "consultation":
        _member(settings, act)  # Article 4: in the opinion of any of the parties
    if act.lapses_ns is not None and act.lapses_ns <= at_ns:
        raise _RefusedError("would lapse at once")
    return _with_event(
        state,
        Event(kind="opened", at_ns=at_ns, party=act.party, words=act.words),
        matter_id=act.matter_id,
        kind=act.matter_kind,
        title=act.title,
        opened_by=act.party,
        status="talks",
        lapses_ns=act.lapses_ns,
    )


def _put(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    del settings
    if state.status == "silence":
        raise _RefusedError("a version is under silence; object to it first")
    if not act.text.strip():
        raise _RefusedError("needs a text")
    digest = digest_of(act.text)
    if any(version.digest == digest for version in state.versions):
        raise _RefusedError("this text was put before; a new version differs")
    version = Version(
        digest=digest, text=act.text, party=act.party, received_ns=at_ns, words=act.words
    )
    return _with_event(
        state,
        Event(kind="put", at_ns=at_ns, party=act.party, words=act.words, version=digest),
        versions=(*state.versions, version),
    )


def _place(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    if state.kind not in BY_SILENCE:
        raise _RefusedError(f"a {state.kind} needs every state's explicit consent, never silence")
    if state.status == "silence":
        raise _RefusedError(
            "the deadline stands; it moves only by an objection and a new placement"
        )
    allowed = {CHAIR} if CHAIR in settings.roster.keys else {state.opened_by}
    if act.party not in allowed:
        raise _RefusedError("only the chair, or without one the opener, may")
    _current(state, act)
    if state.outstanding:
        raise _RefusedError("there is an objection to this version; put a new one")
    if act.deadline_ns is None or not act.deadline_zone.strip():
        raise _RefusedError("needs a deadline and the time zone it is stated in")
    if act.deadline_ns < at_ns + int(settings.window_min_s * SECOND_NS):
        raise _RefusedError("the deadline is too near")
    if state.lapses_ns is not None and act.deadline_ns > state.lapses_ns:
        raise _RefusedError("the deadline is after the matter lapses")
    placement = Placement(
        version=state.current or "",
        party=act.party,
        received_ns=at_ns,
        deadline_ns=act.deadline_ns,
        deadline_zone=act.deadline_zone,
    )
    return _with_event(
        state,
        Event(kind="placed", at_ns=at_ns, party=act.party, words=act.words, version=state.current),
        status="silence",
        placements=(*state.placements, placement),
    )


def _current(state: Matter, act: CouncilAct) -> None:
    if act.version is None or act.version != state.current:
        raise _RefusedError("does not name the current version")


def _object(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    _member(settings, act)
    _current(state, act)
    if not act.words.strip():
        raise _RefusedError("needs a reason in words")
    if any(objection.party == act.party for objection in state.outstanding):
        raise _RefusedError("its objection stands already")
    objection = Objection(
        version=state.current or "",
        party=act.party,
        person=act.person,
        received_ns=at_ns,
        reason=act.words,
    )
    broken = state.status == "silence"
    # a state that objects no longer consents: its yes stays in the events
    consents = tuple(
        c for c in state.consents if not (c.party == act.party and c.version == state.current)
    )
    state = _with_event(
        state,
        Event(kind="objected", at_ns=at_ns, party=act.party, words=act.words, version=act.version),
        objections=(*state.objections, objection),
        consents=consents,
        status="talks",
    )
    if broken:
        state = _with_event(
            state, Event(kind="broken", at_ns=at_ns, party=act.party, version=act.version)
        )
    return state


def _lift(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    _member(settings, act)
    _current(state, act)
    if not any(objection.party == act.party for objection in state.outstanding):
        raise _RefusedError("it has no objection to this version")
    objections = tuple(
        msgspec.structs.replace(objection, lifted_ns=at_ns)
        if objection in state.outstanding and objection.party == act.party
        else objection
        for objection in state.objections
    )
    return _with_event(
        state,
        Event(kind="lifted", at_ns=at_ns, party=act.party, words=act.words, version=act.version),
        objections=objections,
    )


def _consent(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    _member(settings, act)
    _current(state, act)
    if any(objection.party == act.party for objection in state.outstanding):
        raise _RefusedError("its objection stands; lift it first")
    if act.party in state.consented(state.current):
        raise _RefusedError("it has consented already")
    consent = Consent(
        version=state.current or "", party=act.party, person=act.person, received_ns=at_ns
    )
    state = _with_event(
        state,
        Event(kind="consented", at_ns=at_ns, party=act.party, words=act.words, version=act.version),
        consents=(*state.consents, consent),
    )
    if state.consented(state.current) == settings.roster.states and not state.outstanding:
        state = _agree(state, at_ns, "consent", "every state has consented")
    return state


def _remark(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    del settings
    if not act.words.strip():
        raise _RefusedError("needs words")
    return _with_event(
        state,
        Event(
            kind="remarked", at_ns=at_ns, party=act.party, words=act.words, version=state.current
        ),
    )


def _withdraw(settings: MatterSettings, state: Matter, at_ns: int, act: CouncilAct) -> Matter:
    del settings
    if act.party != state.opened_by:
        raise _RefusedError("only who opened it may")
    return _with_event(
        state,
        Event(kind="withdrawn", at_ns=at_ns, party=act.party, words=act.words),
        status="withdrawn",
    )


_KINDS: Final[Mapping[str, Callable[[MatterSettings, Matter, int, CouncilAct], Matter]]] = {
    "open": _open,
    "put": _put,
    "place": _place,
    "object": _object,
    "lift": _lift,
    "consent": _consent,
    "remark": _remark,
    "withdraw": _withdraw,
}
