"""Looking back while a watch runs: its pages as they were, each at its own time; the run knows nothing of it.

What a tick tells is handed to a thread that writes it away. If that cannot keep up, pictures are left out, never
what was said.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Semaphore
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from vedette.app.api.message import PastKept
from vedette.app.api.operation import ACCOUNT, Account, OperationRoute
from vedette.app.api.operations import PAST
from vedette.app.audience import News, text_of
from vedette.app.reel import Reel
from vedette.app.showing import Showing

_WAITING_MAX: Final = 30  # ticks that wait to be written


class PastDoor:
    """Keeps what a run's pages are told, and shows any moment of it."""

    def __init__(
        self, folder: Path | None, hello: Callable[[Account | None], dict[str, Any]]
    ) -> None:
        """Prepare.

        Args:
            folder: where it is kept while the program runs; None: where temporary files are.
            hello: makes what a live page is told first of all.
        """
        self._hello = hello
        self.reel = Reel(folder)
        self._writer = ThreadPoolExecutor(1, "look back")
        self._room = Semaphore(_WAITING_MAX)
        self._names: list[dict[str, Any]] = []  # of ticks whose picture was left out
        self._messages: dict[str, Any] = {}
        self.fault: str | None = None

    def take(self, now_ns: int, news: News) -> None:
        """A tick has told this. Returns at once."""
        self._names += news.names
        self._messages |= news.messages
        if not self._room.acquire(blocking=False):
            return
        names, messages, self._names, self._messages = self._names, self._messages, [], {}
        self._writer.submit(self._keep, now_ns, news.frame, names, messages)

    def _keep(
        self, now_ns: int, frame: bytes, names: list[dict[str, Any]], messages: dict[str, Any]
    ) -> None:
        try:
            self.reel.add(now_ns, frame, names, messages)
            self.fault = None
        except OSError as error:
            self.fault = f"nothing is kept to look back at: {error.strerror or error}"
        finally:
            self._room.release()

    async def show(self, request: Request) -> Response:
        """From when to when one can look back."""
        del request
        reel = self.reel
        found = PastKept(
            from_ms=reel.first_ns / 1e6 if reel else None,
            to_ms=reel.last_ns / 1e6 if reel else None,
            fault=self.fault,
        )
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def socket(self, socket: WebSocket) -> None:
        """The past at one page's time, until the page goes."""
        await socket.accept()
        if not self.reel:  # no tick yet, or no room: the page asks again
            await socket.close(1013, self.fault or "nothing is kept yet")
            return
        # whoever looks back says nothing: what is shown is not what is
        hello = self._hello(socket.scope.get(ACCOUNT)) | {"hears": False}
        await socket.send_text(text_of(hello))
        showing = Showing(self.reel)
        showing.at_ns = float(self.reel.last_ns)
        await showing.serve(socket, lambda: self._time(showing))

    def _time(self, showing: Showing) -> dict[str, Any]:
        reel = self.reel
        from_ms = reel.first_ns / 1e6
        return {
            "type": "time",
            "from_ms": from_ms,
            "to_ms": reel.last_ns / 1e6,
            "at_ms": showing.at_ns / 1e6,
            "speed": showing.speed,
            "playing": showing.playing,
            "whole": False,
            "differs": self.fault,
            "marks": [mark for mark in list(reel.marks.values()) if mark["at_ms"] >= from_ms],
            "other_rules": None,
            "judged": False,
            "running": True,
        }

    def routes(self) -> list[BaseRoute]:
        """All that is answered here."""
        return [OperationRoute(PAST, self.show), WebSocketRoute("/ws/past", self.socket)]
