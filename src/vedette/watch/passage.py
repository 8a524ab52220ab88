"""One passage of one track through one zone: entry, exit, seconds inside and depth with their intervals."""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

import msgspec

from vedette.model.incident import Bounds, Crossing, Moment
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.watch.settings import WatchSettings

_NORMAL: Final = NormalDist()
_APART: Final = 0.5  # stretches between two places whose errors count as independent
Z95: Final = _NORMAL.inv_cdf(0.975)


class Reach(msgspec.Struct, frozen=True, order=True, gc=False):
    """How deep it was in one stretch of time: the deepest place, its sigma, and what may lie between looks."""

    stretch: int
    distance_m: float
    sigma_m: float
    unseen_m: float
    smoothed: bool
    boundary_sigma_m: float | None = None  # of the boundary as drawn, at its nearest place
    within: float = 0.5  # at which share of the stretch
    until: float = 1.0  # and of it so much was smoothed, where it was
    end_m: float = -math.inf  # how deep it was then, where the smoothed path ends in this stretch

    @property
    def at(self) -> float:
        """When, in stretches."""
        return self.stretch + self.within

    @property
    def bound_m(self) -> float:
        """No place between looks is deeper."""
        return self.distance_m + self.unseen_m

    def beside(self, other: "Reach") -> "Reach":
        """The same with what may lie between looks of another, less deep."""
        more_m = other.bound_m - self.distance_m
        return self if more_m <= self.unseen_m else msgspec.structs.replace(self, unseen_m=more_m)


class Passage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A passage that has begun; ``left`` is None while it lasts."""

    zone: Zone
    begun_ns: int  # when we became certain; with the zone its key within the track
    outside_ns: (
        int | None
    )  # last time before it that the object was certainly outside; None: never seen so
    entered: Moment
    latitude_deg: float  # of the entry
    longitude_deg: float
    course_rad: float  # at the entry
    probability: float
    inside_ns: int  # last time that it was seen inside
    certain_ns: (
        int  # and of one that is over the last time that it was certainly so; else when it began
    )
    reaches: tuple[Reach, ...] = ()
    before_m: float = (
        0.0  # how deep it may have been before anybody saw it, where nobody saw it enter
    )
    settled: bool = False  # the entry is no longer revised
    gone_ns: int | None = None  # when we became certain that it had left
    left: Moment | None = None
    inside_s: Bounds | None = None  # known once it has left
    lost: bool = False
    final: bool = False

    @property
    def key(self) -> tuple[str, int]:
        """What tells it from the track's other passages."""
        return self.zone.zone_id, self.begun_ns

    @property
    def ceased(self) -> bool:
        """Whether it ended because the zone did, at an instant that no path moves."""
        return self.left is not None and self.left.low_ns == self.left.high_ns

    @property
    def over_ns(self) -> int | None:
        """From when on the object was certainly inside no more."""
        return self.left.low_ns if self.left is not None and self.ceased else self.gone_ns

    @property
    def unseen(self) -> bool:
        """Whether nobody saw it enter."""
        return self.outside_ns is None


def unseen_low_ns(
    settings: WatchSettings, first_ns: int, distance_m: float, sigma_m: float, speed_mps: float
) -> int:
    """Earliest entry of an object that was inside when it was first seen.

    Twice the straight way to the nearest boundary at its speed then, since nothing says that it came straight;
    never more than ``unseen_s``. It may also have risen inside and never entered at all.
    """
    return first_ns - int(_unseen_s(settings, distance_m, sigma_m, speed_mps) * SECOND_NS)


def unseen_depth_m(
    settings: WatchSettings, distance_m: float, sigma_m: float, speed_mps: float
) -> float:
    """How deep an object may have been before it was first seen inside, if it entered as ``unseen_low_ns`` says.

    In that time it went in to the deepest place and from there to where it was first seen.
    """
    way_m = max(distance_m, 0.0) + Z95 * sigma_m
    flown_m = max(speed_mps, 1.0) * _unseen_s(settings, distance_m, sigma_m, speed_mps)
    return max(0.5 * (way_m + flown_m), way_m)


def _unseen_s(
    settings: WatchSettings, distance_m: float, sigma_m: float, speed_mps: float
) -> float:
    way_m = max(distance_m, 0.0) + Z95 * sigma_m
    return min(2.0 * way_m / max(speed_mps, 1.0), settings.unseen_s)


def seconds_inside(entered: Moment, left: Moment, correlation: float) -> Bounds:
    """Left less entered, with an interval from the two intervals and the correlation of their errors.

    Each end combines the arms that lead to it (method of variance estimates recovery), so lopsided intervals of
    grazing paths stay lopsided.

    Source: Zou and Donner, Statistics in Medicine 27(10), 2008.
    """
    e_low, e_high = entered.estimate_ns - entered.low_ns, entered.high_ns - entered.estimate_ns
    x_low, x_high = left.estimate_ns - left.low_ns, left.high_ns - left.estimate_ns
    shorter = math.sqrt(max(x_low**2 + e_high**2 - 2.0 * correlation * x_low * e_high, 0.0))
    longer = math.sqrt(max(x_high**2 + e_low**2 - 2.0 * correlation * x_high * e_low, 0.0))
    inside = max(left.estimate_ns - entered.estimate_ns, 0)
    return Bounds(
        estimate=inside / SECOND_NS,
        low=max(inside - shorter, 0.0) / SECOND_NS,
        high=(inside + longer) / SECOND_NS,
    )


