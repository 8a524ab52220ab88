"""Kernels of what a tick keeps of what it changes, so that it can be put back."""

from vedette.fusion import _layout as c
from vedette.model._lanes import read, write
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel, merged_kernel


@merged_kernel
def keep_track(
    i: int, floats: Floats, ints: Integers, states: Floats, kept_floats: Floats, kept_ints: Integers,
    kept_states: Floats, saved: Integers, log: Integers, counts: Integers,
) -> None:  # fmt: skip
    """Copy a track that is about to change, unless a copy of it is there or none is wanted.

    ``saved`` is 0 of those that have none yet. The copies follow one another, as they come: to be written anywhere
    in memory is what a copy costs. ``log`` tells of which track each is, ``counts[K_TRACKS]`` how many there are.
    """
    if i >= saved.shape[0] or saved[i] != 0:
        return
    at = counts[c.K_TRACKS]
    counts[c.K_TRACKS] = at + 1
    saved[i], log[at] = 1, i
    for u in range(c.FLOATS):
        kept_floats[at, u] = floats[i, u]
    for u in range(c.INTEGERS):
        kept_ints[at, u] = ints[i, u]
    for u in range(c.ROW):
        write(kept_states[at], u, read(states[i], u))


@inner_kernel
def keep_sight(
    i: int, s: int, sights: Integers, pairs: Integers, times: Integers, count: int
) -> int:
    """Copy what a sensor knows of a track; returns how many copies there are."""
    pairs[count, 0], pairs[count, 1] = i, s
    for v in range(c.SIGHTS):
        times[count, v] = sights[i, s, v]
    return count + 1


@bare_kernel
def save_tracks(
    rows: Integers, floats: Floats, ints: Integers, states: Floats, kept_floats: Floats,
    kept_ints: Integers, kept_states: Floats, saved: Integers, log: Integers, counts: Integers,
) -> None:  # fmt: skip
    """Copy tracks that are about to change, as ``keep_track`` does; rows may repeat."""
    for r in range(rows.shape[0]):
        keep_track(
            rows[r], floats, ints, states, kept_floats, kept_ints, kept_states, saved, log, counts,
        )  # fmt: skip


@bare_kernel
def list_changed(
    rows: Integers, floats: Floats, now_floats: Floats, ints: Integers, now_ints: Integers
) -> int:  # fmt: skip
    """Bring to the front of ``rows`` those that have learnt, or have another status, than in the copies of them.

    Whatever a track learns changes its mean, its time, its updates or whom it is merged with. Returns how many.
    """
    found = 0
    for r in range(rows.shape[0]):
        i = rows[r]
        same = (
            ints[r, c.STATUS] == now_ints[i, c.STATUS] and ints[r, c.T] == now_ints[i, c.T]
            and ints[r, c.UPDATES] == now_ints[i, c.UPDATES] and ints[r, c.MERGED] == now_ints[i, c.MERGED]
        )  # fmt: skip
        for u in range(c.MEAN, c.MEAN + 5):
            same = same and floats[r, u] == now_floats[i, u]
        if not same:
            rows[found] = i
            found += 1
    return found


@bare_kernel
def restore_sights(sights: Integers, pairs: Integers, times: Integers, count: int) -> None:
    """Put the copies back, the last first: where there are several the first tells how it was."""
    for k in range(count - 1, -1, -1):
        for v in range(c.SIGHTS):
            sights[pairs[k, 0], pairs[k, 1], v] = times[k, v]
