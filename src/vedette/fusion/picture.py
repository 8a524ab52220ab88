"""The recognised air picture: plots of every sensor in, one table of tracks out, once per tick."""

import copy
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.fusion import _layout as c
from vedette.fusion._associate import believe, find_near, index_tracks, pair_up, predict_local
from vedette.fusion._life import describe, find_twins, keep_house, look
from vedette.fusion._place import place_plots
from vedette.fusion._update import begin_tracks, update_tracks
from vedette.fusion.order import (
    KINDS,
    POLAR_KINDS,
    PRIMARY_KINDS,
    WINDOW_NS,
    Ordered,
    Sites,
    Words,
    complete_table,
    order_plots,
    seed_of,
    stir,
    unpack_text,
)
from vedette.fusion.settings import FusionSettings
from vedette.model._kernels import geodetic_to_ecef
from vedette.model.assessment import CLASSES
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.plot import EMERGENCIES, no_plots
from vedette.model.sensor import Sensor, SensorKind
from vedette.model.time import SECOND_NS
from vedette.model.track import TRACK, no_tracks

LETTERS: Final = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", np.uint8)  # Crockford, base 32
# a geographic source without a site: accuracy per axis [m] and pace [s] of its kind
UNLISTED: Final[dict[str, tuple[float, float]]] = {
    "ads_b": (30.0, 1.0),
    "mlat": (80.0, 1.0),
    "remote_id": (20.0, 1.0),
    "track": (150.0, 4.0),
    "person": (2_000.0, 60.0),
}
MOTION_KINDS: Final = {"straight": c.STRAIGHT, "turn": c.TURN, "slow": c.SLOW}
FIRST_ROWS: Final = 256
STATUS_NAMES: Final = pa.array(["tentative", "confirmed", "coasting", "ended"])


class FusionOutput(NamedTuple):
    """What one step gives."""

    tracks: pa.Table  # TRACK, at now_ns, sorted by track_id
    losses: dict[
        str, int
    ]  # plots not used since the last step: late, duplicate, unusable, overflow


class _Memory:
    """Everything that a tick may change, as arrays that can be put back."""

    def __init__(self, models: int) -> None:
        self.rows = 0
        self.models = models
        self.floats: Floats = np.zeros((0, c.FLOATS))
        self.ints: Integers = np.zeros((0, c.INTEGERS), np.int64)
        self.states: Floats = np.zeros((0, models, c.ROW))
        self.weights: Floats = np.zeros((0, models))
        self.hit: Integers = np.zeros((0, 0), np.int64)
        self.due: Integers = np.zeros((0, 0), np.int64)
        self.detection: Floats = np.zeros((0, 0))
        self.free: Integers = np.zeros(0, np.int64)
        self.counters: Integers = np.zeros(c.COUNTERS, np.int64)
        self.heard: Integers = np.zeros(0, np.int64)
        self.clutter: Floats = np.zeros((0, c.RINGS * c.SECTORS))

    def reserve(self, rows: int, sensors: int) -> None:
        """Room for ``rows`` tracks and ``sensors`` sensors."""
        old_rows, old_sensors = self.hit.shape
        if rows > old_rows:
            for name in ("floats", "ints", "states", "weights"):
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
            for name, fill in (("hit", c.NEVER), ("due", c.NEVER), ("detection", 0.5)):
                old = getattr(self, name)
                new = np.full((rows, sensors), fill, old.dtype)
                new[:old_rows, :old_sensors] = old
                setattr(self, name, new)
            heard = np.full(sensors, c.NEVER, np.int64)
            heard[:old_sensors] = self.heard
            clutter = np.zeros((sensors, self.clutter.shape[1]))
            clutter[:old_sensors] = self.clutter
            self.heard, self.clutter = heard, clutter

    def keep(self) -> "_Memory":
        """A copy to go back to."""
        other = copy.copy(self)
        high = int(self.counters[c.C_HIGH])
        for name in ("floats", "ints", "states", "weights", "hit", "due", "detection"):
            setattr(other, name, getattr(self, name)[:high].copy())
        for name in ("free", "counters", "heard", "clutter"):
            setattr(other, name, getattr(self, name).copy())
        return other

    def restore(self, kept: "_Memory") -> None:
        """Go back to a copy made before; arrays that have grown since keep their size."""
        high = len(kept.floats)
        for name in ("floats", "ints", "states", "weights"):
            getattr(self, name)[:high] = getattr(kept, name)
        sensors = kept.hit.shape[1]
        for name in ("hit", "due", "detection"):
            getattr(self, name)[:high, :sensors] = getattr(kept, name)
        self.ints[high:, c.STATUS] = c.FREE
        grown = self.rows - kept.rows
        left = int(kept.counters[c.C_FREE])
        self.free[:grown] = np.arange(self.rows - 1, kept.rows - 1, -1)
        self.free[grown : grown + left] = kept.free[:left]
        self.counters[:] = kept.counters
        self.counters[c.C_FREE] = left + grown
        self.heard[:] = c.NEVER
        self.heard[:sensors] = kept.heard
        self.clutter[:] = 0.0
        self.clutter[:sensors] = kept.clutter


