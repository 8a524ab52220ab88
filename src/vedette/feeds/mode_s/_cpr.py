"""Compact Position Reporting: places in 17 bits. Source: ICAO Doc 9871 2nd ed., C.2.6; DO-260B A.1.7.

Latitudes and longitudes in degrees. The odd format has one zone less than the even one, so that a pair
tells the zones apart; a single message needs a place nearby.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vedette.model.kernel import bare_kernel

SCALE: Final = 131_072  # 2^17
EARTH_M: Final = 6_371_008.8


def _transitions() -> NDArray[np.float64]:
    zones = np.arange(59, 1, -1)
    inside = (1.0 - np.cos(np.pi / 30.0)) / (1.0 - np.cos(2.0 * np.pi / zones))
    latitudes: NDArray[np.float64] = np.degrees(np.arccos(np.sqrt(inside)))
    latitudes[-1] = 87.0  # by definition; the formula rounds
    return latitudes


TRANSITIONS: Final = _transitions()  # latitude above which there is one zone of longitude less


@bare_kernel
def longitude_zones(latitude_deg: float) -> int:
    """NL: zones of longitude of the even format at a latitude, 59 at the equator to 1 at the poles."""
    wanted = abs(latitude_deg)
    low, high = 0, TRANSITIONS.shape[0]
    while low < high:
        middle = (low + high) // 2
        if TRANSITIONS[middle] <= wanted:
            low = middle + 1
        else:
            high = middle
    return 59 - low


@bare_kernel
def wrapped(longitude_deg: float) -> float:
    """The same meridian within [-180, 180)."""
    return (longitude_deg + 180.0) % 360.0 - 180.0


@bare_kernel
def distance_m(
    latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float
) -> float:
    """Great-circle distance on a sphere [m]: 0.5 % is good enough to tell jumps from flight."""
    north = math.radians(latitude_2 - latitude_1)
    east = math.radians(wrapped(longitude_2 - longitude_1))
    chord = (
        math.sin(north / 2.0) ** 2
        + math.cos(math.radians(latitude_1))
        * math.cos(math.radians(latitude_2))
        * math.sin(east / 2.0) ** 2
    )
    return 2.0 * EARTH_M * math.asin(min(1.0, math.sqrt(chord)))


@bare_kernel
def encode(latitude_deg: float, longitude_deg: float, odd: int, span_deg: float) -> tuple[int, int]:
    """17 bits each of a place; ``span_deg`` is 360 for the airborne format and 90 for the surface."""
    zone_deg = span_deg / (60 - odd)
    inside = latitude_deg - zone_deg * math.floor(latitude_deg / zone_deg)
    y = math.floor(SCALE * inside / zone_deg + 0.5)
    rounded_deg = zone_deg * (y / SCALE + math.floor(latitude_deg / zone_deg))
    zone_deg = span_deg / max(longitude_zones(rounded_deg) - odd, 1)
    inside = longitude_deg - zone_deg * math.floor(longitude_deg / zone_deg)
    x = math.floor(SCALE * inside / zone_deg + 0.5)
    return int(y) % SCALE, int(x) % SCALE


@bare_kernel
def nearby(
    y: int, x: int, odd: int, span_deg: float, latitude_deg: float, longitude_deg: float
) -> tuple[float, float]:
    """The place of one message that is nearest to a known one, right within half a zone of it."""
    zone_deg = span_deg / (60 - odd)
    part = y / SCALE
    steps = math.floor(0.5 + latitude_deg / zone_deg - part)
    found_lat = zone_deg * (steps + part)
    zone_deg = span_deg / max(longitude_zones(found_lat) - odd, 1)
    part = x / SCALE
    steps = math.floor(0.5 + longitude_deg / zone_deg - part)
    return found_lat, wrapped(zone_deg * (steps + part))


@bare_kernel
def _pair_longitude(x_even: int, x_odd: int, zones: int, odd: int, span_deg: float) -> float:
    index = math.floor((x_even * (zones - 1) - x_odd * zones) / SCALE + 0.5)
    count = max(zones - odd, 1)
    return span_deg / count * (index % count + (x_odd if odd else x_even) / SCALE)


@bare_kernel
def pair(
    y_even: int,
    x_even: int,
    y_odd: int,
    x_odd: int,
    span_deg: float,
    near_latitude_deg: float,
    near_longitude_deg: float,
) -> tuple[bool, float, float, float, float]:
    """Places of an even and an odd message sent near each other.

    The surface format (``span_deg`` 90) leaves a choice of hemisphere and of quarter turns: the one nearest
    to (``near_latitude_deg``, ``near_longitude_deg``) is taken; the airborne one does not look at it.

    Returns:
        Whether both lie between the same transitions of longitude zones and on Earth; latitude and
        longitude of the even and of the odd one.
    """
    index = math.floor((59 * y_even - 60 * y_odd) / SCALE + 0.5)
    even_lat = span_deg / 60.0 * (index % 60 + y_even / SCALE)
    odd_lat = span_deg / 59.0 * (index % 59 + y_odd / SCALE)
    if span_deg > 180.0:
        if even_lat >= 270.0:
            even_lat -= 360.0
        if odd_lat >= 270.0:
            odd_lat -= 360.0
    else:
        if abs(even_lat - 90.0 - near_latitude_deg) < abs(even_lat - near_latitude_deg):
            even_lat -= 90.0
        if abs(odd_lat - 90.0 - near_latitude_deg) < abs(odd_lat - near_latitude_deg):
            odd_lat -= 90.0
    if abs(even_lat) > 90.0 or abs(odd_lat) > 90.0:
        return False, math.nan, math.nan, math.nan, math.nan
    zones = longitude_zones(even_lat)
    if zones != longitude_zones(odd_lat):
        return False, even_lat, math.nan, odd_lat, math.nan
    even_lon = _pair_longitude(x_even, x_odd, zones, 0, span_deg)
    odd_lon = _pair_longitude(x_even, x_odd, zones, 1, span_deg)
    if span_deg < 180.0:
        even_lon += 90.0 * math.floor((near_longitude_deg - even_lon) / 90.0 + 0.5)
        odd_lon += 90.0 * math.floor((near_longitude_deg - odd_lon) / 90.0 + 0.5)
    return True, even_lat, wrapped(even_lon), odd_lat, wrapped(odd_lon)
