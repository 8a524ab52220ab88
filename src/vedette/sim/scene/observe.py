"""What the sensors of a scene report: plots as a table, and who each plot comes from."""

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa

from vedette.model.columns import Flags, Floats, Integers
from vedette.model.frames import ecef_to_geodetic_deg, geodetic_to_ecef_m
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.scene import _kernels as k
from vedette.sim.scene.flight import START_NS, Flights, Flown
from vedette.sim.scene.sites import Patch, Site
from vedette.sim.surroundings import HORIZON, in_sight

FALSE: Final = -1  # origin of a plot that no object made
_FIRST_ADDRESS: Final = 0x400000
_ELEVATION_SIGMA_RAD: Final = 0.0052  # 0.3 degrees: of a counter-drone radar, which measures it
_POLAR: Final = frozenset({"psr", "ssr", "mode_s", "cuas"})
_COLUMNS: Final = (
    "range_m", "azimuth_rad", "elevation_rad", "latitude_deg", "longitude_deg", "pressure_altitude_m",
    "ground_speed_mps", "track_angle_rad",
)  # fmt: skip


class Telling(NamedTuple):
    """What objects tell of themselves, and what the air does to it."""

    heights: bool = False  # also a primary plot has the height: a radar that measures it well
    addresses: bool = False  # every real plot carries the address of its object
    pressure_bias_m: float = 0.0  # of all pressure altitudes against the ellipsoid
    pressure_sigma_m: float = 8.0
    duplicates: float = 0.0  # share of plots that come twice


PLAIN: Final = Telling()


class Seen(NamedTuple):
    """Plots in order of arrival. ``origin`` is for evaluation and for oracle association, never for a tracker."""

    plots: pa.Table
    origin: Integers  # (n,) number of the object, or FALSE


class _Part(NamedTuple):
    """Reports of one sensor."""

    who: Integers
    time_s: Floats
    columns: dict[str, Floats]
    replied: Flags
    height_m: Floats


def address_of(number: int) -> int:
    """24-bit address of an object."""
    return _FIRST_ADDRESS + number


def observe(
    flights: Flights, flown: Flown, sites: tuple[Site, ...], rng: np.random.Generator,
    telling: Telling = PLAIN,
) -> Seen:  # fmt: skip
    """Plots of every sensor from second 0 to the last one.

    A turning antenna meets an object when it points to it: below its range limit, above the horizon (4/3
    Earth) and outside the cone of silence, with its probability of detection. Sources of positions report
    once a period, each object at its own moment, within range and horizon of the receiver.

    Args:
        flights: for how far objects are seen and what they carry.
        flown: their states.
        sites: the sensors.
        rng: the only source of chance; sensors draw from it in their order.
        telling: identity, heights and duplicates.
    """
    parts = []
    for number, site in enumerate(sites):
        polar = site.sensor.kind in _POLAR
        part = _sweeps(flights, flown, site, rng) if polar else _reports(flights, flown, site, rng)
        parts.append((number, site, part))
    return _table(parts, sites, flights, rng, telling)


def _site_frame(sensor: Sensor) -> Floats:
    place = geodetic_to_ecef_m(
        np.array([sensor.latitude_deg]), np.array([sensor.longitude_deg]),
        np.array([sensor.height_hae_m]),
    )[0]  # fmt: skip
    return np.array([np.radians(sensor.latitude_deg), np.radians(sensor.longitude_deg), *place])


def _sweeps(flights: Flights, flown: Flown, site: Site, rng: np.random.Generator) -> _Part:
    sensor = site.sensor
    scans = np.arange(-1, int(flown.duration_s / sensor.period_s) + 1)
    starts_s: Floats = np.asarray(
        site.phase_s % sensor.period_s + scans * sensor.period_s, dtype=np.float64
    )
    room = max(flights.objects * len(scans), 1)
    who, out = np.empty(room, np.int64), np.empty((room, 6))
    count = k.sweep(
        flown.states, _site_frame(sensor), starts_s, sensor.period_s,
        flights.reach * sensor.range_max_m, who, out,
    )  # fmt: skip
    who, out = who[:count], out[:count]
    seen = (
        (rng.random(count) < sensor.detection_probability)
        & (out[:, 1] > site.range_min_m)
        & (out[:, 3] < site.elevation_max_rad)
        & in_sight(sensor.height_hae_m, out[:, 4], out[:, 1])
    )
    who, out = who[seen], out[seen]
    noise = rng.normal(size=(2, len(who)))
    replied = flights.equipped[who] & (rng.random(len(who)) < site.reply_probability)
    replied &= sensor.kind in ("ssr", "mode_s")
    if sensor.kind == "ssr":  # it hears answers alone
        keep = replied
        who, out, noise, replied = who[keep], out[keep], noise[:, keep], replied[keep]
    bias = site.azimuth_bias_rad + site.azimuth_drift_rps * out[:, 0]
    range_m = np.maximum(out[:, 1] + site.range_bias_m + sensor.range_sigma_m * noise[0], 1.0)
    azimuth = out[:, 2] + bias + sensor.azimuth_sigma_rad * noise[1]
    false_s, false_range, false_azimuth = _false_plots(site, starts_s, flown.duration_s, rng)
    none = np.full(len(false_s), FALSE)
    columns: dict[str, Floats] = {
        "range_m": np.concatenate([range_m, false_range]),
        "azimuth_rad": np.concatenate([azimuth, false_azimuth]) % (2.0 * np.pi),
    }
    if sensor.kind == "cuas":
        elevation = out[:, 3] + rng.normal(0.0, _ELEVATION_SIGMA_RAD, len(who))
        columns["elevation_rad"] = np.concatenate([elevation, rng.uniform(0.0, 0.2, len(false_s))])
    return _Part(
        np.concatenate([who, none]),
        np.concatenate([out[:, 0], false_s]),
        columns,
        np.concatenate([replied, none > 0]),
        np.concatenate([out[:, 4], np.full(len(false_s), np.nan)]),
    )


