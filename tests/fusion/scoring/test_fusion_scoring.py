"""Scores: by their definitions, by brute force, by hand, and by another program on the same data."""

import itertools
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.app.commands.track_score import score as score_command
from vedette.fusion.scoring import pairing
from vedette.fusion.scoring.consistency import band
from vedette.fusion.scoring.gospa import distances
from vedette.fusion.scoring.ospa import ospa2_m, ospa_m
from vedette.fusion.scoring.pairing import near_pairs, pair_up
from vedette.fusion.scoring.pictures import Pictures, align
from vedette.fusion.scoring.score import Score, measure, score
from vedette.fusion.scoring.settings import ScoreSettings
from vedette.fusion.scoring.siap import associate, siap
from vedette.model.errors import SourceError
from vedette.model.frames import ecef_to_geodetic_deg, geodetic_to_ecef_m
from vedette.model.time import SECOND_NS
from vedette.model.truth import truths

C = 1_000.0
DEGREE_M = 111_319.49  # of longitude on the equator
SEEDS = st.integers(0, 2**32 - 1)


def table_of(
    rows: list[tuple[str, float, float, float]],
    speeds: dict[str, tuple[float, float]] | None = None,
) -> pa.Table:
    """Tracks of (name, second, metres east of 10° E, metres north of the equator), in covariance 100 m."""
    speeds = speeds or {}
    return pa.table(
        {
            "track_id": pa.array([row[0] for row in rows], pa.string()),
            "valid_ns": pa.array([round(row[1] * SECOND_NS) for row in rows], pa.int64()),
            "latitude_deg": pa.array([row[3] / 110_574.28 for row in rows], pa.float64()),
            "longitude_deg": pa.array([10.0 + row[2] / DEGREE_M for row in rows], pa.float64()),
            "east_mps": pa.array([speeds.get(row[0], (0.0, 0.0))[0] for row in rows], pa.float64()),
            "north_mps": pa.array(
                [speeds.get(row[0], (0.0, 0.0))[1] for row in rows], pa.float64()
            ),
            "status": pa.array(["confirmed"] * len(rows), pa.string()),
        }
    )


def truth_of(
    rows: list[tuple[str, float, float, float]], seen: list[int] | None = None
) -> pa.Table:
    table = table_of(rows)
    return truths(
        object_id=table.column("track_id"),
        valid_ns=table.column("valid_ns"),
        latitude_deg=table.column("latitude_deg"),
        longitude_deg=table.column("longitude_deg"),
        east_mps=table.column("east_mps"),
        north_mps=table.column("north_mps"),
        sensors_in_view=pa.array([1] * len(rows) if seen is None else seen, pa.int32()),
    )


def crowd(
    seed: int, objects: int = 4, tracks: int = 5, pictures: int = 6
) -> tuple[pa.Table, pa.Table]:
    """Random walks of objects, and of tracks near them that come, go and change names."""
    rng = np.random.default_rng(seed)
    places = rng.uniform(-2_000.0, 2_000.0, (objects, 2))
    true, mine = [], []
    for t in range(pictures):
        places = places + rng.normal(0.0, 150.0, places.shape)
        true += [(f"o{i}", t, *places[i]) for i in range(objects) if rng.random() < 0.9]
        for j in range(tracks):
            if rng.random() < 0.8:
                near = places[j % objects] + rng.normal(0.0, 400.0, 2)
                mine.append((f"t{j}", t, *near))
    return table_of(mine), truth_of(true)


