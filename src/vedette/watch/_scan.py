"""Compiled inner loops of ``scan``: rows by object, and runs of rows inside one zone."""

from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, kernel


@kernel
def by_object(codes: Integers, count: int, out: Integers) -> None:
    """Write the stable order of rows by their object's code: a counting sort."""
    at = [0] * (count + 1)
    for i in range(codes.shape[0]):
        at[codes[i] + 1] += 1
    for k in range(count):
        at[k + 1] += at[k]
    for i in range(codes.shape[0]):
        out[at[codes[i]]] = i
        at[codes[i]] += 1


@bare_kernel
def disordered(times_ns: Integers, codes: Integers) -> bool:
    """Whether any row is earlier than the row of the same object before it."""
    for i in range(1, times_ns.shape[0]):  # noqa: SIM110 Numba compiles no generators here
        if codes[i] == codes[i - 1] and times_ns[i] < times_ns[i - 1]:
            return True
    return False


@bare_kernel
def in_force(
    zone: int, at_ns: int, first: Integers, count: Integers, start_ns: Integers, end_ns: Integers
) -> bool:
    """Whether a zone is in force at an instant, by the columns of ``timetable.Pieces``."""
    if count[zone] < 0:
        return True
    low, high = first[zone], first[zone] + count[zone]
    while low < high:  # the first piece that ends later
        middle = (low + high) // 2
        if end_ns[middle] <= at_ns:
            low = middle + 1
        else:
            high = middle
    return bool(low < first[zone] + count[zone] and start_ns[low] <= at_ns)


@bare_kernel
def runs(
    rows: Integers,
    zones: Integers,
    codes: Integers,
    times_ns: Integers,
    heights_m: Floats,
    floor_m: Floats,
    ceiling_m: Floats,
    first: Integers,
    pieces: Integers,
    start_ns: Integers,
    end_ns: Integers,
    gap_ns: int,
    last: Integers,
    open_run: Integers,
    out: Integers,
) -> int:
    """Write (zone, first row, last row) of each unbroken run of rows of one object in one zone.

    Args:
        rows: (k,) rows that are in a zone, rising.
        zones: (k,) the zones.
        codes: (n,) object of each row; rows of one object lie together, in order of time.
        times_ns: (n,) times.
        heights_m: (n,) heights; NaN excludes nothing.
        floor_m: (zones,) least heights; infinite where there is none.
        ceiling_m: (zones,) heights that are above; infinite where there is none.
        first: (zones,) as the rest of ``timetable.Pieces``, in its order: when zones are in force.
        pieces: (zones,) how many of them.
        start_ns: of all.
        end_ns: of all.
        gap_ns: a longer silence breaks a run.
        last: (zones,) filled with -2.
        open_run: (zones,) of any content.
        out: (r, 3) filled as far as it goes.

    Returns:
        How many runs there are, also when they do not fit.
    """
    count = 0
    for k in range(rows.shape[0]):
        row, zone = rows[k], zones[k]
        if heights_m[row] < floor_m[zone] or heights_m[row] >= ceiling_m[zone]:
            continue
        if pieces[zone] >= 0 and not in_force(zone, times_ns[row], first, pieces, start_ns, end_ns):
            continue
        goes_on = (
            last[zone] == row - 1
            and codes[row] == codes[row - 1]
            and times_ns[row] - times_ns[row - 1] <= gap_ns
        )
        last[zone] = row
        if goes_on:
            if open_run[zone] < out.shape[0]:
                out[open_run[zone], 2] = row
            continue
        open_run[zone] = count
        if count < out.shape[0]:
            out[count, 0], out[count, 1], out[count, 2] = zone, row, row
        count += 1
    return count
