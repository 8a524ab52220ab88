"""Looking at tracks again: each due track compared with the zones near it, and what that changes."""

from statistics import NormalDist
from typing import NamedTuple
from zlib import crc32

import msgspec
import numpy as np

from vedette.model.columns import Floats, Integers
from vedette.model.incident import Moment
from vedette.model.time import SECOND_NS
from vedette.model.zone import Zone
from vedette.watch.membership import Membership, Picture, Zones, speed_mps, states
from vedette.watch.moments import Past
from vedette.watch.nearby import CLEAR, Near, compare, reach_mps, waits_s
from vedette.watch.passage import (
    Passage,
    Reach,
    add_reach,
    seconds_inside,
    unseen_depth_m,
    unseen_low_ns,
    until_now,
)
from vedette.watch.revising import Due, Key, Missed, missed_all, revise
from vedette.watch.settings import WatchSettings
from vedette.watch.timetable import timetable
from vedette.watch.watched import FAR, Standing, Watched
from vedette.watch.zone_facts import of_kinds


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
    state: Floats  # (4,) latitude, longitude [degrees], east, north [m/s]
    close: bool  # an incident needs it looked at each time
    lawful: bool = False  # its passages need not be exact before they settle
    roused: bool = False  # it was at rest, and is lawful no longer
    ahead_s: float = 0.0  # till it is looked at again, at most


class _Looked(NamedTuple):
    """A row that was looked at, before what is due of it is refined."""

    row: int
    newly: bool
    look: Look
    wait_s: float
    changes: int  # that were known then
    fresh: tuple[Key, ...]  # passages that began or ended, and are to be refined at once
    missed: tuple[Missed, ...]


