"""``vedette sim``: seeded scenes for trackers, also other people's; studies of people's time."""

from pathlib import Path

import click

from vedette.app.commands.sim_answers import answers, page
from vedette.app.commands.sim_chaos import chaos
from vedette.app.commands.sim_exercise import exercise, review
from vedette.app.commands.sim_play import play
from vedette.app.commands.sim_run import run
from vedette.app.commands.sim_study import calibrate, compare, readiness_map, study
from vedette.app.variation_options import seed_option


@click.group("sim")
def group() -> None:
    """Seeded scenes and studies: what trackers are scored on, and whether people decide in time."""


group.add_command(run)
group.add_command(study)
group.add_command(compare)
group.add_command(readiness_map)
group.add_command(calibrate)
group.add_command(play)
group.add_command(answers)
group.add_command(page)
group.add_command(chaos)
group.add_command(exercise)
group.add_command(review)


@group.command("scene")
@click.argument("name", required=False)
@seed_option("1000 and above: for reporting only.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write; made if absent.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    help="JSON of SceneSettings instead of NAME.",
)
@click.option("--oracle", is_flag=True, help="Also ORIGIN.parquet: the object of each plot.")
def scene(
    name: str | None, seed: int, out: Path | None, settings_file: Path | None, *, oracle: bool
) -> None:
    """Write PLOTS.parquet, SENSORS.json and TRUTH.parquet of scene NAME; without NAME, list them."""
    import msgspec
    import pyarrow as pa
    import pyarrow.parquet as pq

    from vedette.app.summary import to_json
    from vedette.model.errors import SettingError, SourceError
    from vedette.sim.scene.scene import make
    from vedette.sim.scene.settings import SCENES, SceneSettings, named

    if name is None and settings_file is None:
        for known, settings in SCENES.items():
            click.echo(
                f"{known:12} {settings.traffic.objects:6} objects {settings.field.radars:4} radars "
                f"{settings.duration_s:4} s"
            )
        return
    if out is None:
        raise SettingError("give --out DIR, where the scene goes")
    if seed < 0:
        raise SettingError("--seed must not be negative")
    if settings_file is not None:
        try:
            chosen = msgspec.json.decode(settings_file.read_bytes(), type=SceneSettings)
        except OSError as error:
            raise SourceError(f"cannot read {settings_file}: {error.strerror}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SourceError(f"cannot use {settings_file}: {error}") from error
    else:
        chosen = named(name or "")
    made = make(chosen, seed)
    try:
        out.mkdir(parents=True, exist_ok=True)
        pq.write_table(made.plots, out / "PLOTS.parquet")
        pq.write_table(made.truth, out / "TRUTH.parquet")
        if oracle:
            pq.write_table(pa.table({"origin": made.origin}), out / "ORIGIN.parquet")
        (out / "SENSORS.json").write_bytes(msgspec.json.encode(made.sensors))
        (out / "SCENE.json").write_text(to_json({"seed": seed, "settings": chosen}))
    except OSError as error:
        raise SourceError(f"cannot write {error.filename or out}: {error.strerror}") from error
    click.echo(
        f"{made.plots.num_rows} plots of {len(made.sites)} sensors, {made.flights.objects} objects, "
        f"{chosen.duration_s} s",
        err=True,
    )
