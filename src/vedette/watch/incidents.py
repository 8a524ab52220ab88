"""Tracks and zones to crossings and incidents: the watch stage."""

import math
from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa

from vedette.model import columns
from vedette.model.assessment import Assessment
from vedette.model.columns import Flags
from vedette.model.incident import Crossing, Incident, IncidentCause
from vedette.model.time import SECOND_NS
from vedette.model.zone import ZoneKind
from vedette.watch.assessed import Assessed
from vedette.watch.cases import (
    Case,
    Key,
    Place,
    concerns,
    could_be,
    identifier,
    is_member_airspace,
    lawful,
    merged_causes,
    passage_cause,
    revised,
    status_of,
    unfounded,
)
from vedette.watch.expectation import Ahead, Return
from vedette.watch.futures import Route
from vedette.watch.hand_over import followed
from vedette.watch.looker import Looker
from vedette.watch.membership import Picture, Zones
from vedette.watch.passage import Passage, crossings, until_now
from vedette.watch.raids import tied
from vedette.watch.rest import Rest
from vedette.watch.resting import Resting, nothing_rests, with_passages
from vedette.watch.settings import WatchSettings
from vedette.watch.watched import Watched, finished, inherited

# of pictures; nearer ones show each measurement before its track coasts
_APART_NS: Final = 2 * SECOND_NS


class WatchState(msgspec.Struct, frozen=True, kw_only=True):
    """All that the stage remembers. Nothing in it is ever changed; ``step`` makes a new one."""

    tracks: dict[str, Watched] = {}
    cases: dict[str, Case] = {}
    predicted: dict[str, tuple[Crossing, ...]] = {}  # by track, as of the last prediction
    predicted_ns: int = -1
    returning: dict[Return, int] = {}  # since when tracks head back for zones that they just left
    swept_ns: int = -1
    rest: Resting = msgspec.field(default_factory=nothing_rests)
    assessed: Assessed = Assessed([], np.empty(0, dtype=np.bool_))


class WatchOutput(NamedTuple):
    """What one tick found: incidents that changed, and passages that began or ended."""

    incidents: list[Incident]
    crossings: list[Crossing]


def initial(settings: WatchSettings) -> WatchState:
    """Nothing seen yet."""
    del settings
    return WatchState()


def step(
    settings: WatchSettings,
    state: WatchState,
    tracks: pa.Table,
    assessments: Mapping[str, Assessment],
    zones: Zones,
    now_ns: int,
    routes: Mapping[str, Route] | None = None,
) -> tuple[WatchState, WatchOutput]:
    """One tick of the picture.

    Args:
        settings: thresholds and bounds.
        state: of the tick before; it is not changed.
        tracks: TRACK table, one row for each object at ``now_ns``, those that end included.
        assessments: by track_id; a track without one is pending.
        zones: an index of all zones; those not in force at ``now_ns`` are passed over.
        now_ns: time of the picture.
        routes: by track_id, way points of the flight plans that fit; what is ahead is predicted along them.

    Returns:
        The next state, and what changed.
    """
    tick = _Tick(settings, state, tracks, assessments, zones, now_ns, routes or {})
    return tick.run()


def among(state: WatchState, zones: Zones) -> WatchState:
    """A state that was written down and read again, among the same zones as then."""
    return msgspec.structs.replace(state, rest=state.rest._replace(zones=zones.zones))


