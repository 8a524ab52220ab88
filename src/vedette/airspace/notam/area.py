"""Where a NOTAM applies: circles and outlines in its free text, else the circle of its Q line.

Source: ICAO Doc 8126 for how positions are written (degrees, minutes and seconds without spaces).
"""

import re
from typing import Any, Final, NamedTuple

import shapely

from vedette.airspace import arcs
from vedette.airspace.notam.text import Notam
from vedette.airspace.polygon import mended
from vedette.model.errors import ZoneError
from vedette.model.units import FOOT_M, NAUTICAL_MILE_M

TEXT_SIGMA_M: Final = 50.0  # positions to a second of arc
Q_SIGMA_M: Final = 1500.0  # positions to a minute of arc, radii to a mile
_POSITION: Final = (
    r"(?P<lat{0}>\d{{4}}(?:\d{{2}})?(?:\.\d+)?)\s?(?P<ns{0}>[NS])\s*,?\s*"
    r"(?P<lon{0}>\d{{5}}(?:\d{{2}})?(?:\.\d+)?)\s?(?P<ew{0}>[EW])"
)
_ONE: Final = re.compile(_POSITION.format(""))
_RADIUS: Final = r"(?P<radius{0}>[\dO]{{1,6}}(?:\.[\dO]{{1,4}})?)\s*(?P<unit{0}>NM|KM|M|FT)\b"
_BETWEEN: Final = (
    r"(?:\s|OF|AROUND|ABOUT|CENTRED|CENTERED|ON|AT|THE|POSITION|PSN|POINT|ARP|COORDS?|[:,.(\-])*"
)
_CIRCLES: Final = (
    # "WI 3NM RADIUS OF PSN ...", "3KM RADIUS CENTRED ON ...", "WI 1NM ..."
    re.compile(
        r"(?:WI|WITHIN|RADIUS)?\s*(?:A\s+)?" + _RADIUS.format("") + r"\s*(?:RADIUS|RAD|RDS)?\b"
        + _BETWEEN + _POSITION.format("")
    ),
    # "RADIUS 100M OF PSN ..."
    re.compile(
        r"(?:RADIUS|RAD)\s*(?:OF\s+)?" + _RADIUS.format("") + _BETWEEN + _POSITION.format("")
    ),
    # "AT PSN ... (PLACE) RADIUS 1NM"
    re.compile(
        _POSITION.format("") + r"[\s,]*(?:\([^)]*\))?[\s,.]*(?:WI\s+)?(?:RADIUS|RAD)\s*(?:OF\s+)?"
        + _RADIUS.format("")
    ),
)  # fmt: skip
_JOIN: Final = re.compile(r"^(?:\s|-|–|,|TO|THENCE|THEN|AND|\.)*$")
_ARC: Final = re.compile(r"\bARC\b|CLOCKWISE|FOLLOWING (?:THE )?(?:BORDER|COAST)|ALONG (?:THE )?")
_CURVE: Final = re.compile(
    r"THENCE\s+(?:BY\s+)?(?:THE\s+)?(?P<turn>ANTI-?\s?CLOCKWISE|COUNTER-?CLOCKWISE|CLOCKWISE)\s+(?:BY\s+)?"
    r"(?:THE\s+|AN\s+)?ARC\s+OF\s+(?:A\s+)?CIRCLE\s+(?:OF\s+)?RADIUS\s+(?:OF\s+)?[\d.]+\s*(?:NM|KM|M)\s*,?\s*"
    r"CENTRED\s+ON\s+"
    + _POSITION.format("")
    + r"\s+(?:(?:BETWEEN|BTN)\s+"
    + _POSITION.format("a")
    + r"\s*(?:-|AND|TO)?|TO)"
)
_UNITS_M: Final = {"NM": NAUTICAL_MILE_M, "KM": 1000.0, "M": 1.0, "FT": FOOT_M}


class Area(NamedTuple):
    """An outline, how well it is known, and what had to be assumed."""

    shape: Any
    sigma_m: float
    notes: tuple[str, ...]


