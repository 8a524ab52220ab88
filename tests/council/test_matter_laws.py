"""Laws of the life of a matter, over any sequence of signed acts."""

import msgspec
import pytest
from council_kit import (
    PRIVATE,
    ROSTER,
    SETTINGS,
    START_NS,
    STATES,
    TEXTS,
    consent,
    histories,
    lift,
    objection,
    opened,
    place,
    placed,
    receipt,
    refusals,
    run,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.council.act import (
    CHAIR,
    CouncilAct,
    Receipt,
    decode_act,
    digest_of,
    encode_act,
)
from vedette.council.matter import BY_SILENCE, MatterSettings, initial, step
from vedette.model.signature import public_key_of, sign, verify
from vedette.model.time import SECOND_NS


@settings(deadline=None, max_examples=50)
@given(histories())
def test_no_agreed_text_has_an_outstanding_objection(history: tuple[list[Receipt], float]) -> None:
    acts, now_s = history
    state = run(acts, now_s)
    if state.status != "agreed":
        assert state.agreed_version is None
        return
    version = state.agreed_version
    standing = [o for o in state.objections if o.version == version and o.lifted_ns is None]
    assert standing == []
    if state.agreed_by == "silence":
        last = state.placements[-1]
        assert state.kind in BY_SILENCE
        assert last.version == version
        assert not any(
            o.version == version and last.received_ns <= o.received_ns < last.deadline_ns
            for o in state.objections
        )
    else:
        assert state.consented(version) == frozenset(STATES)


@settings(deadline=None, max_examples=50)
@given(histories())
def test_one_by_one_and_all_at_once_give_the_same_matter(
    history: tuple[list[Receipt], float],
) -> None:
    acts, now_s = history
    slowly = initial(SETTINGS)
    for act in acts:
        slowly, _ = step(SETTINGS, slowly, [act], act.received_ns)
    assert run([], now_s, slowly) == run(acts, now_s)


@settings(deadline=None, max_examples=50)
@given(histories())
def test_nothing_is_ever_deleted_and_a_deadline_moves_only_by_a_new_placement(
    history: tuple[list[Receipt], float],
) -> None:
    acts, _ = history
    state = initial(SETTINGS)
    for act in acts:
        before = state
        state, events = step(SETTINGS, state, [act], act.received_ns)
        assert state.events[: len(before.events)] == before.events
        assert events
        assert state.placements[: len(before.placements)] == before.placements
        assert state.versions[: len(before.versions)] == before.versions
        kept = [msgspec.structs.replace(o, lifted_ns=None, lifted_by="") for o in state.objections]
        assert kept[: len(before.objections)] == [
            msgspec.structs.replace(o, lifted_ns=None, lifted_by="") for o in before.objections
        ]
        if len(state.placements) > len(before.placements):
            assert before.status == "talks"


@settings(deadline=None, max_examples=50)
@given(histories(), st.integers(1, 10))
def test_what_comes_after_the_end_changes_nothing(
    history: tuple[list[Receipt], float], later: int
) -> None:
    acts, now_s = history
    ended = run(acts, now_s)
    if ended.status not in ("agreed", "lapsed", "withdrawn"):
        return
    more = [
        objection("LVA", now_s + later, number=900),
        consent("LVA", now_s + later + 1),
        place(now_s + later + 2, now_s + later + 60, number=901),
    ]
    after = run(more, now_s + later + 100, ended)
    assert (after.status, after.agreed_version, after.objections) == (
        ended.status,
        ended.agreed_version,
        ended.objections,
    )


def test_an_objection_one_second_before_the_deadline_breaks_silence_and_after_it_does_not() -> None:
    before = run([*placed(), objection("DEU", 99)], 101)
    assert before.status == "talks"
    assert [o.party for o in before.outstanding] == ["DEU"]
    for late_s in (100, 101):
        after = run([*placed(), objection("DEU", late_s)], 102)
        assert (after.status, after.agreed_by) == ("agreed", "silence")
        assert "agreed" in refusals(after)[0]
    agreed = run(placed(), 100)
    (event,) = [event for event in agreed.events if event.kind == "agreed"]
    assert event.at_ns == agreed.placements[-1].deadline_ns
    assert run(placed(), 99.999).status == "silence"


def test_a_backdated_objection_that_arrives_late_is_late() -> None:
    late = objection("DEU", 101, valid_ns=START_NS + 50 * SECOND_NS)
    assert run([*placed(), late], 102).status == "agreed"
    settled = run(placed(), 150)
    early_receipt = objection("DEU", 60)
    assert run([early_receipt], 151, settled).status == "agreed"


@pytest.mark.parametrize("ahead_s", [299, 301, 86_400, 10**9])
def test_a_clock_that_is_ahead_keeps_out_no_objection(ahead_s: int) -> None:
    ahead_ns = START_NS + (50 + ahead_s) * SECOND_NS
    late = run([*placed(), objection("LVA", 50, valid_ns=ahead_ns)], 200)
    assert (late.status, refusals(late)) == ("talks", [])
    yes = run(
        [*opened(), receipt("LVA", "consent", 50, version=digest_of(TEXTS[0]), valid_ns=ahead_ns)],
        60,
    )
    assert refusals(yes) == ([] if ahead_s < 300 else ["consent: is dated ahead"])


def test_an_objection_can_be_lifted_by_its_own_state_only() -> None:
    acts = [*placed(), objection("DEU", 50), place(51, 200)]
    assert "objection" in refusals(run(acts, 52))[0]
    stolen = receipt("DEU", "lift", 52, key="LVA", version=digest_of(TEXTS[0]))
    assert run([*acts, stolen], 53).outstanding
    lifted = run([*acts, lift("DEU", 54), place(55, 200)], 201)
    assert (lifted.status, lifted.objections[0].lifted_ns is not None) == ("agreed", True)


@pytest.mark.parametrize("kind", ["delegation", "shield"])
def test_a_delegation_or_a_shield_takes_every_states_explicit_consent(kind: str) -> None:
    silent = run(placed(kind), 10_000)
    assert silent.status == "talks"
    assert "never silence" in refusals(silent)[0]
    most = [*opened(kind), consent("EST", 3), consent("LVA", 4)]
    assert run(most, 10_000).status == "talks"
    assert run([*most, consent("DEU", 5)], 6).agreed_by == "consent"
    blocked = [*most, objection("LVA", 5), consent("DEU", 6)]
    assert run(blocked, 7).status == "talks"


def test_nobody_acts_for_another_state_or_twice() -> None:
    stolen = objection("DEU", 50, key="LVA")
    assert not run([*placed(), stolen], 51).objections
    assert not run([*placed(), objection("RUS", 50)], 51).objections
    real = objection("DEU", 50)
    replayed = msgspec.structs.replace(real, received_ns=START_NS + 70 * SECOND_NS)
    twice = run([*placed(), real, lift("DEU", 60), replayed], 71)
    assert len(twice.objections) == 1
    assert "already taken" in refusals(twice)[-1]
    altered = msgspec.structs.replace(real, signature=objection("DEU", 51).signature)
    assert "signature" in refusals(run([*placed(), altered], 52))[0]
    chair = receipt(CHAIR, "object", 50, version=digest_of(TEXTS[0]), words="no")
    assert not run([*placed(), chair], 51).objections
    other = receipt("DEU", "object", 50, version=digest_of(TEXTS[0]), words="no", roster="0" * 64)
    assert "another roster" in refusals(run([*placed(), other], 51))[0]


def test_the_deadline_of_a_running_silence_cannot_be_moved() -> None:
    state = run([*placed(), place(3, 50, number=1), place(4, 5000, number=2)], 60)
    assert state.status == "silence"
    assert len(state.placements) == 1
    assert all("deadline stands" in words for words in refusals(state))


def test_a_new_version_starts_afresh_and_the_old_objection_stays_on_record() -> None:
    acts = [
        *placed(),
        objection("DEU", 50),
        receipt("EST", "put", 60, text=TEXTS[1]),
        place(61, 200, TEXTS[1]),
    ]
    state = run(acts, 200)
    assert (state.status, state.agreed_version) == ("agreed", digest_of(TEXTS[1]))
    assert [(o.version, o.lifted_ns) for o in state.objections] == [(digest_of(TEXTS[0]), None)]


def test_a_matter_lapses_or_is_withdrawn_by_who_opened_it() -> None:
    acts = opened(lapses_ns=START_NS + 50 * SECOND_NS)
    assert run(acts, 49).status == "talks"
    assert run(acts, 50).status == "lapsed"
    assert run([*opened(), receipt("LVA", "withdraw", 5)], 6).status == "talks"
    assert run([*opened(), receipt("EST", "withdraw", 5)], 6).status == "withdrawn"
    beyond = [*acts, place(2, 60)]
    assert "lapses" in refusals(run(beyond, 3))[0]


def test_a_consultation_is_asked_by_a_member_and_only_the_chair_places() -> None:
    by_chair = receipt(CHAIR, "open", 0, matter_kind="consultation", title="t")
    assert run([by_chair], 1).status == "empty"
    by_member = receipt(
        "EST",
        "place",
        2,
        version=digest_of(TEXTS[0]),
        deadline_ns=START_NS + 100 * SECOND_NS,
        deadline_zone="UTC",
    )
    assert run([*opened(), by_member], 3).status == "talks"


@settings(deadline=None, max_examples=50)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40), st.integers(0, 2**62))
def test_any_bytes_are_refused_and_never_raise(
    act: str, key: str, signature: str, at_ns: int
) -> None:
    wild = Receipt(received_ns=at_ns, act=act, public_key=key, signature=signature)
    state, events = step(SETTINGS, initial(SETTINGS), [wild], at_ns)
    assert [event.kind for event in events] == ["refused"]
    assert state.status == "empty"


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=40))
def test_a_signature_is_checked_without_raising(data: bytes, signature: bytes, key: bytes) -> None:
    assert not verify(data, signature, key)
    assert verify(data, sign(data, PRIVATE["EST"]), public_key_of(PRIVATE["EST"]))


