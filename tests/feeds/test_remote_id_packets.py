"""Remote ID in packets of every link type, in captures of both forms, cut anywhere, damaged."""

import itertools
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix.framers import chunks_of
from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.pcap import encode_capture
from vedette.feeds.remote_id.bluetooth import ACCESS_ADDRESS, crc24
from vedette.feeds.remote_id.carried import LINKS, NOTHING
from vedette.feeds.remote_id.decoder import RemoteIdDecoder
from vedette.feeds.remote_id.encoder import (
    RemoteIdEncoder,
    advertisement,
    beacon,
    encode_hci,
    extended_packet,
    hci_extended_reports,
    hci_report,
    legacy_packet,
    nan_discovery,
    with_radiotap,
)
from vedette.feeds.remote_id.messages import BasicId, Location, encode_message, pack
from vedette.feeds.remote_id.packets import PacketReader, RemoteIdFramer, encode_packet, sniff
from vedette.model.plot import PLOT, plots

NOW_NS = 1_758_265_080_000_000_000
ADDRESS = b"\x02\x11\x22\x33\x44\x55"
HERE = Location.of(latitude_deg=59.5, longitude_deg=26.5, height_hae_m=120.0, valid_ns=NOW_NS)
WHO = BasicId.of("1581F5FKD229S00AB123", ua_type=2)
PACKED = pack([WHO, HERE])
ALONE = encode_message(HERE)


def prism(frame: bytes) -> bytes:
    return struct.pack("<2I", 0x44, 144) + bytes(136) + frame


def avs(frame: bytes) -> bytes:
    return struct.pack(">2I", 0x80211001, 64) + bytes(56) + frame


def pseudo(packet: bytes, *, flags: int = 0x0C01) -> bytes:
    return b"\x25\xc4\x80\x00" + ACCESS_ADDRESS + struct.pack("<H", flags) + packet


def coded(packet: bytes) -> bytes:
    return packet[:4] + b"\x00" + packet[4:]


def nordic(packet: bytes, *, padding: bytes = b"") -> bytes:
    head = bytes.fromhex("01063001569106") + bytes.fromhex("0a01273a0000d4010000")
    return head + packet[:6] + padding + packet[6:]


def tapped(frame: bytes) -> bytes:
    """A radiotap header with two presence words, a time stamp and flags without a check sequence."""
    return struct.pack("<BBHII4xQB", 0, 0, 25, 0x80000003, 0, 1, 0) + frame


WIFI = beacon(ADDRESS, PACKED)
NAN = nan_discovery(ADDRESS, PACKED)
SHORT = legacy_packet(ADDRESS, advertisement(ALONE))
LONG = extended_packet(ADDRESS, b"\x02\x01\x06" + advertisement(PACKED))
FORMS: dict[str, tuple[int, bytes]] = {
    "bare beacon": (105, WIFI),
    "bare NAN": (105, NAN),
    "radiotap with check sequence": (127, with_radiotap(WIFI)),
    "radiotap without": (127, tapped(NAN)),
    "prism": (119, prism(WIFI)),
    "AVS": (163, avs(WIFI)),
    "AVS under prism's number": (119, avs(NAN)),
    "HCI": (187, hci_report(ADDRESS, advertisement(ALONE))),
    "HCI with direction": (201, bytes(4) + hci_report(ADDRESS, advertisement(ALONE))),
    "HCI extended": (187, hci_extended_reports(ADDRESS, advertisement(PACKED))[0]),
    "Linux monitor": (254, b"\0\0\0\3" + hci_report(ADDRESS, advertisement(ALONE))[1:]),
    "link layer": (251, SHORT),
    "link layer extended": (251, LONG),
    "link layer with header": (256, pseudo(SHORT)),
    "coded PHY": (256, pseudo(coded(LONG), flags=0x8C01)),
    "nRF sniffer": (272, nordic(LONG)),
    "nRF sniffer with padding": (272, nordic(SHORT, padding=b"\0")),
    "nRF sniffer, coded PHY": (272, nordic(coded(LONG))),
}


def decoded(chunks: list[Chunk]) -> list[Decoded]:
    decoder = RemoteIdDecoder("roof", None)
    return [decoder.decode(chunk.data, chunk.received_ns, 0) for chunk in chunks]


