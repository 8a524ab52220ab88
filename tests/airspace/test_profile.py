"""A track's heights against zones along its way: one scale, nothing lost, doubt stated."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.airspace.heights import over_all_datums, pressure_from_amsl
from vedette.airspace.index import ZoneIndex
from vedette.airspace.profile import HeightProfile, Way, height_profile
from vedette.airspace.terrain import Terrain
from vedette.model.errors import ShapeError
from vedette.model.zone import Hours, Limit, Zone

NOON_NS = 1_758_283_200 * 10**9  # Friday, 19 September 2025, 12:00 UTC


def zone(zone_id: str, **changed: object) -> Zone:
    fields: dict[str, object] = {
        "zone_id": zone_id,
        "kind": "restricted",
        "name": zone_id,
        "state": "EST",
        "source": "test",
    }
    return Zone(**(fields | changed))  # type: ignore[arg-type]


def along_a_parallel(
    longitudes: list[float], *, pressure: list[float] | None = None, hae: list[float] | None = None
) -> Way:
    count = len(longitudes)
    unknown = [np.nan] * count
    return Way(
        valid_ns=NOON_NS + np.arange(count) * 5_000_000_000,
        latitude_deg=np.full(count, 59.0),
        longitude_deg=np.array(longitudes),
        pressure_altitude_m=np.array(unknown if pressure is None else pressure),
        height_hae_m=np.array(unknown if hae is None else hae),
        below_m=np.zeros(count),
        above_m=np.zeros(count),
        predicted=np.zeros(count, dtype=bool),
    )


BOX = shapely.box(24.2, 58.5, 24.6, 59.5)
LEVELS = zone(
    "levels",
    floor=Limit(height_m=1000.0, datum="amsl"),
    ceiling=Limit(height_m=3048.0, datum="pressure"),
)


def cut(way: Way, *zones: Zone, terrain: Terrain | None = None) -> HeightProfile:
    return height_profile(ZoneIndex.build(zones, [BOX] * len(zones)), way, NOON_NS, terrain)


def test_levels_are_compared_with_levels_and_only_other_datums_are_in_doubt() -> None:
    way = along_a_parallel([24.0, 24.3, 24.5, 24.9], pressure=[2000.0, 2100.0, 2200.0, 2300.0])
    found = cut(way, LEVELS)
    assert found.scale == "pressure"
    assert [p.height_m for p in found.points] == [2000.0, 2100.0, 2200.0, 2300.0]
    (piece,) = found.zones[0].pieces
    assert (piece.ceiling_m, piece.ceiling_sigma_m) == (3048.0, 0.0)
    level = pressure_from_amsl(np.array([1000.0]))
    assert piece.floor_m == pytest.approx(level.value_m[0], abs=1.0)
    assert piece.floor_sigma_m >= level.sigma_m[0]
    # from half way to the first point inside to half way to the first outside
    along = [p.along_m for p in found.points]
    assert piece.from_m == pytest.approx((along[0] + along[1]) / 2, abs=0.2)
    assert piece.to_m == pytest.approx((along[2] + along[3]) / 2, abs=0.2)


def test_geometric_heights_alone_are_shown_above_mean_sea_level() -> None:
    way = along_a_parallel([24.3, 24.5], hae=[2000.0, np.nan])
    found = cut(way, LEVELS)
    assert found.scale == "amsl"
    expected = over_all_datums(
        way.latitude_deg,
        way.longitude_deg,
        height_hae_m=way.height_hae_m,
        pressure_altitude_m=way.pressure_altitude_m,
    ).amsl
    assert found.points[0].height_m == pytest.approx(expected.value_m[0], abs=0.1)
    assert (found.points[1].height_m, found.points[1].datum) == (None, None)
    (piece,) = found.zones[0].pieces
    assert piece.floor_m == pytest.approx(1000.0, abs=0.1)
    assert piece.ceiling_sigma_m > 50.0  # what pressure says of metres, without the weather


def test_a_zone_that_is_left_and_entered_again_is_two_pieces() -> None:
    way = along_a_parallel([24.3, 24.7, 24.5], pressure=[500.0] * 3)
    assert len(cut(way, zone("open")).zones[0].pieces) == 2


def test_a_zone_asleep_is_told_as_asleep() -> None:
    asleep = zone("asleep", schedule=(Hours(days=("sat",), start="06:00", end="18:00"),))
    awake = zone("awake", schedule=(Hours(days=("fri",), start="06:00", end="18:00"),))
    found = cut(along_a_parallel([24.3], pressure=[500.0]), asleep, awake)
    assert {z.zone_id: z.active for z in found.zones} == {"asleep": False, "awake": True}


def test_the_ground_is_unknown_without_terrain_and_drawn_with_it() -> None:
    way = along_a_parallel([24.3, 24.5], hae=[2000.0, 2000.0])
    assert cut(way, LEVELS).ground_m is None
    grid = np.full((2, 2), 120, dtype=np.int16)
    terrain = Terrain(grid, 60.0, 24.0, (2.0, 2.0))
    found = cut(way, zone("low", ceiling=Limit(height_m=120.0, datum="agl")), terrain=terrain)
    assert found.ground_m == pytest.approx((120.0, 120.0))
    assert found.zones[0].pieces[0].ceiling_m == pytest.approx(240.0, abs=0.2)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.floats(23.5, 25.5), min_size=0, max_size=20),
    st.floats(0, 12_000),
    st.floats(0, 500),
)
def test_pieces_lie_on_the_way_in_order_and_intervals_hold_their_heights(
    longitudes: list[float], height_m: float, spread_m: float
) -> None:
    way = along_a_parallel(longitudes, pressure=[height_m] * len(longitudes))
    way = way._replace(below_m=way.below_m + spread_m, above_m=way.above_m + 2 * spread_m)
    found = cut(way, LEVELS)
    assert len(found.points) == len(longitudes)
    for point in found.points:
        assert point.height_m is not None
        assert point.low_m is not None
        assert point.high_m is not None
        assert point.low_m <= point.height_m - spread_m + 0.2
        assert point.high_m >= point.height_m + 2 * spread_m - 0.2
    end_m = found.points[-1].along_m if longitudes else 0.0
    before_m = 0.0
    for piece in (p for z in found.zones for p in z.pieces):
        assert before_m <= piece.from_m <= piece.to_m <= end_m + 0.2
        before_m = piece.to_m
    inside = sum(bool(shapely.contains_xy(BOX, x, 59.0)) for x in longitudes)
    assert bool(found.zones) == bool(inside)


def test_columns_that_do_not_pair_up_are_refused() -> None:
    way = along_a_parallel([24.3, 24.5])._replace(below_m=np.zeros(3))
    with pytest.raises(ShapeError):
        cut(way, LEVELS)
