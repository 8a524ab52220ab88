"""Time stamps of a receiver as one running time, whatever its counter does.

A Beast counts 12 MHz ticks since it was switched on; a Radarcape in GPS mode gives the second of the day
(18 bits) and nanoseconds (30 bits). Sources: jetvision's descriptions of both.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.model.kernel import kernel
from vedette.model.time import DAY_NS, SECOND_NS

Integers = NDArray[np.int64]

# Stamps that are no time: none, and those that mlat and UAT programs put on positions of their own
NO_STAMP: Final = 0
MLAT_STAMP: Final = 0xFF00_4D4C_4154  # "MLAT"
UAT_STAMP: Final = 0xFF00_4D4C_4155
BACK_NS: Final = SECOND_NS  # several antennas in one stream stay within this of each other
GAP_NS: Final = 60 * SECOND_NS  # a longer silence is believed once a second stamp bears it out
HOLD_NS: Final = 60 * SECOND_NS  # over which the least delay is sought
SETTLING_NS: Final = 2 * SECOND_NS  # of listening before the kind of counter is known
STARTED, NEWEST, SHIFT, PENDING, HAS_PENDING, RESTARTS = range(6)


@kernel
def _stamp_ns(stamp: int, gps: bool) -> int:
    if gps:
        return (stamp >> 30) * 1_000_000_000 + (stamp & 0x3FFFFFFF)
    return stamp * 250 // 3


@kernel
def _elapse(stamps: Integers, gps: bool, state: Integers, out: Integers) -> None:
    for i in range(stamps.shape[0]):
        if stamps[i] in (NO_STAMP, MLAT_STAMP, UAT_STAMP):
            out[i] = state[NEWEST] + state[SHIFT]
            continue
        at_ns = _stamp_ns(stamps[i], gps)
        if not state[STARTED]:
            state[STARTED], state[NEWEST], state[SHIFT] = 1, at_ns, -at_ns
        ahead_ns = at_ns - state[NEWEST]
        if gps and ahead_ns < GAP_NS - DAY_NS:  # midnight
            state[SHIFT] += DAY_NS
            state[NEWEST] -= DAY_NS
            ahead_ns += DAY_NS
        if -BACK_NS <= ahead_ns <= GAP_NS:
            state[NEWEST] = max(state[NEWEST], at_ns)
            state[HAS_PENDING] = 0
        elif not (
            state[HAS_PENDING] and -BACK_NS <= at_ns - state[PENDING] <= GAP_NS
        ):  # one odd stamp moves nothing
            state[PENDING], state[HAS_PENDING] = at_ns, 1
            out[i] = state[NEWEST] + state[SHIFT]
            continue
        else:
            if not 0 < ahead_ns <= DAY_NS:  # the receiver was switched on again
                state[SHIFT] -= ahead_ns
                state[RESTARTS] += 1
            state[NEWEST], state[HAS_PENDING] = at_ns, 0
        out[i] = at_ns + state[SHIFT]


def looks_like_gps(stamps: Integers) -> bool:
    """Whether every stamp could be a second of the day and nanoseconds."""
    seconds, fractions = stamps >> 30, stamps & 0x3FFFFFFF
    return bool(np.all((seconds < 86_400) & (fractions < SECOND_NS)))


class StampClock:
    """Turns stamps into nanoseconds since the first one, in the order of the stream.

    A step back of up to a second is taken as it is; a restarted counter goes on from the newest time,
    its pause unknown; a gap of up to a day is kept; a single stamp out of place gets the newest time.
    """

    def __init__(self, *, gps: bool = False) -> None:
        self.gps = gps
        self._state = np.zeros(6, np.int64)

    @property
    def restarts(self) -> int:
        """How often the counter began again."""
        return int(self._state[RESTARTS])

    def elapsed_ns(self, stamps: Integers) -> Integers:
        """(n,) nanoseconds since the first stamp of all, of (n,) stamps."""
        out = np.empty(len(stamps), np.int64)
        _elapse(stamps, self.gps, self._state, out)
        return out


class ReceiverTime:
    """Dates stamps by when their chunks were received.

    The counter says exactly how far messages are apart, the receipt only roughly when: the smallest delay
    of the last one to two minutes ties them together, so that a stalled line does not bend time. The kind
    of counter shows after two seconds; until then no message is held to be older than a second.
    """

    def __init__(self) -> None:
        self._clock = StampClock()
        self._settled = False
        self._first: tuple[int, int] | None = None  # when received, its newest stamp
        self._restarts = 0
        self._bucket: int | None = None
        self._least_ns: int | None = None  # received - elapsed, in this bucket
        self._before_ns: int | None = None  # ... and in the one before

    def valid_ns(self, stamps: Integers, received_ns: int) -> Integers:
        """(n,) times of (n,) messages of a chunk, none later than ``received_ns``."""
        timed = stamps[(stamps != NO_STAMP) & (stamps < MLAT_STAMP)]
        if len(timed) == 0:
            return np.full(len(stamps), received_ns, np.int64)
        self._settle(timed, received_ns)
        elapsed_ns = self._clock.elapsed_ns(stamps)
        if self._clock.restarts != self._restarts:
            self._restarts = self._clock.restarts
            self._bucket = self._least_ns = self._before_ns = None
        delay_ns = received_ns - int(elapsed_ns.max())
        bucket = received_ns // HOLD_NS
        if self._bucket is None or bucket != self._bucket:
            follows = self._bucket is not None and bucket - self._bucket == 1
            self._before_ns = self._least_ns if follows else None
            self._least_ns, self._bucket = None, bucket
        self._least_ns = delay_ns if self._least_ns is None else min(self._least_ns, delay_ns)
        least_ns = self._least_ns
        if self._before_ns is not None:
            least_ns = min(least_ns, self._before_ns)
        oldest_ns = received_ns - (HOLD_NS if self._settled else SECOND_NS)
        return np.clip(elapsed_ns + least_ns, oldest_ns, received_ns)

    def _settle(self, stamps: Integers, received_ns: int) -> None:
        if self._settled:
            return
        if not looks_like_gps(stamps):
            self._settled = True
            return
        newest = int(stamps[-1])
        if self._first is None:
            self._first = (received_ns, newest)
            return
        waited_ns = received_ns - self._first[0]
        if waited_ns < SETTLING_NS:
            return
        self._settled = True
        if 0.5 < (newest - self._first[1]) / waited_ns < 2.0:
            self._clock = StampClock(gps=True)
            self._bucket = self._least_ns = self._before_ns = None
