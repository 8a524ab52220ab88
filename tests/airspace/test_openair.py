"""OpenAir: blocks one by one, arcs at their radius, the Swiss file."""

import math

import pytest

from vedette.airspace.openair import read_openair
from vedette.airspace.polygon import area_km2
from vedette.airspace.zone_file import format_of
from vedette.model.time import parse_utc
from vedette.model.zone import Limit

GOOD = """* comment
AC R
AN LS-R1 RANGE
AL GND
AH FL100
V X=47:00:00 N 008:00:00 E
DC 5

AC D
AN SOMEWHERE CTR 118.1
AL 1000ft AGL
AH 5000ft
DP 47:00:00 N 008:00:00 E
DP 47:00:00 N 008:30:00 E
DP 47:30:00 N 008:30:00 E

AC Q
AN HALF MOON
AL GND
AH UNL
V X=47:00:00 N 008:00:00 E
DA 5,0,180
"""


def test_classes_limits_circles_and_arcs() -> None:
    zones, shapes, problems = read_openair(GOOD.encode(), "a.txt")
    assert problems == []
    assert [z.kind for z in zones] == ["restricted", "ctr", "danger"]
    assert zones[0].floor is None
    assert zones[0].ceiling == Limit(height_m=3048.0, datum="pressure")
    assert zones[1].floor == Limit(height_m=304.8, datum="agl")
    assert zones[2].ceiling is None
    circle_km2 = math.pi * (5 * 1.852) ** 2
    assert area_km2(shapes[0]) == pytest.approx(circle_km2, rel=1e-3)
    assert area_km2(shapes[2]) == pytest.approx(circle_km2 / 2, rel=1e-3)


def test_a_bad_block_costs_one_airspace_and_is_named_with_its_line() -> None:
    text = GOOD.replace("DC 5", "DC many").replace("AH 5000ft", "AH 500ft AGL")
    zones, _, problems = read_openair(text.encode(), "a.txt")
    assert [z.name for z in zones] == ["HALF MOON"]
    assert [p.split(":")[0] for p in problems] == [
        "line 2 (LS-R1 RANGE)",
        "line 9 (SOMEWHERE CTR 118.1)",
    ]
    assert "floor is not below the ceiling" in problems[1]


def test_names_that_come_again_are_numbered_and_lines_have_a_width() -> None:
    cable = (
        "AC Q\nAN CABLE\nAL GND\nAH 5000ft\nDP 47:00:00 N 008:00:00 E\nDP 47:01:00 N 008:00:00 E\n"
    )
    zones, shapes, problems = read_openair((cable * 2).encode(), "a.txt")
    assert [z.zone_id for z in zones] == ["Q:CABLE", "Q:CABLE#2"]
    assert all("a line, no area" in problem for problem in problems)
    assert area_km2(shapes[0]) == pytest.approx(1.853 * 0.2 + math.pi * 0.01, rel=0.02)


def test_activation_times_are_validity() -> None:
    text = GOOD.replace("AH FL100", "AH FL100\nAA 2025-09-19T06:00:00Z/2025-09-19T12:00:00Z")
    zones, _, _ = read_openair(text.encode(), "a.txt")
    assert zones[0].valid_from_ns == parse_utc("2025-09-19T06:00Z")
    assert zones[0].valid_to_ns == parse_utc("2025-09-19T12:00Z")


def test_any_bytes_give_zones_or_names_of_faults() -> None:
    for text in ("AC R\n", "AC R\nAN \n", "AC R\nAN X\nAL GND\nAH FL100\n", "AC\nAN\nDP x\n"):
        zones, _, problems = read_openair(text.encode(), "a.txt")
        assert zones == []
        assert problems or not text.startswith("AC R")


@pytest.mark.shared
def test_the_swiss_file_loads_and_its_one_empty_airspace_is_named(shared) -> None:
    data = shared("data/vectors/openair/Switzerland.txt")
    assert format_of(data, "ch") == "openair"
    zones, shapes, problems = read_openair(data, "ch")
    left_out = [p for p in problems if "left out" in p]
    assert len(zones) == 333
    assert len(left_out) == 1  # a cable whose floor and ceiling are the same height
    assert "KABEL Hinderniss" in left_out[0]
    assert all(shape.is_valid for shape in shapes)
    assert {"ctr", "tma", "restricted", "danger", "prohibited"} <= {z.kind for z in zones}
