"""When an object leaves the zone that it is in, or enters one: the times in each of its futures."""

import numpy as np
import pyarrow as pa

from vedette.model.columns import Floats, Integers
from vedette.watch import _futures
from vedette.watch.futures import draws, known_wind, motions_of, starts
from vedette.watch.membership import Picture, Zones
from vedette.watch.motion import shipped_motion
from vedette.watch.prediction import behaviours
from vedette.watch.settings import WatchSettings

_STEP_S = 10.0


def passing_times(
    settings: WatchSettings,
    tracks: pa.Table,
    zones: Zones,
    zone: Integers,
    leaving: list[bool],
    horizon_s: float,
) -> Floats:
    """(n, futures) seconds until each track has left its zone, or entered it; infinite: not by then.

    The futures are those of ``prediction``, flown on; a time is that of the first look, ten seconds apart,
    at which it has happened. Heights are left aside: a zone is left or entered over the ground.

    Args:
        settings: number of futures, the wind.
        tracks: TRACK table, one row for each question.
        zones: the index.
        zone: (n,) position of the zone of each row.
        leaving: for each row whether it is to be left; else it is to be entered.
        horizon_s: how far the futures are flown [s].
    """
    picture = Picture.of(tracks)
    rows = len(picture.track_id)
    times_s = np.arange(_STEP_S, horizon_s + 0.1, _STEP_S)
    futures = settings.futures
    normals, uniforms = draws(futures // 2)
    now, root = starts(settings, picture)
    wind = known_wind(settings)
    table, calm = motions_of(shipped_motion(), picture, behaviours(picture), wind)
    shape = (rows, futures, len(times_s))
    latitude, longitude, height = np.empty(shape), np.empty(shape), np.empty(shape)
    _futures.fly(
        now, root, table, calm, normals, uniforms, times_s, wind,
        np.zeros(rows + 1, dtype=np.int64), np.empty((0, 2)), settings.route_share,
        latitude, longitude, height,
    )  # fmt: skip
    result = np.full((rows, futures), np.inf)
    for row in range(rows):
        wanted = int(zone[row])
        kinds = (zones.zones[wanted].kind,)
        at, which = zones.locate(latitude[row].ravel(), longitude[row].ravel(), kinds=kinds)
        inside = np.zeros(futures * len(times_s), dtype=bool)
        inside[at[which == wanted]] = True
        passed = inside.reshape(futures, -1) != leaving[row]
        first = np.argmax(passed, axis=1)
        result[row] = np.where(passed.any(axis=1), times_s[first], np.inf)
    return result
