"""What is lost is kept in one store for many states: none of them sees what another one adds."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vedette.identity import history
from vedette.identity._lost import Lost

STEPS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=30
)


@given(STEPS)
def test_any_state_keeps_what_it_held_whatever_is_made_of_it(steps):
    states: list[tuple[Lost, list[int]]] = [(Lost(), [])]
    number = 0
    for which, count, gone in steps:
        lost, held = states[which % len(states)]
        rows = history.birth(count)
        rows["seen_ns"] = np.arange(number, number + count)
        number += count
        after = [*held, *rows["seen_ns"].tolist()]
        grown = lost.extended(rows)
        if gone and len(after) >= gone:
            grown, after = grown.without_first(gone), after[gone:]
        if gone == 2 and after:
            kept = np.array([value % 2 == 0 for value in after])
            grown, after = grown.only(kept), [value for value in after if value % 2 == 0]
        states.append((grown, after))
    for lost, held in states:
        assert lost.rows["seen_ns"].tolist() == held
