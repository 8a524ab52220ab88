"""``vedette node status`` and its like: what a node's folder tells a person."""

import time
from pathlib import Path
from typing import Any

import click

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("status")
@_FOLDER
@_JSON
def status(folder: Path, *, as_json: bool) -> None:
    """How the node of DIR and each of its links stand. Exit 1 if it does not run, or a log is contested."""
    import msgspec

    from vedette.app.summary import to_json
    from vedette.model.errors import RecordError
    from vedette.model.time import SECOND_NS, format_utc

    path = folder / "status.json"
    try:
        found: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        raise RecordError(f"{path}: the node was never started here") from error
    age_s = (time.time_ns() - found["at_ns"]) / SECOND_NS
    found["running"] = found["running"] and age_s < 10.0
    contested = [nation for nation, peer in found["peers"].items() if peer["contested"]]
    if found["contested"]:
        contested.append(found["nation"])
    if as_json:
        click.echo(to_json(found))
    else:
        state = "runs" if found["running"] else "does not run"
        click.echo(
            f"{found['nation']} {state}, as of {format_utc(found['at_ns'])}: boot {found['boot']},"
            f" {found['entries']} entries, key {found['key']}, {found['witnessed']} records witnessed"
        )
        click.echo(
            "nation   heard    entries behind  they are  picture  tracks  we shed they shed key"
        )
        for nation, peer in found["peers"].items():
            click.echo(
                f"{nation:6} {_age(peer['heard_s']):>8} {peer['entries']:>9} {peer['behind']:>6}"
                f" {peer['they_are_behind']:>9} {_age(peer['picture_s']):>8} {peer['tracks']:>7}"
                f" {peer['we_shed']:>8} {peer['they_shed']:>9} {peer['key']:>3}"
                f"{'  CONTESTED' if peer['contested'] else ''}"
                f"{'  refused ' + str(peer['refused']) if peer['refused'] else ''}"
            )
        for matter in found["matters"]:
            click.echo(f"matter {matter['matter_id']}: {matter['standing']}")
    raise SystemExit(0 if found["running"] and not contested else 1)


def _age(seconds: float | None) -> str:
    return "never" if seconds is None else f"{seconds:.1f} s"


@click.command("log")
@_FOLDER
@_JSON
def log(folder: Path, *, as_json: bool) -> None:
    """What all nations told this node, by the time at which each entry was made."""
    import msgspec

    from vedette.alliance.merge import merged
    from vedette.alliance.state import recovered
    from vedette.app.summary import to_json
    from vedette.engine.alliance.folder import load
    from vedette.engine.alliance.journal import read_journal
    from vedette.model.time import format_utc

    settings, _ = load(folder)
    _, told = recovered(settings, read_journal(folder / "journal" / "alliance.jsonl"))
    for one in merged(told):
        row = msgspec.to_builtins(one)
        if as_json:
            click.echo(to_json(row))
            continue
        item = row["body"]["item"]
        late_s = (one.received_ns - one.body.made_ns) / 1e9
        click.echo(
            f"{format_utc(one.body.made_ns)}  {one.nation} {one.sequence:>6}  +{late_s:.1f} s "
            f" {item['type']}  {item.get('incident_id') or item.get('matter_id') or ''}"
            f"{'  dated ahead' if one.ahead else ''}"
        )


@click.command("matters")
@_FOLDER
def matters(folder: Path) -> None:
    """How each matter of the council stands in its keeper's log, as far as it is here, as JSON lines."""
    from vedette.alliance.matters import outcome
    from vedette.alliance.state import recovered
    from vedette.app.summary import to_json
    from vedette.engine.alliance.folder import load
    from vedette.engine.alliance.journal import read_journal

    settings, _ = load(folder)
    state, _ = recovered(settings, read_journal(folder / "journal" / "alliance.jsonl"))
    for kept in state.matters.values():
        click.echo(to_json(outcome(kept)))


@click.command("refused")
@_FOLDER
def refused(folder: Path) -> None:
    """What this node refused, with its octets: forged acts, void keys, second pasts; JSON lines."""
    import msgspec

    from vedette.alliance.state import Refused, read_lines
    from vedette.app.summary import to_json
    from vedette.engine.alliance.journal import read_journal

    for line in read_lines(read_journal(folder / "journal" / "alliance.jsonl")):
        if isinstance(line, Refused):
            click.echo(to_json(msgspec.to_builtins(line)))
