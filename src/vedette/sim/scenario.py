"""A scenario: what flies, what looks, who reports. A YAML file, validated; see ``docs/reference/scenarios.md``."""

from typing import Annotated, Literal

import msgspec
import yaml

from vedette.model.errors import SourceError
from vedette.model.report import Report
from vedette.sim.surroundings import Ridge, Weather
from vedette.sim.values import Latitude, Longitude, Metres, Period, Share, Speed, Window


class Waypoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A point of a path; speed and height are held from it on (height is reached by climbing)."""

    latitude_deg: Latitude
    longitude_deg: Longitude
    speed_mps: Speed | None = None
    pressure_altitude_m: float | None = None


class Deception(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What its receiver of satellite navigation is told instead, and so what it broadcasts; radars see the truth.

    ``elsewhere``: it flies on as it does, but from ``to``. ``drag``: drawn off towards ``to`` at ``speed_mps``.
    ``circle``: round ``to`` at ``speed_mps``. ``jam``: it finds its place badly and says so (NIC 0, NACp 0).
    """

    kind: Literal["elsewhere", "drag", "circle", "jam"]
    after_s: float = 0.0  # since it appeared
    until_s: float | None = None
    to: tuple[Latitude, Longitude] = (0.0, 0.0)
    speed_mps: Speed = 60.0
    radius_m: Annotated[float, msgspec.Meta(gt=0, le=100_000)] = 3_000.0


