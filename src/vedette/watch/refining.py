"""Passages as smoothed paths show them: entry, exit, seconds inside and depth, for many passages at once."""

import math
from typing import Final, NamedTuple

import msgspec
import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.incident import Moment
from vedette.model.time import SECOND_NS
from vedette.watch import _refining
from vedette.watch.membership import Zones, probability
from vedette.watch.passage import Passage, Reach, add_reach, seconds_inside
from vedette.watch.path import Paths, Profiles, profiles
from vedette.watch.settings import WatchSettings

_SHARES: Final = np.linspace(0.0, 1.0, 33)


class Edge(NamedTuple):
    """One side of a passage as a profile shows it: when, from when to when, and at which of its instants."""

    moment: Moment
    place: int  # position of the estimate among the instants
    reached: bool  # the certain outside lies within the profile
    risen: bool  # and the certain inside


def edge(times_ns: Integers, margin: Floats, peak: int) -> Edge:
    """The entry that leads to the instant ``peak``; an exit is the entry of reversed time.

    The 95 % interval is the set of times at which the boundary may be where the object is: from the last time
    that the margin was below -1.96 to the first after it above 1.96 (a test inverted, so bent paths and slow
    ones need no special case). The estimate divides the interval as the probability of being inside does, so
    seconds inside are the expected ones also where the path dithers.

    Args:
        times_ns: (t,) instants in order.
        margin: (t,) distances inside over their sigmas.
        peak: an instant well inside.
    """
    out = np.empty(6, dtype=np.int64)
    _refining.edge(times_ns, margin, peak, 0, out)
    return _edge(out.tolist())


def exit_edge(times_ns: Integers, margin: Floats, peak: int) -> Edge:
    """The exit that follows the instant ``peak``: the entry of reversed time."""
    out = np.empty(6, dtype=np.int64)
    _refining.edge(times_ns, margin, peak, 1, out)
    return _edge(out.tolist())


def _edge(values: list[int]) -> Edge:
    low_ns, estimate_ns, high_ns, place, reached, risen = values
    moment = Moment(estimate_ns=estimate_ns, low_ns=low_ns, high_ns=high_ns)
    return Edge(moment, place, reached == 1, risen == 1)


def refined(
    settings: WatchSettings,
    passages: list[Passage],
    paths: Paths,
    of: Integers,
    zones: Zones,
    zone: Integers,
) -> list[Passage]:
    """Passages as the smoothed paths show them now.

    Entry and exit are looked for around the deepest place between the last times before and after it at which
    the object was certainly outside. An edge that the path no longer reaches keeps what was found before.

    Args:
        settings: lengths of stretches, correlation of boundary errors.
        passages: (j,) of them.
        paths: smoothed.
        of: (j,) the path of each, by position.
        zones: the index.
        zone: (j,) the zone of each, by position.
    """
    at = profiles(settings, paths, of, zones, zone)
    count = len(passages)
    top = np.empty(count, dtype=np.int64)
    entry, exit_ = np.zeros((count, 6), dtype=np.int64), np.zeros((count, 6), dtype=np.int64)
    span_ns = np.zeros((count, 2), dtype=np.int64)
    ceased = [passage.ceased for passage in passages]
    found = np.zeros((count, 2))
    job, row = np.empty(len(at.row), dtype=np.int64), np.empty(len(at.row), dtype=np.int64)
    total = _refining.refine(
        at.begin, paths.begin[of], paths.times_ns, paths.state, paths.covariance, paths.gain,
        at.distance_m, at.azimuth_rad, at.sigma_m, at.margin, at.boundary_sigma_m,
        np.array([-1 if p.outside_ns is None else p.outside_ns for p in passages], dtype=np.int64),
        np.array([-1 if p.gone_ns is None else p.over_ns for p in passages], dtype=np.int64),
        np.array([p.settled for p in passages], dtype=np.int64),
        np.array(ceased, dtype=np.int64),
        settings.boundary_correlation_m, int(settings.stretch_s * SECOND_NS),
        top, entry, exit_, span_ns, found, job, row,
    )  # fmt: skip
    job, row = job[:total], row[:total]
    deepest_m = _deepest(at, paths, zones, zone, top, span_ns)
    reaches = _reaches(settings, at, paths, job, row, top, deepest_m)
    chances = probability(found[:, 1]).tolist()
    correlations, tops = found[:, 0].tolist(), top.tolist()
    entries, exits = entry.tolist(), exit_.tolist()
    first = at.row[at.begin[:-1]]
    first_ns, margins = paths.times_ns[first].tolist(), at.margin[at.begin[:-1]].tolist()
    states = paths.state[first + np.where(top < 0, 0, entry[:, 3])].tolist()
    result = []
    for j, passage in enumerate(passages):
        if tops[j] < 0:
            result.append(passage)
            continue
        seen = _Seen(
            first_ns[j], margins[j], _edge(entries[j]),
            None if passage.gone_ns is None or ceased[j] else _edge(exits[j]),
            correlations[j], chances[j], states[j],
        )  # fmt: skip
        result.append(_shown(settings, passage, seen, reaches[j]))
    return result


