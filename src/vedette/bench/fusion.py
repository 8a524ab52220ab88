"""How fast, how exact and how honest the air picture is, on seeded scenes.

The scenes of this module are small and its own: straight flights and coordinated turns over a sphere, seen
by rotating radars with noise, missed detections and false plots.
"""

from time import perf_counter
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from vedette.bench.row import Row
from vedette.fusion.picture import initial, step
from vedette.fusion.settings import FusionSettings
from vedette.model.columns import Floats, Integers
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import plots
from vedette.model.sensor import Sensor, SensorKind
from vedette.model.time import SECOND_NS

EARTH_M = 6_371_008.8
START_NS = 1_758_265_200 * SECOND_NS
CUT_M = 1_000.0


class Flights(NamedTuple):
    """Truth: one row per flight; courses are great circles or turns of constant rate on a sphere."""

    latitude_deg: Floats
    longitude_deg: Floats
    height_hae_m: Floats
    speed_mps: Floats
    course_rad: Floats
    turn_rps: Floats  # to the right, between turn_from_s and turn_to_s
    turn_from_s: Floats
    turn_to_s: Floats
    wander: float = 0.0  # density of white acceleration in both axes [m²/s³]
    wander_seed: int = 0


class Truth(NamedTuple):
    """Flights at whole seconds: (t, n) arrays."""

    latitude_deg: Floats
    longitude_deg: Floats
    east_mps: Floats
    north_mps: Floats


def straight(
    latitude_deg: Floats, longitude_deg: Floats, height_hae_m: Floats, speed_mps: Floats,
    course_rad: Floats,
) -> Flights:  # fmt: skip
    """Flights that never turn."""
    none = np.zeros(len(latitude_deg))
    return Flights(
        latitude_deg, longitude_deg, height_hae_m, speed_mps, course_rad, none, none, none
    )


def fly(flights: Flights, times_s: Floats) -> Truth:
    """Truth at ascending times, integrated in steps of at most 0.25 s."""
    latitude, longitude = np.radians(flights.latitude_deg), np.radians(flights.longitude_deg)
    course, speed_mps = flights.course_rad.copy(), flights.speed_mps.copy()
    shrink = 1.0 + flights.height_hae_m / EARTH_M
    rng = np.random.default_rng(flights.wander_seed)
    rows: list[tuple[Floats, Floats, Floats, Floats]] = []
    now_s = 0.0
    for time_s in times_s:
        while now_s < time_s - 1e-9:
            dt_s = min(0.25, time_s - now_s)
            turning = (now_s >= flights.turn_from_s) & (now_s < flights.turn_to_s)
            half = course + np.where(turning, flights.turn_rps, 0.0) * dt_s / 2.0
            # along the great circle of the mean course; the course itself turns with the meridians
            angle = speed_mps / shrink * dt_s / EARTH_M
            sine = np.sin(latitude) * np.cos(angle) + np.cos(latitude) * np.sin(angle) * np.cos(
                half
            )
            step_lon = np.arctan2(
                np.sin(half) * np.sin(angle) * np.cos(latitude),
                np.cos(angle) - np.sin(latitude) * sine,
            )
            latitude = np.arcsin(np.clip(sine, -1.0, 1.0))
            longitude = longitude + step_lon
            course = course + np.where(turning, flights.turn_rps, 0.0) * dt_s
            course = course + step_lon * np.sin(latitude)
            if flights.wander > 0.0:
                push = rng.normal(scale=np.sqrt(flights.wander * dt_s), size=(2, len(course)))
                course = course + push[0] / np.maximum(speed_mps, 1.0)
                speed_mps = speed_mps + push[1]
            now_s += dt_s
        rows.append(
            (
                np.degrees(latitude),
                (np.degrees(longitude) + 180.0) % 360.0 - 180.0,
                speed_mps * np.sin(course),
                speed_mps * np.cos(course),
            )
        )
    return Truth(*(np.array([row[k] for row in rows]) for k in range(4)))


