"""The register of reactions, as the time line shows it."""

from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from vedette.app.api.common import Instant, Utc
from vedette.council.reactions.codes import Codes
from vedette.council.reactions.occasion import Severity
from vedette.council.reactions.pairs import Pair
from vedette.council.reactions.reaction import Actor, Imported, Precision, Source


class Dated(msgspec.Struct, kw_only=True):
    """A time as exactly as it is known."""

    utc: Utc
    text: str
    precision: Precision | UnsetType = UNSET


class Retracted(msgspec.Struct, kw_only=True):
    """Who took an entry back, and why."""

    reaction_id: str
    recorded: Instant
    whose: Literal["speaker", "source", "register"]
    reason: str


class Dispute(msgspec.Struct, kw_only=True):
    """To whom else it is given."""

    reason: str
    given_to: list[str]
    open: bool


class ShownReaction(msgspec.Struct, kw_only=True):
    """One reaction with how it stands."""

    reaction_id: str
    previous: str
    recorded_ns: int
    recorded_by: str
    actor: Actor
    kind: Literal["statement", "act"]
    when: Dated
    addressees: list[str]
    words: str | None
    language: str | None
    translated: bool
    act: str | None
    source: Source
    reliability: str
    codes: Codes
    incidents: list[str]
    matters: list[str]
    answers: list[str]
    event: str | None
    corrects: str | None
    imported: Imported | None
    recorded: Instant
    status: str
    corrected_by: str | None
    retraction: Retracted | None
    score: float | None
    rung: int | None
    code_text: str
    disputes: list[Dispute]


class Occasion(msgspec.Struct, kw_only=True):
    """An incident or a decision."""

    occasion_id: str
    kind: str
    when: Dated
    parties: list[str]
    title: str
    severity: Severity | None


class Contradiction(msgspec.Struct, kw_only=True):
    """An act that is given to more than one."""

    kind: str
    what: str
    given_to: list[str]
    reaction_ids: list[str]
    reason: str
    open: bool


class TensionOfPair(msgspec.Struct, kw_only=True):
    """The index of one ordered pair, with its course as [ms, index] points and its level."""

    actor: str
    addressee: str
    at: Instant
    index: float
    undisputed: float
    cooperation: float
    entries: int
    events: int
    disputed: int
    unscored: int
    largest: list[str]
    course: list[tuple[int, float]]
    level: dict[str, Any] | UnsetType = UNSET


class TensionIndex(msgspec.Struct, kw_only=True):
    """Its formula in words, and the pairs in which it is largest."""

    formula: str
    pairs: list[TensionOfPair]


class NoRegister(msgspec.Struct, kw_only=True):
    """The server was given none."""

    register: None


class Reactions(msgspec.Struct, kw_only=True):
    """All that the time line shows."""

    register: str
    reactions: list[ShownReaction]
    earlier: int
    occasions: list[Occasion]
    pairs: list[Pair]
    pair_rule: str
    contradictions: list[Contradiction]
    tension: TensionIndex
    set_aside: int
    breaks: list[str]
    head: str
