"""Records that a crash or a hand has damaged: mended where nothing is lost, refused where something is."""

import shutil
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from small_world import SMALL, record_small

from vedette.app.commands.ledger import group as ledger
from vedette.app.session import beginning
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.opening import resume
from vedette.engine.record import Record, RecordStore, node_key, write_item
from vedette.engine.verification import replay, verify
from vedette.feeds.reports import redact
from vedette.ledger.entries import decode_entry, encode_entry, kind_of
from vedette.ledger.head import sign_head
from vedette.ledger.merkle import leaf_hashes, root_of
from vedette.ledger.raw_log import MAGIC, Item, ItemKind, encode_item
from vedette.model.errors import RecordError
from vedette.model.report import Sighting, Subject
from vedette.sim.scenario import Variation


@pytest.fixture
def record(small_record: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "record"
    shutil.copytree(small_record, folder)
    return folder


def test_a_segment_that_a_crash_left_empty_is_begun_again(tmp_path: Path) -> None:
    plan = plan_of(world_of_file(SMALL, Variation()), mode="demo")
    folder = tmp_path / "record"
    _, store, _ = beginning(plan, folder)()
    assert store is not None
    store.close()
    segment = next((folder / "raw").iterdir())
    assert segment.read_bytes().startswith(MAGIC)
    segment.write_bytes(b"")
    store = RecordStore(folder)
    item = Item(ItemKind.TICK, 0, 1, b"")
    write_item(store, item)
    store.close()
    assert [kept for kept, _ in Record(folder).items()] == [item]


def test_a_record_whose_end_was_cut_is_not_continued(record: Path) -> None:
    entries = record / "ledger" / "entries.jsonl"
    lines = entries.read_bytes().splitlines(keepends=True)
    entries.write_bytes(b"".join(lines[:-4]))
    assert not verify(Record(record)).ok
    store = RecordStore(record)
    with pytest.raises(RecordError, match="cannot be continued"):
        resume(store)
    store.close()


def test_items_behind_the_attested_end_are_found(record: Path) -> None:
    forged = encode_item(Item(ItemKind.TICK, 0, 2**62, b""))
    (record / "raw" / "000002.raw").write_bytes(MAGIC + forged)
    found = verify(Record(record))
    assert not found.ok
    assert "behind the end" in found.problems[0]


@pytest.mark.parametrize("change", [{"to": -1}, {"to": 10**30}, {"from": 10**30}, {"from": -1}])
def test_a_signed_ledger_with_impossible_numbers_is_not_ok_and_raises_nothing(
    record: Path, change: dict[str, int]
) -> None:
    lines = list(Record(record).lines())
    at = min(k for k, line in enumerate(lines) if kind_of(line) == "raw")
    entry = decode_entry(lines[at])
    lines[at] = encode_entry(msgspec.structs.replace(entry, body=entry.body | change))
    (record / "ledger" / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    head = sign_head(len(lines), root_of(leaf_hashes(lines)), node_key())
    (record / "ledger" / "head.json").write_bytes(head)
    assert not verify(Record(record)).ok


def test_a_signed_ledger_that_leaves_items_out_is_found(record: Path) -> None:
    lines = list(Record(record).lines())
    at = max(k for k, line in enumerate(lines) if kind_of(line) == "raw")
    entry = decode_entry(lines[at])
    first, last = int(str(entry.body["from"])), int(str(entry.body["to"]))
    lines[at] = encode_entry(
        msgspec.structs.replace(entry, body=entry.body | {"from": first + 1, "to": last + 1})
    )
    (record / "ledger" / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    head = sign_head(len(lines), root_of(leaf_hashes(lines)), node_key())
    (record / "ledger" / "head.json").write_bytes(head)
    found = verify(Record(record))
    assert found.problems == (f"no digest in the ledger attests raw items {first} to {first + 1}",)


@pytest.mark.parametrize(
    "item",
    [
        Item(ItemKind.ACT, 0, 0, b"{}"),
        Item(ItemKind.SEALED, 0, 0, b"\xff"),
        Item(ItemKind.LINK, 7, 0, b'{"event":"ended"}'),
        Item(ItemKind.CHUNK, 9, 0, b"x"),
    ],
)
def test_an_item_that_is_none_of_ours_is_named(record: Path, item: Item) -> None:
    raw = record / "raw" / "000001.raw"
    raw.write_bytes(MAGIC + encode_item(item))
    with pytest.raises(RecordError, match="item 0 of the input log"):
        replay(Record(record))


def test_a_continued_record_keeps_its_track_tables(tmp_path: Path) -> None:
    record_small(tmp_path / "record")
    before = sorted(path.name for path in (tmp_path / "record" / "tables").iterdir())
    assert before
    record_small(tmp_path / "record")  # all of it is there already
    after = sorted(path.name for path in (tmp_path / "record" / "tables").iterdir())
    assert after[: len(before)] == before
    assert verify(Record(tmp_path / "record")).ok


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000,
        b"\xff\xfe",
        b'{"type":"sighting","reporter":"Mari","confidence":2}',
        b"Mari says",
    ],
)
def test_a_report_that_cannot_be_read_is_sealed_whole(line: bytes) -> None:
    found = redact(line)
    assert found is not None
    assert b"Mari" not in found[0]


def test_a_sighting_keeps_all_but_its_reporter() -> None:
    sighting = Sighting(subject=Subject(), seen="a balloon", reporter="Mari", valid_ns=1)
    found = redact(msgspec.json.encode(sighting))
    assert found is not None
    assert found[1] == "Mari"
    kept = msgspec.json.decode(found[0], type=Sighting)
    assert kept == msgspec.structs.replace(sighting, reporter="sealed")


def test_a_description_with_a_changed_byte_is_refused_in_one_clear_line(record: Path) -> None:
    path = record / "record.json"
    good = path.read_bytes()
    for at in (4, len(good) // 2, len(good) - 3):
        path.write_bytes(good[:at] + b"\x85" + good[at + 1 :])  # no UTF-8
        with pytest.raises(RecordError, match="not readable"):
            Record(record)


def test_what_was_not_counted_is_not_said_to_be_none(record: Path) -> None:
    entries = record / "ledger" / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b'"', b"'", 1))
    assert verify(Record(record)).raw_items is None
    said = CliRunner().invoke(ledger, ["verify", str(record)])
    assert said.exit_code == 1
    assert "raw items not counted\n" in said.stdout
