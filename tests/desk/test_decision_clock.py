"""Laws of the decision clock, and its figures against plain counting."""

import math
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest
from desk_kit import NOW_NS, RULES, DeskRun, advice, case
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.engine.decision_clock import DecisionClock
from vedette.model.clock import Clock
from vedette.model.errors import RuleError
from vedette.model.time import SECOND_NS
from vedette.model.track import TRACK
from vedette.response import decision_clock as clock
from vedette.response.timing import (
    SAMPLES,
    StepPrior,
    load_timing,
    order,
    quantiles,
    shipped_timing_bytes,
    timing_of,
)
from vedette.watch.settings import WatchSettings

TIMING = timing_of({}, RULES)
SETTINGS = clock.ClockSettings()
TIMES = st.lists(st.floats(1.0, 5_000.0), min_size=1, max_size=40).map(np.array)


def left(*after_s: float, kind: str = "exit") -> dict[str, clock.TimeLeft]:
    return {"i1": clock.TimeLeft(kind, "EST", "EST", np.array(after_s))}


def read(
    run: DeskRun, limits: dict[str, clock.TimeLeft], state: clock.ClockState | None = None
) -> tuple[clock.ClockState, Clock]:
    state, clocks = clock.step(
        SETTINGS,
        state or clock.ClockState(),
        clock.Inputs(papers=list(run.docket.papers.values()), left=limits, timing=TIMING),
        run.now_ns,
    )
    (found,) = clocks
    return state, found


def asked(*measures: str) -> DeskRun:
    run = DeskRun()
    run.tick(cases=(case(advice(*measures)),))
    return run


@given(TIMES, TIMES)
def test_the_probability_is_the_share_of_pairs_that_are_in_time(needed: Any, after: Any) -> None:
    pairs = [(n, a) for n in needed for a in after]
    assert clock.before(needed, after) == pytest.approx(
        sum(n <= a for n, a in pairs) / len(pairs), abs=1e-12
    )


@given(TIMES, st.floats(0.0, 6_000.0))
def test_what_is_left_of_a_step_is_what_is_longer_than_it_has_run(
    times: Any, elapsed: float
) -> None:
    rest = clock.remaining_s(times, elapsed)
    assert len(rest) == len(times)
    assert (rest > 0.0).all()
    longer = times[times > elapsed]
    if len(longer):
        assert rest.min() == pytest.approx(longer.min() - elapsed)
        assert rest.max() <= longer.max() - elapsed + 1e-9


@given(st.sampled_from(list(TIMING.steps)), st.lists(st.floats(1.0, 10_000.0), max_size=6))
def test_times_rise_and_measurements_draw_them_their_way(name: str, measured: list[float]) -> None:
    step = TIMING.steps[name]
    before, after = quantiles(step), quantiles(step, measured)
    for times in (before, after):
        assert times.shape == (SAMPLES,)
        assert (np.diff(times) >= 0.0).all()
        assert (times > 0.0).all()
    many = quantiles(step, [1_234.0] * 400)
    assert float(np.median(many)) == pytest.approx(1_234.0, rel=0.05)


def test_the_shipped_priors_are_the_published_figures() -> None:
    middle = {name: float(np.median(quantiles(step))) for name, step in TIMING.steps.items()}
    assert middle["public_warned"] == pytest.approx(1020, rel=0.01)
    assert middle["airspace_closed"] == pytest.approx(600, rel=0.01)
    assert middle["within_sight"] == pytest.approx(1500, rel=0.01)
    airborne = quantiles(TIMING.steps["airborne"])
    assert (airborne.min() >= 240.0, airborne.max() <= 900.0) == (True, True)
    assert airborne.mean() == pytest.approx((240 + 480 + 900) / 3, rel=0.01)


def test_the_strata_of_two_steps_do_not_move_together() -> None:
    orders = [np.array(order(k)) for k in range(6)]
    for one in range(6):
        assert sorted(orders[one]) == list(range(SAMPLES))
        for other in range(one):
            assert abs(np.corrcoef(orders[one], orders[other])[0, 1]) < 0.15


