"""How likely each track is to be inside each zone within the next minutes, if it goes on or turns."""

import math
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.model.columns import Floats, Integers, from_columns
from vedette.model.time import SECOND_NS
from vedette.model.zone import ZoneKind
from vedette.watch.membership import Picture, Zones, probability, speed_mps
from vedette.watch.passage import Z95
from vedette.watch.settings import WatchSettings

PREDICTION: Final = pa.schema(
    [
        pa.field("track_id", pa.string(), nullable=False),
        pa.field("zone_id", pa.string(), nullable=False),
        pa.field("horizon_s", pa.float64(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),  # of entry within the horizon
        # entry on a straight course, with its 95 % interval; null: not within the longest horizon
        pa.field("eta_low_ns", pa.int64()),
        pa.field("eta_ns", pa.int64()),
        pa.field("eta_high_ns", pa.int64()),
    ]
)
HORIZONS_S: Final = (60.0, 120.0, 300.0, 600.0)
# a standard-rate turn is 3 degrees a second (ICAO Doc 8168); a turn is held for a quarter circle
_TURN_RADPS: Final = math.radians(3.0)
_TURN_S: Final = 30.0
_TURN_SHARE: Final = 0.1  # least weight of a turn: steady objects turn too


class Forecast(NamedTuple):
    """Pairs of a track and a zone that it is outside of, (k,) each, and (k, h) by horizon."""

    row: Integers
    zone: Integers
    probability: Floats
    eta_low_ns: Integers  # -1: not within the longest horizon
    eta_ns: Integers
    eta_high_ns: Integers


def _turned(turn_radps: float, times_s: Floats) -> tuple[Floats, Floats]:
    """(t,) metres ahead and to the right for each metre a second, turning for a while, then straight."""
    if turn_radps == 0.0:
        return times_s, np.zeros_like(times_s)
    turning = np.minimum(times_s, _TURN_S)
    angle = turn_radps * turning
    rest = times_s - turning
    ahead = np.sin(angle) / turn_radps + rest * np.cos(angle)
    right = (1.0 - np.cos(angle)) / turn_radps + rest * np.sin(angle)
    return ahead, right


def _spread(picture: Picture, rows: Integers, times_s: Floats, q: Floats) -> Floats:
    """(k, t, 3) covariances east-east, east-north, north-north [m²] after each time."""
    c = picture.covariance[rows][:, None, :]
    t = times_s[None, :]
    grown = q[rows][:, None] * t**3 / 3.0
    east = c[..., 0] + 2.0 * t * c[..., 2] + t * t * c[..., 7] + grown
    cross = c[..., 1] + t * (c[..., 3] + c[..., 5]) + t * t * c[..., 8]
    north = c[..., 4] + 2.0 * t * c[..., 6] + t * t * c[..., 9] + grown
    return np.stack((east, cross, north), axis=-1)


def forecast(
    settings: WatchSettings,
    picture: Picture,
    zones: Zones,
    horizons_s: tuple[float, ...],
    members_only: bool = False,
) -> Forecast:
    """As ``predict``, as arrays; ``members_only`` looks at sovereign airspace of members alone."""
    longest_s = max(horizons_s)
    speed = speed_mps(picture)
    radius_m = speed * longest_s + 3.0 * np.sqrt(
        picture.covariance[:, 0] + picture.covariance[:, 4]
    )
    kinds: tuple[ZoneKind, ...] = ("sovereign",) if members_only else settings.kinds
    rows, which = zones.near(picture.latitude_deg, picture.longitude_deg, radius_m, kinds=kinds)
    if members_only and len(rows):
        wanted = np.array([zones.zones[k].member for k in which])
        rows, which = rows[wanted], which[wanted]
    if len(rows):
        here_m, _ = zones.boundary(picture.latitude_deg[rows], picture.longitude_deg[rows], which)
        outside = here_m < 0.0
        rows, which = rows[outside], which[outside]
    pairs = len(rows)
    none = np.full(pairs, -1, dtype=np.int64)
    if pairs == 0:
        empty = np.empty((0, len(horizons_s)))
        return Forecast(rows, which, empty, none, none.copy(), none.copy())
    # 5 s apart for two minutes, then ever wider: straight pieces of a border are longer than that
    times_s = np.unique(
        np.concatenate(
            (
                np.arange(5.0, min(longest_s, 120.0) + 0.1, 5.0),
                np.arange(135.0, longest_s + 0.1, 15.0),
                horizons_s,
            )
        )
    )
    share = np.nan_to_num(picture.turn_probability, nan=0.0)
    turn_weight = np.maximum(share, _TURN_SHARE)
    q = settings.steady_m2ps3 * (1.0 - share) + settings.turning_m2ps3 * share
    drawn = np.array([zones.zones[k].boundary_sigma_m for k in which])[:, None]
    spread = _spread(picture, rows, times_s, q)
    total = np.zeros((pairs, len(horizons_s)))
    straight = np.empty((pairs, len(times_s)))
    for turn_radps in (0.0, _TURN_RADPS, -_TURN_RADPS):
        ahead, right = _turned(turn_radps, times_s)
        ve, vn = picture.east_mps[rows][:, None], picture.north_mps[rows][:, None]
        east_m, north_m = ve * ahead + vn * right, vn * ahead - ve * right
        latitude_deg, longitude_deg = _moved(
            picture.latitude_deg[rows][:, None],
            picture.longitude_deg[rows][:, None],
            east_m,
            north_m,
        )
        distance_m, azimuth_rad = zones.boundary(
            latitude_deg.ravel(), longitude_deg.ravel(), np.repeat(which, len(times_s))
        )
        sine = np.sin(azimuth_rad).reshape(pairs, -1)
        cosine = np.cos(azimuth_rad).reshape(pairs, -1)
        variance = (
            sine**2 * spread[..., 0]
            + 2.0 * sine * cosine * spread[..., 1]
            + cosine**2 * spread[..., 2]
        )
        margin = distance_m.reshape(pairs, -1) / np.sqrt(np.maximum(variance, 0.0) + drawn**2)
        # at least the likeliest single instant; the first passage of a noisy path is a little likelier
        by_time = np.maximum.accumulate(probability(margin), axis=1)
        weight = 1.0 - turn_weight[rows] if turn_radps == 0.0 else 0.5 * turn_weight[rows]
        at = np.searchsorted(times_s, horizons_s)
        total += weight[:, None] * by_time[:, at]
        if turn_radps == 0.0:
            straight = margin
    now_ns = picture.valid_ns[rows]
    return Forecast(
        rows,
        which,
        total,
        _first_above(straight, times_s, -Z95, now_ns),
        _first_above(straight, times_s, 0.0, now_ns),
        _first_above(straight, times_s, Z95, now_ns),
    )


def _moved(
    latitude_deg: Floats, longitude_deg: Floats, east_m: Floats, north_m: Floats
) -> tuple[Floats, Floats]:
    """Places at the end of great circles on a sphere; 0.3 % of the way is below what we know of the future."""
    way = np.hypot(east_m, north_m) / 6_371_008.8
    azimuth = np.arctan2(east_m, north_m)
    latitude = np.radians(latitude_deg)
    sine = np.sin(latitude) * np.cos(way) + np.cos(latitude) * np.sin(way) * np.cos(azimuth)
    dlongitude = np.arctan2(
        np.sin(azimuth) * np.sin(way) * np.cos(latitude), np.cos(way) - np.sin(latitude) * sine
    )
    return np.degrees(np.arcsin(np.clip(sine, -1.0, 1.0))), longitude_deg + np.degrees(dlongitude)


def _first_above(margin: Floats, times_s: Floats, level: float, now_ns: Integers) -> Integers:
    above = margin >= level
    index = np.argmax(above, axis=1)
    row = np.arange(len(margin))
    later, earlier = margin[row, index], margin[row, np.maximum(index - 1, 0)]
    begin_s = np.where(index > 0, times_s[np.maximum(index - 1, 0)], 0.0)
    rise = np.where(index > 0, later - earlier, 1.0)
    share = np.where(index > 0, (level - earlier) / np.where(rise == 0.0, 1.0, rise), 1.0)
    when_s = begin_s + np.clip(share, 0.0, 1.0) * (times_s[index] - begin_s)
    # already at that level: the first sample is the best we can say
    result: Integers = np.where(
        above.any(axis=1), now_ns + np.round(when_s * SECOND_NS).astype(np.int64), -1
    )
    return result


def predict(
    tracks: pa.Table,
    zones: Zones,
    horizons_s: tuple[float, ...] = HORIZONS_S,
    settings: WatchSettings | None = None,
) -> pa.Table:
    """Probability that each track enters each zone near it within each horizon.

    Three futures are weighed: straight on, and a standard-rate turn of 90 degrees to either side; their weights
    come from the track's turning models, never below 0.1 for the two turns. In each the covariance grows with
    the acceleration noise of the settings, and the probability of entry is the highest probability of being
    inside at any instant so far. Floors, ceilings and the track's climb are not looked at.

    Args:
        tracks: TRACK table.
        zones: the index.
        horizons_s: times ahead [s], each above 0 and at most 600.
        settings: kinds of zones and noise; the defaults when None.

    Returns:
        PREDICTION table: one row for each track, zone it is outside of but could reach, and horizon.

    Raises:
        ValueError: no horizon, or one outside (0, 600].
    """
    if not horizons_s or not all(0.0 < h <= 600.0 for h in horizons_s):
        raise ValueError("horizons must lie above 0 s and not above 600 s")
    horizons_s = tuple(sorted(set(horizons_s)))
    picture = Picture.of(tracks)
    found = forecast(settings or WatchSettings(), picture, zones, horizons_s)
    times = len(horizons_s)

    def often(values: Integers) -> pa.Array:
        repeated = np.repeat(values, times)
        return pa.array(repeated, mask=repeated < 0)

    return from_columns(
        PREDICTION,
        {
            "track_id": [picture.track_id[row] for row in np.repeat(found.row, times)],
            "zone_id": [zones.zones[int(k)].zone_id for k in np.repeat(found.zone, times)],
            "horizon_s": np.tile(np.array(horizons_s), len(found.row)),
            "probability": found.probability.ravel(),
            "eta_low_ns": often(found.eta_low_ns),
            "eta_ns": often(found.eta_ns),
            "eta_high_ns": often(found.eta_high_ns),
        },
    )
