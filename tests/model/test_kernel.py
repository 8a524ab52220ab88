"""Kernels are compiled once for the types of their arguments, whatever constants they are called with."""

import gc
import pickle
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest

from vedette.model.columns import Floats
from vedette.model.kernel import bare_kernel, kernel


@kernel
def _raised(value: int, by: int) -> int:
    return value + by


@kernel
def _calls(value: int) -> int:
    return _raised(value, 3) + _raised(value, 5) + _raised(2, value) + _raised(7, by=value)


def test_a_constant_does_not_compile_the_callee_again() -> None:
    assert _calls(10) == 13 + 15 + 12 + 17
    _calls.recompile()  # type: ignore[attr-defined]  # what was kept on disk by an earlier run says nothing
    assert len(_raised.signatures) == 1  # type: ignore[attr-defined]


def _mixed(values: Floats, by: int) -> float:
    total = 0.0
    for k in range(values.shape[0]):
        total += values[k] ** 2 / by if k % 2 == 0 else float(np.sqrt(abs(values[k]) + k))
    return total


def test_a_kernel_typed_from_memory_is_the_kernel_typed_anew() -> None:
    values = np.random.default_rng(1).normal(size=99)
    first, second = kernel(_mixed), kernel(_mixed)
    assert first(values, 3) == second(values, 3) == pytest.approx(_mixed(values, 3), rel=1e-12)
    # other types have another meaning, also for the same operators
    assert first(values, 3.0) == second(values, 3.0) == first(values, 3)  # type: ignore[arg-type]
    assert len(first.signatures) == len(second.signatures) == 2  # type: ignore[attr-defined]


def test_what_cannot_be_compiled_is_refused_each_time_and_leaves_the_collector_on() -> None:
    @kernel
    def wrong(value: int) -> int:
        return value + "one"  # type: ignore[operator,no-any-return]

    assert gc.isenabled()
    for _ in range(2):
        with pytest.raises(Exception, match="No implementation of function"):
            wrong(1)
        assert gc.isenabled()


class _Renamed:
    """A type that a kernel of another version took, and this one has not."""


def test_what_another_version_cached_of_types_that_are_no_more_is_compiled_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @bare_kernel
    def doubled(number: float) -> float:
        return 2.0 * number

    kept: Any = vars(cast(Any, doubled))["_cache"]._cache_file
    path = tmp_path / "index"
    monkeypatch.setattr(kept, "_index_path", str(path))
    index = pickle.dumps((kept._source_stamp, {"signature": _Renamed()}))
    path.write_bytes(pickle.dumps(kept._version) + index)
    assert list(kept._load_index()) == ["signature"]
    monkeypatch.delattr(f"{__name__}._Renamed")
    assert kept._load_index() == {}
