"""SIAP: the attributes of a single integrated air picture."""

from typing import NamedTuple

import msgspec
import numpy as np

from vedette.fusion.scoring.pictures import Pictures
from vedette.model.columns import Flags, Floats, Integers


class Siap(msgspec.Struct, frozen=True, kw_only=True):
    """Over all pictures that count; null where nothing was associated."""

    completeness: float | None  # share of object states that have a track; 1 is best
    ambiguity: float | None  # tracks for each tracked object; 1 is best
    spuriousness: float | None  # share of track states without an object; 0 is best
    position_accuracy_m: float | None  # mean error of place
    velocity_accuracy_mps: float | None
    number_change_rate_hz: float | None  # changes of track number per second tracked; 0 is best
    longest_segment: float | None  # share of an object's time on its longest track; 1 is best


class Association(NamedTuple):
    """Which track states belong to which object states: each to its nearest below the cut-off."""

    truth: Integers  # (a,) rows, in order of track row
    track: Integers
    distance_m: Floats


def associate(pictures: Pictures) -> Association:
    """Each track state with its nearest object; several tracks may claim one object."""
    near = pictures.near
    order = np.lexsort((near.truth, near.distance_m, near.track))
    track = near.track[order]
    first = np.ones(len(track), np.bool_)
    first[1:] = track[1:] != track[:-1]
    rows = order[first]
    rows = rows[pictures.truth.picture[near.truth[rows]] >= pictures.first]
    return Association(near.truth[rows], near.track[rows], near.distance_m[rows])


def _ratio(top: float, bottom: float) -> float | None:
    return float(top / bottom) if bottom else None


def _runs(
    thing: Integers, name: Integers, picture: Integers
) -> tuple[Integers, Integers, Integers]:
    """Unbroken stretches of one object with one track: object, first and last picture of each."""
    order = np.lexsort((picture, name, thing))
    thing, name, picture = thing[order], name[order], picture[order]
    begins: Flags = np.ones(len(thing), np.bool_)
    begins[1:] = (
        (thing[1:] != thing[:-1]) | (name[1:] != name[:-1]) | (picture[1:] != picture[:-1] + 1)
    )
    starts = np.flatnonzero(begins)
    ends = np.append(starts[1:], len(thing))[: len(starts)] - 1
    return thing[starts], picture[starts], picture[ends]


def _numbers_needed(first: Integers, last: Integers) -> int:
    """Fewest stretches, one after another, that cover all instants that any of them covers."""
    needed, at = 0, -1
    while True:
        left = last > at
        if not left.any():
            return needed
        # the first instant after ``at`` that is covered, and of the stretches over it the longest
        begin = np.maximum(first[left], at + 1)
        at = int(last[left][begin == begin.min()].max())
        needed += 1


def siap(pictures: Pictures) -> Siap:
    """The SIAP attributes, as Stone Soup computes them from the same association.

    Source: Votruba, Nisley, Rothrock and Zombro, Single Integrated Air Picture (SIAP) Metrics
    Implementation (2001): C = ΣJT/ΣJ, A = ΣNA/ΣJT, S = Σ(N − NA)/ΣN, PA and VA = Σ errors/ΣNA,
    R = Σ(NU − 1)/ΣTT, LS = ΣTL/ΣT.
    """
    pairs = associate(pictures)
    true_rows = pictures.counted(pictures.truth)
    objects = int(true_rows.sum())
    states = int(pictures.counted(pictures.track).sum())
    tracked = len(np.unique(pairs.truth))
    speed = np.linalg.norm(
        pictures.truth.velocity_mps[pairs.truth] - pictures.track.velocity_mps[pairs.track], axis=1
    )
    seconds = pictures.instants_ns / 1e9
    thing, first, last = _runs(
        pictures.truth.name[pairs.truth],
        pictures.track.name[pairs.track],
        pictures.truth.picture[pairs.truth],
    )
    changes, tracked_s, longest_s = 0, 0.0, 0.0
    step_s = np.diff(seconds, append=seconds[-1])
    bounds = np.flatnonzero(np.diff(thing)) + 1
    for a, b in zip(
        np.append(0, bounds), np.append(bounds, len(thing)), strict=True
    ) if len(thing) else ():  # fmt: skip
        longest_s += float((seconds[last[a:b]] - seconds[first[a:b]]).max())
        if b - a == 1:
            tracked_s += float(seconds[last[a]] - seconds[first[a]])
            continue
        covered = np.zeros(len(seconds), np.bool_)
        for low, high in zip(first[a:b], last[a:b], strict=True):
            covered[low:high] = True
        tracked_s += float(step_s[covered].sum())
        changes += _numbers_needed(first[a:b], last[a:b]) - 1
    name, picture = pictures.truth.name[true_rows], pictures.truth.picture[true_rows]
    begin = np.full(len(pictures.objects), np.inf)
    end = np.full(len(pictures.objects), -np.inf)
    np.minimum.at(begin, name, seconds[picture])
    np.maximum.at(end, name, seconds[picture])
    alive = end >= begin
    return Siap(
        completeness=_ratio(tracked, objects),
        ambiguity=_ratio(len(pairs.track), tracked),
        spuriousness=_ratio(states - len(pairs.track), states),
        position_accuracy_m=_ratio(float(pairs.distance_m.sum()), len(pairs.track)),
        velocity_accuracy_mps=_ratio(float(speed.sum()), len(pairs.track)),
        number_change_rate_hz=_ratio(changes, tracked_s),
        longest_segment=_ratio(longest_s, float((end[alive] - begin[alive]).sum())),
    )
