"""Bearings without a range: they narrow a track across the line, and two that cross may begin one."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.fusion import _layout as c
from vedette.fusion.bearings import tell
from vedette.fusion.picture import FusionState, initial, step
from vedette.fusion.settings import FusionSettings
from vedette.model.plot import PLOT, plots
from vedette.model.sensor import Sensor
from vedette.model.time import SECOND_NS
from vedette.sim.scene.flight import START_NS

SETTINGS = FusionSettings()
GEOD = Geod(ellps="WGS84")
PLACES = [(59.0, 25.0), (0.0, 179.999), (-35.0, -179.9995), (88.9, 10.0)]


def source(latitude_deg: float, longitude_deg: float) -> Sensor:
    return Sensor(
        sensor_id="net", kind="remote_id", latitude_deg=latitude_deg, longitude_deg=longitude_deg,
        range_sigma_m=200.0, period_s=1.0,
    )  # fmt: skip


def seen(
    second: float, latitude_deg: float, longitude_deg: float, sigma_m: float = 200.0
) -> pa.Table:
    t_ns = START_NS + round(second * SECOND_NS)
    return plots(
        sensor_id=["net"], kind=["remote_id"], valid_ns=[t_ns], received_ns=[t_ns],
        latitude_deg=[latitude_deg], longitude_deg=[longitude_deg], position_sigma_m=[sigma_m],
    )  # fmt: skip


def heard(
    second: float,
    name: str,
    observer: tuple[float, float],
    azimuth_deg: float,
    sigma_deg: float = 2.0,
) -> pa.Table:
    t_ns = START_NS + round(second * SECOND_NS)
    return plots(
        sensor_id=[name], kind=["acoustic"], valid_ns=[t_ns], received_ns=[t_ns],
        azimuth_rad=[math.radians(azimuth_deg % 360.0)], azimuth_sigma_rad=[math.radians(sigma_deg)],
        observer_latitude_deg=[observer[0]], observer_longitude_deg=[observer[1]],
        observer_height_hae_m=[0.0],
    )  # fmt: skip


def at(place: tuple[float, float], azimuth_deg: float, distance_m: float) -> tuple[float, float]:
    longitude, latitude, _ = GEOD.fwd(place[1], place[0], azimuth_deg, distance_m)
    return latitude, longitude


def towards(observer: tuple[float, float], place: tuple[float, float]) -> float:
    azimuth, _, _ = GEOD.inv(observer[1], observer[0], place[1], place[0])
    return float(azimuth)


def standing(place: tuple[float, float]) -> FusionState:
    """A picture of one drone that stands at a place, reported for five seconds."""
    state = initial(SETTINGS)
    for second in range(5):
        state, _ = step(
            SETTINGS, state, seen(second, *place), (source(*place),), START_NS + second * SECOND_NS
        )
    return state


def ellipse(tracks: pa.Table, azimuth_deg: float) -> tuple[float, float]:
    """Variances of the first track's place along a direction and across it."""
    v = tracks.column("covariance")[0].as_py()
    a = math.radians(azimuth_deg)
    p = np.array([[v[0], v[1]], [v[1], v[4]]])
    along, across = np.array([math.sin(a), math.cos(a)]), np.array([math.cos(a), -math.sin(a)])
    return float(along @ p @ along), float(across @ p @ across)


