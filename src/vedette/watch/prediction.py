"""How likely each track is to enter each zone within the next minutes, and when."""

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.model.columns import Floats, Integers, from_columns
from vedette.model.time import SECOND_NS
from vedette.model.zone import ZoneKind
from vedette.watch.futures import NO_WIND, Entries, Route, entries, heights_m
from vedette.watch.membership import Picture, Zones, speed_mps
from vedette.watch.motion import BEHAVIOURS, MotionSet, behaviour_of, shipped_motion
from vedette.watch.settings import WatchSettings
from vedette.watch.timetable import timetable
from vedette.watch.zone_facts import height_margins, zone_facts

PREDICTION: Final = pa.schema(
    [
        pa.field("track_id", pa.string(), nullable=False),
        pa.field("zone_id", pa.string(), nullable=False),
        pa.field("horizon_s", pa.float64(), nullable=False),
        pa.field("probability", pa.float64(), nullable=False),  # of entry within the horizon
        # of the entry, should it come within the longest horizon: median and 95 % interval; null: hardly
        pa.field("eta_low_ns", pa.int64()),
        pa.field("eta_ns", pa.int64()),
        pa.field("eta_high_ns", pa.int64()),
    ]
)
HORIZONS_S: Final = (60.0, 120.0, 300.0, 600.0)
_HARDLY: Final = 0.02  # share of the futures below which no time of entry is stated
_ADRIFT: Final = BEHAVIOURS.index("adrift")


class Forecast(NamedTuple):
    """Pairs of a track and a zone that it is outside of, (k,) each, and (k, h) by horizon."""

    row: Integers
    zone: Integers
    probability: Floats
    eta_low_ns: Integers  # -1: hardly within the longest horizon
    eta_ns: Integers
    eta_high_ns: Integers


def _pairs(
    settings: WatchSettings,
    picture: Picture,
    zones: Zones,
    longest_s: float,
    members_only: bool,
) -> tuple[Integers, Integers]:
    """Tracks and the zones that they are outside of and could reach."""
    # a fifth faster than now and what a drone gains in a gust, as in ``nearby.reach_mps``
    radius_m = (1.2 * speed_mps(picture) + 20.0) * longest_s + 3.0 * np.sqrt(
        picture.covariance[:, 0] + picture.covariance[:, 4]
    )
    kinds: tuple[ZoneKind, ...] = ("sovereign",) if members_only else settings.kinds
    rows, which = zones.near(picture.latitude_deg, picture.longitude_deg, radius_m, kinds=kinds)
    if members_only and len(rows):
        wanted = np.array([zones.zones[k].member for k in which])
        rows, which = rows[wanted], which[wanted]
    if not len(rows):
        return rows, which
    here_m, _ = zones.boundary(picture.latitude_deg[rows], picture.longitude_deg[rows], which)
    outside = here_m < 0.0
    facts = zone_facts(zones)
    over = np.flatnonzero(facts.limited[which] & ~outside)
    at = rows[over]
    floor, ceiling = height_margins(
        settings,
        facts,
        which[over],
        picture.height_hae_m[at],
        picture.pressure_altitude_m[at],
        picture.height_sigma_m[at],
    )
    outside[over] = np.minimum(floor, ceiling) < 0.0
    # a zone that comes into force within the time is one that may be entered
    now_ns = picture.valid_ns[rows]
    end_ns = now_ns + round(longest_s * SECOND_NS)
    outside &= timetable(zones).active_within(which, now_ns, end_ns)
    return rows[outside], which[outside]


def forecast(
    settings: WatchSettings,
    picture: Picture,
    zones: Zones,
    horizons_s: tuple[float, ...],
    members_only: bool = False,
    *,
    motion: MotionSet | None = None,
    behaviour: Integers | None = None,
    routes: list[Route | None] | None = None,
    wind: Floats = NO_WIND,
) -> Forecast:
    """As ``predict``, as arrays; ``members_only`` looks at sovereign airspace of members alone."""
    rows, which = _pairs(settings, picture, zones, max(horizons_s), members_only)
    none = np.full(len(rows), -1, dtype=np.int64)
    if not len(rows):
        empty = np.empty((0, len(horizons_s)))
        return Forecast(rows, which, empty, none, none.copy(), none.copy())
    motion = motion or shipped_motion()
    if behaviour is None:
        behaviour = behaviours(picture)
    found = entries(
        settings, picture, zones, motion, behaviour, rows, which, horizons_s,
        routes=routes, wind=wind,
    )  # fmt: skip
    stated = motion.calibrated(behaviour[rows], np.array(horizons_s), shares(found, horizons_s))
    low, middle, high = _when(found, picture.valid_ns[rows])
    return Forecast(rows, which, stated, low, middle, high)


