"""Packet captures (pcap and pcapng): their packets, or the payloads of their UDP datagrams.

Sources: the Internet drafts "PCAP Capture File Format" and "PCAP Next Generation Capture File
Format", RFC 791, 768 and 8200, IEEE 802.1Q, and the list of link types of tcpdump.org.
"""

import ipaddress
import struct
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from vedette.feeds.decoder import Chunk

PACKET_MAX: Final = 262_144  # the largest snapshot length that capture tools write
BLOCK_MAX: Final = 4 * 1_048_576  # of pcapng
DATAGRAMS_MAX: Final = 64  # IPv4 and IPv6 datagrams in reassembly at one time
GARBAGE_MAX: Final = 65_536
MAGICS: Final = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1),
    b"\xa1\xb2\x3c\x4d": (">", 1),
}
SECTION: Final = b"\x0a\x0d\x0d\x0a"
INTERFACE, PACKET, SIMPLE, NAMES, STATISTICS, ENHANCED = 1, 2, 3, 4, 5, 6
# Link types
NULL, ETHERNET, RAW_OLD, RAW, LOOP, COOKED, COOKED_2, IPV4, IPV6 = (
    *(0, 1, 12, 101, 108, 113, 276, 228, 229),
)
ETHER_IPV4, ETHER_IPV6 = 0x0800, 0x86DD
VLANS: Final = frozenset((0x8100, 0x88A8, 0x9100))
UDP: Final = 17
EXTENSIONS: Final = frozenset((0, 43, 60, 135))  # IPv6 headers to step over
FRAGMENT: Final = 44
DAY_S: Final = 86_400


class _Interface(NamedTuple):
    link: int
    ticks_per_s: int  # of its time stamps
    offset_s: int


class Packet(NamedTuple):
    """One packet of a capture, as the capturing machine saw it."""

    heard_ns: int  # capture time, UTC
    link: int | None  # link type (tcpdump.org); None: octets of the file that are no capture
    data: bytes  # from the link layer's header on
    whole: int  # octets that it had on the line; more than ``data`` if it was cut off


class _Fragments:
    """One datagram in reassembly."""

    def __init__(self) -> None:
        self.parts: dict[int, bytes] = {}
        self.size: int | None = None

    def joined(self) -> bytes | None:
        """The datagram, once all of it is there."""
        if self.size is None:
            return None
        found = self.prefix()
        return found[: self.size] if len(found) >= self.size else None

    def prefix(self) -> bytes:
        """What is there from the beginning without a gap."""
        found = bytearray()
        for start in sorted(self.parts):
            if start > len(found):
                break
            found[start:] = self.parts[start]
        return bytes(found)


def is_capture(head: bytes) -> bool:
    """Whether a file that begins so is a packet capture."""
    return head[:4] in MAGICS or head[:4] == SECTION


def encode_capture(link: int, packets: Iterable[tuple[int, bytes]]) -> bytes:
    """A pcap file with times to the nanosecond.

    Args:
        link: link type of all packets.
        packets: capture time [ns UTC] and octets of each.
    """
    parts = [struct.pack("<4s2H2i2I", b"\x4d\x3c\xb2\xa1", 2, 4, 0, 0, PACKET_MAX, link)]
    for heard_ns, data in packets:
        parts.append(struct.pack("<4I", *divmod(heard_ns, 1_000_000_000), len(data), len(data)))
        parts.append(data)
    return b"".join(parts)


