"""``vedette node act`` and its like: what people say through a node. It waits in DIR/spool until it is said."""

import time
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import click

if TYPE_CHECKING:
    from vedette.alliance.items import Item

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


def _spool(folder: Path, key: str, item: "Item", to: tuple[str, ...] = ()) -> None:
    from vedette.engine.alliance.folder import pretty, write_new
    from vedette.engine.alliance.runner import Spooled

    name = f"{time.time_ns():020d}-{uuid4().hex[:8]}"  # said in the order in which it came
    path = folder / "spool" / f"{name}.part"
    write_new(path, pretty(Spooled(key=key, item=item, to=to)))
    path.rename(path.with_suffix(".json"))
    click.echo(f"waits in {folder / 'spool'} until the node has said it", err=True)


@click.command("open")
@_FOLDER
@click.argument("matter", type=click.Path(path_type=Path))
def open_matter(folder: Path, matter: Path) -> None:
    """Put a MATTER file of "vedette council open" before the alliance; this node has to be the keeper."""
    from vedette.alliance.items import MatterLine
    from vedette.app.matter_file import path_of, read_matter
    from vedette.engine.alliance.folder import load
    from vedette.model.errors import SettingError

    settings, _ = load(folder)
    if settings.nation != settings.charter.keeper:
        raise SettingError(f"matters of this alliance are kept by {settings.charter.keeper}")
    file = read_matter(matter)
    for number, line in enumerate(path_of(matter).read_bytes().splitlines()):
        item = MatterLine(matter_id=file.matter_id, number=number, line=line)
        _spool(folder, f"line:{file.matter_id}:{number}", item)
    click.echo(file.matter_id)


@click.command("act")
@_FOLDER
@click.argument("matter_id")
@click.argument(
    "kind",
    type=click.Choice(
        ["put", "place", "object", "lift", "consent", "abstain", "absent", "revoke", "leave", "remark", "withdraw"]
    ),
)  # fmt: skip
@click.option("--key", required=True, type=click.Path(path_type=Path), help="Of the delegation.")
@click.option("--person", required=True)
@click.option("--office", required=True)
@click.option("--words", default="")
@click.option("--text", default="", help="put: the text.")
@click.option("--version", "version", help="The version meant. [the current one here]")
@click.option("--deadline", help="place: ISO 8601; without an offset, as clocks in --zone show.")
@click.option("--zone", "zone", default="UTC", show_default=True, help="place: time zone in words.")
@click.option("--about", help="absent: the state.")
def act(
    folder: Path,
    matter_id: str,
    kind: str,
    key: Path,
    person: str,
    office: str,
    words: str,
    text: str,
    version: str | None,
    deadline: str | None,
    zone: str,
    about: str | None,
) -> None:
    """Sign an act in MATTER_ID and send it to the keeper; it counts from the keeper's receipt on."""
    from typing import Any

    from vedette.alliance.items import Submission
    from vedette.alliance.state import recovered
    from vedette.app.commands.council import in_zone
    from vedette.app.matter_file import read_key, signed_receipt
    from vedette.council.lines import line_digest
    from vedette.engine.alliance.folder import load
    from vedette.engine.alliance.journal import read_journal
    from vedette.model.errors import SettingError

    deadline_ns = None if deadline is None else in_zone(deadline, zone, "--deadline")
    settings, _ = load(folder)
    state, _ = recovered(settings, read_journal(folder / "journal" / "alliance.jsonl"))
    kept = state.matters.get(matter_id)
    if kept is None:
        raise SettingError(f"{folder} holds no matter {matter_id!r}: 'vedette node matters'")
    content: dict[str, Any] = {"words": words}
    if kind == "put":
        content["text"] = text
    if kind in ("place", "object", "lift", "consent", "abstain"):
        content["version"] = version or kept.state.current
    if kind == "place":
        if deadline_ns is None:
            raise SettingError("--deadline: a placement needs one")
        content |= {"deadline_ns": deadline_ns, "deadline_zone": zone}
    if about is not None:
        content["about"] = about
    party, private = read_key(key)
    receipt = signed_receipt(
        kept.settings.roster, matter_id, party, private, person, office, kind,
        time.time_ns(), content, line_digest(kept.lines[-1]),
    )  # fmt: skip
    item = Submission(
        matter_id=matter_id,
        act=receipt.act,
        public_key=receipt.public_key,
        signature=receipt.signature,
    )
    _spool(folder, f"act:{uuid4().hex}", item, (settings.charter.keeper,))


@click.command("acknowledge")
@_FOLDER
@click.argument("nation")
@click.argument("sequence", type=int)
@click.option("--person", required=True)
@click.option("--office", required=True)
@click.option("--same", "same_as", metavar="INCIDENT", help="Our incident, of the same object.")
def acknowledge(
    folder: Path, nation: str, sequence: int, person: str, office: str, same_as: str | None
) -> None:
    """Tell NATION that its alert, entry SEQUENCE of its log, was seen here ("vedette node log" has both)."""
    from vedette.alliance.items import Acknowledgement

    item = Acknowledgement(
        nation=nation, sequence=sequence, person=person, office=office, same_as=same_as
    )
    key = f"seen:{nation}:{sequence}:{person}" + (f":{same_as}" if same_as else "")
    _spool(folder, key[:200], item, (nation,))
