"""Decoder of one category after the tables: records to plots, and a wrong edition found out.

The layouts of two editions can both fit the same octets, so values are checked too: once more than a fifth of a
source's records do not add up or cannot be true, its records of this category are withheld, and a fault says so.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
from pyproj import Geod

from vedette.feeds.asterix import _kernels as k
from vedette.feeds.asterix import _walk as w
from vedette.feeds.asterix import layout
from vedette.feeds.asterix.categories import BY_NUMBER
from vedette.feeds.asterix.conversion import Converted
from vedette.feeds.asterix.records import MISSING, RecordReader, Records
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.fault import Fault
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

_GEOD: Final = Geod(ellps="WGS84")
WRONG_SHARE: Final = 5  # one false record in so many is too many
WRONG_LEAST: Final = 2  # false records before anything is withheld
_DAY_NS: Final = 86_400 * SECOND_NS
PROBLEMS: Final = {
    k.BAD_LENGTH: ("bad_length", "runs past the end of its data block"),
    k.BAD_ITEM: ("bad_item", "has an item that the edition does not define"),
    k.MISSING_ITEM: ("missing_item", "lacks a mandatory item"),
}
COUNTED: Final = {
    k.NO_DETECTION: "no detection",
    k.FIELD_MONITOR: "field monitor",
    k.TEST: "test target",
}


class Heard(NamedTuple):
    """Chunks as the decoder has them."""

    octets: bytes
    data: w.Octets
    starts: Integers  # (m + 1,)
    received_ns: Integers  # (m,)
    raw_refs: Integers  # (m,)
    shift_ns: int


class Found(NamedTuple):
    """What the chunks hold of one category."""

    plots: pa.Table | None
    faults: list[tuple[int, Fault]]  # with the number of the chunk
    counts: dict[str, int]
    unplaced: dict[str, int]
    lost_octets: int  # octets of blocks and records that were quarantined


class CategoryDecoder:
    """Turns the records of one category into plots.

    Attributes:
        withheld: SAC/SIC of sources whose records cannot be of the edition they are read with.
    """

    def __init__(
        self,
        category: int,
        feed_id: str,
        sensors: Mapping[int, Sensor],
        pins: Mapping[int, str],
        *,
        test_targets: bool,
    ) -> None:
        """Prepare for one category of one feed.

        Args:
            category: one of ``categories.BY_NUMBER``.
            feed_id: named in plots and faults.
            sensors: sites by SAC and SIC as one number.
            pins: editions by the same.
            test_targets: whether simulated and test targets become plots.

        Raises:
            SettingError: an edition is not in the tables.
        """
        self.category, self.feed_id = category, feed_id
        self.withheld: set[int] = set()
        self._sensors = sensors
        self._pins = pins
        self._tests_allowed = test_targets
        self._convert = BY_NUMBER[category].convert
        self._reader = RecordReader(category, [*BY_NUMBER[category].wanted, "010.SAC"], pins)
        self._seen: dict[int, tuple[int, int]] = {}  # records and false ones of each source

    def decode(self, heard: Heard) -> Found:
        """Plots, faults and counts of this category; never raises, whatever the octets are."""
        records = self._reader.read(heard.data, heard.starts)
        found = Found(None, [], {}, {}, 0)
        count = len(records.marks)
        if not count:
            return found
        converted = self._convert(records)
        good = records.good
        false = ~good | converted.false
        shown = self._judge(records, false, heard, found.faults)
        lost = self._fault(records, converted, good, false, heard, found.faults)
        outcome = np.where(good & ~false, converted.outcome, -1)
        if self._tests_allowed:
            # what else would become of a test target is not asked: exercises show them
            outcome = np.where(outcome == k.TEST, k.PLOT, outcome)
        withheld = (outcome == k.PLOT) & ~shown
        for source, number in _tally(records.sources[withheld]):
            found.counts[f"withheld {name_of(source)}"] = number
        outcome[withheld] = -1
        table = self._plots(records, converted, outcome, heard, found.unplaced)
        self._count(records, outcome, good, found.counts)
        return found._replace(plots=table, lost_octets=lost)

    def _judge(
        self, records: Records, false: Flags, heard: Heard, faults: list[tuple[int, Fault]]
    ) -> Flags:
        """(n,) whether each record comes from a source that can be of its edition."""
        shown = np.ones(len(false), bool)
        for source, mine in _by_source(records.sources):
            seen, wrong = self._seen.get(source, (0, 0))
            seen_by = seen + np.arange(1, len(mine) + 1)
            wrong_by = wrong + np.cumsum(false[mine])
            too_many = (wrong_by >= WRONG_LEAST) & (wrong_by * WRONG_SHARE > seen_by)
            shown[mine] = ~too_many
            if source not in self._seen and len(self._seen) >= 65_536:
                continue
            self._seen[source] = int(seen_by[-1]), int(wrong_by[-1])
            if too_many.any() and source not in self.withheld:
                self.withheld.add(source)
                row = int(mine[np.argmax(too_many)])
                edition = self._pins.get(source, self._reader.editions[0])
                chunk = int(records.marks[row, w.CHUNK])
                start = int(records.marks[row, w.START])
                first = int(np.argmax(too_many))
                detail = (
                    f"{wrong_by[first]} of {seen_by[first]} records of category "
                    f"{self.category:03d} from {name_of(source)} cannot be of edition "
                    f"{edition}: no more of them are shown; pin its edition in the sensors file"
                )
                # that record has a fault of its own, with its octets
                self._add(faults, heard, chunk, start, start, "wrong_edition", detail)
        return shown

    def _fault(
        self,
        records: Records,
        converted: Converted,
        good: Flags,
        false: Flags,
        heard: Heard,
        faults: list[tuple[int, Fault]],
    ) -> int:
        tests = good & ~false & (converted.outcome == k.TEST) & (not self._tests_allowed)
        lost = 0
        for row in np.flatnonzero(false | tests).tolist():
            mark = records.marks[row]
            chunk, start, end = (int(mark[place]) for place in (w.CHUNK, w.START, w.END))
            begin = int(heard.starts[chunk])
            if good[row]:
                reason = "test_target" if tests[row] else "out_of_range"
                what = (
                    "is a simulated or test target"
                    if tests[row]
                    else "has a value that cannot be true"
                )
                detail = f"record of category {self.category:03d} at octet {start - begin}: {what}"
            else:
                reason, what = PROBLEMS[int(mark[w.ERROR])]
                detail = (
                    f"block of category {self.category:03d} at octet {start - begin}: "
                    f"a record {what} (field {mark[w.ITEM]})"
                )
            lost += end - start
            self._add(faults, heard, chunk, start, end, reason, detail)
        return lost

    def _add(
        self,
        faults: list[tuple[int, Fault]],
        heard: Heard,
        chunk: int,
        start: int,
        end: int,
        reason: str,
        detail: str,
    ) -> None:
        fault = Fault(
            feed_id=self.feed_id,
            received_ns=int(heard.received_ns[chunk]),
            reason=reason,
            detail=detail,
            offset=start - int(heard.starts[chunk]),
            data=heard.octets[start:end],
        )
        faults.append((chunk, fault))

    def _plots(
        self,
        records: Records,
        converted: Converted,
        outcome: Integers,
        heard: Heard,
        unplaced: dict[str, int],
    ) -> pa.Table | None:
        columns = dict(converted.columns)
        sources = records.sources
        if converted.at_site is not None:
            siteless = converted.at_site & ~np.isin(sources, list(self._sensors))
            for source, number in _tally(sources[(outcome == k.PLOT) & siteless]):
                unplaced[name_of(source)] = number
            outcome[(outcome == k.PLOT) & siteless] = k.UNPLACED
        rows = np.flatnonzero(outcome == k.PLOT)
        if not len(rows):
            return None
        if converted.cartesian_m is not None:
            self._place(sources, converted.cartesian_m, rows, columns)
        chunk = records.marks[rows, w.CHUNK]
        received_ns = heard.received_ns[chunk]
        chosen: dict[str, object] = {}
        for name, values in columns.items():
            if isinstance(values, np.ndarray):
                chosen[name] = values[rows]
            else:
                chosen[name] = values.take(pa.array(rows))
        return plots(
            sensor_id=self._sensor_names(sources[rows]),
            valid_ns=_instants(converted, rows, received_ns, heard.shift_ns),
            received_ns=received_ns,
            feed_id=pa.repeat(self.feed_id, len(rows)),
            raw_ref=heard.raw_refs[chunk],
            **chosen,
        )

    def _sensor_names(self, sources: Integers) -> pa.Array:
        distinct, which = np.unique(sources, return_inverse=True)
        names = []
        for source in distinct.tolist():
            sensor = self._sensors.get(source)
            bare = f"{self.category:03d} {name_of(source)}"
            names.append(bare if sensor is None else sensor.sensor_id)
        return pa.array(names, pa.string()).take(pa.array(which))

    def _place(
        self,
        sources: Integers,
        local_m: Floats,
        rows: Integers,
        columns: dict[str, object],
    ) -> None:
        """Places east and north of a site, as latitude and longitude along the ellipsoid."""
        here = rows[~np.isnan(local_m[rows]).any(axis=1)]
        if not len(here):
            return
        sites = [self._sensors[source] for source in sources[here].tolist()]
        east_m, north_m = local_m[here].T
        longitude_deg, latitude_deg, _ = _GEOD.fwd(
            [site.longitude_deg for site in sites],
            [site.latitude_deg for site in sites],
            np.degrees(np.arctan2(east_m, north_m)),
            np.hypot(east_m, north_m),
        )
        for name, values in (("latitude_deg", latitude_deg), ("longitude_deg", longitude_deg)):
            column = columns.get(name)
            filled = (
                column.copy() if isinstance(column, np.ndarray) else np.full(len(local_m), np.nan)
            )
            filled[here] = values
            columns[name] = filled

    def _count(
        self, records: Records, outcome: Integers, good: Flags, counts: dict[str, int]
    ) -> None:
        for source, number in _tally(records.sources[good]):
            counts[f"{self.category:03d} {name_of(source)}"] = number
        for code, text in COUNTED.items():
            for source, number in _tally(records.sources[good & (outcome == code)]):
                counts[f"{text} {name_of(source)}"] = number


def name_of(source: int) -> str:
    """SAC and SIC, given as one number, as "SAC/SIC"."""
    return f"{source >> 8}/{source & 255}" if source >= 0 else "?/?"


def _by_source(sources: Integers) -> list[tuple[int, Integers]]:
    """Each source with its rows, in one pass however many there are."""
    order = np.argsort(sources, kind="stable")
    found, begins = np.unique(sources[order], return_index=True)
    return list(zip(found.tolist(), np.split(order, begins[1:]), strict=True))


def _tally(values: Integers) -> Sequence[tuple[int, int]]:
    found, numbers = np.unique(values, return_counts=True)
    return list(zip(found.tolist(), numbers.tolist(), strict=True))


def _instants(
    converted: Converted, rows: Integers, received_ns: Integers, shift_ns: int
) -> Integers:
    """(p,) the instant of each time of day that is closest to when the record was heard [ns UTC]."""
    ticks = converted.ticks[rows]
    heard_ns = received_ns + shift_ns
    wrap_ns = (
        _DAY_NS
        if converted.wrap_ticks == layout.TICKS_PER_DAY
        else (converted.wrap_ticks * layout.TICK_NS)
    )
    day_ns = heard_ns - heard_ns % _DAY_NS
    time_ns = ticks * layout.TICK_NS
    turns = np.rint((heard_ns - day_ns - time_ns) / wrap_ns).astype(np.int64)
    return np.where(ticks == MISSING, heard_ns, day_ns + time_ns + turns * wrap_ns)
