"""Slices of trajectory tables to plots; see docs/reference/feeds-table.md."""

import math
from collections.abc import Callable
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.feeds.decoder import Decoded
from vedette.feeds.table.columns import Columns, find_columns
from vedette.feeds.table.times import AHEAD_NS, MISSING, times_ns
from vedette.model.fault import Fault
from vedette.model.plot import EMERGENCIES, no_plots, plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FAULTS_MAX: Final = 32  # single ones of a kind in a chunk; the others are one fault together
MEMORY_MAX: Final = 65_536  # texts and objects remembered
UNKNOWN: Final = -1
# Position error where the table has none [m per axis]. Times in whole seconds alone cost 0.29 s of flight,
# 70 m at 240 m/s; a place dated to the fraction is as good as the code that most aircraft send (NACp 8)
SIGMA_WHOLE_SECONDS_M: Final = 80.0
SIGMA_DATED_M: Final = 40.0
STALE_NS: Final = 300 * SECOND_NS  # OpenSky repeats a place that long at most
# Beyond these a value cannot be true; it is left out and its row comes back as a fault
LIMITS: Final[dict[str, tuple[float, float]]] = {
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-180.0, 360.0),
    "position_sigma_m": (1e-3, 1e6),
    "pressure_altitude_m": (-2_000.0, 100_000.0),
    "height_hae_m": (-2_000.0, 1_000_000.0),
    "height_sigma_m": (1e-3, 1e6),
    "ground_speed_mps": (0.0, 12_000.0),
    "track_angle_rad": (-2.0 * np.pi - 1e-9, 2.0 * np.pi + 1e-9),
    "vertical_rate_mps": (-12_000.0, 12_000.0),
    "nic": (0.0, 11.0),
    "nac_p": (0.0, 11.0),
    "sil": (0.0, 3.0),
    "class_confidence": (0.0, 1.0),
}
SMALL: Final = {"nic": np.uint8, "nac_p": np.uint8, "sil": np.uint8}
ADS_B: Final = pa.scalar("ads_b")
KINDS: Final = pa.array(["track", "ads_b"])
EMPTY: Final = no_plots()


