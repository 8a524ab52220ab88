"""Compiled inner loops of the BaseStation decoder: lines as most programs write them, what aircraft said last."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel, kernel

Octets = NDArray[np.uint8]
Names = NDArray[np.uint64]

FIELDS: Final = 22
BLANK: Final = 0
# to be read by ``sbs.read_line``, which says what it is or what is wrong with it
UNSURE: Final = -1
# columns of ``values``
ALTITUDE, SPEED, TRACK, LATITUDE, LONGITUDE, CLIMB = 0, 1, 2, 3, 4, 5
VALUES: Final = 6
# columns of ``codes``
ICAO24, SQUAWK, EMERGENCY, ON_GROUND = 0, 1, 2, 3
CODES: Final = 4
# columns of ``held``: what an aircraft said last, and when [ns]
HELD_SQUAWK, SQUAWK_NS, CALLSIGN_NS, VELOCITY_NS = 0, 1, 2, 3
HELD: Final = 4
# columns of ``motion`` in the units of the lines: knots, degrees, feet a minute
MOTION: Final = 3

# digits of a decimal that a double holds exactly, so that one division rounds once
_EXACT: Final = 15
_TENS: Final = 10.0 ** np.arange(_EXACT + 1)  # exact, as well
_MINUS, _POINT, _ZERO, _COMMA, _SPACE = 45, 46, 48, 44, 32
_SECOND: Final = 1_000_000_000


@inner_kernel
def _digits(data: Octets, begin: int, count: int, base: int = 10) -> int:
    """The number that so many digits of a base up to ten make; -1: they are none."""
    found = 0
    for k in range(begin, begin + count):
        digit = int(np.int64(data[k])) - _ZERO
        if digit < 0 or digit >= base:
            return -1
        found = base * found + digit
    return found


@inner_kernel
def _number(data: Octets, begin: int, end: int) -> tuple[bool, float]:
    """Whether a field is empty or a plain decimal of few digits, and its value, NaN for empty."""
    if begin >= end:
        return True, math.nan
    at = begin + 1 if data[begin] == _MINUS else begin
    whole, digits, behind, pointed = 0, 0, 0, False
    for k in range(at, end):
        octet = int(np.int64(data[k]))
        if octet == _POINT and not pointed and digits > 0:
            pointed = True
            continue
        digit = octet - _ZERO
        if digit < 0 or digit > 9:
            return False, 0.0
        whole = 10 * whole + digit
        digits += 1
        behind += pointed
        if digits > _EXACT:
            return False, 0.0
    if digits == 0:
        return False, 0.0
    value = whole / _TENS[behind]
    return True, -value if at > begin else value


@inner_kernel
def _instant_ns(data: Octets, date: int, date_end: int, time: int, time_end: int) -> int:
    """The instant of ``2018/04/03`` and ``12:30:59.123``; -1: written otherwise, or none."""
    length = time_end - time
    if date_end - date != 10 or not (length == 8 or 10 <= length <= 15):
        return -1
    if data[date + 4] != 47 or data[date + 7] != 47 or data[time + 2] != 58 or data[time + 5] != 58:
        return -1
    year, month = _digits(data, date, 4), _digits(data, date + 5, 2)
    day, hour = _digits(data, date + 8, 2), _digits(data, time, 2)
    minute, second = _digits(data, time + 3, 2), _digits(data, time + 6, 2)
    if not (1970 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31 and 0 <= hour < 24):
        return -1
    if not (0 <= minute <= 59 and 0 <= second <= 60):
        return -1
    fraction = 0
    if length > 8:
        fraction = _digits(data, time + 9, length - 9)
        if data[time + 8] != _POINT or fraction < 0:
            return -1
        for _ in range(18 - length):
            fraction *= 10
    # days of the civil calendar, whose year begins in March
    year -= month <= 2
    of_era = year % 400
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    days = year // 400 * 146_097 + 365 * of_era + of_era // 4 - of_era // 100 + of_year - 719_468
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * _SECOND + fraction


@inner_kernel
def _address(data: Octets, begin: int, end: int) -> int:
    """Six hexadecimal digits as a number; -1: they are none."""
    if end - begin != 6:
        return -1
    found = 0
    for k in range(begin, end):
        octet = int(np.int64(data[k]))
        if 48 <= octet <= 57:
            digit = octet - 48
        elif 65 <= octet <= 70:
            digit = octet - 55
        elif 97 <= octet <= 102:
            digit = octet - 87
        else:
            return -1
        found = 16 * found + digit
    return found


@inner_kernel
def _flag(data: Octets, begin: int, end: int) -> int:
    """1 and 0; -1 where nothing is said; -2: written otherwise."""
    if begin >= end:
        return -1
    last = int(np.int64(data[end - 1])) - _ZERO
    if end - begin == 1 and 0 <= last <= 1:
        return last
    if end - begin == 2 and data[begin] == _MINUS and last == 1:
        return 1
    return -2


@inner_kernel
def _callsign(data: Octets, begin: int, end: int, out: Octets) -> bool:
    """Fill in the name without the spaces around it, in capitals; False: it is written otherwise."""
    while begin < end and data[begin] == _SPACE:
        begin += 1
    while begin < end and data[end - 1] == _SPACE:
        end -= 1
    out[:] = 0
    for k in range(begin, end):
        octet = data[k]
        if octet < _SPACE:
            return False
        if k - begin < 8:
            out[k - begin] = octet - 32 if 97 <= octet <= 122 else octet
    return True


@kernel
def read_lines(
    data: Octets, ends: Integers, bounds: Floats, status: Integers, valid_ns: Integers,
    callsigns: Octets, values: Floats, codes: Integers,
) -> None:  # fmt: skip
    """Read (n,) lines that end before ``ends``, as ``sbs.read_line`` would.

    ``status`` becomes the transmission type of a message, BLANK, or UNSURE for everything that is not written in
    the usual way. ``callsigns`` is (n, 8), ``values`` (n, VALUES) with NaN for what is not said, each within its
    row of ``bounds``; ``codes`` (n, CODES) with -1 for the same.
    """
    at = np.empty(FIELDS + 1, dtype=np.int64)
    end = -1
    for i in range(ends.shape[0]):
        begin, end = end + 1, ends[i]
        last = end
        while last > begin and (data[last - 1] == _SPACE or 9 <= data[last - 1] <= 13):
            last -= 1
        status[i] = BLANK
        if last == begin:
            continue
        status[i] = UNSURE
        # the separators of ASCII are white space in a text, and none among octets
        if last - begin < 6 or 28 <= data[last - 1] <= 31:
            continue
        if not (data[begin] == 77 and data[begin + 1] == 83 and data[begin + 2] == 71):
            continue
        count, plain = 0, True
        at[0] = begin
        for k in range(begin, last):
            octet = data[k]
            if octet == _COMMA:
                count += 1
                if count >= FIELDS:
                    plain = False
                    break
                at[count] = k + 1
            elif octet >= 128:
                plain = False
                break
        if not plain or count + 1 < FIELDS - 12:
            continue
        for field in range(count + 1, FIELDS + 1):
            at[field] = last + 1  # the fields that are left out are empty
        if at[1] - begin != 4 or at[2] - at[1] != 2:
            continue
        kind = int(np.int64(data[at[1]])) - _ZERO
        icao24 = _address(data, at[4], at[5] - 1)
        instant = _instant_ns(data, at[6], at[7] - 1, at[7], at[8] - 1)
        emergency = _flag(data, at[19], at[20] - 1)
        on_ground = _flag(data, at[21], at[22] - 1)
        if kind < 1 or kind > 8 or icao24 < 0 or instant < 0 or emergency < -1 or on_ground < -1:
            continue
        if not _callsign(data, at[10], at[11] - 1, callsigns[i]):
            continue
        for column in range(VALUES):
            sound, value = _number(data, at[11 + column], at[12 + column] - 1)
            sound = sound and not (value < bounds[column, 0] or value > bounds[column, 1])
            if not sound:
                plain = False
                break
            values[i, column] = value
        if not plain:
            continue
        status[i], valid_ns[i] = kind, instant
        squawk = _digits(data, at[17], 4, 8) if at[18] - 1 - at[17] == 4 else -1
        codes[i, ICAO24], codes[i, SQUAWK] = icao24, squawk
        codes[i, EMERGENCY], codes[i, ON_GROUND] = emergency, on_ground


@bare_kernel
def hear(
    slots: Integers, new: Integers, valid_ns: Integers, callsigns: Names, values: Floats,
    codes: Integers, slow_ns: int, fast_ns: int, names: Names, held: Integers, motion: Floats,
    placed: Integers, said: Names, squawks: Integers, moved: Floats,
) -> int:  # fmt: skip
    """Take (n,) messages in their order into the memory of aircraft, in place; how many have a place.

    ``slots`` says where in ``names``, ``held`` and ``motion`` each is remembered, ``new`` where that was another
    one's. Of each message with a place its position goes to ``placed``, and what its aircraft said shortly before,
    or then, to ``said``, ``squawks`` and ``moved``: 0, -1 and NaN for nothing.
    """
    count = 0
    for i in range(slots.shape[0]):
        slot, now_ns = slots[i], valid_ns[i]
        one, way = held[slot], motion[slot]
        if new[i]:
            names[slot] = 0
            one[:] = 0
            one[HELD_SQUAWK] = -1
            way[:] = math.nan
        if callsigns[i] != 0:
            names[slot], one[CALLSIGN_NS] = callsigns[i], now_ns
        if codes[i, SQUAWK] >= 0:
            one[HELD_SQUAWK], one[SQUAWK_NS] = codes[i, SQUAWK], now_ns
        if not (math.isnan(values[i, SPEED]) or math.isnan(values[i, TRACK])):
            way[0], way[1], way[2] = values[i, SPEED], values[i, TRACK], values[i, CLIMB]
            one[VELOCITY_NS] = now_ns
        if math.isnan(values[i, LATITUDE]) or math.isnan(values[i, LONGITUDE]):
            continue
        placed[count] = i
        fresh = now_ns - slow_ns <= one[CALLSIGN_NS] <= now_ns
        said[count] = names[slot] if fresh else np.uint64(0)
        fresh = now_ns - slow_ns <= one[SQUAWK_NS] <= now_ns
        squawks[count] = one[HELD_SQUAWK] if fresh else -1
        fresh = now_ns - fast_ns <= one[VELOCITY_NS] <= now_ns
        for column in range(MOTION):
            moved[count, column] = way[column] if fresh else math.nan
        count += 1
    return count
