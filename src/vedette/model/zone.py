"""A zone: a piece of airspace in space and time, with whose law applies in it."""

from typing import Literal

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


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A floor or ceiling: a height and the datum it is measured from."""

    height_m: float
    datum: Datum


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
    valid_from_ns: int | None = None
    valid_to_ns: int | None = None
    known_from_ns: int | None = None
    known_to_ns: int | None = None
