"""A register of reactions: JSON Lines, each line with the digest of the one before.

Lines are only ever added. A correction is a new reaction that names the old one; a retraction is a line of
its own. Both leave the old line where it is, and take its weight. A line that cannot be used is set aside
with its number, its reason and its bytes, and the rest is read.
"""

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from typing import Final

import msgspec

from vedette.council.reactions.reaction import Entry, Reaction, Retraction, faults_of
from vedette.model.errors import RecordError

KEPT_OCTETS: Final = 4096  # of a line that is set aside
LINE_OCTETS_MAX: Final = 65_536
_DECODER: Final = msgspec.json.Decoder(Entry)


class SetAside(msgspec.Struct, frozen=True, kw_only=True):
    """A line or row that could not be used, with its bytes (cut to ``KEPT_OCTETS``)."""

    line: int  # from 1
    reason: str
    data: bytes


class Register(
    msgspec.Struct, frozen=True, kw_only=True, dict=True
):  # dict: what is derived is kept
    """A register as read."""

    reactions: tuple[Reaction, ...] = ()  # all, in the order of the file
    retractions: tuple[Retraction, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    breaks: tuple[int, ...] = ()  # lines that do not follow the line before them
    lines: int = 0
    head: str = ""  # SHA-256 of the last line: who keeps it elsewhere sees a cut end

    @cached_property
    def retracted(self) -> dict[str, Retraction]:
        """First retraction of each reaction that has one."""
        found: dict[str, Retraction] = {}
        for retraction in self.retractions:
            found.setdefault(retraction.retracts, retraction)
        return found

    @cached_property
    def corrected(self) -> dict[str, str]:
        """Which reaction stands for one that was corrected, by the corrected one's id.

        A correction that was itself retracted still holds the old entry out: nobody has said that the old
        one is right after all.
        """
        return {one.corrects: one.reaction_id for one in self.reactions if one.corrects is not None}

    @cached_property
    def in_force(self) -> tuple[Reaction, ...]:
        """Reactions that are neither retracted nor corrected: those that weigh."""
        out = self.retracted.keys() | self.corrected.keys()
        return tuple(one for one in self.reactions if one.reaction_id not in out)

    @cached_property
    def between(self) -> dict[tuple[str, str], tuple[Reaction, ...]]:
        """Reactions in force by actor and addressee, in the order of the file."""
        found: dict[tuple[str, str], list[Reaction]] = {}
        for one in self.in_force:
            for addressee in one.addressees:
                if one.actor.party is not None:
                    found.setdefault((one.actor.party, addressee), []).append(one)
        return {pair: tuple(many) for pair, many in sorted(found.items())}

    def status_of(self, reaction_id: str) -> str:
        """``in force``, ``retracted`` or ``corrected``."""
        if reaction_id in self.retracted:
            return "retracted"
        return "corrected" if reaction_id in self.corrected else "in force"

    def known_at(self, at_ns: int) -> "Register":
        """The register as its keeper knew it then: without what was recorded later."""
        return msgspec.structs.replace(
            self,
            reactions=tuple(one for one in self.reactions if one.recorded_ns <= at_ns),
            retractions=tuple(one for one in self.retractions if one.recorded_ns <= at_ns),
        )


def read_register(data: bytes) -> Register:
    """The register in the bytes of a file; never raises, whatever they are."""
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    reactions: list[Reaction] = []
    retractions: list[Retraction] = []
    aside: list[SetAside] = []
    breaks: list[int] = []
    known: set[str] = set()  # ids of reactions
    spent: set[str] = set()  # ids of all entries
    previous = ""
    for number, line in enumerate(lines, start=1):
        entry = _entry_of(line)
        digest = sha256(line).hexdigest()
        if isinstance(entry, str):
            aside.append(SetAside(line=number, reason=entry, data=line[:KEPT_OCTETS]))
            previous = digest
            continue
        if entry.previous != previous:
            breaks.append(number)
        previous = digest
        refused = _refused(entry, known, spent)
        if refused:
            aside.append(SetAside(line=number, reason=refused, data=line[:KEPT_OCTETS]))
            continue
        spent.add(entry.reaction_id)
        if isinstance(entry, Reaction):
            known.add(entry.reaction_id)
            reactions.append(entry)
        else:
            retractions.append(entry)
    return Register(
        reactions=tuple(reactions),
        retractions=tuple(retractions),
        set_aside=tuple(aside),
        breaks=tuple(breaks),
        lines=len(lines),
        head=previous,
    )


def _entry_of(line: bytes) -> Entry | str:
    if len(line) > LINE_OCTETS_MAX:
        return f"longer than {LINE_OCTETS_MAX} octets"
    try:
        entry = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return str(error)
    faults = faults_of(entry) if isinstance(entry, Reaction) else []
    return "; ".join(faults) if faults else entry


def _refused(entry: Entry, known: set[str], spent: set[str]) -> str:
    if entry.reaction_id in spent:
        return f"the id {entry.reaction_id!r} is taken"
    named = entry.corrects if isinstance(entry, Reaction) else entry.retracts
    if named is not None and named not in known:
        return f"{named!r} is no reaction of an earlier line"
    return ""


def next_lines(register: Register, entries: Iterable[Entry]) -> list[bytes]:
    """The lines that add entries in their order, each without its line end.

    Raises:
        RecordError: the register does not verify, or would set one of the lines aside.
    """
    if register.breaks:
        raise RecordError(
            f"line {register.breaks[0]} does not follow the line before it; nothing is added to a register "
            "that does not verify: see `vedette reaction check`"
        )
    known = {one.reaction_id for one in register.reactions}
    spent = known | {one.reaction_id for one in register.retractions}
    previous = register.head
    lines = []
    for entry in entries:
        line = msgspec.json.encode(msgspec.structs.replace(entry, previous=previous))
        read = _entry_of(line)  # limits hold when decoding
        reason = read if isinstance(read, str) else _refused(read, known, spent)
        if reason:
            raise RecordError(f"{entry.reaction_id}: {reason}")
        spent.add(entry.reaction_id)
        if isinstance(entry, Reaction):
            known.add(entry.reaction_id)
        previous = sha256(line).hexdigest()
        lines.append(line)
    return lines
