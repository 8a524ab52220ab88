"""ASTERIX: our records per second and those of libasterix on the same bytes, and memory."""

import time
import tracemalloc
from collections.abc import Iterator

import numpy as np

from vedette.bench._feeds_gpl import asterix_decoder
from vedette.bench.row import Row
from vedette.feeds.asterix.categories import BY_NUMBER
from vedette.feeds.asterix.category_encoder import encode_category
from vedette.feeds.asterix.decoder import AsterixDecoder
from vedette.feeds.asterix.encoder import encode_cat048
from vedette.feeds.asterix.framers import RawFramer, chunks_of
from vedette.feeds.asterix.records import RecordReader
from vedette.feeds.decoder import Chunk
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS

AREA = "feeds.asterix"
RADAR = Sensor(
    sensor_id="bench",
    kind="mode_s",
    latitude_deg=59.8,
    longitude_deg=26.4,
    sac=25,
    sic=10,
    range_max_m=450_000.0,
)
BEGUN_NS = 43_200 * SECOND_NS


def generated(count: int, seed: int) -> bytes:
    """Data blocks of ``count`` Mode S plots with address, code, level, callsign and track number."""
    rng = np.random.default_rng(seed)
    letters = np.frombuffer(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", np.uint8)
    names = rng.choice(letters, (count, 7)).astype(np.uint8).view("S7").ravel().astype(str)
    return encode_cat048(
        plots(
            sensor_id=np.full(count, RADAR.sensor_id),
            kind=np.full(count, "mode_s"),
            valid_ns=BEGUN_NS + np.sort(rng.integers(0, 10 * SECOND_NS, count)),
            received_ns=np.full(count, BEGUN_NS),
            range_m=rng.uniform(5_000.0, 440_000.0, count),
            azimuth_rad=rng.uniform(0.0, 6.28, count),
            pressure_altitude_m=rng.uniform(0.0, 12_000.0, count),
            icao24=rng.integers(1, 0xFFFFFF, count).astype(np.uint32),
            mode3a=rng.integers(0, 0o7777, count).astype(np.uint16),
            callsign=names,
            track_number=rng.integers(0, 4095, count).astype(np.int32),
        ),
        RADAR,
    )


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Measure; CPU seconds of this process, so that a busy machine does not count against anybody.

    Args:
        seed: of the generated plots.
        quick: a sample small enough for a few seconds in all.
    """
    count = 60_000 if quick else 300_000
    data = generated(count, seed)
    decoder = AsterixDecoder("bench", (RADAR,), None)
    decoder.decode(data[:1400], BEGUN_NS, 0)  # compiles, or loads what was compiled
    pieces = [data[start : start + 65_536] for start in range(0, len(data), 65_536)]
    chunks = list(chunks_of(RawFramer(), pieces))
    rows = [
        _kernel(decoder, data, count),
        _table(decoder, chunks, count),
        _datagrams(decoder, data, 500 if quick else 2_000),
        *_by_tables(20_000 if quick else 100_000, seed, peer=not quick),
        _memory(data[: 2_000_000 if quick else 8_000_000], 4 if quick else 16),
    ]
    if not quick:  # its import alone takes longer than all the rest where no bytecode is kept
        rows += [
            _peer(data, 1_500),
            asterix_decoder(AREA, 48, data[: _whole_blocks(data[:200_000])]),
        ]
    return rows


def _by_tables(count: int, seed: int, *, peer: bool) -> list[Row]:
    """Categories that go by the tables: 64 KiB at a time to plot tables, beside libasterix."""
    rng = np.random.default_rng(seed)
    distinct = 2_000  # the encoder is made for exactness, not for speed
    made = plots(
        sensor_id=np.full(distinct, "bench"),
        kind=np.full(distinct, "track"),
        valid_ns=BEGUN_NS + np.sort(rng.integers(0, SECOND_NS, distinct)),
        received_ns=np.full(distinct, BEGUN_NS),
        latitude_deg=rng.uniform(55.0, 65.0, distinct),
        longitude_deg=rng.uniform(10.0, 30.0, distinct),
        pressure_altitude_m=rng.uniform(0.0, 12_000.0, distinct),
        height_hae_m=rng.uniform(0.0, 12_000.0, distinct),
        ground_speed_mps=rng.uniform(50.0, 300.0, distinct),
        track_angle_rad=rng.uniform(0.0, 6.28, distinct),
        vertical_rate_mps=rng.uniform(-10.0, 10.0, distinct),
        icao24=rng.integers(1, 0xFFFFFF, distinct).astype(np.uint32),
        mode3a=rng.integers(0, 0o7777, distinct).astype(np.uint16),
        callsign=np.full(distinct, "BENCH123"),
        track_number=rng.integers(0, 4095, distinct).astype(np.int32),
    )
    rows = []
    for category in (62, 21):
        block = encode_category(category, made, RADAR.sac or 0, RADAR.sic or 0)
        rows.append(_walk_of(category, block, count))
        decoder = AsterixDecoder("bench", (RADAR,), None)
        decoder.decode(block, BEGUN_NS, 0)
        found = 0
        begun = time.process_time()
        while found < count:
            found += decoder.decode(block, BEGUN_NS, 0).plots.num_rows
        spent_s = time.process_time() - begun
        rows.append(
            Row(
                area=AREA,
                name=f"CAT{category:03d} bytes to plot tables",
                value=found / spent_s,
                unit="records/s",
                note=f"{len(block) // 1024} KiB at a time, all columns",
            )
        )
        if peer:
            rows += [_peer_of(category, block), asterix_decoder(AREA, category, block)]
    return rows


def _walk_of(category: int, block: bytes, count: int) -> Row:
    """The walk by the tables alone, from bytes to all columns that plots are made of."""
    reader = RecordReader(category, BY_NUMBER[category].wanted)
    octets, starts = np.frombuffer(block, np.uint8), np.array([0, len(block)])
    reader.read(octets, starts)
    found = 0
    begun = time.process_time()
    while found < count:
        found += len(reader.read(octets, starts).marks)
    spent_s = time.process_time() - begun
    return Row(
        area=AREA,
        name=f"CAT{category:03d} bytes to columns",
        value=found / spent_s,
        unit="records/s",
        target="≥ 1e6" if category == 62 else "≥ 2e6",
        note=f"one core, {len(block) // 1024} KiB at a time",
    )


def _peer_of(category: int, data: bytes) -> Row:
    name = f"libasterix, CAT{category:03d}, same bytes"
    try:
        from asterix import base
        from asterix import generated as specs
    except ImportError:
        return Row(area=AREA, name=name, value=float("nan"), unit="records/s", note="not installed")
    newest = specs.manifest["CATS"][category][-1]
    place = "105" if category == 62 else "131"
    rest = base.Bits.from_bytes(data)
    found = 0
    begun = time.process_time()
    while len(rest) and found < 1_000:
        block, rest = base.RawDatablock.parse_single(rest)
        for record in newest.cv_uap.parse(block.get_raw_records()):
            at = record.get_item(place).variation
            at.get_item("LAT").variation.content.as_quantity()
            at.get_item("LON").variation.content.as_quantity()
            found += 1
    spent_s = time.process_time() - begun
    return Row(
        area=AREA,
        name=name,
        value=found / spent_s,
        unit="records/s",
        note="place only; pure Python",
    )


def _kernel(decoder: AsterixDecoder, data: bytes, count: int) -> Row:
    """The walk alone, from bytes to columns."""
    chunk = np.frombuffer(data[: 65_536 // 1400 * 1400], np.uint8)
    whole = _whole_blocks(bytes(chunk))
    octets = np.frombuffer(data[:whole], np.uint8)
    starts, received = np.array([0, whole]), np.array([BEGUN_NS])
    found = 0
    begun = time.process_time()
    while found < count:
        found += int(decoder.walk(octets, starts, received).n[0])
    spent_s = time.process_time() - begun
    return Row(
        area=AREA,
        name="CAT048 bytes to columns",
        value=found / spent_s,
        unit="records/s",
        target="≥ 3e6",
        note="one core, 64 KiB at a time",
    )


def _whole_blocks(data: bytes) -> int:
    position = 0
    while position + 3 <= len(data):
        length = int.from_bytes(data[position + 1 : position + 3], "big")
        if position + length > len(data):
            break
        position += length
    return position


def _table(decoder: AsterixDecoder, chunks: list[Chunk], count: int) -> Row:
    """Chunks of a recording to plot tables, 64 at a time."""
    begun = time.process_time()
    found = 0
    for start in range(0, len(chunks), 64):
        group = chunks[start : start + 64]
        found += decoder.decode_many(group, range(len(group))).plots.num_rows
    spent_s = time.process_time() - begun
    if found != count:
        raise AssertionError(f"{found} of {count} records came back")
    return Row(
        area=AREA,
        name="CAT048 chunks to plot tables",
        value=found / spent_s,
        unit="records/s",
        note="with all columns, counts and faults",
    )


def _datagrams(decoder: AsterixDecoder, data: bytes, count: int) -> Row:
    """One datagram at a time, as a socket gives them."""
    blocks: list[bytes] = []
    position = 0
    while len(blocks) < count and position < len(data):
        length = int.from_bytes(data[position + 1 : position + 3], "big")
        blocks.append(data[position : position + length])
        position += length
    begun = time.process_time()
    for number, block in enumerate(blocks):
        decoder.decode(block, BEGUN_NS, number)
    spent_s = time.process_time() - begun
    return Row(
        area=AREA,
        name="datagrams of 1.4 kB, one by one",
        value=len(blocks) / spent_s,
        unit="datagrams/s",
        note="decode_many takes several at the price of about one",
    )


def _peer(data: bytes, count: int) -> Row:
    """What libasterix does with the first blocks of the same bytes, reading the same values."""
    try:
        from asterix import base
        from asterix import generated as specs
    except ImportError:
        return Row(
            area=AREA, name="libasterix", value=float("nan"), unit="records/s", note="not installed"
        )
    rest = base.Bits.from_bytes(data[: _whole_blocks(data[: count * 40])])
    found = 0
    begun = time.process_time()
    while found < count and len(rest):
        block, rest = base.RawDatablock.parse_single(rest)
        for record in specs.Cat_048_1_31.cv_uap.parse(block.get_raw_records()):
            position = record.get_item("040").variation
            position.get_item("RHO").variation.content.as_quantity()
            position.get_item("THETA").variation.content.as_quantity()
            record.get_item("140").variation.content.as_quantity()
            record.get_item("070").variation.get_item("MODE3A").as_uint()
            record.get_item("090").variation.get_item("FL").variation.content.as_quantity()
            record.get_item("220").as_uint()
            record.get_item("240").variation.content.as_string()
            found += 1
    spent_s = time.process_time() - begun
    return Row(
        area=AREA,
        name="libasterix, same bytes and values",
        value=found / spent_s,
        unit="records/s",
        note=f"{found} records; pure Python",
    )


def _memory(data: bytes, times: int) -> Row:
    """Peak of Python's and NumPy's memory while a long recording goes through, beyond the piece in hand."""

    def pieces() -> Iterator[bytes]:
        for _ in range(times):
            for start in range(0, len(data), 262_144):
                yield data[start : start + 262_144]

    decoder = AsterixDecoder("bench", (RADAR,), None)
    tracemalloc.start()
    for number, chunk in enumerate(chunks_of(RawFramer(), pieces())):
        decoder.decode(chunk.data, chunk.received_ns, number)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Row(
        area=AREA,
        name=f"peak memory over a recording of {len(data) * times / 1e6:.0f} MB",
        value=peak / 1e6,
        unit="MB",
        target="≤ 64, at any size",
    )
