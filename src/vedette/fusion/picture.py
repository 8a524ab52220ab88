"""The recognised air picture: plots of every sensor in, one table of tracks out, once per tick."""

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.fusion import _layout as c
from vedette.fusion._index import hear_sensors
from vedette.fusion._life import count_misses, find_twins, keep_house, look
from vedette.fusion._place import place_plots
from vedette.fusion.bearings import BEARINGS_MAX, Skies, read_bearings
from vedette.fusion.memory import Kept, Memory
from vedette.fusion.order import WINDOW_MS, Known, Ordered, Sites, complete_table, order_plots
from vedette.fusion.registration import SensorBias
from vedette.fusion.settings import FusionSettings
from vedette.fusion.sites import Parameters, Register, meet_sensors, parameters
from vedette.fusion.track_table import track_ids, track_table
from vedette.fusion.window import FIRST_ROWS, Workshop, fuse_window
from vedette.model.columns import Floats, Integers, integers
from vedette.model.plot import REMOTE_KEYS, no_plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

# turns of an antenna that the assumptions behind the clutter map weigh: of the mean, of a cell
LONG_RANGE_M: Final = 200_000.0
MEAN_TURNS: Final = 2.0
CELL_TURNS: Final = 30.0
YOUNG_TURNS: Final = 5.0
BEGUN_TURNS: Final = 3.0  # memory of how many tracks begin
MISSES_ROOM: Final = 2_000  # tracks whose every sight may change, before there has to be more room


class FusionOutput(NamedTuple):
    """What one step gives."""

    tracks: pa.Table  # TRACK, at now_ns, sorted by track_id: all, or what has changed
    losses: dict[
        str, int
    ]  # plots not used since the last step: late, duplicate, unusable, overflow
    registration: tuple[SensorBias, ...]  # of every radar
    drones: dict[str, int]  # by track_id: the ``remote_key`` of what a track says that it is


class FusionState:
    """The picture between two steps. Opaque: made by ``initial``, changed in place by ``step``."""

    def __init__(self, motions: tuple[int, int, int]) -> None:
        self.lanes = motions
        self.memory = Memory()
        self.before = Kept()
        self.now_ns: int | None = None
        self.before_ns: int | None = None  # the tick before
        self.pending: list[pa.Table] = []
        self.spared: list[pa.Table] = []
        self.reported: dict[str, int] = {}
        self.register = Register()
        self.recent: list[tuple[int, Known]] = []
        self.shop = Workshop()
        self.biases: tuple[SensorBias, ...] = ()
        self.moved = False  # this step has put tracks where no plot has
        self.housed = False  # this step has ended tracks, if any have ended


def initial(settings: FusionSettings) -> FusionState:
    """An empty picture."""
    return FusionState(_lanes(settings))


def _lanes(s: FusionSettings) -> tuple[int, int, int]:
    return len(s.motions), len(s.slow_motions), len(s.birth_motions)


