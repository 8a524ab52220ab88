"""The evidence figure of an incident as SVG: map, distance to the border over time, who measured what."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final, NamedTuple

import numpy as np
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.engine.measurements import Measured
from vedette.model.columns import Floats
from vedette.model.incident import Crossing, Incident
from vedette.model.time import SECOND_NS, format_utc
from vedette.watch.evidence import Evidence, band_m

WIDTH: Final = 960.0
_LEFT, _RIGHT = 74.0, 20.0
_MAP: Final = 400.0
_CHART: Final = 230.0
_LANE: Final = 18.0
_INK, _GREY, _FAINT = "#1b1f24", "#5b6570", "#d5dadf"
_TRACK: Final = "#7a1fa2"  # one hue for the object; zones are told apart by their labels and dashes
_FILL: Final = ("#dce8f5", "#e6efd9", "#f6ead4", "#eadff0", "#dcefee")
_DASH: Final = ("", "7 3", "2 3", "9 3 2 3", "12 4")


class Figure(NamedTuple):
    """What the figure shows."""

    incident: Incident
    title: str
    label: str | None  # "RECONSTRUCTION from published facts"
    source: str  # where the figures come from: ledger head
    evidence: Sequence[Evidence]
    measured: Sequence[Measured]
    zones: ZoneIndex


class _Plane:
    """Degrees to the map's pixels: an equirectangular view about the middle of the path."""

    def __init__(self, latitude: Floats, longitude: Floats, top: float) -> None:
        self.middle_lat = 0.5 * float(latitude.min() + latitude.max())
        self.middle_lon = 0.5 * float(longitude.min() + longitude.max())
        self.top = top
        self.cosine = math.cos(math.radians(self.middle_lat))
        wide = max(float(np.ptp(longitude)) * self.cosine, 1e-3)
        high = max(float(np.ptp(latitude)), 1e-3)
        # room around the path for what it crossed: a third to each side, 8 km at least
        wide, high = max(1.5 * wide, 0.15), max(1.5 * high, 0.15)
        self.width = WIDTH - _LEFT - _RIGHT
        self.scale = min(self.width / wide, _MAP / high)

    def xy(self, latitude: Floats, longitude: Floats) -> tuple[Floats, Floats]:
        """Pixels of places."""
        x = _LEFT + 0.5 * self.width + (longitude - self.middle_lon) * self.cosine * self.scale
        y = self.top + 0.5 * _MAP - (latitude - self.middle_lat) * self.scale
        return x, y

    def window(self) -> tuple[float, float, float, float]:
        """West, south, east, north of the map [degrees]."""
        half_w, half_h = 0.5 * self.width / self.scale / self.cosine, 0.5 * _MAP / self.scale
        return (
            self.middle_lon - half_w,
            self.middle_lat - half_h,
            self.middle_lon + half_w,
            self.middle_lat + half_h,
        )


def _line(x: Floats, y: Floats) -> str:
    # half a pixel is enough, and a smoothed path has a point a second
    keep = [0]
    for k in range(1, len(x)):
        if math.hypot(x[k] - x[keep[-1]], y[k] - y[keep[-1]]) >= 0.5 or k == len(x) - 1:
            keep.append(k)
    return "M" + "L".join(f"{x[k]:.1f} {y[k]:.1f}" for k in keep)


def _text(x: float, y: float, words: str, *, size: int = 12, **attributes: str) -> str:
    more = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in attributes.items())
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}"{more}>{escape(words)}</text>'


