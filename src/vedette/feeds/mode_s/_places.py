"""Where an aircraft is: its compact positions, even and odd, to a place that can be believed.

Sources: ICAO Annex 10 Vol. IV, DO-260B 2.2.10. Bits of the 56-bit ME field are counted from 1, as there.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.feeds.mode_s import _aircraft as a
from vedette.feeds.mode_s import _cpr as cpr
from vedette.feeds.mode_s._counts import N_MISMATCH
from vedette.model.kernel import bare_kernel, integer_kernel

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

S: Final = 1_000_000_000
PAIR_AIRBORNE_NS: Final = 10 * S  # DO-260B 2.2.10.3.1: an even and an odd message no further apart
PAIR_SURFACE_NS: Final = 25 * S  # 50 s are allowed below 25 knots, which is not known yet
FRESH_NS: Final = 60 * S  # a place this old still resolves a single message: 45 km at 750 m/s
REFERENCE_NS: Final = 600 * S  # ... and this old still tells one quarter of the globe from another
REPEAT_NS: Final = (
    350_000_000  # position squitters come 0.4 s apart or more: sooner is the same one
)
# Faster than any aircraft that carries a transponder; with slack for stamps of several receivers
FLIGHT_MPS: Final = 750.0
SURFACE_MPS: Final = 100.0
FLIGHT_SLACK_M: Final = 1_000.0
PAIR_SLACK_M: Final = 100.0
SAME_DEG: Final = 1e-6

ACCEPTED, FLAGGED, REFUSED, WAITING, NO_REFERENCE, REPEATED, IMPOSSIBLE = range(7)


@integer_kernel
def bits(me: int, first: int, last: int) -> int:
    """Bits ``first`` to ``last`` of the ME field, counted from 1."""
    return (me >> (56 - last)) & ((1 << (last - first + 1)) - 1)


@bare_kernel
def place(
    whole: Integers,
    real: Floats,
    row: int,
    now_ns: int,
    me: int,
    surface: bool,
    reference: Floats,
    counts: Integers,
) -> int:
    """Find where an aircraft is; the place goes to its row."""
    odd = bits(me, 22, 22)
    y, x = bits(me, 23, 39), bits(me, 40, 56)
    own, other = (a.ODD_NS, a.EVEN_NS) if odd else (a.EVEN_NS, a.ODD_NS)
    if (
        whole[row, own + 1] == y
        and whole[row, own + 2] == x
        and whole[row, own + 3] == surface
        and abs(now_ns - whole[row, own]) < REPEAT_NS
    ):
        return REPEATED
    whole[row, own], whole[row, own + 1], whole[row, own + 2] = now_ns, y, x
    whole[row, own + 3] = surface
    span_deg = 90.0 if surface else 360.0
    speed_mps = SURFACE_MPS if surface else FLIGHT_MPS
    age_ns = abs(now_ns - whole[row, a.PLACE_NS])
    last_lat, last_lon = real[row, a.LATITUDE], real[row, a.LONGITUDE]
    near_lat, near_lon = reference[0], reference[1]
    if age_ns <= REFERENCE_NS:
        near_lat, near_lon = last_lat, last_lon

    paired = False
    pair_lat = pair_lon = math.nan
    apart_ns = abs(now_ns - whole[row, other])
    if whole[row, other + 3] == surface and apart_ns <= (
        PAIR_SURFACE_NS if surface else PAIR_AIRBORNE_NS
    ):
        if surface and math.isnan(near_lat):
            return NO_REFERENCE
        paired, even_lat, even_lon, odd_lat, odd_lon = cpr.pair(
            whole[row, a.EVEN_NS + 1],
            whole[row, a.EVEN_NS + 2],
            whole[row, a.ODD_NS + 1],
            whole[row, a.ODD_NS + 2],
            span_deg,
            near_lat,
            near_lon,
        )
        if paired:
            # An even and an odd message of one flight give nearly one place; of two flights they do not
            apart_m = cpr.distance_m(even_lat, even_lon, odd_lat, odd_lon)
            paired = apart_m <= PAIR_SLACK_M + speed_mps * apart_ns / S
            pair_lat, pair_lon = (odd_lat, odd_lon) if odd else (even_lat, even_lon)
            if not paired:
                counts[N_MISMATCH] += 1

    outcome = ACCEPTED
    if age_ns > FRESH_NS:
        if not paired:
            return NO_REFERENCE if surface and math.isnan(near_lat) else WAITING
        found_lat, found_lon = pair_lat, pair_lon
    else:
        found_lat, found_lon = cpr.nearby(y, x, odd, span_deg, last_lat, last_lon)
        if paired and (
            abs(pair_lat - found_lat) > SAME_DEG
            or abs(cpr.wrapped(pair_lon - found_lon)) > SAME_DEG
        ):
            outcome, found_lat, found_lon = FLAGGED, pair_lat, pair_lon
        elif (
            cpr.distance_m(last_lat, last_lon, found_lat, found_lon)
            > FLIGHT_SLACK_M + FLIGHT_MPS * age_ns / S
        ):
            if not paired:
                return REFUSED
            outcome = FLAGGED
    if not abs(found_lat) <= 90.0:
        return IMPOSSIBLE
    real[row, a.LATITUDE], real[row, a.LONGITUDE] = found_lat, found_lon
    whole[row, a.PLACE_NS] = now_ns
    return outcome
