"""What is personal leaves a chunk before it is recorded; the plots stay."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix.framers import chunks_of
from vedette.feeds.mavlink.decoder import MavlinkDecoder
from vedette.feeds.mavlink.frames import (
    BasicIdPayload,
    Frame,
    LocationPayload,
    MessagePackPayload,
    OperatorIdPayload,
    SelfIdPayload,
    SystemPayload,
    SystemUpdatePayload,
    encode_frame,
)
from vedette.feeds.mavlink.personal import redact_frames
from vedette.feeds.remote_id.decoder import RemoteIdDecoder
from vedette.feeds.remote_id.encoder import Transport, encode_packets
from vedette.feeds.remote_id.messages import (
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
    pack,
)
from vedette.feeds.remote_id.network import RemoteIdJsonDecoder, encode_line
from vedette.feeds.remote_id.packets import RemoteIdFramer, encode_packet
from vedette.feeds.remote_id.personal import redact_json, redact_packets
from vedette.feeds.reports import ReportDecoder, encode_report, personal, redact
from vedette.model.report import RemotePilot

NOW_NS = 1_758_265_080_000_000_000
ADDRESS = b"\x02\x11\x22\x33\x44\x55"
SECRETS = (b"FIN87OPERATOR", b"HB-PERSON", b"my words")
PLACE = System.of(latitude_deg=59.4123456, longitude_deg=26.4123456, height_hae_m=40.0)
OPEN: list[Message] = [
    BasicId.of("S1", ua_type=2),
    Location.of(latitude_deg=59.5, longitude_deg=26.5, valid_ns=NOW_NS),
]
CLOSED: list[Message] = [
    PLACE,
    OperatorId.of("FIN87OPERATOR"),
    SelfId.of("my words"),
    BasicId.of("HB-PERSON", id_type=2),
]
COORDINATE = (594_123_456).to_bytes(4, "little")


def is_clean(data: bytes) -> bool:
    texts = [
        *SECRETS,
        COORDINATE,
        *(one.hex().encode() for one in (*SECRETS, COORDINATE)),
        b"59.412",
    ]
    return not any(text in data for text in texts)


def chunk_of(transport: Transport, messages: list[Message]) -> bytes:
    return b"".join(encode_packet(*one) for one in encode_packets(transport, ADDRESS, messages))


transports = st.sampled_from(["wifi beacon", "wifi nan", "bluetooth 4", "bluetooth 5"])


@settings(max_examples=60)
@given(transports, st.permutations([*OPEN, *CLOSED]), st.integers(1, 6))
def test_redacted_packets_give_the_same_plots_and_no_person(
    transport: Transport, messages: list[Message], size: int
) -> None:
    messages = messages[:size]
    chunk = chunk_of(transport, messages)
    found = redact_packets(chunk)
    if not any(one in CLOSED for one in messages):
        assert found is None
        return
    assert found is not None
    redacted, whose = found
    assert is_clean(redacted)
    assert whose
    before = RemoteIdDecoder("roof", None).decode(chunk, NOW_NS, 0)
    after = RemoteIdDecoder("roof", None).decode(redacted, NOW_NS, 0)
    assert after.plots.equals(before.plots)
    assert after.faults == []
    assert {one.words for one in after.reports if isinstance(one, RemotePilot)} == {"sealed"}
    assert is_clean(b"".join(map(encode_report, after.reports)))
    assert redact_packets(redacted) is None


@settings(max_examples=60)
@given(transports, st.data())
def test_a_damaged_packet_with_a_person_in_it_shows_none(
    transport: Transport, data: st.DataObject
) -> None:
    chunk = bytearray(chunk_of(transport, [*OPEN, *CLOSED]))
    for _ in range(data.draw(st.integers(1, 3))):
        chunk[data.draw(st.integers(0, len(chunk) - 1))] ^= data.draw(st.integers(1, 255))
    cut = bytes(chunk[: data.draw(st.integers(len(chunk) // 2, len(chunk)))])
    found = redact_packets(cut)
    if found is not None:
        assert is_clean(found[0])


@settings(max_examples=60)
@given(st.permutations([*OPEN, *CLOSED]), st.integers(1, 6))
def test_redacted_lines_give_the_same_plots_and_no_person(
    messages: list[Message], size: int
) -> None:
    messages = messages[:size]
    chunk = encode_line("a", pack(messages), NOW_NS)
    found = redact_json(chunk)
    if not any(one in CLOSED for one in messages):
        assert found is None
        return
    assert found is not None
    assert is_clean(found[0])
    before = RemoteIdJsonDecoder("roof", None).decode(chunk, NOW_NS, 0)
    after = RemoteIdJsonDecoder("roof", None).decode(found[0], NOW_NS, 0)
    assert after.plots.equals(before.plots)
    assert [one.words for one in after.reports if isinstance(one, RemotePilot)] == ["sealed"]


def test_details_of_flights_are_sealed_and_so_is_what_cannot_be_read() -> None:
    details = {
        "id": "f1",
        "uas_id": {"serial_number": "S1", "registration_id": "HB-PERSON"},
        "operator_id": "FIN87OPERATOR",
        "operator_location": {"position": {"lat": 59.4123456, "lng": 26.4}},
        "operation_description": "my words",
    }
    flights = {"flights": [{"id": "f1", "operator_details": details}]}
    for value in ({"details": details}, flights, {"other": details}):
        found = redact_json(msgspec.json.encode(value))
        assert found is not None
        assert is_clean(found[0])
    found = redact_json(msgspec.json.encode({"details": details}))
    assert found is not None
    assert found[1] == "FIN87OPERATOR"
    decoded = RemoteIdJsonDecoder("uss", None).decode(found[0], NOW_NS, 0)
    (report,) = decoded.reports
    assert isinstance(report, RemotePilot)
    assert (report.remote_id, report.words, report.operator_id) == ("S1", "sealed", None)
    found = redact_json(b'{"details": {"operator_id": "FIN87OPERATOR"')
    assert found is not None
    assert is_clean(found[0])
    assert redact_json(msgspec.json.encode({"flights": [{"id": "f1"}]})) is None


def test_redacted_mavlink_gives_the_same_plots_and_no_person() -> None:
    zeros = bytes(20)
    north, east = 594_123_456, 264_123_456
    open_frames = [
        BasicIdPayload(0, 0, zeros, 1, 2, b"S1".ljust(20, b"\0")),
        LocationPayload(
            595_000_000,
            265_000_000,
            1.0,
            2.0,
            3.0,
            65_535.0,
            0,
            0,
            0,
            0,
            0,
            zeros,
            2,
            0,
            0,
            0,
            0,
            0,
            0,
        ),
    ]
    closed = [
        SystemPayload(north, east, 0.0, 0.0, 40.0, 1, 1, 0, 0, 0, zeros, 1, 0, 0, 0),
        SystemUpdatePayload(north, east, 40.0, 1, 0, 0),
        OperatorIdPayload(0, 0, zeros, 0, b"FIN87OPERATOR".ljust(20, b"\0")),
        SelfIdPayload(0, 0, zeros, 0, b"my words".ljust(23, b"\0")),
        BasicIdPayload(0, 0, zeros, 2, 2, b"HB-PERSON".ljust(20, b"\0")),
        MessagePackPayload(0, 0, zeros, 25, 6, pack([*OPEN, *CLOSED])[3:].ljust(225, b"\0")),
    ]
    plain = b"".join(encode_frame(Frame(payload)) for payload in open_frames)
    assert redact_frames(plain) is None
    for payload in closed:
        chunk = plain + encode_frame(Frame(payload, signature=bytes(range(13))))
        found = redact_frames(chunk)
        assert found is not None
        assert is_clean(found[0])
        before = MavlinkDecoder("mav", None).decode(chunk, NOW_NS, 0)
        after = MavlinkDecoder("mav", None).decode(found[0], NOW_NS, 0)
        assert after.plots.equals(before.plots)
        assert after.faults == []
        sealed = [one.words for one in after.reports if isinstance(one, RemotePilot)]
        assert sealed[-1] == "sealed"


def test_a_report_of_an_operator_names_its_personal_fields_and_is_redacted_as_a_line() -> None:
    report = RemotePilot(
        sensor_id="roof",
        remote_id="S1",
        operator_id="FIN87OPERATOR",
        latitude_deg=59.4123456,
        longitude_deg=26.4,
        words="my words",
        valid_ns=NOW_NS,
    )
    line = encode_report(report)
    assert ReportDecoder("desk").decode(line, NOW_NS, 0).reports == [report]
    open_fields = {"sensor_id", "track_number", "remote_id", "place", "valid_ns"}
    assert set(personal(report)) == set(RemotePilot.__struct_fields__) - open_fields
    found = redact(line)
    assert found is not None
    assert is_clean(found[0])
    assert found[1] == "FIN87OPERATOR"
    assert ReportDecoder("desk").decode(found[0], NOW_NS, 0).faults == []
    nowhere = msgspec.structs.replace(report, latitude_deg=91.0)
    assert ReportDecoder("desk").decode(encode_report(nowhere), NOW_NS, 0).reports == []


@pytest.mark.shared
def test_recordings_give_the_same_plots_when_redacted(shared: Path) -> None:
    for path in sorted((shared / "data/surveillance/remote_id").glob("*.pcapng")):
        before, after = RemoteIdDecoder("roof", None), RemoteIdDecoder("roof", None)
        sealed = 0
        for chunk in chunks_of(RemoteIdFramer(), [path.read_bytes()]):
            found = redact_packets(chunk.data)
            sealed += found is not None
            data = chunk.data if found is None else found[0]
            one = before.decode(chunk.data, chunk.received_ns, 0)
            other = after.decode(data, chunk.received_ns, 0)
            assert other.plots.drop("track_number").equals(one.plots.drop("track_number"))
            assert [f.reason for f in other.faults] == [f.reason for f in one.faults]
            for report in other.reports:
                assert isinstance(report, RemotePilot)
                assert (report.latitude_deg, report.words) == (None, "sealed")
        assert sealed
