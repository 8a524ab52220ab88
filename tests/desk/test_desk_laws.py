"""Laws of the desk: silence, one person, order and time never open anything."""

from typing import Any

import msgspec
import pytest
from desk_kit import (
    APPROACHING,
    PEOPLE,
    ROSTER,
    TABLE,
    DeskRun,
    advice,
    altered,
    assessment,
    case,
    key_of,
    office,
)
from hypothesis import given
from hypothesis import strategies as st

from vedette.model.proposal import Advice, Confirmed
from vedette.model.signature import from_base64, to_base64
from vedette.response.desk import docket
from vedette.response.desk.admission import Subject
from vedette.response.desk.offices import Roster
from vedette.response.desk.signed import DeskAct, sign_act

MEASURES = ("M03", "M05", "M06", "M07", "M09", "M12")
FIVE = ["Ann", "Ben", "Cid", "Dora", "Finn"]
HOLDERS = [(holder.person, one.office_id) for one in ROSTER.offices for holder in one.holders]


def begun(*measures: str, **facts: str) -> DeskRun:
    run = DeskRun()
    run.tick(cases=(case(advice(*(measures or MEASURES), **facts)),))
    return run


def statuses(run: DeskRun) -> dict[str, str]:
    return {measure: paper.status for (_, measure), paper in run.docket.papers.items()}


SAID = st.tuples(
    st.sampled_from(["accept", "reject", "ask"]),
    st.sampled_from(HOLDERS),
    st.sampled_from(MEASURES),
)


def test_two_persons_in_the_right_offices_accept_and_one_does_not() -> None:
    run = begun()
    assert run.say("accept", "Ann", "watch", "M06") is None
    assert run.paper("M06").status == "open"
    assert run.say("accept", "Cid", "launch", "M06") is None
    assert run.paper("M06").status == "accepted"
    assert run.say("accept", "Eve", "protection", "M09") is None
    assert run.paper("M09").status == "accepted"
    assert statuses(run)["M07"] == "open"


@given(st.lists(st.tuples(st.sampled_from(["accept", "reject", "ask"]), st.sampled_from(["watch", "night launch"]),
                          st.sampled_from(MEASURES)), max_size=12), st.booleans())  # fmt: skip
def test_no_sequence_of_acts_of_one_person_passes_a_rule_of_two(
    said: list[tuple[str, str, str]], spelt_otherwise: bool
) -> None:
    run = begun()
    for kind, where, measure in said:
        person = " ann\u200b " if spelt_otherwise else "Ann"
        act = run.act(kind, person, where, measure)
        run.tick(sign_act(act, key_of("Ann")))
        assert all(statuses(run)[name] != "accepted" for name in ("M06", "M07"))


@given(st.lists(SAID, max_size=8), st.lists(st.floats(0.0, 5_000.0), min_size=1, max_size=4))
def test_silence_accepts_nothing_and_takes_no_word_away(
    said: list[tuple[str, tuple[str, str], str]], silences: list[float]
) -> None:
    run = begun()
    for kind, (person, where), measure in said:
        run.say(kind, person, where, measure)
    before = dict(run.docket.papers)
    for seconds in silences:
        run.tick(seconds=seconds)
        for key, paper in run.docket.papers.items():
            assert paper.words == before[key].words
            assert paper.status == "accepted" or before[key].status != "accepted"
            assert paper.status != "accepted" or before[key].status == "accepted"


@given(
    st.permutations(FIVE), st.sets(st.sampled_from(FIVE)), st.sampled_from(["M06", "M09", "M12"])
)
def test_the_order_in_which_people_speak_does_not_matter(
    order: list[str], noes: set[str], measure: str
) -> None:
    def outcome(names: list[str]) -> tuple[object, ...]:
        run = begun()
        where = {person: name for name, (_, person) in PEOPLE.items()}
        acts = {
            name: run.act("reject" if name in noes else "accept", name, where[name], measure,
                          act_id=f"of {name}")
            for name in sorted(names)
        }  # fmt: skip
        for name in names:
            run.tick(sign_act(acts[name], key_of(name)))
        paper = run.paper(measure)
        return paper.status, [msgspec.structs.replace(word, heard_ns=0) for word in paper.words]

    assert outcome(list(order)) == outcome(sorted(order))


