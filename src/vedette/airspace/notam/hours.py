"""Item D of a NOTAM: days, dates and hours, as ``Hours`` of the zone.

Source: ICAO Doc 8126, chapter 6 (item D), and a day of British NOTAM for what is really written: dates without a
month, ranges over months, hours without a day, exceptions, minutes added to sunset.
"""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple, get_args

from vedette.model.errors import ZoneError
from vedette.model.time import SECOND_NS
from vedette.model.zone import Day, Hours

_MONTHS: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_WEEK: Final[tuple[Day, ...]] = get_args(Day)
_DAY_NAMES: Final = tuple(day.upper() for day in _WEEK)
_EDGE: Final = r"(?:\d{4}|S[RS](?:(?:PLUS|MINUS)\d{1,3})?)"
_TIMES: Final = re.compile(f"({_EDGE})-({_EDGE})")
_OPEN_DAYS: Final = 366  # how far an open end is looked ahead


class _Group(NamedTuple):
    """Days or dates, and the hours on them."""

    days: list[Day]
    dates: list[tuple[date, date]]
    times: list[tuple[str, str]]
    without: list[tuple[date, date]]


def read_hours(text: str, from_ns: int, to_ns: int | None) -> tuple[Hours, ...]:
    """Hours of an item D; none when it is empty.

    Args:
        text: the item.
        from_ns: begin of the NOTAM: dates that name no month or year follow it.
        to_ns: its end, or None.

    Raises:
        ZoneError: something in it cannot be read.
    """
    begin = _date(from_ns)
    end = begin + timedelta(days=_OPEN_DAYS) if to_ns is None else _date(to_ns)
    out: list[Hours] = []
    for group in _groups(_words(text), begin, end):
        spans = group.dates
        if not spans and group.without:
            spans = [(begin, end)]
        for hole in group.without:
            spans = [part for span in spans for part in _cut(span, hole)]
        when: list[tuple[date | None, date | None]] = [*spans] or [(None, None)]
        for start, stop in group.times or [("00:00", "24:00")]:
            for first, last in when:
                out.append(
                    Hours(
                        days=tuple(group.days),
                        start=start,
                        end=stop,
                        first=None if first is None else first.isoformat(),
                        last=None if last is None else last.isoformat(),
                    )
                )
    return tuple(out)


def _date(instant_ns: int) -> date:
    return datetime.fromtimestamp(instant_ns // SECOND_NS, UTC).date()


def _words(text: str) -> list[str]:
    plain = re.sub(r"\s+", " ", text.upper()).strip()
    plain = re.sub(r"\s*-\s*", "-", plain)
    plain = re.sub(r"(S[RS]) (PLUS|MINUS) ?(\d)", r"\1\2\3", plain)
    # "SEP 05-OCT 25": a range between two dates that name their month
    month = "|".join(_MONTHS)
    plain = re.sub(rf"({month}) (\d\d?)-({month}) (\d\d?)", r"\1\2-\3\4", plain)
    return re.findall(r"[^ ,]+|,", plain)


def _groups(words: list[str], begin: date, end: date) -> list[_Group]:
    groups: list[_Group] = []
    now = _Group([], [], [], [])
    month: int | None = None
    excepting = False
    for word in words:
        if word == ",":
            if now.times:
                groups.append(now)
                now, excepting = _Group([], [], [], []), False
            continue
        times = _TIMES.fullmatch(word)
        if times:
            now.times.append((_clock(times[1]), _clock(times[2], closing=True)))
            continue
        if word == "H24":
            now.times.append(("00:00", "24:00"))
            continue
        if word in ("EXC", "EXCEPT", "EXCL"):
            excepting = True
            continue
        if now.times and not excepting:
            groups.append(now)
            now = _Group([], [], [], [])
        if word in ("DAILY", "DLY", "AND", "H24"):
            continue
        if word in _MONTHS:
            month = _MONTHS.index(word) + 1
            continue
        days = _weekdays(word)
        if days is not None:
            if excepting:
                raise ZoneError(f"item D: an exception of {word} is not known here")
            now.days.extend(days)
            continue
        span, month = _span(word, month, begin, end)
        (now.without if excepting else now.dates).append(span)
    if now != _Group([], [], [], []):
        groups.append(now)
    return groups


def _weekdays(word: str) -> list[Day] | None:
    first, dash, last = word.partition("-")
    if first not in _DAY_NAMES or (dash and last not in _DAY_NAMES):
        return None
    low = _DAY_NAMES.index(first)
    high = _DAY_NAMES.index(last) if dash else low
    return [_WEEK[(low + k) % 7] for k in range((high - low) % 7 + 1)]


def _span(
    word: str, month: int | None, begin: date, end: date
) -> tuple[tuple[date, date], int | None]:
    match = re.fullmatch(r"([A-Z]{3})?(\d{1,2})(?:-([A-Z]{3})?(\d{1,2}))?", word)
    if match is None:
        raise ZoneError(f"item D: {word!r} is not known here")
    months = [m if m is None else _month(m) for m in (match[1], match[3])]
    month = months[0] or month
    first = _on(int(match[2]), month, begin, end)
    if match[4] is None:
        return (first, first), month
    month = months[1] or month
    last = _on(int(match[4]), month, first, end)
    return (first, last), month


def _month(name: str) -> int:
    if name not in _MONTHS:
        raise ZoneError(f"item D: {name!r} is no month")
    return _MONTHS.index(name) + 1


def _on(day: int, month: int | None, begin: date, end: date) -> date:
    """The first date with this day (and month) that does not lie before ``begin``."""
    at = date(begin.year, begin.month, 1)
    while at <= end:
        if month is None or at.month == month:
            try:
                found = at.replace(day=day)
            except ValueError:
                found = None
            if found is not None and found >= begin:
                return found
        at = (at + timedelta(days=32)).replace(day=1)
    raise ZoneError(f"item D: the day {day} does not come before the end")


def _clock(edge: str, *, closing: bool = False) -> str:
    if edge[0] == "S":
        name = "sunrise" if edge[1] == "R" else "sunset"
        rest = edge[2:].replace("PLUS", "+").replace("MINUS", "-")
        return name + rest
    hour, minute = int(edge[:2]), int(edge[2:])
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        raise ZoneError(f"item D: {edge} is no time of day")
    if closing and edge in ("2359", "2400"):
        return "24:00"
    return "00:00" if hour == 24 else f"{hour:02d}:{minute:02d}"


def _cut(span: tuple[date, date], hole: tuple[date, date]) -> list[tuple[date, date]]:
    day = timedelta(days=1)
    parts = [(span[0], min(span[1], hole[0] - day)), (max(span[0], hole[1] + day), span[1])]
    return [part for part in parts if part[0] <= part[1]]
