"""Pairs of tracks and the zones that matter to them, and how soon a track could come near any boundary."""

from typing import Final, NamedTuple

import numpy as np

from vedette.model.columns import Floats
from vedette.watch.membership import Membership, Picture, Zones, membership, speed_mps
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Watched
from vedette.watch.zone_facts import zone_facts

CLEAR: Final = 4.0  # sigmas from a boundary at which nothing is about to happen


class Near(NamedTuple):
    """A membership as lists: rows are looked at one by one, and Python reads lists faster than arrays."""

    zone: list[int]
    distance_m: list[float]
    track_sigma_m: list[float]
    sigma_m: list[float]
    margin: list[float]
    probability: list[float]
    boundary_sigma_m: list[float]


def reach_mps(speed: Floats) -> Floats:
    """(n,) speeds that objects may soon reach [m/s]: a fifth more, and what a drone gains in a gust."""
    result: Floats = 1.2 * speed + 20.0
    return result


def compare(
    settings: WatchSettings, picture: Picture, zones: Zones, held: list[Watched | None]
) -> Membership:
    """Pairs of tracks and all zones that matter before they are looked at again."""
    rows: list[int] = []
    which: list[int] = []
    for row, watched in enumerate(held):
        if watched is None:
            continue
        for zone_id, standing in watched.standings.items():
            if standing.passage is not None:
                try:
                    which.append(zones.row_of(zone_id))
                except KeyError:
                    continue  # withdrawn; ``look`` ends the passage
                rows.append(row)
    sigma_m = np.sqrt(picture.covariance[:, 0] + picture.covariance[:, 4])
    radius_m = (
        reach_mps(speed_mps(picture)) * (settings.check_s + settings.watch_ahead_s)
        + CLEAR * sigma_m
    )
    extra = (np.array(rows, dtype=np.int64), np.array(which, dtype=np.int64))
    return membership(settings, picture, zones, radius_m, extra)


def waits_s(
    settings: WatchSettings, picture: Picture, zones: Zones, pairs: Membership
) -> list[float]:
    """Seconds for each track before it could come within ``watch_ahead_s`` of any boundary."""
    speed = reach_mps(speed_mps(picture))
    gap_m = np.abs(pairs.distance_m) - CLEAR * pairs.sigma_m
    wait_s = gap_m / speed[pairs.row]
    # a height sigma is 50 m or more, and few climb faster than 50 m/s
    climbing = zone_facts(zones).limited[pairs.zone] & (pairs.distance_m > 0.0)
    wait_s = np.where(climbing, np.minimum(wait_s, np.abs(pairs.margin) - CLEAR), wait_s)
    # far above or below, it is nowhere near whatever the ground distance
    wait_s = np.where(
        pairs.height_margin < -CLEAR, np.maximum(wait_s, -pairs.height_margin - CLEAR), wait_s
    )
    result = np.full(len(speed), 2.0 * settings.check_s + settings.watch_ahead_s)
    np.minimum.at(result, pairs.row, wait_s)
    waits: list[float] = (result - settings.watch_ahead_s).tolist()
    return waits
