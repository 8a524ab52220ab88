"""Categories after the tables: real recordings beside libasterix, round trips, wrong editions, chunking."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from asterix import base
from asterix import generated as specs
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.asterix import specification as spec
from vedette.feeds.asterix.category_encoder import encode_category
from vedette.feeds.asterix.decoder import AsterixDecoder
from vedette.feeds.asterix.framers import HEAD, chunks_of, frame_file
from vedette.feeds.asterix.record_codec import encode_block, encode_record
from vedette.feeds.decoder import Chunk, Decoded
from vedette.model.errors import SettingError
from vedette.model.plot import EMERGENCIES, plots
from vedette.model.sensor import Sensor

SHARED = Path(__file__).parents[2] / "../shared/data"
RECORDINGS = SHARED / "surveillance/asterix"
BLOCKS = SHARED / "vectors/asterix_blocks"
NOON_NS = 1_758_283_200_000_000_000
needs_shared = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the reference data are not beside the checkout"
)


def site(sac: int, sic: int, **more: Any) -> Sensor:
    return Sensor(
        sensor_id=f"{sac}/{sic}", kind="mlat", latitude_deg=59.4, longitude_deg=24.8,
        sac=sac, sic=sic, **more,
    )  # fmt: skip


def decode(data: bytes, *sensors: Sensor) -> Decoded:
    return AsterixDecoder("f", sensors, None).decode(data, NOON_NS, 0)


# ---- laws

letters = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8)


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


rows = st.fixed_dictionaries(
    {
        "valid_ns": st.integers(NOON_NS - 10**13, NOON_NS + 10**13).map(
            lambda t: t // 7_812_500 * 7_812_500
        ),
        "latitude_deg": st.floats(-89.9, 89.9),
        "longitude_deg": st.floats(-179.9, 179.9),
        "pressure_altitude_m": optional(st.floats(-400.0, 20_000.0)),
        "height_hae_m": optional(st.floats(-400.0, 20_000.0)),
        "position_sigma_m": optional(st.floats(1.0, 5_000.0)),
        "height_sigma_m": optional(st.floats(1.0, 5_000.0)),
        "ground_speed_mps": optional(st.floats(1.0, 900.0)),
        "track_angle_rad": st.floats(0.0, 6.28),
        "vertical_rate_mps": optional(st.floats(-80.0, 80.0)),
        "icao24": optional(st.integers(1, 0xFFFFFF)),
        "remote_id": optional(st.text("ABCXYZ0189", min_size=1, max_size=18)),
        "mode3a": optional(st.integers(0, 0o7777)),
        "callsign": optional(letters),
        "emitter_category": optional(st.sampled_from(["A1", "A5", "B2", "B6", "C1"])),
        "emergency": optional(st.sampled_from(EMERGENCIES)),
        "on_ground": optional(st.booleans()),
        "track_number": optional(st.integers(0, 4095)),
        "quality": optional(st.tuples(st.integers(0, 11), st.integers(0, 11), st.integers(0, 3))),
    }
)

# what each category holds, and to what precision
ANGLE = 2 * np.pi / 65_536
FOOT = 0.3048
EXACT: dict[int, dict[str, float]] = {
    20: {"latitude_deg": 180 / 2**25, "longitude_deg": 180 / 2**25, "position_sigma_m": 0.25,
         "height_hae_m": 6.25 * FOOT, "height_sigma_m": 0.5, "pressure_altitude_m": 25 * FOOT,
         "ground_speed_mps": 0.5, "icao24": 0, "mode3a": 0, "callsign": 0, "track_number": 0},
    21: {"latitude_deg": 180 / 2**30, "longitude_deg": 180 / 2**30, "height_hae_m": 6.25 * FOOT,
         "pressure_altitude_m": 25 * FOOT, "ground_speed_mps": 1852 / 2**14, "icao24": 0,
         "vertical_rate_mps": 6.25 * FOOT / 60, "mode3a": 0, "callsign": 0, "track_number": 0,
         "emitter_category": 0, "emergency": 0, "on_ground": 0, "nic": 0, "nac_p": 0, "sil": 0},
    62: {"latitude_deg": 180 / 2**25, "longitude_deg": 180 / 2**25, "position_sigma_m": 0.5,
         "height_hae_m": 6.25 * FOOT, "pressure_altitude_m": 25 * FOOT, "ground_speed_mps": 0.5,
         "vertical_rate_mps": 6.25 * FOOT / 60, "icao24": 0, "mode3a": 0, "callsign": 0},
    129: {"latitude_deg": 180 / 2**30, "longitude_deg": 180 / 2**30, "height_hae_m": 0.1,
          "ground_speed_mps": 0.02, "vertical_rate_mps": 0.01, "remote_id": 0},
}  # fmt: skip


def table_of(found: list[dict[str, Any]], kind: str) -> pa.Table:
    for row in found:
        row["nic"], row["nac_p"], row["sil"] = row.pop("quality") or (None, None, None)
    columns = {name: [row[name] for row in found] for name in found[0]}
    return plots(sensor_id=["x"] * len(found), kind=[kind] * len(found),
                 received_ns=[NOON_NS] * len(found), **columns)  # fmt: skip


@given(st.sampled_from(sorted(EXACT)), st.lists(rows, min_size=1, max_size=25))
@settings(deadline=None, max_examples=60)
def test_what_a_category_holds_comes_back_to_its_last_bit(
    category: int, made: list[dict[str, Any]]
) -> None:
    sent = table_of(made, {20: "mlat", 21: "ads_b", 62: "track", 129: "remote_id"}[category])
    data = encode_category(category, sent, 7, 9)
    found = decode(data, site(7, 9))
    assert found.faults == []
    assert found.counts == {f"{category:03d} 7/9": len(made)}
    assert found.plots["valid_ns"].to_pylist() == sent["valid_ns"].to_pylist()
    for name, step in EXACT[category].items():
        for before, after in zip(
            sent[name].to_pylist(), found.plots[name].to_pylist(), strict=True
        ):
            if before is None or step == 0:
                assert after == before, name
            else:
                assert after == pytest.approx(before, abs=step * 0.5001 + 1e-9), name
    # and the octets themselves do not change any more
    again = encode_category(category, found.plots, 7, 9)
    assert decode(again, site(7, 9)).plots.drop(["raw_ref"]) == found.plots.drop(["raw_ref"])


@given(
    st.sampled_from([1, 10]),
    st.floats(100.0, 60_000.0),
    st.floats(0.0, 6.28),
    st.integers(0, 0o7777),
    optional(st.integers(0, 4095)),
)
@settings(deadline=None, max_examples=60)
def test_ranges_and_azimuths_come_back(
    category: int, range_m: float, azimuth_rad: float, code: int, number: int | None
) -> None:
    sent = plots(
        sensor_id=["x"], kind=["psr" if category == 10 else "ssr"], valid_ns=[NOON_NS],
        received_ns=[NOON_NS], range_m=[range_m], azimuth_rad=[azimuth_rad], mode3a=[code],
        track_number=[number],
    )  # fmt: skip
    found = decode(encode_category(category, sent, 7, 9), site(7, 9))
    (plot,) = found.plots.to_pylist()
    assert plot["sensor_id"] == "7/9"
    assert plot["range_m"] == pytest.approx(range_m, abs=8.0 if category == 1 else 0.51)
    assert plot["azimuth_rad"] == pytest.approx(azimuth_rad % (2 * np.pi), abs=ANGLE)
    assert (plot["mode3a"], plot["track_number"], plot["valid_ns"]) == (code, number, NOON_NS)


def test_a_drone_says_who_and_where_it_is_octet_for_octet() -> None:
    """Category 129 has no library to compare with: a record written by hand after the specification's table."""
    record = bytes.fromhex(
        "bffb80"  # 010, 020 to 070; 080 to 120; 185, 220
        "0000"  # SAC/SIC, as edition 1.2 recommends for what a drone itself sends
        "444a49"
        "4d3220"  # DJI, "M2 "
        "313538314635464243323230"  # 1581F5FBC220
        "4545"  # EE
        "546000"  # noon
        "1527d27d"
        "08cf87da"  # 59.5, 24.78 in 180/2^30 degrees
        "0004b0"
        "000320"
        "000c"
        "80"  # 120 m AMSL, 80 m AGL, 12 m, specific
        "003e8ffc18"
        "0fff9c"  # 10 m/s east, 10 m/s south, 1 m/s down
    )
    block = bytes([129]) + (len(record) + 3).to_bytes(2, "big") + record
    found = decode(block)
    assert found.faults == []
    assert found.counts == {"129 0/0": 1}
    (row,) = found.plots.to_pylist()
    assert row["sensor_id"] == "129 0/0"
    assert row["kind"] == "remote_id"
    assert row["remote_id"] == "DJIM21581F5FBC220"
    assert row["latitude_deg"] == pytest.approx(59.5, abs=1e-6)
    assert row["longitude_deg"] == pytest.approx(24.78, abs=1e-6)
    assert row["valid_ns"] == NOON_NS
    assert (
        120.0 < row["height_hae_m"] < 150.0
    )  # the geoid lies 15 to 20 m above the ellipsoid there
    assert row["position_sigma_m"] == pytest.approx(12 / 1.1774)
    assert row["ground_speed_mps"] == pytest.approx(200**0.5)
    assert row["track_angle_rad"] == pytest.approx(np.radians(135.0))
    assert row["vertical_rate_mps"] == -1.0
    # a serial number that is no text keeps its octets
    odd = block.replace(b"1581F5FBC220", bytes(range(200, 212)))
    assert decode(odd).plots["remote_id"].to_pylist() == [
        "DJIM2" + bytes(range(200, 212)).hex().upper()
    ]
    # a place beyond the pole is no place
    beyond = block.replace(bytes.fromhex("1527d27d"), bytes.fromhex("7fffffff"))
    assert [fault.reason for fault in decode(beyond).faults] == ["out_of_range"]


