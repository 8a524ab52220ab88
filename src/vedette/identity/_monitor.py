"""Compiled inner loop of the integrity monitor: reports of each aircraft in the order of time."""

import math

from vedette.identity._kernels import distance_m
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, kernel

# columns of ``place``: what is believed of one aircraft, floats
LAT, LON, EAST, NORTH, HEIGHT = 0, 1, 2, 3, 4  # where it was last, how it moves, pressure altitude
OTHER_LAT, OTHER_LON = 5, 6  # a second place from which the same address is heard
PAST_LAT, PAST_LON = 7, 8  # the last place before a jump
WINDOW_LAT, WINDOW_LON, WAY_EAST, WAY_NORTH = 9, 10, 11, 12  # of the look at speed
REF_EAST, REF_NORTH = 13, 14  # velocity that is believed
GAP_REF, GAP_HEIGHT = 15, 16  # geometric less pressure height, and the height at which
TURN, COURSE = 17, 18  # turned through in one sense, last course
WINDOW_TURN, SHORT = 19, 20  # turned within the window; share of it for what is heard rarely
WINDOW_GAP, FASTEST = 21, 22  # longest time between two reports of the window; speed held so far
PLACES = 23
# columns of ``since``: times [ns] and counts, integers
SEEN, OTHER_SEEN, OTHER_BEGAN, WINDOW, VELOCITY_SEEN, GAP_SEEN = 0, 1, 2, 3, 4, 5
OTHER_RUN, BOTH, SLIPS, BREAKS, GAPS, RADAR_BAD, LOW_RUN, CLOCK_RUN, NIC_BEST, NAC_BEST = (
    6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
)  # fmt: skip
HEARD, BOTH_BEGAN, TURN_SEEN, STRAYS, STRAY_SEEN, GAP_RUN, BORN, STALLS = (
    16, 17, 18, 19, 20, 21, 22, 23,
)  # fmt: skip
COUNTS = 24
# reasons, columns of ``flag_ns``: when each was last seen
JUMP, RADAR, SPEED, BREAK, GEOMETRIC, CIRCLE, CLOCK, DUPLICATE, COLLAPSE, COMMON, IN_TURN = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
)  # fmt: skip
REASON_COUNT = 11
# columns of ``limits``
(
    FASTEST_MPS, ROOM_M, TWIN_M, SLIP_MPS, SLIP_SHARE, WINDOW_S, BREAK_MPS, GAP_M, GAP_SHARE,
    RADAR_M, RADAR_RAD, CIRCLE_MPS, CIRCLE_M, CLOCK_S,
) = range(14)  # fmt: skip

SECOND = 1e-9
STEADY_RAD = 0.1
CLOSE = 0.5
VAGUE = 5.0
HARD_MPS2, SOFT_MPS2 = 20.0, 2.5  # in a turn; along the course, for some time
STALLED_MPS, FAST_MPS, LOW_M = 30.0, 120.0, 1_500.0  # what flew so fast does not fly so slowly


