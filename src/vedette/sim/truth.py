"""What really happened in a world: who was inside which airspace, for how long and how deep."""

import msgspec
import numpy as np

from vedette.airspace.index import ZoneIndex
from vedette.model.time import SECOND_NS
from vedette.sim.motion import Motion
from vedette.sim.world import World


class TrueCrossing(msgspec.Struct, frozen=True, kw_only=True):
    """One passage of one object through one state's airspace, from the simulated truth."""

    name: str
    state: str
    zone_id: str
    entered_ns: int
    left_ns: int | None
    inside_s: float
    depth_m: float


def true_crossings(
    world: World, zones: ZoneIndex, names: set[str] | None = None
) -> list[TrueCrossing]:
    """Every passage through sovereign airspace, found every half second and refined in between.

    Args:
        world: the world.
        zones: the airspace that the world is judged by.
        names: objects to look at; None for all.
    """
    found: list[TrueCrossing] = []
    for motion in world.motions:
        if names is None or motion.flight.name in names:
            found += _of(motion, world, zones)
    return found


def _of(motion: Motion, world: World, zones: ZoneIndex) -> list[TrueCrossing]:
    times_s = np.arange(max(motion.start_s, 0.0), min(motion.end_s, world.scenario.duration_s), 0.5)
    states = motion.at(times_s)
    latitude, longitude = states[:, 0].copy(), states[:, 1].copy()
    rows, inside = zones.locate(latitude, longitude, kinds={"sovereign"})
    crossings = []
    for zone in np.unique(inside):
        visited = np.zeros(len(times_s), dtype=bool)
        visited[rows[inside == zone]] = True
        steps = np.diff(visited.astype(np.int8), prepend=0, append=0)
        ends = np.flatnonzero(steps == -1)
        for begin, end in zip(np.flatnonzero(steps == 1), ends, strict=True):
            stretch = slice(begin, end)
            count = end - begin
            depth_m, _ = zones.boundary(
                latitude[stretch], longitude[stretch], np.full(count, zone, dtype=np.int64)
            )
            entered_s = _edge(times_s, latitude, longitude, zones, int(zone), int(begin))
            left_s = _edge(times_s, latitude, longitude, zones, int(zone), int(end))
            last_s = times_s[-1] if left_s is None else left_s
            first_s = times_s[begin] if entered_s is None else entered_s
            crossings.append(
                TrueCrossing(
                    name=motion.flight.name,
                    state=zones.zones[zone].state or "",
                    zone_id=zones.zones[zone].zone_id,
                    entered_ns=world.start_ns + round(first_s * SECOND_NS),
                    left_ns=None if left_s is None else world.start_ns + round(left_s * SECOND_NS),
                    inside_s=float(last_s - first_s),
                    depth_m=float(depth_m.max()),
                )
            )
    return crossings


def _edge(
    times_s: np.ndarray,
    latitude: np.ndarray,
    longitude: np.ndarray,
    zones: ZoneIndex,
    zone: int,
    row: int,
) -> float | None:
    """When the boundary was crossed between rows ``row - 1`` and ``row``; None at the ends."""
    if row == 0 or row == len(times_s):
        return None
    pair = slice(row - 1, row + 1)
    distance_m, _ = zones.boundary(
        latitude[pair], longitude[pair], np.full(2, zone, dtype=np.int64)
    )
    share = distance_m[0] / (distance_m[0] - distance_m[1])
    return float(times_s[row - 1] + share * (times_s[row] - times_s[row - 1]))
