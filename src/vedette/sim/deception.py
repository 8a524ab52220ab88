"""Deceived satellite navigation: where an aircraft believes it is, and broadcasts."""

import math
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from vedette.model.columns import Floats
from vedette.sim.motion import Motion
from vedette.sim.scenario import Deception, Interference

_METRE_DEG: Final = 180.0 / (math.pi * 6_371_008.8)
_JAM_SIGMA_M: Final = 1_500.0  # a receiver on its last satellites
JAMMED: Final = (0, 0)  # NIC and NACp of a receiver that does not know how well it is placed
SOUND: Final = (8, 9)


def deceives(deception: Deception | None, age_s: float) -> bool:
    """Whether it is deceived at this age."""
    if deception is None or age_s < deception.after_s:
        return False
    return deception.until_s is None or age_s < deception.until_s


class Navigation:
    """Where one object believes to be: deceived by what is meant for it, or by where it flies."""

    def __init__(self, motion: Motion, areas: Sequence[Interference]) -> None:
        """Prepare.

        Args:
            motion: the truth.
            areas: in which satellite navigation is disturbed.
        """
        self._motion = motion
        transponder = motion.flight.transponder
        own = transponder.deception if transponder is not None else None
        self._told: list[tuple[Deception, Interference | None]] = (
            [] if own is None else [(own, None)]
        )
        for area in areas:
            times_s = np.arange(motion.start_s, motion.end_s)
            inside = _inside(area, motion.at(times_s), times_s)
            if inside.any():
                first_s = float(times_s[np.argmax(inside)]) - motion.start_s
                moved = msgspec.structs.replace(area.does, after_s=first_s, until_s=None)
                self._told.append((moved, area))

    def at(self, second: float, rng: np.random.Generator) -> tuple[Floats, tuple[int, int]]:
        """(6,) state as it believes, and the NIC and NACp that it sends with it.

        Args:
            second: after the start, within its life.
            rng: the only source of chance.
        """
        state: Floats = self._motion.at(np.array([second]))[0]
        age_s = second - self._motion.start_s
        for deception, area in self._told:
            active = deceives(deception, age_s)
            if area is not None:
                active &= bool(_inside(area, state[None, :], np.array([second]))[0])
            if active:
                onset_s = self._motion.start_s + deception.after_s
                onset = self._motion.at(np.array([onset_s]))[0]
                accuracy = JAMMED if deception.kind == "jam" else SOUND
                return believed(deception, state, onset, age_s, rng), accuracy
        return state, SOUND


def _inside(area: Interference, states: Floats, times_s: Floats) -> np.ndarray:
    north = (states[:, 0] - area.latitude_deg) / _METRE_DEG
    east = (states[:, 1] - area.longitude_deg) / _METRE_DEG * np.cos(np.radians(states[:, 0]))
    ends_s = math.inf if area.does.until_s is None else area.does.until_s
    active = (times_s >= area.does.after_s) & (times_s < ends_s)
    return np.asarray(active & (np.hypot(east, north) < area.radius_m))


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
