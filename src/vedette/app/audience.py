"""All open pages: each message is encoded once for all; who reads slowly skips pictures, nothing else."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

# messages about names that wait for one page; beyond, it is told all of them anew (design choice)
_NAMES_MAX: Final = 100

Message = dict[str, Any]


class News(NamedTuple):
    """What one tick has for every page."""

    frame: bytes  # the picture
    names: list[Message]  # of type ``tracks``: named anew, and gone
    messages: dict[str, Message]  # by type, what changed: each says all of its kind


def text_of(message: Message) -> str:
    """A message as it is sent."""
    return msgspec.json.encode(message).decode()


class Client:
    """One open page: what waits for it is at most one picture, the latest of each message, and names."""

    def __init__(self, all_names: Callable[[], str]) -> None:
        """Prepare.

        Args:
            all_names: makes the message of all names, for a page that fell behind.
        """
        self._all_names = all_names
        self._frame: bytes | None = None
        self._texts: dict[str, str] = {}
        self._names: list[str] = []
        self._behind = False
        self._closing: int | None = None
        self._wake = asyncio.Event()

    def give(self, frame: bytes, names: list[str], texts: dict[str, str]) -> None:
        """Lay out what it is to be sent next: a picture that still waits is replaced."""
        self._frame = frame
        self._texts |= texts
        self._names += names
        if len(self._names) > _NAMES_MAX:
            self._names, self._behind = [], True
        self._wake.set()

    def close(self, code: int) -> None:
        """End it, as soon as it listens."""
        self._closing = code
        self._wake.set()

    async def serve(self, socket: WebSocket, first: list[str]) -> None:
        """Send ``first``, and then what is given, until the page goes."""
        gone = asyncio.ensure_future(_until_gone(socket))
        gone.add_done_callback(lambda _: self._wake.set())
        try:
            for text in first:
                await socket.send_text(text)
            while True:
                await self._wake.wait()
                self._wake.clear()
                if gone.done():
                    return
                if self._closing is not None:
                    await socket.close(self._closing)
                    return
                await self._send(socket)
        except (WebSocketDisconnect, RuntimeError):
            pass  # it went while we sent
        finally:
            gone.cancel()

    async def _send(self, socket: WebSocket) -> None:
        names, self._names = self._names, []
        texts, self._texts = self._texts, {}
        frame, self._frame = self._frame, None
        if self._behind:
            self._behind = False
            names = [self._all_names()]
        for text in (*names, *texts.values()):
            await socket.send_text(text)
        if frame:
            await socket.send_bytes(frame)


class Audience:
    """The open pages of one run."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()

    def __len__(self) -> int:
        """How many are open."""
        return len(self._clients)

    def attach(self, client: Client) -> None:
        """From now on ``client`` is given what changes."""
        self._clients.add(client)

    def detach(self, client: Client) -> None:
        """It has gone."""
        self._clients.discard(client)

    def tell(self, news: News) -> None:
        """A tick has run: the text of each message is made once and shared."""
        if not self._clients:
            return
        texts = {kind: text_of(message) for kind, message in news.messages.items()}
        names = [text_of(message) for message in news.names]
        for client in self._clients:
            client.give(news.frame, names, texts)


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
