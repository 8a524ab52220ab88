"""Laws of the Merkle log, and agreement with an independent implementation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.ledger.merkle import (
    Frontier,
    consistency_proof,
    consistent,
    included,
    inclusion_proof,
    leaf_hash,
    leaf_hashes,
    root_of,
)

entries = st.lists(st.binary(max_size=20), min_size=1, max_size=40)


def test_roots_are_those_of_pymerkle() -> None:
    pymerkle = pytest.importorskip("pymerkle")
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    frontier = Frontier()
    for i in range(70):
        entry = f"entry {i}".encode()
        tree.append_entry(entry)
        frontier.append(leaf_hash(entry))
        assert frontier.root() == tree.get_root()


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.binary(max_size=8), max_size=40), max_size=6))
def test_many_at_once_are_as_one_after_the_other(parts: list[list[bytes]]) -> None:
    at_once, single = Frontier(), Frontier()
    for part in parts:
        at_once.extend(leaf_hashes(part))
        for entry in part:
            single.append(leaf_hash(entry))
        assert (at_once.size, at_once.root()) == (single.size, single.root())


@settings(deadline=None, max_examples=60)
@given(entries, st.data())
def test_an_entry_is_included_and_another_is_not(log: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(entry) for entry in log]
    index = data.draw(st.integers(0, len(log) - 1))
    proof = inclusion_proof(leaves, index)
    root = root_of(leaves)
    assert included(leaves[index], index, len(leaves), proof, root)
    assert not included(leaf_hash(log[index] + b"x"), index, len(leaves), proof, root)


@settings(deadline=None, max_examples=60)
@given(entries, st.data())
def test_a_log_continues_its_beginnings_and_no_other(log: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(entry) for entry in log]
    old = data.draw(st.integers(1, len(log)))
    proof = consistency_proof(leaves, old)
    root = root_of(leaves)
    assert consistent(old, root_of(leaves[:old]), len(leaves), root, proof)
    forked = [leaf_hash(log[0] + b"x"), *leaves[1:old]]
    assert not consistent(old, root_of(forked), len(leaves), root, proof)
