"""Simulated SAPIENT nodes: registration, state and detections, as framed messages."""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from uuid import UUID

import numpy as np

from vedette.feeds.decoder import Chunk
from vedette.model.frames import geodetic_to_polar
from vedette.model.sensor import Sensor, SensorKind
from vedette.model.time import SECOND_NS
from vedette.sim.motion import Motion
from vedette.sim.scenario import Detector, Scenario
from vedette.sim.surroundings import Sight, lost_in_rain

_STATUS_S = 10.0
_METRE_DEG = 1.0 / 111_195.0


def node_id(detector: Detector) -> str:
    """The identifier under which a node speaks: made from its name, so that it is always the same."""
    return str(UUID(bytes=sha256(detector.sensor_id.encode()).digest()[:16], version=4))


def detector_site(detector: Detector) -> Sensor:
    """The sensors-file entry of a node."""
    kind: SensorKind = "acoustic" if detector.node_type == "ACOUSTIC" else "cuas"
    return Sensor(
        sensor_id=node_id(detector),
        kind=kind,
        latitude_deg=detector.latitude_deg,
        longitude_deg=detector.longitude_deg,
        height_hae_m=detector.height_hae_m,
        range_max_m=detector.range_max_m,
        period_s=detector.period_s,
        detection_probability=detector.detection_probability,
    )


class SimulatedDetector:
    """The Feed port of one node."""

    def __init__(
        self,
        detector: Detector,
        motions: list[Motion],
        start_ns: int,
        scenario: Scenario,
        seed: int,
    ) -> None:
        self._detector, self._motions = detector, motions
        self._start_ns, self._scenario, self._seed = start_ns, scenario, seed
        self._site = (detector.latitude_deg, detector.longitude_deg, detector.height_hae_m)
        self._sight = Sight(self._site, scenario.terrain)

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """One message a chunk, heard when it was sent, without the first ``skip`` ones."""
        return islice(self._messages(), skip, None)

    def _messages(self) -> Iterator[Chunk]:
        from vedette.feeds.sapient.encoder import framed, registration, status

        node, start_ns = node_id(self._detector), self._start_ns
        first = registration(
            node, start_ns, node_type=self._detector.node_type, name=self._detector.sensor_id
        )
        yield Chunk(start_ns, framed(first))
        rng = np.random.default_rng(self._seed)
        told_s = -_STATUS_S
        for look in range(1, int(self._scenario.duration_s / self._detector.period_s) + 1):
            at_s = look * self._detector.period_s
            at_ns = start_ns + round(at_s * SECOND_NS)
            if at_s - told_s >= _STATUS_S:
                told_s = at_s
                yield Chunk(at_ns, framed(status(node, at_ns, *self._site)))
            yield from self._look(node, at_s, at_ns, rng)

    def _look(
        self, node: str, at_s: float, at_ns: int, rng: np.random.Generator
    ) -> Iterator[Chunk]:
        from vedette.feeds.sapient.encoder import detection, framed

        detector = self._detector
        chances = rng.random(len(self._motions))
        noises = rng.normal(0.0, detector.position_sigma_m, (len(self._motions), 3))
        for number, motion in enumerate(self._motions):
            state = motion.at(np.array([at_s]))
            if np.isnan(state[0, 0]):
                continue
            range_m = geodetic_to_polar(self._site, state[:, :3])[:, 0]
            chance = detector.detection_probability
            chance *= 1.0 - float(
                lost_in_rain(self._scenario.weather, np.array([at_s]), state[:, :2])[0]
            )
            if (
                range_m[0] > detector.range_max_m
                or chances[number] >= chance
                or not self._sight.sees(state[:, :3], range_m)[0]
            ):
                continue
            north_m, east_m, up_m = noises[number]
            narrow = np.cos(np.radians(state[0, 0]))
            row = {
                "valid_ns": at_ns, "track_number": number + 1,
                "latitude_deg": float(state[0, 0] + north_m * _METRE_DEG),
                "longitude_deg": float(state[0, 1] + east_m * _METRE_DEG / narrow),
                "height_hae_m": float(state[0, 2] + up_m), "position_sigma_m": detector.position_sigma_m,
                "height_sigma_m": detector.position_sigma_m, "ground_speed_mps": float(state[0, 3]),
                "track_angle_rad": float(state[0, 4]), "vertical_rate_mps": float(state[0, 5]),
            }  # fmt: skip
            yield Chunk(at_ns, framed(detection(node, row)))
