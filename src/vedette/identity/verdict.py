"""From probabilities and evidence to civil or not, explained or not, and the standard identity."""

from typing import Final, Literal

import msgspec
import numpy as np

from vedette.identity.classes import (
    AIRLINE,
    BUSINESS,
    MILITARY,
    REGISTRATION,
    ROTORCRAFT,
    address_state,
    discrete,
)
from vedette.identity.dossier import CIVIL_SAYS, Dossier
from vedette.identity.history import (
    ATS_AUTHORISED,
    ATS_CIVIL,
    ATS_NOT_OURS,
    ATS_OURS,
    EMERGENCY,
    NS,
    RADIO,
    REPLY_BITS,
    UNLAWFUL,
    Row,
    Rows,
)
from vedette.identity.integrity import VOIDING, civil_like
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CIVIL, UNKNOWN_CLASS
from vedette.model.assessment import Identity, MayBe, Need
from vedette.model.columns import Flags, Integers, greatest
from vedette.model.report import AtsReport
from vedette.model.time import SECOND_NS, format_utc

Civil = Literal["possible", "confirmed", "excluded"]

IDENTITIES: Final[tuple[Identity, ...]] = (
    "pending",
    "unknown",
    "assumed_friend",
    "friend",
    "neutral",
    "suspect",
    "hostile",
)
PENDING, UNKNOWN, ASSUMED_FRIEND, FRIEND, NEUTRAL, SUSPECT, HOSTILE = range(7)
CIVILS: Final[tuple[Civil, ...]] = ("possible", "confirmed", "excluded")
POSSIBLE, CONFIRMED, EXCLUDED = range(3)
NEEDS: Final[tuple[Need, ...]] = (
    "radio_failure",
    "radio_contact_lost",
    "emergency",
    "unlawful_interference",
    "crew_not_responding",
)
SHOWN_NEEDS: Final = ((RADIO, 0), (EMERGENCY, 2), (UNLAWFUL, 3))  # column of need_ns, bit
SAID_NEEDS: Final = {"radio_contact_lost": 1, "distress": 2, "unlawful_interference": 3}
MAY_BE: Final[tuple[MayBe, ...]] = ("spoke", "replied", "lost_flight", "route", "plan")
BY_NOTHING, BY_REPLY, BY_PLAN, BY_ATS = range(4)
CIVIL_CALLSIGNS: Final = (AIRLINE, REGISTRATION, BUSINESS, ROTORCRAFT)
ODD_EMITTERS: Final = (5, 11, 12)  # A6, B6, B7: no ordinary civil flight by themselves


def enter(rows: Rows, row: int, dossier: Dossier) -> None:
    """Write the outcome of a dossier into its track's row."""
    plan = dossier.plan
    rows["plan_state"][row] = 0 if plan is None else (2 if plan.fits else 1)
    state = 0
    if any(dossier.newest(says) for says in CIVIL_SAYS):
        state |= ATS_CIVIL
    latest = dossier.newest("ours", "not_ours", "route_clearance", "authorised")
    said = None if latest is None else latest.report.says  # type: ignore[union-attr]
    if said in ("ours", "route_clearance"):
        state |= ATS_OURS
    elif said == "authorised":
        state |= ATS_AUTHORISED
    elif said == "not_ours":
        state |= ATS_NOT_OURS
    rows["ats_state"][row] = state
    needs = 0
    for link in dossier.needs():
        needs |= 1 << SAID_NEEDS[link.report.says]  # type: ignore[union-attr]
    rows["ats_needs"][row] = needs
    contact = dossier.newest("radio_contact")
    if contact is None:
        return
    for column in (RADIO, EMERGENCY):
        since_ns = rows["need_ns"][row, column]
        still = column == EMERGENCY and rows["shown"][row, column] > 0
        if 0 <= since_ns <= contact.said_ns and not still:
            rows["need_ns"][row, column] = -1
            rows["answered"][row, column] = True


def need_bits(rows: Rows) -> Integers:
    """(n,) open needs, one bit each in the order of NEEDS."""
    bits = rows["ats_needs"].astype(np.int64)
    for column, bit in SHOWN_NEEDS:
        bits |= (rows["need_ns"][:, column] >= 0).astype(np.int64) << bit
    return bits


