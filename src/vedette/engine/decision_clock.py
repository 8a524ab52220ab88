"""The decision clock of a run: the time that is left of each incident, from its track, against its questions."""

from collections.abc import Mapping, Sequence, Set

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
    """Reads the clock of each incident every so often; a cache like all of the pipeline."""

    def __init__(self, timing: Timing, body: RunBody, zones: ZoneIndex) -> None:
        self._timing, self._zones = timing, zones
        self._settings = body.stages.clock
        self._watch = body.stages.watch
        self._state = response.ClockState()
        self._due_ns: dict[str, int] = {}  # when each incident's is read again
        self.clocks: dict[str, Clock] = {}  # the last reading of each open incident

    def tick(
        self,
        incidents: Mapping[str, Incident],
        tracks: pa.Table,
        papers: Sequence[Paper],
        now_ns: int,
        *,
        asked_anew: Set[str],
    ) -> list[Entry]:
        """Entries of the clocks that were read in this tick.

        ``asked_anew``: incidents of which a question has changed, so that the last reading is of the past.
        """
        open_ = [paper for paper in papers if incidents[paper.incident_id].status != "closed"]
        running = {paper.incident_id for paper in open_ if response.runs(paper, self._timing)}
        self.clocks = {key: clock for key, clock in self.clocks.items() if key in running}
        self._due_ns = {key: due_ns for key, due_ns in self._due_ns.items() if key in running}
        fresh = {key for key in running if key in asked_anew or key not in self._due_ns}
        waiting = sorted(
            (due_ns, key)
            for key, due_ns in self._due_ns.items()
            if due_ns <= now_ns and key not in fresh
        )
        # that of a raid is not read all in one tick, which would keep the picture waiting
        read = fresh | {key for _, key in waiting[: self._settings.at_once]}
        # of answers all take part: how long they took tells of the next
        told = asked_anew | read
        if not told:
            return []
        for key in read:
            self._due_ns[key] = now_ns + round(self._settings.every_s * SECOND_NS)
        self._state, clocks = response.step(
            self._settings,
            self._state,
            response.Inputs(
                papers=[paper for paper in open_ if paper.incident_id in told],
                left=self._left([incidents[key] for key in sorted(read)], tracks),
                timing=self._timing,
            ),
            now_ns,
        )
        self.clocks.update((clock.incident_id, clock) for clock in clocks)
        return [
            Entry(kind="clock", valid_ns=now_ns, body=msgspec.to_builtins(clock))
            for clock in clocks
            if clock.limit is not None
        ]

    def _left(
        self, incidents: Sequence[Incident], tracks: pa.Table
    ) -> dict[str, response.TimeLeft]:
        """The time left of each incident whose object is in the picture, and in or before a zone."""
        if not incidents:
            return {}
        names = pa.array([incident.track_id for incident in incidents], pa.string())
        places = pc.index_in(names, value_set=tracks.column("track_id")).to_pylist()
        found: list[tuple[Incident, int, int, bool, str | None]] = []
        for incident, row in zip(incidents, places, strict=True):
            inside = [c for c in incident.crossings if not c.predicted and c.left is None]
            ahead = sorted(
                (c for c in incident.crossings if c.predicted),
                key=lambda crossing: crossing.entered.estimate_ns,
            )
            crossing = inside[-1] if inside else ahead[0] if ahead else None
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
