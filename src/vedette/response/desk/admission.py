"""Whether a signed act may be heard at all: whose it is, about what, and never twice.

``step(settings, state, inputs, now_ns) -> (state, heard)``. What cannot be told for certain is refused with
its reason. A no is never refused for its age or because the picture has moved on.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Final, get_args

import msgspec

from vedette.model.act import Act
from vedette.model.assessment import Identity
from vedette.model.person import person_of
from vedette.model.signature import from_base64, to_base64, verify
from vedette.model.time import SECOND_NS
from vedette.response.desk.attribution import NOT_KNOWN
from vedette.response.desk.offices import Office, Roster
from vedette.response.desk.revocation import Revoked, by_revoked_key, may_not_revoke, withdrawn
from vedette.response.desk.seats import DeskTable
from vedette.response.desk.signed import DeskAct, SignedAct, decode_act
from vedette.response.rule_set import RuleSet
from vedette.response.situation import NEARER, OPENING, STATEMENTS

# What a person may call an object; the last two say whether a civil aircraft may be meant.
IDENTITIES: Final = frozenset(get_args(Identity)) - {"pending"} | {
    "civil_excluded",
    "civil_possible",
}
_WORSE: Final = frozenset({"suspect", "hostile", "civil_excluded"})
_NOES: Final = frozenset({"deny_check", "reject", "remark"})


class AdmissionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds of what is heard."""

    # between the picture that a person saw and the arrival of what they signed (design choice)
    seen_max_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0
    review_max_s: Annotated[float, msgspec.Meta(gt=0)] = 300.0  # for the second signature
    acts_max: Annotated[int, msgspec.Meta(ge=1)] = 1_000_000  # heard of one run
    # refused acts of one revoked key that are recorded: whoever has it now fills no record
    revoked_max: Annotated[int, msgspec.Meta(ge=1)] = 256


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """HOSTILE as one person has signed it, before a reviewer has."""

    act: DeskAct
    public_key: str


