"""The intruder's way in every world, and when somebody who sets out can first be where it is.

A plane touches the Earth at the entry (azimuthal equidistant: distances between other points are wrong by less
than 0.1 % within 500 km). Time counts from the entry into the airspace in question: negative before, in seconds.
"""

from typing import Final, NamedTuple

import numpy as np

from vedette.airspace.edges import WGS84
from vedette.model.columns import Floats

NEVER: Final = np.inf
Points = tuple[tuple[float, float], ...]  # latitude and longitude [degrees]


class Plane:
    """Metres east and north of one place."""

    def __init__(self, latitude_deg: float, longitude_deg: float) -> None:
        self._at = latitude_deg, longitude_deg

    def xy(self, points: Points) -> Floats:
        """(k, 2) east and north [m]."""
        places = np.array(points, dtype=np.float64).reshape(-1, 2)
        count = len(places)
        latitude, longitude = (np.full(count, value) for value in self._at)
        azimuth, _, metres = WGS84.inv(longitude, latitude, places[:, 1], places[:, 0])
        angle = np.radians(azimuth)
        return np.column_stack((metres * np.sin(angle), metres * np.cos(angle)))


class Way(NamedTuple):
    """A broken line that is flown at a time of its own in each of (n,) worlds."""

    xy_m: Floats  # (k, 2)
    at_s: Floats  # (n, k) rising


def way(plane: Plane, before: Points, inside: Points, speed_mps: Floats, inside_s: Floats) -> Way:
    """The way of (n,) worlds.

    Args:
        plane: about the entry.
        before: places on the way to the entry, in order; may be none.
        inside: places from the entry on; the last is where it leaves, falls or was last seen.
        speed_mps: (n,) before the entry.
        inside_s: (n,) from the entry to the end; it goes at one speed along ``inside``.
    """
    within = plane.xy(inside)
    if len(within) == 1:
        within = np.vstack((within, within))  # it stays there
    ahead = np.vstack((plane.xy(before), within[:1])) if before else within[:1]
    to_go = np.append(np.cumsum(_steps(ahead)[::-1])[::-1], 0.0)[:-1]
    lengths = np.append(0.0, np.cumsum(_steps(within)))
    count = len(lengths)
    along = lengths / lengths[-1] if lengths[-1] > 0.0 else np.linspace(0.0, 1.0, count)
    at_s = np.hstack((-to_go[None, :] / speed_mps[:, None], along[None, :] * inside_s[:, None]))
    return Way(xy_m=np.vstack((ahead[:-1], within)), at_s=at_s)


def _steps(xy_m: Floats) -> Floats:
    steps = np.diff(xy_m, axis=0)
    out: Floats = np.hypot(steps[:, 0], steps[:, 1])
    return out


def first_there_s(
    flown: Way,
    from_xy_m: Floats,
    leaves_s: Floats,
    speed_mps: Floats | float,
    near_m: Floats | float = 0.0,
    not_before_s: float = -np.inf,
) -> Floats:
    """(n,) first time at which somebody can be within a distance of the intruder; infinite: never.

    Whoever sets out flies straight to where they will meet. Where the intruder has ended its way they fly to its
    last place.

    Args:
        flown: the intruder's way.
        from_xy_m: (2,) where from.
        leaves_s: (n,) when; infinite: never.
        speed_mps: (n,) or one; 0 for somebody who stays and looks.
        near_m: (n,) or one; how near is near enough.
        not_before_s: times before this do not count.

    Source: on each leg the distance to where they set out from and the distance that they can have gone are equal
    at the roots of a quadratic equation; the first one on the leg counts.
    """
    leaves = np.maximum(leaves_s, not_before_s)
    speed = np.broadcast_to(np.asarray(speed_mps, dtype=np.float64), leaves_s.shape)
    near = np.broadcast_to(np.asarray(near_m, dtype=np.float64), leaves_s.shape)
    out = np.full(leaves_s.shape, NEVER)
    sets_out = np.isfinite(leaves_s)
    start_s = np.where(sets_out, leaves_s, 0.0)
    for k in range(flown.at_s.shape[1] - 1):
        begin_s, end_s = flown.at_s[:, k], flown.at_s[:, k + 1]
        lasts_s = end_s - begin_s
        low_s = np.maximum(begin_s, leaves)
        open_ = sets_out & (low_s <= end_s) & ~np.isfinite(out)
        if not open_.any():
            continue
        low_s = np.where(open_, low_s, begin_s)
        velocity = (flown.xy_m[k + 1] - flown.xy_m[k])[None, :] / np.maximum(lasts_s, 1e-9)[:, None]
        # place and reach at low_s, then both grow along the leg
        place = flown.xy_m[k][None, :] + velocity * (low_s - begin_s)[:, None] - from_xy_m[None, :]
        reach = near + speed * np.maximum(low_s - start_s, 0.0)
        after_s = _meets(place, velocity, reach, speed)
        met = open_ & (low_s + after_s <= end_s)
        out = np.where(met, low_s + after_s, out)
    rest = flown.xy_m[-1] - from_xy_m
    late = np.maximum(
        np.maximum(flown.at_s[:, -1], leaves), start_s + _over(np.hypot(*rest) - near, speed)
    )
    return np.where(sets_out & ~np.isfinite(out), late, out)


def _meets(place: Floats, velocity: Floats, reach: Floats, speed: Floats) -> Floats:
    """(n,) first t >= 0 with |place + velocity t| <= reach + speed t."""
    a = (velocity**2).sum(axis=1) - speed**2
    b = (place * velocity).sum(axis=1) - reach * speed
    c = (place**2).sum(axis=1) - reach**2
    inner = b * b - a * c
    root = np.sqrt(np.maximum(inner, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        # the one of the two forms of each root that does not cancel
        q = -(b + np.where(b >= 0.0, root, -root))
        first, second = q / a, c / q
    low = np.fmin(np.where(first >= 0.0, first, NEVER), np.where(second >= 0.0, second, NEVER))
    return np.where(c <= 0.0, 0.0, np.where(inner >= 0.0, low, NEVER))


def _over(metres: Floats, speed: Floats) -> Floats:
    """(n,) time that a distance takes; none where there is none to go."""
    with np.errstate(divide="ignore", invalid="ignore"):
        taken = metres / speed
    return np.where(metres <= 0.0, 0.0, taken)
