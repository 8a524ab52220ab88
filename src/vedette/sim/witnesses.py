"""Simulated ears and eyes: microphone arrays, and people who notice something and say so, later."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np
from pyproj import Geod

from vedette.feeds.decoder import Chunk
from vedette.feeds.people import SOUND_MPS, Observation, encode_observation
from vedette.model.columns import Floats
from vedette.model.frames import geodetic_to_polar
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.motion import Motion
from vedette.sim.scenario import Listener, People, Scenario

_GEOD: Final = Geod(ellps="WGS84")
# How far away each is heard, beside a long-range drone with a piston engine; a judgement by what residents say
LOUD: Final = {
    "military_aircraft": 3.0, "cruise_missile": 1.5, "airliner": 1.5, "helicopter_military": 2.0,
    "helicopter_civil": 1.6, "drone_long_range": 1.0, "ga_aircraft": 0.8, "drone_small": 0.1,
}  # fmt: skip
# How far away each is seen, beside an aircraft of 10 m
LARGE: Final = {
    "military_aircraft": 1.5, "airliner": 3.0, "cruise_missile": 0.6, "drone_long_range": 0.4, "drone_small": 0.12,
    "balloon": 0.6,
}  # fmt: skip
_WORDS: Final = {
    "heard": {
        "drone_long_range": "a loud motor, like a moped, in the air", "military_aircraft": "a very loud jet",
        "cruise_missile": "a jet, low and fast",
    },
    "seen": {
        "balloon": "a white balloon with something hanging from it", "drone_small": "a small drone with lights",
        "drone_long_range": "a small aeroplane without lights, low",
    },
}  # fmt: skip
_LOOK_S: Final = 5.0
_SIGMA_DEG: Final = {"seen": 8.0, "heard": 20.0}  # of what people point at


def listener_site(listener: Listener) -> Sensor:
    """The sensors-file entry of a microphone array."""
    return Sensor(
        sensor_id=listener.sensor_id,
        kind="acoustic",
        latitude_deg=listener.latitude_deg,
        longitude_deg=listener.longitude_deg,
        range_max_m=3.0 * listener.range_m,
        period_s=listener.period_s,
        detection_probability=listener.detection_probability,
    )


def _heard_from(motion: Motion, site: tuple[float, float, float], at_s: float) -> Floats | None:
    """(3,) range [m], azimuth and elevation [rad] from where the sound that arrives now came; None for none."""
    left_s = at_s
    polar: Floats | None = None
    for _ in range(3):
        state = motion.at(np.array([left_s]))
        if np.isnan(state[0, 0]):
            return None
        polar = geodetic_to_polar(site, state[:, :3])[0]
        left_s = at_s - float(polar[0]) / SOUND_MPS
    return polar


class SimulatedListener:
    """The Feed port of one microphone array: a line for each direction."""

    def __init__(
        self,
        listener: Listener,
        motions: list[Motion],
        start_ns: int,
        scenario: Scenario,
        seed: int,
    ) -> None:
        self._listener, self._motions, self._start_ns, self._seed = (
            listener,
            motions,
            start_ns,
            seed,
        )
        self._duration_s = scenario.duration_s

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Lines in order of time, without the first ``skip`` ones."""
        return islice(self._lines(), skip, None)

    def _lines(self) -> Iterator[Chunk]:
        listener = self._listener
        rng = np.random.default_rng(self._seed)
        site = (listener.latitude_deg, listener.longitude_deg, 0.0)
        for look in range(1, int(self._duration_s / listener.period_s) + 1):
            at_s = look * listener.period_s
            chances = rng.random(len(self._motions))
            errors = rng.normal(0.0, listener.bearing_sigma_deg, len(self._motions))
            for motion, chance, error in zip(self._motions, chances, errors, strict=True):
                reach_m = listener.range_m * LOUD.get(motion.flight.object_class, 0.0)
                polar = _heard_from(motion, site, at_s)
                if polar is None or polar[0] > reach_m or chance >= listener.detection_probability:
                    continue
                at_ns = self._start_ns + round(at_s * SECOND_NS)
                told = Observation(
                    valid_ns=at_ns, sense="heard", device=True, device_id=listener.sensor_id,
                    latitude_deg=listener.latitude_deg, longitude_deg=listener.longitude_deg,
                    bearing_deg=float(np.degrees(polar[1]) + error) % 360.0,
                    bearing_sigma_deg=listener.bearing_sigma_deg, confidence=0.7,
                )  # fmt: skip
                yield Chunk(at_ns, encode_observation(told))


