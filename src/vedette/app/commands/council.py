"""``vedette council``: one matter as a file of signed acts, worked on by delegations and the chair."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TypeVar
from uuid import uuid4

import click
import msgspec

from vedette.model.errors import RecordError, SettingError

if TYPE_CHECKING:
    from vedette.council.act import Receipt, Roster
    from vedette.council.matter import Matter, MatterSettings

FORMAT: Final = "vedette-matter/2"
F = TypeVar("F", bound=Callable[..., Any])


class Header(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """First line of a matter file: who takes part. Every act signs the digest of the roster."""

    format: str
    matter_id: str
    roster: dict[str, str]


class KeyFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A party's private key, as ``vedette council key`` writes it."""

    party: str
    private_key: str


@dataclass(frozen=True, kw_only=True)
class MatterFile:
    """A matter file as read, its chain of lines checked."""

    path: Path
    settings: "MatterSettings"
    matter_id: str
    drill: bool  # as it was opened, for good
    receipts: "tuple[Receipt, ...]"
    head: str  # SHA-256 of the last line: who keeps it elsewhere sees a cut end

    @property
    def latest_ns(self) -> int:
        """The latest receipt."""
        return max([0, *(receipt.received_ns for receipt in self.receipts)])


_MATTER = click.argument("matter", type=click.Path(path_type=Path))


def _acting(command: F) -> F:
    """Options of every command that signs an act."""
    for option in (
        click.option(
            "--at",
            help="Time of receipt instead of now (ISO 8601): only in a drill, and marked so.",
        ),
        click.option("--office", default="delegation", show_default=True),
        click.option("--person", required=True, help="Who acts, by name."),
        click.option(
            "--key",
            required=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Key file of the party that acts.",
        ),
    ):
        command = option(command)
    return command


@click.group("council")
def group() -> None:
    """Consultations and texts under silence."""


# ---------------------------------------------------------------------------- files


def _path(matter: Path) -> Path:
    return matter / "matter.jsonl" if matter.is_dir() else matter


def _read_key(path: Path) -> tuple[str, bytes]:
    from vedette.model.signature import from_base64

    try:
        key = msgspec.json.decode(path.read_bytes(), type=KeyFile)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: no key file: {error}") from error
    private = from_base64(key.private_key)
    if len(private) != 32:
        raise RecordError(f"{path}: the key has not 32 bytes")
    return key.party, private


@contextmanager
def _locked(path: Path, *, append: bool) -> Iterator[BinaryIO]:
    """The matter file while nobody else appends to it."""
    import fcntl

    try:
        file = path.open("r+b" if append else "rb")
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX if append else fcntl.LOCK_SH)
        yield file  # closing it unlocks


def _read(matter: Path) -> "MatterFile":
    path = _path(matter)
    with _locked(path, append=False) as file:
        data = file.read()
    return _parsed(path, data)


def _parsed(path: Path, data: bytes) -> "MatterFile":
    """The lines of a matter file, each checked to follow the one before.

    Raises:
        RecordError: a line cannot be read or does not follow; or it is dated after the present, in a
            matter that was not opened as a drill.
    """
    from vedette.council.act import DRILL, Receipt, Roster
    from vedette.council.matter import MatterSettings

    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    try:
        header = msgspec.json.decode(lines[0] if lines else b"", type=Header)
        if header.format != FORMAT:
            raise RecordError(f"{path}: line 1: format {header.format!r}, not {FORMAT!r}")
        roster = msgspec.convert({"keys": header.roster}, Roster)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise RecordError(f"{path}: line 1: no matter file: {error}") from error
    drill = header.matter_id.startswith(DRILL)
    now_ns = time.time_ns()
    receipts = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            receipt = msgspec.json.decode(line, type=Receipt)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordError(f"{path}: line {number}: {error}") from error
        if receipt.previous != sha256(lines[number - 2]).hexdigest():
            raise RecordError(f"{path}: line {number}: does not follow the line before it")
        if not drill and receipt.received_ns > now_ns:
            raise RecordError(f"{path}: line {number}: received after the present")
        receipts.append(receipt)
    return MatterFile(
        path=path,
        settings=MatterSettings(roster=roster, window_min_s=1.0)
        if drill
        else MatterSettings(roster=roster),
        matter_id=header.matter_id,
        drill=drill,
        receipts=tuple(receipts),
        head=sha256(lines[-1]).hexdigest(),
    )


