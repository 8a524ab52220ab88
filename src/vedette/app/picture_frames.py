"""The picture as the page gets it: MessagePack frames of raw columns, names only when they change."""

from collections import deque
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.app.audience import text_of
from vedette.engine.run import Snapshot
from vedette.model.assessment import CLASSES
from vedette.model.columns import Flags, Floats, Integers, floats, integers
from vedette.model.time import SECOND_NS

IDENTITIES: Final = (
    "pending",
    "unknown",
    "assumed_friend",
    "friend",
    "neutral",
    "suspect",
    "hostile",
)
_STATUSES: Final = pa.array(["tentative", "confirmed", "coasting", "ended"])
_IDENTITY: Final = {name: number for number, name in enumerate(IDENTITIES)}
_CLASS: Final = {name: number for number, name in enumerate(CLASSES)}
_UNKNOWN: Final = (0, _CLASS["unknown"])  # identity and class of what is not assessed yet
_TRAIL_EVERY_NS: Final = 5 * SECOND_NS
_TRAIL_SAMPLES: Final = 720  # an hour

# callsign, address, code, whether others say that they saw it, state of the register
Name = tuple[str | None, int | None, int | None, bool, str | None]
_TOLD: Final = pa.array(["track", "person"])  # kinds of what others say that they saw


class Past(NamedTuple):
    """(n,) points that a track has passed, oldest first; heights NaN where unknown."""

    valid_ns: Integers
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats
    geometric: Flags  # whether the height is above the ellipsoid, not by pressure


class Ellipses(NamedTuple):
    """(n,) 1-sigma ellipses of horizontal positions."""

    major_m: Floats
    minor_m: Floats
    axis_rad: Floats  # azimuth of the longer axis, clockwise from true north, 0 to pi


def ellipses_of(tracks: Any) -> Ellipses:
    """Ellipses of the n tracks of a TRACK table.

    Source: eigenvalues of a symmetric 2 x 2 matrix.

    Example: 3 m to the east and west, 4 m to the north and south.

        >>> from vedette.model.track import tracks
        >>> found = ellipses_of(tracks(covariance=[[9.0, 0, 0, 0, 16.0, 0, 0, 0, 0, 0]]))
        >>> [float(values[0]) for values in found]
        [4.0, 3.0, 0.0]
    """
    covariance = tracks.column("covariance").combine_chunks().flatten().to_numpy().reshape(-1, 10)
    east, both, north = covariance[:, 0], covariance[:, 1], covariance[:, 4]
    mean, half = 0.5 * (east + north), np.hypot(0.5 * (north - east), both)
    return Ellipses(
        np.sqrt(np.maximum(mean + half, 0.0)),
        np.sqrt(np.maximum(mean - half, 0.0)),
        0.5 * np.arctan2(2.0 * both, north - east) % np.pi,
    )


