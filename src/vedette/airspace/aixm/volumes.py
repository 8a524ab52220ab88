"""Volumes of an airspace from its geometry components: unions, subtractions, intersections, references."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import shapely

from vedette.airspace import arcs
from vedette.airspace.aixm.document import XLINK, Element, bare_uuid, child, children, local, text
from vedette.airspace.aixm.geometry import Geometries, length_m
from vedette.airspace.aixm.values import limits, sigma_m
from vedette.airspace.limits import check_order
from vedette.airspace.polygon import mended
from vedette.model.errors import ZoneError
from vedette.model.zone import Limit

DEPTH_MAX: Final = 8


class Volume(NamedTuple):
    """A piece of an airspace: an outline between two limits."""

    shape: Any
    floor: Limit | None
    ceiling: Limit | None
    sigma_m: float | None


Referenced = Callable[[str, int], list[Volume]]


def volumes(
    components: tuple[Element, ...],
    geometries: Geometries,
    referenced: Referenced,
    depth: int = 0,
) -> tuple[list[Volume], list[str]]:
    """Volumes of an airspace, and what was mended or assumed.

    Args:
        components: its ``geometryComponent`` properties.
        geometries: reader of surfaces.
        referenced: volumes of another airspace by its UUID, at the same time.
        depth: of references that led here.

    Raises:
        ZoneError: it has no geometry that can be used.
    """
    steps: list[tuple[int, str, Element]] = []
    for position, holder in enumerate(components):
        for component in children(holder, "AirspaceGeometryComponent"):
            order = text(component, "operationSequence") or str(position + 1)
            operation = text(component, "operation") or ("BASE" if not steps else "UNION")
            steps.append((int(order) if order.isdigit() else position + 1, operation, component))
    if not steps:
        raise ZoneError("no geometry")
    steps.sort(key=lambda step: (step[0], step[1] != "BASE"))
    out: list[Volume] = []
    notes: list[str] = []
    for _, operation, component in steps:
        holder = child(component, "theAirspaceVolume", "AirspaceVolume")
        if holder is None:
            raise ZoneError("a geometry component without a volume")
        own, said = _volume(holder, geometries, referenced, depth)
        notes += said
        if operation in ("BASE", "UNION"):
            out += own
        elif operation == "SUBTR":
            out, said = _subtracted(out, own)
            notes += said
        elif operation == "INTERS":
            out, said = _intersected(out, own)
            notes += said
        else:
            raise ZoneError(f"the operation {operation} is not known here")
    return _united(out), notes


def _volume(
    holder: Element, geometries: Geometries, referenced: Referenced, depth: int
) -> tuple[list[Volume], list[str]]:
    if depth > DEPTH_MAX:
        raise ZoneError(f"airspaces refer to each other more than {DEPTH_MAX} deep")
    for dependency in children(holder, "contributorAirspace"):
        for item in children(dependency, "AirspaceVolumeDependency"):
            target = child(item, "theAirspace")
            href = None if target is None else target.get(XLINK)
            if href is None:
                raise ZoneError("a contributor that names no airspace")
            found = referenced(bare_uuid(href), depth + 1)
            if (text(item, "dependency") or "FULL_GEOMETRY") == "FULL_GEOMETRY":
                return found, []
            lower, upper, notes = limits(holder)
            shape = shapely.union_all([v.shape for v in found])
            return [Volume(shape, lower, upper, sigma_m(holder))], notes
    lower, upper, notes = limits(holder)
    try:
        check_order(lower, upper)
    except ZoneError as error:  # between two heights lies the same air, whichever is called lower
        notes.append(f"limits read the other way round: {error}")
        lower, upper = upper, lower
    projection = child(holder, "horizontalProjection")
    if projection is not None:
        shape, said = geometries.surface(projection)
        return [Volume(shape, lower, upper, sigma_m(holder))], [*notes, *said]
    centreline = child(holder, "centreline")
    if centreline is not None:
        inner = children(centreline)
        width = child(holder, "width")
        if not inner or width is None:
            raise ZoneError("a centreline without a curve or a width")
        shape, said = mended(arcs.corridor(geometries.curve(inner[0]), length_m(width)))
        return [Volume(shape, lower, upper, sigma_m(holder))], [*notes, *said]
    kinds = ", ".join(local(c) for c in children(holder)) or "nothing"
    raise ZoneError(f"a volume without an outline (it has {kinds})")


def _united(pieces: list[Volume]) -> list[Volume]:
    """Pieces with the same limits as one."""
    groups: dict[tuple[Limit | None, Limit | None], list[Volume]] = {}
    for piece in pieces:
        groups.setdefault((piece.floor, piece.ceiling), []).append(piece)
    out = []
    for (lower, upper), group in groups.items():
        shape = group[0].shape if len(group) == 1 else shapely.union_all([v.shape for v in group])
        sigmas = [v.sigma_m for v in group if v.sigma_m is not None]
        out.append(Volume(_areas(shape), lower, upper, max(sigmas) if sigmas else None))
    return [v for v in out if not v.shape.is_empty]


def _areas(shape: Any) -> Any:
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        return shape
    return shapely.MultiPolygon([p for p in shapely.get_parts(shape) if p.geom_type == "Polygon"])


def _outside(a: Limit | None, b: Limit | None, sign: float) -> bool:
    """Whether limit a is b or beyond it: floors downwards (sign -1), ceilings upwards (+1).

    Raises:
        ZoneError: they do not compare.
    """
    if a is None or a == b:
        return True
    if b is None:
        return False
    if a.datum != b.datum:
        raise ZoneError(f"limits over {a.datum} and {b.datum} do not compare")
    return sign * a.height_m >= sign * b.height_m


def _apart(a: Volume, b: Volume) -> bool:
    for lower, upper in ((a.floor, b.ceiling), (b.floor, a.ceiling)):
        if lower is None or upper is None or lower.datum != upper.datum:
            continue
        if lower.height_m >= upper.height_m:
            return True
    return False


def _subtracted(base: list[Volume], holes: list[Volume]) -> tuple[list[Volume], list[str]]:
    """Base without the holes: outlines cut where the hole is, pieces kept below and above it.

    Where limits do not compare, the larger volume stays and that is said: a zone too large asks a question
    too many, one too small misses one.
    """
    notes: list[str] = []
    for hole in holes:
        out: list[Volume] = []
        for piece in base:
            if _apart(piece, hole) or not shapely.intersects(piece.shape, hole.shape):
                out.append(piece)
                continue
            common = _areas(shapely.intersection(piece.shape, hole.shape))
            rest = _areas(shapely.difference(piece.shape, hole.shape))
            try:
                under = not _outside(hole.floor, piece.floor, -1.0)
                over = not _outside(hole.ceiling, piece.ceiling, 1.0)
            except ZoneError as error:
                notes.append(f"a subtraction was not carried out: {error}")
                out.append(piece)
                continue
            if not rest.is_empty:
                out.append(piece._replace(shape=rest))
            if under:
                out.append(piece._replace(shape=common, ceiling=hole.floor))
            if over:
                out.append(piece._replace(shape=common, floor=hole.ceiling))
        base = out
    return base, notes


def _intersected(base: list[Volume], others: list[Volume]) -> tuple[list[Volume], list[str]]:
    out: list[Volume] = []
    notes: list[str] = []
    for piece in base:
        for other in others:
            if _apart(piece, other):
                continue
            shape = _areas(shapely.intersection(piece.shape, other.shape))
            if shape.is_empty:
                continue
            lower, upper = piece.floor, piece.ceiling
            try:
                lower = other.floor if _outside(piece.floor, other.floor, -1.0) else piece.floor
                upper = (
                    other.ceiling if _outside(piece.ceiling, other.ceiling, 1.0) else piece.ceiling
                )
            except ZoneError as error:
                notes.append(f"an intersection kept the limits of its base: {error}")
            out.append(Volume(shape, lower, upper, piece.sigma_m))
    return out, notes
