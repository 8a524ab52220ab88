"""Remote ID as JSON: flights of service providers, their details, lines of receivers."""

import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds import documents
from vedette.feeds.asterix.framers import chunks_of
from vedette.feeds.decoder import Decoded
from vedette.feeds.documents import DocumentReader
from vedette.feeds.remote_id.messages import BasicId, Location, pack
from vedette.feeds.remote_id.network import (
    HORIZONTAL,
    RemoteIdJsonDecoder,
    RemoteIdJsonFramer,
    encode_line,
    sniff_json,
)
from vedette.model.report import RemotePilot

NOW_NS = 1_758_265_080_000_000_000
PACKED = pack([BasicId.of("S1"), Location.of(latitude_deg=59.5, longitude_deg=26.5)])
STATE: dict[str, Any] = {
    "timestamp": {"value": "2025-09-19T06:57:59.5Z", "format": "RFC3339"},
    "timestamp_accuracy": 0.1,
    "operational_status": "Airborne",
    "position": {
        "lat": 59.5,
        "lng": 26.5,
        "alt": 120.5,
        "accuracy_h": "HA10m",
        "accuracy_v": "VA3m",
        "pressure_altitude": 100.0,
        "height": {"distance": 50.0, "reference": "GroundLevel"},
    },
    "track": 90.0,
    "speed": 12.5,
    "speed_accuracy": "SA3mps",
    "vertical_speed": -1.5,
}
FLIGHTS: dict[str, Any] = {
    "timestamp": {"value": "2025-09-19T06:58:00Z", "format": "RFC3339"},
    "flights": [
        {"id": "f1", "aircraft_type": "HybridLift", "current_state": STATE, "simulated": False}
    ],
    "no_isas_present": False,
}
DETAILS: dict[str, Any] = {
    "details": {
        "id": "f1",
        "eu_classification": {"category": "Open", "class": "Class1"},
        "uas_id": {"serial_number": "S1", "registration_id": "HB-1"},
        "operator_id": "FIN87",
        "operator_location": {
            "position": {"lat": 59.4, "lng": 26.4},
            "altitude": {"value": 33.0, "reference": "W84", "units": "M"},
            "altitude_type": "Takeoff",
        },
        "operation_description": "survey",
    }
}


def read(*parts: object) -> Decoded:
    data = b"\n".join(
        part if isinstance(part, bytes) else msgspec.json.encode(part) for part in parts
    )
    return RemoteIdJsonDecoder("uss", None).decode(data, NOW_NS, 3)


def test_a_flight_is_a_plot_and_its_details_name_it_and_its_operator() -> None:
    decoded = read(FLIGHTS, DETAILS, {**FLIGHTS, "flights": [_later()]})
    assert decoded.faults == []
    first, second = decoded.plots.to_pylist()
    assert first["valid_ns"] == NOW_NS - 500_000_000
    assert (first["latitude_deg"], first["longitude_deg"]) == (59.5, 26.5)
    assert (first["height_hae_m"], first["pressure_altitude_m"]) == (120.5, 100.0)
    assert first["position_sigma_m"] == pytest.approx(HORIZONTAL["HA10m"])
    assert first["height_sigma_m"] == pytest.approx(3 / 1.959964)
    assert first["ground_speed_mps"] == 12.5
    assert first["track_angle_rad"] == pytest.approx(1.5707963)
    assert first["vertical_rate_mps"] == -1.5
    assert (first["on_ground"], first["remote_id"]) == (False, None)
    assert second["remote_id"] == "S1"
    assert decoded.reports == [
        RemotePilot(
            sensor_id="uss",
            track_number=1,
            remote_id="S1",
            operator_id="FIN87",
            registration="HB-1",
            latitude_deg=59.4,
            longitude_deg=26.4,
            height_hae_m=33.0,
            place="takeoff",
            words="survey",
            valid_ns=NOW_NS,
        )
    ]


def _later() -> dict[str, Any]:
    state = {**STATE, "timestamp": "2025-09-19T06:58:00Z"}  # a plain text, as in the first edition
    return {"id": "f1", "aircraft_type": "HybridLift", "current_state": state}


