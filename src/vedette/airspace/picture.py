"""A map picture of zones as SVG, over the bundled base map: for reports and eyes, never for decisions."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any, Final

import numpy as np
import shapely

from vedette.airspace.arcs import local_plane
from vedette.airspace.basemap import border_lines, land
from vedette.airspace.edges import EARTH_M
from vedette.airspace.limits import METRES
from vedette.model.columns import Floats
from vedette.model.zone import Limit, Zone, ZoneKind

WIDTH: Final = 900
HEIGHT: Final = 700
ZONES_MAX: Final = 5_000
_LABELS_MAX: Final = 40
_FOOT: Final = 44  # pixels for the legend
_COLOURS: Final[dict[ZoneKind, str]] = {
    "sovereign": "#1f5a8a",
    "disputed": "#8a4f9e",
    "fir": "#5d6b78",
    "uir": "#5d6b78",
    "restricted": "#b5482a",
    "prohibited": "#9c1f2e",
    "danger": "#c07a16",
    "ctr": "#1f7a8c",
    "tma": "#2c7d6f",
    "cta": "#3d8059",
    "atz": "#1f7a8c",
    "uas": "#6a6f1e",
    "shield": "#2f4fa8",
    "temporary": "#b5482a",
    "other": "#6b6b6b",
}
_STYLE: Final = (
    "text{font:12px 'DejaVu Sans',Verdana,sans-serif;fill:#1c2733}"
    ".h{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}"
    ".s{font-size:10px;fill:#52606d}"
)


def picture_svg(
    zones: Sequence[Zone],
    geometries: Sequence[Any],
    title: str,
    places: Sequence[tuple[float, float, str]] = (),
) -> str:
    """An SVG document of zones, with land, borders, a grid, a scale and the names of zones.

    Args:
        zones: what to draw; the map is about them.
        geometries: one for each.
        title: over the map.
        places: latitude, longitude and name of points to mark.
    """
    if not zones:
        points = np.array([[place[1], place[0]] for place in places])
        frame = Frame(np.vstack((points - 1.0, points + 1.0)))
    else:
        frame = Frame(_about(geometries))
    body = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#e9f0f5"/>',
        f'<path d="{frame.path(land())}" fill="#fbfaf6" stroke="#b9c2ca" stroke-width="0.7"/>',
        f'<path d="{frame.lines(border_lines())}" fill="none" stroke="#9aa5b1" '
        'stroke-width="0.8" stroke-dasharray="4 3"/>',
        _grid(frame),
    ]
    order = sorted(range(len(zones)), key=lambda k: -float(shapely.area(geometries[k])))
    labels: list[tuple[float, float, float]] = []
    words: list[str] = []
    for k in order[:ZONES_MAX]:
        colour = _COLOURS[zones[k].kind]
        dash = ' stroke-dasharray="6 3"' if zones[k].kind in ("disputed", "temporary") else ""
        path = frame.path(geometries[k], bend=False)
        if not path:
            continue
        limits = heights_text(zones[k])
        tip = escape(f"{zones[k].zone_id} {zones[k].name} {limits}")
        body.append(
            f'<path d="{path}" fill="{colour}" fill-opacity="0.14" fill-rule="evenodd" '
            f'stroke="{colour}" stroke-width="1.4"{dash}><title>{tip}</title></path>'
        )
        spot = frame.label_spot(geometries[k])
        half = 3.6 * max(min(len(zones[k].name), 28), 0.85 * len(limits))
        if (
            spot is None
            or len(labels) >= _LABELS_MAX
            or any(abs(spot[0] - x) < half + w and abs(spot[1] - y) < 28 for x, y, w in labels)
        ):
            continue
        labels.append((*spot, half))
        name = zones[k].name if len(zones[k].name) <= 28 else zones[k].name[:27] + "…"
        words.append(
            f'<text class="h" x="{spot[0]:.0f}" y="{spot[1]:.0f}" text-anchor="middle">{escape(name)}'
            f'<tspan class="s" x="{spot[0]:.0f}" dy="13">{escape(limits)}</tspan></text>'
        )
    for latitude_deg, longitude_deg, name in places:
        x, y = frame.spot(latitude_deg, longitude_deg)
        words.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1c2733" stroke="#fff"/>'
            f'<text class="h" x="{x + 8:.1f}" y="{y + 4:.1f}">{escape(name)}</text>'
        )
    body += words
    body.append(_legend(frame, title, sorted({zone.kind for zone in zones})))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}">'
        f"<style>{_STYLE}</style>" + "\n".join(body) + "</svg>\n"
    )


def heights_text(zone: Zone) -> str:
    """Floor and ceiling in the words of a chart: ``GND – FL100``."""
    return f"{_height_text(zone.floor, 'GND')} – {_height_text(zone.ceiling, 'UNL')}"


def _height_text(limit: Limit | None, none: str) -> str:
    if limit is None:
        return none
    if limit.datum == "pressure":
        return f"FL{limit.height_m / METRES['fl']:03.0f}"
    return f"{limit.height_m / METRES['ft']:.0f} ft {limit.datum.upper()}"


class Frame:
    """The window on the Earth: an azimuthal equidistant plane about the middle of what is shown."""

    def __init__(self, points_deg: Floats) -> None:
        x, y = np.radians(points_deg[:, 0]), np.radians(points_deg[:, 1])
        mean = np.column_stack((np.cos(y) * np.cos(x), np.cos(y) * np.sin(x), np.sin(y))).mean(
            axis=0
        )
        self.latitude_deg = math.degrees(math.atan2(mean[2], math.hypot(mean[0], mean[1])))
        self.longitude_deg = math.degrees(math.atan2(mean[1], mean[0]))
        self._forward, self._back = local_plane(self.latitude_deg, self.longitude_deg)
        flat = np.column_stack(self._forward.transform(points_deg[:, 0], points_deg[:, 1]))
        low, high = flat.min(axis=0), flat.max(axis=0)
        span = np.maximum((high - low) * 1.25, 4_000.0)
        self.scale = float(max(span[0] / WIDTH, span[1] / (HEIGHT - _FOOT)))  # metres to a pixel
        self._middle = 0.5 * (low + high)
        half = self.scale * np.array([WIDTH, HEIGHT]) * 0.52
        corners = np.vstack((self._middle - half, self._middle + half))
        self._box = shapely.box(*corners.ravel())
        ring = shapely.get_coordinates(shapely.segmentize(self._box, self.scale * 20.0))
        out = np.column_stack(self._back.transform(ring[:, 0], ring[:, 1]))
        out[:, 0] = self._beside(out[:, 0])
        self.view = shapely.box(
            out[:, 0].min() - 0.5, max(out[:, 1].min() - 0.5, -90.0),
            out[:, 0].max() + 0.5, min(out[:, 1].max() + 0.5, 90.0),
        )  # fmt: skip
        # a pole in the window: every longitude is seen
        if np.ptp(out[:, 0]) > 180.0:
            self.view = shapely.box(-180.0, self.view.bounds[1], 180.0, 90.0)

    def _beside(self, longitude_deg: Any) -> Any:
        return longitude_deg - 360.0 * np.round((longitude_deg - self.longitude_deg) / 360.0)

    def _pixels(self, points_deg: Floats) -> Floats:
        flat = np.column_stack(self._forward.transform(points_deg[:, 0], points_deg[:, 1]))
        out = (flat - self._middle) / self.scale
        return np.column_stack((WIDTH / 2.0 + out[:, 0], (HEIGHT - _FOOT) / 2.0 - out[:, 1]))

    def spot(self, latitude_deg: float, longitude_deg: float) -> tuple[float, float]:
        """Pixel of a place."""
        x, y = self._pixels(np.array([[longitude_deg, latitude_deg]]))[0]
        return float(x), float(y)

    def _seen(self, shape: Any, *, bend: bool = True) -> list[Any]:
        """Parts of a shape within the window.

        ``bend``: edges are straight between degrees, so they bend on this plane; without it they are
        geodesics, which are all but straight on it.
        """
        parts = []
        for shift in (-360.0, 0.0, 360.0):
            moved = (
                shape
                if shift == 0.0
                else shapely.transform(shape, lambda p, s=shift: p + np.array([s, 0.0]))
            )
            if shapely.intersects(shapely.box(*moved.bounds), self.view):
                parts.append(shapely.clip_by_rect(moved, *self.view.bounds))
        if not bend:
            return [part for part in parts if not part.is_empty]
        step = max(self.scale * 12.0 / EARTH_M * 57.3, 1e-4)
        return [shapely.segmentize(part, step) for part in parts if not part.is_empty]

    def path(self, shape: Any, *, bend: bool = True) -> str:
        """SVG path of a polygon."""
        out = []
        for seen in self._seen(shape, bend=bend):
            for polygon in shapely.get_parts(seen):
                if polygon.geom_type != "Polygon":
                    continue
                out += [_d(self._pixels(shapely.get_coordinates(r)), close=True)
                        for r in shapely.get_rings(polygon)]  # fmt: skip
        return "".join(out)

    def lines(self, shape: Any) -> str:
        """SVG path of lines."""
        out = [
            _d(self._pixels(shapely.get_coordinates(line)), close=False)
            for seen in self._seen(shape)
            for line in shapely.get_parts(seen)
            if line.geom_type == "LineString"
        ]
        return "".join(out)

    def label_spot(self, shape: Any) -> tuple[float, float] | None:
        """Where a name fits into the part of a shape that is seen."""
        areas = [
            p for s in self._seen(shape) for p in shapely.get_parts(s) if p.geom_type == "Polygon"
        ]
        if not areas:
            return None
        point = shapely.point_on_surface(max(areas, key=lambda p: float(p.area)))
        x, y = self.spot(point.y, point.x)
        return (x, y) if 40 < x < WIDTH - 40 and 30 < y < HEIGHT - _FOOT - 20 else None


def _about(geometries: Sequence[Any]) -> Floats:
    points: Floats = shapely.get_coordinates(np.asarray(geometries, dtype=object))
    if len(points) > 200_000:
        points = points[:: len(points) // 100_000]
    return points


def _d(pixels: Floats, *, close: bool) -> str:
    """Path data; points that fall on one pixel's tenth come once."""
    rounded = np.round(pixels, 1)
    keep = np.concatenate(([True], np.abs(np.diff(rounded, axis=0)).sum(axis=1) > 0.25))
    rounded = rounded[keep]
    if len(rounded) < (3 if close else 2):
        return ""
    return "M" + "L".join(f"{x:g},{y:g}" for x, y in rounded) + ("Z" if close else "")


