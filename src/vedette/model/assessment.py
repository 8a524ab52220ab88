"""What an object is and who it is, with reasons and doubts."""

from typing import Final, Literal, get_args

import msgspec

CREWED_CIVIL: Final = frozenset(
    {"airliner", "ga_aircraft", "helicopter_civil", "glider_ultralight"}
)

ObjectClass = Literal[
    "airliner",
    "ga_aircraft",
    "helicopter_civil",
    "glider_ultralight",
    "military_aircraft",
    "helicopter_military",
    "drone_small",
    "drone_long_range",
    "cruise_missile",
    "ballistic_missile",
    "balloon",
    "bird",
    "clutter_artefact",
    "unknown",
]
CLASSES: Final[tuple[str, ...]] = get_args(ObjectClass)
# STANAG 1241 names. The machine itself gives none worse than "unknown".
Identity = Literal[
    "pending", "unknown", "assumed_friend", "friend", "neutral", "suspect", "hostile"
]
Need = Literal[
    "radio_failure",  # squawk 7600
    "radio_contact_lost",  # told by air traffic services
    "emergency",  # squawk 7700 or distress
    "unlawful_interference",  # squawk 7500 or told by air traffic services
    "crew_not_responding",
]


# spoke or replied as a civil aircraft may; may be a civil flight lost here; keeps to a published route; flies as a
# filed plan says
MayBe = Literal["spoke", "replied", "lost_flight", "route", "plan"]


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One reason: where it comes from, what it says, how much it weighs, what would change it."""

    source: str
    statement: str
    supports: str  # a class or an identity
    log_odds: float  # natural logarithm; negative speaks against
    valid_ns: int
    would_change: str


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step of a ledger: what was learnt and what it made of the belief."""

    source: str
    statement: str
    valid_ns: int
    log_odds: float  # natural, by which this step moved the belief
    running: float  # natural log-odds after it
    probability: float  # the same as a probability
    would_change: str


class Ledger(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the belief in one hypothesis grew, from what was known before to now."""

    hypothesis: str  # a class, or "crewed civil aircraft"
    steps: tuple[Step, ...]


class WhatIf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a piece of evidence that may still come would make of a track."""

    evidence: str
    log_odds: float  # natural, by which the class that is likeliest now would move
    object_class: ObjectClass
    class_probability: float
    crewed_civil_probability: float
    identity: Identity
    civil: Literal["confirmed", "possible", "excluded"]


class Assessment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Class and standard identity of one track at one time."""

    track_id: str
    valid_ns: int
    object_class: ObjectClass
    class_probability: float  # of object_class
    class_probabilities: dict[str, float]  # over CLASSES, sums to 1
    identity: Identity
    civil: Literal["confirmed", "possible", "excluded"]  # excluded: only by a named person
    cooperative: bool  # has a fresh reply or broadcast of its own
    explained_by: str | None  # known authority for its flight, in words; None: none known
    needs: tuple[Need, ...] = ()
    integrity: tuple[str, ...] = ()  # doubts about its cooperative data: "position_jump", ...
    may_be_civil: tuple[MayBe, ...] = ()  # what speaks for a civil flight without proving one
    flight_plan: str | None = None  # callsign of the plan that fits
    registry_state: str | None = None  # of the ICAO address block; never evidence of intent
    icao24: str | None = None
    callsign: str | None = None
    mode3a: str | None = None
    evidence: tuple[Evidence, ...] = ()
    doubts: tuple[str, ...] = ()
    ledgers: tuple[Ledger, ...] = ()  # of the full assessment alone
    what_if: tuple[WhatIf, ...] = ()  # of the full assessment alone
