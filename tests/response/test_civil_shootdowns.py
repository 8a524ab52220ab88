"""Civil aircraft that were shot down, with the misleading evidence that the crews had: never again.

The object is what it was; each piece of evidence says that it is something else. All subsets of up to
seven pieces are judged, which is all states that any order of them passes through (the judgement is a
function of the set and the times, and is remembered), on both sides of every time at which something
expires. Orders that matter to what is remembered between steps are drawn at random, with feeds lost.
"""

from functools import cache
from itertools import combinations, permutations
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.model.act import Act
from vedette.model.incident import Incident
from vedette.model.time import SECOND_NS
from vedette.response import advise
from vedette.response.rule_set import shipped_rules
from vedette.response.situation import Situation

RULES: Final = shipped_rules()
SETTINGS: Final = advise.ResponseSettings()
NOW_NS: Final = 1_758_265_080 * SECOND_NS
# seconds at which confirmations, the dossier, checks and SUSPECT expire
LIMITS_S: Final = sorted(
    {check.valid_s for check in RULES.checks.values()}
    | {item.valid_s for item in RULES.gate.values()}
    | {SETTINGS.suspect_valid_s, SETTINGS.stood_min_s}
)
AGES_S: Final = (0.0, *(limit + step for limit in LIMITS_S for step in (-0.001, 0.0, 0.001)))
INSIDE_S: Final = (59.999, 60.0, 60.001)  # the minute of "leaving at once"

INCIDENT: Final = Incident(
    incident_id="i1", revision=1, group_id=None, status="open", causes=("unexplained_crossing",),
    track_id="t1", opened_ns=NOW_NS, valid_ns=NOW_NS, crossings=(), latitude_deg=46.5,
    longitude_deg=41.3, pressure_altitude_m=10_000.0, ground_speed_mps=240.0,
    track_angle_rad=1.0, sensors=("a", "b"),
)  # fmt: skip

# what is true of each of them before anybody misread anything
AIRLINER: Final[dict[str, Any]] = {
    "identity": "unknown", "civil": "possible", "object_class": "airliner", "where": "inside",
    "state": "POL", "member": True, "inside_s": 600.0, "depth_m": 30_000.0,
    "position_error_m": 300.0, "speed_mps": 240.0, "height_m": 10_000.0, "sensor_count": 2,
    "sensor_kind_count": 2, "kinds_agree_s": 300.0, "sensors_healthy": True, "replay": False, "exercise": False,
    "node_isolated": False, "civil_sign": False, "radio_failure": False,
    "radio_contact_lost": False, "emergency": False, "unlawful_interference": False,
    "crew_not_responding": False, "threat_message": False, "radio_answered": False,
    "reported_by_people_only": False, "track_lost": False, "hostile_act": False,
    "armed_type_seen": False, "drifting": False, "at_aerodrome": False,
    "air_defence_active": False, "friend_candidate": False, "gnss_interference": False,
    "crewed_civil_probability": 0.9, "cooperative": True, "civil_reply_lately": True,
    "plan_fits": True, "keeps_route": False, "needs_heard": True, "leaving": False,
    "identity_set_alone": False, "civil_feed": True,
}  # fmt: skip

Piece = tuple[str, dict[str, Any], tuple[tuple[str, str], ...]]  # name, facts misread, acts
NOT_CIVIL: Final[Piece] = ("taken for a warplane", {"object_class": "military_aircraft",
                           "crewed_civil_probability": 0.00005}, ())  # fmt: skip
SILENT: Final[Piece] = ("no reply", {"cooperative": False, "civil_reply_lately": False}, ())
NO_PLAN: Final[Piece] = (
    "no plan found",
    {"plan_fits": False, "plan_like": False, "plans_held": True},
    (),
)
SUSPECT: Final[Piece] = ("declared", {"identity": "hostile"}, (("set_identity", "hostile"),))
EXCLUDED: Final[Piece] = ("held not to be civil", {"civil": "excluded"}, ())
ATTACKS: Final[Piece] = ("said to attack", {}, (("confirm_check", "hostile_act"),))
SEEN: Final[Piece] = (
    "said to be seen",
    {},
    tuple(("confirm_check", name) for name in ("F05", "K7", "K10", "F06", "F17")),
)
LEAVES: Final[Piece] = ("about to leave", {"leaving": True}, ())
DESCENDS: Final[Piece] = ("heads for us", {"heading_to_site": True}, ())
DRONE: Final[Piece] = ("taken for a missile or drone", {"object_class": "drone_long_range",
                       "crewed_civil_probability": 0.00005, "heading_to_site": True}, ())  # fmt: skip
