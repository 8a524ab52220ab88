"""What becomes an incident, what does not, and how one goes on, ends, and is told."""

import itertools
import math

import msgspec
import numpy as np
import pyarrow as pa
import pytest

from vedette.bench import watch as scenes
from vedette.model.time import SECOND_NS
from vedette.watch import motion
from vedette.watch.cases import identifier
from vedette.watch.incidents import WatchState, finish, initial, step
from vedette.watch.settings import WatchSettings

WIDE = 300e3


def half(**change):
    return scenes.index(
        scenes.area("half", [(-WIDE, 0.0), (WIDE, 0.0), (WIDE, WIDE), (-WIDE, WIDE)], **change)
    )


def northwards(begin_s=-60.0, end_s=90.0, objects=1, seed=2, speed_mps=250.0):
    """Objects that cross the line north = 0 at time 0."""
    return scenes.tracked(
        scenes.straight(speed_mps, 0.0, (0.0, 0.0)), begin_s, end_s, objects, seed
    )


def at(incident_ns):
    return (incident_ns - scenes.START_NS) / SECOND_NS


def explained(name, at_s):
    return scenes.assessed(name, cooperative=True, explained_by="flight plan")


def ticked(seen, zones, known, tables=None, settings=None):
    """Watch a scene whose table may be changed tick by tick; all revisions and the last state."""
    settings = settings or WatchSettings()
    names = [f"T{k:04d}" for k in range(seen.state.shape[1])]
    state, incidents, crossings = initial(settings), [], []
    for tick, at_s in enumerate(seen.times_s):
        table = scenes.row_table(seen, tick, names)
        if tables is not None:
            table = tables(float(at_s), table)
        told = {
            name: a
            for name in table.column("track_id").to_pylist()
            if (a := known(name, float(at_s))) is not None
        }
        now_ns = scenes.START_NS + round(at_s * SECOND_NS)
        state, output = step(settings, state, table, told, zones, now_ns)
        incidents += output.incidents
        crossings += output.crossings
    return state, incidents, crossings


def changed(table, **columns):
    for name, values in columns.items():
        position = table.schema.get_field_index(name)
        field = table.schema.field(name)
        table = table.set_column(position, field, pa.array(values, type=field.type))
    return table


def test_an_unexplained_entry_is_one_incident_with_stable_id_and_rising_revisions():
    result = scenes.watch(northwards(), half())
    assert len(result.last()) == 1
    assert [i.revision for i in result.incidents] == list(range(1, len(result.incidents) + 1))
    last = result.incidents[-1]
    assert last.status == "open"
    assert "unexplained_crossing" in last.causes
    assert last.incident_id.startswith("I")
    assert len(last.incident_id) == 11
    assert abs(at(last.crossings[0].entered.estimate_ns)) < 1.5
    assert last.crossings[0].entered_latitude_deg == pytest.approx(scenes.ORIGIN_DEG[0], abs=0.01)
    times_ns = [i.valid_ns for i in result.incidents if i.status == "open"]
    assert max(np.diff(times_ns)) <= 11 * SECOND_NS


def test_the_same_input_gives_the_same_output_and_the_old_state_is_not_touched():
    seen, zones, settings = northwards(), half(), WatchSettings()
    state = initial(settings)
    names = ["T0000"]
    for tick, at_s in enumerate(seen.times_s):
        table = scenes.row_table(seen, tick, names)
        now_ns = scenes.START_NS + round(at_s * SECOND_NS)
        told = {"T0000": scenes.assessed("T0000")}
        if tick % 6:
            state, _ = step(settings, state, table, told, zones, now_ns)
            continue
        before = repr(state)
        one, first = step(settings, state, table, told, zones, now_ns)
        _, second = step(settings, state, table, told, zones, now_ns)
        assert msgspec.json.encode(first) == msgspec.json.encode(second)
        assert repr(state) == before
        state = one


def test_a_lawful_cooperative_overflight_gives_crossings_and_no_incident():
    strip = scenes.index(
        scenes.area("strip", [(-WIDE, 0.0), (WIDE, 0.0), (WIDE, 8e3), (-WIDE, 8e3)])
    )
    result = scenes.watch(northwards(end_s=110.0), strip, known=explained)
    assert result.incidents == []
    assert [c.left is None for c in result.crossings] == [True, False]
    assert result.crossings[1].inside_s.estimate == pytest.approx(32.0, abs=1.5)


