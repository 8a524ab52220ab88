"""Which part of a chunk is personal, so that it is sealed before anything is written."""

import msgspec

from vedette.model.report import Report, Sighting


def redact(line: bytes) -> tuple[bytes, str] | None:
    """A sighting with its reporter blanked, and the reporter; None where nothing is personal.

    A line that is no report is not understood, so nothing in it can be told to be personal: it goes to
    quarantine as it is.
    """
    try:
        report = msgspec.json.decode(line, type=Report)
    except msgspec.DecodeError:
        return None
    if not isinstance(report, Sighting) or not report.reporter:
        return None
    blanked = msgspec.structs.replace(report, reporter="sealed")
    return msgspec.json.encode(blanked, order="deterministic") + b"\n", report.reporter
