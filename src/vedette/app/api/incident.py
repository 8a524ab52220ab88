"""Incidents, as ``/api/incidents`` and ``vedette incident list --json`` give them."""

from typing import Literal

import msgspec

from vedette.app.api.common import Bounds, Civil, Instant, Latitude, Longitude, Moment, Named, Share
from vedette.model.incident import IncidentCause, IncidentStatus
from vedette.model.proposal import ForceQuestion, Output

Answer = Literal["yes", "no", "unknown"]


class Crossing(msgspec.Struct, kw_only=True):
    """One zone that an object is or was in, or is expected in."""

    state: str | None
    zone_id: str
    entered: Moment | None
    left: Moment | None
    inside_s: Bounds
    depth_m: Bounds
    probability: Share
    predicted: bool
    lost_inside: bool


class HandOver(msgspec.Struct, kw_only=True):
    """An object that one state told the next of."""

    from_state: str | None
    state: str | None
    zone_id: str
    told: Instant
    expected: Moment
    probability: Share
    entered: Instant | None
    withdrawn: Instant | None


class Proposal(msgspec.Struct, kw_only=True):
    """A row of the rules that applies, addressed to whoever may decide it."""

    rule: str
    measures: list[str]
    measures_text: list[str]
    withheld: list[str]
    not_permitted: str
    authority: str
    deadline: str
    deadline_s: float | None
    reasons: list[str]
    sources: list[str]


class Position(msgspec.Struct, kw_only=True):
    """Where the object was last."""

    latitude_deg: Latitude
    longitude_deg: Longitude
    pressure_altitude_m: float | None
    height_hae_m: float | None  # above WGS 84
    height_sigma_m: float | None  # of that
    ground_speed_mps: float
    track_angle_deg: float


class Evidence(msgspec.Struct, kw_only=True):
    """One reason for what an object is taken for."""

    source: str
    statement: str
    supports: str
    log_odds: float
    valid: Instant
    would_change: str


class Acknowledged(msgspec.Struct, kw_only=True):
    """Who has seen it. Nothing follows from it."""

    person: str
    utc: str
    signed: bool


class Incident(msgspec.Struct, kw_only=True):
    """One object that needs a person's attention."""

    incident_id: str
    group_id: str | None
    status: IncidentStatus
    causes: list[IncidentCause]
    object: Named
    crossings: list[Crossing]
    hand_overs: list[HandOver]
    joined: list[str]
    disputed: list[Crossing]
    # of the first crossing
    state: str | None
    zone_id: str | None
    entered: Moment | None
    left: Moment | None
    inside_s: Bounds | None
    depth_m: Bounds | None
    probability: Share | None
    proposals: list[Proposal]
    output: Output
    force_question: ForceQuestion
    national_authority: str | None
    rule_set: str | None
    opened: Instant
    valid: Instant
    position: Position
    sensors: list[str]
    needs: list[str]
    civil: Civil
    explained_by: str | None
    flight_plan: str | None
    registry_state: str | None
    evidence: list[Evidence]
    doubts: list[str]
    checks: dict[str, Answer]
    gate: dict[str, Answer]
    undetermined: list[str]
    acknowledged: Acknowledged | None