def test_one_no_keeps_what_approaches_closed_until_the_same_person_takes_it_back() -> None:
    run = begun()
    assert run.say("reject", "Dora", "tower", "M06") is None  # anyone at the desk may refuse
    assert run.say("accept", "Ann", "watch", "M06") is None
    assert run.say("accept", "Cid", "launch", "M06") is None
    assert run.paper("M06").status == "refused"
    assert [word.person for word in run.paper("M06").dissent] == ["Dora"]
    assert run.paper("M06").words[0].kind == "reject"  # dissent first
    # what only informs goes on, with the dissent beside it
    assert run.say("reject", "Dora", "tower", "M05") is None
    assert run.say("accept", "Ann", "watch", "M05") is None
    assert (run.paper("M05").status, len(run.paper("M05").dissent)) == ("accepted", 1)


def test_a_question_asked_keeps_it_closed_and_its_asker_alone_ends_it() -> None:
    run = begun()
    run.say("ask", "Ann", "watch", "M06", words="who sees it by eye?")
    run.say("accept", "Ben", "commander", "M06")
    run.say("accept", "Cid", "launch", "M06")
    assert run.paper("M06").status == "asked"
    assert run.say("answer", "Gil", "operator", "a1", words="nobody yet") is None
    assert run.paper("M06").status == "asked"
    run.say("accept", "Ann", "watch", "M06")
    assert run.paper("M06").status == "accepted"


@pytest.mark.parametrize("no", ["reject", "ask"])
def test_a_yes_that_was_slow_on_its_way_does_not_take_back_the_no_said_since(no: str) -> None:
    run = begun()
    slow = run.act("accept", "Ann", "watch", "M06")
    run.tick(seconds=20)
    assert run.say(no, "Ann", "watch", "M06") is None
    assert run.say("accept", "Cid", "launch", "M06") is None
    (refusal,) = run.tick(sign_act(slow, key_of("Ann")))
    assert "said otherwise since" in str(refusal)
    assert run.paper("M06").status == ("refused" if no == "reject" else "asked")


def test_a_question_does_not_take_back_a_no() -> None:
    run = begun()
    run.say("reject", "Ann", "watch", "M06")
    assert "does not take that back" in str(run.say("ask", "Ann", "watch", "M06"))
    assert run.paper("M06").status == "refused"


def test_an_open_question_stands_when_the_facts_have_changed() -> None:
    run = begun("M06")
    run.say("ask", "Ann", "watch", "M06", words="who sees it by eye?")
    run.tick(cases=(case(advice("M06"), assessment(object_class="unknown")),))
    run.say("accept", "Ben", "commander", "M06")
    run.say("accept", "Cid", "launch", "M06")
    assert run.paper("M06").status == "asked"


def test_a_closed_incident_keeps_its_noes_and_of_what_approaches_no_yes() -> None:
    run = begun("M06", "M07", "M05")
    for person, where in (("Ann", "watch"), ("Cid", "launch")):
        run.say("accept", person, where, "M06")
    run.say("accept", "Ann", "watch", "M05")
    run.say("reject", "Ann", "watch", "M07")
    run.tick(cases=(case(advice(), status="closed"),))
    assert statuses(run) == {"M06": "withdrawn", "M07": "refused", "M05": "accepted"}


def test_a_no_after_the_decision_closes_it_again() -> None:
    run = begun()
    run.say("accept", "Ann", "watch", "M06")
    run.say("accept", "Cid", "launch", "M06")
    run.tick(seconds=4_000)
    assert run.paper("M06").status == "accepted"  # a decision does not age
    run.say("reject", "Cid", "launch", "M06")
    assert run.paper("M06").status == "refused"


def test_a_first_yes_that_has_grown_old_does_not_meet_the_second() -> None:
    run = begun()
    run.say("accept", "Ann", "watch", "M06")
    run.tick(seconds=601)
    run.say("accept", "Cid", "launch", "M06")
    assert run.paper("M06").status == "open"


