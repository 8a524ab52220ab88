"""Council matters: how each stands, who said what, and the shield that one is about."""

from typing import Literal

import msgspec

from vedette.app.api.common import Key, Utc, either
from vedette.council.shield.coverage import Figures

Position = Literal["yes", "no", "aside", "absent", "left", "silent"]


class Deadline(msgspec.Struct, kw_only=True):
    """When silence ends, with the zone in which it was set."""

    utc: Utc
    zone: str


class Objection(msgspec.Struct, kw_only=True):
    """A party's no."""

    party: str
    person: str
    reason: str
    utc: Utc
    version: str
    outstanding: bool


class Version(msgspec.Struct, kw_only=True):
    """One version of the text, with the lines that it changed."""

    digest: str
    text: str
    party: str
    utc: Utc
    words: str
    changes: list[str]


class Event(msgspec.Struct, kw_only=True):
    """What happened in the matter."""

    kind: str
    party: str | None
    words: str
    utc: Utc


class Contribution(msgspec.Struct, kw_only=True):
    """What a state gives to a shield, and what it keeps back."""

    state: str
    sensors: list[str]
    alerts: list[str]
    places: list[str]
    caveats: list[str]


class StandingShield(msgspec.Struct, kw_only=True):
    """A shield as it stands."""

    fault: None
    version: str
    name: str
    purpose: str
    in_force: bool
    words: str
    missing: list[str]
    hosts: dict[str, str]
    since: Utc
    until: Utc
    floor: str
    ceiling: str
    rules: list[str]
    measures: list[str]
    contributions: list[Contribution]


class UnreadableShield(msgspec.Struct, kw_only=True):
    """Why the text of a matter cannot be read as a shield."""

    fault: str


class Matter(msgspec.Struct, kw_only=True):
    """One matter."""

    file: str
    matter_id: str
    roster: str
    keys: dict[str, list[Key]]
    revoked: list[Key]
    kind: str | None
    title: str
    drill: bool
    status: Literal["empty", "talks", "silence", "agreed", "withdrawn", "lapsed"]
    agreed_by: Literal["silence", "consent"] | None
    opened_by: str | None
    current: str | None
    deadline: Deadline | None
    positions: dict[str, Position]
    objections: list[Objection]
    versions: list[Version]
    events: list[Event]
    shield: either(StandingShield, UnreadableShield, None)  # type: ignore[valid-type]
    contradictions: list[str]
    torn_bytes: int
    head: str


class MatterFault(msgspec.Struct, kw_only=True):
    """A file that is no matter."""

    file: str
    error: str


class Council(msgspec.Struct, kw_only=True):
    """All matters of the folder."""

    now: Utc
    matters: list[Matter]
    faults: list[MatterFault]


class Without(msgspec.Struct, kw_only=True):
    """A shield that one state has left: what goes with it, and what is left."""

    state: str
    host: bool
    takes: list[str]
    figures: Figures


class Cover(msgspec.Struct, kw_only=True):
    """What a shield covers, and what it covers without each state in turn."""

    figures: Figures
    without: list[Without]
