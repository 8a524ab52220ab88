"""Laws of the zone index: inside, near and distance tell one story, wherever on Earth."""

import math
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from vedette.airspace.index import ZoneIndex
from vedette.model.errors import ShapeError, ZoneError
from vedette.model.zone import Zone

GEOD = Geod(ellps="WGS84")
seeds = st.integers(min_value=0, max_value=2**32 - 1)
few = settings(deadline=None, max_examples=10)


def zone(number: int, kind: str = "restricted") -> Zone:
    return Zone(zone_id=f"z{number}", kind=kind, name="", state=None, source="test")


def index_of(*geometries: shapely.Geometry) -> ZoneIndex:
    return ZoneIndex.build([zone(i) for i in range(len(geometries))], geometries)


def star(
    rng: np.random.Generator, latitude: float, longitude: float, radius_m: float, corners: int
) -> shapely.Polygon:
    """A star-shaped polygon around its centre; the four fixed azimuths leave no gap of half a turn."""
    azimuth = np.unique(np.append(10.0 * rng.integers(0, 36, corners), [0.0, 90.0, 180.0, 270.0]))
    distance = rng.uniform(0.4, 1.0, len(azimuth)) * radius_m
    x, y, _ = GEOD.fwd(
        np.full(len(azimuth), longitude), np.full(len(azimuth), latitude), azimuth, distance
    )
    return shapely.Polygon(np.column_stack((x, y)))


