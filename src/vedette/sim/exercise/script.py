"""A script: who sits at the desk, what they will say, and how soon. See ``docs/reference/exercises.md``."""

from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from vedette.model.signature import public_key_of, to_base64
from vedette.response.desk.offices import Holder, Office, Roster
from vedette.sim.document import read

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"\S")]


class Player(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person in an office."""

    person: Name
    office: Name
    roles: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a player says, of every incident that it is about, once.

    A question (``accept``, ``reject``, ``ask``) is answered ``after_s`` seconds after it was put, anything else
    is said that long after the incident was opened.
    """

    person: Name
    kind: Literal["accept", "reject", "ask", "confirm_check", "deny_check", "set_identity"]
    subject: Name | None = None  # a measure, a check, an item of the gate or a statement
    value: Name | None = None  # an identity
    about: Name = (
        "*"  # an object of the scenario, "nothing" for what no object stands behind, "*" for all
    )
    after_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 30.0
    words: Annotated[str, msgspec.Meta(min_length=1, max_length=1_000)] = "as exercised"


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who plays, and what they say."""

    title: Name
    players: Annotated[tuple[Player, ...], msgspec.Meta(min_length=1)]
    lines: tuple[Line, ...] = ()

    def roster(self) -> Roster:
        """The offices of this script, with keys that are made from it: of no use outside of it."""
        offices: dict[str, Office] = {}
        for player in self.players:
            holder = Holder(
                person=player.person,
                public_key=to_base64(public_key_of(self.key_of(player.person))),
            )
            known = offices.get(player.office)
            offices[player.office] = Office(
                office_id=player.office,
                title=player.office,
                roles=player.roles if known is None else known.roles,
                holders=(holder,) if known is None else (*known.holders, holder),
            )
        return Roster(offices=tuple(offices.values()))

    def key_of(self, person: str) -> bytes:
        """The key with which a player signs; no secret."""
        return sha256(f"exercise {self.title} {person}".encode()).digest()


def read_script(name: str, data: bytes) -> Script:
    """The script of a file.

    Raises:
        SourceError: it is none; says where and what to do.
    """
    return read(f"script {name}", data, Script, _check)


def _check(script: Script) -> None:
    from vedette.response.desk.seats import table_of
    from vedette.response.rule_set import shipped_rules

    roles = table_of({}, shipped_rules()).roles
    people = {player.person: player for player in script.players}
    if len(people) != len(script.players):
        raise ValueError("players: a person stands twice; one person holds one office here")
    for number, player in enumerate(script.players):
        for role in player.roles:
            if role not in roles:
                raise ValueError(
                    f"players[{number}]: no role {role!r}; there are {', '.join(roles)}"
                )
    for number, line in enumerate(script.lines):
        if line.person not in people:
            raise ValueError(
                f"lines[{number}]: {line.person!r} is no player; name one of {', '.join(people)}"
            )
        if (line.kind == "set_identity") != (line.value is not None):
            raise ValueError(
                f"lines[{number}]: value is the identity of set_identity, and of nothing else"
            )
        if (line.kind == "set_identity") == (line.subject is not None):
            raise ValueError(
                f"lines[{number}]: {line.kind} needs a subject (M06, K1, …); set_identity has none"
            )