class PictureFrames:
    """Turns snapshots into frames; gives each track a small number, its slot, while it lives."""

    def __init__(self) -> None:
        self._slots: dict[str, int] = {}
        self._names: dict[int, tuple[str, Name]] = {}
        self._next_slot = 1
        self._trails: deque[tuple[int, NDArray[Any], NDArray[Any]]] = deque(maxlen=_TRAIL_SAMPLES)
        self._told: str | None = None  # names of all, as a page is told them; made when one asks
        self.frame = b""

    def take(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        """Make the frame of a snapshot; the messages about names that changed with it."""
        tracks = snapshot.tracks
        tracks = tracks.filter(pc.not_equal(tracks.column("status"), "ended"))
        ids: list[str] = tracks.column("track_id").to_pylist()
        changed = self._rename(snapshot, tracks, ids)
        gone = self._forget(set(ids))
        slots = np.array([self._slots[track_id] for track_id in ids], dtype="<u4")
        columns = self._columns(snapshot, tracks, ids)
        columns["slot"] = slots
        self.frame = msgspec.msgpack.encode(
            {
                "type": "picture",
                "now_ms": snapshot.now_ns / 1e6,
                "n": len(ids),
                "columns": {
                    name: [values.dtype.str, values.tobytes()] for name, values in columns.items()
                },
            }
        )
        geometric = np.isnan(floats(tracks, "pressure_altitude_m"))
        self._remember(snapshot.now_ns, slots, columns, geometric)
        if not changed and not gone:
            return []
        self._told = None
        return [{"type": "tracks", "tracks": changed, "gone": gone}]

    def names(self) -> str:
        """The message that a new page begins with: names of all tracks. Pages that come together share it."""
        if self._told is None:
            named = [self._named(slot) for slot in self._names]
            self._told = text_of({"type": "tracks", "tracks": named, "gone": []})
        return self._told

    def trail(self, track_id: str) -> list[list[float | None]]:
        """Where a track was: [ms, latitude, longitude, pressure altitude or None, sigma] rows."""
        times_ns, values = self._passed(track_id)
        return [
            [
                now_ns / 1e6,
                round(latitude, 5),
                round(longitude, 5),
                None if np.isnan(height) else round(height, 1),
                round(sigma, 1),
            ]
            for now_ns, (latitude, longitude, height, sigma, _) in zip(
                times_ns.tolist(), values.tolist(), strict=True
            )
        ]

    def past(self, track_id: str) -> Past:
        """The same as arrays, with what each height was measured from."""
        times_ns, values = self._passed(track_id)
        return Past(times_ns, values[:, 0], values[:, 1], values[:, 2], values[:, 4] > 0.5)

    def _passed(self, track_id: str) -> tuple[Integers, Floats]:
        """(n,) times and (n, 5) latitude, longitude, height, sigma, 1 for a geometric height."""
        slot = self._slots.get(track_id)
        times: list[int] = []
        rows: list[NDArray[Any]] = []
        for now_ns, slots, values in self._trails:
            found = np.flatnonzero(slots == slot)
            if found.size:
                times.append(now_ns)
                rows.append(values[:, found[0]])
        stacked = np.array(rows, dtype=np.float64).reshape(-1, 5)
        return np.array(times, dtype=np.int64), stacked

    def _named(self, slot: int) -> dict[str, Any]:
        track_id, (callsign, icao24, mode3a, foreign, registry) = self._names[slot]
        return {
            "slot": slot,
            "track_id": track_id,
            "callsign": callsign,
            "icao24": None if icao24 is None else f"{icao24:06x}",
            "mode3a": None if mode3a is None else f"{mode3a:04o}",
            "foreign": foreign,
            "registry": registry,
        }

    def _rename(self, snapshot: Snapshot, tracks: Any, ids: list[str]) -> list[dict[str, Any]]:
        """Give new tracks their slots; names that differ from those that the pages have."""
        changed = []
        assessments, slots, names = snapshot.assessments, self._slots, self._names
        for track_id, callsign, address, code, told in zip(
            ids,
            tracks.column("callsign").to_pylist(),
            tracks.column("icao24").to_pylist(),
            tracks.column("mode3a").to_pylist(),
            _told(tracks).tolist(),
            strict=True,
        ):
            known = assessments.get(track_id)
            registry = None if known is None else known.registry_state
            named = (track_id, (callsign, address, code, told, registry))
            slot = slots.get(track_id)
            if slot is None:
                slot = slots[track_id] = self._next_slot
                self._next_slot += 1
            elif names[slot] == named:
                continue
            names[slot] = named
            changed.append(self._named(slot))
        return changed

    def _forget(self, present: set[str]) -> list[int]:
        gone = [track_id for track_id in self._slots if track_id not in present]
        slots = [self._slots.pop(track_id) for track_id in gone]
        for slot in slots:
            del self._names[slot]
        return slots

    def _columns(self, snapshot: Snapshot, tracks: Any, ids: list[str]) -> dict[str, NDArray[Any]]:
        east, north = floats(tracks, "east_mps"), floats(tracks, "north_mps")
        ellipses = ellipses_of(tracks)
        height = floats(tracks, "pressure_altitude_m")
        height = np.where(np.isnan(height), floats(tracks, "height_hae_m"), height)
        age_s = (snapshot.now_ns - integers(tracks, "updated_ns", missing=0)) / SECOND_NS
        found = map(snapshot.assessments.get, ids)
        judged = [
            _UNKNOWN if item is None else (_IDENTITY[item.identity], _CLASS[item.object_class])
            for item in found
        ]
        identity, object_class = np.array(judged, dtype="|u1").reshape(-1, 2).T
        return {
            "latitude_deg": floats(tracks, "latitude_deg").astype("<f4"),
            "longitude_deg": floats(tracks, "longitude_deg").astype("<f4"),
            "height_m": height.astype("<f4"),
            "speed_mps": np.hypot(east, north).astype("<f4"),
            "course_rad": (np.arctan2(east, north) % (2 * np.pi)).astype("<f4"),
            "sigma_m": ellipses.major_m.astype("<f4"),
            "sigma_minor_m": ellipses.minor_m.astype("<f4"),
            "sigma_axis_rad": ellipses.axis_rad.astype("<f4"),
            "age_s": age_s.astype("<f4"),
            "status": pc.index_in(tracks.column("status"), _STATUSES).to_numpy().astype("|u1"),
            "identity": identity,
            "object_class": object_class,
        }

    def _remember(
        self,
        now_ns: int,
        slots: NDArray[Any],
        columns: dict[str, NDArray[Any]],
        geometric: Flags,
    ) -> None:
        if self._trails and now_ns - self._trails[-1][0] < _TRAIL_EVERY_NS:
            return
        names = ("latitude_deg", "longitude_deg", "height_m", "sigma_m")
        rows = [*(columns[name] for name in names), geometric.astype("<f4")]
        self._trails.append((now_ns, slots, np.stack(rows)))


def _told(tracks: Any) -> Flags:
    """(n,) whether all that is known of a track is what others say that they saw."""
    kinds = tracks.column("kinds").combine_chunks()
    rows = pc.list_parent_indices(kinds).to_numpy()
    foreign = pc.is_in(pc.list_flatten(kinds), _TOLD).to_numpy(zero_copy_only=False)
    count = np.bincount(rows, minlength=len(kinds))
    ours = np.bincount(rows[~foreign], minlength=len(kinds))
    return np.asarray((count > 0) & (ours == 0))
