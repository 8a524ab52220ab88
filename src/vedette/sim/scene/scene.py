"""A scene: plots, sensors and truth from settings and a seed."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from vedette.model.columns import Integers
from vedette.model.plot import PLOT
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.scene.flight import START_NS, Flights, Flown, fly, truth_table
from vedette.sim.scene.observe import PLAIN, Telling, observe, sensors_in_view
from vedette.sim.scene.settings import Field, SceneSettings, Traffic, named
from vedette.sim.scene.sites import Patch, Site, grid, offset_deg
from vedette.sim.scene.traffic import flights_of


class Scene(NamedTuple):
    """What a tracker is given, and what it is measured with.

    ``plots`` has the columns of the plot table that are not null throughout, in order of arrival.
    """

    settings: SceneSettings
    seed: int  # -1: composed by hand
    flights: Flights
    flown: Flown
    sites: tuple[Site, ...]
    plots: pa.Table
    origin: Integers  # (n,) object of each plot, FALSE for none: never shown to a tracker
    truth: pa.Table  # TRUTH, every second

    @property
    def sensors(self) -> tuple[Sensor, ...]:
        """What the tracker is told of the sensors."""
        return tuple(site.sensor for site in self.sites)

    def batches(self, period_s: float = 1.0) -> Iterator[tuple[int, pa.Table]]:
        """Times of pictures, and the plots that arrived until then as whole PLOT tables."""
        return batches_of(self.plots, self.settings.duration_s, period_s)


def batches_of(
    plots: pa.Table, duration_s: int, period_s: float = 1.0
) -> Iterator[tuple[int, pa.Table]]:
    """As ``Scene.batches``, of any plots in order of arrival that begin with a scene's second 0."""
    period_ns = round(period_s * SECOND_NS)
    count = -(-duration_s * SECOND_NS // period_ns)
    arrival = plots.column("received_ns").to_numpy()
    ends = np.searchsorted(arrival, START_NS + np.arange(count + 1) * period_ns, side="right")
    for number in range(count + 1):
        first = 0 if number == 0 else int(ends[number - 1])
        yield START_NS + number * period_ns, whole(plots.slice(first, int(ends[number]) - first))


def whole(part: pa.Table) -> pa.Table:
    """Rows with every column of the plot table."""
    columns = []
    for field in PLOT:
        if field.name in part.column_names:
            columns.append(part.column(field.name).combine_chunks().cast(field.type))
        else:
            columns.append(pa.nulls(part.num_rows, field.type))
    return pa.table(columns, schema=PLOT)


def _sites(settings: SceneSettings, rng: np.random.Generator) -> tuple[Site, ...]:
    field, duration_s = settings.field, settings.duration_s
    count = field.radars
    places = grid(
        count,
        offset_deg(settings.centre_deg, *field.offset_m),
        field.side_m,
        shift=rng.uniform(-0.1, 0.1, (count, 2)),
    )
    reach = rng.uniform(*field.range_max_m, count)
    biases = rng.normal(size=(4, count))
    silent = rng.random(count) < field.outages
    begin = rng.uniform(0.2, 0.7, count) * duration_s
    sites = []
    for number, (latitude, longitude) in enumerate(places):
        sensor = Sensor(
            sensor_id=f"radar-{number:03d}", kind=field.kind, latitude_deg=latitude,
            longitude_deg=longitude, height_hae_m=field.site_height_hae_m,
            range_max_m=float(reach[number]), range_sigma_m=field.range_sigma_m,
            azimuth_sigma_rad=float(np.radians(field.azimuth_sigma_deg)), period_s=field.period_s,
            detection_probability=field.detection,
        )  # fmt: skip
        out = (float(begin[number]), float(begin[number] + 0.25 * duration_s))
        sites.append(
            Site(
                sensor=sensor,
                phase_s=float((number + rng.uniform(0.0, 0.8)) / count * field.period_s),
                range_min_m=min(1_000.0, 0.01 * sensor.range_max_m),
                range_bias_m=float(biases[0, number]) * field.range_bias_m,
                azimuth_bias_rad=float(np.radians(biases[1, number] * field.azimuth_bias_deg)),
                time_bias_s=float(biases[2, number]) * field.time_bias_s,
                azimuth_drift_rps=float(
                    np.radians(biases[3, number] * field.azimuth_drift_deg_h) / 3600.0
                ),
                false_plots=field.false_plots,
                patches=_patches(settings, rng),
                silent=(out,) if silent[number] else (),
                delay_s=field.delay_s,
                delay_max_s=field.delay_max_s,
            )
        )
    middle = settings.centre_deg
    for number, place in enumerate(grid(field.receivers, middle, field.side_m)):
        sites.append(_source(f"receiver-{number:02d}", "ads_b", place, field.receiver_sigma_m))
    if field.multilateration:
        sites.append(_source("multilateration", "mlat", middle, 80.0))
    return tuple(sites)


def _source(name: str, kind: str, place: tuple[float, float], sigma_m: float) -> Site:
    sensor = Sensor(
        sensor_id=name, kind="ads_b" if kind == "ads_b" else "mlat", latitude_deg=place[0],
        longitude_deg=place[1], height_hae_m=50.0, range_max_m=400_000.0, range_sigma_m=sigma_m,
        period_s=1.0, detection_probability=0.9,
    )  # fmt: skip
    return Site(sensor=sensor)


def _patches(settings: SceneSettings, rng: np.random.Generator) -> tuple[Patch, ...]:
    field, patches = settings.field, []
    if field.sea_clutter > 0.0:
        patches.append(
            Patch(
                azimuth_rad=float(rng.uniform(0.0, 2.0 * np.pi)), range_m=22_000.0,
                width_rad=2.0, depth_m=40_000.0, plots_per_turn=field.sea_clutter,
            )
        )  # fmt: skip
    patches += [
            Patch(
                azimuth_rad=float(rng.uniform(0.0, 2.0 * np.pi)),
                range_m=float(rng.uniform(15_000.0, 60_000.0)), width_rad=0.1, depth_m=6_000.0,
                plots_per_turn=4.0, points=30,
            )
            for _ in range(field.wind_farms)
        ]  # fmt: skip
    return tuple(patches)


def compose(
    flights: Flights, sensors: tuple[Sensor, ...], duration_s: int, rng: np.random.Generator, *,
    false_plots: float = 0.0, telling: Telling = PLAIN, flown: Flown | None = None,
) -> Scene:  # fmt: skip
    """A scene of one's own flights and sensors, which are as good as they say.

    Args:
        flights: of the scene.
        sensors: each begins its turn at a moment of chance.
        duration_s: whole seconds.
        rng: the only source of chance.
        false_plots: mean of each turn of each radar, even in range and azimuth.
        telling: heights and addresses that plots carry.
        flown: states of the objects, where they come from elsewhere: real flights.
    """
    sites = tuple(
        Site(
            sensor=sensor, phase_s=float(rng.uniform(0.0, sensor.period_s)),
            false_plots=false_plots, range_min_m=min(1_000.0, 0.01 * sensor.range_max_m),
        )
        for sensor in sensors
    )  # fmt: skip
    if flown is None:
        flown = fly(flights, duration_s, rng)
    seen = observe(flights, flown, sites, rng, telling)
    settings = SceneSettings(
        traffic=Traffic(objects=flights.objects), field=Field(radars=len(sites)),
        duration_s=duration_s,
    )  # fmt: skip
    truth = truth_table(flown, sensors_in_view(flights, flown, sites))
    return Scene(settings, -1, flights, flown, sites, seen.plots, seen.origin, truth)


def make(settings: SceneSettings | str, seed: int) -> Scene:
    """The scene of settings, or of a name, and a seed.

    Raises:
        SettingError: no scene has that name.
    """
    if isinstance(settings, str):
        settings = named(settings)
    rng = np.random.default_rng(seed)
    flights = flights_of(settings, rng)
    sites = _sites(settings, rng)
    flown = fly(flights, settings.duration_s, rng)
    telling = Telling(
        heights=settings.heights,
        addresses=settings.addresses,
        pressure_bias_m=float(rng.normal()) * settings.pressure_bias_m,
        duplicates=settings.duplicates,
    )
    seen = observe(flights, flown, sites, rng, telling)
    view = sensors_in_view(flights, flown, sites)
    return Scene(
        settings, seed, flights, flown, sites, seen.plots, seen.origin, truth_table(flown, view)
    )
