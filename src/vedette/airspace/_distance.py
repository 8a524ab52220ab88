"""Compiled inner loops of ``index``: distance to a boundary through a tree of spheres."""

import math
from typing import NamedTuple

from vedette.airspace._kernels import EARTH_M, Floats, Integers, edge_distance2
from vedette.model._kernels import ECCENTRICITY2, FLATTENING, SEMI_MAJOR_M
from vedette.model.kernel import bare_kernel, prefetch

FANOUT = 8
DEPTH = (
    8 * FANOUT * 2
)  # of what is still to be looked at; a tree of 8 levels has more edges than memory
# nearer than this the chord, bent by the Earth's radius in its direction, is the geodesic to 4 cm
CHORD_M = 400_000.0
# the radius of curvature of the meridian over the cube of that across it
SECTION = ECCENTRICITY2 / (1.0 - ECCENTRICITY2) / 6.0
MERIDIAN = (1.0 - ECCENTRICITY2) / (SEMI_MAJOR_M * SEMI_MAJOR_M)


class Tree(NamedTuple):
    """Spheres around edges that follow each other, eight to a node, one root for each zone.

    A node is one line of the caches: centre, radius, first and number of its edges in a leaf, else of its nodes,
    and 1 for a leaf.
    """

    node: Floats  # (nodes, 8)
    root: Integers  # (zones,) node, or -1 for a zone without a boundary
    edge: Floats  # (e, 10) as ``edge_distance2`` reads them, Earth-centred


@bare_kernel
def geodesic(
    latitude1: float, longitude1: float, latitude2: float, longitude2: float
) -> tuple[float, float]:
    """Length [m] and azimuth at the first point of the geodesic between two points [rad].

    NaN where the points are almost opposite. Source: Vincenty, Survey Review 23 (176), 1975.
    """
    semi_minor_m = SEMI_MAJOR_M * (1.0 - FLATTENING)
    u1 = math.atan((1.0 - FLATTENING) * math.tan(latitude1))
    u2 = math.atan((1.0 - FLATTENING) * math.tan(latitude2))
    sin1, cos1, sin2, cos2 = math.sin(u1), math.cos(u1), math.sin(u2), math.cos(u2)
    difference = longitude2 - longitude1
    difference -= 2.0 * math.pi * math.floor((difference + math.pi) / (2.0 * math.pi))
    turn = difference
    for _ in range(60):
        sin_turn, cos_turn = math.sin(turn), math.cos(turn)
        across, along = cos2 * sin_turn, cos1 * sin2 - sin1 * cos2 * cos_turn
        sin_arc = math.hypot(across, along)
        if sin_arc == 0.0:
            return 0.0, 0.0
        cos_arc = sin1 * sin2 + cos1 * cos2 * cos_turn
        arc = math.atan2(sin_arc, cos_arc)
        sin_alpha = cos1 * cos2 * sin_turn / sin_arc
        cos2_alpha = 1.0 - sin_alpha * sin_alpha
        middle = cos_arc - 2.0 * sin1 * sin2 / cos2_alpha if cos2_alpha > 1e-16 else 0.0
        c = FLATTENING / 16.0 * cos2_alpha * (4.0 + FLATTENING * (4.0 - 3.0 * cos2_alpha))
        before = turn
        turn = difference + (1.0 - c) * FLATTENING * sin_alpha * (
            arc + c * sin_arc * (middle + c * cos_arc * (2.0 * middle * middle - 1.0))
        )
        if abs(turn - before) < 1e-12:
            u = cos2_alpha * ECCENTRICITY2 / (1.0 - ECCENTRICITY2)
            a = 1.0 + u / 16384.0 * (4096.0 + u * (-768.0 + u * (320.0 - 175.0 * u)))
            b = u / 1024.0 * (256.0 + u * (-128.0 + u * (74.0 - 47.0 * u)))
            square = 2.0 * middle * middle - 1.0
            correction = (
                b
                * sin_arc
                * (
                    middle
                    + b
                    / 4.0
                    * (
                        cos_arc * square
                        - b
                        / 6.0
                        * middle
                        * (4.0 * sin_arc * sin_arc - 3.0)
                        * (4.0 * middle * middle - 3.0)
                    )
                )
            )
            azimuth = math.atan2(across, along) % (2.0 * math.pi)
            return semi_minor_m * a * (arc - correction), azimuth
    return math.nan, math.nan


@bare_kernel
def nearest_edge(
    node: Floats,
    edge: Floats,
    root: int,
    px: float,
    py: float,
    pz: float,
    bound2: float,
    nodes: Integers,
    gaps: Floats,
) -> tuple[int, float]:
    """The edge under ``root`` that is nearest to a place, and how far along it the nearest point lies.

    The columns of a ``Tree``, then the place. ``bound2`` is a square of a distance that is not below the nearest,
    ``nodes`` and ``gaps`` are room for what is still to be looked at.
    """
    best2, best, best_share = bound2, -1, 0.0
    nodes[0], gaps[0], depth = root, 0.0, 1
    while depth > 0:
        depth -= 1
        n = nodes[depth]
        if gaps[depth] * gaps[depth] > best2:
            continue
        begin, count = int(node[n, 4]), int(node[n, 5])
        if node[n, 6] == 1.0:
            for e in range(begin, begin + count):
                square, share = edge_distance2(edge, e, px, py, pz)
                if square < best2:
                    best2, best, best_share = square, e, share
            continue
        base = depth
        for child in range(begin, begin + count):
            dx, dy, dz = px - node[child, 0], py - node[child, 1], pz - node[child, 2]
            gap = max(0.0, math.sqrt(dx * dx + dy * dy + dz * dz) - node[child, 3])
            if gap * gap > best2:
                continue
            at = depth
            while at > base and gaps[at - 1] < gap:  # the nearest child comes off the stack first
                gaps[at], nodes[at] = gaps[at - 1], nodes[at - 1]
                at -= 1
            gaps[at], nodes[at] = gap, child
            depth += 1
    return best, best_share


