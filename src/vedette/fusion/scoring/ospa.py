"""OSPA and OSPA(2): the metric on sets, and on sets of tracks over a sliding window."""

import msgspec
import numpy as np

from vedette.fusion.scoring.gospa import paired
from vedette.fusion.scoring.pairing import pair_up
from vedette.fusion.scoring.pictures import Pictures
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.model.columns import Flags, Floats, Integers


class Ospa(msgspec.Struct, frozen=True, kw_only=True):
    """Means over the pictures or windows [m]."""

    ospa_m: float
    ospa2_m: float | None  # None: fewer pictures than a window
    windows: int


def _ospa(cost: float, left: int, right: int, pairs: int, c: float, p: float) -> float:
    """OSPA of sets of two sizes, from the sum of distance^p of the pairs below the cut-off."""
    larger = max(left, right)
    if larger == 0:
        return 0.0
    return float(((cost + c**p * (larger - pairs)) / larger) ** (1.0 / p))


def ospa_m(pictures: Pictures, settings: ScoreSettings, pairing: Floats | None = None) -> Floats:
    """(k,) OSPA of each picture that counts [m]: Schuhmacher, Vo and Vo (2008)."""
    p, c = settings.order, settings.cut_m
    cost, pairs, true, mine = paired(pictures, settings) if pairing is None else pairing
    return np.array(
        [
            _ospa(cost[k], int(true[k]), int(mine[k]), int(pairs[k]), c, p)
            for k in range(pictures.first, len(cost))
        ]
    )


def _present(names: Integers, picture: Integers, count: int, start: int, end: int) -> Flags:
    """(names, window) who exists at which picture."""
    here = (picture >= start) & (picture < end)
    flags = np.zeros((count, end - start), np.bool_)
    flags[names[here], picture[here] - start] = True
    return flags


def ospa2_m(pictures: Pictures, settings: ScoreSettings) -> Floats:
    """(w,) OSPA(2) of each window of ``settings.window`` pictures [m].

    The distance of two tracks is the mean over the instants at which at least one of them exists of their
    distance, cut at c, and c where one is absent. The metric is the OSPA between the sets of tracks that
    exist in the window.

    Source: Beard, Vo and Vo, A solution for large-scale multi-object tracking, IEEE Transactions on Signal
    Processing 68 (2020), section II; equal weights over the window.
    """
    c, width = settings.cut_m, settings.window
    near, counts = pictures.near, len(pictures.instants_ns)
    of = pictures.truth.picture[near.truth]
    values = []
    for start in range(pictures.first, counts - width + 1, settings.window_step):
        end = start + width
        true = _present(
            pictures.truth.name, pictures.truth.picture, len(pictures.objects), start, end
        )
        mine = _present(
            pictures.track.name, pictures.track.picture, len(pictures.tracks), start, end
        )
        low, high = np.searchsorted(of, [start, end])
        edges = slice(int(low), int(high))
        i = pictures.truth.name[near.truth[edges]]
        j = pictures.track.name[near.track[edges]]
        pair, index = np.unique(i * len(pictures.tracks) + j, return_inverse=True)
        i, j = pair // max(len(pictures.tracks), 1), pair % max(len(pictures.tracks), 1)
        close = np.bincount(index, minlength=len(pair))
        total = np.bincount(index, near.distance_m[edges], len(pair))
        either = (true[i] | mine[j]).sum(axis=1)
        base = (total + c * (either - close)) / np.maximum(either, 1)
        chosen = pair_up(i, j, base, c, settings.order)
        chosen = chosen[base[chosen] < c]
        values.append(
            _ospa(
                float((base[chosen] ** settings.order).sum()),
                int(true.any(axis=1).sum()),
                int(mine.any(axis=1).sum()),
                len(chosen),
                c,
                settings.order,
            )
        )
    return np.array(values)


def ospa(pictures: Pictures, settings: ScoreSettings, pairing: Floats | None = None) -> Ospa:
    """Means of both."""
    single, windows = ospa_m(pictures, settings, pairing), ospa2_m(pictures, settings)
    return Ospa(
        ospa_m=float(single.mean()) if len(single) else float("nan"),
        ospa2_m=float(windows.mean()) if len(windows) else None,
        windows=len(windows),
    )
