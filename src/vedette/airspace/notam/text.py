"""NOTAM texts taken apart into their items.

Source: ICAO Annex 15 and Doc 8126 (the NOTAM format), Doc 10066. Tolerated, since networks do it: the AFTN's
parentheses around a message or their absence, numbers of one to four digits, items on one line or many, a
missing item C, lower case in free text.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Annotated, Any, Final, NamedTuple

import msgspec

from vedette.model.errors import ZoneError
from vedette.model.time import SECOND_NS

_HEAD: Final = re.compile(
    r"^[ \t(]*(?P<id>[A-Z]\d{1,4}/\d{2})\s+NOTAM(?P<kind>[NRC])(?:\s+(?P<of>[A-Z]\d{1,4}/\d{2}))?",
    re.MULTILINE,
)
_Q: Final = re.compile(
    r"Q\)\s*(?P<fir>[A-Z]{4})\s*/\s*(?P<code>Q[A-Z]{4})\s*/\s*(?P<traffic>[IVK]{1,2})\s*/\s*"
    r"(?P<purpose>[NBOMK]{1,3})\s*/\s*(?P<scope>[AEWK]{1,3})\s*/\s*(?P<lower>\d{3})\s*/\s*(?P<upper>\d{3})"
    r"\s*/\s*(?P<lat>\d{4})(?P<ns>[NS])\s*(?P<lon>\d{5})(?P<ew>[EW])\s*(?P<radius>\d{3})"
)
_ITEM: Final = re.compile(r"(?<![A-Z0-9(])([A-G])\)\s*")
_STAMP: Final = re.compile(r"(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\s*(EST))?")


class Notam(NamedTuple):
    """One NOTAM. Times are ns UTC; an end that is None is open, and ``estimated`` ends are open too."""

    number: str
    kind: str  # N new, R replaces, C cancels
    of: str | None  # what it replaces or cancels
    fir: str
    code: str
    lower_fl: int
    upper_fl: int
    latitude_deg: float
    longitude_deg: float
    radius_nm: int
    places: str
    from_ns: int
    to_ns: int | None
    estimated: bool
    hours: str
    text: str
    floor: str | None
    ceiling: str | None
    problems: tuple[str, ...]


def looks_like_notam(data: bytes) -> bool:
    """Whether some message begins as a NOTAM does."""
    return _HEAD.search(data[: 1 << 20].decode("utf-8", errors="replace")) is not None


def split_messages(data: bytes) -> list[str]:
    """Messages of a text, each from its number to the next one's."""
    text = data.decode("utf-8", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    starts = [match.start() for match in _HEAD.finditer(text)]
    return [text[a:b].strip() for a, b in pairwise([*starts, len(text)])]


def number_of(message: str) -> str:
    """Number of a message, for talk about it."""
    match = _HEAD.search(message)
    return match["id"] if match else "no number"


def read_notam(message: str) -> Notam:
    """A message's items.

    Raises:
        ZoneError: its head, Q line or begin cannot be read.
    """
    head = _HEAD.search(message)
    if head is None:
        raise ZoneError("it does not begin as a NOTAM does")
    body = message[head.end() :]
    if message.lstrip().startswith("("):
        body = body.rstrip().removesuffix(")") if body.count(")") > body.count("(") else body
    q = _Q.search(body)
    if q is None:
        raise ZoneError("its Q line cannot be read")
    items = _items(body[: q.start()] + "\n" + body[q.end() :])
    if "B" not in items:
        raise ZoneError("item B (its begin) is missing")
    problems: list[str] = []
    from_ns, _ = _stamp(items["B"], "B")
    to_ns, estimated = None, False
    if "C" not in items:
        if head["kind"] != "C":
            problems.append("item C (its end) is missing: open end")
    elif not re.match(r"(PERM|UFN)", items["C"]):
        to_ns, estimated = _stamp(items["C"], "C")
        if to_ns <= from_ns:
            raise ZoneError("it ends before it begins")
    return Notam(
        number=head["id"],
        kind=head["kind"],
        of=head["of"],
        fir=q["fir"],
        code=q["code"],
        lower_fl=int(q["lower"]),
        upper_fl=int(q["upper"]),
        latitude_deg=_degrees(q["lat"], q["ns"]),
        longitude_deg=_degrees(q["lon"], q["ew"]),
        radius_nm=int(q["radius"]),
        places=items.get("A", ""),
        from_ns=from_ns,
        to_ns=None if estimated else to_ns,
        estimated=estimated,
        hours=items.get("D", ""),
        text=items.get("E", ""),
        floor=items.get("F") or None,
        ceiling=items.get("G") or None,
        problems=tuple(problems),
    )


def _items(body: str) -> dict[str, str]:
    """Items by letter; letters come in order, so ``TWY A) CLSD`` within E begins none."""
    accepted: list[re.Match[str]] = []
    for match in _ITEM.finditer(body):
        if not accepted or match[1] > accepted[-1][1]:
            # F and G end the free text only where a limit follows
            if match[1] in "FG" and not re.match(
                r"(SFC|GND|FL|UNL|\d)", body[match.end() : match.end() + 4].upper()
            ):
                continue
            accepted.append(match)
    ends = [m.start() for m in accepted[1:]] + [len(body)]
    return {m[1]: body[m.end() : end].strip() for m, end in zip(accepted, ends, strict=True)}


def _stamp(text: str, item: str) -> tuple[int, bool]:
    match = _STAMP.match(text)
    if match is None:
        raise ZoneError(f"item {item} ({text[:20]!r}) is no time")
    year, month, day, hour, minute = (int(match[k]) for k in range(1, 6))
    try:
        moment = datetime(2000 + year, month, day, 0, 0, tzinfo=UTC)
    except ValueError as error:
        raise ZoneError(f"item {item} ({match[0]}) is no time: {error}") from error
    if hour > 24 or minute > 59:
        raise ZoneError(f"item {item} ({match[0]}) is no time of day")
    seconds = int(moment.timestamp()) + hour * 3600 + minute * 60
    return seconds * SECOND_NS, match[6] is not None


def _degrees(digits: str, side: str) -> float:
    value = int(digits[:-2]) + int(digits[-2:]) / 60.0
    return -value if side in "SW" else value


class _Row(msgspec.Struct, frozen=True):
    """A row of a table of NOTAM, as archives of them keep it."""

    id: str
    type: str
    fir: str
    qcode: Annotated[str, msgspec.Meta(pattern="^Q[A-Z]{4}$")]
    lower_fl: Annotated[int, msgspec.Meta(ge=0, le=999)]
    upper_fl: Annotated[int, msgspec.Meta(ge=0, le=999)]
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]
    radius_nm: Annotated[int, msgspec.Meta(ge=0, le=999)]
    start: str
    end: str | None
    text: str
    item_a: str = ""
    schedule: str | None = None
    item_f: str | None = None
    item_g: str | None = None


