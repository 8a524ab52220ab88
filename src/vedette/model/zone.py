"""A zone: a piece of airspace in space and time, with whose law applies in it."""

from typing import Annotated, Literal

import msgspec

ZoneKind = Literal[
    "sovereign",
    "disputed",
    "fir",
    "uir",
    "restricted",
    "prohibited",
    "danger",
    "ctr",
    "tma",
    "cta",
    "atz",
    "uas",
    "shield",
    "temporary",
    "other",
]
Datum = Literal["hae", "amsl", "agl", "pressure"]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00|(dawn|sunrise|sunset|dusk)([+-]\d{1,3})?)$",
        description="06:30, or an event of the sun with minutes added: sunset+30",
    ),
]
CalendarDay = Annotated[
    str,
    msgspec.Meta(pattern=r"^(\d{4}-)?\d{2}-\d{2}$", description="2025-10-31, or each year 10-31"),
]


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A floor or ceiling: a height and the datum it is measured from."""

    height_m: float
    datum: Datum


class Hours(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hours that come again: from ``start`` to ``end`` on each of ``days``, or past midnight into the next.

    An end that equals the start is 24 hours later. Dawn and dusk are the ends of civil twilight.
    """

    days: tuple[Day, ...] = ()  # on which the hours begin; empty: every day
    start: ClockTime = "00:00"
    end: ClockTime = "24:00"
    first: CalendarDay | None = None  # first and last day, both included; may wrap the new year
    last: CalendarDay | None = None
    utc_offset_min: int = 0  # of the clock that days, dates and times are read on
    excluded: bool = False  # the zone sleeps in these hours, whatever the others say


class Border(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A stretch of a boundary, from one vertex to where the next stretch begins, and how well it is known."""

    first: int  # vertex of the geometry, counted through all its rings, where the stretch begins
    sigma_m: float  # 1-sigma accuracy across the boundary
    basis: str = ""  # what it was drawn from: "land border", "12 NM limit"


class Zone(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One zone without its geometry, which ``airspace`` keeps beside it in an index.

    Closed at the floor, open at the ceiling; None is unlimited (no law sets an upper limit of sovereign
    airspace). ``valid_from_ns``/``valid_to_ns`` say when it is in force, ``known_from_ns``/``known_to_ns``
    when we held that to be so.
    """

    zone_id: str
    kind: ZoneKind
    name: str
    state: str | None  # ISO 3166-1 alpha-3 of the state whose law applies
    member: bool = False  # of the alliance, and inside the treaty area
    source: str  # the publication that created it
    licence: str = ""
    note: str = ""
    claims: tuple[str, ...] = ()  # states that claim a disputed zone
    authority: str | None = None  # who may permit entry, and by what law; None: none recorded
    floor: Limit | None = None
    ceiling: Limit | None = None
    boundary_sigma_m: float = 40.0  # 1-sigma accuracy of the boundary as drawn
    border: tuple[Border, ...] = ()  # stretches that are known better or worse than that
    valid_from_ns: int | None = None
    valid_to_ns: int | None = None
    known_from_ns: int | None = None
    known_to_ns: int | None = None
    schedule: tuple[Hours, ...] = ()
    dormant: bool = (
        False  # published, but active only when a notice says so: such a notice is a zone itself
    )
    part_of: str = ""  # the airspace that this is one volume or version of
