"""The stages in their order, as one function of the input log: no clock, no chance, no files.

    chunks ─feeds→ plots ─fusion→ tracks ─identity→ assessments ─watch→ incidents ─response→ advice

``Pipeline.take`` accepts items between ticks; ``Pipeline.tick`` runs the stages and gives the entries.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.airspace.index import ZoneIndex
from vedette.engine.address import is_recorded
from vedette.engine.at_border import at_border, territory
from vedette.engine.bias_alarms import BiasAlarms
from vedette.engine.cores import shared_cores
from vedette.engine.decision_clock import DecisionClock
from vedette.engine.decoders import decoder_for
from vedette.engine.desk import DeskPlan, DeskRoom
from vedette.engine.feed_health import FeedHealth
from vedette.engine.integrity import Integrity
from vedette.engine.overload import LIMIT, OVERLOAD, spare
from vedette.engine.picture_digest import digest_of
from vedette.engine.plan_routes import PlanRoutes, planned_until_ns
from vedette.engine.row_pace import STATE_VECTORS, RowPaces
from vedette.engine.seen_now import SeenNow
from vedette.engine.settings import RunBody
from vedette.feeds.decoder import BulkDecoder, Chunk, Decoded, GroupDecoder
from vedette.fusion import picture as fusion
from vedette.fusion.registration import SensorBias
from vedette.identity import assess as identity
from vedette.ledger.raw_log import Item, ItemKind
from vedette.ledger.seal import as_field, read_chunk
from vedette.model.act import Act
from vedette.model.assessment import Assessment
from vedette.model.columns import is_value
from vedette.model.entry import Entry, EntryKind
from vedette.model.fault import Fault
from vedette.model.feed import FeedStatus
from vedette.model.incident import Crossing, Incident
from vedette.model.plot import PLOT
from vedette.model.proposal import Advice
from vedette.model.report import FlightPlan, Report
from vedette.model.sensor import Sensor
from vedette.model.track import no_tracks
from vedette.response import advise as response
from vedette.response.desk.docket import Case
from vedette.response.rule_set import RuleSet
from vedette.response.situation import FeedHealth as Sensing
from vedette.response.situation import situation_of
from vedette.watch import incidents as watch
from vedette.watch.ending import kept

_REPLIES = frozenset({"ssr", "mode_s", "ads_b"})  # kinds by which an aircraft itself is heard
_REPORTS = "report"  # the decoder of plans and of what air traffic services say
# of a track, as its entries tell them
_FACTS = [
    "track_id", "status", "birth_ns", "latitude_deg", "longitude_deg", "updates", "sensors",
    "icao24", "merged_into",
]  # fmt: skip
ISOLATION: Final = "isolation"  # control event: whether the node of this watch is cut off
_LIVE = ("asterix+udp:", "beast:")  # a force question is only ever of what is seen now


class _Waiting(NamedTuple):
    """A chunk that waits for the tick."""

    chunk: Chunk
    raw_ref: int
    sealed: dict[str, str] | None


def _ref_of(fault: Fault, sources: list[_Waiting]) -> int:
    """The chunk that a fault is of: of those received when the fault says, the one that holds its octets there."""
    heard = [one for one in sources if one.chunk.received_ns == fault.received_ns] or sources[-1:]
    for source in heard:
        if source.chunk.data.startswith(fault.data, fault.offset):
            return source.raw_ref
    return heard[0].raw_ref


class Pipeline:
    """All state of a run that is not on disk; a cache, since the input log can make it again."""

    def __init__(self, body: RunBody, zones: ZoneIndex, rules: RuleSet, desk: DeskPlan) -> None:
        self.body, self.zones, self.rules = body, zones, rules
        self._zones_by_id = {zone.zone_id: zone for zone in zones.zones}
        self.desk = DeskRoom(desk, body, rules)
        self.clock = DecisionClock(desk.timing, body, zones)
        self._decoders = [decoder_for(feed, body) for feed in body.feeds]
        self.health = [FeedHealth(feed) for feed in body.feeds]
        stages = body.stages
        cores = max(stages.fusion.cores, shared_cores())
        self._tracker = msgspec.structs.replace(stages.fusion, cores=cores)
        self._fusion = fusion.initial(self._tracker)
        self._identity = identity.initial(stages.identity)
        self.integrity = Integrity(stages.identity)
        self._watch = watch.initial(stages.watch)
        self._response = response.initial(stages.response)
        self._waiting: list[list[_Waiting]] = [[] for _ in body.feeds]
        self._row_paces = RowPaces(body.sensors)
        self._plan_routes = PlanRoutes()
        self._feed_of: dict[str, int] = {}  # sensor to the feed that its plots come from
        self._hears: set[int] = set()  # feeds that bring replies or broadcasts
        self._live = all(feed.url.startswith(_LIVE) for feed in body.feeds)
        # what sees; plans in a file beside live radars are no recording. A simulation is none either: it is marked
        # as what it is, and people practise on it
        self._recorded = any(
            is_recorded(feed.url) for feed in body.feeds if feed.decoder != _REPORTS
        )
        self._told = {k for k, feed in enumerate(body.feeds) if feed.decoder == _REPORTS}
        self._sensor_kinds: dict[str, str] = {
            sensor.sensor_id: sensor.kind for sensor in body.sensors
        }
        self._plots: list[pa.Table] = []
        self.heard = PLOT.empty_table()  # plots that the last tick fused, for those who look on
        self._reports: list[Report] = []
        self._planned_ns = 0  # until when flight plans were given to us
        self._acts: list[Act] = []
        self._pending: list[Entry] = []
        self._faults: dict[tuple[str, str], int] = {}
        self._confirmed: set[str] = set()  # tracks of which an entry says so
        nobody = no_tracks()
        self._statuses = nobody.column("track_id"), nobody.column("status")  # of the last tick
        self._ended: list[str] = []  # tracks that end with this tick
        self._bias_alarms = BiasAlarms()
        self._seen_now = SeenNow()
        self._ticks = 0
        self._told_ns: int | None = None  # when the feeds ended, and that was told
        self.losses: dict[str, int] = {}
        self.limit: int | None = None  # plots that a tick may fuse; None: all
        self.spared = 0  # plots of the last tick that were not fused
        self.has_node = False  # it belongs to a node of an alliance, as far as was ever said
        self.node_isolated: bool | None = False  # that node is cut off; None: not known
        # what people look at
        self.now_ns = 0
        self.tracks: pa.Table = no_tracks()
        self.registration: tuple[SensorBias, ...] = ()  # what each radar is found to be wrong by
        self.crossings: tuple[Crossing, ...] = ()  # of the last tick, lawful ones too
        self.assessments: dict[str, Assessment] = {}
        self.last_assessments: dict[str, Assessment] = {}  # of incidents, kept when the track ends
        self.incidents: dict[str, Incident] = {}
        self.advice: dict[str, Advice] = {}
        self.acknowledged: dict[str, Act] = {}
        self.changed_incidents: set[str] = set()  # since somebody looked; no stage reads it
        self._touched: set[str] = set()  # incidents that changed in this tick

    # ------------------------------------------------------------------ input

    def take(self, item: Item, raw_ref: int) -> None:
        """Accept one item that is not a tick."""
        if item.kind in (ItemKind.CHUNK, ItemKind.SEALED):
            self._take_chunk(item, raw_ref)
        elif item.kind is ItemKind.LINK:
            self._take_link(item)
        elif item.kind is ItemKind.ACT:
            act = self.desk.take(item.payload)
            if act is None:
                return  # signed, and judged at the tick
            if act.kind == "acknowledge" and act.incident_id in self.incidents:
                self.acknowledged[act.incident_id] = act
                self.changed_incidents.add(act.incident_id)
            self._note("act", item.instant_ns, act)
        elif item.kind is ItemKind.CONTROL:
            event: dict[str, Any] = msgspec.json.decode(item.payload)
            if event.get("event") == LIMIT:
                self.limit = None if event["plots"] is None else int(event["plots"])
            elif event.get("event") == ISOLATION:
                self.has_node, self.node_isolated = True, event["isolated"]
            self._note("session", item.instant_ns, event)

    def _take_chunk(self, item: Item, raw_ref: int) -> None:
        data, sealed = item.payload, None
        if item.kind is ItemKind.SEALED:
            chunk = read_chunk(item.payload)
            data, sealed = chunk.data, as_field(chunk.sealed)
        self._waiting[item.feed].append(_Waiting(Chunk(item.instant_ns, data), raw_ref, sealed))

    def _decode(self) -> None:
        """Decode what each feed gave since the last tick, all of it at once where its decoder can."""
        for feed, waiting in enumerate(self._waiting):
            decoder, health = self._decoders[feed], self.health[feed]
            if not waiting or decoder is None:
                continue
            self._waiting[feed] = []
            if isinstance(decoder, BulkDecoder):
                chunks = [item.chunk for item in waiting]
                try:
                    decoded = decoder.decode_many(chunks, [item.raw_ref for item in waiting])
                except Exception as error:
                    decoded = self._failed(feed, waiting, error)
                for chunk in chunks[:-1]:
                    health.heard(chunk.received_ns, len(chunk.data), None)
                health.heard(chunks[-1].received_ns, len(chunks[-1].data), decoded)
                self._take_decoded(decoded, waiting, feed)
                continue
            if isinstance(decoder, GroupDecoder):
                chunks = [item.chunk for item in waiting]
                try:
                    each, plots = decoder.decode_each(chunks, [item.raw_ref for item in waiting])
                except Exception:
                    # begun anew, it is given chunk after chunk: only what it fails on is lost
                    self._decoders[feed] = decoder_for(self.body.feeds[feed], self.body)
                else:
                    self._take_plots(plots, feed)
                    for item, decoded in zip(waiting, each, strict=True):
                        health.heard(item.chunk.received_ns, len(item.chunk.data), decoded)
                        self._take_words(decoded, [item])
                    continue
            for item in waiting:
                decoder = self._decoders[feed] or decoder  # another once it has failed
                try:
                    decoded = decoder.decode(item.chunk.data, item.chunk.received_ns, item.raw_ref)
                except Exception as error:
                    decoded = self._failed(feed, [item], error)
                health.heard(item.chunk.received_ns, len(item.chunk.data), decoded)
                self._take_decoded(decoded, [item], feed)

    def _failed(self, feed: int, waiting: list[_Waiting], error: Exception) -> Decoded:
        """A decoder broke its word and raised: its chunks go to quarantine, and it begins anew."""
        self._decoders[feed] = decoder_for(self.body.feeds[feed], self.body)
        return Decoded(
            faults=[
                Fault(
                    feed_id=self.body.feeds[feed].feed_id,
                    received_ns=item.chunk.received_ns,
                    reason="decoder_failed",
                    detail=f"{type(error).__name__}: {error}",
                    offset=0,
                    data=item.chunk.data,
                )
                for item in waiting
            ]
        )

    def _take_decoded(self, decoded: Decoded, sources: list[_Waiting], feed: int) -> None:
        self._take_plots(decoded.plots, feed)
        self._take_words(decoded, sources)

    def _take_plots(self, plots: pa.Table, feed: int) -> None:
        if not plots.num_rows:
            return
        self._plots.append(plots)
        if self.body.feeds[feed].decoder in STATE_VECTORS:
            self._row_paces.hear(plots)
        for name in pc.unique(plots.column("sensor_id")).to_pylist():
            self._feed_of[name] = feed
        if _REPLIES & set(pc.unique(plots.column("kind")).to_pylist()):
            self._hears.add(feed)

    def _take_words(self, decoded: Decoded, sources: list[_Waiting]) -> None:
        """Faults and reports."""
        for fault in decoded.faults:
            self._quarantine(fault, sources)
        for report in decoded.reports:
            self._reports.append(report)
            if isinstance(report, FlightPlan):
                until_ns = planned_until_ns(report, sources[0].chunk.received_ns)
                self._planned_ns = max(self._planned_ns, until_ns)
            self._pending.append(
                Entry(
                    kind="report",
                    valid_ns=sources[0].chunk.received_ns,
                    body=msgspec.to_builtins(report),
                    sealed=sources[0].sealed,
                )
            )

    def _take_link(self, item: Item) -> None:
        event: dict[str, Any] = msgspec.json.decode(item.payload)
        self.health[item.feed].link(str(event.get("event", "")))
        feed_id = self.body.feeds[item.feed].feed_id
        if event.get("event") == "dropped":
            # records of before the socket was asked do not say what was full: it was the queue
            self._lose(f"{feed_id} {event.get('full', 'queue')}_full", int(event["count"]))
            self.health[item.feed].lose(int(event["count"]), item.instant_ns)
        self._note("feed", item.instant_ns, {"feed_id": feed_id, **event})

    def _quarantine(self, fault: Fault, sources: list[_Waiting]) -> None:
        limits, key = self.body.engine, (fault.feed_id, fault.reason)
        self._faults[key] = self._faults.get(key, 0) + 1
        if self._faults[key] > limits.quarantine_per_tick:
            return  # counted at the tick; the bytes stay in the raw log
        self._note(
            "quarantine",
            fault.received_ns,
            {
                "feed_id": fault.feed_id,
                "reason": fault.reason,
                "detail": fault.detail,
                "raw_ref": _ref_of(fault, sources),
                "offset": fault.offset,
                "length": len(fault.data),
                "hex": fault.data[: limits.quarantine_bytes].hex(),
            },
        )

    def _note(self, kind: EntryKind, valid_ns: int, body: object) -> None:
        self._pending.append(Entry(kind=kind, valid_ns=valid_ns, body=msgspec.to_builtins(body)))

    def _lose(self, reason: str, count: int) -> None:
        self.losses[reason] = self.losses.get(reason, 0) + count

    # ------------------------------------------------------------------ stages

    def tick(self, now_ns: int) -> list[Entry]:
        """Run the stages on all that was taken since the last tick; the entries, in order."""
        self._ticks += 1
        self.now_ns = now_ns
        self._decode()
        for health in self.health:
            if health.tick(now_ns, self.body.engine.silent_s):
                self._note("feed", now_ns, health.status())
        for (feed_id, reason), count in sorted(self._faults.items()):
            more = count - self.body.engine.quarantine_per_tick
            if more > 0:
                self._note(
                    "loss", now_ns, {"what": f"{feed_id} {reason} not listed", "count": more}
                )
        self._faults.clear()

        stages, plots = self.body.stages, self._plots
        table = pa.concat_tables(plots) if plots else PLOT.empty_table()
        table, spared = spare(table, self.limit, now_ns)
        self.spared = spared.num_rows
        if self.spared:
            self._lose(OVERLOAD, self.spared)
            self._note("loss", now_ns, {"what": OVERLOAD, "count": self.spared})
        self.heard = table
        sensors = self.body.sensors + self._row_paces.sensors()
        self._fusion, fused = fusion.step(
            self._tracker, self._fusion, table, sensors, now_ns, spared=spared
        )
        self.tracks = fused.tracks
        for reason, count in sorted(fused.losses.items()):
            if count:
                self._lose(reason, count)
                self._note("loss", now_ns, {"what": f"fusion {reason}", "count": count})
        for change in self._bias_alarms.tick(fused.registration, now_ns):
            self._note("registration", now_ns, change)
        self.registration = self._bias_alarms.shown(fused.registration)
        self._note_tracks(now_ns)

        self._note_integrity(table, sensors, now_ns)

        self._acts, unsigned = self.desk.hear(self.incidents, now_ns)
        self._pending += unsigned
        self._identity, assessed = identity.step(
            stages.identity,
            self._identity,
            fused.tracks,
            self._reports,
            self._acts,
            now_ns,
            self.integrity.verdicts,
            fused.drones,
        )
        for assessment in assessed:
            self.assessments[assessment.track_id] = assessment

        self._plan_routes.hear(self._reports)
        self._watch, watched = watch.step(
            stages.watch,
            self._watch,
            fused.tracks,
            self.assessments,
            self.zones,
            now_ns,
            self._plan_routes.of_tracks(self.assessments),
        )
        self.crossings = tuple(watched.crossings)
        for crossing in watched.crossings:
            self._note("crossing", now_ns, crossing)
        self._take_incidents(watched.incidents, assessed, now_ns)
        for key in sorted(self.desk.spoken_of & self.incidents.keys()):
            self._touch(key)  # what was said may change what is asked
        self._advise(now_ns)
        for track_id in self._ended:  # the stages have seen the end
            self.assessments.pop(track_id, None)

        if self._ticks % self.body.engine.digest_ticks == 0:
            self._note("picture", now_ns, digest_of(self.tracks))
        self._plots, self._reports, self._acts = [], [], []
        self._touched.clear()
        entries, self._pending = self._pending, []
        return entries

    def finish(self, now_ns: int, *, final: bool) -> list[Entry]:
        """The last entries of a session: how each feed stood and, where the feeds have ended, each incident."""
        if final and self._told_ns != now_ns:  # once, however often a record that is over is opened
            over, watched = watch.finish(self.body.stages.watch, self._watch, now_ns)
            self._watch, self._told_ns = kept(self._watch, over), now_ns
            self.crossings = tuple(watched.crossings)
            for crossing in watched.crossings:
                self._note("crossing", now_ns, crossing)
            self._take_incidents(watched.incidents, [], now_ns)
            self._advise(now_ns)
        for health in self.health:
            self._note("feed", now_ns, health.status())
        if self.losses:
            self._note("loss", now_ns, {"what": "all of this run", "by_reason": self.losses})
        entries, self._pending = self._pending, []
        return entries

    def _note_tracks(self, now_ns: int) -> None:
        """Entries for tracks that were confirmed, merged or ended."""
        ids, states = self.tracks.column("track_id"), self.tracks.column("status")
        ended = is_value(self.tracks, "status", "ended")
        self._ended = ids.filter(pa.array(ended)).to_pylist()
        before, self._statuses = self._statuses, (ids, states)
        is_new = is_value(self.tracks, "status", "confirmed")
        # as usual: the same tracks, of which few are otherwise than they were
        if ids.equals(before[0]):
            is_new &= pc.not_equal(states, before[1]).to_numpy()
        confirmed = np.flatnonzero(is_new)
        names = ids.take(confirmed).to_pylist()
        changed = np.flatnonzero(ended).tolist() if self._ended else list[int]()
        # what ends without ever having been confirmed is no track that anybody saw
        changed = [
            row for row, name in zip(changed, self._ended, strict=True) if name in self._confirmed
        ]
        if not self._confirmed.issuperset(names):
            changed += [
                row
                for row, name in zip(confirmed.tolist(), names, strict=True)
                if name not in self._confirmed
            ]
        changed.sort()
        for facts in self.tracks.select(_FACTS).take(pa.array(changed, pa.int64())).to_pylist():
            track_id, status = facts["track_id"], facts["status"]
            if status == "ended":
                self._confirmed.discard(track_id)
            else:
                self._confirmed.add(track_id)
            self._note(
                "track",
                now_ns,
                {
                    "track_id": track_id,
                    "status": status,
                    "birth_ns": facts["birth_ns"],
                    "latitude_deg": facts["latitude_deg"],
                    "longitude_deg": facts["longitude_deg"],
                    "updates": facts["updates"],
                    "sensors": facts["sensors"],
                    "icao24": None if facts["icao24"] is None else f"{facts['icao24']:06x}",
                    "merged_into": facts["merged_into"],
                },
            )

    def _note_integrity(self, plots: pa.Table, sensors: tuple[Sensor, ...], now_ns: int) -> None:
        """Entries for verdicts that changed, and for the map of interference."""
        changed, found = self.integrity.tick(plots, sensors, now_ns)
        for finding in changed:
            self._note("integrity", now_ns, finding)
        if found is not None:
            self._note("interference", now_ns, found)

    def _take_incidents(
        self, incidents: list[Incident], assessed: list[Assessment], now_ns: int
    ) -> None:
        for incident in incidents:
            new = incident.track_id not in self.last_assessments
            self.incidents[incident.incident_id] = incident
            self._touch(incident.incident_id)
            self._note("incident", now_ns, incident)
            known = self.assessments.get(incident.track_id)
            if new and known is not None and known not in assessed:
                self._assess_incident(known, now_ns)
        subjects = {incident.track_id: key for key, incident in self.incidents.items()}
        for assessment in assessed:
            if assessment.track_id in subjects:
                self._touch(subjects[assessment.track_id])
                self._assess_incident(assessment, now_ns)

    def _touch(self, incident_id: str) -> None:
        self._touched.add(incident_id)
        self.changed_incidents.add(incident_id)

    def _assess_incident(self, assessment: Assessment, now_ns: int) -> None:
        full = identity.explain(self._identity, assessment.track_id) or assessment
        self.last_assessments[assessment.track_id] = full
        self._note("assessment", now_ns, full)

    def _advise(self, now_ns: int) -> None:
        self._seen_now.tick(self.incidents.values(), self._fusion, self._sensor_kinds, now_ns)
        cases = []
        groups: dict[str, int] = {}
        for incident in self.incidents.values():
            if incident.group_id is not None and incident.status != "closed":
                groups[incident.group_id] = groups.get(incident.group_id, 0) + 1
        for key in sorted(self.incidents):
            incident = self.incidents[key]
            if incident.status == "closed" and key not in self._touched:
                continue
            known = self.assessments.get(incident.track_id) or self.last_assessments.get(
                incident.track_id
            )
            situation = situation_of(
                incident,
                known,
                self._zones_by_id,
                self._sensing(incident),
                self._acts,
                now_ns,
                groups.get(incident.group_id or "", 1),
                # asked of what a person has declared: of nothing else can it decide anything
                near_border=known is not None
                and known.identity in ("suspect", "hostile")
                and at_border(incident, self.tracks, self.zones, self._zones_by_id, territory()),
            )
            cases.append((incident, situation))
        self._response, advised = response.step(
            self.body.stages.response, self._response, cases, self.rules, self._acts, now_ns
        )
        for advice in advised:
            if not self._live:  # F14: a recording or a simulation asks nobody anything
                advice = response.without_question(  # noqa: PLW2901
                    advice, "what is seen is a recording or a simulation (F14)"
                )
            self.advice[advice.incident_id] = advice
            self._touch(advice.incident_id)
            self._note("advice", now_ns, advice)
        self._settle(now_ns)

    def _settle(self, now_ns: int) -> None:
        """Bring the questions of the desk up to the advice of this tick."""
        cases = [
            Case(
                incident=self.incidents[key],
                advice=self.advice[key],
                assessment=self.assessment_of(self.incidents[key].track_id),
            )
            for key in sorted(self._touched)
            if key in self.advice
        ]
        settled = self.desk.settle(cases, now_ns)
        self._pending += settled
        self._pending += self.clock.tick(
            self.incidents,
            self.tracks,
            self.desk.papers,
            now_ns,
            asked_anew={
                str(entry.body["incident_id"]) for entry in settled if entry.kind == "paper"
            },
        )

    def _sensing(self, incident: Incident) -> Sensing:
        """Who sees an object, and the health of all that have: sound while no feed of theirs is silent."""
        seen = self._seen_now.of(incident)
        feeds = {self._feed_of[name] for name in incident.sensors if name in self._feed_of}
        hears = any(self.health[feed].state == "alive" for feed in self._hears)
        return Sensing(
            # K8: heard, and aligned as far as we can tell
            sensors_healthy=all(self.health[feed].state != "dead" for feed in feeds)
            and not any(map(self._bias_alarms.stands, incident.sensors))
            if seen.sensors and feeds and self._feed_of.keys() >= set(incident.sensors)
            else None,
            replies_heard=hears,
            replay=self._recorded,
            exercise=self.body.exercise and not self.body.as_in_life,
            node_isolated=self.node_isolated,
            plans_held=self.now_ns <= self._planned_ns,
            needs_heard=hears or any(self.health[feed].state != "dead" for feed in self._told),
            gnss_interference=self.integrity.disturbed(
                incident, self.assessments.get(incident.track_id)
            ),
            sensor_kinds=self._sensor_kinds,
            seen_now=seen.sensors,
            kinds_agree_s=seen.agreed_s(self.now_ns),
        )

    # ------------------------------------------------------------------ what people look at

    def feeds(self) -> list[FeedStatus]:
        """How the feeds stand."""
        return [health.status() for health in self.health]

    def feed_of(self, sensor_id: str) -> str | None:
        """The feed that a sensor's plots come from; None: none came yet."""
        feed = self._feed_of.get(sensor_id)
        return None if feed is None else self.body.feeds[feed].feed_id

    def assessment_of(self, track_id: str) -> Assessment | None:
        """The full current assessment of a track."""
        return self.last_assessments.get(track_id) or self.assessments.get(track_id)

    def explain(self, name: str) -> Assessment | None:
        """The full assessment of a track with its ledgers, by its id, callsign or address; None for none."""
        full = identity.explain(self._identity, name)
        if full is not None:
            return full
        for track_id, held in sorted(self.assessments.items()):
            if name in (held.callsign, held.icao24):
                return identity.explain(self._identity, track_id)
        return None

    def zones_by_id(self) -> Mapping[str, object]:
        """Zones by their id."""
        return self._zones_by_id
