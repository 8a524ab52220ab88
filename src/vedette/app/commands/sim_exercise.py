"""``vedette sim exercise`` and ``review``: a simulated night with people who decide, and what is to be learnt."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.accounts.access import PAGE, Access, page_option, refuse_unserved, web_options
from vedette.app.commands.sim_study import given
from vedette.app.variation_options import seed_option

if TYPE_CHECKING:
    from vedette.app.plan import Plan
    from vedette.sim.exercise.script import Script
    from vedette.sim.world import World


@click.command("exercise")
@click.argument("scenario")
@click.option(
    "--record", "folder", required=True, type=click.Path(path_type=Path),
    help="New folder for the record, which is kept apart and marked.",
)  # fmt: skip
@click.option(
    "--offices",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Who plays at the desk (of 'vedette office new').",
)
@click.option("--speed", help="Times real time, or max. [1; a script is played as fast as it goes]")
@page_option
@web_options
@seed_option()
@click.option("--tick", "tick_s", default=1.0, show_default=True, help="Seconds between pictures.")
@click.option("--script", help="No page: a script's players decide (a name, or FILE.yaml).")
@click.option(
    "--as-in-life",
    is_flag=True,
    help="Also ask what no exercise may ask: whether aircraft shall go (K9). Never about force.",
)
@click.option("--json", "as_json", is_flag=True, help="With --script: print one JSON document.")
def exercise(
    scenario: str, folder: Path, offices: Path | None, speed: str | None, web: str | None, access: Access,
    seed: int, tick_s: float, script: str | None, *, as_in_life: bool, as_json: bool,
) -> None:  # fmt: skip
    """Run the simulated night of SCENARIO (a file, or a bundled one) for people who decide.

    Everything is marked EXERCISE: the page, its frame, what is printed, drafts, reports and the record, which no
    live watch continues. The same scenario, seed and acts give the same record.
    """
    from vedette.app.pace import parse_speed
    from vedette.app.plan import Plan
    from vedette.app.worlds import scenario_bytes, sources_of_world, world_of
    from vedette.model.errors import RecordError, SettingError
    from vedette.sim.scenario import Variation

    if not 0.0 < tick_s <= 60.0:
        raise SettingError(f"--tick {tick_s} is not between 0 and 60 seconds")
    if script is not None and offices is not None:
        raise SettingError("--script brings its own people: leave --offices out")
    if script is not None:
        refuse_unserved(access, {"--web": web is not None})
    if script is not None and speed is not None:
        raise SettingError("--script is played as fast as it goes: leave --speed out")
    if script is None and as_json:
        raise SettingError("--json prints what a script's players came to: it needs --script")
    if (folder / "record.json").exists():
        raise RecordError(f"{folder} holds a record: an exercise takes a new folder")
    world = world_of(scenario, Variation(seed=seed))
    plan = Plan(
        sources=sources_of_world(world),
        sensors=world.sensors,
        created_ns=world.start_ns,
        mode="demo",
        label=world.scenario.label,
        exercise=True,
        as_in_life=as_in_life,
        scenario=scenario_bytes(scenario),
        seed=seed,
        tick_s=tick_s,
        offices=offices,
    )
    click.echo(f"EXERCISE - {world.scenario.title}", err=True)
    if script is None:
        if offices is None:
            click.echo("EXERCISE - nobody may decide: name --offices FILE", err=True)
        _live(plan, folder, parse_speed(speed or "1"), web or PAGE, access)
        return
    _scripted(plan, world, folder, _script(script), as_json=as_json)


def _live(plan: "Plan", folder: Path, speed: float | None, web: str, access: Access) -> None:
    from vedette.app.commands.demo import Notices
    from vedette.app.session import run_session
    from vedette.app.web_address import web_address

    notices = Notices("EXERCISE  ")
    run_session(
        plan,
        folder=folder,
        speed=speed,
        web=web_address(web),
        access=access,
        watchers=[notices.take],
        ready=lambda url: click.echo(f"EXERCISE - the page is at {url} (Ctrl-C ends)", err=True),
    )
    click.echo(
        f"EXERCISE - over; 'vedette sim review {shlex.quote(str(folder))}' says what is to be learnt",
        err=True,
    )


def _script(name: str) -> "Script":
    from vedette.app.worlds import bundled_script
    from vedette.sim.exercise.script import read_script

    return given(name, bundled_script, read_script)


def _scripted(
    plan: "Plan", world: "World", folder: Path, script: "Script", *, as_json: bool
) -> None:
    import tempfile

    import msgspec
    from rich.console import Console
    from rich.progress import Progress

    from vedette.app.session import beginning
    from vedette.app.summary import to_json
    from vedette.engine.record import Record
    from vedette.engine.run import Run
    from vedette.sim.exercise.play import play
    from vedette.sim.exercise.players import Players

    with tempfile.TemporaryDirectory() as aside:
        people = Path(aside) / "offices.json"
        people.write_bytes(msgspec.json.encode(script.roster()))
        course, store, tables = beginning(plan._replace(offices=people), folder)()
    ticks = world.scenario.duration_s / plan.tick_s
    try:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("EXERCISE", total=ticks)
            play(
                Run(course, store, tables=tables), world, Players(script, world),
                lambda _: progress.advance(task),
            )  # fmt: skip
            tables.flush()
    finally:
        if store is not None:
            store.close()
    pipeline = course.pipeline
    # as a review counts them: a question that is put again after its facts changed is another
    papers = {entry.body["paper_id"] for entry in Record(folder).entries(("paper",))}
    told = {
        "exercise": True, "label": pipeline.body.banner, "incidents": len(pipeline.incidents),
        "questions": len(papers), "entries": course.frontier.size,
        "tree_head": course.frontier.root().hex(),
    }  # fmt: skip
    if as_json:
        click.echo(to_json(told))
        return
    click.echo(f"{told['label']}")
    click.echo(f"{told['incidents']} incidents, {told['questions']} questions to offices")
    click.echo(f"Ledger  {told['entries']} entries, tree head {told['tree_head']}")
    click.echo(f"'vedette sim review {shlex.quote(str(folder))}' says what is to be learnt")


@click.command("review")
@click.argument("folder", type=click.Path(path_type=Path), metavar="RECORD")
@click.option(
    "--other", help="Also the same night with the people of another script (a name, or FILE.yaml)."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def review(folder: Path, other: str | None, *, as_json: bool) -> None:
    """What was known when in the exercise RECORD, what was decided, what it cost, what was only stamped."""
    from rich.console import Console
    from rich.progress import Progress

    from vedette.app.review_words import cost_lines, review_lines
    from vedette.app.summary import to_json
    from vedette.engine.opening import zones_of
    from vedette.engine.record import Record
    from vedette.sim.exercise.play import other_night, world_of_record
    from vedette.sim.exercise.review import review as reviewed

    record = Record(folder)
    world = world_of_record(record)
    zones = zones_of(record, record.body)
    banner = record.body.banner or ""
    found = reviewed(record.entries(), world, zones, banner)
    differs = None
    if other is not None:
        script = _script(other)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            ticks = world.scenario.duration_s / record.body.engine.tick_s
            task = progress.add_task("the same night again", total=ticks)
            entries = other_night(record, script, world, lambda _: progress.advance(task))
        differs = reviewed(entries, world, zones, f"{banner}, with the people of: {script.title}")
    if as_json:
        click.echo(to_json({"review": found, "other": differs}))
        return
    for line in review_lines(found):
        click.echo(line)
    if differs is not None:
        click.echo("")
        for line in cost_lines(found, differs):
            click.echo(line)
