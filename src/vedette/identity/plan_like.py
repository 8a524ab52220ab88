"""Tracks that say nothing and fly as a filed plan says: where, how high, which way and when.

A plan is looked for by the mark that a track bears. An aircraft whose transponder has failed bears none, and is
then known by its flight alone. That is no proof of who it is; it is a reason why nobody may say that no civil
flight is meant (check K1 of the rules speaks of time, place and level).
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from vedette.identity._kernels import EARTH_M
from vedette.identity.correlation import PLAN_AGAIN_NS, PlanKey
from vedette.identity.history import NS, Row, Rows, in_turn
from vedette.identity.integrity import civil_like
from vedette.identity.settings import IdentitySettings
from vedette.identity.sphere import place_and_way, unit_vectors
from vedette.model.columns import Floats, Integers
from vedette.model.report import FlightPlan
from vedette.model.time import SECOND_NS

_COURSE_COS: Final = float(np.cos(np.radians(40.0)))  # it flies along its route, a detour allowed
_SLOWEST_MPS: Final = 30.0
_CRUISE_SHARE: Final = 0.7  # of the way, about its middle: before and after it climbs and descends
_SAMPLES: Final = 3  # a course is known by then


class Legs(msgspec.Struct, frozen=True, kw_only=True):
    """Legs of all routes as unit vectors, with the time at which each should be flown."""

    begin: Floats  # (l, 3)
    end: Floats  # (l, 3)
    from_ns: Integers  # (l,)
    to_ns: Integers  # (l,)
    filed_ns: Integers  # (l,)
    level_m: Floats  # (l,) NaN: not filed
    gone: Floats  # (l, 2) share of the whole route at its begin and end


def legs_of(plans: Mapping[PlanKey, FlightPlan]) -> Legs:
    """All legs of all plans that have a route; times by even speed from departure to arrival."""
    rows = []
    for key in sorted(plans):
        plan = plans[key]
        if len(plan.route) < 2 or plan.arrival_ns <= plan.departure_ns:
            continue
        points = unit_vectors(np.array(plan.route, dtype=np.float64))
        cosines = np.clip(np.einsum("ij,ij->i", points[:-1], points[1:]), -1.0, 1.0)
        reached = np.concatenate(([0.0], np.cumsum(np.arccos(cosines))))
        whole = reached[-1] or 1.0
        span_ns = plan.arrival_ns - plan.departure_ns
        level_m = plan.cruise_pressure_altitude_m
        for (a, b), (begin, end) in zip(pairwise(reached / whole), pairwise(points), strict=True):
            rows.append(
                (
                    *begin, *end,
                    plan.departure_ns + int(a * span_ns), plan.departure_ns + int(b * span_ns),
                    plan.filed_ns, np.nan if level_m is None else level_m,
                    a, b,
                )
            )  # fmt: skip
    found = np.array(rows, dtype=object).reshape(-1, 12)
    return Legs(
        begin=found[:, 0:3].astype(np.float64),
        end=found[:, 3:6].astype(np.float64),
        from_ns=found[:, 6].astype(np.int64),
        to_ns=found[:, 7].astype(np.int64),
        filed_ns=found[:, 8].astype(np.int64),
        level_m=found[:, 9].astype(np.float64),
        gone=found[:, 10:12].astype(np.float64),
    )


def look(settings: IdentitySettings, legs: Legs, rows: Rows, now_ns: int) -> None:
    """Renew ``plan_like_ns`` of tracks without a fresh reply, some at a time; rows are changed."""
    if not len(legs.from_ns):
        return
    speed_mps = np.hypot(rows["velocity_mps"][:, 0], rows["velocity_mps"][:, 1])
    due = (rows["plan_like_due_ns"] <= now_ns) & (rows["ended_ns"] < 0) & ~rows["fresh"]
    due &= civil_like(rows) & (speed_mps >= _SLOWEST_MPS) & (rows["samples"] >= _SAMPLES)
    where = np.flatnonzero(due)
    where = in_turn(rows, where, "plan_like_due_ns", settings.plan_like_checks_max)
    slip_ns = int(settings.plan_like_slip_s * SECOND_NS)
    current = (legs.from_ns - slip_ns <= now_ns) & (now_ns <= legs.to_ns + slip_ns)
    current &= legs.filed_ns <= now_ns
    some = np.flatnonzero(current)
    for row in where.tolist():
        rows["plan_like_due_ns"][row] = now_ns + PLAN_AGAIN_NS
        if len(some) and _flies(settings, legs, some, rows[row], now_ns):
            rows["plan_like_ns"][row] = now_ns


def _flies(settings: IdentitySettings, legs: Legs, some: Integers, one: Row, now_ns: int) -> bool:
    place, way = place_and_way(one)
    begin, end = legs.begin[some], legs.end[some]
    normal = np.cross(begin, end)
    size = np.linalg.norm(normal, axis=1)
    normal /= np.maximum(size, 1e-12)[:, None]
    beside_m = EARTH_M * np.abs(np.arcsin(np.clip(normal @ place, -1.0, 1.0)))
    along = np.cross(normal, place) @ way >= _COURSE_COS * np.hypot(*one["velocity_mps"])
    foot = place - (normal @ place)[:, None] * normal
    foot /= np.maximum(np.linalg.norm(foot, axis=1), 1e-12)[:, None]
    whole = np.arctan2(size, np.einsum("ij,ij->i", begin, end))
    gone = np.arctan2(
        np.einsum("ij,ij->i", np.cross(begin, foot), normal), np.einsum("ij,ij->i", begin, foot)
    )
    share = gone / np.maximum(whole, 1e-12)
    room = settings.plan_like_m / EARTH_M / np.maximum(whole, 1e-12)
    inside = (share >= -room) & (share <= 1.0 + room)
    planned_ns = legs.from_ns[some] + share * (legs.to_ns[some] - legs.from_ns[some])
    in_time = np.abs(planned_ns - now_ns) * NS <= settings.plan_like_slip_s
    over_m = float(one["height_m"]) - legs.level_m[some]
    # without a level of either nothing speaks against it; while it climbs or descends it is below its level
    high = over_m > settings.plan_level_m
    first, last = legs.gone[some].T
    cruising = np.abs(first + share * (last - first) - 0.5) <= _CRUISE_SHARE / 2.0
    low = (over_m < -settings.plan_level_m) & cruising
    fits = (size > 1e-12) & (beside_m <= settings.plan_like_m) & along & inside & in_time
    return bool((fits & ~high & ~low).any())
