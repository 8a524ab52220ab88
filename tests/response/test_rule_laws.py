"""Laws of the shipped rules over all fields of a situation: an error here costs lives."""

from typing import Any

import msgspec
from any_situation import FIELDS, GRAVE_SITUATIONS, MIXED
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.model.act import Act
from vedette.model.assessment import CREWED_CIVIL
from vedette.response.confirmations import CheckState, Confirmations, check_states, gate_states
from vedette.response.evaluate import Verdict, completed, judge, main_advice
from vedette.response.rule_set import shipped_rules
from vedette.response.situation import NOT_SAID, Situation

RULES = shipped_rules()
INFORMING = frozenset(RULES.about.reading.kept_in_doubt)
APPROACHING = frozenset({"M06", "M07", "M08", "M14"})
CHECKS = st.fixed_dictionaries(
    {
        name: st.sampled_from(
            [CheckState(), CheckState("no"), CheckState("yes"), CheckState("yes", confirmed=True)]
        )
        for name in RULES.checks
    }
)
ALL_YES = {name: CheckState("yes", confirmed=True) for name in RULES.checks}
GATE = st.fixed_dictionaries(
    {name: st.sampled_from(["yes", "yes", "no", "unknown"]) for name in RULES.gate}
)
OPEN_GATE = dict.fromkeys(RULES.gate, "yes")


def _judge(situation: Situation, checks: Any, gate: Any, **more: Any) -> Verdict:
    return judge(RULES, completed(situation, RULES), checks, gate, **more)


@settings(deadline=None, max_examples=50)
@given(MIXED, CHECKS, GATE)
def test_every_situation_gets_an_answer_in_the_words_of_the_contract(
    situation: Situation, checks: Any, gate: Any
) -> None:
    verdict = _judge(situation, checks, gate)
    assert verdict.proposals
    assert verdict.measures  # something can always be done, if only to watch
    for proposal in verdict.proposals:
        rule = RULES.rules[proposal.rule]
        assert not set(proposal.measures) & set(proposal.withheld)
        assert set(proposal.measures) | set(proposal.withheld) == set(rule.measures)
        assert not set(proposal.measures) & set(rule.bans)
        assert proposal.reasons
        assert proposal.sources
        assert all(any(name in text for text in proposal.reasons) for name in proposal.withheld)


@settings(deadline=None, max_examples=50)
@given(MIXED, CHECKS, GATE)
def test_bans_of_all_rows_that_apply_hold_for_all_rows(
    situation: Situation, checks: Any, gate: Any
) -> None:
    verdict = _judge(situation, checks, gate)
    for name, how in verdict.standing.items():
        if how == "applies":
            assert not verdict.measures & set(RULES.rules[name].bans)


@settings(deadline=None, max_examples=50)
@given(MIXED, CHECKS, GATE)
def test_the_output_is_the_first_rung_that_the_measures_reach(
    situation: Situation, checks: Any, gate: Any
) -> None:
    verdict = _judge(situation, checks, gate)
    assert verdict.output in {
        main_advice(verdict.measures, civil_object=civil) for civil in (True, False)
    }
    if "M13" in verdict.measures:
        assert verdict.output == "HAND_OVER_TO_NATIONAL_AUTHORITY"
    elif "M09" in verdict.measures:
        assert verdict.output == "WARN_PUBLIC"
    elif "M17" in verdict.measures:
        assert verdict.output == "ASSIST"


@settings(deadline=None, max_examples=50)
@given(MIXED, st.sampled_from(["class", "civil", "need", "plan", "unknown"]), st.data())
def test_no_civil_or_unknown_object_ever_reaches_the_question(
    situation: Situation, how: str, data: st.DataObject
) -> None:
    changes: dict[str, Any] = {
        "class": {"object_class": data.draw(st.sampled_from(sorted(CREWED_CIVIL)))},
        "civil": {"civil": data.draw(st.sampled_from(["confirmed", "possible", None]))},
        "need": {
            data.draw(
                st.sampled_from(
                    ["radio_failure", "radio_contact_lost", "emergency", "unlawful_interference",
                     "crew_not_responding", "civil_sign"]
                )
            ): True
        },
        "plan": {"plan_fits": True},
        "unknown": {"object_class": data.draw(st.sampled_from([None, "unknown"]))},
    }[how]  # fmt: skip
    verdict = _judge(msgspec.structs.replace(situation, **changes), ALL_YES, OPEN_GATE)
    assert verdict.force_question != "admissible"
    assert "M14" not in verdict.measures
    if how in ("class", "need", "plan", "unknown"):
        assert verdict.force_question == "never"