@pytest.mark.parametrize("name", FORMS)
def test_every_link_type_gives_the_same_plot(name: str) -> None:
    link, packet = FORMS[name]
    capture = encode_capture(link, [(NOW_NS, packet), (NOW_NS + 1, b"\x80" + bytes(60))])
    assert sniff(capture)
    framer = RemoteIdFramer()
    chunks = list(chunks_of(framer, [capture]))
    assert [chunk.received_ns for chunk in chunks] == [NOW_NS]
    assert framer.skipped == {"no remote id": 1}
    (one,) = decoded(chunks)
    assert one.faults == []
    (row,) = one.plots.to_pylist()
    assert row["latitude_deg"] == 59.5
    assert row["longitude_deg"] == 26.5
    assert row["height_hae_m"] == 120.0
    assert row["valid_ns"] == row["received_ns"] == NOW_NS
    assert row["kind"] == "remote_id"
    assert row["class_hint"] == "drone_small"
    assert row["remote_id"] in ("1581F5FKD229S00AB123", None)
    assert one.plots.schema == PLOT


def test_every_link_type_that_is_listed_is_tried_here() -> None:
    assert {link for link, _ in FORMS.values()} == LINKS


def test_check_values_are_those_of_frames_heard_on_the_air() -> None:
    # advertising PDUs with the check values their makers sent, as public sniffer logs show them
    for text in (
        "0222285377 03d0d01bff75004204018060d0d003775328d2d0037753270100000000000005da96",
        "401d69e93b58a2cd13095041554c49475f4d554b495f33424539363902010 64c5176",
    ):
        octets = bytes.fromhex(text.replace(" ", ""))
        assert crc24(octets[:-3]) == octets[-3:]


