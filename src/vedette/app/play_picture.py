"""A play-book's postures as SVG, with every assumption printed on it."""

from typing import Final

from vedette.app.chart import GREY, INK, cut, document, key, text, wrapped
from vedette.model.probability import percent
from vedette.sim.play.book import Book
from vedette.sim.play.course import Played
from vedette.sim.study.estimate import Estimate

WIDTH: Final = 1_040.0
_COLOURS: Final = (
    "#f7f4f9", "#e7e1ef", "#d4b9da", "#c994c7", "#df65b0", "#e7298a", "#ce1256", "#980043", "#67001f", "#2b0010",
)  # fmt: skip


def _half(estimate: Estimate, sign: str = "") -> str:
    return f"{estimate.value:{sign}.2f} ± {estimate.high - estimate.value:.2f}"


def play_svg(book: Book, found: Played) -> str:
    """Highest rung of each posture as a bar of shares, steps up with their interval, and the book itself."""
    parts = [
        text(24, 34, "Action and reaction: which posture leads to fewer steps up the ladder?", "t"),
        text(24, 56, book.title, "p"),
    ]
    head = (
        f"{found.worlds:,} worlds, seed {found.seed}; {book.rounds} rounds, each {book.round}; the same luck for "
        "every posture. No forecast: what follows from what is written below."
    )
    parts.append(text(24, 76, head, "g"))
    top, left, right = 116.0, 300.0, WIDTH - 365
    parts.append(text(left, top - 8, "highest rung reached, share of worlds", "s g"))
    for x, words in (
        (WIDTH - 230, "steps up (theirs)"),
        (WIDTH - 124, "fewer"),
        (WIDTH - 24, "fewest, of draws"),
    ):
        parts.append(text(x, top - 8, words, "s g", "end"))
    for k, one in enumerate(found.postures):
        y, x = top + 34 * k, left
        parts.append(text(24, y + 18, one.text, "s"))
        for rung, share in enumerate(one.top):
            width = (right - left) * share.value
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="26" fill="{_COLOURS[rung]}" '
                f'stroke="{GREY}" stroke-width="0.4"/>'
            )
            if width > 16:
                colour = "#fff" if rung > 4 else INK
                parts.append(text(x + width / 2, y + 18, str(rung), "s", "middle", colour))
            x += width
        parts.append(
            text(
                WIDTH - 230,
                y + 18,
                f"{_half(one.steps_up)} ({one.theirs_up.value:.2f})",
                "s",
                "end",
            )
        )
        parts.append(
            text(
                WIDTH - 124,
                y + 18,
                _half(one.fewer, "+"),
                "s",
                "end",
            )
        )
        parts.append(text(WIDTH - 24, y + 18, percent(one.best.value), "s", "end"))
    y = top + 34 * len(found.postures) + 18
    x = 24.0
    for rung, name in ((0, "none"), *((int(k), v) for k, v in found.rungs.items())):
        words = f"{rung} {name}"
        if x + 24 + 6.2 * len(words) > WIDTH - 24:
            x, y = 24.0, y + 19
        parts += key(x, y - 4, _COLOURS[rung], words)
        x += 34 + 6.2 * len(words)
    y += 36
    title = (
        "The book: probability in a round (low, likely, high), what it changes, where it comes from"
    )
    parts.append(text(24, y, title, "p"))
    for move in book.moves:
        y += 17
        low, likely, high = move.probability
        adds = ", ".join(f"{name} {add:+d}" for name, add in move.adds.items()) or "nothing"
        parts.append(text(24, y, move.side, "s g"))
        parts.append(text(74, y, cut(move.text, 56), "s"))
        parts.append(text(440, y, f"{low:g} {likely:g} {high:g}", "s"))
        parts.append(text(545, y, adds, "s"))
        source = "choice of this program" if move.source == "D" else move.source
        parts.append(text(722, y, cut(f"{move.status}: {source}", 47), "s g"))
    y += 34
    parts.append(text(24, y, "Assumed", "p"))
    for line in [
        piece for words in book.assumptions for piece in wrapped("– " + words, WIDTH - 48)
    ]:
        y += 16
        parts.append(text(24, y, line, "s g"))
    return document(WIDTH, y + 16, f"Play-book {book.id}", parts)