@pytest.mark.parametrize(
    "known",
    [
        {"object_class": "airliner"},
        {"identity": "neutral"},
        {"civil": "confirmed"},
        {"object_class": "unknown"},
    ],
)
def test_changed_facts_void_what_was_accepted_and_keep_what_was_refused(
    known: dict[str, str],
) -> None:
    run = begun("M06", "M07", "M05")
    for measure in ("M06", "M05"):
        run.say("accept", "Ann", "watch", measure)
    run.say("accept", "Cid", "launch", "M06")
    run.say("reject", "Cid", "launch", "M07")
    old = run.act("accept", "Ben", "commander", "M06")
    assert statuses(run) == {"M06": "accepted", "M07": "refused", "M05": "accepted"}
    run.tick(cases=(case(advice("M06", "M07", "M05"), assessment(**known)),))
    # what approaches begins again; what informs goes on
    assert statuses(run) == {"M06": "open", "M07": "refused", "M05": "accepted"}
    (refusal,) = run.tick(sign_act(old, key_of("Ben")))
    assert refusal is not None
    assert "look again" in refusal


def test_another_track_begins_everything_again() -> None:
    run = begun("M06", "M05")
    run.say("accept", "Ann", "watch", "M05")
    run.tick(
        cases=(case(advice("M06", "M05"), track_id="t2"),), i1=Subject(track_id="t2", closed=False)
    )
    assert statuses(run) == {"M06": "open", "M05": "open"}
    assert "now about t2" in str(run.say("accept", "Ann", "watch", "M05"))


def test_what_the_rules_no_longer_propose_is_withdrawn_and_a_no_to_it_comes_back() -> None:
    run = begun("M06")
    run.say("reject", "Ben", "commander", "M06")
    run.tick(cases=(case(advice("M05")),))
    assert run.paper("M06").status == "withdrawn"
    assert "withdrawn" in str(run.say("accept", "Ann", "watch", "M06"))
    run.tick(cases=(case(advice("M06")),))
    assert run.paper("M06").status == "refused"


def test_the_dossier_is_put_only_behind_the_gate_and_lapses_as_no() -> None:
    run = begun("M14", rule="R15")
    assert ("i1", "M14") not in run.docket.papers
    open_gate = advice("M14", rule="R15", force_question="admissible")
    run.tick(cases=(case(open_gate),))
    assert run.paper("M14").status == "open"
    assert run.say("accept", "Ben", "commander", "M14") is None
    assert run.paper("M14").status == "open"
    run.tick(seconds=61)
    assert run.paper("M14").status == "lapsed"
    assert "as no" in str(run.say("accept", "Finn", "review", "M14"))
    # the gate closes and opens again on the same facts: it was asked, and the answer was no
    run.tick(cases=(case(advice("M14", rule="R15", force_question="closed")),))
    run.tick(cases=(case(open_gate),))
    assert run.paper("M14").status == "lapsed"


@pytest.mark.parametrize(
    ("seconds", "status"), [(59, "accepted"), (60, "accepted"), (61, "lapsed")]
)
def test_an_answer_that_comes_after_its_time_is_none_though_no_second_passed_between(
    seconds: int, status: str
) -> None:
    minister = office("estonian minister", ("national_authority",), "Oia", state="EST")
    run = DeskRun(Roster(offices=(*ROSTER.offices, minister)))
    run.tick(cases=(case(advice("M14", rule="R15", force_question="admissible")),))
    all_three = [
        sign_act(
            run.act("accept", person, where, "M14", seen_ns=run.now_ns + 10**9), key_of(person)
        )
        for person, where in (
            ("Ben", "commander"),
            ("Finn", "review"),
            ("Oia", "estonian minister"),
        )
    ]
    refused = run.tick(*all_three, seconds=seconds)
    assert run.paper("M14").status == status
    assert all(("as no" in str(words)) == (status == "lapsed") for words in refused)


def behind_the_gate(*confirmed: tuple[str, str, str], **facts: Any) -> Advice:
    return advice(
        "M14", rule="R15", force_question="admissible", gate={"F05": "yes"}, checks={"K1": "yes"},
        confirmed=tuple(
            Confirmed(subject=subject, person=person, office="watch", words=words)
            for subject, person, words in confirmed
        ),
        **facts,
    )  # fmt: skip


