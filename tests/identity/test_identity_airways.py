"""Published routes as evidence: for a civil class, against excluding one, and never an explanation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.feeds.reports import ReportDecoder, encode_report
from vedette.identity.airways import Airways, _route_of, with_airways
from vedette.identity.correlation import route_distance_m
from vedette.identity.history import birth
from vedette.identity.settings import IdentitySettings
from vedette.model.report import Airway

NORTH = Airway(designator="UN1", route=((54.0, 20.0), (58.0, 20.0)), lower_pressure_altitude_m=6_000.0,
               source="a test", valid_ns=1_758_265_080_000_000_000)  # fmt: skip


def test_a_report_of_a_route_is_read_as_it_was_written():
    decoded = ReportDecoder("plans").decode(encode_report(NORTH), NORTH.valid_ns, 0)
    assert (decoded.reports, decoded.faults) == ([NORTH], [])
    wrong = encode_report(NORTH).replace(b"[54.0,20.0]", b"[154.0,20.0]")
    assert (
        ReportDecoder("plans").decode(wrong, NORTH.valid_ns, 0).faults[0].reason == "out_of_range"
    )


@pytest.mark.parametrize(
    ("changes", "keeps"),
    [
        ({}, True),
        ({"velocity_mps": (0.0, -230.0), "latitude_deg": 57.0}, True),  # the other way
        ({"longitude_deg": 20.3}, False),  # 19 km beside it
        ({"velocity_mps": (100.0, 200.0)}, False),  # across it
        ({"height_m": 3_000.0}, False),  # below it
        ({"latitude_deg": 59.0}, False),  # beyond its end
        ({"velocity_mps": (0.0, 40.0)}, False),  # no airliner is so slow
        ({"velocity_mps": (0.0, 420.0)}, False),  # nor so fast
    ],
)
def test_what_keeps_to_a_route_is_likelier_civil_and_nobody_excludes_it(sky, changes, keeps):
    def world(reports):
        seen = sky(sky.Thing(**changes), pace_s=6).run(90, reports=reports)
        return seen.run(102, acts={96: [seen.act("civil_excluded", 96)]})

    with_, without = world({2: [NORTH]}), world({})
    chances = [w.of().class_probabilities["airliner"] for w in (with_, without)]
    assert (chances[0] > chances[1]) is keeps
    assert (with_.of().civil == "possible") is keeps
    assert without.of().civil == "excluded"
    assert with_.of().explained_by is None
    said = [item.statement for item in with_.of().evidence]
    assert any("published route" in words for words in said) is keeps


@settings(deadline=None, max_examples=60)
@given(
    st.floats(-60.0, 60.0), st.floats(-170.0, 170.0), st.floats(0.2, 5.0), st.floats(-180.0, 180.0),
    st.floats(0.05, 0.95), st.floats(-20_000.0, 20_000.0),
)  # fmt: skip
def test_the_nearest_leg_is_that_of_the_distance_from_the_route(
    lat, lon, long_deg, course, share, beside
):
    """Against the distance that plans are held to, which is made another way."""
    end = (lat + long_deg * np.cos(np.radians(course)),
           lon + long_deg * np.sin(np.radians(course)) / np.cos(np.radians(lat)))  # fmt: skip
    way = Airway(designator="A", route=((lat, lon), end), valid_ns=0)
    held = with_airways(IdentitySettings(), Airways(), [way])
    rows = birth(1)
    middle = (lat + share * (end[0] - lat), lon + share * (end[1] - lon))
    north, east = end[0] - lat, (end[1] - lon) * np.cos(np.radians(middle[0]))
    size = np.hypot(north, east)
    place = (middle[0] - beside * east / size / 111_195.0,
             middle[1] + beside * north / size / 111_195.0 / np.cos(np.radians(middle[0])))  # fmt: skip
    rows["latitude_deg"], rows["longitude_deg"] = place
    rows["velocity_mps"] = 230.0 * np.array((east, north)) / size
    away_m = route_distance_m(way.route, *place)
    if abs(away_m - way.half_width_m) > 300.0:
        assert (_route_of(held, rows, 0) == 0) is (away_m < way.half_width_m)
