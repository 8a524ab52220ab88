"""A node over HTTP: how its links stand, and what the nations tell of each object. Nothing can be said here."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import NODE, OBJECTS
from vedette.app.document_door import document_routes
from vedette.app.guard import Guard
from vedette.app.node_view import node_status, node_told, objects_json
from vedette.app.page_files import page_routes
from vedette.model.errors import VedetteError


class NodeDoor:
    """Shows the folder of a node, whether the node runs or not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # a long journal takes seconds to read; what is asked meanwhile waits for the same answer
        self._reader = ThreadPoolExecutor(1, "node journal")
        self._read: tuple[tuple[int, int], list[dict[str, Any]]] | None = None

    async def status(self, request: Request) -> Response:
        """The links, as the node wrote them last."""
        del request
        return await self._answered(lambda: node_status(self._folder))

    async def objects(self, request: Request) -> Response:
        """Every object of which a nation told."""
        del request
        return await self._answered(lambda: {"objects": self._objects()})

    async def _answered(self, ask: Any) -> Response:
        try:
            return JSONResponse(await asyncio.get_running_loop().run_in_executor(self._reader, ask))
        except VedetteError as error:
            return JSONResponse({"error": str(error)}, 409)

    def _objects(self) -> list[dict[str, Any]]:
        try:
            found = (self._folder / "journal" / "alliance.jsonl").stat()
            written = found.st_size, found.st_mtime_ns
        except OSError:
            written = 0, 0
        if self._read is None or self._read[0] != written:
            self._read = written, objects_json(node_told(self._folder))
        return self._read[1]

    def routes(self) -> list[BaseRoute]:
        """All that is answered here."""
        return [OperationRoute(NODE, self.status), OperationRoute(OBJECTS, self.objects)]


def node_application(folder: Path, hosts: frozenset[str]) -> Starlette:
    """The server of a node's page; ``hosts`` are the names that it answers to."""
    routes = [*NodeDoor(folder).routes(), *document_routes(), *page_routes("nodes.html")]
    return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts)])