@bare_kernel
def boundary(
    x: Floats,
    y: Floats,
    zone: Integers,
    tree: Tree,
    nodes: Integers,
    gaps: Floats,
    distance_m: Floats,
    azimuth_rad: Floats,
    nearest: Integers,
) -> None:
    """Distance to, and azimuth towards, the nearest place on the boundary of each point's zone, and its edge.

    ``nodes`` and ``gaps`` are (``DEPTH``,) room to work in.
    """
    node, roots, edges = tree.node, tree.root, tree.edge
    before = edge = -1
    count = x.shape[0]
    for i in range(count):
        # each zone lies somewhere else: what the next points need is asked for while this one is worked at
        if i + 12 < count:
            prefetch(roots, zone[i + 12], 0)
        if i + 8 < count:
            prefetch(node, roots[zone[i + 8]], 0)
        if i + 4 < count and roots[zone[i + 4]] >= 0:
            ahead = int(node[roots[zone[i + 4]], 4])
            if node[roots[zone[i + 4]], 6] == 1.0:
                prefetch(edges, ahead, 0)
            else:
                prefetch(node, ahead, 0)
                prefetch(node, ahead + 1, 0)
        distance_m[i], azimuth_rad[i], nearest[i] = math.nan, math.nan, -1
        root = roots[zone[i]]
        if root < 0:
            distance_m[i] = math.inf
            continue
        if not (-90.0 <= y[i] <= 90.0 and math.isfinite(x[i])):
            continue
        latitude, longitude = math.radians(y[i]), math.radians(x[i])
        sin_y, cos_y = math.sin(latitude), math.cos(latitude)
        sin_x, cos_x = math.sin(longitude), math.cos(longitude)
        normal_m = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY2 * sin_y * sin_y)
        px, py = normal_m * cos_y * cos_x, normal_m * cos_y * sin_x
        pz = normal_m * (1.0 - ECCENTRICITY2) * sin_y
        bound2 = math.inf
        if root == before and edge >= 0:
            # the places of a path lie side by side: the nearest is no farther than the edge nearest to the last
            bound2, _ = edge_distance2(edges, edge, px, py, pz)
            bound2 = bound2 * (1.0 + 1e-9) + 1e-9
        edge, share = nearest_edge(
            node, edges, root, px, py, pz, bound2, nodes, gaps,
        )  # fmt: skip
        before, nearest[i] = root, edge
        rise = share * (1.0 - share)
        dx = edges[edge, 0] + share * edges[edge, 3] + rise * edges[edge, 6] - px
        dy = edges[edge, 1] + share * edges[edge, 4] + rise * edges[edge, 7] - py
        dz = edges[edge, 2] + share * edges[edge, 5] + rise * edges[edge, 8] - pz
        chord2 = dx * dx + dy * dy + dz * dz
        if chord2 < CHORD_M * CHORD_M:
            east_m = cos_x * dy - sin_x * dx
            north_m = cos_y * dz - sin_y * (cos_x * dx + sin_x * dy)
            flat2 = east_m * east_m + north_m * north_m
            curved = lean = 0.0  # square of the arc [rad]; of the section against the geodesic
            if flat2 > 0.0:
                # Euler: the curvature of the section towards the place
                meridian_m = normal_m * normal_m * normal_m * MERIDIAN
                bend = (north_m * north_m / meridian_m + east_m * east_m / normal_m) / flat2
                curved = chord2 * bend * bend
                # Clarke: the section leaves at another angle than the geodesic, 0.3 m off at 300 km
                lean = SECTION * curved * cos_y * cos_y * east_m * north_m / flat2
            stretch = 1.0 + curved / 24.0 + 3.0 * curved * curved / 640.0
            distance_m[i] = math.sqrt(chord2) * stretch
            azimuth_rad[i] = (math.atan2(east_m, north_m) - lean) % (2.0 * math.pi)
            continue
        qx, qy, qz = px + dx, py + dy, pz + dz
        # on the ellipsoid the latitude follows from the direction of its normal
        there = math.atan2(qz, math.hypot(qx, qy) * (1.0 - ECCENTRICITY2))
        distance_m[i], azimuth_rad[i] = geodesic(latitude, longitude, there, math.atan2(qy, qx))
        if math.isnan(distance_m[i]):  # almost the other side of the Earth: a sphere will do
            half = math.sqrt((px - qx) ** 2 + (py - qy) ** 2 + (pz - qz) ** 2) / (2.0 * EARTH_M)
            distance_m[i] = 2.0 * EARTH_M * math.asin(min(1.0, half))
