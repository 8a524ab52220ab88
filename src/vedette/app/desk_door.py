"""The Desk port over HTTP: what is asked of whom, and signed acts in. No key ever comes here."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import DESK, DESK_ACT
from vedette.app.desk_json import desk_json
from vedette.app.posted import posted
from vedette.engine.run import Run, Snapshot
from vedette.response.desk.admission import signer_of
from vedette.response.desk.signed import decode_act, decode_signed

_MAX_BODY: Final = 65_536


class DeskDoor:
    """Hears signed acts, and shows the questions of the latest tick."""

    def __init__(self, run: Run, measures: Mapping[str, str]) -> None:
        self._run, self._measures = run, measures
        self._snapshot: Snapshot | None = None

    def take(self, snapshot: Snapshot) -> bool:
        """A tick has run; whether a question changed."""
        before, self._snapshot = self._snapshot, snapshot
        return (
            before is None
            or before.papers != snapshot.papers
            or before.clocks != snapshot.clocks
            or before.revoked != snapshot.revoked
        )

    def message(self) -> dict[str, Any]:
        """What the socket sends when a question has changed."""
        snapshot = self._snapshot
        return {
            "type": "desk",
            **desk_json(
                self._run.course.pipeline.desk.plan,
                snapshot.papers if snapshot else (),
                snapshot.clocks.values() if snapshot else (),
                snapshot.now_ns if snapshot else 0,
                self._measures,
                snapshot.revoked if snapshot else (),
            ),
        }

    async def show(self, request: Request) -> Response:
        """Offices and questions."""
        return JSONResponse(self.message())

    async def act(self, request: Request) -> Response:
        """Hear a signed act; answers once it is durable, with 409 and the reason where it was refused.

        What no office of this desk has signed is answered 403 and not recorded.
        """
        body = await posted(request, _MAX_BODY)
        if isinstance(body, Response):
            return body
        signed = decode_signed(body)
        act = None if signed is None else decode_act(signed)
        if signed is None or act is None:
            return JSONResponse({"error": "this is no signed act of a desk"}, 400)
        # what no office has signed fills no record
        office, reason = signer_of(self._run.course.pipeline.desk.plan.roster, signed, act)
        if office is None:
            return JSONResponse({"refused": reason}, 403)
        if self._snapshot is None:
            return JSONResponse({"error": "nothing has been seen yet"}, 503)
        refused = await self._run.act(signed)
        if refused is not None:
            return JSONResponse({"refused": refused}, 409)
        return JSONResponse({"refused": None}, 201)

    def routes(self) -> list[BaseRoute]:
        """All that is answered here."""
        return [
            OperationRoute(DESK, self.show),
            OperationRoute(DESK_ACT, self.act),
        ]
