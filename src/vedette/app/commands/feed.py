"""``vedette feed``: formats, what a recording or live feed holds, whether it is valid, what was quarantined."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.finite import Finite
from vedette.app.plain_words import one_line

if TYPE_CHECKING:
    from vedette.app.feed_probe import Probe


@click.group("feed")
def group() -> None:
    """Formats, what a feed holds, whether it is valid, what was quarantined."""


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_formats(as_json: bool) -> None:
    """The formats, over what each may come, and its page of the documentation."""
    import json

    from vedette.feeds.formats import FORMATS

    if as_json:
        listed = [
            {"name": name, "says": f.says, "transports": f.transports, "page": f.page}
            for name, f in FORMATS.items()
        ]
        click.echo(json.dumps(listed))
        return
    for name, known in FORMATS.items():
        click.echo(f"{name:<15} {known.says}")
        click.echo(f"{'':<15} over {', '.join(known.transports)}; docs/reference/{known.page}")


@group.command("probe")
@click.argument("source", metavar="FILE|URL")
@click.option("--format", "name", help="Take FILE as this format instead of looking.")
@click.option(
    "--date",
    help="YYYY-MM-DD of what holds only a time of day; the instant where it holds none.",
)
@click.option("--sensors", type=click.Path(path_type=Path), help="Sites of radars.")
@click.option(
    "--seconds",
    default=10.0,
    show_default=True,
    type=Finite(0, 86_400),
    help="How long to hear a URL.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def probe_feed(
    *,
    source: str,
    name: str | None,
    date: str | None,
    sensors: Path | None,
    seconds: float,
    as_json: bool,
) -> None:
    """Say what FILE or URL is: format, editions, sensors, messages, rates, times, faults.

    A URL is a feed's address as for "vedette watch": asterix+udp://239.1.1.1:8600. Exit 1 where it could not be
    reached.
    """
    import json
    from dataclasses import asdict

    from vedette.app.feed_probe import probe_file, probe_live
    from vedette.app.session import read_sensors
    from vedette.engine.address import parse_feed
    from vedette.model.errors import SettingError

    sites = read_sensors(sensors) if sensors else ()
    if "://" in source and parse_feed(source).live:
        if not 0.0 < seconds <= 86_400.0:
            raise SettingError(f"--seconds {seconds} is not between 0 and a day")
        found = probe_live(source, seconds, sites)
    elif ":" in source and not Path(source).exists():
        address = parse_feed(source)
        found = probe_file(str(address.path), name or address.decoder, date, sites)
    else:
        found = probe_file(source, name, date, sites)
    click.echo(json.dumps(asdict(found)) if as_json else "\n".join(_lines(found)))
    if found.first_fault is not None and not as_json:
        click.echo(one_line(f"first fault: {found.first_fault}"), err=True)
    if found.reached is False:
        click.echo(f"error: {source} could not be reached in {seconds:g} s", err=True)
        raise SystemExit(1)


def _lines(found: Probe) -> list[str]:
    form = f" ({found.form})" if found.form else ""
    lines = [f"{found.file}: {found.format}{form}, {found.size_bytes} bytes, {found.chunks} chunks"]
    if found.first_utc is not None:
        rate = "" if found.messages_per_s is None else f", {found.messages_per_s:.1f} messages/s"
        lines.append(f"{found.first_utc} to {found.last_utc}: {found.span_s:.1f} s{rate}")
    elif found.chunks:
        lines.append("no time")
    lines.append(f"{found.plots} plots, {found.reports} reports")
    lines += [f"connection: {link}" for link in found.links]
    for title, table in (
        ("messages", found.counts),
        ("plots of sensors", found.sensors),
        ("plots of sensors without a site (--sensors)", found.unplaced),
        ("antenna turn [s]", found.turn_s),
        ("packets skipped", found.skipped),
        ("faults", found.faults),
    ):
        if table:
            lines.append(f"{title}:")
            lines += [f"  {key:<32} {value:>10g}" for key, value in sorted(table.items())[:200]]
            if len(table) > 200:
                lines.append(f"  and {len(table) - 200} more (--json has all)")
    if found.editions:
        lines.append("editions that fit:")
        for key, editions in sorted(found.editions.items()):
            lines.append(f"  {key:<32} {', '.join(editions) or 'none that is known here'}")
    return lines


@group.command("check")
@click.option("--format", "name", required=True, help="The format that FILE must be of.")
@click.argument("file", type=click.Path(dir_okay=False))
def check_feed(name: str, file: str) -> None:
    """Exit 0 if every byte of FILE is valid in the format, 3 if not, with the reason on stderr."""
    from vedette.app.feed_probe import probe_file

    found = probe_file(file, name, None)
    if found.first_fault is not None:
        click.echo(one_line(f"error: {file}: {found.first_fault}"), err=True)
        raise SystemExit(3)
    if found.messages == 0:
        click.echo(f"error: {file}: no {name} message in it", err=True)
        raise SystemExit(3)
    click.echo(f"{file}: valid {name}, {found.messages} messages")


@group.command("quarantine")
@click.argument("source", metavar="RECORD|FILE", type=click.Path(exists=True, path_type=Path))
@click.option("--format", "name", help="Take FILE as this format instead of looking.")
@click.option(
    "--date",
    help="YYYY-MM-DD of what holds only a time of day; the instant where it holds none.",
)
@click.option("--reason", "reasons", multiple=True, help="Only faults with this reason.")
@click.option("--feed", "feeds", multiple=True, help="Only faults of this feed of a record.")
@click.option("--limit", type=click.IntRange(min=1), help="Stop after so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def show_quarantine(
    *,
    source: Path,
    name: str | None,
    date: str | None,
    reasons: tuple[str, ...],
    feeds: tuple[str, ...],
    limit: int | None,
    as_json: bool,
) -> None:
    """Show every quarantined byte of RECORD or FILE again, with the reason."""
    import json
    from itertools import islice

    from vedette.app.feed_quarantine import feeds_of, hex_lines, quarantined
    from vedette.model.errors import SettingError
    from vedette.model.time import format_utc

    known = feeds_of(source) if feeds else ()
    for feed in feeds:
        if feed not in known:
            have = ", ".join(known) or "none: it is a recording"
            raise SettingError(f"--feed {feed!r}: of {source} there are {have}")
    wanted = (
        found
        for found in quarantined(source, name, date)
        if (not reasons or found.fault.reason in reasons)
        and (not feeds or found.fault.feed_id in feeds)
    )
    shown = octets = 0
    for raw_ref, fault in islice(wanted, limit):
        shown, octets = shown + 1, octets + len(fault.data)
        received = format_utc(fault.received_ns)
        if as_json:
            body = {"raw_ref": raw_ref, "feed": fault.feed_id, "received": received}
            body |= {"reason": fault.reason, "detail": fault.detail, "offset": fault.offset}
            click.echo(json.dumps(body | {"length": len(fault.data), "hex": fault.data.hex()}))
            continue
        line = f"{received} {fault.feed_id} item {raw_ref}: {fault.reason}: {fault.detail}"
        click.echo(one_line(line))
        for line in hex_lines(fault.data, fault.offset):
            click.echo(f"  {line}")
    if not as_json:
        click.echo(f"{shown} faults, {octets} octets", err=True)


@group.command("convert")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--to", "target", required=True, type=click.Path(path_type=Path), help="Output file.")
@click.option("--format", "name", help="Take FILE as this format instead of looking.")
@click.option(
    "--date",
    help="YYYY-MM-DD of what holds only a time of day; the instant where it holds none.",
)
@click.option("--sensors", type=click.Path(path_type=Path), help="Sites of radars.")
def convert_feed(
    *, file: str, target: Path, name: str | None, date: str | None, sensors: Path | None
) -> None:
    """Write the plots of FILE as NDJSON (.ndjson), CSV (.csv) or Parquet (.parquet); docs/reference/plots.md.

    Exit 1 where nothing could be written of what is in it, with the reason.
    """
    from vedette.app.feed_convert import convert
    from vedette.app.session import read_sensors

    sites = read_sensors(sensors) if sensors else ()
    plots, faults, unplaced = convert(file, target, name, date, sites)
    click.echo(f"{target}: {plots} plots; {faults} faults left out", err=True)
    if unplaced:
        named = ", ".join(f"{radar} ({count})" for radar, count in sorted(unplaced.items()))
        click.echo(
            f"{sum(unplaced.values())} plots of radars without a site were left out: {named}; "
            "--sensors says where they stand (docs/howto/feeds.md)",
            err=True,
        )
    if not plots and (unplaced or faults):
        raise SystemExit(1)
