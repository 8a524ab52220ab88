"""Integrity of cooperative data: what each aircraft says of its place, held against itself and others.

The monitor reads plots before they are fused, keyed by address, so that a place that jumps or is heard twice
is seen as such and not as two objects. Its verdicts are about the word of an aircraft, never about intent:
an airliner whose receiver is deceived is a victim.
"""

import math
from collections.abc import Sequence
from typing import Final, Literal, get_args

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.identity import _monitor as k
from vedette.identity._kernels import distance_m
from vedette.identity.settings import IdentitySettings, MonitorSettings
from vedette.model.columns import Flags, Floats, Integers, floats, integers, strings
from vedette.model.frames import polar_to_geodetic_deg
from vedette.model.plot import REMOTE_KEYS, remote_key
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

Verdict = Literal[
    "none",
    "suspected_interference",
    "duplicate_address",
    "impossible_kinematics",
    "disagrees_with_radar",
    "suspected_spoofing",
]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
NONE, INTERFERENCE, DUPLICATE, KINEMATICS, DISAGREES, SPOOFING = range(6)
# In the order of the columns of ``flag_ns``: the verdict a reason leads to, and its words.
REASONS: Final[tuple[tuple[str, int, str], ...]] = (
    ("jump", SPOOFING, "its place went where no aircraft can fly in that time, and stayed there"),
    ("radar", DISAGREES, "a radar or multilateration measures it elsewhere"),
    ("speed", KINEMATICS, "the way it flew does not fit the speed and course that it reports"),
    ("velocity_break", SPOOFING, "its velocity changed at once by more than an aircraft can"),
    ("height", SPOOFING, "its geometric height left its pressure altitude"),
    ("circle", SPOOFING, "it reports to stand or to circle slowly where it cannot fly so slowly"),
    ("clock", SPOOFING, "its clock left that of all others heard with it"),
    ("two_places", DUPLICATE, "its address is heard from two places in turn"),
    ("accuracy", INTERFERENCE, "its stated accuracy collapsed (NIC, NACp), as by jamming"),
    (
        "common_place",
        SPOOFING,
        "it and others jumped to one place, as by a spoofer in reach of all",
    ),
    (
        "in_turn",
        SPOOFING,
        "serial numbers speak in turn, each for moments, as from one transmitter",
    ),
)
_LEADS: Final = np.array([verdict for _, verdict, _ in REASONS])
_OWN: Final = ("ads_b", "remote_id")
_MEASURED: Final = ("mode_s", "ssr", "mlat")
_HELD: Final = (
    "sensor_id", "kind", "valid_ns", "received_ns", "latitude_deg", "longitude_deg", "height_hae_m",
    "pressure_altitude_m", "range_m", "azimuth_rad", "ground_speed_mps", "track_angle_rad", "nic", "nac_p",
    "on_ground",
)  # fmt: skip
_NEVER: Final = -1
# Verdicts under which a place that rests on the aircraft's word alone is not believed.
FALSE_PLACE: Final = (KINEMATICS, DISAGREES, SPOOFING)


# Reasons that tell of deceived satellite navigation; a serial number in turn tells of a transmitter.
SPOOFED_REASONS: Final = (k.JUMP, k.RADAR, k.BREAK, k.GEOMETRIC, k.CIRCLE, k.CLOCK, k.COMMON)


def is_address(keys: Integers) -> Flags:
    """(n,) whether a key is a 24-bit address."""
    found: Flags = keys < REMOTE_KEYS
    return found


