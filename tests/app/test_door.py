"""The page's address while the run is not yet ready, and after."""

import urllib.error
import urllib.request
from collections.abc import Callable
from threading import Event

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from vedette.app import session
from vedette.app.door import Door, WebServer
from vedette.app.session import run_session
from vedette.app.worlds import bundled_world, plan_of
from vedette.sim.scenario import Variation

HOST = "testserver"


def test_until_it_is_opened_the_door_says_what_is_being_done_and_asks_to_come_again():
    door = Door(frozenset({HOST}))
    door.word = "compiling <3 of 9>"
    client = TestClient(door)
    page = client.get("/")
    assert (page.status_code, page.headers["retry-after"]) == (503, "1")
    assert "compiling &lt;3 of 9&gt;" in page.text
    assert 'http-equiv="refresh"' in page.text
    assert client.get("/api/incidents").json() == {"preparing": "compiling <3 of 9>"}
    with pytest.raises(WebSocketDisconnect) as ended, client.websocket_connect("/ws"):
        pass
    assert ended.value.code == 1013


def test_a_foreign_host_is_refused_also_at_the_closed_door():
    assert TestClient(Door(frozenset({"localhost"}))).get("/").status_code == 421


def test_an_opened_door_is_the_application():
    door = Door(frozenset({HOST}))
    door.open(PlainTextResponse("the run"))
    assert TestClient(door).get("/").text == "the run"


def test_while_kernels_are_compiled_the_page_answers_and_a_person_is_told_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    seen: list[str] = []
    made: list[WebServer] = []
    real = session.WebServer

    def server(host: str, port: int) -> WebServer:
        made.append(real(host, port))
        return made[-1]

    def compile_nothing(tell: Callable[[str], None], abandoned: Event) -> bool:
        tell("half of it is done")
        assert not abandoned.is_set()
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(made[0].url, timeout=10)
        seen.append(answer.value.read().decode())
        return True

    def look(url: str) -> None:
        seen.append(url)

    monkeypatch.setattr(session, "WebServer", server)
    monkeypatch.setattr(session, "kernels_are_cold", lambda: True)
    monkeypatch.setattr(session, "warm_up", compile_nothing)
    world = bundled_world("gulf_of_finland", Variation())
    plan = plan_of(world, mode="demo")._replace(sources=())
    run_session(plan, folder=None, speed=None, web=("127.0.0.1", 0), stay=False, ready=look)
    assert "half of it is done" in seen[0]
    assert seen[1] == made[0].url
    assert made[0].url in capsys.readouterr().err
