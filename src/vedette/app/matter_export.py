"""A whole matter in one signed file, as an outsider verifies it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from vedette.app.matter_file import MatterFile, parsed, path_of, replayed, whole_lines
from vedette.council.act import decode_act
from vedette.council.matter import Matter
from vedette.model.errors import RecordError
from vedette.model.signature import from_base64, public_key_of, sign, to_base64, verify
from vedette.model.time import format_utc

FORMAT: Final = "vedette-matter-export/2"

_AHEAD_NS: Final = 300_000_000_000  # clocks of two people may differ by so much


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file. What is signed is ``signed_bytes``: all but the signature, in canonical form."""

    format: Literal["vedette-matter-export/2"] = FORMAT
    lines: tuple[str, ...]  # of the matter file, each as it stands there
    head: str  # SHA-256 of the last line
    as_of_ns: int  # by the keeper's clock: what time alone does has been done up to here
    status: str  # then
    agreed_version: str | None
    keeper: str  # the party that kept and signed it
    public_key: str  # base64
    signature: str = ""

    def signed_bytes(self) -> bytes:
        """What the keeper signs."""
        return msgspec.json.encode(msgspec.structs.replace(self, signature=""), order="sorted")


class VerifiedExport(msgspec.Struct, frozen=True, kw_only=True):
    """What a check found."""

    kind: str | None
    title: str
    status: str
    drill: bool
    lines: int
    head: str
    keeper: str
    public_key: str
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def exported(file: MatterFile, keeper: str, private_key: bytes) -> bytes:
    """The file of a matter with its keeper's signature.

    Raises:
        RecordError: the matter cannot be read.
    """
    path = path_of(file.path)
    try:
        data, _ = whole_lines(path.read_bytes())
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error
    file = parsed(path, data)
    # a drill runs by times that were given to it
    as_of_ns = file.latest_ns if file.drill else max(file.latest_ns, time.time_ns())
    state = replayed(file, file.receipts, as_of_ns)
    export = Export(
        lines=tuple(line.decode() for line in data.split(b"\n") if line),
        head=file.head,
        as_of_ns=as_of_ns,
        status=state.status,
        agreed_version=state.agreed_version,
        keeper=keeper,
        public_key=to_base64(public_key_of(private_key)),
    )
    signature = to_base64(sign(export.signed_bytes(), private_key))
    return msgspec.json.encode(msgspec.structs.replace(export, signature=signature)) + b"\n"


def _late_noes(file: MatterFile, state: Matter) -> Iterator[str]:
    """Objections that came after a deadline and were signed before it: only their party knows what happened."""
    deadlines = [one.deadline_ns for one in state.placements]
    for receipt in file.receipts:
        act = decode_act(from_base64(receipt.act))
        if act is None or act.kind != "object":
            continue
        for deadline_ns in deadlines:
            if act.valid_ns < deadline_ns <= receipt.received_ns:
                yield (
                    f"{act.party} signed an objection at {format_utc(act.valid_ns)}, and it was received at "
                    f"{format_utc(receipt.received_ns)}, after the deadline: ask {act.party}"
                )


def verified(path: Path, data: bytes, keeper: str | None) -> VerifiedExport:
    """Check an exported matter, with nothing but the file, and the keeper's key where it is known.

    Raises:
        RecordError: it is no exported matter.
    """
    try:
        export = msgspec.json.decode(data, type=Export)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: no exported matter: {error}") from error
    problems, notes = [], []
    key = from_base64(export.public_key)
    if not verify(export.signed_bytes(), from_base64(export.signature), key):
        problems.append("the keeper's signature does not fit")
    if keeper is None:
        notes.append(
            "whose key it is can only be told with the keeper's key from elsewhere: --keeper"
        )
    elif keeper != export.public_key:
        problems.append("it is signed by another key than the keeper's")
    file = parsed(path, ("\n".join(export.lines) + "\n").encode())
    state = replayed(file, file.receipts, max(file.latest_ns, export.as_of_ns))
    if not file.drill and export.as_of_ns > time.time_ns() + _AHEAD_NS:
        problems.append(
            f"it says how it stands at {format_utc(export.as_of_ns)}, which has not come"
        )
    if file.settings.roster.keeper not in (None, export.keeper):
        problems.append(
            f"it is signed by {export.keeper}, and {file.settings.roster.keeper} keeps it"
        )
    problems += [
        f"line {number} was signed after a line that is not in the file: one was dropped or changed"
        for number in file.broken_sights
    ]
    notes += _late_noes(file, state)
    if export.public_key not in file.settings.roster.keys_of(export.keeper):
        problems.append(f"the key is not that of {export.keeper} in the matter's roster")
    problems += [
        f"a line at {format_utc(event.at_ns)} is no act of anybody here: {event.words}"
        for event in state.events
        if event.kind == "refused" and event.party is None
    ]
    if state.status == "silence":
        notes.append("silence runs: whether it has ended since is not in it")
    if file.head != export.head:
        problems.append("the last line is not the one that the keeper signed")
    if (state.status, state.agreed_version) != (export.status, export.agreed_version):
        problems.append(f"its acts make it {state.status}, and the file says {export.status}")
    return VerifiedExport(
        kind=state.kind,
        title=state.title,
        status=state.status,
        drill=file.drill,
        lines=len(export.lines),
        head=file.head,
        keeper=export.keeper,
        public_key=export.public_key,
        problems=tuple(problems),
        notes=tuple(notes),
    )
