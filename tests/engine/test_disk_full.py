"""A record whose disk is full: it says so, takes nothing more, and goes on when there is room."""

import asyncio
import errno
import os
from pathlib import Path
from typing import Any

import pytest
from small_world import record_small

from vedette.app.session import beginning
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine.record import Record, RecordStore
from vedette.engine.run import Run
from vedette.engine.verification import replay, verify
from vedette.ledger.raw_log import Item, ItemKind, encode_item
from vedette.model.act import Act
from vedette.model.errors import RecordError
from vedette.sim.scenario import Variation

SMALL = Path(__file__).parents[1] / "sim" / "small.yaml"


def full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_run_on_a_full_disk_ends_with_words_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "record"
    real, calls = os.fsync, 0

    def fsync(handle: int) -> None:
        nonlocal calls
        calls += 1
        full(handle) if calls > 12 else real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        with pytest.raises(RecordError, match=r"No space left .* make room"):
            record_small(folder)
    course = record_small(folder)
    record = Record(folder)
    assert verify(record).ok
    assert replay(record).same
    assert course.frontier.root().hex() == verify(record).tree_head


def test_nothing_is_taken_after_a_write_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(world_of_file(SMALL, Variation()), mode="demo")
    _, store, _ = beginning(plan, tmp_path / "r")()
    assert isinstance(store, RecordStore)
    item = encode_item(Item(ItemKind.TICK, 0, plan.created_ns, b""))
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(RecordError, match="cannot be written"):
            store.commit()
    for write in (store.commit, lambda: store.append_item(item), lambda: store.key_for("A")):
        with pytest.raises(RecordError, match="cannot be written"):
            write()
    store.close()  # what was told once is not told again


def test_who_spoke_while_the_disk_was_full_is_told_that_it_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(world_of_file(SMALL, Variation()), mode="demo")
    course, store, _ = beginning(plan, tmp_path / "r")()
    run = Run(course, store)
    act = Act(
        act_id="a", kind="remark", person="Ann", office="watch", valid_ns=0, incident_id="i", words="x"
    )  # fmt: skip

    async def speak() -> Any:
        waiting = asyncio.ensure_future(run.act(act))
        await asyncio.sleep(0)
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(RecordError):
            await run._tick(plan.created_ns + 1, lambda: None)
        return await waiting

    assert "this was not recorded" in asyncio.run(speak())
