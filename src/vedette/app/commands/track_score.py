"""``vedette track score``: tracks and truth in, figures out."""

from pathlib import Path

import click

from vedette.app.finite import Finite


@click.command("score")
@click.argument("tracks", type=click.Path(path_type=Path))
@click.argument("truth", type=click.Path(path_type=Path))
@click.option(
    "--since",
    "since_s",
    default=0.0,
    type=Finite(),
    show_default=True,
    help="Start-up left out [s].",
)
@click.option(
    "--cut", "cut_m", default=1000.0, type=Finite(), show_default=True, help="Cut-off distance [m]."
)
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    help="JSON of ScoreSettings; what it leaves out keeps its default.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def score(
    tracks: Path,
    truth: Path,
    since_s: float,
    cut_m: float,
    settings_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Measure the tracks of TRACKS against TRUTH (both Parquet): GOSPA, SIAP, NEES and more."""
    import msgspec
    import pyarrow as pa
    import pyarrow.parquet as pq

    from vedette.app.summary import to_json
    from vedette.fusion.scoring.score import score as score_tables
    from vedette.fusion.scoring.settings import ScoreSettings
    from vedette.model.errors import SettingError, SourceError

    try:
        settings = msgspec.convert({"since_s": since_s, "cut_m": cut_m}, ScoreSettings)
    except msgspec.ValidationError as error:
        raise SettingError(f"--since or --cut: {error}") from error
    try:
        if settings_file is not None:
            settings = msgspec.json.decode(settings_file.read_bytes(), type=ScoreSettings)
    except OSError as error:
        raise SourceError(f"cannot read {settings_file}: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot use {settings_file}: {error}") from error
    tables = []
    for file in (tracks, truth):
        try:
            tables.append(pq.read_table(file))
        except OSError as error:
            raise SourceError(f"cannot read {file}: {error.strerror or error}") from error
        except pa.ArrowException as error:
            raise SourceError(
                f"{file} is no Parquet table: {str(error).splitlines()[0]}"
            ) from error
    figures = score_tables(tables[0], tables[1], settings)
    if as_json:
        click.echo(to_json(figures))
        return
    for name, value in msgspec.structs.asdict(figures).items():
        if not isinstance(value, msgspec.Struct):
            click.echo(f"{name:32} {value:>14}")
            continue
        for inner, figure in msgspec.structs.asdict(value).items():
            shown = "-" if figure is None else f"{figure:,.6g}"
            click.echo(f"{name + '.' + inner:44} {shown:>14}")
