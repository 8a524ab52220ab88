"""A run that goes on behind a checkpoint is the run that never stopped; what is no checkpoint is of no use."""

import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from click.testing import CliRunner
from small_world import SMALL

from vedette.app.commands.watch import watch
from vedette.app.worlds import plan_of, world_of
from vedette.engine import checkpoint
from vedette.engine.checkpoint import Checkpoints, Stamp, put_back, state_of
from vedette.engine.course import Course
from vedette.engine.decoders import decoder_for
from vedette.engine.opening import course_of, resume
from vedette.engine.record import Record, RecordStore
from vedette.engine.settings import FeedSpec
from vedette.engine.track_tables import TrackTables, read_track_tables
from vedette.engine.verification import replay, verify
from vedette.feeds.formats import FORMATS
from vedette.ledger.raw_log import MAGIC, Item, ItemKind, encode_item
from vedette.model.errors import RecordError
from vedette.model.time import SECOND_NS
from vedette.sim.scenario import Variation

Items = list[tuple[Item, bytes]]


def going_on(course: Course, items: Items) -> list[bytes]:
    return [line for item, encoded in items for line in course.run(item, encoded)]


def ticks_of(items: Items) -> list[int]:
    """How many items there are behind each tick."""
    return [k + 1 for k, (item, _) in enumerate(items) if item.kind is ItemKind.TICK]


@pytest.fixture(scope="module")
def drones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Remote ID, people and radars: a bundled scenario, begun."""
    plan = plan_of(world_of("drones_at_the_border", Variation(seed=2)), mode="demo")
    folder = tmp_path_factory.mktemp("drones") / "record"
    from vedette.app.session import beginning

    course, store, _ = beginning(plan, folder)()
    assert store is not None
    feeds = [source.feed for source in plan.sources if source.feed is not None]
    chunks = sorted(
        (chunk.received_ns, k, chunk.data)
        for k, feed in enumerate(feeds)
        for chunk in feed.chunks(0)
    )
    second = chunks[0][0] // SECOND_NS + 1
    for received_ns, k, data in chunks:
        if second * SECOND_NS > chunks[0][0] + 90 * SECOND_NS:
            break
        while received_ns >= second * SECOND_NS:
            put(course, store, Item(ItemKind.TICK, 0, second * SECOND_NS, b""))
            second += 1
        put(course, store, Item(ItemKind.CHUNK, k, received_ns, data))
    store.close()
    return folder


def put(course: Course, store: RecordStore, item: Item) -> None:
    encoded = encode_item(item)
    store.append_item(encoded)
    for line in course.run(item, encoded):
        store.append_line(line)


@pytest.mark.parametrize("world", ["small", "drones"])
def test_from_any_checkpoint_on_the_lines_are_those_of_the_run_that_did_not_stop(
    world: str, small_record: Path, drones: Path
) -> None:
    record = Record(small_record if world == "small" else drones)
    items = list(record.items())
    straight = course_of(record)
    straight.open()
    begun, states = 0, []
    lines: list[bytes] = []
    for end in ticks_of(items):
        lines += going_on(straight, items[begun:end])
        begun = end
        if straight.digested and straight.ticks % (70 if world == "small" else 30) == 0:
            states.append((end, len(lines), state_of(straight)))
    lines += going_on(straight, items[begun:])
    assert len(states) == 3
    for end, count, state in states:
        course = course_of(record)
        put_back(course, state)
        assert going_on(course, items[end:]) == lines[count:]
        assert course.frontier.root() == straight.frontier.root()


def test_a_tick_may_be_run_again_behind_a_checkpoint(small_record: Path) -> None:
    """As the desk does when the feeds have ended: at the same time, with what has come since."""
    record = Record(small_record)
    items = list(record.items())
    end = ticks_of(items)[99]
    straight, other = course_of(record), course_of(record)
    straight.open()
    going_on(straight, items[:end])
    put_back(other, state_of(straight))
    chunk = next(item for item, _ in items[end:] if item.kind is ItemKind.CHUNK)
    now_ns = straight.pipeline.now_ns
    more: Items = [
        (item, encode_item(item)) for item in (chunk, Item(ItemKind.TICK, 0, now_ns, b""))
    ]
    assert going_on(straight, more + items[end:]) == going_on(other, more + items[end:])


def test_each_decoder_can_be_written_down(small_record: Path) -> None:
    body = Record(small_record).body
    for name in FORMATS:
        decoder = decoder_for(FeedSpec(feed_id="f", url="x", decoder=name), body)
        assert decoder is not None
        decoder.decode(b"MSG,3,1,1,4CA123,1,2025/09/19,06:57:00.000\n\x1a2\x00{}", 0, 0)
        pickle.loads(pickle.dumps(decoder))


class Stopped:
    """The small world's record, stopped in its middle, with checkpoints on the way."""

    def __init__(self, small_record: Path, folder: Path, ticks: int = 115) -> None:
        self.folder, self.home = folder / "record", folder / "home"
        shutil.copytree(small_record, self.folder)
        whole = Record(small_record)
        self.items = list(whole.items())
        self.lines = list(whole.lines())
        for path in (*(self.folder / "raw").iterdir(), self.folder / "ledger" / "entries.jsonl"):
            path.unlink()
        (self.folder / "ledger" / "head.json").unlink()
        shutil.rmtree(self.folder / "tables")
        store = RecordStore(self.folder)
        course, tables = course_of(store), TrackTables(self.folder / "tables")
        kept = Checkpoints(store.digest, home=self.home, every_ticks=30)
        for line in course.open():
            store.append_line(line)
        self.begun = ticks_of(self.items)[ticks - 1]
        for item, _ in self.items[: self.begun]:
            put(course, store, item)
            if item.kind is ItemKind.TICK:
                tables.add(course)
                if kept.due(course):
                    store.commit()
                    kept.keep(course, store, tables)
        store.close()
        self.paths = sorted((self.home / store.digest[:32]).iterdir())

    def copied(self, folder: Path) -> "Stopped":
        """The same elsewhere, to be spoiled."""
        other = object.__new__(Stopped)
        vars(other).update(vars(self), folder=folder / "record", home=folder / "home")
        shutil.copytree(self.folder, other.folder)
        shutil.copytree(self.home, other.home)
        other.paths = [other.home / path.relative_to(self.home) for path in self.paths]
        return other

    def go_on(self, *, whole: bool = False) -> tuple[list[str], Course]:
        """What a continuation is told, and its course; with ``whole`` all items come, and the record is whole."""
        store = RecordStore(self.folder)
        told: list[str] = []
        tables = TrackTables(self.folder / "tables")
        try:
            kept = Checkpoints(store.digest, home=self.home)
            course = resume(store, tables, kept, told.append)
            assert course.items == self.begun
            for item, _ in self.items[self.begun :] if whole else ():
                put(course, store, item)
                if item.kind is ItemKind.TICK:
                    tables.add(course)
            tables.flush()
        finally:
            store.close()
        return told, course


