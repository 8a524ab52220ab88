"""``vedette scan``: all crossings of an archive, lawful ones too."""

from pathlib import Path

import click

from vedette.app.finite import Finite


@click.command("scan")
@click.argument(
    "archives",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path),
    metavar="ARCHIVE...",
)
@click.option(
    "--engine",
    type=click.Choice(["embedded"]),
    default="embedded",
    show_default=True,
    help="Where the work is done.",
)
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True)
@click.option(
    "--zones", multiple=True, type=click.Path(path_type=Path), help="Zone files beside the states."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Kinds of zones to look at. [sovereign disputed restricted prohibited danger]",
)
@click.option(
    "--gap",
    "gap_s",
    type=Finite(1.0, 86_400.0),
    default=300.0,
    show_default=True,
    help="Seconds of silence that end a stretch.",
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Table of crossings (Parquet)."
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as one JSON document.")
def scan(
    *,
    archives: tuple[Path, ...],
    engine: str,
    workers: int,
    zones: tuple[Path, ...],
    kinds: tuple[str, ...],
    gap_s: float,
    out: Path,
    as_json: bool,
) -> None:
    """Find every crossing in trajectory tables (Parquet files, or folders of them).

    One row for each passage of any object through any zone: entry, exit, seconds inside and depth with
    95 % intervals. Rows need a time, a place and a mark (icao24, track_id). The table does not depend on
    the number of workers.
    """
    from typing import get_args

    import msgspec
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq
    from rich.console import Console
    from rich.progress import Progress

    from vedette.app.commands.zone import _index
    from vedette.app.summary import to_json
    from vedette.engine.archive import scan as scan_archive
    from vedette.model.errors import SettingError, SourceError
    from vedette.model.zone import ZoneKind
    from vedette.watch.scan import ScanSettings

    wrong = sorted(set(kinds) - set(get_args(ZoneKind)))
    if wrong:
        raise SettingError(f"--kind {wrong[0]}: there are {', '.join(get_args(ZoneKind))}")
    settings = ScanSettings(gap_s=gap_s)
    if kinds:
        settings = msgspec.structs.replace(settings, kinds=kinds)
    index = _index(zones)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("rows", total=None)
        found = scan_archive(
            list(archives),
            index,
            settings,
            workers=workers,
            told=lambda done, total: progress.update(task, completed=done, total=total),
        )
    try:
        pq.write_table(found.crossings, out, compression="zstd")
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"cannot write {out}: {error}") from error
    counts = {
        str(item["values"]): int(item["counts"])
        for item in pc.value_counts(found.crossings.column("state").fill_null("-")).to_pylist()
    }
    if as_json:
        click.echo(
            to_json(
                {
                    "rows": found.rows,
                    "left_out": found.left_out,
                    "crossings": found.crossings.num_rows,
                    "by_state": counts,
                    "engine": engine,
                    "out": str(out),
                }
            )
        )
        return
    if found.left_out:
        click.echo(f"{found.left_out} rows without a time, a place or a mark left out", err=True)
    click.echo(f"{found.crossings.num_rows} crossings in {found.rows} rows, written to {out}")
    for state, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"  {state}  {count}")
