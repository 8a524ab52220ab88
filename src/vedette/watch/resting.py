"""Tracks at rest: lawful ones about which nothing is to be told. They are watched in columns, not one by one.

Of a track at rest its times, how it stands to each zone near it, and the states that it passed through are columns
over all rows of the picture. A pair of a track and a zone is measured when the object could have come to where
something may begin or end, by the bounds that ``looker`` keeps. Only what begins, ends or settles comes out to
Python. When a track is lawful no longer, or doubtful, it is *woken*: it becomes what ``looker`` would have made of
it, and ``looker`` looks at it.
"""

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from statistics import NormalDist
from typing import Final, NamedTuple

import msgspec
import numpy as np

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.watch import _resting
from vedette.watch.membership import Picture, Zones, along, probability, speed_mps
from vedette.watch.moments import Moment, moment_of, with_moment
from vedette.watch.nearby import Near
from vedette.watch.pairs import Laid, Pairs, ceased, merged
from vedette.watch.passage import Reach, add_reach
from vedette.watch.settings import WatchSettings
from vedette.watch.timetable import Timetable, timetable
from vedette.watch.watched import FAR, Standing, Watched
from vedette.watch.zone_facts import far_in_height, height_margins, soon_in_force, zone_facts

_SEARCH_S: Final = 20.0  # how often zones near a track are looked for
_CLIMB_MPS: Final = 60.0  # no object is expected to climb or sink faster for long
_NEVER: Final = 1 << 62
_STEP_NS: Final = 900_000_000  # states closer in time than this are not kept apart
_LEVELS: Final = 1_000
_LARGEST_RADIUS_M: Final = 6_399_600.0  # of curvature of the ellipsoid, at the poles


class Resting(NamedTuple):
    """The tracks at rest among the (n,) rows of the last picture."""

    row_of: dict[str, int]
    resting: Flags
    noise_m2ps3: Floats  # NaN where the track's own was not seen
    alarm_ns: (
        Integers  # when a passage settles, or a zone that the object is in ceases to be in force
    )
    searched_ns: Integers  # when zones near it were last looked for
    search_ns: Integers  # when they are again
    lawful_ns: Integers  # last time that it did not coast, and its authority was known
    way_m: Floats  # flown since the row was there, or more
    begin: Integers  # (n + 1,) where the pairs of each row begin
    pairs: Pairs
    picture: Picture | None
    kept_ns: Integers  # last measurement that ``moments`` show, -1: none
    moments: tuple[Moment, ...]  # the newest last
    zones: Sequence[Zone] = ()  # that positions in ``pairs`` speak of

    def holds(self, track_id: str) -> bool:
        """Whether a track is at rest."""
        row = self.row_of.get(track_id)
        return row is not None and bool(self.resting[row])

    def speed_mps(self, track_id: str) -> float:
        """Of a track in the last picture [m/s]; 0 for one that is not in it."""
        row = self.row_of.get(track_id)
        if row is None or self.picture is None:
            return 0.0
        return math.hypot(self.picture.east_mps[row], self.picture.north_mps[row])

    def roused(self, rows: Integers) -> "Resting":
        """The same without the tracks of some rows."""
        resting = self.resting.copy()
        resting[rows] = False
        return self._replace(resting=resting)


def nothing_rests() -> Resting:
    """No track seen yet."""
    whole, real = np.empty(0, dtype=np.int64), np.empty(0)
    reach = np.empty((0, 6))
    pairs = Pairs(
        whole, whole, whole, whole, whole, whole, real, whole, reach, whole, reach, whole, real
    )
    begin, flags = np.zeros(1, dtype=np.int64), np.empty(0, dtype=np.bool_)
    return Resting({}, flags, real, whole, whole, whole, whole, real, begin, pairs, None, whole, ())


