"""One seeded world through the real engine, from the bytes to the record, while everything breaks."""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from vedette import __version__
from vedette.engine.address import parse_feed
from vedette.engine.bundled import sovereign_digest
from vedette.engine.checkpoint import Checkpoints
from vedette.engine.desk import OFFICES
from vedette.engine.opening import course_of, resume
from vedette.engine.record import Record, RecordStore, platform_tag
from vedette.engine.run import Run
from vedette.engine.settings import EngineSettings, FeedSpec, Input, RunBody, StageSettings
from vedette.engine.sockets import LiveFeed
from vedette.engine.track_tables import TrackTables
from vedette.engine.verification import replay, verify
from vedette.feeds.formats import codec
from vedette.fusion.settings import FusionSettings
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.errors import RecordError
from vedette.model.time import SECOND_NS
from vedette.response.desk.seats import table_of
from vedette.response.rule_set import shipped_rules
from vedette.sim.alliance import Trouble
from vedette.sim.alliance import run_seed as run_alliance
from vedette.sim.chaos.disk import FailingStore, Room
from vedette.sim.chaos.faults import Sent, drawn, sent_by, suffer
from vedette.sim.chaos.laws import Laws
from vedette.sim.chaos.people import Believers, roster
from vedette.sim.chaos.world import Size, scenario_of
from vedette.sim.law import BrokenLawError
from vedette.sim.scenario import Variation
from vedette.sim.world import World

