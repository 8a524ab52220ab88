"""One second of plots through association, update and birth, on any number of cores."""

import itertools
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._fuse import run_plots
from vedette.fusion._index import (
    LEAST_VAR,
    REGION_M,
    divide_component,
    find_components,
    list_chain,
    list_owners,
    mark_regions,
    survey,
)
from vedette.fusion.index import NOWHERE, Index, Indexes
from vedette.fusion.memory import NOTHING_KEPT, Kept, Memory
from vedette.fusion.order import WINDOW_MS, Sites
from vedette.fusion.settings import FusionSettings
from vedette.fusion.sites import Parameters
from vedette.model.columns import Floats, Integers
from vedette.model.pages import LINE, spacious

FIRST_ROWS: Final = 256
PLOTS_PER_ROUND: Final = 3_000  # of a component that is cut
PER_CORE: Final = 500  # plots or tracks; fewer are done before a second thread has begun
CANDIDATES_PER_BIRTH: Final = 64
CROWD: Final = 2  # tracks beyond doubt near a plot, from which on all others compete for it as well
NO_CROWD: Final = 1 << 60
REGIONS: Final = 1 << 14  # marks of regions
BANDS: Final = 12  # of variances of plots, each twice the one before
FEW: Final = 16  # a part of the plots in so many may be less certain than usual
WORTH: Final = 4.0  # times the usual variance, from which on two indexes are quicker than one


