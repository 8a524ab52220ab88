"""Compiled inner loops of ``volumes``: from pairs of points and outlines to pairs of points and zones."""

from vedette.airspace._kernels import Floats, Integers
from vedette.model.kernel import bare_kernel


@bare_kernel
def spread(
    points: Integers,
    shapes: Integers,
    begin: Integers,
    zone: Integers,
    out_row: Integers,
    out_zone: Integers,
) -> None:
    """Write (point, zone) for each zone that hangs on each pair's shape."""
    at = 0
    for k in range(points.shape[0]):
        for v in range(begin[shapes[k]], begin[shapes[k] + 1]):
            out_row[at], out_zone[at] = points[k], zone[v]
            at += 1


@bare_kernel
def spread_between(
    points: Integers,
    shapes: Integers,
    begin: Integers,
    zone: Integers,
    heights_m: Floats,
    limits: Floats,
    out_row: Integers,
    out_zone: Integers,
) -> int:
    """As ``spread``, of zones whose floor is not above and whose ceiling is above the point; returns how many.

    ``limits`` is (zones, 4): datum of the floor or -1, floor, datum of the ceiling or -1, ceiling. One row is one
    line of the cache.
    """
    at = 0
    for k in range(points.shape[0]):
        point = points[k]
        for v in range(begin[shapes[k]], begin[shapes[k] + 1]):
            z = zone[v]
            # an unknown height compares with nothing, so it excludes nothing
            datum = int(limits[z, 0])
            if datum >= 0 and heights_m[point, datum] < limits[z, 1]:
                continue
            datum = int(limits[z, 2])
            if datum >= 0 and heights_m[point, datum] >= limits[z, 3]:
                continue
            out_row[at], out_zone[at] = point, z
            at += 1
    return at
