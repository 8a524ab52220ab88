"""OpenAir files, read block by block with ``openair-rs-py``; arcs and faults are our own.

Source: Naviter's OpenAir description 2.1 (2024) and the Winpilot original. A block begins at its AC record. The
library reads a file as a whole or not at all, so it gets one block at a time: a fault costs one airspace.
"""

import re
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from vedette.airspace import arcs
from vedette.airspace.limits import ceiling, check_order, floor
from vedette.airspace.polygon import mended
from vedette.model.errors import ZoneError
from vedette.model.time import parse_utc
from vedette.model.units import FLIGHT_LEVEL_M, FOOT_M, NAUTICAL_MILE_M
from vedette.model.zone import Limit, Zone, ZoneKind

_RECORD: Final = re.compile(rb"^\s*(AC|AN)\s+\S", re.MULTILINE | re.IGNORECASE)
_CLASSES: Final[dict[str, ZoneKind]] = {
    "R": "restricted",
    "P": "prohibited",
    "Q": "danger",
    "D_OTHER": "danger",
    "CTR": "ctr",
    "TMA": "tma",
    "CTA": "cta",
    "ATZ": "atz",
    "FIR": "fir",
    "UIR": "uir",
    "TSA": "temporary",
    "TRA": "temporary",
}
_NAMED: Final[dict[str, ZoneKind]] = {"CTR": "ctr", "TMA": "tma", "CTA": "cta", "ATZ": "atz"}
SIGMA_M: Final = 100.0  # vertices to a second of arc


class _Block(NamedTuple):
    line: int
    name: str
    text: str


def looks_like_openair(data: bytes) -> bool:
    """Whether there are class and name records."""
    kinds = {match[1].upper() for match in _RECORD.finditer(data[: 1 << 20])}
    return kinds == {b"AC", b"AN"}


def read_openair(data: bytes, name: str) -> tuple[list[Zone], list[Any], list[str]]:
    """Zones of an OpenAir file, their geometries, and what is wrong with which block.

    Zone ids are class and name; a name that comes again has its count behind it.
    """
    zones: list[Zone] = []
    geometries: list[Any] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for block in _blocks(_decoded(data)):
        label = f"line {block.line} ({block.name or 'no name'})"
        try:
            zone, geometry, notes = _zone(block, name)
        except ZoneError as error:
            problems.append(f"{label}: left out, {error}")
            continue
        problems += [f"{label}: {note}" for note in notes]
        count = seen[zone.zone_id] = seen.get(zone.zone_id, 0) + 1
        if count > 1:
            zone = _renamed(zone, f"{zone.zone_id}#{count}")
        zones.append(zone)
        geometries.append(geometry)
    return zones, geometries, problems