def test_a_direction_finder_gives_bearings() -> None:
    sent = plots(
        sensor_id=["x"], kind=["cuas"], valid_ns=[NOON_NS], received_ns=[NOON_NS], azimuth_rad=[1.5]
    )
    found = decode(encode_category(205, sent, 7, 9), site(7, 9))
    assert found.plots["azimuth_rad"].to_pylist() == pytest.approx([1.5], abs=1e-4)
    assert decode(encode_category(205, sent, 7, 8), site(7, 9)).unplaced == {"7/8": 1}


LAYOUTS = [c for c in spec.CATEGORIES if c not in (34, 48)]


@given(st.lists(st.tuples(st.sampled_from(LAYOUTS), st.binary(max_size=80)), max_size=6))
@settings(deadline=None, max_examples=150)
def test_no_octets_break_it_or_get_lost(blocks: list[tuple[int, bytes]]) -> None:
    data = b"".join(bytes([c]) + (len(b) + 3).to_bytes(2, "big") + b for c, b in blocks)
    decoder = AsterixDecoder("f", (site(0, 0),), None)
    found = decoder.decode(data, NOON_NS, 0)
    assert decoder.parsed_bytes + sum(len(fault.data) for fault in found.faults) == len(data)
    for fault in found.faults:
        assert data[fault.offset : fault.offset + len(fault.data)] == fault.data