def _replayed(file: "MatterFile", receipts: "Sequence[Receipt]", now_ns: int) -> "Matter":
    """The matter after some of its lines; all must be of the matter that the first line names."""
    from vedette.council import matter as council

    state, _ = council.step(file.settings, council.initial(file.settings), receipts, now_ns)
    if state.matter_id not in (None, file.matter_id):
        raise RecordError(f"{file.path}: line 1: another matter than its acts name")
    return state


def _append(file: BinaryIO, line: bytes) -> None:
    file.seek(0, os.SEEK_END)
    if file.tell() > 0:
        file.seek(-1, os.SEEK_END)
        if file.read(1) != b"\n":  # the last line was copied without its end
            line = b"\n" + line
    file.write(line + b"\n")
    file.flush()
    os.fsync(file.fileno())


def _instant(text: str | None, what: str) -> int | None:
    from vedette.model.time import parse_utc

    if text is None:
        return None
    try:
        return parse_utc(text)
    except ValueError as error:
        raise SettingError(f"{what}: {text!r} is no ISO 8601 time") from error


def _in_zone(text: str, zone: str, what: str) -> int:
    """The instant of a local time stated in a zone; a time with an offset is taken as it is.

    Raises:
        SettingError: no such zone or time, or a local time that clocks show twice or never.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from vedette.model.time import parse_utc

    try:
        stated = datetime.fromisoformat(text)
        place = ZoneInfo(zone)
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise SettingError(f"{what}: {text!r} in {zone!r}: {error}") from error
    if stated.tzinfo is None:
        stated = stated.replace(tzinfo=place)
        if stated.utcoffset() != stated.replace(fold=1).utcoffset():
            raise SettingError(f"{what}: {text} happens twice or never in {zone}; state an offset")
    return parse_utc(stated.isoformat())


# ---------------------------------------------------------------------------- signing


def _act(
    matter: Path, key: Path, person: str, office: str, at: str | None, kind: str, **content: Any
) -> "tuple[Matter, Roster]":
    """Sign an act, try it, and append it; exit code 1 with the reason where it would be refused."""
    from vedette.council import matter as council

    party, private = _read_key(key)
    given_ns = _instant(at, "--at")
    with _locked(_path(matter), append=True) as handle:  # nobody appends between stamp and line
        file = _parsed(_path(matter), handle.read())
        if given_ns is not None and not file.drill:
            raise SettingError("--at: only in a matter that was opened as a drill, by open --at")
        now_ns = time.time_ns() if given_ns is None else given_ns
        receipt = msgspec.structs.replace(
            _signed(
                file.settings.roster, file.matter_id, party, private, person, office, kind,
                now_ns, content,
            ),
            drill=given_ns is not None,
            previous=file.head,
        )  # fmt: skip
        state = _replayed(file, file.receipts, max([now_ns, file.latest_ns]))
        state, events = council.step(file.settings, state, [receipt], now_ns)
        refused = [event for event in events if event.kind == "refused"]
        if refused:
            click.echo(f"refused: {refused[-1].words}", err=True)
            raise SystemExit(1)
        _append(handle, msgspec.json.encode(receipt))
    for event in events:
        click.echo(_line(event))
    return state, file.settings.roster


def _signed(
    roster: "Roster",
    matter_id: str,
    party: str,
    private: bytes,
    person: str,
    office: str,
    kind: str,
    now_ns: int,
    content: dict[str, Any],
) -> "Receipt":
    from vedette.council.act import CouncilAct, Receipt, encode_act
    from vedette.model.signature import public_key_of, sign, to_base64

    try:
        act: CouncilAct = msgspec.convert(
            {
                "act_id": uuid4().hex,
                "matter_id": matter_id,
                "roster": roster.digest,
                "party": party,
                "person": person,
                "office": office,
                "kind": kind,
                "valid_ns": now_ns,
                **content,
            },
            CouncilAct,
        )
    except msgspec.ValidationError as error:
        raise SettingError(f"{kind}: {error}") from error
    data = encode_act(act)
    return Receipt(
        received_ns=now_ns,
        act=to_base64(data),
        public_key=to_base64(public_key_of(private)),
        signature=to_base64(sign(data, private)),
    )


def _current(matter: Path, version: str | None) -> str | None:
    """The version meant by a prefix of its digest; by default the current one."""
    file = _read(matter)
    state = _replayed(file, file.receipts, file.latest_ns)
    if version is None:
        return state.current
    found = [item.digest for item in state.versions if item.digest.startswith(version)]
    if len(found) != 1:
        raise SettingError(f"--version: {version!r} names {len(found)} versions")
    return found[0]


def _line(event: Any) -> str:
    from vedette.model.time import format_utc

    parts = [format_utc(event.at_ns), event.kind]
    if event.party:
        parts.append(event.party)
    if event.version:
        parts.append(event.version[:12])
    return "  ".join(parts) + (f"  {event.words}" if event.words else "")


# ---------------------------------------------------------------------------- commands


@group.command("key")
@click.argument("state")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path())
def key(state: str, out: Path) -> None:
    """Make the key of STATE (three letters, or CHAIR): STATE.key stays there, STATE.pub is for others."""
    import re

    from vedette.app.key_file import write_secret
    from vedette.model.signature import new_private_key, public_key_of, to_base64

    if not re.fullmatch("[A-Z]{3}|CHAIR", state):
        raise SettingError(f"{state!r} is no ISO 3166-1 alpha-3 code in capitals, and not CHAIR")
    private = new_private_key()
    public = to_base64(public_key_of(private))
    secret = msgspec.json.encode(KeyFile(party=state, private_key=to_base64(private)))
    write_secret(out / f"{state}.key", secret + b"\n")
    try:
        (out / f"{state}.pub").write_text(public + "\n", encoding="ascii")
    except OSError as error:
        raise RecordError(f"{out}: {error.strerror}") from error
    click.echo(public)


@group.command("open")
@_MATTER
@_acting
@click.option(
    "--keys",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the .pub file of every state that takes part, and CHAIR.pub if there is a chair.",
)
@click.option(
    "--kind",
    required=True,
    type=click.Choice(["consultation", "declaration", "posture", "delegation", "shield"]),
)
@click.option("--title", required=True)
@click.option("--reason", default="", help="Why, in words.")
@click.option("--lapses", help="When the matter ends undecided (ISO 8601).")
def open_matter(
    matter: Path, key: Path, person: str, office: str, at: str | None, keys: Path, kind: str,
    title: str, reason: str, lapses: str | None,
) -> None:  # fmt: skip
    """Open MATTER, a new file or folder: ask for a consultation, or raise a text.

    With --at it is a drill, for good.
    """
    from vedette.council.act import DRILL

    path = _path(matter)
    if path.exists():
        raise RecordError(f"{path} exists; a matter is opened once")
    roster = {
        file.stem: file.read_text(encoding="ascii").strip() for file in sorted(keys.glob("*.pub"))
    }
    name = uuid4().hex if at is None else DRILL + uuid4().hex
    header = Header(format=FORMAT, matter_id=name, roster=roster)
    try:
        with path.open("xb") as file:
            file.write(msgspec.json.encode(header) + b"\n")
    except FileExistsError as error:
        raise RecordError(f"{path} exists; a matter is opened once") from error
    try:
        _act(
            matter, key, person, office, at, "open",
            matter_kind=kind, title=title, words=reason, lapses_ns=_instant(lapses, "--lapses"),
        )  # fmt: skip
    except BaseException:
        path.unlink()  # nothing was opened
        raise


@group.command("put")
@_MATTER
@click.argument("text", type=click.File("r", encoding="utf-8"))
@_acting
@click.option("--reason", default="")
def put(
    matter: Path, text: Any, key: Path, person: str, office: str, at: str | None, reason: str
) -> None:
    """Put a version of the text: the file TEXT, or "-" for stdin."""
    try:
        content = text.read()
    except UnicodeDecodeError as error:
        raise RecordError(f"{text.name}: no UTF-8 text") from error
    _act(matter, key, person, office, at, "put", text=content, words=reason)


@group.command("place")
@_MATTER
@_acting
@click.option(
    "--deadline", required=True, help="ISO 8601; without an offset, as clocks in --zone show."
)
@click.option("--zone", required=True, help="Time zone in which people state it: Europe/Brussels.")
@click.option("--version", help="First digits of the version; default: the current one.")
def place(
    matter: Path, key: Path, person: str, office: str, at: str | None, deadline: str, zone: str,
    version: str | None,
) -> None:  # fmt: skip
    """Place the current version under silence until a deadline."""
    _act(
        matter, key, person, office, at, "place",
        version=_current(matter, version),
        deadline_ns=_in_zone(deadline, zone, "--deadline"),
        deadline_zone=zone,
    )  # fmt: skip


def _on_version(name: str, help_text: str, *, needs_reason: bool) -> None:
    """One command for each act that answers a version."""

    @group.command(name, help=help_text)
    @_MATTER
    @_acting
    @click.option("--reason", required=needs_reason, default=None if needs_reason else "")
    @click.option("--version", help="First digits of the version; default: the current one.")
    def command(
        matter: Path, key: Path, person: str, office: str, at: str | None, reason: str,
        version: str | None,
    ) -> None:  # fmt: skip
        _act(
            matter, key, person, office, at, name,
            version=_current(matter, version), words=reason,
        )  # fmt: skip


_on_version("object", "Object, with a reason: it breaks silence.", needs_reason=True)
_on_version("lift", "Lift one's own objection.", needs_reason=False)
_on_version("consent", "Consent explicitly.", needs_reason=False)
_on_version("remark", "Add a statement or dissent to the record.", needs_reason=True)
_on_version("withdraw", "Withdraw the matter; only who opened it may.", needs_reason=False)


@group.command("show")
@_MATTER
@click.option("--json", "as_json", is_flag=True)
@click.option("--at", help="As it stood at that time (ISO 8601); default: now.")
def show(matter: Path, as_json: bool, at: str | None) -> None:
    """Show how MATTER stands: every signature checked, every act listed, refused ones too."""
    file = _read(matter)
    asked_ns = _instant(at, "--at")
    if asked_ns is not None and not file.drill and asked_ns > time.time_ns():
        raise SettingError(f"--at: {at} has not come; what stands then is not known")
    now_ns = max(time.time_ns(), file.latest_ns) if asked_ns is None else asked_ns
    seen = [receipt for receipt in file.receipts if receipt.received_ns <= now_ns]
    state = _replayed(file, seen, now_ns)
    drill = file.drill or any(receipt.drill for receipt in seen)
    if as_json:
        summary = _summary(state, file, drill)
        click.echo(msgspec.json.format(msgspec.json.encode(summary), indent=2))
        return
    _print(state, file, drill)


def _summary(state: "Matter", file: "MatterFile", drill: bool) -> dict[str, Any]:
    summary: dict[str, Any] = msgspec.to_builtins(state)
    for private in ("act_ids", "settled_ns", "taken"):
        summary.pop(private)
    return {
        **summary,
        "drill": drill,
        "head": file.head,
        "current": state.current,
        "outstanding": [objection.party for objection in state.outstanding],
        "missing_consents": sorted(file.settings.roster.states - state.consented(state.current)),
    }


def _print(state: "Matter", file: "MatterFile", drill: bool) -> None:
    from vedette.model.time import format_utc

    click.echo(f"{state.kind}: {state.title}" + ("  (drill)" if drill else ""))
    click.echo(f"status: {state.status}" + (f" by {state.agreed_by}" if state.agreed_by else ""))
    if state.status == "silence":
        last = state.placements[-1]
        click.echo(f"deadline: {format_utc(last.deadline_ns)} (stated in {last.deadline_zone})")
    for objection in state.outstanding:
        click.echo(f"objection: {objection.party}: {objection.reason}")
    missing = sorted(file.settings.roster.states - state.consented(state.current))
    click.echo(f"without explicit consent: {' '.join(missing) or 'nobody'}")
    for event in state.events:
        click.echo(_line(event))
    click.echo(f"head: {file.head}")
