"""Whether an object that was deep inside may be outside by now."""

from typing import Any

import pytest
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.engine.at_border import at_border, territory
from vedette.model.incident import Bounds, Crossing, Incident, Moment
from vedette.model.track import tracks
from vedette.model.zone import Zone

ZONE = Zone(
    zone_id="EST", kind="sovereign", name="Estonia", state="EST", member=True, source="s",
    boundary_sigma_m=20.0,
)  # fmt: skip
INDEX = ZoneIndex.build([ZONE], [shapely.box(25.0, 58.0, 27.0, 59.0)])  # east of 27 it is outside
METRE_DEG = 1.0 / 57_600.0  # of longitude, at 58.5 degrees north


def incident(**changes: Any) -> Incident:
    moment = Moment(estimate_ns=1, low_ns=1, high_ns=1)
    deep = Bounds(estimate=20_000.0, low=19_900.0, high=20_100.0)  # at its deepest
    crossing = Crossing(
        track_id="t1", zone_id="EST", state="EST", entered=moment, left=None, inside_s=deep,
        depth_m=deep, probability=1.0,
    )  # fmt: skip
    return Incident(
        incident_id="i1", revision=1, group_id=None, status="open", causes=("unexplained_crossing",),
        track_id="t1", opened_ns=1, valid_ns=1, crossings=(crossing,), latitude_deg=58.5,
        longitude_deg=26.0, pressure_altitude_m=None, ground_speed_mps=50.0, track_angle_rad=1.0,
        sensors=("a", "b"),
    )  # fmt: skip


def held(
    inside_m: float,
    sigma_m: float,
    track_id: str = "t1",
    zone: Zone = ZONE,
    ours: frozenset[str] = frozenset({"EST"}),
) -> bool:
    var = sigma_m * sigma_m
    picture = tracks(
        track_id=["t0", track_id], valid_ns=[1, 1], latitude_deg=[58.5, 58.5],
        longitude_deg=[26.0, 27.0 - inside_m * METRE_DEG], east_mps=[0.0, 50.0], north_mps=[0.0, 0.0],
        covariance=[[1.0] + [0.0] * 9, [var, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 1.0]],
        status=["confirmed"] * 2, birth_ns=[0, 0], updated_ns=[1, 1], updates=[9, 9],
        sensors=[["a"], ["a"]], kinds=[["psr"], ["psr"]],
    )  # fmt: skip
    return at_border(incident(), picture, INDEX, {"EST": zone}, ours)


@pytest.mark.parametrize(
    ("inside_m", "sigma_m", "near"),
    [(5_000.0, 100.0, False), (250.0, 100.0, False), (150.0, 100.0, True), (30.0, 1.0, True),
     (-50.0, 1.0, True), (float("nan"), 1.0, True)],
)  # fmt: skip
def test_it_is_held_to_be_so_within_the_error_of_place_and_border(
    inside_m: float, sigma_m: float, near: bool
) -> None:
    assert held(inside_m, sigma_m) is near


def test_where_its_place_is_not_known_it_may_be_anywhere() -> None:
    assert held(5_000.0, 1.0, track_id="another")
    fir = Zone(zone_id="EST", kind="fir", name="fir", state="EST", source="s")
    assert held(5_000.0, 1.0, zone=fir)


def test_what_a_file_calls_sovereign_widens_no_authority() -> None:
    assert not held(5_000.0, 1.0)
    assert held(5_000.0, 1.0, ours=territory())
    assert "sovereign:LTU" in territory()
