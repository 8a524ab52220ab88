"""What is remembered of each track, in columns: bounded, one row a track, however long it lives.

Repeated samples of one flight say nearly the same thing, so nothing here is a sum over samples: it
is maxima that were held over three samples, a running mean of the kinematic evidence, and times.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.identity import _kernels
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CLASS_COUNT, phases
from vedette.model.columns import Flags, Floats, Integers, flags, floats, integers
from vedette.model.plot import EMERGENCIES


class Row:
    """One row of ``Rows``, as it stands."""

    __slots__ = ("_at", "_columns")

    def __init__(self, columns: Mapping[str, Sequence[Any] | NDArray[Any]], at: int) -> None:
        self._columns, self._at = columns, at

    def __getitem__(self, name: str) -> Any:
        return self._columns[name][self._at]


class Rows:
    """What is remembered of (n,) tracks, a column for each name in ``ROW``.

    Read and written as a structured array is; but each column is one piece of memory, since most of what is done
    is done with one column of thousands of tracks.
    """

    def __init__(self, columns: dict[str, NDArray[Any]], count: int) -> None:
        self._columns, self._count = columns, count

    @classmethod
    def empty(cls, count: int) -> "Rows":
        """Rows to be filled in."""
        return cls(
            {name: np.empty((count, *shape), dtype) for name, dtype, shape in _COLUMNS}, count
        )

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, key: str) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, key: int) -> Row: ...
    @overload
    def __getitem__(self, key: slice | Integers | Flags) -> "Rows": ...
    def __getitem__(self, key: Any) -> Any:
        """A column by its name, one row by its number; some rows, which only a slice does not copy."""
        if isinstance(key, str):
            return self._columns[key]
        if isinstance(key, int | np.integer):
            return Row(self._columns, int(key))
        some = {name: column[key] for name, column in self._columns.items()}
        return Rows(some, len(some["valid_ns"]))

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str):
            if value is not self._columns[key]:  # it is after an operation in place
                self._columns[key][...] = value
            return
        for name, column in self._columns.items():
            column[key] = value[name]

    def __iter__(self) -> Iterator[Row]:
        return (Row(self._columns, at) for at in range(self._count))

    def listed(self, names: Iterable[str] | None = None) -> Iterator[Row]:
        """Each row in Python's own numbers, which are quicker to write words with; they do not change.

        ``names`` are those of the columns that are wanted, all where None.
        """
        columns = {name: self[name].tolist() for name in names or self._columns}
        return (Row(columns, at) for at in range(self._count))

    def copy(self) -> "Rows":
        """The same in memory of its own."""
        return Rows({name: column.copy() for name, column in self._columns.items()}, self._count)

    def differs_from(self, row: int) -> Flags:
        """(n,) which rows are not, octet by octet, as one of them."""
        found = np.zeros(self._count, dtype=np.bool_)
        for column in self._columns.values():
            octets = np.ascontiguousarray(column).view(np.uint8).reshape(self._count, -1)
            found |= (octets != octets[row]).any(axis=1)
        return found

    def part(self, where: Integers) -> "Part":
        """Some rows, to be read and put back."""
        return Part(self, where)


class Part(Rows):
    """Some rows, of which a column is copied when asked for; the rows themselves must not change meanwhile."""

    def __init__(self, whole: Rows, where: Integers) -> None:
        super().__init__({}, len(where))
        self._whole, self._where = whole, where

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            raise TypeError("a part is of columns")
        if key not in self._columns:
            self._columns[key] = self._whole[key][self._where]
        return self._columns[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self[key]
        super().__setitem__(key, value)

    def put_back(self) -> None:
        """Write the columns that were asked for to the rows that this is a part of."""
        for name, column in self._columns.items():
            self._whole[name][self._where] = column


NEVER: Final = -1
EMITTERS: Final = (
    "A1", "A2", "A3", "A4", "A5", "A6", "A7", "B1", "B2", "B3", "B4", "B6", "B7", "C1", "C2", "C3",
)  # fmt: skip
KINDS: Final = (
    "psr", "ssr", "mode_s", "ads_b", "mlat", "remote_id", "cuas", "acoustic", "person", "track",
)  # fmt: skip
RADAR_BITS: Final = 0b00111
OWN_WORD_BITS: Final = 0b101000  # ads_b, remote_id: the place is what the object says
BROADCAST_BIT: Final = 0b01000
REPLY_BITS: Final = 0b00110  # ssr, mode_s: a radar asked and the aircraft answered
# distress as shown by the aircraft itself, in the order of the columns ``shown`` and ``shown_ns``
RADIO, EMERGENCY, UNLAWFUL = 0, 1, 2
ATS_CIVIL, ATS_OURS, ATS_NOT_OURS, ATS_AUTHORISED = 1, 2, 4, 8
SQUAWKS: Final = (0o7600, 0o7700, 0o7500)
FIELD_SHOWS: Final = (-1, EMERGENCY, EMERGENCY, EMERGENCY, RADIO, UNLAWFUL, EMERGENCY)

ROW: Final = np.dtype(
    [
        ("valid_ns", "i8"),
        ("birth_ns", "i8"),
        ("updated_ns", "i8"),
        ("seen_ns", "i8"),  # tick at which the track was last in the table
        ("ended_ns", "i8"),  # NEVER while it lives
        ("updates", "i4"),
        ("samples", "i4"),
        ("latitude_deg", "f8"),
        ("longitude_deg", "f8"),
        ("height_m", "f8"),  # pressure altitude, else above the ellipsoid; NaN unknown
        ("velocity_mps", "f8", (2,)),  # east, north
        ("climb_mps", "f8"),
        ("speed_sigma_mps", "f8"),
        ("last_speeds_mps", "f8", (3,)),
        ("last_climbs_mps", "f8", (3,)),
        ("speed_max_mps", "f8"),  # held over three samples, less two sigmas
        ("low_speed_max_mps", "f8"),  # the same below 3,000 m
        ("climb_max_mps", "f8"),
        ("height_max_m", "f8"),
        ("anchor_ns", "i8"),
        ("anchor_mps", "f8", (2,)),
        ("anchor_sigma_mps", "f8"),
        ("acceleration_mps2", "f8"),
        ("acceleration_max_mps2", "f8"),  # held over two base lines
        ("phase_log", "f4", (CLASS_COUNT,)),  # running mean of the log-likelihoods, best = 0
        ("kinds", "i4"),  # bits of KINDS
        ("icao24", "i8"),
        ("mode3a", "i4"),
        ("cooperative_ns", "i8"),
        ("replies", "i4"),
        ("mode_c", "?"),
        ("emitter", "i2"),  # index into EMITTERS
        ("field", "i2"),  # index into EMERGENCIES
        ("military_friend", "?"),
        ("nic", "i2"),
        ("nac_p", "i2"),
        ("nic_best", "i2"),
        ("nac_best", "i2"),
        ("on_ground", "?"),
        ("hint", "i2"),  # index into CLASSES
        ("hint_confidence", "f8"),
        ("block", "i4"),  # row of the registry
        ("callsign_kind", "i1"),
        ("shown", "i4", (3,)),  # replies in a row that showed a distress
        ("need_ns", "i8", (3,)),  # since when the aircraft itself shows a need
        ("answered", "?", (3,)),  # ATS has spoken with it since; shown again counts anew
        ("inherited", "?"),  # it may continue a civil flight that was lost here
        ("integrity", "i4"),
        ("integrity_ns", "i8", (8,)),  # one of each of integrity.DOUBTS
        ("doubted_ns", "i8"),  # since when something voids its address without a pause
        ("formation_ns", "i8"),  # since when it has company
        ("company_ns", "i8"),  # last time it had company
        ("companions", "i4"),
        ("formation_born", "?"),
        ("civil_reply_ns", "i8"),  # last valid civil reply
        ("fresh", "?"),
        ("civil_onset_ns", "i8"),  # newest beginning of any civil evidence
        ("registered", "i2"),  # class that a register gives its address
        ("airway", "i4"),  # number of the route that it keeps to
        ("airway_since_ns", "i8"),
        ("airway_due_ns", "i8"),
        ("airway_kept", "?"),  # for long enough
        ("plan_due_ns", "i8"),
        ("plan_like_ns", "i8"),  # last time it flew, silent, as a filed plan says
        ("plan_like_due_ns", "i8"),
        ("may_be", "i4"),  # bits of verdict.MAY_BE
        ("plan_state", "i1"),  # 0 none, 1 bears a plan's mark, 2 and keeps to it
        ("ats_state", "i1"),  # bits of ATS_*
        ("ats_needs", "i4"),  # bits of NEEDS told by air traffic services
        ("probabilities", "f8", (CLASS_COUNT,)),
        ("traffic_log", "f8", (CLASS_COUNT,)),  # of the mix of traffic when it was last judged
        ("counted", "?"),  # in the mix of traffic
        ("object_class", "i2"),
        ("identity", "i2"),
        ("civil", "i2"),
        ("explained", "i2"),
        ("needs", "i4"),
        ("told", "?"),  # an assessment has been given out
        ("told_probabilities", "f4", (CLASS_COUNT,)),
        ("told_codes", "i4", (8,)),
    ]
)
NS: Final = 1e-9
UNSET: Final = (  # columns in which -1 says that nothing is known
    "ended_ns",
    "updated_ns",
    "icao24",
    "mode3a",
    "cooperative_ns",
    "emitter",
    "field",
    "nic",
    "nac_p",
    "nic_best",
    "nac_best",
    "hint",
    "block",
    "need_ns",
    "formation_ns",
    "company_ns",
    "civil_reply_ns",
    "civil_onset_ns",
    "integrity_ns",
    "doubted_ns",
    "airway",
    "registered",
    "plan_like_ns",
)


_COLUMNS: Final = tuple(
    (name, ROW[name].base, ROW[name].shape) for name in ROW.names or ()
)  # the dtype of a column, and the shape of what a row has of it


def birth(count: int) -> Rows:
    """``count`` rows of tracks of which nothing is known yet."""
    rows = Rows({n: np.zeros((count, *shape), dtype) for n, dtype, shape in _COLUMNS}, count)
    for name in UNSET:
        rows[name] = NEVER
    for name in ("speed_max_mps", "low_speed_max_mps", "climb_max_mps", "height_max_m"):
        rows[name] = -np.inf
    rows["height_m"] = np.nan
    rows["climb_mps"] = np.nan
    return rows


@cache
def _value_set(values: tuple[str, ...]) -> pa.Array:
    return pa.array(values, pa.string())


def _coded(table: pa.Table, name: str, values: tuple[str, ...]) -> Integers:
    """(n,) position of each string in ``values``; -1 for null and for anything else."""
    column = table.column(name)
    if column.null_count == len(column):
        return np.full(len(column), NEVER, dtype=np.int64)
    found = pc.index_in(column, value_set=_value_set(values))
    return np.asarray(pc.fill_null(found, NEVER).to_numpy(), dtype=np.int64)


def kind_bits(table: pa.Table) -> Integers:
    """(n,) the kinds of sensors that contributed, one bit each in the order of KINDS."""
    column = table.column("kinds").combine_chunks()
    bits = np.zeros(table.num_rows, dtype=np.int64)
    parents = np.asarray(pc.list_parent_indices(column), dtype=np.int64)
    codes = pc.fill_null(pc.index_in(pc.list_flatten(column), value_set=_value_set(KINDS)), NEVER)
    numbers = np.asarray(codes, dtype=np.int64)
    known = numbers >= 0
    np.bitwise_or.at(bits, parents[known], np.int64(1) << numbers[known])
    return bits


def _speed_sigmas(table: pa.Table) -> Floats:
    """(n,) standard deviation of the velocity, per axis [m/s]."""
    column = table.column("covariance").combine_chunks()
    flat = np.asarray(pc.list_flatten(column).to_numpy(zero_copy_only=False), dtype=np.float64)
    if len(flat) != 10 * table.num_rows:
        return np.full(table.num_rows, 50.0)
    matrix = flat.reshape(-1, 10)
    variance = 0.5 * (matrix[:, 7] + matrix[:, 9])
    sigma = np.sqrt(np.where(variance > 0, variance, 0.0))
    return np.where(np.isfinite(sigma), np.minimum(sigma, 500.0), 500.0)


def take_marks(rows: Rows, table: pa.Table) -> Flags:
    """Take over what the tracks say of themselves; a mark that is silent now is remembered.

    Returns:
        (n,) whether a mark changed.
    """
    changed = np.zeros(len(rows), dtype=np.bool_)
    for name, column in (("icao24", "icao24"), ("mode3a", "mode3a")):
        values = integers(table, column, missing=NEVER)
        known = values >= 0
        changed |= known & (values != rows[name])
        rows[name] = np.where(known, values, rows[name])
    for name, coded in (
        ("emitter", _coded(table, "emitter_category", EMITTERS)),
        ("nic", integers(table, "nic", missing=NEVER)),
        ("nac_p", integers(table, "nac_p", missing=NEVER)),
    ):
        rows[name] = np.where(coded >= 0, coded, rows[name])
    rows["field"] = _coded(table, "emergency", EMERGENCIES)
    rows["nic_best"] = np.maximum(rows["nic_best"], rows["nic"])
    rows["nac_best"] = np.maximum(rows["nac_best"], rows["nac_p"])
    rows["military_friend"] |= _coded(table, "military_reply", ("friend",)) == 0
    rows["on_ground"] = flags(table, "on_ground")
    rows["kinds"] = kind_bits(table)
    cooperative_ns = integers(table, "cooperative_ns", missing=NEVER)
    replied = cooperative_ns > rows["cooperative_ns"]
    rows["cooperative_ns"] = np.maximum(cooperative_ns, rows["cooperative_ns"])
    rows["replies"] += replied
    pressure_m = floats(table, "pressure_altitude_m")
    rows["mode_c"] |= np.isfinite(pressure_m) & (rows["cooperative_ns"] >= 0)
    _take_distress(rows, replied)
    return changed


def _take_distress(rows: Rows, replied: Flags) -> None:
    shows = np.full(len(rows), NEVER)
    for column, squawk in enumerate(SQUAWKS):
        shows = np.where(rows["mode3a"] == squawk, column, shows)
    field = np.array((*FIELD_SHOWS, NEVER))[rows["field"]]
    for column in range(3):
        now = (shows == column) | (field == column)
        kept = np.where(now & replied, rows["shown"][:, column] + 1, rows["shown"][:, column])
        rows["shown"][:, column] = np.where(replied & ~now, 0, kept)
        rows["answered"][:, column] &= ~(replied & ~now)


def take_motion(settings: IdentitySettings, rows: Rows, table: pa.Table, now_ns: int) -> Flags:
    """Take over place and motion, and renew the summaries of tracks that were measured again.

    Returns:
        (n,) whether a track was measured since the last step.
    """
    updated_ns = integers(table, "updated_ns", missing=0)
    measured: Flags = updated_ns > rows["updated_ns"]
    gap_s = np.where(rows["samples"] > 0, (updated_ns - rows["updated_ns"]) * NS, np.inf)
    rows["valid_ns"] = integers(table, "valid_ns", missing=now_ns)
    rows["birth_ns"] = integers(table, "birth_ns", missing=now_ns)
    rows["updated_ns"] = np.maximum(updated_ns, rows["updated_ns"])
    rows["updates"] = integers(table, "updates", missing=0)
    rows["seen_ns"] = now_ns
    rows["latitude_deg"] = np.nan_to_num(floats(table, "latitude_deg"))
    rows["longitude_deg"] = np.nan_to_num(floats(table, "longitude_deg"))
    rows["velocity_mps"][:, 0] = np.nan_to_num(floats(table, "east_mps"))
    rows["velocity_mps"][:, 1] = np.nan_to_num(floats(table, "north_mps"))
    pressure_m, hae_m = floats(table, "pressure_altitude_m"), floats(table, "height_hae_m")
    vague = floats(table, "height_sigma_m") > 3_000.0  # a primary radar's guess is no height
    height_m = np.where(np.isfinite(pressure_m), pressure_m, np.where(vague, np.nan, hae_m))
    rows["height_m"] = np.where(np.isfinite(height_m), height_m, np.nan)
    climb_mps = floats(table, "up_mps")
    rows["climb_mps"] = np.where(np.isfinite(climb_mps), climb_mps, np.nan)
    rows["speed_sigma_mps"] = _speed_sigmas(table)
    where = np.flatnonzero(measured)
    if len(where):
        sample = rows.part(where)
        _summarise(settings, sample, gap_s[where])
        sample.put_back()
    return measured


def _middle(three: Floats) -> Floats:
    """(n,) the middle of each of (n, 3) numbers."""
    a, b, c = three.T
    found: Floats = np.maximum(np.minimum(a, b), np.minimum(np.maximum(a, b), c))
    return found


def _summarise(settings: IdentitySettings, rows: Rows, gap_s: Floats) -> None:
    speed_mps = np.hypot(rows["velocity_mps"][:, 0], rows["velocity_mps"][:, 1])
    sigma_mps = rows["speed_sigma_mps"]
    first = rows["samples"] == 0
    rows["samples"] += 1
    for name, value in (("last_speeds_mps", speed_mps), ("last_climbs_mps", rows["climb_mps"])):
        rows[name][:, 0], rows[name][:, 1] = rows[name][:, 1].copy(), rows[name][:, 2].copy()
        rows[name][:, 2] = np.nan_to_num(value)
    held = rows["samples"] >= 3
    speed_low_mps = _middle(rows["last_speeds_mps"]) - 2.0 * sigma_mps
    speed_low_mps = np.where(held, speed_low_mps, -np.inf)
    rows["speed_max_mps"] = np.maximum(rows["speed_max_mps"], speed_low_mps)
    low = rows["height_m"] < 3_000.0
    rows["low_speed_max_mps"] = np.maximum(
        rows["low_speed_max_mps"], np.where(low, speed_low_mps, -np.inf)
    )
    climb = np.where(held, np.abs(_middle(rows["last_climbs_mps"])), -np.inf)
    rows["climb_max_mps"] = np.maximum(rows["climb_max_mps"], climb)
    rows["height_max_m"] = np.fmax(rows["height_max_m"], np.where(held, rows["height_m"], np.nan))
    _accelerate(settings, rows, first)
    forget = 1.0 - np.exp(-np.minimum(gap_s, 1e6) / settings.look_s)
    kept = phases()
    _kernels.learn_phases(
        speed_mps,
        sigma_mps,
        rows["height_m"],
        rows["climb_mps"],
        np.maximum(forget, 1.0 / np.minimum(rows["samples"], 1_000)),
        kept.owners,
        kept.weights,
        kept.boxes,
        np.empty(CLASS_COUNT),
        rows["phase_log"],
    )


def _accelerate(settings: IdentitySettings, rows: Rows, first: Flags) -> None:
    base_s = (rows["updated_ns"] - rows["anchor_ns"]) * NS
    due = ~first & (base_s >= settings.accelerate_s)
    change_mps = np.hypot(
        rows["velocity_mps"][:, 0] - rows["anchor_mps"][:, 0],
        rows["velocity_mps"][:, 1] - rows["anchor_mps"][:, 1],
    )
    noise_mps = 2.0 * np.hypot(rows["speed_sigma_mps"], rows["anchor_sigma_mps"])
    value = np.maximum(0.0, change_mps - noise_mps) / np.maximum(base_s, 1e-3)
    held = np.minimum(value, rows["acceleration_mps2"])
    best = np.where(due, np.maximum(rows["acceleration_max_mps2"], held), 0.0)
    rows["acceleration_max_mps2"] = np.where(due, best, rows["acceleration_max_mps2"])
    rows["acceleration_mps2"] = np.where(due, value, rows["acceleration_mps2"])
    renew = first | due
    rows["anchor_ns"] = np.where(renew, rows["updated_ns"], rows["anchor_ns"])
    rows["anchor_mps"] = np.where(renew[:, None], rows["velocity_mps"], rows["anchor_mps"])
    rows["anchor_sigma_mps"] = np.where(renew, rows["speed_sigma_mps"], rows["anchor_sigma_mps"])


def in_turn(rows: Rows, due: Integers, by: str, most: int) -> Integers:
    """Those of ``due`` that wait longest by the column ``by``; of equals by where they are, not by their row."""
    if len(due) <= most:
        return due
    keys = (rows["latitude_deg"][due], rows["longitude_deg"][due], rows[by][due])
    return due[np.lexsort(keys)[:most]]