def no_nan(tracks: pa.Table) -> None:
    for name in ("latitude_deg", "longitude_deg", "east_mps", "north_mps"):
        assert np.isfinite(tracks.column(name).to_numpy()).all()
    for row in tracks.column("covariance").to_pylist():
        v = np.zeros((4, 4))
        v[np.triu_indices(4)] = row
        assert np.linalg.eigvalsh(v + v.T - np.diag(np.diag(v))).min() > 0.0


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("azimuth_deg", [0.0, 70.0, 200.0])
def test_a_bearing_narrows_a_track_across_the_line_and_not_along_it(
    place: tuple[float, float], azimuth_deg: float
) -> None:
    observer = at(place, azimuth_deg + 180.0, 3_000.0)
    bearing = heard(4.5, "ear", observer, towards(observer, place), 1.0)
    now_ns = START_NS + 4_900_000_000
    _, without = step(SETTINGS, standing(place), PLOT.empty_table(), (source(*place),), now_ns)
    _, with_it = step(SETTINGS, standing(place), bearing, (source(*place),), now_ns)
    assert with_it.tracks.num_rows == without.tracks.num_rows == 1
    no_nan(with_it.tracks)
    line = towards(place, observer) + 180.0
    along_before, across_before = ellipse(without.tracks, line)
    along, across = ellipse(with_it.tracks, line)
    assert across < 0.7 * across_before
    # a prediction in two parts mixes the motions twice, which tells in the seventh digit
    assert 0.9 * along_before < along <= along_before * (1.0 + 1e-5)
    assert "acoustic" in with_it.tracks.column("kinds")[0].as_py()
    assert "ear" in with_it.tracks.column("sensors")[0].as_py()
    # drawn towards the line, here through the true place
    told = with_it.tracks.select(["latitude_deg", "longitude_deg"]).to_pylist()[0]
    back, _, distance = GEOD.inv(
        observer[1], observer[0], told["longitude_deg"], told["latitude_deg"]
    )
    off = distance * math.sin(math.radians(back - towards(observer, place)))
    assert abs(off) < 4.0 * math.sqrt(across)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_one_linear_measurement_never_makes_the_covariance_of_a_mixture_grow(
    seed: int, coupled: bool
) -> None:
    rng = np.random.default_rng(seed)
    size = 5 if coupled else 4
    lanes = np.zeros((3, c.ROW))
    lanes[:, c.WEIGHT] = rng.dirichlet(np.ones(3))
    columns = [0, 1, 2, 3, c.H][:size]
    for lane in lanes:
        root = rng.normal(size=(size, size)) * 10.0 ** rng.uniform(-1, 3, size)[:, None]
        lane[c.AT[:size, :size]] = root @ root.T
        lane[columns] = rng.normal(size=size) * 100.0

    def whole(rows: np.ndarray) -> np.ndarray:
        w = rows[:, c.WEIGHT]
        means = rows[:, columns]
        off = means - w @ means
        result: np.ndarray = np.einsum(
            "m,mab->ab", w, rows[:, c.AT[:size, :size]] + off[:, :, None] * off[:, None, :]
        )
        return result

    before = whole(lanes)
    h = np.append(rng.normal(size=4), 0.0)
    variance = 10.0 ** rng.uniform(-2, 8)
    tell(lanes, h, rng.normal() * 1e4, variance, coupled)
    after = whole(lanes)
    scale = np.sqrt(np.outer(np.diag(before), np.diag(before)))
    assert np.linalg.eigvalsh((before - after) / scale).min() > -1e-9
    own = h[:size] @ before @ h[:size]
    assert h[:size] @ after @ h[:size] == pytest.approx(own * variance / (own + variance), rel=1e-6)


def test_a_bearing_alone_begins_nothing_however_often_it_comes() -> None:
    state = initial(SETTINGS)
    for second in range(10):
        bearing = heard(second, "ear", (59.0, 25.0), 40.0)
        state, output = step(SETTINGS, state, bearing, (), START_NS + second * SECOND_NS)
        assert output.tracks.num_rows == 0
        assert output.losses["unusable"] == 0


@pytest.mark.parametrize("place", PLACES)
def test_two_observers_begin_and_confirm_a_track_that_is_as_uncertain_as_it_says(
    place: tuple[float, float],
) -> None:
    squared = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        ears = {"a": at(place, 200.0, 2_500.0), "b": at(place, 300.0, 2_000.0)}
        state = initial(SETTINGS)
        for second in range(8):
            parts = [
                heard(second + 0.3 * k, name, ear, towards(ear, place) + rng.normal() * 2.0)
                for k, (name, ear) in enumerate(ears.items())
            ]
            now_ns = START_NS + second * SECOND_NS + 900_000_000
            state, output = step(SETTINGS, state, pa.concat_tables(parts), (), now_ns)
            no_nan(output.tracks)
        assert output.tracks.num_rows == 1
        row = output.tracks.to_pylist()[0]
        assert row["sensors"] == ["a", "b"]
        assert row["status"] == "confirmed"
        azimuth, _, distance = GEOD.inv(
            place[1], place[0], row["longitude_deg"], row["latitude_deg"]
        )
        v = row["covariance"]
        p = np.array([[v[0], v[1]], [v[1], v[4]]])
        e = distance * np.array([math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))])
        squared.append(float(e @ np.linalg.solve(p, e)))
        assert distance < 600.0
    # chi-square of 24 degrees of freedom: 99.9 % below 51.2
    assert sum(squared) < 51.2