@pytest.fixture(scope="module")
def stopped_once(small_record: Path, tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    return Stopped(small_record, tmp_path_factory.mktemp("stopped"))


@pytest.fixture
def stopped(stopped_once: Stopped, tmp_path: Path) -> Stopped:
    return stopped_once.copied(tmp_path)


def test_a_record_goes_on_behind_its_youngest_checkpoint(
    stopped: Stopped, small_record: Path
) -> None:
    assert len(stopped.paths) == 2  # older ones are gone
    told, course = stopped.go_on(whole=True)
    assert len(told) == 1
    assert told[0].startswith("trying a checkpoint of")
    record = Record(stopped.folder)
    assert list(record.lines()) == stopped.lines
    assert verify(record).ok
    assert replay(record).same
    assert course.items == len(stopped.items)
    mine, whole = (
        read_track_tables(folder / "tables") for folder in (stopped.folder, small_record)
    )
    assert mine is not None
    assert whole is not None
    assert mine.equals(whole)


def other_bytes(stopped: Stopped) -> None:
    for path in stopped.paths:
        data = bytearray(path.read_bytes())
        data[-200] ^= 1
        path.write_bytes(data)


def other_program(stopped: Stopped) -> None:
    for path in stopped.paths:
        rewrite(path, program="0" * 64)


def other_entries(stopped: Stopped) -> None:
    for path in stopped.paths:
        rewrite(path, root="0" * 64)


def writable_by_others(stopped: Stopped) -> None:
    os.chmod(stopped.paths[0].parent, 0o777)


def without_tables(stopped: Stopped) -> None:
    for path in (stopped.folder / "tables").iterdir():
        path.unlink()


def of_another_moment(stopped: Stopped) -> None:
    """A whole state that says of itself what the record says, and is not the one that led to what follows."""
    older, younger = stopped.paths
    stamp, state = msgspec.json.decode(younger.read_bytes().partition(b"\n")[0], type=Stamp), b""
    record = Record(stopped.folder)
    course = course_of(record)
    put_back(course, older.read_bytes().partition(b"\n")[2])
    vars(course).update(items=stamp.items, _raw_from=stamp.items)
    vars(course.frontier).update(size=stamp.entries)
    state = state_of(course)
    older.unlink()
    rewrite(younger, state=checkpoint.sha256(state).hexdigest())
    head = younger.read_bytes().partition(b"\n")[0]
    younger.write_bytes(head + b"\n" + state)


def rewrite(path: Path, **changes: Any) -> None:
    head, _, state = path.read_bytes().partition(b"\n")
    stamp = msgspec.structs.replace(msgspec.json.decode(head, type=Stamp), **changes)
    path.write_bytes(msgspec.json.encode(stamp) + b"\n" + state)


@pytest.mark.parametrize(
    "spoil",
    [
        other_bytes, other_program, other_entries, writable_by_others, without_tables,
        of_another_moment,
    ],
)  # fmt: skip
def test_what_is_no_checkpoint_of_this_record_costs_a_replay_and_nothing_else(
    stopped: Stopped, spoil: Callable[[Stopped], None]
) -> None:
    spoil(stopped)
    told, _ = stopped.go_on()
    assert told[-1] == "replaying the record from its beginning ..."
    lines = list(Record(stopped.folder).lines())
    assert lines == stopped.lines[: len(lines)]
    tables = read_track_tables(stopped.folder / "tables")
    assert isinstance(tables, pa.Table)
    assert tables.num_rows


def test_one_with_nothing_behind_it_is_not_believed_yet(small_record: Path, tmp_path: Path) -> None:
    stopped = Stopped(small_record, tmp_path, ticks=100)
    told, _ = stopped.go_on()
    assert told[1] == "nothing stands behind it yet that could prove it"
    assert len(told) == 3  # the older one has proved itself
    lines = list(Record(stopped.folder).lines())
    assert lines == stopped.lines[: len(lines)]


def test_items_that_were_changed_behind_a_checkpoint_are_found(stopped: Stopped) -> None:
    item, encoded = next(one for one in stopped.items if one[0].kind is ItemKind.CHUNK)
    path = next((stopped.folder / "raw").iterdir())
    data = path.read_bytes()
    at = data.index(encoded, len(MAGIC))
    changed = encode_item(item._replace(payload=item.payload[:-1] + b"\xff"))
    path.write_bytes(data[:at] + changed + data[at + len(encoded) :])
    store = RecordStore(stopped.folder)
    told: list[str] = []
    with pytest.raises(RecordError):
        resume(store, None, Checkpoints(store.digest, home=stopped.home), told.append)
    store.close()
    assert any("are not those that the ledger attests" in word for word in told)


def test_a_state_that_cannot_be_written_is_told_once_and_stops_nothing(
    stopped: Stopped, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    record = Record(stopped.folder)
    course = course_of(record)
    course.open()
    going_on(course, stopped.items[: ticks_of(stopped.items)[9]])
    vars(course.pipeline)["_plan_routes"] = lambda: None
    kept = Checkpoints(record.digest, home=stopped.home / "new", every_ticks=0, told=told.append)
    assert kept.due(course)
    shutil.rmtree(stopped.folder / "tables")

    class Durable:
        committed = course.frontier.size, ""

    store: Any = Durable()
    kept.keep(course, store, TrackTables(None))
    assert len(told) == 1
    assert "will wait for all of it" in told[0]
    assert not kept.due(course)


def test_a_watch_says_from_when_on_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoint, "EVERY_TICKS", 20)
    monkeypatch.setenv("VEDETTE_HOME", str(tmp_path / "home"))
    folder = tmp_path / "record"
    args = [f"sim:{SMALL}", "--record", str(folder), "--until-end", "--tick", "4"]
    first = CliRunner().invoke(watch, args)
    assert first.exit_code == 0, first.output
    again = CliRunner().invoke(watch, args)
    assert "trying a checkpoint of 2025-09-19T0" in again.output
    whole = CliRunner().invoke(watch, [*args, "--from-beginning"])
    assert "checkpoint" not in whole.output
    assert "replaying the record from its beginning" in whole.output
    assert replay(Record(folder)).same
