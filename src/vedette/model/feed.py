"""How a feed stands: silence must not look like calm."""

from typing import Literal

import msgspec

FeedState = Literal["waiting", "alive", "dead", "ended"]


class FeedStatus(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One feed at one instant, as shown on the page and kept in the record."""

    feed_id: str
    url: str
    state: FeedState
    heard_ns: int | None  # when its last bytes came
    chunks: int
    size_bytes: int
    plots: int
    unplaced: int  # plots of radars without a site: counted and listed, never drawn
    faults: int
    counts: dict[str, int]  # messages by category and sensor: "048 25/10"
    clock_offset_s: float | None = None  # median of received - valid: its clock quality
    clock_sigma_s: float | None = None
    reconnects: int = 0
    lost: int = 0  # datagrams that came while our queue or the system's socket was full
    lost_ns: int | None = None  # when that was told last
