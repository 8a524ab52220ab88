"""Identification elements of Wi-Fi beacons that are not Remote ID: DJI's and the French one.

Sources: DJI DroneID as in the Kaitai definition of Kismet (F. van Tienen, J. Dumon) and N. Schiller et al.,
"Drone Security and the Mysterious Case of DJI's DroneID", NDSS 2023; the French one is defined by the
arrêté of 27 December 2019 (JORF 0303, text 90), whose codes opendroneid-core-c has too.
"""

import math
import struct
from typing import Final, NamedTuple

from vedette.feeds.remote_id.messages import SERIAL, Refused, readable
from vedette.feeds.remote_id.transmitters import Fix, Operator

DJI_MARK: Final = b"\x58\x62\x13"
TELEMETRY, PURPOSE = 0x10, 0x11
SERIAL_SIZE: Final = 16
# version, sequence, state, serial, longitude, latitude, altitude, height, velocities north, east, up,
# then of version 1: pitch, roll, yaw, home; of version 2: yaw, time, operator, home; product, id of the user
_DJI_1: Final = struct.Struct("<BHH16sii8hiiBB20s")
_DJI_2: Final = struct.Struct("<BHH16sii6hQiiiiBB20s")
RADIAN: Final = 1e7  # units of an angle
# Codes of the French element
VERSION, ID_FR, ID_ANSI, LATITUDE, LONGITUDE = 1, 2, 3, 4, 5
HOME_LATITUDE, HOME_LONGITUDE, SPEED, HEADING = 8, 9, 10, 11
_NUMBERS: Final = {LATITUDE: 4, LONGITUDE: 4, 6: 2, 7: 2, HOME_LATITUDE: 4, HOME_LONGITUDE: 4}


class Stated(NamedTuple):
    """What such an element says."""

    name: str  # what kind of message it is
    ids: dict[int, str] = {}  # noqa: RUF012 - never changed
    fix: Fix | None = None
    operator: Operator | None = None


def read_dji(data: bytes) -> Stated | Refused:
    """An element of DJI, after its OUI.

    Identity and positions only: the units of heights and speeds differ between the sources, and so do
    the meanings of the validity flags.
    """
    if data[:3] != DJI_MARK or len(data) < 5:
        return Refused("unknown_type", "an element of DJI that is no DroneID")
    if data[3] != TELEMETRY:  # text of the user's own
        return Stated("dji droneid purpose" if data[3] == PURPOSE else "dji droneid other")
    layout = {1: _DJI_1, 2: _DJI_2}.get(data[4])
    if layout is None:
        return Refused("unknown_version", f"DJI DroneID version {data[4]}")
    if len(data) < 4 + layout.size:
        return Refused("truncated", f"DJI DroneID of {len(data) - 4} octets, not {layout.size}")
    values = layout.unpack_from(data, 4)
    serial = readable(values[3])
    place = _dji_place(values[5], values[4])
    wrong = _beyond(values[5], values[4])
    if wrong:
        return Refused("out_of_range", wrong)
    operator = None
    if data[4] == 2:
        live, home = _dji_place(values[13], values[14]), _dji_place(values[16], values[15])
    else:
        live, home = None, _dji_place(values[15], values[14])
    if live is not None:
        operator = Operator(latitude_deg=live[0], longitude_deg=live[1], place="live")
    elif home is not None:
        operator = Operator(latitude_deg=home[0], longitude_deg=home[1], place="takeoff")
    return Stated(
        "dji droneid",
        {} if serial is None else {SERIAL: serial},
        Fix(
            key=data,
            latitude_deg=None if place is None else place[0],
            longitude_deg=None if place is None else place[1],
        ),
        operator,
    )


def blank_dji(data: bytes) -> bytes:
    """The same element without operator, home and user; all of it after its head if it is no telemetry."""
    layout = {1: _DJI_1, 2: _DJI_2}.get(data[4]) if len(data) > 4 else None
    if len(data) < 4 or data[3] != TELEMETRY or layout is None or len(data) < 4 + layout.size:
        return data[:4] + bytes(max(0, len(data) - 4))
    # what is personal: from the operator's or home position to the end, but the product's code
    start = 4 + layout.size - 38 if data[4] == 2 else 4 + layout.size - 30
    product = 4 + layout.size - 22
    blank = bytearray(data[: 4 + layout.size])
    blank[start:product] = bytes(product - start)
    blank[product + 1 :] = bytes(len(blank) - product - 1)
    return bytes(blank)


def read_french(data: bytes) -> Stated | Refused:
    """The French element, after its OUI: a type, then codes with length and value.

    Altitude above mean sea level and height above take-off have no place in a plot and are left out.
    """
    found: dict[int, bytes] = {}
    at = 1
    while at + 2 <= len(data):
        code, size = data[at], data[at + 1]
        value = data[at + 2 : at + 2 + size]
        if len(value) < size or (code in _NUMBERS and size != _NUMBERS[code]):
            return Refused(
                "bad_length", f"French identification: code {code} of {len(value)} octets"
            )
        found.setdefault(code, value)
        at += 2 + size
    if data[:1] != b"\x01" or not found:
        return Refused("unknown_type", "no French identification")
    if found.get(VERSION) != b"\x01":
        return Refused("unknown_version", "French identification of another version")
    serial = readable(found.get(ID_ANSI) or found.get(ID_FR, b""))
    place = _french_place(found, LATITUDE, LONGITUDE)
    home = _french_place(found, HOME_LATITUDE, HOME_LONGITUDE)
    heading = int.from_bytes(found[HEADING], "big") if HEADING in found else None
    fix = Fix(
        key=data,
        latitude_deg=None if place is None else place[0],
        longitude_deg=None if place is None else place[1],
        ground_speed_mps=float(found[SPEED][0]) if found.get(SPEED) else None,
        track_angle_rad=None if heading is None or heading > 360 else math.radians(heading % 360),
    )
    operator = None
    if home is not None:
        operator = Operator(latitude_deg=home[0], longitude_deg=home[1], place="takeoff")
    return Stated("french beacon", {} if serial is None else {SERIAL: serial}, fix, operator)


def blank_french(data: bytes) -> bytes:
    """The same element with a take-off position of 0."""
    blank = bytearray(data)
    at = 1
    while at + 2 <= len(data):
        code, size = data[at], data[at + 1]
        if code in (HOME_LATITUDE, HOME_LONGITUDE):
            end = min(len(data), at + 2 + size)
            blank[at + 2 : end] = bytes(end - at - 2)
        at += 2 + size
    return bytes(blank)


def _french_place(found: dict[int, bytes], north: int, east: int) -> tuple[float, float] | None:
    if north not in found or east not in found:
        return None
    latitude, longitude = (
        int.from_bytes(found[code], "big", signed=True) for code in (north, east)
    )
    is_known = (latitude or longitude) and abs(latitude) <= 9e6 and abs(longitude) <= 18e6
    return (latitude / 1e5, longitude / 1e5) if is_known else None


def _dji_place(latitude: int, longitude: int) -> tuple[float, float] | None:
    """Degrees; None where both are 0 or one is beyond its range."""
    if not (latitude or longitude) or _beyond(latitude, longitude):
        return None
    return math.degrees(latitude / RADIAN), math.degrees(longitude / RADIAN)


def _beyond(latitude: int, longitude: int) -> str | None:
    if abs(latitude) <= math.pi / 2 * RADIAN + 1 and abs(longitude) <= math.pi * RADIAN + 1:
        return None
    return f"position ({latitude / RADIAN}, {longitude / RADIAN}) rad"
