"""Rows of tracks that are gone, in the order in which they left: added to and forgotten without copying."""

from typing import Final

from vedette.identity import history
from vedette.identity.history import Rows
from vedette.model.columns import Flags

_LEAST: Final = 1_024


class Store:
    """Room for rows that several states share. What was written once is never written again."""

    def __init__(self, rows: Rows, filled: int) -> None:
        self.rows, self.filled = rows, filled


class Lost:
    """A stretch of a store: oldest first. A value like any other; adding to it gives another one."""

    def __init__(self, store: Store | None = None, begin: int = 0, end: int = 0) -> None:
        self._store = store or Store(history.birth(0), 0)
        self._begin, self._end = begin, end
        self.rows: Rows = self._store.rows[begin:end]

    def without_first(self, count: int) -> "Lost":
        """Without the oldest."""
        return Lost(self._store, self._begin + count, self._end)

    def only(self, kept: Flags) -> "Lost":
        """Those that are marked, copied: a track has come back, which hardly ever happens."""
        rows = self.rows[kept]
        return Lost(Store(rows, len(rows)), 0, len(rows))

    def extended(self, more: Rows) -> "Lost":
        """With newer rows behind them; in the same store where nobody else has written there."""
        store, end = self._store, self._end + len(more)
        if store.filled != self._end or end > len(store.rows):
            count = len(self.rows)
            rows = Rows.empty(max(_LEAST, 2 * (count + len(more))))
            rows[:count] = self.rows
            store = Store(rows, count)
            store.rows[count : count + len(more)] = more
            store.filled = count + len(more)
            return Lost(store, 0, store.filled)
        store.rows[self._end : end] = more
        store.filled = end
        return Lost(store, self._begin, end)
