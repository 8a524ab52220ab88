"""Stone Soup's trackers on the same plots, as well tuned as we could.

Stone Soup is optional (the ``bench`` extra) and imported inside. Its loop is written here because its own
one looks at every track for every scan: here each set of plots meets the tracks near it alone, by a k-d
tree, which makes it quicker and loses nothing.

Tuned with seed 11 on the scenes ``normal`` and ``manoeuvre`` cut to 40 and 100 objects, by some combinations
of process noise (5, 20, 60 m²/s³), gate (4 and 5 sigma) and plots that confirm (4, 6, 8); what helped GOSPA
was kept. Few plots confirm many tracks beside turning objects. Density of false plots follows the range, as
it does in truth. Plots are given in order of measurement, also where they arrive late: Stone Soup's filter
knows no other.
"""

from datetime import datetime, timedelta
from time import perf_counter, process_time
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from pyproj import Geod, Transformer
from scipy.spatial import cKDTree

from vedette.bench.fusion.watching import Watched
from vedette.model.columns import Flags, Floats, Integers, floats, integers
from vedette.model.frames import polar_to_geodetic_deg
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks as track_table
from vedette.sim.scene.flight import START_NS
from vedette.sim.scene.scene import Scene

_EPOCH: Final = datetime(2025, 9, 19)  # any instant: Stone Soup counts in datetimes
_WINDOW_S: Final = (
    0.1  # plots of one sensor within it share a time: 12 m at 250 m/s, below all noise
)
_ASSUMED_HEIGHT_M: Final = 7_000.0  # of plots without one, as our tracker assumes


class Tuning(msgspec.Struct, frozen=True, kw_only=True):
    """What was tuned."""

    process_noise: float = 60.0  # white acceleration [m²/s³]
    gate: float = 5.0  # sigma
    birth_speed_mps: float = 150.0  # per axis
    confirm_updates: int = 8
    life_periods: float = 4.0  # of the radars without a plot, confirmed
    tentative_periods: float = 1.6
    near_m: float = 6_000.0


class _Plane:
    """Azimuthal equidistant plane around the middle of a scene."""

    def __init__(self, centre_deg: tuple[float, float]) -> None:
        plane = f"+proj=aeqd +lat_0={centre_deg[0]} +lon_0={centre_deg[1]} +ellps=WGS84"
        self._to = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
        self._back = Transformer.from_crs(plane, "EPSG:4326", always_xy=True)

    def xy(self, latitude_deg: Floats, longitude_deg: Floats) -> Floats:
        return np.column_stack(self._to.transform(longitude_deg, latitude_deg))

    def geographic(self, xy_m: Floats, velocity_mps: Floats) -> tuple[Floats, Floats, Floats]:
        """Latitude, longitude, and (n, 2) east and north velocity."""
        lon, lat = self._back.transform(xy_m[:, 0], xy_m[:, 1])
        lon2, lat2 = self._back.transform(*(xy_m + velocity_mps).T)
        course, _, distance = Geod(ellps="WGS84").inv(lon, lat, lon2, lat2)
        angle = np.radians(course)
        return lat, lon, np.column_stack([distance * np.sin(angle), distance * np.cos(angle)])