def test_airspace_of_others_gives_crossings_only():
    result = scenes.watch(northwards(), half(member=False, state="RUS"))
    assert result.incidents == []
    assert {c.state for c in result.crossings} == {"RUS"}


def test_a_disputed_area_is_reported_with_every_reading_and_is_no_incident_of_its_own():
    result = scenes.watch(
        northwards(), half(kind="disputed", state=None, claims=("ESP", "MAR"), member=True)
    )
    assert result.incidents == []
    assert [c.state for c in result.crossings[:2]] == ["ESP", "MAR"]


def test_an_object_that_nobody_has_assessed_yet_is_waited_for_and_keeps_its_entry():
    first_s = scenes.watch(northwards(), half()).incidents
    opened_s = at(next(i for i in first_s if i.status == "open").valid_ns)
    waited = scenes.watch(northwards(), half(), known=lambda name, at_s: None)
    began = next(i for i in waited.incidents if i.crossings and not i.crossings[0].predicted)
    # unassessed objects are predicted after their grace as well, so the incident may exist before
    crossing = next(c for c in began.crossings if not c.predicted)
    assert at(began.valid_ns) >= opened_s
    assert abs(at(crossing.entered.estimate_ns)) < 1.5

    def late(name, at_s):
        return explained(name, at_s) if at_s > 6.0 else None

    short = WatchSettings(grace_s=200.0)
    assert scenes.watch(northwards(), half(), known=late, settings=short).incidents == []


def test_a_late_flight_plan_closes_the_incident_and_deletes_nothing():
    def known(name, at_s):
        return explained(name, at_s) if at_s > 40.0 else scenes.assessed(name)

    result = scenes.watch(northwards(), half(), known=known)
    (last,) = result.last().values()
    assert last.status == "closed"
    assert "unexplained_crossing" in last.causes
    assert len(last.crossings) == 1
    assert any(i.status == "open" for i in result.incidents)


def test_an_explanation_taken_back_opens_the_same_incident_again():
    def known(name, at_s):
        return explained(name, at_s) if 20.0 < at_s < 50.0 else scenes.assessed(name)

    result = scenes.watch(northwards(), half(), known=known)
    assert len(result.last()) == 1
    statuses = [i.status for i in result.incidents]
    assert "closed" in statuses
    assert statuses[-1] == "open"


def test_three_states_in_a_row_are_one_incident_with_crossings_in_order():
    width = 12e3
    zones = scenes.index(
        *(
            scenes.area(
                f"{state}-1",
                [
                    (-WIDE, k * width),
                    (WIDE, k * width),
                    (WIDE, k * width + width),
                    (-WIDE, k * width + width),
                ],
                state=state,
            )
            for k, state in enumerate(("ROU", "HUN", "HRV"))
        )
    )
    result = scenes.watch(northwards(end_s=200.0), zones)
    (last,) = result.last().values()
    crossings = [c for c in last.crossings if not c.predicted]
    assert [c.state for c in crossings] == ["ROU", "HUN", "HRV"]
    for before, after in itertools.pairwise(crossings):
        assert abs(before.left.estimate_ns - after.entered.estimate_ns) < SECOND_NS // 10
    assert last.status == "closed"
    assert all(c.inside_s.estimate == pytest.approx(48.0, abs=1.5) for c in crossings)
    # each neighbour was told before the border was reached
    for k, state in enumerate(("ROU", "HUN", "HRV")):
        told = next(i for i in result.incidents if any(c.state == state for c in i.crossings))
        assert at(told.valid_ns) < k * 48.0 - 20.0


