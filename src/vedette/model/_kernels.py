"""Compiled inner loops of ``frames``: scalars in, scalars out, radians and metres."""

import math

from vedette.model.kernel import bare_kernel

SEMI_MAJOR_M = 6_378_137.0  # WGS 84, NGA.STND.0036
FLATTENING = 1.0 / 298.257223563
ECCENTRICITY2 = FLATTENING * (2.0 - FLATTENING)


@bare_kernel
def geodetic_to_ecef(
    latitude_rad: float, longitude_rad: float, height_hae_m: float
) -> tuple[float, float, float]:
    sine, cosine = math.sin(latitude_rad), math.cos(latitude_rad)
    normal_m = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY2 * sine * sine)
    equatorial_m = (normal_m + height_hae_m) * cosine
    return (
        equatorial_m * math.cos(longitude_rad),
        equatorial_m * math.sin(longitude_rad),
        (normal_m * (1.0 - ECCENTRICITY2) + height_hae_m) * sine,
    )


@bare_kernel
def ecef_to_geodetic(x_m: float, y_m: float, z_m: float) -> tuple[float, float, float]:
    # Bowring's start and two steps: below a millimetre from -10 km to 1,000 km (checked in the tests)
    longitude_rad = math.atan2(y_m, x_m)
    equatorial_m = math.hypot(x_m, y_m)
    semi_minor_m = SEMI_MAJOR_M * (1.0 - FLATTENING)
    second2 = ECCENTRICITY2 / (1.0 - ECCENTRICITY2)
    reduced = math.atan2(z_m * SEMI_MAJOR_M, equatorial_m * semi_minor_m)
    latitude_rad = 0.0
    for _ in range(3):
        latitude_rad = math.atan2(
            z_m + second2 * semi_minor_m * math.sin(reduced) ** 3,
            equatorial_m - ECCENTRICITY2 * SEMI_MAJOR_M * math.cos(reduced) ** 3,
        )
        reduced = math.atan2((1.0 - FLATTENING) * math.sin(latitude_rad), math.cos(latitude_rad))
    sine, cosine = math.sin(latitude_rad), math.cos(latitude_rad)
    normal_m = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY2 * sine * sine)
    # this form of the height holds at the poles as well as at the equator
    height_hae_m = (
        equatorial_m * cosine + z_m * sine - normal_m * (1.0 - ECCENTRICITY2 * sine * sine)
    )
    return latitude_rad, longitude_rad, height_hae_m


@bare_kernel
def ecef_to_enu(
    dx_m: float, dy_m: float, dz_m: float, latitude_rad: float, longitude_rad: float
) -> tuple[float, float, float]:
    sine_lat, cosine_lat = math.sin(latitude_rad), math.cos(latitude_rad)
    sine_lon, cosine_lon = math.sin(longitude_rad), math.cos(longitude_rad)
    outward = cosine_lon * dx_m + sine_lon * dy_m
    return (
        -sine_lon * dx_m + cosine_lon * dy_m,
        -sine_lat * outward + cosine_lat * dz_m,
        cosine_lat * outward + sine_lat * dz_m,
    )


@bare_kernel
def enu_to_ecef(
    east_m: float, north_m: float, up_m: float, latitude_rad: float, longitude_rad: float
) -> tuple[float, float, float]:
    sine_lat, cosine_lat = math.sin(latitude_rad), math.cos(latitude_rad)
    sine_lon, cosine_lon = math.sin(longitude_rad), math.cos(longitude_rad)
    outward = -sine_lat * north_m + cosine_lat * up_m
    return (
        -sine_lon * east_m + cosine_lon * outward,
        cosine_lon * east_m + sine_lon * outward,
        cosine_lat * north_m + sine_lat * up_m,
    )


@bare_kernel
def polar_to_enu(
    range_m: float, azimuth_rad: float, site_height_m: float, object_height_m: float
) -> tuple[float, float, float]:
    """East, north, up at the sensor of a slant range and azimuth, given both heights above WGS 84.

    The elevation that puts the object at its height over a sphere of the site's mean radius follows from
    the triangle Earth's centre, sensor, object: (R+h)² = (R+s)² + r² + 2 (R+s) r sin(elevation).
    """
    site_m = 6_371_008.8 + site_height_m
    target_m = 6_371_008.8 + object_height_m
    if range_m <= 0.0:
        return 0.0, 0.0, 0.0
    sine = (target_m * target_m - site_m * site_m - range_m * range_m) / (2.0 * site_m * range_m)
    sine = min(1.0, max(-1.0, sine))
    ground_m = range_m * math.sqrt(1.0 - sine * sine)
    return ground_m * math.sin(azimuth_rad), ground_m * math.cos(azimuth_rad), range_m * sine
