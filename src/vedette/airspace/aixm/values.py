"""Limits, accuracies, timesheets and activations of AIXM airspaces."""

import math
import re
from typing import Final, NamedTuple

from vedette.airspace.aixm.document import Element, child, children, text
from vedette.airspace.aixm.geometry import length_m
from vedette.airspace.days import DAYS, SUN_EVENTS
from vedette.airspace.limits import ceiling, datum_of, floor
from vedette.model.errors import ZoneError
from vedette.model.zone import Datum, Day, Hours, Limit, ZoneKind

KINDS: Final[dict[str, ZoneKind]] = {
    "P": "prohibited",
    "R": "restricted",
    "D": "danger",
    "D_OTHER": "danger",
    "CTR": "ctr",
    "CTR_P": "ctr",
    "TMA": "tma",
    "TMA_P": "tma",
    "CTA": "cta",
    "CTA_P": "cta",
    "ATZ": "atz",
    "ATZ_P": "atz",
    "FIR": "fir",
    "FIR_P": "fir",
    "UIR": "uir",
    "UIR_P": "uir",
    "TSA": "temporary",
    "TRA": "temporary",
}
ACCURACY_SIGMAS: Final = 2.4477  # a circular 95 % error in standard deviations of one axis
DEFAULT_SIGMA_M: Final = 100.0
_WEEK: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_OFFSET: Final = re.compile(r"UTC(?:([+-])(\d{1,2})(?::?(\d{2}))?)?")


class Activation(NamedTuple):
    """When an airspace is active, and what of that could not be read."""

    schedule: tuple[Hours, ...]
    dormant: bool
    activity: str
    problems: tuple[str, ...]


def limits(volume: Element) -> tuple[Limit | None, Limit | None, list[str]]:
    """Floor and ceiling of a volume, and what had to be assumed.

    Raises:
        ZoneError: a limit cannot be read.
    """
    lower, assumed_low = _limit(volume, "lowerLimit", "minimumLimit")
    upper, assumed_high = _limit(volume, "upperLimit", "maximumLimit")
    notes = [*assumed_low, *assumed_high]
    if lower is None:
        notes.append("no lower limit is given: down to the ground")
    if upper is None:
        notes.append("no upper limit is given: unlimited")
    return (
        None if lower is None else floor(*lower),
        None if upper is None else ceiling(*upper),
        notes,
    )


def _limit(volume: Element, *names: str) -> tuple[tuple[str, Datum] | None, list[str]]:
    for name in names:
        plain = text(volume, name)
        if plain is None:
            continue
        element = child(volume, name)
        unit = (element.get("uom") or "FT").upper() if element is not None else "FT"
        reference = text(volume, f"{name}Reference")
        if unit in ("OTHER",) or not plain[0].isdigit():
            return (plain, "amsl"), []
        if unit == "FL":
            return (f"FL{_number(plain, name):03.0f}", "pressure"), []
        datum = datum_of(reference or "MSL")
        if datum is None:
            raise ZoneError(f"{name} {plain} {unit} above {reference} is not known here")
        notes = [] if reference else [f"{name} {plain} {unit} names no reference: above the sea"]
        return (f"{plain} {unit}", datum), notes
    return None, []


def _number(plain: str, name: str) -> float:
    try:
        value = float(plain)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= 1e6:
        raise ZoneError(f"{name} {plain!r} is no number")
    return value


def sigma_m(volume: Element) -> float | None:
    """Accuracy of a volume's border; AIXM states a circular 95 % error."""
    for element in volume.iter():
        if isinstance(element.tag, str) and element.tag.endswith("}horizontalAccuracy"):
            try:
                return max(length_m(element) / ACCURACY_SIGMAS, 1.0)
            except ZoneError:
                continue
    return None


