"""Recordings cut into chunks: nothing lost, whatever the pieces, whatever the damage."""

import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix.decoder import AsterixDecoder
from vedette.feeds.asterix.encoder import encode_cat034, encode_cat048
from vedette.feeds.asterix.framers import (
    HEAD,
    PREAMBLE,
    FinalFramer,
    RawFramer,
    chunks_of,
    frame_file,
    sniff,
)
from vedette.feeds.decoder import Chunk
from vedette.feeds.pcap import PcapFramer
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import DAY_NS

DAY_START_NS = 1_758_240_000_000_000_000
RADAR = Sensor(
    sensor_id="a", kind="ssr", latitude_deg=0, longitude_deg=0, sac=25, sic=10, period_s=4.0
)


def scan_block(valid_ns: int, seed: int, count: int = 8) -> bytes:
    rng = np.random.default_rng(seed)
    return encode_cat048(
        plots(
            sensor_id=["a"] * count,
            kind=["ssr"] * count,
            valid_ns=[valid_ns] * count,
            received_ns=[0] * count,
            range_m=rng.uniform(0, 400_000, count),
            azimuth_rad=rng.uniform(0, 6.28, count),
            mode3a=rng.integers(0, 0o7777, count),
        ),
        RADAR,
    )


def recording(blocks: int = 40, begun_ns: int = DAY_START_NS, step_ns: int = 10**8) -> list[bytes]:
    made = []
    for number in range(blocks):
        now_ns = begun_ns + number * step_ns
        made.append(
            encode_cat034("sector", RADAR, now_ns, number % 256)
            if number % 4 == 3
            else scan_block(now_ns, number)
        )
    return made


BLOCKS = recording()
RAW = b"".join(BLOCKS)
FRAMED = b" " * PREAMBLE + b"".join(
    block + bytes(6) + (12_800 + number * 13).to_bytes(3, "big") + bytes(1)
    for number, block in enumerate(BLOCKS)
)


def cut(data: bytes, marks: list[int]) -> list[bytes]:
    places = [0, *sorted(min(mark, len(data)) for mark in marks), len(data)]
    return [data[a:b] for a, b in pairwise(places)]


def counted(chunks: list[Chunk]) -> int:
    found = AsterixDecoder("f", (RADAR,), None).decode_many(chunks, range(len(chunks)))
    return found.plots.num_rows


def test_a_file_is_known_by_its_beginning() -> None:
    assert sniff(RAW[:HEAD]) == "raw"
    assert sniff(FRAMED[:HEAD]) == "framed"
    assert sniff(b"\xd4\xc3\xb2\xa1") == "pcap"
    assert sniff(b"\x0a\x0d\x0d\x0a") == "pcap"
    assert sniff(b"# a text, not a recording\n" * 200) is None
    assert sniff(b"") is None
    assert type(frame_file(RAW)) is RawFramer
    assert type(frame_file(FRAMED)) is FinalFramer
    assert type(frame_file(b"\xd4\xc3\xb2\xa1")) is PcapFramer
    assert type(frame_file(b"neither")) is RawFramer


@settings(deadline=None, max_examples=30)
@given(
    st.sampled_from([RAW, FRAMED, RAW[:1000] + b"\x00" * 500 + RAW[1000:] * 40]),
    st.lists(st.integers(0, len(RAW) * 40), max_size=20),
)
def test_chunks_do_not_depend_on_the_pieces_of_the_file(data: bytes, marks: list[int]) -> None:
    whole = list(chunks_of(frame_file(data[:HEAD]), [data]))
    pieces = list(chunks_of(frame_file(data[:HEAD]), cut(data, marks)))
    assert pieces == whole


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=600), st.integers(0, len(RAW)), st.binary(max_size=200))
def test_a_bare_recording_comes_out_octet_by_octet_however_it_is_damaged(
    lead: bytes, place: int, inserted: bytes
) -> None:
    for data in (lead, lead + RAW, RAW[:place] + inserted + RAW[place:], RAW[:place]):
        chunks = list(chunks_of(RawFramer(), [data]))
        assert b"".join(chunk.data for chunk in chunks) == data
        assert all(chunk.data for chunk in chunks)


@settings(deadline=None, max_examples=50)
@given(st.binary(min_size=1, max_size=60), st.integers(0, len(BLOCKS) - 1))
def test_sound_blocks_are_found_again_after_garbage(garbage: bytes, place: int) -> None:
    before, after = b"".join(BLOCKS[:place]), b"".join(BLOCKS[place:])
    lost = counted([Chunk(DAY_START_NS, RAW)]) - counted(
        list(chunks_of(RawFramer(DAY_START_NS), [before + garbage + after]))
    )
    assert lost <= 4 * 8  # at most the blocks that the chain of sound ones is made of


@settings(deadline=None, max_examples=30)
@given(st.integers(PREAMBLE, len(FRAMED) - 1), st.integers(1, 255))
def test_a_changed_octet_of_a_framed_recording_costs_a_few_blocks(place: int, change: int) -> None:
    data = bytearray(FRAMED)
    data[place] ^= change
    whole = counted([Chunk(DAY_START_NS, RAW)])
    found = counted(list(chunks_of(FinalFramer(DAY_START_NS), [bytes(data)])))
    assert whole - 4 * 8 <= found <= whole


def test_chunks_of_a_bare_recording_are_heard_when_their_newest_record_was_true() -> None:
    chunks = list(chunks_of(RawFramer(DAY_START_NS), [RAW]))
    assert len(chunks) >= len(BLOCKS) // 2
    decoder = AsterixDecoder("f", (RADAR,), None)
    for chunk in chunks:
        valid_ns = decoder.decode(chunk.data, chunk.received_ns, 0).plots["valid_ns"].to_numpy()
        late_ns = chunk.received_ns - valid_ns
        assert np.all((late_ns >= 0) & (late_ns <= 1.3e8))


def test_a_framed_recording_is_heard_at_the_times_of_its_trailers() -> None:
    chunks = list(chunks_of(FinalFramer(DAY_START_NS), [FRAMED]))
    assert [chunk.data for chunk in chunks] == BLOCKS
    assert [chunk.received_ns - DAY_START_NS for chunk in chunks] == [
        (12_800 + number * 13) * 7_812_500 for number in range(len(BLOCKS))
    ]


def test_a_recording_goes_on_over_midnight_twice() -> None:
    blocks = recording(200, DAY_START_NS + DAY_NS - 10**10, DAY_NS // 100)
    chunks = list(chunks_of(RawFramer(DAY_START_NS), [b"".join(blocks)]))
    times = [chunk.received_ns for chunk in chunks]
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(199 * DAY_NS / 100, abs=2e7)


@pytest.mark.parametrize("filler", [b"\x00", b"\xff", b"\x30", b"\x30\x00\x04"])
def test_memory_stays_flat_on_a_long_file_of_blocks_or_of_garbage(filler: bytes) -> None:
    piece = RAW * (200_000 // len(RAW))
    noise = (filler * 200_000)[:200_000]
    framer = RawFramer()
    for chunk in framer.push(piece):  # compiles
        assert chunk.data
    tracemalloc.start()
    octets = 0
    for _ in range(10):
        for part in (piece, noise):
            octets += sum(len(chunk.data) for chunk in framer.push(part))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    octets += sum(len(chunk.data) for chunk in framer.finish())
    assert octets >= 10 * (len(piece) + len(noise))
    assert peak < 16_000_000
