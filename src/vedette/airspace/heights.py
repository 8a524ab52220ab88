"""Heights over three datums: pressure (flight levels), mean sea level (AMSL), WGS 84 ellipsoid (HAE).

A pressure altitude is a pressure, written as the height at which the standard atmosphere has it. Where it is
in metres above the sea depends on the weather, so every conversion gives a value and its sigma. Mean sea level
is EGM96's geoid.

Sources: ICAO Doc 7488 (standard atmosphere); NIMA TR8350.2 (EGM96). The spreads of the weather
(``PRESSURE_SIGMA_HPA``, ``WARMTH_SIGMA_K``) are our own round figures for a European winter, not measured:
replace them by giving ``qnh_hpa`` and ``isa_deviation_k``.
"""

from functools import lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from vedette.airspace.terrain import Terrain
from vedette.model.columns import Floats
from vedette.model.errors import ShapeError
from vedette.model.units import FLIGHT_LEVEL_M
from vedette.model.zone import Limit

STANDARD_HPA: Final = 1013.25
SEA_LEVEL_K: Final = 288.15
LAPSE_K_PER_M: Final = 0.0065
EXPONENT: Final = 0.190263  # R L / g M of the standard atmosphere
NOMINAL_EARTH_M: Final = 6_356_766.0  # of Doc 7488: geopotential to geometric height
PRESSURE_SIGMA_HPA: Final = 10.0  # of sea-level pressure, when nobody gives the QNH
QNH_SIGMA_HPA: Final = 1.0  # of a given QNH: rounding, and the way to its station
WARMTH_SIGMA_K: Final = 8.0  # of the air column against the standard atmosphere
GIVEN_WARMTH_SIGMA_K: Final = 3.0
ALTIMETER_SIGMA_M: Final = 10.0  # static source and 25 ft steps
GEOID_SIGMA_M: Final = 1.0  # EGM96 itself and the half-degree grid
# Height of the ground where no terrain is given: mean and spread over the land between 33 and 83 N, 32 W and
# 46 E, weighted by area, in the 5-minute grid of ITU-R P.1511: 438 m and 522 m.
GROUND_M: Final = 440.0
GROUND_SIGMA_M: Final = 520.0


class Height(NamedTuple):
    """(n,) heights [m] and their 1-sigma errors [m]; NaN where unknown."""

    value_m: Floats
    sigma_m: Floats


def level_m(flight_level: Floats) -> Floats:
    """Pressure altitude [m] of flight levels.

    >>> level_m(np.array([100.0]))
    array([3048.])
    """
    return np.asarray(flight_level, dtype=np.float64) * FLIGHT_LEVEL_M


def altitude_of_pressure_m(pressure_hpa: float) -> float:
    """Height of a pressure in the standard troposphere [m].

    >>> altitude_of_pressure_m(1013.25)
    0.0
    """
    share = (pressure_hpa / STANDARD_HPA) ** EXPONENT
    return float(SEA_LEVEL_K / LAPSE_K_PER_M * (1.0 - share))


def amsl_from_pressure(
    pressure_altitude_m: Floats,
    *,
    qnh_hpa: float | None = None,
    isa_deviation_k: float | None = None,
) -> Height:
    """Heights above mean sea level of pressure altitudes.

    Args:
        pressure_altitude_m: (n,) heights in the standard atmosphere [m].
        qnh_hpa: sea-level pressure in the area; unknown: the standard one, with its spread.
        isa_deviation_k: how much warmer than standard the air below is; unknown: 0, with its spread.

    Example: at QNH 1003.25, 10 hPa low, flight level 100 is 82 m lower than it says.

        >>> amsl_from_pressure(np.array([3048.0]), qnh_hpa=1003.25).value_m.round(0)
        array([2966.])
    """
    level = np.asarray(pressure_altitude_m, dtype=np.float64)
    shift_m, factor, spread = _weather(level, qnh_hpa, isa_deviation_k)
    geopotential_m = (level - shift_m) * factor
    value_m = geopotential_m * NOMINAL_EARTH_M / (NOMINAL_EARTH_M - geopotential_m)
    return Height(value_m, spread)


def pressure_from_amsl(
    amsl_m: Floats, *, qnh_hpa: float | None = None, isa_deviation_k: float | None = None
) -> Height:
    """Pressure altitudes [m] of (n,) heights above mean sea level [m]: ``amsl_from_pressure`` reversed."""
    geometric_m = np.asarray(amsl_m, dtype=np.float64)
    geopotential_m = geometric_m * NOMINAL_EARTH_M / (NOMINAL_EARTH_M + geometric_m)
    level = geopotential_m
    for _ in range(4):  # the factor changes by 1e-4 in a step: four are exact to a micrometre
        shift_m, factor, spread = _weather(level, qnh_hpa, isa_deviation_k)
        level = geopotential_m / factor + shift_m
    return Height(level, spread)


