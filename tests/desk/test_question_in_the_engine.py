"""A question of force in the engine: opened by everything at once, closed within one tick by anything."""

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from desk_kit import ROSTER, assessment, incident, key_of, public

from vedette.app.session import beginning
from vedette.app.worlds import plan_of, world_of_file
from vedette.engine import pipeline as engine
from vedette.engine import seen_now
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.assessment import Assessment
from vedette.model.incident import Bounds
from vedette.model.time import SECOND_NS
from vedette.response.desk.signed import DeskAct, sign_act
from vedette.response.rule_set import shipped_rules
from vedette.sim.scenario import Variation

sys.path.insert(0, str(Path(__file__).parent))
SMALL = Path(__file__).parents[1] / "sim" / "small.yaml"
RULES = shipped_rules()
DRONE = {
    "object_class": "drone_long_range", "class_probabilities": {"drone_long_range": 1.0},
    "identity": "suspect", "civil": "excluded",
}  # fmt: skip
# who may confirm what takes an office of its own
SPECIAL = {"K12": "tower", "F09": "tower", "F11": "commander", "F13": "review"}
WHO = {"watch": "Ann", "tower": "Dora", "commander": "Ben", "review": "Finn", "minister": "Lea",
       "latvian minister": "Maris", "stateless": "Nemo"}  # fmt: skip
SUBJECTS = (*RULES.checks, *(name for name in RULES.gate if name not in ("F16", "F17", "F18")))