def steady(seed: int, layers: int) -> tuple[pa.Table, pa.Table]:
    """Objects far apart under tracks that last at least two pictures, double each other and change."""
    rng = np.random.default_rng(seed)
    true, mine = [], []
    for i in range(5):
        first, last = int(rng.integers(0, 4)), int(rng.integers(14, 20))
        true += [(f"o{i}", t, 8_000.0 * i + 50.0 * t, 0.0) for t in range(first, last)]
        for layer in range(layers):
            t, name = int(rng.integers(0, 6)), 0
            while t < 19:
                end = min(t + int(rng.integers(2, 8)), 20)
                if (
                    end - t >= 2
                    and not (end > last and end - last < 2)
                    and (layer == 0 or rng.random() < 0.4)
                ):
                    inside = [k for k in range(t, end) if first <= k < last]
                    mine += [
                        (f"t{i}.{layer}.{name}", k, 8_000.0 * i + 50.0 * k + 100.0 * layer, 60.0)
                        for k in (inside if len(inside) > 1 else [])
                    ]
                t, name = end + int(rng.integers(0, 3)), name + 1
    mine += [("false", t, 0.0, 40_000.0) for t in range(5, 9)]
    return table_of(mine, {"false": (3.0, 4.0)}), truth_of(true)


def brute(cost: np.ndarray, missing: float) -> float:
    """Least sum over all partial pairings: cost of pairs plus ``missing`` for each node left over."""
    n, m = cost.shape
    best = np.inf
    for size in range(min(n, m) + 1):
        for left in itertools.combinations(range(n), size):
            for right in itertools.permutations(range(m), size):
                value = sum(cost[a, b] for a, b in zip(left, right, strict=True))
                best = min(best, value + missing * (n + m - 2 * size))
    return best


@settings(max_examples=40)
@given(SEEDS, st.sampled_from([1.0, 2.0, 3.0]))
def test_gospa_is_the_least_over_all_pairings(seed: int, order: float) -> None:
    tracks, truth = crowd(seed, 3, 4, 2)
    chosen = ScoreSettings(order=order)
    pictures = align(tracks, truth, chosen)
    table = distances(pictures, chosen)
    for k in range(len(table)):
        a = pictures.truth.place_m[pictures.truth.picture == k]
        b = pictures.track.place_m[pictures.track.picture == k]
        apart = np.linalg.norm(a[:, None] - b[None], axis=2) ** order
        least = brute(apart, C**order / 2.0)
        assert table[k, 0] ** order == pytest.approx(least, rel=1e-9)
        parts = table[k, 1] + C**order / 2.0 * (table[k, 2] + table[k, 3])
        assert parts == pytest.approx(least, rel=1e-9)


@settings(max_examples=30)
@given(SEEDS, st.sampled_from([1.0, 2.0]))
def test_ospa2_is_its_definition(seed: int, order: float) -> None:
    tracks, truth = crowd(seed, 3, 3, 5)
    chosen = ScoreSettings(order=order, window=3, window_step=1)
    pictures = align(tracks, truth, chosen)
    values = ospa2_m(pictures, chosen)
    assert len(values) == len(pictures.instants_ns) - 2

    def at(states: object, name: int, k: int) -> np.ndarray | None:
        rows = np.flatnonzero((states.name == name) & (states.picture == k))  # type: ignore[attr-defined]
        return states.place_m[rows[0]] if len(rows) else None  # type: ignore[attr-defined]

    for start, value in enumerate(values):
        window = range(start, start + 3)
        left, right = (
            sorted({int(n) for n, k in zip(s.name, s.picture, strict=True) if k in window})
            for s in (pictures.truth, pictures.track)
        )
        base = np.zeros((len(left), len(right)))
        for a, i in enumerate(left):
            for b, j in enumerate(right):
                apart = []
                for k in window:
                    x, y = at(pictures.truth, i, k), at(pictures.track, j, k)
                    if x is not None and y is not None:
                        apart.append(min(C, float(np.linalg.norm(x - y))))
                    elif x is not None or y is not None:
                        apart.append(C)
                base[a, b] = np.mean(apart) ** order
        larger = max(len(left), len(right))
        if base.shape[0] > base.shape[1]:
            base = base.T
        least = min(
            sum(base[a, b] for a, b in enumerate(columns))
            for columns in itertools.permutations(range(base.shape[1]), base.shape[0])
        )
        expected = ((least + C**order * (larger - base.shape[0])) / larger) ** (1.0 / order)
        assert value == pytest.approx(expected, rel=1e-9)


