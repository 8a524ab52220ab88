"""Council matters over HTTP: how each stands, and signed acts in. No key ever comes here."""

import asyncio
import difflib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.app.api.act import SignedDeed
from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import COUNCIL, COUNCIL_ACT, COVER, COVER_MAP
from vedette.app.document_door import document_routes
from vedette.app.guard import Guard
from vedette.app.matter_file import MatterFile, append_receipt, read_matter, replayed
from vedette.app.page_files import page_routes
from vedette.app.posted import posted
from vedette.app.shield_json import cover_json, cover_svg, shield_json
from vedette.council.act import Receipt
from vedette.council.matter import Matter, step
from vedette.council.remaining import contradictions
from vedette.model.errors import RecordError, VedetteError
from vedette.model.time import format_utc

_MAX_BODY: Final = 262_144
_SHOWN_FOR_NS: Final = 1_000_000_000


class _Shown(NamedTuple):
    """A matter as it was shown."""

    written: tuple[int, int]  # octets of its file, and when it was last written [ns]
    until_ns: int  # it is worked out anew then: silence ends, a shield's period begins
    file: MatterFile
    state: Matter
    body: dict[str, Any]


class CouncilDoor:
    """Shows the matter files of a folder, and takes acts into them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # what is shown and what a shield covers may take seconds; an act waits for neither
        self._acts = ThreadPoolExecutor(1, "council acts")
        self._views = ThreadPoolExecutor(1, "council views")
        self._shown: dict[str, _Shown] = {}

    async def show(self, request: Request) -> Response:
        """Every matter of the folder, and files that are none, each with its reason."""
        loop = asyncio.get_running_loop()
        return JSONResponse(await loop.run_in_executor(self._views, self._all))

    def _all(self) -> dict[str, Any]:
        now_ns = time.time_ns()
        matters, faults = [], []
        kept: dict[str, _Shown] = {}
        for path in sorted(self._folder.glob("*.jsonl")):
            try:
                shown = kept[path.name] = self._one(path, now_ns)
            except VedetteError as error:
                faults.append({"file": path.name, "error": str(error)})
                continue
            matters.append(shown.body)
        self._shown = kept
        return {"now": format_utc(now_ns), "matters": matters, "faults": faults}

    def _one(self, path: Path, now_ns: int) -> "_Shown":
        """A matter as it stands; worked out anew only where its file has grown or its time has come."""
        try:
            found = path.stat()
        except OSError as error:
            raise RecordError(f"{path}: {error.strerror}") from error
        written = found.st_size, found.st_mtime_ns
        before = self._shown.get(path.name)
        if before is not None and before.written == written:
            if now_ns < before.until_ns:
                return before
            # nothing was said since: only time has passed
            file = before.file
            state, _ = step(file.settings, before.state, (), max(now_ns, file.latest_ns))
        else:
            file = read_matter(path)
            state = replayed(file, file.receipts, max(now_ns, file.latest_ns))
        body = matter_json(path.name, file, state, max(now_ns, file.latest_ns))
        return _Shown(written, now_ns + _SHOWN_FOR_NS, file, state, body)

    async def act(self, request: Request) -> Response:
        """Take a signed act into a matter; 409 with the reason where it would have no effect."""
        came_ns = time.time_ns()  # whatever it waits for from here, it is not late by that
        name = request.path_params["name"]
        path = self._folder / name
        if Path(name).name != name or path.suffix != ".jsonl" or not path.is_file():
            return JSONResponse({"error": "no such matter"}, 404)
        body = await posted(request, _MAX_BODY)
        if isinstance(body, Response):
            return body
        try:
            signed = msgspec.json.decode(body, type=SignedDeed)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return JSONResponse({"error": str(error)}, 400)

        def received(file: MatterFile, now_ns: int) -> Receipt:
            del file
            return Receipt(
                received_ns=now_ns,
                act=signed.act,
                public_key=signed.public_key,
                signature=signed.signature,
            )

        try:
            _, _, refused = await asyncio.get_running_loop().run_in_executor(
                self._acts, append_receipt, path, received, None, came_ns
            )
        except VedetteError as error:
            return JSONResponse({"error": str(error)}, 409)
        if refused is not None:
            return JSONResponse({"refused": refused}, 409)
        return JSONResponse({"refused": None}, 201)

    async def cover(self, request: Request) -> Response:
        """What the shield in a matter covers; as a map where the path ends in .svg."""
        path = self._folder / request.path_params["name"]
        if path.parent != self._folder or path.suffix != ".jsonl" or not path.is_file():
            return JSONResponse({"error": "no such matter"}, 404)
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._views, _cover, path, request.url.path.endswith(".svg")
            )
        except VedetteError as error:
            return JSONResponse({"error": str(error)}, 409)

    def routes(self) -> list[BaseRoute]:
        """All that is answered here."""
        return [
            OperationRoute(COUNCIL, self.show),
            OperationRoute(COVER, self.cover),
            OperationRoute(COVER_MAP, self.cover),
            OperationRoute(COUNCIL_ACT, self.act),
        ]


def _cover(path: Path, drawn: bool) -> Response:
    file, now_ns = read_matter(path), time.time_ns()
    state = replayed(file, file.receipts, max(now_ns, file.latest_ns))
    stands = shield_json(file, state, max(now_ns, file.latest_ns))
    if stands is None or stands["fault"] is not None:
        return JSONResponse({"error": "the matter is about no shield that can be read"}, 404)
    text = state.versions[-1].text
    if not drawn:
        return JSONResponse(cover_json(text))
    words = ("In force: " if stands["in_force"] else "Not in force: ") + stands["words"]
    return Response(
        cover_svg(text, ("DRILL. " if file.drill else "") + words), media_type="image/svg+xml"
    )


def council_application(folder: Path, hosts: frozenset[str]) -> Starlette:
    """The server of a folder of matters alone; ``hosts`` are the names that it answers to."""
    routes = [*CouncilDoor(folder).routes(), *document_routes(), *page_routes("council.html")]
    return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts)])


def matter_json(name: str, file: MatterFile, state: Matter, now_ns: int) -> dict[str, Any]:
    """One matter as the page shows it, at an instant [ns UTC]."""
    roster = file.settings.roster
    objecting = {objection.party for objection in state.outstanding}
    consented = state.consented(state.current)

    def position(party: str) -> str:
        if party in objecting:
            return "no"
        if party in consented:
            return "yes"
        if party in state.aside:
            return "aside"
        return "absent" if party in state.absent else "silent"

    def after(party: str) -> str:
        return "left" if party in state.left else position(party)

    placed = state.placements[-1] if state.status == "silence" else None
    return {
        "file": name,
        "matter_id": file.matter_id,
        "roster": roster.digest,
        "keys": {party: list(roster.keys_of(party)) for party in sorted(roster.keys)},
        "revoked": sorted(state.revoked),
        "kind": state.kind,
        "title": state.title,
        "drill": file.drill,
        "status": state.status,
        "agreed_by": state.agreed_by,
        "opened_by": state.opened_by,
        "current": state.current,
        "deadline": None
        if placed is None
        else {"utc": format_utc(placed.deadline_ns), "zone": placed.deadline_zone},
        "positions": {party: after(party) for party in sorted(roster.states)},
        "objections": [
            {
                "party": one.party,
                "person": one.person,
                "reason": one.reason,
                "utc": format_utc(one.received_ns),
                "version": one.version,
                "outstanding": one in state.outstanding,
            }
            for one in state.objections
        ],
        "versions": [
            {
                "digest": one.digest,
                "text": one.text,
                "party": one.party,
                "utc": format_utc(one.received_ns),
                "words": one.words,
                "changes": [] if k == 0 else _changes(state.versions[k - 1].text, one.text),
            }
            for k, one in enumerate(state.versions)
        ],
        "events": [
            {
                "kind": one.kind,
                "party": one.party,
                "words": one.words,
                "utc": format_utc(one.at_ns),
            }
            for one in state.events
        ],
        "shield": shield_json(file, state, now_ns),
        "contradictions": list(contradictions(state)),
        "torn_bytes": len(file.torn),
        "head": file.head,
    }


def _changes(older: str, newer: str) -> list[str]:
    """Lines that differ, each marked with + or -."""
    found = difflib.unified_diff(older.splitlines(), newer.splitlines(), n=0, lineterm="")
    return [f"{line[0]} {line[1:]}" for line in list(found)[2:] if line[:1] in "+-"]
