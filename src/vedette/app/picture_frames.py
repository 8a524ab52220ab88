"""The picture as the page gets it: MessagePack frames of raw columns, names only when they change."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from vedette.app.audience import text_of
from vedette.engine.run import Snapshot
from vedette.model.assessment import CLASSES, Assessment
from vedette.model.columns import NO, Flags, Floats, Integers, floats, integers
from vedette.model.time import SECOND_NS
from vedette.model.track import TRACK

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

_TOLD: Final = pa.array(["track", "person"])  # kinds of what others say that they saw


class Past(NamedTuple):
    """(n,) points that a track has passed, oldest first; heights NaN where unknown."""

    valid_ns: Integers
    latitude_deg: Floats
    longitude_deg: Floats
    height_m: Floats
    geometric: Flags  # whether the height is above the ellipsoid, not by pressure


class _Rows(NamedTuple):
    """What is held of the n tracks of one picture, in its order."""

    ids: pa.Array
    names: NDArray[Any]  # (n,) the same as Python texts
    slots: NDArray[Any]
    said: tuple[pa.Array, ...]  # callsigns, addresses, codes
    told: Flags  # whether others say that they saw it
    known: NDArray[Any]  # (n,) assessments, or None
    judged: NDArray[Any]  # (n, 2) numbers of identity and class
    registry: NDArray[Any]  # (n,) state of the register, or None


_SAID: Final = ("callsign", "icao24", "mode3a")
_NO_ROWS: Final = _Rows(
    ids=pa.array([], pa.string()),
    names=np.empty(0, object),
    slots=np.empty(0, "<u4"),
    said=tuple(pa.array([], TRACK.field(name).type) for name in _SAID),
    told=np.empty(0, bool),
    known=np.empty(0, object),
    judged=np.empty((0, 2), "|u1"),
    registry=np.empty(0, object),
)


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
        self._rows = _NO_ROWS
        self._next_slot = 1
        self._trails: deque[tuple[int, NDArray[Any], NDArray[Any]]] = deque(maxlen=_TRAIL_SAMPLES)
        self._told: str | None = None  # names of all, as a page is told them; made when one asks
        self.frame = b""

    def take(self, snapshot: Snapshot) -> list[dict[str, Any]]:
        """Make the frame of a snapshot; the messages about names that changed with it."""
        tracks = snapshot.tracks
        ended = pc.equal(tracks.column("status"), "ended")
        if pc.any(ended).as_py():
            tracks = tracks.filter(pc.invert(ended))
        changed, gone = self._follow(snapshot.assessments, tracks)
        columns = self._columns(snapshot, tracks)
        self.frame = msgspec.msgpack.encode(
            {
                "type": "picture",
                "now_ms": snapshot.now_ns / 1e6,
                "n": tracks.num_rows,
                "columns": {
                    name: [values.dtype.str, values.tobytes()] for name, values in columns.items()
                },
            }
        )
        geometric = np.isnan(floats(tracks, "pressure_altitude_m"))
        self._remember(snapshot.now_ns, self._rows.slots, columns, geometric)
        if not changed and not gone:
            return []
        self._told = None
        return [{"type": "tracks", "tracks": self._named(changed), "gone": gone}]

    def names(self) -> str:
        """The message that a new page begins with: names of all tracks. Pages that come together share it."""
        if self._told is None:
            named = self._named(range(len(self._rows.slots)))
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
        slot = self._rows.slots[self._rows.names == track_id]
        times: list[int] = []
        rows: list[NDArray[Any]] = []
        for now_ns, slots, values in self._trails:
            found = np.flatnonzero(slots == slot[0]) if slot.size else slot
            if found.size:
                times.append(now_ns)
                rows.append(values[:, found[0]])
        stacked = np.array(rows, dtype=np.float64).reshape(-1, 5)
        return np.array(times, dtype=np.int64), stacked

    def _named(self, chosen: Sequence[int]) -> list[dict[str, Any]]:
        """What pages are told of some rows."""
        rows = self._rows
        take = pa.array(chosen, pa.int64())
        callsigns, addresses, codes = (column.take(take).to_pylist() for column in rows.said)
        return [
            {
                "slot": int(rows.slots[row]),
                "track_id": rows.names[row],
                "callsign": callsign,
                "icao24": None if address is None else f"{address:06x}",
                "mode3a": None if code is None else f"{code:04o}",
                "foreign": bool(rows.told[row]),
                "registry": rows.registry[row],
            }
            for row, callsign, address, code in zip(
                chosen, callsigns, addresses, codes, strict=True
            )
        ]

    def _follow(
        self, assessments: Mapping[str, Assessment], tracks: pa.Table
    ) -> tuple[list[int], list[int]]:
        """Give new tracks their slots; rows whose names differ from what pages have, and slots that have gone.

        Nearly all tracks are as they were a second ago: what is the same is found a column at a time.
        """
        before = self._rows
        ids = _whole(tracks, "track_id")
        found = pc.index_in(ids, value_set=before.ids)
        new = np.asarray(found.is_null())
        was = pc.fill_null(found, 0).to_numpy()  # row of the last picture, where there is one
        number = int(np.count_nonzero(new))
        said = tuple(_whole(tracks, name) for name in _SAID)
        told = _told(tracks)
        names, known, registry = (np.empty(len(ids), dtype=object) for _ in range(3))
        slots, judged = np.empty(len(ids), dtype="<u4"), np.empty((len(ids), 2), dtype="|u1")
        old = ~new
        names[old] = before.names[was[old]]
        names[new] = ids.filter(pa.array(new)).to_pylist()
        slots[old] = before.slots[was[old]]
        slots[new] = np.arange(self._next_slot, self._next_slot + number)
        self._next_slot += number
        known[:] = list(map(assessments.get, names.tolist()))
        judged[old], registry[old] = before.judged[was[old]], before.registry[was[old]]
        judged[new], registry[new] = _UNKNOWN, None
        differs = new.copy()
        differs[old] = told[old] != before.told[was[old]]
        for column, last in zip(said, before.said, strict=True):
            differs[old] |= _differ(column.filter(pa.array(old)), last.take(pa.array(was[old])))
        then = np.empty(len(ids), dtype=object)
        then[old] = before.known[was[old]]
        for row, (one, other) in enumerate(zip(known.tolist(), then.tolist(), strict=True)):
            if one is other:
                continue
            judged[row] = (
                _UNKNOWN if one is None else (_IDENTITY[one.identity], _CLASS[one.object_class])
            )
            state = None if one is None else one.registry_state
            differs[row] |= state != registry[row]
            registry[row] = state
        gone = np.ones(len(before.slots), dtype=bool)
        gone[was[old]] = False
        self._rows = _Rows(ids, names, slots, said, told, known, judged, registry)
        return np.flatnonzero(differs).tolist(), before.slots[gone].tolist()

    def _columns(self, snapshot: Snapshot, tracks: pa.Table) -> dict[str, NDArray[Any]]:
        east, north = floats(tracks, "east_mps"), floats(tracks, "north_mps")
        ellipses = ellipses_of(tracks)
        height = floats(tracks, "pressure_altitude_m")
        height = np.where(np.isnan(height), floats(tracks, "height_hae_m"), height)
        age_s = (snapshot.now_ns - integers(tracks, "updated_ns", missing=0)) / SECOND_NS
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
            "identity": self._rows.judged[:, 0],
            "object_class": self._rows.judged[:, 1],
            "slot": self._rows.slots,
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


def _whole(table: pa.Table, name: str) -> pa.Array:
    return table.column(name).combine_chunks()


def _differ(some: pa.Array, other: pa.Array) -> Flags:
    """(n,) whether two columns differ; unknown is the same as unknown."""
    if some.equals(other):
        return np.zeros(len(some), dtype=bool)
    same = pc.fill_null(pc.equal(some, other), NO)
    both = pc.and_(pc.is_null(some), pc.is_null(other))
    return ~np.asarray(pc.or_(same, both))


def _told(tracks: Any) -> Flags:
    """(n,) whether all that is known of a track is what others say that they saw."""
    kinds = tracks.column("kinds").combine_chunks()
    rows = pc.list_parent_indices(kinds).to_numpy()
    foreign = pc.is_in(pc.list_flatten(kinds), _TOLD).to_numpy(zero_copy_only=False)
    count = np.bincount(rows, minlength=len(kinds))
    ours = np.bincount(rows[~foreign], minlength=len(kinds))
    return np.asarray((count > 0) & (ours == 0))
