"""What a person may do to an identity, and when it lapses. Part B of the rules, word for word:

the machine gives none worse than UNKNOWN; SUSPECT takes one named person with words; HOSTILE takes
an authorised person and another who reviewed it; civil evidence ends both at once.
"""

from collections.abc import Collection
from typing import Final, get_args

import msgspec

from vedette.identity.dossier import Dossier, Standing
from vedette.identity.settings import IdentitySettings
from vedette.model.act import Act
from vedette.model.assessment import Identity
from vedette.model.person import person_of
from vedette.model.time import SECOND_NS, format_utc

EXCLUDED: Final = "civil_excluded"
POSSIBLE: Final = "civil_possible"
WORSE: Final = frozenset({"suspect", "hostile"})
VALUES: Final = frozenset((set(get_args(Identity)) - {"pending"}) | {EXCLUDED, POSSIBLE})


def fault(act: Act) -> str | None:
    """Why an act cannot stand, in words; None where it can."""
    if act.value not in VALUES:
        return f"{act.value!r} is no identity that a person can set"
    if not person_of(act.person):
        return "no person is named"
    if not act.words.strip():
        return "no reason is given in words"
    if act.value == "hostile":
        if not person_of(act.office):
            return "no office is named"
        if not person_of(act.reviewer):
            return "no reviewer is named"
        if person_of(act.reviewer) == person_of(act.person):
            return "the reviewer is the same person"
    return None


def apply(
    dossier: Dossier, act: Act, civil_reason: str | None, now_ns: int, doubt: str | None = None
) -> Dossier:
    """A dossier after one act; a refused act leaves only a note.

    ``civil_reason`` is civil evidence that stands; ``doubt`` is why it is too early to exclude a civil aircraft.
    """
    reason = fault(act)
    if reason is None and act.value in WORSE | {EXCLUDED} and civil_reason is not None:
        reason = f"civil evidence stands against it: {civil_reason}"
    if reason is None and act.value == EXCLUDED and doubt is not None:
        reason = f"it may be civil: {doubt}"
    if reason is not None:
        return dossier.with_note(
            f"refused {act.value!r} by {act.person or 'nobody'}: {reason}", now_ns
        )
    standing = Standing(
        value=act.value or "",
        person=act.person,
        office=act.office,
        words=act.words,
        act_id=act.act_id,
        at_ns=min(act.valid_ns, now_ns),  # an act cannot be dated forward to last longer
        reviewer=act.reviewer,
    )
    if act.value == POSSIBLE:
        return dossier.with_doubts((standing,), now_ns)
    if act.value == EXCLUDED:
        mine = person_of(act.person)
        own = next((one for one in dossier.doubts if person_of(one.person) == mine), None)
        if own is not None and own.at_ns >= standing.at_ns:
            # what was seen before one's own doubt does not take it back
            return dossier.with_note(
                f"refused {act.value!r} by {act.person}: they have said since that it may be civil",
                now_ns,
            )
        others = tuple(one for one in dossier.doubts if person_of(one.person) != mine)
        if others:
            # one person's doubt is not another's to take away
            who = " and ".join(one.person for one in others)
            return msgspec.structs.replace(dossier, doubts=others).with_note(
                f"refused {act.value!r} by {act.person}: {who} says that it may be civil", now_ns
            )
        return msgspec.structs.replace(dossier, doubts=(), excluded=standing)
    return msgspec.structs.replace(dossier, standing=standing)


def without(dossier: Dossier, gone: Collection[str], now_ns: int) -> Dossier:
    """A dossier without what acts set whose key was revoked since; says why."""
    for field in ("standing", "excluded"):
        held: Standing | None = getattr(dossier, field)
        if held is not None and held.act_id in gone:
            dossier = msgspec.structs.replace(dossier, **{field: None}).with_note(
                f"{held.value.upper()} by {held.person} ended: the key that signed it was revoked",
                now_ns,
            )
    return dossier


def turn(act: Act) -> tuple[int, int, str]:
    """Where an act comes among others: by its time, and at one instant what speaks against harm last."""
    rank = 0 if act.value in WORSE else 1 if act.value == EXCLUDED else 2
    return act.valid_ns, 3 if act.value == POSSIBLE else rank, act.act_id


def lapse(
    settings: IdentitySettings,
    dossier: Dossier,
    civil_reason: str | None,
    civil_onset_ns: int,
    now_ns: int,
    doubt: str | None = None,
) -> Dossier:
    """A dossier without what a person set and what no longer holds; says why."""
    for field, seconds in (
        ("standing", settings.suspect_expires_s),
        ("excluded", settings.excluded_expires_s),
    ):
        held: Standing | None = getattr(dossier, field)
        if held is None or (field == "standing" and held.value not in WORSE):
            continue
        reason = None
        if civil_reason is not None:
            reason = f"civil evidence: {civil_reason}"
        elif field == "excluded" and doubt is not None:
            reason = f"it may be civil: {doubt}"
        elif civil_onset_ns >= held.at_ns:
            reason = f"civil evidence came at {format_utc(civil_onset_ns)}, after it was set"
        elif now_ns - held.at_ns > seconds * SECOND_NS:
            reason = f"nobody renewed it within {seconds / 60:.0f} minutes"
        if reason is not None:
            dossier = msgspec.structs.replace(dossier, **{field: None}).with_note(
                f"{held.value.upper()} by {held.person} ended: {reason}", now_ns
            )
    kept = tuple(
        note
        for note in dossier.notes
        if now_ns - note.at_ns <= settings.refusal_shown_s * SECOND_NS
    )
    return msgspec.structs.replace(dossier, notes=kept)
