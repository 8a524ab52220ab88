"""Event files of GDELT 2.0 as published: rows in, reactions out.

Source: The GDELT Event Database Data Format Codebook V2.0 (2015-02-19): one event a line, 61 columns, tab
between them although the files are called CSV, no header line; published zipped. Dates are days; times of
the event itself are not published. Codes are CAMEO's, made by a program from news articles: what is
imported says so, and its reliability is F6 (cannot be judged) unless the person who imports it says better.
"""

import zipfile
import zlib
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from math import isfinite
from typing import Final

import msgspec

from vedette.council.reactions.codes import Codes, plover_of_cameo
from vedette.council.reactions.reaction import (
    Actor,
    Imported,
    Reaction,
    Source,
    When,
)
from vedette.council.reactions.register import KEPT_OCTETS, SetAside
from vedette.model.errors import SourceError
from vedette.model.time import parse_utc

COLUMNS: Final = [
    "GlobalEventID",
    "Day",
    "MonthYear",
    "Year",
    "FractionDate",
    "Actor1Code",
    "Actor1Name",
    "Actor1CountryCode",
    "Actor1KnownGroupCode",
    "Actor1EthnicCode",
    "Actor1Religion1Code",
    "Actor1Religion2Code",
    "Actor1Type1Code",
    "Actor1Type2Code",
    "Actor1Type3Code",
    "Actor2Code",
    "Actor2Name",
    "Actor2CountryCode",
    "Actor2KnownGroupCode",
    "Actor2EthnicCode",
    "Actor2Religion1Code",
    "Actor2Religion2Code",
    "Actor2Type1Code",
    "Actor2Type2Code",
    "Actor2Type3Code",
    "IsRootEvent",
    "EventCode",
    "EventBaseCode",
    "EventRootCode",
    "QuadClass",
    "GoldsteinScale",
    "NumMentions",
    "NumSources",
    "NumArticles",
    "AvgTone",
    "Actor1Geo_Type",
    "Actor1Geo_Fullname",
    "Actor1Geo_CountryCode",
    "Actor1Geo_ADM1Code",
    "Actor1Geo_ADM2Code",
    "Actor1Geo_Lat",
    "Actor1Geo_Long",
    "Actor1Geo_FeatureID",
    "Actor2Geo_Type",
    "Actor2Geo_Fullname",
    "Actor2Geo_CountryCode",
    "Actor2Geo_ADM1Code",
    "Actor2Geo_ADM2Code",
    "Actor2Geo_Lat",
    "Actor2Geo_Long",
    "Actor2Geo_FeatureID",
    "ActionGeo_Type",
    "ActionGeo_Fullname",
    "ActionGeo_CountryCode",
    "ActionGeo_ADM1Code",
    "ActionGeo_ADM2Code",
    "ActionGeo_Lat",
    "ActionGeo_Long",
    "ActionGeo_FeatureID",
    "DATEADDED",
    "SOURCEURL",
]
_AT: Final = {name: index for index, name in enumerate(COLUMNS)}
# known groups of CAMEO that are organisations of states
_ORGANISATIONS: Final = {"NAT": "org:NATO", "EEC": "org:EU", "UNO": "org:UN"}
# country codes of CAMEO that are not those of ISO 3166-1; the second, of its regions, are no state
_ISO: Final = {"ROM": "ROU", "ZAR": "COD", "TMP": "TLS", "WSB": "PSE", "GZS": "PSE", "BAG": "IRQ"}
_REGIONS: Final = frozenset(
    (
        "AFR",
        "ASA",
        "BLK",
        "CRB",
        "CAU",
        "CFR",
        "CAS",
        "CEU",
        "EIN",
        "EAF",
        "EEU",
        "EUR",
        "LAM",
        "MEA",
        "MDT",
        "NAF",
        "NMR",
        "PGS",
        "SCN",
        "SAM",
        "SAS",
        "SEA",
        "SAF",
        "WAF",
        "WST",
    )
)
# types of actors that act for their state; a gang, a paper or a firm of a country does not
_OF_THE_STATE: Final = frozenset({"", "GOV", "MIL", "SPY", "JUD", "LEG", "COP"})
UNPACKED_OCTETS_MAX: Final = 512 * 1024 * 1024


