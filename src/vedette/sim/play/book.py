"""A play-book: facts, moves of two sides with their conditions and probabilities, and postures to compare.

YAML, closed to unknown keys; see ``docs/reference/plays.md``. Every probability is a range with a status and a
source; none is learnt, and no language model makes a move.
"""

from functools import cache
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec

from vedette.council.reactions.escalation import RUNGS, TOP
from vedette.model.errors import SettingError
from vedette.sim.document import read

LADDER: Final = "rung"  # the fact that every play-book has
Name = Annotated[str, msgspec.Meta(pattern="^[a-z0-9]+([-_][a-z0-9]+)*$")]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Side = Literal["ours", "theirs"]


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole number that moves read and change, kept within its bounds."""

    text: Words
    start: int = 0
    low: int = 0
    high: int = 1


class Move(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a side may do in a round."""

    id: Name
    side: Side
    text: Words
    when: dict[str, tuple[int, int]] = {}  # each fact within its bounds, both included
    probability: tuple[Share, Share, Share]  # low, likely, high: nobody knows it better
    adds: dict[str, int] = {}
    status: Literal["published", "derived", "assumption"]
    source: Words


class Posture(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which of our moves are in the book; theirs are the same for all."""

    id: Name
    text: Words
    moves: tuple[Name, ...]
    start: dict[str, int] = {}


class Book(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One play-book."""

    format: Literal["vedette-play/1"]
    id: Name
    title: Words
    about: Words
    round: Words  # what one round stands for
    rounds: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    facts: dict[str, Fact]
    moves: Annotated[tuple[Move, ...], msgspec.Meta(min_length=1)]
    postures: Annotated[tuple[Posture, ...], msgspec.Meta(min_length=2)]
    assumptions: Annotated[tuple[Words, ...], msgspec.Meta(min_length=1)]


def read_book(name: str, data: bytes) -> Book:
    """A play-book of a file.

    Raises:
        SourceError: it is none; says where and what.
    """
    return read(name, data, Book, _check)


def _check(book: Book) -> None:
    ladder = book.facts.get(LADDER)
    if ladder is None or (ladder.low, ladder.high) != (0, TOP):
        raise ValueError(
            f"facts: {LADDER} is there, from 0 to {TOP} (of {', '.join(RUNGS.values())})"
        )
    for name, fact in book.facts.items():
        if not fact.low <= fact.start <= fact.high:
            raise ValueError(f"facts.{name}: it starts out of its bounds")
    ids = [move.id for move in book.moves]
    if len(set(ids)) != len(ids):
        raise ValueError("moves: an id stands twice")
    for move in book.moves:
        strange = {*move.when, *move.adds} - set(book.facts)
        if strange:
            raise ValueError(f"moves.{move.id}: no fact {', '.join(sorted(strange))}")
        if list(move.probability) != sorted(move.probability):
            raise ValueError(f"moves.{move.id}: low, likely and high must rise")
    ours = {move.id for move in book.moves if move.side == "ours"}
    for posture in book.postures:
        strange = set(posture.moves) - ours
        if strange:
            raise ValueError(f"postures.{posture.id}: {', '.join(sorted(strange))} is none of ours")
        for name, value in posture.start.items():
            if name not in book.facts or not book.facts[name].low <= value <= book.facts[name].high:
                raise ValueError(f"postures.{posture.id}.start: {name}")


@cache
def shipped_books() -> dict[str, Book]:
    """The play-books that come with the program, by id.

    Raises:
        SourceError: the installation is damaged.
    """
    found = {}
    for item in sorted((files("vedette") / "data" / "plays").iterdir(), key=lambda one: one.name):
        if item.name.endswith(".yaml"):
            book = read_book(item.name, item.read_bytes())
            found[book.id] = book
    return found


def named(name: str) -> Book:
    """A shipped play-book.

    Raises:
        SettingError: there is none of that name.
    """
    found = shipped_books()
    if name not in found:
        raise SettingError(f"no play-book {name!r}; there are {', '.join(found)}")
    return found[name]
