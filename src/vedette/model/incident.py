"""Crossings and incidents: what the watch stage finds."""

from typing import Literal

import msgspec


class Bounds(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An estimate with the ends of its 95 % interval."""

    estimate: float
    low: float
    high: float


class Moment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An instant with the ends of its 95 % interval, ns UTC."""

    estimate_ns: int
    low_ns: int
    high_ns: int


class Crossing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A passage of one object through one zone, lawful or not.

    ``left`` is None while it is inside; ``inside_s`` and ``depth_m`` (distance from the zone's boundary at
    its deepest) then say how it stands now. ``predicted`` crossings have not begun.
    """

    track_id: str
    zone_id: str
    state: str | None
    entered: Moment
    left: Moment | None
    inside_s: Bounds
    depth_m: Bounds
    probability: float  # that it was inside at all
    predicted: bool = False
    lost_inside: bool = False  # the track ended before it left
    entered_latitude_deg: float | None = None
    entered_longitude_deg: float | None = None


class HandOver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Word to the next member that an open incident's object is expected in its airspace.

    Given before the border, at ``told_ns``; what is expected is revised until the object has ``entered`` or
    the expectation is ``withdrawn``.
    """

    from_state: str | None  # member whose airspace it is in
    state: str | None
    zone_id: str
    told_ns: int
    expected: Moment
    probability: float
    entered_ns: int | None = None
    withdrawn_ns: int | None = None


IncidentCause = Literal[
    "unexplained_crossing",  # inside without known authority
    "predicted_crossing",  # expected inside without known authority
    "zone_breach",  # conditions of a zone not met
    "needs_help",  # radio failure, emergency, unlawful interference
    "lost_inside",
]
IncidentStatus = Literal["predicted", "open", "lost", "closed"]


class Incident(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object that needs a person's attention, across as many zones as it crosses.

    Each change is a new revision of the same ``incident_id``; the ledger keeps them all.
    """

    incident_id: str
    revision: int
    group_id: str | None  # ties the tracks of one raid or formation
    status: IncidentStatus
    causes: tuple[IncidentCause, ...]
    track_id: str
    opened_ns: int
    valid_ns: int
    crossings: tuple[Crossing, ...]
    latitude_deg: float
    longitude_deg: float
    pressure_altitude_m: float | None
    ground_speed_mps: float
    track_angle_rad: float
    sensors: tuple[str, ...]
    hand_overs: tuple[HandOver, ...] = ()  # in the order in which they were given
    joined: tuple[str, ...] = ()  # incidents that turned out to be of the same object, now closed
    disputed: tuple[Crossing, ...] = ()  # areas in dispute it flew over, a row for each reading
    height_hae_m: float | None = None  # above WGS 84
    height_sigma_m: float | None = None  # of that