def radar(
    sensor_id: str, latitude_deg: float, longitude_deg: float, *, kind: SensorKind = "psr",
    period_s: float = 10.0, range_max_m: float = 400_000.0,
) -> Sensor:  # fmt: skip
    """A long-range radar with the accuracy of the model's defaults."""
    return Sensor(
        sensor_id=sensor_id, kind=kind, latitude_deg=latitude_deg, longitude_deg=longitude_deg,
        height_hae_m=50.0, period_s=period_s, range_max_m=range_max_m,
    )  # fmt: skip


def observe(
    flights: Flights, sensors: tuple[Sensor, ...], duration_s: int, rng: np.random.Generator, *,
    false_plots: float = 0.0, heights: bool = False, addresses: bool = False,
) -> pa.Table:  # fmt: skip
    """Plots of every sensor: radars sweep, geographic sources report once a period.

    ``false_plots`` is the mean number in each turn of a radar, even in range and azimuth.
    """
    times_s = np.arange(0.0, duration_s + 1e-9, 0.5)
    truth = fly(flights, times_s)
    parts: list[pa.Table] = []
    for sensor in sensors:
        site = (sensor.latitude_deg, sensor.longitude_deg, sensor.height_hae_m)
        shape = truth.latitude_deg.shape
        phase_s = rng.uniform(0.0, sensor.period_s)
        polar = sensor.kind in ("psr", "ssr", "mode_s")
        places = np.column_stack(
            [
                truth.latitude_deg.ravel(), truth.longitude_deg.ravel(),
                np.broadcast_to(flights.height_hae_m, shape).ravel(),
            ]
        )  # fmt: skip
        seen_from = geodetic_to_polar(site, places).reshape(*shape, 3) if polar else None
        for turn in range(-1, int(duration_s / sensor.period_s) + 1):
            start_s = turn * sensor.period_s + phase_s
            if seen_from is not None:
                part = _sweep(sensor, seen_from, start_s, duration_s, rng, false_plots)
            else:
                part = _report(truth, sensor, start_s, duration_s, rng)
            when_s, columns, who = part
            if len(when_s) == 0:
                continue
            valid = START_NS + np.round(when_s * 1e9).astype(np.int64)
            real = who >= 0
            index = np.maximum(who, 0)
            if heights:
                height = np.where(real, flights.height_hae_m[index], np.nan)
                columns["pressure_altitude_m"] = height + rng.normal(0.0, 8.0, len(who))
            if addresses:
                columns["icao24"] = pa.array(index + 0x400000, pa.uint32(), mask=~real)
            parts.append(
                plots(
                    sensor_id=[sensor.sensor_id] * len(who), kind=[sensor.kind] * len(who),
                    valid_ns=valid, received_ns=valid, **columns,
                )
            )  # fmt: skip
    return pa.concat_tables(parts)


def _sweep(
    sensor: Sensor, seen_from: Floats, start_s: float, duration_s: float,
    rng: np.random.Generator, false_plots: float,
) -> tuple[Floats, dict[str, object], Integers]:  # fmt: skip
    """One turn of an antenna: each object when the beam passes it."""
    n = seen_from.shape[1]
    who = np.arange(n)
    when_s = np.full(n, start_s)
    polar = seen_from[0]
    for _ in range(3):
        at = np.clip(when_s * 2.0, 0.0, seen_from.shape[0] - 1.001)
        low, share = at.astype(np.int64), at - at.astype(np.int64)
        first, then = seen_from[low, who], seen_from[low + 1, who]
        turn = (then[:, 1] - first[:, 1] + np.pi) % (2.0 * np.pi) - np.pi
        azimuth = (first[:, 1] + share * turn) % (2.0 * np.pi)
        polar = np.column_stack(
            [first[:, 0] + share[:] * (then[:, 0] - first[:, 0]), azimuth, first[:, 2]]
        )
        when_s = start_s + azimuth / (2.0 * np.pi) * sensor.period_s
    seen = (
        (rng.random(n) < sensor.detection_probability)
        & (polar[:, 0] < sensor.range_max_m)
        & (polar[:, 2] > -0.003)  # the smooth horizon, refraction included
        & (when_s >= 0.0)
        & (when_s < duration_s)
    )
    noise = rng.normal(size=(2, n))
    false = int(rng.poisson(false_plots))
    range_m = np.concatenate(
        [
            (polar[:, 0] + sensor.range_sigma_m * noise[0])[seen],
            rng.uniform(2_000.0, sensor.range_max_m, false),
        ]
    )
    azimuth_rad = np.concatenate(
        [
            (polar[:, 1] + sensor.azimuth_sigma_rad * noise[1])[seen],
            rng.uniform(0.0, 2.0 * np.pi, false),
        ]
    ) % (2.0 * np.pi)
    times = np.concatenate(
        [when_s[seen], start_s + azimuth_rad[int(seen.sum()) :] / (2.0 * np.pi) * sensor.period_s]
    )
    who = np.concatenate([who[seen], np.full(false, -1)])
    inside = (times >= 0.0) & (times < duration_s)
    columns: dict[str, object] = {"range_m": range_m[inside], "azimuth_rad": azimuth_rad[inside]}
    return times[inside], columns, who[inside]


