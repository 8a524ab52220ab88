"""Looking back at a watch that runs: a page has what it then had, whatever way it took; the run is not held up."""

import errno
import json
import threading
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served import Served
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from test_film import START_NS, Reader, ticks

from vedette.app.api.message import Wanted
from vedette.app.audience import News
from vedette.app.film import Film
from vedette.app.past_door import PastDoor
from vedette.app.reel import Reel
from vedette.app.showing import Showing
from vedette.model.time import SECOND_NS


def reeled(
    rows: list[Any], most: int, each: int
) -> tuple[Reel, list[tuple[dict[int, str], dict[str, int]]]]:
    """A reel, and what a page had after each tick."""
    reel, had, present, last = Reel(None, most, each), [], {}, {}
    for number, (names, messages) in enumerate(rows):
        gone = [slot for slot in present if slot not in names]
        changed = [{"slot": s, "callsign": n} for s, n in names.items() if present.get(s) != n]
        present, last = dict(names), last | messages
        told = [{"type": "tracks", "tracks": changed, "gone": gone}] if changed or gone else []
        said = {kind: {"type": kind, "value": value} for kind, value in messages.items()}
        reel.add(START_NS + number * SECOND_NS, str(number).encode(), told, said)
        had.append((dict(present), dict(last)))
    return reel, had


@settings(max_examples=100)
@given(
    ticks,
    st.lists(st.integers(-3, 20), min_size=1, max_size=10),
    st.integers(1, 400),
    st.integers(1, 100),
)
def test_over_all_films_a_page_has_what_a_page_then_had(
    rows: list[Any], stops: list[int], most: int, each: int
) -> None:
    reel, had = reeled(rows, most, each)
    oldest = (reel.first_ns - START_NS) // SECOND_NS
    assert reel.last_ns == START_NS + (len(rows) - 1) * SECOND_NS
    showing, page = Showing(reel), Reader()
    for stop in stops:
        showing.want(Wanted(at_ms=(START_NS + stop * SECOND_NS) / 1e6))
        page.take(showing.news())
        tick = min(max(stop, oldest), len(rows) - 1)
        assert page.frame == str(tick).encode()
        assert (page.names, page.last) == had[tick]
        assert not showing.moved()


def test_no_more_is_kept_than_was_allowed_and_what_is_shown_stays() -> None:
    reel = Reel(None, most_octets=5_000, film_octets=1_000)
    reel.add(START_NS, bytes(600), [], {})
    showing = Showing(reel)
    assert showing.news()[1] == bytes(600)
    for number in range(1, 60):
        reel.add(START_NS + number * SECOND_NS, bytes(600), [], {})
    assert reel.first_ns > START_NS
    assert reel.last_ns - reel.first_ns < 10 * SECOND_NS
    # the page stands at a time that is forgotten: it is given the oldest that there is
    assert showing.moved()
    assert showing.news()[1] == bytes(600)


def test_a_full_disk_costs_the_past_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vedette.app.reel._SPARE_OCTETS", 1 << 62)
    door = PastDoor(None, lambda account: {"type": "hello"})
    door.take(START_NS, News(b"1", [], {}))
    door._writer.submit(lambda: None).result(10)
    assert not door.reel
    assert door.fault is not None
    monkeypatch.setattr("vedette.app.reel._SPARE_OCTETS", 0)
    names = [{"type": "tracks", "tracks": [{"slot": 1, "callsign": "A"}], "gone": []}]
    door.take(START_NS + SECOND_NS, News(b"2", names, {}))
    door._writer.submit(lambda: None).result(10)
    assert door.fault is None
    assert Showing(door.reel).news()[1] == b"2"


