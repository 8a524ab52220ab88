"""Every format of the registry, held to one law; a new one needs an example here and nothing else."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.engine.address import parse_feed, schemes
from vedette.feeds import opensky, readsb, sbs
from vedette.feeds.asterix.category_encoder import encode_category
from vedette.feeds.asterix.framers import BlockCutter
from vedette.feeds.cot.encoder import encode_xml, event_of
from vedette.feeds.formats import FORMATS, codec, named, recognise
from vedette.feeds.mavlink.framers import encode_log
from vedette.feeds.mavlink.frames import BasicIdPayload, Frame, LocationPayload
from vedette.feeds.mode_s import avr
from vedette.feeds.mode_s.encoder import BeastEncoder
from vedette.feeds.pcap import encode_capture
from vedette.feeds.people import Observation, encode_observation
from vedette.feeds.plots import PlotDecoder, encode_lines, encode_parquet
from vedette.feeds.remote_id.encoder import encode_packets
from vedette.feeds.remote_id.messages import BasicId, Location, encode_message
from vedette.feeds.remote_id.network import encode_line
from vedette.feeds.reports import encode_report
from vedette.feeds.sapient import encoder as sapient
from vedette.model.errors import SettingError
from vedette.model.plot import PLOT, plots
from vedette.model.report import AtsReport, Subject

ROOT = Path(__file__).parents[2]
NOW_NS = 1_758_265_080_000_000_000
COUNT = 12
STEPS = np.arange(COUNT)
TABLE = plots(
    sensor_id=["r"] * COUNT, kind=["ads_b"] * COUNT, valid_ns=NOW_NS + STEPS * 10**9,
    received_ns=NOW_NS + STEPS * 10**9 + 1, latitude_deg=59.0 + STEPS * 1e-3,
    longitude_deg=25.0 + STEPS * 1e-3, pressure_altitude_m=np.full(COUNT, 9_000.0),
    ground_speed_mps=np.full(COUNT, 200.0), track_angle_rad=np.full(COUNT, 0.5),
    icao24=np.full(COUNT, 0x4B1801, np.uint32), callsign=["SWR123"] * COUNT,
)  # fmt: skip
ROWS = TABLE.to_pylist()


def beast() -> bytes:
    return BeastEncoder().encode(TABLE)


def avr_lines() -> bytes:
    found = b""
    for frame in avr._FRAME.findall(beast()):
        body = frame[2:].replace(b"\x1a\x1a", b"\x1a")
        found += avr.encode_avr(body[7:], int.from_bytes(body[:6], "big"))
    return found


def remote_id() -> bytes:
    messages = [
        BasicId.of("1581F5FKD229S00AB123", ua_type=2),
        Location.of(latitude_deg=59.5, longitude_deg=26.5, valid_ns=NOW_NS),
    ]
    ((link, packet),) = encode_packets("wifi beacon", bytes(6), messages)
    return encode_capture(link, [(NOW_NS + n * 10**9, packet) for n in range(4)])


def remote_id_json() -> bytes:
    messages = [
        BasicId.of("S1", ua_type=2),
        Location.of(latitude_deg=1.0, longitude_deg=2.0, valid_ns=NOW_NS),
    ]
    return b"".join(encode_line("t", encode_message(m), NOW_NS) for m in messages)


def mavlink() -> bytes:
    basic = BasicIdPayload(0, 0, bytes(20), 1, 2, b"SERIAL-1".ljust(20, b"\0"))
    place = LocationPayload(
        target_system=0, target_component=0, id_or_mac=bytes(20), status=2, direction=9_000,
        speed_horizontal=1_000, speed_vertical=0, latitude=595_000_000, longitude=265_000_000,
        altitude_barometric=100.0, altitude_geodetic=120.0, height_reference=0, height=50.0,
        horizontal_accuracy=10, vertical_accuracy=4, barometer_accuracy=4, speed_accuracy=3,
        timestamp=10.0, timestamp_accuracy=1,
    )  # fmt: skip
    frames = [
        Frame(sequence=n, system=1, component=1, payload=p) for n, p in enumerate((basic, place))
    ]
    return encode_log([(NOW_NS + n * 10**9, frame) for n, frame in enumerate(frames)])


def csv_table() -> bytes:
    lines = ["time,icao24,lat,lon,baroaltitude,velocity,heading"]
    lines += [
        f"{r['valid_ns'] // 10**9},4b1801,{r['latitude_deg']},{r['longitude_deg']},9000,200,30"
        for r in ROWS
    ]
    return "\n".join(lines).encode() + b"\n"


def report() -> bytes:
    subject = Subject(icao24="4b1801")
    return b"".join(
        encode_report(AtsReport(subject=subject, says="ours", unit="EETT", valid_ns=NOW_NS + n))
        for n in range(3)
    )


EXAMPLES = {
    "asterix": lambda: encode_category(62, TABLE, 25, 10),
    "remote-id": remote_id,
    "beast": beast,
    "avr": avr_lines,
    "sbs": lambda: b"".join(
        sbs.encode_line(sbs.Message(3, 0x4B1801, r["valid_ns"], latitude_deg=r["latitude_deg"],
                                    longitude_deg=r["longitude_deg"])) for r in ROWS),
    "readsb": lambda: b"".join(readsb.encode_snapshot([r], r["valid_ns"]) for r in ROWS),
    "opensky": lambda: b"".join(
        opensky.encode_states(opensky.as_states([r]), r["valid_ns"] // 10**9) for r in ROWS),
    "mavlink": mavlink,
    "sapient": lambda: b"".join(
        sapient.framed(sapient.detection("a8654cdf-4328-47de-81fa-c495589e30c9", r)) for r in ROWS),
    "cot": lambda: b"".join(encode_xml(event_of(r, "u", r["valid_ns"] + 10**10)) for r in ROWS),
    "people": lambda: b"".join(
        encode_observation(Observation(valid_ns=r["valid_ns"], sense="seen", latitude_deg=59.0,
                                       longitude_deg=25.0, bearing_deg=90.0)) for r in ROWS),
    "table": csv_table,
    "report": report,
    "plots": lambda: encode_lines(TABLE),
    "remote-id-json": remote_id_json,
}  # fmt: skip


def test_every_format_has_an_example_here_and_a_page() -> None:
    assert set(EXAMPLES) == set(FORMATS)
    for name, known in FORMATS.items():
        page = (ROOT / "docs/reference" / known.page).read_text()
        assert len(page) > 1_000, name
        assert known.transports
        assert f"{name}+{known.transports[0]}" in schemes()


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_is_recognised_as_its_own_format(name: str) -> None:
    data = EXAMPLES[name]()
    assert recognise(data) == name
    for other in FORMATS:
        if other != name:
            assert not codec(other).sniff(data), other


def read(name: str, pieces: list[bytes]) -> tuple[list[dict[str, object]], int, int]:
    reading = codec(name)
    framer = reading.framer(pieces[0], NOW_NS - NOW_NS % (86_400 * 10**9))
    decoder = reading.decoder("f", (), None)
    chunks = [chunk for piece in pieces for chunk in framer.push(piece)]
    chunks += framer.finish()
    rows, reports = [], 0
    for chunk in chunks:
        decoded = decoder.decode(chunk.data, chunk.received_ns, 0)
        assert decoded.faults == [], decoded.faults
        rows += decoded.plots.to_pylist()
        reports += len(decoded.reports)
    times = [chunk.received_ns for chunk in chunks]
    assert times == sorted(times)
    return rows, reports, len(chunks)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_a_file_gives_the_same_in_any_pieces(name: str) -> None:
    data = EXAMPLES[name]()
    rows, reports, _ = read(name, [data])
    assert rows or reports
    for size in (1_000, 97):
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        again, told, _ = read(name, pieces)
        assert (again, told) == (rows, reports)


@pytest.mark.parametrize("name", sorted(EXAMPLES))
@given(st.data())
@settings(max_examples=25)
def test_no_octets_break_a_format(name: str, data: st.DataObject) -> None:
    example = EXAMPLES[name]()
    octets = data.draw(
        st.binary(max_size=200)
        | st.tuples(
            st.integers(0, len(example)), st.integers(0, len(example)), st.binary(max_size=9)
        ).map(lambda cut: example[: cut[0]] + cut[2] + example[cut[1] :])
    )
    reading = codec(name)
    assert reading.sniff(octets) in (True, False)
    framer = reading.framer(octets, 0)
    decoder = reading.decoder("f", (), None)
    for chunk in [*framer.push(octets), *framer.finish()]:
        decoder.decode(chunk.data, chunk.received_ns, 0)
        if reading.redact is not None:
            reading.redact(chunk.data)
    reading.decoder("f", (), None).decode(octets, NOW_NS, 0)
    if reading.cutter is not None:
        cutter = reading.cutter()
        cut = b"".join(chunk.data for chunk in [*cutter.push(octets), *cutter.finish()])
        assert len(cut) <= len(octets) + 2 * octets.count(b"\n") + 16


@given(st.lists(st.binary(max_size=40), max_size=5), st.lists(st.integers(0, 300), max_size=4))
def test_blocks_of_a_stream_come_out_whole(bodies: list[bytes], cuts: list[int]) -> None:
    blocks = [bytes([62]) + (len(body) + 3).to_bytes(2, "big") + body for body in bodies]
    stream = b"".join(blocks)
    cutter, found, at = BlockCutter(), b"", 0
    edges = set(np.cumsum([len(block) for block in blocks]).tolist())
    for cut in [*sorted(min(cut, len(stream)) for cut in cuts), len(stream)]:
        for chunk in cutter.push(stream[at:cut]):
            found += chunk.data
            assert len(found) in edges
        at = cut
    assert found == stream


def test_names_that_are_none_are_refused_with_those_that_are() -> None:
    with pytest.raises(SettingError, match="asterix"):
        named("morse")
    with pytest.raises(SettingError, match="beast\\+tcp"):
        parse_feed("morse://host:1")
    with pytest.raises(SettingError, match="beast\\+tcp"):
        parse_feed("beast+udp://host:1")
    with pytest.raises(SettingError, match="every_s"):
        parse_feed("readsb://host/aircraft.json?every_s=0")
    found = parse_feed("readsb+https://host/data/aircraft.json?every_s=2&key=x")
    assert (found.request, found.every_s) == ("https://host/data/aircraft.json?key=x", 2.0)


# ---- plots


def test_plots_survive_as_lines_and_as_parquet() -> None:
    lines = encode_lines(TABLE)
    found = PlotDecoder("f").decode(lines, NOW_NS, 0)
    assert found.faults == []
    ours = ["feed_id", "raw_ref"]
    assert found.plots.drop(ours).equals(TABLE.drop(ours))
    assert encode_lines(found.plots) == lines
    rows, _, chunks = read("plots", [encode_parquet(TABLE)])
    assert chunks == COUNT
    assert [{k: v for k, v in row.items() if k not in ours} for row in rows] == TABLE.drop(
        ours
    ).to_pylist()


def test_a_live_stream_of_plots_that_begins_as_a_file_does_not_wait_for_its_end() -> None:
    cutter = codec("plots").cutter
    assert cutter is not None
    chunks = cutter().push(b"PAR1" + encode_lines(TABLE))
    decoder = PlotDecoder("f")
    found = [decoder.decode(chunk.data, NOW_NS, 0) for chunk in chunks]
    assert [fault.reason for one in found for fault in one.faults] == ["bad_json"]
    assert sum(one.plots.num_rows for one in found) == COUNT - 1


@pytest.mark.parametrize(
    "change",
    [{"latitude_deg": 91}, {"kind": "spy"}, {"valid_ns": None}, {"valid_ns": -1}, {"mode3a": 4096},
     {"icao24": 1 << 24}, {"callsign": 5}, {"on_ground": 1}, {"colour": "red"}, {"position_sigma_m": 0},
     {"emergency": "tea"}, {"class_confidence": 2}, {"sensor_id": None}],
)  # fmt: skip
def test_a_plot_that_cannot_be_is_quarantined(change: dict[str, object]) -> None:
    import json

    row = json.loads(encode_lines(TABLE).splitlines()[0]) | change
    found = PlotDecoder("f").decode(json.dumps(row).encode() + b"\n", NOW_NS, 0)
    assert [fault.reason for fault in found.faults] == ["out_of_range"]
    assert found.plots.num_rows == 0


def test_the_page_on_plots_names_every_column_with_its_type() -> None:
    page = (ROOT / "docs/reference/plots.md").read_text()
    for field in PLOT:
        assert f"| `{field.name}` | {field.type} |" in page, field.name
