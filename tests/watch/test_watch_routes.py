"""Flight plans and wind reach the prediction of the live stage."""

import numpy as np
import pytest

from vedette.bench import watch as scenes
from vedette.engine.plan_routes import PlanRoutes
from vedette.model.errors import SettingError
from vedette.model.report import FlightPlan
from vedette.watch.incidents import initial, step
from vedette.watch.settings import WatchSettings

# north of the track's course, which is east; a plan turns into it, straight flight does not
ZONES = scenes.index(scenes.area("n", [(0.0, 9e3), (200e3, 9e3), (200e3, 200e3), (0.0, 200e3)]))


def degrees(*places_m):
    east, north = np.array(places_m).T
    longitude, latitude = scenes.plane()(east, north, inverse=True)
    return tuple(zip(latitude.tolist(), longitude.tolist(), strict=True))


def expected(routes, settings=None, speed_mps=200.0):
    settings = settings or WatchSettings(predict_probability=0.2, withdraw_probability=0.1)
    path = scenes.straight(speed_mps, np.pi / 2, (0.0, 0.0))
    seen = scenes.tracked(path, -70.0, 5.0, 1, 4)
    state = initial(settings)
    for tick, at_s in enumerate(seen.times_s):
        now_ns = scenes.START_NS + round(at_s * 1e9)
        table = scenes.row_table(seen, tick, ["T"])
        told = {"T": scenes.assessed("T")}
        state, _ = step(settings, state, table, told, ZONES, now_ns, routes)
    return max((c.probability for c in state.predicted.get("T", ())), default=0.0)


def test_a_route_that_turns_into_a_state_makes_entry_likely_and_one_that_passes_by_unlikely():
    into = degrees((-50e3, 0.0), (3e3, 0.0), (6e3, 60e3))
    by = degrees((-50e3, 0.0), (100e3, 0.0))
    assert expected({"T": into}) > max(expected(None), 0.5)
    assert expected({"T": by}) <= expected(None)
    assert expected({"another": into}) == expected(None)


def test_the_heights_of_the_wind_must_rise():
    with pytest.raises(SettingError):
        WatchSettings(wind=((5e3, 0.0, 1.0), (0.0, 0.0, 1.0)))


def plan(callsign, *route):
    return FlightPlan(
        callsign=callsign, departure="EETN", destination="EFHK", departure_ns=0, arrival_ns=1,
        route=route, filed_ns=0,
    )  # fmt: skip


def test_a_plan_gives_its_route_to_the_track_that_it_fits():
    one, other = ((59.0, 24.0), (60.0, 25.0)), ((59.0, 24.0), (58.0, 20.0))
    routes = PlanRoutes()
    routes.hear(
        [plan("A1", *one), plan("A1", *one), plan("B2", *one), plan("B2", *other), plan("C3")]
    )
    known = {
        name: scenes.assessed(name, flight_plan=callsign)
        for name, callsign in (("t", "A1"), ("u", "B2"), ("v", "C3"), ("w", None))
    }
    assert routes.of_tracks(known) == {
        "t": one
    }  # two plans of one callsign that differ say nothing
