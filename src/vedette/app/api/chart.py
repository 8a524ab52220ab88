"""What the map asks for beside the picture."""

import msgspec

from vedette.airspace.profile import HeightProfile


class ZoneTimes(msgspec.Struct, frozen=True, kw_only=True):
    """When a zone is active in the day that follows a time."""

    zone_id: str
    at_ms: float
    active: bool
    stretches_ms: tuple[tuple[float, float], ...]


class SensorSite(msgspec.Struct, frozen=True, kw_only=True):
    """Where a sensor stands, and as far as it sees at the height that was asked for."""

    sensor_id: str
    kind: str
    latitude_deg: float
    longitude_deg: float
    height_hae_m: float
    range_m: float
    feed_id: str | None  # that its plots come from; None: none came yet
    outline: tuple[tuple[float, float], ...]  # longitude, latitude
    received: tuple[
        tuple[float, float], ...
    ]  # the same, as far as its plots came from since the program began
    received_plots: int


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What the sensors of a run see at one height."""

    height_amsl_m: float
    with_terrain: bool
    sensors: tuple[SensorSite, ...]


class TrackProfile(msgspec.Struct, frozen=True, kw_only=True):
    """What ``GET /api/tracks/{id}/profile`` answers."""

    track_id: str
    at_ms: float
    pressure_altitude_m: float | None  # as told now
    height_hae_m: float | None  # as measured now, above the ellipsoid
    climb_mps: float | None
    profile: HeightProfile
