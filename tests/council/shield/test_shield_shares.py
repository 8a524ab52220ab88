"""Areas and shares of a shield are told in one way, and none that there is as nothing."""

import re

import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shield_kit import proposal

from vedette.airspace.sovereign import sovereign_airspace
from vedette.council.shield.territory import Ground, findings
from vedette.model.probability import area, percent

SOVEREIGN = sovereign_airspace()


@settings(deadline=None, max_examples=20)
@given(st.floats(min_value=1e-9, max_value=1.0), st.floats(min_value=1e-6, max_value=1e6))
def test_what_lies_over_no_host_is_told_as_in_the_list_and_never_as_nothing(
    share: float, area_km2: float
) -> None:
    found = [
        Ground(state=state, member=False, area_km2=area_km2, share=share, shape=shapely.Polygon())
        for state in (None, "LVA")
    ]
    said = [one.words for one in findings(proposal(), found, SOVEREIGN) if "km²" in one.words]
    assert len(said) == 2
    for words in said:
        assert words.startswith(f"{area(area_km2)} ({percent(share, 1)}) lie over")
        assert re.match(r"(< 1|[1-9]\d*) km² \(([<>] \d+\.\d|(?!0\.0)\d+\.\d) %\)", words)
