"""Mode S from Beast bytes: our messages per second and those of rs1090 on the same messages."""

import time

import numpy as np
import pyarrow as pa

from vedette.bench._feeds_gpl import pymodes
from vedette.bench.row import Row
from vedette.feeds.mode_s.decoder import BeastDecoder
from vedette.feeds.mode_s.encoder import BeastEncoder
from vedette.feeds.mode_s.framers import BeastFileFramer
from vedette.model.plot import plots
from vedette.model.time import SECOND_NS

AREA = "feeds.mode_s"
BEGUN_NS = 43_200 * SECOND_NS
STEP_NS = SECOND_NS // 2


def generated(aircraft: int, steps: int, seed: int) -> bytes:
    """Beast bytes of airliners that fly straight: places and velocities twice a second, and the rest."""
    rng = np.random.default_rng(seed)
    latitude_deg, longitude_deg = rng.uniform(45, 60, aircraft), rng.uniform(5, 30, aircraft)
    north_deg, east_deg = rng.normal(0.0, 0.001, (2, aircraft))
    own = {
        "icao24": rng.permutation(0xFFFFFF)[:aircraft].astype(np.uint32),
        "pressure_altitude_m": rng.uniform(3_000.0, 12_000.0, aircraft),
        "ground_speed_mps": rng.uniform(150.0, 250.0, aircraft),
        "track_angle_rad": rng.uniform(0.0, 6.28, aircraft),
        "vertical_rate_mps": rng.uniform(-5.0, 5.0, aircraft),
        "mode3a": rng.integers(0, 0o7777, aircraft).astype(np.uint16),
        "callsign": [f"VDT{i:04d}" for i in range(aircraft)],
        "emitter_category": ["A3"] * aircraft,
        "nic": np.full(aircraft, 8, np.uint8),
        "nac_p": np.full(aircraft, 9, np.uint8),
        "sil": np.full(aircraft, 3, np.uint8),
    }
    encoder = BeastEncoder(BEGUN_NS)
    late_ns = np.sort(rng.integers(0, STEP_NS, aircraft))
    return b"".join(
        encoder.encode(
            plots(
                sensor_id=pa.repeat(pa.scalar("bench"), aircraft),
                kind=pa.repeat(pa.scalar("ads_b"), aircraft),
                valid_ns=BEGUN_NS + step * STEP_NS + late_ns,
                received_ns=BEGUN_NS + step * STEP_NS + late_ns,
                latitude_deg=latitude_deg + step * north_deg,
                longitude_deg=longitude_deg + step * east_deg,
                **own,
            )
        )
        for step in range(steps)
    )


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Measure; CPU seconds of this process, so that a busy machine does not count against anybody.

    Args:
        seed: of the generated traffic.
        quick: a sample small enough for a few seconds in all.
    """
    data = generated(200 if quick else 2_000, 10 if quick else 40, seed)
    warm = data[: len(data) // 10]
    BeastDecoder("bench", None).decode(warm, BEGUN_NS, 0)
    best = {"whole": 0.0, "chunks": 0.0}
    messages = shown = 0
    for _ in range(1 if quick else 3):
        decoder = BeastDecoder("bench", None)
        begun = time.process_time()
        decoded = decoder.decode(data, BEGUN_NS, 0)
        spent_s = time.process_time() - begun
        messages = sum(n for key, n in decoded.counts.items() if key.startswith("DF"))
        shown = decoded.plots.num_rows
        best["whole"] = max(best["whole"], messages / spent_s)
        decoder, framer = BeastDecoder("bench", None), BeastFileFramer(BEGUN_NS)
        begun = time.process_time()
        for chunk in (*framer.push(data), *framer.finish()):
            decoder.decode(chunk.data, chunk.received_ns, 0)
        best["chunks"] = max(best["chunks"], messages / (time.process_time() - begun))
    return [
        Row(
            area=AREA,
            name="Beast bytes to plots, one core",
            value=best["whole"],
            unit="messages/s",
            target=">= 1e6",
            note=f"{messages} messages, {len(data)} octets, {shown} plots",
        ),
        Row(
            area=AREA,
            name="... cut into chunks of 0.25 s, with the cutting",
            value=best["chunks"],
            unit="messages/s",
        ),
        *_peer(data, quick),
    ]


def _peer(data: bytes, quick: bool) -> list[Row]:
    """rs1090 on the same messages, already out of their frames, which we count on our side."""
    try:
        import rs1090
    except ImportError:
        return []
    texts: list[str] = []
    seconds: list[float] = []
    at = 0
    while at < len(data) and len(texts) < (2_000 if quick else 50_000):
        frame, end = bytearray(), at + 2
        while len(frame) < 21:
            frame.append(data[end])
            end += 2 if data[end] == 0x1A else 1
        seconds.append(int.from_bytes(frame[:6], "big") / 12e6)
        texts.append(frame[7:].hex())
        at = end
    begun = time.process_time()
    answers = rs1090.decode(texts, seconds)
    spent_s = time.process_time() - begun
    placed = sum(1 for answer in answers if answer and answer.get("latitude") is not None)
    return [
        Row(
            area=AREA,
            name="rs1090, hexadecimal messages to dictionaries",
            value=len(texts) / spent_s,
            unit="messages/s",
            note=f"{len(texts)} messages, {placed} places; all its threads' time counts",
        ),
        *([] if quick else [pymodes(AREA, texts[:20_000])]),
    ]