class EventRow(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of one row."""

    row: int  # from 1
    global_event_id: int
    day: date
    actor: str | None  # a party: state, or organisation of states
    addressee: str | None
    cameo: str
    verbal: bool  # QuadClass 1 or 3
    goldstein: float | None
    mentions: int
    articles: int
    added: str  # YYYY-MM-DD
    address: str
    actors: tuple[str, str]  # CAMEO codes of both, as published


class ImportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Which rows are wanted, and how they are taken in."""

    file: str
    recorded_ns: int
    recorded_by: str
    reliability: str = "F6"
    parties: frozenset[str] = frozenset()  # actor or addressee is one of them; empty: any
    first: date | None = None
    last: date | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What an import gave: every row is counted in exactly one place."""

    reactions: tuple[Reaction, ...]
    set_aside: tuple[SetAside, ...]
    duplicates: int  # of a GlobalEventID that was there already
    other: int  # not wanted: another date or party
    partyless: int  # the actor is no state, nobody who acts for one, and no organisation of states


def unpacked(data: bytes, name: str) -> bytes:
    """The table in the bytes of a published file, zipped or plain.

    Raises:
        SourceError: a zip file that cannot be read, holds other than one file, or is too large.
    """
    if not data.startswith(b"PK\x03\x04"):
        return data
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) != 1:
                raise SourceError(f"{name}: holds {len(members)} files, not one")
            with archive.open(members[0]) as file:
                table = file.read(UNPACKED_OCTETS_MAX + 1)
    # a damaged archive raises what its damage leads to
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, ValueError,
            EOFError, KeyError, OSError, IndexError) as error:  # fmt: skip
        raise SourceError(f"{name}: a zip file that cannot be read: {error}") from error
    if len(table) > UNPACKED_OCTETS_MAX:
        raise SourceError(f"{name}: more than {UNPACKED_OCTETS_MAX} octets unpacked; split it")
    return table


def rows_of(table: bytes) -> Iterator[EventRow | SetAside]:
    """Every line of a table, as a row or set aside with the reason; never raises."""
    lines = table.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        try:
            yield _row(number, line.removesuffix(b"\r"))
        except ValueError as error:  # UnicodeDecodeError is one
            yield SetAside(line=number, reason=str(error), data=line[:KEPT_OCTETS])


def _row(number: int, line: bytes) -> EventRow:
    cells = line.decode("utf-8").split("\t")
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} columns, not {len(COLUMNS)}")
    cameo = cells[_AT["EventCode"]]
    codes = Codes(cameo=cameo)
    try:
        msgspec.convert(msgspec.to_builtins(codes), Codes)
    except msgspec.ValidationError as error:
        raise ValueError(f"EventCode {cameo[:20]!r} is no CAMEO code") from error
    quad = cells[_AT["QuadClass"]]
    if quad not in ("1", "2", "3", "4"):
        raise ValueError(f"QuadClass {quad[:20]!r} is not 1 to 4")
    added = cells[_AT["DATEADDED"]]
    if len(added) != 14 or _number(added, "DATEADDED") < 0:
        raise ValueError(f"DATEADDED {added[:20]!r} is not YYYYMMDDHHMMSS")
    return EventRow(
        row=number,
        global_event_id=_number(cells[_AT["GlobalEventID"]], "GlobalEventID"),
        day=_day(cells[_AT["Day"]], "Day"),
        actor=_party(cells, "Actor1"),
        addressee=_party(cells, "Actor2"),
        cameo=cameo,
        verbal=quad in ("1", "3"),
        goldstein=_goldstein(cells[_AT["GoldsteinScale"]]),
        mentions=_number(cells[_AT["NumMentions"]], "NumMentions"),
        articles=_number(cells[_AT["NumArticles"]], "NumArticles"),
        added=_day(added[:8], "DATEADDED").isoformat(),
        address=cells[_AT["SOURCEURL"]],
        actors=(cells[_AT["Actor1Code"]][:30], cells[_AT["Actor2Code"]][:30]),
    )


def _number(text: str, column: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise ValueError(f"{column} {text[:20]!r} is no whole number")
    return int(text)


def _day(text: str, column: str) -> date:
    value = _number(text, column)
    try:
        day = date(value // 10_000, value // 100 % 100, value % 100)
    except ValueError as error:
        raise ValueError(f"{column} {text!r} is no day") from error
    if len(text) != 8 or not 1979 <= day.year <= 2115:  # GDELT begins in 1979
        raise ValueError(f"{column} {text!r} is no day of the database")
    return day


def _goldstein(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"GoldsteinScale {text[:20]!r} is no number") from error
    if not isfinite(value) or abs(value) > 10:
        raise ValueError(f"GoldsteinScale {text[:20]!r} is not within -10 and 10")
    return value


def _party(cells: list[str], who: str) -> str | None:
    group = _ORGANISATIONS.get(cells[_AT[f"{who}KnownGroupCode"]])
    if group is not None:
        return group
    if any(cells[_AT[f"{who}Type{k}Code"]] not in _OF_THE_STATE for k in (1, 2, 3)):
        return None
    state = cells[_AT[f"{who}CountryCode"]]
    state = _ISO.get(state, state)
    if (
        state not in _REGIONS
        and len(state) == 3
        and state.isascii()
        and state.isalpha()
        and state.isupper()
    ):
        return state
    return None


def reactions_of(table: bytes, settings: ImportSettings, known: frozenset[str]) -> Taken:
    """Reactions in a table of events; ``known`` are the ids that the register has.

    An id is ``gdelt:`` and the GlobalEventID, so that an event is taken in once, whatever files it is in.
    """
    reactions: list[Reaction] = []
    aside: list[SetAside] = []
    seen = set(known)
    duplicates = other = partyless = 0
    for row in rows_of(table):
        if isinstance(row, SetAside):
            aside.append(row)
            continue
        if not _wanted(row, settings):
            other += 1
            continue
        if row.actor is None:
            partyless += 1
            continue
        name = f"gdelt:{row.global_event_id}"
        if name in seen:
            duplicates += 1
            continue
        seen.add(name)
        reactions.append(_reaction(name, row, settings))
    return Taken(
        reactions=tuple(reactions),
        set_aside=tuple(aside),
        duplicates=duplicates,
        other=other,
        partyless=partyless,
    )


def _wanted(row: EventRow, settings: ImportSettings) -> bool:
    if settings.first is not None and row.day < settings.first:
        return False
    if settings.last is not None and row.day > settings.last:
        return False
    return not settings.parties or bool({row.actor, row.addressee} & settings.parties)


def _reaction(name: str, row: EventRow, settings: ImportSettings) -> Reaction:
    addressed = row.addressee is not None and row.addressee != row.actor
    web = row.address.startswith(("http://", "https://")) and len(row.address) <= 2000
    return Reaction(
        reaction_id=name,
        recorded_ns=settings.recorded_ns,
        recorded_by=settings.recorded_by,
        actor=Actor(party=row.actor),
        kind="statement" if row.verbal else "act",
        when=When(valid_ns=parse_utc(row.day.isoformat()), precision="day"),
        addressees=(row.addressee,) if row.addressee is not None and addressed else (),
        act=f"CAMEO {row.cameo}, coded by a program from news; {row.articles} articles",
        source=Source(
            publisher="GDELT 2.0 event file",
            address=row.address if web else row.address[:200].strip() or "not given",
            date=row.added,
        ),
        reliability=settings.reliability,
        codes=Codes(plover=plover_of_cameo(row.cameo), cameo=row.cameo),
        imported=Imported(
            file=settings.file,
            row=row.row,
            actors=row.actors,
            goldstein=row.goldstein,
            mentions=row.mentions,
            articles=row.articles,
        ),
    )