@settings(deadline=None, max_examples=50)
@given(GRAVE_SITUATIONS, CHECKS, GATE)
def test_the_question_is_closed_until_the_whole_gate_is_yes(
    situation: Situation, checks: Any, gate: Any
) -> None:
    verdict = _judge(situation, checks, gate)
    force_rows = {"R15", "R17"} & {n for n, how in verdict.standing.items() if how == "applies"}
    if not force_rows:
        assert verdict.force_question == "never"
        return
    uncrewed = (situation.object_class or "").startswith("drone")
    asked = [name for name in gate if not (uncrewed and name in ("F16", "F17", "F18"))]
    if any(gate[name] != "yes" for name in asked):
        assert verdict.force_question == "closed"
    if verdict.force_question == "admissible":
        assert situation.civil == "excluded"
        assert situation.state != "LUX"


def test_the_gate_can_open_or_the_laws_above_would_say_nothing() -> None:
    facts: dict[str, Any] = dict.fromkeys(
        (
            "plan_fits",
            "civil_sign",
            "radio_failure",
            "radio_contact_lost",
            "emergency",
            "unlawful_interference",
            "crew_not_responding",
            "threat_message",
            "exercise",
            "drifting",  # a row that may apply closes what it bans
            "replay",
            "node_isolated",
            "reported_by_people_only",
            "track_lost",
        ),
        False,
    )
    situation = Situation(
        identity="suspect", object_class="drone_long_range", civil="excluded", where="inside",
        member=True, state="LTU", heading_to_site=True, sensors_healthy=True, sensor_count=3,
        sensor_kind_count=2, civil_feed=True, **facts,
    )  # fmt: skip
    assert _judge(situation, ALL_YES, OPEN_GATE).force_question == "admissible"
    for blind in (False, None):
        unseeing = msgspec.structs.replace(situation, civil_feed=blind)
        assert _judge(unseeing, ALL_YES, OPEN_GATE).force_question == "closed"
    for name in RULES.gate:
        if name not in ("F16", "F17", "F18"):
            less = {**OPEN_GATE, name: "unknown"}
            assert _judge(situation, ALL_YES, less).force_question == "closed"
            less.pop(name)
            assert _judge(situation, ALL_YES, less).force_question == "closed"


@settings(deadline=None, max_examples=50)
@given(MIXED, CHECKS, GATE, st.data())
def test_a_check_that_becomes_unknown_opens_nothing_and_takes_nothing_that_informs(
    situation: Situation, checks: dict[str, CheckState], gate: Any, data: st.DataObject
) -> None:
    lost = data.draw(st.sets(st.sampled_from(sorted(checks)), min_size=1))
    before = _judge(situation, checks, gate)
    after = _judge(situation, {**checks, **dict.fromkeys(lost, CheckState())}, gate)
    assert after.measures <= before.measures
    assert INFORMING & before.measures <= after.measures
    rank = ("never", "closed", "admissible")
    assert rank.index(after.force_question) <= rank.index(before.force_question)


@settings(deadline=None, max_examples=50)
@given(MIXED, CHECKS, GATE, st.data())
def test_a_fact_that_becomes_unknown_opens_no_approach_and_takes_nothing_that_informs(
    situation: Situation, checks: dict[str, CheckState], gate: Any, data: st.DataObject
) -> None:
    lost = data.draw(st.sets(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=8))
    # what a table knows of the state is not doubted away with it
    whole = completed(situation, RULES)
    doubtful = msgspec.structs.replace(whole, **dict.fromkeys(lost, None))
    before = judge(RULES, whole, checks, gate)
    held = frozenset(name for name, how in before.standing.items() if how != "fallback")
    after = judge(RULES, doubtful, checks, gate, held=held)
    assert APPROACHING & after.measures <= before.measures
    assert INFORMING & before.measures <= after.measures
    rank = ("never", "closed", "admissible")
    assert rank.index(after.force_question) <= rank.index(before.force_question)


