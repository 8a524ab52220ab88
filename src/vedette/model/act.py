"""What a person did at the desk. An act is an input like any other: recorded before it has effect."""

from typing import Literal

import msgspec

ActKind = Literal[
    "acknowledge",  # the incident has been seen
    "confirm_check",  # K1..K12 is true, with evidence in words
    "deny_check",  # K1..K12 is false
    "set_identity",  # a person raises or lowers a standard identity
    "accept",  # a proposal
    "reject",
    "remark",
    "close",
    "withdraw",  # another act, whose key was revoked: ``subject`` is its id
]


class Act(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act of one named person in an office, with reasons in words."""

    act_id: str
    kind: ActKind
    person: str
    office: str
    valid_ns: int
    incident_id: str | None = None
    track_id: str | None = None
    subject: str | None = None  # "K2", "R14", ...
    value: str | None = None  # an identity, ...
    words: str = ""
    reviewer: str | None = None  # the second person, where two are needed
