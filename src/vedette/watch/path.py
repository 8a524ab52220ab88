"""The recent path of one track, smoothed, and how it lies to one zone's boundary."""

import math
from typing import Final, NamedTuple

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.watch import _kernels
from vedette.watch.membership import Picture, Zones
from vedette.watch.settings import WatchSettings
from vedette.watch.zone_facts import height_margins, zone_facts

# where the 16 elements of a symmetric 4 x 4 matrix are in the upper triangle of the track table
_FULL: Final = np.array([0, 1, 2, 3, 1, 4, 5, 6, 2, 5, 7, 8, 3, 6, 8, 9])

_MOST_NOISE: Final = 1e4  # m²/s³, as ``looker.noise`` allows
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


class Profile(NamedTuple):
    """How a path lies to one zone at each of its (t,) instants."""

    path: Path
    distance_m: Floats
    azimuth_rad: Floats
    track_sigma_m: Floats
    sigma_m: Floats
    margin: Floats
    boundary_sigma_m: Floats  # of the boundary as drawn, where it is nearest


def fixes(picture: Picture) -> list[Fix]:
    """One fix for each track of a picture, its noise not yet known."""
    state = np.column_stack(
        (picture.latitude_deg, picture.longitude_deg, picture.east_mps, picture.north_mps)
    )
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

    Args:
        settings: ``fine_s`` is the step of the path.
        ring: fixes of one track in order of time, at least one.

    Source: Rauch, Tung, Striebel, AIAA Journal 3(8), 1965.
    """
    times_ns = np.array([fix.valid_ns for fix in ring], dtype=np.int64)
    span_s = np.diff(times_ns) * 1e-9
    # a long gap is cut into at most 60 pieces: nothing is known inside it anyway
    pieces = np.clip(np.ceil(span_s / settings.fine_s), 1, 60).astype(np.int64)
    total = int(pieces.sum()) + 1
    states = np.array([fix.state for fix in ring])
    covariances = np.array([fix.covariance for fix in ring])[:, _FULL].reshape(-1, 4, 4)
    # a filter without any uncertainty cannot be inverted: a millimetre and a millimetre a second
    covariances = np.ascontiguousarray(covariances + 1e-6 * np.eye(4))
    heights = np.array([fix.heights for fix in ring])
    ground_m = np.nan_to_num(np.where(np.isnan(heights[:, 0]), heights[:, 1], heights[:, 0]))
    path = Path(
        np.empty(total, dtype=np.int64),
        np.empty((total, 4)),
        np.empty((total, 4, 4)),
        np.empty((total, 4, 4)),
        np.empty((total, 3)),
    )
    _kernels.smooth(
        times_ns,
        pieces,
        states,
        covariances,
        _noise_that_fits(
            times_ns,
            states,
            covariances,
            np.array([max(fix.noise_m2ps3, 1e-6) for fix in ring]),
            ground_m,
        ),
        ground_m,
        path.times_ns,
        path.state,
        path.covariance,
        path.gain,
    )
    for column in range(3):
        path.heights[:, column] = np.interp(path.times_ns, times_ns, heights[:, column])
    return path


def _noise_that_fits(
    times_ns: Integers, states: Floats, covariances: Floats, noise_m2ps3: Floats, heights_m: Floats
) -> Floats:
    """(n,) acceleration noise with which each state may follow from the one before it, at least that given.

    The smoother's white noise about a straight course need not be what the filter did: one that turns with the
    object, or keeps more doubt, steps further. Smoothed with too little noise, all later steps are carried back
    undamped, and a turn throws the path a kilometre off. So the noise is doubled until the predicted covariance
    exceeds the filtered one, as it must, and the step from the straight prediction is within it.
    """
    fitting = noise_m2ps3.copy()
    _kernels.fit_noise(times_ns, states, covariances, heights_m, _MOST_NOISE, _FAR_STEP, fitting)
    return fitting


def profile(settings: WatchSettings, path: Path, zones: Zones, zone: int) -> Profile:
    """Distances of a path to the boundary of the zone at position ``zone``, with their sigmas."""
    where = zones.zones[zone]
    distance_m, azimuth_rad, boundary_sigma_m = zones.measured(
        path.state[:, 0], path.state[:, 1], np.full(len(path.times_ns), zone, dtype=np.int64)
    )
    east, north = np.sin(azimuth_rad), np.cos(azimuth_rad)
    p = path.covariance
    variance = (
        east * east * p[:, 0, 0] + 2.0 * east * north * p[:, 0, 1] + north * north * p[:, 1, 1]
    )
    track_sigma_m = np.sqrt(np.maximum(variance, 0.0))
    sigma_m = np.maximum(np.hypot(track_sigma_m, boundary_sigma_m), 1e-3)
    margin = distance_m / sigma_m
    if where.floor is not None or where.ceiling is not None:
        floor, ceiling = height_margins(
            settings,
            zone_facts(zones),
            np.full(len(path.times_ns), zone, dtype=np.int64),
            *path.heights.T,
        )
        margin = np.minimum(margin, np.minimum(floor, ceiling))
    return Profile(path, distance_m, azimuth_rad, track_sigma_m, sigma_m, margin, boundary_sigma_m)


def deepest(at: Profile, zones: Zones, zone: int, near: int) -> float:
    """Distance [m] at the deepest place between the instants beside ``near``.

    A fast object covers hundreds of metres between two instants of a profile, and the distance to the boundary
    of a strip has a sharp peak.
    """
    first, last = max(near - 1, 0), min(near + 1, len(at.path.times_ns) - 1)
    share = np.linspace(0.0, last - first, 33) + first
    rows = np.arange(len(at.path.times_ns))
    distance_m, _ = zones.boundary(
        np.interp(share, rows, at.path.state[:, 0]),
        np.interp(share, rows, at.path.state[:, 1]),
        np.full(len(share), zone, dtype=np.int64),
    )
    return float(max(distance_m.max(), at.distance_m[near]))


def error_correlation(settings: WatchSettings, at: Profile, first: int, second: int) -> float:
    """Correlation of the errors of the distances at two instants of a profile, ``first`` before ``second``.

    The track's part comes from the smoother. The boundary's is common at one place and fades with the distance
    between the two places, by ``boundary_correlation_m``.
    """
    cross = np.empty((4, 4))
    _kernels.cross_covariance(at.path.gain, at.path.covariance, first, second, cross)
    one = np.array([math.sin(at.azimuth_rad[first]), math.cos(at.azimuth_rad[first])])
    other = np.array([math.sin(at.azimuth_rad[second]), math.cos(at.azimuth_rad[second])])
    # azimuths point to the boundary: outwards when inside, inwards when outside
    one *= math.copysign(1.0, at.distance_m[first])
    other *= math.copysign(1.0, at.distance_m[second])
    apart_m = ground_distance_m(at.path.state[first], at.path.state[second])
    drawn_m2 = float(at.boundary_sigma_m[first] * at.boundary_sigma_m[second])
    shared = drawn_m2 * math.exp(-apart_m / settings.boundary_correlation_m)
    # two sides of a strip are drawn from different points, however near: only like-facing ones share
    shared *= max(0.0, float(one @ other))
    covariance = float(one @ cross[:2, :2] @ other) + shared
    value = covariance / float(at.sigma_m[first] * at.sigma_m[second])
    return min(max(value, -1.0), 1.0)


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
