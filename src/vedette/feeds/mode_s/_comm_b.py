"""Which register a Comm-B reply (DF20, 21) holds, which it does not say, and what it says of speed and track.

Source: ICAO Doc 9871 (2nd edition), tables A-2-32, A-2-64, A-2-80 and A-2-96. A register is believed only where
its form excludes the others: fields whose status bit is 0 are 0, reserved bits are 0, values are within what
aircraft do.
"""

import math
from typing import Final

from vedette.feeds.mode_s._codes import LETTERS, SPACE
from vedette.model.kernel import bare_kernel, integer_kernel
from vedette.model.units import FOOT_PER_MINUTE_MPS, KNOT_MPS

CALLSIGN, INTENTION, TRACK_AND_TURN, HEADING_AND_SPEED, OTHER = 1, 2, 4, 8, 16
EMPTY: Final = 0
UNDEFINED: Final = ord("#")

ROLL_MAX_DEG: Final = 50.0
SPEED_MAX_KT: Final = 600.0  # over ground and true; civil aircraft stay below
SPEEDS_APART_KT: Final = 200.0  # ground and true airspeed: wind
INDICATED_MAX_KT: Final = 500.0
CLIMB_MAX_FPM: Final = 6_000.0


@integer_kernel
def bits(mb: int, first: int, last: int) -> int:
    """Bits ``first`` to ``last`` of the MB field, counted from 1."""
    return (mb >> (56 - last)) & ((1 << (last - first + 1)) - 1)


@integer_kernel
def unsaid(mb: int, status: int, last: int) -> int:
    """1 where a status bit is 0 and its field, which follows it, is not."""
    return 1 if bits(mb, status, status) == 0 and bits(mb, status + 1, last) != 0 else 0


@integer_kernel
def signed(mb: int, sign: int, last: int) -> int:
    """Two's complement of a sign bit and what follows it."""
    value = bits(mb, sign + 1, last)
    return value - (1 << (last - sign)) if bits(mb, sign, sign) else value


@bare_kernel
def registers(mb: int) -> int:
    """The registers that ``mb`` (56 bits) can be, as flags; EMPTY where it is none that is known here."""
    if mb == 0:
        return EMPTY
    found = 0
    head = bits(mb, 1, 8)
    if head == 0x20 and _letters(mb):
        found |= CALLSIGN
    if head in (0x10, 0x30) or (bits(mb, 25, 56) == 0 and bits(mb, 7, 7) == 1):
        found |= OTHER  # data link capability, advisory, common usage capability
    if _is_intention(mb):
        found |= INTENTION
    if _is_track_and_turn(mb):
        found |= TRACK_AND_TURN
    if _is_heading_and_speed(mb):
        found |= HEADING_AND_SPEED
    return found


@bare_kernel
def _letters(mb: int) -> bool:
    blank = True
    for place in range(8):
        letter = (mb >> (42 - 6 * place)) & 63
        if LETTERS[letter] == UNDEFINED:
            return False
        blank = blank and letter == SPACE
    return not blank


@bare_kernel
def _is_intention(mb: int) -> bool:
    """Register 4,0."""
    if unsaid(mb, 1, 13) or unsaid(mb, 14, 26) or unsaid(mb, 27, 39):
        return False
    if bits(mb, 40, 47) or bits(mb, 52, 53) or unsaid(mb, 48, 51) or unsaid(mb, 54, 56):
        return False
    said = bits(mb, 1, 1) + bits(mb, 14, 14) + bits(mb, 27, 27)
    if said < 2:
        return False
    panel_ft, plan_ft = 16 * bits(mb, 2, 13), 16 * bits(mb, 15, 26)
    return panel_ft <= 50_000 and plan_ft <= 50_000


@bare_kernel
def _is_track_and_turn(mb: int) -> bool:
    """Register 5,0."""
    if unsaid(mb, 1, 11) or unsaid(mb, 12, 23) or unsaid(mb, 24, 34):
        return False
    if unsaid(mb, 35, 45) or unsaid(mb, 46, 56):
        return False
    if not (bits(mb, 1, 1) and bits(mb, 12, 12) and bits(mb, 24, 24) and bits(mb, 46, 46)):
        return False
    if abs(signed(mb, 2, 11)) * 45.0 / 256.0 > ROLL_MAX_DEG:
        return False
    ground_kt, true_kt = 2.0 * bits(mb, 25, 34), 2.0 * bits(mb, 47, 56)
    if not (0.0 < ground_kt <= SPEED_MAX_KT and 0.0 < true_kt <= SPEED_MAX_KT):
        return False
    return abs(ground_kt - true_kt) <= SPEEDS_APART_KT


@bare_kernel
def _is_heading_and_speed(mb: int) -> bool:
    """Register 6,0."""
    if unsaid(mb, 1, 12) or unsaid(mb, 13, 23) or unsaid(mb, 24, 34):
        return False
    if unsaid(mb, 35, 45) or unsaid(mb, 46, 56):
        return False
    if not (bits(mb, 1, 1) and bits(mb, 13, 13) and bits(mb, 24, 24)):
        return False
    indicated_kt, mach = 1.0 * bits(mb, 14, 23), bits(mb, 25, 34) * 2.048 / 512.0
    if not (0.0 < indicated_kt <= INDICATED_MAX_KT and 0.0 < mach <= 1.0):
        return False
    for sign, last in ((36, 45), (47, 56)):
        if abs(signed(mb, sign, last)) * 32.0 > CLIMB_MAX_FPM:
            return False
    # indicated airspeed is Mach times the speed of sound times the root of the density: never above it
    return indicated_kt <= 680.0 * mach and indicated_kt >= 180.0 * mach


@bare_kernel
def ground_speed_mps(mb: int) -> float:
    """Of register 5,0."""
    return 2.0 * bits(mb, 25, 34) * KNOT_MPS


@bare_kernel
def track_rad(mb: int) -> float:
    """Of register 5,0, clockwise from true north."""
    return (signed(mb, 13, 23) * (math.pi / 1024.0)) % (2.0 * math.pi)


@bare_kernel
def climb_mps(mb: int) -> float:
    """Of register 6,0: inertial, else barometric; NaN where neither is said."""
    if bits(mb, 46, 46):
        return signed(mb, 47, 56) * 32.0 * FOOT_PER_MINUTE_MPS
    if bits(mb, 35, 35):
        return signed(mb, 36, 45) * 32.0 * FOOT_PER_MINUTE_MPS
    return math.nan
