"""Which track a report or a flight plan speaks of."""

import math
from collections.abc import Iterable, Mapping
from itertools import pairwise

import msgspec
import numpy as np

from vedette.identity._kernels import EARTH_M, distance_m
from vedette.identity.dossier import ALONE_SAYS, CIVIL_SAYS, Linked, PlanFit, Told
from vedette.identity.history import NS, REPLY_BITS, Rows
from vedette.identity.settings import IdentitySettings
from vedette.identity.sphere import unit_vectors
from vedette.model.columns import Integers
from vedette.model.report import AtsReport, FlightPlan, Subject
from vedette.model.time import SECOND_NS

PlanKey = tuple[str, int]
PLAN_AGAIN_NS = 60 * SECOND_NS


def _number(text: str | None, base: int) -> int | None:
    try:
        return None if text is None else int(text, base)
    except ValueError:
        return None


def clean(callsign: str | None) -> str | None:
    """A callsign without blanks and case; None when nothing is left."""
    kept = (callsign or "").replace(" ", "").replace("_", "").upper()
    return kept or None


class Marks(msgspec.Struct, frozen=True):
    """Marks as numbers: what a report, a plan or a track bears."""

    icao24: int | None
    callsign: str | None
    mode3a: int | None


def marks_of(subject: Subject | FlightPlan) -> Marks:
    """Marks of a report's subject or a plan; what cannot be read is none."""
    return Marks(_number(subject.icao24, 16), clean(subject.callsign), _number(subject.mode3a, 8))


def agrees(wanted: Marks, borne: Marks) -> str | None:
    """By which mark two agree; None when none does or a stronger one contradicts.

    A code (Mode 3/A) changes in flight, so a different one contradicts nothing; an address does not.
    """
    if wanted.icao24 is not None and borne.icao24 is not None:
        return "address" if wanted.icao24 == borne.icao24 else None
    if wanted.callsign is not None and borne.callsign is not None:
        return "callsign" if wanted.callsign == borne.callsign else None
    if wanted.mode3a is not None and wanted.mode3a == borne.mode3a:
        return "code"
    return None


def _place_of(
    settings: IdentitySettings, rows: Rows, subject: Subject, valid_ns: int
) -> tuple[Integers, Integers]:
    """Rows that fit a report's place, time and height, nearest first, and their distances [m]."""
    none = np.empty(0, dtype=np.int64)
    if subject.latitude_deg is None or subject.longitude_deg is None or not len(rows):
        return none, none
    at_ns = subject.valid_ns if subject.valid_ns is not None else valid_ns
    gap_s = (rows["valid_ns"] - at_ns) * NS
    latitude = np.radians(rows["latitude_deg"] - subject.latitude_deg)
    turn = (rows["longitude_deg"] - subject.longitude_deg + 180.0) % 360.0 - 180.0
    longitude = np.radians(turn) * math.cos(math.radians(subject.latitude_deg))
    away_m = np.hypot(
        EARTH_M * latitude - rows["velocity_mps"][:, 1] * gap_s,
        EARTH_M * longitude - rows["velocity_mps"][:, 0] * gap_s,
    )
    speed_mps = np.hypot(rows["velocity_mps"][:, 0], rows["velocity_mps"][:, 1])
    near = np.abs(gap_s) <= settings.report_place_s
    near &= away_m <= subject.radius_m + 0.2 * speed_mps * np.abs(gap_s)
    if subject.pressure_altitude_m is not None:
        apart_m = np.abs(rows["height_m"] - subject.pressure_altitude_m)
        near &= ~(apart_m > settings.report_height_m)  # an unknown height excludes nothing
    found = np.flatnonzero(near)
    found = found[np.argsort(away_m[found], kind="stable")]
    return found, away_m[found].astype(np.int64)