def test_crossings_that_may_be_ghosts_begin_nothing() -> None:
    first, second = (59.0, 25.0), at((59.0, 25.0), 90.0, 3_000.0)
    state = initial(SETTINGS)
    for now in range(6):
        parts = [
            heard(now + 0.1, "a", first, 20.0), heard(now + 0.15, "a", first, 60.0),
            heard(now + 0.2, "b", second, 300.0), heard(now + 0.25, "b", second, 340.0),
        ]  # fmt: skip
        state, output = step(
            SETTINGS, state, pa.concat_tables(parts), (), START_NS + (now + 1) * SECOND_NS
        )
        assert output.tracks.num_rows == 0


def test_a_bearing_that_may_be_of_two_tracks_changes_neither() -> None:
    place = (59.0, 25.0)
    beyond = at(place, 30.0, 2_000.0)
    observer = at(place, 210.0, 3_000.0)

    def two() -> FusionState:
        state = initial(SETTINGS)
        for second in range(5):
            both = pa.concat_tables([seen(second, *place), seen(second, *beyond)])
            state, _ = step(SETTINGS, state, both, (source(*place),), START_NS + second * SECOND_NS)
        return state

    now_ns = START_NS + 4_900_000_000
    _, without = step(SETTINGS, two(), PLOT.empty_table(), (source(*place),), now_ns)
    bearing = heard(4.5, "ear", observer, 30.0, 3.0)
    _, with_it = step(SETTINGS, two(), bearing, (source(*place),), now_ns)
    assert without.tracks.num_rows == 2
    assert with_it.tracks.column("covariance").equals(without.tracks.column("covariance"))


def test_a_bearing_from_nowhere_is_counted_as_unusable() -> None:
    lost = plots(
        sensor_id=["ear"], kind=["acoustic"], valid_ns=[START_NS], received_ns=[START_NS],
        azimuth_rad=[1.0],
    )  # fmt: skip
    _, output = step(SETTINGS, initial(SETTINGS), lost, (), START_NS)
    assert output.losses["unusable"] == 1


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_cutting_a_tick_with_bearings_into_steps_changes_no_bit(seed: int, cuts: int) -> None:
    place = (59.0, 25.0)
    ears = {"a": at(place, 200.0, 2_500.0), "b": at(place, 300.0, 2_000.0)}
    runs = []
    for parts in (1, cuts):
        rng = np.random.default_rng(seed)
        state = initial(SETTINGS)
        outputs = []
        for second in range(6):
            rows = [
                heard(second + rng.uniform(0, 0.9), name, ear, towards(ear, place) + rng.normal() * 2.0)
                for name, ear in ears.items() for _ in range(2)
            ]  # fmt: skip
            if second > 2:
                rows.append(seen(second + 0.5, *at(place, rng.uniform(0, 360), 100.0)))
            table = pa.concat_tables(rows)
            order = np.arange(table.num_rows) if parts == 1 else rng.permutation(table.num_rows)
            rng = np.random.default_rng(seed + second)
            for part in np.array_split(order, parts):
                state, output = step(
                    SETTINGS, state, table.take(pa.array(part)), (source(*place),),
                    START_NS + (second + 1) * SECOND_NS,
                )  # fmt: skip
            outputs.append(output.tracks)
        runs.append(outputs)
    for first, second_run in zip(*runs, strict=True):
        assert first.equals(second_run)