@lru_cache(maxsize=8)
def _levels(certain: float) -> Floats:
    """Margins that make certain after so many stretches of doubt, as ``Looker`` shares the chance of error."""
    normal = NormalDist()
    shared = [normal.inv_cdf(1.0 - (1.0 - certain) / looks) for looks in range(1, _LEVELS)]
    return np.array([shared[0], *shared])


def carried(state: Resting, picture: Picture) -> Resting:
    """The same tracks by the rows of a new picture; those that are not in it are no longer at rest."""
    if state.picture is not None and state.picture.track_id == picture.track_id:
        return state
    row_of = {name: row for row, name in enumerate(picture.track_id)}
    count = len(picture.track_id)
    if state.picture is None or not len(state.resting):
        flags = np.zeros(count, dtype=np.bool_)
        return nothing_rests()._replace(
            row_of=row_of,
            resting=flags,
            noise_m2ps3=np.full(count, np.nan),
            alarm_ns=np.full(count, _NEVER),
            searched_ns=np.zeros(count, dtype=np.int64),
            search_ns=np.zeros(count, dtype=np.int64),
            lawful_ns=np.zeros(count, dtype=np.int64),
            way_m=np.zeros(count),
            begin=np.zeros(count + 1, dtype=np.int64),
            kept_ns=np.full(count, -1),
            moments=state.moments,
        )
    before = np.array([state.row_of.get(name, -1) for name in picture.track_id], dtype=np.int64)
    held, at = before >= 0, np.maximum(before, 0)
    many = np.where(held, np.diff(state.begin)[at], 0)
    begin = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(many, out=begin[1:])
    position = np.repeat(state.begin[:-1][at] - begin[:-1], many) + np.arange(begin[-1])
    return Resting(
        row_of,
        held & state.resting[at],
        np.where(held, state.noise_m2ps3[at], np.nan),
        state.alarm_ns[at],
        state.searched_ns[at],
        state.search_ns[at],
        state.lawful_ns[at],
        state.way_m[at],
        begin,
        state.pairs.take(position),
        state.picture.take(at),
        np.where(held, state.kept_ns[at], -1),
        state.moments,
        state.zones,
    )


def with_passages(
    settings: WatchSettings, state: Resting, tracks: Mapping[str, Watched]
) -> dict[str, Watched]:
    """Every track with its passages as they stand, those at rest too; of these nothing else is renewed."""
    up = dict(tracks)
    for track_id in state.row_of.keys() & tracks.keys():
        row, watched = state.row_of[track_id], tracks[track_id]
        if not state.resting[row] or not any(
            standing.passage is not None for standing in watched.standings.values()
        ):
            continue
        standings = dict(watched.standings)
        begin, end = int(state.begin[row]), int(state.begin[row + 1])
        for pair, zone in enumerate(state.pairs.zone[begin:end].tolist(), begin):
            zone_id = state.zones[zone].zone_id
            held = standings.get(zone_id)
            if held is not None and held.passage is not None:
                standings[zone_id] = standing_of(settings, state, pair, held)
        up[track_id] = msgspec.structs.replace(watched, standings=standings)
    return up


class Seen(NamedTuple):
    """What one more picture shows of the tracks at rest."""

    state: Resting
    # (n,) which are where they cannot have flown or climbed to since the picture before
    leapt: Flags
    doubtful: Integers  # rows that must be looked at one by one
    alarmed: Integers  # rows of which a passage may settle
    # row, zone, reach, highest probability: how deep objects were in stretches of time that are over
    over: list[tuple[int, int, Reach, float]]
    row: Integers  # (c,) of each passage that begins or ends
    pair: Integers
    crossed: Integers  # 1 begins, -1 ends, 2 may have been and gone
    near: Near  # (c,) how they stand


