"""Each law of chaos can fail: the engine is broken on purpose, and that must be found."""

import itertools
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from vedette.engine import pipeline as engine
from vedette.engine.feed_health import FeedHealth
from vedette.engine.pipeline import Pipeline
from vedette.sim.chaos.disk import Room, _Narrow
from vedette.sim.chaos.run import run_seed
from vedette.sim.chaos.world import SMALL
from vedette.sim.law import BrokenLawError


def broken_law(first: int = 1, last: int = 12) -> str:
    """The first law that these seeds break, now that something was done to the engine."""
    for seed in range(first, last + 1):
        try:
            run_seed(seed, SMALL)
        except BrokenLawError as error:
            return str(error)
    return ""


def test_a_fault_that_is_not_written_down_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pipeline, "_quarantine", lambda *_: None)
    assert "is in the ledger" in broken_law()


def test_a_dead_feed_that_looks_alive_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = FeedHealth.tick

    def tick(self: FeedHealth, now_ns: int, silent_s: float) -> bool:
        return real(self, now_ns, 10 * silent_s)

    monkeypatch.setattr(FeedHealth, "tick", tick)
    assert "is shown as dead" in broken_law()


def test_bytes_that_a_feed_loses_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Pipeline._take_chunk

    def take(self: Pipeline, item: Any, raw_ref: int) -> None:
        if raw_ref % 50:
            real(self, item, raw_ref)

    monkeypatch.setattr(Pipeline, "_take_chunk", take)
    assert "is accounted for" in broken_law()


def test_messages_that_a_decoder_swallows_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def heard(self: FeedHealth, instant_ns: int, size_bytes: int, decoded: Any) -> None:
        if decoded is not None:
            decoded.counts = {}
        was(self, instant_ns, size_bytes, decoded)

    was = FeedHealth.heard
    monkeypatch.setattr(FeedHealth, "heard", heard)
    assert "every whole message" in broken_law()


def test_a_loss_that_is_kept_quiet_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Pipeline._note

    def note(self: Pipeline, kind: str, valid_ns: int, body: Any) -> None:
        if kind != "loss" or "by_reason" in body:
            real(self, kind, valid_ns, body)  # type: ignore[arg-type]

    monkeypatch.setattr(Pipeline, "_note", note)
    assert "is in the ledger" in broken_law(1, 30)


def test_a_number_that_is_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = Pipeline.tick

    def tick(self: Pipeline, now_ns: int) -> Any:
        entries = real(self, now_ns)
        if self.tracks.num_rows:
            index = self.tracks.schema.get_field_index("east_mps")
            speeds = self.tracks.column("east_mps").to_numpy().copy()
            speeds[0] = np.nan
            field = self.tracks.schema.field(index)
            self.tracks = self.tracks.set_column(index, field, pa.array(speeds))
        return entries

    monkeypatch.setattr(Pipeline, "tick", tick)
    assert "finite numbers" in broken_law()


def test_a_question_about_a_civil_flight_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = engine.response.step

    def step(*given: Any) -> Any:
        state, advised = real(*given)
        return state, [msgspec.structs.replace(one, force_question="admissible") for one in advised]

    monkeypatch.setattr(engine.response, "step", step)
    monkeypatch.setattr(engine.response, "without_question", lambda advice, _: advice)
    assert "is not asked about" in broken_law()


def test_a_civil_flight_in_a_force_row_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    real = engine.response.step

    def step(*given: Any) -> Any:
        state, advised = real(*given)
        return state, [
            msgspec.structs.replace(
                one,
                proposals=tuple(
                    msgspec.structs.replace(proposal, rule="R15") for proposal in one.proposals
                ),
            )
            for one in advised
        ]

    monkeypatch.setattr(engine.response, "step", step)
    assert "force row" in broken_law()


def test_chance_in_the_engine_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    number = itertools.count()
    monkeypatch.setattr(engine, "digest_of", lambda _: {"tracks": next(number)})
    assert "same digest" in broken_law()


def test_a_disk_that_is_full_in_silence_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(self: _Narrow, data: bytes) -> int:
        self._file.write(data[: self._room.take(len(data))])
        return len(data)

    monkeypatch.setattr(_Narrow, "write", write)
    assert broken_law(1, 30)


def test_a_disk_has_the_room_that_it_has() -> None:
    room = Room(10)
    assert [room.take(6), room.take(6), room.take(6)] == [6, 4, 0]
    assert Room(None).take(6) == 6
