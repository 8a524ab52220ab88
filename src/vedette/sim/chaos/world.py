"""The worlds that chaos happens in: a piece of border, civil flights, and some that say nothing of themselves."""

from typing import Any, Final, Literal

import msgspec
import numpy as np

from vedette.model.report import AtsReport, FlightPlan, Report, Sighting, Subject
from vedette.model.time import SECOND_NS
from vedette.sim.scenario import (
    Deception,
    Detector,
    Flight,
    Interference,
    Listener,
    People,
    Radar,
    Receiver,
    RemoteId,
    RemoteIdReceiver,
    Scenario,
    Told,
    Transponder,
    Waypoint,
)
from vedette.sim.surroundings import Rain, Ridge, Weather, WindLayer

# places on or near a border, latitude and longitude [degrees]
PLACES: Final = ((59.6, 26.0), (54.3, 22.9), (45.2, 29.2), (56.2, 27.9), (69.6, 30.1), (39.9, 41.9))
_REACH_DEG: Final = 1.2


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much of everything."""

    duration_s: float = 30.0
    tick_s: float = 3.0
    civil: int = 4
    dark: int = 2
    radars: int = 2
    flood: int = 3_000  # plots at most
    queue_chunks: tuple[int, ...] = (25, 150, 1_000)  # one of these
    plots_max: int = 1_000  # of the fusion at a tick


SMALL: Final = Size()
NIGHT: Final = Size(
    duration_s=60.0, tick_s=2.0, civil=8, dark=4, radars=3, flood=1_000_000,
    queue_chunks=(60, 1_500, 50_000), plots_max=200_000,
)  # fmt: skip


class _Maker:
    """Draws one world."""

    def __init__(self, seed: int, size: Size) -> None:
        self.rng = np.random.default_rng([seed, 1])
        self.size = size
        self.centre = PLACES[int(self.rng.integers(len(PLACES)))]

    def one_in(self, count: int) -> bool:
        """Whether this one time in ``count`` has come."""
        return bool(self.rng.integers(count) == 0)

    def place(self, reach_deg: float = _REACH_DEG) -> tuple[float, float]:
        north, east = self.rng.uniform(-reach_deg, reach_deg, 2)
        return (
            self.centre[0] + float(north) * 0.6,
            self.centre[1] + float(east) / float(np.cos(np.radians(self.centre[0]))) * 0.6,
        )

    def path(self, speed: tuple[float, float], height: tuple[float, float]) -> tuple[Waypoint, ...]:
        begin, end = self.place(), self.place()
        far = (end[0] + 2.0 * (end[0] - begin[0]), end[1] + 2.0 * (end[1] - begin[1]))
        return (
            Waypoint(
                latitude_deg=begin[0],
                longitude_deg=begin[1],
                speed_mps=float(self.rng.uniform(*speed)),
                pressure_altitude_m=float(self.rng.uniform(*height)),
            ),
            Waypoint(latitude_deg=end[0], longitude_deg=end[1]),
            Waypoint(latitude_deg=far[0], longitude_deg=far[1]),
        )

    def civil(self, number: int) -> Flight:
        small = self.one_in(4)
        squawk = str(self.rng.choice(["7600", "7700", "7500"])) if self.one_in(6) else None
        kind: Literal["elsewhere", "drag", "circle", "jam"] = (
            "elsewhere", "drag", "circle", "jam",
        )[int(self.rng.integers(4))]  # fmt: skip
        deception = Deception(kind=kind, after_s=5.0, to=self.place()) if self.one_in(6) else None
        return Flight(
            name=f"CIV{number}",
            object_class="ga_aircraft" if small else "airliner",
            path=self.path((50.0, 75.0) if small else (190.0, 250.0), (600.0, 11_500.0)),
            transponder=Transponder(
                icao24=f"{0x46_1E00 + number:06x}",
                mode3a=f"{0o2001 + number:04o}",
                callsign=f"CIV{number}",
                category="A1" if small else "A3",
                ads_b=not self.one_in(5),
                squawk_after_s=None if squawk is None else (float(self.rng.uniform(3, 15)), squawk),
                silent_after_s=float(self.rng.uniform(0, 20)) if self.one_in(5) else None,
                deception=deception,
            ),
        )

    def dark(self, number: int) -> Flight:
        kinds: tuple[tuple[str, tuple[float, float], tuple[float, float]], ...] = (
            ("military_aircraft", (200.0, 420.0), (500.0, 12_000.0)),
            ("drone_long_range", (40.0, 60.0), (100.0, 3_000.0)),
            ("cruise_missile", (220.0, 260.0), (60.0, 400.0)),
            ("balloon", (4.0, 20.0), (3_000.0, 9_000.0)),
            ("airliner", (190.0, 250.0), (3_000.0, 11_000.0)),  # its transponder has failed
        )
        name, speed, height = kinds[int(self.rng.integers(len(kinds)))]
        broadcast = None
        if name == "drone_long_range" and self.one_in(2):
            broadcast = RemoteId(serial=f"1596F0000000000000{number:02d}", operator=self.place())
        return Flight(
            name=f"DARK{number}",
            object_class=name,
            path=self.path(speed, height),
            remote_id=broadcast,
        )

    def radar(self, number: int) -> Radar:
        latitude, longitude = self.place(0.8)
        skew_s = float(self.rng.choice([0.0, 0.0, 0.0, -0.6, 2.0, 30.0, -90.0, 3_600.0]))
        return Radar(
            sensor_id=f"radar-{number}", sac=250, sic=number,
            latitude_deg=latitude, longitude_deg=longitude,
            height_hae_m=float(self.rng.uniform(20, 400)), period_s=float(self.rng.choice([4.0, 6.0, 10.0])),
            phase_s=float(self.rng.uniform(0, 2)), false_plots=float(self.rng.choice([0.0, 2.0, 20.0])),
            primary_pd=float(self.rng.choice([0.4, 0.9])), time_bias_s=skew_s,
            range_bias_m=float(self.rng.choice([0.0, 0.0, 400.0])),
            time_jumps_s=((float(self.rng.uniform(5, 25)), float(self.rng.choice([-40.0, -3.0, 3.0, 40.0]))),)
            if self.one_in(4)
            else (),
        )  # fmt: skip


def scenario_of(seed: int, size: Size, *, words: bool) -> Scenario:
    """The world of a seed, as a scenario.

    Args:
        seed: decides all of it.
        size: how much of everything.
        words: whether there are reports of people too.
    """
    maker = _Maker(seed, size)
    flights = [maker.civil(number) for number in range(size.civil)]
    flights += [maker.dark(number) for number in range(size.dark)]
    latitude, longitude = maker.place(0.5)
    return Scenario(
        title=f"chaos {seed}",
        label="SIMULATED: chaos",
        start="2026-03-01T02:00:00Z",
        duration_s=size.duration_s,
        radars=tuple(maker.radar(number) for number in range(1, size.radars + 1)),
        receivers=(Receiver(sensor_id="ads-b-1", latitude_deg=latitude, longitude_deg=longitude),),
        flights=tuple(flights),
        reports=tuple(_words(maker, flights)) if words else (),
        **_surroundings(maker),
        **(_more_sensors(maker) if words else {}),
    )


def _surroundings(maker: _Maker) -> dict[str, Any]:
    """Weather, high ground and disturbed navigation, each in some worlds."""
    rng = maker.rng
    found: dict[str, Any] = {}
    latitude, longitude = maker.place()
    if maker.one_in(3):
        found["weather"] = Weather(
            wind=(WindLayer(pressure_altitude_m=0, from_deg=float(rng.uniform(0, 360)), speed_mps=15.0),),
            rain=(
                Rain(latitude_deg=latitude, longitude_deg=longitude, radius_m=15_000.0, plots_per_scan=6.0),
            ),
        )  # fmt: skip
    if maker.one_in(3):
        found["terrain"] = (
            Ridge(path=(maker.place(0.4), maker.place(0.4)), height_hae_m=float(rng.uniform(100, 2_500))),
        )  # fmt: skip
    if maker.one_in(3):
        kind: Literal["elsewhere", "jam"] = "elsewhere" if maker.one_in(2) else "jam"
        does = Deception(kind=kind, to=maker.place(), after_s=5.0)
        found["interference"] = (
            Interference(latitude_deg=latitude, longitude_deg=longitude, radius_m=40_000.0, does=does),
        )  # fmt: skip
    return found


def _more_sensors(maker: _Maker) -> dict[str, Any]:
    """Drones that say who they are, and nodes, ears and people who find them."""
    latitude, longitude = maker.place(0.4)
    at: dict[str, Any] = {"latitude_deg": latitude, "longitude_deg": longitude}
    found: dict[str, Any] = {}
    if maker.one_in(2):
        found["remote_id_receivers"] = (
            RemoteIdReceiver(sensor_id="remote-id-1", range_max_m=60_000.0, **at),
        )
    if maker.one_in(2):
        found["detectors"] = (
            Detector(sensor_id="detector-1", range_max_m=60_000.0, period_s=3.0, **at),
        )
    if maker.one_in(2):
        found["listeners"] = (Listener(sensor_id="ears-1", range_m=40_000.0, **at),)
    if maker.one_in(2):
        found["people"] = (
            People(place="P", count=10, sees_m=60_000.0, hears_m=60_000.0, reports=0.5, delay_s=5.0, **at),
        )  # fmt: skip
    return found


def _words(maker: _Maker, flights: list[Flight]) -> list[Told]:
    told: list[Told] = []
    for flight in flights:
        if flight.transponder is not None and maker.one_in(2):
            path = flight.path
            told.append(
                Told(
                    at_s=1.0,
                    report=FlightPlan(
                        callsign=flight.name, departure="EETN", destination="EVRA",
                        departure_ns=-1_800 * SECOND_NS, arrival_ns=1_800 * SECOND_NS, filed_ns=0,
                        route=tuple((point.latitude_deg, point.longitude_deg) for point in path),
                    ),
                )
            )  # fmt: skip
    latitude, longitude = maker.place()
    subject = Subject(latitude_deg=latitude, longitude_deg=longitude)
    more: tuple[Report, ...] = (
        Sighting(subject=subject, seen="something loud", reporter="A. Person", valid_ns=0),
        AtsReport(subject=subject, says="not_ours", unit="EETT ACC", valid_ns=0),
    )
    at_s = maker.rng.uniform(2.0, maker.size.duration_s, len(more))
    return told + [Told(at_s=float(s), report=one) for s, one in zip(at_s, more, strict=True)]
