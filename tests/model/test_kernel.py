"""Kernels are compiled once for the types of their arguments, whatever constants they are called with."""

from vedette.model.kernel import kernel


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
