"""How long identity takes for one picture."""

import time

import numpy as np
import pyarrow as pa

from vedette.bench.row import Row
from vedette.identity.assess import initial, step
from vedette.identity.settings import IdentitySettings
from vedette.model.columns import Floats
from vedette.model.time import SECOND_NS
from vedette.model.track import tracks

START_NS = 1_758_265_080 * SECOND_NS
METRES_PER_DEGREE = 111_195.0


class _Traffic:
    """Straight flights over Europe, one in ten without a transponder, each measured every 4 s."""

    def __init__(self, seed: int, count: int) -> None:
        chance = np.random.default_rng(seed)
        self.count = count
        self.replies = chance.random(count) < 0.9
        self.latitude_deg = chance.uniform(40.0, 65.0, count)
        self.longitude_deg = chance.uniform(-5.0, 30.0, count)
        course_rad = chance.uniform(0.0, 2.0 * np.pi, count)
        speed_mps = chance.uniform(60.0, 260.0, count)
        self.east_mps: Floats = speed_mps * np.sin(course_rad)
        self.north_mps: Floats = speed_mps * np.cos(course_rad)
        self.height_m = chance.uniform(500.0, 12_000.0, count)
        self.names = [f"track-{index:05d}" for index in range(count)]
        flat = np.tile([1e4, 0, 0, 0, 1e4, 0, 0, 25.0, 0, 25.0], count)
        self.covariance = pa.FixedSizeListArray.from_arrays(flat, 10)
        self.icao24 = pa.array(np.arange(count) + 0x4CA000, pa.uint32(), mask=~self.replies)
        signs = np.array([f"ABC{index % 1000}" for index in range(count)])
        self.callsigns = pa.array(signs, pa.string(), mask=~self.replies)

    def at(self, second: int) -> pa.Table:
        """The picture at one second."""
        measured_ns = START_NS + (second - (second + np.arange(self.count)) % 4) * SECOND_NS
        east_m = self.east_mps / np.cos(np.radians(self.latitude_deg))
        return tracks(
            track_id=self.names,
            valid_ns=np.full(self.count, START_NS + second * SECOND_NS),
            latitude_deg=self.latitude_deg + self.north_mps * second / METRES_PER_DEGREE,
            longitude_deg=self.longitude_deg + east_m * second / METRES_PER_DEGREE,
            pressure_altitude_m=self.height_m,
            east_mps=self.east_mps,
            north_mps=self.north_mps,
            up_mps=np.zeros(self.count),
            covariance=self.covariance,
            status=["confirmed"] * self.count,
            birth_ns=np.full(self.count, START_NS - 60 * SECOND_NS),
            updated_ns=measured_ns,
            updates=np.full(self.count, second + 15),
            sensors=[["radar"]] * self.count,
            kinds=[["mode_s", "psr"]] * self.count,
            icao24=self.icao24,
            callsign=self.callsigns,
            cooperative_ns=pa.array(measured_ns, pa.int64(), mask=~self.replies),
        )


def rows(seed: int, quick: bool) -> list[Row]:
    """Time of one tick with nothing new, and of the first, in which every track is told."""
    count, ticks = (2_000, 6) if quick else (10_000, 20)
    traffic = _Traffic(seed, count)
    settings = IdentitySettings()
    step(settings, initial(settings), traffic.at(0), [], [], START_NS)  # compiles the kernels
    state = initial(settings)
    times_ms, told = [], []
    for second in range(ticks):
        picture = traffic.at(second)
        before_s = time.perf_counter()
        state, out = step(settings, state, picture, [], [], START_NS + second * SECOND_NS)
        times_ms.append(1e3 * (time.perf_counter() - before_s))
        told.append(len(out))
    later_ms = np.array(times_ms[2:])
    note = f"{count} tracks, one core"
    return [
        Row(
            area="identity",
            name="tick, median",
            value=float(np.median(later_ms)),
            unit="ms",
            target="< 50 at 10,000 tracks",
            note=note,
        ),
        Row(area="identity", name="tick, best", value=float(later_ms.min()), unit="ms", note=note),
        Row(
            area="identity",
            name="first tick, all told with evidence",
            value=times_ms[0],
            unit="ms",
            note=f"{told[0]} assessments",
        ),
    ]