@given(
    st.lists(st.tuples(st.sampled_from(LAYOUTS), st.binary(min_size=1, max_size=40)), max_size=8)
)
@settings(deadline=None, max_examples=60)
def test_chunks_together_give_what_they_give_one_by_one(made: list[tuple[int, bytes]]) -> None:
    good = table_of([dict.fromkeys(ROW_NAMES) | {"valid_ns": NOON_NS, "latitude_deg": 1.0,
                     "longitude_deg": 2.0}], "track")  # fmt: skip
    sound = encode_category(62, good, 0, 1)
    chunks = [
        Chunk(NOON_NS + n, encode_block(category, [b"\xa0" + body]) + sound)
        for n, (category, body) in enumerate(made)
    ]
    one, many = (AsterixDecoder("f", (site(0, 1),), None) for _ in range(2))
    apart = [one.decode(c.data, c.received_ns, n) for n, c in enumerate(chunks)]
    whole = many.decode_many(chunks, range(len(chunks)))
    assert whole.faults == [fault for found in apart for fault in found.faults]
    assert whole.plots.to_pylist() == [row for found in apart for row in found.plots.to_pylist()]
    counts: dict[str, int] = {}
    for found in apart:
        for key, number in found.counts.items():
            counts[key] = counts.get(key, 0) + number
    assert whole.counts == counts


