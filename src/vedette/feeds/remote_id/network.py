"""Remote ID as JSON: flights of network service providers, and lines of receivers.

Sources: the OpenAPI definition of ASTM F3411-22a and F3411-19 (annex A4), flights and their details. The
lines of receivers are ours; see docs/reference/feeds-remote-id.md.
"""

import math
from collections.abc import Iterator
from typing import Annotated, Any, Final

import msgspec

from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.documents import Document, DocumentReader
from vedette.feeds.remote_id.messages import (
    AIRBORNE,
    EMERGENCY,
    GROUND,
    HALF_WIDTH_95,
    HORIZONTAL_M,
    RADIUS_95,
    REGISTRATION,
    SERIAL,
    SESSION,
    SYSTEM_FAILURE,
    UNDECLARED,
    UTM_UUID,
    VERTICAL_M,
    Refused,
)
from vedette.feeds.remote_id.transmitters import PLACES, Fix, Operator, Transmitters
from vedette.model.sensor import Sensor
from vedette.model.time import parse_utc

TIME_MAX: Final = (1 << 63) - 1
DETAIL_MAX: Final = 500  # characters of a fault's words
UA_TYPES: Final = {
    "Aeroplane": 1,
    "Helicopter": 2,
    "Gyroplane": 3,
    "HybridLift": 4,
    "VTOL": 4,
    "Ornithopter": 5,
    "Glider": 6,
    "Kite": 7,
    "FreeBalloon": 8,
    "CaptiveBalloon": 9,
    "Airship": 10,
    "FreeFallOrParachute": 11,
    "Rocket": 12,
    "TetheredPoweredAircraft": 13,
    "GroundObstacle": 14,
    "Other": 15,
}
STATUSES: Final = {
    "Undeclared": UNDECLARED,
    "Ground": GROUND,
    "Airborne": AIRBORNE,
    "Emergency": EMERGENCY,
    "RemoteIDSystemFailure": SYSTEM_FAILURE,
}
_HA: Final = (
    "10NM",
    "4NM",
    "2NM",
    "1NM",
    "05NM",
    "03NM",
    "01NM",
    "005NM",
    "30m",
    "10m",
    "3m",
    "1m",
)
HORIZONTAL: Final = dict(
    zip((f"HA{name}" for name in _HA), (m / RADIUS_95 for m in HORIZONTAL_M), strict=True)
)
_VA: Final = ("150m", "45m", "25m", "10m", "3m", "1m")
VERTICAL: Final = dict(
    zip((f"VA{name}" for name in _VA), (m / HALF_WIDTH_95 for m in VERTICAL_M), strict=True)
)
UNKNOWN_M: Final = -1_000.0
ALTITUDES_M: Final = (UNKNOWN_M, 100_000.0)

Name = Annotated[str, msgspec.Meta(max_length=256)]
Words = Annotated[str, msgspec.Meta(max_length=4_096)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]


class _Time(msgspec.Struct, frozen=True):
    value: Name
    format: str = "RFC3339"


class _Position(msgspec.Struct, frozen=True):
    lat: Latitude | None = None
    lng: Longitude | None = None
    alt: float | None = None
    accuracy_h: str | None = None
    accuracy_v: str | None = None
    extrapolated: bool | None = None
    pressure_altitude: float | None = None


class _State(msgspec.Struct, frozen=True):
    timestamp: _Time | str
    position: _Position
    operational_status: str | None = None
    track: float | None = None
    speed: float | None = None
    vertical_speed: float | None = None


class _Flight(msgspec.Struct, frozen=True):
    id: Name
    aircraft_type: str | None = None
    current_state: _State | None = None
    simulated: bool | None = None


class _LatLng(msgspec.Struct, frozen=True):
    lat: Latitude
    lng: Longitude


class _Altitude(msgspec.Struct, frozen=True):
    value: float
    reference: str = "W84"
    units: str = "M"


class _OperatorLocation(msgspec.Struct, frozen=True):
    """Of edition 22a (with ``position``) or 19 (the coordinates themselves)."""

    position: _LatLng | None = None
    altitude: _Altitude | None = None
    altitude_type: str | None = None
    lat: Latitude | None = None
    lng: Longitude | None = None


class _UasId(msgspec.Struct, frozen=True):
    serial_number: Name | None = None
    registration_id: Name | None = None
    registration_number: Name | None = None
    utm_id: Name | None = None
    specific_session_id: Name | None = None


class _Details(msgspec.Struct, frozen=True):
    id: Name
    operator_id: Name | None = None
    operator_location: _OperatorLocation | None = None
    operation_description: Words | None = None
    uas_id: _UasId | None = None
    serial_number: Name | None = None
    registration_number: Name | None = None


class _DetailsResponse(msgspec.Struct, frozen=True):
    details: _Details


