"""``vedette sim answers|page``: answers of all studies worked out at once, and shown on a page."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from vedette.app.accounts.access import Access, web_options
from vedette.app.variation_options import seed_option

if TYPE_CHECKING:
    from vedette.app.api.study import Saved

KINDS: Final = ("study", "ways", "edge", "calibration", "play")


class _Work(NamedTuple):
    name: str  # of its file
    make: "Callable[[], Saved]"


@click.command("answers")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--only", multiple=True, type=click.Choice(KINDS), help="Only these; may be given again."
)
@click.option(
    "--worlds", type=click.IntRange(2, 1_000_000), help="Of everything; default: as each command's."
)
@seed_option()
def answers(folder: Path, only: tuple[str, ...], worlds: int | None, seed: int) -> None:
    """Work out every study, ways of deciding, the edge, the calibration and every play-book into FOLDER.

    Takes minutes; an answer that is there already is kept.
    """
    from rich.console import Console
    from rich.progress import Progress

    from vedette.app.study_file import SUFFIX, save_answer

    work = [
        one
        for kind in KINDS
        if not only or kind in only
        for one in _work(kind, worlds, seed)
        if not (folder / f"{one.name}{SUFFIX}").exists()
    ]
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("answers", total=len(work))
        for one in work:
            progress.update(task, description=one.name)
            save_answer(folder / f"{one.name}{SUFFIX}", one.make())
            progress.advance(task)
    click.echo(
        f"{len(work)} answers worked out into {folder}; show them: vedette sim page {folder}",
        err=True,
    )


def _work(kind: str, worlds: int | None, seed: int) -> Iterator[_Work]:
    from vedette.sim.play.book import shipped_books
    from vedette.sim.study.edge import edge_intruders
    from vedette.sim.study.study import gallery

    if kind == "calibration":
        yield _Work("calibration", partial(_calibration, worlds or 10_000, seed))
    for name in edge_intruders() if kind == "edge" else ():
        yield _Work(f"edge-{name}", partial(_edge, name, worlds or 400, seed))
    for name in shipped_books() if kind == "play" else ():
        yield _Work(f"play-{name}", partial(_play, name, worlds or 10_000, seed))
    for name, study in gallery().items() if kind in ("study", "ways") else ():
        if kind == "study":
            yield _Work(f"study-{name}", partial(_study, name, worlds or 10_000, seed))
        elif _has_voice(study.state):
            yield _Work(f"ways-{name}", partial(_ways, name, worlds or 4_000, seed))


def _has_voice(state: str) -> bool:
    from vedette.council.decision import populations

    return state in populations("nato")


def _study(name: str, worlds: int, seed: int) -> "Saved":
    from vedette.app.api.study import StudyFile
    from vedette.app.study_file import case_of
    from vedette.sim.study.answer import answer
    from vedette.sim.study.life import COUNCIL_STEPS
    from vedette.sim.study.sensitivity import sensitivity
    from vedette.sim.study.study import named
    from vedette.sim.study.times import shipped_times

    study, times = named(name), shipped_times()
    telling = None if study.goal in COUNCIL_STEPS else sensitivity(study, times, seed)
    found = answer(study, times, seed, worlds)
    return StudyFile(case=case_of(study), answer=found, sensitivity=telling)


def _ways(name: str, worlds: int, seed: int) -> "Saved":
    import msgspec

    from vedette.app.api.study import WaysFile
    from vedette.app.study_file import case_of
    from vedette.sim.study.comparison import OBJECTS, comparison
    from vedette.sim.study.study import named
    from vedette.sim.study.times import shipped_times

    study = named(name)
    council = msgspec.structs.replace(study.council, objects=OBJECTS, abstains=OBJECTS)
    study = msgspec.structs.replace(study, council=council)
    return WaysFile(
        case=case_of(study), comparison=comparison(study, shipped_times(), seed, worlds)
    )


def _edge(name: str, worlds: int, seed: int) -> "Saved":
    from vedette.airspace.sovereign import sovereign_airspace
    from vedette.app.study_file import edge_file
    from vedette.sim.study.edge import SPACING_M, edge, edge_intruders, readiness
    from vedette.sim.study.times import shipped_times

    kind = edge_intruders()[name]
    places = edge(sovereign_airspace(), SPACING_M)
    found = list(readiness(places, kind, shipped_times(), seed, worlds))
    return edge_file(kind, "looked_at", (worlds, seed), found, doubts=False)


def _calibration(worlds: int, seed: int) -> "Saved":
    from vedette.app.api.study import CalibrationFile
    from vedette.sim.study.calibration import calibration
    from vedette.sim.study.study import gallery
    from vedette.sim.study.times import shipped_times

    return CalibrationFile(
        calibration=calibration(gallery().values(), shipped_times(), seed, worlds)
    )


def _play(name: str, worlds: int, seed: int) -> "Saved":
    from vedette.app.api.study import PlayFile
    from vedette.sim.play.book import named
    from vedette.sim.play.course import play

    book = named(name)
    return PlayFile(book=book, played=play(book, seed, worlds))


@click.command("page")
@click.argument(
    "places", nargs=-1, required=True, metavar="FILE|FOLDER...", type=click.Path(exists=True, path_type=Path)
)  # fmt: skip
@click.option("--web", default="127.0.0.1:8140", show_default=True, help="HOST:PORT of the page.")
@web_options
def page(places: tuple[Path, ...], web: str, access: Access) -> None:
    """Show saved answers (of --out, or of 'vedette sim answers') on a page, until stopped."""
    import asyncio

    from vedette.app.door import serve_page
    from vedette.app.study_door import StudyDoor, study_application

    say = partial(click.echo, err=True)
    door = StudyDoor(places)
    for line in door.check():
        say(line)
    asyncio.run(serve_page(web, "studies.html", partial(study_application, door), say, access))