ALONE: Final[Piece] = ("link lost", {"node_isolated": True}, ())
JAMMED: Final[Piece] = ("position lost", {"gnss_interference": True, "cooperative": None}, ())

# name to what was different there, and up to seven pieces of evidence that misled
CASES: Final[dict[str, tuple[dict[str, Any], tuple[Piece, ...]]]] = {
    "KAL 902, 1978": ({"off_route": True}, (SILENT, NO_PLAN, NOT_CIVIL, EXCLUDED, SUSPECT, SEEN, LEAVES)),
    "KAL 007, 1983": ({"off_route": True}, (SILENT, NO_PLAN, NOT_CIVIL, EXCLUDED, SUSPECT, ATTACKS, LEAVES)),
    "Libyan Arab 114, 1973": ({"off_route": True}, (SILENT, NO_PLAN, NOT_CIVIL, EXCLUDED, SUSPECT, ATTACKS, SEEN)),
    "Iran Air 655, 1988": ({"where": "international", "member": False, "state": None},
                           (SILENT, NO_PLAN, NOT_CIVIL, EXCLUDED, SUSPECT, ATTACKS, DESCENDS)),
    "Siberia 1812, 2001": ({"where": "international", "member": False, "state": None, "exercise": True},
                           (SILENT, NO_PLAN, DRONE, EXCLUDED, SUSPECT, ATTACKS, SEEN)),
    "Malaysia 17, 2014": ({}, (SILENT, NO_PLAN, NOT_CIVIL, EXCLUDED, SUSPECT, ATTACKS, ALONE)),
    "Ukraine International 752, 2020": ({}, (SILENT, NO_PLAN, DRONE, EXCLUDED, SUSPECT, ATTACKS, ALONE)),
    "Azerbaijan 8243, 2024": ({"air_defence_active": True},
                              (JAMMED, NO_PLAN, DRONE, EXCLUDED, SUSPECT, ATTACKS, DESCENDS)),
}  # fmt: skip


def _act(kind: Any, subject: str, at_ns: int) -> Act:
    identity = kind == "set_identity"
    return Act(
        act_id=f"{kind} {subject}", kind=kind, person="Ann", office="crew", valid_ns=at_ns,
        incident_id="i1", words="as the crew believed", reviewer="Ben" if identity else None,
        subject=None if identity else subject, value=subject if identity else None,
    )  # fmt: skip


def _facts(name: str, pieces: tuple[int, ...], inside_s: float) -> Situation:
    facts = AIRLINER | CASES[name][0] | {"inside_s": inside_s}
    for index in pieces:
        facts |= CASES[name][1][index][1]
    return Situation(**facts)


@cache
def _judged(name: str, pieces: frozenset[int], age_s: float, inside_s: float) -> str:
    """What is said of a set of evidence, ``age_s`` after its last piece."""
    order = tuple(sorted(pieces))
    acts = [_act(*act, NOW_NS) for index in order for act in CASES[name][1][index][2]]
    _, advice = advise.step(
        SETTINGS,
        advise.initial(SETTINGS),
        [(INCIDENT, _facts(name, order, inside_s))],
        RULES,
        acts,
        NOW_NS + round(age_s * SECOND_NS),
    )
    assert not any("M14" in proposal.measures for proposal in advice[0].proposals)
    return advice[0].force_question


