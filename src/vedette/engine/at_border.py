"""Whether an object that was deep inside may be outside by now: a crossing tells its depth at its deepest."""

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.airspace.index import ZoneIndex
from vedette.airspace.sovereign import sovereign_airspace
from vedette.model.incident import Incident
from vedette.model.zone import Zone
from vedette.watch.passage import Z95


@cache
def territory() -> frozenset[str]:
    """Ids of the zones of the bundled layer. What another file calls sovereign widens no state's authority."""
    return frozenset(zone.zone_id for zone in sovereign_airspace().zones)


def at_border(
    incident: Incident,
    tracks: pa.Table,
    zones: ZoneIndex,
    by_id: Mapping[str, Zone],
    ours: frozenset[str],
) -> bool:
    """Whether it is no deeper in the member's airspace than the error of its place and of the border.

    So it is held to be where it is not in the picture: nobody knows then where it is now.

    Args:
        incident: about it.
        tracks: the picture now.
        zones: all zones.
        by_id: the same by their ids.
        ours: those that are territory, see ``territory``; of any other it is held to be so.
    """
    inside = [
        crossing.zone_id
        for crossing in incident.crossings
        if crossing.left is None and not crossing.predicted and _sovereign(by_id, crossing.zone_id)
    ]
    if not inside or inside[0] not in ours:
        return True
    row = pc.index(tracks.column("track_id"), incident.track_id).as_py()
    if row < 0:
        return True
    (seen,) = tracks.slice(row, 1).select(
        ["latitude_deg", "longitude_deg", "covariance"]
    ).to_pylist()  # fmt: skip
    depth_m, _, drawn_m = zones.measured(
        np.array([seen["latitude_deg"]]),
        np.array([seen["longitude_deg"]]),
        np.array([zones.row_of(inside[0])]),
    )
    east, cross, north = (seen["covariance"][k] for k in (0, 1, 4))
    largest = 0.5 * (east + north + math.hypot(east - north, 2.0 * cross))  # eigenvalue
    error_m = max(
        Z95 * math.hypot(math.sqrt(max(largest, 0.0)), float(drawn_m[0])),
        2.0 * by_id[inside[0]].boundary_sigma_m,
    )
    return not float(depth_m[0]) > error_m  # of what is no number, too


def _sovereign(by_id: Mapping[str, Zone], zone_id: str) -> bool:
    zone = by_id.get(zone_id)
    return zone is not None and zone.kind == "sovereign" and zone.member