ROW_NAMES = [
    *("pressure_altitude_m", "height_hae_m", "position_sigma_m", "height_sigma_m"),
    *("ground_speed_mps", "track_angle_rad", "vertical_rate_mps", "icao24", "mode3a", "callsign"),
    *("emitter_category", "emergency", "on_ground", "track_number", "quality"),
]


# ---- editions


def old_reports(count: int) -> bytes:
    """Records of category 021 edition 0.26, which the newest edition would misread."""
    old = spec.layout(21, "0.26")
    record = {"010": {"SAC": 1, "SIC": 1}, "030": {"": 5_000_000}, "080": {"": 0x4B1234},
              "130": {"LAT": 11_000_000, "LON": 4_000_000}}  # fmt: skip
    return encode_block(21, [encode_record(record, old)] * count)


def test_a_pinned_edition_is_read_as_such() -> None:
    found = decode(old_reports(3), site(1, 1, edition="048/1.23, 021/0.26"))
    assert found.faults == []
    assert found.plots["latitude_deg"].to_pylist() == pytest.approx([11_000_000 * 180 / 2**25] * 3)


def test_a_wrong_edition_is_reported_and_never_shown() -> None:
    decoder = AsterixDecoder("f", (), None)
    shown = 0
    reasons = set()
    for _ in range(20):
        found = decoder.decode(old_reports(5), NOON_NS, 0)
        shown += found.plots.num_rows
        reasons |= {fault.reason for fault in found.faults}
    assert shown == 0
    assert "wrong_edition" in reasons
    assert set(decoder.editions["021 1/1"]) >= {"0.26"}
    assert not any(edition.startswith("2.") for edition in decoder.editions["021 1/1"])


@pytest.mark.parametrize(
    ("edition", "says"),
    [
        ("062/0.17", "1.21"),
        ("62/1.18", "not like"),
        ("129/1.0", "1.2"),
        ("240/1.3", "none"),
        ("048/1.10", "1.15"),
    ],
)
def test_an_edition_that_is_not_known_is_refused(edition: str, says: str) -> None:
    with pytest.raises(SettingError, match=says):
        AsterixDecoder("f", (site(1, 1, edition=edition),), None)


# ---- real recordings


def chunks_in(file: bytes) -> list[Chunk]:
    return list(chunks_of(frame_file(file[:HEAD]), [file]))


def peer_rows(data: bytes, category: int, edition: str) -> list[Any]:
    found = next(
        s for s in specs.manifest["CATS"][category]
        if ".".join(map(str, s.cv_edition)) == edition
    )  # fmt: skip
    rest, rows = base.Bits.from_bytes(data), []
    while len(rest):
        block, rest = base.RawDatablock.parse_single(rest)
        if block.get_category() == category:
            parsed = found.cv_uap.parse(block.get_raw_records())
            if not isinstance(parsed, ValueError):
                rows += parsed
    return rows


def value(record: Any, item: str, *names: str) -> float | None:
    found = record.get_item(item)
    for name in names:
        found = None if found is None else found.variation.get_item(name)
    return None if found is None else found.variation.content.as_quantity()