class _Seen(NamedTuple):
    """What one profile shows of one passage."""

    first_ns: int  # of the path
    margin: float  # at its first instant
    entry: Edge
    exit: Edge | None  # of one that is over, unless its zone ceased
    correlation: float
    probability: float
    state: list[float]  # of four, at the entry


def _shown(settings: WatchSettings, passage: Passage, seen: _Seen, reaches: list[Reach]) -> Passage:
    """The passage with what was seen; ``reaches`` rise in time, the first may be the end of a stretch."""
    change: dict[str, object] = {"probability": max(passage.probability, seen.probability)}
    entered, entry = passage.entered, seen.entry
    own = entry.reached and (passage.outside_ns is None or not passage.settled)
    if own:
        entered = entry.moment
        latitude_deg, longitude_deg, east_mps, north_mps = seen.state
        change |= {
            "entered": entered,
            "latitude_deg": latitude_deg,
            "longitude_deg": longitude_deg,
            "course_rad": math.atan2(east_mps, north_mps),
            "outside_ns": passage.outside_ns if passage.outside_ns is not None else entered.low_ns,
        }
    elif passage.unseen and not passage.settled and seen.margin < 0.0:
        # first seen astride the boundary: it entered at or after first sight, or before it
        entered = Moment(
            estimate_ns=entry.moment.estimate_ns,
            low_ns=min(entered.low_ns, entry.moment.low_ns),
            high_ns=entry.moment.high_ns,
        )
        change["entered"] = entered
    if passage.gone_ns is not None and seen.exit is not None:
        left = seen.exit.moment
        if not seen.exit.reached:
            # it came back into sight outside: it left at some time in the gap
            left = Moment(
                estimate_ns=(passage.inside_ns + passage.gone_ns) // 2,
                low_ns=passage.inside_ns,
                high_ns=passage.gone_ns,
            )
        elif not seen.exit.risen and seen.first_ns > passage.certain_ns:
            # the path begins only when it may have left already
            left = msgspec.structs.replace(left, low_ns=min(left.low_ns, passage.certain_ns))
        left = _not_before(left, entered)
        # time errors are -e/v at the entry and e/v at the exit, of distance errors e
        change |= {"left": left, "inside_s": seconds_inside(entered, left, -seen.correlation)}
    elif passage.left is not None:
        change["inside_s"] = seconds_inside(entered, passage.left, 0.0)
    change["reaches"] = _with(settings, passage.reaches, reaches, seen.first_ns)
    return msgspec.structs.replace(passage, **change)


def _with(
    settings: WatchSettings,
    held: tuple[Reach, ...],
    found: list[Reach],
    first_ns: int,
) -> tuple[Reach, ...]:
    """The deepest stretches with those of the smoothed path."""
    stretch_ns = int(settings.stretch_s * SECOND_NS)
    cut, since_ns = divmod(first_ns, stretch_ns)
    if held and found and found[0].stretch == cut:
        old, after = (next((r for r in held if r.stretch == k), None) for k in (cut, cut + 1))
        best = _begun(found[0], old)
        # its first look may have been the next after one that was before the path
        straddles = since_ns > stretch_ns - int(settings.check_s * SECOND_NS)
        if straddles and after is not None and not after.smoothed:
            best = best.beside(after)
        found = [best, *found[1:]]
    for reach in found:
        held = add_reach(settings, held, reach)
    return held