def draw(figure: Figure) -> str:
    """The figure. Numbers in it are rounded for the eye; ``incident show --json`` has them all."""
    crossings = [c for c in figure.incident.crossings if not c.predicted]
    zone_ids = list(dict.fromkeys(c.zone_id for c in crossings))
    paths = [one.path for one in figure.evidence]
    begin_ns = min(int(p.times_ns[0]) for p in paths)
    end_ns = max(int(p.times_ns[-1]) for p in paths)
    top = 74.0
    chart_top = top + _MAP + 46.0
    lanes_top = chart_top + _CHART + 44.0
    height = lanes_top + _LANE * max(len(figure.measured), 1) + 66.0
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0f} {height:.0f}" '
        f'width="{WIDTH:.0f}" height="{height:.0f}" font-family="B612, DejaVu Sans, sans-serif" '
        f'fill="{_INK}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(figure.title)}</title>',
        f'<desc id="d">{escape(_words(crossings))}</desc>',
        f'<rect width="{WIDTH:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        _text(_LEFT, 28, figure.title, size=17, font_weight="bold"),
        _text(_LEFT, 46, _words(crossings), size=11, fill=_GREY),
    ]
    if figure.label:
        parts.append(_text(_LEFT, 62, figure.label, size=11, fill="#a33a00", font_weight="bold"))
    parts += _map(figure, crossings, zone_ids, top)
    parts += _chart(figure, crossings, zone_ids, chart_top, begin_ns, end_ns)
    parts += _lanes(figure, lanes_top, begin_ns, end_ns)
    parts.append(_text(_LEFT, height - 14, figure.source, size=9, fill=_GREY))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _words(crossings: Sequence[Crossing]) -> str:
    said = []
    day = "".join(f"{format_utc(c.entered.estimate_ns)[:10]}, " for c in crossings[:1])
    if len(crossings) > 1:  # one line holds no more than the seconds of each
        each = [f"{c.state or c.zone_id} {c.inside_s.estimate:.0f} s" for c in crossings[:10]]
        more = len(crossings) - len(each)
        return f"{day}inside: " + ", ".join(each) + (f", {more} more" if more > 0 else "")
    for crossing in crossings:
        seconds, depth = crossing.inside_s, crossing.depth_m
        said.append(
            f"{crossing.state or crossing.zone_id}: in {format_utc(crossing.entered.estimate_ns)[11:19]}Z, "
            f"{seconds.estimate:.0f} s inside [{seconds.low:.0f} to {seconds.high:.0f}], "
            f"{depth.estimate / 1000:.1f} km deep [{depth.low / 1000:.1f} to {depth.high / 1000:.1f}]"
        )
    return day + "; ".join(said)


# -- map --------------------------------------------------------------------------------------------


def _map(
    figure: Figure, crossings: Sequence[Crossing], zone_ids: list[str], top: float
) -> list[str]:
    latitude = np.concatenate([one.path.state[:, 0] for one in figure.evidence])
    longitude = np.concatenate([one.path.state[:, 1] for one in figure.evidence])
    plane = _Plane(latitude, longitude, top)
    parts = [
        f'<clipPath id="m"><rect x="{_LEFT}" y="{top}" width="{plane.width}" height="{_MAP}"/></clipPath>',
        '<g clip-path="url(#m)">',
        f'<rect x="{_LEFT}" y="{top}" width="{plane.width}" height="{_MAP}" fill="#fbfcfd"/>',
    ]
    labels: list[str] = []
    window = shapely.box(*plane.window())
    for row, zone in enumerate(figure.zones.zones):
        crossed = zone.zone_id in zone_ids
        if not crossed and zone.kind not in ("sovereign", "disputed"):
            continue
        shape = shapely.clip_by_rect(figure.zones.geometries[row], *window.bounds)
        if shape.is_empty:
            continue
        index = zone_ids.index(zone.zone_id) if crossed else -1
        fill = _FILL[index % len(_FILL)] if crossed else "none"
        dash = ' stroke-dasharray="3 3"' if zone.kind == "disputed" else ""
        parts.append(
            f'<path d="{_rings(plane, shape)}" fill="{fill}" fill-rule="evenodd" stroke="{_GREY}" '
            f'stroke-width="{1.4 if crossed else 0.7}"{dash}/>'
        )
        spot = shape.representative_point()
        x, y = plane.xy(np.array([spot.y]), np.array([spot.x]))
        labels.append(
            _text(
                float(x[0]), float(y[0]), zone.state or zone.name, size=13 if crossed else 11,
                fill=_GREY, text_anchor="middle", font_weight="bold" if crossed else "normal",
            )
        )  # fmt: skip
    for one in figure.measured:
        x, y = plane.xy(one.latitude_deg, one.longitude_deg)
        parts += [
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="1.6" fill="none" stroke="{_GREY}" stroke-width="0.6"/>'
            for a, b in zip(x[:2_000], y[:2_000], strict=True)
        ]
    for evidence in figure.evidence:
        parts += _trail(plane, evidence)
    parts += labels
    parts += _marks(plane, figure, crossings)
    parts.append("</g>")
    parts += _frame(plane, top)
    return parts


