"""Probabilities in words: what rounding would make certain is not told as certain."""

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from vedette.model.probability import percent, rounded

CASES = json.loads((Path(__file__).parents[2] / "ui/tests/percent.json").read_text("utf-8"))
SURE = (percent(0.0), percent(1.0), percent(0.0, 1), percent(1.0, 1))
doubtful = st.floats(0.0, 1.0, exclude_min=True, exclude_max=True)
near = st.floats(1e-12, 0.02)


def test_it_is_written_as_on_the_page() -> None:
    assert [percent(share, digits) for share, digits, _ in CASES] == [said for *_, said in CASES]


@given(doubtful | near | near.map(lambda p: 1.0 - p), st.integers(0, 2))
def test_no_certainty_is_told_that_there_is_not(share: float, digits: int) -> None:
    said = percent(share, digits)
    assert said not in SURE
    bound, _, figure = said.removesuffix(" %").rpartition(" ")
    off = 100.0 * share - float(figure)
    step = 10.0**-digits
    assert {"": abs(off) <= 0.5001 * step, ">": 0.0 < off <= step, "<": -step <= off < 0.0}[bound]


@given(doubtful | near | near.map(lambda p: 1.0 - p), st.integers(2, 6))
def test_programs_are_told_none_either(probability: float, digits: int) -> None:
    found = rounded(probability, digits)
    assert 0.0 < found < 1.0
    assert abs(found - probability) <= 1.0001 * 10.0**-digits
    assert percent(found) not in SURE
    assert rounded(1.0, digits) == 1.0
    assert rounded(0.0, digits) == 0.0
