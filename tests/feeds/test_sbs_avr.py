"""SBS-1 and AVR text: round trips, chunking, and the same recording in several forms."""

import gzip
import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.feeds import sbs
from vedette.feeds.decoder import Chunk
from vedette.feeds.mode_s import avr
from vedette.feeds.mode_s.decoder import BeastDecoder
from vedette.feeds.mode_s.encoder import BeastEncoder
from vedette.feeds.mode_s.framers import BeastFileFramer
from vedette.feeds.sbs import (
    Message,
    SbsDecoder,
    SbsFramer,
    encode_line,
    instant_ns,
    read_line,
    sniff,
)
from vedette.model.plot import plots
from vedette.model.units import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS

NOW_NS = 1_758_265_080_000_000_000
LAST_NS = 7_289_568_000_000_000_000  # the end of 2200
UTC_MS = st.integers(0, 4_102_444_800_000).map(lambda ms: ms * 1_000_000)


def rounded(low: float, high: float, digits: int) -> st.SearchStrategy[float | None]:
    return st.none() | st.floats(low, high).map(lambda value: round(value, digits) + 0.0)


messages = st.builds(
    Message,
    kind=st.integers(1, 8),
    icao24=st.integers(0, 0xFFFFFF),
    valid_ns=UTC_MS,
    callsign=st.none() | st.text("ABCXYZ0189", min_size=1, max_size=8),
    altitude_ft=rounded(-1000, 60_000, 0),
    ground_speed_kt=rounded(0, 900, 1),
    track_deg=rounded(0, 359.9, 1),
    latitude_deg=rounded(-90, 90, 5),
    longitude_deg=rounded(-180, 180, 5),
    vertical_rate_fpm=rounded(-9000, 9000, 0),
    squawk=st.none() | st.text("01234567", min_size=4, max_size=4),
    emergency=st.none() | st.booleans(),
    on_ground=st.none() | st.booleans(),
)


@given(messages)
def test_a_line_survives(message: Message) -> None:
    line = encode_line(message)
    assert read_line(line) == message
    assert sniff(line)


@given(
    st.lists(messages, max_size=6), st.lists(st.integers(0, 400), max_size=5), st.binary(max_size=9)
)
def test_where_a_stream_is_cut_makes_no_difference(
    made: list[Message], cuts: list[int], noise: bytes
) -> None:
    data = b"".join(map(encode_line, made)) + noise.replace(b"\n", b"") + b"\n"
    whole = SbsDecoder("f", None).decode(data, NOW_NS, 0)
    decoder, rows, faults = SbsDecoder("f", None), [], []
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    for start, end in itertools.pairwise(edges):
        found = decoder.decode(data[start:end], NOW_NS, 0)
        rows += found.plots.to_pylist()
        faults += [(fault.reason, fault.data) for fault in found.faults]
    assert rows == whole.plots.to_pylist()
    assert faults == [(fault.reason, fault.data) for fault in whole.faults]


ODD = (
    "", "0", "1", "-1", " ", "-0", "00012.500", "1e3", "+5", "1_0", "nan", "inf", "59.", "-.5",
    "12345678901234567890", "0.1234567890123456", "7700", "7778", "ABC\0", "\0", "abc defgh", "  x y ",
    "a\x1cb", "é", "4ca2d6", "4CA2DG", "2018/02/31", "2018/4/3", "2201/01/01", "12:30:59", "12:30:59.",
    "12:30:59.123456", "12:30:59.1234567", "24:00:00", "12:59:60", "360.1", "-90", "90.00001", "150000.1",
    "9", "SEL", "CLK",
)  # fmt: skip


@st.composite
def odd_lines(draw: st.DrawFn) -> bytes:
    fields = encode_line(draw(messages)).decode().strip().split(",")
    for at, text in draw(st.lists(st.tuples(st.integers(0, 21), st.sampled_from(ODD)), max_size=3)):
        fields[at] = text
    fields = fields[: draw(st.sampled_from((22, 22, 22, 21, 10, 9)))]
    before, behind = draw(st.sampled_from((("", ""), ("", " "), ("", "\x1c"), ("\t", "\r"))))
    return (before + ",".join(fields) + behind).encode()


