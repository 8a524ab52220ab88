"""Trajectory tables: every unit that is documented, nothing dropped in silence."""

import gzip
import io
import math
import re
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.engine.address import parse_feed
from vedette.engine.recordings import open_recording
from vedette.feeds.decoder import Chunk
from vedette.feeds.table import TableDecoder, TableFramer, read_batches
from vedette.feeds.table.reader import sniff
from vedette.feeds.table.times import times_ns
from vedette.model.errors import SourceError
from vedette.model.plot import PLOT, plots
from vedette.model.sensor import Sensor

SHARED = Path(__file__).parents[2] / "../shared/data"
T = 1_758_265_080_000_000_000
S = 1_000_000_000


def parquet(table: pa.Table, rows: int = 1_000) -> io.BytesIO:
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=rows)
    return file


def decoded(table: pa.Table, sensor: Sensor | None = None) -> tuple[list[dict[str, object]], list]:
    decoder = TableDecoder("t", sensor)
    rows, faults = [], []
    for index, chunk in enumerate(read_batches(parquet(table))):
        part = decoder.decode(chunk.data, chunk.received_ns, index)
        part.plots.validate(full=True)
        assert part.plots.schema == PLOT
        rows += part.plots.to_pylist()
        faults += part.faults
    return rows, faults


def opened(chunk: Chunk) -> tuple[int, list[dict[str, object]]]:
    return chunk.received_ns, pa.ipc.open_stream(chunk.data).read_all().to_pylist()


def one(**columns: object) -> dict[str, object]:
    given_columns = {"time": T, "lat": 59.5, "lon": 26.5, **columns}
    rows, faults = decoded(pa.table({name: [value] for name, value in given_columns.items()}))
    assert faults == []
    return rows[0]


