"""``vedette node status`` and its like: what a node's folder tells a person."""

from pathlib import Path

import click

from vedette.app.accounts.access import Access, web_options

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("status")
@_FOLDER
@_JSON
def status(folder: Path, *, as_json: bool) -> None:
    """How the node of DIR and each of its links stand. Exit 1 if it does not run, or a log is contested."""
    from vedette.app.node_view import node_status
    from vedette.app.summary import to_json
    from vedette.model.time import format_utc

    found = node_status(folder)
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
        if found["isolated"]:
            click.echo("cut off: no other nation is heard")
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


@click.command("objects")
@_FOLDER
@_JSON
def objects(folder: Path, *, as_json: bool) -> None:
    """What the nations tell of each object, side by side; exit 1 where two oppose one another.

    Accounts are joined by a person's word ("vedette node acknowledge --same"), an address, a callsign or a
    hand-over.
    Nobody is outvoted: where nations differ, the difference is shown and the object has no identity.
    """
    from vedette.app.node_view import node_told, objects_json
    from vedette.app.plain_words import one_line as plain
    from vedette.app.summary import to_json

    found = objects_json(node_told(folder))
    opposed = any(one["opposed"] for each in found for one in each["differences"])
    if as_json:
        click.echo(to_json(found))
        raise SystemExit(1 if opposed else 0)
    for each in found:
        names = " ".join(sorted({a["callsign"] or "" for a in each["accounts"]} - {""}))
        click.echo(
            f"{each['icao24'] or 'no address':10} {plain(names) or 'no callsign':12} "
            f"{each['object_class'] or '-'}, {each['identity'] or 'no common identity'}"
        )
        for account in each["accounts"]:
            seen = ", seen by " + " ".join(w[0] for w in account["acknowledged"])
            click.echo(
                f"  {account['nation']} {plain(account['incident_id'])}: {plain(account['status'])}, "
                f"{plain(account['identity'] or 'identity not told')}, "
                f"{plain(account['object_class'] or 'class not told')}, {account['first']} to {account['last']}"
                f"{seen if account['acknowledged'] else ''}"
            )
        for link in each["joined"]:
            click.echo(f"  one object by {link['reason']}: {plain(link['words'])}")
        for one in each["differences"]:
            what = "OPPOSED" if one["opposed"] else "differ"
            said = ", ".join(f"{nation} {plain(value)}" for nation, value in one["said"].items())
            click.echo(f"  {what} in {one['field']}: {said}")
        for nation in each["expected_in"]:
            click.echo(f"  handed over to {nation}, which has told nothing of it yet")
        for nation, incident in each["elsewhere"]:
            click.echo(f"  its address is elsewhere at the same time: {nation} {plain(incident)}")
    raise SystemExit(1 if opposed else 0)


@click.command("page")
@_FOLDER
@click.option("--web", default="127.0.0.1:8139", show_default=True, help="HOST:PORT of the page.")
@web_options
def page(folder: Path, web: str, access: Access) -> None:
    """Show the node of DIR and its links on a page, whether it runs or not, until stopped."""
    import asyncio
    from functools import partial

    from vedette.app.door import serve_page
    from vedette.app.node_door import node_application

    say = partial(click.echo, err=True)
    asyncio.run(serve_page(web, "nodes.html", partial(node_application, folder), say, access))


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
