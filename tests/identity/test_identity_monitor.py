"""The word of an aircraft, held against itself, against others and against radars."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.bench.identity.spoofing import simulated
from vedette.identity import monitor
from vedette.identity.assess import initial, step
from vedette.identity.interference import InterferenceMap, interference, probability
from vedette.identity.settings import IdentitySettings, MonitorSettings
from vedette.model.plot import plots, remote_key
from vedette.model.time import SECOND_NS

START_NS = 1_758_265_080 * SECOND_NS
SETTINGS = IdentitySettings()


def heard(second: int, address: int, latitude: float, longitude: float, **more: object) -> pa.Table:
    when = START_NS + second * SECOND_NS
    columns: dict[str, object] = {
        "sensor_id": ["r"],
        "kind": ["ads_b"],
        "valid_ns": [when],
        "received_ns": [when],
        "latitude_deg": [latitude],
        "longitude_deg": [longitude],
        "icao24": [address],
        "ground_speed_mps": [222.4],
        "track_angle_rad": [0.0],
    }
    return plots(**(columns | {name: [value] for name, value in more.items()}))


def run(tables: list[pa.Table]) -> tuple[monitor.MonitorState, dict[str, monitor.Finding]]:
    state, found = monitor.initial(), {}
    for table in tables:
        now_ns = table.column("valid_ns")[0].as_py() + SECOND_NS
        state, verdicts = monitor.step(SETTINGS, state, table, (), now_ns)
        found |= {finding.aircraft: finding for finding in verdicts.changed}
    return state, found


def north(second: int) -> float:
    return 55.0 + 0.002 * second  # 222.4 m/s


def test_a_straight_flight_is_believed():
    assert run([heard(t, 0x4CA001, north(t), 20.0) for t in range(120)])[1] == {}


def test_a_single_stray_report_is_none():
    tables = [heard(t, 0x4CA001, north(t) + (2.0 if t == 40 else 0.0), 20.0) for t in range(90)]
    assert run(tables)[1] == {}


def test_a_place_that_jumps_and_stays():
    tables = [heard(t, 0x4CA001, north(t) + (1.0 if t >= 40 else 0.0), 20.0) for t in range(60)]
    finding = run(tables)[1]["4ca001"]
    assert finding.verdict == "suspected_spoofing"
    assert finding.before_deg == pytest.approx((north(39), 20.0))


def test_two_aircraft_under_one_address():
    tables = [heard(t, 0x4CA001, north(t) + (1.0 if t % 2 else 0.0), 20.0) for t in range(60)]
    assert run(tables)[1]["4ca001"].verdict == "duplicate_address"


def test_a_collapse_of_the_stated_accuracy_and_its_recovery():
    tables = [
        heard(t, 0x4CA001, north(t), 20.0, nic=0 if 40 <= t < 60 else 8, nac_p=9)
        for t in range(500)
    ]
    state, found = run(tables[:100])
    assert found["4ca001"].verdict == "suspected_interference"
    assert run(tables)[1]["4ca001"].verdict == "none"
    assert interference(SETTINGS, state, START_NS + 100 * SECOND_NS).cells[0].affected == 1


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(60)), st.integers(1, 20))
def test_the_order_within_a_step_and_the_length_of_steps_do_not_matter(order, size):
    tables = [heard(t, 0x4CA001, north(t) + (1.0 if t >= 30 else 0.0), 20.0) for t in range(60)]
    whole = pa.concat_tables(tables)
    end_ns = START_NS + 60 * SECOND_NS
    _, one = monitor.step(SETTINGS, monitor.initial(), whole.take(order), (), end_ns)
    state = monitor.initial()
    for begin in range(0, 60, size):
        part = whole.slice(begin, size)
        state, many = monitor.step(SETTINGS, state, part, (), end_ns)
    assert many.keys.tolist() == one.keys.tolist() == [0x4CA001]
    assert many.verdict.tolist() == one.verdict.tolist()


@given(st.integers(0, 200), st.integers(0, 200))
def test_more_affected_never_makes_a_disturbance_less_likely(seen, affected):
    seen, affected = seen + 1, min(affected, seen)
    low, high = probability(
        MonitorSettings(), np.array([seen] * 2), np.array([affected, affected + 1])
    )
    assert 0.0 <= low <= high <= 1.0


def test_nothing_heard_says_nothing_of_a_place():
    assert InterferenceMap(from_ns=0, to_ns=1).at(59.0, 25.0) is None


def test_simulated_attacks_on_an_unseen_seed():
    by_kind, (false, alone) = simulated(977, 150)
    hit = sum(found for kind, (found, _) in by_kind.items() if kind != "drag, no radar")
    attacked = sum(count for kind, (_, count) in by_kind.items() if kind != "drag, no radar")
    assert hit >= 0.97 * attacked
    assert false <= 0.02 * alone


def _drone(second: int, latitude: float) -> pa.Table:
    """A broadcast of a small drone at 15 m/s, which bears a serial number and no address."""
    return heard(
        second,
        None,
        latitude,
        20.0,
        kind="remote_id",
        remote_id="1668B3A4D7F0",
        ground_speed_mps=15.0,
    )


def _flown(second: int) -> float:
    return 55.0 + 15.0 * second / 111_195.0


@pytest.mark.parametrize(("moved_deg", "believed"), [(0.0, True), (0.5, False)])
def test_what_is_found_of_a_serial_number_is_said_of_the_track_that_speaks_it(
    sky, moved_deg, believed
):
    tables = [_drone(t, _flown(t) + (moved_deg if t >= 40 else 0.0)) for t in range(80)]
    state, verdicts = monitor.initial(), None
    for table in tables:
        now_ns = table.column("valid_ns")[0].as_py() + SECOND_NS
        state, verdicts = monitor.step(SETTINGS, state, table, (), now_ns)
    marks = {"kinds": ("remote_id",), "cooperative": True, "velocity_mps": (0.0, 15.0)}
    speaker = sky.Thing(latitude_deg=_flown(0) + moved_deg, **marks)
    mute = sky.Thing(track_id="mute", latitude_deg=_flown(0) + moved_deg, kinds=("psr",))
    other = sky.Thing(track_id="other", latitude_deg=_flown(0) + moved_deg, **marks)
    drones = {"one": remote_key("1668B3A4D7F0"), "other": remote_key("1668B3A4D7F1")}
    said = {}
    memory = initial(SETTINGS)
    for t in (76, 78, 80):
        memory, out = step(
            SETTINGS,
            memory,
            sky.picture([speaker, mute, other], t),
            [],
            [],
            START_NS + t * SECOND_NS,
            verdicts,
            drones,
        )
        said |= {one.track_id: one.integrity for one in out}
    assert ("suspected_spoofing" in said["one"]) is not believed
    assert said["mute"] == said["other"] == ()
