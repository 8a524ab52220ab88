"""The 25-octet messages of ASTM F3411-22a, which ASD-STAN EN 4709-002 shares.

Every message keeps the codes as sent, so that decoding and encoding are exact inverses on all octets;
properties give what the codes mean, unknown as None. ``of`` makes a message from what is meant.

Source: ASTM F3411-22a, 5.4.5, tables 4 to 13; the code lists as in opendroneid-core-c.
"""

import math
import struct
import uuid
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from vedette.model.time import SECOND_NS

MESSAGE_SIZE: Final = 25
PACK_MAX: Final = 9  # messages in a pack; ten in the edition of 2019
VERSION: Final = 2  # F3411-22a; 0 is F3411-19, 1 is ASD-STAN prEN 4709-002
VERSION_MAX: Final = 2
BASIC_ID, LOCATION, AUTHENTICATION, SELF_ID, SYSTEM, OPERATOR_ID, PACK = 0, 1, 2, 3, 4, 5, 15
EPOCH_NS: Final = 1_546_300_800 * SECOND_NS  # 2019-01-01, of the time stamps in whole seconds
HOUR_TENTHS: Final = 36_000
UNKNOWN_TIME: Final = 0xFFFF

# 95 % bounds of the accuracy codes from 1 on; 0 is unknown, and so are the reserved ones
HORIZONTAL_M: Final = (18_520.0, 7_408.0, 3_704.0, 1_852.0, 926.0, 555.6, 185.2, 92.6, 30, 10, 3, 1)
VERTICAL_M: Final = (150.0, 45.0, 25.0, 10.0, 3.0, 1.0)
# Radius that holds 95 % of a circular normal distribution, and half width that holds 95 % of a
# normal one, both in standard deviations of one axis
RADIUS_95: Final = math.sqrt(-2.0 * math.log(0.05))
HALF_WIDTH_95: Final = 1.959964

SERIAL, REGISTRATION, UTM_UUID, SESSION = 1, 2, 3, 4
UNDECLARED, GROUND, AIRBORNE, EMERGENCY, SYSTEM_FAILURE = 0, 1, 2, 3, 4


class Refused(NamedTuple):
    """Why octets are no message: a code that can be counted, and words."""

    reason: str
    detail: str


