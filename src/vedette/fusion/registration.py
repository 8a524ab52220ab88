"""Registration: what a radar is wrong by in range, azimuth and time, learnt while it runs.

Each tick's residuals are a measurement of what is *left* of the biases after what is already taken off; tracks
follow a biased sensor a little, so the estimate converges over many ticks. Only what sensors disagree about can
be seen: a sensor that sees alone keeps the uncertainty that it began with. Broadcasts and multilateration are
taken as they are.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._registration import BIASES, gather
from vedette.fusion.settings import FusionSettings
from vedette.model.columns import Flags, Floats, Integers

ALARM_SIGMAS: Final = 3.0
# below these a bias is no fault: of the order of the accuracy that a radar is built for
ALARM_RANGE_M: Final = 50.0
ALARM_AZIMUTH_RAD: Final = np.radians(0.05)
ALARM_TIME_S: Final = 0.1
# a range is found more slowly than the residuals say: tracks follow a biased radar, and the error of a height told
# by pressure stays with its track. Twice the sigma covers what is left (tests/fusion/test_registration.py)
RANGE_LAG_VAR: Final = 4.0


class SensorBias(NamedTuple):
    """What is taken off the plots of one sensor, with its standard deviation."""

    sensor_id: str
    range_m: float
    range_sigma_m: float
    azimuth_rad: float
    azimuth_sigma_rad: float
    time_s: float
    time_sigma_s: float
    plots: int  # that were held against tracks of others
    alarm: bool  # a bias stands out of its sigma and of what such a sensor is allowed


class Registration:
    """Biases and their information of all sensors; copied and put back with the memory of the picture."""

    def __init__(self) -> None:
        self.bias: Floats = np.zeros((0, BIASES))
        self.information: Floats = np.zeros((0, BIASES, BIASES))
        self.counts: Integers = np.zeros(0, np.int64)
        self.range_var_max = 0.0  # before anything is known [m²]

    def reserve(self, sensors: int, settings: FusionSettings) -> None:
        """Room for more sensors, of which nothing is known yet."""
        old = len(self.bias)
        self.range_var_max = float(1.0 / prior(settings)[0, 0])
        if sensors <= old:
            return
        self.bias = np.vstack([self.bias, np.zeros((sensors - old, BIASES))])
        fresh = np.broadcast_to(prior(settings), (sensors - old, BIASES, BIASES))
        self.information = np.concatenate([self.information, fresh])
        self.counts = np.concatenate([self.counts, np.zeros(sensors - old, np.int64)])

    def copy_of(self, other: "Registration") -> None:
        """Take over another's numbers; sensors that it does not know keep nothing."""
        self.bias = other.bias.copy()
        self.information = other.information.copy()
        self.counts = other.counts.copy()
        self.range_var_max = other.range_var_max

    def learn(
        self, plots: Floats, ints: Integers, passed_s: float, referenced: bool,
        settings: FusionSettings,
    ) -> None:  # fmt: skip
        """Take in the residuals of a tick.

        Args:
            plots: (n, PLOT_FLOATS) of the tick, after association.
            ints: (n, PLOT_INTEGERS) of the same.
            passed_s: since the last tick: what was learnt fades towards the prior.
            referenced: whether a source is there whose clock is taken as it is.
            settings: of the filter.
        """
        first = prior(settings)
        fade = np.exp(-passed_s / settings.register_memory_s)
        self.information = first + fade * (self.information - first)
        gained, pull = np.zeros_like(self.information), np.zeros_like(self.bias)
        gather(
            plots,
            ints,
            1.0 / settings.register_repeats,
            gained,
            pull,
            self.counts,
            np.zeros(3),
            np.zeros(3),
        )
        self.information += gained
        # the prior holds the whole bias at 0, not what is left of it
        pull -= (1.0 - fade) * self.bias @ first
        self.bias += np.linalg.solve(self.information, pull[:, :, None])[:, :, 0]
        if len(self.bias) and not referenced:
            # a clock error that all share moves every track along its way and shows nowhere
            weights = self.information[:, 2, 2] * (self.counts > 0)
            if weights.sum() > 0.0:
                shared = (self.bias[:, 2] * weights).sum() / weights.sum()
                self.bias[self.counts > 0, 2] -= shared

    def variances(self) -> Floats:
        """(s, 3) variances of the three biases."""
        found = np.diagonal(np.linalg.inv(self.information), axis1=1, axis2=2).copy()
        found[:, 0] = np.minimum(RANGE_LAG_VAR * found[:, 0], self.range_var_max)
        return np.asarray(found)

    def write(
        self, sites: Floats, samples: Integers, heard: Flags, settings: FusionSettings
    ) -> None:
        """Enter biases and variances in the columns of the sensors, and which plots are held against tracks."""
        radars = sites[:, c.S_POLAR] > 0.0
        alone = int(heard.sum()) < 2  # then nothing disagrees, and its own errors are all there is
        active = radars & (self.counts > 0)
        sites[:, c.S_RANGE_BIAS : c.S_TIME_BIAS + 1] = np.where(active[:, None], self.bias, 0.0)
        spread = np.where((radars & (not alone))[:, None], self.variances(), 0.0)
        # a sigma of 0 in the settings leaves a bias out, and with it its variance
        spread = np.minimum(spread, np.array(_sigmas(settings)) ** 2)
        sites[:, c.S_RANGE_VAR : c.S_TIME_VAR + 1] = spread
        share = np.maximum(samples / settings.register_samples, 1.0)
        sites[:, c.S_SAMPLES] = 2 ** np.floor(np.log2(share)) - 1

    def report(self, names: list[str], polar: Flags) -> tuple[SensorBias, ...]:
        """One row for each radar, in the order of the sensors' numbers."""
        spread = np.sqrt(self.variances())
        rows: list[SensorBias] = []
        limits = (ALARM_RANGE_M, ALARM_AZIMUTH_RAD, ALARM_TIME_S)
        for s in np.flatnonzero(polar):
            out = [
                abs(value) > ALARM_SIGMAS * sigma and abs(value) > limit
                for value, sigma, limit in zip(self.bias[s], spread[s], limits, strict=True)
            ]
            own = [float(x) for pair in zip(self.bias[s], spread[s], strict=True) for x in pair]
            rows.append(SensorBias._make([names[s], *own, int(self.counts[s]), any(out)]))
        return tuple(rows)


def _sigmas(settings: FusionSettings) -> tuple[float, float, float]:
    return (
        settings.register_range_m, settings.register_azimuth_rad, settings.register_time_s,
    )  # fmt: skip


@lru_cache(maxsize=16)
def prior(settings: FusionSettings) -> Floats:
    """(3, 3) information before anything is known; a bias that is left out is known to be 0."""
    return np.diag(
        [
            1.0 / max(sigma, 1e-6 * size) ** 2
            for sigma, size in zip(_sigmas(settings), (100.0, 1e-2, 1.0), strict=True)
        ]
    )
