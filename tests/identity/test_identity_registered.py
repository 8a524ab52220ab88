"""A register of aircraft as evidence: of an address that nothing casts doubt on."""

import pytest

from vedette.feeds.reports import ReportDecoder, encode_report
from vedette.identity.registered import object_class, with_aircraft
from vedette.identity.settings import IdentitySettings
from vedette.model.assessment import CLASSES, CREWED_CIVIL
from vedette.model.report import RegisteredAircraft


def row(icao24: str = "4ca123", **changes):
    facts = {
        "icao24": icao24,
        "typecode": "GLF6",
        "description": "L2J",
        "source": "a test",
        "valid_ns": 0,
    }
    return RegisteredAircraft(**(facts | changes))


def test_a_row_is_read_as_it_was_written():
    assert ReportDecoder("plans").decode(encode_report(row()), 1, 0).reports == [row()]
    wrong = encode_report(row()).replace(b"4ca123", b"4ca12x")
    assert ReportDecoder("plans").decode(wrong, 1, 0).faults[0].reason == "out_of_range"


def test_the_first_civil_classes_are_those_that_the_laws_are_tested_on():
    assert set(CLASSES[:4]) == set(CREWED_CIVIL)


def test_a_business_jet_is_told_from_an_airliner_by_its_register_alone(sky):
    jet = sky.Thing(icao24=0x4CA123, callsign="AMB12", cooperative=True, kinds=("ads_b", "ssr"))
    bare = sky(jet).run(60)
    told = sky(jet).run(60, reports={2: [row()]})
    late = sky(jet).run(60, reports={40: [row()]})
    assert bare.of().object_class == "airliner"
    assert told.of().object_class == late.of().object_class == "ga_aircraft"
    assert any("registered as ga_aircraft" in item.statement for item in told.of().evidence)
    crewed = [sum(w.of().class_probabilities[c] for c in CREWED_CIVIL) for w in (bare, told)]
    assert crewed[1] >= crewed[0]


def test_a_doubted_address_is_no_key_to_the_register(sky):
    one = sky.Thing(icao24=0x4CA123, cooperative=True, kinds=("ads_b",))
    ghost = sky.Thing(track_id="ghost", latitude_deg=58.0, icao24=0x4CA123, cooperative=True,
                      kinds=("ads_b",))  # fmt: skip
    world = sky(one, ghost).run(60, reports={2: [row()]})
    assert "duplicate_address" in world.of().integrity
    assert not any("registered as" in item.statement for item in world.of().evidence)


@pytest.mark.parametrize(
    ("typecode", "description", "military", "kind"),
    [("A320", "L2J", False, "airliner"), ("C17", "L4J", True, "military_aircraft"),
     ("EC35", "H2T", False, "helicopter_civil"), ("", "", False, None)],
)  # fmt: skip
def test_classes_of_types(typecode, description, military, kind):
    assert object_class(typecode, description, military=military) == kind


def test_it_is_bounded_and_what_is_told_again_replaces_what_it_was():
    held = with_aircraft(IdentitySettings(register_max=2), {}, [row(f"{n:06x}") for n in range(5)])
    assert sorted(held) == [0, 1]
    again = with_aircraft(IdentitySettings(register_max=2), held, [row("000001", description="")])
    assert sorted(again) == [0]
    assert with_aircraft(IdentitySettings(), held, []) is held