@pytest.mark.parametrize("name", CASES)
def test_no_order_of_the_misleading_evidence_makes_the_question_admissible(name: str) -> None:
    count = len(CASES[name][1])
    assert count == 7
    said = {
        frozenset(pieces): {
            _judged(name, frozenset(pieces), 0.0, inside_s) for inside_s in INSIDE_S
        }
        for size in range(count + 1)
        for pieces in combinations(range(count), size)
    }
    for order in permutations(range(count)):
        seen = frozenset[int]()
        for piece in order:
            seen |= {piece}
            assert "admissible" not in said[seen]
    # while one true thing is known of it (its class, its plan), nothing is even asked
    assert said[frozenset()] == {"never"}


@pytest.mark.parametrize("name", CASES)
def test_nor_does_it_on_either_side_of_any_time_limit(name: str) -> None:
    everything = frozenset(range(7))
    for left_out in (None, *range(7)):
        for age_s in AGES_S:
            assert _judged(name, everything - {left_out}, age_s, 600.0) != "admissible"


LOSABLE: Final = {
    "civil picture": (
        "plan_fits",
        "plan_like",
        "plans_held",
        "civil_feed",
        "civil_sign",
        "cooperative",
        "civil_reply_lately",
        "keeps_route",
        "civil",
    ),
    "radar": ("depth_m", "position_error_m", "speed_mps", "height_m", "where", "inside_s"),
    "health": ("sensors_healthy", "sensor_count", "sensor_kind_count", "kinds_agree_s"),
    "links": ("node_isolated", "exercise", "replay"),
    "needs": (
        "radio_failure",
        "radio_contact_lost",
        "emergency",
        "unlawful_interference",
        "needs_heard",
    ),
    "class": ("object_class", "crewed_civil_probability"),
    "desk": ("radio_answered", "hostile_act", "friend_candidate", "drifting", "at_aerodrome"),
}


@settings(deadline=None, max_examples=50)
@given(st.sampled_from(sorted(CASES)), st.permutations(range(7)), st.data())
def test_nor_does_the_loss_of_any_feed_on_the_way(
    name: str, order: list[int], data: st.DataObject
) -> None:
    state = advise.initial(SETTINGS)
    now_ns = NOW_NS
    seen: tuple[int, ...] = ()
    for piece in order:
        seen = (*seen, piece)
        now_ns += round(data.draw(st.sampled_from((1.0, *AGES_S[1:]))) * SECOND_NS)
        lost = data.draw(st.sets(st.sampled_from(sorted(LOSABLE)), max_size=3))
        unknown = {fact: None for feed in lost for fact in LOSABLE[feed]}
        facts = msgspec.structs.replace(
            _facts(name, seen, data.draw(st.sampled_from(INSIDE_S))), **unknown
        )
        acts = [_act(*act, now_ns) for act in CASES[name][1][piece][2]]
        state, advice = advise.step(SETTINGS, state, [(INCIDENT, facts)], RULES, acts, now_ns)
        assert all(one.force_question != "admissible" for one in advice)


def test_the_same_evidence_about_a_real_attack_may_be_asked_about() -> None:
    # or the tests above would hold of a program that says nothing: here the whole gate is confirmed
    name = "KAL 007, 1983"
    acts = [_act("confirm_check", subject, NOW_NS) for subject in (*RULES.checks, *RULES.gate)]
    acts = [
        msgspec.structs.replace(act, person="Ben") if act.subject == "F13" else act for act in acts
    ]
    acts += [_act("confirm_check", "hostile_act", NOW_NS), _act("set_identity", "hostile", NOW_NS)]
    facts = msgspec.structs.replace(_facts(name, tuple(range(6)), 600.0), off_route=None)
    _, advice = advise.step(
        SETTINGS, advise.initial(SETTINGS), [(INCIDENT, facts)], RULES, acts, NOW_NS
    )
    assert advice[0].force_question == "admissible"
    # and one true sign takes it away, whatever people have confirmed
    for sign in ({"plan_fits": True}, {"emergency": True}, {"object_class": "airliner"}):
        _, advice = advise.step(
            SETTINGS, advise.initial(SETTINGS),
            [(INCIDENT, msgspec.structs.replace(facts, **sign))], RULES, acts, NOW_NS,
        )  # fmt: skip
        assert advice[0].force_question == "never"
