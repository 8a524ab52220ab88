"""How messages of one drone come together: identity, time, repeats, operators, bounds."""

import struct
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.feeds.asterix.framers import chunks_of
from vedette.feeds.decoder import Decoded
from vedette.feeds.remote_id import transmitters
from vedette.feeds.remote_id.decoder import RemoteIdDecoder
from vedette.feeds.remote_id.messages import (
    EMERGENCY,
    GROUND,
    SYSTEM_FAILURE,
    Authentication,
    BasicId,
    Location,
    Message,
    OperatorId,
    SelfId,
    System,
    encode_message,
    pack,
)
from vedette.feeds.remote_id.packets import RemoteIdFramer
from vedette.feeds.remote_id.transmitters import Transmitters, class_hint, resolve_ns
from vedette.feeds.remote_id.vendors import blank_dji, read_dji, read_french
from vedette.model.report import RemotePilot
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

NOW_NS = 1_758_265_080_000_000_000
HOUR_NS = 3_600 * SECOND_NS
HERE = Location.of(latitude_deg=59.5, longitude_deg=26.5)


class Ear:
    """One receiver."""

    def __init__(self, sensor: Sensor | None = None) -> None:
        self.heard = Transmitters("roof", sensor)

    def __call__(self, *messages: Message | bytes, at_ns: int = NOW_NS, name: str = "a") -> Decoded:
        for one in messages:
            data = one if isinstance(one, bytes) else encode_message(one)
            self.heard.hear(name, data, at_ns, 0, at_ns)
        return self.heard.take(at_ns, 0)


def only(decoded: Decoded) -> dict[str, object]:
    (row,) = decoded.plots.to_pylist()
    return dict(row)


def test_a_place_without_an_identity_is_a_plot_and_gets_it_once_it_is_heard() -> None:
    ear = Ear()
    first = only(ear(HERE))
    assert (first["remote_id"], first["class_hint"], first["class_confidence"]) == (
        None,
        "drone_small",
        0.5,
    )
    ear(BasicId.of("SERIAL1", ua_type=2))
    later = only(ear(HERE, at_ns=NOW_NS + 2 * SECOND_NS))
    assert (later["remote_id"], later["class_confidence"]) == ("SERIAL1", 0.7)
    assert first["track_number"] == later["track_number"]
    other = only(ear(HERE, name="b"))
    assert other["remote_id"] is None
    assert other["track_number"] != first["track_number"]


def test_a_pack_gives_its_identity_to_its_place_in_either_order() -> None:
    who = BasicId.of("SERIAL1", ua_type=1)
    for messages in ([who, HERE], [HERE, who]):
        assert only(Ear()(pack(messages)))["remote_id"] == "SERIAL1"


def test_a_serial_number_goes_before_a_session_and_a_registration_is_the_operators() -> None:
    session = BasicId.of("01aa", id_type=4)
    mine = BasicId.of("HB-DRONE", id_type=2)
    decoded = Ear()(session, mine, HERE)
    assert only(decoded)["remote_id"] == "01aa"
    assert [report.registration for report in decoded.reports] == ["HB-DRONE"]  # type: ignore[union-attr]
    decoded = Ear()(session, BasicId.of("SERIAL1"), HERE)
    assert only(decoded)["remote_id"] == "SERIAL1"


def test_an_identity_that_changes_is_counted_and_one_not_heard_for_long_is_forgotten() -> None:
    ear = Ear()
    assert ear(BasicId.of("A"), BasicId.of("B")).counts["identity changed"] == 1
    late = only(ear(HERE, at_ns=NOW_NS + 301 * SECOND_NS))
    assert late["remote_id"] is None
    assert late["track_number"] == 2