def valid_civil_reply(rows: Rows) -> tuple[Flags, Flags]:
    """(n,) a current civil identity of its own, and (n,) the same by a Mode 3/A code alone.

    An address counts when a state holds it and nothing casts doubt on it; a code when a radar asked
    for it, it is no distress code, and a level comes with it. Either needs the motion of a civil
    aircraft, and a callsign of an armed force makes it a state aircraft's.
    """
    like = rows["fresh"] & civil_like(rows) & (rows["callsign_kind"] != MILITARY)
    like &= (rows["integrity"] & VOIDING) == 0
    odd = np.isin(rows["emitter"], ODD_EMITTERS)
    named = like & (address_state(rows) == 1) & ~odd
    radar = (rows["kinds"] & REPLY_BITS) > 0
    coded = like & discrete(rows["mode3a"]) & rows["mode_c"] & radar
    coded &= ~odd & (address_state(rows) != 2)
    return named | coded, coded & ~named


def decide(settings: IdentitySettings, rows: Rows, now_ns: int) -> None:
    """Fill class, civil, explained and the machine's identity of every track in the picture."""
    best = rows["probabilities"].argmax(axis=1)
    chance = greatest(rows["probabilities"])
    rows["object_class"] = np.where(chance >= settings.abstain_below, best, UNKNOWN_CLASS)
    valid, _ = valid_civil_reply(rows)
    rows["civil_reply_ns"] = np.where(valid, now_ns, rows["civil_reply_ns"])
    sound = (rows["integrity"] & VOIDING) == 0
    planned = (rows["plan_state"] == 2) & sound
    ats = rows["ats_state"]
    known = (ats & (ATS_CIVIL | ATS_OURS)) > 0
    remembered = (rows["civil_reply_ns"] >= 0) & sound & (rows["callsign_kind"] != MILITARY)
    civil = known | planned | remembered
    rows["civil"] = np.where(civil, CONFIRMED, POSSIBLE)
    distress = np.isin(rows["mode3a"], (0o7500, 0o7600, 0o7700)) | (rows["field"] > 0)
    share = np.zeros(len(rows))
    for column in np.flatnonzero(CIVIL):  # in this order, so that the sum is the same anywhere
        share += rows["probabilities"][:, column]
    ordinary = valid & ~distress & (share >= 0.5) & ((ats & ATS_NOT_OURS) == 0)
    permitted = (ats & (ATS_OURS | ATS_AUTHORISED)) > 0
    rows["explained"] = np.select(
        [permitted, planned, ordinary], [BY_ATS, BY_PLAN, BY_REPLY], BY_NOTHING
    )
    authorised = (ats & ATS_AUTHORISED) > 0
    answers = rows["military_friend"] & rows["fresh"]
    age_s = np.maximum(0, now_ns - rows["birth_ns"]) * NS
    new = (age_s < settings.pending_s) | (rows["updates"] < settings.pending_updates)
    rows["identity"] = np.select(
        [answers & (planned | authorised), authorised, civil, answers, new],
        [FRIEND, ASSUMED_FRIEND, NEUTRAL, ASSUMED_FRIEND, PENDING],
        UNKNOWN,
    )


def civil_reason(rows: Rows, row: int, dossier: Dossier) -> str | None:
    """Civil evidence that stands now, in words; it ends and forbids SUSPECT, HOSTILE, EXCLUDED."""
    needs = int(rows["needs"][row])
    if needs:
        names = [name for bit, name in enumerate(NEEDS) if needs >> bit & 1]
        return f"it needs help ({', '.join(names)})"
    told = dossier.newest(*CIVIL_SAYS)
    if told is not None:
        return "air traffic services know it"
    if rows["plan_state"][row]:
        return "it bears the mark of a flight plan"
    if rows["civil"][row] == CONFIRMED:
        return "it has shown a valid civil identity of its own"
    return None


