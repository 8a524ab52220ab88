"""Consultations of the past as matters: published days made into acts, run through the machine of today.

The acts are signed with keys that anyone can make again (SHA-256 of the party's name): they prove nothing about
the past, and the matters are drills.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Literal

import msgspec
import yaml

from vedette.council.act import (
    CHAIR,
    DRILL,
    ActKind,
    CouncilAct,
    MatterKind,
    Receipt,
    Roster,
    digest_of,
    encode_act,
)
from vedette.council.matter import Event, Matter, MatterSettings, initial, step
from vedette.model.errors import RuleError
from vedette.model.signature import public_key_of, sign, to_base64
from vedette.model.time import SECOND_NS


class PastAct(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act; ``by: everyone`` stands for one of each member."""

    at: datetime
    by: str
    kind: ActKind
    matter: MatterKind | None = None
    text: str = ""
    deadline: datetime | None = None


class History(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One matter of the past, and how it is published to have ended."""

    id: str
    title: str
    members: str  # ISO 3166-1 alpha-3, between spaces
    hours: Literal["assumed", "published"]
    published: str
    outcome: Literal["talks", "silence", "agreed", "withdrawn", "lapsed"]
    source: str
    asked: date | None  # published day on which it was asked for; None: not known
    decided: date | None  # published day of what came of it; None: nothing did
    acts: tuple[PastAct, ...]
    until: datetime
    note: str = ""


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    histories: tuple[History, ...]


@cache
def shipped_histories() -> dict[str, History]:
    """The histories that come with the program.

    Raises:
        RuleError: the file is none.
    """
    name = "histories.yaml"
    data = (files("vedette") / "data" / "council" / name).read_bytes()
    try:
        read = msgspec.convert(yaml.safe_load(data), _File)
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise RuleError(f"{name}: {error}") from error
    return {one.id: one for one in read.histories}


def replay(history: History) -> tuple[Matter, tuple[Event, ...]]:
    """The matter at the end of a history, and all that happened in it."""
    parties = (*history.members.split(), CHAIR)
    roster = Roster(keys={party: to_base64(public_key_of(_key(party))) for party in parties})
    settings = MatterSettings(roster=roster)
    receipts = list(_receipts(history, roster))
    return step(settings, initial(settings), receipts, _ns(history.until))


def days_agree(history: History, events: Sequence[Event]) -> bool:
    """Whether the replay opens and ends on the days that are published."""
    opened = [day_of(event.at_ns) for event in events if event.kind == "opened"]
    agreed = [day_of(event.at_ns) for event in events if event.kind == "agreed"]
    asked = history.asked is None or opened == [history.asked]
    return asked and agreed == ([] if history.decided is None else [history.decided])


def day_of(at_ns: int) -> date:
    """The day of an instant, UTC."""
    return datetime.fromtimestamp(at_ns // SECOND_NS, UTC).date()


def _receipts(history: History, roster: Roster) -> Iterator[Receipt]:
    version = None
    for number, act in enumerate(history.acts):
        if act.kind == "put":
            version = digest_of(act.text)
        for order, party in enumerate(sorted(roster.states) if act.by == "everyone" else [act.by]):
            at_ns = _ns(act.at) + order * SECOND_NS
            signed = encode_act(
                CouncilAct(
                    act_id=f"{number} {party}",
                    matter_id=DRILL + history.id,
                    roster=roster.digest,
                    party=party,
                    person="not published",
                    office="delegation",
                    kind=act.kind,
                    valid_ns=at_ns,
                    matter_kind=act.matter,
                    title=history.title if act.kind == "open" else "",
                    text=act.text,
                    version=None if act.kind in ("open", "put") else version,
                    deadline_ns=None if act.deadline is None else _ns(act.deadline),
                    deadline_zone="" if act.deadline is None else "UTC",
                    words="as published" if act.kind == "object" else "",
                )
            )
            key = _key(party)
            yield Receipt(
                received_ns=at_ns,
                act=to_base64(signed),
                public_key=to_base64(public_key_of(key)),
                signature=to_base64(sign(signed, key)),
                drill=True,
            )


def _key(party: str) -> bytes:
    return sha256(f"history {party}".encode()).digest()


def _ns(moment: datetime) -> int:
    return round(moment.timestamp()) * SECOND_NS
