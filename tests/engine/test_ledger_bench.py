"""``vedette bench ledger``: a small record is written, verified and replayed to the same lines."""

from pathlib import Path

from vedette.bench.ledger import _replaying, _writing


def test_a_small_record_is_written_verified_and_replayed(tmp_path: Path) -> None:
    rows = [*_writing(tmp_path / "entries", 300), *_replaying(tmp_path / "watch", 5, 3, 1)]
    assert [row.unit for row in rows] == [
        "entries/s", "MB/s", "x real time", "MB/s", "x real time",
    ]  # fmt: skip
    assert all(row.value > 0.0 for row in rows)
    assert "300 entries and 0 items" in rows[1].note
    assert "33 items" in rows[3].note  # 30 chunks, two ticks and the end
