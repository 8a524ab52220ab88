"""Extended squitters from what an aircraft knows of itself: the way back of ``_messages``.

Sources as there. Each function writes the ME field; ``seal`` adds the header and the parity.
"""

import math

import numpy as np
from numpy.typing import NDArray

from vedette.feeds.mode_s import _codes as c
from vedette.feeds.mode_s import _cpr as cpr
from vedette.feeds.mode_s import accuracy
from vedette.feeds.mode_s._parity import parity
from vedette.model.kernel import bare_kernel, integer_kernel
from vedette.model.units import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS

Octets = NDArray[np.uint8]
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@integer_kernel
def _put(value: int, first: int, last: int) -> int:
    """A value in bits ``first`` to ``last`` of the ME field, counted from 1."""
    return (int(value) & ((1 << (last - first + 1)) - 1)) << (56 - last)


@bare_kernel
def seal(messages: Octets, row: int, first: int, address: int, me: int) -> None:
    """Write a DF17 or DF18 with its parity; ``first`` is its first octet."""
    messages[row, 0] = first
    for i in range(3):
        messages[row, 1 + i] = (address >> (16 - 8 * i)) & 0xFF
    for i in range(7):
        messages[row, 4 + i] = (me >> (48 - 8 * i)) & 0xFF
    remainder = parity(messages, row, 11)
    for i in range(3):
        messages[row, 11 + i] = (remainder >> (16 - 8 * i)) & 0xFF


