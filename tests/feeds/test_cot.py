"""Cursor on Target: both forms, any cut, any octets, and nothing hostile can be written."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.cot.decoder import CotDecoder, CotFramer, sniff
from vedette.feeds.cot.encoder import AFFILIATIONS, encode_protobuf, encode_xml, event_of
from vedette.feeds.cot.events import STREAM, Event, cut_events, read_protobuf, read_xml

NOW_NS = 1_758_265_080_000_000_000


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


rows = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["track", "person"]),
        "valid_ns": st.integers(0, 10**6).map(lambda ms: NOW_NS + ms * 1_000_000),
        "latitude_deg": st.floats(-90, 90),
        "longitude_deg": st.floats(-180, 180),
        "height_hae_m": optional(st.floats(-300, 20_000)),
        "position_sigma_m": optional(st.floats(1, 5_000)),
        "height_sigma_m": optional(st.floats(1, 5_000)),
        "ground_speed_mps": optional(st.floats(0, 900)),
        "track_angle_rad": st.floats(0, 6.28),
        "callsign": optional(st.text("ABC<>&\"'xyz01", min_size=1, max_size=8)),
    }
)


def encoded(row: dict[str, Any], form: str) -> bytes:
    event = event_of(row, f"V-{row['valid_ns']}", row["valid_ns"] + 10**10)
    return encode_xml(event) if form == "xml" else encode_protobuf(event, stream=form == "stream")


@given(rows, st.sampled_from(["xml", "stream", "mesh"]))
def test_an_event_brings_back_its_plot(row: dict[str, Any], form: str) -> None:
    data = encoded(row, form)
    assert sniff(data)
    found = CotDecoder("f", None).decode(data, NOW_NS, 0)
    assert found.faults == []
    (plot,) = found.plots.to_pylist()
    for name in ("valid_ns", "latitude_deg", "longitude_deg", "height_hae_m", "callsign", "kind"):
        assert plot[name] == row[name], name
    if row["position_sigma_m"] is None:
        assert plot["position_sigma_m"] == (2_000.0 if row["kind"] == "person" else 500.0)
    else:
        assert plot["position_sigma_m"] == row["position_sigma_m"]
    if row["ground_speed_mps"] is not None:
        assert plot["ground_speed_mps"] == row["ground_speed_mps"]
        assert plot["track_angle_rad"] == pytest.approx(row["track_angle_rad"], abs=1e-9)
    assert plot["military_reply"] is None


@given(
    st.lists(st.tuples(rows, st.sampled_from(["xml", "stream"])), min_size=1, max_size=5),
    st.lists(st.integers(0, 3_000), max_size=6),
)
@settings(max_examples=60)
def test_where_a_stream_is_cut_makes_no_difference(
    made: list[tuple[dict[str, Any], str]], cuts: list[int]
) -> None:
    data = b"".join(encoded(*one) for one in made)
    whole = CotDecoder("f", None).decode(data, NOW_NS, 0)
    assert whole.plots.num_rows == len(made)
    decoder, rows_found = CotDecoder("f", None), []
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in itertools.pairwise(edges):
        found = decoder.decode(data[start:end], NOW_NS, 0)
        assert found.faults == []
        rows_found += found.plots.to_pylist()
    assert rows_found == whole.plots.to_pylist()
    framer = CotFramer()
    chunks = [*framer.push(data), *framer.finish()]
    assert b"".join(chunk.data for chunk in chunks) == data
    begun = whole.plots.column("valid_ns").to_pylist()
    assert [chunk.received_ns for chunk in chunks] == begun  # the order of time is the reader's


@given(st.lists(st.binary(max_size=30) | rows.map(lambda row: encoded(row, "xml")), max_size=4))
@settings(max_examples=150)
def test_any_octets_are_read_waiting_or_quarantined(parts: list[bytes]) -> None:
    data = b"".join(parts)
    found = CotDecoder("f", None).decode(data, NOW_NS, 0)
    pieces, settled = cut_events(data)
    assert sum(len(piece.data) for piece in pieces) <= settled <= len(data)
    for fault in found.faults:
        assert data[fault.offset : fault.offset + len(fault.data)] == fault.data


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE e [<!ENTITY a "b">]>',
        "<event/>",
        '<event uid="u" type="a-u-A" start="2025-01-01T00:00:00Z"></event>',
        '<event uid="u" type="a-u-A" start="noon"><point lat="1" lon="2"/></event>',
        '<event uid="u" type="a-u-A" start="2025-01-01T00:00:00Z"><point lat="91" lon="2"/></event>',
        '<event uid="u" type="a-u-A" start="2025-01-01T00:00:00Z"><point lat="x" lon="2"/></event>',
        '<event uid="u" type="a-u-A" start="2025-01-01T00:00:00Z"><point lat="nan" lon="2"/></event>',
        "<event>" + "<a>" * 40 + "</a>" * 40 + "</event>",
        "<event>&a;</event>",
    ],
)
def test_what_is_no_event_is_quarantined(text: str) -> None:
    found = CotDecoder("f", None).decode(text.encode() + b"</event>", NOW_NS, 0)
    assert found.plots.num_rows == 0
    assert {fault.reason for fault in found.faults} <= {"bad_event", "garbage"}
    assert found.faults


def test_entities_do_not_grow() -> None:
    bomb = b'<!DOCTYPE e [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><event uid="&b;"></event>'
    found = CotDecoder("f", None).decode(bomb, NOW_NS, 0)
    assert found.plots.num_rows == 0
    assert found.faults


def event(kind: str, more: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?><event version="2.0" uid="u" type="{kind}" how="m-g" '
        'time="2025-09-19T06:58:00Z" start="2025-09-19T06:58:00.5Z" stale="2025-09-19T06:59:00Z">'
        f'<point lat="59.5" lon="26.5" hae="9999999" ce="9999999" le="9999999"/>'
        f"<detail>{more}</detail></event>"
    ).encode()


@pytest.mark.parametrize(
    ("kind", "hint"),
    [("a-h-A-M-F-Q", "drone_small"), ("a-n-A-C-H", "helicopter_civil"), ("a-u-A-M-L", "balloon"),
     ("a-h-A-M-F", None), ("a-h-A", None), ("a-f-A-C-F", None)],
)  # fmt: skip
def test_what_others_call_it_becomes_no_accusation(kind: str, hint: str | None) -> None:
    (plot,) = CotDecoder("f", None).decode(event(kind), NOW_NS, 0).plots.to_pylist()
    assert plot["class_hint"] == hint
    assert plot["military_reply"] is None
    assert plot["height_hae_m"] is None
    assert plot["valid_ns"] == NOW_NS + 500_000_000


@pytest.mark.parametrize("kind", ["a-f-G-U-C", "b-m-p-s-p-i", "t-x-c-t", "a-h-S"])
def test_events_not_of_the_air_are_counted_only(kind: str) -> None:
    found = CotDecoder("f", None).decode(event(kind), NOW_NS, 0)
    assert found.counts == {"other event": 1}
    assert found.plots.num_rows == 0
    assert found.faults == []


@given(st.sampled_from(sorted(AFFILIATIONS)), rows)
def test_only_objects_of_the_air_without_blame_are_written(name: Any, row: dict[str, Any]) -> None:
    made = event_of(row, "u", NOW_NS, name)
    assert made.type in {"a-p-A", "a-u-A", "a-n-A", "a-f-A"}
    assert b"not for weapons use" in encode_xml(made)
    assert read_xml(encode_xml(made)).type == read_protobuf(encode_protobuf(made, stream=True)).type


@pytest.mark.parametrize(
    "kind", ["a-h-A", "a-s-A", "a-j-A", "a-k-A", "t-x-c", "b-a", "a-u-G", "u-d-c"]
)
def test_any_other_type_is_refused(kind: str) -> None:
    made = Event(uid="u", type=kind, start_ns=NOW_NS, latitude_deg=0.0, longitude_deg=0.0)
    for encode in (encode_xml, lambda e: encode_protobuf(e, stream=True)):
        with pytest.raises(ValueError, match="not written"):
            encode(made)
    with pytest.raises(KeyError):
        event_of({"valid_ns": 0, "latitude_deg": 0, "longitude_deg": 0}, "u", 0, "hostile")  # type: ignore[arg-type]


def test_a_length_without_its_octets_swallows_no_events_after_it() -> None:
    decoder = CotDecoder("f", None)
    length = bytes((STREAM, 0x80, 0x80, 0x20))  # of half a megabyte that never comes
    assert decoder.decode(length, NOW_NS, 0).faults == []  # it may still come
    first, second = (decoder.decode(event("a-u-A"), NOW_NS, ref) for ref in (1, 2))
    assert [fault.data for fault in first.faults] == [length]
    assert (first.plots.num_rows, second.plots.num_rows) == (1, 1)


@given(st.integers(1, 400), st.sampled_from([b"\xbf", b"\xbf\xff"]))
def test_octets_in_a_row_that_are_no_event_are_one_piece(many: int, octets: bytes) -> None:
    data = octets * many + b"\xff" * 5 + event("a-u-A")
    found = CotDecoder("f", None).decode(data, NOW_NS, 0)
    assert found.plots.num_rows == 1
    assert len(found.faults) == 1
