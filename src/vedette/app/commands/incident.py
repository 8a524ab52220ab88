"""``vedette incident``: what a record's ledger says of incidents."""

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.named_file import SVG

if TYPE_CHECKING:
    from vedette.engine.record import Record


@click.group("incident")
def group() -> None:
    """Incidents of a record."""


@group.command("list")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_incidents(folder: Path, *, as_json: bool) -> None:
    """All incidents in the record DIR, oldest first."""
    from vedette.app.plain_words import one_line
    from vedette.app.summary import place_name, to_json
    from vedette.app.views import incidents_of_record
    from vedette.engine.record import Record

    record = Record(folder)
    incidents = incidents_of_record(record)
    if record.body.exercise:
        click.echo(record.body.banner, err=True)
    if as_json:
        click.echo(to_json(incidents))
        return
    for incident in incidents:
        item = incident["object"]
        states = ", ".join(
            dict.fromkeys(place_name(c["state"], c["zone_id"]) for c in incident["crossings"])
        )
        line = (
            f"{incident['incident_id']}  {incident['opened']['utc'][:19]}Z  {incident['status']:9}  "
            f"{incident['output']:8}  {states or '-'}  {item['callsign'] or item['track_id']}  "
            f"{item['class']}  {item['identity']}"
        )
        click.echo(one_line(line))


@group.command("show")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("incident_id")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def show(folder: Path, incident_id: str, *, as_json: bool) -> None:
    """One incident with its proposals, hand-overs, reasons and doubts."""
    from vedette.app.clock_json import clock_lines
    from vedette.app.commands.desk import paper_lines
    from vedette.app.hand_overs import hand_overs_of
    from vedette.app.plain_words import one_line
    from vedette.app.summary import incident_lines, to_json
    from vedette.app.views import clock_of_record, incidents_of_record, papers_of_record
    from vedette.engine.record import Record

    found = [
        incident
        for incident in incidents_of_record(Record(folder))
        if incident["incident_id"] == incident_id
    ]
    if not found:
        click.echo(f"error: {folder} has no incident {incident_id}", err=True)
        raise SystemExit(1)
    incident = found[0]
    record = Record(folder)
    papers = [one for one in papers_of_record(record) if one["incident_id"] == incident_id]
    clock = clock_of_record(record, incident_id)
    if as_json:
        click.echo(to_json(incident | {"papers": papers, "clock": clock}))
        return
    if record.body.exercise:
        click.echo(record.body.banner)
    click.echo("\n".join(incident_lines(incident)))
    for line in hand_overs_of(Record(folder), incident_id):
        click.echo(f"  {line}")
    if papers:
        click.echo("\nQuestions to offices")
    for paper in papers:
        click.echo("\n".join(f"  {line}" for line in paper_lines(paper)))
    if clock is not None:
        click.echo("\nDecision clock, last reading")
        click.echo("\n".join(f"  {line}" for line in clock_lines(clock)))
    for title, key in (
        ("Reasons", "evidence"),
        ("Doubts", "doubts"),
        ("Not decided", "undetermined"),
    ):
        if incident[key]:
            click.echo(f"\n{title}")
        said = Counter(
            f"{item['log_odds']:+.2f}  {item['supports']}: {item['statement']} ({item['source']}); "
            f"would change it: {item['would_change']}"
            if isinstance(item, dict)
            else item
            for item in incident[key]
        )
        for text, times in said.items():
            click.echo(one_line(f"  {text}" + (f"  ({times} times)" if times > 1 else "")))


