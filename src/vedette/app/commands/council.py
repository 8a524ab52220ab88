"""``vedette council``: one matter as a file of signed acts, worked on by delegations and the chair."""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import click
import msgspec

from vedette.app.commands.council_count import count, delegated, rules
from vedette.app.commands.council_export import export, verify
from vedette.app.commands.council_page import page
from vedette.app.commands.council_prove import history, prove
from vedette.app.commands.council_remaining import drill, remaining
from vedette.app.matter_file import (
    KeyFile,
    MatterFile,
    append_receipt,
    path_of,
    read_key,
    read_matter,
    replayed,
    signed_receipt,
)
from vedette.app.plain_words import one_line
from vedette.council.lines import FORMAT, Header
from vedette.model.errors import RecordError, SettingError, ZoneError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vedette.council.act import Receipt
    from vedette.council.matter import Matter
    from vedette.council.standing import Version

F = TypeVar("F", bound=Callable[..., Any])


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


group.add_command(rules)
group.add_command(count)
group.add_command(delegated)
group.add_command(prove)
group.add_command(history)
group.add_command(export)
group.add_command(verify)
group.add_command(page)
group.add_command(remaining)
group.add_command(drill)


# ---------------------------------------------------------------------------- times


def _instant(text: str | None, what: str) -> int | None:
    from vedette.model.time import parse_utc

    if text is None:
        return None
    try:
        return parse_utc(text)
    except ValueError as error:
        raise SettingError(f"{what}: {text!r} is no ISO 8601 time") from error


def in_zone(text: str, zone: str, what: str) -> int:
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
) -> None:
    """Sign an act, try it, and append it; exit code 1 with the reason where it would be refused."""
    party, private = read_key(key)

    def made(file: MatterFile, now_ns: int) -> "Receipt":
        return signed_receipt(
            file.settings.roster, file.matter_id, party, private, person, office, kind, now_ns, content, file.head
        )  # fmt: skip

    _, events, refused = append_receipt(matter, made, _instant(at, "--at"))
    if refused is not None:
        click.echo(f"refused: {refused}", err=True)
        raise SystemExit(1)
    for event in events:
        click.echo(_line(event))


def _warn_of_no_shield(matter: Path, name: str, content: str) -> None:
    """Say of a text that was put in a matter about a shield that no zone can be made of it, and why."""
    from vedette.app.rulebook import rulebook
    from vedette.council.shield.proposal import canonical_text, read_proposal

    file = read_matter(matter)
    if replayed(file, file.receipts, file.latest_ns).kind != "shield":
        return
    try:
        wrong = canonical_text(read_proposal(content, rulebook())) != content and "not its one text"
    except ZoneError as error:
        wrong = str(error)
    if wrong:
        click.echo(
            f"note: {matter} is about a shield, and no zone can be made of {name} ({wrong}), whoever consents: "
            "put what 'vedette shield text FILE' prints",
            err=True,
        )


def _current(matter: Path, version: str | None) -> str | None:
    """The version meant by a prefix of its digest; by default the current one."""
    file = read_matter(matter)
    state = replayed(file, file.receipts, file.latest_ns)
    if version is None:
        return state.current
    return _version(state.versions, version).digest


def _line(event: Any) -> str:
    from vedette.model.time import format_utc

    parts = [format_utc(event.at_ns), event.kind]
    if event.party:
        parts.append(event.party)
    if event.version:
        parts.append(event.version[:12])
    return "  ".join(parts) + (f"  {one_line(event.words)}" if event.words else "")


# ---------------------------------------------------------------------------- commands


