"""How much objects turned lately, either way: what circles, searches or films goes on to do so."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.time import SECOND_NS
from vedette.watch.membership import Picture
from vedette.watch.moments import Moment

_SPAN_NS: Final = 90 * SECOND_NS
_STEP_NS: Final = 10 * SECOND_NS  # courses are compared so far apart
_LEAST_NS: Final = 30 * SECOND_NS  # of a shorter time nothing is said
_SIGMAS: Final = 2.0  # a turn below is none


def restless_radps(moments: Sequence[Moment], picture: Picture, rows: Integers) -> Floats:
    """(k,) turn either way [rad/s] of tracks, averaged over a minute and a half; NaN where not seen for 30 s.

    A change of course counts where it is more than the velocities' own uncertainty.

    Args:
        moments: pictures of the past, the newest last.
        picture: of now.
        rows: (k,) of the tracks.
    """
    names = [picture.track_id[row] for row in rows.tolist()]
    later_ns = picture.valid_ns[rows]
    first_ns = later_ns - _SPAN_NS
    course, speed, variance = _courses(
        np.column_stack((picture.east_mps[rows], picture.north_mps[rows])), picture.covariance[rows]
    )
    turned, spent_ns = np.zeros(len(rows)), np.zeros(len(rows), dtype=np.int64)
    seen: Flags = np.ones(len(rows), dtype=np.bool_)
    for moment in reversed(moments):
        newest_ns = moment.newest_ns
        if newest_ns < 0 or not len(rows):
            break
        if newest_ns < int(first_ns.min()) or not seen.any():
            break
        if (
            int(later_ns.min()) - newest_ns < _STEP_NS
            and int(later_ns.max()) - newest_ns < _STEP_NS
        ):
            continue
        at = moment.rows(names)
        seen &= at >= 0  # there is nothing before its begin
        at = np.maximum(at, 0)
        gap_ns = later_ns - moment.valid_ns[at]
        place = moment.place[at]
        if not (place >= 0).any():
            continue
        use = seen & (place >= 0) & (gap_ns >= _STEP_NS) & (moment.valid_ns[at] >= first_ns)
        past, past_speed, past_variance = _courses(
            moment.table[place, 2:4], moment.table[place, 4:14]
        )
        change = np.abs((course - past + np.pi) % (2.0 * np.pi) - np.pi)
        shown = change * speed >= _SIGMAS * np.sqrt(0.5 * (variance + past_variance))
        turned += np.where(use & shown, change, 0.0)
        spent_ns += np.where(use, gap_ns, 0)
        later_ns = np.where(use, moment.valid_ns[at], later_ns)
        course, speed = np.where(use, past, course), np.where(use, past_speed, speed)
        variance = np.where(use, past_variance, variance)
    enough = spent_ns >= _LEAST_NS
    result: Floats = np.where(enough, turned / np.maximum(spent_ns * 1e-9, 1.0), np.nan)
    return result


def _courses(velocity: Floats, covariance: Floats) -> tuple[Floats, Floats, Floats]:
    """(k,) courses [rad], speeds [m/s], and sums of the variances of velocity [m²/s²]."""
    east, north = velocity[:, 0], velocity[:, 1]
    spread: Floats = np.maximum(covariance[:, 7] + covariance[:, 9], 0.0)
    return np.arctan2(east, north), np.hypot(east, north), spread
