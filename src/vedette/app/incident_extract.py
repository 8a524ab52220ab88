"""One incident of a record as a file that a stranger can check, and what such a file says."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from vedette.app.incident_json import incident_json
from vedette.app.summary import counted, incident_lines
from vedette.engine.record import Record
from vedette.ledger.entries import decode_entry
from vedette.ledger.extract import Extract, extract, problems_of, read_extract
from vedette.ledger.head import Head
from vedette.model.assessment import Assessment
from vedette.model.errors import RecordError
from vedette.model.incident import Incident
from vedette.model.proposal import Advice


def incident_extract(record: Record, incident_id: str) -> tuple[bytes, int]:
    """The entries that name an incident, and those of its tracks, under the record's head; how many they are.

    What is sealed stays sealed: the file holds entries as they lie in the ledger.

    Raises:
        RecordError: the record has no such incident, or no head that reaches it.
    """
    head = record.head()
    if head is None:
        raise RecordError(f"{record.folder} has no signed head yet")
    lines = list(record.lines())[: head.size]
    tracks: set[str] = set()
    for entry in record.entries(("incident",)):
        incident = msgspec.convert(entry.body, Incident)
        if incident.incident_id == incident_id:
            tracks |= {incident.track_id, *(one.track_id for one in incident.crossings)}
    if not tracks:
        raise RecordError(f"{record.folder} has no incident {incident_id}")
    named = f'"{incident_id}"'.encode()
    marks = [f'"track_id":"{name}"'.encode() for name in sorted(tracks)]
    numbers = [
        number
        for number, line in enumerate(lines)
        if number == 0 or named in line or any(mark in line for mark in marks)
    ]
    return extract(incident_id, lines, numbers, head), len(numbers)


def checked_extract(path: Path, older: Sequence[Head]) -> tuple[list[str], list[str], list[str]]:
    """What an extract says, what is wrong with it, and what to know of it.

    Raises:
        RecordError: it cannot be read, or is none.
    """
    try:
        found = read_extract(path.read_bytes())
    except OSError as error:
        raise RecordError(f"cannot read {path}: {error.strerror}") from error
    problems, notes = problems_of(found), []
    for head in older:
        if head.public_key != found.head.public_key:
            problems.append(f"the head given is signed by another key, {head.public_key}")
        elif head.size == found.head.size and head.root != found.head.root:
            problems.append("the head given is of the same length and another log")
        elif head.size != found.head.size:
            notes.append(
                f"the head given is of {head.size} entries, this one of {found.head.size}: "
                "only that one key signed both is known"
            )
    said = [
        f"incident {found.about}: {len(found.entries)} of {counted(found.head.size, 'entry')}",
        f"tree head {found.head.root}",
        f"key {found.head.public_key}",
    ]
    if not problems:
        said += ["", *_incident(found)]
    notes.append(
        "each entry lies in the ledger whose head this key signed; that none was left out, and whose key it is, "
        "no extract shows: ask for the record, or for its head by another way (--head FILE)"
    )
    return said, problems, notes


def _incident(found: Extract) -> list[str]:
    """The incident as its last revisions here have it; measures by their codes."""
    incident: Incident | None = None
    advice: Advice | None = None
    assessments: dict[str, Assessment] = {}
    for leaf in found.entries:
        entry = decode_entry(leaf.line.encode())
        if entry.kind == "incident" and entry.body.get("incident_id") == found.about:
            incident = msgspec.convert(entry.body, Incident)
        elif entry.kind == "advice" and entry.body.get("incident_id") == found.about:
            advice = msgspec.convert(entry.body, Advice)
        elif entry.kind == "assessment":
            about = msgspec.convert(entry.body, Assessment)
            assessments[about.track_id] = about
    if incident is None:
        return [f"it holds no revision of {found.about}"]
    known = assessments.get(incident.track_id)
    return incident_lines(incident_json(incident, advice, known, None, {}))
