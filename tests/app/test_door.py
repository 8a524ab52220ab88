"""The page's address while the run is not yet ready, and after."""

import asyncio
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from vedette.app import session
from vedette.app.accounts.access import Access
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


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "c.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "k.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "c.pem", folder / "k.pem"


def test_with_a_certificate_it_speaks_https_under_the_name_that_browsers_ask(tmp_path: Path):
    tls = certificate(tmp_path)

    async def scene() -> None:
        async with WebServer("127.0.0.1", 0, Access(names=("localhost",), tls=tls)) as server:
            assert server.url.startswith("https://localhost:")
            server.door.open(PlainTextResponse("the run"))
            trusting = ssl.create_default_context(cafile=str(tls[0]))
            async with httpx.AsyncClient(verify=trusting) as client:
                assert (await client.get(server.url)).text == "the run"
                with pytest.raises(httpx.HTTPError):
                    await client.get(server.url.replace("https", "http"))

    asyncio.run(scene())


def test_while_kernels_are_compiled_the_page_answers_and_a_person_is_told_where(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    seen: list[str] = []
    made: list[WebServer] = []
    real = session.WebServer

    def server(host: str, port: int, access: Access) -> WebServer:
        made.append(real(host, port, access))
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
