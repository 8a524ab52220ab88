"""The height profile of a track as the page asks for it: where it was, where it is, where it may be in minutes."""

from typing import Any, Final

import numpy as np
import pyarrow as pa

from vedette.airspace.edges import WGS84
from vedette.airspace.index import ZoneIndex
from vedette.airspace.profile import CERTAINTY, Way, height_profile
from vedette.airspace.terrain import Terrain
from vedette.app.api.chart import TrackProfile
from vedette.app.picture_frames import Past
from vedette.model.columns import Floats, floats, integers
from vedette.model.time import SECOND_NS
from vedette.watch.climbs import heights_ahead_m
from vedette.watch.settings import WatchSettings

AHEAD_S: Final = 300.0
AHEAD_MAX_S: Final = 600.0  # no further than entries are predicted
_STEP_S: Final = 15.0
_POINTS_MAX: Final = 240  # of the past


def past_of_rows(rows: pa.Table) -> Past:
    """The past of a track from its states in a record."""
    pressure, hae = floats(rows, "pressure_altitude_m"), floats(rows, "height_hae_m")
    geometric = np.isnan(pressure)
    return Past(
        integers(rows, "valid_ns", missing=0),
        floats(rows, "latitude_deg"),
        floats(rows, "longitude_deg"),
        np.where(geometric, hae, pressure),
        geometric,
    )


def track_profile(
    zones: ZoneIndex,
    settings: WatchSettings,
    past: Past,
    present: pa.Table,
    ahead_s: float = AHEAD_S,
    terrain: Terrain | None = None,
) -> TrackProfile:
    """The profile of one track.

    Ahead it holds its course and speed over ground; its heights there are those of its futures in ``watch``.

    Args:
        zones: the index.
        settings: of the watch, for the futures.
        past: where it was.
        present: TRACK table with the one row of its present state.
        ahead_s: how far it is predicted [s]; 0: not at all.
        terrain: the ground under it; None: unknown.
    """
    now_ns = int(integers(present, "valid_ns", missing=0)[0])
    pressure_m = float(floats(present, "pressure_altitude_m")[0])
    hae_m = float(floats(present, "height_hae_m")[0])
    climb = float(floats(present, "up_mps")[0])
    way = _joined(past, _now(present, now_ns), _ahead(settings, present, now_ns, ahead_s))
    return TrackProfile(
        track_id=present.column("track_id")[0].as_py(),
        at_ms=now_ns / 1e6,
        pressure_altitude_m=_known(pressure_m),
        height_hae_m=_known(hae_m),
        climb_mps=_known(climb),
        profile=height_profile(zones, way, now_ns, terrain),
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 1)


def _points(present: pa.Table, count: int, **changed: Any) -> Way:
    """``count`` points with the present heights, and whatever is another."""

    def same(name: str) -> Floats:
        return np.full(count, floats(present, name)[0])

    sigma_m = np.nan_to_num(same("height_sigma_m"))
    columns: dict[str, Any] = {
        "latitude_deg": same("latitude_deg"),
        "longitude_deg": same("longitude_deg"),
        "pressure_altitude_m": same("pressure_altitude_m"),
        "height_hae_m": same("height_hae_m"),
        "below_m": CERTAINTY * sigma_m,
        "above_m": CERTAINTY * sigma_m,
        "predicted": np.zeros(count, dtype=bool),
    }
    return Way(**columns | changed)


def _now(present: pa.Table, now_ns: int) -> Way:
    return _points(present, 1, valid_ns=np.array([now_ns], dtype=np.int64))


def _ahead(settings: WatchSettings, present: pa.Table, now_ns: int, ahead_s: float) -> Way:
    times_s = np.arange(_STEP_S, min(ahead_s, AHEAD_MAX_S) + 0.1, _STEP_S)
    count = len(times_s)
    valid_ns = now_ns + (times_s * SECOND_NS).astype(np.int64)
    predicted = np.ones(count, dtype=bool)
    if not count:
        return _points(present, 0, valid_ns=valid_ns, predicted=predicted)
    east, north = float(floats(present, "east_mps")[0]), float(floats(present, "north_mps")[0])
    start = floats(present, "longitude_deg")[0], floats(present, "latitude_deg")[0]
    x, y, _ = WGS84.fwd(
        np.full(count, start[0]),
        np.full(count, start[1]),
        np.full(count, np.degrees(np.arctan2(east, north))),
        np.hypot(east, north) * times_s,
    )
    middle, low, high = heights_ahead_m(settings, present, times_s)[0]
    by_pressure = not np.isnan(floats(present, "pressure_altitude_m")[0])
    unknown = np.full(count, np.nan)
    return _points(
        present,
        count,
        valid_ns=valid_ns,
        longitude_deg=x,
        latitude_deg=y,
        pressure_altitude_m=middle if by_pressure else unknown,
        height_hae_m=unknown if by_pressure else middle,
        below_m=np.nan_to_num(middle - low),
        above_m=np.nan_to_num(high - middle),
        predicted=predicted,
    )


def _joined(past: Past, now: Way, ahead: Way) -> Way:
    earlier = np.flatnonzero(past.valid_ns < now.valid_ns[0])
    if len(earlier) > _POINTS_MAX:
        kept = np.linspace(0, len(earlier) - 1, _POINTS_MAX).round().astype(np.int64)
        earlier = earlier[kept]
    height_m, geometric = past.height_m[earlier], past.geometric[earlier]
    nothing = np.zeros(len(earlier))
    before = Way(
        past.valid_ns[earlier],
        past.latitude_deg[earlier],
        past.longitude_deg[earlier],
        np.where(geometric, np.nan, height_m),
        np.where(geometric, height_m, np.nan),
        nothing,
        nothing,
        nothing > 0.0,
    )
    return Way(*(np.concatenate(columns) for columns in zip(before, now, ahead, strict=True)))
