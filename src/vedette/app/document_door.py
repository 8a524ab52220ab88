"""The document of what is answered, over HTTP."""

import asyncio
from functools import cache

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import DOCUMENT


@cache
def _made() -> bytes:
    from vedette.app.api.document import (
        document_json,  # all types of all pages: when it is asked for
    )

    return document_json()


async def _show(request: Request) -> Response:
    """The whole document, of every page."""
    del request
    return Response(await asyncio.to_thread(_made), media_type="application/json")


def document_routes() -> list[BaseRoute]:
    """Its route, for every application."""
    return [OperationRoute(DOCUMENT, _show)]
