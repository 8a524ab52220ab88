"""The recognised air picture: plots of every sensor in, one table of tracks out, once per tick."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.fusion import _layout as c
from vedette.fusion._fuse import begin_tracks, run_components
from vedette.fusion._index import find_components, index_tracks
from vedette.fusion._life import count_misses, find_twins, keep_house, look
from vedette.fusion._place import place_plots
from vedette.fusion.order import (
    POLAR_KINDS,
    PRIMARY_KINDS,
    WINDOW_MS,
    Ordered,
    Sites,
    Words,
    complete_table,
    epoch_ms,
    order_plots,
    seed_of,
)
from vedette.fusion.registration import Registration, SensorBias
from vedette.fusion.settings import FusionSettings, Motion
from vedette.fusion.track_table import track_table
from vedette.model._kernels import geodetic_to_ecef
from vedette.model.columns import Floats, Integers
from vedette.model.plot import no_plots
from vedette.model.sensor import Sensor, SensorKind
from vedette.model.time import SECOND_NS

# a geographic source without a site: accuracy per axis [m] and pace [s] of its kind
UNLISTED: Final[dict[str, tuple[float, float]]] = {
    "ads_b": (30.0, 1.0),
    "mlat": (80.0, 1.0),
    "remote_id": (20.0, 1.0),
    "track": (150.0, 4.0),
    "person": (2_000.0, 60.0),
}
LOW_KINDS: Final = frozenset({"cuas", "acoustic", "remote_id", "person"})  # of what flies low
MOTION_KINDS: Final = {"straight": c.STRAIGHT, "turn": c.TURN, "slow": c.SLOW}
FIRST_ROWS: Final = 256
PLOTS_PER_CORE: Final = 500  # fewer are done before a second thread has begun
CANDIDATES_PER_BIRTH: Final = 64
# times of detection are kept in milliseconds since an origin that moves on before 32 bits are full
ORIGIN_MAX_MS: Final = 2**30
# turns of an antenna that the assumptions behind the clutter map weigh: of the mean, of a cell
LONG_RANGE_M: Final = 200_000.0
MEAN_TURNS: Final = 2.0
CELL_TURNS: Final = 30.0
YOUNG_TURNS: Final = 5.0
BEGUN_TURNS: Final = 3.0  # memory of how many tracks begin
BY_TRACK: Final = ("floats", "ints", "states", "circles")
BY_SENSOR: Final = {"hit": c.NEVER_MS, "due": c.NEVER_MS, "detection": 0.5}


class FusionOutput(NamedTuple):
    """What one step gives."""

    tracks: pa.Table  # TRACK, at now_ns, sorted by track_id
    losses: dict[
        str, int
    ]  # plots not used since the last step: late, duplicate, unusable, overflow
    registration: tuple[SensorBias, ...]  # of every radar


class Memory:
    """Everything that a tick may change, as arrays that can be put back."""

    def __init__(self) -> None:
        self.rows = 0
        self.floats: Floats = np.zeros((0, c.FLOATS))
        self.ints: Integers = np.zeros((0, c.INTEGERS), np.int64)
        self.states: Floats = np.zeros((0, c.LANES, c.ROW))
        self.circles: Floats = np.zeros((0, 4))
        # half the width of the others, since there is one for each track and sensor
        self.hit: Any = np.zeros((0, 0), np.int32)
        self.due: Any = np.zeros((0, 0), np.int32)
        self.detection: Any = np.zeros((0, 0), np.float32)
        self.free: Integers = np.zeros(0, np.int64)
        self.counters: Integers = np.zeros(c.COUNTERS, np.int64)
        self.heard: Integers = np.zeros(0, np.int64)
        self.clutter: Floats = np.zeros((0, c.RINGS * c.SECTORS))
        self.listened_s: Floats = np.zeros(0)  # memory of the clutter map that is filled
        self.begun: Floats = np.zeros(0)  # tracks begun by each sensor's plots, fading
        self.registration = Registration()
        self.origin_ns = 0
        self.house_s: int | None = None  # second of the last housekeeping

    def reserve(self, rows: int, sensors: int) -> None:
        """Room for ``rows`` tracks and ``sensors`` sensors."""
        old_sensors, old_rows = self.hit.shape
        if rows > old_rows:
            for name in BY_TRACK:
                old = getattr(self, name)
                new = np.zeros((rows, *old.shape[1:]), old.dtype)
                new[:old_rows] = old
                setattr(self, name, new)
            left = self.counters[c.C_FREE]
            # lowest rows are taken first: the stack is read from its end
            added = np.arange(rows - 1, old_rows - 1, -1, dtype=np.int64)
            free = np.zeros(rows, np.int64)
            free[: len(added)] = added
            free[len(added) : len(added) + left] = self.free[:left]
            self.free = free
            self.counters[c.C_FREE] = left + len(added)
            self.rows = rows
        if rows > old_rows or sensors > old_sensors:
            rows, sensors = max(rows, old_rows), max(sensors, old_sensors)
            for name, fill in BY_SENSOR.items():
                old = getattr(self, name)
                new = np.full((sensors, rows), fill, old.dtype)
                new[:old_sensors, :old_rows] = old
                setattr(self, name, new)
            heard = np.full(sensors, c.NEVER, np.int64)
            heard[:old_sensors] = self.heard
            self.heard = heard
            clutter = np.zeros((sensors, self.clutter.shape[1]))
            clutter[:old_sensors] = self.clutter
            self.clutter = clutter
            for name in ("listened_s", "begun"):
                values = np.zeros(sensors)
                values[:old_sensors] = getattr(self, name)
                setattr(self, name, values)

    def keep(self, into: "Memory") -> None:
        """Copy into another memory, whose arrays are used again where they are large enough."""
        high = int(self.counters[c.C_HIGH])
        for name in (*BY_TRACK, "free", "counters", "heard", "clutter", "listened_s", "begun"):
            own, other = getattr(self, name), getattr(into, name)
            count = high if name in BY_TRACK else len(own)
            if len(other) < count or other.shape[1:] != own.shape[1:]:
                room = len(own) if name in BY_TRACK else count
                other = np.empty((room, *own.shape[1:]), own.dtype)
                setattr(into, name, other)
            other[:count] = own[:count]
        for name in BY_SENSOR:
            own, other = getattr(self, name), getattr(into, name)
            if other.shape != own.shape:
                other = np.empty_like(own)
                setattr(into, name, other)
            other[:, :high] = own[:, :high]
        into.registration.copy_of(self.registration)
        into.rows, into.origin_ns, into.house_s = self.rows, self.origin_ns, self.house_s

    def restore(self, kept: "Memory") -> None:
        """Go back to a copy made before; arrays that have grown since keep their size."""
        high = int(kept.counters[c.C_HIGH])
        for name in BY_TRACK:
            getattr(self, name)[:high] = getattr(kept, name)[:high]
        sensors = len(kept.hit)
        for name in BY_SENSOR:
            getattr(self, name)[:sensors, :high] = getattr(kept, name)[:, :high]
        self.ints[high:, c.STATUS] = c.FREE
        grown = self.rows - kept.rows
        left = int(kept.counters[c.C_FREE])
        self.free[:grown] = np.arange(self.rows - 1, kept.rows - 1, -1)
        self.free[grown : grown + left] = kept.free[:left]
        stamp = self.counters[c.C_STAMP]  # never the same again: working arrays remember it
        self.counters[:] = kept.counters
        self.counters[c.C_STAMP] = stamp
        self.counters[c.C_FREE] = left + grown
        self.heard[:] = c.NEVER
        self.heard[:sensors] = kept.heard[:sensors]
        self.clutter[:] = 0.0
        self.clutter[:sensors] = kept.clutter[:sensors]
        for name in ("listened_s", "begun"):
            getattr(self, name)[:] = 0.0
            getattr(self, name)[:sensors] = getattr(kept, name)[:sensors]
        self.registration.copy_of(kept.registration)
        self.origin_ns, self.house_s = kept.origin_ns, kept.house_s

    def move_origin(self, now_ns: int) -> None:
        """Keep the times of detection within their 32 bits."""
        if self.rows == 0 or not int(self.counters[c.C_HIGH]):
            self.origin_ns = now_ns
            return
        ahead_ms = (now_ns - self.origin_ns) // 1_000_000
        if ahead_ms < ORIGIN_MAX_MS:
            return
        shift = ahead_ms - 1_000_000  # a quarter of an hour of detections stays exact
        for times in (self.hit, self.due):
            known = times > c.NEVER_MS
            moved = np.maximum(times.astype(np.int64) - shift, int(c.NEVER_MS) + 1)
            times[known] = moved[known].astype(np.int32)
        self.origin_ns += shift * 1_000_000


class FusionState:
    """The picture between two steps. Opaque: made by ``initial``, changed in place by ``step``."""

    def __init__(self, motions: tuple[int, int, int]) -> None:
        self.lanes = motions
        self.memory = Memory()
        self.before = Memory()
        self.now_ns: int | None = None
        self.before_ns: int | None = None  # the tick before
        self.pending: list[pa.Table] = []
        self.reported: dict[str, int] = {}
        self.sensors: tuple[Sensor, ...] | None = None
        self.numbers: dict[str, int] = {}
        self.columns: list[tuple[Sensor, bool]] = []  # the sensor, and whether it has a site
        self.sites: Sites | None = None
        self.recent: list[tuple[int, Words]] = []
        self.room: dict[str, Any] = {}  # working arrays, kept to spare their allocation
        self.benches: list[Bench] = [Bench()]  # and those of each worker
        self.pool: ThreadPoolExecutor | None = None


def initial(settings: FusionSettings) -> FusionState:
    """An empty picture."""
    return FusionState(_lanes(settings))


def _lanes(s: FusionSettings) -> tuple[int, int, int]:
    return len(s.motions), len(s.slow_motions), len(s.birth_motions)


class Parameters(NamedTuple):
    """The settings as the kernels read them."""

    g: Floats
    motions: Floats  # (3, LANES, MOTION_FLOATS): moving, slow, newborn
    lanes: Integers  # (3,) motions in use


def parameters(settings: FusionSettings) -> Parameters:
    """Settings as arrays."""
    s = settings
    values = [
        s.gate_chi2, s.gate_max_m, s.cell_m, s.same_address_factor, s.other_address_factor,
        s.same_code_factor, s.other_code_factor, s.same_callsign_factor, s.other_callsign_factor,
        s.second_look, s.birth_per_m2, s.clutter_per_scan, s.clutter_memory_s,
        s.geographic_clutter_per_m2, s.confirm_odds, s.confirm_updates,
        s.confirm_updates_cooperative, s.end_existence, s.latency_s, s.coast_periods,
        s.tentative_periods, s.end_periods, s.end_min_s, s.end_max_s, s.merge_chi2, s.merge_checks,
        s.late_max_s, s.future_max_s, s.height_assumed_hae_m, s.height_assumed_sigma_m,
        s.height_unknown_sigma_m, s.height_drift, s.pressure_sigma_m, s.datum_sigma_m,
        s.datum_sigma_share, s.geometric_sigma_m, s.elevation_sigma_rad, s.climb_density,
        s.velocity_sigma_mps, s.tracks_max, s.plots_max, s.sensors_max, s.belief_rounds,
        s.birth_per_turn, s.slow_below_mps, s.range_rate_sigma_mps,
    ]  # fmt: skip
    groups = (s.motions, s.slow_motions, s.birth_motions)
    motions = np.zeros((len(groups), c.LANES, c.MOTION_FLOATS))
    for group, members in enumerate(groups):
        for lane, m in enumerate(members):
            motions[group, lane] = _motion_row(m, members)
    lanes = np.array([len(members) for members in groups])
    return Parameters(np.array(values, dtype=np.float64), motions, lanes)


def _motion_row(m: Motion, members: tuple[Motion, ...]) -> list[float]:
    rest = sum(other.entry for other in members) - m.entry
    return [
        MOTION_KINDS[m.kind], m.turn_rate_rps, m.acceleration_density, m.decay_s, m.stay_s,
        m.entry, m.birth_speed_sigma_mps, max(rest, 1e-9),
    ]  # fmt: skip


def _site_row(settings: FusionSettings, sensor: Sensor, listed: bool) -> list[float]:
    latitude, longitude = np.radians(sensor.latitude_deg), np.radians(sensor.longitude_deg)
    place = geodetic_to_ecef(latitude, longitude, sensor.height_hae_m)
    polar = listed and sensor.kind in POLAR_KINDS
    height_m, sigma_m = settings.height_assumed_hae_m, settings.height_assumed_sigma_m
    if sensor.kind in LOW_KINDS:
        height_m, sigma_m = sensor.height_hae_m + settings.low_assumed_m, settings.low_assumed_m
    return [
        latitude, longitude, sensor.height_hae_m, *place, sensor.range_max_m, sensor.period_s,
        min(max(sensor.detection_probability, 0.05), 0.99), float(polar),
        float(polar and sensor.kind in PRIMARY_KINDS), np.sin(latitude), np.cos(latitude),
        np.sin(longitude), np.cos(longitude), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, height_m, sigma_m, 0.0,
        0.0, settings.birth_per_turn,
    ]  # fmt: skip


def _meet_sensors(
    settings: FusionSettings, state: FusionState, table: pa.Table, sensors: tuple[Sensor, ...]
) -> Sites:
    """Number the sensors of this tick that are new, in the order of their ids."""
    listed = {sensor.sensor_id: sensor for sensor in sensors}
    named: dict[str, str] = {}
    for sensor_id in pc.unique(table.column("sensor_id")).to_pylist():
        if sensor_id is None or sensor_id in listed or sensor_id in state.numbers:
            continue
        of_it = table.filter(pc.equal(table.column("sensor_id"), sensor_id)).column("kind")
        named[sensor_id] = min(pc.unique(of_it.drop_null()).to_pylist(), default="")
    changed = state.sensors != sensors
    for sensor_id in sorted(set(listed) | set(named)):
        sensor = listed.get(sensor_id)
        if sensor_id in state.numbers:
            number = state.numbers[sensor_id]
            if changed and sensor is not None and state.columns[number] != (sensor, True):
                state.columns[number] = (sensor, True)
            continue
        if len(state.columns) >= settings.sensors_max:
            continue  # its plots count as unusable
        if sensor is None:
            kind: Any = named[sensor_id]
            if kind not in UNLISTED:
                continue  # a radar without a site, or an unknown kind
            sigma_m, period_s = UNLISTED[kind]
            sensor = _unlisted(sensor_id, kind, sigma_m, period_s)
        state.numbers[sensor_id] = len(state.columns)
        state.columns.append((sensor, sensor_id in listed))
        changed = True
    if changed or state.sites is None:
        state.sensors = sensors
        seeds = np.array([seed_of(s.sensor_id) for s, _ in state.columns], dtype=np.uint64)
        ranks = np.empty(len(seeds), np.int64)
        ranks[np.argsort(seeds)] = np.arange(len(seeds))
        state.sites = Sites(
            state.numbers,
            np.array(
                [_site_row(settings, sensor, has_site) for sensor, has_site in state.columns]
            ).reshape(-1, c.SENSOR_FLOATS),
            np.array([[s.range_sigma_m, s.azimuth_sigma_rad] for s, _ in state.columns]).reshape(
                -1, 2
            ),
            seeds.view(np.int64),
            ranks,
            np.array([epoch_ms(s.period_s) for s, _ in state.columns], dtype=np.int64),
        )
    return state.sites


def _unlisted(sensor_id: str, kind: SensorKind, sigma_m: float, period_s: float) -> Sensor:
    return Sensor(
        sensor_id=sensor_id, kind=kind, latitude_deg=0.0, longitude_deg=0.0,
        range_sigma_m=sigma_m, period_s=period_s,
    )  # fmt: skip


def _room(state: FusionState, rows: int, nodes: int) -> dict[str, Any]:
    """Working arrays of the whole picture: of at least these many tracks and nodes of the hash."""
    room = state.room
    if room.get("rows", 0) < rows:
        room.update(
            rows=rows,
            view=np.zeros((rows, c.ROW)),
            predicted=np.zeros((1, c.LANES, c.ROW)),
            twins=np.zeros((rows, 2), np.int64),
            marks=np.full((rows, 2), -1, np.int64),
            joined=np.zeros(2 * rows, np.int64),
            firsts=np.zeros(rows, np.int64),
            lasts=np.zeros(rows, np.int64),
            roots=np.zeros(rows, np.int64),
            sizes=np.zeros(rows, np.int64),
            work=np.zeros((8, c.ROW)),
            head=np.full(1 << max(10, (2 * rows).bit_length()), -1, np.int64),
        )
    if len(room.get("nodes", ())) < nodes:
        room["nodes"] = np.zeros((nodes, c.NODE_FLOATS))
    return room


class Bench:
    """Working arrays of one worker, grown as they are needed."""

    def __init__(self) -> None:
        self.tracks = self.plots = self.pairs = 0
        self.arrays: tuple[Any, ...] = ()

    def sized(self, tracks: int, plots: int, pairs: int) -> tuple[Any, ...]:
        """Arrays for so many tracks, plots and pairs at once, in the order of the kernels' arguments."""
        if tracks > self.tracks or plots > self.plots or pairs > self.pairs:
            self.tracks, self.plots = max(tracks, self.tracks), max(plots, self.plots)
            self.pairs = max(pairs, self.pairs)
            self.arrays = (
                np.zeros((self.tracks, c.LOCALS), np.int64),
                np.zeros((3, self.pairs), np.int64),
                np.zeros((self.pairs, c.EDGE_FLOATS)),
                np.zeros((self.tracks, c.LANES, c.ROW)),
                np.zeros(self.tracks),
                np.zeros(self.tracks, np.int64),
                np.zeros(self.plots),
                np.zeros(self.plots, np.int64),
                np.zeros(2 * self.tracks, np.int64),
                np.zeros(self.tracks),
                np.zeros((8, c.ROW)),
            )
        return self.arrays