class _Flights(msgspec.Struct, frozen=True):
    flights: tuple[_Flight, ...]
    timestamp: _Time | str | None = None


class _Line(msgspec.Struct, frozen=True):
    """What a receiver logged: one message or pack."""

    transmitter: Name
    message: str
    received: str | int | None = None  # ISO 8601, or ns UTC
    sealed: bool = False  # what was personal in the message has been taken out


_any: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_flights: Final = msgspec.json.Decoder(_Flights)
_details: Final = msgspec.json.Decoder(_DetailsResponse)
_line: Final = msgspec.json.Decoder(_Line)
_errors: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def _document(data: bytes) -> _Flights | _DetailsResponse | _Line | Refused:
    try:
        names = _any.decode(data)
    except _errors as error:
        return Refused("bad_json", str(error))
    try:
        if "flights" in names:
            return _flights.decode(data)
        if "details" in names:
            return _details.decode(data)
        if "message" in names:
            return _line.decode(data)
    except _errors as error:
        return Refused("out_of_range", str(error))
    return Refused("unknown_type", 'an object without "flights", "details" or "message"')


def instant_ns(text: _Time | str | int | None) -> int | None:
    """Nanoseconds of a time as these documents write it; None if it cannot be read."""
    if isinstance(text, _Time):
        text = text.value
    if isinstance(text, str):
        try:
            text = parse_utc(text)
        except (ValueError, OverflowError):
            return None
    return text if text is not None and 0 <= text <= TIME_MAX else None


class RemoteIdJsonDecoder:
    """Reads flights, their details, and lines of receivers; half an object waits for the rest.

    A flight is taken for a transmitter whose name is its id.
    """

    def __init__(self, feed_id: str, sensor: Sensor | None) -> None:
        """As for ``RemoteIdDecoder``."""
        self.feed_id = feed_id
        self._documents = DocumentReader()
        self._transmitters = Transmitters(feed_id, sensor)

    def decode(self, data: bytes, received_ns: int, raw_ref: int) -> Decoded:
        """Plots, reports, faults and counts of one chunk. Never raises, whatever the bytes are."""
        for document in self._documents.push(data):
            if document.is_object:
                self._take(document, received_ns)
            else:
                why = Refused("bad_json", "octets that are no JSON object")
                self._transmitters.fault(why, document.data, document.offset, received_ns)
        return self._transmitters.take(received_ns, raw_ref)

    def _take(self, document: Document, received_ns: int) -> None:
        found = _document(document.data)
        refused: list[Refused] = []
        if isinstance(found, Refused):
            refused.append(found)
        elif isinstance(found, _Line):
            refused += self._hear(found, document, received_ns)
        elif isinstance(found, _DetailsResponse):
            self._transmitters.count("flight details")
            self._tell(found.details, received_ns)
        else:
            self._transmitters.count("flights")
            for flight in found.flights:
                refused += self._fly(flight, received_ns)
        if refused:  # one fault for an object, which holds it whole
            details = "; ".join(why.detail for why in refused)
            why = Refused(refused[0].reason, details[:DETAIL_MAX])
            self._transmitters.fault(why, document.data, document.offset, received_ns)

    def _hear(self, line: _Line, document: Document, received_ns: int) -> list[Refused]:
        heard_ns = received_ns if line.received is None else instant_ns(line.received)
        if heard_ns is None:
            return [Refused("out_of_range", f"received: {line.received!r} is no time")]
        try:
            octets = bytes.fromhex(line.message)
        except ValueError:
            return [Refused("out_of_range", "message: no hexadecimal digits")]
        self._transmitters.count("line")
        self._transmitters.hear(
            line.transmitter.lower(), octets, heard_ns, document.offset, received_ns
        )
        if line.sealed:
            self._transmitters.seal(line.transmitter.lower(), heard_ns)
        return []

    def _fly(self, flight: _Flight, received_ns: int) -> list[Refused]:
        heard = self._transmitters
        if flight.simulated:
            heard.count("simulated flight")
            return []
        heard.count("flight")
        state = flight.current_state
        if state is None:  # an area in which it may be: no position
            heard.count("flight without state")
            return []
        fix, wrong = _fix(flight.id, state)
        ua_type = None if flight.aircraft_type is None else UA_TYPES.get(flight.aircraft_type, 0)
        if fix is not None:
            heard.state("flight " + flight.id, received_ns, ids={}, ua_type=ua_type, fixes=[fix])
        return [Refused("out_of_range", f"flight {flight.id}: {what}") for what in wrong]

    def _tell(self, details: _Details, received_ns: int) -> None:
        uas = details.uas_id or _UasId()
        ids = {
            SERIAL: uas.serial_number or details.serial_number,
            REGISTRATION: (
                uas.registration_id or uas.registration_number or details.registration_number
            ),
            UTM_UUID: uas.utm_id,
            SESSION: uas.specific_session_id,
        }
        where = details.operator_location or _OperatorLocation()
        place = where.position
        if place is None and where.lat is not None and where.lng is not None:
            place = _LatLng(where.lat, where.lng)
        if place is not None and not (place.lat or place.lng):
            place = None
        level = where.altitude
        is_ellipsoidal = level is not None and level.reference == "W84" and level.units == "M"
        kinds = {"Takeoff": PLACES[0], "Dynamic": PLACES[1], "Fixed": PLACES[2]}

        def known(operator: Operator) -> Operator:
            return operator._replace(
                operator_id=details.operator_id or operator.operator_id,
                latitude_deg=None if place is None else place.lat,
                longitude_deg=None if place is None else place.lng,
                height_hae_m=level.value if level is not None and is_ellipsoidal else None,
                place=None if place is None else kinds.get(where.altitude_type or ""),
                words=details.operation_description or None,
            )

        self._transmitters.state(
            "flight " + details.id,
            received_ns,
            ids={kind: text for kind, text in ids.items() if text},
            ua_type=None,
            fixes=[],
            operator=known,
        )


