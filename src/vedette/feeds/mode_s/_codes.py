"""Codes inside the messages: altitude, identity, movement, names; in both directions.

Sources: ICAO Annex 10 Vol. IV 3.1.1.7.12 and 3.1.2.6.5.4 (altitude, identity), Doc 9871 2nd ed. tables
C-2-6 and C-2-8 (surface movement, identification).
"""

import math
from typing import Final

import numpy as np

from vedette.model.kernel import bare_kernel
from vedette.model.units import FOOT_M, KNOT_MPS

NO_CODE: Final = -1
NO_FEET: Final = -1_000_000
# Six-bit letters of identification; "#" stands for codes that mean nothing
LETTERS: Final = np.frombuffer(
    b"#ABCDEFGHIJKLMNOPQRSTUVWXYZ##### ###############0123456789######", np.uint8
)
SPACE: Final = 32
# Surface movement: speed [knots] where each run of codes begins, and the step inside it
MOVEMENT_FIRST: Final = np.array([2, 9, 13, 39, 94, 109, 124])
MOVEMENT_KNOTS: Final = np.array([0.125, 1.0, 2.0, 15.0, 70.0, 100.0, 175.0])
MOVEMENT_STEP: Final = np.array([0.125, 0.25, 0.5, 1.0, 2.0, 5.0, 0.0])


@bare_kernel
def squawk_of(code: int) -> int:
    """Four octal digits of a 13-bit identity code: C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4."""
    a = ((code >> 11) & 1) | ((code >> 8) & 2) | ((code >> 5) & 4)
    b = ((code >> 5) & 1) | ((code >> 2) & 2) | ((code << 1) & 4)
    c = ((code >> 12) & 1) | ((code >> 9) & 2) | ((code >> 6) & 4)
    d = ((code >> 4) & 1) | ((code >> 1) & 2) | ((code << 2) & 4)
    return (a << 9) | (b << 6) | (c << 3) | d


@bare_kernel
def identity_code(squawk: int) -> int:
    """13-bit identity code of four octal digits."""
    a, b, c, d = (squawk >> 9) & 7, (squawk >> 6) & 7, (squawk >> 3) & 7, squawk & 7
    code = ((a & 1) << 11) | ((a & 2) << 8) | ((a & 4) << 5)
    code |= ((b & 1) << 5) | ((b & 2) << 2) | ((b & 4) >> 1)
    code |= ((c & 1) << 12) | ((c & 2) << 9) | ((c & 4) << 6)
    return code | ((d & 1) << 4) | ((d & 2) << 1) | ((d & 4) >> 2)


@bare_kernel
def _gray(code: int) -> int:
    value = code
    shift = code >> 1
    while shift:
        value ^= shift
        shift >>= 1
    return value


@bare_kernel
def hundreds_feet(squawk: int) -> int:
    """Feet of a Mode C reply given as its four octal digits; NO_FEET where it is no altitude.

    D2 D4 A1 A2 A4 B1 B2 B4 count 500 ft in Gray code, C1 C2 C4 five steps of 100 ft that turn round.
    """
    a, b, c, d = (squawk >> 9) & 7, (squawk >> 6) & 7, (squawk >> 3) & 7, squawk & 7
    if d & 1 or c == 0:
        return NO_FEET
    coarse = ((d & 2) << 6) | ((d & 4) << 4)
    coarse |= ((a & 1) << 5) | ((a & 2) << 3) | ((a & 4) << 1)
    coarse |= ((b & 1) << 2) | (b & 2) | ((b & 4) >> 2)
    five_hundreds = _gray(coarse)
    hundreds = _gray(((c & 1) << 2) | (c & 2) | ((c & 4) >> 2))
    if hundreds == 7:
        hundreds = 5
    elif hundreds in (5, 6):
        return NO_FEET
    if five_hundreds & 1:
        hundreds = 6 - hundreds
    return five_hundreds * 500 + hundreds * 100 - 1300


@bare_kernel
def mode_c(feet: int) -> int:
    """The four octal digits whose ``hundreds_feet`` is ``feet``, a multiple of 100 in [-1200, 126700]."""
    five_hundreds, rest = divmod(feet + 1300 - 100, 500)
    hundreds = rest // 100 + 1
    if five_hundreds & 1:
        hundreds = 6 - hundreds
    if hundreds == 5:
        hundreds = 7
    coarse = five_hundreds ^ (five_hundreds >> 1)
    fine = hundreds ^ (hundreds >> 1)
    a = ((coarse >> 5) & 1) | ((coarse >> 3) & 2) | ((coarse >> 1) & 4)
    b = ((coarse >> 2) & 1) | (coarse & 2) | ((coarse << 2) & 4)
    c = ((fine >> 2) & 1) | (fine & 2) | ((fine << 2) & 4)
    d = ((coarse >> 6) & 2) | ((coarse >> 4) & 4)
    return (a << 9) | (b << 6) | (c << 3) | d


@bare_kernel
def altitude_feet(code: int) -> int:
    """Feet of a 13-bit altitude code; NO_FEET where there is none or it is metric (not yet defined)."""
    if code == 0 or code & 0x40:  # M
        return NO_FEET
    if code & 0x10:  # Q: steps of 25 ft
        steps = ((code >> 2) & 0x7E0) | ((code >> 1) & 0x10) | (code & 0xF)
        return steps * 25 - 1000
    return hundreds_feet(squawk_of(code))


@bare_kernel
def altitude_feet_12(code: int) -> int:
    """Feet of the 12-bit altitude field of a position message: the code without M."""
    return altitude_feet(((code & 0xFC0) << 1) | (code & 0x3F))


@bare_kernel
def altitude_field_12(altitude_m: float) -> int:
    """12-bit field of an altitude: steps of 25 ft up to 50,175 ft, of 100 ft above; 0 when unknown."""
    feet = altitude_m / FOOT_M
    if not -1000.0 - 12.5 <= feet <= 126_700.0:  # also when it is NaN
        return 0
    steps = math.floor((feet + 1000.0) / 25.0 + 0.5)
    if steps <= 2047:
        steps = max(0, int(steps))
        return ((steps & 0x7F0) << 1) | 0x10 | (steps & 0xF)
    code = identity_code(mode_c(math.floor(feet / 100.0 + 0.5) * 100))
    return ((code >> 1) & 0xFC0) | (code & 0x3F)


@bare_kernel
def movement_mps(code: int) -> float:
    """Ground speed of a surface movement code; NaN for "no information" and reserved codes."""
    if code == 1:
        return 0.0
    if code < 1 or code > 124:
        return math.nan
    run = 0
    while run < 6 and MOVEMENT_FIRST[run + 1] <= code:
        run += 1
    knots = float(MOVEMENT_KNOTS[run] + (code - MOVEMENT_FIRST[run]) * MOVEMENT_STEP[run])
    return knots * KNOT_MPS


@bare_kernel
def movement_code(speed_mps: float) -> int:
    """Surface movement code whose speed is nearest below or at a ground speed; 0 when unknown."""
    if math.isnan(speed_mps):
        return 0
    knots = speed_mps / KNOT_MPS + 1e-9
    if knots < 0.125:
        return 1
    run = 0
    while run < 6 and MOVEMENT_KNOTS[run + 1] <= knots:
        run += 1
    if run == 6:
        return 124
    return int(MOVEMENT_FIRST[run]) + int((knots - MOVEMENT_KNOTS[run]) / MOVEMENT_STEP[run])
