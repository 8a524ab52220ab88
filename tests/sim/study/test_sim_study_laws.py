"""Laws of studies: chance, time, dominance, order."""

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.sim.study.change import CHANGES, changed
from vedette.sim.study.draws import Draws, Kept
from vedette.sim.study.life import STEPS, chain, joined, live, lives
from vedette.sim.study.study import gallery
from vedette.sim.study.times import shipped_times
from vedette.sim.study.way import Plane, first_there_s, way

TIMES = shipped_times()
NAMES = sorted(gallery())
WORLDS = 64
studies = st.sampled_from(NAMES).map(lambda name: gallery()[name])
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(0, 300), st.integers(1, 50), st.text(max_size=8))
def test_a_world_has_the_same_luck_wherever_a_batch_begins(seed, first, count, name):
    whole = Draws(seed, 0, first + count).share(name)
    part = Draws(seed, first, count).share(name)
    np.testing.assert_array_equal(whole[first:], part)
    assert (part > 0.0).all()
    assert (part < 1.0).all()


@settings(max_examples=25, deadline=None)
@given(studies, seeds, st.lists(st.integers(1, 40), min_size=2, max_size=4))
def test_splitting_worlds_into_batches_gives_equal_bits(study, seed, sizes):
    whole = live(study, TIMES, Draws(seed, 0, sum(sizes)))
    starts = np.cumsum([0, *sizes])[:-1]
    parts = [next(lives(study, TIMES, seed, n, int(a))) for a, n in zip(starts, sizes, strict=True)]
    found = joined(iter(parts))
    assert found.gone_s.tobytes() == whole.gone_s.tobytes()
    for step in whole.done_s:
        assert found.done_s[step].tobytes() == whole.done_s[step].tobytes(), step


@settings(max_examples=25, deadline=None)
@given(studies, seeds, st.randoms(use_true_random=False))
def test_the_order_of_radars_and_of_those_ready_changes_nothing(study, seed, random):
    radars, ready = list(study.watch.radars), list(study.ready)
    random.shuffle(radars)
    random.shuffle(ready)
    other = msgspec.structs.replace(
        study,
        watch=msgspec.structs.replace(study.watch, radars=tuple(radars)),
        ready=tuple(ready),
    )
    before, after = (live(one, TIMES, Draws(seed, 0, WORLDS)) for one in (study, other))
    for step in before.done_s:
        np.testing.assert_array_equal(before.done_s[step], after.done_s[step], step)


@settings(max_examples=40, deadline=None)
@given(studies, seeds)
def test_what_was_kept_is_what_is_drawn(study, seed):
    draws = Draws(seed, 0, WORLDS)
    before, after = live(study, TIMES, draws), live(study, TIMES, Kept(draws))
    for step in before.done_s:
        np.testing.assert_array_equal(before.done_s[step], after.done_s[step], step)


STEP_TIMES = sorted(name for name in TIMES.priors if name != "fighter_speed_mps")


@settings(max_examples=50, deadline=None)
@given(studies, seeds, st.sampled_from(STEP_TIMES), st.floats(0.05, 1.0))
def test_a_faster_step_makes_nothing_later_in_any_world(study, seed, name, factor):
    shares = Draws(seed, 0, WORLDS)
    before = live(study, TIMES, shares)
    after = live(study, TIMES.faster(name, factor), shares)
    for step in before.done_s:
        assert (after.done_s[step] <= before.done_s[step] + 1e-6).all(), step
        in_time = [np.mean(one.done_s[step] <= one.gone_s + 1e-6) for one in (before, after)]
        assert in_time[1] >= in_time[0]


