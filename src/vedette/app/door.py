"""The page's address: open from the first second, with a word of patience until the run is ready."""

import asyncio
import html
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import click
import uvicorn
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vedette.app.accounts.access import LOCAL, Access, check_access, is_local
from vedette.app.guard import Guard
from vedette.app.web_address import web_address
from vedette.model.errors import SourceError

_AGAIN_S: Final = 1
# how long a page's request waits at most for a thread that reckons in Python; 5 ms by itself, for each step of it
_SWITCH_S: Final = 0.001
_TRY_LATER: Final = 1013  # RFC 6455's registry: the server is not ready yet
_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Vedette is getting ready</title>
<meta http-equiv="refresh" content="{again}"></head>
<body><h1>Vedette is getting ready</h1><p role="status">{word}</p>
<p>Nothing is watched yet. This page shows the air picture as soon as there is one.</p></body></html>
"""


class Door:
    """An ASGI application that says how far the preparations are, until it is given the real one."""

    def __init__(self, hosts: frozenset[str]) -> None:
        self._waiting: ASGIApp = Guard(self._wait, hosts)
        self._opened: ASGIApp | None = None
        self.word = "starting"  # what is being done now

    def open(self, app: ASGIApp) -> None:
        """From now on ``app`` answers."""
        self._opened = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await (self._opened or self._waiting)(scope, receive, send)

    async def _wait(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _TRY_LATER})
            return
        headers = {"Retry-After": str(_AGAIN_S), "Cache-Control": "no-store"}
        answer: Response
        if scope["path"] == "/":
            text = _PAGE.format(again=_AGAIN_S, word=html.escape(self.word))
            answer = HTMLResponse(text, 503, headers)
        else:
            answer = JSONResponse({"preparing": self.word}, 503, headers)
        await answer(scope, receive, send)


class WebServer:
    """The server of a door; entered, it listens, and left, it has told its clients to go."""

    def __init__(self, host: str, port: int, access: Access = LOCAL) -> None:
        """Take the address.

        Raises:
            RecordError: the file of accounts holds none.
            SettingError: other machines reach the address, and ``access`` says nothing of who they are.
            SourceError: the address is taken, or a certificate cannot be read.
        """
        check_access(host, access)
        # by which the page is asked for
        self.names = frozenset({host, "127.0.0.1", "localhost", "::1", *access.names})
        self.door = Door(self.names)
        self._socket = _bound(host, port)
        shown = access.names[0] if access.names else f"[{host}]" if ":" in host else host
        scheme = "http" if access.tls is None else "https"
        self.url = f"{scheme}://{shown}:{self._socket.getsockname()[1]}"
        if access.accounts is not None and access.tls is None and not is_local(host):
            click.echo(
                "no --tls: whoever is on the network can read tokens and pictures on their way",
                err=True,
            )
        config = uvicorn.Config(
            _gated(self.door, self.names, access),
            log_level="warning",
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
            ssl_certfile=None if access.tls is None else str(access.tls[0]),
            ssl_keyfile=None if access.tls is None else access.tls[1],
        )
        self._server = uvicorn.Server(config)
        self._task: asyncio.Task[None] | None = None
        self._switch_s = sys.getswitchinterval()

    async def __aenter__(self) -> "WebServer":
        sys.setswitchinterval(_SWITCH_S)
        # not `serve`: the signals are ours, uvicorn's handling would end us before the record is closed
        self._task = asyncio.create_task(self._server._serve(sockets=[self._socket]))
        while not self._server.started and not self._task.done():
            await asyncio.sleep(0.01)
        return self

    async def __aexit__(self, *_: object) -> None:
        sys.setswitchinterval(self._switch_s)
        self._server.should_exit = True
        if self._task is not None:
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(asyncio.shield(self._task), 3.0)


def _gated(door: Door, names: frozenset[str], access: Access) -> ASGIApp:
    if access == LOCAL:
        return door
    from vedette.app.accounts.gate import Gate

    return Gate(
        door, names, access.accounts, secure=access.tls is not None, open_to_all=access.open
    )


def _bound(host: str, port: int) -> Any:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SourceError(
            f"the page cannot be served on {host}:{port}: {error.strerror}; name another with --web"
        ) from error
    return sock


def stop_signal() -> asyncio.Event:
    """An event of the running loop that is set when a person or the system asks the program to end."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def serve_page(
    web: str,
    page: str,
    make: Callable[[frozenset[str]], ASGIApp],
    say: Callable[[str], None],
    access: Access = LOCAL,
) -> None:
    """Serve one page until the program is asked to end.

    Args:
        web: HOST:PORT.
        page: its file.
        make: the application, of the names that it answers to.
        say: tells a person where it is.
        access: whom it answers.
    """
    stop = stop_signal()
    async with WebServer(*web_address(web), access) as server:
        server.door.open(make(server.names))
        say(f"page: {server.url}/{page}")
        await stop.wait()
