"""Players of a script at the desk: they see what the desk shows, and sign what the script says."""

from typing import Final

import msgspec
import numpy as np

from vedette.engine.pipeline import Pipeline
from vedette.model.incident import Incident
from vedette.model.time import SECOND_NS
from vedette.response.desk.docket import Paper
from vedette.response.desk.signed import DeskAct, sign_act
from vedette.sim.exercise.script import Line, Script
from vedette.sim.world import World

NEAR_M: Final = 8_000.0  # an incident is about the object that stands so near, when it is opened
NOTHING: Final = "nothing"  # clutter, a ghost: no object stands behind it
_METRES: Final = 111_200.0


class Whose:
    """Which object of the world an incident is about: the nearest, where it was first said to be."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, str] = {}

    def name_of(self, incident: Incident) -> str:
        """Its name in the scenario, or ``NOTHING``."""
        found = self._known.get(incident.incident_id)
        if found is None or found == NOTHING:  # the truth may come out later
            found = self._known[incident.incident_id] = self._nearest(incident)
        return found

    def class_of(self, name: str) -> str:
        """What an object is."""
        found = (m.flight.object_class for m in self._world.motions if m.flight.name == name)
        return next(found, NOTHING)

    def _nearest(self, incident: Incident) -> str:
        at_s = np.array([(incident.valid_ns - self._world.start_ns) / SECOND_NS])
        best, name = NEAR_M, NOTHING
        for motion in self._world.motions:
            state = motion.at(at_s)[0]
            if np.isnan(state[0]):
                continue
            north = (state[0] - incident.latitude_deg) * _METRES
            east = (state[1] - incident.longitude_deg) * _METRES
            far_m = float(np.hypot(north, east * np.cos(np.radians(incident.latitude_deg))))
            if far_m < best:
                best, name = far_m, motion.flight.name
        return name


class Players:
    """All players of a script, and what they have said so far."""

    def __init__(self, script: Script, world: World) -> None:
        self._script, self._whose = script, Whose(world)
        self._offices = {player.person: player.office for player in script.players}
        self._said: set[tuple[int, str]] = set()

    def say(self, pipeline: Pipeline, now_ns: int) -> list[bytes]:
        """Acts before the tick at ``now_ns``, as the input log takes them."""
        acts = []
        papers = {(paper.incident_id, paper.measure): paper for paper in pipeline.desk.papers}
        for key, incident in sorted(pipeline.incidents.items()):
            if incident.status == "closed":
                continue
            for number, line in enumerate(self._script.lines):
                if line.about not in ("*", self._whose.name_of(incident)):
                    continue
                paper = papers.get((key, line.subject or ""))
                act = self._line(number, line, incident, paper, pipeline, now_ns)
                if act is not None:
                    acts.append(act)
        return acts

    def _line(
        self,
        number: int,
        line: Line,
        incident: Incident,
        paper: Paper | None,
        pipeline: Pipeline,
        now_ns: int,
    ) -> bytes | None:
        answers = line.kind in ("accept", "reject", "ask")
        if answers and (paper is None or paper.status not in ("open", "asked")):
            return None
        mark = paper.paper_id if answers and paper is not None else incident.incident_id
        begun_ns = paper.opened_ns if answers and paper is not None else incident.opened_ns
        if (number, mark) in self._said or now_ns - begun_ns < line.after_s * SECOND_NS:
            return None
        self._said.add((number, mark))
        act = DeskAct(
            act_id=f"line {number} {mark[:24]}", desk=pipeline.desk.plan.desk_id, kind=line.kind,
            person=line.person, office=self._offices[line.person], incident_id=incident.incident_id,
            track_id=incident.track_id, seen_ns=pipeline.now_ns, subject=line.subject, value=line.value,
            paper=paper.paper_id if answers and paper is not None else None, words=line.words,
        )  # fmt: skip
        return msgspec.json.encode(sign_act(act, self._script.key_of(line.person)))