def activation(elements: tuple[Element, ...]) -> Activation:
    """What the activations of an airspace say together; without any it is always active."""
    hours: list[Hours] = []
    problems: list[str] = []
    always = waits = False
    available: list[Hours] = []
    activity = ""
    for holder in elements:
        for item in children(holder):
            status = text(item, "status") or "ACTIVE"
            own, said = _timesheets(item)
            problems += said
            if status in ("ACTIVE", "IN_USE", "INTERMITTENT"):
                activity = activity or (text(item, "activity") or "")
                hours += own
                always = always or not own
            elif status == "AVBL_FOR_ACTIVATION":
                activity = activity or (text(item, "activity") or "")
                waits = True
                available += own
            elif status == "INACTIVE":
                waits = waits or not own
            else:
                problems.append(f"status {status} is taken as active")
                always = True
    if always:
        return Activation((), False, activity, tuple(problems))
    if hours:
        return Activation(tuple(hours), False, activity, tuple(problems))
    return Activation(tuple(available), waits, activity, tuple(problems))


def _timesheets(item: Element) -> tuple[list[Hours], list[str]]:
    out: list[Hours] = []
    problems: list[str] = []
    for holder in children(item, "timeInterval"):
        for sheet in children(holder, "Timesheet"):
            try:
                hours, said = _hours(sheet)
            except (ZoneError, ValueError) as error:
                problems.append(f"a timesheet is not read and the zone taken as active: {error}")
                return [], problems
            out.append(hours)
            problems += said
    return out, problems


def _hours(sheet: Element) -> tuple[Hours, list[str]]:
    problems: list[str] = []
    first_day, last_day = text(sheet, "day") or "ANY", text(sheet, "dayTil")
    days = DAYS.get(first_day)
    if days is None:
        problems.append(f"day {first_day} is taken as every day: holidays are not known here")
        days = ()
    if last_day and last_day in DAYS and len(days) == 1 and len(DAYS[last_day]) == 1:
        begin, end = _WEEK.index(days[0]), _WEEK.index(DAYS[last_day][0])
        days = tuple(_WEEK[(begin + k) % 7] for k in range((end - begin) % 7 + 1))
    start = _time(sheet, "start", "00:00")
    if text(sheet, "daylightSavingAdjust") == "YES":
        problems.append(
            "times follow summer time, whose dates are not given: begun an hour earlier"
        )
        start = _earlier(start)
    return (
        Hours(
            days=days,
            start=start,
            end=_time(sheet, "end", "24:00"),
            first=_date(text(sheet, "startDate")),
            last=_date(text(sheet, "endDate")),
            utc_offset_min=_offset_min(text(sheet, "timeReference") or "UTC"),
            excluded=text(sheet, "excluded") == "YES",
        ),
        problems,
    )


def _time(sheet: Element, side: str, default: str) -> str:
    clock, event = text(sheet, f"{side}Time"), text(sheet, f"{side}Event")
    if event is not None:
        if event not in SUN_EVENTS:
            raise ZoneError(f"the event {event} is not known here")
        added = round(float(text(sheet, f"{side}TimeRelativeEvent") or 0))
        return SUN_EVENTS[event] + (f"{added:+d}" if added else "")
    if clock is None:
        return default
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d(:\d\d)?|24:00(:00)?", clock):
        raise ZoneError(f"{side}Time {clock!r} is no time of day")
    return clock[:5]


def _earlier(start: str) -> str:
    """An hour before; summer hours lie that much earlier in UTC."""
    if not start[0].isdigit() or start < "01:00":
        return start
    return f"{int(start[:2]) - 1:02d}{start[2:]}"


def _date(plain: str | None) -> str | None:
    """``DD-MM``, ``DD-MM-YYYY`` or an event; AIXM writes the day first."""
    if plain is None or plain in ("SDLST", "EDLST"):
        return None
    day, _, rest = plain.partition("-")
    month, _, year = rest.partition("-")
    if not (day.isdigit() and month.isdigit() and 1 <= int(month) <= 12 and 1 <= int(day) <= 31):
        raise ZoneError(f"{plain!r} is no date")
    return f"{year}-{month}-{day}" if year else f"{month}-{day}"


def _offset_min(reference: str) -> int:
    match = _OFFSET.fullmatch(reference)
    if match is None:
        raise ZoneError(f"the time reference {reference} is not known here")
    if match[1] is None:
        return 0
    minutes = 60 * int(match[2]) + int(match[3] or 0)
    return -minutes if match[1] == "-" else minutes
