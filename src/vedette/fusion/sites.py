"""Sensors and settings as the kernels read them."""

import math
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vedette.fusion import _layout as c
from vedette.fusion.order import POLAR_KINDS, PRIMARY_KINDS, Sites, epoch_ms, seed_of
from vedette.fusion.settings import FusionSettings, Motion
from vedette.model._kernels import geodetic_to_ecef
from vedette.model.columns import Floats, Integers
from vedette.model.sensor import Sensor, SensorKind

# a geographic source without a site: accuracy per axis [m] and pace [s] of its kind
UNLISTED: Final[dict[str, tuple[float, float]]] = {
    "ads_b": (30.0, 1.0),
    "mlat": (80.0, 1.0),
    "remote_id": (20.0, 1.0),
    "track": (150.0, 4.0),
    "person": (2_000.0, 60.0),
    "acoustic": (500.0, 2.0),
}
# accuracy of a bearing where neither it nor its site states one, which then has that of a radar [rad]
USUAL_BEARING_RAD: Final[dict[str, float]] = {
    "acoustic": math.radians(5.0), "person": math.radians(10.0),
}  # fmt: skip
RADAR_BEARING_RAD: Final = Sensor.__struct_defaults__[
    Sensor.__struct_fields__.index("azimuth_sigma_rad") - len(Sensor.__struct_fields__)
]
LOW_KINDS: Final = frozenset({"cuas", "acoustic", "remote_id", "person"})  # of what flies low
MOTION_KINDS: Final = {"straight": c.STRAIGHT, "turn": c.TURN, "slow": c.SLOW}


class Parameters(NamedTuple):
    """The settings as the kernels read them."""

    g: Floats
    motions: Floats  # (3, MOTION_FLOATS, LANES): moving, slow, newborn
    lanes: Integers  # (3,) motions in use
    cores: int  # that share the work around the kernels


@lru_cache(maxsize=16)
def parameters(settings: FusionSettings) -> Parameters:
    """Settings as arrays, made once for each: they are read and never written."""
    s = settings
    values = [
        s.gate_chi2, s.gate_max_m, s.cell_m, s.same_address_factor, s.other_address_factor,
        s.same_code_factor, s.other_code_factor, s.same_callsign_factor, s.other_callsign_factor,
        s.second_look, s.birth_per_m2, s.clutter_per_scan, s.clutter_memory_s,
        s.geographic_clutter_per_m2, s.confirm_odds, s.confirm_updates,
        s.confirm_updates_cooperative, s.end_existence, s.latency_s, s.coast_periods,
        s.tentative_periods, s.end_periods, s.end_min_s, s.end_max_s, s.merge_chi2, s.merge_checks,
        s.late_max_s, s.future_max_s, s.height_assumed_hae_m, s.height_assumed_sigma_m,
        s.height_unknown_sigma_m, s.height_drift, s.pressure_sigma_m, s.datum_sigma_m,
        s.datum_sigma_share, s.geometric_sigma_m, s.elevation_sigma_rad, s.climb_density,
        s.velocity_sigma_mps, s.tracks_max, s.plots_max, s.sensors_max, s.belief_rounds,
        s.birth_per_turn, s.slow_below_mps, s.range_rate_sigma_mps,
    ]  # fmt: skip
    groups = (s.motions, s.slow_motions, s.birth_motions)
    motions = np.zeros((len(groups), c.MOTION_FLOATS, c.LANES))
    motions[:, [c.M_DECAY, c.M_STAY, c.M_REST]] = 1.0  # lanes that are not used divide by them too
    for group, members in enumerate(groups):
        for lane, m in enumerate(members):
            motions[group, :, lane] = _motion_row(m, members)
    lanes = np.array([len(members) for members in groups])
    return Parameters(np.array(values, dtype=np.float64), motions, lanes, s.cores)


def _motion_row(m: Motion, members: tuple[Motion, ...]) -> list[float]:
    rest = sum(other.entry for other in members) - m.entry
    return [
        MOTION_KINDS[m.kind], m.turn_rate_rps, m.acceleration_density, m.decay_s, m.stay_s,
        m.entry, m.birth_speed_sigma_mps, max(rest, 1e-9),
    ]  # fmt: skip


