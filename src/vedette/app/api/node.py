"""A node of an alliance: its links, and what the nations tell of each object."""

from typing import Literal

import msgspec

from vedette.alliance.joined import Difference, Link
from vedette.alliance.matters import Outcome
from vedette.app.api.common import Utc


class Peer(msgspec.Struct, kw_only=True):
    """A link to another nation."""

    state: Literal["well", "behind", "silent", "never", "contested", "unknown"]
    heard_s: float | None
    entries: int
    behind: int
    they_are_behind: int
    picture_s: float | None
    tracks: int
    we_shed: int
    they_shed: int
    key: int
    contested: bool
    refused: int
    counts: dict[str, int]


class NodeStatus(msgspec.Struct, kw_only=True):
    """The links, as the node wrote them last.

    isolated: it hears no other nation; null where that is not known.
    """

    nation: str
    at_ns: int
    boot: int
    age_s: float
    running: bool
    link: bool
    lost: int
    entries: int
    key: int
    contested: bool
    isolated: bool | None
    witnessed: int
    notes: list[str]
    peers: dict[str, Peer]
    matters: list[Outcome]


class Statement(msgspec.Struct, kw_only=True):
    """One step of what a nation said."""

    utc: Utc
    sequence: int
    status: str
    identity: str | None
    object_class: str | None
    expected_in: str | None


class Account(msgspec.Struct, kw_only=True):
    """What one nation tells of an object."""

    nation: str
    incident_id: str
    status: str
    identity: str | None
    object_class: str | None
    icao24: str | None
    callsign: str | None
    causes: list[str]
    states: list[str]
    latitude_deg: float | None
    longitude_deg: float | None
    first: Utc
    last: Utc
    acknowledged: list[tuple[str, str, str]]
    history: list[Statement]


class SharedObject(msgspec.Struct, kw_only=True):
    """One object as the nations tell of it. Nobody is outvoted."""

    accounts: list[Account]
    joined: list[Link]
    identity: str | None
    object_class: str | None
    icao24: str | None
    differences: list[Difference]
    expected_in: list[str]
    elsewhere: list[tuple[str, str]]


class SharedObjects(msgspec.Struct, kw_only=True):
    """Every object of which a nation told, the newest first."""

    objects: list[SharedObject]
