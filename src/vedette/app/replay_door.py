"""A record on the page: replayed here, tick by tick, and shown at whatever time a person asks for.

The record's raw bytes run through this program again, so that the page shows what it showed, and the replay is
compared with the ledger as it goes. Each page has its own time and pace. Nothing can be said here.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket

from vedette.airspace.terrain import Terrain
from vedette.app.accounts.access import LOCAL, Access, check_access
from vedette.app.api.operation import ACCOUNT, Account, OperationRoute
from vedette.app.api.operations import EXPLAIN, HELLO, INTERFERENCE, TRAIL
from vedette.app.chart_door import ChartDoor, Seen
from vedette.app.document_door import document_routes
from vedette.app.explanation import explained_of_record
from vedette.app.film import Film
from vedette.app.guard import Guard
from vedette.app.incident_json import judged_json
from vedette.app.ledger_door import LedgerDoor
from vedette.app.page_files import PACKING, basemap_routes, page_routes
from vedette.app.reactions_door import ReactionsDoor
from vedette.app.showing import STEP_S, Showing
from vedette.app.track_profile import past_of_rows
from vedette.app.web import Page
from vedette.engine.course import Course
from vedette.engine.opening import course_of, course_under, replayed
from vedette.engine.record import Record
from vedette.engine.run import Watcher, snapshot_of
from vedette.engine.track_tables import read_track, read_track_rows
from vedette.model.errors import VedetteError
from vedette.model.time import format_utc
from vedette.response.rule_set import RuleSet


class _Replay:
    """What the page's code asks of a run, of one that is over."""

    def __init__(self, record: Record, course: Course) -> None:
        self.record, self.course = record, course
        self.store = record
        self.watchers: list[Watcher] = []


