"""Which parts of the source make which zone: members inside and outside Article 6, and neighbours.

Article 6 of the North Atlantic Treaty covers the territory of the parties in Europe or North America, of
Türkiye, and their islands in the North Atlantic area north of the Tropic of Cancer.
"""

from typing import Any, NamedTuple

import shapely

from boundaries.sources import polygons

MEMBERS = {
    "ALB": "Albania", "BEL": "Belgium", "BGR": "Bulgaria", "CAN": "Canada", "HRV": "Croatia",
    "CZE": "Czechia", "DNK": "Denmark", "EST": "Estonia", "FIN": "Finland", "FRA": "France",
    "DEU": "Germany", "GRC": "Greece", "HUN": "Hungary", "ISL": "Iceland", "ITA": "Italy",
    "LVA": "Latvia", "LTU": "Lithuania", "LUX": "Luxembourg", "MNE": "Montenegro",
    "NLD": "Netherlands", "MKD": "North Macedonia", "NOR": "Norway", "POL": "Poland",
    "PRT": "Portugal", "ROU": "Romania", "SVK": "Slovakia", "SVN": "Slovenia", "ESP": "Spain",
    "SWE": "Sweden", "TUR": "Türkiye", "GBR": "United Kingdom", "USA": "United States",
}  # fmt: skip
NEIGHBOURS = {
    "RUS": "Russia", "BLR": "Belarus", "UKR": "Ukraine", "MDA": "Moldova", "GEO": "Georgia",
    "SRB": "Serbia", "BIH": "Bosnia and Herzegovina", "XKX": "Kosovo", "CHE": "Switzerland",
    "LIE": "Liechtenstein", "AUT": "Austria", "IRL": "Ireland", "CYP": "Cyprus", "SYR": "Syria",
    "LBN": "Lebanon", "ISR": "Israel", "IRQ": "Iraq", "IRN": "Iran", "ARM": "Armenia",
    "AZE": "Azerbaijan", "MAR": "Morocco", "DZA": "Algeria", "TUN": "Tunisia", "LBY": "Libya",
    "EGY": "Egypt", "MLT": "Malta", "AND": "Andorra", "MCO": "Monaco", "SMR": "San Marino",
    "VAT": "Holy See", "MEX": "Mexico", "CUB": "Cuba", "BHS": "Bahamas",
}  # fmt: skip
# parts with a code of their own that Article 6 covers, and those that it does not
INSIDE = {
    "DNK": ("GRL", "FRO"),
    "FIN": ("ALA",),
    "FRA": ("SPM",),
    "NOR": ("SJM",),
    "GBR": ("IMN", "JEY", "GGY", "GIB", "BMU"),
}
OUTSIDE = {
    "FRA": (
        "GLP", "MTQ", "GUF", "REU", "MYT", "BLM", "MAF", "PYF", "NCL", "WLF", "ATF",
    ),
    "NLD": ("BES", "ABW", "CUW", "SXM"),
    "NOR": ("BVT",),
    "GBR": ("AIA", "CYM", "FLK", "IOT", "MSR", "PCN", "SGS", "SHN", "TCA", "VGB"),
    "USA": ("PRI", "VIR", "GUM", "MNP", "ASM"),
}  # fmt: skip
CODES = (
    set(MEMBERS) | set(NEIGHBOURS) | {"ESH"} | {c for v in (INSIDE | OUTSIDE).values() for c in v}
    | {c for v in INSIDE.values() for c in v}
)  # fmt: skip
# (west, south, east, north) of the parts without a code of their own that Article 6 does not cover
OUTSIDE_BOXES = {
    "ESP": ((-5.55, 35.75, -5.15, 35.985), (-3.2, 35.0, -2.2, 35.55), (-4.5, 35.0, -3.7, 35.4)),
    "USA": ((-180.0, 16.0, -150.0, 31.0),),  # Hawaii and the islands north-west of it
}
EUROPEAN_BOXES = {"FRA": (-8.0, 40.0, 12.0, 53.0), "NLD": (2.0, 50.0, 8.0, 56.0)}
# south of the parallel of 27 40 N, once the northern border of the Spanish territory
WESTERN_SAHARA = (-18.0, 20.5, -8.0, 27.0 + 40.0 / 60.0)
NOTES = {
    "DNK": "Denmark, the Faroe Islands and Greenland.",
    "EST": "In the Gulf of Finland the limit keeps at least 3 NM from the median line: a corridor is left.",
    "FIN": "Åland is demilitarised and neutralised (1856, 1921, 1940): Finnish sovereignty, with a regime of "
    "its own for state aircraft. In the Gulf of Finland the limit keeps 3 NM from the median line.",
    "FRA": "Metropolitan France, Saint Pierre and Miquelon.",
    "NOR": "Mainland, Svalbard (treaty of 1920: no warlike use) and Jan Mayen.",
    "PRT": "Mainland, Azores and Madeira.",
    "ESP": "Mainland, Balearic and Canary Islands.",
    "GBR": "Great Britain, Northern Ireland, Isle of Man, Channel Islands, Gibraltar, Bermuda.",
    "USA": "Conterminous states and Alaska.",
    "GRC": "6 NM in the Aegean, rebuilt from the coast at 6.00 NM; 12 NM in the Ionian Sea since 2021. "
    "Greece claims 10 NM of national airspace (decree of 1931): see the disputed zone.",
    "TUR": "6 NM in the Aegean, rebuilt from the coast at 6.00 NM; 12 NM in the Black Sea and in the "
    "Mediterranean.",
    "HRV": "Piran bay: the arbitral award of 2017 is not applied by Croatia.",
    "CAN": "The United States see the Northwest Passage as a strait for international navigation.",
    "UKR": "Internationally recognised borders, with Crimea and the other occupied territory.",
    "RUS": "Without what other states hold by internationally recognised borders.",
    "GEO": "Internationally recognised borders, with Abkhazia and South Ossetia.",
    "MDA": "Internationally recognised borders, with Transnistria.",
    "MAR": "Without Western Sahara.",
    "ISR": "As the source draws it, with the Golan Heights.",
    "CYP": "Whole island less the British base areas; the north is not under the Republic's control.",
}
SLIVER_DEG2 = 1e-3
TROPIC_DEG = 23.4366  # of Cancer: Article 6 ends there
OUTSIDE_NOTE = "Outside the area of Article 6 of the North Atlantic Treaty."


