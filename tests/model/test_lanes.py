"""Four numbers at once are what four numbers one by one are, to the last bit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vedette.model._lanes import (
    add_up,
    any_of,
    fill,
    larger,
    load,
    most,
    pick,
    put,
    read,
    smaller,
    splat,
    sqrt,
    store,
    where,
    write,
)  # fmt: skip
from vedette.model.columns import Floats
from vedette.model.kernel import bare_kernel

FOURS = arrays(np.float64, 4, elements=st.floats(-1e12, 1e12))
RESULTS = 14


@bare_kernel
def _all(rows: Floats, flat: Floats, number: float, out: Floats, singles: Floats) -> None:
    a, b = read(rows, 0), read(rows, 1)
    write(out, 0, a + b)
    write(out, 1, a - number)
    write(out, 2, number * b)
    write(out, 3, a / b)
    write(out, 4, larger(a, b))
    write(out, 5, smaller(a, number))
    write(out, 6, where((a < b) & (b > number), a, number))
    write(out, 7, sqrt(larger(a, 0.0)))
    write(out, 8, put(a, 2, number))
    write(out, 9, splat(number))
    write(out, 10, load(flat, 3))
    fill(out, 11, number)
    write(out, 12, number / b)
    write(out, 13, number - a)
    store(flat, 1, b)
    singles[0] = add_up(number, a)
    singles[1] = most(a)
    singles[2] = pick(a, 3)
    singles[3] = 1.0 if any_of(a > b) else 0.0
    write(singles, 4, read(flat, 8))
    fill(singles, 5, number)


@given(FOURS, FOURS, arrays(np.float64, 9, elements=st.floats(-1e12, 1e12)), st.floats(-1e12, 1e12))
def test_four_at_once_are_four_one_by_one(a: Any, b: Any, flat: Any, number: float) -> None:
    rows, out, singles = np.array([a, b]), np.zeros((RESULTS, 4)), np.zeros(6)
    before = flat.copy()
    _all(rows, flat, number, out, singles)
    with np.errstate(all="ignore"):
        wanted = [
            a + b, a - number, number * b, a / b, np.maximum(a, b), np.minimum(a, number),
            np.where((a < b) & (b > number), a, number), np.sqrt(np.maximum(a, 0.0)),
            np.array([a[0], a[1], number, a[3]]), np.full(4, number), before[3:7], np.full(4, number),
            number / b, number - a,
        ]  # fmt: skip
    np.testing.assert_array_equal(out, wanted)
    np.testing.assert_array_equal(flat, [before[0], *b, *before[5:]])
    assert singles[0] == (((number + a[0]) + a[1]) + a[2]) + a[3]
    assert singles[1:4].tolist() == [a.max(), a[3], float((a > b).any())]
    assert singles[4:].tolist() == [before[8], number]


@pytest.mark.parametrize("stride", [1, 2])
def test_rows_may_lie_apart(stride: int) -> None:
    rows = np.arange(8.0 * stride).reshape(2 * stride, 4)[::stride]
    out, singles = np.zeros((RESULTS, 4)), np.zeros(6)
    _all(rows, np.zeros(9), 1.0, out, singles)
    np.testing.assert_array_equal(out[0], rows[0] + rows[1])
