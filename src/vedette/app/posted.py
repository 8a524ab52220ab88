"""What a page posts: read up to a bound, and only from a page that says it is ours."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


async def body_of(request: Request, most: int) -> bytes | None:
    """The octets of a request, or None where there are more than ``most``."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            return None
    return body


async def posted(request: Request, most: int) -> bytes | Response:
    """The octets of a JSON request, or the answer to one that is too large or lacks our header.

    A page of another origin cannot set the header without asking first, and is then refused.
    """
    if request.headers.get("x-vedette") != "1":
        return JSONResponse({"error": "header X-Vedette: 1 is missing"}, 403)
    body = await body_of(request, most)
    return JSONResponse({"error": "too large"}, 413) if body is None else body
