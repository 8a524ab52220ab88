"""Crossings of simulated objects: found once, neither missed nor overstated, with honest intervals."""

import math

import numpy as np
import pyarrow as pa
import pytest
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.bench import watch as scenes
from vedette.model.incident import Moment
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks
from vedette.model.zone import Limit
from vedette.watch.incidents import initial, step
from vedette.watch.passage import Passage, crossing
from vedette.watch.settings import WatchSettings


def seconds(moment_ns: int) -> float:
    return (moment_ns - scenes.START_NS) / SECOND_NS


@pytest.mark.parametrize("scene", [scenes.strip, scenes.dip])
def test_the_intervals_of_a_short_crossing_hold_the_truth_about_95_times_in_100(scene):
    found = scene(60, 11)
    assert np.all(found.found == 1)
    # 0.95 of 60 looks less three standard deviations of that share
    assert min(found[:4]) >= 0.95 - 3.0 * math.sqrt(0.95 * 0.05 / 60)
    # and they are not wide for safety's sake: most of what they allow is used
    assert found.inside_width_s < (1.2 if scene is scenes.strip else 4.0)


def test_twelve_minutes_along_a_limit_are_timed_and_measured():
    found = scenes.parallel(4, 5)
    assert np.all(found.found == 1)
    assert sum(found[:4]) >= 4 - 1 / 4
    assert found.inside_width_s < 2.0


def half(boundary_sigma_m=40.0):
    return scenes.index(
        scenes.area(
            "half",
            [(-300e3, 0.0), (300e3, 0.0), (300e3, 200e3), (-300e3, 200e3)],
            boundary_sigma_m=boundary_sigma_m,
        )
    )


@pytest.mark.parametrize("deep_m", [-80.0, 0.0, 80.0])
def test_a_path_that_grazes_a_border_crosses_at_most_once(deep_m):
    radius_m, speed_mps = 20_000.0, 220.0

    def path(times_s):
        angle = np.asarray(times_s) * speed_mps / radius_m
        return np.column_stack(
            (radius_m * np.sin(angle), radius_m * (np.cos(angle) - 1.0) + deep_m)
        )

    seen = scenes.tracked(path, -70.0, 70.0, 30, 21, noise_m2ps3=20.0)
    result = scenes.watch(seen, half())
    per_object = np.bincount([int(c.track_id[1:]) for c in result.ended()], minlength=30)
    assert per_object.max() <= 1
    assert len(result.last()) <= 30
    # what is reported is almost always true where it was inside, and rare where it was not
    assert (per_object.mean() < 0.2) if deep_m < 0 else True


