"""The life of a matter: a pure state machine over signed acts.

A member opens a matter (an Article 4 consultation, a text); versions are put; the chair or the opener
places the current version under silence with a deadline; one objection with a reason breaks it and
returns it to talks; silence until the deadline, or the explicit consent of every state, adopts it.
Where every state stands aside nobody has agreed, and the text goes back to talks.

Silence adopts council texts only. A delegation of authority and a shield need the explicit signed
consent of every state. No agreed matter is a national legal authority: nothing in the gate of the
rules reads it.

The clock that counts is that of the keeper who received an act: two capitals' clocks cannot disagree
about the outcome. An act received at the deadline is late. Nothing is deleted: acts that were refused
stay, with the reason.
"""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from vedette.council._deeds import KINDS, back
from vedette.council.act import CouncilAct, Receipt, decode_act
from vedette.council.standing import (
    BY_SILENCE,
    Event,
    Matter,
    MatterSettings,
    RefusedError,
    agree,
    nobody_agrees,
    with_event,
)
from vedette.model.signature import from_base64
from vedette.model.signature import verify as verify_ed25519
from vedette.model.time import SECOND_NS

__all__ = ["BY_SILENCE", "Event", "Matter", "MatterSettings", "initial", "step"]

Verify = Callable[[bytes, bytes, bytes], bool]
_NOES: Final = ("object", "leave")  # always heard, whatever became of the key
_NEVER_TOO_MANY: Final = (*_NOES, "remark", "revoke", "absent")  # nor dated too far ahead
_ENDED: Final = ("agreed", "withdrawn", "lapsed")


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
            act = _signed_act(settings, state, receipt, verify)
        except RefusedError as refused:
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
        if nobody_agrees(settings.roster, state):
            words = "every state stands aside: nobody has said yes"
            end = Event(
                kind="broken", at_ns=deadline_ns, party=None, words=words, version=state.current
            )
            state = with_event(state, end, status="talks")
        else:
            state = agree(state, deadline_ns, "silence", "nobody objected before the deadline")
            lapses_ns = None
    if lapses_ns is not None and now_ns >= lapses_ns:
        state = with_event(
            state, Event(kind="lapsed", at_ns=lapses_ns, party=None), status="lapsed"
        )
    return msgspec.structs.replace(state, settled_ns=now_ns)


def _refuse(state: Matter, at_ns: int, party: str | None, words: str) -> Matter:
    return with_event(state, Event(kind="refused", at_ns=at_ns, party=party, words=words))


# ---------------------------------------------------------------------------- acts


def _signed_act(
    settings: MatterSettings, state: Matter, receipt: Receipt, verify: Verify
) -> CouncilAct:
    data = from_base64(receipt.act)
    act = decode_act(data)
    if act is None:
        raise RefusedError("no act that can be read")
    try:
        _check_signature(settings, state, receipt, data, act, verify)
    except RefusedError as refused:
        raise RefusedError(f"{act.kind} for {act.party}: {refused}") from refused
    return act


def _take(settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct) -> Matter:
    stolen = receipt.public_key in state.revoked
    try:
        _check_place(settings, state, receipt, act)
        state = KINDS[act.kind](settings, state, receipt, act)
        # whoever holds a revoked key does not show that the state can speak again
        if act.party in state.absent and not stolen:
            state = back(state, receipt.received_ns, act.party)
        if act.kind != "remark":
            state = msgspec.structs.replace(state, taken=state.taken + 1)
    except RefusedError as refused:
        state = _refuse(state, receipt.received_ns, act.party, f"{act.kind}: {refused}")
    # spent even when refused: nobody else can bring it forward again when it would have effect
    return msgspec.structs.replace(state, act_ids=state.act_ids | {(act.party, act.act_id)})


def _check_signature(
    settings: MatterSettings,
    state: Matter,
    receipt: Receipt,
    data: bytes,
    act: CouncilAct,
    verify: Verify,
) -> None:
    keys = settings.roster.keys_of(act.party)
    if not keys:
        raise RefusedError(f"{act.party} takes no part")
    if receipt.public_key not in keys:
        raise RefusedError(f"the key is not that of {act.party}")
    if not verify(data, from_base64(receipt.signature), from_base64(receipt.public_key)):
        raise RefusedError("the signature does not fit")
    if receipt.public_key in state.revoked and act.kind not in _NOES:
        raise RefusedError("the key was revoked")


def _check_place(
    settings: MatterSettings, state: Matter, receipt: Receipt, act: CouncilAct
) -> None:
    if act.roster != settings.roster.digest:
        raise RefusedError("made under another roster")
    if state.matter_id is None and act.kind != "open":
        raise RefusedError("the matter has not been opened")
    if state.matter_id is not None and act.matter_id != state.matter_id:
        raise RefusedError("belongs to another matter")
    if (act.party, act.act_id) in state.act_ids:
        raise RefusedError("was already taken")
    # a clock that is wrong keeps out nobody's no, nor the word that somebody cannot speak
    ahead_ns = act.valid_ns - receipt.received_ns
    if ahead_ns > int(settings.clock_skew_s * SECOND_NS) and act.kind not in _NEVER_TOO_MANY:
        raise RefusedError("is dated ahead")
    # a flood may stop what leads to an agreement, never a state's no or its words
    if state.taken >= settings.acts_max and act.kind not in _NEVER_TOO_MANY:
        raise RefusedError("the matter has as many acts as it may")
    if state.status in _ENDED and act.kind not in ("leave", "remark", "revoke"):
        raise RefusedError(f"the matter is {state.status}; only a remark can be added")
