"""What a person may set, what is refused, and when it lapses."""

import pytest

JET = {"velocity_mps": (0.0, 420.0), "height_m": 5_000.0}
AIRLINER = {"icao24": 0x3C4A1B, "callsign": "AFR1234", "cooperative": True, "kinds": ("mode_s",)}


def test_one_named_person_with_words_makes_a_suspect(sky):
    world = sky(sky.Thing(**JET))
    one = world.run(40, acts={30: [world.act("suspect", 30)]}).of()
    assert one.identity == "suspect"
    reasons = [e for e in one.evidence if e.supports == "suspect"]
    assert "A. Kask" in reasons[0].source
    assert "seen from the air" in reasons[0].statement


@pytest.mark.parametrize(
    ("value", "changes", "why"),
    [
        ("suspect", {"words": "  "}, "no reason"),
        ("suspect", {"person": " "}, "no person"),
        ("hostile", {}, "no reviewer"),
        ("hostile", {"reviewer": "a.  kask"}, "same person"),
        ("hostile", {"reviewer": "A. KASK"}, "same person"),
        ("hostile", {"reviewer": "A. Ka\u200bsk"}, "same person"),
        ("hostile", {"reviewer": "\u200b"}, "no reviewer"),
        ("hostile", {"reviewer": "M. Tamm", "office": ""}, "no office"),
        ("hostile", {"reviewer": "M. Tamm", "words": ""}, "no reason"),
        ("civil_excluded", {"words": ""}, "no reason"),
        ("joker", {}, "no identity"),
        ("pending", {}, "no identity"),
    ],
)
def test_an_act_without_what_it_needs_is_refused_and_the_refusal_is_told(sky, value, changes, why):
    changes = {"person": "a. Kask"} | changes if "reviewer" in changes else changes
    world = sky(sky.Thing(**JET)).run(28)
    before = len(world.said["one"])
    world.run(40, acts={30: [world.act(value, 30, **changes)]})
    one = world.of()
    assert (one.identity, one.civil) == ("unknown", "possible")
    assert any("refused" in doubt and why in doubt for doubt in one.doubts)
    assert len(world.said["one"]) > before


def test_hostile_takes_an_authorised_person_and_another_who_reviewed(sky):
    world = sky(sky.Thing(**JET))
    one = world.run(40, acts={30: [world.act("hostile", 30, reviewer="M. Tamm")]}).of()
    assert one.identity == "hostile"
    assert one.civil == "possible"  # HOSTILE excludes no civil aircraft by itself


def test_suspect_lapses_unless_renewed(sky):
    settings = sky().settings.__class__(suspect_expires_s=60.0)
    world = sky(sky.Thing(**JET), settings=settings)
    world.run(80, acts={20: [world.act("suspect", 20)]})
    assert world.of().identity == "suspect"
    one = world.run(90).of()
    assert one.identity == "unknown"
    assert any("nobody renewed" in doubt for doubt in one.doubts)
    again = sky(sky.Thing(**JET), settings=settings)
    again.run(110, acts={20: [again.act("suspect", 20)], 70: [again.act("suspect", 70)]})
    assert again.of().identity == "suspect"


def test_an_act_dated_forward_lasts_no_longer(sky):
    settings = sky().settings.__class__(suspect_expires_s=60.0)
    world = sky(sky.Thing(**JET), settings=settings)
    world.run(90, acts={20: [world.act("suspect", 5_000)]})
    assert world.of().identity == "unknown"


@pytest.mark.parametrize("value", ["suspect", "hostile", "civil_excluded"])
@pytest.mark.parametrize("evidence", ["ats", "distress", "reply", "plan"])
def test_civil_evidence_ends_it_within_one_tick_and_it_does_not_come_back(sky, value, evidence):
    dark = sky.Thing()
    world = sky(dark)
    world.run(40, acts={30: [world.act(value, 30, reviewer="M. Tamm")]})
    assert (world.of().identity if value != "civil_excluded" else world.of().civil) == (
        value if value != "civil_excluded" else "excluded"
    )
    reports = {}
    if evidence == "ats":
        reports[42] = [world.ats("radio_contact_lost", 42, track_id="one")]
    if evidence == "distress":
        world.things = [sky.Thing(kinds=("ssr",), mode3a=0o7700, cooperative=True)]
    if evidence == "reply":
        world.things = [sky.Thing(kinds=("ssr",), mode3a=0o4321, cooperative=True)]
    if evidence == "plan":
        world.things = [sky.Thing(callsign="AFR1234")]
        reports[42] = [world.plan()]
    world.run(42, reports=reports)
    one = world.of()
    assert one.identity in ("neutral", "unknown")
    assert one.civil != "excluded"
    assert any("ended" in doubt for doubt in one.doubts)
    world.run(80)
    assert world.of().identity in ("neutral", "unknown")
    assert world.of().civil != "excluded"


