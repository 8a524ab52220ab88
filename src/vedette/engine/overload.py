"""When more comes than can be fused in time: how many plots a tick may have, and which it does without.

A tick that takes longer than a tick brings more plots to the next one, which takes longer still, until a picture
comes once a minute. So a watch that falls behind fuses fewer plots. Which they are depends on nothing but the
plots and the limit, and the limit is an item of the input log: a replay sheds the same.
"""

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.fusion.order import stir
from vedette.model.columns import Flags, Integers, integers

LIMIT: Final = "limit"  # the control event that says how many plots a tick may fuse
OVERLOAD: Final = "overload: plots not fused"  # what is lost by it
LEAST: Final = 5_000  # plots of a tick, however slow the machine
BUSY: Final = 0.85  # share of a tick beyond which the limit is lowered
IDLE: Final = 0.7  # below which it is raised; what it is lowered to
_RAISE: Final = 1.2  # a share of 0.7 stays below 0.85 so
_ADDRESSED: Final = pa.array(["mode_s", "ads_b", "mlat"])  # kinds whose address names the object
# radars and receivers: who sends too much
_FAST: Final = pa.array(["psr", "ssr", "mode_s", "ads_b", "mlat"])
_DISTRESS: Final = (0o7500, 0o7600, 0o7700)


class Load:
    """Follows how long ticks take, and sets the limit."""

    def __init__(self, tick_s: float, limit: int | None = None) -> None:
        self._tick_s = tick_s
        self.limit = limit  # None: all that comes

    def ticked(self, heard: int, fused: int, spent_s: float) -> None:
        """Take in a tick.

        Args:
            heard: plots that came.
            fused: those of them that were used.
            spent_s: what the tick took, by the wall clock: whoever waits for the picture waits by it.
        """
        share = spent_s / self._tick_s
        if share > BUSY and fused > LEAST:
            self.limit = max(LEAST, int(fused * IDLE / share))
        elif share < IDLE and self.limit is not None:
            raised = int(self.limit * _RAISE)
            self.limit = None if raised > 2 * heard else raised


def spare(plots: pa.Table, limit: int | None, now_ns: int) -> tuple[pa.Table, pa.Table]:
    """The plots to fuse, at most ``limit``, and the others, both in their order.

    First comes what is in distress, and what is no radar's or receiver's; where the others have no room, at most
    half of all, since anybody may call distress a thousand times, and nothing would be seen behind it. Of the
    rest half is for plots without an address, since who does not answer may be whom one looks for; then comes the
    newest plot of each address, then what is left. Where not all of a kind have room, chance decides, another one
    at each tick.
    """
    if limit is None or plots.num_rows <= limit:
        return plots, plots.slice(0, 0)
    address = integers(plots, "icao24", missing=-1)
    at_ns = integers(plots, "valid_ns", missing=0)
    addressed = _is_in(plots, "kind", _ADDRESSED) & (address >= 0)
    plain = _is_in(plots, "kind", _FAST)
    plain &= ~np.isin(integers(plots, "mode3a", missing=-1), _DISTRESS)
    for column in ("emergency", "military_reply"):
        plain &= pc.is_null(plots.column(column)).to_numpy()
    order = np.lexsort((at_ns, address))
    newest = np.zeros(len(address), np.bool_)
    newest[order[np.append(address[order][1:] != address[order][:-1], True)]] = True
    draw = stir(
        stir(at_ns.view(np.uint64)) ^ address.view(np.uint64) ^ stir(np.array([now_ns], np.uint64))
    )
    nameless, named = plain & ~addressed, plain & addressed
    first = named & newest
    urgent = max(limit - int(plain.sum()), (limit + 1) // 2)
    rest = limit - min(urgent, int((~plain).sum()))
    half = max(rest // 2, rest - int(first.sum()))  # more, where the newest plots leave room
    used, left = np.zeros(len(address), np.bool_), limit
    for kind, most in (
        (~plain, urgent),
        (nameless, half),
        (first, limit),
        (named & ~newest, limit),
    ):
        took = _some(kind, min(most, left), draw)
        used[took] = True
        left -= len(took)
    return plots.filter(pa.array(used)), plots.filter(pa.array(~used))


def _is_in(plots: pa.Table, column: str, values: pa.Array) -> Flags:
    return np.asarray(pc.is_in(plots.column(column), value_set=values), dtype=np.bool_)


def _some(which: Flags, count: int, draw: np.ndarray) -> Integers:
    """``count`` of the marked rows, those with the lowest draws."""
    rows = np.flatnonzero(which)
    if len(rows) <= count:
        return rows
    return np.asarray(rows[np.argpartition(draw[rows], count)[:count]])
