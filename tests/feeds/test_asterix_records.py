"""Records of every category and edition: the codec, the compiled walk and libasterix agree."""

from typing import Any

import numpy as np
import pytest
from asterix import base, generated
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix import _walk
from vedette.feeds.asterix import specification as spec
from vedette.feeds.asterix.record_codec import (
    UnreadableError,
    decode_record,
    encode_block,
    encode_record,
)
from vedette.feeds.asterix.records import MISSING, RecordReader

LAYOUTS = [(c, e) for c in spec.CATEGORIES for e in spec.editions(c)]


def part_values(part: Any) -> st.SearchStrategy[dict[str, int]]:
    fields = {}
    for name, bits, signed, _, _ in part:
        if name is not None:
            low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            fields[name] = st.integers(low, high)
    return st.fixed_dictionaries(fields)


def item_values(item: Any) -> st.SearchStrategy[Any]:
    kind = item[0]
    if kind == "F":
        return part_values(item[1])
    if kind == "X":
        return st.integers(1, len(item[1])).flatmap(
            lambda n: st.tuples(*map(part_values, item[1][:n])).map(list)
        )
    if kind == "R":
        return st.lists(part_values(item[2][1]), min_size=0 if item[1] else 1, max_size=3)
    if kind == "E":
        return st.binary(max_size=9)
    return st.fixed_dictionaries(
        {}, optional={entry[0]: item_values(entry[1]) for entry in item[1] if entry is not None}
    ).filter(bool)


def records(layout: spec.Layout, profile: str) -> st.SearchStrategy[dict[str, Any]]:
    entries = [entry for entry in layout.profiles[profile] if not isinstance(entry, int)]
    needed = {"010": item_values(entries[0][1])}
    if profile:
        kind = int(profile == "track")
        needed["020"] = item_values(entries[1][1]).map(
            lambda parts: [{**parts[0], "TYP": kind}, *parts[1:]]
        )
    rest = {name: item_values(item) for name, item in entries if name not in needed}
    return st.fixed_dictionaries(needed, optional=rest)


any_record = st.sampled_from(LAYOUTS).flatmap(
    lambda key: st.sampled_from(list(spec.layout(*key).profiles)).flatmap(
        lambda profile: st.tuples(
            st.just(spec.layout(*key)), st.just(profile), records(spec.layout(*key), profile)
        )
    )
)


def flat(name: str, value: Any, item: Any) -> dict[str, int]:
    kind = item[0]
    if kind == "C":
        inner = {entry[0]: entry[1] for entry in item[1] if entry is not None}
        return {
            k: v
            for part in value
            for k, v in flat(f"{name}.{part}", value[part], inner[part]).items()
        }
    if kind == "E":
        return {}
    found = {f"{name}#": len(value)} if kind == "R" else {}
    parts = {"F": lambda: [value], "X": lambda: value, "R": lambda: value[:1]}[kind]()
    for part in parts:
        for field, number in part.items():
            if not field.startswith("spare"):
                found[f"{name}.{field}" if field else name] = number
    return found


@given(any_record)
@settings(deadline=None, max_examples=150)
def test_a_record_survives_encoding(case: Any) -> None:
    layout, profile, record = case
    data = encode_record(record, layout, profile)
    back, end = decode_record(data, layout)
    assert (back, end) == (record, len(data))
    assert encode_record(back, layout, profile) == data


@given(any_record)
@settings(deadline=None, max_examples=60)
def test_the_peer_reads_the_same_bytes(case: Any) -> None:
    layout, profile, record = case
    assume(layout.category in generated.manifest["CATS"])  # 129 is in no library
    data = encode_record(record, layout, profile)
    edition = next(
        found
        for found in generated.manifest["CATS"][layout.category]
        if ".".join(map(str, found.cv_edition)) == layout.edition
    )
    bits = base.Bits.from_bytes(data)
    parsed = edition.cv_uap.parse(profile, bits) if profile else edition.cv_uap.parse(bits)
    assert not isinstance(parsed, ValueError), parsed
    assert len(parsed) == 1
    for name in record:
        item = parsed[0].get_item(name)
        entry = next(e for e in layout.profiles[profile] if not isinstance(e, int) and e[0] == name)
        assert (
            item.unparse().to_bytes()
            == encode_record({name: record[name]}, layout, profile)[
                len(encode_record({}, layout, profile)) + place_of(layout, profile, name) // 7 :
            ]
        ), entry


def place_of(layout: spec.Layout, profile: str, name: str) -> int:
    entries = layout.profiles[profile]
    return next(k for k, e in enumerate(entries) if not isinstance(e, int) and e[0] == name)


@given(any_record)
@settings(deadline=None, max_examples=150)
def test_the_walk_reads_what_the_codec_reads(case: Any) -> None:
    layout, profile, record = case
    names = list(dict.fromkeys(spec.names(layout)))
    reader = RecordReader(layout.category, names, default=layout.edition)
    block = encode_block(layout.category, [encode_record(record, layout, profile)] * 2)
    other = b"\xfe\x00\x05ab"
    found = reader.read(
        np.frombuffer(other + block, np.uint8), np.array([0, len(other) + len(block)])
    )
    assert found.good.tolist() == [True, True]
    items = {e[0]: e[1] for e in layout.profiles[profile] if not isinstance(e, int)}
    expected = {k: v for name in record for k, v in flat(name, record[name], items[name]).items()}
    for name in names:
        value = int(found.raw(name)[1])
        assert value == wrapped(expected.get(name, MISSING)), name


def wrapped(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


@given(st.sampled_from(LAYOUTS), st.binary(min_size=1, max_size=60))
@settings(deadline=None, max_examples=300)
def test_both_refuse_the_same_octets(key: tuple[int, str], body: bytes) -> None:
    layout = spec.layout(*key)
    body = bytes((body[0] | 0x80,)) + body[1:]  # a record that names its source
    position, valid = 0, True
    while position < len(body) and valid:
        try:
            valid = bool(body[position] & 0x80)
            _, position = decode_record(body, layout, position)
        except UnreadableError:
            valid = False
    data = encode_block(layout.category, [body])
    reader = RecordReader(layout.category, ["010.SAC"], default=layout.edition)
    found = reader.read(np.frombuffer(data, np.uint8), np.array([0, len(data)]))
    assert bool(found.good.all()) == valid
    if not valid:
        assert len(found.marks) == 1
        assert (found.marks[0, _walk.START], found.marks[0, _walk.END]) == (0, len(data))


def test_an_edition_is_chosen_by_source() -> None:
    old, new = spec.layout(21, "0.26"), spec.layout(21, "2.6")
    place = {"LAT": 11_000_000, "LON": 4_000_000}
    data = encode_block(21, [encode_record({"010": {"SAC": 1, "SIC": 1}, "130": place}, old)])
    data += encode_block(
        21, [encode_record({"010": {"SAC": 1, "SIC": 2}, "130": {"LAT": 1, "LON": 2}}, new)]
    )
    reader = RecordReader(21, ["130.LAT"], {1 << 8 | 1: "0.26"})
    found = reader.read(np.frombuffer(data, np.uint8), np.array([0, len(data)]))
    degrees = found.number("130.LAT")
    assert degrees == pytest.approx([11_000_000 * 180 / 2**25, 180 / 2**23])
