"""Situations that people have misjudged, and what must come out."""

from itertools import product

import pytest

from vedette.model.assessment import CREWED_CIVIL

AIRLINER = {
    "icao24": 0x3C4A1B,
    "callsign": "AFR1234",
    "emitter_category": "A3",
    "cooperative": True,
}
MACHINE = {"pending", "unknown", "assumed_friend", "friend", "neutral"}


def civil_share(assessment) -> float:
    return sum(assessment.class_probabilities[name] for name in CREWED_CIVIL)


def test_an_ordinary_airliner_is_neutral_and_explained_by_itself(sky):
    one = sky(sky.Thing(kinds=("ads_b",), **AIRLINER)).run(40).of()
    assert (one.object_class, one.identity, one.civil) == ("airliner", "neutral", "confirmed")
    assert one.explained_by is not None
    assert (one.needs, one.integrity, one.registry_state) == ((), (), "DEU")


def test_a_code_and_a_level_from_a_radar_are_enough_to_be_ordinary(sky):
    one = sky(sky.Thing(kinds=("psr", "ssr"), mode3a=0o6543, cooperative=True)).run(40).of()
    assert one.identity == "neutral"
    assert "Mode 3/A" in (one.explained_by or "")
    assert any("no identity" in doubt for doubt in one.doubts)


@pytest.mark.parametrize("code", [0o1000, 0o2000, 0o7000])
def test_conspicuity_codes_count(sky, code):
    thing = sky.Thing(
        kinds=("psr", "ssr"), mode3a=code, cooperative=True, velocity_mps=(0, 55), height_m=900.0
    )
    assert sky(thing).run(40).of().explained_by is not None


@pytest.mark.parametrize("code", [0, 0o7500, 0o7600, 0o7700])
def test_codes_of_distress_or_zero_explain_nothing(sky, code):
    thing = sky.Thing(kinds=("psr", "ssr"), mode3a=code, cooperative=True)
    assert sky(thing).run(40).of().explained_by is None


def test_a_dark_unplanned_track_is_explained_by_nothing_and_worse_than_unknown_by_no_machine(sky):
    one = sky(sky.Thing()).run(60).of()
    assert (one.identity, one.civil, one.explained_by) == ("unknown", "possible", None)
    # KAL 007: airliner size, steady and level, off track, silent: it stays an airliner
    assert one.object_class == "airliner"
    assert civil_share(one) > 0.9


def test_silence_weighs_little_and_says_why(sky):
    one = sky(sky.Thing()).run(60).of()
    silence = [e for e in one.evidence if "never gave a reply" in e.statement]
    assert len(silence) == 1
    assert abs(silence[0].log_odds) < 1.0
    assert "P04" in silence[0].statement


@pytest.mark.parametrize(
    ("squawk", "broadcast", "planned", "told", "dark"),
    list(
        product(
            [False, True], [False, True], ["none", "early", "late"], ["no", "mark", "place"], [0, 1]
        )
    ),
)
def test_an_airliner_without_radio_contact_always_comes_out_in_need(
    sky, squawk, broadcast, planned, told, dark
):
    if not squawk and told == "no":
        return
    thing = sky.Thing(
        kinds=("ads_b", "mode_s") if broadcast else ("psr", "mode_s"),
        mode3a=0o2154,
        squawks=((20.0, 0o7600),) if squawk else (),
        silent_from_s=60.0 if dark else 1e9,
        **(AIRLINER if broadcast else AIRLINER | {"emitter_category": None}),
    )
    world = sky(thing, pace_s=5)
    reports = {}
    if planned == "early":
        reports[0] = [world.plan()]
    if planned == "late":
        reports[90] = [world.plan(filed_ns=world.ns(90))]
    if told == "mark":
        reports.setdefault(30, []).append(world.ats("radio_contact_lost", 30, callsign="AFR1234"))
    if told == "place":
        at = thing.row(30)
        report = world.ats(
            "radio_contact_lost",
            30,
            latitude_deg=at["latitude_deg"],
            longitude_deg=at["longitude_deg"],
            pressure_altitude_m=10_600.0,
        )
        reports.setdefault(30, []).append(report)
    needs = []
    world.run(120, reports=reports, each=lambda out: needs.extend(a.needs for a in out))
    one = world.of()
    assert set(one.needs) & {"radio_failure", "radio_contact_lost"}
    assert one.civil in ("confirmed", "possible")
    assert one.identity in ("neutral", "unknown")
    assert all(a.identity in MACHINE and a.civil != "excluded" for a in world.said["one"])
    assert civil_share(one) > 0.9
    if planned != "none":
        assert one.flight_plan == "AFR1234"