def finish(
    settings: WatchSettings, state: WatchState, now_ns: int
) -> tuple[WatchState, WatchOutput]:
    """The end of the feed: exits become final, and what is inside stays so, open or lost.

    An incident whose object has left everything is closed; one whose object is still inside keeps its status.
    """
    rows: list[Crossing] = []
    cases = dict(state.cases)
    incidents: list[Incident] = []
    tracks = with_passages(settings, state.rest, state.tracks)
    for track_id in sorted(tracks):
        watched = tracks[track_id]
        speed = state.rest.speed_mps(track_id)
        done = [until_now(p, speed, now_ns) for p in finished(watched, lost=False)]
        for passage in done:
            rows.extend(crossings(passage, track_id, now_ns))
        case = cases.get(watched.incident_id or "")
        if case is None:
            continue
        held = dict(case.passages)
        held.update({key: p for p in done if (key := (track_id, *p.key)) in case.passages})
        case = msgspec.structs.replace(case, passages=held)
        if (
            case.status == "open"
            and held
            and not case.predicted
            and "needs_help" not in case.causes
            and all(p.final for p in held.values())
        ):
            case = msgspec.structs.replace(case, status="closed")
        cases[case.incident_id], incident = revised(settings, case, now_ns)
        if incident is not None:
            incidents.append(incident)
    return WatchState(cases=cases), WatchOutput(incidents, rows)