def test_the_dossier_is_bound_to_the_gate_and_to_who_confirmed_what_in_which_words() -> None:
    given = behind_the_gate(("K1", "Ann", "nobody flies there"), ("F05", "Ben", "seen by the pair"))
    run = DeskRun()
    run.tick(cases=(case(given),))
    first = run.paper("M14")
    assert first.question.startswith("Gate complete at 2025-")
    assert first.question.endswith("Do you want to take up the question of force? Default: no.")
    assert run.say("accept", "Ben", "commander", "M14") is None
    # the same persons say the same again: it is the same dossier
    run.tick(cases=(case(msgspec.structs.replace(given, valid_ns=given.valid_ns + 1)),))
    assert run.paper("M14").paper_id == first.paper_id
    assert run.paper("M14").words
    for changed in (
        behind_the_gate(("K1", "Ann", "I think so")),
        behind_the_gate(("K1", "Dora", "nobody flies there")),
        msgspec.structs.replace(given, gate={"F05": "yes", "F06": "yes"}),
    ):
        run.tick(cases=(case(changed),))
        assert run.paper("M14").paper_id != first.paper_id
        assert not run.paper("M14").words
        first = run.paper("M14")


def seen(run: DeskRun, seconds: int) -> DeskAct:
    return run.act("accept", "Ann", "watch", "M06", seen_ns=run.now_ns + seconds * 10**9)


REFUSED = {
    "wrong role": (lambda r: r.act("accept", "Gil", "operator", "M06"), "Gil", "may not decide"),
    "another state": (lambda r: r.act("accept", "Jan", "latvian launch", "M06"), "Jan", "speaks for LVA"),
    "stale": (lambda r: r.act("accept", "Ann", "watch", "M06", paper="0" * 64), "Ann", "look again"),
    "not named": (lambda r: r.act("accept", "Ann", "watch", "M06", paper=None), "Ann", "look again"),
    "never put": (lambda r: r.act("accept", "Ann", "watch", "M13"), "Ann", "never put"),
    "no measure": (lambda r: r.act("accept", "Ann", "watch", "M99"), "Ann", "no measure"),
    "no words": (lambda r: r.act("accept", "Ann", "watch", "M06", words=" "), "Ann", "in words"),
    "another run": (lambda r: r.act("accept", "Ann", "watch", "M06", desk="e" * 64), "Ann", "another run"),
    "another incident": (lambda r: r.act("accept", "Ann", "watch", "M06", incident_id="i2"), "Ann", "no such"),
    "from the future": (lambda r: seen(r, 10), "Ann", "not been yet"),
    "too old": (lambda r: seen(r, -400), "Ann", "older than"),
    "another's name": (lambda r: r.act("accept", "Cid", "launch", "M06"), "Ann", "not that of Cid"),
    "another office": (lambda r: r.act("accept", "Ann", "launch", "M06"), "Ann", "not that of Ann"),
    "no key here": (lambda r: r.act("accept", "Ann", "watch", "M06"), "Zoe", "no office"),
    "check of others": (lambda r: r.act("confirm_check", "Ann", "watch", "K12"), "Ann", "may not confirm"),
    "no check": (lambda r: r.act("confirm_check", "Ann", "watch", "K99"), "Ann", "no check"),
    "statement": (lambda r: r.act("confirm_check", "Eve", "protection", "hostile_act"), "Eve", "may not state"),
    "identity": (lambda r: r.act("set_identity", "Gil", "operator", None, value="suspect"), "Gil", "may not call"),
    "no identity": (lambda r: r.act("set_identity", "Ann", "watch", None, value="enemy"), "Ann", "no identity"),
    "alone reviewed": (lambda r: r.act("review", "Finn", "review", "a0"), "Finn", "waits for a reviewer"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(REFUSED))
def test_refused_with_its_reason_and_without_effect(name: str) -> None:
    run = begun()
    make, signer, reason = REFUSED[name]
    before = run.docket
    (refusal,) = run.tick(sign_act(make(run), key_of(signer)))
    assert reason in str(refusal)
    assert (run.docket, run.effects) == (before, [])


@given(st.integers(0, 2**16), st.sampled_from(["act", "signature", "public_key"]))
def test_an_altered_byte_anywhere_is_refused(place: int, field: str) -> None:
    run = begun()
    signed = sign_act(run.act("accept", "Ann", "watch", "M05"), key_of("Ann"))
    data = bytearray(from_base64(getattr(signed, field)))
    data[place % len(data)] ^= 1 + place % 255
    (refusal,) = run.tick(altered(signed, **{field: to_base64(bytes(data))}))
    assert refusal is not None
    assert run.paper("M05").status == "open"


def test_the_same_signature_is_heard_once() -> None:
    run = begun()
    signed = sign_act(run.act("accept", "Ann", "watch", "M06"), key_of("Ann"))
    assert run.tick(signed, signed) == [None, "it was heard before"]
    assert run.tick(signed) == ["it was heard before"]


def test_a_no_is_heard_though_its_name_was_used_or_its_clock_is_ahead() -> None:
    run = begun()
    assert run.say("accept", "Ann", "watch", "M06", act_id="one") is None
    assert "heard before" in str(run.say("accept", "Ann", "watch", "M05", act_id="one"))
    ahead = run.now_ns + 10**12
    no = sign_act(
        run.act("deny_check", "Ann", "watch", "K1", act_id="one", seen_ns=ahead), key_of("Ann")
    )
    assert run.tick(no) == [None]
    assert run.tick(no) == ["it was heard before"]
    assert run.say("reject", "Dora", "tower", "M06", seen_ns=ahead) is None
    assert run.paper("M06").status == "refused"
    assert run.paper("M06").words[0].at_ns == run.now_ns
    # what the stages keep of each has a name of its own
    names = [effect.act_id for effect in run.effects]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("kind", "subject", "value"),
    [("confirm_check", "K1", None), ("confirm_check", "F05", None),
     ("confirm_check", "hostile_act", None), ("confirm_check", "off_route", None),
     ("deny_check", "off_route", None), ("deny_check", "friend_candidate", None),
     ("deny_check", "air_defence_active", None), ("set_identity", None, "suspect"),
     ("set_identity", None, "civil_excluded")],
)  # fmt: skip
def test_an_office_of_one_state_opens_nothing_in_another(
    kind: str, subject: str | None, value: str | None
) -> None:
    roles = ("watch_supervisor", "duty_commander", "national_authority", "reviewer")
    for state, heard in (("EST", True), ("LVA", False), (None, True)):
        run = DeskRun(Roster(offices=(office("there", roles, "Jan", state=state),)))
        run.tick(i1=Subject(track_id="t1", closed=False, state="EST"))
        refused = run.say(kind, "Jan", "there", subject, value=value)
        assert (refused is None) == heard
        assert heard or "speaks for LVA, and this is about EST" in str(refused)
        # its noes are heard everywhere
        assert run.say("deny_check", "Jan", "there", "K1") is None
        assert run.say("set_identity", "Jan", "there", None, value="civil_possible") is None