class _Window(NamedTuple):
    """Plots of one second: arrays about them, and where they begin in the tick's plots."""

    begin: int
    start: int  # first batch
    stop: int  # after the last batch
    mine: Integers
    starts: Integers
    counts: Integers
    chain: Integers
    batch_of: Integers


def _fuse(
    state: FusionState, ordered: Ordered, sites: Sites, p: Parameters, settings: FusionSettings,
    passed_s: float,
) -> None:  # fmt: skip
    """Run every batch of a tick through association, update and birth, and register its sensors."""
    memory, count = state.memory, len(ordered.order)
    samples = np.bincount(ordered.names[c.P_SENSOR, ordered.order], minlength=len(sites.floats))
    memory.registration.reserve(len(sites.floats), settings)
    memory.registration.write(sites.floats, samples, memory.heard > c.NEVER, settings)
    false = _false_plots(memory, sites, p.g)
    _expect_new(memory, sites.floats, samples, false.sum(axis=1), passed_s, settings)
    if count == 0:
        return
    plots = np.empty((count, c.PLOT_FLOATS))
    ints = np.empty((count, c.PLOT_INTEGERS), np.int64)
    place_plots(ordered.order, ordered.raw, ordered.names, sites.floats, false, p.g, plots, ints)
    windows = ordered.windows
    edges = np.flatnonzero(np.concatenate(([True], windows[1:] != windows[:-1], [True])))
    for start, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        _fuse_window(
            state, ordered.bounds, start, stop, int(windows[start]), plots, ints, sites, p, settings
        )
    np.maximum.at(memory.heard, ints[:, c.P_SENSOR], ints[:, c.P_T])
    begun = ints[plots[:, c.CLAIM] < 0.5, c.P_SENSOR]
    memory.begun += np.bincount(begun, minlength=len(memory.begun))
    referenced = bool((sites.floats[:, c.S_POLAR] == 0.0).any())
    memory.registration.learn(plots, ints, passed_s, referenced, settings)


