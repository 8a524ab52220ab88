"""The logs of all nations as one list that is the same at every reader that holds the same entries."""

from collections.abc import Iterable
from heapq import merge as merge_sorted
from typing import TypeVar

import msgspec

from vedette.alliance.items import Body


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as taken: whose, its number, what it says, and when it came here."""

    nation: str
    sequence: int
    body: Body
    received_ns: int
    ahead: bool = False  # dated later than our clock allows: its nation's clock, or ours, is wrong


T = TypeVar("T", bound=Told)


def merged(told: Iterable[T]) -> list[T]:
    """Entries of all nations by the time at which each was made; of one nation always in its own order.

    Where a nation's clock went back, its entry counts as made no earlier than the one before it. An entry
    that is given twice is there once.
    """
    logs: dict[str, dict[int, T]] = {}
    for entry in told:
        logs.setdefault(entry.nation, {}).setdefault(entry.sequence, entry)
    ordered = []
    for nation, entries in sorted(logs.items()):
        made_ns, rows = 0, []
        for sequence, entry in sorted(entries.items()):
            made_ns = max(made_ns, entry.body.made_ns)
            rows.append((made_ns, nation, sequence, entry))
        ordered.append(rows)
    return [row[3] for row in merge_sorted(*ordered, key=lambda row: row[:3])]