@bare_kernel
def _east_north(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> tuple[float, float]:
    """Metres from a to b, on a plane: for what lies within some tens of kilometres."""
    turn = (lon_b - lon_a + 180.0) % 360.0 - 180.0
    metre = math.pi / 180.0 * 6_371_008.8
    return turn * metre * math.cos(math.radians(0.5 * (lat_a + lat_b))), (lat_b - lat_a) * metre


@bare_kernel
def _begin_window(one: Floats, marks: Integers, ns: int) -> None:
    marks[WINDOW] = ns
    one[WINDOW_LAT], one[WINDOW_LON] = one[LAT], one[LON]
    one[WAY_EAST], one[WAY_NORTH], one[WINDOW_TURN], one[WINDOW_GAP] = 0.0, 0.0, 0.0, 0.0


@bare_kernel
def _take_velocity(
    one: Floats, marks: Integers, flags: Integers, ns: int, east: float, north: float, step: float
) -> None:
    """A velocity that breaks, and keeps to its new value, is none that an aircraft can fly."""
    age_s = (ns - marks[VELOCITY_SEEN]) * SECOND
    change = math.hypot(east - one[REF_EAST], north - one[REF_NORTH])
    faster = abs(math.hypot(east, north) - math.hypot(one[REF_EAST], one[REF_NORTH]))
    if marks[VELOCITY_SEEN] < 0 or age_s > 120.0:
        marks[BREAKS] = 0
    elif change > step + HARD_MPS2 * age_s or faster > step + SOFT_MPS2 * age_s:
        marks[BREAKS] += 1
        if marks[BREAKS] < 3:
            return
        flags[BREAK] = ns
        marks[BREAKS] = 0
    else:
        marks[BREAKS] = 0
    one[REF_EAST], one[REF_NORTH] = east, north
    marks[VELOCITY_SEEN] = ns


@bare_kernel
def _take_heights(
    one: Floats, marks: Integers, flags: Integers, ns: int, pressure: float, geometric: float,
    room: float, share: float,
) -> None:  # fmt: skip
    """Geometric height comes from the satellites, pressure altitude does not: both move together."""
    gap = geometric - pressure
    age_s = (ns - marks[GAP_SEEN]) * SECOND
    if marks[GAP_SEEN] < 0 or age_s > 300.0:
        one[GAP_REF], one[GAP_HEIGHT], marks[GAPS], marks[GAP_RUN] = gap, pressure, 0, 0
    elif abs(gap - one[GAP_REF]) > room + share * abs(pressure - one[GAP_HEIGHT]):
        if marks[GAP_RUN] < 5:  # what it is usually is not known yet
            one[GAP_REF], one[GAP_HEIGHT], marks[GAP_RUN] = gap, pressure, 0
        else:
            marks[GAPS] += 1
            if marks[GAPS] >= 4:
                flags[GEOMETRIC] = ns
            return
    else:
        marks[GAPS] = 0
        marks[GAP_RUN] += 1
        one[GAP_REF] += 0.1 * (gap - one[GAP_REF])
        one[GAP_HEIGHT] += 0.1 * (pressure - one[GAP_HEIGHT])
    marks[GAP_SEEN] = ns


@bare_kernel
def _take_turn(
    one: Floats, marks: Integers, flags: Integers, ns: int, speed: float, course: float,
    slow: float, high: float,
) -> None:  # fmt: skip
    """Full circles, or standing, where nothing flies so slowly: patterns of satellite spoofers."""
    age_s = (ns - marks[TURN_SEEN]) * SECOND
    marks[TURN_SEEN] = ns
    last = one[COURSE]
    one[COURSE] = course
    if age_s <= 10.0 and speed >= FAST_MPS and not one[FASTEST] >= speed:
        one[FASTEST] = speed
    stalled = one[FASTEST] >= FAST_MPS and speed < STALLED_MPS and one[HEIGHT] > LOW_M
    marks[STALLS] = marks[STALLS] + 1 if stalled else 0
    if marks[STALLS] >= 10:
        flags[CIRCLE] = ns
    if age_s > 20.0 or speed > slow or speed < 5.0 or not one[HEIGHT] > high:
        one[TURN] = 0.0
        return
    change = (course - last + math.pi) % (2.0 * math.pi) - math.pi
    if change * one[TURN] < -0.2:  # turned back: no circle
        one[TURN] = 0.0
    one[TURN] += change
    if abs(one[TURN]) >= 2.0 * math.pi:
        flags[CIRCLE] = ns


@bare_kernel
def _settle(one: Floats, marks: Integers, ns: int, lat: float, lon: float) -> None:
    one[LAT], one[LON] = lat, lon
    marks[SEEN] = ns


@bare_kernel
def _take_place(
    one: Floats, marks: Integers, flags: Integers, ns: int, lat: float, lon: float,
    east: float, north: float, limits: Floats,
) -> None:  # fmt: skip
    """Follow one place, and a second one where reports come from elsewhere."""
    known = not (math.isnan(east) or math.isnan(north))
    if marks[SEEN] < 0:
        _settle(one, marks, ns, lat, lon)
        _begin_window(one, marks, ns)
        return
    gap_s = (ns - marks[SEEN]) * SECOND
    if gap_s < 0.0:
        return
    away = distance_m(one[LAT], one[LON], lat, lon)
    fastest = limits[FASTEST_MPS]
    # a receiver that says that it hardly knows its place wanders: that is no jump
    room = limits[ROOM_M] * (VAGUE if marks[LOW_RUN] > 0 else 1.0)
    if gap_s <= 30.0 and not math.isnan(one[EAST]):  # it moves as it last said, or somewhat faster
        fastest = min(fastest, 1.5 * math.hypot(one[EAST], one[NORTH]) + 150.0)
    if away > room + fastest * gap_s:
        other_s = (ns - marks[OTHER_SEEN]) * SECOND
        near = marks[OTHER_SEEN] >= 0 and other_s <= 60.0
        near = near and (
            distance_m(one[OTHER_LAT], one[OTHER_LON], lat, lon) <= room + fastest * other_s
        )
        if not near:
            # lone strays are decoding errors; a place that strays every few seconds is no place
            if marks[STRAY_SEEN] >= 0 and (ns - marks[STRAY_SEEN]) * SECOND > 60.0:
                marks[STRAYS] = 0
            marks[STRAYS] += 1
            marks[STRAY_SEEN] = ns
            if marks[STRAYS] >= 6:
                flags[JUMP] = ns
            marks[OTHER_BEGAN], marks[OTHER_RUN], marks[BOTH] = ns, 0, 0
            marks[BOTH_BEGAN] = ns
        one[OTHER_LAT], one[OTHER_LON] = lat, lon
        marks[OTHER_SEEN] = ns
        marks[OTHER_RUN] += 1
        # three reports on, and silence from where it was: it is there now
        if marks[OTHER_RUN] >= 3 and (ns - marks[OTHER_BEGAN]) * SECOND >= 2.0:
            flags[JUMP] = ns
            one[PAST_LAT], one[PAST_LON] = one[LAT], one[LON]
            _settle(one, marks, ns, lat, lon)
            _begin_window(one, marks, ns)
            marks[OTHER_SEEN], marks[OTHER_RUN], marks[SLIPS] = -1, 0, 0
        return
    if marks[OTHER_RUN] > 0:  # heard here again after having been heard there
        marks[BOTH] += 1
        marks[OTHER_RUN] = 0
        apart = distance_m(one[OTHER_LAT], one[OTHER_LON], lat, lon)
        long = (ns - marks[BOTH_BEGAN]) * SECOND >= 5.0
        if marks[BOTH] >= 3 and long and apart > limits[TWIN_M]:
            flags[DUPLICATE] = ns
    if lat == one[LAT] and lon == one[LON]:
        return  # a place told again is no new measurement
    stale = lat == one[LAT] or lon == one[LON]  # some tables carry one coordinate forward
    _settle(one, marks, ns, lat, lon)
    if not known or stale or gap_s > 12.0:
        _begin_window(one, marks, ns)
        return
    one[WAY_EAST] += 0.5 * (east + one[EAST]) * gap_s
    one[WAY_NORTH] += 0.5 * (north + one[NORTH]) * gap_s
    turn = math.atan2(east * one[NORTH] - north * one[EAST], east * one[EAST] + north * one[NORTH])
    one[WINDOW_TURN] += abs(turn)
    one[WINDOW_GAP] = max(one[WINDOW_GAP], gap_s)
    window_s = (ns - marks[WINDOW]) * SECOND
    if window_s < limits[WINDOW_S] * one[SHORT]:
        return
    moved = _east_north(one[WINDOW_LAT], one[WINDOW_LON], lat, lon)
    said = math.hypot(one[WAY_EAST], one[WAY_NORTH]) / window_s
    slip = abs(math.hypot(moved[0], moved[1]) / window_s - said)
    if one[WINDOW_TURN] < STEADY_RAD:  # in a turn the course lags, and tables draw chords
        slip = math.hypot(moved[0] - one[WAY_EAST], moved[1] - one[WAY_NORTH]) / window_s
    # a place that is heard rarely may be some seconds old: what is heard every few tells more
    share = 1.0 if one[WINDOW_GAP] > 5.0 else CLOSE
    if slip > share * (limits[SLIP_MPS] + limits[SLIP_SHARE] * said):
        marks[SLIPS] += 1
        if marks[SLIPS] >= 3:
            flags[SPEED] = ns
    else:
        marks[SLIPS] = 0
    _begin_window(one, marks, ns)


@bare_kernel
def _take_radar(
    one: Floats, marks: Integers, flags: Integers, ns: int, lat: float, lon: float,
    range_m: float, limits: Floats,
) -> None:  # fmt: skip
    """A radar or multilateration measures the place; it does not ask the satellites."""
    age_s = (ns - marks[SEEN]) * SECOND
    if marks[SEEN] < 0 or age_s > 15.0 or age_s < -1.0:
        return
    moved = _east_north(one[LAT], one[LON], lat, lon)
    apart = math.hypot(moved[0] - one[EAST] * age_s, moved[1] - one[NORTH] * age_s)
    if apart > limits[RADAR_M] + limits[RADAR_RAD] * range_m:
        marks[RADAR_BAD] += 1
        if marks[RADAR_BAD] >= 2:
            flags[RADAR] = ns
    else:
        marks[RADAR_BAD] = 0


@kernel
def follow(
    rows: Integers, times_ns: Integers, measured: Integers, lat_deg: Floats, lon_deg: Floats,
    east_mps: Floats, north_mps: Floats, pressure_m: Floats, geometric_m: Floats, range_m: Floats,
    nic: Integers, nac_p: Integers, clock_s: Floats, limits: Floats,
    place: Floats, since: Integers, flag_ns: Integers,
) -> None:  # fmt: skip
    """Take (k,) reports, sorted by row and time, into the memory of (n,) aircraft, in place.

    ``measured`` is 1 for what a radar or multilateration measured, 0 for the aircraft's own word. NaN and -1
    mean unknown; ``clock_s`` is how far its clock is from that of the others heard with it.
    """
    for k in range(rows.shape[0]):
        one, marks, flags, ns = place[rows[k]], since[rows[k]], flag_ns[rows[k]], times_ns[k]
        placed = not (math.isnan(lat_deg[k]) or math.isnan(lon_deg[k]))
        if measured[k] == 1:
            if placed:
                _take_radar(one, marks, flags, ns, lat_deg[k], lon_deg[k], range_m[k], limits)
            continue
        marks[HEARD] = max(marks[HEARD], ns)
        if marks[BORN] < 0:
            marks[BORN] = ns
        low = False
        if nic[k] >= 0:
            low = low or (marks[NIC_BEST] >= 7 and nic[k] <= 4)
            marks[NIC_BEST] = max(marks[NIC_BEST], nic[k])
        if nac_p[k] >= 0:
            low = low or (marks[NAC_BEST] >= 7 and nac_p[k] <= 4)
            marks[NAC_BEST] = max(marks[NAC_BEST], nac_p[k])
        if nic[k] >= 0 or nac_p[k] >= 0:
            marks[LOW_RUN] = marks[LOW_RUN] + 1 if low else 0
            if marks[LOW_RUN] >= 2:
                flags[COLLAPSE] = ns
        east, north = east_mps[k], north_mps[k]
        if not math.isnan(pressure_m[k]):
            one[HEIGHT] = pressure_m[k]
            if not math.isnan(geometric_m[k]):
                _take_heights(
                    one, marks, flags, ns, pressure_m[k], geometric_m[k],
                    limits[GAP_M], limits[GAP_SHARE],
                )  # fmt: skip
        if not (math.isnan(east) or math.isnan(north)):
            _take_velocity(one, marks, flags, ns, east, north, limits[BREAK_MPS])
            speed, course = math.hypot(east, north), math.atan2(east, north)
            _take_turn(one, marks, flags, ns, speed, course, limits[CIRCLE_MPS], limits[CIRCLE_M])
        if placed:
            _take_place(one, marks, flags, ns, lat_deg[k], lon_deg[k], east, north, limits)
        if not (math.isnan(east) or math.isnan(north)):
            one[EAST], one[NORTH] = east, north
        if not math.isnan(clock_s[k]):
            marks[CLOCK_RUN] = marks[CLOCK_RUN] + 1 if abs(clock_s[k]) > limits[CLOCK_S] else 0
            if marks[CLOCK_RUN] >= 3:
                flags[CLOCK] = ns