class CaptureReader:
    """Reads a capture packet by packet, whatever its link types.

    Octets that are no capture come out as packets without a link type, up to where packets begin
    again. Memory is bounded by one packet block.

    Attributes:
        skipped: packets that could not be given, by why ("unknown link type": of an interface
            that the file does not describe).
    """

    def __init__(self) -> None:
        self.skipped: dict[str, int] = {}
        self._rest = bytearray()
        self._order: str | None = None  # "<" or ">" once the file or section header was read
        self._tick_ns = 1_000
        self._next = False  # the newer format
        self._interfaces: list[_Interface] = []
        self._heard_ns = 0
        self._lost = False

    def push(self, data: bytes) -> Iterator[Packet]:
        """Packets completed by the next piece of the file."""
        self._rest += data
        return self._take(last=False)

    def finish(self) -> Iterator[Packet]:
        """What is left at the end of the file: a packet that was cut off."""
        yield from self._take(last=True)
        if self._rest:
            yield self._garbage(bytes(self._rest))
            self._rest.clear()

    def _garbage(self, octets: bytes) -> Packet:
        return Packet(self._heard_ns, None, octets, len(octets))

    def _take(self, *, last: bool) -> Iterator[Packet]:
        position = 0
        while True:
            if self._order is None:
                size = self._open(position)
            elif self._lost:
                size = self._search(position, last=last)
                if size > 0:
                    yield self._garbage(bytes(self._rest[position : position + size]))
                    position += size
                    continue
                if self._lost:
                    break
                size = self._size(position)
            else:
                size = self._size(position)
            if size < 0:
                if self._order is None:
                    self._order = "<"  # no capture at all: everything is garbage
                self._lost = True
                continue
            if size == 0 or position + size > len(self._rest):
                break
            packet = bytes(self._rest[position : position + size])
            position += size
            yield from self._packet(packet)
        del self._rest[:position]

    def _open(self, position: int) -> int:
        """Size of the file header; 0: too few octets, -1: none."""
        if len(self._rest) - position < 4:
            return 0
        magic = bytes(self._rest[position : position + 4])
        if magic == SECTION:
            self._next = True
            if len(self._rest) - position < 12:
                return 0
            self._order = self._section_order(position)
            return -1 if self._order is None else self._size(position)
        if magic not in MAGICS:
            return -1
        if len(self._rest) - position < 24:
            return 0
        self._order, self._tick_ns = MAGICS[magic]
        (link,) = struct.unpack_from(self._order + "I", self._rest, position + 20)
        self._interfaces = [_Interface(link & 0xFFFF, 1_000_000_000 // self._tick_ns, 0)]
        return 24

    def _section_order(self, position: int) -> str | None:
        magic = bytes(self._rest[position + 8 : position + 12])
        return {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}.get(magic)

    def _size(self, position: int) -> int:
        """Size of the record or block at ``position``; 0: too few octets, -1: none can be here."""
        order = self._order or "<"
        if self._next:
            return self._block_size(position, order)
        if len(self._rest) - position < 16:
            return 0
        seconds, rest, kept, whole = struct.unpack_from(order + "4I", self._rest, position)
        if kept > PACKET_MAX or rest * self._tick_ns >= 1_000_000_000 or kept > max(whole, 1):
            return -1
        if self._heard_ns and abs(seconds - self._heard_ns // 1_000_000_000) > 30 * DAY_S:
            return -1
        return 16 + int(kept)

    def _block_size(self, position: int, order: str) -> int:
        if len(self._rest) - position < 12:
            return 0
        if self._rest[position : position + 4] == SECTION:
            section = self._section_order(position)
            if section is None:
                return -1
            order = section
        (size,) = struct.unpack_from(order + "I", self._rest, position + 4)
        if size < 12 or size % 4 or size > BLOCK_MAX:
            return -1
        if position + size <= len(self._rest):
            (again,) = struct.unpack_from(order + "I", self._rest, position + size - 4)
            if again != size:
                return -1
        return int(size)

    def _search(self, position: int, *, last: bool) -> int:
        """How many octets are garbage before something sound; 0 if none, or if more are needed."""
        found = position
        end = len(self._rest)
        while found < end and found - position < GARBAGE_MAX:
            if self._sound(found):
                self._lost = False
                return found - position
            found += 1
        if last or found - position >= GARBAGE_MAX:
            return found - position
        return 0

    def _sound(self, position: int) -> bool:
        if not self._interfaces and not self._next:
            return False
        size = self._size(position)
        if size <= 0 or position + size > len(self._rest):
            return False
        if self._next:
            return self._rest[position : position + 4] == SECTION or bool(self._interfaces)
        # two packets in a row, or one at the very end
        after = position + size
        return size > 16 and (after == len(self._rest) or self._size(after) > 16)

    def _packet(self, block: bytes) -> Iterator[Packet]:
        order = self._order or "<"
        if not self._next:
            if len(block) == 24 and block[:4] in MAGICS:
                return
            seconds, rest, _, whole = struct.unpack_from(order + "4I", block)
            self._heard_ns = seconds * 1_000_000_000 + rest * self._tick_ns
            yield Packet(self._heard_ns, self._interfaces[0].link, block[16:], whole)
            return
        (kind,) = struct.unpack_from(order + "I", block)
        if block[:4] == SECTION:
            self._order = self._section_order_of(block)
            self._interfaces = []
        elif kind == INTERFACE and len(block) >= 20:
            self._interfaces.append(self._interface(block, order))
        elif kind == ENHANCED and len(block) >= 32:
            index, high, low, kept, whole = struct.unpack_from(order + "5I", block, 8)
            yield from self._stamped(index, high << 32 | low, block[28:-4][:kept], whole)
        elif kind == PACKET and len(block) >= 32:
            index, _, high, low, kept, whole = struct.unpack_from(order + "2H4I", block, 8)
            yield from self._stamped(index, high << 32 | low, block[28:-4][:kept], whole)
        elif kind == SIMPLE and len(block) >= 16 and self._interfaces:
            (whole,) = struct.unpack_from(order + "I", block, 8)
            link = self._interfaces[0].link
            yield Packet(self._heard_ns, link, block[12:-4][:whole], whole)

    def _section_order_of(self, block: bytes) -> str:
        return "<" if block[8:12] == b"\x4d\x3c\x2b\x1a" else ">"

    def _interface(self, block: bytes, order: str) -> _Interface:
        (link,) = struct.unpack_from(order + "H", block, 8)
        ticks_per_s, offset_s = 1_000_000, 0
        position = 16
        while position + 4 <= len(block) - 4:
            code, size = struct.unpack_from(order + "2H", block, position)
            value = block[position + 4 : position + 4 + size]
            if code == 0:
                break
            if (
                code == 9 and len(value) == 1
            ):  # if_tsresol: a power of ten, or of two with the high bit
                exponent = value[0] & 0x7F
                ticks_per_s = 2 ** min(exponent, 63) if value[0] & 0x80 else 10 ** min(exponent, 18)
            elif code == 14 and len(value) == 8:  # if_tsoffset
                (offset_s,) = struct.unpack(order + "q", value)
            position += 4 + (size + 3) // 4 * 4
        return _Interface(link, ticks_per_s, offset_s if abs(offset_s) < 2**32 else 0)

    def _stamped(self, index: int, ticks: int, frame: bytes, whole: int) -> Iterator[Packet]:
        if index >= len(self._interfaces):
            why = "unknown link type"
            self.skipped[why] = self.skipped.get(why, 0) + 1
            return
        interface = self._interfaces[index]
        heard_ns = (
            ticks * 1_000_000_000 // interface.ticks_per_s + interface.offset_s * 1_000_000_000
        )
        self._heard_ns = heard_ns if 0 <= heard_ns < 2**63 else self._heard_ns
        yield Packet(self._heard_ns, interface.link, frame, whole)


class PcapFramer:
    """Cuts a capture into the payloads of its UDP datagrams.

    Octets that are no capture come out as chunks, for the decoder to quarantine, up to where
    packets begin again. Memory is bounded by one packet block and by the datagrams in reassembly.

    Attributes:
        skipped: packets that gave no chunk or not all of one, by why ("not UDP", "other port",
            "other address", "not IP", "cut off", "unknown link type", "incomplete fragments").
    """

    def __init__(self, *, port: int | None = None, address: str | None = None) -> None:
        """Prepare for one file.

        Args:
            port: take only datagrams to this UDP port.
            address: take only datagrams to this IP address, "239.1.2.3" or "ff02::1" as the bytes
                say.
        """
        self._capture = CaptureReader()
        self.skipped = self._capture.skipped
        self._port = port
        self._address = address
        self._heard_ns = 0
        self._fragments: dict[tuple[bytes, ...], _Fragments] = {}

    def push(self, data: bytes) -> Iterable[Chunk]:
        """Payloads completed by the next piece of the file."""
        return self._payloads(self._capture.push(data))

    def finish(self) -> Iterable[Chunk]:
        """What is left at the end of the file: a packet that was cut off, datagrams with gaps."""
        yield from self._payloads(self._capture.finish())
        for fragments in self._fragments.values():
            yield from self._give_up(fragments)
        self._fragments.clear()

    def _payloads(self, packets: Iterator[Packet]) -> Iterator[Chunk]:
        for packet in packets:
            self._heard_ns = packet.heard_ns
            if packet.link is None:
                yield Chunk(packet.heard_ns, packet.data)
            else:
                yield from self._link(packet.link, packet.data, packet.whole)

    def _skip(self, why: str) -> None:
        self.skipped[why] = self.skipped.get(why, 0) + 1

    def _link(self, link: int, frame: bytes, whole: int) -> Iterator[Chunk]:
        start, kind = 0, 0
        if link == ETHERNET:
            start, kind = 14, int.from_bytes(frame[12:14], "big")
        elif link == COOKED:
            start, kind = 16, int.from_bytes(frame[14:16], "big")
        elif link == COOKED_2:
            start, kind = 20, int.from_bytes(frame[0:2], "big")
        elif link in (NULL, LOOP):
            start = 4  # an address family whose number differs by system: the IP version says more
        elif link not in (RAW, RAW_OLD, IPV4, IPV6):
            self._skip("unknown link type")
            return
        while kind in VLANS and start + 4 <= len(frame):
            kind = int.from_bytes(frame[start + 2 : start + 4], "big")
            start += 4
        packet = frame[start:]
        version = packet[0] >> 4 if packet else 0
        if not packet and len(frame) < whole:
            self._skip("cut off")
        elif kind not in (0, ETHER_IPV4, ETHER_IPV6) or version not in (4, 6):
            self._skip("not IP")
        elif version == 4:
            yield from self._ipv4(packet)
        else:
            yield from self._ipv6(packet)

    def _ipv4(self, packet: bytes) -> Iterator[Chunk]:
        if len(packet) < 20:
            self._skip("cut off")
            return
        header = (packet[0] & 15) * 4
        size, name, flags = struct.unpack_from(">3H", packet, 2)
        if packet[9] != UDP or header < 20:
            self._skip("not UDP" if header >= 20 else "not IP")
            return
        if self._address is not None and ".".join(map(str, packet[16:20])) != self._address:
            self._skip("other address")
            return
        # some network cards leave the length to the hardware and capture a zero
        body = packet[header : size if size >= header else len(packet)]
        offset, more = (flags & 0x1FFF) * 8, bool(flags & 0x2000)
        if offset or more:
            key = (packet[12:16], packet[16:20], name.to_bytes(2, "big"))
            yield from self._fragment(key, offset, body, more=more)
        else:
            yield from self._udp(body)

    def _ipv6(self, packet: bytes) -> Iterator[Chunk]:
        if len(packet) < 40:
            self._skip("cut off")
            return
        size = int.from_bytes(packet[4:6], "big")
        if self._address is not None and _ipv6_name(packet[24:40]) != self._address:
            self._skip("other address")
            return
        following, body = packet[6], packet[40 : 40 + size if size else len(packet)]
        while following in EXTENSIONS and len(body) >= 8:
            following, body = body[0], body[8 * (body[1] + 1) :]
        if following == FRAGMENT and len(body) >= 8 and body[0] == UDP:
            place = int.from_bytes(body[2:4], "big")
            key = (packet[8:24], packet[24:40], body[4:8])
            yield from self._fragment(key, place & 0xFFF8, body[8:], more=bool(place & 1))
        elif following == UDP:
            yield from self._udp(body)
        else:
            self._skip("not UDP")

    def _fragment(
        self, key: tuple[bytes, ...], offset: int, body: bytes, *, more: bool
    ) -> Iterator[Chunk]:
        fragments = self._fragments.setdefault(key, _Fragments())
        if offset + len(body) <= 65_535:
            fragments.parts[offset] = body
            if not more:
                fragments.size = offset + len(body)
        whole = fragments.joined()
        if whole is not None:
            del self._fragments[key]
            yield from self._udp(whole)
        elif len(self._fragments) > DATAGRAMS_MAX:
            yield from self._give_up(self._fragments.pop(next(iter(self._fragments))))

    def _give_up(self, fragments: _Fragments) -> Iterator[Chunk]:
        """Of a datagram with gaps, what came before the first: the decoder says what it lacks."""
        self._skip("incomplete fragments")
        beginning = fragments.prefix()
        if len(beginning) > 8:
            yield from self._udp(beginning)

    def _udp(self, body: bytes) -> Iterator[Chunk]:
        if len(body) < 8:
            self._skip("cut off")
            return
        _, port, size = struct.unpack_from(">3H", body)
        if self._port is not None and port != self._port:
            self._skip("other port")
            return
        payload = body[8 : size if size >= 8 else len(body)]
        if payload:
            yield Chunk(self._heard_ns, payload)


def _ipv6_name(address: bytes) -> str:
    return str(ipaddress.IPv6Address(address))