def _site_row(settings: FusionSettings, sensor: Sensor, listed: bool) -> list[float]:
    latitude, longitude = np.radians(sensor.latitude_deg), np.radians(sensor.longitude_deg)
    place = geodetic_to_ecef(latitude, longitude, sensor.height_hae_m)
    polar = listed and sensor.kind in POLAR_KINDS
    height_m, sigma_m = settings.height_assumed_hae_m, settings.height_assumed_sigma_m
    if sensor.kind in LOW_KINDS:
        height_m, sigma_m = sensor.height_hae_m + settings.low_assumed_m, settings.low_assumed_m
    return [
        latitude, longitude, sensor.height_hae_m, *place, sensor.range_max_m, sensor.period_s,
        min(max(sensor.detection_probability, 0.05), 0.99), float(polar),
        float(polar and sensor.kind in PRIMARY_KINDS), np.sin(latitude), np.cos(latitude),
        np.sin(longitude), np.cos(longitude), 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, height_m, sigma_m, 0.0,
        0.0, settings.birth_per_turn,
    ]  # fmt: skip


class Register:
    """The sensors that a picture has met, numbered in the order in which it met them."""

    def __init__(self) -> None:
        self.sensors: tuple[Sensor, ...] | None = None
        self.numbers: dict[str, int] = {}
        self.columns: list[tuple[Sensor, bool]] = []  # the sensor, and whether it has a site
        self.sites: Sites | None = None


def meet_sensors(
    settings: FusionSettings, state: Register, table: pa.Table, sensors: tuple[Sensor, ...]
) -> Sites:
    """Number the sensors of this tick that are new, in the order of their ids."""
    listed = {sensor.sensor_id: sensor for sensor in sensors}
    unknown = [
        sensor_id
        for sensor_id in pc.unique(table.column("sensor_id")).to_pylist()
        if sensor_id is not None and sensor_id not in listed and sensor_id not in state.numbers
    ]
    named = _kinds(table, unknown) if unknown else {}
    changed = state.sensors != sensors
    for sensor_id in sorted(set(listed) | set(named)):
        sensor = listed.get(sensor_id)
        if sensor_id in state.numbers:
            number = state.numbers[sensor_id]
            if changed and sensor is not None and state.columns[number] != (sensor, True):
                state.columns[number] = (sensor, True)
            continue
        if len(state.columns) >= settings.sensors_max:
            continue  # its plots count as unusable
        if sensor is None:
            kind: Any = named[sensor_id]
            if kind not in UNLISTED:
                continue  # a radar without a site, or an unknown kind
            sigma_m, period_s = UNLISTED[kind]
            sensor = _unlisted(sensor_id, kind, sigma_m, period_s)
        state.numbers[sensor_id] = len(state.columns)
        state.columns.append((sensor, sensor_id in listed))
        changed = True
    if changed or state.sites is None:
        state.sensors = sensors
        seeds = np.array([seed_of(s.sensor_id) for s, _ in state.columns], dtype=np.uint64)
        ranks = np.empty(len(seeds), np.int64)
        ranks[np.argsort(seeds)] = np.arange(len(seeds))
        state.sites = Sites(
            state.numbers,
            np.array(
                [_site_row(settings, sensor, has_site) for sensor, has_site in state.columns]
            ).reshape(-1, c.SENSOR_FLOATS),
            np.array([[s.range_sigma_m, _bearing_sigma(s)] for s, _ in state.columns]).reshape(
                -1, 2
            ),
            seeds.view(np.int64),
            ranks,
            np.array([epoch_ms(s.period_s) for s, _ in state.columns], dtype=np.int64),
        )
    return state.sites


def _kinds(table: pa.Table, sensor_ids: list[str]) -> dict[str, str]:
    """Kind of each of these sensors, the first by name of several; in one pass, however many names there are."""
    own = table.select(["sensor_id", "kind"])
    own = own.filter(pc.is_in(own.column("sensor_id"), value_set=pa.array(sensor_ids, pa.string())))
    named = dict.fromkeys(sensor_ids, "")
    for row in own.group_by(["sensor_id", "kind"]).aggregate([]).to_pylist():
        sensor_id, kind = row["sensor_id"], row["kind"]
        if kind is not None:
            named[sensor_id] = min(named[sensor_id] or kind, kind)
    return named


def _bearing_sigma(sensor: Sensor) -> float:
    stated: float = sensor.azimuth_sigma_rad
    if sensor.kind in ("acoustic", "person") and stated == RADAR_BEARING_RAD:
        return USUAL_BEARING_RAD[sensor.kind]
    return stated


def _unlisted(sensor_id: str, kind: SensorKind, sigma_m: float, period_s: float) -> Sensor:
    return Sensor(
        sensor_id=sensor_id, kind=kind, latitude_deg=0.0, longitude_deg=0.0,
        range_sigma_m=sigma_m, period_s=period_s,
    )  # fmt: skip