@pytest.mark.parametrize("value", ["suspect", "hostile", "civil_excluded"])
def test_what_stands_as_civil_cannot_be_made_worse(sky, value):
    world = sky(sky.Thing(**AIRLINER))
    one = world.run(40, acts={30: [world.act(value, 30, reviewer="M. Tamm")]}).of()
    assert (one.identity, one.civil) == ("neutral", "confirmed")
    assert any("civil evidence stands" in doubt for doubt in one.doubts)


def test_only_a_person_excludes_and_a_person_withdraws(sky):
    world = sky(sky.Thing(**JET))
    world.run(40, acts={30: [world.act("civil_excluded", 30)]})
    assert world.of().civil == "excluded"
    world.run(50, acts={44: [world.act("civil_possible", 44)]})
    assert world.of().civil == "possible"


def test_one_persons_doubt_is_not_anothers_to_take_away(sky):
    world = sky(sky.Thing(**JET))
    world.run(40, acts={30: [world.act("civil_possible", 30, person="B. Saar")]})
    world.run(46, acts={44: [world.act("civil_excluded", 44)]})
    one = world.of()
    assert one.civil == "possible"
    assert any("refused" in doubt and "B. Saar" in doubt for doubt in one.doubts)
    world.run(52, acts={50: [world.act("civil_excluded", 50, person="b.  saar")]})
    assert world.of().civil == "excluded"


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
@pytest.mark.parametrize(
    ("worse", "milder", "field", "value"),
    [("civil_excluded", "civil_possible", "civil", "possible"),
     ("suspect", "neutral", "identity", "neutral")],
)  # fmt: skip
def test_of_two_words_of_one_instant_the_milder_stands(sky, ids, worse, milder, field, value):
    world = sky(sky.Thing(**JET))
    acts = [world.act(worse, 30, act_id=ids[0]), world.act(milder, 30, act_id=ids[1])]
    assert getattr(world.run(40, acts={30: acts}).of(), field) == value


@pytest.mark.parametrize("excluded_first", [True, False])
def test_a_doubt_follows_the_object_into_the_track_that_stays(sky, excluded_first):
    one = sky.Thing(**JET, ends_s=40.0, merged_into="two")
    world = sky(one, sky.Thing(**JET, track_id="two"))
    acts = {30: [world.act("civil_possible", 30, person="B. Saar")]}
    excluded = {30: [world.act("civil_excluded", 30, track_id="two", act_id="x")]}
    world.run(36, acts={30: acts[30] + excluded[30]} if excluded_first else acts)
    assert world.of("two").civil == ("excluded" if excluded_first else "possible")
    world.run(50, acts={} if excluded_first else
              {46: [world.act("civil_excluded", 46, track_id="two")]})  # fmt: skip
    found = world.of("two")
    assert found.civil == "possible"
    assert any("B. Saar says that it may be civil" in doubt for doubt in found.doubts)


def test_a_doubt_about_a_track_that_was_merged_before_reaches_the_one_that_stays(sky):
    one = sky.Thing(**JET, ends_s=40.0, merged_into="two")
    world = sky(one, sky.Thing(**JET, track_id="two"))
    world.run(46, acts={46: [world.act("civil_excluded", 46, track_id="two")]})
    assert world.of("two").civil == "excluded"
    late = world.act("civil_possible", 50, person="B. Saar", track_id="one")
    world.run(52, acts={50: [late]})
    assert world.of("two").civil == "possible"


def test_what_was_seen_before_ones_own_doubt_does_not_take_it_back(sky):
    world = sky(sky.Thing(**JET))
    world.run(
        40, acts={36: [world.act("civil_possible", 36)], 38: [world.act("civil_excluded", 30)]}
    )
    assert world.of().civil == "possible"
    assert world.run(46, acts={44: [world.act("civil_excluded", 44)]}).of().civil == "excluded"


def test_a_doubt_about_a_lost_track_is_kept_for_what_continues_it(sky):
    one = sky.Thing(**JET, ends_s=30.0)
    world = sky(one, sky.Thing(**JET, track_id="far", latitude_deg=10.0))
    world.run(34)
    acts = {36: [world.act("civil_possible", 36, person="B. Saar", track_id="one")]}
    world.run(38, acts=acts)
    assert not world.state.homeless
    assert world.state.dossiers["one"].doubts[0].person == "B. Saar"


def test_a_person_may_lower_an_identity(sky):
    world = sky(sky.Thing(**JET))
    world.run(40, acts={30: [world.act("suspect", 30)], 36: [world.act("friend", 36)]})
    assert world.of().identity == "friend"


def test_acts_of_another_kind_change_nothing_and_those_without_a_track_are_kept(sky):
    world = sky(sky.Thing(**JET))
    acts = [world.act("suspect", 20, kind="remark"), world.act("suspect", 20, track_id="none")]
    world.run(40, acts={20: acts})
    assert world.of().identity == "unknown"
    assert len(world.state.homeless) == 1
