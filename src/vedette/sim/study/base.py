"""Airfields that public text names for air policing. Which is manned on a given day is assumed."""

import csv
from functools import cache
from importlib.resources import files

import msgspec


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """One airfield."""

    code: str  # ICAO location indicator
    name: str
    state: str  # on whose ground it lies
    latitude_deg: float
    longitude_deg: float
    detachment: bool  # allied aircraft, not the state's own


@cache
def shipped_bases() -> dict[str, Base]:
    """The list that comes with the program, by code; see ``tools/build_alert_bases.py``."""
    text = (files("vedette") / "data" / "studies" / "bases.csv").read_text("utf-8")
    return {
        row["code"]: Base(
            code=row["code"],
            name=row["name"],
            state=row["state"],
            latitude_deg=float(row["latitude_deg"]),
            longitude_deg=float(row["longitude_deg"]),
            detachment=row["detachment"] == "1",
        )
        for row in csv.DictReader(text.splitlines())
    }
