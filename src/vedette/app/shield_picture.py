"""Maps of a shield as SVG: who sees what at each height, and how soon somebody can be there to look."""

from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
import shapely

from vedette.airspace.basemap import border_lines, land
from vedette.airspace.picture import HEIGHT, WIDTH, Frame
from vedette.council.shield.coverage import joined, layer, reaction, soonest_s
from vedette.council.shield.survey import Survey
from vedette.model.probability import percent

_HEAD: Final = 58
_PANEL: Final = 590  # of the map's height that a panel shows
_INK, _GREY = "#1b1f24", "#5b6570"
# light to dark: told apart without colour too; the gap is hatched
_SEEN: Final = (("seen by none", "url(#gap)"), ("by one", "#a9c9e8"), ("by two or more", "#3f7fb8"))
_BANDS_MIN: Final = (10, 15, 20, 25, 30, 45, 60)
_BAND_FILL: Final = ("#0b4a3b", "#17694f", "#2f8a67", "#5fae8a", "#98cdb1", "#cbe5d3", "#ebf5ee")
_LATER: Final = "url(#gap)"
_STYLE: Final = (
    "text{font:13px 'DejaVu Sans',Verdana,sans-serif;fill:#1b1f24}"
    ".h{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"
    ".s{font-size:12px;fill:#5b6570}.t{font-size:19px;font-weight:bold}.p{font-size:15px;font-weight:bold}"
)
_HATCH: Final = (
    '<defs><pattern id="gap" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="8" height="8" fill="#fff7e0"/><line x1="0" y1="0" x2="0" y2="8" stroke="#b97a00" '
    'stroke-width="2.4"/></pattern></defs>'
)