def _fuse_window(
    state: FusionState, bounds: Integers, start: int, stop: int, second: int, plots: Floats,
    ints: Integers, sites: Sites, p: Parameters, settings: FusionSettings,
) -> None:  # fmt: skip
    """One second of plots: what tracks may own, component by component; then what is left begins tracks."""
    m = state.memory
    begin, end = int(bounds[start]), int(bounds[stop])
    count = end - begin
    # births cannot be more than the plots, so there is room for all before the window begins
    limit = settings.tracks_max
    if int(m.counters[c.C_FREE]) < count and m.rows < limit:
        rows = max(FIRST_ROWS, m.rows)
        while rows < m.rows - int(m.counters[c.C_FREE]) + count:
            rows *= 2
        m.reserve(min(rows, limit), len(sites.floats))
    sigma = float(np.sqrt(max(plots[begin:end, k].max() for k in (c.VAR_U, c.VAR_T))))
    window_ns = WINDOW_MS * 1_000_000
    wanted = 16 * m.rows + 1_024
    while True:
        room = _room(state, m.rows, wanted)
        wanted = index_tracks(
            second * window_ns + window_ns // 2, 0.5 * window_ns / SECOND_NS, min(sigma, 4_000.0),
            m.floats, m.ints, m.states, p.motions, p.lanes, p.g, m.circles, room["head"],
            room["nodes"], m.counters,
        )  # fmt: skip
        if wanted <= len(room["nodes"]):
            break
    w = _Window(begin, start, stop, *(np.empty(count, np.int64) for _ in range(5)))
    by_cell = np.argsort(ints[begin:end, c.P_GRID])
    candidates = room.setdefault("candidates", np.zeros(4_096, np.int64))
    while True:
        found, used = find_components(
            bounds, start, stop, by_cell, p.g[c.G_LATE], int(m.counters[c.C_HIGH]), m.ints, plots,
            ints, room["head"], room["nodes"], w.starts, w.counts, candidates, room["joined"],
            room["roots"], room["firsts"], room["lasts"], w.chain, w.batch_of, room["sizes"],
        )  # fmt: skip
        if used <= len(candidates):
            break
        candidates = room["candidates"] = np.zeros(2 * used, np.int64)
    _run(state, w, found, used, plots, ints, sites, p, settings)
    left = int((plots[begin:end, c.CLAIM] < 0.5).sum())
    if left == 0:
        return
    room = _room(state, m.rows, 27 * left)  # what newborns may touch
    pairs = max(CANDIDATES_PER_BIRTH * left, 4_096)
    if len(candidates) < pairs:
        candidates = room["candidates"] = np.zeros(pairs, np.int64)
    stamp = int(m.counters[c.C_STAMP])
    m.counters[c.C_STAMP] = begin_tracks(
        bounds, start, stop, stamp, m.floats, m.ints, m.states, m.hit, m.due, m.detection,
        m.circles, m.free, m.counters, plots, ints, sites.floats, p.motions, p.lanes, m.origin_ns,
        p.g, room["head"], room["nodes"], w.mine, w.starts, w.counts, candidates, room["marks"],
        *state.benches[0].sized(m.rows, count, len(candidates)),
    )  # fmt: skip


