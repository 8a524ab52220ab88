"""The desk: offices, what is asked of them, what they said, and how long there is."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from vedette.app.api.common import Instant, Key, Share
from vedette.response.desk.docket import Status, WordKind


class Holder(msgspec.Struct, kw_only=True):
    """Who may sign for an office."""

    person: str
    public_key: Key


class Office(msgspec.Struct, kw_only=True):
    """An office of the desk."""

    office_id: str
    title: str
    roles: list[str]
    state: str | None
    holders: list[Holder]


class Seat(msgspec.Struct, kw_only=True):
    """Roles of which one has to say yes."""

    roles: list[str]
    said_yes: bool


class Word(msgspec.Struct, kw_only=True):
    """What somebody said to a question."""

    kind: WordKind
    person: str
    office: str
    seen: Instant
    act_id: str
    words: str


class Paper(msgspec.Struct, kw_only=True):
    """One question put to offices: may this measure be taken for this object?"""

    paper_id: str
    incident_id: str
    track_id: str
    measure: str
    measure_text: str
    state: str | None
    rules: list[str]
    not_permitted: list[str]
    authority: list[str]
    question: str
    basis: str
    against: list[str]
    attributed_to: str | None
    attribution: str
    seats: list[Seat]
    opened: Instant
    status: Status
    decided: Instant | None
    words: list[Word]
    void: list[Word]


class Revoked(msgspec.Struct, kw_only=True):
    """A key that is trusted no more."""

    public_key: Key
    by: str
    office: str
    revoked: Instant
    act_id: str
    words: str


class Seconds(msgspec.Struct, kw_only=True):
    """A time span with the ends of its 95 % interval."""

    low: float
    estimate: float
    high: float


class Limit(msgspec.Struct, kw_only=True):
    """What ends the time that is left."""

    kind: Literal["exit", "entry"]
    zone_id: str
    state: str | None
    probability: Share
    horizon_s: float
    left_s: Seconds | None


class StepTime(msgspec.Struct, kw_only=True):
    """One measure against the limit."""

    measure: str
    status: str
    remaining: list[str]
    needed_s: Seconds
    in_time: Share
    late_step: str | None
    helps: str | None
    helped: Share | None


class Clock(msgspec.Struct, kw_only=True):
    """What can still be done before the object is gone, or there. It asks for nothing."""

    incident_id: str
    valid: Instant
    limit: Limit | None
    steps: list[StepTime]
    measured: dict[str, int] | UnsetType = UNSET


class Desk(msgspec.Struct, kw_only=True, tag="desk"):
    """The whole desk. ``now_ns`` is a text: it is signed to the nanosecond, and JSON numbers are not."""

    desk: str
    now_ns: str
    roles: dict[str, str]
    offices: list[Office]
    papers: list[Paper]
    revoked: list[Revoked]
    clocks: list[Clock]
