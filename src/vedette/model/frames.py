"""Frames: WGS 84 geodetic, Earth-centred (ECEF), local east-north-up, and a sensor's polar frame.

Azimuth is clockwise from true north, elevation up from the horizon. Source of the ellipsoid:
NGA.STND.0036, WGS 84.
"""

import numpy as np

from vedette.model import _kernels as k
from vedette.model.columns import Floats
from vedette.model.errors import ShapeError
from vedette.model.kernel import bare_kernel, kernel


@bare_kernel
def _to_ecef(latitude_deg: Floats, longitude_deg: Floats, height_m: Floats, out: Floats) -> None:
    for i in range(latitude_deg.shape[0]):
        out[i, 0], out[i, 1], out[i, 2] = k.geodetic_to_ecef(
            np.radians(latitude_deg[i]), np.radians(longitude_deg[i]), height_m[i]
        )


@bare_kernel
def _to_geodetic(position_m: Floats, out: Floats) -> None:
    for i in range(position_m.shape[0]):
        latitude, longitude, out[i, 2] = k.ecef_to_geodetic(
            position_m[i, 0], position_m[i, 1], position_m[i, 2]
        )
        out[i, 0], out[i, 1] = np.degrees(latitude), np.degrees(longitude)


@bare_kernel
def _from_polar(
    site: Floats, range_m: Floats, azimuth_rad: Floats, height_hae_m: Floats, out: Floats
) -> None:
    latitude, longitude = np.radians(site[0]), np.radians(site[1])
    x_m, y_m, z_m = k.geodetic_to_ecef(latitude, longitude, site[2])
    for i in range(range_m.shape[0]):
        east_m, north_m, up_m = k.polar_to_enu(range_m[i], azimuth_rad[i], site[2], height_hae_m[i])
        dx_m, dy_m, dz_m = k.enu_to_ecef(east_m, north_m, up_m, latitude, longitude)
        object_lat, object_lon, out[i, 2] = k.ecef_to_geodetic(x_m + dx_m, y_m + dy_m, z_m + dz_m)
        out[i, 0], out[i, 1] = np.degrees(object_lat), np.degrees(object_lon)


@kernel
def _to_polar(site: Floats, position: Floats, out: Floats) -> None:
    latitude, longitude = np.radians(site[0]), np.radians(site[1])
    x_m, y_m, z_m = k.geodetic_to_ecef(latitude, longitude, site[2])
    for i in range(position.shape[0]):
        ox_m, oy_m, oz_m = k.geodetic_to_ecef(
            np.radians(position[i, 0]), np.radians(position[i, 1]), position[i, 2]
        )
        east_m, north_m, up_m = k.ecef_to_enu(
            ox_m - x_m, oy_m - y_m, oz_m - z_m, latitude, longitude
        )
        ground_m = np.hypot(east_m, north_m)
        out[i, 0] = np.hypot(ground_m, up_m)
        out[i, 1] = np.arctan2(east_m, north_m) % (2.0 * np.pi)
        out[i, 2] = np.arctan2(up_m, ground_m)


def _columns(*columns: Floats) -> list[Floats]:
    arrays = [np.ascontiguousarray(column, dtype=np.float64) for column in columns]
    for array in arrays:
        if array.shape != arrays[0].shape or array.ndim != 1:
            raise ShapeError(expected=arrays[0].shape, actual=array.shape)
    return arrays


def geodetic_to_ecef_m(latitude_deg: Floats, longitude_deg: Floats, height_hae_m: Floats) -> Floats:
    """(n, 3) Earth-centred positions [m] of (n,) geodetic ones [degrees, degrees, m above WGS 84].

    Raises:
        ShapeError: the arrays do not pair up.

    >>> geodetic_to_ecef_m(np.array([0.0]), np.array([0.0]), np.array([0.0]))
    array([[6378137.,       0.,       0.]])
    """
    latitude, longitude, height = _columns(latitude_deg, longitude_deg, height_hae_m)
    out = np.empty((len(latitude), 3))
    _to_ecef(latitude, longitude, height, out)
    return out


def ecef_to_geodetic_deg(position_m: Floats) -> Floats:
    """(n, 3) latitude, longitude [degrees] and height above WGS 84 [m] of (n, 3) positions [m].

    Raises:
        ShapeError: not (n, 3).
    """
    if position_m.ndim != 2 or position_m.shape[1] != 3:
        raise ShapeError(expected=(len(position_m), 3), actual=position_m.shape)
    out = np.empty(position_m.shape)
    _to_geodetic(np.ascontiguousarray(position_m, dtype=np.float64), out)
    return out


def polar_to_geodetic_deg(
    site: tuple[float, float, float], range_m: Floats, azimuth_rad: Floats, height_hae_m: Floats
) -> Floats:
    """Places of radar plots whose height is known or assumed.

    Args:
        site: latitude, longitude [degrees] and height above WGS 84 [m] of the antenna.
        range_m: (n,) slant ranges [m].
        azimuth_rad: (n,) azimuths clockwise from true north at the site [rad].
        height_hae_m: (n,) heights of the objects [m]; an assumed one where a primary radar has none.

    Returns:
        (n, 3) latitude, longitude [degrees] and height above WGS 84 [m].

    Raises:
        ShapeError: the arrays do not pair up.
    """
    ranges, azimuths, heights = _columns(range_m, azimuth_rad, height_hae_m)
    out = np.empty((len(ranges), 3))
    _from_polar(np.array(site, dtype=np.float64), ranges, azimuths, heights, out)
    return out


def geodetic_to_polar(site: tuple[float, float, float], position: Floats) -> Floats:
    """(n, 3) slant range [m], azimuth and elevation [rad] at a site of (n, 3) geodetic positions.

    Args:
        site: latitude, longitude [degrees] and height above WGS 84 [m].
        position: (n, 3) latitude, longitude [degrees] and height above WGS 84 [m].

    Raises:
        ShapeError: position is not (n, 3).
    """
    if position.ndim != 2 or position.shape[1] != 3:
        raise ShapeError(expected=(len(position), 3), actual=position.shape)
    out = np.empty(position.shape)
    _to_polar(
        np.array(site, dtype=np.float64), np.ascontiguousarray(position, dtype=np.float64), out
    )
    return out
