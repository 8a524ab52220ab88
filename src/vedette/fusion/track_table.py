"""The picture as a table: columns of the tracks alive, by their names."""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from vedette.fusion import _layout as c
from vedette.fusion._table import TOLD, describe, list_sensors, name_words, sort_lists, spell
from vedette.fusion.memory import Memory
from vedette.fusion.order import KINDS, unpack_text
from vedette.fusion.sites import Parameters
from vedette.fusion.window import Workshop
from vedette.model.assessment import CLASSES
from vedette.model.columns import Integers
from vedette.model.plot import EMERGENCIES, REMOTE_KEYS
from vedette.model.track import TRACK, no_tracks

LETTERS: Final[Any] = np.frombuffer(
    b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8
)  # Crockford, base 32
NAME_BYTES: Final = 13
STATUS_NAMES: Final = pa.array(["tentative", "confirmed", "coasting", "ended"])
KIND_BITS: Final = tuple(KINDS.index(kind) for kind in sorted(KINDS))
# the kinds whose bits are set in a number, as a list of their names
KIND_LISTS: Final = pa.array(
    [[KINDS[bit] for bit in KIND_BITS if value >> bit & 1] for value in range(1 << len(KINDS))],
    pa.list_(pa.string()),
)
TOLD_COLUMNS: Final = (c.STATUS, *TOLD.tolist())


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


def _seen(m: Memory, rows: Integers, sensors: Integers, order: Integers) -> tuple[Any, Any]:
    """Offsets and places of the sensors that have seen each track, in the order of the table."""
    first: Any = np.zeros(len(rows) + 1, np.int32)
    column: Any = np.empty(len(rows) * len(sensors) + 1, np.int32)
    found = list_sensors(rows, sensors, m.ints, m.sights, first, column)
    ends: Any = np.zeros_like(first)
    sorted_column: Any = np.empty(found, np.int32)
    sort_lists(order, first, column, ends, sorted_column)
    return ends, sorted_column


def track_table(
    m: Memory, rows: Integers, shop: Workshop, numbers: dict[str, int], now_ns: int, p: Parameters
) -> pa.Table:
    """TRACK rows of these tracks, sorted by name; the view of them at ``now_ns`` is in the shop's room."""
    if len(rows) == 0:
        return no_tracks()
    words = track_words(m.ints[rows, c.KEY])
    order = np.argsort(words, kind="stable")
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
    by_name = sorted(numbers)
    ends, column = _seen(m, rows, np.array([numbers[name] for name in by_name], np.int64), order)
    seen = pa.array(by_name, pa.string()).take(pa.array(column))
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
        STATUS_NAMES.take(pa.array(n[c.STATUS])),
        pa.array(n[c.BIRTH]),
        pa.array(n[c.UPDATED]),
        pa.array(n[c.UPDATES].astype(np.int32)),
        pa.ListArray.from_arrays(pa.array(ends), seen),
        KIND_LISTS.take(pa.array(n[c.KINDS])),
        pa.array(out[8]),
        _optional(np.where(n[c.ICAO] < REMOTE_KEYS, n[c.ICAO], -1), pa.uint32()),
        _optional(n[c.CODE], pa.uint16()),
        _texts(n[c.CALLSIGN], unpack_text),
        _texts(n[c.CATEGORY], unpack_text),
        _optional(n[c.NIC], pa.uint8()),
        _optional(n[c.NAC_P], pa.uint8()),
        _optional(n[c.SIL], pa.uint8()),
        _texts(n[c.EMERGENCY], lambda code: EMERGENCIES[code] if code >= 0 else None),
        pa.array(n[c.GROUND] > 0, pa.bool_(), mask=n[c.GROUND] < 0),
        _texts(n[c.MILITARY], unpack_text),
        _optional(n[c.COOPERATIVE], pa.int64(), int(c.NEVER)),
        _texts(n[c.HINT], lambda code: CLASSES[code] if code >= 0 else None),
        pa.array(out[9], from_pandas=True),
        into,
    ]
    return pa.Table.from_arrays(columns, schema=TRACK)
