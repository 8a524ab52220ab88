"""When zones are in force: their validity and, where they have hours, their hours."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol, cast

import numpy as np

from vedette.airspace.activity import Stretch, place_of, stretches
from vedette.model.columns import Flags, Integers
from vedette.model.time import DAY_NS
from vedette.model.zone import Zone

_FIRST_NS: Final = -(1 << 62)
_LAST_NS: Final = 1 << 62


class _Index(Protocol):
    @property
    def zones(self) -> Sequence[Zone]: ...

    @property
    def geometries(self) -> Sequence[Any]: ...


class Pieces(NamedTuple):
    """When zones are in force: zone z has ``many[z]`` pieces, beginning with piece ``first[z]``."""

    first: Integers  # (zones,)
    many: Integers  # (zones,) -1: always
    start_ns: Integers
    end_ns: Integers


class Timetable:
    """Of all zones of an index. Hours are written out a day at a time, when a zone is first asked for."""

    def __init__(self, index: _Index) -> None:
        self._zones, self._geometries = index.zones, index.geometries
        self._from_ns: Integers = np.array(
            [_FIRST_NS if z.valid_from_ns is None else z.valid_from_ns for z in index.zones],
            dtype=np.int64,
        )
        self._to_ns: Integers = np.array(
            [_LAST_NS if z.valid_to_ns is None else z.valid_to_ns for z in index.zones],
            dtype=np.int64,
        )
        self._to_ns[[z.dormant for z in index.zones]] = _FIRST_NS
        self._hours: Flags = np.array([bool(z.schedule) for z in index.zones], dtype=np.bool_)
        self._some_hours = bool(self._hours.any())
        self._days: dict[tuple[int, int], list[Stretch]] = {}
        self._window_ns = _LAST_NS  # of which ``_window`` holds
        self._window = self._from_ns, self._to_ns
        # no zone of these comes into force between the two instants, both left out
        self._quiet = np.empty(0, dtype=np.int64), _LAST_NS, _LAST_NS

    def active(self, which: Integers, at_ns: Integers) -> Flags:
        """(k,) whether each of (k,) zones, by position, is in force at an instant of its own."""
        return self.active_within(which, at_ns, at_ns)

    def active_within(self, which: Integers, from_ns: Integers, to_ns: Integers) -> Flags:
        """(k,) whether each of (k,) zones is in force at some instant from one to another, both included."""
        now: Flags = (self._from_ns[which] <= to_ns) & (from_ns < self._to_ns[which])
        if self._some_hours:
            for k in np.flatnonzero(now & self._hours[which]).tolist():
                first, last = int(from_ns[k]), int(to_ns[k])
                near = self._near(int(which[k]), first, last)
                now[k] = any(start <= last and first < end for start, end in near)
        return now

    def window(self, at_ns: int) -> tuple[Integers, Integers]:
        """From when to when, at an end left open, each zone is in force: now, or next within a day.

        The arrays hold at this instant and are never changed.
        """
        if not self._some_hours:
            return self._window
        first, last = self._window
        over = self._hours & (last <= at_ns)
        if at_ns < self._window_ns:  # another run over the same index
            over = self._hours
        if over.any():
            first, last = first.copy(), last.copy()
            for zone in np.flatnonzero(over).tolist():
                near = self._near(zone, at_ns, at_ns)
                none = at_ns + DAY_NS // 2, at_ns + DAY_NS // 2  # looked for again then
                begin, end = next((piece for piece in near if piece[1] > at_ns), none)
                if self._to_ns[zone] <= at_ns:
                    begin, end = _LAST_NS, _LAST_NS
                first[zone], last[zone] = begin, end
            self._window = first, last
        self._window_ns = at_ns
        return self._window

    def wakes(self, after_ns: int, until_ns: int) -> bool:
        """Whether a zone comes into force after an instant, up to another."""
        first, _ = self.window(until_ns)
        same, since_ns, next_ns = self._quiet
        if first is not same or not since_ns <= after_ns < next_ns:
            next_ns = int(first[first > after_ns].min(initial=_LAST_NS))
            self._quiet = first, after_ns, next_ns
        return next_ns <= until_ns

    def pieces(self, from_ns: int, to_ns: int) -> "Pieces":
        """When each zone is in force between two instants, both included."""
        first = np.zeros(len(self._zones), dtype=np.int64)
        count = np.full(len(self._zones), -1, dtype=np.int64)
        starts: list[int] = []
        ends: list[int] = []
        always = (self._from_ns <= from_ns) & (to_ns < self._to_ns) & ~self._hours
        for zone in np.flatnonzero(~always).tolist():
            first[zone] = len(starts)
            if self._hours[zone]:
                place = place_of(self._geometries[zone])
                found = stretches(self._zones[zone], place, from_ns - DAY_NS, to_ns + DAY_NS)
            else:
                found = [(int(self._from_ns[zone]), int(self._to_ns[zone]))]
            starts += [start for start, _ in found]
            ends += [end for _, end in found]
            count[zone] = len(found)
        return Pieces(
            first, count, np.array(starts, dtype=np.int64), np.array(ends, dtype=np.int64)
        )

    def stretch(self, zone: int, at_ns: int) -> Stretch | None:
        """From when to when, at an end left open, a zone is in force around an instant; None: it is not.

        Of hours that go on for days, only the days beside the instant are looked at.
        """
        if not self._from_ns[zone] <= at_ns < self._to_ns[zone]:
            return None
        if not self._hours[zone]:
            return int(self._from_ns[zone]), int(self._to_ns[zone])
        near = self._near(zone, at_ns, at_ns)
        return next(((start, end) for start, end in near if start <= at_ns < end), None)

    def ended_ns(self, zone: int, at_ns: int) -> int:
        """When a zone last ceased to be in force, up to an instant; that instant if nothing is known."""
        ends = [end for _, end in self._near(zone, at_ns, at_ns) if end <= at_ns]
        if not self._hours[zone] and self._to_ns[zone] <= at_ns:
            ends.append(int(self._zones[zone].valid_to_ns or at_ns))
        return max(ends, default=at_ns)

    def _near(self, zone: int, from_ns: int, to_ns: int) -> list[Stretch]:
        if not self._hours[zone]:
            return []
        key = zone, from_ns // DAY_NS
        if key not in self._days:
            if len(self._days) > 100_000:
                self._days.clear()
            begin_ns = (key[1] - 1) * DAY_NS
            self._days[key] = stretches(
                self._zones[zone],
                place_of(self._geometries[zone]),
                begin_ns,
                begin_ns + 3 * DAY_NS,
            )
        return self._days[key]


def timetable(index: object) -> Timetable:
    """The timetable of an index, made once: an index never changes."""
    return _timetable(index)


@lru_cache(maxsize=4)
def _timetable(index: Hashable) -> Timetable:
    return Timetable(cast(_Index, index))
