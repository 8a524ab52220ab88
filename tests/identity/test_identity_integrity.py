"""Cooperative data are evidence, not truth."""

MARKS = {"icao24": 0x3C4A1B, "callsign": "AFR1234", "cooperative": True, "kinds": ("ads_b",)}


def test_one_address_in_two_places_explains_neither(sky):
    world = sky(sky.Thing(**MARKS), sky.Thing(track_id="two", longitude_deg=24.0, **MARKS)).run(40)
    for name in ("one", "two"):
        one = world.of(name)
        assert one.integrity == ("duplicate_address",)
        assert one.explained_by is None
        assert (one.identity, one.civil) == ("unknown", "possible")
        assert any(reason.source == "integrity" for reason in one.evidence)


def test_the_doubt_passes_some_time_after_its_cause(sky):
    twin = sky.Thing(track_id="two", longitude_deg=24.0, ends_s=40.0, **MARKS)
    world = sky(sky.Thing(**MARKS), twin, pace_s=5)
    assert world.run(100).of().integrity == ("duplicate_address",)
    assert world.run(400).of().integrity == ()
    assert world.of().identity == "neutral"


def test_a_broadcast_place_that_a_radar_contradicts(sky):
    radar = sky.Thing(
        track_id="radar", longitude_deg=20.12, **(MARKS | {"kinds": ("mode_s", "psr")})
    )
    world = sky(sky.Thing(**MARKS), radar).run(40)
    assert world.of().integrity == ("position_disagrees_with_radar",)
    assert world.of().explained_by is None


def test_an_address_that_is_back_where_it_cannot_have_flown(sky):
    first = sky.Thing(ends_s=30.0, **MARKS)
    second = sky.Thing(track_id="two", born_s=60.0, longitude_deg=26.0, **MARKS)
    assert sky(first, second).run(80).of("two").integrity == ("position_jump",)


def test_an_airliners_name_on_an_object_too_fast_to_be_one(sky):
    thing = sky.Thing(**(MARKS | {"velocity_mps": (0.0, 600.0), "emitter_category": "A3"}))
    one = sky(thing).run(40).of()
    assert one.integrity == ("kinematics_do_not_fit",)
    assert one.explained_by is None
    assert one.identity == "unknown"


def test_a_plan_does_not_explain_a_track_whose_name_is_in_doubt(sky):
    world = sky(sky.Thing(**MARKS), sky.Thing(track_id="two", longitude_deg=24.0, **MARKS))
    assert world.run(40, reports={0: [world.plan()]}).of().explained_by is None
