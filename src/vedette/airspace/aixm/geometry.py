"""Curves and surfaces of GML as AIXM uses them, with geodesic edges.

Sources: GML 3.2.1 (OGC 07-036); Use of GML for aviation data (OGC 12-028r1), for how arcs, circles and links
to other borders are meant.
"""

from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely

from vedette.airspace import arcs
from vedette.airspace.aixm.document import Documents, Element, children, local, text
from vedette.airspace.edges import WGS84
from vedette.airspace.polygon import mended
from vedette.model.columns import Floats
from vedette.model.errors import ZoneError
from vedette.model.units import FOOT_M, NAUTICAL_MILE_M

LENGTHS_M: Final = {
    "m": 1.0,
    "km": 1000.0,
    "nm": NAUTICAL_MILE_M,
    "nmi_i": NAUTICAL_MILE_M,
    "[nmi_i]": NAUTICAL_MILE_M,
    "ft": FOOT_M,
    "cm": 0.01,
}
_STEP_DEG: Final = 0.05  # of a straight line on the plane of degrees
_CLOSE_M: Final = 1.0  # ends of curves that are the same place
_WORDS: Final = ("GeodesicString", "Geodesic", "LineStringSegment", "LineString", "LinearRing")


def length_m(element: Element) -> float:
    """A length with its unit.

    Raises:
        ZoneError: no number, or a unit that is not known here.
    """
    unit = (element.get("uom") or "M").lower()
    try:
        return float((element.text or "").strip()) * LENGTHS_M[unit]
    except (ValueError, KeyError):
        raise ZoneError(f"{local(element)} of {element.text!r} {unit} is no length") from None


