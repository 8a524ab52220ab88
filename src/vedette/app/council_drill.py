"""The drill of a broken chain: what thirty-two delegations still decide when some leave, block, are cut off, or
contradict themselves. It works on real matter files with keys of its own; everything in it is marked a drill.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec

from vedette.app.key_file import write_secret
from vedette.app.matter_file import (
    KeyFile,
    append_line,
    append_receipt,
    read_matter,
    replayed,
    signed_receipt,
)
from vedette.app.rulebook import delegable, rulebook
from vedette.council.act import CHAIR, DRILL, MatterKind
from vedette.council.decision import populations
from vedette.council.lines import FORMAT, Header
from vedette.council.matter import Matter
from vedette.council.remaining import Broken, Way, agreed_before, contradictions, rules_that_decide
from vedette.council.shield.proposal import canonical_text, read_proposal
from vedette.model.errors import RecordError, SettingError
from vedette.model.signature import new_private_key, public_key_of, to_base64
from vedette.model.time import parse_utc

_DAY: Final = "2030-06-03"
_DEADLINE: Final = f"{_DAY}T10:00:00Z"  # of the silence: noon in Brussels
_BLOCKS, _CUT_OFF, _TWO_MINDED, _LEAVES = "HUN", "LVA", "SVK", "TUR"  # any would do


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that breaks, what came of it, and what is still decided then."""

    name: str
    at_ns: int
    said: tuple[str, ...]  # what happened, in words
    ways: tuple[Way, ...]


class _Room:
    """Matter files of a folder, and the keys of all who take part."""

    def __init__(self, folder: Path) -> None:
        try:
            if folder.exists() and any(folder.iterdir()):
                raise RecordError(f"{folder} is not empty; a drill takes a new folder")
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordError(f"{folder}: {error.strerror}") from error
        self.folder = folder
        self.allies = sorted(populations("nato"))
        self.keys = {party: new_private_key() for party in (*self.allies, CHAIR)}
        self.deputy = new_private_key()  # of the state that is of two minds
        for party, key in self.keys.items():  # so that people can play on, in a browser too
            self._write_key(party, party, key)
        self._write_key(f"{_TWO_MINDED}.deputy", _TWO_MINDED, self.deputy)

    def _write_key(self, name: str, party: str, key: bytes) -> None:
        file = KeyFile(
            party=party, private_key=to_base64(key), public_key=to_base64(public_key_of(key))
        )
        write_secret(self.folder / "keys" / f"{name}.key", msgspec.json.encode(file) + b"\n")

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.jsonl"

    def open(self, name: str, kind: MatterKind, title: str, text: str, at: str) -> None:
        roster = {party: to_base64(public_key_of(key)) for party, key in self.keys.items()}
        header = Header(
            format=FORMAT, matter_id=DRILL + uuid4().hex, roster=roster,
            keeper=CHAIR, deputies={_TWO_MINDED: (to_base64(public_key_of(self.deputy)),)},
        )  # fmt: skip
        with self.path(name).open("xb") as file:
            append_line(file, msgspec.json.encode(header))
        self.say(name, "EST", "open", at, matter_kind=kind, title=title)
        self.say(name, "EST", "put", at, text=text)

    def say(self, name: str, party: str, kind: str, at: str, **content: Any) -> str | None:
        """Act, by the party's key or by its deputy's; gives the reason where the act is refused."""
        key = self.deputy if content.pop("deputy", False) else self.keys[party]
        state = self.stands(name, at)
        if kind in ("place", "object", "lift", "consent"):
            content = {"version": state.current} | content
        _, _, refused = append_receipt(
            self.path(name),
            lambda file, now_ns: signed_receipt(
                file.settings.roster, file.matter_id, party, key, f"head of {party} (drill)",
                "delegation", kind, now_ns, content, file.head,
            ),
            _at(at),
        )  # fmt: skip
        return refused

    def stands(self, name: str, at: str) -> Matter:
        file = read_matter(self.path(name))
        seen = [receipt for receipt in file.receipts if receipt.received_ns <= _at(at)]
        return replayed(file, seen, _at(at))

    def ways(self, at: str, **broken: frozenset[str]) -> tuple[Way, ...]:
        """What is still decided, by rules and by what was agreed."""
        kept = [
            (self.stands(path.stem, at), read_matter(path))
            for path in sorted(self.folder.glob("*.jsonl"))
        ]
        what = Broken(**broken)
        matters = [
            (matter, file.settings.roster) for matter, file in kept if matter.kind is not None
        ]
        return (
            *rules_that_decide(what),
            *agreed_before(matters, what, delegable(), rulebook(), _at(at)),
        )

    def all_consent(self, name: str, hour: int, *, but: frozenset[str] = frozenset()) -> None:
        for minute, party in enumerate(self.allies):
            if party not in but:
                self.say(name, party, "consent", f"{hour:02}:{minute:02}:00")


def _at(clock: str) -> int:
    return parse_utc(f"{_DAY}T{clock}Z")


def _text(name: str) -> str:
    return (files("vedette") / "data" / "council" / "drill" / name).read_text("utf-8")


def run_drill(folder: Path) -> Iterator[Stage]:
    """Work through the drill; gives each stage when it has been played.

    Args:
        folder: new or empty; matter files are left in it, for ``vedette council show`` and ``page``.

    Raises:
        RecordError: the folder cannot be used.
        SettingError: a text of the drill does not fit the rules of today.
    """
    room = _Room(folder)
    for play in (_agreed, _blocked, _cut_off, _two_minded, _left, _lapsed, _member_no_more):
        yield play(room)


