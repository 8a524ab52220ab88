"""Comm-B registers that a radar extracted (I048/250), each with the number of the register it is.

Source: ICAO Doc 9871 (2nd edition). Contents that do not have the form of their number are passed over, since
transponders answer with those of another register at times.
"""

import math

import numpy as np
from numpy.typing import NDArray

from vedette.feeds.mode_s import _comm_b as b
from vedette.model.kernel import bare_kernel

OCTETS = 8  # of each register: seven of contents, one of its number
NAME, TRACK_AND_TURN, HEADING_AND_SPEED = 0x20, 0x50, 0x60


@bare_kernel
def read_registers(
    data: NDArray[np.uint8], start: int, count: int, found: NDArray[np.float64]
) -> int:
    """What ``count`` registers from ``start`` on say; where a callsign's characters begin, -1 if none does.

    ``found``: (3,) ground speed [m/s], track angle [rad], climb [m/s]; NaN where no register says it.
    """
    found[:] = math.nan
    name = -1
    for at in range(start, start + count * OCTETS, OCTETS):
        mb = 0
        for place in range(7):
            mb = mb << 8 | np.int64(data[at + place])  # type: ignore[assignment]
        number = data[at + 7]
        if number == NAME and b.registers(mb) & b.CALLSIGN:
            name = at + 1
        elif number == TRACK_AND_TURN and b.registers(mb) & b.TRACK_AND_TURN:
            found[0], found[1] = b.ground_speed_mps(mb), b.track_rad(mb)
        elif number == HEADING_AND_SPEED and b.registers(mb) & b.HEADING_AND_SPEED:
            found[2] = b.climb_mps(mb)
    return name