def looked(
    settings: WatchSettings,
    state: Resting,
    picture: Picture,
    zones: Zones,
    now_ns: int,
    reach_mps: Floats,
    measured: Flags,
) -> Seen:
    """The tracks at rest after one more picture.

    Args:
        settings: thresholds.
        state: by the rows of ``picture``; it is not changed.
        picture: of now.
        zones: the index.
        now_ns: its time.
        reach_mps: (n,) speeds that the objects may soon reach.
        measured: (n,) which do not coast: only a measurement moves an object over a border.

    """
    before = state.picture
    none = np.empty(0, dtype=np.int64)
    if before is None or not state.resting.any():
        still = np.zeros(len(state.resting), dtype=np.bool_)
        nothing = Near([], [], [], [], [], [], [])
        return Seen(state, still, none, none, [], none, none, none, nothing)
    fresh = state.resting & measured & (picture.updated_ns > before.updated_ns)
    room = len(state.pairs.zone)
    row, pair = np.empty(room, dtype=np.int64), np.empty(room, dtype=np.int64)
    flown_m = _flown_m(before, picture)
    pairs, way_m = state.pairs.copy(), state.way_m + flown_m
    first_ns, last_ns = timetable(zones).window(now_ns)
    looks = fresh.astype(np.int64)
    if timetable(zones).wakes(int(before.valid_ns.max()), now_ns):
        looks[state.resting & measured & ~fresh] = 2
    apart_ns = np.maximum(
        picture.updated_ns - before.updated_ns, picture.valid_ns - before.valid_ns
    )
    # how far apart its measurements are is not known of one that was not measured now
    apart_ns[~fresh] = int(settings.check_s * SECOND_NS)
    count = _resting.due_pairs(
        state.begin, looks, picture.valid_ns, reach_mps, apart_ns, way_m,
        np.sqrt(picture.covariance[:, 0] + picture.covariance[:, 4]), pairs.zone, first_ns, last_ns,
        int(settings.check_s * SECOND_NS), max(_resting.CLEAR, float(_levels(settings.certain)[-1])),
        pairs.passage, pairs.clear_m, pairs.due_ns,
        pairs.outside_ns, pairs.certain_ns, pairs.looked_ns, pairs.peak, row, pair,
    )  # fmt: skip
    row, pair = row[:count], pair[:count]
    facts = zone_facts(zones)
    zone = pairs.zone[pair]
    distance_m, track_sigma_m = np.zeros(count), np.zeros(count)
    sigma_m, drawn_m = np.ones(count), np.zeros(count)
    height_margin = np.full(count, np.inf)
    inside = np.ones(count)
    limited = np.flatnonzero(facts.limited[zone])
    at = row[limited]
    floor, ceiling = height_margins(
        settings, facts, zone[limited],
        picture.height_hae_m[at], picture.pressure_altitude_m[at], picture.height_sigma_m[at],
    )  # fmt: skip
    height_margin[limited] = np.minimum(floor, ceiling)
    # far above or below, the way on the ground need not be known
    near = np.flatnonzero(height_margin > -_resting.CLEAR - 1.0)
    near = near[np.argsort(zone[near])]  # each outline is read once, and they lie in this order
    if len(near):
        at = row[near]
        found_m, azimuth_rad, drawn_m[near] = zones.measured(
            picture.latitude_deg[at], picture.longitude_deg[at], zone[near]
        )
        distance_m[near] = found_m
        track_sigma_m[near] = along(picture.covariance[at], azimuth_rad)
        sigma_m[near] = np.maximum(np.hypot(track_sigma_m[near], drawn_m[near]), 1e-3)
        inside[near] = probability(found_m / sigma_m[near])
        inside[limited] *= np.maximum(probability(floor) + probability(ceiling) - 1.0, 0.0)
    event = np.zeros(len(state.resting), dtype=np.int64)
    over_pair, over = np.empty(count, dtype=np.int64), np.empty((count, 7))
    crossed = np.zeros(count, dtype=np.int64)
    gone = _resting.look(
        row, pair, pairs.zone, picture.valid_ns, reach_mps, speed_mps(picture), apart_ns, way_m,
        first_ns, last_ns, facts.boundary_sigma_m,
        facts.limited.astype(np.int64), _levels(settings.certain),
        int(settings.stretch_s * SECOND_NS), int(settings.check_s * SECOND_NS),
        distance_m, track_sigma_m, sigma_m, drawn_m, height_margin, inside,
        pairs.passage, pairs.due_ns, pairs.outside_ns, pairs.certain_ns, pairs.looked_ns,
        pairs.inside_ns, pairs.peak, pairs.reach, pairs.reach_stretch, pairs.best,
        pairs.best_stretch, pairs.clear_m,
        event, over_pair, over, crossed,
    )  # fmt: skip
    alarmed = np.flatnonzero(state.resting & (state.alarm_ns <= picture.valid_ns))
    # whether measured anew or not: it ends with the zone, unless nobody saw the object inside then
    some = alarmed[measured[alarmed]]
    event[ceased(pairs, state.begin, some, picture.valid_ns, first_ns, last_ns)] = 1
    put = []
    if gone:
        owner = np.searchsorted(state.begin, over_pair[:gone], side="right") - 1
        owners, which = owner.tolist(), pairs.zone[over_pair[:gone]].tolist()
        for k, values in enumerate(over[:gone].tolist()):
            put.append((owners[k], which[k], _reach(values[:6], int(values[6])), values[4]))
    at = np.flatnonzero(crossed)
    margin = np.minimum(distance_m[at] / sigma_m[at], height_margin[at])
    columns = (
        zone[at], distance_m[at], track_sigma_m[at], sigma_m[at], margin, inside[at], drawn_m[at],
    )  # fmt: skip
    return Seen(
        state._replace(pairs=pairs, way_m=way_m),
        state.resting & _leapt(before, picture, flown_m, reach_mps),
        np.flatnonzero(event),
        alarmed,
        put,
        row[at],
        pair[at],
        crossed[at],
        Near(*(column.tolist() for column in columns)),
    )


