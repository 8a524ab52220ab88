"""Laws of report lines."""

from itertools import pairwise

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.reports import (
    LINE_MAX,
    ReportDecoder,
    ReportFramer,
    encode_report,
    known_ns,
    personal,
    sniff,
)
from vedette.model.report import AtsReport, FlightPlan, Report, Sighting, Subject

times = st.integers(0, 2**63 - 1)
places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
subjects = st.builds(
    Subject,
    track_id=st.none() | st.text(max_size=5),
    icao24=st.none() | st.text("0123456789abcdef", min_size=6, max_size=6),
    mode3a=st.none() | st.text("01234567", min_size=4, max_size=4),
    latitude_deg=st.none() | st.floats(-90, 90),
    longitude_deg=st.none() | st.floats(-180, 180),
)
plans = st.builds(
    lambda a, b, **others: FlightPlan(departure_ns=min(a, b), arrival_ns=max(a, b), **others),
    times,
    times,
    callsign=st.text(max_size=8),
    departure=st.just("EETN"),
    destination=st.just("EFHK"),
    route=st.lists(places, max_size=4).map(tuple),
    filed_ns=times,
)
answers = st.builds(
    AtsReport,
    subject=subjects,
    says=st.sampled_from(["ours", "not_ours", "distress"]),
    unit=st.text(max_size=8),
    valid_ns=times,
)
sightings = st.builds(
    Sighting,
    subject=subjects,
    seen=st.text(max_size=20),
    reporter=st.text(max_size=20),
    valid_ns=times,
    confidence=st.floats(0, 1),
)
reports = plans | answers | sightings


@settings(deadline=None)
@given(st.lists(reports, max_size=5), st.lists(st.integers(0, 2_000), max_size=5))
def test_reports_return_wherever_their_lines_are_cut(
    given_reports: list[Report], cuts: list[int]
) -> None:
    data = b"".join(map(encode_report, given_reports))
    decoder = ReportDecoder("r")
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found, faults = [], []
    for begin, end in pairwise(edges):
        decoded = decoder.decode(data[begin:end], 5, 0)
        found += decoded.reports
        faults += decoded.faults
    assert faults == []
    assert found == given_reports


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60) | reports.map(encode_report), max_size=5))
def test_every_byte_is_a_report_or_a_fault_or_waits(lines: list[bytes]) -> None:
    decoder = ReportDecoder("r")
    for line in lines:
        decoded = decoder.decode(line, 1, 0)
        assert all(fault.data and fault.reason for fault in decoded.faults)
        assert sum(decoded.counts.values()) == len(decoded.reports)
    last = decoder.decode(b"\n" + encode_report(SIGHTING), 1, 0)
    assert last.reports[-1] == SIGHTING


@given(st.lists(reports, max_size=5), st.integers(1, 50))
def test_a_file_gives_one_chunk_a_report_at_its_time(
    given_reports: list[Report], piece: int
) -> None:
    data = b"".join(map(encode_report, given_reports)).rstrip(b"\n")
    framer = ReportFramer()
    chunks = [c for i in range(0, len(data), piece) for c in framer.push(data[i : i + piece])]
    chunks += list(framer.finish())
    assert [chunk.received_ns for chunk in chunks] == [known_ns(r) for r in given_reports]
    decoder = ReportDecoder("r")
    found = [r for c in chunks for r in decoder.decode(c.data, c.received_ns, 0).reports]
    assert found == given_reports


SIGHTING = Sighting(
    subject=Subject(latitude_deg=59.5, longitude_deg=26.5), seen="jet", reporter="A. B.", valid_ns=7
)


def test_a_file_of_reports_is_known_by_its_first_line() -> None:
    assert sniff(b"\n" + encode_report(SIGHTING) + b"garbage")
    assert not sniff(b'{"type": "weather"}\n')
    assert not sniff(b"")


def fault_of(line: bytes) -> str:
    decoded = ReportDecoder("r").decode(line, 1, 0)
    assert decoded.reports == []
    return decoded.faults[0].reason


def test_what_cannot_be_true_is_out_of_range() -> None:
    good = msgspec.json.decode(encode_report(SIGHTING))
    for change in (
        {"confidence": 1.5},
        {"type": "order"},
        {"valid_ns": -1},
        {"extra": 1},
        {"subject": {"latitude_deg": 91, "longitude_deg": 0}},
        {"subject": {"icao24": "xyzxyz"}},
        {"subject": {"mode3a": "7800"}},
    ):
        assert fault_of(msgspec.json.encode({**good, **change}) + b"\n") == "out_of_range"
    assert fault_of(b"{not json}\n") == "bad_json"
    assert fault_of(b"[" * 50_000 + b"\n") in ("bad_json", "out_of_range")


def test_a_line_without_end_is_not_kept_for_ever() -> None:
    decoder = ReportDecoder("r")
    given_bytes = faulty = 0
    for _ in range(5):
        decoded = decoder.decode(b"x" * LINE_MAX, 1, 0)
        given_bytes += LINE_MAX
        faulty += sum(len(fault.data) for fault in decoded.faults)
    assert given_bytes - faulty <= LINE_MAX
    assert decoder.decode(b"x\n" + encode_report(SIGHTING), 1, 0).reports == [SIGHTING]


def test_only_the_reporter_of_a_sighting_is_personal() -> None:
    assert personal(SIGHTING) == ("reporter",)
    answer = AtsReport(subject=Subject(), says="ours", unit="EETT ACC", valid_ns=1)
    assert personal(answer) == ()
