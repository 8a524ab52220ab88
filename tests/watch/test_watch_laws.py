"""Laws of membership, of the smoothed path and of the edges of a passage."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace.heights import undulation_m
from vedette.bench import watch as scenes
from vedette.model.errors import SettingError, ShapeError
from vedette.model.incident import Moment
from vedette.model.time import SECOND_NS
from vedette.model.zone import Border, Limit
from vedette.watch.membership import Picture, along, membership, probability
from vedette.watch.passage import Reach, add_reach, depth, seconds_inside
from vedette.watch.path import Fix, smoothed
from vedette.watch.refining import edge, exit_edge
from vedette.watch.settings import WatchSettings
from vedette.watch.zone_facts import height_margins, zone_facts

SETTINGS = WatchSettings()
HALF = scenes.index(
    scenes.area("half", [(-300e3, 0.0), (300e3, 0.0), (300e3, 200e3), (-300e3, 200e3)])
)


def picture(east_m, north_m, sigma_m=100.0, speed_mps=200.0):
    count = len(north_m)
    state = np.zeros((1, count, 4))
    state[0, :, 0], state[0, :, 1], state[0, :, 3] = east_m, north_m, speed_mps
    covariance = np.broadcast_to(np.diag([sigma_m**2, sigma_m**2, 9.0, 9.0]), (1, count, 4, 4))
    seen = scenes.Seen(np.array([0.0]), state, covariance, np.array([0.0]))
    return Picture.of(scenes.row_table(seen, 0, [f"T{k}" for k in range(count)]))


@settings(deadline=None, max_examples=30)
@given(
    st.floats(min_value=-100e3, max_value=100e3),
    st.floats(min_value=0, max_value=2_000),
    st.lists(st.floats(min_value=-3_000, max_value=3_000), min_size=2, max_size=12),
)
def test_the_deeper_inside_the_likelier_inside(east_m, sigma_m, norths_m):
    norths_m = np.sort(np.array(norths_m))
    found = membership(
        SETTINGS, picture(np.full(len(norths_m), east_m), norths_m, sigma_m), HALF, 10_000.0
    )
    assert len(found.row) == len(norths_m)
    # inside is told by lines in degrees, which leave the geodesic by decimetres between two drawn places: where
    # the two disagree the distance jumps by twice that, which is worth so much of the bell at its steepest
    jump_m = np.where(np.diff(found.distance_m) < 0.0, 0.5, 0.0)
    worth = 0.4 * jump_m / np.minimum(found.sigma_m[1:], found.sigma_m[:-1])
    assert np.all(np.diff(found.probability) >= -worth - 1e-9)
    assert np.all(np.diff(found.distance_m) >= -0.5)
    clear = np.abs(norths_m) > 30.0  # the plane's line and the geodesic differ by metres
    assert np.all((found.probability > 0.5)[clear] == (norths_m > 0.0)[clear])


def test_a_worse_border_moves_the_probability_towards_a_half():
    places = picture(np.zeros(2), np.array([-150.0, 150.0]))
    doubts = []
    for sigma_m in (1.0, 40.0, 400.0):
        zone = scenes.index(
            scenes.area(
                "half",
                [(-300e3, 0.0), (300e3, 0.0), (300e3, 200e3), (-300e3, 200e3)],
                boundary_sigma_m=sigma_m,
            )
        )
        found = membership(SETTINGS, places, zone, 1_000.0)
        doubts.append(np.abs(found.probability - 0.5))
        expected = 0.5 * math.erfc(-150.0 / math.hypot(100.0, sigma_m) / math.sqrt(2.0))
        assert found.probability[1] == pytest.approx(expected, abs=2e-3)
    assert np.all(np.diff(np.array(doubts), axis=0) < 0.0)


def test_each_stretch_of_a_border_has_its_own_accuracy():
    corners = [(-300e3, 0.0), (300e3, 0.0), (300e3, 200e3), (-300e3, 200e3)]
    stretches = (Border(first=0, sigma_m=400.0), Border(first=1, sigma_m=20.0))
    by_stretch = scenes.index(scenes.area("half", corners, border=stretches))
    # at the southern limit, then at the eastern one
    for places, sigma_m in (
        (picture(np.zeros(2), np.array([-150.0, 150.0])), 400.0),
        (picture(np.array([299.8e3, 300.2e3]), np.full(2, 100e3)), 20.0),
    ):
        alike = scenes.index(scenes.area("half", corners, boundary_sigma_m=sigma_m))
        found, expected = (
            membership(SETTINGS, places, zone, 1_000.0) for zone in (by_stretch, alike)
        )
        np.testing.assert_allclose(found.boundary_sigma_m, sigma_m)
        np.testing.assert_allclose(found.probability, expected.probability)


@pytest.mark.parametrize("south_m", [10.0, 300.0])
def test_intervals_are_as_wide_as_the_stretch_that_was_crossed(south_m):
    corners = [(-100e3, 0.0), (100e3, 0.0), (100e3, 60e3), (-100e3, 60e3)]
    stretches = (Border(first=0, sigma_m=south_m), Border(first=1, sigma_m=60.0))
    seen = scenes.tracked(scenes.straight(250.0, 0.2, (0.0, 0.0)), -60.0, 60.0, 2, 4)
    by_stretch, alike = (
        scenes.watch(seen, scenes.index(scenes.area("z", corners, **change)), end=False)
        for change in ({"border": stretches}, {"boundary_sigma_m": south_m})
    )
    assert by_stretch.crossings
    assert [c.entered for c in by_stretch.crossings] == [c.entered for c in alike.crossings]


def test_sigma_along_an_axis_of_the_ellipse_is_that_axis():
    with pytest.raises(ShapeError):
        along(np.zeros((2, 10)), np.zeros(3))
    covariance = np.array([[9.0, 0, 0, 0, 16.0, 0, 0, 0, 0, 0]] * 2)
    np.testing.assert_allclose(along(covariance, np.array([np.pi / 2, np.pi])), [3.0, 4.0])


@settings(deadline=None, max_examples=30)
@given(
    st.floats(min_value=0, max_value=15_000),
    st.sampled_from(["hae", "amsl", "pressure", "agl"]),
    st.floats(min_value=10, max_value=300),
)
def test_floor_and_ceiling_of_one_limit_share_all_probability(height_m, datum, sigma_m):
    limit = Limit(height_m=5_000.0, datum=datum)
    facts = zone_facts(
        scenes.index(
            scenes.area("b", [(0, 0), (1e3, 0), (0, 1e3)], ceiling=limit),
            scenes.area("a", [(0, 0), (1e3, 0), (0, 1e3)], floor=limit),
        )
    )
    heights = (np.full(2, value) for value in (height_m, height_m, sigma_m))
    margins = height_margins(SETTINGS, facts, np.array([0, 1]), *heights)
    total = probability(np.minimum(*margins)).sum()
    assert total == pytest.approx(1.0)


@settings(deadline=None, max_examples=30)
@given(st.floats(min_value=-2_000, max_value=2_000), st.floats(min_value=1, max_value=300))
def test_a_limit_above_the_sea_is_as_far_as_the_geoid_says(below_m, sigma_m):
    limit = Limit(height_m=300.0, datum="amsl")
    corners = [(0, 0), (5e3, 0), (5e3, 5e3), (0, 5e3)]
    wide = [(-2e6, -1e6), (2e6, -1e6), (2e6, 1e6), (-2e6, 1e6)]
    zones = scenes.index(
        scenes.area("here", corners, ceiling=limit), scenes.area("wide", wide, ceiling=limit)
    )
    facts = zone_facts(zones)
    place = zones.geometries[0].centroid
    (geoid_m,) = undulation_m(np.array([place.y]), np.array([place.x]))
    height_m, unknown, sigma = (
        np.array([300.0 + geoid_m - below_m]),
        np.array([np.nan]),
        np.array([sigma_m]),
    )
    here, across = np.array([0]), np.array([1])
    _, known = height_margins(SETTINGS, facts, here, height_m, unknown, sigma)
    doubt_m = 3.0 / sigma_m  # as much as the geoid may vary over a zone
    assert known[0] == pytest.approx(below_m / math.hypot(sigma_m, 1.0), abs=doubt_m)
    # over half a continent the sea is not one height above the ellipsoid; by pressure it never was
    for zone, hae_m, pressure_m in (
        (across, height_m, unknown),
        (here, unknown, np.array([300.0 - below_m])),
    ):
        _, doubted = height_margins(SETTINGS, facts, zone, hae_m, pressure_m, sigma)
        assert abs(doubted[0]) <= (abs(below_m) + abs(geoid_m)) / SETTINGS.datum_sigma_m


def test_an_unknown_height_excludes_nothing():
    low = Limit(height_m=300.0, datum="amsl")
    facts = zone_facts(scenes.index(scenes.area("z", [(0, 0), (1e3, 0), (0, 1e3)], ceiling=low)))
    unknown = np.array([np.nan])
    margins = height_margins(SETTINGS, facts, np.array([0]), unknown, unknown, unknown)
    assert np.all(np.isinf(margins))


@settings(deadline=None, max_examples=40)
@given(st.integers(min_value=0, max_value=2**32 - 1), st.floats(min_value=1, max_value=60))
def test_reversing_time_swaps_entry_and_exit(seed, high):
    rng = np.random.default_rng(seed)
    times_ns = np.cumsum(rng.integers(1, 2_000_000_000, size=60))
    hump = high * (1.0 - np.linspace(-1.6, 1.6, 60) ** 2)
    margin = hump + rng.normal(scale=0.3, size=60)
    peak = int(np.argmax(margin))
    entry = edge(times_ns, margin, peak).moment
    leave = exit_edge(times_ns, margin, peak).moment
    back = edge(-times_ns[::-1], margin[::-1], 59 - peak).moment
    assert (-back.high_ns, -back.estimate_ns, -back.low_ns) == (
        leave.low_ns,
        leave.estimate_ns,
        leave.high_ns,
    )
    assert entry.low_ns <= entry.estimate_ns <= entry.high_ns <= times_ns[peak] <= leave.low_ns


def test_a_straight_entry_is_where_the_line_meets_the_border():
    times_ns = np.arange(61) * SECOND_NS
    found = edge(times_ns, (times_ns / SECOND_NS - 30.25) / 2.0, 60)
    assert found.reached
    assert found.moment.estimate_ns / SECOND_NS == pytest.approx(30.25, abs=0.01)
    assert found.moment.low_ns / SECOND_NS == pytest.approx(30.25 - 1.96 * 2.0, abs=0.01)
    assert found.moment.high_ns / SECOND_NS == pytest.approx(30.25 + 1.96 * 2.0, abs=0.01)


moments = st.tuples(
    st.integers(min_value=0, max_value=10**9),
    st.integers(min_value=0, max_value=10**9),
)


@settings(deadline=None, max_examples=40)
@given(
    moments,
    moments,
    st.integers(min_value=0, max_value=10**11),
    st.floats(min_value=-1, max_value=1),
)
def test_seconds_inside_lie_in_their_interval_and_shared_errors_narrow_it(arms, brims, gap, rho):
    start = 10**12
    entered = Moment(estimate_ns=start, low_ns=start - arms[0], high_ns=start + arms[1])
    middle = start + gap
    left = Moment(estimate_ns=middle, low_ns=middle - brims[0], high_ns=middle + brims[1])
    found = seconds_inside(entered, left, rho)
    assert 0.0 <= found.low <= found.estimate <= found.high
    assert found.estimate == gap / SECOND_NS
    apart = seconds_inside(entered, left, -1.0)
    assert apart.low <= found.low + 1e-9
    assert found.high <= apart.high + 1e-9


def test_depth_of_a_plateau_is_not_the_luckiest_error():
    rng = np.random.default_rng(4)
    errors = []
    for _ in range(300):
        reaches = tuple(Reach(k, 6_900.0 + rng.normal() * 50.0, 50.0, 0.0, True) for k in range(32))
        errors.append(depth(reaches, 0.0).estimate - 6_900.0)
    assert abs(np.mean(errors)) < 12.0  # the largest of 32 would be 103 m too deep
    one = depth((Reach(0, 700.0, 30.0, 0.0, True),), 40.0)
    assert (one.estimate, one.high - one.estimate) == (700.0, pytest.approx(1.96 * 50.0, rel=1e-3))


@pytest.mark.parametrize("after", [0.02, 0.3])
def test_a_place_at_the_end_of_a_stretch_is_one_with_the_begin_of_the_next(after):
    peak = Reach(7, 670.0, 43.0, 0.0, True, 40.0, 0.99)
    one = depth((peak,), 40.0)
    assert one.estimate == 670.0
    assert depth((peak, Reach(8, 668.0, 43.0, 0.0, True, 40.0, after)), 40.0) == one
    # half a stretch later it is a place of its own, and the deeper of two is so by luck
    assert depth((peak, Reach(8, 668.0, 43.0, 0.0, True, 40.0, 0.6)), 40.0).estimate < 670.0


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(min_value=1, max_value=15), min_size=8, max_size=30),
    st.lists(st.integers(min_value=1, max_value=10), min_size=40, max_size=40),
    st.integers(min_value=1, max_value=80),
)
def test_no_place_between_looks_is_deeper_than_what_was_looked_at_says(legs, gaps, smoothed_s):
    """In and out by turns at 200 m/s; till ``smoothed_s`` the path becomes known, and there are looks."""
    depths_m = 20_000.0 + 200.0 * np.cumsum(np.repeat([(-1) ** k for k in range(len(legs))], legs))
    looks = [t for t in np.cumsum([0, *gaps]).tolist() if t < len(depths_m)]
    reaches = ()
    for k, t in enumerate(looks):
        if k and looks[k - 1] <= smoothed_s < t:
            for stretch in range(smoothed_s // 20 + 1):
                mine = depths_m[20 * stretch : min(20 * stretch + 20, smoothed_s + 1)]
                until = 1.0 if stretch < smoothed_s // 20 else smoothed_s % 20 / 20
                at = int(np.argmax(mine)) / 20
                end_m = -math.inf if until == 1.0 else float(depths_m[smoothed_s])
                one = Reach(stretch, float(max(mine)), 0.0, 0.0, True, 0.0, at, until, end_m)
                reaches = add_reach(SETTINGS, reaches, one)
        gap_s = max(np.diff(looks[max(k - 1, 0) : k + 2]), default=0)
        one = Reach(t // 20, float(depths_m[t]), 0.0, 100.0 * gap_s, False, 0.0, t % 20 / 20)
        reaches = add_reach(SETTINGS, reaches, one)
    truth_m = max(depths_m[: looks[-1] + 1])
    assert depth(reaches, 0.0).high >= truth_m - 1e-6
    assert max(reach.distance_m for reach in reaches) <= truth_m


@settings(deadline=None, max_examples=30)
@given(
    st.lists(
        st.tuples(st.integers(min_value=0, max_value=100), st.floats(min_value=0, max_value=1e5)),
        max_size=120,
    )
)
def test_of_many_stretches_the_deepest_is_kept_in_bounded_memory(looks):
    reaches = ()
    for stretch, distance_m in looks:
        reaches = add_reach(SETTINGS, reaches, Reach(stretch, distance_m, 10.0, 0.0, False))
    assert len(reaches) <= SETTINGS.stretches
    assert list(reaches) == sorted(reaches)
    assert max((r.distance_m for r in reaches), default=0.0) == max(
        (d for _, d in looks), default=0.0
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_smoothed_path_is_the_least_squares_path_of_all_measurements(seed):
    """Oracle: the same model solved at once as one linear system, without any recursion."""
    rng = np.random.default_rng(seed)
    dt, q, sigma, count = 2.0, 5.0, 60.0, 25
    radius_m = 6_378_137.0  # at the equator, east is along it
    f = np.array([[1.0, dt], [0.0, 1.0]])
    noise = q * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]])
    truth = np.array([0.0, 250.0])
    z, ring = [], []
    x, p = np.array([0.0, 250.0]), np.diag([sigma**2, 50.0**2])
    prior = x.copy(), p.copy()
    for k in range(count):
        if k:
            truth = f @ truth + rng.multivariate_normal([0, 0], noise)
            x, p = f @ x, f @ p @ f.T + noise
        z.append(truth[0] + rng.normal() * sigma)
        gain = p[:, 0] / (p[0, 0] + sigma**2)
        x, p = x + gain * (z[-1] - x[0]), p - np.outer(gain, p[0])
        # east is the axis of the system; north stands still and is known
        upper = [p[0, 0], 0.0, p[0, 1], 0.0, 1.0, 0.0, 0.0, p[1, 1], 0.0, 1.0]
        state = np.array([0.0, math.degrees(x[0] / radius_m), x[1], 0.0])
        heights = np.array([np.nan, np.nan, np.nan])
        ring.append(Fix(int(k * dt * SECOND_NS), state, np.array(upper), heights, q))
    blocks, rights = np.zeros((2 * count, 2 * count)), np.zeros(2 * count)
    inverse = np.linalg.inv(prior[1])
    blocks[:2, :2] += inverse
    rights[:2] += inverse @ prior[0]
    inverse = np.linalg.inv(noise)
    for k in range(count):
        blocks[2 * k, 2 * k] += 1.0 / sigma**2
        rights[2 * k] += z[k] / sigma**2
        if k:
            step = np.zeros((2, 2 * count))
            step[:, 2 * k : 2 * k + 2], step[:, 2 * k - 2 : 2 * k] = np.eye(2), -f
            blocks += step.T @ inverse @ step
    spread = np.linalg.inv(blocks)
    best = spread @ rights
    path = smoothed(WatchSettings(fine_s=1.0), tuple(ring))
    rows = np.flatnonzero(path.times_ns % int(dt * SECOND_NS) == 0)
    np.testing.assert_allclose(np.radians(path.state[rows, 1]) * radius_m, best[::2], atol=0.05)
    np.testing.assert_allclose(path.covariance[rows, 0, 0], np.diag(spread)[::2], rtol=1e-4)
    between = np.setdiff1d(np.arange(len(path.times_ns)), rows)
    assert len(between) == count - 1  # and halfway between two measurements it is less sure
    assert np.all(path.covariance[between[3:-3], 0, 0] > 0.9 * path.covariance[rows[4:-3], 0, 0])


def test_settings_that_contradict_are_refused():
    with pytest.raises(SettingError):
        WatchSettings(certain=0.4)
    with pytest.raises(SettingError):
        WatchSettings(withdraw_probability=0.6, predict_probability=0.5)