@given(st.lists(st.floats(1.0, 3_000.0), min_size=1, max_size=20), st.floats(0.0, 500.0))
def test_more_time_left_is_never_worse_and_waiting_is_never_better(
    after: list[float], more: float
) -> None:
    run = asked("M05", "M06", "M09")
    _, short = read(run, left(*after))
    _, long = read(run, left(*[one + more for one in after]))
    for one, other in zip(short.steps, long.steps, strict=True):
        assert other.in_time >= one.in_time - 1e-9
    run.tick(seconds=30.0)
    _, later = read(run, left(*[max(one - 30.0, 0.0) for one in after]))
    for one, other in zip(short.steps, later.steps, strict=True):
        assert other.in_time <= one.in_time + 0.01


def test_it_says_what_will_be_late_and_what_would_help() -> None:
    run = asked("M05", "M06")
    _, found = read(run, left(*[300.0] * 32))
    by_measure = {step.measure: step for step in found.steps}
    told, look = by_measure["M05"], by_measure["M06"]
    assert told.in_time > 0.8
    assert told.late_step is None
    assert look.in_time < 0.01
    assert look.late_step == "airborne"
    assert look.remaining == (
        "watch_answers", "launch_authority_answers", "airborne", "within_sight",
    )  # fmt: skip
    _, found = read(run, left(*[1_500.0] * 32))
    look = next(step for step in found.steps if step.measure == "M06")
    assert look.helps == "within_sight"
    assert look.helped is not None
    assert look.helped > look.in_time


def test_what_people_decided_is_no_longer_waited_for() -> None:
    run = asked("M06")
    _, before = read(run, left(*[2_000.0] * 32))
    run.say("accept", "Ann", "watch", "M06")
    run.say("accept", "Cid", "launch", "M06")
    _, after = read(run, left(*[2_000.0] * 32))
    assert after.steps[0].remaining == ("airborne", "within_sight")
    assert after.steps[0].in_time > before.steps[0].in_time
    run.say("reject", "Cid", "launch", "M06")
    state, clocks = clock.step(
        SETTINGS, clock.ClockState(),
        clock.Inputs(list(run.docket.papers.values()), left(2_000.0), TIMING), run.now_ns,
    )  # fmt: skip
    assert clocks == []  # what is refused is not timed: the clock pleads for nothing
    assert state.measured == {}


def test_answers_of_this_run_are_learnt_from_once() -> None:
    run = asked("M05", "M17")
    run.tick(seconds=400.0)
    run.say("accept", "Ann", "watch", "M05")
    state, first = read(run, left(600.0))
    assert first.measured == {"watch_answers": 1}
    state, again = read(run, left(600.0), state)
    assert again.measured == {"watch_answers": 1}
    (took,) = state.measured["watch_answers"]
    assert took == pytest.approx(401.0, abs=2.0)