class AdmissionState(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of acts: those heard, and those that wait for a second person."""

    used: frozenset[str] = frozenset()  # of each act its id and its signature
    waiting: dict[str, Named] = {}
    effects: dict[str, tuple[Act, ...]] = {}  # by public key, in the order in which they were heard
    accepted: dict[
        str, tuple[str, ...]
    ] = {}  # the same of what was accepted or attributed: ids of acts
    revoked: dict[str, Revoked] = {}  # by public key
    refused: dict[str, int] = {}  # acts of a revoked key since then


class Subject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An incident as the desk knows it."""

    track_id: str
    closed: bool
    state: str | None = None  # whose airspace it is about


class Heard(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One signed act with what came of it."""

    signed: SignedAct
    act: DeskAct | None  # None: it could not be read
    refused: str | None  # why; None: it was heard
    roles: tuple[str, ...] = ()  # of the office that it was made in
    state: str | None = None  # that the office speaks for
    effect: Act | None = None  # what the stages take from it
    withdrawn: tuple[Act, ...] = ()  # of a revocation: what else the stages take from it
    void: tuple[str, ...] = ()  # and the ids of acts that count no more in questions


class Inputs(msgspec.Struct, frozen=True, kw_only=True):
    """What a step looks at."""

    acts: Sequence[SignedAct]  # in the order in which they arrived
    desk: str  # the id of this run's desk
    roster: Roster
    table: DeskTable
    rules: RuleSet
    subjects: Mapping[str, Subject]  # by incident


def step(
    settings: AdmissionSettings, state: AdmissionState, inputs: Inputs, now_ns: int
) -> tuple[AdmissionState, list[Heard]]:
    """Judge signed acts one after the other.

    Args:
        settings: bounds.
        state: of the last step.
        inputs: the acts, and what they are judged by.
        now_ns: time of this step [ns UTC].

    Returns:
        The new state, and each act with its refusal or its effect.
    """
    used, waiting, heard = set(state.used), dict(state.waiting), []
    effects, accepted, revoked = dict(state.effects), dict(state.accepted), dict(state.revoked)
    refused = dict(state.refused)
    for signed in inputs.acts:
        one = _hear(settings, signed, inputs, used, waiting, revoked, now_ns)
        if signed.public_key in revoked and one.act is not None:
            refused[signed.public_key] = refused.get(signed.public_key, 0) + 1
        if one.refused is None and one.act is not None and one.act.kind == "revoke":
            key = one.act.subject or ""
            revoked[key] = Revoked(
                public_key=key, person=one.act.person, office=one.act.office, at_ns=now_ns,
                act_id=one.act.act_id, words=one.act.words,
            )  # fmt: skip
            one = msgspec.structs.replace(
                one,
                withdrawn=withdrawn(effects.pop(key, ()), signed.signature[:16], now_ns),
                void=accepted.pop(key, ()),
            )
            for name in [n for n, w in waiting.items() if w.public_key == key]:
                del waiting[name]
        heard.append(one)
        if one.refused is None and one.act is not None:
            used |= {one.act.act_id, _spelt(signed.signature)}
            keys = {signed.public_key}
            named = waiting.get(one.act.subject or "") if one.act.kind == "review" else None
            if named is not None:
                keys.add(named.public_key)  # it falls with either of the two who signed it
            for key in sorted(keys):
                if one.effect is not None and one.effect.kind != "remark":
                    effects[key] = (*effects.get(key, ()), one.effect)
                if one.act.kind in ("accept", "attribute"):
                    accepted[key] = (*accepted.get(key, ()), one.act.act_id)
            if one.act.kind == "set_identity":
                # a new word on the object replaces what waits for a reviewer
                for name in [
                    n for n, w in waiting.items() if w.act.incident_id == one.act.incident_id
                ]:
                    del waiting[name]
                if one.act.value == "hostile":
                    waiting[one.act.act_id] = Named(act=one.act, public_key=signed.public_key)
            elif one.act.kind == "review":
                waiting.pop(one.act.subject or "", None)
    return AdmissionState(
        used=frozenset(used), waiting=waiting, effects=effects, accepted=accepted, revoked=revoked,
        refused=refused,
    ), heard  # fmt: skip


def _hear(
    settings: AdmissionSettings,
    signed: SignedAct,
    inputs: Inputs,
    used: set[str],
    waiting: Mapping[str, Named],
    revoked: Mapping[str, Revoked],
    now_ns: int,
) -> Heard:
    act = decode_act(signed)
    if act is None:
        return Heard(signed=signed, act=None, refused="this is no act of a desk")
    office, reason = signer_of(inputs.roster, signed, act)
    if office is None:
        return Heard(signed=signed, act=act, refused=reason)
    fallen = by_revoked_key(revoked, signed.public_key)
    if fallen is not None:
        return Heard(signed=signed, act=act, refused=fallen)
    reason = _fault(settings, act, signed, inputs, used, now_ns)
    named = waiting.get(act.subject or "") if act.kind == "review" else None
    if reason is None:
        reason = _out_of_role(settings, act, signed, office, inputs, named, now_ns)
    return Heard(
        signed=signed,
        act=act,
        refused=reason,
        roles=office.roles,
        state=office.state,
        effect=None
        if reason is not None
        else _effect(
            msgspec.structs.replace(act, act_id=f"{act.act_id}~{signed.signature[:16]}")
            if act.act_id in used
            else act,
            named,
            now_ns,
        ),
    )


def signer_of(roster: Roster, signed: SignedAct, act: DeskAct) -> tuple[Office | None, str | None]:
    """The office that an act was signed in, or None and why it was not."""
    if not roster.offices:
        return None, "this run names no offices, so nobody can be heard"
    key = from_base64(signed.public_key)
    if not verify(from_base64(signed.act), from_base64(signed.signature), key):
        return None, "the signature does not fit"
    held = roster.holding(signed.public_key)
    if not held:
        return None, "the key is of no office here"
    for office, holder in held:
        if office.office_id == act.office and person_of(holder.person) == person_of(act.person):
            return office, None
    return None, f"the key is not that of {act.person} in {act.office}"


def _fault(
    settings: AdmissionSettings,
    act: DeskAct,
    signed: SignedAct,
    inputs: Inputs,
    used: set[str],
    now_ns: int,
) -> str | None:
    """What is wrong with an act, whoever signed it."""
    if act.desk != inputs.desk:
        return "it was signed for another run"
    if _spelt(signed.signature) in used or (act.act_id in used and not _is_no(act)):
        return "it was heard before"  # of a no only the very same bytes
    # a flood by whoever has a key keeps out neither a no nor the word that the key is lost
    if len(used) >= 2 * settings.acts_max and act.kind != "revoke" and not _is_no(act):
        return "this run has heard all the acts that it may"
    if not act.words.strip():
        return "no reason is given in words"
    if act.kind == "revoke":
        return None  # it is about no incident, and never too late
    subject = inputs.subjects.get(act.incident_id)
    if subject is None:
        return "there is no such incident"
    if _is_no(act):
        return None  # of a statement a no may open what a yes would close: it must be fresh too
    if act.seen_ns > now_ns:
        return "it speaks of a picture that has not been yet"
    if subject.closed:
        return "the incident is closed"
    if act.track_id != subject.track_id:
        return f"it speaks of {act.track_id}, and the incident is now about {subject.track_id}"
    if now_ns - act.seen_ns > settings.seen_max_s * SECOND_NS:
        return f"the picture it speaks of is older than {settings.seen_max_s:.0f} s: look again"
    return None


def _spelt(base64: str) -> str:
    """One spelling of the same bytes."""
    return to_base64(from_base64(base64))


def _is_no(act: DeskAct) -> bool:
    """Whether an act can only close: it is heard however old it is, and whatever the incident is about now."""
    if act.kind == "set_identity":
        return act.value == "civil_possible"
    if act.kind == "attribute":
        return act.value == NOT_KNOWN
    return act.kind in _NOES and act.subject not in STATEMENTS


def _out_of_role(
    settings: AdmissionSettings,
    act: DeskAct,
    signed: SignedAct,
    office: Office,
    inputs: Inputs,
    named: Named | None,
    now_ns: int,
) -> str | None:
    """Why this office may not say this; None where it may. Questions are the docket's to judge."""
    table, rules = inputs.table, inputs.rules
    if act.kind == "revoke":
        return may_not_revoke(inputs.roster, table.revoke, office, signed.public_key, act.subject)
    if act.kind in ("confirm_check", "deny_check"):
        if act.subject in STATEMENTS:
            yes = act.kind == "confirm_check"
            speaks = act.subject in OPENING if yes else act.subject not in NEARER
            return _lacks(office, table.statements, f"state {act.subject}") or (
                _elsewhere(office, inputs.subjects[act.incident_id]) if speaks else None
            )
        if act.subject not in {*rules.checks, *rules.gate}:
            return f"{act.subject} is no check, no item of the gate and no statement"
        if act.kind == "deny_check":
            return None  # anyone may
        return _lacks(
            office, table.confirming(act.subject), f"confirm {act.subject}"
        ) or _elsewhere(office, inputs.subjects[act.incident_id])
    if act.kind == "set_identity":
        if act.value is None or act.value not in IDENTITIES:
            return f"{act.value} is no identity that a person can set"
        if act.value == "civil_possible":
            return None  # anyone may say that it could be civil
        return _lacks(office, table.naming(act.value), f"call an object {act.value}") or (
            _elsewhere(office, inputs.subjects[act.incident_id]) if act.value in _WORSE else None
        )
    if act.kind == "review":
        if named is None:
            return "nothing of that name waits for a reviewer"
        if act.incident_id != named.act.incident_id or act.track_id != named.act.track_id:
            return "it is about another object"
        if person_of(act.person) == person_of(named.act.person) or (
            from_base64(signed.public_key) == from_base64(named.public_key)
        ):
            return "nobody reviews what they signed themselves"
        if now_ns - named.act.seen_ns > settings.review_max_s * SECOND_NS:
            return "what it reviews is too old: it must be signed again"
        return _lacks(office, table.review, "review") or _elsewhere(
            office, inputs.subjects[act.incident_id]
        )
    if act.kind == "attribute":
        if act.value == NOT_KNOWN:
            return None  # anyone may doubt it, and who said it may take it back
        if re.fullmatch("[A-Z]{3}", act.value or "") is None:
            return f"{act.value} is no state (three letters), nor {NOT_KNOWN!r}"
        return _lacks(office, table.attribute, "say whose an object was")
    if act.kind in ("accept", "reject", "ask") and act.subject not in table.measures:
        return f"{act.subject} is no measure that is put to people"
    return None


def _lacks(office: Office, roles: Iterable[str], what: str) -> str | None:
    wanted = list(roles)
    if set(wanted) & set(office.roles):
        return None
    return f"{office.office_id} may not {what}: that takes {' or '.join(wanted)}"


def _elsewhere(office: Office, subject: Subject) -> str | None:
    """Why an office may not say what opens something; its noes are heard everywhere."""
    if office.state is None or office.state == subject.state:
        return None
    if subject.state is None:
        return f"{office.office_id} speaks for {office.state}, and it is not known whose this is"
    return f"{office.office_id} speaks for {office.state}, and this is about {subject.state}"


def _effect(act: DeskAct, named: Named | None, now_ns: int) -> Act | None:
    """What the stages take from an act.

    A yes is dated when the person saw what it is about, so that it ages from there; a no, and what a person
    states either way, when it arrived: the last to arrive is that person's word.
    """
    if act.kind == "review" and named is not None:
        one = named.act
        return Act(
            act_id=act.act_id, kind="set_identity", person=one.person, office=one.office,
            valid_ns=min(one.seen_ns, act.seen_ns), incident_id=one.incident_id,
            track_id=one.track_id, value=one.value, words=one.words, reviewer=act.person,
        )  # fmt: skip
    if act.kind == "set_identity" and act.value == "hostile":
        return None  # one signature is none
    kinds = {"confirm_check": "confirm_check", "deny_check": "deny_check", "remark": "remark",
             "set_identity": "set_identity"}  # fmt: skip
    if act.kind not in kinds:
        return None
    return Act(
        act_id=act.act_id, kind=act.kind,  # type: ignore[arg-type]
        person=act.person, office=act.office,
        valid_ns=now_ns if _is_no(act) or act.subject in STATEMENTS else act.seen_ns,
        incident_id=act.incident_id, track_id=act.track_id, subject=act.subject, value=act.value,
        words=act.words,
    )  # fmt: skip