def test_the_place_of_no_place_is_never_shown() -> None:
    ear = Ear()
    nowhere = Location.of(height_hae_m=50.0)
    row = only(ear(nowhere))
    assert row["latitude_deg"] is None
    assert row["longitude_deg"] is None
    assert row["position_sigma_m"] is None
    assert row["height_hae_m"] == 50.0
    again = ear(nowhere, at_ns=NOW_NS + 2 * SECOND_NS)
    assert again.plots.num_rows == 0  # such a drone is shown every five seconds at most
    assert again.counts["location without position"] == 1
    assert ear(nowhere, at_ns=NOW_NS + 6 * SECOND_NS).plots.num_rows == 1


@pytest.mark.parametrize(
    ("offset", "octets", "field", "words"),
    [
        (5, struct.pack("<i", 910_000_000), "latitude_deg", "position"),
        (9, struct.pack("<i", 1_900_000_000), "longitude_deg", "position"),
        (4, b"\x7f", "vertical_rate_mps", "vertical speed"),
        (2, b"\xc8", "track_angle_rad", "direction"),
        (21, b"\xff\x8f", "icao24", "time"),
    ],
)
def test_what_cannot_be_is_left_out_and_said(
    offset: int, octets: bytes, field: str, words: str
) -> None:
    data = bytearray(
        encode_message(Location.of(latitude_deg=59.5, longitude_deg=26.5, track_angle_rad=4.0))
    )
    data[offset : offset + len(octets)] = octets
    decoded = Ear()(bytes(data))
    assert only(decoded)[field] is None
    assert [fault.reason for fault in decoded.faults] == ["out_of_range"]
    assert words in decoded.faults[0].detail
    assert decoded.faults[0].data == bytes(data)


