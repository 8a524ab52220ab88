"""Incidents and decisions that reactions are held against: from a file, or from a record."""

from pathlib import Path
from typing import Any, Final

import msgspec

from vedette.council.reactions.occasion import Occasion
from vedette.council.reactions.reaction import When
from vedette.model.errors import RecordError
from vedette.model.time import parse_utc

_CREWED: Final = frozenset({"military_aircraft", "helicopter_military"})
_UNCREWED: Final = frozenset({"drone_small", "drone_long_range"})


def occasions_of_file(path: Path) -> list[Occasion]:
    """One occasion a line.

    Raises:
        RecordError: the file or a line cannot be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(msgspec.json.decode(line, type=Occasion))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordError(f"{path}: line {number}: {error}") from error
    return found


def occasions_of_record(folder: Path) -> list[Occasion]:
    """The incidents in a record of a watch.

    Raises:
        RecordError: the record cannot be read.
    """
    from vedette.app.views import incidents_of_record
    from vedette.engine.record import Record

    return [occasion_of_incident(one) for one in incidents_of_record(Record(folder))]


def occasion_of_incident(incident: dict[str, Any]) -> Occasion:
    """An incident as ``vedette incident list --json`` has it."""
    kind = incident["object"]["class"]
    states = dict.fromkeys(c["state"] for c in incident["crossings"] if c["state"])
    category = None
    if states and kind in _CREWED:
        category = "crewed_violation"
    elif states and kind in _UNCREWED:
        category = "uncrewed_violation"
    return Occasion(
        occasion_id=incident["incident_id"],
        kind="incident",
        when=When(valid_ns=parse_utc(incident["opened"]["utc"]), precision="second"),
        parties=tuple(states),
        title=f"{kind.replace('_', ' ')}, {incident['status']}",
        category=category,
    )
