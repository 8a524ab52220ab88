"""The readiness map as SVG: one map of Europe and one of the rest of the edge for each posture."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import shapely

from vedette.airspace.basemap import border_lines, land
from vedette.airspace.edges import EARTH_M
from vedette.airspace.picture import HEIGHT, WIDTH, Frame
from vedette.app.chart import FAINT, INK, document, text, wrapped
from vedette.app.study_words import CAVEAT, EDGE_ASSUMED, race_words
from vedette.model.probability import percent
from vedette.sim.study.base import shipped_bases
from vedette.sim.study.edge import POSTURES, EdgeAnswer, EdgeIntruder, by_state
from vedette.sim.study.study import StepName

# orange to violet by way of pale: told apart by those who see no green or red, and by lightness at both ends
_BANDS: Final = (
    (0.05, "#7f3b08"), (0.2, "#c9680d"), (0.4, "#f2a94f"), (0.6, "#fde3bf"), (0.8, "#b2abd2"),
    (0.95, "#6a51a3"), (1.01, "#2d004b"),
)  # fmt: skip
_EUROPE: Final = np.array(
    [
        [-8.0, 38.5],
        [-6.0, 58.0],
        [14.0, 68.5],
        [30.0, 68.5],
        [38.0, 41.0],
        [32.0, 37.0],
        [5.0, 38.0],
    ]
)
_AMERICA: Final = np.array(
    [(-165.0, 55.0), (-150.0, 70.0), (-90.0, 80.0), (-35.0, 80.0), (-20.0, 70.0), (-55.0, 47.0),
     (-80.0, 26.0), (-97.0, 26.0), (-120.0, 33.0)]
)  # fmt: skip
_INSET: Final = 285.0  # pixels wide
_COARSE: Final = 1.5  # pixels that a coast may be off
_MARKS: Final = ("●", "○", "▲", "◆", "■")  # of the postures, in their order
_WEST, _EAST = -25.0, 46.0
_SHOWN: Final = 700.0  # of the frame's height
_FOOT: Final = 44.0


def edge_svg(
    answers: Sequence[EdgeAnswer],
    kind: EdgeIntruder,
    goal: StepName,
    drawn: tuple[int, int],
    *,
    doubts: bool = False,
) -> str:
    """Maps of Europe, one for each posture, with America and Greenland as an inset.

    ``drawn``: number of worlds at each place, and the seed.
    """
    near = [a for a in answers if _near(a)]
    far = [a for a in answers if not _near(a)]
    frame = Frame(_EUROPE if near else _about(answers))
    inset = Frame(_AMERICA) if near and far else None
    postures = list(answers[0].in_time) if answers else []
    columns = min(2, max(len(postures), 1))
    rows = -(-len(postures) // columns)
    width, head = columns * float(WIDTH), 86.0
    panel = HEIGHT - _FOOT + 74.0
    worlds, seed = drawn
    head_words = (
        f"{kind.text}, {race_words(kind, doubts=doubts)}; {len(answers)} places, {worlds} worlds each, "
        f"seed {seed}. {kind.source}."
    )
    parts = [
        text(24, 36, f"Readiness along the alliance's edge: {goal} in time", "t"),
        text(24, 58, head_words, "g"),
    ]
    parts.append(_ground(frame, "ground", 1.0))
    if inset is not None:
        parts.append(_ground(inset, "far", _INSET / WIDTH))
    high = HEIGHT - _FOOT
    for k, posture in enumerate(postures):
        x, y = (k % columns) * WIDTH, head + (k // columns) * panel + 30.0
        parts += _view(
            frame, "ground", (x, y, float(WIDTH)), answers if inset is None else near, posture
        )
        if inset is not None:
            parts += _view(inset, "far", (x + WIDTH - _INSET, y, _INSET), far, posture)
        parts.append(text(x + 12, y - 10, POSTURES[posture], "p"))
        words = [
            f"mean over {where} {percent(float(np.mean([a.in_time[posture].value for a in part])), 1)}"
            for where, part in (("Europe's places", near), ("those beyond (inset)", far))
            if part
        ]
        parts.append(text(x + 12, y + high + 18, "; ".join(words), "s g"))
    if len(postures) % columns:
        parts += _states(answers, WIDTH + 24.0, head + (rows - 1) * panel + 30.0)
    y = head + rows * panel + 8
    parts += _key(y)
    notes = f"alike everywhere: {', '.join(EDGE_ASSUMED)}"
    for line in wrapped(f"Assumed: {notes}. {CAVEAT} Base map: Natural Earth. Sovereign airspace: © OpenStreetMap "
                        "contributors, ODbL.", width - 48):  # fmt: skip
        y += 16
        parts.append(text(24, y + 28, line, "s g"))
    return document(width, y + 44, "Readiness map", parts)


def _ground(frame: Frame, name: str, shrunk: float) -> str:
    """Land and borders of a frame, drawn once and used by its name, no finer than can be seen."""
    degrees = _COARSE * frame.scale / shrunk / (EARTH_M * np.radians(1.0))
    coast, lines = (shapely.simplify(shape, degrees) for shape in (land(), border_lines()))
    return (
        f'<defs><g id="{name}">'
        f'<path d="{frame.path(coast)}" fill="#fbfaf6" stroke="#c3cad1" stroke-width="0.6"/>'
        f'<path d="{frame.lines(lines)}" fill="none" stroke="#b6bfc7" stroke-width="0.6"/></g></defs>'
    )


def _view(
    frame: Frame,
    ground: str,
    place: tuple[float, float, float],
    answers: Sequence[EdgeAnswer],
    posture: str,
) -> list[str]:
    """One map at a place (x, y) of the picture, so many pixels wide."""
    x, y, width = place
    high = HEIGHT - _FOOT
    shrunk = width / WIDTH
    size = f'x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{high * shrunk:.0f}"'
    return [
        f'<svg {size} viewBox="0 0 {WIDTH} {high}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#e9f0f5"/><use href="#{ground}"/>',
        *_bases(frame, 1.0 / shrunk**0.45),
        *_places(frame, answers, posture, 1.0 / shrunk**0.45),
        "</svg>",
        f'<rect {size} fill="none" stroke="{FAINT if shrunk == 1.0 else INK}" stroke-width="0.8"/>',
    ]


def _states(answers: Sequence[EdgeAnswer], left: float, top: float) -> list[str]:
    """Each member's mean in each posture, in the panel that is left."""
    rows = by_state(answers)
    step = min(20.0, (HEIGHT - _FOOT - 60.0) / max(len(rows), 1))
    x0, x1 = left + 50.0, left + WIDTH - 220.0
    marks = [f"{mark} {posture}" for mark, posture in zip(_MARKS, rows[0].in_time, strict=False)]
    parts = [text(left, top + 24, f"Mean over each member's places ({', '.join(marks)})", "p")]
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = x0 + tick * (x1 - x0)
        parts.append(f'<path d="M{x:.1f},{top + 40:.1f}v{step * len(rows):.1f}" stroke="{FAINT}"/>')
        parts.append(text(x, top + 54 + step * len(rows), f"{100 * tick:.0f} %", "s g", "middle"))
    for k, row in enumerate(rows):
        y = top + 40 + step * (k + 0.6)
        parts.append(text(left, y + 4, row.state, "s"))
        parts.append(text(x1 + 60, y + 4, f"{row.places} places", "s g"))
        for mark, share in zip(_MARKS, row.in_time.values(), strict=False):
            x = x0 + share * (x1 - x0)
            parts.append(text(x, y + 4, mark, "s h", "middle"))
    return parts