class TableDecoder:
    """Reads Arrow IPC streams whose columns are those of a trajectory table.

    A row without time or place is quarantined; one with another impossible value gives a plot without that
    value, and a fault that says so. Rows that repeat an older place (their own column says when it was heard)
    are counted, not shown: they would be taken for new measurements.

    Attributes:
        notes: a sentence for each column that was settled or left out, as ``read_batches`` gives them.
    """

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults, and as their sensor where ``sensor`` is None.
            sensor: its id, and its ``range_sigma_m`` as position error where the table has none.
        """
        self.feed_id = feed_id
        self.sensor_id = feed_id if sensor is None else sensor.sensor_id
        self.notes: list[str] = []
        # made once: Arrow looks for other libraries each time it is given a bare text
        self._sensor_name, self._feed_name = pa.scalar(self.sensor_id), pa.scalar(feed_id)
        self._sigma_m = None if sensor is None else sensor.range_sigma_m
        self._columns: Columns | None = None
        self._names: list[str] = []
        self._dated = False  # a time with a fraction of a second has been seen
        self._numbers: dict[str, int] = {}  # of objects, by the table's name for them
        self._placed_ns: dict[str | int, int] = {}  # the newest place of each object
        self._texts: dict[tuple[str, object], int | None] = {}

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one slice. Never raises, whatever the bytes are."""
        if not data:
            return Decoded(plots=EMPTY)
        try:
            batch = _batch(data)
            columns = self._meaning(batch.schema.names)
            if columns is None:
                return self._unusable("no_columns", "no time and place in it", data, received_ns)
            return self._decode(batch, columns, received_ns, raw_ref)
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
            return self._unusable("bad_table", str(error), data, received_ns)

    def _unusable(self, reason: str, detail: str, data: bytes, received_ns: int) -> Decoded:
        fault = Fault(
            feed_id=self.feed_id,
            received_ns=received_ns,
            reason=reason,
            detail=detail[:500],
            offset=0,
            data=data,
        )
        return Decoded(plots=EMPTY, faults=[fault])

    def _meaning(self, names: list[str]) -> Columns | None:
        if names != self._names or self._columns is None:
            self._columns, self._names = find_columns(names), list(names)
            self.notes = [] if self._columns is None else list(self._columns.notes)
        return self._columns

    def _decode(
        self, batch: pa.RecordBatch, columns: Columns, received_ns: int, raw_ref: int
    ) -> Decoded:
        decoded = Decoded(plots=EMPTY)
        size = batch.num_rows
        if size == 0:
            return decoded
        faulty = _Faulty(self.feed_id, batch, received_ns, decoded)
        valid_ns = times_ns(columns.time, batch.column(columns.time))
        numbers = {
            field: _number(batch.column(column.name), column.factor)
            for field, column in columns.numbers.items()
        }
        texts = {field: batch.column(name) for field, name in columns.texts.items()}
        timed = valid_ns != MISSING
        placed = np.isfinite(numbers["latitude_deg"]) & np.isfinite(numbers["longitude_deg"])
        faulty.add("no_time", "no time that can be read", ~timed)
        wild = timed & (valid_ns > received_ns + AHEAD_NS)
        faulty.add("wild_time", "its time is far beyond that of all other rows", wild)
        timed &= ~wild
        faulty.add("no_position", "no latitude and longitude", timed & ~placed)
        usable = timed & placed
        for field, (low, high) in LIMITS.items():
            if field not in numbers:
                continue
            values = numbers[field]
            wrong = usable & ~np.isnan(values) & ~((values >= low) & (values <= high))
            if wrong.any():
                faulty.add("out_of_range", f"{columns.numbers[field].name} is out of range", wrong)
                if field in ("latitude_deg", "longitude_deg"):
                    usable &= ~wrong
                else:
                    numbers[field] = np.where(wrong, np.nan, values)
        marks = self._marks(texts, size, usable, faulty)
        if columns.placed is not None:
            valid_ns, repeated = self._placed(
                valid_ns, times_ns(columns.placed, batch.column(columns.placed)), marks, usable
            )
            usable &= ~repeated
            if repeated.any():
                decoded.counts["repeated position"] = int(repeated.sum())
        keep = np.flatnonzero(usable)
        if len(keep) == 0:
            return decoded
        decoded.counts["row"] = len(keep)
        decoded.plots = self._plots(valid_ns, numbers, marks, texts, keep, received_ns, raw_ref)
        return decoded

    def _marks(
        self,
        texts: dict[str, pa.Array],
        size: int,
        usable: Flags,
        faulty: "_Faulty",
    ) -> dict[str, Integers]:
        """(n,) numbers of the columns that tell objects apart; UNKNOWN where there is none."""
        marks = {}
        for field, read in (
            ("icao24", _address),
            ("mode3a", _squawk),
            ("on_ground", _truth),
            ("emergency", _emergency),
        ):
            if field not in texts:
                continue
            column = texts[field]
            if field == "mode3a" and pa.types.is_integer(column.type) and _is_ours(column):
                read = _octal_number  # noqa: PLW2901
            values, wrong = self._each(field, column, read)
            marks[field] = values
            if (wrong & usable).any():
                faulty.add("out_of_range", f"{field} cannot be read", wrong & usable)
        if "track_number" in texts:
            column = texts["track_number"]
            if pa.types.is_integer(column.type):
                values = pc.fill_null(column.cast(pa.int64(), safe=False), UNKNOWN).to_numpy()
                marks["track_number"] = np.where((values >= 0) & (values < 2**31), values, UNKNOWN)
            else:
                marks["track_number"] = np.array(
                    [self._object(name) for name in column.to_pylist()], np.int64
                )
        return marks

    def _object(self, name: object) -> int:
        """A number of our own for an object that the table names in words."""
        if name is None:
            return UNKNOWN
        text = str(name)
        if text not in self._numbers and len(self._numbers) >= MEMORY_MAX:
            return UNKNOWN
        return self._numbers.setdefault(text, len(self._numbers) + 1)

    def _each(
        self, field: str, column: pa.Array, read: Callable[[Any], int | None]
    ) -> tuple[Integers, Flags]:
        """Values of texts, each read once; and where there is a text that cannot be read."""
        values = np.full(len(column), UNKNOWN, np.int64)
        wrong = np.zeros(len(column), np.bool_)
        if len(self._texts) > MEMORY_MAX:
            self._texts.clear()
        for row, text in enumerate(column.to_pylist()):
            if text is None:
                continue
            key = (field, text)
            if key not in self._texts:
                self._texts[key] = read(text)
            found = self._texts[key]
            if found is None:
                wrong[row] = True
            else:
                values[row] = found
        return values, wrong

    def _placed(
        self, valid_ns: Integers, placed_ns: Integers, marks: dict[str, Integers], usable: Flags
    ) -> tuple[Integers, Flags]:
        """Times of the places themselves, and which rows only repeat an older one."""
        age_ns = valid_ns - placed_ns
        known = usable & (placed_ns != MISSING) & (age_ns >= -SECOND_NS) & (age_ns <= STALE_NS)
        times = np.where(known, np.minimum(placed_ns, valid_ns), valid_ns)
        repeated = np.zeros(len(valid_ns), np.bool_)
        objects = marks.get("icao24", marks.get("track_number"))
        if objects is None:
            return times, repeated
        if len(self._placed_ns) > MEMORY_MAX:
            self._placed_ns.clear()
        for row in np.flatnonzero(known & (objects >= 0)).tolist():
            name, time_ns = int(objects[row]), int(times[row])
            if time_ns <= self._placed_ns.get(name, MISSING):
                repeated[row] = True
            else:
                self._placed_ns[name] = time_ns
        return times, repeated

    def _plots(
        self,
        valid_ns: Integers,
        numbers: dict[str, Floats],
        marks: dict[str, Integers],
        texts: dict[str, pa.Array],
        keep: Integers,
        received_ns: int,
        raw_ref: int,
    ) -> pa.Table:
        size = len(keep)
        found: dict[str, object] = {}
        for field, values in numbers.items():
            kept = values[keep]
            if field in SMALL:
                unknown = np.isnan(kept)
                found[field] = pa.array(
                    np.where(unknown, 0, kept).astype(SMALL[field]), mask=unknown
                )
            else:
                found[field] = kept
        longitudes = numbers["longitude_deg"][keep]
        found["longitude_deg"] = np.where(longitudes > 180.0, longitudes - 360.0, longitudes)
        if "track_angle_rad" in numbers:
            found["track_angle_rad"] = numbers["track_angle_rad"][keep] % (2.0 * np.pi)
        address = marks.get("icao24")
        own = np.zeros(size, np.bool_) if address is None else address[keep] >= 0
        for field, width in (
            ("icao24", np.uint32),
            ("mode3a", np.uint16),
            ("track_number", np.int32),
        ):
            if field in marks:
                numbered = marks[field][keep]
                found[field] = pa.array(numbered.astype(width), mask=numbered < 0)
        if "on_ground" in marks:
            found["on_ground"] = pa.array(
                marks["on_ground"][keep] == 1, mask=marks["on_ground"][keep] < 0
            )
        if "emergency" in marks:
            named = marks["emergency"][keep]
            found["emergency"] = [EMERGENCIES[i] if i >= 0 else None for i in named.tolist()]
        for field in ("callsign", "emitter_category", "class_hint"):
            if field in texts:
                found[field] = self._words(texts[field], keep)
        found["position_sigma_m"] = self._sigmas(valid_ns[keep], numbers, keep)
        return plots(
            sensor_id=pa.repeat(self._sensor_name, size),
            kind=pa.repeat(ADS_B, size) if own.all() else KINDS.take(pa.array(own.astype(np.int8))),
            valid_ns=valid_ns[keep],
            received_ns=np.full(size, max(received_ns, 0)),
            feed_id=pa.repeat(self._feed_name, size),
            raw_ref=np.full(size, raw_ref),
            **found,
        )

    @staticmethod
    def _words(column: pa.Array, keep: Integers) -> list[str | None]:
        """Texts without blanks around them; an empty one is null."""
        values = (
            column.to_pylist()
            if len(keep) == len(column)
            else column.take(pa.array(keep)).to_pylist()
        )
        return [(str(value).strip() or None) if value is not None else None for value in values]

    def _sigmas(self, times: Integers, numbers: dict[str, Floats], keep: Integers) -> Floats:
        self._dated = self._dated or bool((times % SECOND_NS).any())
        default_m = self._sigma_m
        if default_m is None:
            default_m = SIGMA_DATED_M if self._dated else SIGMA_WHOLE_SECONDS_M
        if "position_sigma_m" not in numbers:
            return np.full(len(keep), default_m)
        values = numbers["position_sigma_m"][keep]
        return np.where(np.isnan(values), default_m, values)


