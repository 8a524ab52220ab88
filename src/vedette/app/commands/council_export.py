"""``vedette council export|verify``: a whole matter as one signed file, and what an outsider makes of it."""

from pathlib import Path

import click

_PATH = click.Path(path_type=Path, dir_okay=False)


@click.command("export")
@click.argument("matter", type=click.Path(path_type=Path))
@click.argument("out", type=_PATH)
@click.option("--key", required=True, type=_PATH, help="Key of the party that keeps the matter.")
def export(matter: Path, out: Path, key: Path) -> None:
    """Write MATTER to OUT: all its lines, how it stands, and the signature of its keeper."""
    from vedette.app.matter_export import exported
    from vedette.app.matter_file import read_key, read_matter
    from vedette.model.errors import RecordError

    file = read_matter(matter)
    party, private = read_key(key)
    try:
        with out.open("xb") as target:
            target.write(exported(file, party, private))
    except OSError as error:
        raise RecordError(f"{out}: {error.strerror}") from error
    click.echo(out)


@click.command("verify")
@click.argument("file", type=_PATH)
@click.option("--keeper", help="Public key (base64) of the keeper, from elsewhere.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify(file: Path, keeper: str | None, *, as_json: bool) -> None:
    """Check an exported FILE: every signature, the order of its lines, and that it stands as it says.

    Exit 1 where it does not.
    """
    import msgspec

    from vedette.app.matter_export import verified
    from vedette.app.plain_words import one_line
    from vedette.app.summary import to_json
    from vedette.model.errors import RecordError

    try:
        data = file.read_bytes()
    except OSError as error:
        raise RecordError(f"{file}: {error.strerror}") from error
    found = verified(file, data, keeper)
    if as_json:
        click.echo(to_json(msgspec.to_builtins(found)))
    else:
        click.echo(f"{found.kind}: {one_line(found.title)}" + ("  (drill)" if found.drill else ""))
        click.echo(f"status: {found.status}, {found.lines} lines, head {found.head}")
        click.echo(f"kept by {found.keeper} with {found.public_key}")
        for problem in found.problems:
            click.echo(f"problem: {one_line(problem)}", err=True)
        for note in found.notes:
            click.echo(f"note: {one_line(note)}", err=True)
    raise SystemExit(1 if found.problems else 0)
