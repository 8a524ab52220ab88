"""``vedette council prove|history``: every sequence of acts within bounds, and matters of the past."""

from typing import Final

import click

_KINDS: Final = ("consultation", "declaration", "posture", "delegation", "shield")


@click.command("prove")
@click.option("--states", type=click.IntRange(1, 8), default=5, show_default=True)
@click.option("--acts", type=click.IntRange(1, 40), default=12, show_default=True)
@click.option("--kind", type=click.Choice(_KINDS), default="declaration", show_default=True)
@click.option("--chair/--no-chair", default=False, show_default=True, help="Whether there is one.")
@click.option("--lapses", is_flag=True, help="The matter ends undecided at a time.")
@click.option(
    "--processes",
    type=click.IntRange(1, 256),
    default=None,
    help="That share the work.  [default: as many as the machine runs at once]",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def prove(
    states: int,
    acts: int,
    kind: str,
    *,
    chair: bool,
    lapses: bool,
    processes: int | None,
    as_json: bool,
) -> None:
    """Walk every sequence of acts of some states and the chair, and check what must never happen.

    Exit 1 where something did, with the acts that led there.
    """
    import os

    from vedette.app.summary import to_json
    from vedette.council.model_check import PROPERTIES, walk

    processes = processes or os.cpu_count() or 1
    walked = None
    for walked in walk(
        states,
        acts,
        kind,  # type: ignore[arg-type]
        chair=chair,
        lapses=lapses,
        processes=processes,
    ):
        click.echo(
            f"{walked.acts} acts: {walked.standings} ways of standing, {walked.transitions} acts tried",
            err=True,
        )
    assert walked is not None
    broken = {one.name: one.acts for one in reversed(walked.broken)}
    if as_json:
        click.echo(
            to_json(
                {
                    "kind": kind, "states": states, "acts": acts, "chair": chair, "lapses": lapses,
                    "standings": walked.standings,
                    "transitions": walked.transitions,
                    "properties": {name: name not in broken for name in PROPERTIES},
                    "broken": {name: list(how) for name, how in broken.items()},
                }
            )
        )  # fmt: skip
    else:
        click.echo(
            f"{kind}{' that lapses' if lapses else ''}, {states} states and "
            f"{'the' if chair else 'no'} chair, up to {acts} acts: {walked.standings} ways of "
            f"standing, {walked.transitions} acts tried"
        )
        for name, words in PROPERTIES.items():
            click.echo(f"{'BROKEN' if name in broken else 'holds':7}{name}: {words}")
            for act in broken.get(name, ()):
                click.echo(f"         {act}")
    raise SystemExit(1 if broken else 0)


@click.command("history")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def history(name: str | None, *, as_json: bool) -> None:
    """Replay consultations of the past as matters: what the acts lead to, beside what is published.

    Exit 1 where they differ.
    """
    from vedette.app.summary import to_json
    from vedette.council.history import days_agree, replay, shipped_histories
    from vedette.model.errors import SettingError
    from vedette.model.time import format_utc

    known = shipped_histories()
    if name is not None and name not in known:
        raise SettingError(f"{name}: there are {', '.join(known)}")
    rows, same = [], True
    for one in known.values() if name is None else [known[name]]:
        matter, events = replay(one)
        agrees = matter.status == one.outcome and days_agree(one, events)
        same &= agrees
        rows.append(
            {
                "id": one.id, "title": one.title, "members": len(one.members.split()),
                "status": matter.status, "by": matter.agreed_by, "published": one.published,
                "agrees": agrees, "source": one.source, "note": one.note,
                "hours": one.hours,
                "events": [
                    {"utc": format_utc(event.at_ns), "kind": event.kind, "party": event.party}
                    for event in events
                ],
            }
        )  # fmt: skip
    if as_json:
        click.echo(to_json(rows))
    else:
        for row in rows:
            by = f" by {row['by']}" if row["by"] else ""
            click.echo(f"{row['id']:22} {row['members']} members: {row['status']}{by}")
            click.echo(f"{'':22} published: {row['published']} ({row['source']})")
            if row["note"]:
                click.echo(f"{'':22} note: {row['note']}")
    raise SystemExit(0 if same else 1)
