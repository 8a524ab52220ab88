"""How high a track may be in the coming minutes: the heights of its futures."""

import numpy as np
import pyarrow as pa

from vedette.model.columns import Floats
from vedette.watch import _futures
from vedette.watch.futures import draws, known_wind, motions_of, starts
from vedette.watch.membership import Picture
from vedette.watch.motion import shipped_motion
from vedette.watch.prediction import behaviours
from vedette.watch.settings import WatchSettings


def heights_ahead_m(settings: WatchSettings, tracks: pa.Table, times_s: Floats) -> Floats:
    """(n, 3, t) heights of each track ahead: the middle of its futures, and the ends of their 95 %.

    The futures are those of ``prediction``. Heights are pressure altitudes where a track tells one, else above
    the ellipsoid; NaN where it tells neither.

    Args:
        settings: number of futures, the wind.
        tracks: TRACK table of n rows.
        times_s: (t,) times from now, rising [s].
    """
    picture = Picture.of(tracks)
    rows = len(picture.track_id)
    normals, uniforms = draws(settings.futures // 2)
    now, root = starts(settings, picture)
    wind = known_wind(settings)
    table, calm = motions_of(shipped_motion(), picture, behaviours(picture), wind)
    shape = (rows, settings.futures, len(times_s))
    latitude, longitude, height = np.empty(shape), np.empty(shape), np.empty(shape)
    _futures.fly(
        now, root, table, calm, normals, uniforms, np.asarray(times_s, dtype=np.float64), wind,
        np.zeros(rows + 1, dtype=np.int64), np.empty((0, 2)), settings.route_share,
        latitude, longitude, height,
    )  # fmt: skip
    found: Floats = np.quantile(height, (0.5, 0.025, 0.975), axis=1).transpose(1, 0, 2)
    return found
