"""MAVLink 2 frames and the OPEN_DRONE_ID messages in them.

Sources: mavlink.io "Serialization" and "Open Drone ID", message definitions of common.xml; check value
of ITU-T X.25 over the frame and one octet that stands for the message's definition.
"""

import struct
from typing import Final, NamedTuple

START, START_1 = 0xFD, 0xFE
HEADER, HEADER_1 = 10, 6
CHECK: Final = 2
SIGNATURE: Final = 13
SIGNED: Final = 0x01


class BasicIdPayload(NamedTuple):
    """OPEN_DRONE_ID_BASIC_ID (12900)."""

    target_system: int
    target_component: int
    id_or_mac: bytes  # of another drone that was heard; zeros: of the sender itself
    id_type: int
    ua_type: int
    uas_id: bytes


class LocationPayload(NamedTuple):
    """OPEN_DRONE_ID_LOCATION (12901)."""

    latitude: int  # [1e-7 deg]
    longitude: int
    altitude_barometric: float  # [m]; -1000 unknown
    altitude_geodetic: float
    height: float
    timestamp: float  # [s] after the hour; 65535 unknown
    direction: int  # [0.01 deg]; 36100 unknown
    speed_horizontal: int  # [cm/s]; 25500 unknown
    speed_vertical: int  # [cm/s]; 6300 unknown
    target_system: int
    target_component: int
    id_or_mac: bytes
    status: int
    height_reference: int
    horizontal_accuracy: int
    vertical_accuracy: int
    barometer_accuracy: int
    speed_accuracy: int
    timestamp_accuracy: int


class AuthenticationPayload(NamedTuple):
    """OPEN_DRONE_ID_AUTHENTICATION (12902)."""

    timestamp: int
    target_system: int
    target_component: int
    id_or_mac: bytes
    authentication_type: int
    data_page: int
    last_page_index: int
    length: int
    authentication_data: bytes


class SelfIdPayload(NamedTuple):
    """OPEN_DRONE_ID_SELF_ID (12903)."""

    target_system: int
    target_component: int
    id_or_mac: bytes
    description_type: int
    description: bytes


class SystemPayload(NamedTuple):
    """OPEN_DRONE_ID_SYSTEM (12904)."""

    operator_latitude: int  # [1e-7 deg]
    operator_longitude: int
    area_ceiling: float
    area_floor: float
    operator_altitude_geo: float  # [m]; -1000 unknown
    timestamp: int  # [s] since 2019
    area_count: int
    area_radius: int
    target_system: int
    target_component: int
    id_or_mac: bytes
    operator_location_type: int
    classification_type: int
    category_eu: int
    class_eu: int


class OperatorIdPayload(NamedTuple):
    """OPEN_DRONE_ID_OPERATOR_ID (12905)."""

    target_system: int
    target_component: int
    id_or_mac: bytes
    operator_id_type: int
    operator_id: bytes


class MessagePackPayload(NamedTuple):
    """OPEN_DRONE_ID_MESSAGE_PACK (12915): messages of 25 octets as they are broadcast."""

    target_system: int
    target_component: int
    id_or_mac: bytes
    single_message_size: int
    msg_pack_size: int
    messages: bytes  # 225 octets


class ArmStatusPayload(NamedTuple):
    """OPEN_DRONE_ID_ARM_STATUS (12918)."""

    status: int
    error: bytes


class SystemUpdatePayload(NamedTuple):
    """OPEN_DRONE_ID_SYSTEM_UPDATE (12919): the operator moved."""

    operator_latitude: int
    operator_longitude: int
    operator_altitude_geo: float
    timestamp: int
    target_system: int
    target_component: int


Payload = (
    BasicIdPayload
    | LocationPayload
    | AuthenticationPayload
    | SelfIdPayload
    | SystemPayload
    | OperatorIdPayload
    | MessagePackPayload
    | ArmStatusPayload
    | SystemUpdatePayload
)


class Layout(NamedTuple):
    """How one message is laid out, and the octet of its definition in the check value."""

    kind: type[Payload]
    octets: struct.Struct
    extra: int
    name: str  # as counted


LAYOUTS: Final[dict[int, Layout]] = {
    12900: Layout(BasicIdPayload, struct.Struct("<BB20sBB20s"), 114, "basic id"),
    12901: Layout(LocationPayload, struct.Struct("<iiffffHHhBB20s7B"), 254, "location"),
    12902: Layout(AuthenticationPayload, struct.Struct("<IBB20s4B23s"), 140, "authentication"),
    12903: Layout(SelfIdPayload, struct.Struct("<BB20sB23s"), 249, "self id"),
    12904: Layout(SystemPayload, struct.Struct("<iifffIHHBB20s4B"), 77, "system"),
    12905: Layout(OperatorIdPayload, struct.Struct("<BB20sB20s"), 49, "operator id"),
    12915: Layout(MessagePackPayload, struct.Struct("<BB20sBB225s"), 94, "message pack"),
    12918: Layout(ArmStatusPayload, struct.Struct("<B50s"), 139, "arm status"),
    12919: Layout(SystemUpdatePayload, struct.Struct("<iifIBB"), 7, "system update"),
}
IDS: Final = {layout.kind: number for number, layout in LAYOUTS.items()}


