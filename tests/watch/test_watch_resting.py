"""Tracks at rest: watching in columns gives what looking at each track by itself gives."""

import math
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vedette.airspace.index import ZoneIndex
from vedette.bench import watch as scenes
from vedette.model import columns
from vedette.model.assessment import Assessment
from vedette.model.incident import Bounds, Crossing, Incident
from vedette.model.time import SECOND_NS
from vedette.model.zone import Hours, Limit
from vedette.watch import rest
from vedette.watch.incidents import WatchState, initial, step
from vedette.watch.revising import missed_all
from vedette.watch.settings import WatchSettings


def lawful(name: str, at_s: float) -> Assessment:
    return scenes.assessed(name, cooperative=True, explained_by="flight plan")


def world(seed: int) -> tuple[ZoneIndex, scenes.Seen]:
    """A chequer of states with random octagons over it, some with heights, some with hours, and random flights."""
    rng = np.random.default_rng(seed)
    areas = []
    edges = np.linspace(-40e3, 40e3, 4)
    for i in range(3):
        for j in range(3):
            x0, x1, y0, y1 = edges[i], edges[i + 1], edges[j], edges[j + 1]
            areas.append(scenes.area(f"S{i}{j}", [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]))
    angle = np.arange(8) * math.pi / 4
    wakes = START_OF_DAY + rng.integers(-3_600, 3_600, size=40)
    for k in range(40):
        east, north = rng.uniform(-40e3, 40e3, size=2)
        radius = rng.uniform(1.5e3, 9e3)
        corners = [(east + radius * math.sin(a), north + radius * math.cos(a)) for a in angle]
        low = Limit(height_m=float(rng.uniform(6_000, 9_200)), datum="pressure")
        high = Limit(height_m=low.height_m + 3_000.0, datum="pressure")
        limits = {"floor": low, "ceiling": high} if k % 3 == 0 else {}
        begin = scenes.START_NS + int(rng.integers(-200, 200)) * SECOND_NS
        times = (
            {"valid_from_ns": begin, "valid_to_ns": begin + 120 * SECOND_NS} if k % 4 == 1 else {}
        )
        hours = (
            {"schedule": (Hours(days=(), start=clock(int(wakes[k])), end="23:59"),)}
            if k % 8 == 2
            else {}
        )
        areas.append(
            scenes.area(f"V{k}", corners, kind="restricted", **limits, **times, **hours)  # type: ignore[arg-type]
        )
    count, seconds = 12, 150
    times_s = np.arange(0.0, float(seconds))
    start = rng.uniform(-45e3, 45e3, size=(count, 2))
    course = rng.uniform(0.0, math.tau, size=count)
    turn = rng.choice([0.0, 0.0, 0.01, -0.02], size=count)
    speed = rng.uniform(40.0, 280.0, size=count)
    heading = course + turn * times_s[:, None]
    velocity = speed[None, :, None] * np.stack((np.sin(heading), np.cos(heading)), axis=-1)
    state = np.empty((seconds, count, 4))
    state[:, :, :2] = start + np.cumsum(velocity, axis=0)
    state[:, :, 2:] = velocity
    sigma = np.diag([900.0, 900.0, 9.0, 9.0])
    return scenes.index(*areas), scenes.Seen(
        times_s, state, np.broadcast_to(sigma, (seconds, count, 4, 4)), times_s
    )


START_OF_DAY = scenes.START_NS // SECOND_NS % 86_400


def clock(second: int) -> str:
    return f"{second // 3600 % 24:02d}:{second // 60 % 60:02d}"


def flown(zones: ZoneIndex, seen: scenes.Seen) -> dict[tuple[str, str, int], Crossing]:
    """Final crossings by track, zone and number."""
    found: dict[tuple[str, str, int], Crossing] = {}
    for crossing in scenes.watch(seen, zones, known=lawful).crossings:
        # the same passage is told when it begins and when it is final
        entered = crossing.entered
        same = [
            key
            for key, old in found.items()
            if key[:2] == (crossing.track_id, crossing.zone_id)
            and abs(old.entered.estimate_ns - entered.estimate_ns) < 20 * SECOND_NS
        ]
        key = same[0] if same else (crossing.track_id, crossing.zone_id, entered.estimate_ns)
        found[key] = crossing
    return found


