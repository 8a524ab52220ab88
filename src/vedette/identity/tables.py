"""Published facts that identity rests on: address blocks, performance, callsign designators.

They are bundled as CSV under ``data/identity`` with a source in each row; ``tools/build_identity.py``
makes the address blocks, the others are typed from the publications they name.
"""

import csv
import re
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np

from vedette.model.assessment import CLASSES, CREWED_CIVIL
from vedette.model.columns import Flags, Floats, Integers

CLASS_INDEX: Final = {name: index for index, name in enumerate(CLASSES)}
CLASS_COUNT: Final = len(CLASSES)
CIVIL: Final[Flags] = np.array([name in CREWED_CIVIL for name in CLASSES])
UNKNOWN_CLASS: Final = CLASS_INDEX["unknown"]


def _read(name: str) -> list[dict[str, str]]:
    text = (files("vedette") / "data" / "identity" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


class Registry(msgspec.Struct, frozen=True):
    """Blocks of 24-bit addresses, sorted, not overlapping."""

    starts: Integers
    ends: Integers
    states: tuple[str, ...]  # ISO 3166-1 alpha-3; "" where ICAO itself holds the block
    names: tuple[str, ...]
    members: Flags
    registrations: tuple[
        re.Pattern[str] | None, ...
    ]  # marks without their hyphen, as in a callsign

    def find(self, addresses: Integers) -> Integers:
        """Row of the block that holds each address.

        Args:
            addresses: (n,) 24-bit addresses; -1 for none.

        Returns:
            (n,) row indices; -1 where no state holds the address.

        Example: 4CA123 is in the block of Ireland.

            >>> table = registry()
            >>> [table.states[i] for i in table.find(np.array([0x4CA123]))]
            ['IRL']
        """
        rows = np.searchsorted(self.starts, addresses, side="right") - 1
        inside = (rows >= 0) & (addresses <= self.ends[rows])
        return np.where(inside, rows, -1).astype(np.int64)


@cache
def registry() -> Registry:
    """Blocks of ICAO Annex 10 Volume III, table 9-1."""
    rows = _read("icao24.csv")
    return Registry(
        starts=np.array([int(row["start"], 16) for row in rows], dtype=np.int64),
        ends=np.array([int(row["end"], 16) for row in rows], dtype=np.int64),
        states=tuple(row["state"] for row in rows),
        names=tuple(row["name"] for row in rows),
        members=np.array([row["member"] == "1" for row in rows]),
        registrations=tuple(
            re.compile(row["registration"].replace("-", "")) if row["registration"] else None
            for row in rows
        ),
    )


# Parts of a state's block that its civil register does not use. Only what can be derived is here:
# the United States number N1 to N99999 onto A00001 to ADF7C7 by a published rule (14 CFR 47.15
# gives the marks), so no civil mark belongs to the rest of the block.
NON_CIVIL: Final = ((0xADF7C8, 0xAFFFFF),)


def non_civil(addresses: Integers) -> Flags:
    """(n,) whether an address lies in a part of its block that no civil register uses."""
    found = np.zeros(len(addresses), dtype=np.bool_)
    for start, end in NON_CIVIL:
        found |= (addresses >= start) & (addresses <= end)
    return found


class Phases(msgspec.Struct, frozen=True):
    """Boxes of speed, height and vertical rate in which the classes fly, with their weights."""

    owners: Integers  # (m,) class index
    weights: Floats  # (m,) sum to 1 within a class
    boxes: (
        Floats  # (m, 6) speed low, high [m/s], height low, high [m], vertical rate low, high [m/s]
    )


@cache
def phases() -> Phases:
    """Phases of flight by class, from ``phases.csv``."""
    rows = _read("phases.csv")
    names = [
        f"{what}_{end}_{unit}"
        for what, unit in (("speed", "mps"), ("height", "m"), ("vertical", "mps"))
        for end in ("low", "high")
    ]
    return Phases(
        owners=np.array([CLASS_INDEX[row["class"]] for row in rows], dtype=np.int64),
        weights=np.array([float(row["weight"]) for row in rows]),
        boxes=np.array([[float(row[name]) for name in names] for row in rows]),
    )


@cache
def limits() -> Floats:
    """(classes, 4) the most a class does: speed [m/s], height [m], climb [m/s], acceleration [m/s²]."""
    found = {row["class"]: row for row in _read("limits.csv")}
    names = ("speed_mps", "height_m", "vertical_mps", "acceleration_mps2")
    return np.array([[float(found[name][column]) for column in names] for name in CLASSES])


class Fitted(msgspec.Struct, frozen=True, kw_only=True):
    """What was fitted to recordings: see ``docs/explanation/identity.md``."""

    scales: dict[str, float] = {}  # by factor, on its log-likelihoods; 1 where none is named
    class_logs: dict[str, float] = {}  # crewed civil classes: what a reply adds, none below 0
    fitted_on: tuple[str, ...] = ()  # recordings
    aircraft: int = 0


@cache
def fitted() -> Fitted:
    """Numbers of ``fitted.json``, which ``tools/fit_identity.py`` makes.

    Raises:
        msgspec.ValidationError: the file is not what this version reads.
    """
    data = (files("vedette") / "data" / "identity" / "fitted.json").read_bytes()
    return msgspec.json.decode(data, type=Fitted)


@cache
def civil_designators() -> dict[str, str]:
    """Designators (ICAO Doc 8585) of operators that fly business aircraft or rotorcraft alone, by kind."""
    return {row["designator"]: row["kind"] for row in _read("civil_callsigns.csv")}


@cache
def military_designators() -> dict[str, str]:
    """Three-letter designators of armed forces' operators (ICAO Doc 8585) and their names."""
    return {row["designator"]: row["operator"] for row in _read("military_callsigns.csv")}
