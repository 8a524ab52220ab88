"""Whether the covariance of a track says the truth about its error: NEES."""

from typing import Final, NamedTuple

import msgspec
import numpy as np
from scipy.special import chdtri

from vedette.fusion.scoring.pictures import Near, Pictures
from vedette.model.columns import Floats, Integers

_UPPER = np.triu_indices(4)


INSIDE_95: Final = float(chdtri(4, 0.05))  # NEES up to which an error lies in its 95 % ellipse


class Errors(NamedTuple):
    """Errors of the followed pairs, one row each."""

    picture: Integers
    thing: Integers  # index of the object
    error: Floats  # (n, 4) track minus truth: east, north [m], their velocities [m/s]
    nees: (
        Floats  # (n, 3) of all four, of place (2 dof), of velocity (2 dof); NaN without covariance
    )


class Consistency(msgspec.Struct, frozen=True, kw_only=True):
    """Mean normalised squared errors; each should equal its degrees of freedom.

    The band holds the mean of ``independent`` independent states in 95 % of all cases. States of one object
    in neighbouring pictures are not independent: only one of each object is counted.
    """

    nees: float | None  # 4 degrees of freedom
    nees_position: float | None  # 2
    nees_velocity: float | None  # 2
    nees_low: float | None
    nees_high: float | None
    inside_95: float | None  # share of states whose error lies in the 95 % ellipsoid
    states: int
    independent: int


def band(dof: int, count: int, share: float = 0.95) -> tuple[float, float]:
    """Limits that hold the mean of ``count`` independent NEES values with probability ``share``.

    Source: Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and Navigation (2001),
    section 5.4.2: the sum of n values is chi-square with n dof.

    >>> [round(limit, 2) for limit in band(4, 30)]
    [3.05, 5.07]
    """
    tail = (1.0 - share) / 2.0
    low, high = chdtri(dof * count, np.array([1.0 - tail, tail])) / count
    return float(low), float(high)


def errors(pictures: Pictures, pairs: Near) -> Errors:
    """Errors in the tangent plane of each track, with their NEES."""
    axes = pictures.axes[pairs.track]
    place = pictures.track.place_m[pairs.track] - pictures.truth.place_m[pairs.truth]
    speed = pictures.track.velocity_mps[pairs.track] - pictures.truth.velocity_mps[pairs.truth]
    error = np.concatenate(
        [np.einsum("nac,nc->na", axes, place), np.einsum("nac,nc->na", axes, speed)], axis=1
    )
    nees = np.full((len(error), 3), np.nan)
    packed = pictures.covariance[pairs.track]
    known = np.flatnonzero(np.isfinite(packed).all(axis=1))
    if len(known):
        matrix = np.zeros((len(known), 4, 4))
        matrix[:, _UPPER[0], _UPPER[1]] = packed[known]
        matrix[:, _UPPER[1], _UPPER[0]] = packed[known]
        e = error[known]
        for column, part in enumerate((slice(0, 4), slice(0, 2), slice(2, 4))):
            solved = np.linalg.solve(matrix[:, part, part], e[:, part, None])[..., 0]
            nees[known, column] = (e[:, part] * solved).sum(axis=1)
    return Errors(
        pictures.track.picture[pairs.track], pictures.truth.name[pairs.truth], error, nees
    )


def consistency(found: Errors) -> Consistency:
    """Means and their band."""
    known = np.isfinite(found.nees[:, 0])
    if not known.any():
        return Consistency(
            nees=None, nees_position=None, nees_velocity=None, nees_low=None, nees_high=None,
            inside_95=None, states=0, independent=0,
        )  # fmt: skip
    values = found.nees[known]
    independent = len(np.unique(found.thing[known]))
    low, high = band(4, independent)
    return Consistency(
        nees=float(values[:, 0].mean()),
        nees_position=float(values[:, 1].mean()),
        nees_velocity=float(values[:, 2].mean()),
        nees_low=low,
        nees_high=high,
        inside_95=float((values[:, 0] <= INSIDE_95).mean()),
        states=len(values),
        independent=independent,
    )
