"""What watching keeps of one track: its recent states, and how it stands to each zone near it."""

from statistics import NormalDist
from typing import Final, NamedTuple

import msgspec
import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.incident import Moment
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.watch.membership import Membership, Picture, Zones, membership, speed_mps
from vedette.watch.passage import (
    Passage,
    Reach,
    add_reach,
    refined,
    seconds_inside,
    unseen_low_ns,
)
from vedette.watch.path import Fix, Path, fixes, profile, smoothed
from vedette.watch.settings import WatchSettings

_FAR: Final = -1e9
_CLEAR: Final = 4.0  # sigmas from a boundary at which nothing is about to happen


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a track stands to one zone near it."""

    outside_ns: int | None  # last time that it was certainly outside
    peak: float = _FAR  # highest margin since then
    first_distance_m: float = 0.0  # when it was first seen, for entries that nobody saw
    first_sigma_m: float = 0.0
    looked_ns: int = 0
    passage: Passage | None = None


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """One track. Structures are replaced, never changed."""

    track_id: str
    first_ns: int  # of its first plot
    seen_ns: int  # of its last row
    updated_ns: int  # of its last measurement that we looked at
    looked_ns: int  # when we last compared it with zones
    due_ns: int  # when we must do so again
    refined_ns: int = 0
    first_speed_mps: float = 0.0
    fix: Fix
    ring: tuple[Fix, ...] = ()
    standings: dict[str, Standing] = {}
    settling: tuple[Passage, ...] = ()  # left, but the exit may still be revised
    noise_m2ps3: float | None = None
    icao24: int | None = None
    confirmed: bool = False
    incident_id: str | None = None

    def passages(self) -> list[Passage]:
        """Open and settling passages, by entry."""
        held = [s.passage for s in self.standings.values() if s.passage is not None]
        return sorted(
            [*held, *self.settling], key=lambda p: (p.entered.estimate_ns, p.zone.zone_id)
        )

    def open_passages(self) -> list[Passage]:
        """Passages that have not ended."""
        return [p for p in self.passages() if p.gone_ns is None]


class Change(NamedTuple):
    """A passage that began or ended; ``ended`` ones are final."""

    track_id: str
    passage: Passage
    ended: bool


class Look(NamedTuple):
    """One row of the picture on its way through ``look``."""

    valid_ns: int
    updated_ns: int
    birth_ns: int
    confirmed: bool  # seen well enough that a passage may begin
    measured: bool  # not coasting: only measurements show that a boundary was crossed
    icao24: int | None
    speed_mps: float
    fix: Fix
    close: bool  # an incident needs it looked at each time


def reach_mps(speed: Floats) -> Floats:
    """(n,) speeds that objects may soon reach [m/s]: a fifth more, and what a drone gains in a gust."""
    result: Floats = 1.2 * speed + 20.0
    return result


def in_force(zone: Zone, at_ns: int) -> bool:
    """Whether the zone is in force at an instant."""
    return (zone.valid_from_ns is None or zone.valid_from_ns <= at_ns) and (
        zone.valid_to_ns is None or at_ns < zone.valid_to_ns
    )


def compare(
    settings: WatchSettings, picture: Picture, zones: Zones, held: list[Watched | None]
) -> Membership:
    """Pairs of tracks and all zones that matter before they are looked at again."""
    rows: list[int] = []
    which: list[int] = []
    for row, watched in enumerate(held):
        if watched is None:
            continue
        for zone_id, standing in watched.standings.items():
            if standing.passage is not None:
                try:
                    which.append(zones.row_of(zone_id))
                except KeyError:
                    continue  # withdrawn; ``look`` ends the passage
                rows.append(row)
    sigma_m = np.sqrt(picture.covariance[:, 0] + picture.covariance[:, 4])
    radius_m = (
        reach_mps(speed_mps(picture)) * (settings.check_s + settings.watch_ahead_s)
        + _CLEAR * sigma_m
    )
    extra = (np.array(rows, dtype=np.int64), np.array(which, dtype=np.int64))
    return membership(settings, picture, zones, radius_m, extra)


def noise(
    settings: WatchSettings, watched: Watched | None, look: Look, turn_probability: float
) -> float:
    """Acceleration noise [m²/s³] that the track's own covariance grows by while nothing is measured.

    Two rows without a measurement between them differ by it exactly; before such two rows were seen it is
    taken from the settings by the weight of the turning models.
    """
    share = 0.0 if np.isnan(turn_probability) else turn_probability
    assumed = settings.steady_m2ps3 * (1.0 - share) + settings.turning_m2ps3 * share
    if watched is None:
        return assumed
    known = watched.noise_m2ps3
    dt_s = (look.valid_ns - watched.fix.valid_ns) * 1e-9
    if look.updated_ns == watched.updated_ns and 0.0 < dt_s <= settings.check_s:
        new, old = look.fix.covariance, watched.fix.covariance
        seen = float(new[7] + new[9] - old[7] - old[9]) / (2.0 * dt_s)
        seen = min(max(seen, 0.0), 1e4)
        return seen if known is None else 0.5 * (known + seen)
    return assumed if known is None else known


class Looker:
    """Looks at the due rows of one tick; collects what began and ended. Lives for one call of ``step``."""

    def __init__(self, settings: WatchSettings, zones: Zones, now_ns: int) -> None:
        self.settings, self.zones, self.now_ns = settings, zones, now_ns
        self.level = NormalDist().inv_cdf(settings.certain)
        self.changes: list[Change] = []
        self._path: Path | None = None

    def look_all(
        self,
        picture: Picture,
        held: list[Watched | None],
        birth_ns: Integers,
        confirmed: list[bool],
        measured: list[bool],
        icao24: Integers,
        close: list[bool],
    ) -> list[Watched]:
        """The rows of a picture, each compared with its zones."""
        pairs = compare(self.settings, picture, self.zones, held)
        begin = np.searchsorted(pairs.row, np.arange(len(held) + 1))
        speed = speed_mps(picture)
        seen = fixes(picture, np.zeros(len(held)))
        result = []
        for row, old in enumerate(held):
            look = Look(
                int(picture.valid_ns[row]),
                int(picture.updated_ns[row]),
                int(birth_ns[row]),
                confirmed[row],
                measured[row],
                None if icao24[row] < 0 else int(icao24[row]),
                float(speed[row]),
                seen[row],
                close[row],
            )
            q = noise(self.settings, old, look, float(picture.turn_probability[row]))
            look = look._replace(fix=look.fix._replace(noise_m2ps3=q))
            mine = slice(int(begin[row]), int(begin[row + 1]))
            result.append(self._look(picture.track_id[row], old, look, pairs, mine))
        return result

    def _look(
        self, track_id: str, old: Watched | None, look: Look, pairs: Membership, mine: slice
    ) -> Watched:
        self._path = None
        fresh = old is None or look.updated_ns > old.updated_ns
        if old is None:
            old = Watched(
                track_id=track_id,
                first_ns=min(look.birth_ns, look.valid_ns),
                seen_ns=look.valid_ns,
                updated_ns=look.updated_ns,
                looked_ns=look.valid_ns,
                due_ns=look.valid_ns,
                first_speed_mps=look.speed_mps,
                fix=look.fix,
            )
            newly = True
        else:
            newly = False
        wait_s = self._wait_s(look, pairs, mine)
        kept = any(not p.settled or p.gone_ns is not None for p in old.passages())
        ring: tuple[Fix, ...] = ()
        if wait_s <= 0.0 or look.close or kept:
            ring = old.ring
            if fresh and look.measured:
                ring = (*ring[-(self.settings.ring_states - 1) :], look.fix)
        standings: dict[str, Standing] = {}
        settling = old.settling
        for pair in range(mine.start, mine.stop):
            zone = self.zones.zones[int(pairs.zone[pair])]
            if not in_force(zone, look.valid_ns):
                continue
            before = old.standings.get(zone.zone_id)
            if before is None:
                before = self._first_standing(old, zone, look, newly, pairs, pair)
            if fresh and look.measured:
                before, gone = self._advance(old, ring, zone, before, look, pairs, pair)
                settling = (*settling, *gone)
            # one far outside is forgotten: when it comes back, ``looked_ns`` says it was outside
            if before.passage is not None or float(pairs.margin[pair]) > -1e3:
                standings[zone.zone_id] = before
        for zone_id, standing in old.standings.items():
            if zone_id not in standings and standing.passage is not None:
                settling = (*settling, self._withdrawn(standing.passage, look.valid_ns))
        new = msgspec.structs.replace(
            old,
            seen_ns=look.valid_ns,
            updated_ns=look.updated_ns,
            looked_ns=look.valid_ns,
            fix=look.fix,
            ring=ring,
            standings=standings,
            settling=settling,
            noise_m2ps3=look.fix.noise_m2ps3 if not fresh else old.noise_m2ps3,
            icao24=look.icao24 if look.icao24 is not None else old.icao24,
            confirmed=old.confirmed or look.confirmed,
        )
        new = self._settle(new, look)
        busy = look.close or new.settling or any(not p.settled for p in new.open_passages())
        ahead_s = 0.0 if busy else min(max(0.5 * wait_s, 0.0), self.settings.check_s)
        return msgspec.structs.replace(new, due_ns=look.valid_ns + int(ahead_s * SECOND_NS))

    def _wait_s(self, look: Look, pairs: Membership, mine: slice) -> float:
        """Seconds before the track could come within ``watch_ahead_s`` of any boundary."""
        if mine.start == mine.stop:
            return 2.0 * self.settings.check_s
        gap_m = np.abs(pairs.distance_m[mine]) - _CLEAR * pairs.sigma_m[mine]
        wait_s = float(gap_m.min()) / (1.2 * look.speed_mps + 20.0)
        for pair in range(mine.start, mine.stop):
            zone = self.zones.zones[int(pairs.zone[pair])]
            if (zone.floor or zone.ceiling) and pairs.distance_m[pair] > 0.0:
                # a height sigma is 50 m or more, and few climb faster than 50 m/s
                wait_s = min(wait_s, abs(float(pairs.margin[pair])) - _CLEAR)
        return wait_s - self.settings.watch_ahead_s

    def _first_standing(
        self,
        old: Watched,
        zone: Zone,
        look: Look,
        newly: bool,
        pairs: Membership,
        pair: int,
    ) -> Standing:
        outside_ns = None if newly else old.looked_ns
        return Standing(
            outside_ns=outside_ns,
            first_distance_m=float(pairs.distance_m[pair]),
            first_sigma_m=float(pairs.sigma_m[pair]),
            looked_ns=look.valid_ns,
        )

    def _advance(
        self,
        old: Watched,
        ring: tuple[Fix, ...],
        zone: Zone,
        before: Standing,
        look: Look,
        pairs: Membership,
        pair: int,
    ) -> tuple[Standing, tuple[Passage, ...]]:
        """The standing after one more measurement, and the passages that ended by it."""
        margin = float(pairs.margin[pair])
        passage = before.passage
        now = {"looked_ns": look.valid_ns}
        if margin <= -self.level:
            gone: tuple[Passage, ...] = ()
            if passage is not None:
                gone = (self._gone(passage, ring, int(pairs.zone[pair]), look),)
            elif before.peak > 0.0 and old.confirmed:
                gone = self._missed(old, ring, zone, before, look, int(pairs.zone[pair]))
            outside = msgspec.structs.replace(
                before, outside_ns=look.valid_ns, peak=_FAR, passage=None, **now
            )
            return outside, gone
        if passage is None and (margin < self.level or not look.confirmed):
            return msgspec.structs.replace(before, peak=max(before.peak, margin), **now), ()
        if passage is None:
            passage = self._begun(old, zone, before, look, float(pairs.probability[pair]))
            if ring:
                passage = self._refined(passage, ring, int(pairs.zone[pair]))
            self.changes.append(Change(old.track_id, passage, ended=False))
        if margin > 0.0:
            gap_s = max(look.valid_ns - before.looked_ns, 0) / SECOND_NS
            distance_m = float(pairs.distance_m[pair])
            reach = Reach(
                look.valid_ns // int(self.settings.stretch_s * SECOND_NS),
                distance_m,
                float(pairs.track_sigma_m[pair]),
                0.5 * gap_s * look.speed_mps,
                False,
            )
            passage = msgspec.structs.replace(
                passage,
                inside_ns=look.valid_ns,
                reaches=add_reach(self.settings, passage.reaches, reach),
                probability=max(passage.probability, float(pairs.probability[pair])),
            )
        return msgspec.structs.replace(before, peak=_FAR, passage=passage, **now), ()

    def _begun(
        self, old: Watched, zone: Zone, before: Standing, look: Look, probability: float
    ) -> Passage:
        outside_ns, settled = before.outside_ns, False
        latitude_deg, longitude_deg = float(look.fix.state[0]), float(look.fix.state[1])
        if outside_ns is None:
            low_ns = unseen_low_ns(
                self.settings,
                old.first_ns,
                before.first_distance_m,
                before.first_sigma_m,
                old.first_speed_mps,
            )
            entered = Moment(estimate_ns=old.first_ns, low_ns=low_ns, high_ns=old.first_ns)
        elif zone.valid_from_ns is not None and outside_ns < zone.valid_from_ns:
            # it did not come in: the zone came into force around it
            at_ns, settled = zone.valid_from_ns, True
            entered = Moment(estimate_ns=at_ns, low_ns=at_ns, high_ns=at_ns)
            outside_ns = at_ns
        else:
            entered = Moment(
                estimate_ns=(outside_ns + look.valid_ns) // 2,
                low_ns=outside_ns,
                high_ns=look.valid_ns,
            )
        return Passage(
            zone=zone,
            begun_ns=look.valid_ns,
            outside_ns=outside_ns,
            entered=entered,
            latitude_deg=latitude_deg,
            longitude_deg=longitude_deg,
            course_rad=float(np.arctan2(look.fix.state[2], look.fix.state[3])),
            probability=probability,
            inside_ns=look.valid_ns,
            settled=settled,
        )

    def _gone(self, passage: Passage, ring: tuple[Fix, ...], zone: int, look: Look) -> Passage:
        left = Moment(
            estimate_ns=(passage.inside_ns + look.valid_ns) // 2,
            low_ns=passage.inside_ns,
            high_ns=look.valid_ns,
        )
        gone = msgspec.structs.replace(
            passage,
            gone_ns=look.valid_ns,
            left=left,
            inside_s=seconds_inside(passage.entered, left, 0.0),
        )
        return self._refined(gone, ring, zone) if len(ring) > 1 else gone

    def _missed(
        self,
        old: Watched,
        ring: tuple[Fix, ...],
        zone: Zone,
        before: Standing,
        look: Look,
        which: int,
    ) -> tuple[Passage, ...]:
        """A passage too short for the filter to be certain of, which the smoothed path is certain of."""
        if len(ring) < 2 or before.outside_ns is None:
            return ()
        found = self._begun(old, zone, before, look, 0.0)
        found = self._gone(found, ring, which, look)
        if found.probability < self.settings.certain:
            return ()
        self.changes.append(Change(old.track_id, found, ended=False))
        return (found,)

    def _withdrawn(self, passage: Passage, at_ns: int) -> Passage:
        """The passage ends because the zone does."""
        end_ns = passage.zone.valid_to_ns
        if end_ns is None or end_ns > at_ns:
            end_ns = at_ns
        left = Moment(estimate_ns=end_ns, low_ns=end_ns, high_ns=end_ns)
        return msgspec.structs.replace(
            passage,
            gone_ns=at_ns,
            settled=True,
            left=left,
            inside_s=seconds_inside(passage.entered, left, 0.0),
        )

    def _refined(self, passage: Passage, ring: tuple[Fix, ...], zone: int) -> Passage:
        if passage.left is not None and passage.settled and passage.gone_ns is None:
            return passage
        if self._path is None or self._path.times_ns[-1] != ring[-1].valid_ns:
            self._path = smoothed(self.settings, ring)
        at = profile(self.settings, self._path, self.zones, zone)
        return refined(self.settings, passage, at, self.zones, zone)

    def _settle(self, watched: Watched, look: Look) -> Watched:
        """Refine what is due: everything at each revision of an incident, edges when they settle."""
        settle_ns = int(self.settings.settle_s * SECOND_NS)
        revise_ns = int(self.settings.revision_s * SECOND_NS)
        revise = look.close and look.valid_ns - watched.refined_ns >= revise_ns
        standings = watched.standings
        for zone_id, standing in watched.standings.items():
            passage = standing.passage
            if passage is None:
                continue
            settles = not passage.settled and look.valid_ns >= passage.begun_ns + settle_ns
            if (revise or settles) and len(watched.ring) > 1:
                passage = self._refined(passage, watched.ring, self.zones.row_of(zone_id))
            if settles:
                passage = msgspec.structs.replace(passage, settled=True)
            if passage is not standing.passage:
                standings = {
                    **standings,
                    zone_id: msgspec.structs.replace(standing, passage=passage),
                }
        settling = []
        for passage in watched.settling:
            ends = look.valid_ns >= (passage.gone_ns or 0) + settle_ns
            one = self._refine_left(passage, watched.ring) if ends or revise else passage
            if ends:
                self.changes.append(Change(watched.track_id, _final(one), ended=True))
            else:
                settling.append(one)
        return msgspec.structs.replace(
            watched,
            standings=standings,
            settling=tuple(settling),
            refined_ns=look.valid_ns if revise else watched.refined_ns,
        )

    def _refine_left(self, passage: Passage, ring: tuple[Fix, ...]) -> Passage:
        if len(ring) < 2 or ring[0].valid_ns > (passage.gone_ns or 0):
            return passage
        if passage.left is not None and passage.zone.valid_to_ns == passage.left.estimate_ns:
            return passage
        try:
            zone = self.zones.row_of(passage.zone.zone_id)
        except KeyError:
            return passage
        return self._refined(passage, ring, zone)


def _final(passage: Passage) -> Passage:
    return msgspec.structs.replace(passage, final=True, settled=True)


def finished(watched: Watched, *, lost: bool) -> list[Passage]:
    """All passages of a track that ends now, as they stay; open ones are lost inside when ``lost``."""
    return [
        _final(passage)
        if passage.gone_ns is not None
        else msgspec.structs.replace(passage, lost=lost)
        for passage in watched.passages()
    ]


def inherited(watched: Watched, passages: list[Passage]) -> Watched:
    """The track goes on with the open passages of another that was the same object.

    The earlier entry of the two holds; where it now stands is for the next look to see.
    """
    standings = dict(watched.standings)
    for passage in passages:
        if passage.gone_ns is not None:
            continue
        zone_id = passage.zone.zone_id
        standing = standings.get(zone_id, Standing(outside_ns=passage.outside_ns))
        own = standing.passage
        if own is not None and own.entered.estimate_ns <= passage.entered.estimate_ns:
            continue
        kept = msgspec.structs.replace(passage, lost=False, settled=True)
        if own is not None:
            kept = msgspec.structs.replace(
                kept,
                inside_ns=max(own.inside_ns, kept.inside_ns),
                reaches=(*kept.reaches, *own.reaches)[-96:],
            )
        standings[zone_id] = msgspec.structs.replace(standing, passage=kept)
    return msgspec.structs.replace(watched, standings=standings)
