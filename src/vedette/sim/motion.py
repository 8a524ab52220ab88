"""Where everything is at every moment: the truth that the simulated sensors look at."""

import math
from typing import Final

import numpy as np

from vedette.model.columns import Floats
from vedette.model.kernel import bare_kernel, kernel
from vedette.sim.scenario import Flight
from vedette.sim.surroundings import Weather, wind_at

STEP_S: Final = 0.5
_CHANGE_MPS2: Final = 0.5  # how fast a speed is gained or lost
_CALM: Final = Weather()
_SEMI_MAJOR_M: Final = 6_378_137.0
_ECCENTRICITY2: Final = 0.0066943799901413165  # WGS 84


@bare_kernel
def _bearing_and_distance(
    lat1: float, lon1: float, lat2: float, lon2: float
) -> tuple[float, float]:
    """Great-circle initial bearing [rad] and distance [m] on the mean sphere: steering only."""
    dlon = lon2 - lon1
    y = math.sin(dlon) * math.cos(lat2)
    x = math.cos(lat1) * math.sin(lat2) - math.sin(lat1) * math.cos(lat2) * math.cos(dlon)
    cosine = math.sin(lat1) * math.sin(lat2) + math.cos(lat1) * math.cos(lat2) * math.cos(dlon)
    return math.atan2(y, x), 6_371_008.8 * math.atan2(math.hypot(x, y), cosine)


@kernel
def _fly(path: Floats, turn_rate: float, climb_mps: float, step_s: float, out: Floats) -> int:
    """Fly a path from its first point; the number of steps until its last one.

    path: (m, 4) latitude, longitude [rad], speed [m/s], pressure altitude [m].
    out: (n, 6) latitude, longitude [rad], height [m], speed [m/s], course [rad], climb [m/s].
    """
    lat, lon, height = path[0, 0], path[0, 1], path[0, 3]
    target = 1
    speed = path[0, 2]
    course, _ = _bearing_and_distance(lat, lon, path[1, 0], path[1, 1])
    for step in range(out.shape[0]):
        change = path[target - 1, 2] - speed
        speed += min(max(change, -_CHANGE_MPS2 * step_s), _CHANGE_MPS2 * step_s)
        bearing, distance_m = _bearing_and_distance(lat, lon, path[target, 0], path[target, 1])
        turn = (bearing - course + math.pi) % (2.0 * math.pi) - math.pi
        # begin the turn early enough to come out on the next leg
        lead_m = speed * step_s
        if target + 1 < path.shape[0]:
            ahead, _ = _bearing_and_distance(
                path[target, 0], path[target, 1], path[target + 1, 0], path[target + 1, 1]
            )
            angle = abs((ahead - bearing + math.pi) % (2.0 * math.pi) - math.pi)
            lead_m = max(lead_m, speed / turn_rate * math.tan(min(angle, 2.6) / 2.0))
        if distance_m <= lead_m:
            target += 1
            if target == path.shape[0]:
                return step
            continue_bearing, _ = _bearing_and_distance(lat, lon, path[target, 0], path[target, 1])
            turn = (continue_bearing - course + math.pi) % (2.0 * math.pi) - math.pi
        course += min(max(turn, -turn_rate * step_s), turn_rate * step_s)
        rise_mps = min(max((path[target - 1, 3] - height) / step_s, -climb_mps), climb_mps)
        out[step, 0], out[step, 1], out[step, 2] = lat, lon, height
        out[step, 3], out[step, 4], out[step, 5] = speed, course % (2.0 * math.pi), rise_mps
        sine = math.sin(lat)
        curve = 1.0 - _ECCENTRICITY2 * sine * sine
        meridian_m = _SEMI_MAJOR_M * (1.0 - _ECCENTRICITY2) / (curve * math.sqrt(curve))
        normal_m = _SEMI_MAJOR_M / math.sqrt(curve)
        lat += speed * step_s * math.cos(course) / (meridian_m + height)
        lon += speed * step_s * math.sin(course) / ((normal_m + height) * math.cos(lat))
        height += rise_mps * step_s
    return len(out)


def _drift(flight: Flight, duration_s: float, weather: Weather) -> Floats:
    """(n, 6) states of what the wind carries from the one point of its path, at one height."""
    point = flight.path[0]
    height_m = point.pressure_altitude_m if point.pressure_altitude_m is not None else 3_000.0
    east, north = wind_at(weather, np.array([height_m]))[0]
    steps = max(2, int((duration_s - flight.appears_s) / STEP_S) + 2)
    times_s = np.arange(steps) * STEP_S
    states = np.empty((steps, 6))
    radius_m = _SEMI_MAJOR_M + height_m
    states[:, 0] = math.radians(point.latitude_deg) + north * times_s / radius_m
    states[:, 1] = math.radians(point.longitude_deg) + east * times_s / (
        radius_m * np.cos(states[:, 0])
    )
    states[:, 2], states[:, 3] = height_m, math.hypot(east, north)
    states[:, 4], states[:, 5] = math.atan2(east, north) % (2.0 * math.pi), 0.0
    return states


class Motion:
    """One object's way through the scenario, sampled every ``STEP_S``."""

    def __init__(
        self,
        flight: Flight,
        duration_s: float,
        shift_north_m: float = 0.0,
        weather: Weather = _CALM,
    ) -> None:
        self.flight = flight
        if flight.drifts:
            self.states = _drift(flight, duration_s, weather)
            self.start_s = flight.appears_s
            self.end_s = flight.appears_s + (len(self.states) - 1) * STEP_S
            return
        path, speed, height = [], 200.0, 10_000.0
        shift_deg = shift_north_m / 111_200.0 if flight.movable else 0.0
        for point in flight.path:
            speed = point.speed_mps if point.speed_mps is not None else speed
            height = point.pressure_altitude_m if point.pressure_altitude_m is not None else height
            path.append(
                [
                    math.radians(point.latitude_deg + shift_deg),
                    math.radians(point.longitude_deg),
                    speed,
                    height,
                ]
            )
        steps = max(2, int((duration_s - flight.appears_s) / STEP_S) + 2)
        states = np.empty((steps, 6))
        flown: int = _fly(
            np.array(path),
            math.radians(flight.turn_rate_deg_s),
            flight.climb_mps,
            STEP_S,
            states,
        )
        self.states = states[: max(flown, 2)]
        self.start_s = flight.appears_s
        self.end_s = flight.appears_s + (len(self.states) - 1) * STEP_S

    def at(self, times_s: Floats) -> Floats:
        """(n, 6) latitude, longitude [degrees], height [m], speed, course [rad], climb at times [s].

        Rows outside its life are NaN.
        """
        index = (times_s - self.start_s) / STEP_S
        alive = (index >= 0) & (index <= len(self.states) - 1)
        low = np.clip(index.astype(np.int64), 0, len(self.states) - 2)
        share = (index - low)[:, None]
        out: Floats = (1.0 - share) * self.states[low] + share * self.states[low + 1]
        out[:, 4] = self.states[low, 4]  # a course does not interpolate across north
        out[:, :2] = np.degrees(out[:, :2])
        out[~alive] = np.nan
        return out