class _Faulty:
    """Rows that could not be used, as faults with their values as JSON."""

    def __init__(
        self, feed_id: str, batch: pa.RecordBatch, received_ns: int, decoded: Decoded
    ) -> None:
        self._feed_id, self._batch = feed_id, batch
        self._received_ns, self._decoded = received_ns, decoded

    def add(self, reason: str, detail: str, rows: Flags) -> None:
        """Faults for the rows of a mask: one each, and beyond FAULTS_MAX one for the others together."""
        wrong = np.flatnonzero(rows)
        if len(wrong) == 0:
            return
        lines = [
            msgspec.json.encode({name: _plain(value) for name, value in row.items()})
            for row in _written(self._batch.take(pa.array(wrong))).to_pylist()
        ]
        for index, line in zip(wrong[:FAULTS_MAX].tolist(), lines, strict=False):
            self._append(reason, f"row {index} of the slice: {detail}", line)
        if len(wrong) > FAULTS_MAX:
            rest = f"{detail}: {len(wrong) - FAULTS_MAX} more rows of this slice, joined"
            self._append(reason, rest, b"\n".join(lines[FAULTS_MAX:]))

    def _append(self, reason: str, detail: str, data: bytes) -> None:
        self._decoded.faults.append(
            Fault(
                feed_id=self._feed_id,
                received_ns=self._received_ns,
                reason=reason,
                detail=detail,
                offset=0,
                data=data,
            )
        )


