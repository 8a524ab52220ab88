"""Arcs and circles of publications as points so close that the chords between them stray little.

Source: the geodesic problems of Karney (2013), as PROJ solves them.
"""

import math
from itertools import pairwise
from typing import Any, Final

import numpy as np
import shapely
from pyproj import CRS, Transformer

from vedette.airspace.edges import WGS84
from vedette.model.columns import Floats
from vedette.model.errors import ZoneError

SAGITTA_M: Final = 2.0  # how far a chord may lie inside its arc
STEPS_MAX: Final = 1440
RADIUS_MAX_M: Final = 5_000_000.0


def arc(
    latitude_deg: float,
    longitude_deg: float,
    radius_m: float,
    start_deg: float,
    sweep_deg: float,
) -> Floats:
    """(n, 2) longitudes and latitudes of an arc around a point, both ends included.

    Args:
        latitude_deg: of the centre.
        longitude_deg: of the centre.
        radius_m: length of the geodesic from the centre.
        start_deg: azimuth of the first point.
        sweep_deg: angle to the last point, clockwise when positive.

    Raises:
        ZoneError: the radius is not positive, or larger than an arc on Earth can be.
    """
    if not 0.0 < radius_m <= RADIUS_MAX_M:
        raise ZoneError(f"an arc has a radius of {radius_m:g} m")
    step_deg = 2.0 * math.degrees(math.acos(max(1.0 - SAGITTA_M / radius_m, -1.0)))
    count = min(max(math.ceil(abs(sweep_deg) / min(step_deg, 10.0)), 1), STEPS_MAX)
    azimuth_deg = start_deg + sweep_deg * np.arange(count + 1) / count
    many = np.ones(count + 1)
    x, y, _ = WGS84.fwd(longitude_deg * many, latitude_deg * many, azimuth_deg, radius_m * many)
    return np.column_stack((_beside(x, longitude_deg), y))


def circle(latitude_deg: float, longitude_deg: float, radius_m: float) -> Any:
    """The polygon of a circle around a point.

    Raises:
        ZoneError: see ``arc``.
    """
    points = arc(latitude_deg, longitude_deg, radius_m, 0.0, 360.0)
    points[-1] = points[0]
    return shapely.Polygon(points)


def arc_between(
    centre_deg: tuple[float, float],
    start_deg: tuple[float, float],
    end_deg: tuple[float, float],
    *,
    clockwise: bool,
) -> Floats:
    """(n, 2) longitudes and latitudes of an arc between two points, given as (latitude, longitude).

    Points that do not lie equally far from the centre are joined by a spiral: both ends are met exactly.
    """
    azimuths, _, radii = WGS84.inv(
        [centre_deg[1]] * 2,
        [centre_deg[0]] * 2,
        [start_deg[1], end_deg[1]],
        [start_deg[0], end_deg[0]],
    )
    sweep_deg = (azimuths[1] - azimuths[0]) % 360.0
    if not clockwise:
        sweep_deg -= 360.0
    if sweep_deg in (0.0, -360.0):
        sweep_deg = 360.0 if clockwise else -360.0
    points = arc(*centre_deg, max(radii), azimuths[0], sweep_deg)
    share = np.linspace(0.0, 1.0, len(points))
    many = np.ones(len(points))
    x, y, _ = WGS84.fwd(
        centre_deg[1] * many,
        centre_deg[0] * many,
        azimuths[0] + sweep_deg * share,
        radii[0] + (radii[1] - radii[0]) * share,
    )
    out = np.column_stack((_beside(x, centre_deg[1]), y))
    out[0], out[-1] = start_deg[::-1], end_deg[::-1]
    return out


def arc_through(points_deg: Floats, *, closed: bool = False) -> Floats:
    """(n, 2) longitudes and latitudes of the arc (or circle) through three of them, (3, 2).

    Raises:
        ZoneError: the three lie on a line.
    """
    forward, back = local_plane(float(points_deg[1, 1]), float(points_deg[1, 0]))
    x, y = forward.transform(points_deg[:, 0], points_deg[:, 1])
    matrix = 2.0 * np.array([[x[1] - x[0], y[1] - y[0]], [x[2] - x[0], y[2] - y[0]]])
    square = x * x + y * y
    if abs(np.linalg.det(matrix)) <= 1e-9 * float(np.prod(np.linalg.norm(matrix, axis=1))):
        raise ZoneError("the three points of an arc lie on a line")
    centre_x, centre_y = np.linalg.solve(matrix, square[1:] - square[0])
    longitude_deg, latitude_deg = back.transform(centre_x, centre_y)
    cross = (x[1] - x[0]) * (y[2] - y[0]) - (y[1] - y[0]) * (x[2] - x[0])
    last = points_deg[0] if closed else points_deg[2]
    return arc_between(
        (latitude_deg, longitude_deg),
        (points_deg[0, 1], points_deg[0, 0]),
        (last[1], last[0]),
        clockwise=cross < 0.0,
    )


def corridor(line_deg: Floats, width_m: float) -> Any:
    """The polygon within half a width of a line of (n, 2) longitudes and latitudes.

    Stretches of at most ``_STRETCH_M``, each widened at right angles, with circles where they meet.

    Raises:
        ZoneError: there is no line, or no width.
    """
    if len(line_deg) < 2 or not width_m > 0.0:
        raise ZoneError("a corridor needs a line and a width")
    line = _shortened(np.asarray(line_deg, dtype=np.float64))
    half_m = np.full(len(line) - 1, 0.5 * width_m)
    x0, y0, x1, y1 = line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1]
    there, back, _ = WGS84.inv(x0, y0, x1, y1)
    corners = [
        np.column_stack((_beside(x, line[0, 0]), y))
        for x, y, _ in (
            WGS84.fwd(x0, y0, there - 90.0, half_m),
            WGS84.fwd(x1, y1, back + 90.0, half_m),
            WGS84.fwd(x1, y1, back - 90.0, half_m),
            WGS84.fwd(x0, y0, there + 90.0, half_m),
        )
    ]
    strips = shapely.polygons(np.stack([*corners, corners[0]], axis=1))
    joins = [circle(y, x, 0.5 * width_m) for x, y in line]
    return shapely.union_all([*strips, *joins])


_STRETCH_M: Final = 50_000.0


def _shortened(line: Floats) -> Floats:
    """The line with points on its geodesics, none farther apart than ``_STRETCH_M``."""
    out = [line[:1]]
    for start, end in pairwise(line):
        length_m = WGS84.inv(*start, *end)[2]
        count = math.ceil(length_m / _STRETCH_M)
        if count > 1:
            out.append(np.array(WGS84.npts(*start, *end, count - 1)))
        out.append(end[None, :])
    return np.concatenate(out)


def local_plane(latitude_deg: float, longitude_deg: float) -> tuple[Transformer, Transformer]:
    """From degrees to metres on the plane that touches the Earth at a point, and back (azimuthal equidistant)."""
    plane = CRS.from_proj4(
        f"+proj=aeqd +lat_0={latitude_deg} +lon_0={longitude_deg} +ellps=WGS84 +units=m"
    )
    return (
        Transformer.from_crs("OGC:CRS84", plane, always_xy=True),
        Transformer.from_crs(plane, "OGC:CRS84", always_xy=True),
    )


def _beside(longitude_deg: Any, centre_deg: float) -> Floats:
    """The same longitudes within half a turn of the centre: a ring across the antimeridian stays one."""
    x = np.asarray(longitude_deg, dtype=np.float64)
    return x - 360.0 * np.round((x - centre_deg) / 360.0)