def _begun(reach: Reach, old: Reach | None) -> Reach:
    """How deep it was in a stretch of which the path may hold only the end."""
    if old is None:
        return reach
    if not old.smoothed:
        shallow = old.distance_m > reach.distance_m + 3.0 * old.sigma_m
        return old if shallow else reach.beside(old)
    if reach.until <= old.until:
        return old  # all of it was smoothed before
    deeper = max(reach.beside(old), old, key=lambda one: one.distance_m)
    return msgspec.structs.replace(deeper, until=reach.until, end_m=reach.end_m)


def _reaches(
    settings: WatchSettings,
    at: Profiles,
    paths: Paths,
    job: Integers,
    row: Integers,
    top: Integers,
    deepest_m: Floats,
) -> list[list[Reach]]:
    """Of each passage the deepest place of each stretch of time, in order."""
    stretch_ns = int(settings.stretch_s * SECOND_NS)
    stretch, since_ns = np.divmod(paths.times_ns[at.row[row]], stretch_ns)
    is_top = row == at.begin[job] + top[job]
    distance_m = np.where(is_top, deepest_m[job], at.distance_m[row]).tolist()
    within = since_ns / stretch_ns
    last, over_ns = np.divmod(paths.times_ns[at.row[at.begin[1:] - 1]], stretch_ns)
    whole = stretch < last[job]
    until = np.where(whole, 1.0, over_ns[job] / stretch_ns)
    end_m = np.where(whole, -np.inf, at.distance_m[at.begin[1:] - 1][job])
    columns = (
        stretch.tolist(),
        at.track_sigma_m[row].tolist(),
        at.boundary_sigma_m[row].tolist(),
        within.tolist(),
        until.tolist(),
        end_m.tolist(),
    )
    result: list[list[Reach]] = [[] for _ in top]
    for j, deep_m, when, sigma_m, drawn_m, *ends in zip(
        job.tolist(), distance_m, *columns, strict=True
    ):
        result[j].append(Reach(when, deep_m, sigma_m, 0.0, True, drawn_m, *ends))
    return result


def _deepest(
    at: Profiles, paths: Paths, zones: Zones, zone: Integers, top: Integers, span_ns: Integers
) -> Floats:
    """(j,) distances [m] at the deepest place between the instants beside ``top``.

    A fast object covers hundreds of metres between two instants of a profile, and the distance to the boundary
    of a strip has a sharp peak. Outside of ``span_ns`` nothing counts: it may be deeper where the zone was not
    yet in force, or the object above it.
    """
    last = np.diff(at.begin) - 1
    near = np.maximum(top, 0)
    low, high = np.maximum(near - 1, 0), np.minimum(near + 1, last)
    first = at.row[at.begin[:-1]]
    top_ns = paths.times_ns[first + near]
    back, ahead = (
        np.clip((span_ns[:, side] - top_ns) / np.where(beside_ns == 0, 1, beside_ns), 0.0, 1.0)
        for side, beside_ns in (
            (0, paths.times_ns[first + low] - top_ns),
            (1, paths.times_ns[first + high] - top_ns),
        )
    )
    begin, end = near - back * (near - low), near + ahead * (high - near)
    share = begin[:, None] + (end - begin)[:, None] * _SHARES
    whole = np.minimum(np.floor(share).astype(np.int64), np.maximum(last - 1, 0)[:, None])
    part = share - whole
    here = first[:, None] + whole
    there = first[:, None] + np.minimum(whole + 1, last[:, None])
    places = paths.state[:, :2]
    at_deg = places[here] + part[:, :, None] * (places[there] - places[here])
    distance_m, _ = zones.boundary(
        at_deg[:, :, 0].ravel(), at_deg[:, :, 1].ravel(), np.repeat(zone, len(_SHARES))
    )
    seen_m = at.distance_m[at.begin[:-1] + near]
    found_m: Floats = np.maximum(
        distance_m.reshape(share.shape).max(axis=1, initial=-np.inf), seen_m
    )
    return found_m


def _not_before(left: Moment, entered: Moment) -> Moment:
    estimate_ns = max(left.estimate_ns, entered.estimate_ns)
    return Moment(
        estimate_ns=estimate_ns, low_ns=left.low_ns, high_ns=max(left.high_ns, estimate_ns)
    )
