"""A small shield over the north of Estonia, and the rulebook that its tests read it by."""

from typing import Any

import yaml

from vedette.app.rulebook import rulebook
from vedette.council.shield.proposal import Proposal, canonical_text, read_proposal

RULEBOOK = rulebook()
PLAIN: dict[str, Any] = {
    "format": "vedette-shield/1",
    "name": "north",
    "title": "Watch over the north",
    "purpose": "See earlier what crosses the border without plan and reply.",
    "volume": {
        "boundary": [
            {"latitude_deg": 59.0, "longitude_deg": 25.5},
            {"latitude_deg": 59.0, "longitude_deg": 26.9},
            {"latitude_deg": 59.4, "longitude_deg": 26.9},
            {"latitude_deg": 59.4, "longitude_deg": 25.5},
        ],
        "floor": {"height_m": 0, "datum": "agl"},
        "ceiling": {"height_m": 12_000, "datum": "amsl"},
    },
    "territory": [{"state": "EST", "law": "an act of Estonia"}],
    # the whole of the day on which the scenes of the council and of the watch are set
    "period": {"since": "2025-09-01T00:00:00Z", "until": "2025-10-01T00:00:00Z"},
    "rules": {"rows": ["R02", "R12", "R14", "R16"], "measures": ["M00", "M02", "M03", "M05", "M06"]},
    "contributions": [
        {
            "state": "EST",
            "sensors": [
                {"name": "hill", "kind": "psr", "latitude_deg": 59.1, "longitude_deg": 26.2,
                 "antenna_amsl_m": 150, "range_m": 200_000},
                {"name": "receiver", "kind": "ads_b", "latitude_deg": 59.3, "longitude_deg": 25.0,
                 "antenna_amsl_m": 60, "range_m": 300_000},
            ],
        },
        {
            "state": "LVA",
            "sensors": [
                {"name": "south", "kind": "psr", "latitude_deg": 57.9, "longitude_deg": 25.4,
                 "antenna_amsl_m": 120, "range_m": 250_000},
            ],
            "places": [{"name": "field", "latitude_deg": 56.8, "longitude_deg": 24.9, "use": "fuel"}],
        },
        {
            "state": "DEU",
            "alerts": [
                {"base": "west", "latitude_deg": 59.26, "longitude_deg": 24.21, "aircraft": 2,
                 "readiness_s": 900, "speed_mps": 250, "hours_per_day": 24},
            ],
            "caveats": ["identification only"],
        },
    ],
}  # fmt: skip


def changed(**change: Any) -> dict[str, Any]:
    """The shield with some of its fields set: ``volume__floor`` is a field of a field."""
    plain: dict[str, Any] = yaml.safe_load(yaml.safe_dump(PLAIN))
    for path, value in change.items():
        place: Any = plain
        *way, last = path.split("__")
        for key in way:
            place = place[int(key) if key.isdigit() else key]
        place[int(last) if last.isdigit() else last] = value
    return plain


def written(**change: Any) -> str:
    return yaml.safe_dump(changed(**change), sort_keys=False)


def proposal(**change: Any) -> Proposal:
    return read_proposal(written(**change), RULEBOOK)


TEXT = canonical_text(proposal())
AMENDED = canonical_text(proposal(contributions__2__caveats=["identification only", "by day only"]))