class SimulatedPeople:
    """The Feed port of all people who watch the sky: each notices an object once, and some say so."""

    def __init__(
        self,
        people: tuple[People, ...],
        motions: list[Motion],
        start_ns: int,
        scenario: Scenario,
        seed: int,
    ) -> None:
        self._start_ns, self._scenario = start_ns, scenario
        rng = np.random.default_rng(seed)
        lines = [line for one in people for line in self._place(one, motions, rng)]
        self._lines = sorted(lines, key=lambda chunk: chunk.received_ns)

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """One report a chunk, when it is told."""
        yield from self._lines[skip:]

    def _place(
        self, people: People, motions: list[Motion], rng: np.random.Generator
    ) -> Iterator[Chunk]:
        for person in range(people.count):
            longitude, latitude, _ = _GEOD.fwd(
                people.longitude_deg, people.latitude_deg, float(rng.uniform(0, 360)),
                people.spread_m * float(np.sqrt(rng.uniform())),
            )  # fmt: skip
            for motion in motions:
                # drawn whether or not it is used: one person's luck does not depend on another's
                tells, error, wait_s = rng.random(), rng.normal(), rng.exponential(people.delay_s)
                noticed = self._noticed(people, motion, (latitude, longitude, 0.0))
                if noticed is None or tells >= people.reports:
                    continue
                at_s, sense, azimuth = noticed
                if at_s + wait_s >= self._scenario.duration_s:
                    continue
                told = Observation(
                    valid_ns=self._start_ns + round(at_s * SECOND_NS),
                    sense="seen" if sense == "seen" else "heard",
                    what=_WORDS[sense].get(motion.flight.object_class, "something in the air"),
                    confidence=0.5, reporter=f"Resident {person + 1} of {people.place}",
                    latitude_deg=latitude, longitude_deg=longitude,
                    bearing_deg=float(np.degrees(azimuth) + error * _SIGMA_DEG[sense]) % 360.0,
                )  # fmt: skip
                heard_ns = self._start_ns + round((at_s + wait_s) * SECOND_NS)
                yield Chunk(heard_ns, encode_observation(told))

    def _noticed(
        self, people: People, motion: Motion, site: tuple[float, float, float]
    ) -> tuple[float, str, float] | None:
        """When a person first notices an object [s], by which sense, and in which direction [rad]."""
        begin_s = max(0.0, motion.start_s)
        times_s = np.arange(begin_s, min(motion.end_s, self._scenario.duration_s), _LOOK_S)
        if not len(times_s):
            return None
        polar = geodetic_to_polar(site, motion.at(times_s)[:, :3])
        kind = motion.flight.object_class
        sees_m = min(people.sees_m * LARGE.get(kind, 1.0), self._scenario.weather.visibility_m)
        seen = (polar[:, 0] < sees_m) & (polar[:, 2] > np.radians(2.0))
        if seen.any():
            first = int(np.argmax(seen))
            return float(times_s[first]), "seen", float(polar[first, 1])
        near = polar[:, 0] < people.hears_m * LOUD.get(kind, 0.0)
        if not near.any():
            return None
        first = int(np.argmax(near))
        late_s = float(polar[first, 0]) / SOUND_MPS
        return float(times_s[first]) + late_s, "heard", float(polar[first, 1])
