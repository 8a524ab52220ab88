"""Where claims overlap: found in the source, or known from public record."""

from typing import Any, NamedTuple

import numpy as np
import shapely

from boundaries.plane import NAUTICAL_MILE_M, area_km2, circle
from boundaries.sources import polygons
from boundaries.states import WESTERN_SAHARA, Draft

SMALLEST_KM2 = 0.5


class Dispute(NamedTuple):
    """A disputed zone in the making; ``state`` is the one that the sovereign layer gives it to."""

    zone_id: str
    name: str
    state: str | None
    claims: tuple[str, ...]
    note: str
    source: str
    sigma_m: float
    geometry: Any


# pair: (id, name, given to, note); a shift of the default is a data decision, no legal opinion
OVERLAPS: dict[tuple[str, str], tuple[str, str, str, str]] = {
    ("EST", "RUS"): (
        "gulf-of-finland-east-of-vaindloo",
        "Gulf of Finland east of Vaindloo",
        "EST",
        "The limits of both states overlap; their border treaty of 2014 is not ratified.",
    ),
    ("GRC", "TUR"): ("imia-kardak", "Imia / Kardak", "GRC", "Islets claimed by both states."),
    ("DEU", "NLD"): (
        "ems-dollart",
        "Ems-Dollart estuary",
        "DEU",
        "The border in the estuary was never agreed; a treaty of 2014 settles its use.",
    ),
    ("HRV", "SVN"): (
        "piran-bay",
        "Piran (Savudrija) bay and border spots",
        "SVN",
        "Arbitral award of 2017, not applied by Croatia.",
    ),
    ("HRV", "SRB"): (
        "danube-pockets",
        "Danube pockets",
        "SRB",
        "The border along the Danube is not agreed: the river moved.",
    ),
    ("CAN", "USA"): (
        "dixon-entrance-machias-seal",
        "Dixon Entrance, Machias Seal Island",
        "CAN",
        "Maritime limits claimed by both states.",
    ),
    ("FRA", "ITA"): (
        "mont-blanc",
        "Mont Blanc summit",
        "ITA",
        "The line at the summit is disputed.",
    ),
    ("DEU", "LUX"): (
        "moselle-condominium",
        "Moselle, Sauer and Our",
        "LUX",
        "No dispute: the rivers are common territory of both states (treaty of 1816, 1984).",
    ),
    ("RUS", "UKR"): (
        "crimea",
        "Crimea and its waters",
        "UKR",
        "Internationally recognised Ukrainian territory, occupied by Russia since 2014.",
    ),
    ("SRB", "XKX"): ("serbia-kosovo-line", "Line between Serbia and Kosovo", "XKX", "See Kosovo."),
    ("CAN", "DNK"): (
        "hans-island",
        "Hans Island (Tartupaluk)",
        "DNK",
        "Divided by the agreement of June 2022; the source still draws an overlap.",
    ),
}


# east of the Jordan, of the Sea of Galilee and north of the Yarmouk; about 1 km
GOLAN = shapely.Polygon(
    [(35.63, 33.28), (35.63, 32.93), (35.66, 32.85), (35.65, 32.69), (36.1, 32.6), (36.1, 33.5)]
)


def resolve(drafts: list[Draft]) -> tuple[list[Draft], list[Dispute]]:
    """Drafts that no longer overlap, and the overlaps larger than ``SMALLEST_KM2`` as disputes."""
    shapes = [draft.geometry for draft in drafts]
    pairs = shapely.STRtree(shapes).query(np.array(shapes), predicate="intersects").T
    found: dict[tuple[str, str], list[Any]] = {}
    for i, j in sorted((int(a), int(b)) for a, b in pairs if a < b):
        common = polygons(shapely.intersection(shapes[i], shapes[j]))
        if common.is_empty:
            continue
        first, second = sorted((drafts[i].state, drafts[j].state))
        large = [
            part
            for part in shapely.get_parts(shapely.get_parts([common]))
            if area_km2(part) > SMALLEST_KM2
        ]
        if large and first != second:
            found.setdefault((first, second), []).extend(large)
        winner = OVERLAPS.get((first, second), ("", "", "", ""))[2] or drafts[i].state
        loser = j if drafts[i].state == winner else i
        shapes[loser] = polygons(shapely.difference(shapes[loser], common))
    disputes = []
    for (first, second), parts in sorted(found.items()):
        key = (first, second)
        name_id, name, state, note = OVERLAPS.get(
            key, (f"{first}-{second}".lower(), f"{first} / {second}", "", "Claims overlap.")
        )
        if key not in OVERLAPS:
            state = next(d.state for d in drafts if d.state in key)
            print(f"overlap without an entry: {key}, given to {state}, km2:",
                  [round(area_km2(p), 1) for p in parts])  # fmt: skip
        disputes.append(
            Dispute(
                f"disputed:{name_id}",
                name,
                state,
                (first, second),
                note,
                "OpenStreetMap: overlap of its outlines",
                40.0,
                polygons(shapely.union_all(parts)),
            )
        )
    resolved = [draft._replace(geometry=shape) for draft, shape in zip(drafts, shapes, strict=True)]
    return resolved, disputes