_COMMIT_TICKS: Final = 2
_DIGEST_TICKS: Final = 2
_LINKS: Final = Trouble(nodes=4, seconds=12, calm_s=8, crashes=2, alerts=12, partitions=2)
# sockets that feeds come from when they are live: only then may the engine ask people anything (F14)
_LIVE_URLS: Final = {"asterix": "asterix+udp://239.1.1.1:8600", "beast": "beast://127.0.0.1:30005"}


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one seed."""

    seed: int
    faults: tuple[str, ...]  # kinds, sorted
    ticks: int
    chunks: int
    octets: int
    shed: int  # chunks that a full queue refused
    quarantined: int
    plots: int
    losses: dict[str, int]  # of fusion
    tracks_most: int
    incidents: int
    civil_judged: int  # incident and tick
    dead: int  # feed and tick
    acts: int
    gone_on: int  # after a crash behind a checkpoint, and not from the beginning
    entries: int
    root: str


class _Hand:
    """A clock that the simulation moves."""

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns

    def read(self) -> int:
        return self.now_ns


class _Night:
    """A world on its way through the engine."""

    def __init__(self, seed: int, size: Size, folder: Path) -> None:
        self.seed, self.size, self.folder = seed, size, folder
        self.rng = np.random.default_rng([seed, 2])
        self.live = bool(self.rng.integers(2))
        self.queue_chunks = int(self.rng.choice(size.queue_chunks))
        scenario = scenario_of(seed, size, words=not self.live)
        self.world = World(scenario, Variation(seed=seed), f"chaos {seed}")
        faults = drawn(self.world, self.rng)
        self.arriving = suffer(self.world, sent_by(self.world), faults, size.flood, self.rng)
        self.kinds = {fault.kind for fault in faults}
        self.believers = Believers(self.rng) if self.rng.random() < 0.6 else None
        self.jump_ns, self.jump_at = self._jump()
        crash = self.rng.random()
        self.room = Room(None)
        self.dies_at = -1
        if crash < 0.2:
            self.kinds.add("disk full")
            self.room = Room(int(self.rng.integers(2_000, 200_000)))
        elif crash < 0.4:
            self.kinds.add("power lost")
            self.dies_at = int(self.rng.integers(2, self.ticks))
        body, inputs = self._body()
        RecordStore.create(folder, body, inputs).close()
        redacted = frozenset(
            index
            for index, feed in enumerate(self.world.feeds)
            if codec(feed.spec.decoder).redact is not None
        )
        self.laws = Laws(seed, self.world, redacted)
        self.journal: list[Item] = []
        self.messages: Counter[int] = Counter()
        self.hurt: Counter[int] = Counter()
        self.shed = self.acts = self.tracks_most = 0
        self.store = FailingStore(folder, self.room)
        course = course_of(self.store)
        for line in course.open():
            self.store.append_line(line)
        self.store.commit()
        self.run = Run(course, self.store)
        self.checkpoints: Checkpoints | None = None
        self.gone_on = 0  # behind a checkpoint
        if np.random.default_rng([seed, 3]).integers(2):
            home = folder.with_name(f"{folder.name}.checkpoints")
            self.checkpoints = Checkpoints(
                self.store.digest, home=home, every_ticks=_DIGEST_TICKS, told=self._refuse
            )
        hand = self.hand = _Hand(self.world.start_ns)
        queue = self.queue = asyncio.Queue[Item](self.queue_chunks)
        address = parse_feed(_LIVE_URLS["asterix"])
        self.feeds = [
            LiveFeed(index, address, queue, hand.read) for index in range(len(self.world.feeds))
        ]

    @property
    def ticks(self) -> int:
        return int(self.size.duration_s / self.size.tick_s)

    def _jump(self) -> tuple[int, int]:
        """The machine sleeps, or its clock is set forward: by how much, at which tick."""
        if self.rng.random() >= 0.25:
            return 0, -1
        self.kinds.add("clock jump")
        return int(self.rng.choice([7, 60, 900])) * SECOND_NS, int(self.rng.integers(1, self.ticks))

    def _body(self) -> tuple[RunBody, dict[str, bytes]]:
        rules = shipped_rules()
        people = msgspec.json.encode(roster())
        offices = Input(name=OFFICES, digest=sha256(people).hexdigest())
        url_of = _LIVE_URLS if self.live else {}
        feeds = tuple(
            FeedSpec(
                feed_id=feed.spec.feed_id,
                url=url_of.get(feed.spec.decoder, feed.spec.url),
                decoder=feed.spec.decoder,
            )
            for feed in self.world.feeds
        )
        body = RunBody(
            version=__version__, created_ns=self.world.start_ns, label=self.world.scenario.label, feeds=feeds,
            sensors=self.world.sensors,
            engine=EngineSettings(
                tick_s=self.size.tick_s, queue_chunks=self.queue_chunks, digest_ticks=_DIGEST_TICKS
            ),
            stages=StageSettings(fusion=FusionSettings(plots_max=self.size.plots_max)),
            sovereign_digest=sovereign_digest(), rules_digest=rules.digest, offices=offices,
            desk_nonce=f"{self.seed:x}", desk_digest=table_of({}, rules).digest, platform=platform_tag(),
        )  # fmt: skip
        return body, {offices.digest: people}

    # ------------------------------------------------------------------ the night

    def go(self) -> Report:
        waiting = iter(self.arriving)
        held = next(waiting, None)
        shift_ns = 0
        step_ns = round(self.size.tick_s * SECOND_NS)
        for tick in range(1, self.ticks + 2):
            true_ns = self.world.start_ns + tick * step_ns
            if tick == self.jump_at:
                shift_ns = self.jump_ns
            while held is not None and held.at_ns < true_ns:
                self._offer(held, shift_ns)
                held = next(waiting, None)
            now_ns = true_ns + shift_ns
            self._put(self.run.drain(self.feeds, self.queue, now_ns))
            if self.believers is not None and tick % 2 == 0:
                acts = self.believers.say(self.run.course.pipeline, now_ns)
                self.acts += len(acts)
                self._put([Item(ItemKind.ACT, 0, now_ns, act) for act in acts])
            if tick == self.dies_at:
                self.store.lose_power(self.rng)
                self._again()
            self._put([Item(ItemKind.TICK, 0, now_ns, b"")])
            if tick % _COMMIT_TICKS == 0:
                self._commit()
                self._keep_checkpoint()
            pipeline = self.run.course.pipeline
            self.tracks_most = max(self.tracks_most, pipeline.tracks.num_rows)
            believed = self.believers.about if self.believers is not None else set[str]()
            self.laws.check(pipeline, self.store.given, believed)
        ended = {"event": "ended", "reason": "interrupted"}
        last_ns = self.run.course.pipeline.now_ns
        self._put([Item(ItemKind.CONTROL, 0, last_ns, msgspec.json.encode(ended))])
        self._commit()
        self.store.close()
        self._messages()
        return self._report(self._judge_record())

    def _offer(self, sent: Sent, shift_ns: int) -> None:
        self.hand.now_ns = sent.at_ns + shift_ns
        if self.feeds[sent.feed].offer(sent.data):
            self.messages[sent.feed] += sent.messages
            self.hurt[sent.feed] += sent.hurt
        else:
            self.shed += 1

    def _put(self, items: Sequence[Item]) -> None:
        for item in items:
            self.journal.append(item)
            self.laws.hear(item)
            try:
                self.run.put(item)
            except RecordError:
                self._make_room()

    def _commit(self) -> None:
        try:
            self.store.commit()
        except RecordError:
            self._make_room()

    def _keep_checkpoint(self) -> None:
        course = self.run.course
        if self.checkpoints is not None and self.checkpoints.due(course):
            self.checkpoints.keep(course, self.store, TrackTables(None))

    def _refuse(self, words: str) -> None:
        self.laws.law(False, "a checkpoint of any state can be kept", words)

    def _make_room(self) -> None:
        """A write has failed: it must be the disk that was full, and nothing more may be taken then."""
        law = self.laws.law
        law(self.room.left == 0, "a write fails where the disk is full alone", self.room.left)
        refused = False
        try:
            self.store.append_item(b"x")
        except RecordError:
            refused = True
        law(refused, "a record that could not be written takes no more")
        law(self.store.gone(), "a record that could not be written can be closed")
        self.room = Room(None)
        self._again()

    def _again(self) -> None:
        """Another process continues the record; what it lacks was never said to be durable, and comes again."""
        self.store = FailingStore(self.folder, self.room)
        words: list[str] = []
        course = resume(self.store, checkpoints=self.checkpoints, told=words.append)
        useless = [word for word in words if "of no use" in word]
        self.laws.law(not useless, "what follows a checkpoint comes out of it", useless)
        self.gone_on += "checkpoint" in words[-1]
        self.run = Run(course, self.store)
        for item in self.journal[course.items :]:
            self.run.put(item)

    # ------------------------------------------------------------------ at the end

    def _messages(self) -> None:
        """Every whole message that came in was read, or lies in quarantine."""
        for index, health in enumerate(self.run.course.pipeline.health):
            reading = codec(health.spec.decoder)
            read = sum(count for key, count in health.counts.items() if reading.is_message(key))
            # what is hurt may hide the beginning of what comes behind it in the same stream
            self.laws.law(
                read + health.faults + self.hurt[index] >= self.messages[index],
                f"every whole message of {health.spec.feed_id} was read",
                (read, health.faults, self.hurt[index], self.messages[index]),
            )

    def _judge_record(self) -> str:
        record = Record(self.folder)
        law = self.laws.law
        for number, (kept, put) in enumerate(zip_longest(_items(record), self.journal)):
            same = kept == put or (
                kept is not None and put is not None and kept.kind is ItemKind.SEALED
                and kept[1:3] == put[1:3]
            )  # fmt: skip
            law(same, f"item {number} is in the record as it came", (kept, put))
        verified = verify(record)
        law(verified.ok, "the record verifies", verified.problems)
        again = replay(record)
        law(again.same, "a replay ends on the same digest", again.first_difference)
        law(
            list(record.lines()) == self.store.given, "the ledger holds every line that was written"
        )
        return verified.tree_head

    def _report(self, root: str) -> Report:
        pipeline = self.run.course.pipeline
        return Report(
            seed=self.seed,
            faults=tuple(sorted(self.kinds)),
            ticks=self.ticks,
            chunks=sum(health.chunks for health in pipeline.health),
            octets=sum(health.size_bytes for health in pipeline.health),
            shed=self.shed,
            quarantined=sum(health.faults for health in pipeline.health),
            plots=sum(health.plots for health in pipeline.health),
            losses={
                reason: count
                for reason, count in sorted(pipeline.losses.items())
                if not reason.endswith("queue_full")
            },
            tracks_most=self.tracks_most,
            incidents=len(pipeline.incidents),
            civil_judged=self.laws.judged_civil,
            dead=self.laws.dead_seen,
            acts=self.acts,
            gone_on=self.gone_on,
            entries=self.run.course.frontier.size,
            root=root,
        )


def _items(record: Record) -> Iterator[Item]:
    return (one[0] for one in record.items())


def run_seed(seed: int, size: Size) -> Report:
    """All that happens under one seed: the world through the engine, and the links of an alliance cut.

    Args:
        seed: decides all of it, with ``size``.
        size: how much of everything.

    Raises:
        BrokenLawError: a law does not hold; the text says which, where and under which seed.
    """
    folder = Path(tempfile.mkdtemp(prefix="vedette-chaos-"))
    try:
        report = _Night(seed, size, folder / "record").go()
        run_alliance(seed, _LINKS)
    except BrokenLawError:
        raise
    except Exception as error:
        raise BrokenLawError(f"seed {seed}: {type(error).__name__}: {error}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return report
