"""Flight plans as ICAO messages and JSON."""

from pathlib import Path

import msgspec
import pytest

from vedette.app.flight_plans import PlanFeed, begin_of, flight_plan, read_plans
from vedette.feeds.reports import ReportDecoder
from vedette.model.errors import SourceError
from vedette.model.report import AtsReport, FlightPlan
from vedette.model.time import parse_utc

# the example of ICAO Doc 4444, appendix 3, in form; its route with places in the place of names
MESSAGE = """(FPL-ACA101/A4213-IS
-B773/H-CHOV/C
-EGLL1400
-N0450F310 L9 5130N00200W/N0480F350 L9 MALOT DCT 5200N01500W 53N020W
-EINN0255 EIDW
-EET/EISN0026 DOF/250919 REG/CFIUV CODE/C0173E RMK/ALPHA-2)"""


def test_an_icao_message_is_read_field_by_field():
    plan, notes = flight_plan(MESSAGE, None)
    assert plan == FlightPlan(
        callsign="ACA101",
        icao24="c0173e",
        mode3a="4213",
        aircraft_type="B773",
        rules="I",
        departure="EGLL",
        destination="EINN",
        departure_ns=parse_utc("2025-09-19T14:00:00Z"),
        arrival_ns=parse_utc("2025-09-19T16:55:00Z"),
        cruise_pressure_altitude_m=pytest.approx(31_000 * 0.3048),
        cruise_speed_mps=pytest.approx(231.5, abs=0.01),
        route=((51.5, -2.0), (52.0, -15.0), (53.0, -20.0)),
        filed_ns=parse_utc("2025-09-19T13:00:00Z"),
    )
    assert notes == ["L9, L9, MALOT: not placed, only coordinates are"]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("EGLL1400", "EGLL"), "departure"),
        (("DOF/250919", ""), "which day"),
        (("EINN0255", "EINN"), "destination"),
        (("N0450F310", "FAST"), "speed and level"),
        (("-IS\n", "-QS\n"), "flight rules"),
        (("-B773/H-CHOV/C\n-EGLL1400", ""), "fields"),
    ],
)
def test_a_message_that_cannot_be_read_says_why(change, why):
    with pytest.raises(ValueError, match=why):
        flight_plan(MESSAGE.replace(*change), None)


@pytest.mark.parametrize("kept", [8, 40, 90, len(MESSAGE) - 1])
def test_a_message_that_was_cut_is_told_and_takes_no_other_along(tmp_path, kept):
    text = tmp_path / "plans.txt"
    other = MESSAGE.replace("ACA101", "BAW9")
    text.write_text(f"{MESSAGE[:kept]}\n{other}\n{MESSAGE[:60]}")
    plans, notes = read_plans(text, None)
    assert [plan.callsign for plan in plans] == ["BAW9"]
    assert sum("it has no end" in note for note in notes) == 2


def test_a_file_may_hold_messages_or_json_and_reaches_the_decoder_whole(tmp_path):
    text = tmp_path / "plans.txt"
    text.write_text(f"morning\n{MESSAGE}\n\n{MESSAGE.replace('EGLL1400', 'EGLL')}\n")
    plans, notes = read_plans(text, None)
    assert len(plans) == 1
    assert "message 2: left out" in notes[1]
    rows = tmp_path / "plans.json"
    rows.write_text(
        '[{"callsign": "SAR1", "departure": "LSZH", "destination": "LSZH",'
        ' "departure_utc": "2018-08-01T09:00:00Z", "arrival_utc": "2018-08-01T11:00:00Z"},'
        ' {"type": "ats_report", "subject": {"callsign": "CFL12"}, "says": "authorised",'
        ' "unit": "EKDK", "valid_ns": 1543220000000000000}]'
    )
    told, _ = read_plans(rows, None)
    assert isinstance(told[0], FlightPlan)
    assert isinstance(told[1], AtsReport)
    begin_ns = parse_utc("2018-08-01T05:00:00Z")
    feed = PlanFeed(told, begin_ns)
    decoder = ReportDecoder("plans-1")
    heard = [r for chunk in feed.chunks(0) for r in decoder.decode(chunk.data, 0, 0).reports]
    assert [type(r) for r in heard] == [FlightPlan, AtsReport]
    assert heard[0].filed_ns == begin_ns  # known from the begin
    assert [c.data for c in feed.chunks(1)] == [c.data for c in feed.chunks(0)][1:]
    assert begin_of([feed, None], 7) == begin_ns
    assert begin_of([], 7) == 7
    for bad in ("nothing here", '[{"callsign": 3}]'):
        rows.write_text(bad)
        with pytest.raises(SourceError):
            read_plans(rows, None)


def test_plans_are_what_the_report_format_says():
    plan, _ = flight_plan(MESSAGE, None)
    assert msgspec.json.decode(msgspec.json.encode(plan))["type"] == "flight_plan"


def test_routes_and_aircraft_of_a_file_hold_from_the_begin(tmp_path: Path) -> None:
    file = tmp_path / "reference.json"
    file.write_text(
        '[{"type":"airway","designator":"UN1","route":[[54.0,20.0],[58.0,20.0]]},'
        '{"type":"aircraft","icao24":"4ca123","typecode":"A320","description":"L2J"}]'
    )
    found, notes = read_plans(file, None)
    assert notes == []
    assert [type(one).__name__ for one in found] == ["Airway", "RegisteredAircraft"]
    assert {one.valid_ns for one in found if not isinstance(one, FlightPlan)} == {0}
