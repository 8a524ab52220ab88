"""What ``vedette bench`` says: figures, and how far it has come."""

from typing import NamedTuple

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A measured figure beside what it should reach and the best known elsewhere in the same run."""

    area: str
    name: str
    value: float
    unit: str
    target: str = ""  # "≥ 1e6", in words a person reads
    note: str = ""


class Note(NamedTuple):
    """How far a long measurement has come; talk, no figure."""

    text: str


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """Many figures of the same kinds, side by side; None where one is not defined."""

    area: str
    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]

    def lines(self) -> list[str]:
        """The table as text, its columns aligned."""
        cells = [list(self.columns), *([_shown(value) for value in row] for row in self.rows)]
        widths = [max(len(row[k]) for row in cells) for k in range(len(self.columns))]
        return [
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in cells
        ]


def _shown(value: str | float | None) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"
