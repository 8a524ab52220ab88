"""The input log: everything that entered, in the order in which it took effect.

Bytes as received, ticks of the clock, link events and acts of people are all items of one sequence; the
whole program is a function of it. An item is ``kind u8, feed u16, instant i64, length u32`` (big-endian),
the payload, and a CRC-32 of all that, which finds a torn end after a crash; tampering is found by the
digests in the ledger.
"""

import struct
import zlib
from collections.abc import Iterator
from enum import IntEnum
from typing import Final, NamedTuple

MAGIC: Final = b"VEDETTE-RAW-1\n"
_HEADER: Final = struct.Struct(">BHqI")
_CRC: Final = struct.Struct(">I")
MAX_PAYLOAD: Final = 64 << 20


class ItemKind(IntEnum):
    """What an item of the input log is."""

    CHUNK = 1  # bytes of a feed
    SEALED = 2  # the same, encrypted: they hold personal data
    TICK = 3  # the clock passed this instant; the stages run
    LINK = 4  # a feed connected, dropped, ended or lost bytes: JSON
    CONTROL = 5  # session began or ended, a key was destroyed: JSON
    ACT = 6  # a person's act: JSON


class Item(NamedTuple):
    """One item of the input log."""

    kind: ItemKind
    feed: int  # index in the record's list of feeds
    instant_ns: int
    payload: bytes


def encode_item(item: Item) -> bytes:
    """Bytes of one item.

    Raises:
        ValueError: the payload is larger than ``MAX_PAYLOAD``.
    """
    if len(item.payload) > MAX_PAYLOAD:
        raise ValueError(f"a chunk of {len(item.payload)} bytes is over {MAX_PAYLOAD}")
    body = _HEADER.pack(item.kind, item.feed, item.instant_ns, len(item.payload)) + item.payload
    return body + _CRC.pack(zlib.crc32(body))


def read_items(data: bytes, offset: int = 0) -> Iterator[tuple[Item, int]]:
    """Items from ``offset`` on, each with the offset behind it; stops at the first torn one.

    Args:
        data: the bytes of one segment, its magic included.
        offset: where to begin; 0 begins behind the magic.

    Yields:
        Nothing where the magic is missing.
    """
    if offset == 0:
        if not data.startswith(MAGIC):
            return
        offset = len(MAGIC)
    view = memoryview(data)
    while offset + _HEADER.size + _CRC.size <= len(data):
        kind, feed, instant_ns, length = _HEADER.unpack_from(data, offset)
        end = offset + _HEADER.size + length
        if length > MAX_PAYLOAD or end + _CRC.size > len(data):
            return
        if zlib.crc32(view[offset:end]) != _CRC.unpack_from(data, end)[0]:
            return
        try:
            known = ItemKind(kind)
        except ValueError:
            return
        payload = bytes(view[offset + _HEADER.size : end])
        offset = end + _CRC.size
        yield Item(known, feed, instant_ns, payload), offset
