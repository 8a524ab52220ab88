"""Passages of tracks at rest that settle: smoothed together, those of one tick in one go."""

from typing import Final, NamedTuple

import msgspec
import numpy as np

from vedette.model.columns import Flags, Integers
from vedette.model.time import SECOND_NS
from vedette.watch import _resting
from vedette.watch.looker import Look, Looker
from vedette.watch.membership import Picture
from vedette.watch.moments import moment_of
from vedette.watch.nearby import Near
from vedette.watch.passage import Passage
from vedette.watch.path import Rings, smoothed_all
from vedette.watch.refining import refined
from vedette.watch.resting import Resting, standing_of
from vedette.watch.revising import revisable
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Standing, Watched

_BEFORE_S: Final = 10.0  # of the path before an object was last certainly outside
_LEAVING_S: Final = 60.0  # and before it was certain that it had left


class _Job(NamedTuple):
    """One passage that settles: whose it is, and the zone's position where a path may still move it."""

    track: int  # position among the tracks of this tick
    passage: Passage
    zone: int | None
    since_ns: int  # the path is wanted from here on
    standing: Standing | None  # of a passage that lasts
    pair: int = -1  # its position


class Settled(NamedTuple):
    """What settles of one track."""

    entered: list[tuple[str, int, Standing]]  # zone, position of the pair
    left: dict[tuple[str, int], Passage]  # by key, as they stay


def settle_all(
    settings: WatchSettings,
    state: Resting,
    picture: Picture,
    looker: Looker,
    rows: list[int],
    tracks: dict[str, Watched],
) -> list[Settled]:
    """What settles of tracks at rest in this tick, as ``Looker.settle`` finds it for one track.

    Args:
        settings: times.
        state: by the rows of ``picture``, after ``resting.looked``.
        picture: of now.
        looker: of this tick.
        rows: of the tracks.
        tracks: by name.
    """
    jobs: list[_Job] = []
    open_ = _open_pairs(state, rows)
    valid_ns = picture.valid_ns[rows].tolist()
    for track, row in enumerate(rows):
        watched = tracks[picture.track_id[row]]
        jobs += _jobs(settings, state, looker, track, open_[track], valid_ns[track], watched)
    done = _paths_of(settings, state, picture, looker, rows, jobs)
    result = [Settled([], {}) for _ in rows]
    for job, passage in zip(jobs, done, strict=True):
        if job.standing is None:
            result[job.track].left[passage.key] = passage
            continue
        entered = msgspec.structs.replace(passage, settled=True)
        standing = msgspec.structs.replace(job.standing, passage=entered)
        result[job.track].entered.append((passage.zone.zone_id, job.pair, standing))
    return result


def _open_pairs(state: Resting, rows: list[int]) -> list[list[tuple[int, int]]]:
    """Of each of some rows the pairs that hold a passage, and their zones."""
    at = np.array(rows, dtype=np.int64)
    first, many = state.begin[at], state.begin[at + 1] - state.begin[at]
    ends = np.cumsum(many)
    pair = np.repeat(first - ends + many, many) + np.arange(int(ends[-1]) if len(at) else 0)
    owner = np.repeat(np.arange(len(at)), many)
    held = state.pairs.passage[pair] == 1
    pair = pair[held]
    result: list[list[tuple[int, int]]] = [[] for _ in rows]
    for track, one, zone in zip(
        owner[held].tolist(), pair.tolist(), state.pairs.zone[pair].tolist(), strict=True
    ):
        result[track].append((one, zone))
    return result


def _jobs(
    settings: WatchSettings,
    state: Resting,
    looker: Looker,
    track: int,
    pairs: list[tuple[int, int]],
    now_ns: int,
    watched: Watched,
) -> list[_Job]:
    settle_ns = int(settings.settle_s * SECOND_NS)
    jobs = []
    for pair, zone in pairs:
        held = watched.standings[looker.zones.zones[zone].zone_id]
        passage = held.passage
        if passage is None or passage.settled or now_ns < passage.begun_ns + settle_ns:
            continue
        standing = standing_of(settings, state, pair, held)
        if standing.passage is not None:
            since_ns = passage.outside_ns or 0
            jobs.append(_Job(track, standing.passage, zone, since_ns, standing, pair))
    for passage in watched.settling:
        gone_ns = passage.gone_ns or 0
        if now_ns < gone_ns + settle_ns:
            continue
        leaving_ns = max(gone_ns - int(_LEAVING_S * SECOND_NS), 0)
        since_ns = leaving_ns if passage.settled else passage.outside_ns or 0
        jobs.append(_Job(track, passage, revisable(looker.zones, passage), since_ns, None))
    return jobs


