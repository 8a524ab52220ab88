"""The gate before a server that others can reach: nobody comes by whom it does not know."""

import asyncio
import math
import re
import time
from collections import OrderedDict
from contextlib import suppress
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from vedette.app.accounts.account import ANYBODY, Account, Accounts, account_of, read_accounts
from vedette.app.accounts.session import SESSION_S, Sessions, Tries
from vedette.app.accounts.sign_in import STYLE, STYLE_PATH, sign_in_page
from vedette.app.api.operation import ACCOUNT
from vedette.app.form_language import language_of
from vedette.app.guard import Guard
from vedette.app.posted import body_of
from vedette.model.errors import RecordError

COOKIE: Final = "vedette-session"
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
_NOT_SIGNED_IN: Final = 4401
_LOOK_S: Final = 1.0  # how often an open socket is looked at: is its account still there?
_BODY_MAX: Final = 2_000
_PAGE: Final = re.compile(r"/[a-z]+\.html")
_KNOWN_MAX: Final = 256  # tokens that were checked of late
_CHECKS: Final = 2  # scrypt at once: each takes 16 MB
_WAITING_MAX: Final = 32  # checks that wait; whoever comes then is asked to come again


class Gate:
    """Knows people by a bearer token or a session; with ``--open`` everybody may look."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: frozenset[str],
        accounts: Path | None,
        *,
        secure: bool = False,
        open_to_all: bool = False,
    ) -> None:
        """Prepare.

        Args:
            app: answers whom the gate lets by.
            hosts: names that the server answers to.
            accounts: who may come by.
            secure: whether the server speaks https.
            open_to_all: anybody may come by, to look, and nobody to act; there are no accounts then.

        Raises:
            RecordError: the file holds no accounts.
        """
        self._app, self._path, self._secure = app, accounts, secure
        self._open = open_to_all
        self._own: ASGIApp = Guard(self._answer, hosts)
        self._sessions, self._tries = Sessions(), Tries()
        self._known: OrderedDict[bytes, Account] = OrderedDict()
        self._checks = asyncio.Semaphore(_CHECKS)
        self._waiting = 0
        self._read: tuple[object, Accounts] = (None, Accounts())
        if accounts is not None:
            self._read = (_stamp(accounts), read_accounts(accounts))

    # ------------------------------------------------------------------ who asks

    def _accounts(self) -> Accounts:
        """The file as it is now; one that cannot be read any more lets nobody by."""
        assert self._path is not None, "only asked where there is a file"
        stamp = _stamp(self._path)
        if stamp != self._read[0]:
            try:
                self._read = (stamp, read_accounts(self._path))
            except RecordError:
                self._read = (stamp, Accounts())
        return self._read[1]

    def _still(self, account: Account | None) -> Account | None:
        """The account as the file has it now; None where it or its token is not there any more."""
        now = None if account is None else self._accounts().named(account.account_id)
        if now is None or account is None or now.digest != account.digest:
            return None
        return now

    async def _whose(self, token: str, address: str) -> Account | float:
        """Whose token it is; or how long to wait, 0 where it is nobody's."""
        key = sha256(token.encode("utf-8", "surrogateescape")).digest()
        known = self._still(self._known.get(key))
        if known is not None:
            return known
        wait_s = self._tries.wait_s(address, time.monotonic())
        if wait_s > 0.0:
            return wait_s
        if self._waiting >= _WAITING_MAX:
            return 1.0
        self._waiting += 1
        try:
            return await self._checked(token, key, address)
        finally:
            self._waiting -= 1

    async def _checked(self, token: str, key: bytes, address: str) -> Account | float:
        async with self._checks:
            wait_s = self._tries.wait_s(address, time.monotonic())
            if wait_s > 0.0:  # others of the same address failed meanwhile
                return wait_s
            found = await asyncio.to_thread(account_of, self._accounts(), token)
        if found is None:
            self._tries.failed(address, time.monotonic())
            return 0.0
        self._known[key] = found
        while len(self._known) > _KNOWN_MAX:
            self._known.popitem(last=False)
        return found

    async def _account(self, scope: Scope) -> Account | float:
        headers = _headers(scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return await self._whose(token.strip(), _address(scope))
        return self._still(self._of_session(headers)) or 0.0

    def _of_session(self, headers: dict[str, str]) -> Account | None:
        secret = _cookie(headers)
        return None if secret is None else self._sessions.account(secret, time.monotonic())

    # ------------------------------------------------------------------ requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let by whoever may, and tell the others what to do."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif self._open:
            await self._app({**scope, ACCOUNT: ANYBODY}, receive, send)
        elif self._path is None:  # names or https alone: it is this machine that asks
            await self._app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] in (SIGN_IN, SIGN_OUT, STYLE_PATH):
            await self._own(scope, receive, send)
        else:
            account = await self._account(scope)
            if not isinstance(account, Account):
                await self._own({**scope, "vedette.wait_s": account}, receive, send)
            elif scope["type"] == "http":
                await self._app({**scope, ACCOUNT: account}, receive, send)
            else:
                await self._socket(account, {**scope, ACCOUNT: account}, receive, send)

    async def _socket(self, account: Account, scope: Scope, receive: Receive, send: Send) -> None:
        """A socket ends when its account or its session does."""
        served = asyncio.ensure_future(self._app(scope, receive, send))
        headers = _headers(scope)
        by_session = "authorization" not in headers
        try:
            while not served.done():
                await asyncio.wait({served}, timeout=_LOOK_S)
                gone = by_session and self._of_session(headers) is None
                if not served.done() and (gone or self._still(account) is None):
                    served.cancel()
                    with suppress(asyncio.CancelledError):
                        await served
                    with suppress(RuntimeError):  # it went by itself
                        await send({"type": "websocket.close", "code": _NOT_SIGNED_IN})
                    return
            served.result()
        finally:
            served.cancel()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the gate says itself."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": _NOT_SIGNED_IN})
            return
        request = Request(scope, receive)
        if request.url.path == SIGN_IN:
            answer = await self._sign_in(request)
        elif request.url.path == STYLE_PATH:
            answer = Response(STYLE, media_type="text/css")
        elif request.url.path == SIGN_OUT:
            answer = self._sign_out(request)
        else:
            answer = _refusal(request, scope.get("vedette.wait_s", 0.0))
        answer.headers["cache-control"] = "no-store"
        await answer(scope, receive, send)

    async def _sign_in(self, request: Request) -> Response:
        language = language_of(request)
        wanted = _wanted(request)
        kept = {} if wanted == "/" else {"to": wanted}

        def form(status: int, words: str = "", **values: object) -> Response:
            return HTMLResponse(sign_in_page(language, words, values, kept), status)

        if request.method in ("GET", "HEAD"):
            return form(200)
        if request.method != "POST":
            return JSONResponse({"error": "GET or POST"}, 405)
        # a browser says from where a form comes; whoever does not say it is no form of ours
        if request.headers.get("origin") is None:
            return form(403, "Use this form.")
        body = await body_of(request, _BODY_MAX)
        if body is None:
            return form(413, "That is no token.")
        try:
            token = dict(parse_qsl(body.decode("utf-8"), max_num_fields=5)).get("token", "")
        except ValueError:
            token = ""
        found = await self._whose(token.strip(), _address(request.scope))
        if not isinstance(found, Account):
            if found > 0.0:
                seconds = math.ceil(found)
                wait = form(429, "Too many tries: wait {seconds} seconds.", seconds=seconds)
                wait.headers["retry-after"] = str(seconds)
                return wait
            return form(401, "That is no token of this watch.")
        chosen = f"?lang={language}" if "lang" in request.query_params else ""
        answer = RedirectResponse(wanted + chosen, 303)
        answer.set_cookie(
            COOKIE, self._sessions.begin(found, time.monotonic()), max_age=round(SESSION_S),
            httponly=True, samesite="strict",
            secure=self._secure or request.url.scheme == "https",  # a proxy of ours may say so
        )  # fmt: skip
        return answer

    def _sign_out(self, request: Request) -> Response:
        if request.method != "POST" or request.headers.get("origin") is None:
            return JSONResponse({"error": "POST, by the page's own button"}, 403)
        secret = _cookie(_headers(request.scope))
        if secret is not None:
            self._sessions.end(secret)
        answer = RedirectResponse(SIGN_IN, 303)
        answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=self._secure)
        return answer


def _wanted(request: Request) -> str:
    """The page that was asked for before signing in: one of ours, and no other address."""
    to = request.query_params.get("to", "/")
    return to if _PAGE.fullmatch(to) else "/"


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _headers(scope: Scope) -> dict[str, str]:
    return {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}


def _address(scope: Scope) -> str:
    client: Any = scope.get("client")
    return client[0] if client else "-"


def _cookie(headers: dict[str, str]) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return None
    return None if found is None else found.value


def _refusal(request: Request, wait_s: float) -> Response:
    if wait_s > 0.0:
        seconds = math.ceil(wait_s)
        headers = {"retry-after": str(seconds)}
        return JSONResponse({"error": f"too many tries: wait {seconds} s"}, 429, headers)
    wants_page = "text/html" in request.headers.get("accept", "")
    if wants_page and request.method == "GET" and "authorization" not in request.headers:
        to = request.url.path
        return RedirectResponse(f"{SIGN_IN}?to={to}" if _PAGE.fullmatch(to) else SIGN_IN, 303)
    words = "not signed in: send a token (Authorization: Bearer ...), or sign in at /sign-in"
    return JSONResponse({"error": words}, 401, {"www-authenticate": "Bearer"})
