"""Arrays on large pages are arrays like any others: zeros at first, and nobody else's."""

import itertools
import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.model import pages
from vedette.model.pages import spacious

KINDS = st.sampled_from([np.float64, np.int64, np.int32, np.uint8])
SIZES = st.one_of(st.integers(0, 50), st.integers(pages.SMALL, pages.LARGE + 1_000))


@given(st.lists(st.tuples(SIZES, KINDS), min_size=1, max_size=6))
def test_arrays_are_zeros_of_their_own(wanted: list[tuple[int, type]]) -> None:
    made = []
    for number, (size, kind) in enumerate(wanted, 1):
        array = spacious((size // 8, 2), kind)
        assert array.shape == (size // 8, 2)
        assert array.dtype == kind
        assert not array.any()
        array[:] = number
        made.append(array)
    for number, array in enumerate(made, 1):
        assert (array == number).all()


def test_what_is_not_small_begins_on_a_line_of_its_own() -> None:
    for _ in range(20):
        array = spacious((pages.SMALL + 1,), np.uint8)
        assert array.ctypes.data % pages.LINE == 0
    block = pages._block()
    assert len(block) == pages.BLOCK
    assert block.ctypes.data % pages.PAGE == 0


def test_threads_that_ask_at_once_get_different_memory() -> None:
    made: list[np.ndarray] = []
    start = threading.Barrier(4)

    def ask(number: int) -> None:
        start.wait(10.0)
        for _ in range(50):
            array = spacious((pages.SMALL // 8,), np.int64)
            array[:] = number
            made.append(array)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    begins = sorted((array.ctypes.data, array.nbytes) for array in made)
    assert len(begins) == 200
    assert all(a + size <= b for (a, size), (b, _) in itertools.pairwise(begins))
    assert all(len(set(array.tolist())) == 1 for array in made)
