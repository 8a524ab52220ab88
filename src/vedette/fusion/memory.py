"""What the picture keeps between ticks, as arrays that a tick may change and that can be put back."""

from typing import Any, Final

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._kept import list_changed, restore_sights, save_tracks
from vedette.fusion.registration import Registration
from vedette.model.columns import Floats, Integers
from vedette.model.pages import spacious

# times of detection are kept in milliseconds since an origin that moves on before 32 bits are full
ORIGIN_MAX_MS: Final = 2**30
BY_TRACK: Final = ("floats", "ints", "states", "circles")
# circles are made anew whenever they are read, so they are not kept
KEPT_BY_TRACK: Final = ("floats", "ints", "states")
# the kernels' arguments of copies, where none are wanted: of what begins
NOTHING_KEPT: Final[tuple[Any, ...]] = (
    np.zeros((0, c.FLOATS)), np.zeros((0, c.INTEGERS), np.int64), np.zeros((0, c.ROW, c.LANES)),
    np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(c.KEPT_COUNTS, np.int64),
    np.zeros((0, 2), np.int64), np.zeros((0, c.SIGHTS), np.int32),
)  # fmt: skip
# of a track and a sensor of which nothing is known
NO_SIGHT: Final = np.array([c.NEVER_MS, c.NEVER_MS, np.float32(0.5).view(np.int32)], np.int32)


def _widened(some: Any, rows: int) -> Any:
    """An array of so many rows that begins with some; the others are zeros."""
    whole = spacious((rows, *some.shape[1:]), some.dtype)
    whole[: len(some)] = some
    return whole


