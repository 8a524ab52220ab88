"""What a shield's sensors see of its volume and what not, how soon somebody can look, and what it costs."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import shapely

from vedette.council.shield.survey import Survey, layers_m
from vedette.model.columns import Flags, Floats
from vedette.model.time import SECOND_NS

HEIGHTS_M: Final = (100.0, 500.0, 1_000.0, 3_000.0, 10_000.0)
REACTIONS_S: Final = (600.0, 900.0, 1_200.0, 1_500.0, 1_800.0, 2_700.0, 3_600.0)
_DAY_S: Final = 86_400.0


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """Coverage at one height; shares are of the air within the outline at that height."""

    height_amsl_m: float
    in_volume: bool  # whether the volume reaches that height somewhere
    one: float  # share that at least one sensor sees
    two: float  # at least two
    silent: float  # at least one that needs no answer of the object
    gap_km2: float  # seen by none


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """Coverage of the volume, by volume."""

    one: float
    two: float
    silent: float


class Reaction(msgspec.Struct, frozen=True, kw_only=True):
    """How long until an aircraft on alert is there to look; None where there is none."""

    median_s: float | None
    longest_s: float | None
    within: dict[str, float]  # seconds: share of the outline reached by then


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """What it costs to keep aircraft ready over the whole period."""

    days: float
    alert_hours: float  # aircraft × hours per day × days
    alert_sorties: float  # alert hours / hours of a shift


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All that is said of a shield in numbers."""

    area_km2: float
    cell_km: float
    with_terrain: bool
    sensors: int
    alert_bases: int
    layers: tuple[Layer, ...]
    volume: Whole
    reaction: Reaction
    cost: Cost


def figures(surveyed: Survey, heights_m: Sequence[float] = HEIGHTS_M) -> Figures:
    """The numbers of a survey."""
    return Figures(
        area_km2=float(surveyed.cells.area_km2.sum()),
        cell_km=surveyed.cells.side_km,
        with_terrain=surveyed.with_terrain,
        sensors=len(surveyed.sensors),
        alert_bases=len(surveyed.alerts),
        layers=tuple(layer(surveyed, height) for height in heights_m),
        volume=whole(surveyed),
        reaction=reaction(surveyed),
        cost=cost(surveyed),
    )


def layer(surveyed: Survey, height_amsl_m: float) -> Layer:
    """Coverage at a height above mean sea level."""
    area = np.where(surveyed.air(height_amsl_m), surveyed.cells.area_km2, 0.0)
    counts = surveyed.counts(height_amsl_m)
    silent = surveyed.silent().counts(height_amsl_m)
    heights = layers_m(surveyed)
    step = float((heights[-1] - heights[0]).max()) / max(len(heights) - 1, 1)
    low, high = heights[0].min() - 0.5 * step, heights[-1].max() + 0.5 * step
    return Layer(
        height_amsl_m=height_amsl_m,
        in_volume=bool(low <= height_amsl_m < high),
        one=_share(counts >= 1.0, area),
        two=_share(counts >= 2.0, area),
        silent=_share(silent >= 1.0, area),
        gap_km2=float(area[counts < 1.0].sum()),
    )


def whole(surveyed: Survey) -> Whole:
    """Coverage of the volume between floor and ceiling, counted in even layers."""
    heights = layers_m(surveyed)
    silent = surveyed.silent()
    sums = np.zeros(4)
    for heights_of in heights:
        area = np.where(surveyed.air(heights_of), surveyed.cells.area_km2, 0.0)
        counts = surveyed.counts(heights_of)
        sums += (
            area.sum(),
            area[counts >= 1.0].sum(),
            area[counts >= 2.0].sum(),
            area[silent.counts(heights_of) >= 1.0].sum(),
        )
    one, two, quiet = (float(part / sums[0]) if sums[0] > 0.0 else 0.0 for part in sums[1:])
    return Whole(one=one, two=two, silent=quiet)


def gaps(surveyed: Survey, height_amsl_m: float) -> Any:
    """What no sensor sees at a height: polygons as fine as the cells, longitude and latitude [degrees]."""
    unseen = (surveyed.counts(height_amsl_m) < 1.0) & surveyed.air(height_amsl_m)
    return joined(surveyed, unseen)


def joined(surveyed: Survey, which: Flags) -> Any:
    """Some of the cells as one shape."""
    return shapely.union_all(surveyed.cells.shapes[which], grid_size=1e-7)


def soonest_s(surveyed: Survey) -> Floats:
    """(c,) time from the order until the first aircraft on alert is there [s]; infinite without any.

    Readiness of the base and the way at the speed stated, along the geodesic. It is the time to get there:
    finding the object, weather, leave to cross borders and caveats come on top.
    """
    if not len(surveyed.alerts):
        return np.full(len(surveyed.cells.area_km2), np.inf)
    out: Floats = surveyed.reach_s.min(axis=0)
    return out


def reaction(surveyed: Survey) -> Reaction:
    """Times until somebody is there to look, over the outline."""
    times, area = soonest_s(surveyed), surveyed.cells.area_km2
    within = {f"{limit:.0f}": _share(times <= limit, area) for limit in REACTIONS_S}
    if not np.isfinite(times).any():
        return Reaction(median_s=None, longest_s=None, within=within)
    order = np.argsort(times, kind="stable")
    half = np.searchsorted(np.cumsum(area[order]), 0.5 * area.sum())
    return Reaction(
        median_s=float(times[order[min(int(half), len(order) - 1)]]),
        longest_s=float(times.max()),
        within=within,
    )


def reached(surveyed: Survey, limit_s: float) -> Any:
    """What an aircraft on alert reaches within a time of the order, in the outline: the contour as polygons."""
    return joined(surveyed, soonest_s(surveyed) <= limit_s)


def cost(surveyed: Survey) -> Cost:
    """Hours and sorties on alert over the period.

    ``alert_hours`` = sum over bases of aircraft × hours per day × days of the period;
    ``alert_sorties`` = the same with each base's hours divided by the hours of its shift. One alert sortie is
    one aircraft kept ready for one shift, whether it takes off or not.
    """
    period = surveyed.proposal.period
    days = (period.until_ns - period.since_ns) / SECOND_NS / _DAY_S
    hours = [alert.aircraft * alert.hours_per_day * days for _, alert in surveyed.alerts]
    return Cost(
        days=days,
        alert_hours=sum(hours),
        alert_sorties=sum(
            part / alert.shift_hours
            for part, (_, alert) in zip(hours, surveyed.alerts, strict=True)
        ),
    )


def _share(which: Flags, area: Floats) -> float:
    total = float(area.sum())
    return float(area[which].sum()) / total if total > 0.0 else 0.0
