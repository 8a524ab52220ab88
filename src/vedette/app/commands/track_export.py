"""``vedette track export`` and ``vedette track crossings``: what a record knows, for other tools."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from vedette.app.crossings import NamedCrossing


@click.command("export")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.argument("names", nargs=-1, metavar="[TRACK|INCIDENT]...")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="FILE.csv, .parquet, .geojson or .kml.",
)
@click.option(
    "--smoothed",
    is_flag=True,
    help="Each state corrected by all that was measured after it (RTS); else as known at its time.",
)
def export_tracks(folder: Path, names: tuple[str, ...], target: Path, *, smoothed: bool) -> None:
    """Where the tracks of the record DIR were, with one-sigma errors and covariance, for other tools.

    TRACK is an id, a callsign or an address; INCIDENT takes all tracks of it. Without either: every track that was
    ever confirmed. Columns are told in docs/howto/export.md.
    """
    from vedette.app.track_export import export
    from vedette.engine.record import Record

    count = export(Record(folder), target, names, smoothed=smoothed)
    click.echo(f"{target}: {count} states", err=True)


@click.command("crossings")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--zone", "zones", multiple=True, metavar="ZONE_ID", help="Only of these zones.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def crossings(folder: Path, zones: tuple[str, ...], *, as_csv: bool, as_json: bool) -> None:
    """Every crossing of a zone in the record DIR, lawful ones too: who, in, out, seconds inside, depth.

    Exit code 1 when there is none.
    """
    import csv
    import sys

    from vedette.app.crossings import crossings_of
    from vedette.app.summary import to_json
    from vedette.engine.record import Record

    if as_csv and as_json:
        raise click.UsageError("--csv and --json: one of them")
    found = [
        one for one in crossings_of(Record(folder)) if not zones or one.crossing.zone_id in zones
    ]
    rows = [_row(one) for one in found]
    if as_csv:
        out = csv.DictWriter(sys.stdout, list(_row_names()), lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    for one, row in zip(found, rows, strict=True):
        if as_json:
            click.echo(to_json(row))
        elif not as_csv:
            click.echo(crossing_line(one))
    raise SystemExit(0 if found else 1)


def crossing_line(one: "NamedCrossing") -> str:
    """One crossing in a line, for a person."""
    from vedette.app.summary import place_name, when

    crossing = one.crossing
    end = (
        "lost inside"
        if crossing.lost_inside
        else "still inside"
        if crossing.left is None
        else when(crossing.left.estimate_ns)
    )
    inside, depth = crossing.inside_s, crossing.depth_m
    told = f"  as of {when(one.told_ns)}" if end == "still inside" else ""
    return (
        f"{when(crossing.entered.estimate_ns)}  {end:20}  "
        f"{place_name(crossing.state, crossing.zone_id)}  "
        f"{one.callsign or one.icao24 or crossing.track_id}  {one.object_class or '-'}  "
        f"{inside.estimate:.0f} s [{inside.low:.0f} to {inside.high:.0f}]  "
        f"{depth.estimate / 1000:.1f} km [{depth.low / 1000:.1f} to {depth.high / 1000:.1f}]{told}"
    )


def _row_names() -> tuple[str, ...]:
    times = (f"{name}_utc{end}" for name in ("entered", "left") for end in ("", "_low", "_high"))
    sizes = (f"{name}{end}" for name in ("inside_s", "depth_m") for end in ("", "_low", "_high"))
    return (
        "zone_id", "state", "track_id", "icao24", "callsign", "object_class", "identity", *times, *sizes,
        "probability", "lost_inside", "told_utc",
    )  # fmt: skip


def _row(one: "NamedCrossing") -> dict[str, object]:
    from vedette.model.time import format_utc

    crossing = one.crossing
    row: dict[str, object] = {
        "zone_id": crossing.zone_id,
        "state": crossing.state,
        "track_id": crossing.track_id,
        "icao24": one.icao24,
        "callsign": one.callsign,
        "object_class": one.object_class,
        "identity": one.identity,
    }
    for name, moment in (("entered", crossing.entered), ("left", crossing.left)):
        for end, value in (("", "estimate_ns"), ("_low", "low_ns"), ("_high", "high_ns")):
            row[f"{name}_utc{end}"] = None if moment is None else format_utc(getattr(moment, value))
    for name, bounds in (("inside_s", crossing.inside_s), ("depth_m", crossing.depth_m)):
        for end, value in (("", "estimate"), ("_low", "low"), ("_high", "high")):
            row[f"{name}{end}"] = round(getattr(bounds, value), 1)
    return row | {
        "probability": round(crossing.probability, 4),
        "lost_inside": crossing.lost_inside,
        "told_utc": format_utc(one.told_ns),
    }