def _paths_of(
    settings: WatchSettings,
    state: Resting,
    picture: Picture,
    looker: Looker,
    rows: list[int],
    jobs: list[_Job],
) -> list[Passage]:
    """The passages of jobs by the smoothed paths of their tracks; unchanged where there is none."""
    done = [job.passage for job in jobs]
    wanted = [k for k, job in enumerate(jobs) if job.zone is not None]
    used = sorted({jobs[k].track for k in wanted})
    since = dict.fromkeys(used, 1 << 62)
    for k in wanted:
        since[jobs[k].track] = min(since[jobs[k].track], jobs[k].since_ns)
    if not used:
        return done
    index = np.array([rows[track] for track in used], dtype=np.int64)
    rings = _rings(settings, state, picture, index, np.array([since[track] for track in used]))
    states = np.diff(rings.begin)
    first_ns = rings.times_ns[np.minimum(rings.begin[:-1], len(rings.times_ns) - 1)].tolist()
    enough, at = (states > 1).tolist(), {track: k for k, track in enumerate(used)}
    wanted = [
        k
        for k in wanted
        if enough[at[jobs[k].track]]
        and (
            jobs[k].standing is not None
            or first_ns[at[jobs[k].track]] <= (jobs[k].passage.over_ns or 0)
        )
    ]
    if not wanted:
        return done
    position = np.cumsum(states > 1) - 1
    keep = np.repeat(states > 1, states)
    begin = np.concatenate(([0], np.cumsum(states[states > 1]))).astype(np.int64)
    rings = Rings(
        begin,
        rings.times_ns[keep],
        rings.state[keep],
        rings.covariance[keep],
        rings.heights[keep],
        rings.noise_m2ps3[keep],
    )
    paths = smoothed_all(settings, rings)
    found = refined(
        settings,
        [jobs[k].passage for k in wanted],
        paths,
        np.array([position[at[jobs[k].track]] for k in wanted], dtype=np.int64),
        looker.zones,
        np.array([jobs[k].zone for k in wanted], dtype=np.int64),
    )
    for k, passage in zip(wanted, found, strict=True):
        done[k] = passage
    return done


def _rings(
    settings: WatchSettings, state: Resting, picture: Picture, rows: Integers, since_ns: Integers
) -> Rings:
    """The states that tracks passed through, each just after a measurement, from some time before an instant."""
    names = [picture.track_id[row] for row in rows.tolist()]
    first_ns = since_ns - int(_BEFORE_S * SECOND_NS)
    earliest_ns = int(first_ns.min())
    now = moment_of(picture.take(rows), np.zeros(len(rows)), {n: k for k, n in enumerate(names)})
    past = [*state.moments[-settings.ring_states :], now]
    shape = len(past), len(rows)
    present = np.empty(shape, dtype=np.int64)
    valid_ns, updated_ns = np.empty(shape, dtype=np.int64), np.empty(shape, dtype=np.int64)
    table = np.empty((*shape, 18))
    used = 0
    for moment in past:
        if not len(moment.valid_ns):
            present[used] = 0  # nothing was in the picture: every track was absent
            used += 1
            continue
        at = rows
        if moment.row_of is not state.row_of:
            at = np.array([moment.row_of.get(name, -1) for name in names], dtype=np.int64)
        moment.valid_ns.take(at, out=valid_ns[used], mode="clip")
        if int(valid_ns[used].max()) < earliest_ns:
            continue
        present[used] = at >= 0
        moment.updated_ns.take(at, out=updated_ns[used], mode="clip")
        moment.table.take(at, axis=0, out=table[used], mode="clip")
        used += 1
    present, valid_ns, updated_ns = present[:used], valid_ns[:used], updated_ns[:used]
    begin = np.empty(len(rows) + 1, dtype=np.int64)
    which = np.empty(valid_ns.size, dtype=np.int64)
    _resting.ring_rows(present, valid_ns, updated_ns, first_ns, begin, which)
    which = which[: begin[-1]]
    track = np.repeat(np.arange(len(rows)), np.diff(begin))
    found = table[which, track]
    return Rings(
        begin, valid_ns[which, track], found[:, :4].copy(), found[:, 4:14].copy(),
        found[:, 14:17].copy(), found[:, 17].copy(),
    )  # fmt: skip


def missed_all(
    settings: WatchSettings,
    state: Resting,
    picture: Picture,
    looker: Looker,
    rows: Integers,
    pairs: Integers,
    looks: list[Look],
    near: list[tuple[Near, int]],
    tracks: dict[str, Watched],
) -> Flags:
    """(k,) whether objects that are outside again were inside for a time too short for the filter to be certain.

    Args:
        settings: times.
        state: by the rows of ``picture``, after ``resting.looked``.
        picture: of now.
        looker: of this tick.
        rows: (k,) of the tracks.
        pairs: (k,) positions of the pairs.
        looks: (k,) of the tracks.
        near: (k,) how they stand, and the position in it.
        tracks: by name.
    """
    found = np.zeros(len(rows), dtype=np.bool_)
    jobs, levels, which = list[_Job](), list[float](), list[int]()
    for k, (row, pair) in enumerate(zip(rows.tolist(), pairs.tolist(), strict=True)):
        outside_ns = int(state.pairs.outside_ns[pair])
        if outside_ns < 0:
            continue  # nobody saw it come
        stretch = looker.times.stretch(near[k][0].zone[near[k][1]], looks[k].valid_ns)
        certain_ns = int(state.pairs.certain_ns[pair])
        certain_ns = certain_ns if stretch is None else max(certain_ns, stretch[0])
        before = Standing(outside_ns=outside_ns, certain_ns=certain_ns)
        watched = tracks[picture.track_id[row]]
        passage = looker.missed(watched, before, looks[k], *near[k])
        jobs.append(_Job(len(which), passage, near[k][0].zone[near[k][1]], outside_ns, None))
        levels.append(looker.chance(looks[k].valid_ns - certain_ns))
        which.append(k)
    done = _paths_of(settings, state, picture, looker, rows[which].tolist(), jobs)
    found[which] = [p.probability >= level for p, level in zip(done, levels, strict=True)]
    return found