def heard_seldom(table: pa.Table, tick: int, pace: int, *, first: int = 0) -> pa.Table:
    """The same tracks, each measured every ``pace`` seconds at its own second, and coasting from half of that on.

    Until each was measured twice it is tentative.
    """
    since_s = (tick - first - np.arange(table.num_rows)) % pace
    tentative = tick < since_s + pace
    since_s = np.minimum(since_s, tick)
    updated_ns = columns.integers(table, "valid_ns", missing=0) - since_s * SECOND_NS
    status = np.where(tentative, "tentative", np.where(2 * since_s > pace, "coasting", "confirmed"))
    for name, values in (("updated_ns", updated_ns), ("status", status)):
        at = table.schema.get_field_index(name)
        kind = table.schema.field(name).type
        table = table.set_column(at, table.schema.field(name), pa.array(values).cast(kind))
    return table


def seldom(
    zones: ZoneIndex, seen: scenes.Seen, known: dict[str, Assessment], pace: int, first: int = 0
) -> tuple[list[Crossing], list[Incident], WatchState]:
    """All that a watch tells of tracks that are ``heard_seldom``."""
    names = [f"T{k:04d}" for k in range(seen.state.shape[1])]
    state = initial(WatchSettings())
    crossings: list[Crossing] = []
    incidents: list[Incident] = []
    for tick in range(len(seen.times_s)):
        now_ns = scenes.START_NS + round(seen.times_s[tick] * SECOND_NS)
        table = heard_seldom(scenes.row_table(seen, tick, names), tick, pace, first=first)
        state, output = step(WatchSettings(), state, table, known, zones, now_ns)
        crossings += output.crossings
        incidents += output.incidents
    return crossings, incidents, state


def alike(one: Bounds, other: Bounds) -> bool:
    """Whether two depths, of looks at other times, differ by no more than their intervals together allow."""
    less, more = sorted((one, other), key=lambda bounds: bounds.estimate)
    allowed_m = math.hypot(less.high - less.estimate, more.estimate - more.low)
    return more.estimate - less.estimate <= allowed_m + 1.0


def near(one: int, other: int, seconds: float) -> bool:
    return abs(one - other) <= seconds * SECOND_NS


def assert_same(ours: list[Crossing], singly: list[Crossing]) -> None:
    """Both tell of each track and zone as many rows, of the same entries and exits."""
    mine, theirs = by_pair(ours), by_pair(singly)
    assert {key: len(rows) for key, rows in mine.items()} == {
        key: len(rows) for key, rows in theirs.items()
    }
    for key, rows in mine.items():
        for one, other in zip(rows, theirs[key], strict=True):
            assert (one.left is None) == (other.left is None)
            for moment, same in ((one.entered, other.entered), (one.left, other.left)):
                if moment is not None and same is not None:
                    assert near(moment.estimate_ns, same.estimate_ns, 0.05)
                    assert near(moment.low_ns, same.low_ns, 0.05)
                    assert near(moment.high_ns, same.high_ns, 0.05)
            assert one.inside_s.estimate == pytest.approx(other.inside_s.estimate, abs=0.1)
            assert one.inside_s.low == pytest.approx(other.inside_s.low, abs=0.1)
            assert one.inside_s.high == pytest.approx(other.inside_s.high, abs=0.1)
            # before anything else than the entry was told, only that it is inside
            if min(one.depth_m.high, other.depth_m.high) > 0.0:
                assert alike(one.depth_m, other.depth_m)


def by_pair(crossings: list[Crossing]) -> dict[tuple[str, str], list[Crossing]]:
    found: dict[tuple[str, str], list[Crossing]] = {}
    for one in crossings:
        found.setdefault((one.track_id, one.zone_id), []).append(one)
    return found


@settings(max_examples=3, deadline=None)
@given(st.integers(min_value=0, max_value=10_000))
@example(471)  # an object comes in a second after the zone came into force
@example(831)  # it was deeper in the second before the zone came into force
@example(2004)  # deepest after the entry was smoothed, in the same stretch of time
@example(2026)  # deepest before the path that its exit is smoothed by
@example(3109)  # a zone wakes one tick after its object was laid to rest
@example(4032)  # a long doubt in a zone that has just come into force
def test_columns_give_what_single_looks_give(seed: int) -> None:
    zones, seen = world(seed)
    ours = scenes.watch(seen, zones, known=lawful).crossings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "laid", lambda *_: None)  # nothing ever rests
        singly = scenes.watch(seen, zones, known=lawful).crossings
    assert_same(ours, singly)