def behaviours(picture: Picture) -> Integers:
    """(n,) positions in ``motion.BEHAVIOURS`` of the tracks of a picture."""
    return behaviour_of(
        speed_mps(picture), picture.up_mps, heights_m(picture), picture.restless_radps
    )


def shares(found: Entries, horizons_s: tuple[float, ...]) -> Floats:
    """(k, h) shares of the futures that have entered by each horizon, half a future off nought and one."""
    last = np.searchsorted(found.times_s, np.array(horizons_s) + 1e-6) - 1
    entered = (found.first[:, :, None] >= 0) & (found.first[:, :, None] <= last)
    counts = entered.sum(axis=1)
    result: Floats = (counts + 0.5) / (found.first.shape[1] + 1.0)
    return result


def _when(found: Entries, now_ns: Integers) -> tuple[Integers, Integers, Integers]:
    """2.5 %, 50 % and 97.5 % of the times of entry among the futures that enter; -1 where hardly any do."""
    instants = len(found.times_s)
    rows = np.arange(len(found.first))
    # how many have entered by each instant; they are spread evenly between one instant and the next
    by = np.zeros((len(rows), instants + 1))
    for k in range(instants):
        by[:, k + 1] = by[:, k] + (found.first == k).sum(axis=1)
    count = by[:, -1]
    edges_s = np.concatenate(([0.0], found.times_s))
    hardly = count < max(1.0, _HARDLY * found.first.shape[1])
    result = []
    for share in (0.025, 0.5, 0.975):
        rank = share * count
        at = np.minimum((by[:, 1:] < rank[:, None]).sum(axis=1), instants - 1)
        inside = np.maximum(by[rows, at + 1] - by[rows, at], 1.0)
        part = np.clip((rank - by[rows, at]) / inside, 0.0, 1.0)
        when_s = edges_s[at] + part * (edges_s[at + 1] - edges_s[at])
        stated = now_ns + np.round(when_s * SECOND_NS).astype(np.int64)
        result.append(np.where(hardly, -1, stated))
    return result[0], result[1], result[2]


def predict(
    tracks: pa.Table,
    zones: Zones,
    horizons_s: tuple[float, ...] = HORIZONS_S,
    settings: WatchSettings | None = None,
    *,
    routes: Mapping[str, Route] | None = None,
    wind: Floats = NO_WIND,
    adrift: Collection[str] = (),
    turn_radps: Floats | None = None,
    restless_radps: Floats | None = None,
) -> pa.Table:
    """Probability that each track enters each zone near it within each horizon.

    A fixed set of futures is flown for each track: it goes on, turns now and then, climbs, levels off, changes
    speed, as objects that behave like it were seen to do, and starts from anywhere in its covariance. The
    share of them that has entered a zone, calibrated on recorded traffic, is the probability.

    Args:
        tracks: TRACK table.
        zones: the index.
        horizons_s: times ahead [s], each above 0 and at most 600.
        settings: kinds of zones and number of futures; the defaults when None.
        routes: way points (latitude, longitude in degrees) that tracks should keep to, from a flight plan,
            an airway or experience: most of a track's futures do.
        wind: (l, 3) height [m], east and north of the wind [m/s], heights rising: it carries what turns, and
            what is adrift becomes one with it.
        adrift: balloons, by track_id.
        turn_radps: (n,) turn of each track to the right [rad/s], NaN unknown.
        restless_radps: (n,) turn either way, averaged over the last minute and a half [rad/s], NaN unknown.

    Returns:
        PREDICTION table: one row for each track, zone it is outside of but could reach, and horizon.

    Raises:
        ValueError: no horizon, or one outside (0, 600]; a wind that is no (l, 3) table of rising heights.
    """
    if not horizons_s or not all(0.0 < h <= 600.0 for h in horizons_s):
        raise ValueError("horizons must lie above 0 s and not above 600 s")
    wind = np.ascontiguousarray(wind, dtype=np.float64)
    if wind.ndim != 2 or wind.shape[1] != 3 or not (np.diff(wind[:, 0]) > 0.0).all():
        raise ValueError("the wind is a table of height, east and north, heights rising")
    horizons_s = tuple(sorted(set(horizons_s)))
    picture = Picture.of(tracks)
    if turn_radps is not None:
        picture = picture._replace(turn_radps=np.asarray(turn_radps, dtype=np.float64))
    if restless_radps is not None:
        picture = picture._replace(restless_radps=np.asarray(restless_radps, dtype=np.float64))
    behaviour = behaviours(picture)
    for row, track_id in enumerate(picture.track_id):
        if track_id in adrift:
            behaviour[row] = _ADRIFT
    found = forecast(
        settings or WatchSettings(),
        picture,
        zones,
        horizons_s,
        behaviour=behaviour,
        routes=None if routes is None else [routes.get(name) for name in picture.track_id],
        wind=wind,
    )
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