@given(odd_lines())
def test_lines_are_read_together_as_each_is_alone(line: bytes) -> None:
    # heard after any date that it may bear
    found = SbsDecoder("f", None).decode(line + b"\n", LAST_NS, 0)
    try:
        message, wrong = read_line(line), []
    except ValueError as error:
        message, wrong = "", [str(error)]
    assert [fault.detail for fault in found.faults] == wrong
    if wrong:
        assert not found.counts
        assert not found.plots.num_rows
        return
    if isinstance(message, str):
        assert found.counts == {message: 1}
        return
    assert found.counts == {f"MSG,{message.kind}": 1}
    assert found.plots.num_rows == (None not in (message.latitude_deg, message.longitude_deg))
    moves = None not in (message.ground_speed_kt, message.track_deg)
    for row in found.plots.to_pylist():
        assert row["valid_ns"] == message.valid_ns
        # the sign of a zero, too
        for name in ("latitude_deg", "longitude_deg"):
            assert repr(row[name]) == repr(getattr(message, name))
        for name, value, unit in (
            ("pressure_altitude_m", message.altitude_ft, FOOT_M),
            ("ground_speed_mps", message.ground_speed_kt if moves else None, KNOT_MPS),
            ("vertical_rate_mps", message.vertical_rate_fpm if moves else None, FOOT_PER_MINUTE_MPS),
        ):  # fmt: skip
            assert row[name] == (None if value is None else value * unit)
        assert row["callsign"] == message.callsign
        assert row["icao24"] == (message.icao24 or None)
        assert row["mode3a"] == (None if message.squawk is None else int(message.squawk, 8))
        assert row["emergency"] == ("general" if message.emergency else None)
        assert row["on_ground"] == message.on_ground


@given(
    st.lists(st.lists(odd_lines() | st.just(b"y" * 1_100), max_size=4), min_size=1, max_size=4),
    st.lists(st.integers(0, 800), max_size=4),
    st.sampled_from((2, 65_536)),
)
def test_chunks_read_at_once_give_what_each_gives_alone(
    groups: list[list[bytes]], cuts: list[int], most: int
) -> None:
    one, many = SbsDecoder("f", None), SbsDecoder("f", None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sbs, "AIRCRAFT_MAX", most)
        for lines in groups:
            data = b"".join(line + b"\n" for line in lines)
            edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
            pieces = [data[begin:end] for begin, end in itertools.pairwise(edges)] or [b""]
            chunks = [Chunk(NOW_NS + at, piece) for at, piece in enumerate(pieces)]
            together, plots_ = many.decode_each(chunks, range(len(chunks)))
            assert plots_.equals(pa.concat_tables([found.plots for found in together]))
            for at, (chunk, found) in enumerate(zip(chunks, together, strict=True)):
                alone = one.decode(chunk.data, chunk.received_ns, at)
                assert found.plots.equals(alone.plots)
                assert (found.faults, found.counts) == (alone.faults, alone.counts)


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_quarantined(data: bytes) -> None:
    for decoder in (SbsDecoder("f", None), avr.AvrDecoder("f", None)):
        decoded = decoder.decode(data + b"\n", NOW_NS, 0)
        for fault in decoded.faults:
            assert fault.data in data
            assert data[fault.offset : fault.offset + len(fault.data)] == fault.data


def test_a_place_carries_what_was_said_shortly_before() -> None:
    def line(after_s: float, kind: int, **fields: object) -> bytes:
        return encode_line(Message(kind, 0x4CA2D6, NOW_NS + int(after_s * 1e9), **fields))  # type: ignore[arg-type]

    place = {"latitude_deg": 59.5, "longitude_deg": 26.5}
    data = line(0, 1, callsign="EIN123") + line(0, 4, ground_speed_kt=400.0, track_deg=90.0)
    data += line(1, 6, squawk="7600") + line(5, 3, **place) + line(30, 3, **place)
    data += line(100, 3, **place, emergency=True)
    found = SbsDecoder("f", None).decode(data, NOW_NS, 7).plots.to_pylist()
    assert [row["callsign"] for row in found] == ["EIN123", "EIN123", None]
    assert [row["mode3a"] for row in found] == [0o7600, 0o7600, None]
    assert [row["ground_speed_mps"] is None for row in found] == [False, True, True]
    assert [row["emergency"] for row in found] == [None, None, "general"]
    assert found[0]["ground_speed_mps"] == pytest.approx(400 * 1852 / 3600)


@pytest.mark.parametrize("text", ["2018/13/03", "2018/04/32", "18/04/03", "", "2018-04-03"])
def test_a_date_that_is_none_is_no_time(text: str) -> None:
    assert instant_ns(text, "12:00:00.000") is None
    assert instant_ns("2018/04/03", "25:00:00.0") is None


# ---- AVR


def beast_of(count: int) -> bytes:
    steps = np.arange(count)
    return BeastEncoder().encode(
        plots(
            sensor_id=["x"] * count,
            kind=["ads_b"] * count,
            valid_ns=NOW_NS + steps * 500_000_000,
            received_ns=NOW_NS + steps * 500_000_000,
            latitude_deg=59.0 + steps * 1e-3,
            longitude_deg=25.0 + steps * 1e-3,
            pressure_altitude_m=np.full(count, 9_000.0),
            ground_speed_mps=np.full(count, 200.0),
            track_angle_rad=np.full(count, 0.5),
            icao24=np.full(count, 0x4B1801, np.uint32),
            callsign=["SWR123"] * count,
        )
    )


