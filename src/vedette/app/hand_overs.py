"""Hand-overs of an incident, and readings of areas in dispute on its way, as lines for a person."""

import msgspec

from vedette.app.summary import when
from vedette.engine.record import Record
from vedette.model.incident import HandOver, Incident
from vedette.model.probability import percent


def hand_over_line(given: HandOver) -> str:
    """One hand-over in words."""
    end = ""
    if given.entered_ns is not None:
        end = f"; entered {when(given.entered_ns)[11:]}"
    elif given.withdrawn_ns is not None:
        end = f"; withdrawn {when(given.withdrawn_ns)[11:]}"
    expected = given.expected
    return (
        f"{given.from_state} to {given.state}: told {when(given.told_ns)[11:]}, expected "
        f"{when(expected.estimate_ns)[11:]} [{when(expected.low_ns)[11:]} to {when(expected.high_ns)[11:]}], "
        f"p {percent(given.probability)}{end}"
    )


def hand_overs_of(record: Record, incident_id: str) -> list[str]:
    """Lines of the latest revision of an incident in a record; none where it has no hand-over."""
    found: Incident | None = None
    for entry in record.entries(("incident",)):
        one = msgspec.convert(entry.body, Incident)
        found = one if one.incident_id == incident_id else found
    if found is None:
        return []
    lines = [f"hand-over  {hand_over_line(given)}" for given in found.hand_overs]
    lines += [
        f"disputed   {reading.zone_id}, by the reading of {reading.state}: in "
        f"{when(reading.entered.estimate_ns)[11:]}, "
        + ("still inside" if reading.left is None else f"out {when(reading.left.estimate_ns)[11:]}")
        for reading in found.disputed
    ]
    return lines
