"""Laws of MAVLink frames, and of the plots that OPEN_DRONE_ID messages become."""

import itertools
import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix.framers import chunks_of
from vedette.feeds.decoder import Decoded
from vedette.feeds.mavlink.decoder import MavlinkDecoder
from vedette.feeds.mavlink.framers import MavlinkFramer, encode_log, sniff
from vedette.feeds.mavlink.frames import (
    LAYOUTS,
    ArmStatusPayload,
    BasicIdPayload,
    Frame,
    LocationPayload,
    MessagePackPayload,
    OperatorIdPayload,
    Payload,
    SystemPayload,
    SystemUpdatePayload,
    check_value,
    cut_frames,
    encode_frame,
)
from vedette.feeds.remote_id.messages import BasicId, Location, pack
from vedette.model.plot import PLOT
from vedette.model.report import RemotePilot

NOW_NS = 1_758_265_080_000_000_000
OWN = bytes(20)
HERE = LocationPayload(
    latitude=595_000_000,
    longitude=265_000_000,
    altitude_barometric=100.0,
    altitude_geodetic=120.5,
    height=50.0,
    timestamp=(NOW_NS // 10**8 % 36_000) / 10,
    direction=9_050,
    speed_horizontal=1_234,
    speed_vertical=-150,
    target_system=0,
    target_component=0,
    id_or_mac=OWN,
    status=2,
    height_reference=0,
    horizontal_accuracy=10,
    vertical_accuracy=5,
    barometer_accuracy=3,
    speed_accuracy=1,
    timestamp_accuracy=1,
)
NOWHERE = HERE._replace(
    latitude=0,
    longitude=0,
    altitude_barometric=-1000.0,
    altitude_geodetic=-1000.0,
    timestamp=65_535.0,
    direction=36_100,
    speed_horizontal=25_500,
    speed_vertical=6_300,
    status=0,
    horizontal_accuracy=0,
    vertical_accuracy=0,
)
WHO = BasicIdPayload(0, 0, OWN, 1, 2, b"S1".ljust(20, b"\0"))
SIGNATURE = bytes(range(13))


def payloads() -> st.SearchStrategy[Payload]:
    """Every message with any octets; those of a float are its own."""

    def of(number: int) -> st.SearchStrategy[Payload]:
        layout = LAYOUTS[number]
        size = layout.octets.size
        return st.binary(min_size=size, max_size=size).map(
            lambda octets: layout.kind(*layout.octets.unpack(octets))
        )

    return st.sampled_from(sorted(LAYOUTS)).flatmap(of)


frames = st.builds(
    Frame,
    payloads(),
    sequence=st.integers(0, 255),
    system=st.integers(0, 255),
    component=st.integers(0, 255),
    compatible=st.integers(0, 255),
    signature=st.sampled_from([b"", SIGNATURE]),
)


@settings(max_examples=100)
@given(frames)
def test_frames_return_byte_for_byte(frame: Frame) -> None:
    data = encode_frame(frame)
    assert data[0] == 0xFD
    ((cut,), settled) = cut_frames(data)
    assert settled == len(data)
    assert cut.frame is not None
    assert encode_frame(cut.frame) == data
    if not any(isinstance(value, float) and math.isnan(value) for value in frame.payload):
        assert cut.frame == frame


def test_the_check_value_is_that_of_its_definition() -> None:
    assert check_value(b"123456789") == 0x6F91


def read(*given_payloads: Payload, at_ns: int = NOW_NS) -> Decoded:
    data = b"".join(encode_frame(Frame(payload)) for payload in given_payloads)
    return MavlinkDecoder("mav", None).decode(data, at_ns, 0)


def test_a_location_is_a_plot_of_the_drone_that_was_named() -> None:
    decoded = read(WHO, HERE)
    assert decoded.faults == []
    assert decoded.plots.schema == PLOT
    (row,) = decoded.plots.to_pylist()
    assert (row["latitude_deg"], row["longitude_deg"]) == (59.5, 26.5)
    assert (row["height_hae_m"], row["pressure_altitude_m"]) == (120.5, 100.0)
    assert row["ground_speed_mps"] == 12.34
    assert row["track_angle_rad"] == pytest.approx(math.radians(90.5))
    assert row["vertical_rate_mps"] == -1.5
    assert row["position_sigma_m"] == pytest.approx(10 / math.sqrt(-2 * math.log(0.05)))
    assert row["height_sigma_m"] == pytest.approx(3 / 1.959964)
    assert (row["remote_id"], row["class_hint"], row["on_ground"]) == ("S1", "drone_small", False)
    assert row["valid_ns"] == NOW_NS // 10**8 * 10**8


def test_the_codes_for_unknown_are_null_and_say_nothing_wrong() -> None:
    decoded = read(NOWHERE)
    (row,) = decoded.plots.to_pylist()
    for name in (
        "latitude_deg",
        "longitude_deg",
        "position_sigma_m",
        "pressure_altitude_m",
        "height_hae_m",
        "height_sigma_m",
        "ground_speed_mps",
        "track_angle_rad",
        "vertical_rate_mps",
        "on_ground",
    ):
        assert row[name] is None, name
    assert decoded.faults == []


@pytest.mark.parametrize(
    ("field", "value", "column"),
    [
        ("latitude", 910_000_000, "latitude_deg"),
        ("altitude_geodetic", math.nan, "height_hae_m"),
        ("altitude_barometric", math.inf, "pressure_altitude_m"),
        ("altitude_geodetic", -2000.0, "height_hae_m"),
        ("direction", 36_050, "track_angle_rad"),
        ("speed_horizontal", 60_000, "ground_speed_mps"),
        ("speed_vertical", -9_000, "vertical_rate_mps"),
        ("timestamp", math.nan, "icao24"),
        ("timestamp", 4_000.0, "icao24"),
    ],
)
def test_what_cannot_be_is_left_out_and_said(field: str, value: float, column: str) -> None:
    decoded = read(HERE._replace(**{field: value}))
    assert decoded.plots[column].to_pylist() == [None]
    assert [fault.reason for fault in decoded.faults] == ["out_of_range"]


def test_senders_and_heard_addresses_are_kept_apart() -> None:
    other = b"\x01\x02\x03\x04\x05\x06".ljust(20, b"\0")
    decoder = MavlinkDecoder("mav", None)
    data = b"".join(
        encode_frame(frame)
        for frame in (
            Frame(WHO),
            Frame(WHO._replace(id_or_mac=other, uas_id=b"S2".ljust(20, b"\0"))),
            Frame(HERE),
            Frame(HERE._replace(id_or_mac=other)),
            Frame(HERE, system=9),
        )
    )
    decoded = decoder.decode(data, NOW_NS, 0)
    assert decoded.plots["remote_id"].to_pylist() == ["S1", "S2", None]
    assert len(set(decoded.plots["track_number"].to_pylist())) == 3


def test_packs_operators_and_states_of_arming() -> None:
    inside = pack([BasicId.of("S7"), Location.of(latitude_deg=1.0, longitude_deg=2.0)])
    carried = MessagePackPayload(0, 0, OWN, 25, 2, inside[3:].ljust(225, b"\0"))
    decoded = read(
        carried,
        SystemPayload(590_000_000, 260_000_000, 0, 0, 33.0, 1, 1, 0, 0, 0, OWN, 0, 0, 0, 0),
        OperatorIdPayload(0, 0, OWN, 0, b"FIN87".ljust(20, b"\0")),
        SystemUpdatePayload(591_000_000, 260_000_000, -1000.0, 1, 0, 0),
        ArmStatusPayload(0, bytes(50)),
    )
    assert decoded.faults == []
    assert decoded.plots["remote_id"].to_pylist() == ["S7"]
    first, *_, last = decoded.reports
    assert isinstance(first, RemotePilot)
    assert isinstance(last, RemotePilot)
    assert (first.latitude_deg, first.height_hae_m, first.place) == (59.0, 33.0, "takeoff")
    assert (last.latitude_deg, last.height_hae_m, last.place) == (59.1, None, "live")
    assert (last.operator_id, last.remote_id) == ("FIN87", "S7")
    assert decoded.counts["arm status"] == 1


def other_message(number: int, size: int = 9) -> bytes:
    return b"\xfd" + bytes((size, 0, 0, 1, 1, 1)) + number.to_bytes(3, "little") + bytes(size + 2)


def test_other_messages_are_counted_and_bad_ones_quarantined() -> None:
    good = encode_frame(Frame(HERE))
    old = b"\xfe\x03\0\1\1\0abc\0\0"
    flipped = bytearray(good)
    flipped[20] ^= 1
    flags = bytearray(good)
    flags[2] = 0x02
    data = other_message(0) + old + bytes(flipped) + bytes(flags) + b"noise" + good
    decoded = MavlinkDecoder("mav", None).decode(data, NOW_NS, 0)
    assert decoded.plots.num_rows == 1
    assert decoded.counts["other"] == decoded.counts["mavlink 1"] == 1
    reasons = [fault.reason for fault in decoded.faults]
    assert reasons[0] == "bad_checksum"
    assert b"".join(fault.data for fault in decoded.faults) == bytes(flipped + flags) + b"noise"


def test_fields_added_later_to_a_message_are_ignored() -> None:
    layout = LAYOUTS[12900]
    body = layout.octets.pack(*WHO) + b"\x07"
    head = bytes((len(body), 0, 0, 0, 1, 1)) + (12900).to_bytes(3, "little") + body
    check = check_value(head + bytes((layout.extra,))).to_bytes(2, "little")
    ((cut,), _) = cut_frames(b"\xfd" + head + check)
    assert cut.frame is not None
    assert cut.frame.payload == WHO


parts = st.one_of(
    frames.map(encode_frame),
    st.integers(0, 300).map(other_message),
    st.binary(max_size=30),
    st.tuples(frames.map(encode_frame), st.integers(0, 100)).map(lambda cut: cut[0][: cut[1]]),
    st.sampled_from([encode_frame(Frame(HERE)), encode_frame(Frame(WHO)), b"\xfd", b"\xfe\x02"]),
)


@settings(max_examples=100)
@given(st.lists(parts, max_size=7), st.lists(st.integers(0, 900), max_size=6))
def test_nothing_depends_on_where_the_stream_was_cut(
    given_parts: list[bytes], cuts: list[int]
) -> None:
    whole = b"".join(given_parts)
    together = MavlinkDecoder("mav", None).decode(whole, NOW_NS, 0)
    decoder = MavlinkDecoder("mav", None)
    at = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    apart = [decoder.decode(whole[a:b], NOW_NS, 0) for a, b in itertools.pairwise(at)]
    assert [row for part in apart for row in part.plots.to_pylist()] == together.plots.to_pylist()
    assert [report for part in apart for report in part.reports] == together.reports
    found: dict[str, int] = {}
    for part in apart:
        for name, number in part.counts.items():
            found[name] = found.get(name, 0) + number
    assert found == together.counts
    assert b"".join(fault.data for part in apart for fault in part.faults) == b"".join(
        fault.data for fault in together.faults
    )


@settings(max_examples=60)
@given(st.integers(1, 500), st.binary(max_size=40))
def test_logs_give_each_frame_its_time(piece: int, rubbish: bytes) -> None:
    log = encode_log([(NOW_NS + n * 10**9, Frame(WHO, sequence=n)) for n in range(3)])
    stamp = struct.pack(">Q", NOW_NS // 1000)
    data = log + stamp + other_message(30) + rubbish + encode_log([(NOW_NS, Frame(HERE))])
    assert sniff(data)
    framer = MavlinkFramer()
    chunks = list(chunks_of(framer, [data[at : at + piece] for at in range(0, len(data), piece)]))
    times = [chunk.received_ns - NOW_NS for chunk in chunks[:3]]
    assert times == [0, 10**9, 2 * 10**9]
    decoder = MavlinkDecoder("mav", None)
    decoded = [decoder.decode(chunk.data, chunk.received_ns, 0) for chunk in chunks]
    assert (
        sum(part.plots.num_rows for part in decoded) == 1
        or b"\xfd" in rubbish
        or b"\xfe" in rubbish
    )


@given(st.integers(1, 300))
def test_bare_frames_are_taken_as_received_when_the_caller_says(piece: int) -> None:
    data = b"".join(encode_frame(Frame(payload)) for payload in (WHO, HERE, HERE))
    assert sniff(data)
    framer = MavlinkFramer(NOW_NS)
    chunks = list(chunks_of(framer, [data[at : at + piece] for at in range(0, len(data), piece)]))
    assert {chunk.received_ns for chunk in chunks} == {NOW_NS}
    decoder = MavlinkDecoder("mav", None)
    decoded = [decoder.decode(chunk.data, chunk.received_ns, 0) for chunk in chunks]
    assert sum(part.plots.num_rows for part in decoded) == 1
    assert sum(part.counts.get("repeated location", 0) for part in decoded) == 1


def test_other_files_are_not_taken_for_mavlink() -> None:
    for head in (b"", b"{}", b"\x1a3" * 20, b"\xd4\xc3\xb2\xa1" + bytes(40), bytes(100)):
        assert not sniff(head)
