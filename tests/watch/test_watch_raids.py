"""Raids: incidents are tied as comparing each with each would tie them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.model.incident import Moment
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.watch.cases import Case, Place
from vedette.watch.membership import angle_between_rad
from vedette.watch.passage import Passage
from vedette.watch.path import ground_distance_m
from vedette.watch.raids import Raids
from vedette.watch.settings import WatchSettings

SETTINGS = WatchSettings()
ZONES = [
    Zone(zone_id=f"z{k}", kind="sovereign", name="z", state=state, source="test")
    for k, state in enumerate(("EST", "FIN", "EST", None))
]
PLACE = Place(
    valid_ns=0, latitude_deg=59.0, longitude_deg=24.0, pressure_altitude_m=None,
    height_hae_m=None, height_sigma_m=None,
    ground_speed_mps=50.0, track_angle_rad=0.0, sigma_m=50.0, sensors=(),
)  # fmt: skip


def passage(rng: np.random.Generator) -> Passage:
    entered_ns = int(rng.integers(0, 200)) * SECOND_NS
    return Passage(
        zone=ZONES[int(rng.integers(0, len(ZONES)))],
        begun_ns=entered_ns + 3 * SECOND_NS,
        outside_ns=entered_ns - SECOND_NS,
        entered=Moment(estimate_ns=entered_ns, low_ns=entered_ns, high_ns=entered_ns),
        latitude_deg=59.0 + rng.uniform(0.0, 0.15),
        longitude_deg=24.0 + rng.uniform(0.0, 0.2),
        course_rad=rng.uniform(0.0, 1.0),
        probability=1.0,
        inside_ns=entered_ns + 5 * SECOND_NS,
        certain_ns=entered_ns + 3 * SECOND_NS,
    )


def cases(seed: int) -> list[Case]:
    rng = np.random.default_rng(seed)
    result = []
    for k in range(30):
        passages = [passage(rng) for _ in range(int(rng.integers(0, 3)))]
        result.append(
            Case(
                incident_id=f"I{k:02d}", opened_ns=0, track_id=f"T{k}",
                status="closed" if rng.random() < 0.2 else "open", causes=(), place=PLACE,
                passages={(f"T{k}", *p.key): p for p in passages},
            )
        )  # fmt: skip
    return result


def beside(one: Case, other: Case) -> bool:
    if not one.passages or not other.passages or other.status == "closed" or one is other:
        return False
    a, b = one.ordered()[0][1], other.ordered()[0][1]
    places = [np.array([p.latitude_deg, p.longitude_deg]) for p in (a, b)]
    return (
        a.zone.state is not None
        and a.zone.state == b.zone.state
        and abs(a.entered.estimate_ns - b.entered.estimate_ns) <= SETTINGS.group_s * SECOND_NS
        and ground_distance_m(*places) <= SETTINGS.group_m
        and angle_between_rad(a.course_rad, b.course_rad) <= SETTINGS.group_course_rad
    )


@settings(max_examples=40)
@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_mates_are_those_that_comparing_each_with_each_finds(seed: int) -> None:
    known = cases(seed)
    raids = Raids(SETTINGS, known)
    found = {case.incident_id: raids.mates(case) for case in known}
    wanted = {
        case.incident_id: [other.incident_id for other in known if beside(case, other)]
        for case in known
    }
    assert found == wanted


def test_the_cases_are_such_that_some_are_tied_and_some_are_not() -> None:
    known = cases(1)
    tied = [bool(Raids(SETTINGS, known).mates(case)) for case in known]
    assert any(tied)
    assert not all(tied)
