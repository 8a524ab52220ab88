"""Advice: what published rules permit, addressed to the person who may decide it.

There is no value here that means "engage", and no field that could address a weapon.
"""

from typing import Literal

import msgspec

Output = Literal[
    "MONITOR",
    "ASSIST",
    "IDENTIFY",
    "ESCORT",
    "WARN_PUBLIC",
    "HAND_OVER_TO_NATIONAL_AUTHORITY",
]
ForceQuestion = Literal["never", "closed", "admissible"]


class Proposal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the rules that applies, and what it permits."""

    rule: str  # "R14"
    measures: tuple[str, ...]  # "M03", in the row's order, less those that a closed check removes
    withheld: tuple[str, ...] = ()  # measures of the row closed by a missing or failed check
    not_permitted: str
    authority: str
    deadline: str  # in the row's words
    deadline_s: float | None  # from opened_ns of the incident; None where the row has none
    reasons: tuple[str, ...]
    sources: tuple[str, ...]


class Confirmed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who stands behind a yes to one check or item of the gate, and with what words."""

    subject: str
    person: str
    office: str
    words: str


class Advice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the rules say of one incident at one time."""

    incident_id: str
    valid_ns: int
    rule_set: str  # name and digest of the rules that were evaluated
    proposals: tuple[Proposal, ...]
    output: Output
    force_question: ForceQuestion
    gate: dict[str, str] = {}  # F01..F18: "yes", "no" or "unknown"
    checks: dict[str, str] = {}  # K1..K12: "yes", "no" or "unknown"
    confirmed: tuple[Confirmed, ...] = ()  # behind the gate, while the question may be put
    undetermined: tuple[str, ...] = ()  # rules that could not be decided, each with what is missing
    authority: str | None = None  # recorded national authority for this class and state; None: none
