"""Civil traffic by published performance figures: generated, and said to be so wherever it is shown.

Cruise speeds and levels are those that EUROCONTROL's Aircraft Performance Database and the makers publish,
rounded; addresses are in the block of the state where a flight begins, and no real flight is copied.
"""

from typing import Final, NamedTuple

import numpy as np

from vedette.model.units import FLIGHT_LEVEL_M, KNOT_MPS
from vedette.sim.scenario import Flight, Traffic, Transponder, Waypoint


class Performance(NamedTuple):
    """A type's cruise: true airspeed [kt], level band, climb [m/s], ADS-B category, share of the traffic."""

    designator: str
    cruise_kt: float
    levels: tuple[int, int]
    climb_mps: float
    category: str
    share: float


PERFORMANCE: Final = (
    Performance("A320", 450.0, (320, 380), 10.0, "A3", 0.34),
    Performance("B738", 453.0, (330, 390), 10.0, "A3", 0.28),
    Performance("BCS3", 455.0, (340, 390), 10.0, "A3", 0.14),
    Performance("AT76", 275.0, (170, 240), 6.0, "A2", 0.12),
    Performance("A333", 475.0, (350, 400), 8.0, "A5", 0.08),
    Performance("C172", 115.0, (20, 45), 3.0, "A1", 0.04),
)
_FIRST_ADDRESS: Final = 0x461F00  # within the Finnish block of Annex 10
_DESCENT_AT: Final = 0.45  # of the way that is left: an airliner comes down over its last 200 km
_APPROACH_M: Final = 900.0
_APPROACH_SHARE: Final = 0.6  # of the cruise speed


def generate(traffic: Traffic, duration_s: float, rng: np.random.Generator) -> list[Flight]:
    """Flights between the airports, spread over the scenario, each already somewhere on its way.

    Args:
        traffic: how many, between which places.
        duration_s: of the scenario.
        rng: the only source of chance.
    """
    flights = []
    shares = np.array([item.share for item in PERFORMANCE])
    for number in range(traffic.flights):
        kind = PERFORMANCE[int(rng.choice(len(PERFORMANCE), p=shares / shares.sum()))]
        start, end = (
            traffic.airports[i] for i in rng.choice(len(traffic.airports), 2, replace=False)
        )
        level = 10 * int(rng.integers(kind.levels[0] // 10, kind.levels[1] // 10 + 1))
        speed_mps = kind.cruise_kt * KNOT_MPS * float(rng.uniform(0.97, 1.03))
        # a random beginning along the way: an hour of flying is not simulated to be thrown away
        share = float(rng.uniform(0.0, 0.7))
        begin = (
            start[1] + share * (end[1] - start[1]),
            start[2] + share * (end[2] - start[2]),
        )
        callsign = f"GEN{100 + number}"
        flights.append(
            Flight(
                name=callsign,
                object_class="airliner" if kind.designator != "C172" else "ga_aircraft",
                appears_s=float(rng.uniform(0.0, 0.3)) * duration_s if number % 3 == 0 else 0.0,
                climb_mps=kind.climb_mps,
                path=(
                    Waypoint(
                        latitude_deg=begin[0],
                        longitude_deg=begin[1],
                        speed_mps=speed_mps,
                        pressure_altitude_m=level * FLIGHT_LEVEL_M,
                    ),
                    Waypoint(
                        latitude_deg=begin[0] + _DESCENT_AT * (end[1] - begin[0]),
                        longitude_deg=begin[1] + _DESCENT_AT * (end[2] - begin[1]),
                        speed_mps=_APPROACH_SHARE * speed_mps,
                        pressure_altitude_m=_APPROACH_M,
                    ),
                    Waypoint(latitude_deg=end[1], longitude_deg=end[2]),
                ),
                transponder=Transponder(
                    icao24=f"{_FIRST_ADDRESS + number:06x}",
                    mode3a=f"{(0o2100 + number) & 0o7777:04o}",
                    callsign=callsign,
                    category=kind.category,
                ),
            )
        )
    return flights
