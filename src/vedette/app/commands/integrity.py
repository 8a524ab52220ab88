"""``vedette integrity``: whether aircraft's own word can be trusted, and where navigation is disturbed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vedette.app.plain_words import one_line

if TYPE_CHECKING:
    from vedette.feeds.decoder import Chunk
    from vedette.identity.interference import InterferenceMap
    from vedette.identity.monitor import Finding

_DAY_NS: Final = 86_400_000_000_000


@click.group("integrity")
def group() -> None:
    """Whether the word of aircraft can be trusted: verdicts, and a map of interference.

    SOURCE is a record or a recording of any format that is read here.
    """


def _of_a_recording(command: "Callable[..., None]") -> "Callable[..., None]":
    """The options of a SOURCE that is a recording."""
    for option in (
        click.option("--date", help="First day of a recording that holds only times of day."),
        click.option("--format", "name", help="Take SOURCE as this format instead of looking."),
    ):
        command = option(command)
    return command


@group.command("list")
@click.argument("source", type=click.Path(path_type=Path), metavar="SOURCE")
@_of_a_recording
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_findings(source: Path, *, name: str | None, date: str | None, as_json: bool) -> None:
    """One line for each aircraft whose word was doubted: when, what for, where.

    Exit code 1 where there is none.
    """
    from vedette.app.explanation import finding_json
    from vedette.app.summary import to_json

    worst: dict[str, Finding] = {}
    for finding in _read(source, name, date)[0]:
        held = worst.get(finding.aircraft)
        if finding.verdict != "none" and (held is None or _weight(finding) >= _weight(held)):
            worst[finding.aircraft] = finding
    rows = [finding_json(worst[name]) for name in sorted(worst)]
    if as_json:
        click.echo(to_json(rows))
    for row in [] if as_json else rows:
        since = row["since"]["utc"][:19] + "Z" if row["since"] else "-"
        line = f"{row['aircraft']:20}  {row['verdict'].replace('_', ' '):22}  {since}  {'; '.join(row['reasons'])}"
        click.echo(one_line(line))
    raise SystemExit(0 if rows else 1)


def _weight(finding: "Finding") -> tuple[int, int]:
    from vedette.identity.monitor import VERDICTS

    return VERDICTS.index(finding.verdict), len(finding.reasons)


@group.command("map")
@click.argument("source", type=click.Path(path_type=Path), metavar="SOURCE")
@_of_a_recording
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option(
    "--all", "everything", is_flag=True, help="Cells in which nobody is affected as well."
)
def interference_map(
    source: Path, *, name: str | None, date: str | None, as_json: bool, everything: bool
) -> None:
    """Aircraft heard and affected, by cells and time, and how likely navigation is disturbed there."""
    from vedette.app.summary import to_json
    from vedette.model.probability import percent
    from vedette.model.time import format_utc

    for found in _read(source, name, date)[1]:
        for cell in found.cells:
            if not everything and not cell.affected:
                continue
            row = {
                "from": format_utc(found.from_ns),
                "to": format_utc(found.to_ns),
                "south_deg": cell.latitude_deg,
                "west_deg": cell.longitude_deg,
                "north_deg": round(cell.latitude_deg + cell.height_deg, 6),
                "east_deg": round(cell.longitude_deg + cell.width_deg, 6),
                "seen": cell.seen,
                "affected": cell.affected,
                "spoofed": cell.spoofed,
                "probability": cell.probability,
            }
            if as_json:
                click.echo(to_json(row))
                continue
            click.echo(
                f"{format_utc(found.to_ns)[:19]}Z  {cell.latitude_deg:7.2f} to {row['north_deg']:6.2f} N  "
                f"{cell.longitude_deg:8.2f} to {row['east_deg']:7.2f} E  {cell.affected:4d} of {cell.seen:4d} "
                f"affected, {cell.spoofed} spoofed  p {percent(cell.probability)}"
            )


def _read(
    source: Path, name: str | None, date: str | None
) -> "tuple[list[Finding], list[InterferenceMap]]":
    """Verdicts that changed, and maps, of a record or a recording."""
    import msgspec

    from vedette.engine.record import Record
    from vedette.identity.interference import InterferenceMap
    from vedette.identity.monitor import Finding
    from vedette.model.errors import SettingError

    if not source.is_dir():
        return _heard(source, name, date)
    for option, value in (("--format", name), ("--date", date)):
        if value is not None:
            raise SettingError(f"{option} {value!r}: {source} is a record, which knows its own")
    findings, maps = [], []
    for entry in Record(source).entries(("integrity", "interference")):
        if entry.kind == "integrity":
            findings.append(msgspec.convert(entry.body, Finding))
        else:
            maps.append(msgspec.convert(entry.body, InterferenceMap))
    return findings, maps


def _heard(
    file: Path, name: str | None, date: str | None
) -> "tuple[list[Finding], list[InterferenceMap]]":
    """The monitor run over a recording, a step each second of it."""
    import pyarrow as pa

    from vedette.app.feed_probe import chunks_of_file
    from vedette.engine.integrity import Integrity
    from vedette.identity.settings import IdentitySettings
    from vedette.model.time import SECOND_NS

    reader, chunks = chunks_of_file(str(file), name, date)
    decoder = reader.decoder("integrity", (), None)
    integrity = Integrity(IdentitySettings())
    findings: list[Finding] = []
    maps: list[InterferenceMap] = []
    waiting: list[pa.Table] = []

    def step(now_ns: int) -> None:
        changed, found = integrity.tick(pa.concat_tables(waiting), (), now_ns)
        findings.extend(changed)
        if found is not None:
            maps.append(found)
        waiting.clear()

    last_ns: int | None = None
    now_ns = 0
    for number, chunk in enumerate(_told(chunks)):
        if number == 0 and date is None and chunk.received_ns < _DAY_NS:
            click.echo("no --date: times of an unknown day are shown as of 1970-01-01", err=True)
        plots = decoder.decode(chunk.data, chunk.received_ns, number).plots
        if plots.num_rows:
            waiting.append(plots)
            now_ns = max(now_ns, chunk.received_ns)
            last_ns = now_ns if last_ns is None else last_ns
        if waiting and last_ns is not None and now_ns - last_ns >= SECOND_NS:
            step(now_ns)
            last_ns = now_ns
    if waiting:
        step(now_ns)
    if integrity.map.cells and (not maps or maps[-1] is not integrity.map):
        maps.append(integrity.map)
    return findings, maps


def _told(items: "Iterator[Chunk]") -> "Iterator[Chunk]":
    """The same chunks, with a word on stderr now and then."""
    for number, item in enumerate(items, 1):
        if number % 2_000 == 0:
            click.echo(f"read {number} chunks ...", err=True)
        yield item