def _report(
    truth: Truth, sensor: Sensor, start_s: float, duration_s: float, rng: np.random.Generator
) -> tuple[Floats, dict[str, object], Integers]:
    """One period of position reports, each flight at its own moment."""
    n = truth.latitude_deg.shape[1]
    who: Integers = np.arange(n, dtype=np.int64)
    when_s = np.asarray(start_s + (who * 0.37 % 1.0) * sensor.period_s, dtype=np.float64)
    seen = (rng.random(n) < sensor.detection_probability) & (when_s >= 0.0) & (when_s < duration_s)
    who, when_s = who[seen], when_s[seen]
    at = np.clip(when_s * 2.0, 0.0, truth.latitude_deg.shape[0] - 1.001)
    low, share = at.astype(np.int64), at - at.astype(np.int64)
    latitude = truth.latitude_deg[low, who] * (1 - share) + truth.latitude_deg[low + 1, who] * share
    turn = (
        truth.longitude_deg[low + 1, who] - truth.longitude_deg[low, who] + 180.0
    ) % 360.0 - 180.0
    longitude = truth.longitude_deg[low, who] + share * turn
    noise = rng.normal(size=(2, len(who))) * np.degrees(sensor.range_sigma_m / EARTH_M)
    columns: dict[str, object] = {
        "latitude_deg": np.clip(latitude + noise[0], -90.0, 90.0),
        "longitude_deg": longitude + noise[1] / np.maximum(np.cos(np.radians(latitude)), 1e-6),
    }
    return when_s, columns, who


class Score(NamedTuple):
    """Errors of confirmed tracks against truth, from ``since_s`` on."""

    errors_m: Floats  # of every matched pair
    nees: Floats  # position and velocity: four degrees of freedom
    speed_errors_mps: Floats
    gospa_m: float  # mean over the pictures; cut-off 1 km, order 2
    missed: float  # share of truth without a track
    false: int  # states of tracks without a truth
    switches: int  # a truth whose track is another than before
    ids: int  # different tracks that were ever confirmed