class Geometries:
    """Reads geometries of messages that are read together."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def surface(self, element: Element) -> tuple[Any, list[str]]:
        """Polygon of a surface, and what was mended.

        Raises:
            ZoneError: it cannot be used, and why.
        """
        if local(element) not in ("Surface", "ElevatedSurface", "PolygonPatch", "Polygon"):
            target = self._documents.follow(element)
            inner = target if target is not None else (children(element) or [None])[0]
            if inner is None:
                raise ZoneError(f"{local(element)} holds no surface")
            return self.surface(inner)
        if local(element) in ("PolygonPatch", "Polygon"):
            patches = [element]
        else:
            patches = [p for list_ in children(element, "patches") for p in children(list_)]
        if not patches:
            raise ZoneError("the surface has no patch")
        shapes, notes = [], []
        for patch in patches:
            if local(patch) not in ("PolygonPatch", "Polygon", "Rectangle"):
                raise ZoneError(f"a patch of kind {local(patch)} is not known here")
            outer = [self._ring(r) for e in children(patch, "exterior") for r in children(e)]
            inner_rings = [self._ring(r) for e in children(patch, "interior") for r in children(e)]
            if len(outer) != 1:
                raise ZoneError("a patch without one exterior ring")
            shape, said = mended(shapely.Polygon(outer[0], inner_rings))
            shapes.append(shape)
            notes += said
        return (shapes[0] if len(shapes) == 1 else shapely.union_all(shapes)), notes

    def curve(self, element: Element) -> Floats:
        """(n, 2) longitudes and latitudes of a curve."""
        pieces: list[Floats] = []
        for segments in children(element, "segments"):
            for segment in children(segments):
                pieces = _joined(pieces, self._segment(segment))
        if not pieces:
            raise ZoneError(f"{local(element)} has no segments")
        return np.concatenate(pieces)

    def _ring(self, element: Element) -> Floats:
        if local(element) == "LinearRing":
            points = self._points(element)
        elif local(element) == "Ring":
            points = self._members(element)
        else:
            raise ZoneError(f"a ring of kind {local(element)} is not known here")
        if len(points) < 3:
            raise ZoneError("a ring has fewer than three points")
        if _apart_m(points[0], points[-1]) <= _CLOSE_M:
            points[-1] = points[0]
        else:
            points = np.concatenate((points, points[:1]))
        return points

    def _members(self, element: Element) -> Floats:
        members = children(element, "curveMember")
        known: list[Floats | None] = []
        borders: dict[int, Floats] = {}
        for position, member in enumerate(members):
            inside = children(member)
            if inside:
                known.append(self._any_curve(inside[0]))
                continue
            target = self._documents.follow(member)
            if target is None:
                raise ZoneError(f"the border {_href(member)} is not in these files")
            if local(target) in ("GeoBorder",):
                borders[position] = self._border(target)
                known.append(None)
            else:
                known.append(self._any_curve(target))
        for position, line in borders.items():
            known[position] = _stretch(line, known, position)
        pieces: list[Floats] = []
        for piece in known:
            if piece is not None:
                pieces = _joined(pieces, piece)
        if not pieces:
            raise ZoneError("a ring without curves")
        return np.concatenate(pieces)

    def _any_curve(self, element: Element) -> Floats:
        name = local(element)
        if name == "OrientableCurve":
            base = children(element, "baseCurve")
            inner = (children(base[0]) or [self._documents.follow(base[0])]) if base else [None]
            if inner[0] is None:
                raise ZoneError("an orientable curve without its base")
            line = self._any_curve(inner[0])
            return line[::-1].copy() if element.get("orientation") == "-" else line
        if name == "CompositeCurve":
            return self._members(element)
        if name == "LineString":
            return self._segment(element)
        return self.curve(element)

    def _border(self, feature: Element) -> Floats:
        for slice_ in feature.iter():
            if local(slice_) == "GeoBorderTimeSlice":
                for holder in children(slice_, "border"):
                    for curve in children(holder):
                        return self.curve(curve)
        raise ZoneError("a border without a curve")

    def _segment(self, element: Element) -> Floats:
        name = local(element)
        if name in ("GeodesicString", "Geodesic"):
            return self._points(element)
        if name in ("LineStringSegment", "LineString"):
            return _plane(self._points(element))
        if name in ("CircleByCenterPoint", "ArcByCenterPoint"):
            centre = self._points(element)
            radius = children(element, "radius")
            if len(centre) != 1 or not radius:
                raise ZoneError(f"{name} without one centre and a radius")
            x, y = centre[0]
            if name == "CircleByCenterPoint":
                return arcs.arc(y, x, length_m(radius[0]), 0.0, 360.0)
            start, end = _angle_deg(element, "startAngle"), _angle_deg(element, "endAngle")
            return arcs.arc(y, x, length_m(radius[0]), start, end - start)
        if name in ("Arc", "Circle", "ArcString"):
            points = self._points(element)
            if len(points) < 3 or len(points) % 2 == 0:
                raise ZoneError(f"{name} needs three points")
            pieces: list[Floats] = []
            for first in range(0, len(points) - 2, 2):
                three = points[first : first + 3]
                pieces = _joined(pieces, arcs.arc_through(three, closed=name == "Circle"))
            return np.concatenate(pieces)
        raise ZoneError(f"a segment of kind {name} is not known here")

    def _points(self, element: Element) -> Floats:
        """(n, 2) longitudes and latitudes of positions in any of the ways to write them."""
        numbers: list[float] = []
        found = False
        for holder in children(
            element, "posList", "pos", "pointProperty", "pointRep", "coordinates"
        ):
            found = True
            if local(holder) in ("pointProperty", "pointRep"):
                inner = children(holder)
                target = inner[0] if inner else self._documents.follow(holder)
                if target is None:
                    raise ZoneError(f"the point {_href(holder)} is not in these files")
                numbers += self._point(target)
                continue
            numbers += _ordered(holder, (holder.text or "").replace(",", " ").split())
        if not found or len(numbers) < 2:
            raise ZoneError(f"{local(element)} has no positions")
        return np.array(numbers, dtype=np.float64).reshape(-1, 2)

    def _point(self, target: Element) -> list[float]:
        for pos in target.iter():
            if local(pos) == "pos":
                return _ordered(pos, (pos.text or "").split())
        raise ZoneError("a point without a position")


def _ordered(holder: Element, words: list[str]) -> list[float]:
    """Longitude before latitude, whatever the reference system's order."""
    try:
        numbers = [float(word) for word in words]
    except ValueError:
        raise ZoneError(f"{local(holder)} holds something that is no number") from None
    size = int(holder.get("srsDimension") or 2)
    if size not in (2, 3) or len(numbers) % size or not np.isfinite(numbers).all():
        raise ZoneError(f"{local(holder)} holds {len(numbers)} numbers")
    pairs = np.array(numbers).reshape(-1, size)[:, :2]
    if not _longitude_first(holder):
        pairs = pairs[:, ::-1]
    if len(pairs) and np.abs(pairs[:, 1]).max() > 90.0:
        raise ZoneError("a latitude beyond 90 degrees")
    return [float(number) for number in pairs.ravel()]


