"""Entries as lines: canonical JSON, one entry a line, so that a person can read the log with any tool."""

import itertools
from collections.abc import Iterable, Iterator

import msgspec

from vedette.ledger.head import Head
from vedette.ledger.merkle import Frontier, leaf_hashes
from vedette.model.entry import Entry, EntryKind
from vedette.model.errors import RecordError

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Entry)


class _Kind(msgspec.Struct):
    """An entry of which nothing but its kind is read."""

    kind: EntryKind


_kinds = msgspec.json.Decoder(_Kind)


def encode_entry(entry: Entry) -> bytes:
    """Canonical bytes of an entry, without the line end: keys sorted, no spaces."""
    return _encoder.encode(entry)


def decode_entry(line: bytes) -> Entry:
    """The entry of one line.

    Raises:
        RecordError: the line is no entry.
    """
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"an entry of the ledger is not readable: {error}") from error


def kind_of(line: bytes) -> EntryKind:
    """The kind of the entry of one line, of which nothing else is read.

    Raises:
        RecordError: the line is no entry.
    """
    try:
        return _kinds.decode(line).kind
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"an entry of the ledger is not readable: {error}") from error


def whole_lines(pieces: Iterable[bytes]) -> Iterator[tuple[list[bytes], bytes]]:
    """Lines of a file given in pieces, without their ends, by piece, with what is left after it."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield lines, rest


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What verification of a log found."""

    entries: int
    root: str
    ok: bool
    problem: str | None = None


def verify_entries(
    pieces: Iterable[bytes], heads: Iterable[Head], *, older: Iterable[Head] = ()
) -> Verdict:
    """Check the whole log against the head beside it and against older heads kept elsewhere.

    Args:
        pieces: the bytes of the entries file, in order, cut anywhere.
        heads: heads that must be of exactly this log.
        older: heads, kept elsewhere, of which this log must be a continuation under the same key.

    Returns:
        The number of entries, the root computed from the bytes, and whether all heads fit.
    """
    frontier = Frontier()
    heads, older = list(heads), list(older)
    wanted = sorted({head.size for head in older})
    seen: dict[int, str] = {0: frontier.root().hex()}
    rest = b""
    for lines, rest in whole_lines(pieces):  # noqa: B007 - the last one is asked for below
        leaves = leaf_hashes(lines)
        begin = frontier.size
        cuts = [size - begin for size in wanted if begin < size <= begin + len(leaves)]
        for first, last in itertools.pairwise([0, *cuts, len(leaves)]):
            frontier.extend(leaves[first:last])
            seen[frontier.size] = frontier.root().hex()
    if rest:
        return Verdict(
            entries=frontier.size,
            root=frontier.root().hex(),
            ok=False,
            problem=f"entry {frontier.size} has no line end: the file was cut or changed",
        )
    root = frontier.root().hex()
    seen[frontier.size] = root
    problem = None
    for head in heads:
        if head.size != frontier.size:
            problem = f"the head is of {head.size} entries, the file has {frontier.size}"
        elif head.root != root:
            problem = f"the root over {frontier.size} entries is {root}, the head says {head.root}"
    signers = {head.public_key for head in heads}
    for head in older:
        if signers and head.public_key not in signers:
            # whoever can write the file can add to it: that it is our node's word only the key tells
            problem = (
                f"the head is signed with another key than a head kept elsewhere: what follows its {head.size} "
                "entries is not the word of the same node"
            )
        if head.size > frontier.size:
            problem = (
                f"a head kept elsewhere is of {head.size} entries, the file has {frontier.size}"
            )
        elif seen.get(head.size) != head.root:
            problem = f"the first {head.size} entries are not those of a head kept elsewhere"
    return Verdict(entries=frontier.size, root=root, ok=problem is None, problem=problem)
