"""The spatial index serves every step of its second: who has begun is in it, who has ended is not."""

import math
import threading

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.fusion import _layout as c
from vedette.fusion.index import Index
from vedette.fusion.picture import FusionState, initial, step
from vedette.fusion.settings import FusionSettings
from vedette.fusion.sites import parameters
from vedette.fusion.window import Workshop
from vedette.model.time import SECOND_NS
from vedette.sim.scene.flight import START_NS
from vedette.sim.scene.scene import make
from vedette.sim.scene.settings import Field, SceneSettings, Traffic

SETTINGS = FusionSettings()
SCENE = SceneSettings(
    traffic=Traffic(objects=15, side_m=100_000.0),
    field=Field(radars=3, side_m=80_000.0, false_plots=30.0),
    duration_s=10,
)


def _tracks(index: Index) -> list[tuple[int, float]]:
    """(track, cell) of every node that a plot can find."""
    found = index.nodes[: index.count]
    found = found[found[:, c.D_KEY] >= 0.0]
    return sorted((int(row[c.D_TRACK]), float(row[c.D_KEY])) for row in found)


def _alive(state: FusionState) -> set[int]:
    m = state.memory
    status = m.ints[: int(m.counters[c.C_HIGH]), c.STATUS]
    return set(np.flatnonzero((status == c.TENTATIVE) | (status == c.CONFIRMED)).tolist())


@settings(deadline=None, max_examples=4)
@given(st.integers(min_value=0, max_value=2**32 - 1), st.sampled_from([4, 8]))
def test_a_kept_index_holds_who_was_there_once_in_each_cell(seed: int, parts: int) -> None:
    scene = make(SCENE, seed)
    state, served = initial(SETTINGS), 0
    for now_ns, seen in scene.batches(1.0 / parts):
        state, _ = step(SETTINGS, state, seen, scene.sensors, now_ns, whole=False)
        indexes = state.shop.indexes
        if indexes.made.window is not None or indexes.kept.window is None or seen.num_rows == 0:
            continue  # this step has made one of its own
        served += 1
        nodes = _tracks(indexes.kept)
        assert len(nodes) == len(set(nodes))
        assert not indexes.waiting
        born = set(np.concatenate([np.zeros(0, np.int64), *indexes.born]).tolist())
        ended = {
            i for i in range(len(state.memory.ints)) if state.memory.ints[i, c.STATUS] == c.ENDED
        }
        # all that is alive but for what this step has begun, and what this step has ended
        assert {track for track, _ in nodes} == (_alive(state) - born) | (ended - born)
    assert served > 10


def test_more_room_for_nodes_keeps_those_that_are_there() -> None:
    scene = make(SCENE, 3)
    state = initial(SETTINGS)
    for now_ns, seen in scene.batches(1.0):
        state, _ = step(SETTINGS, state, seen, scene.sensors, now_ns)
    p, second = parameters(SETTINGS), (START_NS + 10 * SECOND_NS) // SECOND_NS
    small, large, in_parts = Index(), Index(), Workshop().in_parts
    large.nodes = np.empty((10_000, c.NODE_FLOATS))
    none = np.zeros(0, np.int64)
    for index in (small, large):
        index.build(state.memory, p, second, SECOND_NS, 500.0, math.inf, none, in_parts)
    assert _tracks(small) == _tracks(large)
    before = _tracks(small)
    small._make_room(state.memory, 4 * len(small.nodes))
    assert _tracks(small) == before
    # those that are in it are not entered again
    small.enter(state.memory, p, np.array(sorted(_alive(state))), SECOND_NS, in_parts)
    assert _tracks(small) == before


@pytest.mark.parametrize("cuts", [2, 3])
def test_a_step_that_is_computed_again_finds_the_index_as_it_was(cuts: int) -> None:
    """With plots of an eighth of a second in any order, also where two seconds meet in one step."""
    scene = make(SCENE, 5)
    states = [initial(SETTINGS), initial(SETTINGS)]
    late: list[pa.Table] = []
    for number, (now_ns, fresh) in enumerate(scene.batches(0.125)):
        # a third of the plots comes a quarter of a second late
        held = np.arange(fresh.num_rows) % 3 == 0
        late.append(fresh.filter(pa.array(held)))
        parts = [fresh.filter(pa.array(~held))] + ([late[-3]] if len(late) > 2 else [])
        seen = pa.concat_tables(parts)
        states[0], whole = step(SETTINGS, states[0], seen, scene.sensors, now_ns, whole=False)
        order = np.random.default_rng(number).permutation(seen.num_rows)
        for part in np.array_split(order, cuts):
            states[1], cut = step(
                SETTINGS, states[1], seen.take(pa.array(part)), scene.sensors, now_ns, whole=False
            )
        assert whole.tracks.equals(cut.tracks)


def test_a_row_above_those_in_use_is_entered_when_it_begins_again() -> None:
    scene = make(SCENE, 3)
    state = initial(SETTINGS)
    for now_ns, seen in scene.batches(1.0):
        state, _ = step(SETTINGS, state, seen, scene.sensors, now_ns)
    m, p, second = state.memory, parameters(SETTINGS), (START_NS + 10 * SECOND_NS) // SECOND_NS
    index, none, in_parts = Index(), np.zeros(0, np.int64), Workshop().in_parts
    index.build(m, p, second, SECOND_NS, 500.0, math.inf, none, in_parts)
    last = max(_alive(state))
    high = int(m.counters[c.C_HIGH])
    status = m.ints[last, c.STATUS]
    m.counters[c.C_HIGH], m.ints[last, c.STATUS] = last, c.FREE  # it has ended, in a second before
    index.build(m, p, second + 1, SECOND_NS, 500.0, math.inf, none, in_parts)
    assert last not in {track for track, _ in _tracks(index)}
    m.counters[c.C_HIGH], m.ints[last, c.STATUS] = high, status
    index.enter(m, p, np.array([last]), SECOND_NS, in_parts)
    assert last in {track for track, _ in _tracks(index)}


def test_there_are_as_many_threads_as_the_widest_work_wants() -> None:
    shop = Workshop()
    for cores in (2, 4, 3):  # the first work may be for few
        together = threading.Barrier(cores)
        shop.side_by_side(lambda _, all_=together: all_.wait(10.0), cores)