def _flown_m(before: Picture, now: Picture) -> Floats:
    """(n,) ways from one picture to the next [m], none of them too short."""
    north = np.radians(now.latitude_deg - before.latitude_deg)
    turned = (now.longitude_deg - before.longitude_deg + 180.0) % 360.0 - 180.0
    nearer = np.minimum(np.abs(now.latitude_deg), np.abs(before.latitude_deg))
    east = np.radians(turned) * np.cos(np.radians(nearer))
    result: Floats = _LARGEST_RADIUS_M * np.hypot(north, east)
    return result


def _reach(values: list[float], stretch: int) -> Reach:
    distance_m, sigma_m, unseen_m, drawn_m, _, within = values
    return Reach(stretch, distance_m, sigma_m, unseen_m, False, drawn_m, within)


def deeper(
    settings: WatchSettings, watched: Watched, zone_id: str, reach: Reach, most: float
) -> Watched:
    """The track with one more stretch of its passage of a zone."""
    standing = watched.standings[zone_id]
    if standing.passage is None:
        return watched
    passage = msgspec.structs.replace(
        standing.passage,
        reaches=add_reach(settings, standing.passage.reaches, reach),
        probability=max(standing.passage.probability, most),
    )
    standing = msgspec.structs.replace(standing, passage=passage)
    return msgspec.structs.replace(watched, standings={**watched.standings, zone_id: standing})


def standing_of(
    settings: WatchSettings, state: Resting, pair: int, held: Standing | None
) -> Standing:
    """How a track at rest stands to one zone, with the passage that ``held`` has."""
    pairs = state.pairs
    passage = held.passage if held is not None else None
    if passage is not None:
        reaches, most = passage.reaches, passage.probability
        for table, stretches in (
            (pairs.best, pairs.best_stretch),
            (pairs.reach, pairs.reach_stretch),
        ):
            if stretches[pair] >= 0:
                values = table[pair].tolist()
                reaches = add_reach(settings, reaches, _reach(values, int(stretches[pair])))
                most = max(most, values[4])
        passage = msgspec.structs.replace(
            passage, inside_ns=int(pairs.inside_ns[pair]), reaches=reaches, probability=most
        )
    return Standing(
        outside_ns=int(pairs.outside_ns[pair]) if pairs.outside_ns[pair] >= 0 else None,
        certain_ns=int(pairs.certain_ns[pair]),
        peak=float(pairs.peak[pair]),
        first_distance_m=0.0 if held is None else held.first_distance_m,
        first_sigma_m=0.0 if held is None else held.first_sigma_m,
        looked_ns=int(pairs.looked_ns[pair]),
        passage=passage,
    )


