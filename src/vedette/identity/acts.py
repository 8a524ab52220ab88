"""What a person may do to an identity, and when it lapses. Part B of the rules, word for word:

the machine gives none worse than UNKNOWN; SUSPECT takes one named person with words; HOSTILE takes
an authorised person and another who reviewed it; civil evidence ends both at once.
"""

import re
import unicodedata
from typing import Final, get_args

import msgspec

from vedette.identity.dossier import Dossier, Standing
from vedette.identity.settings import IdentitySettings
from vedette.model.act import Act
from vedette.model.assessment import Identity
from vedette.model.time import SECOND_NS, format_utc

EXCLUDED: Final = "civil_excluded"
POSSIBLE: Final = "civil_possible"
WORSE: Final = frozenset({"suspect", "hostile"})
VALUES: Final = frozenset((set(get_args(Identity)) - {"pending"}) | {EXCLUDED, POSSIBLE})


# As in ``response.situation``: shown as nothing, though of no control category.
_UNSEEN: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)


def _name(text: str | None) -> str:
    """One name, however it was typed; what nobody can see makes no second person."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", text or ""))
    seen = "".join(c for c in seen if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(unicodedata.normalize("NFKC", seen).split()).casefold()


def fault(act: Act) -> str | None:
    """Why an act cannot stand, in words; None where it can."""
    if act.value not in VALUES:
        return f"{act.value!r} is no identity that a person can set"
    if not _name(act.person):
        return "no person is named"
    if not act.words.strip():
        return "no reason is given in words"
    if act.value == "hostile":
        if not _name(act.office):
            return "no office is named"
        if not _name(act.reviewer):
            return "no reviewer is named"
        if _name(act.reviewer) == _name(act.person):
            return "the reviewer is the same person"
    return None


def apply(dossier: Dossier, act: Act, civil_reason: str | None, now_ns: int) -> Dossier:
    """A dossier after one act; a refused act leaves only a note."""
    reason = fault(act)
    if reason is None and act.value in WORSE | {EXCLUDED} and civil_reason is not None:
        reason = f"civil evidence stands against it: {civil_reason}"
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
        return msgspec.structs.replace(dossier, excluded=None).with_note(
            f"{act.person} ({act.office}) withdrew that no civil aircraft is meant", now_ns
        )
    if act.value == EXCLUDED:
        return msgspec.structs.replace(dossier, excluded=standing)
    return msgspec.structs.replace(dossier, standing=standing)


def lapse(
    settings: IdentitySettings,
    dossier: Dossier,
    civil_reason: str | None,
    civil_onset_ns: int,
    now_ns: int,
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
