"""Flights of a scene: where each begins, and the legs that it flies over the real Earth."""

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.frames import ecef_to_geodetic_deg
from vedette.model.time import SECOND_NS
from vedette.model.truth import TRUTH
from vedette.sim.scene import _kernels as k

START_NS: Final = 1_758_265_200 * SECOND_NS  # of every scene: 2025-09-19, a whole second
_SUBSTEPS: Final = 4  # steps of 0.25 s: a turn of 7°/s bends by 2° in one


class Flights(NamedTuple):
    """One row per object; ``legs`` follow each other and the last one never ends."""

    latitude_deg: Floats
    longitude_deg: Floats
    height_hae_m: Floats
    speed_mps: Floats  # over ground, at its height
    course_rad: Floats  # clockwise from true north
    until_s: Floats  # (n, k) end of each leg
    turn_rps: Floats  # (n, k) to the right
    thrust_mps2: Floats  # (n, k) change of speed
    climb_mps: Floats  # (n, k)
    wander: (
        Floats  # (n, k) density of white acceleration in both axes [m²/s³], or (n, 1) of all legs
    )
    rest_mps: Floats  # (n, 2) east and north velocity that its own falls back to
    rest_s: Floats  # (n,) how quickly; 0: it keeps its velocity
    reach: Floats  # (n,) share of a radar's range at which it is seen
    equipped: Flags  # (n,) answers Mode S and broadcasts

    @property
    def objects(self) -> int:
        """Number of objects."""
        return len(self.latitude_deg)


class Flown(NamedTuple):
    """States at whole seconds; between them places follow a cubic."""

    states: Floats  # (n, t, 7) Earth-centred place [m] and velocity [m/s], height [m]

    @property
    def duration_s(self) -> int:
        """Last second."""
        return int(self.states.shape[1]) - 1


def straight(
    latitude_deg: Floats, longitude_deg: Floats, height_hae_m: Floats, speed_mps: Floats,
    course_rad: Floats, *, legs: int = 1,
) -> Flights:  # fmt: skip
    """Flights that never turn, with room for ``legs`` legs.

    Args:
        latitude_deg: (n,) where they begin, with the others.
        longitude_deg: (n,) degrees.
        height_hae_m: (n,) above WGS 84 [m].
        speed_mps: (n,) over ground [m/s].
        course_rad: (n,) clockwise from true north [rad].
        legs: of each flight, all alike.
    """
    n = len(latitude_deg)
    none = np.zeros((n, legs))
    return Flights(
        latitude_deg, longitude_deg, height_hae_m, speed_mps, course_rad,
        np.full((n, legs), np.inf), none, none.copy(), none.copy(), np.zeros((n, 1)), np.zeros((n, 2)),
        np.zeros(n), np.ones(n), np.zeros(n, np.bool_),
    )  # fmt: skip


def turning(flights: Flights, rate_rps: float, from_s: float, to_s: float) -> Flights:
    """The same flights with one turn (to the right where positive) between two times."""
    n = flights.objects
    ends = np.tile([from_s, to_s, np.inf], (n, 1))
    rates = np.tile([0.0, rate_rps, 0.0], (n, 1))
    none = np.zeros((n, 3))
    return flights._replace(until_s=ends, turn_rps=rates, thrust_mps2=none, climb_mps=none)


def join(*groups: Flights) -> Flights:
    """All flights of several groups; the last leg of a shorter list has no end."""
    most = max(group.until_s.shape[1] for group in groups)
    wide = []
    for group in groups:
        rows, legs = group.until_s.shape
        more: dict[str, Any] = {}
        for name in ("until_s", "turn_rps", "thrust_mps2", "climb_mps"):
            fill = np.inf if name == "until_s" else 0.0
            more[name] = np.concatenate(
                [getattr(group, name), np.full((rows, most - legs), fill)], axis=1
            )
        own = group.wander.shape[1]
        more["wander"] = group.wander[:, np.minimum(np.arange(most), own - 1)]
        wide.append(group._replace(**more))
    return Flights(*(np.concatenate(columns) for columns in zip(*wide, strict=True)))


def fly(flights: Flights, duration_s: int, rng: np.random.Generator | None = None) -> Flown:
    """States of every flight at each whole second from 0 to ``duration_s``.

    A straight leg is a geodesic of the ellipsoid at its height. ``rng`` gives the pushes of what wanders;
    it is not drawn from where nothing does.
    """
    start = np.column_stack(
        [
            np.radians(flights.latitude_deg), np.radians(flights.longitude_deg),
            flights.height_hae_m, flights.speed_mps, flights.course_rad,
        ]
    )  # fmt: skip
    legs = np.stack([flights.turn_rps, flights.thrust_mps2, flights.climb_mps], axis=2)
    pushes = np.zeros((0, 0, 2))
    if rng is not None and (flights.wander > 0.0).any():
        steps = duration_s * _SUBSTEPS
        scale = np.sqrt(_wander_at(flights, np.arange(steps) / _SUBSTEPS) / _SUBSTEPS)
        pushes = rng.normal(size=(flights.objects, steps, 2)) * scale[:, :, None]
    states = np.empty((flights.objects, duration_s + 1, 7))
    rest = np.column_stack([flights.rest_mps, flights.rest_s])
    k.fly(start, flights.until_s, legs, rest, pushes, _SUBSTEPS, states)
    return Flown(states)


def _wander_at(flights: Flights, times_s: Floats) -> Floats:
    """(n, t) density at these times."""
    last = flights.wander.shape[1] - 1
    rows = [
        wander[np.minimum(np.searchsorted(until, times_s, side="right"), last)]
        for wander, until in zip(flights.wander, flights.until_s, strict=True)
    ]
    return np.array(rows)


def truth_table(
    flown: Flown, in_view: Integers | None = None, *, start_ns: int = START_NS
) -> pa.Table:
    """TRUTH rows at every second, in order of time: objects are named by their number.

    Args:
        flown: states of every object.
        in_view: (n, t) number of sensors that could see the object; None: not known.
        start_ns: second 0.
    """
    n, t, _ = flown.states.shape
    rows = np.ascontiguousarray(flown.states.transpose(1, 0, 2)).reshape(n * t, 7)
    place = ecef_to_geodetic_deg(rows[:, :3])
    lat, lon = np.radians(place[:, 0]), np.radians(place[:, 1])
    east = rows[:, 4] * np.cos(lon) - rows[:, 3] * np.sin(lon)
    outward = rows[:, 3] * np.cos(lon) + rows[:, 4] * np.sin(lon)
    north = rows[:, 5] * np.cos(lat) - outward * np.sin(lat)
    names = pa.array([f"{number:05d}" for number in range(n)], pa.string())
    columns = [
        names.take(pa.array(np.tile(np.arange(n), t))),
        pa.array(start_ns + np.repeat(np.arange(t), n) * SECOND_NS),
        pa.array(place[:, 0]),
        pa.array(place[:, 1]),
        pa.array(rows[:, 6]),
        pa.array(east),
        pa.array(north),
        pa.nulls(n * t, pa.int32()) if in_view is None else pa.array(in_view.T.ravel(), pa.int32()),
    ]
    return pa.table(columns, schema=TRUTH)
