"""``vedette track``: tracks of a record, and fusing a table of plots."""

from pathlib import Path
from typing import Any

import click

from vedette.app.commands.track_export import crossings, export_tracks
from vedette.app.commands.track_fuse import fuse
from vedette.app.commands.track_score import score


@click.group("track")
def group() -> None:
    """Tracks of a record, exported and explained; fuse plots into tracks; measure them against truth."""


group.add_command(crossings)
group.add_command(export_tracks)
group.add_command(fuse)
group.add_command(score)


@group.command("explain")
@click.argument("where")
@click.argument("track")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain(where: str, track: str, *, as_json: bool) -> None:
    """The ledger of evidence of TRACK (its id, callsign or address) in WHERE.

    WHERE is the folder of a record or the address of a watch that runs (http://127.0.0.1:8137). For each
    conclusion its source, time and log-odds, the running sum, and what would change it. A track of a record
    that was part of no incident is found by running the record again. Exit code 1 where there is no such track.
    """
    from vedette.app.explanation import explained_of_record, explanation_lines
    from vedette.app.plain_words import one_line
    from vedette.app.summary import to_json
    from vedette.engine.record import Record

    click.echo(f"looking for {track} ...", err=True)
    if where.startswith(("http://", "https://")):
        found = _asked(where, track)
        hint = "its page shows those that it has"
    else:
        found = explained_of_record(Record(Path(where)), track)
        hint = f"'vedette track list {where}' names them"
    if found is None:
        click.echo(f"error: {where} has no track {track}; {hint}", err=True)
        raise SystemExit(1)
    lines = [to_json(found)] if as_json else map(one_line, explanation_lines(found))
    click.echo("\n".join(lines))


def _asked(url: str, track: str) -> dict[str, Any] | None:
    """What a watch that runs says of a track; None where it has none of that name."""
    from urllib.parse import quote

    import httpx

    from vedette.model.errors import SourceError

    address = f"{url.rstrip('/')}/api/tracks/{quote(track, safe='')}/explain"
    try:
        answer = httpx.get(address, timeout=30.0)
        if answer.status_code == httpx.codes.NOT_FOUND and "no such track" in answer.text:
            return None
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise SourceError(f"no watch answers at {url}: {error}") from error
    return found


@group.command("list")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
@click.option("--states", is_flag=True, help="With each track its states, as a table.")
def list_tracks(folder: Path, *, as_json: bool, states: bool) -> None:
    """One line for each confirmed track: id, first and last time, updates, sensors."""
    import pyarrow.compute as pc

    from vedette.app.plain_words import one_line
    from vedette.app.summary import to_json
    from vedette.engine.record import Record
    from vedette.engine.track_tables import read_track_tables
    from vedette.model.time import format_utc

    record = Record(folder)
    table = read_track_tables(record.folder / "tables")
    if table is None:
        return
    table = table.sort_by([("track_id", "ascending"), ("valid_ns", "ascending")])
    ids = table.column("track_id").combine_chunks()
    for track_id in pc.unique(ids).to_pylist():
        own = table.filter(pc.equal(table.column("track_id"), track_id))
        if not pc.any(pc.equal(own.column("status"), "confirmed")).as_py():
            continue
        last = own.slice(own.num_rows - 1, 1).to_pylist()[0]
        row = {
            "track_id": track_id,
            "first": format_utc(own.column("valid_ns")[0].as_py()),
            "last": format_utc(last["valid_ns"]),
            "updates": last["updates"],
            "sensors": last["sensors"],
            "icao24": None if last["icao24"] is None else f"{last['icao24']:06x}",
            "callsign": last["callsign"],
            "merged_into": last["merged_into"],
        }
        if states:
            names = (
                "valid_ns",
                "latitude_deg",
                "longitude_deg",
                "height_hae_m",
                "east_mps",
                "north_mps",
                "status",
            )
            row["states"] = {name: own.column(name).to_pylist() for name in names}
        if as_json:
            click.echo(to_json(row))
            continue
        line = (
            f"{track_id}  {row['first'][:19]}Z  {row['last'][:19]}Z  {row['updates']:5d}  "
            f"{row['icao24'] or '------'}  {row['callsign'] or '-':8}  {','.join(row['sensors'])}"
        )
        click.echo(one_line(line))
        if states:
            for values in zip(*row["states"].values(), strict=True):
                click.echo("    " + "  ".join(str(value) for value in values))