def _placed(scene: Scene, plane: _Plane) -> tuple[Floats, Floats]:
    """(n, 2) places in the plane and (n, 2, 2) covariances of all plots."""
    plots = scene.plots
    n = plots.num_rows
    index = plots.column("sensor_id").combine_chunks().indices.to_numpy()
    xy, covariance = np.zeros((n, 2)), np.zeros((n, 2, 2))
    heights = np.full(n, np.nan)
    if "pressure_altitude_m" in plots.column_names:
        heights = floats(plots, "pressure_altitude_m")
    heights = np.where(np.isnan(heights), _ASSUMED_HEIGHT_M, heights)
    for number, site in enumerate(scene.sites):
        rows, sensor = np.flatnonzero(index == number), site.sensor
        if len(rows) == 0:
            continue
        if sensor.kind in ("ads_b", "mlat"):
            place = np.column_stack(
                [floats(plots, name)[rows] for name in ("latitude_deg", "longitude_deg")]
            )
            across = along = np.full(len(rows), sensor.range_sigma_m)
            angle = np.zeros(len(rows))
        else:
            where = (sensor.latitude_deg, sensor.longitude_deg, sensor.height_hae_m)
            range_m, azimuth = floats(plots, "range_m")[rows], floats(plots, "azimuth_rad")[rows]
            place = polar_to_geodetic_deg(where, range_m, azimuth, heights[rows])
            along = np.full(len(rows), sensor.range_sigma_m)
            across = np.maximum(range_m * sensor.azimuth_sigma_rad, 1.0)
            home = plane.xy(np.array([where[0]]), np.array([where[1]]))[0]
            ahead = plane.xy(place[:, 0], place[:, 1]) - home
            angle = np.arctan2(ahead[:, 0], ahead[:, 1])
        xy[rows] = plane.xy(place[:, 0], place[:, 1])
        sine, cosine = np.sin(angle), np.cos(angle)
        turn = np.stack([np.stack([sine, cosine], 1), np.stack([cosine, -sine], 1)], axis=2)
        scale = np.zeros((len(rows), 2, 2))
        scale[:, 0, 0], scale[:, 1, 1] = along**2, across**2
        covariance[rows] = turn @ scale @ turn.transpose(0, 2, 1)
    return xy, covariance


def _batches(scene: Scene) -> list[Integers]:
    """Rows of plots that are offered together: one sensor, a tenth of a second, in order of time."""
    plots = scene.plots
    sensor = plots.column("sensor_id").combine_chunks().indices.to_numpy().astype(np.int64)
    valid = integers(plots, "valid_ns", missing=0)
    window = (valid - START_NS) // round(_WINDOW_S * SECOND_NS)
    order = np.lexsort((valid, sensor, window))
    change: Flags = np.zeros(len(order), np.bool_)
    change[1:] = (np.diff(sensor[order]) != 0) | (np.diff(window[order]) != 0)
    return np.split(order, np.flatnonzero(change))


def _false_density(scene: Scene, range_m: float) -> float:
    """False plots per square metre and scan at a range: even in range and azimuth."""
    field = scene.settings.field
    reach = float(np.mean([site.sensor.range_max_m for site in scene.sites]))
    return max(field.false_plots, 0.1) / (2.0 * np.pi * max(range_m, 5_000.0) * reach)