def find(
    settings: IdentitySettings,
    told: Told,
    ids: list[str],
    index: Mapping[str, int],
    rows: Rows,
    callsigns: list[str | None],
    now_ns: int,
) -> list[tuple[int, Linked]]:
    """Rows that a report speaks of.

    A track's id decides alone; then marks; then place, time and height. A need is told to every
    track in the gate, since missing it is the worse error; a permission needs one clear track. That air traffic
    services know one of several is told to each of them as a doubt.
    """
    subject = told.subject
    if subject.track_id is not None:
        row = index.get(subject.track_id)
        return [] if row is None else [(row, Linked(told, "track", now_ns))]
    wanted = marks_of(subject)
    found, away_m = _place_of(settings, rows, subject, told.valid_ns)
    hits: list[tuple[int, Linked]] = []
    candidates = np.zeros(len(rows), dtype=np.bool_)
    if wanted.icao24 is not None:
        candidates |= rows["icao24"] == wanted.icao24
    if wanted.mode3a is not None:
        candidates |= rows["mode3a"] == wanted.mode3a
    if wanted.callsign is not None:
        candidates |= np.array([name == wanted.callsign for name in callsigns], dtype=np.bool_)
    placed = subject.latitude_deg is not None
    for row in np.flatnonzero(candidates).tolist():
        by = agrees(wanted, borne_by(rows, callsigns, row))
        if by is None or (by == "code" and placed and row not in found):
            continue
        hits.append((row, Linked(told, by, now_ns)))
    codes = [hit for hit in hits if hit[1].by == "code"]
    alone = isinstance(told, AtsReport) and told.says in ALONE_SAYS
    civil = isinstance(told, AtsReport) and told.says in CIVIL_SAYS
    if alone and len(codes) > 1:  # one code is worn by many aircraft at a time
        hits = [hit for hit in hits if hit[1].by != "code"]
        if not hits and civil:
            return [(row, _perhaps(link, len(codes))) for row, link in codes]
    if hits:
        return hits
    clear = len(found) == 1 or (len(found) > 1 and away_m[1] > 2 * away_m[0] + 1_000)
    sure = clear or not alone
    if alone:
        found = found[:1] if clear else found if civil else found[:0]
    near = []
    for row in found.tolist():
        borne = borne_by(rows, callsigns, row)
        if _contradicts(wanted, borne):
            continue
        link = Linked(told, "place", now_ns, rivals=len(found) - 1)
        near.append((row, link if sure else _perhaps(link, len(found))))
    return near


def _perhaps(link: Linked, count: int) -> Linked:
    """A word about one of so many: it may mean this track."""
    return msgspec.structs.replace(link, rivals=count - 1, sure=False)


def borne_by(rows: Rows, callsigns: list[str | None], row: int) -> Marks:
    """Marks that a track bears or bore."""
    icao24, mode3a = int(rows["icao24"][row]), int(rows["mode3a"][row])
    return Marks(icao24 if icao24 >= 0 else None, callsigns[row], mode3a if mode3a >= 0 else None)


def _contradicts(wanted: Marks, borne: Marks) -> bool:
    if wanted.icao24 is not None and borne.icao24 is not None:
        return wanted.icao24 != borne.icao24
    if wanted.callsign is not None and borne.callsign is not None:
        return wanted.callsign != borne.callsign
    return False


class PlanIndex(msgspec.Struct, frozen=True):
    """Plans by each of their marks."""

    by_icao24: dict[int, tuple[PlanKey, ...]]
    by_callsign: dict[str, tuple[PlanKey, ...]]
    by_mode3a: dict[int, tuple[PlanKey, ...]]

    def candidates(self, borne: Marks) -> set[PlanKey]:
        """Plans that share any mark."""
        found: set[PlanKey] = set()
        if borne.icao24 is not None:
            found.update(self.by_icao24.get(borne.icao24, ()))
        if borne.callsign is not None:
            found.update(self.by_callsign.get(borne.callsign, ()))
        if borne.mode3a is not None:
            found.update(self.by_mode3a.get(borne.mode3a, ()))
        return found


def index_plans(plans: Mapping[PlanKey, FlightPlan]) -> PlanIndex:
    """The index of all plans."""
    index = PlanIndex({}, {}, {})
    for key, plan in plans.items():
        marks = marks_of(plan)
        if marks.icao24 is not None:
            index.by_icao24[marks.icao24] = (*index.by_icao24.get(marks.icao24, ()), key)
        if marks.callsign is not None:
            index.by_callsign[marks.callsign] = (*index.by_callsign.get(marks.callsign, ()), key)
        if marks.mode3a is not None:
            index.by_mode3a[marks.mode3a] = (*index.by_mode3a.get(marks.mode3a, ()), key)
    return index