@settings(max_examples=3, deadline=None)
@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=3, max_value=9))
@example(4, 6)  # a zone ceases a second before its object coasts, and 30 s before the end
@example(6102, 8)  # one ceases before the entry settles
@example(3086, 9)  # one wakes between two measurements
def test_tracks_that_coast_between_measurements_rest_and_cross_as_singly(
    seed: int, pace: int
) -> None:
    zones, seen = world(seed)
    known = {f"T{k:04d}": lawful("", 0.0) for k in range(seen.state.shape[1])}
    ours, _, state = seldom(zones, seen, known, pace)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "laid", lambda *_: None)  # nothing ever rests
        singly, _, _ = seldom(zones, seen, known, pace)
    assert state.rest.resting.all()
    assert_same(ours, singly)


def gliding(north_m: list[float], speed_mps: float, seconds: int) -> scenes.Seen:
    """Objects on their way north without any noise, each as well known as another."""
    times_s = np.arange(0.0, float(seconds))
    state = np.zeros((seconds, len(north_m), 4))
    state[:, :, 1] = np.array(north_m) + speed_mps * times_s[:, None]
    state[:, :, 3] = speed_mps
    sigma = np.diag([900.0, 900.0, 9.0, 9.0])
    covariance = np.broadcast_to(sigma, (seconds, len(north_m), 4, 4))
    return scenes.Seen(times_s, state, covariance, times_s)


SOUTH = [(-40e3, -40e3), (40e3, -40e3), (40e3, 0.0), (-40e3, 0.0)]


@pytest.mark.parametrize("pace", [5, 8])
def test_of_what_a_waking_zone_catches_the_way_before_tells_when_it_left_and_how_deep_it_was(
    pace: int,
) -> None:
    """The zone wakes around objects that are about to leave it, each measured every few seconds."""
    wakes_s, speed_mps = 40.0, 200.0
    wakes_ns = scenes.START_NS + round(wakes_s) * SECOND_NS
    zones = scenes.index(
        scenes.area("waking", SOUTH, kind="restricted", valid_from_ns=wakes_ns),
    )
    leave_s = np.arange(41.2, 54.0, 0.8)
    seen = gliding((-speed_mps * leave_s).tolist(), speed_mps, 100)
    known = {f"T{k:04d}": lawful("", 0.0) for k in range(len(leave_s))}
    ours, _, state = seldom(zones, seen, known, pace)
    assert state.rest.resting.all()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "laid", lambda *_: None)  # nothing ever rests
        singly, _, _ = seldom(zones, seen, known, pace)
    assert_same(ours, singly)
    final = [one for one in ours if one.left is not None]
    assert len(final) > len(leave_s) // 2
    for one in final:
        left_s = float(leave_s[int(one.track_id[1:])])
        assert one.left is not None
        assert near(one.left.estimate_ns, scenes.START_NS + round(left_s * SECOND_NS), 0.3)
        assert one.depth_m.low <= speed_mps * (left_s - wakes_s) <= one.depth_m.high


def test_an_exit_after_minutes_of_doubt_began_when_it_was_last_certainly_inside() -> None:
    """Its smoothed path does not reach back as far."""
    zones = scenes.index(scenes.area("slow", SOUTH))
    seen = gliding([-147.0], 2.0, 180)  # certain for 25 s, and again 50 m beyond the border
    ours = scenes.watch(seen, zones, known=lawful).crossings
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "laid", lambda *_: None)  # nothing ever rests
        singly = scenes.watch(seen, zones, known=lawful).crossings
    assert_same(ours, singly)
    left = ours[-1].left
    assert left is not None
    doubtful_s = (147.0 - 1.96 * 50.0) / 2.0
    assert left.low_ns <= scenes.START_NS + round(doubtful_s * SECOND_NS)
    assert left.low_ns >= scenes.START_NS + 10 * SECOND_NS