YES = {
    name: (
        Act(act_id=name, kind="confirm_check", person="Ann", office="o", valid_ns=0, subject=name, words="seen"),
    )
    for name in (*RULES.checks, *RULES.gate)
}  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(MIXED, st.sampled_from([True, None]), st.booleans())
def test_a_node_that_is_cut_off_or_may_be_opens_nothing_and_takes_nothing_that_informs(
    situation: Situation, isolated: bool | None, said: bool
) -> None:
    linked = msgspec.structs.replace(completed(situation, RULES), node_isolated=False)
    elsewhere = {  # what nobody said here somebody may have said at another node
        name: None for name in NOT_SAID if getattr(linked, name) is False
    }
    cut_off = msgspec.structs.replace(linked, node_isolated=isolated, **elsewhere)
    given_ = Confirmations(yes=YES) if said else Confirmations()

    def judged(facts: Situation, held: frozenset[str]) -> Verdict:
        checks = check_states(RULES, facts, given_, 0)
        gate = gate_states(RULES, facts, given_, checks, 0)
        assert facts.node_isolated is False or gate["F12"] != "yes"
        return judge(RULES, facts, checks, gate, held=held)

    before = judged(linked, frozenset())
    stood = frozenset(name for name, how in before.standing.items() if how != "fallback")
    after = judged(cut_off, stood)
    assert APPROACHING & after.measures <= before.measures
    assert INFORMING & before.measures <= after.measures
    assert "M14" not in after.measures
    assert after.force_question != "admissible"
    if isolated:
        assert "R30" in after.standing
    assert after.standing.keys() - before.standing.keys() <= {"R30", RULES.about.reading.fallback}


@settings(deadline=None, max_examples=50)
@given(MIXED)
def test_without_any_check_nothing_approaches(situation: Situation) -> None:
    verdict = _judge(situation, {}, {})
    assert not APPROACHING & verdict.measures
    assert verdict.force_question != "admissible"


@settings(deadline=None, max_examples=50)
@given(MIXED)
def test_the_system_alone_never_confirms_a_check(situation: Situation) -> None:
    states = check_states(RULES, completed(situation, RULES), Confirmations(), 0)
    assert not any(state.confirmed for state in states.values())
    assert all(states[name].answer != "yes" for name in ("K2", "K5", "K7", "K10", "K11", "K12"))


SILENT = Situation(
    identity="unknown", civil="possible", where="inside", state="EST", member=True,
    radio_failure=False, emergency=False, unlawful_interference=False, crew_not_responding=False,
    threat_message=False, civil_sign=False,
)  # fmt: skip


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(["radio_contact_lost", "radio_failure"]),
    st.fixed_dictionaries(
        {
            name: FIELDS[name]
            for name in (
                "object_class", "identity", "cooperative", "plan_fits", "speed_mps", "height_m",
                "where", "depth_m", "inside_s", "leaving", "heading_to_site", "sensors_healthy",
                "replay", "exercise", "sensor_count", "group_size", "gnss_interference",
                "hostile_act", "armed_type_seen", "state", "off_route", "track_lost",
            )
        }
    ),
    CHECKS,
)  # fmt: skip
def test_an_aircraft_that_lost_radio_contact_is_helped_whatever_else_is_thought_of_it(
    need: str, thought: dict[str, Any], checks: Any
) -> None:
    # nearly all combinations: only a bird that a person confirmed, or a message, would differ
    situation = msgspec.structs.replace(SILENT, **(thought | {need: True}))
    verdict = _judge(situation, checks, OPEN_GATE)
    assert verdict.output == "ASSIST"
    assert verdict.force_question == "never"
    assert not {"R12", "R13", "R14", "R15", "R16", "R17", "R18"} & verdict.standing.keys()
