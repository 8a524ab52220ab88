"""A simulated ADS-B receiver: what aircraft broadcast and it can see, as Beast bytes."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa

from vedette.feeds.decoder import Chunk
from vedette.model.columns import Floats
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.deception import Navigation
from vedette.sim.motion import Motion
from vedette.sim.scenario import Receiver, Scenario
from vedette.sim.surroundings import Sight

_EMERGENCIES: Final = {
    "7500": "unlawful_interference",
    "7600": "no_communication",
    "7700": "general",
}
_POSITION_SIGMA_M: Final = 10.0


def receiver_of(receiver: Receiver) -> Sensor:
    """The sensors-file entry of a simulated receiver."""
    return Sensor(
        sensor_id=receiver.sensor_id,
        kind="ads_b",
        latitude_deg=receiver.latitude_deg,
        longitude_deg=receiver.longitude_deg,
        height_hae_m=receiver.height_hae_m,
        range_max_m=receiver.range_max_m,
        period_s=1.0,
        detection_probability=0.9,
    )


class SimulatedReceiver:
    """The Feed port of one receiver."""

    def __init__(
        self,
        receiver: Receiver,
        motions: list[Motion],
        start_ns: int,
        scenario: Scenario,
        seed: int,
        *,
        gps: bool = False,
    ) -> None:
        """Prepare; ``gps``: its messages bear the time of day, and not a counter's."""
        self.receiver, self.sensor, self._gps = receiver, receiver_of(receiver), gps
        self._motions = [
            (motion, Navigation(motion, scenario.interference))
            for motion in motions
            if motion.flight.transponder is not None and motion.flight.transponder.ads_b
        ]
        self._start_ns, self._duration_s, self._seed = start_ns, scenario.duration_s, seed
        site = (receiver.latitude_deg, receiver.longitude_deg, receiver.height_hae_m)
        self._sight = Sight(site, scenario.terrain)

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """One chunk a second, without the first ``skip`` ones."""
        return islice(self._seconds(), skip, None)

    def _seconds(self) -> Iterator[Chunk]:
        from vedette.feeds.mode_s.encoder import BeastEncoder

        encoder = BeastEncoder(gps=self._gps)
        rng = np.random.default_rng(self._seed)
        for second in range(int(self._duration_s)):
            table = self._broadcasts(float(second), rng)
            heard_ns = self._start_ns + (second + 1) * SECOND_NS
            if table.num_rows:
                yield Chunk(heard_ns, encoder.encode(table, slow=second % 5 == 0))

    def _broadcasts(self, second: float, rng: np.random.Generator) -> pa.Table:
        """State vectors that aircraft in sight send within a second."""
        receiver = self.receiver
        site = (receiver.latitude_deg, receiver.longitude_deg, receiver.height_hae_m)
        rows: dict[str, list[object]] = {
            name: []
            for name in (
                "valid_ns", "latitude_deg", "longitude_deg", "pressure_altitude_m", "ground_speed_mps",
                "track_angle_rad", "vertical_rate_mps", "icao24", "callsign", "emitter_category",
                "mode3a", "emergency", "nic", "nac_p",
            )
        }  # fmt: skip
        moments: Floats = second + rng.uniform(0.0, 1.0, len(self._motions))
        drift: Floats = rng.normal(0.0, _POSITION_SIGMA_M, (len(self._motions), 2))
        for (motion, navigation), moment_s, off_m in zip(
            self._motions, moments, drift, strict=True
        ):
            state = motion.at(np.array([moment_s]))
            transponder = motion.flight.transponder
            if transponder is None or np.isnan(state[0, 0]):
                continue
            age_s = moment_s - motion.start_s
            if transponder.silent_after_s is not None and age_s >= transponder.silent_after_s:
                continue
            range_m = geodetic_to_polar(site, state[:, :3])[:, 0]
            if range_m[0] > receiver.range_max_m or not self._sight.sees(state[:, :3], range_m)[0]:
                continue
            later = transponder.squawk_after_s
            told, accuracy = navigation.at(float(moment_s), rng)
            code = later[1] if later is not None and age_s >= later[0] else transponder.mode3a
            latitude, longitude, height_m, speed_mps, course_rad, climb_mps = (
                float(value) for value in told
            )
            values = (
                self._start_ns + round(moment_s * SECOND_NS),
                latitude + float(off_m[0]) / 111_200.0,
                longitude + float(off_m[1]) / (111_200.0 * np.cos(np.radians(latitude))),
                height_m,
                speed_mps,
                course_rad,
                climb_mps,
                int(transponder.icao24, 16),
                transponder.callsign,
                transponder.category,
                int(code, 8),
                _EMERGENCIES.get(code, "none"),
                *accuracy,
            )
            for name, value in zip(rows, values, strict=True):
                rows[name].append(value)
        count = len(rows["icao24"])
        return plots(
            sensor_id=[receiver.sensor_id] * count,
            kind=["ads_b"] * count,
            received_ns=rows["valid_ns"],
            sil=[3] * count,
            on_ground=[False] * count,
            **rows,
        ).sort_by("valid_ns")
