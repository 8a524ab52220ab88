"""What a record holds about one incident, gathered for its evidence figure."""

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from vedette.app.evidence_figure import Figure
from vedette.engine.measurements import Measured, measured
from vedette.engine.opening import zones_of
from vedette.engine.record import Record
from vedette.engine.track_tables import read_track_tables
from vedette.model.assessment import Assessment
from vedette.model.errors import RecordError
from vedette.model.incident import Crossing, Incident
from vedette.model.time import SECOND_NS
from vedette.watch.evidence import evidence

_AROUND_NS = 120 * SECOND_NS  # of the track is shown before the first entry and after the last exit


def figure_of(record: Record, incident_id: str) -> Figure | None:
    """The figure of an incident; None where the record has no such incident.

    Raises:
        RecordError: the record holds no states of its tracks.
    """
    incident: Incident | None = None
    assessment: Assessment | None = None
    for entry in record.entries(("incident", "assessment")):
        if entry.kind == "incident":
            revision = msgspec.convert(entry.body, Incident)
            incident = revision if revision.incident_id == incident_id else incident
        elif incident is not None:
            about = msgspec.convert(entry.body, Assessment)
            assessment = about if about.track_id == incident.track_id else assessment
    if incident is None:
        return None
    crossings = [c for c in incident.crossings if not c.predicted]
    table = _states(record, incident, crossings)
    zones = zones_of(record, record.body)
    zone_ids = tuple(dict.fromkeys(c.zone_id for c in incident.crossings))
    found = evidence(record.body.stages.watch, table, zones, zone_ids)
    if not found:
        raise RecordError(f"{record.folder} holds fewer than two measured states of {incident_id}")
    plots: dict[str, list[Measured]] = {}
    for one in found:
        for item in measured(record, one.path):
            plots.setdefault(item.sensor_id, []).append(item)
    head = record.head()
    name = assessment.callsign or assessment.icao24 if assessment else None
    what = assessment.object_class.replace("_", " ") if assessment else "unknown"
    return Figure(
        incident=incident,
        title=f"Incident {incident_id}: {name or incident.track_id}, {what}",
        label=record.body.banner,
        source=(
            f"Smoothed from {sum(one.fixes for one in found)} measured states of {len(found)} "
            f"track{'s' * (len(found) > 1)}; revision {incident.revision}; ledger "
            + (f"{head.size} entries, tree head {head.root}" if head else "without a head")
        ),
        evidence=found,
        measured=[joined(items) for _, items in sorted(plots.items())],
        zones=zones,
    )


def joined(items: list[Measured]) -> Measured:
    """Plots of one sensor at several paths as one."""
    import numpy as np

    first = items[0]
    return Measured(
        first.sensor_id,
        first.kind,
        np.concatenate([item.times_ns for item in items]),
        np.concatenate([item.latitude_deg for item in items]),
        np.concatenate([item.longitude_deg for item in items]),
    )


def _states(record: Record, incident: Incident, crossings: list[Crossing]) -> pa.Table:
    table = read_track_tables(record.folder / "tables")
    if table is None:
        raise RecordError(f"{record.folder} holds no track tables: play or continue it first")
    names = {incident.track_id, *(c.track_id for c in incident.crossings)}
    mine = table.filter(pc.is_in(table.column("track_id"), pa.array(sorted(names))))
    if crossings:
        begin_ns = min(c.entered.low_ns for c in crossings) - _AROUND_NS
        ends = [incident.valid_ns if c.left is None else c.left.high_ns for c in crossings]
        end_ns = max(ends) + _AROUND_NS
        at = mine.column("valid_ns")
        mine = mine.filter(pc.and_(pc.greater_equal(at, begin_ns), pc.less_equal(at, end_ns)))
    return mine
