"""What a node shares of a watch: its tracks, its incidents and the heads of its record, read from the folder."""

from collections.abc import Iterator
from math import sqrt
from pathlib import Path
from typing import Any, Final

import msgspec

from vedette.alliance.items import Alert, RecordHead
from vedette.alliance.release import OwnTrack
from vedette.alliance.state import Input, Made, OwnPicture
from vedette.engine.alliance.foreign import SENSOR
from vedette.engine.record import Record
from vedette.engine.track_tables import NOW
from vedette.ledger.entries import decode_entry
from vedette.ledger.head import read_head
from vedette.ledger.merkle import consistency_proof, leaf_hash
from vedette.model.entry import Entry
from vedette.model.time import SECOND_NS

_HEAD_NS: Final = 30 * SECOND_NS
_LIVE_NS: Final = 60 * SECOND_NS  # a picture that is younger is of a watch that runs


def own_tracks(rows: list[dict[str, Any]]) -> tuple[OwnTrack, ...]:
    """Rows of ``model.track.TRACK`` as tracks to be released.

    A track that other nations alone have seen is none of ours and is left out.
    """
    found = []
    for row in rows:
        if row["status"] not in ("confirmed", "coasting"):
            continue
        others = [name for name in row["sensors"] if name.startswith(SENSOR)]
        if others and len(others) == len(row["sensors"]):
            continue
        ee, nn = row["covariance"][0], row["covariance"][4]
        found.append(
            OwnTrack(
                track_id=row["track_id"],
                valid_ns=row["valid_ns"],
                latitude_deg=row["latitude_deg"],
                longitude_deg=row["longitude_deg"],
                position_sigma_m=max(1.0, sqrt(max(ee, nn, 0.0))),
                east_mps=row["east_mps"],
                north_mps=row["north_mps"],
                height_hae_m=row["height_hae_m"],
                height_sigma_m=row["height_sigma_m"],
                pressure_altitude_m=row["pressure_altitude_m"],
                icao24=row["icao24"],
                mode3a=row["mode3a"],
                callsign=row["callsign"],
                emitter_category=row["emitter_category"],
                object_class=row["class_hint"],
                on_ground=row["on_ground"],
                contributors=tuple(name.removeprefix(SENSOR) for name in others),
            )
        )
    return tuple(found)


class WatchedRecord:
    """Follows the record of a watch, running or recorded."""

    def __init__(self, folder: Path, told: dict[str, RecordHead]) -> None:
        """Prepare to follow.

        Args:
            folder: of the record.
            told: the head last told of each record, by the record's digest.
        """
        self._record = Record(folder)
        self._told = told.get(self._record.digest)
        self._offset = 0
        self._rest = b""
        self._leaves: list[bytes] = []
        self._assessments: dict[str, dict[str, Any]] = {}
        self._said: dict[str, tuple[Any, ...]] = {}
        self._head_ns = 0
        self._picture_mark = 0
        self._live = False
        self._recorded: Iterator[list[dict[str, Any]]] | None = None

    def poll(self, now_ns: int) -> list[Input]:
        """What is new since the last time: alerts, a head, a picture."""
        made: list[Input] = list(self._alerts())
        if now_ns - self._head_ns >= _HEAD_NS:
            self._head_ns = now_ns
            made += self._head()
        picture = self._picture(now_ns)
        if picture is not None:
            made.append(picture)
        return made

    def _entries(self) -> Iterator[Entry]:
        path = self._record.entries_path
        if not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._offset)
            data = file.read(16 << 20)
        self._offset += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._leaves.append(leaf_hash(line))
            yield decode_entry(line)

    def _alerts(self) -> Iterator[Made]:
        for entry in self._entries():
            body: dict[str, Any] = entry.body
            if entry.kind == "assessment":
                self._assessments[str(body.get("track_id"))] = body
            elif entry.kind == "incident":
                alert = alert_of(body, self._assessments.get(str(body.get("track_id"))))
                said = (alert.status, alert.causes, alert.states, alert.identity, alert.expected_in)
                if self._said.get(alert.incident_id) != said:
                    self._said[alert.incident_id] = said
                    key = f"alert:{self._record.digest[:12]}:{alert.incident_id}:{alert.revision}"
                    yield Made(key=key, item=alert)

    def _head(self) -> Iterator[Made]:
        path = self._record.folder / "ledger" / "head.json"
        if not path.exists():
            return
        data = path.read_bytes()
        head = read_head(data)
        old_size = 0 if self._told is None else read_head(self._told.head).size
        if head.size == old_size or not old_size <= head.size <= len(self._leaves):
            return
        leaves = self._leaves[: head.size]
        proof = consistency_proof(leaves, old_size) if old_size else []
        item = RecordHead(
            record=self._record.digest, head=data, proof=tuple(node.hex() for node in proof)
        )
        self._told = item
        yield Made(key=f"head:{self._record.digest[:32]}:{head.size}", item=item)

    def _picture(self, now_ns: int) -> OwnPicture | None:
        import pyarrow as pa

        path = self._record.folder / "tables" / NOW
        mark = path.stat().st_mtime_ns if path.exists() else 0
        self._live = self._live or now_ns - mark < _LIVE_NS
        if self._live:
            if mark == self._picture_mark:
                return None
            self._picture_mark = mark
            with pa.memory_map(str(path)) as source:
                rows = pa.ipc.open_file(source).read_all().to_pylist()
            return OwnPicture(tracks=own_tracks(rows))
        if self._recorded is None:
            self._recorded = self._play()
        rows = next(self._recorded, [])
        return OwnPicture(tracks=own_tracks(rows)) if rows else None

    def _play(self) -> Iterator[list[dict[str, Any]]]:
        """The pictures of a record that no watch writes any more, one after the other."""
        import pyarrow.parquet as pq

        for path in sorted((self._record.folder / "tables").glob("tracks-*.parquet")):
            pictures: dict[int, list[dict[str, Any]]] = {}
            for row in pq.read_table(path).to_pylist():
                pictures.setdefault(row["valid_ns"] // SECOND_NS, []).append(row)
            for second in sorted(pictures):
                yield pictures[second]


def alert_of(body: dict[str, Any], assessed: dict[str, Any] | None) -> Alert:
    """An incident's entry as an alert, whole; the release rules decide what leaves."""
    about = assessed or {}
    handed = [one for one in body.get("hand_overs", ()) if one.get("withdrawn_ns") is None]
    expected = handed[-1] if handed and handed[-1].get("state") else None
    states = {one["state"] for one in body.get("crossings", ()) if one.get("state")}
    address = about.get("icao24")
    return msgspec.convert(
        {
            "incident_id": body["incident_id"],
            "revision": body["revision"],
            "status": body["status"],
            "causes": body["causes"],
            "latitude_deg": body["latitude_deg"],
            "longitude_deg": body["longitude_deg"],
            "pressure_altitude_m": body["pressure_altitude_m"],
            "ground_speed_mps": body["ground_speed_mps"],
            "track_angle_rad": body["track_angle_rad"],
            "icao24": int(address, 16) if address else None,
            "callsign": about.get("callsign"),
            "identity": about.get("identity"),
            "object_class": about.get("object_class"),
            "states": sorted(states),
            "expected_in": None if expected is None else expected["state"],
            "expected_ns": None if expected is None else expected["expected"]["estimate_ns"],
        },
        Alert,
    )