def test_an_office_of_a_state_opens_nothing_where_it_is_not_known_whose_airspace_it_is() -> None:
    run = DeskRun(Roster(offices=(office("there", ("watch_supervisor",), "Jan", state="LVA"),)))
    run.tick(i1=Subject(track_id="t1", closed=False, state=None))
    assert "not known whose" in str(run.say("confirm_check", "Jan", "there", "K1"))
    assert run.say("deny_check", "Jan", "there", "K1") is None


def test_two_acts_of_one_name_in_one_second_are_each_answered_for_themselves() -> None:
    run = begun()
    old = run.act("accept", "Ann", "watch", "M06", act_id="z", paper="0" * 64)
    no = run.act("reject", "Gil", "operator", "M06", act_id="z")
    said = run.tick(sign_act(old, key_of("Ann")), sign_act(no, key_of("Gil")))
    assert "not as it was" in str(said[0])
    assert said[1] is None
    assert run.paper("M06").status == "refused"


def test_a_no_in_another_spelling_of_its_signature_is_the_same_no() -> None:
    run = begun()
    signed = sign_act(run.act("reject", "Ann", "watch", "M06"), key_of("Ann"))
    assert run.tick(signed) == [None]
    assert run.say("accept", "Ann", "watch", "M06") is None
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = letters[letters.index(signed.signature[-3]) ^ 1]  # bits that stand for nothing
    spelt = signed.signature[:-3] + last + "=="
    assert from_base64(spelt) == from_base64(signed.signature)
    assert run.tick(altered(signed, signature=spelt)) == ["it was heard before"]
    assert [word.kind for word in run.paper("M06").words] == ["accept"]