def passed_by(pairs: Pairs, at: Integers, now_ns: Integers) -> None:
    """Write to the columns that the objects of some pairs are certainly outside, and were since they were last."""
    for since in (pairs.outside_ns, pairs.certain_ns, pairs.looked_ns, pairs.due_ns):
        since[at] = now_ns
    pairs.peak[at] = FAR


def counted(pairs: Pairs, pair: int) -> None:
    """Write to the columns that how deep the object was till now is known: what they held counts no more."""
    pairs.reach_stretch[pair], pairs.best_stretch[pair] = -1, -1


def turn(pairs: Pairs, pair: int, now_ns: int, *, inside: bool) -> None:
    """Write to the columns that a passage begins or ends now."""
    pairs.passage[pair] = int(inside)
    pairs.peak[pair] = FAR
    counted(pairs, pair)
    pairs.looked_ns[pair] = pairs.certain_ns[pair] = pairs.due_ns[pair] = now_ns
    if inside:
        pairs.inside_ns[pair] = now_ns
    else:
        pairs.outside_ns[pair] = now_ns


def woken(settings: WatchSettings, state: Resting, row: int, watched: Watched) -> Watched:
    """What ``looker`` would know of a track at rest, as of the picture before this one."""
    standings: dict[str, Standing] = {}
    pairs = state.pairs
    for k in range(int(state.begin[row]), int(state.begin[row + 1])):
        zone_id = state.zones[int(pairs.zone[k])].zone_id
        standings[zone_id] = standing_of(settings, state, k, watched.standings.get(zone_id))
    now = state.picture
    if now is None:
        return watched
    return msgspec.structs.replace(
        watched,
        seen_ns=int(now.valid_ns[row]),
        updated_ns=int(now.updated_ns[row]),
        looked_ns=int(now.valid_ns[row]),
        due_ns=int(now.valid_ns[row]),
        near_ns=0,
        lawful_ns=int(state.lawful_ns[row]),
        standings={**watched.standings, **standings},
    )


def next_alarm_ns(settings: WatchSettings, zones: Zones, watched: Watched, now_ns: int) -> int:
    """When the next of a track's passages settles, or its zone ceases to be in force."""
    settle_ns, times = int(settings.settle_s * SECOND_NS), timetable(zones)
    next_ns = min([settle_ns + (p.gone_ns or 0) for p in watched.settling], default=_NEVER)
    for zone_id, standing in watched.standings.items():
        passage = standing.passage
        if passage is None:
            continue
        if not passage.settled:
            next_ns = min(next_ns, passage.begun_ns + settle_ns)
        at = zones.row_of(zone_id)
        next_ns = min(next_ns, ceases_ns(times, passage.zone, at, now_ns))
    return next_ns


def ceases_ns(times: Timetable, zone: Zone, at: int, now_ns: int) -> int:
    """When a zone, at a position, ceases to be in force; now, if it is not."""
    if zone.valid_to_ns is None and not zone.schedule:
        return _NEVER
    stretch = times.stretch(at, now_ns)
    return now_ns if stretch is None else stretch[1]