@bare_kernel
def identification(name: int, category: int) -> int:
    """``category`` is (A 0, B 1, C 2, D 3) * 8 + digit, or -1."""
    known = max(0, category)
    return _put(4 - known // 8, 1, 5) | _put(known % 8, 6, 8) | _put(name, 9, 56)


@bare_kernel
def airborne_place(
    latitude_deg: float,
    longitude_deg: float,
    pressure_m: float,
    hae_m: float,
    odd: int,
    nic: int,
) -> int:
    """Type code 9 to 18 with pressure altitude, or 20 to 22 where only the geometric one is known."""
    tc, supplement = accuracy.airborne_code(nic)
    altitude_m = pressure_m
    if math.isnan(pressure_m) and not math.isnan(hae_m):
        tc, supplement, altitude_m = (20 if nic >= 11 else 21 if nic == 10 else 22), 0, hae_m
    y, x = cpr.encode(latitude_deg, longitude_deg, odd, 360.0)
    me = _put(tc, 1, 5) | _put(supplement, 8, 8) | _put(c.altitude_field_12(altitude_m), 9, 20)
    return me | _put(odd, 22, 22) | _put(y, 23, 39) | _put(x, 40, 56)


@bare_kernel
def surface_place(
    latitude_deg: float,
    longitude_deg: float,
    speed_mps: float,
    track_rad: float,
    odd: int,
    nic: int,
) -> int:
    tc = accuracy.surface_code(nic)[0]
    y, x = cpr.encode(latitude_deg, longitude_deg, odd, 90.0)
    me = _put(tc, 1, 5) | _put(c.movement_code(speed_mps), 6, 12)
    if not math.isnan(track_rad):
        me |= _put(1, 13, 13) | _put(math.floor(track_rad * 64.0 / math.pi + 0.5), 14, 20)
    return me | _put(odd, 22, 22) | _put(y, 23, 39) | _put(x, 40, 56)


@bare_kernel
def velocity(
    speed_mps: float, track_rad: float, climb_mps: float, raised_m: float, nac_v: int
) -> int:
    """Velocity over ground, subtype 1, or 2 (steps of 4 knots) for what 1 cannot hold."""
    subtype = 1
    field = 0
    if not math.isnan(speed_mps) and (speed_mps == 0.0 or not math.isnan(track_rad)):
        east_knots = north_knots = 0.0
        if speed_mps > 0.0:
            east_knots = speed_mps * math.sin(track_rad) / KNOT_MPS
            north_knots = speed_mps * math.cos(track_rad) / KNOT_MPS
        step = 1.0
        if max(abs(east_knots), abs(north_knots)) > 1021.0:
            subtype, step = 2, 4.0
        east = min(1023, int(abs(east_knots) / step + 0.5) + 1)
        north = min(1023, int(abs(north_knots) / step + 0.5) + 1)
        field = _put(east_knots < 0.0, 14, 14) | _put(east, 15, 24)
        field |= _put(north_knots < 0.0, 25, 25) | _put(north, 26, 35)
    me = _put(19, 1, 5) | _put(subtype, 6, 8) | _put(nac_v, 11, 13) | field
    if not math.isnan(climb_mps):
        steps = min(511, int(abs(climb_mps) / (64.0 * FOOT_PER_MINUTE_MPS) + 0.5) + 1)
        me |= _put(climb_mps < 0.0, 37, 37) | _put(steps, 38, 46)
    if not math.isnan(raised_m):
        steps = min(127, int(abs(raised_m) / (25.0 * FOOT_M) + 0.5) + 1)
        me |= _put(raised_m < 0.0, 49, 49) | _put(steps, 50, 56)
    return me


@bare_kernel
def status(emergency: int, squawk: int) -> int:
    """Type code 28 subtype 1; ``emergency`` as in ``EMERGENCIES``, -1 unknown: sent as none."""
    me = _put(28, 1, 5) | _put(1, 6, 8) | _put(max(0, emergency), 9, 11)
    return me | _put(c.identity_code(max(0, squawk)), 12, 24)


@bare_kernel
def operational(nic: int, nac_p: int, sil: int, surface: bool) -> int:
    """Type code 31 of version 2."""
    me = _put(31, 1, 5) | _put(surface, 6, 8) | _put(2, 41, 43)
    if surface:
        _, supplement_a, supplement_c = accuracy.surface_code(nic)
        me |= _put(supplement_c, 20, 20) | _put(1, 53, 53)
    else:
        supplement_a = accuracy.airborne_code(nic)[1]
    return me | _put(supplement_a, 44, 44) | _put(nac_p, 45, 48) | _put(max(0, sil), 51, 52)


IDENTIFICATION, PLACE, VELOCITY, STATUS, OPERATIONAL = range(5)
# Columns of what is sent
ADDRESS, ODD, NAME, CATEGORY, SQUAWK, EMERGENCY, NIC, NAC_P, SIL, ON_GROUND, ANONYMOUS = range(11)
WHOLE = 11
LATITUDE, LONGITUDE, PRESSURE, HAE, SPEED, TRACK, CLIMB = range(7)
REAL = 7


@bare_kernel
def compose(
    which: Integers, rows: Integers, whole: Integers, real: Floats, messages: Octets
) -> None:
    """Write (n,) messages, each of a form and of a row of ``whole`` and ``real``, to (n, 14) octets."""
    for i in range(which.shape[0]):
        row = rows[i]
        form = which[i]
        surface = whole[row, ON_GROUND] == 1
        nic = whole[row, NIC] if whole[row, NIC] >= 0 else 8
        if form == IDENTIFICATION:
            me = identification(whole[row, NAME], whole[row, CATEGORY])
        elif form == VELOCITY:
            raised_m = real[row, HAE] - real[row, PRESSURE]
            me = velocity(real[row, SPEED], real[row, TRACK], real[row, CLIMB], raised_m, 1)
        elif form == STATUS:
            me = status(whole[row, EMERGENCY], whole[row, SQUAWK])
        elif form == OPERATIONAL:
            me = operational(nic, whole[row, NAC_P], whole[row, SIL], surface)
        elif surface:
            me = surface_place(
                real[row, LATITUDE],
                real[row, LONGITUDE],
                real[row, SPEED],
                real[row, TRACK],
                whole[row, ODD],
                nic,
            )
        else:
            me = airborne_place(
                real[row, LATITUDE],
                real[row, LONGITUDE],
                real[row, PRESSURE],
                real[row, HAE],
                whole[row, ODD],
                nic,
            )
        # DF17 with capability "level 2, on the ground or in the air"; DF18 for no ICAO address
        first = (18 << 3) | 1 if whole[row, ANONYMOUS] else (17 << 3) | (4 if surface else 5)
        seal(messages, i, first, whole[row, ADDRESS], me)
