"""``vedette sim chaos``: seeded worlds through the real engine while everything breaks."""

import click


@click.command("chaos")
@click.option(
    "--seeds", default="1..50", show_default=True, metavar="A..B", help="First and last, or one."
)
@click.option("--nightly", is_flag=True, help="Longer worlds, floods of up to a million plots.")
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes."
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON line a world, the summary last."
)
def chaos(seeds: str, workers: int, *, nightly: bool, as_json: bool) -> None:
    """Run worlds in which feeds lie, sensors die, clocks are wrong, disks are full, links are cut and people err.

    Each goes through the engine from the bytes to the record, and laws are checked at every tick: nothing is
    lost silently, no civil aircraft stands in a force row, no number is none, what is stale says so, and a
    replay ends on the same digest. Exit 1 when a law was broken; the seed shows it again.
    """
    import sys
    from time import perf_counter

    from rich.console import Console
    from rich.progress import Progress

    from vedette.app.summary import to_json
    from vedette.model.errors import SettingError
    from vedette.sim.chaos.many import Broken, run_seeds, summary
    from vedette.sim.chaos.world import NIGHT, SMALL

    first, _, last = seeds.partition("..")
    try:
        wanted = range(int(first), int(last or first) + 1)
    except ValueError as error:
        raise SettingError(f"--seeds {seeds!r}: two numbers as in 1..50, or one") from error
    if not wanted or wanted[0] < 0:
        raise SettingError(f"--seeds {seeds!r} holds none; they go up, from 0 on")
    found = []
    began_s = perf_counter()
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("worlds", total=len(wanted))
        for one in run_seeds(wanted, NIGHT if nightly else SMALL, workers):
            progress.advance(task)
            found.append(one)
            if isinstance(one, Broken):
                click.echo(one.law, err=True)
            if as_json:
                click.echo(to_json(one))
    spent_s = perf_counter() - began_s
    told = summary(found)
    if as_json:
        click.echo(to_json(told))
    else:
        click.echo(
            f"{told.worlds} worlds, seeds {wanted[0]} to {wanted[-1]}, {spent_s / told.worlds:.2f} s each"
        )
        click.echo("  what went wrong, in so many worlds")
        for kind, count in told.faults.items():
            click.echo(f"    {kind:14} {count:8}")
        click.echo("  what came of it")
        for name, count in told.totals.items():
            click.echo(f"    {name:14} {count:12,}")
        for broken in told.broken:
            click.echo(f"  broken: {broken.law}")
        click.echo(f"{len(told.broken)} broke a law")
    sys.exit(1 if told.broken else 0)
