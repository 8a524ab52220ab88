"""What the boundaries must show before they are shipped: known points, known areas, no overlaps."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely

from boundaries.plane import area_km2
from vedette.airspace.index import ZoneIndex
from vedette.model.zone import Zone

# name, latitude, longitude, states of the sovereign zones there
POINTS: tuple[tuple[str, float, float, tuple[str, ...]], ...] = (
    ("Vaindloo", 59.817, 26.360, ("EST",)),
    ("Keri", 59.697, 25.024, ("EST",)),
    ("corridor in the Gulf of Finland", 59.85, 25.3, ()),
    ("8 NM north of Vaindloo", 59.950, 26.360, ()),
    ("Ertholmene", 55.320, 15.187, ("DNK",)),
    ("Gotska Sandön", 58.370, 19.250, ("SWE",)),
    ("Mariehamn", 60.100, 19.940, ("FIN",)),
    ("Snake Island", 45.255, 30.204, ("UKR",)),
    ("Kaliningrad", 54.710, 20.510, ("RUS",)),
    ("Suwałki", 54.100, 22.930, ("POL",)),
    ("Petrobaltic", 55.480, 18.180, ()),
    ("Simferopol", 44.950, 34.100, ("UKR",)),
    ("Longyearbyen", 78.220, 15.630, ("NOR",)),
    ("Jan Mayen", 71.000, -8.400, ("NOR",)),
    ("Kastellorizo", 36.148, 29.590, ("GRC",)),
    ("Thule", 76.530, -68.700, ("DNK",)),
    ("Tórshavn", 62.010, -6.770, ("DNK",)),
    ("Ceuta", 35.890, -5.310, ("ESP",)),
    ("Las Palmas", 28.120, -15.430, ("ESP",)),
    ("Ponta Delgada", 37.740, -25.670, ("PRT",)),
    ("Honolulu", 21.310, -157.860, ("USA",)),
    ("Anchorage", 61.220, -149.900, ("USA",)),
    ("Wrangel Island", 71.240, -179.400, ("RUS",)),
    ("Attu, west of the antimeridian", 52.900, 172.900, ("USA",)),
    ("Saint-Pierre", 46.780, -56.180, ("FRA",)),
    ("Cayenne", 4.930, -52.330, ("FRA",)),
    ("Bermuda", 32.300, -64.780, ("GBR",)),
    ("Saint Helier", 49.190, -2.110, ("GBR",)),
    ("Stanley", -51.690, -57.850, ("GBR",)),
    ("Curaçao", 12.170, -68.980, ("NLD",)),
    ("Cape Sounion, 5.8 NM to the east", 37.650, 24.145, ("GRC",)),
    ("Büsingen", 47.696, 8.690, ("DEU",)),
    ("Baarle-Hertog", 51.440, 4.930, ("BEL",)),
    ("Campione", 45.969, 8.972, ("ITA",)),
    ("Livigno", 46.538, 10.135, ("ITA",)),
    ("Vatican", 41.9025, 12.4533, ("VAT",)),
    ("Nicosia", 35.150, 33.360, ("CYP",)),
    ("Pristina", 42.660, 21.160, ("XKX",)),
    ("Laayoune", 27.150, -13.200, ()),
    ("Agadir", 30.420, -9.600, ("MAR",)),
    ("middle of the Baltic", 56.500, 18.900, ()),
    ("middle of the Atlantic", 45.000, -40.000, ()),
)
OUTSIDE_ARTICLE_6 = ("Ceuta", "Honolulu", "Cayenne", "Stanley", "Curaçao")
# zone, official area [km²], with inland waters and without the sea
AREAS = (("sovereign:POL", 322_719.0), ("sovereign:CZE", 78_871.0), ("sovereign:HUN", 93_025.0))


def report(zones: Sequence[Zone], shapes: Sequence[Any]) -> list[str]:
    """Print what was found; one line for each failure."""
    failures = []
    index = ZoneIndex.build(zones, shapes)
    y, x = np.array([p[1] for p in POINTS]), np.array([p[2] for p in POINTS])
    rows, found = index.locate(y, x, kinds={"sovereign"})
    disputed_rows, disputed = index.locate(y, x, kinds={"disputed"})
    for row, (name, latitude, longitude, expected) in enumerate(POINTS):
        here = [zones[z] for z in found[rows == row]]
        also = [zones[z].zone_id for z in disputed[disputed_rows == row]]
        states = tuple(zone.state for zone in here)
        member = all(zone.member for zone in here)
        print(
            f"{name:36} {latitude:8.3f} {longitude:9.3f} {','.join(z.zone_id for z in here)} {also}"
        )
        if states != expected:
            failures.append(f"{name}: {states}, expected {expected}")
        if name in OUTSIDE_ARTICLE_6 and member:
            failures.append(f"{name}: must not be inside Article 6")
    for zone_id, official_km2 in AREAS:
        area = area_km2(shapes[index.row_of(zone_id)])
        print(f"{zone_id:36} {area:10.0f} km2, official {official_km2:10.0f}")
        if abs(area / official_km2 - 1.0) > 1e-3:
            failures.append(f"{zone_id}: {area:.0f} km2")
    sovereign = [s for s, zone in zip(shapes, zones, strict=True) if zone.kind == "sovereign"]
    pairs = shapely.STRtree(sovereign).query(
        np.array(sovereign, dtype=object), predicate="overlaps"
    )
    overlap = sum(
        area_km2(shapely.intersection(sovereign[i], sovereign[j])) for i, j in pairs.T if i < j
    )
    print(f"overlap between sovereign zones: {overlap:.6f} km2")
    if overlap > 0.01:
        failures.append(f"sovereign zones overlap by {overlap:.3f} km2")
    members = {zone.state for zone in zones if zone.member}
    if len(members) != 32:
        failures.append(f"{len(members)} members")
    for shape, zone in zip(shapes, zones, strict=True):
        if not shape.is_valid or shape.is_empty:
            failures.append(f"{zone.zone_id}: {shapely.is_valid_reason(shape)}")
    return failures
