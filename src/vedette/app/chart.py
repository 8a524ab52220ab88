"""Parts of charts as SVG: words, rows of spans over a time axis that shows seconds and days alike."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

INK, GREY, FAINT, BLUE, ORANGE = "#1b1f24", "#5b6570", "#d5dbe0", "#2a6fa8", "#b35806"
STYLE: Final = (
    "text{font:12px 'DejaVu Sans',Verdana,sans-serif;fill:#1b1f24}.g{fill:#5b6570}.s{font-size:11px}"
    ".t{font-size:18px;font-weight:bold}.p{font-size:14px;font-weight:bold}"
    ".h{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"
)
_TICKS: Final = (
    (0, ""), (10, "10 s"), (60, "1 min"), (600, "10 min"), (3_600, "1 h"), (6 * 3_600, "6 h"),
    (86_400, "1 d"), (7 * 86_400, "7 d"), (30 * 86_400, "30 d"),
)  # fmt: skip
_WRAP_PIXELS: Final = 6.6  # of one letter, about


def text(
    x: float, y: float, words: str, css: str = "", anchor: str = "start", colour: str = ""
) -> str:
    """One line of words."""
    style = f' style="fill:{colour}"' if colour else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{css}" text-anchor="{anchor}"{style}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    """A rectangle."""
    size = f'width="{max(width, 0.0):.1f}" height="{height:.1f}"'
    return f'<rect x="{x:.1f}" y="{y:.1f}" {size} fill="{fill}" {more}/>'


def diamond(x: float, y: float, fill: str) -> str:
    """A mark of something published."""
    edge = 'stroke="#fff" stroke-width="0.8"'
    return f'<path d="M{x:.1f},{y - 6:.1f}l5,6l-5,6l-5,-6z" fill="{fill}" {edge}/>'


def key(x: float, y: float, fill: str, words: str) -> list[str]:
    """A square of a colour and what it stands for, with its middle at a height."""
    edge = f'stroke="{GREY}" stroke-width="0.5"'
    return [box(x, y - 6, 11, 11, fill, edge), text(x + 16, y + 4, words, "s")]


def cut(words: str, letters: int) -> str:
    """Words, cut with an ellipsis where they are too long."""
    return words if len(words) <= letters else words[: letters - 1].rstrip() + "…"


def wrapped(words: str, width: float) -> list[str]:
    """Words in lines of about so many pixels."""
    lines, line = [], ""
    for word in words.split():
        if line and len(line) + 1 + len(word) > width / _WRAP_PIXELS:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*lines, line] if line else lines


def document(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    """An SVG document on white."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(title, quote=True)}">'
        f'<style>{STYLE}</style><rect width="{width:.0f}" height="{height:.0f}" fill="#fff"/>'
        + "\n".join(parts)
        + "</svg>\n"
    )


class TimeAxis(NamedTuple):
    """Times on a line that is straight near zero and logarithmic far from it, on both sides."""

    left: float
    right: float
    low_s: float
    high_s: float
    zero: str = "entry"  # what zero is called
    bend_s: float = 20.0

    def x(self, seconds: float | None) -> float:
        """Pixel of a time; the right end for never."""
        if seconds is None or seconds > self.high_s:
            return self.right
        low, high = self._bent(self.low_s), self._bent(self.high_s)
        share = (self._bent(max(seconds, self.low_s)) - low) / (high - low)
        return self.left + share * (self.right - self.left)

    def _bent(self, seconds: float) -> float:
        return math.asinh(seconds / self.bend_s)

    def ticks(self, top: float, bottom: float) -> list[str]:
        """Lines with their times below, as far as they fit."""
        parts, last = [], -1e9
        both = [(-at, f"−{name}") for at, name in reversed(_TICKS[1:])] + list(_TICKS)
        for at, said in both:
            x, name = self.x(at), said if at else self.zero
            if not self.low_s <= at <= self.high_s:
                continue
            parts.append(
                f'<path d="M{x:.1f},{top:.1f}V{bottom:.1f}" stroke="{INK if at == 0 else FAINT}" '
                f'stroke-width="{1.1 if at == 0 else 0.8}"/>'
            )
            half = 3.6 * len(name)
            if x - half > last:
                parts.append(text(x, bottom + 14, name, "s g", "middle"))
                last = x + half + 4
        return parts

    def bar(
        self, y: float, low: float | None, middle: float | None, high: float | None, colour: str
    ) -> list[str]:
        """Where nine in ten lie, with the median; an arrow where that reaches never."""
        a, b = self.x(low), self.x(high)
        parts = [
            f'<path d="M{a:.1f},{y:.1f}H{b:.1f}" stroke="{colour}" stroke-width="5" stroke-opacity="0.4"/>'
        ]
        if high is None:
            parts.append(
                f'<path d="M{b:.1f},{y - 5:.1f}l7,5l-7,5z" fill="{colour}" fill-opacity="0.6"/>'
            )
        if middle is not None:
            parts.append(
                f'<circle cx="{self.x(middle):.1f}" cy="{y:.1f}" r="4.2" fill="{colour}"/>'
            )
        return parts


def share_bar(x: float, y: float, width: float, low: float, value: float, high: float) -> list[str]:
    """A share of one as a bar with its interval."""
    return [
        box(x, y - 5, width, 10, "#f0f2f4"),
        box(x, y - 5, width * value, 10, BLUE, 'fill-opacity="0.75"'),
        f'<path d="M{x + width * low:.1f},{y:.1f}H{x + width * high:.1f}" stroke="{INK}" stroke-width="1.6"/>',
    ]