def test_the_first_editions_details_are_read_too() -> None:
    old = {"id": "f1", "serial_number": "S9", "operator_location": {"lat": 1.0, "lng": 2.0}}
    (report,) = read({"details": old}).reports
    assert isinstance(report, RemotePilot)
    assert (report.remote_id, report.latitude_deg, report.longitude_deg) == ("S9", 1.0, 2.0)


@pytest.mark.parametrize(
    ("path", "value", "column"),
    [
        (("track",), 361, "track_angle_rad"),
        (("speed",), 255, "ground_speed_mps"),
        (("vertical_speed",), 63, "vertical_rate_mps"),
        (("position", "alt"), -1000, "height_hae_m"),
        (("position", "pressure_altitude"), -1000, "pressure_altitude_m"),
        (("position", "accuracy_v"), "VAUnknown", "height_sigma_m"),
        (("operational_status",), "Undeclared", "on_ground"),
    ],
)
def test_the_codes_for_unknown_are_null(path: tuple[str, ...], value: object, column: str) -> None:
    state = msgspec.json.decode(msgspec.json.encode(STATE))
    inner = state
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    decoded = read({"flights": [{"id": "f", "current_state": state}]})
    assert decoded.plots[column].to_pylist() == [None]
    assert decoded.faults == []


def test_no_position_simulated_flights_and_impossible_values() -> None:
    nowhere = {**STATE, "position": {"lat": 0, "lng": 0, "alt": 1.0}}
    assert read({"flights": [{"id": "f", "current_state": nowhere}]}).plots[
        "latitude_deg"
    ].to_pylist() == [None]
    made_up = {"id": "f", "current_state": STATE, "simulated": True}
    decoded = read({"flights": [made_up, {"id": "g"}]})
    assert decoded.plots.num_rows == 0
    assert decoded.counts["simulated flight"] == decoded.counts["flight without state"] == 1
    fast = {**STATE, "speed": 900.0}
    decoded = read({"flights": [{"id": "f", "current_state": fast}]})
    assert decoded.plots["ground_speed_mps"].to_pylist() == [None]
    assert [fault.reason for fault in decoded.faults] == ["out_of_range"]
    beyond = {**STATE, "position": {"lat": 91, "lng": 0}}
    assert [f.reason for f in read({"flights": [{"id": "f", "current_state": beyond}]}).faults] == [
        "out_of_range"
    ]


def test_lines_of_receivers_are_messages_heard_when_they_say() -> None:
    heard_ns = NOW_NS - 10**9
    decoded = read(
        encode_line("AA:bb:cc:dd:ee:ff", PACKED, heard_ns),
        {"transmitter": "x", "message": PACKED.hex(), "received": "2025-09-19T06:57:58Z"},
        {"transmitter": "y", "message": PACKED[3:28].hex()},
    )
    assert decoded.faults == []
    assert decoded.plots["valid_ns"].to_pylist() == [heard_ns, NOW_NS - 2 * 10**9]
    assert decoded.plots["remote_id"].to_pylist() == ["S1", "S1"]
    assert decoded.plots["received_ns"].to_pylist() == [NOW_NS] * 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"transmitter": "a", "message": "zz"}', "out_of_range"),
        (b'{"transmitter": "a", "message": "00", "received": "noon"}', "out_of_range"),
        (b'{"transmitter": "a", "message": "00"}', "bad_length"),
        (b'{"transmitter": 1, "message": "00"}', "out_of_range"),
        (b'{"hello": 1}', "unknown_type"),
        (b'{"flights": [}]}', "bad_json"),
        (b'{"flights": "\\ud800"}', "out_of_range"),
        (b"plain text", "bad_json"),
        (b"[1, 2]", "bad_json"),
    ],
)
def test_what_is_none_of_these_is_quarantined_with_its_reason(line: bytes, reason: str) -> None:
    decoded = read(line + b"\n")
    reasons = {fault.reason for fault in decoded.faults}
    assert reasons in ({reason}, {"bad_json"})
    assert read(line + b"\n" + encode_line("a", PACKED, NOW_NS)).plots.num_rows == 1


