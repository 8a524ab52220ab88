"""Pairs of a track at rest and a zone near it, as columns."""

from typing import NamedTuple

import numpy as np

from vedette.model.columns import Flags, Floats, Integers
from vedette.watch import _resting


class Pairs(NamedTuple):
    """(p,) pairs of a track at rest and a zone near it, by row, then zone."""

    zone: Integers
    due_ns: Integers
    outside_ns: Integers
    certain_ns: Integers
    looked_ns: Integers
    inside_ns: Integers
    peak: Floats
    passage: Integers  # 1 where a passage is open
    reach: Floats  # (p, 6) distance, sigma, unseen, sigma of the boundary, highest probability, when within
    reach_stretch: Integers  # -1: none since the passage was last put away
    best: Floats  # (p, 6) the deepest of the stretches before
    best_stretch: Integers
    # way flown at which it may come to the boundary's doubt; minus infinity: not known to be outside
    clear_m: Floats

    def take(self, at: Integers) -> "Pairs":
        """Some of them, in the order asked for."""
        return Pairs._make(column.take(at, axis=0) for column in self)

    def copy(self) -> "Pairs":
        """The same in arrays that may be written to; the zones stay as they are."""
        return Pairs._make((self.zone, *(column.copy() for column in self[1:])))


class Laid(NamedTuple):
    """A track that is laid to rest: its row, when a passage settles, and its pairs, by zone."""

    row: int
    alarm_ns: int
    lawful_ns: int  # last time that it did not coast, and its authority was known
    pairs: list[tuple[int, int, int, int, int, int, float, int]]


def open_pairs(pairs: Pairs, begin: Integers, rows: list[int]) -> list[list[tuple[int, int]]]:
    """Of each of some rows the pairs that hold a passage, and their zones."""
    at = np.array(rows, dtype=np.int64)
    first, many = begin[at], begin[at + 1] - begin[at]
    ends = np.cumsum(many)
    pair = np.repeat(first - ends + many, many) + np.arange(int(ends[-1]) if len(at) else 0)
    owner = np.repeat(np.arange(len(at)), many)
    held = pairs.passage[pair] == 1
    pair = pair[held]
    result: list[list[tuple[int, int]]] = [[] for _ in rows]
    for track, one, zone in zip(
        owner[held].tolist(), pair.tolist(), pairs.zone[pair].tolist(), strict=True
    ):
        result[track].append((one, zone))
    return result


def ceased(
    pairs: Pairs,
    begin: Integers,
    rows: Integers,
    valid_ns: Integers,
    first_ns: Integers,
    last_ns: Integers,
) -> Integers:
    """Those of some rows that hold a passage of a zone that is not in force.

    Args:
        pairs: by row.
        begin: (n + 1,) where the pairs of each row begin.
        rows: to be looked at.
        valid_ns: (n,) times of the rows.
        first_ns: (z,) when each zone comes into force or did.
        last_ns: (z,) when it ceases to be.
    """
    many = begin[rows + 1] - begin[rows]
    owner = np.repeat(rows, many)
    at = np.repeat(begin[rows] - np.cumsum(many) + many, many) + np.arange(len(owner))
    zone, now_ns = pairs.zone[at], valid_ns[owner]
    asleep = (now_ns < first_ns[zone]) | (last_ns[zone] <= now_ns)
    found: Integers = owner[asleep & (pairs.passage[at] == 1)]
    return found


def merged(
    pairs: Pairs,
    begin: Integers,
    resting: Flags,
    due: Integers,
    found: tuple[Integers, Integers],
    new: list[Laid],
    valid_ns: Integers,
    outside_ns: Integers,
) -> tuple[Pairs, Integers]:
    """The pairs after a search, without those of tracks that were woken and with those of tracks laid to rest."""
    searched = np.where(resting, -1, -2)
    searched[due] = np.arange(len(due))
    searched[[one.row for one in new]] = len(due) + np.arange(len(new))
    laid_down = [pair for one in new for pair in one.pairs]
    columns = list(zip(*laid_down, strict=True)) if laid_down else [()] * 8
    zones = np.concatenate((found[1], np.array(columns[0], dtype=np.int64)))
    ends = np.searchsorted(found[0], np.arange(len(due) + 1)).astype(np.int64)
    given = np.cumsum([len(one.pairs) for one in new], dtype=np.int64)
    ends = np.concatenate((ends, ends[-1] + given))
    room = len(pairs.zone) + len(zones)
    after = np.empty(len(begin), dtype=np.int64)
    zone, source = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    total = _resting.merged(
        begin, pairs.zone, pairs.passage, resting.astype(np.int64), searched, ends, zones,
        after, zone, source,
    )  # fmt: skip
    kept = _room(total)._replace(zone=zone[:total])
    _resting.gather(after, source, valid_ns, outside_ns, pairs, kept)
    if laid_down:
        place = np.concatenate([np.arange(after[one.row], after[one.row + 1]) for one in new])
        for at, values in enumerate(columns[1:], start=1):
            kept[at][place] = values
    return kept, after


def _room(count: int) -> Pairs:
    """Columns to be filled in."""

    def whole() -> Integers:
        return np.empty(count, dtype=np.int64)

    return Pairs(
        whole(), whole(), whole(), whole(), whole(), whole(), np.empty(count), whole(),
        np.empty((count, 6)), whole(), np.empty((count, 6)), whole(), np.empty(count),
    )  # fmt: skip