@pytest.mark.parametrize(
    ("columns", "field", "expected"),
    [
        ({"altitude": 1000.0}, "pressure_altitude_m", 304.8),
        ({"baroaltitude": 1000.0}, "pressure_altitude_m", 1000.0),
        ({"altitude_m": 1000}, "pressure_altitude_m", 1000.0),
        ({"alt_baro": 1000}, "pressure_altitude_m", 304.8),
        ({"flight_level": 100}, "pressure_altitude_m", 3048.0),
        ({"alt_m": 1000}, "height_hae_m", 1000.0),
        ({"geoaltitude": 1000.0, "altitude": 1.0}, "height_hae_m", 304.8),
        ({"geoaltitude": 1000.0, "baroaltitude": 1.0}, "height_hae_m", 1000.0),
        ({"groundspeed": 100}, "ground_speed_mps", 51.4444444),
        ({"velocity": 100.0}, "ground_speed_mps", 100.0),
        ({"gs_ms": 100.0}, "ground_speed_mps", 100.0),
        ({"track": 90}, "track_angle_rad", math.pi / 2),
        ({"heading": -90.0}, "track_angle_rad", 1.5 * math.pi),
        ({"vertical_rate": 600.0}, "vertical_rate_mps", 3.048),
        ({"vertical_rate": 3.0, "velocity": 100.0}, "vertical_rate_mps", 3.0),
        ({"vertrate": 3.0}, "vertical_rate_mps", 3.0),
        ({"icao24": "4B1812"}, "icao24", 0x4B1812),
        ({"icao24": 0x4B1812}, "icao24", 0x4B1812),
        ({"icao24": "4b1812"}, "kind", "ads_b"),
        ({"hex": "~ab1812"}, "kind", "track"),
        ({"callsign": "SWR1  "}, "callsign", "SWR1"),
        ({"callsign": "  "}, "callsign", None),
        ({"squawk": "7600"}, "mode3a", 0o7600),
        ({"squawk": "255"}, "mode3a", 0o255),
        ({"squawk": 7000}, "mode3a", 0o7000),
        ({"squawk": 7000.0}, "mode3a", 0o7000),
        ({"squawk": "0"}, "mode3a", None),
        ({"onground": True}, "on_ground", True),
        ({"track_id": "PL-07"}, "track_number", 1),
        ({"emergency": "nordo"}, "emergency", "no_communication"),
        ({"lon": 359.0}, "longitude_deg", -1.0),
        ({"nac_p": 9}, "nac_p", 9),
        ({"position_sigma_m": 12.0}, "position_sigma_m", 12.0),
    ],
)
def test_a_column_has_the_unit_of_its_name(
    columns: dict[str, object], field: str, expected: object
) -> None:
    found = one(**columns)[field]
    assert found == (pytest.approx(expected) if isinstance(expected, float) else expected)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("timestamp", pa.array([T // 1000], pa.timestamp("us", "UTC"))),
        ("timestamp", pa.array([T], pa.timestamp("ns"))),
        ("time", pa.array([T // S])),
        ("time", pa.array([T / S])),
        ("time", pa.array([T // 1_000_000])),
        ("time", pa.array([float(T // 1_000_000)])),
        ("time", pa.array([T // 1_000])),
        ("valid_ns", pa.array([T])),
        ("time_ms", pa.array([T // 1_000_000])),
        ("time_utc", pa.array(["2025-09-19T06:58:00Z"])),
        ("time_utc", pa.array(["2025-09-19 08:58:00+02:00"])),
    ],
)
def test_a_time_is_read_whatever_its_unit(name: str, column: pa.Array) -> None:
    assert times_ns(name, column).tolist() == [T]
    rows, _ = decoded(pa.table({name: column, "lat": [1.0], "lon": [2.0]}))
    assert rows[0]["valid_ns"] == T


tables = st.lists(
    st.tuples(
        st.integers(0, 20) | st.none(),
        st.floats(-100, 100) | st.none(),
        st.floats(-400, 400) | st.none(),
        st.floats(allow_nan=True, allow_infinity=True) | st.none(),
        st.sampled_from(["4b1812", "nonsense", "", None, "4b1813"]),
        st.sampled_from(["7600", "9999", "", None]),
    ),
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=50)
@given(tables, st.integers(1, 7), st.integers(1, 9))
def test_every_row_is_a_plot_or_a_fault(rows: list[tuple], group: int, window: int) -> None:
    names = ("time", "latitude", "longitude", "velocity", "icao24", "squawk")
    types = (pa.int64(), pa.float64(), pa.float64(), pa.float64(), pa.string(), pa.string())
    table = pa.table(
        [
            pa.array(column, kind)
            for column, kind in zip(zip(*rows, strict=True), types, strict=True)
        ],
        names=list(names),
    )
    table = table.set_column(
        0,
        "time",
        pa.array([None if row[0] is None else T // S + row[0] for row in rows], pa.int64()),
    )
    chunks = list(read_batches(parquet(table, group), window_rows=window))
    received = [chunk.received_ns for chunk in chunks]
    assert received == sorted(received)
    decoder = TableDecoder("t", None)
    parts = [decoder.decode(chunk.data, chunk.received_ns, i) for i, chunk in enumerate(chunks)]
    lost = [f for part in parts for f in part.faults if f.reason in ("no_time", "no_position")]
    wrong = [
        fault
        for part in parts
        for fault in part.faults
        if fault.reason == "out_of_range" and ("itude is" in fault.detail)
    ]
    shown = sum(part.plots.num_rows for part in parts)
    outside = sum(
        row[0] is not None
        and row[1] is not None
        and row[2] is not None
        and not (-90 <= row[1] <= 90 and -180 <= row[2] <= 360)
        for row in rows
    )
    assert shown + len(lost) + outside == len(rows)
    assert len(wrong) >= outside


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=60), st.integers(1, 9), st.integers(1, 80))
def test_windows_and_row_groups_change_nothing(seconds: list[int], group: int, window: int) -> None:
    table = pa.table(
        {
            "time": [T // S + second for second in seconds],
            "lat": np.linspace(0, 1, len(seconds)),
            "lon": np.zeros(len(seconds)),
        }
    )
    whole = [opened(chunk) for chunk in read_batches(parquet(table))]
    cut = [opened(chunk) for chunk in read_batches(parquet(table, group), window_rows=window)]
    assert cut == whole
    framer = TableFramer()
    data = parquet(table).getvalue()
    pushed = [*framer.push(data[:100]), *framer.push(data[100:]), *framer.finish()]
    assert [opened(chunk) for chunk in pushed] == whole


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300), st.integers(0, 2_000), st.integers(0, 255))
def test_any_bytes_give_faults_and_never_an_exception(data: bytes, at: int, octet: int) -> None:
    table = pa.table(
        {"time": [T // S] * 3, "lat": [1.0, 2.0, 3.0], "lon": [1.0] * 3, "hex": ["a"] * 3}
    )
    good = bytearray(next(iter(read_batches(parquet(table)))).data)
    good[at % len(good)] = octet
    for hostile in (data, bytes(good), bytes(good[: at % len(good)])):
        part = TableDecoder("t", None).decode(hostile, T, 0)
        part.plots.validate(full=True)
        assert part.plots.num_rows or part.faults or not hostile or part.counts == {}


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"PAR1" + bytes(50), b"\xff\xfe\x00garbage", b"a,b\n1,2\n"]
)
def test_a_file_that_is_no_trajectory_table_is_named_so(data: bytes) -> None:
    with pytest.raises(SourceError):
        list(read_batches(io.BytesIO(data)))
    framer = TableFramer()
    chunks = [*framer.push(data), *framer.finish()]
    assert [chunk.data for chunk in chunks] == ([data] if data else [])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"time,lat,lon\n1,2,3\n4,5,6\n7,8\n", "line 4 has 2 columns, where the first has 3"),
        (b"time;lat;lon\n1;2;3\n", "parted by ';'"),
    ],
)
def test_what_is_wrong_with_a_csv_file_is_said_with_its_place(data: bytes, says: str) -> None:
    with pytest.raises(SourceError, match=re.escape(says)):
        list(read_batches(io.BytesIO(data)))


def test_a_table_packed_with_gzip_is_read(tmp_path: Path) -> None:
    whole = b"time,lat,lon\n1758265080,59.0,25.0\n1758265081,59.1,25.0\n"
    path = tmp_path / "day 1.csv.gz"
    path.write_bytes(gzip.compress(whole))
    address = parse_feed(f"table:{path}")
    assert len(list(open_recording(address, None).chunks(0))) == 2
    path.write_bytes(gzip.compress(whole)[:-9])
    with pytest.raises(SourceError, match="cut short; what is left of it: gzip -dc '"):
        list(open_recording(address, None).chunks(0))


def test_a_table_is_known_by_how_it_begins() -> None:
    assert sniff(parquet(pa.table({"a": [1]})).getvalue()[:100])
    assert sniff(b'"time_utc",lat,lon,alt_m\r\n2025')
    assert not sniff(b"time,temperature\n1,2\n")
    assert not sniff(b"\x1a2\0\0")


def test_plots_written_as_a_table_come_back() -> None:
    rows = plots(
        sensor_id=["t"] * 2,
        kind=["ads_b"] * 2,
        valid_ns=[T, T + S],
        received_ns=[T, T + S],
        latitude_deg=[59.5, 59.6],
        longitude_deg=[26.5, 26.6],
        position_sigma_m=[30.0, 31.0],
        pressure_altitude_m=[9_000.0, None],
        ground_speed_mps=[230.0, 231.0],
        icao24=[0x4B1812, 0x4B1812],
        mode3a=pa.array([0o7600, None], pa.uint16()),
        callsign=["FIN1A", None],
        on_ground=[False, None],
        nic=[8, None],
        emergency=["no_communication", None],
        feed_id=["t"] * 2,
        raw_ref=[0, 1],
    )
    found, faults = decoded(rows)
    assert faults == []
    assert found == rows.to_pylist()


def test_places_that_only_repeat_are_counted_not_shown() -> None:
    table = pa.table(
        {
            "time": [T // S + 10 * i for i in range(4)],
            "icao24": ["4b1812"] * 4,
            "lat": [1.0, 1.1, 1.1, 1.3],
            "lon": [1.0] * 4,
            "lastposupdate": [T / S - 1, T / S + 8, T / S + 8, T / S + 29],
        }
    )
    decoder = TableDecoder("t", None)
    parts = [decoder.decode(c.data, c.received_ns, 0) for c in read_batches(parquet(table))]
    assert [part.counts for part in parts] == [
        {"row": 1},
        {"row": 1},
        {"repeated position": 1},
        {"row": 1},
    ]
    assert [t for p in parts for t in p.plots["valid_ns"].to_pylist()] == [
        T - S,
        T + 8 * S,
        T + 29 * S,
    ]


def test_what_was_settled_is_said() -> None:
    notes: list[str] = []
    table = pa.table(
        {
            "time": [T],
            "lat": [1.0],
            "lon": [2.0],
            "altitude": [100.0],
            "speed": [3.0],
            "pilot": ["x"],
        }
    )
    list(read_batches(parquet(table), notes=notes))
    assert any('"altitude" is read as pressure altitude in feet' in note for note in notes)
    assert any('"speed" is not used' in note for note in notes)
    assert any("pilot" in note for note in notes)


def test_the_sensor_names_its_plots_and_their_error() -> None:
    sensor = Sensor(
        sensor_id="gps", kind="track", latitude_deg=0, longitude_deg=0, range_sigma_m=5.0
    )
    table = pa.table({"time": [T], "lat": [1.0], "lon": [2.0]})
    rows, _ = decoded(table, sensor)
    assert (rows[0]["sensor_id"], rows[0]["position_sigma_m"]) == ("gps", 5.0)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="no reference data beside the checkout")
@pytest.mark.parametrize(
    ("name", "rows", "kind"),
    [
        ("surveillance/adsb/switzerland_2018-08-01.parquet", 139_098, "ads_b"),
        ("surveillance/adsb/uk_opensky_2021-07-12.parquet", 6_052, "ads_b"),
        ("surveillance/adsb/ambulance_rega_2019-05-23.parquet", 1_080, "ads_b"),
        ("surveillance/adsb/vasaloppet_2020-03-01.parquet", 2_381, "ads_b"),
        ("surveillance/balloons/radiosondes_oakland_dev.parquet", 10_702, "track"),
        ("incidents/recon_estonia_mig31_2025-09-19.csv", 1_322, "track"),
        ("incidents/recon_poland_drones_2025-09-10.csv", 15_229, "track"),
    ],
)
def test_real_tables_are_read_whole(name: str, rows: int, kind: str) -> None:
    decoder = TableDecoder("t", None)
    shown = repeated = 0
    heights_m: list[float] = []
    with (SHARED / name).open("rb") as file:
        for chunk in read_batches(file, slice_ns=600 * S):
            part = decoder.decode(chunk.data, chunk.received_ns, 0)
            assert part.faults == []
            assert set(part.plots["kind"].to_pylist()) <= {kind}
            shown += part.plots.num_rows
            repeated += part.counts.get("repeated position", 0)
            field = "pressure_altitude_m" if kind == "ads_b" else "height_hae_m"
            heights_m += part.plots[field].drop_null().to_pylist()
    assert shown + repeated == rows
    assert min(heights_m) > -300
    assert 500 < max(heights_m) < 40_000


@settings(max_examples=30)
@given(
    st.integers(min_value=0, max_value=40), st.integers(min_value=1, max_value=3),
    st.integers(min_value=2, max_value=50_000), st.booleans(),
)  # fmt: skip
def test_rows_dated_far_ahead_of_all_others_are_quarantined_and_a_gap_at_the_end_is_none(
    at: int, many: int, days: int, at_end: bool
) -> None:
    times = [T + k * S for k in range(41)]
    far = [T + days * 86_400 * S + k * S for k in range(many)]
    at = len(times) if at_end else at
    table = pa.table(
        {
            "timestamp": pa.array([*times[:at], *far, *times[at:]], pa.timestamp("ns", tz="UTC")),
            "icao24": ["4b1234"] * (41 + many),
            "latitude": np.linspace(47.0, 48.0, 41 + many), "longitude": [8.0] * (41 + many),
        }
    )  # fmt: skip
    decoder = TableDecoder("t", None)
    chunks = list(read_batches(parquet(table, 16)))
    parts = [decoder.decode(chunk.data, chunk.received_ns, 0) for chunk in chunks]
    found = [t for part in parts for t in part.plots.column("valid_ns").to_pylist()]
    faults = [fault.reason for part in parts for fault in part.faults]
    assert found == (times + far if at_end else times)
    assert faults == ([] if at_end else ["wild_time"] * many)
    assert [chunk.received_ns for chunk in chunks] == sorted(c.received_ns for c in chunks)
