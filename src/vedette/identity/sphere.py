"""Places and ways on the sphere as vectors."""

import numpy as np

from vedette.identity.history import Row
from vedette.model.columns import Floats


def unit_vectors(places_deg: Floats) -> Floats:
    """(n, 3) unit vectors of (n, 2) places, latitude first [deg]."""
    latitude, longitude = np.radians(places_deg[:, 0]), np.radians(places_deg[:, 1])
    return np.column_stack(
        (
            np.cos(latitude) * np.cos(longitude),
            np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        )
    )


def place_and_way(one: Row) -> tuple[Floats, Floats]:
    """(3,) unit vector of where a track is, and (3,) its velocity along the ground [m/s]."""
    latitude = np.radians(float(one["latitude_deg"]))
    longitude = np.radians(float(one["longitude_deg"]))
    sin_lat, cos_lat, sin_lon, cos_lon = (
        np.sin(latitude), np.cos(latitude), np.sin(longitude), np.cos(longitude),
    )  # fmt: skip
    east, north = one["velocity_mps"]
    way = east * np.array((-sin_lon, cos_lon, 0.0)) + north * np.array(
        (-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat)
    )
    return np.array((cos_lat * cos_lon, cos_lat * sin_lon, sin_lat)), way