def _fuse(
    state: FusionState, ordered: Ordered, sites: Sites, p: Parameters, settings: FusionSettings,
    passed_s: float,
) -> list[Integers]:  # fmt: skip
    """Run every batch of a tick through association, update and birth, and register its sensors.

    Returns the rows of tracks that have begun.
    """
    memory, count = state.memory, len(ordered.order)
    samples = np.bincount(ordered.names[c.P_SENSOR, ordered.order], minlength=len(sites.floats))
    memory.registration.reserve(len(sites.floats), settings)
    memory.registration.write(sites.floats, samples, memory.heard > c.NEVER, settings)
    false = _false_plots(
        memory, sites, p.g, state.shop.lend("false", memory.clutter.shape, np.float64)
    )
    _expect_new(memory, sites.floats, samples, false.sum(axis=1), passed_s, settings)
    if count == 0:
        return _take_bearings(state, ordered, sites, p, settings)
    plots = state.shop.lend("plots", (count, c.PLOT_FLOATS), np.float64)
    ints = state.shop.lend("plot_ints", (count, c.PLOT_INTEGERS), np.int64)

    def place(_: int, own: slice) -> None:
        place_plots(
            ordered.order[own], ordered.raw, ordered.names, sites.floats, false, p.g, plots[own],
            ints[own],
        )  # fmt: skip

    state.shop.in_parts(place, count, p.cores)
    newest_ns = max(int(memory.heard.max()), int(ints[:, c.P_T].max()))
    # steps so short that others in the same window follow
    keep = state.before_ns is not None and passed_s * 1e3 < WINDOW_MS
    windows = ordered.windows
    edges = np.flatnonzero(np.concatenate(([True], windows[1:] != windows[:-1], [True])))
    born = [
        fuse_window(
            memory, state.before, state.shop, ordered.bounds, start, stop, int(windows[start]),
            newest_ns, plots, ints, sites, p, settings, keep=keep,
        )
        for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
    ]  # fmt: skip
    begun = np.zeros(len(memory.begun), np.int64)
    hear_sensors(plots, ints, memory.heard, begun)
    memory.begun += begun
    referenced = bool((sites.floats[:, c.S_POLAR] == 0.0).any())
    memory.registration.learn(plots, ints, passed_s, referenced, settings)
    return born + _take_bearings(state, ordered, sites, p, settings)


def _take_bearings(
    state: FusionState, ordered: Ordered, sites: Sites, p: Parameters, settings: FusionSettings
) -> list[Integers]:
    """Bearings of a tick, after its places; returns the rows of tracks that have begun."""
    if not len(ordered.bearings):
        return []
    m = state.memory
    rows = ordered.bearings[:BEARINGS_MAX]
    bearings, lost = read_bearings(ordered, rows, state.register, sites)
    ordered.losses["unusable"] += lost
    ordered.losses["overflow"] += len(ordered.bearings) - len(rows)
    if bearings and int(m.counters[c.C_FREE]) < len(bearings) and m.rows < settings.tracks_max:
        m.reserve(min(2 * m.rows + len(bearings), settings.tracks_max), len(sites.floats))
    skies = Skies(m, state.before, state.shop, sites, p, settings, state.now_ns or 0)
    skies.fuse(bearings)
    state.moved = True
    for b in bearings:
        m.heard[b.sensor] = max(int(m.heard[b.sensor]), b.t_ns)
    return skies.born


def _false_plots(memory: Memory, sites: Sites, g: Floats, out: Floats) -> Floats:
    """False plots a turn of each sensor in each cell of its map: (sensors, cells).

    What the cell has shown, held against the sensor's mean over all cells; that mean against what is
    assumed of a sensor of which nothing is known yet. ``out`` is room for it.
    """
    turns = memory.listened_s / sites.floats[:, c.S_PERIOD]
    seen = memory.clutter.sum(axis=1)
    assumed = g[c.G_CLUTTER] * np.minimum(sites.floats[:, c.S_RANGE] / LONG_RANGE_M, 1.0)
    mean = (seen + MEAN_TURNS * assumed) / (turns + MEAN_TURNS)
    cells = memory.clutter.shape[1]
    np.add(memory.clutter, (CELL_TURNS * mean / cells)[:, None], out=out)
    return np.divide(out, (turns + CELL_TURNS)[:, None], out=out)


def _expect_new(
    memory: Memory, sites: Floats, plots: Integers, false: Floats, passed_s: float,
    settings: FusionSettings,
) -> None:  # fmt: skip
    """Expect as many new objects a turn as tracks have begun of late beyond what false plots explain.

    When a sensor is first heard all that flies is new to it: then its plots stand for tracks begun.
    """
    period_s = sites[:, c.S_PERIOD]
    memory.begun *= np.exp(-passed_s / (BEGUN_TURNS * period_s))
    young = memory.listened_s < YOUNG_TURNS * period_s
    first = memory.heard == c.NEVER
    a_turn = memory.begun / BEGUN_TURNS
    rate = plots * period_s / max(passed_s, 1.0)
    # a turn is told by a tick of it only so well: the square root allows for the chance in the count
    a_turn = np.where(first, rate, a_turn)
    sites[:, c.S_YOUNG] = young
    sites[:, c.S_NEW] = np.maximum(
        settings.birth_per_turn, a_turn - 1.5 * false - 3.0 * np.sqrt(false)
    )