@given(
    st.floats(-90.0, 90.0), st.floats(-180.0, 180.0), st.floats(0.0, 360.0), st.floats(0.1, 2_000.0)
)
def test_distances_are_geodesic_anywhere(
    latitude: float, longitude: float, course: float, apart: float
) -> None:
    lon, lat, _ = Geod(ellps="WGS84").fwd(longitude, latitude, course, apart)
    places = geodetic_to_ecef_m(np.array([latitude, lat]), np.array([longitude, lon]), np.zeros(2))
    _, _, distance = near_pairs(places[:1], places[1:], 3_000.0)
    assert distance[0] == pytest.approx(apart, rel=1e-3)


@settings(max_examples=20)
@given(SEEDS)
def test_a_large_group_is_solved_as_well_as_a_small_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = np.nonzero(rng.random((12, 15)) < 0.4)
    assume(len(left) > 0)
    distance = rng.uniform(0.0, C, len(left))

    def cost() -> float:
        chosen = pair_up(left, right, distance, C, 2.0)
        assert len(np.unique(left[chosen])) == len(chosen) == len(np.unique(right[chosen]))
        return float((distance[chosen] ** 2 - C**2).sum())

    dense = cost()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairing, "_DENSE_MAX", 0)
        assert cost() == pytest.approx(dense, rel=1e-9)


def test_a_perfect_picture_has_perfect_figures() -> None:
    rows = [(f"x{i}", float(t), 5_000.0 * i + 100.0 * t, 0.0) for t in range(30) for i in range(4)]
    result = score(table_of(rows), truth_of(rows))
    assert result.gospa.gospa_m == pytest.approx(0.0, abs=1e-6)
    assert result.ospa.ospa_m == result.ospa.ospa2_m == pytest.approx(0.0, abs=1e-6)
    assert (result.siap.completeness, result.siap.ambiguity, result.siap.spuriousness) == (1, 1, 0)
    assert (result.siap.number_change_rate_hz, result.siap.longest_segment) == (0.0, 1.0)
    assert (result.identity.switches, result.identity.continuity) == (0, 1.0)
    assert (result.identity.false_tracks, result.identity.initiation_p95_s) == (0, 0.0)
    assert result.esassp.update_probability == 1.0
    assert result.esassp.gaps_ratio == result.esassp.large_series_ratio == 0.0


def test_an_empty_picture_misses_everything_and_an_empty_sky_makes_every_track_false() -> None:
    rows = [("a", float(t), 0.0, 0.0) for t in range(10)]
    nothing = table_of([])
    missed = score(nothing, truth_of(rows))
    assert missed.gospa.gospa_m == pytest.approx(C / np.sqrt(2.0))
    assert (missed.gospa.missed_objects, missed.identity.never_tracked) == (1.0, 1.0)
    assert missed.siap.completeness == 0.0
    far = score(table_of([("t", float(t), 50_000.0, 0.0) for t in range(10)]), truth_of(rows))
    assert far.gospa.false_tracks == far.gospa.missed_objects == 1.0
    assert far.siap.spuriousness == 1.0
    assert far.identity.false_tracks == 1
    assert far.identity.false_tracks_per_hour == pytest.approx(1.0 / (9.0 / 3600.0))


def test_pictures_that_are_rarer_than_the_truth_are_not_missing() -> None:
    true = truth_of([("a", float(t), 0.0, 0.0) for t in range(13)])
    tracks = table_of([("t", float(t), 0.0, 0.0) for t in range(0, 13, 4)])
    assert score(tracks, true).pictures == 4
    # but one that is left out of a row of pictures is
    holed = table_of([("t", float(t), 0.0, 0.0) for t in (0, 1, 2, 5, 6)])
    assert score(holed, true).gospa.missed_objects == pytest.approx(8 / 13)