def around(
    rng: np.random.Generator, latitude: float, longitude: float, radius_m: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    x, y, _ = GEOD.fwd(
        np.full(count, longitude),
        np.full(count, latitude),
        rng.uniform(0, 360, count),
        radius_m * np.sqrt(rng.uniform(0, 1, count)),
    )
    return y, x


def inside(index: ZoneIndex, y: np.ndarray, x: np.ndarray, which: int = 0) -> np.ndarray:
    rows, zones = index.locate(y, x)
    out = np.zeros(len(y), dtype=bool)
    out[rows[zones == which]] = True
    return out


# everywhere: mid-latitudes, equator, across the antimeridian, around and beside both poles
places = st.sampled_from(
    [(52.0, 20.0), (0.0, 0.0), (65.0, 179.9), (-17.0, -179.95), (89.0, 10.0), (90.0, 0.0),
     (-88.5, 77.0), (75.0, -180.0), (36.0, 25.0)]
)  # fmt: skip
sizes = st.sampled_from([2_000.0, 60_000.0, 400_000.0])


@few
@given(seeds, places, sizes)
def test_the_sign_of_the_boundary_distance_tells_inside(
    seed: int, place: tuple[float, float], radius_m: float
) -> None:
    rng = np.random.default_rng(seed)
    index = index_of(star(rng, *place, radius_m, 12))
    y, x = around(rng, *place, 1.5 * radius_m, 200)
    distance_m, _ = index.boundary(y, x, np.zeros(len(y), dtype=np.int64))
    np.testing.assert_array_equal(distance_m > 0, inside(index, y, x))
    assert inside(index, np.array([place[0]]), np.array([place[1]]))[0]


@few
@given(seeds, places, sizes)
def test_where_inside_ends_the_distance_is_nothing(
    seed: int, place: tuple[float, float], radius_m: float
) -> None:
    """Inside and distance have one border, although an edge straight in degrees leaves the geodesic by 0.2 m."""
    rng = np.random.default_rng(seed)
    index = index_of(star(rng, *place, radius_m, 8))
    count = 60
    bearing = rng.uniform(0, 360, count)
    low_m, high_m = np.zeros(count), np.full(count, 1.01 * radius_m)
    for _ in range(46):
        middle_m = 0.5 * (low_m + high_m)
        x, y, _ = GEOD.fwd(np.full(count, place[1]), np.full(count, place[0]), bearing, middle_m)
        within = inside(index, y, x)
        low_m, high_m = np.where(within, middle_m, low_m), np.where(within, high_m, middle_m)
    distance_m, _ = index.boundary(y, x, np.zeros(count, dtype=np.int64))
    np.testing.assert_allclose(distance_m, 0.0, atol=2e-3)


@few
@given(seeds, places, sizes)
def test_inside_agrees_with_a_plane_true_to_directions_from_the_centre(
    seed: int, place: tuple[float, float], radius_m: float
) -> None:
    """The oracle projects by pyproj's azimuths and distances; only points near the line may differ."""
    rng = np.random.default_rng(seed)
    shape = star(rng, *place, radius_m, 8)
    # dense geodesic edges, projected point by point
    corners = shapely.get_coordinates(shape)
    ring = []
    for (x0, y0), (x1, y1) in pairwise(corners):
        ring.append((x0, y0))
        ring += GEOD.npts(x0, y0, x1, y1, 60)

    def plane(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        azimuth, _, length = GEOD.inv(np.full(len(x), place[1]), np.full(len(x), place[0]), x, y)
        turn = np.radians(azimuth)
        return np.column_stack((length * np.sin(turn), length * np.cos(turn)))

    oracle = shapely.Polygon(plane(*np.array(ring).T))
    y, x = around(rng, *place, 1.3 * radius_m, 400)
    points = shapely.points(plane(x, y))
    clear = shapely.distance(points, oracle.exterior) > 1.0 + 1e-3 * radius_m
    got = inside(index_of(shape), y, x)
    np.testing.assert_array_equal(got[clear], shapely.contains(oracle, points)[clear])


@few
@given(seeds, places, sizes)
def test_distance_and_azimuth_agree_with_brute_force_geodesics(
    seed: int, place: tuple[float, float], radius_m: float
) -> None:
    rng = np.random.default_rng(seed)
    shape = star(rng, *place, radius_m, 6)
    corners = shapely.get_coordinates(shape)
    line_x, line_y = [], []
    for (x0, y0), (x1, y1) in pairwise(corners):
        azimuth, _, length = GEOD.inv(x0, y0, x1, y1)
        steps = np.linspace(0.0, length, 1_500)
        xs, ys, _ = GEOD.fwd(np.full(1_500, x0), np.full(1_500, y0), np.full(1_500, azimuth), steps)
        line_x.append(xs)
        line_y.append(ys)
    lx, ly = np.concatenate(line_x), np.concatenate(line_y)
    y, x = around(rng, *place, 1.4 * radius_m, 12)
    index = index_of(shape)
    distance_m, azimuth_rad = index.boundary(y, x, np.zeros(len(y), dtype=np.int64))
    step_m = 2.0 * radius_m / 1_500
    for row in range(len(y)):
        _, _, all_m = GEOD.inv(np.full(len(lx), x[row]), np.full(len(lx), y[row]), lx, ly)
        brute_m = float(all_m.min())
        slack_m = 0.5 + step_m**2 / (8.0 * max(brute_m, step_m / 4.0))
        assert brute_m - slack_m <= abs(distance_m[row]) <= brute_m + 0.5
        # the azimuth leads to the line
        at_x, at_y, _ = GEOD.fwd(
            x[row], y[row], math.degrees(azimuth_rad[row]), abs(distance_m[row])
        )
        _, _, off_m = GEOD.inv(np.full(len(lx), at_x), np.full(len(lx), at_y), lx, ly)
        assert off_m.min() < 0.5 + step_m


@few
@given(seeds, places, sizes, st.floats(min_value=0.0, max_value=2.0))
def test_near_is_inside_or_within_the_radius(
    seed: int, place: tuple[float, float], radius_m: float, share: float
) -> None:
    rng = np.random.default_rng(seed)
    index = index_of(star(rng, *place, radius_m, 9), star(rng, *place, 0.3 * radius_m, 5))
    y, x = around(rng, *place, 2.5 * radius_m, 120)
    limit_m = share * radius_m
    rows, zones = index.near(y, x, limit_m)
    found = set(zip(rows.tolist(), zones.tolist(), strict=True))
    for which in (0, 1):
        distance_m, _ = index.boundary(y, x, np.full(len(y), which))
        for row, distance in enumerate(distance_m.tolist()):
            if distance > 0.0:
                assert (row, which) in found
            elif abs(-distance - limit_m) > 0.1 + 1e-4 * limit_m:
                assert ((row, which) in found) == (-distance < limit_m)


@few
@given(seeds, places, sizes)
def test_the_order_of_a_ring_changes_nothing(
    seed: int, place: tuple[float, float], radius_m: float
) -> None:
    rng = np.random.default_rng(seed)
    shape = star(rng, *place, radius_m, 10)
    turned = np.roll(shapely.get_coordinates(shape)[:-1], 3, axis=0)
    forward, backward = index_of(shape), index_of(shapely.Polygon(turned[::-1]))
    y, x = around(rng, *place, 1.3 * radius_m, 300)
    np.testing.assert_array_equal(inside(forward, y, x), inside(backward, y, x))
    nought = np.zeros(len(y), dtype=np.int64)
    np.testing.assert_allclose(
        forward.boundary(y, x, nought)[0], backward.boundary(y, x, nought)[0], atol=1e-3
    )


@few
@given(seeds, st.sampled_from([(52.0, 20.0), (0.0, 0.0), (65.0, 179.9), (-40.0, 100.0)]))
def test_the_parts_of_a_divided_zone_are_the_zone_without_overlap(
    seed: int, place: tuple[float, float]
) -> None:
    """Exactly, also for points on corners, on the dividing lines and on lines of the index's grid."""
    rng = np.random.default_rng(seed)
    latitude, longitude = place
    corners = np.round(shapely.get_coordinates(star(rng, *place, 150_000.0, 9)), 2)
    whole = shapely.Polygon(corners)
    parts = [
        shapely.Polygon([place[::-1], first, second])
        for first, second in pairwise(corners)
        if not np.array_equal(first, second)
    ]
    y, x = around(rng, *place, 200_000.0, 200)
    y, x = np.concatenate((y, np.round(y * 8) / 8)), np.concatenate((x, np.round(x * 8) / 8))
    spokes = np.array([p for corner in corners for p in GEOD.npts(longitude, latitude, *corner, 7)])
    y = np.concatenate((y, corners[:, 1], spokes[:, 1], [latitude]))
    x = np.concatenate((x, corners[:, 0], spokes[:, 0], [longitude]))
    rows, _ = index_of(*parts).locate(y, x)
    times = np.bincount(rows, minlength=len(y))
    np.testing.assert_array_equal(times, inside(index_of(whole), y, x).astype(int))


@few
@given(seeds)
def test_a_split_at_the_antimeridian_is_no_border(seed: int) -> None:
    rng = np.random.default_rng(seed)
    south, north = np.sort(rng.uniform(-70, 70, 2)) + np.array([0.0, 3.0])
    west, east = 180.0 - rng.uniform(0.5, 8), -180.0 + rng.uniform(0.5, 8)
    steps = np.arange(south, north, 0.25)
    whole = shapely.Polygon([(west, v) for v in steps] + [(east + 360.0, v) for v in steps[::-1]])
    split = shapely.union_all(
        [
            shapely.intersection(whole, shapely.box(0, -90, 180, 90)),
            shapely.transform(
                shapely.intersection(whole, shapely.box(180, -90, 360, 90)),
                lambda points: points - (360.0, 0.0),
            ),
        ]
    )
    crossing = shapely.transform(
        whole, lambda points: np.where(points > 180.0, points - (360.0, 0.0), points)
    )
    y = rng.uniform(south - 1, steps[-1] + 1, 200)
    x = 180.0 + rng.uniform(-10, 10, 200)
    first, second, third = index_of(whole), index_of(split), index_of(crossing)
    nought = np.zeros(len(y), dtype=np.int64)
    expected_m = first.boundary(y, x, nought)[0]
    np.testing.assert_allclose(third.boundary(y, x - 360.0, nought)[0], expected_m, atol=1e-3)
    # the split adds a vertex on the straight line to two geodesics, the southern and northern edge
    clear = (y > south + 0.4) & (y < steps[-1] - 0.4) & (np.abs(expected_m) < 20_000.0)
    np.testing.assert_allclose(second.boundary(y, x, nought)[0][clear], expected_m[clear], atol=1.0)


def test_a_cap_holds_the_pole_on_its_smaller_side() -> None:
    x = np.arange(-180.0, 180.0, 5.0)
    north = shapely.Polygon(np.column_stack((x, np.full(72, 80.0))))
    south = shapely.Polygon(np.column_stack((x[::-1], np.full(72, -75.0))))
    index = index_of(north, south)
    y = np.array([90.0, 85.0, 79.0, 0.0, -74.0, -80.0, -90.0])
    rows, zones = index.locate(y, np.linspace(-180, 180, 7))
    assert list(zip(rows.tolist(), zones.tolist(), strict=True)) == [(0, 0), (1, 0), (5, 1), (6, 1)]
    distance_m, _ = index.boundary(np.array([90.0]), np.array([0.0]), np.array([0]))
    _, _, expected_m = GEOD.inv(0.0, 90.0, 2.5, GEOD.npts(0.0, 80.0, 5.0, 80.0, 1)[0][1])
    assert distance_m[0] == pytest.approx(expected_m, abs=0.5)


def test_a_hole_over_a_pole_is_outside() -> None:
    x = np.arange(-180.0, 180.0, 5.0)
    belt = index_of(
        shapely.Polygon(
            np.column_stack((x, np.full(72, 70.0))), [np.column_stack((x, np.full(72, 85.0)))]
        )
    )
    y = np.array([90.0, 86.0, 77.0, 69.0])
    assert inside(belt, y, np.full(4, 3.0)).tolist() == [False, False, True, False]


def test_a_map_of_antarctica_drawn_along_the_pole_holds_it() -> None:
    x = np.arange(-180.0, 181.0, 5.0)
    drawn = np.column_stack((x, np.full(73, -70.0)))
    index = index_of(shapely.Polygon([*drawn, (180.0, -90.0), (-180.0, -90.0)]))
    y = np.array([-90.0, -80.0, -69.0])
    assert inside(index, y, np.full(3, 7.0)).tolist() == [True, True, False]
    # the seam along the antimeridian is no border
    distance_m, _ = index.boundary(np.array([-80.0]), np.array([180.0]), np.array([0]))
    assert distance_m[0] == pytest.approx(GEOD.inv(180, -80, 180, -70)[2], rel=2e-3)


def test_a_long_edge_bulges_as_its_geodesic() -> None:
    """8 degrees along 52 north: the middle of the geodesic lies 7.6 km north of the parallel."""
    index = index_of(shapely.Polygon([(10, 52), (18, 52), (18, 50), (10, 50)]))
    top = GEOD.npts(10, 52, 18, 52, 1)[0][1]
    assert (top - 52.0) * 111_270 == pytest.approx(7_600, abs=100)
    y, x = np.array([top - 1e-4, top + 1e-4]), np.array([14.0, 14.0])
    assert inside(index, y, x).tolist() == [True, False]
    distance_m, azimuth_rad = index.boundary(y, x, np.zeros(2, dtype=np.int64))
    np.testing.assert_allclose(distance_m, [11.1, -11.1], atol=0.5)
    np.testing.assert_allclose(np.cos(azimuth_rad), [1.0, -1.0], atol=1e-3)


def test_a_hole_is_outside_and_its_edge_is_a_border() -> None:
    index = index_of(
        shapely.Polygon(
            [(10, 50), (12, 50), (12, 52), (10, 52)],
            [[(10.9, 50.9), (11.1, 50.9), (11.1, 51.1), (10.9, 51.1)]],
        )
    )
    y, x = np.array([51.0, 51.0]), np.array([11.0, 11.2])
    distance_m, _ = index.boundary(y, x, np.zeros(2, dtype=np.int64))
    _, _, expected_m = GEOD.inv(11.0, 51.0, 10.9, 51.0)
    np.testing.assert_allclose(distance_m, [-expected_m, expected_m], rtol=2e-3)


def test_kinds_choose_zones() -> None:
    square = shapely.box(10, 50, 11, 51)
    index = ZoneIndex.build([zone(0, "danger"), zone(1, "sovereign")], [square, square])
    y, x = np.array([50.5]), np.array([10.5])
    assert index.locate(y, x)[1].tolist() == [0, 1]
    assert index.locate(y, x, kinds={"sovereign"})[1].tolist() == [1]
    assert index.near(y, x, 1e6, kinds={"danger"})[1].tolist() == [0]


def test_what_is_not_finite_is_nowhere() -> None:
    index = index_of(shapely.box(-10, -10, 10, 10))
    y, x = np.array([math.nan, 0.0, 91.0]), np.array([0.0, math.inf, 0.0])
    assert len(index.locate(y, x)[0]) == 0
    assert len(index.near(y, x, 1e7)[0]) == 0
    assert np.isnan(index.boundary(y, x, np.zeros(3, dtype=np.int64))[0]).all()


def test_many_zones_over_one_point_all_come_back() -> None:
    index = index_of(*[shapely.box(10 - k / 100, 50, 11, 51) for k in range(300)])
    rows, zones = index.locate(np.array([50.5, 50.5]), np.array([10.5, 10.0]))
    assert zones[rows == 0].tolist() == list(range(300))
    assert zones[rows == 1].tolist() == list(range(300))
    assert len(index.near(np.array([50.5]), np.array([9.99]), 1e5)[0]) == 300


def test_bad_arguments_raise() -> None:
    square = shapely.box(0, 0, 1, 1)
    index = index_of(square)
    with pytest.raises(ShapeError):
        index.locate(np.zeros(2), np.zeros(3))
    with pytest.raises(IndexError):
        index.boundary(np.zeros(1), np.zeros(1), np.array([1]))
    with pytest.raises(ShapeError):
        ZoneIndex.build([zone(0)], [])
    with pytest.raises(ZoneError, match="twice"):
        ZoneIndex.build([zone(0), zone(0)], [square, square])
    with pytest.raises(ZoneError, match="no polygon"):
        ZoneIndex.build([zone(0)], [shapely.Point(0, 0)])
    with pytest.raises(ZoneError, match="not on Earth"):
        ZoneIndex.build([zone(0)], [shapely.box(0, 0, 1, 91)])


def test_an_index_of_nothing_answers() -> None:
    index = ZoneIndex.build([], [])
    assert len(index.locate(np.zeros(3), np.zeros(3))[0]) == 0
    assert len(index.near(np.zeros(3), np.zeros(3), 1e6)[0]) == 0


@few
@given(seeds, places, sizes, st.sampled_from([45.0, 90.0, 128.0, 180.0, -360.0]))
def test_a_turn_of_the_earth_changes_nothing(
    seed: int, place: tuple[float, float], radius_m: float, turn_deg: float
) -> None:
    """Moved along the parallels together, zone and points keep their distances and sides."""
    rng = np.random.default_rng(seed)
    shape = star(rng, *place, radius_m, 12)
    moved = shapely.transform(shape, lambda p: p + np.array([turn_deg, 0.0]))
    moved = shapely.transform(moved, lambda p: np.column_stack((_near_turn(p[:, 0]), p[:, 1])))
    y, x = around(rng, *place, 1.5 * radius_m, 60)
    here, there = index_of(shape), index_of(moved)
    first = np.zeros(len(y), dtype=np.int64)
    before_m, _ = here.boundary(y, x, first)
    after_m, _ = there.boundary(y, x + turn_deg, first)
    np.testing.assert_allclose(after_m, before_m, atol=0.5)
    far = np.abs(before_m) > 1.0
    np.testing.assert_array_equal(inside(here, y, x)[far], inside(there, y, x + turn_deg)[far])


def _near_turn(longitude_deg: np.ndarray) -> np.ndarray:
    return longitude_deg - 360.0 * np.round(longitude_deg[0] / 360.0)


@few
@given(seeds, places, sizes, st.floats(0, 360))
def test_distance_to_a_circle_grows_with_every_step_out_of_it(
    seed: int, place: tuple[float, float], radius_m: float, azimuth_deg: float
) -> None:
    """From the centre outwards the signed distance falls by as much as the way; the border is where it is 0."""
    from vedette.airspace.arcs import circle

    index = index_of(circle(*place, radius_m))
    steps_m = np.linspace(0.02, 1.9, 40) * radius_m
    count = len(steps_m)
    x, y, _ = GEOD.fwd(
        np.full(count, place[1]), np.full(count, place[0]), np.full(count, azimuth_deg), steps_m
    )
    distance_m, _ = index.boundary(y, x, np.zeros(count, dtype=np.int64))
    assert (np.diff(distance_m) < 0).all()
    np.testing.assert_allclose(distance_m, radius_m - steps_m, atol=8.0 + 1e-4 * radius_m)