def _grid(frame: Frame) -> str:
    west, south, east, north = frame.view.bounds
    span = max(north - south, 1e-3)
    step = next(
        s for s in (0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 15, 30) if span / s <= 9 or s == 30
    )
    out = []
    for latitude in np.arange(math.ceil(south / step) * step, north, step):
        line = shapely.LineString([(west, latitude), (east, latitude)])
        out.append(
            f'<path d="{frame.lines(line)}" fill="none" stroke="#c9d3db" stroke-width="0.5"/>'
        )
        x, y = frame.spot(float(latitude), frame.longitude_deg)
        if 20 < y < HEIGHT - _FOOT:
            out.append(
                f'<text class="s" x="4" y="{_edge_y(frame, float(latitude)):.0f}">{_degree(latitude, "NS")}</text>'
            )
    step_x = step if north < 60 else step * 2
    for longitude in np.arange(math.ceil(west / step_x) * step_x, east, step_x):
        line = shapely.LineString([(longitude, south), (longitude, min(north, 89.9))])
        out.append(
            f'<path d="{frame.lines(line)}" fill="none" stroke="#c9d3db" stroke-width="0.5"/>'
        )
        x = _edge_x(frame, float(longitude))
        if 30 < x < WIDTH - 30:
            out.append(f'<text class="s" x="{x:.0f}" y="11">{_degree(longitude, "EW")}</text>')
    return "".join(out)


