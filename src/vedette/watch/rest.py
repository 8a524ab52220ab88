"""Which tracks rest in one tick: who is woken, who is laid to rest."""

import msgspec
import numpy as np

from vedette.model.columns import Flags, Integers
from vedette.model.time import SECOND_NS
from vedette.watch.looker import Change, Look, Looker
from vedette.watch.membership import Picture, Zones, speed_mps, states
from vedette.watch.moments import Past
from vedette.watch.nearby import Near, reach_mps
from vedette.watch.pairs import Laid, open_pairs
from vedette.watch.resting import (
    Resting,
    Seen,
    at_rest,
    carried,
    ceases_ns,
    counted,
    deeper,
    laid,
    looked,
    next_alarm_ns,
    noises,
    passed_by,
    settled,
    standing_of,
    turn,
    woken,
)
from vedette.watch.revising import Due, Missed, missed_all, revise
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Standing, Watched


class Rest:
    """Lives for one tick; ``tracks`` is the tick's own dictionary, and changed."""

    def __init__(
        self,
        settings: WatchSettings,
        state: Resting,
        picture: Picture,
        zones: Zones,
        now_ns: int,
        tracks: dict[str, Watched],
        coasting: Flags,
    ) -> None:
        self.coasting = coasting
        self.settings, self.picture, self.zones, self.now_ns = settings, picture, zones, now_ns
        self.tracks = tracks
        if state.zones is not zones.zones and state.resting.any():
            self._all_up(state, [])  # other zones: every pair is looked for anew
            state = state._replace(resting=np.zeros_like(state.resting))
        gone = (
            [
                track_id
                for track_id in state.row_of.keys() - set(picture.track_id)
                if state.holds(track_id)
            ]
            if state.picture is not None and state.picture.track_id != picture.track_id
            else []
        )
        self._all_up(state, gone)
        self.state = carried(state, picture)
        self.reach_mps = reach_mps(speed_mps(picture))
        self.leapt: Flags = np.zeros(len(picture.track_id), dtype=np.bool_)
        self.past = Past(self.state.moments, picture, self.state.row_of, self.state.kept_ns)
        self.woken: Flags = np.zeros(len(picture.track_id), dtype=np.bool_)
        self._near: dict[int, list[int]] = {}

    @property
    def resting(self) -> Flags:
        """(n,) which rows rest."""
        return self.state.resting

    def _all_up(self, state: Resting, names: list[str]) -> None:
        for name in names:
            if name in self.tracks:
                self.tracks[name] = woken(
                    self.settings, state, state.row_of[name], self.tracks[name]
                )

    def wake(self, lawful: Flags, looker: Looker) -> None:
        """Look at all that rest; wake those that are lawful no longer, and those that need a look of their own.

        One that coasts rests on, since nothing is measured of it; one of which so old a measurement comes that it
        coasts all the same is left to ``looker``.
        """
        unlawful = self.state.resting & ~lawful
        before = self.state.picture
        if before is not None:
            late = self.coasting & (self.picture.updated_ns > before.updated_ns)
            unlawful |= self.state.resting & late
        seen = looked(
            self.settings, self.state, self.picture, self.zones, self.now_ns, self.reach_mps,
            ~self.coasting,
        )  # fmt: skip
        self.leapt = seen.leapt
        # columns of our own from here on
        self.state = seen.state._replace(alarm_ns=seen.state.alarm_ns.copy())
        for row, zone, reach, most in seen.over:
            name = self.picture.track_id[row]
            zone_id = self.zones.zones[zone].zone_id
            self.tracks[name] = deeper(self.settings, self.tracks[name], zone_id, reach, most)
        whole = set(np.flatnonzero(unlawful).tolist()) | set(seen.doubtful.tolist())
        whole |= self._grazed(seen, whole, looker)
        self._cross(seen, whole, looker)
        self._settle([row for row in seen.alarmed.tolist() if row not in whole], looker)
        for row in sorted(whole):
            self._up(row)

    def _grazed(self, seen: Seen, up: set[int], looker: Looker) -> set[int]:
        """Rows that passed a zone, as smoothed paths are certain, in too short a time for the filter to be."""
        grazed = [
            k for k in np.flatnonzero(seen.crossed == 2).tolist() if int(seen.row[k]) not in up
        ]
        if not grazed:
            return set()
        at = seen.row[grazed]
        looks = self._looks(at)
        missed = [
            self._missed(int(seen.pair[k]), looks[n], seen.near, k, looker)
            for n, k in enumerate(grazed)
        ]
        found = missed_all(
            self.settings, self.zones, looker.past, [one for one in missed if one is not None]
        )
        inside = {one.row for one in missed if one is not None and found.pop(0) is not None}
        outside = [k for k, row in zip(grazed, at.tolist(), strict=True) if row not in inside]
        passed_by(self.state.pairs, seen.pair[outside], self.picture.valid_ns[seen.row[outside]])
        return inside

    def _missed(self, pair: int, look: Look, near: Near, k: int, looker: Looker) -> Missed | None:
        """The passage that a pair may have had; None if nobody saw the object come."""
        outside_ns, certain_ns = (
            int(column[pair])
            for column in (self.state.pairs.outside_ns, self.state.pairs.certain_ns)
        )
        if outside_ns < 0:
            return None
        stretch = looker.times.stretch(near.zone[k], look.valid_ns)
        if stretch is not None:
            certain_ns = max(certain_ns, stretch[0])
        row = int(np.searchsorted(self.state.begin, pair, side="right")) - 1
        before = Standing(outside_ns=outside_ns, certain_ns=certain_ns)
        return looker.missed(self.tracks[self.picture.track_id[row]], before, look, near, k)

    def _settle(self, rows: list[int], looker: Looker) -> None:
        """Passages of tracks that rest on settle."""
        settle_ns = int(self.settings.settle_s * SECOND_NS)
        valid_ns = self.picture.valid_ns[rows].tolist()
        dues, settles = list[Due](), list[list[int]]()
        for row, now_ns, open_ in zip(
            rows, valid_ns, open_pairs(self.state.pairs, self.state.begin, rows), strict=True
        ):
            watched = self.tracks[self.picture.track_id[row]]
            standings, mine = dict(watched.standings), list[int]()
            for pair, zone in open_:
                zone_id = self.zones.zones[zone].zone_id
                held = standings[zone_id]
                passage = held.passage
                if passage is None or passage.settled or now_ns < passage.begun_ns + settle_ns:
                    continue
                standings[zone_id] = standing_of(self.settings, self.state, pair, held)
                mine.append(pair)
            watched = msgspec.structs.replace(watched, standings=standings)
            dues.append(Due(watched, now_ns))
            settles.append(mine)
        found = revise(self.settings, self.zones, looker.past, dues)
        for row, due, pairs, (watched, ended, _) in zip(rows, dues, settles, found, strict=True):
            name = self.picture.track_id[row]
            looker.changes += [Change(name, passage, ended=True) for passage in ended]
            for pair in pairs:
                counted(self.state.pairs, pair)
            self.tracks[name] = watched
            self.state.alarm_ns[row] = next_alarm_ns(self.settings, self.zones, watched, due.now_ns)

    def _cross(self, seen: Seen, up: set[int], looker: Looker) -> None:
        """Passages that begin and end of tracks that rest on."""
        rows, pairs = seen.row.tolist(), seen.pair.tolist()
        looks = self._looks(seen.row)
        settle_ns = int(self.settings.settle_s * SECOND_NS)
        alarm_ns = self.state.alarm_ns
        columns = self.state.pairs
        for k, crossed in enumerate(seen.crossed.tolist()):
            row, pair = rows[k], pairs[k]
            if row in up or crossed == 2:
                continue  # it is looked at as a whole, or was just now
            watched = self.tracks[self.picture.track_id[row]]
            zone = self.zones.zones[seen.near.zone[k]]
            zone_id = zone.zone_id
            look = looks[k]
            standings = dict(watched.standings)
            before = standing_of(self.settings, self.state, pair, standings.get(zone_id))
            settling = watched.settling
            if crossed > 0:
                after = looker.enter(watched, before, look, seen.near, k)
                standings[zone_id] = after
                settles = after.passage is not None and not after.passage.settled
                alarm_ns[row] = min(
                    alarm_ns[row], ceases_ns(looker.times, zone, seen.near.zone[k], look.valid_ns)
                )
            else:
                del standings[zone_id]
                if before.passage is not None:
                    gone = looker.leave(before.passage, before, look)
                    settling = (*settling, gone)
                settles = True
            self.tracks[watched.track_id] = msgspec.structs.replace(
                watched, standings=standings, settling=settling
            )
            turn(columns, pair, look.valid_ns, inside=crossed > 0)
            if settles:
                alarm_ns[row] = min(alarm_ns[row], look.valid_ns + settle_ns)

    def _looks(self, rows: Integers) -> list[Look]:
        some = self.picture.take(rows)
        columns = some.valid_ns.tolist(), some.updated_ns.tolist(), speed_mps(some).tolist()
        return [
            Look(valid_ns, updated_ns, 0, True, True, None, speed, state, False, True)
            for valid_ns, updated_ns, speed, state in zip(*columns, states(some), strict=True)
        ]

    def _up(self, row: int) -> None:
        name = self.picture.track_id[row]
        self.tracks[name] = woken(self.settings, self.state, row, self.tracks[name])
        self.state = self.state.roused(np.array([row]))
        self.woken[row] = True

    def rouse(self, track_id: str) -> None:
        """Wake one track."""
        if self.state.holds(track_id):
            self._up(self.state.row_of[track_id])

    def holds(self, track_id: str) -> bool:
        """Whether a track rests."""
        return self.state.holds(track_id)

    def seen(self, rows: list[int], near: list[list[int]]) -> None:
        """Rows that were looked at one by one, and the zones near each."""
        self._near = dict(zip(rows, near, strict=True))

    def lay(self, lawful: Flags) -> None:
        """Lay to rest what may rest of the rows that were looked at."""
        new: list[Laid] = []
        for row, near in self._near.items():
            watched = self.tracks.get(self.picture.track_id[row])
            if watched is None or not lawful[row] or self.state.resting[row]:
                continue
            one = laid(
                self.settings,
                self.zones,
                watched,
                row,
                [(zone, self.zones.zones[zone].zone_id) for zone in near],
            )
            if one is not None:
                new.append(one)
                self.tracks[watched.track_id] = at_rest(watched)
        self.state = settled(
            self.settings, self.state, self.picture, self.zones, self.now_ns, new, self.reach_mps,
            noises(self.settings, self.state, self.picture), ~self.coasting, self.leapt,
        )  # fmt: skip