def test_a_primary_only_airliner_told_of_by_place_is_in_need(sky):
    world = sky(sky.Thing())
    report = world.ats("radio_contact_lost", 20, latitude_deg=55.05, longitude_deg=20.0)
    one = world.run(60, reports={25: [report]}).of()
    assert one.needs == ("radio_contact_lost",)
    assert one.civil == "confirmed"


def test_one_garbled_reply_is_no_distress_but_two_are(sky):
    thing = sky.Thing(
        kinds=("ssr",),
        mode3a=0o4321,
        cooperative=True,
        squawks=((20.0, 0o7500), (21.0, 0o4321), (40.0, 0o7500), (42.0, 0o4321)),
    )
    world = sky(thing, pace_s=1)
    assert world.run(30).of().needs == ()
    assert world.run(60).of().needs == ("unlawful_interference",)


def test_a_need_stays_when_the_transponder_falls_silent(sky):
    thing = sky.Thing(kinds=("psr", "ssr"), mode3a=0o7700, cooperative=True, silent_from_s=20.0)
    world = sky(thing)
    assert world.run(15).of().needs == ("emergency",)
    one = world.run(300).of()
    assert one.needs == ("emergency",)
    assert not one.cooperative
    assert any("last reply" in doubt for doubt in one.doubts)


def test_radio_contact_ends_radio_needs_but_no_unlawful_interference(sky):
    world = sky(sky.Thing(kinds=("psr", "mode_s"), mode3a=0o7600, **AIRLINER))
    lost = world.ats("radio_contact_lost", 10, callsign="AFR1234")
    hijack = world.ats("unlawful_interference", 10, callsign="AFR1234")
    world.run(20, reports={10: [lost, hijack]})
    assert set(world.of().needs) == {"radio_failure", "radio_contact_lost", "unlawful_interference"}
    contact = world.ats("radio_contact", 30, icao24="3c4a1b")
    assert world.run(60, reports={30: [contact]}).of().needs == ("unlawful_interference",)


def test_a_report_older_than_the_contact_opens_nothing_when_it_arrives_late(sky):
    world = sky(sky.Thing(kinds=("mode_s",), **AIRLINER))
    contact = world.ats("radio_contact", 30, callsign="AFR1234")
    lost = world.ats("radio_contact_lost", 10, callsign="AFR1234")
    assert world.run(60, reports={30: [contact], 40: [lost]}).of().needs == ()


def test_a_track_that_reappears_inherits_the_need(sky):
    first = sky.Thing(
        kinds=("psr", "ssr"), mode3a=0o7600, cooperative=True, silent_from_s=30.0, ends_s=60.0
    )
    second = sky.Thing(track_id="two", born_s=120.0)
    far = sky.Thing(track_id="far", born_s=120.0, longitude_deg=24.0)
    world = sky(first, second, far).run(150)
    two = world.of("two")
    assert two.needs == ("radio_failure",)
    assert any("continuation of one" in doubt for doubt in two.doubts)
    assert two.identity == "unknown"
    assert world.of("far").needs == ()


def test_a_track_born_while_the_old_one_coasts_inherits_when_that_ends(sky):
    first = sky.Thing(kinds=("ssr",), mode3a=0o7700, cooperative=True, ends_s=60.0)
    second = sky.Thing(track_id="two", born_s=61.0)
    world = sky(first, second).run(90)
    assert world.of("two").needs == ("emergency",)


def test_a_merged_duplicate_leaves_its_need(sky):
    first = sky.Thing(
        kinds=("ssr",), mode3a=0o7600, cooperative=True, ends_s=30.0, merged_into="two"
    )
    second = sky.Thing(track_id="two")
    assert sky(first, second).run(40).of("two").needs == ("radio_failure",)