class Frame(NamedTuple):
    """One frame of MAVLink 2 with a message that is read here."""

    payload: Payload
    sequence: int = 0
    system: int = 1
    component: int = 1
    compatible: int = 0  # flags that a reader may ignore
    signature: bytes = b""  # 13 octets of a signed frame, not verified


class Cut(NamedTuple):
    """One piece of a stretch of octets."""

    kind: str  # "frame", "other", "mavlink 1", "bad_checksum", "unknown_flags" or "garbage"
    data: bytes
    offset: int
    frame: Frame | None = None


def _table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        value = octet
        for _ in range(8):
            value = value >> 1 ^ (0x8408 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_X25: Final = _table()


def check_value(octets: bytes) -> int:
    """CRC-16/MCRF4XX, as MAVLink uses it.

    >>> hex(check_value(b"123456789"))
    '0x6f91'
    """
    value = 0xFFFF
    for octet in octets:
        value = value >> 8 ^ _X25[(value ^ octet) & 0xFF]
    return value


def encode_frame(frame: Frame) -> bytes:
    """Octets of a frame; zeros at the end of its payload are left out, as the format asks."""
    number = IDS[type(frame.payload)]
    layout = LAYOUTS[number]
    payload = layout.octets.pack(*frame.payload).rstrip(b"\0") or b"\0"
    flags = SIGNED if frame.signature else 0
    head = bytes((len(payload), flags, frame.compatible, frame.sequence, frame.system))
    body = head + bytes((frame.component,)) + number.to_bytes(3, "little") + payload
    check = check_value(body + bytes((layout.extra,)))
    return bytes((START,)) + body + check.to_bytes(2, "little") + frame.signature


def frame_size(head: bytes) -> int:
    """Size of the frame that begins so; 0: too few octets, -1: none begins here."""
    if not head:
        return 0
    if head[0] == START_1:
        return HEADER_1 + head[1] + CHECK if len(head) > 1 else 0
    if head[0] != START:
        return -1
    if len(head) < 3:
        return 0
    return HEADER + head[1] + CHECK + (SIGNATURE if head[2] & SIGNED else 0)


def message_number(frame: bytes) -> int | None:
    """Number of the message in a frame of MAVLink 2; None for MAVLink 1."""
    is_next = len(frame) >= HEADER and frame[0] == START
    return int.from_bytes(frame[7:10], "little") if is_next else None


def cut_frames(stretch: bytes) -> tuple[list[Cut], int]:
    """Frames of a stretch and what lies between; how many octets are settled.

    A frame of another message, whose check value cannot be known, counts if another begins after it.
    """
    cuts: list[Cut] = []
    at = garbage = 0
    while at < len(stretch):
        size = frame_size(stretch[at : at + 3])
        if size == 0 or (size > 0 and at + size > len(stretch)):
            break
        cut: Cut | None = None
        if size > 0:
            octets = stretch[at : at + size]
            cut = _known(octets, at)
            if cut is None:
                if at + size == len(stretch):
                    break
                if stretch[at + size] in (START, START_1):
                    cut = _unread(octets, at)
        if cut is None:
            at += 1
            continue
        if garbage < at:
            cuts.append(Cut("garbage", stretch[garbage:at], garbage))
        cuts.append(cut)
        at += size
        garbage = at
    if garbage < at:
        cuts.append(Cut("garbage", stretch[garbage:at], garbage))
    return cuts, at


def _known(octets: bytes, at: int) -> Cut | None:
    """A frame whose check value holds."""
    number = message_number(octets)
    layout = LAYOUTS.get(number) if number is not None else None
    if layout is None or octets[2] & ~SIGNED:
        return None
    end = HEADER + octets[1]
    check = check_value(octets[1:end] + bytes((layout.extra,)))
    if octets[end : end + CHECK] != check.to_bytes(2, "little"):
        return None
    # longer than we know: fields that were added later; shorter: zeros left out
    payload = octets[HEADER:end][: layout.octets.size].ljust(layout.octets.size, b"\0")
    frame = Frame(
        payload=layout.kind(*layout.octets.unpack(payload)),
        sequence=octets[4],
        system=octets[5],
        component=octets[6],
        compatible=octets[3],
        signature=octets[end + CHECK :],
    )
    return Cut("frame", octets, at, frame)


def _unread(octets: bytes, at: int) -> Cut:
    number = message_number(octets)
    if number is None:
        return Cut("mavlink 1", octets, at)
    if number not in LAYOUTS:
        return Cut("other", octets, at)
    return Cut("unknown_flags" if octets[2] & ~SIGNED else "bad_checksum", octets, at)
