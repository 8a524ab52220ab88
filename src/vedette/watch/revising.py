"""Passages refined when they are due by the smoothed paths of their tracks, those of one tick in one go.

Of tracks that are looked at one by one and of those at rest the same is due, and by the same paths.
"""

from typing import Final, NamedTuple

import msgspec
import numpy as np

from vedette.model.columns import Integers
from vedette.model.time import SECOND_NS
from vedette.watch.membership import Zones
from vedette.watch.moments import Past
from vedette.watch.passage import Passage
from vedette.watch.path import Rings, smoothed_all
from vedette.watch.refining import refined
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Watched, final

_BEFORE_S: Final = 10.0  # of the path before an object was last certainly outside, or inside
_LEAVING_S: Final = 60.0  # of it at least before it was certain that the object had left

Key = tuple[str, int]  # of a passage within its track


class Wanted(NamedTuple):
    """A passage that is to be refined: the row of its track, and the position of its zone."""

    row: int
    passage: Passage
    zone: int


class Missed(NamedTuple):
    """A passage that may have been too short for the filter to be certain of, and which P(inside) makes it one."""

    row: int
    passage: Passage
    zone: int
    chance: float


class Due(NamedTuple):
    """A track of which something may be due."""

    watched: Watched
    now_ns: int
    whole: bool = False  # all its passages are refined, not only what settles
    fresh: tuple[Key, ...] = ()  # and these


class Revised(NamedTuple):
    """A track with what was due of it refined."""

    watched: Watched
    ended: list[Passage]  # that are final now
    better: dict[Key, Passage]  # all that were refined


def revise(settings: WatchSettings, zones: Zones, past: Past, dues: list[Due]) -> list[Revised]:
    """Each track with what was due of it refined by its smoothed path.

    Args:
        settings: times.
        zones: the index.
        past: of the tracks.
        dues: the tracks.
    """
    since_ns = int(settings.settle_s * SECOND_NS)
    wanted = [_wanted(zones, past, due, due.now_ns - since_ns) for due in dues]
    found = iter(refined_all(settings, zones, past, [one for mine in wanted for one in mine]))
    result = []
    for due, mine in zip(dues, wanted, strict=True):
        better = {one.passage.key: next(found) for one in mine}
        result.append(_settled(due.watched, due.now_ns - since_ns, better))
    return result


def missed_all(
    settings: WatchSettings, zones: Zones, past: Past, missed: list[Missed]
) -> list[Passage | None]:
    """Those that smoothed paths are certain of; None for the others.

    Args:
        settings: times.
        zones: the index.
        past: of the tracks.
        missed: passages whose objects are certainly outside again.
    """
    wanted = [Wanted(one.row, one.passage, one.zone) for one in missed]
    found = refined_all(settings, zones, past, wanted)
    return [
        passage if passage.probability >= one.chance else None
        for one, passage in zip(missed, found, strict=True)
    ]


def refined_all(
    settings: WatchSettings, zones: Zones, past: Past, wanted: list[Wanted]
) -> list[Passage]:
    """Passages by the smoothed paths of their tracks; unchanged where there is no path of them.

    A path begins where it can first matter to one of its track's passages that are wanted now, and holds
    ``ring_states`` states at most.

    Args:
        settings: lengths.
        zones: the index.
        past: of the tracks.
        wanted: the passages.
    """
    done = [one.passage for one in wanted]
    if not wanted:
        return done
    since: dict[int, int] = {}
    for one in wanted:
        since[one.row] = min(since.get(one.row, 1 << 62), _since_ns(one.passage))
    rows = np.array(list(since), dtype=np.int64)
    first_ns = np.array(list(since.values()), dtype=np.int64) - int(_BEFORE_S * SECOND_NS)
    rings = past.rings(settings, rows, first_ns)
    kept = np.flatnonzero(np.diff(rings.begin) > 1)  # one state is no path
    begun_ns = rings.times_ns[rings.begin[kept]].tolist()
    path_of = {row: k for k, row in enumerate(rows[kept].tolist())}
    which = []
    for k, one in enumerate(wanted):
        path, over_ns = path_of.get(one.row), one.passage.over_ns
        if path is not None and (over_ns is None or begun_ns[path] < over_ns):
            which.append(k)
    if not which:
        return done
    paths = smoothed_all(settings, rings if len(kept) == len(rows) else _some(rings, kept))
    found = refined(
        settings,
        [wanted[k].passage for k in which],
        paths,
        np.array([path_of[wanted[k].row] for k in which], dtype=np.int64),
        zones,
        np.array([wanted[k].zone for k in which], dtype=np.int64),
    )
    for k, passage in zip(which, found, strict=True):
        done[k] = passage
    return done


def _since_ns(passage: Passage) -> int:
    """From when on a path matters to a passage."""
    if passage.gone_ns is None or not passage.settled:
        return passage.outside_ns or 0
    return max(min(passage.gone_ns - int(_LEAVING_S * SECOND_NS), passage.certain_ns), 0)


def _some(rings: Rings, kept: Integers) -> Rings:
    many = np.diff(rings.begin)
    at = np.repeat(np.isin(np.arange(len(many)), kept), many)
    begin = np.concatenate(([0], np.cumsum(many[kept]))).astype(np.int64)
    return Rings(
        begin, rings.times_ns[at], rings.state[at], rings.covariance[at], rings.heights[at],
        rings.noise_m2ps3[at],
    )  # fmt: skip


def _row_of(zones: Zones, passage: Passage) -> int | None:
    """Position of the zone of a passage, where it is still known."""
    try:
        return zones.row_of(passage.zone.zone_id)
    except KeyError:
        return None


def _wanted(zones: Zones, past: Past, due: Due, since_ns: int) -> list[Wanted]:
    """Passages that are to be refined now; what began or ended by ``since_ns`` settles."""
    row, result = past.row_of[due.watched.track_id], []
    for passage in due.watched.held():
        over_ns = passage.begun_ns if passage.gone_ns is None else passage.gone_ns
        settles = over_ns <= since_ns and not (passage.gone_ns is None and passage.settled)
        if due.whole or settles or passage.key in due.fresh:
            zone = _row_of(zones, passage)
            if zone is not None:
                result.append(Wanted(row, passage, zone))
    return result


def _settled(watched: Watched, since_ns: int, better: dict[Key, Passage]) -> Revised:
    standings = watched.standings
    for zone_id, standing in watched.standings.items():
        if standing.passage is None:
            continue
        passage = better.get(standing.passage.key, standing.passage)
        if not passage.settled and passage.begun_ns <= since_ns:
            passage = msgspec.structs.replace(passage, settled=True)
        if passage is not standing.passage:
            after = msgspec.structs.replace(standing, passage=passage)
            standings = {**standings, zone_id: after}
    settling, ended = [], []
    for passage in watched.settling:
        one = better.get(passage.key, passage)
        if (passage.gone_ns or 0) <= since_ns:
            ended.append(final(one))
        else:
            settling.append(one)
    if standings is not watched.standings or ended or better:
        watched = msgspec.structs.replace(watched, standings=standings, settling=tuple(settling))
    return Revised(watched, ended, better)
