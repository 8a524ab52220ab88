"""Clocks: the wall's, which live feeds need, and a recording's own."""

import asyncio
import time
from typing import Final

from vedette.model.time import SECOND_NS

# A clock that is further ahead than the system's makes what sensors date too late to be fused (``late_max_s``)
AHEAD_S: Final = 30.0


class WallClock:
    """The system's clock, never going back and never standing still.

    Where the system's clock is set back, this one goes on at half its pace until the other has come up with it:
    the picture stays alive, and what it says of the time comes right by itself.
    """

    def __init__(self, from_ns: int = 0) -> None:
        """Begin; no answer is before ``from_ns``, the last instant of a record that is continued."""
        self._last_ns = from_ns
        self._last_s = time.monotonic()

    def now_ns(self) -> int:
        """Now, as the system says; later than the last answer."""
        passed_s = time.monotonic() - self._last_s
        self._last_s += passed_s
        slow_ns = self._last_ns + round(passed_s / 2.0 * SECOND_NS)
        self._last_ns = max(slow_ns, time.time_ns())
        return self._last_ns

    @property
    def ahead_s(self) -> float:
        """How far it is ahead of the system's clock, which was set back."""
        return max(0.0, (self._last_ns - time.time_ns()) / SECOND_NS)

    async def until(self, instant_ns: int) -> None:
        """Sleeps until the instant."""
        while (ahead_ns := instant_ns - self.now_ns()) > 0:
            await asyncio.sleep(min(ahead_ns / SECOND_NS, 1.0))


class ClockAlarm:
    """Says when a watch's time is too far ahead for its sensors, and when no longer, as events of the record."""

    def __init__(self) -> None:
        self._stands = False

    def tick(self, ahead_s: float) -> dict[str, object] | None:
        """What has changed; None: nothing."""
        if (ahead_s > AHEAD_S) is self._stands:
            return None
        self._stands = not self._stands
        return {"event": "clock", "ahead_s": round(ahead_s)}


class RecordingClock:
    """A recording's time, played at ``speed`` times real time; None plays as fast as it can.

    What lies before ``paced_from_ns`` plays as fast as it can at any speed.
    """

    def __init__(self, start_ns: int, speed: float | None, paced_from_ns: int = 0) -> None:
        self._speed = speed
        self._now_ns = start_ns
        self._paced_from_ns = max(start_ns, paced_from_ns)
        self._began_s: float | None = None  # when it came there

    def now_ns(self) -> int:
        """The instant that the recording has reached."""
        return self._now_ns

    async def until(self, instant_ns: int) -> None:
        """Moves on to the instant, sleeping as the speed asks."""
        if self._speed is not None and instant_ns > self._paced_from_ns:
            if self._began_s is None:
                self._began_s = time.monotonic()
            due_s = self._began_s + (instant_ns - self._paced_from_ns) / SECOND_NS / self._speed
            while (ahead_s := due_s - time.monotonic()) > 0:
                await asyncio.sleep(min(ahead_s, 1.0))
        else:
            await asyncio.sleep(0)
        self._now_ns = max(self._now_ns, instant_ns)
