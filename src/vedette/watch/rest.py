"""Which tracks rest in one tick: who is woken, who is laid to rest."""

import msgspec
import numpy as np

from vedette.model.columns import Flags, Integers
from vedette.model.time import SECOND_NS
from vedette.watch.looker import Change, Look, Looker
from vedette.watch.membership import Picture, Zones, speed_mps
from vedette.watch.nearby import reach_mps
from vedette.watch.pairs import Laid
from vedette.watch.path import fixes
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
from vedette.watch.settings import WatchSettings
from vedette.watch.settling import missed_all, settle_all
from vedette.watch.watched import Watched, final


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
        found = missed_all(
            self.settings, self.state, self.picture, looker, at, seen.pair[grazed], looks,
            [(seen.near, k) for k in grazed], self.tracks,
        )  # fmt: skip
        inside = set(at[found].tolist())
        outside = [k for k, row in zip(grazed, at.tolist(), strict=True) if row not in inside]
        passed_by(self.state.pairs, seen.pair[outside], self.picture.valid_ns[seen.row[outside]])
        return inside

    def _settle(self, rows: list[int], looker: Looker) -> None:
        """Passages of tracks that rest on settle."""
        found = settle_all(self.settings, self.state, self.picture, looker, rows, self.tracks)
        for row, done in zip(rows, found, strict=True):
            name = self.picture.track_id[row]
            watched = self.tracks[name]
            settling = []
            for passage in watched.settling:
                last = done.left.get(passage.key)
                if last is None:
                    settling.append(passage)
                else:
                    looker.changes.append(Change(name, final(last), ended=True))
            standings = dict(watched.standings)
            for zone_id, pair, standing in done.entered:
                standings[zone_id] = standing
                counted(self.state.pairs, pair)
            watched = msgspec.structs.replace(
                watched, standings=standings, settling=tuple(settling)
            )
            self.tracks[name] = watched
            self.state.alarm_ns[row] = next_alarm_ns(
                self.settings, self.zones, watched, int(self.picture.valid_ns[row])
            )

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
                    gone = looker.leave(before.passage, look, seen.near.zone[k])
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
            Look(valid_ns, updated_ns, 0, True, True, None, speed, fix, False, True)
            for valid_ns, updated_ns, speed, fix in zip(*columns, fixes(some), strict=True)
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
