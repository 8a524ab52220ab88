"""A recording's clock: what it sleeps, at which speed, from where on."""

import asyncio

import pytest

from vedette.engine import clocks
from vedette.engine.clocks import RecordingClock
from vedette.model.time import SECOND_NS


class _Time:
    """A monotonic clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def stopwatch(monkeypatch: pytest.MonkeyPatch) -> _Time:
    held = _Time()

    async def sleep(seconds: float) -> None:
        held.now_s += seconds

    monkeypatch.setattr(clocks, "time", held)
    monkeypatch.setattr(clocks.asyncio, "sleep", sleep)
    return held


@pytest.mark.parametrize(
    ("speed", "paced_from_s", "taken_s"),
    [(None, 0, 0.0), (20.0, 0, 5.0), (20.0, 60, 2.0), (20.0, 100, 0.0), (0.5, 98, 4.0)],
)
def test_a_recording_sleeps_only_where_it_is_paced(
    stopwatch: _Time, speed: float | None, paced_from_s: int, taken_s: float
) -> None:
    begin_ns = 1_000 * SECOND_NS
    clock = RecordingClock(begin_ns, speed, begin_ns + paced_from_s * SECOND_NS)

    async def play() -> None:
        for second in range(1, 101):
            await clock.until(begin_ns + second * SECOND_NS)
            assert clock.now_ns() == begin_ns + second * SECOND_NS

    asyncio.run(play())
    assert stopwatch.now_s == pytest.approx(taken_s, abs=1e-6)