def test_an_act_is_read_back_as_it_was_signed() -> None:
    act = CouncilAct(
        act_id="1", matter_id="m", roster="0" * 64, party="EST", person="p", office="o",
        kind="put", valid_ns=1, text="ä\u2028z",
    )  # fmt: skip
    assert decode_act(encode_act(act)) == act
    assert decode_act(encode_act(act)[:-1]) is None


def test_what_nobody_signed_moves_no_time() -> None:
    junk = msgspec.structs.replace(objection("DEU", 150), signature="")
    no = objection("DEU", 50)
    state = run([*placed(), junk, no], 160)
    assert (state.status, [o.party for o in state.outstanding]) == ("talks", ["DEU"])


def test_no_flood_keeps_out_an_objection() -> None:
    bounds = msgspec.structs.replace(SETTINGS, acts_max=3)
    junk = [
        msgspec.structs.replace(objection("DEU", 3 + n), signature="", public_key="")
        for n in range(20)
    ]
    words = [receipt("LVA", "remark", 30, number=n, words="x") for n in range(20)]
    acts = [*opened(), *junk, *words, place(40, 100), consent("LVA", 41), objection("DEU", 50)]
    state, _ = step(bounds, initial(bounds), acts, START_NS + 101 * SECOND_NS)
    assert (len(state.placements), state.status) == (1, "talks")
    assert [o.party for o in state.outstanding] == ["DEU"]
    assert "as many acts" in refusals(state)[-1]  # the consent came beyond the limit


def test_an_act_id_is_spent_for_its_own_party_only() -> None:
    squatted = receipt("LVA", "remark", 40, words="x", act_id="no of DEU")
    state = run([*placed(), squatted, objection("DEU", 50, act_id="no of DEU")], 101)
    assert [o.party for o in state.outstanding] == ["DEU"]


def test_the_shortest_silence_is_an_hour_unless_it_is_set() -> None:
    usual = MatterSettings(roster=ROSTER)
    for deadline_s, status in ((3601, "talks"), (3602, "silence")):
        state, _ = step(usual, initial(usual), placed(deadline_s=deadline_s), START_NS + 10**10)
        assert state.status == status