@group.command("key")
@click.argument("state")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path())
@click.option(
    "--deputy", help="Of a deputy of this name, who acts where the first office is empty."
)
def key(state: str, out: Path, deputy: str | None) -> None:
    """Make the key of STATE (three letters, or CHAIR): STATE.key stays there, STATE.pub is for others."""
    import re

    from vedette.airspace.states import check_state
    from vedette.app.key_file import write_secret
    from vedette.council.act import CHAIR
    from vedette.model.signature import new_private_key, public_key_of, to_base64

    if state != CHAIR:
        check_state("STATE", state)
    if deputy is not None and not re.fullmatch("[A-Za-z0-9-]{1,40}", deputy):
        raise SettingError(f"--deputy {deputy!r}: letters, digits and - only")
    file = state if deputy is None else f"{state}.{deputy}"
    private = new_private_key()
    public = to_base64(public_key_of(private))
    secret = msgspec.json.encode(
        KeyFile(party=state, private_key=to_base64(private), public_key=public)
    )
    write_secret(out / f"{file}.key", secret + b"\n")
    try:
        (out / f"{file}.pub").write_text(public + "\n", encoding="ascii")
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
@click.option(
    "--keeper",
    help="Party that keeps the file and signs its export; default: the chair, else the opener.",
)
def open_matter(
    matter: Path, key: Path, person: str, office: str, at: str | None, keys: Path, kind: str,
    title: str, reason: str, lapses: str | None, keeper: str | None,
) -> None:  # fmt: skip
    """Open MATTER, a new file or folder: ask for a consultation, or raise a text.

    With --at it is a drill, for good.
    """
    from vedette.council.act import CHAIR, DRILL, Roster, roster_fault

    path = path_of(matter)
    if path.exists():
        raise RecordError(f"{path} exists; a matter is opened once")
    found = {
        file.stem: file.read_text(encoding="ascii").strip() for file in sorted(keys.glob("*.pub"))
    }
    roster = {name: key for name, key in found.items() if "." not in name}
    deputies: dict[str, tuple[str, ...]] = {}
    for name, public in found.items():
        party, _, deputy = name.partition(".")
        if deputy and party not in roster:
            raise SettingError(f"{keys}: {name}.pub is of a deputy, and there is no {party}.pub")
        if deputy:
            deputies[party] = (*deputies.get(party, ()), public)
    keeper = keeper or (CHAIR if CHAIR in roster else read_key(key)[0])
    fault = roster_fault(Roster(keys=roster, deputies=deputies, keeper=keeper))
    if fault is not None:
        raise SettingError(f"{keys}: {fault}")
    name = uuid4().hex if at is None else DRILL + uuid4().hex
    header = Header(format=FORMAT, matter_id=name, roster=roster, deputies=deputies, keeper=keeper)
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
    _warn_of_no_shield(matter, text.name, content)


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
        deadline_ns=in_zone(deadline, zone, "--deadline"),
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
_on_version(
    "abstain", "Stand aside: it blocks nothing and consents to nothing.", needs_reason=False
)
_on_version("remark", "Add a statement or dissent to the record.", needs_reason=True)
_on_version(
    "leave",
    "Leave what every state has consented to: it ends for all, and takes a new text without.",
    needs_reason=False,
)
_on_version("withdraw", "Withdraw the matter; only who opened it may.", needs_reason=False)


@group.command("absent")
@_MATTER
@click.argument("state")
@_acting
@click.option("--reason", required=True, help="How it was tried.")
def absent(
    matter: Path, state: str, key: Path, person: str, office: str, at: str | None, reason: str
) -> None:
    """Say that STATE cannot be reached: while it cannot speak, its silence is none."""
    _act(matter, key, person, office, at, "absent", about=state, words=reason)


@group.command("revoke")
@_MATTER
@click.argument("public")
@_acting
@click.option("--reason", required=True, help="Lost, taken, or whose office it was.")
def revoke(
    matter: Path, public: str, key: Path, person: str, office: str, at: str | None, reason: str
) -> None:
    """Revoke a key of one's own party: PUBLIC is its base64, or the .pub file.

    What it consented to falls, what it objected to stands.
    """
    name = Path(public)
    if name.suffix == ".pub":
        try:
            public = name.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise RecordError(f"{name}: no public key: {error}") from error
    _act(matter, key, person, office, at, "revoke", revoked_key=public, words=reason)


