"""What an aircraft truly is, by its type designator in an aircraft database that is not ours to ship."""

import csv
import os
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

# ICAO Doc 8643 designators that begin so are business jets: general aviation, whatever their weight.
BUSINESS_JETS: Final = (
    "ASTR", "BE40", "C25", "C50", "C51", "C52", "C55", "C56", "C650", "C68", "C700", "C750", "CL30",
    "CL35", "CL60", "E35L", "E50P", "E545", "E550", "E55P", "EA50", "F2TH", "F900", "FA10", "FA20",
    "FA50", "FA6X", "FA7X", "FA8X", "G150", "G280", "GA5C", "GA6C", "GA7C", "GA8C", "GALX", "GL5T",
    "GL6T", "GL7T", "GLEX", "GLF", "H25", "HA4T", "HDJT", "LJ", "MU30", "PC24", "PRM1", "SBR", "SF50",
    "WW24",
)  # fmt: skip
# Twin turboprops that carry passengers on lines; the others are general aviation.
AIRLINE_TURBOPROPS: Final = (
    "AN24", "AN26", "AT4", "AT7", "ATP", "D328", "DH8", "E120", "F50", "JS41", "SB20", "SF34",
)  # fmt: skip


def object_class(typecode: str, description: str, *, military: bool) -> str | None:
    """The class of a type; None where its description does not say.

    Args:
        typecode: ICAO designator, "A320".
        description: of Doc 8643, "L2J".
        military: operated by an armed force.

    >>> object_class("A320", "L2J", military=False), object_class("GLF6", "L2J", military=False)
    ('airliner', 'ga_aircraft')
    """
    kind = description[:1]
    if kind in ("H", "G"):
        return "helicopter_military" if military else "helicopter_civil"
    if kind not in ("L", "A", "S") or len(description) != 3:
        return None
    if military:
        return "military_aircraft"
    engines, drive = description[1], description[2]
    if drive == "J":
        return "ga_aircraft" if typecode.startswith(BUSINESS_JETS) else "airliner"
    if drive == "T" and (engines in "34" or typecode.startswith(AIRLINE_TURBOPROPS)):
        return "airliner"
    return "ga_aircraft"


def database() -> dict[str, str] | None:
    """Class by address, from the folder that ``VEDETTE_AIRCRAFT`` names; None without one.

    It holds ``icao_types.csv`` and one ``aircraft_*.parquet`` (icao24, typecode, military).
    """
    named = os.environ.get("VEDETTE_AIRCRAFT")
    if not named:
        return None
    folder = Path(named)
    with (folder / "icao_types.csv").open(encoding="utf-8") as file:
        types = {row["typecode"]: row["description"] for row in csv.DictReader(file)}
    (path,) = folder.glob("aircraft_*.parquet")
    table = pq.read_table(path, columns=["icao24", "typecode", "military"])
    found: dict[str, str] = {}
    for address, typecode, military in zip(
        *(table.column(name).to_pylist() for name in ("icao24", "typecode", "military")),
        strict=True,
    ):
        known = object_class(typecode or "", types.get(typecode or "", ""), military=bool(military))
        if known is not None:
            found[address] = known
    return found