def test_another_address_inherits_nothing(sky):
    first = sky.Thing(
        kinds=("mode_s",), mode3a=0o7600, **(AIRLINER | {"callsign": None}), ends_s=60.0
    )
    second = sky.Thing(
        track_id="two", born_s=70.0, kinds=("mode_s",), icao24=0x4CA123, cooperative=True
    )
    assert sky(first, second).run(90).of("two").needs == ()


def test_a_late_scheduled_climbing_flight_is_civil_whatever_one_stale_reading_says(sky):
    # Iran Air 655: 27 minutes late, on its airway, squawking 6760, climbing, taken for a fighter
    thing = sky.Thing(
        kinds=("psr", "ssr"),
        mode3a=0o6760,
        cooperative=True,
        velocity_mps=(0, 185),
        height_m=3_000.0,
        climb_mps=7.0,
        military_reply="unknown",
        class_hint="military_aircraft",
        class_confidence=0.9,
    )
    world = sky(thing)
    plan = world.plan(callsign="IRA655", mode3a="6760", departure_ns=world.ns(-1620 - 420))
    one = world.run(120, reports={0: [plan]}).of()
    assert one.identity == "neutral"
    assert one.flight_plan == "IRA655"
    assert civil_share(one) > 0.9


def test_jamming_makes_a_place_doubtful_but_not_a_name(sky):
    # Azerbaijan Airlines 8243: satellite navigation lost, then distress, then silence
    good = sky.Thing(kinds=("ads_b",), nic=8, nac_p=9, **AIRLINER)
    world = sky(good).run(30)
    world.things = [sky.Thing(kinds=("ads_b",), nic=0, nac_p=0, **AIRLINER)]
    one = world.run(40).of()
    assert one.integrity == ("navigation_accuracy_collapse",)
    assert one.identity == "neutral"
    assert one.explained_by is not None


def test_a_missing_military_reply_is_nothing_and_a_friendly_one_with_permission_is_a_friend(sky):
    tornado = {"velocity_mps": (0.0, 220.0), "height_m": 5_000.0}
    assert sky(sky.Thing(**tornado)).run(60).of().identity == "unknown"  # ZG710
    answering = sky.Thing(
        kinds=("psr", "ssr"), mode3a=0, cooperative=True, military_reply="friend", **tornado
    )
    world = sky(answering)
    assert world.run(30).of().identity == "assumed_friend"
    world.run(40, reports={31: [world.ats("authorised", 31, track_id="one")]})
    assert world.of().identity == "friend"


def test_permission_told_by_allied_traffic_services_makes_an_assumed_friend(sky):
    world = sky(sky.Thing())
    one = world.run(40, reports={10: [world.ats("authorised", 10, track_id="one")]}).of()
    assert one.identity == "assumed_friend"
    assert "permission" in (one.explained_by or "")


def test_three_dark_jets_together_are_military_aircraft_and_still_possibly_civil(sky):
    jets = [
        sky.Thing(
            track_id=f"jet-{i}",
            velocity_mps=(-222.0, -50.0),
            height_m=9_000.0,
            longitude_deg=28.0 + 0.04 * i,
        )
        for i in range(3)
    ]
    world = sky(*jets).run(300)
    for jet in jets:
        one = world.of(jet.track_id)
        assert one.object_class == "military_aircraft"
        assert one.class_probability > 0.7
        assert (one.identity, one.civil, one.explained_by) == ("unknown", "possible", None)


def test_an_escort_that_joins_does_not_make_a_dark_airliner_military(sky):
    # Helios 522: the fighters beside a silent airliner came later
    airliner = sky.Thing()
    north = [
        sky.Thing(
            track_id=f"f{i}", latitude_deg=54.985 - 0.015 * i, longitude_deg=20.02, born_s=300.0
        )
        for i in range(2)
    ]
    one = sky(airliner, *north).run(420).of()
    assert one.object_class == "airliner"
    assert civil_share(one) > 0.7


