"""Plots as arrays in one total order: checked, without duplicates, cut into batches of one sensor.

The order is (epoch, sensor, time, content): it depends on what the plots say and never on how they arrived
within a step.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.fusion import _layout as c
from vedette.fusion._order import (
    BEARING,
    FINE_BITS,
    GOOD,
    KEY_BITS,
    LATE,
    SENSOR_BITS,
    UNUSABLE,
    cut_batches,
    examine,
    settle_order,
)
from vedette.fusion.settings import FusionSettings
from vedette.fusion.words import pack_texts
from vedette.model.assessment import CLASSES
from vedette.model.columns import Flags, Floats, Integers, floats
from vedette.model.plot import EMERGENCIES, PLOT, remote_key
from vedette.model.time import SECOND_NS

KINDS: Final = (
    "psr", "ssr", "mode_s", "ads_b", "mlat", "remote_id", "cuas", "acoustic", "person", "track",
)  # fmt: skip
POLAR_KINDS: Final = frozenset({"psr", "ssr", "mode_s", "cuas"})
PRIMARY_KINDS: Final = frozenset({"psr", "cuas"})
WINDOW_MS: Final = 1_000  # tracks are entered in the spatial hash once per window
# plots of one sensor within an epoch compete for tracks; all divide a second, so that an epoch of a scene
# that is shifted by seconds holds the same plots
EPOCHS_MS: Final = (500, 250, 125, 50)
SECTORS_PER_TURN: Final = 16
RAW: Final = (
    "range_m", "azimuth_rad", "elevation_rad", "range_sigma_m", "azimuth_sigma_rad", "latitude_deg",
    "longitude_deg", "position_sigma_m", "pressure_altitude_m", "height_hae_m", "height_sigma_m",
    "ground_speed_mps", "track_angle_rad", "vertical_rate_mps", "class_confidence", "range_rate_mps",
    "observer_latitude_deg", "observer_longitude_deg", "observer_height_hae_m",
)  # fmt: skip

Words = NDArray[np.uint64]
Lend = Callable[[str, tuple[int, ...], Any], Any]
# shares so many plots or tracks over so many cores: each core's number, and its part of them
InParts = Callable[[Callable[[int, slice], None], int, int], None]


def epoch_ms(period_s: float) -> int:
    """Length of an epoch of a sensor of that period: a sixteenth of a turn, 50 to 500 ms."""
    return next((e for e in EPOCHS_MS if e <= 1_000.0 * period_s / SECTORS_PER_TURN), EPOCHS_MS[-1])


class Sites(NamedTuple):
    """Sensors as columns: rows are numbered in the order in which the picture met them."""

    numbers: dict[str, int]
    floats: Floats  # (s, SENSOR_FLOATS)
    sigmas: Floats  # (s, 2): range or place [m], azimuth [rad]
    seeds: Integers  # a hash of each sensor's id
    ranks: Integers  # their order by seed: does not depend on when a sensor was met
    epochs_ms: Integers


class Ordered(NamedTuple):
    """Plots ready to be placed, and how many were lost for which reason."""

    order: Integers  # (n,) columns of raw and names
    raw: Floats  # (RAW, all)
    names: Integers  # (PLOT_INTEGERS, all)
    bounds: Integers  # (b + 1,) bounds of batches
    windows: Integers  # (b,) second of each batch
    losses: dict[str, int]
    bearings: Integers  # (k,) columns of raw and names: directions without a range
    copies: Integers  # columns too: what another sensor has heard as well, and is not used again


class Known(NamedTuple):
    """Plots of earlier ticks, by which they are known if they come again."""

    keys: Words  # sorted
    first_ns: int  # time of validity of the first and the last
    last_ns: int

    def holds(self, keys: Words, times_ns: Integers) -> Flags:
        """Which of these plots are among them; a key tells the time as well."""
        found = (times_ns >= self.first_ns) & (times_ns <= self.last_ns)
        some = np.flatnonzero(found)
        if len(some):
            wanted = keys[some]
            at = np.minimum(np.searchsorted(self.keys, wanted), len(self.keys) - 1)
            found[some] = self.keys[at] == wanted
        return np.asarray(found)


def stir(values: Words) -> Words:
    """Spread bits (splitmix64, Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        z = values + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray(z ^ (z >> np.uint64(31)), dtype=np.uint64)


def seed_of(text: str) -> int:
    """A 64-bit hash of a name that is the same in every process (FNV-1a)."""
    value = 0xCBF29CE484222325
    for byte in text.encode("utf-8", "surrogatepass"):
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def _codes(column: pa.ChunkedArray, code: Any, missing: int) -> Integers:
    """Codes of a text column: each distinct text is translated once."""
    if column.null_count == len(column):
        return np.full(len(column), missing, np.int64)
    # one chunk is the ordinary case, and each of Arrow's functions costs as much for a few as for thousands
    values = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    encoded = values.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    table = np.array([code(text) for text in encoded.dictionary.to_pylist()] + [missing], np.int64)
    index = encoded.indices
    if index.null_count:
        index = pc.fill_null(index, len(table) - 1)
    return np.asarray(table[index.to_numpy(zero_copy_only=False)])


def _index(names: tuple[str, ...]) -> Any:
    numbers = {name: number for number, name in enumerate(names)}
    return lambda text: numbers.get(text, -1)


def order_plots(
    table: pa.Table, sites: Sites, settings: FusionSettings, now_ns: int, heard: Integers,
    recent: list[Known], lend: Lend, in_parts: InParts,
) -> tuple[Ordered, Known]:  # fmt: skip
    """Plots of one tick in their total order, and the keys to know them by if they come again.

    Args:
        table: plots of the model, in any order.
        sites: every sensor named in ``table`` that may be used.
        settings: of the filter.
        now_ns: time of the tick.
        heard: (s,) latest time of a plot of each sensor before this tick [ns].
        recent: plots of earlier ticks.
        lend: gives arrays that are used until the next tick, by name, shape and type.
        in_parts: shares work over the cores.
    """
    losses = {"late": 0, "duplicate": 0, "unusable": 0, "overflow": 0}
    n = table.num_rows
    raw = lend("raw", (len(RAW), n), np.float64)
    for row, name in zip(raw, RAW, strict=True):
        row[:] = np.nan if _absent(table.column(name)) else floats(table, name)
    names = _names(table, sites, lend)
    status, keys = np.empty(n, np.int64), np.zeros(n, np.int64)
    places, past = np.zeros(n, np.int64), np.zeros(n, np.bool_)

    def part(_: int, own: slice) -> None:
        examine(
            own.start, own.stop, raw, raw.view(np.int64), names, sites.seeds, sites.ranks, sites.epochs_ms,
            sites.floats, sites.sigmas, heard, now_ns, int(settings.late_max_s * SECOND_NS),
            int(settings.future_max_s * SECOND_NS), status, keys, places, past,
        )  # fmt: skip

    in_parts(part, n, settings.cores)
    losses["late"] = int((status == LATE).sum())
    losses["unusable"] = int((status == UNUSABLE).sum())
    good = np.flatnonzero(status == GOOD)
    unsigned = places.view(np.uint64)
    order = good[np.argsort(unsigned[good], kind="quicksort")]
    settle_order(order, places, raw, names)
    fresh = np.ones(len(order), np.bool_)
    own = keys[order]
    fresh[1:] = own[1:] != own[:-1]
    suspects = np.flatnonzero(fresh & past[order])
    if len(suspects):
        words, times_ns = own.view(np.uint64)[suspects], names[c.P_T, order[suspects]]
        for known in recent:
            fresh[suspects[known.holds(words, times_ns)]] = False
    bearings = _fresh_bearings(np.flatnonzero(status == BEARING), names, recent)
    losses["duplicate"] = (
        int(len(fresh) - fresh.sum()) + int((status == BEARING).sum()) - len(bearings)
    )
    order = order[fresh]
    order, copies, words = _heard_elsewhere(order, raw, names, sites, recent)
    losses["duplicate"] += len(copies)
    if len(order) > settings.plots_max:
        losses["overflow"] = len(order) - settings.plots_max
        order = order[: settings.plots_max]
    bounds = np.empty(len(order) + 1, np.int64)
    # no batch is longer than a sensor's plots: the table is of those, and is left empty by each batch
    size = 1 << max(4, (4 * _longest(order, places)).bit_length())
    found = cut_batches(
        order, places, names, np.full((2, size), -1), np.empty(len(order), np.int64),
        np.empty(len(order), np.int64), bounds,
    )  # fmt: skip
    bounds = bounds[: found + 1].copy()
    base_ms = (now_ns - int(settings.late_max_s * SECOND_NS)) // 1_000_000 - 1_000
    first = unsigned[order[bounds[:-1]]] >> np.uint64(SENSOR_BITS + FINE_BITS + KEY_BITS)
    windows = (first.astype(np.int64) + base_ms) // WINDOW_MS
    used = np.concatenate([order, bearings])
    times_ns = names[c.P_T, used] if len(used) else np.zeros(1, np.int64)
    known_by = np.sort(np.concatenate([keys[used].view(np.uint64), words]))
    return (
        Ordered(order, raw, names, bounds, windows, losses, bearings, copies),
        Known(known_by, int(times_ns.min()), int(times_ns.max())),
    )


def _heard_elsewhere(
    order: Integers, raw: Floats, names: Integers, sites: Sites, recent: list[Known]
) -> tuple[Integers, Integers, Words]:
    """What only one sensor says, what another says as well, and words to know the first by.

    An object that tells its own place is heard by many. The same address, place and nanosecond from two sensors
    are one report and not two that agree: taken for two, a single wrong place would pass for a second object. The
    one stays that says most.
    """
    none = order[:0], np.zeros(0, np.uint64)
    elsewhere = sites.floats[:, c.S_POLAR] == 0.0
    if int(elsewhere.sum()) < 2:
        return order, *none
    at = np.flatnonzero(elsewhere[names[c.P_SENSOR, order]] & (names[c.P_ICAO, order] >= 0))
    if not len(at):
        return order, *none
    rows = order[at]
    sensor, bits = names[c.P_SENSOR, rows], raw.view(np.uint64)
    words = stir(names[c.P_T, rows].view(np.uint64))
    for part in (names[c.P_ICAO, rows], names[c.P_KIND, rows]):
        words = stir(words ^ part.view(np.uint64))
    for column in (RAW.index("latitude_deg"), RAW.index("longitude_deg")):
        words = stir(words ^ bits[column, rows])
    by_sensor = stir(words ^ sites.seeds[sensor].view(np.uint64))
    known, times_ns = np.zeros(len(rows), np.bool_), names[c.P_T, rows]
    first_ns, last_ns = int(times_ns.min()), int(times_ns.max())
    for before in recent:  # of its own sensor it may be told again with more
        if before.first_ns <= last_ns and before.last_ns >= first_ns:
            found = before.holds(words, times_ns)
            if found.any():
                known |= found & ~before.holds(by_sensor, times_ns)
    by_word = np.argsort(words, kind="stable")
    twice = np.flatnonzero(words[by_word[1:]] == words[by_word[:-1]])
    if len(twice):
        some = np.unique(np.concatenate([by_word[twice], by_word[twice + 1]]))
        named = names[c.P_ICAO : c.P_HINT + 1, rows[some]] > 0
        said = np.isfinite(raw[:, rows[some]]).sum(axis=0) + named.sum(axis=0)
        some = some[np.lexsort((some, -said, words[some]))]
        first = np.concatenate(([True], words[some[1:]] != words[some[:-1]]))
        kept = some[np.maximum.accumulate(np.where(first, np.arange(len(some)), 0))]
        known[some] |= sensor[some] != sensor[kept]
    stays = np.ones(len(order), np.bool_)
    stays[at[known]] = False
    return order[stays], rows[known], np.concatenate([words[~known], by_sensor[~known]])


def _longest(order: Integers, places: Integers) -> int:
    """Plots of the longest batch."""
    if not len(order):
        return 0
    heads = places[order] >> np.int64(FINE_BITS + KEY_BITS)
    edges = np.flatnonzero(np.concatenate(([True], heads[1:] != heads[:-1], [True])))
    return int(np.diff(edges).max())


def _fresh_bearings(found: Integers, names: Integers, recent: list[Known]) -> Integers:
    """Bearings by time and key, each once."""
    if not len(found):
        return found
    found = found[np.lexsort((names[c.P_KEY, found], names[c.P_T, found]))]
    words = names[c.P_KEY, found].view(np.uint64)
    fresh = np.ones(len(found), np.bool_)
    fresh[1:] = words[1:] != words[:-1]
    for known in recent:
        fresh &= ~known.holds(words, names[c.P_T, found])
    return found[fresh]


def _absent(column: pa.ChunkedArray) -> bool:
    return bool(column.null_count == len(column))


def _names(table: pa.Table, sites: Sites, lend: Lend) -> Integers:
    """Whole-number columns of the plots: (PLOT_INTEGERS, n)."""
    names: Integers = lend("names", (c.PLOT_INTEGERS, table.num_rows), np.int64)
    names[:] = -1
    names[c.P_T] = table.column("valid_ns").to_numpy()
    names[c.P_SENSOR] = _codes(
        table.column("sensor_id"), lambda text: sites.numbers.get(text, -1), -1
    )
    names[c.P_KIND] = _codes(table.column("kind"), _index(KINDS), -1)
    names[c.P_CALLSIGN] = names[c.P_CATEGORY] = names[c.P_MILITARY] = 0
    for at, name in (
        (c.P_ICAO, "icao24"), (c.P_CODE, "mode3a"), (c.P_NIC, "nic"), (c.P_NAC_P, "nac_p"),
        (c.P_SIL, "sil"), (c.P_GROUND, "on_ground"), (c.P_NUMBER, "track_number"),
    ):  # fmt: skip
        column = table.column(name)
        if not _absent(column):
            names[at] = pc.fill_null(pc.cast(column, pa.int64()), -1).to_numpy()
    serials = table.column("remote_id")
    if not _absent(
        serials
    ):  # a drone's serial number names it as a 24-bit address names an aircraft
        named = _codes(serials, remote_key, -1)
        names[c.P_ICAO] = np.where(names[c.P_ICAO] < 0, named, names[c.P_ICAO])
    for at, name in (
        (c.P_CALLSIGN, "callsign"), (c.P_CATEGORY, "emitter_category"), (c.P_MILITARY, "military_reply"),
    ):  # fmt: skip
        column = table.column(name)
        if not _absent(column):
            names[at] = pack_texts(column)
    for at, name, code in (
        (c.P_EMERGENCY, "emergency", _index(EMERGENCIES)), (c.P_HINT, "class_hint", _index(CLASSES)),
    ):  # fmt: skip
        column = table.column(name)
        if not _absent(column):
            names[at] = _codes(column, code, -1)
    return names


def complete_table(table: pa.Table) -> pa.Table:
    """A table with every plot column: absent ones are null, types are cast."""
    if table.schema.equals(PLOT):
        return table
    columns = []
    for field in PLOT:
        if field.name in table.column_names:
            columns.append(table.column(field.name).cast(field.type))
        else:
            columns.append(pa.nulls(table.num_rows, field.type))
    return pa.table(columns, names=PLOT.names)
