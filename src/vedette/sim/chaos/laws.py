"""The laws of a run, checked after each tick on the real engine, whatever was done to its input."""

import json
from collections import Counter
from typing import Any, Final

import numpy as np

from vedette.engine.pipeline import Pipeline
from vedette.ledger.raw_log import Item, ItemKind
from vedette.model.assessment import CREWED_CIVIL
from vedette.model.columns import floats
from vedette.model.incident import Incident
from vedette.model.time import SECOND_NS
from vedette.sim.law import BrokenLawError
from vedette.sim.motion import Motion
from vedette.sim.world import World

APPROACHING: Final = frozenset(("M06", "M07", "M08", "M14"))
DOSSIER: Final = "M14"  # the question of force, put to people
MILITARY_ROWS: Final = frozenset(("R12", "R13", "R14", "R15", "R16", "R17", "R18", "R22", "R23"))
_NEAR_M: Final = 4_000.0  # an incident is about the object that stands so near, and
_ALONE_M: Final = 20_000.0  # has no other within this
_FRESH_S: Final = 40.0  # older tracks are never shown as seen now
_METRES: Final = 111_200.0  # of a degree of latitude


class Laws:
    """What was seen of a run so far, and what must hold of it."""

    def __init__(self, seed: int, world: World, redacted: frozenset[int]) -> None:
        self.seed, self.world = seed, world
        self.redacted = redacted  # feeds whose chunks are shortened before the engine sees them
        self.civil_claims = {
            (transponder.icao24, transponder.callsign)
            for transponder in (m.flight.transponder for m in world.motions)
            if transponder is not None
        }
        self.judged_civil = 0
        self.dead_seen = 0
        self._heard_ns: dict[int, int] = {}
        self._chunks: Counter[int] = Counter()
        self._octets: Counter[int] = Counter()
        self._dropped: Counter[str] = Counter()
        self._told: Counter[str] = Counter()  # faults by feed, as entries say
        self._states: dict[str, str] = {}  # of feeds, as entries say
        self._lost: Counter[str] = Counter()
        self._lines = 0
        self._incidents: dict[str, int] = {}
        self._ended: set[str] = set()
        self._now_ns = 0

    def law(self, holds: bool, words: str, found: object = "") -> None:
        """Raise unless it holds.

        Raises:
            BrokenLawError: it does not.
        """
        if not holds:
            second = (self._now_ns - self.world.start_ns) / SECOND_NS
            raise BrokenLawError(
                f"seed {self.seed}, second {second:.1f}: not true that {words}: {found}"
            )

    def hear(self, item: Item) -> None:
        """An item that was put into the engine."""
        if item.kind is ItemKind.CHUNK:
            self._chunks[item.feed] += 1
            self._octets[item.feed] += len(item.payload)
            self._heard_ns[item.feed] = item.instant_ns
        elif item.kind is ItemKind.LINK and b"dropped" in item.payload:
            feed_id = self.world.feeds[item.feed].spec.feed_id
            self._dropped[feed_id] += json.loads(item.payload)["count"]

    def check(self, pipeline: Pipeline, lines: list[bytes], believed: set[str]) -> None:
        """All laws after a tick.

        Args:
            pipeline: the engine's.
            lines: of its ledger, from the first on.
            believed: incidents that people have said wrong things about.

        Raises:
            BrokenLawError: one does not hold.
        """
        self.law(pipeline.now_ns > self._now_ns, "time goes on", (self._now_ns, pipeline.now_ns))
        self._now_ns = pipeline.now_ns
        entries = [json.loads(line) for line in lines[self._lines :]]
        self._lines = len(lines)
        self._account(pipeline, entries)
        self._feeds(pipeline)
        self._numbers(pipeline)
        self._memory(pipeline)
        for incident in pipeline.incidents.values():
            self._advice(pipeline, incident, incident.incident_id in believed)

    # ------------------------------------------------------------------ nothing is lost silently

    def _account(self, pipeline: Pipeline, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            body = entry["body"]
            if entry["kind"] == "quarantine":
                self._told[body["feed_id"]] += 1
            elif entry["kind"] == "loss" and "count" in body:
                what = str(body["what"])
                if what.endswith(" not listed"):
                    self._told[what.split(" ", 1)[0]] += body["count"]
                else:
                    self._lost[what] += body["count"]
            elif entry["kind"] == "feed" and "state" in body:
                self._states[body["feed_id"]] = body["state"]
        for index, health in enumerate(pipeline.health):
            name = health.spec.feed_id
            self.law(
                health.chunks == self._chunks[index],
                f"every chunk of {name} is accounted for",
                (health.chunks, self._chunks[index]),
            )
            if index not in self.redacted:
                self.law(
                    health.size_bytes == self._octets[index],
                    f"every octet of {name} is accounted for",
                    (health.size_bytes, self._octets[index]),
                )
            self.law(
                health.faults == self._told[name],
                f"every fault of {name} is in the ledger",
                (health.faults, self._told[name]),
            )
            dropped = pipeline.losses.get(f"{name} queue_full", 0)
            self.law(dropped == self._dropped[name], f"what {name} shed is counted", dropped)
        for reason, count in pipeline.losses.items():
            if not reason.endswith("queue_full"):
                told = self._lost[f"fusion {reason}"]
                self.law(count == told, f"the loss {reason} is in the ledger", (count, told))

    def _feeds(self, pipeline: Pipeline) -> None:
        silent_ns = pipeline.body.engine.silent_s * SECOND_NS
        for index, status in enumerate(pipeline.feeds()):
            heard_ns = self._heard_ns.get(index)
            due = "waiting"
            if heard_ns is not None:
                due = "dead" if pipeline.now_ns - heard_ns > silent_ns else "alive"
            self.law(status.state == due, f"{status.feed_id} is shown as {due}", status.state)
            self.law(
                self._states.get(status.feed_id, "waiting") == due,
                f"the ledger says that {status.feed_id} is {due}",
            )
            self.dead_seen += due == "dead"

    # ------------------------------------------------------------------ no number that is none

    def _numbers(self, pipeline: Pipeline) -> None:
        tracks = pipeline.tracks
        latitude, longitude = floats(tracks, "latitude_deg"), floats(tracks, "longitude_deg")
        columns = [latitude, longitude, floats(tracks, "east_mps"), floats(tracks, "north_mps")]
        covariance = tracks.column("covariance").combine_chunks().flatten().to_numpy()
        self.law(
            all(np.isfinite(column).all() for column in (*columns, covariance)),
            "every track has finite numbers",
        )
        self.law(bool((np.abs(latitude) <= 90.0).all()), "every track is on the Earth")
        self.law(bool((np.abs(longitude) <= 180.0).all()), "every track is on the Earth")
        variances = covariance.reshape(-1, 10)[:, (0, 4, 7, 9)]
        self.law(bool((variances >= 0.0).all()), "no variance is negative")
        ids = tracks.column("track_id").to_pylist()
        self.law(len(set(ids)) == len(ids), "no track stands twice in the picture")
        age_s = (
            tracks.column("valid_ns").to_numpy() - tracks.column("updated_ns").to_numpy()
        ) / SECOND_NS
        states = tracks.column("status").to_pylist()
        stale = [
            (track_id, age)
            for track_id, status, age in zip(ids, states, age_s, strict=True)
            if status == "confirmed" and age > _FRESH_S
        ]
        self.law(not stale, "what was not seen of late is not shown as seen", stale[:3])
        again = self._ended & set(ids)
        self.law(not again, "an ended track does not come back", sorted(again)[:3])
        self._ended |= {
            track_id for track_id, status in zip(ids, states, strict=True) if status == "ended"
        }
        for known in pipeline.assessments.values():
            total = sum(known.class_probabilities.values())
            self.law(abs(total - 1.0) < 1e-6, "class probabilities sum to one", known.track_id)
        for clock in pipeline.clock.clocks.values():
            for step in clock.steps:
                self.law(0.0 <= step.in_time <= 1.0, "a probability is one", step)
                low, middle, high = step.needed_s
                self.law(low <= middle <= high, "times needed are ordered", step)

    def _memory(self, pipeline: Pipeline) -> None:
        for key, revision in self._incidents.items():
            found = pipeline.incidents.get(key)
            self.law(
                found is not None and found.revision >= revision,
                f"incident {key} is not forgotten",
            )
        for key, incident in pipeline.incidents.items():
            self._incidents[key] = incident.revision
            place = (incident.latitude_deg, incident.longitude_deg, incident.ground_speed_mps)
            self.law(bool(np.isfinite(place).all()), "every incident has finite numbers", key)

    # ------------------------------------------------------------------ what is proposed

    def _advice(self, pipeline: Pipeline, incident: Incident, believed: bool) -> None:
        advice = pipeline.advice.get(incident.incident_id)
        self.law(advice is not None, f"{incident.incident_id} has its advice")
        if advice is None or incident.status == "closed":
            return
        measures = {name for proposal in advice.proposals for name in proposal.measures}
        rows = {proposal.rule for proposal in advice.proposals}
        known = pipeline.assessment_of(incident.track_id)
        claims = known is not None and (known.icao24, known.callsign) in self.civil_claims
        civil = self._truly_civil(incident)
        if civil or claims:
            self.judged_civil += 1
            words = f"the civil flight of {incident.incident_id}"
            self.law(advice.force_question != "admissible", f"{words} is not asked about", advice)
            self.law(DOSSIER not in measures, f"{words} has no dossier", advice)
        force = rows & set(pipeline.rules.about.reading.force_rows)
        if (civil or claims) and not believed:
            self.law(not force, f"{incident.incident_id}, civil, is in no force row", advice)
        if claims and known is not None and known.cooperative and not believed:
            self.law(
                not rows & MILITARY_ROWS,
                f"{incident.incident_id}, civil, is in no military row",
                advice,
            )
        feeds = {self._feed_of(name) for name in incident.sensors} - {None}
        silent_ns = pipeline.body.engine.silent_s * SECOND_NS
        dead = [
            feed
            for feed in feeds
            if feed is not None
            and pipeline.now_ns - self._heard_ns.get(feed, pipeline.now_ns) > silent_ns
        ]
        if dead:
            self.law(
                not measures & APPROACHING,
                f"nothing approaches {incident.incident_id} while a feed that sees it is dead",
                advice,
            )

    def _feed_of(self, sensor_id: str) -> int | None:
        for index, feed in enumerate(self.world.feeds):
            if feed.spec.feed_id == sensor_id:
                return index
        return None

    def _truly_civil(self, incident: Incident) -> bool:
        """Whether what stands where the incident is is a crewed civil aircraft, and nothing else is near."""
        at_s = np.array([(incident.valid_ns - self.world.start_ns) / SECOND_NS])
        gaps = sorted(
            (self._gap_m(motion, at_s, incident), motion.flight.object_class)
            for motion in self.world.motions
        )
        gaps = [one for one in gaps if np.isfinite(one[0])]
        if not gaps or gaps[0][0] > _NEAR_M or gaps[0][1] not in CREWED_CIVIL:
            return False
        return len(gaps) == 1 or gaps[1][0] > _ALONE_M

    def _gap_m(self, motion: Motion, at_s: np.ndarray, incident: Incident) -> float:
        state = motion.at(at_s)[0]
        if np.isnan(state[0]):
            return float("inf")
        north = (state[0] - incident.latitude_deg) * _METRES
        east = (
            (state[1] - incident.longitude_deg)
            * _METRES
            * np.cos(np.radians(incident.latitude_deg))
        )
        return float(np.hypot(north, east))
