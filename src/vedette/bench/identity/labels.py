"""What an aircraft truly is, by its type designator in an aircraft database that is not ours to ship."""

import csv
import os
from pathlib import Path

import pyarrow.parquet as pq

from vedette.identity.registered import object_class


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
