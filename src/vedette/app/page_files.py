"""The built pages, where an installation has them, and the base map."""

import asyncio
import gzip
import re
import threading
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

STATIC: Final = Path(__file__).parent / "static"
# answers are packed in the loop that serves every page: fast rather than small
PACKING: Final = Middleware(GZipMiddleware, minimum_size=2000, compresslevel=1)
BASEMAP: Final = Path(__file__).parent.parent / "data" / "basemap"
_MAP_TYPES: Final = {".arcs": "application/octet-stream", ".json": "application/json"}
_TYPES: Final = {
    ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".md": "text/plain",
    ".mjs": "text/javascript", ".svg": "image/svg+xml", ".woff": "font/woff", ".woff2": "font/woff2",
}  # fmt: skip
_NAMED: Final = re.compile(r"/(assets|basemap)/([\w.-]+)")  # files that a page names
_PACKED_ALREADY: Final = frozenset({".woff", ".woff2"})
# the build names what it makes after its contents
_HASHED: Final = "public, max-age=31536000, immutable"


def page_routes(page: str) -> list[BaseRoute]:
    """Routes of the pages, where ``page`` is built; none where it is not."""
    if not (STATIC / page).exists():
        return []
    if page == "index.html":
        return [Route("/{path:path}", _page)]
    # who types the address alone would get the page of a watch, which finds none here: "connection lost"
    home = Route("/", lambda request: RedirectResponse(f"/{page}"))
    return [home, Route("/{path:path}", _page)]


class Packed(NamedTuple):
    """Bytes that are packed once, with their digest."""

    plain: bytes
    packed: bytes
    tag: str


def pack(plain: bytes) -> Packed:
    """Bytes with what gzip makes of them."""
    return Packed(plain, gzip.compress(plain, 6, mtime=0), f'"{sha256(plain).hexdigest()[:32]}"')


_held: Final[dict[Path, tuple[int, Packed]]] = {}  # with the time at which each was changed


def _pack(path: Path, changed_ns: int) -> Packed:
    file = pack(path.read_bytes())
    if path.suffix in _PACKED_ALREADY:
        file = file._replace(packed=file.plain)
    _held[path] = changed_ns, file
    return file


def pack_ahead(page: str) -> threading.Thread:
    """Pack what a page asks for first, in a thread: whoever opens it first waits for none of that."""

    def work() -> None:
        with suppress(OSError):
            html = (STATIC / page).read_text()
            for folder, name in _NAMED.findall(html):
                path = (BASEMAP if folder == "basemap" else STATIC / folder) / name
                _pack(path, path.stat().st_mtime_ns)

    thread = threading.Thread(target=work, name="pack", daemon=True)
    thread.start()
    return thread


async def _page(request: Request) -> Response:
    """A file of the pages."""
    path = (STATIC / (request.path_params["path"] or "index.html")).resolve()
    if not path.is_relative_to(STATIC.resolve()) or path.suffix not in _TYPES:
        return PlainTextResponse("no such file", 404)
    kept = _HASHED if path.parent.name == "assets" else "no-cache"
    return await _answer(request, path, _TYPES[path.suffix], kept)


async def _basemap(request: Request) -> Response:
    """A file of the base map."""
    path = BASEMAP / request.path_params["name"]
    if path.parent != BASEMAP or path.suffix not in _MAP_TYPES:
        return PlainTextResponse("no such file", 404)
    return await _answer(request, path, _MAP_TYPES[path.suffix], "no-cache")


async def _answer(request: Request, path: Path, media: str, kept: str) -> Response:
    """A file, packed once and held: a page waits for some ten before its first picture, while a tick runs."""
    try:
        changed_ns = path.stat().st_mtime_ns
        held = _held.get(path)
        if held is not None and held[0] == changed_ns:
            file = held[1]
        else:
            file = await asyncio.to_thread(_pack, path, changed_ns)
    except OSError:
        return PlainTextResponse("no such file", 404)
    return packed_response(request, file, media, {"cache-control": kept})


def packed_response(
    request: Request, file: Packed, media: str, more: dict[str, str] | None = None
) -> Response:
    """A packed file as its asker takes it; nothing where it is known already."""
    headers = {"etag": file.tag, "vary": "accept-encoding"} | (more or {})
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", "") and file.packed is not file.plain:
        headers["content-encoding"] = "gzip"
        return Response(file.packed, headers=headers, media_type=media)
    return Response(file.plain, headers=headers, media_type=media)


def basemap_routes() -> list[BaseRoute]:
    """Routes of the base map."""
    return [Route("/basemap/{name}", _basemap)]
