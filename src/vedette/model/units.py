"""Exact factors between the units of the trade and SI.

Source: ICAO Annex 5 (foot and international nautical mile are exact by definition).
"""

from typing import Final

FOOT_M: Final = 0.3048
NAUTICAL_MILE_M: Final = 1852.0
KNOT_MPS: Final = NAUTICAL_MILE_M / 3600.0
FLIGHT_LEVEL_M: Final = 100.0 * FOOT_M
FOOT_PER_MINUTE_MPS: Final = FOOT_M / 60.0
