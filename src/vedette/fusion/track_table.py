"""The picture as a table: columns of the tracks alive, by their names."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Self

import numpy as np
import pyarrow as pa

from vedette.fusion import _layout as c
from vedette.fusion._table import (
    TOLD,
    count_seers,
    describe,
    name_words,
    spell,
    spell_codes,
    spell_seers,
)  # fmt: skip
from vedette.fusion.memory import Memory
from vedette.fusion.order import KINDS
from vedette.fusion.sites import Parameters
from vedette.fusion.window import Workshop
from vedette.fusion.words import unpack_texts
from vedette.model.assessment import CLASSES
from vedette.model.columns import Integers
from vedette.model.plot import EMERGENCIES, REMOTE_KEYS
from vedette.model.track import TRACK, no_tracks

LETTERS: Final[Any] = np.frombuffer(
    b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8
)  # Crockford, base 32
NAME_BYTES: Final = 13
TOLD_COLUMNS: Final = (c.STATUS, *TOLD.tolist())
STATUSES: Final = ("tentative", "confirmed", "coasting", "ended")


def _in_words(texts: Sequence[str]) -> tuple[Integers, Integers]:
    """Octets of texts in words of eight, and how many octets each has."""
    octets = [text.encode() for text in texts]
    words = max(1, *((len(text) + 7) // 8 for text in octets))
    padded = b"".join(text.ljust(8 * words, b"\0") for text in octets)
    return (
        np.frombuffer(padded, "<i8").astype(np.int64).reshape(-1, words),
        np.array([len(text) for text in octets]),
    )


class Spelling:
    """What codes stand for: each for some texts."""

    def __init__(self, texts: Sequence[str], parts: Sequence[Sequence[int]]) -> None:
        self.counts = np.array([len(of_code) for of_code in parts])
        self.ends = np.concatenate(([0], np.cumsum(self.counts)))
        self.parts = np.array([text for of_code in parts for text in of_code], np.int64)
        self.words, self.lengths = _in_words(texts)

    def spell(self, codes: Integers) -> tuple[pa.Array, pa.StringArray]:
        """Where the texts of each code begin, and the texts one after the other."""
        found = int(self.counts[codes].sum())
        lists: Any = np.empty(len(codes) + 1, np.int32)
        offsets: Any = np.empty(found + 1, np.int32)
        octets: Any = np.empty(found * int(self.lengths.max()) + 8, np.uint8)
        spell_codes(
            codes, self.ends, self.parts, self.words, self.lengths, lists, offsets, octets,
        )  # fmt: skip
        return pa.array(lists), pa.StringArray.from_buffers(
            found, pa.py_buffer(offsets), pa.py_buffer(octets[: offsets[-1]])
        )


STATUS_SPELLING: Final = Spelling(STATUSES, [[code] for code in range(len(STATUSES))])
# the kinds whose bits are set in a number
KIND_SPELLING: Final = Spelling(
    sorted(KINDS),
    [
        [text for text, kind in enumerate(sorted(KINDS)) if value >> KINDS.index(kind) & 1]
        for value in range(1 << len(KINDS))
    ],
)


def track_words(keys: Integers) -> Integers:
    """What the names of tracks with these keys say, as numbers that sort as the names do."""
    words = np.empty(len(keys), np.int64)
    name_words(np.ascontiguousarray(keys), words)
    return words


def names_of(words: Integers) -> pa.Array:
    """Names from ``track_words``: "T" and twelve letters."""
    letters: Any = np.empty((len(words), NAME_BYTES), np.uint8)
    letters[:, 0] = ord("T")
    spell(words, LETTERS, letters)
    offsets = np.arange(len(words) + 1, dtype=np.int32) * NAME_BYTES
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(offsets), pa.py_buffer(letters))


def track_ids(keys: Integers) -> pa.Array:
    """Names of tracks from the keys of their birth plots: "T" and twelve letters (60 bits)."""
    return names_of(track_words(keys))


def _texts(values: Integers, names: Any) -> pa.Array:
    """Codes as texts: each distinct code is translated once."""
    first = values[0]
    if (values == first).all():
        text = names(int(first))
        return (
            pa.nulls(len(values), pa.string()) if text is None else pa.array([text] * len(values))
        )
    unique, index = np.unique(values, return_inverse=True)
    return pa.array([names(int(code)) for code in unique], pa.string()).take(pa.array(index))


def _optional(values: Integers, kind: pa.DataType, missing: int = -1) -> pa.Array:
    mask = values == missing
    if mask.all():
        return pa.nulls(len(values), kind)
    return pa.array(np.where(mask, 0, values).astype(kind.to_pandas_dtype()), kind, mask=mask)


class Names(NamedTuple):
    """Names of the sensors in their order, as the kernels read them."""

    ranks: Integers  # (s,) of each sensor by its name
    plain: bool  # they are the sensors' numbers
    words: Integers  # (s, words) octets of each name, by rank
    lengths: Integers  # (s,) octets

    @classmethod
    def of(cls, numbers: dict[str, int]) -> Self:
        """Of sensors by their numbers."""
        ranks = np.empty(len(numbers), np.int64)
        ranks[[numbers[name] for name in sorted(numbers)]] = np.arange(len(numbers))
        plain = len(numbers) <= c.SEERS_MAX and bool((ranks == np.arange(len(ranks))).all())
        return cls(ranks, plain, *_in_words(sorted(numbers)))


@lru_cache(maxsize=16)
def _names_of_sensors(numbers: tuple[tuple[str, int], ...]) -> Names:
    return Names.of(dict(numbers))


def seen_by(m: Memory, rows: Integers, numbers: dict[str, int]) -> pa.ListArray:
    """Names of the sensors that have seen each track."""
    known = _names_of_sensors(tuple(numbers.items()))
    ends: Any = np.zeros(len(rows) + 1, np.int32)
    count_seers(rows, known.ranks, m.ints, m.sights, ends)
    offsets: Any = np.empty(int(ends[-1]) + 1, np.int32)
    octets: Any = np.empty(int(ends[-1]) * int(known.lengths.max()) + 8, np.uint8)
    marks = np.zeros((len(numbers) + 63) // 64, np.int64)
    spell_seers(
        rows, known.ranks, known.plain, known.words, known.lengths, m.ints, m.sights, marks, offsets,
        octets,
    )  # fmt: skip
    names = pa.StringArray.from_buffers(
        len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(octets[: offsets[-1]])
    )
    return pa.ListArray.from_arrays(pa.array(ends), names)


def track_table(
    m: Memory, rows: Integers, shop: Workshop, numbers: dict[str, int], now_ns: int, p: Parameters
) -> pa.Table:
    """TRACK rows of these tracks, sorted by name; the view of them at ``now_ns`` is in the shop's room."""
    if len(rows) == 0:
        return no_tracks()
    words = track_words(m.ints[rows, c.KEY])
    order = np.argsort(words)
    words, count = words[order], len(rows)
    places = np.empty(count, np.int64)
    places[order] = np.arange(count)
    values, covariance = np.empty((count, 10)), np.empty((count, 10))
    whole = np.empty((count, 1 + len(TOLD)), np.int64)

    def part(k: int, own: slice) -> None:
        describe(
            now_ns, rows[own], m.floats, m.ints, m.states, m.circles, shop.room["view"], p.motions, p.lanes,
            p.g, places[own], values, covariance, whole, shop.lend(f"row {k}", (c.ROW,), np.float64),
        )  # fmt: skip

    shop.in_parts(part, count, p.cores)
    # a track is written at once, in a row of its own: in columns each number would be a line of the cache
    out, columns_of = np.ascontiguousarray(values.T), np.ascontiguousarray(whole.T)
    n = dict(zip(TOLD_COLUMNS, columns_of, strict=True))
    merged = n[c.MERGED] != -1
    into = pa.nulls(count, pa.string())
    if merged.any():
        names = np.full(count, None, dtype=object)
        names[merged] = track_ids(n[c.MERGED][merged]).to_pylist()
        into = pa.array(names, pa.string())
    columns = [
        names_of(words),
        pa.array(np.full(count, now_ns)),
        pa.array(out[0]),
        pa.array(out[1]),
        *(pa.array(out[k], from_pandas=True) for k in (2, 3, 4, 5, 6, 7)),
        pa.FixedSizeListArray.from_arrays(pa.array(covariance.ravel()), 10),
        STATUS_SPELLING.spell(n[c.STATUS])[1],
        pa.array(n[c.BIRTH]),
        pa.array(n[c.UPDATED]),
        pa.array(n[c.UPDATES].astype(np.int32)),
        seen_by(m, rows[order], numbers),
        pa.ListArray.from_arrays(*KIND_SPELLING.spell(n[c.KINDS])),
        pa.array(out[8]),
        _optional(np.where(n[c.ICAO] < REMOTE_KEYS, n[c.ICAO], -1), pa.uint32()),
        _optional(n[c.CODE], pa.uint16()),
        unpack_texts(n[c.CALLSIGN]),
        unpack_texts(n[c.CATEGORY]),
        _optional(n[c.NIC], pa.uint8()),
        _optional(n[c.NAC_P], pa.uint8()),
        _optional(n[c.SIL], pa.uint8()),
        _texts(n[c.EMERGENCY], lambda code: EMERGENCIES[code] if code >= 0 else None),
        pa.array(n[c.GROUND] > 0, pa.bool_(), mask=n[c.GROUND] < 0),
        unpack_texts(n[c.MILITARY]),
        _optional(n[c.COOPERATIVE], pa.int64(), int(c.NEVER)),
        _texts(n[c.HINT], lambda code: CLASSES[code] if code >= 0 else None),
        pa.array(out[9], from_pandas=True),
        into,
    ]
    return pa.Table.from_arrays(columns, schema=TRACK)