class Interference(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A circle in which satellite navigation is disturbed, for whoever flies there; times are since the start."""

    latitude_deg: Latitude
    longitude_deg: Longitude
    radius_m: Metres
    does: Deception


class Transponder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an object says of itself."""

    icao24: str
    mode3a: str
    callsign: str | None = None
    category: str = "A3"
    ads_b: bool = True
    squawk_after_s: tuple[float, str] | None = None  # seconds after it appears, new code
    silent_after_s: float | None = None  # switched off
    deception: Deception | None = None


class RemoteId(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a drone broadcasts of itself and its pilot (ASTM F3411)."""

    serial: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    operator_id: Annotated[str, msgspec.Meta(max_length=20)] | None = None
    operator: tuple[Latitude, Longitude] | None = None  # where the pilot stands


class Flight(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object: path, and transponder if it has one."""

    name: str
    object_class: str
    path: tuple[Waypoint, ...]
    appears_s: float = 0.0  # after the scenario's start
    turn_rate_deg_s: float = 1.5
    climb_mps: float = 12.0
    transponder: Transponder | None = None
    remote_id: RemoteId | None = None
    movable: bool = False  # a shift of the scenario moves its path
    drifts: bool = False  # with the wind, from the one point of its path


class SeaClutter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Echoes of waves: in a sector, near the radar."""

    plots_per_scan: Annotated[float, msgspec.Meta(ge=0, le=10_000)]
    within_m: Metres = 40_000.0
    sector_deg: tuple[float, float] = (0.0, 360.0)  # clockwise from true north


class Radar(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rotating radar: primary, with a Mode S interrogator."""

    sensor_id: str
    sac: int
    sic: int
    latitude_deg: Latitude
    longitude_deg: Longitude
    height_hae_m: float = 50.0
    range_max_m: float = 300_000.0
    period_s: float = 10.0
    range_sigma_m: float = 70.0
    azimuth_sigma_rad: float = 0.00122
    primary_pd: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.9
    secondary_pd: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.97
    false_plots: float = 3.0  # mean number each scan
    phase_s: float = 0.0
    # what it measures too much, always: of the range, of the azimuth, and of its clock
    range_bias_m: float = 0.0
    azimuth_bias_rad: float = 0.0
    time_bias_s: float = 0.0
    time_jumps_s: tuple[
        tuple[float, float], ...
    ] = ()  # at which second its clock was set, by how much
    sea: SeaClutter | None = None
    outages: tuple[Window, ...] = ()  # it sends nothing


class Receiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An ADS-B receiver with a Beast output."""

    sensor_id: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    height_hae_m: float = 50.0
    range_max_m: float = 400_000.0
    outages: tuple[Window, ...] = ()


class RemoteIdReceiver(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A receiver of drones' broadcasts, which keeps the frames that it heard."""

    sensor_id: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    height_hae_m: float = 20.0
    range_max_m: Metres = 3_000.0
    transport: Literal["wifi beacon", "wifi nan", "bluetooth 4", "bluetooth 5"] = "wifi beacon"
    outages: tuple[Window, ...] = ()


class Detector(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A SAPIENT node that finds what flies near it, whatever that says of itself."""

    sensor_id: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    height_hae_m: float = 20.0
    node_type: Literal["RADAR", "CAMERA", "PASSIVE_RF", "ACOUSTIC", "LIDAR"] = "RADAR"
    range_max_m: Metres = 8_000.0
    position_sigma_m: Annotated[float, msgspec.Meta(gt=0, le=5_000)] = 25.0
    period_s: Period = 2.0
    detection_probability: Share = 0.9
    outages: tuple[Window, ...] = ()


class Listener(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A microphone array: it gives directions of what is loud enough, as late as sound is."""

    sensor_id: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    range_m: Metres = 5_000.0  # at which it hears a long-range drone; others by how loud they are
    bearing_sigma_deg: Annotated[float, msgspec.Meta(gt=0, le=90)] = 4.0
    period_s: Period = 5.0
    detection_probability: Share = 0.8
    outages: tuple[Window, ...] = ()


class People(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """People of one place, some of whom look up and some of those say so."""

    place: str
    latitude_deg: Latitude
    longitude_deg: Longitude
    count: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 20
    spread_m: Metres = 2_000.0
    sees_m: Metres = 4_000.0
    hears_m: Metres = 2_500.0  # a long-range drone
    reports: Share = 0.2  # of those who notice something
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=3_600)] = 120.0  # mean, until it is told


class Link(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The way of one feed to us, and what is wrong with it."""

    feed: str
    cut: tuple[Window, ...] = ()
    held: bool = False  # what was sent while it was cut comes afterwards at once; else it is gone
    loss: Share = 0.0
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report that comes ``at_s`` seconds after the start; its own times are taken from there."""

    at_s: float
    report: Report


class Traffic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Civil traffic generated by the performance table of ``traffic``."""

    flights: int
    airports: tuple[tuple[str, Latitude, Longitude], ...]


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A world to simulate."""

    title: str
    label: str  # shown as a banner: what of it is real and what is not
    sources: tuple[str, ...] = ()
    start: str  # ISO 8601 UTC
    duration_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)]
    radars: tuple[Radar, ...] = ()
    receivers: tuple[Receiver, ...] = ()
    remote_id_receivers: tuple[RemoteIdReceiver, ...] = ()
    detectors: tuple[Detector, ...] = ()
    listeners: tuple[Listener, ...] = ()
    people: tuple[People, ...] = ()
    weather: Weather = Weather()
    terrain: tuple[Ridge, ...] = ()
    interference: tuple[Interference, ...] = ()
    links: tuple[Link, ...] = ()
    flights: tuple[Flight, ...] = ()
    traffic: Traffic | None = None
    reports: tuple[Told, ...] = ()


class Variation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a run differs from the scenario as written."""

    seed: Annotated[int, msgspec.Meta(ge=0)] = 1
    # moves the movable flights
    shift_north_m: Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)] = 0.0
    drop: tuple[str, ...] = ()  # sensors that are not there
    without: tuple[
        Literal["asterix", "ads-b", "squawk-7600", "flight-plan", "ats-report"], ...
    ] = ()
    # flight plans come this much later
    late_plan_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] = 0.0


def read_scenario(data: bytes, name: str) -> Scenario:
    """The scenario of a YAML file.

    Raises:
        SourceError: it is no scenario; the message says where and what to do.
    """
    from vedette.sim.check import problems

    try:
        scenario = msgspec.convert(yaml.safe_load(data), Scenario, strict=False)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SourceError(f"scenario {name}: no YAML: {' '.join(str(error).split())}") from error
    except msgspec.ValidationError as error:
        hint = "; put it in quotes" if "Expected `str`, got" in str(error) else ""
        raise SourceError(f"scenario {name}: {error}{hint}") from error
    found = problems(scenario)
    if found:
        raise SourceError(f"scenario {name}: " + "; ".join(found))
    return scenario