@settings(max_examples=4, deadline=None)
@given(st.integers(min_value=0, max_value=10_000))
@example(815)  # a leap ends 65 m above a floor, 2.2 sigma
def test_what_climbs_and_leaps_through_layers_is_seen_at_rest_as_singly(seed: int) -> None:
    """Zones too far above or below are not kept beside a track at rest until it could climb to them."""
    rng = np.random.default_rng(seed)
    square = [(-90e3, -90e3), (90e3, -90e3), (90e3, 90e3), (-90e3, 90e3)]
    layers = [
        scenes.area(
            f"L{k}", square, kind="restricted",
            floor=Limit(height_m=1_500.0 * k, datum="pressure" if k % 2 else "hae"),
            ceiling=Limit(height_m=1_500.0 * k + 700.0, datum="pressure"),
        )
        for k in range(1, 8)
    ]  # fmt: skip
    zones = scenes.index(*layers)
    count, seconds = 12, 110
    times_s = np.arange(0.0, float(seconds))
    state = np.zeros((seconds, count, 4))
    state[:, :, :2] = rng.uniform(-40e3, 40e3, (count, 2))
    state[:, :, 3] = 20.0
    covariance = np.broadcast_to(np.diag([900.0, 900.0, 9.0, 9.0]), (seconds, count, 4, 4))
    seen = scenes.Seen(times_s, state, covariance, times_s)
    leap_m = np.where(np.arange(count) % 3 == 0, rng.uniform(2_000, 4_000, count), 0.0)
    rate_mps = np.where(leap_m > 0.0, 0.0, rng.uniform(-28.0, 28.0, count))
    begin_m = rng.uniform(1_000.0, 9_000.0, count)

    def height_m(tick: int) -> list[float]:
        return (begin_m + rate_mps * tick + leap_m * (tick > 50)).tolist()

    known = {f"T{k:04d}": lawful("", 0.0) for k in range(count)}

    def entered() -> dict[tuple[str, str], int]:
        found: dict[tuple[str, str], int] = {}
        state_ = initial(WatchSettings())
        for tick in range(seconds):
            now_ns = scenes.START_NS + tick * SECOND_NS
            table = scenes.row_table(seen, tick, list(known))
            for name in ("pressure_altitude_m", "height_hae_m"):
                at = table.schema.get_field_index(name)
                kind = table.schema.field(name).type
                high = pa.array(height_m(tick)).cast(kind)
                table = table.set_column(at, table.schema.field(name), high)
            state_, output = step(WatchSettings(), state_, table, known, zones, now_ns)
            for crossing in output.crossings:
                found[crossing.track_id, crossing.zone_id] = crossing.entered.estimate_ns
        return found

    ours = entered()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "laid", lambda *_: None)
        singly = entered()
    assert len(ours) > 3
    assert ours.keys() == singly.keys()
    for key, at_ns in ours.items():
        # what leaps is found when it is looked at, up to ten seconds later; the last entries are not smoothed yet
        exact = leap_m[int(key[0][1:])] == 0.0 and at_ns < scenes.START_NS + 70 * SECOND_NS
        slack_s = 1.5 if exact else 11.0
        assert near(at_ns, singly[key], slack_s)


