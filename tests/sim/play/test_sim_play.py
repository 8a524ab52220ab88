"""Play-books: the same luck for all, bounds kept, wrong files refused, and courses that can be counted by head."""

import json
import xml.etree.ElementTree as ET

import msgspec
import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.app.cli import cli
from vedette.model.errors import SourceError
from vedette.sim.play.book import LADDER, read_book, shipped_books
from vedette.sim.play.course import BLOCK, course, play
from vedette.sim.study.draws import Draws

books = st.sampled_from(sorted(shipped_books())).map(lambda name: shipped_books()[name])

SMALL = """
format: vedette-play/1
id: small
title: t
about: a
round: a day
rounds: 3
facts: {rung: {text: r, start: 1, low: 0, high: 9}, told: {text: t}}
moves:
- {id: up, side: theirs, text: u, when: {told: [0, 0]}, probability: [1, 1, 1], adds: {rung: 2},
   status: assumption, source: D}
- {id: tell, side: ours, text: t, probability: [1, 1, 1], adds: {told: 1}, status: assumption, source: D}
- {id: never, side: ours, text: n, probability: [0, 0, 0], adds: {rung: 9}, status: assumption, source: D}
postures:
- {id: silent, text: s, moves: [never]}
- {id: tell, text: t, moves: [tell, never]}
assumptions: [a]
"""


def test_a_book_without_chance_is_counted_by_head():
    found = play(read_book("small.yaml", SMALL.encode()), 1, 50)
    silent, tell = found.postures
    assert (silent.steps_up.value, silent.end) == (6.0, 7.0)
    assert silent.top[7].value == 1.0
    # their move comes before ours is made, once
    assert (tell.steps_up.value, tell.end, tell.fewer.value) == (2.0, 3.0, 4.0)
    assert tell.moves == {"up": 1.0, "tell": 3.0, "never": 0.0}
    assert (silent.best.value, tell.best.value) == (0.0, 1.0)


@settings(max_examples=8)
@given(books, st.integers(0, 2**32), st.integers(1, 250), st.integers(1, 250))
def test_splitting_courses_into_batches_gives_equal_bits(book, seed, a, b):
    posture = book.postures[-1]
    whole = course(book, posture, Draws(seed, 0, a + b))
    parts = [course(book, posture, draws) for draws in (Draws(seed, 0, a), Draws(seed, a, b))]
    for field in ("top", "end", "steps_up", "theirs_up"):
        np.testing.assert_array_equal(
            getattr(whole, field), np.concatenate([getattr(part, field) for part in parts])
        )


@settings(max_examples=8)
@given(books, st.integers(0, 2**32))
def test_courses_keep_to_their_bounds_and_add_up(book, seed):
    for posture in book.postures:
        found = course(book, posture, Draws(seed, 0, 100))
        start = posture.start.get(LADDER, book.facts[LADDER].start)
        assert (found.top >= start).all()
        assert (found.top <= 9).all()
        assert (found.end <= found.top).all()
        assert (found.steps_up >= found.top - start).all()
        assert (found.theirs_up <= found.steps_up).all()
        assert set(found.moves) == {m.id for m in book.moves if m.side == "theirs"} | set(
            posture.moves
        )


@settings(max_examples=4)
@given(books, st.integers(0, 1_000))
def test_a_posture_is_the_same_whatever_it_is_compared_with(book, seed):
    alone = msgspec.structs.replace(book, postures=tuple(reversed(book.postures)))
    one, other = play(book, seed, 2 * BLOCK), play(alone, seed, 2 * BLOCK)
    for a, b in zip(one.postures, reversed(other.postures), strict=True):
        assert a.steps_up == b.steps_up
        assert a.top == b.top
    assert sum(p.best.value for p in one.postures) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("high: 9", "high: 12", "rung"),
        ("told: [0, 0]", "asked: [0, 0]", "no fact asked"),
        ("[1, 1, 1], adds: {rung: 2}", "[0.5, 0.2, 0.9], adds: {rung: 2}", "must rise"),
        ("moves: [never]", "moves: [up]", "none of ours"),
        ("id: tell, side", "id: up, side", "twice"),
        ("rounds: 3", "rounds: 0", "rounds"),
        ("rounds: 3", "rounds: 3\nmodel: gpt", "model"),
    ],
)
def test_a_book_that_is_wrong_says_where(old, new, said):
    assert old in SMALL
    with pytest.raises(SourceError, match=said):
        read_book("x.yaml", SMALL.replace(old, new, 1).encode())


def test_the_command_prints_and_draws_what_it_assumes(tmp_path):
    picture = tmp_path / "p.svg"
    words = ["sim", "play", "drones", "--worlds", "200", "--picture", str(picture)]
    result = CliRunner().invoke(cli, words, catch_exceptions=False)
    assert result.exit_code == 0
    book = shipped_books()["drones"]
    letters = "".join(ET.fromstring(picture.read_text("utf-8")).itertext())
    for move in book.moves:
        assert f"{move.side} {move.id}:" in result.stdout
        assert move.text[:50] in letters
    for words_ in book.assumptions:
        assert words_ in result.stdout
    data = json.loads(
        CliRunner().invoke(cli, ["sim", "play", "jets", "--worlds", "200", "--json"]).stdout
    )
    assert [one["posture"] for one in data["played"]["postures"]] == [
        "close",
        "distance",
        "direct",
        "rules",
    ]
