"""Simulated receivers of drones' broadcasts: Remote ID frames of those in sight, as the radio gave them."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from vedette.feeds.decoder import Chunk
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import PLOT
from vedette.model.report import RemotePilot
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.deception import Navigation
from vedette.sim.motion import Motion
from vedette.sim.scenario import RemoteIdReceiver, Scenario
from vedette.sim.surroundings import Sight


def remote_id_site(receiver: RemoteIdReceiver) -> Sensor:
    """The sensors-file entry of a receiver."""
    return Sensor(
        sensor_id=receiver.sensor_id,
        kind="remote_id",
        latitude_deg=receiver.latitude_deg,
        longitude_deg=receiver.longitude_deg,
        height_hae_m=receiver.height_hae_m,
        range_max_m=receiver.range_max_m,
        period_s=1.0,
        detection_probability=0.8,
    )


class SimulatedRemoteId:
    """The Feed port of one receiver."""

    def __init__(
        self,
        receiver: RemoteIdReceiver,
        motions: list[Motion],
        start_ns: int,
        scenario: Scenario,
        seed: int,
    ) -> None:
        self._receiver, self._start_ns, self._seed = receiver, start_ns, seed
        self._duration_s = scenario.duration_s
        self._site = (receiver.latitude_deg, receiver.longitude_deg, receiver.height_hae_m)
        self._sight = Sight(self._site, scenario.terrain)
        self._drones = [
            (motion, Navigation(motion, scenario.interference))
            for motion in motions
            if motion.flight.remote_id is not None
        ]

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """One chunk a second in which anything was heard, without the first ``skip`` ones."""
        return islice(self._seconds(), skip, None)

    def _seconds(self) -> Iterator[Chunk]:
        from vedette.feeds.remote_id.encoder import RemoteIdEncoder

        encoder = RemoteIdEncoder(self._receiver.transport)
        rng = np.random.default_rng(self._seed)
        for second in range(int(self._duration_s)):
            rows, pilots = [], []
            for motion, navigation in self._drones:
                row = self._row(
                    motion, navigation, float(second) + float(rng.uniform(0.0, 0.9)), rng
                )
                if row is not None:
                    rows.append(row)
                    pilots.append(self._pilot(motion, row["valid_ns"]))
            if rows:
                data = encoder.encode(pa.Table.from_pylist(rows, schema=PLOT), pilots)
                yield Chunk(self._start_ns + (second + 1) * SECOND_NS, data)

    def _row(
        self, motion: Motion, navigation: Navigation, at_s: float, rng: np.random.Generator
    ) -> dict[str, Any] | None:
        truth = motion.at(np.array([at_s]))
        broadcast = motion.flight.remote_id
        if broadcast is None or np.isnan(truth[0, 0]):
            return None
        range_m = geodetic_to_polar(self._site, truth[:, :3])[:, 0]
        if (
            range_m[0] > self._receiver.range_max_m
            or not self._sight.sees(truth[:, :3], range_m)[0]
        ):
            return None
        told, (_, accuracy) = navigation.at(at_s, rng)
        at_ns = self._start_ns + round(at_s * SECOND_NS)
        return {
            "sensor_id": self._receiver.sensor_id, "kind": "remote_id", "valid_ns": at_ns, "received_ns": at_ns,
            "remote_id": broadcast.serial, "latitude_deg": float(told[0]), "longitude_deg": float(told[1]),
            "height_hae_m": float(told[2]), "pressure_altitude_m": float(told[2]),
            "ground_speed_mps": float(told[3]), "track_angle_rad": float(told[4]),
            "vertical_rate_mps": float(told[5]), "position_sigma_m": 5.0 if accuracy else None,
            "class_hint": motion.flight.object_class, "on_ground": False,
        }  # fmt: skip

    def _pilot(self, motion: Motion, at_ns: int) -> RemotePilot:
        broadcast = motion.flight.remote_id
        assert broadcast is not None
        place = broadcast.operator or (None, None)
        return RemotePilot(
            sensor_id=self._receiver.sensor_id, remote_id=broadcast.serial, operator_id=broadcast.operator_id,
            latitude_deg=place[0], longitude_deg=place[1], place="live", valid_ns=at_ns,
        )  # fmt: skip
