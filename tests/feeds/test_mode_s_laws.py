"""Laws of the Mode S codec: what is sent is what is heard, at the resolution of the format."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from vedette.feeds.mode_s import _codes, _cpr, _frames, _names, _parity
from vedette.feeds.mode_s.accuracy import BOUND_SIGMAS, EPU_M, airborne_code, nic_of
from vedette.feeds.mode_s.clock import ReceiverTime, StampClock
from vedette.feeds.mode_s.decoder import FORGOTTEN, BeastDecoder
from vedette.feeds.mode_s.encoder import BeastEncoder
from vedette.feeds.mode_s.framers import BeastFileFramer
from vedette.model.plot import EMERGENCIES, plots
from vedette.model.sensor import Sensor
from vedette.model.units import FOOT_M, KNOT_MPS

START_NS = 1_758_265_080_000_000_000
S = 1_000_000_000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SITE = Sensor(sensor_id="roof", kind="ads_b", latitude_deg=59.4, longitude_deg=24.8)

states = st.fixed_dictionaries(
    {
        "icao24": st.integers(1, 0xFFFFFF),
        "latitude_deg": st.floats(-89.9, 89.9),
        "longitude_deg": st.floats(-180, 179.9999),
        "pressure_altitude_m": st.none() | st.floats(-300, 38_000),
        "ground_speed_mps": st.none() | st.floats(1, 1_500),
        "track_angle_rad": st.floats(0, 6.28),
        "vertical_rate_mps": st.none() | st.floats(-160, 160),
        "callsign": st.none() | st.text(LETTERS, min_size=1, max_size=8),
        "emitter_category": st.none() | st.sampled_from(["A1", "A3", "A7", "B2", "C3", "D7"]),
        "mode3a": st.none() | st.integers(0, 0o7777),
        "emergency": st.sampled_from(EMERGENCIES),
        "nic": st.integers(0, 11),
        "nac_p": st.none() | st.integers(0, 11),
        "sil": st.integers(0, 3),
    }
)


def table(rows: list[dict[str, object]], times_ns: list[int]) -> pa.Table:
    names = {name for row in rows for name in row}
    return plots(
        sensor_id=["x"] * len(rows),
        kind=["ads_b"] * len(rows),
        valid_ns=times_ns,
        received_ns=times_ns,
        **{name: [row.get(name) for row in rows] for name in names},
    )


def sent(row: dict[str, object], *, times: int = 2, step_ns: int = S // 2) -> pa.Table:
    return table([row] * times, [START_NS + i * step_ns for i in range(times)])


@settings(deadline=None, max_examples=50)
@given(states)
def test_what_an_aircraft_sends_is_what_is_heard(state: dict[str, object]) -> None:
    # One that stands within 6 m of a transition of longitude zones has no pair: the format cannot say where
    assume(len({_cpr.longitude_zones(state["latitude_deg"] + d) for d in (-1e-4, 1e-4)}) == 1)
    data = BeastEncoder(START_NS).encode(sent(state, times=3))
    decoded = BeastDecoder("b", None).decode(data, START_NS + S, 7)
    assert decoded.faults == []
    row = decoded.plots.to_pylist()[-1]
    assert row["kind"] == "ads_b"
    assert row["raw_ref"] == 7
    assert row["icao24"] == state["icao24"]
    assert abs(row["valid_ns"] - (START_NS + S)) < 100
    # One step of the code is 5.1 m in latitude (half is the rounding) and as much in the zone's longitude
    apart_m = _cpr.distance_m(
        state["latitude_deg"], state["longitude_deg"], row["latitude_deg"], row["longitude_deg"]
    )
    assert apart_m < 6.0
    assert row["callsign"] == state["callsign"]
    assert row["emitter_category"] == state["emitter_category"]
    told = state["mode3a"] is not None or state["emergency"] != "none"
    assert row["emergency"] == (state["emergency"] if told else None)
    assert row["mode3a"] == (
        state["mode3a"] if state["mode3a"] is not None else 0 if told else None
    )
    assert row["on_ground"] is False
    altitude_m = state["pressure_altitude_m"]
    if altitude_m is None:
        assert row["pressure_altitude_m"] is None
    else:
        step_ft = 25 if altitude_m < 50_187 * FOOT_M else 100
        assert abs(row["pressure_altitude_m"] - altitude_m) <= (step_ft / 2 + 0.01) * FOOT_M
    speed_mps = state["ground_speed_mps"]
    if speed_mps is None:
        assert row["ground_speed_mps"] is None
    else:
        angle = state["track_angle_rad"]
        step_mps = KNOT_MPS * (1.0 if speed_mps < 1_021 * KNOT_MPS else 4.0)
        for trig in (np.sin, np.cos):
            error = row["ground_speed_mps"] * trig(row["track_angle_rad"] or 0.0)
            error -= speed_mps * trig(angle)
            assert abs(error) <= step_mps / 2 + 1e-6
    if state["vertical_rate_mps"] is None:
        assert row["vertical_rate_mps"] is None
    else:
        assert abs(row["vertical_rate_mps"] - state["vertical_rate_mps"]) <= 32 * FOOT_M / 60 + 1e-6
    assert row["nac_p"] == state["nac_p"]
    if state["nac_p"] is not None:
        assert row["sil"] == state["sil"]
        assert row["nic"] == state["nic"]
        bound_m = EPU_M[state["nac_p"]]
        if not np.isnan(bound_m):
            assert row["position_sigma_m"] == pytest.approx(bound_m / BOUND_SIGMAS)


@settings(deadline=None, max_examples=40)
@given(
    st.floats(-0.2, 0.2),
    st.floats(-0.3, 0.3),
    st.floats(0, 90),
    st.floats(0, 6.28),
    st.sampled_from([0, 6, 7, 8, 9, 10, 11]),
)
def test_aircraft_on_the_ground_are_heard_with_a_receiver_nearby(
    north: float, east: float, speed_mps: float, track_rad: float, nic: int
) -> None:
    state = {
        "icao24": 0x4CA123,
        "latitude_deg": SITE.latitude_deg + north,
        "longitude_deg": SITE.longitude_deg + east,
        "ground_speed_mps": speed_mps,
        "track_angle_rad": track_rad,
        "on_ground": True,
        "nic": nic,
        "nac_p": 9,
        "sil": 2,
    }
    data = BeastEncoder(START_NS).encode(sent(state))
    row = BeastDecoder("b", SITE).decode(data, START_NS + S, 0).plots.to_pylist()[-1]
    assert row["sensor_id"] == "roof"
    assert row["on_ground"] is True
    assert row["nic"] == nic
    apart_m = _cpr.distance_m(
        state["latitude_deg"], state["longitude_deg"], row["latitude_deg"], row["longitude_deg"]
    )
    assert apart_m < 2.0
    turn = (row["track_angle_rad"] - track_rad + np.pi) % (2 * np.pi) - np.pi
    assert abs(turn) <= np.pi / 128 + 1e-9
    assert row["ground_speed_mps"] <= speed_mps + 1e-6
    assert speed_mps - row["ground_speed_mps"] < 5 * KNOT_MPS or speed_mps > 175 * KNOT_MPS
    alone = BeastDecoder("b", None).decode(data, START_NS + S, 0)
    assert alone.plots.num_rows == 0
    assert alone.counts["surface position without a reference"] == 2


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 300), max_size=6), st.integers(1, 4))
def test_where_the_stream_is_cut_changes_no_plot(cuts: list[int], aircraft: int) -> None:
    rows = [
        {
            "icao24": 0x1A0000 + i % aircraft,
            "latitude_deg": 58.0 + i % aircraft,
            "longitude_deg": 26.0,
            "callsign": f"EST{i % aircraft}",
        }
        for i in range(12)
    ]
    data = BeastEncoder(START_NS).encode(table(rows, [START_NS + i * S // 4 for i in range(12)]))
    whole = BeastDecoder("b", None).decode(data, START_NS + 3 * S, 0).plots
    decoder = BeastDecoder("b", None)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    parts = [decoder.decode(data[a:b], START_NS + 3 * S, 0).plots for a, b in pairwise(edges)]
    unlike = ("valid_ns",)  # dated by the chunk that they came in
    assert pa.concat_tables(parts).drop_columns(unlike).equals(whole.drop_columns(unlike))


@settings(deadline=None, max_examples=50)
@given(st.lists(st.binary(max_size=200) | st.just(b"\x1a\x33" + bytes(21)), max_size=4))
def test_any_bytes_give_plots_and_faults_and_never_an_exception(chunks: list[bytes]) -> None:
    decoder = BeastDecoder("b", None)
    faulty = 0
    for i, chunk in enumerate(chunks):
        decoded = decoder.decode(chunk, START_NS + i * S, i)
        decoded.plots.validate(full=True)
        faulty += sum(len(fault.data) for fault in decoded.faults)
    assert faulty <= sum(map(len, chunks))


@settings(deadline=None, max_examples=30)
@given(st.binary(max_size=60).filter(lambda data: b"\x1a" not in data and data))
def test_what_is_no_frame_is_quarantined_byte_for_byte(garbage: bytes) -> None:
    good = BeastEncoder(START_NS).encode(
        sent({"icao24": 5, "latitude_deg": 1.0, "longitude_deg": 2.0})
    )
    decoded = BeastDecoder("b", None).decode(garbage + good, START_NS, 0)
    assert [(fault.reason, fault.data) for fault in decoded.faults] == [("garbage", garbage)]
    assert decoded.plots.num_rows == 1


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 111))
def test_a_squitter_with_any_bit_turned_is_a_fault_and_no_plot(bit: int) -> None:
    data = BeastEncoder(START_NS).encode(
        sent({"icao24": 5, "latitude_deg": 1.0, "longitude_deg": 2.0})
    )
    frames = _unescaped(data)
    frames[-1][9 + bit // 8] ^= 1 << bit % 8
    decoded = BeastDecoder("b", None).decode(b"".join(map(_escaped, frames)), START_NS, 0)
    assert decoded.plots.num_rows == 0
    # five bits say which format it is: turned, it may be one whose parity cannot be told
    assert 3 <= bit < 8 or [fault.reason for fault in decoded.faults] == ["bad_parity"]


def _unescaped(data: bytes) -> list[bytearray]:
    frames, i = [], 0
    while i < len(data):
        frame = bytearray(data[i : i + 2])
        i += 2
        while len(frame) < 23:
            frame.append(data[i])
            i += 2 if data[i] == 0x1A else 1
        frames.append(frame)
    return frames


def _escaped(frame: bytearray) -> bytes:
    return bytes(frame[:2]) + bytes(frame[2:]).replace(b"\x1a", b"\x1a\x1a")


def _flight(icao24: int, place: tuple[float, float], times: list[float]) -> bytes:
    row = {"icao24": icao24, "latitude_deg": place[0], "longitude_deg": place[1]}
    return BeastEncoder(START_NS).encode(
        table([row] * len(times), [START_NS + int(t * S) for t in times])
    )


@settings(deadline=None, max_examples=30)
@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(0.4, 20), st.booleans())
def test_a_jump_is_counted_and_shown_once_a_pair_bears_it_out(
    latitude: float, longitude: float, away_deg: float, north: bool
) -> None:
    there = (
        latitude + away_deg * north,
        (longitude + away_deg * 3 * (not north) + 180) % 360 - 180,
    )
    rows = [
        {"icao24": 7, "latitude_deg": place[0], "longitude_deg": place[1]}
        for place in [(latitude, longitude)] * 4 + [there] * 4
    ]
    data = BeastEncoder(START_NS).encode(table(rows, [START_NS + i * S // 2 for i in range(8)]))
    decoded = BeastDecoder("b", None).decode(data, START_NS + 4 * S, 0)
    assert decoded.counts["position_jump"] >= 1
    last = decoded.plots.to_pylist()[-1]
    assert _cpr.distance_m(*there, last["latitude_deg"], last["longitude_deg"]) < 10.0
    # nothing is lost silently: every position message is a plot, a wait, or a fault
    jumps = [fault for fault in decoded.faults if fault.reason == "position_jump"]
    assert (
        decoded.plots.num_rows + len(jumps) + decoded.counts["position waiting for its pair"] == 8
    )


def test_one_squitter_from_elsewhere_does_not_move_the_aircraft() -> None:
    home = _flight(7, (59.0, 25.0), [0, 0.5, 1.0, 1.5, 2.0, 2.5])
    liar = _flight(7, (48.0, 11.0), [1.2])
    frames = sorted(_unescaped(home) + _unescaped(liar), key=lambda frame: bytes(frame[2:8]))
    decoded = BeastDecoder("b", None).decode(b"".join(map(_escaped, frames)), START_NS + 3 * S, 0)
    assert [fault.reason for fault in decoded.faults] == ["position_jump"]
    assert decoded.faults[0].data in liar
    latitudes = decoded.plots["latitude_deg"].to_numpy()
    np.testing.assert_allclose(latitudes, 59.0, atol=1e-3)


def _reply(df: int, code: int, address: int) -> bytes:
    message = np.zeros((1, 14), np.uint8)
    message[0, 0] = df << 3
    message[0, 2], message[0, 3] = code >> 8, code & 255
    message[0, 1:4] = [0, code >> 8, code & 255] if df != 11 else list(address.to_bytes(3, "big"))
    laid_over = _parity.parity(message, 0, 4) ^ (address if df != 11 else 0)
    octets = bytes(message[0, :4]) + int(laid_over).to_bytes(3, "big")
    return b"\x1a\x32" + (b"\0\0\0\0\0\1" + b"\x80" + octets).replace(b"\x1a", b"\x1a\x1a")


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 0o7777), st.integers(1, 0xFFFFFF))
def test_a_reply_counts_only_for_an_address_heard_intact(squawk: int, address: int) -> None:
    reply = _reply(5, _codes.identity_code(squawk), address)
    decoder = BeastDecoder("b", None)
    unknown = decoder.decode(reply, START_NS, 0)
    assert unknown.plots.num_rows == 0
    assert unknown.counts == {"unverified address": 1}
    decoder.decode(_reply(11, 0, address), START_NS + S, 0)
    row = decoder.decode(reply, START_NS + 2 * S, 0).plots.to_pylist()[0]
    assert (row["kind"], row["icao24"], row["mode3a"]) == ("mode_s", address, squawk)
    assert row["latitude_deg"] is None
    quiet = BeastDecoder("b", None, unplaced=False)
    quiet.decode(_reply(11, 0, address), START_NS, 0)
    assert quiet.decode(reply, START_NS + S, 0).plots.num_rows == 0


@given(st.integers(-12, 1267))
@settings(deadline=None, max_examples=50)
def test_hundreds_of_feet_return_from_gray_code(hundreds: int) -> None:
    assert _codes.hundreds_feet(_codes.mode_c(100 * hundreds)) == 100 * hundreds


def test_every_identity_code_returns_and_every_altitude_code_is_an_altitude_or_none() -> None:
    assert [_codes.squawk_of(_codes.identity_code(s)) for s in range(4096)] == list(range(4096))
    found = {_codes.altitude_feet(code) for code in range(8192)} - {_codes.NO_FEET}
    assert min(found) == -1200
    assert max(found) == 126_700


@given(st.text(LETTERS, max_size=8))
@settings(deadline=None)
def test_names_return(name: str) -> None:
    assert _names.names(np.array([_names.pack(name), -1])).to_pylist() == [name or None, None]


@given(st.floats(-89.99, 89.99), st.floats(-180, 179.999), st.integers(0, 1), st.booleans())
@settings(deadline=None, max_examples=50)
def test_a_single_message_is_right_near_a_known_place(
    latitude: float, longitude: float, odd: int, surface: bool
) -> None:
    span = 90.0 if surface else 360.0
    y, x = _cpr.encode(latitude, longitude, odd, span)
    found = _cpr.nearby(y, x, odd, span, latitude, longitude)
    assert _cpr.distance_m(latitude, longitude, *found) < (1.5 if surface else 6.0)


def test_zones_of_longitude_are_those_of_the_definition() -> None:
    for latitude, zones in (
        (0, 59),
        (10.47, 59),
        (10.48, 58),
        (59.5, 30),
        (87, 1),
        (86.9, 2),
        (-90, 1),
    ):
        assert _cpr.longitude_zones(float(latitude)) == zones


def test_nic_codes_return() -> None:
    for nic in range(12):
        tc, supplement = airborne_code(nic)
        assert nic_of(tc, 2, supplement, supplement, 0) == nic


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 2**48 - 1), max_size=20), st.booleans())
def test_no_stamp_makes_time_leap(stamps: list[int], gps: bool) -> None:
    clock = StampClock(gps=gps)
    clock.elapsed_ns(np.array([12_000_000], np.int64))
    times_ns = clock.elapsed_ns(np.array(stamps, np.int64))
    assert all(-2 * S <= t <= 86_400 * S * (len(stamps) + 1) for t in times_ns.tolist())


def test_a_stalled_line_does_not_bend_time() -> None:
    time = ReceiverTime()
    ticks = 12_000_000
    base = 1 << 30  # such stamps cannot be GPS: 2^30 - 1 is no fraction of a second
    for second in range(5):
        time.dates(np.array([base - 1 + second * ticks]), START_NS + second * S)
    stalled = np.array([base - 1 + second * ticks for second in range(5, 25)])
    _, valid_ns = time.dates(stalled, START_NS + 40 * S)
    np.testing.assert_allclose(valid_ns - START_NS, np.arange(5, 25) * S, atol=100)


@pytest.mark.parametrize("gps", [False, True])
def test_a_file_is_cut_by_its_own_clock(gps: bool) -> None:
    row = {"icao24": 7, "latitude_deg": 59.0, "longitude_deg": 25.0}
    times = [START_NS + i * S // 2 for i in range(40)]
    data = BeastEncoder(START_NS).encode(table([row] * 40, times))
    day_ns, first_ns = START_NS, START_NS
    if gps:
        frames = _unescaped(data)
        for frame, time_ns in zip(frames, np.repeat(times, 2).tolist(), strict=True):
            second, rest = divmod(time_ns % (86_400 * S), S)
            frame[2:8] = ((second << 30) | rest).to_bytes(6, "big")
        data = b"".join(map(_escaped, frames))
        day_ns = START_NS - START_NS % (86_400 * S)
    framer = BeastFileFramer(day_ns)
    chunks = [chunk for i in range(0, len(data), 97) for chunk in framer.push(data[i : i + 97])]
    chunks += list(framer.finish())
    assert b"".join(chunk.data for chunk in chunks) == data
    received = [chunk.received_ns for chunk in chunks]
    assert received == sorted(received)
    assert abs(received[0] - first_ns) < S
    assert abs(received[-1] - received[0] - 19.5 * S) < S
    assert len(chunks) >= 39


def test_frames_return() -> None:
    rng = np.random.default_rng(1)
    messages = rng.choice(np.array([0x1A, 0x33, 0x5D], np.uint8), size=(50, 14))
    lengths = rng.choice(np.array([2, 7, 14]), size=50)
    stamps = rng.integers(0, 2**48, size=50)
    out = np.empty(46 * 50, np.uint8)
    size = _frames.frame(messages, lengths, stamps, 0x1A, out)
    types, read, back = (
        np.empty(300, np.uint8),
        np.empty(300, np.int64),
        np.empty((300, 14), np.uint8),
    )
    spans, bad = np.empty((300, 2), np.int64), np.empty((2_000, 3), np.int64)
    assert _frames.unframe(out[:size], types, read, back, spans, bad) == (50, 0, size)
    assert read[:50].tolist() == stamps.tolist()
    for i, length in enumerate(lengths.tolist()):
        assert bytes(back[i, :length]) == bytes(messages[i, :length])


def test_more_aircraft_than_the_table_holds_are_forgotten_and_counted() -> None:
    count = 70_000
    messages = np.zeros((count, 14), np.uint8)
    messages[:, 0] = 11 << 3
    for i in range(count):
        messages[i, 1], messages[i, 2], messages[i, 3] = 1 + (i >> 16), (i >> 8) & 255, i & 255
        remainder = _parity.parity(messages, i, 4)
        messages[i, 4:7] = [remainder >> 16, (remainder >> 8) & 255, remainder & 255]
    out = np.empty(46 * count, np.uint8)
    stamps = 12_000_000 + np.arange(count)
    size = _frames.frame(messages, np.full(count, 7), stamps, 9, out)
    decoded = BeastDecoder("b", None).decode(out[:size].tobytes(), START_NS, 0)
    assert decoded.counts["DF11"] == count
    assert decoded.counts[FORGOTTEN] > 10_000


@settings(deadline=None, max_examples=40)
@given(st.lists(st.binary(max_size=120) | st.just(b"\x1a\x33" + bytes(21)), max_size=6))
def test_a_framer_loses_no_byte_of_any_file(pieces: list[bytes]) -> None:
    framer = BeastFileFramer(START_NS)
    chunks = [chunk for piece in pieces for chunk in framer.push(piece)] + list(framer.finish())
    assert b"".join(chunk.data for chunk in chunks) == b"".join(pieces)
    received = [chunk.received_ns for chunk in chunks]
    assert received == sorted(received)


def test_an_address_that_is_not_icaos_is_no_icao_address() -> None:
    row = {"track_number": 0xABC, "latitude_deg": 1.0, "longitude_deg": 2.0, "callsign": "UAS1"}
    data = BeastEncoder().encode(sent(row))
    decoded = BeastDecoder("b", None).decode(data, START_NS, 0)
    assert decoded.counts["DF18"] == 5
    found = decoded.plots.to_pylist()[0]
    assert (found["icao24"], found["track_number"], found["callsign"]) == (None, 0xABC, "UAS1")


def test_an_emergency_is_sent_at_once_and_more_often() -> None:
    calm = {"icao24": 9, "latitude_deg": 1.0, "longitude_deg": 2.0, "mode3a": 0o2000}
    alarm = {**calm, "mode3a": 0o7700, "emergency": "general"}
    times = [START_NS + i * S // 2 for i in range(12)]
    data = BeastEncoder().encode(table([calm] * 5 + [alarm] * 7, times))
    rows = BeastDecoder("b", None).decode(data, times[-1], 0).plots.to_pylist()
    assert [row["mode3a"] for row in rows] == [0o2000] * 4 + [0o7700] * 7
    assert rows[-1]["emergency"] == "general"
    status = [frame for frame in _unescaped(data) if frame[13] >> 3 == 28]
    assert len(status) == 1 + 4  # every second half second is the first that is due
