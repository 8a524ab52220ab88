"""When the sun rises and sets, to a minute or two: schedules of zones speak of it.

Source: J. Meeus, Astronomical Algorithms, chapters 15 and 25, in the low-precision form of the NOAA Solar
Calculator; the sun's upper edge with 34' of refraction (-0.833 degrees), civil twilight -6 degrees.
"""

import math
from typing import Final, Literal

from vedette.model.time import DAY_NS, SECOND_NS

Event = Literal["dawn", "sunrise", "sunset", "dusk"]
ALTITUDE_DEG: Final[dict[Event, float]] = {
    "dawn": -6.0,
    "sunrise": -0.833,
    "sunset": -0.833,
    "dusk": -6.0,
}
_J2000_NS: Final = 946_728_000 * SECOND_NS
_MINUTE_NS: Final = 60 * SECOND_NS


def _sun(instant_ns: int) -> tuple[float, float]:
    """Declination [rad] and equation of time [minutes]."""
    t = (instant_ns - _J2000_NS) / DAY_NS / 36525.0
    mean_longitude = math.radians((280.46646 + t * (36000.76983 + t * 0.0003032)) % 360.0)
    anomaly = math.radians(357.52911 + t * (35999.05029 - 0.0001537 * t))
    eccentricity = 0.016708634 - t * (0.000042037 + 0.0000001267 * t)
    centre_deg = (
        math.sin(anomaly) * (1.914602 - t * (0.004817 + 0.000014 * t))
        + math.sin(2.0 * anomaly) * (0.019993 - 0.000101 * t)
        + math.sin(3.0 * anomaly) * 0.000289
    )
    node = math.radians(125.04 - 1934.136 * t)
    apparent = mean_longitude + math.radians(centre_deg - 0.00569 - 0.00478 * math.sin(node))
    obliquity = math.radians(23.439291 - 0.0130042 * t + 0.00256 * math.cos(node))
    declination = math.asin(math.sin(obliquity) * math.sin(apparent))
    y = math.tan(0.5 * obliquity) ** 2
    equation = (
        y * math.sin(2.0 * mean_longitude)
        - 2.0 * eccentricity * math.sin(anomaly)
        + 4.0 * eccentricity * y * math.sin(anomaly) * math.cos(2.0 * mean_longitude)
        - 0.5 * y * y * math.sin(4.0 * mean_longitude)
        - 1.25 * eccentricity**2 * math.sin(2.0 * anomaly)
    )
    return declination, 4.0 * math.degrees(equation)


def sun_event_ns(
    event: Event, day_ns: int, latitude_deg: float, longitude_deg: float
) -> int | None:
    """Instant of an event of the sun on the (UTC) day that begins at ``day_ns``, at a place.

    The day is the one whose local noon it surrounds. None where the sun stays above or below all day.
    """
    noon_ns = day_ns + DAY_NS // 2 - int(longitude_deg * 4.0 * _MINUTE_NS)
    sign = -1.0 if event in ("dawn", "sunrise") else 1.0
    latitude, altitude = math.radians(latitude_deg), math.radians(ALTITUDE_DEG[event])
    at_ns = noon_ns
    for _ in range(3):  # the sun moves on between noon and the event
        declination, equation_min = _sun(at_ns)
        cosine = (math.sin(altitude) - math.sin(latitude) * math.sin(declination)) / (
            math.cos(latitude) * math.cos(declination)
        )
        if not -1.0 <= cosine <= 1.0:
            return None
        minutes = sign * 4.0 * math.degrees(math.acos(cosine)) - equation_min
        at_ns = noon_ns + int(minutes * _MINUTE_NS)
    return at_ns


def sun_is_up(event: Event, day_ns: int, latitude_deg: float, longitude_deg: float) -> bool:
    """Whether the sun is above the event's altitude at local noon: tells why there is no event."""
    noon_ns = day_ns + DAY_NS // 2 - int(longitude_deg * 4.0 * _MINUTE_NS)
    declination, _ = _sun(noon_ns)
    height_deg = 90.0 - abs(latitude_deg - math.degrees(declination))
    return height_deg > ALTITUDE_DEG[event]
