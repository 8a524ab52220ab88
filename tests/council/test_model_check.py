"""The walk over every sequence of acts: that it finds nothing, and that it finds what is broken on purpose."""

from collections.abc import Callable
from typing import Any

import pytest

from vedette.council import _deeds, matter, model_check
from vedette.council.model_check import Walked, walk


def last(states: int, acts: int, kind: Any, **bounds: Any) -> Walked:
    found = None
    for found in walk(states, acts, kind, **bounds):  # noqa: B007
        pass
    assert found is not None
    return found


def test_what_is_found_does_not_depend_on_the_processes_that_share_the_work() -> None:
    assert last(3, 6, "declaration", processes=2) == last(3, 6, "declaration")


@pytest.mark.parametrize(
    ("kind", "chair", "lapses"),
    [("declaration", True, True), ("declaration", False, False), ("shield", True, True)],
)
def test_no_sequence_of_acts_within_bounds_does_what_must_never_be(
    kind: str, chair: bool, lapses: bool
) -> None:
    found = last(3, 5, kind, chair=chair, lapses=lapses)
    assert found.broken == ()
    assert found.done
    assert found.acts == 5
    assert found.standings > 300


def _keep_silent(deed: Callable[..., Any]) -> Callable[..., Any]:
    """An objection that is written down and does not break the silence."""

    def kept(settings: Any, state: Any, receipt: Any, act: Any) -> Any:
        import msgspec

        after = deed(settings, state, receipt, act)
        return msgspec.structs.replace(after, status=state.status, objections=state.objections)

    return kept


def _move(deed: Callable[..., Any]) -> Callable[..., Any]:
    """A placement in a running silence moves its deadline."""

    def moved(settings: Any, state: Any, receipt: Any, act: Any) -> Any:
        import msgspec

        if state.status != "silence":
            return deed(settings, state, receipt, act)
        later = msgspec.structs.replace(state.placements[-1], deadline_ns=act.deadline_ns)
        return msgspec.structs.replace(state, placements=(*state.placements[:-1], later))

    return moved


@pytest.mark.parametrize(
    ("kind", "wrap", "name"),
    [("object", _keep_silent, "no objection"), ("place", _move, "deadline")],
)
def test_a_deed_that_is_broken_is_found_with_the_acts_that_show_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, wrap: Any, name: str
) -> None:
    monkeypatch.setattr(
        matter,
        "KINDS",
        {**_deeds.KINDS, kind: wrap(_deeds.KINDS[kind])},  # type: ignore[dict-item]
    )
    found = last(2, 6, "declaration")
    names = {one.name: one.acts for one in found.broken}
    assert name in names
    assert any(kind in act for act in names[name])


@pytest.mark.parametrize(
    ("where", "what", "value", "kind", "name"),
    [
        (_deeds, "mute", lambda *_: frozenset(), "declaration", "can speak"),
        (_deeds, "BY_SILENCE", frozenset({"shield"}), "shield", "explicit"),
        (matter, "_ENDED", (), "declaration", "end"),
        (_deeds, "_current", lambda *_: None, "declaration", "named"),
        (matter, "_NOES", ("object",), "shield", "free"),
        (matter, "nobody_agrees", lambda *_: False, "declaration", "somebody"),
    ],
)
def test_a_rule_left_out_is_found(
    monkeypatch: pytest.MonkeyPatch, where: Any, what: str, value: Any, kind: str, name: str
) -> None:
    monkeypatch.setattr(where, what, value)
    assert name in {one.name for one in last(2, 6, kind).broken}


def test_an_act_that_can_be_made_twice_and_a_clock_that_counts_are_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = matter._check_place

    def forgetful(settings: Any, state: Any, receipt: Any, act: Any) -> None:
        import msgspec

        place(settings, msgspec.structs.replace(state, act_ids=frozenset()), receipt, act)

    with monkeypatch.context() as patch:
        patch.setattr(matter, "_check_place", forgetful)
        assert "once" in {one.name for one in last(2, 5, "declaration").broken}

    def by_signer(settings: Any, state: Any, receipt: Any, act: Any) -> None:
        place(settings, state, receipt, act)
        if act.valid_ns > receipt.received_ns:
            raise matter.RefusedError("dated ahead")

    with monkeypatch.context() as patch:
        patch.setattr(matter, "_check_place", by_signer)
        assert "one clock" in {one.name for one in last(2, 5, "declaration").broken}


def test_the_number_of_states_is_bounded() -> None:
    for states in (0, len(model_check._MEMBERS) + 1):
        with pytest.raises(ValueError, match="states"):
            next(walk(states, 3, "declaration"))


def test_what_holds_with_a_lift_by_a_stolen_key_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walk comes to the standing in which an objection that was lifted stands again after the agreement."""
    monkeypatch.setattr(
        model_check,
        "why_not_held",
        lambda states, state: None if state.agreed_by == "consent" and not state.left else "no",
    )
    assert "in force" in {one.name for one in last(1, 7, "shield", chair=False).broken}