def _near(answer: EdgeAnswer) -> bool:
    return _WEST <= answer.longitude_deg <= _EAST and answer.latitude_deg < 75.0


def _about(answers: Sequence[EdgeAnswer]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    places = np.array([[a.longitude_deg, a.latitude_deg] for a in answers])
    return np.vstack((places - 1.0, places + 1.0))


def colour(share: float) -> str:
    """The colour of a share."""
    return next(name for limit, name in _BANDS if share < limit)


def _places(frame: Frame, answers: Sequence[EdgeAnswer], posture: str, size: float) -> list[str]:
    parts = ['<g stroke="#fff" stroke-width="0.9">']
    for answer in answers:
        x, y = frame.spot(answer.latitude_deg, answer.longitude_deg)
        if 0 < x < WIDTH and 0 < y < HEIGHT:
            fill = colour(answer.in_time[posture].value)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5.2 * size:.1f}" fill="{fill}"/>')
    return [*parts, "</g>"]


def _bases(frame: Frame, size: float) -> list[str]:
    parts = []
    for base in shipped_bases().values():
        x, y = frame.spot(base.latitude_deg, base.longitude_deg)
        if 0 < x < WIDTH and 0 < y < HEIGHT:
            half = 4.5 * size
            parts.append(
                f'<path d="M{x:.1f},{y - half:.1f}l{half:.1f},{1.8 * half:.1f}h{-2 * half:.1f}z" fill="#fff" '
                f'stroke="{INK}"/>'
            )
    return parts


def _key(y: float) -> list[str]:
    parts, x, low = [text(24, y + 12, "in time:", "s")], 84.0, 0.0
    for limit, name in _BANDS:
        words = f"{100 * low:.0f}–{100 * min(limit, 1.0):.0f} %"
        parts.append(f'<circle cx="{x:.1f}" cy="{y + 8:.1f}" r="6" fill="{name}"/>')
        parts.append(text(x + 11, y + 12, words, "s"))
        x += 86
        low = limit
    parts.append(f'<path d="M{x:.1f},{y + 3:.1f}l4.5,8h-9z" fill="#fff" stroke="{INK}"/>')
    parts.append(text(x + 11, y + 12, "airfield that is taken to keep aircraft ready", "s"))
    return parts