class Bench:
    """Working arrays of one worker, grown as they are needed."""

    def __init__(self) -> None:
        self.tracks = self.plots = self.pairs = 0
        self.arrays: tuple[Any, ...] = ()

    def sized(self, tracks: int, plots: int, pairs: int) -> tuple[Any, ...]:
        """Arrays for so many tracks, plots and pairs at once, in the order of the kernels' arguments."""
        if tracks > self.tracks or plots > self.plots or pairs > self.pairs:
            self.tracks = max(tracks, self.tracks)
            # what has grown once grows again: with some room more the arrays are seldom made anew
            self.plots = max(plots + plots // 2, self.plots)
            self.pairs = max(pairs + pairs // 2, self.pairs)
            self.arrays = (
                spacious((self.tracks, c.LOCALS), np.int64),
                spacious((3, self.pairs), np.int64),
                spacious((self.pairs, c.EDGE_FLOATS)),
                spacious((self.tracks, c.ROW, c.LANES)),
                spacious((self.tracks,)),
                spacious((self.tracks,), np.int64),
                spacious((self.plots,)),
                spacious((self.plots,), np.int64),
                spacious((2 * self.tracks,), np.int64),
                spacious((self.tracks,)),
                spacious((c.WORK, c.LANES)),
            )
        return self.arrays


class Workshop:
    """Working arrays, kept from tick to tick to spare their allocation, and the threads."""

    def __init__(self) -> None:
        self.room: dict[str, Any] = {}
        self.lent: dict[str, Any] = {}
        self.benches: list[Bench] = [Bench()]
        self.pool: ThreadPoolExecutor | None = None
        self.others = 0  # threads of the pool
        self.indexes = Indexes()

    def __getstate__(self) -> Indexes:
        """What the next step needs of it; arrays to work in and threads are made anew."""
        return self.indexes

    def __setstate__(self, state: Indexes) -> None:
        self.__init__()  # type: ignore[misc]
        self.indexes = state

    def lend(self, name: str, shape: tuple[int, ...], kind: Any) -> Any:
        """An array of any content, whose memory serves again under the same name."""
        size = math.prod(shape)
        if self.lent.get(name) is None or len(self.lent[name]) < size:
            fresh = spacious((size + size // 4 + LINE,), kind)
            skip = -fresh.ctypes.data % LINE // fresh.itemsize
            self.lent[name] = fresh[skip:]
        return self.lent[name][:size].reshape(shape)

    def side_by_side(self, work: Callable[[int], None], cores: int) -> None:
        """Let ``work`` be done for each of the cores at once."""
        if cores == 1:
            work(0)
            return
        if self.pool is None or self.others < cores - 1:  # the first work may be for few
            if self.pool is not None:
                self.pool.shutdown(wait=False)
            self.pool, self.others = ThreadPoolExecutor(cores - 1), cores - 1
        others = [self.pool.submit(work, k) for k in range(1, cores)]
        work(0)
        for future in others:
            future.result()

    def in_parts(self, work: Callable[[int, slice], None], count: int, cores: int) -> None:
        """Let each core do its part of ``count`` plots or tracks, unless they are too few."""
        cores = cores if count >= PER_CORE * cores else 1
        self.side_by_side(
            lambda k: work(k, slice(k * count // cores, (k + 1) * count // cores)), cores
        )

    def lanes(self, k: int) -> tuple[Any, Any]:
        """Working arrays of one core: the lanes of a track, and what is made of them."""
        return (
            self.lend(f"lanes {k}", (c.ROW, c.LANES), np.float64),
            self.lend(f"lane work {k}", (c.WORK, c.LANES), np.float64),
        )

    def sized(self, rows: int, nodes: int) -> dict[str, Any]:
        """Working arrays of the whole picture: of at least these many tracks and nodes of the hash."""
        room = self.room
        if room.get("rows", 0) < rows:
            room.update(
                rows=rows,
                view=spacious((rows, c.ROW)),
                twins=spacious((rows, 2), np.int64),
                marks=spacious((rows, 2), np.int64),
                joined=spacious((2 * rows,), np.int64),
                firsts=spacious((rows,), np.int64),
                lasts=spacious((rows,), np.int64),
                starts=spacious((rows,), np.int64),
                sizes=spacious((rows,), np.int64),
                head=spacious((1 << max(10, (2 * rows).bit_length()),), np.int64),
            )
            room["marks"][:] = -1
        if len(room.get("nodes", ())) < nodes:
            room["nodes"] = spacious((nodes, c.NODE_FLOATS))
        return room


class _Window(NamedTuple):
    """Plots of one second: arrays about them, and where they begin in the tick's plots."""

    begin: int
    bounds: Integers  # of all batches of the tick
    start: int  # first batch
    mine: Integers
    links: Integers
    cells: Index


def fuse_window(
    memory: Memory, kept: Kept, shop: Workshop, bounds: Integers, start: int, stop: int, second: int,
    newest_ns: int, plots: Floats, ints: Integers, sites: Sites, p: Parameters,
    settings: FusionSettings, *, keep: bool,
) -> Integers:  # fmt: skip
    """One second of plots: what tracks may own, component by component; then what is left begins tracks.

    ``keep`` says that other steps in the same second follow, which then need not enter every track again.

    Returns the rows of the tracks that have begun. What may change of others is kept before.
    """
    m = memory
    begin, end = int(bounds[start]), int(bounds[stop])
    count = end - begin
    # births cannot be more than the plots, so there is room for all before the window begins
    limit = settings.tracks_max
    if int(m.counters[c.C_FREE]) < count and m.rows < limit:
        rows = max(FIRST_ROWS, m.rows)
        while rows < m.rows - int(m.counters[c.C_FREE]) + count:
            rows *= 2
        m.reserve(min(rows, limit), len(sites.floats))
    cells = shop.lend("cells", (count,), np.int64)
    bands = shop.lend("bands", (BANDS,), np.int64)
    sigma = min(float(np.sqrt(survey(plots[begin:end], ints[begin:end], cells, bands))), 4_000.0)
    window_ns = WINDOW_MS * 1_000_000
    regions = NOWHERE
    reach_m = settings.gate_max_m
    if not keep and 4 * count < int(m.counters[c.C_HIGH]) and 2.0 * reach_m <= REGION_M:
        regions = shop.lend("regions", (REGIONS,), np.int64)
        mark_regions(begin, end, plots, reach_m, regions)
    index = shop.indexes.of(
        m, p, second, window_ns, sigma, _usual_var(bands, sigma), keep=keep, regions=regions,
        in_parts=shop.in_parts,
    )  # fmt: skip
    w = _Window(
        begin, bounds, start, shop.lend("mine", (count,), np.int64),
        shop.lend("links", (count, c.LINKS), np.int64), index,
    )  # fmt: skip
    by_cell = np.argsort(cells)
    w.links[:, c.N_ASKED] = 0
    room = shop.sized(m.rows, m.rows + 1_024)
    for head, wide, crowd in ((index.head, False, CROWD), (index.weak, True, NO_CROWD)):
        if wide:  # those that no track beyond doubt has claimed, and that have not been asked of the others
            w.links[:, c.N_COUNT] = 0
            left = (plots[begin:end, c.CLAIM] < 0.5) & (w.links[:, c.N_ASKED] == 0)
            by_cell = by_cell[left[by_cell]]

        def own(
            first: int, last: int, used: int, stop: int, near: Any, asked: Integers = by_cell,
            head: Integers = head, wide: bool = wide, crowd: int = crowd,
        ) -> int:  # fmt: skip
            return list_owners(
                begin, first, last, asked, sigma * sigma, math.inf if wide else index.usual_var, newest_ns,
                p.g, m.ints, plots, ints, head, wide, index.weak, index.far, crowd, index.nodes, w.links,
                room["candidates"], used, stop, *near,
            )  # fmt: skip

        parts = _list(m, shop, len(by_cell), own, settings)
        candidates = room["candidates"]
        found = find_components(
            bounds, start, stop, int(m.counters[c.C_HIGH]), w.links, candidates, room["joined"],
            room["starts"], room["firsts"], room["lasts"], room["sizes"],
        )  # fmt: skip
        used = sum(part.stop - part.start for part in parts)
        _run(m, kept, shop, w, found, used, plots, ints, sites, p, settings)
    left = int((plots[begin:end, c.CLAIM] < 0.5).sum())
    if left == 0:
        return NOWHERE
    room = shop.sized(m.rows, 27 * left)  # what newborns may touch
    pairs = max(CANDIDATES_PER_BIRTH * left, 4_096)
    if len(candidates) < pairs:
        candidates = room["candidates"] = spacious((pairs,), np.int64)
    stamp, free = int(m.counters[c.C_STAMP]), int(m.counters[c.C_FREE])
    m.counters[c.C_STAMP] = run_plots(
        True, start, stop, stamp, bounds, start, NOWHERE, sigma * sigma, newest_ns, m.floats, m.ints,
        m.states, m.sights, m.chances, m.circles, m.free, m.counters, plots, ints, sites.floats, p.motions,
        p.lanes, m.origin_ns, p.g, room["head"], room["nodes"], room["lasts"], w.mine, w.links,
        candidates[:pairs],  # no more, though there may be: what does not fit is not asked
        room["marks"], *NOTHING_KEPT, *shop.benches[0].sized(m.rows, count, pairs),
    )  # fmt: skip
    born = m.free[int(m.counters[c.C_FREE]) : free].copy()
    shop.indexes.born.append(born)
    return born


def _usual_var(bands: Integers, sigma_m: float) -> float:
    """A variance above which few plots of a window are, infinite where the least certain are not far above it.

    How far a track has to be looked for depends on the least certain plot. Where a few are so by far (of a primary
    radar, of persons), all tracks would be entered in many more cells for their sake.
    """
    few = int(bands.sum()) // FEW
    band = int(np.searchsorted(np.cumsum(bands), bands.sum() - few))
    usual = LEAST_VAR * 2.0**band if band < len(bands) - 1 else math.inf
    return usual if WORTH * usual <= sigma_m * sigma_m else math.inf


def _list(
    m: Memory, shop: Workshop, count: int, own: Callable[[int, int, int, int, Any], int],
    settings: FusionSettings,
) -> list[slice]:  # fmt: skip
    """Let each core list the tracks that may own its part of the plots, in its part of the candidates.

    Returns where in the candidates they are; there is more room for them once it has been too little.
    """
    cores = settings.cores if count >= PER_CORE * settings.cores else 1
    shop.room.setdefault("candidates", np.zeros(4_096, np.int64))
    while True:
        room = len(shop.room["candidates"]) // cores
        ends = [0] * cores

        def part(k: int, room: int = room, ends: list[int] = ends) -> None:
            near = shop.lend(f"near {k}", (3, m.rows), np.int64)
            first, last = k * count // cores, (k + 1) * count // cores
            ends[k] = own(first, last, k * room, (k + 1) * room, near)

        shop.side_by_side(part, cores)
        wanted = max(end - k * room for k, end in enumerate(ends))
        if wanted <= room:
            return [slice(k * room, end) for k, end in enumerate(ends)]
        shop.room["candidates"] = spacious((2 * wanted * cores,), np.int64)


def _run(
    m: Memory, kept: Kept, shop: Workshop, w: _Window, found: int, used: int, plots: Floats, ints: Integers,
    sites: Sites, p: Parameters, settings: FusionSettings,
) -> None:  # fmt: skip
    """Components of a window over the cores: what is at work at once shares nothing; no bit depends on it."""
    room = shop.room
    stamp, count = int(m.counters[c.C_STAMP]), len(w.mine)
    m.counters[c.C_STAMP] = stamp + count + 1
    if not found:
        return
    cores = settings.cores if count >= PER_CORE * settings.cores else 1
    whole = Shares(room["starts"][:found], room["sizes"][:found], [0, found])
    rounds = _share(shop, w, whole, plots, cores) if cores > 1 else [whole]
    while len(shop.benches) < cores:
        shop.benches.append(Bench())
    begun = 0
    for shares in rounds:
        done = np.concatenate(([0], np.cumsum(shares.sizes))) + begun
        begun = int(done[-1])
        # a sight is copied for each pair at most; the last share runs after the others, on the first core
        base = kept.pairs_count
        kept.grow(base + (cores + 1 if cores > 1 else 1) * used)
        copies = [(base + k * used, base + k * used) for k in range(cores + 1)]

        def part(
            k: int,
            shares: Shares = shares,
            done: Integers = done,
            copies: list[tuple[int, int]] = copies,
        ) -> None:
            first, last = shares.cuts[k], shares.cuts[k + 1]
            if first >= last:
                return
            before, counts = int(done[first]), kept.counts[k % cores]
            counts[c.K_SIGHTS] = copies[k][0]
            run_plots(
                False, first, last, stamp + before, w.bounds, w.start, shares.starts, 0.0, 0, m.floats,
                m.ints, m.states, m.sights, m.chances, w.cells.circles, m.free, m.counters, plots, ints,
                sites.floats, p.motions, p.lanes, m.origin_ns, p.g, room["head"], room["nodes"],
                room["lasts"], w.mine[before : int(done[last])], w.links, room["candidates"], room["marks"],
                *kept.shelf(k % cores), *kept.book(),
                *shop.benches[k % cores].sized(m.rows, count, used + 1),
            )  # fmt: skip
            copies[k] = copies[k][0], int(counts[c.K_SIGHTS])

        shop.side_by_side(part, cores)
        if cores > 1:
            part(cores)
        kept.gather(copies)


class Shares(NamedTuple):
    """Components by who runs them: of worker k those from ``cuts[k]`` to ``cuts[k + 1]``."""

    starts: Integers
    sizes: Integers
    cuts: list[int]


def _share(shop: Workshop, w: _Window, whole: Shares, plots: Floats, cores: int) -> list[Shares]:
    """Components over the cores in rounds; in each a last share runs after the others.

    In a full sky the gates of neighbours touch, so that one component spans the picture. It is cut in time and
    then in space: what waits at the border makes more wait, the further the longer a round is.
    """
    total = int(whole.sizes.sum())
    large = whole.sizes * 2 * cores > total
    rounds = [_spread(whole.starts[~large], whole.sizes[~large], cores)] if not large.all() else []
    chain = shop.lend("chain", (total,), np.int64)
    for start in whole.starts[large].tolist():
        own = chain[: list_chain(start, w.begin, w.links, chain)]
        places = plots[own, c.PX : c.PX + 3]
        axis = int(np.argmax(places.max(axis=0) - places.min(axis=0)))
        along = np.sort(places[:, axis])
        edges = along[[k * len(own) // cores for k in range(1, cores)]]
        batches = w.links[own - w.begin, c.N_BATCH]
        number = max(1, len(own) // PLOTS_PER_ROUND)
        wanted = batches[[k * len(own) // number for k in range(1, number)]]
        inner = np.unique(np.searchsorted(batches, wanted)).tolist()
        for first, last in itertools.pairwise([0, *inner, len(own)]):
            if first == last:
                continue
            starts, sizes = np.zeros(cores + 1, np.int64), np.zeros(cores + 1, np.int64)
            divide_component(
                own[first:last], w.begin, axis, edges, w.cells.circles, w.links, shop.room["candidates"],
                shop.room["lasts"], shop.lend("parts", (last - first,), np.int64), starts, sizes,
            )  # fmt: skip
            cuts = [0, *np.cumsum(sizes > 0).tolist()]
            rounds.append(Shares(starts[sizes > 0], sizes[sizes > 0], cuts))
    return rounds


def _spread(starts: Integers, sizes: Integers, cores: int) -> Shares:
    """Components over the cores, about as many plots each; nothing has to wait."""
    done = np.cumsum(sizes)
    inner = np.searchsorted(done, np.arange(1, cores) * int(done[-1]) / cores).tolist()
    return Shares(starts, sizes, [0, *inner, len(sizes), len(sizes)])