def test_the_next_member_is_told_before_the_border_and_the_word_is_kept_or_withdrawn():
    width = 12e3
    zones = scenes.index(
        *(
            scenes.area(
                f"{state}-1",
                [(-WIDE, k * width), (WIDE, k * width), (WIDE, k * width + depth), (-WIDE, k * width + depth)],
                state=state,
                member=member,
            )
            for k, (state, depth, member) in enumerate(
                (("ROU", width, True), ("HUN", width, True), ("HRV", 100e3, True))
            )
        )
    )  # fmt: skip
    result = scenes.watch(northwards(end_s=140.0), zones)
    (last,) = result.last().values()
    told = {h.state: h for h in last.hand_overs}
    assert set(told) == {"HUN", "HRV"}  # ROU was told by the incident itself
    for k, (state, before) in enumerate((("HUN", "ROU"), ("HRV", "HUN")), start=1):
        given = told[state]
        assert given.from_state in ("ROU", before)
        assert at(given.told_ns) < k * 48.0 - 20.0
        assert abs(at(given.entered_ns) - k * 48.0) < 3.0
        assert given.withdrawn_ns is None
        assert given.expected.low_ns <= given.expected.estimate_ns <= given.expected.high_ns

    # it turns back before the second border
    def back(times_s):
        times_s = np.asarray(times_s)
        angle = np.clip((times_s - 8.0) * math.radians(6.0), 0.0, math.pi)
        radius = 250.0 / math.radians(6.0)
        straight = np.minimum(times_s, 8.0) + np.maximum(times_s - 38.0, 0.0) * -1.0
        return np.column_stack(
            (radius * (1.0 - np.cos(angle)), 250.0 * straight + radius * np.sin(angle))
        )

    seen = scenes.tracked(back, -60.0, 110.0, 1, 3, noise_m2ps3=60.0)
    (last,) = scenes.watch(seen, zones).last().values()
    assert last.hand_overs
    assert all(h.withdrawn_ns is not None and h.entered_ns is None for h in last.hand_overs)


def test_an_open_incident_shows_every_reading_of_a_disputed_area_on_its_way():
    zones = scenes.index(
        scenes.area("EST-1", [(-WIDE, 0.0), (WIDE, 0.0), (WIDE, WIDE), (-WIDE, WIDE)]),
        scenes.area(
            "row", [(-WIDE, 4e3), (WIDE, 4e3), (WIDE, 12e3), (-WIDE, 12e3)],
            kind="disputed", claims=("EST", "RUS"), state=None,
        ),
    )  # fmt: skip
    (last,) = scenes.watch(northwards(), zones).last().values()
    assert [c.state for c in last.disputed] == ["EST", "RUS"]
    assert {c.zone_id for c in last.disputed} == {"row"}
    assert [c.state for c in last.crossings if not c.predicted] == ["EST"]


def ended_at(end_s, into=None):
    def tables(at_s, table):
        if at_s < end_s:
            return table
        if at_s > end_s:
            return table.slice(0, 0)
        return changed(table, status=["ended"], merged_into=[into])

    return tables


def test_an_object_lost_inside_stays_open_as_lost():
    state, incidents, crossings = ticked(
        northwards(), half(), lambda n, t: scenes.assessed(n), ended_at(50.0)
    )
    last = incidents[-1]
    assert last.status == "lost"
    assert "lost_inside" in last.causes
    assert last.crossings[0].lost_inside
    assert last.crossings[0].left is None
    assert last.crossings[0].inside_s.estimate == pytest.approx(50.0, abs=4.0)
    assert crossings[-1].lost_inside
    assert "T0000" not in state.tracks
    _, output = finish(WatchSettings(), state, scenes.START_NS + 100 * SECOND_NS)
    assert output.incidents == []  # nothing changed: it is still lost


@pytest.mark.parametrize(("away_m", "same"), [(0.0, True), (60_000.0, False)])
def test_a_lost_object_found_again_within_reach_is_the_same_incident(away_m, same):
    seen = northwards(end_s=130.0)
    seen = seen._replace(state=seen.state.copy())
    seen.state[seen.times_s > 60.0, :, 0] += away_m

    def tables(at_s, table):
        if at_s < 45.0:
            return table
        if at_s == 45.0:
            return changed(table, status=["ended"])
        if at_s <= 60.0:
            return table.slice(0, 0)
        return changed(table, track_id=["T9999"], birth_ns=[scenes.START_NS + 61 * SECOND_NS])

    _, incidents, _ = ticked(seen, half(), lambda n, t: scenes.assessed(n), tables)
    ids = {i.incident_id for i in incidents}
    assert len(ids) == (1 if same else 2)
    last = incidents[-1]
    assert last.track_id == "T9999"
    assert last.status == "open"
    entered_s = at(last.crossings[0].entered.estimate_ns)
    assert (abs(entered_s) < 1.5) == same
    assert len([c for c in last.crossings if not c.predicted]) == 1


