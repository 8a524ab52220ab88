"""Zones with hours are watched in their hours, and only then."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace.activity import active, place_of
from vedette.bench import watch as scenes
from vedette.model.time import DAY_NS, SECOND_NS
from vedette.model.zone import Hours
from vedette.watch.incidents import initial, step
from vedette.watch.settings import WatchSettings
from vedette.watch.timetable import timetable

# scenes begin at 06:58:00 UTC
CORNERS = [(-100e3, -100e3), (100e3, -100e3), (100e3, 100e3), (-100e3, 100e3)]
STRIP = [(-100e3, 0.0), (100e3, 0.0), (100e3, 4e3), (-100e3, 4e3)]


def seconds(moment_ns):
    return (moment_ns - scenes.START_NS) / SECOND_NS


def zone(corners, *hours):
    return scenes.index(scenes.area("range", corners, kind="danger", schedule=hours))


def through(begin_m, span_s, speed_mps=200.0):
    return scenes.tracked(scenes.straight(speed_mps, 0.0, (0.0, begin_m)), 0.0, span_s, 2, 4)


@pytest.mark.parametrize(
    ("start", "end"), [("08:00", "16:00"), ("22:00", "06:58"), ("07:01", "06:57")]
)
def test_outside_its_hours_nothing_is_counted(start, end):
    found = scenes.watch(through(-8e3, 120.0), zone(STRIP, Hours(start=start, end=end)))
    assert found.crossings == []
    assert found.incidents == []


def test_a_dormant_zone_is_not_watched():
    awake, polygon = scenes.area("range", STRIP, kind="danger")
    dormant = msgspec.structs.replace(awake, dormant=True)
    found = scenes.watch(through(-8e3, 120.0), scenes.index((dormant, polygon)))
    assert found.crossings == []
    assert found.incidents == []


def test_within_its_hours_a_crossing_is_that_of_a_zone_without_hours():
    seen = through(-8e3, 120.0)
    hours = scenes.watch(seen, zone(STRIP, Hours(start="06:00", end="08:00")))
    always = scenes.watch(seen, zone(STRIP))
    assert len(always.ended()) == 2
    assert hours.crossings == always.crossings
    assert hours.incidents == always.incidents


def test_who_is_inside_enters_when_the_zone_wakes_and_leaves_when_it_sleeps():
    found = scenes.watch(through(-20e3, 160.0), zone(CORNERS, Hours(start="06:59", end="07:00")))
    for ended in found.ended():
        assert seconds(ended.entered.estimate_ns) == 60.0
        assert ended.entered.low_ns == ended.entered.high_ns
        assert seconds(ended.left.estimate_ns) == 120.0
        assert ended.inside_s.low == ended.inside_s.high == 60.0
        assert not ended.lost_inside
    assert len(found.ended()) == 2
    assert {i.status for i in found.last().values()} == {"closed"}


def test_a_zone_that_wakes_twice_is_entered_twice_by_one_incident():
    hours = Hours(start="06:59", end="07:00"), Hours(start="07:02", end="07:03")
    found = scenes.watch(through(-40e3, 400.0), zone(CORNERS, *hours))
    mine = [c for c in found.ended() if c.track_id == "T0000"]
    assert [seconds(c.entered.estimate_ns) for c in mine] == [60.0, 240.0]
    assert [seconds(c.left.estimate_ns) for c in mine] == [120.0, 300.0]


def test_who_may_have_come_in_just_after_the_zone_woke_has_an_entry_in_doubt():
    # at the border at 62 s, two seconds after the zone wakes
    found = scenes.watch(
        through(-62.0 * 200.0, 160.0), zone(CORNERS_NORTH, Hours(start="06:59", end="08:00"))
    )
    for crossing in {c.track_id: c for c in found.crossings}.values():
        assert (
            crossing.entered.low_ns <= scenes.START_NS + 62 * SECOND_NS <= crossing.entered.high_ns
        )
        assert crossing.entered.high_ns > crossing.entered.low_ns
    assert {c.track_id for c in found.crossings} == {"T0000", "T0001"}


CORNERS_NORTH = [(-100e3, 0.0), (100e3, 0.0), (100e3, 200e3), (-100e3, 200e3)]

CLOCK = st.one_of(
    st.builds(lambda h, m: f"{h:02d}:{m:02d}", st.integers(0, 23), st.integers(0, 59)),
    st.sampled_from(["sunrise", "sunset", "dawn", "dusk", "24:00"]),
)


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.builds(Hours, start=CLOCK, end=CLOCK, excluded=st.booleans()), min_size=1, max_size=3
    ),
    st.lists(st.integers(min_value=0, max_value=4 * DAY_NS), min_size=1, max_size=20),
)
def test_the_timetable_is_the_schedule(hours, offsets_ns):
    index = scenes.index(scenes.area("z", CORNERS, kind="danger", schedule=tuple(hours)))
    times_ns = scenes.START_NS + np.array(offsets_ns, dtype=np.int64)
    table, place = timetable(index), place_of(index.geometries[0])
    expected = [active(index.zones[0], int(at), place) for at in times_ns]
    assert table.active(np.zeros(len(times_ns), np.int64), times_ns).tolist() == expected
    for at, on in zip(times_ns.tolist(), expected, strict=True):
        stretch = table.stretch(0, at)
        assert (stretch is not None) == on
        assert stretch is None or stretch[0] <= at < stretch[1]
        assert table.ended_ns(0, at) <= at


def test_who_was_lost_inside_before_the_zone_went_to_sleep_stays_lost():
    """Last measured 20 s before the zone sleeps; the track coasts over that and ends."""
    seen = through(-20e3, 160.0)
    zones, names = zone(CORNERS, Hours(start="06:00", end="07:00")), ["T0000", "T0001"]
    state, crossings, incidents = initial(WatchSettings()), [], []
    for tick, at_s in enumerate(seen.times_s.tolist()):
        last = max(k for k, t in enumerate(seen.times_s.tolist()) if t <= min(at_s, 100.0))
        status = "confirmed" if at_s <= 100.0 else "coasting"
        if tick == len(seen.times_s) - 1:
            status = "ended"
        table = scenes.row_table(seen, last, names, status)
        now_ns = scenes.START_NS + round(at_s * SECOND_NS)
        known = {name: scenes.assessed(name) for name in names}
        state, output = step(WatchSettings(), state, table, known, zones, now_ns)
        crossings += output.crossings
        incidents += output.incidents
    lost = {c.track_id: c for c in crossings if c.lost_inside}
    assert set(lost) == set(names)
    assert all(c.left is None for c in lost.values())
    assert {i.status for i in {i.incident_id: i for i in incidents}.values()} == {"lost"}


@pytest.mark.parametrize("measured", [False, True])
def test_who_is_lost_in_a_zone_before_it_sleeps_stays_lost_inside(measured):
    """A zone that goes to sleep over a track that only coasts has not seen it leave."""
    hours = Hours(start="06:00", end="07:00")  # sleeps 120 s after the scene begins
    zones, seen = zone(CORNERS, hours), through(-20e3, 160.0)
    state, incidents, crossings = initial(WatchSettings()), [], []
    for tick, at_s in enumerate(seen.times_s):
        status = "confirmed" if measured or at_s <= 100.0 else "coasting"
        status = "ended" if at_s == seen.times_s[-1] else status
        table = scenes.row_table(seen, tick, ["T0000", "T0001"], status)
        now_ns = scenes.START_NS + round(at_s * SECOND_NS)
        told = {name: scenes.assessed(name) for name in ("T0000", "T0001")}
        state, output = step(WatchSettings(), state, table, told, zones, now_ns)
        incidents += output.incidents
        crossings += output.crossings
    last = {i.track_id: i for i in incidents}
    assert {i.status for i in last.values()} == {"closed" if measured else "lost"}
    assert {i.crossings[0].lost_inside for i in last.values()} == {not measured}
    assert {c.left is None for c in crossings[-2:]} == {not measured}
