"""``vedette sim study|compare|map|calibrate``: whether decisions come before the intruder has gone."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from vedette.app.finite import Finite
from vedette.app.named_file import SVG, Named
from vedette.app.variation_options import seed_option
from vedette.model.errors import SourceError

if TYPE_CHECKING:
    from vedette.app.api.study import Saved
    from vedette.sim.study.study import Study

T = TypeVar("T")
_WORLDS = click.option(
    "--worlds", default=10_000, show_default=True, type=click.IntRange(1, 10_000_000)
)
_SEED = seed_option()
_JSON = click.option("--json", "as_json", is_flag=True)
_PICTURE = click.option("--picture", type=SVG, metavar="FILE.svg", help="Draw it.")
OUT = click.option(
    "--out",
    type=Named(".answer.json"),
    metavar="FILE.answer.json",
    help="Save the answer for 'vedette sim page'.",
)


def given(name: str, named: Callable[[str], T], read: Callable[[str, bytes], T]) -> T:
    """What a name or a file stands for.

    Raises:
        SourceError: the file cannot be read.
    """
    if not name.endswith((".yaml", ".yml")):
        return named(name)
    try:
        data = Path(name).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {name}: {error.strerror}") from error
    return read(name, data)


def _read(name: str) -> "Study":
    from vedette.sim.study.study import named, read_study

    return given(name, named, read_study)


def _asked(
    study: "Study", silence: float | None, objects: float | None, abstains: float | None
) -> "Study":
    import msgspec

    council = study.council
    council = msgspec.structs.replace(
        council,
        silence_h=council.silence_h if silence is None else silence,
        objects=council.objects if objects is None else objects,
        abstains=council.abstains if abstains is None else abstains,
    )
    return msgspec.structs.replace(study, council=council)


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(line.rstrip())


def draw(picture: Path | None, make: Callable[[], str]) -> None:
    """Write a picture where one is asked for.

    Raises:
        SourceError: it cannot be written.
    """
    if picture is None:
        return
    try:
        picture.write_text(make(), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot write {picture}: {error.strerror}") from error
    click.echo(f"picture: {picture}", err=True)


def save(out: Path | None, make: "Callable[[], Saved]") -> None:
    """Save an answer where that is asked for.

    Raises:
        SourceError: it cannot be written.
    """
    if out is None:
        return
    from vedette.app.study_file import save_answer

    save_answer(out, make())
    click.echo(f"saved: {out}", err=True)


@click.command("study")
@click.argument("name", required=False, metavar="[NAME|FILE.yaml]")
@_WORLDS
@_SEED
@click.option("--goal", help="The step in question; default: the study's.")
@click.option(
    "--change",
    "changes",
    multiple=True,
    help="Only this change; may be given again; also without:STATE. Default: all that apply.",
)
@click.option("--silence", type=Finite(0, min_open=True), help="Silence of the council [h].")
@click.option("--objects", type=Finite(0, 1), help="Probability that a member objects.")
@click.option(
    "--sensitivity", "telling", is_flag=True, help="Also Sobol's indices of what is drawn."
)
@_PICTURE
@OUT
@_JSON
def study(
    name: str | None, worlds: int, seed: int, goal: str | None, changes: tuple[str, ...],
    silence: float | None, objects: float | None, picture: Path | None,
    out: Path | None, *, telling: bool, as_json: bool,
) -> None:  # fmt: skip
    """Does each step of life come before the intruder has gone, and what does a change buy?

    Without NAME, list the gallery.
    """
    from vedette.app.study_words import answer_lines, gallery_lines
    from vedette.app.summary import to_json
    from vedette.sim.study.answer import answer
    from vedette.sim.study.life import step_name
    from vedette.sim.study.sensitivity import sensitivity
    from vedette.sim.study.study import gallery
    from vedette.sim.study.times import shipped_times

    if name is None:
        if as_json:
            click.echo(to_json(list(gallery().values())))
        else:
            _tell(gallery_lines(gallery()))
        return
    asked = _asked(_read(name), silence, objects, None)
    step = None if goal is None else step_name(goal)
    times = shipped_times()
    found = answer(asked, times, seed, worlds, changes or None, step)
    told = sensitivity(asked, times, seed, step) if telling else None

    def make() -> str:
        from vedette.app.study_picture import study_svg

        return study_svg(asked, found, told)

    def kept() -> "Saved":
        from vedette.app.api.study import StudyFile
        from vedette.app.study_file import case_of

        return StudyFile(case=case_of(asked), answer=found, sensitivity=told)

    draw(picture, make)
    save(out, kept)
    if as_json:
        click.echo(
            to_json({"answer": found, "sensitivity": told, "assumptions": asked.assumptions})
        )
    else:
        _tell(answer_lines(asked, found, told))


@click.command("compare")
@click.argument("name", metavar="NAME|FILE.yaml")
@click.option("--worlds", default=4_000, show_default=True, type=click.IntRange(1, 1_000_000))
@_SEED
@click.option(
    "--objects",
    default=0.02,
    show_default=True,
    type=Finite(0, 1),
    help="Probability that a member objects.",
)
@click.option(
    "--abstains",
    default=0.02,
    show_default=True,
    type=Finite(0, 1),
    help="Probability that it abstains.",
)
@_PICTURE
@OUT
@_JSON
def compare(
    name: str, worlds: int, seed: int, objects: float, abstains: float, picture: Path | None,
    out: Path | None, *, as_json: bool
) -> None:  # fmt: skip
    """Ways of deciding beside each other, by the council's rules, on the same replies of capitals."""
    from rich.console import Console
    from rich.progress import Progress

    from vedette.app.study_words import comparison_lines
    from vedette.app.summary import to_json
    from vedette.sim.study.comparison import WAYS, comparison
    from vedette.sim.study.life import BATCH
    from vedette.sim.study.times import shipped_times

    asked = _asked(_read(name), None, objects, abstains)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("ways", total=len(WAYS) * -(-worlds // BATCH))
        found = comparison(asked, shipped_times(), seed, worlds, lambda: progress.advance(task))

    def make() -> str:
        from vedette.app.study_picture import comparison_svg

        return comparison_svg(asked, found)

    def kept() -> "Saved":
        from vedette.app.api.study import WaysFile
        from vedette.app.study_file import case_of

        return WaysFile(case=case_of(asked), comparison=found)

    draw(picture, make)
    save(out, kept)
    if as_json:
        click.echo(to_json(found))
    else:
        _tell(comparison_lines(asked, found))


@click.command("map")
@click.option(
    "--intruder",
    default="jet",
    show_default=True,
    help="Kind that comes in: jet, drone or balloon.",
)
@click.option("--posture", "postures", multiple=True, help="Only this posture; may be given again.")
@click.option(
    "--state", "states", multiple=True, help="Only this member (alpha-3); may be given again."
)
@click.option("--goal", default="looked_at", show_default=True, help="The step in question.")
@click.option(
    "--spacing",
    default=100.0,
    show_default=True,
    type=Finite(5, 1000),
    help="Of places [km].",
)
@click.option(
    "--worlds",
    default=400,
    show_default=True,
    type=click.IntRange(1, 100_000),
    help="At each place.",
)
@_SEED
@click.option(
    "--doubts",
    is_flag=True,
    help="Also that no radar makes a track of it, and that who is there does not find it.",
)
@click.option(
    "--bases",
    is_flag=True,
    help="List the airfields that are taken to keep aircraft ready, and stop.",
)
@_PICTURE
@OUT
@_JSON
def readiness_map(
    intruder: str, postures: tuple[str, ...], states: tuple[str, ...], goal: str, spacing: float, worlds: int,
    seed: int, picture: Path | None,
    out: Path | None, *, doubts: bool, bases: bool, as_json: bool,
) -> None:  # fmt: skip
    """Readiness along the whole alliance's edge: how often a step is in time, place by place, per posture."""
    from rich.console import Console
    from rich.progress import Progress

    from vedette.airspace.sovereign import sovereign_airspace
    from vedette.app.study_words import race_words, state_lines
    from vedette.app.summary import to_json
    from vedette.model.errors import SettingError
    from vedette.sim.study.base import shipped_bases
    from vedette.sim.study.edge import POSTURES, by_state, edge, edge_intruders, readiness
    from vedette.sim.study.life import step_name
    from vedette.sim.study.times import shipped_times

    if bases:
        if as_json:
            click.echo(to_json(list(shipped_bases().values())))
        else:
            _tell(
                f"{b.code} {b.state} {b.latitude_deg:8.3f} {b.longitude_deg:9.3f}  {b.name}"
                for b in shipped_bases().values()
            )
        return
    kinds = edge_intruders()
    if intruder not in kinds:
        raise SettingError(f"no intruder {intruder!r}; there are {', '.join(kinds)}")
    step = step_name(goal)
    click.echo("reading the sovereign airspace ...", err=True)
    places = edge(sovereign_airspace(), spacing * 1000.0, states)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("places", total=len(places))
        found = list(
            readiness(
                places, kinds[intruder], shipped_times(), seed, worlds, postures or tuple(POSTURES), step,
                told=lambda done: progress.update(task, completed=done), doubts=doubts,
            )
        )  # fmt: skip
    rows = by_state(found)

    def make() -> str:
        from vedette.app.edge_picture import edge_svg

        return edge_svg(found, kinds[intruder], step, (worlds, seed), doubts=doubts)

    def kept() -> "Saved":
        from vedette.app.study_file import edge_file

        return edge_file(kinds[intruder], step, (worlds, seed), found, doubts=doubts)

    draw(picture, make)
    save(out, kept)
    if as_json:
        click.echo(to_json({"intruder": kinds[intruder], "states": rows, "places": found}))
        return
    click.echo(
        f"{kinds[intruder].text}: {step} in time, {race_words(kinds[intruder], doubts=doubts)}; "
        f"{len(found)} places, {worlds} worlds each, seed {seed}"
    )
    _tell(state_lines(rows))
    for posture in rows[0].in_time if rows else ():
        click.echo(f"  {posture}: {POSTURES[posture]}")


@click.command("calibrate")
@click.argument("names", nargs=-1, metavar="[NAME|FILE.yaml]...")
@_WORLDS
@_SEED
@_PICTURE
@OUT
@_JSON
def calibrate(
    names: tuple[str, ...],
    worlds: int,
    seed: int,
    picture: Path | None,
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    """The model's answer beside the published one, for all studies or those given; misfits are marked with "!"."""
    from vedette.app.study_words import calibration_lines
    from vedette.app.summary import to_json
    from vedette.sim.study.calibration import calibration
    from vedette.sim.study.study import gallery
    from vedette.sim.study.times import shipped_times

    studies = [_read(name) for name in names] or list(gallery().values())
    found = calibration(studies, shipped_times(), seed, worlds)

    def make() -> str:
        from vedette.app.study_picture import calibration_svg

        return calibration_svg(found)

    def kept() -> "Saved":
        from vedette.app.api.study import CalibrationFile

        return CalibrationFile(calibration=found)

    draw(picture, make)
    save(out, kept)
    if as_json:
        click.echo(to_json(found))
    else:
        _tell(calibration_lines(found))
