"""Passages of tracks that are looked at one by one, refined when they are due: those of all tracks in one go."""

from typing import NamedTuple

import msgspec
import numpy as np

from vedette.model.time import SECOND_NS
from vedette.watch.membership import Zones
from vedette.watch.passage import Passage
from vedette.watch.path import rings_of, smoothed_all
from vedette.watch.refining import refined
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Watched, final


class Due(NamedTuple):
    """A track of which something may be due."""

    watched: Watched
    now_ns: int
    whole: bool  # all its passages are refined, not only what settles


def revise(
    settings: WatchSettings, zones: Zones, dues: list[Due]
) -> list[tuple[Watched, list[Passage]]]:
    """Each track with what was due of it refined by its smoothed path, and its passages that are final now.

    Args:
        settings: times.
        zones: the index.
        dues: the tracks.
    """
    since_ns = int(settings.settle_s * SECOND_NS)
    wanted = [_wanted(zones, due, due.now_ns - since_ns) for due in dues]
    found = iter(_refined_all(settings, zones, dues, wanted))
    result = []
    for due, mine in zip(dues, wanted, strict=True):
        better = {passage.key: next(found) for passage, _ in mine}
        result.append(_settled(due.watched, due.now_ns - since_ns, better))
    return result


def revisable(zones: Zones, passage: Passage) -> int | None:
    """Position of the zone of a passage that has ended, where it is still known."""
    try:
        return zones.row_of(passage.zone.zone_id)
    except KeyError:
        return None


def _wanted(zones: Zones, due: Due, since_ns: int) -> list[tuple[Passage, int]]:
    """Passages that are to be refined now, with the positions of their zones; what began by then settles."""
    ring = due.watched.ring
    if len(ring) < 2:
        return []
    result = []
    for zone_id, standing in due.watched.standings.items():
        passage = standing.passage
        if passage is None:
            continue
        if due.whole or (not passage.settled and passage.begun_ns <= since_ns):
            result.append((passage, zones.row_of(zone_id)))
    for passage in due.watched.settling:
        settles = (passage.gone_ns or 0) <= since_ns
        if (due.whole or settles) and ring[0].valid_ns <= (passage.over_ns or 0):
            zone = revisable(zones, passage)
            if zone is not None:
                result.append((passage, zone))
    return result


def _refined_all(
    settings: WatchSettings,
    zones: Zones,
    dues: list[Due],
    wanted: list[list[tuple[Passage, int]]],
) -> list[Passage]:
    """The passages wanted of each track by its smoothed path, one list after the other."""
    some = [k for k, mine in enumerate(wanted) if mine]
    if not some:
        return []
    paths = smoothed_all(settings, rings_of([dues[k].watched.ring for k in some]))
    of = np.repeat(np.arange(len(some)), [len(wanted[k]) for k in some])
    passages = [passage for k in some for passage, _ in wanted[k]]
    which = np.array([zone for k in some for _, zone in wanted[k]], dtype=np.int64)
    return refined(settings, passages, paths, of, zones, which)


def _settled(
    watched: Watched, since_ns: int, better: dict[tuple[str, int], Passage]
) -> tuple[Watched, list[Passage]]:
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
    if standings is watched.standings and not ended and not better:
        return watched, ended
    return msgspec.structs.replace(watched, standings=standings, settling=tuple(settling)), ended
