"""Ground heights from files, and limits above ground with and without them."""

import io

import numpy as np
import pytest

from vedette.airspace import heights
from vedette.airspace.terrain import Terrain
from vedette.model.errors import ZoneError
from vedette.model.zone import Limit

LATITUDE = np.linspace(50.0, 46.0, 41)
LONGITUDE = np.linspace(6.0, 12.0, 61)


def slope(latitude: np.ndarray, longitude: np.ndarray) -> np.ndarray:
    return 300.0 + 200.0 * (50.0 - latitude) + 50.0 * (longitude - 6.0)


def packed(
    elevation: np.ndarray, latitude: np.ndarray = LATITUDE, longitude: np.ndarray = LONGITUDE
) -> bytes:
    out = io.BytesIO()
    np.savez(out, elev_m=elevation.astype(np.int16), lat=latitude, lon=longitude)
    return out.getvalue()


def test_a_slope_is_a_slope_and_off_the_grid_is_unknown() -> None:
    grid = slope(LATITUDE[:, None], LONGITUDE[None, :])
    for data in (packed(grid), packed(grid[::-1], LATITUDE[::-1])):
        terrain = Terrain.read(data, "t.npz")
        y, x = np.array([47.03, 49.77, 51.0]), np.array([8.05, 11.11, 8.0])
        ground = terrain.ground(y, x)
        np.testing.assert_allclose(ground.amsl_m[:2], slope(y, x)[:2], atol=1.0)
        assert np.isnan(ground.amsl_m[2])
        assert np.isnan(ground.sigma_m[2])


def test_an_srtm_tile_is_placed_by_its_name() -> None:
    side = np.linspace(0, 100, 11)
    tile = np.add.outer(-side, side).astype(">i2") + np.int16(500)
    ground = Terrain.read(tile.astype(">i2").tobytes(), "data/N46E008.hgt").ground(
        np.array([47.0, 46.0]), np.array([8.0, 9.0])
    )
    np.testing.assert_allclose(ground.amsl_m, [500.0, 500.0], atol=0.5)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "a.npz"),
        (b"PK\x03\x04 broken", "a.npz"),
        (b"abc", "N46E008.hgt"),
        (packed(np.zeros((3, 61))), "a.npz"),
        (
            packed(np.zeros((41, 61)), np.sort(np.random.default_rng(1).uniform(40, 50, 41))),
            "a.npz",
        ),
    ],
)
def test_a_file_that_is_none_is_one_error(data: bytes, name: str) -> None:
    with pytest.raises(ZoneError):
        Terrain.read(data, name)


def test_terrain_narrows_a_limit_above_ground_and_qnh_a_level() -> None:
    terrain = Terrain.read(packed(slope(LATITUDE[:, None], LONGITUDE[None, :])), "t.npz")
    y, x = np.array([47.0]), np.array([8.0])
    above = Limit(height_m=300.0, datum="agl")
    blind = heights.limit_hae(above, y, x)
    seen = heights.limit_hae(above, y, x, terrain=terrain)
    assert seen.sigma_m[0] < 30.0 < 400.0 < blind.sigma_m[0]
    expected = slope(y, x) + 300.0 + heights.undulation_m(y, x)
    np.testing.assert_allclose(seen.value_m, expected, atol=1.0)
    level = Limit(height_m=3048.0, datum="pressure")
    known = heights.limit_hae(level, y, x, qnh_hpa=1030.0, isa_deviation_k=-10.0)
    assert known.sigma_m[0] < heights.limit_hae(level, y, x).sigma_m[0]


def test_all_datums_keep_what_was_measured_and_agree_with_each_other() -> None:
    y, x = np.array([47.0, 47.0, 47.0]), np.array([8.0, 8.0, 8.0])
    hae = np.array([5000.0, np.nan, np.nan])
    level = np.array([np.nan, 5000.0, np.nan])
    over = heights.over_all_datums(
        y, x, height_hae_m=hae, pressure_altitude_m=level, sigma_m=15.0, qnh_hpa=1013.25
    )
    assert over.hae.value_m[0] == 5000.0
    assert over.pressure.value_m[1] == 5000.0
    assert all(np.isnan(height.value_m[2]) for height in over)
    geoid = heights.undulation_m(y, x)
    np.testing.assert_allclose(over.amsl.value_m[:2], (over.hae.value_m - geoid)[:2])
    assert over.pressure.sigma_m[0] > over.hae.sigma_m[0]
    assert over.hae.sigma_m[1] > over.pressure.sigma_m[1]


@pytest.mark.shared
def test_the_shared_grid_knows_a_plain_from_the_alps(shared) -> None:
    terrain = Terrain.read(shared("data/terrain/topo_5arcmin_europe.npz"), "t.npz")
    ground = terrain.ground(np.array([52.4, 46.0, 59.82]), np.array([4.7, 7.7, 26.36]))
    assert abs(ground.amsl_m[0]) < 10.0
    assert ground.amsl_m[1] > 2000.0
    assert ground.sigma_m[1] > 10.0 * ground.sigma_m[0]
    assert ground.amsl_m[2] < 20.0