class _Message(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    version: int = VERSION


class BasicId(_Message, frozen=True, kw_only=True):
    """Who the aircraft is."""

    id_type: int
    ua_type: int
    uas_id: bytes  # 20 octets
    reserved: bytes = bytes(3)

    @classmethod
    def of(cls, text: str, *, id_type: int = SERIAL, ua_type: int = 0) -> "BasicId":
        """From an id as ``text`` gives it: characters, a UUID, or for a session id hexadecimal digits."""
        if id_type == UTM_UUID:
            octets = uuid.UUID(text).bytes
        else:
            octets = bytes.fromhex(text) if id_type == SESSION else text.encode("ascii")
        return cls(id_type=id_type, ua_type=ua_type, uas_id=_fixed(octets, 20))

    @property
    def text(self) -> str | None:
        """The id in characters; a session id, being binary, in hexadecimal digits."""
        if self.id_type == UTM_UUID:
            return str(uuid.UUID(bytes=self.uas_id[:16])) if any(self.uas_id[:16]) else None
        if self.id_type == SESSION:
            return self.uas_id.rstrip(b"\0").hex() or None
        return readable(self.uas_id) if self.id_type in (SERIAL, REGISTRATION) else None


class Location(_Message, frozen=True, kw_only=True):
    """Where the aircraft is and how it moves."""

    status: int
    reserved_flag: int = 0
    height_type: int = 0  # 0 above take-off, 1 above ground
    east_west: int  # adds 180 degrees
    multiplier: int
    direction: int
    speed: int
    vertical_speed: int
    latitude: int
    longitude: int
    pressure_altitude: int
    geodetic_altitude: int
    height: int
    vertical_accuracy: int = 0
    horizontal_accuracy: int = 0
    pressure_accuracy: int = 0
    speed_accuracy: int = 0
    timestamp: int  # tenths of seconds after the hour, UTC
    reserved_nibble: int = 0
    timestamp_accuracy: int = 0
    reserved: int = 0

    @classmethod
    def of(
        cls,
        *,
        valid_ns: int | None = None,
        latitude_deg: float | None = None,
        longitude_deg: float | None = None,
        pressure_altitude_m: float | None = None,
        height_hae_m: float | None = None,
        ground_speed_mps: float | None = None,
        track_angle_rad: float | None = None,
        vertical_rate_mps: float | None = None,
        position_sigma_m: float | None = None,
        height_sigma_m: float | None = None,
        status: int = UNDECLARED,
    ) -> "Location":
        """From values in the units of the plot table; None is sent as unknown.

        Values beyond what the format holds are sent as its largest.
        """
        degrees = None if track_angle_rad is None else round(math.degrees(track_angle_rad)) % 360
        east_west, direction = (1, 181) if degrees is None else divmod(degrees, 180)
        if ground_speed_mps is None:
            multiplier, speed = 1, 255
        elif ground_speed_mps <= 63.75:
            multiplier, speed = 0, max(0, round(ground_speed_mps / 0.25))
        else:
            multiplier, speed = 1, min(254, round((ground_speed_mps - 63.75) / 0.75))
        placed = latitude_deg is not None and longitude_deg is not None
        climb = vertical_rate_mps
        return cls(
            status=status,
            east_west=east_west,
            multiplier=multiplier,
            direction=direction,
            speed=speed,
            vertical_speed=126 if climb is None else max(-124, min(124, round(climb * 2))),
            latitude=_angle(latitude_deg) if placed else 0,
            longitude=_angle(longitude_deg) if placed else 0,
            pressure_altitude=_altitude_code(pressure_altitude_m),
            geodetic_altitude=_altitude_code(height_hae_m),
            height=0,
            horizontal_accuracy=_accuracy_code(position_sigma_m, HORIZONTAL_M, RADIUS_95),
            vertical_accuracy=_accuracy_code(height_sigma_m, VERTICAL_M, HALF_WIDTH_95),
            timestamp=UNKNOWN_TIME if valid_ns is None else valid_ns // 10**8 % HOUR_TENTHS,
        )

    @property
    def latitude_deg(self) -> float | None:
        """None where both coordinates are 0 (unknown) or one is beyond its range."""
        return self.latitude / 1e7 if self.is_placed else None

    @property
    def longitude_deg(self) -> float | None:
        """As ``latitude_deg``."""
        return self.longitude / 1e7 if self.is_placed else None

    @property
    def is_placed(self) -> bool:
        """Whether it has a position that can be on Earth."""
        return is_place(self.latitude, self.longitude)

    @property
    def pressure_altitude_m(self) -> float | None:
        """Above 1013.25 hPa."""
        return altitude_m(self.pressure_altitude)

    @property
    def height_hae_m(self) -> float | None:
        """Above the WGS 84 ellipsoid."""
        return altitude_m(self.geodetic_altitude)

    @property
    def ground_speed_mps(self) -> float | None:
        """Of two scales."""
        if self.multiplier:
            return None if self.speed == 255 else 63.75 + 0.75 * self.speed
        return 0.25 * self.speed

    @property
    def track_angle_rad(self) -> float | None:
        """Clockwise from true north; 361 degrees say that it is unknown."""
        degrees = self.direction + 180 * self.east_west
        return math.radians(degrees % 360) if degrees <= 360 else None

    @property
    def vertical_rate_mps(self) -> float | None:
        """63 m/s say that it is unknown."""
        return 0.5 * self.vertical_speed if -124 <= self.vertical_speed <= 124 else None

    @property
    def position_sigma_m(self) -> float | None:
        """Of one axis, from the 95 % radius."""
        return _sigma_m(self.horizontal_accuracy, HORIZONTAL_M, RADIUS_95)

    @property
    def height_sigma_m(self) -> float | None:
        """Of the height that is given: geodetic, or else barometric."""
        code = self.pressure_accuracy if self.pressure_altitude else 0
        if self.geodetic_altitude:
            code = self.vertical_accuracy
        return _sigma_m(code, VERTICAL_M, HALF_WIDTH_95)

    def wrong(self) -> str | None:
        """What cannot be true and was left out, in words."""
        found = []
        if not self.is_placed and (self.latitude or self.longitude):
            found.append(f"position ({self.latitude / 1e7:.5f}, {self.longitude / 1e7:.5f})")
        if self.direction + 180 * self.east_west > 361:
            found.append(f"direction {self.direction + 180 * self.east_west} degrees")
        if self.vertical_rate_mps is None and self.vertical_speed != 126:
            found.append(f"vertical speed {self.vertical_speed * 0.5} m/s")
        if HOUR_TENTHS < self.timestamp < UNKNOWN_TIME:
            found.append(f"time {self.timestamp / 10} s after the hour")
        return ", ".join(found) or None


class Authentication(_Message, frozen=True, kw_only=True):
    """A page of a signature, which nothing here verifies; page 0 begins with its length and time."""

    auth_type: int
    page: int
    data: bytes  # 23 octets


class SelfId(_Message, frozen=True, kw_only=True):
    """What the operator says of the flight, in his own words."""

    kind: int  # 0 text, 1 emergency, 2 extended status
    description: bytes  # 23 octets

    @classmethod
    def of(cls, text: str, *, kind: int = 0) -> "SelfId":
        """From a text of at most 23 characters."""
        return cls(kind=kind, description=_fixed(text.encode("ascii"), 23))

    @property
    def text(self) -> str | None:
        """The words."""
        return readable(self.description)


class System(_Message, frozen=True, kw_only=True):
    """Where the operator is, and for how many aircraft this speaks."""

    reserved_flags: int = 0
    classification: int = 0
    location_type: int  # of the operator: 0 take-off, 1 live, 2 fixed
    latitude: int
    longitude: int
    area_count: int = 1
    area_radius: int = 0  # [10 m]
    area_ceiling: int = 0
    area_floor: int = 0
    eu_category: int = 0
    eu_class: int = 0
    geodetic_altitude: int = 0  # of the operator
    timestamp: int = 0  # [s] since 2019
    reserved: int = 0

    @classmethod
    def of(
        cls,
        *,
        latitude_deg: float | None,
        longitude_deg: float | None,
        height_hae_m: float | None = None,
        location_type: int = 1,
        valid_ns: int | None = None,
    ) -> "System":
        """From the operator's position; None is sent as unknown."""
        placed = latitude_deg is not None and longitude_deg is not None
        return cls(
            location_type=location_type,
            latitude=_angle(latitude_deg) if placed else 0,
            longitude=_angle(longitude_deg) if placed else 0,
            geodetic_altitude=_altitude_code(height_hae_m),
            timestamp=0 if valid_ns is None else max(0, (valid_ns - EPOCH_NS) // SECOND_NS),
        )

    @property
    def is_placed(self) -> bool:
        """Whether the operator has a position that can be on Earth."""
        return is_place(self.latitude, self.longitude)

    @property
    def latitude_deg(self) -> float | None:
        """Of the operator."""
        return self.latitude / 1e7 if self.is_placed else None

    @property
    def longitude_deg(self) -> float | None:
        """Of the operator."""
        return self.longitude / 1e7 if self.is_placed else None

    @property
    def height_hae_m(self) -> float | None:
        """Of the operator, above the WGS 84 ellipsoid."""
        return altitude_m(self.geodetic_altitude)


class OperatorId(_Message, frozen=True, kw_only=True):
    """The registration number of the operator: a person or a company."""

    kind: int = 0
    operator_id: bytes  # 20 octets
    reserved: bytes = bytes(3)

    @classmethod
    def of(cls, text: str) -> "OperatorId":
        """From a number of at most 20 characters."""
        return cls(operator_id=_fixed(text.encode("ascii"), 20))

    @property
    def text(self) -> str | None:
        """The number."""
        return readable(self.operator_id)


Message = BasicId | Location | Authentication | SelfId | System | OperatorId

_LOCATION: Final = struct.Struct("<BBBbiiHHHBBHBB")
_SYSTEM: Final = struct.Struct("<BiiHBHHBHIB")


def readable(octets: bytes) -> str | None:
    """Characters up to the first NUL; others than printable ASCII as escapes; None if there are none."""
    text = octets.split(b"\0", 1)[0].strip(b" ")
    return "".join(chr(c) if 32 <= c < 127 else f"\\x{c:02x}" for c in text) or None


def altitude_m(code: int) -> float | None:
    """Steps of half a metre from -1,000 m on, which itself says unknown."""
    return 0.5 * code - 1_000.0 if code else None


def is_place(latitude: int, longitude: int) -> bool:
    """Whether coordinates in 1e-7 degrees can be on Earth; both 0 say unknown."""
    on_earth = abs(latitude) <= 900_000_000 and abs(longitude) <= 1_800_000_000
    return on_earth and bool(latitude or longitude)


def decode_message(data: bytes) -> Message | Refused:
    """One message of 25 octets, or why it is none. A pack is none: ``unpack`` gives its messages."""
    if len(data) != MESSAGE_SIZE:
        return Refused("bad_length", f"a message has 25 octets, not {len(data)}")
    kind, version, flags = data[0] >> 4, data[0] & 15, data[1]
    if version > VERSION_MAX:
        return Refused("unknown_version", f"protocol version {version}")
    high, low = flags >> 4, flags & 15
    if kind == BASIC_ID:
        return BasicId(
            version=version, id_type=high, ua_type=low, uas_id=data[2:22], reserved=data[22:]
        )
    if kind == LOCATION:
        return _location(data, version)
    if kind == AUTHENTICATION:
        return Authentication(version=version, auth_type=high, page=low, data=data[2:])
    if kind == SELF_ID:
        return SelfId(version=version, kind=flags, description=data[2:])
    if kind == SYSTEM:
        return _system(data, version)
    if kind == OPERATOR_ID:
        return OperatorId(version=version, kind=flags, operator_id=data[2:22], reserved=data[22:])
    return Refused("unknown_type", f"message type {kind}")


def _location(data: bytes, version: int) -> Location:
    flags, *values = _LOCATION.unpack_from(data, 1)
    return Location(
        version=version,
        status=flags >> 4,
        reserved_flag=flags >> 3 & 1,
        height_type=flags >> 2 & 1,
        east_west=flags >> 1 & 1,
        multiplier=flags & 1,
        direction=values[0],
        speed=values[1],
        vertical_speed=values[2],
        latitude=values[3],
        longitude=values[4],
        pressure_altitude=values[5],
        geodetic_altitude=values[6],
        height=values[7],
        vertical_accuracy=values[8] >> 4,
        horizontal_accuracy=values[8] & 15,
        pressure_accuracy=values[9] >> 4,
        speed_accuracy=values[9] & 15,
        timestamp=values[10],
        reserved_nibble=values[11] >> 4,
        timestamp_accuracy=values[11] & 15,
        reserved=values[12],
    )


def _system(data: bytes, version: int) -> System:
    flags, *values = _SYSTEM.unpack_from(data, 1)
    return System(
        version=version,
        reserved_flags=flags >> 5,
        classification=flags >> 2 & 7,
        location_type=flags & 3,
        latitude=values[0],
        longitude=values[1],
        area_count=values[2],
        area_radius=values[3],
        area_ceiling=values[4],
        area_floor=values[5],
        eu_category=values[6] >> 4,
        eu_class=values[6] & 15,
        geodetic_altitude=values[7],
        timestamp=values[8],
        reserved=values[9],
    )


def encode_message(message: Message) -> bytes:
    """The 25 octets of a message."""
    if isinstance(message, Location):
        return _location_octets(message)
    if isinstance(message, System):
        return _system_octets(message)
    if isinstance(message, BasicId):
        kind, flags = BASIC_ID, message.id_type << 4 | message.ua_type
        rest = message.uas_id + message.reserved
    elif isinstance(message, Authentication):
        kind, flags = AUTHENTICATION, message.auth_type << 4 | message.page
        rest = message.data
    elif isinstance(message, SelfId):
        kind, flags, rest = SELF_ID, message.kind, message.description
    else:
        kind, flags = OPERATOR_ID, message.kind
        rest = message.operator_id + message.reserved
    return bytes((kind << 4 | message.version, flags)) + rest


def _location_octets(location: Location) -> bytes:
    one = location
    flags = one.status << 4 | one.reserved_flag << 3 | one.height_type << 2
    return bytes((LOCATION << 4 | one.version,)) + _LOCATION.pack(
        flags | one.east_west << 1 | one.multiplier,
        *(one.direction, one.speed, one.vertical_speed, one.latitude, one.longitude),
        *(one.pressure_altitude, one.geodetic_altitude, one.height),
        one.vertical_accuracy << 4 | one.horizontal_accuracy,
        one.pressure_accuracy << 4 | one.speed_accuracy,
        one.timestamp,
        one.reserved_nibble << 4 | one.timestamp_accuracy,
        one.reserved,
    )


def _system_octets(system: System) -> bytes:
    one = system
    return bytes((SYSTEM << 4 | one.version,)) + _SYSTEM.pack(
        one.reserved_flags << 5 | one.classification << 2 | one.location_type,
        *(one.latitude, one.longitude, one.area_count, one.area_radius),
        *(one.area_ceiling, one.area_floor),
        one.eu_category << 4 | one.eu_class,
        *(one.geodetic_altitude, one.timestamp, one.reserved),
    )


def unpack(data: bytes) -> tuple[list[bytes], Refused | None]:
    """The messages of a pack, and what is wrong with it; whole messages of a cut one are given.

    Octets after the last message are no fault: transports pad.
    """
    if len(data) < 3 or data[0] >> 4 != PACK:
        return [], Refused("bad_length", "no message pack")
    if data[0] & 15 > VERSION_MAX:
        return [], Refused("unknown_version", f"protocol version {data[0] & 15}")
    size, count = data[1], data[2]
    if size != MESSAGE_SIZE or not 1 <= count <= PACK_MAX + 1:
        return [], Refused("bad_length", f"a pack of {count} messages of {size} octets")
    there = min(count, (len(data) - 3) // MESSAGE_SIZE)
    found = [data[3 + 25 * i : 28 + 25 * i] for i in range(there)]
    if there < count:
        return found, Refused("truncated", f"{there} of {count} messages of a pack")
    return found, None


def pack(messages: Sequence[Message | bytes], *, version: int = VERSION) -> bytes:
    """A pack of one to nine messages.

    Raises:
        ValueError: there are none or too many.
    """
    if not 1 <= len(messages) <= PACK_MAX:
        raise ValueError(f"a pack holds 1 to {PACK_MAX} messages, not {len(messages)}")
    parts = [one if isinstance(one, bytes) else encode_message(one) for one in messages]
    return bytes((PACK << 4 | version, MESSAGE_SIZE, len(parts))) + b"".join(parts)


def _fixed(octets: bytes, size: int) -> bytes:
    if len(octets) > size:
        raise ValueError(f"{octets!r} has more than {size} octets")
    return octets.ljust(size, b"\0")


def _angle(degrees: float | None) -> int:
    return round((degrees or 0.0) * 1e7)


def _altitude_code(metres: float | None) -> int:
    return 0 if metres is None else max(1, min(0xFFFF, round((metres + 1_000.0) * 2)))


def _accuracy_code(sigma_m: float | None, bounds_m: Sequence[float], factor: float) -> int:
    """The finest code whose bound holds; 0 where none does."""
    if sigma_m is None:
        return 0
    # a sigma that a code gave must find the same code again
    return sum(bound_m >= sigma_m * factor * (1 - 1e-9) for bound_m in bounds_m)


def _sigma_m(code: int, bounds_m: Sequence[float], factor: float) -> float | None:
    return bounds_m[code - 1] / factor if 1 <= code <= len(bounds_m) else None
