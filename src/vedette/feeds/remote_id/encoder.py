"""Remote ID as drones send it: frames of every transport, and plots back to chunks."""

import math
import struct
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import pyarrow as pa

from vedette.feeds.remote_id.bluetooth import ACCESS_ADDRESS, SERVICE, SERVICE_DATA, crc24
from vedette.feeds.remote_id.carried import (
    HCI_H4,
    IEEE802_11,
    LE_LL,
    RADIOTAP,
)
from vedette.feeds.remote_id.messages import (
    AIRBORNE,
    EMERGENCY,
    GROUND,
    SESSION,
    UNDECLARED,
    UTM_UUID,
    BasicId,
    Location,
    Message,
    OperatorId,
    System,
    encode_message,
    pack,
)
from vedette.feeds.remote_id.packets import encode_packet
from vedette.feeds.remote_id.wifi import (
    ACTION,
    BEACON,
    NAN_ACTION,
    ODID_ELEMENT,
    SERVICE_DESCRIPTOR,
    SERVICE_ID,
    VENDOR_ELEMENT,
)
from vedette.model.report import RemotePilot

Transport = Literal["wifi beacon", "wifi nan", "bluetooth 4", "bluetooth 5"]
BROADCAST: Final = b"\xff" * 6
NAN_GROUP: Final = b"\x51\x6f\x9a\x01\x00\x00"
NAN_CLUSTER: Final = b"\x50\x6f\x9a\x01\x00\xff"  # that ASTM fixes
UA_TYPES: Final = {"drone_small": 2, "drone_long_range": 1, "balloon": 8}
PLACES: Final = {"takeoff": 0, "live": 1, "fixed": 2}
_COLUMNS: Final = (
    "latitude_deg",
    "longitude_deg",
    "pressure_altitude_m",
    "height_hae_m",
    "ground_speed_mps",
    "track_angle_rad",
    "vertical_rate_mps",
    "position_sigma_m",
    "height_sigma_m",
)


def beacon(address: bytes, payload: bytes, *, counter: int = 0, ssid: bytes = b"RID") -> bytes:
    """An 802.11 beacon with a pack.

    Args:
        address: six octets of the transmitter.
        payload: the pack.
        counter: of messages, modulo 256.
        ssid: name of the network that the beacon pretends to be.
    """
    value = ODID_ELEMENT + bytes((counter & 255,)) + payload
    elements = bytes((0, len(ssid))) + ssid + b"\x01\x01\x8c"
    elements += bytes((VENDOR_ELEMENT, len(value))) + value
    head = _management(BEACON, BROADCAST, address, address)
    return head + bytes(8) + struct.pack("<2H", 100, 0x0420) + elements


def nan_discovery(address: bytes, payload: bytes, *, counter: int = 0) -> bytes:
    """An 802.11 service discovery frame of neighbour awareness networking with a pack."""
    info = bytes((counter & 255,)) + payload
    descriptor = SERVICE_ID + bytes((1, 0, 0x10, len(info))) + info
    attributes = struct.pack("<BH", SERVICE_DESCRIPTOR, len(descriptor)) + descriptor
    attributes += struct.pack("<BHBHB", 14, 4, 1, 0x0200, counter & 255)
    return _management(ACTION, NAN_GROUP, address, NAN_CLUSTER) + NAN_ACTION + attributes


def _management(subtype: int, target: bytes, source: bytes, bssid: bytes) -> bytes:
    return bytes((subtype, 0, 0, 0)) + target + source + bssid + bytes(2)


def with_radiotap(frame: bytes) -> bytes:
    """An 802.11 frame with its check sequence behind a radiotap header that says so."""
    header = struct.pack("<BBHI", 0, 0, 9, 1 << 1) + b"\x10"
    return header + frame + zlib.crc32(frame).to_bytes(4, "little")


def advertisement(payload: bytes, *, counter: int = 0) -> bytes:
    """Advertising data with a message (Bluetooth 4) or a pack (5)."""
    value = bytes((SERVICE_DATA,)) + SERVICE + bytes((counter & 255,)) + payload
    return bytes((len(value),)) + value


def legacy_packet(address: bytes, data: bytes) -> bytes:
    """A link-layer packet of Bluetooth 4 advertising (ADV_NONCONN_IND), from its access address on."""
    pdu = bytes((0x42, 6 + len(data))) + address[::-1] + data
    return ACCESS_ADDRESS + pdu + crc24(pdu)


def extended_packet(address: bytes, data: bytes) -> bytes:
    """A link-layer packet of Bluetooth 5 extended advertising (AUX_ADV_IND)."""
    header = b"\x09" + address[::-1] + b"\x00\x10"  # address, and data id with its set
    pdu = bytes((0x47, 1 + len(header) + len(data), len(header))) + header + data
    return ACCESS_ADDRESS + pdu + crc24(pdu)


def hci_report(address: bytes, data: bytes) -> bytes:
    """An HCI H4 event that reports a Bluetooth 4 advertisement."""
    body = b"\x02\x01\x03\x01" + address[::-1] + bytes((len(data),)) + data + b"\xc4"
    return b"\x04\x3e" + bytes((len(body),)) + body