def step(
    settings: FusionSettings, state: FusionState, plots: pa.Table, sensors: tuple[Sensor, ...],
    now_ns: int, *, whole: bool = True, spared: pa.Table | None = None,
) -> tuple[FusionState, FusionOutput]:  # fmt: skip
    """Fuse what has arrived since the last step and give the picture at ``now_ns``.

    A step at the same ``now_ns`` as the one before continues it: the tick is computed again from where it
    began with all of its plots, so it does not matter into how many steps they were cut, nor in which
    order they stand in the table.

    Args:
        settings: the same in every step of a picture.
        state: of ``initial`` or the step before; changed in place.
        plots: PLOT rows of any sensors, in any order, up to ``late_max_s`` old.
        sensors: sites. A radar without one is not used; a geographic source needs none.
        now_ns: time of the picture, not before that of the last step.
        whole: give every track; otherwise those that began, learnt, ended or became confirmed in this
            tick, by the same rows: what changes a picture that is kept (``whole_picture`` gives it). What
            only grows old, and begins to coast, is not among them.
        spared: PLOT rows for which there is no time. A track that bears the address of one counts as seen by its
            sensor then, so that nobody takes it for missed; it learns nothing else.

    Returns:
        The state, and the output: one row for each track alive, extrapolated to ``now_ns``, and a last row
        with status "ended" for each that was ended or merged by this tick. The registration is that of the
        first step in its second.

    Raises:
        ValueError: time goes backwards, or the settings have another number of motions than the state.
    """
    if _lanes(settings) != state.lanes:
        raise ValueError("the state was made with other settings")
    if state.now_ns is not None and now_ns < state.now_ns:
        raise ValueError(f"now_ns goes backwards: {now_ns} after {state.now_ns}")
    p = parameters(settings)
    memory = state.memory
    if state.now_ns is None or now_ns > state.now_ns:
        state.before_ns = before_ns = state.now_ns
        ended = state.housed and _release(memory)
        state.shop.indexes.move_on(memory, ended=ended, moved=state.moved)
        memory.move_origin(now_ns)
        if state.now_ns is not None:
            _forget_clutter(memory, min((now_ns - state.now_ns) / SECOND_NS, 1e6), settings)
        memory.keep(state.before, p.cores)
        state.pending, state.spared, state.reported = [], [], {}
        horizon_ns = now_ns - int((2.0 * settings.late_max_s + settings.future_max_s) * SECOND_NS)
        state.recent = _by_second([(t, known) for t, known in state.recent if t >= horizon_ns])
    else:
        memory.restore(state.before)
        state.shop.indexes.begin_again()
        state.recent = [(t, known) for t, known in state.recent if t < now_ns]
        before_ns = state.before_ns
    state.now_ns, state.moved, state.housed = now_ns, False, False
    state.pending.append(complete_table(plots))
    table = pa.concat_tables(state.pending) if len(state.pending) > 1 else state.pending[0]
    if len(state.pending) == 1 and table.num_rows == 0:
        table = no_plots()
    sites = meet_sensors(settings, state.register, table, sensors)
    memory.reserve(max(memory.rows, min(FIRST_ROWS, settings.tracks_max)), len(sites.floats))
    ordered, known = order_plots(
        table,
        sites,
        settings,
        now_ns,
        memory.heard,
        [known for _, known in state.recent],
        state.shop.lend,
        state.shop.in_parts,
    )
    if len(known.keys):
        state.recent.append((now_ns, known))
    memory.counters[c.C_OVERFLOW] = 0
    passed_s = 0.0 if before_ns is None else min((now_ns - before_ns) / SECOND_NS, 1e6)
    born = _fuse(state, ordered, sites, p, settings, passed_s)
    losses = dict(ordered.losses)
    losses["overflow"] += int(memory.counters[c.C_OVERFLOW])
    if spared is not None and spared.num_rows:
        state.spared.append(spared)
    heard_twice = [table.take(pa.array(ordered.copies))] if len(ordered.copies) else []
    for unused in (*state.spared, *heard_twice):
        _see(state, unused)
    again = _tick(state, sites, now_ns, p)
    if whole:
        rows = _in_use(memory)
    else:
        marked = np.zeros(memory.rows, np.bool_)
        for some in (*state.before.changed(memory), *born):
            marked[some] = True
        rows = np.flatnonzero(marked)
        rows = rows[memory.ints[rows, c.STATUS] != c.FREE]
    tracks = _show(state, rows, p, again)
    since = {name: count - state.reported.get(name, 0) for name, count in losses.items()}
    state.reported = losses
    return state, FusionOutput(tracks, since, state.biases, _drones(memory, rows))