def depth(reaches: tuple[Reach, ...], boundary_sigma_m: float) -> Bounds:
    """How deep it was at its deepest.

    The largest of several equally deep, noisy places is too large by what the largest of that many normal
    errors is (Blom's approximation); as many stretches count as lie within three sigmas of the deepest. Where a
    path is deepest at the end of one stretch, the next begins as deep: that is one place, not two. The
    boundary's error does not average out along one boundary, so it stays whole in the interval: that of the
    stretch nearest to the deepest place, or ``boundary_sigma_m`` where none is known. Between looks of another
    stretch it may have been deeper still.
    """
    if not reaches:
        return Bounds(estimate=0.0, low=0.0, high=0.0)
    deepest = reaches[0]
    for reach in reaches:
        if reach.distance_m > deepest.distance_m:
            deepest = reach
    near_m = deepest.distance_m - 3.0 * deepest.sigma_m
    rivals = [reach for reach in reaches if reach.distance_m >= near_m]
    excess_m = _excess(_apart(rivals)) * deepest.sigma_m if len(rivals) > 1 else 0.0
    estimate = max(deepest.distance_m - excess_m, 0.0)
    drawn_m = boundary_sigma_m if deepest.boundary_sigma_m is None else deepest.boundary_sigma_m
    half = Z95 * math.hypot(deepest.sigma_m, drawn_m)
    unseen_m = max(reach.bound_m for reach in reaches) - deepest.distance_m
    return Bounds(
        estimate=estimate,
        low=max(estimate - half, 0.0),
        high=max(estimate + half, 0.0) + unseen_m,
    )


def until_now(passage: Passage, speed_mps: float, now_ns: int) -> Passage:
    """An open passage of an object that may have gone deeper since it was last looked at."""
    if not passage.reaches or passage.gone_ns is not None:
        return passage
    *before, last = passage.reaches
    flown_m = max(now_ns - passage.inside_ns, 0) / SECOND_NS * speed_mps
    last = msgspec.structs.replace(last, unseen_m=max(last.unseen_m, flown_m))
    return msgspec.structs.replace(passage, reaches=(*before, last))


@lru_cache(maxsize=1_024)
def _excess(count: int) -> float:
    """What the largest of some standard normal errors is on average (Blom 1958)."""
    return _NORMAL.inv_cdf((count - 0.375) / (count + 0.25))


def _apart(reaches: list[Reach]) -> int:
    """How many of some places, the deepest first, are too far apart in time for their errors to be one."""
    taken: list[float] = []
    for reach in sorted(reaches, key=lambda reach: -reach.distance_m):
        if all(abs(reach.at - at) >= _APART for at in taken):
            taken.append(reach.at)
    return len(taken)


def add_reach(settings: WatchSettings, reaches: tuple[Reach, ...], new: Reach) -> tuple[Reach, ...]:
    """The deepest stretches with one more look; a smoothed look replaces the filter's in its stretch.

    Of a stretch that was smoothed before it was over, looks at the rest of it count.
    """
    if reaches and not new.smoothed:
        last = reaches[-1]
        if last.end_m > new.distance_m and new.stretch <= last.stretch + 1:
            # since the path's end it can have been deeper than the mean of both ends by half the way between them
            more_m = 0.5 * (last.end_m - new.distance_m)
            new = msgspec.structs.replace(new, unseen_m=new.unseen_m + more_m)
    latest = not reaches or new.stretch > reaches[-1].stretch  # they are kept in order of time
    for k, old in () if latest else enumerate(reaches):
        if old.stretch == new.stretch:
            if not new.smoothed:
                if old.smoothed and new.within <= old.until:
                    return reaches
                deeper = new.distance_m > old.distance_m
                new = new.beside(old) if deeper else old.beside(new)
            return (*reaches[:k], new, *reaches[k + 1 :])
    kept = (*reaches, new) if latest else tuple(sorted((*reaches, new)))
    if len(kept) <= settings.stretches:
        return kept
    shallow = min(range(len(kept)), key=lambda k: kept[k].distance_m)
    return (*kept[:shallow], *kept[shallow + 1 :])


def crossing(
    passage: Passage, track_id: str, state: str | None, now_ns: int, measured_ns: int | None = None
) -> Crossing:
    """The passage as a crossing of one state's reading of the zone, as it stands at ``now_ns``.

    While it lasts it has lasted until now, and at least until the last measurement of the track, where known.
    """
    inside_s = passage.inside_s
    if inside_s is None:
        until_ns = passage.inside_ns if passage.lost else max(now_ns, passage.inside_ns)
        sure_ns = until_ns if measured_ns is None else min(measured_ns, until_ns)
        moment = passage.entered
        inside_s = Bounds(
            estimate=max(until_ns - moment.estimate_ns, 0) / SECOND_NS,
            low=max(sure_ns - moment.high_ns, 0) / SECOND_NS,
            high=max(until_ns - moment.low_ns, 0) / SECOND_NS,
        )
    depth_m = depth(passage.reaches, passage.zone.boundary_sigma_m)
    if passage.unseen and passage.before_m > depth_m.high:
        depth_m = msgspec.structs.replace(depth_m, high=passage.before_m)
    return Crossing(
        track_id=track_id,
        zone_id=passage.zone.zone_id,
        state=state,
        entered=passage.entered,
        left=passage.left,
        inside_s=inside_s,
        depth_m=depth_m,
        probability=passage.probability,
        lost_inside=passage.lost,
        entered_latitude_deg=passage.latitude_deg,
        entered_longitude_deg=passage.longitude_deg,
    )


def crossings(passage: Passage, track_id: str, now_ns: int) -> list[Crossing]:
    """One row for each reading of whose the zone is: every claimant of a disputed one, else its state."""
    states = passage.zone.claims if passage.zone.kind == "disputed" else ()
    return [
        crossing(passage, track_id, state, now_ns) for state in (states or (passage.zone.state,))
    ]
