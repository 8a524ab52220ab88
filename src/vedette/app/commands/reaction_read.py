"""What ``vedette reaction`` reads from a register, and prints."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vedette.app.commands.reaction_given import (
    JSON,
    REGISTER,
    instant_of,
    party_of,
    read_telling,
)
from vedette.app.finite import Finite
from vedette.model.errors import RecordError, SettingError

if TYPE_CHECKING:
    from vedette.council.reactions.occasion import Occasion


@click.command("list")
@REGISTER
@click.option("--party", help="Only what it said or did, or what was addressed to it.")
@click.option("--incident", help="Only what is about this incident.")
@JSON
def list_reactions(register: Path, party: str | None, incident: str | None, as_json: bool) -> None:
    """List all entries by the time they speak of, retracted and corrected ones too."""
    from vedette.app.reaction_json import reaction_json
    from vedette.app.summary import to_json
    from vedette.council.reactions.attribution import contradictions

    wanted = None if party is None else party_of(party, "--party")
    read = read_telling(register)
    disputes = contradictions(read)
    shown = [
        reaction_json(read, one, disputes)
        for one in sorted(read.reactions, key=lambda one: (one.when.valid_ns, one.reaction_id))
        if (wanted is None or wanted == one.actor.party or wanted in one.addressees)
        and (incident is None or incident in one.incidents)
    ]
    if as_json:
        click.echo(to_json(shown))
        return
    for one in shown:
        click.echo(_line(one))


def _line(one: dict[str, Any]) -> str:
    said = f"“{one['words']}”" if one["words"] else one["act"]
    marks = "" if one["status"] == "in force" else f"[{one['status']}] "
    marks += "[attribution disputed] " if any(d["open"] for d in one["disputes"]) else ""
    to = ", ".join(one["addressees"]) or "-"
    return (
        f"{one['reaction_id']:8} {one['when']['text']:17} {one['actor']['party'] or 'unnamed':8} > {to:12} "
        f"{one['reliability']}  {marks}{one['code_text']}: {said}"
    )


@click.command("show")
@REGISTER
@click.argument("reaction_id")
@JSON
def show(register: Path, reaction_id: str, as_json: bool) -> None:
    """Show one entry: source, codes, doubts, what it is paired with, whether it still stands."""
    from vedette.app.reaction_json import code_meaning, pair_json, reaction_json
    from vedette.app.summary import to_json
    from vedette.council.reactions.attribution import contradictions
    from vedette.council.reactions.pairs import pairs

    read = read_telling(register)
    found = [one for one in read.reactions if one.reaction_id == reaction_id]
    if not found:
        click.echo(f"error: {register} has no reaction {reaction_id}", err=True)
        raise SystemExit(1)
    body = reaction_json(read, found[0], contradictions(read))
    body["pairs"] = [
        pair_json(one) for one in pairs(read) if reaction_id in (one.before_id, one.reaction_id)
    ]
    if as_json:
        click.echo(to_json(body))
        return
    actor = body["actor"]
    who = ", ".join(
        filter(None, [actor["person"], actor["office"], actor["party"] or "nobody has been named"])
    )
    click.echo(f"{reaction_id}: {body['status']}")
    click.echo(f"  who      {who}")
    click.echo(f"  to       {', '.join(body['addressees']) or 'nobody in particular'}")
    click.echo(f"  when     {body['when']['text']} (known to the {body['when']['precision']})")
    if body["words"]:
        note = ", translated" if body["translated"] else ""
        click.echo(f"  words    “{body['words']}” ({body['language']}{note})")
    if body["act"]:
        click.echo(f"  {body['kind']:8} {body['act']}")
    source = body["source"]
    click.echo(f"  source   {source['publisher']}, {source['date']}, {source['address']}")
    click.echo(f"  grade    {body['reliability']}")
    click.echo(f"  codes    {body['code_text']}  {code_meaning(found[0])}".rstrip())
    score = "none" if body["score"] is None else f"{body['score']:g}"
    click.echo(f"  score    {score}; rung {body['rung'] or 'none'}")
    for what in ("incidents", "matters", "answers"):
        if body[what]:
            click.echo(f"  {what:8} {', '.join(body[what])}")
    click.echo(f"  entered  {body['recorded']['utc']} by {body['recorded_by']}")
    if body["corrects"]:
        click.echo(f"  corrects {body['corrects']}")
    if body["corrected_by"]:
        click.echo(f"  corrected by {body['corrected_by']}")
    if body["retraction"]:
        gone = body["retraction"]
        click.echo(f"  retracted by its {gone['whose']}: {gone['reason']} ({gone['reaction_id']})")
    for doubt in body["disputes"]:
        given = " and to ".join(doubt["given_to"])
        click.echo(
            f"  {'disputed' if doubt['open'] else 'was disputed'}: {doubt['reason']}: {given}"
        )
    for pair in body["pairs"]:
        click.echo(f"  pair     {pair['before_id']} > {pair['reaction_id']}: {pair['reason']}")


@click.command("pairs")
@REGISTER
@click.option(
    "--occasions",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Incidents and decisions, one JSON object a line.",
)
@click.option(
    "--record",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Record of a watch, for its incidents.",
)
@click.option("--window", "window_h", type=Finite(), default=72.0, show_default=True, help="Hours.")
@JSON
def list_pairs(
    register: Path, occasions: Path | None, record: Path | None, window_h: float, as_json: bool
) -> None:
    """Pair entries with what they follow: incidents, decisions, entries of the other side."""
    import msgspec

    from vedette.app.reaction_json import occasion_json, pair_json
    from vedette.app.summary import to_json
    from vedette.council.reactions.pairs import RULE, PairSettings, pairs

    try:
        settings = msgspec.convert({"window_h": window_h}, PairSettings)
    except msgspec.ValidationError as error:
        raise SettingError(f"--window: {error}") from error
    read = read_telling(register)
    known = _occasions(occasions, record)
    found = pairs(read, known, settings)
    if as_json:
        click.echo(
            to_json(
                {
                    "rule": RULE,
                    "window_h": window_h,
                    "occasions": [occasion_json(one) for one in known],
                    "pairs": [pair_json(one) for one in found],
                }
            )
        )
        return
    for one in map(occasion_json, known):
        grade = f"  ELN grade {one['severity'].replace('_', ' ')}" if one["severity"] else ""
        click.echo(
            f"{one['occasion_id']:8} {one['when']['text']:17} {one['kind']}: {one['title']}{grade}"
        )
    for pair in found:
        after = "?" if pair.after_s is None else f"{pair.after_s / 3600:.1f} h"
        doubt = "" if pair.order_sure else " (order not sure, as dated)"
        click.echo(f"{pair.before_id} > {pair.reaction_id}  {after}{doubt}: {pair.reason}")
    click.echo(f"window {window_h:g} h. {RULE}")


def _occasions(file: Path | None, record: Path | None) -> "list[Occasion]":
    from vedette.app.reaction_occasions import occasions_of_file, occasions_of_record

    found = [] if file is None else occasions_of_file(file)
    return found + ([] if record is None else occasions_of_record(record))


@click.command("tension")
@REGISTER
@click.option("--pair", "chosen", nargs=2, multiple=True, help="Actor and addressee; default: all.")
@click.option("--at", help="ISO 8601; default: now.")
@click.option(
    "--days", type=click.IntRange(1, 3660), help="Also the course over as many days before."
)
@click.option(
    "--half-life", "half_life_d", type=Finite(), default=14.0, show_default=True, help="Days."
)
@JSON
def show_tension(
    register: Path, chosen: tuple[tuple[str, str], ...], at: str | None, days: int | None,
    half_life_d: float, as_json: bool,
) -> None:  # fmt: skip
    """Print the tension index of ordered pairs, its formula, and the rung each pair stands on."""
    import msgspec

    from vedette.app.reaction_json import readings_json, tension_json
    from vedette.app.summary import to_json
    from vedette.council.reactions.tension import TensionSettings, course_of, pairs_of_parties
    from vedette.model.time import DAY_NS

    try:
        settings = msgspec.convert({"half_life_d": half_life_d}, TensionSettings)
    except msgspec.ValidationError as error:
        raise SettingError(f"--half-life: {error}") from error
    at_ns = instant_of(at)
    read = read_telling(register)
    named = [(party_of(one, "--pair"), party_of(other, "--pair")) for one, other in chosen]
    body = readings_json(read, named or pairs_of_parties(read), at_ns, settings)
    if days is not None:
        for one in body["pairs"]:
            course = course_of(
                read, one["actor"], one["addressee"], at_ns - days * DAY_NS, at_ns, DAY_NS, settings
            )
            one["course"] = [tension_json(point, None) for point in course]
    if as_json:
        click.echo(to_json(body))
        return
    for one in body["pairs"]:
        stands = one["level"]
        rung = f"rung {stands['rung']} ({stands['name']})" if stands["rung"] else "no rung"
        if stands["doubted_rung"]:
            rung += f", {stands['doubted_rung']} by entries in doubt"
        click.echo(
            f"{one['actor']:8} > {one['addressee']:8} tension {one['index']:7.3f} "
            f"({one['undisputed']:.3f} undisputed)  cooperation {one['cooperation']:7.3f}  "
            f"{one['entries']} entries, {one['events']} events, {one['unscored']} unscored  {rung}"
        )
        for point in one.get("course", ()):
            bar = "#" * min(60, round(point["index"] * 4))
            click.echo(
                f"    {point['at']['utc'][:10]} {point['index']:7.3f} {point['entries']:4} {bar}"
            )
    click.echo(body["formula"])


@click.command("draft")
@REGISTER
@click.argument("one")
@click.argument("other")
@click.option("--at", help="ISO 8601; default: now.")
def draft(register: Path, one: str, other: str, at: str | None) -> None:
    """Write a draft about two parties, for people to put as a council matter. Applies nothing."""
    from vedette.council.reactions.posture import draft_posture

    at_ns = instant_of(at)
    pair = party_of(one, "ONE"), party_of(other, "OTHER")
    click.echo(draft_posture(read_telling(register).known_at(at_ns), *pair, at_ns), nl=False)


@click.command("check")
@REGISTER
@click.option(
    "--head", help="Digest of the last line as you kept it: shows whether the end was cut."
)
@JSON
def check(register: Path, head: str | None, as_json: bool) -> None:
    """Check every line and the chain, and list contradictions of attribution. Exit code 1: not whole."""
    from base64 import b64encode

    from vedette.app.reaction_file import read_file
    from vedette.app.reaction_json import contradiction_json
    from vedette.app.summary import to_json
    from vedette.council.reactions.attribution import contradictions

    read = read_file(register)
    other_head = head is not None and head != read.head
    whole = not read.set_aside and not read.breaks and not other_head
    disputes = contradictions(read)
    if as_json:
        click.echo(
            to_json(
                {
                    "ok": whole,
                    "lines": read.lines,
                    "reactions": len(read.reactions),
                    "in_force": len(read.in_force),
                    "retractions": len(read.retractions),
                    "set_aside": [
                        {
                            "line": one.line,
                            "reason": one.reason,
                            "bytes": b64encode(one.data).decode(),
                        }
                        for one in read.set_aside
                    ],
                    "breaks": list(read.breaks),
                    "contradictions": [contradiction_json(one) for one in disputes],
                    "head": read.head,
                    "other_head": other_head,
                }
            )
        )
    else:
        click.echo(
            f"{read.lines} lines: {len(read.reactions)} reactions, {len(read.in_force)} in force, "
            f"{len(read.retractions)} retractions"
        )
        for aside in read.set_aside:
            click.echo(f"line {aside.line} set aside: {aside.reason}")
        for number in read.breaks:
            click.echo(
                f"line {number} does not follow the line before it: lines were changed or left out"
            )
        if other_head:
            click.echo(f"the last line is not the one whose digest was kept: {head}")
        for one in disputes:
            state = "open" if one.open else "settled by a retraction or correction"
            ids = ", ".join(one.reaction_ids)
            click.echo(
                f"contradiction ({state}): {one.reason}: {' and '.join(one.given_to)}: {ids}"
            )
        click.echo(
            f"head: {read.head}" + ("" if head else "  (keep it: without it a cut end is not seen)")
        )
        click.echo("ok" if whole else "not whole")
    if not whole:
        raise SystemExit(1)


@click.command("example")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("reactions"))
def example(out: Path) -> None:
    """Write the bundled example: reactions to the nights of September 2025, from public sources."""
    from importlib.resources import files

    source = files("vedette") / "data" / "reactions"
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in ("september-2025.jsonl", "september-2025-occasions.jsonl"):
            target = out / name
            if target.exists():
                raise RecordError(f"{target} exists; name another folder with --out")
            target.write_bytes((source / name).read_bytes())
            click.echo(str(target))
    except OSError as error:
        raise RecordError(f"{out}: {error.strerror}") from error


READING: Final = (
    list_reactions,
    show,
    list_pairs,
    show_tension,
    draft,
    check,
    example,
)
