"""ASTERIX data blocks to plots; see docs/reference/feeds-asterix.md for what is used.

Categories 048 and 034 have kernels of their own; the others go by the tables, see ``category_decoder``.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa

from vedette.feeds.asterix import _kernels as k
from vedette.feeds.asterix import layout
from vedette.feeds.asterix.categories import BY_NUMBER
from vedette.feeds.asterix.category_decoder import CategoryDecoder, Heard
from vedette.feeds.asterix.conversion import texts
from vedette.feeds.asterix.editions import EditionSample, pinned_editions
from vedette.feeds.asterix.envelopes import SIZE as ENVELOPE
from vedette.feeds.asterix.envelopes import blocks_in
from vedette.feeds.decoder import Chunk, Decoded
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.errors import SettingError
from vedette.model.fault import Fault
from vedette.model.plot import no_plots, plots
from vedette.model.sensor import Sensor
from vedette.model.time import day_start_ns as midnight_ns

REASONS: Final = (
    "truncated",
    "bad_length",
    "unknown_category",
    "bad_item",
    "missing_item",
    "out_of_range",
    "test_target",
)
KINDS: Final = ("psr", "ssr", "mode_s")
KIND_NAMES: Final = pa.array(list(KINDS))
REPLY_NAMES: Final = pa.array(["friend", "unknown"])
EMERGENCY_NAMES: Final = pa.array(["general"])  # I048/020 ME: military emergency
EMPTY: Final = no_plots()
INT_64, INT_32, UINT_32, UINT_16 = pa.int64(), pa.int32(), pa.uint32(), pa.uint16()
WIDTHS: Final = {INT_64: np.int64, INT_32: np.int32, UINT_32: np.uint32, UINT_16: np.uint16}
# What a count is called to people, by what became of the record
COUNTED: Final = {
    k.NO_DETECTION: "no detection",
    k.FIELD_MONITOR: "field monitor",
    k.TEST: "test target",
}
NORTH, SECTOR = 1, 2  # I034/000
RANGE_MARGIN_M: Final = 1852.0  # measured ranges scatter about the stated maximum


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a radar's antenna was last reported (category 034)."""

    north_ns: int | None = None  # last crossing of north
    sector_ns: int | None = None  # last crossing into a sector
    sector_azimuth_rad: float | None = None  # where that sector begins
    period_s: float | None = None  # of one turn, as reported or between two norths


class Columns:
    """Room for what one walk finds."""

    def __init__(self, *, rows: int, faults: int) -> None:
        self.floats: Floats = np.empty((k.FLOATS, rows))
        self.integers: Integers = np.empty((k.INTEGERS, rows), np.int64)
        self.characters = np.empty((rows, 8), np.uint8)
        self.lengths: Integers = np.empty(rows, np.int64)
        self.records: Integers = np.empty((3, rows), np.int64)
        self.faults: Integers = np.empty((6, faults), np.int64)
        self.marks: Integers = np.empty((6, rows), np.int64)
        self.n: Integers = np.zeros(5, np.int64)

    def fit(self) -> bool:
        """Whether there was room for everything; plots and antenna marks are records too."""
        records_fit = self.n[k.N_RECORDS] <= len(self.lengths)
        return bool(records_fit and self.n[k.N_FAULTS] <= self.faults.shape[1])


