"""The flights of a scene, drawn from its settings: aircraft, fighters, drones and balloons."""

from typing import NamedTuple

import numpy as np
from pyproj import Geod

from vedette.fusion.settings import DEFAULT_MOTIONS, Motion
from vedette.model.columns import Flags, Floats, Integers
from vedette.sim.scene.flight import Flights, join, straight
from vedette.sim.scene.settings import SceneSettings, Traffic
from vedette.sim.scene.sites import offset_deg

_DRONE_REACH = 0.25  # a hundredth of an airliner's echo is seen at a third of its range, or less
_FIGHTER_REACH = 0.8
_RADIUS_M = 6_371_008.8  # mean, for the share of a height in a distance
_BALLOON_REACH = 0.5


class _Places(NamedTuple):
    north_m: Floats
    east_m: Floats
    course_rad: Floats


def _places(traffic: Traffic, rng: np.random.Generator, count: int) -> _Places:
    half = traffic.side_m / 2.0
    course = rng.uniform(0.0, 2.0 * np.pi, count)
    if traffic.layout == "circle":
        radius = half * np.sqrt(rng.random(count))
        angle = rng.uniform(0.0, 2.0 * np.pi, count)
        return _Places(radius * np.cos(angle), radius * np.sin(angle), course)
    north, east = rng.uniform(-half, half, (2, count))
    return _Places(north, east, course)