def _renamed(zone: Zone, zone_id: str) -> Zone:
    import msgspec

    return msgspec.structs.replace(zone, zone_id=zone_id)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _blocks(text: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines: list[str] = []
    begun, name = 0, ""

    def close() -> None:
        if begun:
            blocks.append(_Block(begun, name, "\n".join(lines) + "\n"))

    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        word = line[:2].upper()
        if not line or line.startswith("*"):
            continue
        if word == "AC" and line[2:3].isspace():
            close()
            begun, name, lines = number, "", []
        elif word == "AN":
            name = line[2:].strip()
        if begun:
            lines.append(line)
    close()
    return blocks


def _zone(block: _Block, file: str) -> tuple[Zone, Any, list[str]]:
    import openair

    try:
        parsed: Any = openair.parse_string(block.text)
    except Exception as error:  # the library raises ValueError or its own; both carry the reason
        raise ZoneError(_first_line(error)) from error
    if len(parsed) != 1:
        raise ZoneError("it has no outline" if not parsed else "the block holds several airspaces")
    item = parsed[0]
    outline, said = _outline(item["geom"])
    geometry, notes = mended(outline)
    notes = [*said, *notes]
    lower, upper = _limit(item["lowerBound"], lower=True), _limit(item["upperBound"], lower=False)
    check_order(lower, upper)
    times = item.get("activationTimes") or {}
    class_ = str(item["class"])
    title = str(item.get("name") or "").strip()
    about = [f"class {class_}"] + [
        f"{word} {item[key]}"
        for key, word in (("type", "type"), ("frequency", "frequency"), ("callSign", "call sign"))
        if item.get(key)
    ]
    zone = Zone(
        zone_id=f"{class_}:{title or f'line {block.line}'}",
        kind=_kind(class_, str(item.get("type") or ""), title),
        name=title,
        state=None,
        source=file,
        note=", ".join(about),
        floor=lower,
        ceiling=upper,
        boundary_sigma_m=SIGMA_M,
        valid_from_ns=parse_utc(times["start"]) if times.get("start") else None,
        valid_to_ns=parse_utc(times["end"]) if times.get("end") else None,
    )
    return zone, geometry, notes


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason given"])[0]


def _kind(class_: str, type_: str, name: str) -> ZoneKind:
    for word in (type_.upper(), class_.upper()):
        if word in _CLASSES and not (word == class_.upper() and word in "ABCDEFG"):
            return _CLASSES[word]
    if class_.upper() in "ABCDEFG":
        for word in re.split(r"[^A-Z]+", name.upper()):
            if word in _NAMED:
                return _NAMED[word]
    return "other"


def _limit(bound: Any, *, lower: bool) -> Limit | None:
    kind = bound["type"]
    if kind == "Gnd":
        return floor("GND") if lower else ceiling("GND")
    if kind == "Unlimited":
        return floor("UNL") if lower else ceiling("UNL")
    if kind == "Other":
        return floor(bound["val"]) if lower else ceiling(bound["val"])
    value = float(bound["val"])
    if kind == "FlightLevel":
        return Limit(height_m=round(value * FLIGHT_LEVEL_M, 3), datum="pressure")
    if kind == "FeetAgl":
        if lower and value == 0.0:
            return None
        return Limit(height_m=round(value * FOOT_M, 3), datum="agl")
    if kind == "FeetAmsl":
        return Limit(height_m=round(value * FOOT_M, 3), datum="amsl")
    raise ZoneError(f"a limit of kind {kind} is not known here")


def _outline(geometry: Any) -> tuple[Any, list[str]]:
    """Polygon of a block, and what had to be assumed."""
    if geometry["type"] == "Circle":
        centre = geometry["centerpoint"]
        radius_m = geometry["radius"] * NAUTICAL_MILE_M
        return arcs.circle(centre["lat"], centre["lng"], radius_m), []
    points: list[tuple[float, float]] = []
    for segment in geometry["segments"]:
        if segment["type"] == "Point":
            points.append((segment["lng"], segment["lat"]))
            continue
        centre = segment["centerpoint"]
        clockwise = segment["direction"] == "cw"
        if segment["type"] == "Arc":
            start, end = segment["start"], segment["end"]
            line = arcs.arc_between(
                (centre["lat"], centre["lng"]),
                (start["lat"], start["lng"]),
                (end["lat"], end["lng"]),
                clockwise=clockwise,
            )
        else:
            sweep = (segment["angleEnd"] - segment["angleStart"]) % 360.0
            line = arcs.arc(
                centre["lat"],
                centre["lng"],
                segment["radius"] * NAUTICAL_MILE_M,
                segment["angleStart"],
                sweep if clockwise else sweep - 360.0,
            )
        points += [(float(x), float(y)) for x, y in line]
    if len(set(points)) == 2:  # a cable: users draw it as a line
        line = np.array(list(dict.fromkeys(points)))
        return arcs.corridor(line, 2.0 * SIGMA_M), [
            f"a line, no area: read as {SIGMA_M:.0f} m to each side"
        ]
    if len(set(points)) < 3:
        raise ZoneError("the outline has fewer than two points")
    return shapely.Polygon(points), []
