"""The ledger of evidence: for each conclusion its source, its weight, and what would change it."""

import math
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec
import numpy as np

from vedette.identity import verdict
from vedette.identity.classes import (
    FACTORS,
    address_state,
    in_formation,
    prior_logs,
    reply_state,
)
from vedette.identity.dossier import EMPTY, Dossier
from vedette.identity.history import ATS_AUTHORISED, EMITTERS, NS, Row, Rows
from vedette.identity.integrity import DOUBTS, VOIDING
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import UNKNOWN_CLASS, registry
from vedette.model.assessment import CLASSES, Assessment, Evidence
from vedette.model.columns import Floats, Integers
from vedette.model.errors import ShapeError
from vedette.model.probability import percent
from vedette.model.report import AtsReport
from vedette.model.time import format_utc

SMALLEST: Final = 0.05  # log-odds below this are left out of the ledger
UNFITTED: Final = (
    "class likelihoods are published envelopes, weighed by a few dozen recorded civil flights"
)
CHANGES: Final = {
    "kinematics": "longer observation, or speed, height and climb of another class",
    "limits": "seeing that the measured maximum was an error",
    "emitter": "another category in its broadcasts, or a look at it from the air",
    "address": "another address, or a register that says otherwise",
    "callsign": "another callsign, or an operator that does not know it",
    "reply": "a reply, or the answer of air traffic services",
    "formation": "the tracks part, or turn out to be one object",
    "hint": "another sensor's view",
    "persistence": "the track breaks off",
    "told": "its sender withdraws it",
    "register": "a newer row of the register, or doubt about its address",
    "airway": "it leaves the route",
    "traffic": "another mix of the aircraft heard here",
}
MISLEADING: Final = {
    "duplicate_address": "the same address is heard from two places far apart",
    "position_jump": "its place moved faster than an aircraft can",
    "position_disagrees_with_radar": "its broadcast place and a radar's differ",
    "kinematics_do_not_fit": "its motion does not fit the identity it claims",
    "navigation_accuracy_collapse": "its stated navigation accuracy collapsed: jamming is likely",
    "suspected_spoofing": "its broadcast place is judged false: satellite navigation or message spoofed",
    "speed_does_not_fit": "the way it flew does not fit the speed that it reports",
    "position_not_believed": "its place is nothing but its own word, and that is not believed now",
}


