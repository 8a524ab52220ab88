"""A run: feeds into the course, the course into the record, the picture to whoever looks."""

import asyncio
import heapq
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

import msgspec
import pyarrow as pa

from vedette.engine.checkpoint import Checkpoints
from vedette.engine.clocks import ClockAlarm, RecordingClock, WallClock
from vedette.engine.course import Course
from vedette.engine.freed_memory import EVERY_TICKS, FREE_S, give_back
from vedette.engine.overload import LIMIT, Load
from vedette.engine.pipeline import ISOLATION
from vedette.engine.ports import Feed
from vedette.engine.record import RecordStore
from vedette.engine.settings import DESK
from vedette.engine.sockets import LiveFeed
from vedette.engine.track_tables import TrackTables
from vedette.feeds.decoder import Chunk
from vedette.feeds.formats import codec
from vedette.fusion.registration import SensorBias
from vedette.ledger.raw_log import MAX_PAYLOAD, Item, ItemKind, encode_item
from vedette.ledger.seal import seal_chunk
from vedette.model.act import Act
from vedette.model.assessment import Assessment
from vedette.model.clock import Clock
from vedette.model.errors import RecordError
from vedette.model.feed import FeedStatus
from vedette.model.incident import Crossing, Incident
from vedette.model.proposal import Advice
from vedette.model.time import SECOND_NS
from vedette.response.desk.docket import Paper
from vedette.response.desk.revocation import Revoked
from vedette.response.desk.signed import SignedAct

_COMMIT_S: Final = 0.5  # wall time between commits when nothing waits for one
# Of recordings that hold nothing: long after the last track and the last alarm of a silent feed. What is left
# of the gap is not played, since one wrong date would make it decades.
_GAP_NS: Final = 3_600 * SECOND_NS
# octets of recordings that one tick takes, beside the chunk that goes beyond it: where a recording's clock was set
# back, all that follows is due at once
_TICK_OCTETS: Final = 64 << 20
# stands for a chunk of which nothing may be shown; no decoder of what is personal can read it
_UNSEEN: Final = b'"sealed: nothing of it could be shown"\n'
_WHOSE: Final = "of what could not be read"


class Snapshot(NamedTuple):
    """What people may look at after a tick; nothing in it changes afterwards."""

    now_ns: int
    tracks: pa.Table
    assessments: dict[str, Assessment]
    incidents: dict[str, Incident]
    advice: dict[str, Advice]
    acknowledged: dict[str, Act]
    feeds: list[FeedStatus]
    registration: tuple[SensorBias, ...]  # what each radar is found to be wrong by
    papers: tuple[Paper, ...]  # questions put to offices
    clocks: dict[str, Clock]  # of open incidents
    changed: frozenset[str]  # incidents that changed in this tick
    entries: int
    tree_head: str
    ended: bool
    revoked: tuple[Revoked, ...] = ()  # keys that are trusted no more
    plots: pa.Table | None = None  # of this tick
    spared: int = 0  # plots of it for which there was no time
    crossings: tuple[
        Crossing, ...
    ] = ()  # that began, went on or ended in this tick, lawful ones too
    node_isolated: bool | None = False  # the node of this watch is cut off; None: not known


def snapshot_of(course: Course, changed: frozenset[str], *, ended: bool = False) -> Snapshot:
    """What may be looked at after the last tick of a course."""
    pipeline, frontier = course.pipeline, course.frontier
    return Snapshot(
        now_ns=pipeline.now_ns,
        tracks=pipeline.tracks,
        assessments=dict(pipeline.assessments),
        incidents=dict(pipeline.incidents),
        advice=dict(pipeline.advice),
        acknowledged=dict(pipeline.acknowledged),
        feeds=pipeline.feeds(),
        registration=pipeline.registration,
        papers=tuple(pipeline.desk.papers),
        clocks=dict(pipeline.clock.clocks),
        changed=changed,
        entries=frontier.size,
        tree_head=frontier.root().hex(),
        ended=ended,
        revoked=pipeline.desk.revoked,
        plots=pipeline.heard,
        spared=pipeline.spared,
        crossings=pipeline.crossings,
        node_isolated=pipeline.node_isolated,
    )