class FusionState:
    """The picture between two steps. Opaque: made by ``initial``, changed in place by ``step``."""

    def __init__(self, models: int) -> None:
        self.memory = _Memory(models)
        self.before = self.memory.keep()
        self.now_ns: int | None = None
        self.pending: list[pa.Table] = []
        self.reported: dict[str, int] = {}
        self.sensors: tuple[Sensor, ...] | None = None
        self.numbers: dict[str, int] = {}
        self.columns: list[tuple[Sensor, bool]] = []  # the sensor, and whether it has a site
        self.site_floats: Floats = np.zeros((0, c.SENSOR_FLOATS))
        self.recent: list[tuple[int, Words]] = []
        self.room: dict[str, Any] = {}  # working arrays, kept to spare their allocation


def initial(settings: FusionSettings) -> FusionState:
    """An empty picture."""
    return FusionState(len(settings.motions))


def _parameters(settings: FusionSettings) -> tuple[Floats, Floats]:
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
        s.birth_per_turn,
    ]  # fmt: skip
    motions = np.array(
        [
            [
                MOTION_KINDS[m.kind], m.turn_rate_rps, m.acceleration_density, m.decay_s, m.stay_s,
                m.entry, m.birth_speed_sigma_mps,
            ]
            for m in settings.motions
        ]
    )  # fmt: skip
    return np.array(values, dtype=np.float64), motions