def _fix(flight_id: str, state: _State) -> tuple[Fix | None, list[str]]:
    """What a state says, and what in it cannot be true; without a time it says nothing."""
    valid_ns = instant_ns(state.timestamp)
    if valid_ns is None:
        return None, ["timestamp"]
    position, wrong = state.position, []

    def within(
        name: str, value: float | None, unknown: float, low: float, high: float
    ) -> float | None:
        if value is None or value == unknown:
            return None
        if not low <= value <= high:
            wrong.append(f"{name} {value}")
            return None
        return value

    track_deg = within("track", state.track, 361.0, 0.0, 360.0)
    is_placed = position.lat is not None and position.lng is not None
    is_placed = is_placed and bool(position.lat or position.lng)
    return (
        Fix(
            key=(flight_id, state),
            valid_ns=valid_ns,
            latitude_deg=position.lat if is_placed else None,
            longitude_deg=position.lng if is_placed else None,
            position_sigma_m=HORIZONTAL.get(position.accuracy_h or ""),
            pressure_altitude_m=within(
                "pressure altitude", position.pressure_altitude, UNKNOWN_M, *ALTITUDES_M
            ),
            height_hae_m=within("altitude", position.alt, UNKNOWN_M, *ALTITUDES_M),
            height_sigma_m=VERTICAL.get(position.accuracy_v or ""),
            ground_speed_mps=within("speed", state.speed, 255.0, 0.0, 254.25),
            track_angle_rad=None if track_deg is None else math.radians(track_deg % 360.0),
            vertical_rate_mps=within("vertical speed", state.vertical_speed, 63.0, -62.0, 62.0),
            status=STATUSES.get(state.operational_status or "", UNDECLARED),
        ),
        wrong,
    )


class RemoteIdJsonFramer:
    """Cuts a file of such objects into one chunk each, at the time that each states.

    That is "received" of a line and "timestamp" of a list of flights; others, and octets that are no
    object, take the time of the one before. Times do not go back.
    """

    def __init__(self) -> None:
        self._documents = DocumentReader()
        self._latest_ns = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Chunks completed by the next piece of the file."""
        return self._chunks(data)

    def finish(self) -> Iterator[Chunk]:
        """What is left at the end of the file; half an object comes with it."""
        yield from self._chunks(b"\n")
        rest = self._documents.rest
        self._documents = DocumentReader()
        if rest.strip():
            yield Chunk(self._latest_ns, rest)

    def _chunks(self, data: bytes) -> Iterator[Chunk]:
        for document in self._documents.push(data):
            if document.is_object:
                self._latest_ns = max(self._latest_ns, _stated_ns(document.data))
            yield Chunk(self._latest_ns, document.data + b"\n")


def _stated_ns(data: bytes) -> int:
    found = _document(data)
    if isinstance(found, _Flights):
        return instant_ns(found.timestamp) or 0
    return (instant_ns(found.received) or 0) if isinstance(found, _Line) else 0


def sniff_json(head: bytes) -> bool:
    """Whether a file that begins so is one of these; a first object longer than ``head`` by its names."""
    for document in DocumentReader().push(head):
        return document.is_object and not isinstance(_document(document.data), Refused)
    start = head.lstrip()[:1] == b"{"
    return start and b'"flights"' in head and b'"current_state"' in head


def encode_line(transmitter: str, message: bytes, received_ns: int) -> bytes:
    """A line of a receiver: one message of 25 octets or a pack."""
    line: dict[str, Any] = {"transmitter": transmitter, "received": received_ns}
    return msgspec.json.encode(line | {"message": message.hex()}) + b"\n"
