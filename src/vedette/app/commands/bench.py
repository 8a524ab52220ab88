"""``vedette bench``: every number of the README and the docs comes from here."""

from importlib import import_module, resources

import click

from vedette.app.variation_options import seed_option

_SKIP = {"__init__", "row"}


def _areas() -> list[str]:
    folder = resources.files("vedette.bench")
    names = [
        item.name.removesuffix(".py")
        for item in folder.iterdir()
        if item.name.endswith(".py") or item.joinpath("__init__.py").is_file()
    ]
    return sorted(name for name in names if name not in _SKIP and not name.startswith("_"))


@click.command("bench")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@seed_option()
@click.option("--quick", is_flag=True, help="Small sizes: shows that it works, not how fast.")
@click.option(
    "--only",
    multiple=True,
    metavar="PART",
    help="Only this part of NAME, also a long one; may be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")
def bench(
    names: tuple[str, ...], *, seed: int, quick: bool, only: tuple[str, ...], as_json: bool
) -> None:
    """Measure NAME (all by default) on this machine, now."""
    import platform

    from vedette.app.summary import to_json
    from vedette.bench.row import Note, Table
    from vedette.model.errors import SettingError

    areas = _areas()
    for name in names:
        if not any(area == name or area.startswith(f"{name}_") for area in areas):
            raise SettingError(f"no bench {name!r}; there are {', '.join(areas)}")
    click.echo(f"# {platform.machine()}, Python {platform.python_version()}", err=True)
    for area in areas:
        if names and not any(area == name or area.startswith(f"{name}_") for name in names):
            continue
        click.echo(f"# {area} ...", err=True)
        module = import_module(f"vedette.bench.{area}")
        if only and not hasattr(module, "PARTS"):
            raise SettingError(f"--only: the bench {area!r} has no parts")
        parts = {"only": only} if only else {}
        for row in module.run(seed=seed, quick=quick, **parts):
            if isinstance(row, Note):
                click.echo(f"# {row.text}", err=True)
            elif as_json:
                click.echo(to_json(row))
            elif isinstance(row, Table):
                click.echo(f"{row.area:16} {row.name}")
                for line in row.lines():
                    click.echo(f"  {line}")
            else:
                click.echo(
                    f"{row.area:16} {row.name:48} {row.value:>14,.6g} {row.unit:14} {row.target:14} {row.note}"
                )
