"""A simulated world: from a scenario and a seed to feeds of real bytes, and the truth behind them."""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import msgspec
import numpy as np

from vedette.engine.settings import FeedSpec
from vedette.feeds.decoder import Chunk
from vedette.feeds.reports import encode_report
from vedette.model.report import AtsReport, FlightPlan, Report
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS, parse_utc
from vedette.sim.motion import Motion
from vedette.sim.radar import SimulatedRadar, site_of
from vedette.sim.receiver import SimulatedReceiver, receiver_of
from vedette.sim.scenario import Flight, Scenario, Variation
from vedette.sim.traffic import generate


class Emitter(Protocol):
    """What a simulated sensor is to the engine: the Feed port."""

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Chunks in order of time, without the first ``skip`` ones."""
        ...


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

    def __init__(self, scenario: Scenario, variation: Variation, name: str) -> None:
        self.scenario, self.variation, self.name = scenario, variation, name
        self.start_ns = parse_utc(scenario.start)
        flights = [self._varied(flight) for flight in scenario.flights]
        if scenario.traffic is not None:
            rng = np.random.default_rng([variation.seed, 1])
            flights += generate(scenario.traffic, scenario.duration_s, rng)
        self.motions = [
            Motion(flight, scenario.duration_s, variation.shift_north_m) for flight in flights
        ]
        self.feeds = tuple(self._feeds())
        self.sensors: tuple[Sensor, ...] = tuple(
            [site_of(radar) for radar in scenario.radars]
            + [receiver_of(receiver) for receiver in scenario.receivers]
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
        scenario, seed = self.scenario, self.variation.seed
        for number, radar in enumerate(scenario.radars):
            if radar.sensor_id in self.variation.drop or "asterix" in self.variation.without:
                continue
            emitter = SimulatedRadar(
                radar, self.motions, self.start_ns, scenario.duration_s, seed * 1000 + number
            )
            yield WorldFeed(self._spec(radar.sensor_id, "asterix"), emitter)
        for number, receiver in enumerate(scenario.receivers):
            if receiver.sensor_id in self.variation.drop:
                continue
            yield WorldFeed(
                self._spec(receiver.sensor_id, "beast"),
                SimulatedReceiver(
                    receiver,
                    self.motions,
                    self.start_ns,
                    scenario.duration_s,
                    seed * 1000 + 500 + number,
                ),
            )
        lines = [chunk for told in scenario.reports for chunk in self._line(told.at_s, told.report)]
        if lines:
            yield WorldFeed(self._spec("reports", "report"), ReportLines(lines))

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
