"""Compiled inner loop of ``outlines``: from pairs of a point and an outline to pairs of a point and a zone."""

from vedette.airspace._kernels import Bytes
from vedette.model.columns import Integers
from vedette.model.kernel import bare_kernel


@bare_kernel
def spread(
    rows: Integers,
    shapes: Integers,
    begin: Integers,
    zone: Integers,
    wanted: Bytes,
    out_row: Integers,
    out_zone: Integers,
) -> int:
    """Write (row, zone) for each wanted zone of each pair's outline, zones rising within a row; returns how many.

    Args:
        rows: (k,) rows, rising.
        shapes: (k,) outlines.
        begin: (outlines + 1,) where the zones of each begin.
        zone: (zones,) sorted by outline, then position.
        wanted: (zones,) 1 where a zone counts.
        out_row: room for all zones of all pairs, filled as far as it goes.
        out_zone: the same.
    """
    at = first = 0
    for k in range(rows.shape[0]):
        if k > 0 and rows[k] != rows[k - 1]:
            first = at
        for v in range(begin[shapes[k]], begin[shapes[k] + 1]):
            z = zone[v]
            if wanted[z] == 0:
                continue
            j = at
            while j > first and out_zone[j - 1] > z:
                out_zone[j] = out_zone[j - 1]
                j -= 1
            out_zone[j], out_row[at] = z, rows[k]
            at += 1
    return at