def code(record: Any, item: str, *names: str) -> int | None:
    found = record.get_item(item)
    for name in names:
        found = None if found is None else found.variation.get_item(name)
    return None if found is None else found.as_uint()


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(
    ("name", "tracks"),
    [
        ("surveillance/asterix/croatia_cat_062_065.pcap", 2),
        ("vectors/asterix_blocks/asterix4py_cat062.ast", 7),
        ("vectors/asterix_blocks/jasterix_cat062ed1.12.bin", 1),
        ("vectors/asterix_blocks/jasterix_cat062ed1.16.bin", 1),
    ],
)
def test_system_tracks_read_as_libasterix_reads_them(name: str, tracks: int) -> None:
    chunks = chunks_in((SHARED / name).read_bytes())
    found = AsterixDecoder("f", (), None).decode_many(chunks, range(len(chunks)))
    assert found.faults == []
    expected = peer_rows(b"".join(chunk.data for chunk in chunks), 62, "1.21")
    assert len(expected) == found.plots.num_rows == tracks
    for row, record in zip(found.plots.to_pylist(), expected, strict=True):
        assert row["latitude_deg"] == pytest.approx(value(record, "105", "LAT"), abs=1e-9)
        assert row["longitude_deg"] == pytest.approx(value(record, "105", "LON"), abs=1e-9)
        assert row["track_number"] == code(record, "040")
        assert row["valid_ns"] % (86_400 * 10**9) == round(value(record, "070") * 1e9)
        level = value(record, "136")
        if level is not None:
            assert row["pressure_altitude_m"] == pytest.approx(level * 30.48)
        if record.get_item("060") is not None:
            assert row["mode3a"] == code(record, "060", "MODE3A")
        if code(record, "380", "ADR"):
            assert row["icao24"] == code(record, "380", "ADR")


@pytest.mark.shared
@needs_shared
def test_ads_b_reports_read_as_libasterix_reads_them() -> None:
    checked = 0
    for name, edition in (
        ("vectors/asterix_blocks/jasterix_cat021ed2.1.bin", "2.1"),
        ("surveillance/asterix/croatia_cat21_re.ast", "2.7"),
    ):
        data = (SHARED / name).read_bytes()
        found = decode(data)
        assert found.faults == []
        for row, record in zip(found.plots.to_pylist(), peer_rows(data, 21, edition), strict=True):
            assert row["latitude_deg"] == pytest.approx(
                value(record, "131", "LAT") or value(record, "130", "LAT"), abs=1e-9
            )
            assert row["icao24"] == code(record, "080")
            checked += 1
    assert checked == 3


@pytest.mark.shared
@needs_shared
def test_tracks_of_an_unknown_edition_are_reported_and_never_shown() -> None:
    # recorded in edition 0.17 of category 062, which no table here has
    chunks = chunks_in((RECORDINGS / "croatia_asterix.pcap").read_bytes())
    decoder = AsterixDecoder("f", (), None)
    found = decoder.decode_many(chunks, range(len(chunks)))
    assert found.plots.num_rows == 0
    assert [f.reason for f in found.faults].count("wrong_edition") == 1
    assert decoder.editions == {"062 25/100": []}
    heard = sum(len(chunk.data) for chunk in chunks)
    assert decoder.parsed_bytes + sum(len(f.data) for f in found.faults) == heard


@pytest.mark.shared
@needs_shared
def test_surface_movement_is_read_across_midnight() -> None:
    chunks = chunks_in((RECORDINGS / "midnight_cross_cat010.gps").read_bytes())
    found = AsterixDecoder("f", (site(0, 7), site(0, 107)), None).decode_many(
        chunks, range(len(chunks))
    )
    assert found.faults == []
    assert found.counts == {"010 0/7": 1, "010 0/107": 4, "field monitor 0/107": 3}
    late_s = (found.plots["received_ns"].to_numpy() - found.plots["valid_ns"].to_numpy()) / 1e9
    assert found.plots.num_rows == 2
    assert np.all(np.abs(late_s) < 2.0)


@pytest.mark.shared
@needs_shared
def test_bare_files_of_tracks_have_their_own_time() -> None:
    (chunk,) = chunks_in((BLOCKS / "jasterix_cat062ed1.16.bin").read_bytes())
    found = AsterixDecoder("f", (), None).decode(chunk.data, chunk.received_ns, 0)
    assert found.plots["valid_ns"].to_pylist() == [chunk.received_ns]