def known(
    drafts: list[Draft], source: dict[str, Any], atlas: dict[str, Any], ring: Any
) -> list[Dispute]:
    """Disputes that no overlap in the source shows."""
    state = {draft.zone_id: draft.geometry for draft in drafts}
    atlas_source = "Natural Earth 10m (public domain), land only"
    spanish = state["sovereign:ESP-outside-article-6"]
    kosovo = state["sovereign:XKX"]
    sahara = shapely.union(
        source["ESH"], shapely.intersection(source["MAR"], shapely.box(*WESTERN_SAHARA))
    )
    golan = shapely.intersection(state["sovereign:ISR"], GOLAN)
    out = [
        Dispute("disputed:greek-10-nm-airspace", "Greek airspace between 6 and 10 NM", None,
                ("GRC", "TUR"), "Greece claims 10 NM of national airspace (decree of 6 September 1931) over a "
                "territorial sea of 6 NM; Türkiye and other states do not recognise it. No sovereign zone.",
                "OpenStreetMap coast, computed at 10.00 NM up to the median line", 40.0, ring),
        Dispute("disputed:northern-cyprus", "Northern Cyprus", "CYP", ("CYP", "TUR"), "Territory of the "
                "Republic of Cyprus not under its control since 1974; a separate air traffic service is run "
                "from Ercan.", atlas_source, 500.0, atlas["N. Cyprus"]),
        Dispute("disputed:gibraltar", "Gibraltar", "GBR", ("GBR", "ESP"), "Spain contests the isthmus and any "
                "territorial sea.", "OpenStreetMap", 40.0, source["GIB"]),
        Dispute("disputed:ceuta-melilla", "Ceuta, Melilla and the peñones", "ESP", ("ESP", "MAR"),
                "Spanish; claimed by Morocco. Outside Article 6.", "OpenStreetMap", 40.0, spanish),
        Dispute("disputed:rockall", "Rockall", "GBR", ("GBR", "IRL", "ISL", "DNK"),
                "The United Kingdom claims the islet and 12 NM; Ireland does not recognise it.",
                "geodesic circle of 12 NM around 57.596 N 13.687 W", 100.0,
                circle(-13.687, 57.596, 12 * NAUTICAL_MILE_M)),
        Dispute("disputed:kosovo", "Kosovo", "XKX", ("XKX", "SRB"), "Declared independence in 2008; not "
                "recognised by Serbia nor by some members. Its upper airspace is managed from Hungary.",
                "OpenStreetMap", 40.0, kosovo),
        Dispute("disputed:western-sahara", "Western Sahara", None, ("ESH", "MAR"), "Non-self-governing "
                "territory (United Nations list), held by Morocco for the larger part. In no sovereign zone.",
                "OpenStreetMap, south of 27 40 N", 40.0, polygons(sahara)),
        Dispute("disputed:golan", "Golan Heights", "ISR", ("ISR", "SYR"), "Syrian territory under resolution "
                "497 (1981) of the Security Council, held by Israel; the source draws it in Israel. The western "
                "line is coarse.", "OpenStreetMap, cut along the Jordan by hand", 2000.0, polygons(golan)),
    ]  # fmt: skip
    out += [
        Dispute(f"disputed:base-area-{key.lower()}", f"{key} Sovereign Base Area", "GBR",
                ("GBR", "CYP"), "British base area on Cyprus, left out of the sovereign layer: whether "
                "Article 6 covers it is not settled.", atlas_source, 500.0, atlas[key])
        for key in ("Akrotiri", "Dhekelia")
    ]  # fmt: skip
    return out