class _Tick:
    """One call of ``step``: works on copies of the state's dictionaries."""

    def __init__(
        self,
        settings: WatchSettings,
        state: WatchState,
        tracks: pa.Table,
        assessments: Mapping[str, Assessment],
        zones: Zones,
        now_ns: int,
        routes: Mapping[str, Route],
    ) -> None:
        self.settings, self.zones, self.now_ns = settings, zones, now_ns
        self.assessments, self.routes = assessments, routes
        self.table = tracks
        self.picture = Picture.of(tracks, state.rest.picture)
        self.confirmed, self.coasting, self.ended = (
            columns.is_value(tracks, "status", s) for s in ("confirmed", "coasting", "ended")
        )
        before = state.rest.picture
        seen = before is not None and len(before.valid_ns) > 0
        since_ns = int(before.valid_ns.max()) if before is not None and seen else now_ns
        if now_ns - since_ns >= _APART_NS:
            # pictures so far apart may all fall on times of coasting: what was measured in between was measured
            heard = self.coasting & (self.picture.updated_ns > since_ns)
            self.confirmed, self.coasting = self.confirmed | heard, self.coasting & ~heard
        self.tracks, self.cases = dict(state.tracks), dict(state.cases)
        self.rest = Rest(
            settings, state.rest, self.picture, zones, now_ns, self.tracks, self.coasting
        )
        self.predicted, self.predicted_ns = state.predicted, state.predicted_ns
        self.returning, self.swept_ns = state.returning, state.swept_ns
        self.assessed = state.assessed
        self.next_members: dict[str, tuple[Crossing, ...]] | None = None  # None: not looked at now
        self.rows: list[Crossing] = []
        self.touched: set[str] = set()  # cases to be looked at for a revision

    def run(self) -> tuple[WatchState, WatchOutput]:
        """All of it, in order."""
        # coasting, it may rest on, but is seen lawful only by what is measured of it
        rests = self._known() & (self.confirmed | self.coasting)
        quiet = rests & self.confirmed
        looker = Looker(self.settings, self.zones, self.now_ns, self.rest.past)
        self.rest.wake(rests, looker)
        up = ~self.rest.resting
        live = np.flatnonzero(up & ~self.ended).tolist()
        self._look(live, quiet, looker)
        self._end(np.flatnonzero(up & self.ended).tolist())
        self._sweep()
        attention = self._attention(live)
        self._predict(attention)
        for row in sorted(attention, key=lambda row: self.picture.track_id[row]):
            self._judge(row)
        self.touched |= tied(self.settings, self.cases, self.touched)
        incidents = self._revise()
        self._forget()
        self.rest.lay(rests)
        state = WatchState(
            tracks=self.tracks,
            cases=self.cases,
            predicted=self.predicted,
            predicted_ns=self.predicted_ns,
            returning=self.returning,
            swept_ns=self.swept_ns,
            rest=self.rest.state,
            assessed=self.assessed,
        )
        return state, WatchOutput(incidents, self.rows)

    # -- tracks and zones ---------------------------------------------------------------------------

    def _known(self) -> Flags:
        """(n,) whether nothing about it can be an incident: authority known, and no need."""
        known = list(map(self.assessments.get, self.picture.track_id))
        self.assessed = Assessed.of(known, self.assessed)
        return self.assessed.explained

    def _look(self, live: list[int], quiet: Flags, looker: Looker) -> None:
        due: list[int] = []
        held: list[Watched | None] = []
        close: list[bool] = []
        for row in live:
            watched = self.tracks.get(self.picture.track_id[row])
            case = self.cases.get(watched.incident_id or "") if watched else None
            near = case is not None and case.status != "closed"
            due_now = self.rest.woken[row]
            if watched is None or near or due_now or watched.due_ns <= self.now_ns:
                due.append(row)
                held.append(watched)
                close.append(near)
        seen: list[Watched] = []
        if due:
            index = np.array(due, dtype=np.int64)
            birth_ns = columns.integers(self.table, "birth_ns", missing=0)[index]
            icao24 = columns.integers(self.table, "icao24", missing=-1)[index]
            seen = looker.look_all(
                self.picture.take(index),
                held,
                birth_ns,
                (self.confirmed | self.coasting)[index].tolist(),
                (~self.coasting)[index].tolist(),
                icao24,
                close,
                quiet[index].tolist(),
                (self.rest.woken & ~quiet)[index].tolist(),
            )
            self.rest.seen(due, looker.near_of)
        finals: dict[str, list[Passage]] = {}
        for change in looker.changes:
            self.rows.extend(crossings(change.passage, change.track_id, self.now_ns))
            if change.ended:
                finals.setdefault(change.track_id, []).append(change.passage)
        for row, old, new in zip(due, held, seen, strict=True):
            self.tracks[new.track_id] = new
            if new.confirmed and (old is None or not old.confirmed):
                self._find_again(row, new)
        for track_id, passages in finals.items():
            self._keep(track_id, passages)

    def _keep(self, track_id: str, passages: list[Passage]) -> None:
        """Put passages that are final into the case that has them."""
        case = self.cases.get(self.tracks[track_id].incident_id or "")
        if case is None:
            return
        held: dict[Key, Passage] = dict(case.passages)
        for passage in passages:
            key = (track_id, *passage.key)
            # a track that went on for another carries the other's passages under its own name
            old = next((k for k in held if k[1:] == passage.key), key)
            if old in held:
                held[old] = passage
        self.cases[case.incident_id] = msgspec.structs.replace(case, passages=held)
        self.touched.add(case.incident_id)

    def _place(self, row: int) -> Place:
        p = self.picture
        altitude, height = float(p.pressure_altitude_m[row]), float(p.height_hae_m[row])
        sigma = float(p.height_sigma_m[row])
        return Place(
            valid_ns=int(p.valid_ns[row]),
            latitude_deg=float(p.latitude_deg[row]),
            longitude_deg=float(p.longitude_deg[row]),
            pressure_altitude_m=None if math.isnan(altitude) else altitude,
            height_hae_m=None if math.isnan(height) else height,
            height_sigma_m=None if math.isnan(height) or math.isnan(sigma) else sigma,
            ground_speed_mps=math.hypot(p.east_mps[row], p.north_mps[row]),
            track_angle_rad=math.atan2(p.east_mps[row], p.north_mps[row]) % math.tau,
            sigma_m=math.sqrt(max(p.covariance[row, 0] + p.covariance[row, 4], 0.0)),
            sensors=tuple(self.table.column("sensors")[row].as_py() or ()),
        )

    def _find_again(self, row: int, new: Watched) -> None:
        """A new track may be an object that was lost: then its incident goes on."""
        place: Place | None = None
        best: tuple[float, str] | None = None
        for incident_id, case in self.cases.items():
            if case.ended_ns is None:
                continue
            place = place or self._place(row)
            away_m = could_be(self.settings, case, new, place)
            if away_m is not None and (best is None or (away_m, incident_id) < best):
                best = (away_m, incident_id)
        if best is not None:
            self._carry_on(best[1], new)

    def _carry_on(self, incident_id: str, new: Watched) -> None:
        case = self.cases[incident_id]
        carried = [p for p in case.passages.values() if p.gone_ns is None]
        new = inherited(self.settings, new, carried)
        self.tracks[new.track_id] = msgspec.structs.replace(new, incident_id=incident_id)
        # open passages are the new track's now, by its own account of them
        passages = {key: p for key, p in case.passages.items() if p.gone_ns is not None}
        zones = {p.zone.zone_id for p in carried}
        passages |= {
            (new.track_id, *p.key): p for p in new.open_passages() if p.zone.zone_id in zones
        }
        self.cases[incident_id] = msgspec.structs.replace(
            case, track_id=new.track_id, passages=passages, ended_ns=None
        )
        self.touched.add(incident_id)

    # -- ends ---------------------------------------------------------------------------------------

    def _end(self, ended: list[int]) -> None:
        for row in ended:
            watched = self.tracks.pop(self.picture.track_id[row], None)
            if watched is None:
                continue
            into = self.table.column("merged_into")[row].as_py()
            if into:
                self.rest.rouse(into)
            survivor = self.tracks.get(into) if into else None
            if survivor is not None:
                self._merge(watched, survivor)
            else:
                self._lose(watched, self._place(row))

    def _merge(self, ended: Watched, survivor: Watched) -> None:
        """Two tracks were one object: the older incident goes on under the track that stays."""
        done = finished(ended, lost=False)
        for passage in done:
            if passage.gone_ns is not None:
                self.rows.extend(crossings(passage, ended.track_id, self.now_ns))
        survivor = inherited(self.settings, survivor, done)
        self.tracks[survivor.track_id] = survivor
        mine = self.cases.get(ended.incident_id or "")
        if mine is None:
            return
        other = self.cases.get(survivor.incident_id or "")
        if other is None:
            self._carry_on(mine.incident_id, survivor)
            return
        older, younger = sorted((mine, other), key=lambda c: (c.opened_ns, c.incident_id))
        self.cases[younger.incident_id] = msgspec.structs.replace(
            younger, status="closed", predicted=(), ended_ns=self.now_ns
        )
        self.cases[older.incident_id] = msgspec.structs.replace(
            older,
            track_id=survivor.track_id,
            causes=merged_causes(older.causes, younger.causes),
            joined=(*older.joined, younger.incident_id, *younger.joined),
            ended_ns=None,
        )
        self.tracks[survivor.track_id] = msgspec.structs.replace(
            survivor, incident_id=older.incident_id
        )
        self.touched |= {older.incident_id, younger.incident_id}

    def _lose(self, watched: Watched, place: Place | None) -> None:
        done = finished(watched, lost=True)
        for passage in done:
            self.rows.extend(crossings(passage, watched.track_id, self.now_ns))
        watched = self._open_before_loss(watched, done, place)
        case = self.cases.get(watched.incident_id or "")
        if case is None:
            return
        held = dict(case.passages)
        for passage in done:
            key = (watched.track_id, *passage.key)
            if key in held or concerns(passage.zone):
                held[key] = passage
        needs = self._needs(watched.track_id)
        lost = case.status in ("open", "predicted") and any(p.lost for p in held.values())
        causes: list[IncidentCause] = ["lost_inside"] if lost else []
        still = lost or (case.status == "open" and needs)
        self.cases[case.incident_id] = msgspec.structs.replace(
            case,
            passages=held,
            status="lost" if still else "closed",
            causes=merged_causes(case.causes, causes),
            place=place or case.place,
            icao24=watched.icao24,
            measured_ns=watched.updated_ns,
            ended_ns=self.now_ns,
        )
        self.touched.add(case.incident_id)

    def _open_before_loss(
        self, watched: Watched, done: list[Passage], place: Place | None
    ) -> Watched:
        """An object lost inside before its time of grace was over is an incident all the same."""
        if watched.incident_id is not None or place is None:
            return watched
        assessment = self.assessments.get(watched.track_id)
        end_ns = self.now_ns + int(self.settings.grace_s * SECOND_NS)
        found = [
            (passage, cause)
            for passage in done
            if (cause := passage_cause(self.settings, watched, passage, assessment, end_ns))
        ]
        if not found:
            return watched
        return self._open(watched, place, [cause for _, cause in found], watched.passages())

    def _sweep(self) -> None:
        """End tracks that vanished from the picture without saying so."""
        if self.now_ns - self.swept_ns < int(self.settings.check_s * SECOND_NS):
            return
        self.swept_ns = self.now_ns
        limit_ns = self.now_ns - int(
            (self.settings.reacquire_s + self.settings.check_s) * SECOND_NS
        )
        gone = sorted(
            t
            for t, watched in self.tracks.items()
            if watched.seen_ns < limit_ns and not self.rest.holds(t)
        )
        for track_id in gone:
            self._lose(self.tracks.pop(track_id), None)

    # -- rules --------------------------------------------------------------------------------------

    def _needs(self, track_id: str) -> bool:
        assessment = self.assessments.get(track_id)
        return assessment is not None and bool(assessment.needs)

    def _attention(self, live: list[int]) -> list[int]:
        """Rows that may be incidents: unexplained, in need, or part of one already."""
        rows = []
        for row in live:
            track_id = self.picture.track_id[row]
            watched = self.tracks[track_id]
            if not watched.confirmed:
                continue
            known = self.assessments.get(track_id)
            quiet = known is not None and known.explained_by is not None and not known.needs
            if watched.incident_id is not None or not quiet:
                rows.append(row)
        return rows

    def _predict(self, attention: list[int]) -> None:
        if self.now_ns - self.predicted_ns < int(self.settings.predict_s * SECOND_NS):
            return
        self.predicted_ns = self.now_ns
        grace_ns, rows = int(self.settings.grace_s * SECOND_NS), list[int]()
        for row in attention:
            track_id = self.picture.track_id[row]
            known = self.assessments.get(track_id)
            watched = self.tracks[track_id]
            waits = known is None and self.now_ns - watched.first_ns < grace_ns
            if (not lawful(watched, known) or self._needs(track_id)) and not waits:
                rows.append(row)
        ahead = Ahead(
            self.settings, self.picture, self.zones, self.tracks, self.now_ns, self.routes,
            self.rest.past,
        )  # fmt: skip
        self.predicted, self.returning = ahead.entries(
            rows, self.predicted, self.cases, self.returning
        )
        held = [row for row in rows if self.tracks[self.picture.track_id[row]].incident_id]
        self.next_members = ahead.members(held)

    def _judge(self, row: int) -> None:
        """Apply the rules to one object."""
        watched = self.tracks[self.picture.track_id[row]]
        assessment = self.assessments.get(watched.track_id)
        passages = watched.passages()
        inside = {p.zone.zone_id for p in passages if p.gone_ns is None}
        predicted = tuple(
            c for c in self.predicted.get(watched.track_id, ()) if c.zone_id not in inside
        )
        if unfounded(assessment):
            predicted = ()
        causes: list[IncidentCause] = []
        for passage in passages:
            cause = passage_cause(self.settings, watched, passage, assessment, self.now_ns)
            if cause is not None and cause not in causes:
                causes.append(cause)
        helped = self._needs(watched.track_id) and self._near_members(row, watched, predicted)
        if helped:
            causes.insert(0, "needs_help")
        authorised = lawful(watched, assessment) and not helped
        if authorised:
            predicted = ()
        elif predicted:
            causes.append("predicted_crossing")
        case = self.cases.get(watched.incident_id or "")
        if case is None:
            if causes:
                self._open(watched, self._place(row), causes, passages, predicted)
            return
        held = dict(case.passages)
        if not authorised or any(p.gone_ns is None for p in held.values()):
            for passage in passages:
                key = (watched.track_id, *passage.key)
                if key in held or (not authorised and self._belongs(passage, causes)):
                    held[key] = passage
        case = msgspec.structs.replace(
            case,
            passages=held,
            causes=merged_causes(case.causes, causes),
            place=self._place(row),
            icao24=watched.icao24,
            measured_ns=watched.updated_ns,
        )
        status = status_of(case, authorised=authorised, helped=helped, predicted=predicted)
        # a withdrawn prediction stays readable in the closed incident that it alone made
        kept = case.predicted if status == "closed" and not held else predicted
        case = msgspec.structs.replace(case, status=status, predicted=kept)
        expected = self.next_members
        mine = None if expected is None else expected.get(watched.track_id, ())
        self.cases[case.incident_id] = followed(self.settings, case, passages, mine, self.now_ns)
        self.touched.add(case.incident_id)

    @staticmethod
    def _belongs(passage: Passage, causes: list[IncidentCause]) -> bool:
        if is_member_airspace(passage.zone):
            return bool(causes)
        return concerns(passage.zone) and "zone_breach" in causes

    def _near_members(self, row: int, watched: Watched, predicted: tuple[Crossing, ...]) -> bool:
        if predicted or any(is_member_airspace(p.zone) for p in watched.open_passages()):
            return True
        sovereign: tuple[ZoneKind, ...] = ("sovereign",)
        _, which = self.zones.near(
            self.picture.latitude_deg[row : row + 1],
            self.picture.longitude_deg[row : row + 1],
            self.settings.help_radius_m,
            kinds=sovereign,
        )
        return any(self.zones.zones[int(k)].member for k in which)

    def _open(
        self,
        watched: Watched,
        place: Place,
        causes: list[IncidentCause],
        passages: list[Passage],
        predicted: tuple[Crossing, ...] = (),
    ) -> Watched:
        mine = [p for p in passages if self._belongs(p, causes)]
        first = mine[0] if mine else None
        incident_id = identifier(
            "I",
            watched.track_id,
            first.zone.zone_id if first else predicted[0].zone_id if predicted else "",
            first.entered.estimate_ns if first else self.now_ns,
        )
        opened = bool(mine) or "needs_help" in causes
        self.cases[incident_id] = Case(
            incident_id=incident_id,
            opened_ns=self.now_ns,
            track_id=watched.track_id,
            status="open" if opened else "predicted",
            causes=tuple(causes),
            place=place,
            passages={(watched.track_id, *p.key): p for p in mine},
            predicted=predicted,
            icao24=watched.icao24,
            measured_ns=watched.updated_ns,
        )
        watched = msgspec.structs.replace(watched, incident_id=incident_id)
        if watched.track_id in self.tracks:
            self.tracks[watched.track_id] = watched
        self.touched.add(incident_id)
        return watched

    # -- revisions, memory --------------------------------------------------------------------------

    def _revise(self) -> list[Incident]:
        incidents = []
        for incident_id in sorted(self.touched):
            case, incident = revised(self.settings, self.cases[incident_id], self.now_ns)
            self.cases[incident_id] = case
            if incident is not None:
                incidents.append(incident)
        return incidents

    def _forget(self) -> None:
        """Drop what can no longer go on; the ledger keeps every revision."""
        limit_ns = self.now_ns - int(self.settings.keep_s * SECOND_NS)
        ended = sorted(
            (case.ended_ns, case.incident_id)
            for case in self.cases.values()
            if case.ended_ns is not None
        )
        excess = len(self.cases) - self.settings.incidents
        for k, (ended_ns, incident_id) in enumerate(ended):
            if ended_ns < limit_ns or k < excess:
                del self.cases[incident_id]
