"""Which track follows which object over time: the CLEAR-MOT rule, initiation, continuity and false tracks."""

from typing import NamedTuple

import msgspec
import numpy as np

from vedette.fusion.scoring.pairing import pair_up
from vedette.fusion.scoring.pictures import Near, Pictures
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.model.columns import Integers


class Followed(NamedTuple):
    """Pairs of an object's and a track's state, at most one for each, in order of picture."""

    pairs: Near
    switches: int


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """How well names are kept, and how soon and how truly tracks begin."""

    switches: int  # an object whose track is another than before
    switches_per_object_hour: float | None
    continuity: float | None  # share of the tracked objects with one track and no gap to the end
    fragments_per_object: float | None  # unbroken stretches of a tracked object; 1 is best
    initiation_p50_s: float | None  # from the first picture with the object to its first track
    initiation_p95_s: float | None
    never_tracked: float | None  # share of the objects
    tracks: int  # different names that were shown
    false_tracks: int  # names that spent more than half of their life far from every object
    false_tracks_per_hour: float | None
    hours: float


def follow(pictures: Pictures, settings: ScoreSettings, first: int) -> Followed:
    """Pairs from picture ``first`` on: who was paired stays paired while both are near.

    What is left is paired optimally. An object whose last track had another name is a switch, also after
    a gap.

    Source: Bernardin and Stiefelhagen, Evaluating multiple object tracking performance: the CLEAR MOT
    metrics (2008), section 2.1.
    """
    near = pictures.near
    of = pictures.truth.picture[near.truth]
    bounds = np.searchsorted(of, np.arange(len(pictures.instants_ns) + 1))
    last = np.full(len(pictures.objects), -1, np.int64)
    since = np.full(len(pictures.objects), -1, np.int64)  # picture of the last pair
    used_object = np.zeros(len(pictures.objects), np.bool_)
    used_track = np.zeros(len(pictures.tracks), np.bool_)
    parts, switches = [np.zeros(0, np.int64)], 0
    for k in range(first, len(pictures.instants_ns)):
        edges = np.arange(bounds[k], bounds[k + 1])
        if len(edges) == 0:
            continue
        i = pictures.truth.name[near.truth[edges]]
        j = pictures.track.name[near.track[edges]]
        kept = np.flatnonzero(last[i] == j)
        # a name that was last of two objects goes on with the one that had it more recently
        kept = kept[np.lexsort((near.distance_m[edges[kept]], -since[i[kept]], j[kept]))]
        kept = kept[np.concatenate(([True], np.diff(j[kept]) != 0))[: len(kept)]]
        used_object[i[kept]], used_track[j[kept]] = True, True
        free = np.flatnonzero(~used_object[i] & ~used_track[j])
        new = free[
            pair_up(i[free], j[free], near.distance_m[edges[free]], settings.cut_m, settings.order)
        ]
        used_object[i[kept]], used_track[j[kept]] = False, False
        switches += int(((last[i[new]] >= 0) & (last[i[new]] != j[new])).sum())
        both = np.concatenate([kept, new])
        last[i[both]], since[i[both]] = j[both], k
        parts.append(edges[both])
    rows = np.concatenate(parts)
    return Followed(Near(near.truth[rows], near.track[rows], near.distance_m[rows]), switches)


def _first_and_last(pictures: Pictures, rows: Integers) -> tuple[Integers, Integers, Integers]:
    """Of each object over some truth rows: first and last picture (-1: none), and how many."""
    count, many = len(pictures.objects), len(pictures.instants_ns)
    first, last = np.full(count, many, np.int64), np.full(count, -1, np.int64)
    np.minimum.at(first, pictures.truth.name[rows], pictures.truth.picture[rows])
    np.maximum.at(last, pictures.truth.name[rows], pictures.truth.picture[rows])
    return first, last, np.bincount(pictures.truth.name[rows], minlength=count)


def identity(pictures: Pictures, followed: Followed, settings: ScoreSettings) -> Identity:
    """Figures of the names; ``followed`` is from the first picture that counts."""
    seconds = pictures.instants_ns / 1e9
    everything = follow(pictures, settings, 0).pairs if pictures.first else followed.pairs
    began, _, _ = _first_and_last(pictures, np.arange(len(pictures.truth.name)))
    tracked, _, _ = _first_and_last(pictures, everything.truth)
    exists, found = began < len(seconds), tracked < len(seconds)
    delay = seconds[tracked[found]] - seconds[began[found]]

    rows = np.flatnonzero(pictures.counted(pictures.truth))
    _, gone, states = _first_and_last(pictures, rows)
    first, last, pairs = _first_and_last(pictures, followed.pairs.truth)
    seen = pairs > 0
    names = np.unique(
        np.column_stack(
            [
                pictures.truth.name[followed.pairs.truth],
                pictures.track.name[followed.pairs.track],
            ]
        ),
        axis=0,
    )
    numbers = np.bincount(names[:, 0], minlength=len(pictures.objects))
    # object states from its first pair on: a gap is a state without a pair
    after = np.bincount(
        pictures.truth.name[rows],
        pictures.truth.picture[rows] >= first[pictures.truth.name[rows]],
        len(pictures.objects),
    )
    whole = seen & (numbers == 1) & (pairs == after) & (last == gone)
    order = np.lexsort(
        (pictures.truth.picture[followed.pairs.truth], pictures.truth.name[followed.pairs.truth])
    )
    thing = pictures.truth.name[followed.pairs.truth][order]
    name = pictures.track.name[followed.pairs.track][order]
    at = pictures.truth.picture[followed.pairs.truth][order]
    breaks = (thing[1:] != thing[:-1]) | (name[1:] != name[:-1]) | (at[1:] != at[:-1] + 1)
    fragments = int(breaks.sum()) + 1 if len(thing) else 0
    hours = float(seconds[-1] - seconds[0]) / 3600.0
    object_hours = float(states.sum()) * pictures.period_s / 3600.0
    shown, close = pictures.lives
    false = int(((shown > 0) & (close < 0.5 * shown)).sum())
    return Identity(
        switches=followed.switches,
        switches_per_object_hour=followed.switches / object_hours if object_hours else None,
        continuity=float(whole.sum() / seen.sum()) if seen.any() else None,
        fragments_per_object=float(fragments / seen.sum()) if seen.any() else None,
        initiation_p50_s=float(np.percentile(delay, 50)) if len(delay) else None,
        initiation_p95_s=float(np.percentile(delay, 95)) if len(delay) else None,
        never_tracked=float(1.0 - found.sum() / exists.sum()) if exists.any() else None,
        tracks=int((shown > 0).sum()),
        false_tracks=false,
        false_tracks_per_hour=false / hours if hours else None,
        hours=hours,
    )
