"""Which tracks are inside which zones now, and how sure that is."""

import math
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import pyarrow as pa

from vedette.model import columns
from vedette.model.columns import Floats, Integers
from vedette.model.errors import ShapeError
from vedette.model.zone import Zone, ZoneKind
from vedette.watch import _kernels
from vedette.watch.settings import WatchSettings
from vedette.watch.timetable import timetable
from vedette.watch.zone_facts import height_margins, zone_facts


class Zones(Protocol):
    """What we ask of an index of zones; ``airspace.index.ZoneIndex`` is one."""

    @property
    def zones(self) -> Sequence[Zone]:
        """All zones; positions in it are what the other methods speak of."""
        ...

    @property
    def geometries(self) -> Sequence[Any]:
        """Their polygons; the sun rises over the middle of each."""
        ...

    def row_of(self, zone_id: str) -> int:
        """Position of a zone; KeyError when it is not there."""
        ...

    def near(
        self,
        latitude_deg: Floats,
        longitude_deg: Floats,
        radius_m: Floats | float,
        kinds: Collection[ZoneKind] | None = None,
    ) -> tuple[Integers, Integers]:
        """Pairs of a point and a zone that it is in or within its radius of."""
        ...

    def near_of(
        self, latitude_deg: Floats, longitude_deg: Floats, radius_m: Floats | float, wanted: Any
    ) -> tuple[Integers, Integers]:
        """As ``near``, of the zones whose flag in ``wanted``, (zones,) uint8, is 1."""
        ...

    def locate(
        self,
        latitude_deg: Floats,
        longitude_deg: Floats,
        kinds: Collection[ZoneKind] | None = None,
    ) -> tuple[Integers, Integers]:
        """Pairs of a point and a zone that it is in, sorted."""
        ...

    def boundary(
        self, latitude_deg: Floats, longitude_deg: Floats, zone: Integers
    ) -> tuple[Floats, Floats]:
        """Distances to the boundary [m], positive inside, and azimuths towards it [rad]."""
        ...

    def measured(
        self, latitude_deg: Floats, longitude_deg: Floats, zone: Integers
    ) -> tuple[Floats, Floats, Floats]:
        """As ``boundary``, with the accuracy of the boundary at its nearest place [m]."""
        ...


class Picture(NamedTuple):
    """The columns of a track table that watching needs, as arrays of (n,) and one of (n, 10)."""

    track_id: list[str]
    valid_ns: Integers
    updated_ns: Integers
    latitude_deg: Floats
    longitude_deg: Floats
    east_mps: Floats
    north_mps: Floats
    covariance: Floats  # upper triangle, as in the track table
    height_hae_m: Floats
    pressure_altitude_m: Floats
    height_sigma_m: Floats
    turn_probability: Floats
    up_mps: Floats
    turn_radps: Floats  # to the right; NaN unknown
    restless_radps: Floats  # turn either way, averaged over the last minute and a half; NaN unknown
    names: pa.ChunkedArray | None = None  # the column that ``track_id`` was read from

    @classmethod
    def of(cls, tracks: pa.Table, before: "Picture | None" = None) -> "Picture":
        """The picture of a track table, row by row; names that are those of ``before`` are not read again."""
        rows = tracks.num_rows
        names = tracks.column("track_id")
        same = before is not None and before.names is not None and names.equals(before.names)
        covariance = tracks.column("covariance").combine_chunks()
        if isinstance(covariance, pa.ChunkedArray):
            covariance = pa.concat_arrays(covariance.chunks)
        return cls(
            before.track_id if before is not None and same else names.to_pylist(),
            columns.integers(tracks, "valid_ns", missing=0),
            columns.integers(tracks, "updated_ns", missing=0),
            columns.floats(tracks, "latitude_deg"),
            columns.floats(tracks, "longitude_deg"),
            columns.floats(tracks, "east_mps"),
            columns.floats(tracks, "north_mps"),
            np.asarray(covariance.flatten().to_numpy(zero_copy_only=False)).reshape(rows, 10),
            columns.floats(tracks, "height_hae_m"),
            columns.floats(tracks, "pressure_altitude_m"),
            columns.floats(tracks, "height_sigma_m"),
            columns.floats(tracks, "turn_probability"),
            columns.floats(tracks, "up_mps"),
            np.full(rows, np.nan),
            np.full(rows, np.nan),
            names,
        )

    def take(self, rows: Integers) -> "Picture":
        """Some rows of it, in the order asked for."""
        return Picture(
            [self.track_id[row] for row in rows.tolist()],
            self.valid_ns[rows],
            self.updated_ns[rows],
            self.latitude_deg[rows],
            self.longitude_deg[rows],
            self.east_mps[rows],
            self.north_mps[rows],
            self.covariance[rows],
            self.height_hae_m[rows],
            self.pressure_altitude_m[rows],
            self.height_sigma_m[rows],
            self.turn_probability[rows],
            self.up_mps[rows],
            self.turn_radps[rows],
            self.restless_radps[rows],
        )


