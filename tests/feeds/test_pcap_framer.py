"""UDP payloads out of packet captures of every kind, and out of damaged ones."""

import struct
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix.framers import chunks_of
from vedette.feeds.decoder import Chunk
from vedette.feeds.pcap import PcapFramer

STAMP_NS = 1_758_265_080_123_456_789
SOURCE, TARGET = bytes([10, 17, 58, 184]), bytes([232, 2, 1, 31])
SOURCE_6, TARGET_6 = bytes(15) + b"\x01", b"\xff\x02" + bytes(13) + b"\x01"


def udp(payload: bytes, port: int = 8600) -> bytes:
    return struct.pack(">4H", 4000, port, 8 + len(payload), 0) + payload


def ipv4(body: bytes, *, protocol: int = 17, name: int = 1, place: int = 0) -> bytes:
    return (
        struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(body), name, place, 9, protocol, 0)
        + SOURCE
        + TARGET
        + body
    )


def ipv6(body: bytes, following: int = 17) -> bytes:
    head = struct.pack(">IHBB", 6 << 28, len(body), following, 9)
    return head + SOURCE_6 + TARGET_6 + body


def ethernet(packet: bytes, *tags: int) -> bytes:
    kind = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
    vlans = b"".join(struct.pack(">HH", tag, 12) for tag in tags)
    return bytes(12) + vlans + struct.pack(">H", kind) + packet


LINKS: dict[int, Callable[[bytes], bytes]] = {
    0: lambda packet: struct.pack("<I", 2 if packet[0] >> 4 == 4 else 30) + packet,
    1: ethernet,
    12: lambda packet: packet,
    101: lambda packet: packet,
    113: lambda packet: (
        bytes(14) + struct.pack(">H", 0x0800 if packet[0] >> 4 == 4 else 0x86DD) + packet
    ),
    228: lambda packet: packet,
    276: lambda packet: (
        struct.pack(">H", 0x0800 if packet[0] >> 4 == 4 else 0x86DD) + bytes(18) + packet
    ),
}


def pcap(
    frames: list[bytes], *, link: int = 1, order: str = "<", nanoseconds: bool = False
) -> bytes:
    magic = 0xA1B23C4D if nanoseconds else 0xA1B2C3D4
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65_535, link)
    for number, frame in enumerate(frames):
        seconds, rest = divmod(STAMP_NS + number * 10**9, 10**9)
        rest = rest if nanoseconds else rest // 1000
        data += struct.pack(order + "4I", seconds, rest, len(frame), len(frame)) + frame
    return data


def pcapng_block(kind: int, body: bytes, order: str) -> bytes:
    body += bytes(-len(body) % 4)
    size = 12 + len(body)
    return struct.pack(order + "II", kind, size) + body + struct.pack(order + "I", size)


def pcapng(
    frames: list[bytes], *, link: int = 1, order: str = "<", nanoseconds: bool = False
) -> bytes:
    data = pcapng_block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    options = struct.pack(order + "HHB3xHH", 9, 1, 9, 0, 0) if nanoseconds else b""
    data += pcapng_block(1, struct.pack(order + "HHI", link, 0, 65_535) + options, order)
    for number, frame in enumerate(frames):
        stamp = STAMP_NS + number * 10**9
        stamp = stamp if nanoseconds else stamp // 1000
        head = struct.pack(order + "5I", 0, stamp >> 32, stamp & 2**32 - 1, len(frame), len(frame))
        data += pcapng_block(6, head + frame, order)
    return data


def read(data: bytes, **options: int | str) -> tuple[list[Chunk], dict[str, int]]:
    framer = PcapFramer(**options)  # type: ignore[arg-type]
    return list(chunks_of(framer, [data])), framer.skipped


@pytest.mark.parametrize("write", [pcap, pcapng])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("nanoseconds", [False, True])
@pytest.mark.parametrize("link", sorted(LINKS))
@pytest.mark.parametrize("network", [ipv4, ipv6])
def test_every_form_of_capture_gives_its_payloads_and_times(
    write: Callable[..., bytes],
    order: str,
    nanoseconds: bool,
    link: int,
    network: Callable[[bytes], bytes],
) -> None:
    payloads = [b"0\x00\x05ab", b"x" * 1400, b"y"]
    frames = [LINKS[link](network(udp(payload))) for payload in payloads]
    chunks, skipped = read(write(frames, link=link, order=order, nanoseconds=nanoseconds))
    assert [chunk.data for chunk in chunks] == payloads
    first_ns = STAMP_NS if nanoseconds else STAMP_NS // 1000 * 1000
    assert [chunk.received_ns for chunk in chunks] == [first_ns + n * 10**9 for n in range(3)]
    assert skipped == {}


def test_vlan_tags_padding_and_header_options_are_stepped_over() -> None:
    tagged = ethernet(ipv4(udp(b"one")), 0x88A8, 0x8100)
    padded = ethernet(ipv4(udp(b"two"))) + bytes(20)
    body = udp(b"three")
    optioned = ethernet(
        struct.pack(">BBHHHBBH", 0x46, 0, 24 + len(body), 1, 0, 9, 17, 0)
        + SOURCE
        + TARGET
        + bytes(4)
        + body
    )
    extended = ethernet(ipv6(bytes([17, 0]) + bytes(6) + udp(b"four"), following=0))
    chunks, skipped = read(pcap([tagged, padded, optioned, extended]))
    assert [chunk.data for chunk in chunks] == [b"one", b"two", b"three", b"four"]
    assert skipped == {}