def test_noes_of_an_incident_that_is_of_the_same_object_follow_it() -> None:
    run = begun("M05", "M06")
    run.subjects["i2"] = Subject(track_id="t2", closed=False)
    other = case(advice("M05", "M06", incident_id="i2"), incident_id="i2", track_id="t2")
    run.tick(cases=(other,))
    there = {"incident_id": "i2", "track_id": "t2"}
    for kind, person, where, measure in (
        ("reject", "Dora", "tower", "M06"), ("ask", "Ben", "commander", "M05"),
        ("accept", "Ann", "watch", "M06"),
    ):  # fmt: skip
        paper = run.docket.papers["i2", measure].paper_id
        assert run.say(kind, person, where, measure, paper=paper, **there) is None
    assert run.say("accept", "Ann", "watch", "M06") is None
    assert run.say("accept", "Cid", "launch", "M06") is None
    assert run.paper("M06").status == "accepted"
    run.tick(cases=(case(advice("M05", "M06"), joined=("i2",)),))
    assert next((w.kind, w.person) for w in run.paper("M06").words) == ("reject", "Dora")
    assert run.paper("M06").status == "refused"  # one no closes it, wherever it was said
    assert {w.person for w in run.paper("M06").words} == {"Dora", "Ann", "Cid"}
    assert run.paper("M05").status == "asked"
    # and it is the same person who takes it back, once
    paper = run.paper("M06").paper_id
    assert run.say("reject", "Cid", "launch", "M06") is None
    assert run.say("accept", "Cid", "launch", "M06", paper=paper) is None
    run.tick(cases=(case(advice("M05", "M06"), joined=("i2",)),))
    assert run.paper("M06").status == "refused"


def test_dissent_is_the_last_that_is_forgotten() -> None:
    run = begun("M05", "M06", "M09")
    run.say("reject", "Dora", "tower", "M05")
    state, _ = docket.step(
        docket.DocketSettings(papers_max=1),
        run.docket,
        docket.Inputs(cases=(), heard=(), table=TABLE, approaching=APPROACHING),
        run.now_ns,
    )
    assert list(state.papers) == [("i1", "M05")]


def test_a_no_is_never_too_old_and_needs_no_role() -> None:
    run = begun()
    run.tick(seconds=1_000)
    old = run.now_ns - 900 * 10**9
    assert run.say("reject", "Eve", "protection", "M06", seen_ns=old, paper="0" * 64) is None
    assert run.say("deny_check", "Eve", "protection", "K1", seen_ns=old, track_id="t0") is None
    assert run.paper("M06").status == "refused"
    assert run.effects[-1].kind == "deny_check"


def test_that_it_could_be_civil_is_heard_however_late_and_whatever_the_incident_is_about() -> None:
    run = begun()
    late = run.act("set_identity", "Gil", "operator", None, value="civil_possible")
    run.tick(seconds=4_000, i1=Subject(track_id="t2", closed=True))
    assert run.tick(sign_act(late, key_of("Gil"))) == [None]
    assert (run.effects[-1].value, run.effects[-1].valid_ns) == ("civil_possible", run.now_ns)


def test_hostile_takes_a_second_person_and_says_nothing_before() -> None:
    run = begun()
    assert run.say("set_identity", "Ben", "commander", None, value="hostile", act_id="h") is None
    assert run.effects == []
    assert run.say("review", "Finn", "review", "h") is None
    (effect,) = run.effects
    assert (effect.value, effect.person, effect.reviewer) == ("hostile", "Ben", "Finn")
    assert "waits for a reviewer" in str(run.say("review", "Finn", "review", "h"))


def test_nobody_reviews_what_they_signed_and_a_newer_word_ends_what_waits() -> None:
    both = Roster(
        offices=(
            office("c", ("duty_commander", "reviewer"), "Ben"),
            office("r", ("reviewer",), "Ben", "Finn"),
        )
    )
    run = DeskRun(both)
    run.say("set_identity", "Ben", "c", None, value="hostile", act_id="h")
    assert "themselves" in str(run.say("review", "Ben", "r", "h"))
    run.say("set_identity", "Ben", "c", None, value="unknown")
    assert "waits for a reviewer" in str(run.say("review", "Finn", "r", "h"))
    assert [one.value for one in run.effects] == ["unknown"]


def test_without_offices_nobody_is_heard() -> None:
    run = DeskRun(Roster())
    run.tick(cases=(case(advice("M06")),))
    for kind in ("accept", "reject", "deny_check"):
        assert "no offices" in str(run.say(kind, "Ann", "watch", "M06"))
    assert run.paper("M06").status == "open"