def _run(
    state: FusionState, w: _Window, found: int, used: int, plots: Floats, ints: Integers,
    sites: Sites, p: Parameters, settings: FusionSettings,
) -> None:  # fmt: skip
    """Components of a window over the cores: they share nothing, so their number changes no bit."""
    m, room = state.memory, state.room
    stamp, count = int(m.counters[c.C_STAMP]), len(w.mine)
    m.counters[c.C_STAMP] = stamp + count + 1
    cores = settings.cores if count >= PLOTS_PER_CORE * settings.cores else 1
    done = np.cumsum(room["sizes"][:found])
    cuts = np.searchsorted(done, np.arange(1, cores) * (int(done[-1]) if found else 0) / cores)
    cuts = [0, *cuts.tolist(), found]
    while len(state.benches) < cores:
        state.benches.append(Bench())

    def part(k: int) -> None:
        first, last = cuts[k], cuts[k + 1]
        if first >= last:
            return
        before = int(done[first - 1]) if first else 0
        mine = w.mine[before : int(done[last - 1])]
        run_components(
            first, last, stamp + before, w.begin, room["roots"], room["firsts"], w.chain,
            w.batch_of, m.floats, m.ints, m.states, m.hit, m.due, m.detection, m.circles, plots,
            ints, sites.floats, p.motions, p.lanes, m.origin_ns, p.g, mine, w.starts, w.counts,
            room["candidates"], room["marks"], *state.benches[k].sized(m.rows, count, used + 1),
        )  # fmt: skip

    if cores == 1:
        part(0)
        return
    if state.pool is None:
        state.pool = ThreadPoolExecutor(settings.cores)
    for future in [state.pool.submit(part, k) for k in range(cores)]:
        future.result()