def test_what_is_no_udp_to_the_port_or_address_is_counted() -> None:
    frames = [
        ethernet(ipv4(b"tcp" * 10, protocol=6)),
        bytes(12) + b"\x08\x06" + bytes(28),  # ARP
        ethernet(ipv4(udp(b"here"))),
        ethernet(ipv4(udp(b"there", port=9))),
        ethernet(ipv6(udp(b"six"))),
        ethernet(ipv4(udp(b"")[:6])),
    ]
    chunks, skipped = read(pcap(frames), port=8600)
    assert [chunk.data for chunk in chunks] == [b"here", b"six"]
    assert skipped == {"not UDP": 1, "not IP": 1, "other port": 1, "cut off": 1}
    chunks, skipped = read(pcap(frames), address="232.2.1.31")
    assert [chunk.data for chunk in chunks] == [b"here", b"there"]
    chunks, skipped = read(pcap(frames), address="ff02::1")
    assert [chunk.data for chunk in chunks] == [b"six"]
    assert read(pcap(frames, link=9999))[1] == {"unknown link type": 6}


@settings(deadline=None, max_examples=40)
@given(st.binary(min_size=30, max_size=4000), st.integers(1, 60), st.randoms(use_true_random=False))
def test_fragments_in_any_order_become_the_datagram(data: bytes, size: int, chance: object) -> None:
    body = udp(data)
    step = size * 8
    starts = list(range(0, len(body), step))
    four = [
        ethernet(
            ipv4(
                body[start : start + step],
                name=7,
                place=start // 8 | (0x2000 if start + step < len(body) else 0),
            )
        )
        for start in starts
    ]
    six = [
        ethernet(
            ipv6(
                struct.pack(">BBHI", 17, 0, start | (1 if start + step < len(body) else 0), 99)
                + body[start : start + step],
                following=44,
            )
        )
        for start in starts
    ]
    for frames in (four, six):
        chance.shuffle(frames)  # type: ignore[attr-defined]
        chunks, skipped = read(pcap(frames))
        assert [chunk.data for chunk in chunks] == [data]
        assert skipped == {}


def test_a_datagram_with_a_missing_fragment_gives_its_beginning_and_a_count() -> None:
    body = udp(b"a" * 100)
    frames = [
        ethernet(ipv4(body[:48], place=0x2000)),
        ethernet(ipv4(body[96:], place=96 // 8)),
        ethernet(ipv4(udp(b"whole"), name=2)),
    ]
    chunks, skipped = read(pcap(frames))
    assert [chunk.data for chunk in chunks] == [b"whole", b"a" * 40]
    assert skipped == {"incomplete fragments": 1}


def test_datagrams_in_reassembly_are_bounded() -> None:
    frames = [ethernet(ipv4(udp(bytes(100))[:48], name=name, place=0x2000)) for name in range(1000)]
    framer = PcapFramer()
    chunks = list(framer.push(pcap(frames)))
    assert len(chunks) == 1000 - 64
    assert framer.skipped == {"incomplete fragments": 936}
    assert len(list(framer.finish())) == 64


FRAMES = [ethernet(ipv4(udp(bytes([number]) * 50))) for number in range(12)]


@settings(deadline=None, max_examples=40)
@given(st.sampled_from([pcap(FRAMES), pcapng(FRAMES)]), st.lists(st.integers(0, 1200), max_size=9))
def test_payloads_do_not_depend_on_the_pieces_of_the_file(data: bytes, marks: list[int]) -> None:
    places = [0, *sorted(min(mark, len(data)) for mark in marks), len(data)]
    pieces = [data[a:b] for a, b in pairwise(places)]
    assert list(chunks_of(PcapFramer(), pieces)) == read(data)[0]


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from([pcap(FRAMES), pcapng(FRAMES), pcap(FRAMES, order=">", nanoseconds=True)]),
    st.integers(0, 1200),
    st.binary(max_size=40),
    st.integers(0, 40),
)
def test_damage_anywhere_raises_nothing_and_packets_are_found_again(
    data: bytes, place: int, inserted: bytes, removed: int
) -> None:
    place = min(place, len(data))
    damaged = data[:place] + inserted + data[place + removed :]
    chunks, _ = read(damaged)
    payloads = {bytes([number]) * 50 for number in range(12)}
    found = {chunk.data for chunk in chunks} & payloads
    if place > 100 and len(inserted) < 40:
        # of twelve packets, those hit and at most two after are lost
        assert len(found) >= 12 - 4


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_what_is_no_capture_comes_out_octet_by_octet(data: bytes) -> None:
    if data[:4] not in (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x0a\x0d\x0d\x0a"):
        assert b"".join(chunk.data for chunk in read(data)[0]) == data
    for head in (b"\xd4\xc3\xb2\xa1", b"\x0a\x0d\x0d\x0a"):
        read(head + data)
