"""The decision clock of an incident: what can still be done before the object is gone, or there."""

from typing import Literal

import msgspec

Seconds = tuple[float, float, float]  # 2.5 %, 50 % and 97.5 %


class Limit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What ends the time that is left: the object leaves a zone, or enters the one that it heads for."""

    kind: Literal["exit", "entry"]
    zone_id: str
    state: str | None
    probability: float  # that it comes within ``horizon_s``
    horizon_s: float
    left_s: Seconds | None  # should it come; None: hardly


class StepTime(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One measure against the limit."""

    measure: str
    status: str  # of its paper
    remaining: tuple[str, ...]  # steps, in order
    needed_s: Seconds
    in_time: float  # probability that all of it is done before the limit
    late_step: str | None  # the first that is likelier too late than not
    helps: str | None  # the step whose time, were it none, would change most
    helped: float | None  # what the probability would then be


class Clock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All measures of one incident that people can still take. It asks nobody for anything."""

    incident_id: str
    valid_ns: int
    limit: Limit | None  # None: nothing is known to end it
    steps: tuple[StepTime, ...]
    measured: dict[str, int] = {}  # answers of this run that a step's time was learnt from
