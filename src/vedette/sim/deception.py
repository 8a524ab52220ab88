"""Deceived satellite navigation: where an aircraft believes it is, and broadcasts."""

import math
from typing import Final

import numpy as np

from vedette.model.columns import Floats
from vedette.sim.scenario import Deception

_METRE_DEG: Final = 180.0 / (math.pi * 6_371_008.8)
_JAM_SIGMA_M: Final = 1_500.0  # a receiver on its last satellites
JAMMED: Final = (0, 0)  # NIC and NACp of a receiver that does not know how well it is placed
SOUND: Final = (8, 9)


def deceives(deception: Deception | None, age_s: float) -> bool:
    """Whether it is deceived at this age."""
    if deception is None or age_s < deception.after_s:
        return False
    return deception.until_s is None or age_s < deception.until_s


def believed(
    deception: Deception, state: Floats, at_onset: Floats, age_s: float, rng: np.random.Generator
) -> Floats:
    """(6,) latitude, longitude [degrees], height [m], speed [m/s], course [rad], climb [m/s] as it believes.

    Args:
        deception: how it is deceived.
        state: (6,) the truth now.
        at_onset: (6,) the truth when it began.
        age_s: since it appeared.
        rng: the only source of chance.
    """
    out: Floats = state.copy()
    since_s = age_s - deception.after_s
    if deception.kind == "jam":
        north, east = rng.normal(0.0, _JAM_SIGMA_M, 2)
        return _moved(out, float(north), float(east))
    if deception.kind == "elsewhere":
        out[:2] += np.array(deception.to) - at_onset[:2]
        return out
    if deception.kind == "drag":
        toward = _course(state, deception.to)
        away_m = deception.speed_mps * since_s
        out = _moved(out, away_m * math.cos(toward), away_m * math.sin(toward))
        north = state[3] * math.cos(state[4]) + deception.speed_mps * math.cos(toward)
        east = state[3] * math.sin(state[4]) + deception.speed_mps * math.sin(toward)
        out[3], out[4] = math.hypot(north, east), math.atan2(east, north)
        return out
    turned = deception.speed_mps * since_s / deception.radius_m
    out[:2] = deception.to
    out = _moved(out, deception.radius_m * math.cos(turned), deception.radius_m * math.sin(turned))
    out[3], out[4] = deception.speed_mps, (turned + math.pi / 2.0) % (2.0 * math.pi)
    return out


def _moved(state: Floats, north_m: float, east_m: float) -> Floats:
    out: Floats = state.copy()
    out[0] += north_m * _METRE_DEG
    out[1] += east_m * _METRE_DEG / math.cos(math.radians(state[0]))
    return out


def _course(state: Floats, to: tuple[float, float]) -> float:
    east = (to[1] - state[1]) * math.cos(math.radians(state[0]))
    return math.atan2(east, to[0] - state[0])
