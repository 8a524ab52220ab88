"""Tracks and truth side by side: the same instants, places as vectors, and all pairs that are near."""

from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.fusion.scoring.pairing import near_pairs
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.model.columns import Flags, Floats, Integers, floats, integers
from vedette.model.errors import SourceError
from vedette.model.frames import geodetic_to_ecef_m

_TRUTH: Final = ("object_id", "valid_ns", "latitude_deg", "longitude_deg", "east_mps", "north_mps")
_TRACK: Final = (
    "track_id", "valid_ns", "latitude_deg", "longitude_deg", "east_mps", "north_mps", "status",
)  # fmt: skip


class States(NamedTuple):
    """Rows of truths or tracks, in order of picture."""

    name: Integers  # (n,) index of the object or track
    picture: Integers  # (n,) index of the instant
    place_m: Floats  # (n, 3) on the ellipsoid, Earth-centred: height takes no part in the distance
    velocity_mps: Floats  # (n, 3) horizontal velocity, Earth-centred axes

    def at(self, rows: Integers | Flags) -> "States":
        """Some of the rows."""
        return States(
            self.name[rows], self.picture[rows], self.place_m[rows], self.velocity_mps[rows]
        )


class Near(NamedTuple):
    """Pairs of a truth and a track of one picture that are closer than the cut-off."""

    truth: Integers  # (e,) row
    track: Integers  # (e,) row
    distance_m: Floats


class Pictures(NamedTuple):
    """What every score is computed from."""

    instants_ns: Integers  # (k,)
    first: int  # first picture that counts; those before are for initiation alone
    objects: list[str]
    tracks: list[str]
    truth: States  # only objects that somebody could see
    track: States  # without tracks whose nearest truth is one that nobody could see
    near: Near
    axes: Floats  # (m, 2, 3) east and north of each track row
    covariance: Floats  # (m, 10) as in the track table; NaN where absent
    updated_ns: Integers  # (m,) last measurement; the instant itself where absent
    lives: Floats  # (2, names) number of shown states of each track, and of those near any truth

    @property
    def period_s(self) -> float:
        """Median time between pictures [s]."""
        return (
            float(np.median(np.diff(self.instants_ns))) / 1e9 if len(self.instants_ns) > 1 else 0.0
        )

    def counted(self, states: States) -> Flags:
        """(n,) which rows are in pictures that count."""
        return np.asarray(states.picture >= self.first, dtype=np.bool_)


def _axes(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """(n, 2, 3) unit vectors east and north in Earth-centred axes."""
    lat, lon = np.radians(latitude_deg), np.radians(longitude_deg)
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros(len(lon))], axis=1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=1)
    return np.stack([east, north], axis=1)


def _need(table: pa.Table, what: str, names: tuple[str, ...]) -> None:
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise SourceError(f"{what} have no column {', '.join(missing)}")
    for name in names:
        if table.column(name).null_count:
            raise SourceError(f"{what}: column {name} has rows without a value")


def _codes(column: pa.ChunkedArray) -> tuple[Integers, list[str]]:
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    encoded = pc.dictionary_encode(column).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no rows
        return np.zeros(0, np.int64), []
    names = [str(name) for name in encoded.dictionary.to_pylist()]
    return np.asarray(encoded.indices.to_numpy(), dtype=np.int64), names


def _states(table: pa.Table, name: Integers, picture: Integers) -> tuple[States, Floats]:
    latitude, longitude = floats(table, "latitude_deg"), floats(table, "longitude_deg")
    axes = _axes(latitude, longitude)
    speed = np.column_stack([floats(table, "east_mps"), floats(table, "north_mps")])
    place_m = geodetic_to_ecef_m(latitude, longitude, np.zeros(len(latitude)))
    return States(name, picture, place_m, np.einsum("na,nac->nc", speed, axes)), axes


def _pictures_of(tracks_ns: Integers, truth_ns: Integers) -> Integers:
    """Instants of the truth at which a picture was due, also where it was empty.

    Tracks come at a fixed period; the greatest common divisor of their distances is it, and an instant of
    the truth between two pictures is not held against anyone.
    """
    instants = np.unique(truth_ns)
    shown = np.unique(tracks_ns)
    if len(shown) < 2 or len(instants) == 0:
        return instants
    period = int(np.gcd.reduce(np.diff(shown)))
    return np.asarray(instants[(instants - shown[0]) % period == 0])