def test_two_tracks_that_change_places_are_two_switches_and_a_near_pass_is_none() -> None:
    true = [("a", float(t), -700.0 + 100.0 * t, 0.0) for t in range(15)]
    true += [("b", float(t), 700.0 - 100.0 * t, 200.0) for t in range(15)]
    same = [({"a": "t", "b": "u"}[name], t, x, y) for name, t, x, y in true]
    assert score(table_of(same), truth_of(true)).identity.switches == 0
    swapped = [
        ({"a": "t", "b": "u"}[name] if t < 8 else {"a": "u", "b": "t"}[name], t, x, y)
        for name, t, x, y in true
    ]
    # while both are near, who was paired stays paired: only when they part the swap shows
    assert (
        score(table_of(swapped), truth_of(true), ScoreSettings(cut_m=300.0)).identity.switches == 2
    )


def test_a_new_name_after_a_gap_is_a_switch_and_breaks_continuity() -> None:
    true = truth_of([("a", float(t), 100.0 * t, 0.0) for t in range(20)])
    tracks = table_of(
        [("t" if t < 8 else "u", float(t), 100.0 * t, 0.0) for t in range(20) if t < 8 or t > 10]
    )
    result = score(tracks, true)
    assert result.identity.switches == 1
    assert result.identity.continuity == 0.0
    assert result.identity.fragments_per_object == 2.0
    assert result.siap.longest_segment == pytest.approx(8 / 19)
    assert result.siap.number_change_rate_hz == pytest.approx(1 / (7 + 8))


def test_initiation_is_timed_from_the_first_sight_also_before_the_start_of_the_figures() -> None:
    true = [("a", float(t), 0.0, 0.0) for t in range(30)]
    true += [("b", float(t), 9_000.0, 0.0) for t in range(10, 30)]
    tracks = [("t", float(t), 0.0, 0.0) for t in range(6, 30)]
    tracks += [("u", float(t), 9_000.0, 0.0) for t in range(13, 30)]
    result = score(table_of(tracks), truth_of(true), ScoreSettings(since_s=20.0))
    assert result.identity.initiation_p50_s == pytest.approx(4.5)
    assert result.pictures == 10
    assert result.siap.completeness == 1.0


def test_what_nobody_could_see_is_neither_missed_nor_false() -> None:
    true = [("a", float(t), 0.0, 0.0) for t in range(10)]
    hidden = [("h", float(t), 30_000.0, 0.0) for t in range(10)]
    seen = [1] * 10 + [0] * 10
    without = score(table_of([("t", *row[1:]) for row in true]), truth_of(true + hidden, seen))
    with_it = score(
        table_of([("t", *row[1:]) for row in true] + [("u", *row[1:]) for row in hidden]),
        truth_of(true + hidden, seen),
    )
    for result in (without, with_it):
        assert result.gospa.gospa_m == pytest.approx(0.0, abs=1e-6)
        assert result.siap.spuriousness == 0.0
        assert result.identity.false_tracks == 0


