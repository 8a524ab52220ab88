"""Two hundred open pages: all are told everything; who reads slowly skips pictures and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvicorn
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from vedette.app.audience import Audience, Client, News, text_of

PAGES, SLOW = 200, 5
FRAME = bytes(200_000)  # as of 5,000 tracks


class Told:
    """News of ticks: each has a picture, a name, and sometimes an alert."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.alerts: list[int] = []

    def tick(self, number: int, *, alert: bool) -> News:
        self.names[number] = f"N{number}"
        changed = [{"slot": number, "callsign": self.names[number]}]
        messages: dict[str, Any] = {"feeds": {"type": "feeds", "now_ms": number}}
        if alert:
            self.alerts = [*self.alerts, number]
            messages["incidents"] = {"type": "incidents", "incidents": self.alerts}
        frame = msgspec.msgpack.encode({"now_ms": number, "rest": FRAME})
        return News(frame, [{"type": "tracks", "tracks": changed, "gone": []}], messages)

    def all_names(self) -> dict[str, Any]:
        tracks = [{"slot": slot, "callsign": name} for slot, name in self.names.items()]
        return {"type": "tracks", "tracks": tracks, "gone": []}


class Page:
    """What a page knows of what it was sent."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}
        self.alerts: list[int] = []
        self.pictures: list[int] = []

    def take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self.pictures.append(msgspec.msgpack.decode(message)["now_ms"])
            return
        value = json.loads(message)
        if value["type"] == "tracks":
            self.names |= {one["slot"]: one["callsign"] for one in value["tracks"]}
        elif value["type"] == "incidents":
            self.alerts = value["incidents"]


@asynccontextmanager
async def serving(audience: Audience, told: Told) -> AsyncIterator[str]:
    async def socket(socket: WebSocket) -> None:
        await socket.accept()
        client = Client(told.all_names)
        audience.attach(client)
        try:
            await client.serve(socket, [text_of(told.all_names())])
        finally:
            audience.detach(client)

    app = Starlette(routes=[WebSocketRoute("/ws", socket)])
    server = uvicorn.Server(
        uvicorn.Config(
            app, port=0, log_level="error", ws="websockets-sansio", ws_per_message_deflate=False,
            lifespan="off", timeout_graceful_shutdown=1,
        )
    )  # fmt: skip
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield f"ws://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/ws"
    server.should_exit = True
    await task


async def scene() -> None:
    told, audience = Told(), Audience()
    pages = [Page() for _ in range(PAGES)]
    slow = range(PAGES - SLOW, PAGES)
    awake = asyncio.Event()
    last = 160  # more than names wait for

    async def look(number: int, url: str) -> None:
        page = pages[number]
        async with connect(url, max_size=None, compression=None, max_queue=1) as socket:
            if number in slow:
                await awake.wait()  # it reads nothing at all
            async for message in socket:
                page.take(message)
                if page.pictures and page.pictures[-1] == last:
                    return

    async with serving(audience, told) as url:
        looking = [asyncio.create_task(look(number, url)) for number in range(PAGES)]
        while len(audience) < PAGES:
            await asyncio.sleep(0.01)
        for number in range(last + 1):
            audience.tell(told.tick(number, alert=number % 40 == 7))
            # what waits for a page is bounded, whatever it does
            for client in audience._clients:
                assert len(client._names) <= 100
                assert len(client._texts) <= 2
            # quick pages are given time: all have this picture before the next tick
            while number % 8 == 0 and any(
                not page.pictures or page.pictures[-1] != number for page in pages[: PAGES - SLOW]
            ):
                await asyncio.sleep(0.01)
        awake.set()
        await asyncio.wait_for(asyncio.gather(*looking), 60)
    for page in pages:
        assert page.names == told.names
        assert page.alerts == told.alerts
        assert page.pictures == sorted(set(page.pictures))  # none twice, none out of turn
        assert page.pictures[-1] == last
    for number in slow:
        assert len(pages[number].pictures) < last / 2  # it skipped pictures, not news
    for page in pages[: PAGES - SLOW]:
        assert set(page.pictures) >= set(range(0, last, 8))


def test_two_hundred_pages_are_told_everything_and_slow_ones_skip_pictures_alone() -> None:
    asyncio.run(scene())


class Wire:
    """A socket whose reader takes what is sent when a test lets it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def send_text(self, text: str) -> None:
        self.page.take(text)

    async def send_bytes(self, data: bytes) -> None:
        self.page.take(data)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=250))
def test_whenever_a_page_reads_it_knows_all_that_was_told(ticks: list[tuple[bool, bool]]) -> None:
    async def run() -> None:
        told, audience, page = Told(), Audience(), Page()
        client = Client(told.all_names)
        audience.attach(client)
        wire: Any = Wire(page)
        for number, (alert, reads) in enumerate(ticks):
            audience.tell(told.tick(number, alert=alert))
            if reads:
                await client._send(wire)
                assert (page.names, page.alerts) == (told.names, told.alerts)
                assert page.pictures[-1] == number

    asyncio.run(run())


def test_a_message_is_encoded_once_for_all(monkeypatch: Any) -> None:
    from vedette.app import audience as module

    made: list[str] = []

    def counted(message: dict[str, Any]) -> str:
        made.append(message["type"])
        return text_of(message)

    monkeypatch.setattr(module, "text_of", counted)

    async def run() -> None:
        told, audience = Told(), Audience()
        for _ in range(50):
            audience.attach(Client(told.all_names))
        audience.tell(told.tick(1, alert=True))

    asyncio.run(run())
    assert sorted(made) == ["feeds", "incidents", "tracks"]