def may_be(settings: IdentitySettings, rows: Rows) -> Integers:
    """(n,) what speaks for a civil flight without proving one, bits of MAY_BE; kept as long as an exclusion holds.

    Whoever sends its address from elsewhere, deceives or jams it takes its word from it, and must not take its
    protection; a callsign or a military reply can be sent by anybody, too. An address beyond the civil register
    speaks against it as long as nothing else is heard: under the callsign of a civil flight it is as good as none.
    """
    since_ns = rows["seen_ns"] - int(settings.excluded_expires_s * SECOND_NS)
    marked = (rows["icao24"] >= 0) | (rows["mode3a"] >= 0)
    state = (rows["callsign_kind"] == MILITARY) | rows["military_friend"]
    odd = (address_state(rows) == 2) & ~np.isin(rows["callsign_kind"], CIVIL_CALLSIGNS)
    found = [
        marked & ~state & ~odd & (rows["cooperative_ns"] > since_ns),
        rows["civil_reply_ns"] > since_ns,
        rows["inherited"] & (rows["civil_onset_ns"] > since_ns),
        rows["airway_kept"].astype(np.bool_),
        civil_like(rows) & (rows["plan_like_ns"] > since_ns),
    ]
    bits: Integers = np.zeros(len(rows), dtype=np.int64)
    for bit, flags in enumerate(found):
        bits |= flags.astype(np.int64) << bit
    return bits


def doubt_of_exclusion(
    settings: IdentitySettings, rows: Rows, row: int, dossier: Dossier
) -> str | None:
    """Why nobody can say now that no civil aircraft is meant, though nothing proves one; None where one can.

    What a third party can do to an aircraft (send its address from elsewhere, deceive it, jam it) takes its word
    from it, and must not take its protection: what has lately spoken as a civil aircraft may, what may be one that
    was lost here, and one of several of which air traffic services know one, stay possible (K3 of the rules).
    """
    now_ns, one = int(rows["seen_ns"][row]), rows[row]
    since_ns = now_ns - int(settings.excluded_expires_s * SECOND_NS)
    bits = int(may_be(settings, rows[row : row + 1])[0])
    words = (
        f"it spoke as a civil aircraft may, at {format_utc(int(one['cooperative_ns']))}",
        f"it had a civil identity of its own, at {format_utc(int(one['civil_reply_ns']))}",
        "it may be a civil flight that was lost here",
        "it keeps to a published route, at the speed and height of civil aircraft",
        f"it flew as a filed flight plan says, at {format_utc(int(one['plan_like_ns']))}",
    )
    for bit, doubt in enumerate(words):
        if bits >> bit & 1:
            return doubt
    for link in dossier.perhaps:
        if link.heard_ns > since_ns:
            unit = link.report.unit if isinstance(link.report, AtsReport) else "a report"
            return f"{unit} knows one of {link.rivals + 1} here, and this may be it"
    return None


def overrule(rows: Rows, row: int, dossier: Dossier) -> None:
    """Put what persons set in force over what the machine found."""
    if dossier.standing is not None:
        rows["identity"][row] = IDENTITIES.index(dossier.standing.value)
    if dossier.excluded is not None:
        rows["civil"][row] = EXCLUDED


class Known(msgspec.Struct, frozen=True):
    """Why a flight is explained, in words, and by which plan."""

    words: str | None
    plan: str | None


def known_authority(one: Row, by_code: bool, dossier: Dossier) -> Known:
    """The words of ``explained_by`` and ``flight_plan``."""
    plan = dossier.plan
    name = plan.plan.callsign if plan is not None and one["plan_state"] == 2 else None
    by = int(one["explained"])
    if by == BY_ATS:
        link = dossier.newest("ours", "not_ours", "route_clearance", "authorised")
        if link is not None:
            says = {
                "ours": "a known civil flight",
                "route_clearance": "cleared on this route",
                "authorised": "a state aircraft with permission",
            }.get(link.report.says, "")  # type: ignore[union-attr]
            return Known(f"{link.report.unit}: {says}", name)  # type: ignore[union-attr]
    if by == BY_PLAN and plan is not None:
        route = f"{plan.plan.departure}-{plan.plan.destination}"
        return Known(f"flight plan {plan.plan.callsign} {route}, {plan.why}", name)
    if by == BY_REPLY:
        what = "Mode 3/A code and level" if by_code else "its own address"
        return Known(f"ordinary cooperative civil flight by {what}", name)
    return Known(None, name)
