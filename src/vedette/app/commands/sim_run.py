"""``vedette sim run``: a world of a scenario, written out as the bytes of its feeds and the truth."""

from pathlib import Path
from shlex import quote

import click

from vedette.app.variation_options import seed_option, shift_option


@click.command("run")
@click.argument("scenario")
@seed_option("Seed of noise, misses and traffic.")
@shift_option("Moves the movable flights.")
@click.option("--drop", multiple=True, metavar="SENSOR", help="Leaves a sensor out.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New folder.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def run(
    scenario: str, seed: int, shift_north_m: float, drop: tuple[str, ...], out: Path, *, as_json: bool
) -> None:  # fmt: skip
    """Write the world of SCENARIO (a YAML file, or the name of a bundled one) into a folder.

    Each feed as the bytes that its sensor sends (ASTERIX in captures, Beast, report lines), sensors,
    the truth once a second, and WORLD.json with the seed, the version and the SHA-256 of every file. The same
    scenario, seed and version give the same bytes.
    """
    import msgspec

    from vedette import __version__
    from vedette.app.summary import to_json
    from vedette.app.worlds import check_dropped, world_of
    from vedette.model.errors import RecordError
    from vedette.model.time import format_utc
    from vedette.sim.out import write_world
    from vedette.sim.scenario import Variation

    variation = Variation(seed=seed, shift_north_m=shift_north_m, drop=drop)
    world = world_of(scenario, variation)
    check_dropped(world)
    click.echo(world.scenario.label, err=True)
    written = []
    for one in write_world(world, out):
        written.append(one)
        click.echo(f"{one.name}: {one.octets} octets", err=True)
    about = {
        "scenario": scenario, "title": world.scenario.title, "label": world.scenario.label,
        "sources": list(world.scenario.sources), "version": __version__,
        "variation": msgspec.to_builtins(variation), "files": [msgspec.to_builtins(one) for one in written],
    }  # fmt: skip
    try:
        (out / "WORLD.json").write_text(to_json(about) + "\n", encoding="utf-8")
    except OSError as error:
        raise RecordError(f"{out}: {error.strerror}") from error
    if as_json:
        click.echo(to_json(about))
        return
    feeds = " ".join(one.address for one in written if one.address)
    day = format_utc(world.start_ns)[:10]  # Mode S frames hold no date
    click.echo(
        f"cd {quote(str(out))} && vedette watch {feeds} --sensors SENSORS.json --date {day} --until-end"
    )