Watcher = Callable[[Snapshot], None]
Committed = Callable[[int, str, int], None]  # entries, root, items

# acts that wait for a tick: unsigned, signed, and signed with one key (design choices)
_UNSIGNED_MAX, _SIGNED_MAX, _KEY_MAX = 64, 4_096, 32


class Run:
    """One process's part of a record."""

    def __init__(
        self,
        course: Course,
        store: RecordStore | None,
        *,
        tables: TrackTables | None = None,
        committed: Committed | None = None,
        isolation: Callable[[], bool | None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> None:
        """Prepare.

        Args:
            course: of the record, at its beginning or where it stopped.
            store: where it is recorded; None: nowhere.
            tables: of the record's tracks.
            committed: is told what each commit has made durable.
            isolation: whether the node of this watch is cut off, asked at each tick; None: no node is known of.
            checkpoints: where the state is kept every so often; None: nowhere.
        """
        self.course, self.store = course, store
        self.watchers: list[Watcher] = []
        self.stop = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []  # kept, so that they are not collected
        # one thread for all ticks: what one frees, the next one uses again
        self._worker = ThreadPoolExecutor(1, "tick")
        self._committed = committed
        self._isolation = isolation
        self._tables = tables or TrackTables(None)
        self._checkpoints = checkpoints
        self._acts: list[tuple[Act | SignedAct, asyncio.Future[str | None]]] = []
        self._act_came = asyncio.Event()
        self._last_commit_s = 0.0
        self._ended = False
        self._closed = False  # nobody is heard any more

    # ------------------------------------------------------------------ items

    def put(self, item: Item) -> None:
        """Record an item and let it take effect, in this order."""
        if self.store is not None and item.kind is ItemKind.CHUNK:
            item = self._sealed(item)
        encoded = encode_item(item)
        if self.store is not None:
            self.store.append_item(encoded)
        for line in self.course.run(item, encoded):
            if self.store is not None:
                self.store.append_line(line)
        if item.kind is ItemKind.TICK:
            self._tables.add(self.course)

    def _sealed(self, item: Item) -> Item:
        decoder = self.course.pipeline.body.feeds[item.feed].decoder
        redact = None if decoder == DESK else codec(decoder).redact
        if redact is None or self.store is None:
            return item
        try:
            personal = redact(item.payload)
        except Exception:
            # it broke its word, as a decoder may: what was not looked through may be anybody's
            personal = _UNSEEN, _WHOSE
        if personal is None:
            return item
        redacted, subject = personal
        key_id, key = self.store.key_for(subject)
        payload = seal_chunk(key_id, key, item.payload, redacted)
        if len(payload) > MAX_PAYLOAD:
            payload = seal_chunk(key_id, key, item.payload, _UNSEEN)
        return item._replace(kind=ItemKind.SEALED, payload=payload)

    def control(self, event: dict[str, object], instant_ns: int) -> None:
        """Record a control event: the session began or ended."""
        payload = msgspec.json.encode(event, order="deterministic")
        self.put(Item(ItemKind.CONTROL, 0, instant_ns, payload))

    def commit(self, *, force: bool = False) -> None:
        """Make the record durable, and say so to whoever asked for it."""
        now_s = time.monotonic()
        if not force and now_s - self._last_commit_s < _COMMIT_S:
            return
        self._last_commit_s = now_s
        if self.store is not None:
            self.store.commit()
            if self._committed is not None:
                size, root = self.store.committed
                self._committed(size, root, self.course.items)

    # ------------------------------------------------------------------ desk

    async def act(self, act: Act | SignedAct) -> str | None:
        """Hear a person's act; returns once it is durable in the record: why it was refused, or None.

        What comes after the end, or too much at once, is not recorded; whoever sent it is told so. What is
        not signed takes no room from what is, nor one key from another.
        """
        if self._closed:
            return "the watch has ended: this was not recorded"
        kind, most = (Act, _UNSIGNED_MAX) if isinstance(act, Act) else (SignedAct, _SIGNED_MAX)
        if sum(isinstance(waiting, kind) for waiting, _ in self._acts) >= most:
            return "too many acts wait: this was not recorded, try again"
        if isinstance(act, SignedAct):
            mine = [one for one, _ in self._acts if isinstance(one, SignedAct)]
            if sum(one.public_key == act.public_key for one in mine) >= _KEY_MAX:
                return "too many acts of this key wait: this was not recorded, try again"
            if not self.course.pipeline.desk.listens_to(act.public_key):
                return "the key is revoked, and too much of it is recorded: this was not"
        done: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._acts.append((act, done))
        self._act_came.set()
        return await done

    def _put_act(self, act: Act | SignedAct, now_ns: int) -> None:
        if isinstance(act, Act):
            act = msgspec.structs.replace(act, valid_ns=now_ns)
        self.put(Item(ItemKind.ACT, 0, now_ns, msgspec.json.encode(act)))

    # ------------------------------------------------------------------ ticks

    async def _tick(self, now_ns: int, before: Callable[[], None]) -> None:
        """One tick in a worker thread, so that the page stays alive; then tell the watchers."""
        acts, self._acts = self._acts, []
        self._act_came.clear()

        def work() -> None:
            before()
            self._ask_node(now_ns)
            for act, _ in acts:
                self._put_act(act, now_ns)
            self.put(Item(ItemKind.TICK, 0, now_ns, b""))
            self.commit(force=bool(acts))

        try:
            await self._apart(work)
        except RecordError as error:
            for _, done in acts:  # nobody is left waiting for a word that is not written down
                if not done.done():
                    done.set_result(f"this was not recorded: {error}")
            raise
        for (_, done), refused in zip(acts, self.course.pipeline.desk.verdicts, strict=True):
            if not done.done():
                done.set_result(refused)
        self._publish()
        if self._checkpoints is not None and self._checkpoints.due(self.course):
            await self._apart(self._keep_checkpoint)

    def _keep_checkpoint(self) -> None:
        """Some tenths of a second, for the quiet after a tick."""
        self.commit(force=True)
        if self._checkpoints is not None and self.store is not None:
            self._checkpoints.keep(self.course, self.store, self._tables)

    def _ask_node(self, now_ns: int) -> None:
        """Record whether the node of this watch is cut off, where that has changed."""
        pipeline = self.course.pipeline
        if self._isolation is not None:
            isolated = self._isolation()
        elif pipeline.has_node:
            isolated = None  # the record has a node, of which this process was not told
        else:
            return
        if isolated is not pipeline.node_isolated or not pipeline.has_node:
            self.control({"event": ISOLATION, "isolated": isolated}, now_ns)

    def _publish(self) -> None:
        pipeline = self.course.pipeline
        changed, pipeline.changed_incidents = frozenset(pipeline.changed_incidents), set()
        if not self.watchers:
            return
        snapshot = snapshot_of(self.course, changed, ended=self._ended)
        for watcher in self.watchers:
            watcher(snapshot)

    # ------------------------------------------------------------------ recorded feeds

    async def play(
        self, feeds: list[Feed], *, speed: float | None, stay: bool, paced_from_ns: int = 0
    ) -> None:
        """Play recorded feeds together by their own times.

        Where none has anything for more than an hour, the rest of it is left out, and an entry says so.

        Args:
            feeds: one for each feed of the record, in its order.
            speed: times real time; None as fast as it goes.
            stay: go on hearing the desk after the end, until stopped.
            paced_from_ns: what lies before plays as fast as it goes, whatever the speed.
        """
        tick_ns = round(self.course.pipeline.body.engine.tick_s * SECOND_NS)
        merged = self._merged(feeds)
        first = next(merged, None)
        if first is not None:
            last_ns = self.course.last_tick_ns
            next_ns = (
                last_ns + tick_ns
                if last_ns is not None
                else first.instant_ns - first.instant_ns % tick_ns + tick_ns
            )
            clock = RecordingClock(next_ns - tick_ns, speed, paced_from_ns)
            pending: list[Item] = [first]
            freed_s = time.monotonic()
            heard_ns = next_ns

            def gather(until_ns: int) -> None:
                nonlocal heard_ns
                taken = 0
                while pending and pending[0].instant_ns < until_ns and taken < _TICK_OCTETS:
                    heard_ns = until_ns
                    item = pending.pop()
                    taken += len(item.payload)
                    self.put(item)
                    following = next(merged, None)
                    if following is not None:
                        pending.append(following)

            while pending and not self.stop.is_set():
                await clock.until(next_ns)
                await self._tick(next_ns, partial(gather, next_ns))
                if time.monotonic() - freed_s > FREE_S:  # ticks of a recording may be very short
                    await self._apart(give_back)
                    freed_s = time.monotonic()
                next_ns += tick_ns
                if pending and not self._acts and next_ns - heard_ns > _GAP_NS:
                    left_out = (pending[0].instant_ns - next_ns) // tick_ns
                    if left_out > 0:
                        body = {"event": "gap", "left_out_s": left_out * tick_ns // SECOND_NS}
                        self.control(body, next_ns - tick_ns)
                        heard_ns = next_ns = next_ns + left_out * tick_ns
                        clock = RecordingClock(next_ns - tick_ns, speed, paced_from_ns)
        if not stay:
            await self._last_words()
        await self._end(interrupted=self.stop.is_set())
        if stay:
            await self._idle()

    def _merged(self, feeds: list[Feed]) -> Iterator[Item]:
        course = self.course
        chunks = [iter(feed.chunks(course.chunks[index])) for index, feed in enumerate(feeds)]
        firsts = [next(stream, None) for stream in chunks]
        over = all(health.state == "ended" for health in course.pipeline.health)
        if over and all(first is None for first in firsts):
            return iter(())  # a record that is over, continued: nothing came to it
        # Where a feed has nothing (more), it ends at once: not at the date of the plan, which is years away
        # from an old recording beside it.
        begin_ns = course.last_tick_ns or min(
            (chunk.received_ns for chunk in firsts if chunk is not None),
            default=course.pipeline.body.created_ns,
        )

        def items(index: int, first: Chunk | None, rest: Iterator[Chunk]) -> Iterator[Item]:
            last_ns = begin_ns if first is None else first.received_ns
            for chunk in () if first is None else chain((first,), rest):
                # a recording's clock may step back; its order does not
                last_ns = max(last_ns, chunk.received_ns)
                yield Item(ItemKind.CHUNK, index, last_ns, chunk.data)
            yield Item(ItemKind.LINK, index, last_ns, b'{"event":"ended"}')

        streams = [
            items(index, first, rest)
            for index, (first, rest) in enumerate(zip(firsts, chunks, strict=True))
        ]
        return heapq.merge(*streams, key=lambda item: (item.instant_ns, item.feed))

    async def _end(self, *, interrupted: bool) -> None:
        self._ended = self._ended or not interrupted
        pipeline = self.course.pipeline
        body = {"event": "ended", "reason": "interrupted" if interrupted else "feeds ended"}

        def work() -> None:
            self.control(dict(body), pipeline.now_ns)
            self._tables.flush()
            self.commit(force=True)

        await self._apart(work)
        self._publish()

    async def _apart(self, work: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def _last_words(self) -> bool:
        """Hear what still waits, then nobody any more; whether anything was heard."""
        self._closed = True
        heard = bool(self._acts)
        if heard:
            await self._tick(self.course.pipeline.now_ns, lambda: None)
        return heard

    async def _idle(self) -> None:
        """The feeds have ended; the desk is still heard."""
        heard = False
        while not self.stop.is_set():
            waits: list[Awaitable[bool]] = [self.stop.wait(), self._act_came.wait()]
            tasks = [asyncio.ensure_future(wait) for wait in waits]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            if self._act_came.is_set():
                heard = True
                await self._tick(self.course.pipeline.now_ns, lambda: None)
        heard |= await self._last_words()
        if heard:
            await self._end(interrupted=True)

    # ------------------------------------------------------------------ live feeds

    async def live(
        self,
        feeds: list[LiveFeed],
        queue: asyncio.Queue[Item],
        recorded: dict[int, Feed],
        clock: WallClock,
    ) -> None:
        """Hear live feeds until stopped; recorded ones beside them come when their time has come."""
        pipeline = self.course.pipeline
        tick_ns = round(pipeline.body.engine.tick_s * SECOND_NS)
        load = Load(pipeline.body.engine.tick_s, pipeline.limit)  # of a record that goes on
        tasks = [asyncio.create_task(feed.run()) for feed in feeds]
        files = [
            (index, feed.chunks(self.course.chunks[index])) for index, feed in recorded.items()
        ]
        held: dict[int, Chunk | None] = {index: next(chunks, None) for index, chunks in files}
        # a wall clock that was set back does not take the record with it
        now_ns = max(clock.now_ns(), self.course.last_tick_ns or 0)
        alarm = ClockAlarm()
        next_ns = now_ns - now_ns % tick_ns + tick_ns
        try:
            while not self.stop.is_set():
                await self._wait(clock, next_ns)

                # taken here, in the loop's own thread: an asyncio queue is not for others
                heard = self.drain(feeds, queue, next_ns)

                def gather(heard: list[Item] = heard, next_ns: int = next_ns) -> None:
                    for item in heard:
                        self.put(item)
                    for index, chunks in files:
                        chunk = held[index]
                        while chunk is not None and chunk.received_ns <= next_ns:
                            self.put(Item(ItemKind.CHUNK, index, next_ns, chunk.data))
                            chunk = next(chunks, None)
                        held[index] = chunk

                begun_s = time.monotonic()
                if load.limit != pipeline.limit:
                    self.control({"event": LIMIT, "plots": load.limit}, next_ns)
                if (wrong := alarm.tick(clock.ahead_s)) is not None:
                    self.control(wrong, next_ns)
                await self._tick(next_ns, gather)
                fused = pipeline.heard.num_rows
                load.ticked(fused + pipeline.spared, fused, time.monotonic() - begun_s)
                if self.course.ticks % EVERY_TICKS == 0:
                    await self._apart(give_back)
                behind_ns = clock.now_ns() - next_ns
                next_ns += tick_ns * max(1, behind_ns // tick_ns + 1)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for item in self.drain(feeds, queue, next_ns):  # nothing heard is lost on the way out
                self.put(item)
            for feed in feeds:
                feed.close()
            last_ns = max(clock.now_ns(), next_ns - tick_ns)
            self._ask_node(last_ns)
            self.put(Item(ItemKind.TICK, 0, last_ns, b""))
            await self._last_words()
            await self._end(interrupted=True)

    async def _wait(self, clock: WallClock, instant_ns: int) -> None:
        waiting = asyncio.ensure_future(clock.until(instant_ns))
        stopping = asyncio.ensure_future(self.stop.wait())
        await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        stopping.cancel()

    def drain(self, feeds: list[LiveFeed], queue: asyncio.Queue[Item], now_ns: int) -> list[Item]:
        """All that was heard, and what found a full queue or socket; in the loop's own thread."""
        items = [queue.get_nowait() for _ in range(queue.qsize())]
        for feed in feeds:
            for full, count in feed.lost().items():
                body = {"count": count, "event": "dropped", "full": full}
                items.append(Item(ItemKind.LINK, feed.index, now_ns, msgspec.json.encode(body)))
        return items