def watch_stone_soup(scene: Scene, kind: str, tuning: Tuning = Tuning()) -> Watched:  # noqa: B008
    """Run Stone Soup over a scene: ``kind`` is "GNN" (2D assignment) or "JPDA" (with EHM2).

    Args:
        scene: at most 500 objects and 120 s, or it takes very long.
        kind: of association.
        tuning: see above.
    """
    from stonesoup.dataassociator.neighbour import GNNWith2DAssignment
    from stonesoup.hypothesiser.distance import DistanceHypothesiser
    from stonesoup.hypothesiser.probability import PDAHypothesiser
    from stonesoup.measures import Mahalanobis
    from stonesoup.models.measurement.linear import LinearGaussian
    from stonesoup.models.transition.linear import (
        CombinedLinearGaussianTransitionModel,
        ConstantVelocity,
    )
    from stonesoup.predictor.kalman import KalmanPredictor
    from stonesoup.types.detection import Detection
    from stonesoup.types.state import GaussianState
    from stonesoup.types.track import Track
    from stonesoup.updater.kalman import KalmanUpdater

    plane = _Plane(scene.settings.centre_deg)
    xy, covariance = _placed(scene, plane)
    slant = np.nan_to_num(floats(scene.plots, "range_m"), nan=100_000.0)
    predictor = KalmanPredictor(
        CombinedLinearGaussianTransitionModel([ConstantVelocity(tuning.process_noise)] * 2)
    )
    updater = KalmanUpdater(None)
    if kind == "GNN":
        hypothesiser = DistanceHypothesiser(predictor, updater, Mahalanobis(), tuning.gate)
        associator = GNNWith2DAssignment(hypothesiser)
    else:
        from pyehm.plugins.stonesoup import JPDAWithEHM2

        hypothesiser = PDAHypothesiser(
            predictor, updater, clutter_spatial_density=1e-9,
            prob_detect=scene.settings.field.detection, prob_gate=0.999,
        )  # fmt: skip
        associator = JPDAWithEHM2(hypothesiser)
    period_s = scene.settings.field.period_s
    live: list[_Live] = []
    rows: list[tuple[int, _Live, Any]] = []
    steps, work_s, picture, made = [], 0.0, 0, 0
    valid = integers(scene.plots, "valid_ns", missing=0)
    confirm = (tuning.confirm_updates, tuning.life_periods, tuning.tentative_periods)
    for batch in _batches(scene):
        first_s = float((valid[batch[0]] - START_NS) / SECOND_NS)
        while picture <= min(first_s, scene.settings.duration_s):
            begin, busy = perf_counter(), process_time()
            rows += _pictured(live, predictor, picture)
            live = [one for one in live if one.alive(picture, period_s, confirm)]
            work_s += process_time() - busy
            steps.append(perf_counter() - begin)
            picture += 1
        begin, busy = perf_counter(), process_time()
        now_s = round(first_s / _WINDOW_S) * _WINDOW_S
        now = _EPOCH + timedelta(seconds=now_s)
        detections = [
            Detection(
                xy[row], timestamp=now,
                measurement_model=LinearGaussian(4, (0, 2), covariance[row]),
            )
            for row in batch
        ]  # fmt: skip
        if kind == "JPDA":
            hypothesiser.clutter_spatial_density = _false_density(
                scene, float(np.median(slant[batch]))
            )
        left = list(range(len(detections)))
        for confirmed in (True, False):
            group = [one for one in live if one.confirmed == confirmed and one.updated_s < now_s]
            group = _near(group, xy[batch[left]], now_s, tuning.near_m) if left else []
            if not group:
                continue
            offered = {detections[k] for k in left}
            used = _associate(
                kind, associator, updater, {one.track: one for one in group}, offered, now, now_s,
                tuning.confirm_updates,
            )  # fmt: skip
            left = [k for k in left if detections[k] not in used]
        for k in left:
            spread = np.zeros((4, 4))
            spread[np.ix_([0, 2], [0, 2])] = covariance[batch[k]]
            spread[1, 1] = spread[3, 3] = tuning.birth_speed_mps**2
            x, y = xy[batch[k]]
            live.append(
                _Live(made, Track([GaussianState([x, 0, y, 0], spread, timestamp=now)]), now_s)
            )
            made += 1
        work_s += process_time() - busy
        steps.append(perf_counter() - begin)
    while picture <= scene.settings.duration_s:
        rows += _pictured(live, predictor, picture)
        picture += 1
    return Watched(_table(rows, plane), np.array(steps), len(valid), work_s, {})


class _Live:
    """One track and what its life depends on."""

    def __init__(self, number: int, track: Any, now_s: float) -> None:
        self.number, self.track = number, track
        self.updated_s, self.updates, self.confirmed = now_s, 1, False
        self.mean: Floats = np.asarray(track[-1].state_vector, dtype=np.float64).ravel()

    def took(self, state: Any, now_s: float, needed: int) -> None:
        self.track[-1] = state  # the past is not needed and would only cost memory
        self.updated_s, self.updates = now_s, self.updates + 1
        self.confirmed = self.confirmed or self.updates >= needed
        self.mean = np.asarray(state.state_vector, dtype=np.float64).ravel()

    def alive(self, now_s: float, period_s: float, rule: tuple[int, float, float]) -> bool:
        return now_s - self.updated_s <= period_s * (rule[1] if self.confirmed else rule[2])