@pytest.mark.parametrize("name", ["radiotap with check sequence", "link layer", "nRF sniffer"])
@settings(max_examples=40)
@given(data=st.data())
def test_a_packet_with_a_flipped_bit_in_its_message_is_quarantined(
    name: str, data: st.DataObject
) -> None:
    link, packet = FORMS[name]
    spot = packet.find(ALONE)
    bit = data.draw(st.integers(spot * 8, (spot + 25) * 8 - 1))
    damaged = bytearray(packet)
    damaged[bit // 8] ^= 1 << bit % 8
    one = RemoteIdDecoder("roof", None).decode(encode_packet(link, bytes(damaged)), NOW_NS, 0)
    assert one.plots.num_rows == 0
    assert [fault.reason for fault in one.faults] == ["bad_checksum"]
    assert one.faults[0].data == bytes(damaged)


def test_parts_of_a_long_report_are_joined_and_come_as_one_chunk() -> None:
    messages = [WHO, *[HERE] * 8]
    packets = encode_hci(ADDRESS, messages)
    other = encode_hci(b"\x02" + bytes(5), messages)
    assert len(packets) > 1
    mixed = [packets[0], other[0], packets[1], other[1]]
    capture = encode_capture(187, [(NOW_NS + n, packet) for n, (_, packet) in enumerate(mixed)])
    framer = RemoteIdFramer()
    chunks = list(chunks_of(framer, [capture]))
    assert len(chunks) == 2
    assert framer.skipped == {"part of a report": 2}
    assert [one.plots.num_rows for one in decoded(chunks)] == [1, 1]
    straight = RemoteIdDecoder("roof", None)
    found = [straight.decode(encode_packet(*packet), NOW_NS, 0) for packet in mixed]
    assert [one.plots.num_rows for one in found] == [0, 0, 1, 1]


def rows(parts: list[Decoded]) -> list[dict[str, object]]:
    return [row for part in parts for row in part.plots.to_pylist()]


def summed(parts: list[Decoded]) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        for name, number in part.counts.items():
            found[name] = found.get(name, 0) + number
    return found


packets = st.one_of(
    st.sampled_from(list(FORMS.values())).map(lambda form: encode_packet(*form)),
    st.tuples(st.sampled_from(list(FORMS.values())), st.integers(0, 400)).map(
        lambda made: encode_packet(made[0][0], made[0][1][: made[1]])
    ),
    st.tuples(st.sampled_from(sorted(LINKS)), st.binary(max_size=80)).map(
        lambda made: encode_packet(*made)
    ),
    st.binary(max_size=40),
)


@settings(max_examples=100)
@given(st.lists(packets, max_size=6), st.lists(st.integers(0, 600), max_size=6))
def test_plots_do_not_depend_on_where_the_bytes_were_cut(
    parts: list[bytes], cuts: list[int]
) -> None:
    whole = b"".join(parts)
    together = RemoteIdDecoder("roof", None).decode(whole, NOW_NS, 7)
    decoder = RemoteIdDecoder("roof", None)
    at = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [decoder.decode(whole[a:b], NOW_NS, 7) for a, b in itertools.pairwise(at)]
    assert rows(pieces) == rows([together])
    assert summed(pieces) == together.counts
    assert [report for piece in pieces for report in piece.reports] == together.reports
    quarantined = b"".join(fault.data for fault in together.faults)
    assert b"".join(fault.data for piece in pieces for fault in piece.faults) == quarantined


@settings(max_examples=100)
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_any_damage_gives_plots_and_faults_and_never_an_error(
    name: str, data: st.DataObject
) -> None:
    link, packet = FORMS[name]
    damaged = bytearray(packet)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(damaged[: data.draw(st.integers(0, len(damaged)))])
    one = RemoteIdDecoder("roof", None).decode(encode_packet(link, cut), NOW_NS, 0)
    assert isinstance(one, Decoded)
    capture = encode_capture(link, [(NOW_NS, cut)])
    passed = bool(list(chunks_of(RemoteIdFramer(), [capture])))
    assert passed == (PacketReader().read(link, cut) != NOTHING)


def test_other_peoples_frames_never_leave_the_framer() -> None:
    probe = b"\x40\0\0\0" + b"\xff" * 6 + ADDRESS + b"\xff" * 6 + bytes(2) + b"\0\4home"
    headset = legacy_packet(b"\x02" * 6, b"\x05\x09Anna")
    for link, packet in ((105, probe), (251, headset)):
        framer = RemoteIdFramer()
        assert list(chunks_of(framer, [encode_capture(link, [(NOW_NS, packet)])])) == []
        assert framer.skipped == {"no remote id": 1}


def test_what_is_no_packet_is_quarantined_and_half_a_packet_waits() -> None:
    decoder = RemoteIdDecoder("roof", None)
    good = encode_packet(105, WIFI)
    first = decoder.decode(b"rubbish" + good[:50], NOW_NS, 0)
    assert [(f.reason, f.offset, f.data) for f in first.faults] == [("garbage", 0, b"rubbish")]
    assert decoder.decode(good[50:], NOW_NS, 0).plots.num_rows == 1
    other = decoder.decode(encode_packet(1, b"ethernet"), NOW_NS, 0)
    assert [fault.reason for fault in other.faults] == ["unknown_link"]


def test_a_flood_of_damage_keeps_its_bytes_in_few_faults() -> None:
    bad = encode_packet(105, beacon(ADDRESS, b"\x62" + bytes(24)))  # message type 6
    one = RemoteIdDecoder("roof", None).decode(bad * 100, NOW_NS, 0)
    assert len(one.faults) == 33
    assert sum(len(fault.data) for fault in one.faults) == 100 * 25


@pytest.mark.parametrize("transport", ["wifi beacon", "wifi nan", "bluetooth 4", "bluetooth 5"])
def test_plots_return_from_the_encoder_over_every_transport(transport: str) -> None:
    size = 3
    sent = plots(
        sensor_id=["roof"] * size,
        kind=["remote_id"] * size,
        valid_ns=[NOW_NS + n * 10**8 for n in range(size)],
        received_ns=[NOW_NS + 10**9] * size,
        latitude_deg=[59.5, -33.8, None],
        longitude_deg=[26.5, 151.2, None],
        height_hae_m=[100.5, None, 12.0],
        pressure_altitude_m=[None, 33.0, 80.0],
        ground_speed_mps=[12.25, 70.5, None],
        track_angle_rad=[0.0, None, 3.0543261909900763],
        vertical_rate_mps=[-1.5, None, 4.0],
        position_sigma_m=[10 / 2.4477468306808166, 3 / 2.4477468306808166, None],
        height_sigma_m=[None, None, 3 / 1.959964],
        remote_id=["1581F5FKD229S00AB123", "2979bd18-7f06-441c-bda6-e82c841c35d6", "01" * 12],
        class_hint=["drone_small", "balloon", "drone_small"],
        on_ground=[False, True, None],
        emergency=[None, None, "general"],
    )
    data = RemoteIdEncoder(transport).encode(sent)  # type: ignore[arg-type]
    one = RemoteIdDecoder("roof", None).decode(data, NOW_NS + 10**9, 0)
    assert one.faults == []
    for name in PLOT.names:
        if name in ("feed_id", "raw_ref", "track_number", "class_confidence", "position_sigma_m"):
            continue
        assert one.plots[name].to_pylist() == pytest.approx(sent[name].to_pylist(), nan_ok=True), (
            name
        )
    assert one.plots["position_sigma_m"].to_pylist()[:2] == pytest.approx(
        sent["position_sigma_m"].to_pylist()[:2]
    )
    assert one.plots["class_confidence"].to_pylist() == [0.7, 0.7, 0.7]


@pytest.mark.parametrize("name", FORMS)
def test_a_packet_cut_at_any_octet_or_with_any_length_zeroed_is_no_error(name: str) -> None:
    link, packet = FORMS[name]
    decoder = RemoteIdDecoder("roof", None)
    for at in range(len(packet)):
        for data in (packet[:at], packet[:at] + b"\0" + packet[at + 1 :]):
            decoded = decoder.decode(encode_packet(link, data), NOW_NS, 0)
            assert decoded.plots.num_rows <= 1