def _see(state: FusionState, spared: pa.Table) -> None:
    """Tracks whose addresses are in plots that nobody had time for have been seen by their sensors."""
    m, numbers = state.memory, state.register.numbers
    rows = _in_use(m)
    rows = rows[m.ints[rows, c.ICAO] >= 0]
    rows = rows[np.argsort(m.ints[rows, c.ICAO], kind="stable")]
    own = m.ints[rows, c.ICAO]
    address = integers(spared, "icao24", missing=-1)
    names = spared.column("sensor_id").combine_chunks().dictionary_encode()
    known = np.array([numbers.get(name, -1) for name in names.dictionary.to_pylist()], np.int64)
    sensor = known[names.indices.to_numpy()]
    since_ms = (integers(spared, "valid_ns", missing=0) - m.origin_ns) // 1_000_000
    first, last = (np.searchsorted(own, address, side=side) for side in ("left", "right"))
    # two tracks may claim one address: either has been seen
    counts = np.where(sensor >= 0, last - first, 0)
    of = np.repeat(np.arange(len(address)), counts)
    track = rows[
        np.repeat(first, counts)
        + np.arange(len(of))
        - np.repeat(np.cumsum(counts) - counts, counts)
    ]
    sensor, since_ms = sensor[of], since_ms[of].astype(np.int32)
    kept = state.before
    begin, end = kept.pairs_count, kept.pairs_count + len(of)
    kept.grow(end)
    kept.pairs[begin:end, 0], kept.pairs[begin:end, 1] = track, sensor
    kept.times[begin:end] = m.sights[track, sensor]
    kept.pairs_count = end
    m.save(kept, track)
    m.mark_seen(track, sensor, since_ms)


def _drones(m: Memory, rows: Integers) -> dict[str, int]:
    named = rows[m.ints[rows, c.ICAO] >= REMOTE_KEYS]
    if not len(named):
        return {}
    names = track_ids(m.ints[named, c.KEY]).to_pylist()
    return dict(zip(names, m.ints[named, c.ICAO].tolist(), strict=True))


def whole_picture(settings: FusionSettings, state: FusionState) -> pa.Table:
    """TRACK rows of every track at the time of the last step, sorted by track_id; changes nothing."""
    return _show(state, _in_use(state.memory), parameters(settings))


def _in_use(m: Memory) -> Integers:
    return np.flatnonzero(m.ints[: int(m.counters[c.C_HIGH]), c.STATUS] != c.FREE)