def compare(picture: pa.Table, truth: Truth, since_s: int) -> Score:
    """Pair each picture with the truth at its second, nearest first, within 1 km."""
    live = picture.filter(
        np.isin(picture.column("status").to_numpy(zero_copy_only=False), ["confirmed", "coasting"])
    )
    valid = (live.column("valid_ns").to_numpy() - START_NS) // SECOND_NS
    names = live.column("track_id").to_numpy(zero_copy_only=False)
    latitude, longitude = (
        live.column("latitude_deg").to_numpy(),
        live.column("longitude_deg").to_numpy(),
    )
    velocity = np.column_stack(
        [live.column("east_mps").to_numpy(), live.column("north_mps").to_numpy()]
    )
    packed = live.column("covariance").combine_chunks().flatten().to_numpy().reshape(-1, 10)
    upper = np.triu_indices(4)
    errors, nees, speeds, gospa = [], [], [], []
    missed = truths = false = switches = 0
    last: dict[int, str] = {}
    for second in range(since_s, truth.latitude_deg.shape[0]):
        rows = np.flatnonzero(valid == second)
        t_lat, t_lon = truth.latitude_deg[second], truth.longitude_deg[second]
        truths += len(t_lat)
        north = np.radians(latitude[rows, None] - t_lat[None]) * EARTH_M
        turn = (longitude[rows, None] - t_lon[None] + 180.0) % 360.0 - 180.0
        east = np.radians(turn) * EARTH_M * np.cos(np.radians(t_lat))[None]
        # the ellipsoid's radii differ by up to 0.5 % from the sphere's, of an error: nothing
        distance = np.hypot(east, north)
        pairs = np.argwhere(distance < CUT_M)
        # who was paired stays paired while both are near: crossing is not swapping (CLEAR MOT)
        kept = np.array([last.get(t) == names[rows[r]] for r, t in pairs.tolist()], dtype=np.bool_)
        pairs = pairs[np.lexsort((distance[pairs[:, 0], pairs[:, 1]], ~kept))]
        used_r, used_t = set[int](), set[int]()
        cost = 0.0
        for r, t in pairs.tolist():
            if r in used_r or t in used_t:
                continue
            used_r.add(r)
            used_t.add(t)
            row = rows[r]
            matrix = np.zeros((4, 4))
            matrix[upper] = packed[row]
            matrix = matrix + np.triu(matrix, 1).T
            error = np.array(
                [
                    east[r, t], north[r, t], velocity[row, 0] - truth.east_mps[second, t],
                    velocity[row, 1] - truth.north_mps[second, t],
                ]
            )  # fmt: skip
            errors.append(distance[r, t])
            nees.append(float(error @ np.linalg.solve(matrix, error)))
            speeds.append(float(np.hypot(error[2], error[3])))
            cost += distance[r, t] ** 2
            if t in last and last[t] != names[row]:
                switches += 1
            last[t] = names[row]
        missed += len(t_lat) - len(used_t)
        false += len(rows) - len(used_r)
        unpaired = len(t_lat) - len(used_t) + len(rows) - len(used_r)
        gospa.append(np.sqrt(cost + CUT_M**2 / 2.0 * unpaired))
    return Score(
        np.array(errors), np.array(nees), np.array(speeds), float(np.mean(gospa)),
        missed / max(truths, 1), false, switches, len(set(names)),
    )  # fmt: skip


def watch(
    seen: pa.Table, sensors: tuple[Sensor, ...], duration_s: int, settings: FusionSettings
) -> tuple[pa.Table, float]:
    """Pictures at every second, and the seconds of work that they took."""
    order = np.argsort(seen.column("valid_ns").to_numpy(), kind="stable")
    seen = seen.take(pa.array(order)).combine_chunks()
    valid = seen.column("valid_ns").to_numpy()
    bounds = np.searchsorted(
        valid, START_NS + np.arange(-1, duration_s + 1) * SECOND_NS, side="right"
    )
    state, pictures, work_s = initial(settings), [], 0.0
    for second in range(duration_s + 1):
        part = seen.slice(int(bounds[second]), int(bounds[second + 1] - bounds[second]))
        begin = perf_counter()
        state, output = step(settings, state, part, sensors, START_NS + second * SECOND_NS)
        work_s += perf_counter() - begin
        pictures.append(output.tracks)
    return pa.concat_tables(pictures), work_s


def traffic(count: int, rng: np.random.Generator, *, side_deg: float = 4.0) -> Flights:
    """Jets and slower aircraft over a square around 56° N 12° E; some turn once."""
    turning = rng.random(count) < 0.3
    rate = np.radians(rng.uniform(1.0, 3.0, count)) * rng.choice([-1.0, 1.0], count)
    begin = rng.uniform(20.0, 80.0, count)
    return Flights(
        56.0 + rng.uniform(-side_deg, side_deg, count) / 2.0,
        12.0 + rng.uniform(-side_deg, side_deg, count),
        rng.uniform(3_000.0, 12_000.0, count),
        rng.uniform(60.0, 280.0, count),
        rng.uniform(0.0, 2.0 * np.pi, count),
        np.where(turning, rate, 0.0),
        begin,
        begin + rng.uniform(15.0, 45.0, count),
    )