@settings(max_examples=2, deadline=None)
@given(st.integers(min_value=0, max_value=10_000), st.integers(min_value=50, max_value=69))
@example(0, 57)
def test_a_leap_from_far_away_to_just_inside_is_as_certain_at_rest_as_singly(
    seed: int, leap_s: int
) -> None:
    """It lasted no longer than since the picture before, whenever zones near the track were last looked for."""
    rng = np.random.default_rng(seed)
    square = [(-90e3, -90e3), (90e3, -90e3), (90e3, 90e3), (-90e3, 90e3)]
    floor = Limit(height_m=6_000.0, datum="pressure")
    zones = scenes.index(scenes.area("high", square, kind="restricted", floor=floor))
    count, seconds, pace = 24, leap_s + 30, 3
    times_s = np.arange(0.0, float(seconds))
    leapt = times_s > leap_s
    upward = np.arange(count) % 2 == 0  # the others leap sideways, over the western edge
    margin = rng.uniform(2.1, 2.3, count)  # certain at the first look only
    state = np.zeros((seconds, count, 4))
    state[:, :, :2], state[:, :, 3] = rng.uniform(-30e3, 30e3, (count, 2)), 20.0
    state[:, ~upward, 0] = -105e3
    state[np.ix_(leapt, ~upward, [0])] = (-90e3 + math.hypot(30.0, 40.0) * margin[~upward])[:, None]
    height_m = np.where(upward, 1_000.0, 9_000.0) * np.ones((seconds, 1))
    height_m[np.ix_(leapt, upward)] = 6_000.0 + 30.0 * margin[upward]
    covariance = np.broadcast_to(np.diag([900.0, 900.0, 9.0, 9.0]), (seconds, count, 4, 4))
    seen = scenes.Seen(times_s, state, covariance, times_s)
    known = {f"T{k:04d}": lawful("", 0.0) for k in range(count)}
    resting: list[int] = []

    def entered() -> dict[str, int]:
        found: dict[str, int] = {}
        watch = initial(WatchSettings())
        for tick in range(seconds):
            table = scenes.row_table(seen, tick, list(known))
            at = table.schema.get_field_index("pressure_altitude_m")
            field = table.schema.field(at)
            table = table.set_column(at, field, pa.array(height_m[tick]).cast(field.type))
            now_ns = scenes.START_NS + tick * SECOND_NS
            watch, output = step(
                WatchSettings(), watch, heard_seldom(table, tick, pace), known, zones, now_ns
            )
            resting.append(int(watch.rest.resting.sum()))
            for crossing in output.crossings:
                found.setdefault(crossing.track_id, crossing.entered.low_ns)
        return found

    ours = entered()
    assert resting[leap_s] == count
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "laid", lambda *_: None)  # nothing ever rests
        singly = entered()
    assert ours.keys() == singly.keys() == known.keys()
    for track_id, outside_ns in ours.items():
        # what is far away is looked at singly every ten seconds
        assert singly[track_id] <= outside_ns <= scenes.START_NS + leap_s * SECOND_NS


@settings(max_examples=6, deadline=None)
@given(st.integers(min_value=3, max_value=9), st.integers(min_value=0, max_value=8))
def test_an_object_inside_is_an_incident_at_whatever_second_it_is_heard(
    pace: int, first: int
) -> None:
    """Far from any border it is looked at seldom, which may always be while it coasts."""
    half = [(-400e3, -400e3), (400e3, -400e3), (400e3, 400e3), (-400e3, 400e3)]
    zones = scenes.index(scenes.area("half", half))
    times_s = np.arange(0.0, 45.0)
    state = np.zeros((45, 9, 4))
    state[:, :, 0] = 230.0 * times_s[:, None]
    state[:, :, 2] = 230.0
    covariance = np.broadcast_to(np.diag([900.0, 900.0, 9.0, 9.0]), (45, 9, 4, 4))
    seen = scenes.Seen(times_s, state, covariance, times_s)
    known = {f"T{k:04d}": scenes.assessed(f"T{k:04d}") for k in range(9)}
    _, incidents, _ = seldom(zones, seen, known, pace, first)
    assert {one.track_id for one in incidents if one.status == "open"} == known.keys()


def test_pictures_farther_apart_than_measurements_show_what_was_measured_in_between() -> None:
    """Each picture falls on seconds in which the track coasts, and each was measured since the last."""
    zones = scenes.index(
        scenes.area("half", [(-200e3, 0.0), (200e3, 0.0), (200e3, 200e3), (-200e3, 200e3)])
    )
    times_s = np.arange(0.0, 300.0, 10.0)
    state = np.zeros((30, 2, 4))
    state[:, :, 1], state[:, :, 3] = 150.0 * (times_s[:, None] - 100.0), 150.0
    covariance = np.broadcast_to(np.diag([900.0, 900.0, 9.0, 9.0]), (30, 2, 4, 4))
    seen = scenes.Seen(times_s, state, covariance, times_s - 4.0)
    names = ["T0000", "T0001"]
    known = {"T0000": lawful("T0000", 0.0), "T0001": scenes.assessed("T0001")}
    watch, crossed, opened = initial(WatchSettings()), set[str](), set[str]()
    for tick in range(30):
        table = scenes.row_table(seen, tick, names, "coasting" if tick else "confirmed")
        now_ns = scenes.START_NS + 10 * tick * SECOND_NS
        watch, output = step(WatchSettings(), watch, table, known, zones, now_ns)
        crossed |= {one.track_id for one in output.crossings}
        opened |= {one.track_id for one in output.incidents if one.status == "open"}
    assert crossed == {"T0000", "T0001"}
    assert opened == {"T0001"}