def test_a_broken_object_costs_no_more_than_itself() -> None:
    good = encode_line("a", PACKED, NOW_NS)
    for broken in (good[:40], good[:60], b'{"flights": [{"id": 1}', b'{"a": "\\'):
        # the last one shows that the first has no end
        decoded = read(broken + b"\n" + good + encode_line("b", PACKED, NOW_NS))
        assert decoded.plots.num_rows == 2, broken
        assert decoded.faults[0].data.startswith(broken)


texts = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
pieces = st.one_of(
    st.sampled_from([FLIGHTS, DETAILS, {"flights": [_later()]}]).map(msgspec.json.encode),
    st.sampled_from([FLIGHTS, DETAILS]).map(
        lambda value: msgspec.json.format(msgspec.json.encode(value), indent=2)
    ),
    st.just(encode_line("a", PACKED, NOW_NS)),
    texts.map(msgspec.json.encode),
    st.binary(max_size=30),
    st.sampled_from([b"{", b"}", b'"', b"\\", b"\n{", b'{"a": ']),
)


@settings(max_examples=100)
@given(st.lists(pieces, max_size=6), st.lists(st.integers(0, 900), max_size=5))
def test_nothing_depends_on_where_the_text_was_cut_and_nothing_is_lost(
    parts: list[bytes], cuts: list[int]
) -> None:
    whole = b"\n".join(parts)
    together = RemoteIdJsonDecoder("uss", None).decode(whole, NOW_NS, 0)
    decoder = RemoteIdJsonDecoder("uss", None)
    at = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    apart = [decoder.decode(whole[a:b], NOW_NS, 0) for a, b in itertools.pairwise(at)]
    assert [row for part in apart for row in part.plots.to_pylist()] == together.plots.to_pylist()
    assert [report for part in apart for report in part.reports] == together.reports
    assert [fault.data for part in apart for fault in part.faults] == [
        fault.data for fault in together.faults
    ]
    reader = DocumentReader()
    settled = b"".join(one.data for one in reader.push(whole)) + reader.rest
    blank = documents.BLANK
    assert bytes(c for c in settled if c not in blank) == bytes(c for c in whole if c not in blank)


def test_an_object_without_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "DOCUMENT_MAX", 1_000)
    decoder = RemoteIdJsonDecoder("uss", None)
    faults = [f for _ in range(30) for f in decoder.decode(b'{"a": [' * 10, NOW_NS, 0).faults]
    assert faults
    assert sum(len(fault.data) for fault in faults) > 1_000
    assert decoder.decode(b"\n" + encode_line("a", PACKED, NOW_NS), NOW_NS, 0).plots.num_rows == 1


@given(st.integers(1, 700))
def test_files_are_played_at_the_times_that_they_state(piece: int) -> None:
    lines = [encode_line("a", PACKED, NOW_NS + n) for n in range(3)]
    data = b"".join(lines) + msgspec.json.format(msgspec.json.encode(FLIGHTS)) + b"\nrubbish"
    assert sniff_json(data)
    framer = RemoteIdJsonFramer()
    chunks = list(chunks_of(framer, [data[at : at + piece] for at in range(0, len(data), piece)]))
    assert [chunk.received_ns - NOW_NS for chunk in chunks] == [0, 1, 2, 2, 2]
    decoder = RemoteIdJsonDecoder("uss", None)
    decoded = [decoder.decode(chunk.data, chunk.received_ns, 0) for chunk in chunks]
    assert [part.plots.num_rows for part in decoded] == [1, 0, 0, 1, 0]
    assert chunks[-1].data.strip() == b"rubbish"


def test_other_files_are_not_taken_for_these() -> None:
    for head in (b"", b"{}", b'{"type": "sighting"}', b"\x1a3\x00", b"a,b\n1,2\n"):
        assert not sniff_json(head)
    assert sniff_json(msgspec.json.encode(FLIGHTS)[:250])