def weigh(factor: Floats, others: Floats) -> tuple[Integers, Floats]:
    """The class a factor speaks of most, and its log-odds against all others.

    Args:
        factor: (n, classes) log-likelihoods of one factor.
        others: (n, classes) log-probabilities from everything else, any constant added.

    Returns:
        (n,) class indices, and (n,) natural logs of the Bayes factor of that class against the rest.

    Raises:
        ShapeError: the arrays differ in shape.
    """
    if factor.shape != others.shape:
        raise ShapeError(expected=factor.shape, actual=others.shape)
    middle = np.partition(factor, factor.shape[1] // 2, axis=1)[:, factor.shape[1] // 2]
    index = np.abs(factor - middle[:, None]).argmax(axis=1)
    row = np.arange(len(factor))
    weights = others.copy()
    weights[row, index] = -np.inf
    weights = np.exp(weights - weights.max(axis=1, keepdims=True, initial=-1e300))
    mean = (weights * np.exp(factor)).sum(axis=1) / weights.sum(axis=1)
    return index, factor[row, index] - np.log(mean)


class _Batch(msgspec.Struct, frozen=True):
    """What the ledgers of some rows need, computed for all of them at once."""

    weighed: tuple[tuple[str, list[int], list[float], list[bool]], ...]  # by factor
    prior: Floats
    best: list[int]  # the class that is likeliest
    speeds_mps: list[float]
    replies: list[int]
    states: list[int]
    by_code: list[bool]
    company: list[float]


def _prepare(settings: IdentitySettings, rows: Rows, logs: dict[str, Floats]) -> _Batch:
    prior = prior_logs(tuple(sorted(settings.priors.items())))
    total = prior + np.sum([logs[name] for name in FACTORS], axis=0)
    weighed = []
    for name in FACTORS:
        factor = logs[name]
        index, odds = weigh(factor, total - factor)
        spread = factor.max(axis=1, initial=-np.inf) - factor.min(axis=1, initial=np.inf)
        says = (spread >= SMALLEST) & (np.abs(odds) >= SMALLEST)
        weighed.append((name, index.tolist(), odds.tolist(), says.tolist()))
    return _Batch(
        weighed=tuple(weighed),
        prior=prior,
        best=rows["probabilities"].argmax(axis=1).tolist(),
        speeds_mps=np.hypot(rows["velocity_mps"][:, 0], rows["velocity_mps"][:, 1]).tolist(),
        replies=reply_state(rows).tolist(),
        states=address_state(rows).tolist(),
        by_code=verdict.valid_civil_reply(rows)[1].tolist(),
        company=in_formation(settings, rows, int(rows["seen_ns"].max(initial=0))).tolist(),
    )


Words = dict[str, str]  # the statement of each factor


def _statements(one: Row, batch: _Batch, at: int, callsign: str | None) -> Words:
    speed_mps = batch.speeds_mps[at]
    height = "height unknown" if math.isnan(one["height_m"]) else f"height {one['height_m']:.0f} m"
    seen_s = max(0, int(one["updated_ns"]) - int(one["birth_ns"])) * NS
    confidence = float(one["hint_confidence"])
    state = ("no", "some reply", "a code and a level")[batch.replies[at]]
    spoke = "never gave a reply: weak, since silence has many innocent causes (P04)"
    place = registry().names[int(one["block"])] if one["block"] >= 0 else "no state"
    return {
        "kinematics": f"speed {speed_mps:.0f} m/s, {height}, seen for {seen_s:.0f} s",
        "limits": "held "
        f"{max(0.0, one['speed_max_mps']):.0f} m/s, {max(0.0, one['acceleration_max_mps2']):.1f} "
        "m/s² at most, which some classes cannot",
        "emitter": f"broadcasts category {EMITTERS[one['emitter']] if one['emitter'] >= 0 else ''}",
        "address": f"its address is of a block of {place}; registry only, never intent",
        "callsign": f"callsign {callsign}",
        "reply": spoke if state == "no" else f"has given {state}",
        "formation": f"flies with {int(one['companions'])} other silent track(s)"
        + ("" if one["formation_born"] else ", which joined later and may be an escort"),
        "hint": "a sensor takes it for "
        f"{CLASSES[one['hint']] if one['hint'] >= 0 else ''} with confidence {percent(confidence)}",
        "persistence": f"measured {int(one['samples'])} times in one smooth track",
        "told": "bears what a civil flight bears: a plan, a need, or the word of ATS"
        if not (one["ats_state"] & ATS_AUTHORISED)
        else "air traffic services say a state aircraft has permission",
        "register": "its address is registered as "
        f"{CLASSES[one['registered']] if one['registered'] >= 0 else ''}",
        "airway": "keeps to a published route, as airliners do",
        "traffic": "the mix of the civil aircraft that speak here, against the stated one",
    }


SOURCES: Final = {
    "kinematics": "track; phases.csv",
    "limits": "track; limits.csv",
    "emitter": "its broadcast, DO-260B category",
    "address": "ICAO Annex 10 Vol. III address blocks",
    "callsign": "its broadcast; ICAO Doc 8585",
    "reply": "track",
    "formation": "picture",
    "hint": "sensor",
    "persistence": "track",
    "told": "reports",
    "register": "aircraft database",
    "airway": "route structure as told",
    "traffic": "aircraft heard here",
}


def class_ledger(one: Row, batch: _Batch, at: int, words: Words) -> list[Evidence]:
    """Evidence of the class: the prior and each factor that says anything.

    Args:
        one: the track's row of history.
        batch: of the rows in question.
        at: the track's place among those.
        words: of each factor.
    """
    valid_ns = int(one["updated_ns"])
    best = batch.best[at]
    chance = math.exp(batch.prior[best])
    ledger = [
        Evidence(
            source="prior",
            statement=f"before any evidence {chance:.4f} of new tracks are this",
            supports=CLASSES[best],
            log_odds=math.log(chance / (1.0 - chance)),
            valid_ns=valid_ns,
            would_change="a measured traffic mix of the place and hour",
        )
    ]
    for name, index, odds, says in batch.weighed:
        if says[at]:
            ledger.append(
                Evidence(
                    source=SOURCES[name],
                    statement=words[name],
                    supports=CLASSES[index[at]],
                    log_odds=odds[at],
                    valid_ns=valid_ns,
                    would_change=CHANGES[name],
                )
            )
    return ledger


def _rule(source: str, statement: str, supports: str, valid_ns: int, change: str) -> Evidence:
    """A reason that decides by a rule rather than by weight: its log-odds are 0."""
    return Evidence(
        source=source,
        statement=statement,
        supports=supports,
        log_odds=0.0,
        valid_ns=valid_ns,
        would_change=change,
    )


def verdict_ledger(
    one: Row, rows: Rows, row: int, dossier: Dossier, known: verdict.Known
) -> list[Evidence]:
    """Reasons of identity, civil, explanation, needs and doubts of integrity of a row, which is ``one``."""
    now_ns = int(one["seen_ns"])
    identity = verdict.IDENTITIES[one["identity"]]
    civil = verdict.CIVILS[one["civil"]]
    ledger = []
    reasons = {
        "pending": ("too new to be judged", "more updates"),
        "unknown": ("nothing identifies it; the machine gives nothing worse", "a reply, plan, ATS"),
        "neutral": ("civil evidence is valid", "doubt about its integrity"),
        "assumed_friend": ("air traffic services or a military reply say so", "a contradiction"),
        "friend": ("a military reply and a plan or permission agree", "the reply or plan fails"),
    }
    if dossier.standing is not None:
        held = dossier.standing
        second = f", reviewed by {held.reviewer}" if held.reviewer else ""
        ledger.append(
            _rule(
                f"{held.person} ({held.office}){second}",
                f"set {held.value.upper()}: {held.words}",
                held.value,
                held.at_ns,
                "civil evidence, another act, or its expiry",
            )
        )
    elif identity in reasons:
        words, change = reasons[identity]
        ledger.append(_rule("rules part B", words, identity, now_ns, change))
    if civil == "confirmed":
        reason = verdict.civil_reason(rows, row, dossier) or "civil evidence"
        at_ns = max(int(one["civil_reply_ns"]), int(one["civil_onset_ns"]))
        change = "doubt about its integrity, or its sender withdraws it"
        ledger.append(_rule("civil", reason, "civil confirmed", at_ns, change))
    elif dossier.excluded is not None:
        held = dossier.excluded
        ledger.append(
            _rule(
                f"{held.person} ({held.office})",
                f"no civil aircraft is meant: {held.words}",
                "civil excluded",
                held.at_ns,
                "any civil evidence, another act, or its expiry",
            )
        )
    if known.words is not None:
        ledger.append(
            _rule("correlation", known.words, "explained", now_ns, "the plan, reply or word lapses")
        )
    for column, bit in verdict.SHOWN_NEEDS:
        since_ns = int(one["need_ns"][column])
        if since_ns >= 0:
            need = verdict.NEEDS[bit]
            words = f"its transponder has shown {need} since {format_utc(since_ns)}"
            ledger.append(_rule("its reply", words, need, since_ns, "radio contact, told by ATS"))
    for link in dossier.needs():
        report = link.report
        if isinstance(report, AtsReport):
            words = f"{report.unit} says {report.says}, linked by {link.by}: {report.text}"
            bit = verdict.SAID_NEEDS[report.says]
            ledger.append(
                _rule(report.unit, words, verdict.NEEDS[bit], report.valid_ns, "radio contact")
            )
    for link in dossier.said:
        if not isinstance(link.report, AtsReport):  # text of people is shown, not interpreted
            words = f"a person saw: {link.report.seen}"
            change = "a second report or a picture"
            ledger.append(_rule("sighting", words, "unknown", link.report.valid_ns, change))
    for bit, name in enumerate(DOUBTS):
        if int(one["integrity"]) >> bit & 1:
            at_ns = int(one["integrity_ns"][bit])
            change = "its data agree again for some minutes"
            ledger.append(_rule("integrity", MISLEADING[name], name, at_ns, change))
    return ledger


def doubts(
    settings: IdentitySettings, one: Row, batch: _Batch, at: int, dossier: Dossier
) -> tuple[str, ...]:
    """What a person should hold against these conclusions, in words."""
    found = [UNFITTED]
    if one["object_class"] == UNKNOWN_CLASS:
        found.append(f"no class reaches {settings.abstain_below:.0%}: the class is left open")
    if one["cooperative_ns"] < 0:
        found.append("it never gave a reply; that says nothing of what it means to do (P04)")
    elif not one["fresh"]:
        since = format_utc(int(one["cooperative_ns"]))
        found.append(f"its last reply was at {since}; silence since then is no evidence of intent")
    if math.isnan(one["height_m"]):
        found.append("its height is not known")
    if int(one["kinds"]).bit_count() < 2:
        found.append("only one kind of sensor sees it")
    if batch.by_code[at]:
        found.append("a Mode 3/A code is no identity: many aircraft wear the same")
    if one["integrity"] & VOIDING:
        found.append("its own address explains nothing while its data contradict each other")
    if dossier.plan is not None and not dossier.plan.fits:
        found.append(
            f"bears the mark of plan {dossier.plan.plan.callsign} but is {dossier.plan.why}"
        )
    found += [
        f"{link.rivals} other track(s) fit the place of '{link.report.says}' too"
        for link in dossier.said
        if link.rivals and isinstance(link.report, AtsReport)
    ]
    found += [f"may be the continuation of {lost}" for lost in dossier.continues]
    found += [note.words for note in dossier.notes]
    if batch.company[at]:
        found.append("company is no proof of a military aircraft: civil ones are escorted")
    return tuple(found)


_Name = TypeVar("_Name", bound=str)
_CONCLUDED: Final = (
    "seen_ns", "object_class", "probabilities", "identity", "civil", "fresh", "explained", "plan_state",
    "needs", "integrity", "may_be", "block", "icao24", "mode3a",
)  # fmt: skip


def conclude(
    rows: Rows,
    ids: Sequence[str],
    callsigns: Sequence[str | None],
    dossiers: dict[str, Dossier],
) -> list[Assessment]:
    """What is concluded of rows, without the evidence and the doubts.

    Args:
        rows: (n,) history.
        ids: (n,) track ids.
        callsigns: (n,) callsigns.
        dossiers: by track id.
    """
    concluded = []
    by_code = verdict.valid_civil_reply(rows)[1].tolist()
    states = address_state(rows).tolist()
    for row, one in enumerate(rows.listed(_CONCLUDED)):
        dossier = dossiers.get(ids[row], EMPTY)
        known = verdict.known_authority(one, by_code[row], dossier)
        chances = one["probabilities"]
        concluded.append(
            Assessment(
                track_id=ids[row],
                valid_ns=one["seen_ns"],
                object_class=CLASSES[one["object_class"]],
                class_probability=chances[one["object_class"]],
                class_probabilities=dict(zip(CLASSES, chances, strict=True)),
                identity=verdict.IDENTITIES[one["identity"]],
                civil=verdict.CIVILS[one["civil"]],
                cooperative=one["fresh"],
                explained_by=known.words,
                needs=_named(verdict.NEEDS, one["needs"]),
                integrity=_named(DOUBTS, one["integrity"]),
                may_be_civil=_named(verdict.MAY_BE, one["may_be"]),
                flight_plan=known.plan,
                registry_state=registry().states[one["block"]] or None if states[row] else None,
                icao24=f"{one['icao24']:06x}" if one["icao24"] >= 0 else None,
                callsign=callsigns[row],
                mode3a=f"{one['mode3a']:04o}" if one["mode3a"] >= 0 else None,
            )
        )
    return concluded


def _named(names: Sequence[_Name], bits: int) -> tuple[_Name, ...]:
    return tuple(name for bit, name in enumerate(names) if bits >> bit & 1) if bits else ()


def full(
    settings: IdentitySettings,
    one: Rows,
    logs: dict[str, Floats],
    track_id: str,
    callsign: str | None,
    dossiers: dict[str, Dossier],
) -> tuple[Assessment, Words]:
    """The assessment of a single track, given as (1,) rows, with its evidence; and the words of each factor.

    Args:
        settings: the stage's settings.
        one: (1,) history.
        logs: name to (1, classes) factors.
        track_id: of the track.
        callsign: of the track.
        dossiers: by track id.
    """
    batch = _prepare(settings, one, logs)
    dossier = dossiers.get(track_id, EMPTY)
    row = next(one.listed())
    known = verdict.known_authority(row, batch.by_code[0], dossier)
    words = _statements(row, batch, 0, callsign)
    assessment = msgspec.structs.replace(
        conclude(one, [track_id], [callsign], dossiers)[0],
        evidence=(
            *class_ledger(row, batch, 0, words),
            *verdict_ledger(row, one, 0, dossier, known),
        ),
        doubts=doubts(settings, row, batch, 0, dossier),
    )
    return assessment, words
