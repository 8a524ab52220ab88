"""Real recordings beside GPL decoders (asterix-decoder, pyModeS), which run in an interpreter of their own.

python -m venv oracles && oracles/bin/pip install asterix-decoder==0.7.11 pyModeS==3.6.1
VEDETTE_GPL_PYTHON=oracles/bin/python python -m pytest tests/feeds/test_gpl_oracles.py
"""

import json
import os
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vedette.feeds.asterix import layout
from vedette.feeds.asterix.decoder import AsterixDecoder
from vedette.feeds.asterix.envelopes import SIZE, blocks_in
from vedette.feeds.asterix.framers import HEAD, chunks_of, frame_file
from vedette.feeds.decoder import Chunk
from vedette.feeds.mode_s import _frames
from vedette.feeds.mode_s.decoder import BeastDecoder
from vedette.feeds.mode_s.framers import BeastFileFramer
from vedette.model.sensor import Sensor

PYTHON = os.environ.get("VEDETTE_GPL_PYTHON")
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(PYTHON is None, reason="VEDETTE_GPL_PYTHON names no interpreter with them"),
]


def ask(question: dict[str, Any]) -> list[Any]:
    script = Path(__file__).with_name("gpl_oracle.py")
    done = subprocess.run(
        [str(PYTHON), str(script)],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[Any] = json.loads(done.stdout)
    return found


def blocks_of(data: bytes) -> list[bytes]:
    envelopes = blocks_in(data)
    if envelopes:
        ends = [*envelopes[1:], len(data)]
        return [data[a + SIZE : b] for a, b in zip(envelopes, ends, strict=True)]
    found = []
    while data:
        length = int.from_bytes(data[1:3], "big")
        found.append(data[:length])
        data = data[length:]
    return found


def val(record: dict[str, Any], *names: str) -> Any:
    for name in names:
        if not isinstance(record, dict) or name not in record:
            return None
        record = record[name]
    return record["val"]


def octal(text: str | None) -> int | None:
    return None if text is None else int(text, 8)


def expected_of(record: dict[str, Any]) -> dict[str, Any] | None:
    """What a plot should hold of a record; None where it should be none."""
    category = record["category"]
    flags = record.get("I020") or {}
    if any(val(flags, name) for name in ("SIM", "TST", "RAB")):
        return None
    if category == 48:
        if val(flags, "TYP") == 0:
            return None
        return {
            "range_m": val(record, "I040", "RHO"), "azimuth_rad": val(record, "I040", "THETA"),
            "mode3a": octal(val(record, "I070", "Mode3A")), "icao24": val(record, "I220", "ACAddr"),
            "callsign": val(record, "I240", "TId"), "track_number": val(record, "I161", "Tn"),
            "ticks": val(record, "I140", "ToD"), "level": val(record, "I090", "FL"),
        }  # fmt: skip
    if category == 1:
        return {
            "range_m": val(record, "I040", "RHO"), "azimuth_rad": val(record, "I040", "THETA"),
            "mode3a": octal(val(record, "I070", "Mode3A")), "track_number": val(record, "I161", "tpn"),
            "level": val(record, "I090", "ModeC"),
        }  # fmt: skip
    if category == 10:
        return {
            "icao24": val(record, "I220", "TAddr"), "ticks": val(record, "I140", "ToD"),
            "track_number": val(record, "I161", "TrkNb"),
        }  # fmt: skip
    if category == 21:
        return {
            "latitude_deg": val(record, "I130", "Lat"), "longitude_deg": val(record, "I130", "Lon"),
            "icao24": val(record, "I080", "TAddr"),
        }  # fmt: skip
    if category == 62:
        return {
            "latitude_deg": val(record, "I105", "Lat"), "longitude_deg": val(record, "I105", "Lon"),
            "icao24": val(record, "I380", "ADR", "ADR"), "ticks": val(record, "I070", "ToT"),
            "mode3a": octal(val(record, "I060", "Mode3A")), "track_number": val(record, "I040", "TrkN"),
        }  # fmt: skip
    return None


SCALES = {"range_m": 1852.0, "azimuth_rad": np.pi / 180.0}


@pytest.mark.parametrize(
    ("name", "records", "plots"),
    [
        ("alcolea_bds30_cat048.gps", {48: 1830, 34: 951}, 1830),
        ("croatia_cat_034_048.pcap", {48: 128, 34: 34}, 126),
        ("croatia_cat_001_002.pcap", {1: 7, 2: 1}, 7),
        ("croatia_cat_062_065.pcap", {62: 2, 65: 1}, 2),
        ("croatia_cat21_re.ast", {21: 2}, 2),
        ("midnight_cross_cat010.gps", {10: 5}, 2),
    ],
)
def test_recordings_read_as_asterix_decoder_reads_them(
    shared: Path, name: str, records: dict[int, int], plots: int
) -> None:
    file = (shared / "data/surveillance/asterix" / name).read_bytes()
    chunks = list(chunks_of(frame_file(file[:HEAD]), [file]))
    blocks = [block.hex() for chunk in chunks for block in blocks_of(chunk.data)]
    peers = ask({"blocks": blocks})
    assert Counter(record["category"] for record in peers) == records
    sources = {
        (val(record, "I010", "SAC"), val(record, "I010", "SIC"))
        for record in peers
        if "I010" in record
    }
    sites = tuple(
        Sensor(
            sensor_id=f"{sac}/{sic}", kind="mode_s", latitude_deg=45.0, longitude_deg=16.0, sac=sac,
            sic=sic, range_max_m=500_000.0,
        )
        for sac, sic in sorted(sources)
    )  # fmt: skip
    decoded = AsterixDecoder("f", sites, None).decode_many(chunks, range(len(chunks)))
    assert decoded.faults == []
    wanted = [row for row in map(expected_of, peers) if row is not None]
    assert decoded.plots.num_rows == plots
    for plot, row in zip(decoded.plots.to_pylist(), wanted, strict=True):
        for key, value in row.items():
            if value is None:
                continue
            if key == "ticks":
                ticks = plot["valid_ns"] // layout.TICK_NS % layout.TICKS_PER_DAY
                assert ticks == round(value * 128)
            elif key == "level":
                if plot["pressure_altitude_m"] is not None:  # not where garbled
                    assert plot["pressure_altitude_m"] == pytest.approx(value * 30.48)
            elif key == "icao24":
                assert plot[key] == int(value, 16)
            elif key == "callsign":
                # asterix-decoder puts blanks for codes that are no characters; here all of it is unknown
                assert plot[key] == value.rstrip() or (plot[key] is None and " " in value)
            elif key == "mode3a":
                assert plot[key] in (value, None)  # null where garbled or not validated
            else:
                assert plot[key] == pytest.approx(value * SCALES.get(key, 1.0), abs=1e-6), key


def test_messages_read_as_pymodes_reads_them(shared: Path) -> None:
    data = (shared / "data/surveillance/beast/ulss7_2018-04-03.beast").read_bytes()
    types, stamps = np.empty(len(data), np.uint8), np.empty(len(data), np.int64)
    octets, spans = np.empty((len(data), 14), np.uint8), np.empty((len(data), 2), np.int64)
    count, _, _ = _frames.unframe(
        np.frombuffer(data, np.uint8),
        types,
        stamps,
        octets,
        spans,
        np.empty((len(data), 3), np.int64),
    )
    sent = [
        (octets[i, : 7 if types[i] == ord("2") else 14].tobytes().hex(), stamps[i] / 12e6)
        for i in range(count)
        if types[i] in (ord("2"), ord("3"))
    ]
    peers = ask({"messages": sent})
    framer, decoder = BeastFileFramer(0), BeastDecoder("b", None)
    chunks: list[Chunk] = [*framer.push(data), *framer.finish()]
    found = [decoder.decode(chunk.data, chunk.received_ns, i) for i, chunk in enumerate(chunks)]
    counts: Counter[str] = Counter()
    for decoded in found:
        counts.update(decoded.counts)
    places: dict[int, list[tuple[float, float, float]]] = {}
    for row, (_, seconds) in zip(peers, sent, strict=True):
        if row.get("latitude") is not None:
            place = (row["latitude"], row["longitude"], seconds - sent[0][1])
            places.setdefault(int(row["icao"], 16), []).append(place)
    ours = [
        row
        for decoded in found
        for row in decoded.plots.to_pylist()
        if row["latitude_deg"] is not None
    ]
    early = 0
    for row in ours:
        theirs = np.array(places[row["icao24"]])
        apart = np.abs(theirs[:, :2] - (row["latitude_deg"], row["longitude_deg"])).max(axis=1)
        if not (apart < 1e-5).any():
            # pyModeS gives the first places of an aircraft only after more pairs have borne them out
            assert row["valid_ns"] / 1e9 < theirs[:, 2].min() + 0.5
            early += 1
    assert (len(ours), early) == (728, 45)
    mine: dict[int, list[tuple[float, float]]] = {}
    for row in ours:
        mine.setdefault(row["icao24"], []).append((row["latitude_deg"], row["longitude_deg"]))
    for who, found_places in places.items():
        for latitude_deg, longitude_deg, _ in found_places:
            near = np.abs(np.array(mine[who]) - (latitude_deg, longitude_deg)).max(axis=1)
            assert near.min() < 1e-5
    registers = Counter(row.get("bds") for row in peers if row["df"] in (20, 21))
    assert registers["4,0"] == counts["BDS 4,0"] == 42
    assert registers["5,0"] == counts["BDS 5,0"] == 72
    # two replies are from an address that was never heard intact; two fit 5,0 and 6,0 alike
    assert registers["2,0"] == counts["BDS 2,0"] + counts["unverified address"] == 52
    assert registers["6,0"] == counts["BDS 6,0"] + counts["BDS ambiguous"] == 78
