"""Killed at any moment, a run goes on: what was acknowledged is there, and the end is the same."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_world import SMALL

from vedette.engine.record import Record
from vedette.engine.verification import verify
from vedette.ledger.merkle import Frontier, leaf_hash

MOMENTS = int(os.environ.get("VEDETTE_KILLS", "4"))


def watch(record: Path, acks: Path, speed: str) -> subprocess.Popen[bytes]:
    command = [
        sys.executable, "-m", "vedette", "watch", f"sim:{SMALL}", "--until-end", "--speed", speed,
        "--record", str(record), "--acks", str(acks),
    ]  # fmt: skip
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def lines_of(acks: Path) -> list[str]:
    return acks.read_text().splitlines() if acks.exists() else []


def kill_after(record: Path, acks: Path, count: int) -> None:
    """Start, wait until ``count`` more commits were acknowledged, and kill without warning."""
    before = len(lines_of(acks))
    process = watch(record, acks, "60")
    while len(lines_of(acks)) < before + count and process.poll() is None:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.stderr is not None
    process.stderr.close()


def roots(record: Record) -> dict[int, str]:
    frontier = Frontier()
    found = {0: frontier.root().hex()}
    for line in record.lines():
        frontier.append(leaf_hash(line))
        found[frontier.size] = frontier.root().hex()
    return found


def test_nothing_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    record, acks = tmp_path / "record", tmp_path / "acks"
    chance = random.Random(11)
    for _ in range(MOMENTS):
        kill_after(record, acks, chance.randrange(1, 5))
    end = watch(record, acks, "max")
    _, talk = end.communicate()
    assert end.returncode == 0, talk.decode()
    kept = Record(record)
    assert verify(kept).ok
    have = roots(kept)
    acknowledged = [line.split() for line in lines_of(acks)]
    assert len(acknowledged) > MOMENTS
    for size, root, _ in acknowledged:
        assert have[int(size)] == root
    items = sum(1 for _ in kept.items())
    assert items >= int(acknowledged[-1][2])


def test_a_terminated_run_ends_its_session_in_the_record(tmp_path: Path) -> None:
    record, acks = tmp_path / "record", tmp_path / "acks"
    process = watch(record, acks, "20")
    while not lines_of(acks) and process.poll() is None:
        pass
    process.send_signal(signal.SIGTERM)
    _, talk = process.communicate()
    assert process.returncode == 0, talk.decode()
    sessions = [entry.body["event"] for entry in Record(record).entries(("session",))]
    assert sessions == ["began", "ended"]
    assert verify(Record(record)).ok


def test_a_record_is_written_by_one_process(tmp_path: Path) -> None:
    record, acks = tmp_path / "record", tmp_path / "acks"
    first = watch(record, acks, "20")
    while not lines_of(acks) and first.poll() is None:
        pass
    second = watch(record, tmp_path / "other", "max")
    _, talk = second.communicate()
    first.send_signal(signal.SIGTERM)
    first.communicate()
    assert second.returncode == 3
    assert b"being written by another process" in talk


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