def _rings(plane: _Plane, shape: Any) -> str:
    drawn = []
    for polygon in shapely.get_parts(shape):
        if polygon.geom_type != "Polygon":
            continue
        for ring in (polygon.exterior, *polygon.interiors):
            points = shapely.get_coordinates(ring)
            x, y = plane.xy(points[:, 1], points[:, 0])
            drawn.append(_line(x, y) + "Z")
    return "".join(drawn)


def _trail(plane: _Plane, evidence: Evidence) -> list[str]:
    """The smoothed path with its 95 % band across the course."""
    path = evidence.path
    latitude, longitude = path.state[:, 0], path.state[:, 1]
    speed = np.maximum(np.hypot(path.state[:, 2], path.state[:, 3]), 1e-6)
    right_e, right_n = path.state[:, 3] / speed, -path.state[:, 2] / speed
    p = path.covariance
    across = np.sqrt(
        np.maximum(
            right_e**2 * p[:, 0, 0] + 2 * right_e * right_n * p[:, 0, 1] + right_n**2 * p[:, 1, 1],
            0.0,
        )
    )
    sides = []
    for sign in (1.0, -1.0):
        north = np.degrees(sign * 1.96 * across * right_n / 6_371_008.8)
        east = np.degrees(sign * 1.96 * across * right_e / 6_371_008.8) / plane.cosine
        sides.append(plane.xy(latitude + north, longitude + east))
    x = np.concatenate((sides[0][0], sides[1][0][::-1]))
    y = np.concatenate((sides[0][1], sides[1][1][::-1]))
    middle_x, middle_y = plane.xy(latitude, longitude)
    at = len(middle_x) // 2
    angle = math.degrees(math.atan2(path.state[at, 2], path.state[at, 3]))
    return [
        f'<path d="{_line(x, y)}Z" fill="{_TRACK}" fill-opacity="0.22"/>',
        f'<path d="{_line(middle_x, middle_y)}" fill="none" stroke="{_TRACK}" stroke-width="1.8"/>',
        f'<path d="M0 -7L5 6L0 3L-5 6Z" fill="{_TRACK}" '
        f'transform="translate({middle_x[at]:.1f} {middle_y[at]:.1f}) rotate({angle:.0f})"/>',
    ]


def _marks(plane: _Plane, figure: Figure, crossings: Sequence[Crossing]) -> list[str]:
    parts = []
    labelled: list[tuple[float, float]] = []
    for crossing in crossings:
        for moment, word in ((crossing.entered, "in"), (crossing.left, "out")):
            if moment is None:
                continue
            place = _place_at(figure.evidence, moment.estimate_ns)
            if place is None:
                continue
            x, y = plane.xy(np.array([place[0]]), np.array([place[1]]))
            parts.append(
                f'<circle cx="{x[0]:.1f}" cy="{y[0]:.1f}" r="4" fill="#ffffff" '
                f'stroke="{_TRACK}" stroke-width="2"/>'
            )
            spot = float(x[0]), float(y[0])
            if any(abs(spot[0] - a) < 70.0 and abs(spot[1] - b) < 12.0 for a, b in labelled):
                continue  # leaving one state is entering the next: one label says both
            labelled.append(spot)
            parts.append(
                _text(
                    float(x[0]) + 8,
                    float(y[0]) - 6,
                    f"{word} {format_utc(moment.estimate_ns)[11:19]}Z",
                    size=10,
                    stroke="#ffffff",
                    stroke_width="3",
                    paint_order="stroke",
                )
            )
    return parts


def _place_at(evidence: Sequence[Evidence], at_ns: int) -> tuple[float, float] | None:
    for one in evidence:
        times = one.path.times_ns
        if times[0] <= at_ns <= times[-1]:
            at = float(at_ns - times[0])
            along = (times - times[0]).astype(np.float64)
            return (
                float(np.interp(at, along, one.path.state[:, 0])),
                float(np.interp(at, along, one.path.state[:, 1])),
            )
    return None


