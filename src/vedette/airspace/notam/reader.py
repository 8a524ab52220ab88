"""NOTAM to zones: those that reserve, restrict or warn of a piece of airspace."""

import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from vedette.airspace.limits import ceiling, check_order, floor
from vedette.airspace.notam.area import area_of
from vedette.airspace.notam.hours import read_hours
from vedette.airspace.notam.text import (
    Notam,
    number_of,
    read_notam,
    read_table,
    split_messages,
)
from vedette.airspace.states import state_of_location
from vedette.model.errors import ZoneError
from vedette.model.units import FLIGHT_LEVEL_M
from vedette.model.zone import Limit, Zone, ZoneKind

# second and third letter of the Q code: ICAO Doc 8126, appendix
KINDS: Final[dict[str, ZoneKind]] = {
    "RA": "temporary",
    "RD": "danger",
    "RM": "other",
    "RO": "restricted",
    "RP": "prohibited",
    "RR": "restricted",
    "RT": "temporary",
}
_ENDED: Final = frozenset({"CD", "CN", "HV", "CE", "CR"})  # deactivated, cancelled, completed, ...
_TALK: Final = frozenset({"TT", "XX", "CH", "CG", "CF", "CI"})  # triggers and changes of text
_DESIGNATOR: Final = re.compile(r"\b(?:(E[A-Z]|L[A-Z]|BI|BK)\s?-?)?([DRP])\s?-?(\d{1,3}[A-Z]?)\b")


def read_notams(data: bytes, name: str) -> tuple[list[Zone], list[Any], list[str]]:
    """Zones of NOTAM, their geometries, and what is wrong with which NOTAM.

    Zones are made of reservations and restrictions (Q codes QR..) and navigation warnings (QW..); other NOTAM
    speak of no airspace and are counted in one line. A NOTAM that is cancelled or replaced by another of the
    same file ends when that one begins.
    """
    zones: list[Zone] = []
    geometries: list[Any] = []
    problems: list[str] = []
    passed = 0
    ends: dict[str, int] = {}
    seen: dict[str, int] = {}
    for number, notam in _all(data):
        if isinstance(notam, ZoneError):
            problems.append(f"NOTAM {number}: left out, {notam}")
            continue
        if notam.kind in "RC" and notam.of:
            ends[notam.of] = min(notam.from_ns, ends.get(notam.of, notam.from_ns))
        if notam.kind == "C" or notam.code[1] not in "RW" or notam.code[3:] in _ENDED | _TALK:
            passed += 1
            continue
        try:
            zone, shape, notes = _zone(notam, name)
        except ZoneError as error:
            problems.append(f"NOTAM {number}: left out, {error}")
            continue
        problems += [f"NOTAM {number}: {note}" for note in notes]
        count = seen[zone.zone_id] = seen.get(zone.zone_id, 0) + 1
        if count > 1:
            zone = msgspec.structs.replace(zone, zone_id=f"{zone.zone_id}#{count}")
        zones.append(zone)
        geometries.append(shape)
    if passed:
        problems.append(
            f"{passed} NOTAM that reserve, restrict or warn of no airspace are not zones"
        )
    kept = [(_ended(zone, ends), shape) for zone, shape in zip(zones, geometries, strict=True)]
    living = [(zone, shape) for zone, shape in kept if zone is not None]
    return [zone for zone, _ in living], [shape for _, shape in living], problems


def _all(data: bytes) -> Iterator[tuple[str, Notam | ZoneError]]:
    if data.lstrip()[:1] == b"{":
        yield from read_table(data)
        return
    for message in split_messages(data):
        try:
            yield number_of(message), read_notam(message)
        except ZoneError as error:
            yield number_of(message), error


def _ended(zone: Zone, ends: dict[str, int]) -> Zone | None:
    end_ns = ends.get(zone.name)
    if end_ns is None or (zone.valid_to_ns is not None and zone.valid_to_ns <= end_ns):
        return zone
    if zone.valid_from_ns is not None and zone.valid_from_ns >= end_ns:
        return None  # cancelled before it began
    return msgspec.structs.replace(zone, valid_to_ns=end_ns)


def _zone(notam: Notam, file: str) -> tuple[Zone, Any, list[str]]:
    area = area_of(notam)
    notes = [*notam.problems, *area.notes]
    lower, upper, said = _limits(notam)
    notes += said
    try:
        hours = read_hours(notam.hours, notam.from_ns, notam.to_ns)
    except ZoneError as error:
        notes.append(f"{error}; taken as active all the time")
        hours = ()
    subject = notam.code[1:3]
    kind = KINDS.get(subject, "other")
    text = " ".join(notam.text.split())
    if kind == "temporary" and re.search(r"\bU(?:AS|NMANNED AIRCRAFT) ONLY\b", text.upper()):
        kind = "uas"
    about = f"{notam.code}: {text}"
    if notam.estimated:
        about += " [end estimated: in force until cancelled]"
    zone = Zone(
        zone_id=f"NOTAM:{notam.fir}:{notam.number}",
        kind=kind,
        name=notam.number,
        state=state_of_location(notam.fir),
        source=f"NOTAM {notam.number}, {file}",
        note=about,
        authority=_authority(text),
        floor=lower,
        ceiling=upper,
        boundary_sigma_m=area.sigma_m,
        valid_from_ns=notam.from_ns,
        valid_to_ns=notam.to_ns,
        schedule=hours,
        part_of=_designator(notam, text),
    )
    return zone, area.shape, notes


def _limits(notam: Notam) -> tuple[Limit | None, Limit | None, list[str]]:
    notes: list[str] = []
    if notam.floor is None and notam.ceiling is None:
        notes.append("items F and G are missing: limits of its Q line")
    try:
        lower = floor(notam.floor) if notam.floor else _level(notam.lower_fl)
        upper = ceiling(notam.ceiling) if notam.ceiling else _level(notam.upper_fl)
    except ZoneError as error:
        notes.append(f"{error}: limits of its Q line")
        lower, upper = _level(notam.lower_fl), _level(notam.upper_fl)
    check_order(lower, upper)
    return lower, upper, notes


def _level(flight_level: int) -> Limit | None:
    if flight_level in (0, 999):
        return None
    return Limit(height_m=round(flight_level * FLIGHT_LEVEL_M, 3), datum="pressure")


def _authority(text: str) -> str | None:
    """Whose permission is needed, in the NOTAM's own words."""
    match = re.search(
        r"WITHOUT (?:THE )?(?:PRIOR )?PERMISSION (?:OF|FROM) (.{3,60}?)(?: (?:ON|CTC|TEL|CONTACT)\b|[.,;]|$)",
        text.upper(),
    )
    return match[1].strip() if match else None


def _designator(notam: Notam, text: str) -> str:
    """The published area that a NOTAM activates, like ``EGD008C``."""
    if notam.code[1] != "R" or notam.code[3:] != "CA":
        return ""
    match = _DESIGNATOR.search(text.upper())
    if match is None:
        return ""
    return f"{match[1] or notam.fir[:2]}{match[2]}{match[3]}"