def _look(state: FusionState, rows: Integers, now_ns: int, p: Parameters) -> dict[str, Any]:
    """Where tracks are now; returns the working arrays, of which ``view`` says so."""
    m = state.memory
    room = state.shop.sized(m.rows, m.rows + 1_024)

    def part(k: int, own: slice) -> None:
        look(
            now_ns, rows[own], m.floats, m.ints, m.states, p.motions, p.lanes, p.g, m.circles,
            *state.shop.lanes(k), room["view"],
        )  # fmt: skip

    state.shop.in_parts(part, len(rows), p.cores)
    return room


def _show(
    state: FusionState, rows: Integers, p: Parameters, again: Integers | None = None
) -> pa.Table:
    """The table of these tracks; of all but ``again`` it is known where they are now."""
    now_ns = state.now_ns or 0
    _look(state, rows if again is None else again, now_ns, p)
    return track_table(state.memory, rows, state.shop, state.register.numbers, now_ns, p)


def _by_second(recent: list[tuple[int, Known]]) -> list[tuple[int, Known]]:
    """Plots of earlier ticks, those of one second together: fewer to search for what comes again."""
    if len(recent) < 2 or recent[-1][0] // SECOND_NS != recent[-2][0] // SECOND_NS:
        return recent
    a, b = recent[-2][1], recent[-1][1]
    both = Known(
        np.sort(np.concatenate([a.keys, b.keys]), kind="stable"),  # two that are sorted: merged
        min(a.first_ns, b.first_ns),
        max(a.last_ns, b.last_ns),
    )
    return [*recent[:-2], (recent[-1][0], both)]


def _forget_clutter(memory: Memory, passed_s: float, settings: FusionSettings) -> None:
    """Let the clutter map fade, and count the time for which its sensors have been listened to."""
    fade = np.exp(-passed_s / settings.clutter_memory_s)
    memory.clutter *= fade
    listened = memory.heard > c.NEVER
    gained_s = settings.clutter_memory_s * (1.0 - fade)
    memory.listened_s = np.where(listened, memory.listened_s * fade + gained_s, 0.0)


def _release(memory: Memory) -> bool:
    """Give back the rows of tracks whose end has been told, and shrink the range in use; whether any has."""
    high = int(memory.counters[c.C_HIGH])
    status = memory.ints[:high, c.STATUS]
    ended = np.flatnonzero(status == c.ENDED)
    if len(ended) == 0:
        return False
    status[ended] = c.FREE
    left = int(memory.counters[c.C_FREE])
    memory.free[left : left + len(ended)] = ended[::-1]
    memory.counters[c.C_FREE] = left + len(ended)
    used = np.flatnonzero(status != c.FREE)
    memory.counters[c.C_HIGH] = int(used[-1]) + 1 if len(used) else 0
    return True


def _tick(state: FusionState, sites: Sites, now_ns: int, p: Parameters) -> Integers | None:
    """Once a second: which tracks are confirmed, ended or the same, and what is known of the radars.

    Returns the rows that have to be looked at again after, or None where none has been looked at.
    """
    m = state.memory
    if m.house_s == now_ns // SECOND_NS:
        return None
    m.house_s, state.housed = now_ns // SECOND_NS, True
    high = int(m.counters[c.C_HIGH])
    rows = _in_use(m)
    m.save(state.before, rows)
    room = _look(state, rows, now_ns, p)
    names = [sensor.sensor_id for sensor, _ in state.register.columns]
    state.biases = m.registration.report(names, sites.floats[:, c.S_POLAR] > 0.0)
    kept = state.before
    for first in range(0, high, MISSES_ROOM):
        _count_misses(state, first, min(first + MISSES_ROOM, high), sites, p)
    keep_house(now_ns, high, m.floats, m.ints, m.states, room["view"], m.clutter, p.g)
    twins = room["twins"]
    found = find_twins(
        now_ns, m.origin_ns, high, m.floats, m.ints, m.circles, room["view"], m.sights, sites.floats,
        p.g, room["head"], room["nodes"], state.shop.lanes(0)[1].ravel(), twins,
    )  # fmt: skip
    for younger, elder in twins[:found, :2].tolist():
        if m.ints[younger, c.STATUS] != c.ENDED and m.ints[elder, c.STATUS] != c.ENDED:
            m.save_sights(kept, elder)
            state.moved = True
            _merge(m, room["view"], younger, elder)
            room["view"][elder, c.WEIGHT] = 0.0
    return np.asarray(rows[room["view"][rows, c.WEIGHT] == 0.0])


