"""GOSPA: one number for misplaced, missed and false objects of a picture, with its parts."""

import msgspec
import numpy as np

from vedette.fusion.scoring.pairing import pair_up
from vedette.fusion.scoring.pictures import Pictures
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.model.columns import Floats


class Gospa(msgspec.Struct, frozen=True, kw_only=True):
    """Means over the pictures.

    The parts are means of the p-th powers, so ``power = localisation + missed + false`` holds for alpha 2.
    """

    gospa_m: float  # mean of the distances [m]
    power: float  # mean of distance^p [m^p]
    localisation: float
    missed: float
    false: float
    missed_objects: float  # per picture
    false_tracks: float  # per picture


def paired(pictures: Pictures, settings: ScoreSettings) -> Floats:
    """(4, k) of every picture: sum of distance^p and number of the best pairs, objects, tracks."""
    near, counts = pictures.near, len(pictures.instants_ns)
    chosen = pair_up(near.truth, near.track, near.distance_m, settings.cut_m, settings.order)
    of = pictures.truth.picture[near.truth[chosen]]
    return np.stack(
        [
            np.bincount(of, near.distance_m[chosen] ** settings.order, counts),
            np.bincount(of, minlength=counts),
            np.bincount(pictures.truth.picture, minlength=counts),
            np.bincount(pictures.track.picture, minlength=counts),
        ]
    )


def distances(pictures: Pictures, settings: ScoreSettings, pairing: Floats | None = None) -> Floats:
    """(k, 4) GOSPA [m], its localisation [m^p], number missed and number false of each picture that counts.

    Source: Rahmathullah, García-Fernández and Svensson, Generalized optimal sub-pattern assignment metric
    (FUSION 2017), definition 1; for alpha 2 proposition 1 gives the parts.

    A picture without truths and tracks is 0. ``pairing`` is the result of ``paired``, where it is known.
    """
    p, c, alpha = settings.order, settings.cut_m, settings.alpha
    place, pairs, true, mine = paired(pictures, settings) if pairing is None else pairing
    # what is left of the smaller set is paired at the cut-off; for alpha 2 that equals leaving both alone
    rest = np.minimum(true, mine) - pairs
    power = place + c**p * (rest + np.abs(true - mine) / alpha)
    table = np.column_stack([power ** (1.0 / p), place, true - pairs, mine - pairs])
    return np.asarray(table[pictures.first :], dtype=np.float64)


def gospa(pictures: Pictures, settings: ScoreSettings, pairing: Floats | None = None) -> Gospa:
    """Means of ``distances``; NaN when no picture counts."""
    table = distances(pictures, settings, pairing)
    p, unit = settings.order, settings.cut_m**settings.order / settings.alpha
    if len(table) == 0:
        table = np.full((1, 4), np.nan)
    _, place, missed, false = (float(value) for value in table.mean(axis=0))
    return Gospa(
        gospa_m=float(table[:, 0].mean()),
        power=float((table[:, 0] ** p).mean()),
        localisation=place,
        missed=missed * unit,
        false=false * unit,
        missed_objects=missed,
        false_tracks=false,
    )