class AsterixDecoder:
    """Decodes data blocks; a chunk is one datagram or a stretch of a recording.

    Bytes that do not add up come back as faults: a block whose records do not end where it ends is
    quarantined whole, since ASTERIX has no checksum and whatever was read from it may be a
    misreading. A record that adds up but cannot be true (time of day, range, flight level) is
    quarantined alone.

    Attributes:
        rotations: by "SAC/SIC", what category 034 says of each antenna; at most 65,536 entries.
        parsed_bytes: octets understood so far; with the lengths of all faults it makes all octets
            given.
    """

    def __init__(
        self,
        feed_id: str,
        sensors: tuple[Sensor, ...],
        day_start_ns: int | None,
        *,
        test_targets: bool = False,
    ) -> None:
        """Prepare for one feed.

        Args:
            feed_id: named in plots and faults.
            sensors: sites, found by SAC/SIC; those without are for other feeds.
            day_start_ns: any instant of the day, in UTC, on which the first chunk was recorded; None: as
                received. Later days follow from the first.
            test_targets: whether simulated and test targets become plots (exercises only).

        Raises:
            SettingError: two sensors with one SAC/SIC, or an edition that this decoder does not
                know.
        """
        self.feed_id = feed_id
        self.rotations: dict[str, Rotation] = {}
        self.parsed_bytes = 0
        self._day_start_ns = None if day_start_ns is None else midnight_ns(day_start_ns)
        self._shift_ns = 0 if day_start_ns is None else None
        self._tests_allowed = test_targets
        self._pins: dict[int, dict[int, str]] = {}
        self._by_category: dict[int, CategoryDecoder] = {}
        self._sample = EditionSample()
        placed = [sensor for sensor in sensors if sensor.sac is not None and sensor.sic is not None]
        self._sensor_ids = [sensor.sensor_id for sensor in placed]
        self._sensor_of = np.full(65_536, -1, np.int64)
        for index, sensor in enumerate(placed):
            source = _source(sensor)
            if self._sensor_of[source] >= 0:
                raise SettingError(
                    f"sensors {self._sensor_ids[self._sensor_of[source]]} and {sensor.sensor_id}: "
                    f"both have SAC/SIC {_name(source)}"
                )
            self._sensor_of[source] = index
            for category, edition in pinned_editions(sensor).items():
                self._pins.setdefault(category, {})[source] = edition
        self._sites = {_source(sensor): sensor for sensor in placed}
        self._range_limits = np.array(
            [(sensor.range_max_m + RANGE_MARGIN_M) / layout.RANGE_LSB_M for sensor in placed]
            or [0.0]
        ).astype(np.int64)
        self._site_heights_m = np.array([sensor.height_hae_m for sensor in placed] or [0.0])
        self._site_kinds = np.array(
            [KINDS.index(sensor.kind) if sensor.kind in KINDS else 0 for sensor in placed] or [0]
        )
        self._names = pa.array(self._sensor_ids, pa.string())
        self._feed_name = pa.scalar(feed_id)

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, faults and counts of one chunk. Never raises, whatever the bytes are."""
        return self.decode_many((Chunk(received_ns, data),), (raw_ref,))

    def decode_many(self, chunks: Sequence[Chunk], raw_refs: Sequence[int]) -> Decoded:
        """As ``decode`` for several chunks in order, at the price of about one.

        Args:
            chunks: m datagrams or stretches, each beginning with a data block.
            raw_refs: m indices in the record's raw log; plots point at their own chunk's.
        """
        first_octets = [0] * len(chunks)
        if any(chunk.data and not layout.ASSIGNED[chunk.data[0]] for chunk in chunks):
            chunks, raw_refs, first_octets = self._unpack(chunks, raw_refs)
        starts = np.zeros(len(chunks) + 1, np.int64)
        np.cumsum([len(chunk.data) for chunk in chunks], out=starts[1:])
        if starts[-1] == 0:
            return Decoded(plots=EMPTY)
        octets = chunks[0].data if len(chunks) == 1 else b"".join(chunk.data for chunk in chunks)
        data = np.frombuffer(octets, np.uint8)
        received_ns = np.array([chunk.received_ns for chunk in chunks], np.int64)
        if self._shift_ns is None and self._day_start_ns is not None:
            self._shift_ns = self._day_start_ns - midnight_ns(chunks[0].received_ns)
        columns = self.walk(data, starts, received_ns)
        self.parsed_bytes += int(columns.n[k.N_PARSED])
        refs = np.array(raw_refs, np.int64)
        decoded = Decoded(plots=self._plots(columns, received_ns, refs))
        faults = self._faults(columns, octets, starts, received_ns)
        self._count(columns, decoded)
        self._rotate(columns, received_ns)
        outcomes = columns.records[0, : columns.n[k.N_RECORDS]]
        others = np.unique(outcomes[outcomes >= k.OTHER]) - k.OTHER
        if len(others):
            heard = Heard(octets, data, starts, received_ns, refs, self._shift_ns or 0)
            self._take_others(others.tolist(), heard, decoded, faults)
        decoded.faults = [
            msgspec.structs.replace(fault, offset=fault.offset + first_octets[chunk])
            if first_octets[chunk]
            else fault
            for chunk, fault in sorted(faults, key=lambda found: found[0])
        ]
        self._sample.add(octets, starts)
        return decoded

    def _unpack(
        self, chunks: Sequence[Chunk], raw_refs: Sequence[int]
    ) -> tuple[list[Chunk], list[int], list[int]]:
        """Blocks out of their envelopes as chunks of their own, and where in the datagram each begins."""
        found: list[Chunk] = []
        refs: list[int] = []
        first_octets: list[int] = []
        for chunk, ref in zip(chunks, raw_refs, strict=True):
            envelopes = blocks_in(chunk.data)
            self.parsed_bytes += ENVELOPE * len(envelopes)
            begins = [begin + ENVELOPE for begin in envelopes] or [0]
            for begin, after in zip(begins, [*envelopes[1:], len(chunk.data)], strict=True):
                found.append(Chunk(chunk.received_ns, chunk.data[begin:after]))
                refs.append(ref)
                first_octets.append(begin)
        return found, refs, first_octets

    @property
    def editions(self) -> dict[str, list[str]]:
        """By category and source ("062 25/100"), editions that fit what was heard at first, oldest first."""
        return self._sample.fitting()

    def _take_others(
        self,
        categories: Sequence[int],
        heard: Heard,
        decoded: Decoded,
        faults: list[tuple[int, Fault]],
    ) -> None:
        tables = [decoded.plots]
        for category in categories:
            if category not in BY_NUMBER:
                continue
            decoder = self._by_category.get(category)
            if decoder is None:
                decoder = CategoryDecoder(
                    category,
                    self.feed_id,
                    self._sites,
                    self._pins.get(category, {}),
                    test_targets=self._tests_allowed,
                )
                self._by_category[category] = decoder
            found = decoder.decode(heard)
            faults.extend(found.faults)
            self.parsed_bytes -= found.lost_octets
            for key, number in found.counts.items():
                _add(decoded.counts, key, number)
            for key, number in found.unplaced.items():
                _add(decoded.unplaced, key, number)
            if found.plots is not None:
                tables.append(found.plots)
        if len(tables) > 1:
            table = pa.concat_tables(tables).combine_chunks()
            # several chunks at once give what they would have given one by one
            order = np.argsort(np.array(table["raw_ref"]), kind="stable")
            decoded.plots = table.take(pa.array(order))

    def walk(self, data: k.Octets, starts: Integers, received_ns: Integers) -> Columns:
        """The columns of (b,) octets in which m chunks begin at (m + 1,) ``starts``, the end included."""
        # most records are longer than this; a stretch with more of them is walked twice
        columns = Columns(rows=len(data) // 24 + 16, faults=64)
        while True:
            k.walk(
                data,
                starts,
                received_ns,
                self._shift_ns or 0,
                self._tests_allowed,
                self._sensor_of,
                self._range_limits,
                self._site_heights_m,
                self._site_kinds,
                columns.floats,
                columns.integers,
                columns.characters,
                columns.lengths,
                columns.records,
                columns.faults,
                columns.marks,
                columns.n,
            )
            if columns.fit():
                return columns
            columns = Columns(rows=int(columns.n[k.N_RECORDS]), faults=int(columns.n[k.N_FAULTS]))

    def _plots(self, columns: Columns, received_ns: Integers, raw_refs: Integers) -> pa.Table:
        count = int(columns.n[k.N_PLOTS])
        if count == 0:
            return EMPTY
        integers = columns.integers[:, :count]
        floats = columns.floats[:, :count]
        chunk = integers[k.CHUNK]
        return plots(
            sensor_id=_chosen(integers[k.SENSOR], self._names),
            kind=_chosen(integers[k.KIND], KIND_NAMES),
            valid_ns=_whole(integers[k.VALID]),
            received_ns=_whole(received_ns[chunk]),
            range_m=_real(floats[k.RANGE]),
            azimuth_rad=_real(floats[k.AZIMUTH]),
            pressure_altitude_m=_real(floats[k.LEVEL]),
            ground_speed_mps=_real(floats[k.SPEED]),
            track_angle_rad=_real(floats[k.HEADING]),
            vertical_rate_mps=_real(floats[k.CLIMB]),
            icao24=_whole(integers[k.ADDRESS], UINT_32, nullable=True),
            mode3a=_whole(integers[k.MODE_3A], UINT_16, nullable=True),
            callsign=texts(columns.characters[:count], columns.lengths[:count]),
            emergency=_chosen(integers[k.EMERGENCY], EMERGENCY_NAMES),
            on_ground=_truth(integers[k.GROUND]),
            military_reply=_chosen(integers[k.REPLY], REPLY_NAMES),
            track_number=_whole(integers[k.TRACK], INT_32, nullable=True),
            feed_id=pa.repeat(self._feed_name, count),
            raw_ref=_whole(raw_refs[chunk]),
        )

    def _faults(
        self, columns: Columns, octets: bytes, starts: Integers, received_ns: Integers
    ) -> list[tuple[int, Fault]]:
        faults = []
        for row in columns.faults[:, : columns.n[k.N_FAULTS]].T.tolist():
            reason, start, end, chunk, at, item = row
            begin = int(starts[chunk])
            fault = Fault(
                feed_id=self.feed_id,
                received_ns=int(received_ns[chunk]),
                reason=REASONS[reason],
                detail=_detail(octets, reason, start, at - begin, item),
                offset=start - begin,
                data=octets[start:end],
            )
            faults.append((chunk, fault))
        return faults

    def _count(self, columns: Columns, decoded: Decoded) -> None:
        outcomes, sources, registers = columns.records[:, : columns.n[k.N_RECORDS]]
        keys, found = np.unique(outcomes << 17 | (sources + 1), return_counts=True)
        for key, number in zip(keys.tolist(), found.tolist(), strict=True):
            outcome, source = key >> 17, (key & 0x1FFFF) - 1
            name = _name(source) if source >= 0 else "?/?"
            category = 48
            if outcome >= k.SERVICE:
                category = 34 if outcome == k.SERVICE else outcome - k.OTHER
                if category in BY_NUMBER:
                    continue
            _add(decoded.counts, f"{category:03d} {name}", number)
            if outcome == k.UNPLACED:
                _add(decoded.unplaced, name, number)
            elif outcome in COUNTED:
                _add(decoded.counts, f"{COUNTED[outcome]} {name}", number)
        if registers.any():
            extracted = np.bincount(sources[registers > 0], registers[registers > 0])
            for source in np.nonzero(extracted)[0].tolist():
                _add(decoded.counts, f"Mode S register {_name(source)}", int(extracted[source]))

    def _rotate(self, columns: Columns, received_ns: Integers) -> None:
        if columns.n[k.N_MARKS] == 0:
            return
        marks = columns.marks[:, : columns.n[k.N_MARKS]]
        marks = marks[:, (marks[2] >= 0) & ((marks[1] == NORTH) | (marks[1] == SECTOR))]
        # only the last two of each kind and radar matter, however many a stretch holds
        order = np.argsort(marks[0] << 2 | marks[1], kind="stable")
        keys = np.append((marks[0] << 2 | marks[1])[order], [-1, -1])
        order = order[keys[:-2] != keys[2:]]
        for source, kind, ticks, sector, period, chunk in marks[:, order].T.tolist():
            valid_ns = k.instant_ns(ticks, int(received_ns[chunk]), self._shift_ns or 0)
            before = self.rotations.get(_name(source), Rotation())
            period_s = period / 128.0 if period > 0 else before.period_s
            if kind == NORTH:
                if period <= 0 and before.north_ns is not None:
                    between_s = (valid_ns - before.north_ns) / 1e9
                    period_s = between_s if 0.5 < between_s < 60.0 else period_s
                after = msgspec.structs.replace(before, north_ns=valid_ns, period_s=period_s)
            else:
                azimuth_rad = sector * 2.0 * np.pi / 256.0 if sector >= 0 else None
                after = msgspec.structs.replace(
                    before, sector_ns=valid_ns, sector_azimuth_rad=azimuth_rad, period_s=period_s
                )
            self.rotations[_name(source)] = after


def _source(sensor: Sensor) -> int:
    if sensor.sac is None or sensor.sic is None:
        raise SettingError(f"sensor {sensor.sensor_id}: has no SAC/SIC")
    if not (0 <= sensor.sac <= 255 and 0 <= sensor.sic <= 255):
        raise SettingError(f"sensor {sensor.sensor_id}: SAC and SIC are 0 to 255 each")
    return sensor.sac << 8 | sensor.sic


def _name(source: int) -> str:
    return f"{source >> 8}/{source & 255}"


def _add(counts: dict[str, int], key: str, number: int) -> None:
    counts[key] = counts.get(key, 0) + number


# Arrow arrays from buffers: through ``pa.array`` with a mask each would cost as much as a whole
# datagram


def _bitmap(known: Flags) -> pa.Buffer | None:
    return None if known.all() else pa.py_buffer(np.packbits(known, bitorder="little"))


def _whole(values: Integers, kind: pa.DataType = INT_64, *, nullable: bool = False) -> pa.Array:
    """Integers as ``kind``; a negative one is null where ``nullable``."""
    bitmap = _bitmap(values >= 0) if nullable else None
    typed = np.ascontiguousarray(values, WIDTHS[kind])
    return pa.Array.from_buffers(kind, len(values), [bitmap, pa.py_buffer(typed)])


def _real(values: Floats) -> pa.Array:
    """Floats; NaN is null."""
    held = pa.py_buffer(np.ascontiguousarray(values))
    return pa.Array.from_buffers(pa.float64(), len(values), [_bitmap(~np.isnan(values)), held])


def _truth(values: Integers) -> pa.Array:
    """Booleans of 0 and 1; a negative value is null."""
    bits = pa.py_buffer(np.packbits(values == 1, bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(values), [_bitmap(values >= 0), bits])


def _chosen(indices: Integers, names: pa.Array) -> pa.Array:
    """Text of each index; null where it is negative."""
    if indices.max() < 0:
        return pa.nulls(len(indices), pa.string())
    return names.take(_whole(indices, nullable=True))


def _detail(octets: bytes, reason: int, start: int, at: int, item: int) -> str:
    """What was wrong, for a person; ``item`` is a field reference number or a category."""
    if reason == k.UNKNOWN_CATEGORY:
        return f"no ASTERIX category {item:03d} is assigned"
    if item < 0 and reason == k.TRUNCATED:
        return f"a data block is longer than what was received, beyond octet {at}"
    if item < 0:
        return f"a data block of category {octets[start]:03d} at octet {at} has no possible length"
    return f"record at octet {at}: {_PROBLEMS[reason]} (field {item})"


_PROBLEMS: Final = {
    k.TRUNCATED: "cut off",
    k.BAD_LENGTH: "runs past the end of its data block",
    k.BAD_ITEM: "has an item that the edition does not define",
    k.MISSING_ITEM: "lacks a mandatory item",
    k.OUT_OF_RANGE: "has a value that cannot be true",
    k.TEST_TARGET: "is a simulated or test target",
}
