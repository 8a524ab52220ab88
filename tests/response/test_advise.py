"""The stage: incidents and acts over time."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.model.act import Act
from vedette.model.assessment import Assessment
from vedette.model.incident import Bounds, Crossing, Incident, Moment
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.response import advise
from vedette.response.desk.revocation import withdrawn
from vedette.response.rule_set import shipped_rules
from vedette.response.situation import STATEMENTS, FeedHealth, Situation, opens, situation_of

RULES = shipped_rules()
SETTINGS = advise.ResponseSettings()
START_NS = 1_758_265_080 * SECOND_NS
SOUND = FeedHealth(
    sensors_healthy=True,
    replay=False,
    exercise=False,
    replies_heard=True,
    plans_held=True,
    needs_heard=True,
    sensor_kinds={"a": "psr", "b": "mlat"},
    seen_now=("a", "b"),
    kinds_agree_s=300.0,
)
ZONES = {
    "EST": Zone(zone_id="EST", kind="sovereign", name="Estonia", state="EST", member=True, source="s"),
    "LTU": Zone(zone_id="LTU", kind="sovereign", name="Lithuania", state="LTU", member=True, source="s"),
    "RUS": Zone(zone_id="RUS", kind="sovereign", name="Russia", state="RUS", source="s"),
    "D1": Zone(zone_id="D1", kind="disputed", name="disputed", state=None, source="s"),
    "FIR": Zone(zone_id="FIR", kind="fir", name="fir", state="EST", source="s"),
}  # fmt: skip


def crossing(zone_id: str = "EST", **changes: Any) -> Crossing:
    moment = Moment(estimate_ns=START_NS, low_ns=START_NS, high_ns=START_NS)
    facts: dict[str, Any] = {
        "track_id": "t1",
        "zone_id": zone_id,
        "state": zone_id,
        "entered": moment,
        "left": None,
        "inside_s": Bounds(estimate=300, low=290, high=310),
        "depth_m": Bounds(estimate=6000, low=5700, high=6300),
        "probability": 1.0,
    }
    return Crossing(**(facts | changes))


def incident(*crossings: Crossing, **changes: Any) -> Incident:
    facts: dict[str, Any] = {
        "incident_id": "i1",
        "revision": 1,
        "group_id": None,
        "status": "open",
        "causes": ("unexplained_crossing",),
        "track_id": "t1",
        "opened_ns": START_NS,
        "valid_ns": START_NS,
        "crossings": crossings or (crossing(),),
        "latitude_deg": 59.8,
        "longitude_deg": 26.4,
        "pressure_altitude_m": None,
        "ground_speed_mps": 250.0,
        "track_angle_rad": 1.0,
        "sensors": ("a", "b"),
    }
    return Incident(**(facts | changes))


def assessment(**changes: Any) -> Assessment:
    facts: dict[str, Any] = {
        "track_id": "t1",
        "valid_ns": START_NS,
        "object_class": "military_aircraft",
        "class_probability": 0.9,
        "class_probabilities": {"military_aircraft": 0.9, "airliner": 0.1},
        "identity": "unknown",
        "civil": "possible",
        "cooperative": False,
        "explained_by": None,
    }
    return Assessment(**(facts | changes))


def act(kind: Any, at_s: float = 0.0, **facts: Any) -> Act:
    plain: dict[str, Any] = {
        "act_id": f"{kind} {facts.get('subject')} {facts.get('person', 'Ann')} {at_s}",
        "kind": kind,
        "person": "Ann",
        "office": "watch",
        "valid_ns": START_NS + int(at_s * SECOND_NS),
        "incident_id": "i1",
        "words": "seen and checked",
    }
    return Act(**(plain | facts))


def situation(
    seen: Incident | None = None, known: Assessment | None = None, health: FeedHealth = SOUND
) -> Situation:
    return situation_of(seen or incident(), known or assessment(), ZONES, health, (), START_NS, 3)


def run(
    facts: Situation,
    acts: tuple[Act, ...] = (),
    at_s: float = 0.0,
    state: Any = None,
    **changes: Any,
) -> tuple[Any, Any]:
    state = state or advise.initial(SETTINGS)
    state, advice = advise.step(
        SETTINGS,
        state,
        [(incident(**changes), facts)],
        RULES,
        acts,
        START_NS + int(at_s * SECOND_NS),
    )
    return state, (advice[0] if advice else None)


def rows(advice: Any) -> set[str]:
    return {proposal.rule for proposal in advice.proposals}


def test_three_dark_jets_inside_are_escorted_and_the_question_is_never() -> None:
    _, advice = run(situation())
    assert (advice.output, advice.force_question) == ("ESCORT", "never")
    assert {"R14", "R29"} <= rows(advice)
    (r14,) = [proposal for proposal in advice.proposals if proposal.rule == "R14"]
    assert "no recorded authority" in r14.authority
    assert r14.deadline_s == 60
    assert advice.authority is None
    assert advice.gate == {}


@pytest.mark.parametrize(
    ("seen_now", "count", "kinds"),
    [(("a", "b"), 2, 2), (("a",), 1, 1), ((), 0, 0), (None, None, None), (("a", "c"), 2, None)],
)
def test_counted_are_the_sensors_that_see_it_now_and_not_those_that_once_did(
    seen_now: tuple[str, ...] | None, count: int | None, kinds: int | None
) -> None:
    facts = situation(health=msgspec.structs.replace(SOUND, seen_now=seen_now))
    assert (facts.sensor_count, facts.sensor_kind_count) == (count, kinds)
    assert facts.reported_by_people_only is False  # a radar has seen it, whoever sees it now
    _, advice = run(facts)
    escorted = any("M07" in proposal.measures for proposal in advice.proposals)
    assert escorted == (count == 2)


def test_without_an_assessment_it_is_pending_and_nothing_approaches() -> None:
    facts = situation_of(incident(), None, ZONES, SOUND, (), START_NS, None)
    assert facts.identity == "pending"
    assert facts.object_class is None
    _, advice = run(facts)
    measures = {name for proposal in advice.proposals for name in proposal.measures}
    assert not {"M06", "M07", "M08", "M14"} & measures


def test_where_it_is_follows_the_crossings() -> None:
    def where(*crossings: Crossing, **changes: Any) -> Any:
        facts = situation(incident(*crossings, **changes))
        return facts.where, facts.state, facts.member

    assert where(crossing()) == ("inside", "EST", True)
    assert where(crossing("RUS")) == ("another_state", "RUS", False)
    assert where(crossing("RUS"), crossing(predicted=True)) == ("approaching", "EST", True)
    assert where(crossing("FIR")) == ("outside", None, False)
    assert where(crossing("D1"))[0] is None
    assert where(crossing("unheard of"))[0] is None
    # whose it is has a default, and stays unsettled
    assert where(crossing("D1"), crossing()) == ("inside", "EST", None)
    assert where(crossing(), disputed=(crossing("D1"),)) == ("inside", "EST", None)
    left = crossing(left=Moment(estimate_ns=START_NS, low_ns=START_NS, high_ns=START_NS))
    assert where(left) == ("outside", None, False)
    assert where(left, status="closed") == ("inside", "EST", True)
    past = msgspec.structs.replace(left, zone_id="D1")
    assert where(crossing(), disputed=(past,)) == ("inside", "EST", True)


def test_only_changed_advice_is_given() -> None:
    state, first = run(situation())
    assert first is not None
    state, again = run(situation(), at_s=1, state=state)
    assert again is None
    deeper = msgspec.structs.replace(situation(), depth_m=9000.0, inside_s=420.0)
    state, same = run(deeper, at_s=2, state=state)
    assert same is None  # current figures are the incident's; the advice has not changed
    _, changed = run(situation(health=FeedHealth()), at_s=3, state=state)
    assert changed.output == "IDENTIFY"


def test_a_closed_incident_is_summed_up_by_what_stood_while_it_was_inside() -> None:
    state, inside = run(situation())
    assert "R14" in rows(inside)
    outside = situation(incident(crossing("FIR")))
    state, left = run(outside, at_s=100, state=state)
    assert "R14" not in rows(left)  # while it is open, advice follows the situation
    state, closed = run(outside, at_s=130, state=state, status="closed")
    assert closed == inside
    _, again = run(outside, at_s=131, state=state, status="closed")
    assert again is None
    _, first_seen = run(situation(incident(status="closed")), status="closed")
    assert first_seen.force_question == "never"


def test_a_moment_of_other_advice_does_not_sum_up_an_incident() -> None:
    drone = situation(known=assessment(object_class="drone_long_range"))
    state, warned = run(drone)
    assert warned.output == "WARN_PUBLIC"
    state, _ = run(situation(), at_s=5, state=state)
    _, closed = run(situation(incident(crossing("FIR"))), at_s=95, state=state, status="closed")
    assert closed is None  # the escort that stood for ninety seconds is the last advice already


def test_no_question_stays_open_in_a_closed_incident() -> None:
    state, advice = run(GRAVE, full_desk(), at_s=1)
    assert advice.force_question == "admissible"
    _, closed = run(GRAVE, at_s=50, state=state, status="closed")
    assert closed.force_question == "closed"
    assert not any("M14" in proposal.measures for proposal in closed.proposals)


@pytest.mark.parametrize("heard", [None, False])
def test_where_nobody_listens_an_object_is_not_held_to_be_silent(heard: bool | None) -> None:
    deaf = msgspec.structs.replace(SOUND, replies_heard=heard)
    _, advice = run(situation(health=deaf))
    assert advice.checks["K3"] == "unknown"
    measures = {name for proposal in advice.proposals for name in proposal.measures}
    assert {"M02", "M03", "M05"} <= measures
    assert not {"M07", "M08", "M14"} & measures
    replies = situation(known=assessment(cooperative=True), health=deaf)
    assert run(replies)[1].checks["K3"] == "no"


@pytest.mark.parametrize("value", ["suspect", "civil_excluded"])
@pytest.mark.parametrize("age_s", [0, 300, 599])
def test_what_one_person_alone_has_lately_called_it_closes_the_gate(value: str, age_s: int) -> None:
    alone = act("set_identity", 600 - age_s, value=value, person="Cy")
    _, advice = run(GRAVE, (*full_desk(600), alone), at_s=600)
    assert (advice.force_question, advice.gate["F15"]) == ("closed", "no")
    _, before = run(GRAVE, full_desk(600), at_s=600)
    assert before.force_question == "admissible"


def test_a_second_signature_needs_no_waiting() -> None:
    both = act("set_identity", 600, value="hostile", reviewer="Finn")
    hostile = msgspec.structs.replace(GRAVE, identity="hostile")
    assert run(hostile, (*full_desk(600), both), at_s=600)[1].force_question == "admissible"


def test_a_stale_feed_keeps_what_informs_and_closes_what_approaches() -> None:
    drone = situation(known=assessment(object_class="drone_long_range"))
    state, before = run(drone)
    assert before.output == "WARN_PUBLIC"
    blind = msgspec.structs.replace(
        drone, object_class=None, sensors_healthy=None, where=None, cooperative=None, plan_fits=None
    )
    _, after = run(blind, at_s=1, state=state)
    assert after.output == "WARN_PUBLIC"
    measures = {name for proposal in after.proposals for name in proposal.measures}
    assert not {"M06", "M07", "M08", "M14"} & measures
    _, never_known = run(blind)
    assert never_known.output == "MONITOR"  # what was never known warns nobody


def test_suspect_takes_a_named_person_and_hostile_a_reviewer() -> None:
    hostile = msgspec.structs.replace(situation(), identity="hostile", hostile_act=True)
    _, machine = run(hostile)
    assert machine.force_question == "never"  # nobody said so: it is not that
    one = act("set_identity", value="hostile")
    _, alone = run(hostile, (one, act("confirm_check", subject="hostile_act")))
    assert "R15" in rows(alone)  # as suspect
    _, own_reviewer = run(hostile, (act("set_identity", value="suspect", words=""),))
    assert own_reviewer.force_question == "never"
    _, expired = run(hostile, (one,), at_s=1801)
    assert expired.force_question == "never"
    excluded = act("set_identity", 5, value="civil_excluded")
    _, still = run(hostile, (one, excluded), at_s=6)
    assert "R15" in rows(still)  # another kind of act takes nothing back
    same = act("set_identity", value="hostile", reviewer=" ANN ")
    facts = msgspec.structs.replace(hostile, radio_failure=True)
    assert run(facts, (same,))[1].output == "ASSIST"  # a flight in need, whatever it is called
    nobody = act("set_identity", value="suspect", person=" ")
    _, unnamed = run(hostile, (nobody,))
    assert unnamed.force_question == "never"


GRAVE = msgspec.structs.replace(
    situation(
        incident(crossing("LTU")),
        assessment(
            object_class="drone_long_range",
            class_probabilities={"drone_long_range": 1.0},
            identity="suspect",
            civil="excluded",
        ),
    ),
    air_defence_active=False,
    friend_candidate=False,
    drifting=False,  # a row that may apply closes what it bans
    group_size=1,
)
SUBJECTS = (
    *RULES.checks,
    *(name for name in RULES.gate if name not in ("F13", "F16", "F17", "F18")),
)


def full_desk(at_s: float = 0.0) -> tuple[Act, ...]:
    return (
        act("set_identity", at_s - 700, value="suspect"),
        act("confirm_check", at_s, subject="heading_to_site"),
        *(act("confirm_check", at_s, subject=name) for name in SUBJECTS),
        act("confirm_check", at_s, subject="F13", person="Ben"),
    )


def test_only_the_whole_gate_by_named_people_makes_the_question_admissible() -> None:
    _, advice = run(GRAVE, full_desk(), at_s=1)
    assert advice.force_question == "admissible"
    assert set(advice.gate.values()) == {"yes"}


def test_over_a_disputed_area_nobody_is_asked_whichever_state_has_it_by_default() -> None:
    seen = incident(crossing("LTU"), disputed=(crossing("D1"),))
    known = assessment(
        object_class="drone_long_range", class_probabilities={"drone_long_range": 1.0},
        identity="suspect", civil="excluded",
    )  # fmt: skip
    here = situation(seen, known)
    for member, question in ((here.member, "closed"), (True, "admissible")):
        facts = msgspec.structs.replace(GRAVE, member=member)
        _, advice = run(facts, full_desk(), at_s=1)
        assert advice.force_question == question
        assert "R17" in rows(advice)


@pytest.mark.parametrize(("isolated", "answer"), [(True, "no"), (None, "unknown")])
def test_a_node_that_is_cut_off_or_may_be_closes_the_gate(
    isolated: bool | None, answer: str
) -> None:
    state, before = run(GRAVE, full_desk(), at_s=1)
    assert (before.force_question, before.gate["F12"]) == ("admissible", "yes")
    cut_off = msgspec.structs.replace(GRAVE, node_isolated=isolated)
    state, after = run(cut_off, full_desk(), at_s=2, state=state)
    assert (after.force_question, after.gate["F12"]) == ("closed", answer)
    assert ("R30" in rows(after)) is (isolated is True)
    _, again = run(GRAVE, full_desk(), at_s=3, state=state)
    # a check that was refuted begins the gate again: what was confirmed before says nothing more
    assert again.force_question == ("closed" if isolated else "admissible")


@settings(deadline=None, max_examples=50)
@given(
    st.integers(1, len(full_desk()) - 1),
    st.sampled_from(["absent", "denied", "unnamed", "wordless", "stale", "future", "elsewhere"]),
)
def test_any_one_confirmation_that_fails_closes_it(index: int, how: str) -> None:
    desk = list(full_desk())
    one = desk[index]
    replaced = {
        "absent": [],
        "denied": [one, msgspec.structs.replace(one, act_id="no", kind="deny_check", person="Cy")],
        "unnamed": [msgspec.structs.replace(one, person="")],
        "wordless": [msgspec.structs.replace(one, words=" ")],
        "stale": [msgspec.structs.replace(one, valid_ns=one.valid_ns - 4000 * SECOND_NS)],
        "future": [msgspec.structs.replace(one, valid_ns=one.valid_ns + 60 * SECOND_NS)],
        "elsewhere": [msgspec.structs.replace(one, incident_id="i2")],
    }[how]
    desk[index : index + 1] = replaced
    _, advice = run(GRAVE, tuple(desk), at_s=1)
    if one.subject == "heading_to_site" and how == "stale":
        return  # a statement of fact does not age
    assert advice.force_question != "admissible"


@pytest.mark.parametrize("subject", sorted(STATEMENTS))
def test_a_statement_that_is_no_opening_one_never_leads_to_the_question(subject: str) -> None:
    for seen in (None, False, True):
        facts = msgspec.structs.replace(GRAVE, **{subject: seen})
        desk = tuple(one for one in full_desk() if one.subject != subject)
        before = run(facts, desk, at_s=1)[1].force_question
        for kind in ("confirm_check", "deny_check"):
            said = act(kind, subject=subject, person="Cy")
            after = run(facts, (*desk, said), at_s=1)[1].force_question
            assert opens(said) or before == "admissible" or after != "admissible"


def test_a_withdrawn_act_that_is_called_like_a_check_takes_no_ones_no_along() -> None:
    no = act("deny_check", subject="K3", person="Cy")
    stolen = msgspec.structs.replace(
        act("confirm_check", subject="hostile_act", person="Cy"), act_id="K3"
    )
    desk = (*full_desk(), no, stolen)
    state, before = run(GRAVE, desk, at_s=1)
    assert before.checks["K3"] == "no"
    gone = withdrawn([no, stolen], "mark", START_NS + 2 * SECOND_NS)
    _, after = run(GRAVE, gone, at_s=2, state=state)
    assert after is None or after.checks["K3"] == "no"


def test_the_refuter_is_a_second_person() -> None:
    for person in ("Ann", " ann", "ANN ", "A\u200bnn", "\u200b", "An\ufe0fn", "\u3164"):
        desk = [*full_desk()[:-1], act("confirm_check", subject="F13", person=person)]
        _, advice = run(GRAVE, tuple(desk), at_s=1)
        assert (advice.force_question, advice.gate["F13"]) == ("closed", "unknown")


def test_who_confirmed_a_check_refutes_no_dossier() -> None:
    for check in RULES.checks:
        also = act("confirm_check", subject=check, person="ben ")
        _, advice = run(GRAVE, (*full_desk(), msgspec.structs.replace(also, act_id="also")), at_s=1)
        assert (advice.force_question, advice.gate["F13"]) == ("closed", "unknown")


@pytest.mark.parametrize("ids", [("a", "z"), ("z", "a")])
def test_of_a_yes_and_a_no_that_come_in_one_instant_the_no_is_kept(ids: tuple[str, str]) -> None:
    yes = msgspec.structs.replace(act("confirm_check", subject="K1"), act_id=ids[0])
    no = msgspec.structs.replace(act("deny_check", subject="K1"), act_id=ids[1])
    _, advice = run(GRAVE, (*full_desk(), yes, no), at_s=1)
    assert advice.force_question != "admissible"
    assert advice.checks["K1"] == "no"


def test_what_was_confirmed_in_one_states_airspace_says_nothing_in_the_next() -> None:
    state, advice = run(GRAVE, full_desk(), at_s=1)
    assert advice.checks["K1"] == "yes"
    over = msgspec.structs.replace(GRAVE, state="LVA" if GRAVE.state == "EST" else "EST")
    found, (there,) = advise.step(
        SETTINGS, state, [(incident(), over)], RULES, (), START_NS + 2 * SECOND_NS
    )
    confirmed_only = {name for name, check in RULES.checks.items() if check.found_when is None}
    assert {there.checks[name] for name in confirmed_only} == {"unknown"}
    assert there.force_question != "admissible"
    again = full_desk(3)
    _, (anew,) = advise.step(
        SETTINGS, found, [(incident(), over)], RULES, again, START_NS + 4 * SECOND_NS
    )
    assert set(anew.checks.values()) == {"yes"}


def test_who_confirmed_what_is_told_only_while_the_question_may_be_put() -> None:
    _, advice = run(GRAVE, full_desk(), at_s=1)
    said = {(one.subject, one.person) for one in advice.confirmed}
    assert said == {(name, "Ann") for name in SUBJECTS} | {("F13", "Ben")}
    _, closed = run(GRAVE, full_desk()[:-1], at_s=1)
    assert closed.confirmed == ()
    assert advise.without_question(advice, "x").confirmed == ()


def test_old_words_close_the_gate() -> None:
    state, advice = run(GRAVE, full_desk(), at_s=60)
    assert advice.force_question == "admissible"
    _, later = run(GRAVE, at_s=60.001, state=state)
    assert later.force_question == "closed"


def test_civil_evidence_closes_the_question_at_once_and_restarts_the_gate() -> None:
    state, advice = run(GRAVE, full_desk(), at_s=1)
    assert advice.force_question == "admissible"
    state, civil = run(msgspec.structs.replace(GRAVE, plan_fits=True), at_s=2, state=state)
    assert civil.force_question == "never"
    state, after = run(GRAVE, at_s=3, state=state)  # the plan turned out to be another's
    assert after.force_question == "closed"  # what was confirmed before counts no more
    state, _ = run(GRAVE, (act("set_identity", 3.5, value="suspect"),), at_s=4, state=state)
    state, alone = run(GRAVE, full_desk(5), at_s=6, state=state)
    assert alone is None or alone.gate["F15"] == "no"  # one person alone, seconds ago
    _, again = run(GRAVE, full_desk(610), at_s=611, state=state)
    assert again.force_question == "admissible"


def test_one_persons_no_is_not_outvoted_and_can_be_taken_back_by_that_person_only() -> None:
    no = act("deny_check", 1, subject="F08", person="Cy")
    state, advice = run(GRAVE, (*full_desk(), no), at_s=2)
    assert (advice.force_question, advice.gate["F08"]) == ("closed", "no")
    state, still = run(
        GRAVE, (act("confirm_check", 3, subject="F08", person="Dan"),), at_s=4, state=state
    )
    assert still is None or still.force_question == "closed"
    _, back = run(
        GRAVE, (act("confirm_check", 5, subject="F08", person="Cy"),), at_s=6, state=state
    )
    assert back.force_question == "admissible"


def test_a_persons_no_to_a_civil_check_makes_it_a_civil_case() -> None:
    _, advice = run(situation(), (act("deny_check", subject="K2"),), at_s=1)
    assert "R14" not in rows(advice)
    assert advice.force_question == "never"
    assert advice.checks["K2"] == "no"


@settings(deadline=None, max_examples=20)
@given(st.permutations(list(full_desk())))
def test_the_order_and_the_repetition_of_acts_do_not_matter(desk: list[Act]) -> None:
    _, one = run(GRAVE, full_desk(), at_s=1)
    state, _ = run(GRAVE, tuple(desk[:10]), at_s=1)
    state, two = run(GRAVE, tuple(desk), at_s=1, state=state)
    assert two.proposals == one.proposals
    assert two.force_question == one.force_question


def test_what_is_remembered_is_bounded() -> None:
    few = advise.ResponseSettings(cases_max=3, acts_max=5)
    state = advise.initial(few)
    for number in range(10):
        name = f"i{number}"
        state, _ = advise.step(
            few,
            state,
            [(incident(incident_id=name), situation())],
            RULES,
            [act("confirm_check", number, subject=f"K{number % 12 + 1}", incident_id=name)],
            START_NS + number * SECOND_NS,
        )
    assert len(state.cases) <= 3
    assert len(state.acts) <= 5


@pytest.mark.parametrize("fact", ["hostile_act", "heading_to_site", "armed_type_seen"])
def test_a_contested_act_or_danger_closes_the_gate(fact: str) -> None:
    desk = (*full_desk(), act("confirm_check", subject=fact))
    assert run(GRAVE, desk, at_s=1)[1].force_question == "admissible"
    _, contested = run(GRAVE, (*desk, act("deny_check", subject=fact, person="Cy")), at_s=1)
    assert (contested.force_question, contested.gate["F06"]) == ("closed", "no")


def test_a_lost_track_is_never_asked_about() -> None:
    _, lost = run(msgspec.structs.replace(GRAVE, track_lost=True), full_desk(), at_s=1)
    assert lost.force_question != "admissible"
    jet = msgspec.structs.replace(
        GRAVE, object_class="military_aircraft", hostile_act=True, radio_answered=False,
        radio_failure=False, radio_contact_lost=False, emergency=False,
        unlawful_interference=False, crew_not_responding=False, threat_message=False,
    )  # fmt: skip
    for track_lost, answer in ((False, "yes"), (True, "no")):
        seen = msgspec.structs.replace(jet, track_lost=track_lost)
        _, advice = run(seen, (*full_desk(), act("confirm_check", subject="hostile_act")), at_s=1)
        assert (advice.gate["F03"], "R15" in rows(advice)) == (answer, True)


@pytest.mark.parametrize("fact", ["crew_not_responding", "friend_candidate"])
def test_a_persons_no_does_not_take_away_what_the_system_holds_true(fact: str) -> None:
    seen = msgspec.structs.replace(GRAVE, **{fact: True})
    _, advice = run(seen, (*full_desk(), act("deny_check", subject=fact)), at_s=1)
    assert advice.force_question != "admissible"


def test_confirmations_do_not_follow_an_incident_to_another_track() -> None:
    state, advice = run(GRAVE, full_desk(), at_s=1)
    assert advice.force_question == "admissible"
    state, moved = run(GRAVE, at_s=2, state=state, track_id="t2")
    assert moved.force_question == "closed"
    assert "yes" not in {moved.gate[name] for name in ("F02", "F05", "F13")}
    state, again = run(GRAVE, full_desk(3), at_s=4, state=state, track_id="t2")
    assert again.force_question == "admissible"


def test_a_no_without_words_silences_nothing() -> None:
    bird = situation(known=assessment(object_class="bird"))
    _, plain = run(bird, at_s=1)
    _, wordless = run(bird, (act("deny_check", subject="K10", words=" "),), at_s=1)
    _, in_words = run(bird, (act("deny_check", subject="K10"),), at_s=1)

    def measures(advice: Any) -> set[str]:
        return {name for proposal in advice.proposals for name in proposal.measures}

    assert measures(wordless) & set(RULES.about.reading.kept_in_doubt) == measures(plain) & set(
        RULES.about.reading.kept_in_doubt
    )
    assert measures(in_words) < measures(wordless)


@pytest.mark.parametrize(
    ("said_of", "then"),
    [
        ({"track_id": "t1"}, {"track_id": "t2"}),  # its track was lost, and another found for it
        ({"incident_id": "i2", "track_id": "t0"}, {"joined": ("i2",)}),  # two tracks were merged
    ],
)
def test_a_word_about_another_track_is_kept_with_its_reason_and_asked_again(
    said_of: dict[str, Any], then: dict[str, Any]
) -> None:
    civil = situation(known=assessment(civil="confirmed", object_class="airliner"))
    word = act("confirm_check", subject="crew_not_responding", **said_of)

    def reasons(advice: Any) -> list[str]:
        (r08,) = [one for one in advice.proposals if one.rule == "R08"]
        return [reason for reason in r08.reasons if "the crew does not respond" in reason]

    def facts(acts: tuple[Act, ...], **changes: Any) -> Situation:
        return advise.state_facts(civil, advise.about(acts, incident(**changes)), START_NS)

    now = {"track_id": "t1", **then}
    assert facts((word,), **now).crew_not_responding is True
    state, advice = run(civil, (word,), **now)
    plain, asked = reasons(advice)
    assert plain == "the crew does not respond"
    assert f"Ann said so of {said_of['track_id']}" in asked
    assert asked.endswith(f"ask whether it is so of {now['track_id']}")
    # said anew, of the track that it is now
    anew = act("confirm_check", 10.0, subject="crew_not_responding", track_id=now["track_id"])
    _, advice = run(civil, (anew,), 10.0, state, **now)
    assert reasons(advice) == ["the crew does not respond"]
    # a split: an incident of its own, of the other track, hears nothing of it
    apart = facts((word, anew), incident_id="i3", track_id="t3")
    assert apart.crew_not_responding is not True
