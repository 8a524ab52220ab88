"""NOTAM that activate a published area get its outline, when the publication is read with them."""

import re
from typing import Any, Final

import msgspec

from vedette.model.zone import Zone

_KINDS: Final = frozenset({"danger", "restricted", "prohibited", "temporary"})


def outlined(
    zones: list[Zone], geometries: list[Any], problems: list[str]
) -> tuple[list[Zone], list[Any], list[str]]:
    """The same zones; NOTAM drawn as circles that name a published area now have its outline and limits."""
    published = [
        row
        for row, zone in enumerate(zones)
        if zone.kind in _KINDS and not zone.zone_id.startswith("NOTAM:")
    ]
    zones, geometries = list(zones), list(geometries)
    for row, zone in enumerate(zones):
        if not zone.zone_id.startswith("NOTAM:") or not zone.part_of:
            continue
        found = next((k for k in published if _is(zones[k], zone.part_of)), None)
        if found is None:
            continue
        area = zones[found]
        geometries[row] = geometries[found]
        zones[row] = msgspec.structs.replace(
            zone,
            part_of=area.zone_id,
            boundary_sigma_m=area.boundary_sigma_m,
            floor=zone.floor or area.floor,
            ceiling=zone.ceiling or area.ceiling,
            kind=area.kind,
        )
        circle = f"NOTAM {zone.name}: drawn as the circle of its Q line"
        problems = [p for p in problems if p != circle]
    return zones, geometries, problems


def _is(zone: Zone, designator: str) -> bool:
    """Whether a published zone has a designator like ``EGD008C``, with or without its state's letters."""
    bare = re.escape(designator[2:])
    state = re.escape(designator[:2])
    pattern = rf"(?<![A-Z0-9])(?:{state}[ -]?)?{bare}(?![A-Z0-9])"
    return re.search(pattern, f"{zone.name} {zone.zone_id}".upper()) is not None