def area_of(notam: Notam) -> Area:
    """Where a NOTAM applies.

    Raises:
        ZoneError: neither its text nor its Q line says.
    """
    text = re.sub(r"\s+", " ", notam.text.upper())
    notes: list[str] = []
    rings, rest = _rings(text)
    if rings and not _ARC.search(rest):
        shapes = []
        for ring in rings:
            try:
                shape, said = mended(shapely.Polygon(ring))
            except ZoneError as error:
                notes.append(f"an outline in its text cannot be used: {error}")
                continue
            notes += said
            shapes.append(shape)
        if shapes:
            return Area(_one(shapes), TEXT_SIGMA_M, tuple(notes))
    elif rings:
        notes.append("its outline has arcs or follows a border, in words")
    circles, said = _circles(text)
    notes += said
    if circles and not rings:
        return Area(_one(circles), TEXT_SIGMA_M, tuple(notes))
    if not 0 < notam.radius_nm < 999:
        raise ZoneError("neither its text nor its Q line says where")
    shape = arcs.circle(notam.latitude_deg, notam.longitude_deg, notam.radius_nm * NAUTICAL_MILE_M)
    notes.append("drawn as the circle of its Q line")
    return Area(shape, Q_SIGMA_M, tuple(notes))


def _one(shapes: list[Any]) -> Any:
    return shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)


def _rings(text: str) -> tuple[list[list[tuple[float, float]]], str]:
    """Positions that follow each other with dashes or arcs between, three or more; and the text without arcs."""
    curves = []
    for match in _CURVE.finditer(text):
        centre = _place(match)
        if centre is not None:
            curves.append((match.start(), centre, match["turn"] == "CLOCKWISE"))
            text = text[: match.start()] + "-" * (match.end() - match.start()) + text[match.end() :]
    rings: list[list[tuple[float, float]]] = []
    now: list[tuple[float, float]] = []
    end = 0
    for match in _ONE.finditer(text):
        place = _place(match)
        if now and not _JOIN.match(text[end : match.start()]):
            rings.append(now)
            now = []
        if place is not None:
            curve = next((c for c in curves if end <= c[0] < match.start()), None)
            if curve is not None and now:
                line = arcs.arc_between(
                    curve[1][::-1], now[-1][::-1], place[::-1], clockwise=curve[2]
                )
                now += [(float(x), float(y)) for x, y in line[1:-1]]
            now.append(place)
        if len(now) > 3 and now[0] == now[-1]:
            rings.append(now)
            now = []
        end = match.end()
    rings.append(now)
    return [ring for ring in rings if len(set(ring)) >= 3], text


def _circles(text: str) -> tuple[list[Any], list[str]]:
    notes: list[str] = []
    for pattern in _CIRCLES:
        found = []
        for match in pattern.finditer(text):
            place = _place(match)
            digits = match["radius"]
            if "O" in digits:
                notes.append(f"the letter O in {digits}{match['unit']} is read as a zero")
            try:
                radius_m = float(digits.replace("O", "0")) * _UNITS_M[match["unit"]]
            except ValueError:
                continue
            if place is None or radius_m <= 0.0:
                continue
            found.append(arcs.circle(place[1], place[0], radius_m))
        if found:
            return found, notes
    return [], notes


def _place(match: re.Match[str]) -> tuple[float, float] | None:
    latitude, longitude = _degrees(match["lat"], 2), _degrees(match["lon"], 3)
    if latitude is None or longitude is None or latitude > 90.0 or longitude > 180.0:
        return None
    return (
        -longitude if match["ew"] == "W" else longitude,
        -latitude if match["ns"] == "S" else latitude,
    )


def _degrees(digits: str, width: int) -> float | None:
    whole, _, fraction = digits.partition(".")
    degrees, minutes, seconds = whole[:width], whole[width : width + 2], whole[width + 2 :]
    share = float(f"0.{fraction}") if fraction else 0.0
    value = int(minutes) + ((int(seconds) + share) / 60.0 if seconds else share)
    if value >= 60.0 or (seconds and int(seconds) > 59):
        return None
    return int(degrees) + value / 60.0
