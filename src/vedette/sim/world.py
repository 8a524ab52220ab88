"""A simulated world: from a scenario and a seed to feeds of real bytes, and the truth behind them."""

import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import msgspec
import numpy as np

from vedette.engine.settings import FeedSpec
from vedette.feeds.decoder import Chunk
from vedette.feeds.reports import encode_report
from vedette.model.report import AtsReport, FlightPlan, Report
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS, parse_utc
from vedette.sim.detector import SimulatedDetector, detector_site
from vedette.sim.links import Emitter, Troubled
from vedette.sim.motion import Motion
from vedette.sim.radar import SimulatedRadar, site_of
from vedette.sim.receiver import SimulatedReceiver, receiver_of
from vedette.sim.remote_id import SimulatedRemoteId, remote_id_site
from vedette.sim.scenario import Flight, Scenario, Variation
from vedette.sim.traffic import generate
from vedette.sim.values import Window
from vedette.sim.witnesses import SimulatedListener, SimulatedPeople, listener_site


class WorldFeed(NamedTuple):
    """A feed of the world: its description and its bytes."""

    spec: FeedSpec
    emitter: Emitter


class ReportLines:
    """Reports at the times at which they are made."""

    def __init__(self, lines: list[Chunk]) -> None:
        self._lines = sorted(lines, key=lambda chunk: chunk.received_ns)

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """One line a chunk."""
        yield from self._lines[skip:]


class World:
    """All of a scenario under one variation."""

    def __init__(
        self, scenario: Scenario, variation: Variation, name: str, *, gps: bool = False
    ) -> None:
        """Prepare; ``gps``: receivers stamp the time of day, without which a file of theirs has no time."""
        self._gps = gps
        self.scenario, self.variation, self.name = scenario, variation, name
        self.start_ns = parse_utc(scenario.start)
        flights = [self._varied(flight) for flight in scenario.flights]
        if scenario.traffic is not None:
            rng = np.random.default_rng([variation.seed, 1])
            flights += generate(scenario.traffic, scenario.duration_s, rng)
        self.motions = [
            Motion(flight, scenario.duration_s, variation.shift_north_m, scenario.weather)
            for flight in flights
        ]
        self.feeds = tuple(self._feeds())
        self.sensors: tuple[Sensor, ...] = tuple(
            [site_of(radar) for radar in scenario.radars]
            + [receiver_of(receiver) for receiver in scenario.receivers]
            + [remote_id_site(receiver) for receiver in scenario.remote_id_receivers]
            + [detector_site(detector) for detector in scenario.detectors]
            + [listener_site(listener) for listener in scenario.listeners]
        )

    def _varied(self, flight: Flight) -> Flight:
        transponder = flight.transponder
        if transponder is None:
            return flight
        changes: dict[str, object] = {}
        if "ads-b" in self.variation.without and flight.movable is False:
            changes["ads_b"] = False
        if "squawk-7600" in self.variation.without:
            changes["squawk_after_s"] = None
        return msgspec.structs.replace(
            flight, transponder=msgspec.structs.replace(transponder, **changes)
        )

    def _feeds(self) -> Iterator[WorldFeed]:
        scenario = self.scenario
        kinds: tuple[tuple[str, Any, tuple[Any, ...], int], ...] = (
            ("asterix", SimulatedRadar, scenario.radars, 0),
            ("beast", partial(SimulatedReceiver, gps=self._gps), scenario.receivers, 500),
            ("remote-id", SimulatedRemoteId, scenario.remote_id_receivers, 600),
            ("sapient", SimulatedDetector, scenario.detectors, 700),
            ("people", SimulatedListener, scenario.listeners, 800),
        )
        for decoder, make, sensors, first in kinds:
            for number, sensor in enumerate(sensors):
                name = sensor.sensor_id
                if name in self.variation.drop or decoder in self.variation.without:
                    continue
                seed = self.variation.seed * 1000 + first + number
                emitter = make(sensor, self.motions, self.start_ns, scenario, seed)
                yield self._feed(name, decoder, emitter, sensor.outages)
        if scenario.people and "people" not in self.variation.drop:
            seed = self.variation.seed * 1000 + 900
            emitter = SimulatedPeople(scenario.people, self.motions, self.start_ns, scenario, seed)
            yield self._feed("people", "people", emitter)
        lines = [chunk for told in scenario.reports for chunk in self._line(told.at_s, told.report)]
        if lines:
            yield self._feed("reports", "report", ReportLines(lines))

    def _feed(
        self, name: str, decoder: str, emitter: Emitter, outages: tuple[Window, ...] = ()
    ) -> WorldFeed:
        """A feed as it arrives here."""
        scenario = self.scenario
        link = next((link for link in scenario.links if link.feed == name), None)
        if outages or link is not None:
            seed = [self.variation.seed, 3, zlib.crc32(name.encode())]
            emitter = Troubled(emitter, outages, link, self.start_ns, seed)
        return WorldFeed(self._spec(name, decoder), emitter)

    def _spec(self, feed_id: str, decoder: str) -> FeedSpec:
        return FeedSpec(feed_id=feed_id, url=f"sim:{self.name}#{feed_id}", decoder=decoder)

    def _line(self, at_s: float, report: Report) -> Iterator[Chunk]:
        if isinstance(report, FlightPlan):
            if "flight-plan" in self.variation.without:
                return
            at_s += self.variation.late_plan_s
        elif isinstance(report, AtsReport) and "ats-report" in self.variation.without:
            return
        at_ns = self.start_ns + round(at_s * SECOND_NS)
        yield Chunk(at_ns, encode_report(_dated(report, at_ns, self.start_ns)))


def _dated(report: Report, at_ns: int, start_ns: int) -> Report:
    """A report of a scenario has times relative to its start; the report as made has real ones."""
    if isinstance(report, FlightPlan):
        return msgspec.structs.replace(
            report,
            filed_ns=at_ns,
            departure_ns=start_ns + report.departure_ns,
            arrival_ns=start_ns + report.arrival_ns,
        )
    return msgspec.structs.replace(report, valid_ns=at_ns)
