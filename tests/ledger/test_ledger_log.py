"""The entries file, its head, the input log and the seals."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.ledger.entries import decode_entry, encode_entry, kind_of, verify_entries
from vedette.ledger.head import read_head, sign_head
from vedette.ledger.merkle import leaf_hash, leaf_hashes, root_of
from vedette.ledger.raw_log import MAGIC, Item, ItemKind, encode_item, read_items
from vedette.ledger.seal import (
    KEY_SIZE,
    as_field,
    read_chunk,
    seal,
    seal_chunk,
    unseal,
    unseal_field,
)
from vedette.model.entry import Entry
from vedette.model.errors import RecordError

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
bodies = st.dictionaries(
    st.text(max_size=5), st.one_of(st.integers(-(2**53), 2**53), st.text(max_size=8)), max_size=4
)


def log_of(count: int) -> tuple[bytes, bytes]:
    lines = [encode_entry(Entry(kind="track", valid_ns=i, body={"i": i})) for i in range(count)]
    head = sign_head(count, root_of([leaf_hash(line) for line in lines]), KEY)
    return b"".join(line + b"\n" for line in lines), head


@settings(deadline=None, max_examples=50)
@given(bodies, st.integers(0, 2**60))
def test_an_entry_survives_its_line(body: dict[str, object], valid_ns: int) -> None:
    entry = Entry(kind="incident", valid_ns=valid_ns, body=body)
    line = encode_entry(entry)
    assert b"\n" not in line
    assert decode_entry(line) == entry
    assert encode_entry(decode_entry(line)) == line


def test_any_changed_byte_of_the_log_or_its_head_is_found() -> None:
    log, head = log_of(5)
    assert verify_entries([log], [read_head(head)]).ok
    for i in range(len(log)):
        changed = log[:i] + bytes([log[i] ^ 1]) + log[i + 1 :]
        assert not verify_entries([changed], [read_head(head)]).ok
    for i in range(len(head)):
        for flip in (1, 0x20, 0x80):
            with pytest.raises(RecordError):
                read_head(head[:i] + bytes([head[i] ^ flip]) + head[i + 1 :])


def test_reordered_and_cut_logs_are_found() -> None:
    log, head = log_of(6)
    lines = log.splitlines(keepends=True)
    swapped = b"".join([lines[1], lines[0], *lines[2:]])
    assert not verify_entries([swapped], [read_head(head)]).ok
    short = b"".join(lines[:4])
    short_head = sign_head(4, root_of([leaf_hash(line[:-1]) for line in lines[:4]]), KEY)
    assert verify_entries([short], [read_head(short_head)]).ok  # nothing beside it tells
    assert not verify_entries([short], [read_head(short_head)], older=[read_head(head)]).ok
    assert verify_entries([log], [read_head(head)], older=[read_head(short_head)]).ok


def test_what_another_key_signs_is_no_continuation_of_a_head_kept_elsewhere() -> None:
    log, head = log_of(4)
    longer, _ = log_of(6)
    lines = longer.splitlines()
    assert verify_entries([longer], [read_head(sign_head(6, root_of(leaf_hashes(lines)), KEY))]).ok
    thief = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
    for forged, count in ((longer, 6), (log, 4)):
        theirs = read_head(sign_head(count, root_of(leaf_hashes(lines[:count])), thief))
        found = verify_entries([forged], [theirs], older=[read_head(head)])
        assert not found.ok
        assert "another key" in str(found.problem)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b"")), max_size=40),
    st.booleans(), st.integers(1, 50), st.data(),
)  # fmt: skip
def test_a_verdict_does_not_depend_on_where_the_file_is_cut(
    lines: list[bytes], torn: bool, size: int, data: st.DataObject
) -> None:
    log = b"".join(line + b"\n" for line in lines)
    known = data.draw(st.lists(st.integers(0, len(lines)), max_size=4))
    older = [
        read_head(sign_head(count, root_of(leaf_hashes(lines[:count])), KEY)) for count in known
    ]
    head = read_head(sign_head(len(lines), root_of(leaf_hashes(lines)), KEY))
    log += b"torn" if torn else b""
    pieces = [log[i : i + size] for i in range(0, len(log), size)]
    found = verify_entries(pieces, [head], older=older)
    assert found == verify_entries([log], [head], older=older)
    assert (found.ok, found.entries, found.root) == (not torn, len(lines), head.root)


def test_of_other_kinds_only_the_kind_is_read() -> None:
    entry = Entry(kind="track", valid_ns=7, body={"kind": "raw", "i": 1})
    line = encode_entry(entry)
    assert kind_of(line) == "track"
    deep = b'{"kind":"track","valid_ns":0,"body":{"a":' + b"[" * 100_000
    with pytest.raises(RecordError):
        decode_entry(deep)
    for bad in (
        deep,
        b"",
        b"{}",
        b'{"kind":"none of ours"}',
        line[:-1],
        b'{"kind":"track"',
        b"\xff",
    ):
        with pytest.raises(RecordError):
            kind_of(bad)


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.builds(
            Item,
            st.sampled_from(list(ItemKind)),
            st.integers(0, 65535),
            st.integers(-(2**62), 2**62),
            st.binary(max_size=40),
        ),
        max_size=8,
    ),
    st.integers(0, 400),
)
def test_a_torn_input_log_gives_back_its_whole_items(items: list[Item], cut: int) -> None:
    encoded = [encode_item(item) for item in items]
    data = MAGIC + b"".join(encoded)
    assert [item for item, _ in read_items(data)] == items
    torn = list(read_items(data[:cut])) if cut < len(data) else list(read_items(data))
    assert [item for item, _ in torn] == items[: len(torn)]
    if torn:
        assert len(MAGIC + b"".join(encoded[: len(torn)])) == torn[-1][1]


@settings(deadline=None, max_examples=40)
@given(st.binary(min_size=KEY_SIZE, max_size=KEY_SIZE), st.binary(max_size=80))
def test_a_box_opens_with_its_key_alone(key: bytes, text: bytes) -> None:
    chunk = read_chunk(seal_chunk("k1", key, text, b"blanked"))
    assert chunk.data == b"blanked"
    assert unseal(chunk.sealed, key) == text
    assert chunk.sealed == seal("k1", key, text)  # replay gives the same bytes
    other = bytes([key[0] ^ 1]) + key[1:]
    assert unseal(chunk.sealed, other) is None


def test_what_an_entry_seals_opens_with_the_key() -> None:
    key = bytes(KEY_SIZE)
    field = as_field(seal("k1", key, b"A. Person"))
    assert "Person" not in field["box"]
    assert unseal_field(field, key) == b"A. Person"