def shield_svg(surveyed: Survey, heights_m: Sequence[float], standing: str) -> str:
    """An SVG document: one map for each height, and one of the time until an aircraft on alert is there.

    Args:
        surveyed: the shield.
        heights_m: above mean sea level.
        standing: how it stands, in words: "a proposal", "in force until …".
    """
    frame = Frame(shapely.get_coordinates(_shown(surveyed)))
    panels = [_coverage(surveyed, frame, height) for height in heights_m]
    panels.append(_reaction(surveyed, frame))
    columns = 1 if len(panels) == 1 else 2
    rows = -(-len(panels) // columns)
    width, height = columns * WIDTH, _HEAD + rows * (_PANEL + 70) + 30
    proposal = surveyed.proposal
    earth = (
        "terrain given"
        if surveyed.with_terrain
        else "no terrain: smooth Earth, coverage is at its best"
    )
    line = (
        f"{standing}. Heights above mean sea level; 4/3 Earth, {earth}; "
        f"cells of {surveyed.cells.side_km:.1f} km"
    )
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" aria-label="{escape(proposal.title, quote=True)}">',
        f"<style>{_STYLE}</style>{_HATCH}",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text class="t" x="18" y="28">{escape(proposal.title)}</text>',
        f'<text class="s" x="18" y="48">{escape(line)}</text>',
    ]
    for k, panel in enumerate(panels):
        x, y = (k % columns) * WIDTH, _HEAD + (k // columns) * (_PANEL + 70)
        out.append(f'<g transform="translate({x},{y})">{panel}</g>')
    out.append(
        f'<text class="s" x="18" y="{height - 10}">Base map: Natural Earth; for eyes, not for decisions.'
        "</text></svg>"
    )
    return "\n".join(out) + "\n"


def _shown(surveyed: Survey) -> Any:
    """What the map is about: the outline and what is given near it."""
    return shapely.union_all([surveyed.outline, *(_point(s) for s in _given(surveyed))])


def _given(surveyed: Survey) -> list[Any]:
    near = shapely.buffer(surveyed.outline, 2.0)
    things: list[Any] = [s for _, s in surveyed.sensors] + [a for _, a in surveyed.alerts]
    return [thing for thing in things if shapely.intersects(near, _point(thing))]


def _point(thing: Any) -> Any:
    return shapely.Point(thing.longitude_deg, thing.latitude_deg)


def _coverage(surveyed: Survey, frame: Frame, height_m: float) -> str:
    counts, air = surveyed.counts(height_m), surveyed.air(height_m)
    figures = layer(surveyed, height_m)
    classes = [counts < 1.0, (counts >= 1.0) & (counts < 2.0), counts >= 2.0]
    areas = [
        _area(frame, joined(surveyed, which & air), fill)
        for which, (_, fill) in zip(classes, _SEEN, strict=True)
    ]
    title = f"Seen at {height_m:,.0f} m" + ("" if figures.in_volume else " (outside the volume)")
    words = (
        f"{percent(figures.one, 1)} by one or more, {percent(figures.two, 1)} by two or more, "
        f"{percent(figures.silent, 1)} without an answer of the object; {figures.gap_km2:,.0f} km² by none"
    )
    marks = [_mark(frame, s, f"{state} {s.name}", "sensor") for state, s in surveyed.sensors]
    return _panel(surveyed, frame, title, words, areas, marks, list(_SEEN))


def _reaction(surveyed: Survey, frame: Frame) -> str:
    times, figures = soonest_s(surveyed) / 60.0, reaction(surveyed)
    areas, low = [], 0.0
    legend = []
    for limit, fill in zip((*_BANDS_MIN, np.inf), (*_BAND_FILL, _LATER), strict=True):
        which = (times > low) & (times <= limit)
        areas.append(_area(frame, joined(surveyed, which), fill))
        if which.any():
            legend.append(
                (f"≤ {limit} min" if np.isfinite(limit) else f"later than {low:.0f} min", fill)
            )
        low = limit
    if figures.median_s is None or figures.longest_s is None:
        words = "nobody is on alert"
    else:
        words = (
            f"from the order: half of it within {figures.median_s / 60:.0f} min, "
            f"all within {figures.longest_s / 60:.0f} min"
        )
    marks = [
        _mark(frame, a, f"{state} {a.base}, ready in {a.readiness_s / 60:.0f} min", "base")
        for state, a in surveyed.alerts
    ]
    return _panel(surveyed, frame, "Until somebody is there to look", words, areas, marks, legend)


def _panel(
    surveyed: Survey, frame: Frame, title: str, words: str, areas: Sequence[str],
    marks: Sequence[str], legend: Sequence[tuple[str, str]],
) -> str:  # fmt: skip
    cut = (HEIGHT - 44 - _PANEL) / 2.0
    keys, x = [], 18.0
    for name, fill in legend:
        keys.append(
            f'<rect x="{x:.0f}" y="{_PANEL + 38}" width="22" height="14" fill="{fill}" stroke="{_GREY}" '
            f'stroke-width="0.6"/><text x="{x + 28:.0f}" y="{_PANEL + 50}">{escape(name)}</text>'
        )
        x += 46.0 + 8.2 * len(name)
    return (
        f'<text class="p" x="18" y="15">{escape(title)}</text>'
        f'<text class="s" x="18" y="31">{escape(words)}</text>'
        f'<svg x="12" y="38" width="{WIDTH - 24}" height="{_PANEL - 10}" '
        f'viewBox="12 {cut:.0f} {WIDTH - 24} {_PANEL - 10}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#e9f0f5"/>'
        f'<path d="{frame.path(land())}" fill="#fbfaf6" stroke="#b9c2ca" stroke-width="0.7"/>'
        + "".join(areas)
        + f'<path d="{frame.lines(border_lines())}" fill="none" stroke="#3d4650" stroke-width="1" '
        'stroke-dasharray="4 3"/>'
        f'<path d="{frame.path(surveyed.outline)}" fill="none" stroke="{_INK}" stroke-width="1.6"/>'
        + "".join(marks)
        + f"</svg>{''.join(keys)}"
    )


def _area(frame: Frame, shape: Any, fill: str) -> str:
    path = frame.path(shape)
    return f'<path d="{path}" fill="{fill}" fill-rule="evenodd" stroke="none"/>' if path else ""


def _mark(frame: Frame, thing: Any, words: str, kind: str) -> str:
    x, y = frame.spot(thing.latitude_deg, thing.longitude_deg)
    if not (12.0 <= x <= WIDTH - 12.0 and 0.0 <= y <= HEIGHT):
        return ""
    sign = (
        f'<path d="M{x:.1f} {y - 7:.1f}l6.5 11.5h-13z" fill="{_INK}" stroke="#fff"/>'
        if kind == "sensor"
        else f'<rect x="{x - 5:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{_INK}" stroke="#fff"/>'
    )
    # the name stands on the side that has room
    room, anchor = (10, "start") if x < WIDTH - 220 else (-10, "end")
    return sign + (
        f'<text class="h" x="{x + room:.1f}" y="{y + 4:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
    )