def test_a_track_merged_into_another_hands_its_incident_on():
    seen = northwards(objects=2, end_s=100.0)

    def tables(at_s, table):
        ids = changed(table, track_id=["A", "B"])
        if at_s < 30.0:
            return ids.slice(0, 1)
        if at_s == 32.0:
            return changed(ids, status=["ended", "confirmed"], merged_into=["B", None])
        return ids if at_s < 32.0 else ids.slice(1, 1)

    state, incidents, _ = ticked(seen, half(), lambda n, t: scenes.assessed(n), tables)
    last = {i.incident_id: i for i in incidents}
    open_now = [i for i in last.values() if i.status == "open"]
    assert [i.track_id for i in open_now] == ["B"]
    assert abs(at(open_now[0].crossings[0].entered.estimate_ns)) < 1.5
    assert set(state.tracks) == {"B"}


def test_a_silent_object_that_appears_inside_is_an_incident_after_the_grace():
    seen = northwards(begin_s=20.0, end_s=90.0)
    result = scenes.watch(seen, half())
    (last,) = result.last().values()
    (crossing,) = last.crossings
    first_s = float(seen.times_s[0])
    assert at(crossing.entered.estimate_ns) == pytest.approx(first_s, abs=1.0)
    # it may have entered before: at most by twice the straight way at its speed, and it did at 0
    assert at(crossing.entered.low_ns) < 0.0 < first_s
    assert at(crossing.entered.high_ns) == first_s
    opened = at(result.incidents[0].opened_ns)
    assert first_s + 10.0 <= opened <= first_s + 12.0


def test_domestic_traffic_with_a_voice_of_its_own_is_no_incident_when_born_inside():
    seen = northwards(begin_s=20.0, end_s=90.0)
    result = scenes.watch(
        seen, half(), known=lambda name, at_s: scenes.assessed(name, cooperative=True)
    )
    assert result.incidents == []
    assert len(result.crossings) == 2  # when it begins, and as it stands at the end


def test_an_object_in_need_is_an_incident_though_its_flight_is_explained():
    def known(name, at_s):
        needs = ("radio_failure",) if at_s >= 20.0 else ()
        return scenes.assessed(name, cooperative=True, explained_by="flight plan", needs=needs)

    result = scenes.watch(northwards(), half(), known=known)
    (last,) = result.last().values()
    assert last.causes[0] == "needs_help"
    assert at(last.opened_ns) == 20.0
    assert abs(at(last.crossings[0].entered.estimate_ns)) < 1.5  # from before it was in need

    far = scenes.index(
        scenes.area("far", [(-WIDE, 290e3), (WIDE, 290e3), (WIDE, 390e3), (-WIDE, 390e3)])
    )
    assert scenes.watch(northwards(), far, known=known).incidents == []


def test_objects_that_enter_together_are_tied_and_a_straggler_is_not():
    seen = northwards(objects=3, end_s=120.0)
    state = seen.state.copy()
    state[:, 1, 0] += 3_000.0
    state[:, 1, 1] -= 2_000.0
    state[:, 2, 0] += 80_000.0
    result = scenes.watch(seen._replace(state=state), half())
    groups = {i.track_id: i.group_id for i in result.last().values()}
    assert groups["T0000"] is not None
    assert groups["T0000"] == groups["T0001"]
    assert groups["T0002"] is None


def test_a_prediction_opens_and_a_turn_away_withdraws_it():
    radius_m, speed_mps = 4_000.0, 200.0

    def path(times_s):
        # north, and from time 0 a left turn that stops 4 km short of the border
        times_s = np.asarray(times_s)
        angle = np.clip(times_s * speed_mps / radius_m, 0.0, math.pi)
        run_m = np.where(times_s < 0.0, times_s * speed_mps, 0.0)
        back_m = np.maximum(times_s - math.pi * radius_m / speed_mps, 0.0) * speed_mps
        return np.column_stack(
            (
                radius_m * (np.cos(angle) - 1.0),
                run_m + radius_m * np.sin(angle) - back_m - 8_000.0,
            )
        )

    seen = scenes.tracked(path, -90.0, 150.0, 1, 3, noise_m2ps3=20.0)
    result = scenes.watch(seen, half())
    assert result.incidents[0].status == "predicted"
    assert result.incidents[0].crossings[0].predicted
    last = result.incidents[-1]
    assert last.status == "closed"
    assert last.causes == ("predicted_crossing",)
    assert last.crossings[0].zone_id == "half"
    assert result.crossings == []


