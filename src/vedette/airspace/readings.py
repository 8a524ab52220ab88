"""A place in a disputed area, read by each side: no reading is preferred here."""

from typing import NamedTuple

import numpy as np

from vedette.airspace.index import ZoneIndex
from vedette.model.columns import Floats


class Reading(NamedTuple):
    """In whose airspace a point is, by one reading."""

    row: int  # of the point
    reader: str  # a claimant, or "default": the sovereign layer
    state: str | None  # None: in no state's
    zone_id: str  # the zone that says so


def readings(index: ZoneIndex, latitude_deg: Floats, longitude_deg: Floats) -> list[Reading]:
    """Every reading of (n,) points, by point.

    A point outside all disputed areas has one reading, ``default``, for each sovereign zone it is in (or one
    that says none). In a disputed area each claimant reads it as its own, beside the default.

    Raises:
        ShapeError: the arrays do not pair up.
    """
    rows, zones = index.locate(latitude_deg, longitude_deg, kinds={"sovereign", "disputed"})
    out: list[Reading] = []
    for row in range(len(np.asarray(latitude_deg))):
        here = [index.zones[zone] for zone in zones[rows == row].tolist()]
        sovereign = [zone for zone in here if zone.kind == "sovereign"]
        out += [Reading(row, "default", zone.state, zone.zone_id) for zone in sovereign]
        if not sovereign:
            out.append(Reading(row, "default", None, ""))
        for zone in here:
            if zone.kind == "disputed":
                out += [Reading(row, claimant, claimant, zone.zone_id) for claimant in zone.claims]
    return out