def clock_of_a_raid(count: int, at_once: int) -> tuple[DecisionClock, dict[str, Any], list[Any]]:
    stages = SimpleNamespace(clock=clock.ClockSettings(at_once=at_once), watch=WatchSettings())
    body: Any = SimpleNamespace(stages=stages)
    (paper,) = asked("M05").docket.papers.values()
    names = [f"i{k:03d}" for k in range(count)]
    incidents = {
        name: SimpleNamespace(incident_id=name, track_id=name, status="open", crossings=())
        for name in names
    }
    zones: Any = None  # nobody is in or before one
    papers = [msgspec.structs.replace(paper, incident_id=name) for name in names]
    return DecisionClock(TIMING, body, zones), incidents, papers


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 39))
@settings(max_examples=25)
def test_each_clock_of_a_raid_is_read_in_its_turn_and_at_once_where_it_is_asked_anew(
    count: int, at_once: int, which: int
) -> None:
    run, incidents, papers = clock_of_a_raid(count, at_once)
    turns = -(-count // at_once) + 10  # ticks of a second until each has been read again
    anew = f"i{which % count:03d}"
    for tick in range(3 * turns):
        now_ns = NOW_NS + tick * SECOND_NS
        run.tick(incidents, TRACK.empty_table(), papers, now_ns, asked_anew=set())
        told = {name: held.valid_ns for name, held in run.clocks.items()}
        assert told.keys() == incidents.keys()  # what is new does not wait
        assert min(told.values()) > now_ns - turns * SECOND_NS
        assert sum(valid_ns == now_ns for valid_ns in told.values()) <= (at_once if tick else count)
    run.tick(incidents, TRACK.empty_table(), papers, now_ns + 1, asked_anew={anew})
    assert run.clocks[anew].valid_ns == now_ns + 1


def test_a_question_that_is_over_has_no_clock_and_its_answer_is_learnt_from() -> None:
    run, incidents, papers = clock_of_a_raid(2, 1)
    run.tick(incidents, TRACK.empty_table(), papers, NOW_NS, asked_anew=set())
    after_ns = papers[0].opened_ns + 40 * SECOND_NS
    papers[0] = msgspec.structs.replace(papers[0], status="refused", decided_ns=after_ns)
    run.tick(incidents, TRACK.empty_table(), papers, after_ns, asked_anew={"i000"})
    assert run.clocks.keys() == {"i001"}
    run.tick(incidents, TRACK.empty_table(), papers, after_ns + 1, asked_anew={"i001"})
    (answer,) = TIMING.measures["M05"].answers
    assert run.clocks["i001"].measured == {answer: 1}
    incidents["i001"].status = "closed"
    run.tick(incidents, TRACK.empty_table(), papers, after_ns + 2, asked_anew=set())
    assert not run.clocks


def test_nothing_known_to_end_it_gives_no_figures() -> None:
    _, found = read(asked("M05"), {})
    assert (found.limit, found.steps) == (None, ())
    _, found = read(asked("M05"), left(*[math.inf] * 8))
    assert found.limit is not None
    assert (found.limit.probability, found.limit.left_s) == (0.0, None)


def test_there_is_no_clock_for_a_question_of_force_and_none_can_be_written() -> None:
    run = asked("M14")
    run.tick(cases=(case(advice("M14", "M05", force_question="admissible")),))
    assert run.paper("M14").status == "open"
    _, found = read(run, left(100.0))
    assert [step.measure for step in found.steps] == ["M05"]
    text = shipped_timing_bytes().decode()
    worse = text.replace("M12, M14, M15", "M12, M15").replace(
        "measures:\n", "measures:\n- {id: M14, answers: [watch_answers], then: []}\n"
    )
    with pytest.raises(RuleError, match="no clock is kept for M14"):
        load_timing(worse.encode(), RULES)


def test_the_clock_changes_no_question() -> None:
    run = asked("M05", "M06")
    before = msgspec.json.encode(list(run.docket.papers.values()))
    for seconds in (0.0, 10.0, 10_000.0):
        run.now_ns = NOW_NS + int(seconds * 1e9)
        read(run, left(1.0))
    assert msgspec.json.encode(list(run.docket.papers.values())) == before


@pytest.mark.parametrize(
    "wrong",
    [
        (
            "lognormal: [60, 0.8], status: assumption, sources: [D]}",
            "status: assumption, sources: [D]}",
        ),
        ("triangular: [240, 480, 900]", "triangular: [900, 480, 240]"),
        ("answers: [watch_answers], then: [states_told]", "answers: [nobody], then: []"),
        ("sources: [N10]", "sources: [Z99]"),
        ("untimed: [M00, ", "untimed: ["),
    ],
)
def test_a_wrong_table_is_refused(wrong: tuple[str, str]) -> None:
    text = shipped_timing_bytes().decode()
    assert wrong[0] in text
    with pytest.raises(RuleError):
        load_timing(text.replace(*wrong, 1).encode(), RULES)


def test_a_prior_has_one_form() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"id": "x", "text": "", "status": "guess", "sources": ["D"]}, StepPrior)