class Looker:
    """Looks at the due rows of one tick; collects what began and ended. Lives for one call of ``step``."""

    def __init__(self, settings: WatchSettings, zones: Zones, now_ns: int, past: Past) -> None:
        self.settings, self.zones, self.now_ns, self.past = settings, zones, now_ns, past
        self.times = timetable(zones)
        self.normal = NormalDist()
        self.level = self.normal.inv_cdf(settings.certain)
        self.stretch_ns = int(settings.stretch_s * SECOND_NS)
        self.changes: list[Change] = []
        self.near_of: list[list[int]] = []  # zones near each row that was looked at
        self._fresh: list[Key] = []  # of the row that is looked at, as the next
        self._missed: list[Missed] = []

    def look_all(
        self,
        picture: Picture,
        held: list[Watched | None],
        birth_ns: Integers,
        confirmed: list[bool],
        measured: list[bool],
        icao24: Integers,
        close: list[bool],
        lawful: list[bool],
        roused: list[bool],
    ) -> list[Watched]:
        """The rows of a picture, each compared with its zones."""
        pairs = compare(self.settings, picture, self.zones, held)
        begin = np.searchsorted(pairs.row, np.arange(len(held) + 1)).tolist()
        waits = waits_s(self.settings, picture, self.zones, pairs)
        wanted = (pairs.zone, pairs.distance_m, *pairs[4:8], pairs.boundary_sigma_m)
        near = Near(*(column.tolist() for column in wanted))
        self.near_of = [near.zone[begin[row] : begin[row + 1]] for row in range(len(held))]
        speed = speed_mps(picture).tolist()
        valid_ns, updated_ns = picture.valid_ns.tolist(), picture.updated_ns.tolist()
        births_ns, addresses = birth_ns.tolist(), icao24.tolist()
        seen = states(picture)
        result: list[Watched] = []
        looked: list[_Looked] = []
        for row, old in enumerate(held):
            mine = range(begin[row], begin[row + 1])
            if old is not None and waits[row] > 0.0 and measured[row] and not close[row]:
                passed = self._pass_by(
                    old, near, mine, waits[row], valid_ns[row], updated_ns[row], speed[row]
                )
                if passed is not None and lawful[row]:
                    passed = msgspec.structs.replace(passed, lawful_ns=valid_ns[row])
                if passed is not None:
                    result.append(passed)
                    continue
            look = Look(
                valid_ns[row],
                updated_ns[row],
                births_ns[row],
                confirmed[row],
                measured[row],
                None if addresses[row] < 0 else addresses[row],
                speed[row],
                seen[row],
                close[row],
                lawful[row],
                roused[row],
            )
            new = self._look(picture.track_id[row], old, look, near, mine, waits[row])
            due = tuple(self._fresh), tuple(self._missed)
            looked.append(_Looked(row, old is None, look, waits[row], len(self.changes), *due))
            result.append(new)
        self._settle(result, looked)
        self._before_sleep(pairs, result)
        return self._before_waking(picture, result)

    def _before_sleep(self, pairs: Membership, seen: list[Watched]) -> None:
        """Make each row due at the latest when a zone that it is in ceases to be in force."""
        _, last_ns = self.times.window(self.now_ns)
        end_ns = last_ns[pairs.zone]
        soon = np.flatnonzero(end_ns <= self.now_ns + int(self.settings.check_s * SECOND_NS))
        columns = pairs.row[soon].tolist(), pairs.zone[soon].tolist(), end_ns[soon].tolist()
        for row, zone, due_ns in zip(*columns, strict=True):
            standing = seen[row].standings.get(self.zones.zones[zone].zone_id)
            if standing is not None and standing.passage is not None and due_ns < seen[row].due_ns:
                seen[row] = msgspec.structs.replace(seen[row], due_ns=due_ns)

    def _before_waking(self, picture: Picture, seen: list[Watched]) -> list[Watched]:
        """The rows, each due at the latest when a zone near it comes into force: is it outside then?

        Such zones are near too: what rests from now on is held against them at once.
        """
        first_ns, _ = self.times.window(self.now_ns)
        until_ns = self.now_ns + int(self.settings.check_s * SECOND_NS)
        waking = (first_ns > self.now_ns) & (first_ns <= until_ns)
        waking &= of_kinds(self.zones, self.settings.kinds)
        if not waking.any():
            return seen
        sigma_m = np.sqrt(picture.covariance[:, 0] + picture.covariance[:, 4])
        radius_m = reach_mps(speed_mps(picture)) * self.settings.check_s + CLEAR * sigma_m
        rows, which = self.zones.near_of(
            picture.latitude_deg, picture.longitude_deg, radius_m, waking.astype(np.uint8)
        )
        columns = rows.tolist(), which.tolist(), first_ns[which].tolist()
        for row, zone, due_ns in zip(*columns, strict=True):
            self.near_of[row] = sorted({*self.near_of[row], zone})
            if due_ns < seen[row].due_ns:
                seen[row] = msgspec.structs.replace(seen[row], due_ns=due_ns)
        return seen

    def _level(self, doubtful_ns: int) -> float:
        """Margin that makes certain after some time of doubt.

        Along a border one look in fifty would err, and there are many; so the chance of error is shared among as
        many looks as the doubt has had independent stretches (Bonferroni's inequality).
        """
        looks = 1 + max(doubtful_ns, 0) // self.stretch_ns
        if looks == 1:
            return self.level
        return self.normal.inv_cdf(1.0 - (1.0 - self.settings.certain) / looks)

    def _pass_by(
        self,
        old: Watched,
        near: Near,
        mine: range,
        wait_s: float,
        valid_ns: int,
        updated_ns: int,
        speed_mps: float,
    ) -> Watched | None:
        """A track far from every boundary that stands as it did, which most do; None when it does not."""
        if (
            old.settling
            or old.near_ns is not None
            or updated_ns <= old.updated_ns
            or not old.confirmed
        ):
            return None
        standings: dict[str, Standing] = {}
        ahead_s = min(0.5 * wait_s, self.settings.check_s)
        for pair in mine:
            margin = near.margin[pair]
            if margin <= -self.level:
                continue  # forgotten: when it comes near, ``looked_ns`` says that it was outside
            zone = self.zones.zones[near.zone[pair]]
            standing = old.standings.get(zone.zone_id)
            passage = standing.passage if standing is not None else None
            if standing is None or passage is None or not passage.settled:
                return None
            if margin < self.level or self.times.stretch(near.zone[pair], valid_ns) is None:
                return None
            passage = self._deeper(passage, standing, near, pair, valid_ns, speed_mps, ahead_s)
            standings[zone.zone_id] = msgspec.structs.replace(
                standing, looked_ns=valid_ns, certain_ns=valid_ns, passage=passage
            )
        if any(s.passage is not None and k not in standings for k, s in old.standings.items()):
            return None
        return msgspec.structs.replace(
            old,
            seen_ns=valid_ns,
            updated_ns=updated_ns,
            looked_ns=valid_ns,
            due_ns=valid_ns + int(ahead_s * SECOND_NS),
            standings=standings,
        )

    def _deeper(
        self,
        passage: Passage,
        standing: Standing,
        near: Near,
        pair: int,
        valid_ns: int,
        speed_mps: float,
        ahead_s: float = 0.0,
    ) -> Passage:
        """The passage after one more look that found the object inside."""
        gap_s = max((valid_ns - standing.looked_ns) / SECOND_NS, ahead_s, 0.0)
        reach = Reach(
            valid_ns // self.stretch_ns,
            near.distance_m[pair],
            near.track_sigma_m[pair],
            0.5 * gap_s * speed_mps,
            False,
            near.boundary_sigma_m[pair],
            valid_ns % self.stretch_ns / self.stretch_ns,
        )
        return msgspec.structs.replace(
            passage,
            inside_ns=valid_ns,
            reaches=add_reach(self.settings, passage.reaches, reach),
            probability=max(passage.probability, near.probability[pair]),
        )

    def enter(
        self, watched: Watched, before: Standing, look: Look, near: Near, pair: int
    ) -> Standing:
        """How a lawful track stands to a zone that it is now certainly in."""
        zone = self.zones.zones[near.zone[pair]]
        passage = self._begun(watched, zone, before, look, near, pair)
        self.changes.append(Change(watched.track_id, passage, ended=False))
        passage = self._deeper(passage, before, near, pair, look.valid_ns, look.speed_mps)
        return msgspec.structs.replace(
            before, peak=FAR, passage=passage, looked_ns=look.valid_ns, certain_ns=look.valid_ns
        )

    def missed(
        self, watched: Watched, before: Standing, look: Look, near: Near, pair: int
    ) -> Missed:
        """The passage of a track that is certainly outside again, should its smoothed path be certain of one."""
        at = near.zone[pair]
        begun = self._begun(watched, self.zones.zones[at], before, look, near, pair, 0.0)
        level = self._level(look.valid_ns - before.certain_ns)
        gone = self._gone(begun, look)
        return Missed(self.past.row_of[watched.track_id], gone, at, self.normal.cdf(level))

    def leave(self, passage: Passage, before: Standing, look: Look) -> Passage:
        """The passage of a lawful track that is now certainly outside."""
        certain_ns = max(passage.certain_ns, before.certain_ns)
        return self._gone(msgspec.structs.replace(passage, certain_ns=certain_ns), look)

    def _look(
        self,
        track_id: str,
        old: Watched | None,
        look: Look,
        near: Near,
        mine: range,
        wait_s: float,
    ) -> Watched:
        self._fresh, self._missed = [], []
        fresh = old is None or look.updated_ns > old.updated_ns
        newly = old is None
        if old is None:
            old = Watched(
                track_id=track_id,
                first_ns=min(look.birth_ns, look.valid_ns),
                appeared_ns=look.valid_ns,
                seen_ns=look.valid_ns,
                updated_ns=look.updated_ns,
                looked_ns=look.valid_ns,
                due_ns=look.valid_ns,
                first_speed_mps=look.speed_mps,
            )
        kept = any(not p.settled or p.gone_ns is not None for p in old.passages())
        near_ns = None
        if wait_s <= 0.0 or look.close or kept:
            near_ns = look.updated_ns if old.near_ns is None else old.near_ns
        if not (look.close or kept):
            look = look._replace(ahead_s=min(max(0.5 * wait_s, 0.0), self.settings.check_s))
        standings: dict[str, Standing] = {}
        settling = old.settling
        for pair in mine:
            zone = self.zones.zones[near.zone[pair]]
            stretch = self.times.stretch(near.zone[pair], look.valid_ns)
            if stretch is None:
                continue
            before = old.standings.get(zone.zone_id)
            if before is None:
                before = Standing(
                    outside_ns=None if newly else old.looked_ns,
                    certain_ns=max(old.looked_ns, stretch[0]),  # no doubt before it is in force
                    first_distance_m=near.distance_m[pair],
                    first_sigma_m=near.sigma_m[pair],
                    looked_ns=look.valid_ns,
                )
            # a zone that came into force since finds who is inside without a new measurement
            if look.measured and (fresh or stretch[0] > old.looked_ns):
                before, gone = self._advance(old, zone, before, look, near, pair)
                settling = (*settling, *gone)
            # one far outside is forgotten: when it comes back, ``looked_ns`` says it was outside
            if before.passage is not None or near.margin[pair] > -1e3:
                standings[zone.zone_id] = before
        for zone_id, standing in old.standings.items():
            if zone_id not in standings and standing.passage is not None:
                if not look.measured and self._exists(zone_id):
                    standings[zone_id] = (
                        standing  # nobody saw it inside when the zone went to sleep
                    )
                    continue
                settling = (*settling, self._withdrawn(standing.passage, look))
        return msgspec.structs.replace(
            old,
            seen_ns=look.valid_ns,
            updated_ns=look.updated_ns,
            looked_ns=look.valid_ns,
            near_ns=near_ns,
            standings=standings,
            settling=settling,
            icao24=look.icao24 if look.icao24 is not None else old.icao24,
            lawful_ns=look.valid_ns if look.lawful else old.lawful_ns,
            confirmed=old.confirmed or look.confirmed,
        )

    def _advance(
        self,
        old: Watched,
        zone: Zone,
        before: Standing,
        look: Look,
        near: Near,
        pair: int,
    ) -> tuple[Standing, tuple[Passage, ...]]:
        """The standing after one more measurement, and the passages that ended by it."""
        margin = near.margin[pair]
        passage = before.passage
        level = self._level(look.valid_ns - before.certain_ns)
        now = {
            "looked_ns": look.valid_ns,
            "certain_ns": look.valid_ns if abs(margin) >= level else before.certain_ns,
        }
        if margin <= -level:
            gone: tuple[Passage, ...] = ()
            if passage is not None:
                gone = (self.leave(passage, before, look),)
                self._fresh += [] if look.lawful else [passage.key]
            elif before.peak > 0.0 and old.confirmed and before.outside_ns is not None:
                self._missed.append(self.missed(old, before, look, near, pair))
            outside = msgspec.structs.replace(
                before, outside_ns=look.valid_ns, peak=FAR, passage=None, **now
            )
            return outside, gone
        if passage is None and (margin < level or not look.confirmed):
            return msgspec.structs.replace(before, peak=max(before.peak, margin), **now), ()
        if passage is None:
            passage = self._begun(old, zone, before, look, near, pair)
            self._fresh += [] if look.lawful else [passage.key]
            self.changes.append(Change(old.track_id, passage, ended=False))
        if margin > 0.0:
            passage = self._deeper(
                passage, before, near, pair, look.valid_ns, look.speed_mps, look.ahead_s
            )
        return msgspec.structs.replace(before, peak=FAR, passage=passage, **now), ()

    def _begun(
        self,
        old: Watched,
        zone: Zone,
        before: Standing,
        look: Look,
        near: Near,
        pair: int,
        probability: float | None = None,
    ) -> Passage:
        outside_ns, settled, before_m = before.outside_ns, False, 0.0
        stretch = self.times.stretch(near.zone[pair], look.valid_ns)
        began_ns = old.first_ns if stretch is None else stretch[0]
        latitude_deg, longitude_deg = float(look.state[0]), float(look.state[1])
        if outside_ns is None:
            # a track that has just begun may not know its speed yet
            speed_mps = max(old.first_speed_mps, look.speed_mps)
            way = (before.first_distance_m, before.first_sigma_m, speed_mps)
            low_ns = unseen_low_ns(self.settings, old.first_ns, *way)
            before_m = unseen_depth_m(self.settings, *way)
            entered = Moment(estimate_ns=old.first_ns, low_ns=low_ns, high_ns=old.appeared_ns)
            # first seen well inside: nothing that comes later can date the entry
            settled = before.first_distance_m >= self.level * before.first_sigma_m
        elif outside_ns < began_ns:
            # it did not come in: the zone came into force around it, or it came in soon after that
            outside_ns, settled = began_ns, True
            entered = self._activated(began_ns, look, near, pair)
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
            course_rad=float(np.arctan2(look.state[2], look.state[3])),
            probability=near.probability[pair] if probability is None else probability,
            inside_ns=look.valid_ns,
            certain_ns=look.valid_ns,
            before_m=before_m,
            settled=settled,
        )

    def _activated(self, began_ns: int, look: Look, near: Near, pair: int) -> Moment:
        """Entry by activation: exact, unless the object may have been outside when the zone came into force."""
        since_s = (look.valid_ns - began_ns) / SECOND_NS
        clear_m = near.distance_m[pair] - CLEAR * near.sigma_m[pair]
        flown_m = (1.2 * look.speed_mps + 20.0) * since_s
        high_ns = began_ns if clear_m >= flown_m else look.valid_ns
        return Moment(estimate_ns=began_ns, low_ns=began_ns, high_ns=high_ns)

    @staticmethod
    def _gone(passage: Passage, look: Look) -> Passage:
        left = Moment(
            estimate_ns=(passage.inside_ns + look.valid_ns) // 2,
            low_ns=passage.inside_ns,
            high_ns=look.valid_ns,
        )
        return msgspec.structs.replace(
            passage,
            gone_ns=look.valid_ns,
            left=left,
            inside_s=seconds_inside(passage.entered, left, 0.0),
        )

    def _withdrawn(self, passage: Passage, look: Look) -> Passage:
        """The passage ends because the zone does."""
        try:
            end_ns = self.times.ended_ns(self.zones.row_of(passage.zone.zone_id), look.valid_ns)
        except KeyError:
            end_ns = look.valid_ns
        passage = until_now(passage, look.speed_mps, end_ns)
        end_ns = max(end_ns, passage.entered.estimate_ns)
        left = Moment(estimate_ns=end_ns, low_ns=end_ns, high_ns=end_ns)
        return msgspec.structs.replace(
            passage,
            gone_ns=look.valid_ns,
            left=left,
            inside_s=seconds_inside(passage.entered, left, 0.0),
        )

    def _exists(self, zone_id: str) -> bool:
        try:
            self.zones.row_of(zone_id)
        except KeyError:
            return False
        return True

    def _settle(self, seen: list[Watched], looked: list[_Looked]) -> None:
        """Refine what is due, that of all tracks in one go, and say when each must be looked at again.

        Everything at each revision of an incident, edges when they settle.
        """
        every = [missed for one in looked for missed in one.missed]
        short = iter(missed_all(self.settings, self.zones, self.past, every))
        dues, missed = list[Due](), list[list[Passage]]()
        for one in looked:
            missed.append([p for p in [next(short) for _ in one.missed] if p is not None])
            watched = seen[one.row]
            if missed[-1]:
                settling = (*watched.settling, *missed[-1])
                watched = msgspec.structs.replace(watched, settling=settling)
            whole = self._revises(watched, one.look)
            dues.append(Due(watched, one.look.valid_ns, whole, one.fresh))
        changes: list[Change] = []
        begin = 0
        revised = revise(self.settings, self.zones, self.past, dues)
        for one, due, found, (new, ended, better) in zip(
            looked, dues, missed, revised, strict=True
        ):
            mine = self.changes[begin : one.changes]
            mine += [Change(new.track_id, passage, ended=False) for passage in found]
            begin = one.changes
            changes += [
                change._replace(passage=better.get(change.passage.key, change.passage))
                if change.track_id == new.track_id
                else change
                for change in mine
            ]
            changes += [Change(new.track_id, passage, ended=True) for passage in ended]
            refined_ns = due.now_ns if due.whole else new.refined_ns
            busy = one.look.close or new.settling or any(not p.settled for p in new.open_passages())
            # one that coasts whenever it is due would never be looked at as it was measured
            busy = busy or not one.look.measured
            ahead_s = 0.0 if busy else min(max(0.5 * one.wait_s, 0.0), self.settings.check_s)
            if one.newly:  # those that appear together are not all looked at together ever after
                ahead_s *= 0.2 + 0.8 * crc32(new.track_id.encode()) / 2**32
            due_ns = one.look.valid_ns + int(ahead_s * SECOND_NS)
            seen[one.row] = msgspec.structs.replace(new, refined_ns=refined_ns, due_ns=due_ns)
        self.changes = changes + self.changes[begin:]

    def _revises(self, watched: Watched, look: Look) -> bool:
        revise_ns = int(self.settings.revision_s * SECOND_NS)
        return look.roused or (look.close and look.valid_ns - watched.refined_ns >= revise_ns)