def test_a_passage_too_short_to_be_certain_of_at_once_is_found_at_rest_as_singly() -> None:
    """A strip too narrow for the filter to be certain of: of some passages the smoothed path is."""
    zones = scenes.index(
        scenes.area(
            "strip",
            [(-200e3, 0.0), (200e3, 0.0), (200e3, 200.0), (-200e3, 200.0)],
            boundary_sigma_m=5.0,
        )
    )
    way = scenes.straight(60.0, 0.0, (0.0, 0.0))
    seen = scenes.tracked(way, -90.0, 60.0, 30, 21, noise_m2ps3=20.0)
    found: list[bool] = []

    def noted(*asked: Any) -> Any:
        inside = missed_all(*asked)
        found.extend(one is not None for one in inside)
        return inside

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rest, "missed_all", noted)
        ours = {key[:2] for key in flown(zones, seen)}
        patch.setattr(rest, "laid", lambda *_: None)
        singly = {key[:2] for key in flown(zones, seen)}
    assert 0 < sum(found) < len(found)
    assert ours == singly


def test_lawful_tracks_rest_and_a_state_is_never_changed() -> None:
    zones, seen = world(3)
    names = [f"T{k:04d}" for k in range(seen.state.shape[1])]
    state = initial(WatchSettings())
    known = {name: lawful(name, 0.0) for name in names}
    for tick in range(40):
        now_ns = scenes.START_NS + round(seen.times_s[tick] * SECOND_NS)
        table = scenes.row_table(seen, tick, names)
        before = [column.copy() for column in state.rest.pairs], state.rest.resting.copy()
        after, output = step(WatchSettings(), state, table, known, zones, now_ns)
        _, same = step(WatchSettings(), state, table, known, zones, now_ns)
        assert output == same
        assert all(np.array_equal(a, b) for a, b in zip(before[0], state.rest.pairs, strict=True))
        assert np.array_equal(before[1], state.rest.resting)
        state = after
    assert state.rest.resting.sum() >= len(names) - 1


def test_a_track_that_is_lawful_no_longer_is_an_incident_with_its_own_entry() -> None:
    """Its authority is taken back 60 s after the entry, which was seen by columns alone."""
    zones = scenes.index(
        scenes.area("half", [(-90e3, 0.0), (90e3, 0.0), (90e3, 90e3), (-90e3, 90e3)])
    )
    seen = scenes.tracked(scenes.straight(200.0, 0.0, (0.0, 0.0)), -60.0, 120.0, 1, seed=4)

    def known(name: str, at_s: float) -> Assessment:
        return lawful(name, at_s) if at_s < 60.0 else scenes.assessed(name)

    result = scenes.watch(seen, zones, known=known, end=False)
    (incident,) = result.last().values()
    (crossing,) = incident.crossings
    moment = crossing.entered
    assert moment.low_ns <= scenes.START_NS <= moment.high_ns
    assert moment.high_ns - moment.low_ns < 3 * SECOND_NS


def test_a_watch_that_begins_with_nothing_in_the_picture_sees_the_same_crossings() -> None:
    zones, seen = world(3)
    names = [f"T{k:04d}" for k in range(seen.state.shape[1])]
    known = {name: lawful(name, 0.0) for name in names}

    def crossed(empty_ticks: int) -> list[tuple[str, str, int]]:
        state, found = initial(WatchSettings()), []
        for tick in range(-empty_ticks, len(seen.times_s)):
            now_ns = scenes.START_NS + tick * SECOND_NS
            table = scenes.row_table(seen, max(tick, 0), names)
            told = known if tick >= 0 else {}
            state, output = step(
                WatchSettings(), state, table if tick >= 0 else table.slice(0, 0), told, zones, now_ns
            )  # fmt: skip
            found += [(c.track_id, c.zone_id, c.entered.estimate_ns) for c in output.crossings]
        return found

    whole = crossed(0)
    assert whole
    assert crossed(3) == whole
