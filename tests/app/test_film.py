"""A record shown at any time: whatever way a page took there, it has what a page then had."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.app.api.message import Wanted
from vedette.app.film import Film
from vedette.app.showing import FASTEST, SLOWEST, Showing
from vedette.model.time import SECOND_NS

START_NS = 1_758_265_080 * SECOND_NS
KINDS = ("incidents", "feeds")
ticks = st.lists(
    st.tuples(
        st.dictionaries(st.integers(1, 4), st.sampled_from(["A", "B"]), max_size=3),
        st.dictionaries(st.sampled_from(KINDS), st.integers(0, 2), max_size=2),
    ),
    min_size=1,
    max_size=12,
)


def filmed(rows: list[Any]) -> tuple[Film, list[tuple[dict[int, str], dict[str, int]]]]:
    """A film, and what a page had after each tick."""
    film, had, present, last = Film(), [], {}, {}
    for number, (names, messages) in enumerate(rows):
        gone = [slot for slot in present if slot not in names]
        changed = [{"slot": s, "callsign": n} for s, n in names.items() if present.get(s) != n]
        present, last = dict(names), last | messages
        told = [{"type": "tracks", "tracks": changed, "gone": gone}] if changed or gone else []
        film.add(
            START_NS + number * SECOND_NS,
            str(number).encode(),
            told,
            {kind: {"type": kind, "value": value} for kind, value in messages.items()},
        )
        had.append((dict(present), dict(last)))
    return film, had


class Reader:
    """A page that applies what it is sent."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.last: dict[str, int] = {}
        self.frame = b""

    def take(self, news: tuple[list[str], bytes | None]) -> None:
        for text in news[0]:
            message = json.loads(text)
            if message["type"] == "tracks":
                for slot in message["gone"]:
                    del self.names[slot]
                self.names |= {one["slot"]: one["callsign"] for one in message["tracks"]}
            elif "value" in message:
                self.last[message["type"]] = message["value"]
            else:
                del self.last[message["type"]]
        if news[1] is not None:
            self.frame = news[1]


@settings(max_examples=100)
@given(ticks, st.lists(st.integers(-3, 20), min_size=1, max_size=10))
def test_whatever_way_a_page_took_it_has_what_a_page_then_had(
    rows: list[Any], stops: list[int]
) -> None:
    film, had = filmed(rows)
    showing, page = Showing(film), Reader()
    for stop in stops:
        showing.want(Wanted(at_ms=(START_NS + stop * SECOND_NS) / 1e6))
        page.take(showing.news())
        tick = min(max(stop, 0), len(rows) - 1)
        assert page.frame == str(tick).encode()
        assert (page.names, page.last) == had[tick]
        assert showing.news() == ([], None)  # nothing is sent twice
    film.close()


def test_time_passes_at_the_pace_that_was_asked_for_and_stops_at_the_end() -> None:
    film, _ = filmed([({}, {})] * 11)
    showing = Showing(film)
    showing.pass_time(5.0)
    assert showing.at_ns == START_NS  # it stands still until it is played
    showing.want(Wanted(playing=True, speed=2.0))
    showing.pass_time(1.5)
    assert showing.at_ns == START_NS + 3 * SECOND_NS
    showing.want(Wanted(speed=1e9))
    assert showing.speed == FASTEST
    showing.pass_time(60.0)
    assert showing.at_ns == START_NS + 10 * SECOND_NS
    showing.want(Wanted(speed=0.0))
    assert showing.speed == SLOWEST
    film.close()
