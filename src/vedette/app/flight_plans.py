"""Flight plans given as a file: ICAO FPL messages as text, or plans, clearances and schedules as JSON."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

import msgspec

from vedette.engine.ports import Feed
from vedette.feeds.decoder import Chunk
from vedette.feeds.reports import encode_report
from vedette.model.errors import SourceError
from vedette.model.report import FlightPlan, Report
from vedette.model.time import SECOND_NS, day_start_ns, parse_utc
from vedette.model.units import FLIGHT_LEVEL_M, FOOT_M, KNOT_MPS

# one that was cut ends where the next begins, and does not take it along
_MESSAGE: Final = re.compile(r"\(FPL-((?:(?!\(FPL-)[^)])*)(\)?)", re.DOTALL)
_PLACE: Final = re.compile(r"(\d{2})(\d{2})?([NS])(\d{3})(\d{2})?([EW])")
_DAY_NS: Final = 86_400 * SECOND_NS
_FILED_S: Final = 3_600  # ICAO Doc 4444, 4.4.2.1: filed an hour before departure at the latest
_FIELDS: Final = 8  # 7, 8, 9, 10, 13, 15, 16 and 18, without their numbers


def read_plans(path: Path, day_ns: int | None) -> tuple[list[Report], list[str]]:
    """Plans of a file, and a sentence for each thing that was left out or could not be placed.

    Text holds FPL messages (ICAO Doc 4444, appendix 3), anything between them is passed over. JSON is an
    array or lines of reports (docs/reference/feeds-reports.md): flight plans of schedules, clearances, air traffic
    service routes, rows of an aircraft database.

    Args:
        path: the file.
        day_ns: begin of the day of plans without DOF/ [ns UTC]; None: such plans are left out.

    Raises:
        SourceError: it cannot be read, or holds neither.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read plans {path}: {error}") from error
    if text.lstrip()[:1] in ("[", "{"):
        return _from_json(text, path), []
    plans: list[Report] = []
    notes: list[str] = []
    for number, found in enumerate(_MESSAGE.finditer(text), start=1):
        if not found.group(2):
            notes.append(f"{path.name}: message {number}: left out, it has no end: no ) after it")
            continue
        try:
            plan, remarks = flight_plan("(FPL-" + found.group(1) + ")", day_ns)
        except ValueError as error:
            notes.append(f"{path.name}: message {number}: left out, {error}")
            continue
        plans.append(plan)
        notes += [f"{path.name}: {plan.callsign}: {remark}" for remark in remarks]
    if not plans and not notes:
        raise SourceError(f"{path} holds no FPL message and no JSON")
    return plans, notes


def _from_json(text: str, path: Path) -> list[Report]:
    try:
        rows: list[Any] = (
            msgspec.json.decode(text)
            if text.lstrip().startswith("[")
            else [msgspec.json.decode(line) for line in text.splitlines() if line.strip()]
        )
        return [_report(row) for row in rows]
    except (msgspec.DecodeError, ValueError) as error:
        raise SourceError(f"plans {path}: {error}") from error


def _report(row: Any) -> Report:
    """A report; times may also be ISO 8601 text under their names without ``_ns``."""
    if isinstance(row, dict):
        row = {"type": "flight_plan", **row}
        for name in ("departure", "arrival", "filed", "valid"):
            for given in (f"{name}_utc", f"{name}_time"):
                if isinstance(row.get(given), str):
                    row[f"{name}_ns"] = parse_utc(row.pop(given))
        if row["type"] in ("airway", "aircraft"):  # known from the begin, unless it says otherwise
            row.setdefault("valid_ns", 0)
        if row["type"] == "flight_plan" and "filed_ns" not in row and "departure_ns" in row:
            row["filed_ns"] = row["departure_ns"] - _FILED_S * SECOND_NS
    report: Report = msgspec.convert(row, Report)
    return report