def _frame(plane: _Plane, top: float) -> list[str]:
    """Border of the map, a scale bar and north."""
    bottom = top + _MAP
    km_px = plane.scale / 111.195
    length_km = _round(130.0 / km_px)
    parts = [
        f'<rect x="{_LEFT}" y="{top}" width="{plane.width}" height="{_MAP}" fill="none" stroke="{_GREY}"/>',
        f'<path d="M{_LEFT + 12} {bottom - 12}h{length_km * km_px:.1f}" stroke="{_INK}" stroke-width="2"/>',
        _text(_LEFT + 12, bottom - 18, f"{length_km:g} km", size=10),
        f'<path d="M{WIDTH - _RIGHT - 16} {top + 30}v-16l-4 6m4 -6l4 6" fill="none" stroke="{_INK}"/>',
        _text(WIDTH - _RIGHT - 20, top + 42, "N", size=10),
    ]
    west, south, east, north = plane.window()
    for value, low, high in ((west, "W", "E"), (east, "W", "E")):
        x = _LEFT if value == west else WIDTH - _RIGHT
        words = f"{abs(value):.2f}° {high if value >= 0 else low}"
        anchor = "start" if value == west else "end"
        parts.append(_text(x, bottom + 13, words, size=9, fill=_GREY, text_anchor=anchor))
    for value, y in ((south, bottom), (north, top + 9)):
        words = f"{abs(value):.2f}° {'N' if value >= 0 else 'S'}"
        parts.append(_text(_LEFT - 5, y, words, size=9, fill=_GREY, text_anchor="end"))
    return parts