def test_minutes_along_the_very_border_are_one_crossing_at_most():
    path = scenes.straight(200.0, math.pi / 2, (-40e3, 0.0))
    seen = scenes.tracked(path, -60.0, 420.0, 20, 3)
    result = scenes.watch(seen, half(boundary_sigma_m=10.0))
    entries = {(c.track_id, c.entered.estimate_ns // 10**11) for c in result.crossings}
    assert len({name for name, _ in entries}) == len(entries)
    assert len(result.last()) == len({i.track_id for i in result.last().values()})


def test_two_visits_that_can_be_told_apart_are_two_crossings_of_one_incident():
    def path(times_s):
        times_s = np.asarray(times_s)
        return np.column_stack((200.0 * times_s, 2_500.0 * np.sin(times_s / 150.0 * 2 * math.pi)))

    seen = scenes.tracked(path, -60.0, 290.0, 6, 8, noise_m2ps3=20.0)
    result = scenes.watch(seen, half())
    for k in range(6):
        ended = [c for c in result.ended() if c.track_id == f"T{k:04d}"]
        assert [round(seconds(c.entered.estimate_ns) / 150.0) for c in ended] == [0, 1]
        assert all(abs(c.inside_s.estimate - 75.0) < 8.0 for c in ended)
    assert len(result.last()) == 6
    for incident in result.last().values():
        assert sum(not c.predicted for c in incident.crossings) == 2


def test_a_zone_cut_in_two_holds_the_object_as_long_as_the_whole():
    whole = scenes.index(
        scenes.area("w", [(-100e3, 0.0), (100e3, 0.0), (100e3, 12e3), (-100e3, 12e3)])
    )
    cut = scenes.index(
        scenes.area("s", [(-100e3, 0.0), (100e3, 0.0), (100e3, 6e3), (-100e3, 6e3)]),
        scenes.area("n", [(-100e3, 6e3), (100e3, 6e3), (100e3, 12e3), (-100e3, 12e3)]),
    )
    seen = scenes.tracked(scenes.straight(250.0, 0.2, (0.0, 0.0)), -80.0, 120.0, 8, 4)
    one, two = scenes.watch(seen, whole), scenes.watch(seen, cut)
    for k in range(8):
        name = f"T{k:04d}"
        (single,) = [c for c in one.ended() if c.track_id == name]
        first, second = sorted(
            (c for c in two.ended() if c.track_id == name), key=lambda c: c.entered.estimate_ns
        )
        assert (first.zone_id, second.zone_id) == ("s", "n")
        total = first.inside_s.estimate + second.inside_s.estimate
        assert total == pytest.approx(single.inside_s.estimate, abs=0.1)
        # consecutive crossings share the boundary
        assert first.left.estimate_ns == pytest.approx(second.entered.estimate_ns, abs=5e7)


def test_climbing_through_a_floor_is_an_entry_and_a_high_overflight_is_none():
    limits = {"floor": Limit(height_m=3_000.0, datum="pressure")}
    corners = [(-100e3, -100e3), (100e3, -100e3), (100e3, 100e3), (-100e3, 100e3)]
    under = scenes.index(
        scenes.area(
            "low", corners, kind="restricted", ceiling=Limit(height_m=2_000.0, datum="pressure")
        )
    )
    above = scenes.index(scenes.area("high", corners, kind="restricted", **limits))
    seen = scenes.tracked(scenes.straight(200.0, 0.0, (0.0, -110e3)), 0.0, 120.0, 1, 4)
    assert scenes.watch(seen, under).crossings == []  # it flies at 9,000 m
    found = scenes.watch(seen, above)
    assert {c.zone_id for c in found.crossings} == {"high"}
    assert {cause for i in found.incidents for cause in i.causes} == {"zone_breach"}


def test_a_zone_that_comes_into_force_around_an_object_is_entered_at_that_time():
    at_s = 61.5
    zones = scenes.index(
        scenes.area(
            "temporary",
            [(-100e3, -100e3), (100e3, -100e3), (100e3, 100e3), (-100e3, 100e3)],
            kind="temporary",
            valid_from_ns=scenes.START_NS + int(at_s * SECOND_NS),
            valid_to_ns=scenes.START_NS + int(110.5 * SECOND_NS),
        )
    )
    seen = scenes.tracked(scenes.straight(200.0, 0.0, (0.0, -20e3)), 0.0, 160.0, 1, 4)
    (ended,) = scenes.watch(seen, zones).ended()
    assert seconds(ended.entered.estimate_ns) == at_s
    assert seconds(ended.left.estimate_ns) == 110.5
    assert ended.inside_s.estimate == 49.0


@pytest.mark.parametrize(("hidden_s", "course_rad"), [(10.0, math.pi), (20.0, math.pi), (0.0, 0.0)])
def test_what_was_deepest_before_anybody_saw_it_lies_within_the_depth_that_is_told(
    hidden_s, course_rad
):
    # it went in 30 km deep and out again, or stays in; we see it only after a time
    speed_mps = 200.0
    seen = scenes.tracked(
        scenes.straight(speed_mps, course_rad, (0.0, 30e3)), hidden_s, hidden_s + 60.0, 8, 4
    )
    result = scenes.watch(seen, half())
    last = {c.track_id: c for c in result.crossings}
    assert len(last) == 8
    for told in last.values():
        assert told.left is None
        assert told.depth_m.high >= 30e3
        # no deeper than it could have come from in the time that the entry's interval allows
        time_s = (told.entered.high_ns - told.entered.low_ns) / SECOND_NS
        assert told.depth_m.high < 0.5 * (32e3 + 60.0 * speed_mps + 1.1 * speed_mps * time_s)


def test_an_object_still_inside_has_been_so_until_now_and_surely_until_it_was_last_measured():
    zone, _ = scenes.area("z", [(0, 0), (1, 0), (0, 1)])
    entered = Moment(estimate_ns=0, low_ns=-SECOND_NS, high_ns=2 * SECOND_NS)
    passage = Passage(
        zone=zone, begun_ns=3 * SECOND_NS, outside_ns=-SECOND_NS, entered=entered, latitude_deg=0.0,
        longitude_deg=0.0, course_rad=0.0, probability=1.0, inside_ns=60 * SECOND_NS,
        certain_ns=3 * SECOND_NS,
    )  # fmt: skip
    inside_s = crossing(passage, "T", None, 60 * SECOND_NS, 53 * SECOND_NS).inside_s
    assert (inside_s.low, inside_s.estimate, inside_s.high) == (51.0, 60.0, 61.0)


def test_over_the_antimeridian_a_crossing_is_a_crossing():
    zone, _ = scenes.area("far", [(0, 0), (1, 0), (0, 1)])
    zones = ZoneIndex.build([zone], [shapely.box(179.5, -1.0, 181.0, 1.0)])
    settings = WatchSettings()
    state = initial(settings)
    rows = []
    speed_dps = 250.0 / 111_319.49
    for k in range(1200):
        longitude = 179.0 + k * speed_dps
        table = tracks(
            track_id=["A"],
            valid_ns=[scenes.START_NS + k * SECOND_NS],
            latitude_deg=[0.0],
            longitude_deg=[(longitude + 180.0) % 360.0 - 180.0],
            east_mps=[250.0],
            north_mps=[0.0],
            covariance=pa.FixedSizeListArray.from_arrays(
                np.array([900.0, 0, 0, 0, 900.0, 0, 0, 9.0, 0, 9.0]), 10
            ),
            status=["confirmed"],
            birth_ns=[scenes.START_NS],
            updated_ns=[scenes.START_NS + k * SECOND_NS],
            updates=[k],
            sensors=[["a"]],
            kinds=[["psr"]],
        )
        known = {"A": scenes.assessed("A", explained_by="plan")}
        state, output = step(settings, state, table, known, zones, scenes.START_NS + k * SECOND_NS)
        rows += output.crossings
    (ended,) = [c for c in rows if c.left is not None]
    assert ended.inside_s.estimate == pytest.approx(1.5 / speed_dps, abs=0.5)


def test_a_turn_is_as_deep_as_the_whole_path_shows_not_as_the_filter_overshot() -> None:
    """While the filter lags, the path that is smoothed so far ends some hundred metres too deep."""
    zones = scenes.index(
        scenes.area("dip", [(-200e3, 0.0), (200e3, 0.0), (200e3, 90e3), (-200e3, 90e3)])
    )
    turn = scenes.shallow_turn(7_000.0, 250.0, 670.0)
    seen = scenes.tracked(turn, -150.0, 110.0, 30, 5, noise_m2ps3=40.0)
    depths_m = np.array(
        [crossing.depth_m.estimate for crossing in scenes.watch(seen, zones).ended()]
    )
    assert len(depths_m) == 30
    assert np.abs(depths_m - 670.0).max() < 170.0
