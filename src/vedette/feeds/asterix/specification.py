"""Record layouts of the categories by edition, from the bundled tables, and as programs for the compiled walk.

The tables are made by ``tools/build_asterix_tables.py``. A value is named by its item and field: ``130.LAT``,
``071`` for an item of one value, ``380.SAL.ALT`` within a compound item, ``250#`` for the count of a repeated one.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.errors import SettingError

CATEGORIES: Final = (1, 2, 10, 19, 20, 21, 34, 48, 62, 63, 65, 129, 205)
FIXED, EXTENDED, REPEATED, EXPLICIT, COMPOUND = range(5)
KINDS: Final = {"F": FIXED, "X": EXTENDED, "R": REPEATED, "E": EXPLICIT, "C": COMPOUND}
UNUSED, RANDOM = -1, -2  # field reference numbers: not defined; a random field sequence (RFS)
COUNT: Final = -1  # "part" of the count of a repeated item

Item = list[Any]  # as the tables give it, see tools/build_asterix_tables.py


class Field(NamedTuple):
    """One value within an item."""

    name: str | None  # None: spare bits
    bits: int
    signed: bool
    lsb: float | None
    unit: str


class Layout(NamedTuple):
    """One edition's records: for each user application profile the items by field reference number.

    Category 001 has two profiles, "plot" and "track"; the others have one, "".
    """

    category: int
    edition: str
    profiles: dict[str, list[tuple[str, Item] | int]]


@cache
def editions(category: int) -> tuple[str, ...]:
    """Editions of a category in the tables, oldest first; empty if there are none."""
    return tuple(_table(category)["editions"]) if category in CATEGORIES else ()


@cache
def layout(category: int, edition: str) -> Layout:
    """One edition's layout.

    Raises:
        SettingError: the tables do not have it; the message says which they have.
    """
    known = editions(category)
    if edition not in known:
        have = ", ".join(known) or "none"
        raise SettingError(f"category {category:03d} has no edition {edition} here ({have})")
    table = _table(category)
    items = table["items"]
    profiles: dict[str, list[tuple[str, Item] | int]] = {}
    for name, entries in table["editions"][edition].items():
        profiles[name] = [
            UNUSED if entry is None else RANDOM if entry == "RFS" else (entry[0], items[entry[1]])
            for entry in entries
        ]
    return Layout(category, edition, profiles)


@cache
def _table(category: int) -> dict[str, Any]:
    data = files("vedette.data").joinpath("asterix", f"cat{category:03d}.json").read_bytes()
    found: dict[str, Any] = json.loads(data)
    return found


def fields(part: Sequence[Sequence[Any]]) -> list[Field]:
    """The fields of a fixed item or of one part of an extended one."""
    return [Field(name, bits, bool(signed), lsb, unit) for name, bits, signed, lsb, unit in part]


def octets(part: Sequence[Sequence[Any]]) -> int:
    """How many octets fields take, with the last bit of a part that says whether another follows."""
    return (sum(int(field[1]) for field in part) + 7) // 8


def has_last_bit(part: Sequence[Sequence[Any]]) -> bool:
    """Whether a part of an extended item ends with the bit that says whether another follows."""
    return sum(int(field[1]) for field in part) % 8 == 7


class Program(NamedTuple):
    """Layouts as tables of integers that the compiled walk follows; see ``_walk`` for what their columns mean."""

    nodes: Integers  # (n, 5) kind, three operands, first of its values
    parts: Integers  # (p, 2) octets, whether a last bit follows
    inner: Integers  # (s,) nodes of compound items
    values: Integers  # (v, 5) part, first bit, bits, signed, column
    profiles: Integers  # (q,) nodes by field reference number, profile after profile
    starts: Integers  # (2 * layouts + 1,) where each layout's two profiles begin
    factors: Floats  # (layouts, columns) value of one bit; NaN where the layout lacks the column


def compile_program(layouts: Sequence[Layout], wanted: Sequence[str], *, spares: bool) -> Program:
    """A program that finds the ``wanted`` values in records of these layouts.

    Args:
        layouts: of one category; a record's layout is chosen by its source.
        wanted: names of values; those that a layout lacks stay missing. Column k is the k-th.
        spares: whether to look at spare bits as well (they come out as column -1).
    """
    compiler = _Compiler(wanted, spares=spares)
    for found in layouts:
        compiler.add(found)
    return compiler.program()


class _Compiler:
    def __init__(self, wanted: Sequence[str], *, spares: bool) -> None:
        self._column = {name: number for number, name in enumerate(wanted)}
        self._spares = spares
        self._nodes: list[list[int]] = []
        self._parts: list[tuple[int, int]] = []
        self._inner: list[int] = []
        self._values: list[tuple[int, int, int, int, int]] = []
        self._profiles: list[int] = []
        self._starts = [0]
        self._factors: list[list[float]] = []

    def add(self, found: Layout) -> None:
        self._factors.append([np.nan] * len(self._column))
        for profile in (*found.profiles.values(), [])[:2]:
            row = [
                entry if isinstance(entry, int) else self._node(entry[0], entry[1])
                for entry in profile
            ]
            self._profiles += row
            self._starts.append(len(self._profiles))

    def program(self) -> Program:
        def rows(values: list[Any], width: int) -> Integers:
            return np.array(values or np.empty((0, width)), np.int64).reshape(-1, width)

        # the last row only says where the values of the one before it end
        nodes = rows([*self._nodes, [FIXED, 0, 0, 0, len(self._values)]], 5)
        return Program(
            nodes=nodes,
            parts=rows(self._parts, 2),
            inner=np.array(self._inner, np.int64),
            values=rows(self._values, 5),
            profiles=np.array(self._profiles, np.int64),
            starts=np.array(self._starts, np.int64),
            factors=np.array(self._factors).reshape(-1, len(self._column)),
        )

    def _node(self, name: str, item: Item) -> int:
        kind = KINDS[item[0]]
        if kind == COMPOUND:
            inner = [
                UNUSED if entry is None else self._node(f"{name}.{entry[0]}", entry[1])
                for entry in item[1]
            ]
            first = len(self._inner)
            self._inner += inner
            return self._add([COMPOUND, first, len(inner), 0])
        if kind == FIXED:
            node = self._add([FIXED, octets(item[1]), 0, 0])
            self._take(name, item[1], 0)
        elif kind == EXTENDED:
            first = len(self._parts)
            self._parts += [(octets(part), int(has_last_bit(part))) for part in item[1]]
            node = self._add([EXTENDED, first, len(item[1]), 0])
            for number, part in enumerate(item[1]):
                self._take(name, part, number)
        elif kind == REPEATED:
            node = self._add([REPEATED, item[1], octets(item[2][1]), 0])
            if (column := self._column.get(f"{name}#")) is not None:
                self._values.append((COUNT, 0, 0, 0, column))
            self._take(name, item[2][1], 0)
        else:
            node = self._add([EXPLICIT, 0, 0, 0])
        return node

    def _add(self, row: list[int]) -> int:
        self._nodes.append([*row, len(self._values)])
        return len(self._nodes) - 1

    def _take(self, item: str, part: Sequence[Sequence[Any]], number: int) -> None:
        bit = 0
        for field in fields(part):
            if field.name is None:
                if self._spares:
                    self._values.append((number, bit, field.bits, 0, -1))
            else:
                full = f"{item}.{field.name}" if field.name else item
                column = self._column.get(full)
                if column is not None:
                    self._values.append((number, bit, field.bits, int(field.signed), column))
                    self._factors[-1][column] = 1.0 if field.lsb is None else field.lsb
            bit += field.bits


def names(found: Layout) -> Iterator[str]:
    """All names of values in a layout."""
    for profile in found.profiles.values():
        for entry in profile:
            if not isinstance(entry, int):
                yield from _names(entry[0], entry[1])


def _names(name: str, item: Item) -> Iterator[str]:
    kind = KINDS[item[0]]
    if kind == COMPOUND:
        for entry in item[1]:
            if entry is not None:
                yield from _names(f"{name}.{entry[0]}", entry[1])
        return
    parts: list[Any] = []
    if kind == FIXED:
        parts = [item[1]]
    elif kind == EXTENDED:
        parts = item[1]
    elif kind == REPEATED:
        parts = [item[2][1]]
        yield f"{name}#"
    for part in parts:
        for field in fields(part):
            if field.name is not None:
                yield f"{name}.{field.name}" if field.name else name