class Draft(NamedTuple):
    """A sovereign zone in the making."""

    zone_id: str
    name: str
    state: str
    member: bool
    note: str
    geometry: Any


def drafts(source: dict[str, Any]) -> list[Draft]:
    """Zones of members and neighbours as the source draws them; they may overlap."""
    out = []
    for state, name in MEMBERS.items():
        inside, outside = _parts(state, source)
        out.append(Draft(f"sovereign:{state}", name, state, True, NOTES.get(state, ""), inside))
        if not outside.is_empty:
            out.append(
                Draft(
                    f"sovereign:{state}-outside-article-6",
                    f"{name} (outside the treaty area)",
                    state,
                    False,
                    OUTSIDE_NOTE,
                    outside,
                )
            )
    for state, name in NEIGHBOURS.items():
        shape = source[state]
        if state == "MAR":
            shape = polygons(shapely.difference(shape, shapely.box(*WESTERN_SAHARA)))
        out.append(Draft(f"sovereign:{state}", name, state, False, NOTES.get(state, ""), shape))
    return out


def _parts(state: str, source: dict[str, Any]) -> tuple[Any, Any]:
    here = source[state]
    far = [source[code] for code in OUTSIDE.get(state, ()) if code in source]
    close = [source[code] for code in INSIDE.get(state, ()) if code in source]
    for part in far + close:
        here = shapely.difference(here, part)
    if far or close:
        # the source draws one limit twice, a little apart: what is left between is no land
        touching = shapely.buffer(shapely.union_all(far + close), 0.001)
        here = shapely.union_all(
            [
                part
                for part in shapely.get_parts(shapely.get_parts([here]))
                if part.area > SLIVER_DEG2 or not shapely.intersects(part, touching)
            ]
        )
    boxes = [shapely.box(*box) for box in OUTSIDE_BOXES.get(state, ())]
    if state in EUROPEAN_BOXES:
        keep = shapely.box(*EUROPEAN_BOXES[state])
        boxes = [shapely.difference(shapely.box(-180, -90, 180, 90), keep)]
    boxes.append(shapely.box(-180.0, -90.0, 180.0, TROPIC_DEG))
    area = shapely.union_all(boxes)
    out = shapely.intersection(here, area)
    inside = polygons(shapely.union_all([shapely.difference(here, area), *close]))
    return inside, polygons(shapely.union_all([out, *far]))
