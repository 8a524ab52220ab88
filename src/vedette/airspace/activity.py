"""When zones are active: validity, knowledge and schedules, as stretches of time."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, NamedTuple, get_args

import numpy as np
import shapely

from vedette.airspace.sun import Event, sun_event_ns, sun_is_up
from vedette.model.columns import Integers
from vedette.model.time import DAY_NS, SECOND_NS
from vedette.model.zone import Day, Hours, Zone

Stretch = tuple[int, int]  # from, to; open at the end

ALWAYS: Final = np.iinfo(np.int64).max
_DAYS: Final[tuple[Day, ...]] = get_args(Day)
_MINUTE_NS: Final = 60 * SECOND_NS
_EPOCH: Final = date(1970, 1, 1)


class Place(NamedTuple):
    """Where the sun is looked at."""

    latitude_deg: float
    longitude_deg: float


def place_of(geometry: Any) -> Place:
    """The middle of a zone's box."""
    west, south, east, north = shapely.bounds(geometry)
    return Place(0.5 * (south + north), 0.5 * (west + east))


def known(zone: Zone, known_at_ns: int | None) -> bool:
    """Whether this is what we held at an instant; None: what we hold now, last of all versions."""
    if known_at_ns is None:
        return zone.known_to_ns is None
    return (zone.known_from_ns is None or zone.known_from_ns <= known_at_ns) and (
        zone.known_to_ns is None or known_at_ns < zone.known_to_ns
    )


def valid(zone: Zone, at_ns: int) -> bool:
    """Whether the zone is in force at an instant; its hours are not looked at."""
    return (zone.valid_from_ns is None or zone.valid_from_ns <= at_ns) and (
        zone.valid_to_ns is None or at_ns < zone.valid_to_ns
    )


def active(zone: Zone, at_ns: int, place: Place, known_at_ns: int | None = None) -> bool:
    """Whether the zone is in force and active at an instant, as known at another.

    Args:
        zone: the zone.
        at_ns: the instant.
        place: where the sun is looked at, when the hours speak of it.
        known_at_ns: only what was known then counts; None: what is known now.
    """
    if zone.dormant or not valid(zone, at_ns) or not known(zone, known_at_ns):
        return False
    return not zone.schedule or any(
        start <= at_ns < end for start, end in stretches(zone, place, at_ns, at_ns + 1)
    )


def stretches(zone: Zone, place: Place, from_ns: int, to_ns: int) -> list[Stretch]:
    """Stretches in which the zone is active between two instants, in order, not touching each other."""
    start_ns = from_ns if zone.valid_from_ns is None else max(from_ns, zone.valid_from_ns)
    end_ns = to_ns if zone.valid_to_ns is None else min(to_ns, zone.valid_to_ns)
    if zone.dormant or start_ns >= end_ns:
        return []
    within = [(start_ns, end_ns)]
    if not zone.schedule:
        return within
    on = [hours for hours in zone.schedule if not hours.excluded]
    if on:
        opened = [s for hours in on for s in _hours(hours, place, start_ns, end_ns)]
        within = _joined(opened, start_ns, end_ns)
    closed = [s for h in zone.schedule if h.excluded for s in _hours(h, place, start_ns, end_ns)]
    return _without(within, _joined(closed, start_ns, end_ns))


def _hours(hours: Hours, place: Place, from_ns: int, to_ns: int) -> list[Stretch]:
    offset_ns = hours.utc_offset_min * _MINUTE_NS
    day = (from_ns + offset_ns) // DAY_NS - 1  # yesterday's hours may reach into today
    last = (to_ns + offset_ns) // DAY_NS
    out = []
    while day <= last:
        today = _EPOCH + timedelta(days=int(day))
        if _falls(hours, today):
            begin_ns = day * DAY_NS - offset_ns
            start_ns = _clock(hours.start, begin_ns, place, opening=True)
            end_ns = _clock(hours.end, begin_ns, place, opening=False)
            if start_ns is not None and end_ns is not None:
                if end_ns <= start_ns:
                    end_ns += DAY_NS
                out.append((start_ns, end_ns))
        day += 1
    return out


def _falls(hours: Hours, today: date) -> bool:
    if hours.days and _DAYS[today.weekday()] not in hours.days:
        return False
    first, last = hours.first, hours.last
    yearly = [text for text in (first, last) if text is not None and len(text) == 5]
    iso = today.isoformat()
    if yearly:
        low, high = (first or "01-01")[-5:], (last or "12-31")[-5:]
        month_day = iso[5:]
        return low <= month_day <= high if low <= high else not high < month_day < low
    return (first is None or first <= iso) and (last is None or iso <= last)


def _clock(text: str, day_ns: int, place: Place, *, opening: bool) -> int | None:
    """Instant of a written time on a day; None when the hours do not begin on it.

    Where the sun does not set, hours until sunset last the whole day; where it does not rise there are none.
    """
    if text[0].isdigit():
        return day_ns + (int(text[:2]) * 60 + int(text[3:])) * _MINUTE_NS
    name = text.rstrip("+-0123456789")
    event: Event = name  # type: ignore[assignment]  # the pattern of ClockTime
    added_min = int(text[len(name) :] or 0)
    at_ns = sun_event_ns(event, day_ns, *place)
    if at_ns is None:
        up = sun_is_up(event, day_ns, *place)
        morning = event in ("dawn", "sunrise")
        if up:
            return day_ns if morning else day_ns + DAY_NS
        return None if opening == morning else day_ns + DAY_NS // 2
    return at_ns + added_min * _MINUTE_NS


def _joined(pieces: list[Stretch], from_ns: int, to_ns: int) -> list[Stretch]:
    out: list[Stretch] = []
    for start_ns, end_ns in sorted(pieces):
        start, end = max(start_ns, from_ns), min(end_ns, to_ns)
        if start >= end:
            continue
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def _without(pieces: list[Stretch], holes: list[Stretch]) -> list[Stretch]:
    for low, high in holes:
        pieces = [
            part
            for start, end in pieces
            for part in ((start, min(end, low)), (max(start, high), end))
            if part[0] < part[1]
        ]
    return pieces


def active_rows(
    zones: Sequence[Zone],
    geometries: Sequence[Any],
    at_ns: int,
    known_at_ns: int | None = None,
) -> Integers:
    """Positions of the zones that are active at an instant, as known at another."""
    rows = [
        row
        for row, (zone, geometry) in enumerate(zip(zones, geometries, strict=True))
        if active(zone, at_ns, place_of(geometry), known_at_ns)
    ]
    return np.array(rows, dtype=np.int64)
