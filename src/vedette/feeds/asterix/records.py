"""Records of any category as columns of values, by the editions pinned for their sources."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from vedette.feeds.asterix import _walk as w
from vedette.feeds.asterix import specification as spec
from vedette.model.columns import Flags, Floats, Integers

MISSING: Final = w.MISSING
SMALLEST: Final = 12  # octets of a record; a stretch with more records is walked twice


class Records(NamedTuple):
    """(n,) records in the order of their bytes; a block that does not add up is one row with an ``error``."""

    columns: Integers  # (n, c)
    marks: Integers  # (n, 9), see ``_walk``
    places: dict[str, int]  # column of each wanted name
    factors: Floats  # (layouts, c)

    def raw(self, name: str) -> Integers:
        """(n,) values as sent, signed where the specification says so; MISSING where absent."""
        found: Integers = self.columns[:, self.places[name]]
        return found

    def has(self, name: str) -> Flags:
        """(n,) whether a value was sent."""
        found: Flags = self.raw(name) != MISSING
        return found

    def number(self, name: str) -> Floats:
        """(n,) values in the unit of the specification, NaN where absent."""
        raw = self.raw(name)
        factor = self.factors[self.marks[:, w.LAYOUT], self.places[name]]
        return np.where(raw == MISSING, np.nan, raw * factor)

    def flag(self, name: str) -> Flags:
        """(n,) whether a value was sent and is not zero."""
        raw = self.raw(name)
        found: Flags = (raw != MISSING) & (raw != 0)
        return found

    def first(self, *names: str) -> Integers:
        """(n,) the first of several values that was sent."""
        found = self.raw(names[0]).copy()
        for name in names[1:]:
            found = np.where(found == MISSING, self.raw(name), found)
        return found

    @property
    def sources(self) -> Integers:
        """(n,) SAC and SIC as one number; -1 where none is named."""
        found: Integers = self.marks[:, w.SOURCE]
        return found

    @property
    def good(self) -> Flags:
        """(n,) rows that are records."""
        found: Flags = self.marks[:, w.ERROR] < 0
        return found


class RecordReader:
    """Reads the records of one category."""

    def __init__(
        self,
        category: int,
        wanted: Sequence[str],
        pins: Mapping[int, str] | None = None,
        *,
        default: str | None = None,
        spares: bool = False,
    ) -> None:
        """Prepare a reader.

        Args:
            category: one of ``specification.CATEGORIES``.
            wanted: names of the values to read.
            pins: edition of a SAC/SIC, where it is not the default.
            default: edition of all other sources; None: the newest.
            spares: whether to count spare bits that are set (``marks[:, SPARES]``).

        Raises:
            SettingError: an edition is not in the tables.
        """
        self.category = category
        self.wanted = tuple(wanted)
        pins = pins or {}
        chosen = [default or spec.editions(category)[-1]]
        chosen += [edition for edition in dict.fromkeys(pins.values()) if edition not in chosen]
        layouts = [spec.layout(category, edition) for edition in chosen]
        self._layout_of = np.zeros(65_536, np.int64)
        for source, edition in pins.items():
            self._layout_of[source] = chosen.index(edition)
        self._program = spec.compile_program(layouts, self.wanted, spares=spares)
        self._places = {name: number for number, name in enumerate(self.wanted)}
        self.editions = tuple(chosen)

    def read(self, data: w.Octets, starts: Integers) -> Records:
        """The records of (b,) octets in which m chunks begin at (m + 1,) ``starts``, the end included."""
        room = len(data) // SMALLEST + 16
        p = self._program
        while True:
            columns = np.empty((room, len(self.wanted)), np.int64)
            marks = np.empty((room, w.MARKS), np.int64)
            count = w.walk_category(
                data, starts, self.category, self._layout_of, p.nodes, p.parts, p.inner, p.values,
                p.profiles, p.starts, columns, marks,
            )  # fmt: skip
            if count <= room:
                return Records(columns[:count], marks[:count], self._places, p.factors)
            room = count
