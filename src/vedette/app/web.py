"""The page's server: documented JSON over HTTP, frames over a WebSocket, on this machine only by default."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
import pyarrow.compute as pc
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from vedette import __version__
from vedette.airspace.terrain import Terrain
from vedette.app.api.act import ActRequest
from vedette.app.api.operation import ACCOUNT, Account, OperationRoute
from vedette.app.api.operations import (
    ACT,
    FEEDS,
    HELLO,
    INCIDENTS,
    LEDGER,
    PICTURE,
    REPORT,
    REPORT_FORM,
    TRAIL,
)
from vedette.app.audience import Audience, Client, News, text_of
from vedette.app.chart_door import ChartDoor, Seen
from vedette.app.desk_door import DeskDoor
from vedette.app.document_door import document_routes
from vedette.app.explain_door import ExplainDoor
from vedette.app.guard import Guard
from vedette.app.incident_json import incident_json
from vedette.app.ledger_door import LedgerDoor
from vedette.app.page_files import PACKING, basemap_routes, pack_ahead, page_routes
from vedette.app.past_door import PastDoor
from vedette.app.picture_frames import PictureFrames
from vedette.app.picture_table import MEDIA, picture_stream
from vedette.app.posted import posted
from vedette.app.reactions_door import ReactionsDoor
from vedette.app.report_form import ReportForm
from vedette.app.summary import speaks_on_occasion
from vedette.app.track_profile import past_of_rows
from vedette.engine.run import Run, Snapshot
from vedette.engine.track_tables import read_track_rows
from vedette.model.act import Act
from vedette.model.time import format_utc

_MAX_BODY: Final = 16_384
_NOW_MS: Final = 3_000.0  # what is asked of the last seconds is answered as it is now
_NO_PAGE: Final = (
    "The page was not built into this installation. In a clone: pip install . builds it; the API is "
    "at /api/incidents."
)


class Page:
    """Keeps the latest snapshot and hands it to every client, newest first: a slow one skips frames."""

    def __init__(
        self,
        run: Run,
        measures: dict[str, str],
        *,
        has_council: bool = False,
        terrain: Terrain | None = None,
    ) -> None:
        self._run, self._measures, self._has_council = run, measures, has_council
        self._frames = PictureFrames()
        self._desk = DeskDoor(run, measures)
        self.explain = ExplainDoor(run)
        self._chart = ChartDoor(run.course, self._seen, lambda: self._now_ns / 1e6, terrain)
        self._counting = ThreadPoolExecutor(1, "reception")
        self._audience = Audience()
        self._past = PastDoor(run.store.folder if run.store else None, self.hello_message)
        self._snapshot: Snapshot | None = None
        self._incidents: list[dict[str, Any]] = []
        self._told: list[str] | None = None
        run.watchers.append(self.take)

    @property
    def _now_ns(self) -> int:
        return self._snapshot.now_ns if self._snapshot else 0

    def _seen(self, track_id: str, at_ms: float) -> Seen | None:
        if self._snapshot is None:
            return None
        if at_ms < self._now_ns / 1e6 - _NOW_MS:  # somebody looks back
            return self._seen_then(track_id, at_ms)
        tracks = self._snapshot.tracks
        row = tracks.filter(pc.equal(tracks.column("track_id"), track_id))
        return Seen(self._frames.past(track_id), row) if row.num_rows else None

    def _seen_then(self, track_id: str, at_ms: float) -> Seen | None:
        if self._run.store is None:
            return None
        tables = self._run.store.folder / "tables"
        rows = read_track_rows(tables, track_id, int(at_ms * 1e6))
        return None if rows is None else Seen(past_of_rows(rows), rows.slice(rows.num_rows - 1))

    def take(self, snapshot: Snapshot) -> None:
        """A tick has run: tell every page."""
        news = self.news(snapshot)
        self._audience.tell(news)
        self._past.take(snapshot.now_ns, news)
        self._counting.submit(self._chart.hear, snapshot.plots)

    def news(self, snapshot: Snapshot) -> News:
        """What is new with a snapshot, which is the latest from now on."""
        first = self._snapshot is None
        self._snapshot = snapshot
        self._told = None
        names = self._frames.take(snapshot)
        if snapshot.changed or first:
            self._incidents = self._list_incidents(snapshot)
        messages = {"feeds": self._feeds_message(snapshot)}
        if self._desk.take(snapshot):
            messages["desk"] = self._desk.message()
        if self.explain.changed():
            messages["interference"] = self.explain.message()
        if snapshot.changed:
            messages["incidents"] = self._incidents_message()
        return News(self._frames.frame, names, messages)

    def _list_incidents(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        return [
            incident_json(
                incident,
                snapshot.advice.get(key),
                self._run.course.pipeline.assessment_of(incident.track_id),
                snapshot.acknowledged.get(key),
                self._measures,
            )
            for key, incident in sorted(snapshot.incidents.items())
        ]

    @property
    def listed(self) -> list[dict[str, Any]]:
        """All incidents, as the page has them."""
        return self._incidents

    def _incidents_message(self) -> dict[str, Any]:
        return {"type": "incidents", "incidents": self._incidents}

    def _ledger(self) -> dict[str, Any]:
        snapshot = self._snapshot
        return {
            "entries": snapshot.entries if snapshot else 0,
            "tree_head": snapshot.tree_head if snapshot else "",
            "verified": None,
        }

    def _feeds(self) -> list[dict[str, Any]]:
        result = []
        quiet = {
            spec.feed_id
            for spec in self._run.course.pipeline.body.feeds
            if speaks_on_occasion(spec)
        }
        for status in self._snapshot.feeds if self._snapshot else []:
            row = msgspec.to_builtins(status)
            if row["state"] == "dead" and status.feed_id in quiet:
                row["state"] = (
                    "waiting"  # nobody has anything to tell: an alarm that always stands is none
                )
            for name, told in (("heard_ns", "heard"), ("lost_ns", "lost_at")):
                instant_ns = row.pop(name)
                row[told] = None if instant_ns is None else {"utc": format_utc(instant_ns)}
            result.append(row)
        return result

    def _feeds_message(self, snapshot: Snapshot) -> dict[str, Any]:
        return {
            "type": "feeds",
            "feeds": self._feeds(),
            "spared": snapshot.spared,
            "isolated": snapshot.node_isolated,
            "registration": [bias._asdict() for bias in snapshot.registration],
            "now_ms": snapshot.now_ns / 1e6,
            "ended": snapshot.ended,
            "ledger": self._ledger(),
        }

    def hello_message(self, account: Account | None = None) -> dict[str, Any]:
        """What a page is told first of all; ``account`` is whose it is, where people are known."""
        body = self._run.course.pipeline.body
        return {
            "type": "hello",
            "version": __version__,
            "mode": body.mode,
            "exercise": body.exercise,
            "record": str(self._run.store.folder) if self._run.store else None,
            "started": format_utc(body.created_ns),
            "council": self._has_council,
            "labels": {"demo": body.label} if body.label else {},
            "account": None if account is None else account.shown(),
        }

    async def hello(self, request: Request) -> Response:
        """What this is."""
        return JSONResponse(self.hello_message(request.scope.get(ACCOUNT)))

    async def incidents(self, request: Request) -> Response:
        """All incidents."""
        return JSONResponse(self._incidents)

    async def trail(self, request: Request) -> Response:
        """Where the object of an incident was."""
        snapshot = self._snapshot
        incident = snapshot.incidents.get(request.path_params["incident_id"]) if snapshot else None
        if incident is None:
            return JSONResponse({"error": "no such incident"}, 404)
        return JSONResponse(self._frames.trail(incident.track_id))

    async def feeds(self, request: Request) -> Response:
        """How the feeds stand."""
        return JSONResponse(self._feeds())

    async def ledger(self, request: Request) -> Response:
        """Size and head of the ledger."""
        return JSONResponse(self._ledger())

    async def acts(self, request: Request) -> Response:
        """Hear a person; answers once the act is durable in the record."""
        body = await posted(request, _MAX_BODY)
        if isinstance(body, Response):
            return body
        try:
            wanted = msgspec.json.decode(body, type=ActRequest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        if wanted.kind == "remark" and not wanted.words.strip():
            return JSONResponse({"error": "a remark needs words"}, 400)
        if self._snapshot is None or wanted.incident_id not in self._snapshot.incidents:
            return JSONResponse({"error": "no such incident"}, 404)
        account: Account | None = request.scope.get(ACCOUNT)
        person, office = (wanted.person, wanted.office) if account is None else account.who
        if person is None or office is None:
            return JSONResponse({"error": "person and office are missing"}, 400)
        if wanted.person not in (None, person) or wanted.office not in (None, office):
            return JSONResponse({"error": f"you are signed in as {person}, {office}"}, 403)
        act = Act(
            act_id=uuid4().hex,
            kind=wanted.kind,
            person=person,
            office=office,
            valid_ns=0,  # dated by the engine when it takes effect
            incident_id=wanted.incident_id,
            words=wanted.words,
        )
        refused = await self._run.act(act)
        if refused is not None:
            return JSONResponse({"error": refused}, 503)
        return JSONResponse({"act_id": act.act_id}, 201)

    async def picture(self, request: Request) -> Response:
        """The latest picture as an Arrow IPC stream."""
        del request
        if self._snapshot is None:
            return JSONResponse({"error": "nothing has been seen yet"}, 503)
        data = await asyncio.to_thread(picture_stream, self._snapshot)
        return Response(data, media_type=MEDIA)

    async def socket(self, socket: WebSocket) -> None:
        """Frames and messages until the page goes."""
        await socket.accept()
        client = Client(self._frames.names)
        self._audience.attach(client)  # before anything is told: a tick in between is not lost
        told = [text_of(self.hello_message(socket.scope.get(ACCOUNT))), self._frames.names()]
        if self._snapshot is not None:
            client.give(self._frames.frame, [], {})
        try:
            await client.serve(socket, told + self._all_else())
        finally:
            self._audience.detach(client)

    def _all_else(self) -> list[str]:
        """What a new page is told beside names; the same for all that come before the next tick."""
        if self._told is None:
            told = [self._incidents_message()]
            if self._snapshot is not None:
                feeds = self._feeds_message(self._snapshot)
                told += [feeds, self._desk.message(), self.explain.message()]
            self._told = [text_of(message) for message in told]
        return self._told

    def routes(self) -> list[BaseRoute]:
        """All that the server answers."""
        routes: list[BaseRoute] = [
            OperationRoute(HELLO, self.hello),
            OperationRoute(INCIDENTS, self.incidents),
            OperationRoute(TRAIL, self.trail),
            OperationRoute(FEEDS, self.feeds),
            OperationRoute(LEDGER, self.ledger),
            OperationRoute(ACT, self.acts),
            OperationRoute(PICTURE, self.picture),
            *document_routes(),
            *self._desk.routes(),
            *self.explain.routes(),
            *self._chart.routes(),
            *self._past.routes(),
            WebSocketRoute("/ws", self.socket),
        ]
        routes += basemap_routes()
        routes += page_routes("index.html") or [
            Route("/", lambda request: PlainTextResponse(_NO_PAGE, 503))
        ]
        return routes


def application(
    run: Run,
    measures: dict[str, str],
    hosts: frozenset[str],
    hear: Callable[[bytes], bool] | None = None,
    council: Path | None = None,
    reactions: Path | None = None,
    terrain: Terrain | None = None,
) -> Starlette:
    """The server of one run; ``hosts`` are the names that it answers to.

    ``hear`` takes people's reports into a feed; None: the run has none, and there is no form.
    ``council`` is the folder of council matters; None: none are shown. ``reactions`` is the register that
    the page's time line shows; None: there is none. ``terrain`` is for what its map shows; None: a smooth Earth.
    """
    page = Page(run, measures, has_council=council is not None, terrain=terrain)
    matters: list[BaseRoute] = []
    if council is not None:  # what it reads with is loaded where there is something to read
        from vedette.app.council_door import CouncilDoor

        matters = CouncilDoor(council).routes()
    if run.store is not None:
        matters += LedgerDoor(run.store.folder).routes()
    timeline = ReactionsDoor(reactions, lambda: page.listed).routes()
    form = None if hear is None else ReportForm(hear)
    pack_ahead("index.html")
    return Starlette(
        routes=[*report_routes(form), *matters, *timeline, *page.routes()],
        middleware=[Middleware(Guard, hosts=hosts), PACKING],
    )


def report_routes(form: ReportForm | None) -> list[BaseRoute]:
    """Routes of the form for what people noticed; none where the run has none."""
    if form is None:
        return []
    return [
        OperationRoute(REPORT_FORM, form.show),
        OperationRoute(REPORT, form.take),
    ]
