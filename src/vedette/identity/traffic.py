"""The mix of traffic at this place and hour, learnt from the aircraft that speak for themselves.

Motion does not tell a business jet from an airliner; what mostly flies here does. No label is needed: each
aircraft that speaks adds, once, the belief held in it, so that the shares follow what is heard (the step of
expectation and maximisation of Saerens, Latinne and Decaestecker, Neural Computation 14, 2002, taken online).
Only the shares *among* the crewed civil classes move, and none falls below a part of what was stated: who sends
a thousand false airliners makes nothing else impossible. The rarest is given nothing and the others gain, so
that what is heard never lowers the probability of a civil class against one that is not civil.
"""

import math
from typing import Final

import msgspec
import numpy as np

from vedette.identity.history import NS, Rows
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CIVIL
from vedette.model.assessment import CLASSES
from vedette.model.columns import Floats

_CIVIL_NAMES = tuple(name for name, crewed in zip(CLASSES, CIVIL, strict=True) if crewed)

MOST_LOG: Final = 2.0  # what a class may gain, 7 to 1: nobody hides by sending a thousand gliders


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """How many aircraft of each crewed civil class were heard, old ones fading."""

    counts: tuple[float, ...] = (0.0,) * len(_CIVIL_NAMES)
    valid_ns: int = 0


def shares(settings: IdentitySettings, mix: Mix) -> Floats:
    """(civil classes,) of the traffic, by what was stated and what was heard; they sum to 1."""
    stated: Floats = np.array([settings.priors[name] for name in _CIVIL_NAMES])
    stated /= stated.sum()
    held: Floats = settings.traffic_stated * stated + np.array(mix.counts)
    held /= held.sum()
    floor = settings.traffic_floor * stated
    lacking = held < floor
    if lacking.any():
        # as much of the stated mix again as lifts the rarest class to its floor
        weight = float(((floor - held)[lacking] / (stated - held)[lacking]).max())
        held = np.asarray((1.0 - weight) * held + weight * stated, dtype=np.float64)
    return held


def logs(settings: IdentitySettings, mix: Mix) -> Floats:
    """(classes,) what the mix adds to each crewed civil class, the least of them 0; 0 for all others."""
    stated = np.array([settings.priors[name] for name in _CIVIL_NAMES])
    found = np.zeros(len(CLASSES))
    moved = np.log(shares(settings, mix) / (stated / stated.sum()))
    found[CIVIL] = np.minimum(moved - moved.min(), MOST_LOG)
    return found


def learn(settings: IdentitySettings, mix: Mix, rows: Rows, now_ns: int) -> Mix:
    """Count aircraft that speak, are believed and have been seen for long enough, each once; rows are marked."""
    age_s = (rows["updated_ns"] - rows["birth_ns"]) * NS
    new = rows["fresh"] & ~rows["counted"] & (rows["integrity"] == 0) & (rows["ended_ns"] < 0)
    where = np.flatnonzero(new & (age_s >= settings.traffic_age_s))
    if not len(where):
        return mix
    rows["counted"][where] = True
    held = rows["probabilities"][where][:, CIVIL]
    held = held[np.isfinite(held).all(axis=1)]
    fade = 0.5 ** (max(0, now_ns - mix.valid_ns) * NS / settings.traffic_half_life_s)
    # an exact sum: the order of the rows says nothing
    counts = tuple(
        fade * before + math.fsum(held[:, column].tolist())
        for column, before in enumerate(mix.counts)
    )
    return Mix(counts=counts, valid_ns=now_ns)