@group.command("draft")
@click.argument("kind", type=click.Choice(["warning", "communique", "ats", "hand-over", "search"]))
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("incident_id")
@click.option(
    "--sender", default="draft@vedette.invalid", show_default=True, help="Of a warning: who sends."
)
@click.option("--language", default="en-GB", show_default=True, help="Of a warning's text.")
def draft(kind: str, folder: Path, incident_id: str, sender: str, language: str) -> None:
    """A draft for a person to release: a public warning (CAP 1.2), a communique, a notice, a search case.

    It is printed and sent nowhere. It says facts and how sure they are; a state is named only when two
    persons have confirmed it and a spokesperson has released the communique at the desk.
    """
    from vedette.app.drafts.facts import facts_of
    from vedette.app.drafts.letters import LETTERS
    from vedette.app.drafts.warning import warning
    from vedette.engine.record import Record
    from vedette.model.errors import SettingError

    facts = facts_of(Record(folder), incident_id)
    if kind != "warning":
        click.echo(LETTERS[kind](facts))
        return
    if any(c in sender for c in " ,<&") or not sender:
        raise SettingError(f"--sender {sender!r}: CAP allows no space, comma, < or & in it")
    if not sender.isprintable():
        raise SettingError(f"--sender {sender!r}: it holds what is no character")
    if not re.fullmatch("[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", language):
        raise SettingError(f"--language {language!r} is no language: en-GB, et, uk")
    click.echo(warning(facts, sender, language).decode(), nl=False)


@group.command("report")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("incident_id", required=False)
@click.option(
    "--figure",
    type=SVG,
    metavar="FILE.svg",
    help="Draw ID: map, distance to the border with its 95 % band, who measured what.",
)
def report(folder: Path, incident_id: str | None, figure: Path | None) -> None:
    """A report in Markdown: a whole watch, or one incident, with times, rules, sources and the ledger's head.

    That of a whole watch begins with its hours, its feeds and their silences, and who passed its zones.
    """
    from vedette.app.commands.desk import paper_lines
    from vedette.app.summary import incident_lines
    from vedette.app.views import incidents_of_record, papers_of_record
    from vedette.engine.record import Record

    record = Record(folder)
    papers = papers_of_record(record)
    head = record.head()
    label = record.body.banner
    incidents = incidents_of_record(record)
    if incident_id is not None:
        incidents = [one for one in incidents if one["incident_id"] == incident_id]
        if not incidents:
            click.echo(f"error: {folder} has no incident {incident_id}", err=True)
            raise SystemExit(1)
    if figure is not None:
        if incident_id is None:
            raise click.UsageError("--figure draws one incident: name its ID")
        _draw(record, incident_id, figure)
    click.echo(f"# Incidents of the record {folder.name}\n")
    if label:
        click.echo(f"**{label}**\n")
    if incident_id is None:
        from vedette.app.day_report import day_lines

        click.echo("\n".join(day_lines(record, incidents)) + "\n")
    for incident in incidents:
        click.echo(f"## {incident['incident_id']}\n\n```text")
        click.echo("\n".join(incident_lines(incident)))
        asked = [one for one in papers if one["incident_id"] == incident["incident_id"]]
        if asked:
            click.echo("\nQuestions to offices")
        for paper in asked:
            click.echo("\n".join(f"  {line}" for line in paper_lines(paper)))
        click.echo("```\n")
        sources = sorted({s for proposal in incident["proposals"] for s in proposal["sources"]})
        click.echo(f"Sources of the rules: {', '.join(sources) or 'none'}.\n")
    if head is not None:
        click.echo(
            f"Ledger: {head.size} entries, tree head `{head.root}`, key `{head.public_key}`."
        )
    if figure is not None:
        click.echo(f"\nFigure: `{figure.name}`.")


def _draw(record: "Record", incident_id: str, file: Path) -> None:
    """Write the evidence figure of an incident."""
    from vedette.app.evidence import figure_of
    from vedette.app.evidence_figure import draw
    from vedette.model.errors import SourceError

    click.echo(f"reading what was measured of {incident_id} ...", err=True)
    found = figure_of(record, incident_id)
    if found is None:
        click.echo(f"error: {record.folder} has no incident {incident_id}", err=True)
        raise SystemExit(1)
    try:
        file.write_text(draw(found), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot write {file}: {error.strerror}") from error