def test_a_prediction_that_comes_true_is_the_same_incident():
    result = scenes.watch(northwards(begin_s=-110.0), half())
    assert len(result.last()) == 1
    assert result.incidents[0].status == "predicted"
    moment = result.incidents[0].crossings[0].entered
    assert moment.low_ns <= scenes.START_NS <= moment.high_ns
    last = result.incidents[-1]
    assert last.causes == ("predicted_crossing", "unexplained_crossing")
    assert not last.crossings[0].predicted


def test_dead_reckoning_crosses_no_border():
    def tables(at_s, table):
        return table if at_s < -5.0 else changed(table, status=["coasting"])

    seen = northwards()
    _, incidents, crossings = ticked(seen, half(), lambda n, t: scenes.assessed(n), tables)
    assert crossings == []
    assert all(c.predicted for i in incidents for c in i.crossings)


def test_tentative_tracks_are_nobodys_incident_but_their_entry_counts_once_confirmed():
    def tables(at_s, table):
        return changed(table, status=["tentative"]) if at_s < 10.0 else table

    seen = northwards()
    _, incidents, crossings = ticked(seen, half(), lambda n, t: scenes.assessed(n), tables)
    assert min(at(i.valid_ns) for i in incidents) >= 10.0
    assert len(crossings) == 1
    assert abs(at(incidents[-1].crossings[0].entered.estimate_ns)) < 1.5


def test_at_the_end_of_the_feed_what_is_inside_stays_open_and_exits_become_final():
    inside = scenes.watch(northwards(), half())
    assert inside.incidents[-1].status == "open"
    assert inside.crossings[-1].left is None
    strip = scenes.index(
        scenes.area("strip", [(-WIDE, 0.0), (WIDE, 0.0), (WIDE, 8e3), (-WIDE, 8e3)])
    )
    left = scenes.watch(northwards(end_s=50.0), strip)
    assert left.incidents[-1].status == "closed"
    assert left.crossings[-1].left is not None
    assert left.state.tracks == {}


def test_memory_is_bounded_by_the_picture_and_the_settings():
    settings = WatchSettings(keep_s=30.0, ring_states=16)
    state, _, _ = ticked(
        northwards(end_s=120.0),
        half(),
        lambda n, t: scenes.assessed(n),
        ended_at(50.0),
        settings,
    )
    assert state.tracks == {}
    assert state.cases == {}
    longer, _, _ = ticked(
        northwards(end_s=120.0), half(), lambda n, t: scenes.assessed(n), None, settings
    )
    assert sum(moment.size for moment in longer.rest.moments) <= 16 * 20


def test_a_track_that_vanishes_without_a_word_is_lost_in_the_end():
    settings = WatchSettings(reacquire_s=20.0)

    def tables(at_s, table):
        return table if at_s < 30.0 else table.slice(0, 0)

    state, incidents, _ = ticked(
        northwards(end_s=100.0), half(), lambda n, t: scenes.assessed(n), tables, settings
    )
    assert incidents[-1].status == "lost"
    assert state.tracks == {}


def test_an_empty_picture_gives_nothing():
    seen = northwards()
    table = scenes.row_table(seen, 0, ["T0000"]).slice(0, 0)
    state, output = step(WatchSettings(), WatchState(), table, {}, half(), scenes.START_NS)
    assert (output.incidents, output.crossings, state.tracks) == ([], [], {})


def test_identifiers_follow_from_their_parts_alone():
    assert identifier("I", "a", "b", 1) == identifier("I", "a", "b", 1)
    assert identifier("I", "a", "b", 1) != identifier("I", "a", "b", 2)


