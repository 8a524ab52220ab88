"""A whole matter in one signed file, as an outsider verifies it."""

from pathlib import Path
from typing import Final, Literal

import msgspec

from vedette.app.matter_file import MatterFile, parsed, path_of, replayed, whole_lines
from vedette.model.errors import RecordError
from vedette.model.signature import from_base64, public_key_of, sign, to_base64, verify
from vedette.model.time import format_utc

FORMAT: Final = "vedette-matter-export/1"


class Export(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file. What is signed is ``signed_bytes``: all but the signature, in canonical form."""

    format: Literal["vedette-matter-export/1"] = FORMAT
    lines: tuple[str, ...]  # of the matter file, each as it stands there
    head: str  # SHA-256 of the last line
    status: str  # as of the last receipt
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
    state = replayed(file, file.receipts, file.latest_ns)
    export = Export(
        lines=tuple(line.decode() for line in data.split(b"\n") if line),
        head=file.head,
        status=state.status,
        agreed_version=state.agreed_version,
        keeper=keeper,
        public_key=to_base64(public_key_of(private_key)),
    )
    signature = to_base64(sign(export.signed_bytes(), private_key))
    return msgspec.json.encode(msgspec.structs.replace(export, signature=signature)) + b"\n"


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
    state = replayed(file, file.receipts, file.latest_ns)
    if export.public_key not in file.settings.roster.keys_of(export.keeper):
        problems.append(f"the key is not that of {export.keeper} in the matter's roster")
    problems += [
        f"a line at {format_utc(event.at_ns)} is no act of anybody here: {event.words}"
        for event in state.events
        if event.kind == "refused" and event.party is None
    ]
    if state.status == "silence":
        notes.append("it stands as of its last line: whether silence has ended since is not in it")
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