def _false_plots(memory: Memory, sites: Sites, g: Floats) -> Floats:
    """False plots a turn of each sensor in each cell of its map: (sensors, cells).

    What the cell has shown, held against the sensor's mean over all cells; that mean against what is
    assumed of a sensor of which nothing is known yet.
    """
    turns = memory.listened_s / sites.floats[:, c.S_PERIOD]
    seen = memory.clutter.sum(axis=1)
    assumed = g[c.G_CLUTTER] * np.minimum(sites.floats[:, c.S_RANGE] / LONG_RANGE_M, 1.0)
    mean = (seen + MEAN_TURNS * assumed) / (turns + MEAN_TURNS)
    cells = memory.clutter.shape[1]
    return np.asarray(
        (memory.clutter + (CELL_TURNS * mean / cells)[:, None]) / (turns + CELL_TURNS)[:, None]
    )


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
    now_ns: int,
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

    Returns:
        The state, and the output: one row for each track alive, extrapolated to ``now_ns``, and a last row
        with status "ended" for each that was ended or merged by this tick.

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
        _release(memory)
        memory.move_origin(now_ns)
        if state.now_ns is not None:
            _forget_clutter(memory, min((now_ns - state.now_ns) / SECOND_NS, 1e6), settings)
        memory.keep(state.before)
        state.pending, state.reported = [], {}
        horizon_ns = now_ns - int((2.0 * settings.late_max_s + settings.future_max_s) * SECOND_NS)
        state.recent = [(t, keys) for t, keys in state.recent if t >= horizon_ns]
    else:
        memory.restore(state.before)
        state.recent = [(t, keys) for t, keys in state.recent if t < now_ns]
        before_ns = state.before_ns
    state.now_ns = now_ns
    state.pending.append(complete_table(plots))
    table = pa.concat_tables(state.pending) if len(state.pending) > 1 else state.pending[0]
    if len(state.pending) == 1 and table.num_rows == 0:
        table = no_plots()
    sites = _meet_sensors(settings, state, table, sensors)
    memory.reserve(max(memory.rows, min(FIRST_ROWS, settings.tracks_max)), len(sites.floats))
    ordered, keys = order_plots(
        table, sites, settings, now_ns, memory.heard, [keys for _, keys in state.recent]
    )
    if len(keys):
        state.recent.append((now_ns, keys))
    memory.counters[c.C_OVERFLOW] = 0
    passed_s = 0.0 if before_ns is None else min((now_ns - before_ns) / SECOND_NS, 1e6)
    _fuse(state, ordered, sites, p, settings, passed_s)
    losses = dict(ordered.losses)
    losses["overflow"] += int(memory.counters[c.C_OVERFLOW])
    _tick(state, sites, now_ns, p)
    tracks = track_table(memory, state.room, state.numbers, now_ns, p.motions, p.lanes, p.g)
    since = {name: count - state.reported.get(name, 0) for name, count in losses.items()}
    state.reported = losses
    names = [sensor.sensor_id for sensor, _ in state.columns]
    biases = memory.registration.report(names, sites.floats[:, c.S_POLAR] > 0.0)
    return state, FusionOutput(tracks, since, biases)


