"""How fast a record is written, verified and replayed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import numpy as np

from vedette import __version__
from vedette.bench.page.traffic import EVERY_S, STEP_S, Traffic
from vedette.bench.row import Note, Row
from vedette.engine.bundled import sovereign_digest
from vedette.engine.checkpoint import Checkpoints
from vedette.engine.freed_memory import collecting_when_asked
from vedette.engine.opening import course_of, replayed, resume
from vedette.engine.record import Record, RecordStore, platform_tag
from vedette.engine.run import Run
from vedette.engine.settings import FeedSpec, RunBody
from vedette.engine.track_tables import TrackTables
from vedette.engine.verification import verify
from vedette.ledger.entries import encode_entry
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.entry import Entry
from vedette.model.time import SECOND_NS
from vedette.response.rule_set import shipped_rules

AREA: Final = "ledger"
BATCH: Final = 50_000  # entries of a commit: a watch makes two of these a second
ALONE: Final = "entries alone"  # small ones, which cost more an octet
BEGIN_NS: Final = 1_758_265_000 * SECOND_NS


def run(*, seed: int = 1, quick: bool = False) -> Iterator[Row | Note]:
    """Entries a second, bytes a second verified, and how many times faster than life a record is replayed.

    Args:
        seed: of the traffic.
        quick: 2,000 entries and 50 aircraft for 10 s instead of 200,000 and 5,000 for two minutes.
    """
    with tempfile.TemporaryDirectory(prefix="vedette-ledger-") as folder:
        yield from _writing(Path(folder) / "entries", 2_000 if quick else 200_000)
        aircraft, for_s = (50, 10) if quick else (5_000, 120)
        yield Note(f"ledger: a watch of {aircraft:,} aircraft for {for_s} s ...")
        yield from _replaying(Path(folder) / "watch", aircraft, for_s, seed)


def _body() -> RunBody:
    return RunBody(
        version=__version__,
        created_ns=BEGIN_NS,
        feeds=(FeedSpec(feed_id="receiver", url="sbs+tcp://bench", decoder="sbs"),),
        sovereign_digest=sovereign_digest(),
        rules_digest=shipped_rules().digest,
        platform=platform_tag(),
    )


def _writing(folder: Path, count: int) -> Iterator[Row]:
    """Entries of the size of a crossing, each batch made durable; then all of them verified."""
    store = RecordStore.create(folder, _body(), {})
    first = Entry(kind="record", valid_ns=BEGIN_NS, body={"digest": store.digest})
    entries = [first] + [
        Entry(
            kind="crossing", valid_ns=BEGIN_NS + k * SECOND_NS,
            body={
                "zone_id": "EST", "track_id": f"T{k:012d}", "kind": "entry", "probability": 1.0 / (1 + k % 97),
                "interval_ns": [BEGIN_NS + k, BEGIN_NS + 2 * k], "depth_m": 12.5 * (k % 1_000),
            },
        )
        for k in range(1, count)
    ]  # fmt: skip
    begun_s = perf_counter()
    for at in range(0, count, BATCH):
        for entry in entries[at : at + BATCH]:
            store.append_line(encode_entry(entry))
        store.commit()
    spent_s = perf_counter() - begun_s
    yield Row(
        area=AREA, name="entries made durable", value=count / spent_s, unit="entries/s", target="≥ 2e5",
        note=f"{count:,} in batches of {BATCH:,}, each synced to the disk with a signed head",
    )  # fmt: skip
    yield from _verified(folder, ALONE)


def _verified(folder: Path, what: str) -> Iterator[Row]:
    record = Record(folder)
    octets = record.entries_path.stat().st_size + sum(p.stat().st_size for p in record.segments())
    begun_s = perf_counter()
    found = verify(record)
    spent_s = perf_counter() - begun_s
    assert found.ok, found.problems
    yield Row(
        area=AREA, name=f"verified, {what}", value=octets / spent_s / 1e6, unit="MB/s",
        target="" if what == ALONE else "≥ 200",
        note=f"{octets / 1e6:.1f} MB, {found.entries:,} entries and {found.raw_items:,} items of input",
    )  # fmt: skip


def _items(aircraft: int, for_s: int, seed: int) -> Iterator[Item]:
    """What a receiver hears of circling aircraft, ten times a second, and the ticks."""
    traffic, turns = Traffic(aircraft, seed), round(EVERY_S / STEP_S)
    step_ns = round(STEP_S * SECOND_NS)
    for number in range(for_s * SECOND_NS // step_ns):
        now_ns = BEGIN_NS + number * step_ns
        if number and now_ns % SECOND_NS == 0:
            yield Item(ItemKind.TICK, 0, now_ns, b"")
        lines = traffic.lines(np.arange(number % turns, aircraft, turns), now_ns)
        yield Item(ItemKind.CHUNK, 0, now_ns, lines)


def _replaying(folder: Path, aircraft: int, for_s: int, seed: int) -> Iterator[Row]:
    store = RecordStore.create(folder, _body(), {})
    watched = Run(course_of(store), store)
    for line in watched.course.open():
        store.append_line(line)
    items = list(_items(aircraft, for_s, seed))
    home = folder.with_name("checkpoints")
    kept = Checkpoints(store.digest, home=home, every_ticks=max(1, for_s // 3))
    begun_s, kept_s = perf_counter(), list[float]()
    for item in items:
        watched.put(item)
        if item.kind is ItemKind.TICK:
            watched.commit(force=True)
            if kept.due(watched.course):
                kept_s.append(-perf_counter())
                kept.keep(watched.course, store, TrackTables(None))
                kept_s[-1] += perf_counter()
    watched.control({"event": "ended"}, items[-1].instant_ns)
    watched.commit(force=True)
    lived_s = perf_counter() - begun_s - sum(kept_s)
    what = f"{aircraft:,} aircraft"
    yield Row(
        area=AREA, name=f"watched and recorded, {what}", value=for_s / lived_s, unit="x real time",
        note=f"{watched.course.pipeline.tracks.num_rows} tracks, {for_s} s, a commit each second",
    )  # fmt: skip
    yield from _verified(folder, what)
    store.close()
    if kept_s:
        octets = max(path.stat().st_size for path in home.rglob("*") if path.is_file())
        yield Row(
            area=AREA, name=f"a checkpoint kept, {what}", value=min(kept_s), unit="s",
            note=f"{octets / 1e6:.0f} MB; every 600 ticks in a watch, behind the page's picture",
        )  # fmt: skip
        store, told = RecordStore(folder), list[str]()
        begun_s = perf_counter()
        resume(store, None, Checkpoints(store.digest, home=home), told.append)
        spent_s = perf_counter() - begun_s
        store.close()
        yield Row(
            area=AREA, name=f"continued behind a checkpoint, {what}", value=spent_s, unit="s",
            note=f"{told[-1].removesuffix(' ...')}, of a record of {for_s} s",
        )  # fmt: skip
    record = Record(folder)
    course = course_of(record)
    begun_s, busy_s = perf_counter(), process_time()
    with collecting_when_asked():  # as the command has it
        same = all(
            line == kept
            for line, kept in zip(replayed(record, course), record.lines(), strict=True)
        )
    spent_s, busy_s = perf_counter() - begun_s, process_time() - busy_s
    assert same, "a replay gives the lines of the record"
    yield Row(
        area=AREA, name=f"replayed, {what}", value=for_s / spent_s, unit="x real time", target="≥ 50",
        note=f"every line compared; {1e3 * busy_s / for_s:.0f} ms of processor time for each second",
    )  # fmt: skip