def covered(
    seed: int, latitude: float, count: int, scale: float = 1.0
) -> tuple[pa.Table, pa.Table, np.ndarray]:
    """Tracks whose errors are drawn from their own covariances, around objects at a latitude."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(count, 4, 4)) * np.array([60.0, 60.0, 8.0, 8.0])[:, None]
    matrix = root @ root.transpose(0, 2, 1) + np.diag([400.0, 400.0, 4.0, 4.0])
    error = np.einsum("nab,nb->na", np.linalg.cholesky(matrix), rng.normal(size=(count, 4))) * scale
    lon = (np.arange(count) * 360.0 / count) % 360.0 - 180.0
    lat = np.full(count, latitude)
    v = rng.normal(0.0, 150.0, (count, 2))
    place = geodetic_to_ecef_m(lat, lon, np.zeros(count))
    a, b = np.radians(lat), np.radians(lon)
    east = np.stack([-np.sin(b), np.cos(b), 0 * b], axis=1)
    north = np.stack([-np.sin(a) * np.cos(b), -np.sin(a) * np.sin(b), np.cos(a)], axis=1)
    # the covariance is in the plane of the track, so the truth is placed from the track
    there = ecef_to_geodetic_deg(place - error[:, :1] * east - error[:, 1:2] * north)
    c, d = np.radians(there[:, 0]), np.radians(there[:, 1])
    vector = (v[:, :1] - error[:, 2:3]) * east + (v[:, 1:] - error[:, 3:]) * north
    true_east = np.stack([-np.sin(d), np.cos(d), 0 * d], axis=1)
    true_north = np.stack([-np.sin(c) * np.cos(d), -np.sin(c) * np.sin(d), np.cos(c)], axis=1)
    tracks = pa.table(
        {
            "track_id": [f"t{i}" for i in range(count)], "valid_ns": [0] * count,
            "latitude_deg": lat, "longitude_deg": lon, "east_mps": v[:, 0], "north_mps": v[:, 1],
            "covariance": pa.FixedSizeListArray.from_arrays(
                pa.array(matrix[:, *np.triu_indices(4)].ravel()), 10
            ),
            "status": ["confirmed"] * count,
        }
    )  # fmt: skip
    truth = truths(
        object_id=[f"o{i}" for i in range(count)], valid_ns=[0] * count, latitude_deg=there[:, 0],
        longitude_deg=there[:, 1], east_mps=(vector * true_east).sum(axis=1),
        north_mps=(vector * true_north).sum(axis=1),
    )  # fmt: skip
    nees = np.einsum("na,na->n", error, np.linalg.solve(matrix, error[..., None])[..., 0])
    return tracks, truth, nees


@pytest.mark.parametrize("latitude", [0.0, 56.0, -88.0])
def test_nees_of_errors_that_are_as_stated_is_in_its_band_at_any_latitude(latitude: float) -> None:
    tracks, truth, nees = covered(4, latitude, 300)
    result = measure(tracks, truth, ScoreSettings(cut_m=2_000.0))
    figures = result.score.consistency
    assert figures.states == figures.independent == 300
    assert figures.nees == pytest.approx(nees.mean(), rel=2e-3)
    assert figures.nees_low < figures.nees < figures.nees_high
    assert figures.nees_position == pytest.approx(2.0, abs=0.5)
    assert figures.nees_velocity == pytest.approx(2.0, abs=0.5)
    assert figures.inside_95 == pytest.approx(0.95, abs=0.04)
    proud = measure(*covered(4, latitude, 300, scale=1.5)[:2], ScoreSettings(cut_m=2_000.0))
    assert proud.score.consistency.nees > proud.score.consistency.nees_high


def test_the_band_holds_the_share_that_it_says() -> None:
    low, high = band(4, 25)
    means = np.random.default_rng(1).chisquare(4, (20_000, 25)).mean(axis=1)
    assert ((means > low) & (means < high)).mean() == pytest.approx(0.95, abs=0.006)


def test_esassp_counts_updates_gaps_and_series_of_large_errors() -> None:
    true = truth_of([("a", float(t), 200.0 * t, 0.0) for t in range(80)])
    error = [2_000.0 if 40 <= t < 44 or t == 60 else 30.0 for t in range(80)]
    rows = [("t", float(t), 200.0 * t, error[t]) for t in range(80)]
    tracks = table_of(rows)
    # no measurement between 10 and 40 s: 30 s, and the limit is 26.4
    updated = [t if not 10 < t < 40 else 10 for t in range(80)]
    tracks = tracks.append_column(
        "updated_ns", pa.array([t * SECOND_NS for t in updated], pa.int64())
    )
    result = score(tracks, true, ScoreSettings(cut_m=3_000.0)).esassp
    assert result.update_probability == pytest.approx(7 / 10)  # slots 16-24, 24-32, 32-40 are empty
    assert result.gaps_ratio == pytest.approx(3 / 80)  # 37, 38, 39 s
    assert result.large_series_ratio == pytest.approx(4 / 80)
    assert result.horizontal_rms_m == pytest.approx(np.sqrt(np.mean(np.square(error))), rel=1e-4)


def test_what_cannot_be_compared_says_why(tmp_path: Path) -> None:
    true = truth_of([("a", float(t), 0.0, 0.0) for t in range(3)])
    tracks = table_of([("t", float(t), 0.0, 0.0) for t in range(3)])
    with pytest.raises(SourceError, match="status"):
        score(tracks.drop_columns(["status"]), true)
    with pytest.raises(SourceError, match="instant"):
        score(table_of([("t", 0.5, 0.0, 0.0)]), true)
    with pytest.raises(SourceError, match="no rows"):
        score(tracks, true.slice(0, 0))
    files = [tmp_path / "tracks.parquet", tmp_path / "truth.parquet"]
    for table, file in zip((tracks, true), files, strict=True):
        pq.write_table(table, file)
    result = CliRunner().invoke(score_command, [*map(str, files)])
    assert result.exit_code == 0, result.output
    assert "gospa.gospa_m" in result.output
    as_json = CliRunner().invoke(score_command, [*map(str, files), "--json"])
    assert '"completeness":1.0' in as_json.output
    bad = CliRunner().invoke(score_command, [str(tmp_path / "absent"), str(files[1])])
    assert isinstance(bad.exception, SourceError)


def _paths(pictures: Pictures) -> tuple[dict[int, object], dict[int, object]]:
    """The same states as Stone Soup's paths, in Earth-centred metres: x, vx, y, vy, z, vz."""
    from datetime import datetime, timedelta

    from stonesoup.types.groundtruth import GroundTruthPath, GroundTruthState
    from stonesoup.types.state import State
    from stonesoup.types.track import Track

    start = datetime(2025, 1, 1)
    found = []
    for states, path, kind in (
        (pictures.truth, GroundTruthPath, GroundTruthState),
        (pictures.track, Track, State),
    ):
        paths: dict[int, object] = {}
        for name in np.unique(states.name):
            own = []
            for row in np.flatnonzero(states.name == name):
                vector = np.column_stack([states.place_m[row], states.velocity_mps[row]]).ravel()
                own.append(
                    kind(vector, timestamp=start + timedelta(seconds=int(states.picture[row])))
                )
            paths[int(name)] = path(own)
        found.append(paths)
    return found[0], found[1]


