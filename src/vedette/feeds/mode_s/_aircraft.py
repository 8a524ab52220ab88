"""What is known of each aircraft between messages: an open-addressing table of two arrays.

``whole`` (slots, WHOLE) int64 and ``real`` (slots, REAL) float64 hold one row for each address. A row is
found by linear probing from a hash of its key; rows are only ever removed all together, by ``rebuild``.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.model.kernel import bare_kernel

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

NEVER: Final = -(1 << 62)
UNKNOWN: Final = -1

# A key is an address and, above its 24 bits, whose word it is: an aircraft's place as it says itself
# must not mix with the place that a ground station says it has
OWN, OWN_ANONYMOUS, GROUND, GROUND_ANONYMOUS = 0, 1, 2, 3

# Columns of ``whole``; *_NS say when the columns after them were heard
KEY: Final = 0  # UNKNOWN: the slot is empty
HEARD_NS: Final = 1
EVEN_NS, EVEN_Y, EVEN_X, EVEN_SURFACE = 2, 3, 4, 5  # the last position message of each format
ODD_NS, ODD_Y, ODD_X, ODD_SURFACE = 6, 7, 8, 9
PLACE_NS: Final = 10
VELOCITY_NS: Final = 11
NAME_NS, NAME, CATEGORY = 12, 13, 14  # NAME: eight letters of six bits
SQUAWK_NS, SQUAWK = 15, 16
EMERGENCY_NS, EMERGENCY = 17, 18
VERSION_NS, VERSION, SUPPLEMENT_A, SUPPLEMENT_C, MAGNETIC = 19, 20, 21, 22, 23
QUALITY_NS, ACCURACY, INTEGRITY = 24, 25, 26  # NACp, SIL
ALTITUDE_NS: Final = 27
UNPLACED_NS: Final = 28  # when a plot without a place was last made of it
ON_GROUND: Final = 29
COMM_B: Final = 30  # 1: the last velocity is from a Comm-B reply
WHOLE: Final = 31

# Columns of ``real``
LATITUDE, LONGITUDE = 0, 1
SPEED, TRACK, CLIMB, RAISED = (
    2,
    3,
    4,
    5,
)  # RAISED: height above the ellipsoid less pressure altitude
ALTITUDE: Final = 6
REAL: Final = 7


@bare_kernel
def _slot(whole: Integers, key: int) -> int:
    """Where ``key`` is, or the empty slot where it would be."""
    mask = int(whole.shape[0]) - 1
    at = ((key * 0x9E3779B1) >> 12) & mask
    while whole[at, KEY] != UNKNOWN and whole[at, KEY] != key:
        at = (at + 1) & mask
    return at


@bare_kernel
def find(whole: Integers, key: int) -> int:
    """Row of an address, or -1."""
    at = _slot(whole, key)
    if whole[at, KEY] == key:
        return at
    return -1


@bare_kernel
def find_or_add(whole: Integers, real: Floats, key: int, taken: Integers) -> int:
    """Row of an address, made empty if it is new; ``taken[0]`` counts the rows."""
    at = _slot(whole, key)
    if whole[at, KEY] != key:
        clear(whole, real, at)
        whole[at, KEY] = key
        taken[0] += 1
    return at


@bare_kernel
def clear(whole: Integers, real: Floats, row: int) -> None:
    for column in range(WHOLE):
        whole[row, column] = UNKNOWN
    for column in range(REAL):
        real[row, column] = math.nan
    for column in (
        HEARD_NS,
        EVEN_NS,
        ODD_NS,
        PLACE_NS,
        VELOCITY_NS,
        NAME_NS,
        SQUAWK_NS,
        EMERGENCY_NS,
        VERSION_NS,
        QUALITY_NS,
        ALTITUDE_NS,
        UNPLACED_NS,
    ):
        whole[row, column] = NEVER


@bare_kernel
def rebuild(
    whole: Integers, real: Floats, since_ns: int, new_whole: Integers, new_real: Floats
) -> int:
    """Copy the rows heard since ``since_ns`` to an empty table; how many they are."""
    count = 0
    for row in range(whole.shape[0]):
        if whole[row, KEY] == UNKNOWN or whole[row, HEARD_NS] < since_ns:
            continue
        at = _slot(new_whole, whole[row, KEY])
        # by element: assigning a row to a row compiles Numba's message of unequal shapes, seconds of work
        for column in range(WHOLE):
            new_whole[at, column] = whole[row, column]
        for column in range(REAL):
            new_real[at, column] = real[row, column]
        count += 1
    return count