@pytest.mark.parametrize(
    ("velocity", "height"),
    [((0.0, 420.0), 5_000.0), ((0.0, 240.0), 400.0), ((0.0, 320.0), 2_000.0)],
)
def test_fast_at_low_or_middle_height_without_a_word_is_likely_military(sky, velocity, height):
    one = sky(sky.Thing(velocity_mps=velocity, height_m=height)).run(120).of()
    assert one.object_class == "military_aircraft"
    assert one.identity == "unknown"


def test_a_slow_low_object_is_left_open(sky):
    one = sky(sky.Thing(velocity_mps=(0, 50), height_m=600.0)).run(120).of()
    # Gaigalava: drone or light aircraft at 200 km/h; the class must not exclude the crewed one
    assert civil_share(one) > 0.5


def test_plans_need_their_time_place_and_level(sky):
    marks = {
        "kinds": ("psr", "mode_s"),
        "icao24": 0x3C4A1B,
        "callsign": "AFR1234",
        "cooperative": True,
    }
    good = sky(sky.Thing(**marks))
    assert good.run(20, reports={0: [good.plan()]}).of().flight_plan == "AFR1234"
    for change in (
        {"route": ((54.0, 30.0), (60.0, 30.0))},
        {"cruise_pressure_altitude_m": 8_000.0},
        {"departure_ns": sky().ns(7200), "arrival_ns": sky().ns(14400)},
        {"filed_ns": sky().ns(3600)},
        {"callsign": "AFR9999"},
    ):
        world = sky(sky.Thing(**marks))
        assert world.run(20, reports={0: [world.plan(**change)]}).of().flight_plan is None


def test_a_dark_track_on_a_planned_route_is_not_explained_by_it(sky):
    world = sky(sky.Thing())
    one = world.run(40, reports={0: [world.plan()]}).of()
    assert one.flight_plan is None
    assert one.explained_by is None


def test_not_ours_takes_the_explanation_of_a_reply_away_but_nothing_else(sky):
    world = sky(sky.Thing(kinds=("ads_b",), **AIRLINER))
    one = world.run(40, reports={20: [world.ats("not_ours", 20, icao24="3C4A1B")]}).of()
    assert one.explained_by is None
    assert one.identity == "neutral"


def test_a_permission_for_a_place_with_two_tracks_explains_neither(sky):
    things = [sky.Thing(), sky.Thing(track_id="two", longitude_deg=20.05)]
    world = sky(*things)
    report = world.ats("ours", 10, latitude_deg=55.02, longitude_deg=20.025)
    world.run(30, reports={10: [report]})
    assert world.of("one").explained_by is None
    assert world.of("two").explained_by is None
    lost = world.ats("radio_contact_lost", 30, latitude_deg=55.06, longitude_deg=20.025)
    world.run(40, reports={31: [lost]})
    assert world.of("one").needs == world.of("two").needs == ("radio_contact_lost",)


def test_a_report_that_comes_before_its_track_is_kept_for_it(sky):
    world = sky(sky.Thing(kinds=("mode_s",), born_s=30.0, **AIRLINER))
    report = world.ats("radio_contact_lost", 5, callsign="AFR 1234")
    assert world.run(40, reports={5: [report]}).of().needs == ("radio_contact_lost",)


def test_a_new_track_is_pending_first(sky):
    world = sky(sky.Thing())
    assert world.run(5).of().identity == "pending"
    assert world.run(30).of().identity == "unknown"


def test_a_military_callsign_is_no_ordinary_civil_flight(sky):
    thing = sky.Thing(kinds=("ads_b",), icao24=0x3F4A1B, callsign="GAF612", cooperative=True)
    one = sky(thing).run(40).of()
    assert (one.identity, one.civil, one.explained_by) == ("unknown", "possible", None)


def test_two_tracks_that_end_in_each_other_give_the_same_whatever_their_order(sky):
    one = sky.Thing(kinds=("ssr",), mode3a=0o7600, cooperative=True, ends_s=30.0, merged_into="two")
    two = sky.Thing(
        track_id="two",
        kinds=("ssr",),
        mode3a=0o7700,
        cooperative=True,
        ends_s=30.0,
        merged_into="one",
    )
    first, second = sky(one, two).run(30), sky(two, one).run(30)
    assert first.of("one") == second.of("one")
    assert first.of("two") == second.of("two")
    assert set(first.of("one").needs) == {"radio_failure", "emergency"}