class Scene:
    """A pipeline whose watch and identity stages say what the test says; response and desk are the real ones."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, *, live: bool = True) -> None:
        offices = folder / "people.json"
        offices.write_bytes(msgspec.json.encode(ROSTER))
        plan = plan_of(world_of_file(SMALL, Variation()), mode="demo")._replace(offices=offices)
        course, _, _ = beginning(plan, None)()
        self.pipeline = course.pipeline
        self.pipeline._live = live
        self.pipeline._feed_of = {"a": 0, "b": 1}
        self.pipeline._hears = {0}
        self.pipeline.health[0].tick = lambda *_: False
        self.pipeline.health[0].state = "alive"
        self.pipeline._sensor_kinds = {"a": "psr", "b": "mlat"}
        self.now_ns = plan.created_ns
        self.known = assessment(**DRONE)
        depth = Bounds(estimate=9_000.0, low=8_800.0, high=9_200.0)
        (crossing,) = incident().crossings
        zone = next(
            z.zone_id
            for z in self.pipeline.zones.zones
            if z.state == "LTU" and z.kind == "sovereign"
        )
        crossing = msgspec.structs.replace(crossing, zone_id=zone, state="LTU", depth_m=depth)
        self.incident = incident(crossings=(crossing,), opened_ns=self.now_ns)
        self._number = 0

        def identity(*_: Any) -> tuple[Any, list[Assessment]]:
            return None, [self.known]

        def watch(*_: Any) -> tuple[Any, Any]:
            return None, SimpleNamespace(crossings=[], incidents=[self.incident])

        self.seeing: tuple[str, ...] = ("a", "b")
        monkeypatch.setattr(
            seen_now, "seen_lately", lambda _, ids, now_ns: dict.fromkeys(ids, self.seeing)
        )
        self.at_border = False
        monkeypatch.setattr(engine, "at_border", lambda *_: self.at_border)
        monkeypatch.setattr(engine.identity, "step", identity)
        monkeypatch.setattr(engine.identity, "explain", lambda *_: None)
        monkeypatch.setattr(engine.watch, "step", watch)

    def say(self, kind: Any, where: str, subject: str | None, value: str | None = None) -> None:
        self._number += 1
        papers = {p.measure: p.paper_id for p in self.pipeline.desk.papers}
        act = DeskAct(
            act_id=f"a{self._number}", desk=self.pipeline.desk.plan.desk_id, kind=kind,
            person=WHO[where], office=where, incident_id="i1", track_id="t1", seen_ns=self.now_ns,
            subject=subject, value=value, paper=papers.get(subject or ""), words="seen",
        )  # fmt: skip
        payload = msgspec.json.encode(sign_act(act, key_of(WHO[where])))
        self.pipeline.take(Item(ItemKind.ACT, 0, self.now_ns, payload), 0)

    def tick(self, seconds: float = 1.0, **known: Any) -> str:
        """What is said of the question after a tick in which the assessment became ``known``."""
        self.now_ns += round(seconds * SECOND_NS)
        self.known = msgspec.structs.replace(self.known, valid_ns=self.now_ns, **known)
        self.pipeline.tick(self.now_ns)
        # nothing that was said is refused, but a yes to what closes in this very tick
        refused = {verdict for verdict in self.pipeline.desk.verdicts if verdict is not None}
        assert refused <= {"M14 is withdrawn: the rules no longer propose it"}
        advice = self.pipeline.advice["i1"]
        named = any("M14" in proposal.measures for proposal in advice.proposals)
        assert named == (advice.force_question == "admissible")
        return advice.force_question

    def pass_(self, seconds: int) -> None:
        """Time in which nobody says anything and the watch goes on."""
        for _ in range(seconds // 5):
            self.tick(5)

    def confirm_all(self) -> None:
        self.say("confirm_check", "watch", "heading_to_site")
        for fact in ("air_defence_active", "friend_candidate", "drifting"):
            self.say("deny_check", "watch", fact)
        for name in SUBJECTS:
            self.say("confirm_check", SPECIAL.get(name, "watch"), name)

    def dossier(self) -> str | None:
        return next((p.status for p in self.pipeline.desk.papers if p.measure == "M14"), None)


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scene:
    scene = Scene(monkeypatch, tmp_path)
    assert scene.tick() == "never"  # nobody has called it SUSPECT
    scene.say("set_identity", "watch", None, "suspect")
    scene.tick()
    scene.tick(601)  # one person alone has, lately
    scene.pass_(60)
    scene.confirm_all()
    assert scene.tick() == "admissible"
    assert scene.dossier() == "open"
    return scene


def test_an_object_that_was_deep_inside_and_may_be_outside_by_now_is_asked_about_no_more(
    scene: Scene,
) -> None:
    scene.at_border = True
    assert scene.tick() == "closed"
    assert scene.dossier() == "withdrawn"
    assert scene.pipeline.advice["i1"].gate["F01"] == "unknown"
    scene.at_border = False
    assert scene.tick() == "admissible"


CIVIL = {
    "a plan fits": {"flight_plan": "GEN720"},
    "it replies": {"cooperative": True},
    "civil confirmed": {"civil": "confirmed"},
    "civil possible": {"civil": "possible"},
    "an airliner": {"object_class": "airliner"},
    "unknown": {"object_class": "unknown", "class_probabilities": {"unknown": 1.0}},
    "perhaps civil": {"class_probabilities": {"drone_long_range": 0.999, "airliner": 0.001}},
    "it needs help": {"needs": ("emergency",)},
}


@pytest.mark.parametrize("sign", list(CIVIL))
def test_civil_evidence_closes_the_question_in_its_own_tick(scene: Scene, sign: str) -> None:
    # someone has said yes to the dossier in the same second
    scene.say("accept", "commander", "M14")
    assert scene.tick(**CIVIL[sign]) != "admissible"
    assert scene.dossier() == "withdrawn"


@pytest.mark.parametrize("sign", ["a plan fits", "it replies", "it needs help", "an airliner"])
def test_and_the_gate_begins_again_when_the_evidence_has_gone(scene: Scene, sign: str) -> None:
    scene.say("accept", "commander", "M14")
    scene.say("accept", "review", "M14")
    before = {name: getattr(scene.known, name) for name in CIVIL[sign]}
    scene.tick(**CIVIL[sign])
    assert scene.tick(**before) == "closed"  # what was confirmed before it counts no more
    assert scene.dossier() == "withdrawn"
    scene.confirm_all()
    assert scene.tick() == "admissible"
    assert scene.dossier() == "open"  # asked anew: nobody's yes of before is left


@pytest.mark.parametrize("where", ["tower", "review", "watch"])
@pytest.mark.parametrize("subject", ["K1", "K2", "K4", "F06", "F13"])
def test_one_persons_no_closes_it_in_its_own_tick(scene: Scene, where: str, subject: str) -> None:
    scene.say("deny_check", where, subject)
    assert scene.tick() == "closed" or subject in ("K1", "K2")
    assert scene.pipeline.advice["i1"].force_question != "admissible"
    assert scene.dossier() == "withdrawn"


@pytest.mark.parametrize("key", ["Ann", "Dora", "Finn"])
def test_the_fall_of_a_key_closes_it_in_its_own_tick(scene: Scene, key: str) -> None:
    """Whoever confirmed any part of it: nothing that a revoked key has opened holds the question open."""
    scene.say("revoke", "commander", public(key))
    assert scene.tick() != "admissible"
    assert scene.dossier() == "withdrawn"
    assert [one.public_key for one in scene.pipeline.desk.revoked] == [public(key)]
    assert key != "Ann" or scene.pipeline.advice["i1"].force_question == "never"  # it named SUSPECT


@pytest.mark.parametrize("where", ["latvian minister", "stateless"])
def test_no_authority_but_that_of_the_state_answers_the_question(scene: Scene, where: str) -> None:
    for office in ("commander", "review", where):
        scene.say("accept", office, "M14")
    scene.now_ns += SECOND_NS
    scene.pipeline.tick(scene.now_ns)
    assert "this is about LTU" in str(scene.pipeline.desk.verdicts[-1])
    assert scene.dossier() == "open"


@pytest.mark.parametrize("alone", ["suspect", "civil_excluded"])
def test_one_person_who_sets_its_identity_closes_the_question_for_a_while(
    scene: Scene, alone: str
) -> None:
    scene.say("set_identity", "watch", None, alone)
    assert scene.tick() == "closed"
    assert scene.pipeline.advice["i1"].gate["F15"] == "no"


def test_where_nobody_listens_any_more_the_question_closes(scene: Scene) -> None:
    scene.pipeline.health[0].state = "dead"
    assert scene.tick() == "closed"


def test_without_any_civil_feed_no_person_can_open_the_question(scene: Scene) -> None:
    """S004, S005: nobody has plans and nothing hears replies, and people have confirmed all there is."""
    scene.pipeline._hears = set()
    scene.tick()
    scene.confirm_all()
    assert scene.tick() == "closed"
    assert scene.dossier() == "withdrawn"
    advice = scene.pipeline.advice["i1"]
    assert {advice.checks["K1"], advice.checks["K3"]} == {"yes"}
    assert advice.gate["F02"] == "no"
    # plans alone are a civil feed, and so are replies alone
    scene.pipeline._planned_ns = scene.now_ns + 10**12
    scene.confirm_all()
    assert scene.tick() == "admissible"
    scene.pipeline._planned_ns = 0
    assert scene.tick() == "closed"
    scene.pipeline._hears = {0}
    scene.tick()
    scene.confirm_all()
    assert scene.tick() == "admissible"


def test_a_radar_under_an_alarm_is_no_sound_sensor(scene: Scene) -> None:
    scene.pipeline._bias_alarms._seen_ns["a"] = scene.now_ns
    assert scene.tick() != "admissible"


@pytest.mark.parametrize("left", [("a",), ("b",), ()])
def test_what_one_sensor_alone_sees_now_is_asked_about_no_more(
    scene: Scene, left: tuple[str, ...]
) -> None:
    scene.seeing = left
    assert scene.tick() == "closed"
    assert scene.dossier() == "withdrawn"
    measures = {m for p in scene.pipeline.advice["i1"].proposals for m in p.measures}
    assert not measures & {"M06", "M07", "M08"}
    assert measures >= {"M05", "M09"}  # what informs and protects stays


def test_two_kinds_that_see_it_again_have_to_agree_for_a_minute(scene: Scene) -> None:
    scene.seeing = ("a",)
    assert scene.tick() == "closed"
    scene.seeing = ("a", "b")
    scene.tick()
    assert scene.pipeline.advice["i1"].gate["F03"] != "yes"
    scene.pass_(50)
    scene.confirm_all()
    assert scene.tick() == "closed"
    assert scene.pipeline.advice["i1"].gate["F03"] == "no"
    scene.pass_(10)
    scene.confirm_all()
    assert scene.tick() == "admissible"
    # what nobody looked at for a while has not gone on
    scene.tick(30)
    scene.confirm_all()
    assert scene.tick() == "closed"


def test_a_sensor_of_no_known_feed_is_not_taken_for_sound(scene: Scene) -> None:
    del scene.pipeline._feed_of["b"]
    assert scene.tick() != "admissible"


def test_two_persons_prepare_the_dossier_and_time_ends_it_as_no(scene: Scene) -> None:
    scene.say("accept", "commander", "M14")
    scene.tick()
    assert scene.dossier() == "open"
    scene.say("accept", "review", "M14")
    scene.tick()
    assert scene.dossier() == "open"  # they have prepared it; the question is another's to answer
    scene.say("accept", "minister", "M14")
    scene.tick()
    assert scene.dossier() == "accepted"
    scene.tick(seconds=61.0)  # the confirmations are old
    assert scene.pipeline.advice["i1"].force_question == "closed"
    assert scene.dossier() == "withdrawn"


def test_suspect_lapses_and_nobody_is_asked_any_more(scene: Scene) -> None:
    limit_s = scene.pipeline.body.stages.response.suspect_valid_s
    scene.tick(seconds=limit_s - 680.0)
    assert (
        scene.pipeline.advice["i1"].force_question == "closed"
    )  # SUSPECT still, confirmed by none
    assert scene.tick(seconds=20.0) == "never"


def test_a_recording_asks_nobody_whatever_is_confirmed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    scene = Scene(monkeypatch, tmp_path, live=False)
    scene.tick()
    scene.say("set_identity", "watch", None, "suspect")
    scene.tick()
    scene.tick(601)
    scene.confirm_all()
    assert scene.tick() == "closed"
    assert scene.dossier() is None
    withheld = {m for p in scene.pipeline.advice["i1"].proposals for m in p.withheld}
    assert "M14" in withheld