def laid(
    settings: WatchSettings,
    zones: Zones,
    watched: Watched,
    row: int,
    near: list[tuple[int, str]],
) -> Laid | None:
    """A track that may rest from now on; None: it may not.

    Args:
        settings: times.
        zones: the index.
        watched: as ``looker`` left it, without an incident and with a known authority.
        row: of the picture.
        near: positions and names of the zones near it, rising.
    """
    if not watched.confirmed or watched.incident_id is not None:
        return None
    now_ns = watched.looked_ns
    rows = []
    left = dict(watched.standings)
    for zone, zone_id in near:
        standing = left.pop(zone_id, None)
        if standing is None:
            rows.append((zone, now_ns, now_ns, now_ns, now_ns, -1, FAR, 0))
            continue
        passage = standing.passage
        outside_ns = -1 if standing.outside_ns is None else standing.outside_ns
        inside_ns = -1 if passage is None else passage.inside_ns
        rows.append(
            (
                zone, now_ns, outside_ns, standing.certain_ns, standing.looked_ns, inside_ns,
                standing.peak, int(passage is not None),
            )
        )  # fmt: skip
    if any(standing.passage is not None for standing in left.values()):
        return None
    return Laid(row, next_alarm_ns(settings, zones, watched, now_ns), watched.lawful_ns, rows)


def at_rest(watched: Watched) -> Watched:
    """The track as it is kept while at rest: what columns do not hold."""
    held = {
        k: s
        for k, s in watched.standings.items()
        if s.passage is not None or s.outside_ns is None  # how it stood when first seen
    }
    return msgspec.structs.replace(watched, standings=held, near_ns=None)


def settled(
    settings: WatchSettings,
    state: Resting,
    picture: Picture,
    zones: Zones,
    now_ns: int,
    new: list[Laid],
    reach_mps: Floats,
    noise_m2ps3: tuple[Floats, Floats],
    measured: Flags,
    leapt: Flags,
) -> Resting:
    """The state at the end of a tick: with the tracks laid to rest in it, and with zones newly near.

    Args:
        settings: kinds of zones.
        state: after ``looked``, without those that were woken.
        picture: of now.
        zones: the index.
        now_ns: its time.
        new: tracks laid to rest.
        reach_mps: (n,) speeds that the objects may soon reach.
        noise_m2ps3: (n,) of the tracks' own, and as it is taken, from ``noises``.
        measured: (n,) which do not coast.
        leapt: (n,) of ``looked``.
    """
    resting, alarm_ns = state.resting.copy(), state.alarm_ns.copy()
    lawful_ns = np.where(resting & measured, picture.valid_ns, state.lawful_ns)
    searched_ns, search_ns = state.searched_ns.copy(), state.search_ns.copy()
    leapt = resting & leapt
    due = np.flatnonzero(resting & (search_ns <= picture.valid_ns) | leapt)
    outside_ns = searched_ns.copy()  # till when what is newly found was certainly outside
    if state.picture is not None:
        # had it leapt before, a search would have followed: the doubt begins with this leap, not with that search
        outside_ns = np.where(leapt, np.maximum(searched_ns, state.picture.valid_ns), outside_ns)
    # each row at a time of its own: the fractions of multiples of the golden ratio are spread evenly
    period_ns = int(_SEARCH_S * SECOND_NS)
    own_ns = (due * 0.6180339887 % 1.0 * period_ns).astype(np.int64)
    search_ns[due] = (
        picture.valid_ns[due] + period_ns - (picture.valid_ns[due] - own_ns) % period_ns
    )
    found = _near(settings, picture, zones, now_ns, due, reach_mps)
    for one in new:
        resting[one.row], alarm_ns[one.row], lawful_ns[one.row] = True, one.alarm_ns, one.lawful_ns
        # looked at now among the zones in force; those soon in force are found at the next picture
        searched_ns[one.row], search_ns[one.row] = picture.valid_ns[one.row], 0
    pairs, begin = state.pairs, state.begin
    if len(due) or new or not bool((resting | (np.diff(begin) == 0)).all()):
        pairs, begin = merged(
            pairs, begin, state.resting, due, found, new, picture.valid_ns, outside_ns
        )
    searched_ns[due] = picture.valid_ns[due]
    own, taken = noise_m2ps3
    kept_ns, moments = state.kept_ns, state.moments
    if not moments or now_ns - moments[-1].newest_ns >= _STEP_NS:
        new_moment = moment_of(picture, taken, state.row_of, picture.updated_ns > kept_ns)
        kept_ns, moments = picture.updated_ns, with_moment(settings, moments, new_moment)
    return Resting(
        state.row_of, resting, own, alarm_ns, searched_ns, search_ns, lawful_ns, state.way_m, begin,
        pairs, picture, kept_ns, moments, zones.zones,
    )  # fmt: skip


