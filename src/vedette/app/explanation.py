"""The ledger of evidence of a track, from a record or a run, for people, the page and other programs."""

from typing import Any

import msgspec
import pyarrow.compute as pc

from vedette.engine.course import Course
from vedette.engine.opening import course_of, replayed
from vedette.engine.record import Record
from vedette.engine.track_tables import read_track_tables
from vedette.identity.monitor import Finding
from vedette.model.assessment import Assessment, Ledger
from vedette.model.probability import class_share, percent, rounded
from vedette.model.time import format_utc


def explanation_json(one: Assessment, finding: Finding | None) -> dict[str, Any]:
    """A full assessment with its ledgers, its rules, its doubts and what would change it."""
    return {
        "track_id": one.track_id,
        "valid": {"utc": format_utc(one.valid_ns)},
        "callsign": one.callsign,
        "icao24": one.icao24,
        "class": one.object_class,
        "class_probability": rounded(one.class_probability),
        "class_probabilities": {
            name: rounded(chance) for name, chance in one.class_probabilities.items()
        },
        "identity": one.identity,
        "civil": one.civil,
        "explained_by": one.explained_by,
        "ledgers": [_ledger(ledger) for ledger in one.ledgers],
        "rules": [
            {
                "source": item.source,
                "statement": item.statement,
                "supports": item.supports,
                "valid": {"utc": format_utc(item.valid_ns)},
                "would_change": item.would_change,
            }
            for item in one.evidence
            if item.log_odds == 0.0
        ],
        "what_if": [
            {
                "evidence": item.evidence,
                "log_odds": round(item.log_odds, 3),
                "class": item.object_class,
                "class_probability": rounded(item.class_probability),
                "crewed_civil_probability": rounded(item.crewed_civil_probability),
                "identity": item.identity,
                "civil": item.civil,
            }
            for item in one.what_if
        ],
        "doubts": list(one.doubts),
        "integrity": None if finding is None else finding_json(finding),
    }


def _ledger(ledger: Ledger) -> dict[str, Any]:
    return {
        "hypothesis": ledger.hypothesis,
        "steps": [
            {
                "source": step.source,
                "statement": step.statement,
                "valid": {"utc": format_utc(step.valid_ns)},
                "log_odds": round(step.log_odds, 3),
                "running": round(step.running, 3),
                "probability": rounded(step.probability),
                "would_change": step.would_change,
            }
            for step in ledger.steps
        ],
    }


def finding_json(finding: Finding) -> dict[str, Any]:
    """The verdict on the word of an aircraft."""
    return {
        "aircraft": finding.aircraft,
        "verdict": finding.verdict,
        "reasons": list(finding.reasons),
        "since": None if finding.since_ns is None else {"utc": format_utc(finding.since_ns)},
        "valid": {"utc": format_utc(finding.valid_ns)},
        "latitude_deg": finding.latitude_deg,
        "longitude_deg": finding.longitude_deg,
        "before_deg": finding.before_deg,
    }


def _class_words(found: dict[str, Any]) -> str:
    share = class_share(found["class"], found["class_probability"])
    return f"{found['class']}{'' if share is None else f' ({percent(share)})'}"


def explanation_lines(found: dict[str, Any]) -> list[str]:
    """An explanation as ``explanation_json`` gives it, in lines."""
    lines = [
        f"{found['track_id']}  {found['callsign'] or found['icao24'] or 'no name of its own'}  "
        f"{found['valid']['utc'][:19]}Z",
        f"  {_class_words(found)}, {found['identity']}, "
        f"civil {found['civil']}; explained by: {found['explained_by'] or 'nothing'}",
    ]
    for ledger in found["ledgers"]:
        lines.append(f"\nIs it {ledger['hypothesis']}?  (log-odds, sum, probability)")
        for step in ledger["steps"]:
            lines.append(
                f"  {step['valid']['utc'][11:19]}Z  {step['log_odds']:+6.2f}  {step['running']:+6.2f}  "
                f"{percent(step['probability'], 1):>8}  {step['statement']} ({step['source']})"
            )
            lines.append(f"{'':39}would change it: {step['would_change']}")
    lines.append("\nBy rule, whatever the odds")
    lines += [
        f"  {item['valid']['utc'][11:19]}Z  {item['supports']}: {item['statement']} ({item['source']}); "
        f"would change it: {item['would_change']}"
        for item in found["rules"]
    ]
    if found["what_if"]:
        lines.append("\nWhat further evidence would do  (move of the class now likeliest)")
    lines += [
        f"  {item['log_odds']:+6.2f}  {item['evidence']}: {_class_words(item)}, "
        f"crewed civil {percent(item['crewed_civil_probability'])}, "
        f"{item['identity']}, civil {item['civil']}"
        for item in found["what_if"]
    ]
    if found["integrity"]:
        lines.append(f"\nIts own word: {found['integrity']['verdict'].replace('_', ' ')}")
        lines += [f"  {reason}" for reason in found["integrity"]["reasons"]]
    if found["doubts"]:
        lines.append("\nDoubts")
        lines += [f"  {doubt}" for doubt in found["doubts"]]
    return lines


def explained_of_course(course: Course, name: str) -> dict[str, Any] | None:
    """The explanation of a track of a run, named by its id, callsign or address; None for none."""
    one = course.pipeline.explain(name)
    if one is None:
        return None
    found = [f for f in course.pipeline.integrity.findings() if f.aircraft == one.icao24]
    return explanation_json(one, found[0] if found else None)


def _seen(record: Record, name: str) -> bool:
    """Whether a record's tables have a track of that name; True where it has no tables."""
    table = read_track_tables(record.folder / "tables")
    if table is None:
        return True
    marks = [table.column("track_id"), table.column("callsign")]
    if any(pc.any(pc.equal(mark, name)).as_py() for mark in marks):
        return True
    try:
        address = int(name, 16)
    except ValueError:
        return False
    return bool(pc.any(pc.equal(table.column("icao24"), address)).as_py())


def explained_of_record(record: Record, name: str) -> dict[str, Any] | None:
    """The same of a record: from its ledger where the track was part of an incident, else by a replay.

    A replay takes as long as the run took to compute; the last assessment before the track ended is given.
    """
    last: Assessment | None = None
    findings: dict[str, Finding] = {}
    for entry in record.entries(("assessment", "integrity")):
        if entry.kind == "integrity":
            finding = msgspec.convert(entry.body, Finding)
            findings[finding.aircraft] = finding
            continue
        if name in (entry.body["track_id"], entry.body["callsign"], entry.body["icao24"]):
            last = msgspec.convert(entry.body, Assessment)
    if last is not None and last.ledgers:
        held = findings.get(last.icao24 or "")
        return explanation_json(last, held if held and held.verdict != "none" else None)
    if not _seen(record, name):
        return None
    course = course_of(record)
    found: dict[str, Any] | None = None

    def look(course: Course) -> None:
        nonlocal found
        if course.ticks % 30 == 0:
            found = explained_of_course(course, name) or found

    for _ in replayed(record, course, look):
        pass
    return explained_of_course(course, name) or found
