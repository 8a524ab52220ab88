"""Incidents of a record or of a run, as JSON: the latest revision of each with its latest advice."""

from collections.abc import Mapping
from typing import Any

import msgspec

from vedette.app.clock_json import clock_json
from vedette.app.desk_json import paper_json, revoked_json, step_texts
from vedette.app.incident_json import incident_json
from vedette.engine.course import Course
from vedette.engine.desk import desk_files
from vedette.engine.desk_check import roster_of
from vedette.engine.opening import rules_of
from vedette.engine.record import Record
from vedette.model.act import Act
from vedette.model.assessment import Assessment
from vedette.model.clock import Clock
from vedette.model.errors import RecordError, RuleError
from vedette.model.incident import Incident
from vedette.model.proposal import Advice
from vedette.response.desk.docket import Paper
from vedette.response.desk.revocation import Revoked
from vedette.response.timing import timing_of


def _measures(record: Record) -> Mapping[str, str]:
    """Words of the measures by the rule set that the record was made under.

    None where this program cannot read it (of a record of another version, or with a damaged input): the words of
    other rules would be put into their mouth, and the measure's name stands for itself.
    """
    try:
        return rules_of(record, record.body).measure_texts
    except (RecordError, RuleError):
        return {}


def _steps(record: Record) -> Mapping[str, str]:
    """Words of the steps of the decision clock, by the same rules; none where they cannot be read."""
    body = record.body
    try:
        files = {item.name: record.input_bytes(item) for item in desk_files(body.rules)}
        return step_texts(timing_of(files, rules_of(record, body)))
    except (RecordError, RuleError):
        return {}


def incidents_of_record(record: Record) -> list[dict[str, Any]]:
    """All incidents in a record's ledger, oldest first."""
    incidents: dict[str, Incident] = {}
    advice: dict[str, Advice] = {}
    assessments: dict[str, Assessment] = {}
    acts: dict[str, Act] = {}
    for entry in record.entries(("incident", "advice", "assessment", "act")):
        if entry.kind == "incident":
            incident = msgspec.convert(entry.body, Incident)
            incidents[incident.incident_id] = incident
        elif entry.kind == "advice":
            given = msgspec.convert(entry.body, Advice)
            advice[given.incident_id] = given
        elif entry.kind == "assessment":
            assessment = msgspec.convert(entry.body, Assessment)
            assessments[assessment.track_id] = assessment
        else:
            act = msgspec.convert(entry.body, Act)
            if act.kind == "acknowledge" and act.incident_id is not None:
                acts[act.incident_id] = act
    words = _measures(record)
    return [
        incident_json(
            incident,
            advice.get(key),
            assessments.get(incident.track_id),
            acts.get(key),
            words,
        )
        for key, incident in incidents.items()
    ]


def papers_of_record(record: Record) -> list[dict[str, Any]]:
    """Questions that were put to offices, each as it stood last, by incident and measure."""
    papers: dict[tuple[str, str], Paper] = {}
    for entry in record.entries(("paper",)):
        paper = msgspec.convert(entry.body, Paper)
        papers[paper.incident_id, paper.measure] = paper
    words = _measures(record)
    return [paper_json(papers[key], words) for key in sorted(papers)]


def keys_of_record(record: Record) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Keys of a record's offices with who holds them, and those that were revoked in it."""
    held = [
        {"office": office.office_id, "person": holder.person, "public_key": holder.public_key}
        for office in roster_of(record).offices
        for holder in office.holders
    ]
    revoked = []
    for entry in record.entries(("desk_act",)):
        act: Any = entry.body.get("act")
        if act is not None and act["kind"] == "revoke" and entry.body["refused"] is None:
            revoked.append(
                Revoked(
                    public_key=act["subject"], person=act["person"], office=act["office"],
                    at_ns=entry.valid_ns, act_id=act["act_id"], words=act["words"],
                )
            )  # fmt: skip
    return held, [revoked_json(one) for one in revoked]


def clock_of_record(record: Record, incident_id: str) -> dict[str, Any] | None:
    """The last reading of an incident's decision clock; None where there was none."""
    last = None
    for entry in record.entries(("clock",)):
        if entry.body.get("incident_id") == incident_id:
            last = entry
    if last is None:
        return None
    return clock_json(msgspec.convert(last.body, Clock), _steps(record))


def incidents_of_course(course: Course) -> list[dict[str, Any]]:
    """All incidents of a run in this process, oldest first."""
    pipeline = course.pipeline
    words = pipeline.rules.measure_texts
    return [
        incident_json(
            incident,
            pipeline.advice.get(key),
            pipeline.last_assessments.get(incident.track_id),
            pipeline.acknowledged.get(key),
            words,
        )
        for key, incident in pipeline.incidents.items()
    ]
