"""The register of reactions over HTTP, for the page's time line: read only, from a file of the keeper's."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import REACTIONS
from vedette.app.reaction_file import read_file
from vedette.app.reaction_json import page_json
from vedette.app.reaction_occasions import occasion_of_incident
from vedette.model.errors import RecordError


class ReactionsDoor:
    """Shows the register as it is now, with the incidents of the run; None: there is no register."""

    def __init__(
        self, path: Path | None, incidents: Callable[[], Sequence[dict[str, Any]]]
    ) -> None:
        self._path, self._incidents = path, incidents

    async def show(self, request: Request) -> Response:
        """The whole time line; 503 with the reason where the file cannot be read."""
        if self._path is None:
            return JSONResponse({"register": None})
        told = [occasion_of_incident(one) for one in self._incidents()]

        def read(path: Path = self._path) -> dict[str, Any]:
            return page_json(read_file(path), told)

        try:
            body = await asyncio.to_thread(read)
        except RecordError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse({"register": self._path.name} | body)

    def routes(self) -> list[BaseRoute]:
        """All that is answered here."""
        return [OperationRoute(REACTIONS, self.show)]
