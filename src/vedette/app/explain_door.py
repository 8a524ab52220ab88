"""Why a track is what it is said to be, and where navigation is disturbed: what the page asks for and is told."""

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import EXPLAIN, INTERFERENCE
from vedette.app.explanation import explained_of_course
from vedette.engine.run import Run
from vedette.identity.interference import InterferenceMap


class ExplainDoor:
    """Hands out the ledgers of tracks, and the map of interference when it changes."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._told: InterferenceMap | None = None

    def changed(self) -> bool:
        """Whether the map is another than at the last call."""
        now = self._run.course.pipeline.integrity.map
        before, self._told = self._told, now
        return now is not before

    def message(self) -> dict[str, Any]:
        """Cells in which anybody is affected."""
        cells = self._run.course.pipeline.integrity.map.cells
        shown = [msgspec.to_builtins(cell) for cell in cells if cell.affected]
        return {"type": "interference", "cells": shown}

    async def explain(self, request: Request) -> Response:
        """The ledger of a track, by its id."""
        found = explained_of_course(self._run.course, request.path_params["track_id"])
        if found is None:
            return JSONResponse({"error": "no such track"}, 404)
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def interference(self, request: Request) -> Response:
        """The map of interference."""
        return JSONResponse(self.message())

    def routes(self) -> list[BaseRoute]:
        """What it answers."""
        return [
            OperationRoute(EXPLAIN, self.explain),
            OperationRoute(INTERFERENCE, self.interference),
        ]
