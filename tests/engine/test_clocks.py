"""A recording's clock: what it sleeps, at which speed, from where on."""

import asyncio

import pytest

from vedette.engine import clocks
from vedette.engine.clocks import ClockAlarm, RecordingClock, WallClock
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


class _Wall(_Time):
    """The system's clock beside it, which people set."""

    def __init__(self) -> None:
        super().__init__()
        self.wall_ns = 1_000 * SECOND_NS

    def time_ns(self) -> int:
        return self.wall_ns

    def pass_s(self, seconds: float) -> None:
        self.now_s += seconds
        self.wall_ns += round(seconds * SECOND_NS)


def test_a_clock_that_is_set_back_neither_goes_back_nor_stands_still(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    system = _Wall()
    monkeypatch.setattr(clocks, "time", system)
    clock = WallClock()
    assert clock.now_ns() == system.wall_ns
    system.pass_s(10.0)
    assert clock.now_ns() == system.wall_ns
    system.wall_ns -= 3_600 * SECOND_NS  # summer time, or a bad time server
    before = clock.now_ns()
    alarm = ClockAlarm()
    assert alarm.tick(clock.ahead_s) == {"event": "clock", "ahead_s": 3_600}
    for _ in range(60):
        system.pass_s(1.0)
        now = clock.now_ns()
        assert before < now <= before + SECOND_NS
        before = now
    assert now - system.wall_ns == (3_600 - 30) * SECOND_NS  # it comes right, at half its pace
    assert alarm.tick(clock.ahead_s) is None  # said once
    system.pass_s(7_200.0)
    assert clock.now_ns() == system.wall_ns
    assert alarm.tick(clock.ahead_s) == {"event": "clock", "ahead_s": 0}
    # the program is started anew meanwhile, on a record that is an hour ahead: it goes on from there
    ahead_ns = system.wall_ns + 3_600 * SECOND_NS
    anew = WallClock(ahead_ns)
    system.pass_s(2.0)
    assert anew.now_ns() == ahead_ns + SECOND_NS
    system.wall_ns += 900 * SECOND_NS  # the machine slept
    assert clock.now_ns() == system.wall_ns
