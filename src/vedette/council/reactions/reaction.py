"""Reactions and retractions: what one line of a register says."""

from typing import Annotated, Final, Literal

import msgspec

from vedette.council.reactions.codes import Codes, faults_of_codes
from vedette.model.time import DAY_NS, SECOND_NS

Precision = Literal["second", "minute", "hour", "day"]
SPAN_NS: Final[dict[str, int]] = {
    "second": SECOND_NS,
    "minute": 60 * SECOND_NS,
    "hour": 3600 * SECOND_NS,
    "day": DAY_NS,
}
# an ISO 3166-1 alpha-3 code, or an organisation
PARTY_PATTERN: Final = r"^([A-Z]{3}|org:[A-Z][A-Z0-9]{1,15})\Z"
Party = Annotated[str, msgspec.Meta(pattern=PARTY_PATTERN)]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}\Z")]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=1000, pattern=r"\S")]
# more than a short quotation belongs to who wrote it
Quotation = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"\S")]
# SHA-256 of the line before; empty in the first line
Previous = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
Instant = Annotated[int, msgspec.Meta(ge=0, le=2**62)]  # to the year 2116
Admiralty = Annotated[str, msgspec.Meta(pattern=r"^[A-F][1-6]\Z")]


class Actor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who spoke or acted, as the source has it; a party of None is one that nobody has named."""

    party: Party | None
    person: Name | None = None
    office: Name | None = None


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The beginning of the span in which it happened, and how long that span is."""

    valid_ns: Instant  # ns UTC
    precision: Precision

    @property
    def end_ns(self) -> int:
        """End of the span: it had happened by then."""
        return self.valid_ns + SPAN_NS[self.precision]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where it was read."""

    publisher: Name
    address: Annotated[str, msgspec.Meta(min_length=1, max_length=2000, pattern=r"\S")]
    date: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?\Z")]


class Imported(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an event file says beside; kept as published, not used in any figure."""

    file: Name
    row: Annotated[int, msgspec.Meta(ge=1)]
    actors: tuple[str, str] | None = None  # CAMEO codes of both, as published
    goldstein: Annotated[float, msgspec.Meta(ge=-10, le=10)] | None = None
    mentions: int | None = None
    articles: int | None = None


class Reaction(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="reaction"
):
    """A statement or an act of one side, as one source gives it."""

    reaction_id: Id
    previous: Previous = ""
    recorded_ns: Instant
    recorded_by: Name
    actor: Actor
    kind: Literal["statement", "act"]
    when: When
    addressees: tuple[Party, ...] = ()  # to whom, or on whom
    words: Quotation | None = None
    language: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}\Z")] | None = None  # ISO 639
    translated: bool = False
    act: Text | None = None  # what was done or said, in the recorder's own words
    source: Source
    reliability: Admiralty  # of the source A to F, of the information 1 to 6
    codes: Codes
    incidents: tuple[Id, ...] = ()
    matters: tuple[Id, ...] = ()  # of the council
    answers: tuple[Id, ...] = ()  # reactions that it says it answers
    event: Name | None = None  # one act of one actor: what several sources tell of has one name
    corrects: Id | None = None  # the entry that this one stands for from now on
    imported: Imported | None = None


class Retraction(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="retraction"
):
    """An entry is no longer held; it stays, and weighs nothing."""

    reaction_id: Id
    previous: Previous = ""
    recorded_ns: Instant
    recorded_by: Name
    retracts: Id
    whose: Literal["speaker", "source", "register"]  # who took it back
    reason: Text
    source: Source | None = None


Entry = Reaction | Retraction


def faults_of(reaction: Reaction) -> list[str]:
    """What is wrong with a reaction beyond the types of its fields; empty where nothing is."""
    faults = faults_of_codes(reaction.codes)
    if reaction.words is None and reaction.act is None:
        faults.append("neither words nor an act")
    if reaction.kind == "act" and reaction.act is None:
        faults.append("an act needs a description in `act`")
    if reaction.words is not None and reaction.language is None:
        faults.append("words need their language")
    if reaction.words is None and (reaction.language is not None or reaction.translated):
        faults.append("a language or translation without words")
    if reaction.actor.party is None and (reaction.actor.person or reaction.actor.office):
        faults.append("a person or an office of a party that nobody has named")
    if reaction.actor.party is not None and reaction.actor.party in reaction.addressees:
        faults.append(f"{reaction.actor.party} is its own addressee")
    if len(set(reaction.addressees)) != len(reaction.addressees):
        faults.append("an addressee is named twice")
    return faults