def _forget_clutter(memory: Memory, passed_s: float, settings: FusionSettings) -> None:
    """Let the clutter map fade, and count the time for which its sensors have been listened to."""
    fade = np.exp(-passed_s / settings.clutter_memory_s)
    memory.clutter *= fade
    listened = memory.heard > c.NEVER
    gained_s = settings.clutter_memory_s * (1.0 - fade)
    memory.listened_s = np.where(listened, memory.listened_s * fade + gained_s, 0.0)


def _release(memory: Memory) -> None:
    """Give back the rows of tracks whose end has been told, and shrink the range in use."""
    high = int(memory.counters[c.C_HIGH])
    status = memory.ints[:high, c.STATUS]
    ended = np.flatnonzero(status == c.ENDED)
    if len(ended) == 0:
        return
    status[ended] = c.FREE
    left = int(memory.counters[c.C_FREE])
    memory.free[left : left + len(ended)] = ended[::-1]
    memory.counters[c.C_FREE] = left + len(ended)
    used = np.flatnonzero(status != c.FREE)
    memory.counters[c.C_HIGH] = int(used[-1]) + 1 if len(used) else 0


def _tick(state: FusionState, sites: Sites, now_ns: int, p: Parameters) -> None:
    """Where every track is now; once a second also which are confirmed, ended or the same."""
    m = state.memory
    high = int(m.counters[c.C_HIGH])
    room = _room(state, m.rows, m.rows + 1_024)
    look(
        now_ns, high, m.floats, m.ints, m.states, p.motions, p.lanes, p.g, m.circles,
        room["predicted"], room["work"], room["view"],
    )  # fmt: skip
    if m.house_s == now_ns // SECOND_NS:
        return
    m.house_s = now_ns // SECOND_NS
    count_misses(
        now_ns, m.origin_ns, high, m.floats, m.ints, m.circles, room["view"], m.hit, m.due,
        m.detection, m.heard, sites.floats, p.g,
    )  # fmt: skip
    keep_house(now_ns, high, m.floats, m.ints, m.states, p.lanes, room["view"], m.clutter, p.g)
    twins = room["twins"]
    found = find_twins(
        now_ns, m.origin_ns, high, m.floats, m.ints, m.circles, room["view"], m.hit, sites.floats,
        p.g, room["head"], room["nodes"], room["work"].ravel(), twins,
    )  # fmt: skip
    for younger, elder in twins[:found, :2].tolist():
        if m.ints[younger, c.STATUS] != c.ENDED and m.ints[elder, c.STATUS] != c.ENDED:
            _merge(m, room["view"], younger, elder)


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
        np.maximum(times[:, i], times[:, j], out=times[:, j])