def flight_plan(message: str, day_ns: int | None) -> tuple[FlightPlan, list[str]]:
    """One FPL message and what of its route could not be placed.

    Points given as coordinates (``4620N00725E``, ``46N007E``) make the route; names of points and airways need
    a navigation database, which we have not.

    Raises:
        ValueError: a field is missing or cannot be read; says which.

    >>> plan, _ = flight_plan("(FPL-SWR123-IS -A320/M-SDFG/S -LSZH0930 -N0450F350 4650N00830E "
    ...     "46N010E -LIPZ0105 -DOF/180801 CODE/4B1803)", None)
    >>> plan.callsign, plan.icao24, plan.route
    ('SWR123', '4b1803', ((46.833333333333336, 8.5), (46.0, 10.0)))
    """
    body = " ".join(message.strip().removeprefix("(").removesuffix(")").split())
    fields = [field.strip() for field in re.split(r"\s*-(?=[A-Z0-9])", body)][1:]
    if len(fields) < _FIELDS - 1:
        raise ValueError(f"an FPL has fields 7 to 18, this has {len(fields)} parts")
    name, rules, aircraft, _, departure, route, arrival, *other = fields
    facts = dict(re.findall(r"([A-Z]{3,4})/((?:(?! [A-Z]{3,4}/).)*)", " ".join(other)))
    if "DOF" in facts:
        stamp = facts["DOF"].split()[0]
        if not re.fullmatch(r"\d{6}", stamp):
            raise ValueError(f"DOF/{stamp} is no date YYMMDD")
        day_ns = parse_utc(f"20{stamp[:2]}-{stamp[2:4]}-{stamp[4:]}")
    if day_ns is None:
        raise ValueError("no DOF/ and no --date: which day it is of is not known")
    leaves = re.fullmatch(r"([A-Z]{4})(\d{2})(\d{2})", departure)
    if leaves is None:
        raise ValueError(f"departure {departure!r} is no place and time, as in EETN0930")
    ends = re.match(r"([A-Z]{4})(\d{2})(\d{2})", arrival)
    if ends is None:
        raise ValueError(f"destination {arrival!r} is no place and elapsed time, as in LSZH0130")
    departure_ns = day_ns + _clock_ns(leaves.group(2), leaves.group(3))
    callsign, _, code = name.partition("/")
    speed, level, points = _route(route)
    places, unplaced = [], []
    for point in points:
        place = _place(point)
        if place is not None:
            places.append(place)
        elif point != "DCT":
            unplaced.append(point)
    plan = FlightPlan(
        callsign=callsign,
        icao24=facts["CODE"].split()[0].lower() if "CODE" in facts else None,
        mode3a=code[1:] if re.fullmatch(r"A[0-7]{4}", code) else None,
        aircraft_type=re.sub(r"^\d+", "", aircraft.split("/")[0]) or None,
        rules=_rules(rules),
        departure=leaves.group(1),
        destination=ends.group(1),
        departure_ns=departure_ns,
        arrival_ns=departure_ns + _clock_ns(ends.group(2), ends.group(3)),
        cruise_pressure_altitude_m=level,
        cruise_speed_mps=speed,
        route=tuple(places) if len(places) >= 2 else (),
        filed_ns=departure_ns - _FILED_S * SECOND_NS,
    )
    remarks = [f"{', '.join(unplaced)}: not placed, only coordinates are"] if unplaced else []
    return plan, remarks


def _clock_ns(hours: str, minutes: str) -> int:
    return (int(hours) * 3_600 + int(minutes) * 60) * SECOND_NS


def _rules(field: str) -> Any:
    if field[:1] not in ("I", "V", "Y", "Z"):
        raise ValueError(f"flight rules {field!r} are not I, V, Y or Z")
    return field[0]


def _route(field: str) -> tuple[float | None, float | None, list[str]]:
    """Cruising speed [m/s], level [m] and the route's words."""
    first, *points = field.split()
    found = re.fullmatch(r"([NKM])(\d{3,4})(?:([FAMS])(\d{3,4})|VFR)?", first)
    if found is None:
        raise ValueError(f"speed and level {first!r} cannot be read, as in N0450F350")
    number = int(found.group(2))
    # a Mach number is no speed without a temperature
    speed = {"N": number * KNOT_MPS, "K": number / 3.6, "M": None}[found.group(1)]
    level = None
    if found.group(3):
        tens = int(found.group(4))
        level = {
            "F": tens * FLIGHT_LEVEL_M,
            "A": tens * 100 * FOOT_M,
            "S": tens * 10.0,
            "M": tens * 10.0,
        }[found.group(3)]
    return speed, level, [point.split("/")[0] for point in points]


def _place(point: str) -> tuple[float, float] | None:
    found = _PLACE.fullmatch(point)
    if found is None:
        return None
    lat, lat_min, north, lon, lon_min, east = found.groups()
    latitude = int(lat) + int(lat_min or 0) / 60
    longitude = int(lon) + int(lon_min or 0) / 60
    if latitude > 90 or longitude > 180:
        return None
    return (latitude if north == "N" else -latitude, longitude if east == "E" else -longitude)


class PlanFeed:
    """Plans as a recorded feed: all are told when the others begin."""

    def __init__(self, reports: Sequence[Report], begin_ns: int) -> None:
        self._reports, self._begin_ns = reports, begin_ns

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """One chunk a report."""
        for report in islice(self._reports, skip, None):
            told = report
            if isinstance(report, FlightPlan) and report.filed_ns > self._begin_ns:
                # given to us at the begin, whenever it was filed
                told = msgspec.structs.replace(report, filed_ns=self._begin_ns)
            yield Chunk(self._begin_ns, encode_report(told))


def begin_of(feeds: Sequence[Feed | None], now_ns: int) -> int:
    """When recorded feeds begin; ``now_ns`` where there is none."""
    firsts = [next(feed.chunks(0), None) for feed in feeds if feed is not None]
    times = [chunk.received_ns for chunk in firsts if chunk is not None and chunk.received_ns > 0]
    return min(times, default=now_ns)


def day_of(begin_ns: int) -> int:
    """Begin of the day that recordings begin on [ns UTC]."""
    return day_start_ns(begin_ns)