def _count_misses(state: FusionState, first: int, last: int, sites: Sites, p: Parameters) -> None:
    """What it says of some tracks that sensors have not seen them; the work is shared over the cores."""
    m, kept, view = state.memory, state.before, state.shop.room["view"]
    sensors, base = len(sites.floats), kept.pairs_count
    kept.grow(base + (last - first) * sensors)
    copies: list[tuple[int, int]] = [(0, 0)] * p.cores

    def part(k: int, own: slice) -> None:
        begin = base + own.start * sensors
        end = count_misses(
            first + own.start, first + own.stop, state.now_ns or 0, m.origin_ns, m.floats, m.ints, m.circles,
            view, m.sights, m.chances, m.heard, sites.floats, p.g, kept.pairs, kept.times, begin,
        )  # fmt: skip
        copies[k] = begin, end

    state.shop.in_parts(part, last - first, p.cores)
    kept.gather(copies)


def _merge(m: Memory, view: Floats, younger: int, elder: int) -> None:
    """End a duplicate in favour of its elder, which takes over what the duplicate knew better."""
    i, j = younger, elder
    a, b = m.ints[i], m.ints[j]
    a[c.STATUS], a[c.MERGED] = c.ENDED, b[c.KEY]
    if view[i, 4] + view[i, 11] < view[j, 4] + view[j, 11]:
        for part in (slice(c.AX, c.PRESSURE), slice(c.MEAN, c.MEAN + 5)):
            m.floats[j, part] = m.floats[i, part]
        m.floats[j, c.HEIGHT_VAR] = m.floats[i, c.HEIGHT_VAR]
        m.circles[j] = m.circles[i]
        m.states[j], view[j] = m.states[i], view[i]
        b[c.T], b[c.COUPLED], b[c.GROUP] = a[c.T], a[c.COUPLED], a[c.GROUP]
    m.floats[j, c.R] = max(m.floats[i, c.R], m.floats[j, c.R])
    if a[c.UPDATED] > b[c.UPDATED]:
        m.floats[j, c.PACE], b[c.PACE_SENSOR] = m.floats[i, c.PACE], a[c.PACE_SENSOR]
    b[c.UPDATED] = max(a[c.UPDATED], b[c.UPDATED])
    b[c.UPDATES] += a[c.UPDATES]
    b[c.ADDRESSED] += a[c.ADDRESSED]
    b[c.KINDS] |= a[c.KINDS]
    b[c.SEERS : c.SEERS + c.SEER_WORDS] |= a[c.SEERS : c.SEERS + c.SEER_WORDS]
    newer = a[c.COOPERATIVE] > b[c.COOPERATIVE]
    for column in range(c.ICAO, c.ICAO + c.IDENTITY):
        missing = 0 if column in (c.CALLSIGN, c.CATEGORY, c.MILITARY) else -1
        if a[column] != missing and (newer or b[column] == missing):
            b[column] = a[column]
            if column == c.HINT:
                m.floats[j, c.HINT_CONFIDENCE] = m.floats[i, c.HINT_CONFIDENCE]
    b[c.COOPERATIVE] = max(a[c.COOPERATIVE], b[c.COOPERATIVE])
    for at, column in ((c.PRESSURE, c.PRESSURE_T), (c.GEOMETRIC, c.GEOMETRIC_T)):
        if a[column] > b[column]:
            m.floats[j, at : at + 5] = m.floats[i, at : at + 5]
            b[column] = a[column]
    for times in (m.hit, m.due, m.detection):
        np.maximum(times[i], times[j], out=times[j])