class Memory:
    """Everything that a tick may change, as arrays that can be put back."""

    def __init__(self) -> None:
        self.rows = 0
        self.floats: Floats = np.zeros((0, c.FLOATS))
        self.ints: Integers = np.zeros((0, c.INTEGERS), np.int64)
        self.states: Floats = np.zeros((0, c.ROW, c.LANES))
        self.circles: Floats = np.zeros((0, c.CIRCLE_FLOATS))
        # (tracks, sensors), half the width of the others
        self.sights: Any = np.zeros((0, 0, c.SIGHTS), np.int32)
        self.free: Integers = np.zeros(0, np.int64)
        self.counters: Integers = np.zeros(c.COUNTERS, np.int64)
        self.heard: Integers = np.zeros(0, np.int64)
        self.clutter: Floats = np.zeros((0, c.RINGS * c.SECTORS))
        self.listened_s: Floats = np.zeros(0)  # memory of the clutter map that is filled
        self.begun: Floats = np.zeros(0)  # tracks begun by each sensor's plots, fading
        self.registration = Registration()
        self.waiting: tuple[Any, ...] = ()  # bearings that no track has explained yet
        self.origin_ns = 0
        self.house_s: int | None = None  # second of the last housekeeping

    def __getstate__(self) -> dict[str, Any]:
        """Only the rows in use: what is behind them is written before it is read."""
        high = int(self.counters[c.C_HIGH])
        return vars(self) | {name: getattr(self, name)[:high] for name in (*BY_TRACK, "sights")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        for name in (*BY_TRACK, "sights"):
            setattr(self, name, _widened(state[name], self.rows))

    @property
    def chances(self) -> Any:
        """The same memory as ``sights``, read as floats: the third number is one."""
        return self.sights.view(np.float32)

    @property
    def hit(self) -> Any:
        """(tracks, sensors) when each was last seen [ms since the origin]."""
        return self.sights[..., c.HIT]

    @property
    def due(self) -> Any:
        """(tracks, sensors) when it was last settled whether each is seen [ms since the origin]."""
        return self.sights[..., c.DUE]

    @property
    def detection(self) -> Any:
        """(tracks, sensors) how probably each is seen."""
        return self.chances[..., c.CHANCE]

    def reserve(self, rows: int, sensors: int) -> None:
        """Room for ``rows`` tracks and ``sensors`` sensors."""
        old_rows, old_sensors = self.sights.shape[:2]
        if rows > old_rows:
            for name in BY_TRACK:
                old = getattr(self, name)
                new = spacious((rows, *old.shape[1:]), old.dtype)
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
            sights = spacious((rows, sensors, c.SIGHTS), np.int32)
            sights[:] = NO_SIGHT
            sights[:old_rows, :old_sensors] = self.sights
            self.sights = sights
            heard = np.full(sensors, c.NEVER, np.int64)
            heard[:old_sensors] = self.heard
            self.heard = heard
            clutter = spacious((sensors, self.clutter.shape[1]))
            clutter[:old_sensors] = self.clutter
            self.clutter = clutter
            for name in ("listened_s", "begun"):
                values = np.zeros(sensors)
                values[:old_sensors] = getattr(self, name)
                setattr(self, name, values)

    def keep(self, into: "Kept", workers: int) -> None:
        """Begin a tick: copy what is not of one track; tracks are kept as they change, by each of the workers."""
        for name in ("free", "counters", "heard", "clutter", "listened_s", "begun"):
            own, other = getattr(self, name), getattr(into, name)
            if other.shape != own.shape:
                other = spacious(own.shape, own.dtype)
                setattr(into, name, other)
            other[:] = own
        into.begin(self, workers)
        into.registration.copy_of(self.registration)
        into.rows, into.origin_ns, into.house_s = self.rows, self.origin_ns, self.house_s
        into.waiting = self.waiting

    def save(self, kept: "Kept", rows: Integers) -> None:
        """Keep tracks that are about to change, unless this tick has kept them already; rows may repeat."""
        save_tracks(rows, self.floats, self.ints, self.states, *kept.shelf(0))

    def mark_seen(self, rows: Integers, sensors: Integers, times_ms: Any) -> None:
        """Sensors have seen tracks at these times, or since; what they knew of them is to be kept before."""
        for times in (self.hit, self.due):
            np.maximum.at(times, (rows, sensors), times_ms)
        few = sensors < c.SEERS_MAX
        rows, sensors = rows[few], sensors[few]
        words = self.ints[:, c.SEERS :]
        np.bitwise_or.at(words, (rows, sensors >> 6), np.int64(1) << (sensors & 63))

    def save_sight(self, kept: "Kept", row: int, sensor: int) -> None:
        """Keep what one sensor knows of one track."""
        at = kept.pairs_count
        kept.grow(at + 1)
        kept.pairs[at], kept.times[at] = (row, sensor), self.sights[row, sensor]
        kept.pairs_count = at + 1

    def save_sights(self, kept: "Kept", row: int) -> None:
        """Keep what all sensors know of one track."""
        at, sensors = kept.pairs_count, self.sights.shape[1]
        kept.grow(at + sensors)
        kept.pairs[at : at + sensors, 0] = row
        kept.pairs[at : at + sensors, 1] = np.arange(sensors)
        kept.times[at : at + sensors] = self.sights[row]
        kept.pairs_count = at + sensors

    def restore(self, kept: "Kept") -> None:
        """Go back to where the tick began; arrays that have grown since keep their size."""
        for rows, copies in kept.copies():
            for name in KEPT_BY_TRACK:
                getattr(self, name)[rows] = getattr(kept, name)[copies]
        restore_sights(self.sights, kept.pairs, kept.times, kept.pairs_count)
        sensors = len(kept.heard)
        left = int(kept.counters[c.C_FREE])
        # tracks that have begun since
        self.ints[kept.free[:left], c.STATUS] = c.FREE
        self.ints[kept.rows :, c.STATUS] = c.FREE
        grown = self.rows - kept.rows
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
        self.waiting = kept.waiting

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


class Kept(Memory):
    """The memory as it was when a tick began: of tracks only those that the tick has changed.

    Each worker puts its copies on a shelf of its own, with room for every track; what of it is not used is never
    touched. The k-th shelf is from row ``k * rows`` on.
    """

    def __init__(self) -> None:
        super().__init__()
        self.saved: Integers = np.zeros(0, np.int64)  # 1 of each track of which there is a copy
        self.log: Integers = np.zeros(0, np.int64)  # of which track each copy is
        self.counts: Integers = np.zeros((0, c.KEPT_COUNTS), np.int64)  # by worker
        # rows and sensors of sights that have changed, in order, and what they were
        self.pairs: Integers = np.zeros((0, 2), np.int64)
        self.times: Any = np.zeros((0, c.SIGHTS), np.int32)
        self.pairs_count = 0

    def __getstate__(self) -> dict[str, Any]:
        """Only the copies that there are."""
        used = [own for _, own in self.copies()]
        state = dict(vars(self))
        for name in (*KEPT_BY_TRACK, "log"):
            state[name] = [getattr(self, name)[own] for own in used]
        for name in ("pairs", "times"):
            state[name] = getattr(self, name)[: self.pairs_count]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        room = len(self.saved)
        for name in (*KEPT_BY_TRACK, "log"):
            parts = state[name]
            fresh = getattr(Kept(), name)
            whole = spacious((len(parts) * room, *fresh.shape[1:]), fresh.dtype)
            for k, part in enumerate(parts):
                whole[k * room : k * room + len(part)] = part
            setattr(self, name, whole)

    def begin(self, of: Memory, workers: int) -> None:
        """Nothing has changed yet."""
        for rows, _ in self.copies():
            self.saved[rows] = 0
        if len(self.saved) != of.rows or len(self.counts) != workers:
            self.saved = spacious((of.rows,), np.int64)
            self.log = spacious((workers * of.rows,), np.int64)
            self.counts = np.zeros((workers, c.KEPT_COUNTS), np.int64)
            for name in KEPT_BY_TRACK:
                own = getattr(of, name)
                setattr(self, name, spacious((workers * of.rows, *own.shape[1:]), own.dtype))
        self.counts[:] = 0
        self.pairs_count = 0

    def shelf(self, k: int) -> tuple[Any, ...]:
        """Where the k-th worker puts its copies of tracks, in the order of the kernels' arguments."""
        own = slice(k * len(self.saved), (k + 1) * len(self.saved))
        arrays = (self.floats, self.ints, self.states)
        return *(array[own] for array in arrays), self.saved, self.log[own], self.counts[k]

    def book(self) -> tuple[Any, ...]:
        """Where copies of sights are put, in the order of the kernels' arguments."""
        return self.pairs, self.times

    def copies(self) -> list[tuple[Integers, slice]]:
        """Tracks of which there are copies, and where these are."""
        room = len(self.saved)
        used = [
            slice(k * room, k * room + n) for k, n in enumerate(self.counts[:, c.K_TRACKS].tolist())
        ]
        return [(self.log[own], own) for own in used]

    def grow(self, wanted: int) -> None:
        """Room for so many copies of sights."""
        if len(self.pairs) >= wanted:
            return
        for name in ("pairs", "times"):
            old = getattr(self, name)
            new = spacious((2 * wanted, old.shape[1]), old.dtype)
            new[: self.pairs_count] = old[: self.pairs_count]
            setattr(self, name, new)

    def gather(self, copies: list[tuple[int, int]]) -> None:
        """Move copies of sights, from where to where each, behind those that there are."""
        for begin, end in copies:
            at = self.pairs_count
            self.pairs_count = at + end - begin
            if begin > at:  # those of each worker follow those of the one before
                self.pairs[at : self.pairs_count] = self.pairs[begin:end]
                self.times[at : self.pairs_count] = self.times[begin:end]

    def changed(self, now: Memory) -> list[Integers]:
        """Rows of tracks that have learnt, or have another status, since."""
        found = []
        for log, own in self.copies():
            rows = log.copy()
            count = list_changed(rows, self.floats[own], now.floats, self.ints[own], now.ints)
            found.append(rows[:count])
        return found
