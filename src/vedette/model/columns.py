"""Arrow columns as NumPy arrays and back: null is NaN for floats and a stated value for integers."""

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]
NO: Final = pa.scalar(False)  # made once: turning a Python value into a scalar is slow


def floats(table: pa.Table, name: str) -> Floats:
    """(n,) column as float64, null as NaN."""
    column = table.column(name)
    if column.type != pa.float64():
        column = pc.cast(column, pa.float64())
    return np.asarray(column.to_numpy(), dtype=np.float64)


def integers(table: pa.Table, name: str, *, missing: int) -> Integers:
    """(n,) column as int64, null as ``missing``."""
    column = table.column(name)
    if column.type != pa.int64():
        column = pc.cast(column, pa.int64())
    if column.null_count:
        column = pc.fill_null(column, missing)
    return np.asarray(column.to_numpy(), dtype=np.int64)


def flags(table: pa.Table, name: str) -> Flags:
    """(n,) column as bool, null as False."""
    return np.asarray(pc.fill_null(table.column(name), NO).to_numpy(), dtype=np.bool_)


def is_value(table: pa.Table, name: str, value: str) -> Flags:
    """(n,) whether a column of strings has this value."""
    return np.asarray(
        pc.fill_null(pc.equal(table.column(name), value), NO).to_numpy(), dtype=np.bool_
    )


def strings(table: pa.Table, name: str) -> list[str | None]:
    """(n,) column as Python strings, null as None; for the human-scale part only."""
    values: list[str | None] = table.column(name).to_pylist()
    return values


def greatest(values: Floats) -> Floats:
    """(n,) greatest of each of (n, k) rows, k > 0 and small: NumPy goes along each row, which takes longer."""
    found: Floats = values[:, 0].copy()
    for column in range(1, values.shape[1]):
        np.maximum(found, values[:, column], out=found)
    return found


def from_columns(schema: pa.Schema, columns: dict[str, Any]) -> pa.Table:
    """A table of ``schema`` from some of its columns; the others are null, NaN becomes null.

    Args:
        schema: names, types and order of the result.
        columns: name to (n,) array or list; a float NaN means unknown.

    Raises:
        KeyError: a name that the schema does not have.
    """
    unknown = set(columns) - set(schema.names)
    if unknown:
        raise KeyError(f"no such columns: {sorted(unknown)}")
    rows = len(next(iter(columns.values()))) if columns else 0
    arrays = []
    for field in schema:
        if field.name not in columns:
            arrays.append(pa.nulls(rows, field.type))
            continue
        values = columns[field.name]
        if isinstance(values, np.ndarray) and values.dtype.kind == "f":
            arrays.append(pa.array(values, type=field.type, from_pandas=True))
        elif isinstance(values, pa.Array | pa.ChunkedArray):
            arrays.append(values if values.type == field.type else values.cast(field.type))
        else:
            arrays.append(pa.array(values, type=field.type))
    return pa.table(arrays, schema=schema)
