"""Laws of the ASTERIX decoder and encoder: round trips, whatever bytes come, time, accounting."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix import layout
from vedette.feeds.asterix.decoder import AsterixDecoder
from vedette.feeds.asterix.encoder import encode_cat034, encode_cat048, split_blocks
from vedette.feeds.decoder import Chunk, Decoded
from vedette.model.errors import SettingError, ShapeError
from vedette.model.plot import PLOT, plots
from vedette.model.sensor import Sensor
from vedette.model.time import DAY_NS

DAY_START_NS = 1_758_240_000_000_000_000  # 2025-09-19
NOON_NS = DAY_START_NS + DAY_NS // 2
RADAR = Sensor(
    sensor_id="vaindloo",
    kind="mode_s",
    latitude_deg=59.8,
    longitude_deg=26.4,
    height_hae_m=30.0,
    sac=25,
    sic=10,
    range_max_m=470_000.0,
)
CARRIED = (
    *("sensor_id", "kind", "valid_ns", "range_m", "azimuth_rad", "pressure_altitude_m"),
    *("ground_speed_mps", "track_angle_rad", "icao24", "mode3a", "callsign", "on_ground"),
    *("military_reply", "track_number"),
)
fast = settings(deadline=None, max_examples=50)


def decode(data: bytes, *, sensors: tuple[Sensor, ...] = (RADAR,), **options: Any) -> Decoded:
    return AsterixDecoder("f", sensors, None, **options).decode(data, NOON_NS, 7)


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


@st.composite
def rows(draw: st.DrawFn) -> dict[str, Any]:
    placed, moving = draw(st.booleans()), draw(st.booleans())
    return {
        "sensor_id": "vaindloo",
        "kind": draw(st.sampled_from(["psr", "ssr", "mode_s"])),
        "valid_ns": draw(st.integers(NOON_NS - DAY_NS // 2 + 10**9, NOON_NS + DAY_NS // 2 - 10**9)),
        "range_m": draw(st.floats(0, 470_000)) if placed else None,
        "azimuth_rad": draw(st.floats(0, 6.28318)) if placed else None,
        "pressure_altitude_m": draw(maybe(st.floats(-400, 45_000))),
        "ground_speed_mps": draw(st.floats(0, 1_500)) if moving else None,
        "track_angle_rad": draw(st.floats(0, 6.28318)) if moving else None,
        "icao24": draw(maybe(st.integers(1, 0xFFFFFF))),
        "mode3a": draw(maybe(st.integers(0, 0o7777))),
        "callsign": draw(
            maybe(st.from_regex(r"[A-Z0-9]([A-Z0-9 ]{0,6}[A-Z0-9])?", fullmatch=True))
        ),
        "on_ground": draw(maybe(st.booleans())),
        "military_reply": draw(maybe(st.sampled_from(["friend", "unknown"]))),
        "track_number": draw(maybe(st.integers(0, 4095))),
    }


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return plots(
        received_ns=[NOON_NS] * len(rows),
        **{name: pa.array([row[name] for row in rows], PLOT.field(name).type) for name in CARRIED},
    )


RESOLUTION = {  # half of each item's unit
    "valid_ns": layout.TICK_NS / 2,
    "range_m": layout.RANGE_LSB_M / 2 + 1e-6,
    "azimuth_rad": layout.ANGLE_LSB_RAD / 2 + 1e-9,
    "pressure_altitude_m": layout.LEVEL_LSB_M / 2 + 1e-6,
    "ground_speed_mps": layout.SPEED_LSB_MPS / 2 + 1e-6,
    "track_angle_rad": layout.ANGLE_LSB_RAD / 2 + 1e-9,
}


@fast
@given(st.lists(rows(), min_size=1, max_size=60))
def test_what_is_encoded_is_decoded_at_the_resolution_of_the_items(
    given_rows: list[dict[str, Any]],
) -> None:
    decoded = decode(encode_cat048(table(given_rows), RADAR))
    assert decoded.faults == []
    assert decoded.plots.schema == PLOT
    decoded.plots.validate(full=True)
    for row, plot in zip(given_rows, decoded.plots.to_pylist(), strict=True):
        for name in CARRIED:
            if name not in RESOLUTION or row[name] is None:
                assert plot[name] == row[name], name
                continue
            error = abs(plot[name] - row[name])
            if name in ("azimuth_rad", "track_angle_rad"):
                error = min(error, 2 * np.pi - error)
            assert error <= RESOLUTION[name], name
        assert (plot["received_ns"], plot["feed_id"], plot["raw_ref"]) == (NOON_NS, "f", 7)


@fast
@given(st.lists(rows(), min_size=1, max_size=60), st.booleans())
def test_what_is_decoded_is_encoded_to_the_same_bytes(
    given_rows: list[dict[str, Any]], with_amplitudes: bool
) -> None:
    amplitudes = np.linspace(-90.0, -30.0, len(given_rows)) if with_amplitudes else None
    data = encode_cat048(table(given_rows), RADAR, amplitudes_dbm=amplitudes)
    assert encode_cat048(decode(data).plots, RADAR, amplitudes_dbm=amplitudes) == data
    blocks = split_blocks(data)
    assert b"".join(blocks) == data
    assert all(len(block) <= 1400 for block in blocks)


def sample() -> bytes:
    """Three blocks of several records, and both antenna messages."""
    rng = np.random.default_rng(3)
    count = 90
    data = encode_cat048(
        plots(
            sensor_id=["vaindloo"] * count,
            kind=["psr", "mode_s", "ssr"] * (count // 3),
            valid_ns=NOON_NS + np.arange(count) * 10**7,
            received_ns=[NOON_NS] * count,
            range_m=rng.uniform(0, 400_000, count),
            azimuth_rad=rng.uniform(0, 6.28, count),
            pressure_altitude_m=rng.uniform(0, 12_000, count),
            icao24=[None, 0x4B1234, None] * (count // 3),
            callsign=[None, "SWR123", None] * (count // 3),
            mode3a=[None, 0o7600, 0o1000] * (count // 3),
        ),
        RADAR,
    )
    return (
        encode_cat034("north", RADAR, NOON_NS) + data + encode_cat034("sector", RADAR, NOON_NS, 64)
    )


SAMPLE = sample()


def account(data: bytes, received_ns: int = NOON_NS) -> Decoded:
    """Decode, and assert that every octet was either understood or quarantined, once and in order."""
    decoder = AsterixDecoder("f", (RADAR,), None)
    decoded = decoder.decode(data, received_ns, 7)
    assert decoder.parsed_bytes + sum(len(fault.data) for fault in decoded.faults) == len(data)
    end = 0
    for fault in decoded.faults:
        assert fault.offset >= end
        end = fault.offset + len(fault.data)
        assert data[fault.offset : end] == fault.data
        assert fault.detail
        assert fault.feed_id == "f"
    decoded.plots.validate(full=True)
    if decoded.plots.num_rows:
        ranges = decoded.plots["range_m"].drop_null().to_numpy()
        assert np.all((ranges >= 0) & (ranges <= RADAR.range_max_m + 1852))
    return decoded


@fast
@given(st.binary(max_size=400))
def test_any_bytes_give_plots_and_faults_that_account_for_all_of_them(data: bytes) -> None:
    account(data)


@fast
@given(st.binary(max_size=300), st.sampled_from([34, 48]), st.integers(-2, 2))
def test_any_bytes_in_a_block_account_for_all_of_them(
    body: bytes, category: int, error: int
) -> None:
    length = max(0, len(body) + 3 + error)
    account(bytes([category]) + length.to_bytes(2, "big") + body)


@fast
@given(st.integers(0, len(SAMPLE) - 1), st.integers(1, 255))
def test_any_changed_octet_leaves_the_other_blocks_alone(place: int, change: int) -> None:
    data = bytearray(SAMPLE)
    data[place] ^= change
    decoded = account(bytes(data))
    good = decode(SAMPLE).plots.to_pylist()
    found = decoded.plots.to_pylist()
    # blocks before the one that was changed are untouched
    start = 0
    before = 0
    for block in split_blocks(SAMPLE):
        if start + len(block) > place:
            break
        before += decode(block).plots.num_rows
        start += len(block)
    assert found[:before] == good[:before]


@fast
@given(st.integers(0, len(SAMPLE)))
def test_a_cut_end_keeps_every_record_before_it(length: int) -> None:
    decoded = account(SAMPLE[:length])
    good = decode(SAMPLE).plots.to_pylist()
    found = decoded.plots.to_pylist()
    assert found == good[: len(found)]
    starts = np.cumsum([0, *map(len, split_blocks(SAMPLE))])
    assert bool(decoded.faults) == (length not in starts)
    assert {fault.reason for fault in decoded.faults} <= {"truncated"}


@fast
@given(st.lists(st.binary(max_size=80) | st.just(SAMPLE), max_size=5), st.integers(0, 2**31))
def test_chunks_decoded_together_are_as_decoded_one_by_one(data: list[bytes], seed: int) -> None:
    times = np.random.default_rng(seed).integers(NOON_NS - DAY_NS, NOON_NS + DAY_NS, len(data))
    chunks = [Chunk(int(t), d) for t, d in zip(times, data, strict=True)]
    together = AsterixDecoder("f", (RADAR,), None)
    single = AsterixDecoder("f", (RADAR,), None)
    decoded = together.decode_many(chunks, range(len(chunks)))
    parts = [single.decode(chunk.data, chunk.received_ns, i) for i, chunk in enumerate(chunks)]
    joined = pa.concat_tables([part.plots for part in parts]) if parts else PLOT.empty_table()
    assert decoded.plots.to_pylist() == joined.to_pylist()
    assert decoded.faults == [fault for part in parts for fault in part.faults]
    assert decoded.counts == {
        key: sum(part.counts.get(key, 0) for part in parts)
        for key in {key for part in parts for key in part.counts}
    }
    assert together.parsed_bytes == single.parsed_bytes
    assert together.rotations == single.rotations


@fast
@given(
    st.integers(DAY_START_NS, DAY_START_NS + 10 * DAY_NS),
    st.integers(-DAY_NS // 2 + 10**8, DAY_NS // 2 - 10**8),
)
def test_time_of_day_falls_on_the_day_nearest_to_hearing_it(valid_ns: int, delay_ns: int) -> None:
    row = plots(sensor_id=["vaindloo"], kind=["psr"], valid_ns=[valid_ns], received_ns=[0])
    decoder = AsterixDecoder("f", (RADAR,), None)
    found = decoder.decode(encode_cat048(row, RADAR), valid_ns + delay_ns, 0)
    assert abs(found.plots["valid_ns"][0].as_py() - valid_ns) <= layout.TICK_NS / 2


def test_a_stated_day_moves_a_recording_there_and_midnight_goes_on() -> None:
    decoder = AsterixDecoder("f", (RADAR,), DAY_START_NS)
    for clock_s in (86_390, 86_399, 86_401, 86_410):  # as a framer counts from its first day
        row = plots(
            sensor_id=["vaindloo"], kind=["psr"], valid_ns=[clock_s * 10**9], received_ns=[0]
        )
        found = decoder.decode(encode_cat048(row, RADAR), clock_s * 10**9, 0)
        assert found.plots["valid_ns"].to_pylist() == [DAY_START_NS + clock_s * 10**9]


def record(fspec: bytes, *items: bytes) -> bytes:
    body = fspec + b"".join(items)
    return b"\x30" + (len(body) + 3).to_bytes(2, "big") + body


SOURCE, NOON_TICKS = bytes([25, 10]), (43_200 * 128).to_bytes(3, "big")


@pytest.mark.parametrize(("descriptor", "reason"), [(b"\x30", "SIM"), (b"\x21\x80", "TST")])
def test_simulated_and_test_targets_are_quarantined_unless_allowed(
    descriptor: bytes, reason: str
) -> None:
    data = record(b"\xf0", SOURCE, NOON_TICKS, descriptor, b"\x10\x00\x40\x00")
    decoded = account(data)
    assert decoded.plots.num_rows == 0
    assert [fault.reason for fault in decoded.faults] == ["test_target"]
    assert decoded.counts == {"048 25/10": 1, "test target 25/10": 1}
    assert decode(data, test_targets=True).plots.num_rows == 1


def test_what_was_not_detected_or_is_a_fixed_transponder_is_counted_and_no_plot() -> None:
    coasted = record(b"\xf0", SOURCE, NOON_TICKS, b"\x00", b"\x10\x00\x40\x00")
    monitor = record(b"\xf0", SOURCE, NOON_TICKS, b"\xa2", b"\x10\x00\x40\x00")
    decoded = account(coasted + monitor)
    assert decoded.plots.num_rows == 0
    assert decoded.faults == []
    assert decoded.counts == {"048 25/10": 2, "no detection 25/10": 1, "field monitor 25/10": 1}


def test_unvalidated_and_garbled_codes_are_unknown() -> None:
    for flag in (0x80, 0x40):
        data = record(
            b"\xec", SOURCE, NOON_TICKS, b"\x40", bytes([flag | 0x0F, 0x80]), bytes([flag, 0x80])
        )
        (plot,) = account(data).plots.to_pylist()
        assert plot["mode3a"] is None
        assert plot["pressure_altitude_m"] is None
    data = record(b"\xec", SOURCE, NOON_TICKS, b"\x40", bytes([0x2F, 0xC0]), b"\x00\x04")
    (plot,) = account(data).plots.to_pylist()
    assert plot["mode3a"] == 0o7700  # not from this scan, yet a code that was received
    assert plot["pressure_altitude_m"] == pytest.approx(100 * 0.3048)


def test_a_saturated_range_is_no_place() -> None:
    data = record(b"\xf0", SOURCE, NOON_TICKS, b"\x21\x40", b"\xff\xff\x40\x00")
    far = Sensor(
        sensor_id="far",
        kind="psr",
        latitude_deg=0,
        longitude_deg=0,
        sac=25,
        sic=10,
        range_max_m=1e6,
    )
    (plot,) = decode(data, sensors=(far,)).plots.to_pylist()
    assert plot["range_m"] is None


def test_a_calculated_position_serves_where_there_is_no_measured_one() -> None:
    # 3 NM east, 4 NM north on the ground plane, at 10,000 ft over an antenna at 30 m
    data = record(b"\xe5\x08", SOURCE, NOON_TICKS, b"\x40", b"\x01\x90", b"\x01\x80\x02\x00")
    (plot,) = account(data).plots.to_pylist()
    assert plot["range_m"] == pytest.approx(np.hypot(5 * 1852, 3048 - 30))
    assert plot["azimuth_rad"] == pytest.approx(np.arctan2(3, 4))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (record(b"\xe0", SOURCE, b"\xa8\xc0\x00", b"\x20"), "out_of_range"),  # 24:00:00
        (record(b"\xf0", SOURCE, NOON_TICKS, b"\x20", b"\xff\x00\x00\x00"), "out_of_range"),
        (record(b"\xe4", SOURCE, NOON_TICKS, b"\x40", b"\x1f\xff"), "out_of_range"),  # FL 2048
        (record(b"\xa0", SOURCE, b"\x20"), "missing_item"),  # no time
        (record(b"\x60", NOON_TICKS, b"\x20"), "missing_item"),  # no source
        (record(b"\x00"), "missing_item"),
        (record(b"\xff\xff\xff\xff\x80", SOURCE), "bad_item"),
        (record(b"\xe2", SOURCE, NOON_TICKS, b"\x20", b"\x01"), "bad_item"),
        (record(b"\xe1\x01\x01\x04", SOURCE, NOON_TICKS, b"\x20", b"\x00"), "bad_item"),
        (record(b"\xf0", SOURCE, NOON_TICKS, b"\x20", b"\xff"), "bad_length"),
        (b"\x30\x00\x03", "bad_length"),
        (b"\x30\x00\x02abc", "bad_length"),
        (b"\x63\x00\x05ab", "unknown_category"),
        (b"\x30\x00", "truncated"),
        (b"\x3e\x00\x20\x80", "truncated"),
    ],
)
def test_each_kind_of_bad_bytes_has_its_reason_and_is_never_shown(data: bytes, reason: str) -> None:
    decoded = account(data)
    assert [fault.reason for fault in decoded.faults] == [reason]
    assert decoded.plots.num_rows == 0
    # and the next block is read as if nothing had been, wherever its beginning is still known
    if reason != "truncated" and data[:3] != b"\x30\x00\x02":
        assert account(data + SAMPLE).plots.num_rows == 90


def test_a_flood_of_small_records_is_decoded_in_full() -> None:
    small = b"\xe0" + SOURCE + NOON_TICKS + b"\x20"
    body = small * 9_000
    data = b"\x30" + (len(body) + 3).to_bytes(2, "big") + body
    assert account(data).plots.num_rows == 9_000
    tests = (b"\xe0" + SOURCE + NOON_TICKS + b"\x30") * 9_000
    decoded = account(b"\x30" + (len(tests) + 3).to_bytes(2, "big") + tests)
    assert len(decoded.faults) == 9_000


def test_plots_of_a_radar_without_a_site_are_counted_and_not_shown() -> None:
    decoded = decode(SAMPLE, sensors=())
    assert decoded.plots.num_rows == 0
    assert decoded.unplaced == {"25/10": 90}
    assert decoded.counts["048 25/10"] == 90


def test_antenna_messages_say_where_the_antenna_is() -> None:
    decoder = AsterixDecoder("f", (RADAR,), None)
    for turn in range(3):
        decoder.decode(encode_cat034("north", RADAR, NOON_NS + turn * 10**10), NOON_NS, 0)
    decoder.decode(encode_cat034("sector", RADAR, NOON_NS + 25 * 10**9, 128), NOON_NS, 0)
    rotation = decoder.rotations["25/10"]
    assert rotation.north_ns == NOON_NS + 2 * 10**10
    assert rotation.sector_ns == NOON_NS + 25 * 10**9
    assert rotation.sector_azimuth_rad == pytest.approx(np.pi)
    assert rotation.period_s == RADAR.period_s


def test_settings_that_cannot_be_are_refused() -> None:
    other = Sensor(
        sensor_id="b",
        kind="psr",
        latitude_deg=0,
        longitude_deg=0,
        sac=25,
        sic=10,
        edition="048/1.23",
    )
    with pytest.raises(SettingError, match="25/10"):
        AsterixDecoder("f", (RADAR, other), None)
    assert AsterixDecoder("f", (other,), None).feed_id == "f"
    for edition in ("048/1.10", "048/2.0", "1.23", ""):
        wrong = Sensor(
            sensor_id="b",
            kind="psr",
            latitude_deg=0,
            longitude_deg=0,
            sac=1,
            sic=1,
            edition=edition,
        )
        with pytest.raises(SettingError, match="edition"):
            AsterixDecoder("f", (wrong,), None)


@pytest.mark.parametrize(
    "column",
    [
        {"kind": ["ads_b"]},
        {"range_m": [500_000.0], "azimuth_rad": [0.0]},
        {"icao24": [2**24]},
        {"icao24": [0]},
        {"mode3a": [0o10000]},
        {"track_number": [4096]},
        {"callsign": ["abc"]},
        {"callsign": ["ABCDEFGHI"]},
        {"callsign": ["ÄBC"]},
    ],
)
def test_what_no_radar_could_report_is_refused_by_the_encoder(column: dict[str, Any]) -> None:
    row = {"sensor_id": ["a"], "kind": ["psr"], "valid_ns": [0], "received_ns": [0]} | column
    with pytest.raises(ValueError):
        encode_cat048(plots(**row), RADAR)


def test_the_encoder_needs_a_radar_and_arrays_that_pair_up() -> None:
    row = plots(sensor_id=["a"], kind=["psr"], valid_ns=[0], received_ns=[0])
    bare = Sensor(sensor_id="b", kind="psr", latitude_deg=0, longitude_deg=0)
    with pytest.raises(SettingError):
        encode_cat048(row, bare)
    with pytest.raises(ShapeError):
        encode_cat048(row, RADAR, amplitudes_dbm=np.zeros(2))
    with pytest.raises(ValueError):
        encode_cat034("sector", RADAR, 0)
    with pytest.raises(ValueError):
        encode_cat034("north", RADAR, 0, 3)
    with pytest.raises(ValueError):
        encode_cat034("south", RADAR, 0)  # type: ignore[arg-type]
    with pytest.raises(ValueError):
        split_blocks(b"\x30\x00\x10abc")
    assert encode_cat048(row.slice(0, 0), RADAR) == b""