def _batch(data: bytes) -> pa.RecordBatch:
    """The rows of an Arrow IPC stream, their buffers checked."""
    batches = list(pa.ipc.open_stream(data))
    if len(batches) == 1:
        batches[0].validate(full=True)
        return batches[0]
    table = pa.Table.from_batches(batches) if batches else pa.ipc.open_stream(data).read_all()
    table.validate(full=True)
    whole: list[pa.RecordBatch] = table.combine_chunks().to_batches()
    return whole[0] if whole else pa.RecordBatch.from_pylist([], schema=table.schema)


def _written(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Times as integers: Python's own have no nanoseconds and no year 10,000."""
    return pa.RecordBatch.from_arrays(
        [
            column.cast(pa.int64()) if pa.types.is_timestamp(column.type) else column
            for column in batch.columns
        ],
        names=batch.schema.names,
    )


def _plain(value: object) -> object:
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    return repr(value)


def _number(column: pa.Array, factor: float) -> Floats:
    """(n,) floats, NaN where there is none; words such as readsb's "ground" are none."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _number(column.cast(kind.value_type), factor)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return np.array([_float(text) for text in column.to_pylist()], np.float64) * factor
    if pa.types.is_null(kind):
        return np.full(len(column), np.nan)
    if not (pa.types.is_floating(kind) or pa.types.is_integer(kind)):
        column = column.cast(pa.float64(), safe=False)
    values: Floats = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return values * factor


def _float(text: str | None) -> float:
    try:
        return float(text) if text is not None else np.nan
    except ValueError:
        return np.nan


def _address(value: object) -> int | None:
    """A number, or six hexadecimal digits; "~" before them marks an address that is not ICAO's."""
    if isinstance(value, str):
        text = value.strip()
        if not text or text.startswith("~"):
            return UNKNOWN
        try:
            value = int(text, 16) if len(text) == 6 else None
        except ValueError:
            return None
    return value if isinstance(value, int) and 0 <= value <= 0xFFFFFF else None


def _squawk(value: object) -> int | None:
    """Four octal digits, given as text or as a decimal number with those digits; a lone 0 is none."""
    if isinstance(value, float):
        if math.isnan(value):
            return UNKNOWN
        value = int(value) if value.is_integer() else -1
    text = str(value).strip()
    if text in ("", "0", "nan", "None"):
        return UNKNOWN
    text = text.removesuffix(".0").zfill(4)
    if len(text) != 4 or any(digit not in "01234567" for digit in text):
        return None
    return int(text, 8)


def _octal_number(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value <= 0o7777 else None


def _is_ours(column: pa.Array) -> bool:
    """Whether integers are the code itself (plots have them as uint16) and not its digits as written."""
    return bool(column.type == pa.uint16())


def _truth(value: object) -> int | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float) and value in (0, 1):
        return int(value)
    if isinstance(value, float) and math.isnan(value):
        return UNKNOWN
    return {"true": 1, "t": 1, "1": 1, "false": 0, "f": 0, "0": 0, "": UNKNOWN}.get(
        str(value).strip().lower()
    )


def _emergency(value: object) -> int | None:
    text = str(value).strip().lower()
    known = {"lifeguard": "medical", "minfuel": "minimum_fuel", "nordo": "no_communication"}
    text = {**known, "unlawful": "unlawful_interference", "": "none"}.get(text, text)
    return EMERGENCIES.index(text) if text in EMERGENCIES else None
