"""Contradictions of attribution: flagged with both sides, never averaged and never settled here.

Two rules. *Words*: the same words, four or more, are given to two speakers. *Act*: one event, or one coded
act of one day, on the same addressees, out of one and the same news article, is given to two parties.
Words in two translations, and different words for one act, are not seen.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Final, Literal

import msgspec

from vedette.council.reactions.reaction import Reaction
from vedette.council.reactions.register import Register

WORDS_MIN: Final = 4  # fewer are said by everybody


class Contradiction(msgspec.Struct, frozen=True, kw_only=True):
    """The same thing given to more than one who said or did it."""

    kind: Literal["words", "act"]
    what: str
    given_to: tuple[str, ...]
    parties: frozenset[str]
    reaction_ids: tuple[str, ...]
    reason: str
    open: bool  # False: retractions and corrections have left one side only


def plain_words(text: str) -> tuple[str, ...]:
    """Words without case, accents' composition, punctuation: what two copies of a quotation share.

    >>> plain_words('“We did NOT cross,” he said.')
    ('we', 'did', 'not', 'cross', 'he', 'said')
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return tuple("".join(c if c.isalnum() else " " for c in folded).split())


def _speaker(reaction: Reaction) -> str:
    actor = reaction.actor
    return f"{actor.party} ({actor.person})" if actor.person else str(actor.party)


def _differ(reactions: Iterable[Reaction]) -> bool:
    """Whether two of them have different speakers, as far as they are named."""
    parties = {one.actor.party for one in reactions}
    persons = {" ".join(plain_words(one.actor.person)) for one in reactions if one.actor.person}
    return len(parties) > 1 or len(persons) > 1


def contradictions(register: Register) -> tuple[Contradiction, ...]:
    """All contradictions of attribution in a register, retracted entries too, open ones first."""
    by_words: dict[object, list[Reaction]] = defaultdict(list)
    by_act: dict[object, list[Reaction]] = defaultdict(list)
    for one in register.reactions:
        if one.actor.party is None:
            continue  # that nobody is named contradicts nothing
        words = plain_words(one.words) if one.words else ()
        if len(words) >= WORDS_MIN:
            by_words[words].append(one)
        if one.event is not None:
            by_act["event", one.event].append(one)
        elif one.imported is not None and one.source.address.startswith("http"):
            by_act[one.source.address, one.codes.cameo, one.when.valid_ns, one.addressees].append(
                one
            )
    standing = {one.reaction_id for one in register.in_force}
    found = [_of_words(group, standing) for group in by_words.values() if _differ(group)] + [
        _of_act(group, standing)
        for group in by_act.values()
        if len({one.actor.party for one in group}) > 1
    ]
    return tuple(sorted(found, key=lambda one: (not one.open, one.kind, one.reaction_ids)))


def _of_words(group: list[Reaction], standing: set[str]) -> Contradiction:
    return Contradiction(
        kind="words",
        what=str(group[0].words),
        parties=frozenset(str(one.actor.party) for one in group),
        given_to=tuple(sorted({_speaker(one) for one in group})),
        reaction_ids=tuple(sorted(one.reaction_id for one in group)),
        reason="the same words are given to different speakers",
        open=_differ([one for one in group if one.reaction_id in standing]),
    )


def _of_act(group: list[Reaction], standing: set[str]) -> Contradiction:
    named = group[0].event
    left = {one.actor.party for one in group if one.reaction_id in standing}
    return Contradiction(
        kind="act",
        what=named or str(group[0].act),
        parties=frozenset(str(one.actor.party) for one in group),
        given_to=tuple(sorted({str(one.actor.party) for one in group})),
        reaction_ids=tuple(sorted(one.reaction_id for one in group)),
        reason=(
            "one event is given to different parties"
            if named
            else "one article gives the same coded act to different parties; it may have been a joint one"
        ),
        open=len(left) > 1,
    )


def disputed_ids(register: Register) -> frozenset[str]:
    """Reactions whose attribution stands contradicted."""
    return frozenset(
        name for one in contradictions(register) if one.open for name in one.reaction_ids
    )
