"""readsb and OpenSky JSON: round trips, nothing twice, any cut, any octets; a real trace."""

import gzip
import itertools
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds import opensky, readsb
from vedette.model.plot import EMERGENCIES

NOW_NS = 1_758_265_080_000_000_000


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


rows = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["ads_b", "mlat"]),
        "valid_ns": st.integers(0, 9).map(lambda s: NOW_NS - s * 10**9),
        "latitude_deg": st.floats(-90, 90),
        "longitude_deg": st.floats(-180, 180),
        "pressure_altitude_m": optional(st.floats(-300, 20_000)),
        "height_hae_m": optional(st.floats(-300, 20_000)),
        "ground_speed_mps": optional(st.floats(0, 900)),
        "track_angle_rad": optional(st.floats(0, 6.28)),
        "vertical_rate_mps": optional(st.floats(-100, 100)),
        "mode3a": optional(st.integers(0, 0o7777)),
        "callsign": optional(st.text("ABCXYZ019", min_size=1, max_size=8)),
        "emitter_category": optional(st.sampled_from(["A1", "A5", "B2", "C1"])),
        "nic": optional(st.integers(0, 11)),
        "nac_p": optional(st.integers(0, 11)),
        "sil": optional(st.integers(0, 3)),
        "emergency": optional(st.sampled_from(EMERGENCIES)),
    }
)
fleets = st.lists(rows, min_size=1, max_size=6).map(
    lambda found: [row | {"icao24": 0x400001 + n} for n, row in enumerate(found)]
)


@given(fleets)
def test_a_snapshot_brings_back_its_plots(made: list[dict[str, Any]]) -> None:
    data = readsb.encode_snapshot(made, NOW_NS)
    assert readsb.sniff(data)
    found = readsb.ReadsbDecoder("f", None).decode(data, NOW_NS, 4)
    assert found.faults == []
    for sent, row in zip(made, found.plots.to_pylist(), strict=True):
        for name, value in sent.items():
            if isinstance(value, float) and value:
                assert row[name] == pytest.approx(value, rel=1e-9), name
            else:
                assert row[name] == value, name
        assert (row["received_ns"], row["raw_ref"]) == (NOW_NS, 4)
        assert (row["position_sigma_m"] is None) == (sent["nac_p"] is None)


@given(fleets)
def test_an_answer_brings_back_its_plots(made: list[dict[str, Any]]) -> None:
    data = opensky.encode_states(opensky.as_states(made), NOW_NS // 10**9)
    assert opensky.sniff(data)
    found = opensky.OpenSkyDecoder("f", None).decode(data, NOW_NS, 4)
    assert found.faults == []
    absent = ("nic", "nac_p", "sil", "emergency")  # the network does not pass them on
    for sent, row in zip(made, found.plots.to_pylist(), strict=True):
        for name, value in sent.items():
            if name in absent:
                assert row[name] is None
            elif isinstance(value, float) and value:
                assert row[name] == pytest.approx(value, rel=1e-9), name
            else:
                assert row[name] == value, name


DECODERS = {
    "readsb": (readsb.ReadsbDecoder, readsb.ReadsbFramer),
    "opensky": (opensky.OpenSkyDecoder, opensky.OpenSkyFramer),
}


def stream(name: str, fleets_sent: list[list[dict[str, Any]]]) -> bytes:
    found = b""
    for second, fleet in enumerate(fleets_sent):
        moved = [row | {"valid_ns": row["valid_ns"] + second * 10**10} for row in fleet]
        now_ns = NOW_NS + second * 10**10
        found += (
            readsb.encode_snapshot(moved, now_ns)
            if name == "readsb"
            else opensky.encode_states(opensky.as_states(moved), now_ns // 10**9)
        )
    return found


@given(
    st.sampled_from(sorted(DECODERS)),
    st.lists(fleets, min_size=1, max_size=3),
    st.lists(st.integers(0, 3_000), max_size=5),
)
@settings(max_examples=40)
def test_where_a_stream_is_cut_makes_no_difference(
    name: str, sent: list[list[dict[str, Any]]], cuts: list[int]
) -> None:
    data = stream(name, sent)
    make, framer = DECODERS[name]
    whole = make("f", None).decode(data, NOW_NS, 0).plots.to_pylist()
    decoder = make("f", None)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = [
        row
        for start, end in itertools.pairwise(edges)
        for row in decoder.decode(data[start:end], NOW_NS, 0).plots.to_pylist()
    ]
    assert found == whole
    cutter, decoder = framer(), make("f", None)
    chunks = [*cutter.push(data), *cutter.finish()]
    times = [chunk.received_ns for chunk in chunks]
    assert times == sorted(times)
    framed = [
        {**row, "received_ns": NOW_NS}
        for chunk in chunks
        for row in decoder.decode(chunk.data, chunk.received_ns, 0).plots.to_pylist()
    ]
    assert framed == whole


@given(st.sampled_from(sorted(DECODERS)), fleets)
def test_nothing_is_given_twice(name: str, fleet: list[dict[str, Any]]) -> None:
    decoder = DECODERS[name][0]("f", None)
    data = stream(name, [fleet])
    assert decoder.decode(data, NOW_NS, 0).plots.num_rows == len(fleet)
    assert decoder.decode(data, NOW_NS + 10**9, 1).plots.num_rows == 0


@given(st.sampled_from(sorted(DECODERS)), st.binary(max_size=300))
@settings(max_examples=200)
def test_any_octets_are_read_or_quarantined(name: str, data: bytes) -> None:
    make, framer = DECODERS[name]
    make("f", None).decode(data, NOW_NS, 0)
    make("f", None).decode(b'{"now":1,"time":1,"aircraft":[' + data, NOW_NS, 0)
    cutter = framer()
    for chunk in [*cutter.push(data), *cutter.finish()]:
        make("f", None).decode(chunk.data, chunk.received_ns, 0)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(readsb.Aircraft.__struct_fields__)), json_values))