class ReplayDoor:
    """Replays a record in a thread, and shows it to every page at its own time."""

    def __init__(
        self, record: Record, other: RuleSet | None = None, terrain: Terrain | None = None
    ) -> None:
        """Prepare.

        Args:
            record: what is shown.
            other: a rule set to judge the same incidents by; None: it is compared with none.
            terrain: for what the map shows; None: a smooth Earth.
        """
        self.record, self.film = record, Film()
        self.course = course_of(record)
        self.other, self.judged = other, False
        # nobody acts here, so that the rest of a run is never asked for
        measures = self.course.pipeline.rules.measure_texts
        self._page = Page(_Replay(record, self.course), measures)  # type: ignore[arg-type]
        self.differs: str | None = None  # where the replay is not what the ledger says
        self.whole = False
        self._stop = False
        self._marks: dict[str, dict[str, Any]] = {}
        self._chart = ChartDoor(self.course, self._seen, self._last_ms, terrain)

    # ------------------------------------------------------------------ the replay

    def run(self) -> None:
        """Replay to the end; for a thread.

        Raises:
            VedetteError: the record cannot be replayed by this program.
        """
        kept = self.record.lines()
        for number, line in enumerate(replayed(self.record, self.course, self._ticked)):
            if self._stop:
                return
            if self.differs is None and line != next(kept, None):
                self.differs = (
                    f"entry {number} of the ledger is not what its input log leads to here"
                )
        if self.differs is None and next(kept, None) is not None:
            self.differs = "the ledger has entries that its input log does not lead to"
        self.whole = True
        if self.other is not None:
            self._judge(self.other)

    def _judge(self, rules: RuleSet) -> None:
        """The same bytes and acts under other rules: what they say, beside what was said."""
        ticks = iter(range(len(self.film)))
        texts = rules.measure_texts

        def ticked(course: Course) -> None:
            pipeline, tick = course.pipeline, next(ticks)
            if pipeline.changed_incidents:
                pipeline.changed_incidents = set()
                said = [
                    judged_json(key, pipeline.advice.get(key), texts)
                    for key in sorted(pipeline.incidents)
                ]
                self.film.note("other_rules", tick, {"type": "other_rules", "incidents": said})

        for _ in replayed(self.record, course_under(self.record, rules), ticked):
            if self._stop:
                return
        self.judged = True

    def stop(self) -> None:
        """End the replay."""
        self._stop = True

    def _ticked(self, course: Course) -> None:
        pipeline = course.pipeline
        changed, pipeline.changed_incidents = frozenset(pipeline.changed_incidents), set()
        snapshot = snapshot_of(course, changed)
        news = self._page.news(snapshot)
        self._chart.hear(snapshot.plots)
        for incident_id in changed:
            incident = snapshot.incidents[incident_id]
            if incident_id not in self._marks:
                self._marks[incident_id] = {
                    "incident_id": incident_id, "at_ms": snapshot.now_ns / 1e6,
                    "track_id": incident.track_id,
                }  # fmt: skip
        self.film.add(snapshot.now_ns, news.frame, news.names, news.messages)

    # ------------------------------------------------------------------ pages

    def hello(self, account: Account | None) -> dict[str, Any]:
        """What a page is told first of all."""
        made = self._page.hello_message(account)
        when = format_utc(self.record.body.created_ns)
        label = f"REPLAY of {self.record.folder.name}, made {when}: nothing here happens now"
        return made | {
            "mode": "replay",
            "record": str(self.record.folder),
            "labels": {"replay": label, **made["labels"]},
            "hears": False,
        }

    def time(self, showing: Showing) -> dict[str, Any]:
        """How far the replay has come, and where a page is in it."""
        times = self.film.times_ns
        return {
            "type": "time",
            "from_ms": times[0] / 1e6,
            "to_ms": times[-1] / 1e6,
            "at_ms": showing.at_ns / 1e6,
            "speed": showing.speed,
            "playing": showing.playing,
            "whole": self.whole,
            "differs": self.differs,
            "marks": list(self._marks.values()),
            "other_rules": None if self.other is None else self.other.name,
            "judged": self.judged,
            "running": False,
        }

    def _known_now(self) -> dict[str, Any]:
        """All incidents as they are known at the end."""
        last = len(self.film) - 1
        kinds = self.film.kinds()
        version = self.film.version("incidents", last) if "incidents" in kinds else -1
        told = json.loads(self.film.message("incidents", version)) if version >= 0 else {}
        return {"type": "known_now", "incidents": told.get("incidents", [])}

    async def socket(self, socket: WebSocket) -> None:
        """The film at one page's time, until the page goes."""
        await socket.accept()
        await socket.send_text(json.dumps(self.hello(socket.scope.get(ACCOUNT))))
        while not len(self.film):  # the replay has just begun
            await asyncio.sleep(STEP_S)
        showing = Showing(self.film)
        said: set[str] = set()

        def more() -> list[str]:
            if self.judged and "judged" not in said:
                said.add("judged")
                showing.anew()
            if self.whole and "whole" not in said:
                said.add("whole")
                return [json.dumps(self._known_now())]
            return []

        await showing.serve(socket, lambda: self.time(showing), more)

    # ------------------------------------------------------------------ requests

    async def show_hello(self, request: Request) -> Response:
        """What this is."""
        return JSONResponse(self.hello(request.scope.get(ACCOUNT)))

    async def trail(self, request: Request) -> Response:
        """Where the object of an incident was, up to the time ``at`` [ms]."""
        mark = self._marks.get(request.path_params["incident_id"])
        if mark is None:
            return JSONResponse({"error": "no such incident"}, 404)
        try:
            until_ms = float(request.query_params.get("at", "inf"))
        except ValueError:
            return JSONResponse({"error": "at: milliseconds"}, 400)
        rows = await asyncio.to_thread(
            read_track, self.record.folder / "tables", str(mark["track_id"])
        )
        return JSONResponse([row for row in rows if row[0] is not None and row[0] <= until_ms])

    async def explain(self, request: Request) -> Response:
        """The ledger of a track, as known at the end of the record."""
        try:
            found = await asyncio.to_thread(
                explained_of_record, self.record, request.path_params["track_id"]
            )
        except VedetteError as error:
            return JSONResponse({"error": str(error)}, 409)
        if found is None:
            return JSONResponse({"error": "no such track"}, 404)
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def interference(self, request: Request) -> Response:
        """The last map of interference that the replay has led to; its socket has that of each time."""
        return JSONResponse(self._page.explain.message())

    def _last_ms(self) -> float:
        return self.film.times_ns[-1] / 1e6 if len(self.film) else 0.0

    def _seen(self, track_id: str, at_ms: float) -> Seen | None:
        rows = read_track_rows(self.record.folder / "tables", track_id, int(at_ms * 1e6))
        return None if rows is None else Seen(past_of_rows(rows), rows.slice(rows.num_rows - 1))

    def routes(self) -> list[BaseRoute]:
        """All that is answered."""
        routes: list[BaseRoute] = [
            OperationRoute(HELLO, self.show_hello),
            OperationRoute(TRAIL, self.trail),
            OperationRoute(EXPLAIN, self.explain),
            OperationRoute(INTERFERENCE, self.interference),
            *document_routes(),
            *LedgerDoor(self.record.folder).routes(),
            *self._chart.routes(),
            *ReactionsDoor(None, list).routes(),
            WebSocketRoute("/ws", self.socket),
        ]
        return routes + basemap_routes() + page_routes("index.html")


def replay_application(door: ReplayDoor, hosts: frozenset[str]) -> Starlette:
    """The server of a replay; ``hosts`` are the names that it answers to."""
    return Starlette(
        routes=door.routes(),
        middleware=[Middleware(Guard, hosts=hosts), PACKING],
    )


async def serve_replay(
    folder: Path,
    web: tuple[str, int],
    say: Any,
    access: Access = LOCAL,
    other: RuleSet | None = None,
    terrain: Terrain | None = None,
) -> None:
    """Replay a record and show it, until stopped; beside its rule set, what ``other`` says.

    Raises:
        SettingError: others can reach the address, and nothing says who they are.
        VedetteError: there is no record, or it cannot be replayed by this program.
    """
    from vedette.app.door import WebServer, stop_signal

    check_access(web[0], access)
    record = Record(folder)  # what is no record is told before an address is given out
    stop = stop_signal()
    async with WebServer(*web, access) as server:
        say(f"page: {server.url}")
        server.door.word = "replaying the record"
        door = await asyncio.to_thread(ReplayDoor, record, other, terrain)
        server.door.open(replay_application(door, server.names))
        work = asyncio.create_task(asyncio.to_thread(door.run))
        waits = asyncio.create_task(stop.wait())
        await asyncio.wait({work, waits}, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            work.result()
            say(door.differs or f"replayed: {len(door.film)} ticks, as the ledger says")
            if door.judged and other is not None:
                say(f"compared with {other.name}")
            await waits
        door.stop()
        await asyncio.wait({work})
    door.film.close()
