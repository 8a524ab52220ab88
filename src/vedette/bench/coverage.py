"""Do 95 % intervals hold the truth 95 % of the time? The demonstration's jets, again and again.

Each seed makes other noise, misses and false plots, and other biases of the radars: nothing here registers
them, so the filter assumes what its settings say of an unregistered radar, and they are drawn from that. The
border has an error of its own, of which an interval takes account; so one is drawn for each entry, exit and
deepest place from what is stated of the border there, and added to the truth.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec
import numpy as np

from vedette.airspace.sovereign import sovereign_airspace
from vedette.bench.row import Note, Row
from vedette.engine.course import Course
from vedette.engine.opening import Unrecorded, course_of
from vedette.engine.record import platform_tag
from vedette.engine.settings import RunBody
from vedette.fusion.settings import FusionSettings
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.columns import Floats
from vedette.model.incident import Crossing
from vedette.model.time import SECOND_NS
from vedette.sim.scenario import Radar, Variation, read_scenario
from vedette.sim.truth import TrueCrossing, true_crossings
from vedette.sim.world import World

# of the scenario: from three minutes before the jets enter to two after they have left
WINDOW_S: Final = (600.0, 1620.0)


def _biased(radar: Radar, rng: np.random.Generator) -> Radar:
    sigmas = FusionSettings()
    return msgspec.structs.replace(
        radar,
        range_bias_m=rng.normal(0.0, sigmas.register_range_m),
        azimuth_bias_rad=rng.normal(0.0, sigmas.register_azimuth_rad),
        time_bias_s=rng.normal(0.0, sigmas.register_time_s),
    )


def jets_world(seed: int, count: int = 1, *, biased: bool = False) -> World:
    """The demonstration's jets and radars alone; ``biased``: as nobody has registered them."""
    from importlib.resources import files

    data = files("vedette.data").joinpath("scenarios", "gulf_of_finland.yaml").read_bytes()
    scenario = read_scenario(data, "gulf_of_finland")
    jets = tuple(flight for flight in scenario.flights if flight.movable)[:count]
    rng = np.random.default_rng([seed, 2])
    radars = tuple(_biased(radar, rng) for radar in scenario.radars) if biased else scenario.radars
    scenario = msgspec.structs.replace(
        scenario,
        radars=radars,
        flights=jets,
        traffic=None,
        receivers=(),
        reports=(),
        duration_s=WINDOW_S[1],
    )
    return World(scenario, Variation(seed=seed), "jets")


def run_world(world: World) -> Course:
    """Run the window of a world through all stages as fast as it goes, without a record."""
    from vedette.engine.bundled import sovereign_digest
    from vedette.response.rule_set import shipped_rules

    body = RunBody(
        version="bench",
        created_ns=world.start_ns,
        feeds=tuple(feed.spec for feed in world.feeds),
        sensors=world.sensors,
        sovereign_digest=sovereign_digest(),
        rules_digest=shipped_rules().digest,
        platform=platform_tag(),
    )
    course = course_of(Unrecorded(body, {}))
    course.open()
    for item in _items(world):
        course.run(item, b"")
    return course


def _items(world: World) -> Iterator[Item]:
    import heapq

    def stream(index: int, feed: object) -> Iterator[Item]:
        for chunk in world.feeds[index].emitter.chunks(0):
            yield Item(ItemKind.CHUNK, index, chunk.received_ns, chunk.data)

    merged = heapq.merge(
        *(stream(index, feed) for index, feed in enumerate(world.feeds)),
        key=lambda item: (item.instant_ns, item.feed),
    )
    begin_ns = world.start_ns + round(WINDOW_S[0]) * SECOND_NS
    tick_ns = begin_ns + SECOND_NS
    for item in merged:
        if item.instant_ns < begin_ns:
            continue
        while item.instant_ns >= tick_ns:
            yield Item(ItemKind.TICK, 0, tick_ns, b"")
            tick_ns += SECOND_NS
        yield item
    yield Item(ItemKind.TICK, 0, tick_ns, b"")
    yield Item(ItemKind.CONTROL, 0, tick_ns, b'{"event":"ended"}')


class _Side(NamedTuple):
    """The boundary beside an object at an instant."""

    distance_m: float  # inside it
    closing_mps: float  # speed across it
    sigma_m: float  # of the boundary as drawn there