def _site_row(sensor: Sensor, listed: bool) -> list[float]:
    latitude, longitude = np.radians(sensor.latitude_deg), np.radians(sensor.longitude_deg)
    place = geodetic_to_ecef(latitude, longitude, sensor.height_hae_m)
    polar = listed and sensor.kind in POLAR_KINDS
    return [
        latitude, longitude, sensor.height_hae_m, *place, sensor.range_max_m, sensor.period_s,
        min(max(sensor.detection_probability, 0.05), 0.99), float(polar),
        float(polar and sensor.kind in PRIMARY_KINDS),
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
    if changed:
        state.sensors = sensors
        state.site_floats = np.array(
            [_site_row(sensor, has_site) for sensor, has_site in state.columns]
        ).reshape(-1, c.SENSOR_FLOATS)
    return Sites(
        state.numbers,
        state.site_floats,
        np.array([s.range_sigma_m for s, _ in state.columns]),
        np.array([s.azimuth_sigma_rad for s, _ in state.columns]),
        np.array([seed_of(s.sensor_id) for s, _ in state.columns], dtype=np.uint64),
    )


def _unlisted(sensor_id: str, kind: SensorKind, sigma_m: float, period_s: float) -> Sensor:
    return Sensor(
        sensor_id=sensor_id, kind=kind, latitude_deg=0.0, longitude_deg=0.0,
        range_sigma_m=sigma_m, period_s=period_s,
    )  # fmt: skip


def _room(state: FusionState, tracks: int, plots: int, nodes: int) -> dict[str, Any]:
    """Working arrays of at least these sizes."""
    room, models = state.room, state.memory.models
    if room.get("tracks", 0) < tracks:
        wide = c.EDGES + 1  # one beside the kept ones, to weigh a newcomer in
        room.update(
            tracks=tracks,
            local=np.zeros((tracks, 6), np.int64),
            edge_plot=np.zeros((tracks, wide), np.int64),
            edges=np.zeros((tracks, wide, c.EDGE_FLOATS)),
            likelihoods=np.zeros((tracks, wide, models)),
            predicted=np.zeros((tracks, models, c.ROW)),
            mixture=np.zeros((tracks, models)),
            nearest=np.zeros(tracks),
            view=np.zeros((tracks, c.ROW)),
            scratch=np.zeros(128),
            head=np.full(1 << max(10, int(8 * tracks).bit_length()), -1, np.int64),
        )
    if room.get("plots", 0) < plots:
        room.update(plots=plots, totals=np.zeros(plots), owner=np.zeros(plots, np.int64))
    if len(room.get("parent", ())) < room["tracks"] + room["plots"]:
        room["parent"] = np.zeros(room["tracks"] + room["plots"], np.int64)
    if len(room.get("nodes", ())) < nodes:
        room["nodes"] = np.zeros((nodes, 5), np.int64)
    return room


def _fuse(state: FusionState, ordered: Ordered, sites: Sites, g: Floats, motions: Floats) -> None:
    """Run every batch of a tick through association, update and birth."""
    memory, count = state.memory, len(ordered.ints)
    if count == 0:
        return
    plots = np.empty((count, c.PLOT_FLOATS))
    place_plots(ordered.raw, ordered.ints, sites.floats, memory.clutter, g, plots)
    bounds, windows = ordered.batches, ordered.windows
    limit = int(g[c.G_TRACKS])
    batch = 0
    while batch < len(windows):
        end = batch
        while end < len(windows) and windows[end] == windows[batch]:
            end += 1
        first, last = int(bounds[batch]), int(bounds[end])
        # births cannot be more than the plots, so all room is made before the window begins
        want = memory.rows - int(memory.counters[c.C_FREE]) + last - first
        if want > memory.rows:
            rows = max(FIRST_ROWS, memory.rows)
            while rows < want:
                rows *= 2
            memory.reserve(min(rows, limit), len(sites.floats))
        room = _room(state, memory.rows, count, 16 * memory.rows + 1024)
        sigma = float(np.sqrt(plots[first:last, [c.VAR_U, c.VAR_T]].max()))
        middle_ns = int(windows[batch]) * WINDOW_NS + WINDOW_NS // 2
        births = 64 * (last - first)  # a newborn touches at most 27 cells, nearly always fewer
        while True:
            need = index_tracks(
                middle_ns, 0.5, min(sigma, 4_000.0), memory.floats, memory.ints, memory.states, motions,
                g, room["head"], room["nodes"], memory.counters,
            )  # fmt: skip
            if need + births <= len(room["nodes"]):
                break
            room = _room(state, memory.rows, count, 2 * need + births)
        for b in range(batch, end):
            _fuse_batch(
                memory,
                int(bounds[b]),
                int(bounds[b + 1]),
                plots,
                ordered.ints,
                sites,
                g,
                motions,
                room,
            )
        batch = end
    np.maximum.at(memory.heard, ordered.ints[:, c.P_SENSOR], ordered.ints[:, c.P_T])


def _fuse_batch(
    m: _Memory, first: int, last: int, plots: Floats, ints: Integers, sites: Sites, g: Floats,
    motions: Floats, room: dict[str, Any],
) -> None:  # fmt: skip
    n = find_near(
        first, last, m.floats, m.ints, plots, ints, g, room["head"], room["nodes"], m.counters,
        room["local"], room["nearest"],
    )  # fmt: skip
    predict_local(
        n, m.floats, m.ints, m.states, m.weights, motions, g, room["local"], room["predicted"],
        room["mixture"], room["scratch"],
    )  # fmt: skip
    pair_up(
        first, last, m.floats, m.ints, m.hit, m.detection, plots, ints, sites.floats, motions, g,
        room["head"], room["nodes"], m.counters, room["local"], room["edge_plot"], room["edges"],
        room["likelihoods"], room["predicted"], room["mixture"], room["scratch"],
    )  # fmt: skip
    believe(
        n, first, last, int(g[c.G_ROUNDS]), room["local"], room["edge_plot"], room["edges"],
        room["parent"], room["totals"], room["owner"],
    )  # fmt: skip
    update_tracks(
        n, m.floats, m.ints, m.states, m.weights, m.hit, m.due, m.detection, plots, ints,
        sites.floats, motions, g, room["local"], room["edge_plot"], room["edges"],
        room["likelihoods"], room["predicted"], room["mixture"], room["scratch"],
    )  # fmt: skip
    begin_tracks(
        first, last, m.floats, m.ints, m.states, m.weights, m.hit, m.due, m.detection, m.free,
        plots, ints, sites.floats, motions, g, room["head"], room["nodes"], m.counters,
    )  # fmt: skip


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
    if len(settings.motions) != state.memory.models:
        raise ValueError("the state was made with other settings")
    if state.now_ns is not None and now_ns < state.now_ns:
        raise ValueError(f"now_ns goes backwards: {now_ns} after {state.now_ns}")
    g, motions = _parameters(settings)
    memory = state.memory
    if state.now_ns is None or now_ns > state.now_ns:
        _release(memory)
        if state.now_ns is not None:
            memory.clutter *= np.exp(
                -min((now_ns - state.now_ns) / SECOND_NS, 1e6) / settings.clutter_memory_s
            )
        state.before = memory.keep()
        state.pending, state.reported = [], {}
        horizon_ns = now_ns - int((2.0 * settings.late_max_s + settings.future_max_s) * SECOND_NS)
        state.recent = [(t, keys) for t, keys in state.recent if t >= horizon_ns]
    else:
        memory.restore(state.before)
        state.recent = [(t, keys) for t, keys in state.recent if t < now_ns]
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
    _fuse(state, ordered, sites, g, motions)
    losses = dict(ordered.losses)
    losses["overflow"] += int(memory.counters[c.C_OVERFLOW])
    _tick(state, sites, now_ns, g, motions)
    tracks = _table(state, now_ns, g, motions)
    since = {name: count - state.reported.get(name, 0) for name, count in losses.items()}
    state.reported = losses
    return state, FusionOutput(tracks, since)


def _release(memory: _Memory) -> None:
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


def _tick(state: FusionState, sites: Sites, now_ns: int, g: Floats, motions: Floats) -> None:
    m = state.memory
    high = int(m.counters[c.C_HIGH])
    room = _room(state, m.rows, 1, 16 * m.rows + 1024)
    alive = np.flatnonzero(m.ints[:high, c.STATUS] != c.FREE)
    local = room["local"]
    local[: len(alive), 0] = alive
    local[: len(alive), 2] = now_ns
    predict_local(
        len(alive), m.floats, m.ints, m.states, m.weights, motions, g, local, room["predicted"],
        room["mixture"], room["scratch"],
    )  # fmt: skip
    look(len(alive), m.floats, local, room["predicted"], room["mixture"], room["view"])
    keep_house(
        now_ns, m.floats, m.ints, room["view"], m.hit, m.due, m.detection, m.heard, sites.floats,
        m.clutter, g, high,
    )  # fmt: skip
    twins = find_twins(
        now_ns, m.floats, m.ints, room["view"], m.hit, sites.floats, g, room["head"],
        room["nodes"], high, room["scratch"], local,
    )  # fmt: skip
    for younger, elder in local[:twins, :2].tolist():
        if m.ints[younger, c.STATUS] != c.ENDED and m.ints[elder, c.STATUS] != c.ENDED:
            _merge(m, room["view"], younger, elder)


def _merge(m: _Memory, view: Floats, younger: int, elder: int) -> None:
    """End a duplicate in favour of its elder, which takes over what the duplicate knew better."""
    i, j = younger, elder
    a, b = m.ints[i], m.ints[j]
    a[c.STATUS], a[c.MERGED] = c.ENDED, b[c.KEY]
    if view[i, 5] + view[i, 14] < view[j, 5] + view[j, 14]:
        for part in (slice(c.AX, c.PRESSURE), slice(c.CX, c.MEAN + c.STATE)):
            m.floats[j, part] = m.floats[i, part]
        m.states[j], m.weights[j], view[j] = m.states[i], m.weights[i], view[i]
        b[c.T] = a[c.T]
    m.floats[j, c.R] = max(m.floats[i, c.R], m.floats[j, c.R])
    if a[c.UPDATED] > b[c.UPDATED]:
        m.floats[j, c.PACE] = m.floats[i, c.PACE]
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
        np.maximum(times[i], times[j], out=times[j])


def track_ids(keys: Integers) -> pa.Array:
    """Names of tracks from the keys of their birth plots: "T" and twelve letters (60 bits)."""
    words = stir(np.ascontiguousarray(keys).view(np.uint64))
    letters = np.empty((len(words), 13), np.uint8)
    letters[:, 0] = ord("T")
    for place in range(12):
        letters[:, place + 1] = LETTERS[(words >> np.uint64(5 * place)) & np.uint64(31)]
    return pa.array(letters.view("S13").ravel().astype("U13"), pa.string())


def _lists(flags: Flags, names: list[str]) -> pa.Array:
    """(n, k) flags as lists of the names of the set ones; names are sorted."""
    columns = np.nonzero(flags)[1]
    offsets = np.concatenate(([0], np.cumsum(flags.sum(axis=1))))
    if not names:
        return pa.array([[] for _ in range(len(flags))], pa.list_(pa.string()))
    values = pa.array(names, pa.string()).take(pa.array(columns))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), values)


