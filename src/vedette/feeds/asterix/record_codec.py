"""One record at a time, of any category and edition: for encoders, exports and checks, not for speed.

A record is a mapping of item names to what the item holds, all values as sent:

- fixed item: ``{field: value}``, with ``""`` as the name of a single value
- extended item: a list of such mappings, one for each part that was sent
- repeated item: a list of such mappings
- explicit item: its octets without the length
- compound item: a mapping of its own

Spare bits that are set are kept under ``"spare k"``, k being the place of the field, so that no bit is lost.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from vedette.feeds.asterix.specification import RANDOM, UNUSED, Item, Layout, has_last_bit, octets
from vedette.model.errors import SourceError

Record = dict[str, Any]


class UnreadableError(SourceError):
    """Octets that are no record of the layout."""


def decode_record(data: bytes, layout: Layout, start: int = 0) -> tuple[Record, int]:
    """The record that begins at ``start``, and where it ends.

    Raises:
        UnreadableError: the octets are none of this edition.
    """
    flags, position = _flags(data, start, max(map(len, layout.profiles.values())))
    profile = _profile(layout, data, position, flags)
    record: Record = {}
    for number in flags:
        entry = profile[number] if number < len(profile) else UNUSED
        if isinstance(entry, int):
            what = "a random field sequence" if entry == RANDOM else "not defined"
            raise UnreadableError(f"field {number + 1} is {what} in this edition")
        record[entry[0]], position = _read(data, position, entry[1])
    return record, position


def encode_record(record: Mapping[str, Any], layout: Layout, profile: str = "") -> bytes:
    """The octets of a record.

    Raises:
        UnreadableError: it has an item that the profile lacks, or a value that does not fit.
    """
    entries = layout.profiles[profile or next(iter(layout.profiles))]
    names = {entry[0] for entry in entries if not isinstance(entry, int)}
    if unknown := set(record) - names:
        raise UnreadableError(f"no such items in edition {layout.edition}: {sorted(unknown)}")
    flags, body = [], b""
    for number, entry in enumerate(entries):
        if not isinstance(entry, int) and entry[0] in record:
            flags.append(number)
            body += _write(record[entry[0]], entry[1])
    return _fspec(flags) + body


def encode_block(category: int, records: Sequence[bytes]) -> bytes:
    """A data block.

    Raises:
        UnreadableError: it would be longer than a block may be.
    """
    body = b"".join(records)
    if len(body) + 3 > 65_535:
        raise UnreadableError("the records do not fit in one block")
    return bytes((category,)) + (len(body) + 3).to_bytes(2, "big") + body


def _profile(
    layout: Layout, data: bytes, position: int, flags: Sequence[int]
) -> Sequence[tuple[str, Item] | int]:
    profiles = list(layout.profiles.values())
    # category 001: the first bit of item 020, after the two octets of item 010, tells plots from tracks
    if len(profiles) > 1 and 1 in flags:
        at = position + (2 if 0 in flags else 0)
        if at < len(data) and data[at] & 0x80:
            return profiles[1]
    return profiles[0]


def _flags(data: bytes, start: int, most: int) -> tuple[list[int], int]:
    flags, number, position = [], 0, start
    while True:
        if number >= most:
            raise UnreadableError("more presence bits than the edition has items")
        if position >= len(data):
            raise UnreadableError("cut off in its field specification")
        octet = data[position]
        flags += [number + bit for bit in range(7) if octet >> (7 - bit) & 1]
        number, position = number + 7, position + 1
        if not octet & 1:
            return flags, position


def _fspec(flags: Sequence[int]) -> bytes:
    size = max(flags, default=0) // 7 + 1
    out = bytearray(size)
    for number in flags:
        out[number // 7] |= 0x80 >> number % 7
    for place in range(size - 1):
        out[place] |= 1
    return bytes(out)


def _bits(data: bytes, position: int, size: int) -> int:
    if position + size > len(data):
        raise UnreadableError("cut off")
    return int.from_bytes(data[position : position + size], "big")


def _take(whole: int, total: int, part: Sequence[Sequence[Any]]) -> dict[str, int]:
    found, left = {}, total
    for place, (name, bits, signed, _, _) in enumerate(part):
        left -= bits
        value = whole >> left & ((1 << bits) - 1)
        if name is None:
            if value:
                found[f"spare {place}"] = value
            continue
        found[name] = value - (1 << bits) if signed and value >> (bits - 1) else value
    return found


def _put(values: Mapping[str, int], total: int, part: Sequence[Sequence[Any]]) -> int:
    whole, left, used = 0, total, 0
    for place, (name, bits, signed, _, _) in enumerate(part):
        left -= bits
        key = f"spare {place}" if name is None else name
        used += key in values
        value = values.get(key, 0)
        low = -(1 << (bits - 1)) if signed else 0
        if not low <= value < (1 << (bits - 1 if signed else bits)):
            raise UnreadableError(f"{key or 'value'} {value} does not fit in {bits} bits")
        whole |= (value & ((1 << bits) - 1)) << left
    if used != len(values):
        raise UnreadableError(f"no such fields: {sorted(values)}")
    return whole


def _read(data: bytes, position: int, item: Item) -> tuple[Any, int]:
    kind = item[0]
    if kind == "F":
        size = octets(item[1])
        return _take(_bits(data, position, size), 8 * size, item[1]), position + size
    if kind == "X":
        parts: list[dict[str, int]] = []
        for part in item[1]:
            size = octets(part)
            whole = _bits(data, position, size)
            position += size
            parts.append(_take(whole, 8 * size, part))
            if not (has_last_bit(part) and whole & 1):
                return parts, position
        raise UnreadableError("goes on beyond its last defined part")
    if kind == "R":
        return _read_repeated(data, position, item)
    if kind == "E":
        size = _bits(data, position, 1)
        if size == 0:
            raise UnreadableError("an explicit item of length 0")
        _bits(data, position, size)
        return data[position + 1 : position + size], position + size
    flags, position = _flags(data, position, len(item[1]))
    found = {}
    for number in flags:
        entry = item[1][number] if number < len(item[1]) else None
        if entry is None:
            raise UnreadableError(f"part {number + 1} is not defined in this edition")
        found[entry[0]], position = _read(data, position, entry[1])
    return found, position


def _read_repeated(data: bytes, position: int, item: Item) -> tuple[Any, int]:
    part = item[2][1]
    size, values = octets(part), []
    if item[1] == 0:
        while True:
            whole = _bits(data, position, size)
            position += size
            values.append(_take(whole, 8 * size, part))
            if not whole & 1:
                return values, position
    count = _bits(data, position, item[1])
    position += item[1]
    for _ in range(count):
        values.append(_take(_bits(data, position, size), 8 * size, part))
        position += size
    return values, position


def _write(value: Any, item: Item) -> bytes:
    kind = item[0]
    if kind == "F":
        size = octets(item[1])
        return _put(value, 8 * size, item[1]).to_bytes(size, "big")
    if kind == "X":
        if not 0 < len(value) <= len(item[1]):
            raise UnreadableError(f"{len(value)} parts of an item that has 1 to {len(item[1])}")
        return b"".join(
            (_put(values, 8 * octets(part), part) | (place < len(value) - 1)).to_bytes(
                octets(part), "big"
            )
            if has_last_bit(part)
            else _put(values, 8 * octets(part), part).to_bytes(octets(part), "big")
            for place, (values, part) in enumerate(zip(value, item[1], strict=False))
        )
    if kind == "R":
        part = item[2][1]
        size, last = octets(part), len(value) - 1
        if item[1] == 0 and not value:
            raise UnreadableError(
                "an item that repeats while its last bit is set has at least one part"
            )
        head = len(value).to_bytes(item[1], "big") if item[1] else b""
        return head + b"".join(
            (_put(values, 8 * size, part) | (item[1] == 0 and place < last)).to_bytes(size, "big")
            for place, values in enumerate(value)
        )
    if kind == "E":
        if len(value) > 254:
            raise UnreadableError("an explicit item has at most 254 octets")
        return bytes((len(value) + 1,)) + bytes(value)
    names = {entry[0] for entry in item[1] if entry is not None}
    if unknown := set(value) - names:
        raise UnreadableError(f"no such parts: {sorted(unknown)}")
    flags, body = [], b""
    for number, entry in enumerate(item[1]):
        if entry is not None and entry[0] in value:
            flags.append(number)
            body += _write(value[entry[0]], entry[1])
    return _fspec(flags) + body