def silenced(told, again_s=150.0):
    """Revisions on a lawful flight not measured between 60 s and ``again_s``; ``told`` of it then."""
    lawful = explained("", 0.0)

    def known(name, at_s):
        return told if at_s > 60.0 else lawful

    def tables(at_s, table):
        if not 60.0 < at_s < again_s:
            return table
        return changed(table, status=["coasting"], updated_ns=[scenes.START_NS + 60 * SECOND_NS])

    path = scenes.straight(200.0, 0.0, (0.0, 0.0))
    seen = scenes.tracked(path, -60.0, 110.0, 1, seed=4)
    state, incidents, _ = ticked(seen, half(), known, tables)
    _, output = finish(WatchSettings(), state, scenes.START_NS + 111 * SECOND_NS)
    return [*incidents, *output.incidents]


def test_a_lawful_flight_that_is_heard_no_more_is_no_incident():
    """Its voice and its track end together: nothing is measured of it without a voice."""
    assert silenced(scenes.assessed("T0000")) == []


def test_silence_explains_nothing_once_the_object_is_measured_anew():
    found = silenced(scenes.assessed("T0000"), again_s=80.0)
    assert found[-1].causes == ("unexplained_crossing",)
    assert at(found[0].valid_ns) == pytest.approx(80.0, abs=1.0)
    assert at(found[-1].crossings[0].entered.estimate_ns) == pytest.approx(0.0, abs=3.0)


@pytest.mark.parametrize(
    "told", [{"cooperative": True}, {"civil": "excluded"}, {"needs": ("radio_failure",)}]
)
def test_more_than_silence_is_told_at_once(told):
    found = silenced(scenes.assessed("T0000", **told))
    assert found
    assert at(found[0].valid_ns) == pytest.approx(61.0, abs=1.0)


def beside_the_line(times_s):
    """North over the line, out again, and then in tight circles south of it: 8 s of each point at the line."""
    speed_mps = 200.0
    steps = np.arange(-120.0, 400.0, 0.1)
    rate = np.where((steps > 5.0) & (steps < 5.0 + 10.0 * math.pi), 0.1, 0.0)
    rate = np.where(steps > 60.0, 0.4, rate)
    course = np.cumsum(rate * 0.1)
    way = np.column_stack((np.sin(course), np.cos(course))) * speed_mps * 0.1
    place = np.cumsum(way, axis=0)
    place -= place[np.searchsorted(steps, 0.0)]
    return np.column_stack([np.interp(times_s, steps, place[:, k]) for k in (0, 1)])


def expected(incidents, after_ns):
    """Revisions after an instant that expect an entry."""
    return [i for i in incidents if i.valid_ns > after_ns and any(c.predicted for c in i.crossings)]


@pytest.mark.parametrize("held", [False, True])
def test_turns_beside_a_zone_just_left_open_nothing_again(held, monkeypatch):
    """By the rule alone: that what circles goes on to do so is not known here."""
    monkeypatch.setattr(motion, "_RESTLESS_RADPS", math.inf)
    seen = scenes.tracked(beside_the_line, -90.0, 150.0, 1, 3, noise_m2ps3=60.0)
    settings = WatchSettings() if held else WatchSettings(left_s=0.0)
    result = scenes.watch(seen, half(), settings=settings)
    left_ns = result.ended()[0].left.estimate_ns
    back = expected(result.incidents, left_ns + 5 * SECOND_NS)
    assert (back == []) == held
    assert len(result.ended()) == 1
    assert (result.incidents[-1].status == "closed") == held


def test_a_quick_return_is_seen_when_it_is_inside_and_expected_once_it_heads_back():
    speed_mps = 250.0

    def path(times_s):
        # in at 0, out at 20, back at 80: a triangle over the line
        north = np.interp(
            times_s, [-120.0, 10.0, 50.0, 200.0], np.array([-120.0, 10.0, -30.0, 120.0]) * speed_mps
        )
        return np.column_stack((np.zeros_like(north), north))

    seen = scenes.tracked(path, -90.0, 130.0, 1, 5, noise_m2ps3=60.0)
    result = scenes.watch(seen, half())
    assert len(result.last()) == 1
    first, second = result.last().popitem()[1].crossings
    assert first.left is not None
    assert at(second.entered.low_ns) <= 80.0 <= at(second.entered.high_ns)
    back = expected(result.incidents, first.left.estimate_ns)
    assert back
    assert all(i.valid_ns - scenes.START_NS > 55 * SECOND_NS for i in back)
    assert back[0].valid_ns < second.entered.estimate_ns