def _texts(values: Integers, names: Any) -> pa.Array:
    """Codes as texts: each distinct code is translated once."""
    unique, index = np.unique(values, return_inverse=True)
    return pa.array([names(int(code)) for code in unique], pa.string()).take(pa.array(index))


def _optional(values: Integers, kind: pa.DataType, missing: int = -1) -> pa.Array:
    mask = values == missing
    return pa.array(np.where(mask, 0, values), kind, mask=mask)


def _table(state: FusionState, now_ns: int, g: Floats, motions: Floats) -> pa.Table:
    m = state.memory
    rows = np.flatnonzero(m.ints[: int(m.counters[c.C_HIGH]), c.STATUS] != c.FREE)
    if len(rows) == 0:
        return no_tracks()
    ids = track_ids(m.ints[rows, c.KEY])
    order = np.argsort(np.asarray(ids.to_numpy(zero_copy_only=False), dtype="U13"), kind="stable")
    rows, ids = rows[order], ids.take(pa.array(order))
    out = np.empty((len(rows), 20))
    describe(
        now_ns, rows, m.floats, m.ints, m.weights, state.room["view"], motions, g, out,
        state.room["scratch"],
    )  # fmt: skip
    n = m.ints[rows]
    status = np.where(
        n[:, c.STATUS] == c.CONFIRMED,
        np.where(out[:, 19] > 0.0, 2, 1),
        np.where(n[:, c.STATUS] == c.ENDED, 3, 0),
    )
    by_name = sorted(state.numbers)
    places = np.array([state.numbers[name] for name in by_name], np.int64)
    seen: Flags = m.hit[rows[:, None], places] > c.NEVER
    kinds = sorted(KINDS)
    shifts = np.array([KINDS.index(kind) for kind in kinds], np.int64)
    kind_flags: Flags = (n[:, c.KINDS, None] >> shifts) & 1 > 0
    merged = n[:, c.MERGED] != -1
    into = np.full(len(rows), None, dtype=object)
    if merged.any():
        into[merged] = track_ids(n[merged, c.MERGED]).to_pylist()
    numbers = [
        pa.array(out[:, column], pa.float64(), from_pandas=True) for column in (2, 3, 4, 5, 6, 7)
    ]
    confidence = np.where(n[:, c.HINT] >= 0, m.floats[rows, c.HINT_CONFIDENCE], np.nan)
    ground = n[:, c.GROUND]
    columns = [
        ids,
        pa.array(np.full(len(rows), now_ns), pa.int64()),
        pa.array(out[:, 0]),
        pa.array(out[:, 1]),
        *numbers,
        pa.FixedSizeListArray.from_arrays(pa.array(np.ascontiguousarray(out[:, 8:18]).ravel()), 10),
        STATUS_NAMES.take(pa.array(status)),
        pa.array(n[:, c.BIRTH]),
        pa.array(n[:, c.UPDATED]),
        pa.array(n[:, c.UPDATES], pa.int32()),
        _lists(seen, by_name),
        _lists(kind_flags, kinds),
        pa.array(out[:, 18]),
        _optional(n[:, c.ICAO], pa.uint32()),
        _optional(n[:, c.CODE], pa.uint16()),
        _texts(n[:, c.CALLSIGN], unpack_text),
        _texts(n[:, c.CATEGORY], unpack_text),
        _optional(n[:, c.NIC], pa.uint8()),
        _optional(n[:, c.NAC_P], pa.uint8()),
        _optional(n[:, c.SIL], pa.uint8()),
        _texts(n[:, c.EMERGENCY], lambda code: EMERGENCIES[code] if code >= 0 else None),
        pa.array(ground > 0, pa.bool_(), mask=ground < 0),
        _texts(n[:, c.MILITARY], unpack_text),
        _optional(n[:, c.COOPERATIVE], pa.int64(), int(c.NEVER)),
        _texts(n[:, c.HINT], lambda code: CLASSES[code] if code >= 0 else None),
        pa.array(confidence, pa.float64(), from_pandas=True),
        pa.array(into, pa.string()),
    ]
    return pa.Table.from_arrays(columns, schema=TRACK)