def _near(
    settings: WatchSettings,
    picture: Picture,
    zones: Zones,
    now_ns: int,
    due: Integers,
    reach_mps: Floats,
) -> tuple[Integers, Integers]:
    """Positions in ``due`` and zones that those rows could come near before the search after the next."""
    if not len(due):
        return due, due
    ahead_s = 1.5 * _SEARCH_S
    wanted = soon_in_force(zones, settings.kinds, now_ns, ahead_s)
    c = picture.covariance[due]
    radius_m = reach_mps[due] * ahead_s + _resting.CLEAR * np.sqrt(c[:, 0] + c[:, 4])
    row, zone = zones.near_of(
        picture.latitude_deg[due], picture.longitude_deg[due], radius_m, wanted
    )
    at = due[row]
    far = far_in_height(
        settings, zone_facts(zones), zone, picture.height_hae_m[at],
        picture.pressure_altitude_m[at], picture.height_sigma_m[at],
        _resting.CLEAR, _CLIMB_MPS * ahead_s,
    )  # fmt: skip
    return row[~far], zone[~far]


def _leapt(before: Picture, now: Picture, flown_m: Floats, reach_mps: Floats) -> Flags:
    """(n,) which are not where they can have flown or climbed to: what was too far away may be near."""
    apart_s = 1e-9 * np.maximum(now.valid_ns - before.valid_ns, 0)
    way_m = _CLIMB_MPS * apart_s
    c = before.covariance
    # a search reaches as many sigmas farther than the way till the one after the next
    leapt: Flags = flown_m > reach_mps * apart_s + _resting.CLEAR * np.sqrt(c[:, 0] + c[:, 4])
    for old, new in (
        (before.height_hae_m, now.height_hae_m),
        (before.pressure_altitude_m, now.pressure_altitude_m),
    ):
        # unknown then or now, but not both
        leapt |= ~(np.abs(new - old) <= way_m) & ~(np.isnan(new) & np.isnan(old))
    # doubt that grows by leaps
    leapt |= now.height_sigma_m > before.height_sigma_m + 0.25 * way_m
    return leapt


def noises(settings: WatchSettings, state: Resting, picture: Picture) -> tuple[Floats, Floats]:
    """(n,) acceleration noise [m²/s³] that covariances grow by while nothing is measured, and what is taken as it.

    Two rows without a measurement between them differ by it exactly; before such two rows were seen it is NaN, and
    taken from the settings by the weight of the turning models.
    """
    share = np.nan_to_num(picture.turn_probability)
    assumed = settings.steady_m2ps3 * (1.0 - share) + settings.turning_m2ps3 * share
    own, before = state.noise_m2ps3, state.picture
    if before is not None:
        dt_s = (picture.valid_ns - before.valid_ns) * 1e-9
        same = (picture.updated_ns == before.updated_ns) & (dt_s > 0.0) & (dt_s <= settings.check_s)
        if same.any():
            new, old = picture.covariance, before.covariance
            grown = new[:, 7] + new[:, 9] - old[:, 7] - old[:, 9]
            seen = np.clip(grown / (2.0 * np.maximum(dt_s, 1e-9)), 0.0, 1e4)
            own = np.where(same, np.where(np.isnan(own), seen, 0.5 * (own + seen)), own)
    return own, np.where(np.isnan(own), assumed, own)
