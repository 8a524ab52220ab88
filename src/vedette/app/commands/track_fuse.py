"""``vedette track fuse``: plots and sensors in, tracks out."""

from pathlib import Path

import click

from vedette.app.finite import Finite


@click.command("fuse")
@click.argument("plots", type=click.Path(path_type=Path))
@click.argument("sensors", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Parquet file to write."
)
@click.option(
    "--period",
    "period_s",
    default=1.0,
    type=Finite(0.01, 3_600),
    show_default=True,
    help="Between pictures [s].",
)
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    help="JSON of FusionSettings; what it leaves out keeps its default.",
)
@click.option(
    "--registration",
    "registration_file",
    type=click.Path(path_type=Path),
    help="JSON file to write: what each radar is wrong by in range, azimuth and clock.",
)
def fuse(
    plots: Path,
    sensors: Path,
    out: Path,
    period_s: float,
    settings_file: Path | None,
    registration_file: Path | None,
) -> None:
    """Fuse the plots of PLOTS (Parquet) from SENSORS (JSON list) into tracks over time."""
    import msgspec
    import pyarrow as pa
    import pyarrow.parquet as pq

    from vedette.app.summary import bias_line
    from vedette.engine.cores import shared_cores
    from vedette.fusion.batch import fuse_counted, read_plots
    from vedette.fusion.settings import FusionSettings
    from vedette.model.errors import SourceError
    from vedette.model.sensor import decode_sensors

    try:
        sites = decode_sensors(sensors.read_bytes())
        settings = FusionSettings()
        if settings_file is not None:
            settings = msgspec.json.decode(settings_file.read_bytes(), type=FusionSettings)
        settings = msgspec.structs.replace(settings, cores=max(settings.cores, shared_cores()))
        table = pq.read_table(plots)
    except OSError as error:
        raise SourceError(
            f"cannot read {error.filename or plots}: {error.strerror or error}"
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot use {sensors} or the settings: {error}") from error
    except pa.ArrowException as error:
        raise SourceError(f"{plots} is no Parquet table: {str(error).splitlines()[0]}") from error
    tracks, losses, registration = fuse_counted(read_plots(table, sites), sites, settings, period_s)
    try:
        pq.write_table(tracks, out)
        if registration_file is not None:
            rows = [bias._asdict() for bias in registration]
            registration_file.write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")
    except OSError as error:
        raise SourceError(
            f"cannot write {error.filename or out}: {error.strerror or error}"
        ) from error
    pictures = len(tracks.column("valid_ns").unique())
    objects = len(tracks.column("track_id").unique())
    click.echo(f"{table.num_rows} plots, {objects} tracks in {pictures} pictures", err=True)
    unused = {reason: count for reason, count in losses.items() if count}
    if unused:
        told = ", ".join(f"{count} {reason}" for reason, count in unused.items())
        click.echo(f"not used: {told}", err=True)
    for bias in registration:
        if bias.alarm:
            click.echo(f"biased: {bias_line(bias)}", err=True)
