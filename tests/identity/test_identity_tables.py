"""The bundled facts."""

import csv

import numpy as np
import pytest
import yaml

from vedette.identity.classes import (
    AIRLINE,
    MILITARY,
    NO_CALLSIGN,
    OTHER,
    REGISTRATION,
    callsign_kind,
)
from vedette.identity.correlation import route_distance_m
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import limits, military_designators, non_civil, phases, registry
from vedette.model.assessment import CLASSES
from vedette.model.errors import SettingError
from vedette.model.frames import geodetic_to_ecef_m


def test_blocks_are_sorted_and_apart_and_members_are_marked():
    table = registry()
    assert np.all(table.starts[1:] > table.ends[:-1])
    assert np.all(table.ends >= table.starts)
    assert len({table.states[row] for row in np.flatnonzero(table.members)}) == 32


@pytest.mark.parametrize(
    ("address", "state"),
    [(0x3C4A1B, "DEU"), (0x4B1234, "CHE"), (0x151D00, "RUS"), (0x510001, "BLR"), (0xA00001, "USA")],
)
def test_addresses_of_known_states(address, state):
    row = registry().find(np.array([address]))[0]
    assert registry().states[row] == state


def test_addresses_of_no_state():
    assert registry().find(np.array([-1, 0, 0x2FFFFF, 0xFFFFFF])).tolist() == [-1] * 4
    assert non_civil(np.array([0xADF7C7, 0xADF7C8, 0xAFFFFF, 0xB00000])).tolist() == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.shared
def test_member_blocks_begin_as_another_copy_of_the_table_says(shared):
    members = yaml.safe_load((shared / "policy/members.yaml").read_text())["members"]
    for member in members:
        end = int(member["icao24_block"].split("-")[1], 16)
        row = registry().find(np.array([end & ~0x3FF]))[0]
        # small states hold 1,024 addresses, of which the other copy writes 2,048
        first = int(member["icao24_block"].split("-")[0], 16)
        other = registry().find(np.array([first]))[0]
        assert member["iso3"] in (registry().states[row], registry().states[other])


@pytest.mark.shared
def test_all_states_of_the_reference_copy_are_there(shared):
    text = (shared / "data/aircraft/icao24_state_blocks.csv").read_text()
    wanted = {
        (int(row["start"], 16), int(row["end"], 16))
        for row in csv.DictReader(text.splitlines())
        if "nassigned" not in row["country"]
    }
    ours = set(zip(registry().starts.tolist(), registry().ends.tolist(), strict=True))
    assert wanted == ours


def test_every_class_has_phases_and_limits_that_hold_them():
    found = phases()
    assert set(found.owners.tolist()) == set(range(len(CLASSES)))
    for index, name in enumerate(CLASSES):
        mine = found.owners == index
        assert found.weights[mine].sum() == pytest.approx(1.0), name
        assert np.all(found.boxes[mine][:, [1, 3, 5]] > found.boxes[mine][:, [0, 2, 4]]), name
        assert found.boxes[mine][:, 1].max() <= limits()[index, 0] * 1.01, name
        assert found.boxes[mine][:, 3].max() <= limits()[index, 1] * 1.01, name
        assert found.boxes[mine][:, 5].max() <= limits()[index, 2] * 1.01, name


def test_callsigns():
    swiss = int(registry().find(np.array([0x4B1234]))[0])
    assert callsign_kind(None, -1) == NO_CALLSIGN
    assert callsign_kind("SWR12AB", swiss) == AIRLINE
    assert callsign_kind("HBXYZ", swiss) == REGISTRATION
    assert callsign_kind("RCH123", -1) == MILITARY
    assert callsign_kind("XYZZY?", swiss) == OTHER
    assert all(len(name) == 3 and name.isalpha() for name in military_designators())


def test_distance_from_a_route_against_dense_points_on_its_great_circle():
    ends = np.array([[50.0, -10.0], [60.0, 40.0]])
    ecef = geodetic_to_ecef_m(ends[:, 0], ends[:, 1], np.zeros(2))
    unit = ecef / np.linalg.norm(ecef, axis=1, keepdims=True)
    share = np.linspace(0, 1, 20_001)[:, None]
    line = unit[0] * (1 - share) + unit[1] * share
    line /= np.linalg.norm(line, axis=1, keepdims=True)
    for place in ([55.0, 10.0], [62.0, 20.0], [45.0, -20.0], [61.0, 45.0]):
        point = geodetic_to_ecef_m(np.array(place[:1]), np.array(place[1:]), np.zeros(1))[0]
        point /= np.linalg.norm(point)
        nearest = 6_371_008.8 * np.arccos(np.clip(line @ point, -1, 1)).min()
        found = route_distance_m(tuple(map(tuple, ends)), *place)
        assert found == pytest.approx(nearest, rel=0.01, abs=2_000)


def test_priors_must_cover_all_classes_and_rule_none_out():
    with pytest.raises(SettingError, match="missing"):
        IdentitySettings(priors={"airliner": 1.0})
    good = IdentitySettings().priors
    with pytest.raises(SettingError, match="positive"):
        IdentitySettings(priors=good | {"airliner": 0.0})
