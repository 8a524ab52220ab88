"""The built pages, where an installation has them, and the base map."""

import asyncio
import gzip
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

STATIC: Final = Path(__file__).parent / "static"
BASEMAP: Final = Path(__file__).parent.parent / "data" / "basemap"
_TYPES: Final = {".topojson": "application/json", ".json": "application/json"}


def page_routes(page: str) -> list[BaseRoute]:
    """Routes of the pages, where ``page`` is built; none where it is not."""
    if not (STATIC / page).exists():
        return []
    return [Mount("/", StaticFiles(directory=STATIC, html=True))]


class _Packed(NamedTuple):
    plain: bytes
    packed: bytes
    tag: str


@cache
def _packed(path: Path) -> _Packed:
    plain = path.read_bytes()
    return _Packed(plain, gzip.compress(plain, 6, mtime=0), f'"{sha256(plain).hexdigest()[:32]}"')


async def _basemap(request: Request) -> Response:
    """A file of the base map: packed once, for a page waits for it before its first picture."""
    name = request.path_params["name"]
    path = BASEMAP / name
    if path.parent != BASEMAP or path.suffix not in _TYPES or not path.is_file():
        return PlainTextResponse("no such file", 404)
    file = await asyncio.to_thread(_packed, path)
    headers = {"etag": file.tag, "cache-control": "no-cache", "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    accepted = "gzip" in request.headers.get("accept-encoding", "")
    if accepted:
        headers["content-encoding"] = "gzip"
    body = file.packed if accepted else file.plain
    return Response(body, headers=headers, media_type=_TYPES[path.suffix])


def basemap_routes() -> list[BaseRoute]:
    """Routes of the base map."""
    return [Route("/basemap/{name}", _basemap)]
