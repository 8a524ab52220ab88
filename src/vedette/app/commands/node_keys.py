"""``vedette node rotate`` and its like: how a nation's node changes its keys."""

from pathlib import Path

import click

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
_ROOT = click.option(
    "--root", type=click.Path(path_type=Path), help="The root key. [DIR/keys/root.key]"
)
_WORDS = click.option("--words", default="", help="Why, for the others.")


@click.command("rotate")
@_FOLDER
@_ROOT
@_WORDS
def rotate(folder: Path, root: Path | None, words: str) -> None:
    """Give the stopped node of DIR a new signing key; it tells the others when it starts."""
    click.echo(_change(folder, root, words, stolen=False))


@click.command("revoke")
@_FOLDER
@_ROOT
@_WORDS
def revoke(folder: Path, root: Path | None, words: str) -> None:
    """As rotate, for a key that was stolen: what it signed beyond our log is void and disowned."""
    click.echo(_change(folder, root, words, stolen=True))


def _change(folder: Path, root: Path | None, words: str, *, stolen: bool) -> str:
    import time

    from vedette.alliance.charter import Statement
    from vedette.alliance.messages import signed
    from vedette.alliance.state import recovered
    from vedette.engine.alliance.folder import load, write_new
    from vedette.engine.alliance.journal import Journal
    from vedette.model.errors import RecordError
    from vedette.model.signature import new_private_key, public_key_of

    settings, _ = load(folder)
    path = root or folder / "keys" / "root.key"
    try:
        root_key = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}") from error
    member = settings.charter.members[settings.nation]
    if len(root_key) != 32 or public_key_of(root_key) != member.root:
        raise RecordError(f"{path} is not the root key of {settings.nation}")
    journal = Journal(folder / "journal" / "alliance.jsonl")  # refuses while the node runs
    try:
        state, _ = recovered(settings, journal.lines())
    finally:
        journal.close()
    own = state.logs[settings.nation]
    following = folder / "keys" / "node.next"
    private = new_private_key()
    statement = Statement(
        charter=settings.charter.name,
        nation=settings.nation,
        number=own.key_number + 1,
        key=public_key_of(private),
        after=own.sequence,
        digest=own.digest,
        stolen=stolen,
        made_ns=time.time_ns(),
        words=words,
    )
    write_new(following, private, secret=True)
    packed = signed(statement, root_key)
    write_new(folder / "spool" / f"key-{statement.number}.statement", packed)
    return f"key {statement.number} of {settings.nation} holds from entry {own.sequence} on"


@click.command("key")
@_FOLDER
def key(folder: Path) -> None:
    """Make a new key of DIR's link (nkey and certificate), and card.json for the operator of the hub."""
    import os

    import msgspec

    from vedette.engine.alliance.certificates import request
    from vedette.engine.alliance.folder import Card, pretty, read_as
    from vedette.engine.alliance.server import wire_keys

    card = read_as(folder / "card.json", Card)
    seed, wire = wire_keys()
    path = folder / "keys" / "wire.seed"
    temporary = path.with_suffix(".new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(seed)
    asked = request((folder / "tls" / "key.pem").read_bytes(), card.nation).decode()
    (folder / "card.json").write_bytes(
        pretty(msgspec.structs.replace(card, wire=wire, request=asked))
    )
    temporary.rename(path)
    click.echo(folder / "card.json")
    click.echo(
        "the link works again once the hub has taken the card and DIR has started anew", err=True
    )
