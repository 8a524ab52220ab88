"""The log of one nation as a node holds it: taken once, in order; a second past is kept as proof.

``judge`` says what an entry that came is, without changing anything; what it finds is then journalled and
applied. So a node that restarts from its journal stands where it stood.
"""

from collections.abc import Callable, Mapping
from typing import Literal

import msgspec

from vedette.alliance.charter import Member, Statement
from vedette.alliance.items import Body
from vedette.alliance.messages import (
    EntryMessage,
    Header,
    content_of,
    digest_of,
    read_body,
    read_header,
)
from vedette.model.signature import verify as verify_ed25519

Finding = Literal[
    "next",  # takes its place
    "known",  # already there, the same
    "early",  # entries before it are missing
    "unproved",  # signed with a void key: good if the log up to the key statement leads to it
    "key_unknown",  # signed with a key whose statement has not come
    "incomplete",  # its body is released to us and did not come with it
    "refused",  # not what it says: wrong charter, key or signature; void key; content that does not fit
    "fork",  # well signed, and another one with the same number is held
]


class Log(msgspec.Struct, kw_only=True):
    """What is held of one nation's log."""

    digests: list[bytes] = []  # of the entries 1, 2, 3 ...
    headers: list[tuple[bytes, bytes]] = []  # as signed, with their signatures
    former: list[bytes] = []  # digests taken before a key statement made it read the log anew
    key_number: int = 1
    key: bytes = b""
    void: dict[int, tuple[bytes, int]] = {}  # earlier keys, and up to which entry each is good
    anchor: tuple[int, bytes] = (0, b"")  # entry and digest that the last key statement vouches for
    contested: bool = False  # two pasts are signed; nothing more is taken until a key statement
    statement: bytes = b""  # the last key statement as it travels

    @property
    def sequence(self) -> int:
        """The last entry; 0: none."""
        return len(self.digests)

    @property
    def digest(self) -> bytes:
        """Of the last entry."""
        return self.digests[-1] if self.digests else b""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry that came is, and why."""

    finding: Finding
    words: str = ""
    header: Header | None = None
    body: Body | None = None
    note: str = ""  # of an entry that takes its place: what is odd about it


def judge(
    log: Log,
    member: Member,
    charter: str,
    reader: str,
    message: EntryMessage,
    verify: Callable[[bytes, bytes, bytes], bool] = verify_ed25519,
    *,
    proved: bool = False,
) -> Judgement:
    """What an entry of a nation's log is to a reader that holds ``log``; ``proved``: it leads to the anchor."""
    header = read_header(message.header)
    if isinstance(header, str):
        return Judgement(finding="refused", words=header)
    if header.charter != charter:
        return Judgement(finding="refused", words="of another alliance", header=header)
    number, sequence = header.key_number, header.sequence
    if number > log.key_number:
        return Judgement(finding="key_unknown", header=header)
    key, last = log.void.get(number, (log.key or member.node, None))
    if not verify(message.header, message.signature, key):
        return Judgement(finding="refused", words="the signature does not fit", header=header)
    digest = digest_of(message.header)
    held = log.digests[sequence - 1] if sequence <= log.sequence else None
    if held == digest:
        return Judgement(finding="known", header=header)
    if last is not None and sequence > last:
        words = f"signed with key {number}, which is void after entry {last}"
        return Judgement(finding="refused", words=words, header=header)
    if last is not None and held is not None:
        words = f"signed with key {number}, which is void, and not entry {sequence}"
        return Judgement(finding="refused", words=words, header=header)
    if last is not None and not proved:
        return Judgement(finding="unproved", header=header)
    if held is not None:
        return Judgement(finding="fork", words=f"a second entry {sequence}", header=header)
    if sequence > log.sequence + 1:
        return Judgement(finding="early", header=header)
    if header.previous != log.digest:
        words = f"entry {sequence} follows another past"
        return Judgement(finding="fork", words=words, header=header)
    return _content(header, reader, message)


def _content(header: Header, reader: str, message: EntryMessage) -> Judgement:
    released = not header.to or reader in header.to
    if message.body is None or message.salt is None:
        if released:
            return Judgement(finding="incomplete", header=header)
        return Judgement(finding="next", header=header)
    if content_of(message.body, message.salt) != header.content:
        words = "the body is not the one that was signed"
        return Judgement(finding="refused", words=words, header=header)
    if not released:
        return Judgement(
            finding="next", header=header, note="came with a body that is not released to us"
        )
    body = read_body(message.body)
    if isinstance(body, str):  # it has its place in the log all the same, or the log would end here
        return Judgement(finding="next", header=header, note=f"cannot be read: {body}")
    return Judgement(finding="next", header=header, body=body)


def extend(log: Log, message: EntryMessage) -> tuple[bool, int]:
    """Append an entry that was found to be the next.

    Returns:
        Whether it is new, or was taken already before the log was read anew; and how many entries that were
        taken then are disowned by it.
    """
    digest = digest_of(message.header)
    index = log.sequence
    log.digests.append(digest)
    log.headers.append((message.header, message.signature))
    if index < len(log.former) and log.former[index] == digest:
        return False, 0
    disowned = max(0, len(log.former) - index)
    log.former = log.former[:index]  # from here on the past is another one
    return True, disowned


def statement_fault(
    log: Log, members: Mapping[str, Member], charter: str, statement: Statement
) -> str | None:
    """Why a well-signed statement has no effect; "" where it is already known."""
    if statement.charter != charter or statement.nation not in members:
        return "of another alliance"
    if statement.number == log.key_number and statement.key == log.key:
        return ""
    if statement.number <= log.key_number:
        return f"key {statement.number} after key {log.key_number}"
    if (statement.after == 0) != (statement.digest == b""):
        return "names no entry up to which the key before is good"
    used = {log.key or members[statement.nation].node, *(key for key, _ in log.void.values())}
    if statement.key in used or any(
        statement.key in (member.root, member.node) for member in members.values()
    ):
        return "the key was used before"
    return None


def rotate(log: Log, member: Member, statement: Statement, packed: bytes) -> tuple[int, ...]:
    """Apply a key statement; the numbers of entries that are disowned by it.

    Where what was taken does not reach the entry that the statement names, or is another past, the log is
    read again from its beginning. What a void key signed is then proved by the digests that lead to that
    entry, no longer by the key.
    """
    good = statement.after
    for number, (key, last) in list(log.void.items()):
        log.void[number] = (key, min(last, good))
    log.void[log.key_number] = (log.key or member.node, good)
    log.key_number, log.key = statement.number, statement.key
    log.contested, log.statement = False, packed
    before = log.sequence
    log.anchor = (good, statement.digest)
    if before >= good and (good == 0 or log.digests[good - 1] == statement.digest):
        del log.digests[good:], log.headers[good:]
        log.former = []
        return tuple(range(good + 1, before + 1))
    # what was taken may be another past: it is read again, and what is the same is not told twice
    log.former, log.digests, log.headers = list(log.digests), [], []
    return ()


def leading(log: Log, waiting: Mapping[int, EntryMessage]) -> list[EntryMessage] | int:
    """Entries that wait and lead from the end of the log to its anchor; or the number of one that does not.

    0: none is wrong, and some are missing.
    """
    sequence, digest = log.anchor
    found: list[EntryMessage] = []
    while sequence > log.sequence:
        message = waiting.get(sequence)
        if message is None:
            return 0
        header = read_header(message.header)
        if isinstance(header, str) or digest_of(message.header) != digest:
            return sequence
        found.append(message)
        sequence, digest = sequence - 1, header.previous
    found.reverse()
    return found if digest == log.digest else 0
