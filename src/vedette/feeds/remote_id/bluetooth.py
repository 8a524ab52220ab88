"""Remote ID in Bluetooth low energy advertising: single messages (4), packs in extended ones (5).

Sources: Bluetooth Core 5.4, Vol. 4 Part E 7.7.65 and Vol. 6 Part B 2.3, 3.1.1; the link types of
tcpdump.org; ASTM F3411-22a 5.4.6 and 5.4.7.
"""

import struct
from typing import Final

from vedette.feeds.remote_id.carried import (
    HCI_H4_PHDR,
    LE_LL_PHDR,
    LINUX_MONITOR,
    NORDIC_BLE,
    NOTHING,
    ODID,
    Carried,
    Found,
    address_text,
)
from vedette.feeds.remote_id.messages import Refused

SERVICE_DATA: Final = 0x16
SERVICE: Final = b"\xfa\xff\x0d"  # UUID 0xFFFA of ASTM, application code of Remote ID
ACCESS_ADDRESS: Final = b"\xd6\xbe\x89\x8e"  # of advertising, as octets are sent
CRC_SEED: Final = 0xAAAAAA  # 0x555555 with its bits reversed
CRC_SIZE: Final = 3
PIECES_MAX: Final = 64  # advertisers whose report has come in part
REPORT_MAX: Final = 1_650  # octets of one extended advertisement
LEGACY_PDUS: Final = frozenset((0, 2, 4, 6))
EXTENDED_PDU: Final = 7


