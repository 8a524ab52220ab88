"""Draw ``docs/pictures/reliability.svg``: what was stated against what came, on recorded traffic.

    VEDETTE_RECORDINGS=FOLDER python tools/draw_reliability.py [--share 4]

The picture holds shares and counts, none of the recordings' data.
"""

import argparse
import sys
from pathlib import Path

from vedette.bench.entries import BINS, Reliability
from vedette.bench.recordings import folder
from vedette.bench.watch_prediction import SCORED_ON, scored_recordings

TARGET = Path(__file__).parent.parent / "docs/pictures/reliability.svg"
SIZE, LEFT, TOP = 150.0, 46.0, 44.0
PITCH = SIZE + 34.0


def panel(one: Reliability, at: int) -> list[str]:
    """One horizon: the diagonal, a circle a tenth (its area by the count), bars for three standard errors."""
    x0, y0 = LEFT + at * PITCH, TOP
    parts = [
        f'<rect x="{x0}" y="{y0}" width="{SIZE}" height="{SIZE}" fill="none" stroke="#8a939c"/>',
        f'<path d="M{x0} {y0 + SIZE}L{x0 + SIZE} {y0}" stroke="#8a939c" stroke-dasharray="3 3"/>',
        f'<text x="{x0}" y="{y0 - 8}" font-size="11">within {one.horizon_s / 60:g} min, '
        f"error {one.error:.3f}</text>",
    ]
    most = max(int(one.pairs.max()), 1)
    for k in range(BINS):
        count = int(one.pairs[k])
        if count == 0:
            continue
        p, y = float(one.stated[k]), float(one.observed[k])
        x, v = x0 + SIZE * p, y0 + SIZE * (1.0 - y)
        bar = 3.0 * (max(y * (1 - y), 0.25 / count) / count) ** 0.5
        top, low = max(0.0, 1.0 - y - bar), min(1.0, 1.0 - y + bar)
        radius = 2.0 + 5.0 * (count / most) ** 0.5
        parts += [
            f'<path d="M{x:.1f} {y0 + SIZE * top:.1f}V{y0 + SIZE * low:.1f}" stroke="#7a1fa2" opacity="0.5"/>',
            f'<circle cx="{x:.1f}" cy="{v:.1f}" r="{radius:.1f}" fill="#7a1fa2" fill-opacity="0.75">'
            f"<title>stated {p:.2f}, came {y:.2f}, {count} pairs</title></circle>",
        ]
    for k, words in ((0.0, "0"), (0.5, "0.5"), (1.0, "1")):
        parts.append(
            f'<text x="{x0 + SIZE * k:.0f}" y="{y0 + SIZE + 14}" font-size="9" text-anchor="middle">{words}</text>'
        )
        if at == 0:
            y = y0 + SIZE * (1 - k) + 3
            parts.append(
                f'<text x="{x0 - 5}" y="{y:.0f}" font-size="9" text-anchor="end">{words}</text>'
            )
    return parts


def draw(scored: list[Reliability], hours: float) -> str:
    """The picture."""
    width, height = LEFT + len(scored) * PITCH, TOP + SIZE + 52.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" font-family="B612, DejaVu Sans, sans-serif" fill="#1b1f24" '
        'role="img" aria-labelledby="t">',
        '<title id="t">Stated probability of entry against the share that entered, by tenths</title>',
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        '<text x="46" y="16" font-size="12" font-weight="bold">Share that entered (up) against stated '
        "probability (right)</text>",
    ]
    for at, one in enumerate(scored):
        parts += panel(one, at)
    parts.append(
        f'<text x="46" y="{height - 12:.0f}" font-size="9" fill="#5b6570">{hours:.0f} flight hours of '
        f"{' and '.join(SCORED_ON)}; fitted to other recordings; bars: three standard errors; area: pairs</text>"
    )
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    """Score and draw."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--share", type=int, default=2, help="look at one flight in so many")
    parser.add_argument("--out", type=Path, default=TARGET)
    asked = parser.parse_args()
    place = folder()
    if place is None:
        sys.exit("VEDETTE_RECORDINGS names no folder of recordings")
    _, scored, hours = scored_recordings(place, share=asked.share)
    asked.out.write_text(draw(scored, hours), encoding="utf-8")


if __name__ == "__main__":
    main()