@group.command("diff")
@_MATTER
@click.argument("older", required=False)
@click.argument("newer", required=False)
def diff(matter: Path, older: str | None, newer: str | None) -> None:
    """What differs between two versions of the text: the last two, or those whose digests begin so.

    Exit code 0 when nothing does, 1 when something does, 3 when there are no two.
    """
    import difflib

    file = read_matter(matter)
    versions = replayed(file, file.receipts, file.latest_ns).versions
    if len(versions) < 2:
        raise RecordError(f"{matter}: there are no two versions")
    one = versions[-2] if older is None else _version(versions, older)
    two = versions[-1] if newer is None else _version(versions, newer)
    differs = False
    for line in difflib.unified_diff(
        one.text.splitlines(), two.text.splitlines(),
        f"{one.digest[:12]} put by {one.party}", f"{two.digest[:12]} put by {two.party}",
        lineterm="",
    ):  # fmt: skip
        differs = True
        click.echo(one_line(line))
    if differs:
        raise SystemExit(1)


def _version(versions: "Sequence[Version]", prefix: str) -> "Version":
    found = [item for item in versions if item.digest.startswith(prefix)]
    if len(found) != 1:
        raise SettingError(f"{prefix!r} names {len(found)} versions")
    return found[0]


@group.command("show")
@_MATTER
@click.option("--json", "as_json", is_flag=True)
@click.option("--at", help="As it stood at that time (ISO 8601); default: now.")
def show(matter: Path, as_json: bool, at: str | None) -> None:
    """Show how MATTER stands: every signature checked, every act listed, refused ones too."""
    file = read_matter(matter)
    asked_ns = _instant(at, "--at")
    if asked_ns is not None and not file.drill and asked_ns > time.time_ns():
        raise SettingError(f"--at: {at} has not come; what stands then is not known")
    now_ns = max(time.time_ns(), file.latest_ns) if asked_ns is None else asked_ns
    seen = [receipt for receipt in file.receipts if receipt.received_ns <= now_ns]
    state = replayed(file, seen, now_ns)
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
        "torn_bytes": len(file.torn),
        "broken_sights": list(file.broken_sights),
        "current": state.current,
        "outstanding": [objection.party for objection in state.outstanding],
        "absent": sorted(state.absent),
        "revoked": sorted(state.revoked),
        "left": sorted(state.left),
        "aside": sorted(state.aside),
        "missing_consents": sorted(file.settings.roster.states - state.consented(state.current)),
    }


def _print(state: "Matter", file: "MatterFile", drill: bool) -> None:
    from vedette.model.time import format_utc

    click.echo(f"{state.kind}: {one_line(state.title)}" + ("  (drill)" if drill else ""))
    click.echo(f"status: {state.status}" + (f" by {state.agreed_by}" if state.agreed_by else ""))
    if state.status == "silence":
        last = state.placements[-1]
        click.echo(
            f"deadline: {format_utc(last.deadline_ns)} (stated in {one_line(last.deadline_zone)})"
        )
    for objection in state.outstanding:
        click.echo(f"objection: {objection.party}: {one_line(objection.reason)}")
    if state.aside:
        click.echo(f"standing aside: {' '.join(sorted(state.aside))}")
    if state.left:
        click.echo(f"left: {' '.join(sorted(state.left))}: what was agreed has ended")
    if state.absent:
        click.echo(f"out of reach: {' '.join(sorted(state.absent))}: nothing goes by silence")
    missing = sorted(file.settings.roster.states - state.consented(state.current))
    click.echo(f"without explicit consent: {' '.join(missing) or 'nobody'}")
    for event in state.events:
        click.echo(_line(event))
    click.echo(f"head: {file.head}")
    for number in file.broken_sights:
        click.echo(
            f"line {number} was signed after a line that is not in the file: ask its party",
            err=True,
        )
    if file.torn:
        click.echo(
            f"{len(file.torn)} bytes of a line that was never finished follow it; they have no effect, "
            "and the next act sets them aside",
            err=True,
        )