def test_an_aircraft_of_any_values_is_a_plot_or_a_fault(aircraft: dict[str, Any]) -> None:
    data = json.dumps({"now": 1.75e9, "aircraft": [aircraft]}).encode() + b"\n"
    found = readsb.ReadsbDecoder("f", None).decode(data, NOW_NS, 0)
    assert found.plots.num_rows + len(found.faults) <= 1


@given(st.lists(json_values, min_size=15, max_size=19))
def test_a_state_of_any_values_is_a_plot_or_a_fault(values: list[Any]) -> None:
    data = json.dumps({"time": 1_750_000_000, "states": [values]}).encode() + b"\n"
    found = opensky.OpenSkyDecoder("f", None).decode(data, NOW_NS, 0)
    assert found.plots.num_rows + len(found.faults) <= 1


def test_one_bad_aircraft_costs_no_other() -> None:
    good = msgspec.json.decode(readsb.encode_snapshot(
        [{"kind": "ads_b", "icao24": 0x4B1801, "valid_ns": NOW_NS, "latitude_deg": 1.0, "longitude_deg": 2.0}],
        NOW_NS,
    ))  # fmt: skip
    bad = [
        {"hex": "xyz"},
        {"hex": "4b1802", "lat": 99, "lon": 1},
        {"hex": 5},
        {"hex": "4b1803", "lat": "a"},
    ]
    good["aircraft"] = [*bad, *good["aircraft"]]
    # over several lines, as readsb writes it
    data = json.dumps(good, indent=1).encode()
    found = readsb.ReadsbDecoder("f", None).decode(data, NOW_NS, 0)
    assert found.plots["icao24"].to_pylist() == [0x4B1801]
    assert [fault.reason for fault in found.faults] == ["out_of_range"] * 4


def test_an_address_that_is_none_of_icao_is_no_icao_address() -> None:
    snapshot = {"now": 1.75e9, "aircraft": [
        {"hex": "~2a1b3c", "type": "tisb_other", "lat": 1, "lon": 2, "alt_baro": "ground"},
    ]}  # fmt: skip
    (row,) = (
        readsb.ReadsbDecoder("f", None)
        .decode(json.dumps(snapshot).encode(), NOW_NS, 0)
        .plots.to_pylist()
    )
    assert (row["icao24"], row["track_number"], row["kind"]) == (None, 0x2A1B3C, "track")
    assert (row["on_ground"], row["pressure_altitude_m"]) == (True, None)


def trace() -> bytes:
    return json.dumps({"icao": "4b1801", "timestamp": 1.75e9, "trace": [
        [0.0, 59.0, 26.0, 30000, 400.0, 90.0, 0, 0, {"flight": "ABC1    ", "nac_p": 9, "nic": 8, "sil": 3}],
        [5.0, 59.1, 26.0, 30000, 400.0, 90.0, 1, 0, None],
        [9.0, 59.2, 26.0, 31000, 400.0, 90.0, 4 | 8, 600, None, "adsb_icao"],
        ["x", 1, 2],
    ]}).encode()  # fmt: skip


