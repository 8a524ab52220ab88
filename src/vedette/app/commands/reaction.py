"""``vedette reaction``: what all sides said and did, kept in a register, and what may be read from it."""

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vedette.model.errors import RecordError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vedette.council.reactions.occasion import Occasion
    from vedette.council.reactions.reaction import Entry, Reaction, When
    from vedette.council.reactions.register import Register, SetAside

_REGISTER = click.argument("register", type=click.Path(dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_BY = click.option("--by", "recorder", required=True, help="Who enters it, by name.")
_PRECISIONS: Final = (
    (r"\d{4}-\d{2}-\d{2}", "day"),
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}(Z|[+-]\d{2}:?\d{2})?", "hour"),
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(Z|[+-]\d{2}:?\d{2})?", "minute"),
    (r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?", "second"),
)


@click.group("reaction")
def group() -> None:
    """What all sides said and did about incidents and decisions."""


# ---------------------------------------------------------------------------- reading what is given


def _when(text: str) -> "When":
    """A time as exactly as it is written: a bare date is known to the day."""
    from vedette.council.reactions.reaction import When
    from vedette.model.time import parse_utc

    for pattern, precision in _PRECISIONS:
        if re.fullmatch(pattern, text):
            try:
                return When(valid_ns=parse_utc(text), precision=precision)  # type: ignore[arg-type]
            except (ValueError, OverflowError):
                break
    raise SettingError(
        f"--when: {text!r} is no date or time; write 2025-09-19, 2025-09-19T07, 2025-09-19T07:58 or "
        "2025-09-19T07:58:12 (UTC, or with an offset)"
    )


def _at(text: str | None, option: str = "--at") -> int:
    from vedette.model.time import parse_utc

    if text is None:
        return time.time_ns()
    try:
        return parse_utc(text)
    except (ValueError, OverflowError) as error:
        raise SettingError(f"{option}: {text!r} is no ISO 8601 time") from error


def _party(text: str, option: str) -> str:
    from vedette.council.reactions.reaction import PARTY_PATTERN

    if re.search(PARTY_PATTERN, text) is None:
        raise SettingError(
            f"{option}: {text!r} is no party; write an ISO 3166-1 alpha-3 code as EST, or an organisation "
            "as org:NATO"
        )
    return text


def _read(path: Path) -> "Register":
    """The register, with a word on stderr where it is not whole."""
    from vedette.app.reaction_file import read_file

    register = read_file(path)
    if register.set_aside or register.breaks:
        click.echo(
            f"{path}: {len(register.set_aside)} lines set aside, {len(register.breaks)} do not follow the "
            "line before them: see `vedette reaction check`",
            err=True,
        )
    return register


def _add(path: Path, make: "Callable[[str], Entry]") -> str:
    """Add one entry; its id, which is its number where none was given."""
    from vedette.app.reaction_file import add_to_file

    named = ""

    def entries(register: "Register") -> "list[Entry]":
        nonlocal named
        entry = make(f"r{register.lines + 1}")
        named = entry.reaction_id
        return [entry]

    add_to_file(path, entries)
    return named


# ---------------------------------------------------------------------------- adding


@group.command("add")
@_REGISTER
@_BY
@click.option(
    "--actor", help="State (EST) or organisation (org:NATO); left out: nobody has named one."
)
@click.option("--person", help="Who spoke or acted, by name.")
@click.option("--office", help="In what office.")
@click.option("--kind", type=click.Choice(["statement", "act"]), required=True)
@click.option(
    "--when", required=True, help="UTC, as exactly as it is known: 2025-09-19 or ...T07:58."
)
@click.option("--to", "addressees", multiple=True, help="To whom or on whom; again for another.")
@click.option("--words", help="A short quotation, 300 characters at most.")
@click.option("--language", help="Of the words: en, ru, et.")
@click.option("--translated", is_flag=True, help="The words are a translation.")
@click.option("--act", help="What was done or said, in your own words.")
@click.option("--publisher", required=True)
@click.option("--address", required=True, help="Where it can be read.")
@click.option("--date", "published", required=True, help="Of the publication: 2025-09-19, 2025-09.")
@click.option(
    "--reliability", required=True, help="Admiralty grade: A1 (best) to F6 (cannot be judged)."
)
@click.option("--plover", help="Category, or category/mode: ACCUSE, CONSULT/multilateral.")
@click.option("--context", "contexts", multiple=True, help="PLOVER context; again for another.")
@click.option("--cameo", help="CAMEO code: 114.")
@click.option("--vx", help="Code for what neither has: vx:AIRSPACE_VIOLATION.")
@click.option("--intent", help="Of a violation, as the source has it: unknown, navigation, ...")
@click.option("--incident", "incidents", multiple=True, help="Incident that it is about.")
@click.option("--matter", "matters", multiple=True, help="Council matter that it is about.")
@click.option("--answers", multiple=True, help="Entry that it says it answers.")
@click.option("--event", help="Name of one act of one actor; the same in every report of it.")
@click.option("--corrects", help="Entry that this one stands for from now on.")
@click.option("--id", "name", help="Id; default: the number of the line.")
def add(
    register: Path, recorder: str, actor: str | None, person: str | None, office: str | None,
    kind: str, when: str, addressees: tuple[str, ...], words: str | None, language: str | None,
    translated: bool, act: str | None, publisher: str, address: str, published: str, reliability: str,
    plover: str | None, contexts: tuple[str, ...], cameo: str | None, vx: str | None,
    intent: str | None, incidents: tuple[str, ...], matters: tuple[str, ...],
    answers: tuple[str, ...], event: str | None, corrects: str | None, name: str | None,
) -> None:  # fmt: skip
    """Add a statement or an act to REGISTER (made where there is none). Prints its id."""
    import msgspec

    from vedette.council.reactions.reaction import Reaction, faults_of

    category, _, mode = (plover or "").partition("/")
    body: dict[str, Any] = {
        "type": "reaction",
        "reaction_id": name or "r0",
        "recorded_ns": time.time_ns(),
        "recorded_by": recorder,
        "actor": {
            "party": None if actor is None else _party(actor, "--actor"),
            "person": person,
            "office": office,
        },
        "kind": kind,
        "when": msgspec.to_builtins(_when(when)),
        "addressees": [_party(one, "--to") for one in addressees],
        "words": words,
        "language": language,
        "translated": translated,
        "act": act,
        "source": {"publisher": publisher, "address": address, "date": published},
        "reliability": reliability,
        "codes": {
            "plover": category or None,
            "mode": mode or None,
            "contexts": contexts,
            "cameo": cameo,
            "vx": vx,
            "intent": intent,
        },
        "incidents": incidents,
        "matters": matters,
        "answers": answers,
        "event": event,
        "corrects": corrects,
    }
    try:
        made = msgspec.convert(body, Reaction)
    except msgspec.ValidationError as error:
        raise SettingError(f"{error}") from error
    faults = faults_of(made)
    if faults:
        raise SettingError("; ".join(faults))
    click.echo(
        _add(register, lambda next_id: msgspec.structs.replace(made, reaction_id=name or next_id))
    )


@group.command("retract")
@_REGISTER
@click.argument("reaction_id")
@_BY
@click.option(
    "--whose",
    type=click.Choice(["speaker", "source", "register"]),
    required=True,
    help="Who took it back: who said it, who published it, or we who entered it.",
)
@click.option("--reason", required=True)
def retract(register: Path, reaction_id: str, recorder: str, whose: str, reason: str) -> None:
    """Retract an entry: it stays, is shown as retracted, and weighs nothing."""
    import msgspec

    from vedette.council.reactions.reaction import Retraction

    before = _read(register)
    if reaction_id not in {one.reaction_id for one in before.reactions}:
        raise SettingError(f"{register} has no reaction {reaction_id!r}")
    if reaction_id in before.retracted:
        raise SettingError(f"{reaction_id} is retracted already")
    try:
        made = msgspec.convert(
            {
                "type": "retraction",
                "reaction_id": "r0",
                "recorded_ns": time.time_ns(),
                "recorded_by": recorder,
                "retracts": reaction_id,
                "whose": whose,
                "reason": reason,
            },
            Retraction,
        )
    except msgspec.ValidationError as error:
        raise SettingError(f"{error}") from error
    click.echo(_add(register, lambda next_id: msgspec.structs.replace(made, reaction_id=next_id)))


@group.command("import")
@_REGISTER
@click.argument(
    "events", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@_BY
@click.option(
    "--party", "parties", multiple=True, help="Only events of or on it; again for another."
)
@click.option("--from", "first", help="First day, 2025-09-09.")
@click.option("--until", "last", help="Last day.")
@click.option(
    "--reliability", default="F6", show_default=True, help="Admiralty grade of all of them."
)
@_JSON
def import_events(
    register: Path, events: tuple[Path, ...], recorder: str, parties: tuple[str, ...],
    first: str | None, last: str | None, reliability: str, as_json: bool,
) -> None:  # fmt: skip
    """Import GDELT 2.0 event files (as published, zipped or not) into REGISTER.

    Rows that cannot be used go to REGISTER.set-aside.jsonl, with their bytes. Exit code 3 when a file has no
    row that can be read.
    """
    from datetime import date

    import msgspec

    from vedette.app.reaction_file import add_to_file
    from vedette.council.reactions.gdelt import ImportSettings, Taken, reactions_of, unpacked

    try:
        days = [None if day is None else date.fromisoformat(day) for day in (first, last)]
    except ValueError as error:
        raise SettingError(f"--from, --until: {error}; write 2025-09-09") from error
    wanted = frozenset(_party(one, "--party") for one in parties)
    if re.fullmatch("[A-F][1-6]", reliability) is None:
        raise SettingError(f"--reliability: {reliability!r} is no Admiralty grade, A1 to F6")
    counts = []
    unread = False
    for path in events:
        try:
            table = unpacked(path.read_bytes(), str(path))
        except OSError as error:
            raise RecordError(f"{path}: {error.strerror}") from error
        settings = ImportSettings(
            file=path.name[:200], recorded_ns=time.time_ns(), recorded_by=recorder,
            reliability=reliability, parties=wanted, first=days[0], last=days[1],
        )  # fmt: skip
        taken: list[Taken] = []

        def entries(
            before: "Register", table: bytes = table, settings: ImportSettings = settings,
            taken: "list[Taken]" = taken,
        ) -> "tuple[Reaction, ...]":  # fmt: skip
            known = frozenset(one.reaction_id for one in before.reactions)
            taken.append(reactions_of(table, settings, known))
            return taken[0].reactions

        add_to_file(register, entries)
        got = taken[0]
        _keep_set_aside(register, path, got.set_aside)
        usable = len(got.reactions) + got.duplicates + got.other + got.partyless
        unread = unread or (usable == 0 and bool(got.set_aside))
        counts.append(
            {
                "file": str(path),
                "added": len(got.reactions),
                "duplicates": got.duplicates,
                "not_wanted": got.other,
                "no_party": got.partyless,
                "set_aside": len(got.set_aside),
            }
        )
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(counts), indent=2))
    else:
        for one in counts:
            click.echo(
                f"{one['file']}: {one['added']} added, {one['duplicates']} there already, {one['not_wanted']} "
                f"not wanted, {one['no_party']} without a state or organisation, {one['set_aside']} set aside"
            )
    if unread:
        raise SystemExit(3)


def _keep_set_aside(register: Path, source: Path, rows: "Sequence[SetAside]") -> None:
    """Keep what an import could not use, and say so."""
    from base64 import b64encode

    import msgspec

    if not rows:
        return
    path = register.with_name(register.name + ".set-aside.jsonl")
    with path.open("ab") as file:
        for row in rows:
            kept = {"file": source.name, "row": row.line, "reason": row.reason}
            kept["bytes"] = b64encode(row.data).decode()
            file.write(msgspec.json.encode(kept) + b"\n")
    for row in rows[:5]:
        click.echo(f"{source}: row {row.line}: {row.reason}", err=True)
    if len(rows) > 5:
        click.echo(f"{source}: and {len(rows) - 5} more, all in {path}", err=True)


# ---------------------------------------------------------------------------- reading


@group.command("list")
@_REGISTER
@click.option("--party", help="Only what it said or did, or what was addressed to it.")
@click.option("--incident", help="Only what is about this incident.")
@_JSON
def list_reactions(register: Path, party: str | None, incident: str | None, as_json: bool) -> None:
    """List all entries by the time they speak of, retracted and corrected ones too."""
    from vedette.app.reaction_json import reaction_json
    from vedette.app.summary import to_json
    from vedette.council.reactions.attribution import contradictions

    read = _read(register)
    disputes = contradictions(read)
    shown = [
        reaction_json(read, one, disputes)
        for one in sorted(read.reactions, key=lambda one: (one.when.valid_ns, one.reaction_id))
        if (party is None or party == one.actor.party or party in one.addressees)
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


@group.command("show")
@_REGISTER
@click.argument("reaction_id")
@_JSON
def show(register: Path, reaction_id: str, as_json: bool) -> None:
    """Show one entry: source, codes, doubts, what it is paired with, whether it still stands."""
    from vedette.app.reaction_json import code_meaning, pair_json, reaction_json
    from vedette.app.summary import to_json
    from vedette.council.reactions.attribution import contradictions
    from vedette.council.reactions.pairs import pairs

    read = _read(register)
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


@group.command("pairs")
@_REGISTER
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
@click.option("--window", "window_h", type=float, default=72.0, show_default=True, help="Hours.")
@_JSON
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
    read = _read(register)
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


@group.command("tension")
@_REGISTER
@click.option("--pair", "chosen", nargs=2, multiple=True, help="Actor and addressee; default: all.")
@click.option("--at", help="ISO 8601; default: now.")
@click.option(
    "--days", type=click.IntRange(1, 3660), help="Also the course over as many days before."
)
@click.option(
    "--half-life", "half_life_d", type=float, default=14.0, show_default=True, help="Days."
)
@_JSON
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
    at_ns = _at(at)
    read = _read(register)
    named = [(_party(one, "--pair"), _party(other, "--pair")) for one, other in chosen]
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


@group.command("draft")
@_REGISTER
@click.argument("one")
@click.argument("other")
@click.option("--at", help="ISO 8601; default: now.")
def draft(register: Path, one: str, other: str, at: str | None) -> None:
    """Write a draft about two parties, for people to put as a council matter. Applies nothing."""
    from vedette.council.reactions.posture import draft_posture

    at_ns = _at(at)
    pair = _party(one, "ONE"), _party(other, "OTHER")
    click.echo(draft_posture(_read(register).known_at(at_ns), *pair, at_ns), nl=False)


@group.command("check")
@_REGISTER
@click.option(
    "--head", help="Digest of the last line as you kept it: shows whether the end was cut."
)
@_JSON
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


@group.command("example")
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
