"""Simulated rotating radars: what the beam meets, with noise, misses and false plots, as ASTERIX bytes."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np
import pyarrow as pa

from vedette.feeds.asterix.encoder import encode_cat034, encode_cat048
from vedette.feeds.decoder import Chunk
from vedette.model.columns import Flags, Floats
from vedette.model.frames import geodetic_to_polar
from vedette.model.plot import plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.motion import Motion
from vedette.sim.scenario import Radar, Scenario
from vedette.sim.surroundings import RAIN_TOP_M, Sight, lost_in_rain, rain_at

SECTORS: Final = 32
_DEGREE_M: Final = 111_200.0  # of latitude
_LATENCY_S: Final = 0.12  # from the end of a sector to its datagram


def site_of(radar: Radar) -> Sensor:
    """The sensors-file entry of a simulated radar."""
    return Sensor(
        sensor_id=radar.sensor_id,
        kind="mode_s",
        latitude_deg=radar.latitude_deg,
        longitude_deg=radar.longitude_deg,
        height_hae_m=radar.height_hae_m,
        sac=radar.sac,
        sic=radar.sic,
        range_max_m=radar.range_max_m,
        range_sigma_m=radar.range_sigma_m,
        azimuth_sigma_rad=radar.azimuth_sigma_rad,
        period_s=radar.period_s,
        detection_probability=radar.primary_pd,
    )


class SimulatedRadar:
    """The Feed port of one radar."""

    def __init__(
        self, radar: Radar, motions: list[Motion], start_ns: int, scenario: Scenario, seed: int
    ) -> None:
        self.radar, self.sensor, self._start_ns = radar, site_of(radar), start_ns
        self._duration_s, self._weather = scenario.duration_s, scenario.weather
        self._site = (radar.latitude_deg, radar.longitude_deg, radar.height_hae_m)
        self._sight = Sight(self._site, scenario.terrain)
        rng = np.random.default_rng(seed)
        parts = [self._sweep(motion, rng) for motion in motions]
        parts.append(self._false_plots(rng))
        parts += [self._sea(rng), *self._rain(rng)]
        table = pa.concat_tables([part for part in parts if part.num_rows])
        self._plots = table.sort_by("received_ns")

    def _beam_times(self, motion: Motion) -> Floats:
        """When the beam meets an object: azimuth of the object equals that of the antenna."""
        radar = self.radar
        scans = np.arange(np.ceil(self._duration_s / radar.period_s) + 1)
        starts_s = radar.phase_s + scans * radar.period_s
        times_s = starts_s + radar.period_s / 2.0
        for _ in range(3):
            states = motion.at(times_s)
            azimuth = geodetic_to_polar(self._site, states[:, :3])[:, 1]
            times_s = np.where(
                np.isnan(azimuth), times_s, starts_s + azimuth / (2 * np.pi) * radar.period_s
            )
        return times_s[(times_s >= 0) & (times_s < self._duration_s)]

    def _sweep(self, motion: Motion, rng: np.random.Generator) -> pa.Table:
        radar, transponder = self.radar, motion.flight.transponder
        times_s = self._beam_times(motion)
        states = motion.at(times_s)
        alive = ~np.isnan(states[:, 0])
        times_s, states = times_s[alive], states[alive]
        polar = geodetic_to_polar(self._site, states[:, :3])
        answers = np.full(len(times_s), transponder is not None)
        if transponder is not None and transponder.silent_after_s is not None:
            answers &= times_s - motion.start_s < transponder.silent_after_s
        visible = (polar[:, 0] < radar.range_max_m) & self._sight.sees(states[:, :3], polar[:, 0])
        chance, answered = rng.random(len(times_s)), rng.random(len(times_s))
        replied = answers & (answered < radar.secondary_pd)
        echo = radar.primary_pd * (1.0 - lost_in_rain(self._weather, times_s, states[:, :2]))
        seen = visible & (replied | (chance < echo))
        noise_m = rng.normal(0.0, radar.range_sigma_m, len(times_s))
        noise_rad = rng.normal(0.0, radar.azimuth_sigma_rad, len(times_s))
        times_s, states, polar, replied = times_s[seen], states[seen], polar[seen], replied[seen]
        return self._table(
            times_s,
            polar[:, 0] + noise_m[seen] + radar.range_bias_m,
            polar[:, 1] + noise_rad[seen] + radar.azimuth_bias_rad,
            states[:, 2],
            replied,
            motion,
        )

    def _table(
        self,
        times_s: Floats,
        ranges_m: Floats,
        azimuths_rad: Floats,
        heights_m: Floats,
        replied: Flags,
        motion: Motion | None,
    ) -> pa.Table:
        count = len(times_s)
        valid_ns = self._start_ns + np.round(self._told_s(times_s) * SECOND_NS).astype(np.int64)
        columns: dict[str, object] = {
            "sensor_id": [self.radar.sensor_id] * count,
            "kind": ["mode_s" if reply else "psr" for reply in replied],
            "valid_ns": valid_ns,
            "received_ns": self._start_ns + np.round(times_s * SECOND_NS).astype(np.int64),
            "range_m": np.abs(ranges_m),
            "azimuth_rad": azimuths_rad % (2 * np.pi),
        }
        transponder = motion.flight.transponder if motion is not None else None
        if motion is not None and transponder is not None:
            code, later = int(transponder.mode3a, 8), transponder.squawk_after_s
            codes = np.full(count, code)
            if later is not None:
                codes[times_s - motion.start_s >= later[0]] = int(later[1], 8)
            address = int(transponder.icao24, 16)
            columns |= {
                "pressure_altitude_m": np.where(replied, heights_m, np.nan),
                "icao24": [address if reply else None for reply in replied],
                "mode3a": [
                    int(value) if reply else None
                    for value, reply in zip(codes, replied, strict=True)
                ],
                "callsign": [transponder.callsign if reply else None for reply in replied],
            }
        return plots(**columns)

    def _told_s(self, times_s: Floats) -> Floats:
        """(n,) what the radar's own clock says at times [s]."""
        told_s: Floats = times_s + self.radar.time_bias_s
        for at_s, by_s in self.radar.time_jumps_s:
            told_s = told_s + np.where(times_s >= at_s, by_s, 0.0)
        return told_s

    def _told_ns(self, at_ns: int) -> int:
        """The same of one instant."""
        told_s = self._told_s(np.array([(at_ns - self._start_ns) / SECOND_NS]))
        return self._start_ns + round(float(told_s[0]) * SECOND_NS)

    def _false_plots(self, rng: np.random.Generator) -> pa.Table:
        radar = self.radar
        count = int(rng.poisson(radar.false_plots * self._duration_s / radar.period_s))
        azimuths_rad = rng.uniform(0.0, 2 * np.pi, count)
        scans = rng.integers(0, max(1, int(self._duration_s / radar.period_s)), count)
        ranges_m = np.sqrt(rng.uniform(5_000.0**2, radar.range_max_m**2, count))
        return self._clutter(ranges_m, azimuths_rad, scans)

    def _sea(self, rng: np.random.Generator) -> pa.Table:
        """Waves: even over the water within reach."""
        sea, radar = self.radar.sea, self.radar
        if sea is None:
            return self._clutter(np.empty(0), np.empty(0), np.empty(0))
        scans = self._duration_s / radar.period_s
        count = int(rng.poisson(sea.plots_per_scan * scans))
        begin, end = sea.sector_deg
        width = (end - begin) % 360.0 or 360.0
        azimuths_rad = np.radians(begin + rng.uniform(0.0, width, count)) % (2 * np.pi)
        ranges_m = np.sqrt(rng.uniform(1_000.0**2, sea.within_m**2, count))
        return self._clutter(ranges_m, azimuths_rad, rng.integers(0, max(1, int(scans)), count))

    def _rain(self, rng: np.random.Generator) -> Iterator[pa.Table]:
        """Cells of rain, as far as they stand above the horizon."""
        scans = max(1, int(self._duration_s / self.radar.period_s))
        for rain in self._weather.rain:
            count = int(rng.poisson(rain.plots_per_scan * scans))
            scan = rng.integers(0, scans, count)
            off_m = rain.radius_m * np.sqrt(rng.uniform(0.0, 1.0, count))
            toward = rng.uniform(0.0, 2 * np.pi, count)
            places = rain_at(
                self._weather, rain, np.asarray(scan * self.radar.period_s, dtype=np.float64)
            )
            north_m, east_m = off_m * np.cos(toward), off_m * np.sin(toward)
            places[:, 0] += north_m / _DEGREE_M
            places[:, 1] += east_m / _DEGREE_M / np.cos(np.radians(places[:, 0]))
            heights_m = rng.uniform(300.0, RAIN_TOP_M, count)
            polar = geodetic_to_polar(self._site, np.column_stack([places, heights_m]))
            met = (polar[:, 0] < self.radar.range_max_m) & self._sight.sees(
                np.column_stack([places, heights_m]), polar[:, 0]
            )
            yield self._clutter(polar[met, 0], polar[met, 1], scan[met])

    def _clutter(self, ranges_m: Floats, azimuths_rad: Floats, scans: np.ndarray) -> pa.Table:
        times_s = self.radar.phase_s + (scans + azimuths_rad / (2 * np.pi)) * self.radar.period_s
        count = len(ranges_m)
        return self._table(
            times_s, ranges_m, azimuths_rad, np.zeros(count), np.zeros(count, dtype=bool), None
        )

    def chunks(self, skip: int) -> Iterator[Chunk]:
        """Datagrams in order of time, without the first ``skip`` ones."""
        return islice(self._datagrams(), skip, None)

    def _datagrams(self) -> Iterator[Chunk]:
        radar = self.radar
        sector_s = radar.period_s / SECTORS
        met_s = (self._plots.column("received_ns").to_numpy() - self._start_ns) / SECOND_NS
        count = int(np.ceil(self._duration_s / sector_s))
        edges = radar.phase_s + sector_s * np.arange(count + 1)
        rows = np.searchsorted(met_s, edges)
        for k in range(count):
            begin_ns = self._start_ns + round(edges[k] * SECOND_NS)
            if k % SECTORS == 0:
                yield Chunk(begin_ns, encode_cat034("north", self.sensor, self._told_ns(begin_ns)))
            part = self._plots.slice(rows[k], rows[k + 1] - rows[k])
            heard_ns = self._start_ns + round((edges[k + 1] + _LATENCY_S) * SECOND_NS)
            if part.num_rows:
                yield Chunk(heard_ns, encode_cat048(part, self.sensor))
            sector = (k + 1) % SECTORS
            yield Chunk(
                heard_ns,
                encode_cat034(
                    "sector", self.sensor, self._told_ns(heard_ns), sector * 256 // SECTORS
                ),
            )
