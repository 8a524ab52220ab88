"""Which tracks keep to a published air traffic service route, as airliners do (K5 of the rules).

Keeping to a route is a sign of a civil flight, never a permission: whoever wants to look like an airliner can fly
one. So it speaks for the civil classes, and against excluding a civil aircraft; it explains no flight.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np

from vedette.identity._kernels import EARTH_M
from vedette.identity.history import NEVER, Rows, in_turn
from vedette.identity.integrity import civil_like
from vedette.identity.settings import IdentitySettings
from vedette.identity.sphere import place_and_way, unit_vectors
from vedette.model.columns import Flags, Floats, Integers
from vedette.model.report import Airway
from vedette.model.time import SECOND_NS

_AGAIN_NS: Final = 10 * SECOND_NS
_COURSE_COS: Final = float(np.cos(np.radians(15.0)))  # either way along the leg
_SLOWEST_MPS: Final = 60.0


class Airways(msgspec.Struct, frozen=True, kw_only=True):
    """Legs of all routes, as arrays."""

    routes: tuple[Airway, ...] = ()
    owner: Integers = msgspec.field(default_factory=lambda: np.empty(0, dtype=np.int64))  # (m,)
    normal: Floats = msgspec.field(default_factory=lambda: np.empty((0, 3)))  # of each great circle
    begins: Floats = msgspec.field(default_factory=lambda: np.empty((0, 3)))  # inward at each end
    ends: Floats = msgspec.field(default_factory=lambda: np.empty((0, 3)))


def with_airways(settings: IdentitySettings, held: Airways, told: Iterable[Airway]) -> Airways:
    """Routes with those newly told; one told again replaces what it was."""
    named = {(one.designator, one.route[0]): one for one in held.routes if one.route}
    before = len(named)
    for one in told:
        if len(one.route) >= 2:
            named[one.designator, one.route[0]] = one
    routes = tuple(named[key] for key in sorted(named))[: settings.airways_max]
    if len(named) == before and routes == held.routes:
        return held
    owner, starts, stops = [], [], []
    for number, one in enumerate(routes):
        for start, stop in zip(one.route, one.route[1:], strict=False):
            owner.append(number)
            starts.append(start)
            stops.append(stop)
    a, b = unit_vectors(np.array(starts)), unit_vectors(np.array(stops))
    normal = np.cross(a, b)
    size = np.linalg.norm(normal, axis=1)
    sound = size > 1e-9  # two points in one place make no leg
    normal = normal[sound] / size[sound, None]
    return Airways(
        routes=routes,
        owner=np.array(owner, dtype=np.int64)[sound],
        normal=normal,
        begins=np.cross(normal, a[sound]),
        ends=np.cross(b[sound], normal),
    )


def keep(settings: IdentitySettings, held: Airways, rows: Rows, now_ns: int) -> None:
    """Renew, for some tracks at a time, which route each keeps to and since when; rows are changed."""
    if not len(held.owner):
        rows["airway"] = NEVER
        return
    speed_mps = np.hypot(rows["velocity_mps"][:, 0], rows["velocity_mps"][:, 1])
    due = (rows["airway_due_ns"] <= now_ns) & (rows["ended_ns"] < 0)
    like = civil_like(rows) & (speed_mps >= _SLOWEST_MPS)
    rows["airway"][due & ~like] = NEVER
    where = np.flatnonzero(due & like)
    where = in_turn(rows, where, "airway_due_ns", settings.airway_checks_max)
    for row in where.tolist():
        found = _route_of(held, rows, row)
        if found < 0 or found != rows["airway"][row]:
            rows["airway_since_ns"][row] = now_ns
        rows["airway"][row] = found
        rows["airway_due_ns"][row] = now_ns + _AGAIN_NS


def kept(settings: IdentitySettings, rows: Rows) -> Flags:
    """(n,) whether a track has kept to one route for long enough."""
    age_ns = rows["seen_ns"] - rows["airway_since_ns"]
    found: Flags = (rows["airway"] >= 0) & (age_ns >= int(settings.airway_s * SECOND_NS))
    return found


def _route_of(held: Airways, rows: Rows, row: int) -> int:
    """The route along which a track flies, the nearest; NEVER for none."""
    place, way = place_and_way(rows[row])
    beside_m = EARTH_M * np.abs(np.arcsin(np.clip(held.normal @ place, -1.0, 1.0)))
    speed_mps = np.hypot(*rows["velocity_mps"][row])
    along = np.abs(np.cross(held.normal, place) @ way) >= _COURSE_COS * speed_mps
    inside = (held.begins @ place >= 0.0) & (held.ends @ place >= 0.0) & along
    height_m = float(rows["height_m"][row])
    best, best_m = NEVER, np.inf
    for leg in np.flatnonzero(inside).tolist():
        one = held.routes[held.owner[leg]]
        low = one.lower_pressure_altitude_m
        high = one.upper_pressure_altitude_m
        off = (low is not None and height_m < low) or (high is not None and height_m > high)
        if beside_m[leg] <= one.half_width_m and not off and beside_m[leg] < best_m:
            best, best_m = int(held.owner[leg]), float(beside_m[leg])
    return best
