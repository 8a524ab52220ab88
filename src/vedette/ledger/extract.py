"""Some entries of a ledger as one file that a stranger can check: each with its path to the signed head."""

from collections.abc import Sequence
from typing import Literal

import msgspec

from vedette.ledger.head import Head, read_head
from vedette.ledger.merkle import included, leaf_hash, node_hash
from vedette.model.errors import RecordError


class Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry as it lies in the ledger, and the hashes that lead from it to the head."""

    number: int
    line: str
    proof: tuple[str, ...]


class Extract(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Entries of one ledger under one signed head, by number."""

    format: Literal["vedette extract 1"] = "vedette extract 1"
    about: str  # the incident
    head: Head
    entries: tuple[Leaf, ...]


def inclusion_proofs(leaves: Sequence[bytes], numbers: Sequence[int]) -> list[list[bytes]]:
    """Sibling hashes from each of several leaves up to the root, over one tree that is built once.

    An unpaired node is carried up as it is, which gives the tree of RFC 9162.

    Raises:
        IndexError: there is no such leaf.
    """
    for number in numbers:
        if not 0 <= number < len(leaves):
            raise IndexError(f"no leaf {number} in a log of {len(leaves)}")
    proofs: list[list[bytes]] = [[] for _ in numbers]
    level, places = list(leaves), list(numbers)
    while len(level) > 1:
        for proof, place in zip(proofs, places, strict=True):
            if place ^ 1 < len(level):
                proof.append(level[place ^ 1])
        paired = len(level) & ~1
        above = list(map(node_hash, level[:paired:2], level[1:paired:2]))
        level = above + level[paired:]
        places = [place >> 1 for place in places]
    return proofs


def extract(about: str, lines: Sequence[bytes], numbers: Sequence[int], head: Head) -> bytes:
    """The file that holds the entries ``numbers`` of a ledger's ``lines``.

    Raises:
        RecordError: the head does not reach an entry, or the lines are not those that it signs.
    """
    if len(lines) < head.size or any(number >= head.size for number in numbers):
        raise RecordError("the signed head does not reach the end of these entries yet")
    leaves = [leaf_hash(line) for line in lines[: head.size]]
    kept = tuple(
        Leaf(
            number=number,
            line=lines[number].decode(),
            proof=tuple(node.hex() for node in proof),
        )
        for number, proof in zip(numbers, inclusion_proofs(leaves, numbers), strict=True)
    )
    made = Extract(about=about, head=head, entries=kept)
    if problems := problems_of(made):
        raise RecordError(f"the ledger does not lead to its head: {problems[0]}")
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def read_extract(data: bytes) -> Extract:
    """An extract of bytes; nothing in it is proven yet.

    Raises:
        RecordError: it is none.
    """
    try:
        return msgspec.json.decode(data, type=Extract)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"no extract of a ledger: {error}") from error


def problems_of(found: Extract) -> list[str]:
    """What does not fit: the head's signature, an entry that is not in its log, numbers out of order."""
    problems: list[str] = []
    try:
        read_head(msgspec.json.encode(found.head, order="deterministic") + b"\n")
    except RecordError as error:
        problems.append(str(error))
    numbers = [leaf.number for leaf in found.entries]
    if numbers != sorted(set(numbers)):
        problems.append("its entries are not in order, each once")
    for leaf in found.entries:
        try:
            proof = [bytes.fromhex(node) for node in leaf.proof]
            root = bytes.fromhex(found.head.root)
        except ValueError:
            problems.append(f"entry {leaf.number}: its path is not in hexadecimal")
            continue
        digest = leaf_hash(leaf.line.encode("utf-8", "surrogatepass"))
        if not included(digest, leaf.number, found.head.size, proof, root):
            problems.append(f"entry {leaf.number} is not the one that the head signs")
    return problems
