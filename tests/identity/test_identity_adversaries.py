"""Ways in which an object that may be civil could come to be excluded, each tried on purpose."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.identity import traffic
from vedette.identity.assess import MAYBE_CREWED
from vedette.identity.settings import IdentitySettings
from vedette.identity.tables import CIVIL
from vedette.model.assessment import CLASSES, CREWED_CIVIL

CREWED = (*CREWED_CIVIL, "unknown")


def airliner(sky, **changes):
    facts = {"icao24": 0x4CA123, "callsign": "RYR12AB", "cooperative": True}
    facts["kinds"] = ("psr", "ads_b")
    return sky.Thing(**(facts | changes))


def test_who_sends_its_address_from_elsewhere_takes_no_protection_from_an_airliner(sky):
    """S006: the airliner's word is void by another's doing; then it falls silent, jammed."""
    ghost = airliner(sky, track_id="ghost", latitude_deg=57.0, kinds=("ads_b",), born_s=30.0)
    world = sky(airliner(sky, silent_from_s=60.0), ghost).run(100)
    assert "duplicate_address" in world.of().integrity
    assert world.of().civil == "possible"
    world.run(110, acts={104: [world.act("suspect", 104), world.act("civil_excluded", 104)]})
    one = world.of()
    assert one.civil == "possible"
    assert any("spoke as a civil aircraft may" in doubt for doubt in one.doubts)


def test_what_may_continue_a_civil_flight_that_was_lost_here_is_not_excluded(sky):
    lost = airliner(sky, ends_s=60.0)
    again = sky.Thing(track_id="again", latitude_deg=55.0 + 230.0 * 70 / 111_195.0 - 230.0 * 70 / 111_195.0,
                      born_s=70.0, velocity_mps=(0.0, 230.0))  # fmt: skip
    world = sky(lost, again).run(80)
    assert any("continuation of one" in doubt for doubt in world.of("again").doubts)
    world.run(90, acts={84: [world.act("civil_excluded", 84, track_id="again")]})
    assert world.of("again").civil == "possible"


@pytest.mark.parametrize("says", ["ours", "route_clearance"])
def test_of_several_of_which_services_know_one_none_is_excluded_and_none_is_explained(sky, says):
    pair = [sky.Thing(), sky.Thing(track_id="two", latitude_deg=55.02)]
    world = sky(*pair).run(30)
    told = world.ats(says, 20, latitude_deg=55.05, longitude_deg=20.0, radius_m=20_000.0)
    world.run(40, reports={32: [told]})
    for name in ("one", "two"):
        assert world.of(name).explained_by is None
        assert world.of(name).civil == "possible"
    acts = [world.act("civil_excluded", 44, track_id=name, act_id=name) for name in ("one", "two")]
    world.run(50, acts={44: acts})
    assert {world.of(name).civil for name in ("one", "two")} == {"possible"}


def test_an_exclusion_ends_when_such_a_word_comes_after_it(sky):
    world = sky(sky.Thing(), sky.Thing(track_id="two", latitude_deg=55.02)).run(30)
    world.run(36, acts={32: [world.act("civil_excluded", 32)]})
    assert world.of().civil == "excluded"
    told = world.ats("ours", 36, latitude_deg=55.05, longitude_deg=20.0, radius_m=20_000.0)
    assert world.run(38, reports={38: [told]}).of().civil == "possible"


def test_what_was_excluded_may_be_again_when_the_doubt_has_grown_old(sky):
    world = sky(sky.Thing(), sky.Thing(track_id="two", latitude_deg=55.02), pace_s=60).run(60)
    told = world.ats("ours", 60, latitude_deg=55.15, longitude_deg=20.0, radius_m=20_000.0)
    world.run(120, reports={120: [told]})
    world.run(2_040, acts={2_040: [world.act("civil_excluded", 2_040)]})
    assert world.of().civil == "excluded"


@settings(deadline=None, max_examples=20)
@given(
    st.lists(
        st.tuples(st.floats(200.0, 900.0), st.floats(-30.0, 30.0), st.floats(50.0, 16_000.0)),
        min_size=3,
        max_size=8,
    ),
    st.sampled_from([None, "cruise_missile", "drone_long_range", "airliner"]),
)
def test_a_rise_from_all_but_impossible_is_always_told(sky, legs, hint):
    """What the gate reads is what was last told: below one in a thousand it must never be out of date."""
    world = sky(sky.Thing())
    state_of = {}

    def take(out):
        state_of.update({one.track_id: one for one in out})

    for speed, climb, height in legs:
        world.things = [
            sky.Thing(velocity_mps=(0.0, speed), height_m=height, climb_mps=climb,
                      class_hint=hint, class_confidence=None if hint is None else 0.9)
        ]  # fmt: skip
        world.run(int(world.t) + 6, each=take)
        held = float(world.state.rows["probabilities"][0][MAYBE_CREWED].sum())
        told = sum(state_of["one"].class_probabilities[name] for name in CREWED)
        assert told >= 0.00099 or held <= told * 1.0011


@given(
    st.lists(st.floats(0.0, 10_000.0), min_size=4, max_size=4),
    st.lists(st.floats(-6.0, 0.0), min_size=len(CLASSES), max_size=len(CLASSES)),
)
def test_law_no_traffic_lowers_the_probability_of_a_civil_class_against_another(counts, logs):
    mix = traffic.Mix(counts=tuple(counts), valid_ns=0)
    held = IdentitySettings()
    added = traffic.logs(held, mix)
    assert abs(added[CIVIL].min()) < 1e-12
    assert np.all(added[~CIVIL] == 0.0)
    assert added.max() <= traffic.MOST_LOG
    shares = traffic.shares(held, mix)
    assert shares.sum() == pytest.approx(1.0)
    before, after = np.exp(logs), np.exp(np.array(logs) + added)
    assert after[CIVIL].sum() / after.sum() >= before[CIVIL].sum() / before.sum() - 1e-12


def test_the_mix_counts_each_aircraft_that_speaks_once_and_no_silent_or_doubted_one(sky):
    ghosts = [
        airliner(sky, track_id=name, icao24=0x4CA777, latitude_deg=place, longitude_deg=25.0)
        for name, place in (("g1", 50.0), ("g2", 60.0))
    ]
    world = sky(airliner(sky), sky.Thing(track_id="dark", longitude_deg=22.0), *ghosts)
    world.run(58)
    assert sum(world.state.mix.counts) == 0.0
    world.run(120)
    assert 0.9 < sum(world.state.mix.counts) <= 1.0