@pytest.mark.parametrize("packed", [False, True])
def test_a_trace_is_cut_by_its_points(packed: bool) -> None:
    data = gzip.compress(trace()) if packed else trace()
    assert readsb.sniff(data)
    framer, decoder = readsb.ReadsbFramer(), readsb.ReadsbDecoder("f", None)
    chunks = [*framer.push(data), *framer.finish()]
    assert len(chunks) == 4
    found = [decoder.decode(chunk.data, chunk.received_ns, n) for n, chunk in enumerate(chunks)]
    first, second = (row for one in found for row in one.plots.to_pylist())
    assert (first["callsign"], first["nac_p"], first["valid_ns"]) == (
        "ABC1",
        9,
        1_750_000_000 * 10**9,
    )
    assert second["height_hae_m"] == pytest.approx(31_000 * 0.3048)
    assert second["pressure_altitude_m"] is None
    assert second["vertical_rate_mps"] == pytest.approx(600 * 0.3048 / 60)
    assert [fault.reason for one in found for fault in one.faults] == ["out_of_range"]


@pytest.mark.shared
def test_a_real_trace_is_read_to_its_last_point(shared: Path) -> None:
    data = (shared / "data/surveillance/adsb/readsb_trace_full_ac671b.json").read_bytes()
    framer, decoder = readsb.ReadsbFramer(), readsb.ReadsbDecoder("f", None)
    plots, faults, counts = 0, [], {}
    for chunk in [*framer.push(data), *framer.finish()]:
        found = decoder.decode(chunk.data, chunk.received_ns, 0)
        plots += found.plots.num_rows
        faults += found.faults
        for key, number in found.counts.items():
            counts[key] = counts.get(key, 0) + number
    assert faults == []
    stale = sum(bool(row[6] & 1) for row in json.loads(data)["trace"])
    assert stale > 0
    # a point that repeats the place before it within five seconds is no new one
    assert counts == {"trace point": plots, "stale trace point": 2500 - plots}
    assert 2500 - stale - 10 <= plots <= 2500 - stale


def answers(form: str, second: int) -> bytes:
    """What one aircraft's receiver answers at a second."""
    now_ns = NOW_NS + second * 10**9
    row = {
        "kind": "ads_b", "icao24": 0x400001, "valid_ns": now_ns, "longitude_deg": 8.0,
        "latitude_deg": 47.0 + second % 100 * 1e-3,
    }  # fmt: skip
    if form == "readsb":
        return readsb.encode_snapshot([row], now_ns).strip()
    return opensky.encode_states(opensky.as_states([row]), now_ns // 10**9).strip()


def decoder_of(form: str) -> readsb.ReadsbDecoder | opensky.OpenSkyDecoder:
    made = readsb.ReadsbDecoder if form == "readsb" else opensky.OpenSkyDecoder
    return made("f", None)


@pytest.mark.parametrize("form", ["readsb", "opensky"])
@given(ahead_s=st.integers(62, 10**7))
def test_a_clock_that_was_set_back_silences_no_aircraft(form: str, ahead_s: int) -> None:
    decoder = decoder_of(form)
    heard = [
        decoder.decode(answers(form, second), NOW_NS, 0).plots.num_rows
        for second in (ahead_s, 0, 1, 2)
    ]
    assert heard == [1, 1, 1, 1]


@pytest.mark.parametrize("form", ["readsb", "opensky"])
@given(share=st.floats(0.01, 0.99))
def test_an_answer_that_was_cut_off_takes_no_other_with_it(form: str, share: float) -> None:
    decoder, cut = decoder_of(form), answers(form, 0)
    cut = cut[: 1 + int(share * (len(cut) - 1))]
    assert decoder.decode(cut, NOW_NS, 0).plots.num_rows == 0
    found = decoder.decode(answers(form, 1), NOW_NS, 1)
    assert [fault.data for fault in found.faults] == [cut]
    assert found.plots.num_rows == 1
    assert decoder.decode(answers(form, 2), NOW_NS, 2).plots.num_rows == 1


def test_a_place_of_tomorrow_silences_no_aircraft() -> None:
    decoder, wrong = opensky.OpenSkyDecoder("f", None), opensky.as_states(
        [{"kind": "ads_b", "icao24": 0x400001, "valid_ns": NOW_NS + 86_400 * 10**9,
          "latitude_deg": 47.0, "longitude_deg": 8.0}]
    )  # fmt: skip
    found = decoder.decode(opensky.encode_states(wrong, NOW_NS // 10**9), NOW_NS, 0)
    assert [fault.reason for fault in found.faults] == ["out_of_range"]
    assert found.plots.num_rows == 0
    assert decoder.decode(answers("opensky", 1), NOW_NS, 0).plots.num_rows == 1