def _longitude_first(element: Element) -> bool:
    while element is not None:
        name = element.get("srsName")
        if name is not None:
            if name.upper().endswith(("CRS84", "CRS:84")):
                return True
            if name.rpartition(":")[2] in ("4326", "4258", "4979"):
                return False
            raise ZoneError(f"the reference system {name} is not known here")
        element = element.getparent()
    return False  # AIXM's rule: WGS 84 in the order of EPSG, unless said


def _angle_deg(element: Element, name: str) -> float:
    found = children(element, name)
    unit = (found[0].get("uom") or "deg").lower() if found else ""
    try:
        value = float(text(element, name) or "")
    except ValueError:
        raise ZoneError(f"{local(element)} has no {name}") from None
    return float(np.degrees(value)) if unit == "rad" else value


def _plane(points: Floats) -> Floats:
    """Points of lines that are straight on the plane of degrees, so close that geodesics follow them."""
    out = [points[:1]]
    for start, end in pairwise(points):
        count = max(int(np.ceil(np.abs(end - start).max() / _STEP_DEG)), 1)
        share = (np.arange(count) + 1.0)[:, None] / count
        between = start + (end - start) * share
        between[-1] = end
        out.append(between)
    return np.concatenate(out)


def _apart_m(a: Floats, b: Floats) -> float:
    return float(WGS84.inv(a[0], a[1], b[0], b[1])[2])


def _joined(pieces: list[Floats], piece: Floats) -> list[Floats]:
    """The pieces and one more; a point that both share comes once."""
    if pieces and _apart_m(pieces[-1][-1], piece[0]) <= _CLOSE_M:
        piece = piece[1:]
    return [*pieces, piece] if len(piece) else pieces


def _stretch(line: Floats, known: list[Floats | None], position: int) -> Floats:
    """The part of a border between the curves before and after it in a ring."""
    count = len(known)
    before, after = known[position - 1], known[(position + 1) % count]
    if before is None or after is None:
        if count == 1:
            return line
        raise ZoneError("two borders of other features follow each other in a ring")
    first, last = _nearest(line, before[-1]), _nearest(line, after[0])
    if first[1] > _NEAR_M or last[1] > _NEAR_M:
        raise ZoneError(
            f"the ring leaves its border by {max(first[1], last[1]) / 1000.0:.1f} km at a join"
        )
    if first[0] <= last[0]:
        inner = line[int(np.ceil(first[0])) : int(np.floor(last[0])) + 1]
    else:
        inner = line[int(np.ceil(last[0])) : int(np.floor(first[0])) + 1][::-1]
    return np.concatenate((before[-1:], inner, after[:1]))


_NEAR_M: Final = 5_000.0


def _nearest(line: Floats, point: Floats) -> tuple[float, float]:
    """Where along a line (in vertices) it passes nearest to a point, and how near [m]."""
    scale = np.array([np.cos(np.radians(point[1])), 1.0])
    local_line, at = line * scale, point * scale
    start, along = local_line[:-1], np.diff(local_line, axis=0)
    length2 = np.maximum((along**2).sum(axis=1), 1e-18)
    share = np.clip(((at - start) * along).sum(axis=1) / length2, 0.0, 1.0)
    gap = ((start + along * share[:, None] - at) ** 2).sum(axis=1)
    best = int(np.argmin(gap))
    return best + float(share[best]), float(np.sqrt(gap[best])) * 111_195.0


def _href(element: Element) -> str:
    from vedette.airspace.aixm.document import XLINK

    return str(element.get(XLINK))
