"""Pictures of the past, as the watch keeps some of them, and what they say of one track."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.watch import _resting
from vedette.watch.membership import Picture
from vedette.watch.path import Fix, fixes


class Moment(NamedTuple):
    """A picture of the past with the acceleration noise of each row, and which row each track has in it."""

    valid_ns: Integers
    updated_ns: Integers
    # (n, 18) state, covariance and heights, as in ``path.Fix``, and the noise: some rows of many moments are read
    # at once, and each row is one piece of memory
    table: Floats
    row_of: dict[str, int]

    @property
    def state(self) -> Floats:
        """(n, 4), as in ``path.Fix``."""
        return self.table[:, :4]

    @property
    def covariance(self) -> Floats:
        """(n, 10)."""
        return self.table[:, 4:14]

    @property
    def heights(self) -> Floats:
        """(n, 3)."""
        return self.table[:, 14:17]

    @property
    def noise_m2ps3(self) -> Floats:
        """(n,)."""
        return self.table[:, 17]


def _readable(column: Floats) -> Floats:
    """A column as kernels take it: Numba compiles anew for arrays that may be written to, or have gaps."""
    column = np.ascontiguousarray(column).view()
    column.setflags(write=False)
    return column


def moment_of(picture: Picture, noise_m2ps3: Floats, row_of: dict[str, int]) -> Moment:
    """A picture as it is kept."""
    p, table = picture, np.empty((len(picture.valid_ns), 18))
    _resting.lay_down(
        _readable(p.latitude_deg), _readable(p.longitude_deg), _readable(p.east_mps),
        _readable(p.north_mps), _readable(p.covariance), _readable(p.height_hae_m),
        _readable(p.pressure_altitude_m), _readable(p.height_sigma_m), _readable(noise_m2ps3),
        table,
    )  # fmt: skip
    return Moment(picture.valid_ns, picture.updated_ns, table, row_of)


def fix_of(picture: Picture, row: int) -> Fix:
    """One row of a picture, its noise not known."""
    return fixes(picture.take(np.array([row])))[0]


def ring_of(moments: Sequence[Moment], track_id: str) -> tuple[Fix, ...]:
    """The states that a track passed through, each just after a measurement."""
    ring: list[Fix] = []
    updated_ns = -1
    for moment in moments:
        row = moment.row_of.get(track_id)
        if row is None:
            ring, updated_ns = [], -1
            continue
        if moment.updated_ns[row] > updated_ns:
            updated_ns = int(moment.updated_ns[row])
            ring.append(
                Fix(
                    int(moment.valid_ns[row]),
                    moment.state[row],
                    moment.covariance[row],
                    moment.heights[row],
                    float(moment.noise_m2ps3[row]),
                )
            )
    return tuple(ring)
