"""The chunks of a Remote ID feed: link-layer packets, each with its link type, one after the other.

A packet is preceded by eight octets: two that mark it, its link type and its size, big-endian.
"""

import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from vedette.feeds.decoder import Chunk
from vedette.feeds.pcap import CaptureReader, Packet, is_capture
from vedette.feeds.remote_id.bluetooth import BluetoothReader
from vedette.feeds.remote_id.carried import (
    DJI,
    FRENCH,
    HCI_LINKS,
    LE_LINKS,
    LINKS,
    NOTHING,
    ODID,
    WIFI_LINKS,
    Carried,
    Found,
    address_text,
)
from vedette.feeds.remote_id.wifi import read_wifi

MARK: Final = b"\xd1\x1d"
PACKET_MAX: Final = 16_384  # more than any frame of these radios has
PLAIN: Final = 147  # link type for one's own use: a payload without its radio frame
SEALED: Final = 0x80  # flag of a plain payload whose personal part was taken out
TRANSPORTS: Final = ("wifi beacon", "wifi nan", "bluetooth")
FORMS: Final = (ODID, DJI, FRENCH)
_HEAD: Final = struct.Struct(">2sHI")


class Cut(NamedTuple):
    """One piece of a stretch of octets: a packet, or what is none."""

    link: int | None  # None: octets that are no packet
    data: bytes
    offset: int  # of ``data`` within the stretch


def encode_packet(link: int, data: bytes) -> bytes:
    """A packet as a chunk holds it."""
    return _HEAD.pack(MARK, link, len(data)) + data


def encode_plain(carried: Carried, *, is_sealed: bool = False) -> bytes:
    """A payload as a packet of its own, as a chunk holds it."""
    address = bytes.fromhex(carried.transmitter.replace(":", "")).rjust(6, b"\0")
    kind = TRANSPORTS.index(carried.transport) << 2 | FORMS.index(carried.form)
    flags = kind | (SEALED if is_sealed else 0)
    return encode_packet(PLAIN, address[:6] + bytes((flags,)) + carried.data)


def cut_packets(stretch: bytes) -> tuple[list[Cut], int]:
    """Packets of a stretch and what lies between them; how many octets are settled."""
    cuts: list[Cut] = []
    at = 0
    while at < len(stretch):
        if stretch[at : at + 2] != MARK[: len(stretch) - at]:
            end = _next_mark(stretch, at + 1)
            cuts.append(Cut(None, stretch[at:end], at))
            at = end
            continue
        if at + _HEAD.size > len(stretch):
            break
        _, link, size = _HEAD.unpack_from(stretch, at)
        if size > PACKET_MAX:
            end = _next_mark(stretch, at + 1)
            cuts.append(Cut(None, stretch[at:end], at))
            at = end
            continue
        start = at + _HEAD.size
        if start + size > len(stretch):
            break
        cuts.append(Cut(link, stretch[start : start + size], start))
        at = start + size
    return cuts, at


def _next_mark(stretch: bytes, at: int) -> int:
    found = stretch.find(MARK, at)
    if found < 0:
        found = len(stretch) - (stretch[-1:] == MARK[:1] and len(stretch) - 1 >= at)
    return found


class PacketReader:
    """What packets carry, whatever their link type.

    Attributes:
        waits: whether the packet read last is a part to which more must come.
    """

    def __init__(self) -> None:
        self.waits = False
        self._bluetooth = BluetoothReader()

    def read(self, link: int, data: bytes) -> Found:
        """What one packet carries; nothing for link types that are none of ``LINKS``."""
        self.waits = False
        if link in WIFI_LINKS:
            return read_wifi(link, data)
        if link in HCI_LINKS:
            found = self._bluetooth.read_hci(link, data)
            self.waits = self._bluetooth.waits
            return found
        if link in LE_LINKS:
            return self._bluetooth.read_link_layer(link, data)
        return _plain(data) if link == PLAIN else NOTHING


def _plain(data: bytes) -> Found:
    if len(data) < 7:
        return NOTHING
    transport, form = data[6] >> 2 & 0x1F, data[6] & 3
    if transport >= len(TRANSPORTS) or form >= len(FORMS):
        return NOTHING
    return Found((Carried(address_text(data[:6]), TRANSPORTS[transport], FORMS[form], data[7:]),))


class RemoteIdFramer:
    """Cuts a capture into chunks of one packet each; those without Remote ID are left out.

    Frames of other people's devices are nobody's business here: they are counted and dropped before
    anything records them. Octets that are no capture come out as chunks, for the quarantine.

    Attributes:
        skipped: packets that gave no chunk, by why ("no remote id", "link type 1", "too long", "part of a report":
            its chunk comes with the last part).
    """

    def __init__(self) -> None:
        self._capture = CaptureReader()
        self.skipped = self._capture.skipped
        self._reader = PacketReader()

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Packets completed by the next piece of the file."""
        return self._chunks(self._capture.push(data))

    def finish(self) -> Iterator[Chunk]:
        """What is left at the end of the file."""
        return self._chunks(self._capture.finish())

    def _chunks(self, packets: Iterator[Packet]) -> Iterator[Chunk]:
        for packet in packets:
            if packet.link is None:
                yield Chunk(packet.heard_ns, packet.data)
            elif packet.link not in LINKS:
                self._skip(f"link type {packet.link}")
            elif len(packet.data) > PACKET_MAX:
                self._skip("too long")
            else:
                yield from self._chunk(packet.heard_ns, packet.link, packet.data)

    def _chunk(self, heard_ns: int, link: int, data: bytes) -> Iterator[Chunk]:
        found = self._reader.read(link, data)
        if self._reader.waits:
            self._skip("part of a report")
        elif found == NOTHING:
            self._skip("no remote id")
        elif any(carried.data not in data for carried in found.carried):
            # joined from several packets: as a whole, so that a chunk can be read by itself
            yield Chunk(heard_ns, b"".join(map(encode_plain, found.carried)))
        else:
            yield Chunk(heard_ns, encode_packet(link, data))

    def _skip(self, why: str) -> None:
        self.skipped[why] = self.skipped.get(why, 0) + 1


def sniff(head: bytes) -> bool:
    """Whether a file that begins so is a capture of Wi-Fi or Bluetooth, or chunks as recorded."""
    if not is_capture(head):
        return head[:2] == MARK and len(head) >= 8 and _HEAD.unpack_from(head)[1] in (*LINKS, PLAIN)
    return any(packet.link in LINKS for packet in CaptureReader().push(head))
