"""What each kind of act does to a matter, or why it does nothing. Who signed it has been checked."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from vedette.council.act import CHAIR, CouncilAct, Receipt, digest_of
from vedette.council.standing import (
    BY_SILENCE,
    Abstention,
    Consent,
    Event,
    Matter,
    MatterSettings,
    Objection,
    Placement,
    RefusedError,
    Version,
    agree,
    mute,
    with_event,
)
from vedette.model.time import SECOND_NS


def _member(settings: MatterSettings, act: CouncilAct) -> None:
    if act.party not in settings.roster.states:
        raise RefusedError("only a member state may")


def _open(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    if state.matter_id is not None:
        raise RefusedError("the matter is open already")
    if act.matter_kind is None or not act.title.strip():
        raise RefusedError("needs its kind and a title")
    if act.matter_kind == "consultation":
        _member(settings, act)  # Article 4: in the opinion of any of the parties
    if act.lapses_ns is not None and act.lapses_ns <= at_ns:
        raise RefusedError("would lapse at once")
    return with_event(
        state,
        Event(kind="opened", at_ns=at_ns, party=act.party, words=act.words),
        matter_id=act.matter_id,
        kind=act.matter_kind,
        title=act.title,
        opened_by=act.party,
        status="talks",
        lapses_ns=act.lapses_ns,
    )


def _put(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    del settings
    if state.status == "silence":
        raise RefusedError("a version is under silence; object to it first")
    if not act.text.strip():
        raise RefusedError("needs a text")
    digest = digest_of(act.text)
    # an earlier version comes back with all that was said of it; else one counter-proposal would end it
    if digest == state.current:
        raise RefusedError("this text is the current version already")
    version = Version(
        digest=digest, text=act.text, party=act.party, received_ns=at_ns, words=act.words
    )
    return with_event(
        state,
        Event(kind="put", at_ns=at_ns, party=act.party, words=act.words, version=digest),
        versions=(*state.versions, version),
    )


def _place(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    if state.kind not in BY_SILENCE:
        raise RefusedError(f"a {state.kind} needs every state's explicit consent, never silence")
    if state.status == "silence":
        raise RefusedError("the deadline stands; it moves only by an objection and a new placement")
    allowed = {CHAIR} if CHAIR in settings.roster.keys else {state.opened_by}
    if act.party not in allowed:
        raise RefusedError("only the chair, or without one the opener, may")
    _current(state, act)
    if state.outstanding:
        raise RefusedError("there is an objection to this version; put a new one")
    unable = sorted(mute(settings.roster, state))
    if unable:
        raise RefusedError(f"{' '.join(unable)} cannot speak, and its silence would be none")
    if act.deadline_ns is None or not act.deadline_zone.strip():
        raise RefusedError("needs a deadline and the time zone it is stated in")
    if act.deadline_ns < at_ns + int(settings.window_min_s * SECOND_NS):
        raise RefusedError("the deadline is too near")
    if state.lapses_ns is not None and act.deadline_ns > state.lapses_ns:
        raise RefusedError("the deadline is after the matter lapses")
    placement = Placement(
        version=state.current or "",
        party=act.party,
        received_ns=at_ns,
        deadline_ns=act.deadline_ns,
        deadline_zone=act.deadline_zone,
    )
    return with_event(
        state,
        Event(kind="placed", at_ns=at_ns, party=act.party, words=act.words, version=state.current),
        status="silence",
        placements=(*state.placements, placement),
    )


def _current(state: Matter, act: CouncilAct) -> None:
    if act.version is None or act.version != state.current:
        raise RefusedError("does not name the current version")


def _object(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    _member(settings, act)
    _current(state, act)
    if not act.words.strip():
        raise RefusedError("needs a reason in words")
    if any(objection.party == act.party for objection in state.outstanding):
        raise RefusedError("its objection stands already")
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
        c for c in state.consents if c.party != act.party or c.version != state.current
    )
    state = with_event(
        state,
        Event(kind="objected", at_ns=at_ns, party=act.party, words=act.words, version=act.version),
        objections=(*state.objections, objection),
        consents=consents,
        abstentions=_without_abstention(state, act.party),
        status="talks",
    )
    if broken:
        state = with_event(
            state, Event(kind="broken", at_ns=at_ns, party=act.party, version=act.version)
        )
    return state


def _lift(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    _member(settings, act)
    _current(state, act)
    if not any(objection.party == act.party for objection in state.outstanding):
        raise RefusedError("it has no objection to this version")
    objections = tuple(
        msgspec.structs.replace(objection, lifted_ns=at_ns, lifted_by=receipt.public_key)
        if objection in state.outstanding and objection.party == act.party
        else objection
        for objection in state.objections
    )
    return with_event(
        state,
        Event(kind="lifted", at_ns=at_ns, party=act.party, words=act.words, version=act.version),
        objections=objections,
    )


def _consent(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    _member(settings, act)
    _current(state, act)
    if any(objection.party == act.party for objection in state.outstanding):
        raise RefusedError("its objection stands; lift it first")
    if act.party in state.consented(state.current):
        raise RefusedError("it has consented already")
    consent = Consent(
        version=state.current or "",
        party=act.party,
        person=act.person,
        received_ns=at_ns,
        key=receipt.public_key,
    )
    state = with_event(
        state,
        Event(kind="consented", at_ns=at_ns, party=act.party, words=act.words, version=act.version),
        consents=(*state.consents, consent),
        abstentions=_without_abstention(state, act.party),
    )
    if state.consented(state.current) == settings.roster.states and not state.outstanding:
        state = agree(state, at_ns, "consent", "every state has consented")
    return state


def _without_abstention(state: Matter, party: str) -> tuple[Abstention, ...]:
    """A state that says yes or no stands aside no longer; that it did stays in the events."""
    return tuple(a for a in state.abstentions if a.party != party or a.version != state.current)


def _abstain(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    _member(settings, act)
    _current(state, act)
    if any(objection.party == act.party for objection in state.outstanding):
        raise RefusedError("its objection stands; lift it first")
    if act.party in state.aside:
        raise RefusedError("it stands aside already")
    abstention = Abstention(
        version=state.current or "",
        party=act.party,
        person=act.person,
        received_ns=at_ns,
        words=act.words,
    )
    return with_event(
        state,
        Event(kind="abstained", at_ns=at_ns, party=act.party, words=act.words, version=act.version),
        abstentions=(*state.abstentions, abstention),
        consents=tuple(
            c for c in state.consents if c.party != act.party or c.version != state.current
        ),
    )


def _absent(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    if act.about is None or act.about not in settings.roster.states:
        raise RefusedError("names no member state")
    if not act.words.strip():
        raise RefusedError("needs a reason in words: how it was tried")
    if act.about == act.party:
        raise RefusedError("whoever can say so can be reached")
    if act.about in state.absent:
        raise RefusedError("it is known to be out of reach")
    words = f"{act.about} cannot be reached: {act.words}"
    state = with_event(
        state,
        Event(kind="absent", at_ns=at_ns, party=act.party, words=words),
        absent=state.absent | {act.about},
    )
    return _broken(state, at_ns, act.about)


def _broken(state: Matter, at_ns: int, party: str) -> Matter:
    """Silence ends where a state cannot speak: what it would not have said is no assent."""
    if state.status != "silence":
        return state
    return with_event(
        state,
        Event(kind="broken", at_ns=at_ns, party=party, version=state.current),
        status="talks",
    )


def back(state: Matter, at_ns: int, party: str) -> Matter:
    """A state that could not be reached has spoken."""
    return with_event(
        state,
        Event(kind="back", at_ns=at_ns, party=party),
        absent=state.absent - {party},
    )


def _revoke(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    if act.revoked_key is None or act.revoked_key not in settings.roster.keys_of(act.party):
        raise RefusedError(f"names no key of {act.party}")
    if act.revoked_key in state.revoked:
        raise RefusedError("it was revoked before")
    # what it consented to and what it lifted falls, what it objected to stands: doubt takes only a yes away
    state = with_event(
        state,
        Event(
            kind="revoked", at_ns=at_ns, party=act.party, words=f"{act.revoked_key}: {act.words}"
        ),
        revoked=state.revoked | {act.revoked_key},
        consents=tuple(c for c in state.consents if c.key != act.revoked_key),
        objections=tuple(
            msgspec.structs.replace(o, lifted_ns=None, lifted_by="")
            if o.lifted_by == act.revoked_key
            else o
            for o in state.objections
        ),
    )
    # whoever held the key may have kept another from speaking, or placed the text
    return _broken(state, at_ns, act.party)


def _leave(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    _member(settings, act)
    if state.agreed_by != "consent":
        raise RefusedError("only what every state has consented to can be left")
    if act.party in state.left:
        raise RefusedError("it has left already")
    return with_event(
        state,
        Event(
            kind="left",
            at_ns=receipt.received_ns,
            party=act.party,
            words=act.words,
            version=state.current,
        ),
        left=state.left | {act.party},
    )


def _remark(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    del settings
    if not act.words.strip():
        raise RefusedError("needs words")
    said = sum(event.kind == "remarked" and event.party == act.party for event in state.events)
    if said >= REMARKS_MAX:
        raise RefusedError(f"{act.party} has made {REMARKS_MAX} remarks")
    return with_event(
        state,
        Event(
            kind="remarked", at_ns=at_ns, party=act.party, words=act.words, version=state.current
        ),
    )


def _withdraw(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    at_ns = receipt.received_ns
    del settings
    if act.party != state.opened_by:
        raise RefusedError("only who opened it may")
    return with_event(
        state,
        Event(kind="withdrawn", at_ns=at_ns, party=act.party, words=act.words),
        status="withdrawn",
    )


REMARKS_MAX: Final = 500  # of one party in one matter (design choice)
# What each kind does.
KINDS: Final[Mapping[str, Callable[[MatterSettings, Matter, Receipt, CouncilAct], Matter]]] = {
    "open": _open,
    "put": _put,
    "place": _place,
    "object": _object,
    "lift": _lift,
    "consent": _consent,
    "abstain": _abstain,
    "absent": _absent,
    "revoke": _revoke,
    "leave": _leave,
    "remark": _remark,
    "withdraw": _withdraw,
}
