"""A state is named only by two persons who agree, of this object, with nobody in doubt, and released by name."""

import msgspec
from desk_kit import DeskRun, advice, assessment, case
from hypothesis import given
from hypothesis import strategies as st

from vedette.model.assessment import Assessment
from vedette.response.desk.admission import Subject
from vedette.response.desk.attribution import Attribution, ruling, with_word
from vedette.response.desk.docket import Paper

PERSONS = ("Ann", "ann ", "Ben", "Cid")
SAID = st.tuples(
    st.sampled_from(PERSONS), st.sampled_from(["RUS", "BLR", None]), st.sampled_from(["t1", "t2"])
)


@given(st.lists(SAID, max_size=6), st.sampled_from(["possible", "confirmed", "excluded"]))
def test_a_state_may_be_named_only_when_all_of_it_holds(
    acts: list[tuple[str, str | None, str]], civil: str
) -> None:
    said: tuple[Attribution, ...] = ()
    last: dict[str, tuple[str | None, str]] = {}
    for number, (person, state, track_id) in enumerate(acts):
        said = with_word(
            said,
            Attribution(
                state=state, track_id=track_id, person=person, office="o", act_id=f"a{number}"
            ),
        )
        last[person.strip().casefold()] = (state, track_id)
    found = ruling(said, "t1", civil)
    states = {state for state, _ in last.values()}
    may = (
        civil == "excluded"
        and len(states) == 1
        and None not in states
        and sum(track_id == "t1" for _, track_id in last.values()) >= 2
    )
    assert (found.state is not None) == may
    assert not may or found.state in states
    assert found.words


EXCLUDED = assessment(civil="excluded")


class Release:
    """A desk at which a communique may be released."""

    def __init__(self) -> None:
        self.run = DeskRun()
        self.put()

    def put(self, known: Assessment = EXCLUDED, track_id: str = "t1") -> Paper:
        self.run.subjects["i1"] = Subject(track_id=track_id, closed=False)
        self.run.tick(cases=(case(advice("M16"), known, track_id=track_id),))
        return self.run.paper("M16")

    def attribute(self, person: str, where: str, state: str, track_id: str = "t1") -> str | None:
        return self.run.say("attribute", person, where, None, value=state, track_id=track_id)

    def release(self) -> str:
        assert self.run.say("accept", "Ann", "watch", "M16") is None
        assert self.run.say("accept", "Hal", "press", "M16") is None
        return self.run.paper("M16").status


def test_a_release_from_before_the_attribution_names_nobody() -> None:
    desk = Release()
    assert desk.release() == "accepted"
    assert desk.attribute("Hal", "press", "RUS") is None
    assert desk.put().status == "accepted"  # one is not two: the text has no name in it
    assert desk.attribute("Ben", "commander", "RUS") is None
    paper = desk.put()
    assert (paper.status, paper.attributed_to) == ("open", "RUS")
    assert "RUS" in paper.basis
    assert desk.release() == "accepted"
    assert desk.put().attributed_to == "RUS"


def test_who_said_it_may_take_it_back_and_anyone_may_doubt_it() -> None:
    for person, where in (("Ben", "commander"), ("Gil", "operator")):
        desk = Release()
        desk.attribute("Hal", "press", "RUS")
        desk.attribute("Ben", "commander", "RUS")
        desk.put()
        assert desk.release() == "accepted"
        assert desk.attribute(person, where, "none") is None
        paper = desk.put()
        assert (paper.status, paper.attributed_to) == ("open", None)
        assert person in paper.attribution


def test_neither_another_track_nor_a_civil_doubt_keeps_the_name() -> None:
    for known, track_id in ((assessment(), "t1"), (EXCLUDED, "t2")):
        desk = Release()
        desk.attribute("Hal", "press", "RUS")
        desk.attribute("Ben", "commander", "RUS")
        desk.put()
        assert desk.release() == "accepted"
        paper = desk.put(msgspec.structs.replace(known, track_id=track_id), track_id)
        assert (paper.status, paper.attributed_to) == ("open", None)


def test_what_was_said_of_two_incidents_that_are_one_object_is_one_attribution() -> None:
    desk = Release()
    desk.run.subjects["i2"] = Subject(track_id="t1", closed=False)
    desk.attribute("Hal", "press", "RUS")
    desk.run.say("attribute", "Ben", "commander", None, value="BLR", incident_id="i2")
    desk.run.tick(cases=(case(advice("M16"), EXCLUDED, joined=("i2",)),))
    assert desk.run.paper("M16").attribution == "what was confirmed contradicts itself"


def test_a_doubt_that_comes_after_the_incident_is_closed_takes_the_name_away() -> None:
    desk = Release()
    desk.attribute("Hal", "press", "RUS")
    desk.attribute("Ben", "commander", "RUS")
    desk.put()
    assert desk.release() == "accepted"
    closed = case(advice("M16"), EXCLUDED, status="closed")
    desk.run.tick(cases=(closed,))
    assert (desk.run.paper("M16").status, desk.run.paper("M16").attributed_to) == (
        "accepted",
        "RUS",
    )
    desk.run.subjects["i1"] = Subject(track_id="t1", closed=True)
    assert desk.attribute("Ben", "commander", "none") is None
    desk.run.tick(cases=(closed,))
    assert desk.run.paper("M16").status == "withdrawn"


def test_one_person_in_two_incidents_is_one_person() -> None:
    desk = Release()
    desk.run.subjects["i2"] = Subject(track_id="t1", closed=False)
    desk.attribute("Ben", "commander", "RUS")
    desk.run.say("attribute", "Ben", "commander", None, value="RUS", incident_id="i2")
    desk.run.tick(cases=(case(advice("M16"), EXCLUDED, joined=("i2",)),))
    assert desk.run.paper("M16").attributed_to is None