def _weather(
    level: Floats, qnh_hpa: float | None, isa_deviation_k: float | None
) -> tuple[float, Floats, Floats]:
    """Shift [m] by the pressure, factor by the warmth, and sigma [m] of both together."""
    shift_m = altitude_of_pressure_m(STANDARD_HPA if qnh_hpa is None else qnh_hpa)
    pressure_sigma_hpa = PRESSURE_SIGMA_HPA if qnh_hpa is None else QNH_SIGMA_HPA
    metres_per_hpa = altitude_of_pressure_m(STANDARD_HPA - 1.0)
    warmth_k = 0.0 if isa_deviation_k is None else isa_deviation_k
    warmth_sigma_k = WARMTH_SIGMA_K if isa_deviation_k is None else GIVEN_WARMTH_SIGMA_K
    thickness_m = np.clip(level - shift_m, 0.0, 20_000.0)
    # mean temperature of the standard column below, isothermal above 11 km
    column_k = SEA_LEVEL_K - 0.5 * LAPSE_K_PER_M * np.minimum(thickness_m, 11_000.0)
    factor = 1.0 + warmth_k / column_k
    spread = np.sqrt(
        ALTIMETER_SIGMA_M**2
        + (pressure_sigma_hpa * metres_per_hpa) ** 2
        + (thickness_m * warmth_sigma_k / column_k) ** 2
    )
    return shift_m, factor, np.where(np.isnan(level), np.nan, spread)


@lru_cache(maxsize=1)
def _geoid() -> Floats:
    """(361, 721) undulations [m], from 90 north and 0 east, every half degree; Greenwich comes twice."""
    data = (files("vedette") / "data" / "geoid" / "egm96.parquet").read_bytes()
    table = pq.read_table(pa.BufferReader(data))
    grid = table.column("undulation_cm").to_numpy().reshape(361, 720) / 100.0
    return np.hstack((grid, grid[:, :1]))


def undulation_m(latitude_deg: Floats, longitude_deg: Floats) -> Floats:
    """Height of mean sea level above the WGS 84 ellipsoid at (n,) places [m]; EGM96, bilinear.

    Raises:
        ShapeError: the arrays do not pair up.
    """
    latitude = np.asarray(latitude_deg, dtype=np.float64)
    longitude = np.asarray(longitude_deg, dtype=np.float64)
    if latitude.shape != longitude.shape:
        raise ShapeError(expected=latitude.shape, actual=longitude.shape)
    known = np.isfinite(latitude) & np.isfinite(longitude) & (np.abs(latitude) <= 90.0)
    y = np.where(known, 90.0 - latitude, 0.0) * 2.0
    x = np.mod(np.where(known, longitude, 0.0), 360.0) * 2.0
    row = np.minimum(y.astype(np.int64), 359)
    column = np.minimum(x.astype(np.int64), 719)
    down, right = y - row, x - column
    grid = _geoid()
    upper = grid[row, column] * (1.0 - right) + grid[row, column + 1] * right
    lower = grid[row + 1, column] * (1.0 - right) + grid[row + 1, column + 1] * right
    return np.where(known, upper * (1.0 - down) + lower * down, np.nan)


def hae_from_amsl(
    latitude_deg: Floats, longitude_deg: Floats, amsl_m: Floats, sigma_m: Floats | float = 0.0
) -> Height:
    """Heights above the ellipsoid of (n,) heights above mean sea level with their sigma [m]."""
    geoid_m = undulation_m(latitude_deg, longitude_deg)
    return Height(np.asarray(amsl_m) + geoid_m, _widened(sigma_m, geoid_m))


def amsl_from_hae(
    latitude_deg: Floats, longitude_deg: Floats, hae_m: Floats, sigma_m: Floats | float = 0.0
) -> Height:
    """Heights above mean sea level of (n,) heights above the ellipsoid with their sigma [m]."""
    geoid_m = undulation_m(latitude_deg, longitude_deg)
    return Height(np.asarray(hae_m) - geoid_m, _widened(sigma_m, geoid_m))


def _widened(sigma_m: Floats | float, geoid_m: Floats) -> Floats:
    wide = np.hypot(np.broadcast_to(sigma_m, geoid_m.shape), GEOID_SIGMA_M)
    return np.where(np.isnan(geoid_m), np.nan, wide)


def hae_from_pressure(
    latitude_deg: Floats,
    longitude_deg: Floats,
    pressure_altitude_m: Floats,
    *,
    qnh_hpa: float | None = None,
    isa_deviation_k: float | None = None,
) -> Height:
    """Heights above the ellipsoid of (n,) pressure altitudes [m]; see ``amsl_from_pressure``."""
    amsl = amsl_from_pressure(pressure_altitude_m, qnh_hpa=qnh_hpa, isa_deviation_k=isa_deviation_k)
    return hae_from_amsl(latitude_deg, longitude_deg, amsl.value_m, amsl.sigma_m)


def pressure_from_hae(
    latitude_deg: Floats,
    longitude_deg: Floats,
    hae_m: Floats,
    *,
    qnh_hpa: float | None = None,
    isa_deviation_k: float | None = None,
) -> Height:
    """Pressure altitudes [m] of (n,) heights above the ellipsoid [m]; see ``amsl_from_pressure``."""
    amsl = amsl_from_hae(latitude_deg, longitude_deg, hae_m)
    level = pressure_from_amsl(amsl.value_m, qnh_hpa=qnh_hpa, isa_deviation_k=isa_deviation_k)
    return Height(level.value_m, np.hypot(level.sigma_m, amsl.sigma_m))