def _edge_y(frame: Frame, latitude_deg: float) -> float:
    west, _, east, _ = frame.view.bounds
    pixels = frame._pixels(
        np.column_stack((np.linspace(west, east, 200), np.full(200, latitude_deg)))
    )
    return float(pixels[np.argmin(np.abs(pixels[:, 0] - 4.0)), 1])


def _edge_x(frame: Frame, longitude_deg: float) -> float:
    """Where a meridian meets the upper edge."""
    _, south, _, north = frame.view.bounds
    pixels = frame._pixels(
        np.column_stack((np.full(200, longitude_deg), np.linspace(south, north, 200)))
    )
    return float(pixels[np.argmin(np.abs(pixels[:, 1] - 10.0)), 0])


def _degree(value: float, sides: str) -> str:
    side = sides[0] if value >= 0 else sides[1]
    if sides == "EW":
        value = (value + 180.0) % 360.0 - 180.0
        side = sides[0] if value >= 0 else sides[1]
    return f"{abs(value):g}°{side}" if abs(value) > 1e-9 else "0°"


def _legend(frame: Frame, title: str, kinds: list[ZoneKind]) -> str:
    y = HEIGHT - _FOOT
    out = [f'<rect y="{y}" width="{WIDTH}" height="{_FOOT}" fill="#fff"/>']
    out.append(f'<text x="10" y="{y + 18}" font-weight="bold">{escape(title[:110])}</text>')
    x = 10
    for kind in kinds:
        out.append(
            f'<rect x="{x}" y="{y + 26}" width="14" height="10" fill="{_COLOURS[kind]}" '
            f'fill-opacity="0.3" stroke="{_COLOURS[kind]}"/>'
            f'<text class="s" x="{x + 18}" y="{y + 35}">{kind}</text>'
        )
        x += 30 + 7 * len(kind)
    target = frame.scale * 140.0
    length = next(
        v for e in range(6, -1, -1) for m in (5, 2, 1) if (v := m * 10**e) <= max(target, 1.0)
    )
    pixels = length / frame.scale
    right = WIDTH - 12
    text = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    out.append(
        f'<path d="M{right - pixels:.1f},{y + 14}v6h{pixels:.1f}v-6" fill="none" stroke="#1c2733"/>'
        f'<text class="s" x="{right - pixels / 2:.0f}" y="{y + 16}" text-anchor="middle">{text}</text>'
        f'<text class="s h" x="{right}" y="{y - 6}" text-anchor="end">Base map: Natural Earth. Sovereign '
        "airspace: © OpenStreetMap contributors, ODbL.</text>"
    )
    return "".join(out)
