"""Memory that is freed after ticks, and nowhere else."""

import gc
import weakref

import pytest

from vedette.engine.freed_memory import collecting_when_asked, give_back


class _Knot:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.self = self


def _old_knot() -> weakref.ref[_Knot]:
    """A knot that young collections have seen alive, so that only a whole one finds it dead."""
    knot = _Knot()
    gc.collect(0)
    gc.collect(1)
    return weakref.ref(knot)


def test_what_is_old_is_collected_when_asked_and_not_before() -> None:
    with collecting_when_asked():
        dead = _old_knot()
        for _ in range(30):  # whole collections are due by count
            gc.collect(1)
            _ = [[] for _ in range(20_000)]
        assert dead() is not None
        give_back()
        assert dead() is None


def test_python_collects_by_itself_again_after_a_run_however_it_ended() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    within = []

    def run() -> None:
        with collecting_when_asked():
            within.extend([gc.get_threshold(), gc.get_freeze_count()])
            raise KeyError

    with pytest.raises(KeyError):
        run()
    assert within[0] != before
    assert within[1] > frozen
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
