"""Time stamps of a receiver as one running time, whatever its counter does.

A Beast counts 12 MHz ticks since it was switched on; a Radarcape in GPS mode gives the second of the day
(18 bits) and nanoseconds (30 bits). Sources: jetvision's descriptions of both.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.model.kernel import bare_kernel, kernel
from vedette.model.time import DAY_NS, SECOND_NS

Integers = NDArray[np.int64]

# Stamps that are no time: none, and those that mlat and UAT programs put on positions of their own
NO_STAMP: Final = 0
MLAT_STAMP: Final = 0xFF00_4D4C_4154  # "MLAT"
UAT_STAMP: Final = 0xFF00_4D4C_4155
BACK_NS: Final = SECOND_NS  # several antennas in one stream stay within this of each other
GAP_NS: Final = 60 * SECOND_NS  # a longer silence is believed once a second stamp bears it out
HOLD_NS: Final = 60 * SECOND_NS  # over which the least delay is sought
SETTLING_NS: Final = 300_000_000  # of listening before the kind of counter can be told
SPAN_MAX_NS: Final = 5 * SECOND_NS  # longer than a chunk of a live stream is, read as ticks
TICKS_IN_GPS: Final = 0.012  # what a 12 MHz counter does in a nanosecond
STARTED, NEWEST, SHIFT, PENDING, HAS_PENDING, RESTARTS = range(6)


@bare_kernel
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
    of counter shows within a third of a second: the two run at rates 83 times apart.
    """

    def __init__(self) -> None:
        self._clock = StampClock()
        self._settled = False
        self._first: tuple[int, int] | None = None  # when received, its newest stamp
        self._restarts = 0
        self._base_ns: int | None = None  # from elapsed to running time
        self._bucket: int | None = None
        self._least_ns: int | None = None  # received - elapsed, in this bucket
        self._before_ns: int | None = None  # ... and in the one before

    def dates(self, stamps: Integers, received_ns: int) -> tuple[Integers, Integers]:
        """Two times of each message of a chunk [ns].

        Args:
            stamps: (n,) as received.
            received_ns: when the chunk was.

        Returns:
            (n,) on a scale that runs exactly as the counter does, for how far messages are apart; and (n,)
            UTC, none later than ``received_ns``, whose tie to the counter is improved from chunk to chunk.
        """
        timed = (stamps != NO_STAMP) & (stamps < MLAT_STAMP)
        if not timed.any():
            received = np.full(len(stamps), received_ns, np.int64)
            return received, received
        self._settle(stamps[timed], received_ns)
        elapsed_ns = self._clock.elapsed_ns(stamps)
        newest_ns = int(elapsed_ns[timed].max())
        if self._clock.restarts != self._restarts:
            self._restarts = self._clock.restarts
            self._untie()
        delay_ns = received_ns - newest_ns
        if self._base_ns is None:
            self._base_ns = delay_ns
        bucket = received_ns // HOLD_NS
        if self._bucket is None or bucket != self._bucket:
            follows = self._bucket is not None and bucket - self._bucket == 1
            self._before_ns = self._least_ns if follows else None
            self._least_ns, self._bucket = None, bucket
        self._least_ns = delay_ns if self._least_ns is None else min(self._least_ns, delay_ns)
        least_ns = self._least_ns
        if self._before_ns is not None:
            least_ns = min(least_ns, self._before_ns)
        doubtful = not self._settled and int(np.ptp(elapsed_ns[timed])) > SPAN_MAX_NS
        oldest_ns = received_ns - (SECOND_NS if doubtful else HOLD_NS)
        valid_ns = np.clip(elapsed_ns + least_ns, oldest_ns, received_ns)
        running_ns = elapsed_ns + self._base_ns
        if not timed.all():
            running_ns[~timed] = valid_ns[~timed] = received_ns
        return running_ns, valid_ns

    def _untie(self) -> None:
        self._base_ns = self._bucket = self._least_ns = self._before_ns = None

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
        rate = (newest - self._first[1]) / waited_ns
        self._settled = True
        if 0.2 < rate < 5.0:
            self._clock, self._restarts = StampClock(gps=True), 0
            self._untie()
        elif not 0.2 < rate / TICKS_IN_GPS < 5.0:  # a pause, a restart: look again from here
            self._settled, self._first = False, (received_ns, newest)
