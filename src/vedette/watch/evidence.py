"""After the fact: the smoothed path of an incident's tracks, and how it lay to the boundaries that matter."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from vedette.model.columns import Floats
from vedette.watch.membership import Picture, Zones
from vedette.watch.path import Fix, Path, Profile, fixes, profile, smoothed
from vedette.watch.settings import WatchSettings


class Evidence(NamedTuple):
    """One track, smoothed backwards over all that was measured, with a profile for each zone."""

    track_id: str
    path: Path
    profiles: dict[str, Profile]  # by zone_id
    fixes: int  # states just after a measurement that it rests on


def evidence(
    settings: WatchSettings, tracks: pa.Table, zones: Zones, zone_ids: tuple[str, ...]
) -> list[Evidence]:
    """Smoothed paths of the tracks of a table, one for each track_id, in order of time.

    Every state is corrected by all measurements after it as well (Rauch, Tung, Striebel), so the intervals are
    those of the finished incident, narrower than what could be known at the time.

    Args:
        settings: the step of the path, noise where a track shows none.
        tracks: TRACK rows of one incident's tracks, at any ticks.
        zones: the index.
        zone_ids: zones whose boundaries matter; those not in the index are passed over.
    """
    result = []
    for name, path, count in smoothed_tracks(settings, tracks):
        profiles = {}
        for zone_id in zone_ids:
            try:
                profiles[zone_id] = profile(settings, path, zones, zones.row_of(zone_id))
            except KeyError:
                continue
        result.append(Evidence(name, path, profiles, count))
    return sorted(result, key=lambda one: int(one.path.times_ns[0]))


def smoothed_tracks(settings: WatchSettings, tracks: pa.Table) -> Iterator[tuple[str, Path, int]]:
    """Each track of a table, its smoothed path, and on how many measured states it rests; two at least.

    Args:
        settings: the step of the path, noise where a track shows none.
        tracks: TRACK rows, at any ticks.
    """
    picture = Picture.of(tracks)
    names = np.array(picture.track_id)
    status = np.array(tracks.column("status").to_pylist())
    for name in dict.fromkeys(picture.track_id):
        rows = np.flatnonzero((names == name) & (status != "ended"))
        rows = rows[np.argsort(picture.valid_ns[rows], kind="stable")]
        ring = _ring(settings, picture.take(rows))
        if len(ring) >= 2:
            yield name, smoothed(settings, ring), len(ring)


def _ring(settings: WatchSettings, picture: Picture) -> tuple[Fix, ...]:
    """States just after measurements; their noise is what the covariance grew by between two of them."""
    seen = fixes(picture)
    measured = np.concatenate(([True], np.diff(picture.updated_ns) > 0))
    share = np.nan_to_num(picture.turn_probability)
    noise = settings.steady_m2ps3 * (1.0 - share) + settings.turning_m2ps3 * share
    known: float | None = None
    ring: list[Fix] = []
    for row, one in enumerate(seen):
        if measured[row]:
            ring.append(one._replace(noise_m2ps3=noise[row] if known is None else known))
            continue
        dt_s = (one.valid_ns - seen[row - 1].valid_ns) * 1e-9
        if dt_s <= 0.0:
            continue
        new, old = one.covariance, seen[row - 1].covariance
        grown = float(new[7] + new[9] - old[7] - old[9]) / (2.0 * dt_s)
        grown = min(max(grown, 0.0), 1e4)
        known = grown if known is None else 0.5 * (known + grown)
        ring[-1] = ring[-1]._replace(noise_m2ps3=known)
    return tuple(ring)


def band_m(at: Profile) -> tuple[Floats, Floats]:
    """(t,) low and high ends of the 95 % band of the distance to the boundary [m], positive inside."""
    half = 1.959963984540054 * at.sigma_m
    return at.distance_m - half, at.distance_m + half
