"""Mode S on real recordings, against rs1090 and another decoder's output (test data, not shipped)."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from vedette.feeds.decoder import Chunk, Decoded
from vedette.feeds.mode_s import _frames, _parity
from vedette.feeds.mode_s.decoder import BeastDecoder
from vedette.feeds.mode_s.framers import BeastFileFramer

SHARED = Path(__file__).parents[2] / "../shared/data"
RECORDING = SHARED / "surveillance/beast/ulss7_2018-04-03.beast"
VECTORS = SHARED / "vectors/mode_s"
T = 1_522_782_000_000_000_000
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDING.exists(), reason="no reference data beside the checkout"),
]


def frames_of(data: bytes) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = len(data)
    types, stamps = np.empty(size, np.uint8), np.empty(size, np.int64)
    messages, spans = np.empty((size, 14), np.uint8), np.empty((size, 2), np.int64)
    count, bad, used = _frames.unframe(
        np.frombuffer(data, np.uint8), types, stamps, messages, spans, np.empty((size, 3), np.int64)
    )
    assert (bad, used) == (0, size)
    return types[:count], stamps[:count], messages[:count]


def framed(messages: list[str], seconds: list[float]) -> bytes:
    octets = np.zeros((len(messages), 14), np.uint8)
    for row, message in enumerate(messages):
        octets[row, : len(message) // 2] = list(bytes.fromhex(message))
    out = np.empty(46 * len(messages), np.uint8)
    stamps = 12_000_000 + (np.array(seconds) * 12e6).astype(np.int64)
    lengths = np.array([len(message) // 2 for message in messages])
    return out[: _frames.frame(octets, lengths, stamps, 50, out)].tobytes()


def placed(plots: pa.Table) -> list[dict[str, object]]:
    return [row for row in plots.to_pylist() if row["latitude_deg"] is not None]


def played(data: bytes, piece: int = 65_536) -> tuple[list[Decoded], list[Chunk]]:
    framer, decoder = BeastFileFramer(T), BeastDecoder("b", None)
    chunks = [c for i in range(0, len(data), piece) for c in framer.push(data[i : i + piece])]
    chunks += list(framer.finish())
    return [decoder.decode(c.data, c.received_ns, i) for i, c in enumerate(chunks)], chunks


def test_every_place_is_the_one_that_rs1090_finds() -> None:
    rs1090 = pytest.importorskip("rs1090")
    data = RECORDING.read_bytes()
    types, stamps, messages = frames_of(data)
    squitter = (types == _frames.LONG) & (messages[:, 0] >> 3 == 17)
    seconds = stamps / 12e6
    theirs = rs1090.decode(
        [bytes(row).hex() for row in messages[squitter]], seconds[squitter].tolist()
    )
    found: dict[int, list[dict[str, float]]] = {}
    for row in theirs:
        if row is not None and row.get("latitude") is not None:
            found.setdefault(int(row["icao24"], 16), []).append(row)
    parts, _ = played(data)
    ours = placed(pa.concat_tables(part.plots for part in parts))
    assert len(ours) == 728  # of 1,498 position messages, 749 came twice and 21 before their pair
    alone = 0
    for row in ours:
        second = (row["valid_ns"] - T) / 1e9 + seconds[0]
        other = min(found[row["icao24"]], key=lambda other: abs(other["timestamp"] - second))
        if abs(other["timestamp"] - second) > 1e-3:
            alone += 1  # rs1090 keeps it to itself
            continue
        assert row["latitude_deg"] == pytest.approx(other["latitude"], abs=1e-9)
        assert row["longitude_deg"] == pytest.approx(other["longitude"], abs=1e-9)
        assert row["pressure_altitude_m"] == pytest.approx(other["altitude"] * 0.3048)
    assert alone < 100


def test_places_names_and_squawks_are_those_of_the_other_decoder() -> None:
    lines = gzip.decompress((RECORDING.parent / "ulss7_decoded_sbs.txt.gz").read_bytes()).decode()
    places: dict[int, set[tuple[float, float]]] = {}
    names, squawks = {}, {}
    for line in csv.reader(lines.splitlines()):
        if not line or line[0] != "MSG":
            continue
        address = int(line[4], 16)
        if line[1] == "3" and line[14]:
            places.setdefault(address, set()).add((float(line[14]), float(line[15])))
        if line[10].strip():
            names[address] = line[10].strip()
        if line[17]:
            squawks[address] = int(line[17], 8)
    rows = BeastDecoder("b", None).decode(RECORDING.read_bytes(), T, 0).plots.to_pylist()
    assert {row["icao24"] for row in rows} == set(places)
    for row in rows:
        if row["latitude_deg"] is not None:
            assert any(
                abs(row["latitude_deg"] - latitude) < 2e-5
                and abs(row["longitude_deg"] - longitude) < 2e-5
                for latitude, longitude in places[row["icao24"]]
            )
        assert row["callsign"] in (None, names[row["icao24"]])
        assert row["mode3a"] in (None, squawks.get(row["icao24"]))
    last = {row["icao24"]: row for row in rows}
    assert {address: row["callsign"] for address, row in last.items()} == names
    told = {row["icao24"] for row in rows if row["mode3a"] is not None}
    assert len(set(squawks) - told) <= 1  # asked for its code after its last place


def test_a_file_in_small_pieces_gives_the_same_as_whole() -> None:
    data = RECORDING.read_bytes()
    decoded, chunks = played(data, 4_001)
    assert b"".join(chunk.data for chunk in chunks) == data
    assert not [fault for part in decoded for fault in part.faults]
    plots = pa.concat_tables(part.plots for part in decoded)
    whole = BeastDecoder("b", None).decode(data, T, 0).plots
    unlike = ["valid_ns", "received_ns", "raw_ref"]
    assert plots.drop_columns(unlike).equals(whole.drop_columns(unlike))
    shift_ns = plots["valid_ns"].to_numpy() - whole["valid_ns"].to_numpy()
    held = whole["valid_ns"].to_numpy() > T - 59_000_000_000  # nothing is dated a minute back
    assert np.ptp(shift_ns[held]) < 1_000
    delay_ns = plots["received_ns"].to_numpy() - plots["valid_ns"].to_numpy()
    assert delay_ns.min() >= 0
    assert delay_ns.max() < 600_000_000  # a quarter of a second, and steps back of its clock


def test_the_parity_of_the_vectors_is_their_address() -> None:
    for name, altered in (("commb_df20", 3), ("commb_df21", 0), ("adsb", 0)):
        with (VECTORS / f"pymodes_sample_data_{name}.csv").open(encoding="utf-8-sig") as stream:
            rows = list(csv.reader(stream))
        squitter = name == "adsb"
        octets = np.array(
            [list(bytes.fromhex(row[1 if squitter else 2])) for row in rows], np.uint8
        )
        unlike = sum(
            _parity.syndrome(octets, index, 14) != (0 if squitter else int(row[1], 16))
            for index, row in enumerate(rows)
        )
        assert unlike == altered  # three were received with errors: one bit, six bits, one of DF


def test_vectors_give_the_places_that_rs1090_gives_and_more() -> None:
    rs1090 = pytest.importorskip("rs1090")
    with (VECTORS / "pymodes_sample_data_adsb.csv").open() as stream:
        rows = list(csv.reader(stream))
    seconds: list[float] = []  # theirs are whole: the messages of one are spread over it
    for row in rows:
        whole_s = float(row[0])
        again = bool(seconds) and int(seconds[-1]) == whole_s
        seconds.append(seconds[-1] + 0.1 if again else whole_s)
    theirs = rs1090.decode([row[1] for row in rows], seconds)
    decoder = BeastDecoder("b", None)
    both = only_ours = 0
    for row, second, other in zip(rows, seconds, theirs, strict=True):
        data = framed([row[1]], [second - seconds[0]])
        decoded = decoder.decode(data, int(second * 1e9), 0)
        assert decoded.faults == []
        ours = decoded.plots.to_pylist()
        if other is not None and other.get("latitude") is not None:
            assert ours[0]["latitude_deg"] == pytest.approx(other["latitude"], abs=1e-9)
            assert ours[0]["longitude_deg"] == pytest.approx(other["longitude"], abs=1e-9)
            both += 1
        else:
            only_ours += len(ours)
    assert both > 300  # rs1090 keeps places to itself that it finds implausible
    assert both + only_ours == 932  # of 937; the first ones wait for their pair


def test_a_second_recording_has_no_fault() -> None:
    data = (RECORDING.parent / "sample_dump1090.bin").read_bytes()
    decoded = BeastDecoder("b", None).decode(data, T, 0)
    assert decoded.faults == []
    messages = sum(n for key, n in decoded.counts.items() if key.startswith("DF"))
    assert messages + decoded.counts["unverified address"] == 239