@given(st.integers(0, 2**62), st.integers(0, 59 * 10 + 9))
def test_a_time_after_the_hour_is_found_again_within_its_tenth(heard_ns: int, ago: int) -> None:
    true_ns = max(0, heard_ns - ago * SECOND_NS // 10)
    found_ns = resolve_ns(true_ns // 10**8 % 36_000, heard_ns)
    assert found_ns is not None
    assert 0 <= true_ns - found_ns < 10**8


@given(st.integers(10**18, 2 * 10**18), st.integers(0, 36_000))
def test_times_are_believed_within_a_minute_and_never_lie_ahead(heard_ns: int, tenths: int) -> None:
    found_ns = resolve_ns(tenths, heard_ns)
    after_ns = (tenths * 10**8 - heard_ns) % HOUR_NS
    if found_ns is None:
        assert 2 * SECOND_NS < after_ns < HOUR_NS - 60 * SECOND_NS
    else:
        assert 0 <= heard_ns - found_ns <= 60 * SECOND_NS
        assert after_ns <= 2 * SECOND_NS or after_ns >= HOUR_NS - 60 * SECOND_NS


def test_a_clock_that_is_wrong_is_counted_and_the_time_of_receipt_taken() -> None:
    wrong = Location.of(latitude_deg=1, longitude_deg=1, valid_ns=NOW_NS - 600 * SECOND_NS)
    decoded = Ear()(wrong)
    assert only(decoded)["valid_ns"] == NOW_NS
    assert decoded.counts["time not believed"] == 1


def test_the_same_statement_sent_again_is_counted_not_shown() -> None:
    timed = Location.of(latitude_deg=1, longitude_deg=1, valid_ns=NOW_NS)
    ear = Ear()
    assert ear(timed, timed).plots.num_rows == 1
    assert ear(timed, at_ns=NOW_NS + 5 * SECOND_NS).counts["repeated location"] == 1
    # an hour later the same octets are another statement
    assert ear(timed, at_ns=NOW_NS + HOUR_NS).plots.num_rows == 1
    # without a time only what comes within a second
    ear = Ear()
    assert ear(HERE, HERE).plots.num_rows == 1
    assert ear(HERE, at_ns=NOW_NS + SECOND_NS // 2).plots.num_rows == 0
    assert ear(HERE, at_ns=NOW_NS + SECOND_NS).plots.num_rows == 1


def test_operators_are_told_apart_from_plots_and_only_when_there_is_news() -> None:
    ear = Ear()
    place = System.of(latitude_deg=59.4, longitude_deg=26.4, height_hae_m=40.0)
    decoded = ear(pack([BasicId.of("S1"), place, OperatorId.of("FIN87"), SelfId.of("film")]))
    assert decoded.plots.num_rows == 0
    assert decoded.reports == [
        RemotePilot(
            sensor_id="roof",
            track_number=1,
            remote_id="S1",
            operator_id="FIN87",
            latitude_deg=59.4,
            longitude_deg=26.4,
            height_hae_m=40.0,
            place="live",
            words="film",
            valid_ns=NOW_NS,
        )
    ]
    assert ear(place).reports == []
    near = System.of(latitude_deg=59.40001, longitude_deg=26.4, height_hae_m=41.0)
    assert ear(near).reports == []
    far = System.of(latitude_deg=59.41, longitude_deg=26.4)
    assert len(ear(far).reports) == 1
    assert len(ear(OperatorId.of("FIN88")).reports) == 1
    columns = set(decoded.plots.column_names)
    assert not columns & {"operator_id", "words", "registration"}


def test_an_operator_at_no_place_or_beyond_the_earth_has_none() -> None:
    assert Ear()(System.of(latitude_deg=None, longitude_deg=None)).reports == []
    beyond = System(location_type=1, latitude=1_000_000_000, longitude=1)
    decoded = Ear()(beyond)
    assert decoded.reports == []
    assert [fault.reason for fault in decoded.faults] == ["out_of_range"]


def test_states_of_flight_reach_their_columns() -> None:
    ground = only(Ear()(Location.of(latitude_deg=1, longitude_deg=1, status=GROUND)))
    assert (ground["on_ground"], ground["emergency"]) == (True, None)
    need = only(Ear()(Location.of(latitude_deg=1, longitude_deg=1, status=EMERGENCY)))
    assert (need["on_ground"], need["emergency"]) == (None, "general")
    broken = Ear()(Location.of(latitude_deg=1, longitude_deg=1, status=SYSTEM_FAILURE))
    assert broken.counts["remote id failure declared"] == 1


def test_signatures_are_counted_by_page() -> None:
    pages = [Authentication(auth_type=1, page=n, data=bytes(23)) for n in range(3)]
    decoded = Ear()(*pages)
    assert decoded.counts == {"authentication": 3}
    assert decoded.faults == []


def test_a_site_gives_its_name_and_the_accuracy_that_a_drone_does_not_state() -> None:
    site = Sensor(
        sensor_id="north", kind="remote_id", latitude_deg=1, longitude_deg=1, range_sigma_m=33.0
    )
    row = only(Ear(site)(HERE))
    assert (row["sensor_id"], row["position_sigma_m"]) == ("north", 33.0)
    stated = Location.of(latitude_deg=1, longitude_deg=1, position_sigma_m=4.0)
    assert only(Ear(site)(stated))["position_sigma_m"] == pytest.approx(10 / 2.44775, rel=1e-4)


def test_memory_of_transmitters_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transmitters, "TRANSMITTERS_MAX", 10)
    ear = Ear()
    counts: Counter[str] = Counter()
    for number in range(30):
        counts.update(ear(HERE, name=str(number)).counts)
    assert counts["transmitters forgotten"] == 20


def test_every_type_of_aircraft_has_a_class_or_none() -> None:
    hints = [class_hint(code)[0] for code in range(16)]
    assert hints.count("drone_small") == 9
    assert hints.count("balloon") == 3
    assert hints.count(None) == 4


@given(st.binary(max_size=120))
def test_any_octets_of_other_makers_give_something_or_a_reason(data: bytes) -> None:
    for octets in (data, b"\x58\x62\x13\x10" + data, b"\x01" + data):
        read_dji(octets)
        read_french(octets)
        blank_dji(octets)


def test_the_french_element_is_read_and_its_take_off_point_is_the_operators() -> None:
    def coded(code: int, value: bytes) -> bytes:
        return bytes((code, len(value))) + value

    element = b"\x01" + coded(1, b"\x01") + coded(2, b"ABCMOD000000000000000000012345")
    element += coded(4, struct.pack(">i", 4_882_000)) + coded(5, struct.pack(">i", 229_000))
    element += coded(6, struct.pack(">h", 120)) + coded(7, struct.pack(">h", 50))
    element += coded(8, struct.pack(">i", 4_881_000)) + coded(9, struct.pack(">i", 228_000))
    element += coded(10, b"\x0c") + coded(11, struct.pack(">h", 90))
    stated = read_french(element)
    assert stated[0] == "french beacon"
    assert stated[1] == {1: "ABCMOD000000000000000000012345"}
    fix, operator = stated[2], stated[3]  # type: ignore[misc]
    assert (fix.latitude_deg, fix.longitude_deg, fix.ground_speed_mps) == (48.82, 2.29, 12.0)
    assert (operator.latitude_deg, operator.longitude_deg, operator.place) == (
        48.81,
        2.28,
        "takeoff",
    )


def replay(path: Path) -> tuple[pa.Table, list[RemotePilot], Counter[str], Counter[str]]:
    framer, decoder = RemoteIdFramer(), RemoteIdDecoder("roof", None)
    parts = [
        decoder.decode(chunk.data, chunk.received_ns, number)
        for number, chunk in enumerate(chunks_of(framer, [path.read_bytes()]))
    ]
    counts: Counter[str] = Counter()
    for part in parts:
        counts.update(part.counts)
    reports = [one for part in parts for one in part.reports if isinstance(one, RemotePilot)]
    reasons = Counter(fault.reason for part in parts for fault in part.faults)
    return pa.concat_tables([part.plots for part in parts]), reports, counts, reasons


@pytest.mark.shared
def test_the_recorded_parrot_flies_over_zurich(shared: Path) -> None:
    folder = shared / "data/surveillance/remote_id"
    table, reports, counts, reasons = replay(folder / "parrot_anafi4_spoofed.pcapng")
    assert set(table["remote_id"].to_pylist()) == {"1588E040445AC004418"}
    assert counts["wifi beacon"] == counts["location"] == 26
    assert table.num_rows + counts["repeated location"] == 26
    assert all(47.3 < value < 47.5 for value in table["latitude_deg"].to_pylist())
    assert all(8.4 < value < 8.6 for value in table["longitude_deg"].to_pylist())
    # its clock stands at 1.8 s after the hour, and its last message lacks three octets
    assert counts["time not believed"] == 26
    assert reasons == {"truncated": 26}
    assert [(one.latitude_deg, one.longitude_deg) for one in reports] == [(47.198656, 8.7302205)]
    assert table["pressure_altitude_m"].null_count == table.num_rows  # -1000: unknown


@pytest.mark.shared
def test_the_recorded_djis_are_fifteen_and_one(shared: Path) -> None:
    folder = shared / "data/surveillance/remote_id"
    table, reports, counts, reasons = replay(folder / "mavic_multiple_spoofed.pcapng")
    assert len(set(table["remote_id"].to_pylist())) == len(reports) == 15
    assert counts["dji droneid"] == 77
    assert not reasons
    # around Bern, where the spoofer said that they fly
    assert all(46.7 < value < 47.0 for value in table["latitude_deg"].to_pylist())
    assert all(7.4 < value < 7.8 for value in table["longitude_deg"].to_pylist())
    table, reports, counts, _ = replay(folder / "mavic_alessa_spoofed.pcapng")
    assert counts["dji droneid"] == 10
    assert set(table["remote_id"].to_pylist()) == {"K6RE0WENAH9P8QAL"}
    assert table["latitude_deg"].to_pylist() == pytest.approx([12.0] * table.num_rows, abs=1e-5)
    assert table["longitude_deg"].to_pylist() == pytest.approx([13.0] * table.num_rows, abs=1e-5)
    (pilot,) = reports
    assert pilot.latitude_deg == pytest.approx(56.0, abs=1e-4)
    assert pilot.longitude_deg == pytest.approx(43.0, abs=1e-4)