class Membership(NamedTuple):
    """Pairs of a track and a zone, (k,) each. ``margin`` is the distance inside in standard deviations."""

    row: Integers
    zone: Integers
    distance_m: Floats  # to the boundary on the ground, positive inside
    azimuth_rad: Floats  # towards the boundary
    track_sigma_m: Floats  # of the track alone, towards the boundary
    sigma_m: Floats  # of the track and of the boundary as drawn
    margin: (
        Floats  # least of the distance and the heights to floor and ceiling, each over its sigma
    )
    probability: Floats  # that the object is inside now
    height_margin: Floats  # of the heights alone; infinite in a zone without floor and ceiling
    boundary_sigma_m: Floats  # of the boundary as drawn, at the nearest place


def probability(margin: Floats) -> Floats:
    """(n,) standard normal probabilities of (n,) margins.

    >>> probability(np.array([0.0, 1.959963984540054])).round(3)
    array([0.5  , 0.975])
    """
    flat = np.ascontiguousarray(margin, dtype=np.float64).ravel()
    out = np.empty(len(flat))
    _kernels.normal_cdf(flat, out)
    return out.reshape(np.shape(margin))


def along(covariance: Floats, azimuth_rad: Floats) -> Floats:
    """(n,) standard deviations [m] of positions along azimuths.

    Args:
        covariance: (n, 10) upper triangles as in the track table.
        azimuth_rad: (n,) directions clockwise from true north [rad].

    Raises:
        ShapeError: they do not pair up.

    >>> along(np.array([[9.0, 0, 0, 0, 16.0, 0, 0, 0, 0, 0]]), np.array([np.pi / 2]))
    array([3.])
    """
    if covariance.shape != (len(azimuth_rad), 10):
        raise ShapeError(expected=(len(azimuth_rad), 10), actual=covariance.shape)
    east, north = np.sin(azimuth_rad), np.cos(azimuth_rad)
    variance = (
        east * east * covariance[:, 0]
        + 2.0 * east * north * covariance[:, 1]
        + north * north * covariance[:, 4]
    )
    result: Floats = np.sqrt(np.maximum(variance, 0.0))
    return result


def membership(
    settings: WatchSettings,
    picture: Picture,
    zones: Zones,
    radius_m: Floats | float,
    extra: tuple[Integers, Integers] | None = None,
) -> Membership:
    """All pairs of tracks and zones of ``settings.kinds`` in force that are inside or within a radius.

    P(inside) = Phi(d / sigma) with sigma² = n'Pn + boundary_sigma², n towards the nearest place of the
    boundary and boundary_sigma its accuracy there; times the probability of being between floor and ceiling
    where the zone has them.

    Args:
        settings: kinds and datum uncertainties.
        picture: n tracks.
        zones: the index.
        radius_m: (n,) or one radius [m].
        extra: rows and zones to be looked at besides, whatever their distance and whether in force.

    Returns:
        Pairs sorted by row, then zone.
    """
    rows, which = zones.near(
        picture.latitude_deg, picture.longitude_deg, radius_m, kinds=settings.kinds
    )
    in_force = timetable(zones).active(which, picture.valid_ns[rows])
    rows, which = rows[in_force], which[in_force]
    if extra is not None and len(extra[0]):
        count = len(zones.zones)
        keys = np.unique(np.concatenate((rows * count + which, extra[0] * count + extra[1])))
        rows, which = keys // count, keys % count
    return measured(settings, picture, zones, rows, which)


def measured(
    settings: WatchSettings, picture: Picture, zones: Zones, rows: Integers, which: Integers
) -> Membership:
    """(k,) pairs of rows of a picture and of zones, by position, as ``membership`` gives them."""
    facts = zone_facts(zones)
    distance_m, azimuth_rad, boundary_sigma_m = zones.measured(
        picture.latitude_deg[rows], picture.longitude_deg[rows], which
    )
    track_sigma_m = along(picture.covariance[rows], azimuth_rad)
    sigma_m = np.maximum(np.hypot(track_sigma_m, boundary_sigma_m), 1e-3)
    margin = distance_m / sigma_m
    inside = probability(margin)
    height_margin = np.full(len(margin), np.inf)
    limited = np.flatnonzero(facts.limited[which])
    if len(limited):
        at = rows[limited]
        floor, ceiling = height_margins(
            settings,
            facts,
            which[limited],
            picture.height_hae_m[at],
            picture.pressure_altitude_m[at],
            picture.height_sigma_m[at],
        )
        inside[limited] *= np.maximum(probability(floor) + probability(ceiling) - 1.0, 0.0)
        height_margin[limited] = np.minimum(floor, ceiling)
        margin = np.minimum(margin, height_margin)
    return Membership(
        rows,
        which,
        distance_m,
        azimuth_rad,
        track_sigma_m,
        sigma_m,
        margin,
        inside,
        height_margin,
        boundary_sigma_m,
    )


def speed_mps(picture: Picture) -> Floats:
    """(n,) ground speeds [m/s]."""
    result: Floats = np.hypot(picture.east_mps, picture.north_mps)
    return result


def states(picture: Picture) -> Floats:
    """(n, 4) latitude, longitude [degrees], east, north [m/s]."""
    p = picture
    return np.column_stack((p.latitude_deg, p.longitude_deg, p.east_mps, p.north_mps))


def angle_between_rad(first_rad: float, second_rad: float) -> float:
    """Smallest angle between two azimuths [rad]."""
    return abs(math.remainder(first_rad - second_rad, math.tau))
