"""Which part of a chunk is personal, so that it is sealed before anything is written."""

from typing import Final

import msgspec

from vedette.model.report import REMOTE_PILOT_PERSONAL, RemotePilot, Report, Sighting

_UNREADABLE: Final = b'"sealed: not a report that could be read"\n'
_UNKNOWN: Final = "of a report that could not be read"


def redact(line: bytes) -> tuple[bytes, str] | None:
    """A report without what is personal in it, and whose it is; None where nothing is personal.

    A line that is no report may name a person anywhere, so all of it is sealed and a placeholder, which
    the decoder will quarantine, stands for it.
    """
    try:
        report = msgspec.json.decode(line, type=Report)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _UNREADABLE, _UNKNOWN
    if isinstance(report, RemotePilot):
        unnamed = msgspec.structs.replace(report, **dict.fromkeys(REMOTE_PILOT_PERSONAL))
        whose = report.operator_id or report.registration or "of the operator of a drone"
        return msgspec.json.encode(unnamed, order="deterministic") + b"\n", whose
    if not isinstance(report, Sighting) or not report.reporter:
        return None
    blanked = msgspec.structs.replace(report, reporter="sealed")
    return msgspec.json.encode(blanked, order="deterministic") + b"\n", report.reporter
