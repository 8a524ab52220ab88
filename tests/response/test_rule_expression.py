"""Three-valued logic of conditions, against brute force over all ways to fill in what is unknown."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.model.errors import RuleError
from vedette.response.expression import (
    All,
    AnyOf,
    Condition,
    Not,
    OneOf,
    evaluate,
    facts_of,
    missing,
    read_condition,
)
from vedette.response.situation import Situation

FACTS = ("replay", "exercise", "leaving", "track_lost")
LEAVES = st.builds(
    OneOf, st.sampled_from(FACTS), st.sampled_from([(True,), (False,), (True, False)])
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(All, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=8,
)
SITUATIONS = st.builds(Situation, **{name: st.sampled_from([None, True, False]) for name in FACTS})


@settings(deadline=None, max_examples=50)
@given(CONDITIONS, SITUATIONS)
def test_what_is_decided_stays_so_however_the_unknown_turns_out(
    condition: Condition, situation: Situation
) -> None:
    truth = evaluate(condition, situation)
    unknown = [name for name in FACTS if getattr(situation, name) is None]
    known = {name: getattr(situation, name) for name in FACTS if name not in unknown}
    outcomes = {
        evaluate(condition, Situation(**known, **dict(zip(unknown, values, strict=True))))
        for values in product([True, False], repeat=len(unknown))
    }
    assert None not in outcomes
    if truth is not None:
        assert outcomes == {truth}


@settings(deadline=None, max_examples=50)
@given(CONDITIONS, SITUATIONS)
def test_what_is_missing_is_named_and_only_where_something_is(
    condition: Condition, situation: Situation
) -> None:
    named = missing(condition, situation)
    assert bool(named) == (evaluate(condition, situation) is None)
    assert set(named) <= facts_of(condition)
    assert all(getattr(situation, name) is None for name in named)


@settings(deadline=None, max_examples=50)
@given(
    st.one_of(st.none(), st.floats(allow_infinity=False)),
    st.one_of(st.none(), st.floats(allow_infinity=False)),
)
def test_a_comparison_of_two_facts_is_decided_when_both_are_numbers(
    depth_m: float | None, error_m: float | None
) -> None:
    condition = read_condition({"depth_m": {"below_fact": "position_error_m"}}, "here", {})
    truth = evaluate(condition, Situation(depth_m=depth_m, position_error_m=error_m))
    if depth_m is None or error_m is None or depth_m != depth_m or error_m != error_m:
        assert truth is None
    else:
        assert truth == (depth_m < error_m)


@pytest.mark.parametrize(
    "raw",
    [
        "inside",
        {},
        {"all": []},
        {"all": [{"replay": True}], "any": [{"replay": True}]},
        {"no_such_fact": True},
        {"where": "insde"},
        {"where": True},
        {"replay": "yes"},
        {"replay": None},
        {"inside_s": 60},
        {"inside_s": {"below": "sixty"}},
        {"inside_s": {"below": True}},
        {"inside_s": {"below": 1, "above": 2}},
        {"inside_s": {"belowish": 1}},
        {"where": {"below": 1}},
        {"depth_m": {"below_fact": "where"}},
        {"where": {"in": []}},
        {"term": "nothing"},
        {"not": [{"replay": True}]},
    ],
)
def test_a_condition_that_is_none_is_refused_with_its_place(raw: object) -> None:
    with pytest.raises(RuleError, match=r"rows\.yaml: R99"):
        read_condition(raw, "rows.yaml: R99", {})
