"""``vedette reaction``: what all sides said and did, kept in a register, and what may be read from it."""

import re
import time
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from vedette.app.commands.reaction_given import JSON, REGISTER, party_of, read_telling
from vedette.app.commands.reaction_read import READING
from vedette.model.errors import RecordError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from vedette.council.reactions.reaction import Entry, Reaction, When
    from vedette.council.reactions.register import Register, SetAside

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


for _command in READING:
    group.add_command(_command)


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


def _add(path: Path, make: "Callable[[str], Entry]") -> str:
    """Add one entry; its id, which is its number where none was given."""
    from vedette.app.reaction_file import add_to_file

    named = ""

    def entries(register: "Register") -> "list[Entry]":
        nonlocal named
        spoken_for = {one.reaction_id for one in register.reactions}
        spoken_for |= {one.reaction_id for one in register.retractions}
        free = (f"r{k}" for k in count(register.lines + 1))
        entry = make(next(name for name in free if name not in spoken_for))
        named = entry.reaction_id
        return [entry]

    add_to_file(path, entries)
    return named


# ---------------------------------------------------------------------------- adding


@group.command("add")
@REGISTER
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
            "party": None if actor is None else party_of(actor, "--actor"),
            "person": person,
            "office": office,
        },
        "kind": kind,
        "when": msgspec.to_builtins(_when(when)),
        "addressees": [party_of(one, "--to") for one in addressees],
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
@REGISTER
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

    before = read_telling(register)
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
@REGISTER
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
@JSON
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
    wanted = frozenset(party_of(one, "--party") for one in parties)
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