def _grouped(settings: SceneSettings, rng: np.random.Generator, count: int) -> Flights:
    """Formations abreast, or flights that meet in one place halfway through the scene."""
    traffic = settings.traffic
    groups = -(-count // traffic.group)
    places = _places(traffic, rng, groups)
    of, member = np.divmod(np.arange(count), traffic.group)
    speed = rng.uniform(*traffic.speed_mps, groups)[of]
    height = rng.uniform(*traffic.height_hae_m, groups)[of]
    course = places.course_rad[of]
    north, east = places.north_m[of], places.east_m[of]
    aside = (member - (traffic.group - 1) / 2.0) * traffic.spacing_m
    if traffic.layout == "crossing":
        course = course + member * rng.uniform(0.35, 2.8, groups)[of]
    north, east = north - aside * np.sin(course), east + aside * np.cos(course)
    flights = _begin(settings, north, east, height, speed, course)
    if traffic.layout == "formation":
        return flights
    # back along the geodesic from the meeting to the beginning; above the ellipsoid the way is longer
    back_m = speed * settings.duration_s / 2.0 * _RADIUS_M / (_RADIUS_M + height)
    longitude, latitude, there = Geod(ellps="WGS84").fwd(
        flights.longitude_deg, flights.latitude_deg, np.degrees(course) + 180.0, back_m
    )
    return flights._replace(
        latitude_deg=np.asarray(latitude), longitude_deg=np.asarray(longitude),
        course_rad=np.radians(there) % (2.0 * np.pi),
    )  # fmt: skip


def _begin(
    settings: SceneSettings, north_m: Floats, east_m: Floats, height_m: Floats, speed: Floats,
    course: Floats,
) -> Flights:  # fmt: skip
    places = [
        offset_deg(settings.centre_deg, float(a), float(b))
        for a, b in zip(north_m, east_m, strict=True)
    ]
    table = np.array(places).reshape(-1, 2)
    return straight(table[:, 0].copy(), table[:, 1].copy(), height_m, speed, course)


def _legs(
    flights: Flights, settings: SceneSettings, rng: np.random.Generator, straight_s: float,
    turn_deg_s: tuple[float, float], climb_mps: float, thrust_mps2: float,
) -> Flights:  # fmt: skip
    """Straight legs of random length with turns between; some climb or change speed."""
    n = flights.objects
    pairs = int(np.clip(3.0 * settings.duration_s / straight_s, 1, 40)) + 1
    length_s = rng.exponential(straight_s, (n, pairs))
    rate = np.radians(rng.uniform(*turn_deg_s, (n, pairs))) * rng.choice([-1.0, 1.0], (n, pairs))
    turn_s = np.radians(rng.uniform(15.0, 120.0, (n, pairs))) / np.abs(rate)
    # whole seconds: a state is kept for each, and a bend between two would be smoothed
    both = np.maximum(np.round(np.stack([length_s, turn_s], axis=2)), 1.0)
    until = np.cumsum(both.reshape(n, 2 * pairs), axis=1)
    rates = np.stack([np.zeros((n, pairs)), rate], axis=2).reshape(n, 2 * pairs)
    changing = rng.random((n, 2 * pairs)) < settings.traffic.climbing
    climb = np.where(changing, rng.uniform(-climb_mps, climb_mps, (n, 2 * pairs)), 0.0)
    thrust = np.where(
        rng.random((n, 2 * pairs)) < 0.5 * settings.traffic.climbing,
        rng.uniform(-thrust_mps2, thrust_mps2, (n, 2 * pairs)), 0.0,
    )  # fmt: skip
    begin = np.concatenate([np.zeros((n, 1)), until[:, :-1]], axis=1)
    span = np.clip(settings.duration_s - begin, 0.0, until - begin)
    climb = _bounded(flights.height_hae_m, climb, span, 50.0, 18_000.0)
    thrust = _bounded(flights.speed_mps, thrust, span, 0.4 * flights.speed_mps, 1_100.0)
    return flights._replace(until_s=until, turn_rps=rates, thrust_mps2=thrust, climb_mps=climb)


def _modelled(
    flights: Flights, motions: tuple[Motion, ...], duration_s: int, rng: np.random.Generator
) -> Flights:
    """Legs as a tracker's motions say: how long each lasts, which follows, how it turns and wanders.

    Each flight has been under way for so long that it may be in any of them.
    """
    n, count = flights.objects, len(motions)
    longest_s = max(motion.stay_s for motion in motions)
    before_s = 5.0 * longest_s
    entry = np.array([motion.entry for motion in motions])
    legs: list[tuple[Floats, Integers]] = []
    for _ in range(n):
        now, until, own = rng.choice(count, p=entry / entry.sum()), -before_s, []
        while until < duration_s:
            until += rng.exponential(motions[now].stay_s)
            own.append((until, now))
            others = np.where(np.arange(count) == now, 0.0, entry)
            now = rng.choice(count, p=others / others.sum())
        legs.append((np.array([end for end, _ in own]), np.array([motion for _, motion in own])))
    most = max(len(ends) for ends, _ in legs)
    until_s, which = np.full((n, most), np.inf), np.zeros((n, most), np.int64)
    for row, (ends, motion) in enumerate(legs):
        until_s[row, : len(ends)], which[row, : len(ends)] = ends, motion
    # a tracker's turn is positive to the left
    turn_rps = -np.array([motion.turn_rate_rps for motion in motions])[which]
    wander = np.array([motion.acceleration_density for motion in motions])[which]
    none = np.zeros((n, most))
    return flights._replace(
        until_s=until_s, turn_rps=turn_rps, wander=wander, thrust_mps2=none, climb_mps=none.copy()
    )


def _bounded(
    start: Floats, rate: Floats, span_s: Floats, least: Floats | float, most: float
) -> Floats:
    """Rates that never lead out of the limits: a leg that would is left level."""
    value, out = start.copy(), rate.copy()
    for leg in range(rate.shape[1]):
        after = value + rate[:, leg] * span_s[:, leg]
        wrong = (after < least) | (after > most)
        out[wrong, leg] = 0.0
        value = np.where(wrong, value, after)
    return out


def flights_of(settings: SceneSettings, rng: np.random.Generator) -> Flights:
    """All flights of a scene."""
    traffic = settings.traffic
    count = traffic.objects
    if traffic.layout in ("formation", "crossing"):
        flights = _grouped(settings, rng, count)
        equipped: Flags = rng.random(count) < traffic.equipped
        return flights._replace(
            wander=np.full((count, 1), traffic.wander),
            equipped=np.asarray(equipped, dtype=np.bool_),
        )
    shares = np.array([traffic.drones, traffic.fighters, traffic.balloons])
    drones, fighters, balloons = (round(float(share) * count) for share in shares)
    aircraft = max(count - drones - fighters - balloons, 0)
    groups = []
    if aircraft:
        p = _places(traffic, rng, aircraft)
        plain = _begin(
            settings, p.north_m, p.east_m, rng.uniform(*traffic.height_hae_m, aircraft),
            rng.uniform(*traffic.speed_mps, aircraft), p.course_rad,
        )  # fmt: skip
        if traffic.modelled:
            plain = _modelled(plain, DEFAULT_MOTIONS, settings.duration_s, rng)
        else:
            plain = _legs(plain, settings, rng, traffic.straight_s, traffic.turn_deg_s, 12.0, 0.5)
            plain = plain._replace(wander=np.full((aircraft, 1), traffic.wander))
        answering = rng.random(aircraft) < traffic.equipped
        groups.append(plain._replace(equipped=answering))
    if fighters:
        p = _places(traffic, rng, fighters)
        quick = _begin(
            settings, p.north_m, p.east_m, rng.uniform(1_000.0, 14_000.0, fighters),
            rng.uniform(150.0, 450.0, fighters), p.course_rad,
        )  # fmt: skip
        quick = _legs(quick, settings, rng, traffic.straight_s, (3.0, 12.0), 60.0, 5.0)
        groups.append(quick._replace(reach=np.full(fighters, _FIGHTER_REACH)))
    if drones:
        p = _places(traffic, rng, drones)
        slow = _begin(
            settings, p.north_m, p.east_m, rng.uniform(60.0, 600.0, drones),
            rng.uniform(5.0, 30.0, drones), p.course_rad,
        )  # fmt: skip
        slow = _legs(slow, settings, rng, 30.0, (3.0, 15.0), 3.0, 0.5)
        hovers = rng.random(drones) < 0.5
        groups.append(
            slow._replace(
                reach=np.full(drones, _DRONE_REACH),
                speed_mps=np.where(hovers, 0.0, slow.speed_mps),
                thrust_mps2=np.where(hovers[:, None], 0.0, slow.thrust_mps2),
                wander=np.where(hovers, 0.5, 0.05)[:, None],  # a hover drifts about by metres
                rest_s=np.where(hovers, 5.0, 0.0),
            )
        )
    if balloons:
        p = _places(traffic, rng, balloons)
        speed = rng.uniform(3.0, 25.0, balloons)
        adrift = _begin(
            settings, p.north_m, p.east_m, rng.uniform(1_000.0, 25_000.0, balloons), speed,
            p.course_rad,
        )  # fmt: skip
        wind = np.column_stack([speed * np.sin(p.course_rad), speed * np.cos(p.course_rad)])
        groups.append(
            adrift._replace(
                reach=np.full(balloons, _BALLOON_REACH),
                climb_mps=np.round(rng.uniform(0.0, 5.0, (balloons, 1)), 1),
                wander=np.full((balloons, 1), 0.1),
                rest_mps=wind,
                rest_s=np.full(balloons, 30.0),
            )
        )
    if not groups:
        return straight(*(np.zeros(0) for _ in range(5)))
    return join(*groups)
