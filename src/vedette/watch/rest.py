"""Which tracks rest in one tick: who is woken, who is laid to rest."""

import numpy as np

from vedette.model.columns import Flags
from vedette.watch.looker import reach_mps
from vedette.watch.membership import Picture, Zones, speed_mps
from vedette.watch.resting import (
    Laid,
    Resting,
    at_rest,
    carried,
    deeper,
    laid,
    looked,
    noises,
    settled,
    woken,
)
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Watched


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
    ) -> None:
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

    def wake(self, lawful: list[bool]) -> None:
        """Look at all that rest, and wake those that are lawful no longer or about which something is to be told."""
        before = self.state
        rows = set(np.flatnonzero(before.resting & ~np.array(lawful, dtype=np.bool_)).tolist())
        self.state, found, put = looked(
            self.settings, before, self.picture, self.zones, self.now_ns, self.reach_mps
        )
        for row, zone, reach, most in put:
            name = self.picture.track_id[row]
            zone_id = self.zones.zones[zone].zone_id
            self.tracks[name] = deeper(self.settings, self.tracks[name], zone_id, reach, most)
        rows.update(found.tolist())
        for row in sorted(rows):
            self._up(row)

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

    def lay(self, lawful: list[bool]) -> None:
        """Lay to rest what may rest of the rows that were looked at."""
        new: list[Laid] = []
        for row, near in self._near.items():
            watched = self.tracks.get(self.picture.track_id[row])
            if watched is None or not lawful[row] or self.state.resting[row]:
                continue
            one = laid(
                self.settings,
                watched,
                row,
                [(zone, self.zones.zones[zone].zone_id) for zone in near],
            )
            if one is not None:
                new.append(one)
                self.tracks[watched.track_id] = at_rest(watched)
        self.state = settled(
            self.settings, self.state, self.picture, self.zones, self.now_ns, new, self.reach_mps,
            noises(self.settings, self.state, self.picture),
        )  # fmt: skip
