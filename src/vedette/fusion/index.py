"""The spatial index of a window of time, and how it serves several steps.

Steps of a sector come many times a second. To enter all tracks anew in each would cost more than the tracking, so
an index that one step has made serves the next steps in its second: what has begun since is entered, what has
ended is taken out, and what has learnt stays where it was entered, as it does within one long step.

A step may be computed again with more plots. It must find the index as it was, so a step never writes in the one
that it found: it makes another beside it, and which of the two is kept is settled when time moves on.
"""

import math
from typing import Any, Final

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._index import enter_tracks, forget_tracks, measure_tracks
from vedette.fusion.memory import Memory
from vedette.fusion.order import InParts
from vedette.fusion.sites import Parameters
from vedette.model.columns import Floats, Integers
from vedette.model.pages import spacious
from vedette.model.time import SECOND_NS

NOWHERE: Final = np.zeros(0, np.int64)
SIGMA_ROOM: Final = 1.25  # a later step of the window may have plots that are less certain
NODES_PER_ROW: Final = 16


class Index:
    """Tracks by the cells of the Earth in which plots of one window may be theirs."""

    def __init__(self) -> None:
        self.window: int | None = None  # that it serves; None: none
        self.sigma_m = 0.0  # of the least certain plot for which it holds
        self.whole = False  # all tracks are in it
        self.count = 0  # nodes in use
        self.head: Integers = NOWHERE  # of tracks beyond doubt
        self.weak: Integers = NOWHERE  # of all others
        # where a few plots are far less certain than most: a variance that most do not exceed, and those beyond
        # doubt once more, for the few
        self.usual_var = math.inf
        self.far: Integers = NOWHERE
        self.nodes: Floats = np.zeros((0, c.NODE_FLOATS))
        self.circles: Floats = np.zeros((0, c.CIRCLE_FLOATS))

    def __getstate__(self) -> dict[str, Any]:
        """Only the nodes in use; nothing of what serves no window."""
        if self.window is None:
            return vars(Index())
        return vars(self) | {"nodes": self.nodes[: self.count]}

    def build(
        self, m: Memory, p: Parameters, window: int, window_ns: int, sigma_m: float, usual_var: float,
        regions: Integers, in_parts: InParts,
    ) -> None:  # fmt: skip
        """Enter every track, or those in the marked regions alone."""
        self.window, self.sigma_m, self.whole = window, sigma_m, len(regions) == 0
        self.usual_var = usual_var
        size = 1 << max(10, (2 * m.rows).bit_length())
        if len(self.head) < size:
            self.head, self.weak, self.far = (spacious((size,), np.int64) for _ in range(3))
        self._make_room(m, NODES_PER_ROW * m.rows + 1_024)
        rows = np.arange(int(m.counters[c.C_HIGH]))
        self.circles[:, c.RADIUS] = 0.0
        parts = self._measure(m, p, rows, window_ns, regions, in_parts)
        while True:
            self.count = 0
            self.head[:] = self.weak[:] = self.far[:] = -1
            wanted = self._enter(p, rows, parts, self.nodes)
            if wanted <= len(self.nodes):
                self.count = wanted
                return
            self._make_room(m, wanted)

    def _make_room(self, m: Memory, nodes: int) -> None:
        if len(self.nodes) < nodes:
            more = spacious((nodes + nodes // 4, c.NODE_FLOATS))
            more[: self.count] = self.nodes[: self.count]
            self.nodes = more
        if len(self.circles) < m.rows:
            circles = spacious((m.rows, c.CIRCLE_FLOATS))
            circles[: len(self.circles)] = self.circles
            self.circles = circles

    def _measure(
        self, m: Memory, p: Parameters, rows: Integers, window_ns: int, regions: Integers, in_parts: InParts
    ) -> Integers:  # fmt: skip
        middle_ns = (self.window or 0) * window_ns + window_ns // 2
        parts = np.empty(len(rows), np.int64)

        def part(_: int, own: slice) -> None:
            measure_tracks(
                rows[own], middle_ns, 0.5 * window_ns / SECOND_NS, self.sigma_m, m.floats, m.ints, m.states,
                p.motions, p.g, self.circles, regions, parts[own],
            )  # fmt: skip

        in_parts(part, len(rows), p.cores)
        return parts

    def _enter(self, p: Parameters, rows: Integers, parts: Integers, nodes: Floats) -> int:
        return enter_tracks(
            rows, parts, self.circles, p.g[c.G_CELL], math.sqrt(p.g[c.G_GATE]), p.g[c.G_GATE_MAX],
            self.usual_var, self.head, self.weak, self.far, nodes, self.count,
        )  # fmt: skip

    def enter(
        self, m: Memory, p: Parameters, rows: Integers, window_ns: int, in_parts: InParts
    ) -> None:
        """Enter tracks that have begun since, but for those that are in it already."""
        self._make_room(m, 0)
        rows = rows[self.circles[rows, c.RADIUS] == 0.0]
        parts = self._measure(m, p, rows, window_ns, NOWHERE, in_parts)
        # without nodes they are counted alone
        self._make_room(m, self._enter(p, rows, parts, self.nodes[:0]))
        self.count = self._enter(p, rows, parts, self.nodes)

    def forget(self, m: Memory) -> None:
        """Take out the tracks that have ended, before others begin in their rows."""
        forget_tracks(m.ints, self.circles, self.nodes, self.count)


class Indexes:
    """The index that earlier steps have left, and the one that this step has made."""

    def __init__(self) -> None:
        self.kept, self.made = Index(), Index()
        self.born: list[Integers] = []  # rows of tracks that have begun in this step
        self.waiting: list[Integers] = []  # and in steps before, not in the kept one yet

    def begin_again(self) -> None:
        """The step is computed anew: what it has made so far is not so."""
        self.made.window = None
        self.born = []

    def move_on(self, m: Memory, *, ended: bool, moved: bool) -> None:
        """The step is done. ``ended``: tracks have; ``moved``: tracks are where no plot has put them."""
        made, kept = self.made.window, self.kept.window
        # late plots are of an older window; the next step's are not
        if made is not None and (kept is None or made >= kept):
            self.kept, self.made = self.made, self.kept
            self.waiting = []
        self.made.window = None
        if moved or not self.kept.whole:
            self.kept.window = None
        if self.kept.window is not None:
            self.waiting += self.born
            if ended:
                self.kept.forget(m)
        self.born = []

    def of(
        self, m: Memory, p: Parameters, window: int, window_ns: int, sigma_m: float, usual_var: float, *,
        keep: bool, regions: Integers, in_parts: InParts,
    ) -> Index:  # fmt: skip
        """The index for plots of a window, none less certain than ``sigma_m``.

        Args:
            m: the picture.
            p: parameters of the filter.
            window: number of the window, of ``window_ns`` each.
            window_ns: its length.
            sigma_m: of its least certain plot [m].
            usual_var: a variance that most of them do not exceed [m²], infinite where that is no gain.
            keep: a step is so short that others in the window follow.
            regions: where its plots are; for an index that is not kept.
            in_parts: shares work over the cores.
        """
        kept = self.kept
        if keep and kept.window == window and kept.sigma_m >= sigma_m:
            if self.waiting:
                rows = np.concatenate(self.waiting)
                self.waiting = []
                kept.enter(m, p, rows, window_ns, in_parts)
            return kept
        sigma_m = SIGMA_ROOM * sigma_m if keep else sigma_m
        regions = NOWHERE if keep else regions
        self.made.build(m, p, window, window_ns, sigma_m, usual_var, regions, in_parts)
        return self.made