def _stage(
    room: _Room, name: str, at: str, said: tuple[str, ...], **broken: frozenset[str]
) -> Stage:
    return Stage(name=name, at_ns=_at(at), said=said, ways=room.ways(at, **broken))


def _agreed(room: _Room) -> Stage:
    room.open(
        "delegation",
        "delegation",
        "What the air operations centre may decide",
        _text("delegation.yaml"),
        "05:00:00",
    )
    proposal = read_proposal(_text("shield.yaml"), rulebook())
    room.open(
        "shield", "shield", "Watch over the eastern border", canonical_text(proposal), "05:00:00"
    )
    for name in ("delegation", "shield"):
        room.all_consent(name, 6)
    return _stage(
        room, "the chain is whole", "06:59:00",
        ("thirty-two delegations have signed their consent to a delegation and to a shield",),
    )  # fmt: skip


def _blocked(room: _Room) -> Stage:
    room.open("declaration", "declaration", "After the night", _text("declaration.txt"), "07:00:00")
    limit = {"deadline_ns": parse_utc(_DEADLINE), "deadline_zone": "Europe/Brussels"}
    _must(room.say("declaration", CHAIR, "place", "07:05:00", **limit))
    _must(
        room.say("declaration", _BLOCKS, "object", "09:59:59", words="it says more than is known")
    )
    late = room.say("declaration", "DEU", "object", "10:00:01", words="so do we think")
    stands = room.stands("declaration", "10:30:00")
    return _stage(
        room, f"one state says no: {_BLOCKS}", "10:30:00",
        (
            f"{_BLOCKS} objected one second before the deadline: the text is in {stands.status}",
            f"DEU spoke one second after it: {'heard, since the silence was broken' if late is None else late}",
        ),
        against=frozenset({_BLOCKS}),
    )  # fmt: skip


def _cut_off(room: _Room) -> Stage:
    amended = _text("declaration.txt").replace("and nothing else", "and what we do not know")
    _must(room.say("declaration", "EST", "put", "11:00:00", text=amended))
    _must(
        room.say(
            "declaration", "EST", "absent", "11:05:00", about=_CUT_OFF, words="no line since 10:40"
        )
    )
    limit = {"deadline_ns": _at("14:00:00"), "deadline_zone": "Europe/Brussels"}
    refused = room.say("declaration", CHAIR, "place", "11:10:00", **limit)
    _refused(refused)
    return _stage(
        room, f"one state is cut off: {_CUT_OFF}", "11:30:00",
        (
            f"nobody objects to the amended text; it may not be placed under silence: {refused}",
            "what was agreed beforehand needs nobody's answer and holds",
        ),
        away=frozenset({_CUT_OFF}),
    )  # fmt: skip


def _two_minded(room: _Room) -> Stage:
    _must(room.say("declaration", _CUT_OFF, "remark", "12:00:00", words="we are back"))
    limit = {"deadline_ns": _at("14:00:00"), "deadline_zone": "Europe/Brussels"}
    _must(room.say("declaration", CHAIR, "place", "12:05:00", **limit))
    _must(room.say("declaration", _TWO_MINDED, "consent", "12:10:00"))
    _must(
        room.say(
            "declaration",
            _TWO_MINDED,
            "object",
            "12:20:00",
            deputy=True,
            words="the minister says no",
        )
    )
    again = room.say("declaration", _TWO_MINDED, "consent", "12:25:00")
    _refused(again)
    stands = room.stands("declaration", "12:30:00")
    return _stage(
        room, f"the offices of one state contradict each other: {_TWO_MINDED}", "12:30:00",
        (
            *contradictions(stands),
            f"its delegation says yes once more: {again}",
        ),
        against=frozenset({_TWO_MINDED}),
    )  # fmt: skip


def _left(room: _Room) -> Stage:
    _must(
        room.say(
            "declaration", _TWO_MINDED, "lift", "13:00:00", deputy=True, words="settled at home"
        )
    )
    limit = {"deadline_ns": _at("15:00:00"), "deadline_zone": "Europe/Brussels"}
    _must(room.say("declaration", CHAIR, "place", "13:05:00", **limit))
    _must(room.say("delegation", _LEAVES, "leave", "13:10:00", words="a change of government"))
    return _stage(
        room, f"one state leaves: {_LEAVES}", "15:00:01",
        (
            f"{_LEAVES} has left the delegation, and nobody holds it: it ends for all, and takes a new text",
            f"the declaration: {room.stands('declaration', '15:00:01').status}, nobody having objected by 15:00",
        ),
    )  # fmt: skip


def _lapsed(room: _Room) -> Stage:
    return _stage(
        room, "the period of the shield is over", "18:00:00",
        ("nobody put a renewal before 12:00: at 18:00 the shield has ended by itself",),
    )  # fmt: skip


def _member_no_more(room: _Room) -> Stage:
    return _stage(
        room, f"one state is a member of the Alliance no more: {_LEAVES}", "19:00:00",
        (
            f"bodies decide without {_LEAVES}, each by its own count",
            f"matters that it took part in keep their rosters: what {_LEAVES} is to give there takes a new text",
        ),
        left=frozenset({_LEAVES}),
    )  # fmt: skip


def _must(refused: str | None) -> None:
    if refused is not None:
        raise SettingError(f"drill: an act that should have effect was refused: {refused}")


def _refused(refused: str | None) -> None:
    if refused is None:
        raise SettingError("drill: an act that should be refused had effect")