@pytest.mark.parametrize("seed", range(4))
def test_stone_soup_gives_the_same_gospa_and_ospa(seed: int) -> None:
    pytest.importorskip("stonesoup", reason="the bench extra is not installed")
    from stonesoup.measures import Euclidean
    from stonesoup.metricgenerator.manager import MultiManager
    from stonesoup.metricgenerator.ospametric import GOSPAMetric, OSPAMetric

    chosen = ScoreSettings()
    pictures = align(*crowd(seed, 6, 8, 12), chosen)
    true, mine = _paths(pictures)
    place = Euclidean(mapping=[0, 2, 4])
    gospa = GOSPAMetric(c=C, p=2, measure=place, generator_name="gospa")
    ospa = OSPAMetric(c=C, p=1, measure=place, generator_name="ospa")
    manager = MultiManager([gospa, ospa])
    manager.add_data({"groundtruth_paths": set(true.values()), "tracks": set(mine.values())})
    theirs = [metric.value for metric in gospa.compute_metric(manager).value]
    table, half = distances(pictures, chosen), C**2 / 2
    np.testing.assert_allclose(table[:, 0], [v["distance"] for v in theirs], rtol=1e-9)
    for column, name, unit in ((1, "localisation", 1.0), (2, "missed", half), (3, "false", half)):
        np.testing.assert_allclose(
            table[:, column] * unit, [v[name] for v in theirs], rtol=1e-9, atol=1e-6
        )
    values = [metric.value for metric in ospa.compute_metric(manager).value]
    # theirs pairs by distance and not by its p-th power: the definition's least only where p is 1
    np.testing.assert_allclose(ospa_m(pictures, ScoreSettings(order=1.0)), values, rtol=1e-9)


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_stone_soup_gives_the_same_siap(seed: int, layers: int) -> None:
    pytest.importorskip("stonesoup", reason="the bench extra is not installed")
    from datetime import datetime, timedelta

    from stonesoup.measures import Euclidean
    from stonesoup.metricgenerator.manager import MultiManager
    from stonesoup.metricgenerator.tracktotruthmetrics import SIAPMetrics
    from stonesoup.types.association import AssociationSet, TimeRangeAssociation
    from stonesoup.types.time import TimeRange

    pictures = align(*steady(seed, layers), ScoreSettings())
    true, mine = _paths(pictures)
    siaps = SIAPMetrics(
        position_measure=Euclidean(mapping=[0, 2, 4]), velocity_measure=Euclidean(mapping=[1, 3, 5])
    )
    manager = MultiManager([siaps])
    manager.add_data({"groundtruth_paths": set(true.values()), "tracks": set(mine.values())})
    pairs = associate(pictures)
    start = datetime(2025, 1, 1)
    when: dict[tuple[int, int], list[int]] = {}
    for a, b in zip(pairs.truth, pairs.track, strict=True):
        key = (int(pictures.truth.name[a]), int(pictures.track.name[b]))
        when.setdefault(key, []).append(int(pictures.truth.picture[a]))
    links = set()
    for (thing, name), seconds in when.items():
        assert seconds == list(range(seconds[0], seconds[-1] + 1))
        period = TimeRange(*(start + timedelta(seconds=seconds[k]) for k in (0, -1)))
        links.add(TimeRangeAssociation({true[thing], mine[name]}, period))
    manager.association_set = AssociationSet(links)
    figures = {metric.title: metric.value for metric in siaps.compute_metric(manager)}
    own = siap(pictures)
    for title, value in (
        ("SIAP Completeness", own.completeness),
        ("SIAP Ambiguity", own.ambiguity),
        ("SIAP Spuriousness", own.spuriousness),
        ("SIAP Position Accuracy", own.position_accuracy_m),
        ("SIAP Velocity Accuracy", own.velocity_accuracy_mps),
        ("SIAP Longest Track Segment", own.longest_segment),
        ("SIAP Rate of Track Number Change", own.number_change_rate_hz),
    ):
        if "Number" in title and layers == 2:
            # theirs stops counting an object where one picture alone is left of an overlapping track
            assert value is not None
            assert value >= figures[title]
        else:
            assert value == pytest.approx(figures[title], rel=1e-9, abs=1e-12), title
    assert own.number_change_rate_hz > 0.0


def test_the_scores_are_the_same_wherever_on_earth() -> None:
    tracks, truth = crowd(3)

    def moved(table: pa.Table, by: float) -> pa.Table:
        at = table.schema.get_field_index("longitude_deg")
        values = (table.column(at).to_numpy() + by + 180.0) % 360.0 - 180.0
        return table.set_column(at, table.schema.field(at), pa.array(values))

    def numbers(result: Score) -> list[float]:
        return [
            result.gospa.gospa_m,
            result.ospa.ospa2_m or 0.0,
            result.esassp.horizontal_rms_m or 0.0,
        ]

    here = numbers(score(tracks, truth, ScoreSettings(window=3)))
    for by in (170.0, -190.0):
        there = numbers(score(moved(tracks, by), moved(truth, by), ScoreSettings(window=3)))
        np.testing.assert_allclose(there, here, rtol=1e-6)
