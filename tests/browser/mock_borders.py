"""Borders of the mock world: a few hand-set corners, roughly where the real ones run."""

from typing import Any

# west to east and back, roughly; enough to see where a border runs
EST = [
    (21.6, 57.9),
    (21.4, 58.6),
    (21.9, 59.2),
    (23.0, 59.45),
    (24.3, 59.72),
    (25.3, 59.86),
    (26.3, 59.95),
    (27.0, 59.85),
    (27.8, 59.62),
    (28.05, 59.48),
    (28.2, 59.3),
    (27.7, 58.95),
    (27.5, 58.3),
    (27.7, 57.95),
    (27.35, 57.55),
    (26.5, 57.55),
    (25.3, 58.0),
    (24.35, 57.87),
    (23.9, 57.9),
    (22.8, 57.85),
]
LVA = [
    (20.7, 56.1),
    (20.6, 57.3),
    (21.4, 57.85),
    (22.8, 57.83),
    (23.9, 57.88),
    (24.35, 57.85),
    (25.3, 57.98),
    (26.5, 57.53),
    (27.35, 57.53),
    (27.9, 56.9),
    (28.2, 56.15),
    (26.6, 55.68),
    (25.0, 56.4),
    (22.0, 56.42),
]
FIN = [
    (19.2, 60.1),
    (19.6, 61.5),
    (21.0, 63.4),
    (24.2, 65.8),
    (30.0, 65.7),
    (29.7, 64.8),
    (31.5, 62.9),
    (28.0, 60.6),
    (27.5, 60.15),
    (26.4, 60.05),
    (25.2, 59.97),
    (24.0, 59.8),
    (22.7, 59.6),
    (21.2, 59.7),
]
RUS = [
    (28.05, 59.5),
    (27.5, 60.1),
    (28.0, 60.6),
    (31.5, 62.9),
    (36.0, 62.9),
    (36.0, 56.0),
    (28.2, 56.1),
    (27.9, 56.9),
    (27.4, 57.5),
    (27.7, 57.95),
    (27.55, 58.3),
    (27.75, 58.95),
    (28.22, 59.3),
]


def zone(
    zone_id: str, kind: str, name: str, state: str | None, member: bool, ring: Any, **more: Any
) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {
            "zone_id": zone_id,
            "kind": kind,
            "name": name,
            "state": state,
            "member": member,
            "note": "",
            "claims": [],
            "source": "mock",
            "authority": None,
            "floor": None,
            "ceiling": None,
            "valid_from": None,
            "valid_to": None,
            "schedule": [],
            "dormant": False,
            "boundary_sigma_m": 40.0,
            "border": [],
            **more,
        },
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
    }


HOURS = {
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "start": "06:00",
    "end": "16:30",
    "first": None,
    "last": None,
    "utc_offset_min": 180,
    "excluded": False,
}
ZONES = {
    "type": "FeatureCollection",
    "features": [
        zone(
            "EST",
            "sovereign",
            "Estonia",
            "EST",
            True,
            EST,
            border=[
                {"sigma_m": 40.0, "basis": "land border"},
                {"sigma_m": 200.0, "basis": "territorial sea limit"},
            ],
        ),
        zone("LVA", "sovereign", "Latvia", "LVA", True, LVA),
        zone("FIN", "sovereign", "Finland", "FIN", True, FIN),
        zone("RUS", "sovereign", "Russia", "RUS", False, RUS),
        zone(
            "X-1",
            "disputed",
            "Disputed by mock",
            None,
            False,
            [(28.3, 58.2), (29.3, 58.2), (29.3, 58.7), (28.4, 58.8)],
        ),
        zone(
            "EE-R1",
            "restricted",
            "EER1",
            "EST",
            True,
            [(25.3, 59.0), (25.9, 59.0), (25.9, 59.25), (25.3, 59.25)],
            floor={"height_m": 304.8, "datum": "amsl"},
            ceiling={"height_m": 2895.6, "datum": "pressure"},
            schedule=[HOURS],
        ),
        zone(
            "EE-TMA",
            "tma",
            "TALLINN TMA",
            "EST",
            True,
            [(23.9, 59.1), (25.6, 59.1), (25.6, 59.9), (23.9, 59.9)],
            floor={"height_m": 457.2, "datum": "amsl"},
            ceiling={"height_m": 5943.6, "datum": "pressure"},
        ),
        zone(
            "EE-D3",
            "danger",
            "EED3",
            "EST",
            True,
            [(24.2, 59.62), (24.8, 59.62), (24.8, 59.9), (24.2, 59.9)],
            ceiling={"height_m": 7620.0, "datum": "pressure"},
            schedule=[{**HOURS, "start": "18:00", "end": "22:00"}],
        ),
    ],
}
