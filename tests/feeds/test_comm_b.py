"""Comm-B registers: told apart by their form, beside another decoder on real replies, and into plots."""

import csv
import math
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.feeds.mode_s import _comm_b as b
from vedette.feeds.mode_s import avr
from vedette.feeds.mode_s._names import pack
from vedette.feeds.mode_s._parity import syndrome

NOW_NS = 1_758_265_080_000_000_000
ADDRESS = 0x40621D
NAMES = {
    b.CALLSIGN: "bds20",
    b.INTENTION: "bds40",
    b.TRACK_AND_TURN: "bds50",
    b.HEADING_AND_SPEED: "bds60",
}


def packed(fields: list[tuple[int, int]]) -> int:
    """Values with their widths, one after the other, as 56 bits."""
    mb, used = 0, 0
    for value, width in fields:
        mb = mb << width | (value & (1 << width) - 1)
        used += width
    assert used == 56
    return mb


def track_and_turn(roll: int, track: int, ground: int, true: int) -> int:
    return packed(
        [(1, 1), (roll, 10), (1, 1), (track, 11), (1, 1), (ground, 10), (0, 11), (1, 1), (true, 10)]
    )


@given(st.integers(-280, 280), st.integers(-1024, 1023), st.integers(1, 300), st.integers(-99, 99))
def test_track_and_turn_says_speed_and_track(roll: int, track: int, ground: int, wind: int) -> None:
    true = ground + wind
    mb = track_and_turn(roll, track, ground, true)
    if not 0 < true <= 300:
        assert not b.registers(mb) & b.TRACK_AND_TURN
        return
    assert b.registers(mb) & b.TRACK_AND_TURN
    assert b.ground_speed_mps(mb) == pytest.approx(2 * ground * 1852 / 3600)
    assert b.track_rad(mb) == pytest.approx(track * math.pi / 1024 % (2 * math.pi))


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=8))
def test_a_callsign_is_a_callsign(name: str) -> None:
    assert b.registers(0x20 << 48 | pack(name)) == b.CALLSIGN


@given(st.integers(0, (1 << 56) - 1))
def test_noise_is_hardly_ever_a_register(mb: int) -> None:
    found = b.registers(mb)
    assert 0 <= found < 32
    for flag in (b.TRACK_AND_TURN, b.HEADING_AND_SPEED):
        if found & flag:
            assert b.bits(mb, 1, 1) == 1


@pytest.mark.parametrize("spoiled", [(1, 0), (12, 0), (35, 0)])
def test_a_field_without_its_status_excludes_a_register(spoiled: tuple[int, int]) -> None:
    mb = track_and_turn(10, 500, 220, 230) | 0b1 << (56 - 40)  # part of the track rate, not said
    assert not b.registers(mb) & b.TRACK_AND_TURN


def reply(df: int, mb: int) -> bytes:
    """A reply of the aircraft at FL350 or with code 1200, its address laid over the parity."""
    import numpy as np

    head = bytes([df << 3, 0, 0x16, 0xB8]) + mb.to_bytes(7, "big")
    without = np.frombuffer(head + bytes(3), np.uint8).reshape(1, 14)
    return head + (int(syndrome(without, 0, 14)) ^ ADDRESS).to_bytes(3, "big")


def all_call() -> bytes:
    import numpy as np

    head = bytes([11 << 3]) + ADDRESS.to_bytes(3, "big")
    without = np.zeros((1, 14), np.uint8)
    without[0, :4] = np.frombuffer(head, np.uint8)
    return head + int(syndrome(without, 0, 7)).to_bytes(3, "big")


def test_an_aircraft_that_broadcasts_nothing_says_speed_track_and_name_when_asked() -> None:
    speaks = [
        all_call(),
        reply(21, 0x20 << 48 | pack("LHT43")),
        reply(20, track_and_turn(5, 256, 220, 230)),
    ]
    data = b"".join(avr.encode_avr(message, 12_000_000 * n) for n, message in enumerate(speaks, 1))
    data += avr.encode_avr(reply(20, track_and_turn(5, 256, 221, 230)), 12_000_000 * 9)
    found = avr.AvrDecoder("f", None).decode(data, NOW_NS, 0)
    assert found.faults == []
    assert found.counts["BDS 2,0"] == 1
    assert found.counts["BDS 5,0"] == 2
    last = found.plots.to_pylist()[-1]
    assert (last["icao24"], last["callsign"], last["kind"]) == (ADDRESS, "LHT43", "mode_s")
    assert last["ground_speed_mps"] == pytest.approx(442 * 1852 / 3600)
    assert last["track_angle_rad"] == pytest.approx(math.pi / 4)
    assert last["latitude_deg"] is None


@pytest.mark.shared
def test_real_replies_read_as_another_decoder_reads_them(shared: Path) -> None:
    rs1090 = pytest.importorskip("rs1090")
    ours: Counter[str] = Counter()
    theirs_too: Counter[str] = Counter()
    for kind in (20, 21):
        path = shared / f"data/vectors/mode_s/pymodes_sample_data_commb_df{kind}.csv"
        with path.open(encoding="utf-8-sig") as file:
            messages = [row[2] for row in csv.reader(file)][:2_500]
        for message in messages:
            mb = int(message[8:22], 16)
            found = b.registers(mb)
            if found not in NAMES:
                continue
            name = NAMES[found]
            other = rs1090.decode(message)
            ours[name] += 1
            if not other.get(name):
                continue
            theirs_too[name] += 1
            if name == "bds50":
                assert b.ground_speed_mps(mb) == pytest.approx(
                    other["bds50"]["groundspeed"] * 1852 / 3600
                )
                assert math.degrees(b.track_rad(mb)) == pytest.approx(other["bds50"]["track"])
            elif name == "bds20":
                spelt = other["bds20"]["callsign"]
                assert b.bits(mb, 9, 56) == pack(spelt)
            elif name == "bds60":
                rate = other["bds60"].get("vrate_inertial")
                if rate is not None and b.bits(mb, 46, 46):
                    # one step below 0 is 0 to the other
                    assert b.climb_mps(mb) == pytest.approx(rate * 0.3048 / 60, abs=0.163)
    print({name: (ours[name], theirs_too[name]) for name in ours})
    for name, number in ours.items():
        assert theirs_too[name] >= 0.97 * number, (name, number, theirs_too[name])
    assert sum(ours.values()) > 3_000
