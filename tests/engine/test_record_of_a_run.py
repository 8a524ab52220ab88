"""A record verifies, replays and continues; whatever is changed in it is found."""

import random
import shutil
import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from small_world import record_small

from vedette.app.views import incidents_of_record
from vedette.engine import pipeline
from vedette.engine.record import Record
from vedette.engine.settings import with_setting
from vedette.engine.track_tables import read_track_rows
from vedette.engine.verification import replay, verify
from vedette.fusion import window
from vedette.ledger.head import read_head
from vedette.ledger.seal import unseal_field
from vedette.model.errors import RecordError
from vedette.model.incident import Incident


@pytest.fixture
def record(small_record: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "record"
    shutil.copytree(small_record, folder)
    return folder


def test_a_record_verifies_and_its_raw_bytes_are_attested(record: Path) -> None:
    found = verify(Record(record))
    assert found.ok, found.problems
    assert found.raw_items == sum(1 for _ in Record(record).items())
    assert found.raw_items > 100


def test_an_incident_tells_the_height_of_its_track_by_both_datums(small_record: Path) -> None:
    kept, compared = Record(small_record), 0
    for entry in kept.entries(("incident",)):
        one = msgspec.convert(entry.body, Incident)
        rows = read_track_rows(small_record / "tables", one.track_id, one.valid_ns)
        assert rows is not None
        for row in rows.to_pylist():
            if (row["latitude_deg"], row["longitude_deg"]) == (one.latitude_deg, one.longitude_deg):
                compared += 1
                for name in ("pressure_altitude_m", "height_hae_m", "height_sigma_m"):
                    assert getattr(one, name) == row[name]
    assert compared > 3
    told = [one["position"] for one in incidents_of_record(kept)]
    assert any(place["height_hae_m"] is not None for place in told)
    for place in told:
        assert (place["height_hae_m"] is None) == (place["height_sigma_m"] is None)


def test_any_changed_byte_of_the_ledger_is_found(record: Path) -> None:
    chance = random.Random(7)
    for path in sorted((record / "ledger").iterdir()):
        original = path.read_bytes()
        places = (
            range(len(original))
            if len(original) < 1000
            else chance.sample(range(len(original)), 60)
        )
        for place in places:
            changed = bytearray(original)
            changed[place] ^= 1 << chance.randrange(8)
            path.write_bytes(bytes(changed))
            try:
                assert not verify(Record(record)).ok, f"{path.name} byte {place}"
            finally:
                path.write_bytes(original)
    assert verify(Record(record)).ok


def test_changed_raw_bytes_and_settings_are_found(record: Path) -> None:
    raw = next((record / "raw").iterdir())
    original = raw.read_bytes()
    for place in (40, len(original) // 2, len(original) - 6):
        changed = bytearray(original)
        changed[place] ^= 4
        raw.write_bytes(bytes(changed))
        assert not verify(Record(record)).ok
    raw.write_bytes(original)
    path = record / "record.json"
    text = path.read_text()
    path.write_text(text.replace('"SIMULATED', '"REAL', 1))
    assert not verify(Record(record)).ok


def test_a_cut_end_is_seen_against_a_head_kept_elsewhere(record: Path, small_record: Path) -> None:
    head = read_head((small_record / "ledger" / "head.json").read_bytes())
    shorter = head.size - 3
    lines = (record / "ledger" / "entries.jsonl").read_bytes().splitlines(keepends=True)
    (record / "ledger" / "entries.jsonl").write_bytes(b"".join(lines[:shorter]))
    assert not verify(Record(record)).ok
    assert not verify(Record(record), [head]).ok
    assert verify(Record(small_record), [head]).ok


def test_a_replay_gives_the_same_digest_and_other_settings_another(record: Path) -> None:
    kept = Record(record)
    found = replay(kept)
    assert found.same, found.first_difference
    for name, value in (("fusion.datum_sigma_m", "200"), ("fusion.coast_periods", "3")):
        changed = replay(kept, with_setting(kept.body, name, value))
        assert not changed.same
        assert changed.digest != found.digest


def test_a_replay_on_other_cores_is_the_same(record: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    used: set[int] = set()

    class Bench(window.Bench):
        def sized(self, tracks: int, plots: int, pairs: int) -> tuple[Any, ...]:
            used.add(threading.get_ident())
            return super().sized(tracks, plots, pairs)

    monkeypatch.setattr(window, "Bench", Bench)
    monkeypatch.setattr(window, "PER_CORE", 1)
    monkeypatch.setattr(pipeline, "shared_cores", lambda: 3)
    found = replay(Record(record))
    assert found.same, found.first_difference
    assert len(used) > 1


def test_two_runs_of_one_seed_are_one_and_another_seed_is_another(tmp_path: Path) -> None:
    # keys that seal a person are random, so what they sealed differs; what was seen does not
    seen = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        record_small(tmp_path / name, seed)
        kept = Record(tmp_path / name)
        seen.append([entry for entry in kept.entries() if entry.kind not in ("raw", "report")])
    assert len(seen[0]) > 20
    assert seen[0] == seen[1]
    assert seen[0] != seen[2]


def test_a_reporter_is_sealed_everywhere_and_gone_with_the_key(record: Path) -> None:
    for path in record.rglob("*"):
        if path.is_file():
            assert b"Maasikas" not in path.read_bytes(), path
    kept = Record(record)
    (entry,) = [entry for entry in kept.entries(("report",)) if entry.sealed]
    assert entry.sealed is not None
    key = kept.key_of(entry.sealed["key"])
    assert key is not None
    assert b"Maasikas" in (unseal_field(entry.sealed, key) or b"")
    (record / "keys" / f"{entry.sealed['key']}.key").unlink()
    assert verify(kept).ok
    assert replay(kept).same


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    with pytest.raises(RecordError, match="not empty"):
        record_small(tmp_path)
