"""A key that is trusted no more: who may say so, and what becomes of what it signed before.

From then on all that it signs is refused, and recorded. What it opened before (a yes, a confirmation, SUSPECT,
HOSTILE, that no civil aircraft is meant, whose an object was) counts no more, and what the same key had closed
before it opened it stands again. What it closed stays closed: a no is lost to nobody. There is no way back
within a run: whose key was revoked by error needs another key and another run.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.model.act import Act
from vedette.model.person import person_of
from vedette.model.time import format_utc
from vedette.response.desk.offices import Office, Roster
from vedette.response.situation import opens

NOWHERE = "desk"  # what a revocation names as its incident and its track: it is about none


class Revoked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A revoked key, and who revoked it."""

    public_key: str
    person: str
    office: str
    at_ns: int
    act_id: str
    words: str


def by_revoked_key(revoked: Mapping[str, Revoked], public_key: str) -> str | None:
    """Why nothing signed with a key is heard; None where it is."""
    held = revoked.get(public_key)
    if held is None:
        return None
    return f"the key was revoked by {held.person} ({held.office}) at {format_utc(held.at_ns)}"


def may_not_revoke(
    roster: Roster, roles: Iterable[str], office: Office, own_key: str, key: str | None
) -> str | None:
    """Why an office may not revoke a key; None where it may.

    Args:
        roster: all offices.
        roles: that may revoke the keys of others.
        office: that the act was signed in.
        own_key: that it was signed with.
        key: that is to be revoked.
    """
    held = roster.holding(key or "")
    if not held:
        return "no office here has that key"
    if key == own_key:
        return None  # whoever has it: it is lost either way
    wanted = list(roles)
    if not set(wanted) & set(office.roles):
        return f"{office.office_id} may not revoke a key: that takes {' or '.join(wanted)}"
    if office.state is not None and any(one.state != office.state for one, _ in held):
        return f"{office.office_id} speaks for {office.state}, and the key is of another's office"
    return None


def withdrawn(effects: Sequence[Act], mark: str, now_ns: int) -> tuple[Act, ...]:
    """What the stages take from the fall of a key that had these effects, in their order.

    Each that opened something is withdrawn; the last that closed the same before it is said again. ``mark`` makes
    names that nobody could have given to an act of theirs before.
    """
    found: list[Act] = []
    closed: dict[tuple[object, ...], Act] = {}
    for act in effects:
        about = (
            act.incident_id,
            act.track_id,
            act.kind == "set_identity",
            act.subject,
            person_of(act.person),  # whoever has the key may type the name in another way
        )
        if not opens(act):
            closed[about] = act
            continue
        found.append(
            msgspec.structs.replace(
                act, act_id=f"{act.act_id}~{mark}", kind="withdraw", subject=act.act_id,
                value=None, valid_ns=now_ns, words="the key that signed it was revoked",
            )
        )  # fmt: skip
        before = closed.get(about)
        if before is not None:
            found.append(
                msgspec.structs.replace(before, act_id=f"{before.act_id}~~{mark}", valid_ns=now_ns)
            )
    return tuple({act.act_id: act for act in found}.values())
