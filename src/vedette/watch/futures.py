"""Futures of a track: a fixed set of flights that it may make, weighed alike, and what they enter when."""

from functools import lru_cache
from statistics import NormalDist
from typing import Final, NamedTuple

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.watch import _futures
from vedette.watch.membership import Picture, Zones, speed_mps
from vedette.watch.motion import MotionSet, behaviour_of
from vedette.watch.settings import WatchSettings
from vedette.watch.zone_facts import zone_facts

Route = tuple[tuple[float, float], ...]  # way points, latitude and longitude [degrees]
NO_WIND: Final[Floats] = np.empty((0, 3))
_STANDARD_RADPS: Final = np.radians(3.0)  # ICAO Doc 8168: a standard-rate turn
_PLACES_AT_ONCE: Final = 4_000_000
_MASK: Final = (1 << 64) - 1


class Entries(NamedTuple):
    """First entries of each future of k pairs of a track and a zone."""

    first: Integers  # (k, futures) position in ``times_s``, -1: it does not enter
    times_s: Floats  # (t,)


def _hash(number: int) -> int:
    """Splitmix64 (Steele, Lea, Flood 2014): the same draws on every machine, without a state."""
    number = (number * 0x9E3779B97F4A7C15 + 0x632BE59BD9B4E019) & _MASK
    number = ((number ^ (number >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    number = ((number ^ (number >> 27)) * 0x94D049BB133111EB) & _MASK
    return number ^ (number >> 31)


@lru_cache(maxsize=4)
def draws(pairs: int) -> tuple[Floats, Floats]:
    """(pairs, 7) normal and (pairs, 28) uniform numbers, each column spread evenly over its range.

    Futures come in mirrored pairs that share one row, so nothing leans to one side. They are the same for
    every track: two tracks in the same place are told the same.
    """
    columns = 7 + 3 * _futures.EVENTS + 4
    even = np.empty((pairs, columns))
    for column in range(columns):
        order = sorted(range(pairs), key=lambda row: _hash(row * 1_000 + column))
        even[order, column] = (np.arange(pairs) + 0.5) / pairs
    normal = NormalDist()
    normals = np.array([[normal.inv_cdf(u) for u in row] for row in even[:, :7]])
    return normals, np.ascontiguousarray(even[:, 7:])


def instants_s(horizons_s: tuple[float, ...]) -> Floats:
    """(t,) times at which futures are looked at: 3 s apart for a minute, then 5 s, then 10 s, and each horizon."""
    longest_s = max(horizons_s)
    return np.unique(
        np.concatenate(
            (
                np.arange(3.0, min(longest_s, 60.0) + 0.1, 3.0),
                np.arange(65.0, min(longest_s, 120.0) + 0.1, 5.0),
                np.arange(130.0, longest_s + 0.1, 10.0),
                horizons_s,
            )
        )
    )


def _roots(covariance: Floats) -> Floats:
    """(n, 10) lower triangles, row by row, of square roots of (n, 10) covariances."""
    full = covariance[:, np.array([0, 1, 2, 3, 1, 4, 5, 6, 2, 5, 7, 8, 3, 6, 8, 9])].reshape(
        -1, 4, 4
    )
    values, vectors = np.linalg.eigh(full)
    # of a root by eigenvectors the triangle by QR: it exists also where a variance is nought
    root = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    lower = np.linalg.qr(root.transpose(0, 2, 1)).R.transpose(0, 2, 1)
    rows, cols = np.tril_indices(4)
    return np.ascontiguousarray(lower[:, rows, cols])


def heights_m(picture: Picture) -> Floats:
    """(n,) heights by pressure, above the ellipsoid where that is unknown; NaN: neither is known."""
    result: Floats = np.where(
        np.isnan(picture.pressure_altitude_m), picture.height_hae_m, picture.pressure_altitude_m
    )
    return result


def starts(settings: WatchSettings, picture: Picture) -> tuple[Floats, Floats]:
    """(n, 8) and (n, 10): where the futures of each track begin, as ``_futures.fly`` wants it."""
    height_m = heights_m(picture)
    sigma_m = np.where(
        np.isnan(picture.height_sigma_m), settings.height_sigma_m, picture.height_sigma_m
    )
    turning = np.nan_to_num(picture.turn_radps)
    turning = np.where(np.abs(turning) < np.radians(0.15), 0.0, turning)
    now = np.column_stack(
        (
            picture.latitude_deg, picture.longitude_deg, picture.east_mps, picture.north_mps,
            np.nan_to_num(picture.up_mps), height_m, sigma_m, turning,
        )
    )  # fmt: skip
    return now, _roots(picture.covariance)


def known_wind(settings: WatchSettings) -> Floats:
    """(l, 3) height [m], east, north [m/s] of the wind that a person has given; none: empty."""
    return np.array(settings.wind, dtype=np.float64).reshape(-1, 3)


def motions_of(
    motion: MotionSet, picture: Picture, behaviour: Integers, wind: Floats
) -> tuple[Floats, Floats]:
    """(n, 14) twice: how each track moves, and how it would by its speed alone, as ``_futures.fly`` wants them."""
    table = motion.table()
    if not len(wind):
        # of a wind that nobody knows the motion shows all there is
        table[:, _futures.DRIFT_S] = 0.0
    return table[behaviour], table[by_speed(picture)]


def by_speed(picture: Picture) -> Integers:
    """(n,) positions in ``motion.BEHAVIOURS``, whatever each did lately."""
    return behaviour_of(speed_mps(picture), picture.up_mps, heights_m(picture))


def _way(routes: list[Route | None], picture: Picture) -> tuple[Integers, Floats]:
    """Way points that each track still has before it."""
    first = np.zeros(len(routes) + 1, dtype=np.int64)
    ahead: list[tuple[float, float]] = []
    for row, route in enumerate(routes):
        if route is not None and len(route) >= 2:
            ahead += ahead_on(
                route, float(picture.latitude_deg[row]), float(picture.longitude_deg[row])
            )
        first[row + 1] = len(ahead)
    return first, np.array(ahead, dtype=np.float64).reshape(-1, 2)


def ahead_on(route: Route, latitude_deg: float, longitude_deg: float) -> Route:
    """Way points of a route that are still ahead of a place: those after the leg that it is nearest to.

    >>> ahead_on(((47.0, 5.0), (47.0, 8.0), (48.0, 11.0)), 47.02, 6.5)
    ((47.0, 8.0), (48.0, 11.0))
    """
    points = np.array(route)
    cosine = np.cos(np.radians(latitude_deg))
    north = points[:, 0] - latitude_deg
    east = ((points[:, 1] - longitude_deg + 180.0) % 360.0 - 180.0) * cosine
    go_e, go_n = np.diff(east), np.diff(north)
    length2 = np.maximum(go_e**2 + go_n**2, 1e-12)
    share = np.clip(-(east[:-1] * go_e + north[:-1] * go_n) / length2, 0.0, 1.0)
    away = np.hypot(east[:-1] + share * go_e, north[:-1] + share * go_n)
    return route[int(np.argmin(away)) + 1 :]


def entries(
    settings: WatchSettings,
    picture: Picture,
    zones: Zones,
    motion: MotionSet,
    behaviour: Integers,
    pair_row: Integers,
    pair_zone: Integers,
    horizons_s: tuple[float, ...],
    *,
    routes: list[Route | None] | None = None,
    wind: Floats = NO_WIND,
) -> Entries:
    """When each future of each pair's track first is in the pair's zone.

    Args:
        settings: number of futures, uncertainty of heights.
        picture: n tracks.
        zones: the index.
        motion: parameters.
        behaviour: (n,) positions in ``motion.BEHAVIOURS``.
        pair_row: (k,) rows of the picture, rising.
        pair_zone: (k,) positions of zones.
        horizons_s: times ahead [s].
        routes: of each track the way points that it should keep to, or None.
        wind: (l, 3) height [m], east, north [m/s], heights rising; empty is calm.
    """
    times_s = instants_s(horizons_s)
    futures = settings.futures
    normals, uniforms = draws(futures // 2)
    used, position = np.unique(pair_row, return_inverse=True)
    some = picture.take(used)
    table, calm = motions_of(motion, some, behaviour[used], wind)
    now, root = starts(settings, some)
    route_first, route = _way(
        [None] * len(used) if routes is None else [routes[row] for row in used.tolist()], some
    )
    first = np.full((len(pair_row), futures), -1, dtype=np.int64)
    begins = np.searchsorted(position, np.arange(len(used) + 1)).astype(np.int64)
    facts = zone_facts(zones)
    floor_m = np.where(np.isnan(facts.floor_m), -np.inf, facts.floor_m)
    ceiling_m = np.where(np.isnan(facts.ceiling_m), np.inf, facts.ceiling_m)
    # what a limit in another datum may be off by, drawn as well
    error_m = settings.datum_sigma_m * np.column_stack((normals[:, 4], normals[:, 5]))
    error_m = np.ascontiguousarray(np.repeat(error_m, 2, axis=0))
    error_m[1::2] *= -1.0
    chunk = max(1, _PLACES_AT_ONCE // (futures * len(times_s)))
    kinds = tuple({zones.zones[int(k)].kind for k in np.unique(pair_zone)})
    for begin in range(0, len(used), chunk):
        end = min(begin + chunk, len(used))
        shape = (end - begin, futures, len(times_s))
        latitude, longitude, height = np.empty(shape), np.empty(shape), np.empty(shape)
        _futures.fly(
            now[begin:end], root[begin:end], table[begin:end], calm[begin:end], normals, uniforms,
            times_s, wind,
            np.ascontiguousarray(route_first[begin : end + 1]), route, settings.route_share,
            latitude, longitude, height,
        )  # fmt: skip
        rows, which = zones.locate(latitude.ravel(), longitude.ravel(), kinds=kinds)
        low, high = int(begins[begin]), int(begins[end])
        _futures.first_entries(
            rows, which, height.ravel(), len(times_s), futures,
            begins[begin : end + 1] - low, np.ascontiguousarray(pair_zone[low:high]),
            floor_m, ceiling_m, error_m, first[low:high],
        )  # fmt: skip
    return Entries(first, times_s)