def hci_extended_reports(address: bytes, data: bytes, *, part: int = 229) -> list[bytes]:
    """HCI H4 events that report an extended advertisement, in parts if it is long."""
    parts = [data[at : at + part] for at in range(0, len(data), part)] or [b""]
    events = []
    for number, piece in enumerate(parts):
        status = 0x20 if number + 1 < len(parts) else 0
        body = b"\x0d\x01" + struct.pack("<HB", status, 1) + address[::-1]
        body += b"\x03\x03\x00\x7f\xc4" + bytes(9) + bytes((len(piece),)) + piece
        events.append(b"\x04\x3e" + bytes((len(body),)) + body)
    return events


def encode_packets(
    transport: Transport, address: bytes, messages: Sequence[Message], *, counter: int = 0
) -> list[tuple[int, bytes]]:
    """Messages of one transmitter as packets with their link types.

    Args:
        transport: "bluetooth 4" takes a packet for each message, the others one for all.
        address: six octets of the transmitter.
        messages: at most nine.
        counter: of messages, modulo 256.
    """
    if transport == "bluetooth 4":
        return [
            (LE_LL, legacy_packet(address, advertisement(encode_message(one), counter=counter)))
            for one in messages
        ]
    payload = pack(messages)
    if transport == "bluetooth 5":
        return [(LE_LL, extended_packet(address, advertisement(payload, counter=counter)))]
    if transport == "wifi nan":
        return [(IEEE802_11, nan_discovery(address, payload, counter=counter))]
    return [(RADIOTAP, with_radiotap(beacon(address, payload, counter=counter)))]


def encode_hci(address: bytes, messages: Sequence[Message]) -> list[tuple[int, bytes]]:
    """The same as a host controller reports them: single messages, and a pack if there are several."""
    if len(messages) == 1:
        return [(HCI_H4, hci_report(address, advertisement(encode_message(messages[0]))))]
    data = advertisement(pack(messages))
    return [(HCI_H4, event) for event in hci_extended_reports(address, data)]


class RemoteIdEncoder:
    """Plots as the packets that drones would have sent.

    A drone is told apart by ``remote_id``, else by ``track_number``; its radio address is made from that.
    """

    def __init__(self, transport: Transport = "wifi beacon") -> None:
        """Prepare for one feed whose drones all use ``transport``."""
        self._transport: Transport = transport
        self._counters: dict[bytes, int] = {}

    def encode(self, plots: pa.Table, pilots: Iterable[RemotePilot] = ()) -> bytes:
        """A chunk with one statement for each plot, in their order.

        Args:
            plots: PLOT rows; of these are sent position, heights, speeds, sigmas, ``remote_id``, and what
                follows from ``class_hint``, ``on_ground`` and ``emergency``.
            pilots: operators, found by ``remote_id``; sent with every plot of their drone.

        Raises:
            ValueError: a ``remote_id`` is no serial number of 20 characters, UUID or session id, or an
                operator's id is longer than 20 characters.
        """
        operators = {pilot.remote_id: pilot for pilot in pilots}
        found: list[bytes] = []
        for row in plots.to_pylist():
            messages = messages_of(row, operators.get(row["remote_id"]))
            address = radio_address(row["remote_id"] or str(row["track_number"]))
            counter = self._counters[address] = self._counters.get(address, -1) + 1
            packets = encode_packets(self._transport, address, messages, counter=counter)
            found += [encode_packet(link, packet) for link, packet in packets]
        return b"".join(found)


def radio_address(name: str) -> bytes:
    """A locally administered address of six octets that stands for a name."""
    return b"\x02" + zlib.crc32(name.encode()).to_bytes(5, "big")


def messages_of(row: dict[str, Any], pilot: RemotePilot | None = None) -> list[Message]:
    """Messages that say what a row of the plot table says, identity first."""
    messages: list[Message] = []
    ua_type = UA_TYPES.get(row["class_hint"], 0)
    if row["remote_id"] is not None:
        messages.append(_basic_id(row["remote_id"], ua_type))
    status = GROUND if row["on_ground"] else UNDECLARED if row["on_ground"] is None else AIRBORNE
    if row["emergency"] not in (None, "none"):
        status = EMERGENCY
    values = {name: row[name] for name in _COLUMNS}
    angle = values["track_angle_rad"]
    values["track_angle_rad"] = None if angle is None else angle % (2 * math.pi)
    messages.append(Location.of(valid_ns=row["valid_ns"], status=status, **values))
    if pilot is not None:
        messages.append(
            System.of(
                latitude_deg=pilot.latitude_deg,
                longitude_deg=pilot.longitude_deg,
                height_hae_m=pilot.height_hae_m,
                location_type=PLACES.get(pilot.place or "live", 1),
                valid_ns=pilot.valid_ns,
            )
        )
        if pilot.operator_id is not None:
            messages.append(OperatorId.of(pilot.operator_id))
    return messages


def _basic_id(text: str, ua_type: int) -> BasicId:
    """A UUID or a session id as such; anything else must be a serial number.

    Raises:
        ValueError: it is none of these.
    """
    if len(text) == 36 and text.count("-") == 4:
        return BasicId.of(text, id_type=UTM_UUID, ua_type=ua_type)
    if len(text) > 20:
        return BasicId.of(text, id_type=SESSION, ua_type=ua_type)
    return BasicId.of(text, ua_type=ua_type)