def align(tracks: pa.Table, truth: pa.Table, settings: ScoreSettings) -> Pictures:
    """Bring tracks and truth to common instants and find all near pairs.

    Distances are chords between points of the WGS 84 ellipsoid: below 2 km they differ from the geodesic by
    less than a millimetre, anywhere on Earth.

    Args:
        tracks: columns of the track table; ``covariance`` and ``updated_ns`` may be absent.
        truth: columns of the truth table; ``sensors_in_view`` may be absent.
        settings: cut-off, statuses that count, start.

    Raises:
        SourceError: a column is missing or empty, or no track state has an instant of the truth.
    """
    _need(truth, "truths", _TRUTH)
    _need(tracks, "tracks", _TRACK)
    shown = tracks.filter(pc.is_in(tracks.column("status"), pa.array(settings.statuses)))
    truth_ns, track_ns = (integers(t, "valid_ns", missing=0) for t in (truth, shown))
    instants = _pictures_of(track_ns, truth_ns)
    if len(instants) == 0:
        raise SourceError(
            "no instant of the truth is one of a picture: compare valid_ns of tracks and truth"
            if len(truth_ns)
            else "the truth has no rows"
        )
    tables = []
    for table, valid in ((truth, truth_ns), (shown, track_ns)):
        picture = np.minimum(np.searchsorted(instants, valid), len(instants) - 1)
        rows = np.flatnonzero(instants[picture] == valid)
        rows = rows[np.argsort(picture[rows], kind="stable")]
        tables.append((table.take(pa.array(rows)), picture[rows]))
    (truth, truth_picture), (shown, track_picture) = tables
    if len(track_ns) and shown.num_rows == 0:
        raise SourceError("no track state has an instant of the truth: compare their valid_ns")
    object_index, objects = _codes(truth.column("object_id"))
    track_index, names = _codes(shown.column("track_id"))
    true, _ = _states(truth, object_index, truth_picture)
    mine, axes = _states(shown, track_index, track_picture)
    near = _near(true, mine, len(instants), settings.cut_m)

    covered = np.ones(len(object_index), np.bool_)
    if "sensors_in_view" in truth.column_names:
        covered = integers(truth, "sensors_in_view", missing=1) > 0
    nearest = np.full(len(track_index), -1, np.int64)
    far_first = np.argsort(-near.distance_m, kind="stable")
    nearest[near.track[far_first]] = near.truth[far_first]  # the last one written is the nearest
    fair = (nearest < 0) | covered[nearest]
    lives = np.zeros((2, len(names)))
    np.add.at(lives[0], track_index, 1.0)
    np.add.at(lives[1], track_index, (nearest >= 0).astype(float))
    kept = covered[near.truth] & fair[near.track]
    new_truth, new_track = np.cumsum(covered) - 1, np.cumsum(fair) - 1
    near = Near(new_truth[near.truth[kept]], new_track[near.track[kept]], near.distance_m[kept])
    count = shown.num_rows
    covariance = np.full((count, 10), np.nan)
    if "covariance" in shown.column_names and count:
        flat = pc.list_flatten(shown.column("covariance")).to_numpy()
        if len(flat) != 10 * count:
            raise SourceError("tracks: column covariance must hold ten numbers in every row")
        covariance = np.asarray(flat, dtype=np.float64).reshape(count, 10)
    updated = instants[track_picture]
    if "updated_ns" in shown.column_names:
        updated = integers(shown, "updated_ns", missing=0)
    return Pictures(
        instants,
        int(np.searchsorted(instants, instants[0] + round(settings.since_s * 1e9))),
        objects,
        names,
        true.at(covered),
        mine.at(fair),
        near,
        axes[fair],
        covariance[fair],
        updated[fair],
        lives,
    )


def _near(true: States, mine: States, pictures: int, cut_m: float) -> Near:
    parts: list[tuple[Integers, Integers, Floats]] = []
    ends_true = np.searchsorted(true.picture, np.arange(pictures + 1))
    ends_mine = np.searchsorted(mine.picture, np.arange(pictures + 1))
    for k in range(pictures):
        a, b = int(ends_true[k]), int(ends_mine[k])
        i, j, distance = near_pairs(
            true.place_m[a : ends_true[k + 1]], mine.place_m[b : ends_mine[k + 1]], cut_m
        )
        parts.append((i + a, j + b, distance))
    return Near(*(np.concatenate([part[column] for part in parts]) for column in range(3)))
