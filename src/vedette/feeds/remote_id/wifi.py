"""Remote ID in IEEE 802.11 frames: beacons and neighbour awareness networking (NAN).

Sources: IEEE 802.11-2020 9.3.3 and 9.4.2; radiotap.org; Wi-Fi Aware 4.0, tables for the NAN
attributes; ASTM F3411-22a 5.4.8 and 5.4.9.
"""

import struct
import zlib
from typing import Final

from vedette.feeds.remote_id.carried import (
    AVS,
    DJI,
    FRENCH,
    NOTHING,
    ODID,
    PRISM,
    RADIOTAP,
    Carried,
    Found,
    address_text,
)
from vedette.feeds.remote_id.messages import Refused

ODID_ELEMENT: Final = b"\xfa\x0b\xbc\x0d"  # OUI of ASD-STAN, and the type of Remote ID
DJI_ELEMENT: Final = b"\x26\x37\x12"
FRENCH_ELEMENT: Final = b"\x6a\x5c\x35"  # arrêté of 27 December 2019, JORF 0303
NAN_ACTION: Final = (
    b"\x04\x09\x50\x6f\x9a\x13"  # public action, vendor specific, Wi-Fi Alliance, NAN
)
SERVICE_ID: Final = b"\x88\x69\x19\x9d\x92\x09"  # of the SHA-256 of "org.opendroneid.remoteid"
SERVICE_DESCRIPTOR: Final = 3
VENDOR_ELEMENT: Final = 221
BEACON, PROBE_RESPONSE, ACTION, ACTION_NO_ACK = 0x80, 0x50, 0xD0, 0xE0
HEADER: Final = 24
FCS: Final = 4


def read_wifi(link: int, packet: bytes) -> Found:
    """What an 802.11 packet of one of the Wi-Fi link types carries."""
    start, has_fcs, is_bad = 0, False, False
    if link == RADIOTAP:
        start, has_fcs, is_bad = _radiotap(packet)
    elif link in (PRISM, AVS):
        start = _other_header(packet)
    if start < 0 or start + HEADER > len(packet):
        return NOTHING
    frame = packet[start:]
    subtype, flags = frame[0], frame[1]
    if subtype not in (BEACON, PROBE_RESPONSE, ACTION, ACTION_NO_ACK) or flags & 0x40:
        return NOTHING  # other frames, and encrypted ones
    if has_fcs:
        checked, fcs = frame[:-FCS], frame[-FCS:]
        is_bad = is_bad or zlib.crc32(checked) != int.from_bytes(fcs, "little")
        frame = checked
    body = frame[HEADER + (4 if flags & 0x80 else 0) :]
    transmitter = address_text(frame[10:16])
    if subtype in (BEACON, PROBE_RESPONSE):
        found = _elements(body[12:], transmitter)
    elif body.startswith(NAN_ACTION):
        found = _attributes(body[len(NAN_ACTION) :], transmitter)
    else:
        return NOTHING
    if is_bad and found != NOTHING:
        return Found(refused=(Refused("bad_checksum", "the frame check sequence does not hold"),))
    return found


def _elements(body: bytes, transmitter: str) -> Found:
    """Vendor elements of a beacon."""
    carried: list[Carried] = []
    refused: list[Refused] = []
    at = 0
    while at + 2 <= len(body):
        element, size = body[at], body[at + 1]
        value = body[at + 2 : at + 2 + size]
        if element == VENDOR_ELEMENT:
            if value.startswith(ODID_ELEMENT):
                # after the message counter, which tells nothing that the messages do not
                carried.append(Carried(transmitter, "wifi beacon", ODID, value[5:]))
            elif value.startswith(DJI_ELEMENT):
                carried.append(Carried(transmitter, "wifi beacon", DJI, value[3:]))
            elif value.startswith(FRENCH_ELEMENT):
                carried.append(Carried(transmitter, "wifi beacon", FRENCH, value[3:]))
            if carried and len(value) < size:
                refused.append(Refused("truncated", "an element runs beyond its frame"))
        at += 2 + size
    return Found(tuple(carried), tuple(refused))


def _attributes(body: bytes, transmitter: str) -> Found:
    """Service descriptors of a NAN service discovery frame."""
    carried: list[Carried] = []
    refused: list[Refused] = []
    at = 0
    while at + 3 <= len(body):
        kind, size = struct.unpack_from("<BH", body, at)
        value = body[at + 3 : at + 3 + size]
        if kind == SERVICE_DESCRIPTOR and value.startswith(SERVICE_ID):
            if len(value) < size:
                refused.append(Refused("truncated", "an attribute runs beyond its frame"))
            info = _service_info(value)
            if info:
                carried.append(Carried(transmitter, "wifi nan", ODID, info[1:]))
        at += 3 + size
    return Found(tuple(carried), tuple(refused))


def _service_info(descriptor: bytes) -> bytes:
    """Service information of a descriptor, after the optional fields before it."""
    if len(descriptor) < 9:
        return b""
    control, at = descriptor[8], 9
    at += 2 if control & 0x40 else 0  # binding bitmap
    for flag in (0x04, 0x08):  # matching filter, service response filter
        if control & flag and at < len(descriptor):
            at += 1 + descriptor[at]
    if not control & 0x10 or at >= len(descriptor):
        return b""
    return descriptor[at + 1 : at + 1 + descriptor[at]]


def _radiotap(packet: bytes) -> tuple[int, bool, bool]:
    """Where the frame begins (-1: nowhere), whether it ends with its check sequence, and whether that
    was found bad.
    """
    if len(packet) < 8 or packet[0] != 0:
        return -1, False, False
    (size,) = struct.unpack_from("<H", packet, 2)
    at, present = 8, int.from_bytes(packet[4:8], "little")
    more = present
    while more >> 31 and at + 4 <= size <= len(packet):
        more = int.from_bytes(packet[at : at + 4], "little")
        at += 4
    if present & 1:  # TSFT, aligned to its eight octets
        at = (at + 7) // 8 * 8 + 8
    flags = packet[at] if present & 2 and at < min(size, len(packet)) else 0
    return size, bool(flags & 0x10), bool(flags & 0x40)


def _other_header(packet: bytes) -> int:
    """Length of a Prism or AVS header, which share one link type; -1 for neither."""
    if len(packet) < 8:
        return -1
    if packet[:2] == b"\x80\x21":  # AVS, big-endian
        return int.from_bytes(packet[4:8], "big")
    for order in ("<", ">"):
        code, size = struct.unpack_from(order + "2I", packet)
        if code in (0x41, 0x44) and size <= len(packet):
            return int(size)
    return -1