def take_plans(
    settings: IdentitySettings,
    plans: dict[PlanKey, FlightPlan],
    filed: Iterable[FlightPlan],
    now_ns: int,
) -> dict[PlanKey, FlightPlan]:
    """Plans with those newly filed, without those long over; the latest filing of one flight wins."""
    kept = dict(plans)
    for plan in sorted(filed, key=lambda plan: (plan.filed_ns, repr(plan))):
        kept[(clean(plan.callsign) or "", plan.departure_ns)] = plan
    late_ns = int(settings.plan_late_s * SECOND_NS)
    kept = {key: plan for key, plan in kept.items() if plan.arrival_ns + late_ns >= now_ns}
    if len(kept) > settings.plans_max:
        order = sorted(kept, key=lambda key: (kept[key].arrival_ns, key))
        kept = {key: kept[key] for key in order[-settings.plans_max :]}
    return kept


def fit_plan(
    settings: IdentitySettings, plan: FlightPlan, rows: Rows, row: int, by: str, now_ns: int
) -> PlanFit | None:
    """How a track that bears a plan's mark keeps to it; None where the plan cannot be meant now."""
    early_ns = plan.departure_ns - int(settings.plan_early_s * SECOND_NS)
    late_ns = plan.arrival_ns + int(settings.plan_late_s * SECOND_NS)
    if not (early_ns <= now_ns <= late_ns) or plan.filed_ns > now_ns:
        return None
    reasons = []
    fits = True
    latitude, longitude = float(rows["latitude_deg"][row]), float(rows["longitude_deg"][row])
    if plan.route:
        away_m = route_distance_m(plan.route, latitude, longitude)
        near = away_m <= settings.plan_route_m
        fits &= near
        reasons.append(f"{away_m / 1000:.0f} km from its route")
    else:
        reasons.append("its route is not known, so its place was not checked")
    height_m = float(rows["height_m"][row])
    if plan.cruise_pressure_altitude_m is not None and not math.isnan(height_m):
        over_m = height_m - plan.cruise_pressure_altitude_m
        fits &= over_m <= settings.plan_level_m
        reasons.append(
            "at or below its level" if over_m <= settings.plan_level_m else "above its level"
        )
    if by == "code":  # a code alone says too little: it must come from a radar and on the route
        radar = bool(rows["kinds"][row] & REPLY_BITS)
        if not (radar and plan.route and fits):
            return None
    return PlanFit(plan, by, now_ns, fits, ", ".join(reasons))


def best_plan(
    settings: IdentitySettings,
    plans: Mapping[PlanKey, FlightPlan],
    keys: Iterable[PlanKey],
    rows: Rows,
    callsigns: list[str | None],
    row: int,
    now_ns: int,
) -> PlanFit | None:
    """The plan that fits a track best; ties by the plan's own departure and callsign."""
    borne = borne_by(rows, callsigns, row)
    ranks = {"address": 0, "callsign": 1, "code": 2}
    found = []
    for key in sorted(keys):
        by = agrees(marks_of(plans[key]), borne)
        fit = None if by is None else fit_plan(settings, plans[key], rows, row, by, now_ns)
        if fit is not None and by is not None:
            found.append((not fit.fits, ranks[by], abs(plans[key].departure_ns - now_ns), key, fit))
    return min(found, key=lambda item: item[:4])[4] if found else None


def route_distance_m(
    route: tuple[tuple[float, float], ...], latitude_deg: float, longitude_deg: float
) -> float:
    """Distance of a place from a route of great-circle legs [m].

    >>> round(route_distance_m(((0.0, 0.0), (0.0, 10.0)), 1.0, 5.0) / 1000)
    111
    """
    nearest = min(distance_m(latitude_deg, longitude_deg, lat, lon) for lat, lon in route)
    points = unit_vectors(np.array([*route, (latitude_deg, longitude_deg)], dtype=np.float64))
    place, stops = points[-1], points[:-1]
    for start, end in pairwise(stops):
        normal = np.cross(start, end)
        size = float(np.linalg.norm(normal))
        if size < 1e-9:
            continue
        normal /= size
        foot = place - normal * float(place @ normal)
        inside = float(np.cross(start, foot) @ normal) >= 0 <= float(np.cross(foot, end) @ normal)
        if inside:
            nearest = min(nearest, EARTH_M * abs(math.asin(float(place @ normal))))
    return nearest
