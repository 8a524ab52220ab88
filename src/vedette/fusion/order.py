"""Plots as arrays in one total order: checked, without duplicates, cut into batches of one sensor.

The order is (time, sensor, content): it depends on what the plots say and never on how they arrived
within a step.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.fusion import _layout as c
from vedette.fusion.settings import FusionSettings
from vedette.model.assessment import CLASSES
from vedette.model.columns import Flags, Floats, Integers, floats
from vedette.model.plot import EMERGENCIES, PLOT
from vedette.model.time import SECOND_NS

KINDS: Final = (
    "psr", "ssr", "mode_s", "ads_b", "mlat", "remote_id", "cuas", "acoustic", "person", "track",
)  # fmt: skip
POLAR_KINDS: Final = frozenset({"psr", "ssr", "mode_s", "cuas"})
PRIMARY_KINDS: Final = frozenset({"psr", "cuas"})
WINDOW_NS: Final = SECOND_NS  # tracks are entered in the spatial hash once per window
EPOCH_NS: Final = SECOND_NS // 2  # plots of one sensor within it compete for tracks
# 95 % radius of NACp 1..11 [m], RTCA DO-260B; two equal Gaussian axes hold 95 % within 2.448 sigma
NAC_P_M: Final = np.array(
    [np.nan, 18_520.0, 7_408.0, 3_704.0, 1_852.0, 926.0, 555.6, 185.2, 92.6, 30.0, 10.0, 3.0]
)
RAW: Final = (
    "range_m", "azimuth_rad", "elevation_rad", "range_sigma_m", "azimuth_sigma_rad", "latitude_deg",
    "longitude_deg", "position_sigma_m", "pressure_altitude_m", "height_hae_m", "height_sigma_m",
    "ground_speed_mps", "track_angle_rad", "vertical_rate_mps", "class_confidence",
)  # fmt: skip
KEY_COLUMNS: Final = (0, 1, 2, 5, 6, 8, 9)  # of RAW, that tell one report from another

Words = NDArray[np.uint64]


class Sites(NamedTuple):
    """Sensors as columns: rows are numbered in the order in which the picture met them."""

    numbers: dict[str, int]
    floats: Floats  # (s, SENSOR_FLOATS)
    range_sigma_m: Floats
    azimuth_sigma_rad: Floats
    seeds: Words  # a hash of each sensor's id


class Ordered(NamedTuple):
    """Plots ready for the kernels, and how many were lost for which reason."""

    raw: Floats
    ints: Integers
    batches: Integers  # (b + 1,) bounds of batches
    windows: Integers  # (b,) window of each batch
    losses: dict[str, int]


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


def pack_text(text: str | None) -> int:
    """Up to eight bytes of a text as an integer; 0 is none."""
    if not text:
        return 0
    return int.from_bytes(
        text.strip().encode("utf-8", "replace")[:8].ljust(8, b"\0"), "big", signed=True
    )


def unpack_text(value: int) -> str | None:
    """The text of ``pack_text``, or None for 0.

    >>> unpack_text(pack_text("SWR123"))
    'SWR123'
    """
    if value == 0:
        return None
    return (
        int(value).to_bytes(8, "big", signed=True).rstrip(b"\0").decode("utf-8", "ignore") or None
    )


def _codes(column: pa.ChunkedArray, code: Any, missing: int) -> Integers:
    """Codes of a text column: each distinct text is translated once."""
    if column.null_count == len(column):
        return np.full(len(column), missing, np.int64)
    encoded = pc.dictionary_encode(column.combine_chunks())
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    table = np.array([code(text) for text in encoded.dictionary.to_pylist()] + [missing], np.int64)
    index = pc.fill_null(pc.cast(encoded.indices, pa.int64()), len(table) - 1)
    return np.asarray(table[index.to_numpy(zero_copy_only=False)])


def _whole(table: pa.Table, name: str) -> Integers:
    column = table.column(name)
    if column.null_count == len(column):
        return np.full(len(column), -1, np.int64)
    filled = pc.fill_null(pc.cast(column, pa.int64()), -1)
    return np.asarray(filled.to_numpy(), dtype=np.int64)


def _index(names: tuple[str, ...]) -> Any:
    numbers = {name: number for number, name in enumerate(names)}
    return lambda text: numbers.get(text, -1)


def _clean(raw: Floats) -> None:
    """Set to unknown what cannot be: it is one value that is lost, not the plot."""
    limits = (
        (0, 1.0, 2_000_000.0), (2, -np.pi / 2, np.pi / 2), (3, 1e-3, 1e5), (4, 1e-7, 1.0),
        (5, -90.0, 90.0), (6, -360.0, 360.0), (7, 1e-3, 1e5), (8, -1_000.0, 60_000.0),
        (9, -1_000.0, 200_000.0), (10, 0.0, 50_000.0), (11, 0.0, 4_000.0), (13, -1_000.0, 1_000.0),
    )  # fmt: skip
    with np.errstate(invalid="ignore"):
        for column, low, high in limits:
            values = raw[:, column]
            values[~((values >= low) & (values <= high))] = np.nan
        for column in (1, 12):
            values = raw[:, column]
            values[~(np.abs(values) < 1e3)] = np.nan
            np.mod(values, 2.0 * np.pi, out=values)


def _hash(words: list[Words]) -> Words:
    value = np.zeros(len(words[0]), np.uint64)
    for word in words:
        value = stir(value ^ word)
    return value


def _bits(values: Floats) -> Words:
    clean = np.where(np.isnan(values), np.nan, values + 0.0)  # one NaN, one zero
    return np.ascontiguousarray(clean).view(np.uint64)


def order_plots(
    table: pa.Table, sites: Sites, settings: FusionSettings, now_ns: int, heard: Integers,
    recent: list[Words],
) -> tuple[Ordered, Words]:  # fmt: skip
    """Plots of one tick in their total order, and the keys to know them by if they come again.

    Args:
        table: plots of the model, in any order.
        sites: every sensor named in ``table`` that may be used.
        settings: of the filter.
        now_ns: time of the tick.
        heard: (s,) latest time of a plot of each sensor before this tick [ns].
        recent: sorted keys of the plots of earlier ticks.
    """
    losses = {"late": 0, "duplicate": 0, "unusable": 0, "overflow": 0}
    n = table.num_rows
    raw = np.empty((n, len(RAW)))
    for number, name in enumerate(RAW):
        raw[:, number] = floats(table, name)
    raw[:, 12] = np.where(np.isfinite(raw[:, 11]), raw[:, 12], np.nan)
    _clean(raw)
    sensor = _codes(table.column("sensor_id"), lambda text: sites.numbers.get(text, -1), -1)
    kind = _codes(table.column("kind"), _index(KINDS), -1)
    valid = np.asarray(table.column("valid_ns").to_numpy(), dtype=np.int64)
    ints = np.full((n, c.PLOT_INTEGERS), -1, np.int64)
    ints[:, c.P_T], ints[:, c.P_SENSOR], ints[:, c.P_KIND] = valid, sensor, np.maximum(kind, 0)
    ints[:, c.P_ICAO] = _whole(table, "icao24")
    ints[:, c.P_CODE] = _whole(table, "mode3a")
    ints[:, c.P_CALLSIGN] = _codes(table.column("callsign"), pack_text, 0)
    ints[:, c.P_CATEGORY] = _codes(table.column("emitter_category"), pack_text, 0)
    for column, name in ((c.P_NIC, "nic"), (c.P_NAC_P, "nac_p"), (c.P_SIL, "sil")):
        ints[:, column] = _whole(table, name)
    ints[:, c.P_EMERGENCY] = _codes(table.column("emergency"), _index(EMERGENCIES), -1)
    ground = table.column("on_ground")
    if ground.null_count < n:
        ints[:, c.P_GROUND] = pc.fill_null(pc.cast(ground, pa.int64()), -1).to_numpy()
    ints[:, c.P_MILITARY] = _codes(table.column("military_reply"), pack_text, 0)
    ints[:, c.P_HINT] = _codes(table.column("class_hint"), _index(CLASSES), -1)
    ints[:, c.P_NUMBER] = _whole(table, "track_number")

    has_site = sensor >= 0
    late_ns = int(settings.late_max_s * SECOND_NS)
    ahead_ns = int(settings.future_max_s * SECOND_NS)
    # row -1 stands for every sensor without a site, also when there is no site at all
    radar = np.append(sites.floats[:, c.S_POLAR], 0.0)[sensor] > 0.0
    polar = radar & np.isfinite(raw[:, 0]) & np.isfinite(raw[:, 1])
    placed = polar | (np.isfinite(raw[:, 5]) & np.isfinite(raw[:, 6]))
    raw[~polar, 0] = np.nan
    usable = has_site & placed & (kind >= 0) & (valid <= now_ns + ahead_ns)
    late = usable & (valid < now_ns - late_ns)
    losses["late"] = int(late.sum())
    losses["unusable"] = int(n - usable.sum())
    keep = np.flatnonzero(usable & ~late)
    raw, ints = raw[keep], ints[keep]
    sensor = sensor[keep]

    key_words: list[Words] = [sites.seeds[sensor], ints[:, c.P_T].view(np.uint64)]
    key_words += [_bits(raw[:, column]) for column in KEY_COLUMNS]
    key_words += [
        np.ascontiguousarray(ints[:, column]).view(np.uint64)
        for column in (c.P_ICAO, c.P_CODE, c.P_CALLSIGN, c.P_NUMBER)
    ]
    key_words[1] = np.ascontiguousarray(ints[:, c.P_T]).view(np.uint64)
    key = _hash(key_words)
    full = _hash(
        [key]
        + [_bits(raw[:, column]) for column in range(len(RAW))]
        + [np.ascontiguousarray(ints[:, column]).view(np.uint64) for column in range(2, c.P_CELL)]
    )
    ints[:, c.P_KEY] = key.view(np.int64)
    order = np.lexsort((full, key, sites.seeds[sensor], ints[:, c.P_T]))
    raw, ints, sensor, key = raw[order], ints[order], sensor[order], key[order]
    fresh: Flags = np.ones(len(key), np.bool_)
    fresh[1:] = key[1:] != key[:-1]
    suspects = np.flatnonzero(fresh & (ints[:, c.P_T] <= heard[sensor]))
    if len(suspects):
        for keys in recent:
            at = np.minimum(np.searchsorted(keys, key[suspects]), len(keys) - 1)
            fresh[suspects[keys[at] == key[suspects]]] = False
    losses["duplicate"] = int(len(fresh) - fresh.sum())
    keep = np.flatnonzero(fresh)
    if len(keep) > settings.plots_max:
        losses["overflow"] = len(keep) - settings.plots_max
        keep = keep[: settings.plots_max]
    raw, ints, sensor, key = raw[keep], ints[keep], sensor[keep], key[keep]
    _complete(raw, ints, sensor, sites)
    cut = _batches(raw, ints, sensor, sites)
    return Ordered(*cut, losses), np.sort(key)


def _complete(raw: Floats, ints: Integers, sensor: Integers, sites: Sites) -> None:
    """Accuracies that the plot does not give: from its NACp, else from its sensor; degrees to radians."""
    raw[:, 3] = np.where(np.isnan(raw[:, 3]), sites.range_sigma_m[sensor], raw[:, 3])
    raw[:, 4] = np.where(np.isnan(raw[:, 4]), sites.azimuth_sigma_rad[sensor], raw[:, 4])
    nac = ints[:, c.P_NAC_P]
    stated = NAC_P_M[np.where((nac > 0) & (nac < len(NAC_P_M)), nac, 0)] / 2.448
    # better than 10 m is not believed: latency of a broadcast alone moves a jet by metres
    stated = np.maximum(stated, 10.0)
    sigma = np.where(np.isnan(raw[:, 7]), stated, raw[:, 7])
    raw[:, 7] = np.where(np.isnan(sigma), sites.range_sigma_m[sensor], sigma)
    raw[:, 5] = np.radians(raw[:, 5])
    raw[:, 6] = np.radians(raw[:, 6])


def _batches(
    raw: Floats, ints: Integers, sensor: Integers, sites: Sites
) -> tuple[Floats, Integers, Integers, Integers]:
    """Sort into batches: one window, epoch and sensor, and no identity twice."""
    n = len(sensor)
    if n == 0:
        return raw, ints, np.zeros(1, np.int64), np.zeros(0, np.int64)
    valid = ints[:, c.P_T]
    period_ns = (sites.floats[sensor, c.S_PERIOD] * SECOND_NS).astype(np.int64)
    epoch_ns = np.clip(period_ns // 2, EPOCH_NS // 10, EPOCH_NS)
    window = valid // WINDOW_NS
    epoch = valid // epoch_ns
    name = np.where(
        ints[:, c.P_ICAO] >= 0,
        ints[:, c.P_ICAO],
        np.where(ints[:, c.P_NUMBER] >= 0, ints[:, c.P_NUMBER] + (1 << 32), -1),
    )
    name = np.where((name < 0) & (ints[:, c.P_CALLSIGN] != 0), ints[:, c.P_CALLSIGN], name)
    seeds = sites.seeds[sensor]
    # rank of a plot among those of its identity in its epoch, by time
    by_name = np.lexsort((np.arange(n), name, seeds, epoch, window))
    same = np.zeros(n, np.bool_)
    for values in (name, seeds, epoch, window):
        ordered = values[by_name]
        step = np.concatenate(([False], ordered[1:] == ordered[:-1]))
        same = step if values is name else same & step
    same &= name[by_name] != -1
    starts = np.where(same, 0, np.arange(n))
    rank = np.empty(n, np.int64)
    rank[by_name] = np.arange(n) - np.maximum.accumulate(starts)
    order = np.lexsort((np.arange(n), rank, seeds, epoch * epoch_ns, window))
    raw, ints = np.ascontiguousarray(raw[order]), np.ascontiguousarray(ints[order])
    change = np.zeros(n, np.bool_)
    for values in (rank, seeds, epoch, window):
        ordered = values[order]
        change[1:] |= ordered[1:] != ordered[:-1]
    bounds = np.concatenate(([0], np.flatnonzero(change), [n])).astype(np.int64)
    return raw, ints, bounds, window[order][bounds[:-1]]


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
