"""A stand-in for ``vedette``'s web service on a mock world, so that the page is tested by itself.

python tests/browser/mock_server.py 8137 [tracks]
"""

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import mock_chart
import msgspec
import uvicorn
from mock_borders import ZONES
from mock_world import MockWorld
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "src/vedette/app/static"
BASEMAP = ROOT / "src/vedette/data/basemap"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)


def make_app(world: MockWorld) -> Starlette:
    async def add_act(request: Request) -> Response:
        if request.headers.get("x-vedette") != "1":
            return JSONResponse({"error": "no X-Vedette header"}, 403)
        act = await request.json()
        world.acts.append(act)
        return JSONResponse({"act_id": f"A-{len(world.acts)}"}, 201)

    async def socket(websocket: WebSocket) -> None:
        if world.refusing:
            await websocket.close(1013)
            return
        await websocket.accept()

        async def say(message: dict[str, Any]) -> None:
            await websocket.send_text(msgspec.json.encode(message).decode())

        said = -1
        try:
            await say({"type": "hello", **world.hello()})
            await say({"type": "tracks", "tracks": world.names, "gone": []})
            while not world.refusing:
                if not world.muted:
                    await websocket.send_bytes(world.frame())
                    await say(
                        {
                            "type": "feeds",
                            "feeds": world.feeds(),
                            "spared": world.spared,
                            "isolated": world.isolated,
                            "registration": world.registration(),
                            "now_ms": world.now_ms(),
                            "ledger": world.ledger(),
                        }
                    )
                    if said != len(world.acts) or int(world.now_ms() / 1000) % 3 == 0:
                        said = len(world.acts)
                        await say({"type": "incidents", "incidents": world.incidents()})
                await asyncio.sleep(1.0)
            await websocket.close(1012)
        except WebSocketDisconnect:
            pass

    def answer(make: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            return JSONResponse(make())

        return endpoint

    async def trail(request: Request) -> Response:
        return JSONResponse(world.trail(request.path_params["incident_id"]))

    async def times(request: Request) -> Response:
        at_ms = float(request.query_params.get("at", world.now_ms()))
        return JSONResponse(mock_chart.times(request.path_params["zone_id"], at_ms))

    async def sensors(request: Request) -> Response:
        height_m = float(request.query_params.get("height_m", 1000))
        return JSONResponse(mock_chart.coverage(height_m))

    async def profile(request: Request) -> Response:
        found = mock_chart.profile(world, request.path_params["track_id"])
        if found is None:
            return JSONResponse({"error": "no such track"}, 404)
        return Response(found, media_type="application/json")

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield

    app = Starlette(
        lifespan=lifespan,
        routes=[
            Route("/api/hello", answer(world.hello)),
            Route("/api/zones", answer(lambda: ZONES)),
            Route("/api/zones/{zone_id}/times", times),
            Route("/api/sensors", sensors),
            Route("/api/tracks/{track_id}/profile", profile),
            Route("/api/incidents", answer(world.incidents)),
            Route("/api/incidents/{incident_id}/trail", trail),
            Route("/api/feeds", answer(world.feeds)),
            Route("/api/ledger", answer(world.ledger)),
            Route("/api/reactions", answer(lambda: world.reactions)),
            Route("/api/acts", add_act, methods=["POST"]),
            WebSocketRoute("/ws", socket),
            Mount("/basemap", StaticFiles(directory=BASEMAP)),
            Mount("/", StaticFiles(directory=STATIC, html=True)),
        ],
    )

    async def with_policy(scope: Any, receive: Any, send: Any) -> None:
        async def sealed(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", CSP.encode()),
                ]
            await send(message)

        await app(scope, receive, sealed if scope["type"] == "http" else send)

    return with_policy  # type: ignore[return-value]


class MockServer:
    """The mock on a free port of 127.0.0.1, in a thread of this process."""

    def __init__(self, world: MockWorld, port: int = 0) -> None:
        self.world = world
        self.server = uvicorn.Server(
            uvicorn.Config(
                make_app(world),
                host="127.0.0.1",
                port=port,
                log_level="error",
                ws="websockets-sansio",
                timeout_graceful_shutdown=1,
            )
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> "MockServer":
        self.thread.start()
        deadline = time.monotonic() + 20
        while not self.server.started:
            if time.monotonic() > deadline or not self.thread.is_alive():
                raise RuntimeError("the mock server did not start")
            time.sleep(0.02)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.world.refusing = True
        self.thread.join(5)


if __name__ == "__main__":
    world = MockWorld(tracks=int(sys.argv[2]) if len(sys.argv) > 2 else 160)
    with MockServer(world, int(sys.argv[1])) as server:
        print(server.url, flush=True)
        server.thread.join()
