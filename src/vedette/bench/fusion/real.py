"""Real flights: Swiss ADS-B seen through simulated radars, and a radar recording without its addresses.

The recordings are not bundled. ``VEDETTE_REFERENCE`` names the folder that holds them; without it these
rows are skipped, and say so.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import sparse
from scipy.sparse.linalg import splu

from vedette.bench.fusion.watching import warm, watch, watch_batches
from vedette.bench.row import Note, Row
from vedette.fusion.scoring.score import Score, score
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.fusion.settings import FusionSettings
from vedette.model.columns import Floats, Integers, floats, integers
from vedette.model.frames import ecef_to_geodetic_deg, geodetic_to_ecef_m, polar_to_geodetic_deg
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.model.truth import truths
from vedette.model.units import FOOT_M, FOOT_PER_MINUTE_MPS, KNOT_MPS
from vedette.sim.scene.flight import Flown, straight
from vedette.sim.scene.observe import Telling
from vedette.sim.scene.scene import Scene, compose
from vedette.sim.scene.settings import REPORTING_SEEDS
from vedette.sim.scene.sites import grid, radar

AREA: Final = "fusion"
FOLDER: Final = "VEDETTE_REFERENCE"
SWISS: Final = "surveillance/adsb/switzerland_2018-08-01.parquet"
CAT048: Final = "surveillance/asterix/alcolea_bds30_cat048.gps"
_GAP_S: Final = 20.0  # a flight with a longer silence has no truth there, and is left out
# how far a stated place and velocity may be from the flown ones, and how quickly an airliner rolls into its turn
_PLACE_M: Final = 200.0
_SPEED_MPS: Final = 2.0
_JERK_MPS3: Final = 0.3


def real(seed: int, quick: bool) -> Iterator[Row | Note]:
    """Both rows, or why not."""
    folder = os.environ.get(FOLDER)
    for name, part in ((SWISS, _swiss), (CAT048, _recording)):
        path = Path(folder or "") / name
        if not folder or not path.is_file():
            yield Note(f"fusion: {name} skipped: {FOLDER} names no folder that holds it")
            continue
        warm()
        yield from part(path, seed, quick)


def swiss_scene(path: Path, seed: int, seconds: int) -> Scene:
    """Ten minutes of real traffic, with six primary radars looking on.

    States were written down every 10 s, their places by then up to some seconds old. The path is the smoothest one
    near them (``_flyable``), since one through them would jump as no aircraft can.
    """
    table = pq.read_table(path)
    time_s = pc.cast(pc.cast(table.column("timestamp"), pa.int64()), pa.float64()).to_numpy() / 1e6
    begin_s = float(np.floor(np.percentile(time_s, 50)))
    numbers = [floats(table, name) for name in ("latitude", "longitude", "altitude")]
    speed = floats(table, "groundspeed") * KNOT_MPS
    course, climb = (
        np.radians(floats(table, "track")),
        floats(table, "vertical_rate") * FOOT_PER_MINUTE_MPS,
    )
    numbers[2] = numbers[2] * FOOT_M
    known = np.isfinite(np.column_stack([*numbers, speed, course])).all(axis=1)
    known &= (time_s > begin_s - 60.0) & (time_s < begin_s + seconds + 60.0)
    address = pc.dictionary_encode(table.column("icao24")).combine_chunks().indices.to_numpy()
    flown = []
    for name in np.unique(address[known]):
        rows = np.flatnonzero(known & (address == name))
        rows = rows[np.argsort(time_s[rows], kind="stable")]
        rows = rows[np.concatenate(([True], np.diff(time_s[rows]) > 0.0))]
        at = time_s[rows] - begin_s
        if at[0] > 0.0 or at[-1] < seconds or np.diff(at).max(initial=0.0) > _GAP_S:
            continue
        flown.append(
            _flyable(
                at, numbers[0][rows], numbers[1][rows], numbers[2][rows], speed[rows], course[rows],
                np.nan_to_num(climb[rows]), seconds,
            )
        )  # fmt: skip
    states = np.array(flown).reshape(-1, seconds + 1, 7)
    count = len(states)
    flights = straight(*(np.zeros(count) for _ in range(5)))
    sensors = tuple(
        msgspec.structs.replace(
            radar(f"radar-{k}", *place, period_s=5.0, range_max_m=250_000.0), height_hae_m=1_500.0
        )
        for k, place in enumerate(grid(6, (46.9, 8.2), 250_000.0))
    )
    rng = np.random.default_rng(REPORTING_SEEDS + seed)
    return compose(
        flights, sensors, seconds, rng, false_plots=30.0, telling=Telling(heights=True),
        flown=Flown(states),
    )  # fmt: skip


def _flyable(
    at_s: Floats, latitude: Floats, longitude: Floats, height_m: Floats, speed: Floats,
    course: Floats, climb: Floats, seconds: int,
) -> Floats:  # fmt: skip
    """(t, 7) states at whole seconds of one flight: least squares over places, velocities and jerk.

    Through the places themselves an airliner would fly at 10 to 490 m/s with turns of 100 m/s²: they are late by
    a second here and three there. Velocities are stated well, so the places only say where it flew, not how.
    """
    lat, lon = np.radians(latitude), np.radians(longitude)
    east = np.stack([-np.sin(lon), np.cos(lon), 0.0 * lon], axis=1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=1)
    up = np.cross(east, north)
    v = speed[:, None] * (np.sin(course)[:, None] * east + np.cos(course)[:, None] * north)
    v = v + climb[:, None] * up
    place = geodetic_to_ecef_m(latitude, longitude, height_m)
    begin = int(np.floor(at_s[0]))
    grid_s = np.arange(begin, int(np.ceil(at_s[-1])) + 2.0)
    n, rows = len(grid_s), np.arange(len(at_s))
    k = np.clip((at_s - begin).astype(np.int64), 0, n - 2)
    part = at_s - begin - k
    one = np.ones(len(at_s))
    placed = _sparse([1.0 - part, part], rows, [k, k + 1], n)
    moved = _sparse([-one, one], rows, [k, k + 1], n)
    jerk = sparse.diags_array([-1.0, 3.0, -3.0, 1.0], offsets=[0, 1, 2, 3], shape=(n - 3, n))
    normal = jerk.T @ jerk / _JERK_MPS3**2
    normal = normal + placed.T @ placed / _PLACE_M**2 + moved.T @ moved / _SPEED_MPS**2
    wanted = placed.T @ (place - place[0]) / _PLACE_M**2 + moved.T @ v / _SPEED_MPS**2
    path = splu(normal.tocsc()).solve(wanted) + place[0]
    flown = np.gradient(path, axis=0)
    inside = slice(-begin, -begin + seconds + 1)
    height = ecef_to_geodetic_deg(path[inside])[:, 2]
    return np.column_stack([path[inside], flown[inside], height])


def _sparse(
    values: list[Floats], rows: Integers, columns: list[Integers], width: int
) -> sparse.csr_array:
    """(rows, width) with ``values`` in ``columns``."""
    at = np.tile(rows, len(values)), np.concatenate(columns)
    return sparse.csr_array((np.concatenate(values), at), shape=(len(rows), width))


def _figures(label: str, found: Score, note: str, *, consistency: bool) -> Iterator[Row]:
    for name, value, unit, target in (
        ("GOSPA", found.gospa.gospa_m, "m", ""),
        ("position error", found.esassp.horizontal_rms_m, "m RMS", "≤ 300 (ESASSP, 3 NM)"),
        ("probability of update", found.esassp.update_probability, "", "> 0.9 in 8 s (ESASSP)"),
        ("completeness", found.siap.completeness, "", ""),
        ("longest track segment", found.siap.longest_segment, "", ""),
        ("ID switches", float(found.identity.switches), "", ""),
        ("NEES", found.consistency.nees, "", "reported"),
        ("false tracks", found.identity.false_tracks_per_hour, "per hour", ""),
    ):
        if value is not None and (consistency or name != "NEES"):
            yield Row(
                area=AREA, name=f"{label}: {name}", value=value, unit=unit, target=target, note=note
            )


def _swiss(path: Path, seed: int, quick: bool) -> Iterator[Row | Note]:
    scene = swiss_scene(path, seed, 120 if quick else 600)
    yield Note(f"fusion: {scene.flights.objects} flights, {scene.plots.num_rows} plots")
    found = score(watch(scene).tracks, scene.truth, ScoreSettings(since_s=60.0))
    note = f"{scene.flights.objects} real flights, 6 simulated primary radars of 5 s, 30 false plots a turn"
    yield from _figures("Swiss ADS-B", found, note, consistency=True)


def _recording(path: Path, seed: int, quick: bool) -> Iterator[Row | Note]:
    """One radar's recording, tracked without address, code and name, scored by its addresses."""
    from vedette.feeds.asterix.decoder import AsterixDecoder
    from vedette.feeds.asterix.framers import chunks_of, frame_file

    data = path.read_bytes()
    # the recording does not say where its radar stands: continuity does not depend on it
    site = Sensor(
        sensor_id="radar", kind="mode_s", latitude_deg=38.0, longitude_deg=-4.0, sac=20, sic=4,
        range_max_m=463_000.0, period_s=6.0,
    )  # fmt: skip
    decoder = AsterixDecoder("radar", (site,), None)
    parts = [
        decoder.decode(chunk.data, chunk.received_ns, number).plots
        for number, chunk in enumerate(chunks_of(frame_file(data[:4096]), [data]))
    ]
    rotation = decoder.rotations.get("20/4")
    period_s = getattr(rotation, "period_s", None) or site.period_s
    site = msgspec.structs.replace(site, period_s=float(period_s))
    plots = pa.concat_tables(parts)
    placed = pc.and_(pc.is_valid(plots.column("range_m")), pc.is_valid(plots.column("azimuth_rad")))
    plots = plots.filter(placed).sort_by("valid_ns")
    valid = integers(plots, "valid_ns", missing=0)
    start_ns = int(valid[0]) // SECOND_NS * SECOND_NS
    truth = _addressed(plots, site, valid, start_ns)
    hidden = plots
    for name in ("icao24", "mode3a", "callsign", "emitter_category", "track_number"):
        at = hidden.schema.get_field_index(name)
        hidden = hidden.set_column(
            at, hidden.schema.field(at), pa.nulls(hidden.num_rows, hidden.schema.field(at).type)
        )
    seconds = int((valid[-1] - start_ns) // SECOND_NS) + 1
    if quick:
        seconds = min(seconds, 600)
    ends = np.searchsorted(valid, start_ns + np.arange(seconds + 1) * SECOND_NS, side="right")
    batches = (
        (
            start_ns + k * SECOND_NS,
            hidden.slice(int(ends[k - 1]) if k else 0, int(ends[k] - (ends[k - 1] if k else 0))),
        )
        for k in range(seconds + 1)
    )
    watched = watch_batches(batches, (site,), FusionSettings())
    truth = truth.filter(pc.less_equal(truth.column("valid_ns"), start_ns + seconds * SECOND_NS))
    found = score(watched.tracks, truth, ScoreSettings(cut_m=2_000.0))
    objects = len(truth.column("object_id").unique())
    note = f"{watched.plots} plots of {objects} aircraft in {seconds} s; address, code and name withheld"
    # truth is the plots themselves here, with errors that no covariance of a track knows of
    yield from _figures("CAT048 recording", found, note, consistency=False)


def _addressed(plots: pa.Table, site: Sensor, valid: Integers, start_ns: int) -> pa.Table:
    """Truth for continuity: the plots of each address, joined by straight lines."""
    place = polar_to_geodetic_deg(
        (site.latitude_deg, site.longitude_deg, site.height_hae_m), floats(plots, "range_m"),
        floats(plots, "azimuth_rad"), np.nan_to_num(floats(plots, "pressure_altitude_m"), nan=7_000.0),
    )  # fmt: skip
    address = integers(plots, "icao24", missing=-1)
    parts: list[tuple[list[str], Floats, Integers]] = []
    for name in np.unique(address[address >= 0]):
        rows = np.flatnonzero(address == name)
        rows = rows[np.concatenate(([True], np.diff(valid[rows]) > 0))]
        if len(rows) < 4:
            continue
        at = (valid[rows] - start_ns) / SECOND_NS
        second = np.arange(np.ceil(at[0]), np.floor(at[-1]) + 1.0)
        k = np.clip(np.searchsorted(at, second, side="right") - 1, 0, len(at) - 2)
        joined = at[k + 1] - at[k] < 3.2 * site.period_s
        second, k = second[joined], k[joined]
        h = at[k + 1] - at[k]
        s = ((second - at[k]) / h)[:, None]
        a, b = place[rows[k]], place[rows[k + 1]]
        north = np.radians(b[:, 0] - a[:, 0]) * 6_371_008.8 / h
        east = np.radians(b[:, 1] - a[:, 1]) * np.cos(np.radians(a[:, 0])) * 6_371_008.8 / h
        values = np.column_stack([(1 - s) * a + s * b, east, north])
        times = start_ns + second.astype(np.int64) * SECOND_NS
        parts.append(([f"{name:06x}"] * len(second), values, times))
    values = np.concatenate([part[1] for part in parts])
    return truths(
        object_id=[name for part in parts for name in part[0]],
        valid_ns=np.concatenate([part[2] for part in parts]),
        latitude_deg=values[:, 0], longitude_deg=values[:, 1], height_hae_m=values[:, 2],
        east_mps=values[:, 3], north_mps=values[:, 4],
    )  # fmt: skip
