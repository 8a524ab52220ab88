"""Whose an object was: what persons said of it, and when a state may be named. Rules part J.

Two persons must have named the same state for the object that is meant now, nobody may have said otherwise,
and a named person must have excluded that a civil aircraft is meant. Else none is named. A release is a
question of its own, put with the name in it: what was released without it does not release it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from vedette.model.person import person_of

NOT_KNOWN: Final = "none"  # what a person says who takes an attribution back, or doubts another's


class Attribution(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person's last word on whose an object was."""

    state: str | None  # None: it is not known
    track_id: str
    person: str
    office: str
    act_id: str


class Ruling(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The state that a release may name, and why it may or may not."""

    state: str | None
    words: str


def with_word(said: tuple[Attribution, ...], word: Attribution) -> tuple[Attribution, ...]:
    """What was said, with a person's new word in the place of the one before."""
    mine = person_of(word.person)
    return (*(one for one in said if person_of(one.person) != mine), word)


def ruling(said: Iterable[Attribution], track_id: str, civil: str) -> Ruling:
    """Which state a release may name.

    Args:
        said: the last word of each person.
        track_id: of the object that is meant now; what was said of another one names no state for it.
        civil: whether it may be a civil aircraft: "possible", "confirmed" or "excluded".
    """
    words = list(said)
    for one in words:
        if one.state is None:
            return Ruling(
                state=None, words=f"{one.person} ({one.office}) says that it is not known"
            )
    states = {one.state for one in words}
    if not states:
        return Ruling(state=None, words="nobody has confirmed one")
    if len(states) > 1:
        return Ruling(state=None, words="what was confirmed contradicts itself")
    mine = [one for one in words if one.track_id == track_id]
    if len(mine) < 2:
        return Ruling(state=None, words="one confirmation is not two" if mine else
                      "what was confirmed is of another track")  # fmt: skip
    if civil != "excluded":
        return Ruling(state=None, words="nobody has excluded a civil aircraft")
    who = " and ".join(
        f"{one.person} ({one.office})" for one in sorted(mine, key=lambda one: one.act_id)
    )
    return Ruling(state=mine[0].state, words=f"confirmed by {who}")
