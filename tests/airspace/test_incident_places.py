"""Every published incident with coordinates lies in the state that its sources name, or we say why not."""

import csv
import io

import numpy as np
import pytest
import yaml

from vedette.airspace.sovereign import sovereign_airspace
from vedette.airspace.states import alpha3

# explained in docs/explanation/incident-places.md
ELSEWHERE = {
    "V002": "SYR",  # the place is given to 10 km and lies 2.4 km beyond the border
    "S001": None,  # the state of 1983 is not a code of today, and the wreck lay outside 12 NM
}
CIVIL = {"S004": "UKR", "S006": "RUS", "S007": "GRC", "S009": "DEU"}  # no state was violated


def states(latitude: list[float], longitude: list[float]) -> list[str | None]:
    index = sovereign_airspace()
    rows, zones = index.locate(np.array(latitude), np.array(longitude), kinds={"sovereign"})
    found: list[str | None] = [None] * len(latitude)
    for row, zone in zip(rows.tolist(), zones.tolist(), strict=True):
        found[row] = index.zones[zone].state
    return found


@pytest.mark.shared
def test_all_located_incidents_of_2025_lie_in_their_state(shared) -> None:
    text = shared("data/incidents/incidents_2025_facts.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    found = states([float(r["lat"]) for r in rows], [float(r["lon"]) for r in rows])
    assert len(rows) == 118
    assert [r["sovereign_iso3"] or None for r in rows] == found


@pytest.mark.shared
def test_all_located_cases_lie_in_a_state_that_the_sources_name(shared) -> None:
    cases = yaml.safe_load(shared("policy/incidents.yaml"))["incidents"]
    located = [c for c in cases if (c.get("location") or {}).get("lat") is not None]
    found = states([c["location"]["lat"] for c in located], [c["location"]["lon"] for c in located])
    assert len(located) == 37
    for case, state in zip(located, found, strict=True):
        named = {alpha3(code) for code in case["states_violated"]}
        if case["id"] in ELSEWHERE:
            assert state == ELSEWHERE[case["id"]], case["id"]
        elif case["id"] in CIVIL:
            assert state == CIVIL[case["id"]], case["id"]
        else:
            assert state in (named or {None}), case["id"]


@pytest.mark.shared
def test_the_place_of_2015_is_within_its_stated_precision_of_the_border(shared) -> None:
    index = sovereign_airspace()
    turkey = np.array([index.row_of("sovereign:TUR")])
    distance_m, _ = index.boundary(np.array([35.86]), np.array([36.02]), turkey)
    assert -10_000 < distance_m[0] < 0


@pytest.mark.shared
def test_the_reconstruction_of_vaindloo_is_inside_as_long_and_as_deep_as_published(shared) -> None:
    text = shared("data/incidents/recon_estonia_mig31_2025-09-19.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    y, x = (np.array([float(r[k]) for r in rows]) for k in ("lat", "lon"))
    index = sovereign_airspace()
    estonia = index.row_of("sovereign:EST")
    depth_m, _ = index.boundary(y, x, np.full(len(y), estonia))
    inside_s = int((depth_m > 0).sum())  # one row a second
    assert abs(inside_s - 720) <= 30
    assert 6_000 < depth_m.max() < 9_300  # less than 10 km by the ministry, about 5 NM by the press
