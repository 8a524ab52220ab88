"""``vedette sim play``: action and reaction from declared play-books."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vedette.app.commands.sim_study import OUT, draw, given, save
from vedette.app.named_file import SVG
from vedette.app.variation_options import seed_option
from vedette.model.probability import percent

if TYPE_CHECKING:
    from vedette.app.api.study import Saved
    from vedette.sim.play.book import Book
    from vedette.sim.play.course import Played


@click.command("play")
@click.argument("name", required=False, metavar="[NAME|FILE.yaml]")
@click.option("--worlds", default=10_000, show_default=True, type=click.IntRange(2, 1_000_000))
@seed_option()
@click.option("--picture", type=SVG, metavar="FILE.svg", help="Draw it.")
@OUT
@click.option("--json", "as_json", is_flag=True)
def play(
    name: str | None,
    worlds: int,
    seed: int,
    picture: Path | None,
    out: Path | None,
    *,
    as_json: bool,
) -> None:
    """Play a play-book many times: which posture leads to fewer steps up the ladder?

    Without NAME, list the play-books.
    """
    from vedette.app.summary import to_json
    from vedette.sim.play import course
    from vedette.sim.play.book import named, read_book, shipped_books

    if name is None:
        for book in shipped_books().values():
            click.echo(f"{book.id:12} {book.title}")
        return
    book = given(name, named, read_book)
    found = course.play(book, seed, worlds)

    def make() -> str:
        from vedette.app.play_picture import play_svg

        return play_svg(book, found)

    def kept() -> "Saved":
        from vedette.app.api.study import PlayFile

        return PlayFile(book=book, played=found)

    draw(picture, make)
    save(out, kept)
    if as_json:
        click.echo(to_json({"played": found, "book": book}))
        return
    for line in _lines(book, found):
        click.echo(line.rstrip())


def _lines(book: "Book", found: "Played") -> Iterator[str]:
    yield f"{book.id}: {book.title}"
    yield f"{found.worlds} worlds, seed {found.seed}; {book.rounds} rounds, each {book.round}"
    yield (
        f"{'posture':18} {'steps up':20}  {'theirs':6}  {'fewer than the first':22}  {'fewest in draws':15}  "
        "highest rung 0 … 9, share of worlds [%]"
    )
    for one in found.postures:
        top = " ".join(f"{100 * share.value:3.0f}" for share in one.top)
        fewer = f"{one.fewer.value:+.2f} [{one.fewer.low:+.2f} {one.fewer.high:+.2f}]"
        steps = f"{one.steps_up.value:.2f} [{one.steps_up.low:.2f} {one.steps_up.high:.2f}]"
        yield (
            f"{one.posture:18} {steps:20}  {one.theirs_up.value:6.2f}  {fewer:22}  "
            f"{percent(one.best.value):>15}  {top}"
        )
    for one in found.postures:
        yield f"  {one.posture}: {one.text}"
    for move in book.moves:
        low, likely, high = move.probability
        yield (
            f"assumed: {move.side} {move.id}: {move.text}, {likely:g} ({low:g} to {high:g}), "
            f"{move.status}: {move.source}"
        )
    for words in book.assumptions:
        yield f"assumed: {words}"
