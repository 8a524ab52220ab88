"""Saved answers of studies over HTTP, for their page. Nothing can be said here, and nothing is worked out."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from vedette.app.api.operation import OperationRoute
from vedette.app.api.operations import ANSWER, ANSWERS
from vedette.app.api.study import AnswerFault, Answers, ListedAnswer, SavedAnswer
from vedette.app.document_door import document_routes
from vedette.app.guard import Guard
from vedette.app.page_files import PACKING, basemap_routes, page_routes
from vedette.app.study_file import SUFFIX, listed, read_answer
from vedette.model.errors import SourceError


class _Shown(NamedTuple):
    written: tuple[int, int]  # octets, and when [ns]
    listed: ListedAnswer
    saved: SavedAnswer


class StudyDoor:
    """Shows files of answers, those named and all of the folders named; read again where one was written anew."""

    def __init__(self, places: Sequence[Path]) -> None:
        self._places = tuple(places)
        self._shown: dict[str, _Shown] = {}
        self._faults: tuple[AnswerFault, ...] = ()
        self._reading = asyncio.Lock()

    def look(self) -> None:
        """Read what is new."""
        shown, faults = {}, []
        for name, path in self._files():
            try:
                shown[name] = self._one(name, path)
            except SourceError as error:
                faults.append(AnswerFault(file=name, error=str(error)))
        self._shown, self._faults = shown, tuple(faults)

    def check(self) -> list[str]:
        """Read all there is before it is shown: what a person should know of the folders named.

        Raises:
            SourceError: a file that was named is no answer; in a folder it is shown as such beside the others.
        """
        for place in self._places:
            if not place.is_dir():
                read_answer(place)
        self.look()
        said = [fault.error for fault in self._faults]
        if not self._shown:
            said.append(f"no answer (*{SUFFIX}) is there yet: the page shows those that come")
        return said

    def _files(self) -> list[tuple[str, Path]]:
        found: dict[str, Path] = {}
        for place in self._places:
            for path in sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else [place]:
                name, number = path.name, 1
                while name in found and found[name] != path:  # two folders have a file of one name
                    number += 1
                    name = f"{path.name} ({number})"
                found[name] = path
        return list(found.items())

    def _one(self, name: str, path: Path) -> _Shown:
        try:
            state = path.stat()
        except OSError as error:
            raise SourceError(f"cannot read {path}: {error.strerror}") from error
        written = state.st_size, state.st_mtime_ns
        before = self._shown.get(name)
        if before is not None and before.written == written:
            return before
        saved = read_answer(path)
        return _Shown(written, listed(name, saved), saved)

    async def show(self, request: Request) -> Response:
        """What there is."""
        del request
        async with self._reading:
            await asyncio.to_thread(self.look)
        found = Answers(
            answers=tuple(one.listed for one in self._shown.values()), faults=self._faults
        )
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def one(self, request: Request) -> Response:
        """One answer, whole."""
        name = request.path_params["file"]
        if name not in self._shown:
            await self.show(request)
        found = self._shown.get(name)
        if found is None:
            return JSONResponse({"error": "no such answer"}, 404)
        return Response(msgspec.json.encode(found.saved), media_type="application/json")

    def routes(self) -> list[BaseRoute]:
        """All that is answered here."""
        return [OperationRoute(ANSWERS, self.show), OperationRoute(ANSWER, self.one)]


def study_application(door: StudyDoor, hosts: frozenset[str]) -> Starlette:
    """The server of the page of studies; ``hosts`` are the names that it answers to."""
    routes = [
        *door.routes(),
        *document_routes(),
        *basemap_routes(),
        *page_routes("studies.html"),
    ]
    return Starlette(routes=routes, middleware=[Middleware(Guard, hosts=hosts), PACKING])
