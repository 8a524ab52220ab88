"""How each feed stands, from what came in and when: part of the run, so that a replay sees the same."""

from statistics import median

import numpy as np

from vedette.engine.settings import FeedSpec
from vedette.feeds.decoder import Decoded
from vedette.model.columns import integers
from vedette.model.feed import FeedState, FeedStatus
from vedette.model.time import SECOND_NS

_OFFSETS = 60  # batches over which the clock offset is taken
NAMES_MAX = (
    2_000  # kinds of message and sensors counted by themselves: anybody may send names without end
)
OTHERS = "others"


class FeedHealth:
    """Counts and clock quality of one feed."""

    def __init__(self, spec: FeedSpec) -> None:
        self.spec = spec
        self.state: FeedState = "waiting"
        self.heard_ns: int | None = None
        self.chunks = self.size_bytes = self.plots = self.unplaced = self.faults = 0
        self.reconnects = self.lost = 0
        self.lost_ns: int | None = None
        self.counts: dict[str, int] = {}
        self._offsets_s: list[float] = []

    def heard(self, instant_ns: int, size_bytes: int, decoded: Decoded | None) -> None:
        """Account for one chunk; ``decoded`` is None where a later chunk brings what both gave."""
        self.heard_ns = instant_ns
        self.chunks += 1
        self.size_bytes += size_bytes
        if decoded is None:
            return
        self.plots += decoded.plots.num_rows
        self.faults += len(decoded.faults)
        for name, count in decoded.counts.items():
            self._count(name, count)
        for name, count in decoded.unplaced.items():
            self.unplaced += count
            self._count(f"unplaced {name}", count)
        if decoded.plots.num_rows:
            delays = integers(decoded.plots, "received_ns", missing=0) - integers(
                decoded.plots, "valid_ns", missing=0
            )
            self._offsets_s.append(float(np.median(delays)) / SECOND_NS)
            del self._offsets_s[:-_OFFSETS]

    def _count(self, name: str, count: int) -> None:
        if name not in self.counts and len(self.counts) >= NAMES_MAX:
            name = OTHERS
        self.counts[name] = self.counts.get(name, 0) + count

    def tick(self, now_ns: int, silent_s: float) -> bool:
        """Move on to ``now_ns``; True when the state changed."""
        before = self.state
        if self.state != "ended":
            if self.heard_ns is None:
                self.state = "waiting"
            elif now_ns - self.heard_ns > silent_s * SECOND_NS:
                self.state = "dead"
            else:
                self.state = "alive"
        return self.state != before

    def lose(self, count: int, instant_ns: int) -> None:
        """Datagrams were lost before anything could read them."""
        self.lost += count
        self.lost_ns = instant_ns

    def link(self, event: str) -> None:
        """A link event: ``ended`` (a recording is over), ``reconnected``."""
        if event == "ended":
            self.state = "ended"
        elif event == "reconnected":
            self.reconnects += 1

    def status(self) -> FeedStatus:
        """As shown and recorded."""
        offset_s = sigma_s = None
        if self._offsets_s:
            offset_s = median(self._offsets_s)
            sigma_s = 1.4826 * median(abs(value - offset_s) for value in self._offsets_s)
        return FeedStatus(
            feed_id=self.spec.feed_id,
            url=self.spec.url,
            state=self.state,
            heard_ns=self.heard_ns,
            chunks=self.chunks,
            size_bytes=self.size_bytes,
            plots=self.plots,
            unplaced=self.unplaced,
            faults=self.faults,
            counts=dict(sorted(self.counts.items())),
            clock_offset_s=offset_s,
            clock_sigma_s=sigma_s,
            reconnects=self.reconnects,
            lost=self.lost,
            lost_ns=self.lost_ns,
        )
