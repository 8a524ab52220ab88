"""The decision clock of a run: the time that is left of each incident, from its track, against its questions."""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import pyarrow as pa

from vedette.airspace.index import ZoneIndex
from vedette.engine.settings import RunBody
from vedette.model.clock import Clock
from vedette.model.entry import Entry
from vedette.model.incident import Incident
from vedette.model.time import SECOND_NS
from vedette.response import decision_clock as response
from vedette.response.desk.docket import Paper
from vedette.response.timing import Timing
from vedette.watch.exits import passing_times


class DecisionClock:
    """Reads the clock every so often; a cache like all of the pipeline."""

    def __init__(self, timing: Timing, body: RunBody, zones: ZoneIndex) -> None:
        self._timing, self._zones = timing, zones
        self._settings = body.stages.clock
        self._watch = body.stages.watch
        self._state = response.ClockState()
        self._due_ns = 0
        self.clocks: dict[str, Clock] = {}  # the last reading of each open incident

    def tick(
        self,
        incidents: Mapping[str, Incident],
        tracks: pa.Table,
        papers: Sequence[Paper],
        now_ns: int,
        *,
        asked_anew: bool,
    ) -> list[Entry]:
        """Entries of the clocks, where they were read in this tick.

        ``asked_anew``: a question has changed, so that the last reading is of the past.
        """
        for key in [key for key in self.clocks if incidents[key].status == "closed"]:
            del self.clocks[key]
        if now_ns < self._due_ns and not asked_anew:
            return []
        self._due_ns = now_ns + round(self._settings.every_s * SECOND_NS)
        asked = {paper.incident_id for paper in papers}
        open_ = [
            incident
            for key, incident in sorted(incidents.items())
            if key in asked and incident.status != "closed"
        ]
        self._state, clocks = response.step(
            self._settings,
            self._state,
            response.Inputs(
                papers=[p for p in papers if incidents[p.incident_id].status != "closed"],
                left=self._left(open_, tracks),
                timing=self._timing,
            ),
            now_ns,
        )
        self.clocks = {clock.incident_id: clock for clock in clocks}
        return [
            Entry(kind="clock", valid_ns=now_ns, body=msgspec.to_builtins(clock))
            for clock in clocks
            if clock.limit is not None
        ]

    def _left(
        self, incidents: Sequence[Incident], tracks: pa.Table
    ) -> dict[str, response.TimeLeft]:
        """The time left of each incident whose object is in the picture, and in or before a zone."""
        row_of = {name: row for row, name in enumerate(tracks.column("track_id").to_pylist())}
        found: list[tuple[Incident, int, int, bool, str | None]] = []
        for incident in incidents:
            inside = [c for c in incident.crossings if not c.predicted and c.left is None]
            ahead = sorted(
                (c for c in incident.crossings if c.predicted),
                key=lambda crossing: crossing.entered.estimate_ns,
            )
            crossing = inside[-1] if inside else ahead[0] if ahead else None
            row = row_of.get(incident.track_id)
            if crossing is None or row is None or crossing.lost_inside:
                continue
            zone = self._zones.row_of(crossing.zone_id)
            found.append((incident, row, zone, bool(inside), crossing.state))
        if not found:
            return {}
        after_s = passing_times(
            self._watch,
            tracks.take(pa.array([row for _, row, _, _, _ in found])),
            self._zones,
            np.array([zone for _, _, zone, _, _ in found], dtype=np.int64),
            [leaving for _, _, _, leaving, _ in found],
            self._settings.horizon_s,
        )
        return {
            incident.incident_id: response.TimeLeft(
                "exit" if leaving else "entry",
                self._zones.zones[zone].zone_id,
                state,
                after_s[k],
            )
            for k, (incident, _, zone, leaving, state) in enumerate(found)
        }