def _round(value: float) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is not above a value."""
    power = 10.0 ** math.floor(math.log10(max(value, 1e-9)))
    return next(k * power for k in (5.0, 2.0, 1.0) if k * power <= value)


# -- distance over time -----------------------------------------------------------------------------


def _chart(
    figure: Figure,
    crossings: Sequence[Crossing],
    zone_ids: list[str],
    top: float,
    begin_ns: int,
    end_ns: int,
) -> list[str]:
    width = WIDTH - _LEFT - _RIGHT
    span_s = max((end_ns - begin_ns) / SECOND_NS, 1.0)
    bands = {
        (one.track_id, zone_id): band_m(at)
        for one in figure.evidence
        for zone_id, at in one.profiles.items()
        if zone_id in zone_ids
    }
    deepest = max((float(high.max()) for _, high in bands.values()), default=1.0)
    # of the approach as much is shown as of the depth: hundreds of kilometres outside tell nothing
    outside = min(
        max((-float(low.min()) for low, _ in bands.values()), default=1.0),
        max(1.2 * deepest, 3_000.0),
    )
    high_m, low_m = 1.08 * max(deepest, 100.0), -1.05 * max(outside, 100.0)

    def x_of(times_ns: Any) -> Any:
        return _LEFT + width * (np.asarray(times_ns) - begin_ns) / SECOND_NS / span_s

    def y_of(metres: Any) -> Any:
        return top + _CHART * (high_m - np.asarray(metres)) / (high_m - low_m)

    zero = float(y_of(0.0))
    parts = [
        _text(_LEFT, top - 8, "Distance to the border of each zone, with its 95 % band (inside is up)", size=12),
        f'<clipPath id="c"><rect x="{_LEFT}" y="{top}" width="{width}" height="{_CHART}"/></clipPath>',
        f'<rect x="{_LEFT}" y="{top}" width="{width}" height="{zero - top:.1f}" fill="#f7f2fa"/>',
    ]  # fmt: skip
    step = _round((high_m - low_m) / 5.0)
    for k in range(math.ceil(low_m / step), math.floor(high_m / step) + 1):
        y = float(y_of(k * step))
        parts.append(
            f'<path d="M{_LEFT} {y:.1f}h{width}" stroke="{_INK if k == 0 else _FAINT}" '
            f'stroke-width="{1.2 if k == 0 else 0.7}"/>'
        )
        parts.append(
            _text(_LEFT - 6, y + 3.5, f"{k * step / 1000:g} km", size=9, text_anchor="end")
        )
    parts.append('<g clip-path="url(#c)">')
    for one in figure.evidence:
        for zone_id, at in one.profiles.items():
            if (one.track_id, zone_id) not in bands:
                continue
            low, high = bands[(one.track_id, zone_id)]
            x = x_of(one.path.times_ns)
            band = _line(
                np.concatenate((x, x[::-1])), np.concatenate((y_of(high), y_of(low)[::-1]))
            )
            dash = _DASH[zone_ids.index(zone_id) % len(_DASH)]
            parts += [
                f'<path d="{band}Z" fill="{_TRACK}" fill-opacity="0.18"/>',
                f'<path d="{_line(x, y_of(at.distance_m))}" fill="none" stroke="{_TRACK}" stroke-width="1.5"'
                f' stroke-dasharray="{dash}"/>',
            ]
    for crossing in crossings:
        for moment in (crossing.entered, crossing.left):
            if moment is None:
                continue
            a, b = float(x_of(moment.low_ns)), float(x_of(moment.high_ns))
            parts.append(
                f'<rect x="{a:.1f}" y="{top}" width="{max(b - a, 1.0):.1f}" height="{_CHART}" '
                f'fill="{_INK}" fill-opacity="0.14"/>'
            )
    parts.append("</g>")
    x_key = _LEFT + 8.0
    for k, zone_id in enumerate(zone_ids[: len(_DASH)]):
        zone = figure.zones.zones[figure.zones.row_of(zone_id)]
        words = zone.state or zone.name
        parts.append(
            f'<path d="M{x_key} {top + 12}h26" stroke="{_TRACK}" stroke-width="1.5" '
            f'stroke-dasharray="{_DASH[k]}"/>'
        )
        parts.append(_text(x_key + 31, top + 16, words, size=10))
        x_key += 52.0 + 7.0 * len(words)
    parts.append(
        f'<rect x="{_LEFT}" y="{top}" width="{width}" height="{_CHART}" fill="none" stroke="{_GREY}"/>'
    )
    return parts + _clock(top + _CHART, begin_ns, end_ns)


def _clock(y: float, begin_ns: int, end_ns: int) -> list[str]:
    """Ticks of time below a chart."""
    width = WIDTH - _LEFT - _RIGHT
    span_s = max((end_ns - begin_ns) / SECOND_NS, 1.0)
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
    step_s = next((s for s in steps if span_s / s <= 9), steps[-1])
    parts = []
    first = -(-begin_ns // (step_s * SECOND_NS)) * step_s * SECOND_NS
    for at_ns in range(first, end_ns + 1, step_s * SECOND_NS):
        x = _LEFT + width * (at_ns - begin_ns) / SECOND_NS / span_s
        parts.append(f'<path d="M{x:.1f} {y}v5" stroke="{_GREY}"/>')
        parts.append(
            _text(
                x, y + 16, format_utc(at_ns)[11:19] + "Z", size=9, text_anchor="middle", fill=_GREY
            )
        )
    return parts


# -- who measured -----------------------------------------------------------------------------------


def _lanes(figure: Figure, top: float, begin_ns: int, end_ns: int) -> list[str]:
    width = WIDTH - _LEFT - _RIGHT
    span_ns = max(end_ns - begin_ns, 1)
    parts = [_text(_LEFT, top - 8, _counts(figure.measured), size=12)]
    if not figure.measured:
        parts.append(
            _text(_LEFT, top + 12, "no plot at the path in the bytes that may be read", size=10)
        )
    for k, one in enumerate(figure.measured):
        y = top + _LANE * k
        x = _LEFT + width * (one.times_ns - begin_ns) / span_ns
        ticks = "".join(f"M{value:.1f} {y + 3:.1f}v{_LANE - 6:.0f}" for value in x)
        parts += [
            f'<path d="M{_LEFT} {y + _LANE / 2:.1f}h{width}" stroke="{_FAINT}" stroke-width="0.7"/>',
            f'<path d="{ticks}" stroke="{_INK}" stroke-width="0.9"/>',
            _text(_LEFT - 6, y + 12, one.sensor_id[:12], size=9, text_anchor="end"),
        ]  # fmt: skip
    return parts


def _counts(measured: Sequence[Measured]) -> str:
    """How many plots of which sensor, in words."""
    each = ", ".join(f"{one.sensor_id} ({one.kind}) {len(one.times_ns)}" for one in measured)
    return "Who measured it: plots of the raw bytes that lie at the path" + (
        f": {each}" if each else ""
    )