def ground_amsl(
    latitude_deg: Floats, longitude_deg: Floats, terrain: Terrain | None = None
) -> Height:
    """Height of the ground above mean sea level at (n,) places.

    Without terrain, or off its grid, it is that of land anywhere in Europe, with that spread.
    """
    shape = np.shape(latitude_deg)
    if terrain is None:
        return Height(np.full(shape, GROUND_M), np.full(shape, GROUND_SIGMA_M))
    ground = terrain.ground(latitude_deg, longitude_deg)
    unknown = np.isnan(ground.amsl_m)
    return Height(
        np.where(unknown, GROUND_M, ground.amsl_m),
        np.where(unknown, GROUND_SIGMA_M, ground.sigma_m),
    )


def limit_hae(
    limit: Limit,
    latitude_deg: Floats,
    longitude_deg: Floats,
    *,
    qnh_hpa: float | None = None,
    isa_deviation_k: float | None = None,
    terrain: Terrain | None = None,
) -> Height:
    """Height above the ellipsoid of a zone's floor or ceiling at (n,) places, with its 1-sigma error.

    What is not given widens the error: a level without ``qnh_hpa`` and ``isa_deviation_k`` by the weather's
    spread, a height above ground without ``terrain`` by the spread of the ground (``GROUND_SIGMA_M``).
    """
    latitude: Any = np.asarray(latitude_deg, dtype=np.float64)
    height_m = np.full(latitude.shape, limit.height_m)
    if limit.datum == "hae":
        return Height(height_m, np.zeros(latitude.shape))
    if limit.datum == "amsl":
        return hae_from_amsl(latitude, longitude_deg, height_m)
    if limit.datum == "pressure":
        return hae_from_pressure(
            latitude, longitude_deg, height_m, qnh_hpa=qnh_hpa, isa_deviation_k=isa_deviation_k
        )
    ground = ground_amsl(latitude, longitude_deg, terrain)
    return hae_from_amsl(latitude, longitude_deg, ground.value_m + height_m, ground.sigma_m)


class Heights(NamedTuple):
    """Heights of (n,) points over each datum."""

    hae: Height
    amsl: Height
    agl: Height
    pressure: Height


def over_all_datums(
    latitude_deg: Floats,
    longitude_deg: Floats,
    *,
    height_hae_m: Floats,
    pressure_altitude_m: Floats,
    sigma_m: Floats | float = 0.0,
    qnh_hpa: float | None = None,
    isa_deviation_k: float | None = None,
    terrain: Terrain | None = None,
) -> Heights:
    """Heights of (n,) points over all four datums from those that are known, NaN for unknown.

    A measured height is kept in its own datum; of two, each datum takes the one whose error is smaller.

    Args:
        latitude_deg: (n,) latitudes.
        longitude_deg: (n,) longitudes.
        height_hae_m: (n,) heights above the ellipsoid, measured; NaN where not.
        pressure_altitude_m: (n,) pressure altitudes, measured; NaN where not.
        sigma_m: (n,) or one error of both.
        qnh_hpa: see ``amsl_from_pressure``.
        isa_deviation_k: see ``amsl_from_pressure``.
        terrain: see ``ground_amsl``.
    """
    wide = np.broadcast_to(np.asarray(sigma_m, dtype=np.float64), np.shape(latitude_deg))
    hae = Height(
        np.asarray(height_hae_m, dtype=np.float64), np.where(np.isnan(height_hae_m), np.nan, wide)
    )
    level = Height(
        np.asarray(pressure_altitude_m, dtype=np.float64),
        np.where(np.isnan(pressure_altitude_m), np.nan, wide),
    )
    risen = hae_from_pressure(
        latitude_deg, longitude_deg, level.value_m, qnh_hpa=qnh_hpa, isa_deviation_k=isa_deviation_k
    )
    sunk = pressure_from_hae(
        latitude_deg, longitude_deg, hae.value_m, qnh_hpa=qnh_hpa, isa_deviation_k=isa_deviation_k
    )
    hae_best = _better(hae, Height(risen.value_m, np.hypot(risen.sigma_m, level.sigma_m)))
    level_best = _better(level, Height(sunk.value_m, np.hypot(sunk.sigma_m, hae.sigma_m)))
    amsl = amsl_from_hae(latitude_deg, longitude_deg, hae_best.value_m, hae_best.sigma_m)
    ground = ground_amsl(latitude_deg, longitude_deg, terrain)
    agl = Height(amsl.value_m - ground.value_m, np.hypot(amsl.sigma_m, ground.sigma_m))
    return Heights(hae_best, amsl, agl, level_best)


def _better(first: Height, second: Height) -> Height:
    """Of two heights at each point the one that is known, or known better."""
    use = np.isnan(first.value_m) | (second.sigma_m < first.sigma_m)
    return Height(
        np.where(use, second.value_m, first.value_m), np.where(use, second.sigma_m, first.sigma_m)
    )
