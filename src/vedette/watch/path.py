"""The recent path of one track, smoothed, and how it lies to one zone's boundary."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.watch import _kernels
from vedette.watch.membership import Picture, Zones, states
from vedette.watch.settings import WatchSettings
from vedette.watch.zone_facts import height_margins, zone_facts

# where the 16 elements of a symmetric 4 x 4 matrix are in the upper triangle of the track table
_FULL: Final = np.array([0, 1, 2, 3, 1, 4, 5, 6, 2, 5, 7, 8, 3, 6, 8, 9])

_MOST_NOISE: Final = 1e4  # m²/s³, as ``resting.noises`` allows
_FAR_STEP: Final = 25.0  # squared; of four normal numbers one in 20,000 is beyond


class Fix(NamedTuple):
    """One filter state of a track just after a measurement; arrays are views that nobody writes to."""

    valid_ns: int
    state: Floats  # (4,) latitude, longitude [degrees], east, north [m/s]
    covariance: Floats  # (10,) as in the track table
    heights: Floats  # (3,) above the ellipsoid, by pressure, and sigma [m]; NaN unknown
    noise_m2ps3: float  # acceleration noise from here to the next state


class Path(NamedTuple):
    """A smoothed path: (t,) instants with states, covariances, and gains that tie each to the next."""

    times_ns: Integers
    state: Floats  # (t, 4)
    covariance: Floats  # (t, 4, 4)
    gain: Floats  # (t, 4, 4)
    heights: Floats  # (t, 3)


class Rings(NamedTuple):
    """Filter states of (r,) tracks, (k,) in all, ring by ring in order of time."""

    begin: Integers  # (r + 1,) where the states of each begin
    times_ns: Integers
    state: Floats  # (k, 4)
    covariance: Floats  # (k, 10)
    heights: Floats  # (k, 3)
    noise_m2ps3: Floats


class Paths(NamedTuple):
    """(r,) smoothed paths, (t,) instants in all, path by path; columns as in ``Path``."""

    begin: Integers  # (r + 1,)
    times_ns: Integers
    state: Floats
    covariance: Floats
    gain: Floats
    heights: Floats

    def path(self, at: int) -> Path:
        """One of them."""
        mine = slice(int(self.begin[at]), int(self.begin[at + 1]))
        return Path(
            self.times_ns[mine],
            self.state[mine],
            self.covariance[mine],
            self.gain[mine],
            self.heights[mine],
        )


class Profile(NamedTuple):
    """How a path lies to one zone at each of its (t,) instants."""

    path: Path
    distance_m: Floats
    azimuth_rad: Floats
    track_sigma_m: Floats
    sigma_m: Floats
    margin: Floats
    boundary_sigma_m: Floats  # of the boundary as drawn, where it is nearest


class Profiles(NamedTuple):
    """How each of (j,) pairs of a path and a zone lies, (p,) instants in all; columns as in ``Profile``."""

    begin: Integers  # (j + 1,)
    row: Integers  # (p,) instant of ``Paths``
    distance_m: Floats
    azimuth_rad: Floats
    track_sigma_m: Floats
    sigma_m: Floats
    margin: Floats
    boundary_sigma_m: Floats


def fixes(picture: Picture) -> list[Fix]:
    """One fix for each track of a picture, its noise not yet known."""
    state = states(picture)
    heights = np.column_stack(
        (picture.height_hae_m, picture.pressure_altitude_m, picture.height_sigma_m)
    )
    return [
        Fix(valid_ns, state[k], picture.covariance[k], heights[k], 0.0)
        for k, valid_ns in enumerate(picture.valid_ns.tolist())
    ]


def smoothed(settings: WatchSettings, ring: tuple[Fix, ...]) -> Path:
    """The path through filter states, each corrected by all that came after it (Rauch, Tung, Striebel).

    Filter states are correlated: each holds all measurements before it. The backward recursion uses exactly
    that, so its covariances are those of the smoothed errors wherever the filter's own are right. Between two
    fixes the path is what white acceleration noise allows.

    The smoother's white noise about a straight course need not be what the filter did: one that turns with the
    object, or keeps more doubt, steps further. Smoothed with too little noise, all later steps are carried back
    undamped, and a turn throws the path a kilometre off. So the noise is doubled until the predicted covariance
    exceeds the filtered one, as it must, and the step from the straight prediction is within it.

    Args:
        settings: ``fine_s`` is the step of the path.
        ring: fixes of one track in order of time, at least one.

    Source: Rauch, Tung, Striebel, AIAA Journal 3(8), 1965.
    """
    return smoothed_all(settings, rings_of([ring])).path(0)


def rings_of(rings: Sequence[tuple[Fix, ...]]) -> Rings:
    """Rings as columns."""
    together = [fix for ring in rings for fix in ring]
    valid_ns, state, covariance, heights, noise = zip(*together, strict=True)
    begin = np.zeros(len(rings) + 1, dtype=np.int64)
    np.cumsum([len(ring) for ring in rings], out=begin[1:])
    return Rings(
        begin,
        np.array(valid_ns, dtype=np.int64),
        np.array(state),
        np.array(covariance),
        np.array(heights),
        np.array(noise),
    )


def smoothed_all(settings: WatchSettings, rings: Rings) -> Paths:
    """As ``smoothed``, of many tracks; each ring has at least one state."""
    times_ns, last = rings.times_ns, rings.begin[1:] - 1
    span_s = np.diff(times_ns, append=times_ns[-1:]) * 1e-9
    # a long gap is cut into at most 60 pieces: nothing is known inside it anyway
    pieces = np.clip(np.ceil(span_s / settings.fine_s), 1, 60).astype(np.int64)
    pieces[last] = 1  # the last state itself
    begin = np.concatenate(([0], np.cumsum(pieces)[last]))
    total, longest = int(begin[-1]), int(np.diff(begin).max(initial=0))
    # a filter without any uncertainty cannot be inverted: a millimetre and a millimetre a second
    covariances = rings.covariance[:, _FULL].reshape(-1, 4, 4) + 1e-6 * np.eye(4)
    paths = Paths(
        begin,
        np.empty(total, dtype=np.int64),
        np.empty((total, 4)),
        np.empty((total, 4, 4)),
        np.empty((total, 4, 4)),
        np.empty((total, 3)),
    )
    _kernels.smooth_all(
        rings.begin, begin, times_ns, pieces, rings.state, covariances,
        np.maximum(rings.noise_m2ps3, 1e-6), rings.heights, _MOST_NOISE, _FAR_STEP,
        np.empty((_kernels.ROOM, 5, 4)), np.empty((longest, 4, 4)), np.empty((longest, 4)),
        np.empty(len(times_ns)), paths.times_ns, paths.state, paths.covariance, paths.gain, paths.heights,
    )  # fmt: skip
    return paths


def profile(settings: WatchSettings, path: Path, zones: Zones, zone: int) -> Profile:
    """Distances of a path to the boundary of the zone at position ``zone``, with their sigmas."""
    which = np.full(len(path.times_ns), zone, dtype=np.int64)
    return Profile(path, *_lies(settings, path.state, path.covariance, path.heights, zones, which))


def profiles(
    settings: WatchSettings, paths: Paths, of: Integers, zones: Zones, zone: Integers
) -> Profiles:
    """Profiles of (j,) pairs of a path, by position, and a zone, by position."""
    counts = paths.begin[of + 1] - paths.begin[of]
    begin = np.zeros(len(of) + 1, dtype=np.int64)
    np.cumsum(counts, out=begin[1:])
    row = np.repeat(paths.begin[of] - begin[:-1], counts) + np.arange(begin[-1])
    lies = _lies(
        settings, paths.state[row], paths.covariance[row], paths.heights[row], zones,
        np.repeat(zone, counts),
    )  # fmt: skip
    return Profiles(begin, row, *lies)


def _lies(
    settings: WatchSettings,
    state: Floats,
    covariance: Floats,
    heights: Floats,
    zones: Zones,
    which: Integers,
) -> tuple[Floats, Floats, Floats, Floats, Floats, Floats]:
    """(t,) columns of a profile, from distance to the boundary's accuracy."""
    distance_m, azimuth_rad, boundary_sigma_m = zones.measured(state[:, 0], state[:, 1], which)
    east, north, p = np.sin(azimuth_rad), np.cos(azimuth_rad), covariance
    variance = (
        east * east * p[:, 0, 0] + 2.0 * east * north * p[:, 0, 1] + north * north * p[:, 1, 1]
    )
    track_sigma_m = np.sqrt(np.maximum(variance, 0.0))
    sigma_m = np.maximum(np.hypot(track_sigma_m, boundary_sigma_m), 1e-3)
    margin = distance_m / sigma_m
    facts = zone_facts(zones)
    at = np.flatnonzero(facts.limited[which])
    if len(at):
        floor, ceiling = height_margins(settings, facts, which[at], *heights[at].T)
        margin[at] = np.minimum(margin[at], np.minimum(floor, ceiling))
    return distance_m, azimuth_rad, track_sigma_m, sigma_m, margin, boundary_sigma_m


def ground_distance_m(first: Floats, second: Floats) -> float:
    """Distance [m] between two states (latitude, longitude first) on a sphere of the mean radius."""
    lat0, lat1 = math.radians(first[0]), math.radians(second[0])
    half_lat = math.sin(0.5 * (lat1 - lat0)) ** 2
    half_lon = math.sin(0.5 * math.radians(second[1] - first[1])) ** 2
    return (
        2.0
        * 6_371_008.8
        * math.asin(math.sqrt(min(1.0, half_lat + math.cos(lat0) * math.cos(lat1) * half_lon)))
    )