def ring(count: int, *, kind: SensorKind = "psr", period_s: float = 10.0) -> tuple[Sensor, ...]:
    """Radars spread over the square of ``traffic``."""
    side = int(np.ceil(np.sqrt(count)))
    return tuple(
        radar(
            f"radar-{k:03d}", 54.3 + 3.4 * ((k // side) + 0.5) / side,
            8.5 + 7.0 * ((k % side) + 0.5) / side, kind=kind, period_s=period_s,
        )
        for k in range(count)
    )  # fmt: skip


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Speed, accuracy, honesty and false tracks; ``quick`` uses small scenes."""
    settings = FusionSettings()
    rng = np.random.default_rng(seed)
    rows: list[Row] = []

    trio = ring(3)
    warm = observe(traffic(3, rng), trio, 30, rng, heights=True)
    watch(warm, trio, 30, settings)  # compiles or loads the kernels

    duration_s = 60 if quick else 120
    errors, nees = [], []
    for _ in range(4 if quick else 30):
        jets = straight(
            56.0 + rng.uniform(-0.5, 0.5, 3), 12.0 + rng.uniform(-0.5, 0.5, 3),
            rng.uniform(7_000.0, 11_000.0, 3), rng.uniform(170.0, 300.0, 3),
            rng.uniform(0.0, 2.0 * np.pi, 3),
        )  # fmt: skip
        seen = observe(jets, trio, duration_s, rng, heights=True)
        picture, _ = watch(seen, trio, duration_s, settings)
        score = compare(picture, fly(jets, np.arange(duration_s + 1.0)), 40)
        errors.append(score.errors_m)
        nees.append(score.nees)
    rows += [
        Row(
            area="fusion", name="position error, 3 radars of 10 s, straight jets",
            value=float(np.sqrt(np.mean(np.concatenate(errors) ** 2))), unit="m RMS",
            target="50 to 120", note="heights by Mode C",
        ),
        Row(
            area="fusion", name="NEES of the same, 4 degrees of freedom",
            value=float(np.mean(np.concatenate(nees))), unit="",
            target="near 4; below: cautious", note="truth is exactly straight",
        ),
    ]  # fmt: skip

    count, sites, period_s = (300, 6, 4.0) if quick else (10_000, 20, 4.0)
    sensors = ring(sites, period_s=period_s)
    crowd = traffic(count, rng, side_deg=6.0)
    duration_s = 16 if quick else 24
    seen = observe(crowd, sensors, duration_s, rng, heights=True)
    picture, work_s = watch(seen, sensors, duration_s, settings)
    rows.append(
        Row(
            area="fusion", name=f"speed, {count} aircraft x {sites} radars",
            value=seen.num_rows / work_s, unit="plots/s", target="≥ 1e6 (issue of the tracker)",
            note="one core, pictures of every second included",
        )
    )  # fmt: skip

    duration_s = 60 if quick else 600
    sensors = ring(8, period_s=4.0)
    nobody = straight(*(np.zeros(0) for _ in range(5)))
    seen = observe(nobody, sensors, duration_s, rng, false_plots=50.0)
    picture, _ = watch(seen, sensors, duration_s, settings)
    confirmed = picture.filter(
        np.isin(picture.column("status").to_numpy(zero_copy_only=False), ["confirmed"])
    )
    rows.append(
        Row(
            area="fusion", name="false tracks, 8 radars, 50 false plots a turn",
            value=len(confirmed.column("track_id").unique()) * 3600.0 / duration_s, unit="per hour",
            target="≤ 1", note=f"{duration_s} s without any aircraft",
        )
    )  # fmt: skip
    return rows
