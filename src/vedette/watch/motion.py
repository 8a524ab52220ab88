"""How objects move on: parameters of each behaviour, fitted to recorded traffic and shipped as data."""

from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final, Literal, get_args

import msgspec
import numpy as np

from vedette.model.columns import Floats, Integers

Behaviour = Literal["cruising", "transit", "slow", "adrift", "restless"]
BEHAVIOURS: Final[tuple[str, ...]] = get_args(Behaviour)
LEVEL_MPS: Final = 1.5  # 300 feet a minute: what surveillance counts as level
_FAST_MPS: Final = 60.0
_CRUISE_MPS: Final = 120.0
_CRUISE_M: Final = 6_000.0
_RESTLESS_RADPS: Final = np.radians(1.5)  # turned, either way, on average of a minute and a half

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Positive = Annotated[float, msgspec.Meta(ge=0)]


class Motion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One behaviour. The order of the fields is that of the kernel's columns."""

    turns_per_min: Positive  # turns begun, exponential gaps
    small_share: Share  # of turns that are small
    small_rad: Positive  # mean angle of a small turn, exponential
    large_rad: Positive  # of the others
    hold_s: Positive  # a running turn goes on for so long on average
    bank_rad: Positive  # in turns; the rate follows from it and the speed
    speed_per_min: Positive  # 1-sigma relative change of speed a minute, for 5 minutes
    level_off_per_min: Positive  # climbs and descents that end
    leave_level_per_min: Positive  # level flights that begin to climb or descend
    climb_mps: Positive  # with which they do
    drift_s: Positive  # motion through the air dies away in this time; 0: it does not
    bend_rad_per_min: Positive  # 1-sigma of a steady bend of the path
    # 1-sigma change of what carries it, in each direction, within a minute; it grows as the root of time
    gust_mps: Positive = 0.0
    calm_share: Share = 0.0  # of the futures that go on as the speed alone says


class Calibration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Log-odds of a stated probability from those of the share of futures: ``shift + scale * log_odds``."""

    horizon_s: float
    shift: float
    scale: float


class MotionSet(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All behaviours and their calibration, with where they come from."""

    source: str
    fitted_on: tuple[str, ...]
    behaviours: dict[str, Motion]
    calibration: dict[str, tuple[Calibration, ...]]  # by behaviour, horizons rising

    def table(self) -> Floats:
        """(behaviours, 14) parameters in the order of ``BEHAVIOURS``."""
        return np.array([msgspec.structs.astuple(self.behaviours[name]) for name in BEHAVIOURS])

    def calibrated(self, behaviour: Integers, horizons_s: Floats, share: Floats) -> Floats:
        """(k, h) probabilities of (k, h) shares of futures that entered; never falling with the horizon."""
        result = np.clip(share, 1e-4, 1.0 - 1e-4)
        odds = np.log(result / (1.0 - result))
        for index, name in enumerate(BEHAVIOURS):
            here = behaviour == index
            known = self.calibration.get(name, ())
            if not known or not here.any():
                continue
            at = [item.horizon_s for item in known]
            shift = np.interp(horizons_s, at, [item.shift for item in known])
            scale = np.interp(horizons_s, at, [item.scale for item in known])
            odds[here] = shift + scale * odds[here]
        stated: Floats = np.maximum.accumulate(1.0 / (1.0 + np.exp(-odds)), axis=1)
        return stated


@lru_cache(maxsize=1)
def shipped_motion() -> MotionSet:
    """The set that was fitted by ``tools/fit_prediction.py``."""
    data = (files("vedette") / "data" / "prediction" / "motion.json").read_bytes()
    return msgspec.json.decode(data, type=MotionSet)


def behaviour_of(
    speed_mps: Floats, up_mps: Floats, height_m: Floats, restless_radps: Floats | None = None
) -> Integers:
    """(n,) positions in ``BEHAVIOURS``, by speed, climb, height, and how much each turned lately; never "adrift".

    What circles, searches or films goes on to do so, whatever its speed: straight on is not what it does next.

    Args:
        speed_mps: (n,) over ground.
        up_mps: (n,) climb.
        height_m: (n,) by pressure; NaN unknown.
        restless_radps: (n,) turn either way, averaged over the last minute and a half; NaN or None: unknown.

    >>> behaviour_of(np.array([230.0, 90.0, 20.0]), np.zeros(3), np.array([11e3, 11e3, 300.0]))
    array([0, 1, 2])
    >>> behaviour_of(np.array([90.0]), np.zeros(1), np.array([300.0]), np.radians([3.0]))
    array([4])
    """
    steady = np.abs(np.nan_to_num(up_mps)) <= LEVEL_MPS
    cruising = steady & (speed_mps >= _CRUISE_MPS) & ~(height_m < _CRUISE_M)
    by_speed = np.where(cruising, 0, np.where(speed_mps >= _FAST_MPS, 1, 2)).astype(np.int64)
    if restless_radps is None:
        return by_speed
    restless = np.nan_to_num(restless_radps) >= _RESTLESS_RADPS
    return np.where(restless, BEHAVIOURS.index("restless"), by_speed).astype(np.int64)
