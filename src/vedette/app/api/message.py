"""What goes over ``/ws``: text frames by their ``type``, and the picture as columns of a MessagePack map."""

from typing import Final, Literal, NamedTuple

import msgspec

from vedette.app.api.air import FeedHealth, Hello, Interference, LedgerState, SensorBias, TrackName
from vedette.app.api.desk import Desk
from vedette.app.api.incident import Incident, Proposal


class HelloMessage(Hello, kw_only=True, tag="hello"):
    """First of all."""


class TracksMessage(msgspec.Struct, kw_only=True, tag="tracks"):
    """Names: all after a connection, then what changed."""

    tracks: list[TrackName]
    gone: list[int]


class IncidentsMessage(msgspec.Struct, kw_only=True, tag="incidents"):
    """The whole list, when it changes."""

    incidents: list[Incident]


class KnownNowMessage(msgspec.Struct, kw_only=True, tag="known_now"):
    """Of a replay once it is whole: incidents as known at its end."""

    incidents: list[Incident]


class Judged(msgspec.Struct, kw_only=True):
    """What another rule set says of an incident."""

    incident_id: str
    output: str
    force_question: Literal["never", "closed", "admissible"]
    proposals: list[Proposal]


class OtherRulesMessage(msgspec.Struct, kw_only=True, tag="other_rules"):
    """Of a replay that is compared with another rule set: what that says at this time, when it changes."""

    incidents: list[Judged]


class FeedsMessage(msgspec.Struct, kw_only=True, tag="feeds"):
    """Each second: feeds, what radars are wrong by, and the ledger.

    ended: all feeds have; spared: plots for which there was no time; isolated: the node of this watch hears none
    of its allies, null where that is not known.
    """

    feeds: list[FeedHealth]
    spared: int
    isolated: bool | None
    registration: list[SensorBias]
    now_ms: float
    ended: bool
    ledger: LedgerState


class Mark(msgspec.Struct, kw_only=True):
    """When an incident began."""

    incident_id: str
    at_ms: float
    track_id: str


class TimeMessage(msgspec.Struct, kw_only=True, tag="time"):
    """Of a replay, or of a watch that is looked back at: how far it has come, and where this page is in it."""

    from_ms: float
    to_ms: float
    at_ms: float
    speed: float
    playing: bool
    whole: bool
    differs: str | None
    marks: list[Mark]
    other_rules: str | None  # name of the rule set that it is compared with
    judged: bool  # whether all of it has been judged by them
    running: bool  # of a watch that goes on: its end is now


class PastKept(msgspec.Struct, frozen=True, kw_only=True):
    """From when to when one can look back at a watch that runs; null: nothing is kept yet."""

    from_ms: float | None
    to_ms: float | None
    fault: str | None  # why nothing is kept


class Wanted(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a page says to a replay, or to ``/ws/past``: a time to go to, a pace, or both."""

    type: Literal["time"] = "time"
    at_ms: float | None = None
    speed: float | None = None
    playing: bool | None = None


SENT: Final = (
    HelloMessage, TracksMessage, IncidentsMessage, Desk, Interference, FeedsMessage, TimeMessage,
    KnownNowMessage, OtherRulesMessage,
)  # fmt: skip


class Column(NamedTuple):
    """A column of the picture."""

    dtype: str
    meaning: str


COLUMNS: Final[dict[str, Column]] = {
    "slot": Column("<u4", "which track"),
    "latitude_deg": Column("<f4", "WGS 84"),
    "longitude_deg": Column("<f4", "WGS 84"),
    "height_m": Column("<f4", "pressure altitude where known; NaN: unknown"),
    "speed_mps": Column("<f4", "over ground"),
    "course_rad": Column("<f4", "over ground, clockwise from true north"),
    "sigma_m": Column("<f4", "1 sigma of the horizontal position, along the longer axis"),
    "sigma_minor_m": Column("<f4", "1 sigma along the shorter axis"),
    "sigma_axis_rad": Column("<f4", "azimuth of the longer axis, clockwise from true north"),
    "age_s": Column("<f4", "since the last measurement"),
    "status": Column("|u1", "0 tentative, 1 confirmed, 2 coasting"),
    "identity": Column(
        "|u1", "pending, unknown, assumed friend, friend, neutral, suspect, hostile"
    ),
    "object_class": Column("|u1", "index in the names of ObjectClass"),
}
