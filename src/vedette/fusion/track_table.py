"""The picture as a table: columns of the tracks alive, by their names."""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from vedette.fusion import _layout as c
from vedette.fusion._life import describe, list_sensors, sort_lists
from vedette.fusion.memory import Memory
from vedette.fusion.order import KINDS, stir, unpack_text
from vedette.model.assessment import CLASSES
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.plot import EMERGENCIES
from vedette.model.track import TRACK, no_tracks

LETTERS: Final = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)  # Crockford, base 32
NAME_BYTES: Final = 13
STATUS_NAMES: Final = pa.array(["tentative", "confirmed", "coasting", "ended"])
KIND_ORDER: Final = tuple(sorted(KINDS))


def track_words(keys: Integers) -> Integers:
    """Sixty bits of each track's name, most significant letter first, so that they sort as the names do."""
    words = stir(np.ascontiguousarray(keys).view(np.uint64))
    value = np.zeros(len(words), np.uint64)
    for place in range(12):
        value = (value << np.uint64(5)) | ((words >> np.uint64(5 * place)) & np.uint64(31))
    return value.view(np.int64)


def names_of(words: Integers) -> pa.Array:
    """Names from ``track_words``: "T" and twelve letters."""
    letters = np.empty((len(words), NAME_BYTES), np.uint8)
    letters[:, 0] = ord("T")
    for place in range(12):
        letters[:, place + 1] = LETTERS[(words >> np.int64(5 * (11 - place))) & 31]
    offsets = np.arange(len(words) + 1, dtype=np.int32) * NAME_BYTES
    return pa.StringArray.from_buffers(len(words), pa.py_buffer(offsets), pa.py_buffer(letters))


def track_ids(keys: Integers) -> pa.Array:
    """Names of tracks from the keys of their birth plots: "T" and twelve letters (60 bits)."""
    return names_of(track_words(keys))


def _lists(flags: Flags, names: pa.Array) -> pa.Array:
    """(n, k) flags as lists of the names of the set ones; names are sorted."""
    if not len(names):
        return pa.array([[] for _ in range(len(flags))], pa.list_(pa.string()))
    columns = np.nonzero(flags)[1]
    offsets = np.concatenate(([0], np.cumsum(flags.sum(axis=1))))
    values = names.take(pa.array(columns))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


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


def _seen(m: Memory, rows: Integers, places: Integers, order: Integers) -> tuple[Any, Any]:
    """Offsets and places of the sensors that have seen each track, in the order of the table."""
    first: Any = np.zeros(len(rows) + 1, np.int32)
    column: Any = np.empty(len(rows) * len(places), np.int32)
    found = list_sensors(rows, places, m.sights, first, column)
    ends: Any = np.zeros_like(first)
    sorted_column: Any = np.empty(found, np.int32)
    sort_lists(order, first, column, ends, sorted_column)
    return ends, sorted_column


def track_table(
    m: Memory, rows: Integers, room: dict[str, Any], numbers: dict[str, int], now_ns: int,
    motions: Floats, lanes: Integers, g: Floats,
) -> pa.Table:  # fmt: skip
    """TRACK rows of these tracks, sorted by name; ``room`` holds their view at ``now_ns``."""
    if len(rows) == 0:
        return no_tracks()
    words = track_words(m.ints[rows, c.KEY])
    order = np.argsort(words, kind="stable")
    count = len(rows)
    out, covariance = np.empty((10, count)), np.empty((count, 10))
    describe(
        now_ns, rows, m.floats, m.ints, m.states, m.circles, room["view"], motions, lanes, g, out,
        covariance, room["work"][0],
    )  # fmt: skip
    by_name = sorted(numbers)
    places = np.array([numbers[name] for name in by_name], np.int64)
    ends, column = _seen(m, rows, places, order)
    # tracks are read as they lie in memory, and put in order after
    out, covariance = out[:, order], covariance[order]
    rows, words = rows[order], words[order]
    n = np.ascontiguousarray(m.ints[rows].T)
    status = np.where(
        n[c.STATUS] == c.CONFIRMED,
        np.where(out[9] > 0.0, 2, 1),
        np.where(n[c.STATUS] == c.ENDED, 3, 0),
    )
    seen = pa.array(by_name, pa.string()).take(pa.array(column))
    shifts = np.array([KINDS.index(kind) for kind in KIND_ORDER], np.int64)
    kind_flags: Flags = (n[c.KINDS][:, None] >> shifts) & 1 > 0
    merged = n[c.MERGED] != -1
    into = pa.nulls(count, pa.string())
    if merged.any():
        names = np.full(count, None, dtype=object)
        names[merged] = track_ids(n[c.MERGED][merged]).to_pylist()
        into = pa.array(names, pa.string())
    confidence = np.where(n[c.HINT] >= 0, m.floats[rows, c.HINT_CONFIDENCE], np.nan)
    columns = [
        names_of(words),
        pa.array(np.full(count, now_ns)),
        pa.array(out[0]),
        pa.array(out[1]),
        *(pa.array(out[k], from_pandas=True) for k in (2, 3, 4, 5, 6, 7)),
        pa.FixedSizeListArray.from_arrays(pa.array(covariance.ravel()), 10),
        STATUS_NAMES.take(pa.array(status)),
        pa.array(n[c.BIRTH]),
        pa.array(n[c.UPDATED]),
        pa.array(n[c.UPDATES].astype(np.int32)),
        pa.ListArray.from_arrays(pa.array(ends), seen),
        _lists(kind_flags, pa.array(KIND_ORDER)),
        pa.array(out[8]),
        _optional(n[c.ICAO], pa.uint32()),
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
        pa.array(confidence, from_pandas=True),
        into,
    ]
    return pa.Table.from_arrays(columns, schema=TRACK)
