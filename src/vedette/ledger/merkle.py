"""Merkle tree over entries: RFC 9162 section 2.1 (hashing, inclusion and consistency proofs).

A leaf is ``SHA-256(0x00 || entry)`` and a node ``SHA-256(0x01 || left || right)``, so that no entry can pass
for a node.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

EMPTY_ROOT: Final = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry."""
    return sha256(b"\x00" + entry).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Hashes of entries, in their order."""
    return list(map(leaf_hash, entries))


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the full subtrees of a growing log: all that appending and the head need.

    Memory is the logarithm of the number of entries.
    """

    def __init__(self) -> None:
        self.size = 0
        self._roots: list[bytes] = []  # largest subtree first; one for each set bit of size

    def append(self, leaf: bytes) -> None:
        """Add the hash of the next entry."""
        self._add(leaf, 0)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Add the hashes of the next entries: full subtrees are built a level at a time, which is quicker."""
        first = 0
        while first < len(leaves):
            # the largest subtree that stands whole among them, where the log is now
            height = (len(leaves) - first).bit_length() - 1
            if self.size:
                height = min(height, (self.size & -self.size).bit_length() - 1)
            level = leaves[first : first + (1 << height)]
            first += 1 << height
            while len(level) > 1:
                level = list(map(node_hash, level[::2], level[1::2]))
            self._add(level[0], height)

    def _add(self, root: bytes, height: int) -> None:
        """Add a full subtree of two to the ``height`` entries; the size is a multiple of that."""
        carry, bits = root, self.size >> height
        while bits & 1:
            carry = node_hash(self._roots.pop(), carry)
            bits >>= 1
        self._roots.append(carry)
        self.size += 1 << height

    def root(self) -> bytes:
        """Root hash of the entries so far; that of an empty log is SHA-256 of nothing."""
        if not self._roots:
            return EMPTY_ROOT
        carry = self._roots[-1]
        for root in reversed(self._roots[:-1]):
            carry = node_hash(root, carry)
        return carry


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root hash over leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def _split(size: int) -> int:
    """Largest power of two below ``size`` (size > 1)."""
    return 1 << ((size - 1).bit_length() - 1)


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Sibling hashes from leaf ``index`` up to the root.

    Raises:
        IndexError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise IndexError(f"no leaf {index} in a log of {len(leaves)}")
    proof: list[bytes] = []
    low, high = 0, len(leaves)
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            proof.append(root_of(leaves[middle:high]))
            high = middle
        else:
            proof.append(root_of(leaves[low:middle]))
            low = middle
    proof.reverse()
    return proof


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether ``leaf`` is entry ``index`` of the log of ``size`` entries with this ``root``.

    Source: RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    first, last, carry = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            carry = node_hash(sibling, carry)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            carry = node_hash(carry, sibling)
        first >>= 1
        last >>= 1
    return last == 0 and carry == root


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Hashes that show that the log of ``old_size`` entries is a beginning of this one.

    Raises:
        IndexError: old_size is not within 1 and the number of leaves.
    """
    if not 0 < old_size <= len(leaves):
        raise IndexError(f"no beginning of {old_size} entries in a log of {len(leaves)}")

    def walk(low: int, high: int, old: int, *, whole: bool) -> list[bytes]:
        if old == high - low:
            return [] if whole else [root_of(leaves[low:high])]
        middle = _split(high - low)
        if old <= middle:
            rest = walk(low, low + middle, old, whole=whole)
            return [*rest, root_of(leaves[low + middle : high])]
        rest = walk(low + middle, high, old - middle, whole=False)
        return [*rest, root_of(leaves[low : low + middle])]

    return walk(0, len(leaves), old_size, whole=True)


def consistent(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the log with ``root`` continues the one with ``old_root`` (RFC 9162 section 2.1.4.2)."""
    if not 0 < old_size <= size:
        return False
    if old_size == size:
        return not proof and old_root == root
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    first, last = old_size - 1, size - 1
    while first & 1:
        first >>= 1
        last >>= 1
    old_carry = new_carry = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old_carry = node_hash(sibling, old_carry)
            new_carry = node_hash(sibling, new_carry)
            while not first & 1 and first:
                first >>= 1
                last >>= 1
        else:
            new_carry = node_hash(new_carry, sibling)
        first >>= 1
        last >>= 1
    return last == 0 and old_carry == old_root and new_carry == root
