"""The review of an exercise: what was known when, what was decided, what it cost, and what was only stamped."""

from collections.abc import Iterable
from statistics import median
from typing import Any, Final

import msgspec

from vedette.airspace.index import ZoneIndex
from vedette.model.assessment import CREWED_CIVIL
from vedette.model.entry import Entry
from vedette.model.incident import Incident
from vedette.model.probability import class_share, percent
from vedette.model.time import SECOND_NS
from vedette.response.desk.docket import Paper
from vedette.sim.exercise.players import NOTHING, Whose
from vedette.sim.truth import TrueCrossing, true_crossings
from vedette.sim.world import World

# a yes that comes sooner was hardly weighed (design choice; Parasuraman and Manzey 2010)
HURRIED_S: Final = 10.0
SENDS: Final = frozenset(("M06", "M07", "M08"))  # aircraft go
WARNS: Final = "M09"
CLOSES: Final = "M10"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something became known, or advice changed."""

    at_s: float  # after the night began
    what: str


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What was known of one incident, and when."""

    incident_id: str
    object: str  # of the scenario; "nothing": no object stands behind it
    object_class: str  # what it was
    opened_s: float
    changes: tuple[Change, ...]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """One question, and what became of it."""

    incident_id: str
    object: str
    measure: str
    status: str  # of the paper, or renewed: its facts changed, and it was put anew
    asked_s: float
    decided_s: float | None
    waited_s: float | None
    # before the object had left, or the night had ended; None: nothing to be late for, as when the rules took the
    # question back or put it anew
    in_time: bool | None
    people: tuple[str, ...]