def lines_of(beast: bytes, *, signal: bool) -> bytes:
    found = b""
    for frame in avr._FRAME.findall(beast):
        body = frame[2:].replace(b"\x1a\x1a", b"\x1a")
        stamp = int.from_bytes(body[:6], "big")
        found += avr.encode_avr(body[7:], stamp, body[6] if signal else None)
    return found


@pytest.mark.parametrize("signal", [True, False])
def test_lines_and_frames_give_the_same_plots(signal: bool) -> None:
    beast = beast_of(40)
    text = lines_of(beast, signal=signal)
    assert avr.sniff(text)
    framed = [BeastDecoder("f", None), avr.AvrDecoder("f", None)]
    one = framed[0].decode(beast + b"\x1a", NOW_NS, 0)
    two = framed[1].decode(text, NOW_NS, 0)
    assert one.plots.num_rows > 20
    assert two.plots.equals(one.plots)
    assert two.counts == one.counts


def test_bare_lines_are_as_received() -> None:
    text = b"".join(
        avr.encode_avr(
            avr._LINE.fullmatch(line)[3] and bytes.fromhex(avr._LINE.fullmatch(line)[3].decode())
        )
        for line in lines_of(beast_of(40), signal=False).splitlines()
    )
    decoder = avr.AvrDecoder("f", None)
    found = [
        decoder.decode(line + b"\n", NOW_NS + n * 100_000_000, n).plots
        for n, line in enumerate(text.splitlines())
    ]
    rows = [row for table in found for row in table.to_pylist()]
    assert len(rows) > 20
    assert all(abs(row["valid_ns"] - row["received_ns"]) < 2_000_000_000 for row in rows)


@given(
    st.sampled_from([2, 7, 14]).flatmap(lambda n: st.binary(min_size=n, max_size=n)),
    st.none() | st.integers(0, (1 << 48) - 1),
    st.none() | st.integers(0, 255),
)
def test_an_avr_line_becomes_the_frame_of_its_message(
    message: bytes, stamp: int | None, signal: int | None
) -> None:
    line = avr.encode_avr(message, stamp, signal if stamp is not None else None)
    frame = avr.to_beast(line, 5)
    assert frame is not None
    body = frame[2:].replace(b"\x1a\x1a", b"\x1a")
    assert body[7:] == message
    assert int.from_bytes(body[:6], "big") == (5 if stamp is None else stamp)


def test_a_bad_message_is_quarantined_as_its_line() -> None:
    good = lines_of(beast_of(4), signal=False).splitlines()
    broken = bytearray(good[1])
    broken[-6] = ord("0") if broken[-6] != ord("0") else ord("1")
    data = good[0] + b"\n" + bytes(broken) + b"\nrubbish;\n" + good[2] + b"\n"
    found = avr.AvrDecoder("f", None).decode(data, NOW_NS, 0)
    assert {(fault.reason, fault.data) for fault in found.faults} == {
        ("bad_parity", bytes(broken)), ("garbage", b"rubbish;"),
    }  # fmt: skip
    for fault in found.faults:
        assert data[fault.offset : fault.offset + len(fault.data)] == fault.data


# ---- one recording in both forms


@pytest.mark.shared
def test_the_same_recording_as_beast_and_as_lines_agrees(shared: Path) -> None:
    folder = (
        shared / "surveillance/beast"
        if (shared / "surveillance").is_dir()
        else (shared / "data/surveillance/beast")
    )
    text = gzip.decompress((folder / "ulss7_decoded_sbs.txt.gz").read_bytes())
    framer, decoder, theirs = SbsFramer(), SbsDecoder("f", None), []
    for chunk in [*framer.push(text), *framer.finish()]:
        found = decoder.decode(chunk.data, chunk.received_ns, 0)
        # its last lines are what the program that wrote them counted
        assert not any(fault.data.startswith(b"MSG") for fault in found.faults)
        theirs += found.plots.to_pylist()
    data = (folder / "ulss7_2018-04-03.beast").read_bytes()
    beast, framed = BeastDecoder("f", None), BeastFileFramer(0)
    ours: dict[int, list[tuple[float, float]]] = {}
    for chunk in [*framed.push(data), *framed.finish()]:
        for row in beast.decode(chunk.data, chunk.received_ns, 0).plots.to_pylist():
            if row["latitude_deg"] is not None:
                ours.setdefault(row["icao24"], []).append(
                    (row["latitude_deg"], row["longitude_deg"])
                )
    assert len(theirs) > 500
    near = 0
    for row in theirs:
        places = np.array(ours.get(row["icao24"], [(np.inf, np.inf)]))
        north_m = (places[:, 0] - row["latitude_deg"]) * 111_000
        east_m = (
            (places[:, 1] - row["longitude_deg"])
            * 111_000
            * np.cos(np.radians(row["latitude_deg"]))
        )
        near += bool(np.hypot(north_m, east_m).min() < 30.0)
    # what is left was resolved there from one message and a receiver's place, which we are not given
    assert near / len(theirs) > 0.95
