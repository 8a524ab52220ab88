"""Pictures of the past, as the watch keeps some of them, and what they say of one track."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vedette.model.columns import Flags, Floats, Integers
from vedette.watch import _resting
from vedette.watch.membership import Picture
from vedette.watch.path import Rings
from vedette.watch.settings import WatchSettings


class Moment(NamedTuple):
    """A picture of the past with the acceleration noise of each row, and which row each track has in it.

    A row that was not measured since the moment before has no state: between two the path is smoothed.
    """

    newest_ns: int  # time of its newest row, -1: nothing was in the picture
    valid_ns: Integers  # (n,)
    place: Integers  # (n,) of each row in ``table``, -1: not measured
    # (m, 18) state, covariance and heights, as in ``path.Fix``, and the noise: some rows of many moments are read
    # at once, and each row is one piece of memory
    table: Floats
    row_of: dict[str, int]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.table.size + 2 * len(self.valid_ns)

    def rows(self, names: Sequence[str]) -> Integers:
        """(k,) rows of tracks, -1: not in the picture."""
        return np.array([self.row_of.get(name, -1) for name in names], dtype=np.int64)


def _readable(column: Floats) -> Floats:
    """A column as kernels take it: Numba compiles anew for arrays that may be written to, or have gaps."""
    column = np.ascontiguousarray(column).view()
    column.setflags(write=False)
    return column


def moment_of(
    picture: Picture, noise_m2ps3: Floats, row_of: dict[str, int], measured: Flags
) -> Moment:
    """A picture as it is kept.

    Args:
        picture: (n,) rows.
        noise_m2ps3: (n,) acceleration noise from here to the next state.
        row_of: its rows.
        measured: (n,) whether each was since the moment before.
    """
    p, rows = picture, np.flatnonzero(measured)
    table, place = np.empty((len(rows), 18)), np.full(len(measured), -1)
    place[rows] = np.arange(len(rows))
    _resting.lay_down(
        rows, _readable(p.latitude_deg), _readable(p.longitude_deg), _readable(p.east_mps),
        _readable(p.north_mps), _readable(p.covariance), _readable(p.height_hae_m),
        _readable(p.pressure_altitude_m), _readable(p.height_sigma_m), _readable(noise_m2ps3),
        table,
    )  # fmt: skip
    return Moment(int(p.valid_ns.max(initial=-1)), p.valid_ns, place, table, row_of)


def with_moment(
    settings: WatchSettings, moments: tuple[Moment, ...], new: Moment
) -> tuple[Moment, ...]:
    """The moments that are kept with one more.

    They are as many as ``ring_states``, and more where less than all is measured in each, as long as they are no
    larger together than that many in which all is.
    """
    whole = 20 * len(new.valid_ns)  # numbers of a moment in which all was measured
    kept, spare = [new], (settings.ring_states - 1) * whole
    for moment in reversed(moments):
        spare -= moment.size
        if spare < 0 and len(kept) >= settings.ring_states:
            break
        kept.append(moment)
    return tuple(reversed(kept))


class Past(NamedTuple):
    """What a tick knows of the ways that its tracks came by."""

    moments: Sequence[Moment]  # the newest last, all before now
    now: Picture
    row_of: dict[str, int]  # the rows of ``now``
    kept_ns: Integers  # (n,) last measurements that ``moments`` show

    def rings(self, settings: WatchSettings, rows: Integers, first_ns: Integers) -> Rings:
        """The states that (r,) tracks passed through, each just after a measurement.

        Args:
            settings: how many states there are at most.
            rows: (r,) of the tracks.
            first_ns: (r,) earlier ones are left out.
        """
        names = [self.now.track_id[row] for row in rows.tolist()]
        earliest_ns = int(first_ns.min())
        measured = self.now.updated_ns[rows] > self.kept_ns[rows]
        now = moment_of(self.now.take(rows), np.zeros(len(rows)), self.row_of, measured)
        past = [m for m in self.moments if m.newest_ns < 0 or m.newest_ns >= earliest_ns]
        # of each moment the place of each track's state, -1: not measured, -2: not in the picture
        place = np.full((len(past) + 1, len(rows)), -2)
        valid_ns = np.zeros(place.shape, dtype=np.int64)
        for k, moment in enumerate(past):
            if moment.newest_ns < 0:
                continue
            if moment.row_of is self.row_of:
                moment.place.take(rows, out=place[k], mode="clip")
                moment.valid_ns.take(rows, out=valid_ns[k], mode="clip")
                continue
            at = moment.rows(names)
            place[k] = np.where(at < 0, -2, moment.place[at])
            valid_ns[k] = moment.valid_ns[at]
        place[-1], valid_ns[-1] = now.place, now.valid_ns
        begin = np.empty(len(rows) + 1, dtype=np.int64)
        which = np.empty(valid_ns.size, dtype=np.int64)
        _resting.ring_rows(place, valid_ns, first_ns, settings.ring_states, begin, which)
        which = which[: begin[-1]]
        track = np.repeat(np.arange(len(rows)), np.diff(begin))
        found, order = np.empty((len(which), 18)), np.argsort(which, kind="stable")
        ends = np.searchsorted(which[order], np.arange(1, len(place) + 1)).tolist()
        first = 0
        for moment, places, end in zip([*past, now], place, ends, strict=True):
            mine = order[first:end]
            found[mine] = moment.table[places[track[mine]]]
            first = end
        return Rings(
            begin, valid_ns[which, track], found[:, :4].copy(), found[:, 4:14].copy(),
            found[:, 14:17].copy(), found[:, 17].copy(),
        )  # fmt: skip