def _near(group: list[_Live], places_m: Floats, now_s: float, near_m: float) -> list[_Live]:
    """Tracks that any of the plots may belong to, by a k-d tree of the plots."""
    if not group:
        return []
    mean = np.array([one.mean for one in group])
    age = now_s - np.array([one.updated_s for one in group])
    ahead = mean[:, [0, 2]] + age[:, None] * mean[:, [1, 3]]
    distance, _ = cKDTree(places_m).query(ahead, distance_upper_bound=near_m)
    return [group[k] for k in np.flatnonzero(np.isfinite(distance))]


def _associate(
    kind: str, associator: Any, updater: Any, by_track: dict[Any, _Live], offered: set[Any],
    now: datetime, now_s: float, needed: int,
) -> set[Any]:  # fmt: skip
    """Update the tracks of one set of plots; the plots that they took."""
    from stonesoup.functions import gm_reduce_single
    from stonesoup.types.array import StateVectors
    from stonesoup.types.update import GaussianStateUpdate

    used: set[Any] = set()
    for track, hypothesis in associator.associate(set(by_track), offered, now).items():
        if kind == "GNN":
            if hypothesis:
                by_track[track].took(updater.update(hypothesis), now_s, needed)
                used.add(hypothesis.measurement)
            continue
        states, weights, seen = [], [], 0.0
        for single in hypothesis:
            if single:
                states.append(updater.update(single))
                seen += float(single.probability)
                if float(single.probability) > 0.1:
                    used.add(single.measurement)
            else:
                states.append(single.prediction)
            weights.append(float(single.probability))
        if seen < 0.3:
            continue
        mean, spread = gm_reduce_single(
            StateVectors([state.state_vector for state in states]),
            np.stack([state.covar for state in states], axis=2),
            np.asarray(weights),
        )
        by_track[track].took(GaussianStateUpdate(mean, spread, hypothesis, now), now_s, needed)
    return used


def _pictured(live: list[_Live], predictor: Any, second: int) -> list[tuple[int, _Live, Any]]:
    when = _EPOCH + timedelta(seconds=second)
    return [
        (second, one, _plain(predictor.predict(one.track, timestamp=when)))
        for one in live
        if one.confirmed and one.updated_s <= second
    ]


def _plain(state: Any) -> tuple[Floats, Floats]:
    return (
        np.asarray(state.state_vector, dtype=np.float64).ravel(),
        np.asarray(state.covar, dtype=np.float64),
    )


def _table(rows: list[tuple[int, _Live, Any]], plane: _Plane) -> pa.Table:
    """Pictures as TRACK rows."""
    seconds = np.array([row[0] for row in rows], dtype=np.int64)
    mean = np.array([row[2][0] for row in rows]).reshape(-1, 4)
    # from (x, vx, y, vy) to (x, y, vx, vy)
    order = np.ix_([0, 2, 1, 3], [0, 2, 1, 3])
    upper = np.triu_indices(4)
    packed = np.array([row[2][1][order][upper] for row in rows]).reshape(-1, 10)
    lat, lon, speed = plane.geographic(mean[:, [0, 2]], mean[:, [1, 3]])
    # the plane's axes are turned against north by a few degrees: NEES is nearly blind to it
    valid = START_NS + seconds * SECOND_NS
    count = len(rows)
    return track_table(
        track_id=[f"S{row[1].number:06d}" for row in rows], valid_ns=valid, latitude_deg=lat,
        longitude_deg=lon, east_mps=speed[:, 0], north_mps=speed[:, 1],
        covariance=pa.FixedSizeListArray.from_arrays(pa.array(packed.ravel()), 10),
        status=["confirmed"] * count, birth_ns=valid, updated_ns=valid,
        updates=np.ones(count, np.int32), sensors=[[] for _ in rows], kinds=[[] for _ in rows],
    )  # fmt: skip
