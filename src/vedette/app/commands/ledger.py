"""``vedette ledger``: verify, replay and read a record, and erase what is personal in it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, get_args

import click

from vedette.app.accounts.access import Access, web_options

if TYPE_CHECKING:
    from vedette.ledger.head import Head


@click.group("ledger")
def group() -> None:
    """Verify, replay and read a record."""


@group.command("verify")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR|FILE")
@click.option(
    "--head", "heads", multiple=True, type=click.Path(path_type=Path), help="A head kept elsewhere."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(folder: Path, heads: tuple[Path, ...], *, as_json: bool) -> None:
    """Check that nothing in the record DIR was changed, reordered or (with --head) cut off; or an extract FILE.

    That is its ledger, its raw bytes and its inputs. What is worked out from them, the states of tracks in
    tables/, is compared by "vedette ledger replay". An extract is one incident, of "vedette ledger extract".
    Exit 0 when it is ok, 1 when it is not.
    """
    from vedette.app.summary import to_json
    from vedette.engine.record import Record
    from vedette.engine.verification import verify as verify_record
    from vedette.ledger.head import read_head
    from vedette.model.errors import RecordError

    older = []
    for path in heads:
        try:
            older.append(read_head(path.read_bytes()))
        except OSError as error:
            raise RecordError(f"cannot read the head {path}: {error.strerror}") from error
    if folder.is_file():
        _verify_extract(folder, older, as_json=as_json)
    found = verify_record(Record(folder), older)
    if as_json:
        click.echo(to_json(found))
    else:
        items = "not counted" if found.raw_items is None else found.raw_items
        click.echo(f"entries {found.entries}\ntree head {found.tree_head}\nraw items {items}")
        for problem in found.problems:
            click.echo(f"problem: {problem}")
        click.echo("ok" if found.ok else "NOT OK")
        for note in found.notes:
            click.echo(note, err=True)
    raise SystemExit(0 if found.ok else 1)


def _verify_extract(path: Path, older: "list[Head]", *, as_json: bool) -> NoReturn:
    """Say whether an extract holds, and what it says; exit 0 or 1."""
    from vedette.app.incident_extract import checked_extract
    from vedette.app.summary import to_json

    said, problems, notes = checked_extract(path, older)
    if as_json:
        click.echo(
            to_json({"ok": not problems, "problems": problems, "notes": notes, "says": said})
        )
    else:
        click.echo("\n".join([*said, *(f"problem: {one}" for one in problems)]))
        click.echo("NOT OK" if problems else "ok")
        for note in notes:
            click.echo(note, err=True)
    raise SystemExit(1 if problems else 0)


@group.command("extract")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("incident_id")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="File to write.",
)
def extract(folder: Path, incident_id: str, target: Path) -> None:
    """One incident of the record DIR as a file to give away: its entries, each with its proof to the signed head.

    "vedette ledger verify FILE" checks it, anywhere and without the record. What is sealed stays sealed.
    """
    from vedette.app.incident_extract import incident_extract
    from vedette.engine.record import Record
    from vedette.model.errors import SourceError

    data, count = incident_extract(Record(folder), incident_id)
    try:
        target.write_bytes(data)
    except OSError as error:
        raise SourceError(f"cannot write {target}: {error.strerror}") from error
    click.echo(f"{target}: {count} entries", err=True)


@group.command("replay")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--set", "settings", multiple=True, metavar="STAGE.NAME=VALUE", help="Change a setting."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def replay(folder: Path, settings: tuple[str, ...], *, as_json: bool) -> None:
    """Run the record's raw bytes again, here, and compare the digest. Exit 0 when it is the same.

    The states of tracks in the record's tables, which no entry attests, are compared with it as well.
    """
    from vedette.app.summary import to_json
    from vedette.engine.record import Record
    from vedette.engine.settings import with_setting
    from vedette.engine.verification import replay as replay_record
    from vedette.model.errors import SettingError

    record = Record(folder)
    body = record.body
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise SettingError(f"--set {setting!r} is not STAGE.NAME=VALUE")
        body = with_setting(body, name, value)
    found = replay_record(record, body)
    if as_json:
        click.echo(to_json(found))
    else:
        click.echo(f"entries {found.entries}\ndigest {found.digest}\nrecorded {found.recorded}")
        if found.states is not None:
            click.echo(f"states of tracks {found.states}")
        if found.first_difference:
            click.echo(found.first_difference)
        click.echo("same" if found.same else "different")
    raise SystemExit(0 if found.same else 1)


@group.command("page")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--web", default="127.0.0.1:8137", show_default=True, help="HOST:PORT of the page.")
@click.option(
    "--rules",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of another rule set: what it says of each incident stands beside.",
)
@click.option(
    "--terrain",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Ground heights (.npz or .hgt) for coverage and profiles.",
)
@web_options
def page(folder: Path, web: str, rules: Path | None, terrain: Path | None, access: Access) -> None:
    """Show the record DIR on the page at any time of it, at 0.25 to 100 times its pace, until stopped.

    The raw bytes are replayed here and compared with the ledger as they go; nothing is written.
    """
    import asyncio
    from functools import partial

    from vedette.app.commands.zone import read_terrain
    from vedette.app.replay_door import serve_replay
    from vedette.app.rule_folder import rules_of_folder
    from vedette.app.web_address import web_address
    from vedette.response.audit import refuse_unsound

    say = partial(click.echo, err=True)
    other = None if rules is None else rules_of_folder(rules)
    if other is not None:
        refuse_unsound(other)
    ground = read_terrain(terrain)
    asyncio.run(serve_replay(folder, web_address(web), say, access, other, ground))


@group.command("list")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--kind", "kinds", multiple=True, help="Only entries of this kind; several are allowed."
)
@click.option(
    "--role",
    type=click.Choice(["public", "duty_officer"]),
    default="public",
    show_default=True,
    help="A duty officer reads personal fields, where their key still exists.",
)
def list_entries(folder: Path, kinds: tuple[str, ...], role: str) -> None:
    """Entries of the record DIR as JSON lines."""
    import msgspec

    from vedette.app.summary import to_json
    from vedette.engine.record import Record
    from vedette.ledger.seal import unseal_field
    from vedette.model.entry import EntryKind
    from vedette.model.errors import SettingError

    known = get_args(EntryKind)
    for kind in kinds:
        if kind not in known:
            raise SettingError(f"--kind {kind!r}: there are {', '.join(known)}")
    record = Record(folder)
    for entry in record.entries(kinds or None):
        row: dict[str, Any] = msgspec.to_builtins(entry)
        if entry.sealed is not None:
            key = record.key_of(entry.sealed["key"]) if role == "duty_officer" else None
            original = unseal_field(entry.sealed, key) if key is not None else None
            if original is not None:
                row["unsealed"] = original.decode("utf-8", "replace").strip()
        click.echo(to_json(row))


@group.command("erase")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("key_id")
def erase(folder: Path, key_id: str) -> None:
    """Destroy a key: what it sealed is gone for good, every proof stays valid."""
    from vedette.engine.record import Record
    from vedette.model.errors import RecordError

    record = Record(folder)
    path = record.folder / "keys" / f"{key_id}.key"
    if not key_id.isalnum() or not path.exists():
        raise RecordError(f"{folder} has no key {key_id}")
    path.write_bytes(bytes(path.stat().st_size))  # overwritten before it goes
    path.rename(path.with_suffix(".destroyed"))
    click.echo(f"{key_id} destroyed")