def _sides(world: World, truth: TrueCrossing, at_s: Floats) -> list[_Side]:
    """The boundary beside the true object at instants [s after the start]."""
    zones = sovereign_airspace()
    number = [zone.zone_id for zone in zones.zones].index(truth.zone_id)
    motion = next(item for item in world.motions if item.flight.name == truth.name)
    states = motion.at(np.ravel(np.column_stack((at_s - 1.0, at_s, at_s + 1.0))))
    distance_m, _, sigma_m = zones.measured(
        states[:, 0].copy(), states[:, 1].copy(), np.full(len(states), number, dtype=np.int64)
    )
    looks, sigmas_m = distance_m.reshape(-1, 3), sigma_m.reshape(-1, 3)
    return [
        _Side(float(look[1]), float(abs(look[2] - look[0]) / 2.0), float(sigma[1]))
        for look, sigma in zip(looks, sigmas_m, strict=True)
    ]


class _Tally:
    """How often the intervals held what was true."""

    def __init__(self) -> None:
        self.found = 0
        self.held = dict.fromkeys(("entry", "exit", "seconds inside", "depth"), 0)
        self.errors_s: list[float] = []
        self.widths_s: list[float] = []

    def add(self, world: World, course: Course, rng: np.random.Generator) -> None:
        """Compare the course's Estonian crossing, if it found one, with the world's."""
        zones = course.pipeline.zones
        truth = next(
            item for item in true_crossings(world, zones, {"jet-1"}) if item.state == "EST"
        )
        crossing = _estonian(course)
        if crossing is None or crossing.left is None or truth.left_ns is None:
            return
        self.found += 1
        ends_ns = (truth.entered_ns, truth.left_ns)
        ends_s = (np.array(ends_ns) - world.start_ns) / SECOND_NS
        sides = _sides(world, truth, ends_s)
        true_ns = [
            at_ns + rng.normal(0.0, side.sigma_m) / side.closing_mps * SECOND_NS
            for at_ns, side in zip(ends_ns, sides, strict=True)
        ]
        inside_s = (true_ns[1] - true_ns[0]) / SECOND_NS
        within = _sides(world, truth, np.arange(float(ends_s[0]), float(ends_s[1]), 1.0))
        deepest = max(within, key=lambda side: side.distance_m)
        depth_m = truth.depth_m + rng.normal(0.0, deepest.sigma_m)
        for name, low, value, high in (
            ("entry", crossing.entered.low_ns, true_ns[0], crossing.entered.high_ns),
            ("exit", crossing.left.low_ns, true_ns[1], crossing.left.high_ns),
            ("seconds inside", crossing.inside_s.low, inside_s, crossing.inside_s.high),
            ("depth", crossing.depth_m.low, depth_m, crossing.depth_m.high),
        ):
            self.held[name] += low <= value <= high
        self.errors_s.append(crossing.inside_s.estimate - inside_s)
        self.widths_s.append(crossing.inside_s.high - crossing.inside_s.low)

    def rows(self, seeds: int) -> Iterator[Row]:
        """The figures, once there is something to count."""
        yield Row(area="coverage", name="crossings found", value=self.found, unit=f"of {seeds}")
        if not self.found:
            return
        for name, count in self.held.items():
            share = 100.0 * count / self.found
            yield Row(
                area="coverage",
                name=f"95 % interval of {name} holds the truth",
                value=share,
                unit="%",
                target="near 95",
            )
        for name, value in (
            ("mean error", np.mean(self.errors_s)),
            ("rms error", np.sqrt(np.mean(np.square(self.errors_s)))),
            ("mean width", np.mean(self.widths_s)),
        ):
            yield Row(area="coverage", name=f"seconds inside: {name}", value=float(value), unit="s")


def run(*, seed: int = 1, quick: bool = False) -> Iterator[Row | Note]:
    """Share of intervals that hold the truth, over 50 seeds (quick: 3)."""
    seeds = 3 if quick else 50
    tally = _Tally()
    for number in range(seeds):
        world = jets_world(seed * 1000 + number, biased=True)
        tally.add(world, run_world(world), np.random.default_rng([seed, number]))
        held = ", ".join(f"{name} {count}" for name, count in tally.held.items())
        yield Note(f"{number + 1} of {seeds} seeds: intervals that hold: {held}")
    yield from tally.rows(seeds)


def _estonian(course: Course) -> Crossing | None:
    for incident in course.pipeline.incidents.values():
        for crossing in incident.crossings:
            if crossing.state == "EST" and not crossing.predicted:
                return crossing
    return None