class MonitorState(msgspec.Struct, frozen=True, kw_only=True):
    """What the monitor remembers of each aircraft; each step gives a new one."""

    keys: Integers  # (n,) sorted: the address, or a digest of what else it is called by
    place: Floats  # (n, PLACES)
    since: Integers  # (n, COUNTS)
    flag_ns: Integers  # (n, reasons) when each reason was last seen
    first_ns: Integers  # (n, reasons) and since when without a pause
    verdict: Integers  # (n,)
    reasons: Integers  # (n,) those that stood at the last step, one bit each
    names: dict[int, str] = {}  # of keys that are no address


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on the word of one aircraft, with its reasons."""

    aircraft: str  # six hex digits, or its serial number
    icao24: int | None
    verdict: Verdict
    reasons: tuple[str, ...]  # in words
    since_ns: int | None  # of its oldest reason
    valid_ns: int
    latitude_deg: float | None  # where it says it is
    longitude_deg: float | None
    before_deg: tuple[float, float] | None  # where it was before it jumped


class Verdicts(msgspec.Struct, frozen=True, kw_only=True):
    """All verdicts other than none, by what names who is judged, and what changed in this step."""

    keys: Integers  # (m,) sorted: 24-bit addresses, and ``remote_key`` of drones
    verdict: Integers  # (m,) index into VERDICTS
    changed: tuple[Finding, ...]  # whose reasons did

    def of(self, keys: Integers) -> Integers:
        """(n,) verdicts on (n,) keys; -1 is none, of which nothing is said."""
        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        found: Integers = np.where(self.keys[at] == keys, self.verdict[at], NONE)
        return found


def nothing() -> Verdicts:
    """No verdict on anybody."""
    none = np.empty(0, dtype=np.int64)
    return Verdicts(keys=none, verdict=none, changed=())


def initial() -> MonitorState:
    """Nobody heard yet."""
    return MonitorState(
        keys=np.empty(0, dtype=np.int64),
        place=np.empty((0, k.PLACES)),
        since=np.empty((0, k.COUNTS), dtype=np.int64),
        flag_ns=np.empty((0, k.REASON_COUNT), dtype=np.int64),
        first_ns=np.empty((0, k.REASON_COUNT), dtype=np.int64),
        verdict=np.empty(0, dtype=np.int64),
        reasons=np.empty(0, dtype=np.int64),
    )


def limits_of(settings: MonitorSettings) -> Floats:
    """(14,) the bounds as the kernel reads them."""
    s = settings
    return np.array(
        [
            s.fastest_mps, s.room_m, s.twin_m, s.slip_mps, s.slip_share, s.window_s, s.break_mps,
            s.gap_m, s.gap_share, s.radar_m, s.radar_rad, s.circle_mps, s.circle_m, s.clock_s,
        ]
    )  # fmt: skip


def step(
    settings: IdentitySettings,
    state: MonitorState,
    plots: pa.Table,
    sensors: Sequence[Sensor],
    now_ns: int,
) -> tuple[MonitorState, Verdicts]:
    """Hear what came since the last step.

    Args:
        settings: bounds; those of ``monitor``.
        state: of the step before; it is not changed.
        plots: PLOT rows of all sensors, in any order.
        sensors: sites of the radars; a polar plot of one that is not here says nothing.
        now_ns: this step, ns UTC.

    Returns:
        The next state, and the verdicts.
    """
    monitor = settings.monitor
    keys, names, used = _keys_of(state, plots)
    state = _with_room(monitor, state, np.unique(keys), names, now_ns)
    if len(used):
        _follow(monitor, state, plots, sensors, keys, used)
    _common_places(monitor, state, now_ns)
    _in_turn(monitor, state, now_ns)
    return _judged(monitor, state, now_ns)


def _keys_of(state: MonitorState, plots: pa.Table) -> tuple[Integers, dict[int, str], Integers]:
    """Key of each plot that can be used, the names of keys that are no address, and which plots."""
    icao24 = integers(plots, "icao24", missing=_NEVER)
    names: dict[int, str] = {}
    keys = icao24.copy()
    if plots.column("remote_id").null_count < plots.num_rows:
        for row, name in enumerate(strings(plots, "remote_id")):
            if name and keys[row] < 0:
                keys[row] = remote_key(name)
                names[int(keys[row])] = name
    named = keys >= 0
    spoke = named & _is_one_of(plots, _OWN)
    # where a radar sees an aircraft that has never said where it is there is nothing to hold it against
    spoken = np.concatenate((keys[spoke], state.keys[state.since[:, k.SEEN] >= 0]))
    measured = np.flatnonzero(named & _is_one_of(plots, _MEASURED))
    spoke[measured] = np.isin(keys[measured], spoken)
    used = np.flatnonzero(spoke)
    return keys[used], names, used


def _is_one_of(plots: pa.Table, kinds: tuple[str, ...]) -> Flags:
    found = pc.is_in(plots.column("kind"), value_set=pa.array(kinds))
    return np.asarray(found).astype(np.bool_)


def _with_room(
    settings: MonitorSettings,
    state: MonitorState,
    heard: Integers,
    names: dict[int, str],
    now_ns: int,
) -> MonitorState:
    """A copy with rows for new aircraft, without those not heard for long."""
    age_ns = now_ns - state.since[:, k.HEARD]
    recent = age_ns <= settings.forget_s * SECOND_NS
    is_known = np.zeros(len(heard), dtype=np.bool_)
    if len(state.keys):  # sorted, as those heard are
        at = np.minimum(np.searchsorted(state.keys, heard), len(state.keys) - 1)
        is_known = state.keys[at] == heard
        recent[at[is_known]] = True
    kept, new = np.flatnonzero(recent), heard[~is_known]
    room = max(0, settings.aircraft_max - len(new))
    if len(kept) > room:
        kept = np.sort(kept[np.argsort(age_ns[kept], kind="stable")[:room]])
    elif not len(new) and len(kept) == len(state.keys):  # as usual: nobody came or was forgotten
        return MonitorState(
            keys=state.keys, place=state.place.copy(), since=state.since.copy(), flag_ns=state.flag_ns.copy(),
            # these are replaced, and not written to
            first_ns=state.first_ns, verdict=state.verdict, reasons=state.reasons,
            names=state.names | names if names else state.names,
        )  # fmt: skip
    keys = np.concatenate((state.keys[kept], new))
    order = np.argsort(keys, kind="stable")
    count = len(new)
    place = np.full((count, k.PLACES), np.nan)
    place[:, k.TURN] = 0.0
    place[:, k.SHORT] = np.where(new < REMOTE_KEYS, 1.0, settings.remote_share)
    since = np.zeros((count, k.COUNTS), dtype=np.int64)
    for column in (
        k.SEEN, k.OTHER_SEEN, k.OTHER_BEGAN, k.WINDOW, k.VELOCITY_SEEN, k.GAP_SEEN, k.NIC_BEST,
        k.NAC_BEST, k.HEARD, k.BORN, k.BOTH_BEGAN, k.TURN_SEEN, k.STRAY_SEEN,
    ):  # fmt: skip
        since[:, column] = _NEVER
    never = np.full((count, k.REASON_COUNT), _NEVER, dtype=np.int64)
    known = {key: name for key, name in (state.names | names).items() if key in set(keys.tolist())}
    return MonitorState(
        keys=keys[order],
        place=np.concatenate((state.place[kept], place))[order],
        since=np.concatenate((state.since[kept], since))[order],
        flag_ns=np.concatenate((state.flag_ns[kept], never))[order],
        first_ns=np.concatenate((state.first_ns[kept], never))[order],
        verdict=np.concatenate((state.verdict[kept], np.zeros(count, dtype=np.int64)))[order],
        reasons=np.concatenate((state.reasons[kept], np.zeros(count, dtype=np.int64)))[order],
        names=known,
    )


def _follow(
    settings: MonitorSettings,
    state: MonitorState,
    plots: pa.Table,
    sensors: Sequence[Sensor],
    keys: Integers,
    used: Integers,
) -> None:
    some = plots.select(_HELD)
    if len(used) < plots.num_rows:
        some = some.take(used)
    rows = np.searchsorted(state.keys, keys)
    times_ns = integers(some, "valid_ns", missing=0)
    order = np.lexsort((times_ns, rows))
    measured = _is_one_of(some, _MEASURED).astype(np.int64)
    grounded = np.asarray(pc.fill_null(some.column("on_ground"), fill_value=False)).astype(bool)
    latitude, longitude = floats(some, "latitude_deg"), floats(some, "longitude_deg")
    pressure = floats(some, "pressure_altitude_m")
    _place_polar(state, some, sensors, rows, measured, latitude, longitude, pressure)
    # on the ground a receiver may lie in the shade of a building: no word of what is flown
    latitude = np.where(grounded, np.nan, latitude)
    speed, course = floats(some, "ground_speed_mps"), floats(some, "track_angle_rad")
    k.follow(
        rows[order],
        times_ns[order],
        measured[order],
        latitude[order],
        longitude[order],
        (speed * np.sin(course))[order],
        (speed * np.cos(course))[order],
        pressure[order],
        floats(some, "height_hae_m")[order],
        np.nan_to_num(floats(some, "range_m"))[order],
        np.where(grounded, _NEVER, integers(some, "nic", missing=_NEVER))[order],
        np.where(grounded, _NEVER, integers(some, "nac_p", missing=_NEVER))[order],
        _clock_s(some, times_ns)[order],
        limits_of(settings),
        state.place,
        state.since,
        state.flag_ns,
    )


def _place_polar(
    state: MonitorState,
    plots: pa.Table,
    sensors: Sequence[Sensor],
    rows: Integers,
    measured: Integers,
    latitude: Floats,
    longitude: Floats,
    pressure: Floats,
) -> None:
    """Fill in the places of radar plots whose height and site are known."""
    range_m, azimuth = floats(plots, "range_m"), floats(plots, "azimuth_rad")
    polar = (measured == 1) & np.isnan(latitude) & ~np.isnan(range_m) & ~np.isnan(azimuth)
    if not polar.any():
        return
    height = np.where(np.isnan(pressure), state.place[rows, k.HEIGHT], pressure)
    ids = plots.column("sensor_id").combine_chunks().dictionary_encode()
    of, names = np.asarray(ids.indices, dtype=np.int64), ids.dictionary.to_pylist()
    where = np.flatnonzero(polar & ~np.isnan(height))
    where = where[np.argsort(of[where], kind="stable")]
    sites = {sensor.sensor_id: sensor for sensor in sensors}
    for code, name in enumerate(names):
        first, last = np.searchsorted(of[where], (code, code + 1))
        sensor = sites.get(name)
        if first < last and sensor is not None:
            mine = where[first:last]
            site = (sensor.latitude_deg, sensor.longitude_deg, sensor.height_hae_m)
            found = polar_to_geodetic_deg(site, range_m[mine], azimuth[mine], height[mine])
            latitude[mine], longitude[mine] = found[:, 0], found[:, 1]


def _clock_s(plots: pa.Table, times_ns: Integers) -> Floats:
    """(n,) how far the time of a report is from that of others of its sensor; NaN where none tell.

    Only where most agree within a tenth of a second is there a common clock to be away from.
    """
    lag_s = (integers(plots, "received_ns", missing=0) - times_ns) * 1e-9
    out = np.full(len(lag_s), np.nan)
    ids = np.asarray(
        plots.column("sensor_id").combine_chunks().dictionary_encode().indices, dtype=np.int64
    )
    own = _is_one_of(plots, _OWN)
    for one in np.unique(ids[own]):
        mine = np.flatnonzero((ids == one) & own)
        if len(mine) < 8:
            continue
        low, middle, high = np.quantile(lag_s[mine], (0.25, 0.5, 0.75))
        if high - low <= 0.1:
            out[mine] = lag_s[mine] - middle
    return out


def _common_places(settings: MonitorSettings, state: MonitorState, now_ns: int) -> None:
    """Jumps of several aircraft that end in one place."""
    hold_ns = int(settings.hold_s * SECOND_NS)
    jumped = np.flatnonzero(
        (state.flag_ns[:, k.JUMP] >= 0) & (now_ns - state.flag_ns[:, k.JUMP] <= hold_ns)
    )
    if len(jumped) < settings.common_count:
        return
    order = jumped[np.argsort(state.place[jumped, k.LAT], kind="stable")]
    reach_deg = math.degrees(settings.common_m / 6_371_008.8)
    latitude = state.place[order, k.LAT]
    for row in order.tolist():
        here = state.place[row]
        low, high = np.searchsorted(latitude, (here[k.LAT] - reach_deg, here[k.LAT] + reach_deg))
        beside = [
            other
            for other in order[low : min(high, low + 256)].tolist()
            if distance_m(
                here[k.LAT], here[k.LON], state.place[other, k.LAT], state.place[other, k.LON]
            )
            <= settings.common_m
        ]
        if len(beside) >= settings.common_count:
            state.flag_ns[row, k.COMMON] = state.flag_ns[row, k.JUMP]


def _in_turn(settings: MonitorSettings, state: MonitorState, now_ns: int) -> None:
    """Serial numbers that were never heard together, and none for longer than moments."""
    remote = np.flatnonzero(
        (state.keys >= REMOTE_KEYS)
        & (now_ns - state.since[:, k.HEARD] <= int(settings.hold_s * SECOND_NS))
    )
    if len(remote) < settings.turns_count:
        return
    born, heard = state.since[remote, k.BORN], state.since[remote, k.HEARD]
    order = np.argsort(born, kind="stable")
    brief = (heard - born)[order] <= int(settings.turns_s * SECOND_NS)
    alone = np.ones(len(order), dtype=np.bool_)
    alone[1:] = born[order][1:] >= np.maximum.accumulate(heard[order])[:-1]
    run: list[int] = []
    for at in range(len(order) + 1):
        if at < len(order) and brief[at] and (not run or alone[at]):
            run.append(int(remote[order[at]]))
            continue
        if len(run) >= settings.turns_count:
            state.flag_ns[run, k.IN_TURN] = state.since[run, k.HEARD]
        run = [int(remote[order[at]])] if at < len(order) and brief[at] else []


def _judged(
    settings: MonitorSettings, state: MonitorState, now_ns: int
) -> tuple[MonitorState, Verdicts]:
    count = len(state.keys)
    some = np.flatnonzero((state.flag_ns >= 0).any(axis=1))  # of the others nothing is held
    flag_ns, first_ns = state.flag_ns[some], state.first_ns[some]
    held = _held(settings, flag_ns, now_ns)
    first = np.full((count, k.REASON_COUNT), _NEVER, dtype=np.int64)
    first[some] = np.where(held, np.where(first_ns >= 0, first_ns, flag_ns), _NEVER)
    worst = np.where(held, _LEADS, NONE).max(axis=1, initial=NONE)
    # heard from two places in turn: neither is a jump of the other
    twin = held[:, k.DUPLICATE] & ~held[:, k.RADAR] & ~held[:, k.COMMON]
    worst = np.where(twin, DUPLICATE, worst)
    # a jammed receiver that says so wanders: that is what it said
    jammed = held[:, k.COLLAPSE] & (worst == KINEMATICS)
    verdict, reasons = np.full(count, NONE, dtype=np.int64), np.zeros(count, dtype=np.int64)
    verdict[some] = np.where(jammed, INTERFERENCE, worst)
    reasons[some] = held @ (1 << np.arange(k.REASON_COUNT))
    changed = np.flatnonzero(reasons != state.reasons)
    state = msgspec.structs.replace(state, first_ns=first, verdict=verdict, reasons=reasons)
    said = verdict > NONE
    return state, Verdicts(
        keys=state.keys[said],
        verdict=verdict[said],
        changed=tuple(_finding(settings, state, int(row), now_ns) for row in changed),
    )


def _finding(settings: MonitorSettings, state: MonitorState, row: int, now_ns: int) -> Finding:
    key, one = int(state.keys[row]), state.place[row]
    held = held_reasons(settings, state, now_ns)[row]
    since = state.first_ns[row][held]
    jumped = bool(held[k.JUMP]) and not math.isnan(one[k.PAST_LAT])
    return Finding(
        aircraft=state.names.get(key, f"{key:06x}"),
        icao24=key if key < REMOTE_KEYS else None,
        verdict=VERDICTS[state.verdict[row]],
        reasons=tuple(words for (_, _, words), on in zip(REASONS, held, strict=True) if on),
        since_ns=int(since.min()) if len(since) else None,
        valid_ns=now_ns,
        latitude_deg=None if math.isnan(one[k.LAT]) else float(one[k.LAT]),
        longitude_deg=None if math.isnan(one[k.LON]) else float(one[k.LON]),
        before_deg=(float(one[k.PAST_LAT]), float(one[k.PAST_LON])) if jumped else None,
    )


def findings(settings: IdentitySettings, state: MonitorState, now_ns: int) -> list[Finding]:
    """All aircraft about which something is found now, by their names."""
    rows = np.flatnonzero(state.verdict > NONE).tolist()
    found = [_finding(settings.monitor, state, row, now_ns) for row in rows]
    return sorted(found, key=lambda finding: finding.aircraft)


def held_reasons(settings: MonitorSettings, state: MonitorState, now_ns: int) -> Flags:
    """(n, reasons) which reasons stand now."""
    return _held(settings, state.flag_ns, now_ns)


def _held(settings: MonitorSettings, flag_ns: Integers, now_ns: int) -> Flags:
    hold_ns = int(settings.hold_s * SECOND_NS)
    held: Flags = (flag_ns >= 0) & (now_ns - flag_ns <= hold_ns)
    return held
