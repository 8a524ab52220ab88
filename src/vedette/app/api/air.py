"""What a page is shown of a run beside its incidents: zones, feeds, tracks and why they are what they are."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from vedette.app.api.common import Civil, Instant, Latitude, Longitude, Share, Utc
from vedette.identity.interference import Cell
from vedette.model.assessment import Identity, ObjectClass
from vedette.model.feed import FeedState
from vedette.model.zone import Datum


class SignedIn(msgspec.Struct, kw_only=True):
    """Who looks at the page, where the server knows people by their accounts."""

    account_id: str
    person: str
    office: str
    roles: list[str]


class Hello(msgspec.Struct, kw_only=True):
    """What this is. ``hears`` is false where whoever asks can say nothing."""

    version: str
    mode: Literal["live", "demo", "replay"]
    exercise: bool
    record: str | None
    started: Utc
    council: bool
    labels: dict[str, str]
    hears: bool | UnsetType = UNSET
    account: SignedIn | UnsetType | None = UNSET


class Geometry(msgspec.Struct, kw_only=True):
    """GeoJSON (RFC 7946), for display alone."""

    type: str
    coordinates: list[Any]


class ZoneLimit(msgspec.Struct, kw_only=True):
    """A floor or ceiling: a height, and what it is measured from."""

    height_m: float
    datum: Datum


class ZoneHours(msgspec.Struct, kw_only=True):
    """Hours that come again; "sunset+30" is half an hour after it."""

    days: list[str]
    start: str
    end: str
    first: str | None
    last: str | None
    utc_offset_min: int
    excluded: bool


class BorderAccuracy(msgspec.Struct, kw_only=True):
    """How well one kind of border is known, and what it was drawn from."""

    sigma_m: float
    basis: str


class ZoneProperties(msgspec.Struct, kw_only=True):
    """Whose sky it is, or what zone; a floor of null is the ground, a ceiling of null no limit."""

    zone_id: str
    kind: str
    name: str
    state: str | None
    member: bool
    claims: list[str]
    note: str
    source: str
    authority: str | None
    floor: ZoneLimit | None
    ceiling: ZoneLimit | None
    valid_from: str | None
    valid_to: str | None
    schedule: list[ZoneHours]
    dormant: bool
    boundary_sigma_m: float
    border: list[BorderAccuracy]


class ZoneFeature(msgspec.Struct, kw_only=True):
    """One zone."""

    type: Literal["Feature"]
    id: str
    properties: ZoneProperties
    geometry: Geometry | None


class Zones(msgspec.Struct, kw_only=True):
    """All zones, as a feature collection."""

    type: Literal["FeatureCollection"]
    features: list[ZoneFeature]


class FeedHealth(msgspec.Struct, kw_only=True):
    """How a feed stands."""

    feed_id: str
    url: str
    state: FeedState
    heard: Instant | None
    chunks: int
    size_bytes: int
    plots: int
    unplaced: int
    faults: int
    counts: dict[str, int]
    clock_offset_s: float | None
    clock_sigma_s: float | None
    reconnects: int
    lost: int
    lost_at: Instant | None


class SensorBias(msgspec.Struct, kw_only=True):
    """What a radar is found to be wrong by, already taken off its plots."""

    sensor_id: str
    range_m: float
    range_sigma_m: float
    azimuth_rad: float
    azimuth_sigma_rad: float
    time_s: float
    time_sigma_s: float
    plots: int
    alarm: bool


class LedgerState(msgspec.Struct, kw_only=True):
    """Size and head of the ledger; verified is null where this server did not verify it."""

    entries: int
    tree_head: str
    verified: bool | None


class TrackName(msgspec.Struct, kw_only=True):
    """What a track is called; its slot is its small number while it lives."""

    slot: int
    track_id: str
    callsign: str | None
    icao24: str | None
    mode3a: str | None
    foreign: bool
    registry: str | None


TrailPoint = Annotated[
    tuple[float, Latitude, Longitude, float | None, float],
    msgspec.Meta(description="[ms UTC, latitude, longitude, pressure altitude m, 1 sigma m]"),
]


class Interference(msgspec.Struct, kw_only=True, tag="interference"):
    """Cells in which satellite navigation is disturbed for anybody."""

    cells: list[Cell]


class LedgerStep(msgspec.Struct, kw_only=True):
    """What was learnt, and what it made of the belief; natural log-odds."""

    source: str
    statement: str
    valid: Instant
    log_odds: float
    running: float
    probability: Share
    would_change: str


class EvidenceLedger(msgspec.Struct, kw_only=True):
    """How the belief in one hypothesis grew."""

    hypothesis: str
    steps: list[LedgerStep]


class Rule(msgspec.Struct, kw_only=True):
    """What holds by rule, whatever the odds."""

    source: str
    statement: str
    supports: str
    valid: Instant
    would_change: str


class WhatIf(msgspec.Struct, kw_only=True):
    """What evidence that may still come would make of a track."""

    evidence: str
    log_odds: float
    object_class: ObjectClass = msgspec.field(name="class")
    class_probability: Share
    crewed_civil_probability: Share
    identity: Identity
    civil: Civil


class Finding(msgspec.Struct, kw_only=True):
    """The verdict on an aircraft's own word."""

    aircraft: str
    verdict: str
    reasons: list[str]
    since: Instant | None
    valid: Instant
    latitude_deg: float | None
    longitude_deg: float | None
    before_deg: tuple[float, float] | None


class Explanation(msgspec.Struct, kw_only=True):
    """Why a track is said to be what it is."""

    track_id: str
    valid: Instant
    callsign: str | None
    icao24: str | None
    object_class: ObjectClass = msgspec.field(name="class")
    class_probability: Share
    class_probabilities: dict[str, float]
    identity: Identity
    civil: Civil
    explained_by: str | None
    ledgers: list[EvidenceLedger]
    rules: list[Rule]
    what_if: list[WhatIf]
    doubts: list[str]
    integrity: Finding | None
