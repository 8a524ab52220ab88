"""What the types of a scenario do not say: names that must fit together, windows that must go forward."""

import re
from collections import Counter
from collections.abc import Iterator

from vedette.model.time import parse_utc
from vedette.sim.scenario import Flight, Scenario
from vedette.sim.values import Window


def problems(scenario: Scenario) -> list[str]:
    """What is wrong with a scenario, each with its place and what to do; empty for nothing."""
    return [*_start(scenario), *_sensors(scenario), *_flights(scenario), *_links(scenario)]


def sensor_ids(scenario: Scenario) -> list[str]:
    """Names of all sensors, in the order of their feeds."""
    kinds = (
        scenario.radars, scenario.receivers, scenario.remote_id_receivers, scenario.detectors,
        scenario.listeners,
    )  # fmt: skip
    return [sensor.sensor_id for kind in kinds for sensor in kind]


def _start(scenario: Scenario) -> Iterator[str]:
    try:
        parse_utc(scenario.start)
    except ValueError:
        yield f'start {scenario.start!r} is no time: write it as "2025-09-19T06:45:00Z"'
    if scenario.traffic is not None and len(scenario.traffic.airports) < 2:
        yield "traffic.airports: flights need two airports at least"


def _sensors(scenario: Scenario) -> Iterator[str]:
    for name, count in Counter([*sensor_ids(scenario), "reports", "people"]).items():
        if count > 1:
            yield (
                f"sensor_id {name!r} stands {count} times: give each sensor its own "
                "(reports and people are taken)"
            )
    sites = Counter((radar.sac, radar.sic) for radar in scenario.radars)
    for (sac, sic), count in sites.items():
        if count > 1:
            yield f"radars: SAC/SIC {sac}/{sic} stands {count} times: plots could not be told apart"
        if not (0 <= sac <= 255 and 0 <= sic <= 255):
            yield f"radars: SAC/SIC {sac}/{sic}: each is one octet, 0 to 255"
    for kind in (
        "radars", "receivers", "remote_id_receivers", "detectors", "listeners",
    ):  # fmt: skip
        for number, sensor in enumerate(getattr(scenario, kind)):
            yield from _windows(f"{kind}[{number}].outages", sensor.outages)


def _windows(place: str, windows: tuple[Window, ...]) -> Iterator[str]:
    for number, (begin_s, end_s) in enumerate(windows):
        if not 0.0 <= begin_s < end_s:
            yield (
                f"{place}[{number}]: [{begin_s:g}, {end_s:g}] is no stretch of time: "
                "first from, then until, in seconds"
            )


def _flights(scenario: Scenario) -> Iterator[str]:
    for name, count in Counter(flight.name for flight in scenario.flights).items():
        if count > 1:
            yield f"flights: the name {name!r} stands {count} times"
    for number, flight in enumerate(scenario.flights):
        for words in _flight(flight, windy=bool(scenario.weather.wind)):
            yield f"flights[{number}] ({flight.name}): {words}"


def _flight(flight: Flight, *, windy: bool) -> Iterator[str]:
    if flight.drifts and len(flight.path) != 1:
        yield f"drifts from one point of its path, and has {len(flight.path)}"
    if flight.drifts and not windy:
        yield "drifts, but weather.wind has no layer"
    if not flight.drifts and len(flight.path) < 2:
        yield "path needs two points at least (or drifts: true)"
    if flight.turn_rate_deg_s <= 0 or flight.climb_mps <= 0:
        yield "turn_rate_deg_s and climb_mps must be above 0"
    transponder = flight.transponder
    if transponder is not None:
        if not re.fullmatch("[0-9a-fA-F]{6}", transponder.icao24):
            yield f"transponder.icao24 {transponder.icao24!r}: six hexadecimal digits, in quotes"
        codes = [transponder.mode3a, *(transponder.squawk_after_s or ())[1:]]
        for code in codes:
            if not re.fullmatch("[0-7]{4}", str(code)):
                yield f"transponder: the code {code!r}: four octal digits, in quotes"


def _links(scenario: Scenario) -> Iterator[str]:
    known = {*sensor_ids(scenario), "reports", "people"}
    for number, link in enumerate(scenario.links):
        if link.feed not in known:
            yield f"links[{number}].feed {link.feed!r}: no such feed; there are {', '.join(sorted(known))}"
        yield from _windows(f"links[{number}].cut", link.cut)