class Stamps(msgspec.Struct, frozen=True, kw_only=True):
    """How one person accepted."""

    person: str
    accepted: int
    hurried: int  # sooner than ``HURRIED_S`` after it was put
    unchecked: int  # without any check, answer or question of anybody about the incident before
    rate: float  # share that was hurried or unchecked


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What the decisions cost, and what was bought."""

    questions: int
    answered: int
    wait_median_s: float | None
    sorties: int
    sorties_for_nothing: int  # about what no object stood behind
    sorties_to_civil: int
    warnings: int
    warnings_for_nothing: int
    closed_airspace_s: float
    intruders: int  # that were inside and are no civil aircraft
    intruders_met: int  # aircraft were sent before they had left
    intruders_missed: int  # no incident was about them
    inside_before_word_s: float  # sum over intruders, from the border to the first yes about them


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """All of it."""

    label: str
    seed: int
    duration_s: float
    known: tuple[Known, ...]
    decisions: tuple[Decision, ...]
    stamps: tuple[Stamps, ...]
    rate: float | None  # of rubber stamps among all yeses; None: nobody said yes
    refused: int  # acts that the desk refused
    cost: Cost


def review(entries: Iterable[Entry], world: World, zones: ZoneIndex, label: str) -> Review:
    """The review of a night.

    Args:
        entries: of its ledger, or of the same night with other decisions.
        world: the truth behind it.
        zones: by which it was judged.
        label: what stands above it.
    """
    reader = _Reader(world)
    for entry in entries:
        reader.take(entry)
    crossings = true_crossings(world, zones)
    decisions = tuple(reader.decisions(crossings))
    stamps = tuple(reader.stamps())
    yeses = sum(one.accepted for one in stamps)
    poor = sum(round(one.rate * one.accepted) for one in stamps)
    return Review(
        label=label,
        seed=world.variation.seed,
        duration_s=world.scenario.duration_s,
        known=tuple(reader.known()),
        decisions=decisions,
        stamps=stamps,
        rate=poor / yeses if yeses else None,
        refused=reader.refused,
        cost=reader.cost(decisions, crossings),
    )


class _Reader:
    """Gathers what a ledger says."""

    def __init__(self, world: World) -> None:
        self._world, self._whose = world, Whose(world)
        self._incidents: dict[str, Incident] = {}
        self._opened: dict[str, int] = {}
        self._closed: dict[str, int] = {}
        self._changes: dict[str, list[Change]] = {}
        self._class: dict[str, str] = {}
        self._outputs: dict[str, str] = {}
        self._of_track: dict[str, str] = {}
        self._papers: dict[str, Paper] = {}  # each paper as it stood last, by its digest
        self._latest: dict[tuple[str, str], str] = {}  # paper of an incident and a measure
        self._renewed: set[str] = set()  # papers whose facts changed before anybody decided
        self._checks: list[tuple[int, str]] = []  # when somebody looked closer, at which incident
        self.refused = 0

    def _second(self, at_ns: int) -> float:
        return (at_ns - self._world.start_ns) / SECOND_NS

    def take(self, entry: Entry) -> None:
        body: dict[str, Any] = entry.body
        if entry.kind == "incident":
            self._incident(msgspec.convert(body, Incident), entry.valid_ns)
        elif entry.kind == "assessment":
            self._assessment(body, entry.valid_ns)
        elif entry.kind == "advice":
            key, output = str(body["incident_id"]), str(body["output"])
            if self._outputs.get(key) != output:
                self._outputs[key] = output
                self._note(key, entry.valid_ns, f"advice {output}")
        elif entry.kind == "paper":
            paper = msgspec.convert(body, Paper)
            subject = (paper.incident_id, paper.measure)
            if paper.paper_id not in self._papers:
                self._note(paper.incident_id, entry.valid_ns, f"asked {paper.measure}")
                before = self._papers.get(self._latest.get(subject, ""))
                if before is not None and before.status in ("open", "asked"):
                    self._renewed.add(before.paper_id)
            elif self._papers[paper.paper_id].status != paper.status:
                self._note(paper.incident_id, entry.valid_ns, f"{paper.measure} {paper.status}")
            self._papers[paper.paper_id] = paper
            self._latest[subject] = paper.paper_id
        elif entry.kind == "desk_act":
            self._desk_act(body, entry.valid_ns)

    def _incident(self, incident: Incident, at_ns: int) -> None:
        key = incident.incident_id
        before = self._incidents.get(key)
        self._incidents[key] = incident
        self._of_track[incident.track_id] = key
        self._whose.name_of(incident)
        if before is None:
            self._opened[key] = at_ns
            self._note(key, at_ns, f"opened: {', '.join(incident.causes)}, {incident.status}")
        elif before.status != incident.status:
            self._note(key, at_ns, incident.status)
        if incident.status == "closed":
            self._closed.setdefault(key, at_ns)

    def _assessment(self, body: dict[str, Any], at_ns: int) -> None:
        key = self._of_track.get(str(body["track_id"]))
        words = f"{body['object_class']}, {body['identity']}, civil {body['civil']}"
        if key is not None and self._class.get(key) != words:
            self._class[key] = words
            share = class_share(str(body["object_class"]), body["class_probability"])
            sure = "" if share is None else f" ({percent(share)})"
            self._note(key, at_ns, f"held to be {words}{sure}")

    def _desk_act(self, body: dict[str, Any], at_ns: int) -> None:
        act = body.get("act")
        if body.get("refused") is not None or act is None:
            self.refused += 1
            return
        key, subject = str(act["incident_id"]), act["subject"] or act["value"] or ""
        self._note(
            key,
            at_ns,
            f"{act['person']} ({act['office']}): {act['kind']} {subject}: {act['words']}",
        )
        if act["kind"] in ("confirm_check", "deny_check", "ask", "answer"):
            self._checks.append((at_ns, key))

    def _note(self, key: str, at_ns: int, what: str) -> None:
        self._changes.setdefault(key, []).append(Change(at_s=self._second(at_ns), what=what))

    def _name(self, key: str) -> str:
        return self._whose.name_of(self._incidents[key])

    def known(self) -> Iterable[Known]:
        for key, incident in self._incidents.items():
            name = self._whose.name_of(incident)
            yield Known(
                incident_id=key,
                object=name,
                object_class=self._whose.class_of(name),
                opened_s=self._second(self._opened[key]),
                changes=tuple(self._changes.get(key, ())),
            )

    def decisions(self, crossings: list[TrueCrossing]) -> Iterable[Decision]:
        end_ns = self._world.start_ns + round(self._world.scenario.duration_s * SECOND_NS)
        for paper in sorted(self._papers.values(), key=lambda one: (one.opened_ns, one.paper_id)):
            name = self._name(paper.incident_id)
            left = [c.left_ns or end_ns for c in crossings if c.name == name]
            decided_ns = paper.decided_ns if paper.status in ("accepted", "refused") else None
            status = "renewed" if paper.paper_id in self._renewed else paper.status
            in_time = None
            if left and status not in ("renewed", "withdrawn"):
                in_time = decided_ns is not None and decided_ns < max(left)
            yield Decision(
                incident_id=paper.incident_id,
                object=name,
                measure=paper.measure,
                status=status,
                asked_s=self._second(paper.opened_ns),
                decided_s=None if decided_ns is None else self._second(decided_ns),
                waited_s=None if decided_ns is None else (decided_ns - paper.opened_ns) / SECOND_NS,
                in_time=in_time,
                people=tuple(f"{word.person}: {word.kind}" for word in paper.words),
            )

    def stamps(self) -> Iterable[Stamps]:
        counts: dict[str, list[tuple[bool, bool]]] = {}
        for paper in self._papers.values():
            for word in paper.words:
                if word.kind == "accept":
                    hurried = word.heard_ns - paper.opened_ns < HURRIED_S * SECOND_NS
                    looked = any(
                        key == paper.incident_id and at_ns <= word.heard_ns
                        for at_ns, key in self._checks
                    )
                    counts.setdefault(word.person, []).append((hurried, not looked))
        for person, yeses in sorted(counts.items()):
            yield Stamps(
                person=person,
                accepted=len(yeses),
                hurried=sum(hurried for hurried, _ in yeses),
                unchecked=sum(unchecked for _, unchecked in yeses),
                rate=sum(hurried or unchecked for hurried, unchecked in yeses) / len(yeses),
            )

    def cost(self, decisions: tuple[Decision, ...], crossings: list[TrueCrossing]) -> Cost:
        accepted = [one for one in decisions if one.status == "accepted"]
        waits = [one.waited_s for one in decisions if one.waited_s is not None]
        sent = {(one.incident_id, one.object) for one in accepted if one.measure in SENDS}
        warned = {(one.incident_id, one.object) for one in accepted if one.measure == WARNS}
        inside = [c for c in crossings if self._whose.class_of(c.name) not in CREWED_CIVIL]
        intruders = sorted({c.name for c in inside})
        met = {one.object for one in accepted if one.measure in SENDS and one.in_time}
        about = {self._name(key) for key in self._incidents}
        return Cost(
            questions=len(decisions),
            answered=len(waits),
            wait_median_s=median(waits) if waits else None,
            sorties=len(sent),
            sorties_for_nothing=sum(name == NOTHING for _, name in sent),
            sorties_to_civil=sum(self._whose.class_of(name) in CREWED_CIVIL for _, name in sent),
            warnings=len(warned),
            warnings_for_nothing=sum(name == NOTHING for _, name in warned),
            closed_airspace_s=sum(
                map(self._closed_s, (d for d in accepted if d.measure == CLOSES))
            ),
            intruders=len(intruders),
            intruders_met=len(met & set(intruders)),
            intruders_missed=len(set(intruders) - about),
            inside_before_word_s=sum(self._silent_s(name, inside, accepted) for name in intruders),
        )

    def _closed_s(self, decision: Decision) -> float:
        closed_ns = self._closed.get(decision.incident_id)
        end_s = self._world.scenario.duration_s if closed_ns is None else self._second(closed_ns)
        return max(0.0, end_s - (decision.decided_s or 0.0))

    def _silent_s(self, name: str, inside: list[TrueCrossing], accepted: list[Decision]) -> float:
        """How long an intruder was inside before anybody had said yes to anything about it."""
        entered_s = min(self._second(c.entered_ns) for c in inside if c.name == name)
        left_s = max(
            self._world.scenario.duration_s if c.left_ns is None else self._second(c.left_ns)
            for c in inside
            if c.name == name
        )
        words = [d.decided_s for d in accepted if d.object == name and d.decided_s is not None]
        return max(0.0, min([*words, left_s]) - entered_s)
