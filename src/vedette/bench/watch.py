"""Figures of the watch stage: time for one tick, and how often its intervals hold the truth.

The scenes are also what the tests of ``watch`` fly: objects on known paths in a plane, seen by three radars of
10 s and tracked by a small Kalman filter of this module's own, so that watching is measured without fusion.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyproj
import shapely

from vedette.airspace.index import ZoneIndex
from vedette.bench.row import Row
from vedette.model.assessment import Assessment
from vedette.model.columns import Floats
from vedette.model.incident import Crossing, Incident
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks
from vedette.model.zone import Border, Hours, Limit, Zone, ZoneKind
from vedette.watch.incidents import WatchOutput, WatchState, finish, initial, step
from vedette.watch.settings import WatchSettings

ORIGIN_DEG = (59.8, 26.5)  # the Gulf of Finland, where the demo flies
START_NS = 1_758_265_080 * SECOND_NS
Path = Callable[[Floats], Floats]  # (t,) seconds to (t, 2) east and north [m]


class Radar(NamedTuple):
    """A radar of the scenes."""

    east_m: float
    north_m: float
    offset_s: float
    period_s: float = 10.0
    range_sigma_m: float = 70.0
    azimuth_sigma_rad: float = math.radians(0.08)


RADARS = (
    Radar(-60_000.0, -50_000.0, 0.0),
    Radar(15_000.0, -70_000.0, 3.1),
    Radar(80_000.0, -30_000.0, 6.7),
)


def plane() -> pyproj.Proj:
    """The plane of the scenes: azimuthal equidistant about ``ORIGIN_DEG``."""
    return pyproj.Proj(proj="aeqd", lat_0=ORIGIN_DEG[0], lon_0=ORIGIN_DEG[1], ellps="WGS84")


def area(
    zone_id: str,
    corners_m: Sequence[tuple[float, float]],
    *,
    state: str | None = "EST",
    member: bool = True,
    kind: ZoneKind = "sovereign",
    boundary_sigma_m: float = 40.0,
    claims: tuple[str, ...] = (),
    floor: Limit | None = None,
    ceiling: Limit | None = None,
    valid_from_ns: int | None = None,
    valid_to_ns: int | None = None,
    schedule: tuple[Hours, ...] = (),
    border: tuple[Border, ...] = (),
) -> tuple[Zone, shapely.Polygon]:
    """A zone of a scene with its polygon, from corners in the plane [m]."""
    east_m, north_m = np.array(corners_m, dtype=np.float64).T
    longitude_deg, latitude_deg = plane()(east_m, north_m, inverse=True)
    zone = Zone(
        zone_id=zone_id,
        kind=kind,
        name=zone_id,
        state=state,
        member=member,
        source="scene",
        claims=claims,
        floor=floor,
        ceiling=ceiling,
        boundary_sigma_m=boundary_sigma_m,
        valid_from_ns=valid_from_ns,
        valid_to_ns=valid_to_ns,
        schedule=schedule,
        border=border,
    )
    return zone, shapely.Polygon(np.column_stack((longitude_deg, latitude_deg)))


def index(*areas: tuple[Zone, shapely.Polygon]) -> ZoneIndex:
    """An index of the zones of a scene."""
    return ZoneIndex.build([zone for zone, _ in areas], [polygon for _, polygon in areas])


class Seen(NamedTuple):
    """Filter states of n objects at each whole second."""

    times_s: Floats  # (t,)
    state: Floats  # (t, n, 4) east, north [m], east, north speed [m/s]
    covariance: Floats  # (t, n, 4, 4)
    updated_s: Floats  # (t,) time of the last plot


def tracked(
    path: Path,
    begin_s: float,
    end_s: float,
    objects: int,
    seed: int,
    *,
    noise_m2ps3: float = 2.0,
    radars: Sequence[Radar] = RADARS,
) -> Seen:
    """``objects`` independent looks at one path through the radars and a constant-velocity Kalman filter."""
    rng = np.random.default_rng(seed)
    plots = sorted(
        (float(t), k)
        for k, radar in enumerate(radars)
        for t in np.arange(begin_s + radar.offset_s, end_s, radar.period_s)
    )
    x = np.zeros((objects, 4))
    p = np.zeros((4, 4))
    at_s = begin_s
    started = 0
    times, states, covariances, updated = [], [], [], []
    ticks = list(np.arange(math.ceil(begin_s), end_s + 1e-9, 1.0))
    pending = list(plots)
    last_s = begin_s

    def ahead(dt_s: float) -> tuple[Floats, Floats]:
        f = np.eye(4)
        f[0, 2] = f[1, 3] = dt_s
        one = np.array([[dt_s**3 / 3, dt_s**2 / 2], [dt_s**2 / 2, dt_s]]) * noise_m2ps3
        return x @ f.T, f @ p @ f.T + np.kron(one, np.eye(2))

    for tick_s in ticks:
        while pending and pending[0][0] <= tick_s:
            plot_s, k = pending.pop(0)
            radar = radars[k]
            truth = path(np.array([plot_s]))[0]
            de, dn = truth[0] - radar.east_m, truth[1] - radar.north_m
            range_m, azimuth = math.hypot(de, dn), math.atan2(de, dn)
            turn = np.array(
                [
                    [math.sin(azimuth), math.cos(azimuth)],
                    [math.cos(azimuth), -math.sin(azimuth)],
                ]
            )
            sigma = np.array([radar.range_sigma_m, range_m * radar.azimuth_sigma_rad])
            r = turn.T @ np.diag(sigma**2) @ turn
            z = truth + (rng.normal(size=(objects, 2)) * sigma) @ turn
            x, p = ahead(plot_s - at_s)
            at_s = plot_s
            if started == 0:
                x = np.column_stack((z, np.zeros((objects, 2))))
                p = np.zeros((4, 4))
                p[:2, :2], p[2:, 2:] = r, np.eye(2) * 400.0**2
            else:
                gain = p[:, :2] @ np.linalg.inv(p[:2, :2] + r)
                x = x + (z - x[:, :2]) @ gain.T
                p = p - gain @ p[:2, :]
            started += 1
            last_s = plot_s
        if started >= 6:
            now_x, now_p = ahead(tick_s - at_s)
            times.append(tick_s)
            states.append(now_x)
            covariances.append(np.broadcast_to(now_p, (objects, 4, 4)))
            updated.append(last_s)
    return Seen(np.array(times), np.array(states), np.array(covariances), np.array(updated))


def row_table(seen: Seen, tick: int, names: Sequence[str], status: str = "confirmed") -> pa.Table:
    """The track table of one tick of ``seen``."""
    x, p = seen.state[tick], seen.covariance[tick]
    longitude_deg, latitude_deg = plane()(x[:, 0], x[:, 1], inverse=True)
    # true north leans against the plane's by the convergence of the meridians
    lean = np.radians(longitude_deg - ORIGIN_DEG[1]) * np.sin(
        np.radians(0.5 * (latitude_deg + ORIGIN_DEG[0]))
    )
    turn = np.zeros((len(x), 4, 4))
    for block in (0, 2):
        turn[:, block, block] = turn[:, block + 1, block + 1] = np.cos(lean)
        turn[:, block, block + 1], turn[:, block + 1, block] = np.sin(lean), -np.sin(lean)
    p = turn @ p @ turn.transpose(0, 2, 1)
    velocity = np.einsum("nij,nj->ni", turn[:, :2, :2], x[:, 2:])
    upper = np.triu_indices(4)
    count = len(x)
    now_ns = START_NS + round(seen.times_s[tick] * SECOND_NS)
    return tracks(
        track_id=list(names),
        valid_ns=np.full(count, now_ns),
        latitude_deg=latitude_deg,
        longitude_deg=longitude_deg,
        height_hae_m=np.full(count, 9_000.0),
        pressure_altitude_m=np.full(count, 9_000.0),
        height_sigma_m=np.full(count, 30.0),
        east_mps=velocity[:, 0],
        north_mps=velocity[:, 1],
        covariance=pa.FixedSizeListArray.from_arrays(p[:, upper[0], upper[1]].ravel(), 10),
        status=[status] * count,
        birth_ns=np.full(count, START_NS + round(seen.times_s[0] * SECOND_NS)),
        updated_ns=np.full(count, START_NS + round(seen.updated_s[tick] * SECOND_NS)),
        updates=np.full(count, 10),
        sensors=[["a", "b", "c"]] * count,
        kinds=[["psr"]] * count,
    )


def assessed(track_id: str, **change: object) -> Assessment:
    """An assessment of an object without a voice of its own and without known authority."""
    fields: dict[str, object] = {
        "track_id": track_id,
        "valid_ns": START_NS,
        "object_class": "unknown",
        "class_probability": 1.0,
        "class_probabilities": {"unknown": 1.0},
        "identity": "unknown",
        "civil": "possible",
        "cooperative": False,
        "explained_by": None,
    }
    return Assessment(**(fields | change))  # type: ignore[arg-type]


class Watch(NamedTuple):
    """All that watching one scene gave."""

    state: WatchState
    incidents: list[Incident]  # every revision in order
    crossings: list[Crossing]

    def last(self) -> dict[str, Incident]:
        """Last revision of each incident."""
        return {incident.incident_id: incident for incident in self.incidents}

    def ended(self) -> list[Crossing]:
        """Crossings that have ended, one row each."""
        return [crossing for crossing in self.crossings if crossing.left is not None]


def watch(
    seen: Seen,
    zones: ZoneIndex,
    *,
    names: Sequence[str] | None = None,
    known: Callable[[str, float], Assessment | None] = lambda name, at_s: assessed(name),
    settings: WatchSettings | None = None,
    end: bool = True,
) -> Watch:
    """Watch a scene tick by tick. ``known`` gives the assessment of a name at a time [s], or None."""
    settings = settings or WatchSettings()
    names = names or [f"T{k:04d}" for k in range(seen.state.shape[1])]
    state = initial(settings)
    incidents: list[Incident] = []
    crossings: list[Crossing] = []

    def add(output: WatchOutput) -> None:
        incidents.extend(output.incidents)
        crossings.extend(output.crossings)

    now_ns = START_NS
    for tick, at_s in enumerate(seen.times_s):
        now_ns = START_NS + round(at_s * SECOND_NS)
        told = {name: a for name in names if (a := known(name, float(at_s))) is not None}
        state, output = step(settings, state, row_table(seen, tick, names), told, zones, now_ns)
        add(output)
    if end:
        state, output = finish(settings, state, now_ns)
        add(output)
    return Watch(state, incidents, crossings)


class Coverage(NamedTuple):
    """Shares of seeds whose 95 % interval held the truth, and how many crossings each object had."""

    entered: float
    left: float
    inside: float
    depth: float
    found: Floats  # (n,) crossings of each object
    inside_width_s: float  # mean width of the interval


def coverage(
    path: Path,
    span_s: tuple[float, float],
    zones: ZoneIndex,
    truth: tuple[float, float, float],
    rates_mps: tuple[float, float],
    objects: int,
    seed: int,
    *,
    noise_m2ps3: float = 2.0,
    two_sided: bool = False,
) -> Coverage:
    """How often the intervals of one crossing hold the truth when the border's error is drawn as well.

    Args:
        path: seconds to east and north [m].
        span_s: begin and end of the scene.
        zones: an index of one zone.
        truth: entry, exit [s] and depth [m] over the boundary as drawn.
        rates_mps: speed towards the inside at the entry and towards the outside at the exit [m/s]; an error
            of the border in metres, drawn independently at each and at the deepest place, moves them by it.
        objects: independent looks.
        seed: of everything drawn.
        noise_m2ps3: of the filter.
        two_sided: the deepest place is midway between the two sides that it crosses.
    """
    rng = np.random.default_rng(seed + 1)
    seen = tracked(path, *span_s, objects, seed, noise_m2ps3=noise_m2ps3)
    result = watch(seen, zones)
    border_m = rng.normal(size=(objects, 3)) * zones.zones[0].boundary_sigma_m
    held: dict[str, list[bool]] = {"entered": [], "left": [], "inside": [], "depth": []}
    found = np.zeros(objects)
    widths = []
    for crossing in result.ended():
        k = int(crossing.track_id[1:])
        found[k] += 1
        if found[k] > 1 or crossing.left is None:
            continue
        # a border further out is crossed earlier on the way in and later on the way out
        enter_s = truth[0] - border_m[k, 0] / rates_mps[0]
        leave_s = truth[1] + border_m[k, 1] / rates_mps[1]
        for name, moment, true_s in (
            ("entered", crossing.entered, enter_s),
            ("left", crossing.left, leave_s),
        ):
            true_ns = START_NS + true_s * SECOND_NS
            held[name].append(moment.low_ns <= true_ns <= moment.high_ns)
        inside, depth = crossing.inside_s, crossing.depth_m
        held["inside"].append(inside.low <= leave_s - enter_s <= inside.high)
        deeper_m = border_m[k, :2].mean() if two_sided else border_m[k, 2]
        held["depth"].append(depth.low <= truth[2] + deeper_m <= depth.high)
        widths.append(inside.high - inside.low)
    shares = {name: sum(values) / objects for name, values in held.items()}
    return Coverage(
        shares["entered"],
        shares["left"],
        shares["inside"],
        shares["depth"],
        found,
        float(np.mean(widths)) if widths else math.nan,
    )


def straight(speed_mps: float, course_rad: float, through_m: tuple[float, float]) -> Path:
    """A straight path that is at ``through_m`` at time 0."""
    way = np.array([math.sin(course_rad), math.cos(course_rad)]) * speed_mps
    return lambda times_s: np.asarray(through_m) + np.asarray(times_s)[:, None] * way


def strip(objects: int, seed: int) -> Coverage:
    """A strip of 5.1 km crossed at 300 m/s: 17 s, as over Türkiye in 2015."""
    zones = index(area("strip", [(-200e3, 0.0), (200e3, 0.0), (200e3, 5_100.0), (-200e3, 5_100.0)]))
    return coverage(
        straight(300.0, 0.0, (0.0, 0.0)),
        (-120.0, 80.0),
        zones,
        (0.0, 17.0, 2_550.0),
        (300.0, 300.0),
        objects,
        seed,
        two_sided=True,
    )


def parallel(objects: int, seed: int) -> Coverage:
    """Twelve minutes along a limit, 6.9 km inside it, entering and leaving through the sides of the zone."""
    speed_mps, seconds, deep_m = 215.0, 720.0, 6_900.0
    half_m = 0.5 * speed_mps * seconds
    zones = index(area("limit", [(-half_m, -90e3), (half_m, -90e3), (half_m, 0.0), (-half_m, 0.0)]))
    return coverage(
        straight(speed_mps, math.pi / 2, (-half_m, -deep_m)),
        (-120.0, seconds + 80.0),
        zones,
        (0.0, seconds, deep_m),
        (speed_mps, speed_mps),
        objects,
        seed,
    )


def shallow_turn(radius_m: float, speed_mps: float, deep_m: float) -> Path:
    """A turn over a limit along the east and back, ``deep_m`` north of it at time 0."""

    def path(times_s: Floats) -> Floats:
        # straight until 90 degrees before the deepest point, the arc, and straight away
        angle = np.clip(np.asarray(times_s) * speed_mps / radius_m, -math.pi / 2, math.pi / 2)
        over_m = np.asarray(times_s) * speed_mps - angle * radius_m
        east_m = radius_m * np.sin(angle)
        north_m = radius_m * (np.cos(angle) - 1.0) + deep_m - np.abs(over_m)
        return np.column_stack((east_m, north_m))

    return path


def dip(objects: int, seed: int) -> Coverage:
    """A shallow turn over a limit and back: in for about 40 s at 250 m/s, 670 m deep."""
    radius_m, speed_mps, deep_m = 7_000.0, 250.0, 670.0
    half_rad = math.acos(1.0 - deep_m / radius_m)
    half_s = half_rad * radius_m / speed_mps

    zones = index(area("dip", [(-200e3, 0.0), (200e3, 0.0), (200e3, 90e3), (-200e3, 90e3)]))
    rate = speed_mps * math.sin(half_rad)
    return coverage(
        shallow_turn(radius_m, speed_mps, deep_m),
        (-150.0, 110.0),
        zones,
        (-half_s, half_s, deep_m),
        (rate, rate),
        objects,
        seed,
        noise_m2ps3=40.0,
    )


def run(*, seed: int = 1, quick: bool = False) -> list[Row]:
    """Coverage of the intervals over seeds."""
    rows: list[Row] = []
    objects = 6 if quick else 200
    scenes = [("17 s strip at 300 m/s", strip), ("40 s dip 670 m deep", dip)]
    if not quick:
        scenes.append(("12 min 6.9 km inside a limit", parallel))
    for name, scene in scenes:
        found = scene(objects, seed)
        rows.extend(
            Row(
                area="watch",
                name=f"95 % interval holds the truth, {name}: {what}",
                value=float(getattr(found, what)),
                unit="share",
                target="0.95",
                note=f"{objects} looks, three 10-s radars, border error drawn",
            )
            for what in ("entered", "left", "inside", "depth")
        )
    return rows
