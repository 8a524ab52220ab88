"""Times of a column in nanoseconds UTC, whatever its type and unit."""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.model.time import SECOND_NS, parse_utc

Integers = NDArray[np.int64]

MISSING: Final = -(1 << 63)  # no time, or none that can be read
AHEAD_NS: Final = 86_400 * SECOND_NS  # a row dated later by more than what it came with is wrong
LAST_NS: Final = 9_000_000_000_000_000_000  # the year 2255
SUFFIXES: Final = {"_ns": 1, "_us": 1_000, "_ms": 1_000_000, "_s": 1_000_000_000}
# Numbers without a unit: the years 1973 to 5000 in seconds lie below the same in milliseconds, and so on
UNITS: Final = ((1e11, 1_000_000_000), (1e14, 1_000_000), (1e17, 1_000), (np.inf, 1))
TICKS: Final = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}


def times_ns(name: str, column: pa.Array) -> Integers:
    """(n,) times [ns UTC]; MISSING where there is none. A time without a zone is taken as UTC.

    Args:
        name: of the column: an end ``_ns``, ``_us``, ``_ms`` or ``_s`` says the unit of numbers; else their
            size does.
        column: (n,) time stamps, numbers or ISO 8601 texts.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return times_ns(name, column.cast(kind.value_type))
    if pa.types.is_date(kind):
        return times_ns(name, column.cast(pa.timestamp("ms")))
    if pa.types.is_timestamp(kind):
        return _scaled(_whole(column.view(pa.int64())), TICKS[kind.unit])
    if pa.types.is_integer(kind):
        values = _whole(column.cast(pa.int64(), safe=False))
        return _scaled(values, _unit(name, values[values != MISSING]))
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        parts = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        return _rounded(parts, _unit(name, parts[np.isfinite(parts)]))
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return np.array([_parsed(text) for text in column.to_pylist()], np.int64)
    return np.full(len(column), MISSING, np.int64)


def _whole(column: pa.Array) -> Integers:
    if column.null_count:
        column = pc.fill_null(column, MISSING)
    return np.asarray(column.to_numpy(), np.int64)


def _unit(name: str, values: NDArray[np.generic]) -> int:
    lowered = name.strip().lower()
    for suffix, factor in SUFFIXES.items():
        if lowered.endswith(suffix):
            return factor
    if len(values) == 0:
        return 1
    typical = abs(float(np.median(values.astype(np.float64))))
    return next(factor for limit, factor in UNITS if typical < limit or limit == np.inf)


def _scaled(values: Integers, factor: int) -> Integers:
    bad = (values < 0) | (values > LAST_NS // factor)
    if not bad.any():
        return values * factor
    return np.where(bad, MISSING, np.where(bad, 0, values) * factor)


def _rounded(values: NDArray[np.float64], factor: int) -> Integers:
    """Exact to the microsecond for seconds of today, as far as a float goes."""
    bad = ~((values >= 0.0) & (values <= LAST_NS / factor))
    safe = np.where(bad, 0.0, values)
    whole = np.floor(safe).astype(np.int64)
    rest = np.round((safe - whole) * 1e6).astype(np.int64)
    return np.where(bad, MISSING, whole * factor + rest * factor // 1_000_000)


def _parsed(text: str | None) -> int:
    if text is None:
        return MISSING
    try:
        found = parse_utc(text.strip())
    except (ValueError, OverflowError):
        return MISSING
    return found if 0 <= found <= LAST_NS else MISSING
