"""People who are wrong: officers of a desk who believe the worst and sign all that it takes, and forgers."""

from functools import cache
from hashlib import sha256
from typing import Final

import msgspec
import numpy as np

from vedette.engine.pipeline import Pipeline
from vedette.model.act import Act
from vedette.model.signature import public_key_of, to_base64
from vedette.response.desk.offices import Holder, Office, Roster
from vedette.response.desk.signed import DeskAct, DeskActKind, sign_act

_PEOPLE: Final = {
    "watch": ("watch_supervisor", "Ann"), "commander": ("duty_commander", "Ben"),
    "launch": ("launch_authority", "Cid"), "tower": ("air_traffic_services", "Dora"),
    "review": ("reviewer", "Finn"), "protection": ("civil_protection", "Eve"),
}  # fmt: skip
# whose word a check or an item of the gate takes, where it is not the watch's
_ANSWERS: Final = {"K2": "tower", "K12": "tower", "F09": "tower", "F11": "commander", "F13": "review"}  # fmt: skip
_STATEMENTS: Final = ("heading_to_site", "hostile_act", "armed_type_seen")


@cache
def _key_of(person: str) -> bytes:
    return sha256(b"chaos " + person.encode()).digest()


@cache
def roster() -> Roster:
    """The offices of the desk."""
    return Roster(
        offices=tuple(
            Office(
                office_id=name,
                title=name,
                roles=(role,),
                holders=(Holder(person=person, public_key=to_base64(public_key_of(_key_of(person)))),),
            )
            for name, (role, person) in _PEOPLE.items()
        )
    )  # fmt: skip


class Believers:
    """They take every incident for an attack and say so, one after the other, until somebody stops them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._number = 0
        self.about: set[str] = set()  # incidents that they have spoken of

    def say(self, pipeline: Pipeline, now_ns: int) -> list[bytes]:
        """Their acts before a tick, as the input log takes them."""
        known = sorted(key for key, one in pipeline.incidents.items() if one.status != "closed")
        if not known:
            return []
        incident = pipeline.incidents[known[int(self._rng.integers(len(known)))]]
        self.about.add(incident.incident_id)
        papers = {
            paper.measure: paper.paper_id
            for paper in pipeline.desk.papers
            if paper.incident_id == incident.incident_id
        }
        acts: list[bytes] = []

        def sign(
            kind: DeskActKind, where: str, subject: str | None, value: str | None = None
        ) -> str:
            self._number += 1
            person = _PEOPLE[where][1]
            act = DeskAct(
                act_id=f"a{self._number}", desk=pipeline.desk.plan.desk_id, kind=kind, person=person,
                office=where, incident_id=incident.incident_id, track_id=incident.track_id,
                seen_ns=now_ns, subject=subject, value=value, paper=papers.get(subject or ""),
                words="it attacks, there is no doubt",
            )  # fmt: skip
            # now and then with a key that is not theirs
            key = _key_of("a forger" if self._rng.random() < 0.05 else person)
            acts.append(msgspec.json.encode(sign_act(act, key)))
            return act.act_id

        said = sign("set_identity", "commander", None, "hostile")
        sign("review", "review", said)
        sign("set_identity", "watch", None, "civil_excluded")
        sign("set_identity", "commander", None, "civil_excluded")
        for fact in _STATEMENTS:
            sign("confirm_check", "watch", fact)
        rules = pipeline.rules
        for name in (*rules.checks, *rules.gate):
            sign("confirm_check", _ANSWERS.get(name, "watch"), name)
        for measure in sorted(papers):
            sign("accept", "commander", measure)
            sign("accept", "review", measure)
            sign("accept", "launch", measure)
        unsigned = Act(
            act_id=f"u{self._number}", kind="set_identity", person="Nobody", office="none",
            valid_ns=now_ns, incident_id=incident.incident_id, value="hostile", words="x",
        )  # fmt: skip
        acts.append(msgspec.json.encode(unsigned))
        return acts