@settings(max_examples=60, deadline=None)
@given(
    studies,
    seeds,
    st.sampled_from(["delegation", "commander", "raised", "patrol", "radar", "neighbour"]),
)
def test_a_change_that_only_adds_makes_nothing_later(study, seed, change):
    other = changed(study, change)
    if other is None:
        return
    shares = Draws(seed, 0, WORLDS)
    before = live(study, TIMES, shares, council=False)
    after = live(other, TIMES, shares, council=False)
    for step in before.done_s:
        if change == "commander" and step == "authority":
            # another office has luck of its own; that it is asked sooner is what counts
            assert np.mean(after.done_s[step]) <= np.mean(before.done_s[step]) + 1e-6
            continue
        assert (after.done_s[step] <= before.done_s[step] + 1e-6).all(), step


@settings(max_examples=30, deadline=None)
@given(studies, seeds)
def test_without_a_state_nothing_comes_sooner(study, seed):
    other = changed(study, "missing")
    shares = Draws(seed, 0, WORLDS)
    before, after = (live(one, TIMES, shares) for one in (study, other))
    for step in before.done_s:
        assert (after.done_s[step] >= before.done_s[step] - 1e-6).all(), step


@settings(max_examples=30)
@given(studies, st.sampled_from([step.name for step in STEPS]))
def test_times_only_grow_along_a_chain(study, goal):
    lived = live(study, TIMES, Draws(7, 0, WORLDS))
    names = chain(study, goal)
    assert names[-1] == goal
    for before, after in pairwise(names):
        assert (lived.done_s[after] >= lived.done_s[before]).all() or study.council.beforehand


places = st.tuples(st.floats(54.0, 56.0), st.floats(19.0, 22.0))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(places, min_size=1, max_size=3),
    st.lists(places, min_size=1, max_size=4),
    places,
    st.floats(20.0, 300.0),
    st.floats(30.0, 2_000.0),
    st.floats(-500.0, 1_500.0),
    st.floats(0.0, 300.0),
    st.floats(0.0, 20_000.0),
)
def test_the_first_meeting_is_the_first_of_all_moments(
    before, inside, base, speed, inside_s, leaves_s, fighter_mps, near_m
):
    plane = Plane(*inside[0])
    flown = way(plane, tuple(before), tuple(inside), np.array([speed]), np.array([inside_s]))
    place = plane.xy((base,))[0]
    found = first_there_s(flown, place, np.array([leaves_s]), fighter_mps, near_m)[0]
    until = min(found, flown.at_s[0, -1])
    begin = max(leaves_s, flown.at_s[0, 0])

    def short_m(at):
        """How much too far away it still is at some moments."""
        x, y = (np.interp(at, flown.at_s[0], flown.xy_m[:, k]) for k in (0, 1))
        distance = np.hypot(x - place[0], y - place[1])
        return distance - near_m - fighter_mps * np.maximum(at - leaves_s, 0.0)

    if until > begin:
        assert (short_m(np.linspace(begin, until, 400)[:-1]) > -1.0).all()
    if np.isfinite(found):
        assert short_m(np.array([found]))[0] < 1.0


def test_somebody_who_never_sets_out_is_never_there():
    plane = Plane(55.0, 20.0)
    flown = way(plane, (), ((55.0, 20.0), (55.5, 20.0)), np.array([100.0]), np.array([500.0]))
    assert first_there_s(flown, np.zeros(2), np.array([np.inf]), 250.0)[0] == np.inf
    # whoever stands at the entry and is ready sees it come in
    assert first_there_s(flown, np.zeros(2), np.array([-10.0]), 0.0, 1.0)[0] == 0.0


def test_every_change_changes_some_study():
    for change in CHANGES:
        assert any(changed(study, change.id) not in (None, study) for study in gallery().values())


@pytest.mark.parametrize("name", NAMES)
def test_no_study_speaks_of_what_happens_to_the_intruder(name):
    fields = {field.name for field in msgspec.structs.fields(type(gallery()[name]))}
    fields |= {field.name for field in msgspec.structs.fields(type(gallery()[name].intruder))}
    assert not fields & {"weapon", "weapons", "effect", "engage", "kill", "missiles", "rounds"}