def read_table(data: bytes) -> Iterator[tuple[str, Notam | ZoneError]]:
    """NOTAM of JSON lines, each with its number; a row that is repeated comes once."""
    seen: set[_Row] = set()
    for number, line in enumerate(data.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = msgspec.json.decode(line, type=_Row)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            yield f"row {number}", ZoneError(str(error))
            continue
        if row in seen:
            continue
        seen.add(row)
        try:
            yield row.id, _from_row(row)
        except ZoneError as error:
            yield row.id, error


def _from_row(row: _Row) -> Notam:
    from_ns, _ = _stamp(row.start, "B")
    end: Any = row.end or ""
    to_ns, estimated = None, False
    problems: tuple[str, ...] = ()
    if not end:
        problems = ("item C (its end) is missing: open end",)
    elif not end.startswith(("PERM", "UFN")):
        to_ns, estimated = _stamp(end, "C")
        if to_ns <= from_ns:
            raise ZoneError("it ends before it begins")
    return Notam(
        number=row.id,
        kind=row.type[:1] or "N",
        of=None,
        fir=row.fir,
        code=row.qcode,
        lower_fl=row.lower_fl,
        upper_fl=row.upper_fl,
        latitude_deg=row.lat,
        longitude_deg=row.lon,
        radius_nm=row.radius_nm,
        places=row.item_a,
        from_ns=from_ns,
        to_ns=None if estimated else to_ns,
        estimated=estimated,
        hours=row.schedule or "",
        text=row.text,
        floor=row.item_f,
        ceiling=row.item_g,
        problems=problems,
    )