def _false_plots(
    site: Site, starts_s: Floats, duration_s: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Times, ranges and azimuths of plots that no object made."""
    sensor = site.sensor
    everywhere = Patch(
        azimuth_rad=np.pi, range_m=(site.range_min_m + sensor.range_max_m) / 2.0,
        width_rad=2.0 * np.pi, depth_m=sensor.range_max_m - site.range_min_m,
        plots_per_turn=site.false_plots,
    )  # fmt: skip
    times, ranges, azimuths = [], [], []
    for patch in (everywhere, *site.patches):
        per_turn = rng.poisson(patch.plots_per_turn, len(starts_s))
        count = int(per_turn.sum())
        spread = rng.uniform(-0.5, 0.5, (2, patch.points or count))
        if patch.points:  # the same turbines again and again, measured with the noise of an object
            spread = spread[:, rng.integers(0, patch.points, count)]
        noise = rng.normal(size=(2, count)) * (1.0 if patch.points else 0.0)
        azimuth = (
            patch.azimuth_rad + patch.width_rad * spread[0] + sensor.azimuth_sigma_rad * noise[0]
        )
        ranges.append(patch.range_m + patch.depth_m * spread[1] + sensor.range_sigma_m * noise[1])
        azimuth = azimuth % (2.0 * np.pi)
        azimuths.append(azimuth)
        times.append(np.repeat(starts_s, per_turn) + azimuth / (2.0 * np.pi) * sensor.period_s)
    time_s, range_m, azimuth = (np.concatenate(part) for part in (times, ranges, azimuths))
    inside = (time_s >= 0.0) & (time_s < duration_s) & (range_m >= 1.0)
    return time_s[inside], range_m[inside], azimuth[inside]


def _reports(flights: Flights, flown: Flown, site: Site, rng: np.random.Generator) -> _Part:
    sensor = site.sensor
    senders = np.arange(flights.objects)
    if sensor.kind in ("ads_b", "mlat", "remote_id"):
        senders = senders[flights.equipped]
    turns = int(np.ceil(flown.duration_s / sensor.period_s))
    who = np.tile(senders, turns)
    own = rng.uniform(0.0, sensor.period_s, len(senders))
    time_s = np.tile(own, turns) + np.repeat(np.arange(turns) * sensor.period_s, len(senders))
    got = (rng.random(len(who)) < sensor.detection_probability) & (time_s < flown.duration_s)
    who, time_s = who[got], time_s[got]
    out = np.empty((len(who), 4))
    k.report(flown.states, who, time_s, out)
    distance = np.linalg.norm(out[:, :3] - _site_frame(sensor)[2:], axis=1)
    heard = (distance < sensor.range_max_m) & in_sight(sensor.height_hae_m, out[:, 3], distance)
    who, time_s, out = who[heard], time_s[heard], out[heard]
    place = ecef_to_geodetic_deg(out[:, :3])
    lat = np.radians(place[:, 0])
    noise_m = rng.normal(scale=sensor.range_sigma_m, size=(2, len(who)))
    columns: dict[str, Floats] = {
        "latitude_deg": np.clip(place[:, 0] + np.degrees(noise_m[0] / 6_371_008.8), -90.0, 90.0),
        "longitude_deg": (
            place[:, 1]
            + np.degrees(noise_m[1] / 6_371_008.8 / np.maximum(np.cos(lat), 1e-6)) + 180.0
        ) % 360.0 - 180.0,
    }  # fmt: skip
    if sensor.kind in ("ads_b", "remote_id"):
        at = np.clip(np.round(time_s).astype(np.int64), 0, flown.duration_s)
        v = flown.states[who, at, 3:6]
        lon = np.radians(place[:, 1])
        east = v[:, 1] * np.cos(lon) - v[:, 0] * np.sin(lon)
        outward = v[:, 0] * np.cos(lon) + v[:, 1] * np.sin(lon)
        north = v[:, 2] * np.cos(lat) - outward * np.sin(lat)
        error = rng.normal(scale=1.0, size=(2, len(who)))
        columns["ground_speed_mps"] = np.hypot(east + error[0], north + error[1])
        columns["track_angle_rad"] = np.arctan2(east + error[0], north + error[1]) % (2.0 * np.pi)
    return _Part(who, time_s, columns, flights.equipped[who], out[:, 3])


def _table(
    parts: list[tuple[int, Site, _Part]], sites: tuple[Site, ...], flights: Flights,
    rng: np.random.Generator, telling: Telling,
) -> Seen:  # fmt: skip
    """One table of all reports, in order of arrival."""
    sensor, valid, late, who, replied, heights = [], [], [], [], [], []
    values: dict[str, list[Floats]] = {name: [] for name in _COLUMNS}
    for number, site, part in parts:
        keep = np.ones(len(part.who), np.bool_)
        for begin_s, end_s in site.silent:
            keep &= (part.time_s < begin_s) | (part.time_s >= end_s)
        count = int(keep.sum())
        sensor.append(np.full(count, number, np.int32))
        valid.append(np.round((part.time_s[keep] + site.time_bias_s) * SECOND_NS).astype(np.int64))
        delay = np.full(count, site.latency_s - min(site.time_bias_s, 0.0))
        if site.delay_s > 0.0:
            delay += np.minimum(rng.exponential(site.delay_s, count), site.delay_max_s)
        late.append(np.round(delay * SECOND_NS).astype(np.int64))
        who.append(part.who[keep])
        replied.append(part.replied[keep])
        heights.append(part.height_m[keep])
        for name in _COLUMNS:
            column = part.columns.get(name)
            values[name].append(np.full(count, np.nan) if column is None else column[keep])
    if not parts:
        return Seen(PLOT.empty_table(), np.zeros(0, np.int64))
    source, origin = np.concatenate(sensor), np.concatenate(who)
    valid_ns = START_NS + np.concatenate(valid)
    received_ns = valid_ns + np.concatenate(late)
    answer, height = np.concatenate(replied), np.concatenate(heights)
    columns: dict[str, Any] = {name: np.concatenate(values[name]) for name in _COLUMNS}
    real = origin >= 0
    tells = real if telling.heights else answer
    columns["pressure_altitude_m"] = np.where(
        tells,
        height + telling.pressure_bias_m + rng.normal(0.0, telling.pressure_sigma_m, len(height)),
        np.nan,
    )
    rows = np.argsort(received_ns, kind="stable")
    if telling.duplicates > 0.0:
        again = np.flatnonzero(rng.random(len(rows)) < telling.duplicates)
        more_ns = rng.integers(SECOND_NS // 10, 5 * SECOND_NS, len(again))
        rows = np.concatenate([np.arange(len(rows)), again])
        arrival = np.concatenate([received_ns, received_ns[again] + more_ns])
        order = np.argsort(arrival, kind="stable")
        rows, received_ns = rows[order], arrival[order]
    else:
        received_ns = received_ns[rows]
    source, origin, answer = source[rows], origin[rows], answer[rows]
    names = pa.array([site.sensor.sensor_id for site in sites], pa.string())
    secondary = np.array([site.sensor.kind in ("ssr", "mode_s") for site in sites])
    kinds = [site.sensor.kind for site in sites]
    labels = sorted({*kinds, "psr"})
    kind = np.array([labels.index(name) for name in kinds], np.int32)[source]
    kind[secondary[source] & ~answer] = labels.index("psr")
    modes = np.array([site.sensor.kind != "ssr" for site in sites])
    addressed = (origin >= 0) & (telling.addresses | (answer & modes[source]))
    arrays: dict[str, pa.Array] = {
        "sensor_id": pa.DictionaryArray.from_arrays(pa.array(source, pa.int32()), names),
        "kind": pa.DictionaryArray.from_arrays(pa.array(kind, pa.int32()), pa.array(labels)),
        "valid_ns": pa.array(valid_ns[rows]),
        "received_ns": pa.array(received_ns),
    }
    for name in _COLUMNS:
        column = columns[name]
        if not np.isnan(column).all():
            arrays[name] = pa.array(column[rows], from_pandas=True)
    if addressed.any():
        arrays["icao24"] = pa.array(
            np.maximum(origin, 0) + _FIRST_ADDRESS, pa.uint32(), mask=~addressed
        )
    return Seen(pa.table(arrays), origin)


def sensors_in_view(flights: Flights, flown: Flown, sites: tuple[Site, ...]) -> Integers:
    """(n, t) how many sensors could see each object at each second; an outage does not lower it."""
    frames = np.array(
        [
            [
                *_site_frame(site.sensor)[2:], np.sqrt(max(site.sensor.height_hae_m, 1.0)),
                site.sensor.range_max_m,
            ]
            for site in sites
        ]
    ).reshape(-1, 5)  # fmt: skip
    out = np.zeros((flights.objects, flown.duration_s + 1), np.int64)
    k.in_view(flown.states, frames, flights.reach, HORIZON, out)
    return out
