"""A small desk: offices with keys made from their names, and one incident with its advice."""

from functools import cache
from hashlib import sha256
from typing import Any

import msgspec

from vedette.model.assessment import Assessment
from vedette.model.incident import Bounds, Crossing, Incident, Moment
from vedette.model.proposal import Advice, Proposal
from vedette.model.signature import public_key_of, to_base64
from vedette.model.time import SECOND_NS
from vedette.response.desk import admission, docket
from vedette.response.desk.offices import Holder, Office, Roster
from vedette.response.desk.seats import table_of
from vedette.response.desk.signed import DeskAct, SignedAct, sign_act
from vedette.response.rule_set import shipped_rules

NOW_NS = 1_758_265_700 * SECOND_NS
DESK = "d" * 64
RULES = shipped_rules()
TABLE = table_of({}, RULES)
APPROACHING = frozenset(RULES.about.reading.closed_by_doubt)
PEOPLE = {
    "watch": ("watch_supervisor", "Ann"),
    "commander": ("duty_commander", "Ben"),
    "launch": ("launch_authority", "Cid"),
    "tower": ("air_traffic_services", "Dora"),
    "protection": ("civil_protection", "Eve"),
    "review": ("reviewer", "Finn"),
    "operator": ("watch_operator", "Gil"),
    "press": ("spokesperson", "Hal"),
}


@cache
def key_of(person: str) -> bytes:
    return sha256(person.encode()).digest()


def public(person: str) -> str:
    return to_base64(public_key_of(key_of(person)))


def office(
    office_id: str, roles: tuple[str, ...], *people: str, state: str | None = None
) -> Office:
    return Office(
        office_id=office_id,
        title=office_id,
        roles=roles,
        state=state,
        holders=tuple(Holder(person=name, public_key=public(name)) for name in people),
    )


# Ann sits in two offices: what takes two persons she still cannot do alone.
ROSTER = Roster(
    offices=(
        *(office(name, (role,), person) for name, (role, person) in PEOPLE.items()),
        office("night launch", ("launch_authority", "reviewer"), "Ann", "Ivo"),
        office("latvian launch", ("launch_authority",), "Jan", state="LVA"),
        office("minister", ("national_authority",), "Lea", state="LTU"),
        office("latvian minister", ("national_authority",), "Maris", state="LVA"),
        office("stateless", ("national_authority",), "Nemo"),
    )
)


def incident(**changes: Any) -> Incident:
    moment = Moment(estimate_ns=NOW_NS, low_ns=NOW_NS, high_ns=NOW_NS)
    bounds = Bounds(estimate=90.0, low=80.0, high=100.0)
    crossing = Crossing(
        track_id="t1", zone_id="EST", state="EST", entered=moment, left=None, inside_s=bounds,
        depth_m=bounds, probability=1.0,
    )  # fmt: skip
    facts: dict[str, Any] = {
        "incident_id": "i1", "revision": 1, "group_id": None, "status": "open",
        "causes": ("unexplained_crossing",), "track_id": "t1", "opened_ns": NOW_NS,
        "valid_ns": NOW_NS, "crossings": (crossing,), "latitude_deg": 59.5, "longitude_deg": 26.0,
        "pressure_altitude_m": None, "ground_speed_mps": 250.0, "track_angle_rad": 1.0,
        "sensors": ("a", "b"),
    }  # fmt: skip
    return Incident(**(facts | changes))


def assessment(**changes: Any) -> Assessment:
    facts: dict[str, Any] = {
        "track_id": "t1", "valid_ns": NOW_NS, "object_class": "military_aircraft",
        "class_probability": 0.9, "class_probabilities": {"military_aircraft": 1.0},
        "identity": "unknown", "civil": "possible", "cooperative": False, "explained_by": None,
    }  # fmt: skip
    return Assessment(**(facts | changes))


def advice(*measures: str, rule: str = "R14", **changes: Any) -> Advice:
    proposal = Proposal(
        rule=rule, measures=measures, not_permitted="the question of force", authority="x",
        deadline="", deadline_s=None, reasons=(), sources=(),
    )  # fmt: skip
    facts: dict[str, Any] = {
        "incident_id": "i1", "valid_ns": NOW_NS, "rule_set": "r", "proposals": (proposal,),
        "output": "ESCORT", "force_question": "never",
    }  # fmt: skip
    return Advice(**(facts | changes))


def case(given: Advice, known: Assessment | None = None, **changes: Any) -> docket.Case:
    return docket.Case(incident=incident(**changes), advice=given, assessment=known or assessment())


class DeskRun:
    """Both stages of the desk, one after the other, as the engine runs them."""

    def __init__(self, roster: Roster = ROSTER) -> None:
        self.roster = roster
        self.settings = admission.AdmissionSettings()
        self.admission = admission.AdmissionState()
        self.docket = docket.DocketState()
        self.now_ns = NOW_NS
        self.subjects = {"i1": admission.Subject(track_id="t1", closed=False)}
        self.effects: list[Any] = []
        self._number = 0

    def tick(
        self,
        *acts: SignedAct,
        cases: tuple[docket.Case, ...] = (),
        seconds: float = 1.0,
        **subjects: admission.Subject,
    ) -> list[str | None]:
        """Refusals of the acts, in order; None: heard."""
        self.now_ns += round(seconds * SECOND_NS)
        self.subjects |= subjects
        self.admission, heard = admission.step(
            self.settings,
            self.admission,
            admission.Inputs(
                acts=acts, desk=DESK, roster=self.roster, table=TABLE, rules=RULES,
                subjects=self.subjects,
            ),
            self.now_ns,
        )  # fmt: skip
        self.effects += [one.effect for one in heard if one.effect is not None]
        self.docket, outcome = docket.step(
            docket.DocketSettings(),
            self.docket,
            docket.Inputs(cases=cases, heard=heard, table=TABLE, approaching=APPROACHING),
            self.now_ns,
        )
        return [one.refused or outcome.refused.get(one.signed.signature) for one in heard]

    def paper(self, measure: str) -> docket.Paper:
        return self.docket.papers["i1", measure]

    def act(
        self, kind: Any, person: str, where: str, subject: str | None, **changes: Any
    ) -> DeskAct:
        self._number += 1
        known = self.docket.papers.get(("i1", subject or ""))
        facts: dict[str, Any] = {
            "act_id": f"a{self._number}", "desk": DESK, "kind": kind, "person": person,
            "office": where, "incident_id": "i1", "track_id": "t1", "seen_ns": self.now_ns,
            "subject": subject, "words": "seen and weighed",
            "paper": known.paper_id if known and kind in ("accept", "reject", "ask") else None,
        }  # fmt: skip
        return DeskAct(**(facts | changes))

    def say(
        self, kind: Any, person: str, where: str, subject: str | None, **changes: Any
    ) -> str | None:
        return self.tick(
            sign_act(self.act(kind, person, where, subject, **changes), key_of(person))
        )[0]


def altered(signed: SignedAct, **changes: Any) -> SignedAct:
    return msgspec.structs.replace(signed, **changes)