def _crc_table() -> tuple[int, ...]:
    table = []
    for octet in range(256):
        value = octet
        for _ in range(8):
            value = value >> 1 ^ (0xDA6000 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC: Final = _crc_table()


def crc24(octets: bytes) -> bytes:
    """Check value of an advertising PDU as it is sent after it.

    Source: Bluetooth Core 5.4 Vol. 6 Part B 3.1.1, x^24 + x^10 + x^9 + x^6 + x^4 + x^3 + x + 1.
    """
    state = CRC_SEED
    for octet in octets:
        state = state >> 8 ^ _CRC[(state ^ octet) & 0xFF]
    return state.to_bytes(3, "little")


class BluetoothReader:
    """Reads HCI and link-layer packets; joins the parts of long extended advertising reports.

    Attributes:
        waits: whether the packet read last is a part to which more must come.
    """

    def __init__(self) -> None:
        self.waits = False
        self._pieces: dict[bytes, bytes] = {}

    def read_hci(self, link: int, packet: bytes) -> Found:
        """What a host controller's packet carries."""
        self.waits = False
        if link == LINUX_MONITOR:
            event = packet[4:] if packet[2:4] == b"\x00\x03" else b""
        else:
            octets = packet[4:] if link == HCI_H4_PHDR else packet
            event = octets[1:] if octets[:1] == b"\x04" else b""
        if len(event) < 4 or event[0] != 0x3E:  # LE meta
            return NOTHING
        body = event[2 : 2 + event[1]]
        is_short = len(event) - 2 < event[1]
        found = NOTHING
        if len(body) < 2:
            return NOTHING
        if body[0] == 0x02:
            found = self._reports(body, is_short)
        elif body[0] == 0x0D:
            found = self._extended_reports(body, is_short)
        return found

    def _reports(self, body: bytes, is_short: bool) -> Found:
        found: list[Found] = []
        at = 2
        for _ in range(body[1]):
            if at + 9 > len(body):
                break
            address, size = body[at + 2 : at + 8], body[at + 8]
            found.append(_advertised(body[at + 9 : at + 9 + size], address, is_short))
            at += 10 + size
        return _joined(found)

    def _extended_reports(self, body: bytes, is_short: bool) -> Found:
        found: list[Found] = []
        at = 2
        for _ in range(body[1]):
            if at + 24 > len(body):
                break
            kind, address, size = body[at] | body[at + 1] << 8, body[at + 3 : at + 9], body[at + 23]
            data = self._pieces.pop(address, b"") + body[at + 24 : at + 24 + size]
            at += 24 + size
            if kind >> 5 & 3 == 1 and len(data) <= REPORT_MAX:  # more to come
                if SERVICE not in data:
                    continue
                self._pieces[address] = data
                self.waits = True
                if len(self._pieces) > PIECES_MAX:
                    del self._pieces[next(iter(self._pieces))]
            else:
                found.append(_advertised(data, address, is_short))
        return _joined(found)

    def read_link_layer(self, link: int, packet: bytes) -> Found:
        """What a sniffed advertising packet carries; its check value must hold."""
        self.waits = False
        if link == NORDIC_BLE:
            at = packet.find(ACCESS_ADDRESS)
            return _nordic(packet[at + 4 :]) if at >= 0 else NOTHING
        flags = 0
        if link == LE_LL_PHDR:
            if len(packet) < 10:
                return NOTHING
            (flags,) = struct.unpack_from("<H", packet, 8)
            packet = packet[10:]
        if packet[:4] != ACCESS_ADDRESS:
            return NOTHING
        pdu = packet[5 if flags >> 14 == 2 else 4 :]  # the coded PHY has its coding indicator first
        if len(pdu) < 2:
            return NOTHING
        size = 2 + pdu[1]
        found = _pdu(pdu[:size], is_short=len(pdu) < size)
        known_good = flags & 0x0C00 == 0x0C00
        if found == NOTHING or known_good or crc24(pdu[:size]) == pdu[size : size + CRC_SIZE]:
            return found
        if len(pdu) < size + CRC_SIZE:
            return Found(refused=(Refused("truncated", "an advertising packet is cut off"),))
        return Found(refused=(Refused("bad_checksum", "the check value does not hold"),))


def _nordic(octets: bytes) -> Found:
    """After the access address: firmware differs in whether an octet of coding or of padding follows,
    which the check value settles.
    """
    for coding, padding in ((0, 0), (0, 1), (1, 0), (1, 1)):
        pdu = octets[coding:]
        if len(pdu) < 2:
            continue
        pdu = pdu[:2] + pdu[2 + padding :]
        size = 2 + pdu[1]
        if len(pdu) >= size + CRC_SIZE and crc24(pdu[:size]) == pdu[size : size + CRC_SIZE]:
            return _pdu(pdu[:size], is_short=False)
    if SERVICE in octets:
        return Found(refused=(Refused("bad_checksum", "the check value does not hold"),))
    return NOTHING


def _pdu(pdu: bytes, *, is_short: bool) -> Found:
    kind = pdu[0] & 15
    if kind in LEGACY_PDUS and len(pdu) >= 8:
        return _advertised(pdu[8:], pdu[2:8], is_short)
    if kind != EXTENDED_PDU or len(pdu) < 4:
        return NOTHING
    size, flags = pdu[2] & 0x3F, pdu[3]
    header = pdu[4 : 3 + size]
    address = header[:6] if size and flags & 1 else b""
    return _advertised(pdu[3 + size :], address, is_short)


def _advertised(data: bytes, address: bytes, is_short: bool) -> Found:
    """Service data of ASTM in an advertisement; ``address`` in the order in which it is sent."""
    carried: list[Carried] = []
    refused: list[Refused] = []
    at = 0
    while at + 1 < len(data) and data[at]:
        value = data[at + 1 : at + 1 + data[at]]
        if value[0] == SERVICE_DATA and value[1:4] == SERVICE:
            if len(value) < data[at]:
                what = "packet" if is_short else "advertisement"
                refused.append(Refused("truncated", f"service data run beyond their {what}"))
            name = address_text(address[::-1])
            carried.append(Carried(name, "bluetooth", ODID, value[5:]))
        at += 1 + data[at]
    return Found(tuple(carried), tuple(refused))


def _joined(found: list[Found]) -> Found:
    return Found(
        tuple(one for part in found for one in part.carried),
        tuple(one for part in found for one in part.refused),
    )
