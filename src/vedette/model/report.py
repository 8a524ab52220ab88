"""What people and other agencies tell us: flight plans, answers of air traffic services, sightings."""

from typing import Annotated, Final, Literal

import msgspec

Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Confidence = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Subject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which object a report speaks of: any of its marks, or a place and time."""

    track_id: str | None = None
    icao24: str | None = None  # six hexadecimal digits
    callsign: str | None = None
    mode3a: str | None = None  # four octal digits
    latitude_deg: float | None = None
    longitude_deg: float | None = None
    pressure_altitude_m: float | None = None
    valid_ns: int | None = None
    radius_m: float = 10_000.0


class FlightPlan(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="flight_plan",
):
    """A filed flight plan, reduced to what correlation needs; ``route`` is (latitude, longitude) in degrees."""

    callsign: str
    icao24: str | None = None
    mode3a: str | None = None
    aircraft_type: str | None = None  # ICAO Doc 8643 designator
    rules: Literal["I", "V", "Y", "Z"] = "I"
    departure: str
    destination: str
    departure_ns: int
    arrival_ns: int
    cruise_pressure_altitude_m: float | None = None
    cruise_speed_mps: float | None = None
    route: tuple[tuple[float, float], ...] = ()
    filed_ns: int


class Airway(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="airway",
):
    """A published air traffic service route, or a part of it; ``route`` is (latitude, longitude) in degrees."""

    designator: str  # "UN873"
    route: Annotated[
        tuple[tuple[Latitude, Longitude], ...], msgspec.Meta(min_length=2, max_length=500)
    ]
    half_width_m: Annotated[float, msgspec.Meta(gt=0, le=50_000)] = (
        9_260.0  # 5 NM, of RNAV 5 routes
    )
    lower_pressure_altitude_m: float | None = None
    upper_pressure_altitude_m: float | None = None
    source: str = ""
    valid_ns: int


class RegisteredAircraft(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="aircraft",
):
    """A row of an aircraft database: what an address belongs to."""

    icao24: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{6}$")]
    typecode: str = ""  # ICAO Doc 8643 designator, "A320"
    description: Annotated[str, msgspec.Meta(max_length=3)] = ""  # of Doc 8643, "L2J"
    military: bool = False
    registration: str | None = None
    operator: str | None = None
    source: str = ""
    valid_ns: int


class AtsReport(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="ats_report",
):
    """What civil air traffic services say of an object."""

    subject: Subject
    says: Literal[
        "radio_contact_lost",
        "radio_contact",
        "ours",  # a known civil flight
        "not_ours",
        "distress",
        "unlawful_interference",
        "route_clearance",
        "authorised",  # a state aircraft with permission to enter
    ]
    unit: str  # "EETT ACC"
    valid_ns: int
    text: str = ""


class Sighting(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="sighting",
):
    """A person's report of something seen or heard. ``reporter`` is personal: sealed in the record."""

    subject: Subject
    seen: str
    reporter: str
    valid_ns: int
    confidence: Confidence = 0.5


class RemotePilot(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    tag_field="type",
    tag="remote_pilot",
):
    """Who flies a drone and from where, as the drone itself broadcasts it: a claim, like all it sends.

    ``REMOTE_PILOT_PERSONAL`` names the personal fields: sealed in the record.
    """

    sensor_id: str  # the receiver
    track_number: int | None = None  # its number for the transmitter, as in its plots
    remote_id: str | None = None  # of the drone, as in its plots
    operator_id: str | None = None
    registration: str | None = None  # that an authority gave the aircraft or its owner
    latitude_deg: float | None = None  # of the operator
    longitude_deg: float | None = None
    height_hae_m: float | None = None
    place: Literal["takeoff", "live", "fixed"] | None = None  # what that position is
    words: str | None = None  # the operator's own, of the flight
    valid_ns: int


REMOTE_PILOT_PERSONAL: Final = (
    "operator_id",
    "registration",
    "latitude_deg",
    "longitude_deg",
    "height_hae_m",
    "words",
)

Report = FlightPlan | Airway | RegisteredAircraft | AtsReport | Sighting | RemotePilot