def test_a_disk_that_fills_while_one_looks_back_leaves_what_was_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reel = Reel(None, most_octets=5_000, film_octets=1_000)
    reel.add(START_NS, b"first", [], {"feeds": {"type": "feeds", "value": 1}})
    showing, page = Showing(reel), Reader()
    write = Film._write

    def full(film: Film, data: bytes) -> Any:
        if data == b"second":
            raise OSError(errno.ENOSPC, "full")
        return write(film, data)

    monkeypatch.setattr(Film, "_write", full)
    with pytest.raises(OSError, match="full"):
        reel.add(START_NS + SECOND_NS, b"second", [], {"feeds": {"type": "feeds", "value": 2}})
    page.take(showing.news())
    assert (page.frame, page.last["feeds"]) == (b"first", 1)
    monkeypatch.setattr("vedette.app.reel._SPARE_OCTETS", 1 << 62)
    with pytest.raises(OSError, match="space"):
        reel.add(START_NS + 2 * SECOND_NS, b"third", [], {})
    assert reel.last_ns == START_NS
    monkeypatch.setattr("vedette.app.reel._SPARE_OCTETS", 0)
    reel.add(START_NS + 3 * SECOND_NS, b"fourth", [], {})
    showing.want(Wanted(at_ms=9e15))
    page.take(showing.news())
    assert (page.frame, page.last["feeds"]) == (b"fourth", 2)


def test_a_page_that_asks_before_anything_is_kept_is_sent_away_to_ask_again() -> None:
    door = PastDoor(None, lambda account: {"type": "hello"})
    client = TestClient(Starlette(routes=door.routes()))
    with client.websocket_connect("/ws/past") as socket, pytest.raises(WebSocketDisconnect) as gone:
        socket.receive_text()
    assert gone.value.code == 1013
    assert client.get("/api/past").json() == {"from_ms": None, "to_ms": None, "fault": None}


def test_a_disk_that_hangs_holds_nobody_up_and_nothing_that_was_said_is_lost() -> None:
    door, hangs = PastDoor(None, lambda account: {"type": "hello"}), threading.Event()
    door._writer.submit(hangs.wait, 60)
    began = time.monotonic()
    for number in range(200):
        names = [
            {"type": "tracks", "tracks": [{"slot": number, "callsign": f"N{number}"}], "gone": []}
        ]
        said = {"incidents": {"type": "incidents", "incidents": [], "value": number}}
        door.take(START_NS + number * SECOND_NS, News(b"frame", names, said))
    assert time.monotonic() - began < 30  # it never waited for the disk
    hangs.set()
    door.take(START_NS + 200 * SECOND_NS, News(b"last", [], {}))
    door._writer.submit(lambda: None).result(30)
    if door.reel.last_ns < START_NS + 200 * SECOND_NS:  # its queue had just become free
        door.take(START_NS + 201 * SECOND_NS, News(b"last", [], {}))
        door._writer.submit(lambda: None).result(30)
    showing, page = Showing(door.reel), Reader()
    showing.want(Wanted(at_ms=9e15))
    page.take(showing.news())
    assert len(page.names) == 200
    assert page.last["incidents"] == 199


def test_a_page_looks_back_at_a_watch_and_can_say_nothing_there(served: Served) -> None:
    client = served.clients["watch"]
    kept = client.get("/api/past").json()
    assert kept["fault"] is None
    assert kept["to_ms"] > kept["from_ms"]
    middle_ms = (kept["from_ms"] + kept["to_ms"]) / 2
    with client.websocket_connect("/ws/past", headers={"host": "127.0.0.1:8137"}) as socket:
        hello = json.loads(socket.receive_text())
        assert hello["type"] == "hello"
        assert hello["hears"] is False
        socket.send_text(json.dumps({"type": "time", "at_ms": middle_ms}))
        shown, place = float("inf"), 0.0  # no picture yet
        for _ in range(60):
            message = socket.receive()
            if message.get("bytes"):
                shown = msgspec.msgpack.decode(message["bytes"])["now_ms"]
            elif (value := json.loads(message["text"]))["type"] == "time":
                place = value["at_ms"]
                assert value["running"] is True
                assert value["marks"] is not None
            if place == middle_ms and shown <= middle_ms:
                break
        assert 0 <= middle_ms - shown < 2_000
    assert client.get("/api/past", headers={"host": "elsewhere.example"}).status_code == 421
    # a profile of then is of then
    track = served.run.course.pipeline.incidents
    track_id = next(iter(track.values())).track_id
    now = client.get(f"/api/tracks/{track_id}/profile?ahead_s=0").json()
    then = client.get(
        f"/api/tracks/{track_id}/profile?ahead_s=0&at={kept['to_ms'] - 20_000}"
    ).json()
    assert then["at_ms"] <= kept["to_ms"] - 20_000 < now["at_ms"]
