"""Short texts as numbers: a callsign is compared, copied and sorted as one word of a track's row."""

from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa

from vedette.fusion._words import OCTETS, pack_words, spell_words
from vedette.model.columns import Integers


def pack_text(text: str | None) -> int:
    """Up to eight octets of a text without spaces around it as an integer; 0 is none."""
    if not text:
        return 0
    octets = text.strip().encode("utf-8", "replace")[:OCTETS].ljust(OCTETS, b"\0")
    return int.from_bytes(octets, "big", signed=True)


@lru_cache(maxsize=1 << 16)  # callsigns stay as they are from one tick to the next
def unpack_text(value: int) -> str | None:
    """The text of ``pack_text``, or None for 0.

    >>> unpack_text(pack_text("SWR123"))
    'SWR123'
    """
    if value == 0:
        return None
    octets = int(value).to_bytes(OCTETS, "big", signed=True).rstrip(b"\0")
    return octets.decode("utf-8", "ignore") or None


def pack_texts(column: pa.ChunkedArray) -> Integers:
    """``pack_text`` of each text of a column of strings."""
    texts = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    _, offsets, octets = texts.buffers()
    count = len(texts)
    words = np.zeros(count, np.int64)
    if count == 0 or octets is None:
        return words
    ends: Any = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + count + 1]
    others = np.empty(count, np.int64)
    found = pack_words(ends, np.frombuffer(octets, np.uint8), words, others)
    for k in others[:found].tolist():
        words[k] = pack_text(texts[k].as_py())
    if texts.null_count:
        words[texts.is_null().to_numpy(zero_copy_only=False)] = 0
    return words


def unpack_texts(words: Integers) -> pa.Array:
    """``unpack_text`` of each number, as a column of strings."""
    told = words != 0
    count = len(words)
    if not told.any():
        return pa.nulls(count, pa.string())
    offsets: Any = np.zeros(count + 1, np.int32)
    octets: Any = np.empty(OCTETS * (count + 1), np.uint8)
    if not spell_words(words, offsets, octets):
        return pa.array([unpack_text(word) for word in words.tolist()], pa.string())
    known = None if told.all() else pa.py_buffer(np.packbits(told, bitorder="little"))
    return pa.StringArray.from_buffers(
        count, pa.py_buffer(offsets), pa.py_buffer(octets[: offsets[-1]]), known
    )
